//! Weekly hours from availabilities, and holidays from a calendar of them.

use std::collections::BTreeMap;

use bereik_core::free_busy::{FreeBusy, FreeBusyKind};
use bereik_core::hours::{Hours, Stretch, Week};
use bereik_core::interval::Interval;
use bereik_core::zone::Zone;
use chrono::{Datelike as _, Days, NaiveDate, NaiveDateTime, NaiveTime, Timelike as _, Weekday};

use crate::availability;
use crate::calendar::{Calendar, Expanded, interval};
use crate::expand::{Asked, Found};
use crate::reading::Reading;

const DAY_MIN: u32 = 24 * 60;

impl Calendar {
    /// The hours that the availabilities of this calendar say (VAVAILABILITY, RFC 7953), as a week in the owner's
    /// zone; none where it has no availability within `window`.
    ///
    /// The week is what most of the weeks in `window` are like, and each date in it that is otherwise is an
    /// exception: on whole days of the window the hours are those of the calendar, to the minute, but for an end
    /// within an hour that the clock shows twice; beyond the window they go on as the week. Give a window of
    /// some months. Events and free/busy blocks do not count, and what could not be
    /// read is not open.
    ///
    /// ```
    /// use bereik_calendar::{Limits, Reading};
    /// use bereik_core::interval::Interval;
    /// use bereik_core::zone::Zone;
    ///
    /// let file = "BEGIN:VCALENDAR\r\nBEGIN:VAVAILABILITY\r\nDTSTART:20260101T000000Z\r\n\
    ///     BEGIN:AVAILABLE\r\nUID:1\r\nDTSTART;TZID=Europe/Amsterdam:20260105T090000\r\nDURATION:PT8H\r\n\
    ///     RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH\r\nEND:AVAILABLE\r\nEND:VAVAILABILITY\r\nEND:VCALENDAR\r\n";
    /// let calendar = bereik_calendar::read(file.as_bytes(), &Limits::default());
    /// let amsterdam = Zone::named("Europe/Amsterdam")?;
    /// let quarter: Interval = "2026-03-01T00:00:00Z/2026-06-01T00:00:00Z".parse()?;
    /// let reading = Reading::new().with_zone(amsterdam.clone());
    /// let hours = calendar.hours(quarter, &reading).value.ok_or("it has an availability")?;
    /// assert_eq!(hours.week.thu, ["09:00-17:00".parse()?]);
    /// assert!(hours.week.fri.is_empty());
    /// // Summer time changes nothing.
    /// assert!(hours.exceptions.is_empty());
    /// assert!(hours.is_open_at("2026-04-02T07:30:00Z".parse()?, &amsterdam));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn hours(&self, window: Interval, reading: &Reading) -> Expanded<Option<Hours>> {
        let found = self.expand(window, reading, Asked::FreeBusy);
        let utc = Zone::utc();
        let zone = reading.zone().or(self.home_zone()).unwrap_or(&utc);
        let value = (!found.availabilities.is_empty())
            .then(|| hours_of(&days(&openings(&found, window), window, zone)));
        Expanded {
            value,
            problems: self.all_problems(found.problems),
            steps: found.steps,
        }
    }

    /// The dates that events of this calendar cover whole in the owner's zone, ascending: of a calendar of
    /// holidays, the holidays, for [`Hours::with_closed`].
    ///
    /// Whether an event is transparent does not matter, as calendars of holidays mark them all; one that is
    /// cancelled, or whose time is not known for sure, does not count.
    ///
    /// ```
    /// use bereik_calendar::{Limits, Reading};
    /// use bereik_core::interval::Interval;
    ///
    /// let file = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20161225\r\n\
    ///     DTEND;VALUE=DATE:20161227\r\nRRULE:FREQ=YEARLY\r\nTRANSP:TRANSPARENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    /// let calendar = bereik_calendar::read(file.as_bytes(), &Limits::default());
    /// let year: Interval = "2026-01-01T00:00:00Z/2027-01-01T00:00:00Z".parse()?;
    /// let holidays = calendar.holidays(year, &Reading::new()).value;
    /// assert_eq!(holidays, ["2026-12-25".parse()?, "2026-12-26".parse()?]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn holidays(&self, window: Interval, reading: &Reading) -> Expanded<Vec<NaiveDate>> {
        let found = self.expand(window, reading, Asked::Shifts);
        let utc = Zone::utc();
        let zone = reading.zone().or(self.home_zone()).unwrap_or(&utc);
        let covered = found.instances.iter().filter_map(|instance| {
            let covered = interval(instance.start, instance.end)?.intersection(&window)?;
            let from = zone.local_at(covered.start());
            let to = zone.local_at(covered.end());
            let starts_late = from.time() != NaiveTime::MIN;
            let first = from
                .date()
                .checked_add_days(Days::new(starts_late.into()))?;
            (first < to.date()).then_some((first, to.date()))
        });
        let mut covered: Vec<(NaiveDate, NaiveDate)> = covered.collect();
        covered.sort_unstable();
        let mut dates = Vec::new();
        let mut next = NaiveDate::MIN;
        for (first, end) in covered {
            dates.extend(first.max(next).iter_days().take_while(|date| *date < end));
            next = next.max(end);
        }
        Expanded {
            value: dates,
            problems: self.all_problems(found.problems),
            steps: found.steps,
        }
    }
}

