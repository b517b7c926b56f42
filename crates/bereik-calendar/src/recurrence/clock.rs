//! Expands rules that repeat hourly or faster, in exact time: an hour is an hour, whatever the
//! clocks do.

use std::ops::Range;

use bereik_core::zone::WallClock;

use super::{Budget, Exhausted, Frequency, Rule, bits, keep_positions};
use crate::civil::{DAY, day_of};

const HOUR: i64 = 3_600;
const MINUTE: i64 = 60;

/// One expansion under way. Periods follow each other in exact time; which of their instants are chosen, the wall
/// says.
struct Ticks<'a, 'z> {
    rule: &'a Rule,
    clock: &'a mut WallClock<'z>,
    /// The offset of the start, in which the periods are counted.
    offset: i64,
    /// The Unix second at which period 0 begins.
    base: i64,
    /// Seconds of a period, and from one period to the next.
    unit: i64,
    step: i64,
    /// The minutes of an hour that are chosen, by what the wall shows or, where the rule does not say,
    /// as the start's offset would show it.
    minutes: u64,
    seconds: u64,
    accepted_day: Option<i32>,
    members: Vec<i64>,
}

impl Rule {
    /// Calls `sink` with each instance after `start` in `range`, all in Unix seconds, ascending, and with what the
    /// wall shows then. COUNT takes the start for the first instance; UNTIL is the caller's business.
    ///
    /// # Errors
    /// The Unix second from which on nothing is known, when the budget is used up.
    pub(crate) fn expand_instants(
        &self,
        start: i64,
        range: Range<i64>,
        clock: &mut WallClock<'_>,
        budget: &mut Budget,
        mut sink: impl FnMut(i64, i64),
    ) -> Result<(), i64> {
        let mut ticks = Ticks::new(self, start, clock);
        let before = ((range.start - start).div_euclid(ticks.step) - 1).max(0);
        let (mut index, mut left) = match self.count {
            None => (before, u64::MAX),
            Some(count) if !self.has_parts() => (
                before,
                (count - 1).saturating_sub((before - 1).max(0).unsigned_abs()),
            ),
            Some(count) => (0, count - 1),
        };
        while left > 0 {
            let begins = ticks.begins(index);
            if begins >= range.end {
                break;
            }
            budget.spend(1).map_err(|Exhausted| begins)?;
            if let Some(next) = ticks.skip(index) {
                index = next;
                continue;
            }
            budget
                .spend(ticks.candidates())
                .map_err(|Exhausted| begins)?;
            ticks.fill(index);
            for at in 0..ticks.members.len() {
                let instant = ticks.members[at];
                if instant <= start {
                    continue;
                }
                if left == 0 || instant >= range.end {
                    return Ok(());
                }
                left -= 1;
                if instant >= range.start {
                    sink(instant, ticks.wall_at(instant));
                }
            }
            index += 1;
        }
        Ok(())
    }

    /// Whether the rule, begun at this Unix second, generates it.
    ///
    /// # Errors
    /// When the budget is used up.
    pub(crate) fn generates_instant(
        &self,
        start: i64,
        clock: &mut WallClock<'_>,
        budget: &mut Budget,
    ) -> Result<bool, Exhausted> {
        let mut ticks = Ticks::new(self, start, clock);
        budget.spend(ticks.candidates())?;
        ticks.fill(0);
        Ok(ticks.members.contains(&start))
    }
}

impl<'a, 'z> Ticks<'a, 'z> {
    fn new(rule: &'a Rule, start: i64, clock: &'a mut WallClock<'z>) -> Self {
        let offset = i64::from(clock.offset_at(start));
        let frame = start + offset;
        let unit = match rule.frequency {
            Frequency::Hourly => HOUR,
            Frequency::Minutely => MINUTE,
            _ => 1,
        };
        let or_start = |mask: u64, value: i64| if mask == 0 { 1 << value } else { mask };
        Self {
            rule,
            clock,
            offset,
            base: frame.div_euclid(unit) * unit - offset,
            unit,
            step: unit.saturating_mul(rule.interval),
            minutes: or_start(rule.minutes, frame.rem_euclid(HOUR) / MINUTE),
            seconds: or_start(rule.seconds, frame.rem_euclid(MINUTE)),
            accepted_day: None,
            members: Vec::new(),
        }
    }

