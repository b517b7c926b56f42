//! The whole state of an engine, and the few acts that change it: everything else is made of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bereik_core::acknowledgement::{Acknowledgement, Promise, PromiseKind};
use bereik_core::channel_kind::PerChannel;
use bereik_core::contact::ContactState;
use bereik_core::directory::Directory;
use bereik_core::entry::{Entry, Fact};
use bereik_core::id::{ContactId, GroupId, Key, MessageId, OfferId, PersonId};
use bereik_core::id_map::IdMap;
use bereik_core::offer::{Offer, OfferRole, Offered, Outcome};
use bereik_core::reachability::{Reach, Reachability, ReachabilityRow};
use bereik_core::{Address, ChannelKind};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::at_hand::AtHand;
use crate::contact_state::{Contact, LiveOffer, Way};
use crate::deadline::{Deadlines, Timer};
use crate::output::{Effect, Output};
use crate::share::Shares;
use crate::turn::Turns;

/// How many closed contacts are kept, so that they can be reopened.
const CLOSED_KEPT_MAX: usize = 1_000;
/// How long who had a contact of a customer goes before the others, in seconds: 14 days.
const KNOWS_FOR_S: i64 = 14 * 86_400;
/// For how many addresses it is remembered who knows the customer.
const KNOWN_MAX: usize = 10_000;

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
}

/// The last numbers that were handed out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counters {
    pub(crate) contact: u64,
    pub(crate) entry: u64,
    pub(crate) message: u64,
    pub(crate) offer: u64,
}

/// The whole state of an engine.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) directory: Directory,
    pub(crate) now: DateTime<Utc>,
    pub(crate) counters: Counters,
    pub(crate) people: IdMap<PersonId, Standing>,
    pub(crate) shares: IdMap<GroupId, Shares>,
    pub(crate) known: BTreeMap<Address, (PersonId, DateTime<Utc>)>,
    pub(crate) contacts: BTreeMap<ContactId, Contact>,
    /// The closed contacts, the one closed first first.
    pub(crate) closed: VecDeque<ContactId>,
    pub(crate) keys: BTreeMap<Key, ContactId>,
    /// The contact of each offer that is remembered.
    pub(crate) offers: BTreeMap<OfferId, ContactId>,
    pub(crate) deadlines: Deadlines,
    pub(crate) out: VecDeque<Output>,
    /// Contacts to look at again before the engine is done with an input.
    #[serde(skip)]
    pub(crate) work: BTreeSet<ContactId>,
    /// People who can be asked again: became reachable, or have capacity to spare.
    #[serde(skip)]
    pub(crate) gained: BTreeSet<PersonId>,
    /// Contacts that stand otherwise than the last summary says.
    #[serde(skip)]
    pub(crate) touched: BTreeSet<ContactId>,
    #[serde(skip)]
    pub(crate) turns: Turns,
    #[serde(skip)]
    pub(crate) at_hand: AtHand,
    /// The addresses of `known`, the one longest ago first.
    #[serde(skip)]
    known_since: BTreeSet<(DateTime<Utc>, Address)>,
}

impl State {
    pub(crate) fn new(directory: Directory) -> Self {
        Self {
            directory,
            now: DateTime::<Utc>::UNIX_EPOCH,
            counters: Counters::default(),
            people: IdMap::default(),
            shares: IdMap::default(),
            known: BTreeMap::new(),
            contacts: BTreeMap::new(),
            closed: VecDeque::new(),
            keys: BTreeMap::new(),
            offers: BTreeMap::new(),
            deadlines: Deadlines::default(),
            out: VecDeque::new(),
            work: BTreeSet::new(),
            gained: BTreeSet::new(),
            touched: BTreeSet::new(),
            turns: Turns::default(),
            at_hand: AtHand::default(),
            known_since: BTreeSet::new(),
        }
    }

    /// A contact that is known to be held.
    pub(crate) fn held(&self, id: ContactId) -> &Contact {
        self.contacts
            .get(&id)
            .expect("only held contacts are worked on")
    }

    /// A contact that is known to be held, to change it.
    pub(crate) fn change(&mut self, id: ContactId) -> &mut Contact {
        self.touched.insert(id);
        self.turns.moves(id);
        self.contacts
            .get_mut(&id)
            .expect("only held contacts are worked on")
    }

