//! The engines side by side: each reads calendars and says when their owners are busy.

pub(crate) mod bereik;
pub(crate) mod calcard;
pub(crate) mod icalendar_rrule;
mod marks;
mod spans;

use std::time::Duration;

pub(crate) use marks::Kind;
pub(crate) use spans::Spans;

/// What an engine says of a person over a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Busy {
    /// Seconds that are busy or out of office.
    pub(crate) firm: i64,
    /// Those and the tentative ones.
    pub(crate) taken: i64,
    /// Stretches that are taken, those that touch being one.
    pub(crate) stretches: usize,
    /// The sum of their starts and ends in Unix seconds, which tells a stretch that is at another time.
    pub(crate) edges: i64,
}

/// One round of an engine over all people.
pub(crate) struct Round {
    /// All files to what the engine makes of them, kept.
    pub(crate) read: Duration,
    /// All of these over the 90 days.
    pub(crate) expand: Duration,
    /// All of these over one hour.
    pub(crate) hour: Duration,
    /// One file after the other: read, expanded over the 90 days, dropped.
    pub(crate) together: Duration,
    /// What it said of the 90 days.
    pub(crate) days: Vec<Busy>,
    /// What it said of the hour.
    pub(crate) in_hour: Vec<Busy>,
}
