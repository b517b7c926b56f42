//! Matrix, against Synapse.

#[path = "../../bereik-channel/tests/providers/alert.rs"]
mod alert;
#[path = "servers/leash.rs"]
mod leash;
#[path = "matrix/peer.rs"]
mod peer;
#[path = "servers/synapse.rs"]
mod synapse;
#[path = "../../bereik-channel/tests/providers/words.rs"]
mod words;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use alert::alert;
use bereik_channel::http::Http;
use bereik_channel::{
    Answer, Channel, Cursor, ErrorKind, EventKind, Evidence, Health, Inbound, Retry, Scope, Sent,
    conformance,
};
use bereik_chat::{Invitations, Matrix};
use bereik_core::OfferId;
use bereik_core::id::Key;
use bereik_core::message::Body;
use bereik_core::presence::PresenceState;
use peer::{Bob, Peer};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use synapse::{CERTIFICATE, Synapse};
use tokio::time::timeout;
use words::{at, message};

const BOB: &str = "handle:matrix/@bob:bereik.test";

fn matrix(url: &str, token: &str) -> Matrix {
    let http = Http::new().expect("a client");
    let matrix = Matrix::new(http.with_answer_within(Duration::from_secs(60)), url, token);
    let servers = Invitations::OfServers(vec!["bereik.test".to_owned()]);
    matrix
        .with_invitations(servers)
        .with_poll_for(Duration::from_millis(500))
}

async fn desk_and_bob(synapse: &Synapse) -> Bob {
    let (desk, bob) = (
        synapse.register("desk").await,
        synapse.register("bob").await,
    );
    Bob {
        matrix: matrix(&synapse.url, &desk),
        peer: Peer::start(&synapse.url, &bob),
    }
}

#[tokio::test]
#[ignore = "slow: starts Synapse, which cargo xtask test --slow installs"]
async fn slow_the_contract_holds() {
    let synapse = Synapse::start(1_000).await;
    let bob = desk_and_bob(&synapse).await;
    let tests = conformance::check(&bob, "matrix", at()).await;
    let tests = tests.expect("a channel that keeps the contract");
    for test in [
        "the same message twice arrives once",
        "the same offer twice arrives once",
        "an unknown address is refused",
        "a message comes in once",
        "an older cursor brings it again",
        "evidence comes in",
        "an answer comes in",
    ] {
        assert!(tests.contains(&test), "{tests:?}");
    }
}

/// Reads on, from where somebody is, until something comes in of which this makes something.
struct Reading<'a> {
    matrix: &'a Matrix,
    cursor: Cursor,
}

impl Reading<'_> {
    async fn until<T>(&mut self, wanted: impl Fn(&EventKind) -> Option<T>) -> T {
        let waiting = async {
            loop {
                let batch = self
                    .matrix
                    .receive(self.cursor.clone(), 1)
                    .await
                    .expect("events");
                self.cursor = batch.cursor;
                if let Some(found) = batch.events.iter().find_map(|event| wanted(&event.kind)) {
                    return found;
                }
            }
        };
        timeout(Duration::from_secs(60), waiting)
            .await
            .expect("it comes in")
    }

    async fn message(&mut self) -> Inbound {
        self.until(|kind| match kind {
            EventKind::Message(inbound) => Some(inbound.clone()),
            _ => None,
        })
        .await
    }
}

