//! Outcomes that other systems document or test, as data: what the roster says of each.
//!
//! The folder is named by `BEREIK_VECTORS`. A case that is answered in another way stands in the code by its
//! name with the reason, and fails when it is not.

use std::num::NonZeroU16;
use std::path::PathBuf;

use bereik::core::hours::{Hours, Week};
use bereik::core::zone::{Local, Zone};
use bereik::core::{Interval, PersonId, Shift};
use bereik::presence::roster::{Cadence, Layering, Roster, Rotation, Rule};
use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde_json::Value;

fn read(file: &str) -> Value {
    let folder = std::env::var_os("BEREIK_VECTORS");
    let folder = PathBuf::from(folder.expect("BEREIK_VECTORS names the folder of the vectors"));
    let text = std::fs::read_to_string(folder.join(file)).expect("the folder has this file");
    serde_json::from_str(&text).expect("the file is JSON")
}

fn cases<'a>(file: &'a Value, name: &str) -> &'a [Value] {
    let cases = file[name].as_array().expect("a list of cases");
    assert!(!cases.is_empty(), "no {name}");
    cases
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    let text = value[name].as_str();
    text.unwrap_or_else(|| panic!("no {name} in {value}"))
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant in RFC 3339")
}

fn instants(list: &Value) -> Vec<DateTime<Utc>> {
    let list = list.as_array().expect("a list of instants").iter();
    list.map(|at| instant(at.as_str().expect("an instant")))
        .collect()
}

fn span(from: DateTime<Utc>, to: DateTime<Utc>) -> Interval {
    Interval::new(from, to).expect("it ends after it starts")
}

fn person(name: &str) -> PersonId {
    name.parse().expect("an id")
}

fn zone(name: &str) -> Zone {
    Zone::named(name).expect("a known zone")
}

fn chicago() -> Zone {
    zone("America/Chicago")
}

fn cadence(name: &str) -> Cadence {
    match name {
        "hourly" => Cadence::Hourly,
        "daily" => Cadence::Daily,
        "weekly" => Cadence::Weekly,
        "monthly" => Cadence::Monthly,
        other => panic!("no rotation is {other}"),
    }
}

/// The rotation of a row that starts at `start`.
fn rotation(row: &Value, start: &str) -> Rotation {
    let zone = zone(text(row, "tz"));
    let length = row["shift_length"].as_u64().expect("a length") as u16;
    let length = NonZeroU16::new(length).expect("a length");
    let start = zone.local_at(instant(start));
    Rotation::new(zone, start, cadence(text(row, "type")), length)
}

#[test]
#[ignore = "reads the folder BEREIK_VECTORS"]
fn vectors_rotation_ends() {
    let file = read("goalert_rotation.json");
    for row in cases(&file, "end_time_rows") {
        let start = text(row, "start");
        let turn = rotation(row, start).turn_at(instant(start));
        let expected = span(instant(start), instant(text(row, "end")));
        assert_eq!(turn, Some(expected), "{row}");
        let seconds = row["duration_s"].as_i64();
        assert_eq!(Some(expected.duration().num_seconds()), seconds, "{row}");
    }
}

/// From each step of the window the turn that it falls in: all of their ends together are the handoffs.
#[test]
#[ignore = "reads the folder BEREIK_VECTORS"]
fn vectors_rotation_handoffs() {
    let file = read("goalert_rotation.json");
    for row in cases(&file, "brute_force") {
        let rotation = rotation(row, text(row, "rotation_start"));
        let from = instant(text(row, "window_from"));
        let to = instant(text(row, "window_to"));
        let step = TimeDelta::seconds(row["step_s"].as_i64().expect("a step"));
        let mut ends = Vec::new();
        let mut at = from;
        while at <= to {
            let turn = rotation.turn_at(at).expect("a turn");
            assert!(turn.contains(at), "{row}");
            ends.extend([turn.start(), turn.end()]);
            at += step;
        }
        ends.sort_unstable();
        ends.dedup();
        let expected = instants(&row["all_handoffs"]);
        assert_eq!(ends, expected, "{row}");
        let first = expected.first().expect("a handoff");
        let last = expected.last().expect("a handoff");
        let all = span(*first, *last + TimeDelta::seconds(1));
        assert_eq!(rotation.handoffs(all).collect::<Vec<_>>(), expected);
    }
}

