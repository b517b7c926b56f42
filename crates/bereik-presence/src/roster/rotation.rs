//! People who take turns: whose turn an instant falls in, and when it ends, by arithmetic.

use std::num::NonZeroU16;

use bereik_core::id::PersonId;
use bereik_core::interval::Interval;
use bereik_core::zone::{WallClock, Zone};
use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveDateTime, Utc};

/// No offset from UTC is larger, in seconds (RFC 9636 section 3.2).
const OFFSET_MAX: i64 = 93_599;
/// Two offsets of a zone differ by no more than this, in seconds.
const SPREAD_MAX: i64 = OFFSET_MAX + 89_999;
const DAY_SECONDS: i64 = 86_400;
const MONTHS: i64 = 12;
/// The calendar repeats after so many years, which have so many days.
const CYCLE_YEARS: i64 = 400;
const CYCLE_DAYS: i64 = 146_097;

/// What the length of a turn is counted in; from the shortest to the longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[expect(clippy::exhaustive_enums, reason = "what a clock and a calendar count")]
pub enum Cadence {
    /// Hours on the clock.
    Hourly,
    /// Days.
    Daily,
    /// Weeks of seven days.
    Weekly,
    /// Months of the calendar.
    Monthly,
}

/// People who take turns of one length, in wall-clock time of a zone.
///
/// A turn ends so many hours, days, weeks or months after it began, as the clock counts them. Turns go backward from
/// the start as well, so that somebody is on turn before it too. A turn begins when the clock first shows its
/// time or a later one:
///
/// - Of a time that the clock shows twice the first counts, so that the turn in which the clock is set back
///   is longer.
/// - A time that the clock skips is the first instant after the gap. A turn that lies in the gap as a whole
///   has no time at all, and still counts: whoever always has the hour from two has none on that day, and
///   everybody else keeps his hour.
/// - A month that lacks the day of the start hands off on its last day: from 31 January on 28 February
///   and then on 31 March. Other systems refuse such a start or go over into the next month.
///
/// The same person may stand in the list more than once; with nobody in it turns pass and nobody serves.
/// Each question takes the same time, however far from the start.
///
/// ```
/// use bereik_core::zone::Zone;
/// use bereik_presence::roster::{Cadence, Rotation};
/// use chrono::{DateTime, NaiveDate, Utc};
/// use std::num::NonZeroU16;
///
/// let start = NaiveDate::from_ymd_opt(2026, 10, 19).and_then(|day| day.and_hms_opt(9, 0, 0));
/// let start = start.ok_or("no such time")?;
/// let amsterdam = Zone::named("Europe/Amsterdam")?;
/// let week = Rotation::new(amsterdam, start, Cadence::Weekly, NonZeroU16::MIN)
///     .with_members(["anna".parse()?, "bram".parse()?]);
///
/// let now: DateTime<Utc> = "2026-10-22T12:00:00Z".parse()?;
/// assert_eq!(week.person_at(now).map(|anna| anna.as_str()), Some("anna"));
/// // Nine o'clock, in summer time and after it.
/// let turn = week.turn_at(now).ok_or("time is over")?;
/// assert_eq!(turn.to_string(), "2026-10-19T07:00:00Z/2026-10-26T08:00:00Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "super::wire::Rotation", into = "super::wire::Rotation")
)]
pub struct Rotation {
    zone: Zone,
    start: NaiveDateTime,
    cadence: Cadence,
    length: NonZeroU16,
    members: Vec<PersonId>,
}

impl Rotation {
    /// A rotation of nobody, whose turns last `length` hours, days, weeks or months; the first begins when
    /// the clock in `zone` shows `start`, whose fraction of a second is dropped.
    #[must_use]
    pub fn new(zone: Zone, start: NaiveDateTime, cadence: Cadence, length: NonZeroU16) -> Self {
        let whole = DateTime::from_timestamp(start.and_utc().timestamp(), 0);
        Self {
            zone,
            start: whole.map_or(start, |whole| whole.naive_utc()),
            cadence,
            length,
            members: Vec::new(),
        }
    }

    /// The same with these people, in the order of their turns.
    #[must_use]
    pub fn with_members(mut self, members: impl IntoIterator<Item = PersonId>) -> Self {
        self.members = members.into_iter().collect();
        self
    }

    /// Whose clock it goes by.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// What the clock shows when the first member's first turn begins.
    #[must_use]
    pub fn start(&self) -> NaiveDateTime {
        self.start
    }

    /// What the length is counted in.
    #[must_use]
    pub fn cadence(&self) -> Cadence {
        self.cadence
    }

    /// How many hours, days, weeks or months a turn lasts.
    #[must_use]
    pub fn length(&self) -> NonZeroU16 {
        self.length
    }

    /// Who takes turns, in order.
    #[must_use]
    pub fn members(&self) -> &[PersonId] {
        &self.members
    }

    /// The turn that `now` falls in; `None` only at the last instant there is.
    #[must_use]
    pub fn turn_at(&self, now: DateTime<Utc>) -> Option<Interval> {
        let mut clock = self.zone.wall_clock();
        let number = self.number_at(&mut clock, now);
        let start = self.handoff(&mut clock, number);
        let end = self.handoff(&mut clock, number + 1);
        Interval::new(
            start.unwrap_or(DateTime::<Utc>::MIN_UTC),
            end.unwrap_or(DateTime::<Utc>::MAX_UTC),
        )
    }

    /// Whose turn it is; `None` when nobody takes turns.
    #[must_use]
    pub fn person_at(&self, now: DateTime<Utc>) -> Option<&PersonId> {
        self.member(self.number_at(&mut self.zone.wall_clock(), now))
    }

