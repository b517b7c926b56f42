//! What peers do for each other: praise, and letting somebody into a community.

use bereik_core::contact::Addressee;
use bereik_core::entry::Fact;
use bereik_core::id::{ContactId, GroupId, PersonId, SkillId};
use bereik_core::message::Author;
use bereik_core::praise::{Application, Judgement, Praise, Verdict};
use chrono::{DateTime, Utc};

use crate::answer::{Answer, Refusal};
use crate::community::Stage;
use crate::contact_state::Contact;
use crate::pulse::{self, Help, Pulse, Topic};
use crate::state::State;

impl State {
    /// Takes what a peer says of somebody's help in a contact: once, and never of his own.
    pub(super) fn praise(
        &mut self,
        contact: ContactId,
        of: PersonId,
        skill: SkillId,
        judgement: Judgement,
        by: PersonId,
    ) -> Answer {
        let Some(person) = self.directory.person(&of) else {
            return Answer::Refused(Refusal::UnknownPerson);
        };
        let has_skill = person.skills.contains_key(&skill);
        let held = self.held(contact);
        if of == by {
            return Answer::Refused(Refusal::OwnHelp);
        }
        if !held.helpers.contains(&by) || !held.helpers.contains(&of) {
            return Answer::Refused(Refusal::NotAParticipant);
        }
        if !has_skill {
            return Answer::Refused(Refusal::UnknownSkill);
        }
        let pair = (by.clone(), of.clone());
        if held.judged.contains(&pair) {
            return self.late(contact, None, Author::Person(by));
        }
        self.change(contact).judged.insert(pair);
        let praise = Praise {
            contact,
            by,
            skill,
            judgement,
            at: self.now,
        };
        self.praises.take(&of, praise.clone());
        self.enter(contact, Fact::Praised { of, praise });
        Answer::Done
    }

    /// Somebody asks to be let into a community.
    pub(super) fn apply(&mut self, group: &GroupId, person: &PersonId) -> Answer {
        if self.directory.person(person).is_none() {
            return Answer::Refused(Refusal::UnknownPerson);
        }
        let community = self.directory.group(group);
        let Some(community) = community.filter(|group| group.community.is_some()) else {
            return Answer::Refused(Refusal::NotACommunity);
        };
        if community.members.contains(person) {
            return Answer::Late;
        }
        match self.communities.stage(group, person) {
            Some(Stage::Open { .. }) => return Answer::Late,
            Some(Stage::Refused { again_at, .. }) if self.now < *again_at => {
                return Answer::Refused(Refusal::TooSoon);
            }
            _ => {}
        }
        self.communities.open(group, person);
        Answer::Done
    }

    /// A member says whether somebody who applied is let in.
    pub(super) fn vouch(
        &mut self,
        group: &GroupId,
        person: &PersonId,
        by: &PersonId,
        verdict: Verdict,
    ) -> Answer {
        let community = self.directory.group(group);
        let Some(community) = community.filter(|group| group.community.is_some()) else {
            return Answer::Refused(Refusal::NotACommunity);
        };
        if !community.members.contains(by) {
            return Answer::Refused(Refusal::NotAMember);
        }
        match self.communities.stage(group, person) {
            None => return Answer::Refused(Refusal::NoApplication),
            Some(Stage::Admitted { .. } | Stage::Refused { .. }) => return Answer::Late,
            Some(Stage::Open { .. }) => {}
        }
        let is_admitted = self
            .communities
            .hear(community, person, by, verdict, self.now);
        if is_admitted {
            let directory = self.directory.clone();
            self.replace_directory(directory);
        }
        Answer::Done
    }

    pub(super) fn application(&self, group: &GroupId, person: &PersonId) -> Option<Application> {
        let group = self.directory.group(group)?;
        self.communities.application(group, person)
    }

    /// Counts what a contact that comes in asks for, for the pulse of its group.
    pub(super) fn count_topics(&mut self, id: ContactId, pattern: Option<String>) {
        let contact = self.held(id);
        let Addressee::Group(group) = contact.addressee.clone() else {
            return;
        };
        let day = self.directory.zone().local_at(self.now).date();
        let skills = contact
            .requires
            .iter()
            .map(|r| Topic::Skill(r.skill.clone()));
        let mut topics: Vec<Topic> = skills.collect();
        topics.extend(pattern.map(Topic::Page));
        if topics.is_empty() {
            topics.push(Topic::Other);
        }
        for topic in topics {
            self.pulses.count(&group, topic, day);
        }
    }

    pub(super) fn pulse(&self, group: &GroupId, at: DateTime<Utc>) -> Pulse {
        let today = self.directory.zone().local_at(at).date();
        let (asked, rising) = self.pulses.week(group, today);
        let mut pulse = Pulse {
            asked,
            rising,
            ..Pulse::default()
        };
        let is_theirs = |contact: &&Contact| contact.addressee == Addressee::Group(group.clone());
        for contact in self.contacts.values().map(AsRef::as_ref).filter(is_theirs) {
            if contact.is_waiting() {
                pulse.waiting += 1;
            }
            let is_older = pulse
                .oldest_open
                .is_none_or(|(_, since)| contact.opened_at < since);
            if contact.state.is_open() && is_older {
                pulse.oldest_open = Some((contact.id, contact.opened_at));
            }
            pulse.unthanked.extend(unthanked(contact));
        }
        pulse.unthanked = pulse::latest(pulse.unthanked);
        pulse
    }
}

/// Who helped in a contact that is another's, and has no word for it.
fn unthanked(contact: &Contact) -> impl Iterator<Item = Help> {
    let is_judged = |person: &PersonId| contact.judged.iter().any(|(_, of)| of == person);
    let others = contact
        .helpers
        .iter()
        .filter(|person| contact.owner() != Some(person));
    others
        .filter(move |person| !is_judged(person))
        .map(|person| Help {
            person: person.clone(),
            contact: contact.id,
        })
}
