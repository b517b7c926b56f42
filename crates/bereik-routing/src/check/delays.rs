//! Levels that never have anybody or never begin, and first ways to a person that come too late.

use bereik_core::agreement::{Ask, EscalationPolicy, Level, Target};
use bereik_core::group::Group;
use bereik_core::id::GroupId;
use bereik_core::{ChannelKind, Urgency};

use super::{Check, FindingKind, Late, Severity, Subject};

/// An escalation begins when so much of a target has passed, in percent, at the latest.
const BEGINS_PERCENT: u64 = 75;
/// What begins more than a day after the policy does, never does.
const NEVER_AFTER_S: u32 = 86_400;

impl<'a> Check<'a> {
    pub(super) fn levels(&mut self) {
        for policy in &self.directory.draft().escalations {
            let mut after_s: u32 = 0;
            for (number, level) in (1..).zip(&policy.levels) {
                let subject = Subject::Level(policy.id.clone(), number);
                if !self.can_have_anybody(level) {
                    let severity = match policy.levels.len() {
                        1 => Severity::Alone,
                        _ => Severity::Slower,
                    };
                    let kind = FindingKind::UnreachableLevel;
                    self.find(severity, subject, kind, Vec::new());
                    continue;
                }
                if NEVER_AFTER_S <= after_s {
                    let kind = FindingKind::UnreachedLevel { after_s };
                    self.find(Severity::Slower, subject, kind, Vec::new());
                }
                after_s = after_s.saturating_add(level.for_s);
            }
        }
    }

    /// Whether a level leads to a line that is ever in service, or to somebody who has a desk in
    /// hours that ever come.
    fn can_have_anybody(&self, level: &'a Level) -> bool {
        let directory = self.directory;
        let mut lines = self.lines_of_level(level).into_values();
        let default = directory.draft().default_hours.as_ref();
        lines.any(|line| !self.service(line).is_empty())
            || self.people_of(level).into_iter().any(|person| {
                let hours = person.hours.as_ref().or(default);
                hours.is_some() && !self.open(hours, directory.zone_of(person)).is_empty()
            })
    }

    /// Groups that are late alike are told together.
    pub(super) fn delays(&mut self) {
        let directory = self.directory;
        let mut found: Vec<(&EscalationPolicy, Vec<GroupId>, Vec<Late>)> = Vec::new();
        for group in directory.groups() {
            let Some(policy) = directory.escalation_of(Some(group)) else {
                continue;
            };
            let late: Vec<_> = Urgency::ALL
                .into_iter()
                .flat_map(|urgency| ChannelKind::ALL.map(|channel| (urgency, channel)))
                .filter_map(|(urgency, channel)| self.delay(group, policy, urgency, channel))
                .collect();
            let mut alike = found.iter_mut();
            let alike = alike.find(|(other, _, same)| other.id == policy.id && *same == late);
            match alike {
                _ if late.is_empty() => {}
                Some((_, groups, _)) => groups.push(group.id.clone()),
                None => found.push((policy, vec![group.id.clone()], late)),
            }
        }
        for (policy, groups, late) in found {
            let subject = Subject::Escalation(policy.id.clone());
            let kind = FindingKind::Delay { groups, late };
            self.find(Severity::Slower, subject, kind, Vec::new());
        }
    }

    /// When the next person is asked at the latest, where members are asked and do not answer;
    /// `None` where it is in time.
    fn delay(
        &self,
        group: &Group,
        policy: &EscalationPolicy,
        urgency: Urgency,
        channel: ChannelKind,
    ) -> Option<Late> {
        let agreement = self.directory.agreement_of(Some(group));
        let target = agreement.map_or_else(
            || Target::default_for(urgency, channel),
            |agreement| agreement.target(urgency, channel),
        );
        let target_s = target.answer_for_s;
        let is_calamity = urgency == Urgency::Calamity;
        let calamity = self.directory.draft().calamity_lines.iter();
        let mut calamity = calamity.filter_map(|id| self.directory.line(id));
        if is_calamity && calamity.any(|(line, _)| line.channel.is_live()) {
            return None;
        }
        let begins_s = match is_calamity {
            true => target_s / 2,
            false => u32::try_from(u64::from(target_s) * BEGINS_PERCENT / 100).unwrap_or(target_s),
        };
        let waits = policy
            .levels
            .iter()
            .take_while(|level| !self.asks_somebody(level));
        let waits_s = waits.map(|level| level.for_s).fold(0, u32::saturating_add);
        let after_s = begins_s.saturating_add(waits_s);
        (target_s < after_s).then_some(Late {
            urgency,
            channel,
            after_s,
            target_s,
        })
    }

    /// Whether a level rings somebody: a person, members of a group, or a line that is answered
    /// live. A mailbox is read when it is read.
    fn asks_somebody(&self, level: &Level) -> bool {
        level.ask.iter().any(|ask| match ask {
            Ask::Group(id) => !self.directory.members_of(id).is_empty(),
            Ask::Line(id) => {
                let line = self.directory.line(id);
                line.is_some_and(|(line, _)| line.channel.is_live())
            }
            Ask::Person(_) => true,
        })
    }
}
