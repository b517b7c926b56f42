//! A server that does wrong, each time in another way: no call hangs, no memory fills, and each
//! fault is told apart.

use std::time::Duration;

use bereik_channel::{Channel, Cursor, ErrorKind, EventKind, Retry, Scope, Sent};
use bereik_email::{Mailbox, MailboxConfig, Security};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with one connection.
#[derive(Clone, Copy, Debug)]
enum Does {
    /// Answers each command as a server does, with this in place of the answer to the verb.
    Answers(&'static str, &'static str),
    /// Says this in place of a greeting, then nothing.
    Greets(&'static str),
    /// Speaks for ever and never ends a line.
    Babbles,
    /// Ends at once.
    Hangs,
}

async fn serve(does: Does) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("it is bound").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that leaves is no fault of the server.
            tokio::spawn(async move { talk(stream, does).await.ok() });
        }
    });
    port
}

async fn talk(stream: TcpStream, does: Does) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let (verb, instead) = match does {
        Does::Answers(verb, instead) => (verb, instead),
        Does::Greets(greeting) => {
            stream.write_all(greeting.as_bytes()).await?;
            return std::future::pending().await;
        }
        Does::Babbles => loop {
            stream.write_all(&[b'x'; 8_192]).await?;
        },
        Does::Hangs => return Ok(()),
    };
    stream.write_all(b"* OK ready\r\n").await?;
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let (tag, command) = line.trim_end().split_once(' ').unwrap_or(("", ""));
        let told = if command.starts_with(verb) {
            instead.replace("TAG", tag)
        } else {
            as_a_server_does(tag, command)
        };
        stream.write_all(told.as_bytes()).await?;
        line.clear();
    }
    Ok(())
}

/// One mail of 39 bytes with the number 7, or one with the number 250,000 in a large folder.
fn as_a_server_does(tag: &str, command: &str) -> String {
    let told = if command.starts_with("CAPABILITY") {
        "* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\n"
    } else if command.starts_with("EXAMINE") {
        "* 1 EXISTS\r\n* OK [UIDVALIDITY 3] ok\r\n* OK [UIDNEXT 8] ok\r\n"
    } else if command.starts_with("UID SEARCH UID 1:") {
        "* SEARCH 7\r\n"
    } else if command.starts_with("UID SEARCH UID 200001:") {
        "* SEARCH 250000\r\n"
    } else if command.starts_with("UID SEARCH") {
        "* SEARCH\r\n"
    } else if command.contains("RFC822.SIZE") {
        "* 1 FETCH (UID 7 RFC822.SIZE 39)\r\n"
    } else if command.starts_with("UID FETCH") {
        "* 1 FETCH (UID 7 BODY[]<0> {39}\r\nFrom: jan@example.org\r\n\r\nhello, hello\r\n)\r\n"
    } else {
        ""
    };
    let uid = command
        .strip_prefix("UID FETCH ")
        .and_then(|rest| rest.split_once(' '));
    let told = told.replace("UID 7", &format!("UID {}", uid.map_or("7", |(uid, _)| uid)));
    format!("{told}{tag} OK done\r\n")
}

async fn mailbox(does: Does, security: Security) -> Mailbox {
    let config = MailboxConfig::new("127.0.0.1", serve(does).await).expect("a server");
    let second = Duration::from_millis(700);
    let config = config
        .with_login("anna", "secret")
        .with_security(security)
        .with_deadlines(second, second)
        .with_mail_bytes_max(1_024)
        .with_poll_for(Duration::from_millis(100));
    Mailbox::new(config).expect("a configuration")
}

const LONG: &str = "* 1 FETCH (UID 7 BODY[]<0> {999999999}\r\n";

fn faults_until_login() -> Vec<(Does, Security, ErrorKind, Retry)> {
    use ErrorKind::{Credentials, Protocol, Security as NotSecret, TimedOut, Unavailable};
    use Security::{Plain, StartTls};
    let later = Retry::BackOff;
    let never = Retry::Never;
    vec![
        (Does::Hangs, Plain, Unavailable, later),
        (Does::Babbles, Plain, Protocol, later),
        (Does::Greets(""), Plain, TimedOut, later),
        (Does::Greets("* BYE busy\r\n"), Plain, Unavailable, later),
        (Does::Greets("220 smtp here\r\n"), Plain, Protocol, later),
        // Whoever says so before TLS may sit in the path.
        (
            Does::Greets("* PREAUTH hello\r\n"),
            StartTls,
            NotSecret,
            never,
        ),
        (
            Does::Answers("STARTTLS", "TAG BAD what\r\n"),
            StartTls,
            NotSecret,
            never,
        ),
        (
            Does::Answers("STARTTLS", "TAG OK go\r\n* OK injected\r\n"),
            StartTls,
            NotSecret,
            never,
        ),
        (
            Does::Answers("AUTH", "TAG NO [AUTHENTICATIONFAILED] x\r\n"),
            Plain,
            Credentials,
            never,
        ),
        (
            Does::Answers("AUTH", "TAG NO [UNAVAILABLE] later\r\n"),
            Plain,
            Unavailable,
            later,
        ),
    ]
}

