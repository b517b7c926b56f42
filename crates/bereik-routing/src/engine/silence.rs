//! A customer who goes without a sign: noticed, asked once, kept for the mail that follows or let
//! go; and one who gives up aloud.

use bereik_core::Acknowledgement;
use bereik_core::acknowledgement::{Promise, PromiseKind};
use bereik_core::contact::{Abandonment, ContactState};
use bereik_core::entry::Fact;
use bereik_core::id::ContactId;
use bereik_core::message::Author;
use bereik_core::triage::TriageEnd;

use crate::answer::Answer;
use crate::deadline::Timer;
use crate::state::State;
use crate::target::later;
use crate::tell::remind_before;

impl State {
    pub(super) fn customer_is(&mut self, mut id: ContactId, is_there: bool) -> Answer {
        if matches!(self.held(id).state, ContactState::Merged(_)) {
            id = self.goes_on_in(id);
        }
        let contact = self.held(id);
        let state = contact.state;
        let is_revived = is_there
            && state == ContactState::Abandoned(Abandonment::Silent)
            && self.may_reopen(id);
        let is_new = contact.is_customer_there != is_there && state.is_open();
        if !is_new && !is_revived {
            return self.late(id, None, Author::Customer);
        }
        self.change(id).is_customer_there = is_there;
        let fact = if is_there {
            Fact::CustomerBack
        } else {
            Fact::CustomerGone
        };
        self.enter(id, fact);
        if is_revived {
            self.reopen(id, Author::Customer);
        } else if is_there {
            self.come_back(id);
        } else {
            self.watch_gone(id);
        }
        Answer::Done
    }

    /// The customer leaves and says so.
    pub(super) fn customer_leaves(&mut self, id: ContactId) -> Answer {
        if !self.held(id).state.is_open() {
            return self.late(id, None, Author::Customer);
        }
        self.change(id).is_customer_there = false;
        self.enter(id, Fact::CustomerLeft);
        if self.held(id).is_waiting() {
            self.abandon(id, Abandonment::Explicit);
        }
        Answer::Done
    }

    /// Starts the clock of a customer who is gone while nobody has his contact. A calamity is
    /// looked after whether he is there or not.
    pub(super) fn watch_gone(&mut self, id: ContactId) {
        let contact = self.held(id);
        let is_watched = !contact.is_customer_there && !contact.is_probed;
        if !is_watched || !contact.is_waiting() || contact.is_calamity() {
            return;
        }
        let silence = &self.directory.draft().silence;
        let seconds = if contact.channel.is_live() {
            silence.probe_live_after_s
        } else {
            silence.probe_after_s
        };
        let at = later(self.now, seconds.into());
        self.deadlines.arm(id, Timer::Gone, at);
    }

    /// The customer is there again: his contact is due as before.
    pub(super) fn come_back(&mut self, id: ContactId) {
        self.deadlines.disarm(id, Timer::Gone);
        let contact = self.change(id);
        contact.is_probed = false;
        if std::mem::take(&mut contact.is_deferred) {
            self.time_anew(id);
        }
    }

    /// The clocks of a search run anew from now on.
    pub(super) fn time_anew(&mut self, id: ContactId) {
        let due_at = self.clock(self.held(id)).due_after(self.now);
        let contact = self.change(id);
        contact.search.due_at = due_at;
        contact.search.told.answer_by = None;
        contact
            .promise
            .take_if(|promise| promise.kind == PromiseKind::Answer);
        self.pace_anew(id);
        self.start_search(id);
        self.work.note(id);
    }

    pub(super) fn notice_gone(&mut self, id: ContactId) {
        let contact = self.held(id);
        if contact.is_customer_there || !contact.is_waiting() || contact.is_calamity() {
            return;
        }
        let (is_probed, has_way) = (contact.is_probed, contact.channel_to_customer().is_some());
        if !is_probed {
            self.end_triage(id, TriageEnd::Silence);
            self.change(id).is_probed = true;
        }
        match (has_way, is_probed) {
            (true, _) => self.keep_for_mail(id),
            (false, false) => self.keep_for_a_while(id),
            (false, true) => self.abandon(id, Abandonment::Silent),
        }
    }

    /// He can be answered elsewhere: the contact goes behind, and he hears by when.
    fn keep_for_mail(&mut self, id: ContactId) {
        let now = self.now;
        let promised = self.held(id).promise;
        let is_answer = |promise: &Promise| promise.kind == PromiseKind::Answer;
        let promised = promised.filter(is_answer);
        self.defer(id);
        if self.rests(self.held(id)) {
            return;
        }
        let due_at = self.held(id).search.due_at;
        let answer_by = promised.filter(|_| now < due_at).map(|p| p.by.max(due_at));
        self.say(id, Acknowledgement::AnswerElsewhere { answer_by });
        if let Some(answer_by) = answer_by {
            self.change(id).search.told.answer_by = Some(answer_by);
            let remind_at = remind_before(now, answer_by);
            self.promise(id, PromiseKind::Answer, answer_by, remind_at);
        }
    }

    /// He can be reached nowhere else: his place is kept for a while.
    fn keep_for_a_while(&mut self, id: ContactId) {
        self.defer(id);
        let seconds = self.directory.draft().silence.abandon_after_s;
        let kept_until = later(self.now, seconds.into());
        self.deadlines.arm(id, Timer::Gone, kept_until);
        self.say(id, Acknowledgement::StillThere { kept_until });
    }

    /// The contact goes behind those who are there: it is due as mail is, from now on.
    fn defer(&mut self, id: ContactId) {
        let goes_behind = self.directory.draft().silence.goes_behind;
        if !goes_behind || self.held(id).is_deferred {
            return;
        }
        self.change(id).is_deferred = true;
        let due_at = self.clock(self.held(id)).due_after(self.now);
        let search = &mut self.change(id).search;
        search.due_at = search.due_at.max(due_at);
        self.pace_anew(id);
        self.start_search(id);
        self.work.note(id);
    }

    pub(super) fn abandon(&mut self, id: ContactId, how: Abandonment) {
        self.observe_end(id, &Author::Customer);
        self.end(id, Fact::Abandoned { how }, ContactState::Abandoned(how));
        if how == Abandonment::Explicit {
            self.say(id, Acknowledgement::Closed);
        }
        self.keep_closed(id);
    }
}
