//! Feeds that are written to exhaust a reader: each is answered, within its limits, and never with
//! free time that could be taken.

#[path = "hostile/shapes.rs"]
mod shapes;

use std::sync::mpsc;
use std::time::Duration;

use bereik_calendar::{Limits, Problem, ProblemReason, Reading};
use bereik_core::free_busy::{FreeBusy, FreeBusyKind};
use bereik_core::interval::Interval;
use chrono::TimeDelta;
use shapes::{SHAPES, Shape};

/// Only guards against hangs, in a debug build on a busy machine; steps are what is bounded.
const PATIENCE: Duration = Duration::from_secs(120);

/// What reading and expanding may hold with default limits, the input apart.
const BYTES_MAX: u64 = 64 << 20;

/// What they may hold for each byte of the input, where the limits are above it.
const BYTES_PER_BYTE: u64 = 20;

/// What they may hold besides.
const BYTES_BESIDE: u64 = 8 << 20;

fn window() -> Interval {
    let start = shapes::opens();
    Interval::new(start, start + TimeDelta::days(90)).expect("the test's own value")
}

/// What came of a file.
struct Outcome {
    free_busy: FreeBusy,
    problems: Vec<Problem>,
    steps: u64,
    /// The most bytes that were held at once.
    bytes: u64,
}

impl Outcome {
    fn has(&self, reason: ProblemReason) -> bool {
        self.problems
            .iter()
            .any(|problem| problem.reason() == reason)
    }

    /// Whether no instant of the window can be taken for free.
    fn is_unknown(&self) -> bool {
        let halves = (0..90 * 48).map(|half| window().start() + TimeDelta::minutes(30 * half + 7));
        let mut kinds = halves.map(|at| self.free_busy.kind_at(at));
        kinds.all(|kind| kind >= FreeBusyKind::Unknown)
    }

    /// How many stretches of the window are taken for sure.
    fn taken(&self) -> usize {
        let stretches = self.free_busy.intervals();
        stretches
            .filter(|(_, kind)| *kind != FreeBusyKind::Unknown)
            .count()
    }
}

fn outcome(file: String, limits: Limits) -> Outcome {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut answer = None;
        let held = allocation_counter::measure(|| {
            let calendar = bereik_calendar::read(file.as_bytes(), &limits);
            answer = Some(calendar.free_busy(window(), &Reading::new()));
        });
        let answer = answer.expect("it was measured");
        let outcome = Outcome {
            free_busy: answer.value,
            problems: answer.problems,
            steps: answer.steps,
            bytes: held.bytes_max,
        };
        sender.send(outcome).expect("the test's own value");
    });
    receiver.recv_timeout(PATIENCE).expect("a hang or a panic")
}

/// Limits above whatever a file has; those on work stay what they are.
fn raised(above: usize) -> Limits {
    Limits::default()
        .with_bytes_max(above)
        .with_line_bytes_max(above)
        .with_depth_max(above)
        .with_components_max(above)
        .with_dates_max(above)
}

/// What must be said of a shape.
#[derive(Clone, Copy, Debug)]
enum Said {
    /// All is known, and so many stretches are taken.
    Known(usize),
    /// Nothing is free, for this reason.
    Unknown(ProblemReason),
}

use ProblemReason as Why;
use Said::{Known, Unknown};

