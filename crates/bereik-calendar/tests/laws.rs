//! Laws of reading and expanding, against naive oracles and other libraries.

#[path = "laws/any_calendar.rs"]
mod any_calendar;
#[path = "laws/oracle.rs"]
mod oracle;

use std::path::{Path, PathBuf};

use bereik_calendar::{Calendar, Limits, Reading};
use bereik_core::free_busy::{FreeBusy, FreeBusyKind};
use bereik_core::interval::Interval;
use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Utc};
use oracle::{Frequency, Rule};
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("the test's own value")
}

fn naive(text: &str) -> NaiveDateTime {
    at(text).naive_utc()
}

fn read(text: &str) -> Calendar {
    bereik_calendar::read(text.as_bytes(), &Limits::default())
}

/// Little work for rules that never end, so that many cases fit into a second.
fn read_frugally(bytes: &[u8]) -> Calendar {
    bereik_calendar::read(bytes, &Limits::default().with_component_steps_max(3_000))
}

fn event(lines: &str) -> Calendar {
    read(&format!(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\n{lines}END:VEVENT\r\nEND:VCALENDAR\r\n"
    ))
}

fn starts(calendar: &Calendar, window: Interval) -> Vec<NaiveDateTime> {
    let found = calendar.occurrences(window, &Reading::new());
    assert_eq!(found.problems, []);
    found
        .value
        .iter()
        .map(|o| o.interval.start().naive_utc())
        .collect()
}

fn days(start: NaiveDateTime, from: i64, length: i64) -> Interval {
    let from = start.and_utc() + TimeDelta::days(from);
    Interval::new(from, from + TimeDelta::days(length)).expect("the test's own value")
}

fn list<T: Clone + std::fmt::Debug + 'static>(
    item: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Vec<T>> {
    prop_oneof![3 => Just(Vec::new()), 2 => proptest::collection::vec(item, 1..4)]
}

fn start() -> impl Strategy<Value = NaiveDateTime> {
    (0_i64..3_000, 0_i64..24, 0_i64..4).prop_map(|(day, hour, quarter)| {
        let time = TimeDelta::hours(hour) + TimeDelta::minutes(quarter * 15);
        naive("2019-12-25T00:00:00Z") + TimeDelta::days(day) + time
    })
}

fn slow_rule() -> impl Strategy<Value = Rule> {
    let frequency = prop_oneof![
        Just(Frequency::Daily),
        Just(Frequency::Weekly),
        Just(Frequency::Monthly),
        Just(Frequency::Yearly),
    ];
    let signed =
        |max: i32| (1..=max, any::<bool>()).prop_map(|(n, minus)| if minus { -n } else { n });
    let ordinal = prop_oneof![4 => Just(0), 1 => signed(5)];
    (
        (frequency, 1_i64..5, 0_u32..7),
        list(1_u32..13),
        list(signed(31)),
        list((ordinal, 0_u32..7)),
        list(0_u32..24),
        list(signed(4)),
        (list(signed(366)), list(signed(53)), 0_u8..8),
    )
        .prop_map(
            |(
                (frequency, interval, week_start),
                months,
                month_days,
                weekdays,
                hours,
                positions,
                rare,
            )| {
                let (year_days, weeks, which) = rare;
                let is_yearly = frequency == Frequency::Yearly;
                let mut rule = Rule {
                    frequency,
                    interval,
                    week_start,
                    months,
                    month_days,
                    weekdays,
                    hours,
                    positions,
                    year_days: if is_yearly && which == 0 {
                        year_days
                    } else {
                        Vec::new()
                    },
                    weeks: if is_yearly && which == 1 {
                        weeks
                    } else {
                        Vec::new()
                    },
                };
                rule.settle();
                rule
            },
        )
}

