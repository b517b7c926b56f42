//! The whole state of an engine, and the few acts that change it: everything else is made of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bereik_core::acknowledgement::{Acknowledgement, Promise, PromiseKind};
use bereik_core::channel_kind::PerChannel;
use bereik_core::contact::ContactState;
use bereik_core::directory::Directory;
use bereik_core::entry::{Entry, Fact};
use bereik_core::id::{ContactId, GroupId, Key, MessageId, NeedId, OfferId, PersonId};
use bereik_core::id_map::IdMap;
use bereik_core::offer::{Offer, Offered, Outcome};
use bereik_core::reachability::{Reach, Reachability, ReachabilityRow};
use bereik_core::{Address, ChannelKind};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::by_hash::ByHash;
use crate::by_number::ByNumber;
use crate::community::Communities;
use crate::contact_state::{Contact, Escalation, LiveOffer, Takes, Way};
use crate::deadline::{Deadlines, Timer};
use crate::incident_state::Incidents;
use crate::index::Index;
use crate::known::Known;
use crate::output::{Effect, Output};
use crate::pending::Pending;
use crate::praise::Praises;
use crate::predict::{Coverage, HandsKept, Observed};
use crate::pulse::Pulses;
use crate::share::Shares;
use crate::turn::Turns;

/// How many closed contacts are kept, so that they can be reopened.
const CLOSED_KEPT_MAX: usize = 1_000;

/// How a person stands with the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Standing {
    pub(crate) row: ReachabilityRow,
    /// How many open contacts of a kind the person takes part in.
    pub(crate) held: PerChannel<u32>,
    /// How many live offers of contacts of a kind the person has.
    pub(crate) offered: PerChannel<u32>,
    /// Since when the person has been without a new contact: since he took or ended one, or
    /// since he came.
    pub(crate) idle_since: DateTime<Utc>,
    /// The number of the last offer to the person; 0 where there was none.
    pub(crate) last_offer: u64,
    /// In how many contacts of others the person is consulted.
    pub(crate) consults: u32,
    /// How many live offers to be consulted the person has.
    pub(crate) consults_offered: u32,
    /// The live offers to him, himself or over a line of his own.
    pub(crate) offers: BTreeSet<OfferId>,
    /// The open contacts that the person takes part in.
    pub(crate) contacts: BTreeSet<ContactId>,
    pub(crate) wrap_up: Option<WrapUp>,
}

impl Standing {
    /// How somebody stands who is heard of for the first time.
    fn from(now: DateTime<Utc>) -> Self {
        Self {
            row: ReachabilityRow::default(),
            held: PerChannel::default(),
            offered: PerChannel::default(),
            idle_since: now,
            consults: 0,
            consults_offered: 0,
            offers: BTreeSet::new(),
            contacts: BTreeSet::new(),
            wrap_up: None,
            last_offer: 0,
        }
    }

    pub(crate) fn is_there(&self, channel: ChannelKind) -> bool {
        self.row[channel].reach == Reach::Now
    }
}

/// The time that somebody has for wrapping up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WrapUp {
    /// The contact after which it began.
    pub(crate) contact: ContactId,
    pub(crate) since: DateTime<Utc>,
    /// Until when (exclusive).
    pub(crate) until: DateTime<Utc>,
}

/// The last numbers that were handed out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counters {
    pub(crate) contact: u64,
    pub(crate) entry: u64,
    pub(crate) incident: u64,
    pub(crate) message: u64,
    pub(crate) offer: u64,
    pub(crate) request: u64,
}

