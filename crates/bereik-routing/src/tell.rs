//! What the customer is told, and when: facts and promises, each with an armed deadline behind it.

use bereik_core::acknowledgement::{Promise, PromiseKind};
use bereik_core::id::ContactId;
use bereik_core::offer::Offered;
use bereik_core::reachability::Reach;
use bereik_core::{Acknowledgement, Urgency};
use chrono::{DateTime, Utc};

use crate::contact_state::{Contact, Escalation, Search, Way};
use crate::deadline::Timer;
use crate::plan::Plan;
use crate::state::State;
use crate::target::{Clock, later};

/// How much later than promised somebody may become reachable before the customer is told anew, in
/// seconds: calendars and desks are read with a little delay.
pub(crate) const GRACE_S: i64 = 30;

/// How a search stands for the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Situation {
    /// People who are there are being asked.
    Asking,
    /// Nobody is being asked.
    Nobody,
    /// A line or somebody on call is being asked.
    OnCall,
    /// Those who are there have their hands full.
    Waiting,
}

impl State {
    pub(crate) fn clock<'a>(&'a self, contact: &Contact) -> Clock<'a> {
        self.clock_of(contact, contact.urgency)
    }

    /// The targets that a contact would have with this urgency.
    pub(crate) fn clock_of<'a>(&'a self, contact: &Contact, urgency: Urgency) -> Clock<'a> {
        let addressee = &contact.addressee;
        Clock::of(&self.directory, addressee, urgency, contact.timed_channel())
    }

    fn situation(&self, contact: &Contact) -> Situation {
        let reaches = |to: &Offered| match to {
            Offered::Line(_) => false,
            Offered::Person(person) => self.can_be_reached(contact, person),
        };
        if contact
            .offers_by(Way::Circle)
            .any(|offer| reaches(&offer.to))
        {
            Situation::Asking
        } else if contact.offers_by(Way::Level).next().is_some()
            || contact.offers_by(Way::Calamity).next().is_some()
        {
            Situation::OnCall
        } else if contact.search.is_full {
            Situation::Waiting
        } else {
            Situation::Nobody
        }
    }

    /// Tells the customer how the search stands, when he has not been told something that still
    /// holds.
    pub(crate) fn tell(&mut self, id: ContactId) {
        let now = self.now;
        let contact = self.held(id);
        let situation = self.situation(contact);
        let has_lines_out = contact.offers_by(Way::Calamity).next().is_some();
        if contact.is_calamity() && has_lines_out && !contact.search.told.calamity {
            let told = &mut self.change(id).search.told;
            told.calamity = true;
            // What was said of earlier alerts does not hold for this one.
            told.alert_failed = false;
            self.say(id, Acknowledgement::CalamityRaised);
        }
        let is_promised = self.held(id).has_promise(PromiseKind::Answer, now);
        match situation {
            Situation::Asking | Situation::Waiting => {
                if !is_promised {
                    self.promise_answer(id);
                }
            }
            Situation::OnCall if has_lines_out && !is_promised => {
                self.promise_answer(id);
            }
            Situation::Nobody | Situation::OnCall => self.tell_way_out(id, situation),
        }
    }

    fn tell_way_out(&mut self, id: ContactId, situation: Situation) {
        let contact = self.held(id);
        if contact.search.told.anything_at.is_none()
            && let Some(back_at) = self.back_at(contact)
        {
            self.promise_back_at(id, back_at);
        }
        let contact = self.held(id);
        let is_level_out = contact.offers_by(Way::Level).next().is_some();
        if is_level_out && !contact.search.told.on_call {
            self.change(id).search.told.on_call = true;
            self.say(id, Acknowledgement::OnCallAsked);
        }
        if is_level_out && self.held(id).search.told.is_broken {
            self.tell_of_alert(id);
        }
        let contact = self.held(id);
        let promised = contact.promise.map(|promise| promise.kind);
        let is_back_promised = promised == Some(PromiseKind::BackAt);
        let is_exhausted = matches!(contact.search.escalation, Escalation::Exhausted);
        if situation != Situation::Nobody || !is_exhausted {
            return;
        }
        self.tell_failed_alert(id);
        if !is_back_promised {
            self.tell_next_try(id);
        }
    }

    /// The customer was told that somebody is being alerted, and no alert got through: he hears it,
    /// and a number to call where there is one.
    fn tell_failed_alert(&mut self, id: ContactId) {
        let search = &self.held(id).search;
        let is_told_of_alerts = search.told.on_call || search.told.calamity;
        if search.has_alerted || !is_told_of_alerts || search.told.alert_failed {
            return;
        }
        self.change(id).search.told.alert_failed = true;
        self.say(id, Acknowledgement::AlertFailed);
        if let Some((line, person)) = self.phone_line(id) {
            self.say(id, Acknowledgement::PhoneOffered { line, person });
        }
    }

    fn tell_next_try(&mut self, id: ContactId) {
        if self.deadlines.at(id, Timer::Try).is_none() {
            self.arm_try(id);
        }
        let Some(next_try_at) = self.deadlines.at(id, Timer::Try) else {
            return;
        };
        let is_told =
            |promise: &Promise| promise.kind == PromiseKind::NextTry && promise.by == next_try_at;
        // A try that is due begins in this very step, and tells the customer what comes of it.
        if next_try_at <= self.now || self.held(id).promise.as_ref().is_some_and(is_told) {
            return;
        }
        self.say(id, Acknowledgement::OnTheList { next_try_at });
        self.promise(id, PromiseKind::NextTry, next_try_at, next_try_at);
    }

    fn promise_back_at(&mut self, id: ContactId, back_at: DateTime<Utc>) {
        let back_at_known = Some(back_at);
        self.say(
            id,
            Acknowledgement::NobodyReachable {
                back_at: back_at_known,
            },
        );
        self.promise(id, PromiseKind::BackAt, back_at, back_at);
    }

    /// Promises an answer by the instant at which it is due; later on in the same search, or when
    /// that is past, by an instant twice as far ahead each time.
    pub(crate) fn promise_answer(&mut self, id: ContactId) {
        let now = self.now;
        let is_waiting = self.situation(self.held(id)) == Situation::Waiting;
        if is_waiting {
            self.place_moved();
        }
        let contact = self.held(id);
        let Search {
            since,
            due_at,
            renewals,
            ..
        } = contact.search;
        let clock = self.clock(contact);
        let before = contact.search.told.answer_by;
        let is_first = before.is_none() && now < due_at;
        let (by, remind_at) = if is_first {
            (due_at, clock.warn_after(since))
        } else {
            let by = clock.renewed_after(now, renewals);
            let by = before.map_or(by, |before| by.max(later(before, 1)));
            (by, remind_before(now, by))
        };
        let said = if is_waiting {
            let ahead = self.ahead_of(contact);
            Acknowledgement::Waiting {
                answer_by: by,
                ahead,
                expected_s: self.predict_and_record(id),
            }
        } else if before.is_none() {
            Acknowledgement::Asking { answer_by: by }
        } else {
            Acknowledgement::StillAsking { answer_by: by }
        };
        let search = &mut self.change(id).search;
        search.told.answer_by = Some(by);
        search.renewals = renewals.saturating_add(u32::from(!is_first));
        self.say(id, said);
        let remind_at = if now < remind_at {
            remind_at
        } else {
            remind_before(now, by)
        };
        self.promise(id, PromiseKind::Answer, by, remind_at);
    }

    /// What was promised nears its instant and nobody has the contact: the customer hears how it
    /// stands before the instant passes.
    pub(crate) fn promise_nears(&mut self, id: ContactId) {
        let now = self.now;
        let Some(promise) = self.held(id).promise else {
            return;
        };
        let told_now = self.held(id).search.told.anything_at == Some(now);
        match promise.kind {
            PromiseKind::Answer if told_now && now < promise.by => {
                self.deadlines.arm(id, Timer::Promise, promise.by);
            }
            PromiseKind::Answer if self.situation(self.held(id)) == Situation::Nobody => {
                self.change(id).promise = None;
                self.work.note(id);
            }
            PromiseKind::Answer => self.promise_answer(id),
            PromiseKind::BackAt if !self.held(id).search.told.grace => {
                self.change(id).search.told.grace = true;
                self.deadlines.arm(id, Timer::Promise, later(now, GRACE_S));
            }
            PromiseKind::BackAt => {
                let held = self.change(id);
                held.search.told.grace = false;
                held.search.told.is_broken = true;
                held.promise = None;
                match self.back_at(self.held(id)) {
                    Some(back_at) => self.promise_back_at(id, back_at),
                    None => {
                        self.work.note(id);
                    }
                }
            }
            PromiseKind::NextTry => {
                let held = self.change(id);
                held.search.told.is_broken = true;
                held.promise = None;
                self.work.note(id);
            }
            PromiseKind::NextWord => self.next_word_is_due(id),
            _ => self.change(id).promise = None,
        }
    }

    /// When the first of those who would be asked becomes reachable, within the horizon that
    /// outsiders see.
    pub(crate) fn back_at(&self, contact: &Contact) -> Option<DateTime<Utc>> {
        let horizon = later(
            self.now,
            i64::from(self.directory.draft().horizon_h) * 3_600,
        );
        let plan = Plan::of(&self.directory, contact);
        let instants = plan.everybody().filter_map(|person| {
            match self.reachability(person, contact.channel).reach {
                Reach::From(at) => Some(at),
                _ => None,
            }
        });
        instants.filter(|at| self.now < *at && *at <= horizon).min()
    }
}

/// The instant at which a promise is looked at again: when three quarters of its time are over.
pub(crate) fn remind_before(now: DateTime<Utc>, by: DateTime<Utc>) -> DateTime<Utc> {
    by - (by - now) / 4
}
