//! What each person takes part in and is offered: found by the person, not by looking at everybody's
//! contacts.

use bereik_core::id::{ContactId, OfferId, PersonId};
use bereik_core::id_map::IdMap;

use crate::contact_state::Contact;

/// The open contacts and live offers of one person, the latest last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Hands {
    contacts: Vec<ContactId>,
    offers: Vec<(ContactId, OfferId)>,
}

/// The open contacts in which people take part, and the live offers that take their capacity. All of
/// it follows from the contacts; it is as large as what people hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct AtHand(IdMap<PersonId, Hands>);

impl AtHand {
    /// What follows from these contacts.
    pub(crate) fn of<'a>(contacts: impl Iterator<Item = &'a Contact>) -> Self {
        let mut at_hand = Self::default();
        let mut offers = Vec::new();
        for contact in contacts.filter(|contact| contact.state.is_open()) {
            for person in &contact.participants {
                at_hand.join(person, contact.id);
            }
            for (offer, live) in &contact.offers {
                let reserves = live.reserves.as_ref();
                offers.extend(reserves.map(|person| (*offer, contact.id, person)));
            }
        }
        offers.sort_unstable();
        for (offer, contact, person) in offers {
            at_hand.offer(person, contact, offer);
        }
        at_hand
    }

    fn hands(&mut self, person: &PersonId) -> &mut Hands {
        self.0.get_or_insert_with(person, Hands::default)
    }

    pub(crate) fn join(&mut self, person: &PersonId, contact: ContactId) {
        self.hands(person).contacts.push(contact);
    }

    pub(crate) fn part(&mut self, person: &PersonId, contact: ContactId) {
        self.hands(person).contacts.retain(|held| *held != contact);
    }

    pub(crate) fn offer(&mut self, person: &PersonId, contact: ContactId, offer: OfferId) {
        self.hands(person).offers.push((contact, offer));
    }

    pub(crate) fn end_offer(&mut self, person: &PersonId, offer: OfferId) {
        self.hands(person).offers.retain(|(_, live)| *live != offer);
    }

    /// The open contacts in which a person takes part.
    pub(crate) fn contacts_of(&self, person: &PersonId) -> &[ContactId] {
        self.0.get(person).map_or(&[], |hands| &hands.contacts)
    }

    /// The live offers that take a person's capacity, the latest last.
    pub(crate) fn offers_of(&self, person: &PersonId) -> &[(ContactId, OfferId)] {
        self.0.get(person).map_or(&[], |hands| &hands.offers)
    }
}
