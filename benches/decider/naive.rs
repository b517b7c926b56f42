//! Everybody of the group, one by one.

use super::{Asked, Change, Decider, Person, Picked};

pub(crate) struct Naive {
    people: Vec<Person>,
    groups: Vec<Vec<u32>>,
}

impl Naive {
    pub(crate) fn of(people: &[Person]) -> Self {
        let mut groups = vec![Vec::new(); people.last().map_or(0, |last| last.group + 1)];
        for (person, number) in people.iter().zip(0..) {
            groups[person.group].push(number);
        }
        Self {
            people: people.to_vec(),
            groups,
        }
    }
}

impl Decider for Naive {
    fn pick(&mut self, asked: Asked) -> Picked {
        let mut counts = [0; 3];
        let mut best: Option<(u64, u32)> = None;
        for &number in &self.groups[asked.group] {
            let person = &self.people[number as usize];
            let mut skills = person.skills.iter();
            if !skills.any(|(skill, level)| *skill == asked.skill && *level >= asked.level) {
                continue;
            }
            counts[0] += 1;
            if !person.is_reachable[asked.channel] {
                continue;
            }
            counts[1] += 1;
            if !person.has_spare[asked.channel] {
                continue;
            }
            counts[2] += 1;
            let this = (person.idle_since, number);
            best = Some(best.map_or(this, |best| best.min(this)));
        }
        Picked {
            person: best.map(|(_, number)| number),
            counts,
        }
    }

    fn change(&mut self, person: u32, change: Change) {
        let person = &mut self.people[person as usize];
        match change {
            Change::Reachable(channel, is) => person.is_reachable[channel] = is,
            Change::Spare(channel, is) => person.has_spare[channel] = is,
            Change::Idle(since) => person.idle_since = since,
        }
    }
}
