//! Calamities without a line, and lines that fall together.

use bereik_core::agreement::{Ask, EscalationPolicy};
use bereik_core::id::LineId;

use super::ways::{Lines, needed_by_all};
use super::{Check, FindingKind, Severity, Subject, WaySet};

impl Check<'_> {
    pub(super) fn calamity_lines(&mut self) {
        let lines = self.lines_of_calamity();
        let kind = FindingKind::CalamityWithoutLine;
        if lines.is_empty() {
            self.find(Severity::Alone, Subject::Company, kind, Vec::new());
            return;
        }
        let service: Vec<_> = lines.values().map(|line| self.service(line)).collect();
        let (gaps, _) = self.fewer_than(1, &service);
        if !gaps.is_empty() {
            self.find(Severity::Alone, Subject::Company, kind, gaps);
        }
    }

    pub(super) fn shared_dependencies(&mut self) {
        let directory = self.directory;
        let calamity = self.lines_of_calamity();
        self.fall_together(
            Severity::Slower,
            Subject::Company,
            WaySet::Calamity,
            &calamity,
        );
        for policy in &directory.draft().escalations {
            for (number, level) in (1..).zip(&policy.levels) {
                // The lines of one person are his.
                if let [Ask::Person(_)] = level.ask.as_slice() {
                    continue;
                }
                let lines = self.lines_of_level(level);
                let subject = Subject::Level(policy.id.clone(), number);
                self.fall_together(Severity::Slower, subject, WaySet::Level, &lines);
            }
        }
        for policy in &directory.draft().escalations {
            self.second_line(policy, &calamity);
        }
    }

    /// What stands in for the calamity lines: all that a policy has, and before that its first
    /// level with a line.
    fn second_line(&mut self, policy: &EscalationPolicy, calamity: &Lines<'_>) {
        let subject = Subject::Escalation(policy.id.clone());
        let mut everything = self.lines_of_policy(Some(policy));
        let levels = policy.levels.iter();
        let mut levels = levels.map(|level| self.lines_of_level(level));
        let second = levels.find(|lines| !lines.is_empty());
        everything.extend(calamity);
        if !needed_by_all(&everything).is_empty() {
            self.fall_together(Severity::Alone, subject, WaySet::Everything, &everything);
        } else if let Some(mut second) = second
            && !calamity.is_empty()
        {
            second.extend(calamity);
            self.fall_together(Severity::Slower, subject, WaySet::SecondLine, &second);
        }
    }

    /// One line stands in for nothing, so that only several fall together.
    pub(super) fn fall_together(
        &mut self,
        severity: Severity,
        subject: Subject,
        ways: WaySet,
        lines: &Lines<'_>,
    ) {
        if lines.len() < 2 {
            return;
        }
        for dependency in needed_by_all(lines) {
            let kind = FindingKind::FallTogether {
                dependency: dependency.to_owned(),
                ways,
                lines: lines.keys().copied().cloned().collect::<Vec<LineId>>(),
            };
            self.find(severity, subject.clone(), kind, Vec::new());
        }
    }
}
