//! Holds what the README of the web chat promises of its company: at which hour, from which page, who
//! is asked.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bereik::channel::{Dispatch, Memory};
use bereik::core::contact::Customer;
use bereik::core::explanation::ExcludedBy;
use bereik::core::offer::Offered;
use bereik::core::signal::SignalKind;
use bereik::core::{Acknowledgement, ChannelKind, ContactId, Fact, Signal, Urgency};
use bereik::feed::{calendar_files, read_calendars, read_directory};
use bereik::routing::Opening;
use bereik::switchboard::{Clock, Switchboard};
use chrono::{DateTime, TimeDelta, Utc};

/// The company at an instant, with its real agendas, everybody at the desk.
struct Company {
    switchboard: Switchboard,
    mail: Arc<Memory>,
}

impl Company {
    async fn at(instant: &str) -> Self {
        let now: DateTime<Utc> = instant.parse().unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("webchat");
        let directory = read_directory(&folder.join("directory.toml")).unwrap();
        let mail = Arc::new(Memory::new(ChannelKind::Email));
        let switchboard = Switchboard::builder(directory.clone())
            .with_channel(Arc::new(Memory::new(ChannelKind::WebChat)))
            .with_channel(mail.clone())
            .with_clock(Clock::starting_at(now))
            .start()
            .await
            .unwrap();
        for update in read_calendars(&calendar_files(&directory, &folder), now) {
            let kind = SignalKind::Online(ChannelKind::WebChat);
            let (at, expires_at) = (now, now + TimeDelta::hours(9));
            let signal = Signal {
                kind,
                source: "desk".into(),
                at,
                expires_at,
            };
            switchboard
                .signal(update.person.clone(), signal)
                .await
                .unwrap();
            switchboard
                .update_calendar(update.person, update.free_busy)
                .await
                .unwrap();
        }
        Self { switchboard, mail }
    }

    /// Opens a contact from this page, and gives it a second.
    async fn open(&self, page: &str) -> ContactId {
        let key = "tab-1:1".parse().unwrap();
        let opening = Opening::new(key, Customer::default(), ChannelKind::WebChat).from_page(page);
        let contact = self.switchboard.open(opening, None).await.unwrap().contact;
        tokio::time::sleep(Duration::from_secs(1)).await;
        contact
    }

    async fn facts(&self, contact: ContactId) -> Vec<Fact> {
        let timeline = self.switchboard.timeline(contact, 0).await.unwrap();
        timeline.into_iter().map(|entry| entry.fact).collect()
    }

    /// Who was offered it so far.
    async fn offered(&self, contact: ContactId) -> BTreeSet<String> {
        let to = |fact: &Fact| match fact {
            Fact::Offered { offer } => match &offer.to {
                Offered::Line(line) => Some(line.to_string()),
                Offered::Person(person) => Some(person.to_string()),
            },
            _ => None,
        };
        self.facts(contact).await.iter().filter_map(to).collect()
    }

    /// Who could be asked: the chosen, and whoever only comes after.
    async fn eligible(&self, contact: ContactId) -> BTreeSet<String> {
        let facts = self.facts(contact).await;
        let chosen = facts.iter().find_map(|fact| match fact {
            Fact::Chosen { explanation } => Some(explanation),
            _ => None,
        });
        let explanation = chosen.unwrap();
        let after = explanation.excluded.iter();
        let after = after.filter(|(_, rule)| matches!(rule, ExcludedBy::OtherFirst(_)));
        let everybody = explanation
            .chosen
            .iter()
            .chain(after.map(|(person, _)| person));
        everybody.map(ToString::to_string).collect()
    }
}

fn set(people: &[&str]) -> BTreeSet<String> {
    people.iter().map(|id| (*id).to_owned()).collect()
}

