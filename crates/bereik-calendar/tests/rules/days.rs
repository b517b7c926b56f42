//! A naive calendar: looks at each day in turn and asks whether a rule that repeats daily or more slowly
//! chooses it.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use proptest::prelude::{Just, Strategy, prop_oneof};

use crate::{DAYS, Spelled, list, part, signed};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// A rule with every part that may limit or expand a day, a week, a month or a year.
#[derive(Clone, Debug)]
pub(crate) struct DayRule {
    frequency: Frequency,
    interval: i64,
    /// 0 is Monday.
    week_start: u32,
    months: Vec<u32>,
    month_days: Vec<i32>,
    /// Ordinal (0 is every) and weekday (0 is Monday).
    weekdays: Vec<(i32, u32)>,
    hours: Vec<u32>,
    minutes: Vec<u32>,
    seconds: Vec<u32>,
    positions: Vec<i32>,
    year_days: Vec<i32>,
    weeks: Vec<i32>,
}

pub(crate) fn day_rule() -> impl Strategy<Value = DayRule> {
    let frequency = prop_oneof![
        Just(Frequency::Daily),
        Just(Frequency::Weekly),
        Just(Frequency::Monthly),
        Just(Frequency::Yearly),
    ];
    let ordinal = prop_oneof![4 => Just(0), 1 => signed(5)];
    let days = (list(1_u32..13), list(signed(31)), list((ordinal, 0_u32..7)));
    let times = (
        list(0_u32..24),
        list(0_u32..60),
        list(0_u32..60),
        list(signed(4)),
    );
    let of_year = (list(signed(366)), list(signed(53)), 0_u8..8);
    ((frequency, 1_i64..5, 0_u32..7), days, times, of_year).prop_map(
        |((frequency, interval, week_start), days, times, (year_days, weeks, rare))| {
            let (months, month_days, weekdays) = days;
            let (hours, minutes, seconds, positions) = times;
            // Most rules leave the rare parts alone, so that they choose something.
            let of_year =
                |list: Vec<i32>, place| match frequency == Frequency::Yearly && rare == place {
                    true => list,
                    false => Vec::new(),
                };
            let mut rule = DayRule {
                frequency,
                interval,
                week_start,
                months,
                month_days,
                weekdays,
                hours,
                minutes: if rare < 4 { Vec::new() } else { minutes },
                seconds: if rare < 6 { Vec::new() } else { seconds },
                positions,
                year_days: of_year(year_days, 0),
                weeks: of_year(weeks, 1),
            };
            rule.settle();
            rule
        },
    )
}

fn days_in_month(day: NaiveDate) -> i32 {
    let next = match day.month() {
        12 => NaiveDate::from_ymd_opt(day.year() + 1, 1, 1),
        month => NaiveDate::from_ymd_opt(day.year(), month + 1, 1),
    };
    next.expect("the test's own value")
        .pred_opt()
        .expect("the test's own value")
        .day() as i32
}

fn days_in_year(year: i32) -> i32 {
    NaiveDate::from_ymd_opt(year, 12, 31)
        .expect("the test's own value")
        .ordinal() as i32
}

/// Whether the value is the nth or the nth last of `1..=length`.
fn is_listed(list: &[i32], value: i32, length: i32) -> bool {
    list.iter().any(|n| *n == value || *n == value - length - 1)
}

