//! A naive calendar: looks at each day, or each second, and asks whether a rule chooses it.

use bereik_core::interval::Interval;
use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike};

pub(crate) const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) frequency: Frequency,
    pub(crate) interval: i64,
    pub(crate) week_start: u32,
    pub(crate) months: Vec<u32>,
    pub(crate) month_days: Vec<i32>,
    /// Ordinal (0 is every) and weekday (0 is Monday).
    pub(crate) weekdays: Vec<(i32, u32)>,
    pub(crate) hours: Vec<u32>,
    pub(crate) positions: Vec<i32>,
    pub(crate) year_days: Vec<i32>,
    pub(crate) weeks: Vec<i32>,
}

/// `;NAME=a,b`, or nothing without values.
pub(crate) fn part(name: &str, values: impl Iterator<Item = String>) -> String {
    let values: Vec<String> = values.collect();
    match values.is_empty() {
        true => String::new(),
        false => format!(";{name}={}", values.join(",")),
    }
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

impl Rule {
    /// Ordinals belong to months and years without weeks (RFC 5545 section 3.3.10).
    pub(crate) fn settle(&mut self) {
        let plain = matches!(self.frequency, Frequency::Daily | Frequency::Weekly);
        if plain || !self.weeks.is_empty() {
            self.weekdays
                .iter_mut()
                .for_each(|(ordinal, _)| *ordinal = 0);
        }
        if self.frequency == Frequency::Weekly {
            self.month_days.clear();
        }
        let chooses =
            !(self.month_days.is_empty() && self.weekdays.is_empty() && self.hours.is_empty());
        if !chooses {
            self.positions.clear();
        }
    }

    pub(crate) fn text(&self) -> String {
        let name = format!("{:?}", self.frequency).to_uppercase();
        let weekday = |(ordinal, day): &(i32, u32)| match ordinal {
            0 => DAYS[*day as usize].to_owned(),
            ordinal => format!("{ordinal}{}", DAYS[*day as usize]),
        };
        let signed = |list: &[i32]| list.iter().map(i32::to_string).collect::<Vec<_>>();
        let plain = |list: &[u32]| list.iter().map(u32::to_string).collect::<Vec<_>>();
        format!(
            "FREQ={name};INTERVAL={};WKST={}{}{}{}{}{}{}{}",
            self.interval,
            DAYS[self.week_start as usize],
            part("BYMONTH", plain(&self.months).into_iter()),
            part("BYMONTHDAY", signed(&self.month_days).into_iter()),
            part("BYDAY", self.weekdays.iter().map(weekday)),
            part("BYHOUR", plain(&self.hours).into_iter()),
            part("BYSETPOS", signed(&self.positions).into_iter()),
            part("BYYEARDAY", signed(&self.year_days).into_iter()),
            part("BYWEEKNO", signed(&self.weeks).into_iter()),
        )
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
            let hours = (0..24).filter(|hour| match self.hours.is_empty() {
                true => *hour == start.hour(),
                false => self.hours.contains(hour),
            });
            let times =
                hours.map(|hour| start.with_hour(hour).expect("the test's own value").time());
            let instants = times.map(|time| day.and_time(time));
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

/// Each unit of time since the start that the limits accept, in the window.
pub(crate) fn fast(
    start: NaiveDateTime,
    unit: i64,
    interval: i64,
    (hours, minutes, weekdays): (&[u32], &[u32], &[u32]),
    window: Interval,
) -> Vec<NaiveDateTime> {
    let accepts = |list: &[u32], value: u32| list.is_empty() || list.contains(&value);
    let mut found = Vec::new();
    let mut at = window.start().naive_utc();
    while at < window.end().naive_utc() {
        let since = (at - start).num_seconds();
        let hourly = unit == 3_600;
        // An hour is expanded by BYMINUTE; a minute and a second are limited by it.
        let on_step = match hourly {
            false => since % (unit * interval) == 0,
            true => {
                let whole = start - TimeDelta::minutes(start.minute().into());
                let minute_fits = match minutes.is_empty() {
                    true => at.minute() == start.minute(),
                    false => minutes.contains(&at.minute()),
                };
                (at - whole).num_hours() % interval == 0 && minute_fits && at.second() == 0
            }
        };
        let is_chosen = on_step
            && accepts(hours, at.hour())
            && (hourly || accepts(minutes, at.minute()))
            && accepts(weekdays, at.weekday().num_days_from_monday());
        if since == 0 || (since > 0 && is_chosen) {
            found.push(at);
        }
        at += TimeDelta::seconds(1);
    }
    found
}
