//! Rules that choose the same days of each week, or each nth day, by arithmetic alone.

use std::ops::Range;

use super::periods::{Lost, Start};
use super::{Budget, Exhausted, Frequency, Rule};
use crate::civil::{DAY, day_of, week_start, weekday};

/// A period of days that repeats, and the days in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weeks {
    start: i64,
    /// The wall second at which period 0 begins, at the start's time of day.
    base: i64,
    /// Seconds from one period to the next.
    step: i64,
    /// Bit n: day n of the period.
    days: u8,
    /// How many instances may follow the start.
    count: u64,
}

impl Rule {
    /// The rule as weeks that are all alike, if it is no more than that.
    pub(super) fn weeks_alike(&self, start: Start) -> Option<Weeks> {
        let has_other_parts = self.chooses_dates()
            || !self.ordinal_weekdays().is_empty()
            || self.months != 0
            || self.hours != 0
            || self.minutes != 0
            || self.seconds != 0
            || !self.positions().is_empty();
        if has_other_parts {
            return None;
        }
        let first = day_of(start.wall);
        let (begins, length, days) = match self.frequency {
            Frequency::Daily if self.weekdays == 0 => (first, 1, 1),
            // Each day that is one of these is each week those.
            Frequency::Daily if self.interval == 1 => (week_start(first, 0), 7, self.weekdays),
            Frequency::Weekly => {
                let days = match self.weekdays {
                    0 => 1 << weekday(first),
                    days => days,
                };
                // Bit n is weekday n; from here on it is the nth day from the start of the week.
                let turned = u16::from(days) << 7 | u16::from(days);
                let days = (turned >> self.week_start) as u8 & 0x7F;
                (week_start(first, self.week_start), 7, days)
            }
            _ => return None,
        };
        Some(Weeks {
            start: start.wall,
            base: i64::from(begins) * DAY + start.wall.rem_euclid(DAY),
            step: self.interval.saturating_mul(length * DAY),
            days,
            count: self.count.map_or(u64::MAX, |count| count - 1),
        })
    }
}

impl Rule {
    /// No instance starts later than this wall second, where COUNT alone settles that: each period has
    /// an instance.
    pub(crate) fn last_by_count(&self, start: i64) -> Option<i64> {
        let weeks = self.weeks_alike(Start::new(start, false))?;
        let periods = i64::try_from(self.count?).ok()?;
        let last = weeks.step.checked_mul(periods)?;
        start.checked_add(last)?.checked_add(weeks.step)
    }
}

impl Weeks {
    /// See [`Rule::expand_walls`].
    pub(super) fn expand(
        &self,
        range: Range<i64>,
        budget: &mut Budget,
        mut sink: impl FnMut(i64),
    ) -> Result<(), Lost> {
        let from = range.start.max(self.start);
        let index = (from - self.base).div_euclid(self.step).max(0);
        let mut left = self.count.saturating_sub(self.count_before(index));
        let mut begins = self.base.saturating_add(index.saturating_mul(self.step));
        while left > 0 && begins < range.end {
            budget
                .spend(1 + u64::from(self.days.count_ones()))
                .map_err(|Exhausted| begins)?;
            let mut days = self.days;
            while days != 0 {
                let wall = begins + i64::from(days.trailing_zeros()) * DAY;
                days &= days - 1;
                if wall <= self.start {
                    continue;
                }
                if left == 0 || wall >= range.end {
                    return Ok(());
                }
                left -= 1;
                if wall >= range.start {
                    sink(wall);
                }
            }
            begins = begins.saturating_add(self.step);
        }
        Ok(())
    }

    /// How many instances after the start lie in periods before `index`.
    fn count_before(&self, index: i64) -> u64 {
        if index == 0 {
            return 0;
        }
        let until_start = (self.start - self.base) / DAY + 1;
        let after_start = (u64::from(self.days) >> until_start).count_ones();
        let per_period = u64::from(self.days.count_ones());
        let later = per_period.saturating_mul((index - 1).unsigned_abs());
        later.saturating_add(after_start.into())
    }
}
