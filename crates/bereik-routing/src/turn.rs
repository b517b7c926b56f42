//! Who is served next when somebody comes free: the waiting contacts of every pool, by the door
//! through which people come to them.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bereik_core::ChannelKind;
use bereik_core::contact::Addressee;
use bereik_core::group::{Requirement, Strategy};
use bereik_core::id::{ContactId, GroupId, PersonId};
use bereik_core::id_map::IdMap;

use crate::backlog::{Backlog, Class, Order, Waiting};
use crate::by_number::ByNumber;
use crate::contact_state::Contact;
use crate::eligible::admissions;
use crate::plan::Plan;
use crate::state::State;

/// So many contacts that turn out not to be for whoever came free are looked at in one step; the
/// others have their own deadlines.
const IN_VAIN_MAX: u32 = 16;
/// So many doors are kept that lead to nobody who waits.
const IDLE_DOORS_MAX: usize = 1_024;

/// Where a waiting contact stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    pool: usize,
    key: Key,
    class: Class,
    waiting: Waiting,
}

/// By what lanes of one class are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// Whether as many are being asked as are asked at once, so that nobody else is.
    is_asking: bool,
    /// The kind of channel whose capacity a contact takes.
    channel: ChannelKind,
    door: usize,
}

/// The contacts for one addressee.
#[derive(Clone, Debug)]
struct Pool {
    backlog: Backlog<Key>,
    /// How many of its contacts nobody is being asked for.
    ready: usize,
}

/// Whom contacts that need the same, in the same circle, are put to.
#[derive(Clone, Debug)]
struct Door {
    pool: usize,
    admitted: Vec<PersonId>,
    /// Whether everybody is asked at once.
    rings: bool,
    /// How many are asked at once, where not everybody is.
    asked_at_once: usize,
}

/// The waiting contacts, in the order in which they are served. All of it follows from the rest of
/// the state; a contact that changed is put in its new place before anybody looks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turns {
    pools: Vec<Pool>,
    pool_of: BTreeMap<Addressee, usize>,
    /// The same for groups, which most contacts are for.
    pool_of_group: IdMap<GroupId, usize>,
    doors: Vec<Door>,
    door_of: BTreeMap<(usize, u32, Vec<Requirement>), usize>,
    /// The doors that a person may come through, now or in a later circle.
    doors_of: IdMap<PersonId, Vec<(usize, bool)>>,
    places: ByNumber<ContactId, Place>,
    /// Contacts that changed since they were put in their place.
    moved: Vec<ContactId>,
}

/// Two states are the same whether or not the contacts have been put in their places.
impl PartialEq for Turns {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Turns {
    /// Notes that a contact may stand elsewhere now.
    pub(crate) fn moves(&mut self, id: ContactId) {
        if self.moved.last() != Some(&id) {
            self.moved.push(id);
        }
    }

    fn pool_of(&self, addressee: &Addressee) -> Option<usize> {
        let pool = match addressee {
            Addressee::Group(group) => self.pool_of_group.get(group),
            other => self.pool_of.get(other),
        };
        pool.copied()
    }

    fn add_pool(&mut self, addressee: Addressee, order: Order) -> usize {
        let pool = self.pools.len();
        let backlog = Backlog::new(order);
        self.pools.push(Pool { backlog, ready: 0 });
        match addressee {
            Addressee::Group(group) => self.pool_of_group.insert(group, pool),
            other => self.pool_of.insert(other, pool),
        };
        pool
    }

    fn put(&mut self, id: ContactId, place: Place) {
        let pool = &mut self.pools[place.pool];
        pool.ready += usize::from(!place.key.is_asking);
        pool.backlog.insert(place.key, place.class, place.waiting);
        self.places.insert(id, place);
    }

    fn take(&mut self, id: ContactId) {
        if let Some(place) = self.places.remove(&id) {
            let pool = &mut self.pools[place.pool];
            pool.ready -= usize::from(!place.key.is_asking);
            pool.backlog.remove(&place.key, place.class, place.waiting);
        }
    }

