//! An account of its own of what the entries say: who holds what, which offers are out.

use std::collections::{BTreeMap, BTreeSet};

use bereik_core::acknowledgement::Acknowledgement;
use bereik_core::agreement::Target;
use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::contact::Addressee;
use bereik_core::directory::Directory;
use bereik_core::entry::{Entry, Fact};
use bereik_core::id::{ContactId, IncidentId, OfferId, PersonId};
use bereik_core::offer::{Offer, OfferRole, Offered, RequestEnd, RequestKind};
use bereik_core::reachability::{Reach, Reachability};
use bereik_core::urgency::Urgency;
use bereik_routing::Input;
use chrono::{DateTime, Utc};

use super::trace::Step;

/// What the entries say of one contact.
pub(crate) struct Kept {
    pub(crate) addressee: Addressee,
    pub(crate) channel: ChannelKind,
    pub(crate) urgency: Urgency,
    /// Whether a person lowered its urgency, which overrules what software says.
    pub(crate) was_lowered: bool,
    pub(crate) has_requirements: bool,
    pub(crate) is_open: bool,
    pub(crate) incident: Option<IncidentId>,
    pub(crate) participants: Vec<PersonId>,
    pub(crate) consulted: BTreeSet<PersonId>,
    pub(crate) offers: BTreeMap<OfferId, Offer>,
    /// Whether its customer was asked what it is about.
    pub(crate) was_triaged: bool,
    /// Whether its customer was asked whether he is there, since he was back last.
    pub(crate) was_probed: bool,
    /// What is known of the search that runs or ran last.
    pub(crate) search: Searched,
}

/// One search for somebody, since nobody had the contact.
pub(crate) struct Searched {
    pub(crate) since: DateTime<Utc>,
    /// Whether clocks and circles run as they did at the start: nothing was changed meanwhile.
    pub(crate) is_plain: bool,
    pub(crate) asked: BTreeSet<PersonId>,
    pub(crate) level_started_at: Option<DateTime<Utc>>,
    pub(crate) circle: u32,
    pub(crate) told: Vec<Acknowledgement>,
    pub(crate) owners: u32,
}

impl Searched {
    fn new(since: DateTime<Utc>) -> Self {
        Self {
            since,
            is_plain: true,
            asked: BTreeSet::new(),
            level_started_at: None,
            circle: 0,
            told: Vec::new(),
            owners: 0,
        }
    }
}

pub(crate) struct Ledger {
    pub(crate) directory: Directory,
    /// Whether the company changed: whom a contact is for may be gone since, then it is for others.
    pub(crate) was_changed: bool,
    pub(crate) rows: BTreeMap<PersonId, PerChannel<Reachability>>,
    pub(crate) contacts: BTreeMap<ContactId, Kept>,
    /// Which contact leads each incident.
    pub(crate) leads: BTreeMap<IncidentId, ContactId>,
    /// Until when who wraps up.
    pub(crate) wrapping_up: BTreeMap<PersonId, DateTime<Utc>>,
    /// As what each offer was made.
    pub(crate) roles: BTreeMap<OfferId, OfferRole>,
    /// The number of the last entry.
    pub(crate) number: u64,
    /// When the last entry before this step was.
    pub(crate) before: Option<DateTime<Utc>>,
    last: Option<DateTime<Utc>>,
    keys: BTreeSet<String>,
    /// The key of an effect that came twice.
    pub(crate) repeated: Option<String>,
}

impl Kept {
    pub(crate) fn is_waiting(&self) -> bool {
        self.is_open && self.participants.is_empty()
    }
}

impl Ledger {
    pub(crate) fn new(directory: Directory) -> Self {
        Self {
            directory,
            was_changed: false,
            rows: BTreeMap::new(),
            contacts: BTreeMap::new(),
            leads: BTreeMap::new(),
            wrapping_up: BTreeMap::new(),
            roles: BTreeMap::new(),
            number: 0,
            before: None,
            last: None,
            keys: BTreeSet::new(),
            repeated: None,
        }
    }

    /// Takes down what was told, and what is done of it.
    pub(crate) fn hear(&mut self, step: &Step) {
        self.before = self.last;
        for effect in step.effects() {
            let key = effect.key();
            if !self.keys.insert(key.clone()) {
                self.repeated = Some(key);
            }
        }
        match &step.input {
            Input::Reachability { person, row } => {
                self.rows.insert(person.clone(), *row);
            }
            Input::DirectoryReplaced(directory) => {
                self.directory = directory.as_ref().clone();
                self.was_changed = true;
                for kept in self.contacts.values_mut() {
                    kept.search.is_plain = false;
                }
            }
            _ => {}
        }
    }

    /// The contact that leads the incident that this one is part of, and waits for.
    pub(crate) fn lead_of(&self, id: ContactId) -> Option<&Kept> {
        let lead = self.leads.get(&self.contacts[&id].incident?)?;
        (*lead != id).then(|| &self.contacts[lead])
    }

