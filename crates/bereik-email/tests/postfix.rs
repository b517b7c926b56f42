//! Against a real server: postfix with STARTTLS and a password, mail read where it was delivered.

#[path = "faults/mailbox.rs"]
mod mailbox;

use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use bereik_channel::conformance::{self, Arrived, OtherEnd};
use bereik_channel::{Channel, ErrorKind, Evidence, Health, Label, Outbound, Retry, Scope, Sent};
use bereik_core::Address;
use bereik_core::id::Key;
use bereik_core::message::Body;
use bereik_email::{Security, Smtp, SmtpConfig};
use chrono::{DateTime, Utc};

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `cargo xtask test`"))
}

fn bare() -> SmtpConfig {
    SmtpConfig::parse(&variable("BEREIK_SMTP_URL")).expect("the server's URL")
}

fn trusting() -> SmtpConfig {
    bare().with_certificate_file(variable("BEREIK_SMTP_CA"))
}

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).expect("an instant")
}

/// A word that no other run against the same server used.
fn run(test: &str) -> String {
    format!("{test}-{}", std::process::id())
}

fn address(name: &str) -> Address {
    name.parse().expect("an address")
}

fn message(id: &str, text: &str) -> Outbound {
    let (key, body) = (
        Key::parse(id).expect("a key"),
        Body::parse(text).expect("a body"),
    );
    Outbound::new(key, address("bob@bereik.test"), body, at())
}

/// The mails in somebody's mailbox that have this word in them, which every mail of a test has,
/// with the line ends that they had on the wire. Other tests write to the same mailboxes.
fn mails(name: &str, word: &str) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(variable("BEREIK_MAILDIR"))
        .join(name)
        .join("new");
    // A folder that is not there yet is an empty mailbox.
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let read = files.filter_map(|file| std::fs::read_to_string(file.path()).ok());
    let ours = read.filter(|mail| mail.contains(word));
    ours.map(|mail| mail.replace('\n', "\r\n").into_bytes())
        .collect()
}

