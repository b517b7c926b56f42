//! What is believed of a person now, until when, and why.

use chrono::{DateTime, Utc};

/// What is believed of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum PresenceState {
    /// Can be reached.
    Available,
    /// In a meeting, a call, or otherwise occupied.
    Busy,
    /// Does not want to be disturbed.
    DoNotDisturb,
    /// Works at another place than usual; can be reached.
    Elsewhere,
    /// There by calendar and hours, but away from the screen: a phone reaches, a chat does not.
    Idle,
    /// Outside hours and shifts.
    OffDuty,
    /// Outside hours, yet on call.
    OnCall,
    /// On leave or otherwise out of office.
    OutOfOffice,
    /// Perhaps in a meeting; can be reached.
    Tentative,
    /// Nobody knows. Never shown as free.
    Unknown,
}

/// What decided a [`Presence`]. Which goes before which depends on the state: the table stands on
/// the front page of `bereik-presence`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum PresenceSource {
    /// The person's own hand.
    Hand,
    /// A live signal.
    Signal,
    /// The calendar.
    Calendar,
    /// The on-call roster.
    Roster,
    /// Working hours.
    Hours,
    /// Nothing was known.
    Nothing,
}

/// What is believed of a person at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(
    clippy::exhaustive_structs,
    reason = "state, end, reason and next opening are the whole answer"
)]
pub struct Presence {
    /// What is believed.
    pub state: PresenceState,
    /// Why.
    pub source: PresenceSource,
    /// Until when it stands (exclusive), as far as is known; `None` when nothing known ends it.
    pub until: Option<DateTime<Utc>>,
    /// When the person is next available, where he is not now: the next opening within what is
    /// known.
    pub next_available_at: Option<DateTime<Utc>>,
}

impl Presence {
    /// Nothing is known of this person.
    pub const UNKNOWN: Self = Self {
        state: PresenceState::Unknown,
        source: PresenceSource::Nothing,
        until: None,
        next_available_at: None,
    };
}

impl PresenceState {
    /// Whether somebody in this state answers a live channel.
    #[must_use]
    pub const fn is_available(self) -> bool {
        matches!(self, Self::Available | Self::Elsewhere | Self::Tentative)
    }
}
