//! Which of many intervals hold at an instant that only moves forward.

use bereik_core::interval::Interval;
use chrono::{DateTime, Utc};

/// The places, in a list of intervals, of those that hold.
#[derive(Clone, Debug)]
pub(super) struct Running {
    /// All of them, by start, the earliest last.
    ahead: Vec<(Interval, usize)>,
    /// Those that hold, by place.
    holding: Vec<(usize, DateTime<Utc>)>,
}

impl Running {
    /// None of them holds before the first [`advance`](Self::advance).
    pub(super) fn new(intervals: impl Iterator<Item = Interval>) -> Self {
        let mut ahead: Vec<(Interval, usize)> = intervals.zip(0..).collect();
        ahead.sort_unstable_by(|a, b| b.cmp(a));
        Self {
            ahead,
            holding: Vec::new(),
        }
    }

    /// Goes on to `now`.
    pub(super) fn advance(&mut self, now: DateTime<Utc>) {
        self.holding.retain(|(_, end)| now < *end);
        while let Some((interval, place)) = self.ahead.pop_if(|(next, _)| next.start() <= now) {
            if now < interval.end() {
                let at = self.holding.partition_point(|(before, _)| *before < place);
                self.holding.insert(at, (place, interval.end()));
            }
        }
    }

    /// The places of those that hold, ascending.
    pub(super) fn places(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.holding.iter().map(|(place, _)| *place)
    }

    /// The next instant at which one begins or ends.
    pub(super) fn until(&self) -> Option<DateTime<Utc>> {
        let ends = self.holding.iter().map(|(_, end)| *end);
        let next = self.ahead.last().map(|(next, _)| next.start());
        ends.chain(next).min()
    }
}
