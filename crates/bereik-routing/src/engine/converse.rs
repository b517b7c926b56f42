//! What happens in a conversation: words, invitations, leaving, going on by phone.

use bereik_core::contact::{ContactState, Customer};
use bereik_core::entry::Fact;
use bereik_core::id::{ContactId, Key, LineId, MessageId, PersonId};
use bereik_core::line::Line;
use bereik_core::message::{Author, MessageKind};
use bereik_core::offer::{Offered, Outcome, RequestKind};
use bereik_core::{Acknowledgement, Address, ChannelKind};

use crate::answer::{Answer, Refusal};
use crate::deadline::Timer;
use crate::output::{Effect, ForwardTo, Output};
use crate::state::State;
use crate::target::is_in_service;

/// The most addresses that are kept of one customer.
pub(super) const ADDRESSES_MAX: usize = 8;
/// The most people in one conversation.
pub(super) const PARTICIPANTS_MAX: usize = 16;

/// Whether the other side hears it as a word.
const fn is_word(kind: MessageKind) -> bool {
    !matches!(kind, MessageKind::Note | MessageKind::Automatic)
}

impl State {
    pub(super) fn hear(
        &mut self,
        id: ContactId,
        key: Key,
        author: Author,
        kind: MessageKind,
    ) -> Answer {
        if let Some(message) = self.held(id).message(&key) {
            return Answer::Kept(message);
        }
        if author == Author::Customer && kind != MessageKind::Automatic {
            let goes_on_in = self.take_up(id);
            if goes_on_in != id {
                let answer = self.hear(goes_on_in, key.clone(), author, kind);
                if let Answer::Kept(message) = answer {
                    self.change(id).remember_message(key, message);
                }
                return answer;
            }
        }
        if let Some(refusal) = self.may_not_say(id, &author, kind) {
            return Answer::Refused(refusal);
        }
        let message = self.next_message();
        let is_first = self.held(id).keys.contains(&key);
        self.note_said(id, &author, kind);
        self.change(id).remember_message(key, message);
        let said = author.clone();
        self.enter(
            id,
            Fact::Said {
                message,
                author: said,
                kind,
            },
        );
        self.forward(id, message, kind, author == Author::Customer);
        if is_word(kind) {
            self.hear_word(id, &author, is_first);
        }
        let contact = self.held(id);
        if contact.state.is_open() && !contact.participants.is_empty() {
            self.attend(id);
        }
        if author == Author::Customer {
            self.owner_is_missed(id);
        }
        Answer::Kept(message)
    }

    fn may_not_say(&self, id: ContactId, author: &Author, kind: MessageKind) -> Option<Refusal> {
        let Author::Person(person) = author else {
            return None;
        };
        if self.directory.person(person).is_none() {
            return Some(Refusal::UnknownPerson);
        }
        let takes_part = self.held(id).participants.contains(person);
        (!takes_part && kind != MessageKind::Note).then_some(Refusal::NotAParticipant)
    }

    /// Notes who spoke last and over what, that an owner is there, and that advice goes on.
    fn note_said(&mut self, id: ContactId, author: &Author, kind: MessageKind) {
        let now = self.now;
        let contact = self.change(id);
        if is_word(kind) && *author != Author::Software {
            contact.last_word = Some((author.clone(), now));
        }
        if kind != MessageKind::Automatic {
            contact.hear_over_leg(now);
        }
        let Author::Person(person) = author else {
            return;
        };
        let is_consultants = contact.colleagues.consulted.contains_key(person);
        if contact.owner() == Some(person) {
            self.deadlines.disarm(id, Timer::OwnerAway);
        }
        if is_consultants {
            self.prolong_consult(id, person);
        }
    }

    /// Whose turn it is after a word that the other side hears.
    fn hear_word(&mut self, id: ContactId, author: &Author, is_first: bool) {
        if *author == Author::Customer {
            self.note_words(id, is_first);
        }
        if !self.held(id).state.is_open() {
            return;
        }
        let turn = match author {
            Author::Customer => {
                self.asked(id);
                ContactState::Active
            }
            Author::Person(person) => {
                self.person_said(id, person);
                ContactState::AwaitingCustomer
            }
            Author::Software => return,
        };
        let contact = self.held(id);
        if contact.state.is_open() && !contact.participants.is_empty() {
            self.stand(id, turn);
        }
    }

    /// The customer's words show that he is there, and end triage where the directory says so. The
    /// words with which the contact was opened do neither.
    fn note_words(&mut self, id: ContactId, is_first: bool) {
        if is_first {
            return;
        }
        let contact = self.held(id);
        if contact.is_probed && contact.reply_channel() == contact.channel {
            self.customer_is(id, true);
        }
        self.words_in_triage(id);
    }

