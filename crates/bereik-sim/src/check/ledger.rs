//! An account of what the entries say: who holds what, which offers are out, what was promised.

use std::collections::{BTreeMap, BTreeSet};

use bereik_core::acknowledgement::{Acknowledgement, Promise};
use bereik_core::agreement::TargetClock;
use bereik_core::contact::{Addressee, ContactState};
use bereik_core::directory::Directory;
use bereik_core::entry::{Entry, Fact};
use bereik_core::explanation::ExcludedBy;
use bereik_core::offer::{Offer, OfferRole, Offered};
use bereik_core::reachability::{Reach, ReachabilityRow};
use bereik_core::{ChannelKind, ContactId, OfferId, PersonId, Urgency};
use bereik_routing::Input;
use chrono::{DateTime, Utc};

/// What the entries say of one contact.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) addressee: Addressee,
    pub(super) channel: ChannelKind,
    pub(super) urgency: Urgency,
    pub(super) has_requirements: bool,
    pub(super) is_open: bool,
    pub(super) state: ContactState,
    pub(super) participants: Vec<PersonId>,
    pub(super) offers: BTreeMap<OfferId, Offer>,
    /// The offers that take no hand: to who took part already when they were made.
    pub(super) takes_none: BTreeSet<OfferId>,
    pub(super) promise: Option<Promise>,
    /// Of the search that runs or ran last.
    pub(super) since: DateTime<Utc>,
    pub(super) asked: BTreeSet<PersonId>,
    pub(super) told: Vec<Acknowledgement>,
    pub(super) circle: u32,
    pub(super) level_at: Option<DateTime<Utc>>,
    /// Who was wanted by a level of a calamity and had no hand free.
    pub(super) wanted: BTreeSet<PersonId>,
    /// Whether the last entry was that of a level.
    after_level: bool,
    /// When somebody was last asked.
    pub(super) rang_at: Option<DateTime<Utc>>,
    pub(super) is_breached: bool,
    /// Whether it was ever put to a line, or a level of its policy began.
    pub(super) has_way_out: bool,
    pub(super) is_plain: bool,
    /// Whether its answer may be due otherwise than that of its equals, for good: the customer used
    /// another channel, or left.
    is_odd: bool,
}

impl Kept {
    pub(super) fn is_waiting(&self) -> bool {
        self.is_open && self.participants.is_empty()
    }

    /// Whether an offer takes one of somebody's hands.
    pub(super) fn takes_hand(&self, offer: &Offer) -> bool {
        let takes_part = match &offer.to {
            Offered::Line(_) => false,
            Offered::Person(person) => {
                self.takes_none.contains(&offer.id)
                    || (!self.offers.contains_key(&offer.id) && self.participants.contains(person))
            }
        };
        offer.role != OfferRole::Consultant && !takes_part
    }

    /// It is no longer like its equals after some facts.
    const fn note_other(&mut self, fact: &Fact) {
        let is_other = matches!(
            fact,
            Fact::CustomerBack
                | Fact::CustomerGone
                | Fact::CustomerLeft
                | Fact::HandedOver { .. }
                | Fact::HandOverFailed { .. }
                | Fact::IncidentClosed { .. }
                | Fact::IncidentDeclared { .. }
                | Fact::IncidentLed { .. }
                | Fact::LegAdded { .. }
                | Fact::MergedFrom { .. }
        );
        if is_other {
            (self.is_plain, self.is_odd) = (false, true);
        }
    }

    fn search(&mut self, at: DateTime<Utc>) {
        self.since = at;
        self.promise = None;
        self.asked.clear();
        self.told.clear();
        self.circle = 0;
        self.level_at = None;
        self.wanted.clear();
        self.is_breached = false;
        self.has_way_out = false;
        self.is_plain = !self.is_odd;
    }