#[tokio::test]
#[ignore = "slow: starts Synapse, which cargo xtask test --slow installs"]
async fn slow_a_conversation_goes_on_in_the_room_where_it_began() {
    let synapse = Synapse::start(1_000).await;
    let bob = desk_and_bob(&synapse).await;
    let (desk, peer) = (&bob.matrix, &bob.peer);
    let mut reading = Reading {
        matrix: desk,
        cursor: Cursor::START,
    };
    let invite = json!({"is_direct": true, "preset": "trusted_private_chat", "invite": ["@desk:bereik.test"]});
    let room = peer.post("createRoom", invite).await["room_id"]
        .as_str()
        .expect("a room")
        .to_owned();
    let first = peer.say(&room, "are you there?").await;
    let inbound = reading.message().await;
    assert_eq!(
        (inbound.from.to_string().as_str(), inbound.body.as_str()),
        (BOB, "are you there?")
    );
    assert_eq!(
        inbound.from_name.as_ref().map(|name| name.as_str()),
        Some("bob")
    );
    let answer = message(BOB)
        .with_answers(vec![Key::parse(&first).expect("a key")])
        .by_hand();
    let receipt = desk.send(&answer).await.expect("an answer");
    let (event, content) = peer.await_text("nobody's business").await;
    assert_eq!(
        content["m.relates_to"]["m.in_reply_to"]["event_id"],
        first.as_str()
    );
    assert_eq!(
        (content["msgtype"].as_str(), receipt.provider_id.as_deref()),
        (Some("m.text"), Some(&*event))
    );
    let reply = json!({"msgtype": "m.notice", "body": "> <@desk> words\n\nI am away", "m.relates_to": {"m.in_reply_to": {"event_id": event}}});
    peer.put_into(&room, "m.room.message", reply).await;
    let inbound = reading.message().await;
    assert_eq!(
        (inbound.body.as_str(), inbound.is_automatic),
        ("I am away", true)
    );
    assert!(
        inbound.answers.contains(&answer.id),
        "{:?}",
        inbound.answers
    );
    peer.put(
        &format!("rooms/{room}/typing/@bob:bereik.test"),
        json!({"typing": true, "timeout": 5_000}),
    )
    .await;
    let typing = |kind: &EventKind| {
        matches!(kind, EventKind::Typing { from } if from.to_string() == BOB).then_some(())
    };
    reading.until(typing).await;
}

#[tokio::test]
#[ignore = "slow: starts Synapse, which cargo xtask test --slow installs"]
async fn slow_a_file_comes_along_and_what_is_encrypted_is_told() {
    let synapse = Synapse::start(1_000).await;
    let bob = desk_and_bob(&synapse).await;
    let (desk, peer) = (&bob.matrix, &bob.peer);
    desk.send(&message(BOB)).await.expect("it is taken");
    let room = peer.room().await;
    let mut reading = Reading {
        matrix: desk,
        cursor: Cursor::START,
    };
    let url = peer.upload(b"what is in it").await;
    let file = json!({"msgtype": "m.file", "body": "look", "filename": "../a.txt", "url": url, "info": {"mimetype": "text/plain", "size": 13}});
    peer.put_into(&room, "m.room.message", file).await;
    let inbound = reading.message().await;
    let file = inbound.attachments.iter().next().expect("a file");
    assert_eq!(
        (file.name(), file.bytes()),
        ("_a.txt", Some(&b"what is in it"[..]))
    );
    let mut secret = message(&format!("handle:matrix/{room}"));
    secret.id = Key::parse("message/M2").expect("a key");
    desk.send(&secret).await.expect("the room is plain yet");
    // What nobody here can read is not passed over in silence.
    let cipher = json!({"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x"});
    let path = format!("rooms/{room}/state/m.room.encryption");
    peer.put(&path, json!({"algorithm": "m.megolm.v1.aes-sha2"}))
        .await;
    peer.put_into(&room, "m.room.encrypted", cipher).await;
    reading
        .until(|kind| (*kind == EventKind::Gap).then_some(()))
        .await;
    secret.id = Key::parse("message/M3").expect("a key");
    let error = desk
        .send(&secret)
        .await
        .expect_err("it would not be encrypted");
    assert_eq!(
        (error.kind(), error.scope(), error.sent()),
        (ErrorKind::Security, Scope::Recipient, Sent::No)
    );
}

