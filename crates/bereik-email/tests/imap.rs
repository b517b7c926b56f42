//! Against real servers: mail that postfix takes is read from dovecot, over IMAP.

#[path = "faults/mailbox.rs"]
mod mailbox;

#[path = "imap/cutter.rs"]
mod cutter;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use async_trait::async_trait;
use bereik_channel::conformance::{self, Arrived, OtherEnd};
use bereik_channel::{
    Attendance, Batch, Channel, ChannelError, Cursor, ErrorKind, Event, EventKind, Evidence,
    Health, Inbound, Label, Outbound, Scope, Sent,
};
use bereik_core::Address;
use bereik_core::id::Key;
use bereik_core::message::Body;
use bereik_email::{Email, Invitation, Mailbox, MailboxConfig, Security, Smtp, SmtpConfig};
use chrono::{DateTime, Utc};
use tokio::time::timeout;

/// How long anything may take to arrive.
const PATIENCE: Duration = Duration::from_secs(60);

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `cargo xtask test`"))
}

fn port(name: &str) -> u16 {
    variable(name).parse().expect("a port")
}

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).expect("an instant")
}

/// A word that no other run against the same servers used.
fn run(test: &str) -> String {
    format!("{test}-{}", std::process::id())
}

fn address(name: &str) -> Address {
    name.parse().expect("an address")
}

/// How this reader's mailbox is read. Each test has a reader of its own.
fn reader(name: &str) -> MailboxConfig {
    MailboxConfig::new("localhost", port("BEREIK_IMAP_PORT"))
        .expect("a server")
        .with_login(format!("{name}@bereik.test"), "readerpw")
        .with_certificate_file(variable("BEREIK_SMTP_CA"))
        .with_poll_for(Duration::from_secs(2))
}

/// Sends in the name of this reader, or of anybody.
fn sender(name: &str) -> SmtpConfig {
    let url = format!("{}?from={name}@bereik.test", variable("BEREIK_SMTP_URL"));
    SmtpConfig::parse(&url)
        .expect("the server's URL")
        .with_certificate_file(variable("BEREIK_SMTP_CA"))
}

fn mailbox_of(config: MailboxConfig) -> Mailbox {
    Mailbox::new(config).expect("a configuration")
}

fn email(name: &str) -> Email {
    let smtp = Smtp::new(sender(name)).expect("a configuration");
    Email::new(smtp, mailbox_of(reader(name)))
}

fn message(id: &str, to: &str, text: &str) -> Outbound {
    let key = Key::parse(id).expect("a key");
    let body = Body::parse(text).expect("a body");
    Outbound::new(key, address(&format!("{to}@bereik.test")), body, at())
}

async fn send(from: &str, message: &Outbound) {
    let smtp = Smtp::new(sender(from)).expect("a configuration");
    smtp.send(message).await.expect("postfix takes it");
}

/// Runs a script of Python with these arguments; what it prints.
fn python(script: &str, arguments: &[&str]) -> String {
    let mut command = Command::new("python3");
    output(command.args(["-c", script]).args(arguments), "")
}

fn output(command: &mut Command, input: &str) -> String {
    use std::io::Write as _;
    use std::process::Stdio;
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the program is there");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);
    let done = child.wait_with_output().expect("it ends");
    assert!(done.status.success(), "{:?}", done.status);
    String::from_utf8(done.stdout).expect("it prints UTF-8")
}

/// Reads on from a cursor until so many messages with this word are there.
async fn messages(
    channel: &dyn Channel,
    from: &Cursor,
    word: &str,
    count: usize,
) -> (Vec<(Key, Inbound)>, Cursor) {
    let reading = async {
        let (mut found, mut cursor) = (Vec::new(), from.clone());
        while found.len() < count {
            let batch = channel.receive(cursor, 7).await.expect("dovecot answers");
            found.extend(
                batch
                    .events
                    .into_iter()
                    .filter_map(|event| with(event, word)),
            );
            cursor = batch.cursor;
        }
        (found, cursor)
    };
    timeout(PATIENCE, reading).await.expect("they arrive")
}

fn with(event: Event, word: &str) -> Option<(Key, Inbound)> {
    match event.kind {
        EventKind::Message(message) if message.body.as_str().contains(word) => {
            Some((event.id, message))
        }
        _ => None,
    }
}