    /// The order in which the contacts of two places are served: that of their pool, and between
    /// two pools the one that holds where none is named.
    fn compare(&self, now: chrono::DateTime<chrono::Utc>, a: &Place, b: &Place) -> Ordering {
        let order = if a.pool == b.pool {
            self.pools[a.pool].backlog.order()
        } else {
            Order::default()
        };
        order.compare(now, (a.class, &a.waiting), (b.class, &b.waiting))
    }
}

impl State {
    /// Forgets where contacts stand, and puts each in its place when somebody looks next.
    pub(crate) fn reset_turns(&mut self) {
        let waiting = self.contacts.values().filter(|c| self.is_sought(c));
        self.turns = Turns {
            moved: waiting.map(|contact| contact.id).collect(),
            ..Turns::default()
        };
    }

    /// Puts every contact that changed in its place.
    pub(crate) fn place_moved(&mut self) {
        let doors = self.turns.doors.len();
        if doors > IDLE_DOORS_MAX + 2 * self.turns.places.len() {
            self.reset_turns();
        }
        while let Some(id) = self.turns.moved.pop() {
            let contact = self.contacts.get(&id).filter(|c| self.is_sought(c));
            let Some(contact) = contact else {
                self.turns.take(id);
                continue;
            };
            let place = place_of(self, contact);
            let place = place.unwrap_or_else(|| self.place_behind_new_door(id));
            if self.turns.places.get(&id) != Some(&place) {
                self.turns.take(id);
                self.turns.put(id, place);
            }
        }
    }

    fn place_behind_new_door(&mut self, id: ContactId) -> Place {
        let contact = self.held(id);
        let (addressee, requires) = (contact.addressee.clone(), contact.requires.clone());
        let plan = Plan::of(&self.directory, contact);
        let circle = circle_of(contact, &plan);
        let group = match &addressee {
            Addressee::Group(group) => self.directory.group(group),
            _ => None,
        };
        let order = group.map_or_else(Order::default, Order::from);
        let named: Vec<(PersonId, bool)> = admissions(self, &plan)
            .map(|(person, admitted)| {
                let is_admitted = admitted.is_some_and(|admitted| admitted <= circle);
                (person.clone(), is_admitted)
            })
            .collect();
        let rings = plan.strategy == Strategy::RingAll;
        let asked_at_once = usize::from(plan.offers_at_once);
        let turns = &mut self.turns;
        let pool = turns
            .pool_of(&addressee)
            .unwrap_or_else(|| turns.add_pool(addressee, order));
        let door = turns.doors.len();
        let admitted = named.iter().filter(|(_, is_admitted)| *is_admitted);
        turns.doors.push(Door {
            pool,
            admitted: admitted.map(|(person, _)| person.clone()).collect(),
            rings,
            asked_at_once,
        });
        for (person, is_admitted) in named {
            let doors = turns.doors_of.or_insert_with(&person, Vec::new);
            doors.push((door, is_admitted));
        }
        turns.door_of.insert((pool, circle, requires), door);
        place_of(self, self.held(id)).expect("its door was made just now")
    }

    /// Puts contacts in the order in which they are served: in each pool by its order, and the
    /// first of each pool by the order that holds where none is named.
    fn sorted_by_turn(&mut self, contacts: Vec<ContactId>) -> VecDeque<ContactId> {
        if contacts.len() < 2 {
            return contacts.into();
        }
        self.place_moved();
        let mut pools: BTreeMap<usize, VecDeque<(ContactId, Place)>> = BTreeMap::new();
        for id in contacts {
            if let Some(place) = self.turns.places.get(&id) {
                pools.entry(place.pool).or_default().push_back((id, *place));
            }
        }
        for pool in pools.values_mut() {
            let in_turn =
                |(_, a): &(_, Place), (_, b): &(_, Place)| self.turns.compare(self.now, a, b);
            pool.make_contiguous().sort_by(in_turn);
        }
        let mut sorted = VecDeque::new();
        loop {
            let heads = pools
                .iter()
                .filter_map(|(pool, of)| Some((*pool, of.front()?.1)));
            let first = heads.min_by(|(_, a), (_, b)| self.turns.compare(self.now, a, b));
            let Some((pool, _)) = first else { break };
            let next = pools.get_mut(&pool).and_then(VecDeque::pop_front);
            sorted.extend(next.map(|(id, _)| id));
        }
        sorted
    }

