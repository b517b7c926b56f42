//! Laws of invitations: whatever they are made of, they are one meeting with just these words.

use bereik_channel::{Label, Outbound};
use bereik_core::id::Key;
use bereik_core::interval::Interval;
use bereik_core::message::Body;
use bereik_email::{Invitation, Mail, SmtpConfig, compose_invitation};
use chrono::{DateTime, TimeDelta, Utc};
use icalendar::parser::{Component, read_calendar, unfold};
use mail_parser::{Message, MessageParser, MimeHeaders as _};
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).expect("an instant")
}

fn config(name: &str) -> SmtpConfig {
    let config = SmtpConfig::parse("smtp://localhost?from=helpdesk@example.org");
    let config = config.expect("a configuration");
    config.with_from_name(Label::flattened(name))
}

fn message(text: &str) -> Option<Outbound> {
    let to = "jan@example.com".parse().expect("an address");
    let id = Key::parse("callback/C1").expect("a key");
    Some(Outbound::new(id, to, Body::parse(text).ok()?, at()))
}

fn when(minutes: i64) -> Interval {
    Interval::new(at(), at() + TimeDelta::minutes(minutes)).expect("it is not empty")
}

fn invitation(uid: &str, summary: &str) -> Invitation {
    let uid = Key::parse(uid).expect("a key");
    Invitation::new(uid, at(), when(15), Label::flattened(summary))
}

fn parsed(mail: &Mail) -> Message<'_> {
    MessageParser::default()
        .parse(mail.bytes())
        .expect("a mail")
}

/// The calendar in a mail, and what its part says of its method.
fn calendar(mail: &Mail) -> (String, String) {
    let message = parsed(mail);
    let mut parts = message.parts.iter();
    let part = parts.find(|part| part.is_content_type("text", "calendar"));
    let part = part.expect("there is a calendar");
    let kind = part.content_type().expect("it says what it is");
    let method = kind.attribute("method").expect("it says its method");
    let text = part.text_contents().expect("it is text");
    (method.to_owned(), text.to_owned())
}

fn value<'a>(component: &'a Component<'_>, name: &str) -> Option<&'a str> {
    let mut same = component.properties.iter().filter(|one| one.name == name);
    let first = same.next()?;
    assert!(same.next().is_none(), "{name} twice");
    Some(first.val.as_str())
}

const PROPERTIES: [&str; 10] = [
    "ATTENDEE",
    "DESCRIPTION",
    "DTEND",
    "DTSTAMP",
    "DTSTART",
    "ORGANIZER",
    "SEQUENCE",
    "STATUS",
    "SUMMARY",
    "UID",
];

/// Text as somebody writes it who wants a property or a part of his own.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\r\nATTENDEE:mailto:eve@example.com\r\n".to_owned()),
        Just("\nEND:VEVENT\nBEGIN:VEVENT\n".to_owned()),
        Just("\r\n--=_bereik\r\nContent-Type: text/html\r\n\r\n".to_owned()),
        Just("\";X=\"y:z,\\;\\n".to_owned()),
        Just("\u{2028}\u{85}\u{202E}\0".to_owned()),
        "[ -~]{0,90}",
        any::<String>(),
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn an_invitation_is_one_meeting_with_just_these_words(
        name in hostile(), summary in hostile(), text in hostile(), uid in "[!-~]{1,128}",
    ) {
        let Some(message) = message(&text) else { return Ok(()) };
        let invitation = invitation(&uid, &summary);
        let config = config(&name);
        let mail = compose_invitation(&config, &message, &invitation).expect("it can be written");
        let again = compose_invitation(&config, &message, &invitation).expect("it can be written");
        prop_assert_eq!(mail.bytes(), again.bytes());
        prop_assert!(mail.bytes().is_ascii());
        let whole = parsed(&mail);
        prop_assert_eq!(whole.parts.len(), 3, "two parts in one");
        prop_assert_eq!(whole.body_text(0).expect("a text").replace("\r\n", "\n"), message.body.as_str());
        let (method, text) = calendar(&mail);
        prop_assert_eq!(method, "REQUEST");
        for line in text.split("\r\n") {
            // 75 octets, to which the library does not count the blank of a fold.
            prop_assert!(line.len() <= 76 && !line.contains(['\r', '\n']), "{line}");
        }
        let unfolded = unfold(&text);
        let read = read_calendar(&unfolded).expect("a calendar");
        prop_assert_eq!(read.components.len(), 1);
        let event = &read.components[0];
        let mut names: Vec<&str> = event.properties.iter().map(|one| one.name.as_str()).collect();
        names.sort_unstable();
        prop_assert_eq!(&names[..], &PROPERTIES[..]);
        let says = |name| value(event, name).expect("it is there");
        prop_assert_eq!(says("UID"), uid);
        prop_assert_eq!(says("SUMMARY"), invitation.summary.as_str());
        prop_assert_eq!(says("DESCRIPTION"), message.body.as_str());
        prop_assert_eq!(says("ATTENDEE"), "mailto:jan@example.com");
    }
}

#[test]
fn a_change_counts_and_a_cancellation_says_so() {
    let message = message("Another time.").unwrap();
    let first = invitation("call@example.org", "Call");
    let table = [
        (
            first.clone(),
            "REQUEST",
            "0",
            "CONFIRMED",
            "20261118T112140Z",
        ),
        (
            first.clone().moved(when(30), 1),
            "REQUEST",
            "1",
            "CONFIRMED",
            "20261118T113640Z",
        ),
        (
            first.cancelled(2),
            "CANCEL",
            "2",
            "CANCELLED",
            "20261118T112140Z",
        ),
    ];
    for (invitation, method, sequence, status, end) in table {
        let mail = compose_invitation(&config("Helpdesk"), &message, &invitation).unwrap();
        let (said, text) = calendar(&mail);
        assert_eq!(said, method);
        for line in [
            format!("METHOD:{method}"),
            format!("SEQUENCE:{sequence}"),
            format!("STATUS:{status}"),
            format!("DTEND:{end}"),
        ] {
            assert!(text.lines().any(|one| one == line), "{line} in {text}");
        }
        assert_eq!(text.contains("RSVP=TRUE"), method == "REQUEST");
    }
}

#[test]
fn a_time_that_no_calendar_has_is_refused() {
    let message = message("hello").unwrap();
    let ancient = DateTime::from_timestamp(-1, 0).unwrap();
    let mut invitation = invitation("call@example.org", "Call");
    invitation.when = Interval::new(ancient, at()).unwrap();
    assert!(compose_invitation(&config("x"), &message, &invitation).is_err());
}
