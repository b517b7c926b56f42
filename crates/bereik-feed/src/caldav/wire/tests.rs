//! The wire, on answers of many servers, on hostile ones, and on anything at all.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bereik_core::Interval;
use proptest::prelude::*;

use super::{
    Answer, Complaint, Listed, calendar_query, free_busy_query, multiget, propfind, read_complaint,
    read_multistatus, sync_collection,
};
use crate::caldav::xml::{Element, XmlError};
use crate::http::Method;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/caldav")
}

/// An answer as text: one line for each thing that it says.
fn shown(answer: &Answer) -> String {
    let mut text = format!("{}\n", answer.href);
    let mut line = |name: &str, value: &str| {
        writeln!(text, "  {name}: {value}").expect("a String takes what is written");
    };
    if let Some(status) = answer.status {
        line("status", &status.to_string());
    }
    let texts = [
        ("etag", &answer.etag),
        ("sync-token", &answer.sync_token),
        ("ctag", &answer.ctag),
        ("display name", &answer.display_name),
        ("principal", &answer.principal),
    ];
    for (name, value) in texts {
        if let Some(value) = value {
            line(name, value);
        }
    }
    for home in &answer.homes {
        line("home", home);
    }
    if let Some(components) = &answer.components {
        line("components", &components.join(" "));
    }
    let flags = [
        ("calendar", answer.is_calendar),
        ("transparent", answer.is_transparent),
        ("unauthenticated", answer.is_unauthenticated),
    ];
    for (name, _) in flags.iter().filter(|(_, is)| *is) {
        line("is", name);
    }
    if let Some(data) = &answer.calendar_data {
        line("data", &format!("{data:?}"));
    }
    text
}

/// Each file of answers says what stands in the text beside it; `UPDATE=1` rewrites the texts.
#[test]
fn answers_of_servers_are_read() {
    let mut files = 0;
    for entry in std::fs::read_dir(folder()).expect("the folder of answers") {
        let file = entry.expect("a file").path();
        if file.extension().is_none_or(|extension| extension != "xml") {
            continue;
        }
        files += 1;
        let bytes = std::fs::read(&file).expect("an answer");
        let read = read_multistatus(&bytes).expect("XML").expect("an answer");
        let mut text: String = read.answers.iter().map(shown).collect();
        if let Some(token) = read.sync_token {
            writeln!(text, "sync-token: {token}").expect("a String takes what is written");
        }
        let beside = file.with_extension("txt");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&beside, &text).expect("the text can be written");
        }
        let expected = std::fs::read_to_string(&beside).unwrap_or_default();
        assert_eq!(text, expected, "{}", file.display());
    }
    assert!(files >= 11, "{files} answers were read");
}

/// Every beginning of an answer is cut off, and says so.
#[test]
fn a_cut_off_answer_is_no_answer() {
    let whole = std::fs::read_to_string(folder().join("icloud-calendars.xml")).expect("an answer");
    let whole = whole.trim_end();
    for (end, _) in whole.char_indices() {
        let read = read_multistatus(&whole.as_bytes()[..end]);
        assert!(read.is_err(), "{end} bytes of it are an answer");
    }
}

#[test]
fn hostile_answers_are_refused() {
    let refused = |text: &str| read_multistatus(text.as_bytes()).map(|_| ()).err();
    let laughs = "<!DOCTYPE a [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>\
        <multistatus xmlns=\"DAV:\"><response><href>&b;</href></response></multistatus>";
    assert_eq!(refused(laughs), Some(XmlError::DocumentType));
    let outside = "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><multistatus xmlns=\"DAV:\"/>";
    assert_eq!(refused(outside), Some(XmlError::DocumentType));
    let entity =
        "<multistatus xmlns=\"DAV:\"><response><href>&passwd;</href></response></multistatus>";
    assert_eq!(refused(entity), Some(XmlError::Entity));
    assert_eq!(refused(&"<a>".repeat(1_000_000)), Some(XmlError::TooDeep));
    let known = format!("<d:response xmlns:d='DAV:'>{}", "<d:response>".repeat(100));
    assert_eq!(refused(&known), Some(XmlError::TooDeep));
    let many = format!("<m xmlns='DAV:'>{}</m>", "<prop/>".repeat(1_000_000));
    assert_eq!(refused(&many), Some(XmlError::TooMany));
    assert_eq!(
        refused("<multistatus xmlns='DAV:'/><more/>"),
        Some(XmlError::Malformed)
    );
    assert_eq!(
        refused("<multistatus xmlns='DAV:'/>more"),
        Some(XmlError::Malformed)
    );
    assert_eq!(
        refused("<multistatus xmlns='DAV:'></multi>"),
        Some(XmlError::Malformed)
    );
    assert_eq!(refused(""), Some(XmlError::CutOff));
    assert_eq!(refused("  "), Some(XmlError::CutOff));
    let latin = read_multistatus(b"<multistatus xmlns='DAV:'>\xe9</multistatus>");
    assert_eq!(latin.err(), Some(XmlError::NotUtf8));
}

