//! Against a prosody, with slixmpp at the other end.

#[path = "xmpp/end.rs"]
mod end;
#[path = "xmpp/faults.rs"]
mod faults;
#[path = "xmpp/lost.rs"]
mod lost;
#[path = "xmpp/people.rs"]
mod people;
#[path = "xmpp/server.rs"]
mod server;
#[path = "xmpp/wire.rs"]
mod wire;
#[path = "xmpp/words.rs"]
mod words;

use std::time::Duration;

use async_trait::async_trait;
use bereik_channel::conformance::{self, Arrived, OtherEnd};
use bereik_channel::{Answer, Channel, Cursor, Event, EventKind, Inbound, Outbound};
use bereik_core::id::Key;
use bereik_core::message::Body;
use bereik_core::{Address, OfferId};
use bereik_xmpp::{Xmpp, XmppConfig};
use chrono::{DateTime, Utc};
use end::End;
use serde_json::Value;
use server::Prosody;
use tokio::time::timeout;

/// How long anything may take to arrive.
const PATIENCE: Duration = Duration::from_secs(60);

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).expect("an instant")
}

fn message(id: &str, to: &Address, text: &str) -> Outbound {
    let body = Body::parse(text).expect("words");
    Outbound::new(Key::parse(id).expect("a key"), to.clone(), body, at())
}

fn xmpp(config: XmppConfig) -> Xmpp {
    Xmpp::new(config).expect("a channel")
}

/// Reads on until something is there.
async fn find(xmpp: &Xmpp, cursor: &mut Cursor, is_it: impl Fn(&EventKind) -> bool) -> Event {
    let reading = async {
        loop {
            let batch = xmpp.receive(cursor.clone(), 1).await.unwrap_or_default();
            let Some(event) = batch.events.into_iter().next() else {
                continue;
            };
            *cursor = batch.cursor;
            if is_it(&event.kind) {
                return event;
            }
        }
    };
    timeout(PATIENCE, reading).await.expect("it comes in")
}

/// Everything up to a message with these words, without it.
async fn until_words(xmpp: &Xmpp, cursor: &mut Cursor, words: &str) -> Vec<EventKind> {
    let mut before = Vec::new();
    loop {
        let kind = find(xmpp, cursor, |_| true).await.kind;
        match kind {
            EventKind::Message(message) if message.body.as_str() == words => return before,
            kind => before.push(kind),
        }
    }
}

async fn inbound(xmpp: &Xmpp, cursor: &mut Cursor) -> Inbound {
    let event = find(xmpp, cursor, |kind| matches!(kind, EventKind::Message(_))).await;
    let EventKind::Message(message) = event.kind else {
        unreachable!("it was looked for")
    };
    message
}

struct Desk {
    xmpp: Xmpp,
    end: End,
    _prosody: Prosody,
}

#[async_trait]
impl OtherEnd for Desk {
    fn channel(&self) -> &dyn Channel {
        &self.xmpp
    }

    fn address(&self) -> Address {
        self.end.address()
    }

    async fn arrived(&self) -> Vec<Arrived> {
        let told = self.end.told("message").into_iter();
        let text = |told: Value| told["body"].as_str().expect("words").to_owned();
        told.map(|told| Arrived {
            subject: None,
            text: text(told),
        })
        .collect()
    }

    async fn write(&self, body: &Body) {
        self.end.say("u0", body.as_str()).await;
    }

    async fn answer(&self, offer: OfferId, answer: Answer) {
        let word = match answer {
            Answer::Accepted => "Yes",
            Answer::Declined => "no",
        };
        self.end.say("u0", &format!("{word} {offer}")).await;
    }
}

#[tokio::test]
#[ignore = "starts prosody and slixmpp, which cargo xtask test installs"]
async fn the_contract_holds() {
    let prosody = Prosody::start("").await;
    let (xmpp, end) = (xmpp(prosody.config("u0")), End::start(&prosody, "u1").await);
    let desk = Desk {
        xmpp,
        end,
        _prosody: prosody,
    };
    let tests = conformance::check(&desk, "xmpp", at()).await;
    let tests = tests.expect("a channel that keeps the contract");
    for test in [
        "a message arrives whole",
        "an answer comes in",
        "an older cursor brings it again",
        "evidence comes in",
    ] {
        assert!(tests.contains(&test), "{tests:?}");
    }
}
