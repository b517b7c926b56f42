//! People who are on call without two working lines, and people without a hand free.

use std::collections::BTreeMap;

use bereik_core::ChannelKind;
use bereik_core::agreement::Ask;
use bereik_core::id::PersonId;

use super::{Check, FindingKind, Severity, Subject, WaySet};

/// Fewer lines than these leave nothing when one fails.
const LINES_MIN: usize = 2;

impl Check<'_> {
    /// Whoever is named by a level himself is on call.
    pub(super) fn on_call_people(&mut self) {
        let directory = self.directory;
        let levels = directory.draft().escalations.iter().flat_map(|p| &p.levels);
        let mut named: Vec<&PersonId> = levels
            .flat_map(|level| &level.ask)
            .filter_map(|ask| match ask {
                Ask::Person(person) => Some(person),
                _ => None,
            })
            .collect();
        named.sort();
        named.dedup();
        for person in named.into_iter().filter_map(|id| directory.person(id)) {
            let service: Vec<_> = person.lines.iter().map(|line| self.service(line)).collect();
            let (few, lines_min) = self.fewer_than(LINES_MIN, &service);
            let subject = Subject::Person(person.id.clone());
            if !few.is_empty() {
                let severity = match lines_min {
                    0 => Severity::Alone,
                    _ => Severity::Slower,
                };
                let ranges = if few == [self.range] { Vec::new() } else { few };
                let kind = FindingKind::FewLines { lines_min };
                self.find(severity, subject.clone(), kind, ranges);
            }
            let lines: BTreeMap<_, _> = person.lines.iter().map(|line| (&line.id, line)).collect();
            self.fall_together(Severity::Slower, subject, WaySet::Person, &lines);
        }
    }

    /// Over the channels that a person names with nothing, and only for members of groups.
    pub(super) fn capacities(&mut self) {
        let directory = self.directory;
        for person in directory.people() {
            let none = |channel: &ChannelKind| person.capacity_for(*channel) == 0;
            for channel in ChannelKind::ALL.into_iter().filter(none) {
                let groups = directory.groups().iter();
                let mut groups = groups
                    .filter(|group| group.members.contains(&person.id))
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
}
