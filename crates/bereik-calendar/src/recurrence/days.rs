//! Which days a rule chooses in a year, a month or a week.

use super::{Rule, bits};
use crate::civil::{Weekday, date_of, day_number, first_week, month_length, weekday, year_length};

/// What the start of a series lends to a rule that leaves it open (RFC 5545 section 3.3.10).
#[derive(Clone, Copy, Debug)]
pub(crate) struct StartDay {
    pub(crate) month: u32,
    pub(crate) day: u32,
    pub(crate) weekday: Weekday,
}

/// Bits 0, 7, 14, 21 and 28.
const EACH_WEEK: u32 = 0x1020_4081;

impl Rule {
    /// Whether every part about days accepts this day; for rules whose weekdays have no ordinals.
    pub(super) fn accepts_day(&self, day: i32) -> bool {
        let weekday = weekday(day);
        if self.weekdays != 0 && self.weekdays >> weekday & 1 == 0 {
            return false;
        }
        if self.months == 0
            && self.month_days == 0
            && self.month_days_from_end == 0
            && self.year_days().is_empty()
            && self.weeks().is_empty()
        {
            return true;
        }
        let (year, month, month_day) = date_of(day);
        (self.months == 0 || self.months >> month & 1 == 1)
            && self.accepts_month_day(month_day, month_length(year, month))
            && self.accepts_year_day(year, day)
            && (self.weeks().is_empty() || self.accepts_week(year, day))
    }

    fn accepts_month_day(&self, day: u32, length: u32) -> bool {
        (self.month_days == 0 && self.month_days_from_end == 0)
            || self.month_days >> day & 1 == 1
            || self.month_days_from_end >> (length + 1 - day) & 1 == 1
    }

    fn accepts_year_day(&self, year: i32, day: i32) -> bool {
        if self.year_days().is_empty() {
            return true;
        }
        let from_start = day - day_number(year, 1, 1) + 1;
        let from_end = from_start - year_length(year) - 1;
        let listed = |value: i32| self.year_days().iter().any(|day| i32::from(*day) == value);
        listed(from_start) || listed(from_end)
    }

    /// Weeks of the year before and after count where they reach into this one.
    fn accepts_week(&self, year: i32, day: i32) -> bool {
        (year - 1..=year + 1).any(|year| {
            self.weeks()
                .iter()
                .filter_map(|week| self.week_of(year, *week))
                .any(|start| (start..start + 7).contains(&day))
        })
    }

    /// The first day of week `number` of a year, if the year has it.
    fn week_of(&self, year: i32, number: i16) -> Option<i32> {
        let first = first_week(year, self.week_start);
        let count = (first_week(year + 1, self.week_start) - first) / 7;
        let index = match number {
            number if number > 0 => i32::from(number) - 1,
            number => count + i32::from(number),
        };
        (0..count).contains(&index).then_some(first + index * 7)
    }

    /// The days of a year, ascending, into `out`.
    pub(super) fn days_of_year(&self, year: i32, start: StartDay, out: &mut Vec<i32>) {
        if !self.weeks().is_empty() {
            return self.days_of_weeks(year, start, out);
        }
        let only_start_month = !self.chooses_days() && self.months == 0;
        let months = match (only_start_month, self.months) {
            (true, _) => 1 << start.month,
            (false, 0) => 0x1FFE,
            (false, months) => months,
        };
        let ordinals_of_year = self.months == 0 && !self.ordinal_weekdays().is_empty();
        let of_year = match ordinals_of_year {
            true => self.ordinal_days_of_year(year),
            false => Vec::new(),
        };
        for month in bits(months.into()) {
            let month = month as u32;
            let first = day_number(year, month, 1);
            for bit in bits(
                self.month_mask(year, month, start, !ordinals_of_year)
                    .into(),
            ) {
                let day = first + bit as i32;
                let weekday_fits = !ordinals_of_year
                    || self.weekdays >> weekday(day) & 1 == 1
                    || of_year.contains(&day);
                if weekday_fits && self.accepts_year_day(year, day) {
                    out.push(day);
                }
            }
        }
    }

