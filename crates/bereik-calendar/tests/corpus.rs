//! Files as producers write them, beside what is read from them; `UPDATE=1` rewrites the latter.

#[path = "corpus/beside.rs"]
mod beside;

use std::fmt::Write as _;

use bereik_calendar::{Calendar, Limits, Reading};
use bereik_core::interval::Interval;
use bereik_core::zone::Zone;

fn read(bytes: &[u8]) -> Calendar {
    bereik_calendar::read(bytes, &Limits::default())
}

/// From the end of 2025 to the end of 2027, as the cases of the standard's text have it.
fn window() -> Interval {
    let at = |text: &str| text.parse().expect("an instant");
    Interval::new(at("2025-12-30T00:00:00Z"), at("2028-01-01T00:00:00Z")).expect("a window")
}

fn text_of(calendar: &Calendar) -> String {
    let amsterdam = Zone::named("Europe/Amsterdam").expect("a zone of the database");
    let reading = Reading::new().with_zone(amsterdam);
    let mut text = String::new();
    let occurrences = calendar.occurrences(window(), &reading);
    for problem in &occurrences.problems {
        let _ = writeln!(text, "{problem}");
    }
    for occurrence in occurrences.value.iter().take(40) {
        let (start, end) = (occurrence.interval.start(), occurrence.interval.end());
        let _ = writeln!(
            text,
            "{start} {end} {:?} line {}",
            occurrence.kind, occurrence.line
        );
    }
    let _ = writeln!(text, "{} occurrences", occurrences.value.len());
    let free_busy = calendar.free_busy(window(), &reading).value;
    for explained in calendar.explain(window(), &reading).value.iter().take(40) {
        let (start, end) = (explained.interval.start(), explained.interval.end());
        let lines = explained.claims.iter().map(|claim| claim.line.to_string());
        let lines: Vec<String> = lines.collect();
        let _ = writeln!(
            text,
            "{start}/{end} {:?} by line {}",
            explained.kind,
            lines.join(", ")
        );
    }
    let _ = writeln!(
        text,
        "known {:?}",
        free_busy.known().map(|known| (known.start(), known.end()))
    );
    text
}

#[test]
fn each_file_is_read_as_written_beside_it() {
    let files = beside::calendars("corpus");
    assert!(files.len() > 20, "the corpus is there");
    for file in files {
        beside::check(&file, &text_of(&read(&beside::bytes_of(&file))));
    }
}

#[test]
fn no_text_of_an_event_comes_out() {
    let mut canaries = 0;
    for file in beside::calendars("corpus") {
        let bytes = beside::bytes_of(&file);
        canaries += String::from_utf8_lossy(&bytes).matches("CANARY").count();
        let calendar = read(&bytes);
        let occurrences = calendar.occurrences(window(), &Reading::new());
        let free_busy = calendar.free_busy(window(), &Reading::new());
        let explained = calendar.explain(window(), &Reading::new());
        let mut said =
            format!("{calendar:?} {calendar:#?} {occurrences:?} {free_busy:?} {explained:?}");
        for problem in &free_busy.problems {
            let _ = write!(said, " {problem} {problem:?}");
        }
        let stamp = window().start();
        said += &bereik_calendar::write_free_busy(&free_busy.value, "uid", stamp, None);
        assert!(!said.contains("CANARY"), "{}", file.display());
    }
    assert!(canaries > 20, "the files carry text to lose");
}

/// Calendars of the icalendar crate's own type.
#[cfg(feature = "icalendar-types")]
#[test]
fn what_icalendar_reads_says_what_its_file_says() {
    let mut compared = 0;
    for file in beside::calendars("corpus") {
        let bytes = beside::bytes_of(&file);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Ok(theirs) = text.parse::<icalendar::Calendar>() else {
            continue;
        };
        compared += 1;
        let theirs = bereik_calendar::read_icalendar(&theirs, &Limits::default());
        let said = |calendar: &Calendar| calendar.free_busy(window(), &Reading::new()).value;
        assert_eq!(said(&theirs), said(&read(&bytes)), "{}", file.display());
    }
    assert!(compared > 20, "icalendar reads {compared} of the files");
}
