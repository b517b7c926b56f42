//! When hours are open in a zone: at an instant, until when, and for how long.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::{Hours, Stretch};
use crate::interval::Interval;
use crate::zone::{Local, Zone};

/// How far ahead openings are looked for, in days.
const LOOK_AHEAD_DAYS: i64 = 400;
/// A stretch lasts under two days, so that it can still be open on the second day after its own.
const DAYS_BEFORE: u64 = 2;
/// Where nothing changes for so many days and no exception is near, nothing changes before the
/// next exception: a weekly stretch is lost in a gap of the clock once at most, not twice.
const STEADY_DAYS: i64 = 16;

/// # In a zone
///
/// A stretch opens when the clock first shows its start or later, and closes when the clock has
/// shown for the last time what is before its end. So a start or end that the clock skips is the
/// first instant after the gap, and of a time that the clock shows twice the first counts for a
/// start and the second for an end. Stretches that touch or overlap are one opening, also over midnight.
///
/// Nothing is looked for beyond 400 days; the cost depends on the days that are walked, never on
/// how long ago something began.
///
/// ```
/// use bereik_core::hours::{Hours, Week};
/// use bereik_core::zone::Zone;
/// use chrono::{DateTime, TimeDelta, Utc};
///
/// let amsterdam = Zone::named("Europe/Amsterdam")?;
/// let office = vec!["08:30-12:00".parse()?, "12:30-17:00".parse()?];
/// let hours = Hours::new(Week { mon: office.clone(), fri: office, ..Week::default() });
/// let noon: DateTime<Utc> = "2026-11-27T11:10:00Z".parse()?; // a Friday, 12:10 there
/// assert!(!hours.is_open_at(noon, &amsterdam));
/// assert_eq!(hours.next_open_at(noon, &amsterdam), Some("2026-11-27T11:30:00Z".parse()?));
/// let answered = hours.after_open(noon, TimeDelta::hours(5), &amsterdam);
/// assert_eq!(answered, Some("2026-11-30T08:00:00Z".parse()?)); // Monday, 09:00 there
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl Hours {
    /// Whether they are open at this instant.
    #[must_use]
    pub fn is_open_at(&self, instant: DateTime<Utc>, zone: &Zone) -> bool {
        self.openings(instant, just_after(instant), zone)
            .next()
            .is_some()
    }

    /// The first instant after this one at which they open or close; `None` when there is none
    /// within 400 days.
    #[must_use]
    pub fn next_change_after(&self, instant: DateTime<Utc>, zone: &Zone) -> Option<DateTime<Utc>> {
        let limit = later(instant, LOOK_AHEAD_DAYS);
        let mut from = instant;
        while from < limit {
            let to = later(from, STEADY_DAYS).min(limit);
            let change = self.change_within(from, to, zone);
            if change.is_some() {
                return change;
            }
            from = self.next_exception(from, to, zone)?;
        }
        None
    }

    /// This instant if they are open then, else the next at which they open; `None` when there
    /// is none within 400 days.
    #[must_use]
    pub fn next_open_at(&self, instant: DateTime<Utc>, zone: &Zone) -> Option<DateTime<Utc>> {
        if self.is_open_at(instant, zone) {
            return Some(instant);
        }
        self.next_change_after(instant, zone)
    }

    /// How long they are open from the one instant to the other; nothing where that is backward.
    #[must_use]
    pub fn open_between(&self, from: DateTime<Utc>, to: DateTime<Utc>, zone: &Zone) -> TimeDelta {
        self.openings(from, to, zone)
            .map(|opening| opening.duration())
            .sum()
    }

    /// The instant at which they have been open for this long since `from`; `from` itself where that
    /// is nothing, `None` when it is not reached within 400 days.
    #[must_use]
    pub fn after_open(
        &self,
        from: DateTime<Utc>,
        amount: TimeDelta,
        zone: &Zone,
    ) -> Option<DateTime<Utc>> {
        let mut left = amount;
        if left <= TimeDelta::zero() {
            return Some(from);
        }
        for opening in self.openings(from, later(from, LOOK_AHEAD_DAYS), zone) {
            if left <= opening.duration() {
                return Some(opening.start() + left);
            }
            left -= opening.duration();
        }
        None
    }

    /// The openings from the one instant to the other: ascending, apart from each other, clipped.
    pub fn openings<'a>(
        &'a self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        zone: &'a Zone,
    ) -> impl Iterator<Item = Interval> + 'a {
        let within = Interval::new(from, to);
        within.into_iter().flat_map(move |within| {
            Openings::new(self, zone, within).filter_map(move |i| i.intersection(&within))
        })
    }

    /// The first change after `from`, at `to` at the latest.
    fn change_within(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        zone: &Zone,
    ) -> Option<DateTime<Utc>> {
        let within = Interval::new(from, just_after(to))?;
        let opening = Openings::new(self, zone, within).next()?;
        let change = if from < opening.start() {
            opening.start()
        } else {
            opening.end()
        };
        (change <= to).then_some(change)
    }

    /// Where to look on, when nothing changed from `from` to `to`: there, if an exception is
    /// near, else just before the next exception.
    fn next_exception(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        zone: &Zone,
    ) -> Option<DateTime<Utc>> {
        let margin = Days::new(DAYS_BEFORE + 1);
        let first = zone.local_at(from).date().checked_sub_days(margin)?;
        let (&date, _) = self.exceptions.range(first..).next()?;
        let before = zone.instant_of(
            date.checked_sub_days(margin)?
                .and_time(chrono::NaiveTime::MIN),
        );
        Some(before.max(to))
    }
}