    fn days_of_weeks(&self, year: i32, start: StartDay, out: &mut Vec<i32>) {
        let mut starts: Vec<i32> = self
            .weeks()
            .iter()
            .filter_map(|week| self.week_of(year, *week))
            .collect();
        starts.sort_unstable();
        starts.dedup();
        let by_start = self.weekdays == 0
            && self.month_days == 0
            && self.month_days_from_end == 0
            && self.year_days().is_empty();
        for day in starts.into_iter().flat_map(|start| start..start + 7) {
            let fits = !by_start || weekday(day) == start.weekday;
            if fits && self.accepts_day_of_week(day) {
                out.push(day);
            }
        }
    }

    /// As [`accepts_day`](Self::accepts_day), the week itself being settled.
    fn accepts_day_of_week(&self, day: i32) -> bool {
        let (year, month, month_day) = date_of(day);
        (self.weekdays == 0 || self.weekdays >> weekday(day) & 1 == 1)
            && (self.months == 0 || self.months >> month & 1 == 1)
            && self.accepts_month_day(month_day, month_length(year, month))
            && self.accepts_year_day(year, day)
    }

    /// The days of a month, ascending, into `out`.
    pub(super) fn days_of_month(&self, year: i32, month: u32, start: StartDay, out: &mut Vec<i32>) {
        if self.months != 0 && self.months >> month & 1 == 0 {
            return;
        }
        let first = day_number(year, month, 1);
        for bit in bits(self.month_mask(year, month, start, true).into()) {
            let day = first + bit as i32;
            let week_fits = self.weeks().is_empty() || self.accepts_week(year, day);
            if week_fits && self.accepts_year_day(year, day) {
                out.push(day);
            }
        }
    }

    /// The days of a week that begins on `first`, ascending, into `out`.
    pub(super) fn days_of_week(&self, first: i32, start: StartDay, out: &mut Vec<i32>) {
        let by_start = !self.chooses_days();
        for day in first..first + 7 {
            let fits = !by_start || weekday(day) == start.weekday;
            if fits && self.accepts_day(day) {
                out.push(day);
            }
        }
    }

    /// The days of a month that BYMONTHDAY and BYDAY choose; bit 0 is the first. `ordinals` says
    /// whether the ordinals of BYDAY count within this month.
    fn month_mask(&self, year: i32, month: u32, start: StartDay, ordinals: bool) -> u32 {
        let length = month_length(year, month);
        let all = u32::MAX >> (32 - length);
        if !self.chooses_days() {
            return all & 1 << (start.day - 1);
        }
        let mut mask = all;
        if self.month_days != 0 || self.month_days_from_end != 0 {
            let from_end = bits(self.month_days_from_end.into())
                .filter(|day| *day <= i64::from(length))
                .fold(0, |mask, day| mask | 1 << (i64::from(length) - day));
            mask &= self.month_days >> 1 | from_end;
        }
        if self.chooses_weekdays() && (ordinals || self.ordinal_weekdays().is_empty()) {
            mask &= self.weekday_mask(weekday(day_number(year, month, 1)), length);
        }
        mask
    }

    fn weekday_mask(&self, first: Weekday, length: u32) -> u32 {
        let offset = |weekday: Weekday| (u32::from(weekday) + 7 - u32::from(first)) % 7;
        let plain = bits(self.weekdays.into()).fold(0, |mask, weekday| {
            mask | EACH_WEEK << offset(weekday as Weekday)
        });
        self.ordinal_weekdays()
            .iter()
            .fold(plain, |mask, (ordinal, weekday)| {
                let first = offset(*weekday);
                let count = (length - first).div_ceil(7);
                let index = match *ordinal {
                    ordinal if ordinal > 0 => u32::from(ordinal.unsigned_abs()) - 1,
                    ordinal => match count.checked_sub(ordinal.unsigned_abs().into()) {
                        Some(index) => index,
                        None => return mask,
                    },
                };
                if index < count {
                    mask | 1 << (first + index * 7)
                } else {
                    mask
                }
            })
    }

    fn ordinal_days_of_year(&self, year: i32) -> Vec<i32> {
        let first = day_number(year, 1, 1);
        let length = year_length(year);
        let of_year = |(ordinal, day): &(i16, Weekday)| {
            let offset = (i32::from(*day) - i32::from(weekday(first))).rem_euclid(7);
            let count = (length - offset + 6) / 7;
            let index = match i32::from(*ordinal) {
                ordinal if ordinal > 0 => ordinal - 1,
                ordinal => count + ordinal,
            };
            (0..count)
                .contains(&index)
                .then_some(first + offset + index * 7)
        };
        self.ordinal_weekdays().iter().filter_map(of_year).collect()
    }
}
