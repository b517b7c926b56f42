//! What becomes of offers: taken, turned down, lapsed, failed; and contacts taken from the list.

use bereik_core::Acknowledgement;
use bereik_core::contact::{Addressee, ContactState};
use bereik_core::entry::Fact;
use bereik_core::id::{ContactId, OfferId, PersonId};
use bereik_core::message::Author;
use bereik_core::offer::{Offer, Offered, Outcome, RequestEnd, RequestKind};
use bereik_core::reachability::Reach;
use chrono::{DateTime, Utc};

use crate::answer::{Answer, Refusal};
use crate::contact_state::{Escalation, Takes, Way};
use crate::deadline::Timer;
use crate::engine::converse::PARTICIPANTS_MAX;
use crate::state::State;
use crate::target::{is_in_service, later};

/// After so many seconds of quiet a conversation over a live channel is looked at: a day.
const QUIET_LIVE_FOR_S: i64 = 86_400;
/// The same over a channel that can wait: 14 days.
const QUIET_FOR_S: i64 = 14 * 86_400;

/// The deadlines that end when somebody has a contact.
const OF_A_SEARCH: [Timer; 8] = [
    Timer::Calamity,
    Timer::Triage,
    Timer::Circle,
    Timer::Escalate,
    Timer::Gone,
    Timer::Level,
    Timer::Promise,
    Timer::Try,
];

/// What the engine knows of an offer.
enum Known {
    Ended(ContactId),
    Live(Offer),
}

impl State {
    /// Records an input that came too late or twice.
    pub(crate) fn late(
        &mut self,
        contact: ContactId,
        offer: Option<OfferId>,
        by: Author,
    ) -> Answer {
        self.enter(contact, Fact::Late { offer, by });
        Answer::Late
    }

    fn find_offer(&self, id: OfferId) -> Option<Known> {
        let contact = *self.offers.get(&id)?;
        let live = self.held(contact).offers.get(&id);
        let live = live.map(|live| Known::Live(live.offer.clone()));
        Some(live.unwrap_or(Known::Ended(contact)))
    }

    /// The live offer with this id, which `by` may answer; else the answer to give.
    fn answerable(&mut self, id: OfferId, by: &PersonId) -> Result<Offer, Answer> {
        if self.directory.person(by).is_none() {
            return Err(Answer::Refused(Refusal::UnknownPerson));
        }
        match self.find_offer(id) {
            None => Err(Answer::Refused(Refusal::UnknownOffer)),
            Some(Known::Ended(contact)) => {
                let by = Author::Person(by.clone());
                Err(self.late(contact, Some(id), by))
            }
            Some(Known::Live(offer)) => match &offer.to {
                Offered::Person(person) if person != by => {
                    Err(Answer::Refused(Refusal::NotYourOffer))
                }
                _ => Ok(offer),
            },
        }
    }

    pub(super) fn accept(&mut self, id: OfferId, by: &PersonId) -> Answer {
        let offer = match self.answerable(id, by) {
            Ok(offer) => offer,
            Err(answer) => return answer,
        };
        let contact = offer.contact;
        let held = self.held(contact);
        let live = held.offers.get(&id);
        let way = live.map_or(Way::Circle, |live| live.way);
        let takes_part = held.participants.contains(by);
        let takes = live.map_or(Takes::Contact, |live| live.takes);
        let can_hold = match takes {
            Takes::Consult => self.can_be_consulted(by),
            Takes::Contact => takes_part || self.has_hand_free(by, held.channel),
            Takes::Nothing => true,
        };
        let is_full = held.participants.len() >= PARTICIPANTS_MAX;
        if takes == Takes::Contact && !takes_part && is_full {
            return Answer::Refused(Refusal::ConversationFull);
        }
        if !can_hold {
            return Answer::Refused(Refusal::AtCapacity);
        }
        let is_waiting = held.participants.is_empty();
        self.end_offer(contact, id, Outcome::Accepted);
        if way == Way::Help {
            self.change(contact).search.escalation = Escalation::Exhausted;
            self.stop_help(contact);
        }
        match way {
            Way::Request(number) if is_waiting => {
                self.end_request(contact, number, RequestEnd::Answered);
                self.become_owner(contact, by);
            }
            Way::Request(number) => self.accept_request(contact, number, by),
            _ if is_waiting => self.become_owner(contact, by),
            _ if takes_part => {}
            _ => {
                self.join(contact, by);
                if way == Way::Help {
                    self.say(contact, Acknowledgement::Joined(by.clone()));
                }
                self.attend(contact);
            }
        }
        self.fit(by);
        Answer::Done
    }

