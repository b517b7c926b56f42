//! One question about an unclear need, and what follows from the answer or from none.

use bereik_core::Acknowledgement;
use bereik_core::acknowledgement::PromiseKind;
use bereik_core::contact::{Addressee, ContactState};
use bereik_core::entry::Fact;
use bereik_core::id::ContactId;
use bereik_core::message::Author;
use bereik_core::triage::{TriageEnd, TriageOption};

use crate::answer::{Answer, Refusal};
use crate::deadline::Timer;
use crate::state::State;
use crate::target::later;

impl State {
    /// Asks the customer what it is about, when the directory says so. It takes half of the time
    /// to answer at the longest; the clocks of the search run meanwhile.
    pub(super) fn begin_triage(&mut self, id: ContactId) {
        let contact = self.held(id);
        let put = self.directory.draft().triage.as_ref();
        let put = put.filter(|triage| triage.is_put_over(contact.channel));
        let Some(triage) = put.filter(|_| !contact.is_calamity()).cloned() else {
            return;
        };
        let half_at = self.clock(contact).half_after(self.now);
        let go_on_at = later(self.now, triage.for_s.into()).min(half_at);
        let labels = triage.options.iter().map(|option| option.label.clone());
        let asked = Acknowledgement::TriageAsked {
            question: triage.question,
            options: labels.collect(),
            go_on_at,
        };
        self.change(id).triage = Some(triage.options);
        self.deadlines.arm(id, Timer::Triage, go_on_at);
        self.stand(id, ContactState::Triage);
        self.say(id, asked);
        self.promise(id, PromiseKind::Triage, go_on_at, go_on_at);
    }

    pub(super) fn answer_triage(&mut self, id: ContactId, option: u32) -> Answer {
        let Some(options) = &self.held(id).triage else {
            return self.late(id, None, Author::Customer);
        };
        let place = option.checked_sub(1).and_then(|i| usize::try_from(i).ok());
        let Some(chosen) = place.and_then(|place| options.get(place)).cloned() else {
            return Answer::Refused(Refusal::UnknownOption);
        };
        self.route_by_option(id, &chosen);
        self.end_triage(id, TriageEnd::Answered(option));
        if let Some(need) = chosen.need {
            self.learn_need(id, need);
        }
        Answer::Done
    }

    fn route_by_option(&mut self, id: ContactId, chosen: &TriageOption) {
        let group = chosen.group.as_ref();
        let known = group.filter(|group| self.directory.group(group).is_some());
        let addressee = known.cloned().map(Addressee::Group);
        let addressee = addressee.unwrap_or_else(|| self.held(id).addressee.clone());
        let policy = self.policy_for(&addressee);
        let contact = self.change(id);
        contact.addressee = addressee;
        contact.policy = policy;
        contact.requires.clone_from(&chosen.requires);
    }

    /// Triage is over: people are asked from now on. The answer is due as if they had been asked
    /// from the beginning, where that is still possible.
    pub(crate) fn end_triage(&mut self, id: ContactId, end: TriageEnd) {
        if self.change(id).triage.take().is_none() {
            return;
        }
        self.deadlines.disarm(id, Timer::Triage);
        self.deadlines.disarm(id, Timer::Promise);
        let addressee = self.held(id).addressee.clone();
        self.enter(id, Fact::Triaged { end, addressee });
        let (now, since) = (self.now, self.held(id).search.since);
        let clock = self.clock(self.held(id));
        let due_at = Some(clock.due_after(since)).filter(|due_at| now < *due_at);
        let due_at = due_at.unwrap_or_else(|| clock.due_after(now));
        let contact = self.change(id);
        contact.search.due_at = due_at;
        contact
            .promise
            .take_if(|promise| promise.kind == PromiseKind::Triage);
        self.start_search(id);
        self.work.note(id);
    }

    /// The customer wrote on instead of choosing.
    pub(super) fn words_in_triage(&mut self, id: ContactId) {
        let triage = self.directory.draft().triage.as_ref();
        if triage.is_none_or(|triage| triage.words_go_on) {
            self.end_triage(id, TriageEnd::Words);
        }
    }
}
