//! A switchboard from agenda to answered chat, in virtual time, on the in-memory store.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::sync::Arc;
use std::time::Duration;

use bereik_channel::{
    Alert, Capability, Channel, ChannelError, Evidence, Feature, Health, Outbound, Receipt,
};
use bereik_core::agreement::{Ask, EscalationPolicy, Level};
use bereik_core::contact::{ContactState, Customer};
use bereik_core::directory::{Directory, Draft};
use bereik_core::free_busy::FreeBusy;
use bereik_core::group::Group;
use bereik_core::interval::Interval;
use bereik_core::line::Line;
use bereik_core::message::{Author, Body, MessageKind};
use bereik_core::offer::Outcome;
use bereik_core::signal::{Signal, SignalKind};
use bereik_core::{
    Acknowledgement, ChannelKind, ContactId, Entry, Fact, OfferId, Person, PersonId, Urgency, Zone,
};
use bereik_routing::Opening;
use bereik_store::{Memory, Store};
use bereik_switchboard::{Acceptance, Clock, Switchboard};
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Mutex;

/// Rings at desks that exist in this test only; what rang is kept in order.
#[derive(Debug)]
struct Desks {
    kind: ChannelKind,
    capability: Capability,
    rang: Mutex<Vec<String>>,
    is_down: bool,
}

impl Desks {
    fn new(kind: ChannelKind) -> Self {
        let capability =
            Capability::new(Evidence::Delivered).with(&[Feature::Offer, Feature::Withdraw]);
        Self {
            kind,
            capability,
            rang: Mutex::default(),
            is_down: false,
        }
    }

    fn rang(&self) -> Vec<String> {
        self.rang.lock().unwrap().clone()
    }
}

#[async_trait::async_trait]
impl Channel for Desks {
    fn kind(&self) -> ChannelKind {
        self.kind
    }

    fn capability(&self) -> &Capability {
        &self.capability
    }

    async fn send(&self, _message: &Outbound) -> Result<Receipt, ChannelError> {
        Err(ChannelError::unsupported())
    }

    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        if self.is_down {
            return Err(ChannelError::unavailable());
        }
        let line = format!("{} {:?}\n{}", alert.offer.id, alert.to, alert.text.as_str());
        self.rang.lock().unwrap().push(line);
        Ok(Receipt::new(Evidence::Delivered))
    }

    async fn withdraw(&self, offer: OfferId) -> Result<(), ChannelError> {
        self.rang.lock().unwrap().push(format!("{offer} withdrawn"));
        Ok(())
    }

    async fn probe(&self) -> Health {
        Health::Up
    }
}

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn monday() -> DateTime<Utc> {
    id("2026-11-23T08:10:00Z")
}

fn directory() -> Directory {
    let mut draft = Draft::new("Rivers & Co", Zone::utc())
        .with_person(Person::new(id("anna"), "Anna"))
        .with_person(Person::new(id("bram"), "Bram"))
        .with_group(Group::new(
            id("helpdesk"),
            "Helpdesk",
            vec![id("anna"), id("bram")],
        ));
    draft.lines.push(Line::new(
        id("duty"),
        ChannelKind::Email,
        id("duty@example.org"),
    ));
    draft.escalations.push(EscalationPolicy {
        id: id("duty"),
        levels: vec![Level {
            ask: vec![Ask::Line(id("duty"))],
            for_s: 900,
        }],
        repeat_max: 0,
    });
    draft.default_escalation = Some(id("duty"));
    draft.check().unwrap()
}

struct House {
    switchboard: Switchboard,
    desks: Arc<Desks>,
    mail: Arc<Desks>,
}

