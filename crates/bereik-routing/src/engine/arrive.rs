//! Contacts come in, are closed, come back, and become more or less urgent.

use bereik_core::agreement::{EscalationPolicy, TargetClock};
use bereik_core::contact::{Abandonment, Addressee, ContactState, Leg, Link};
use bereik_core::entry::Fact;
use bereik_core::group::Requirement;
use bereik_core::id::{ContactId, GroupId, Key, NeedId, PersonId};
use bereik_core::message::Author;
use bereik_core::page::PageMatch;
use bereik_core::{Acknowledgement, Directory, Urgency};

use super::converse::ADDRESSES_MAX;
use super::join::{Place, Request};
use crate::addressee::{is_known, somebody, within_bounds};
use crate::answer::{Answer, Refusal};
use crate::contact_state::{Contact, Search, Way};
use crate::deadline::Timer;
use crate::input::Opening;
use crate::state::State;
use crate::voices::Voices;

/// The deadlines that end when nobody has a contact any longer.
const OF_AN_OWNER: [Timer; 5] = [
    Timer::OwnerAway,
    Timer::Quiet,
    Timer::Warm,
    Timer::Remind,
    Timer::Promise,
];

/// The longest path of a page that is kept, in characters.
const PATH_CHARS_MAX: usize = 1_024;

/// What the table of pages says about a page or a line.
#[derive(Default)]
struct FromPage {
    matched: Option<PageMatch>,
    group: Option<GroupId>,
    requires: Vec<Requirement>,
    urgency: Urgency,
    need: Option<NeedId>,
}

impl FromPage {
    fn of(directory: &Directory, opening: &Opening) -> Self {
        let page = opening.page.as_deref();
        let of_line = || directory.line_rule(opening.line.as_ref()?);
        let found = page.and_then(|page| directory.page_rule(page));
        found.or_else(of_line).map_or_else(
            || Self {
                urgency: Urgency::Low,
                ..Self::default()
            },
            |(matched, rule)| Self {
                matched: Some(matched),
                group: rule.group.clone(),
                requires: rule.requires.clone(),
                urgency: rule.urgency,
                need: rule.need.clone(),
            },
        )
    }
}

/// The path of a page: no query, no fragment, and not endlessly long.
fn path_of(page: &str) -> String {
    let path = page.split(['?', '#']).next().unwrap_or(page);
    path.chars().take(PATH_CHARS_MAX).collect()
}

impl State {
    pub(super) fn open(&mut self, mut opening: Opening) -> Answer {
        if let Some(id) = self.keys.get(&opening.key) {
            return Answer::Opened(self.goes_on_in(*id));
        }
        opening.customer.addresses.truncate(ADDRESSES_MAX);
        let from_page = FromPage::of(&self.directory, &opening);
        let voices = Voices::new(opening.urgency, from_page.urgency, Urgency::Low);
        let urgency = voices.highest();
        let need = opening.need.clone().or(from_page.need.clone());
        let chosen = opening.addressee.clone();
        let named = chosen
            .filter(|addressee| is_known(&self.directory, addressee))
            .or(from_page.group.clone().map(Addressee::Group))
            .map(within_bounds);
        let place = self.place_of(
            &Request {
                addresses: &opening.customer.addresses,
                channel: opening.channel,
                addressee: named.as_ref(),
                need: need.as_ref(),
                urgency,
            },
            None,
        );
        if let Place::Joins(id) = place {
            return self.join_request(id, opening, need, urgency);
        }
        let is_unclear = named.is_none() && need.is_none() && from_page.matched.is_none();
        let Some(addressee) = named.or_else(|| somebody(&self.directory)) else {
            return Answer::Refused(Refusal::NobodyToAsk);
        };
        let id = self.next_contact();
        let Opening {
            key,
            customer,
            channel,
            line,
            page,
            ..
        } = opening;
        let leg = Leg::new(channel, line, self.now);
        let contact = Contact::new(id, customer, addressee, leg);
        let mut contact = Box::new(contact);
        contact.page = page.as_deref().map(path_of);
        contact.requires = from_page.requires;
        contact.urgency = urgency;
        contact.voices = voices;
        contact.need = need;
        contact.policy = self.policy_for(&contact.addressee);
        self.begin_from(contact, Some(key), from_page.matched);
        let mut prefer = None;
        if let Place::Beside(other) = place {
            self.link(other, id, Link::SameCustomer);
            prefer = self.held(other).owner().cloned();
        }
        self.note_need(id);
        self.search(id, prefer);
        if is_unclear {
            self.begin_triage(id);
        }
        Answer::Opened(id)
    }

    pub(super) const fn next_contact(&mut self) -> ContactId {
        self.counters.contact += 1;
        ContactId::new(self.counters.contact)
    }

    /// The escalation policy under which a contact for this addressee comes in.
    pub(super) fn policy_for(&self, addressee: &Addressee) -> Option<EscalationPolicy> {
        let group = match addressee {
            Addressee::Group(id) => self.directory.group(id),
            _ => None,
        };
        self.directory.escalation_of(group).cloned()
    }

    /// A contact that came from no page is there from now on.
    pub(super) fn begin(&mut self, contact: Contact, key: Option<Key>) {
        self.begin_from(Box::new(contact), key, None);
    }

