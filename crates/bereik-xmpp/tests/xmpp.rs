//! Against a prosody, with slixmpp at the other end.

/// A connection that can be cut.
#[path = "../../bereik-tests/src/cable.rs"]
pub mod cable;
#[path = "xmpp/end.rs"]
mod end;
#[path = "xmpp/server.rs"]
mod server;

use std::net::Ipv4Addr;
use std::time::Duration;

use async_trait::async_trait;
use bereik_channel::conformance::{self, Arrived, OtherEnd};
use bereik_channel::{
    Alert, AlertTo, Answer, Channel, Cursor, Event, EventKind, Evidence, Health, Inbound, Label,
    Outbound, Retry, Scope, Sent,
};
use bereik_core::id::Key;
use bereik_core::message::Body;
use bereik_core::offer::{OfferRole, Offered};
use bereik_core::presence::PresenceState;
use bereik_core::{Address, ChannelKind, ContactId, Offer, OfferId};
use bereik_xmpp::{Subscribers, Xmpp, XmppConfig};
use cable::Cable;
use chrono::{DateTime, TimeDelta, Utc};
use end::End;
use serde_json::{Value, json};
use server::Prosody;
use tokio::time::{sleep, timeout};

/// How long anything may take to arrive.
const PATIENCE: Duration = Duration::from_secs(60);

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).expect("an instant")
}

fn message(id: &str, to: &Address, text: &str) -> Outbound {
    let body = Body::parse(text).expect("words");
    Outbound::new(Key::parse(id).expect("a key"), to.clone(), body, at())
}

