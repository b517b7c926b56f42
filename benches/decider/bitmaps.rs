//! Compressed bitmaps over the whole company (the crate `roaring`).

use roaring::RoaringBitmap;

use super::{Asked, CHANNELS, Change, Decider, LEVELS, Person, Picked, SKILLS};

pub(crate) struct Bitmaps {
    groups: Vec<RoaringBitmap>,
    skills: Vec<[RoaringBitmap; LEVELS]>,
    reachable: [RoaringBitmap; CHANNELS],
    spare: [RoaringBitmap; CHANNELS],
    idle_since: Vec<u64>,
}

impl Bitmaps {
    pub(crate) fn of(people: &[Person]) -> Self {
        let groups = people.last().map_or(0, |last| last.group + 1);
        let mut of = Self {
            groups: vec![RoaringBitmap::new(); groups],
            skills: (0..SKILLS).map(|_| Default::default()).collect(),
            reachable: Default::default(),
            spare: Default::default(),
            idle_since: people.iter().map(|person| person.idle_since).collect(),
        };
        for (person, number) in people.iter().zip(0..) {
            of.groups[person.group].insert(number);
            for &(skill, level) in &person.skills {
                for row in &mut of.skills[skill][..level] {
                    row.insert(number);
                }
            }
            for channel in 0..CHANNELS {
                set(
                    &mut of.reachable[channel],
                    number,
                    person.is_reachable[channel],
                );
                set(&mut of.spare[channel], number, person.has_spare[channel]);
            }
        }
        of
    }
}

fn set(bitmap: &mut RoaringBitmap, number: u32, is: bool) {
    if is {
        bitmap.insert(number);
    } else {
        bitmap.remove(number);
    }
}

impl Decider for Bitmaps {
    fn pick(&mut self, asked: Asked) -> Picked {
        let mut left = &self.groups[asked.group] & &self.skills[asked.skill][asked.level - 1];
        let skilled = left.len();
        left &= &self.reachable[asked.channel];
        let reachable = left.len();
        left &= &self.spare[asked.channel];
        let counts = [skilled, reachable, left.len()];
        let idle = |number: &u32| (self.idle_since[*number as usize], *number);
        Picked {
            person: left.iter().min_by_key(idle),
            counts: counts.map(|count| u32::try_from(count).expect("so many people fit")),
        }
    }

    fn change(&mut self, person: u32, change: Change) {
        match change {
            Change::Reachable(channel, is) => set(&mut self.reachable[channel], person, is),
            Change::Spare(channel, is) => set(&mut self.spare[channel], person, is),
            Change::Idle(since) => self.idle_since[person as usize] = since,
        }
    }
}
