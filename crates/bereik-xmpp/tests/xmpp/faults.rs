//! Servers that are away, that are strangers, that say nothing, and wires that somebody has tampered with.

use std::sync::Arc;
use std::time::Duration;

use bereik_channel::{
    Channel, ChannelError, Cursor, ErrorKind, Health, Inbox, Outbound, Retry, Scope, Sent,
};
use bereik_core::id::Key;
use bereik_core::message::Body;
use bereik_xmpp::{Xmpp, XmppConfig};
use chrono::DateTime;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::server::{self, Prosody};

const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='x' version='1.0'>";

fn config(port: u16) -> XmppConfig {
    let config = XmppConfig::new("u0@localhost", "secret").expect("an account");
    config
        .with_server("127.0.0.1", port)
        .with_login_within(Duration::from_secs(30))
}

async fn refusal(config: XmppConfig) -> (ChannelError, Health) {
    let inbox = Inbox::new().with_poll_for(Duration::from_millis(100));
    let xmpp = Xmpp::new(config)
        .expect("a channel")
        .with_inbox(Arc::new(inbox));
    let at = DateTime::from_timestamp(1_795_000_000, 0).expect("an instant");
    let body = Body::parse("nobody's business").expect("words");
    let to = "handle:xmpp/u1@localhost".parse().expect("an address");
    let message = Outbound::new(Key::parse("message/M1").expect("a key"), to, body, at);
    let error = xmpp.send(&message).await.expect_err("there is no session");
    let shown = format!("{error} {error:?} {xmpp:?}");
    assert!(
        !shown.contains("secret") && !shown.contains("business"),
        "{shown}"
    );
    let read = xmpp
        .receive(Cursor::START, 1)
        .await
        .expect_err("there is no session");
    assert_eq!(read.kind(), error.kind());
    (error, xmpp.probe().await)
}

/// Answers each connection with these words, one after each time that something was said.
async fn says(words: Vec<String>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(talk(stream, words.clone()));
        }
    });
    port
}

async fn talk(mut stream: TcpStream, words: Vec<String>) {
    let mut heard = [0; 4_096];
    for words in words {
        if stream.read(&mut heard).await.unwrap_or(0) == 0
            || stream.write_all(words.as_bytes()).await.is_err()
        {
            return;
        }
    }
    // Says no more, and waits for the other side to go.
    while stream.read(&mut heard).await.unwrap_or(0) > 0 {}
}

const DOWN: Health = Health::Down { retry_after: None };

const PROCEED: &str = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const REFUSAL: &str = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const NO_TLS: &str = "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>";
const TLS: &str =
    "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>";
const UNKNOWN: &str =
    "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>";

/// What each says, piece by piece, and what is made of it.
fn tampered() -> Vec<(&'static str, Vec<String>, ErrorKind)> {
    let begins = |more: &str| format!("{HEADER}{more}");
    let after_tls = |more: &str| vec![begins(TLS), more.to_owned()];
    let slipped = after_tls(&format!("{PROCEED}<stream:features/>"));
    let no_tls = vec![begins(TLS), PROCEED.to_owned(), "no TLS".to_owned()];
    let deep = begins(&"<a>".repeat(200_000));
    let endless = begins(&format!("<a>{}", "x".repeat(2 << 20)));
    let tag = begins(&format!("<a b='{}'", "x".repeat(9_000)));
    let http = "HTTP/1.1 400 Bad Request\r\n\r\n".to_owned();
    use ErrorKind::{Protocol, Refused, Security};
    vec![
        ("STARTTLS is stripped", vec![begins(NO_TLS)], Security),
        ("it refuses", after_tls(REFUSAL), Security),
        ("something comes behind its assent", slipped, Security),
        ("it does not speak TLS", no_tls, Security),
        ("it speaks HTTP", vec![http], Protocol),
        ("its elements never close", vec![deep], Protocol),
        ("its tag does not end", vec![tag], Protocol),
        ("its element does not end", vec![endless], Protocol),
        (
            "it does not know the domain",
            vec![begins(UNKNOWN)],
            Refused,
        ),
    ]
}

#[tokio::test]
async fn a_wire_that_is_not_secret_carries_nothing() {
    for (name, words, kind) in tampered() {
        let (error, health) = refusal(config(says(words).await)).await;
        let is = (error.kind(), error.scope(), error.sent());
        assert_eq!(is, (kind, Scope::Channel, Sent::No), "{name}");
        assert_eq!(health, DOWN, "{name}");
    }
}

#[tokio::test]
async fn a_server_that_is_silent_is_not_waited_for() {
    let config = config(says(Vec::new()).await);
    let (error, health) = refusal(config.with_login_within(Duration::from_millis(500))).await;
    let is = (error.kind(), error.retry(), error.sent());
    assert_eq!(is, (ErrorKind::TimedOut, Retry::BackOff, Sent::No));
    assert_eq!(health, DOWN);
}

#[tokio::test]
async fn a_server_that_is_away_is_tried_later() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let (error, health) = refusal(config(port)).await;
    assert_eq!(
        (error.kind(), error.retry()),
        (ErrorKind::Unavailable, Retry::BackOff)
    );
    assert!(error.may_fail_over());
    assert_eq!(health, DOWN);
}

#[tokio::test]
#[ignore = "starts prosody, which cargo xtask test installs"]
async fn a_stranger_and_a_wrong_password_are_told_apart() {
    let prosody = Prosody::start("").await;
    // The system's authorities do not know it.
    let (stranger, health) = refusal(config(prosody.port)).await;
    assert_eq!(
        (stranger.kind(), stranger.sent(), health),
        (ErrorKind::Security, Sent::No, DOWN)
    );
    let other = XmppConfig::new("u0@other.localhost", server::PASSWORD).expect("an account");
    let other = other
        .with_server("127.0.0.1", prosody.port)
        .with_tls(prosody.tls());
    let (other, _) = refusal(other).await;
    assert_eq!(other.sent(), Sent::No);
    let wrong = config(prosody.port).with_tls(prosody.tls());
    let (wrong, health) = refusal(wrong).await;
    assert_eq!(
        (wrong.kind(), wrong.code()),
        (ErrorKind::Credentials, Some("not-authorized"))
    );
    assert_eq!(
        (wrong.retry(), health),
        (Retry::Never, Health::NeedsCredentials)
    );
    let right = prosody.config("u0");
    let direct = right
        .clone()
        .with_server("127.0.0.1", prosody.direct_port)
        .with_direct_tls();
    for config in [right, direct] {
        let xmpp = Xmpp::new(config).expect("a channel");
        assert_eq!(xmpp.probe().await, Health::Up);
        xmpp.close().await;
    }
}