impl Spelled for DayRule {
    fn spelled(&self) -> String {
        let name = format!("{:?}", self.frequency).to_uppercase();
        let weekday = |(ordinal, day): &(i32, u32)| match ordinal {
            0 => DAYS[*day as usize].to_owned(),
            ordinal => format!("{ordinal}{}", DAYS[*day as usize]),
        };
        let signed = |list: &[i32]| list.iter().map(i32::to_string).collect::<Vec<_>>();
        let plain = |list: &[u32]| list.iter().map(u32::to_string).collect::<Vec<_>>();
        format!(
            "FREQ={name};INTERVAL={};WKST={}{}{}{}{}{}{}{}{}{}",
            self.interval,
            DAYS[self.week_start as usize],
            part("BYMONTH", plain(&self.months).into_iter()),
            part("BYMONTHDAY", signed(&self.month_days).into_iter()),
            part("BYDAY", self.weekdays.iter().map(weekday)),
            part("BYHOUR", plain(&self.hours).into_iter()),
            part("BYMINUTE", plain(&self.minutes).into_iter()),
            part("BYSECOND", plain(&self.seconds).into_iter()),
            part("BYSETPOS", signed(&self.positions).into_iter()),
            part("BYYEARDAY", signed(&self.year_days).into_iter()),
            part("BYWEEKNO", signed(&self.weeks).into_iter()),
        )
    }
}

impl DayRule {
    /// Without what the `rrule` crate reads otherwise. Of BYDAY=1MO,MO it keeps 1MO only, and -5MO it refuses; a
    /// week number without BYDAY is to it the whole week, and those around New Year it numbers otherwise;
    /// BYSETPOS of the first week counts from the start.
    pub(crate) fn for_rrule(mut self) -> Self {
        let is_mixed = self.weekdays.iter().any(|(ordinal, _)| *ordinal == 0);
        for (ordinal, _) in &mut self.weekdays {
            *ordinal = if is_mixed { 0 } else { (*ordinal).max(-4) };
        }
        let has_days = !self.weekdays.is_empty();
        self.weeks
            .retain(|week| has_days && (2..=50).contains(&week.abs()));
        if self.frequency == Frequency::Weekly || !self.weeks.is_empty() {
            self.positions.clear();
        }
        self
    }

    /// Ordinals belong to months and years without weeks (RFC 5545 section 3.3.10).
    fn settle(&mut self) {
        let plain = matches!(self.frequency, Frequency::Daily | Frequency::Weekly);
        if plain || !self.weeks.is_empty() {
            self.weekdays
                .iter_mut()
                .for_each(|(ordinal, _)| *ordinal = 0);
        }
        if self.frequency == Frequency::Weekly {
            self.month_days.clear();
        }
        let has_days = !(self.month_days.is_empty() && self.weekdays.is_empty());
        let has_times =
            !(self.hours.is_empty() && self.minutes.is_empty() && self.seconds.is_empty());
        if !has_days && !has_times {
            self.positions.clear();
        }
    }

    /// The start, and what the rule generates after it, before `end`, ascending.
    pub(crate) fn instances(&self, start: NaiveDateTime, end: NaiveDateTime) -> Vec<NaiveDateTime> {
        let first = NaiveDate::from_ymd_opt(start.year() - 1, 12, 1).expect("the test's own value");
        let last = NaiveDate::from_ymd_opt(end.year() + 1, 2, 1).expect("the test's own value");
        let mut periods: Vec<(i64, Vec<NaiveDateTime>)> = Vec::new();
        for day in first.iter_days().take_while(|day| *day < last) {
            let period = self.period(day);
            if (period - self.period(start.date())) % self.interval != 0
                || !self.chooses(day, start)
            {
                continue;
            }
            let instants = self.times(start).map(|time| day.and_time(time));
            match periods.last_mut().filter(|(last, _)| *last == period) {
                Some((_, members)) => members.extend(instants),
                None => periods.push((period, instants.collect())),
            }
        }
        let mut all = vec![start];
        for (_, members) in periods {
            let length = members.len() as i32;
            let kept = members.into_iter().zip(1..).filter(|(_, place)| {
                self.positions.is_empty() || is_listed(&self.positions, *place, length)
            });
            all.extend(
                kept.map(|(instant, _)| instant)
                    .filter(|instant| *instant > start),
            );
        }
        all.retain(|instant| *instant < end);
        all
    }