/// Reads on until nothing more comes.
async fn all(channel: &dyn Channel, from: &Cursor) -> (Vec<Event>, Cursor) {
    let (mut events, mut cursor) = (Vec::new(), from.clone());
    loop {
        let Batch {
            events: more,
            cursor: next,
        } = channel.receive(cursor, 3).await.expect("dovecot answers");
        cursor = next;
        if more.is_empty() {
            return (events, cursor);
        }
        events.extend(more);
    }
}

/// Reader 1, who writes to Bob and is written to by Alice, with the word of this run.
struct Reader1(Email, Smtp, String);

#[async_trait]
impl OtherEnd for Reader1 {
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
        let folder = PathBuf::from(variable("BEREIK_MAILDIR")).join("bob@bereik.test/new");
        // A folder that is not there yet is an empty mailbox.
        let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let read = files.filter_map(|file| std::fs::read_to_string(file.path()).ok());
        let ours = read.filter(|mail| mail.contains(&self.2));
        ours.map(|mail| mailbox::read(mail.replace('\n', "\r\n").as_bytes()))
            .collect()
    }

    async fn write(&self, body: &Body) {
        let id = format!("{}/{}", self.2, body.as_str().len());
        let message = message(&id, "reader1", body.as_str());
        self.1.send(&message).await.expect("postfix takes it");
    }
}

#[tokio::test]
#[ignore = "needs an SMTP and an IMAP server; cargo xtask test runs it"]
async fn it_keeps_the_contract_with_postfix_and_dovecot() {
    let word = run("contract-in");
    let alice = Smtp::new(sender("alice")).unwrap();
    let end = Reader1(email("reader1"), alice, word.clone());
    let passed = conformance::check(&end, &word, at()).await.unwrap();
    assert!(passed.contains(&"a message comes in once"));
    assert!(passed.contains(&"an older cursor brings it again"));
}

/// Takes HOST PORT FROM TO WORD.
const SMTPLIB: &str = r#"
import smtplib, sys
from email.message import EmailMessage
port, word = int(sys.argv[1]), sys.argv[2]
mail = EmailMessage()
mail["From"] = "Jan Jan\u00dfen <jan@example.org>"
mail["To"] = "reader2@bereik.test"
mail["Subject"] = "Gr\u00fc\u00dfe aus K\u00f6ln"
mail["Message-ID"] = f"<{word}.python@example.org>"
mail.set_content(f"{word} na\u00efve caf\u00e9\nzweite Zeile\n")
mail.add_attachment(b"\x00\x01\xff", maintype="application", subtype="x-test", filename="Pl\u00e4ne.bin")
mail.add_attachment(f"a,b\n", subtype="csv", filename="table.csv")
with smtplib.SMTP("127.0.0.1", port) as smtp:
    smtp.send_message(mail, from_addr="jan@example.org", to_addrs=["reader2@bereik.test"])
"#;

/// Prints the subject and the text of the mail with this word, and whether any mail is marked.
const IMAPLIB: &str = r#"
import email, email.policy, imaplib, ssl, sys
port, ca, word = int(sys.argv[1]), sys.argv[2], sys.argv[3]
imap = imaplib.IMAP4_SSL("localhost", port, ssl_context=ssl.create_default_context(cafile=ca))
imap.login("reader2@bereik.test", "readerpw")
imap.select("INBOX", readonly=True)
print(len(imap.search(None, "SEEN")[1][0].split()))
for number in imap.search(None, "ALL")[1][0].split():
    mail = email.message_from_bytes(imap.fetch(number, "(BODY.PEEK[])")[1][0][1], policy=email.policy.default)
    if (mail["Message-ID"] or "").startswith(f"<{word}/"):
        print(mail["Subject"])
        print(mail.get_content(), end="")
imap.logout()
"#;