async fn house(store: Arc<dyn Store>, at: DateTime<Utc>) -> House {
    let (desks, mail) = (
        Arc::new(Desks::new(ChannelKind::WebChat)),
        Arc::new(Desks::new(ChannelKind::Email)),
    );
    let switchboard = Switchboard::builder(directory())
        .with_store(store)
        .with_channel(desks.clone())
        .with_channel(mail.clone())
        .with_clock(Clock::starting_at(at))
        .start()
        .await
        .unwrap();
    House {
        switchboard,
        desks,
        mail,
    }
}

impl House {
    /// Sits a person down at an open desk, with nothing in the agenda.
    async fn sit_down(&self, person: &str) {
        let now = self.switchboard.now();
        let known = Interval::new(now - TimeDelta::days(1), now + TimeDelta::days(30)).unwrap();
        self.switchboard
            .update_calendar(id(person), FreeBusy::builder(known).build())
            .await
            .unwrap();
        let signal = Signal {
            kind: SignalKind::Online(ChannelKind::WebChat),
            source: "desk".into(),
            at: now,
            expires_at: now + TimeDelta::hours(9),
        };
        self.switchboard.signal(id(person), signal).await.unwrap();
    }

    async fn open(&self, words: &str) -> ContactId {
        let opening = Opening::new(id("tab:1"), Customer::default(), ChannelKind::WebChat)
            .from_page("/shop?card=4");
        let body = Body::parse(words).unwrap();
        self.switchboard
            .open(opening, Some(body))
            .await
            .unwrap()
            .contact
    }

    async fn timeline(&self, contact: ContactId) -> Vec<Entry> {
        self.switchboard.timeline(contact, 0).await.unwrap()
    }

    async fn state(&self, contact: ContactId) -> ContactState {
        self.switchboard
            .contact(contact)
            .await
            .unwrap()
            .unwrap()
            .state
    }
}

/// Lets everything that is under way come to rest.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

#[tokio::test(start_paused = true)]
async fn a_chat_rings_at_a_desk_and_is_accepted() {
    let house = house(Arc::new(Memory::new()), monday()).await;
    house.sit_down("anna").await;
    let contact = house.open("my wheel is bent").await;
    settle().await;
    let rang = house.desks.rang();
    assert_eq!(rang.len(), 1, "one member is asked at a time");
    assert!(rang[0].contains("my wheel is bent") && rang[0].contains("/shop"));
    assert!(
        !rang[0].contains("card"),
        "the query of a page may be private"
    );
    let offers = house.switchboard.offers_to(&id("anna"));
    assert_eq!(
        house
            .switchboard
            .accept(offers[0].id, id("anna"))
            .await
            .unwrap(),
        Acceptance::Yours
    );
    assert_eq!(house.state(contact).await, ContactState::Active);
    assert!(house.switchboard.offers_to(&id("anna")).is_empty());
    assert_eq!(
        house
            .switchboard
            .accept(offers[0].id, id("anna"))
            .await
            .unwrap(),
        Acceptance::TooLate
    );
}

#[tokio::test(start_paused = true)]
async fn nobody_answers_and_the_line_on_duty_gets_the_words() {
    let house = house(Arc::new(Memory::new()), monday()).await;
    house.sit_down("anna").await;
    let contact = house.open("my shop is on fire").await;
    tokio::time::sleep(Duration::from_secs(180)).await;
    let mails = house.mail.rang();
    assert_eq!(mails.len(), 1, "the line on duty is asked once");
    assert!(mails[0].contains("my shop is on fire"));
    let timeline = house.timeline(contact).await;
    let has = |wanted: Outcome| {
        timeline
            .iter()
            .any(|e| matches!(e.fact, Fact::OfferEnded { outcome, .. } if outcome == wanted))
    };
    assert!(has(Outcome::Lapsed));
    assert_eq!(house.state(contact).await, ContactState::OnCallLine);
}

#[tokio::test(start_paused = true)]
async fn at_night_the_line_on_duty_is_asked_at_once() {
    let house = house(Arc::new(Memory::new()), monday()).await;
    house.open("is anybody there?").await;
    settle().await;
    assert_eq!(house.mail.rang().len(), 1);
    assert!(
        house.desks.rang().is_empty(),
        "nobody of whom nothing is known is rung"
    );
}