    pub(crate) fn standing(&mut self, person: &PersonId) -> &mut Standing {
        let now = self.now;
        self.people.get_or_insert_with(person, || Standing {
            row: ReachabilityRow::default(),
            held: PerChannel::default(),
            offered: PerChannel::default(),
            idle_since: now,
        })
    }

    /// Notes that a person can be reached otherwise, or holds or is offered more or less than
    /// before: whatever is kept about him elsewhere follows from here.
    pub(crate) const fn changed(&mut self, _person: &PersonId) {}

    pub(crate) fn reachability(&self, person: &PersonId, channel: ChannelKind) -> Reachability {
        let standing = self.people.get(person);
        standing.map_or(Reachability::UNKNOWN, |standing| standing.row[channel])
    }

    pub(crate) fn is_reachable_now(&self, person: &PersonId, channel: ChannelKind) -> bool {
        self.reachability(person, channel).reach == Reach::Now
    }

    /// How many contacts of this kind the person takes part in.
    pub(crate) fn held_by(&self, person: &PersonId, channel: ChannelKind) -> u32 {
        self.people.get(person).map_or(0, |s| s.held[channel])
    }

    /// How many contacts of this kind the person could be offered still.
    pub(crate) fn spare(&self, person: &PersonId, channel: ChannelKind) -> u32 {
        let taken = self
            .people
            .get(person)
            .map_or(0, |s| s.held[channel] + s.offered[channel]);
        self.capacity(person, channel).saturating_sub(taken)
    }

    pub(crate) fn capacity(&self, person: &PersonId, channel: ChannelKind) -> u32 {
        let person = self.directory.person(person);
        person.map_or(0, |person| person.capacity_for(channel).into())
    }

    /// Writes one fact on a contact's timeline; answers its number.
    pub(crate) fn enter(&mut self, contact: ContactId, fact: Fact) -> u64 {
        self.counters.entry += 1;
        self.touched.insert(contact);
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
        self.change(contact).promise = Some(promise);
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
        let offer = Offer {
            id,
            contact,
            to,
            channel: channel.unwrap_or(of),
            role: if way == Way::Invitation {
                OfferRole::Participant
            } else {
                OfferRole::Owner
            },
            made_at: self.now,
            until,
        };
        if let Some(person) = &reserves {
            self.standing(person).offered[of] += 1;
            self.at_hand.offer(person, contact, id);
            self.changed(person);
        }
        self.offers.insert(id, contact);
        self.deadlines.arm(contact, Timer::Offer(id), until);
        let live = LiveOffer {
            offer: offer.clone(),
            way,
            reserves,
        };
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
        let held = self.change(contact);
        let Some(live) = held.offers.remove(&id) else {
            return;
        };
        let LiveOffer {
            offer,
            way,
            reserves,
        } = live;
        let of = held.channel;
        let is_alert = matches!(way, Way::Calamity | Way::Level);
        held.search.has_alerted |= is_alert && outcome != Outcome::Failed;
        let forgotten = held.remember_ended(id);
        if let Some(person) = &reserves {
            if way != Way::Invitation {
                held.search.cool_down(person, outcome, now);
                held.search.prefer.take_if(|prefer| prefer == person);
            }
            self.standing(person).offered[of] -= 1;
            self.at_hand.end_offer(person, id);
            self.changed(person);
            self.gained.insert(person.clone());
        }
        if let Some(forgotten) = forgotten {
            self.offers.remove(&forgotten);
        }
        self.deadlines.disarm(contact, Timer::Offer(id));
        self.work.insert(contact);
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
        let channel = self.held(contact).channel;
        let now = self.now;
        let standing = self.standing(person);
        standing.held[channel] += 1;
        standing.idle_since = now;
        self.at_hand.join(person, contact);
        self.changed(person);
        self.change(contact).participants.push(person.clone());
        let person = person.clone();
        self.enter(contact, Fact::Joined { person });
    }

    /// Somebody does not take part any longer.
    pub(crate) fn part(&mut self, contact: ContactId, person: &PersonId) {
        self.change(contact).participants.retain(|p| p != person);
        self.release(contact, person);
        let person = person.clone();
        self.enter(contact, Fact::Left { person });
    }

