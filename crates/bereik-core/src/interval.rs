//! A half-open stretch of time between two instants.

use chrono::{DateTime, TimeDelta, Utc};

/// The instants from `start` up to, but not including, `end`; never empty.
///
/// Ordered by start, then by end.
///
/// ```
/// use bereik_core::interval::Interval;
/// use chrono::{DateTime, Utc};
///
/// let at = |text: &str| text.parse::<DateTime<Utc>>();
/// let morning = Interval::new(at("2026-11-23T08:00:00Z")?, at("2026-11-23T12:00:00Z")?)
///     .expect("it ends after it starts");
/// assert!(morning.contains(at("2026-11-23T08:00:00Z")?));
/// assert!(!morning.contains(at("2026-11-23T12:00:00Z")?));
/// assert_eq!(Interval::new(morning.end(), morning.start()), None);
/// # Ok::<(), chrono::ParseError>(())
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
