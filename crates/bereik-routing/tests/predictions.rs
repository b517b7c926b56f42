//! What the engine predicts, records, learns and publishes.

use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::contact::{Addressee, Customer};
use bereik_core::directory::{Directory, Draft};
use bereik_core::entry::Fact;
use bereik_core::group::Group;
use bereik_core::id::{ContactId, Key, OfferId, PersonId};
use bereik_core::message::Author;
use bereik_core::person::Person;
use bereik_core::reachability::{Reach, ReachReason, Reachability};
use bereik_core::urgency::Urgency;
use bereik_core::zone::Zone;
use bereik_core::{Acknowledgement, Entry};
use bereik_routing::predict::{Method, Prediction};
use bereik_routing::{Answer, Effect, Engine, Input, Opening, Output};
use chrono::{DateTime, TimeDelta, Utc};

fn at(seconds: i64) -> DateTime<Utc> {
    let start: DateTime<Utc> = "2026-11-23T09:00:00Z".parse().expect("an instant");
    start + TimeDelta::seconds(seconds)
}

fn person(number: u32) -> PersonId {
    format!("p{number}").parse().expect("an id")
}

fn helpdesk() -> Addressee {
    Addressee::Group("helpdesk".parse().expect("an id"))
}

/// A helpdesk of three who take one call each.
fn directory() -> Directory {
    let mut draft = Draft::new("Rivers & Co", Zone::utc());
    let people = (0..3).map(|number| Person::new(person(number), format!("Person {number}")));
    draft.people = people.collect();
    for person in &mut draft.people {
        person.capacity.insert(ChannelKind::Phone, 1);
    }
    let members = (0..3).map(person).collect();
    let group = Group::new("helpdesk".parse().expect("an id"), "Helpdesk", members);
    draft.with_group(group).check().expect("a directory")
}

struct Desk {
    engine: Engine,
    entries: Vec<Entry>,
    offers: Vec<(OfferId, PersonId)>,
    opened: u32,
}

impl Desk {
    fn new() -> Self {
        Self {
            engine: Engine::new(directory()),
            entries: Vec::new(),
            offers: Vec::new(),
            opened: 0,
        }
    }

    fn tell(&mut self, seconds: i64, input: Input) -> Answer {
        let answer = self.engine.handle(at(seconds), input);
        loop {
            match self.engine.poll_output() {
                Output::Effect(Effect::Offer(offer)) => {
                    if let bereik_core::offer::Offered::Person(person) = offer.to {
                        self.offers.push((offer.id, person));
                    }
                }
                Output::Entry(entry) => self.entries.push(entry),
                Output::Effect(_) | Output::Summary(_) => {}
                Output::Wait(_) => return answer,
            }
        }
    }

    fn reach(&mut self, seconds: i64, number: u32, reach: Reach) {
        let reason = match reach {
            Reach::Now => ReachReason::Available,
            _ => ReachReason::OffDuty,
        };
        let row = PerChannel::from_fn(|_| Reachability { reach, reason });
        let person = person(number);
        assert_eq!(
            self.tell(seconds, Input::Reachability { person, row }),
            Answer::Done
        );
    }

    fn call(&mut self, seconds: i64) -> ContactId {
        self.opened += 1;
        let key: Key = format!("call-{}", self.opened).parse().expect("a key");
        let mut opening = Opening::new(key, Customer::default(), ChannelKind::Phone);
        opening.addressee = Some(helpdesk());
        match self.tell(seconds, Input::Opened(Box::new(opening))) {
            Answer::Opened(contact) => contact,
            answer => panic!("{answer:?}"),
        }
    }

    fn accept(&mut self, seconds: i64) {
        let (offer, by) = self.offers.pop().expect("an offer");
        assert_eq!(
            self.tell(seconds, Input::Accepted { offer, by }),
            Answer::Done
        );
    }

    fn close(&mut self, seconds: i64, contact: ContactId, by: Author) {
        assert_eq!(
            self.tell(seconds, Input::Closed { contact, by }),
            Answer::Done
        );
    }

