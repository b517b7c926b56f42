//! The people of a company, what is asked of them, and ways to pick who is idle for longest.

pub(crate) mod bitmaps;
pub(crate) mod dense;
pub(crate) mod naive;

use bereik_benches::dice::Dice;

pub(crate) const SKILLS: u64 = 64;
pub(crate) const LEVELS: usize = 5;
pub(crate) const CHANNELS: usize = 3;

/// Somebody, as he stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Person {
    pub(crate) group: usize,
    /// Which skills, and at which level, 1 to 5.
    pub(crate) skills: Vec<(usize, usize)>,
    pub(crate) is_reachable: [bool; CHANNELS],
    pub(crate) has_spare: [bool; CHANNELS],
    pub(crate) idle_since: u64,
}

/// What one contact asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    pub(crate) group: usize,
    pub(crate) channel: usize,
    pub(crate) skill: usize,
    pub(crate) level: usize,
}

/// Who is picked, what put him first, and how many each rule left: skilled, reachable, with a hand free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Picked {
    pub(crate) person: Option<u32>,
    pub(crate) counts: [u32; 3],
}

/// What happens to somebody between two contacts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    Reachable(usize, bool),
    Spare(usize, bool),
    Idle(u64),
}

/// A way to decide.
pub(crate) trait Decider {
    fn pick(&mut self, asked: Asked) -> Picked;
    fn change(&mut self, person: u32, change: Change);
}

/// So many people in groups of so many: six of 64 skills each, at five levels; three in ten can be reached over a
/// channel, seven in ten have a hand free on it.
pub(crate) fn company(people: usize, group: usize, dice: &mut Dice) -> Vec<Person> {
    let mut person = |number: usize| Person {
        group: number / group,
        skills: skills(dice),
        is_reachable: [(); CHANNELS].map(|()| dice.chance(30)),
        has_spare: [(); CHANNELS].map(|()| dice.chance(70)),
        idle_since: dice.roll(1 << 20),
    };
    (0..people).map(&mut person).collect()
}

fn skills(dice: &mut Dice) -> Vec<(usize, usize)> {
    let mut skills: Vec<(usize, usize)> = (0..6)
        .map(|_| (place(dice, SKILLS), 1 + place(dice, LEVELS as u64)))
        .collect();
    skills.sort_unstable();
    skills.dedup_by_key(|(skill, _)| *skill);
    skills
}

pub(crate) fn asked(groups: usize, dice: &mut Dice) -> Asked {
    Asked {
        group: place(dice, groups as u64),
        channel: place(dice, CHANNELS as u64),
        skill: place(dice, SKILLS),
        level: 1 + place(dice, 3),
    }
}

/// Presence and load change, and somebody is idle from now on.
pub(crate) fn change(people: usize, now: u64, dice: &mut Dice) -> (u32, Change) {
    let person = u32::try_from(dice.roll(people as u64)).expect("so many people fit");
    let channel = place(dice, CHANNELS as u64);
    let change = match dice.roll(3) {
        0 => Change::Reachable(channel, dice.chance(30)),
        1 => Change::Spare(channel, dice.chance(70)),
        _ => Change::Idle(now),
    };
    (person, change)
}

fn place(dice: &mut Dice, sides: u64) -> usize {
    usize::try_from(dice.roll(sides)).expect("a small number")
}
