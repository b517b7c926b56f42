//! A pool of bereik for each group.

use bereik::core::slot::Slot;
use bereik::routing::pool::{Among, Pool, PoolKey, PoolRow, Query, Stage};

use super::{Asked, CHANNELS, Change, Decider, LEVELS, Person, Picked, SKILLS};

/// From so many members on a pool is kept in the order of who is idle for longest, and keeps count of who is there and
/// free with each skill.
const MANY: usize = 4_096;

struct Group {
    pool: Pool,
    idle: PoolKey,
    reachable: [PoolRow; CHANNELS],
    spare: [PoolRow; CHANNELS],
    skills: Vec<[PoolRow; LEVELS]>,
    first: u32,
}

pub(crate) struct Dense {
    groups: Vec<Group>,
    group_of: Vec<u32>,
    among: Among,
}

impl Dense {
    /// People of one group stand side by side.
    pub(crate) fn of(people: &[Person]) -> Self {
        let chunks = people.chunk_by(|a, b| a.group == b.group);
        let mut first = 0;
        let mut group = |members: &[Person]| {
            let group = Group::of(members, first);
            first += u32::try_from(members.len()).expect("so many people fit");
            group
        };
        let group_of = people.iter().map(|person| person.group as u32);
        Self {
            groups: chunks.map(&mut group).collect(),
            group_of: group_of.collect(),
            among: Among::new(),
        }
    }
}

impl Group {
    fn of(members: &[Person], first: u32) -> Self {
        let mut pool = Pool::new(members.len());
        let mut group = Self {
            idle: pool.add_key(),
            reachable: [(); CHANNELS].map(|()| pool.add_row()),
            spare: [(); CHANNELS].map(|()| pool.add_row()),
            skills: (0..SKILLS)
                .map(|_| [(); LEVELS].map(|()| pool.add_row()))
                .collect(),
            pool,
            first,
        };
        for (person, slot) in members.iter().zip((0..).map(Slot::new)) {
            let pool = &mut group.pool;
            pool.set_key(group.idle, slot, person.idle_since);
            for &(skill, level) in &person.skills {
                for row in &group.skills[skill][..level] {
                    pool.set(*row, slot, true);
                }
            }
            for channel in 0..CHANNELS {
                pool.set(group.reachable[channel], slot, person.is_reachable[channel]);
                pool.set(group.spare[channel], slot, person.has_spare[channel]);
            }
        }
        if members.len() >= MANY {
            let skills = group.skills.concat();
            for channel in 0..CHANNELS {
                let then = [group.reachable[channel], group.spare[channel]];
                group.pool.keep_count(&skills, &then);
            }
            group.pool.order_by(group.idle);
        }
        group
    }
}

impl Decider for Dense {
    fn pick(&mut self, asked: Asked) -> Picked {
        let group = &self.groups[asked.group];
        let query = Query {
            stages: &[
                Stage::Row(group.skills[asked.skill][asked.level - 1]),
                Stage::Row(group.reachable[asked.channel]),
                Stage::Row(group.spare[asked.channel]),
            ],
            keys: &[group.idle],
        };
        let pick = group.pool.pick(&query, &mut self.among);
        let counts = pick.counts();
        Picked {
            person: pick.first.map(|slot| group.first + slot.number()),
            counts: [counts[0], counts[1], counts[2]],
        }
    }

    fn change(&mut self, person: u32, change: Change) {
        let group = &mut self.groups[self.group_of[person as usize] as usize];
        let slot = Slot::new(person - group.first);
        match change {
            Change::Reachable(channel, is) => {
                group.pool.set(group.reachable[channel], slot, is);
            }
            Change::Spare(channel, is) => group.pool.set(group.spare[channel], slot, is),
            Change::Idle(since) => group.pool.set_key(group.idle, slot, since),
        }
    }
}
