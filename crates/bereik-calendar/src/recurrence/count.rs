//! How many instances each period of a rule has, where that is the same for all of them.

use super::days::StartDay;
use super::{Frequency, Rule, keep_positions};

/// Every month has this many days, and each weekday this many times.
const MONTH_DAYS_MIN: u32 = 28;
const MONTH_WEEKS_MIN: u32 = 4;

impl Rule {
    /// How many instances each full period has, with so many times in each day.
    pub(super) fn instances_per_period(&self, start: StartDay, times: usize) -> Option<u64> {
        let times = times as u64;
        if self.positions().is_empty() {
            return Some(self.days_per_period(start)? * times);
        }
        // Positions within the fewest instances that a period can have are in each of them, if they
        // all count from the same end.
        let days = self.days_per_period(start);
        let fewest = days.or_else(|| self.fewest_days_per_period())? * times;
        let from_start = self.positions().iter().all(|position| *position > 0);
        let from_end = self.positions().iter().all(|position| *position < 0);
        let reach = self
            .positions()
            .iter()
            .map(|position| position.unsigned_abs());
        let is_within = reach.max().is_some_and(|reach| u64::from(reach) <= fewest);
        if days.is_none() && !(is_within && (from_start || from_end)) {
            return None;
        }
        let mut members = vec![0; usize::try_from(fewest).ok()?];
        keep_positions(self.positions(), &mut members);
        Some(members.len() as u64)
    }

    /// How many days each full period chooses.
    fn days_per_period(&self, start: StartDay) -> Option<u64> {
        if !self.weeks().is_empty() || !self.year_days().is_empty() {
            return None;
        }
        let has_month_days = self.month_days != 0 || self.month_days_from_end != 0;
        match self.frequency {
            Frequency::Daily => {
                let is_each = self.months == 0 && !has_month_days && !self.chooses_weekdays();
                is_each.then_some(1)
            }
            Frequency::Weekly => {
                let is_each = self.months == 0 && !has_month_days;
                is_each.then(|| self.weekdays.count_ones().max(1).into())
            }
            Frequency::Monthly if self.months == 0 => self.days_per_month(start),
            Frequency::Yearly if self.months != 0 => {
                Some(u64::from(self.months.count_ones()) * self.days_per_month(start)?)
            }
            // Without BYMONTH, month days are those of every month, and ordinals count in the year.
            Frequency::Yearly if has_month_days && !self.chooses_weekdays() => {
                Some(12 * self.days_per_month(start)?)
            }
            Frequency::Yearly if !self.chooses_days() => {
                let is_each = (start.month, start.day) != (2, 29);
                is_each.then_some(1)
            }
            _ => None,
        }
    }

    /// How many days of each month are chosen.
    fn days_per_month(&self, start: StartDay) -> Option<u64> {
        let (first, last) = (self.month_days, self.month_days_from_end);
        let has_month_days = first != 0 || last != 0;
        match (self.chooses_weekdays(), has_month_days) {
            (false, false) => (start.day <= MONTH_DAYS_MIN).then_some(1),
            // From both ends they may be the same day of a short month.
            (false, true) if first == 0 || last == 0 => {
                let days = first | last;
                let is_in_each = days.ilog2() <= MONTH_DAYS_MIN;
                is_in_each.then(|| days.count_ones().into())
            }
            (true, false) if self.weekdays == 0 => {
                let ordinals = self.ordinal_weekdays();
                let from_start = ordinals.iter().all(|(ordinal, _)| *ordinal > 0);
                let from_end = ordinals.iter().all(|(ordinal, _)| *ordinal < 0);
                let reach = ordinals.iter().map(|(ordinal, _)| ordinal.unsigned_abs());
                let is_in_each = reach
                    .max()
                    .is_some_and(|most| u32::from(most) <= MONTH_WEEKS_MIN);
                (is_in_each && (from_start || from_end)).then_some(ordinals.len() as u64)
            }
            _ => None,
        }
    }

    /// How few days a month can choose, where only plain weekdays choose.
    fn fewest_days_per_period(&self) -> Option<u64> {
        let only_weekdays =
            !self.chooses_dates() && self.ordinal_weekdays().is_empty() && self.weekdays != 0;
        let months = match self.frequency {
            Frequency::Monthly if self.months == 0 => 1,
            Frequency::Yearly if self.months != 0 => self.months.count_ones(),
            Frequency::Yearly => 12,
            _ => return None,
        };
        let fewest = months * MONTH_WEEKS_MIN * self.weekdays.count_ones();
        only_weekdays.then_some(fewest.into())
    }
}