    /// How many of those over the same kind of channel wait for a hand: those that somebody who is
    /// there is being asked for have one.
    pub(crate) fn ahead_on_channel(&self, contact: &Contact) -> u32 {
        let Some(pool) = self.turns.pool_of(&contact.addressee) else {
            return 0;
        };
        let (class, waiting) = turn_of(self, contact);
        let waits = |key: &Key, _: Class| !key.is_asking && key.channel == contact.channel;
        let backlog = &self.turns.pools[pool].backlog;
        let ahead = backlog.ahead_of(self.now, (class, &waiting), waits);
        u32::try_from(ahead).unwrap_or(u32::MAX)
    }

    /// How many waiting contacts for the same addressee go before this one.
    pub(crate) fn ahead_of(&self, contact: &Contact) -> u32 {
        let Some(place) = self.turns.places.get(&contact.id) else {
            return 0;
        };
        let backlog = &self.turns.pools[place.pool].backlog;
        let ahead = backlog.ahead_of(self.now, (place.class, &place.waiting), |_, _| true);
        u32::try_from(ahead).unwrap_or(u32::MAX)
    }

    /// Looks at the contacts to which something happened, and at those whose turn it is with the
    /// people who came free, in the order in which they are served.
    pub(crate) fn serve(&mut self, gained: &[PersonId], work: Vec<ContactId>) {
        if let ([], [only]) = (gained, &work[..]) {
            self.advance(*only);
            return;
        }
        let mut work = self.sorted_by_turn(work);
        let (mut seen, mut in_vain) = (BTreeSet::new(), 0);
        loop {
            let next = if gained.is_empty() || IN_VAIN_MAX <= in_vain {
                None
            } else {
                self.place_moved();
                self.next_for(gained, &seen)
            };
            let id = match (next, work.front().copied()) {
                (None, None) => break,
                (Some(id), Some(first)) if self.is_before(id, first) => id,
                (Some(id), None) => id,
                (_, Some(_)) => work.pop_front().expect("it is the first"),
            };
            let made = self.counters.offer;
            if seen.insert(id) {
                self.advance(id);
                in_vain += u32::from(made == self.counters.offer && next == Some(id));
            }
        }
    }

    fn is_before(&self, a: ContactId, b: ContactId) -> bool {
        let places = &self.turns.places;
        match (places.get(&a), places.get(&b)) {
            (Some(a), Some(b)) => self.turns.compare(self.now, a, b).is_lt(),
            (a, _) => a.is_some(),
        }
    }

    /// The first waiting contact, of those not seen, that one of these people could be asked for.
    fn next_for(&self, gained: &[PersonId], seen: &BTreeSet<ContactId>) -> Option<ContactId> {
        let mut first: Option<Place> = None;
        for person in gained {
            let Some(doors) = self.turns.doors_of.get(person) else {
                continue;
            };
            for (number, pool) in self.pools_behind(doors) {
                let next = self.next_in(pool, person, doors, seen);
                let next = next.map(|place| Place {
                    pool: number,
                    ..place
                });
                first = match (first, next) {
                    (Some(a), Some(b)) if self.turns.compare(self.now, &a, &b).is_le() => Some(a),
                    (first, next) => next.or(first),
                };
            }
        }
        first.map(|place| place.waiting.id())
    }

