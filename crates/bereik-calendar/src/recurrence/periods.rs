//! Expands rules that repeat daily or slower, in wall time, from any point without walking there.

use std::ops::ControlFlow;

use super::days::StartDay;
use super::{Budget, Exhausted, Frequency, Rule, bits, keep_positions};
use crate::civil::{DAY, date_of, day_number, day_of, week_start, week_year, weekday};

/// The first instance of a series, in wall seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    pub(super) wall: i64,
    is_date: bool,
    lends: StartDay,
}

impl Start {
    pub(crate) fn new(wall: i64, is_date: bool) -> Self {
        let (_, month, day) = date_of(day_of(wall));
        Self {
            wall,
            is_date,
            lends: StartDay {
                month,
                day,
                weekday: weekday(day_of(wall)),
            },
        }
    }
}

/// How an expansion ended early: out of steps at this wall second.
pub(crate) type Lost = i64;

/// Years beyond this one are never expanded.
const YEAR_MAX: i32 = 9_999;

/// Room in which expansions work, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// Seconds of the day, ascending.
    times: Vec<i64>,
    days: Vec<i32>,
    members: Vec<i64>,
}

/// One expansion under way.
struct Periods<'a> {
    rule: &'a Rule,
    start: Start,
    base: i64,
    scratch: &'a mut Scratch,
}

impl Rule {
    /// Calls `sink` with each instance after the start in `range`, in wall seconds, ascending. COUNT takes the
    /// start for the first instance (RFC 5545 section 3.3.10); UNTIL is the caller's business.
    ///
    /// # Errors
    /// The wall second from which on nothing is known, when the budget is used up.
    pub(crate) fn expand_walls(
        &self,
        start: Start,
        range: std::ops::Range<i64>,
        budget: &mut Budget,
        scratch: &mut Scratch,
        mut sink: impl FnMut(i64),
    ) -> Result<(), Lost> {
        if let Some(weeks) = self.weeks_alike(start) {
            return weeks.expand(range, budget, sink);
        }
        let mut periods = Periods::new(self, start, scratch);
        let first = periods.index_before(range.start.max(start.wall));
        let mut left = match self.count {
            None => u64::MAX,
            Some(count) => {
                let before = periods
                    .count_before(first, range.end, budget)
                    .map_err(|index| periods.first_wall(index))?;
                (count - 1).saturating_sub(before)
            }
        };
        let mut index = first;
        while left > 0 {
            let begins = periods.first_wall(index);
            if begins >= range.end {
                break;
            }
            periods.fill(index, budget).map_err(|Exhausted| begins)?;
            let flow = periods.scratch.members.iter().try_for_each(|wall| {
                if *wall <= start.wall {
                    return ControlFlow::Continue(());
                }
                if left == 0 || *wall >= range.end {
                    return ControlFlow::Break(());
                }
                left -= 1;
                if *wall >= range.start {
                    sink(*wall);
                }
                ControlFlow::Continue(())
            });
            if flow.is_break() {
                break;
            }
            index += 1;
        }
        Ok(())
    }
}

impl Rule {
    /// Whether the rule, begun at this wall time, generates it.
    ///
    /// # Errors
    /// When the budget is used up.
    pub(crate) fn generates_wall(
        &self,
        start: Start,
        budget: &mut Budget,
        scratch: &mut Scratch,
    ) -> Result<bool, Exhausted> {
        let mut periods = Periods::new(self, start, scratch);
        periods.fill(0, budget)?;
        Ok(periods.scratch.members.contains(&start.wall))
    }
}

impl<'a> Periods<'a> {
    fn new(rule: &'a Rule, start: Start, scratch: &'a mut Scratch) -> Self {
        scratch.times.clear();
        match start.is_date {
            true => scratch.times.push(0),
            false => times_of_day(rule, start.wall.rem_euclid(DAY), &mut scratch.times),
        }
        let mut periods = Self {
            rule,
            start,
            base: 0,
            scratch,
        };
        periods.base = periods.unit_of(day_of(start.wall));
        periods
    }

    /// The number of the day, week, month or year that a day falls in.
    fn unit_of(&self, day: i32) -> i64 {
        match self.rule.frequency {
            Frequency::Weekly => i64::from(week_start(day, self.rule.week_start)).div_euclid(7),
            Frequency::Monthly => {
                let (year, month, _) = date_of(day);
                i64::from(year) * 12 + i64::from(month) - 1
            }
            Frequency::Yearly if !self.rule.weeks().is_empty() => {
                week_year(day, self.rule.week_start).into()
            }
            Frequency::Yearly => date_of(day).0.into(),
            _ => day.into(),
        }
    }

