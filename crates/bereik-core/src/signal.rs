//! Live facts about a person, each with a source, an instant and an end.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::channel_kind::ChannelKind;
use crate::presence::PresenceState;

/// What a source says about a person right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum SignalKind {
    /// A machine answered in the person's place (RFC 3834): nobody reads what comes in until the signal
    /// expires.
    AutomaticReply,
    /// One kind of channel to this person does not work at the moment.
    ChannelDown(ChannelKind),
    /// Does not want to be disturbed.
    DoNotDisturb,
    /// At the desk, but has touched nothing since the signal's instant.
    Idle,
    /// In a call.
    InCall,
    /// Was seen at the signal's instant. It says nothing of now: it neither opens nor closes anything.
    LastSeen,
    /// There, on this kind of channel: for [`ChannelKind::WebChat`], an open desk.
    Online(ChannelKind),
    /// Shows a screen to others.
    Presenting,
    /// Set by the person's own hand; it goes before everything else.
    SetByHand(PresenceState),
}

/// A live fact about a person. Past `expires_at` it is gone: a stale signal is never "available". `Debug`
/// does not show who says so: the name of a device or an account is the person's own.
///
/// ```
/// use bereik_core::signal::{Signal, SignalKind};
/// use chrono::{DateTime, TimeDelta, Utc};
///
/// let nine: DateTime<Utc> = "2026-11-23T09:00:00Z".parse()?;
/// let idle = Signal {
///     kind: SignalKind::Idle,
///     source: "desk".into(),
///     at: nine,
///     expires_at: nine + TimeDelta::minutes(5),
/// };
/// assert!(idle.is_live_at(nine + TimeDelta::minutes(4)));
/// assert!(!idle.is_live_at(nine + TimeDelta::minutes(5)));
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(
    clippy::exhaustive_structs,
    reason = "a fact, its source and its two instants are all there is"
)]
pub struct Signal {
    /// What is so.
    pub kind: SignalKind,
    /// Who says so, such as `desk`; a newer signal of the same source and kind replaces an older one.
    pub source: Box<str>,
    /// Since when.
    pub at: DateTime<Utc>,
    /// From when on it no longer counts (exclusive).
    pub expires_at: DateTime<Utc>,
}

impl Signal {
    /// Whether the signal counts at this instant.
    #[must_use]
    pub fn is_live_at(&self, now: DateTime<Utc>) -> bool {
        self.at <= now && now < self.expires_at
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signal")
            .field("kind", &self.kind)
            .field("at", &self.at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
