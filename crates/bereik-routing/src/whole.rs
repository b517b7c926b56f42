//! Whether the parts of a state agree, as far as the engine relies on it without looking.

use std::collections::{BTreeMap, BTreeSet};

use bereik_core::channel_kind::PerChannel;
use bereik_core::id::{ContactId, OfferId, PersonId};

use crate::contact_state::{Contact, Takes};
use crate::state::State;

/// What the contacts say of one person.
#[derive(Default, PartialEq)]
struct Counted {
    held: PerChannel<u32>,
    offered: PerChannel<u32>,
    consults: u32,
    consults_offered: u32,
    offers: BTreeSet<OfferId>,
    contacts: BTreeSet<ContactId>,
}

impl State {
    /// Whether every deadline, key and offer leads to a held contact, every open contact has a
    /// deadline, and what people hold is what contacts say.
    pub(crate) fn is_whole(&self) -> bool {
        let is_held = |id: &ContactId| self.contacts.contains_key(id);
        self.deadlines.owners().all(is_held)
            && self.keys.values().all(is_held)
            && self.offers.values().all(is_held)
            && self.closed.iter().all(is_held)
            && self.incidents_are_whole()
            && self
                .contacts
                .iter()
                .all(|(id, contact)| self.is_sound(*id, contact))
            && self.people_hold_what_contacts_say()
            && self.wrap_ups_are_those_of_people()
    }

    fn is_sound(&self, id: ContactId, contact: &Contact) -> bool {
        let is_open = contact.state.is_open();
        let is_armed = self.deadlines.of(id).next().is_some();
        let mut reserved = contact.offers.values().filter_map(|l| l.reserves.as_ref());
        let mut who = contact.participants.iter();
        let mut consulted = contact.colleagues.consulted.keys();
        let has_standing = |person| self.people.contains_key(person);
        contact.id == id
            && (!is_open || is_armed)
            && (is_open || (contact.offers.is_empty() && contact.colleagues.is_empty()))
            && (!is_open || who.all(has_standing))
            && reserved.all(has_standing)
            && consulted.all(has_standing)
    }

    fn people_hold_what_contacts_say(&self) -> bool {
        let mut counted: BTreeMap<&PersonId, Counted> = BTreeMap::new();
        for contact in self.contacts.values().filter(|c| c.state.is_open()) {
            for person in &contact.participants {
                let counted = counted.entry(person).or_default();
                counted.held[contact.channel] += 1;
                counted.contacts.insert(contact.id);
            }
            for person in contact.colleagues.consulted.keys() {
                counted.entry(person).or_default().consults += 1;
            }
            for live in contact.offers.values() {
                let Some(person) = &live.reserves else {
                    continue;
                };
                let counted = counted.entry(person).or_default();
                counted.offers.insert(live.offer.id);
                match live.takes {
                    Takes::Consult => counted.consults_offered += 1,
                    Takes::Contact => counted.offered[contact.channel] += 1,
                    Takes::Nothing => {}
                }
            }
        }
        self.people.iter().all(|(person, standing)| {
            let counted = counted.remove(person).unwrap_or_default();
            counted.held == standing.held
                && counted.offered == standing.offered
                && counted.consults == standing.consults
                && counted.consults_offered == standing.consults_offered
                && counted.offers == standing.offers
                && counted.contacts == standing.contacts
        })
    }

    fn wrap_ups_are_those_of_people(&self) -> bool {
        let of_people = self.people.iter().filter_map(|(person, standing)| {
            let until = standing.wrap_up?.until;
            Some((until, person.clone()))
        });
        of_people.collect::<BTreeSet<_>>() == self.wrap_ups
    }
}
