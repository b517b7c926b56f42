//! Several channels of a kind, each with a line of its own: what came in over one is answered over it, an
//! offer goes on to somebody's next line, and each line can be tried.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::sync::Arc;
use std::time::Duration;

use bereik_channel::{
    Capability, Channel as _, ChannelError, Dispatch, ErrorKind, EventKind, Evidence, Feature,
    Health, Inbound, Initiative, Memory as Wire, Scope,
};
use bereik_core::contact::{ContactSummary, Customer};
use bereik_core::directory::{Directory, Draft};
use bereik_core::free_busy::FreeBusy;
use bereik_core::group::Group;
use bereik_core::interval::Interval;
use bereik_core::line::Line;
use bereik_core::message::{Author, Body, MessageKind};
use bereik_core::page::PageRule;
use bereik_core::reachability::{Reach, ReachReason};
use bereik_core::signal::{Signal, SignalKind};
use bereik_core::{ChannelKind, Person, Urgency, Zone};
use bereik_routing::Opening;
use bereik_switchboard::{Clock, Switchboard, TestOutcome};
use chrono::{DateTime, TimeDelta, Utc};

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn monday() -> DateTime<Utc> {
    id("2026-11-23T09:00:00Z")
}

fn ours(name: &str, channel: ChannelKind, address: &str) -> Line {
    Line::new(id(name), channel, id(address))
}

/// Two mailboxes, each for a group of its own, and two numbers for short messages. Anna has a line over
/// each number, Bram over the first alone.
fn directory() -> Directory {
    let person = |name: &str, numbers: &[&str]| {
        let mut person = Person::new(id(name), name);
        let lines = numbers.iter().map(|number| {
            let line = ours(
                &format!("{name}-{number}"),
                ChannelKind::Social,
                "tel:+31611111111",
            );
            line.via(id(number))
        });
        person.lines.extend(lines);
        person
    };
    let rule = |line: &str, group: &str, urgency| PageRule {
        pattern: format!("line:{line}"),
        group: Some(id(group)),
        requires: Vec::new(),
        urgency,
        need: None,
    };
    let mut draft = Draft::new("Rivers & Co", Zone::utc())
        .with_person(person("anna", &["red", "blue"]))
        .with_person(person("bram", &["red"]))
        .with_group(Group::new(id("sales"), "Sales", vec![id("anna")]))
        .with_group(Group::new(id("help"), "Help", vec![id("bram")]));
    draft.lines = vec![
        ours("sales-mail", ChannelKind::Email, "sales@rivers.example"),
        ours("help-mail", ChannelKind::Email, "help@rivers.example"),
        ours("red", ChannelKind::Social, "tel:+31200000001"),
        ours("blue", ChannelKind::Social, "tel:+31200000002"),
    ];
    draft.pages = vec![
        rule("sales-mail", "sales", Urgency::Normal),
        rule("help-mail", "help", Urgency::High),
        rule("red", "sales", Urgency::Normal),
        rule("blue", "sales", Urgency::Normal),
    ];
    draft.check().unwrap()
}

struct House {
    switchboard: Switchboard,
    sales: Arc<Wire>,
    help: Arc<Wire>,
    red: Arc<Wire>,
    blue: Arc<Wire>,
}

impl House {
    async fn new() -> Self {
        let wire = |kind| Arc::new(Wire::new(kind));
        let (sales, help) = (wire(ChannelKind::Email), wire(ChannelKind::Email));
        let (red, blue) = (wire(ChannelKind::Social), wire(ChannelKind::Social));
        let switchboard = Switchboard::builder(directory())
            .with_line(id("sales-mail"), sales.clone())
            .with_line(id("help-mail"), help.clone())
            .with_line(id("red"), red.clone())
            .with_line(id("blue"), blue.clone())
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
                kind: SignalKind::Online(ChannelKind::Social),
                source: "presence".into(),
                at: monday(),
                expires_at: monday() + TimeDelta::hours(9),
            };
            switchboard.signal(id(person), signal).await.unwrap();
        }
        Self {
            switchboard,
            sales,
            help,
            red,
            blue,
        }
    }

    /// Every contact of whoever has this address, the oldest first.
    async fn contacts(&self, address: &str) -> Vec<ContactSummary> {
        self.switchboard.find(&id(address)).await.unwrap()
    }

    async fn reach(&self, person: &str) -> (Reach, ReachReason) {
        let reachability = self.switchboard.presence(&id(person)).1[ChannelKind::Social];
        (reachability.reach, reachability.reason)
    }

    async fn open_for_sales(&self) {
        let opening = Opening::new(id("wa/1"), Customer::default(), ChannelKind::Social);
        let opening = opening.for_addressee(bereik_core::contact::Addressee::Group(id("sales")));
        self.switchboard.open(opening, None).await.unwrap();
        settle().await;
    }
}