proptest! {
    #[test]
    fn slow_rules_agree_with_a_naive_calendar(
        rule in slow_rule(),
        start in start(),
        count in proptest::option::of(1_usize..40),
        until in proptest::option::of(0_i64..2_000),
        from in -50_i64..1_500,
        length in 1_i64..400,
    ) {
        let window = days(start, from, length);
        let until = until.map(|days| start + TimeDelta::days(days));
        let mut text = rule.text();
        if let Some(count) = count {
            text += &format!(";COUNT={count}");
        }
        if let Some(until) = until {
            text += &format!(";UNTIL={}Z", until.format("%Y%m%dT%H%M%S"));
        }
        let calendar = event(&format!(
            "DTSTART:{}Z\r\nDURATION:PT1S\r\nRRULE:{text}\r\n", start.format("%Y%m%dT%H%M%S")
        ));
        let said = starts(&calendar, window);
        let expected: Vec<NaiveDateTime> = rule
            .instances(start, window.end().naive_utc())
            .into_iter()
            .take(count.unwrap_or(usize::MAX))
            .filter(|instance| *instance == start || until.is_none_or(|until| *instance <= until))
            .filter(|instance| window.contains(instance.and_utc()))
            .collect();
        prop_assert_eq!(said, expected, "{}", text);
    }

    #[test]
    fn fast_rules_agree_with_each_second(
        unit in 0_usize..3,
        interval in 1_i64..200,
        hours in list(0_u32..24),
        minutes in list(0_u32..60),
        weekdays in list(0_u32..7),
        start in start(),
        from in 0_i64..1_000,
    ) {
        let (name, seconds) = [("SECONDLY", 1), ("MINUTELY", 60), ("HOURLY", 3_600)][unit];
        let interval = if unit == 0 { interval * 97 } else { interval };
        let mut text = format!("FREQ={name};INTERVAL={interval}");
        for (part, values) in [("BYHOUR", &hours), ("BYMINUTE", &minutes)] {
            text += &oracle::part(part, values.iter().map(u32::to_string));
        }
        text += &oracle::part("BYDAY", weekdays.iter().map(|day| oracle::DAYS[*day as usize].to_owned()));
        let calendar = event(&format!(
            "DTSTART:{}Z\r\nDURATION:PT1S\r\nRRULE:{text}\r\n", start.format("%Y%m%dT%H%M%S")
        ));
        let from = start.and_utc() + TimeDelta::hours(from);
        let window = Interval::new(from, from + TimeDelta::hours(3)).unwrap();
        let expected = oracle::fast(start, seconds, interval, (&hours, &minutes, &weekdays), window);
        prop_assert_eq!(starts(&calendar, window), expected, "{}", text);
    }

    #[test]
    fn simple_rules_agree_with_rrule(
        weekly in any::<bool>(),
        interval in 1_i64..4,
        weekdays in list(0_usize..7),
        count in proptest::option::of(1_u32..60),
        start in 0_i64..1_000,
        from in 0_i64..400,
    ) {
        // Mid-morning, before 2025: no gap, no fold, and zone data on which both agree. The start is
        // one of its rule: where it is not, rrule leaves it out.
        let mut first = naive("2020-01-01T10:00:00Z") + TimeDelta::days(start);
        while !weekdays.is_empty() && !weekdays.contains(&(first.weekday().num_days_from_monday() as usize)) {
            first += TimeDelta::days(1);
        }
        let name = if weekly { "WEEKLY" } else { "DAILY" };
        let mut text = format!("FREQ={name};INTERVAL={interval}");
        text += &oracle::part("BYDAY", weekdays.iter().map(|day| oracle::DAYS[*day].to_owned()));
        if let Some(count) = count {
            text += &format!(";COUNT={count}");
        }
        let starts_at = format!("DTSTART;TZID=Europe/Amsterdam:{}", first.format("%Y%m%dT%H%M%S"));
        let window = days(first, from, 100);
        let rules: rrule::RRuleSet = format!("{starts_at}\nRRULE:{text}").parse().unwrap();
        let tz = |at: DateTime<Utc>| at.with_timezone(&rrule::Tz::UTC);
        let theirs = rules.after(tz(window.start())).before(tz(window.end())).all(u16::MAX);
        let theirs: Vec<NaiveDateTime> = theirs
            .dates
            .iter()
            .filter(|at| window.contains(at.to_utc()))
            .map(|at| at.naive_utc())
            .collect();
        let calendar = event(&format!("{starts_at}\r\nDURATION:PT1S\r\nRRULE:{text}\r\n"));
        let ours = starts(&calendar, window);
        prop_assert_eq!(ours, theirs, "{}", text);
    }

    #[test]
    fn icalendar_reads_the_same_events(
        events in proptest::collection::vec((0_i64..900, 1_i64..600, ".{0,90}", any::<bool>()), 0..8),
    ) {
        use icalendar::{Component as _, EventLike as _};
        let begin = at("2026-01-01T00:00:00Z");
        let mut theirs = icalendar::Calendar::new();
        for (index, (hour, minutes, text, transparent)) in events.iter().enumerate() {
            let start = begin + TimeDelta::hours(*hour);
            let mut event = icalendar::Event::new();
            event.uid(&index.to_string()).summary(text).description(text).timestamp(begin);
            event.starts(start).ends(start + TimeDelta::minutes(*minutes));
            if *transparent {
                event.add_property("TRANSP", "TRANSPARENT");
            }
            theirs.push(event.done());
        }
        let text = theirs.to_string();
        let window = days(begin.naive_utc(), 0, 60);
        let ours = read(&text).occurrences(window, &Reading::new());
        prop_assert_eq!(&ours.problems, &[]);
        let mut ours: Vec<_> = ours.value.into_iter().map(|o| (o.uid, o.interval, o.kind)).collect();
        ours.sort();
        let reread: icalendar::Calendar = text.parse().unwrap();
        let mut expected: Vec<_> = reread.events().map(|event| {
            let instant = |at: Option<icalendar::DatePerhapsTime>| match at {
                Some(icalendar::DatePerhapsTime::DateTime(icalendar::CalendarDateTime::Utc(at))) => at,
                other => panic!("written in UTC, read as {other:?}"),
            };
            let interval = Interval::new(instant(event.get_start()), instant(event.get_end())).unwrap();
            let kind = match event.property_value("TRANSP") {
                Some("TRANSPARENT") => FreeBusyKind::Free,
                _ => FreeBusyKind::Busy,
            };
            (event.get_uid().unwrap().to_owned(), interval, kind)
        }).collect();
        expected.sort();
        prop_assert_eq!(ours, expected);
    }

    #[test]
    fn any_bytes_obey_the_laws(
        settings in any::<[u8; 16]>(), bytes in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        any_calendar::check(&[&settings, bytes.as_slice()].concat());
    }

    #[test]
    fn any_soup_obeys_the_laws(
        settings in any::<[u8; 16]>(), text in soup(), cut in any::<proptest::sample::Index>(),
    ) {
        let cut = cut.index(2 * text.len()).min(text.len());
        any_calendar::check(&[&settings, &text.as_bytes()[..cut]].concat());
    }

    #[test]
    fn a_file_cut_off_anywhere_is_unknown(text in soup(), cut in any::<proptest::sample::Index>()) {
        let bytes = &text.as_bytes()[..cut.index(text.trim_end().len())];
        let window = days(naive("2026-01-01T00:00:00Z"), 0, 400);
        let answer = read_frugally(bytes).free_busy(window, &Reading::new());
        prop_assert!(!answer.problems.is_empty(), "a cut-off file goes unnoticed");
        prop_assert!(any_calendar::is_nowhere_free(&answer.value, window));
    }

    #[test]
    fn what_is_written_reads_back_equal(
        claims in proptest::collection::vec((0_i64..5_000, 1_i64..600, 0_usize..6), 0..20),
    ) {
        let window = days(naive("2026-01-01T00:00:00Z"), 0, 5);
        let minute = |minute: i64| window.start() + TimeDelta::minutes(minute);
        let mut builder = FreeBusy::builder(window);
        for (start, length, kind) in claims {
            let interval = Interval::new(minute(start), minute(start + length)).unwrap();
            builder.push(interval, FreeBusyKind::ALL[kind]);
        }
        let ours = builder.build();
        let text = bereik_calendar::write_free_busy(&ours, "1", window.start(), Some("mailto:a@b.c"));
        let around = days(naive("2026-01-01T00:00:00Z"), -3, 12);
        let theirs = read(&text).free_busy(around, &Reading::new());
        prop_assert_eq!(theirs.problems, &[]);
        prop_assert_eq!(theirs.value, ours, "{}", text);
    }
}

