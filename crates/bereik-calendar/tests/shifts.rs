//! Rosters that are kept in a calendar: each event names the person who serves.

#[path = "corpus/beside.rs"]
mod beside;

use std::fmt::Write as _;

use bereik_calendar::{Limits, ProblemReason, Reading, ShiftNames};
use bereik_core::id::PersonId;
use bereik_core::interval::Interval;
use bereik_core::zone::Zone;

fn person(name: &str) -> PersonId {
    name.parse().expect("the test's own value")
}

fn names() -> ShiftNames {
    ShiftNames::new()
        .with_address("Anna@Example.org", person("anna"))
        .with_address("mailto:bo@example.org", person("bo"))
        .with_title("Piket: Anna", person("anna"))
        .with_title("Piket: Bo, centrale", person("bo"))
        .with_title("On call Chris", person("chris"))
}

/// The five weeks around the change of the clocks.
fn window() -> Interval {
    let window = "2026-03-09T00:00:00Z/2026-04-13T00:00:00Z".parse();
    window.expect("the test's own value")
}

fn reading() -> Reading {
    let zone = Zone::named("Europe/Amsterdam").expect("a zone of the database");
    Reading::new().with_zone(zone)
}

#[test]
fn rosters_say_who_serves() {
    for file in beside::calendars("rosters") {
        let bytes = beside::bytes_of(&file);
        let roster = bereik_calendar::read_shifts(&bytes, &Limits::default(), &names());
        let shifts = roster.shifts(window(), &reading());
        let mut text = String::new();
        for problem in &shifts.problems {
            let _ = writeln!(text, "{problem}");
        }
        for shift in &shifts.value {
            let _ = writeln!(text, "{} {}", shift.interval, shift.person);
        }
        beside::check(&file, &text);
        let debug = format!("{roster:?} {:?}", names());
        for word in ["CANARY", "Piket", "On call", "example.org"] {
            assert!(!debug.contains(word), "{word} of {}", file.display());
        }
    }
}

fn of_event(lines: &str) -> (Vec<String>, Vec<ProblemReason>) {
    let file = format!(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260316T100000Z\r\nDURATION:PT8H\r\n\
         {lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    let roster = bereik_calendar::read_shifts(file.as_bytes(), &Limits::default(), &names());
    let shifts = roster.shifts(window(), &reading());
    let people = shifts.value.iter().map(|shift| shift.person.to_string());
    let reasons = shifts.problems.iter().map(|problem| problem.reason());
    (people.collect(), reasons.collect())
}

#[test]
fn who_serves_is_named_by_address_or_title() {
    let nobody = || (Vec::new(), vec![ProblemReason::ShiftPerson]);
    let people = |names: &[&str]| (names.iter().map(ToString::to_string).collect(), Vec::new());
    for (lines, expected) in [
        ("SUMMARY:Piket: Anna", people(&["anna"])),
        (r"SUMMARY:Piket: Bo\, centrale", people(&["bo"])),
        ("SUMMARY:Piket: Anna en Bo", nobody()),
        ("SUMMARY:Piket", nobody()),
        ("ATTENDEE:mailto:anna@example.org", people(&["anna"])),
        (
            "ATTENDEE:MAILTO:BO@EXAMPLE.ORG\r\nATTENDEE:mailto:anna@example.org",
            people(&["anna", "bo"]),
        ),
        (
            "SUMMARY:On call Chris\r\nATTENDEE:mailto:anna@example.org",
            people(&["anna", "chris"]),
        ),
        (
            "SUMMARY:Piket: Anna\r\nATTENDEE:mailto:anna@example.org",
            people(&["anna"]),
        ),
        (
            "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:anna@example.org",
            people(&["anna"]),
        ),
        (
            "ATTENDEE;PARTSTAT=DECLINED:mailto:anna@example.org",
            nobody(),
        ),
        ("ATTENDEE:mailto:somebody@example.org", nobody()),
        // Who plans the roster does not serve in it.
        (
            "ORGANIZER:mailto:anna@example.org\r\nATTENDEE:mailto:bo@example.org",
            people(&["bo"]),
        ),
        (
            "SUMMARY:Piket: Anna\r\nTRANSP:TRANSPARENT\r\nSTATUS:TENTATIVE",
            people(&["anna"]),
        ),
        ("SUMMARY:Piket: Anna\r\nSTATUS:CANCELLED", people(&[])),
    ] {
        assert_eq!(of_event(lines), expected, "{lines}");
    }
}

#[test]
fn a_time_that_is_not_certain_is_nobodys() {
    let (people, reasons) = of_event("SUMMARY:Piket: Anna\r\nDTEND;TZID=Nowhere:20260316T180000");
    assert_eq!(
        (people, reasons),
        (Vec::new(), vec![ProblemReason::ZoneName])
    );
    let (people, reasons) = of_event("SUMMARY:Piket: Anna\r\nRRULE:FREQ=HOURLY;UNTIL=soon");
    assert_eq!((people.len(), reasons), (1, vec![ProblemReason::Rule]));
}
