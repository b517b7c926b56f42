//! Laws of what is written on the wire: whatever comes in, no header and no line comes out that
//! was not meant.

#[path = "faults/mailbox.rs"]
mod mailbox;

use bereik_channel::{Alert, AlertTo, Label, Link, Outbound};
use bereik_core::id::Key;
use bereik_core::message::Body;
use bereik_core::offer::{Offer, OfferRole, Offered};
use bereik_core::{Address, ChannelKind, ContactId, OfferId, PersonId};
use bereik_email::{SmtpConfig, compose_alert, compose_message};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::test_runner::TestCaseError;

fn config() -> SmtpConfig {
    SmtpConfig::parse("smtp://localhost?from=helpdesk@example.org").expect("a configuration")
}

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).expect("an instant")
}

/// Text as somebody writes it who wants a header of his own.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\r\n".to_owned()),
        Just("\n".to_owned()),
        Just("\r".to_owned()),
        Just("\0".to_owned()),
        Just("\r\n.\r\n".to_owned()),
        Just("\r\n\r\n".to_owned()),
        Just("Bcc: eve@example.org".to_owned()),
        Just("=?utf-8?q?=0D=0ABcc:_eve?=".to_owned()),
        Just("\u{2028}\u{85}\u{202E}".to_owned()),
        Just("\" <eve@example.org>, \\".to_owned()),
        Just("\u{1F468}\u{200D}\u{1F469}\u{20AC}".to_owned()),
        Just("   ".to_owned()),
        "[ -~]{0,90}",
        "\\PC{0,30}",
        any::<String>(),
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn key() -> impl Strategy<Value = Key> {
    "[!-~]{1,128}".prop_map(|text| Key::parse(&text).expect("printable ASCII"))
}

fn address() -> impl Strategy<Value = Option<Address>> {
    let local = prop_oneof!["[a-z.+_'!#$%&*/=?^{|}~-]{1,20}", hostile()];
    (local, hostile(), any::<bool>()).prop_map(|(local, end, is_hostile)| {
        let end = if is_hostile { end } else { String::new() };
        format!("{local}@example.org{end}").parse().ok()
    })
}

const FIELDS: [&str; 11] = [
    "Auto-Submitted",
    "Content-Transfer-Encoding",
    "Content-Type",
    "Date",
    "From",
    "In-Reply-To",
    "MIME-Version",
    "Message-ID",
    "References",
    "Subject",
    "To",
];

/// Nothing on the wire but ASCII, lines that end with CR LF, and the fields that were meant,
/// each once.
fn check_wire(bytes: &[u8]) -> Result<Vec<(String, String)>, TestCaseError> {
    prop_assert!(bytes.is_ascii());
    let lines = bytes.split(|byte| *byte == b'\n').collect::<Vec<_>>();
    let (last, ended) = lines.split_last().expect("split gives at least one");
    for line in ended {
        prop_assert!(line.ends_with(b"\r"), "a bare line feed");
        prop_assert!(
            line.len() <= 999,
            "a line of {} bytes (RFC 5322, 2.1.1)",
            line.len()
        );
    }
    let inner = ended
        .iter()
        .map(|line| &line[..line.len() - 1])
        .chain([*last]);
    for line in inner {
        prop_assert!(
            !line.contains(&b'\r') && !line.contains(&0),
            "a bare carriage return or NUL"
        );
    }
    let (fields, _) = mailbox::parts(bytes);
    let mut names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    for name in &names {
        prop_assert!(FIELDS.contains(name), "an unexpected field {name}");
    }
    names.sort_unstable();
    prop_assert!(
        names.windows(2).all(|two| two[0] != two[1]),
        "a field twice"
    );
    Ok(fields)
}

/// A name and an address (RFC 5322, 3.4).
fn name_and_address(value: &str) -> (String, String) {
    let Some((name, address)) = value.rsplit_once(" <") else {
        return (String::new(), value.to_owned());
    };
    let address = address.strip_suffix('>').expect("an address in brackets");
    let name = match name
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    {
        Some(quoted) => unquoted(quoted),
        None => mailbox::words(name),
    };
    (name, address.to_owned())
}

fn unquoted(text: &str) -> String {
    let mut chars = text.chars();
    let mut plain = String::new();
    while let Some(c) = chars.next() {
        assert_ne!(c, '"', "a quoted string that ends before its end");
        plain.push(if c == '\\' {
            chars.next().expect("what is quoted")
        } else {
            c
        });
    }
    plain
}

fn message(to: Address, body: &str) -> Option<Outbound> {
    let id = Key::parse("M1").expect("a key");
    Some(Outbound::new(id, to, Body::parse(body).ok()?, at()))
}

fn bob() -> Address {
    "bob@example.org".parse().expect("an address")
}

