//! What happens in a conversation: words, invitations, leaving, going on by phone.

use bereik_core::contact::Customer;
use bereik_core::entry::Fact;
use bereik_core::id::{ContactId, Key, LineId, MessageId, PersonId};
use bereik_core::line::Line;
use bereik_core::message::{Author, MessageKind};
use bereik_core::offer::{Offered, Outcome};
use bereik_core::reachability::Reach;
use bereik_core::{Acknowledgement, ChannelKind};

use crate::answer::{Answer, Refusal};
use crate::contact_state::Way;
use crate::deadline::Timer;
use crate::output::{Effect, ForwardTo, Output};
use crate::plan::Plan;
use crate::state::State;
use crate::target::{is_in_service, later};

/// The most addresses that are kept of one customer.
const ADDRESSES_MAX: usize = 8;
/// The most people in one conversation.
const PARTICIPANTS_MAX: usize = 16;

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
        if let Author::Person(person) = &author {
            if self.directory.person(person).is_none() {
                return Answer::Refused(Refusal::UnknownPerson);
            }
            let takes_part = self.held(id).participants.contains(person);
            if !takes_part && kind != MessageKind::Note {
                return Answer::Refused(Refusal::NotAParticipant);
            }
        }
        let is_closed = !self.held(id).state.is_open();
        if is_closed && author == Author::Customer && kind != MessageKind::Automatic {
            self.reopen(id, Author::Customer);
        }
        let message = self.next_message();
        let now = self.now;
        let is_customers = author == Author::Customer;
        let is_word = !matches!(kind, MessageKind::Note | MessageKind::Automatic);
        let contact = self.change(id);
        contact.remember_message(key, message);
        if is_word && author != Author::Software {
            contact.last_word = Some((author.clone(), now));
        }
        let is_owners = contact
            .owner()
            .is_some_and(|o| author == Author::Person(o.clone()));
        if is_owners {
            self.deadlines.disarm(id, Timer::OwnerAway);
        }
        self.enter(
            id,
            Fact::Said {
                message,
                author,
                kind,
            },
        );
        self.forward(id, message, kind, is_customers);
        let contact = self.held(id);
        if contact.state.is_open() && !contact.participants.is_empty() {
            self.attend(id);
        }
        Answer::Kept(message)
    }

    /// Sends a message on to who does not read the timeline: the lines that are asked just now, or
    /// a customer who writes over another channel or has left the page and gave an address.
    fn forward(
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
        for address in named.addresses {
            let is_new = !customer.addresses.contains(&address);
            if is_new && customer.addresses.len() < ADDRESSES_MAX {
                customer.addresses.push(address);
            }
        }
        if customer == self.held(id).customer {
            return self.late(id, None, Author::Customer);
        }
        self.change(id).customer = customer.clone();
        self.enter(id, Fact::CustomerNamed { customer });
        Answer::Done
    }

    pub(super) fn invite(&mut self, id: ContactId, person: &PersonId, by: &PersonId) -> Answer {
        let contact = self.held(id);
        let refusal = if !contact.state.is_open() {
            Some(Refusal::ContactClosed)
        } else if !contact.participants.contains(by) {
            Some(Refusal::NotAParticipant)
        } else if self.directory.person(person).is_none() {
            Some(Refusal::UnknownPerson)
        } else if contact.participants.len() >= PARTICIPANTS_MAX {
            Some(Refusal::ConversationFull)
        } else {
            None
        };
        if let Some(refusal) = refusal {
            return Answer::Refused(refusal);
        }
        if contact.participants.contains(person) || contact.has_offer_to(person) {
            return self.late(id, None, Author::Person(by.clone()));
        }
        let reach = self.reachability(person, contact.channel).reach;
        if reach != Reach::Now {
            return Answer::Refused(Refusal::NotReachable);
        }
        if self.spare(person, contact.channel) == 0 {
            return Answer::Refused(Refusal::AtCapacity);
        }
        let offer_for_s = Plan::of(&self.directory, contact).offer_for_s;
        let until = later(self.now, offer_for_s.into());
        let to = Offered::Person(person.clone());
        self.offer(id, to, Way::Invitation, until, Some(person.clone()));
        Answer::Done
    }

    pub(super) fn leave(&mut self, id: ContactId, person: &PersonId) -> Answer {
        let contact = self.held(id);
        if !contact.state.is_open() {
            return Answer::Refused(Refusal::ContactClosed);
        }
        if !contact.participants.contains(person) {
            return Answer::Refused(Refusal::NotAParticipant);
        }
        self.take_out(id, person);
        Answer::Done
    }

    /// Takes somebody out of a conversation. The next participant becomes its owner; where there
    /// is none it is routed again, and he is not asked for a while.
    pub(super) fn take_out(&mut self, id: ContactId, person: &PersonId) {
        let was_owner = self.held(id).owner() == Some(person);
        let now = self.now;
        self.part(id, person);
        self.say(id, Acknowledgement::Left(person.clone()));
        if !was_owner {
            return;
        }
        self.deadlines.disarm(id, Timer::OwnerAway);
        if let Some(next) = self.held(id).owner().cloned() {
            self.say(id, Acknowledgement::Owned(next.clone()));
            self.remember_known(id, &next);
            self.watch_owner(id);
        } else {
            self.search(id, None);
            let search = &mut self.change(id).search;
            search.cool_down(person, Outcome::Declined, now);
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

    pub(super) fn customer_is(&mut self, id: ContactId, is_there: bool) -> Answer {
        let contact = self.held(id);
        if contact.is_customer_there == is_there || !contact.state.is_open() {
            return self.late(id, None, Author::Customer);
        }
        self.change(id).is_customer_there = is_there;
        let fact = if is_there {
            Fact::CustomerBack
        } else {
            Fact::CustomerGone
        };
        self.enter(id, fact);
        Answer::Done
    }
}
