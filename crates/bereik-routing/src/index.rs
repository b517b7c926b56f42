//! The pools of the groups, kept in step with how people stand.

mod build;
mod roster;
mod survey;

use std::collections::BTreeMap;

use bereik_core::ChannelKind;
use bereik_core::channel_kind::PerChannel;
use bereik_core::explanation::LISTED_MAX;
use bereik_core::id::{GroupId, PersonId, SkillId};
use bereik_core::id_map::IdMap;
use bereik_core::reachability::Reach;
use bereik_core::slot::Slot;

use crate::pool::{Pool, PoolKey, PoolRow};
use crate::share::{Share, Shares};
use crate::state::{Standing, State};
pub(crate) use roster::Roster;

/// Groups whose circles name more people than this have a pool: the others are looked at one by one
/// anyway, because their timelines list everybody. Tests give a pool to all, to compare both ways.
const UNINDEXED_MAX: usize = if cfg!(debug_assertions) {
    0
} else {
    LISTED_MAX as usize
};

/// From so many people on, a group that asks who is idle for longest keeps its pool in that order.
const ORDERED_MIN: usize = 4_096;

/// The pools, and who stands where in them. It follows from the rest of the state, and is worked
/// out anew when that is read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    pools: Vec<GroupPool>,
    of_group: IdMap<GroupId, usize>,
    of_person: IdMap<PersonId, Vec<(usize, Slot)>>,
    rosters: IdMap<GroupId, Roster>,
    /// For each person of the directory, by place, where his standing is kept, if he has one.
    standing_of: Vec<Option<Slot>>,
}

/// Two states that are equal have the same index.
impl PartialEq for Index {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Everybody whom the circles of a group name, by id.
#[derive(Clone, Debug)]
pub(crate) struct GroupPool {
    pool: Pool,
    people: Vec<PersonId>,
    /// Whom the circles up to this one name.
    named: Vec<PoolRow>,
    skills: BTreeMap<SkillId, [PoolRow; 5]>,
    rows: Rows,
    keys: Keys,
    /// Whether the pool is kept in the order in which people became idle.
    is_ordered: bool,
    /// What all members had and missed.
    all: u64,
    /// What stands for the share of who comes from outside the group.
    average: Share,
}

/// What holds for people, over each channel.
#[derive(Clone, Copy, Debug)]
struct Rows {
    now: PerChannel<PoolRow>,
    on_call: PerChannel<PoolRow>,
    unknown: PerChannel<PoolRow>,
    /// Has a hand free, and does not wrap up.
    spare: PerChannel<PoolRow>,
    /// Can hold a contact at all.
    hands: PerChannel<PoolRow>,
}

/// What puts people in order.
#[derive(Clone, Copy, Debug)]
struct Keys {
    counted: PoolKey,
    had: PoolKey,
    turn: PoolKey,
    position: PoolKey,
    skills: PoolKey,
    idle: PoolKey,
    last_offer: PoolKey,
    load: PerChannel<PoolKey>,
}

/// A signed number as one of which less is less too.
const fn unsigned(number: i64) -> u64 {
    number.cast_unsigned() ^ (1 << 63)
}

/// A load as a whole number: loads of the same part of a capacity are equal, and less is less, for
/// capacities up to 255, which is all there are. Two unequal parts of such capacities differ by
/// more than 2^-16.
fn scaled(load: u32, capacity: u32) -> u64 {
    let of = u64::from(capacity.max(1));
    (u64::from(load) << 20) / of
}

impl Index {
    /// Puts those in the order of a key that pay it back, once everybody's number is known.
    fn put_in_order(&mut self) {
        for of in self.pools.iter_mut().filter(|of| of.is_ordered) {
            of.pool.order_by(of.keys.idle);
        }
    }
}

impl GroupPool {
    fn slot_of(&self, person: &PersonId) -> Option<Slot> {
        let place = self.people.binary_search(person).ok()?;
        u32::try_from(place).ok().map(Slot::new)
    }

