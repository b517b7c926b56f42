//! Bluesky, against its own servers.

#[path = "bluesky/network.rs"]
mod network;
#[path = "../../bereik-channel/tests/providers/words.rs"]
mod words;

use bereik_channel::{
    Channel, Cursor, ErrorKind, Event, EventKind, Health, Inbound, Outbound, Scope, Sent,
    conformance,
};
use bereik_core::id::Key;
use bereik_core::message::Body;
use chrono::TimeDelta;
use network::Network;
use serde_json::json;
use words::{at, message};

fn says(id: &str, to: &str, words: &str, answers: &[&serde_json::Value]) -> Outbound {
    let mut message = message(&format!("handle:bluesky/{to}"));
    message.id = Key::parse(id).expect("a key");
    message.body = Body::parse(words).expect("words");
    let key = |post: &&serde_json::Value| {
        Key::parse(post["uri"].as_str().expect("a post")).expect("a key")
    };
    message.with_answers(answers.iter().map(key).collect())
}

fn inbound(event: &Event) -> &Inbound {
    match &event.kind {
        EventKind::Message(message) => message,
        other => panic!("{other:?}"),
    }
}

/// Reads so many events, two at a time, each time as another one of us.
async fn read(network: &Network, mut cursor: Cursor, count: usize) -> (Vec<Event>, Cursor) {
    let mut events = Vec::new();
    for _ in 0..600 {
        let batch = network.desk().receive(cursor, 2).await.expect("a batch");
        assert!(batch.events.len() <= 2);
        (cursor, _) = (batch.cursor, events.extend(batch.events));
        if events.len() >= count {
            return (events, cursor);
        }
    }
    panic!("it does not come in: {events:?}");
}

#[tokio::test]
#[ignore = "slow: starts the servers of Bluesky, which cargo xtask test --slow installs"]
async fn slow_the_contract_holds() {
    let network = Network::start().await;
    let tests = conformance::check(&network, "bluesky", at()).await;
    let tests = tests.expect("a channel that keeps the contract");
    for test in [
        "an unknown address is refused",
        "an offer is unsupported",
        "the same message twice arrives once",
        "a message comes in once",
    ] {
        assert!(tests.contains(&test), "{tests:?}");
    }
}

