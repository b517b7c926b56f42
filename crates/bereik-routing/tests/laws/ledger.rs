//! An account of its own of what the entries say: who holds what, which offers are out.

use std::collections::{BTreeMap, BTreeSet};

use bereik_core::acknowledgement::Acknowledgement;
use bereik_core::agreement::Target;
use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::contact::Addressee;
use bereik_core::directory::Directory;
use bereik_core::entry::{Entry, Fact};
use bereik_core::id::{ContactId, OfferId, PersonId};
use bereik_core::offer::{Offer, Offered};
use bereik_core::reachability::{Reach, Reachability};
use bereik_core::urgency::Urgency;
use bereik_routing::Input;
use chrono::{DateTime, Utc};

/// What the entries say of one contact.
pub(crate) struct Kept {
    pub(crate) addressee: Addressee,
    pub(crate) channel: ChannelKind,
    pub(crate) urgency: Urgency,
    pub(crate) has_requirements: bool,
    pub(crate) is_open: bool,
    pub(crate) participants: Vec<PersonId>,
    pub(crate) offers: BTreeMap<OfferId, Offer>,
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
    pub(crate) rows: BTreeMap<PersonId, PerChannel<Reachability>>,
    pub(crate) contacts: BTreeMap<ContactId, Kept>,
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
            rows: BTreeMap::new(),
            contacts: BTreeMap::new(),
        }
    }

    pub(crate) fn hear(&mut self, input: &Input) {
        match input {
            Input::Reachability { person, row } => {
                self.rows.insert(person.clone(), *row);
            }
            Input::DirectoryReplaced(directory) => {
                self.directory = directory.as_ref().clone();
                for kept in self.contacts.values_mut() {
                    kept.search.is_plain = false;
                }
            }
            _ => {}
        }
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

    /// The live offers to a person himself.
    pub(crate) fn offered(&self, person: &PersonId, channel: ChannelKind) -> usize {
        let to_him = Offered::Person(person.clone());
        let of_kind = self.contacts.values().filter(|k| k.channel == channel);
        of_kind
            .flat_map(|kept| kept.offers.values())
            .filter(|offer| offer.to == to_him)
            .count()
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
                has_requirements: page_match.is_some(),
                is_open: true,
                participants: Vec::new(),
                offers: BTreeMap::new(),
                search: Searched::new(entry.at),
            };
            self.contacts.insert(entry.contact, kept);
            return;
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
                self.search.told.push(acknowledgement.clone());
            }
            Fact::CircleWidened { circle } => self.search.circle = *circle,
            Fact::Closed { .. } => self.is_open = false,
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
            Fact::Reopened { .. } => {
                self.is_open = true;
                self.participants.clear();
                self.search = Searched::new(entry.at);
            }
            Fact::UrgencyChanged { urgency, .. } => {
                self.urgency = *urgency;
                self.search.is_plain = false;
            }
            _ => {}
        }
    }
}
