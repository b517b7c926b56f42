//! Who comes free has the waiting contacts in their turn, and nobody who waits is left in limbo.

use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::contact::{ContactState, Customer};
use bereik_core::directory::{Directory, Draft};
use bereik_core::group::{Circle, Group, Policy};
use bereik_core::id::{ContactId, Key, PersonId};
use bereik_core::message::Author;
use bereik_core::offer::{Offer, Offered};
use bereik_core::person::Person;
use bereik_core::reachability::{Reach, ReachReason, Reachability};
use bereik_core::urgency::Urgency;
use bereik_core::zone::Zone;
use bereik_routing::{Answer, Effect, Engine, Input, Opening, Output};
use chrono::{DateTime, TimeDelta, Utc};

const PEOPLE: [&str; 3] = ["anna", "bram", "dina"];

/// Anna and Bram are the helpdesk, Dina is the second line; each holds one chat.
fn directory(policy: Policy) -> Directory {
    let mut draft = Draft::new("Rivers & Co", Zone::utc());
    for name in PEOPLE {
        let mut person = Person::new(id(name), name);
        person.capacity.insert(ChannelKind::WebChat, 1);
        draft = draft.with_person(person);
    }
    let group = |name: &str, members: &[&str]| {
        let members = members.iter().map(|name| id(name)).collect();
        Group::new(name.parse().expect("an id"), name, members)
    };
    let circle = Circle {
        after_s: 3_600,
        groups: vec!["second-line".parse().expect("an id")],
        ..Circle::default()
    };
    let helpdesk = group("helpdesk", &["anna", "bram"]);
    draft = draft.with_group(helpdesk.with_policy(policy).with_circle(circle));
    draft = draft.with_group(group("second-line", &["dina"]));
    draft.check().expect("a directory that is right")
}

fn id(name: &str) -> PersonId {
    name.parse().expect("an id")
}

struct Desk {
    engine: Engine,
    now: DateTime<Utc>,
    opened: u32,
}

impl Desk {
    fn new(policy: Policy, there: &[&str]) -> Self {
        let mut desk = Self {
            engine: Engine::new(directory(policy)),
            now: "2026-11-23T09:00:00Z".parse().expect("an instant"),
            opened: 0,
        };
        for name in PEOPLE {
            desk.reach(name, there.contains(&name));
        }
        desk
    }

    /// A second later; answers the offers that follow.
    fn tell(&mut self, input: Input) -> (Answer, Vec<Offer>) {
        self.now += TimeDelta::seconds(1);
        let answer = self.engine.handle(self.now, input);
        let mut offers = Vec::new();
        loop {
            match self.engine.poll_output() {
                Output::Effect(Effect::Offer(offer)) => offers.push(offer),
                Output::Wait(_) => return (answer, offers),
                _ => {}
            }
        }
    }

    fn reach(&mut self, name: &str, is_there: bool) -> Vec<Offer> {
        let (reach, reason) = if is_there {
            (Reach::Now, ReachReason::Available)
        } else {
            (Reach::Never, ReachReason::NoDesk)
        };
        let row = PerChannel::from_fn(|_| Reachability { reach, reason });
        self.tell(Input::Reachability {
            person: id(name),
            row,
        })
        .1
    }

    fn open(&mut self, urgency: Urgency) -> (ContactId, Vec<Offer>) {
        self.opened += 1;
        let key = Key::parse(&format!("key-{}", self.opened)).expect("a key");
        let opening = Opening::new(key, Customer::default(), ChannelKind::WebChat);
        let opening = opening.with_urgency(urgency);
        let (answer, offers) = self.tell(Input::Opened(Box::new(opening)));
        let Answer::Opened(contact) = answer else {
            panic!("the helpdesk is there");
        };
        (contact, offers)
    }

    /// The person of the one offer takes it.
    fn accept(&mut self, offers: &[Offer]) -> (ContactId, PersonId) {
        let [
            Offer {
                id,
                contact,
                to: Offered::Person(by),
                ..
            },
        ] = offers
        else {
            panic!("one person is asked: {offers:?}");
        };
        let input = Input::Accepted {
            offer: *id,
            by: by.clone(),
        };
        assert_eq!(self.tell(input), (Answer::Done, Vec::new()));
        (*contact, by.clone())
    }

    fn close(&mut self, contact: ContactId, by: &PersonId) -> Vec<Offer> {
        let by = Author::Person(by.clone());
        self.tell(Input::Closed { contact, by }).1
    }
}

/// Chatwoot #10376, #10685: whoever comes free gets the oldest, and so on until nobody waits.
#[test]
fn the_backlog_is_drained_oldest_first() {
    let mut desk = Desk::new(Policy::default(), &["anna"]);
    let (_, offers) = desk.open(Urgency::Normal);
    let mut taken = desk.accept(&offers);
    let waiting: Vec<ContactId> = (0..10).map(|_| desk.open(Urgency::Normal).0).collect();
    let mut served = Vec::new();
    for _ in &waiting {
        let offers = desk.close(taken.0, &taken.1);
        taken = desk.accept(&offers);
        served.push(taken.0);
    }
    assert_eq!(served, waiting);
    assert_eq!(desk.close(taken.0, &taken.1), Vec::new());
}

/// Chatwoot #5672, Rocket.Chat #31474: asked while all are offline, helped when they come back.
#[test]
fn requests_that_came_while_all_were_offline_are_put_to_those_who_come_back() {
    let mut desk = Desk::new(Policy::default(), &[]);
    let first = desk.open(Urgency::Normal);
    let second = desk.open(Urgency::Normal);
    assert!(first.1.is_empty() && second.1.is_empty());
    desk.now += TimeDelta::minutes(20);
    desk.tell(Input::Advanced);
    let offers = desk.reach("bram", true);
    assert_eq!(
        desk.accept(&offers),
        (first.0, id("bram")),
        "the oldest first"
    );
    let offers = desk.reach("anna", true);
    assert_eq!(desk.accept(&offers), (second.0, id("anna")));
}

