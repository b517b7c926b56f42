//! Hours in a zone with their openings of some months worked out, so that asking them is a search in a list.

use bereik_core::hours::Hours;
use bereik_core::zone::Zone;
use chrono::{DateTime, TimeDelta, Utc};

/// Openings are worked out from so long before an instant …
const DAYS_BEFORE: i64 = 31;
/// … to so long after it; beyond, the hours themselves are asked.
const DAYS_AFTER: i64 = 100;
/// They are worked out anew when fewer days than these are left.
const DAYS_LEFT_MIN: i64 = 60;

const DAY: i64 = 86_400;

/// Hours in a zone.
#[derive(Clone, Debug)]
pub(super) struct Openings {
    hours: Hours,
    zone: Zone,
    /// Unix seconds, half-open: what `edges` cover.
    from: i64,
    to: i64,
    /// When they open, close, open … within, in Unix seconds.
    edges: Box<[i64]>,
    /// How many edges lie before each day from `from` on.
    before: Box<[u32]>,
}

impl Openings {
    pub(super) fn new(hours: Hours, zone: Zone, now: DateTime<Utc>) -> Self {
        let mut openings = Self {
            hours,
            zone,
            from: 0,
            to: 0,
            edges: Box::default(),
            before: Box::default(),
        };
        openings.work_out(now);
        openings
    }

    pub(super) fn is_same(&self, hours: &Hours, zone: &Zone) -> bool {
        self.hours == *hours && self.zone == *zone
    }

    /// Works openings out anew where few are left.
    pub(super) fn advance(&mut self, now: DateTime<Utc>) {
        if now.timestamp() + DAYS_LEFT_MIN * DAY > self.to {
            self.work_out(now);
        }
    }

    fn work_out(&mut self, now: DateTime<Utc>) {
        let now = DateTime::from_timestamp(now.timestamp(), 0);
        let shifted = |days| now?.checked_add_signed(TimeDelta::days(days));
        let (Some(from), Some(to)) = (shifted(-DAYS_BEFORE), shifted(DAYS_AFTER)) else {
            return;
        };
        let openings = self.hours.openings(from, to, &self.zone);
        let edges = openings.flat_map(|opening| [opening.start(), opening.end()]);
        (self.from, self.to) = (from.timestamp(), to.timestamp());
        // An opening that is cut off at either end is open there, which its edge says as well.
        self.edges = edges.map(|edge| edge.timestamp()).collect();
        let days = 0..DAYS_BEFORE + DAYS_AFTER;
        let before = days.map(|day| {
            let begins = self.from + day * DAY;
            self.edges.partition_point(|edge| *edge < begins) as u32
        });
        self.before = before.collect();
    }

    /// How many edges lie before or at an instant that is covered.
    fn edges_until(&self, at: i64) -> usize {
        let before = self.before[((at - self.from) / DAY) as usize] as usize;
        let later = self.edges[before..].iter();
        before + later.take_while(|edge| **edge <= at).count()
    }

    pub(super) fn is_open_at(&self, now: DateTime<Utc>) -> bool {
        let at = now.timestamp();
        if !(self.from..self.to).contains(&at) {
            return self.hours.is_open_at(now, &self.zone);
        }
        // Edges are whole seconds, so that a fraction of one changes nothing.
        self.edges_until(at) % 2 == 1
    }

    pub(super) fn next_change_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let at = now.timestamp();
        if (self.from..self.to).contains(&at) {
            let next = self.edges_until(at);
            let is_within = |edge: &&i64| **edge < self.to;
            if let Some(edge) = self.edges.get(next).filter(is_within) {
                return DateTime::from_timestamp(*edge, 0);
            }
        }
        self.hours.next_change_after(now, &self.zone)
    }
}
