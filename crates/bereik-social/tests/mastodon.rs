//! Mastodon, against a server of its client interface that others wrote, and against answers of a bad day.

#[path = "../../bereik-channel/tests/providers/fault.rs"]
mod fault;
#[path = "mastodon/server.rs"]
mod server;
#[path = "../../bereik-channel/tests/providers/verdict.rs"]
mod verdict;
#[path = "../../bereik-channel/tests/providers/words.rs"]
mod words;

use std::time::Duration;

use bereik_channel::http::Http;
use bereik_channel::{
    Channel, Cursor, ErrorKind, Event, EventKind, Health, Inbound, Outbound, Retry, Scope, Sent,
    conformance,
};
use bereik_core::id::Key;
use bereik_core::message::Body;
use bereik_social::{Mastodon, Visibility};
use fault::Fault;
use serde_json::{Value, json};
use server::Server;
use verdict::{CREDENTIALS, INVALID, REFUSED, SLOWER};
use words::{at, message};

#[tokio::test]
#[ignore = "starts a server of the package mastodon_mock, which cargo xtask test installs"]
async fn the_contract_holds() {
    let server = Server::start().await;
    let tests = conformance::check(&server, "mastodon", at()).await;
    let tests = tests.expect("a channel that keeps the contract");
    for test in [
        "an answer comes in",
        "an offer is taken back",
        "an unknown address is refused",
        "the same message twice arrives once",
        "a message comes in once",
    ] {
        assert!(tests.contains(&test), "{tests:?}");
    }
}

fn desk(server: &str) -> Mastodon {
    desk_within(server, Duration::from_secs(30))
}

fn desk_within(server: &str, answer_within: Duration) -> Mastodon {
    let http = Http::new().expect("a client");
    let http = http.with_answer_within(answer_within);
    Mastodon::new(http, server, "desk").with_poll_for(Duration::ZERO)
}

fn says(id: &str, to: &str, words: &str) -> Outbound {
    let to = format!("handle:mastodon/{to}").parse().expect("an address");
    let body = Body::parse(words).expect("words");
    Outbound::new(Key::parse(id).expect("a key"), to, body, at())
}