/// The same over a restart: what follows from the state is worked out again.
#[test]
fn a_restored_engine_serves_in_the_same_order() {
    let mut desk = Desk::new(Policy::default(), &["anna"]);
    let (_, offers) = desk.open(Urgency::Normal);
    let (taken, by) = desk.accept(&offers);
    let (first, _) = desk.open(Urgency::Normal);
    desk.open(Urgency::Normal);
    desk.engine = Engine::restore(&desk.engine.snapshot()).expect("a snapshot restores");
    let offers = desk.close(taken, &by);
    assert_eq!(desk.accept(&offers).0, first);
}

#[test]
fn the_policy_of_the_group_says_who_goes_first() {
    for (policy, is_urgent_first) in [
        (Policy::FirstInFirstOut, false),
        (Policy::StrictPriority, true),
        (Policy::Deadline, true),
    ] {
        let mut desk = Desk::new(policy, &["anna"]);
        let (_, offers) = desk.open(Urgency::Normal);
        let (taken, by) = desk.accept(&offers);
        let (calm, _) = desk.open(Urgency::Normal);
        let (urgent, _) = desk.open(Urgency::High);
        let offers = desk.close(taken, &by);
        let expected = if is_urgent_first { urgent } else { calm };
        assert_eq!(desk.accept(&offers).0, expected, "{policy:?}");
    }
}

#[test]
fn another_policy_counts_at_once_for_those_who_wait() {
    let mut desk = Desk::new(Policy::FirstInFirstOut, &["anna"]);
    let (_, offers) = desk.open(Urgency::Normal);
    let (taken, by) = desk.accept(&offers);
    desk.open(Urgency::Normal);
    let (urgent, _) = desk.open(Urgency::High);
    let anew = directory(Policy::StrictPriority);
    desk.tell(Input::DirectoryReplaced(Box::new(anew)));
    let offers = desk.close(taken, &by);
    assert_eq!(desk.accept(&offers).0, urgent);
}

/// Those before him in line left their desks since: the second line is asked when it comes free,
/// and not only when an hour is over.
#[test]
fn who_stands_in_a_later_circle_is_asked_when_nobody_before_him_is_there() {
    let mut desk = Desk::new(Policy::default(), &["anna"]);
    let (_, offers) = desk.open(Urgency::Normal);
    desk.accept(&offers);
    let (waiting, offers) = desk.open(Urgency::Normal);
    assert_eq!(offers, Vec::new());
    assert_eq!(
        desk.reach("dina", true),
        Vec::new(),
        "Anna is only occupied"
    );
    desk.reach("dina", false);
    desk.reach("anna", false);
    let offers = desk.reach("dina", true);
    assert_eq!(desk.accept(&offers), (waiting, id("dina")));
    let state = desk.engine.contact(waiting).map(|contact| contact.state);
    assert_eq!(state, Some(ContactState::Active));
}

/// What one person declined is passed over for him, and stays first for the others.
#[test]
fn who_declined_the_first_is_asked_for_the_next() {
    let mut desk = Desk::new(Policy::default(), &["anna"]);
    let (_, offers) = desk.open(Urgency::Normal);
    let (taken, by) = desk.accept(&offers);
    let (first, _) = desk.open(Urgency::Normal);
    let (second, _) = desk.open(Urgency::Normal);
    let offers = desk.close(taken, &by);
    let declined = Input::Declined {
        offer: offers[0].id,
        by: id("anna"),
    };
    let (_, offers) = desk.tell(declined);
    assert_eq!(desk.accept(&offers), (second, id("anna")));
    let offers = desk.reach("bram", true);
    assert_eq!(desk.accept(&offers), (first, id("bram")));
}

/// A mail waits for the second idle person, or until half of its four hours are over.
#[test]
fn mail_is_not_put_to_the_last_idle_person_where_the_group_keeps_one() {
    let mut desk = Desk::new(Policy::default(), &["anna"]);
    let mut draft = desk.engine.directory().draft().clone();
    draft.groups[0].reserve = Some(1);
    let anew = draft.check().expect("a directory that is right");
    desk.tell(Input::DirectoryReplaced(Box::new(anew)));
    let mail = |desk: &mut Desk| {
        desk.opened += 1;
        let key = Key::parse(&format!("key-{}", desk.opened)).expect("a key");
        let opening = Opening::new(key, Customer::default(), ChannelKind::Email);
        desk.tell(Input::Opened(Box::new(opening))).1
    };
    assert_eq!(mail(&mut desk), Vec::new(), "Anna is the only one");
    let offers = desk.reach("bram", true);
    assert_eq!(offers.len(), 1, "now one of the two is idle still");
    let (first, by) = desk.accept(&offers);
    let offers = mail(&mut desk);
    assert_eq!(
        desk.accept(&offers).1,
        by,
        "who is at a mail has the next too"
    );
    desk.close(first, &by);
    desk.reach(by.as_str(), false);
    assert_eq!(mail(&mut desk), Vec::new(), "the other is the last");
    desk.now += TimeDelta::seconds(7_198);
    assert_eq!(desk.tell(Input::Advanced).1, Vec::new());
    let (_, offers) = desk.tell(Input::Advanced);
    assert_eq!(offers.len(), 1, "half of the target is over");
}
