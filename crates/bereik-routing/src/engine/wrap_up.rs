//! The time that somebody has for wrapping up after a contact. It belongs to the person: it runs
//! whichever contact or group he would be asked for next, and nothing cuts it short but himself and
//! what he takes.

use bereik_core::entry::Fact;
use bereik_core::id::{ContactId, PersonId};
use chrono::{DateTime, Utc};

use crate::answer::{Answer, Refusal};
use crate::contact_state::Contact;
use crate::state::{Standing, State, WrapUp};
use crate::target::later;

/// The longest that somebody wraps up, in seconds, however often he asks for more: an hour.
const WRAP_UP_FOR_S_MAX: i64 = 3_600;

impl State {
    /// When the engine wants to be woken.
    pub(super) fn next_at(&self) -> Option<DateTime<Utc>> {
        let wrap_up = self.wrap_ups.first().map(|(at, _)| *at);
        let deadline = self.deadlines.first_at();
        deadline.into_iter().chain(wrap_up).min()
    }

    /// When the next wrap-up is over, if that is by `at` and before every other deadline.
    pub(super) fn wrap_up_due(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let (due, _) = self.wrap_ups.first()?;
        let next = self.deadlines.first_at();
        let is_next = next.is_none_or(|next| *due <= next);
        (is_next && *due <= at).then_some(*due)
    }

    /// Ends every wrap-up that is over by then.
    pub(super) fn end_wrap_ups_due(&mut self, at: DateTime<Utc>) {
        while let Some((due, person)) = self.wrap_ups.first().cloned() {
            if at < due {
                break;
            }
            self.end_wrap_up(&person);
        }
    }

    /// A contact ended for somebody: he has time for wrapping it up, if that is configured. A
    /// longer time that runs already is not cut short.
    pub(crate) fn begin_wrap_up(&mut self, contact: ContactId, person: &PersonId) {
        let now = self.now;
        let held = self.held(contact);
        let seconds = self.directory.person(person).map_or(0, |of| {
            let group = self.group_of(held);
            self.directory.wrap_up_s(of, group, held.channel)
        });
        let until = later(now, seconds.into());
        let runs = self.people.get(person).and_then(|s| s.wrap_up);
        if until <= now || runs.is_some_and(|runs| until <= runs.until) {
            return;
        }
        let since = now;
        let wrap_up = WrapUp {
            contact,
            since,
            until,
        };
        self.wrap_up_until(person, wrap_up);
    }

    fn wrap_up_until(&mut self, person: &PersonId, wrap_up: WrapUp) {
        let before = self.standing(person).wrap_up.replace(wrap_up);
        if let Some(before) = before {
            self.wrap_ups.remove(&(before.until, person.clone()));
        }
        let until = wrap_up.until;
        self.wrap_ups.insert((until, person.clone()));
        self.changed(person);
        let person = person.clone();
        self.enter(wrap_up.contact, Fact::WrappingUp { person, until });
    }

    /// He is done, and is matched at once with what waits.
    pub(crate) fn end_wrap_up(&mut self, person: &PersonId) {
        let standing = self.people.value_mut(person);
        let Some(wrap_up) = standing.and_then(|standing| standing.wrap_up.take()) else {
            return;
        };
        self.wrap_ups.remove(&(wrap_up.until, person.clone()));
        self.changed(person);
        self.gained.note(person.clone());
        let person = person.clone();
        self.enter(wrap_up.contact, Fact::WrappedUp { person });
    }

    pub(super) fn wrapped_up(&mut self, person: &PersonId) -> Answer {
        match self.wrap_up_of(person) {
            Ok(_) => {
                self.end_wrap_up(person);
                Answer::Done
            }
            Err(refusal) => Answer::Refused(refusal),
        }
    }

    pub(super) fn prolong_wrap_up(&mut self, person: &PersonId, for_s: u32) -> Answer {
        let wrap_up = match self.wrap_up_of(person) {
            Ok(wrap_up) => wrap_up,
            Err(refusal) => return Answer::Refused(refusal),
        };
        let last = later(wrap_up.since, WRAP_UP_FOR_S_MAX);
        let until = later(wrap_up.until, for_s.into()).min(last);
        if until <= wrap_up.until {
            return Answer::Refused(Refusal::WrapUpTooLong);
        }
        self.wrap_up_until(person, WrapUp { until, ..wrap_up });
        Answer::Done
    }

    fn wrap_up_of(&self, person: &PersonId) -> Result<WrapUp, Refusal> {
        if self.directory.person(person).is_none() {
            return Err(Refusal::UnknownPerson);
        }
        let standing = self.people.get(person);
        standing
            .and_then(|standing| standing.wrap_up)
            .ok_or(Refusal::NotWrappingUp)
    }

    /// Until when somebody is not offered this contact because he wraps up another: one over a live
    /// channel, unless it is a calamity and those interrupt.
    pub(crate) fn wraps_up_until(
        &self,
        contact: &Contact,
        person: &PersonId,
    ) -> Option<DateTime<Utc>> {
        self.wraps_up_with(contact, self.people.get(person)?)
    }

    /// The same of somebody who stands so.
    pub(crate) fn wraps_up_with(
        &self,
        contact: &Contact,
        standing: &Standing,
    ) -> Option<DateTime<Utc>> {
        let wrap_up = standing.wrap_up?;
        let interrupts = self.directory.draft().hands.calamity_interrupts_wrap_up;
        let is_kept_off = contact.channel.is_live() && !(contact.is_calamity() && interrupts);
        is_kept_off.then_some(wrap_up.until)
    }
}
