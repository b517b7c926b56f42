//! Every fault of a mail server has the right scope, retry and sent, and none outlives its deadline.

#[path = "faults/mailbox.rs"]
mod mailbox;
#[path = "faults/server.rs"]
mod server;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use async_trait::async_trait;
use bereik_channel::conformance::{self, Arrived, OtherEnd};
use bereik_channel::{
    Channel, ChannelError, ErrorKind, Evidence, Health, Outbound, Receipt, Retry, Scope, Sent,
};
use bereik_core::Address;
use bereik_core::id::Key;
use bereik_core::message::Body;
use bereik_email::{Security, Smtp, SmtpConfig};
use chrono::{DateTime, Utc};
use server::{Fault, Server};

/// Short, for what never comes.
const SHORT: Duration = Duration::from_millis(400);

/// Enough for what does come, on a busy machine too.
const LONG: Duration = Duration::from_secs(30);

/// Only against a hang: with both deadlines and the farewell a call ends well before.
const HANG: Duration = Duration::from_secs(90);

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).expect("an instant")
}

fn message(text: &str) -> Outbound {
    let to = "bob@bereik.test".parse().expect("an address");
    let key = Key::parse("M1").expect("a key");
    Outbound::new(key, to, Body::parse(text).expect("a body"), at())
}

fn config(address: SocketAddr) -> SmtpConfig {
    let from = "alice@bereik.test".parse().expect("an address");
    let config = SmtpConfig::new(&address.ip().to_string(), address.port(), from);
    config.expect("a configuration").with_deadlines(LONG, LONG)
}

async fn send(config: SmtpConfig) -> Result<Receipt, ChannelError> {
    let mail = Smtp::new(config).expect("a channel");
    let sent = tokio::time::timeout(HANG, mail.send(&message("hello"))).await;
    sent.expect("no fault outlives its deadline")
}

/// What a fault must come out as.
fn verdict(error: &ChannelError) -> (ErrorKind, Scope, Retry, Sent) {
    (error.kind(), error.scope(), error.retry(), error.sent())
}

async fn check(fault: Fault, kind: ErrorKind, scope: Scope, retry: Retry, sent: Sent) {
    let server = Server::start(fault).await;
    let config = match fault {
        Fault::SilentGreeting => config(server.address).with_deadlines(SHORT, LONG),
        Fault::SilentAfterDot => config(server.address).with_deadlines(LONG, SHORT),
        _ => config(server.address),
    };
    let error = send(config).await.expect_err("a fault");
    assert_eq!(verdict(&error), (kind, scope, retry, sent), "{fault:?}");
    if sent == Sent::Maybe {
        // It does have the mail: that is what maybe means.
        while server.mails().is_empty() {
            tokio::task::yield_now().await;
        }
    } else if !matches!(fault, Fault::Reply(".", _)) {
        assert!(server.mails().is_empty(), "{fault:?}");
    }
}

#[tokio::test]
async fn without_a_fault_it_is_taken() {
    let server = Server::start(Fault::None).await;
    let receipt = send(config(server.address)).await.unwrap();
    assert_eq!(receipt.evidence, Evidence::Taken);
    assert_eq!(receipt.provider_id.as_deref(), Some("<M1@bereik.test>"));
    assert_eq!(mailbox::read(&server.mails()[0]).text.trim_end(), "hello");
}

#[tokio::test]
async fn refused_421_at_the_greeting() {
    let fault = Fault::Reply("", "421 4.3.2 too busy");
    check(
        fault,
        ErrorKind::Unavailable,
        Scope::Channel,
        Retry::BackOff,
        Sent::No,
    )
    .await;
}

#[tokio::test]
async fn refused_451_at_rcpt() {
    let fault = Fault::Reply("RCPT", "451 4.7.1 greylisted, try in 300 seconds");
    check(
        fault,
        ErrorKind::Refused,
        Scope::Recipient,
        Retry::BackOff,
        Sent::No,
    )
    .await;
}

