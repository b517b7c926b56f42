//! IRC, against ngircd, and against a server on a bad day.

#[path = "../../bereik-channel/tests/providers/alert.rs"]
mod alert;
#[path = "servers/leash.rs"]
mod leash;
#[path = "servers/ngircd.rs"]
mod ngircd;
#[path = "irc/peer.rs"]
mod peer;
#[path = "irc/script.rs"]
mod script;
#[path = "../../bereik-channel/tests/providers/words.rs"]
mod words;

use std::sync::Arc;
use std::time::Duration;

use alert::alert;
use bereik_channel::{
    Answer, Channel, Cursor, ErrorKind, EventKind, Evidence, Health, Inbox, Retry, Scope, Sent,
    conformance,
};
use bereik_chat::{Irc, IrcAccount};
use bereik_core::OfferId;
use bereik_core::message::Body;
use bereik_core::presence::PresenceState;
use ngircd::{CERTIFICATE, Ngircd};
use peer::{Bob, Peer};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use script::{Script, well};
use tokio::time::{sleep, timeout};
use words::{at, message};

fn account(port: u16) -> IrcAccount {
    let account = IrcAccount::new("localhost", port, "desk").expect("an account");
    let account = account.with_pace(30, Duration::from_millis(50));
    account.with_answer_within(Duration::from_secs(5))
}

fn inbox() -> Arc<Inbox> {
    let inbox = Inbox::new().with_settle_for(Duration::ZERO);
    Arc::new(inbox.with_poll_for(Duration::from_millis(200)))
}

fn plain(account: IrcAccount) -> Irc {
    Irc::plain(account, inbox())
}

/// Waits for an event of which this makes something.
async fn await_event<T>(irc: &Irc, wanted: impl Fn(&EventKind) -> Option<T>) -> T {
    let waiting = async {
        let mut cursor = Cursor::START;
        loop {
            let batch = irc.receive(cursor, 16).await.expect("events");
            if let Some(found) = batch.events.iter().find_map(|event| wanted(&event.kind)) {
                return found;
            }
            cursor = batch.cursor;
        }
    };
    timeout(Duration::from_secs(30), waiting)
        .await
        .expect("it comes in")
}

#[tokio::test]
#[ignore = "starts ngircd, which cargo xtask test installs"]
async fn the_contract_holds() {
    let server = Ngircd::start("");
    let bob = Bob {
        irc: plain(account(server.port)),
        peer: Peer::join(server.port, "bob").await,
        begins: ["irc-run ", "Somebody asks for help"],
    };
    let tests = conformance::check(&bob, "irc-run", at()).await;
    let tests = tests.expect("a channel that keeps the contract");
    for test in [
        "a long line arrives whole",
        "an answer comes in",
        "an unknown address is refused",
        "an older cursor brings it again",
    ] {
        assert!(tests.contains(&test), "{tests:?}");
    }
}

fn tls(roots: RootCertStore) -> ClientConfig {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider);
    let config = config.with_safe_default_protocol_versions().expect("TLS");
    config.with_root_certificates(roots).with_no_client_auth()
}

#[tokio::test]
#[ignore = "starts ngircd, which cargo xtask test installs"]
async fn tls_is_spoken_with_whom_we_trust() {
    let server = Ngircd::start("letmein");
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(CERTIFICATE))
        .expect("a certificate");
    let ours = account(server.tls_port).with_password("letmein");
    let trusting = Irc::new(ours.clone(), tls(roots), inbox());
    assert_eq!(trusting.probe().await, Health::Up);
    let strict = Irc::new(ours, tls(RootCertStore::empty()), inbox());
    let error = strict
        .send(&message("handle:irc/bob"))
        .await
        .expect_err("a stranger");
    assert_eq!(
        (error.kind(), error.sent()),
        (ErrorKind::Security, Sent::No)
    );
}

