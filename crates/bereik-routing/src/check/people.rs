//! People who are on call without two working lines, and people without a hand free.

use std::collections::BTreeMap;

use bereik_core::ChannelKind;
use bereik_core::agreement::Ask;
use bereik_core::id::PersonId;
use bereik_core::person::Person;

use super::{Check, FindingKind, Severity, Subject, WaySet};

/// Fewer lines than these leave nothing when one fails.
const LINES_MIN: usize = 2;

impl Check<'_> {
    /// Whoever is named by a level, himself or through a group, is on call. Others of his group
    /// may stand in for him who is named through one; without a line he is asked at his desk only.
    pub(super) fn on_call_people(&mut self) {
        let directory = self.directory;
        let levels = directory.draft().escalations.iter().flat_map(|p| &p.levels);
        let mut named: BTreeMap<&PersonId, bool> = BTreeMap::new();
        for ask in levels.flat_map(|level| &level.ask) {
            match ask {
                Ask::Group(group) => {
                    for person in directory.members_of(group) {
                        named.entry(person).or_insert(false);
                    }
                }
                Ask::Line(_) => {}
                Ask::Person(person) => drop(named.insert(person, true)),
            }
        }
        for (id, is_named) in named {
            let person = directory.person(id);
            if let Some(person) = person.filter(|p| is_named || !p.lines.is_empty()) {
                self.lines_of_person(person, is_named);
            }
        }
    }

    fn lines_of_person(&mut self, person: &Person, is_named: bool) {
        let service: Vec<_> = person.lines.iter().map(|line| self.service(line)).collect();
        let (few, lines_min) = self.fewer_than(LINES_MIN, &service);
        let subject = Subject::Person(person.id.clone());
        if !few.is_empty() {
            let severity = match (lines_min, is_named) {
                (0, true) => Severity::Alone,
                (0, false) | (_, true) => Severity::Slower,
                (_, false) => Severity::Untidy,
            };
            let ranges = if few == [self.range] { Vec::new() } else { few };
            let kind = FindingKind::FewLines { lines_min };
            self.find(severity, subject.clone(), kind, ranges);
        }
        let lines: BTreeMap<_, _> = person.lines.iter().map(|line| (&line.id, line)).collect();
        self.fall_together(Severity::Slower, subject, WaySet::Person, &lines);
    }

    /// Over the channels that a person names with nothing, and only for members of groups.
    pub(super) fn capacities(&mut self) {
        let directory = self.directory;
        for person in directory.people() {
            self.total(person);
            let none = |channel: &ChannelKind| person.capacity_for(*channel) == 0;
            for channel in ChannelKind::ALL.into_iter().filter(none) {
                let groups = directory.groups().iter();
                let mut groups = groups
                    .filter(|group| directory.members_of(&group.id).contains(&person.id))
                    .peekable();
                if groups.peek().is_none() {
                    continue;
                }
                let is_last = groups.any(|group| {
                    self.members_of(group)
                        .all(|member| member.capacity_for(channel) == 0)
                });
                let severity = match is_last {
                    true => Severity::Slower,
                    false => Severity::Untidy,
                };
                let subject = Subject::Person(person.id.clone());
                let kind = FindingKind::CapacityZero { channel, is_last };
                self.find(severity, subject, kind, Vec::new());
            }
        }
    }

    /// A total into which not even one contact goes.
    fn total(&mut self, person: &Person) {
        let directory = self.directory;
        let Some(total) = directory.capacity_total_of(person) else {
            return;
        };
        if directory.groups_of(&person.id).is_empty() {
            return;
        }
        for channel in ChannelKind::ALL {
            let weight = directory.draft().hands.weight(channel);
            if person.capacity_for(channel) > 0 && total < u16::from(weight) {
                let subject = Subject::Person(person.id.clone());
                let kind = FindingKind::CapacityTotal {
                    channel,
                    total,
                    weight,
                };
                self.find(Severity::Slower, subject, kind, Vec::new());
            }
        }
    }
}
