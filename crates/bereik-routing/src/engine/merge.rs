//! Contacts that are made one by hand, and messages that are made a contact of their own.

use bereik_core::Acknowledgement;
use bereik_core::acknowledgement::{Promise, PromiseKind};
use bereik_core::contact::{ContactState, Leg, Link};
use bereik_core::entry::Fact;
use bereik_core::id::{ContactId, Key, MessageId, PersonId};
use bereik_core::message::Author;

use super::converse::with_addresses;
use crate::answer::{Answer, Refusal};
use crate::contact_state::Contact;
use crate::state::State;
use crate::tell::remind_before;

impl State {
    pub(super) fn merge_by(&mut self, from: ContactId, into: ContactId, by: &PersonId) -> Answer {
        let Some(target) = self.contacts.get(&into) else {
            return Answer::Refused(Refusal::UnknownContact);
        };
        let target = target.state;
        if self.directory.person(by).is_none() {
            return Answer::Refused(Refusal::UnknownPerson);
        }
        let by = Author::Person(by.clone());
        match (self.held(from).state, target) {
            (ContactState::Merged(before), _) if before == into => self.late(from, None, by),
            _ if from == into => Answer::Refused(Refusal::SelfMerge),
            (ContactState::Merged(_), _) | (_, ContactState::Merged(_)) => {
                Answer::Refused(Refusal::Merged)
            }
            (_, target) if !target.is_open() => Answer::Refused(Refusal::ContactClosed),
            _ => {
                self.merge(from, into, &by);
                Answer::Done
            }
        }
    }

    /// One contact goes on in another, open one: offers of the first are taken back and its people
    /// released; who had it has the other one where nobody has that, and has a hand free. What was
    /// promised earlier stays promised.
    pub(super) fn merge(&mut self, from: ContactId, into: ContactId, by: &Author) {
        let was_open = self.held(from).state.is_open();
        let owner = self.held(from).owner().cloned().filter(|_| was_open);
        let promise = self.held(from).promise;
        self.end_triage_for_merge(into);
        self.withdraw(from, |_| true);
        if was_open {
            for person in self.held(from).participants.clone().into_iter().rev() {
                self.part(from, &person);
            }
        }
        let fact = Fact::MergedInto {
            contact: into,
            by: by.clone(),
        };
        self.end(from, fact, ContactState::Merged(into));
        let by = by.clone();
        self.enter(
            into,
            Fact::MergedFrom {
                contact: from,
                by: by.clone(),
            },
        );
        self.adopt(from, into);
        if self.held(into).urgency < self.held(from).urgency {
            let urgency = self.held(from).urgency;
            self.change_urgency(into, urgency, by, None);
        }
        if self.held(into).is_waiting() {
            self.give_to_owner(into, owner);
        }
        self.say(into, Acknowledgement::Merged);
        if self.held(into).is_waiting() {
            self.keep_promise(into, promise);
        } else {
            self.attend(into);
        }
        if was_open {
            self.keep_closed(from);
        }
        self.work.note(into);
    }

    /// A question to the customer whose contact is merged with another is no longer one.
    fn end_triage_for_merge(&mut self, into: ContactId) {
        self.end_triage(into, bereik_core::triage::TriageEnd::Overtaken);
    }

    /// Takes over what the other contact knows of the customer and of what was said.
    fn adopt(&mut self, from: ContactId, into: ContactId) {
        let other = self.held(from);
        let (named, word) = (other.customer.clone(), other.last_word.clone());
        let (legs, is_there) = (other.legs.clone(), other.is_customer_there);
        let (profile, need) = (other.profile.clone(), other.need.clone());
        let mut customer = self.held(into).customer.clone();
        if customer.name.is_empty() {
            customer.name = named.name;
        }
        customer.addresses = with_addresses(customer.addresses, named.addresses);
        if customer != self.held(into).customer {
            self.rename(into, customer);
        }
        let contact = self.change(into);
        contact.legs = with_legs(std::mem::take(&mut contact.legs), legs);
        contact.is_customer_there |= is_there;
        contact.continued_as = None;
        if contact.profile.is_none() {
            contact.profile = profile;
        }
        let at = |word: &Option<(Author, _)>| word.as_ref().map(|(_, at)| *at);
        if at(&contact.last_word) < at(&word) {
            contact.last_word = word;
        }
        if contact.need.is_none()
            && let Some(need) = need
        {
            self.learn_need(into, need);
        }
        if self.held(into).is_customer_there {
            self.come_back(into);
        }
    }