    pub(crate) fn reach(&self, person: &PersonId, channel: ChannelKind) -> Reach {
        let row = self.rows.get(person);
        row.map_or(Reach::Unknown, |row| row[channel].reach)
    }

    pub(crate) fn held(&self, person: &PersonId, channel: ChannelKind) -> usize {
        let open = self.contacts.values().filter(|kept| kept.is_open);
        open.filter(|kept| kept.channel == channel && kept.participants.contains(person))
            .count()
    }

    /// The live offers to a person himself that would be one more contact for him.
    pub(crate) fn offered(&self, person: &PersonId, channel: ChannelKind) -> usize {
        let to_him = Offered::Person(person.clone());
        let of_kind = self.contacts.values().filter(|k| k.channel == channel);
        of_kind
            .filter(|kept| !kept.participants.contains(person))
            .flat_map(|kept| kept.offers.values())
            .filter(|offer| offer.to == to_him && offer.role != OfferRole::Consultant)
            .count()
    }

    pub(crate) fn consults(&self, person: &PersonId) -> usize {
        let open = self.contacts.values().filter(|kept| kept.is_open);
        open.filter(|kept| kept.consulted.contains(person)).count()
    }

    pub(crate) fn consults_offered(&self, person: &PersonId) -> usize {
        let to_him = Offered::Person(person.clone());
        let offers = self.contacts.values().flat_map(|kept| kept.offers.values());
        offers
            .filter(|offer| offer.to == to_him && offer.role == OfferRole::Consultant)
            .count()
    }

    /// What is wrong with what a person holds, and is offered if that counts: more of a kind than
    /// he can, more beside each other, too heavy in all.
    pub(crate) fn too_much(&self, person: &PersonId, with_offers: bool) -> Option<String> {
        self.too_much_with(person, with_offers, None)
    }

    /// Whether a person could be offered one more contact of this kind.
    pub(crate) fn could_take(&self, person: &PersonId, channel: ChannelKind) -> bool {
        let too_much = self.too_much_with(person, true, Some(channel));
        too_much.is_none() && !self.wrapping_up.contains_key(person)
    }

    fn too_much_with(
        &self,
        person: &PersonId,
        with_offers: bool,
        one_more: Option<ChannelKind>,
    ) -> Option<String> {
        let of = self.directory.person(person)?;
        let hands = &self.directory.draft().hands;
        let counted = |number, offered| number + if with_offers { offered } else { 0 };
        let holds = |kind| {
            let more = usize::from(one_more == Some(kind));
            more + counted(self.held(person, kind), self.offered(person, kind))
        };
        let consults = counted(self.consults(person), self.consults_offered(person));
        let consults_max = of.consults.unwrap_or(hands.consults);
        let mut weight = consults * usize::from(hands.consult_weight);
        for kind in ChannelKind::ALL {
            let weighs = hands.weights.get(&kind).copied().unwrap_or(10);
            weight += holds(kind) * usize::from(weighs);
            if holds(kind) > self.capacity(person, kind) {
                return Some(format!("{person}: {} {}", holds(kind), kind.name()));
            }
        }
        for rule in of.beside.as_ref().unwrap_or(&hands.beside) {
            let (first, other) = (holds(rule.holding), holds(rule.of));
            if first > 0 && other > usize::from(rule.at_most) {
                return Some(format!(
                    "{person}: {other} beside {first}, against {rule:?}"
                ));
            }
        }
        let total = of.capacity_total.or(hands.capacity_total).map(usize::from);
        if consults > usize::from(consults_max) {
            return Some(format!("{person}: consulted {consults} times"));
        }
        (total < Some(weight) && total.is_some()).then(|| format!("{person}: {weight} in all"))
    }

    pub(crate) fn capacity(&self, person: &PersonId, channel: ChannelKind) -> usize {
        let person = self.directory.person(person);
        person.map_or(0, |person| person.capacity_for(channel).into())
    }

    /// Whether whoever is looked for should have been found by now. Every hour counts.
    pub(crate) fn is_overdue(&self, kept: &Kept, at: DateTime<Utc>) -> bool {
        let (urgency, channel) = (kept.urgency, kept.channel);
        let agreed = self.directory.agreement_of(None);
        let target = agreed.map_or_else(
            || Target::default_for(urgency, channel),
            |agreement| agreement.target(urgency, channel),
        );
        (at - kept.search.since).num_seconds() >= target.answer_for_s.into()
    }