/// At this instant a question from this page could go to these people.
async fn asks(instant: &str, page: &str, people: &[&str]) {
    let company = Company::at(instant).await;
    let contact = company.open(page).await;
    assert_eq!(
        company.eligible(contact).await,
        set(people),
        "{instant} {page}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_helpdesk_through_the_day() {
    let monday = |time: &str| format!("2026-11-23T{time}:00+01:00");
    asks(
        &monday("09:10"),
        "/",
        &["anna", "bram", "ceren", "femke", "joao"],
    )
    .await;
    asks(&monday("11:05"), "/", &["daan", "femke", "joao"]).await;
    asks(&monday("12:40"), "/", &["bram"]).await;
    asks(&monday("17:45"), "/", &["bram", "joao"]).await;
    asks("2026-11-28T10:00:00+01:00", "/", &["bram"]).await;
}

#[tokio::test(start_paused = true)]
async fn pages_need_skills() {
    let monday = "2026-11-23T09:10:00+01:00";
    asks(monday, "/shop/e-bikes/mira-2", &["bram"]).await;
    asks(monday, "/shop", &["anna", "bram", "ceren", "femke", "joao"]).await;
    asks(monday, "/shop/saddles", &["ceren", "joao"]).await;
    asks(monday, "/invoices", &["femke"]).await;
    asks(monday, "/de/hilfe", &["anna", "ceren"]).await;
}

#[tokio::test(start_paused = true)]
async fn the_workshop_rings_everybody_at_once() {
    let company = Company::at("2026-11-23T10:10:00+01:00").await;
    let contact = company.open("/shop/e-bikes/mira-2").await;
    assert_eq!(company.offered(contact).await, set(&["bram", "daan"]));
}

#[tokio::test(start_paused = true)]
async fn checking_out_is_urgent() {
    let company = Company::at("2026-11-23T09:10:00+01:00").await;
    let contact = company.open("/shop/basket/checkout").await;
    let contact = company.switchboard.contact(contact).await.unwrap().unwrap();
    assert_eq!(contact.urgency, Urgency::High);
}

#[tokio::test(start_paused = true)]
async fn at_night_dispatch_is_there_and_the_helpdesk_tells_when_it_is_back() {
    let company = Company::at("2026-11-24T02:00:00+01:00").await;
    let contact = company.open("/deliveries/tonight").await;
    assert_eq!(company.offered(contact).await, set(&["gijs"]));

    let company = Company::at("2026-11-24T02:00:00+01:00").await;
    let contact = company.open("/").await;
    assert_eq!(company.offered(contact).await, set(&["on-call-mail"]));
    assert_eq!(company.mail.outbox().len(), 1);
    let morning: DateTime<Utc> = "2026-11-24T08:30:00+01:00".parse().unwrap();
    let told = Acknowledgement::NobodyReachable {
        back_at: Some(morning),
    };
    let facts = company.facts(contact).await;
    assert!(
        facts.contains(&Fact::Acknowledged {
            acknowledgement: told
        }),
        "{facts:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_calamity_at_night_alerts_its_line_at_once() {
    let company = Company::at("2026-11-24T02:00:00+01:00").await;
    let contact = company.open("/status/web-shop").await;
    let mailed = company.mail.outbox();
    let is_to = |dispatch: &Dispatch| matches!(dispatch, Dispatch::Alert(alert) if alert.subject.as_str().starts_with("Calamity"));
    assert!(mailed.iter().any(is_to));
    assert!(company.offered(contact).await.contains("calamity-mail"));
    let told = Fact::Acknowledged {
        acknowledgement: Acknowledgement::CalamityRaised,
    };
    assert!(company.facts(contact).await.contains(&told));
}

#[tokio::test(start_paused = true)]
async fn at_christmas_the_first_opening_is_named() {
    let company = Company::at("2026-12-25T10:00:00+01:00").await;
    let contact = company.open("/").await;
    let opening: DateTime<Utc> = "2026-12-28T08:30:00+01:00".parse().unwrap();
    let told = Acknowledgement::NobodyReachable {
        back_at: Some(opening),
    };
    let facts = company.facts(contact).await;
    assert!(
        facts.contains(&Fact::Acknowledged {
            acknowledgement: told
        }),
        "{facts:?}"
    );
}