/// The instant so many days of 24 hours later, or the last there is.
fn later(instant: DateTime<Utc>, days: i64) -> DateTime<Utc> {
    instant
        .checked_add_signed(TimeDelta::days(days))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// The next instant that can be told from this one, or the last there is.
fn just_after(instant: DateTime<Utc>) -> DateTime<Utc> {
    instant
        .checked_add_signed(TimeDelta::nanoseconds(1))
        .unwrap_or(instant)
}

/// Whole openings that share an instant with an interval, ascending; the last may be cut where the
/// interval ends.
struct Openings<'a> {
    hours: &'a Hours,
    zone: &'a Zone,
    within: Interval,
    /// The next day to be looked at.
    date: Option<NaiveDate>,
    last: NaiveDate,
    /// Stretches of the days looked at, the earliest last.
    ahead: Vec<Interval>,
    /// What has been joined so far.
    open: Option<Interval>,
}

impl<'a> Openings<'a> {
    fn new(hours: &'a Hours, zone: &'a Zone, within: Interval) -> Self {
        let first = zone.local_at(within.start()).date();
        let last = zone.local_at(within.end()).date();
        Self {
            hours,
            zone,
            within,
            date: first.checked_sub_days(Days::new(DAYS_BEFORE)),
            // A clock that is set back can show a later day first.
            last: last.succ_opt().unwrap_or(last),
            ahead: Vec::new(),
            open: None,
        }
    }

    /// The next stretch, in the order of starts.
    fn stretch(&mut self) -> Option<Interval> {
        while self.ahead.is_empty() {
            let date = self.date.filter(|date| *date <= self.last)?;
            self.date = date.succ_opt();
            let stretches = self.hours.on(date).iter();
            self.ahead
                .extend(stretches.filter_map(|stretch| interval_of(date, *stretch, self.zone)));
            self.ahead.sort_unstable_by(|a, b| b.cmp(a));
        }
        self.ahead.pop()
    }
}

impl Iterator for Openings<'_> {
    type Item = Interval;

    fn next(&mut self) -> Option<Interval> {
        loop {
            let Some(stretch) = self.stretch() else {
                return self.open.take().filter(|open| open.overlaps(&self.within));
            };
            match self.open {
                Some(open) if stretch.start() <= open.end() => {
                    self.open = Some(open.hull(&stretch))
                }
                open => {
                    self.open = Some(stretch);
                    if let Some(open) = open.filter(|open| open.overlaps(&self.within)) {
                        return Some(open);
                    }
                }
            }
        }
    }
}

/// The instants that a stretch of a date covers; none where the clock skips all of it.
fn interval_of(date: NaiveDate, stretch: Stretch, zone: &Zone) -> Option<Interval> {
    let at = |minutes: u16| {
        let midnight = date.and_time(chrono::NaiveTime::MIN);
        midnight.checked_add_signed(TimeDelta::minutes(minutes.into()))
    };
    let start = match zone.locate(at(stretch.start_min())?) {
        Local::One(instant) | Local::Fold { first: instant, .. } => instant,
        Local::Gap { before, after } => end_of_gap(before, after, zone),
    };
    let end = match zone.locate(at(stretch.end_min())?) {
        Local::One(instant) => instant,
        // Where the clock is set back to the very end, it shows nothing before it a second time.
        Local::Fold { first, second } => match zone.next_transition_after(first) {
            Some(set_back) if set_back < second => second,
            _ => first,
        },
        Local::Gap { before, after } => end_of_gap(before, after, zone),
    };
    Interval::new(start, end)
}

/// The transition that makes a gap: after the one reading of the skipped time, before the other.
fn end_of_gap(before: DateTime<Utc>, after: DateTime<Utc>, zone: &Zone) -> DateTime<Utc> {
    zone.next_transition_after(after)
        .map_or(before, |transition| transition.min(before))
}
