//! Holds the agendas of the web chat to what its README says of them.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::path::{Path, PathBuf};

use bereik::calendar::{Limits, Reading, read};
use bereik::core::presence::PresenceState;
use bereik::core::{Directory, FreeBusy, FreeBusyKind, Interval, Person};
use bereik::presence::{PersonFacts, presence_at};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("webchat")
}

fn text(file: &str) -> String {
    std::fs::read_to_string(folder().join(file)).unwrap()
}

fn directory() -> Directory {
    toml::from_str(&text("directory.toml")).unwrap()
}

fn window(from: &str, to: &str) -> Interval {
    let at = |day: &str| format!("{day}T00:00:00Z").parse::<DateTime<Utc>>().unwrap();
    Interval::new(at(from), at(to)).unwrap()
}

/// What the person's calendars say, all of them together; no problem is let pass.
fn free_busy(directory: &Directory, person: &Person, window: Interval) -> FreeBusy {
    let reading = Reading::new().with_zone(directory.zone_of(person).clone());
    let reading = person
        .addresses
        .iter()
        .fold(reading, |r, a| r.with_owner(a.value()));
    let each = person.calendars.iter().map(|file| {
        let calendar = read(text(file).as_bytes(), &Limits::default());
        assert!(
            calendar.problems().is_empty(),
            "{file}: {:?}",
            calendar.problems()
        );
        let expanded = calendar.free_busy(window, &reading);
        assert!(
            expanded.problems.is_empty(),
            "{file}: {:?}",
            expanded.problems
        );
        expanded.value
    });
    each.reduce(|one, other| one.merge(&other)).unwrap()
}

fn word(state: PresenceState) -> &'static str {
    match state {
        PresenceState::Available => "free",
        PresenceState::Busy => "**busy**",
        PresenceState::Elsewhere => "elsewhere",
        PresenceState::OffDuty => "·",
        PresenceState::OutOfOffice => "leave",
        PresenceState::Tentative => "tentative",
        _ => "?",
    }
}

fn cells(row: &str) -> Vec<&str> {
    row.trim_matches('|').split('|').map(str::trim).collect()
}

#[test]
fn monday_is_as_the_readme_says() {
    let (directory, readme) = (directory(), text("README.md"));
    let monday = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
    let mut rows = readme
        .lines()
        .skip_while(|line| !line.starts_with("| | 00:00"));
    let times: Vec<NaiveTime> = cells(rows.next().unwrap())
        .iter()
        .skip(1)
        .map(|t| NaiveTime::parse_from_str(t, "%H:%M").unwrap())
        .collect();
    let rows: Vec<_> = rows
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(cells)
        .collect();
    assert_eq!(rows.len(), directory.people().len());
    for row in rows {
        let person = directory.person(&row[0].parse().unwrap()).unwrap();
        let free_busy = free_busy(&directory, person, window("2026-11-22", "2026-12-22"));
        let facts = PersonFacts {
            free_busy,
            ..PersonFacts::default()
        };
        let is = times.iter().map(|time| {
            let at = directory.zone().instant_of(monday.and_time(*time));
            word(presence_at(&directory, person, &facts, at).state)
        });
        assert_eq!(is.collect::<Vec<_>>(), row[1..], "{}", person.id);
    }
}

#[test]
fn every_week_until_the_end_of_2028_is_alive() {
    let directory = directory();
    for person in directory.people() {
        let free_busy = free_busy(&directory, person, window("2026-01-05", "2028-12-25"));
        let claims: Vec<_> = free_busy.intervals().collect();
        assert!(
            claims
                .iter()
                .all(|(_, kind)| *kind != FreeBusyKind::Unknown),
            "{}",
            person.id
        );
        let mut monday = window("2026-01-05", "2028-12-25").start();
        while monday < window("2026-01-05", "2028-12-25").end() {
            let week = Interval::new(monday, monday + TimeDelta::days(7)).unwrap();
            assert!(
                claims.iter().any(|(claim, _)| claim.overlaps(&week)),
                "{}, {monday}",
                person.id
            );
            monday = week.end();
        }
    }
}

#[test]
fn agendas_have_the_form_of_exports() {
    for entry in std::fs::read_dir(folder().join("agendas")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "ics") {
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.ends_with("END:VCALENDAR\r\n"), "{}", path.display());
            for (i, line) in text.split("\r\n").enumerate() {
                let is_whole = line.len() <= 75 && !line.contains('\n');
                assert!(is_whole, "{}:{}", path.display(), i + 1);
            }
        }
    }
}