/// With default limits, and with limits above the input.
const EXPECTED: [(&str, Said, Said); SHAPES.len()] = [
    (
        "SECONDLY without end",
        Unknown(Why::Steps),
        Unknown(Why::Steps),
    ),
    ("a rule that never matches", Known(0), Known(0)),
    ("SECONDLY that never matches", Known(0), Known(0)),
    ("COUNT=1000000000", Unknown(Why::Steps), Unknown(Why::Steps)),
    ("daily since 1900", Known(90), Known(90)),
    (
        "every BY part at once",
        Unknown(Why::Steps),
        Unknown(Why::Steps),
    ),
    ("100,000 nested components", Unknown(Why::Depth), Known(0)),
    ("1,000,000 nested components", Unknown(Why::Depth), Known(0)),
    ("a line of 32 MB, text", Known(0), Known(0)),
    (
        "a line of 32 MB, dates",
        Unknown(Why::TooLongLine),
        Known(0),
    ),
    ("1,000,000 parameters", Unknown(Why::TooLongLine), Known(0)),
    ("100,000 overrides", Known(0), Known(0)),
    ("500,000 EXDATEs", Unknown(Why::TooManyDates), Known(0)),
    (
        "a VTIMEZONE of 50,000 transitions",
        Unknown(Why::ZoneDefinition),
        Unknown(Why::ZoneDefinition),
    ),
    ("2,000,000 folds, text", Known(0), Known(0)),
    (
        "2,000,000 folds, dates",
        Unknown(Why::TooLongLine),
        Unknown(Why::RecurrenceDate),
    ),
    ("no END", Unknown(Why::Nesting), Unknown(Why::Nesting)),
    (
        "NUL and bidi characters",
        Unknown(Why::Rule),
        Unknown(Why::Rule),
    ),
    ("year 9999", Known(1), Known(1)),
    ("INTERVAL=0", Unknown(Why::Rule), Unknown(Why::Rule)),
];

fn check(shape: &Shape, said: Said, outcome: &Outcome) {
    let name = shape.name;
    let limits = Limits::default();
    match said {
        Known(taken) => {
            assert_eq!(outcome.problems, [], "{name}");
            assert_eq!(outcome.free_busy.known(), Some(window()), "{name}");
            assert_eq!(outcome.taken(), taken, "{name}");
        }
        Unknown(reason) => {
            assert!(
                outcome.has(reason),
                "{name}: {:?}",
                outcome.problems.first()
            );
            assert!(
                outcome.is_unknown(),
                "{name}: {:?}",
                outcome.free_busy.known()
            );
        }
    }
    assert!(outcome.steps <= limits.steps_max(), "{name}");
    assert!(outcome.problems.len() <= limits.problems_max(), "{name}");
}

#[test]
fn hostile_shapes_are_bounded_by_default() {
    for (shape, (name, said, _)) in SHAPES.iter().zip(EXPECTED) {
        assert_eq!(shape.name, name);
        let outcome = outcome(shape.file(), Limits::default());
        check(shape, said, &outcome);
        assert!(outcome.bytes < BYTES_MAX, "{name}: {} bytes", outcome.bytes);
    }
}

#[test]
fn hostile_shapes_are_bounded_beyond_the_limits() {
    for (shape, (name, _, said)) in SHAPES.iter().zip(EXPECTED) {
        let file = shape.file();
        let bytes = file.len();
        let outcome = outcome(file, raised(bytes + 1));
        check(shape, said, &outcome);
        let bytes_max = bytes as u64 * BYTES_PER_BYTE + BYTES_BESIDE;
        assert!(outcome.bytes < bytes_max, "{name}: {} bytes", outcome.bytes);
    }
}
const START: &str = "DTSTART:20200101T000000Z\r\nDURATION:PT1S\r\n";

fn file(content: &str) -> String {
    format!("BEGIN:VCALENDAR\r\n{content}END:VCALENDAR\r\n")
}

fn event(lines: &str) -> String {
    format!("BEGIN:VEVENT\r\nUID:1\r\n{lines}END:VEVENT\r\n")
}

fn rule(rule: &str) -> String {
    event(&format!("{START}RRULE:{rule}\r\n"))
}

/// Never free in the window, and said why.
fn is_unknown(content: &str, reason: ProblemReason) {
    let outcome = outcome(file(content), Limits::default());
    assert!(outcome.has(reason), "{:?}", outcome.problems);
    assert!(outcome.is_unknown());
}

fn is_read(content: &str, taken: usize) {
    let outcome = outcome(file(content), Limits::default());
    assert_eq!(outcome.problems, []);
    assert_eq!(outcome.taken(), taken);
}

#[test]
fn an_exhausted_budget_leaves_what_came_before_it() {
    let limits = Limits::default().with_component_steps_max(100);
    let text = format!("{START}RRULE:FREQ=DAILY;BYHOUR=9,10,11,12\r\n");
    let outcome = outcome(file(&event(&text)), limits);
    assert_eq!(outcome.problems.len(), 1);
    let problem = outcome.problems[0];
    assert_eq!(
        (problem.line(), problem.reason()),
        (2, ProblemReason::Steps)
    );
    assert!(outcome.steps <= 100);
    // It reached some days, and knows nothing of those behind them.
    let noon = |day: i64| window().start() + TimeDelta::days(day) + TimeDelta::hours(14);
    assert_eq!(outcome.free_busy.kind_at(noon(3)), FreeBusyKind::Free);
    assert_eq!(outcome.free_busy.kind_at(noon(60)), FreeBusyKind::Unknown);
}

