//! A calamity goes before everything but capacity: whoever is wanted for one and has no hand free is
//! rung as soon as he has.
//!
//! Nobody holds more than he can hold, not in a calamity either: he would help neither customer. So
//! a level that finds somebody busy goes on to the next at once, and the calamity remembers him, as
//! it does whoever reaches for it himself in vain. When he has a hand free all its ways ring again,
//! without waiting for the next try.

use bereik_core::explanation::{ExcludedBy, Explanation};
use bereik_core::id::{ContactId, PersonId};

use crate::contact_state::Escalation;
use crate::state::State;

impl State {
    /// Somebody reached for a contact and has no hand free: in a calamity he is wanted.
    pub(crate) fn want(&mut self, id: ContactId, person: &PersonId) {
        let contact = self.held(id);
        if contact.is_calamity() && contact.is_waiting() {
            self.change(id).search.is_wanted(person);
            self.alarms.insert(id);
        }
    }

    /// A level found these people, and some of them had no hand free.
    pub(crate) fn want_who_is_busy(&mut self, id: ContactId, found: &Explanation) {
        for (person, excluded) in &found.excluded {
            if matches!(excluded, ExcludedBy::AtCapacity | ExcludedBy::WrappingUp(_)) {
                self.want(id, person);
            }
        }
    }

    /// Rings again for each calamity for which one of these people is wanted who can take it now.
    pub(crate) fn ring_for(&mut self, gained: &[PersonId]) {
        if gained.is_empty() || self.alarms.is_empty() {
            return;
        }
        let alarms: Vec<ContactId> = self.alarms.iter().copied().collect();
        for id in alarms {
            let Some(contact) = self.contacts.get(&id) else {
                self.alarms.remove(&id);
                continue;
            };
            if !contact.is_waiting() || !contact.is_calamity() {
                self.change(id).search.busy.clear();
                self.alarms.remove(&id);
                continue;
            }
            let can_take = |person: &&PersonId| {
                contact.search.busy.contains(*person)
                    && self.spare(person, contact.channel) > 0
                    && self.wraps_up_until(contact, person).is_none()
            };
            if let Some(person) = gained.iter().find(can_take)
                && self.is_sought(contact)
            {
                self.change(id).search.busy.remove(person);
                self.ring_again(id, person);
            }
            if self.held(id).search.busy.is_empty() {
                self.alarms.remove(&id);
            }
        }
    }

    /// The calamity lines ring again, and the levels begin anew; while they run, he is asked beside
    /// them.
    fn ring_again(&mut self, id: ContactId, person: &PersonId) {
        let contact = self.held(id);
        let half_at = self.clock(contact).half_after(self.now);
        let until = contact.search.due_at.max(half_at);
        self.ask_calamity_lines(id, until);
        if matches!(self.held(id).search.escalation, Escalation::Running { .. }) {
            self.ask_beside(id, person, until);
        } else {
            self.change(id).search.escalation = Escalation::NotStarted;
            self.start_escalation(id);
        }
        self.work.note(id);
    }
}