    /// The times of a day that is chosen, ascending.
    fn times(&self, start: NaiveDateTime) -> impl Iterator<Item = NaiveTime> {
        let or_start = |list: &[u32], value: u32| match list {
            [] => vec![value],
            list => list
                .iter()
                .copied()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
        };
        let hours = or_start(&self.hours, start.hour());
        let minutes = or_start(&self.minutes, start.minute());
        let seconds = or_start(&self.seconds, start.second());
        let mut times = Vec::new();
        for hour in hours {
            for minute in &minutes {
                times.extend(
                    seconds
                        .iter()
                        .filter_map(|s| NaiveTime::from_hms_opt(hour, *minute, *s)),
                );
            }
        }
        times.into_iter()
    }

    /// The number of the period that a day is in.
    fn period(&self, day: NaiveDate) -> i64 {
        match self.frequency {
            Frequency::Daily => i64::from(day.num_days_from_ce()),
            Frequency::Weekly => i64::from(self.week_of(day).num_days_from_ce()).div_euclid(7),
            Frequency::Monthly => i64::from(day.year()) * 12 + i64::from(day.month0()),
            Frequency::Yearly if self.weeks.is_empty() => day.year().into(),
            Frequency::Yearly => self.week_year(day).into(),
        }
    }

    /// The first day of the week around a day.
    fn week_of(&self, day: NaiveDate) -> NaiveDate {
        let mut first = day;
        while first.weekday().num_days_from_monday() != self.week_start {
            first = first.pred_opt().expect("the test's own value");
        }
        first
    }

    /// The year that has most of the week around a day.
    fn week_year(&self, day: NaiveDate) -> i32 {
        (self.week_of(day) + TimeDelta::days(3)).year()
    }

    fn week_number(&self, day: NaiveDate) -> (i32, i32) {
        let year = self.week_year(day);
        let mut number = 0;
        let mut last = 0;
        let begin = NaiveDate::from_ymd_opt(year - 1, 12, 20).expect("the test's own value");
        for other in begin.iter_days().take(400) {
            if other.weekday().num_days_from_monday() == self.week_start
                && self.week_year(other) == year
            {
                last += 1;
                if other <= day {
                    number = last;
                }
            }
        }
        (number, last)
    }

    fn chooses(&self, day: NaiveDate, start: NaiveDateTime) -> bool {
        let by_day = !self.weekdays.is_empty();
        let by_month_day = !self.month_days.is_empty();
        let rest = by_day || by_month_day || !self.year_days.is_empty();
        let lent = match self.frequency {
            _ if rest => true,
            Frequency::Daily => true,
            Frequency::Weekly => day.weekday() == start.weekday(),
            Frequency::Monthly => day.day() == start.day(),
            Frequency::Yearly if !self.weeks.is_empty() => day.weekday() == start.weekday(),
            Frequency::Yearly => {
                day.day() == start.day()
                    && (!self.months.is_empty() || day.month() == start.month())
            }
        };
        let week = || self.week_number(day);
        lent && (self.months.is_empty() || self.months.contains(&day.month()))
            && (!by_month_day || is_listed(&self.month_days, day.day() as i32, days_in_month(day)))
            && (self.year_days.is_empty()
                || is_listed(
                    &self.year_days,
                    day.ordinal() as i32,
                    days_in_year(day.year()),
                ))
            && (self.weeks.is_empty() || is_listed(&self.weeks, week().0, week().1))
            && (!by_day
                || self
                    .weekdays
                    .iter()
                    .any(|entry| self.is_weekday(day, *entry)))
    }

    fn is_weekday(&self, day: NaiveDate, (ordinal, weekday): (i32, u32)) -> bool {
        if day.weekday().num_days_from_monday() != weekday {
            return false;
        }
        let of_year = self.frequency == Frequency::Yearly && self.months.is_empty();
        let (place, length) = match of_year {
            true => (day.ordinal() as i32, days_in_year(day.year())),
            false => (day.day() as i32, days_in_month(day)),
        };
        let nth = (place - 1) / 7 + 1;
        let nth_last = (length - place) / 7 + 1;
        ordinal == 0 || ordinal == nth || ordinal == -nth_last
    }
}
