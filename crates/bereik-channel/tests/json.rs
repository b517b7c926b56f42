//! Any other system as a channel: the contract against a system on loopback, and what may be wrong with what it posts.

#![cfg(feature = "http")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use bereik_channel::conformance::{self, Arrived, OtherEnd};
use bereik_channel::http::Http;
use bereik_channel::signature::{Secrets, sign_standard, verify_standard};
use bereik_channel::{
    Answer, Channel, Cursor, EventKind, Health, HookRequest, Inbox, Json, Webhook,
};
use bereik_core::message::Body;
use bereik_core::{Address, ChannelKind, OfferId};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).expect("an instant")
}

fn secrets() -> Secrets {
    Secrets::standard(SECRET).expect("a secret")
}

fn channel(url: &str) -> Json {
    let http = Http::new()
        .expect("a client")
        .with_answer_within(Duration::from_secs(2));
    let inbox = Inbox::new()
        .with_settle_for(Duration::ZERO)
        .with_poll_for(Duration::from_millis(200));
    Json::new(
        ChannelKind::Social,
        http,
        url,
        secrets(),
        Arc::new(inbox),
        at,
    )
}

/// What a system keeps: what it was told, by id.
type Told = Arc<Mutex<BTreeMap<String, Value>>>;

/// A system that does what the documentation of the channel asks of it.
struct System {
    channel: Json,
    told: Told,
    posted: Mutex<u32>,
}

async fn take(State(told): State<Told>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let named = (text("webhook-id"), text("webhook-timestamp"));
    if verify_standard(&secrets(), named, text("webhook-signature"), &body, at()).is_err() {
        return StatusCode::UNAUTHORIZED;
    }
    let value: Value = serde_json::from_slice(&body).expect("JSON");
    if value["to"] == "handle:forum/nobody" {
        return StatusCode::NOT_FOUND;
    }
    let id = named.0.expect("an id").to_owned();
    told.lock()
        .expect("nobody panics with it")
        .entry(id)
        .or_insert(value);
    StatusCode::NO_CONTENT
}

impl System {
    async fn start() -> Self {
        let told = Told::default();
        let router = Router::new()
            .route("/", post(take))
            .with_state(Arc::clone(&told));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let (channel, posted) = (channel(&url), Mutex::new(0));
        Self {
            channel,
            told,
            posted,
        }
    }

    async fn post(&self, value: Value) {
        let id = {
            let mut posted = self.posted.lock().expect("nobody panics with it");
            *posted += 1;
            format!("evt_{posted}")
        };
        assert_eq!(post_to(&self.channel, &id, &value.to_string()).await.0, 200);
    }
}

async fn post_to(channel: &Json, id: &str, body: &str) -> (u16, String) {
    let signature = sign_standard(&secrets(), id, at(), body.as_bytes());
    let timestamp = at().timestamp().to_string();
    let headers = [
        ("Webhook-Id", id),
        ("Webhook-Timestamp", &timestamp),
        ("Webhook-Signature", &signature),
    ];
    let request = HookRequest {
        at: at(),
        body: body.as_bytes(),
        headers: &headers,
        is_get: false,
        query: "",
    };
    let answer = channel.take(request).await;
    (answer.status, answer.body)
}

#[async_trait]
impl OtherEnd for System {
    fn channel(&self) -> &dyn Channel {
        &self.channel
    }

    fn address(&self) -> Address {
        "handle:forum/jan".parse().expect("an address")
    }

    fn unknown_address(&self) -> Option<Address> {
        "handle:forum/nobody".parse().ok()
    }

    async fn arrived(&self) -> Vec<Arrived> {
        let told = self.told.lock().expect("nobody panics with it");
        let text = |value: &Value| value["text"].as_str().map(str::to_owned);
        let arrived = told.values().filter_map(|value| {
            let subject = value["subject"].as_str().map(str::to_owned);
            text(value).map(|text| Arrived { subject, text })
        });
        arrived.collect()
    }

