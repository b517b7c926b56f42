//! Whether a person can be reached over a kind of channel, and the reason.

use chrono::{DateTime, Utc};

use crate::channel_kind::PerChannel;

/// Whether, or when, a person can be reached over one kind of channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[expect(
    clippy::exhaustive_enums,
    reason = "routing decides on each of these five and there is no sixth"
)]
pub enum Reach {
    /// From that instant on.
    From(DateTime<Utc>),
    /// Not over this channel.
    Never,
    /// Right now.
    Now,
    /// Only through a level of an escalation policy, or in a calamity.
    OnCall,
    /// Nobody knows: tried last, and nothing is promised on it.
    Unknown,
}

/// Why a [`Reachability`] is what it is. None of them says what a person does or where he is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ReachReason {
    /// Available, with a working line.
    Available,
    /// Busy, by calendar or by signal.
    Busy,
    /// The channel to this person is down.
    ChannelDown,
    /// Does not want to be disturbed.
    DoNotDisturb,
    /// There, but away from the screen.
    Idle,
    /// By his own mark in the calendar, outside hours too.
    Marked,
    /// No line of this kind.
    NoLine,
    /// Available, but nobody sits at the desk.
    NoDesk,
    /// Outside hours.
    OffDuty,
    /// On call.
    OnCall,
    /// Out of office.
    OutOfOffice,
    /// Nothing is known.
    Unknown,
}

/// Whether a person can be reached over one kind of channel, with the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "an answer and its reason")]
pub struct Reachability {
    /// Whether, or when.
    pub reach: Reach,
    /// Why.
    pub reason: ReachReason,
}

impl Reachability {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self {
        reach: Reach::Unknown,
        reason: ReachReason::Unknown,
    };
    /// There is no line of this kind.
    pub const NO_LINE: Self = Self {
        reach: Reach::Never,
        reason: ReachReason::NoLine,
    };
}

impl Default for Reachability {
    fn default() -> Self {
        Self::UNKNOWN
    }
}

/// The reachability of one person over every kind of channel.
pub type ReachabilityRow = PerChannel<Reachability>;
