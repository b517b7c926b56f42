//! Contacts of one need become one incident: one owner, one word to all, and nobody forgotten.

use bereik_core::Acknowledgement;
use bereik_core::acknowledgement::PromiseKind;
use bereik_core::agreement::{Ask, Level};
use bereik_core::contact::{Addressee, ContactState};
use bereik_core::entry::Fact;
use bereik_core::id::{ContactId, IncidentId, Key, MessageId, NeedId, PersonId};
use bereik_core::incident::AfterIncident;
use bereik_core::message::{Author, MessageKind};
use bereik_core::triage::TriageEnd;
use chrono::{DateTime, Utc};

use crate::answer::{Answer, Refusal};
use crate::contact_state::Way;
use crate::deadline::Timer;
use crate::incident_state::Running;
use crate::state::State;
use crate::target::{later, stretched};
use crate::voices::Voice;

/// The longest time until the next word is promised anew when none came, in seconds: a day.
const WORD_FOR_S_MAX: i64 = 86_400;

impl State {
    pub(super) fn declare_by(&mut self, need: &NeedId, lead: ContactId, by: &PersonId) -> Answer {
        if self.directory.person(by).is_none() {
            return Answer::Refused(Refusal::UnknownPerson);
        }
        let contact = self.held(lead);
        if !contact.state.is_open() {
            return Answer::Refused(Refusal::ContactClosed);
        }
        let by = Author::Person(by.clone());
        if self.incident_of(contact).is_some() {
            return self.late(lead, None, by);
        }
        if contact.need.as_ref() != Some(need) {
            // What is declared may link the contact at once.
            self.learn_need(lead, need.clone());
        }
        let contact = self.held(lead);
        if self.incident_of(contact).is_none() {
            self.declare(need.clone(), lead, by);
        }
        Answer::Done
    }

    /// The need of an open contact is known: it is part of the incident that runs, or one more of
    /// those that become one.
    pub(super) fn note_need(&mut self, id: ContactId) {
        let contact = self.held(id);
        if self.incident_of(contact).is_some() || !contact.state.is_open() {
            return;
        }
        let Some(need) = contact.need.clone() else {
            return;
        };
        if let Some(incident) = self.incidents.by_need.get(&need).copied() {
            self.link_to(id, incident);
            return;
        }
        let rule = self.directory.draft().incident;
        let limits = (rule.contacts, rule.within_s);
        let recent = self.incidents.count(&need, id, self.now, limits);
        let is_free = |id: &ContactId| {
            let held = self.contacts.get(id);
            held.is_some_and(|c| c.state.is_open() && self.incident_of(c).is_none())
        };
        let free: Vec<ContactId> = recent.into_iter().flatten().filter(is_free).collect();
        let owned = free.iter().find(|id| self.held(**id).owner().is_some());
        if let Some(lead) = owned.or(free.first()).copied() {
            self.declare(need, lead, Author::Software);
        }
    }

    /// The contact leads an incident from now on; every open contact of the need is part of it.
    fn declare(&mut self, need: NeedId, lead: ContactId, by: Author) {
        self.counters.incident += 1;
        let id = IncidentId::new(self.counters.incident);
        let next_word_by = self.next_word_after(0);
        let mut running = Running::new(need.clone(), lead, self.now, by.clone(), next_word_by);
        running.linked.insert(lead);
        self.incidents.running.insert(id, running);
        self.incidents.by_need.insert(need.clone(), id);
        self.change(lead).incident = Some(id);
        let fact = Fact::IncidentDeclared {
            incident: id,
            need: need.clone(),
            by,
        };
        self.enter(lead, fact);
        self.end_triage(lead, TriageEnd::Overtaken);
        let others = self.by_need.get(&need).cloned().unwrap_or_default();
        for contact in others {
            if self.incident_of(self.held(contact)).is_none() {
                self.link_to(contact, id);
            }
        }
    }

    /// By when the next word comes: as the directory says, and where several in a row did not
    /// come, each time twice as far ahead.
    fn next_word_after(&self, missed: u32) -> DateTime<Utc> {
        let first_s = i64::from(self.directory.draft().incident.word_for_s);
        let seconds = first_s << missed.saturating_sub(1).min(20);
        later(self.now, seconds.min(stretched(WORD_FOR_S_MAX, missed)))
    }

    /// A contact is part of an incident from now on. Nobody is asked for it by itself any longer;
    /// how pressing it is, its lead is too.
    fn link_to(&mut self, id: ContactId, incident: IncidentId) {
        let Some(running) = self.incidents.running.get_mut(&incident) else {
            return;
        };
        running.linked.insert(id);
        self.change(id).incident = Some(incident);
        self.enter(id, Fact::IncidentLinked { incident });
        self.end_triage(id, TriageEnd::Overtaken);
        if self.held(id).is_waiting() {
            self.withdraw(id, |live| !live.way.is_beside());
            self.change(id).promise = None;
            for timer in [
                Timer::Calamity,
                Timer::Circle,
                Timer::Escalate,
                Timer::Level,
                Timer::Try,
                Timer::Promise,
            ] {
                self.deadlines.disarm(id, timer);
            }
        }
        self.raise_lead(id);
        self.work.note(id);
    }