    /// A period whose members, and those of all before it, lie before `wall`, or the first.
    fn index_before(&self, wall: i64) -> i64 {
        let units = self.unit_of(day_of(wall)) - self.base;
        (units.div_euclid(self.rule.interval) - 1).max(0)
    }

    /// The first wall second that period `index` can hold.
    fn first_wall(&self, index: i64) -> i64 {
        let unit = self
            .base
            .saturating_add(index.saturating_mul(self.rule.interval));
        let year_of = |unit: i64| i32::try_from(unit).unwrap_or(i32::MAX).min(YEAR_MAX + 1);
        let day = match self.rule.frequency {
            Frequency::Weekly => {
                let into = i64::from(self.rule.week_start);
                // Day -3 was a Monday, so that weeks by number begin on it or on WKST after it.
                unit.saturating_mul(7)
                    .saturating_add((into + 4).rem_euclid(7))
            }
            Frequency::Monthly => {
                let year = year_of(unit.div_euclid(12));
                day_number(year, unit.rem_euclid(12) as u32 + 1, 1).into()
            }
            Frequency::Yearly if !self.rule.weeks().is_empty() => {
                (day_number(year_of(unit), 1, 1) - 4).into()
            }
            Frequency::Yearly => day_number(year_of(unit), 1, 1).into(),
            _ => unit,
        };
        day.saturating_mul(DAY)
    }

    /// How many instances after the start lie in periods before `index`.
    ///
    /// # Errors
    /// The period at which the budget was used up.
    fn count_before(&mut self, index: i64, to: i64, budget: &mut Budget) -> Result<u64, i64> {
        if index == 0 {
            return Ok(0);
        }
        let start = self.start.wall;
        let after_start =
            |members: &[i64]| members.iter().filter(|wall| **wall > start).count() as u64;
        self.fill(0, budget).map_err(|Exhausted| 0)?;
        let mut sum = after_start(&self.scratch.members);
        let times = self.scratch.times.len();
        if let Some(each) = self.rule.instances_per_period(self.start.lends, times) {
            return Ok(sum.saturating_add(each.saturating_mul((index - 1).unsigned_abs())));
        }
        let most = self.rule.count.unwrap_or(u64::MAX);
        for earlier in 1..index {
            if sum >= most || self.first_wall(earlier) >= to {
                break;
            }
            self.fill(earlier, budget).map_err(|Exhausted| earlier)?;
            sum += self.scratch.members.len() as u64;
        }
        Ok(sum)
    }

    /// Puts the instances of period `index` into `members`, ascending.
    fn fill(&mut self, index: i64, budget: &mut Budget) -> Result<(), Exhausted> {
        let first_wall = self.first_wall(index);
        let Scratch {
            times,
            days,
            members,
        } = &mut *self.scratch;
        days.clear();
        members.clear();
        let unit = self.base + index * self.rule.interval;
        let lends = self.start.lends;
        match self.rule.frequency {
            Frequency::Weekly => {
                let first = (first_wall / DAY) as i32;
                self.rule.days_of_week(first, lends, days);
            }
            Frequency::Monthly => {
                let (year, month) = (unit.div_euclid(12) as i32, unit.rem_euclid(12) as u32 + 1);
                self.rule.days_of_month(year, month, lends, days);
            }
            Frequency::Yearly => self.rule.days_of_year(unit as i32, lends, days),
            _ if self.rule.accepts_day(unit as i32) => days.push(unit as i32),
            _ => {}
        }
        budget.spend(1 + (days.len() * times.len()) as u64)?;
        for day in days {
            let midnight = i64::from(*day) * DAY;
            members.extend(times.iter().map(|time| midnight + time));
        }
        keep_positions(self.rule.positions(), members);
        Ok(())
    }
}

/// Appends the times of day of a rule, in seconds; parts that are absent come from the start.
fn times_of_day(rule: &Rule, start: i64, times: &mut Vec<i64>) {
    let or_start = |mask: u64, value: i64| if mask == 0 { 1 << value } else { mask };
    let hours = or_start(rule.hours.into(), start / 3_600);
    let minutes = or_start(rule.minutes, start / 60 % 60);
    let seconds = or_start(rule.seconds, start % 60);
    times.extend(
        bits(hours)
            .flat_map(|hour| bits(minutes).map(move |minute| hour * 3_600 + minute * 60))
            .flat_map(|minute| bits(seconds).map(move |second| minute + second)),
    );
}