/// What fuzzing kept, and calendars written by hand: each obeys the laws.
#[test]
fn kept_files_obey_the_laws() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = 0;
    // Those of fuzzing are not part of the published crate.
    for folder in [
        "tests/corpus",
        "../../fuzz/seeds",
        "../../fuzz/corpus/calendar",
    ] {
        let entries = std::fs::read_dir(here.join(folder)).into_iter().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            let bytes = std::fs::read(&path).unwrap();
            let is_calendar = bytes.starts_with(b"BEGIN:VCALENDAR");
            println!("{}", path.display());
            let head: &[u8] = if is_calendar {
                any_calendar::case::PLAIN
            } else {
                &[]
            };
            any_calendar::check(&[head, &bytes].concat());
            files += 1;
        }
    }
    assert!(files > 20, "there are files");
}

/// Calendars of plausible and implausible lines.
fn soup() -> impl Strategy<Value = String> {
    let line = proptest::sample::select(LINES.to_vec());
    let component = proptest::collection::vec(line, 0..9).prop_map(|lines| {
        let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        format!("BEGIN:VEVENT\r\nUID:u\r\nDTSTART:20260105T090000Z\r\n{lines}END:VEVENT\r\n")
    });
    proptest::collection::vec(component, 1..5).prop_map(|components| {
        format!(
            "BEGIN:VCALENDAR\r\n{}END:VCALENDAR\r\n",
            components.concat()
        )
    })
}