/// The cases that the file tells in words; a new one must be told here as well.
#[test]
#[ignore = "reads the folder BEREIK_VECTORS"]
fn vectors_rotation_extra() {
    let file = read("goalert_rotation.json");
    for case in cases(&file, "extra") {
        match text(case, "src") {
            "oncall/state_test.go TestResolvedRotation_UserID" => {
                let start = instant("2018-08-30T21:54:38Z").naive_utc();
                let six = NonZeroU16::new(6).expect("six");
                let members = (0..24).map(|number| person(&format!("p{number}")));
                let rotation =
                    Rotation::new(Zone::utc(), start, Cadence::Weekly, six).with_members(members);
                let at = instant("2018-09-10T02:44:00Z");
                assert_eq!(rotation.person_at(at), Some(&person("p0")), "{case}");
            }
            "engine/rotationmanager/legacyadvance_test.go" => {
                let start = chicago().local_at(instant("2018-11-21T16:00:00Z"));
                let eight = NonZeroU16::new(8).expect("eight");
                let rotation = Rotation::new(chicago(), start, Cadence::Hourly, eight);
                let turn = rotation.turn_at(instant("2021-03-10T15:00:01Z"));
                let end = turn.expect("a turn").end();
                assert_eq!(end, instant("2021-03-10T16:00:00Z"), "{case}");
                for handoff in rotation.handoffs(span(start.and_utc(), end + TimeDelta::days(3650)))
                {
                    let shown = chicago().local_at(handoff).format("%H:%M").to_string();
                    let in_gap = chicago().offset_at(handoff)
                        > chicago().offset_at(handoff - TimeDelta::seconds(1));
                    let known = ["02:00", "10:00", "18:00"].contains(&shown.as_str());
                    assert!(known || in_gap && shown == "03:00", "{handoff}: {case}");
                }
            }
            other => panic!("nothing is checked of {other}: {case}"),
        }
    }
}

const ANYONE: &str = "anyone";

/// A roster on UTC in which one person serves by the rule of a case.
fn weekly(rule: &Value) -> Roster {
    let stretch = format!("{}-{}", text(rule, "start"), text(rule, "end"));
    let days = rule["days"].as_array().expect("seven days");
    let is_on = |day: usize| days[day].as_u64().expect("0 or 1") == 1;
    let on = |day| is_on(day).then(|| stretch.parse().expect("a stretch"));
    let week = Week {
        sun: on(0).into_iter().collect(),
        mon: on(1).into_iter().collect(),
        tue: on(2).into_iter().collect(),
        wed: on(3).into_iter().collect(),
        thu: on(4).into_iter().collect(),
        fri: on(5).into_iter().collect(),
        sat: on(6).into_iter().collect(),
    };
    let rule = Rule::person(person(ANYONE)).with_hours(Hours::new(week));
    Roster::new(Zone::utc()).with_rule(rule)
}

#[test]
#[ignore = "reads the folder BEREIK_VECTORS"]
fn vectors_weekly_rules() {
    let file = read("goalert_rules.json");
    for case in cases(&file, "cases") {
        let roster = weekly(&case["rule"]);
        let at = instant(text(case, "at"));
        let is_on = !roster.on_call_at(at).is_empty();
        // The shift that holds, or else the next; long enough before that it is there as a whole.
        let around = span(at - TimeDelta::days(30), at + TimeDelta::days(30));
        let shift = roster
            .shifts(around)
            .into_iter()
            .find(|s| at < s.interval.end());
        match text(case, "fn") {
            "is_active" => assert_eq!(Some(is_on), case["expect"].as_bool(), "{case}"),
            function => {
                let expected = instant(text(case, "expect"));
                let shift = shift.expect("a shift").interval;
                match function {
                    "start_time" => assert_eq!(shift.start(), expected, "{case}"),
                    "end_time" => {
                        assert_eq!(shift.end(), expected, "{case}");
                        if is_on {
                            assert_eq!(roster.next_change_after(at), Some(expected), "{case}");
                        }
                    }
                    other => panic!("nothing is checked of {other}: {case}"),
                }
            }
        }
    }
}