async fn settle() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

fn message(from: &str, text: &str) -> EventKind {
    EventKind::Message(Inbound::new(id(from), Body::parse(text).unwrap()))
}

fn messages(wire: &Wire) -> usize {
    let is_message = |dispatch: &Dispatch| matches!(dispatch, Dispatch::Message(_));
    wire.outbox().iter().filter(|one| is_message(one)).count()
}

fn alerts(wire: &Wire) -> usize {
    let is_alert = |dispatch: &Dispatch| matches!(dispatch, Dispatch::Alert(_));
    wire.outbox().iter().filter(|one| is_alert(one)).count()
}

/// The first events of two accounts have the same id.
#[tokio::test(start_paused = true)]
async fn what_is_written_to_a_mailbox_goes_to_its_group_and_is_answered_from_it() {
    let house = House::new().await;
    house
        .sales
        .bring(message("jan@example.org", "I want a boat"));
    house
        .help
        .bring(message("jan@example.org", "My boat leaks"));
    settle().await;
    let contacts = house.contacts("jan@example.org").await;
    let mut seen: Vec<_> = contacts
        .iter()
        .map(|contact| {
            (
                contact.line_of(ChannelKind::Email).unwrap().as_str(),
                contact.urgency,
            )
        })
        .collect();
    seen.sort_unstable();
    assert_eq!(
        seen,
        [
            ("help-mail", Urgency::High),
            ("sales-mail", Urgency::Normal)
        ]
    );
    assert_eq!(
        (messages(&house.sales), messages(&house.help)),
        (1, 1),
        "each is acknowledged from its own mailbox"
    );
}

#[tokio::test(start_paused = true)]
async fn who_goes_on_over_another_number_is_answered_over_it() {
    let house = House::new().await;
    house.red.bring(message("tel:+31622222222", "Hello"));
    settle().await;
    let [contact] = &house.contacts("tel:+31622222222").await[..] else {
        panic!("one contact")
    };
    let say = async |key: &str| {
        let said = house.switchboard.say(
            contact.id,
            Author::Person(id("anna")),
            MessageKind::Text,
            id(key),
            Body::parse("Good morning").unwrap(),
        );
        said.await.unwrap();
        settle().await;
    };
    house
        .switchboard
        .claim(contact.id, id("anna"))
        .await
        .unwrap();
    settle().await;
    let (red, blue) = (messages(&house.red), messages(&house.blue));
    say("desk:1").await;
    assert_eq!(
        (messages(&house.red), messages(&house.blue)),
        (red + 1, blue)
    );
    house
        .blue
        .bring(message("tel:+31622222222", "I am on my other number now"));
    settle().await;
    assert_eq!(
        house.contacts("tel:+31622222222").await.len(),
        1,
        "it joins"
    );
    let (red, blue) = (messages(&house.red), messages(&house.blue));
    say("desk:2").await;
    assert_eq!(
        (messages(&house.red), messages(&house.blue)),
        (red, blue + 1)
    );
    house.red.bring(message("tel:+31622222222", "And back"));
    settle().await;
    let (red, blue) = (messages(&house.red), messages(&house.blue));
    say("desk:3").await;
    assert_eq!(
        (messages(&house.red), messages(&house.blue)),
        (red + 1, blue)
    );
}

#[tokio::test(start_paused = true)]
async fn an_offer_goes_on_to_the_next_line_of_the_person_when_the_first_surely_failed() {
    let house = House::new().await;
    house.red.fail_next(ChannelError::unavailable());
    house.open_for_sales().await;
    assert_eq!((alerts(&house.red), alerts(&house.blue)), (0, 1));

    let house = House::new().await;
    house
        .red
        .fail_next(ChannelError::new(ErrorKind::TimedOut, Scope::Channel).maybe_sent());
    house.open_for_sales().await;
    assert_eq!(alerts(&house.blue), 0, "it may ring already");
}

#[tokio::test(start_paused = true)]
async fn one_line_that_is_down_takes_away_only_who_has_no_other() {
    let house = House::new().await;
    settle().await;
    assert_eq!(house.reach("anna").await.0, Reach::Now);
    house.red.become_health(Health::Down { retry_after: None });
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert_eq!(house.reach("anna").await.0, Reach::Now);
    assert_eq!(
        house.reach("bram").await,
        (Reach::Never, ReachReason::ChannelDown)
    );
    house.open_for_sales().await;
    assert_eq!((alerts(&house.red), alerts(&house.blue)), (0, 1));
    let lines = house.switchboard.lines_of(&id("anna"));
    let works: Vec<_> = lines
        .iter()
        .map(|line| (line.line.as_str(), line.works()))
        .collect();
    assert_eq!(works, [("anna-red", false), ("anna-blue", true)]);
    house.red.become_health(Health::Up);
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert_eq!(house.reach("bram").await.0, Reach::Now);
}

