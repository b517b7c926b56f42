//! A naive clock: looks at each second in turn and asks whether a rule that repeats hourly or faster
//! chooses it.

use bereik_core::interval::Interval;
use bereik_core::zone::Zone;
use chrono::{DateTime, Datelike, NaiveDateTime, Timelike, Utc};
use proptest::prelude::{Just, Strategy, prop_oneof};

use crate::{DAYS, Spelled, list, part, signed};

/// A rule with every part that may limit or expand an hour, a minute or a second.
#[derive(Clone, Debug)]
pub(crate) struct SecondRule {
    /// Seconds of a period: 3,600, 60 or 1.
    unit: i64,
    interval: i64,
    months: Vec<u32>,
    month_days: Vec<i32>,
    year_days: Vec<i32>,
    weekdays: Vec<u32>,
    hours: Vec<u32>,
    minutes: Vec<u32>,
    seconds: Vec<u32>,
    positions: Vec<i32>,
}

pub(crate) fn second_rule() -> impl Strategy<Value = SecondRule> {
    let unit = prop_oneof![Just(3_600_i64), Just(60), Just(1)];
    let days = (
        list(1_u32..13),
        list(signed(31)),
        list(signed(366)),
        list(0_u32..7),
    );
    let times = (
        list(0_u32..24),
        list(0_u32..60),
        list(0_u32..60),
        list(signed(3)),
    );
    (unit, 1_i64..200, days, times, 0_u8..8).prop_map(|(unit, interval, days, times, rare)| {
        let (months, month_days, year_days, weekdays) = days;
        let (hours, minutes, seconds, positions) = times;
        // Few days are chosen by more than one part at once, so that something is left.
        let only = |which: u8| rare == which;
        let expands = !minutes.is_empty() || !seconds.is_empty();
        SecondRule {
            unit,
            interval: if unit == 1 { interval * 7 } else { interval },
            months: if only(0) { months } else { Vec::new() },
            month_days: if only(1) { month_days } else { Vec::new() },
            year_days: if only(2) { year_days } else { Vec::new() },
            weekdays: if only(3) || only(0) {
                weekdays
            } else {
                Vec::new()
            },
            hours,
            minutes,
            seconds,
            positions: if expands { positions } else { Vec::new() },
        }
    })
}

fn days_in_month(day: NaiveDateTime) -> i32 {
    (28..=31)
        .rev()
        .find(|last| day.with_day(*last).is_some())
        .map_or(28, |last| last as i32)
}

fn is_listed(list: &[i32], value: i32, length: i32) -> bool {
    list.is_empty() || list.iter().any(|n| *n == value || *n == value - length - 1)
}

impl Spelled for SecondRule {
    fn spelled(&self) -> String {
        let name = match self.unit {
            3_600 => "HOURLY",
            60 => "MINUTELY",
            _ => "SECONDLY",
        };
        let plain = |list: &[u32]| list.iter().map(u32::to_string).collect::<Vec<_>>();
        let signed = |list: &[i32]| list.iter().map(i32::to_string).collect::<Vec<_>>();
        let weekdays = self
            .weekdays
            .iter()
            .map(|day| DAYS[*day as usize].to_owned());
        format!(
            "FREQ={name};INTERVAL={}{}{}{}{}{}{}{}{}",
            self.interval,
            part("BYMONTH", plain(&self.months).into_iter()),
            part("BYMONTHDAY", signed(&self.month_days).into_iter()),
            part("BYYEARDAY", signed(&self.year_days).into_iter()),
            part("BYDAY", weekdays),
            part("BYHOUR", plain(&self.hours).into_iter()),
            part("BYMINUTE", plain(&self.minutes).into_iter()),
            part("BYSECOND", plain(&self.seconds).into_iter()),
            part("BYSETPOS", signed(&self.positions).into_iter()),
        )
    }
}

impl SecondRule {
    /// The start, and each second after it that is chosen, within a window.
    pub(crate) fn instances(
        &self,
        start: DateTime<Utc>,
        zone: &Zone,
        window: Interval,
    ) -> Vec<DateTime<Utc>> {
        // Periods are counted in exact time, from the whole hour or minute of the wall at the start.
        let local = zone.local_at(start);
        let into = i64::from(local.minute()) * 60 + i64::from(local.second());
        let base = start.timestamp() - into % self.unit;
        let mut found = Vec::new();
        let mut period =
            window.start().timestamp() - (window.start().timestamp() - base).rem_euclid(self.unit);
        while period < window.end().timestamp() {
            let number = (period - base) / self.unit;
            if period >= base && number % self.interval == 0 {
                let members = (period..period + self.unit)
                    .filter_map(|second| DateTime::from_timestamp(second, 0))
                    .filter(|at| {
                        self.chooses(
                            zone.local_at(*at),
                            local,
                            (at.timestamp() - base) % self.unit,
                            into,
                        )
                    })
                    .collect::<Vec<_>>();
                let length = members.len() as i32;
                let kept = members.into_iter().zip(1..);
                let kept = kept.filter(|(_, place)| is_listed(&self.positions, *place, length));
                found.extend(kept.map(|(at, _)| at));
            }
            period += self.unit;
        }
        found.retain(|at| *at > start);
        found.push(start);
        found.sort_unstable();
        found.retain(|at| window.contains(*at));
        found
    }

    /// `into` is how far a second lies in its period, `start_into` how far the start lies in its hour.
    fn chooses(
        &self,
        wall: NaiveDateTime,
        start: NaiveDateTime,
        into: i64,
        start_into: i64,
    ) -> bool {
        let accepts = |list: &[u32], value: u32| list.is_empty() || list.contains(&value);
        let minute = match (self.unit, self.minutes.is_empty()) {
            // An hour is expanded by BYMINUTE; without it the minute is that of the start.
            (3_600, true) => into / 60 == start_into / 60,
            _ => accepts(&self.minutes, wall.minute()),
        };
        let second = match (self.unit, self.seconds.is_empty()) {
            (3_600 | 60, true) => wall.second() == start.second(),
            _ => accepts(&self.seconds, wall.second()),
        };
        let year_length = 365 + i32::from(wall.date().leap_year());
        minute
            && second
            && accepts(&self.hours, wall.hour())
            && accepts(&self.months, wall.month())
            && accepts(&self.weekdays, wall.weekday().num_days_from_monday())
            && is_listed(&self.month_days, wall.day() as i32, days_in_month(wall))
            && is_listed(&self.year_days, wall.ordinal() as i32, year_length)
    }
}
