//! Who serves at one instant, as rules and overrides are gone through in order.

use bereik_core::id::PersonId;

use super::{Change, Layering};

/// The people who serve, as far as it has been gone through.
#[derive(Debug)]
pub(super) struct Serving<'a> {
    layering: Layering,
    people: Vec<&'a PersonId>,
}

impl<'a> Serving<'a> {
    /// Nobody.
    pub(super) fn new(layering: Layering) -> Self {
        Self {
            layering,
            people: Vec::new(),
        }
    }

    /// Shifts that hold as they are.
    pub(super) fn fix(&mut self, people: impl Iterator<Item = &'a PersonId>) {
        self.people = people.collect();
    }

    /// One rule, by the people whom it names.
    pub(super) fn follow(&mut self, people: impl Iterator<Item = &'a PersonId>) {
        match self.layering {
            Layering::LastWins => {
                if let Some(last) = people.last() {
                    self.people = vec![last];
                }
            }
            Layering::Union => self.people.extend(people),
        }
    }

    /// One override.
    pub(super) fn change(&mut self, change: &'a Change) {
        match change {
            Change::Add(person) => {
                if self.layering == Layering::LastWins {
                    self.people.clear();
                }
                self.people.push(person);
            }
            Change::Remove(person) => self.people.retain(|other| *other != person),
            Change::Replace { person, with } => {
                for other in &mut self.people {
                    if *other == person {
                        *other = with;
                    }
                }
            }
        }
    }

    /// By id, each once.
    pub(super) fn into_people(mut self) -> Vec<&'a PersonId> {
        self.people.sort_unstable();
        self.people.dedup();
        self.people
    }
}