fn alert(to: &Address, number: u64) -> Alert {
    let offer = Offer {
        id: OfferId::new(number),
        contact: ContactId::new(1),
        to: Offered::Person("anna".parse().expect("an id")),
        channel: ChannelKind::Chat,
        role: OfferRole::Owner,
        made_at: at(),
        until: at() + TimeDelta::seconds(30),
    };
    let subject = Label::parse("A <chat> & more").expect("a label");
    let text = Body::parse(&format!("From the shop's page {number}")).expect("words");
    Alert::new(offer, AlertTo::Address(to.clone()), subject, text)
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

async fn evidence(xmpp: &Xmpp, id: &str) -> Evidence {
    let is_it =
        |kind: &EventKind| matches!(kind, EventKind::Delivery { of, .. } if of.as_str() == id);
    let found = find(xmpp, &mut Cursor::START.clone(), is_it).await;
    let EventKind::Delivery { evidence, .. } = found.kind else {
        unreachable!("it was looked for")
    };
    evidence
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

/// The server's answers go over a cable that is cut again and again while both sides write.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "starts prosody and slixmpp, which cargo xtask test installs"]
async fn nothing_is_lost_or_doubled_when_the_connection_is_cut() {
    const MESSAGES: usize = 60;
    let prosody = Prosody::start("").await;
    let end = End::start(&prosody, "u1").await;
    let cable = Cable::lay((Ipv4Addr::LOCALHOST, prosody.port).into()).await;
    let cable = cable.expect("a port");
    let config = prosody
        .config("u0")
        .with_server("127.0.0.1", cable.address().port());
    let xmpp = xmpp(config);
    assert_eq!(xmpp.probe().await, Health::Up);
    let theirs = async {
        for number in 0..MESSAGES {
            end.say("u0", &format!("theirs {number}")).await;
            sleep(Duration::from_millis(20)).await;
        }
    };
    let ours = async {
        for number in 0..MESSAGES {
            let message = message(
                &format!("message/M{number}"),
                &end.address(),
                &format!("ours {number}"),
            );
            let sent = xmpp.send(&message).await;
            assert_eq!(
                sent.map(|receipt| receipt.evidence).ok(),
                Some(Evidence::Taken)
            );
        }
    };
    let cutting = async {
        for _ in 0..12 {
            sleep(Duration::from_millis(80)).await;
            cable.cut();
            sleep(Duration::from_millis(15)).await;
            cable.mend();
        }
    };
    tokio::join!(theirs, ours, cutting);
    end.say("u0", "the last of theirs").await;
    let last = message("message/last", &end.address(), "the last of ours");
    xmpp.send(&last).await.expect("it is whole again");
    let before = until_words(&xmpp, &mut Cursor::START.clone(), "the last of theirs").await;
    assert!(
        !before.contains(&EventKind::Gap),
        "each session was taken up again"
    );
    let words = before.iter().filter_map(|kind| match kind {
        EventKind::Message(message) => Some(message.body.as_str().to_owned()),
        _ => None,
    });
    let expected = (0..MESSAGES).map(|number| format!("theirs {number}"));
    assert_eq!(words.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    end.wait_for_words("the last of ours").await;
    let arrived = end.told("message").into_iter();
    let arrived = arrived.map(|told| told["body"].as_str().unwrap_or_default().to_owned());
    let expected = (0..MESSAGES).map(|number| format!("ours {number}"));
    let expected = expected.chain(["the last of ours".to_owned()]);
    assert_eq!(arrived.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "starts prosody and slixmpp, which cargo xtask test installs"]
async fn what_comes_while_a_session_is_lost_comes_with_the_next_after_a_gap() {
    // The server gives up a session so soon that it cannot be taken up again.
    let mut prosody = Prosody::start("smacks_hibernation_time = 1").await;
    let mut end = End::start(&prosody, "u1").await;
    let cable = Cable::lay((Ipv4Addr::LOCALHOST, prosody.port).into()).await;
    let cable = cable.expect("a port");
    let config = prosody
        .config("u0")
        .with_server("127.0.0.1", cable.address().port());
    let xmpp = xmpp(config);
    assert_eq!(xmpp.probe().await, Health::Up);
    let mut cursor = Cursor::START;
    for is_restarted in [false, true] {
        let word = |what: &str| format!("{what} {is_restarted}");
        end.say("u0", &word("first")).await;
        until_words(&xmpp, &mut cursor, &word("first")).await;
        cable.cut();
        for number in 0..5 {
            end.say("u0", &word(&format!("away {number}"))).await;
        }
        sleep(Duration::from_secs(4)).await;
        if is_restarted {
            drop(end);
            prosody.restart().await;
            end = End::start(&prosody, "u1").await;
        }
        let down = xmpp
            .send(&message("message/away", &end.address(), "nobody hears it"))
            .await;
        let down = down.expect_err("there is no connection");
        assert_eq!((down.scope(), down.sent()), (Scope::Channel, Sent::No));
        cable.mend();
        let mut count = 0;
        let gap = find(&xmpp, &mut cursor, |_| true).await;
        assert_eq!(gap.kind, EventKind::Gap);
        while count < 5 {
            let told = inbound(&xmpp, &mut cursor).await;
            assert_eq!(told.body.as_str(), word(&format!("away {count}")));
            count += 1;
        }
        end.say("u0", &word("last")).await;
        assert_eq!(until_words(&xmpp, &mut cursor, &word("last")).await, []);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "starts prosody and slixmpp, which cargo xtask test installs"]
async fn a_channel_that_is_dropped_leaves_nothing_that_swallows_messages() {
    let prosody = Prosody::start("").await;
    let end = End::start(&prosody, "u1").await;
    for (number, is_closed) in [true, false].into_iter().enumerate() {
        let first = xmpp(prosody.config("u0"));
        assert_eq!(first.probe().await, Health::Up);
        if is_closed {
            first.close().await;
        } else {
            drop(first);
            sleep(Duration::from_secs(1)).await;
        }
        let words = format!("is anybody there {number}?");
        end.say("u0", &words).await;
        // Whoever looks for it needs another name: the old one would drive out what was left.
        let config = prosody
            .config("u0")
            .with_resource(&format!("other{number}"));
        let second = xmpp(config.expect("a name"));
        let told = inbound(&second, &mut Cursor::START.clone()).await;
        assert_eq!(told.body.as_str(), words);
        second.close().await;
    }
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
    for (query, condition) in [
        ("urn:xmpp:ping", "null"),
        ("jabber:iq:last", "service-unavailable"),
    ] {
        let asked = json!({"do": "iq", "to": "u0@localhost/bereik", "query": query});
        end.command(asked).await;
        if condition != "null" {
            end.wait(|told| told["what"] == "answer" && told["condition"] == condition)
                .await;
        }
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

#[tokio::test]
#[ignore = "starts prosody and slixmpp, which cargo xtask test installs"]
async fn presence_goes_both_ways_and_only_to_whom_it_may() {
    let prosody = Prosody::start("").await;
    let (end, eve) = (
        End::start(&prosody, "u1").await,
        End::start(&prosody, "u2").await,
    );
    let config = prosody.config("u0").with_watched(&[end.address()]);
    let config = config
        .expect("an address")
        .with_subscribers(Subscribers::These(vec![end.address()]));
    let xmpp = xmpp(config);
    assert_eq!(xmpp.probe().await, Health::Up);
    let mut cursor = Cursor::START;
    for (show, state) in [
        ("", PresenceState::Available),
        ("away", PresenceState::Idle),
        ("dnd", PresenceState::DoNotDisturb),
        ("xa", PresenceState::Idle),
        ("chat", PresenceState::Available),
    ] {
        end.command(json!({"do": "show", "show": show})).await;
        let of = end.address();
        find(&xmpp, &mut cursor, |kind| {
            *kind
                == EventKind::Presence {
                    of: of.clone(),
                    state,
                }
        })
        .await;
    }
    for other in [&eve, &end] {
        other
            .command(json!({"do": "subscribe", "to": "u0@localhost"}))
            .await;
    }
    let sees = |told: &Value, show: &str| {
        told["what"] == "presence" && told["sender"] == "u0@localhost" && told["type"] == show
    };
    end.wait(|told| sees(told, "available")).await;
    for (state, show) in [
        (PresenceState::Busy, "dnd"),
        (PresenceState::Idle, "away"),
        (PresenceState::OutOfOffice, "xa"),
    ] {
        xmpp.publish(state).await.expect("it is taken");
        end.wait(|told| sees(told, show)).await;
    }
    drop(end);
    let gone = |kind: &EventKind| {
        matches!(
            kind,
            EventKind::Presence {
                state: PresenceState::Unknown,
                ..
            }
        )
    };
    find(&xmpp, &mut cursor, gone).await;
    let seen = eve.told("presence").into_iter();
    let mut seen = seen.filter(|told| told["sender"] == "u0@localhost");
    assert!(
        seen.all(|told| told["type"] == "unavailable"),
        "nobody granted it"
    );
}

async fn answered(xmpp: &Xmpp, cursor: &mut Cursor) -> (OfferId, Answer, Option<Address>) {
    let event = find(xmpp, cursor, |kind| {
        matches!(kind, EventKind::Answered { .. })
    })
    .await;
    let EventKind::Answered {
        offer,
        answer,
        from,
        ..
    } = event.kind
    else {
        unreachable!("it was looked for")
    };
    (offer, answer, from)
}

#[tokio::test]
#[ignore = "starts prosody and slixmpp, which cargo xtask test installs"]
async fn an_offer_is_answered_by_a_word_and_written_over_when_it_is_taken_back() {
    let prosody = Prosody::start("").await;
    let xmpp = xmpp(prosody.config("u0"));
    let end = End::start(&prosody, "u1").await;
    let from = Some(end.address());
    let mut cursor = Cursor::START;
    xmpp.offer(&alert(&end.address(), 1))
        .await
        .expect("it is taken");
    let told = end.wait_for_words("From the shop's page 1").await;
    assert!(
        told["body"]
            .as_str()
            .is_some_and(|body| body.starts_with("A <chat> & more\n"))
    );
    end.say("u0", "Yes").await;
    let first = answered(&xmpp, &mut cursor).await;
    assert_eq!(first, (OfferId::new(1), Answer::Accepted, from.clone()));
    for number in [2, 3, 4] {
        xmpp.offer(&alert(&end.address(), number))
            .await
            .expect("it is taken");
    }
    end.say("u0", "no").await;
    end.wait_for_words("O2, O3, O4").await;
    assert_eq!(inbound(&xmpp, &mut cursor).await.body.as_str(), "no");
    end.say("u0", "no o3.").await;
    let third = answered(&xmpp, &mut cursor).await;
    assert_eq!(third, (OfferId::new(3), Answer::Declined, from.clone()));
    end.raw("<message to='u0@localhost' type='chat' id='r'><body>accept</body><reply xmlns='urn:xmpp:reply:0' to='u0@localhost' id='offer/O4'/></message>").await;
    let fourth = answered(&xmpp, &mut cursor).await;
    assert_eq!(fourth, (OfferId::new(4), Answer::Accepted, from));
    xmpp.withdraw(OfferId::new(2))
        .await
        .expect("it is taken back");
    let over = end.wait_for_words("stands no longer").await;
    assert_eq!(over["replaces"], "offer/O2");
    // What was said before it is no answer any more.
    end.say("u0", "yes").await;
    assert_eq!(inbound(&xmpp, &mut cursor).await.body.as_str(), "yes");
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