    /// Takes one entry down.
    pub(crate) fn enter(&mut self, entry: &Entry) {
        self.number += 1;
        self.last = Some(entry.at);
        if let Fact::Opened {
            addressee,
            channel,
            urgency,
            page_match,
            ..
        } = &entry.fact
        {
            let kept = Kept {
                addressee: addressee.clone(),
                channel: *channel,
                urgency: *urgency,
                was_lowered: false,
                has_requirements: page_match.is_some(),
                is_open: true,
                incident: None,
                participants: Vec::new(),
                consulted: BTreeSet::new(),
                offers: BTreeMap::new(),
                was_triaged: false,
                was_probed: false,
                search: Searched::new(entry.at),
            };
            self.contacts.insert(entry.contact, kept);
            return;
        }
        match &entry.fact {
            Fact::IncidentDeclared { incident, .. } | Fact::IncidentLed { incident } => {
                self.leads.insert(*incident, entry.contact);
            }
            Fact::WrappingUp { person, until } => {
                let longest = self.wrapping_up.entry(person.clone()).or_insert(*until);
                *longest = (*until).max(*longest);
            }
            Fact::WrappedUp { person } => {
                self.wrapping_up.remove(person);
            }
            Fact::Offered { offer } => {
                self.roles.insert(offer.id, offer.role);
            }
            // What is split off needs what the whole needed.
            Fact::SplitInto { contact, .. } => {
                let is_narrow = self.contacts[&entry.contact].has_requirements;
                if let Some(new) = self.contacts.get_mut(contact) {
                    new.has_requirements = is_narrow;
                }
            }
            _ => {}
        }
        let kept = self
            .contacts
            .get_mut(&entry.contact)
            .expect("it was opened");
        kept.enter(entry);
    }
}

impl Kept {
    fn enter(&mut self, entry: &Entry) {
        match &entry.fact {
            Fact::Acknowledged { acknowledgement } => {
                match acknowledgement {
                    Acknowledgement::StillThere { .. } => self.was_probed = true,
                    Acknowledgement::TriageAsked { .. } => self.was_triaged = true,
                    _ => {}
                }
                self.search.told.push(acknowledgement.clone());
            }
            Fact::CircleWidened { circle } => self.search.circle = *circle,
            Fact::Abandoned { .. } | Fact::Closed { .. } => self.is_open = false,
            Fact::MergedInto { .. } => {
                self.is_open = false;
                self.participants.clear();
            }
            Fact::IncidentDeclared { incident, .. } | Fact::IncidentLinked { incident } => {
                self.incident = Some(*incident);
                self.search.is_plain = false;
            }
            Fact::IncidentClosed { .. } => {
                self.incident = None;
                self.search.is_plain = false;
            }
            Fact::IncidentLed { .. } | Fact::MergedFrom { .. } => self.search.is_plain = false,
            Fact::CustomerBack => {
                self.was_probed = false;
                self.search.is_plain = false;
            }
            Fact::CustomerGone => self.search.is_plain = false,
            Fact::Triaged { addressee, .. } => {
                self.addressee = addressee.clone();
                self.search.is_plain = false;
            }
            Fact::ConsultBegan { person } => {
                self.consulted.insert(person.clone());
            }
            Fact::ConsultEnded { person } => {
                self.consulted.remove(person);
            }
            Fact::HandedOver { channel, .. } => self.channel = *channel,
            Fact::HandOverFailed { back_over, .. } => self.channel = *back_over,
            Fact::RequestEnded {
                kind: RequestKind::Transfer,
                whom,
                end: RequestEnd::Answered,
            } if !matches!(whom, Addressee::Person(_)) => self.addressee = whom.clone(),
            Fact::Reopened { .. } => {
                self.is_open = true;
                self.participants.clear();
                self.incident = None;
                self.search = Searched::new(entry.at);
            }
            Fact::UrgencyChanged { urgency, .. } => {
                self.was_lowered |= *urgency < self.urgency;
                self.urgency = *urgency;
                self.search.is_plain = false;
            }
            _ => self.enter_people(entry),
        }
    }

    /// Takes down who comes, goes and is asked.
    fn enter_people(&mut self, entry: &Entry) {
        match &entry.fact {
            Fact::Joined { person } => {
                if self.participants.is_empty() {
                    self.search.owners += 1;
                }
                self.participants.push(person.clone());
            }
            Fact::Left { person } => {
                self.participants.retain(|p| p != person);
                if self.participants.is_empty() {
                    self.search = Searched::new(entry.at);
                    self.search.asked.insert(person.clone());
                }
            }
            Fact::LevelStarted { .. } => self.search.level_started_at = Some(entry.at),
            Fact::Offered { offer } => {
                if let Offered::Person(person) = &offer.to {
                    self.search.asked.insert(person.clone());
                }
                self.offers.insert(offer.id, offer.clone());
            }
            Fact::OfferEnded { offer, .. } => {
                self.offers.remove(offer);
            }
            Fact::OwnerChanged { person } => {
                self.participants.retain(|p| p != person);
                self.participants.insert(0, person.clone());
            }
            _ => {}
        }
    }
}
