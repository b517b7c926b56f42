//! What comes in by mail: answers find their contact, machines open none, and an alert that came
//! back has reached nobody.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::sync::Arc;
use std::time::Duration;

use bereik_channel::{Attendance, Dispatch, EventKind, Evidence, Inbound, Memory};
use bereik_core::agreement::{Ask, EscalationPolicy, Level};
use bereik_core::channel_kind::ChannelKind;
use bereik_core::contact::{Addressee, Customer};
use bereik_core::directory::Draft;
use bereik_core::entry::Fact;
use bereik_core::group::Group;
use bereik_core::id::{ContactId, Key};
use bereik_core::line::Line;
use bereik_core::message::{Body, MessageKind};
use bereik_core::person::Person;
use bereik_core::zone::Zone;
use bereik_routing::Opening;
use bereik_switchboard::{Clock, Switchboard};

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// Nobody is at a desk; whoever is on call is asked by mail, and then a second one.
async fn house(mail: Arc<Memory>) -> Switchboard {
    let mut draft = Draft::new("Rivers & Co", Zone::utc())
        .with_person(Person::new(id("anna"), "Anna"))
        .with_group(Group::new(id("helpdesk"), "Helpdesk", vec![id("anna")]))
        .with_group(Group::new(id("sales"), "Sales", vec![id("anna")]));
    for name in ["first", "second"] {
        let address = id(&format!("{name}@example.org"));
        let line = Line::new(id(name), ChannelKind::Email, address);
        draft.lines.push(line);
    }
    let level = |name| Level {
        ask: vec![Ask::Line(id(name))],
        for_s: 900,
    };
    draft.escalations.push(EscalationPolicy {
        id: id("duty"),
        levels: vec![level("first"), level("second")],
        repeat_max: 0,
    });
    draft.default_escalation = Some(id("duty"));
    Switchboard::builder(draft.check().unwrap())
        .with_channel(mail)
        .with_clock(Clock::starting_at(id("2026-11-23T08:10:00Z")))
        .start()
        .await
        .unwrap()
}

fn wrote(text: &str) -> Inbound {
    Inbound::new(id("jan@example.com"), Body::parse(text).unwrap())
}

async fn settle() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

async fn open(house: &Switchboard, key: &str, group: &str) -> ContactId {
    let customer = Customer {
        addresses: vec![id("jan@example.com")],
        ..Customer::default()
    };
    let opening = Opening::new(id(key), customer, ChannelKind::Email)
        .for_addressee(Addressee::Group(id(group)));
    let body = Body::parse("help").unwrap();
    house.open(opening, Some(body)).await.unwrap().contact
}

/// How many messages of each kind a contact has.
async fn said(house: &Switchboard, contact: ContactId, kind: MessageKind) -> usize {
    let entries = house.timeline(contact, 0).await.unwrap();
    let is_it = |fact: &Fact| matches!(fact, Fact::Said { kind: one, .. } if *one == kind);
    entries.iter().filter(|entry| is_it(&entry.fact)).count()
}

/// The key under which the customer was told of this contact.
async fn acknowledgement(house: &Switchboard, contact: ContactId) -> Key {
    let entries = house.timeline(contact, 0).await.unwrap();
    let mut told = entries
        .iter()
        .filter(|entry| matches!(entry.fact, Fact::Acknowledged { .. }));
    id(&format!("ack/{}", told.next().unwrap().number))
}

#[tokio::test(start_paused = true)]
async fn an_answer_goes_on_with_the_contact_that_it_answers() {
    let mail = Arc::new(Memory::new(ChannelKind::Email));
    let house = house(mail.clone()).await;
    let first = open(&house, "mail:1", "helpdesk").await;
    let second = open(&house, "mail:2", "sales").await;
    assert_ne!(first, second);
    for contact in [first, second] {
        let before = said(&house, contact, MessageKind::Text).await;
        let mut reply = wrote("about this one");
        reply.answers = vec![
            id("<x@example.com>"),
            acknowledgement(&house, contact).await,
        ];
        mail.bring(EventKind::Message(reply.clone()));
        settle().await;
        assert_eq!(said(&house, contact, MessageKind::Text).await, before + 1);
        // A stranger who names the same mail is another customer.
        reply.from = id("eve@example.com");
        mail.bring(EventKind::Message(reply));
        settle().await;
        assert_eq!(said(&house, contact, MessageKind::Text).await, before + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_machine_opens_nothing_and_is_kept_with_what_is_open() {
    let mail = Arc::new(Memory::new(ChannelKind::Email));
    let house = house(mail.clone()).await;
    let mut away = wrote("I am back on Monday");
    away.is_automatic = true;
    away.is_automatic_reply = true;
    mail.bring(EventKind::Message(away.clone()));
    settle().await;
    assert!(house.open_contacts().await.unwrap().is_empty());
    let contact = open(&house, "mail:1", "helpdesk").await;
    let sent = mail.outbox().len();
    mail.bring(EventKind::Message(away));
    settle().await;
    assert_eq!(said(&house, contact, MessageKind::Automatic).await, 1);
    let to_jan = |one: &Dispatch| matches!(one, Dispatch::Message(message) if message.to == id("jan@example.com"));
    assert_eq!(
        mail.outbox()[sent..]
            .iter()
            .filter(|one| to_jan(one))
            .count(),
        0
    );
    // Who answers an invitation says something too.
    mail.bring(EventKind::Attendance {
        of: id("call"),
        by: id("jan@example.com"),
        answer: Attendance::Accepted,
        message: wrote("but call my mobile"),
    });
    settle().await;
    assert_eq!(said(&house, contact, MessageKind::Text).await, 2);
}

#[tokio::test(start_paused = true)]
async fn an_alert_that_came_back_asks_the_next() {
    let mail = Arc::new(Memory::new(ChannelKind::Email));
    let house = house(mail.clone()).await;
    open(&house, "mail:1", "helpdesk").await;
    settle().await;
    let alerts = || {
        let dispatches = mail.outbox().into_iter();
        let alerts = dispatches.filter_map(|dispatch| match dispatch {
            Dispatch::Alert(alert) => Some(alert.key()),
            _ => None,
        });
        alerts.collect::<Vec<_>>()
    };
    let [first] = &alerts()[..] else {
        panic!("one line is asked");
    };
    mail.bring(EventKind::Delivery {
        of: first.clone(),
        evidence: Evidence::None,
    });
    settle().await;
    assert_eq!(alerts().len(), 2);
}
