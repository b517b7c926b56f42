//! Brings every contact that was touched to rest: asks, widens, escalates, tells.

use bereik_core::contact::{Addressee, ContactState};
use bereik_core::entry::Fact;
use bereik_core::explanation::Explanation;
use bereik_core::group::Strategy;
use bereik_core::id::{ContactId, PersonId};
use bereik_core::offer::Offered;
use bereik_core::reachability::Reach;
use chrono::{DateTime, Utc};

use crate::choose::{Many, choose, prefer};
use crate::contact_state::{Contact, Escalation, Way};
use crate::deadline::Timer;
use crate::eligible::Survey;
use crate::output::Output;
use crate::plan::Plan;
use crate::state::State;
use crate::target::later;

impl State {
    /// Looks at every contact that something happened to, and at those whose turn it is with
    /// whoever came free, in the order in which they are served, until nothing is left to do; then
    /// sums up the contacts that stand otherwise than before.
    ///
    /// Looking at a contact only makes offers, it frees nobody, so this ends.
    pub(crate) fn settle(&mut self) {
        while !self.gained.is_empty() || !self.work.is_empty() {
            let gained = self.gained.take();
            self.ring_for(&gained);
            let mut work = self.work.take();
            work.retain(|id| self.contacts.contains_key(id));
            let sought = work.extract_if(.., |id| self.is_sought(self.held(*id)));
            let sought: Vec<_> = sought.collect();
            for id in &work {
                self.advance(*id);
            }
            self.work.give_back(work);
            self.serve(&gained, sought);
            self.gained.give_back(gained);
        }
        self.place_moved();
        let touched = self.touched.take();
        for id in &touched {
            self.watch_acknowledgement(*id);
            if let Some(contact) = self.contacts.get(id) {
                let summary = Box::new(contact.summary());
                self.out.push_back(Output::Summary(summary));
            }
        }
        self.touched.give_back(touched);
    }

    /// Does for one contact whatever can be done at this instant.
    pub(crate) fn advance(&mut self, id: ContactId) {
        self.continue_requests(id);
        if !self.is_sought(self.held(id)) {
            self.rest(id);
            let contact = self.held(id);
            if contact.state.is_open() && !contact.is_waiting() {
                self.continue_escalation(id);
            }
            return;
        }
        self.ask_circles(id);
        self.continue_escalation(id);
        if self.is_at_end_of_circles(id) {
            self.start_escalation(id);
        }
        self.stand(id, self.state_of(self.held(id)));
        self.tell(id);
    }

    /// Whether nobody who is there is being asked, or could be once he has a hand free. Whoever
    /// is only perhaps reachable holds nothing up. A calamity waits for nobody.
    fn is_at_end_of_circles(&self, id: ContactId) -> bool {
        let contact = self.held(id);
        if contact.is_calamity() {
            return contact.offers_by(Way::Calamity).next().is_none();
        }
        !self.is_asking(contact) && !contact.search.is_full
    }

    /// Whether somebody who is there is being asked.
    pub(crate) fn is_asking(&self, contact: &Contact) -> bool {
        let mut offers = contact.offers_by(Way::Circle);
        offers.any(|offer| self.reaches(contact, &offer.to))
    }

    fn reaches(&self, contact: &Contact, to: &Offered) -> bool {
        match to {
            Offered::Line(_) => false,
            Offered::Person(person) => self.can_be_reached(contact, person),
        }
    }

    fn state_of(&self, contact: &Contact) -> ContactState {
        let mut live = contact.offers.values();
        if live.any(|live| matches!(live.offer.to, Offered::Person(_))) {
            ContactState::Offering
        } else if !contact.offers.is_empty() {
            ContactState::OnCallLine
        } else if contact.search.is_full {
            ContactState::Queued
        } else if matches!(contact.search.escalation, Escalation::Exhausted) {
            ContactState::Unreachable
        } else {
            ContactState::Queued
        }
    }