#[test]
fn many_components_of_endless_seconds() {
    is_unknown(&rule("FREQ=SECONDLY").repeat(300), ProblemReason::Steps);
}

#[test]
fn rules_that_never_match_cost_little() {
    for text in [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;BYYEARDAY=366;BYMONTH=1",
        "FREQ=MINUTELY;BYMONTH=4;BYMONTHDAY=31;BYHOUR=3",
        "FREQ=DAILY;BYMONTH=4;BYMONTHDAY=31",
    ] {
        let outcome = outcome(file(&rule(text)), Limits::default());
        assert_eq!((outcome.taken(), outcome.problems.len()), (0, 0), "{text}");
        assert!(outcome.steps < 1_000, "{text}: {} steps", outcome.steps);
    }
}

#[test]
fn a_long_history_costs_what_a_short_one_does() {
    for text in [
        "FREQ=WEEKLY;BYDAY=MO,WE",
        "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=99999",
        "FREQ=DAILY",
        "FREQ=DAILY;COUNT=99999",
        "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=99999",
        "FREQ=MONTHLY;BYDAY=2TU,3FR;COUNT=99999",
        "FREQ=MONTHLY;BYMONTHDAY=1,15;COUNT=99999",
        "FREQ=YEARLY;BYMONTH=3;BYDAY=2TU",
        "FREQ=HOURLY;INTERVAL=5",
        "FREQ=HOURLY;INTERVAL=5;COUNT=9999999",
    ] {
        let steps = |year: u32| {
            let text = format!("DTSTART:{year}0101T090000Z\r\nDURATION:PT1H\r\nRRULE:{text}\r\n");
            let outcome = outcome(file(&event(&text)), Limits::default());
            assert_eq!(outcome.problems, []);
            outcome.steps
        };
        let (long, short) = (steps(1900), steps(2026));
        assert!(long <= short + 32, "{text}: {long} against {short} steps");
    }
}

#[test]
fn more_components_than_the_limit() {
    is_unknown(
        &"BEGIN:X\r\nEND:X\r\n".repeat(200_001),
        ProblemReason::TooManyComponents,
    );
}

#[test]
fn masters_times_overrides() {
    let mut content = rule("FREQ=DAILY").repeat(3_000);
    for second in 0..3_000 {
        let (minute, second) = (second / 60, second % 60);
        let changed = format!("RECURRENCE-ID:20260301T00{minute:02}{second:02}Z\r\n{START}");
        content += &event(&changed);
    }
    is_unknown(&content, ProblemReason::Steps);
}

/// Each claim could be explained by each stretch of it.
#[test]
fn explaining_many_claims_of_many_stretches_is_bounded() {
    let mut content = String::new();
    for minute in 0..1_440 {
        let (hour, minute) = (minute / 60, minute % 60);
        content += &format!(
            "BEGIN:VEVENT\r\nDTSTART:20260303T000000Z\r\nDURATION:P80D\r\nEND:VEVENT\r\n\
             BEGIN:VEVENT\r\nDTSTART:20260304T{hour:02}{minute:02}00Z\r\nDURATION:PT30S\r\n\
             X-MICROSOFT-CDO-BUSYSTATUS:OOF\r\nRRULE:FREQ=DAILY\r\nEND:VEVENT\r\n"
        );
    }
    let calendar = bereik_calendar::read(file(&content).as_bytes(), &Limits::default());
    let explained = calendar.explain(window(), &Reading::new());
    let reasons = explained.problems.iter().map(|problem| problem.reason());
    assert!(reasons.eq([ProblemReason::Steps]));
    assert!(explained.steps <= Limits::default().steps_max());
    assert!(explained.value.len() > 100_000);
}

