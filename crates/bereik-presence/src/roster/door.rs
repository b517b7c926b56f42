//! Whether hours are open at an instant that only moves forward, and until when that stands.

use bereik_core::hours::Hours;
use bereik_core::interval::Interval;
use bereik_core::zone::Zone;
use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};

/// How far ahead openings are looked up at once, in days.
const LOOKED_UP_DAYS: i64 = 28;
/// [`Hours::next_change_after`] looks this far ahead, in days.
const LOOK_AHEAD_DAYS: i64 = 400;
/// The stretches of a date lie within so many days of it, in any zone.
const MARGIN_DAYS: u64 = 3;

/// Hours in a zone, with the next few weeks of them looked up.
#[derive(Debug)]
pub(super) struct Door<'a> {
    hours: &'a Hours,
    zone: &'a Zone,
    /// What was looked up and is not over, the earliest last.
    ahead: Vec<Interval>,
    /// Up to where.
    looked_up: Option<DateTime<Utc>>,
}

impl<'a> Door<'a> {
    pub(super) fn new(hours: &'a Hours, zone: &'a Zone) -> Self {
        Self {
            hours,
            zone,
            ahead: Vec::new(),
            looked_up: None,
        }
    }

    /// Whether the hours are open at `now`, and the first instant after it at which that may end.
    pub(super) fn at(&mut self, now: DateTime<Utc>) -> (bool, Option<DateTime<Utc>>) {
        let looked_up = self.look_up(now);
        while self.ahead.pop_if(|next| next.end() <= now).is_some() {}
        match self.ahead.last() {
            Some(next) if now < next.start() => (false, Some(next.start())),
            Some(open) if open.end() < looked_up => (true, Some(open.end())),
            // It goes on beyond what was looked up, perhaps for ever.
            Some(_) => (true, self.change_after(now)),
            None => (false, self.change_after(now)),
        }
    }

    fn look_up(&mut self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self.looked_up {
            Some(looked_up) if now < looked_up => looked_up,
            _ => {
                let to = later(now, LOOKED_UP_DAYS);
                self.ahead = self.hours.openings(now, to, self.zone).collect();
                self.ahead.reverse();
                self.looked_up = Some(to);
                to
            }
        }
    }

    /// The first change after `now`, or an instant before it where it lies over 400 days ahead.
    fn change_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let change = self.hours.next_change_after(now, self.zone);
        if change.is_some() {
            return change;
        }
        // What the week says has not changed for so long that only an exception can change it.
        let looked_at = later(now, LOOK_AHEAD_DAYS);
        let margin = Days::new(MARGIN_DAYS);
        let from = self.zone.local_at(looked_at).date();
        let from = from.checked_sub_days(margin)?;
        let (date, _) = self.hours.exceptions.range(from..).next()?;
        let before = date.checked_sub_days(margin)?.and_time(NaiveTime::MIN);
        let next = self.zone.instant_of(before).max(looked_at);
        (now < next).then_some(next)
    }
}

/// The instant so many days of 24 hours later, or the last there is.
fn later(instant: DateTime<Utc>, days: i64) -> DateTime<Utc> {
    instant
        .checked_add_signed(TimeDelta::days(days))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}
