//! Fair shares: who is there gets his part, and nobody who comes back or is new is flooded.

use std::collections::BTreeMap;

use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::contact::Customer;
use bereik_core::directory::{Directory, Draft};
use bereik_core::group::Group;
use bereik_core::id::{Key, PersonId};
use bereik_core::message::Author;
use bereik_core::offer::Offered;
use bereik_core::person::Person;
use bereik_core::reachability::{Reach, ReachReason, Reachability};
use bereik_core::zone::Zone;
use bereik_routing::{Answer, Effect, Engine, Input, Opening, Output};
use chrono::{DateTime, TimeDelta, Utc};

fn id(name: &str) -> PersonId {
    name.parse().expect("an id")
}

fn directory(members: &[(&str, u32)]) -> Directory {
    let ids = members.iter().map(|(name, _)| id(name)).collect();
    let mut group = Group::new("helpdesk".parse().expect("an id"), "Helpdesk", ids);
    for (name, weight) in members {
        group.weights.insert(id(name), *weight);
    }
    let mut draft = Draft::new("Rivers & Co", Zone::utc()).with_group(group);
    for (name, _) in members {
        draft = draft.with_person(Person::new(id(name), *name));
    }
    draft.check().expect("a directory that is right")
}

/// A helpdesk at work: each contact is taken by whom it is offered to, and closed a minute later.
struct Desk {
    engine: Engine,
    now: DateTime<Utc>,
    opened: u32,
}

impl Desk {
    fn new(members: &[(&str, u32)]) -> Self {
        let mut desk = Self {
            engine: Engine::new(directory(members)),
            now: "2026-11-23T09:00:00Z".parse().expect("an instant"),
            opened: 0,
        };
        for (name, _) in members {
            desk.reach(name, Reach::Now);
        }
        desk
    }

    fn tell(&mut self, input: Input) -> (Answer, Vec<Effect>) {
        self.now += TimeDelta::seconds(1);
        let answer = self.engine.handle(self.now, input);
        let mut effects = Vec::new();
        loop {
            match self.engine.poll_output() {
                Output::Effect(effect) => effects.push(effect),
                Output::Wait(_) => return (answer, effects),
                Output::Entry(_) | Output::Summary(_) => {}
            }
        }
    }

    fn reach(&mut self, name: &str, reach: Reach) {
        let reason = if reach == Reach::Now {
            ReachReason::Available
        } else {
            ReachReason::OutOfOffice
        };
        let row = PerChannel::from_fn(|_| Reachability { reach, reason });
        let person = id(name);
        self.tell(Input::Reachability { person, row });
    }

    /// Serves so many contacts; answers who had how many.
    fn serve(&mut self, contacts: u32) -> BTreeMap<String, u32> {
        let mut had = BTreeMap::new();
        for _ in 0..contacts {
            self.opened += 1;
            let key = Key::parse(&format!("key-{}", self.opened)).expect("a key");
            let opening = Opening::new(key, Customer::default(), ChannelKind::WebChat);
            let (answer, effects) = self.tell(Input::Opened(Box::new(opening)));
            let Answer::Opened(contact) = answer else {
                panic!("the helpdesk is there");
            };
            let Some(Effect::Offer(offer)) = effects.first() else {
                panic!("somebody is there");
            };
            let Offered::Person(by) = offer.to.clone() else {
                panic!("nobody is on call");
            };
            *had.entry(by.to_string()).or_default() += 1;
            let offer = offer.id;
            self.tell(Input::Accepted { offer, by });
            self.tell(Input::Closed {
                contact,
                by: Author::Software,
            });
        }
        had
    }
}

fn counts(expected: &[(&str, u32)]) -> BTreeMap<String, u32> {
    expected
        .iter()
        .map(|(name, count)| ((*name).to_owned(), *count))
        .collect()
}

#[test]
fn equal_members_have_equal_shares() {
    let mut desk = Desk::new(&[("anna", 1), ("bram", 1), ("chris", 1)]);
    let shares = counts(&[("anna", 10), ("bram", 10), ("chris", 10)]);
    assert_eq!(desk.serve(30), shares);
}

#[test]
fn who_weighs_twice_has_twice_as_much() {
    let mut desk = Desk::new(&[("anna", 2), ("bram", 1), ("chris", 1)]);
    let shares = counts(&[("anna", 20), ("bram", 10), ("chris", 10)]);
    assert_eq!(desk.serve(40), shares);
}

#[test]
fn who_comes_back_is_not_flooded() {
    let mut desk = Desk::new(&[("anna", 1), ("bram", 1), ("chris", 1)]);
    desk.serve(9);
    desk.reach("chris", Reach::Never);
    assert_eq!(desk.serve(20), counts(&[("anna", 10), ("bram", 10)]));
    desk.reach("chris", Reach::Now);
    let shares = counts(&[("anna", 3), ("bram", 3), ("chris", 3)]);
    assert_eq!(desk.serve(9), shares);
}

#[test]
fn who_is_new_is_not_flooded() {
    let mut desk = Desk::new(&[("anna", 1), ("bram", 1)]);
    desk.serve(20);
    let larger = directory(&[("anna", 1), ("bram", 1), ("chris", 1)]);
    desk.tell(Input::DirectoryReplaced(Box::new(larger)));
    desk.reach("chris", Reach::Now);
    let shares = counts(&[("anna", 4), ("bram", 4), ("chris", 4)]);
    assert_eq!(desk.serve(12), shares);
}
