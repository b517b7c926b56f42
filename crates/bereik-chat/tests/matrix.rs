//! Matrix, against answers that a homeserver gives on a bad day. Its good days are in `slow_matrix.rs`.

#[path = "../../bereik-channel/tests/providers/fault.rs"]
mod fault;
#[path = "../../bereik-channel/tests/providers/words.rs"]
mod words;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Query, State};
use axum::routing::get;
use axum::{Json, Router};
use bereik_channel::http::Http;
use bereik_channel::{Channel, Cursor, ErrorKind, EventKind, Health, Retry, Scope, Sent};
use bereik_chat::Matrix;
use fault::{Fault, Server};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use words::message;

const ROOM: &str = "handle:matrix/!room:example.org";

fn matrix(url: &str) -> Matrix {
    let http = Http::new().expect("a client");
    let http = http.with_answer_within(Duration::from_millis(1_000));
    Matrix::new(http, url, "syt_secret-token").with_poll_for(Duration::from_millis(100))
}

/// Whatever goes wrong, the same message may be sent again: none is ever sent twice.
#[tokio::test]
async fn each_fault_is_told_apart_and_none_leaves_a_doubt() {
    use {ErrorKind as K, Retry as R, Scope as S};
    let says = |status: u16, code: &str| {
        let said = json!({"errcode": code, "error": "upstream words"});
        Fault::Says(status, said.to_string())
    };
    let slower = r#"{"errcode":"M_LIMIT_EXCEEDED","error":"upstream words","retry_after_ms":1500}"#;
    let later = R::After(Duration::from_millis(1_500));
    let strange = (K::Protocol, S::Channel, R::Never);
    let away = (K::Unavailable, S::Channel, R::BackOff);
    let table = vec![
        (
            says(403, "M_FORBIDDEN"),
            (K::Refused, S::Recipient, R::Never),
        ),
        (says(400, "M_BAD_JSON"), (K::Invalid, S::Message, R::Never)),
        (says(413, "M_TOO_LARGE"), (K::Invalid, S::Message, R::Never)),
        (
            says(401, "M_UNKNOWN_TOKEN"),
            (K::Credentials, S::Channel, R::Never),
        ),
        (
            says(403, "M_USER_DEACTIVATED"),
            (K::Credentials, S::Channel, R::Never),
        ),
        (says(404, "M_UNRECOGNIZED"), strange),
        (
            says(429, "M_LIMIT_EXCEEDED"),
            (K::Throttled, S::Channel, R::BackOff),
        ),
        (Fault::says(429, slower), (K::Throttled, S::Channel, later)),
        (says(500, "M_UNKNOWN"), away),
        (Fault::says(502, "<html>Bad Gateway</html>"), away),
        (
            Fault::says(200, "<html>a hotel's log-in page</html>"),
            strange,
        ),
        (Fault::Endless, strange),
        (Fault::Silent, (K::TimedOut, S::Channel, R::BackOff)),
        (Fault::Closed, away),
        (Fault::Away, away),
    ];
    let message = message(ROOM);
    for (fault, expected) in table {
        let name = format!("{fault:?}");
        let server = Server::start(fault).await;
        let matrix = matrix(&server.url());
        let error = matrix.send(&message).await.expect_err(&name);
        assert_eq!(
            (error.kind(), error.scope(), error.retry()),
            expected,
            "{name}"
        );
        assert_eq!(error.sent(), Sent::No, "{name}");
        let shown = format!("{error} {error:?} {matrix:?}");
        let secrets = ["secret", message.body.as_str(), "upstream", "!room"];
        assert!(
            !secrets.iter().any(|secret| shown.contains(secret)),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn an_address_is_somebody_or_a_room() {
    let others = [
        "handle:matrix/bob",
        "handle:matrix/#room:example.org",
        "handle:slack/C1",
        "tel:+31612345678",
    ];
    let server = Server::start(Fault::says(500, "")).await;
    let matrix = matrix(&server.url());
    for address in others {
        let error = matrix.send(&message(address)).await.expect_err(address);
        let is = (error.kind(), error.scope());
        assert_eq!(is, (ErrorKind::Invalid, Scope::Recipient), "{address}");
    }
    assert_eq!(server.asked(), 0);
}

#[tokio::test]
async fn a_probe_says_what_is_wrong() {
    let down = Health::Down { retry_after: None };
    for (fault, expected) in [
        (
            Fault::says(401, r#"{"errcode":"M_UNKNOWN_TOKEN"}"#),
            Health::NeedsCredentials,
        ),
        (
            Fault::says(200, r#"{"user_id":"@desk:example.org"}"#),
            Health::Up,
        ),
        (Fault::Silent, down),
    ] {
        let server = Server::start(fault).await;
        assert_eq!(matrix(&server.url()).probe().await, expected);
    }
}

type Asked = Arc<Mutex<Vec<u64>>>;

/// Tells more than is read at once, unless it is asked for less.
async fn sync(
    State(asked): State<Asked>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Json<Value> {
    let filter: Value = serde_json::from_str(&query["filter"]).expect("a filter");
    let limit = filter["room"]["timeline"]["limit"]
        .as_u64()
        .expect("a limit");
    asked.lock().expect("nobody panics with it").push(limit);
    let body = if limit > 1 {
        "x".repeat(9 * 1024 * 1024)
    } else {
        "hello".to_owned()
    };
    let event = json!({"type": "m.room.message", "event_id": "$1", "sender": "@bob:example.org", "content": {"msgtype": "m.text", "body": body}});
    let timeline = json!({"events": [event], "limited": true, "prev_batch": "p1"});
    Json(json!({"next_batch": "s2", "rooms": {"join": {"!r:example.org": {"timeline": timeline}}}}))
}

#[tokio::test]
async fn too_much_at_once_is_asked_for_again_in_less() {
    let us = get(async || Json(json!({"user_id": "@desk:example.org"})));
    let none = get(async || {
        (
            axum::http::StatusCode::NOT_FOUND,
            Json(json!({"errcode": "M_NOT_FOUND"})),
        )
    });
    let asked = Asked::default();
    let router = Router::new()
        .route("/_matrix/client/v3/account/whoami", us)
        .route("/_matrix/client/v3/sync", get(sync))
        .fallback(none)
        .with_state(Arc::clone(&asked));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let http = Http::new().expect("a client");
    let matrix = Matrix::new(http, url, "token").with_poll_for(Duration::from_millis(100));
    let since = Cursor::parse("s1").expect("a cursor");
    let batch = matrix.receive(since, 10).await.expect("events");
    // What was left out cannot be looked up here, and that is told.
    let kinds: Vec<_> = batch.events.iter().map(|event| &event.kind).collect();
    assert!(
        matches!(kinds[..], [EventKind::Gap, EventKind::Message(_)]),
        "{kinds:?}"
    );
    assert_eq!(*asked.lock().expect("nobody panics with it"), [20, 1]);
    assert_eq!(batch.cursor.as_str(), Some("s2"));
}
