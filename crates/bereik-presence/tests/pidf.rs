//! PIDF: what is written is what the view holds, it is the table of the docs, and the RFCs' schemas accept
//! it.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bereik_core::Zone;
use bereik_core::channel_kind::ChannelKind;
use bereik_core::language::Language;
use bereik_core::presence::PresenceState as State;
use bereik_core::public_view::{ExpectedWait, InsideView, Standing, View};
use bereik_core::wording::Wording;
use bereik_presence::Pidf;
use chrono::{DateTime, Utc};

const STANDINGS: [(&str, Standing); 5] = [
    ("available", Standing::Available),
    ("busy", Standing::Busy),
    ("away", Standing::Away),
    ("closed", Standing::Closed),
    ("offline", Standing::Offline),
];

const STATES: [(&str, State); 10] = [
    ("available", State::Available),
    ("busy", State::Busy),
    ("do_not_disturb", State::DoNotDisturb),
    ("elsewhere", State::Elsewhere),
    ("idle", State::Idle),
    ("off_duty", State::OffDuty),
    ("on_call", State::OnCall),
    ("out_of_office", State::OutOfOffice),
    ("tentative", State::Tentative),
    ("unknown", State::Unknown),
];

/// Names that would break out of text, were they not escaped.
const NAMES: [&str; 7] = [
    "Help & advice",
    "]]></note><tuple id=\"way-1\"/>",
    "\"'><!-- <?pi?> <![CDATA[",
    "a\u{0}b\u{1f}c\u{fffe}d\u{ffff}e\r\nf\tg",
    "Ünïcode 漢字 \u{202e}\u{1f600}",
    "&#x0; &lt; &nbsp;",
    "",
];

const ADDRESSES: [(ChannelKind, &str); 6] = [
    (ChannelKind::Chat, "handle:irc/o'brien&co<x>"),
    (
        ChannelKind::Email,
        "mailto:o'brien+x&y=z%20#?/^`{|}~!$*@example.org",
    ),
    (ChannelKind::Email, "mailto:zoë@bücher.example"),
    (ChannelKind::Meeting, "web:https://meet.example.org/a?b=c&d"),
    (ChannelKind::Phone, "tel:+31201234567"),
    (ChannelKind::Voicemail, "tel:+31207654321"),
];

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn write(pidf: &Pidf, view: &View, language: Language) -> String {
    let zone = Zone::named("Europe/Amsterdam").unwrap();
    let wording = Wording {
        language,
        zone: &zone,
        now: at("2026-11-23T10:00:00.25Z"),
        name_of: &|_| String::new(),
        address_of: &|_| String::new(),
    };
    pidf.write(view, &wording)
}

fn pidf() -> Pidf {
    Pidf::new("pres:anna@example.org").unwrap()
}

/// The elements of the activities, as the table of the docs writes them.
fn activities(xml: &str) -> String {
    let Some((_, rest)) = xml.split_once("<rpid:activities") else {
        return "none".to_owned();
    };
    let (inside, _) = rest.split_once("</rpid:activities>").unwrap();
    let elements = inside.split("<rpid:").skip(1).map(|element| {
        let name = element.split(['/', ' ', '>']).next().unwrap();
        match name {
            "other" => {
                let text = element.split(['>', '<']).nth(1).unwrap();
                format!("other: {text}")
            }
            name => name.to_owned(),
        }
    });
    elements.collect::<Vec<_>>().join(", ")
}

/// Views of every shape: each standing for customers, each state for colleagues and the own group.
fn views() -> Vec<View> {
    let mut views = Vec::new();
    for (_, standing) in STANDINGS {
        let bare = View::new(standing);
        let mut full = bare.clone();
        full.now_over = vec![ChannelKind::Email, ChannelKind::WebChat];
        full.back_at = Some(at("2026-11-24T08:00:00Z"));
        full.expected_wait = Some(ExpectedWait {
            p50_s: 90,
            p90_s: 400,
        });
        full.ways = ADDRESSES
            .iter()
            .map(|(channel, address)| (*channel, address.parse().unwrap()))
            .collect();
        for (_, state) in STATES {
            let mut inside = InsideView::new(state);
            let mut view = full.clone();
            view.inside = Some(inside);
            views.push(view);
            let mut view = bare.clone();
            inside.until = Some(at("2026-11-23T11:30:00.5Z"));
            inside.utc_offset_min = Some(-210);
            view.inside = Some(inside);
            views.push(view);
        }
        views.extend([bare, full]);
    }
    views
}

#[test]
fn a_document_holds_what_the_view_holds() {
    let mut view = View::new(Standing::Busy);
    view.now_over = vec![ChannelKind::Email];
    view.back_at = Some(at("2026-11-23T13:00:00Z"));
    view.ways = vec![
        (
            ChannelKind::Email,
            "mailto:o'brien&co@example.org".parse().unwrap(),
        ),
        (ChannelKind::Phone, "tel:+31201234567".parse().unwrap()),
    ];
    check(
        "customer.xml",
        &write(&pidf().with_name("Anna & Bo"), &view, Language::Dutch),
    );
    let mut inside = InsideView::new(State::DoNotDisturb);
    inside.until = Some(at("2026-11-23T11:30:00Z"));
    inside.utc_offset_min = Some(60);
    view.inside = Some(inside);
    check("colleague.xml", &write(&pidf(), &view, Language::English));
}

