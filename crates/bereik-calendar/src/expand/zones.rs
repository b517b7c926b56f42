//! A zone that a file defines, against the database's zone of its name.

use bereik_core::interval::Interval;
use bereik_core::zone::Zone;

use super::Expander;
use crate::calendar::interval;
use crate::problem::ProblemReason;

/// Transitions of a zone that are compared.
const COMPARED_MAX: usize = 64;

impl Expander<'_> {
    /// The two must agree within the window.
    pub(super) fn compare_zones(&mut self) {
        let Some(window) = interval(self.window.0, self.window.1) else {
            return;
        };
        for slot in &self.calendar.parts.zones {
            let (Some(zone), Some(database)) = (&slot.zone, &slot.database) else {
                continue;
            };
            if !agree(zone, database, window) {
                self.problems
                    .push(slot.line, ProblemReason::ZoneContradicts);
            }
        }
    }
}

fn agree(a: &Zone, b: &Zone, window: Interval) -> bool {
    let mut at = window.start();
    for _ in 0..COMPARED_MAX {
        if a.offset_at(at) != b.offset_at(at) {
            return false;
        }
        let turns = [a, b].map(|zone| zone.next_transition_after(at));
        let within = turns.map(|turn| turn.filter(|turn| *turn < window.end()));
        match within {
            [None, None] => return true,
            [Some(a), Some(b)] if a == b => at = a,
            _ => return false,
        }
    }
    true
}