/// The whole state of an engine.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) directory: Directory,
    pub(crate) now: DateTime<Utc>,
    pub(crate) counters: Counters,
    pub(crate) people: IdMap<PersonId, Standing>,
    pub(crate) shares: IdMap<GroupId, Shares>,
    pub(crate) known: Known,
    pub(crate) contacts: ByNumber<ContactId, Box<Contact>>,
    /// The closed contacts, the one closed first first.
    pub(crate) closed: VecDeque<ContactId>,
    pub(crate) keys: ByHash<Key, ContactId>,
    /// The contact of each offer that is remembered.
    pub(crate) offers: ByNumber<OfferId, ContactId>,
    pub(crate) incidents: Incidents,
    /// The calamities for which somebody is wanted who had no hand free; all of them are open, or
    /// leave when somebody comes free.
    pub(crate) alarms: BTreeSet<ContactId>,
    pub(crate) deadlines: Deadlines,
    pub(crate) praises: Praises,
    pub(crate) communities: Communities,
    pub(crate) pulses: Pulses,
    /// When whose wrap-up is over.
    pub(crate) wrap_ups: BTreeSet<(DateTime<Utc>, PersonId)>,
    pub(crate) out: VecDeque<Output>,
    /// How long contacts take and customers wait.
    pub(crate) observed: Observed,
    /// Whether predicted waits held.
    pub(crate) coverage: Coverage,
    #[serde(skip)]
    pub(crate) hands_kept: HandsKept,
    /// The open contacts by each address of their customer; as many as there are open contacts,
    /// times the addresses that are kept of each.
    #[serde(skip)]
    pub(crate) by_address: ByHash<Address, BTreeSet<ContactId>>,
    /// The open contacts by what they are about.
    #[serde(skip)]
    pub(crate) by_need: BTreeMap<NeedId, BTreeSet<ContactId>>,
    /// Contacts to look at again before the engine is done with an input.
    #[serde(skip)]
    pub(crate) work: Pending<ContactId>,
    /// People who can be asked again: became reachable, or have capacity to spare.
    #[serde(skip)]
    pub(crate) gained: Pending<PersonId>,
    /// Who stands how in the large groups.
    #[serde(skip)]
    pub(crate) index: Index,
    /// Contacts that stand otherwise than the last summary says.
    #[serde(skip)]
    pub(crate) touched: Pending<ContactId>,
    #[serde(skip)]
    pub(crate) turns: Turns,
}

impl State {
    pub(crate) fn new(directory: Directory) -> Self {
        let mut state = Self {
            directory,
            now: DateTime::<Utc>::UNIX_EPOCH,
            counters: Counters::default(),
            people: IdMap::default(),
            shares: IdMap::default(),
            known: Known::default(),
            contacts: ByNumber::default(),
            closed: VecDeque::new(),
            keys: ByHash::default(),
            offers: ByNumber::default(),
            incidents: Incidents::default(),
            alarms: BTreeSet::new(),
            deadlines: Deadlines::default(),
            praises: Praises::default(),
            communities: Communities::default(),
            pulses: Pulses::default(),
            wrap_ups: BTreeSet::new(),
            out: VecDeque::new(),
            observed: Observed::default(),
            coverage: Coverage::default(),
            hands_kept: HandsKept::default(),
            by_address: ByHash::default(),
            by_need: BTreeMap::new(),
            work: Pending::default(),
            gained: Pending::default(),
            index: Index::default(),
            touched: Pending::default(),
            turns: Turns::default(),
        };
        state.know_members();
        state
    }

    /// The members of the groups are others than before: those who are new get an average share.
    pub(crate) fn know_members(&mut self) {
        let before = std::mem::take(&mut self.shares);
        let none = Shares::default();
        for group in self.directory.groups() {
            let shares = before.get(&group.id).unwrap_or(&none);
            let shares = shares.with_members(self.directory.members_of(&group.id));
            self.shares.insert(group.id.clone(), shares);
        }
        self.build_index();
    }

    /// A contact that is known to be held.
    pub(crate) fn held(&self, id: ContactId) -> &Contact {
        self.contacts
            .get(&id)
            .expect("only held contacts are worked on")
    }

    /// A contact that is known to be held, to change it.
    pub(crate) fn change(&mut self, id: ContactId) -> &mut Contact {
        self.touched.note(id);
        self.turns.moves(id);
        self.contacts
            .value_mut(&id)
            .expect("only held contacts are worked on")
    }

    pub(crate) fn standing(&mut self, person: &PersonId) -> &mut Standing {
        let slot = self.people.slot_of(person).unwrap_or_else(|| {
            self.people.insert(person.clone(), Standing::from(self.now));
            self.has_standing_now(person);
            let slot = self.people.slot_of(person);
            slot.expect("it is there by now")
        });
        self.people.at_mut(slot)
    }

    pub(crate) fn reachability(&self, person: &PersonId, channel: ChannelKind) -> Reachability {
        let standing = self.people.get(person);
        standing.map_or(Reachability::UNKNOWN, |standing| standing.row[channel])
    }

    pub(crate) fn is_reachable_now(&self, person: &PersonId, channel: ChannelKind) -> bool {
        self.reachability(person, channel).reach == Reach::Now
    }

    pub(crate) fn capacity(&self, person: &PersonId, channel: ChannelKind) -> u32 {
        let person = self.directory.person(person);
        person.map_or(0, |person| person.capacity_for(channel).into())
    }

    /// Writes one fact on a contact's timeline; answers its number.
    pub(crate) fn enter(&mut self, contact: ContactId, fact: Fact) -> u64 {
        self.counters.entry += 1;
        self.touched.note(contact);
        self.turns.moves(contact);
        let number = self.counters.entry;
        self.out.push_back(Output::Entry(Entry {
            number,
            contact,
            at: self.now,
            fact,
        }));
        number
    }