    /// The pools to which these doors lead, in which somebody waits whom nobody is asked for.
    fn pools_behind(&self, doors: &[(usize, bool)]) -> impl Iterator<Item = (usize, &Pool)> {
        let pools = doors.iter().map(|(door, _)| self.turns.doors[*door].pool);
        let mut last = None;
        let pools = pools.filter(move |pool| last.replace(*pool) != Some(*pool));
        let pools = pools.map(|pool| (pool, &self.turns.pools[pool]));
        pools.filter(|(_, pool)| pool.ready > 0)
    }

    fn next_in(
        &self,
        pool: &Pool,
        person: &PersonId,
        doors: &[(usize, bool)],
        seen: &BTreeSet<ContactId>,
    ) -> Option<Place> {
        // The lanes of one kind of channel stand side by side.
        let mut spare: Option<(ChannelKind, bool)> = None;
        let mut has_spare = |channel| match spare {
            Some((of, has_spare)) if of == channel => has_spare,
            _ => spare.insert((channel, self.spare(person, channel) > 0)).1,
        };
        let may_take = |key: &Key, _: Class| {
            let mine = || doors.iter().find(|(door, _)| *door == key.door);
            !key.is_asking
                && has_spare(key.channel)
                && mine().is_some_and(|(door, is_admitted)| {
                    *is_admitted || !self.is_anybody_there(*door, key.channel)
                })
        };
        let mut turns = pool.backlog.in_turn(self.now, may_take);
        let found = turns.find(|turn| {
            let id = turn.waiting.id();
            let is_new = !seen.contains(&id);
            let rule = || self.first_rule_against(self.held(id), person, self.now);
            is_new && rule().is_none()
        })?;
        Some(Place {
            pool: 0,
            key: found.key,
            class: found.class,
            waiting: found.waiting,
        })
    }

    /// Whether one of those whom a door admits is there, occupied or not.
    fn is_anybody_there(&self, door: usize, channel: ChannelKind) -> bool {
        let mut admitted = self.turns.doors[door].admitted.iter();
        admitted.any(|person| {
            self.is_reachable_now(person, channel) && self.capacity(person, channel) > 0
        })
    }
}

fn circle_of(contact: &Contact, plan: &Plan<'_>) -> u32 {
    if contact.is_calamity() {
        return plan.last_circle();
    }
    contact.search.circle
}

/// Where a waiting contact stands; none, where its door was not made yet.
fn place_of(state: &State, contact: &Contact) -> Option<Place> {
    let pool = state.turns.pool_of(&contact.addressee)?;
    let circle = if contact.is_calamity() {
        circle_of(contact, &Plan::of(&state.directory, contact))
    } else {
        contact.search.circle
    };
    let door = (pool, circle, contact.requires.clone());
    let door = *state.turns.door_of.get(&door)?;
    let Door {
        rings,
        asked_at_once,
        ..
    } = &state.turns.doors[door];
    let is_free = (*rings || contact.is_calamity()) && contact.search.prefer.is_none();
    let most = if contact.search.prefer.is_some() {
        1
    } else {
        *asked_at_once
    };
    let is_asking = !is_free && state.asked_now(contact) >= most;
    let (class, waiting) = turn_of(state, contact);
    Some(Place {
        pool,
        key: Key {
            is_asking,
            channel: contact.channel,
            door,
        },
        class,
        waiting,
    })
}

/// What of a contact decides when it is its turn.
pub(crate) fn turn_of(state: &State, contact: &Contact) -> (Class, Waiting) {
    let class = Class {
        urgency: contact.urgency,
        channel: contact.timed_channel(),
        answer_for_s: state.clock(contact).answer_for_s().max(1),
        handle_for_s: 1,
        is_deferred: contact.is_deferred,
    };
    let search = &contact.search;
    let waiting = Waiting::new(contact.id, search.since, search.due_at);
    (class, waiting)
}