/// Where an availability holds and leaves the time free.
fn openings(found: &Found, window: Interval) -> Vec<Interval> {
    let mut nothing = FreeBusy::builder(window);
    for unknown in &found.unknown {
        nothing.push_seconds(unknown.start, unknown.end, FreeBusyKind::Unknown);
    }
    let said = availability::beneath(nothing.build(), window, &found.availabilities);
    let holds = found.availabilities.iter().map(|layer| layer.holds);
    let mut open = Vec::new();
    for hold in availability::merged(holds.collect()) {
        let mut at = hold.start();
        while at < hold.end() {
            let next = said
                .next_change_after(at)
                .unwrap_or(hold.end())
                .min(hold.end());
            if said.kind_at(at) == FreeBusyKind::Free {
                open.extend(Interval::new(at, next));
            }
            at = next;
        }
    }
    open
}

/// The stretches of each date that lies whole in the window.
fn days(open: &[Interval], window: Interval, zone: &Zone) -> BTreeMap<NaiveDate, Vec<Stretch>> {
    let first = zone.local_at(window.start());
    let last = zone.local_at(window.end()).date();
    let after = Days::new(u64::from(first.time() != NaiveTime::MIN));
    let first = first.date().checked_add_days(after).unwrap_or(last);
    let dates = first.iter_days().take_while(|date| *date < last);
    let mut days: BTreeMap<NaiveDate, Vec<Stretch>> =
        dates.map(|date| (date, Vec::new())).collect();
    for opening in open {
        let (from, to) = (zone.local_at(opening.start()), zone.local_at(opening.end()));
        let dates = from
            .date()
            .iter_days()
            .take_while(|date| *date <= to.date());
        for date in dates {
            let start = if date == from.date() {
                minute_from(from)
            } else {
                0
            };
            let end = if date == to.date() {
                minute_to(to)
            } else {
                DAY_MIN
            };
            // An end at midnight is that of the day before.
            if let Some(day) = days.get_mut(&date).filter(|_| start < end) {
                day.extend(Stretch::new(start, end));
            }
        }
    }
    days
}

/// The first whole minute from a time on: what is open for a part of a minute is not.
fn minute_from(time: NaiveDateTime) -> u32 {
    let minute = time.hour() * 60 + time.minute();
    minute + u32::from(time.second() > 0 || time.nanosecond() > 0)
}

fn minute_to(time: NaiveDateTime) -> u32 {
    time.hour() * 60 + time.minute()
}

/// The commonest stretches of each day of the week; every other date is an exception.
fn hours_of(days: &BTreeMap<NaiveDate, Vec<Stretch>>) -> Hours {
    let commonest = |weekday: Weekday| -> Vec<Stretch> {
        let mut counts: BTreeMap<&[Stretch], usize> = BTreeMap::new();
        for (_, day) in days.iter().filter(|(date, _)| date.weekday() == weekday) {
            *counts.entry(day).or_default() += 1;
        }
        let most = counts.into_iter().max_by_key(|(_, count)| *count);
        most.map_or_else(Vec::new, |(day, _)| day.to_vec())
    };
    let week = Week {
        mon: commonest(Weekday::Mon),
        tue: commonest(Weekday::Tue),
        wed: commonest(Weekday::Wed),
        thu: commonest(Weekday::Thu),
        fri: commonest(Weekday::Fri),
        sat: commonest(Weekday::Sat),
        sun: commonest(Weekday::Sun),
    };
    let others = days
        .iter()
        .filter(|(date, day)| week.on(date.weekday()) != day.as_slice());
    others.fold(Hours::new(week.clone()), |hours, (date, day)| {
        hours.with_exception(*date, day.clone())
    })
}
