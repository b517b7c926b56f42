//! Bluesky on a bad day: sessions that expire, and what its servers say when they do not do what they are asked. What they do
//! on a good one is in `slow_bluesky.rs`.

#[path = "../../bereik-channel/tests/providers/fault.rs"]
mod fault;
#[path = "../../bereik-channel/tests/providers/words.rs"]
mod words;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use bereik_channel::http::Http;
use bereik_channel::{Channel, Cursor, ErrorKind, Event, EventKind, Health, Retry, Scope, Sent};
use bereik_social::Bluesky;
use fault::Fault;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use words::message;

fn desk(server: &str) -> Bluesky {
    let http = Http::new().expect("a client");
    let http = http.with_answer_within(Duration::from_secs(2));
    let desk = Bluesky::new(http, "desk.test", "a-secret-password");
    desk.with_server(server).with_poll_for(Duration::ZERO)
}

/// A server that lets everybody in, whose tokens are good for one sort of them only, and that answers to a record as it is told.
struct Moody {
    task: JoinHandle<()>,
    url: String,
    mood: Arc<Mood>,
}

#[derive(Default)]
struct Mood {
    /// Tokens of so many sessions have expired.
    expired: AtomicUsize,
    /// How often somebody signed in, or went on with a new token.
    sign_ins: AtomicUsize,
    refreshes: AtomicUsize,
    refuses_refresh: bool,
    puts: AtomicUsize,
    /// What is said to a record, in place of taking it.
    says: Option<(u16, Value)>,
    /// How many notifications there are.
    notifications: usize,
}

impl Moody {
    async fn start(mood: Mood) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let mood = Arc::new(mood);
        let app = Router::new().fallback(answer).with_state(Arc::clone(&mood));
        let task = tokio::spawn(async move {
            axum::serve(listener, app).await.expect("it serves");
        });
        Self { task, url, mood }
    }
}

impl Drop for Moody {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(mood): State<Arc<Mood>>, uri: Uri, headers: HeaderMap) -> Response {
    let session = |number: usize| {
        let (access, refresh) = (format!("a{number}"), format!("r{number}"));
        json!({"did": "did:plc:desk", "accessJwt": access, "refreshJwt": refresh})
    };
    let token = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok());
    let token = token
        .and_then(|token| token.strip_prefix("Bearer "))
        .unwrap_or_default();
    let number: usize = token
        .get(1..)
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0);
    let says = |status: u16, json: Value| {
        let status = StatusCode::from_u16(status).expect("a status");
        (status, Json(json)).into_response()
    };
    let expired = || {
        says(
            400,
            json!({"error": "ExpiredToken", "message": "Token has expired"}),
        )
    };
    let method = uri.path().strip_prefix("/xrpc/").unwrap_or_default();
    match method {
        "com.atproto.server.createSession" => {
            let count = mood.sign_ins.fetch_add(1, Ordering::Relaxed);
            says(200, session(100 * (count + 1)))
        }
        "com.atproto.server.refreshSession" => {
            mood.refreshes.fetch_add(1, Ordering::Relaxed);
            match token.starts_with('r') && !mood.refuses_refresh {
                true => says(200, session(number + 1)),
                false => expired(),
            }
        }
        _ if number < mood.expired.load(Ordering::Relaxed) => expired(),
        "app.bsky.actor.getProfile" => {
            says(200, json!({"did": "did:plc:bob", "handle": "bob.test"}))
        }
        "app.bsky.notification.listNotifications" => says(200, page(&uri, mood.notifications)),
        "com.atproto.repo.putRecord" => {
            mood.puts.fetch_add(1, Ordering::Relaxed);
            let taken = json!({"uri": "at://did:plc:desk/app.bsky.feed.post/3", "cid": "c"});
            let (status, json) = mood.says.clone().unwrap_or((200, taken));
            says(status, json)
        }
        _ => says(200, json!({})),
    }
}

/// A page of a hundred, each a second before the one above.
fn page(uri: &Uri, count: usize) -> Value {
    let query = uri.query().unwrap_or_default();
    let cursor = query
        .split("cursor=")
        .nth(1)
        .and_then(|text| text.parse().ok());
    let start: usize = cursor.unwrap_or(0);
    let one = |number: usize| {
        let at = words::at() - chrono::TimeDelta::seconds(i64::try_from(number).expect("few"));
        json!({
            "uri": format!("at://did:plc:bob/app.bsky.feed.post/{}", count - number),
            "indexedAt": at.to_rfc3339(),
            "author": {"did": "did:plc:bob"},
            "record": {"text": "x"},
        })
    };
    let end = (start + 100).min(count);
    let all: Vec<Value> = (start..end).map(one).collect();
    let mut page = json!({"notifications": all});
    if end < count {
        page["cursor"] = end.to_string().into();
    }
    page
}

#[tokio::test]
async fn who_has_expired_goes_on_with_one_new_session() {
    let server = Moody::start(Mood::default()).await;
    let desk = desk(&server.url);
    let bob = message("handle:bluesky/did:plc:bob");
    desk.send(&bob).await.expect("sent");
    server.mood.expired.store(101, Ordering::Relaxed);
    // Many at once find out, and one asks.
    let (first, second, third) = tokio::join!(desk.send(&bob), desk.send(&bob), desk.probe());
    assert!(first.is_ok() && second.is_ok() && third == Health::Up);
    let count = |count: &AtomicUsize| count.load(Ordering::Relaxed);
    assert_eq!(
        (count(&server.mood.sign_ins), count(&server.mood.refreshes)),
        (1, 1)
    );
    // Expired for ever: it is asked once more, and not again.
    server.mood.expired.store(usize::MAX, Ordering::Relaxed);
    let error = desk.send(&bob).await.expect_err("expired");
    assert_eq!(
        (error.kind(), error.sent()),
        (ErrorKind::Credentials, Sent::No)
    );
    assert_eq!(count(&server.mood.refreshes), 2);
}

