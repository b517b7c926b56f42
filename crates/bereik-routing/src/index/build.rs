//! Makes the pools of a directory, in which nobody has been heard of yet.

use std::collections::{BTreeMap, BTreeSet};

use bereik_core::ChannelKind;
use bereik_core::Directory;
use bereik_core::channel_kind::PerChannel;
use bereik_core::group::{Group, Strategy};
use bereik_core::id::{PersonId, SkillId};
use bereik_core::slot::Slot;

use super::{GroupPool, Index, Keys, ORDERED_MIN, Rows, UNINDEXED_MAX, unsigned};
use crate::pool::{Pool, PoolRow};
use crate::share::Share;

impl Index {
    pub(super) fn of(directory: &Directory) -> Self {
        let mut index = Self::default();
        for group in directory.groups() {
            let people = named(directory, group);
            if people.last().is_some_and(|last| last.len() > UNINDEXED_MAX) {
                let at = index.pools.len();
                index.of_group.insert(group.id.clone(), at);
                let pool = GroupPool::of(directory, group, &people);
                for (person, slot) in pool.people.iter().zip(0u32..) {
                    let of = index.of_person.or_insert_with(person, Vec::new);
                    of.push((at, Slot::new(slot)));
                }
                index.pools.push(pool);
            }
        }
        index
    }
}

/// Whom the circles of a group name, up to each.
fn named<'a>(directory: &'a Directory, group: &Group) -> Vec<BTreeSet<&'a PersonId>> {
    let mut people: BTreeSet<&PersonId> = directory.members_of(&group.id).iter().collect();
    let mut named = vec![people.clone()];
    for circle in &group.circles {
        let groups = circle.groups.iter();
        people.extend(groups.flat_map(|group| directory.members_of(group)));
        named.push(people.clone());
    }
    named
}

fn per_channel(pool: &mut Pool) -> PerChannel<PoolRow> {
    PerChannel::from_fn(|_| pool.add_row())
}

impl GroupPool {
    fn of(directory: &Directory, group: &Group, named: &[BTreeSet<&PersonId>]) -> Self {
        let people = named.last().into_iter().flatten().copied().cloned();
        let people: Vec<PersonId> = people.collect();
        let mut pool = Pool::new(people.len());
        let rows = Rows {
            now: per_channel(&mut pool),
            on_call: per_channel(&mut pool),
            unknown: per_channel(&mut pool),
            spare: per_channel(&mut pool),
            hands: per_channel(&mut pool),
        };
        let keys = Keys {
            counted: pool.add_key(),
            had: pool.add_key(),
            turn: pool.add_key(),
            position: pool.add_key(),
            skills: pool.add_key(),
            idle: pool.add_key(),
            last_offer: pool.add_key(),
            load: PerChannel::from_fn(|_| pool.add_key()),
        };
        let is_long = people.len() >= ORDERED_MIN;
        let mut of = Self {
            is_ordered: is_long && group.strategy == Strategy::LongestIdle,
            pool,
            people,
            named: Vec::new(),
            skills: BTreeMap::new(),
            rows,
            keys,
            all: 0,
            average: Share::default(),
        };
        of.name(named);
        of.put_in_position(directory.members_of(&group.id));
        of.take_people(directory);
        of
    }

    fn name(&mut self, named: &[BTreeSet<&PersonId>]) {
        for people in named {
            let row = self.pool.add_row();
            for (person, slot) in self.people.iter().zip(0u32..) {
                self.pool.set(row, Slot::new(slot), people.contains(person));
            }
            self.named.push(row);
        }
    }

    fn put_in_position(&mut self, members: &[PersonId]) {
        for slot in (0u32..).take(self.people.len()) {
            let key = self.keys.position;
            self.pool.set_key(key, Slot::new(slot), u64::from(u32::MAX));
        }
        for (person, position) in members.iter().zip(0u64..) {
            if let Some(slot) = self.slot_of(person) {
                self.pool.set_key(self.keys.position, slot, position);
            }
        }
    }

    /// Takes over what people can. Nobody has been heard of: perhaps they can be reached.
    fn take_people(&mut self, directory: &Directory) {
        for (at, slot) in (0..self.people.len()).zip((0u32..).map(Slot::new)) {
            let Some(person) = directory.person(&self.people[at]) else {
                continue;
            };
            for (skill, level) in &person.skills {
                let rows = self.rows_of(skill);
                for row in rows.iter().take(usize::from(*level)) {
                    self.pool.set(*row, slot, true);
                }
            }
            let skills = u64::try_from(person.skills.len()).unwrap_or(u64::MAX);
            self.pool.set_key(self.keys.skills, slot, skills);
            self.pool.set_key(self.keys.idle, slot, unsigned(0));
            for channel in ChannelKind::ALL {
                let has_hands = person.capacity_for(channel) > 0;
                self.pool.set(self.rows.unknown[channel], slot, true);
                self.pool.set(self.rows.spare[channel], slot, has_hands);
                self.pool.set(self.rows.hands[channel], slot, has_hands);
            }
        }
    }

    /// The rows of a skill: who has it at least at level 1, 2, and so on.
    fn rows_of(&mut self, skill: &SkillId) -> [PoolRow; 5] {
        if let Some(rows) = self.skills.get(skill) {
            return *rows;
        }
        let rows = [(); 5].map(|()| self.pool.add_row());
        self.skills.insert(skill.clone(), rows);
        rows
    }
}