    /// Tells the customer something, unless it is what he was told last.
    pub(crate) fn say(&mut self, contact: ContactId, acknowledgement: Acknowledgement) {
        let now = self.now;
        let said = self.change(contact);
        if said.last_said.as_ref() == Some(&acknowledgement) {
            return;
        }
        said.last_said = Some(acknowledgement.clone());
        said.search.told.anything_at = Some(now);
        said.clocks.acknowledge_by = None;
        let fact = Fact::Acknowledged {
            acknowledgement: acknowledgement.clone(),
        };
        let number = self.enter(contact, fact);
        self.out.push_back(Output::Effect(Effect::Acknowledge {
            contact,
            number,
            acknowledgement,
        }));
    }

    /// Notes what was promised to the customer, and arms the deadline behind it.
    pub(crate) fn promise(
        &mut self,
        contact: ContactId,
        kind: PromiseKind,
        by: DateTime<Utc>,
        remind_at: DateTime<Utc>,
    ) {
        let promise = Promise { kind, by };
        let held = self.change(contact);
        held.promise = Some(promise);
        held.search.told.is_broken = false;
        self.enter(contact, Fact::Promised { promise });
        self.deadlines
            .arm(contact, Timer::Promise, remind_at.min(by));
    }

    /// Puts a contact to a person or a line; `reserves` names whose capacity it takes meanwhile.
    pub(crate) fn offer(
        &mut self,
        contact: ContactId,
        to: Offered,
        way: Way,
        until: DateTime<Utc>,
        reserves: Option<PersonId>,
    ) {
        self.counters.offer += 1;
        let id = OfferId::new(self.counters.offer);
        let channel = match &to {
            Offered::Line(line) => self.directory.line(line).map(|(line, _)| line.channel),
            Offered::Person(_) => None,
        };
        let of = self.held(contact).channel;
        let (role, takes) = self.role_by(contact, way, reserves.as_ref());
        let offer = Offer {
            id,
            contact,
            to,
            channel: channel.unwrap_or(of),
            role,
            made_at: self.now,
            until,
        };
        if let Some(person) = &reserves {
            let standing = self.standing(person);
            standing.offers.insert(id);
            match takes {
                Takes::Consult => standing.consults_offered += 1,
                Takes::Contact => standing.offered[of] += 1,
                Takes::Nothing => {}
            }
            standing.last_offer = id.number();
            self.changed(person);
        }
        self.offers.insert(id, contact);
        self.deadlines.arm(contact, Timer::Offer(id), until);
        let live = Box::new(LiveOffer {
            offer: offer.clone(),
            way,
            reserves,
            takes,
        });
        self.change(contact).offers.insert(id, live);
        self.enter(
            contact,
            Fact::Offered {
                offer: offer.clone(),
            },
        );
        self.out.push_back(Output::Effect(Effect::Offer(offer)));
    }

    /// Ends a live offer.
    pub(crate) fn end_offer(&mut self, contact: ContactId, id: OfferId, outcome: Outcome) {
        let now = self.now;
        let cool_down_s = self.cool_down_s(self.held(contact), outcome);
        let held = self.change(contact);
        let Some(live) = held.offers.remove(&id) else {
            return;
        };
        let LiveOffer {
            offer,
            way,
            reserves,
            takes,
        } = *live;
        let of = held.channel;
        let is_alert = matches!(way, Way::Calamity | Way::Level);
        held.search.has_alerted |= is_alert && outcome != Outcome::Failed;
        let is_of_level = matches!(way, Way::Help | Way::Level);
        let has_lapsed = outcome == Outcome::Lapsed;
        let is_in_vain = is_of_level && has_lapsed;
        let is_desk = has_lapsed && matches!(offer.to, Offered::Person(_));
        if let Escalation::Running { lapsed, .. } = &mut held.search.escalation {
            *lapsed |= is_in_vain;
        }
        let forgotten = held.remember_ended(id);
        if let Some(person) = &reserves {
            if let Way::Request(request) = way {
                held.colleagues.note(request, person, outcome);
            } else {
                held.search.prefer.take_if(|prefer| prefer == person);
                if let Some(for_s) = cool_down_s {
                    held.search.cool_down(person, for_s, now);
                }
                if let Some(asked) = held.search.asked.get_mut(person) {
                    asked.by_level |= is_in_vain;
                    asked.at_desk |= is_desk;
                }
            }
            let standing = self.standing(person);
            standing.offers.remove(&id);
            match takes {
                Takes::Consult => standing.consults_offered -= 1,
                Takes::Contact => standing.offered[of] -= 1,
                Takes::Nothing => {}
            }
            self.changed(person);
            self.gained.note(person.clone());
        }
        if let Some(forgotten) = forgotten {
            self.offers.remove(&forgotten);
        }
        self.deadlines.disarm(contact, Timer::Offer(id));
        self.work.note(contact);
        self.enter(contact, Fact::OfferEnded { offer: id, outcome });
        if outcome == Outcome::Withdrawn {
            self.out.push_back(Output::Effect(Effect::Withdraw(offer)));
        }
    }