    /// Sends a message on to who does not read the timeline: the lines that are asked just now, or
    /// a customer who writes over another channel or has left the page and gave an address.
    pub(super) fn forward(
        &mut self,
        id: ContactId,
        message: MessageId,
        kind: MessageKind,
        is_customers: bool,
    ) {
        if matches!(kind, MessageKind::Automatic | MessageKind::Note) {
            return;
        }
        let contact = self.held(id);
        let effects: Vec<Effect> = if is_customers {
            let lines = contact
                .offers
                .values()
                .filter_map(|live| match &live.offer.to {
                    Offered::Line(line) => {
                        Some((ForwardTo::Line(line.clone()), live.offer.channel))
                    }
                    Offered::Person(_) => None,
                });
            let forward = |(to, channel)| Effect::Forward {
                contact: id,
                message,
                to,
                channel,
            };
            lines.map(forward).collect()
        } else {
            let channel = contact.channel_to_customer();
            let forward = |channel| Effect::Forward {
                contact: id,
                message,
                to: ForwardTo::Customer,
                channel,
            };
            channel.map(forward).into_iter().collect()
        };
        self.out.extend(effects.into_iter().map(Output::Effect));
    }

    /// Takes what the customer says of himself.
    pub(super) fn name_customer(&mut self, id: ContactId, named: Customer) -> Answer {
        let mut customer = self.held(id).customer.clone();
        if !named.name.is_empty() {
            customer.name = named.name;
        }
        customer.addresses = with_addresses(customer.addresses, named.addresses);
        if customer == self.held(id).customer {
            return self.late(id, None, Author::Customer);
        }
        self.rename(id, customer.clone());
        let number = self.enter(id, Fact::CustomerNamed { customer });
        if self.held(id).profile.is_none() {
            self.look_up(id, number);
        }
        Answer::Done
    }

    pub(super) fn leave(&mut self, id: ContactId, person: &PersonId) -> Answer {
        let contact = self.held(id);
        if !contact.state.is_open() {
            return Answer::Refused(Refusal::ContactClosed);
        }
        if contact.colleagues.consulted.contains_key(person) {
            self.end_consult(id, person);
            return Answer::Done;
        }
        if !contact.participants.contains(person) {
            return Answer::Refused(Refusal::NotAParticipant);
        }
        self.take_out(id, person);
        Answer::Done
    }

    /// Takes somebody out of a conversation. The next participant becomes its owner; where there
    /// is none it is routed again, and he is not asked for a while.
    pub(crate) fn take_out(&mut self, id: ContactId, person: &PersonId) {
        let was_owner = self.held(id).owner() == Some(person);
        let now = self.now;
        self.part(id, person);
        self.say(id, Acknowledgement::Left(person.clone()));
        if !was_owner {
            return;
        }
        self.deadlines.disarm(id, Timer::OwnerAway);
        if let Some(next) = self.held(id).owner().cloned() {
            self.withdraw_requests(id, |request| request.kind == RequestKind::Transfer);
            self.say(id, Acknowledgement::Owned(next.clone()));
            self.remember_known(id, &next);
            self.watch_owner(id);
        } else {
            self.observe_end(id, &Author::Software);
            self.end_consulting(id);
            self.search(id, None);
            let for_s = self.cool_down_s(self.held(id), Outcome::Declined);
            let search = &mut self.change(id).search;
            if let Some(for_s) = for_s {
                search.cool_down(person, for_s, now);
            }
        }
    }

    pub(super) fn ask_phone(&mut self, id: ContactId, by: Author) -> Answer {
        if !self.held(id).state.is_open() {
            return Answer::Refused(Refusal::ContactClosed);
        }
        let found = self.phone_line(id);
        let line = found.as_ref().map(|(line, _)| line.clone());
        self.enter(id, Fact::PhoneAsked { by, line });
        let said = found.map_or(Acknowledgement::NoPhone, |(line, person)| {
            Acknowledgement::PhoneOffered { line, person }
        });
        self.say(id, said);
        Answer::Done
    }

    /// The number to go on by: the owner's, if customers may see it, else one of the company's.
    pub(crate) fn phone_line(&self, id: ContactId) -> Option<(LineId, Option<PersonId>)> {
        let is_to_give = |line: &&Line| {
            line.channel == ChannelKind::Phone
                && line.is_public
                && is_in_service(&self.directory, &line.id, self.now)
        };
        let owner = self.held(id).owner();
        let person = owner.and_then(|owner| self.directory.person(owner));
        let own = person.and_then(|person| person.lines.iter().find(is_to_give));
        if let Some(line) = own {
            return Some((line.id.clone(), owner.cloned()));
        }
        let line = self.directory.draft().lines.iter().find(is_to_give)?;
        Some((line.id.clone(), None))
    }
}

/// The addresses that are known of a customer, with those that are new behind them.
pub(super) fn with_addresses(mut known: Vec<Address>, more: Vec<Address>) -> Vec<Address> {
    for address in more {
        if known.len() < ADDRESSES_MAX && !known.contains(&address) {
            known.push(address);
        }
    }
    known
}
