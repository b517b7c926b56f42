//! Merging for the engines that have none: one sort and one sweep.

use super::{Busy, Kind};

/// Stretches of Unix seconds, as they come.
pub(crate) struct Spans {
    from: i64,
    to: i64,
    spans: Vec<(i64, i64, Kind)>,
}

impl Spans {
    pub(crate) fn new(from: i64, to: i64) -> Self {
        Self {
            from,
            to,
            spans: Vec::new(),
        }
    }

    /// Adds what of it lies in the window.
    pub(crate) fn push(&mut self, start: i64, end: i64, kind: Kind) {
        let (start, end) = (start.max(self.from), end.min(self.to));
        if start < end && kind != Kind::Free {
            self.spans.push((start, end, kind));
        }
    }

    pub(crate) fn merge(mut self) -> Busy {
        self.spans.sort_unstable();
        let mut busy = Busy::default();
        let (mut taken_until, mut firm_until) = (i64::MIN, i64::MIN);
        for (start, end, kind) in self.spans {
            let more = (end - start.max(taken_until)).max(0);
            busy.taken += more;
            if start > taken_until {
                busy.stretches += 1;
                busy.edges += start + end;
            } else {
                busy.edges += more;
            }
            taken_until = taken_until.max(end);
            if kind == Kind::Busy {
                busy.firm += (end - start.max(firm_until)).max(0);
                firm_until = firm_until.max(end);
            }
        }
        busy
    }
}
