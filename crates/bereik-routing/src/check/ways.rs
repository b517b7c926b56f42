//! The lines that each level, group and person leads to.

use std::collections::BTreeMap;

use bereik_core::agreement::{Ask, EscalationPolicy, Level};
use bereik_core::group::Group;
use bereik_core::id::LineId;
use bereik_core::line::Line;
use bereik_core::person::Person;

use super::Check;

/// Lines, each once.
pub(super) type Lines<'a> = BTreeMap<&'a LineId, &'a Line>;

impl<'a> Check<'a> {
    pub(super) fn lines_of_calamity(&self) -> Lines<'a> {
        let lines = self.directory.draft().calamity_lines.iter();
        let lines = lines.filter_map(|id| self.directory.line(id));
        lines.map(|(line, _)| (&line.id, line)).collect()
    }

    /// The people whom a level names, himself or through a group.
    pub(super) fn people_of(&self, level: &'a Level) -> Vec<&'a Person> {
        let mut people = Vec::new();
        for ask in &level.ask {
            match ask {
                Ask::Group(group) => {
                    let members = self.directory.members_of(group).iter();
                    people.extend(members.filter_map(|id| self.directory.person(id)));
                }
                Ask::Line(_) => {}
                Ask::Person(person) => people.extend(self.directory.person(person)),
            }
        }
        people
    }

    pub(super) fn lines_of_level(&self, level: &'a Level) -> Lines<'a> {
        let people = self.people_of(level).into_iter();
        let own = people.flat_map(|person| &person.lines);
        let named = level.ask.iter().filter_map(|ask| match ask {
            Ask::Line(line) => self.directory.line(line),
            _ => None,
        });
        let named = named.map(|(line, _)| line);
        own.chain(named).map(|line| (&line.id, line)).collect()
    }

    pub(super) fn lines_of_policy(&self, policy: Option<&'a EscalationPolicy>) -> Lines<'a> {
        let levels = policy.into_iter().flat_map(|policy| &policy.levels);
        levels
            .flat_map(|level| self.lines_of_level(level))
            .collect()
    }

    pub(super) fn members_of(
        &self,
        group: &'a Group,
    ) -> impl Iterator<Item = &'a Person> + use<'a> {
        let directory = self.directory;
        let members = directory.members_of(&group.id).iter();
        members.filter_map(|id| directory.person(id))
    }
}

/// What all of these lines need, by name.
pub(super) fn needed_by_all<'a>(lines: &Lines<'a>) -> Vec<&'a str> {
    let mut lines = lines.values();
    let Some(first) = lines.next() else {
        return Vec::new();
    };
    let others: Vec<_> = lines.collect();
    let shared = first.depends_on.iter().filter(|name| {
        let mut others = others.iter();
        others.all(|line| line.depends_on.contains(name))
    });
    let mut shared: Vec<&str> = shared.map(String::as_str).collect();
    shared.sort_unstable();
    shared.dedup();
    shared
}