proptest! {
    #[test]
    fn no_words_make_a_header_or_a_bare_line(subject in hostile(), name in hostile(), body in hostile()) {
        let Some(mut message) = message(bob(), &body) else { return Ok(()) };
        message = message.with_subject(Label::flattened(&subject)).with_from_name(Label::flattened(&name));
        let mail = compose_message(&config(), &message).expect("labels and bodies can be written");
        check_wire(mail.bytes())?;
    }

    #[test]
    fn what_a_label_lets_through_is_written_whole(subject in hostile(), name in hostile(), body in hostile()) {
        let Some(mut message) = message(bob(), &body) else { return Ok(()) };
        let subject = Label::flattened(&subject);
        let name = Label::flattened(&name);
        message = message.with_subject(subject.clone()).with_from_name(name.clone());
        let mail = compose_message(&config(), &message).expect("labels and bodies can be written");
        let read = mailbox::read(mail.bytes());
        prop_assert_eq!(read.text, message.body.as_str());
        prop_assert_eq!(read.subject.as_deref(), Some(subject.as_str()));
        let (fields, _) = mailbox::parts(mail.bytes());
        let from = mailbox::field(&fields, "From").map(name_and_address);
        let expected = (name.as_str().to_owned(), "helpdesk@example.org".to_owned());
        prop_assert_eq!(from, Some(expected));
    }

    #[test]
    fn no_address_makes_a_header_or_a_second_recipient(to in address()) {
        let Some(to) = to else { return Ok(()) };
        let message = message(to.clone(), "hello").expect("a body");
        if let Ok(mail) = compose_message(&config(), &message) {
            let fields = check_wire(mail.bytes())?;
            prop_assert_eq!(mailbox::field(&fields, "To"), Some(to.value()));
        }
    }

    #[test]
    fn keys_name_their_mail_and_nothing_else(id in key(), other in key(), answers in proptest::collection::vec(key(), 0..40)) {
        let mut message = message(bob(), "hello").expect("a body").with_answers(answers.clone());
        message.id = id.clone();
        let mail = compose_message(&config(), &message).expect("keys can be written");
        let fields = check_wire(mail.bytes())?;
        prop_assert_eq!(mailbox::field(&fields, "Message-ID"), Some(mail.message_id()));
        prop_assert_eq!(mailbox::field(&fields, "In-Reply-To").is_some(), !answers.is_empty());
        prop_assert_eq!(mail.message_id().matches(['<', '>', '@', ' ']).count(), 3);
        message.id = other.clone();
        let second = compose_message(&config(), &message).expect("keys can be written");
        prop_assert_eq!(mail.message_id() == second.message_id(), id == other);
    }

    #[test]
    fn an_alert_is_written_whole(subject in hostile(), text in hostile(), number in 1_u64..) {
        let Ok(body) = Body::parse(&text) else { return Ok(()) };
        let anna = PersonId::parse("anna").expect("an id");
        let offer = Offer {
            id: OfferId::new(number),
            contact: ContactId::new(1),
            to: Offered::Person(anna.clone()),
            channel: ChannelKind::Email,
            role: OfferRole::Owner,
            made_at: at(),
            until: at() + TimeDelta::seconds(30),
        };
        let link = Link::parse("https://desk.example.org/contacts/1?key=x%0D%0A").expect("a link");
        let alert = Alert::new(offer, AlertTo::Address(bob()), Label::flattened(&subject), body).with_link(link.clone());
        let mail = compose_alert(&config(), &alert).expect("it can be written");
        let fields = check_wire(mail.bytes())?;
        prop_assert_eq!(mailbox::field(&fields, "Auto-Submitted"), Some("auto-generated"));
        prop_assert!(mailbox::read(mail.bytes()).text.trim_end().ends_with(link.as_str()));
        let mut nobody = alert;
        nobody.to = AlertTo::Person(anna);
        prop_assert!(compose_alert(&config(), &nobody).is_err());
    }

    #[test]
    fn any_instant_is_written_or_refused(seconds in any::<i64>()) {
        let Some(at) = DateTime::from_timestamp(seconds, 0) else { return Ok(()) };
        let mut message = message(bob(), "hello").expect("a body");
        message.at = at;
        let is_written = compose_message(&config(), &message).is_ok();
        prop_assert_eq!(is_written, (0..=253_402_300_799).contains(&seconds));
    }

    #[test]
    fn no_url_brings_a_panic_or_a_control_character(text in "smtps?://([a-z%0-9]{0,6}(:[a-z%0-9]{0,6})?@)?[a-z0-9.:\\[\\]]{0,12}(\\?(from|tls|ca|name|mark)=[a-z@%0-9]{0,9})?|.{0,60}") {
        if let Ok(config) = SmtpConfig::parse(&text) {
            let shown = format!("{config:?}");
            prop_assert!(!shown.chars().any(char::is_control));
        }
    }
}
