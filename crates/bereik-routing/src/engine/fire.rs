//! What happens at each deadline.

use bereik_core::id::ContactId;
use bereik_core::message::Author;
use bereik_core::offer::Outcome;
use bereik_core::triage::TriageEnd;
use chrono::{DateTime, Utc};

use crate::deadline::Timer;
use crate::state::State;

impl State {
    /// Fires every deadline due at or before `at`, each at its own instant and in order. Time
    /// never goes back.
    pub(crate) fn advance_to(&mut self, at: DateTime<Utc>) {
        loop {
            if let Some(due) = self.wrap_up_due(at) {
                self.now = self.now.max(due);
                self.end_wrap_ups_due(due);
                self.settle();
                continue;
            }
            let Some((due, contact, timer)) = self.deadlines.pop_due(at) else {
                break;
            };
            self.now = self.now.max(due);
            self.fire(contact, timer);
            if !self.ends_go_on(due, contact) {
                self.settle();
            }
        }
        self.now = self.now.max(at);
    }

    /// Whether more of what a contact waited for ends at the same instant: all of it ends before
    /// anything follows from it.
    fn ends_go_on(&self, at: DateTime<Utc>, contact: ContactId) -> bool {
        let next = self.deadlines.first();
        next.is_some_and(|(next_at, of, timer)| {
            let is_end = matches!(timer, Timer::Offer(_) | Timer::Calamity);
            next_at == at && of == contact && is_end
        })
    }

    fn fire(&mut self, id: ContactId, timer: Timer) {
        let is_sought = self.is_sought(self.held(id));
        match timer {
            Timer::Offer(offer) => self.end_offer(id, offer, Outcome::Lapsed),
            Timer::Calamity => {
                self.raise_calamity_again(id);
                self.start_escalation(id);
            }
            Timer::Triage => self.end_triage(id, TriageEnd::Silence),
            Timer::Circle => {
                self.work.note(id);
            }
            Timer::Level if is_sought || !self.held(id).is_waiting() => self.widen_level(id),
            Timer::Level => {}
            Timer::Warn(clock) => self.warn(id, clock),
            Timer::Escalate if is_sought => {
                self.start_escalation(id);
                self.work.note(id);
            }
            Timer::Escalate => {}
            Timer::Breach(clock) => self.breach(id, clock),
            Timer::Try => self.try_again(id),
            Timer::OwnerAway => self.owner_stays_away(id),
            Timer::Quiet => self.notice_quiet(id),
            Timer::Consult => self.end_consults_due(id),
            Timer::Warm => self.former_owner_leaves(id),
            Timer::Gone => self.notice_gone(id),
            Timer::CallBack => self.call_back_nears(id),
            Timer::Remind => self.press(id),
            Timer::Promise => self.promise_nears(id),
            Timer::Acknowledge => self.acknowledge_now(id),
        }
    }

    /// Nobody has said anything for long. A customer who had the last word and got no answer is
    /// helped by somebody else; one who was promised a call waits for it, and one whose answer is not due yet until it is; otherwise the contact is done.
    fn notice_quiet(&mut self, id: ContactId) {
        let call_back = self.held(id).call_back.as_ref();
        if let Some(at) = call_back.map(|call_back| call_back.at) {
            self.attend_from(id, at);
        } else if let Some(due_at) = self.answer_due_at(id) {
            self.deadlines.arm(id, Timer::Quiet, due_at);
        } else if self.held(id).is_unanswered() {
            for person in self.held(id).participants.clone().into_iter().rev() {
                self.take_out(id, &person);
            }
        } else {
            self.close(id, Author::Software);
        }
    }
}