    /// Offers a contact to whom the circles in force name, widening them where nobody is left.
    pub(crate) fn ask_circles(&mut self, id: ContactId) {
        let contact = self.held(id);
        let plan = Plan::of(&self.directory, contact);
        let strategy = if contact.is_calamity() {
            Strategy::RingAll
        } else {
            plan.strategy
        };
        let many = Many::of(&plan, strategy, self.asked_now(contact));
        let seen = if self.may_be_held_back(contact) {
            Many::All
        } else {
            many
        };
        let (circle, mut survey) = self.widen(contact, &plan, seen, self.now);
        let held_back_until = self.keep_reserve(contact, &mut survey);
        let until = later(self.now, plan.offer_for_s.into());
        let next_circle_at = plan
            .after_s(circle + 1)
            .map(|after_s| later(contact.search.since, after_s.into()));
        let look_again_at = next_circle_at.into_iter().chain(held_back_until).min();
        let was = contact.search.circle;
        let is_full = survey.is_full;
        let preferred = self.preferred(contact);
        let explanation = match &preferred {
            Some(person) => Some(prefer(person, survey, circle)),
            None if self.holds_still(contact, &survey, many) => None,
            None => Some(choose(&plan, many, survey, circle)),
        };
        self.keep_preference(id, preferred.is_some());
        let search = &mut self.change(id).search;
        search.circle = circle;
        search.is_full = is_full;
        if was < circle {
            self.enter(id, Fact::CircleWidened { circle });
        }
        match look_again_at {
            Some(at) if self.now < at => self.deadlines.arm(id, Timer::Circle, at),
            _ => self.deadlines.disarm(id, Timer::Circle),
        }
        if let Some(explanation) = explanation {
            self.offer_to_chosen(id, explanation, until);
        }
    }

    /// Who goes before all others does so once: while he can be asked, or is being asked.
    fn keep_preference(&mut self, id: ContactId, can_be_asked: bool) {
        let contact = self.held(id);
        let prefer = contact.search.prefer.as_ref();
        let is_asked = prefer.is_some_and(|person| contact.has_offer_to(person));
        if !can_be_asked && !is_asked {
            self.change(id).search.prefer = None;
        }
    }

    fn offer_to_chosen(&mut self, id: ContactId, explanation: Explanation, until: DateTime<Utc>) {
        let chosen = explanation.chosen.clone();
        let is_first = self.held(id).search.told.anything_at.is_none();
        if !chosen.is_empty() || is_first {
            self.enter(id, Fact::Chosen { explanation });
        }
        self.take_turn(id, &chosen);
        for person in chosen {
            let to = Offered::Person(person.clone());
            self.offer(id, to, Way::Circle, until, Some(person));
        }
    }

    /// It is the turn of those who were chosen.
    fn take_turn(&mut self, id: ContactId, chosen: &[PersonId]) {
        let Addressee::Group(group) = &self.held(id).addressee else {
            return;
        };
        let group = group.clone();
        if let Some(shares) = self.shares.value_mut(&group).filter(|_| !chosen.is_empty()) {
            shares.take_turn(chosen);
            self.turn_taken(&group, chosen);
        }
    }

    /// How many people who are there are being asked.
    pub(crate) fn asked_now(&self, contact: &Contact) -> usize {
        let offers = contact.offers_by(Way::Circle);
        offers
            .filter(|offer| self.reaches(contact, &offer.to))
            .count()
    }

    /// The circle in force and who may be asked in it. A circle comes into force when its wait is
    /// over, or at once when nobody who is there is left in those before it; in a calamity all
    /// are.
    pub(crate) fn widen(
        &self,
        contact: &Contact,
        plan: &Plan<'_>,
        many: Many,
        at: DateTime<Utc>,
    ) -> (u32, Survey) {
        let last = plan.last_circle();
        let search = &contact.search;
        let waited_s = (at - search.since).num_seconds();
        let mut circle = search.circle.min(last);
        if contact.is_calamity() {
            circle = last;
        }
        let is_over = |circle| {
            plan.after_s(circle)
                .is_some_and(|s| i64::from(s) <= waited_s)
        };
        while circle < last && is_over(circle + 1) {
            circle += 1;
        }
        loop {
            let survey = self.survey(contact, plan, circle, many, at);
            let is_anybody_left = survey.has_certain || survey.is_asked || survey.is_full;
            if is_anybody_left || circle == last {
                return (circle, survey);
            }
            circle += 1;
        }
    }

    /// Whether the offers that are out keep the contact from being put to others.
    fn holds_still(&self, contact: &Contact, survey: &Survey, many: Many) -> bool {
        if survey.has_certain {
            let prefers = contact.search.prefer.is_some();
            return many == Many::AtMost(0) || (prefers && self.is_asking(contact));
        }
        contact.offers_by(Way::Circle).next().is_some()
    }

    /// Who is asked before all others, if he can be asked now. A calamity has no time for it.
    pub(crate) fn preferred(&self, contact: &Contact) -> Option<PersonId> {
        let person = contact.search.prefer.as_ref()?;
        let reach = self.reachability(person, contact.channel).reach;
        let can_be_asked =
            reach == Reach::Now && self.first_rule_against(contact, person, self.now).is_none();
        (can_be_asked && !contact.is_calamity()).then(|| person.clone())
    }
}