const LINES: [&str; 44] = [
    "DTSTART;TZID=Europe/Amsterdam:20260105T100000",
    "DTSTART;VALUE=DATE:20260105",
    "DTSTART;TZID=Nowhere/At all:20260329T023000",
    "DTSTART:99991231T235959Z",
    "DTSTART:00000101T000000",
    "DTSTART:yesterday",
    "DTEND:20260105T100000Z",
    "DTEND;VALUE=DATE:20260107",
    "DURATION:PT90M",
    "DURATION:P1W",
    "DURATION:-PT1H",
    "DURATION:P99999999D",
    "RRULE:FREQ=DAILY",
    "RRULE:FREQ=DAILY;COUNT=20;INTERVAL=3",
    "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260601T000000Z",
    "RRULE:FREQ=MONTHLY;BYDAY=-1FR",
    "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "RRULE:FREQ=YEARLY;BYWEEKNO=1,53;BYDAY=SU",
    "RRULE:FREQ=HOURLY;INTERVAL=7;BYDAY=SA",
    "RRULE:FREQ=SECONDLY",
    "RRULE:FREQ=SECONDLY;BYSECOND=3;BYMONTH=2;BYMONTHDAY=31",
    "RRULE:FREQ=MINUTELY;COUNT=1000000000",
    "RRULE:FREQ=DAILY;INTERVAL=2147483647;COUNT=2147483647",
    "RRULE:FREQ=SOMETIMES",
    "RRULE:RSCALE=HEBREW;FREQ=YEARLY",
    "EXRULE:FREQ=WEEKLY;BYDAY=MO",
    "EXDATE:20260105T090000Z,20260112T090000Z",
    "EXDATE;VALUE=DATE:20260119",
    "EXDATE:never",
    "RDATE:20260301T120000Z",
    "RDATE;VALUE=PERIOD:20260302T120000Z/PT2H,20260303T120000Z/20260303T140000Z",
    "RDATE:sometimes",
    "RECURRENCE-ID:20260106T090000Z",
    "RECURRENCE-ID;RANGE=THISANDFUTURE:20260112T090000Z",
    "STATUS:CANCELLED",
    "STATUS:TENTATIVE",
    "TRANSP:TRANSPARENT",
    "X-MICROSOFT-CDO-BUSYSTATUS:OOF",
    "SEQUENCE:2",
    "SUMMARY:text\r\n  folded",
    "BEGIN:VALARM\r\nDTSTART:20260101T000000Z\r\nEND:VALARM",
    "END:VEVENT\r\nBEGIN:VEVENT",
    "BEGIN:VEVENT",
    "ATTENDEE;PARTSTAT=DECLINED:mailto:a@example.org",
];