#[tokio::test]
#[ignore = "needs an SMTP and an IMAP server; cargo xtask test runs it"]
async fn what_three_clients_send_is_read() {
    let word = run("clients");
    let subject = Label::parse("Caf\u{e9} \u{20ac}").unwrap();
    let ours = message(
        &format!("{word}/1"),
        "reader2",
        &format!("{word} ours \u{e9}\n"),
    );
    send(
        "alice",
        &ours.clone().with_subject(subject.clone()).by_hand(),
    )
    .await;
    let plain = port("BEREIK_SMTP_PLAIN_PORT").to_string();
    python(SMTPLIB, &[&plain, &word]);
    let mail = format!("From: Mona <mona@example.org>\nTo: reader2@bereik.test\n\n{word} msmtp\n");
    let mut msmtp = Command::new("msmtp");
    msmtp.args([
        "--file=/dev/null",
        "--host=127.0.0.1",
        "--auth=off",
        "--tls=off",
    ]);
    msmtp.args([
        &format!("--port={plain}"),
        "--from=mona@example.org",
        "reader2@bereik.test",
    ]);
    output(&mut msmtp, &mail);

    let mailbox = mailbox_of(reader("reader2"));
    let (mut read, _) = messages(&mailbox, &Cursor::START, &word, 3).await;
    read.sort_by(|(_, one), (_, other)| one.from.cmp(&other.from));
    let [alice, jan, mona] = &read[..] else {
        panic!("{} messages", read.len());
    };
    assert_eq!(alice.1.subject, Some(subject));
    assert_eq!(
        alice.1.body.as_str().trim_end(),
        ours.body.as_str().trim_end()
    );
    let id = format!("<{word}/1@bereik.test>");
    assert_eq!(alice.1.provider_id.as_ref().unwrap().as_str(), id);
    assert_eq!(jan.1.from, address("jan@example.org"));
    assert_eq!(
        jan.1.from_name.as_ref().unwrap().as_str(),
        "Jan Jan\u{df}en"
    );
    assert_eq!(
        jan.1.subject.as_ref().unwrap().as_str(),
        "Gr\u{fc}\u{df}e aus K\u{f6}ln"
    );
    assert_eq!(
        jan.1.body.as_str(),
        format!("{word} na\u{ef}ve caf\u{e9}\nzweite Zeile\n")
    );
    let files: Vec<_> = jan.1.attachments.iter().collect();
    let shown = |at: usize| (files[at].name(), files[at].media_type(), files[at].bytes());
    assert_eq!(
        shown(0),
        (
            "Pl\u{e4}ne.bin",
            "application/x-test",
            Some(&b"\x00\x01\xff"[..])
        )
    );
    assert_eq!(shown(1), ("table.csv", "text/csv", Some(&b"a,b\r\n"[..])));
    assert_eq!(mona.1.from_name.as_ref().unwrap().as_str(), "Mona");
    assert!(read.iter().all(|(_, message)| message.answers.is_empty()));
}

#[tokio::test]
#[ignore = "needs an SMTP and an IMAP server; cargo xtask test runs it"]
async fn our_mail_is_read_by_another_client() {
    let word = run("other-client");
    let subject = Label::parse("Caf\u{e9} \u{20ac}").unwrap();
    let text = format!("{word} ours \u{e9}");
    let ours = message(&format!("{word}/1"), "reader2", &text);
    send("alice", &ours.with_subject(subject)).await;
    messages(&mailbox_of(reader("reader2")), &Cursor::START, &word, 1).await;
    let imaps = port("BEREIK_IMAPS_PORT").to_string();
    let printed = python(IMAPLIB, &[&imaps, &variable("BEREIK_SMTP_CA"), &word]);
    let lines: Vec<&str> = printed.lines().map(str::trim_end).collect();
    // Reading marked nothing.
    assert_eq!(lines[..3], ["0", "Caf\u{e9} \u{20ac}", text.as_str()]);
}