    fn wall_at(&mut self, instant: i64) -> i64 {
        instant + i64::from(self.clock.offset_at(instant))
    }

    /// The Unix second at which period `index` begins.
    fn begins(&self, index: i64) -> i64 {
        self.base.saturating_add(index.saturating_mul(self.step))
    }

    /// The next period worth looking at, where the rule's limits exclude all of this one.
    fn skip(&mut self, index: i64) -> Option<i64> {
        let begins = self.begins(index);
        let (offset, until) = self.clock.offset_until(begins);
        let wall = begins + i64::from(offset);
        // Where the clock is set within it, or it lies across an hour of the wall, some of it may be chosen.
        if until.saturating_sub(begins) < self.unit || wall.rem_euclid(self.unit) != 0 {
            return None;
        }
        let excluded_to = self.excluded_to(wall)?;
        // What the wall shows beyond the next change of the clock is another matter.
        let next = (begins + (excluded_to - wall)).min(until);
        let periods = (next - self.base).saturating_add(self.step - 1);
        Some(periods.div_euclid(self.step).max(index + 1))
    }

    /// The wall time until which nothing is chosen, if this one is not.
    fn excluded_to(&mut self, wall: i64) -> Option<i64> {
        let rule = self.rule;
        let day = day_of(wall);
        if self.accepted_day != Some(day) {
            if !rule.accepts_day(day) {
                return Some((i64::from(day) + 1) * DAY);
            }
            self.accepted_day = Some(day);
        }
        let excludes = |mask: u64, value: i64| mask != 0 && mask >> value & 1 == 0;
        if excludes(rule.hours.into(), wall.rem_euclid(DAY) / HOUR) {
            return Some((wall.div_euclid(HOUR) + 1) * HOUR);
        }
        if self.unit < HOUR && excludes(rule.minutes, wall.rem_euclid(HOUR) / MINUTE) {
            return Some((wall.div_euclid(MINUTE) + 1) * MINUTE);
        }
        let is_excluded = self.unit == 1 && excludes(rule.seconds, wall.rem_euclid(MINUTE));
        is_excluded.then_some(wall + 1)
    }

    /// How many instants of a period are looked at.
    fn candidates(&self) -> u64 {
        let (minutes, seconds) = (self.minutes.count_ones(), self.seconds.count_ones());
        match self.unit {
            HOUR => u64::from(minutes * seconds),
            MINUTE => seconds.into(),
            _ => 1,
        }
    }

    /// Puts the instances of period `index` into `members`, ascending.
    fn fill(&mut self, index: i64) {
        let begins = self.begins(index);
        let ends = begins.saturating_add(self.unit);
        self.members.clear();
        let mut from = begins;
        while from < ends {
            let (offset, until) = self.clock.offset_until(from);
            self.fill_part(begins, from..until.min(ends), offset.into());
            from = until;
        }
        self.members.sort_unstable();
        keep_positions(self.rule.positions(), &mut self.members);
    }

    /// Appends what is chosen in a part of a period that has one offset.
    fn fill_part(&mut self, begins: i64, part: Range<i64>, offset: i64) {
        let set_forward = match self.rule.minutes {
            0 => 0,
            // The wall is so many minutes ahead of what the start's offset would show.
            _ => (offset - self.offset).div_euclid(MINUTE),
        };
        let (minutes, seconds) = match self.unit {
            HOUR => (self.minutes, self.seconds),
            MINUTE => (1, self.seconds),
            _ => (1, 1),
        };
        for minute in bits(minutes) {
            let minute = match self.unit {
                HOUR => (minute - set_forward).rem_euclid(HOUR / MINUTE),
                _ => 0,
            };
            for second in bits(seconds) {
                let instant = begins + minute * MINUTE + second;
                if part.contains(&instant) && self.excluded_to(instant + offset).is_none() {
                    self.members.push(instant);
                }
            }
        }
    }
}
