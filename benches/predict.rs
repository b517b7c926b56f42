//! Predictions: one wait with people who stay, one with people who come and go, and Erlang's formulas.

use bereik::core::channel_kind::{ChannelKind, PerChannel};
use bereik::core::contact::{Addressee, Customer};
use bereik::core::directory::Draft;
use bereik::core::group::Group;
use bereik::core::person::Person;
use bereik::core::reachability::{Reach, ReachReason, Reachability};
use bereik::core::urgency::Urgency;
use bereik::core::zone::Zone;
use bereik::routing::predict::erlang::{self, Impatient};
use bereik::routing::predict::{Rates, wait};
use bereik::routing::{Engine, Input, Opening, Output};
use chrono::{DateTime, TimeDelta, Utc};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

const RATES: Rates = Rates {
    service: 1.0 / 300.0,
    abandonment: 1.0 / 900.0,
};

#[divan::bench(args = [0, 5, 50, 500])]
fn people_who_stay(ahead: u32) -> Option<wait::WaitEstimate> {
    wait::steady(black_box(ahead), 8, RATES)
}

#[divan::bench(args = [0, 5, 50, 500])]
fn people_who_come_and_go(bencher: Bencher<'_, '_>, ahead: u32) {
    let from = DateTime::<Utc>::UNIX_EPOCH;
    let at = |minutes| from + TimeDelta::minutes(minutes);
    let plan = [(at(0), 8), (at(20), 3), (at(80), 8), (at(300), 2)];
    bencher.bench_local(|| wait::over(black_box(&plan), from, ahead, 0, RATES));
}

#[divan::bench(args = [10.0, 500.0])]
fn people_for_a_service_level(load: f64) -> Option<u32> {
    erlang::people_for(black_box(load), 300.0, 20.0, 0.8)
}

#[divan::bench(args = [10, 500])]
fn impatient_customers(people: u32) -> Option<erlang::Behaviour> {
    let queue = Impatient {
        arrivals: f64::from(people) * 1.1,
        service: 1.0,
        abandonment: 0.5,
        people: black_box(people),
    };
    queue.behaviour()
}

/// The whole question to an engine: a group of so many, all occupied, and a hundred who wait.
#[divan::bench(args = [20, 1_000])]
fn asked_of_the_engine(bencher: Bencher<'_, '_>, people: u32) {
    let at = DateTime::<Utc>::UNIX_EPOCH;
    let engine = busy_engine(at, people);
    let helpdesk = Addressee::Group("helpdesk".parse().expect("an id"));
    bencher.bench_local(|| engine.predict(at, &helpdesk, ChannelKind::Phone, Urgency::Normal));
}

fn busy_engine(at: DateTime<Utc>, people: u32) -> Engine {
    let id = |number: u32| format!("p{number}").parse().expect("an id");
    let mut draft = Draft::new("Busy", Zone::utc());
    for number in 0..people {
        let mut person = Person::new(id(number), "Somebody");
        person.capacity.insert(ChannelKind::Phone, 1);
        draft = draft.with_person(person);
    }
    let members = (0..people).map(id).collect();
    let group = Group::new("helpdesk".parse().expect("an id"), "Helpdesk", members);
    let directory = draft.with_group(group).check().expect("a directory");
    let mut engine = Engine::new(directory);
    let (reach, reason) = (Reach::Now, ReachReason::Available);
    for number in 0..people {
        let row = PerChannel::from_fn(|_| Reachability { reach, reason });
        let person = id(number);
        engine.handle(at, Input::Reachability { person, row });
    }
    for number in 0..people + 100 {
        let key = format!("call-{number}").parse().expect("a key");
        let opening = Opening::new(key, Customer::default(), ChannelKind::Phone);
        engine.handle(at, Input::Opened(Box::new(opening)));
        while !matches!(engine.poll_output(), Output::Wait(_)) {}
    }
    engine
}