#[tokio::test]
#[ignore = "needs an SMTP and an IMAP server; cargo xtask test runs it"]
async fn a_new_mail_wakes_who_waits() {
    let word = run("idle");
    let long = reader("reader3").with_poll_for(PATIENCE * 10);
    for security in [Security::StartTls, Security::ImplicitTls] {
        let mut config = long.clone();
        if security == Security::ImplicitTls {
            config = MailboxConfig::new("localhost", port("BEREIK_IMAPS_PORT"))
                .unwrap()
                .with_login("reader3@bereik.test", "readerpw")
                .with_certificate_file(variable("BEREIK_SMTP_CA"))
                .with_poll_for(PATIENCE * 10)
                .with_security(security);
        }
        let (_, end) = all(&mailbox_of(reader("reader3")), &Cursor::START).await;
        let mailbox = mailbox_of(config);
        assert_eq!(mailbox.probe().await, Health::Up);
        let waiting = tokio::spawn(async move { mailbox.receive(end, 5).await });
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(!waiting.is_finished(), "there is nothing to bring yet");
        send(
            "alice",
            &message(&format!("{word}/{security:?}"), "reader3", &word),
        )
        .await;
        let batch = timeout(PATIENCE, waiting).await.expect("it wakes");
        let events = batch.unwrap().unwrap().events;
        assert!(events.into_iter().any(|event| with(event, &word).is_some()));
    }
    let installed = tokio_rustls::rustls::crypto::CryptoProvider::get_default();
    assert!(installed.is_none(), "nothing is installed for the process");
}

#[tokio::test]
#[ignore = "needs an SMTP and an IMAP server; cargo xtask test runs it"]
async fn connections_that_break_lose_nothing() {
    const MAILS: usize = 12;
    let word = run("cut");
    let text = format!("{word} {}", "and so on ".repeat(300));
    for number in 0..MAILS {
        send(
            "alice",
            &message(&format!("{word}/{number}"), "reader4", &text),
        )
        .await;
    }
    let whole = mailbox_of(reader("reader4"));
    let (expected, _) = messages(&whole, &Cursor::START, &word, MAILS).await;
    // Each connection ends after so many bytes, wherever that is.
    for bytes in [900, 3_000, 9_000, 20_000] {
        let port = cutter::start(port("BEREIK_IMAP_PORT"), bytes).await;
        let config = MailboxConfig::new("127.0.0.1", port).unwrap();
        let config = config
            .with_login("reader4@bereik.test", "readerpw")
            .with_security(Security::Plain)
            .with_poll_for(Duration::from_millis(200));
        let mailbox = mailbox_of(config);
        let (mut found, mut cursor) = (Vec::new(), Cursor::START);
        for _ in 0..80 {
            match mailbox.receive(cursor.clone(), 3).await {
                Ok(batch) => {
                    found.extend(batch.events.into_iter().filter_map(|one| with(one, &word)));
                    cursor = batch.cursor;
                }
                Err(error) => assert!(error.is_temporary(), "{error}"),
            }
            if found.len() >= MAILS {
                break;
            }
        }
        // Below so many bytes not even one mail fits; then there are errors and no loss.
        if bytes >= 9_000 {
            assert_eq!(found, expected, "{bytes}");
        } else {
            assert!(expected.starts_with(&found), "{bytes}");
        }
    }
}

/// Takes PORT and then appends a mail for each further argument to a folder that is made anew.
const NEW_FOLDER: &str = r#"
import imaplib, sys
imap = imaplib.IMAP4("127.0.0.1", int(sys.argv[1]))
imap.login("reader5@bereik.test", "readerpw")
folder = '"Entw&APw-rfe & mehr"'.replace(" & ", " &- ")
imap.delete(folder)
assert imap.create(folder)[0] == "OK"
for text in sys.argv[2:]:
    mail = f"From: jan@example.org\r\nMessage-ID: <{text}@example.org>\r\n\r\n{text}\r\n"
    assert imap.append(folder, None, None, mail.encode())[0] == "OK"
imap.logout()
"#;

#[tokio::test]
#[ignore = "needs an SMTP and an IMAP server; cargo xtask test runs it"]
async fn a_folder_made_anew_is_a_gap_and_is_read_on() {
    let imap = port("BEREIK_IMAP_PORT").to_string();
    let config = reader("reader5").with_folder("Entw\u{fc}rfe & mehr");
    let mailbox = mailbox_of(config);
    python(NEW_FOLDER, &[&imap, "one", "two", "three"]);
    let (before, cursor) = all(&mailbox, &Cursor::START).await;
    assert_eq!(before.len(), 3);
    // The life of a folder is counted in seconds.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    python(NEW_FOLDER, &[&imap, "one", "two", "three", "four"]);
    let gap = mailbox.receive(cursor.clone(), 5).await.unwrap();
    assert_eq!(
        gap.events
            .iter()
            .map(|event| &event.kind)
            .collect::<Vec<_>>(),
        [&EventKind::Gap]
    );
    assert_eq!(
        mailbox.receive(cursor, 5).await.unwrap(),
        gap,
        "the same cursor, the same events"
    );
    let (after, _) = all(&mailbox, &gap.cursor).await;
    assert_eq!(after.len(), 4);
    assert_eq!(
        after[..3],
        before[..],
        "what was read before has the same ids"
    );
    let unknown = Cursor::parse("something else").unwrap();
    assert_eq!(all(&mailbox, &unknown).await.0, after);
}

