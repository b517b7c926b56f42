//! What mails mean: each `.eml` under `mails` with the text beside it, and laws of any mail.
//!
//! `UPDATE=1` rewrites the texts; a person reads the change.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bereik_channel::{Attachments, EventKind, Inbound};
use bereik_core::message::Body;
use bereik_email::{MailReader, SmtpConfig};
use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};

fn reader() -> MailReader {
    let config = SmtpConfig::parse("smtp://localhost?from=helpdesk@example.org");
    MailReader::for_sender(&config.expect("a configuration"))
}

fn read(mail: &[u8]) -> EventKind {
    reader().read(mail)
}

fn message(mail: &[u8]) -> Inbound {
    match read(mail) {
        EventKind::Message(message) => message,
        other => panic!("{other:?}"),
    }
}

fn mails() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mails");
    let files = std::fs::read_dir(folder).expect("the folder is there");
    let mut mails: Vec<PathBuf> = files.map(|file| file.expect("it is read").path()).collect();
    mails.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
    mails.sort();
    mails
}

fn on_the_wire(path: &Path) -> Vec<u8> {
    let mail = std::fs::read_to_string(path).expect("the mail is read");
    mail.replace('\n', "\r\n").into_bytes()
}

fn told(kind: &EventKind) -> String {
    match kind {
        EventKind::Attendance {
            of,
            by,
            answer,
            message,
        } => format!(
            "{answer:?} {} by {by}\n{}",
            of.as_str(),
            told_message(message)
        ),
        EventKind::Message(message) => told_message(message),
        other => format!("{other:?}\n"),
    }
}

fn told_message(message: &Inbound) -> String {
    let mut text = format!("from {}\n", message.from);
    let mut line = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            writeln!(text, "{name} {value:?}").expect("a string takes it");
        }
    };
    line("name", message.from_name.as_ref().map(|name| name.as_str()));
    line(
        "subject",
        message.subject.as_ref().map(|words| words.as_str()),
    );
    line("id", message.provider_id.as_ref().map(|id| id.as_str()));
    for answer in &message.answers {
        line("answers", Some(answer.as_str()));
    }
    for file in message.attachments.iter() {
        let shown = format!("{} {} {}", file.name(), file.media_type(), file.size());
        line("file", Some(&shown));
    }
    let marks = [
        (message.is_automatic, "automatic"),
        (message.is_automatic_reply, "in somebody's place"),
    ];
    for (_, mark) in marks.into_iter().filter(|(is, _)| *is) {
        line("mark", Some(mark));
    }
    format!("{text}---\n{}", message.body.as_str())
}

#[test]
fn each_mail_means_what_stands_beside_it() {
    let mut wrong = Vec::new();
    for path in mails() {
        let told = told(&read(&on_the_wire(&path)));
        let beside = path.with_extension("txt");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&beside, &told).expect("the text is written");
        }
        let expected = std::fs::read_to_string(&beside).unwrap_or_default();
        if told != expected {
            wrong.push(format!(
                "{}:\n{told}\nexpected:\n{expected}",
                path.display()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(mails().len() > 20);
}

#[test]
fn a_long_text_goes_on_in_a_file_and_loses_nothing() {
    let text = "all work and no play \u{e9}\r\n".repeat(2_000);
    let mail =
        format!("From: a@example.com\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}");
    let message = message(mail.as_bytes());
    assert!(message.body.as_str().len() <= Body::BYTES_MAX);
    assert!(message.body.as_str().ends_with("in the file message.txt.)"));
    let file = message.attachments.iter().next().unwrap();
    assert_eq!(file.bytes().unwrap(), text.replace("\r\n", "\n").as_bytes());
}

#[test]
fn a_mail_too_deep_or_too_long_comes_whole_as_a_file() {
    let level = "Content-Type: message/rfc822\r\n\r\n";
    for (levels, is_apart) in [(400, true), (401, false), (200_000, false)] {
        let mail = format!(
            "From: a@example.com\r\nSubject: deep\r\n{}",
            level.repeat(levels)
        );
        let message = message(mail.as_bytes());
        assert_eq!(message.subject.as_ref().unwrap().as_str(), "deep");
        let is_whole = message
            .attachments
            .iter()
            .any(|file| file.name() == "mail.eml");
        assert_eq!(is_whole, !is_apart, "{levels}");
        if is_whole {
            let file = message.attachments.iter().next().unwrap();
            assert_eq!(file.bytes().unwrap(), mail.as_bytes());
        }
    }
    let fields = format!("From: a@example.com\r\n{}\r\nx", "a:\n".repeat(800_000));
    assert_eq!(message(fields.as_bytes()).from.value(), "a@example.com");
}

#[test]
fn of_a_large_mail_the_start_tells_who_wrote() {
    let start = b"From: a@example.com\r\nSubject: big\r\nMIME-Version: 1.0\r\n\r\nhello";
    let EventKind::Message(message) = reader().read_start(start, 99_000_000) else {
        panic!("a message");
    };
    assert_eq!(message.from.value(), "a@example.com");
    assert!(message.body.as_str().contains("99000000 bytes"));
    assert!(!message.body.as_str().contains("hello"));
}

#[test]
fn no_words_are_shown_by_debug() {
    for path in mails() {
        let shown = format!("{:?}", read(&on_the_wire(&path)));
        assert!(
            !shown.contains("fire") && !shown.contains("photo"),
            "{shown}"
        );
    }
}

/// A mail as somebody writes it who wants to confuse: pieces of real ones, cut and joined.
fn strange() -> impl Strategy<Value = Vec<u8>> {
    let whole: Vec<Vec<u8>> = mails().iter().map(|path| on_the_wire(path)).collect();
    let cut = (
        proptest::sample::select(whole),
        any::<proptest::sample::Index>(),
        any::<proptest::sample::Index>(),
    );
    let cut = cut.prop_map(|(mail, from, to)| {
        let (from, to) = (from.index(mail.len()), to.index(mail.len()));
        mail[from.min(to)..from.max(to)].to_vec()
    });
    let piece = prop_oneof![
        4 => cut,
        1 => proptest::collection::vec(any::<u8>(), 0..80),
        1 => Just(b"\r\n--b\r\n".to_vec()),
        1 => Just(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n".to_vec()),
        1 => Just(b"Content-Type: message/rfc822\r\n\r\n".to_vec()),
        1 => Just(b"\r\n".to_vec()),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn any_bytes_are_a_mail_within_bounds(mail in strange()) {
        let kind = read(&mail);
        prop_assert_eq!(&kind, &read(&mail));
        let (EventKind::Message(message) | EventKind::Attendance { message, .. }) = kind else {
            return Ok(());
        };
        let is_bad = |c: char| c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}');
        for label in message.subject.iter().chain(&message.from_name) {
            prop_assert!(!label.as_str().contains(is_bad));
        }
        let is_bad_text = |c: char| is_bad(c) && !matches!(c, '\n' | '\t');
        prop_assert!(!message.body.as_str().contains(is_bad_text));
        prop_assert!(message.answers.len() <= 20);
        prop_assert!(message.attachments.len() <= Attachments::COUNT_MAX);
        for file in message.attachments.iter() {
            prop_assert!(!file.name().contains(is_bad) && !file.name().contains(['/', '\\']));
        }
    }
}