    pub(super) fn claim(&mut self, contact: ContactId, by: &PersonId) -> Answer {
        if self.directory.person(by).is_none() {
            return Answer::Refused(Refusal::UnknownPerson);
        }
        if !self.held(contact).is_waiting() {
            return self.late(contact, None, Author::Person(by.clone()));
        }
        if !self.has_hand_free(by, self.held(contact).channel) {
            return Answer::Refused(Refusal::AtCapacity);
        }
        self.become_owner(contact, by);
        self.fit(by);
        Answer::Done
    }

    pub(super) fn decline(&mut self, id: OfferId, by: &PersonId) -> Answer {
        match self.answerable(id, by) {
            Ok(offer) => {
                self.end_offer(offer.contact, id, Outcome::Declined);
                Answer::Done
            }
            Err(answer) => answer,
        }
    }

    pub(super) fn fail(&mut self, id: OfferId) -> Answer {
        match self.find_offer(id) {
            None => Answer::Refused(Refusal::UnknownOffer),
            Some(Known::Ended(contact)) => self.late(contact, Some(id), Author::Software),
            Some(Known::Live(offer)) => {
                let next = self.next_line(&offer);
                self.end_offer(offer.contact, id, Outcome::Failed);
                if let Some((to, way, person)) = next {
                    self.offer(offer.contact, to, way, offer.until, Some(person));
                }
                Answer::Done
            }
        }
    }

    /// The line by which somebody is asked, for the rest of the same time, whose own line failed:
    /// the next of his on which he is on call or reachable.
    fn next_line(&self, failed: &Offer) -> Option<(Offered, Way, PersonId)> {
        let Offered::Line(id) = &failed.to else {
            return None;
        };
        let contact = self.held(failed.contact);
        let live = contact.offers.get(&failed.id)?;
        let person = live.reserves.clone()?;
        let lines = &self.directory.person(&person)?.lines;
        let mut later = lines.iter().skip_while(|line| line.id != *id).skip(1);
        let next = later.find(|line| {
            let reach = self.reachability(&person, line.channel).reach;
            matches!(reach, Reach::Now | Reach::OnCall)
                && is_in_service(&self.directory, &line.id, self.now)
                && !contact.has_offer(&Offered::Line(line.id.clone()))
        })?;
        Some((Offered::Line(next.id.clone()), live.way, person))
    }

    /// Somebody has the contact from now on: everybody else hears that it is taken.
    pub(super) fn become_owner(&mut self, id: ContactId, person: &PersonId) {
        self.count_share(id, person);
        self.observe_answer(id);
        self.join(id, person);
        self.withdraw(id, |live| {
            let is_his = live.reserves.as_ref() == Some(person);
            !live.way.is_beside() || is_his
        });
        self.withdraw_requests(id, |request| request.kind == RequestKind::Transfer);
        self.deadlines
            .keep(id, |timer| !OF_A_SEARCH.contains(timer));
        let contact = self.change(id);
        contact.promise = None;
        contact.triage = None;
        contact.is_probed = false;
        contact.is_deferred = false;
        contact.search.escalation = Escalation::NotStarted;
        self.stand(id, ContactState::Active);
        self.say(id, Acknowledgement::Owned(person.clone()));
        self.remember_known(id, person);
        if Self::is_spoken(self.held(id).channel) {
            self.person_said(id, person);
        }
        self.remind_of_call_back(id);
        self.watch_overdue(id);
        self.attend(id);
    }

    pub(super) fn count_share(&mut self, id: ContactId, taker: &PersonId) {
        let contact = self.held(id);
        let Addressee::Group(group) = contact.addressee.clone() else {
            return;
        };
        let there = self.members_there(contact);
        if let Some(shares) = self.shares.value_mut(&group) {
            shares.count(taker, there);
            self.shares_changed(&group);
        }
    }

    /// Somebody has the contact: a long quiet is noticed.
    pub(crate) fn attend(&mut self, id: ContactId) {
        self.attend_from(id, self.now);
    }

    /// The same for a quiet that begins then.
    pub(super) fn attend_from(&mut self, id: ContactId, from: DateTime<Utc>) {
        let quiet_s = if self.held(id).channel.is_live() {
            QUIET_LIVE_FOR_S
        } else {
            QUIET_FOR_S
        };
        self.deadlines.arm(id, Timer::Quiet, later(from, quiet_s));
    }
}