    /// Takes over how somebody stands.
    fn take_standing(&mut self, slot: Slot, standing: &Standing, hands: &PerChannel<(u32, u32)>) {
        let (rows, keys) = (self.rows, self.keys);
        for channel in ChannelKind::ALL {
            let reach = standing.row[channel].reach;
            let (spare, capacity) = hands[channel];
            let load = standing.held[channel] + standing.offered[channel];
            let pool = &mut self.pool;
            pool.set(rows.now[channel], slot, reach == Reach::Now);
            pool.set(rows.on_call[channel], slot, reach == Reach::OnCall);
            pool.set(rows.unknown[channel], slot, reach == Reach::Unknown);
            let wraps_up = channel.is_live() && standing.wrap_up.is_some();
            pool.set(rows.spare[channel], slot, spare > 0 && !wraps_up);
            pool.set(rows.hands[channel], slot, capacity > 0);
            pool.set_key(keys.load[channel], slot, scaled(load, capacity));
        }
        let idle = unsigned(standing.idle_since.timestamp_micros());
        self.pool.set_key(keys.idle, slot, idle);
        let last = standing.last_offer;
        self.pool.set_key(keys.last_offer, slot, last);
    }

    /// Takes over what the members had; the others count as their average.
    fn take_shares(&mut self, shares: &Shares) {
        self.all = shares.all();
        self.average = shares.average();
        let mut members = shares.members().peekable();
        for (person, slot) in self.people.iter().zip((0u32..).map(Slot::new)) {
            let member = members.next_if(|(member, _)| *member == person);
            let share = member.map_or(self.average, |(_, share)| share);
            self.pool.set_key(self.keys.counted, slot, share.counted());
            self.pool.set_key(self.keys.had, slot, share.had);
            self.pool.set_key(self.keys.turn, slot, share.turn);
        }
    }
}

impl State {
    /// Notes that a person can be reached otherwise, or holds or is offered more or less than
    /// before: whatever is kept about him elsewhere follows from here.
    pub(crate) fn changed(&mut self, person: &PersonId) {
        let Some(places) = self.index.of_person.get(person) else {
            return;
        };
        let Some(standing) = self.people.get(person) else {
            return;
        };
        let hands = PerChannel::from_fn(|channel| {
            let capacity = self.capacity(person, channel);
            (self.spare(person, channel), capacity)
        });
        for (at, slot) in places {
            self.index.pools[*at].take_standing(*slot, standing, &hands);
        }
    }

    /// Notes that the members of a group had something.
    pub(crate) fn shares_changed(&mut self, group: &GroupId) {
        let pool = self.index.of_group.get(group);
        if let Some((pool, shares)) = pool.zip(self.shares.get(group)) {
            self.index.pools[*pool].take_shares(shares);
        }
    }

    /// Notes whose turn it was last in a group.
    pub(crate) fn turn_taken(&mut self, group: &GroupId, people: &[PersonId]) {
        let at = self.index.of_group.get(group);
        let Some((at, shares)) = at.zip(self.shares.get(group)) else {
            return;
        };
        let of = &mut self.index.pools[*at];
        for person in people {
            if let Some((slot, share)) = of.slot_of(person).zip(shares.of(person)) {
                of.pool.set_key(of.keys.turn, slot, share.turn);
            }
        }
    }

    /// Finds where the standings of people are kept: after some of them were taken out.
    pub(crate) fn find_standings(&mut self) {
        let people = self.directory.people().iter();
        let standings = people.map(|person| self.people.slot_of(&person.id));
        self.index.standing_of = standings.collect();
    }

    /// Notes that somebody has a standing from now on.
    pub(crate) fn has_standing_now(&mut self, person: &PersonId) {
        if let Some(slot) = self.directory.slot_of(person) {
            self.index.standing_of[slot.index()] = self.people.slot_of(person);
        }
    }

    /// Works the index out anew: after the directory changed, or the state was read.
    pub(crate) fn build_index(&mut self) {
        self.index = Index::of(&self.directory);
        for group in self.directory.groups() {
            let roster = Roster::of(self, &group.id);
            self.index.rosters.insert(group.id.clone(), roster);
        }
        self.find_standings();
        for group in self.directory.groups() {
            let at = self.index.of_group.get(&group.id);
            if let Some((at, shares)) = at.zip(self.shares.get(&group.id)) {
                self.index.pools[*at].take_shares(shares);
            }
        }
        let people: Vec<PersonId> = self.people.keys().cloned().collect();
        for person in people {
            self.changed(&person);
        }
        self.index.put_in_order();
    }
}