fn inbound(event: &Event) -> &Inbound {
    match &event.kind {
        EventKind::Message(message) => message,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
#[ignore = "starts a server of the package mastodon_mock, which cargo xtask test installs"]
async fn each_mention_comes_in_once_and_in_order_whoever_asks_and_when() {
    let server = Server::start().await;
    let (mut cursor, mut read) = (Cursor::START, Vec::new());
    let visibilities = ["direct", "public", "private", "unlisted", "public"];
    for (number, visibility) in visibilities.into_iter().enumerate() {
        let who = ["bob", "jan"][number % 2];
        server
            .says(who, &format!("@desk word {number}"), visibility)
            .await;
    }
    // Somebody else's, and none of ours.
    server.says("anna", "@bob not for the desk", "public").await;
    for _ in 0..4 {
        // Each time another one of us, as after a restart.
        let batch = desk(server.url())
            .receive(cursor, 2)
            .await
            .expect("a batch");
        assert!(batch.events.len() <= 2);
        cursor = batch.cursor;
        read.extend(batch.events);
    }
    let words: Vec<&str> = read
        .iter()
        .map(|event| inbound(event).body.as_str())
        .collect();
    assert_eq!(words, ["word 0", "word 1", "word 2", "word 3", "word 4"]);
    let from: Vec<String> = read
        .iter()
        .map(|event| inbound(event).from.to_string())
        .collect();
    assert_eq!(
        from[..2],
        ["handle:mastodon/bob", "handle:mastodon/jan@example.org"]
    );
    assert_eq!(
        inbound(&read[1])
            .from_name
            .as_ref()
            .map(|name| name.as_str()),
        Some("Jan")
    );
    let nothing = desk(server.url())
        .receive(cursor.clone(), 2)
        .await
        .expect("a batch");
    assert_eq!((nothing.events, nothing.cursor), (Vec::new(), cursor));
    let again = desk(server.url())
        .receive(Cursor::START, 80)
        .await
        .expect("a batch");
    assert_eq!(again.events, read);
}

#[tokio::test]
#[ignore = "starts a server of the package mastodon_mock, which cargo xtask test installs"]
async fn an_answer_is_seen_by_no_more_people_than_its_question() {
    let server = Server::start().await;
    let table = [
        ("public", None, "unlisted"),
        ("public", Some(Visibility::Public), "public"),
        ("public", Some(Visibility::Direct), "direct"),
        ("unlisted", None, "unlisted"),
        ("private", Some(Visibility::Public), "direct"),
        ("direct", Some(Visibility::Public), "direct"),
    ];
    for (number, (asked, max, expected)) in table.into_iter().enumerate() {
        let desk = desk(server.url());
        let desk = max.into_iter().fold(desk, Mastodon::with_visibility_max);
        let question = server.says("bob", "@desk why?", asked).await;
        let answer = says(&format!("answer/{number}"), "bob", "because");
        let answer = answer.with_answers(vec![Key::parse(&question).expect("a key")]);
        let receipt = desk.send(&answer).await.expect("an answer");
        let seen = server.mentions("bob").await.pop().expect("his answer");
        assert_eq!(receipt.provider_id.as_deref(), seen["id"].as_str());
        assert_eq!(seen["in_reply_to_id"], question);
        assert_eq!(seen["visibility"], expected, "{asked} {max:?}");
    }
    let question = server.says("bob", "@desk never mind", "public").await;
    server.erase("bob", &question).await;
    let answers = vec![Key::parse(&question).expect("a key")];
    let answer = says("answer/late", "bob", "because").with_answers(answers);
    desk(server.url()).send(&answer).await.expect("an answer");
    let seen = server.mentions("bob").await.pop().expect("his answer");
    assert_eq!(seen["visibility"], "direct");
    assert_eq!(seen["in_reply_to_id"], Value::Null);
}

#[tokio::test]
#[ignore = "starts a server of the package mastodon_mock, which cargo xtask test installs"]
async fn who_is_named_in_the_words_is_not_told() {
    let server = Server::start().await;
    let words = "@anna asked, and so did @jan@example.org and .@anna";
    desk(server.url())
        .send(&says("m/1", "bob", words))
        .await
        .expect("sent");
    assert_eq!(server.read("bob").await.len(), 1);
    assert!(server.mentions("anna").await.is_empty());
    assert!(server.mentions("jan").await.is_empty());
    let far = says("m/2", "jan@example.org", "to another server");
    desk(server.url()).send(&far).await.expect("sent");
    assert_eq!(server.mentions("jan").await.len(), 1);
}

#[tokio::test]
#[ignore = "starts a server of the package mastodon_mock, which cargo xtask test installs"]
async fn words_that_may_have_been_sent_stand_there_once_after_another_try() {
    let server = Server::start().await;
    let long = says("m/long", "bob", &"a word or two ".repeat(120));
    let slowly = json!({"type": "latency", "delay_ms": 3_000});
    server.spoil(1, "/api/v1/statuses", slowly).await;
    let hasty = desk_within(server.url(), Duration::from_secs(1));
    let error = hasty.send(&long).await.expect_err("it takes too long");
    assert_eq!(
        (error.kind(), error.sent()),
        (ErrorKind::TimedOut, Sent::Maybe)
    );
    let desk = desk(server.url());
    desk.send(&long).await.expect("the second try");
    // The first comes late.
    tokio::time::sleep(Duration::from_secs(3)).await;
    desk.send(&long).await.expect("the third try");
    let read = server.read("bob").await;
    assert_eq!(read, [long.body.as_str()]);
}

#[tokio::test]
#[ignore = "starts a server of the package mastodon_mock, which cargo xtask test installs"]
async fn a_thread_that_breaks_off_may_have_been_sent_and_a_limit_says_when_to_go_on() {
    let server = Server::start().await;
    let headers = json!({"X-RateLimit-Reset": "2999-01-01T00:00:00.000000Z"});
    let effect = json!({"type": "status", "status": 429, "headers": headers});
    server.spoil(1, "/api/v1/statuses", effect).await;
    let desk = desk(server.url());
    let long = says("m/long", "bob", &"a word or two ".repeat(120));
    let error = desk.send(&long).await.expect_err("too many");
    assert_eq!(
        (error.kind(), error.scope(), error.sent()),
        (ErrorKind::Throttled, Scope::Channel, Sent::No)
    );
    assert!(matches!(error.retry(), Retry::After(_)), "{error:?}");
    // The first part goes well, the second does not.
    server
        .spoil(
            1,
            "/api/v1/statuses",
            json!({"type": "latency", "delay_ms": 1}),
        )
        .await;
    server
        .spoil(
            1,
            "/api/v1/statuses",
            json!({"type": "status", "status": 422}),
        )
        .await;
    let error = desk.send(&long).await.expect_err("a part is refused");
    assert_eq!(
        (error.kind(), error.sent()),
        (ErrorKind::Invalid, Sent::Maybe)
    );
}

#[tokio::test]
#[ignore = "starts a server of the package mastodon_mock, which cargo xtask test installs"]
async fn files_come_in_by_name() {
    let server = Server::start().await;
    let file = server.upload("bob", "photo.png").await;
    let told = json!({"status": "@desk", "media_ids": [file], "visibility": "direct"});
    server.tell("bob", "/api/v1/statuses", &told).await;
    let batch = desk(server.url())
        .receive(Cursor::START, 5)
        .await
        .expect("a batch");
    let message = inbound(&batch.events[0]);
    let types: Vec<&str> = message
        .attachments
        .iter()
        .map(|file| file.media_type())
        .collect();
    assert_eq!(
        (types, message.body.as_str()),
        (vec!["image/png"], "[attachment]")
    );
}

#[tokio::test]
async fn each_fault_is_told_apart() {
    let says = |code, words: &str| Fault::Says(code, format!(r#"{{"error":"{words}"}}"#));
    let (kind, _, retry, sent) = SLOWER;
    let slower = (kind, Scope::Channel, retry, sent);
    let own = vec![
        (says(401, "The access token is invalid"), CREDENTIALS),
        (
            says(403, "This action is outside the authorized scopes"),
            CREDENTIALS,
        ),
        (says(404, "Record not found"), REFUSED),
        (
            says(
                422,
                "Validation failed: Text character limit of 500 exceeded",
            ),
            INVALID,
        ),
        (says(429, "Too many requests"), slower),
        // It reached nobody.
        (
            Fault::says(200, r#"{"id":"7","mentions":[{"acct":"eve"}]}"#),
            REFUSED,
        ),
    ];
    let channel = |url: &str| desk_within(url, Duration::from_secs(1));
    verdict::hold(own, &message("handle:mastodon/bob"), channel).await;
}

#[tokio::test]
async fn an_address_is_an_account_and_nothing_else() {
    let others = [
        "handle:mastodon/",
        "handle:mastodon/@bob",
        "handle:mastodon/bob@",
        "handle:mastodon/bob@a@b",
        "handle:mastodon/bob/x",
        "handle:mastodon/bob,@eve",
        "handle:bluesky/bob",
        "tel:+31612345678",
    ];
    verdict::refuse(&others, &message("handle:mastodon/bob"), desk).await;
}

#[tokio::test]
async fn what_is_longer_than_a_message_comes_in_as_several_and_a_strange_cursor_is_a_gap() {
    let words = "<p>a long way </p>".repeat(1_600);
    let status = json!({"id": "21", "content": words, "account": {"acct": "bob", "bot": true}, "mentions": []});
    let notifications = json!([
        {"id": "8", "type": "favourite", "status": status},
        {"id": "7", "type": "mention", "status": status},
    ]);
    let server = fault::Server::start(Fault::Says(200, notifications.to_string())).await;
    let (mut cursor, mut read) = (Cursor::START, Vec::new());
    for expected in ["0:1", "0:2", "8"] {
        let batch = desk(&server.url())
            .receive(cursor, 1)
            .await
            .expect("a batch");
        assert_eq!(batch.cursor.as_str(), Some(expected));
        cursor = batch.cursor;
        read.extend(batch.events);
    }
    let ids: Vec<&str> = read.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(ids, ["21", "21:2", "21:3"]);
    assert!(read.iter().all(|event| inbound(event).is_automatic));
    let other = Cursor::parse("uidvalidity=7").expect("a cursor");
    let batch = desk(&server.url())
        .receive(other, 1)
        .await
        .expect("a batch");
    assert!(matches!(
        batch.events[..],
        [Event {
            kind: EventKind::Gap,
            ..
        }]
    ));
    assert_eq!(batch.cursor, Cursor::START);
}

#[tokio::test]
async fn a_probe_says_what_is_wrong() {
    let unknown = Fault::says(401, r#"{"error":"The access token is invalid"}"#);
    let down = Health::Down { retry_after: None };
    for (fault, expected) in [
        (unknown, Health::NeedsCredentials),
        (Fault::says(200, r#"{"id":"1"}"#), Health::Up),
        (Fault::says(200, "<html>"), down),
        (Fault::Away, down),
    ] {
        let server = fault::Server::start(fault).await;
        assert_eq!(desk(&server.url()).probe().await, expected);
    }
}
