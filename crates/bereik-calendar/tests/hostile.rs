//! Feeds that are written to exhaust a reader: each is answered, within its limits, and never with
//! free time that could be taken.

use std::fmt::Write as _;
use std::time::Duration;

use bereik_calendar::{Limits, ProblemReason, Reading};
use bereik_core::free_busy::{FreeBusy, FreeBusyKind};
use bereik_core::interval::Interval;
use chrono::{DateTime, TimeDelta, Utc};

/// Only guards against hangs, in a debug build on a busy machine; steps are what is bounded.
const PATIENCE: Duration = Duration::from_secs(60);

const START: &str = "DTSTART:20200101T000000Z\r\nDURATION:PT1S\r\n";

fn window() -> Interval {
    let start: DateTime<Utc> = "2026-03-01T00:00:00Z"
        .parse()
        .expect("the test's own value");
    Interval::new(start, start + TimeDelta::days(90)).expect("the test's own value")
}

fn event(lines: &str) -> String {
    format!("BEGIN:VEVENT\r\nUID:1\r\n{lines}END:VEVENT\r\n")
}

fn rule(rule: &str) -> String {
    event(&format!("{START}RRULE:{rule}\r\n"))
}

fn answer(content: String, limits: Limits) -> (FreeBusy, Vec<ProblemReason>) {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let file = format!("BEGIN:VCALENDAR\r\n{content}END:VCALENDAR\r\n");
        let calendar = bereik_calendar::read(file.as_bytes(), &limits);
        let answer = calendar.free_busy(window(), &Reading::new());
        let reasons = answer
            .problems
            .iter()
            .map(|problem| problem.reason())
            .collect();
        sender
            .send((answer.value, reasons))
            .expect("the test's own value");
    });
    receiver.recv_timeout(PATIENCE).expect("a hang or a panic")
}

/// Never free in the window, and said why.
fn is_unknown(content: String, reason: ProblemReason) {
    let (free_busy, reasons) = answer(content, Limits::default());
    assert!(reasons.contains(&reason), "{reasons:?}");
    let mut at = window().start() + TimeDelta::milliseconds(500);
    while at < window().end() {
        assert!(
            free_busy.kind_at(at) >= FreeBusyKind::Unknown,
            "free at {at}"
        );
        at += TimeDelta::hours(7);
    }
}

fn is_read(content: String, busy: usize) {
    let (free_busy, reasons) = answer(content, Limits::default());
    assert_eq!(reasons, []);
    assert_eq!(free_busy.intervals().len(), busy);
}

#[test]
fn endless_seconds() {
    is_unknown(rule("FREQ=SECONDLY;INTERVAL=3"), ProblemReason::Steps);
}

#[test]
fn a_thousand_million_instances() {
    is_unknown(
        rule("FREQ=SECONDLY;BYHOUR=9,10;COUNT=1000000000"),
        ProblemReason::Steps,
    );
    is_read(rule("FREQ=DAILY;COUNT=1000000000"), 90);
}

#[test]
fn many_components_of_endless_seconds() {
    let content = (0..300).map(|_| rule("FREQ=SECONDLY")).collect();
    is_unknown(content, ProblemReason::Steps);
}

#[test]
fn rules_that_never_match_cost_little() {
    is_read(rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), 0);
    is_read(rule("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"), 0);
    is_read(rule("FREQ=SECONDLY;BYYEARDAY=366;BYMONTH=1"), 0);
}

#[test]
fn daily_since_1900() {
    let start = "DTSTART:19000101T090000Z\r\nDURATION:PT1H\r\n";
    is_read(event(&format!("{start}RRULE:FREQ=DAILY\r\n")), 90);
}

#[test]
fn every_part_at_once() {
    let list = |from: i32, to: i32| {
        (from..to)
            .map(|n| n.to_string())
            .collect::<Vec<_>>()
            .join(",")
    };
    let text = format!(
        "FREQ=YEARLY;BYMONTH={};BYMONTHDAY={};BYYEARDAY={};BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR={};\
         BYMINUTE={};BYSECOND={};BYSETPOS={}",
        list(1, 13),
        list(1, 32),
        list(1, 367),
        list(0, 24),
        list(0, 60),
        list(0, 60),
        list(1, 367),
    );
    is_unknown(rule(&text), ProblemReason::Steps);
}

#[test]
fn nesting_without_end() {
    is_unknown("BEGIN:X\r\n".repeat(100_000), ProblemReason::Depth);
    let closed = "BEGIN:X\r\n".repeat(90_000) + &"END:X\r\n".repeat(90_000);
    is_unknown(closed, ProblemReason::Depth);
    is_unknown(
        "BEGIN:X\r\nEND:X\r\n".repeat(200_001),
        ProblemReason::TooManyComponents,
    );
}

#[test]
fn long_lines() {
    let text = event(&format!("{START}SUMMARY:{}\r\n", "x".repeat(4 << 20)));
    is_read(text, 0);
    let dates = event(&format!(
        "{START}RDATE:{}\r\n",
        "20260301T000000Z,".repeat(100_000)
    ));
    is_unknown(dates, ProblemReason::TooLongLine);
    let parameters = event(&format!(
        "DTSTART{}:20260301T000000Z\r\n",
        ";X=1".repeat(100_000)
    ));
    is_unknown(parameters, ProblemReason::TooLongLine);
    is_read(
        event(&format!("{START}SUMMARY:x{}\r\n", "\r\n x".repeat(200_000))),
        0,
    );
    let folds = event(&format!("{START}RDATE:2{}\r\n", "\r\n 0".repeat(200_000)));
    is_unknown(folds, ProblemReason::TooLongLine);
}

