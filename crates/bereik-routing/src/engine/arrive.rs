//! Contacts come in, are closed, come back, and become more or less urgent.

use std::collections::{BTreeMap, VecDeque};

use bereik_core::acknowledgement::{Promise, PromiseKind};
use bereik_core::contact::{Addressee, ContactState};
use bereik_core::entry::Fact;
use bereik_core::group::{Group, Requirement};
use bereik_core::id::{ContactId, GroupId, PersonId};
use bereik_core::message::Author;
use bereik_core::page::PageMatch;
use bereik_core::person::Person;
use bereik_core::{Acknowledgement, Directory, Urgency};

use crate::answer::{Answer, Refusal};
use crate::contact_state::{Contact, Escalation, Search, Way};
use crate::deadline::Timer;
use crate::input::Opening;
use crate::state::State;

/// The longest path of a page that is kept, in characters.
const PATH_CHARS_MAX: usize = 1_024;

/// What the table of pages says about a page.
#[derive(Default)]
struct FromPage {
    matched: Option<PageMatch>,
    group: Option<GroupId>,
    requires: Vec<Requirement>,
    urgency: Urgency,
}

impl FromPage {
    fn of(directory: &Directory, page: Option<&str>) -> Self {
        let found = page.and_then(|page| directory.page_rule(page));
        found.map_or_else(
            || Self {
                urgency: Urgency::Low,
                ..Self::default()
            },
            |(matched, rule)| Self {
                matched: Some(matched),
                group: rule.group.clone(),
                requires: rule.requires.clone(),
                urgency: rule.urgency,
            },
        )
    }
}

/// The path of a page: no query, no fragment, and not endlessly long.
fn path_of(page: &str) -> String {
    let path = page.split(['?', '#']).next().unwrap_or(page);
    path.chars().take(PATH_CHARS_MAX).collect()
}

fn is_known(directory: &Directory, addressee: &Addressee) -> bool {
    match addressee {
        Addressee::Group(id) => directory.group(id).is_some(),
        Addressee::Person(id) => directory.person(id).is_some(),
        _ => false,
    }
}

/// For whom a contact is when nobody chose: the first public group, else the first group, else
/// the first public person, else the first.
fn somebody(directory: &Directory) -> Option<Addressee> {
    let groups = directory.groups();
    let people = directory.people();
    let group = groups.iter().find(|group| group.is_public);
    let group = group.or(groups.first()).map(|group: &Group| &group.id);
    let person = people.iter().find(|person| person.is_public);
    let person = person.or(people.first()).map(|person: &Person| &person.id);
    let group = group.cloned().map(Addressee::Group);
    group.or_else(|| person.cloned().map(Addressee::Person))
}

impl State {
    pub(super) fn open(&mut self, opening: Opening) -> Answer {
        if let Some(id) = self.keys.get(&opening.key) {
            return Answer::Opened(*id);
        }
        let from_page = FromPage::of(&self.directory, opening.page.as_deref());
        let chosen = opening.addressee.clone();
        let addressee = chosen
            .filter(|addressee| is_known(&self.directory, addressee))
            .or(from_page.group.map(Addressee::Group))
            .or_else(|| somebody(&self.directory));
        let Some(addressee) = addressee else {
            return Answer::Refused(Refusal::NobodyToAsk);
        };
        let urgency = opening.urgency.max(from_page.urgency);
        let group = match &addressee {
            Addressee::Group(id) => self.directory.group(id),
            _ => None,
        };
        let policy = self.directory.escalation_of(group).cloned();
        self.counters.contact += 1;
        let id = ContactId::new(self.counters.contact);
        let contact = Contact {
            id,
            key: opening.key.clone(),
            customer: opening.customer,
            addressee,
            channel: opening.channel,
            page: opening.page.as_deref().map(path_of),
            requires: from_page.requires,
            urgency,
            opened_at: self.now,
            policy,
            state: ContactState::Queued,
            participants: Vec::new(),
            last_word: None,
            last_said: None,
            promise: None,
            is_customer_there: true,
            messages: VecDeque::new(),
            offers: BTreeMap::new(),
            ended: VecDeque::new(),
            search: Search::new(self.now, self.now),
        };
        self.keys.insert(opening.key, id);
        let opened = Fact::Opened {
            customer: contact.customer.clone(),
            addressee: contact.addressee.clone(),
            channel: contact.channel,
            urgency,
            page: contact.page.clone(),
            page_match: from_page.matched,
        };
        self.contacts.insert(id, contact);
        self.enter(id, opened);
        self.search(id, None);
        Answer::Opened(id)
    }

