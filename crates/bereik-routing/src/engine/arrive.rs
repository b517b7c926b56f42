//! Contacts come in, are closed, come back, and become more or less urgent.

use std::collections::{BTreeMap, VecDeque};

use bereik_core::agreement::TargetClock;
use bereik_core::contact::{Addressee, ContactState};
use bereik_core::entry::Fact;
use bereik_core::group::{Group, Requirement};
use bereik_core::id::{ContactId, GroupId, PersonId};
use bereik_core::message::Author;
use bereik_core::page::PageMatch;
use bereik_core::person::Person;
use bereik_core::{Acknowledgement, Directory, Urgency};

use crate::answer::{Answer, Refusal};
use crate::clocks::Clocks;
use crate::contact_state::{Contact, Search, Way};
use crate::deadline::Timer;
use crate::input::Opening;
use crate::state::State;
use crate::voices::Voices;

/// The deadlines that end when nobody has a contact any longer.
const OF_AN_OWNER: [Timer; 4] = [
    Timer::OwnerAway,
    Timer::Quiet,
    Timer::Remind,
    Timer::Promise,
];

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
        let voices = Voices::new(opening.urgency, from_page.urgency, Urgency::Low);
        let urgency = voices.highest();
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
            clocks: Clocks::default(),
            call_back: None,
            voices,
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
        self.start_clocks(id);
        self.search(id, None);
        Answer::Opened(id)
    }

    /// Begins the search for somebody who takes a contact: from now on nobody has it.
    pub(super) fn search(&mut self, id: ContactId, prefer: Option<PersonId>) {
        let now = self.now;
        self.withdraw(id, |live| live.way == Way::Help);
        for timer in OF_AN_OWNER {
            self.deadlines.disarm(id, timer);
        }
        let due_at = self.clock(self.held(id)).due_after(now);
        let contact = self.change(id);
        contact.promise = None;
        contact.search = Search::new(now, due_at);
        contact.search.prefer = prefer;
        if contact.clocks.is_answered {
            self.start_clock(id, TargetClock::NextAnswer);
        }
        self.start_search(id);
        self.work.insert(id);
    }

    /// Starts the deadlines of a search; those of a calamity ring its lines. The warning of a clock
    /// that runs for it begins the escalation policy; where none does, a deadline of its own.
    pub(crate) fn start_search(&mut self, id: ContactId) {
        let now = self.now;
        let contact = self.held(id);
        let clock = self.clock(contact);
        let (warn_at, half_at) = (clock.warn_after(now), clock.half_after(now));
        let (due_at, is_calamity) = (contact.search.due_at, contact.is_calamity());
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
        let channel = self.held(id).channel;
        for person in self.held(id).participants.clone() {
            self.release(&person, channel);
        }
        let contact = self.change(id);
        contact.promise = None;
        contact.call_back = None;
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
        self.start_clocks(id);
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
}
