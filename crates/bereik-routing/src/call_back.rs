//! A call that was promised to a customer for an instant: reminded of, kept, or openly missed.

use bereik_core::Acknowledgement;
use bereik_core::acknowledgement::{Promise, PromiseKind};
use bereik_core::entry::{Fact, RemindTo, Reminder};
use bereik_core::id::{ContactId, PersonId};
use bereik_core::message::Author;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::answer::{Answer, Refusal};
use crate::contact_state::Contact;
use crate::deadline::Timer;
use crate::state::State;
use crate::target::later;

/// How long before the instant the owner is reminded, in seconds; from then on a word of his to
/// the customer keeps the promise.
const REMIND_BEFORE_S: i64 = 300;
/// How long after the instant the customer is told that nobody called, in seconds: a call takes a
/// moment to begin, and to be noted.
pub(crate) const MISSED_AFTER_S: i64 = 120;

/// A promised call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CallBack {
    pub(crate) at: DateTime<Utc>,
    /// Who promised it.
    pub(crate) by: PersonId,
}

impl CallBack {
    pub(crate) const fn promise(&self) -> Promise {
        Promise {
            kind: PromiseKind::CallBack,
            by: self.at,
        }
    }

    fn near_at(&self) -> DateTime<Utc> {
        later(self.at, -REMIND_BEFORE_S)
    }

    fn missed_at(&self) -> DateTime<Utc> {
        later(self.at, MISSED_AFTER_S)
    }
}

impl State {
    /// A participant promises the customer a call. It takes the place of one promised before, and
    /// is an answer; it is meant as it was said, whatever the hours of the agreement are.
    pub(crate) fn promise_call_back(
        &mut self,
        id: ContactId,
        by: &PersonId,
        at: DateTime<Utc>,
    ) -> Answer {
        if let Some(refusal) = self.refusal_of(id, by) {
            return Answer::Refused(refusal);
        }
        if at <= self.now {
            return Answer::Refused(Refusal::InThePast);
        }
        let before = self.held(id).call_back.as_ref();
        if before.is_some_and(|before| before.at == at) {
            return self.late(id, None, Author::Person(by.clone()));
        }
        let call_back = CallBack { at, by: by.clone() };
        let near_at = call_back.near_at();
        let promise = call_back.promise();
        self.change(id).call_back = Some(call_back);
        self.answered(id, false);
        let person = by.clone();
        self.say(id, Acknowledgement::CallBack { at, person });
        self.enter(id, Fact::Promised { promise });
        let first_at = if self.now < near_at { near_at } else { at };
        self.deadlines.arm(id, Timer::CallBack, first_at);
        self.attend(id);
        Answer::Done
    }

    /// The customer was called.
    pub(crate) fn call_back_kept(&mut self, id: ContactId, by: &PersonId) -> Answer {
        if let Some(refusal) = self.refusal_of(id, by) {
            return Answer::Refused(refusal);
        }
        if self.held(id).call_back.is_none() {
            return self.late(id, None, Author::Person(by.clone()));
        }
        let now = self.now;
        self.change(id).last_word = Some((Author::Person(by.clone()), now));
        self.answered(id, true);
        self.end_call_back(id, by);
        self.attend(id);
        Answer::Done
    }

    /// Why somebody can neither promise nor have made a call, if he cannot.
    fn refusal_of(&self, id: ContactId, by: &PersonId) -> Option<Refusal> {
        let contact = self.held(id);
        if self.directory.person(by).is_none() {
            Some(Refusal::UnknownPerson)
        } else if !contact.state.is_open() {
            Some(Refusal::ContactClosed)
        } else if !contact.participants.contains(by) {
            Some(Refusal::NotAParticipant)
        } else {
            None
        }
    }

    fn end_call_back(&mut self, id: ContactId, by: &PersonId) {
        self.change(id).call_back = None;
        self.deadlines.disarm(id, Timer::CallBack);
        self.enter(id, Fact::CallBackKept { by: by.clone() });
    }

    /// A word of a person keeps the promise when its instant is near or past.
    pub(crate) fn keep_call_back_by(&mut self, id: ContactId, person: &PersonId) {
        let call_back = self.held(id).call_back.as_ref();
        if call_back.is_some_and(|call_back| call_back.near_at() <= self.now) {
            self.end_call_back(id, person);
        }
    }

    /// The instant of a promised call nears, is there, or is past.
    pub(crate) fn call_back_nears(&mut self, id: ContactId) {
        let Some(call_back) = self.held(id).call_back.clone() else {
            return;
        };
        let (now, at, missed_at) = (self.now, call_back.at, call_back.missed_at());
        if missed_at <= now {
            self.miss_call_back(id, call_back);
            return;
        }
        let next_at = if now < at { at } else { missed_at };
        self.deadlines.arm(id, Timer::CallBack, next_at);
        self.remind_of_call_back(id);
        if self.held(id).is_waiting() {
            self.start_escalation(id);
            self.work.note(id);
        }
    }

    /// Whoever has the contact is reminded of the call that it owes.
    pub(crate) fn remind_of_call_back(&mut self, id: ContactId) {
        let contact = self.held(id);
        if let (Some(owner), Some(call_back)) = (contact.owner(), &contact.call_back) {
            let to = RemindTo::Person(owner.clone());
            let of = Reminder::CallBack { at: call_back.at };
            self.remind(id, to, of);
        }
    }

    /// Nobody called: the customer hears it, and the contact is put to others. Its owner has had
    /// his reminders, and loses it to the next participant or to whom it is routed.
    fn miss_call_back(&mut self, id: ContactId, call_back: CallBack) {
        let CallBack { at, by } = call_back;
        self.change(id).call_back = None;
        self.enter(id, Fact::CallBackMissed { at, person: by });
        self.say(id, Acknowledgement::CallBackMissed { at });
        if let Some(owner) = self.held(id).owner().cloned() {
            self.take_out(id, &owner);
        }
        self.asked(id);
        self.work.note(id);
    }

    /// What was promised to the customer and comes first.
    pub(crate) fn next_promise(contact: &Contact) -> Option<Promise> {
        let call_back = contact.call_back.as_ref().map(CallBack::promise);
        let promises = contact.promise.into_iter().chain(call_back);
        promises.min_by_key(|promise| promise.by)
    }
}