    /// Takes down whom a level of a calamity found without a hand free, and that somebody is asked.
    fn note_wanted(&mut self, entry: &Entry) {
        let is_level = matches!(
            entry.fact,
            Fact::LevelSkipped { .. } | Fact::LevelStarted { .. }
        );
        if is_level || matches!(entry.fact, Fact::Offered { .. }) {
            self.rang_at = Some(entry.at);
        }
        if let Fact::Chosen { explanation } = &entry.fact
            && self.after_level
            && self.urgency == Urgency::Calamity
            && self.is_waiting()
        {
            let busy = explanation.excluded.iter();
            let busy = busy.filter(|(_, why)| *why == ExcludedBy::AtCapacity);
            self.wanted.extend(busy.map(|(person, _)| person.clone()));
        }
        self.after_level = is_level;
    }

    fn end_offer(&mut self, offer: OfferId) {
        self.takes_none.remove(&offer);
        self.offers.remove(&offer);
    }

    fn enter(&mut self, entry: &Entry) {
        self.note_wanted(entry);
        self.note_other(&entry.fact);
        match &entry.fact {
            Fact::Acknowledged { acknowledgement } => self.told.push(acknowledgement.clone()),
            Fact::Breached {
                clock: TargetClock::FirstAnswer,
            } => self.is_breached = true,
            Fact::CircleWidened { circle } => self.circle = *circle,
            Fact::Abandoned { .. } | Fact::Closed { .. } => {
                (self.is_open, self.promise) = (false, None);
            }
            Fact::HandedOver { channel, .. }
            | Fact::HandOverFailed {
                back_over: channel, ..
            } => self.channel = *channel,
            // Its way out is that of the contact that leads the incident.
            Fact::IncidentLinked { .. } => (self.is_plain, self.has_way_out) = (false, true),
            Fact::Joined { person } => {
                self.participants.push(person.clone());
                self.promise = None;
            }
            Fact::Left { person } => {
                self.participants.retain(|other| other != person);
                if self.participants.is_empty() {
                    self.search(entry.at);
                    // The clock of its first answer may run since before, and is late then before its search is.
                    self.is_plain = false;
                    self.asked.insert(person.clone());
                }
            }
            Fact::LevelStarted { .. } => {
                self.level_at = Some(entry.at);
                self.has_way_out = true;
            }
            Fact::MergedInto { .. } => {
                (self.is_open, self.promise) = (false, None);
                self.participants.clear();
            }
            Fact::OwnerChanged { person } => {
                self.participants.retain(|other| other != person);
                self.participants.insert(0, person.clone());
            }
            Fact::Triaged { addressee, .. } => {
                self.addressee = addressee.clone();
                self.is_plain = false;
            }
            Fact::Offered { offer } => {
                if offer.role != OfferRole::Consultant && !self.takes_hand(offer) {
                    self.takes_none.insert(offer.id);
                }
                match &offer.to {
                    Offered::Person(_) if offer.role == OfferRole::Consultant => {}
                    Offered::Person(person) => drop(self.asked.insert(person.clone())),
                    Offered::Line(_) => self.has_way_out = true,
                }
                self.offers.insert(offer.id, offer.clone());
            }
            Fact::OfferEnded { offer, .. } => self.end_offer(*offer),
            Fact::Promised { promise } => self.promise = Some(*promise),
            Fact::Reopened { .. } => {
                self.is_open = true;
                self.participants.clear();
                self.search(entry.at);
            }
            Fact::StateChanged { state } => self.state = *state,
            Fact::UrgencyChanged { urgency, .. } => {
                self.urgency = *urgency;
                self.is_plain = false;
            }
            _ => {}
        }
    }
}

/// Contacts of one group, over one kind of channel, with one urgency: equals wait in a line.
type Class = (Addressee, ChannelKind, Urgency);

