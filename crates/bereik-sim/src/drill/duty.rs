//! Who is on call by a roster over fewer than two lines.

use std::collections::BTreeMap;

use bereik_core::Interval;
use bereik_core::directory::Directory;
use bereik_core::id::PersonId;

use super::company::{Moment, lines_of};

/// Fewer lines than these leave nothing when one fails.
const LINES_MIN: usize = 2;

/// Somebody is on call, and fewer than two lines of his own are in service.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "who, over how many and when")]
pub struct FewLines {
    /// Who.
    pub person: PersonId,
    /// How many lines are in service at least: 0 or 1.
    pub lines_min: usize,
    /// When: ascending, maximal.
    pub stretches: Vec<Interval>,
}

/// Gathers who is on call over few lines, moment by moment.
pub(super) struct Duties<'a> {
    directory: &'a Directory,
    found: BTreeMap<&'a PersonId, (usize, Vec<Interval>)>,
}

impl<'a> Duties<'a> {
    pub(super) const fn new(directory: &'a Directory) -> Self {
        Self {
            directory,
            found: BTreeMap::new(),
        }
    }

    pub(super) fn look(&mut self, interval: Interval, moment: &Moment) {
        let people = self.directory.people().iter().zip(&moment.people);
        for (person, _) in people.filter(|(_, standing)| standing.is_on_call) {
            let lines = lines_of(self.directory).zip(&moment.in_service);
            let in_service = lines.filter(|((_, owner), is_open)| {
                **is_open && owner.is_some_and(|owner| owner.id == person.id)
            });
            let lines = in_service.count();
            if LINES_MIN <= lines {
                continue;
            }
            let (lines_min, stretches) = self.found.entry(&person.id).or_insert((lines, vec![]));
            *lines_min = lines.min(*lines_min);
            match stretches.last_mut() {
                Some(last) if last.end() == interval.start() => *last = last.hull(&interval),
                _ => stretches.push(interval),
            }
        }
    }

    pub(super) fn into_found(self) -> Vec<FewLines> {
        let found = self.found.into_iter();
        let found = found.map(|(person, (lines_min, stretches))| FewLines {
            person: person.clone(),
            lines_min,
            stretches,
        });
        found.collect()
    }
}
