//! Expands rules that repeat hourly or faster, in exact time: an hour is an hour, whatever the
//! clocks do.

use bereik_core::zone::WallClock;

use super::{Budget, Exhausted, Frequency, Rule, bits, keep_positions};
use crate::civil::{DAY, day_of};

/// One expansion under way. The frame is wall time with the offset of the start for ever.
struct Ticks<'a, 'z> {
    rule: &'a Rule,
    clock: &'a mut WallClock<'z>,
    offset: i64,
    /// Frame second of the start of period 0.
    base: i64,
    unit: i64,
    /// Frame seconds of the members within a period, ascending.
    inner: Vec<i64>,
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
        range: std::ops::Range<i64>,
        clock: &mut WallClock<'_>,
        budget: &mut Budget,
        mut sink: impl FnMut(i64, i64),
    ) -> Result<(), i64> {
        let mut ticks = Ticks::new(self, start, clock);
        let step = ticks.step();
        let before = ((range.start - start).div_euclid(step) - 1).max(0);
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
            ticks.fill(index);
            budget
                .spend(ticks.members.len() as u64)
                .map_err(|Exhausted| begins)?;
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
}

impl<'a, 'z> Ticks<'a, 'z> {
    fn new(rule: &'a Rule, start: i64, clock: &'a mut WallClock<'z>) -> Self {
        let offset = i64::from(clock.offset_at(start));
        let frame = start + offset;
        let unit = match rule.frequency {
            Frequency::Hourly => 3_600,
            Frequency::Minutely => 60,
            _ => 1,
        };
        let or_start = |mask: u64, value: i64| if mask == 0 { 1 << value } else { mask };
        let minutes = match rule.frequency {
            Frequency::Hourly => or_start(rule.minutes, frame.rem_euclid(3_600) / 60),
            _ => 1,
        };
        let seconds = match rule.frequency {
            Frequency::Secondly => 1,
            _ => or_start(rule.seconds, frame.rem_euclid(60)),
        };
        let inner = bits(minutes)
            .flat_map(|minute| bits(seconds).map(move |second| minute * 60 + second))
            .collect();
        Self {
            rule,
            clock,
            offset,
            base: frame.div_euclid(unit) * unit,
            unit,
            inner,
            accepted_day: None,
            members: Vec::new(),
        }
    }

    fn wall_at(&mut self, instant: i64) -> i64 {
        instant + i64::from(self.clock.offset_at(instant))
    }

    /// Seconds from one period to the next.
    fn step(&self) -> i64 {
        self.unit.saturating_mul(self.rule.interval)
    }

    /// The Unix second at which period `index` begins.
    fn begins(&self, index: i64) -> i64 {
        let step = self.step();
        let begins = self.base.saturating_add(index.saturating_mul(step));
        begins.saturating_sub(self.offset)
    }

    /// The next period worth looking at, where the rule's limits exclude this one.
    fn skip(&mut self, index: i64) -> Option<i64> {
        let rule = self.rule;
        let begins = self.begins(index);
        let wall = self.wall_at(begins);
        let day = day_of(wall);
        if self.accepted_day != Some(day) {
            if !rule.accepts_day(day) {
                return Some(self.index_at(index, (i64::from(day) + 1) * DAY));
            }
            self.accepted_day = Some(day);
        }
        let hour = wall.rem_euclid(DAY) / 3_600;
        if rule.hours != 0 && rule.hours >> hour & 1 == 0 {
            return Some(self.index_at(index, (wall.div_euclid(3_600) + 1) * 3_600));
        }
        let minute = wall.rem_euclid(3_600) / 60;
        if self.unit < 3_600 && rule.minutes != 0 && rule.minutes >> minute & 1 == 0 {
            return Some(self.index_at(index, (wall.div_euclid(60) + 1) * 60));
        }
        let second = wall.rem_euclid(60);
        let excluded = self.unit == 1 && rule.seconds != 0 && rule.seconds >> second & 1 == 0;
        excluded.then_some(index + 1)
    }

    /// The first period after `index` that begins at or after a wall time.
    fn index_at(&mut self, index: i64, wall: i64) -> i64 {
        let step = self.step();
        let frame = self.clock.instant_of(wall) + self.offset;
        let next = (frame - self.base + step - 1).div_euclid(step);
        next.max(index + 1)
    }

    /// Puts the instances of period `index` into `members`, ascending.
    fn fill(&mut self, index: i64) {
        let begins = self.begins(index);
        self.members.clear();
        self.members
            .extend(self.inner.iter().map(|inner| begins + inner));
        keep_positions(self.rule.positions(), &mut self.members);
    }
}