    fn ask(&self, seconds: i64) -> Prediction {
        let (phone, normal) = (ChannelKind::Phone, Urgency::Normal);
        self.engine.predict(at(seconds), &helpdesk(), phone, normal)
    }
}

#[test]
fn nothing_is_promised_where_nobody_is_known_to_come() {
    let mut desk = Desk::new();
    assert_eq!(desk.ask(0).wait, None, "nothing is known");
    desk.reach(0, 0, Reach::Unknown);
    desk.reach(0, 1, Reach::Never);
    desk.reach(0, 2, Reach::OnCall);
    let prediction = desk.ask(0);
    assert_eq!((prediction.hands, prediction.wait), (0, None));
    let contact = desk.call(1);
    assert!(
        !desk
            .entries
            .iter()
            .any(|e| matches!(e.fact, Fact::Predicted { .. }))
    );
    let held = desk.engine.predict_for(contact).expect("it waits");
    assert_eq!(held.wait, None);
}

#[test]
fn a_free_hand_is_nothing_to_wait_for() {
    let mut desk = Desk::new();
    desk.reach(0, 0, Reach::Now);
    let prediction = desk.ask(1);
    assert_eq!(
        (prediction.hands, prediction.free, prediction.ahead),
        (1, 1, 0)
    );
    assert_eq!(prediction.wait.expect("she is free").method, Method::Free);
}

#[test]
fn who_waits_is_told_the_range_and_it_is_recorded() {
    let mut desk = Desk::new();
    desk.reach(0, 0, Reach::Now);
    desk.reach(0, 1, Reach::Now);
    for _ in 0..2 {
        desk.call(1);
        desk.accept(1);
    }
    let waiting = desk.call(2);
    let predicted = desk.entries.iter().find_map(|entry| match entry.fact {
        Fact::Predicted {
            p10_s,
            p50_s,
            p90_s,
            method,
        } => Some((p10_s, p50_s, p90_s, method)),
        _ => None,
    });
    // Two people, five minutes a call: exponential with mean 150 seconds.
    let expected = (15, 104, 346, Method::Hypoexponential);
    assert_eq!(predicted, Some(expected));
    let told = desk.entries.iter().find_map(|entry| match &entry.fact {
        Fact::Acknowledged {
            acknowledgement: Acknowledgement::Waiting { expected_s, .. },
        } => Some(*expected_s),
        _ => None,
    });
    assert_eq!(told, Some(Some((15, 346))));
    let again = desk.engine.predict_for(waiting).expect("it waits");
    assert_eq!((again.ahead, again.hands, again.free), (0, 2, 0));
    let behind = desk.ask(2);
    assert_eq!(behind.ahead, 1, "a new one goes behind");
    assert!(behind.wait.expect("hands").p50 > again.wait.expect("hands").p50);
}

#[test]
fn urgent_contacts_are_told_that_fewer_go_before_them() {
    let mut desk = Desk::new();
    desk.reach(0, 0, Reach::Now);
    desk.call(1);
    desk.accept(1);
    desk.call(2);
    desk.call(3);
    let phone = ChannelKind::Phone;
    let of = |urgency| {
        desk.engine
            .predict(at(4), &helpdesk(), phone, urgency)
            .ahead
    };
    assert_eq!((of(Urgency::Low), of(Urgency::Calamity)), (2, 0));
    let by_mail = desk
        .engine
        .predict(at(4), &helpdesk(), ChannelKind::Email, Urgency::Normal);
    assert_eq!(by_mail.ahead, 0, "those who call hold no mail up");
}

#[test]
fn who_comes_later_is_counted_from_then_on() {
    let mut desk = Desk::new();
    desk.reach(0, 0, Reach::From(at(3_600)));
    desk.reach(0, 1, Reach::From(at(3_600)));
    desk.reach(0, 2, Reach::From(at(7_200)));
    let wait = desk.ask(0).wait.expect("they come");
    assert_eq!(wait.method, Method::TimeVarying);
    assert_eq!(
        (wait.p10, wait.p90),
        (TimeDelta::hours(1), TimeDelta::hours(1))
    );
    assert_eq!(
        desk.ask(8_000).wait,
        None,
        "who did not come when he said is not counted on"
    );

    // A plan of the caller's counts instead.
    let plan = [(at(0), 0), (at(600), 3), (at(900), 1)];
    let (phone, normal) = (ChannelKind::Phone, Urgency::Normal);
    let planned = desk
        .engine
        .predict_with_plan(at(0), &helpdesk(), phone, normal, &plan);
    assert_eq!(planned.wait.expect("a plan").p50, TimeDelta::minutes(10));
}