#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) directory: Directory,
    pub(super) rows: BTreeMap<PersonId, ReachabilityRow>,
    pub(super) contacts: BTreeMap<ContactId, Kept>,
    pub(super) open: BTreeSet<ContactId>,
    pub(super) held: BTreeMap<(PersonId, ChannelKind), u32>,
    pub(super) offered: BTreeMap<(PersonId, ChannelKind), u32>,
    /// In how many contacts of others somebody is consulted, and is asked to be.
    pub(super) consults: BTreeMap<PersonId, u32>,
    pub(super) consults_offered: BTreeMap<PersonId, u32>,
    pub(super) wrapping_up: BTreeSet<PersonId>,
}

impl Ledger {
    pub(super) fn new(directory: Directory) -> Self {
        Self {
            directory,
            rows: BTreeMap::new(),
            contacts: BTreeMap::new(),
            open: BTreeSet::new(),
            held: BTreeMap::new(),
            offered: BTreeMap::new(),
            consults: BTreeMap::new(),
            consults_offered: BTreeMap::new(),
            wrapping_up: BTreeSet::new(),
        }
    }

    pub(super) fn hear(&mut self, input: &Input) {
        match input {
            Input::Reachability { person, row } => {
                self.rows.insert(person.clone(), *row);
            }
            Input::DirectoryReplaced(directory) => {
                self.directory = directory.as_ref().clone();
                for kept in self.contacts.values_mut() {
                    kept.is_plain = false;
                }
            }
            _ => {}
        }
    }

    pub(super) fn reach(&self, person: &PersonId, channel: ChannelKind) -> Reach {
        self.rows
            .get(person)
            .map_or(Reach::Unknown, |row| row[channel].reach)
    }

    pub(super) fn capacity(&self, person: &PersonId, channel: ChannelKind) -> u32 {
        let person = self.directory.person(person);
        person.map_or(0, |person| person.capacity_for(channel).into())
    }

    pub(super) fn in_hand(&self, person: &PersonId, channel: ChannelKind) -> u32 {
        let key = (person.clone(), channel);
        let count = |all: &BTreeMap<_, u32>| all.get(&key).copied().unwrap_or_default();
        count(&self.held) + count(&self.offered)
    }

    /// Whether somebody has nothing at all in hand, is offered nothing, and does not wrap up.
    pub(super) fn is_idle(&self, person: &PersonId) -> bool {
        let in_hand = ChannelKind::ALL
            .into_iter()
            .map(|channel| self.in_hand(person, channel));
        in_hand.sum::<u32>() == 0 && !self.wrapping_up.contains(person)
    }

    fn open(&mut self, entry: &Entry) {
        let Fact::Opened {
            addressee,
            channel,
            urgency,
            page_match,
            ..
        } = &entry.fact
        else {
            return;
        };
        self.open.insert(entry.contact);
        let kept = Kept {
            addressee: addressee.clone(),
            channel: *channel,
            urgency: *urgency,
            has_requirements: page_match.is_some(),
            is_open: true,
            state: ContactState::Queued,
            participants: Vec::new(),
            offers: BTreeMap::new(),
            takes_none: BTreeSet::new(),
            promise: None,
            since: entry.at,
            asked: BTreeSet::new(),
            told: Vec::new(),
            circle: 0,
            level_at: None,
            wanted: BTreeSet::new(),
            after_level: false,
            rang_at: None,
            is_breached: false,
            has_way_out: false,
            is_plain: true,
            is_odd: false,
        };
        self.contacts.insert(entry.contact, kept);
    }

