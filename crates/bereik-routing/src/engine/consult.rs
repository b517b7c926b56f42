//! Being consulted: reading along with a contact that others have, for a time.

use bereik_core::entry::Fact;
use bereik_core::id::{ContactId, PersonId};
use bereik_core::offer::RequestKind;

use crate::deadline::Timer;
use crate::state::State;
use crate::target::later;

impl State {
    pub(super) fn begin_consult(&mut self, id: ContactId, person: &PersonId) {
        let standing = self.standing(person);
        standing.consults += 1;
        self.changed(person);
        let began = person.clone();
        self.change(id).remember_helper(person);
        self.enter(id, Fact::ConsultBegan { person: began });
        self.prolong_consult(id, person);
    }

    /// Whoever is consulted is so for some time from now on.
    pub(super) fn prolong_consult(&mut self, id: ContactId, person: &PersonId) {
        let for_s = self.directory.draft().hands.consult_for_s;
        let until = later(self.now, for_s.into());
        let consulted = &mut self.change(id).colleagues.consulted;
        consulted.insert(person.clone(), until);
        self.watch_consults(id);
    }

    fn watch_consults(&mut self, id: ContactId) {
        let consulted = self.held(id).colleagues.consulted.values();
        match consulted.min().copied() {
            Some(first) => self.deadlines.arm(id, Timer::Consult, first),
            None => self.deadlines.disarm(id, Timer::Consult),
        }
    }

    /// Somebody is not consulted any longer.
    pub(crate) fn end_consult(&mut self, id: ContactId, person: &PersonId) {
        let consulted = &self.held(id).colleagues.consulted;
        if !consulted.contains_key(person) {
            return;
        }
        self.change(id).colleagues.consulted.remove(person);
        self.standing(person).consults -= 1;
        self.changed(person);
        self.gained.note(person.clone());
        let ended = person.clone();
        self.enter(id, Fact::ConsultEnded { person: ended });
        self.watch_consults(id);
    }

    /// Ends the consults whose time is over.
    pub(super) fn end_consults_due(&mut self, id: ContactId) {
        let now = self.now;
        let consulted = self.held(id).colleagues.consulted.iter();
        let due: Vec<PersonId> = consulted
            .filter(|(_, until)| **until <= now)
            .map(|(person, _)| person.clone())
            .collect();
        for person in due {
            self.end_consult(id, &person);
        }
    }

    /// Nobody has the contact any longer, so nobody needs advice on it.
    pub(super) fn end_consulting(&mut self, id: ContactId) {
        self.withdraw_requests(id, |request| request.kind == RequestKind::Consult);
        let consulted = self.held(id).colleagues.consulted.keys();
        let consulted: Vec<PersonId> = consulted.cloned().collect();
        for person in consulted {
            self.end_consult(id, &person);
        }
    }
}