    /// The contact that leads an incident is as pressing as every other of it.
    pub(crate) fn raise_lead(&mut self, id: ContactId) {
        let contact = self.held(id);
        let urgency = contact.urgency;
        let lead = self.incident_of(contact).map(|(_, running)| running.lead);
        if let Some(lead) = lead.filter(|lead| self.held(*lead).urgency < urgency) {
            self.hear_urgency(lead, Voice::Software, urgency, Author::Software, None);
        }
    }

    /// Nobody is looked for: while the contact is part of an incident that another leads, its
    /// customer hears who is on it, and by when the next word comes.
    pub(crate) fn rest(&mut self, id: ContactId) {
        let contact = self.held(id);
        if !contact.is_waiting() || !self.rests(contact) {
            return;
        }
        let now = self.now;
        let is_next_word = |kind| kind == PromiseKind::NextWord;
        let is_told = contact
            .promise
            .is_some_and(|p| is_next_word(p.kind) && now < p.by);
        let Some((incident, running)) = self.incident_of(contact) else {
            return;
        };
        let (lead, mut next_word_by) = (running.lead, running.next_word_by);
        self.stand(id, ContactState::Queued);
        if is_told {
            return;
        }
        if next_word_by <= now {
            // Nobody was promised that word: the only contact was the lead.
            next_word_by = self.next_word_after(0);
            if let Some(running) = self.incidents.running.get_mut(&incident) {
                running.next_word_by = next_word_by;
            }
        }
        let owner = self.held(lead).owner().cloned();
        self.say(
            id,
            Acknowledgement::IncidentKnown {
                owner,
                next_word_by,
            },
        );
        self.promise(id, PromiseKind::NextWord, next_word_by, next_word_by);
    }

    /// The instant has come by which the next word was promised.
    pub(crate) fn next_word_is_due(&mut self, id: ContactId) {
        let (now, contact) = (self.now, self.held(id));
        let running = self.incident_of(contact);
        let running = running.filter(|(_, running)| running.lead != id);
        let Some((incident, running)) = running else {
            self.change(id).promise = None;
            self.work.note(id);
            return;
        };
        if running.next_word_by <= now {
            self.miss_word(incident);
        }
        let running = self.incidents.running.get(&incident);
        let Some(next_word_by) = running.map(|running| running.next_word_by) else {
            return;
        };
        self.say(id, Acknowledgement::IncidentWordLate { next_word_by });
        self.promise(id, PromiseKind::NextWord, next_word_by, next_word_by);
    }

    /// The promised word did not come: more people are called to the incident, level by level of
    /// its lead's policy.
    fn miss_word(&mut self, incident: IncidentId) {
        let now = self.now;
        let missed = self
            .incidents
            .running
            .get(&incident)
            .map_or(0, |r| r.missed);
        let missed = missed.saturating_add(1);
        let next_word_by = self.next_word_after(missed).max(later(now, 1));
        let Some(running) = self.incidents.running.get_mut(&incident) else {
            return;
        };
        (running.missed, running.next_word_by) = (missed, next_word_by);
        let lead = running.lead;
        self.enter(lead, Fact::IncidentWordMissed { incident, missed });
        if self.held(lead).is_waiting() {
            self.start_escalation(lead);
            self.work.note(lead);
        } else {
            self.call_in(lead, missed);
        }
    }

    /// Calls more people to a contact that somebody has: those of the next level that has somebody
    /// in service, beside whom is there already.
    fn call_in(&mut self, id: ContactId, missed: u32) {
        let contact = self.held(id);
        let levels = contact.policy.as_ref().map_or(&[][..], |p| &p.levels);
        let count = levels.len().max(1);
        let first = usize::try_from(missed.saturating_sub(1)).unwrap_or(0) % count;
        let in_turn = (0..levels.len()).map(|step| (first + step) % count);
        let mut levels: Vec<(usize, Level)> = in_turn.map(|i| (i, levels[i].clone())).collect();
        if let (true, Addressee::Group(group)) = (levels.is_empty(), &contact.addressee) {
            let group = self.directory.group(group);
            levels.extend(group.map(|group| {
                let ask = vec![Ask::Group(group.id.clone())];
                let for_s = group.offer_for_s;
                (0, Level { ask, for_s })
            }));
        }
        for (number, level) in levels {
            let (targets, _) = self.resolve_level(self.held(id), &level);
            if targets.is_empty() {
                continue;
            }
            let level_number = u32::try_from(number + 1).unwrap_or(u32::MAX);
            self.enter(
                id,
                Fact::LevelStarted {
                    level: level_number,
                    round: 1,
                },
            );
            let until = later(self.now, level.for_s.into());
            for (to, reserves) in targets {
                self.offer(id, to, Way::Help, until, reserves);
            }
            return;
        }
    }

