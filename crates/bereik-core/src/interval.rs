//! A half-open stretch of time between two instants.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

/// The instants from `start` up to, but not including, `end`; never empty.
///
/// Ordered by start, then by end.
///
/// ```
/// use bereik_core::interval::Interval;
///
/// let morning = "2026-11-23T08:00:00Z/2026-11-23T12:00:00Z".parse::<Interval>()?;
/// assert!(morning.contains(morning.start()));
/// assert!(!morning.contains(morning.end()));
/// assert_eq!(Interval::new(morning.end(), morning.start()), None);
/// # Ok::<(), bereik_core::interval::IntervalError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "wire::Interval", into = "wire::Interval")
)]
pub struct Interval {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

impl Interval {
    /// The interval from `start` to `end`, or `None` where that would be empty or negative.
    #[must_use]
    pub fn new(start: DateTime<Utc>, end: DateTime<Utc>) -> Option<Self> {
        (start < end).then_some(Self { start, end })
    }

    /// The first instant inside.
    #[must_use]
    pub fn start(&self) -> DateTime<Utc> {
        self.start
    }

    /// The first instant after it.
    #[must_use]
    pub fn end(&self) -> DateTime<Utc> {
        self.end
    }

    /// Whether `instant` lies inside.
    #[must_use]
    pub fn contains(&self, instant: DateTime<Utc>) -> bool {
        self.start <= instant && instant < self.end
    }

    /// Whether the two share at least one instant; intervals that only touch do not.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// What the two share, if anything.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        Self::new(self.start.max(other.start), self.end.min(other.end))
    }

    /// The shortest interval that holds both.
    #[must_use]
    pub fn hull(&self, other: &Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// The exact time from start to end, always positive.
    #[must_use]
    pub fn duration(&self) -> TimeDelta {
        self.end - self.start
    }
}

/// A text is not an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not an interval: write `START/END`, both as in 2026-11-23T08:00:00Z, the end after the start"
)]
pub struct IntervalError;

impl FromStr for Interval {
    type Err = IntervalError;

    fn from_str(text: &str) -> Result<Self, IntervalError> {
        let (start, end) = text.split_once('/').ok_or(IntervalError)?;
        let instant = |text: &str| text.parse::<DateTime<Utc>>().map_err(|_| IntervalError);
        Self::new(instant(start)?, instant(end)?).ok_or(IntervalError)
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        write!(f, "{}/{}", instant(self.start), instant(self.end))
    }
}

#[cfg(feature = "serde")]
mod wire {
    use chrono::{DateTime, Utc};

    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Interval {
        start: DateTime<Utc>,
        end: DateTime<Utc>,
    }

    impl From<super::Interval> for Interval {
        fn from(interval: super::Interval) -> Self {
            let super::Interval { start, end } = interval;
            Self { start, end }
        }
    }

    impl TryFrom<Interval> for super::Interval {
        type Error = &'static str;

        fn try_from(wire: Interval) -> Result<Self, Self::Error> {
            Self::new(wire.start, wire.end).ok_or("an interval must end after it starts")
        }
    }
}