/// Takes PORT; prints how many mails are marked as read, and how many there are.
const MARKED: &str = r#"
import imaplib, sys
imap = imaplib.IMAP4("127.0.0.1", int(sys.argv[1]))
imap.login("reader6@bereik.test", "readerpw")
imap.select("INBOX", readonly=True)
count = lambda what: len(imap.search(None, what)[1][0].split())
print(count("SEEN"), count("ALL"))
"#;

#[tokio::test]
#[ignore = "needs an SMTP and an IMAP server; cargo xtask test runs it"]
async fn mails_are_marked_once_the_cursor_is_past_them_and_only_if_asked() {
    let imap = port("BEREIK_IMAP_PORT").to_string();
    let word = run("marked");
    for number in 0..3 {
        let message = message(&format!("{word}/{number}"), "reader6", &word);
        send("alice", &message).await;
    }
    let quiet = mailbox_of(reader("reader6"));
    messages(&quiet, &Cursor::START, &word, 3).await;
    assert_eq!(python(MARKED, &[&imap]).trim(), "0 3");
    let marking = mailbox_of(reader("reader6").with_marking());
    let first = marking.receive(Cursor::START, 2).await.unwrap();
    assert_eq!(
        python(MARKED, &[&imap]).trim(),
        "0 3",
        "it may not have been kept yet"
    );
    marking.receive(first.cursor, 2).await.unwrap();
    assert_eq!(python(MARKED, &[&imap]).trim(), "2 3");
}

#[tokio::test]
#[ignore = "needs an SMTP and an IMAP server; cargo xtask test runs it"]
async fn a_mail_that_is_too_large_is_told_of() {
    let word = run("large");
    let text = format!("{word} {}", "x".repeat(6_000));
    let subject = Label::parse(&word).unwrap();
    let large = message(&format!("{word}/1"), "reader7", &text).with_subject(subject.clone());
    send("alice", &large).await;
    send("alice", &message(&format!("{word}/2"), "reader7", &word)).await;
    let mailbox = mailbox_of(reader("reader7").with_mail_bytes_max(4_096));
    let (told, _) = messages(&mailbox, &Cursor::START, "too large", 1).await;
    let (_, told) = &told[0];
    assert_eq!(told.subject, Some(subject));
    assert_eq!(told.from, address("alice@bereik.test"));
    assert!(!told.body.as_str().contains("xxx"));
    let (whole, _) = messages(&mailbox, &Cursor::START, &word, 1).await;
    assert_eq!(whole.len(), 1, "the small one");
}

#[tokio::test]
#[ignore = "needs an SMTP and an IMAP server; cargo xtask test runs it"]
async fn what_is_wrong_is_told_apart() {
    let verdict = |error: ChannelError| (error.kind(), error.scope(), error.sent());
    let receive = async |config: MailboxConfig| {
        let received = mailbox_of(config).receive(Cursor::START, 1).await;
        verdict(received.unwrap_err())
    };
    let wrong = reader("reader8").with_login("reader8@bereik.test", "wrong");
    assert_eq!(
        mailbox_of(wrong.clone()).probe().await,
        Health::NeedsCredentials
    );
    let channel = |kind| (kind, Scope::Channel, Sent::No);
    assert_eq!(receive(wrong).await, channel(ErrorKind::Credentials));
    let strange = MailboxConfig::new("localhost", port("BEREIK_IMAP_PORT")).unwrap();
    let strange = strange.with_login("reader8@bereik.test", "readerpw");
    assert_eq!(receive(strange).await, channel(ErrorKind::Security));
    let nowhere = reader("reader8").with_folder("no such folder");
    assert_eq!(receive(nowhere.clone()).await, channel(ErrorKind::Refused));
    assert_eq!(
        mailbox_of(nowhere).probe().await,
        Health::Down { retry_after: None }
    );
    let odd = reader("reader8").with_login("a\u{e9}\"\\", "b\u{e9}");
    assert_eq!(receive(odd).await, channel(ErrorKind::Credentials));
    let shown = format!("{:?}", mailbox_of(reader("reader8")));
    assert!(!shown.contains("readerpw") && !shown.contains("reader8"));
}

