//! What is written, both ways, and what is said of how far it got.

use bereik_channel::{Channel, Cursor, EventKind, Evidence, Health, Label, Retry, Scope, Sent};
use bereik_core::id::Key;
use bereik_xmpp::Xmpp;
use serde_json::json;

use crate::end::End;
use crate::server::Prosody;
use crate::{find, inbound, message, until_words, xmpp};

async fn evidence(xmpp: &Xmpp, id: &str) -> Evidence {
    let is_it =
        |kind: &EventKind| matches!(kind, EventKind::Delivery { of, .. } if of.as_str() == id);
    let found = find(xmpp, &mut Cursor::START.clone(), is_it).await;
    let EventKind::Delivery { evidence, .. } = found.kind else {
        unreachable!("it was looked for")
    };
    evidence
}

#[tokio::test]
#[ignore = "starts prosody and slixmpp, which cargo xtask test installs"]
async fn evidence_is_believed_of_the_recipient_alone() {
    let prosody = Prosody::start("").await;
    let xmpp = xmpp(prosody.config("u0"));
    let end = End::start_with(&prosody, "u1", &["silent"]).await;
    let eve = End::start(&prosody, "u2").await;
    for id in ["read", "back", "quiet"] {
        let message = message(id, &end.address(), "a word with evidence");
        assert_eq!(
            xmpp.send(&message).await.expect("it is taken").evidence,
            Evidence::Taken
        );
    }
    let says = |id: &str, what: &str| {
        format!("<message to='u0@localhost' type='chat'><{what} id='{id}'/></message>")
    };
    let receipt = "received xmlns='urn:xmpp:receipts'";
    let shown = "displayed xmlns='urn:xmpp:chat-markers:0'";
    eve.raw(&says("quiet", receipt)).await;
    eve.raw("<message to='u0@localhost/bereik' type='error' id='quiet'><error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>").await;
    eve.say("u0", "eve was here").await;
    let mut cursor = Cursor::START;
    assert_eq!(until_words(&xmpp, &mut cursor, "eve was here").await, []);
    end.raw(&says("read", receipt)).await;
    end.raw(&says("read", shown)).await;
    end.raw(&says("read", shown)).await;
    end.raw("<message to='u0@localhost/bereik' type='error' id='back'><error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>").await;
    end.say("u0", "and the other end").await;
    let told = until_words(&xmpp, &mut cursor, "and the other end").await;
    let told: Vec<_> = told
        .into_iter()
        .map(|kind| match kind {
            EventKind::Delivery { of, evidence } => (of.as_str().to_owned(), evidence),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [
        ("read", Evidence::Delivered),
        ("read", Evidence::Read),
        ("back", Evidence::None),
    ];
    assert_eq!(
        told,
        expected.map(|(of, evidence)| (of.to_owned(), evidence))
    );
}

#[tokio::test]
#[ignore = "starts prosody and slixmpp, which cargo xtask test installs"]
async fn a_message_says_who_it_is_from_and_what_it_answers() {
    let prosody = Prosody::start("").await;
    let xmpp = xmpp(prosody.config("u0"));
    let end = End::start(&prosody, "u1").await;
    let words = "a & b <c> \u{FFFF} ]]> \u{1F600}";
    let mut said =
        message("message/M1", &end.address(), words).with_from_name(Label::flattened("Anna & Bob"));
    said = said.with_answers(vec![Key::parse("theirs-1").expect("a key")]);
    xmpp.send(&said).await.expect("it is taken");
    let told = end.wait_for_words("a & b").await;
    assert_eq!(told["body"], "a & b <c> \u{FFFD} ]]> \u{1F600}");
    assert_eq!(
        (&told["id"], &told["origin"]),
        (&json!("message/M1"), &json!("message/M1"))
    );
    assert_eq!(
        (&told["reply"], &told["nick"]),
        (&json!(["theirs-1"]), &json!(["Anna & Bob"]))
    );
    assert_eq!(evidence(&xmpp, "message/M1").await, Evidence::Delivered);
    let features = json!({"do": "features", "of": "u0@localhost/bereik"});
    end.command(features).await;
    let features = end.wait(|told| told["what"] == "features").await;
    let features = features["features"].to_string();
    assert!(
        features.contains("urn:xmpp:receipts") && features.contains("urn:xmpp:ping"),
        "{features}"
    );
    let strange = json!({"do": "iq", "to": "u0@localhost/bereik", "query": "jabber:iq:last"});
    end.command(strange).await;
    let answer = end.wait(|told| told["what"] == "answer").await;
    assert_eq!(answer["condition"], "service-unavailable");
}

#[tokio::test]
#[ignore = "starts prosody, which cargo xtask test installs"]
async fn what_cannot_be_delivered_says_why() {
    let prosody = Prosody::start("").await;
    let xmpp = xmpp(prosody.config("u0"));
    for (address, scope, retry, code) in [
        (
            "nobody@localhost",
            Scope::Recipient,
            Retry::BackOff,
            "service-unavailable",
        ),
        (
            "room@rooms.localhost",
            Scope::Recipient,
            Retry::Never,
            "item-not-found",
        ),
        (
            "jan@elsewhere.invalid",
            Scope::Recipient,
            Retry::Never,
            "not-allowed",
        ),
    ] {
        let to = format!("handle:xmpp/{address}")
            .parse()
            .expect("an address");
        let error = xmpp
            .send(&message("message/M1", &to, "is anybody there?"))
            .await;
        let error = error.expect_err(address);
        let is = (error.scope(), error.retry(), error.sent(), error.code());
        assert_eq!(is, (scope, retry, Sent::No, Some(code)), "{address}");
        assert!(!format!("{error} {error:?}").contains(address), "{error:?}");
    }
    for address in [
        "handle:xmpp/localhost",
        "handle:xmpp/a@b@c/d/",
        "handle:slack/x@y",
        "x@localhost",
    ] {
        let to = address.parse().expect("an address of some sort");
        let error = xmpp
            .send(&message("message/M2", &to, "words"))
            .await
            .expect_err(address);
        assert_eq!((error.scope(), error.sent()), (Scope::Recipient, Sent::No));
    }
}

#[tokio::test]
#[ignore = "starts prosody and slixmpp, which cargo xtask test installs"]
async fn what_comes_in_is_told_whatever_it_is() {
    let prosody = Prosody::start("").await;
    let xmpp = xmpp(prosody.config("u0"));
    assert_eq!(xmpp.probe().await, Health::Up);
    let end = End::start(&prosody, "u1").await;
    let to = |kind: &str, rest: &str| format!("<message to='u0@localhost' {kind}>{rest}</message>");
    end.raw(&to("type='groupchat' id='1'", "<body>from a room</body>"))
        .await;
    end.raw(&to("type='chat' id='2'", "<body>  </body>")).await;
    end.raw(&to(
        "type='chat'",
        "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
    ))
    .await;
    let nick = "<nick xmlns='http://jabber.org/protocol/nick'>Bob\u{202E} B</nick>";
    let reply = "<reply xmlns='urn:xmpp:reply:0' to='u0@localhost' id='message/M1'/>";
    let bodies = "<body xml:lang='nl'>hallo</body><body>hello</body><subject>About it</subject>";
    end.raw(&to("type='chat' id='3'", &format!("{bodies}{nick}{reply}")))
        .await;
    end.raw(&to("type='headline' id='4'", "<body>the news</body>"))
        .await;
    end.raw(&to("type='chat' id='5'", "<body>the same id</body>"))
        .await;
    end.raw(&to("type='chat' id='5'", "<body>and other words</body>"))
        .await;
    let mut cursor = Cursor::START;
    let typing = find(&xmpp, &mut cursor, |_| true).await.kind;
    assert_eq!(
        typing,
        EventKind::Typing {
            from: end.address()
        }
    );
    let told = inbound(&xmpp, &mut cursor).await;
    assert_eq!(told.body.as_str(), "hello");
    assert_eq!(told.from, end.address());
    assert_eq!(told.from_name, Some(Label::flattened("Bob B")));
    assert_eq!(told.subject, Some(Label::flattened("About it")));
    assert_eq!(told.answers, [Key::parse("message/M1").expect("a key")]);
    assert_eq!(told.provider_id, Key::parse("3").ok());
    assert!(!told.is_automatic);
    assert!(inbound(&xmpp, &mut cursor).await.is_automatic);
    for words in ["the same id", "and other words"] {
        assert_eq!(inbound(&xmpp, &mut cursor).await.body.as_str(), words);
    }
}

#[tokio::test]
#[ignore = "starts prosody and slixmpp, which cargo xtask test installs"]
async fn what_is_too_long_or_too_deep_is_a_gap_and_no_harm() {
    let prosody = Prosody::start("").await;
    let xmpp = xmpp(prosody.config("u0"));
    assert_eq!(xmpp.probe().await, Health::Up);
    let end = End::start(&prosody, "u1").await;
    let to = |rest: &str| format!("<message to='u0@localhost' type='chat'>{rest}</message>");
    let long = format!("<body>{}</body>", "x".repeat(400 * 1024));
    let deep = format!("{}{}", "<a xmlns='x:y'>".repeat(100), "</a>".repeat(100));
    let mut cursor = Cursor::START;
    // So much that the connection is given up: what comes after it is not lost.
    let deeper = format!(
        "{}{}",
        "<a xmlns='x:y'>".repeat(5_000),
        "</a>".repeat(5_000)
    );
    for rest in [long, deep, deeper] {
        end.raw(&to(&rest)).await;
        end.say("u0", "and after it").await;
        assert_eq!(
            until_words(&xmpp, &mut cursor, "and after it").await,
            [EventKind::Gap]
        );
    }
    let whole = "long ".repeat(20 * 1024);
    end.raw(&to(&format!("<body>{whole}</body>"))).await;
    let mut words = String::new();
    while words.len() < whole.len() {
        words.push_str(inbound(&xmpp, &mut cursor).await.body.as_str());
    }
    assert!(
        words == whole,
        "it comes in parts, and nothing of it is lost"
    );
}
