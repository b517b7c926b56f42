//! Laws of reading and expanding, of any bytes.

#[path = "laws/any_calendar.rs"]
mod any_calendar;

use std::path::{Path, PathBuf};

use bereik_calendar::{Calendar, Limits, Reading};
use bereik_core::free_busy::{FreeBusy, FreeBusyKind};
use bereik_core::interval::Interval;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};

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

fn days(start: NaiveDateTime, from: i64, length: i64) -> Interval {
    let from = start.and_utc() + TimeDelta::days(from);
    Interval::new(from, from + TimeDelta::days(length)).expect("the test's own value")
}

proptest! {
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
        "../../fuzz/seeds/calendar",
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