/// The same, once there is one, or there will be none.
async fn await_mails(name: &str, word: &str) -> Vec<Vec<u8>> {
    for _ in 0..400 {
        let mails = mails(name, word);
        if !mails.is_empty() {
            return mails;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Vec::new()
}

/// Bob's mailbox, with the word of this run.
struct Bob(Smtp, String);

#[async_trait]
impl OtherEnd for Bob {
    fn channel(&self) -> &dyn Channel {
        &self.0
    }

    fn address(&self) -> Address {
        address("bob@bereik.test")
    }

    fn unknown_address(&self) -> Option<Address> {
        Some(address("nobody@bereik.test"))
    }

    async fn arrived(&self) -> Vec<Arrived> {
        mails("bob@bereik.test", &self.1)
            .iter()
            .map(|mail| mailbox::read(mail))
            .collect()
    }
}

#[tokio::test]
#[ignore = "needs an SMTP server; cargo xtask test runs it"]
async fn it_keeps_the_contract_with_postfix() {
    assert_eq!(trusting().security(), Security::StartTls);
    let word = run("contract");
    let bob = Bob(Smtp::new(trusting()).unwrap(), word.clone());
    let passed = conformance::check(&bob, &word, at()).await.unwrap();
    assert!(passed.contains(&"an unknown address is refused"));
    assert!(passed.contains(&"an offer arrives"));
}

#[tokio::test]
#[ignore = "needs an SMTP server; cargo xtask test runs it"]
async fn a_wrong_password_is_told_from_everything_else() {
    let mail = Smtp::new(trusting().with_login("alice@bereik.test", "wrong")).unwrap();
    let error = mail.send(&message("M1", "never sent")).await.unwrap_err();
    let verdict = (error.kind(), error.scope(), error.retry(), error.sent());
    assert_eq!(
        verdict,
        (
            ErrorKind::Credentials,
            Scope::Channel,
            Retry::Never,
            Sent::No
        )
    );
    assert_eq!(mail.probe().await, Health::NeedsCredentials);
}

#[tokio::test]
#[ignore = "needs an SMTP server; cargo xtask test runs it"]
async fn an_unknown_certificate_is_not_trusted() {
    let mail = Smtp::new(bare()).unwrap();
    let error = mail.send(&message("M1", "never sent")).await.unwrap_err();
    let verdict = (error.kind(), error.scope(), error.retry(), error.sent());
    assert_eq!(
        verdict,
        (ErrorKind::Security, Scope::Channel, Retry::Never, Sent::No)
    );
}

#[tokio::test]
#[ignore = "needs an SMTP server; cargo xtask test runs it"]
async fn without_a_password_the_submission_port_refuses() {
    let port = variable("BEREIK_SMTP_URL")
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let config = SmtpConfig::new("localhost", port, address("alice@bereik.test")).unwrap();
    let config = config.with_certificate_file(variable("BEREIK_SMTP_CA"));
    let mail = Smtp::new(config.with_security(Security::StartTls)).unwrap();
    let error = mail.send(&message("M1", "never sent")).await.unwrap_err();
    let verdict = (error.kind(), error.scope(), error.retry(), error.sent());
    assert_eq!(
        verdict,
        (ErrorKind::Refused, Scope::Channel, Retry::Never, Sent::No),
        "{error}"
    );
}

#[tokio::test]
#[ignore = "needs an SMTP server; cargo xtask test runs it"]
async fn a_thread_arrives_as_one() {
    let mail = Smtp::new(trusting().with_mark(Key::parse("shop").unwrap())).unwrap();
    let word = run("thread");
    let first = Key::parse(&format!("{word}/1")).unwrap();
    let foreign = Key::parse("<abc@mail.example.org>").unwrap();
    let second = message(&format!("{word}/2"), &word)
        .with_subject(Label::parse("Re: a thread").unwrap())
        .with_answers(vec![foreign, first]);
    let receipt = mail.send(&second).await.unwrap();
    assert_eq!(receipt.evidence, Evidence::Taken);
    let arrived = await_mails("bob@bereik.test", &word).await;
    let (fields, _) = mailbox::parts(&arrived[0]);
    let first_id = format!("<{word}/1.shop@bereik.test>");
    assert_eq!(
        mailbox::field(&fields, "Message-ID"),
        receipt.provider_id.as_deref()
    );
    assert_eq!(
        mailbox::field(&fields, "In-Reply-To"),
        Some(first_id.as_str())
    );
    let references = format!("<abc@mail.example.org> {first_id}");
    assert_eq!(
        mailbox::field(&fields, "References"),
        Some(references.as_str())
    );
    assert_eq!(
        mailbox::field(&fields, "Auto-Submitted"),
        Some("auto-generated")
    );
}

#[tokio::test]
#[ignore = "needs an SMTP server; cargo xtask test runs it"]
async fn nobody_is_smuggled_in() {
    let mail = Smtp::new(trusting()).unwrap();
    let word = run("smuggle");
    let text = format!(
        "{word}\r\n.\r\nMAIL FROM:<eve@bereik.test>\r\nRCPT TO:<alice@bereik.test>\r\nDATA\r\n{word}\r\n.\r\n"
    );
    let hostile = Label::flattened("Hi\r\nBcc: alice@bereik.test\r\n\r\nbody\0");
    let sent = message(&format!("{word}/1"), &text)
        .with_subject(hostile.clone())
        .with_from_name(hostile.clone());
    mail.send(&sent).await.unwrap();
    let arrived = await_mails("bob@bereik.test", &word).await;
    assert_eq!(arrived.len(), 1);
    let (fields, _) = mailbox::parts(&arrived[0]);
    assert_eq!(mailbox::field(&fields, "Bcc"), None);
    let read = mailbox::read(&arrived[0]);
    assert_eq!(read.subject.as_deref(), Some(hostile.as_str()));
    assert_eq!(read.text.trim_end(), sent.body.as_str().trim_end());
    // Alice's mail after it is there, so what was before it would be too.
    let mut after = message(&format!("{word}/2"), &format!("after-{word}"));
    after.to = address("alice@bereik.test");
    mail.send(&after).await.unwrap();
    assert_eq!(await_mails("alice@bereik.test", &word).await.len(), 1);
}

#[tokio::test]
#[ignore = "needs an SMTP server; cargo xtask test runs it"]
async fn a_server_on_this_machine_takes_mail_without_a_password() {
    let port = variable("BEREIK_SMTP_PLAIN_PORT").parse().unwrap();
    let config = SmtpConfig::new("127.0.0.1", port, address("alice@bereik.test")).unwrap();
    assert_eq!(config.security(), Security::Plain);
    let word = run("plain");
    let mail = Smtp::new(config).unwrap();
    mail.send(&message(&format!("{word}/1"), &word))
        .await
        .unwrap();
    assert_eq!(await_mails("bob@bereik.test", &word).await.len(), 1);
    let mut elsewhere = message(&format!("{word}/2"), &word);
    elsewhere.to = address("jan@example.org");
    let error = mail.send(&elsewhere).await.unwrap_err();
    assert_eq!(
        (error.scope(), error.sent()),
        (Scope::Channel, Sent::No),
        "it may not relay"
    );
}
