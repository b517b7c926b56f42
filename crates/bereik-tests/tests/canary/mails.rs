//! Mails full of marks, read from bytes and over IMAP, and invitations that hold some.

use bereik::channel::{Channel, Cursor, EventKind, Label, Outbound};
use bereik::core::message::Body;
use bereik::email::{
    Invitation, MailReader, Mailbox, MailboxConfig, Security, SmtpConfig, compose_invitation,
};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::logs;
use crate::search::Seen;

const HEAD: &str = "From: Canary <jan@example.com>\r\nSubject: canary\r\nX-Canary: canary\r\n";

/// Mails of every sort that is told apart, and some that are broken.
fn mails() -> Vec<String> {
    let calendar = "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:call-1\r\n\
        SUMMARY:canary\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:jan@example.com\r\n\
        END:VEVENT\r\nEND:VCALENDAR\r\n";
    vec![
        format!("{HEAD}\r\ncanary\r\n"),
        format!("{HEAD}Content-Type: text/html\r\n\r\n<p>canary</p>\r\n"),
        format!(
            "{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ncanary\r\n--b\r\n\
             Content-Type: text/x-canary; name=canary.txt\r\n\r\ncanary\r\n--b--\r\n"
        ),
        format!("{HEAD}Content-Type: text/calendar; method=REPLY\r\n\r\n{calendar}"),
        format!(
            "Return-Path: <>\r\nFrom: mailer-daemon@example.com\r\nSubject: canary\r\n\r\n\
             canary\r\nMessage-ID: <message/M1@example.org>\r\n"
        ),
        format!("{HEAD}Content-Type: multipart/mixed; boundary=canary\r\n\r\n--canary\r\ncanary"),
        "canary canary\r\n\u{0}canary".to_owned(),
        String::new(),
    ]
}

pub(crate) fn look_at_bytes(seen: &mut Seen) {
    let config = SmtpConfig::parse("smtp://canary:canary@localhost?from=helpdesk@example.org");
    let config = config.expect("a configuration");
    let reader = MailReader::for_sender(&config);
    seen.debug("a reader of mails", &reader);
    let mut kinds = std::collections::BTreeSet::new();
    for mail in mails() {
        let kind = reader.read(mail.as_bytes());
        seen.debug("a mail that came in", &kind);
        seen.debug("the start of one", &reader.read_start(mail.as_bytes(), 99));
        kinds.insert(match kind {
            EventKind::Attendance { .. } => "attendance",
            EventKind::Delivery { .. } => "delivery",
            EventKind::Message(_) => "message",
            other => panic!("{other:?}"),
        });
    }
    assert_eq!(kinds.len(), 3);
    let at = crate::company::at("2026-11-23T13:00:00Z");
    let body = Body::parse("canary").expect("a body");
    let key = |text: &str| text.parse().expect("a key");
    let to = "jan@example.com".parse().expect("an address");
    let message = Outbound::new(key("call/1"), to, body, at);
    let when = "2026-11-23T13:00:00Z/2026-11-23T13:15:00Z".parse();
    let summary = Label::parse("canary").expect("a label");
    let call = Invitation::new(key("call-1"), at, when.expect("an interval"), summary);
    seen.debug("an invitation", &call);
    let mail = compose_invitation(&config, &message, &call);
    seen.debug("an invitation as a mail", &mail.expect("it can be written"));
}

/// Reads a mail from a server that says canary wherever it can, with a password that is one.
pub(crate) async fn look_at_a_mailbox(seen: &mut Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("it is bound").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move { serve(stream).await.ok() });
        }
    });
    let config = MailboxConfig::new("127.0.0.1", port).expect("a server");
    let config = config
        .with_login("canary", "canary")
        .with_security(Security::Plain);
    seen.debug(
        "a configuration of a mailbox",
        &config.clone().with_folder("x"),
    );
    let mailbox = Mailbox::new(config.clone()).expect("a configuration");
    seen.debug("a mailbox", &mailbox);
    let batch = mailbox.receive(Cursor::START, 4).await;
    let batch = batch.expect("the server answers");
    assert_eq!(batch.events.len(), 1);
    seen.debug("what came in", &batch);
    let nowhere = Mailbox::new(config.with_folder("canary")).expect("a configuration");
    let error = nowhere.receive(Cursor::START, 4).await;
    seen.shown("an error of a mailbox", &error.expect_err("it is refused"));
    seen.text("the log", &logs::heard());
}

async fn serve(stream: TcpStream) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"* OK canary\r\n").await?;
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let (tag, command) = line.trim_end().split_once(' ').unwrap_or_default();
        let mail = format!("{HEAD}\r\ncanary\r\n");
        let size = mail.len();
        let told = if command == "EXAMINE \"canary\"" {
            format!("{tag} NO [CANNOT canary] canary\r\n")
        } else if command.starts_with("EXAMINE") {
            format!("* OK [UIDVALIDITY 3] canary\r\n* 1 EXISTS\r\n{tag} OK canary\r\n")
        } else if command.starts_with("UID SEARCH") {
            format!("* SEARCH 1\r\n{tag} OK canary\r\n")
        } else if command.contains("RFC822.SIZE") {
            format!("* 1 FETCH (UID 1 RFC822.SIZE {size})\r\n{tag} OK canary\r\n")
        } else if command.starts_with("UID FETCH") {
            format!("* 1 FETCH (UID 1 BODY[]<0> {{{size}}}\r\n{mail})\r\n{tag} OK canary\r\n")
        } else {
            format!("{tag} OK canary\r\n")
        };
        stream.write_all(told.as_bytes()).await?;
        line.clear();
    }
    Ok(())
}