#[tokio::test(start_paused = true)]
async fn a_test_message_tells_how_far_a_line_leads() {
    let house = House::new().await;
    let tested = house.switchboard.test_line(&id("anna-red")).await.unwrap();
    assert_eq!(tested.outcome, TestOutcome::Reached(Evidence::Taken));
    settle().await;
    let of = |place: usize| house.switchboard.lines_of(&id("anna"))[place].tested;
    assert_eq!(
        of(0).unwrap().outcome,
        TestOutcome::Reached(Evidence::Delivered),
        "the channel brought it"
    );
    assert_eq!(of(1), None);
    let Some(Dispatch::Message(sent)) = house.red.outbox().pop() else {
        panic!("a message")
    };
    house.red.bring(EventKind::Delivery {
        of: sent.id.clone(),
        evidence: Evidence::Read,
    });
    settle().await;
    assert_eq!(of(0).unwrap().outcome, TestOutcome::Reached(Evidence::Read));
    house.red.bring(EventKind::Delivery {
        of: sent.id,
        evidence: Evidence::None,
    });
    settle().await;
    assert_eq!(of(0).unwrap().outcome, TestOutcome::Reached(Evidence::Read));

    house
        .blue
        .fail_next(ChannelError::new(ErrorKind::Credentials, Scope::Channel));
    let tested = house.switchboard.test_line(&id("anna-blue")).await.unwrap();
    assert_eq!(tested.outcome, TestOutcome::Failed(ErrorKind::Credentials));
    assert!(house.switchboard.test_line(&id("nobody")).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn what_came_in_over_a_channel_that_only_brings_is_answered_over_another() {
    let only_brings = Capability::new(Evidence::None)
        .with(&[Feature::Receive])
        .with_initiative(Initiative::Never);
    let form = Arc::new(Wire::with_capability(ChannelKind::Email, only_brings));
    let mail = Arc::new(Wire::new(ChannelKind::Email));
    let switchboard = Switchboard::builder(directory())
        .with_line(id("help-mail"), form.clone())
        .with_channel(mail.clone())
        .with_clock(Clock::starting_at(monday()))
        .start()
        .await
        .unwrap();
    form.bring(message("jan@example.org", "My boat leaks"));
    settle().await;
    assert_eq!(switchboard.open_contacts().await.unwrap().len(), 1);
    assert_eq!(
        (messages(&form), messages(&mail)),
        (0, 1),
        "he is acknowledged by mail"
    );
}

#[tokio::test(start_paused = true)]
async fn a_line_is_tried_whatever_the_company_is_called() {
    let mut draft = directory().draft().clone();
    draft.name = "Rivers\n".repeat(2_000);
    let wire = Arc::new(Wire::new(ChannelKind::Social));
    let switchboard = Switchboard::builder(draft.check().unwrap())
        .with_line(id("red"), wire)
        .start()
        .await
        .unwrap();
    let tested = switchboard.test_line(&id("anna-red")).await.unwrap();
    assert_eq!(tested.outcome, TestOutcome::Reached(Evidence::Taken));
}

/// A bell carries offers alone.
#[derive(Debug)]
struct Bell(Capability);

#[async_trait::async_trait]
impl bereik_channel::Channel for Bell {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Social
    }
    fn capability(&self) -> &Capability {
        &self.0
    }
    async fn send(
        &self,
        _: &bereik_channel::Outbound,
    ) -> Result<bereik_channel::Receipt, ChannelError> {
        Err(ChannelError::unsupported())
    }
    async fn probe(&self) -> Health {
        Health::Up
    }
}

#[tokio::test(start_paused = true)]
async fn a_line_that_only_rings_or_leads_nowhere_is_not_tried() {
    let bell = Bell(Capability::new(Evidence::Taken).with(&[Feature::Offer]));
    assert!(bell.carries(&id("tel:+31611111111")));
    let switchboard = Switchboard::builder(directory())
        .with_line(id("red"), Arc::new(bell))
        .with_clock(Clock::starting_at(monday()))
        .start()
        .await
        .unwrap();
    let failed = Some(TestOutcome::Failed(ErrorKind::Unsupported));
    for (line, is_served) in [("anna-red", true), ("anna-blue", false)] {
        let tested = switchboard.test_line(&id(line)).await;
        assert_eq!(tested.map(|tested| tested.outcome), failed);
        let lines = switchboard.lines_of(&id("anna"));
        let state = lines.iter().find(|state| state.line == id(line)).unwrap();
        assert_eq!(state.is_served, is_served, "{line}");
    }
}
