//! What the engine tells customers who wait, in a world as theory has it: it learns the rates itself,
//! and publishes how often its intervals held.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use bereik_core::agreement::{Agreement, Target};
use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::contact::{Addressee, Customer};
use bereik_core::directory::{Directory, Draft};
use bereik_core::group::Group;
use bereik_core::id::{ContactId, Key, PersonId};
use bereik_core::message::Author;
use bereik_core::offer::Offered;
use bereik_core::person::Person;
use bereik_core::reachability::{Reach, ReachReason, Reachability};
use bereik_core::urgency::Urgency;
use bereik_core::zone::Zone;
use bereik_routing::{Answer, Effect, Engine, Input, Opening, Output};
use bereik_sim::queue::Queue;
use bereik_sim::random::Random;
use chrono::{DateTime, TimeDelta, Utc};

fn person(number: u32) -> PersonId {
    format!("p{number}").parse().expect("an id")
}

/// A helpdesk whose targets are so long that nothing is escalated, and nothing told twice.
fn directory(people: u32) -> Directory {
    let mut draft = Draft::new("Theory", Zone::utc());
    let everybody = (0..people).map(|n| Person::new(person(n), format!("Person {n}")));
    draft.people = everybody.collect();
    for person in &mut draft.people {
        person.capacity.insert(ChannelKind::Phone, 1);
    }
    let targets = Urgency::ALL.map(|urgency| Target {
        urgency,
        channel: None,
        acknowledge_for_s: 5,
        answer_for_s: 7 * 86_400,
        next_answer_for_s: None,
        resolve_for_s: None,
    });
    draft.agreements = vec![Agreement {
        id: "endless".parse().expect("an id"),
        hours: None,
        targets: targets.into(),
        warn_percent: 75,
    }];
    draft.default_agreement = Some("endless".parse().expect("an id"));
    let members = (0..people).map(person).collect();
    let group = Group::new("helpdesk".parse().expect("an id"), "Helpdesk", members);
    draft.with_group(group).check().expect("a directory")
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrives,
    Done(ContactId, u32),
    GivesUp(ContactId),
}

struct World {
    engine: Engine,
    queue: Queue,
    random: Random,
    /// In milliseconds from the start.
    events: BinaryHeap<Reverse<(i64, Event)>>,
    opened: u32,
}

impl World {
    fn at(ms: i64) -> DateTime<Utc> {
        let start: DateTime<Utc> = "2026-11-23T00:00:00Z".parse().expect("an instant");
        start + TimeDelta::milliseconds(ms)
    }

    fn new(queue: Queue, seed: u64) -> Self {
        let mut engine = Engine::new(directory(queue.people));
        let (reach, reason) = (Reach::Now, ReachReason::Available);
        for number in 0..queue.people {
            let row = PerChannel::from_fn(|_| Reachability { reach, reason });
            let person = person(number);
            engine.handle(Self::at(0), Input::Reachability { person, row });
        }
        Self {
            engine,
            queue,
            random: Random::of_seed(seed),
            events: [Reverse((0, Event::Arrives))].into(),
            opened: 0,
        }
    }

    fn after(&mut self, now: i64, rate: f64, event: Event) {
        let seconds = self.random.exponential(rate);
        if seconds.is_finite() {
            let at = now + (seconds * 1_000.0) as i64;
            self.events.push(Reverse((at, event)));
        }
    }

    /// Everybody who is asked accepts at once.
    fn settle(&mut self, now: i64) {
        while let output @ (Output::Effect(_) | Output::Entry(_) | Output::Summary(_)) =
            self.engine.poll_output()
        {
            let Output::Effect(Effect::Offer(offer)) = output else {
                continue;
            };
            let Offered::Person(by) = offer.to else {
                continue;
            };
            let number = by.as_str()[1..].parse().expect("a number");
            self.after(now, self.queue.service, Event::Done(offer.contact, number));
            let offer = offer.id;
            let answer = self
                .engine
                .handle(Self::at(now), Input::Accepted { offer, by });
            assert_eq!(answer, Answer::Done);
        }
    }

    fn open(&mut self, now: i64) {
        self.opened += 1;
        let key: Key = format!("call-{}", self.opened).parse().expect("a key");
        let mut opening = Opening::new(key, Customer::default(), ChannelKind::Phone);
        opening.addressee = Some(Addressee::Group("helpdesk".parse().expect("an id")));
        let answer = self
            .engine
            .handle(Self::at(now), Input::Opened(Box::new(opening)));
        let Answer::Opened(contact) = answer else {
            panic!("{answer:?}");
        };
        self.after(now, self.queue.abandonment, Event::GivesUp(contact));
        self.after(now, self.queue.arrivals, Event::Arrives);
    }

    fn play(&mut self, customers: u32) {
        while self.opened < customers {
            let Reverse((now, event)) = self.events.pop().expect("somebody always comes");
            match event {
                Event::Arrives => self.open(now),
                Event::Done(contact, number) => {
                    let by = Author::Person(person(number));
                    self.engine
                        .handle(Self::at(now), Input::Closed { contact, by });
                }
                Event::GivesUp(contact) => {
                    let held = self.engine.contact(contact);
                    if held.is_some_and(|held| held.participants.is_empty()) {
                        let by = Author::Customer;
                        self.engine
                            .handle(Self::at(now), Input::Closed { contact, by });
                    }
                }
            }
            self.settle(now);
        }
    }
}

fn queue(load: f64, patience: f64, people: u32) -> Queue {
    let service = 1.0 / 240.0;
    Queue {
        arrivals: load * service,
        service,
        abandonment: if patience.is_finite() {
            service / patience
        } else {
            0.0
        },
        people,
    }
}

/// One long run: waits in it depend on each other, so its bounds are wider than those of independent
/// ones.
#[test]
fn the_engine_learns_the_rates_and_its_intervals_hold() {
    for (queue, seed) in [(queue(3.5, f64::INFINITY, 4), 3), (queue(7.0, 2.0, 6), 5)] {
        let mut world = World::new(queue, seed);
        world.play(2_500);
        let coverage = world.engine.coverage();
        let at = World::at(0);
        let group = "helpdesk".parse().expect("an id");
        let rates = world
            .engine
            .observed()
            .rates(Some(&group), ChannelKind::Phone, at);
        let share = coverage.share().expect("somebody waited");
        println!(
            "{share:.3} {:?} {coverage:?} {rates:?}",
            coverage.confidence()
        );
        assert!(
            (rates.service / queue.service - 1.0).abs() < 0.1,
            "{rates:?}"
        );
        let error = (rates.abandonment - queue.abandonment).abs();
        assert!(error < 0.1 * queue.service, "{rates:?}");
        assert!(coverage.answered() > 1_000, "{coverage:?}");
        assert!((0.75..=0.85).contains(&share), "{coverage:?}");
    }
}