#[tokio::test]
#[ignore = "slow: starts the servers of Bluesky, which cargo xtask test --slow installs"]
async fn slow_each_mention_comes_in_once_and_in_order_whoever_asks_and_when() {
    let network = Network::start().await;
    let anna = network.join("anna").await;
    let mut asked = Vec::new();
    for number in 0..5 {
        let who = [&network.bob, &anna][number % 2];
        let post = network
            .says(who, &format!("@desk.test word {number}"), None)
            .await;
        asked.push(post["uri"].as_str().expect("a post").to_owned());
    }
    // Nobody whom it concerns.
    network.says(&anna, "not for the desk", None).await;
    let (events, cursor) = read(&network, Cursor::START, 5).await;
    let ids: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(ids, asked);
    let from = inbound(&events[1]);
    assert_eq!(
        from.from.to_string(),
        format!("handle:bluesky/{}", anna.did)
    );
    assert_eq!(
        from.from_name.as_ref().map(|name| name.as_str()),
        Some("anna.test")
    );
    assert_eq!(from.body.as_str(), "word 1");
    let nothing = network
        .desk()
        .receive(cursor.clone(), 2)
        .await
        .expect("a batch");
    assert_eq!((nothing.events, &nothing.cursor), (Vec::new(), &cursor));
    let (again, _) = read(&network, Cursor::START, 5).await;
    assert_eq!(again, events);
    // One whose software dates it back comes in all the same, once.
    let before = at() - TimeDelta::minutes(5);
    let late = network
        .says_at(before, &network.bob, "@desk.test late", None)
        .await;
    let (events, cursor) = read(&network, cursor, 1).await;
    assert_eq!(events[0].id.as_str(), late["uri"]);
    let nothing = network.desk().receive(cursor, 2).await.expect("a batch");
    assert_eq!(nothing.events, []);
    let strange = Cursor::parse("uidvalidity=7").expect("a cursor");
    let batch = network.desk().receive(strange, 2).await.expect("a batch");
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
#[ignore = "slow: starts the servers of Bluesky, which cargo xtask test --slow installs"]
async fn slow_an_answer_stands_below_its_question_and_who_asked_is_told() {
    let network = Network::start().await;
    let (bob, desk) = (&network.bob, network.desk());
    let question = network.says(bob, "@desk.test why?", None).await;
    read(&network, Cursor::START, 1).await;
    let answer = says(
        "m/1",
        &bob.did,
        "because of https://a.example/x",
        &[&question],
    );
    let receipt = desk.send(&answer).await.expect("sent");
    let uri = receipt.provider_id.expect("its name");
    assert_eq!(network.reason(bob, &uri).await, "reply");
    let ours = network.posts().await.pop().expect("a post");
    let further = network
        .says(bob, "and then?", Some((&question, &ours)))
        .await;
    let (events, _) = read(&network, Cursor::START, 2).await;
    assert_eq!(
        inbound(&events[1]).answers,
        [Key::parse(&uri).expect("a key")]
    );
    // By his handle, and at the end of a thread that another began.
    let more = says(
        "m/2",
        "bob.test",
        &"on and on ".repeat(50),
        &[&question, &further],
    );
    desk.send(&more).await.expect("sent");
    let posts = network.posts().await;
    let [_, first, second] = &posts[..] else {
        panic!("{posts:?}");
    };
    let reply = |post: &serde_json::Value, of: &str| post["value"]["reply"][of]["uri"].clone();
    assert_eq!(
        (reply(first, "root"), reply(first, "parent")),
        (question["uri"].clone(), further["uri"].clone())
    );
    assert_eq!(
        (reply(second, "root"), reply(second, "parent")),
        (question["uri"].clone(), first["uri"].clone())
    );
    // What answers nothing, or what is gone, tells him by his name.
    let start = says("m/3", &bob.did, "news", &[]);
    let uri = desk
        .send(&start)
        .await
        .expect("sent")
        .provider_id
        .expect("its name");
    assert_eq!(network.reason(bob, &uri).await, "mention");
}

#[tokio::test]
#[ignore = "slow: starts the servers of Bluesky, which cargo xtask test --slow installs"]
async fn slow_a_message_given_twice_at_once_is_one_post() {
    let network = Network::start().await;
    let long = says("m/long", "bob.test", &"a word or two ".repeat(60), &[]);
    let (one, other) = (network.desk(), network.desk());
    let (first, second) = tokio::join!(one.send(&long), other.send(&long));
    // Whoever comes second may meet the first in the middle; then he may try again.
    assert!(first.is_ok() || second.is_ok(), "{first:?} {second:?}");
    let third = network.desk().send(&long).await.expect("sent");
    for receipt in [first, second].into_iter().flatten() {
        assert_eq!(receipt, third);
    }
    let posts = network.posts().await;
    let words: Vec<&str> = posts
        .iter()
        .filter_map(|post| post["value"]["text"].as_str())
        .collect();
    assert_eq!(words.concat(), format!("@bob.test {}", long.body.as_str()));
    assert_eq!(posts.len(), 3);
}

#[tokio::test]
#[ignore = "slow: starts the servers of Bluesky, which cargo xtask test --slow installs"]
async fn slow_what_comes_with_the_words_is_told_and_a_wrong_password_too() {
    let network = Network::start().await;
    let text = "@desk.test see a.example/lo...";
    let facet = |start: usize, end: usize, feature: serde_json::Value| json!({"index": {"byteStart": start, "byteEnd": end}, "features": [feature]});
    let did = network.desk_did();
    let mention = json!({"$type": "app.bsky.richtext.facet#mention", "did": did});
    let link = json!({"$type": "app.bsky.richtext.facet#link", "uri": "https://a.example/long"});
    let image = network.upload(&network.bob).await;
    let record = json!({
        "$type": "app.bsky.feed.post",
        "text": text,
        "createdAt": "2026-11-18T12:00:00.000Z",
        "facets": [facet(0, 10, mention), facet(15, text.len(), link)],
        "embed": {"$type": "app.bsky.embed.images", "images": [{"alt": "my screen", "image": image}]},
    });
    network.post(&network.bob, record).await;
    let (events, _) = read(&network, Cursor::START, 1).await;
    let message = inbound(&events[0]);
    assert_eq!(
        message.body.as_str(),
        "see a.example/lo... (https://a.example/long)"
    );
    let files: Vec<_> = message
        .attachments
        .iter()
        .map(|file| (file.name(), file.media_type(), file.size()))
        .collect();
    assert_eq!(files, [("my screen", "image/png", 4)]);
    let wrong = network.desk_with("not-the-password");
    assert_eq!(wrong.probe().await, Health::NeedsCredentials);
    let error = wrong
        .send(&says("m/1", "bob.test", "x", &[]))
        .await
        .expect_err("nobody");
    assert_eq!(
        (error.kind(), error.scope(), error.sent()),
        (ErrorKind::Credentials, Scope::Channel, Sent::No)
    );
}