    /// One word to every customer of an incident, who hears by when the next one comes.
    pub(super) fn say_to_all(
        &mut self,
        incident: IncidentId,
        key: Key,
        kind: MessageKind,
        by: PersonId,
    ) -> Answer {
        let Some(running) = self.incidents.running.get(&incident) else {
            return Answer::Refused(Refusal::UnknownIncident);
        };
        if let Some(message) = running.word(&key) {
            return Answer::Kept(message);
        }
        let (lead, linked) = (running.lead, running.linked.clone());
        if !self.held(lead).participants.contains(&by) {
            return Answer::Refused(Refusal::NotAParticipant);
        }
        let author = Author::Person(by);
        let kept = self.hear(lead, key.clone(), author.clone(), kind);
        let Answer::Kept(message) = kept else {
            return kept;
        };
        if matches!(kind, MessageKind::Automatic | MessageKind::Note) {
            return kept;
        }
        let next_word_by = self.next_word_after(0);
        if let Some(running) = self.incidents.running.get_mut(&incident) {
            running.remember_word(key, message);
            (running.missed, running.next_word_by) = (0, next_word_by);
        }
        for id in linked.into_iter().filter(|id| *id != lead) {
            self.pass_on(id, &author, kind);
            if self.held(id).is_waiting() {
                self.answered(id, true);
                self.say(id, Acknowledgement::NextWord { next_word_by });
                self.promise(id, PromiseKind::NextWord, next_word_by, next_word_by);
            }
        }
        Answer::Kept(message)
    }

    /// The word on one contact: a message of its own, so that each can be erased by itself.
    fn pass_on(&mut self, id: ContactId, author: &Author, kind: MessageKind) -> MessageId {
        let message = self.next_message();
        let author = author.clone();
        self.enter(
            id,
            Fact::Said {
                message,
                author,
                kind,
            },
        );
        self.forward(id, message, kind, false);
        message
    }

    pub(super) fn close_incident_by(&mut self, incident: IncidentId, by: &PersonId) -> Answer {
        if self.directory.person(by).is_none() {
            return Answer::Refused(Refusal::UnknownPerson);
        }
        if !self.incidents.running.contains_key(&incident) {
            return Answer::Refused(Refusal::UnknownIncident);
        }
        self.close_incident(incident, &Author::Person(by.clone()));
        Answer::Done
    }

    /// The incident is over. What nobody has is closed or routed, as the directory says.
    fn close_incident(&mut self, incident: IncidentId, by: &Author) {
        let Some(running) = self.incidents.running.remove(&incident) else {
            return;
        };
        self.incidents.by_need.remove(&running.need);
        let after = self.directory.draft().incident.after;
        for id in running.linked {
            let fact = Fact::IncidentClosed {
                incident,
                by: by.clone(),
            };
            self.enter(id, fact);
            self.change(id).incident = None;
            if id == running.lead || !self.held(id).is_waiting() {
                continue;
            }
            match after {
                AfterIncident::Close => {
                    let by = by.clone();
                    self.end(id, Fact::Closed { by }, ContactState::Closed);
                    self.say(id, Acknowledgement::IncidentOver);
                    self.keep_closed(id);
                }
                AfterIncident::Return => self.search(id, None),
            }
        }
    }

    /// A contact is over, and with it its part in an incident. Where it led, the next one leads;
    /// where there is none, the incident is over too.
    pub(super) fn leave_incident(&mut self, id: ContactId) {
        let Some((incident, running)) = self.incident_of(self.held(id)) else {
            return;
        };
        let led = running.lead == id;
        let others = running.linked.iter().copied().filter(|other| *other != id);
        let others: Vec<ContactId> = others.collect();
        let owned = others
            .iter()
            .find(|other| self.held(**other).owner().is_some());
        let next = owned.or(others.first()).copied();
        self.change(id).incident = None;
        if let Some(running) = self.incidents.running.get_mut(&incident) {
            running.linked.remove(&id);
        }
        match next {
            Some(next) if led => self.lead(next, id, incident),
            None => self.end_alone(id, incident),
            Some(_) => {}
        }
    }

    /// Nothing of an incident is left.
    fn end_alone(&mut self, last: ContactId, incident: IncidentId) {
        if let Some(running) = self.incidents.running.remove(&incident) {
            self.incidents.by_need.remove(&running.need);
        }
        let by = Author::Software;
        self.enter(last, Fact::IncidentClosed { incident, by });
    }

    /// The next contact leads the incident: people are asked for it, who had the one before first.
    fn lead(&mut self, next: ContactId, before: ContactId, incident: IncidentId) {
        if let Some(running) = self.incidents.running.get_mut(&incident) {
            running.lead = next;
        }
        self.enter(next, Fact::IncidentLed { incident });
        let (urgency, owner) = {
            let before = self.held(before);
            (before.urgency, before.owner().cloned())
        };
        if self.held(next).urgency < urgency {
            self.hear_urgency(next, Voice::Software, urgency, Author::Software, None);
        }
        if self.held(next).is_waiting() {
            self.search(next, owner);
        }
    }
}