fn faults_of_a_folder() -> Vec<(Does, Security, ErrorKind, Retry)> {
    use ErrorKind::{Protocol, Refused, TimedOut, Unavailable};
    use Security::Plain;
    let later = Retry::BackOff;
    vec![
        (
            Does::Answers("EXAMINE", "TAG NO [NONEXISTENT] x\r\n"),
            Plain,
            Refused,
            Retry::Never,
        ),
        (
            Does::Answers("EXAMINE", "TAG OK no number\r\n"),
            Plain,
            Protocol,
            later,
        ),
        (
            Does::Answers("UID SEARCH", "z9 OK another tag\r\n"),
            Plain,
            Protocol,
            later,
        ),
        (Does::Answers("UID SEARCH", ""), Plain, TimedOut, later),
        (
            Does::Answers("UID FETCH 7 (UID BODY", LONG),
            Plain,
            Protocol,
            later,
        ),
        (
            Does::Answers("UID FETCH 7 (UID BODY", "* BYE\r\n"),
            Plain,
            Unavailable,
            later,
        ),
    ]
}

#[tokio::test]
async fn each_fault_is_told_apart_and_none_hangs() {
    for (does, security, kind, retry) in
        faults_until_login().into_iter().chain(faults_of_a_folder())
    {
        let mailbox = mailbox(does, security).await;
        let received = mailbox.receive(Cursor::START, 4).await;
        let error = received.expect_err(&format!("{does:?}"));
        let verdict = (error.kind(), error.scope(), error.retry(), error.sent());
        assert_eq!(verdict, (kind, Scope::Channel, retry, Sent::No), "{does:?}");
        assert!(!format!("{error:?} {error}").contains("secret"));
    }
}

/// What comes in from such a server, told in a word, and that reading goes on behind it.
async fn told(verb: &'static str, instead: &'static str) -> String {
    let mailbox = mailbox(Does::Answers(verb, instead), Security::Plain).await;
    let batch = mailbox.receive(Cursor::START, 4).await.expect("it answers");
    let again = mailbox.receive(Cursor::START, 4).await.expect("it answers");
    assert_eq!(batch, again);
    let Some(event) = batch.events.first() else {
        assert_eq!(batch.cursor, Cursor::START);
        return "nothing".to_owned();
    };
    assert_eq!(batch.cursor.as_str(), Some("uidvalidity=3 uid=7"));
    let after = mailbox.receive(batch.cursor, 4).await.expect("it answers");
    assert_eq!(after.events, []);
    match &event.kind {
        EventKind::Message(message) => message.body.as_str().trim_end().to_owned(),
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn a_mail_that_the_server_cannot_give_stands_in_nobodys_way() {
    assert_eq!(told("NOOP", "").await, "hello, hello");
    let refused = "TAG NO [CORRUPTION] x\r\n";
    assert_eq!(told("UID FETCH 7 (UID BODY", refused).await, "Gap");
    let head = told("UID FETCH 7 (UID BODY.PEEK[]", refused).await;
    assert!(head.starts_with("(This mail could not be taken"), "{head}");
    let false_size = "* 1 FETCH (UID 7 RFC822.SIZE 5000)\r\nTAG OK\r\n";
    assert!(
        told("UID FETCH 7 (UID RFC822.SIZE)", false_size)
            .await
            .contains("too large")
    );
    let gone = "TAG OK gone\r\n";
    assert_eq!(told("UID FETCH 7 (UID BODY", gone).await, "nothing");
    // A literal has 1,025 bytes at most, whatever the size was said to be.
    let quoted = "* 1 FETCH (UID 7 BODY[]<0> \"From: a@b.org\" FLAGS (\\Seen))\r\nTAG OK\r\n";
    assert_eq!(
        told("UID FETCH 7 (UID BODY", quoted).await,
        "(This mail has no text.)"
    );
}

#[tokio::test]
async fn a_large_folder_is_searched_a_stretch_at_a_time() {
    const LARGE: &str = "* 200000 EXISTS\r\n* OK [UIDVALIDITY 3] ok\r\n\
        * OK [UIDNEXT 250001] ok\r\nTAG OK done\r\n";
    let mailbox = mailbox(Does::Answers("EXAMINE", LARGE), Security::Plain).await;
    let batch = mailbox.receive(Cursor::START, 4).await.unwrap();
    assert_eq!(batch.cursor.as_str(), Some("uidvalidity=3 uid=7"));
    let middle = Cursor::parse("uidvalidity=3 uid=100000").unwrap();
    let batch = mailbox.receive(middle, 4).await.unwrap();
    assert_eq!(batch.events.len(), 1);
    assert_eq!(batch.cursor.as_str(), Some("uidvalidity=3 uid=250000"));
    let after = mailbox.receive(batch.cursor.clone(), 4).await.unwrap();
    assert_eq!((after.events, after.cursor), (vec![], batch.cursor));
    let last = Cursor::parse(&format!("uidvalidity=3 uid={}", u32::MAX)).unwrap();
    assert_eq!(mailbox.receive(last, 4).await.unwrap().events, []);
}
