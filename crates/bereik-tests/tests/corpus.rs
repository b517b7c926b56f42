//! The public corpora of calendars: what this library says of each, beside what is expected.
//!
//! The folder is named by `BEREIK_CORPUS`. Cases that do not pass are listed in `corpus_open.txt`
//! with a reason; the test fails when a listed one passes or another one fails.

#![expect(
    clippy::print_stdout,
    reason = "a corpus run says what passed and what stands open"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bereik::calendar::{Calendar, Limits, Reading};
use bereik::core::free_busy::{FreeBusy, FreeBusyKind};
use bereik::core::interval::Interval;
use bereik::core::zone::Zone;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::Value;

fn folder() -> PathBuf {
    let folder = std::env::var_os("BEREIK_CORPUS");
    PathBuf::from(folder.expect("BEREIK_CORPUS names the folder of the corpora"))
}

fn records(file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder().join(file)).expect("the corpus has this file");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a record a line"))
        .collect()
}

fn open_cases() -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus_open.txt");
    let text = std::fs::read_to_string(path).expect("the list of open cases");
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| line.split_once(": ").expect("ID: REASON"))
        .map(|(id, reason)| (id.to_owned(), reason.to_owned()))
        .collect()
}

/// Runs `case` over the records of a file; it gives what was said and what is expected.
fn run(file: &str, id: &str, case: impl Fn(&Value) -> (String, String)) {
    let open = open_cases();
    let (mut passed, mut wrong) = (0, Vec::new());
    for record in records(file) {
        let id = record[id].as_str().expect("each record has a name");
        let (said, expected) = case(&record);
        match (said == expected, open.contains_key(id)) {
            (true, false) => passed += 1,
            (true, true) => wrong.push(format!("{id}: passes, but is listed as open")),
            (false, true) => println!("open: {id}: {}", open[id]),
            (false, false) => wrong.push(format!("{id}:{}", difference(&said, &expected))),
        }
    }
    println!("{file}: {passed} passed");
    assert!(
        wrong.is_empty(),
        "{} of {file}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The words of one text that are not in the other.
fn difference(said: &str, expected: &str) -> String {
    let mut text = String::new();
    for (what, a, b) in [("said", said, expected), ("expected", expected, said)] {
        let mut rest: Vec<&str> = b.split_whitespace().collect();
        let only = a.split_whitespace().filter(|word| {
            let at = rest.iter().position(|other| other == word);
            at.map(|at| rest.swap_remove(at)).is_none()
        });
        text += &format!("\n  only {what}: {}", only.collect::<Vec<_>>().join(" "));
    }
    text
}

fn instant(text: &Value) -> DateTime<Utc> {
    let text = text.as_str().expect("an instant as text");
    text.parse().expect("an instant in RFC 3339")
}

fn window_of(record: &Value) -> Interval {
    let window = &record["window"];
    Interval::new(instant(&window[0]), instant(&window[1])).expect("a window has a length")
}

fn read(bytes: &[u8]) -> Calendar {
    bereik::calendar::read(bytes, &Limits::default())
}

fn compact(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

fn pair(interval: Interval) -> String {
    format!("{}/{}", compact(interval.start()), compact(interval.end()))
}

fn pairs(list: &Value) -> String {
    let list = list.as_array().expect("a list of intervals");
    let texts: Vec<String> = list
        .iter()
        .map(|entry| {
            format!(
                "{}/{}",
                compact(instant(&entry[0])),
                compact(instant(&entry[1]))
            )
        })
        .collect();
    texts.join(" ")
}

/// Busy, absent and tentative time, kinds apart from each other forgotten.
fn taken(free_busy: &FreeBusy, window: Interval) -> String {
    let taken = free_busy
        .intervals()
        .filter(|(_, kind)| !matches!(kind, FreeBusyKind::Unknown | FreeBusyKind::Elsewhere));
    merged(taken.map(|(interval, _)| interval), window)
}

/// The corpus does not merge its busy intervals.
fn expected_busy(list: &Value, window: Interval) -> String {
    let list = list.as_array().expect("a list of intervals");
    let intervals = list
        .iter()
        .filter_map(|entry| Interval::new(instant(&entry[0]), instant(&entry[1])));
    merged(intervals, window)
}

fn merged(intervals: impl Iterator<Item = Interval>, window: Interval) -> String {
    let mut builder = FreeBusy::builder(window);
    intervals.for_each(|interval| builder.push(interval, FreeBusyKind::Busy));
    let texts: Vec<String> = builder.build().intervals().map(|(i, _)| pair(i)).collect();
    texts.join(" ")
}

#[test]
#[ignore = "reads the folder BEREIK_CORPUS"]
fn corpus_calendars() {
    run("calendars.jsonl", "file", |record| {
        let file = folder().join(record["file"].as_str().expect("a path"));
        let calendar = read(&std::fs::read(file).expect("the file is there"));
        let window = window_of(record);
        let occurrences = calendar.occurrences(window, &Reading::new()).value;
        let mut all: Vec<String> = occurrences.iter().map(|o| pair(o.interval)).collect();
        all.sort();
        let mut expected: Vec<String> = pairs(&record["occurrences"])
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        expected.sort();
        let busy = taken(&calendar.free_busy(window, &Reading::new()).value, window);
        (
            format!("{} | {busy}", all.join(" ")),
            format!(
                "{} | {}",
                expected.join(" "),
                expected_busy(&record["busy"], window)
            ),
        )
    });
}

#[test]
#[ignore = "reads the folder BEREIK_CORPUS"]
fn corpus_edge() {
    run("edge.jsonl", "file", |record| {
        let file = folder().join(record["file"].as_str().expect("a path"));
        let calendar = read(&std::fs::read(file).expect("the file is there"));
        let zone = Zone::named(record["home_tz"].as_str().expect("a zone")).expect("a known zone");
        let answer = calendar.occurrences(window_of(record), &Reading::new().with_zone(zone));
        let said: Vec<String> = answer.value.iter().map(|o| pair(o.interval)).collect();
        let expected = record["expected"].as_array().expect("a list");
        let expected: Vec<&str> = expected.iter().filter_map(Value::as_str).collect();
        (said.join(" "), expected.join(" "))
    });
}

#[test]
#[ignore = "reads the folder BEREIK_CORPUS"]
fn corpus_free_busy() {
    run("freebusy.jsonl", "id", |record| {
        let window = window_of(record);
        let zone = Zone::named(record["reference_tz"].as_str().expect("a zone"));
        let reading = Reading::new().with_zone(zone.expect("a known zone"));
        let mut text = record["input_ics"].as_str().expect("a calendar").to_owned();
        if let Some(availability) = record["vavailability_ics"].as_str() {
            text = text.replace("END:VCALENDAR", "") + &availability.replace("BEGIN:VCALENDAR", "");
        }
        let answer = read(text.as_bytes()).free_busy(window, &reading);
        let said: Vec<String> = answer.value.intervals().map(line).collect();
        let expected = record["expected_vfreebusy_lines"]
            .as_array()
            .expect("a list");
        let expected: Vec<&str> = expected.iter().filter_map(Value::as_str).collect();
        (said.join(" "), expected.join(" "))
    });
}

fn line((interval, kind): (Interval, FreeBusyKind)) -> String {
    let kind = match kind {
        FreeBusyKind::Busy => "",
        FreeBusyKind::OutOfOffice => ";FBTYPE=BUSY-UNAVAILABLE",
        FreeBusyKind::Tentative => ";FBTYPE=BUSY-TENTATIVE",
        FreeBusyKind::Elsewhere => ";FBTYPE=X-ELSEWHERE",
        _ => ";FBTYPE=X-UNKNOWN",
    };
    format!("FREEBUSY{kind}:{}", pair(interval))
}

#[test]
#[ignore = "reads the folder BEREIK_CORPUS"]
fn corpus_recurrence() {
    run("recurrence.jsonl", "id", |record| {
        let start = record["dtstart"].as_str().expect("a start");
        let rule = record["rrule"].as_str().expect("a rule");
        let expected = record["expected"].as_array().expect("a list");
        let expected: Vec<&str> = expected.iter().filter_map(Value::as_str).collect();
        let limit = record["limit"].as_u64().map_or(usize::MAX, |n| n as usize);
        let begins_with_start = expected.first() == Some(&start);
        // Where the start is not one of its rule, it counts as the first instance here.
        let wanted = limit.min(expected.len());
        let said = instances(start, rule, begins_with_start);
        let said: Vec<&str> = said
            .iter()
            .map(String::as_str)
            .take(wanted.max(1))
            .collect();
        if expected.is_empty() && said.len() <= 1 {
            return (String::new(), String::new());
        }
        let compared = match begins_with_start {
            true => expected,
            // It took one of COUNT's places.
            false if rule.contains("COUNT=") => expected[..said.len().min(expected.len())].to_vec(),
            false => expected,
        };
        (said.join(" "), compared.join(" "))
    });
}

/// The instances of a rule as the corpus writes them; without the start, where asked.
fn instances(start: &str, rule: &str, with_start: bool) -> Vec<String> {
    let is_date = start.len() == 8;
    let value = if is_date { ";VALUE=DATE" } else { "" };
    let length = if is_date { "P1D" } else { "PT1S" };
    let text = format!(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART{value}:{start}\r\n\
         DURATION:{length}\r\nRRULE:{rule}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    let form = "%Y%m%dT%H%M%S";
    let digits = start.trim_end_matches('Z');
    let first = match is_date {
        true => NaiveDateTime::parse_from_str(&format!("{digits}T000000"), form),
        false => NaiveDateTime::parse_from_str(digits, form),
    };
    let first = first.expect("a start").and_utc();
    let window = Interval::new(first, first + TimeDelta::days(366 * 205)).expect("a window");
    let limits = Limits::default()
        .with_component_steps_max(20_000_000)
        .with_steps_max(20_000_000);
    let calendar = bereik::calendar::read(text.as_bytes(), &limits);
    let occurrences = calendar.occurrences(window, &Reading::new()).value;
    occurrences
        .iter()
        .map(|o| o.interval.start())
        .filter(|at| with_start || *at != first)
        .map(|at| match (is_date, start.ends_with('Z')) {
            (true, _) => at.format("%Y%m%d").to_string(),
            (false, true) => at.format("%Y%m%dT%H%M%SZ").to_string(),
            (false, false) => at.format(form).to_string(),
        })
        .collect()
}