    /// Begins the search for somebody who takes a contact: from now on nobody has it.
    pub(super) fn search(&mut self, id: ContactId, prefer: Option<PersonId>) {
        let now = self.now;
        self.deadlines.disarm_all(id);
        let invitations: Vec<_> = self.held(id).offers_by(Way::Invitation).cloned().collect();
        for offer in invitations {
            self.deadlines.arm(id, Timer::Offer(offer.id), offer.until);
        }
        let due_at = self.clock(self.held(id)).due_after(now);
        let contact = self.change(id);
        contact.promise = None;
        contact.search = Search::new(now, due_at);
        contact.search.prefer = prefer;
        self.start_clocks(id);
        self.work.insert(id);
    }

    /// Starts the clocks of a search; those of a calamity ring its lines.
    fn start_clocks(&mut self, id: ContactId) {
        let now = self.now;
        let contact = self.held(id);
        let clock = self.clock(contact);
        let (warn_at, half_at) = (clock.warn_after(now), clock.half_after(now));
        let (due_at, is_calamity) = (contact.search.due_at, contact.is_calamity());
        self.deadlines.arm(id, Timer::Warn, warn_at.min(due_at));
        self.deadlines.arm(id, Timer::Breach, due_at);
        if is_calamity {
            self.deadlines.arm(id, Timer::Calamity, half_at);
            self.ask_calamity_lines(id, half_at);
        }
    }

    pub(super) fn close(&mut self, id: ContactId, by: Author) -> Answer {
        if !self.held(id).state.is_open() {
            return self.late(id, None, by);
        }
        self.withdraw(id, |_| true);
        self.enter(id, Fact::Closed { by });
        self.stand(id, ContactState::Closed);
        for person in self.held(id).participants.clone() {
            self.release(id, &person);
        }
        self.change(id).promise = None;
        self.deadlines.disarm_all(id);
        self.say(id, Acknowledgement::Closed);
        self.keep_closed(id);
        Answer::Done
    }

    pub(super) fn reopen(&mut self, id: ContactId, by: Author) -> Answer {
        if self.held(id).state.is_open() {
            return self.late(id, None, by);
        }
        self.closed.retain(|closed| *closed != id);
        self.enter(id, Fact::Reopened { by });
        let contact = self.change(id);
        let last_owner = contact.participants.first().cloned();
        contact.participants.clear();
        self.find_addressee(id);
        self.stand(id, ContactState::Queued);
        self.search(id, last_owner);
        Answer::Done
    }

    /// Gives a contact whose addressee is gone from the directory another.
    pub(super) fn find_addressee(&mut self, id: ContactId) {
        if !is_known(&self.directory, &self.held(id).addressee)
            && let Some(addressee) = somebody(&self.directory)
        {
            self.change(id).addressee = addressee;
        }
    }

    pub(super) fn change_urgency(&mut self, id: ContactId, to: Urgency, by: Author) -> Answer {
        let contact = self.held(id);
        let was = contact.urgency;
        if !contact.state.is_open() {
            return Answer::Refused(Refusal::ContactClosed);
        }
        if to == was {
            return self.late(id, None, by);
        }
        if to < was && !matches!(by, Author::Person(_)) {
            return Answer::Refused(Refusal::NotLowered);
        }
        self.change(id).urgency = to;
        self.enter(id, Fact::UrgencyChanged { urgency: to, by });
        if self.held(id).is_waiting() {
            self.search_with_urgency(id, was);
        }
        Answer::Done
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
            self.withdraw(id, |live| live.way == Way::Calamity);
        }
        self.start_clocks(id);
        self.work.insert(id);
    }
}