    /// Takes one entry down.
    pub(super) fn enter(&mut self, entry: &Entry) {
        self.open(entry);
        let Some(kept) = self.contacts.get_mut(&entry.contact) else {
            return;
        };
        let channel = kept.channel;
        match &entry.fact {
            Fact::Abandoned { .. } | Fact::Closed { .. } | Fact::MergedInto { .. } => {
                self.open.remove(&entry.contact);
                for person in &kept.participants {
                    subtract(&mut self.held, person, channel);
                }
            }
            Fact::HandedOver { channel: next, .. }
            | Fact::HandOverFailed {
                back_over: next, ..
            } => {
                for person in &kept.participants {
                    subtract(&mut self.held, person, channel);
                    add(&mut self.held, person, *next);
                }
                for offer in kept.offers.values().filter(|offer| kept.takes_hand(offer)) {
                    if let Offered::Person(person) = &offer.to {
                        subtract(&mut self.offered, person, channel);
                        add(&mut self.offered, person, *next);
                    }
                }
            }
            Fact::Joined { person } => add(&mut self.held, person, channel),
            Fact::Left { person } => subtract(&mut self.held, person, channel),
            Fact::ConsultBegan { person } => {
                *self.consults.entry(person.clone()).or_default() += 1;
            }
            Fact::ConsultEnded { person } => one_fewer(&mut self.consults, person),
            Fact::Offered { offer } => {
                if let Offered::Person(person) = &offer.to {
                    if offer.role == OfferRole::Consultant {
                        *self.consults_offered.entry(person.clone()).or_default() += 1;
                    } else if kept.takes_hand(offer) {
                        add(&mut self.offered, person, channel);
                    }
                }
            }
            Fact::OfferEnded { offer, .. } => {
                if let Some(offer) = kept.offers.get(offer)
                    && let Offered::Person(person) = &offer.to
                {
                    if offer.role == OfferRole::Consultant {
                        one_fewer(&mut self.consults_offered, person);
                    } else if !kept.takes_none.contains(&offer.id) {
                        subtract(&mut self.offered, person, channel);
                    }
                }
            }
            Fact::Reopened { .. } => drop(self.open.insert(entry.contact)),
            Fact::WrappedUp { person } => drop(self.wrapping_up.remove(person)),
            Fact::WrappingUp { person, .. } => drop(self.wrapping_up.insert(person.clone())),
            _ => {}
        }
        kept.enter(entry);
    }

    /// Invariant 4: why somebody holds more than he can, if he does.
    pub(super) fn holds_too_much(&self, id: &PersonId) -> Option<String> {
        let person = self.directory.person(id)?;
        let held = |channel| {
            let held = self.held.get(&(id.clone(), channel));
            held.copied().unwrap_or_default()
        };
        for channel in ChannelKind::ALL {
            let capacity = u32::from(person.capacity_for(channel));
            if held(channel) > capacity {
                return Some(format!("{id} holds more than {capacity} over {channel:?}"));
            }
        }
        for rule in self.directory.beside_of(person) {
            if held(rule.holding) > 0 && held(rule.of) > u32::from(rule.at_most) {
                return Some(format!("{id} holds more beside each other than {rule:?}"));
            }
        }
        let consults = self.consults.get(id).copied().unwrap_or_default();
        if consults > u32::from(self.directory.consults_of(person)) {
            return Some(format!("{id} is consulted in {consults}"));
        }
        let total = self.directory.capacity_total_of(person)?;
        let hands = &self.directory.draft().hands;
        let weights = ChannelKind::ALL.map(|kind| held(kind) * u32::from(hands.weight(kind)));
        let weight = weights.iter().sum::<u32>() + consults * u32::from(hands.consult_weight);
        (weight > u32::from(total)).then(|| format!("{id} holds {weight} of {total} in all"))
    }

    /// The class of a contact in which equals wait in a line.
    pub(super) fn class(kept: &Kept) -> Class {
        (kept.addressee.clone(), kept.channel, kept.urgency)
    }
}

fn one_fewer(counts: &mut BTreeMap<PersonId, u32>, person: &PersonId) {
    if let Some(count) = counts.get_mut(person) {
        *count = count.saturating_sub(1);
    }
}

type Counts = BTreeMap<(PersonId, ChannelKind), u32>;

fn add(counts: &mut Counts, person: &PersonId, channel: ChannelKind) {
    *counts.entry((person.clone(), channel)).or_default() += 1;
}

fn subtract(counts: &mut Counts, person: &PersonId, channel: ChannelKind) {
    if let Some(count) = counts.get_mut(&(person.clone(), channel)) {
        *count = count.saturating_sub(1);
    }
}
