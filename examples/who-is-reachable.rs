//! Teaches the pure rooms: a directory, its agendas and an instant in; who can be reached, over what
//! and until when, out. Everybody is taken to sit at the desk, which web chat needs.
//!
//! `cargo run --example who-is-reachable -- [DIRECTORY.toml] [INSTANT]`

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bereik::core::reachability::Reach;
use bereik::core::signal::SignalKind;
use bereik::core::{ChannelKind, Signal, Zone};
use bereik::feed::{calendar_files, read_calendars, read_directory};
use bereik::presence::{PersonFacts, ReachRules, next_open_for, presence_at, reachability_at};
use chrono::{DateTime, TimeDelta, Utc};

const COLUMNS: [ChannelKind; 3] = [ChannelKind::WebChat, ChannelKind::Phone, ChannelKind::Email];

#[expect(
    clippy::disallowed_methods,
    reason = "without an instant it is about now"
)]
fn print_table(path: &Path, instant: Option<&str>) -> Result<(), Box<dyn Error>> {
    let wrong = |text| format!("`{text}` is not an instant: write 2026-11-23T09:10:00+01:00");
    let now: DateTime<Utc> = match instant {
        Some(text) => text.parse().map_err(|_| wrong(text))?,
        None => Utc::now(),
    };
    let directory = read_directory(path)?;
    let files = calendar_files(&directory, path.parent().unwrap_or(path));
    let updates = read_calendars(&files, now);
    updates
        .iter()
        .flat_map(|u| &u.failures)
        .for_each(|failure| eprintln!("{failure}"));
    updates
        .iter()
        .flat_map(|u| &u.problems)
        .for_each(|problem| eprintln!("{problem}"));

    let zone = directory.zone();
    let local = zone.local_at(now).format("%A %-d %B %Y, %H:%M");
    println!("{}, {local} ({})\n", directory.name(), zone.name());
    println!(
        "person         state        until         web chat            phone               e-mail              15 min by phone"
    );
    for person in directory.people() {
        let mut facts = PersonFacts::default();
        if let Some(update) = updates.iter().find(|update| update.person == person.id) {
            facts.free_busy = update.free_busy.clone();
            facts.open_time = update.open_time.clone();
        }
        let (kind, source) = (SignalKind::Online(ChannelKind::WebChat), "desk".into());
        let expires_at = now + TimeDelta::days(365);
        facts.signals = vec![Signal {
            kind,
            source,
            at: now,
            expires_at,
        }];

        let presence = presence_at(&directory, person, &facts, now);
        let (row, _) = reachability_at(&directory, person, &facts, &ReachRules::default(), now);
        let (phone, quarter) = (ChannelKind::Phone, TimeDelta::minutes(15));
        let rules = ReachRules::default();
        let quarter = next_open_for(&directory, person, &facts, &rules, phone, quarter, now);
        let quarter = quarter.map_or("-".to_owned(), |at| clock(at, now, zone));
        let state = format!("{:?}", presence.state);
        let until = presence
            .until
            .map_or(String::new(), |until| clock(until, now, zone));
        let [web_chat, phone, email] = COLUMNS.map(|channel| match row[channel].reach {
            Reach::From(back_at) => format!("from {}", clock(back_at, now, zone)),
            Reach::Never => "-".to_owned(),
            reach => format!("{reach:?}").to_lowercase(),
        });
        println!(
            "{:14} {state:12} {until:13} {web_chat:19} {phone:19} {email:19} {quarter}",
            person.name
        );
    }
    Ok(())
}

/// The time of day, with the day where it is another one.
fn clock(at: DateTime<Utc>, now: DateTime<Utc>, zone: &Zone) -> String {
    let (at, now) = (zone.local_at(at), zone.local_at(now));
    let is_today = at.date() == now.date();
    at.format(if is_today { "%H:%M" } else { "%-d %b %H:%M" })
        .to_string()
}

fn main() -> ExitCode {
    let ours = || concat!(env!("CARGO_MANIFEST_DIR"), "/webchat/directory.toml").to_owned();
    let mut arguments = std::env::args().skip(1);
    let path = PathBuf::from(arguments.next().unwrap_or_else(ours));
    match print_table(&path, arguments.next().as_deref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}
