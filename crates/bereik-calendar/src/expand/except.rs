//! What EXDATE, EXRULE and changed instances take out of a series.

use super::Expander;
use super::placing::{Placed, Placing};
use super::rule::{Begin, Expansion, SLACK};
use crate::civil::day_of;
use crate::component::{Event, Recurrence, Stamp};
use crate::problem::ProblemReason;
use crate::recurrence::Budget;

/// Instants and days that do not count.
#[derive(Debug, Default)]
pub(super) struct Excluded {
    instants: Vec<i64>,
    days: Vec<i32>,
}

impl Excluded {
    pub(super) fn contains(&self, begin: Begin) -> bool {
        self.instants.binary_search(&begin.instant).is_ok()
            || (!self.days.is_empty() && self.days.binary_search(&day_of(begin.wall)).is_ok())
    }

    pub(super) fn clear(&mut self) {
        self.instants.clear();
        self.days.clear();
    }

    pub(super) fn sort(&mut self) {
        self.instants.sort_unstable();
        self.days.sort_unstable();
    }
}

impl<'a> Expander<'a> {
    /// Puts what EXDATE, EXRULE and changed instances take out into `excluded`.
    pub(super) fn exclude_all(
        &mut self,
        event: &Event,
        recurrence: &Recurrence,
        overrides: &[(u32, &'a Event)],
        start: &Placed,
        range: (i64, i64),
        budget: &mut Budget,
    ) {
        let tables = &self.calendar.parts.tables;
        let excluded = &mut self.excluded;
        excluded.clear();
        let except = recurrence.except.of(&tables.except).iter().copied();
        let replaced = overrides.iter().filter_map(|(_, event)| event.replaces);
        let Some(first) = event.start else { return };
        let stamps = except.chain(replaced);
        for stamp in stamps.filter(|stamp| near(*stamp, range)) {
            exclude(&mut self.placing, stamp, first, start, excluded);
        }
        for rule in recurrence.except_rules.of(&tables.except_rules) {
            let mut expansion = Expansion {
                placing: &mut self.placing,
                scratch: &mut self.scratch,
                budget,
            };
            let mut add = |begin: Begin| excluded.instants.push(begin.instant);
            let generates_start = expansion.generates_start(rule, start);
            let is_expanded = expansion.expand(rule, start, range, &mut add).is_ok();
            match generates_start {
                Ok(true) => excluded.instants.push(start.instant),
                Ok(false) if is_expanded => {}
                _ => self.problems.push(event.line, ProblemReason::ExceptionRule),
            }
        }
        excluded.sort();
    }
}

/// A date beside a timed start excludes the day, as Outlook writes it; a time beside an all-day
/// start excludes its day. One in a zone that nobody knows excludes nothing for sure, unless the
/// series itself is in it.
pub(super) fn exclude(
    placing: &mut Placing<'_>,
    stamp: Stamp,
    first: Stamp,
    start: &Placed,
    excluded: &mut Excluded,
) {
    if stamp.is_date() || start.is_date {
        return excluded.days.push(day_of(stamp.written));
    }
    let placed = placing.place_beside(stamp, start.clock);
    if !placed.is_unsure || stamp.form == first.form {
        excluded.instants.push(placed.instant);
    }
}

/// Whether a stamp, as written, can lie in a range of Unix seconds.
pub(super) fn near(stamp: Stamp, range: (i64, i64)) -> bool {
    range.0.saturating_sub(SLACK) <= stamp.written && stamp.written < range.1.saturating_add(SLACK)
}
