//! Is somebody free now, and until when? Watches a calendar, a line for each change.
//!
//! `cargo run --example watch-a-calendar -- [--owner ADDRESS]... [--zone TZ] [--every SECONDS] [--allow HOST[:PORT]]
//! [--at INSTANT] [--for SECONDS] URL|FILE|FOLDER...`
//!
//! Several calendars are taken together, as those of one person. A file or folder is looked at every half second, a
//! web address (`https` or `webcal`) once a minute or as `--every` says. The guard refuses addresses that are not
//! public: `--allow` lets pass a host of the inside, over `http` too. Titles are never read.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use bereik::calendar::Reading;
use bereik::core::{FreeBusy, FreeBusyKind, PersonId, Zone};
use bereik::feed::http::Client;
use bereik::feed::{CalendarFile, CalendarWatch, Pace, Update, UrlGuard};
use chrono::{DateTime, TimeDelta, Utc};
use lexopt::prelude::{Long, Value, ValueExt as _};

const USAGE: &str = "usage: watch-a-calendar [--owner ADDRESS]... [--zone TZ] [--every SECONDS] \
    [--allow HOST[:PORT]] [--at INSTANT] [--for SECONDS] URL|FILE|FOLDER...";

/// What the command line asks.
struct Question {
    calendars: Vec<String>,
    reading: Reading,
    zone: Zone,
    every: Duration,
    guard: UrlGuard,
    at: Option<DateTime<Utc>>,
    lasts: Option<Duration>,
}

fn question() -> Result<Question, lexopt::Error> {
    let mut asked = Question {
        calendars: Vec::new(),
        reading: Reading::new(),
        zone: Zone::utc(),
        every: Duration::from_secs(60),
        guard: UrlGuard::new(),
        at: None,
        lasts: None,
    };
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("owner") => {
                let owner = arguments.value()?.string()?;
                asked.reading = asked.reading.with_owner(&owner);
            }
            Long("zone") => {
                let name = arguments.value()?.string()?;
                asked.zone = Zone::named(&name).map_err(|error| error.to_string())?;
                asked.reading = asked.reading.with_zone(asked.zone.clone());
            }
            Long("every") => asked.every = Duration::from_secs(arguments.value()?.parse()?),
            Long("allow") => asked.guard = allow(asked.guard, &arguments.value()?.string()?)?,
            Long("at") => asked.at = Some(arguments.value()?.parse()?),
            Long("for") => asked.lasts = Some(Duration::from_secs(arguments.value()?.parse()?)),
            Value(calendar) => asked.calendars.push(calendar.string()?),
            _ => return Err(argument.unexpected()),
        }
    }
    match asked.calendars.is_empty() {
        true => Err(USAGE.into()),
        false => Ok(asked),
    }
}

fn allow(guard: UrlGuard, host: &str) -> Result<UrlGuard, lexopt::Error> {
    let guard = guard.with_plain_http();
    Ok(match host.rsplit_once(':') {
        Some((host, port)) => {
            let port = port
                .parse()
                .map_err(|_| format!("`{port}` is not a port"))?;
            guard.with_host(host).with_port(port)
        }
        None => guard.with_host(host),
    })
}

#[expect(clippy::print_stdout, reason = "an example prints")]
async fn watch(asked: Question) {
    let now = clock(asked.at);
    let person: PersonId = "owner".parse().expect("a word is an id");
    let of = |calendar: &String| {
        CalendarFile::new(person.clone(), Path::new(calendar), asked.reading.clone())
    };
    let files = asked.calendars.iter().map(of).collect();
    let mut watch = CalendarWatch::new(files, now)
        .with_http(Client::new(asked.guard), Pace::every(asked.every));
    let mut free_busy = FreeBusy::unknown();
    loop {
        let wait = free_busy.next_change_after(now()).map(|at| at - now());
        let change = async {
            match wait {
                Some(wait) => tokio::time::sleep(wait.to_std().unwrap_or_default()).await,
                None => std::future::pending().await,
            }
        };
        let told = tokio::select! {
            update = watch.next() => {
                free_busy = update.free_busy.clone();
                troubles(&update, &asked.zone)
            }
            () = change => String::new(),
        };
        println!("{}{told}", state(&free_busy, now(), &asked.zone));
    }
}

/// The system's clock, or one that starts at an instant.
#[expect(clippy::disallowed_methods, reason = "it is about now")]
fn clock(at: Option<DateTime<Utc>>) -> impl Fn() -> DateTime<Utc> + Copy + Send + Sync {
    let ahead = at.map_or(TimeDelta::zero(), |at| at - Utc::now());
    move || Utc::now() + ahead
}

fn state(free_busy: &FreeBusy, now: DateTime<Utc>, zone: &Zone) -> String {
    let kind = match free_busy.kind_at(now) {
        FreeBusyKind::Busy => "busy",
        FreeBusyKind::Free => "free",
        FreeBusyKind::OutOfOffice => "out of office",
        FreeBusyKind::Tentative => "tentative",
        FreeBusyKind::Elsewhere => "working elsewhere",
        _ => "unknown",
    };
    let until = free_busy.next_change_after(now);
    let until = until.map(|at| format!(" until {}", local(at, zone)));
    format!("{}  {kind}{}", local(now, zone), until.unwrap_or_default())
}

/// What cannot be read, since when, and what cannot be understood.
fn troubles(update: &Update, zone: &Zone) -> String {
    let failures = update.failures.iter().map(|failure| {
        let last = failure.last_good_at();
        let last = last.map(|at| format!(", read last {}", local(at, zone)));
        let since = local(failure.since(), zone);
        format!("\n  {failure} (since {since}{})", last.unwrap_or_default())
    });
    let problems = update
        .problems
        .iter()
        .map(|problem| format!("\n  {problem}"));
    failures.chain(problems).collect()
}

fn local(at: DateTime<Utc>, zone: &Zone) -> String {
    zone.local_at(at).format("%Y-%m-%d %H:%M:%S").to_string()
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stderr, reason = "an example prints")]
async fn main() -> ExitCode {
    match question() {
        Ok(asked) => {
            let lasts = asked.lasts.unwrap_or(Duration::MAX);
            let ended = tokio::time::timeout(lasts, watch(asked)).await;
            ended.map_or(ExitCode::SUCCESS, |()| ExitCode::SUCCESS)
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}