    fn give_to_owner(&mut self, into: ContactId, owner: Option<PersonId>) {
        let Some(owner) = owner else {
            return;
        };
        if self.has_hand_free(&owner, self.held(into).channel) {
            self.become_owner(into, &owner);
            self.fit(&owner);
        } else {
            self.change(into).search.prefer = Some(owner);
        }
    }

    /// An answer that was promised earlier is still promised for then.
    fn keep_promise(&mut self, into: ContactId, promised: Option<Promise>) {
        let is_answer = |promise: &Promise| promise.kind == PromiseKind::Answer;
        let Some(promised) = promised.filter(is_answer) else {
            return;
        };
        let contact = self.held(into);
        let standing = contact.promise.filter(is_answer);
        if self.now < promised.by && standing.is_some_and(|standing| promised.by < standing.by) {
            let search = &mut self.change(into).search;
            search.due_at = search.due_at.min(promised.by);
            self.start_search(into);
            let remind_at = remind_before(self.now, promised.by);
            self.promise(into, promised.kind, promised.by, remind_at);
        }
    }

    pub(super) fn split(
        &mut self,
        old: ContactId,
        messages: &[MessageId],
        key: Key,
        by: &PersonId,
    ) -> Answer {
        if let Some(id) = self.keys.get(&key) {
            return Answer::Opened(self.goes_on_in(*id));
        }
        if self.directory.person(by).is_none() {
            return Answer::Refused(Refusal::UnknownPerson);
        }
        let contact = self.held(old);
        if matches!(contact.state, ContactState::Merged(_)) {
            return Answer::Refused(Refusal::Merged);
        }
        let is_named = |kept: &&(Key, MessageId)| messages.contains(&kept.1);
        let kept: Vec<_> = contact.messages.iter().filter(is_named).cloned().collect();
        if kept.is_empty() || kept.len() != messages.len() {
            return Answer::Refused(Refusal::UnknownMessage);
        }
        let id = self.next_contact();
        let contact = self.held(old);
        let mut new = Contact::new(
            id,
            contact.customer.clone(),
            contact.addressee.clone(),
            contact.next_leg(self.now),
        );
        new.page.clone_from(&contact.page);
        new.requires.clone_from(&contact.requires);
        new.urgency = contact.urgency;
        new.voices = contact.voices;
        new.is_customer_there = contact.is_customer_there;
        new.profile.clone_from(&contact.profile);
        new.policy = self.policy_for(&new.addressee);
        new.messages.extend(kept);
        new.last_word = Some((Author::Customer, self.now));
        self.begin(new, Some(key));
        self.find_addressee(id);
        self.link(old, id, Link::Split);
        let fact = Fact::SplitInto {
            contact: id,
            messages: messages.to_vec(),
            by: by.clone(),
        };
        self.enter(old, fact);
        self.search(id, Some(by.clone()));
        Answer::Opened(id)
    }
}

/// The legs of two contacts, one for each kind of channel, the one used last at the end.
fn with_legs(mut legs: Vec<Leg>, more: Vec<Leg>) -> Vec<Leg> {
    for other in more {
        match legs
            .iter_mut()
            .find(|leg| (leg.channel, &leg.line) == (other.channel, &other.line))
        {
            Some(leg) => {
                leg.opened_at = leg.opened_at.min(other.opened_at);
                leg.last_used_at = leg.last_used_at.max(other.last_used_at);
            }
            None => legs.push(other),
        }
    }
    legs.sort_by_key(|leg| leg.last_used_at);
    legs
}