/// Holds a document to the text in a file; `UPDATE=1` rewrites the file.
fn check(file: &str, xml: &str) {
    let file = folder().join(file);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&file, xml).unwrap();
    }
    assert_eq!(xml, fs::read_to_string(file).unwrap());
}

#[test]
fn an_entity_is_a_uri() {
    for good in [
        "pres:anna@example.org",
        "sip:anna@example.org;transport=tcp?x=%C3%A9",
        "im:a",
        "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    ] {
        assert!(Pidf::new(good).is_ok(), "{good}");
    }
    let long = format!("pres:{}", "a".repeat(2_048));
    for bad in [
        "",
        "anna",
        ":anna",
        "1a:b",
        "pres:",
        "pres:a b",
        "pres:a\"b",
        "pres:<a>",
        "pres:é",
        "pres:a%4",
        "pres:a%zz",
        "pres:a%%41",
        "pres:a#b",
        "pres:a\nb",
        &long,
    ] {
        assert!(Pidf::new(bad).is_err(), "{bad}");
    }
}

#[test]
fn text_stays_text() {
    for name in NAMES {
        let xml = write(
            &pidf().with_name(name),
            &View::new(Standing::Away),
            Language::English,
        );
        assert_eq!(xml.matches("<tuple ").count(), 1, "{name:?}");
        assert_eq!(xml.matches("<note ").count(), 1, "{name:?}");
        let is_xml = |c: char| c == '\n' || (c >= ' ' && c != '\u{fffe}' && c != '\u{ffff}');
        assert!(xml.chars().all(is_xml), "{name:?}");
    }
}

/// The page of states says what the code does.
#[test]
fn the_table_of_the_docs_is_what_is_written() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/STATES.md");
    let page = fs::read_to_string(page).unwrap();
    let cell = |heading: &str, row: &str| {
        let (_, section) = page.split_once(heading).unwrap();
        let mut lines = section.lines().filter(|line| line.starts_with("| "));
        let line = lines.find(|line| line.starts_with(&format!("| `{row}` |")));
        let line = line.unwrap_or_else(|| panic!("{heading} has no row {row}"));
        line.split(" | ").nth(1).unwrap().trim().replace('`', "")
    };
    for (name, state) in STATES {
        let mut view = View::new(Standing::Offline);
        view.inside = Some(InsideView::new(state));
        let xml = write(&pidf(), &view, Language::English);
        assert_eq!(
            cell("## States of a person", name),
            activities(&xml),
            "{name}"
        );
    }
    for (name, standing) in STANDINGS {
        let xml = write(&pidf(), &View::new(standing), Language::English);
        assert_eq!(cell("## Standings", name), activities(&xml), "{name}");
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pidf")
}

/// Whether xmllint accepts these documents by the schemas of the RFCs, with what it says.
fn validate(name: &str, documents: &[String]) -> (bool, String) {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&place).unwrap();
    let mut command = Command::new("xmllint");
    command
        .args(["--noout", "--nonet", "--schema"])
        .arg(folder().join("all.xsd"));
    for (number, document) in documents.iter().enumerate() {
        let file = place.join(format!("{number}.xml"));
        fs::write(&file, document).unwrap();
        command.arg(file);
    }
    let output = command.output().expect("cargo xtask test installs xmllint");
    (
        output.status.success(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[test]
#[ignore = "needs xmllint: cargo xtask test installs it"]
fn the_schemas_of_the_rfcs_accept_every_document() {
    let mut documents = Vec::new();
    for view in views() {
        for (number, name) in NAMES.iter().enumerate() {
            let language = [Language::English, Language::Dutch][number % 2];
            documents.push(write(&pidf().with_name(*name), &view, language));
        }
    }
    for entity in [
        "sip:a!$'()*+,;=b@example.org?x=y",
        "pres:%E2%82%AC@example.org",
    ] {
        documents.push(write(
            &Pidf::new(entity).unwrap(),
            &views()[0],
            Language::English,
        ));
    }
    assert!(documents.len() > 600);
    let (is_valid, said) = validate("pidf-good", &documents);
    assert!(is_valid, "{said}");
}

/// The validator is one: what is wrong in each of the three namespaces is refused.
#[test]
#[ignore = "needs xmllint: cargo xtask test installs it"]
fn the_schemas_of_the_rfcs_refuse_what_is_wrong() {
    let is_busy = |view: &View| {
        view.inside
            .is_some_and(|inside| inside.state == State::Busy)
    };
    let view = views()
        .into_iter()
        .find(|view| is_busy(view) && !view.ways.is_empty());
    let good = write(&pidf(), &view.unwrap(), Language::English);
    assert!(validate("pidf-control", std::slice::from_ref(&good)).0);
    for (number, (right, wrong)) in [
        ("<basic>open</basic>", "<basic>perhaps</basic>"),
        ("<dm:person id=\"person\">", "<dm:person>"),
        ("<dm:person id=\"person\">", "<dm:person id=\"way-1\">"),
        ("</rpid:activities>", "<rpid:idling/></rpid:activities>"),
        (
            "<rpid:activities",
            "<rpid:time-offset>an hour</rpid:time-offset><rpid:activities",
        ),
        (" until=\"2026-11-24T", " until=\"tomorrow"),
    ]
    .into_iter()
    .enumerate()
    {
        let bad = good.replacen(right, wrong, 1);
        let is_same = bad == good;
        let (is_valid, _) = validate(&format!("pidf-bad-{number}"), &[bad]);
        assert!(!is_same && !is_valid, "{wrong}");
    }
}
