//! What channels bring: buttons that were pressed, alerts that came back, messages while the store is away.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::sync::Arc;
use std::time::Duration;

use bereik_channel::{
    Alert, Answer, Dispatch, EventKind, Evidence, Health, Inbound, Memory as Wire,
};
use bereik_core::contact::{ContactState, Customer};
use bereik_core::directory::{Directory, Draft};
use bereik_core::free_busy::FreeBusy;
use bereik_core::group::Group;
use bereik_core::interval::Interval;
use bereik_core::line::Line;
use bereik_core::message::Body;
use bereik_core::offer::Outcome;
use bereik_core::presence::PresenceState;
use bereik_core::reachability::{Reach, ReachReason};
use bereik_core::signal::{Signal, SignalKind};
use bereik_core::{ChannelKind, ContactId, Fact, Person, Zone};
use bereik_routing::Opening;
use bereik_switchboard::{Clock, Switchboard};
use chrono::{DateTime, TimeDelta, Utc};

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn monday() -> DateTime<Utc> {
    id("2026-11-23T09:00:00Z")
}

/// Two people with a handle of a chat network each, on a line by which they are asked.
fn directory() -> Directory {
    let person = |name: &str, handle: &str| {
        let mut person = Person::new(id(name), name);
        let line = format!("{name}-chat");
        person
            .lines
            .push(Line::new(id(&line), ChannelKind::Chat, id(handle)));
        person
    };
    Draft::new("Rivers & Co", Zone::utc())
        .with_person(person("anna", "handle:slack/U1"))
        .with_person(person("bram", "handle:slack/U2"))
        .with_group(Group::new(
            id("helpdesk"),
            "Helpdesk",
            vec![id("anna"), id("bram")],
        ))
        .check()
        .unwrap()
}

struct House {
    switchboard: Switchboard,
    wire: Arc<Wire>,
}

impl House {
    async fn new() -> Self {
        let wire = Arc::new(Wire::new(ChannelKind::Chat));
        let switchboard = Switchboard::builder(directory())
            .with_channel(wire.clone())
            .with_clock(Clock::starting_at(monday()))
            .start()
            .await
            .unwrap();
        for person in ["anna", "bram"] {
            let known = Interval::new(monday() - TimeDelta::days(1), monday() + TimeDelta::days(2));
            let agenda = FreeBusy::builder(known.unwrap()).build();
            switchboard
                .update_calendar(id(person), agenda)
                .await
                .unwrap();
            let signal = Signal {
                kind: SignalKind::Online(ChannelKind::Chat),
                source: "presence".into(),
                at: monday(),
                expires_at: monday() + TimeDelta::hours(9),
            };
            switchboard.signal(id(person), signal).await.unwrap();
        }
        Self { switchboard, wire }
    }

    async fn open(&self) -> ContactId {
        let mut customer = Customer::default();
        customer.addresses.push(id("handle:slack/C9"));
        let opening = Opening::new(id("message/1"), customer, ChannelKind::Chat);
        let contact = self.switchboard.open(opening, None).await.unwrap().contact;
        settle().await;
        contact
    }

    fn alerts(&self) -> Vec<Alert> {
        let outbox = self.wire.outbox().into_iter();
        outbox
            .filter_map(|dispatch| match dispatch {
                Dispatch::Alert(alert) => Some(alert),
                _ => None,
            })
            .collect()
    }

    async fn state(&self, contact: ContactId) -> ContactState {
        self.switchboard
            .contact(contact)
            .await
            .unwrap()
            .unwrap()
            .state
    }

    async fn participants(&self, contact: ContactId) -> Vec<String> {
        let contact = self.switchboard.contact(contact).await.unwrap().unwrap();
        contact
            .participants
            .iter()
            .map(ToString::to_string)
            .collect()
    }
}

async fn settle() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