/// The first instant of a time on the clock is a handoff at that time; the last is what the zone says.
#[test]
#[ignore = "reads the folder BEREIK_VECTORS"]
fn vectors_clock() {
    let file = read("goalert_clock_dst.json");
    let zone = zone(text(&file, "tz"));
    for case in cases(&file, "cases") {
        let date: NaiveDate = text(case, "date").parse().expect("a date");
        let clock = NaiveTime::parse_from_str(text(case, "clock"), "%H:%M").expect("a time");
        let local = date.and_time(clock);
        let start = local - Days::new(30);
        let daily = Rotation::new(zone.clone(), start, Cadence::Daily, NonZeroU16::MIN);
        let day = span(
            zone.instant_of(date.and_time(NaiveTime::MIN)),
            zone.instant_of((date + Days::new(1)).and_time(NaiveTime::MIN)),
        );
        let first: Vec<_> = daily.handoffs(day).collect();
        let expected = instant(text(case, "expect"));
        match text(case, "fn") {
            "first" => assert_eq!(first, [expected], "{case}"),
            "last" => {
                let last = match zone.locate(local) {
                    Local::Fold { second, .. } => second,
                    Local::Gap { .. } => first[0],
                    Local::One(instant) => instant,
                };
                assert_eq!(last, expected, "{case}");
                check_end_of_rule(&zone, date, clock, expected);
            }
            other => panic!("nothing is checked of {other}: {case}"),
        }
    }
}

/// A rule whose hours end at that time on the clock ends at the last instant of it, with one exception.
fn check_end_of_rule(zone: &Zone, date: NaiveDate, clock: NaiveTime, expected: DateTime<Utc>) {
    let stretch = format!("00:00-{}", clock.format("%H:%M"));
    let hours = Hours::default().with_exception(date, vec![stretch.parse().expect("a stretch")]);
    let rule = Rule::person(person(ANYONE)).with_hours(hours);
    let roster = Roster::new(zone.clone()).with_rule(rule);
    let around = span(expected - TimeDelta::days(2), expected + TimeDelta::days(2));
    let shifts = roster.shifts(around);
    assert_eq!(shifts.len(), 1, "{date} {clock}");
    let end = shifts[0].interval.end();
    // ROUTING.md: rules are half-open. The clock is set back to the very end of the rule, so that it shows
    // nothing that lies in the rule a second time.
    if (date, clock) == (fold_day(), NaiveTime::from_hms_opt(1, 0, 0).expect("one")) {
        assert_eq!(end, expected - TimeDelta::hours(1));
    } else {
        assert_eq!(end, expected, "{date} {clock}");
    }
}

fn fold_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2018, 11, 4).expect("a date")
}

#[test]
#[ignore = "reads the folder BEREIK_VECTORS"]
fn vectors_clock_changes_leave_no_hole() {
    let file = read("grafana_dst_issues.json");
    for case in cases(&file, "cases") {
        match text(case, "id") {
            "#5247" => weekly_turns_have_no_hole(case),
            "#3261" => hours_stay_on_the_clock(case),
            "#576" => whole_days_join(),
            other => panic!("nothing is checked of {other}: {case}"),
        }
    }
}

fn weekly_turns_have_no_hole(case: &Value) {
    let zone = zone(text(case, "tz"));
    let start = text(case, "start_local").to_owned() + ":00";
    let start = start.parse().expect("a local time");
    let week = TimeDelta::weeks(1).num_seconds();
    assert_eq!(case["duration_s"].as_i64(), Some(week));
    let every = cadence(text(case, "frequency"));
    let rotation = Rotation::new(zone.clone(), start, every, NonZeroU16::MIN)
        .with_members([person("anna"), person("bram")]);
    let from = zone.instant_of(start);
    let decade = span(from, from + TimeDelta::days(3650));
    let shifts = Roster::new(zone.clone())
        .with_rule(Rule::rotation(rotation))
        .shifts(decade);
    assert_eq!(shifts.len(), 522);
    assert_eq!(shifts[0].interval.start(), from);
    for pair in shifts.windows(2) {
        let [before, after] = pair else { continue };
        assert_eq!(before.interval.end(), after.interval.start());
        assert_ne!(before.person, after.person);
        let shown = zone.local_at(after.interval.start());
        assert_eq!(
            (shown.time(), shown.weekday()),
            (start.time(), start.weekday())
        );
    }
}

