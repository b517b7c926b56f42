//! How pressing a contact is: the highest of what is said of it, unless a person said less.

use bereik_core::Urgency;
use bereik_core::acknowledgement::{Promise, PromiseKind};
use bereik_core::entry::Fact;
use bereik_core::id::{ContactId, Reason};
use bereik_core::message::Author;
use bereik_core::triage::TriageEnd;
use serde::{Deserialize, Serialize};

use crate::answer::{Answer, Refusal};
use crate::contact_state::{Contact, Escalation, Way};
use crate::deadline::Timer;
use crate::state::State;

/// Who or what says how pressing a contact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voice {
    /// The customer's own word.
    Customer,
    /// The page that he came from, or the number that he called.
    Page,
    /// A person.
    Person,
    /// What is known of the customer: a product that carries his core process.
    Profile,
    /// Software that looked at it later.
    Software,
}

const VOICES: usize = 5;

/// What each voice said last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Voices {
    said: [Urgency; VOICES],
    /// Which of them a person overruled: they count no more, until the customer speaks anew.
    overruled: [bool; VOICES],
}

impl Voices {
    /// The voices of a contact that came in; a profile of which nothing is known yet says low.
    pub(crate) fn new(customer: Urgency, page: Urgency, profile: Urgency) -> Self {
        let mut voices = Self {
            said: [Urgency::Low; VOICES],
            overruled: [false; VOICES],
        };
        voices.said[Voice::Customer as usize] = customer;
        voices.said[Voice::Page as usize] = page;
        voices.said[Voice::Profile as usize] = profile;
        voices
    }

    /// The highest that counts.
    pub(crate) fn highest(&self) -> Urgency {
        let said = self.said.iter().zip(&self.overruled);
        let counting = said.filter(|(_, overruled)| !**overruled);
        counting.map(|(said, _)| *said).max().unwrap_or_default()
    }

    /// Takes a word down. A person's word that is lower than what counts overrules every voice
    /// that said more; the customer's next word counts again, what software says does not.
    fn hear(&mut self, voice: Voice, urgency: Urgency) {
        if voice == Voice::Person && urgency < self.highest() {
            for (said, overruled) in self.said.iter().zip(&mut self.overruled) {
                *overruled |= *said > urgency;
            }
        }
        self.said[voice as usize] = urgency;
        if matches!(voice, Voice::Customer | Voice::Person) {
            self.overruled[voice as usize] = false;
        }
    }
}

impl State {
    /// How pressing a contact is: the highest of the customer's own word, his profile, the page or
    /// number used, what software and people said, leaving out whom a person overruled.
    pub(crate) fn urgency_of(contact: &Contact) -> Urgency {
        contact.voices.highest()
    }

    /// Somebody says how pressing a contact is. Only a person lowers it, and says why.
    pub(crate) fn change_urgency(
        &mut self,
        id: ContactId,
        to: Urgency,
        by: Author,
        reason: Option<Reason>,
    ) -> Answer {
        let contact = self.held(id);
        if !contact.state.is_open() {
            return Answer::Refused(Refusal::ContactClosed);
        }
        let voice = match &by {
            Author::Customer => Voice::Customer,
            Author::Person(_) => Voice::Person,
            Author::Software => Voice::Software,
        };
        if to < contact.urgency && voice != Voice::Person {
            return Answer::Refused(Refusal::NotLowered);
        }
        if to < contact.urgency && reason.is_none() {
            return Answer::Refused(Refusal::ReasonMissing);
        }
        let is_known = self.directory_knows(&by);
        if !is_known {
            return Answer::Refused(Refusal::UnknownPerson);
        }
        if self.hear_urgency(id, voice, to, by.clone(), reason) {
            Answer::Done
        } else {
            self.late(id, None, by)
        }
    }

    fn directory_knows(&self, author: &Author) -> bool {
        match author {
            Author::Person(person) => self.directory.person(person).is_some(),
            Author::Customer | Author::Software => true,
        }
    }

    /// Takes down what a voice says; answers whether the contact is more or less pressing now.
    pub(crate) fn hear_urgency(
        &mut self,
        id: ContactId,
        voice: Voice,
        urgency: Urgency,
        by: Author,
        reason: Option<Reason>,
    ) -> bool {
        let contact = self.change(id);
        let was = contact.urgency;
        contact.voices.hear(voice, urgency);
        let now_is = Self::urgency_of(contact);
        if now_is == was {
            return false;
        }
        contact.urgency = now_is;
        let fact = Fact::UrgencyChanged {
            urgency: now_is,
            by,
            reason: reason.filter(|_| now_is < was),
        };
        self.enter(id, fact);
        if now_is == Urgency::Calamity {
            self.end_triage(id, TriageEnd::Overtaken);
        }
        self.raise_lead(id);
        self.change_pace(id, was);
        if self.held(id).is_waiting() {
            self.search_with_urgency(id, was);
        }
        true
    }

    /// The search goes on under the clocks of the new urgency, from now on. Raised, no answer is
    /// due later than before, and every way is tried anew.
    fn search_with_urgency(&mut self, id: ContactId, was: Urgency) {
        let contact = self.held(id);
        let (now, is_raised) = (self.now, was < contact.urgency);
        let anew = self.clock(contact).due_after(now);
        let due_at = contact.search.due_at;
        let is_kept = is_raised && now < due_at;
        let contact = self.change(id);
        contact.search.due_at = if is_kept { anew.min(due_at) } else { anew };
        let is_answer = |promise: &mut Promise| promise.kind == PromiseKind::Answer;
        if contact.search.due_at != due_at {
            contact.promise.take_if(is_answer);
            contact.search.told.answer_by = None;
        }
        if is_raised && matches!(contact.search.escalation, Escalation::Exhausted) {
            contact.search.escalation = Escalation::NotStarted;
            contact.search.tries = 0;
            self.deadlines.disarm(id, Timer::Try);
        }
        if was == Urgency::Calamity {
            self.deadlines.disarm(id, Timer::Calamity);
            self.deadlines.disarm(id, Timer::Level);
            self.withdraw(id, |live| live.way == Way::Calamity);
        }
        self.start_search(id);
        self.quicken_level(id);
        self.work.note(id);
    }
}

#[cfg(test)]
mod tests {
    use super::{Urgency, Voice, Voices};

    /// What a person lowered stays so whatever page, profile and software say again; what was
    /// lower than his word, and what the customer says anew, counts.
    #[test]
    fn a_person_overrules_what_stood_above_his_word_until_the_customer_speaks() {
        let mut voices = Voices::new(Urgency::Normal, Urgency::High, Urgency::Low);
        assert_eq!(voices.highest(), Urgency::High);
        voices.hear(Voice::Profile, Urgency::Calamity);
        assert_eq!(voices.highest(), Urgency::Calamity);
        voices.hear(Voice::Person, Urgency::Normal);
        assert_eq!(voices.highest(), Urgency::Normal);
        for voice in [Voice::Page, Voice::Profile] {
            voices.hear(voice, Urgency::Calamity);
            assert_eq!(voices.highest(), Urgency::Normal, "{voice:?}");
        }
        // Software had said nothing when he lowered it.
        voices.hear(Voice::Software, Urgency::High);
        assert_eq!(voices.highest(), Urgency::High);
        voices.hear(Voice::Person, Urgency::Low);
        assert_eq!(voices.highest(), Urgency::Low);
        voices.hear(Voice::Customer, Urgency::Calamity);
        assert_eq!(voices.highest(), Urgency::Calamity);
    }
}