    /// A contact is there from now on, and can be found; who has its address is asked.
    fn begin_from(
        &mut self,
        mut contact: Box<Contact>,
        key: Option<Key>,
        matched: Option<PageMatch>,
    ) {
        let id = contact.id;
        if let Some(key) = key {
            self.keys.insert(key.clone(), id);
            contact.keys.push_back(key);
        }
        let pattern = matched.as_ref().map(|row| row.pattern.clone());
        let opened = Fact::Opened {
            customer: contact.customer.clone(),
            addressee: contact.addressee.clone(),
            channel: contact.channel,
            line: contact.legs.first().and_then(|leg| leg.line.clone()),
            urgency: contact.urgency,
            page: contact.page.clone(),
            page_match: matched,
        };
        self.contacts.insert(id, contact);
        self.index(id);
        let number = self.enter(id, opened);
        self.count_topics(id, pattern);
        self.look_up(id, number);
        self.start_clocks(id);
    }

    /// Begins the search for somebody who takes a contact: from now on nobody has it.
    pub(super) fn search(&mut self, id: ContactId, prefer: Option<PersonId>) {
        let now = self.now;
        self.withdraw(id, |live| live.way == Way::Help);
        self.deadlines
            .keep(id, |timer| !OF_AN_OWNER.contains(timer));
        let due_at = self.clock(self.held(id)).due_after(now);
        let contact = self.change(id);
        contact.promise = None;
        contact.search = Search::new(now, due_at);
        contact.search.prefer = prefer;
        if contact.clocks.is_answered {
            self.start_clock(id, TargetClock::NextAnswer);
        }
        self.start_search(id);
        self.watch_gone(id);
        self.work.note(id);
    }

    /// Starts the deadlines of a search; those of a calamity ring its lines. The warning of a clock
    /// that runs for it begins the escalation policy; where none does, a deadline of its own.
    pub(crate) fn start_search(&mut self, id: ContactId) {
        let now = self.now;
        let contact = self.held(id);
        let clock = self.clock(contact);
        let (warn_at, half_at) = (clock.warn_after(now), clock.half_after(now));
        let rings = contact.is_calamity() && !self.rests(contact);
        let due_at = contact.search.due_at;
        let escalate_at = warn_at.min(due_at);
        let warned_at = |clock| self.deadlines.at(id, Timer::Warn(clock));
        let is_warned = [TargetClock::FirstAnswer, TargetClock::NextAnswer]
            .into_iter()
            .any(|clock| warned_at(clock) == Some(escalate_at));
        if is_warned {
            self.deadlines.disarm(id, Timer::Escalate);
        } else {
            self.deadlines.arm(id, Timer::Escalate, escalate_at);
        }
        if rings {
            self.deadlines.arm(id, Timer::Calamity, half_at);
            self.ask_calamity_lines(id, half_at);
        }
    }

    pub(super) fn close(&mut self, id: ContactId, by: Author) -> Answer {
        if !self.held(id).state.is_open() {
            return self.late(id, None, by);
        }
        if by == Author::Customer && self.held(id).is_waiting() {
            self.abandon(id, Abandonment::Explicit);
            return Answer::Done;
        }
        self.observe_end(id, &by);
        self.end(id, Fact::Closed { by }, ContactState::Closed);
        self.say(id, Acknowledgement::Closed);
        self.keep_closed(id);
        Answer::Done
    }

    /// A contact is over: `fact` says how. Its offers are taken back, its people have a hand free
    /// again, and nothing of it is armed.
    pub(super) fn end(&mut self, id: ContactId, fact: Fact, state: ContactState) {
        let was_open = self.held(id).state.is_open();
        self.withdraw(id, |_| true);
        self.enter(id, fact);
        self.stand(id, state);
        self.dismiss_colleagues(id);
        if was_open {
            for person in self.held(id).participants.clone() {
                self.release(id, &person);
            }
        }
        self.leave_incident(id);
        self.unindex(id);
        let now = self.now;
        let contact = self.change(id);
        contact.promise = None;
        contact.triage = None;
        contact.call_back = None;
        contact.closed_at = Some(now);
        self.deadlines.disarm_all(id);
    }

    pub(super) fn reopen(&mut self, id: ContactId, by: Author) -> Answer {
        let contact = self.held(id);
        if contact.state.is_open() {
            return self.late(id, None, by);
        }
        if by == Author::Customer {
            let goes_on_in = self.take_up(id);
            return if goes_on_in == id {
                Answer::Done
            } else {
                Answer::Opened(goes_on_in)
            };
        }
        if matches!(contact.state, ContactState::Merged(_)) {
            return Answer::Refused(Refusal::Merged);
        }
        self.take_up_again(id, by);
        Answer::Done
    }

    /// A contact that is over is open again; who had it goes before the others.
    pub(super) fn take_up_again(&mut self, id: ContactId, by: Author) {
        self.closed.retain(|closed| *closed != id);
        self.enter(id, Fact::Reopened { by });
        let contact = self.change(id);
        let last_owner = contact.participants.first().cloned();
        contact.participants.clear();
        contact.continued_as = None;
        contact.closed_at = None;
        contact.is_probed = false;
        contact.is_deferred = false;
        self.find_addressee(id);
        self.go_back_to_writing(id);
        self.stand(id, ContactState::Queued);
        self.index(id);
        self.note_need(id);
        self.start_clocks(id);
        self.search(id, last_owner);
    }

    /// Gives a contact whose addressee is gone from the directory another.
    pub(super) fn find_addressee(&mut self, id: ContactId) {
        if !is_known(&self.directory, &self.held(id).addressee)
            && let Some(addressee) = somebody(&self.directory)
        {
            self.change(id).addressee = addressee;
        }
    }
}
