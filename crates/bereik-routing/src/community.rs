//! Communities: who asked to be let in, what the members say, and who was let in.

use std::collections::{BTreeMap, BTreeSet};

use bereik_core::directory::{Directory, Draft};
use bereik_core::group::Group;
use bereik_core::id::{GroupId, PersonId, Reason};
use bereik_core::praise::{Application, Verdict};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How an application stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    Admitted {
        at: DateTime<Utc>,
    },
    Open {
        verdicts: BTreeMap<PersonId, Verdict>,
    },
    Refused {
        reason: Reason,
        again_at: DateTime<Utc>,
    },
}

/// The applications of all communities: at most one for each group and person of the directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Communities(BTreeMap<GroupId, BTreeMap<PersonId, Stage>>);

/// The members whose word counts, and how many of them it takes.
fn quorum(group: &Group) -> u32 {
    let members = u32::try_from(group.members.len()).unwrap_or(u32::MAX);
    let asked = group.community.as_ref().map_or(1, |rule| rule.quorum);
    asked.min(members).max(1)
}

/// The reason that most gave; of two as frequent the one that sorts first.
fn main_reason(verdicts: &BTreeMap<PersonId, Verdict>) -> Option<Reason> {
    let mut counts: BTreeMap<&Reason, usize> = BTreeMap::new();
    for verdict in verdicts.values() {
        if let Verdict::Refuse(reason) = verdict {
            *counts.entry(reason).or_default() += 1;
        }
    }
    let most = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    most.map(|(reason, _)| reason.clone())
}

impl Communities {
    pub(crate) fn stage(&self, group: &GroupId, person: &PersonId) -> Option<&Stage> {
        self.0.get(group)?.get(person)
    }

    /// Opens an application, in place of one that ended.
    pub(crate) fn open(&mut self, group: &GroupId, person: &PersonId) {
        let verdicts = BTreeMap::new();
        let stages = self.0.entry(group.clone()).or_default();
        stages.insert(person.clone(), Stage::Open { verdicts });
    }

    /// Takes the word of a member on an open application; the last one of each counts. Answers
    /// whether the person was let in by it.
    pub(crate) fn hear(
        &mut self,
        group: &Group,
        person: &PersonId,
        by: &PersonId,
        verdict: Verdict,
        now: DateTime<Utc>,
    ) -> bool {
        let stages = self.0.get_mut(&group.id);
        let Some(stage) = stages.and_then(|stages| stages.get_mut(person)) else {
            return false;
        };
        let Stage::Open { verdicts } = stage else {
            return false;
        };
        verdicts.retain(|member, _| group.members.contains(member));
        verdicts.insert(by.clone(), verdict);
        let (admit, refuse) = count(verdicts);
        let quorum = quorum(group);
        if admit >= quorum {
            *stage = Stage::Admitted { at: now };
            return true;
        }
        if refuse >= quorum
            && let Some(reason) = main_reason(verdicts)
        {
            let after_s = group.community.map_or(0, |rule| rule.again_after_s);
            let again_at = crate::target::later(now, after_s.into());
            *stage = Stage::Refused { reason, again_at };
        }
        false
    }

    /// How an application stands, for whoever asks.
    pub(crate) fn application(&self, group: &Group, person: &PersonId) -> Option<Application> {
        Some(match self.stage(&group.id, person)? {
            Stage::Admitted { at } => Application::Admitted { at: *at },
            Stage::Open { verdicts } => {
                let (admit, refuse) = count(verdicts);
                Application::Open {
                    admit,
                    refuse,
                    quorum: quorum(group),
                }
            }
            Stage::Refused { reason, again_at } => Application::Refused {
                reason: reason.clone(),
                again_at: *again_at,
            },
        })
    }

    /// The directory with everybody who was let in. Applications to what is no longer a community,
    /// or of people who are gone, are forgotten.
    pub(crate) fn complete(&mut self, directory: Directory) -> Directory {
        let is_community = |id: &GroupId| {
            let group = directory.group(id);
            group.is_some_and(|group| group.community.is_some())
        };
        self.0.retain(|group, stages| {
            stages.retain(|person, _| directory.person(person).is_some());
            is_community(group) && !stages.is_empty()
        });
        let mut missing: Vec<(GroupId, PersonId)> = Vec::new();
        for (id, stages) in &self.0 {
            let members: BTreeSet<&PersonId> = directory
                .group(id)
                .into_iter()
                .flat_map(|group| &group.members)
                .collect();
            let admitted = stages
                .iter()
                .filter(|(_, stage)| matches!(stage, Stage::Admitted { .. }));
            let absent = admitted.filter(|(person, _)| !members.contains(person));
            missing.extend(absent.map(|(person, _)| (id.clone(), person.clone())));
        }
        if missing.is_empty() {
            return directory;
        }
        let mut draft = Draft::from(directory);
        for (id, person) in missing {
            let group = draft.groups.iter_mut().find(|group| group.id == id);
            group.expect("it was found above").members.push(person);
        }
        draft
            .check()
            .expect("a right directory with one more known member is right")
    }
}

/// How many would let the person in, and how many would not.
fn count(verdicts: &BTreeMap<PersonId, Verdict>) -> (u32, u32) {
    let of = |wanted: fn(&Verdict) -> bool| {
        let those = verdicts.values().filter(|verdict| wanted(verdict));
        u32::try_from(those.count()).unwrap_or(u32::MAX)
    };
    (
        of(|verdict| matches!(verdict, Verdict::Admit)),
        of(|verdict| matches!(verdict, Verdict::Refuse(_))),
    )
}
