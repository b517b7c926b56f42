//! How much a person holds and can hold still: of each kind, beside each other, and in all.

use bereik_core::ChannelKind;
use bereik_core::contact::Addressee;
use bereik_core::group::{DEFAULT_COOL_DOWN_DECLINED_S, DEFAULT_COOL_DOWN_S, Group};
use bereik_core::hands::Beside;
use bereik_core::id::{ContactId, OfferId, PersonId};
use bereik_core::offer::Outcome;
use bereik_core::person::Person;

use crate::contact_state::{Contact, Takes};
use crate::state::{Standing, State};

/// A way to look at how somebody stands.
type LoadOf = fn(Option<&Standing>) -> Load<'_>;

/// What somebody's hands are full of. It is looked up kind by kind: most people have no rule by which
/// one kind of channel counts for another.
#[derive(Clone, Copy)]
struct Load<'a> {
    standing: Option<&'a Standing>,
    /// Whether what he is offered counts too.
    with_offers: bool,
}

/// What somebody holds.
const fn held(standing: Option<&Standing>) -> Load<'_> {
    Load {
        standing,
        with_offers: false,
    }
}

/// What somebody holds and is offered.
const fn taken(standing: Option<&Standing>) -> Load<'_> {
    Load {
        standing,
        with_offers: true,
    }
}

impl Load<'_> {
    fn of(&self, kind: ChannelKind) -> u32 {
        self.standing.map_or(0, |standing| {
            let offered = standing.offered[kind];
            standing.held[kind] + if self.with_offers { offered } else { 0 }
        })
    }

    fn consults(&self) -> u32 {
        self.standing.map_or(0, |standing| {
            let offered = standing.consults_offered;
            standing.consults + if self.with_offers { offered } else { 0 }
        })
    }

    /// Whether more is held than this rule admits.
    fn breaks(&self, rule: &Beside) -> bool {
        self.of(rule.holding) > 0 && self.of(rule.of) > u32::from(rule.at_most)
    }
}

impl State {
    /// How many contacts of this kind the person could be offered still.
    pub(crate) fn spare(&self, person: &PersonId, channel: ChannelKind) -> u32 {
        self.room(person, channel, taken)
    }

    /// Whether the person can hold one more contact of this kind, offers left aside.
    pub(crate) fn has_hand_free(&self, person: &PersonId, channel: ChannelKind) -> bool {
        self.room(person, channel, held) > 0
    }

    fn room(&self, id: &PersonId, channel: ChannelKind, load: LoadOf) -> u32 {
        let Some(person) = self.directory.person(id) else {
            return 0;
        };
        self.room_of(person, channel, load(self.people.get(id)))
    }

    /// How many contacts of this kind somebody who stands so could be offered still.
    pub(crate) fn spare_of(
        &self,
        person: &Person,
        standing: Option<&Standing>,
        channel: ChannelKind,
    ) -> u32 {
        self.room_of(person, channel, taken(standing))
    }

    fn room_of(&self, person: &Person, channel: ChannelKind, load: Load<'_>) -> u32 {
        let held = load.of(channel);
        let mut most = u32::from(person.capacity_for(channel));
        if most <= held {
            return 0;
        }
        for rule in self.directory.beside_of(person) {
            if rule.of == channel && load.of(rule.holding) > 0 {
                most = most.min(rule.at_most.into());
            } else if rule.holding == channel && load.of(rule.of) > u32::from(rule.at_most) {
                return 0;
            }
        }
        let weight = || self.directory.draft().hands.weight(channel);
        let room = most.saturating_sub(held);
        match self.directory.capacity_total_of(person) {
            Some(total) if room > 0 => room.min(self.room_in_total(total, load, weight())),
            _ => room,
        }
    }

    /// How many times a weight fits into what is left of the total.
    fn room_in_total(&self, total: u16, load: Load<'_>, weight: u8) -> u32 {
        let left = u32::from(total).saturating_sub(self.weigh(load));
        left.checked_div(weight.into()).unwrap_or(u32::MAX)
    }