#[tokio::test]
#[ignore = "starts ngircd, which cargo xtask test installs"]
async fn a_wrong_password_and_a_taken_nick_are_told_apart() {
    let server = Ngircd::start("letmein");
    let stranger = plain(account(server.port).with_password("wrong"));
    assert_eq!(stranger.probe().await, Health::NeedsCredentials);
    let known = || plain(account(server.port).with_password("letmein"));
    let (first, second) = (known(), known());
    assert_eq!(first.probe().await, Health::Up);
    let error = second
        .send(&message("handle:irc/desk"))
        .await
        .expect_err("it is taken");
    assert_eq!((error.code(), error.is_temporary()), (Some("433"), true));
    drop(first);
    let back = async {
        while second.probe().await != Health::Up {
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(Duration::from_secs(20), back)
        .await
        .expect("it has the nick now");
}

#[tokio::test]
#[ignore = "starts ngircd, which cargo xtask test installs"]
async fn who_is_watched_is_seen_to_come_and_go() {
    let server = Ngircd::start("");
    let account = account(server.port).with_watched("Anna").expect("a nick");
    let account = account.with_watched("bob").expect("a nick");
    let irc = plain(account.with_watch_every(Duration::from_secs(1)));
    let seen = |who: &'static str, how| {
        let of = format!("handle:irc/{who}");
        move |kind: &EventKind| match kind {
            EventKind::Presence { of: found, state } => {
                (found.to_string() == of && *state == how).then_some(())
            }
            _ => None,
        }
    };
    await_event(&irc, seen("anna", PresenceState::Unknown)).await;
    let anna = Peer::join(server.port, "anna").await;
    await_event(&irc, seen("anna", PresenceState::Available)).await;
    let bob = Peer::join(server.port, "bob").await;
    bob.say("AWAY :lunch");
    bob.await_line(" 306 ").await;
    await_event(&irc, seen("bob", PresenceState::Idle)).await;
    let receipt = irc
        .send(&message("handle:irc/bob"))
        .await
        .expect("taken all the same");
    assert_eq!(receipt.evidence, Evidence::Taken);
    anna.say("QUIT");
    bob.await_line("nobody's business").await;
}

#[tokio::test]
#[ignore = "starts ngircd, which cargo xtask test installs"]
async fn a_connection_that_ends_is_made_again_and_leaves_a_gap() {
    let mut server = Ngircd::start("");
    let irc = plain(account(server.port));
    assert_eq!(irc.probe().await, Health::Up);
    server.stop();
    let down = async {
        while irc.probe().await == Health::Up {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(10), down)
        .await
        .expect("it sees the end");
    let error = irc
        .send(&message("handle:irc/bob"))
        .await
        .expect_err("nobody is there");
    assert_eq!(
        (error.kind(), error.sent()),
        (ErrorKind::Unavailable, Sent::No)
    );
    server.run();
    let bob = Peer::join(server.port, "bob").await;
    let up = async {
        while irc.probe().await != Health::Up {
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(Duration::from_secs(30), up)
        .await
        .expect("it comes back");
    irc.send(&message("handle:irc/bob"))
        .await
        .expect("it works again");
    bob.await_line("nobody's business").await;
    let batch = irc.receive(Cursor::START, 16).await.expect("events");
    let gaps = batch
        .events
        .iter()
        .filter(|event| event.kind == EventKind::Gap);
    assert_eq!(gaps.count(), 2, "{batch:?}");
}

#[tokio::test]
#[ignore = "starts ngircd, which cargo xtask test installs"]
async fn who_calls_us_in_a_channel_is_answered_there() {
    let server = Ngircd::start("");
    let irc = plain(
        account(server.port)
            .with_channel("#Desk")
            .expect("a channel"),
    );
    let bob = Peer::join(server.port, "Bob").await;
    bob.say("JOIN #desk");
    bob.await_line(" 366 ").await;
    let joined = async {
        while irc.probe().await != Health::Up {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(Duration::from_secs(10), joined)
        .await
        .expect("we are in it");
    bob.say("PRIVMSG #desk :the desktop is broken");
    bob.say("PRIVMSG #desk :desk: my desktop is broken");
    let (from, text) = await_event(&irc, |kind| match kind {
        EventKind::Message(inbound) => Some((inbound.from.clone(), inbound.body.clone())),
        _ => None,
    })
    .await;
    assert_eq!(
        (from.to_string().as_str(), text.as_str()),
        ("handle:irc/#desk/bob", "my desktop is broken")
    );
    irc.send(&message(&from.to_string()))
        .await
        .expect("an answer");
    let line = bob.await_line("nobody's business").await;
    assert!(line.contains("PRIVMSG #desk :bob: words"), "{line}");
    irc.send(&message("handle:irc/#desk"))
        .await
        .expect("a word to all");
}

#[tokio::test]
#[ignore = "starts ngircd, which cargo xtask test installs"]
async fn an_offer_is_answered_by_whom_it_was_put_to() {
    let server = Ngircd::start("");
    let irc = plain(account(server.port));
    let bob = Peer::join(server.port, "bob").await;
    let eve = Peer::join(server.port, "eve").await;
    for number in [1, 2] {
        irc.offer(&alert("handle:irc/bob", number))
            .await
            .expect("an offer");
    }
    eve.say("PRIVMSG desk :accept O1");
    bob.await_line("accept O2").await;
    bob.say("PRIVMSG desk :accept");
    bob.await_line("More than one offer").await;
    irc.withdraw(OfferId::new(1))
        .await
        .expect("it is taken back");
    bob.await_line("The offer O1 stands no longer").await;
    bob.say("PRIVMSG desk :decline");
    let answered = await_event(&irc, |kind| match kind {
        EventKind::Answered {
            offer,
            answer,
            from,
            ..
        } => Some((*offer, *answer, from.clone())),
        _ => None,
    })
    .await;
    let bob = "handle:irc/bob".parse().ok();
    assert_eq!(answered, (OfferId::new(2), Answer::Declined, bob));
    let eve = await_event(&irc, |kind| match kind {
        EventKind::Message(inbound) => Some(inbound.from.to_string()),
        _ => None,
    });
    assert_eq!(
        eve.await,
        "handle:irc/eve",
        "what answers nothing is a message"
    );
}

type Verdict = (ErrorKind, Scope, Retry, Sent);

/// Before the server knows us: surely nothing was sent.
const BEFORE: [(&str, script::Answers, ErrorKind, Scope, Retry); 5] = {
    use {ErrorKind as K, Retry as R, Scope as S};
    [
        ("closed", |_| None, K::Unavailable, S::Channel, R::BackOff),
        (
            "silent",
            |_| Some(String::new()),
            K::TimedOut,
            S::Channel,
            R::BackOff,
        ),
        (
            "banned",
            |_| says(":irc 465 desk :go"),
            K::Refused,
            S::Channel,
            R::Never,
        ),
        (
            "no nick",
            |_| says(":irc 432 * desk :no"),
            K::Credentials,
            S::Channel,
            R::Never,
        ),
        (
            "endless",
            |_| Some("x".repeat(9_000)),
            K::Protocol,
            S::Channel,
            R::BackOff,
        ),
    ]
};

/// Instead of a PONG: the message may have been sent.
const BEHIND: [(&str, script::Answers, ErrorKind); 3] = {
    use ErrorKind as K;
    [
        (
            "closed",
            |line| (!line.starts_with("PING")).then(|| well(line)),
            K::Unavailable,
        ),
        (
            "ERROR",
            |line| instead("PING", "ERROR :x\r\n", line),
            K::Unavailable,
        ),
        ("silent", |line| instead("PING", "", line), K::TimedOut),
    ]
};

/// In answer to the message: surely it was not sent.
const AFTER: [(&str, script::Answers, ErrorKind, Scope, Retry); 5] = {
    use {ErrorKind as K, Retry as R, Scope as S};
    [
        (
            "401",
            |line| instead("PRIVMSG", ":irc 401 desk Bob :x\r\n", line),
            K::Refused,
            S::Recipient,
            R::Never,
        ),
        (
            "404",
            |line| instead("PRIVMSG", ":irc 404 desk bob :x\r\n", line),
            K::Refused,
            S::Recipient,
            R::Never,
        ),
        (
            "412",
            |line| instead("PRIVMSG", ":irc 412 desk :x\r\n", line),
            K::Invalid,
            S::Message,
            R::Never,
        ),
        (
            "417",
            |line| instead("PRIVMSG", ":irc 417 desk :x\r\n", line),
            K::Invalid,
            S::Message,
            R::Never,
        ),
        (
            "439",
            |line| instead("PRIVMSG", ":irc 439 desk bob :x\r\n", line),
            K::Throttled,
            S::Recipient,
            R::BackOff,
        ),
    ]
};

fn says(line: &str) -> Option<String> {
    Some(format!("{line}\r\n"))
}

fn instead(of: &str, answer: &str, line: &str) -> Option<String> {
    let is_it = line.starts_with(of);
    Some(if is_it { answer.to_owned() } else { well(line) })
}

async fn hold(name: &str, answers: script::Answers, expected: Verdict) {
    let script = Script::start(answers).await;
    let account = account(script.port).with_password("secret");
    let irc = plain(account.with_answer_within(Duration::from_millis(500)));
    let message = message("handle:irc/bob");
    let error = irc.send(&message).await.expect_err(name);
    let verdict = (error.kind(), error.scope(), error.retry(), error.sent());
    assert_eq!(verdict, expected, "{name}");
    let shown = format!("{error} {error:?} {irc:?}");
    assert!(
        !shown.contains("secret") && !shown.contains("business"),
        "{shown}"
    );
}

#[tokio::test]
async fn each_fault_is_told_apart() {
    for (name, answers, kind, scope, retry) in BEFORE.into_iter().chain(AFTER) {
        hold(name, answers, (kind, scope, retry, Sent::No)).await;
    }
    for (name, answers, kind) in BEHIND {
        let verdict = (kind, Scope::Channel, Retry::BackOff, Sent::Maybe);
        hold(name, answers, verdict).await;
    }
}

/// Refuses what comes second.
fn half(line: &str) -> Option<String> {
    if line.ends_with(":two") {
        return Some(":irc 401 desk bob :no such nick\r\n".to_owned());
    }
    Some(well(line))
}

#[tokio::test]
async fn half_a_message_may_have_been_sent() {
    let script = Script::start(half).await;
    let mut message = message("handle:irc/bob");
    message.body = Body::parse("one\ntwo").expect("words");
    let error = plain(account(script.port)).send(&message).await;
    let error = error.expect_err("half of it is refused");
    assert_eq!(
        (error.scope(), error.sent()),
        (Scope::Recipient, Sent::Maybe)
    );
}

/// Sends a message back after it was taken.
fn late(line: &str) -> Option<String> {
    let back = if line.starts_with("PING") {
        ":irc 401 desk bob :no such nick\r\n"
    } else {
        ""
    };
    Some(well(line) + back)
}

#[tokio::test]
async fn what_comes_back_late_is_told() {
    let script = Script::start(late).await;
    let irc = plain(account(script.port));
    let message = message("handle:irc/bob");
    irc.send(&message).await.expect("it was taken");
    let of = await_event(&irc, |kind| match kind {
        EventKind::Delivery {
            of,
            evidence: Evidence::None,
        } => Some(of.clone()),
        _ => None,
    });
    assert_eq!(of.await, message.id);
}

/// Knows whoever logs in as `desk` with the password `secret`.
fn with_login(line: &str) -> Option<String> {
    Some(match line {
        "CAP REQ :sasl" => ":irc CAP * ACK :sasl\r\n".to_owned(),
        "AUTHENTICATE PLAIN" => "AUTHENTICATE +\r\n".to_owned(),
        "AUTHENTICATE AGRlc2sAc2VjcmV0" => ":irc 903 * :welcome\r\n".to_owned(),
        line if line.starts_with("AUTHENTICATE") => ":irc 904 * :no\r\n".to_owned(),
        "CAP END" => ":irc 001 desk :Welcome\r\n".to_owned(),
        line if line.starts_with("USER") => String::new(),
        line => well(line),
    })
}

#[tokio::test]
async fn a_login_is_made_where_it_is_offered_and_nowhere_else() {
    let login = |port, password: &str| plain(account(port).with_login("desk", password));
    let script = Script::start(with_login).await;
    assert_eq!(login(script.port, "secret").probe().await, Health::Up);
    assert_eq!(
        login(script.port, "wrong").probe().await,
        Health::NeedsCredentials
    );
    let without = Script::start(|line| {
        let is_asked = line.starts_with("CAP");
        Some(if is_asked {
            ":irc CAP * NAK :sasl\r\n".to_owned()
        } else {
            well(line)
        })
    })
    .await;
    assert_eq!(
        login(without.port, "secret").probe().await,
        Health::NeedsCredentials
    );
    assert!(
        !without
            .heard()
            .iter()
            .any(|line| line.starts_with("AUTHENTICATE"))
    );
}

#[tokio::test]
async fn lines_go_out_at_the_pace_and_hold_no_other_line() {
    let script = Script::start(|line| Some(well(line))).await;
    let account = account(script.port).with_password("pass\r\nQUIT :injected");
    let irc = plain(account.with_pace(2, Duration::from_millis(200)));
    let mut message = message("handle:irc/bob");
    message.body = Body::parse("1\n2\n3\n4\n5").expect("words");
    let begun = sleep(Duration::ZERO).deadline();
    irc.send(&message).await.expect("it was taken");
    let took = sleep(Duration::ZERO).deadline() - begun;
    // Two at once; three more and the PING one by one.
    assert!(took >= Duration::from_millis(700), "{took:?}");
    assert!(!script.heard().iter().any(|line| line.starts_with("QUIT")));
}