#[test]
fn odd_ends_and_values() {
    is_read(&rule("FREQ=DAILY;INTERVAL=99999999999999999999"), 0);
    is_read(&rule("FREQ=DAILY;COUNT=1000000000"), 90);
    let content = "BEGIN:VEVENT\r\n".repeat(100_000);
    let outcome = outcome(file(&content), Limits::default());
    assert_eq!(outcome.problems.len(), Limits::default().problems_max());
}

/// A ten-year export of a busy mailbox passes whole.
#[test]
fn a_ten_year_export_is_within_the_limits() {
    let text = "DESCRIPTION:".to_owned() + &"agenda and minutes\\n\r\n ".repeat(60) + "\r\n";
    let mut content = String::new();
    let day = |day: i64| (shapes::opens() - TimeDelta::days(3_650 - day)).format("%Y%m%d");
    for number in 0..26_000 {
        let (start, hour) = (day(number / 7), 8 + number % 9);
        let rule = match number % 20 {
            0 => "RRULE:FREQ=WEEKLY;BYDAY=TU,TH\r\n",
            1 => "RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1\r\n",
            _ => "",
        };
        content += &format!(
            "BEGIN:VEVENT\r\nUID:{number}\r\n{text}DTSTART:{start}T{hour:02}0000Z\r\nDURATION:PT1H\r\n{rule}END:VEVENT\r\n"
        );
    }
    let file = file(&content);
    assert!(file.len() > 30 << 20, "{}", file.len());
    let outcome = outcome(file, Limits::default());
    assert_eq!(outcome.problems, []);
    assert!(outcome.taken() > 100);
}

#[test]
fn a_feed_longer_than_its_limit_is_unknown() {
    let content = event(START).repeat(10);
    let outcome = outcome(file(&content), Limits::default().with_bytes_max(200));
    assert!(outcome.has(ProblemReason::TooLong));
    assert_eq!(outcome.free_busy.known(), None);
}

/// A home zone that nobody knows leaves floating and all-day time unknown around where UTC has it.
#[test]
fn a_home_that_nobody_knows() {
    let content =
        "X-WR-TIMEZONE:Nowhere\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260310\r\nEND:VEVENT\r\n";
    let outcome = outcome(file(content), Limits::default());
    assert_eq!(outcome.problems.len(), 1);
    assert!(outcome.has(ProblemReason::ZoneName));
    is_unsure_around_the_tenth_of_march(&outcome, 0);
}

/// A definition that cannot be read leaves unknown what its name alone would settle.
#[test]
fn a_zone_whose_definition_is_unreadable() {
    let content = "BEGIN:VTIMEZONE\r\nTZID:Europe/Amsterdam\r\nBEGIN:STANDARD\r\nDTSTART:garbage\r\n\
        TZOFFSETFROM:+0900\r\nTZOFFSETTO:+0900\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n\
        BEGIN:VEVENT\r\nDTSTART;TZID=Europe/Amsterdam:20260310T000000\r\nDURATION:P1D\r\nEND:VEVENT\r\n";
    let outcome = outcome(file(content), Limits::default());
    assert_eq!(outcome.problems.len(), 1);
    assert!(outcome.has(ProblemReason::ZoneDefinition));
    is_unsure_around_the_tenth_of_march(&outcome, 1);
}

/// Busy on that day as a zone so many hours east of UTC has it, unknown where other zones do.
fn is_unsure_around_the_tenth_of_march(outcome: &Outcome, east: i64) {
    let at = |text: &str| outcome.free_busy.kind_at(text.parse().expect("an instant"));
    assert_eq!(at("2026-03-09T09:00:00Z"), FreeBusyKind::Free);
    assert_eq!(at("2026-03-09T10:00:00Z"), FreeBusyKind::Unknown);
    let midnight = shapes::opens() + TimeDelta::days(8) - TimeDelta::hours(east);
    let before = midnight - TimeDelta::seconds(1);
    assert_eq!(outcome.free_busy.kind_at(before), FreeBusyKind::Unknown);
    assert_eq!(outcome.free_busy.kind_at(midnight), FreeBusyKind::Busy);
    assert_eq!(at("2026-03-11T11:00:00Z"), FreeBusyKind::Unknown);
    assert_eq!(at("2026-03-11T12:00:00Z"), FreeBusyKind::Free);
}
