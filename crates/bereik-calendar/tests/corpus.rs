//! Files as producers write them, beside what is read from them; `UPDATE=1` rewrites the latter.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bereik_calendar::{Calendar, Limits, Reading};
use bereik_core::interval::Interval;
use bereik_core::zone::Zone;

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let entries = std::fs::read_dir(folder).expect("the corpus is there");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|e| e == "ics"))
        .collect();
    files.sort();
    assert!(files.len() > 20, "the corpus is there");
    files
}

fn read(file: &Path) -> Calendar {
    let bytes = std::fs::read(file).expect("the file is readable");
    bereik_calendar::read(&bytes, &Limits::default())
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
    for (interval, kind) in free_busy.intervals().take(40) {
        let _ = writeln!(text, "{}/{} {kind:?}", interval.start(), interval.end());
    }
    let _ = writeln!(
        text,
        "known {:?}",
        free_busy.known().map(|known| (known.start(), known.end()))
    );
    text
}

fn check(file: &Path) {
    let said = text_of(&read(file));
    let beside = file.with_extension("txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&beside, &said).expect("the corpus is writable");
    }
    let expected = std::fs::read_to_string(&beside).expect("each file has its answer beside it");
    assert_eq!(said, expected, "{}", file.display());
}

#[test]
fn each_file_is_read_as_written_beside_it() {
    for file in files() {
        check(&file);
    }
}

#[test]
fn no_text_of_an_event_comes_out() {
    let mut canaries = 0;
    for file in files() {
        let bytes = std::fs::read_to_string(&file).expect("the file is readable");
        canaries += bytes.matches("CANARY").count();
        let calendar = read(&file);
        let occurrences = calendar.occurrences(window(), &Reading::new());
        let free_busy = calendar.free_busy(window(), &Reading::new());
        let mut said = format!("{calendar:?} {calendar:#?} {occurrences:?} {free_busy:?}");
        for problem in &free_busy.problems {
            let _ = write!(said, " {problem} {problem:?}");
        }
        let stamp = window().start();
        said += &bereik_calendar::write_free_busy(&free_busy.value, "uid", stamp, None);
        assert!(!said.contains("CANARY"), "{}", file.display());
    }
    assert!(canaries > 20, "the files carry text to lose");
}