#[test]
fn a_hundred_thousand_overrides() {
    let mut content = rule("FREQ=DAILY");
    for second in 0..100_000 {
        let (hour, minute, second) = (second / 3_600 % 24, second / 60 % 60, second % 60);
        let changed = format!("RECURRENCE-ID:20260301T{hour:02}{minute:02}{second:02}Z\r\n{START}");
        content += &event(&changed);
    }
    is_read(content, 89);
}

#[test]
fn masters_times_overrides() {
    let mut content = rule("FREQ=DAILY").repeat(3_000);
    for second in 0..3_000 {
        let changed = format!(
            "RECURRENCE-ID:20260301T00{:02}{:02}Z\r\n{START}",
            second / 60,
            second % 60
        );
        content += &event(&changed);
    }
    is_unknown(content, ProblemReason::Steps);
}

#[test]
fn half_a_million_exceptions() {
    let mut lines = format!("{START}RRULE:FREQ=DAILY\r\n");
    let first = window().start() - TimeDelta::hours(400_000);
    for hour in 0..500_000 {
        let at = first + TimeDelta::hours(hour);
        let _ = write!(lines, "EXDATE:{}\r\n", at.format("%Y%m%dT%H%M%SZ"));
    }
    is_unknown(event(&lines), ProblemReason::TooManyDates);
}

#[test]
fn a_zone_of_fifty_thousand_transitions() {
    let mut content = "BEGIN:VTIMEZONE\r\nTZID:Z\r\n".to_owned();
    let first = window().start();
    for index in 0..50_000 {
        let at = (first + TimeDelta::hours(2 * index)).format("%Y%m%dT%H%M%S");
        let (from, to) = (index % 2, (index + 1) % 2);
        let _ = write!(
            content,
            "BEGIN:STANDARD\r\nDTSTART:{at}\r\nTZOFFSETFROM:+0{from}00\r\nTZOFFSETTO:+0{to}00\r\nEND:STANDARD\r\n"
        );
    }
    content += "END:VTIMEZONE\r\n";
    content += &event("DTSTART;TZID=Z:20260301T000000\r\nDURATION:P100D\r\n");
    is_unknown(content, ProblemReason::ZoneDefinition);
}

#[test]
fn odd_ends_and_values() {
    is_read(
        event(&format!("{START}SUMMARY:\0\u{202e}\u{2066}\r\n\0\0\0\r\n")),
        0,
    );
    is_read(
        event("DTSTART:99991231T235959Z\r\nDURATION:P3650D\r\nRRULE:FREQ=YEARLY\r\n"),
        0,
    );
    is_read(rule("FREQ=DAILY;INTERVAL=99999999999999999999"), 0);
    is_unknown(rule("FREQ=DAILY;INTERVAL=0"), ProblemReason::Rule);
    let (_, reasons) = answer("BEGIN:VEVENT\r\n".repeat(100_000), Limits::default());
    assert_eq!(reasons.len(), Limits::default().problems_max());
}

/// With limits raised above the input the answers are exact, and the steps are still bounded.
#[test]
fn raised_limits_read_on() {
    let limits = || {
        Limits::default()
            .with_line_bytes_max(8 << 20)
            .with_dates_max(1_000_000)
    };
    let dates = "20260301T000000Z,".repeat(100_000);
    let (free_busy, reasons) = answer(event(&format!("{START}RDATE:{dates}\r\n")), limits());
    assert_eq!((free_busy.intervals().len(), reasons), (1, Vec::new()));
    let deep = limits().with_depth_max(1_000_000);
    let nested = "BEGIN:X\r\n".repeat(50_000) + &"END:X\r\n".repeat(50_000);
    let (free_busy, reasons) = answer(nested, deep);
    assert_eq!((free_busy.intervals().len(), reasons), (0, Vec::new()));
}

#[test]
fn a_feed_longer_than_its_limit_is_unknown() {
    let (free_busy, reasons) = answer(
        event(START).repeat(10),
        Limits::default().with_bytes_max(200),
    );
    assert!(reasons.contains(&ProblemReason::TooLong));
    assert_eq!(free_busy.known(), None);
}

/// A home zone that nobody knows leaves floating and all-day time unknown around where UTC has it.
#[test]
fn a_home_that_nobody_knows() {
    let content =
        "X-WR-TIMEZONE:Nowhere\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260310\r\nEND:VEVENT\r\n";
    let (free_busy, reasons) = answer(content.to_owned(), Limits::default());
    assert_eq!(reasons, [ProblemReason::ZoneName]);
    let at = |text: &str| free_busy.kind_at(text.parse().expect("an instant"));
    assert_eq!(at("2026-03-09T09:00:00Z"), FreeBusyKind::Free);
    assert_eq!(at("2026-03-09T10:00:00Z"), FreeBusyKind::Unknown);
    assert_eq!(at("2026-03-10T12:00:00Z"), FreeBusyKind::Busy);
    assert_eq!(at("2026-03-11T11:00:00Z"), FreeBusyKind::Unknown);
}