#[tokio::test(start_paused = true)]
async fn the_same_key_opens_and_says_once() {
    let house = house(Arc::new(Memory::new()), monday()).await;
    let (one, two) = (house.open("hello").await, house.open("hello").await);
    assert_eq!(one, two);
    let body = || Body::parse("still there?").unwrap();
    let say = |key: &str| {
        house
            .switchboard
            .say(one, Author::Customer, MessageKind::Text, id(key), body())
    };
    let (first, again, other) = (
        say("tab:2").await.unwrap(),
        say("tab:2").await.unwrap(),
        say("tab:3").await.unwrap(),
    );
    assert_eq!(first, again);
    assert_ne!(first, other);
    let said = house
        .timeline(one)
        .await
        .iter()
        .filter(|e| matches!(e.fact, Fact::Said { .. }))
        .count();
    assert_eq!(said, 3);
}

#[tokio::test(start_paused = true)]
async fn after_a_stop_the_next_switchboard_goes_on_and_rings_nobody_twice() {
    let store: Arc<dyn Store> = Arc::new(Memory::new());
    let first = house(store.clone(), monday()).await;
    first.sit_down("anna").await;
    let contact = first.open("hello").await;
    settle().await;
    assert_eq!(first.desks.rang().len(), 1);
    first.switchboard.stop().await.unwrap();

    let second = house(store, monday() + TimeDelta::seconds(5)).await;
    settle().await;
    assert!(
        second
            .desks
            .rang()
            .iter()
            .all(|rang| rang.contains("withdrawn")),
        "{:?}",
        second.desks.rang()
    );
    second.sit_down("bram").await;
    tokio::time::sleep(Duration::from_secs(120)).await;
    let timeline = second.timeline(contact).await;
    assert_eq!(
        timeline.iter().map(|e| e.number).collect::<Vec<_>>(),
        (1..=timeline.len() as u64).collect::<Vec<_>>()
    );
    let asked_again = second.desks.rang().iter().any(|rang| rang.contains("bram"));
    assert!(
        asked_again,
        "whoever sits down gets the contact that waits: {timeline:#?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_crash_loses_nothing_that_was_answered() {
    let store: Arc<dyn Store> = Arc::new(Memory::new());
    let first = house(store.clone(), monday()).await;
    first.sit_down("anna").await;
    let contact = first.open("hello").await;
    settle().await;
    let before = first.timeline(contact).await;
    drop(first); // the last handle is gone; the lease is not waited for under the same name

    let second = house(store, monday() + TimeDelta::seconds(40)).await;
    settle().await;
    let after = second.timeline(contact).await;
    assert_eq!(after[..before.len()], before[..]);
    assert!(second.state(contact).await.is_open());
}

#[tokio::test(start_paused = true)]
async fn urgency_reaches_the_calamity_way_out() {
    let house = house(Arc::new(Memory::new()), monday()).await;
    let contact = house.open("nothing works").await;
    let raised = house
        .switchboard
        .change_urgency(contact, Urgency::Calamity, Author::Customer, None)
        .await;
    raised.unwrap();
    let urgency = house
        .switchboard
        .contact(contact)
        .await
        .unwrap()
        .unwrap()
        .urgency;
    assert_eq!(urgency, Urgency::Calamity);
    let lowered = house
        .switchboard
        .change_urgency(contact, Urgency::Low, Author::Customer, None)
        .await;
    assert!(lowered.is_err(), "only a person lowers it");
}

#[tokio::test(start_paused = true)]
async fn a_changed_directory_is_in_force_at_once() {
    let house = house(Arc::new(Memory::new()), monday()).await;
    let mut draft = directory().draft().clone();
    draft.people.push(Person::new(id("cees"), "Cees"));
    draft.groups[0].members = vec![id("cees")];
    house
        .switchboard
        .replace_directory(draft.check().unwrap())
        .await
        .unwrap();
    house.sit_down("anna").await;
    house.sit_down("cees").await;
    house.open("hello").await;
    settle().await;
    assert!(house.desks.rang().iter().all(|rang| rang.contains("cees")));
    let cees: PersonId = id("cees");
    assert_eq!(house.switchboard.offers_to(&cees).len(), 1);
}

/// Mail that was sent on, as `address: words`.
fn forwarded(mail: &bereik_channel::Memory) -> Vec<String> {
    let outbox = mail
        .outbox()
        .into_iter()
        .filter_map(|dispatch| match dispatch {
            bereik_channel::Dispatch::Message(message) => {
                Some(format!("{}: {}", message.to.value(), message.body.as_str()))
            }
            _ => None,
        });
    outbox.collect()
}

#[tokio::test(start_paused = true)]
async fn words_reach_who_does_not_read_the_timeline() {
    let mail = Arc::new(bereik_channel::Memory::new(ChannelKind::Email));
    let switchboard = Switchboard::builder(directory())
        .with_channel(Arc::new(Desks::new(ChannelKind::WebChat)))
        .with_channel(mail.clone())
        .with_clock(Clock::starting_at(monday()))
        .start()
        .await
        .unwrap();
    let opening = Opening::new(id("tab:1"), Customer::default(), ChannelKind::WebChat);
    let body = |words: &str| Body::parse(words).unwrap();
    let opened = switchboard
        .open(opening, Some(body("the gate is shut")))
        .await
        .unwrap();
    let contact = opened.contact;
    settle().await;
    assert_eq!(
        forwarded(&mail),
        [""; 0],
        "the first words went with the alert"
    );

    let say = |author, key: &str, words: &str| {
        switchboard.say(contact, author, MessageKind::Text, id(key), body(words))
    };
    say(Author::Customer, "tab:2", "and it rains")
        .await
        .unwrap();
    settle().await;
    assert_eq!(forwarded(&mail), ["duty@example.org: and it rains"]);

    let named = Customer {
        name: "Jan".into(),
        addresses: vec![id("jan@example.org")],
        ..Customer::default()
    };
    switchboard.name_customer(contact, named).await.unwrap();
    assert_eq!(
        switchboard.find(&id("jan@example.org")).await.unwrap()[0].id,
        contact
    );
    assert_eq!(
        switchboard.claim(contact, id("anna")).await.unwrap(),
        Acceptance::Yours
    );
    say(Author::Person(id("anna")), "desk:1", "I see")
        .await
        .unwrap();
    switchboard.customer_gone(contact).await.unwrap();
    say(Author::Person(id("anna")), "desk:2", "it is open again")
        .await
        .unwrap();
    settle().await;
    let after = &forwarded(&mail)[1..];
    assert_eq!(
        after,
        ["jan@example.org: it is open again"],
        "while he is there he reads it himself"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_only_kept_has_reached_nobody_and_the_customer_hears_it() {
    let outbox = Arc::new(bereik_channel::Memory::holding(ChannelKind::Email));
    let switchboard = Switchboard::builder(directory())
        .with_channel(outbox.clone())
        .with_clock(Clock::starting_at(monday()))
        .start()
        .await
        .unwrap();
    let opening = Opening::new(id("tab:1"), Customer::default(), ChannelKind::WebChat);
    let contact = switchboard.open(opening, None).await.unwrap().contact;
    settle().await;
    assert_eq!(outbox.outbox().len(), 1, "the mail is there to be read");
    let timeline = switchboard.timeline(contact, 0).await.unwrap();
    let told = timeline.iter().any(|entry| {
        let failed = Acknowledgement::AlertFailed;
        matches!(&entry.fact, Fact::Acknowledged { acknowledgement } if *acknowledgement == failed)
    });
    assert!(told, "{timeline:#?}");
}