#[tokio::test]
#[ignore = "slow: starts Synapse, which cargo xtask test --slow installs"]
async fn slow_offers_are_answered_by_word_and_who_is_there_is_seen() {
    let synapse = Synapse::start(1_000).await;
    let bob = desk_and_bob(&synapse).await;
    let (desk, peer) = (&bob.matrix, &bob.peer);
    for number in [1, 2, 3] {
        desk.offer(&alert(BOB, number)).await.expect("an offer");
    }
    let room = peer.room().await;
    peer.await_text("accept O3").await;
    let mut reading = Reading {
        matrix: desk,
        cursor: Cursor::START,
    };
    desk.receive(Cursor::START, 1).await.expect("events");
    desk.withdraw(OfferId::new(1))
        .await
        .expect("it is taken back");
    peer.await_text("The offer O1 stands no longer").await;
    peer.say(&room, "accept").await;
    let answered = |kind: &EventKind| match kind {
        EventKind::Answered {
            offer,
            answer,
            from,
            ..
        } => Some((*offer, *answer, from.clone())),
        _ => None,
    };
    let waiting = reading.until(|kind| match kind {
        EventKind::Message(_) | EventKind::Answered { .. } => Some(()),
        _ => None,
    });
    let unclear = timeout(Duration::from_secs(3), waiting).await;
    assert!(unclear.is_err(), "it could be an answer to two");
    peer.await_text("More than one offer").await;
    peer.say(&room, "decline O3").await;
    let expected = (OfferId::new(3), Answer::Declined, BOB.parse().ok());
    assert_eq!(reading.until(answered).await, expected);
    peer.say(&room, "Accept!").await;
    let expected = (OfferId::new(2), Answer::Accepted, BOB.parse().ok());
    assert_eq!(reading.until(answered).await, expected);
    desk.publish(PresenceState::Busy)
        .await
        .expect("it is shown");
    let shown = peer.get("presence/@desk:bereik.test/status").await;
    assert_eq!(shown["presence"], "unavailable");
    peer.put(
        "presence/@bob:bereik.test/status",
        json!({"presence": "unavailable"}),
    )
    .await;
    reading
        .until(|kind| match kind {
            EventKind::Presence {
                of,
                state: PresenceState::Idle,
            } if of.to_string() == BOB => Some(()),
            _ => None,
        })
        .await;
}

#[tokio::test]
#[ignore = "slow: starts Synapse, which cargo xtask test --slow installs"]
async fn slow_what_is_read_after_a_restart_is_told_and_a_lost_place_is_a_gap() {
    let synapse = Synapse::start(1_000).await;
    let desk = synapse.register("desk").await;
    let bob = synapse.register("bob").await;
    let peer = Peer::start(&synapse.url, &bob);
    peer.tells.store(false, Ordering::Relaxed);
    let first = matrix(&synapse.url, &desk);
    let sent = message(BOB);
    first.send(&sent).await.expect("it is taken");
    let (event, _) = peer.await_text("nobody's business").await;
    let mut cursor = first
        .receive(Cursor::START, 100)
        .await
        .expect("events")
        .cursor;
    loop {
        let batch = first.receive(cursor, 100).await.expect("events");
        cursor = batch.cursor;
        if batch.events.is_empty() {
            break;
        }
    }
    let again = matrix(&synapse.url, &desk);
    let path = format!("rooms/{}/receipt/m.read/{event}", peer.room().await);
    peer.post(&path, json!({})).await;
    let mut reading = Reading {
        matrix: &again,
        cursor,
    };
    let of = reading.until(|kind| match kind {
        EventKind::Delivery {
            of,
            evidence: Evidence::Read,
        } => Some(of.clone()),
        _ => None,
    });
    assert_eq!(of.await, sent.id);
    let lost = Cursor::parse("nowhere").expect("a cursor");
    let batch = again.receive(lost, 100).await.expect("events");
    assert!(
        batch
            .events
            .iter()
            .any(|event| event.kind == EventKind::Gap)
    );
    again
        .receive(batch.cursor, 100)
        .await
        .expect("events again");
}

