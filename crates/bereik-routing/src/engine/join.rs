//! One customer, one timeline: whether a request joins the open contact of its customer, and where
//! a word to a contact that is over goes on.

use bereik_core::Acknowledgement;
use bereik_core::acknowledgement::PromiseKind;
use bereik_core::address::AddressKind;
use bereik_core::contact::{Addressee, ContactState, Link};
use bereik_core::customer::Joining;
use bereik_core::entry::Fact;
use bereik_core::id::{ContactId, NeedId};
use bereik_core::message::Author;
use bereik_core::{Address, ChannelKind, Urgency};
use chrono::{DateTime, Utc};

use super::converse::with_addresses;
use crate::answer::Answer;
use crate::contact_state::Contact;
use crate::input::Opening;
use crate::state::State;

/// How many open contacts of one address are looked at, the latest first.
const LOOKED_AT_MAX: usize = 16;
/// How many steps are gone from contact to contact at the most; a chain grows by one step each
/// time that somebody comes back too late or contacts are merged.
const STEPS_MAX: usize = 64;

/// What a request says that decides whether it joins.
pub(super) struct Request<'a> {
    pub(super) addresses: &'a [Address],
    pub(super) channel: ChannelKind,
    /// Whom it names, or its page does.
    pub(super) addressee: Option<&'a Addressee>,
    pub(super) need: Option<&'a NeedId>,
    pub(super) urgency: Urgency,
}

/// Where a request belongs.
pub(super) enum Place {
    /// To nothing that is known.
    Apart,
    /// To a contact of its own, beside this one.
    Beside(ContactId),
    /// To this contact.
    Joins(ContactId),
}

impl Request<'_> {
    /// Whether it is about something else than the contact, or must not wait behind it.
    fn stands_apart(&self, contact: &Contact, joining: &Joining) -> bool {
        let is_there = contact.is_customer_there && joining.claimed.contains(&contact.channel);
        let is_claim = joining.claimed.contains(&self.channel) || is_there;
        if is_claim && !self.is_vouched_for(contact) {
            return true;
        }
        let is_call = joining.calls.contains(&self.channel);
        let is_again = contact.channel == self.channel && contact.is_waiting();
        self.is_other_need(contact) || (is_call && !is_again)
    }

    /// Whether both have an address that a website's channel itself gave out.
    fn is_vouched_for(&self, contact: &Contact) -> bool {
        let mut own = self.addresses.iter();
        own.any(|a| a.kind() == AddressKind::Web && contact.customer.addresses.contains(a))
    }

    fn is_other_need(&self, contact: &Contact) -> bool {
        let is_same = self.need.is_some() && self.need == contact.need.as_ref();
        let differs = self.need.is_some() && contact.need.is_some() && !is_same;
        differs || (self.urgency == Urgency::Calamity && !is_same)
    }
}

impl State {
    /// Where a request belongs, by [`Joining`]. `except` is left
    /// aside.
    pub(super) fn place_of(&self, request: &Request<'_>, except: Option<ContactId>) -> Place {
        let joining = &self.directory.draft().joining;
        if !joining.joins {
            return Place::Apart;
        }
        let own = request.addresses.iter().filter(|a| !self.is_shared(a));
        let known = own.filter_map(|address| self.by_address.get(address));
        let latest = known.flat_map(|ids| ids.iter().rev().take(LOOKED_AT_MAX));
        let mut ids: Vec<ContactId> = latest.copied().collect();
        ids.sort_unstable();
        ids.dedup();
        let mut beside = None;
        for id in ids.into_iter().rev() {
            let contact = self.held(id);
            if except == Some(id) || !self.is_same_matter(request, contact) {
                continue;
            }
            if !request.stands_apart(contact, joining) {
                return Place::Joins(id);
            }
            beside = beside.or(Some(id));
        }
        beside.map_or(Place::Apart, Place::Beside)
    }

    /// Whether the contact is one that a request of its customer goes on with, the need aside.
    fn is_same_matter(&self, request: &Request<'_>, contact: &Contact) -> bool {
        let joining = &self.directory.draft().joining;
        let quiet_s = (self.now - contact.last_heard_at()).num_seconds();
        let has_leg = contact
            .legs
            .iter()
            .any(|leg| leg.channel == request.channel);
        let is_threaded = joining.threaded.contains(&request.channel);
        let is_for_same = request.addressee.is_none_or(|a| *a == contact.addressee);
        contact.state.is_open()
            && is_for_same
            && quiet_s <= i64::from(joining.quiet_for_s)
            && !(has_leg && is_threaded)
    }

