//! When is somebody busy? Reads calendars and prints their merged free/busy time.
//!
//! `cargo run --example free-busy -- [--from INSTANT] [--to INSTANT] [--zone TZ] [--owner ADDRESS]...
//! [--occurrences] FILE.ics...`

use std::fmt::Write as _;
use std::process::ExitCode;

use bereik::calendar::{Calendar, Limits, Occurrence, Reading};
use bereik::core::free_busy::{FreeBusy, FreeBusyKind};
use bereik::core::interval::Interval;
use bereik::core::zone::Zone;
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use lexopt::prelude::{Long, Short, Value, ValueExt as _};

const USAGE: &str = "usage: free-busy [--from INSTANT] [--to INSTANT] [--zone TZ] \
    [--owner ADDRESS]... [--occurrences] FILE.ics...";
const DAYS: TimeDelta = TimeDelta::days(90);

/// What the command line asks.
struct Question {
    window: Interval,
    reading: Reading,
    occurrences: bool,
    files: Vec<String>,
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example prints"
)]
fn main() -> ExitCode {
    let asked = question().and_then(|question| {
        let calendars = read(&question)?;
        Ok((question, calendars))
    });
    match asked {
        Ok((question, calendars)) => {
            let (answer, problems) = answer(&question, &calendars);
            eprint!("{problems}");
            print!("{answer}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "an example may read the clock")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

fn question() -> Result<Question, lexopt::Error> {
    let (mut from, mut to) = (None, None);
    let mut reading = Reading::new();
    let (mut occurrences, mut files) = (false, Vec::new());
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("from") => from = Some(arguments.value()?.parse_with(instant)?),
            Long("to") => to = Some(arguments.value()?.parse_with(instant)?),
            Long("zone") => {
                reading = reading.with_zone(arguments.value()?.parse_with(Zone::named)?)
            }
            Long("owner") => reading = reading.with_owner(&arguments.value()?.string()?),
            Long("occurrences") => occurrences = true,
            Short('h') | Long("help") => return Err(USAGE.into()),
            Value(file) => files.push(file.string()?),
            other => return Err(other.unexpected()),
        }
    }
    if files.is_empty() {
        return Err(USAGE.into());
    }
    let from = from.unwrap_or_else(|| now().date_naive().and_time(NaiveTime::MIN).and_utc());
    let to = to.unwrap_or(from + DAYS);
    let window = Interval::new(from, to).ok_or("--to must be after --from")?;
    Ok(Question {
        window,
        reading,
        occurrences,
        files,
    })
}

fn instant(text: &str) -> Result<DateTime<Utc>, chrono::ParseError> {
    DateTime::parse_from_rfc3339(text).map(|at| at.to_utc())
}

fn read(question: &Question) -> Result<Vec<Calendar>, lexopt::Error> {
    let read = |file: &String| {
        let bytes = std::fs::read(file).map_err(|error| format!("{file}: {error}"))?;
        Ok(bereik::calendar::read(&bytes, &Limits::default()))
    };
    question.files.iter().map(read).collect()
}

/// What to print, and the problems met.
fn answer(question: &Question, calendars: &[Calendar]) -> (String, String) {
    let (mut text, mut problems) = (String::new(), String::new());
    let mut note = |file: &str, found: &[bereik::calendar::Problem]| {
        for problem in found {
            let _ = writeln!(problems, "{file}:{}: {}", problem.line(), problem.reason());
        }
    };
    if question.occurrences {
        let mut all: Vec<Occurrence> = Vec::new();
        for (file, calendar) in question.files.iter().zip(calendars) {
            let found = calendar.occurrences(question.window, &question.reading);
            note(file, &found.problems);
            all.extend(found.value);
        }
        all.sort_by_key(|occurrence| occurrence.interval);
        for occurrence in all {
            let (start, end) = ends(occurrence.interval);
            let kind = name(occurrence.kind);
            let _ = writeln!(text, "{}\t{start}\t{end}\t{kind}", occurrence.uid);
        }
        return (text, problems);
    }
    let mut merged: Option<FreeBusy> = None;
    for (file, calendar) in question.files.iter().zip(calendars) {
        let found = calendar.free_busy(question.window, &question.reading);
        note(file, &found.problems);
        merged = Some(merged.map_or(found.value.clone(), |merged| merged.merge(&found.value)));
    }
    for (interval, kind) in within(merged.unwrap_or_default(), question.window) {
        let (start, end) = ends(interval);
        let _ = writeln!(text, "{start}/{end} {}", name(kind));
    }
    (text, problems)
}

/// Each stretch of the window that is not free, also what is unknown at its ends.
fn within(free_busy: FreeBusy, window: Interval) -> Vec<(Interval, FreeBusyKind)> {
    let mut stretches = Vec::new();
    let mut at = window.start();
    while at < window.end() {
        let next = free_busy
            .next_change_after(at)
            .unwrap_or(window.end())
            .min(window.end());
        let kind = free_busy.kind_at(at);
        let stretch = Interval::new(at, next).filter(|_| kind != FreeBusyKind::Free);
        stretches.extend(stretch.map(|stretch| (stretch, kind)));
        at = next;
    }
    stretches
}

fn ends(interval: Interval) -> (String, String) {
    let compact = |at: DateTime<Utc>| at.format("%Y%m%dT%H%M%SZ").to_string();
    (compact(interval.start()), compact(interval.end()))
}

fn name(kind: FreeBusyKind) -> &'static str {
    match kind {
        FreeBusyKind::Free => "FREE",
        FreeBusyKind::Elsewhere => "X-ELSEWHERE",
        FreeBusyKind::Tentative => "BUSY-TENTATIVE",
        FreeBusyKind::Unknown => "X-UNKNOWN",
        FreeBusyKind::Busy => "BUSY",
        FreeBusyKind::OutOfOffice => "BUSY-UNAVAILABLE",
    }
}
