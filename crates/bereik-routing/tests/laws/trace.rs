//! Plays a story to an engine and keeps everything that was told and said.

use bereik_core::contact::ContactSummary;
use bereik_core::directory::Directory;
use bereik_core::entry::{Entry, Fact};
use bereik_core::offer::Offered;
use bereik_routing::{Effect, Engine, Input, Output};
use chrono::{DateTime, TimeDelta, Utc};

use super::act::{Story, start};
use super::company::{Company, person_id};
use super::known::Known;

/// One input and all that the engine said to it.
pub(crate) struct Step {
    pub(crate) at: DateTime<Utc>,
    pub(crate) input: Input,
    pub(crate) outputs: Vec<Output>,
    pub(crate) wait: Option<DateTime<Utc>>,
    /// Every contact that the engine holds afterwards, with its deadlines.
    pub(crate) contacts: Vec<(ContactSummary, Vec<DateTime<Utc>>)>,
}

/// A whole story as it was played.
pub(crate) struct Trace {
    pub(crate) directory: Directory,
    pub(crate) steps: Vec<Step>,
    /// The engine after the last of them.
    pub(crate) snapshot: Vec<u8>,
}

impl Step {
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.outputs.iter().filter_map(|output| match output {
            Output::Entry(entry) => Some(entry),
            _ => None,
        })
    }

    pub(crate) fn effects(&self) -> impl Iterator<Item = &Effect> {
        self.outputs.iter().filter_map(|output| match output {
            Output::Effect(effect) => Some(effect),
            _ => None,
        })
    }
}

/// Everything that the engine has to say, and when it wants to be woken.
pub(crate) fn drain(engine: &mut Engine) -> (Vec<Output>, Option<DateTime<Utc>>) {
    let mut outputs = Vec::new();
    loop {
        match engine.poll_output() {
            Output::Wait(at) => return (outputs, at),
            output => outputs.push(output),
        }
    }
}

/// Tells one input and drains.
pub(crate) fn step(engine: &mut Engine, at: DateTime<Utc>, input: Input) -> Step {
    engine.handle(at, input.clone());
    let (outputs, wait) = drain(engine);
    let contacts = engine
        .contacts()
        .map(|contact| {
            let deadlines = engine.deadlines(contact.id);
            (contact, deadlines)
        })
        .collect();
    Step {
        at,
        input,
        outputs,
        wait,
        contacts,
    }
}

fn learn(known: &mut Known, step: &Step) {
    for entry in step.entries() {
        match &entry.fact {
            Fact::Opened { .. } => known.contacts.push(entry.contact),
            Fact::Offered { offer } => {
                let number = usize::try_from(offer.id.number()).expect("a small number");
                let to = match &offer.to {
                    Offered::Line(_) => person_id(number),
                    Offered::Person(person) => person.clone(),
                };
                known.offers.push((offer.id, to));
            }
            Fact::Joined { person } if !known.owners.contains_key(&entry.contact) => {
                known.owners.insert(entry.contact, person.clone());
            }
            Fact::OwnerChanged { person } => {
                known.owners.insert(entry.contact, person.clone());
            }
            Fact::Left { person } if known.owners.get(&entry.contact) == Some(person) => {
                known.owners.remove(&entry.contact);
            }
            Fact::Reopened { .. } => {
                known.owners.remove(&entry.contact);
            }
            _ => {}
        }
    }
}

/// Hours that pass after a story, one stretch after the other.
pub(crate) const DAYS_ON: [i64; 3] = [1, 5, 48];

/// Plays a story; in the end time runs on for some days.
#[cfg(test)]
pub(crate) fn play(company: &Company, story: &Story) -> Trace {
    play_on(company, story, &DAYS_ON)
}

/// Plays a story. Before each input the deadlines that are due fire in a step of their own, so
/// that it is clear what came of the input. In the end time runs on for these hours.
pub(crate) fn play_on(company: &Company, story: &Story, hours_on: &[i64]) -> Trace {
    let directory = company.directory();
    let mut engine = Engine::new(directory.clone());
    let mut known = Known::default();
    let mut steps = Vec::new();
    let mut now = start();
    let mut tell = |engine: &mut Engine, known: &mut Known, at, input| {
        let told = step(engine, at, input);
        learn(known, &told);
        steps.push(told);
    };
    for (wait_s, act) in story {
        now += TimeDelta::seconds(*wait_s);
        tell(&mut engine, &mut known, now, Input::Advanced);
        let input = known.input(act, now);
        tell(&mut engine, &mut known, now, input);
    }
    for hours in hours_on {
        now += TimeDelta::hours(*hours);
        tell(&mut engine, &mut known, now, Input::Advanced);
    }
    Trace {
        directory,
        steps,
        snapshot: engine.snapshot(),
    }
}