/// A million attributes and declarations cost no more than their bytes.
#[test]
fn attributes_do_not_add_up() {
    let mut attributes = String::from("<multistatus xmlns='DAV:' ");
    for number in 0..300_000 {
        write!(attributes, "a{number}='' ").expect("a String takes what is written");
    }
    attributes.push_str("/>");
    let read = read_multistatus(attributes.as_bytes()).expect("XML");
    assert!(read.is_some());
    let mut namespaces = String::from("<multistatus xmlns='DAV:' ");
    for number in 0..100_000 {
        write!(namespaces, "xmlns:a{number}='b' ").expect("a String takes what is written");
    }
    namespaces.push_str("/>");
    let read = read_multistatus(namespaces.as_bytes());
    assert_eq!(read.err(), Some(XmlError::Malformed));
}

#[test]
fn other_xml_is_no_answer() {
    for text in ["<html/>", "<multistatus/>", "<multistatus xmlns='dav:'/>"] {
        let read = read_multistatus(text.as_bytes()).expect("XML");
        assert!(read.is_none(), "{text}");
    }
    // Known elements inside unknown ones say nothing.
    let wrapped = "<multistatus xmlns='DAV:'><x xmlns='y:'><response xmlns='DAV:'><href>/a</href>\
        </response></x></multistatus>";
    let read = read_multistatus(wrapped.as_bytes())
        .expect("XML")
        .expect("an answer");
    assert_eq!(read.answers.len(), 0);
}

#[test]
fn complaints_are_told_apart() {
    let of = |text: &str| read_complaint(text.as_bytes());
    let token = "<?xml version='1.0'?><error xmlns=\"DAV:\"><valid-sync-token /></error>";
    assert_eq!(of(token), Some(Complaint::SyncToken));
    let limit = "<d:error xmlns:d='DAV:' xmlns:s='s'><s:message>no</s:message>\
        <d:number-of-matches-within-limits/></d:error>";
    assert_eq!(of(limit), Some(Complaint::NumberOfMatches));
    assert_eq!(
        of("<d:error xmlns:d='DAV:'><d:need-privileges/></d:error>"),
        None
    );
    assert_eq!(of("Bad Request"), None);
}

#[test]
fn requests_are_what_the_standards_say() {
    let window: Interval = "2026-11-22T00:00:00Z/2027-01-22T00:00:00.5Z"
        .parse()
        .expect("an interval");
    let free_busy = free_busy_query(window);
    assert_eq!((free_busy.method, free_busy.depth), (Method::Report, "1"));
    assert!(free_busy.body.ends_with(
        "<C:time-range start=\"20261122T000000Z\" end=\"20270122T000001Z\"/></C:free-busy-query>"
    ));
    let query = calendar_query("VEVENT", Some(window));
    assert!(query.body.contains(
        "<C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VEVENT\">\
         <C:time-range start=\"20261122T000000Z\" end=\"20270122T000001Z\"/></C:comp-filter>"
    ));
    let asked = multiget(["/a&b.ics", "/<x>\u{1}\n.ics"]);
    assert!(
        asked
            .body
            .contains("<D:href>/a&amp;b.ics</D:href><D:href>/&lt;x&gt;&#10;.ics</D:href>")
    );
    assert_eq!(
        (
            propfind(Listed::Itself).depth,
            propfind(Listed::Members).depth
        ),
        ("0", "1")
    );
    let every = [
        free_busy,
        query,
        asked,
        sync_collection("a<b&c"),
        propfind(Listed::Itself),
    ];
    for request in every {
        assert!(
            Element::read(request.body.as_bytes()).is_ok(),
            "{request:?}"
        );
    }
}

/// Pieces of answers in any order.
fn soup() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "<multistatus xmlns='DAV:'>",
        "</multistatus>",
        "<d:multistatus xmlns:d='DAV:'>",
        "</d:multistatus>",
        "<response>",
        "</response>",
        "<href>",
        "</href>",
        "<propstat>",
        "</propstat>",
        "<prop>",
        "</prop>",
        "<status>",
        "</status>",
        "HTTP/1.1 200 OK",
        "HTTP/1.1 507 x",
        "/a.ics",
        "&amp;",
        "&#65;",
        "&#xFFFFFFFF;",
        "&x;",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "<?xml version='1.0'?>",
        "<!DOCTYPE x>",
        "<getetag>",
        "</getetag>",
        "\"1\"",
        "<comp name='VEVENT'/>",
        "<sync-token/>",
        "é",
        "\u{feff}",
        " ",
    ]);
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn reading_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_multistatus(&bytes);
        let _ = read_complaint(&bytes);
    }

    #[test]
    fn reading_pieces_never_panics(text in soup()) {
        let _ = read_multistatus(text.as_bytes());
        let _ = read_complaint(text.as_bytes());
    }

    /// What a server names goes back to it letter for letter.
    #[test]
    fn tokens_go_back_as_they_came(token in "[ -~\t\n\ré→]{1,60}") {
        let body = sync_collection(&token).body;
        let start = body.find("<D:sync-token>").expect("a token");
        let end = body.find("</D:sync-token>").expect("its end");
        let text = format!(
            "<D:multistatus xmlns:D='DAV:'>{}</D:sync-token></D:multistatus>", &body[start..end],
        );
        let read = read_multistatus(text.as_bytes()).expect("XML").expect("an answer");
        let trimmed = token.trim();
        prop_assert_eq!(read.sync_token.as_deref(), (!trimmed.is_empty()).then_some(trimmed));
    }
}