#[tokio::test]
#[ignore = "slow: starts Synapse, which cargo xtask test --slow installs"]
async fn slow_what_was_left_out_is_looked_up_and_past_a_bound_there_is_a_gap() {
    let synapse = Synapse::start(1_000).await;
    let bob = desk_and_bob(&synapse).await;
    let (desk, peer) = (&bob.matrix, &bob.peer);
    desk.send(&message(BOB)).await.expect("it is taken");
    let room = peer.room().await;
    let mut cursor = desk
        .receive(Cursor::START, 100)
        .await
        .expect("events")
        .cursor;
    let say = async |count: usize| {
        for number in 0..count {
            peer.say(&room, &format!("number {number}.")).await;
        }
    };
    let take = async |cursor: Cursor| {
        let (mut cursor, mut words, mut gaps) = (cursor, Vec::new(), 0);
        loop {
            let batch = desk.receive(cursor, 7).await.expect("events");
            cursor = batch.cursor;
            if batch.events.is_empty() {
                return (cursor, words, gaps);
            }
            for event in batch.events {
                match event.kind {
                    EventKind::Message(inbound) => words.push(inbound.body.as_str().to_owned()),
                    EventKind::Gap => gaps += 1,
                    _ => {}
                }
            }
        }
    };
    say(60).await;
    let (after, words, gaps) = take(cursor).await;
    let expected: Vec<String> = (0..60).map(|number| format!("number {number}.")).collect();
    assert_eq!((words, gaps), (expected, 0));
    cursor = after;
    say(130).await;
    let (cursor, words, gaps) = take(cursor).await;
    assert_eq!((words.len(), gaps), (120, 1));
    assert_eq!(words.last().map(String::as_str), Some("number 129."));
    // Who left is asked into another room.
    peer.post(&format!("rooms/{room}/leave"), json!({})).await;
    take(cursor).await;
    let mut again = message(BOB);
    again.id = Key::parse("message/M2").expect("a key");
    again.body = Body::parse("in another room").expect("words");
    desk.send(&again).await.expect("it is taken");
    peer.await_text("in another room").await;
    assert_ne!(peer.room().await, room);
}

#[tokio::test]
#[ignore = "slow: starts Synapse, which cargo xtask test --slow installs"]
async fn slow_limits_rooms_and_tokens_are_told_apart() {
    let synapse = Synapse::start(1).await;
    let bob = desk_and_bob(&synapse).await;
    let desk = &bob.matrix;
    let mut many = message(BOB);
    let slower = async {
        for number in 0.. {
            many.id = Key::parse(&format!("message/M{number}")).expect("a key");
            if let Err(error) = desk.send(&many).await {
                return error;
            }
        }
        unreachable!("there is a limit")
    };
    let error = timeout(Duration::from_secs(60), slower)
        .await
        .expect("a limit");
    assert_eq!(
        (error.kind(), error.scope(), error.sent()),
        (ErrorKind::Throttled, Scope::Channel, Sent::No)
    );
    assert!(
        matches!(error.retry(), Retry::After(wait) if wait > Duration::ZERO),
        "{error:?}"
    );
    let foreign = desk
        .send(&message("handle:matrix/!nowhere:bereik.test"))
        .await;
    let error = foreign.expect_err("we are not in it");
    assert_eq!(
        (error.kind(), error.scope(), error.retry()),
        (ErrorKind::Refused, Scope::Recipient, Retry::Never)
    );
    assert_eq!(
        matrix(&synapse.url, "syt_wrong").probe().await,
        Health::NeedsCredentials
    );
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(CERTIFICATE))
        .expect("a certificate");
    let provider = Arc::new(ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider);
    let tls = tls.with_safe_default_protocol_versions().expect("TLS");
    let tls = tls.with_root_certificates(roots).with_no_client_auth();
    let token = synapse.register("another").await;
    let trusting = Matrix::new(Http::with_tls(tls), &synapse.tls_url, token.as_str());
    assert_eq!(trusting.probe().await, Health::Up);
    let strict = matrix(&synapse.tls_url, &token).send(&many).await;
    assert_eq!(strict.expect_err("a stranger").kind(), ErrorKind::Security);
}