#[tokio::test]
async fn refused_550_at_rcpt() {
    let fault = Fault::Reply("RCPT", "550 5.1.1 <bob@bereik.test> no such user");
    check(
        fault,
        ErrorKind::Refused,
        Scope::Recipient,
        Retry::Never,
        Sent::No,
    )
    .await;
    let server = Server::start(fault).await;
    let error = send(config(server.address)).await.unwrap_err();
    assert_eq!(error.code(), Some("550 5.1.1"));
    assert!(
        !format!("{error} {error:?}").contains("bob"),
        "the server's text stays outside"
    );
}

#[tokio::test]
async fn closed_after_the_dot() {
    let fault = Fault::CloseAfterDot;
    check(
        fault,
        ErrorKind::Unavailable,
        Scope::Channel,
        Retry::BackOff,
        Sent::Maybe,
    )
    .await;
}

#[tokio::test]
async fn silent_after_the_dot() {
    let fault = Fault::SilentAfterDot;
    check(
        fault,
        ErrorKind::TimedOut,
        Scope::Channel,
        Retry::BackOff,
        Sent::Maybe,
    )
    .await;
}

#[tokio::test]
async fn starttls_stripped() {
    let server = Server::start(Fault::None).await;
    let config = config(server.address).with_login("alice", "alicepw");
    assert_eq!(
        config.security(),
        Security::StartTls,
        "a password asks for it by itself"
    );
    let error = send(config).await.unwrap_err();
    let expected = (ErrorKind::Security, Scope::Channel, Retry::Never, Sent::No);
    assert_eq!(verdict(&error), expected);
    let heard = String::from_utf8(server.heard()).unwrap();
    assert!(
        !heard.contains("AUTH") && !heard.contains("MAIL"),
        "{heard}"
    );
}

#[tokio::test]
async fn silent_at_the_greeting() {
    let fault = Fault::SilentGreeting;
    check(
        fault,
        ErrorKind::TimedOut,
        Scope::Channel,
        Retry::BackOff,
        Sent::No,
    )
    .await;
}

#[tokio::test]
async fn endless_greeting() {
    let fault = Fault::EndlessGreeting;
    check(
        fault,
        ErrorKind::Protocol,
        Scope::Channel,
        Retry::BackOff,
        Sent::No,
    )
    .await;
}

#[tokio::test]
async fn refused_552_for_its_size() {
    let fault = Fault::Reply("MAIL", "552 5.3.4 too big");
    check(
        fault,
        ErrorKind::Refused,
        Scope::Message,
        Retry::Never,
        Sent::No,
    )
    .await;
}

#[tokio::test]
async fn garbage_at_the_greeting() {
    let fault = Fault::Garbage;
    check(
        fault,
        ErrorKind::Protocol,
        Scope::Channel,
        Retry::BackOff,
        Sent::No,
    )
    .await;
}

#[tokio::test]
async fn refused_450_after_data() {
    let fault = Fault::Reply("DATA", "450 4.2.1 mailbox busy");
    check(
        fault,
        ErrorKind::Refused,
        Scope::Recipient,
        Retry::BackOff,
        Sent::No,
    )
    .await;
}

#[tokio::test]
async fn connection_refused() {
    // A port that was free a moment ago; nobody listens on it.
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = send(config(address)).await.unwrap_err();
    let expected = (
        ErrorKind::Unavailable,
        Scope::Channel,
        Retry::BackOff,
        Sent::No,
    );
    assert_eq!(verdict(&error), expected);
}

#[tokio::test]
async fn refused_535_for_the_password() {
    let server = Server::start(Fault::Reply("AUTH", "535 5.7.8 authentication failed")).await;
    let config = config(server.address)
        .with_security(Security::Plain)
        .with_login("alice", "wrong");
    let error = send(config.clone()).await.unwrap_err();
    let expected = (
        ErrorKind::Credentials,
        Scope::Channel,
        Retry::Never,
        Sent::No,
    );
    assert_eq!(verdict(&error), expected);
    let health = Smtp::new(config).unwrap().probe().await;
    assert_eq!(health, Health::NeedsCredentials);
}

#[tokio::test]
async fn a_line_without_an_end() {
    let fault = Fault::EndlessLine;
    check(
        fault,
        ErrorKind::Protocol,
        Scope::Channel,
        Retry::BackOff,
        Sent::No,
    )
    .await;
}