    async fn write(&self, body: &Body) {
        self.post(json!({"type": "message", "from": "handle:forum/jan", "text": body.as_str()}))
            .await;
    }

    async fn answer(&self, offer: OfferId, answer: Answer) {
        let key = format!("offer/{offer}");
        let is_there = self
            .told
            .lock()
            .expect("nobody panics with it")
            .contains_key(&key);
        assert!(is_there, "no offer {offer}");
        self.post(json!({"type": "answered", "offer": offer.to_string(), "answer": answer}))
            .await;
    }
}

#[tokio::test]
async fn the_contract_holds() {
    let system = System::start().await;
    let tests = conformance::check(&system, "json", at()).await;
    let tests = tests.expect("a channel that keeps the contract");
    for test in [
        "an answer comes in",
        "the same message twice arrives once",
        "an unknown address is refused",
    ] {
        assert!(tests.contains(&test), "{tests:?}");
    }
}

#[tokio::test]
async fn a_system_that_is_not_there_is_down() {
    let health = channel("http://127.0.0.1:9/").probe().await;
    assert_eq!(health, Health::Down { retry_after: None });
}

#[tokio::test]
async fn what_is_wrong_with_a_post_is_said_without_repeating_it() {
    let channel = channel("http://127.0.0.1:9/");
    let cases = [
        ("{", "the body is not JSON"),
        ("{}", "type is none of answered, delivery, message, typing"),
        (
            r#"{"type":"party"}"#,
            "type is none of answered, delivery, message, typing",
        ),
        (
            r#"{"type":"message","from":"jan","text":"secret"}"#,
            "a field of this type is missing or not in its form",
        ),
        (
            r#"{"type":"message","from":"handle:forum/jan","text":"  "}"#,
            "text is empty",
        ),
        (
            r#"{"type":"answered","offer":"O3","answer":"perhaps"}"#,
            "a field of this type is missing or not in its form",
        ),
    ];
    for (body, why) in cases {
        assert_eq!(
            post_to(&channel, "evt_1", body).await,
            (400, why.to_owned()),
            "{body}"
        );
    }
    assert_eq!(post_to(&channel, "evt 1", "{}").await.0, 400);
    let request = HookRequest {
        at: at() + TimeDelta::minutes(6),
        body: b"{}",
        headers: &[],
        is_get: false,
        query: "",
    };
    assert_eq!(channel.take(request).await.status, 401);
}

#[tokio::test]
async fn everything_that_the_documentation_names_comes_in() {
    let channel = channel("http://127.0.0.1:9/");
    let long = "w".repeat(Body::BYTES_MAX + 1);
    let told = [
        json!({"type": "message", "from": "jan@example.org", "text": long, "at": "2026-11-17T10:00:00Z", "name": "Jan\r\nBcc: x", "subject": "Hi", "automatic": true, "answers": ["M1"]}),
        json!({"type": "answered", "offer": "O3", "answer": "declined", "by": "anna", "from": "tel:+31612345678"}),
        json!({"type": "delivery", "of": "message/M1", "evidence": "read"}),
        json!({"type": "typing", "from": "handle:forum/jan"}),
    ];
    for (value, number) in told.iter().zip(1..) {
        let id = format!("evt_{number}");
        assert_eq!(
            post_to(&channel, &id, &value.to_string()).await,
            (200, String::new())
        );
    }
    let batch = channel.receive(Cursor::START, 10).await.expect("events");
    let ids: Vec<&str> = batch.events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(ids, ["evt_1", "evt_1:2", "evt_2", "evt_3", "evt_4"]);
    let EventKind::Message(inbound) = &batch.events[0].kind else {
        panic!("{:?}", batch.events[0])
    };
    assert_eq!(
        inbound.from_name.as_ref().map(|name| name.as_str()),
        Some("Jan Bcc: x")
    );
    assert!(inbound.is_automatic && inbound.subject.is_some() && inbound.answers.len() == 1);
}