fn hours_stay_on_the_clock(case: &Value) {
    let zone = zone(text(case, "tz"));
    let local = text(case, "local");
    let stretch = local.parse().expect("a stretch");
    let week = Week {
        mon: vec![stretch],
        sat: vec![stretch],
        sun: vec![stretch],
        ..Week::default()
    };
    let rule = Rule::person(person(ANYONE)).with_hours(Hours::new(week));
    let year = span(
        instant("2023-06-01T00:00:00Z"),
        instant("2024-06-01T00:00:00Z"),
    );
    let shifts = Roster::new(zone.clone()).with_rule(rule).shifts(year);
    assert_eq!(shifts.len(), 3 * 52);
    for shift in shifts {
        let shown = |at| zone.local_at(at).format("%H:%M").to_string();
        let (start, end) = (shift.interval.start(), shift.interval.end());
        assert_eq!(format!("{}-{}", shown(start), shown(end)), local);
    }
}

fn whole_days_join() {
    let zone = chicago();
    let year = span(
        instant("2024-10-01T05:00:00Z"),
        instant("2025-10-01T05:00:00Z"),
    );
    let whole = vec!["00:00-24:00".parse().expect("a stretch")];
    let week = Week {
        mon: whole.clone(),
        tue: whole.clone(),
        wed: whole.clone(),
        thu: whole.clone(),
        fri: whole.clone(),
        sat: whole.clone(),
        sun: whole,
    };
    let rule = Rule::person(person(ANYONE)).with_hours(Hours::new(week));
    let all = Roster::new(zone.clone()).with_rule(rule).shifts(year);
    assert_eq!(
        all,
        [Shift {
            person: person(ANYONE),
            interval: year
        }]
    );

    // All-day events of one person after the other, and of two in turn.
    let day = |number: u64| {
        let date = NaiveDate::from_ymd_opt(2024, 10, 1).expect("a date") + Days::new(number);
        zone.instant_of(date.and_time(NaiveTime::MIN))
    };
    let shifts = |who: &dyn Fn(u64) -> PersonId| {
        let days = (0..365).map(|number| Shift {
            person: who(number),
            interval: span(day(number), day(number + 1)),
        });
        let rule = Rule::shifts(days.collect());
        Roster::new(zone.clone()).with_rule(rule).shifts(year)
    };
    assert_eq!(shifts(&|_| person(ANYONE)), all);
    let turns = shifts(&|number| person(["anna", "bram"][number as usize % 2]));
    assert_eq!(turns.len(), 365);
    let mut pairs = turns.windows(2);
    assert!(pairs.all(|pair| pair[0].interval.end() == pair[1].interval.start()));
}

/// `Mon-Fri 17:00-08:00`, `Sat-Sun all day`.
fn week_of(row: &str) -> Week {
    let (days, stretch) = row.split_once(' ').expect("DAYS STRETCH");
    let stretch = match stretch {
        "all day" => "00:00-24:00",
        stretch => stretch,
    };
    let list = vec![stretch.parse().expect("a stretch")];
    let mut week = Week::default();
    match days {
        "Mon-Fri" => {
            for day in [
                &mut week.mon,
                &mut week.tue,
                &mut week.wed,
                &mut week.thu,
                &mut week.fri,
            ] {
                day.clone_from(&list);
            }
        }
        "Sat-Sun" => (week.sat, week.sun) = (list.clone(), list),
        other => panic!("no days are {other}"),
    }
    week
}

/// A day of the week as an instant in the zone: `Tue 17:00`.
fn in_week(zone: &Zone, monday: NaiveDate, at: &str) -> DateTime<Utc> {
    let (day, clock) = at.split_once(' ').expect("DAY TIME");
    let day: chrono::Weekday = day.parse().expect("a day of the week");
    let date = monday + Days::new(day.num_days_from_monday().into());
    let clock = NaiveTime::parse_from_str(clock, "%H:%M").expect("a time");
    zone.instant_of(date.and_time(clock))
}

