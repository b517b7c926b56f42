//! Hours without anybody, and skills that nobody has.

use std::collections::BTreeSet;

use bereik_core::group::{Group, Requirement};
use bereik_core::person::Person;

use super::open::both;
use super::{Check, FindingKind, Severity, Subject};

impl<'a> Check<'a> {
    pub(super) fn groups(&mut self) {
        for group in self.directory.groups() {
            self.hours(group);
        }
    }

    /// While the clocks of its agreement run, somebody of a group has to be on duty, or a line of
    /// its policy in service.
    fn hours(&mut self, group: &'a Group) {
        let directory = self.directory;
        let Some(agreement) = directory.agreement_of(Some(group)) else {
            return;
        };
        let promised = self.open(agreement.hours.as_ref(), directory.zone());
        let mut open = Vec::new();
        for person in self.everybody(group) {
            let hours = person
                .hours
                .as_ref()
                .or(directory.draft().default_hours.as_ref());
            open.push(self.open(hours, directory.zone_of(person)));
        }
        let lines = self.lines_of_policy(directory.escalation_of(Some(group)));
        open.extend(lines.values().map(|line| self.service(line)));
        let (nobody, _) = self.fewer_than(1, &open);
        let uncovered = both(&promised, &nobody);
        if !uncovered.is_empty() {
            let subject = Subject::Group(group.id.clone());
            self.find(Severity::Alone, subject, FindingKind::Uncovered, uncovered);
        }
    }

    /// The members of a group and of its circles.
    fn everybody(&self, group: &'a Group) -> impl Iterator<Item = &'a Person> + use<'a> {
        let directory = self.directory;
        let circles = group.circles.iter().flat_map(|circle| &circle.groups);
        let groups = circles.chain([&group.id]);
        let ids = groups.flat_map(|id| directory.members_of(id));
        let ids: BTreeSet<_> = ids.collect();
        ids.into_iter().filter_map(|id| directory.person(id))
    }

    /// What the rows of the pages, and the options of triage, need of the groups that they
    /// lead to.
    pub(super) fn skills(&mut self) {
        self.skills_of_triage();
        let directory = self.directory;
        let groups = directory.groups();
        let usual = groups
            .iter()
            .find(|group| group.is_public)
            .or(groups.first());
        for (row, page) in (1..).zip(&directory.draft().pages) {
            let named = page.group.as_ref().and_then(|id| directory.group(id));
            let Some(group) = named.or(usual) else {
                continue;
            };
            for requirement in page.requires.iter().filter(|needed| !needed.is_soft) {
                if !self.can_anybody(group, requirement) {
                    self.nobody_can(Subject::Page(row), group, requirement);
                }
            }
        }
    }

    fn skills_of_triage(&mut self) {
        let directory = self.directory;
        let options = directory.draft().triage.iter().flat_map(|t| &t.options);
        for (number, option) in (1..).zip(options) {
            let Some(group) = option.group.as_ref().and_then(|id| directory.group(id)) else {
                continue;
            };
            for requirement in option.requires.iter().filter(|needed| !needed.is_soft) {
                if !self.can_anybody(group, requirement) {
                    self.nobody_can(Subject::TriageOption(number), group, requirement);
                }
            }
        }
    }

    fn nobody_can(&mut self, subject: Subject, group: &'a Group, requirement: &Requirement) {
        let mut circles = group.circles.iter();
        let is_let_go = circles
            .any(|circle| !circle.keeps_requirements || circle.drops.contains(&requirement.skill));
        let lines = self.lines_of_policy(self.directory.escalation_of(Some(group)));
        let severity = match is_let_go || !lines.is_empty() {
            true => Severity::Slower,
            false => Severity::Alone,
        };
        let kind = FindingKind::NobodyCan {
            skill: requirement.skill.clone(),
            at_least: requirement.at_least,
            group: group.id.clone(),
        };
        self.find(severity, subject, kind, Vec::new());
    }

    /// Whether somebody of a group, or of a circle that keeps requirements, meets one.
    fn can_anybody(&self, group: &'a Group, requirement: &Requirement) -> bool {
        let strict = group
            .circles
            .iter()
            .filter(|circle| circle.keeps_requirements);
        let lowered = strict.clone();
        let lowered = lowered.filter_map(|circle| circle.lowers.get(&requirement.skill));
        let at_least = lowered.fold(requirement.at_least, |least, enough| least.min(*enough));
        let groups = strict.flat_map(|circle| &circle.groups);
        let groups = groups.filter_map(|id| self.directory.group(id));
        let mut people = groups
            .chain([group])
            .flat_map(|group| self.members_of(group));
        people.any(|person| {
            let level = person.skills.get(&requirement.skill);
            level.is_some_and(|level| *level >= at_least)
        })
    }
}
