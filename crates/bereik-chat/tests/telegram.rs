//! Telegram, against an emulator of its Bot API, and against answers that a provider gives on a bad day.

#[path = "telegram/emulator.rs"]
mod emulator;
#[path = "fault/server.rs"]
mod fault;

use std::time::Duration;

use bereik_channel::http::Http;
use bereik_channel::{Channel, ErrorKind, Health, Outbound, Retry, Scope, Sent, conformance};
use bereik_chat::Telegram;
use bereik_core::id::Key;
use bereik_core::message::Body;
use chrono::{DateTime, Utc};
use emulator::Emulator;
use fault::{Fault, Server};

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).expect("an instant")
}

fn message(to: &str) -> Outbound {
    let to = to.parse().expect("an address");
    let body = Body::parse("words that are nobody's business").expect("words");
    Outbound::new(Key::parse("message/M1").expect("a key"), to, body, at())
}

#[tokio::test]
#[ignore = "starts an emulator of the Bot API, which cargo xtask test installs"]
async fn the_contract_holds() {
    let emulator = Emulator::start().await;
    let tests = conformance::check(&emulator, "telegram", at()).await;
    let tests = tests.expect("a channel that keeps the contract");
    for test in [
        "an offer arrives",
        "an answer comes in",
        "a message comes in once",
    ] {
        assert!(tests.contains(&test), "{tests:?}");
    }
}

fn telegram(server: &Server) -> Telegram {
    let http = Http::new()
        .expect("a client")
        .with_answer_within(Duration::from_millis(400));
    Telegram::new(http, "123:secret-token").with_api(server.url())
}

#[tokio::test]
async fn each_fault_is_told_apart() {
    use ErrorKind as Kind;
    let says = |status, code: u16, words: &str| {
        Fault::says(
            status,
            &format!(r#"{{"ok":false,"error_code":{code},"description":"{words}"}}"#),
        )
    };
    let slower = r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}"#;
    let never = (Retry::Never, Sent::No);
    let cases = [
        (
            says(400, 400, "Bad Request: chat not found"),
            Kind::Refused,
            Scope::Recipient,
            never,
        ),
        (
            says(403, 403, "Forbidden: bot was blocked by the user"),
            Kind::Refused,
            Scope::Recipient,
            never,
        ),
        (
            says(400, 400, "Bad Request: message is too long"),
            Kind::Invalid,
            Scope::Message,
            never,
        ),
        (
            says(401, 401, "Unauthorized"),
            Kind::Credentials,
            Scope::Channel,
            never,
        ),
        (
            Fault::says(429, slower),
            Kind::Throttled,
            Scope::Recipient,
            (Retry::After(Duration::from_secs(7)), Sent::No),
        ),
        (
            says(409, 409, "Conflict: terminated by other getUpdates request"),
            Kind::Unavailable,
            Scope::Channel,
            (Retry::BackOff, Sent::No),
        ),
        (
            Fault::says(502, "<html>Bad Gateway</html>"),
            Kind::Unavailable,
            Scope::Channel,
            (Retry::BackOff, Sent::Maybe),
        ),
        (
            Fault::says(200, "<html>a hotel's log-in page</html>"),
            Kind::Protocol,
            Scope::Channel,
            (Retry::Never, Sent::Maybe),
        ),
        (
            Fault::Silent,
            Kind::TimedOut,
            Scope::Channel,
            (Retry::BackOff, Sent::Maybe),
        ),
        (
            Fault::Closed,
            Kind::Unavailable,
            Scope::Channel,
            (Retry::BackOff, Sent::Maybe),
        ),
        (
            Fault::Endless,
            Kind::Protocol,
            Scope::Channel,
            (Retry::Never, Sent::Maybe),
        ),
        (
            Fault::Away,
            Kind::Unavailable,
            Scope::Channel,
            (Retry::BackOff, Sent::No),
        ),
    ];
    for (fault, kind, scope, (retry, sent)) in cases {
        let name = format!("{fault:?}");
        let server = Server::start(fault).await;
        let telegram = telegram(&server);
        let error = telegram
            .send(&message("handle:telegram/7"))
            .await
            .expect_err(&name);
        let is = (error.kind(), error.scope(), error.retry(), error.sent());
        assert_eq!(is, (kind, scope, retry, sent), "{name}");
        let shown = format!("{error} {error:?} {telegram:?}");
        let secrets = ["secret-token", "nobody's business", "Bad Request"];
        assert!(
            !secrets.iter().any(|secret| shown.contains(secret)),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn an_address_is_a_chat_and_nothing_else() {
    let server = Server::start(Fault::says(500, "")).await;
    for address in [
        "handle:telegram/",
        "handle:slack/7",
        "handle:telegram/7/x",
        "tel:+31612345678",
        "handle:telegram/7?a=b",
    ] {
        let Ok(to) = address.parse() else { continue };
        let mut message = message("handle:telegram/7");
        message.to = to;
        let error = telegram(&server).send(&message).await.expect_err(address);
        assert_eq!(
            (error.kind(), error.scope()),
            (ErrorKind::Invalid, Scope::Recipient),
            "{address}"
        );
    }
    assert_eq!(server.asked(), 0);
}

#[tokio::test]
async fn a_probe_says_what_is_wrong() {
    let unknown = Fault::says(
        401,
        r#"{"ok":false,"error_code":401,"description":"Unauthorized"}"#,
    );
    let up = Fault::says(200, r#"{"ok":true,"result":{"id":123,"is_bot":true}}"#);
    let down = Health::Down { retry_after: None };
    for (fault, expected) in [
        (unknown, Health::NeedsCredentials),
        (up, Health::Up),
        (Fault::Away, down),
    ] {
        let server = Server::start(fault).await;
        assert_eq!(telegram(&server).probe().await, expected);
    }
}