#[test]
#[ignore = "reads the folder BEREIK_VECTORS"]
fn vectors_schedules_of_one_person() {
    let file = read("pagerduty_example_schedule.json");
    let schedules = file["schedules"].as_object().expect("schedules by name");
    assert!(!schedules.is_empty());
    for name in ["Europe/Amsterdam", "America/New_York", "Asia/Kolkata"] {
        let zone = zone(name);
        let rosters: Vec<Roster> = schedules
            .iter()
            .map(|(name, rows)| {
                let rows = rows.as_array().expect("a list of rows").iter();
                let weeks = rows.map(|row| week_of(row.as_str().expect("a row")));
                let empty = Roster::new(zone.clone()).with_layering(Layering::LastWins);
                weeks.fold(empty, |roster, week| {
                    roster.with_rule(Rule::person(person(name)).with_hours(Hours::new(week)))
                })
            })
            .collect();
        // A week of winter, the ones in which clocks are set, and one of summer.
        for monday in [
            "2026-01-12",
            "2026-03-09",
            "2026-03-23",
            "2026-07-06",
            "2026-10-19",
        ] {
            let monday: NaiveDate = monday.parse().expect("a date");
            for case in cases(&file, "cases") {
                let at = in_week(&zone, monday, text(case, "at"));
                let mut on_call: Vec<PersonId> = rosters
                    .iter()
                    .flat_map(|roster| roster.on_call_at(at))
                    .collect();
                on_call.sort_unstable();
                let expected = case["on_call"].as_array().expect("names").iter();
                let expected: Vec<PersonId> = expected
                    .map(|name| person(name.as_str().expect("a name")))
                    .collect();
                assert_eq!(on_call, expected, "{name} {monday} {case}");
            }
        }
        // "Union, not double": from Friday evening to the end of Sunday is one shift.
        let monday: NaiveDate = "2026-01-12".parse().expect("a date");
        let friday = in_week(&zone, monday, "Fri 17:00");
        let week = span(friday - TimeDelta::days(1), friday + TimeDelta::days(6));
        let naomi = person("Naomi");
        let of_naomi = rosters
            .iter()
            .flat_map(|roster| roster.shifts(week))
            .filter(|shift| shift.person == naomi && friday <= shift.interval.start());
        let first = of_naomi.map(|shift| shift.interval).next();
        assert_eq!(
            first,
            Some(span(
                friday,
                in_week(&zone, monday + Days::new(7), "Mon 00:00")
            ))
        );
    }
}

/// One schedule has at most one person at a time: the later layer wins, and overrides win above all.
#[test]
#[ignore = "reads the folder BEREIK_VECTORS"]
fn vectors_last_layer_wins() {
    let file = read("pagerduty_example_schedule.json");
    let rule = text(&file, "rule");
    assert!(rule.contains("at most one person at a time (bottom layer wins, overrides above all)"));
    let every_row: Vec<(PersonId, Week)> = file["schedules"]
        .as_object()
        .expect("schedules by name")
        .iter()
        .flat_map(|(name, rows)| {
            let rows = rows.as_array().expect("a list of rows").iter();
            rows.map(|row| (person(name), week_of(row.as_str().expect("a row"))))
        })
        .collect();
    // All rows as the layers of one schedule.
    let empty = Roster::new(chicago()).with_layering(Layering::LastWins);
    let roster = every_row.iter().fold(empty, |roster, (person, week)| {
        roster.with_rule(Rule::person(person.clone()).with_hours(Hours::new(week.clone())))
    });
    let from = instant("2026-01-12T06:00:00Z");
    let lunch = span(from + TimeDelta::hours(12), from + TimeDelta::hours(13));
    let added = roster
        .clone()
        .with_override(lunch, bereik::presence::roster::Change::Add(person("Zoe")));
    for hour in 0..24 * 7 {
        let at = from + TimeDelta::hours(hour);
        let on_call = roster.on_call_at(at);
        let mut layers = every_row
            .iter()
            .filter(|(_, week)| Hours::new(week.clone()).is_open_at(at, &chicago()));
        let expected: Vec<PersonId> = layers
            .next_back()
            .map(|(person, _)| person.clone())
            .into_iter()
            .collect();
        assert_eq!(on_call, expected, "{at}");
        match lunch.contains(at) {
            true => assert_eq!(added.on_call_at(at), [person("Zoe")]),
            false => assert_eq!(added.on_call_at(at), on_call),
        }
    }
}