#[test]
fn what_is_kept_of_hands_follows_people_and_the_directory() {
    let mut desk = Desk::new();
    desk.reach(0, 0, Reach::Now);
    desk.call(1);
    desk.accept(1);
    let p50 = |desk: &Desk| {
        let mut entries = desk.entries.iter().rev();
        entries.find_map(|entry| match entry.fact {
            Fact::Predicted { p50_s, .. } => Some(p50_s),
            _ => None,
        })
    };
    desk.call(2);
    assert_eq!(p50(&desk), Some(208));
    desk.reach(3, 1, Reach::From(at(63)));
    desk.call(3);
    let with_second = p50(&desk).expect("hands");
    assert!(with_second < 300, "{with_second}");
    desk.reach(4, 1, Reach::Never);
    desk.call(5);
    assert!(p50(&desk).expect("hands") > 500);
    let mut draft = directory().draft().clone();
    draft.people[0].capacity.insert(ChannelKind::Phone, 9);
    let directory = draft.check().expect("a directory");
    desk.offers.clear();
    desk.tell(6, Input::DirectoryReplaced(Box::new(directory)));
    assert_eq!(desk.ask(6).hands, 9);
}

#[test]
fn the_engine_learns_how_long_calls_take_and_when_customers_give_up() {
    let mut desk = Desk::new();
    desk.reach(0, 0, Reach::Now);
    let before = desk.ask(0).rates;
    let mut now = 0;
    for _ in 0..200 {
        let contact = desk.call(now);
        desk.accept(now);
        let gives_up = desk.call(now + 10);
        desk.close(now + 40, gives_up, Author::Customer);
        desk.close(now + 60, contact, Author::Person(person(0)));
        now += 60;
    }
    let after = desk.ask(now).rates;
    assert!((1.0 / after.service - 60.0).abs() < 15.0, "{after:?}");
    assert!(before.service < after.service / 3.0);
    // Two hundred gave up in two hundred times thirty seconds.
    assert!((1.0 / after.abandonment - 30.0).abs() < 8.0, "{after:?}");
    let coverage = desk.engine.coverage();
    assert_eq!((coverage.answered(), coverage.abandoned), (0, 200));
    let restored = Engine::restore(&desk.engine.snapshot()).expect("a snapshot");
    assert_eq!(restored.observed(), desk.engine.observed());
    assert_eq!(restored.coverage(), desk.engine.coverage());
}

#[test]
fn what_was_predicted_is_held_against_what_came() {
    let mut desk = Desk::new();
    desk.reach(0, 0, Reach::Now);
    let first = desk.call(0);
    desk.accept(0);
    let second = desk.call(1);
    desk.close(101, first, Author::Person(person(0)));
    desk.accept(101);
    let coverage = desk.engine.coverage();
    assert_eq!(
        (coverage.inside, coverage.answered()),
        (1, 1),
        "100 s lie in 31..=691 s"
    );
    desk.call(102);
    desk.close(103, second, Author::Person(person(0)));
    desk.accept(104);
    let coverage = desk.engine.coverage();
    assert_eq!(
        (coverage.before, coverage.answered()),
        (1, 2),
        "2 s are less than 28 s"
    );
}

#[test]
fn a_contact_that_somebody_is_asked_for_has_its_hand() {
    let mut desk = Desk::new();
    desk.reach(0, 0, Reach::Now);
    desk.call(1);
    let prediction = desk.ask(2);
    assert_eq!(
        (prediction.hands, prediction.free, prediction.ahead),
        (1, 0, 0)
    );
    desk.call(3);
    assert_eq!(desk.ask(4).ahead, 1);
}