#[tokio::test(start_paused = true)]
async fn whoever_presses_the_button_of_his_alert_has_the_contact() {
    let house = House::new().await;
    let contact = house.open().await;
    let [alert] = &house.alerts()[..] else {
        panic!("{:?}", house.alerts())
    };
    house.wire.answer(alert.offer.id, Answer::Accepted);
    settle().await;
    assert_eq!(house.state(contact).await, ContactState::Active);
    assert_eq!(house.participants(contact).await, ["anna"]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_his_from_whose_address_it_came() {
    let house = House::new().await;
    let contact = house.open().await;
    let offer = house.alerts()[0].offer.id;
    let (answer, by) = (Answer::Accepted, None);
    let from = Some(id("handle:slack/U2"));
    house.wire.bring(EventKind::Answered {
        offer,
        answer,
        by,
        from,
    });
    settle().await;
    assert_eq!(
        house.state(contact).await,
        ContactState::Offering,
        "it is not his offer"
    );
    let from = Some(id("handle:slack/U1"));
    house.wire.bring(EventKind::Answered {
        offer,
        answer,
        by: None,
        from,
    });
    settle().await;
    assert_eq!(house.participants(contact).await, ["anna"]);
}

/// One probe that fails takes nobody away; two in a row do, until the next that does not.
#[tokio::test(start_paused = true)]
async fn nobody_is_reachable_over_a_channel_that_is_down_and_everybody_is_when_it_is_back() {
    let house = House::new().await;
    let reach = || house.switchboard.presence(&id("anna")).1[ChannelKind::Chat];
    settle().await;
    assert_eq!(reach().reach, Reach::Now);
    let minutes = async |minutes: u64| tokio::time::sleep(Duration::from_secs(60 * minutes)).await;
    house.wire.become_health(Health::Down { retry_after: None });
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert_eq!(reach().reach, Reach::Now, "one probe");
    minutes(1).await;
    assert_eq!(
        (reach().reach, reach().reason),
        (Reach::Never, ReachReason::ChannelDown)
    );
    let contact = house.open().await;
    assert!(house.alerts().is_empty(), "nobody is rung over it");
    house.wire.become_health(Health::Up);
    minutes(1).await;
    assert_eq!(reach().reach, Reach::Now);
    assert!(
        !house.alerts().is_empty(),
        "{contact} waited, and is offered"
    );
    house.wire.become_health(Health::NeedsCredentials);
    minutes(2).await;
    assert_eq!(reach().reason, ReachReason::ChannelDown);
}

#[tokio::test(start_paused = true)]
async fn whom_a_channel_sees_is_there_until_it_sees_him_no_longer() {
    let house = House::new().await;
    let state = || house.switchboard.presence(&id("anna")).0.state;
    let sees = async |state| {
        let of = id("handle:slack/U1");
        house.wire.bring(EventKind::Presence { of, state });
        settle().await;
    };
    settle().await;
    let unseen = state();
    sees(PresenceState::DoNotDisturb).await;
    assert_eq!(state(), PresenceState::DoNotDisturb);
    sees(PresenceState::Idle).await;
    assert_eq!(state(), PresenceState::Idle, "what it said before is over");
    sees(PresenceState::Unknown).await;
    assert_eq!(state(), unseen);
    sees(PresenceState::Busy).await;
    assert_eq!(state(), PresenceState::Busy);
    house.wire.become_health(Health::Down { retry_after: None });
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert_eq!(state(), unseen, "it would not tell us that he left");
}

#[tokio::test(start_paused = true)]
async fn whoever_lets_a_machine_answer_counts_as_away_for_a_day() {
    let house = House::new().await;
    let reach = || house.switchboard.presence(&id("anna")).1[ChannelKind::Chat].reach;
    settle().await;
    assert_eq!(reach(), Reach::Now);
    let mut reply = Inbound::new(
        id("handle:slack/U1"),
        Body::parse("I am on holiday").unwrap(),
    );
    reply.is_automatic = true;
    house.wire.bring(EventKind::Message(reply.clone()));
    settle().await;
    assert_eq!(reach(), Reach::Now, "a newsletter says nothing of him");
    reply.is_automatic_reply = true;
    house.wire.bring(EventKind::Message(reply));
    settle().await;
    assert_ne!(reach(), Reach::Now);
    let open = house.switchboard.open_contacts().await.unwrap();
    assert!(open.is_empty(), "a machine opens no contact");
}

#[tokio::test(start_paused = true)]
async fn an_alert_that_came_back_goes_on_to_the_next() {
    let house = House::new().await;
    let contact = house.open().await;
    let alert = house.alerts()[0].clone();
    house.wire.bring(EventKind::Delivery {
        of: alert.key(),
        evidence: Evidence::None,
    });
    settle().await;
    let timeline = house.switchboard.timeline(contact, 0).await.unwrap();
    let has_failed = timeline.iter().any(|entry| {
        matches!(&entry.fact, Fact::OfferEnded { offer, outcome: Outcome::Failed } if *offer == alert.offer.id)
    });
    assert!(has_failed, "{timeline:#?}");
    let next = house.alerts()[1].clone();
    assert_ne!(next.to, alert.to);
}
