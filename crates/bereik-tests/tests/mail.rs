//! Nobody is reachable: the words go to whoever is on call, through a real mail server.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bereik::core::agreement::{Ask, EscalationPolicy, Level};
use bereik::core::contact::{ContactState, Customer};
use bereik::core::directory::{Directory, Draft};
use bereik::core::group::Group;
use bereik::core::line::Line;
use bereik::core::message::Body;
use bereik::core::{ChannelKind, Fact, Person, Urgency, Zone};
use bereik::email::{Smtp, SmtpConfig};
use bereik::routing::Opening;
use bereik::switchboard::{Acceptance, Switchboard};

/// How often a mailbox is looked at, twice a second, before the test gives up.
const LOOKS_MAX: u32 = 120;

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// A company of which nobody sits at a desk, with a line on call and one for calamities.
fn directory() -> Directory {
    let mut draft = Draft::new("Rivers & Co", Zone::utc())
        .with_person(Person::new(id("anna"), "Anna"))
        .with_group(Group::new(id("helpdesk"), "Helpdesk", vec![id("anna")]));
    draft.lines.push(Line::new(
        id("on-call"),
        ChannelKind::Email,
        id("bob@bereik.test"),
    ));
    draft.lines.push(Line::new(
        id("calamity"),
        ChannelKind::Email,
        id("alice@bereik.test"),
    ));
    draft.calamity_lines.push(id("calamity"));
    let level = Level {
        ask: vec![Ask::Line(id("on-call"))],
        for_s: 900,
    };
    draft.escalations.push(EscalationPolicy {
        id: id("duty"),
        levels: vec![level],
        repeat_max: 0,
    });
    draft.default_escalation = Some(id("duty"));
    draft.check().unwrap()
}

async fn switchboard(mark: &str) -> Switchboard {
    let url = std::env::var("BEREIK_SMTP_URL").expect("cargo xtask test sets BEREIK_SMTP_URL");
    let ca = std::env::var("BEREIK_SMTP_CA").expect("cargo xtask test sets BEREIK_SMTP_CA");
    let config = SmtpConfig::parse(&url)
        .unwrap()
        .with_certificate_file(ca)
        .with_mark(id(mark));
    let mail = Arc::new(Smtp::new(config).unwrap());
    Switchboard::builder(directory())
        .with_channel(mail)
        .start()
        .await
        .unwrap()
}

/// The mail in a mailbox that holds these words, once it has arrived.
async fn mail_with(mailbox: &str, words: &str) -> String {
    let maildir = std::env::var_os("BEREIK_MAILDIR").expect("cargo xtask test sets BEREIK_MAILDIR");
    let new = PathBuf::from(maildir).join(mailbox).join("new");
    for _ in 0..LOOKS_MAX {
        let files = std::fs::read_dir(&new).into_iter().flatten().flatten();
        let mut mails = files.filter_map(|file| std::fs::read_to_string(file.path()).ok());
        if let Some(mail) = mails.find(|mail| mail.contains(words)) {
            return mail;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("no mail with `{words}` came to {mailbox}");
}

fn opening(key: &str) -> Opening {
    let customer = Customer {
        name: "Jan Jansen".into(),
        addresses: vec![id("jan@example.org")],
        ..Customer::default()
    };
    Opening::new(id(key), customer, ChannelKind::WebChat).from_page("/shop/bikes")
}

#[tokio::test]
#[ignore = "needs an SMTP server; cargo xtask test runs it"]
async fn the_person_on_call_gets_the_words_and_takes_the_contact() {
    let switchboard = switchboard("walk-on-call").await;
    let words = Body::parse("the gate of warehouse nine does not open").unwrap();
    let contact = switchboard
        .open(opening("night:1"), Some(words))
        .await
        .unwrap()
        .contact;
    let mail = mail_with(
        "bob@bereik.test",
        "the gate of warehouse nine does not open",
    )
    .await;
    for told in [
        "Jan Jansen",
        "jan@example.org",
        "/shop/bikes",
        "Helpdesk",
        &contact.to_string(),
    ] {
        assert!(
            mail.contains(told),
            "the mail does not tell {told}:\n{mail}"
        );
    }
    let standing = switchboard.contact(contact).await.unwrap().unwrap();
    assert_eq!(standing.state, ContactState::OnCallLine);

    // Whoever reads it answers the line at the desk.
    let offer = switchboard.offers_to_lines()[0].id;
    assert_eq!(
        switchboard.accept(offer, id("anna")).await.unwrap(),
        Acceptance::Yours
    );
    let standing = switchboard.contact(contact).await.unwrap().unwrap();
    assert_eq!(
        (standing.state, standing.owner()),
        (ContactState::Active, Some(&id("anna")))
    );
}

#[tokio::test]
#[ignore = "needs an SMTP server; cargo xtask test runs it"]
async fn a_calamity_goes_to_the_calamity_line_at_once() {
    let switchboard = switchboard("walk-calamity").await;
    let words = Body::parse("the cold store is losing its cold").unwrap();
    let contact = switchboard
        .open(
            opening("night:2").with_urgency(Urgency::Calamity),
            Some(words),
        )
        .await
        .unwrap()
        .contact;
    let timeline = switchboard.timeline(contact, 0).await.unwrap();
    let offered = timeline
        .iter()
        .find(|entry| matches!(entry.fact, Fact::Offered { .. }))
        .unwrap();
    assert_eq!(offered.at, timeline[0].at, "not an instant later");
    let mail = mail_with("alice@bereik.test", "the cold store is losing its cold").await;
    assert!(mail.contains("Calamity"), "{mail}");
}
