//! When is somebody busy, and why? Reads calendars and prints their merged free/busy time.
//!
//! `cargo run --example free-busy -- [--from INSTANT] [--to INSTANT] [--zone TZ] [--owner ADDRESS]...
//! [--open WORD]... [--occurrences | --explain] FILE.ics...`
//!
//! `--explain` prints below each interval, indented, the components that made it: `FILE:LINE START/END COMPONENT`.
//! `--open` takes events of that category or exactly that title for time in which the owner is available; it is
//! printed as `X-OPEN` beside the rest.

use std::fmt::Write as _;
use std::process::ExitCode;

use bereik::calendar::{
    Calendar, ComponentKind, Explained, Limits, Marks, Occurrence, Problem, Reading,
};
use bereik::core::channel_kind::ChannelKind;
use bereik::core::free_busy::{FreeBusy, FreeBusyKind};
use bereik::core::interval::Interval;
use bereik::core::zone::Zone;
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use lexopt::prelude::{Long, Short, Value, ValueExt as _};

const USAGE: &str = "usage: free-busy [--from INSTANT] [--to INSTANT] [--zone TZ] \
    [--owner ADDRESS]... [--open WORD]... [--occurrences | --explain] FILE.ics...";
const DAYS: TimeDelta = TimeDelta::days(90);
/// What is open is open over any channel here.
const ANY: [ChannelKind; 1] = [ChannelKind::Phone];

/// What the command line asks.
struct Question {
    window: Interval,
    reading: Reading,
    marks: Marks,
    form: Form,
    files: Vec<String>,
}

/// What is printed.
enum Form {
    Explained,
    Intervals,
    Occurrences,
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
    let (mut reading, mut marks) = (Reading::new(), Marks::new());
    let (mut form, mut files) = (Form::Intervals, Vec::new());
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("from") => from = Some(arguments.value()?.parse_with(instant)?),
            Long("to") => to = Some(arguments.value()?.parse_with(instant)?),
            Long("zone") => {
                reading = reading.with_zone(arguments.value()?.parse_with(Zone::named)?)
            }
            Long("owner") => reading = reading.with_owner(&arguments.value()?.string()?),
            Long("open") => {
                let word = arguments.value()?.string()?;
                marks = marks.with_category(&word, &ANY).with_title(&word, &ANY);
            }
            Long("occurrences") => form = Form::Occurrences,
            Long("explain") => form = Form::Explained,
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
        marks,
        form,
        files,
    })
}

fn instant(text: &str) -> Result<DateTime<Utc>, chrono::ParseError> {
    DateTime::parse_from_rfc3339(text).map(|at| at.to_utc())
}

/// A file with its calendar.
type Read = (String, Calendar);

fn read(question: &Question) -> Result<Vec<Read>, lexopt::Error> {
    let read = |file: &String| -> Result<Read, lexopt::Error> {
        let bytes = std::fs::read(file).map_err(|error| format!("{file}: {error}"))?;
        let limits = Limits::default();
        let calendar = bereik::calendar::read_marked(&bytes, &limits, &question.marks);
        Ok((file.clone(), calendar))
    };
    question.files.iter().map(read).collect()
}

/// What to print, and the problems met.
fn answer(question: &Question, calendars: &[Read]) -> (String, String) {
    let mut problems = String::new();
    let text = match question.form {
        Form::Occurrences => occurrences(question, calendars, &mut problems),
        Form::Explained | Form::Intervals => intervals(question, calendars, &mut problems),
    };
    (text, problems)
}

fn note(problems: &mut String, file: &str, found: &[Problem]) {
    for problem in found {
        let _ = writeln!(problems, "{file}:{}: {}", problem.line(), problem.reason());
    }
}

fn occurrences(question: &Question, calendars: &[Read], problems: &mut String) -> String {
    let mut all: Vec<Occurrence> = Vec::new();
    for (file, calendar) in calendars {
        let found = calendar.occurrences(question.window, &question.reading);
        note(problems, file, &found.problems);
        all.extend(found.value);
    }
    all.sort_by_key(|occurrence| occurrence.interval);
    let mut text = String::new();
    for occurrence in all {
        let (start, end) = ends(occurrence.interval);
        let kind = name(occurrence.kind);
        let _ = writeln!(text, "{}\t{start}\t{end}\t{kind}", occurrence.uid);
    }
    text
}

fn intervals(question: &Question, calendars: &[Read], problems: &mut String) -> String {
    let (window, reading) = (question.window, &question.reading);
    let mut merged: Option<FreeBusy> = None;
    let mut explained: Vec<(&str, Explained)> = Vec::new();
    let mut open: Vec<Interval> = Vec::new();
    for (file, calendar) in calendars {
        let found = calendar.free_busy(window, reading);
        note(problems, file, &found.problems);
        merged = Some(merged.map_or(found.value.clone(), |merged| merged.merge(&found.value)));
        open.extend(calendar.open_time(window, reading).value.intervals(ANY[0]));
        if matches!(question.form, Form::Explained) {
            let stretches = calendar.explain(window, reading).value.into_iter();
            explained.extend(stretches.map(|stretch| (file.as_str(), stretch)));
        }
    }
    let taken = within(merged.unwrap_or_default(), window).into_iter();
    let taken = taken.map(|(interval, kind)| (interval, Some(kind)));
    let mut lines: Vec<_> = taken
        .chain(open.into_iter().map(|open| (open, None)))
        .collect();
    lines.sort();
    let mut text = String::new();
    for (interval, kind) in lines {
        let (start, end) = ends(interval);
        let _ = writeln!(text, "{start}/{end} {}", kind.map_or("X-OPEN", name));
        let stretches = explained.iter();
        for (file, stretch) in stretches.filter(|(_, stretch)| Some(stretch.kind) == kind) {
            explain(&mut text, file, stretch, interval);
        }
    }
    text
}

/// The components of a file that made an interval.
fn explain(text: &mut String, file: &str, stretch: &Explained, interval: Interval) {
    let claims = stretch.claims.iter();
    for claim in claims.filter(|claim| claim.interval.overlaps(&interval)) {
        let (start, end) = ends(claim.interval);
        let component = match claim.component {
            ComponentKind::Availability => "VAVAILABILITY",
            ComponentKind::Event => "VEVENT",
            ComponentKind::FreeBusy => "VFREEBUSY",
            _ => "unreadable",
        };
        let _ = writeln!(text, "  {file}:{} {start}/{end} {component}", claim.line);
    }
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