    /// Gives back the capacity that a contact took.
    pub(crate) fn release(&mut self, contact: ContactId, person: &PersonId) {
        let channel = self.held(contact).channel;
        let now = self.now;
        self.at_hand.part(person, contact);
        let standing = self.standing(person);
        standing.held[channel] -= 1;
        standing.idle_since = now;
        self.changed(person);
        self.gained.insert(person.clone());
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
            let before = self.known.insert(address.clone(), (person.clone(), now));
            if let Some((_, at)) = before {
                self.known_since.remove(&(at, address.clone()));
            }
            self.known_since.insert((now, address.clone()));
        }
        while self.known.len() > KNOWN_MAX
            && let Some((_, address)) = self.known_since.pop_first()
        {
            self.known.remove(&address);
        }
    }

    /// Works out again whatever follows from the rest of the state and is not written down.
    pub(crate) fn reset_followers(&mut self) {
        let known = self.known.iter();
        let known = known.map(|(address, (_, at))| (*at, address.clone()));
        self.known_since = known.collect();
        self.at_hand = AtHand::of(self.contacts.values());
        self.reset_turns();
    }

    /// Who knows this customer, for as long as that counts.
    pub(crate) fn knows(&self, contact: &Contact, now: DateTime<Utc>) -> BTreeSet<&PersonId> {
        let since = |at: &DateTime<Utc>| (now - *at).num_seconds() < KNOWS_FOR_S;
        let addresses = contact.customer.addresses.iter();
        let known = addresses.filter_map(|address| self.known.get(address));
        let lately = known.filter(|(_, at)| since(at));
        lately.map(|(person, _)| person).collect()
    }

    /// Keeps a closed contact, and forgets the ones closed longest ago.
    pub(crate) fn keep_closed(&mut self, contact: ContactId) {
        self.closed.push_back(contact);
        while self.closed.len() > CLOSED_KEPT_MAX {
            let Some(oldest) = self.closed.pop_front() else {
                break;
            };
            if let Some(dropped) = self.contacts.remove(&oldest) {
                self.keys.remove(&dropped.key);
                for offer in &dropped.ended {
                    self.offers.remove(offer);
                }
            }
        }
    }

    /// Whether the parts agree, as far as the engine relies on it without looking: every deadline,
    /// key and offer leads to a held contact, every open contact has a deadline, and what people
    /// hold is what contacts say.
    pub(crate) fn is_whole(&self) -> bool {
        let is_held = |id: &ContactId| self.contacts.contains_key(id);
        self.deadlines.owners().all(is_held)
            && self.keys.values().all(is_held)
            && self.offers.values().all(is_held)
            && self.closed.iter().all(is_held)
            && self
                .contacts
                .iter()
                .all(|(id, contact)| self.is_sound(*id, contact))
            && self
                .people
                .iter()
                .all(|(id, standing)| self.holds_what_it_says(id, standing))
    }

    fn is_sound(&self, id: ContactId, contact: &Contact) -> bool {
        let is_open = contact.state.is_open();
        let is_armed = self.deadlines.of(id).next().is_some();
        let mut reserved = contact.offers.values().filter_map(|l| l.reserves.as_ref());
        contact.id == id
            && (!is_open || is_armed)
            && (is_open || contact.offers.is_empty())
            && (!is_open
                || contact
                    .participants
                    .iter()
                    .all(|p| self.people.contains_key(p)))
            && reserved.all(|person| self.people.contains_key(person))
    }

    fn holds_what_it_says(&self, person: &PersonId, standing: &Standing) -> bool {
        ChannelKind::ALL.into_iter().all(|channel| {
            let open = |contact: &&Contact| contact.state.is_open() && contact.channel == channel;
            let of_kind = || self.contacts.values().filter(open);
            let held = of_kind().filter(|contact| contact.participants.contains(person));
            let offers = of_kind().flat_map(|contact| contact.offers.values());
            let offered = offers.filter(|live| live.reserves.as_ref() == Some(person));
            usize::try_from(standing.held[channel]) == Ok(held.count())
                && usize::try_from(standing.offered[channel]) == Ok(offered.count())
        })
    }
}