    /// A request joins an open contact. The customer hears who has it, or by when he hears.
    pub(super) fn join_request(
        &mut self,
        id: ContactId,
        opening: Opening,
        need: Option<NeedId>,
        urgency: Urgency,
    ) -> Answer {
        let Opening {
            key,
            customer: named,
            channel,
            line,
            ..
        } = opening;
        self.keys.insert(key.clone(), id);
        if let Some(forgotten) = self.change(id).remember_key(key.clone()) {
            self.keys.remove(&forgotten);
        }
        self.use_leg(id, channel, line, Some(key));
        let mut customer = self.held(id).customer.clone();
        if customer.name.is_empty() {
            customer.name = named.name;
        }
        customer.addresses = with_addresses(named.addresses, customer.addresses);
        if customer != self.held(id).customer {
            self.rename(id, customer.clone());
            self.enter(id, Fact::CustomerNamed { customer });
        }
        if channel == self.held(id).channel && !self.held(id).is_customer_there {
            self.customer_is(id, true);
        }
        if let Some(need) = need {
            self.learn_need(id, need);
        }
        if self.held(id).urgency < urgency {
            self.change_urgency(id, urgency, Author::Customer, None);
        }
        self.time_by_leg(id);
        let contact = self.held(id);
        let promise = contact.promise;
        let hear_by = promise.filter(|promise| promise.kind != PromiseKind::Triage);
        let added = Acknowledgement::AddedToOpen {
            owner: contact.owner().cloned(),
            hear_by: hear_by.map(|promise| promise.by),
        };
        // Each request is acknowledged, though the words may be those of the one before.
        self.change(id).last_said = None;
        self.say(id, added);
        self.work.note(id);
        Answer::Opened(id)
    }

    /// The customer is answered as soon as he may expect over the channel that he uses now; never
    /// later than he was promised.
    fn time_by_leg(&mut self, id: ContactId) {
        let contact = self.held(id);
        let due_at = self.clock(contact).due_after(self.now);
        if self.is_sought(contact) && due_at < contact.search.due_at {
            self.time_anew(id);
        }
    }

    /// What became known of a customer shows that he has an open contact already: the new one,
    /// which nobody has yet, goes on in that one.
    pub(super) fn join_known(&mut self, id: ContactId) {
        let contact = self.held(id);
        if !contact.is_waiting() {
            return;
        }
        let request = Request {
            addresses: &contact.customer.addresses,
            channel: contact.channel,
            addressee: Some(&contact.addressee),
            need: contact.need.as_ref(),
            urgency: contact.urgency,
        };
        if let Place::Joins(into) = self.place_of(&request, Some(id))
            && into < id
        {
            self.merge(id, into, &Author::Software);
        }
    }

    /// The two know of each other.
    pub(super) fn link(&mut self, one: ContactId, other: ContactId, why: Link) {
        self.enter(
            one,
            Fact::Linked {
                contact: other,
                why,
            },
        );
        self.enter(other, Fact::Linked { contact: one, why });
    }

    /// The contact in which one that was merged or continued goes on.
    pub(super) fn goes_on_in(&self, mut id: ContactId) -> ContactId {
        for _ in 0..STEPS_MAX {
            let contact = self.held(id);
            let is_held = |next: &ContactId| self.contacts.contains_key(next);
            let merged_into = match contact.state {
                ContactState::Merged(into) => Some(into).filter(is_held),
                state if state.is_open() => break,
                _ => None,
            };
            match merged_into.or(contact.continued_as.filter(is_held)) {
                Some(next) => id = next,
                None => break,
            }
        }
        id
    }

    /// Whether a reply of the customer still reopens a contact that is over.
    pub(super) fn may_reopen(&self, id: ContactId) -> bool {
        let contact = self.held(id);
        let is_over = !contact.state.is_open() && !matches!(contact.state, ContactState::Merged(_));
        let reopen_for_s = i64::from(self.directory.draft().reopen_for_s);
        let is_lately = |at: DateTime<Utc>| (self.now - at).num_seconds() < reopen_for_s;
        is_over && contact.closed_at.is_some_and(is_lately)
    }

    /// The open contact in which a customer's word goes on: this one, the one that it goes on in,
    /// or a new one that is linked to it.
    pub(super) fn take_up(&mut self, id: ContactId) -> ContactId {
        let id = self.goes_on_in(id);
        if self.held(id).state.is_open() {
            return id;
        }
        if self.may_reopen(id) {
            self.take_up_again(id, Author::Customer);
            return id;
        }
        self.continue_in_new(id)
    }

    /// A word that comes too late to reopen a contact begins one of its own.
    fn continue_in_new(&mut self, old: ContactId) -> ContactId {
        let contact = self.held(old);
        let (customer, leg) = (contact.customer.clone(), contact.next_leg(self.now));
        let addressee = contact.addressee.clone();
        let last_owner = contact.participants.first().cloned();
        let id = self.next_contact();
        let mut new = Contact::new(id, customer, addressee, leg);
        new.need = self.held(old).need.clone();
        new.policy = self.policy_for(&new.addressee);
        self.begin(new, None);
        self.find_addressee(id);
        self.link(old, id, Link::Continued);
        self.change(old).continued_as = Some(id);
        self.search(id, last_owner);
        id
    }
}