    /// The first instant after `instant` at which one turn ends and the next begins, also where both are
    /// of one person; `None` only where time ends.
    #[must_use]
    pub fn next_handoff_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut clock = self.zone.wall_clock();
        let number = self.number_at(&mut clock, instant);
        self.handoff(&mut clock, number + 1)
    }

    /// The handoffs within an interval, ascending. Each costs the same.
    pub fn handoffs(&self, within: Interval) -> impl Iterator<Item = DateTime<Utc>> + '_ {
        let before = within.start().checked_sub_signed(NANOSECOND);
        let first = before.and_then(|before| self.next_handoff_after(before));
        std::iter::successors(first, |last| self.next_handoff_after(*last))
            .take_while(move |handoff| *handoff < within.end())
    }

    /// Whose turn it is, and the first instant after `now` at which it may be another's.
    pub(super) fn person_until<'a>(
        &'a self,
        clock: &mut WallClock<'_>,
        now: DateTime<Utc>,
    ) -> (Option<&'a PersonId>, Option<DateTime<Utc>>) {
        let number = self.number_at(clock, now);
        let person = self.member(number);
        let members = self.members.len() as i64;
        let others = (number + 1..number + members).find(|next| self.member(*next) != person);
        let until = others.and_then(|next| self.handoff(clock, next));
        (person, until)
    }

    fn member(&self, number: i64) -> Option<&PersonId> {
        let place = number.checked_rem_euclid(self.members.len() as i64)?;
        self.members.get(place as usize)
    }

    /// The number of the turn that `now` falls in; the first from the start on is 0.
    fn number_at(&self, clock: &mut WallClock<'_>, now: DateTime<Utc>) -> i64 {
        let shown = furthest_shown(clock, now.timestamp());
        let start = self.start_seconds();
        if let Some(step) = self.step_seconds() {
            return (shown - start).div_euclid(step);
        }
        let date = date_of(shown);
        let length = i64::from(self.length.get());
        let number = (month_of(date) - month_of(self.start.date())).div_euclid(length);
        match self.wall_of(number) <= shown {
            true => number,
            false => number - 1,
        }
    }

    /// The instant at which a turn begins; `None` beyond the end of time.
    fn handoff(&self, clock: &mut WallClock<'_>, number: i64) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(first_shown(clock, self.wall_of(number)), 0)
    }

    /// What the clock shows when a turn begins, as seconds of a clock on UTC.
    fn wall_of(&self, number: i64) -> i64 {
        if let Some(step) = self.step_seconds() {
            return self.start_seconds() + number * step;
        }
        let start = self.start.date();
        let month = month_of(start) + number * i64::from(self.length.get());
        let day = day_in_month(month, start.day());
        day * DAY_SECONDS + self.start_seconds().rem_euclid(DAY_SECONDS)
    }

    fn start_seconds(&self) -> i64 {
        self.start.and_utc().timestamp()
    }

    /// How far apart two handoffs are on the clock; `None` for months.
    fn step_seconds(&self) -> Option<i64> {
        let one = match self.cadence {
            Cadence::Hourly => 3_600,
            Cadence::Daily => DAY_SECONDS,
            Cadence::Weekly => 7 * DAY_SECONDS,
            Cadence::Monthly => return None,
        };
        Some(one * i64::from(self.length.get()))
    }
}

/// The shortest time between two instants that can be told apart.
const NANOSECOND: chrono::TimeDelta = chrono::TimeDelta::nanoseconds(1);

/// The latest time that the clock has shown up to an instant, that one included: a clock that was set back
/// has shown later ones.
fn furthest_shown(clock: &mut WallClock<'_>, instant: i64) -> i64 {
    let mut at = instant - SPREAD_MAX;
    let mut furthest = i64::MIN;
    loop {
        let (offset, end) = clock.offset_until(at);
        if instant < end {
            return furthest.max(instant + i64::from(offset));
        }
        furthest = furthest.max(end - 1 + i64::from(offset));
        at = end;
    }
}

/// The first instant at which the clock shows a time or a later one.
fn first_shown(clock: &mut WallClock<'_>, wall: i64) -> i64 {
    let mut at = wall - OFFSET_MAX;
    loop {
        let (offset, end) = clock.offset_until(at);
        let instant = at.max(wall - i64::from(offset));
        if instant < end {
            return instant;
        }
        at = end;
    }
}

fn date_of(wall: i64) -> NaiveDate {
    let date = DateTime::from_timestamp(wall, 0).map(|at| at.date_naive());
    date.unwrap_or(if wall < 0 {
        NaiveDate::MIN
    } else {
        NaiveDate::MAX
    })
}

/// Months since January of the year 0.
fn month_of(date: NaiveDate) -> i64 {
    i64::from(date.year()) * MONTHS + i64::from(date.month0())
}

/// The day of the month of this number, or its last, in days since 1970-01-01.
fn day_in_month(month: i64, day: u32) -> i64 {
    let year = month.div_euclid(MONTHS);
    let (cycle, year) = (year.div_euclid(CYCLE_YEARS), year.rem_euclid(CYCLE_YEARS));
    let first = |year: i64, month0: i64| {
        NaiveDate::from_ymd_opt(year as i32, month0 as u32 + 1, 1)
            .expect("a month of the first 400 years")
    };
    let month0 = month.rem_euclid(MONTHS);
    let begin = first(year, month0);
    let date = begin.with_day(day).unwrap_or_else(|| {
        let next = first(year + (month0 + 1) / MONTHS, (month0 + 1) % MONTHS);
        next - Days::new(1)
    });
    let epoch = NaiveDate::default();
    (date - epoch).num_days() + cycle * CYCLE_DAYS
}