/// Takes PORT WORD and the Message-ID that is answered.
const REPLY: &str = r#"
import smtplib, sys
from email.message import EmailMessage
port, word, answered = int(sys.argv[1]), sys.argv[2], sys.argv[3]
mail = EmailMessage()
mail["From"], mail["To"], mail["Subject"] = "bob@bereik.test", "reader8@bereik.test", "Re: x"
mail["References"] = f"<before@example.org> {answered}"
mail["In-Reply-To"] = answered
mail.set_content(f"{word}\n\n> your words\n")
with smtplib.SMTP("127.0.0.1", port) as smtp:
    smtp.send_message(mail)
"#;

#[tokio::test]
#[ignore = "needs an SMTP and an IMAP server; cargo xtask test runs it"]
async fn an_answer_leads_back_to_what_it_answers() {
    let word = run("answer");
    let mail = email("reader8");
    let asked = message(&format!("{word}/1.x"), "bob", "what do you think?");
    let receipt = mail.send(&asked).await.unwrap();
    let message_id = receipt.provider_id.unwrap();
    let plain = port("BEREIK_SMTP_PLAIN_PORT").to_string();
    python(REPLY, &[&plain, &word, &message_id]);
    let (read, _) = messages(&mail, &Cursor::START, &word, 1).await;
    let (_, reply) = &read[0];
    assert_eq!(reply.from, asked.to);
    let answers: Vec<&str> = reply.answers.iter().map(Key::as_str).collect();
    assert_eq!(answers, ["<before@example.org>", asked.id.as_str()]);
    assert_eq!(reply.body.as_str(), format!("{word}\n\n> your words\n"));
    let ids: BTreeSet<_> = read.iter().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), read.len());
}

/// Reads on until there is an event about the message with this key that is not the message.
async fn fate(channel: &dyn Channel, key: &Key) -> EventKind {
    let reading = async {
        let mut cursor = Cursor::START;
        loop {
            let batch = channel.receive(cursor, 7).await.expect("dovecot answers");
            let mut kinds = batch.events.into_iter().map(|event| event.kind);
            let is_it = |kind: &EventKind| matches!(kind, EventKind::Delivery { of, .. } | EventKind::Delayed { of } if of == key);
            if let Some(kind) = kinds.find(is_it) {
                return kind;
            }
            cursor = batch.cursor;
        }
    };
    timeout(PATIENCE, reading).await.expect("it is reported")
}

#[tokio::test]
#[ignore = "needs an SMTP and an IMAP server; cargo xtask test runs it"]
async fn a_mail_that_comes_back_and_one_that_is_late_are_told_apart() {
    let word = run("fate");
    let mail = email("reader9");
    let mut lost = message(&format!("{word}/lost"), "bob", &word);
    lost.to = address("jan@returned.test");
    let mut late = message(&format!("{word}/late"), "bob", &word);
    late.to = address("jan@late.test");
    mail.send(&lost).await.unwrap();
    mail.send(&late).await.unwrap();
    let came_back = EventKind::Delivery {
        of: lost.id.clone(),
        evidence: Evidence::None,
    };
    assert_eq!(fate(&mail, &lost.id).await, came_back);
    let is_late = EventKind::Delayed {
        of: late.id.clone(),
    };
    assert_eq!(fate(&mail, &late.id).await, is_late);
}