#[tokio::test]
async fn who_may_not_go_on_signs_in_again() {
    let mood = Mood {
        refuses_refresh: true,
        ..Mood::default()
    };
    let server = Moody::start(mood).await;
    let desk = desk(&server.url);
    assert_eq!(desk.probe().await, Health::Up);
    server.mood.expired.store(101, Ordering::Relaxed);
    assert_eq!(desk.probe().await, Health::Up);
    assert_eq!(server.mood.sign_ins.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn each_fault_of_a_record_is_told_apart() {
    let says = |status: u16, code: &str| (status, json!({"error": code, "message": "Bad Request"}));
    let channel = |kind, retry, sent| (kind, Scope::Channel, retry, sent);
    let credentials = channel(ErrorKind::Credentials, Retry::Never, Sent::No);
    let invalid = (ErrorKind::Invalid, Scope::Message, Retry::Never, Sent::No);
    let table = [
        (says(400, "InvalidRequest"), invalid),
        (says(400, "RepoDeactivated"), credentials),
        (says(401, "AuthMissing"), credentials),
        (says(403, "AccountTakedown"), credentials),
        (
            says(429, "RateLimitExceeded"),
            channel(ErrorKind::Throttled, Retry::BackOff, Sent::No),
        ),
        (
            says(502, "UpstreamFailure"),
            channel(ErrorKind::Unavailable, Retry::BackOff, Sent::Maybe),
        ),
        (
            says(200, "no record"),
            channel(ErrorKind::Protocol, Retry::Never, Sent::Maybe),
        ),
    ];
    for ((status, json), expected) in table {
        let name = format!("{status} {json}");
        let mood = Mood {
            says: Some((status, json)),
            ..Mood::default()
        };
        let server = Moody::start(mood).await;
        let desk = desk(&server.url);
        let message = message("handle:bluesky/bob.test");
        let error = desk.send(&message).await.expect_err(&name);
        assert_eq!(
            (error.kind(), error.scope(), error.retry(), error.sent()),
            expected,
            "{name}"
        );
        let shown = format!("{error} {error:?} {desk:?}");
        let is_told = ["secret", message.body.as_str(), "Bad Request"];
        assert!(!is_told.iter().any(|told| shown.contains(told)), "{shown}");
        assert_eq!(server.mood.puts.load(Ordering::Relaxed), 1, "{name}");
    }
}

#[tokio::test]
async fn before_a_session_stands_nothing_was_sent() {
    for fault in [
        Fault::Away,
        Fault::Silent,
        Fault::Closed,
        Fault::Endless,
        Fault::says(503, ""),
        Fault::says(200, "<html>"),
    ] {
        let server = fault::Server::start(fault.clone()).await;
        let message = message("handle:bluesky/bob.test");
        let error = desk(&server.url())
            .send(&message)
            .await
            .expect_err("a fault");
        assert_eq!(
            (error.scope(), error.sent()),
            (Scope::Channel, Sent::No),
            "{fault:?}"
        );
        assert_ne!(error.kind(), ErrorKind::Credentials, "{fault:?}");
    }
}

#[tokio::test]
async fn an_address_is_an_account_and_nothing_else() {
    let others = [
        "handle:bluesky/",
        "handle:bluesky/bob",
        "handle:bluesky/did:plc",
        "handle:bluesky/did:plc:bob/x",
        "handle:bluesky/bob.test&x=y",
        "handle:bluesky/.test",
        "handle:mastodon/bob.test",
        "tel:+31612345678",
    ];
    let server = fault::Server::start(Fault::says(500, "")).await;
    for other in others {
        let error = desk(&server.url()).send(&message(other)).await;
        let error = error.expect_err(other);
        let is = (error.kind(), error.scope());
        assert_eq!(is, (ErrorKind::Invalid, Scope::Recipient), "{other}");
    }
    assert_eq!(server.asked(), 0);
}

#[tokio::test]
async fn more_than_is_looked_through_is_a_gap_and_the_rest_comes_in_once() {
    let server = Moody::start(Mood {
        notifications: 2_500,
        ..Mood::default()
    })
    .await;
    let (mut cursor, mut read) = (Cursor::START, Vec::new());
    loop {
        let batch = desk(&server.url)
            .receive(cursor.clone(), 200)
            .await
            .expect("a batch");
        if batch.events.is_empty() {
            assert_eq!(batch.cursor, cursor);
            break;
        }
        cursor = batch.cursor;
        read.extend(batch.events);
    }
    assert!(matches!(
        read[0],
        Event {
            kind: EventKind::Gap,
            ..
        }
    ));
    let of = |event: &Event| {
        event
            .id
            .as_str()
            .rsplit('/')
            .next()
            .and_then(|text| text.parse().ok())
    };
    let numbers: Vec<usize> = read[1..].iter().filter_map(of).collect();
    assert!(numbers.is_sorted() && numbers.last() == Some(&2_500));
    assert_eq!(numbers.len(), 2_500 + 1 - numbers[0], "each once");
    assert!(numbers.len() >= 999, "{} are left", numbers.len());
}