    /// Takes back the live offers of a contact that `which` names.
    pub(crate) fn withdraw(&mut self, contact: ContactId, which: impl Fn(&LiveOffer) -> bool) {
        let offers = &self.held(contact).offers;
        let ids: Vec<OfferId> = offers
            .iter()
            .filter(|(_, live)| which(live))
            .map(|(id, _)| *id)
            .collect();
        for id in ids {
            self.end_offer(contact, id, Outcome::Withdrawn);
        }
    }

    /// Somebody takes part from now on.
    pub(crate) fn join(&mut self, contact: ContactId, person: &PersonId) {
        self.end_consult(contact, person);
        let channel = self.held(contact).channel;
        if channel.is_live() {
            self.end_wrap_up(person);
        }
        let now = self.now;
        let standing = self.standing(person);
        standing.held[channel] += 1;
        standing.contacts.insert(contact);
        standing.idle_since = now;
        self.changed(person);
        let held = self.change(contact);
        held.participants.push(person.clone());
        held.remember_helper(person);
        let person = person.clone();
        self.enter(contact, Fact::Joined { person });
    }

    /// Somebody does not take part any longer.
    pub(crate) fn part(&mut self, contact: ContactId, person: &PersonId) {
        self.withdraw(contact, |live| {
            live.takes == Takes::Nothing && live.reserves.as_ref() == Some(person)
        });
        self.change(contact).participants.retain(|p| p != person);
        let left = person.clone();
        self.enter(contact, Fact::Left { person: left });
        self.release(contact, person);
    }

    /// Gives back the capacity that one contact took; now is the time to wrap it up.
    pub(crate) fn release(&mut self, contact: ContactId, person: &PersonId) {
        let channel = self.held(contact).channel;
        let now = self.now;
        let standing = self.standing(person);
        standing.held[channel] -= 1;
        standing.contacts.remove(&contact);
        standing.idle_since = now;
        self.begin_wrap_up(contact, person);
        self.changed(person);
        self.gained.note(person.clone());
    }

    /// Sets how a contact stands, and records it when it stood otherwise.
    pub(crate) fn stand(&mut self, contact: ContactId, state: ContactState) {
        if self.held(contact).state != state {
            self.change(contact).state = state;
            self.enter(contact, Fact::StateChanged { state });
        }
    }

    pub(crate) fn next_message(&mut self) -> MessageId {
        self.counters.message += 1;
        MessageId::new(self.counters.message)
    }

    /// Remembers who had a contact of this customer.
    pub(crate) fn remember_known(&mut self, contact: ContactId, person: &PersonId) {
        let now = self.now;
        let held = self.contacts.get(&contact);
        let addresses = held.into_iter().flat_map(|held| &held.customer.addresses);
        for address in addresses {
            self.known.remember(address, person, now);
        }
    }

    /// Who knows this customer, for as long as that counts.
    pub(crate) fn who_knows<'a>(
        &'a self,
        contact: &'a Contact,
        knows_for_s: u32,
        now: DateTime<Utc>,
    ) -> impl Iterator<Item = &'a PersonId> {
        let is_lately =
            move |at: &DateTime<Utc>| (now - *at).num_seconds() < i64::from(knows_for_s);
        let addresses = contact.customer.addresses.iter();
        let known = addresses.filter_map(|address| self.known.of(address));
        let lately = known.filter(move |(_, at)| is_lately(at));
        lately.map(|(person, _)| person)
    }

    /// Keeps a closed contact, and forgets the ones closed longest ago.
    pub(crate) fn keep_closed(&mut self, contact: ContactId) {
        self.closed.push_back(contact);
        while self.closed.len() > CLOSED_KEPT_MAX {
            let Some(oldest) = self.closed.pop_front() else {
                break;
            };
            if let Some(dropped) = self.contacts.remove(&oldest) {
                for key in &dropped.keys {
                    self.keys.remove(key);
                }
                for offer in &dropped.ended {
                    self.offers.remove(offer);
                }
            }
        }
    }
}
