//! Who a customer is: his addresses, what the company knows of him, the channels that he uses.

use std::collections::BTreeSet;

use bereik_core::contact::Customer;
use bereik_core::customer::CustomerProfile;
use bereik_core::entry::Fact;
use bereik_core::id::{ContactId, Key, LineId, NeedId};
use bereik_core::message::Author;
use bereik_core::{Address, ChannelKind, Urgency};

use super::converse::with_addresses;
use crate::answer::Answer;
use crate::output::{Effect, Output};
use crate::state::State;
use crate::voices::Voice;

impl State {
    /// Finds every open contact by its addresses and its need, from scratch.
    pub(crate) fn index_all(&mut self) {
        self.by_address.clear();
        self.by_need.clear();
        let open = self.contacts.values().filter(|c| c.state.is_open());
        let open: Vec<ContactId> = open.map(|contact| contact.id).collect();
        for id in open {
            self.index(id);
        }
    }

    /// Lets an open contact be found by its addresses and its need.
    pub(super) fn index(&mut self, id: ContactId) {
        let Some(contact) = self.contacts.get(&id) else {
            return;
        };
        for address in &contact.customer.addresses {
            let known = self.by_address.or_insert_with(address, BTreeSet::new);
            known.insert(id);
        }
        if let Some(need) = &contact.need {
            self.by_need.entry(need.clone()).or_default().insert(id);
        }
    }

    /// Lets a contact be found no longer.
    pub(super) fn unindex(&mut self, id: ContactId) {
        let Some(contact) = self.contacts.get(&id) else {
            return;
        };
        for address in &contact.customer.addresses {
            if let Some(known) = self.by_address.value_mut(address) {
                known.remove(&id);
                if known.is_empty() {
                    self.by_address.remove(address);
                }
            }
        }
        if let Some(need) = &contact.need
            && let Some(known) = self.by_need.get_mut(need)
        {
            known.remove(&id);
            if known.is_empty() {
                self.by_need.remove(need);
            }
        }
    }

    /// Takes who the customer is, and lets an open contact be found by it.
    pub(super) fn rename(&mut self, id: ContactId, customer: Customer) {
        let is_open = self.held(id).state.is_open();
        self.unindex(id);
        self.change(id).customer = customer;
        if is_open {
            self.index(id);
        }
    }

    /// Asks who has the first address of a customer that is his own.
    pub(super) fn look_up(&mut self, contact: ContactId, number: u64) {
        if !self.directory.draft().looks_up_customers {
            return;
        }
        let mut addresses = self.held(contact).customer.addresses.iter();
        let own = addresses.find(|address| !self.is_shared(address)).cloned();
        let effect = own.map(|address| Effect::LookUp {
            contact,
            number,
            address,
        });
        self.out.extend(effect.map(Output::Effect));
    }

    pub(super) fn is_shared(&self, address: &Address) -> bool {
        self.directory.draft().joining.shared.contains(address)
    }

    /// Takes what the company knows of the customer. It raises an urgency, names whom to ask
    /// first, and is recorded; it lowers nothing and holds up nothing.
    pub(super) fn know_customer(&mut self, id: ContactId, profile: CustomerProfile) -> Answer {
        let profile = profile.within_bounds();
        let contact = self.held(id);
        let is_known = contact.profile.as_deref() == Some(&profile);
        if !contact.state.is_open() || is_known {
            return self.late(id, None, Author::Software);
        }
        let mut customer = contact.customer.clone();
        // Who only claims an address learns nothing that the company knows of whose it is.
        let claimed = &self.directory.draft().joining.claimed;
        if !claimed.contains(&contact.channel) {
            if customer.name.is_empty() {
                customer.name.clone_from(&profile.name);
            }
            customer.language = profile.language.unwrap_or(customer.language);
            customer.addresses = with_addresses(customer.addresses, profile.addresses.clone());
        }
        self.rename(id, customer.clone());
        let (entitlements, owner) = (profile.entitlements.clone(), profile.owner.clone());
        self.change(id).profile = Some(Box::new(profile));
        self.enter(
            id,
            Fact::CustomerKnown {
                customer,
                entitlements,
                owner: owner.clone(),
            },
        );
        let contact = self.held(id);
        if contact.is_waiting() && contact.search.prefer.is_none() {
            self.change(id).search.prefer = owner;
            self.work.note(id);
        }
        self.raise_for_profile(id);
        self.learn_only_critical(id);
        self.join_known(id);
        Answer::Done
    }

    /// An urgent contact whose need is unknown is about the one thing that carries the customer's
    /// core process, where there is just one. That makes it no more urgent.
    fn learn_only_critical(&mut self, id: ContactId) {
        let contact = self.held(id);
        let profile = contact.profile.as_deref();
        let critical = profile.map(|profile| &profile.critical);
        let only = critical.filter(|critical| {
            critical.len() == 1 && contact.need.is_none() && contact.urgency >= Urgency::High
        });
        let need = only.and_then(|critical| critical.keys().next().cloned());
        if let Some(need) = need {
            self.enter(id, Fact::NeedKnown { need: need.clone() });
            self.learn_need_quietly(id, need);
        }
    }

    /// What the contact is about became known.
    pub(super) fn learn_need(&mut self, id: ContactId, need: NeedId) {
        if self.held(id).need.as_ref() == Some(&need) {
            return;
        }
        self.enter(id, Fact::NeedKnown { need: need.clone() });
        self.learn_need_quietly(id, need);
        self.raise_for_profile(id);
    }

    fn learn_need_quietly(&mut self, id: ContactId, need: NeedId) {
        self.unindex(id);
        self.change(id).need = Some(need);
        self.index(id);
        self.note_need(id);
    }

    /// A contact about what carries the customer's core process is as pressing as his profile
    /// says.
    fn raise_for_profile(&mut self, id: ContactId) {
        let contact = self.held(id);
        let least = contact.profile.as_deref().and_then(|profile| {
            let need = contact.need.as_ref()?;
            profile.critical.get(need).copied()
        });
        if let Some(least) = least.filter(|least| contact.urgency < *least) {
            self.hear_urgency(id, Voice::Profile, least, Author::Software, None);
        }
    }

    /// The customer uses this channel for the contact; `key` names the request that joined.
    pub(super) fn use_leg(
        &mut self,
        id: ContactId,
        channel: ChannelKind,
        line: Option<LineId>,
        key: Option<Key>,
    ) -> Answer {
        if !self.held(id).state.is_open() {
            return self.late(id, None, Author::Customer);
        }
        let now = self.now;
        let is_new = self.change(id).use_leg(channel, line.clone(), now);
        if is_new || key.is_some() {
            self.enter(id, Fact::LegAdded { channel, key, line });
        }
        Answer::Done
    }
}