#[tokio::test]
async fn garbage_after_the_dot() {
    let fault = Fault::GarbageAfterDot;
    check(
        fault,
        ErrorKind::Protocol,
        Scope::Channel,
        Retry::BackOff,
        Sent::Maybe,
    )
    .await;
}

#[tokio::test]
async fn data_without_a_go_ahead() {
    let fault = Fault::Reply("DATA", "250 ok");
    check(
        fault,
        ErrorKind::Protocol,
        Scope::Channel,
        Retry::BackOff,
        Sent::No,
    )
    .await;
}

#[tokio::test]
async fn refusals_after_the_dot_are_told_apart() {
    let spam = Fault::Reply(".", "554 5.6.0 not this text");
    check(
        spam,
        ErrorKind::Refused,
        Scope::Message,
        Retry::Never,
        Sent::No,
    )
    .await;
    let gone = Fault::Reply(".", "550 5.1.1 no such user after all");
    check(
        gone,
        ErrorKind::Refused,
        Scope::Recipient,
        Retry::Never,
        Sent::No,
    )
    .await;
    let later = Fault::Reply(".", "451 4.3.0 try again");
    check(
        later,
        ErrorKind::Refused,
        Scope::Recipient,
        Retry::BackOff,
        Sent::No,
    )
    .await;
    let closing = Fault::Reply(".", "421 4.3.2 shutting down");
    check(
        closing,
        ErrorKind::Unavailable,
        Scope::Channel,
        Retry::BackOff,
        Sent::No,
    )
    .await;
}

#[tokio::test]
async fn answers_of_an_intruder_behind_starttls_are_not_believed() {
    let server = Server::start(Fault::StartTlsInjected).await;
    let error = send(config(server.address).with_login("alice", "alicepw"))
        .await
        .unwrap_err();
    let expected = (ErrorKind::Security, Scope::Channel, Retry::Never, Sent::No);
    assert_eq!(verdict(&error), expected);
    let heard = server.heard();
    let text = String::from_utf8_lossy(&heard);
    assert!(
        !text.contains("AUTH") && !text.contains("MAIL"),
        "nothing is said in the clear"
    );
}

#[tokio::test]
async fn a_silent_farewell_does_not_undo_a_mail() {
    let server = Server::start(Fault::SilentAtFarewell).await;
    assert_eq!(
        send(config(server.address)).await.unwrap().evidence,
        Evidence::Taken
    );
}

#[tokio::test]
async fn the_probe_sends_nothing() {
    let server = Server::start(Fault::None).await;
    let mail = Smtp::new(config(server.address)).unwrap();
    assert_eq!(mail.probe().await, Health::Up);
    assert!(!String::from_utf8(server.heard()).unwrap().contains("MAIL"));
    let silent = Server::start(Fault::SilentGreeting).await;
    let config = config(silent.address).with_deadlines(SHORT, LONG);
    let health = Smtp::new(config).unwrap().probe().await;
    assert_eq!(health, Health::Down { retry_after: None });
}

struct Loopback {
    server: Server,
    mail: Smtp,
}

#[async_trait]
impl OtherEnd for Loopback {
    fn channel(&self) -> &dyn Channel {
        &self.mail
    }

    fn address(&self) -> Address {
        "bob@bereik.test".parse().expect("an address")
    }

    async fn arrived(&self) -> Vec<Arrived> {
        self.server
            .mails()
            .iter()
            .map(|mail| mailbox::read(mail))
            .collect()
    }
}

#[tokio::test]
async fn it_keeps_the_contract() {
    let server = Server::start(Fault::None).await;
    let mail = Smtp::new(config(server.address)).unwrap();
    let passed = conformance::check(&Loopback { server, mail }, "run", at())
        .await
        .unwrap();
    let expected = [
        "the channel is healthy",
        "the address is one that it carries",
        "a message arrives whole",
        "a long line arrives whole",
        "debug shows no words",
        "the subject arrives",
        "an address of another kind is refused",
        "an offer arrives",
        "taking back is unsupported",
        "showing our presence is unsupported",
        "receiving is unsupported",
    ];
    assert_eq!(passed, expected);
}
