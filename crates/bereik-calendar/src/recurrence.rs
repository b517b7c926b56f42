//! A recurrence rule (RFC 5545 section 3.3.10) as a value, and the steps its expansion takes.

mod clock;
mod count;
mod days;
mod parse;
mod periods;
mod weeks;

use crate::civil::Weekday;
use crate::read::value::When;

pub(crate) use parse::RuleError;
pub(crate) use periods::{Scratch, Start};

/// How often a rule's periods follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Frequency {
    Secondly,
    Minutely,
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// A rule with every part of RFC 5545. Masks are zero where a part is absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) frequency: Frequency,
    pub(crate) interval: i64,
    pub(crate) count: Option<u64>,
    pub(crate) until: Option<When>,
    /// Bit n: second n.
    pub(crate) seconds: u64,
    /// Bit n: minute n.
    pub(crate) minutes: u64,
    /// Bit n: hour n.
    pub(crate) hours: u32,
    /// Bit n: every weekday n (0 is Monday), whatever its ordinal.
    pub(crate) weekdays: u8,
    /// Bit n: day n of the month, 1 to 31.
    pub(crate) month_days: u32,
    /// Bit n: the nth last day of the month, 1 to 31.
    pub(crate) month_days_from_end: u32,
    /// Bit n: month n, 1 to 12.
    pub(crate) months: u16,
    pub(crate) week_start: Weekday,
    /// The parts that are lists, where there are any.
    lists: Option<Box<Lists>>,
}

/// The parts of a rule that few rules have; empty where absent.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
struct Lists {
    /// The nth (or nth last) such weekday of a month or year.
    ordinal_weekdays: Vec<(i16, Weekday)>,
    positions: Vec<i16>,
    weeks: Vec<i16>,
    year_days: Vec<i16>,
}

impl Rule {
    pub(crate) fn ordinal_weekdays(&self) -> &[(i16, Weekday)] {
        self.lists.as_ref().map_or(&[], |l| &l.ordinal_weekdays)
    }

    pub(crate) fn positions(&self) -> &[i16] {
        self.lists.as_ref().map_or(&[], |lists| &lists.positions)
    }

    pub(crate) fn weeks(&self) -> &[i16] {
        self.lists.as_ref().map_or(&[], |lists| &lists.weeks)
    }

    pub(crate) fn year_days(&self) -> &[i16] {
        self.lists.as_ref().map_or(&[], |lists| &lists.year_days)
    }

    /// Whether any part chooses days by their place in a week, month or year, months apart.
    pub(crate) fn chooses_days(&self) -> bool {
        self.chooses_weekdays() || self.chooses_dates()
    }

    pub(crate) fn chooses_weekdays(&self) -> bool {
        self.weekdays != 0 || !self.ordinal_weekdays().is_empty()
    }

    /// Whether any part chooses days by their place in a month or year, or their week's.
    pub(crate) fn chooses_dates(&self) -> bool {
        self.month_days != 0
            || self.month_days_from_end != 0
            || !self.year_days().is_empty()
            || !self.weeks().is_empty()
    }

    /// Whether any BY part, BYSETPOS included, is present.
    pub(crate) fn has_parts(&self) -> bool {
        self.chooses_days()
            || self.months != 0
            || self.hours != 0
            || self.minutes != 0
            || self.seconds != 0
            || !self.positions().is_empty()
    }
}

/// The steps that an expansion may still take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    left: u64,
}

/// The budget is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exhausted;

impl Budget {
    pub(crate) fn new(steps: u64) -> Self {
        Self { left: steps }
    }

    pub(crate) fn left(&self) -> u64 {
        self.left
    }

    pub(crate) fn spend(&mut self, steps: u64) -> Result<(), Exhausted> {
        match self.left.checked_sub(steps) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                self.left = 0;
                Err(Exhausted)
            }
        }
    }
}

/// The elements of a bit mask, ascending.
pub(crate) fn bits(mask: u64) -> impl Iterator<Item = i64> + Clone {
    let mut left = mask;
    std::iter::from_fn(move || {
        let next = (left != 0).then(|| i64::from(left.trailing_zeros()));
        left &= left.wrapping_sub(1);
        next
    })
}

/// Leaves of sorted members those that BYSETPOS keeps; ascending, each once.
pub(crate) fn keep_positions(positions: &[i16], members: &mut Vec<i64>) {
    let length = members.len();
    let index_of = |position: i16| match usize::from(position.unsigned_abs()) {
        from_end if position < 0 => length.checked_sub(from_end),
        from_start => from_start.checked_sub(1).filter(|index| *index < length),
    };
    match positions {
        [] => {}
        [only] => match index_of(*only) {
            Some(index) => {
                members.swap(0, index);
                members.truncate(1);
            }
            None => members.clear(),
        },
        positions => {
            let mut kept: Vec<usize> = positions.iter().filter_map(|p| index_of(*p)).collect();
            kept.sort_unstable();
            kept.dedup();
            *members = kept.into_iter().map(|index| members[index]).collect();
        }
    }
}