/// Takes PORT, CA and WORD: finds the invitation of this run, reads it with another library, and
/// answers it as a calendar does.
const ACCEPT: &str = r#"
import email, email.policy, imaplib, smtplib, ssl, sys, time
from email.message import EmailMessage
from icalendar import Calendar, Event, vCalAddress
imaps, smtp, ca, word = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
imap = imaplib.IMAP4_SSL("localhost", imaps, ssl_context=ssl.create_default_context(cafile=ca))
imap.login("reader7@bereik.test", "readerpw")
found = None
while not found:
    imap.select("INBOX", readonly=True)
    for number in imap.search(None, "ALL")[1][0].split():
        mail = email.message_from_bytes(imap.fetch(number, "(BODY.PEEK[])")[1][0][1], policy=email.policy.default)
        if (mail["Message-ID"] or "").startswith(f"<{word}/call"):
            found = mail
    time.sleep(0.2)
part = next(part for part in found.walk() if part.get_content_type() == "text/calendar")
assert part.get_param("method") == "REQUEST"
asked = Calendar.from_ical(part.get_content())
event = asked.walk("VEVENT")[0]
attendee = event["ATTENDEE"]
assert attendee == "mailto:reader7@bereik.test" and attendee.params["RSVP"] == "TRUE"
assert str(event["ORGANIZER"].params["CN"]) == "Help, desk"
print(event["SUMMARY"])
print(event["DTSTART"].dt.isoformat(), event["DTEND"].dt.isoformat())
answer, reply = Calendar(), Event()
answer.add("METHOD", "REPLY"); answer.add("VERSION", "2.0"); answer.add("PRODID", "-//test//EN")
for name in ["UID", "DTSTAMP", "DTSTART", "SEQUENCE", "ORGANIZER"]:
    reply[name] = event[name]
me = vCalAddress("mailto:reader7@bereik.test")
me.params["PARTSTAT"], me.params["CN"] = "TENTATIVE", "Reader: seven"
reply["ATTENDEE"] = me
answer.add_component(reply)
mail = EmailMessage()
mail["From"], mail["To"], mail["Subject"] = "reader7@bereik.test", "reader9@bereik.test", "Perhaps"
mail.set_content(f"{word} perhaps\n")
mail.add_alternative(answer.to_ical(), maintype="text", subtype="calendar", params={"method": "REPLY"})
with smtplib.SMTP("127.0.0.1", smtp) as server:
    server.send_message(mail)
"#;

#[tokio::test]
#[ignore = "needs an SMTP and an IMAP server and Python; cargo xtask test runs it"]
async fn an_invitation_is_read_by_another_library_and_its_answer_comes_in() {
    let word = run("invited");
    let mail = email("reader9");
    let asked = message(&format!("{word}/call"), "reader7", "We call you at 14:00.")
        .with_from_name(Label::parse("Help, desk").unwrap());
    let uid = Key::parse(&format!("{word},1;x@bereik.test")).unwrap();
    let when = "2026-11-23T13:00:00Z/2026-11-23T13:15:00Z".parse().unwrap();
    let summary = Label::parse("Call, from the \u{201C}helpdesk\u{201D}; x").unwrap();
    let call = Invitation::new(uid.clone(), at(), when, summary.clone());
    mail.send_invitation(&asked, &call).await.unwrap();
    let python = PathBuf::from(variable("BEREIK_PYTHON")).join("python");
    let (imaps, smtp) = (
        variable("BEREIK_IMAPS_PORT"),
        variable("BEREIK_SMTP_PLAIN_PORT"),
    );
    let mut command = Command::new(python);
    command.args([
        "-c",
        ACCEPT,
        &imaps,
        &smtp,
        &variable("BEREIK_SMTP_CA"),
        &word,
    ]);
    let printed = output(&mut command, "");
    let times = "2026-11-23T13:00:00+00:00 2026-11-23T13:15:00+00:00";
    assert_eq!(printed, format!("{}\n{times}\n", summary.as_str()));
    let reading = async {
        let mut cursor = Cursor::START;
        loop {
            let batch = mail.receive(cursor, 7).await.expect("dovecot answers");
            for event in batch.events {
                if let EventKind::Attendance {
                    of,
                    by,
                    answer,
                    message,
                } = event.kind
                    && of == uid
                {
                    return (by, answer, message);
                }
            }
            cursor = batch.cursor;
        }
    };
    let (by, answer, message) = timeout(PATIENCE, reading).await.expect("it comes in");
    assert_eq!(
        (by, answer),
        (address("reader7@bereik.test"), Attendance::Tentative)
    );
    assert!(message.body.as_str().contains("perhaps"));
}