    fn weigh(&self, load: Load<'_>) -> u32 {
        let hands = &self.directory.draft().hands;
        let contacts = ChannelKind::ALL.map(|kind| {
            let weight = u32::from(hands.weight(kind));
            load.of(kind).saturating_mul(weight)
        });
        let consults = load.consults().saturating_mul(hands.consult_weight.into());
        contacts.into_iter().fold(consults, u32::saturating_add)
    }

    /// In how many more contacts the person could be asked to be consulted.
    pub(crate) fn spare_consults(&self, person: &PersonId) -> u32 {
        self.room_for_consults(person, taken)
    }

    /// Whether the person can be consulted in one more contact, offers left aside.
    pub(crate) fn can_be_consulted(&self, person: &PersonId) -> bool {
        self.room_for_consults(person, held) > 0
    }

    fn room_for_consults(&self, id: &PersonId, load: LoadOf) -> u32 {
        let Some(person) = self.directory.person(id) else {
            return 0;
        };
        let load = load(self.people.get(id));
        let room = u32::from(self.directory.consults_of(person)).saturating_sub(load.consults());
        let weight = self.directory.draft().hands.consult_weight;
        match self.directory.capacity_total_of(person) {
            Some(total) => room.min(self.room_in_total(total, load, weight)),
            None => room,
        }
    }

    /// Takes back the latest offers to somebody who could not hold what he was offered any longer.
    pub(crate) fn fit(&mut self, person: &PersonId) {
        while let Some((contact, offer)) = self.latest_beyond(person) {
            self.end_offer(contact, offer, Outcome::Withdrawn);
        }
    }

    /// The latest offer that adds to what is too much.
    fn latest_beyond(&self, id: &PersonId) -> Option<(ContactId, OfferId)> {
        let standing = self.people.get(id)?;
        if standing.offers.is_empty() {
            return None;
        }
        let person = self.directory.person(id)?;
        let load = taken(Some(standing));
        let offers = standing.offers.iter().rev();
        let mut offers = offers.filter_map(|offer| Some((*self.offers.get(offer)?, *offer)));
        offers.find(|(contact, offer)| {
            let contact = self.held(*contact);
            let live = contact.offers.get(offer);
            live.is_some_and(|live| self.is_beyond(person, load, live.takes, contact.channel))
        })
    }

    fn is_beyond(&self, person: &Person, load: Load<'_>, takes: Takes, kind: ChannelKind) -> bool {
        let total = self.directory.capacity_total_of(person);
        let is_heavy = total.is_some_and(|total| self.weigh(load) > u32::from(total));
        match takes {
            Takes::Consult => {
                is_heavy || load.consults() > u32::from(self.directory.consults_of(person))
            }
            Takes::Contact => {
                let mut rules = self.directory.beside_of(person).iter();
                is_heavy
                    || load.of(kind) > u32::from(person.capacity_for(kind))
                    || rules.any(|r| (r.holding == kind || r.of == kind) && load.breaks(r))
            }
            Takes::Nothing => false,
        }
    }

    /// The group that a contact is for, if it is for one.
    pub(crate) fn group_of(&self, contact: &Contact) -> Option<&Group> {
        match &contact.addressee {
            Addressee::Group(id) => self.directory.group(id),
            _ => None,
        }
    }

    /// For how many seconds somebody is not asked again after that; none, where he may be asked at
    /// once.
    pub(crate) fn cool_down_s(&self, contact: &Contact, outcome: Outcome) -> Option<u32> {
        let group = || self.group_of(contact);
        match outcome {
            Outcome::Accepted | Outcome::Withdrawn => None,
            Outcome::Declined => {
                Some(group().map_or(DEFAULT_COOL_DOWN_DECLINED_S, |g| g.cool_down_declined_s))
            }
            Outcome::Failed | Outcome::Lapsed => {
                Some(group().map_or(DEFAULT_COOL_DOWN_S, |g| g.cool_down_s))
            }
        }
    }
}
