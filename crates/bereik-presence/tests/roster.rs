//! Rosters: tables of what each part means, and laws against a clock that is watched step by step.

use std::num::NonZeroU16;

use bereik_core::hours::{Hours, Week};
use bereik_core::{Interval, PersonId, Shift, Zone};
use bereik_presence::roster::{Cadence, Change, FixedShifts, Layering, Roster, Rotation, Rule};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

#[path = "roster/laws.rs"]
mod laws;
#[path = "roster/oracle.rs"]
mod oracle;
#[cfg(feature = "serde")]
#[path = "roster/written.rs"]
mod written;

fn person(name: &str) -> PersonId {
    name.parse().expect("an id")
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn clock(text: &str) -> NaiveDateTime {
    text.parse().expect("a time on a clock")
}

fn span(text: &str) -> Interval {
    text.parse().expect("an interval")
}

fn zone(name: &str) -> Zone {
    Zone::named(name).expect("a zone of the database")
}

fn every(cadence: Cadence, length: u16, zone: Zone, start: &str, members: &[&str]) -> Rotation {
    let length = NonZeroU16::new(length).expect("a length");
    let members = members.iter().map(|name| person(name));
    Rotation::new(zone, clock(start), cadence, length).with_members(members)
}

/// What the clock shows at each handoff.
fn shown(rotation: &Rotation, within: &str) -> Vec<String> {
    let handoffs = rotation.handoffs(span(within));
    let local = handoffs.map(|handoff| rotation.zone().local_at(handoff));
    local
        .map(|local| local.format("%F %H:%M").to_string())
        .collect()
}

/// `anna 08:00-10:00`, in UTC, with the day where it is another than the first's.
fn told(shifts: &[Shift]) -> Vec<String> {
    let Some(first) = shifts.first() else {
        return Vec::new();
    };
    let day = first.interval.start().date_naive();
    let time = |at: DateTime<Utc>| {
        let days = (at.date_naive() - day).num_days();
        let clock = at.format("%H:%M");
        match days {
            0 => clock.to_string(),
            days => format!("{days}d{clock}"),
        }
    };
    let line = |shift: &Shift| {
        let (start, end) = (shift.interval.start(), shift.interval.end());
        format!("{} {}-{}", shift.person, time(start), time(end))
    };
    shifts.iter().map(line).collect()
}

fn shift(name: &str, interval: &str) -> Shift {
    Shift {
        person: person(name),
        interval: span(interval),
    }
}

fn names(people: &[PersonId]) -> Vec<&str> {
    people.iter().map(PersonId::as_str).collect()
}

fn daily(stretch: &str) -> Hours {
    let day = vec![stretch.parse().expect("a stretch of a day")];
    Hours::new(Week {
        mon: day.clone(),
        tue: day.clone(),
        wed: day.clone(),
        thu: day.clone(),
        fri: day.clone(),
        sat: day.clone(),
        sun: day,
    })
}

const DAY: &str = "2026-11-23T00:00:00Z/2026-11-24T00:00:00Z";

#[test]
fn a_month_without_the_day_hands_off_on_its_last() {
    let monthly = |length, start| every(Cadence::Monthly, length, Zone::utc(), start, &[]);
    let rows: &[(u16, &str, &str, &[&str])] = &[
        (
            1,
            "2026-01-31T09:00:00",
            "2026-01-01T00:00:00Z/2026-07-01T00:00:00Z",
            &[
                "2026-01-31 09:00",
                "2026-02-28 09:00",
                "2026-03-31 09:00",
                "2026-04-30 09:00",
                "2026-05-31 09:00",
                "2026-06-30 09:00",
            ],
        ),
        (
            1,
            "2026-01-30T00:00:00",
            "2028-01-01T00:00:00Z/2028-04-01T00:00:00Z",
            &["2028-01-30 00:00", "2028-02-29 00:00", "2028-03-30 00:00"],
        ),
        (
            3,
            "2026-11-30T12:00:00",
            "2026-01-01T00:00:00Z/2027-06-01T00:00:00Z",
            &[
                "2026-02-28 12:00",
                "2026-05-30 12:00",
                "2026-08-30 12:00",
                "2026-11-30 12:00",
                "2027-02-28 12:00",
                "2027-05-30 12:00",
            ],
        ),
        (
            12,
            "2024-02-29T08:00:00",
            "2023-01-01T00:00:00Z/2029-01-01T00:00:00Z",
            &[
                "2023-02-28 08:00",
                "2024-02-29 08:00",
                "2025-02-28 08:00",
                "2026-02-28 08:00",
                "2027-02-28 08:00",
                "2028-02-29 08:00",
            ],
        ),
        (
            1,
            "2026-12-31T23:00:00",
            "1899-11-01T00:00:00Z/1900-04-01T00:00:00Z",
            &[
                "1899-11-30 23:00",
                "1899-12-31 23:00",
                "1900-01-31 23:00",
                "1900-02-28 23:00",
                "1900-03-31 23:00",
            ],
        ),
    ];
    for (length, start, within, expected) in rows {
        assert_eq!(
            &shown(&monthly(*length, start), within),
            expected,
            "{start}"
        );
    }
}

/// Cadence, length, zone, start, window, and what the clock shows at the handoffs within it.
type Row = (
    Cadence,
    u16,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

const SET_CLOCKS: &[Row] = &[
    // A gap from two to three, and the turn of two o'clock with no time at all.
    (
        Cadence::Hourly,
        1,
        "Europe/Amsterdam",
        "2026-01-01T00:00:00",
        "2026-03-29T00:00:00Z/2026-03-29T03:00:00Z",
        &["2026-03-29 01:00", "2026-03-29 03:00", "2026-03-29 04:00"],
    ),
    // Two o'clock twice: the first counts.
    (
        Cadence::Hourly,
        1,
        "Europe/Amsterdam",
        "2026-01-01T00:00:00",
        "2026-10-24T23:00:00Z/2026-10-25T03:00:00Z",
        &["2026-10-25 01:00", "2026-10-25 02:00", "2026-10-25 03:00"],
    ),
    (
        Cadence::Daily,
        1,
        "Europe/Amsterdam",
        "2026-01-01T02:30:00",
        "2026-03-28T00:00:00Z/2026-03-31T00:00:00Z",
        &["2026-03-28 02:30", "2026-03-29 03:00", "2026-03-30 02:30"],
    ),
    // Half an hour.
    (
        Cadence::Hourly,
        12,
        "Australia/Lord_Howe",
        "2026-01-01T02:15:00",
        "2026-10-02T13:00:00Z/2026-10-04T13:00:00Z",
        &[
            "2026-10-03 02:15",
            "2026-10-03 14:15",
            "2026-10-04 02:30",
            "2026-10-04 14:15",
        ],
    ),
    // Two hours.
    (
        Cadence::Hourly,
        1,
        "Antarctica/Troll",
        "2026-01-01T00:00:00",
        "2026-03-29T00:00:00Z/2026-03-29T03:00:00Z",
        &["2026-03-29 00:00", "2026-03-29 03:00", "2026-03-29 04:00"],
    ),
    // A day that Samoa did not have.
    (
        Cadence::Daily,
        1,
        "Pacific/Apia",
        "2011-12-01T09:00:00",
        "2011-12-29T00:00:00Z/2012-01-01T00:00:00Z",
        &[
            "2011-12-29 09:00",
            "2011-12-31 00:00",
            "2011-12-31 09:00",
            "2012-01-01 09:00",
        ],
    ),
    // Midnight is skipped.
    (
        Cadence::Weekly,
        1,
        "Asia/Beirut",
        "2026-03-01T00:00:00",
        "2026-03-21T00:00:00Z/2026-04-05T12:00:00Z",
        &["2026-03-22 00:00", "2026-03-29 01:00", "2026-04-05 00:00"],
    ),
    // Far off, by the rule that the zone ends with.
    (
        Cadence::Weekly,
        2,
        "America/Chicago",
        "2026-03-02T02:30:00",
        "2199-03-01T00:00:00Z/2199-04-01T00:00:00Z",
        &["2199-03-11 02:30", "2199-03-25 02:30"],
    ),
];

#[test]
fn clocks_that_are_set_move_a_handoff_or_make_a_turn_longer() {
    for (cadence, length, name, start, within, expected) in SET_CLOCKS {
        let rotation = every(*cadence, *length, zone(name), start, &[]);
        assert_eq!(&shown(&rotation, within), expected, "{name} {start}");
    }
}

#[test]
fn a_turn_that_the_clock_skips_still_counts() {
    let hours: Vec<String> = (0..24).map(|hour| format!("h{hour}")).collect();
    let members: Vec<&str> = hours.iter().map(String::as_str).collect();
    let start = "2026-01-01T00:00:00";
    let rotation = every(
        Cadence::Hourly,
        1,
        zone("Europe/Amsterdam"),
        start,
        &members,
    );
    for (now, expected) in [
        ("2026-03-29T00:59:59Z", "h1"),
        ("2026-03-29T01:00:00Z", "h3"),
        ("2026-03-30T00:00:00Z", "h2"),
        ("2026-10-25T00:30:00Z", "h2"),
        ("2026-10-25T01:30:00Z", "h2"),
        ("2026-10-25T02:00:00Z", "h3"),
    ] {
        let said = rotation.person_at(at(now)).map(PersonId::as_str);
        assert_eq!(said, Some(expected), "{now}");
    }
}

#[test]
fn turns_go_on_before_the_start_and_far_from_it() {
    let members = ["a", "b", "c"];
    let start = "2026-11-23T09:00:00";
    let rotation = every(Cadence::Weekly, 1, Zone::utc(), start, &members);
    let first = clock(start).and_utc();
    for year in ["1900", "1970", "2026", "2027", "2199"] {
        let now = at(&format!("{year}-05-05T12:00:00Z"));
        let turns = (now - first).num_seconds().div_euclid(7 * 86_400);
        let expected = members[turns.rem_euclid(3) as usize];
        let said = rotation.person_at(now).map(PersonId::as_str);
        assert_eq!(said, Some(expected), "{year}");
        let turn = rotation.turn_at(now).unwrap();
        assert_eq!(turn.start(), first + TimeDelta::weeks(turns));
        assert_eq!(turn.duration(), TimeDelta::weeks(1));
    }
    let before = first - TimeDelta::seconds(1);
    assert_eq!(rotation.person_at(before), Some(&person("c")));
}

#[test]
fn the_ends_of_time_are_answered() {
    let cadences = [
        Cadence::Hourly,
        Cadence::Daily,
        Cadence::Weekly,
        Cadence::Monthly,
    ];
    for cadence in cadences {
        for length in [1, u16::MAX] {
            for name in ["Europe/Amsterdam", "Pacific/Apia", "UTC"] {
                let start = "2026-01-31T09:00:00";
                let rotation = every(cadence, length, zone(name), start, &["a", "b"]);
                let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
                assert!(
                    rotation
                        .turn_at(first)
                        .is_some_and(|turn| turn.contains(first))
                );
                assert!(rotation.person_at(last).is_some());
                assert_eq!(rotation.next_handoff_after(last), None);
                let roster = Roster::new(zone(name))
                    .with_rule(Rule::rotation(rotation.clone()).with_hours(daily("09:00-17:00")))
                    .with_rule(Rule::rotation(rotation));
                assert_eq!(roster.on_call_at(first).len(), 1);
                assert_eq!(roster.on_call_at(last).len(), 1);
                assert_eq!(roster.next_change_after(last), None);
            }
        }
    }
}

#[test]
fn nobody_and_the_same_person_again() {
    let zone = || zone("Europe/Amsterdam");
    let with = |members: &[&str]| {
        let rotation = every(Cadence::Hourly, 2, zone(), "2026-11-01T00:00:00", members);
        Roster::new(zone()).with_rule(Rule::rotation(rotation))
    };
    let noon = at("2026-11-23T12:00:00Z");
    assert_eq!(with(&[]).on_call_at(noon), []);
    assert_eq!(with(&[]).next_change_after(noon), None);
    assert_eq!(with(&[]).shifts(span(DAY)), []);
    assert_eq!(with(&["anna", "anna"]).next_change_after(noon), None);
    assert_eq!(
        with(&["anna", "anna"]).shifts(span(DAY)),
        [shift("anna", DAY)]
    );
    let short = "2026-11-23T00:00:00Z/2026-11-23T12:00:00Z";
    let told = told(&with(&["anna", "anna", "bram"]).shifts(span(short)));
    assert_eq!(
        told,
        [
            "anna 00:00-03:00",
            "bram 03:00-05:00",
            "anna 05:00-09:00",
            "bram 09:00-11:00",
            "anna 11:00-12:00"
        ]
    );
}

#[test]
fn hours_bound_a_rule() {
    let day = "2026-11-23T00:00:00Z/2026-11-25T00:00:00Z";
    let rows: &[(&str, &[&str])] = &[
        ("08:00-20:00", &["anna 08:00-20:00", "anna 1d08:00-1d20:00"]),
        (
            "20:00-08:00",
            &[
                "anna 00:00-08:00",
                "anna 20:00-1d08:00",
                "anna 1d20:00-2d00:00",
            ],
        ),
        ("08:00-08:00", &["anna 00:00-2d00:00"]),
        ("00:00-24:00", &["anna 00:00-2d00:00"]),
    ];
    for (stretch, expected) in rows {
        let rule = Rule::person(person("anna")).with_hours(daily(stretch));
        let shifts = Roster::new(Zone::utc()).with_rule(rule).shifts(span(day));
        assert_eq!(&told(&shifts), expected, "{stretch}");
    }
    // An interval over midnight belongs to the day on which it starts.
    let monday = Hours::new(Week {
        mon: vec!["20:00-08:00".parse().unwrap()],
        ..Week::default()
    });
    let roster =
        Roster::new(Zone::utc()).with_rule(Rule::person(person("anna")).with_hours(monday));
    assert_eq!(told(&roster.shifts(span(day))), ["anna 20:00-1d08:00"]);
}

#[test]
fn a_rule_follows_another() {
    let noon = at("2026-11-23T12:00:00Z");
    let roster = Roster::new(Zone::utc())
        .with_rule(Rule::person(person("anna")).with_until(noon))
        .with_rule(Rule::person(person("bram")).with_from(noon));
    let shifts = roster.shifts(span(DAY));
    assert_eq!(told(&shifts), ["anna 00:00-12:00", "bram 12:00-1d00:00"]);
    assert_eq!(
        roster.next_change_after(at("1900-01-01T00:00:00Z")),
        Some(noon)
    );
    assert_eq!(roster.next_change_after(noon), None);
}

#[test]
fn an_exception_years_ahead_is_a_change() {
    let date = "2029-12-25".parse().unwrap();
    let closed = daily("00:00-24:00").with_exception(date, Vec::new());
    let opened = Hours::default().with_exception(date, vec!["00:00-24:00".parse().unwrap()]);
    for hours in [closed, opened] {
        let roster =
            Roster::new(Zone::utc()).with_rule(Rule::person(person("anna")).with_hours(hours));
        let now = at("2026-11-23T12:00:00Z");
        let change = roster.next_change_after(now);
        assert_eq!(change, Some(at("2029-12-25T00:00:00Z")));
        let back = change.and_then(|change| roster.next_change_after(change));
        assert_eq!(back, Some(at("2029-12-26T00:00:00Z")));
        assert_eq!(back.and_then(|back| roster.next_change_after(back)), None);
    }
}

/// Anna always, Bram from nine to five; and what is laid over them.
fn two() -> Roster {
    Roster::new(Zone::utc())
        .with_rule(Rule::person(person("anna")))
        .with_rule(Rule::person(person("bram")).with_hours(daily("09:00-17:00")))
}

fn hours_of_day(from: u32, to: u32) -> Interval {
    span(&format!(
        "2026-11-23T{from:02}:00:00Z/2026-11-23T{to:02}:00:00Z"
    ))
}

#[test]
fn rules_join_or_the_last_one_wins() {
    let roster = two();
    assert_eq!(
        told(&roster.shifts(span(DAY))),
        ["anna 00:00-1d00:00", "bram 09:00-17:00"]
    );
    let roster = roster.with_layering(Layering::LastWins);
    let expected = ["anna 00:00-09:00", "bram 09:00-17:00", "anna 17:00-1d00:00"];
    assert_eq!(told(&roster.shifts(span(DAY))), expected);
    // A rotation of nobody names nobody, and what lies below it holds.
    let nobody = every(Cadence::Daily, 1, Zone::utc(), "2026-11-01T00:00:00", &[]);
    let roster = roster.with_rule(Rule::rotation(nobody));
    assert_eq!(told(&roster.shifts(span(DAY))), expected);
    let shifts = vec![
        shift("cleo", "2026-11-23T10:00:00Z/2026-11-23T12:00:00Z"),
        shift("dora", "2026-11-23T11:00:00Z/2026-11-23T13:00:00Z"),
    ];
    let roster = roster.with_rule(Rule::shifts(shifts));
    let expected = [
        "anna 00:00-09:00",
        "bram 09:00-10:00",
        "cleo 10:00-11:00",
        "dora 11:00-13:00",
        "bram 13:00-17:00",
        "anna 17:00-1d00:00",
    ];
    assert_eq!(told(&roster.shifts(span(DAY))), expected);
}

#[test]
fn overrides_change_what_the_ones_before_left() {
    let add = |name| Change::Add(person(name));
    let remove = |name| Change::Remove(person(name));
    let replace = |name, with| Change::Replace {
        person: person(name),
        with: person(with),
    };
    let rows: &[(Layering, &[Change], &[&str])] = &[
        (Layering::Union, &[add("cleo")], &["anna", "bram", "cleo"]),
        (Layering::Union, &[add("anna")], &["anna", "bram"]),
        (Layering::Union, &[remove("anna")], &["bram"]),
        (Layering::Union, &[remove("cleo")], &["anna", "bram"]),
        (
            Layering::Union,
            &[replace("anna", "cleo")],
            &["bram", "cleo"],
        ),
        (Layering::Union, &[replace("anna", "bram")], &["bram"]),
        (
            Layering::Union,
            &[replace("cleo", "dora")],
            &["anna", "bram"],
        ),
        (
            Layering::Union,
            &[add("cleo"), remove("cleo")],
            &["anna", "bram"],
        ),
        (
            Layering::Union,
            &[remove("cleo"), add("cleo")],
            &["anna", "bram", "cleo"],
        ),
        (
            Layering::Union,
            &[replace("anna", "cleo"), replace("cleo", "dora")],
            &["bram", "dora"],
        ),
        (Layering::LastWins, &[add("cleo")], &["cleo"]),
        (Layering::LastWins, &[remove("bram")], &[]),
        (Layering::LastWins, &[replace("anna", "cleo")], &["bram"]),
        (Layering::LastWins, &[replace("bram", "cleo")], &["cleo"]),
    ];
    let (from, to) = (10, 12);
    for (layering, changes, expected) in rows {
        let plain = two().with_layering(*layering);
        let roster = changes.iter().fold(plain.clone(), |roster, change| {
            roster.with_override(hours_of_day(from, to), change.clone())
        });
        for hour in 0..23 {
            let now = hours_of_day(hour, hour + 1).start();
            let on_call = roster.on_call_at(now);
            match (from..to).contains(&hour) {
                true => assert_eq!(&names(&on_call), expected, "{changes:?}"),
                false => assert_eq!(on_call, plain.on_call_at(now)),
            }
        }
    }
}

#[test]
fn history_goes_before_temporary_rosters_and_those_before_overrides() {
    let fixed = |from, to, name: &str, interval: &str| FixedShifts {
        interval: hours_of_day(from, to),
        shifts: vec![shift(name, interval)],
    };
    let roster = two()
        .with_override(hours_of_day(8, 16), Change::Add(person("cleo")))
        .with_temporary(fixed(10, 20, "dora", DAY))
        .with_history(fixed(
            0,
            12,
            "eve",
            "2026-11-23T02:00:00Z/2026-11-23T11:00:00Z",
        ));
    let expected = ["eve 02:00-11:00", "dora 12:00-20:00", "anna 20:00-1d00:00"];
    assert_eq!(told(&roster.shifts(span(DAY))), expected);
    assert_eq!(roster.on_call_at(hours_of_day(11, 12).start()), []);
    // Of two that overlap the later one of the list.
    let roster = roster.with_temporary(fixed(15, 18, "fay", DAY));
    let roster = roster.with_temporary(FixedShifts {
        interval: hours_of_day(16, 17),
        shifts: Vec::new(),
    });
    let expected = [
        "eve 02:00-11:00",
        "dora 12:00-15:00",
        "fay 15:00-16:00",
        "fay 17:00-18:00",
        "dora 18:00-20:00",
        "anna 20:00-1d00:00",
    ];
    assert_eq!(told(&roster.shifts(span(DAY))), expected);
}

#[test]
fn changes_that_make_no_difference_are_passed_over() {
    let zone = || zone("Europe/Amsterdam");
    let hourly = every(
        Cadence::Hourly,
        1,
        zone(),
        "2026-01-01T00:00:00",
        &["anna", "bram"],
    );
    let roster = Roster::new(zone())
        .with_layering(Layering::LastWins)
        .with_rule(Rule::rotation(hourly))
        .with_rule(Rule::person(person("cleo")));
    let now = at("2026-11-23T12:00:00Z");
    let month = Interval::new(at("2027-02-01T00:00:00Z"), at("2027-03-01T00:00:00Z")).unwrap();
    let near = roster
        .clone()
        .with_override(month, Change::Remove(person("cleo")));
    assert_eq!(near.next_change_after(now), Some(month.start()));
    // Where there are too many of them it is asked again from where the looking ended.
    let decade = Interval::new(at("2036-02-01T00:00:00Z"), at("2036-03-01T00:00:00Z")).unwrap();
    let far = roster.with_override(decade, Change::Remove(person("cleo")));
    let mut asked = vec![now];
    while let Some(next) = far.next_change_after(asked[asked.len() - 1]) {
        asked.push(next);
        if far.on_call_at(next) != [person("cleo")] {
            break;
        }
    }
    assert_eq!(asked.last(), Some(&decade.start()));
    assert!((8..=10).contains(&asked.len()), "{}", asked.len());
}

#[test]
fn ten_years_of_hourly_turns() {
    let zone = || zone("America/New_York");
    let hourly = every(
        Cadence::Hourly,
        1,
        zone(),
        "2026-01-01T00:00:00",
        &["anna", "bram", "cleo"],
    );
    let roster = Roster::new(zone()).with_rule(Rule::rotation(hourly));
    let decade = span("2026-01-01T05:00:00Z/2036-01-01T05:00:00Z");
    let shifts = roster.shifts(decade);
    // Of each two settings of the clock one takes an hour and one gives it to a turn.
    assert_eq!(shifts.len(), 3_652 * 24 - 10);
    assert_eq!(shifts[0].interval.start(), decade.start());
    assert_eq!(shifts[shifts.len() - 1].interval.end(), decade.end());
}
