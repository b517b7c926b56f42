//! What producers write beside the standard, and what the standard says where engines differ: one
//! small calendar each.

use std::fmt::Write as _;

use bereik_calendar::{Limits, ProblemReason, Reading};
use bereik_core::free_busy::FreeBusyKind;
use bereik_core::interval::Interval;
use bereik_core::zone::Zone;

/// January 2026.
const MONTH: &str = "2026-01-01T00:00:00Z/2026-02-01T00:00:00Z";

struct Case {
    text: String,
    zone: &'static str,
    window: &'static str,
}

fn calendar(content: &str) -> Case {
    let content = content.replace('\n', "\r\n");
    Case {
        text: format!("BEGIN:VCALENDAR\r\n{content}\r\nEND:VCALENDAR\r\n"),
        zone: "UTC",
        window: MONTH,
    }
}

fn event(lines: &str) -> Case {
    calendar(&format!("BEGIN:VEVENT\nUID:1\n{lines}\nEND:VEVENT"))
}

impl Case {
    fn in_zone(self, zone: &'static str) -> Self {
        Self { zone, ..self }
    }

    fn over(self, window: &'static str) -> Self {
        Self { window, ..self }
    }

    /// The time taken, as `DAY HH:MM-DAY HH:MM kind`, with `?` for unknown and nothing for busy.
    #[track_caller]
    fn says(&self, expected: &[&str], problems: &[ProblemReason]) {
        let zone = Zone::named(self.zone).expect("the test's own value");
        let window: Interval = self.window.parse().expect("the test's own value");
        let calendar = bereik_calendar::read(self.text.as_bytes(), &Limits::default());
        let answer = calendar.free_busy(window, &Reading::new().with_zone(zone));
        let mut said = Vec::new();
        let mut at = window.start();
        while at < window.end() {
            let next = answer.value.next_change_after(at).unwrap_or(window.end());
            let mut text = String::new();
            let kind = match answer.value.kind_at(at) {
                FreeBusyKind::Busy => String::new(),
                FreeBusyKind::Unknown => " ?".to_owned(),
                kind => format!(" {kind:?}"),
            };
            let (start, end) = (
                at.format("%-d %H:%M"),
                next.min(window.end()).format("%-d %H:%M"),
            );
            let _ = write!(text, "{start}-{end}{kind}");
            if answer.value.kind_at(at) != FreeBusyKind::Free {
                said.push(text);
            }
            at = next;
        }
        assert_eq!(said, expected, "{}", self.text);
        let reasons: Vec<ProblemReason> = answer.problems.iter().map(|p| p.reason()).collect();
        assert_eq!(reasons, problems, "{}", self.text);
    }
}

use ProblemReason as Why;

#[test]
fn values_of_another_type() {
    event("DTSTART;VALUE=DATE:20260117T200000Z\nDTEND;VALUE=DATE:20260117T220000Z")
        .says(&["17 20:00-17 22:00"], &[]);
    event("DTSTART;VALUE=DATE:20260117T000000\nDTEND;VALUE=DATE:20260118T000000")
        .in_zone("Europe/Amsterdam")
        .says(&["16 23:00-17 23:00"], &[]);
    event("DTSTART;TZID=America/New_York:20260105T210000\nDTEND;VALUE=DATE:20260106")
        .says(&["6 02:00-6 05:00"], &[]);
    event("DTSTART:20260105T230000Z\nDTEND:20260105T240000Z").says(&["5 23:00-6 00:00"], &[]);
    event("DTSTART;TZID=Nowhere:20260105T090000Z\nDURATION:PT1H").says(&["5 09:00-5 10:00"], &[]);
}

#[test]
fn ends_that_are_none() {
    event("DTSTART;VALUE=DATE:20260105\nDTEND;VALUE=DATE:20260105")
        .in_zone("Europe/Amsterdam")
        .says(&["4 23:00-5 23:00 ?"], &[Why::EmptyDay]);
    event("DTSTART;VALUE=DATE:20260105\nDTEND;VALUE=DATE:20260105\nTRANSP:TRANSPARENT")
        .says(&[], &[]);
    event("DTSTART:20260105T100000Z\nDTEND:20260105T090000Z").says(&[], &[Why::EndBeforeStart]);
    event("DTSTART:20260105T100000Z\nDURATION:-PT1H").says(&[], &[Why::EndBeforeStart]);
    event("DTSTART:20260105T100000Z\nDTEND:20260105T100000Z").says(&[], &[]);
    event("DTSTART:20200105T100000Z\nRRULE:FREQ=MINUTELY").says(&[], &[]);
    event("DTSTART:20260105T100000Z\nDTEND:soon\nRRULE:FREQ=DAILY")
        .says(&["5 10:00-1 00:00 ?"], &[Why::End]);
}

#[test]
fn starts_of_which_the_day_is_known() {
    event("DTSTART:2026-01-05T10:00:00Z\nDURATION:PT1H")
        .says(&["3 22:00-7 03:00 ?"], &[Why::StartOfDay]);
    event("DTSTART:20260105T250000Z\nDTEND:20260105T100000Z\nRRULE:FREQ=DAILY;COUNT=3")
        .over("2026-02-01T00:00:00Z/2026-02-03T00:00:00Z")
        .says(&["1 00:00-3 00:00 ?"], &[Why::StartOfDay]);
    event("DTSTART:soon\nDURATION:PT1H").says(&["1 00:00-1 00:00 ?"], &[Why::Start]);
    event("DTSTART:20260105T090000Z\nDURATION:PT1H\nDTSTART:20260106T090000Z")
        .says(&["5 09:00-5 10:00"], &[Why::Doubled]);
}

#[test]
fn blanks_and_line_ends_where_none_belong() {
    event("DTSTART :20260105T090000Z\nDTEND ;TZID=Europe/Amsterdam:20260105T110000")
        .says(&["5 09:00-5 10:00"], &[]);
    event("DTSTART; TZID=America/New_York:20260105T090000\nDURATION:PT1H")
        .says(&["5 14:00-5 15:00"], &[]);
    let mut doubled = event("DTSTART:2026010\n 5T090000Z\nDTEND:20260105T100000Z");
    doubled.text = doubled.text.replace("\r\n", "\r\r\n");
    doubled.says(&["5 09:00-5 10:00"], &[]);
    event("DTSTART:20260105T090000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2;BYDAY=MO,TU,")
        .says(&["5 09:00-5 10:00", "6 09:00-6 10:00"], &[]);
}

#[test]
fn until_as_producers_write_it() {
    let weekly = |until: &str| {
        event(&format!(
            "DTSTART;VALUE=DATE:20260106\nRRULE:FREQ=WEEKLY;UNTIL={until};BYDAY=TU"
        ))
        .in_zone("Europe/Amsterdam")
    };
    let two = ["5 23:00-6 23:00", "12 23:00-13 23:00"];
    // A local midnight in UTC, as Exchange has it, and the last second of a day, as Apple has it.
    weekly("20260112T230000Z").says(&two, &[]);
    weekly("20260113T225959Z").says(&two, &[]);
    weekly("20260113").says(&two, &[]);
    weekly("20260113T000000Z").says(&two, &[]);
    weekly("20260113T235959Z").says(&two, &[]);
    weekly("20260119T235959Z").says(&two, &[]);
    let daily = |until: &str| {
        event(&format!(
            "DTSTART;TZID=Europe/Amsterdam:20260105T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL={until}"
        ))
    };
    let two = ["5 08:00-5 09:00", "6 08:00-6 09:00"];
    for until in [
        "20260106T080000Z",
        "20260106T090000",
        "20260106",
        "20260106T99",
    ] {
        daily(until).says(&two, &[]);
    }
    daily("20260106T075959Z").says(&two[..1], &[]);
    // A series that was emptied: it ended before it began.
    daily("20260104T225959Z").says(&[], &[]);
}

#[test]
fn dates_that_are_added_and_taken_out() {
    let series = "DTSTART:20260105T090000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2";
    let with = |lines: &str| event(&format!("{series}\n{lines}"));
    // The length of a period goes before that of an instance of the same start.
    with("RDATE;VALUE=PERIOD:20260112T090000Z/PT3H")
        .says(&["5 09:00-5 10:00", "12 09:00-12 12:00"], &[]);
    // It may begin long before the window.
    with("RDATE;VALUE=PERIOD:20251220T000000Z/P20D")
        .over("2026-01-07T00:00:00Z/2026-01-10T00:00:00Z")
        .says(&["7 00:00-9 00:00"], &[]);
    with("RDATE;TZID=Nowhere:20260120T100000").says(
        &[
            "5 09:00-5 10:00",
            "12 09:00-12 10:00",
            "19 20:00-20 10:00 ?",
            "20 10:00-20 11:00",
            "20 11:00-20 23:00 ?",
        ],
        &[Why::ZoneName],
    );
    with("EXDATE:20260112T090000Z").says(&["5 09:00-5 10:00"], &[]);
    with("EXDATE;TZID=Europe/Amsterdam:20260112T100000").says(&["5 09:00-5 10:00"], &[]);
    with("EXDATE;VALUE=DATE:20260112").says(&["5 09:00-5 10:00"], &[]);
    // In a zone that nobody knows it takes nothing out for sure.
    with("EXDATE;TZID=Nowhere:20260112T090000")
        .says(&["5 09:00-5 10:00", "12 09:00-12 10:00"], &[Why::ZoneName]);
    with("EXRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=1").says(&["12 09:00-12 10:00"], &[]);
    with("EXRULE:FREQ=WEEKLY;BYDAY=TU").says(&["5 09:00-5 10:00", "12 09:00-12 10:00"], &[]);
}

#[test]
fn ends_in_a_zone_that_nobody_knows() {
    event("DTSTART:20260105T100000Z\nDTEND;TZID=Nowhere:20260105T110000")
        .says(&["5 10:00-5 11:00", "5 11:00-6 13:00 ?"], &[Why::ZoneName]);
    // The window begins behind the instance of which the end is unknown.
    let daily = "DTSTART:20260105T100000Z\nDTEND;TZID=Nowhere:20260105T110000";
    for repeats in [
        "RDATE:20260107T100000Z",
        "RRULE:FREQ=DAILY;INTERVAL=2;COUNT=2",
    ] {
        event(&format!("{daily}\n{repeats}"))
            .over("2026-01-08T12:00:00Z/2026-01-31T00:00:00Z")
            .says(&["8 12:00-8 13:00 ?"], &[Why::ZoneName]);
    }
}

#[test]
fn a_changed_instance_without_its_series() {
    // That it takes place is certain; what it repeats is not.
    event("RECURRENCE-ID:20260106T090000Z\nDTSTART:20260106T090000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2")
        .says(&["6 09:00-6 10:00", "13 09:00-13 10:00 ?"], &[Why::SeriesMissing]);
    event("RECURRENCE-ID:20260106T090000Z\nDTSTART:20260107T090000Z\nDURATION:PT1H")
        .says(&["7 09:00-7 10:00"], &[]);
}

/// Two events of one UID; what the second says.
fn beside_a_series(second: &str) -> Case {
    calendar(&format!(
        "BEGIN:VEVENT\nUID:1\nDTSTART:20260105T090000Z\nDTEND:20260105T100000Z\nRRULE:FREQ=WEEKLY;COUNT=2\n\
         END:VEVENT\nBEGIN:VEVENT\nUID:1\n{second}\nEND:VEVENT"
    ))
}

#[test]
fn a_change_of_which_nobody_knows_what_it_changes() {
    let both = ["5 09:00-5 10:00", "12 09:00-12 10:00"];
    beside_a_series(
        "RECURRENCE-ID:next week\nDTSTART:20260112T090000Z\nSEQUENCE:2\nSTATUS:CANCELLED",
    )
    .says(&both, &[Why::RecurrenceId]);
    beside_a_series("RECURRENCE-ID:next week\nDTSTART:20260113T090000Z\nDURATION:PT1H\nSEQUENCE:2")
        .says(
            &[both[0], both[1], "13 09:00-13 10:00"],
            &[Why::RecurrenceId],
        );
    beside_a_series(
        "RECURRENCE-ID;RANGE=THISANDFUTURE:soon\nDTSTART:20260113T090000Z\nDURATION:PT1H",
    )
    .says(
        &[
            "1 00:00-5 09:00 ?",
            "5 09:00-5 10:00",
            "5 10:00-12 09:00 ?",
            "12 09:00-12 10:00",
            "12 10:00-13 09:00 ?",
            "13 09:00-13 10:00",
            "13 10:00-1 00:00 ?",
        ],
        &[Why::RecurrenceId],
    );
}

#[test]
fn versions_that_are_no_small_numbers() {
    let second = "DTSTART:20260106T090000Z\nDURATION:PT1H\nSEQUENCE";
    let newer = ["6 09:00-6 10:00"];
    beside_a_series(&format!("{second}:1764300000")).says(&newer, &[]);
    beside_a_series(&format!("{second}:17643000000000000000000")).says(&newer, &[]);
    let all = ["5 09:00-5 10:00", newer[0], "12 09:00-12 10:00"];
    beside_a_series(&format!("{second}:two")).says(&all, &[]);
    beside_a_series(&format!("{second}:-1")).says(&[all[0], all[2]], &[]);
}

#[test]
fn an_open_time_that_may_have_been_moved() {
    let open = |recurrence_id: &str| {
        calendar(&format!(
            "BEGIN:VAVAILABILITY\nDTSTART:20260105T000000Z\nDTEND:20260107T000000Z\n\
             BEGIN:AVAILABLE\nUID:1\nDTSTART:20260105T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2\n\
             END:AVAILABLE\nBEGIN:AVAILABLE\nUID:1\nRECURRENCE-ID:{recurrence_id}\n\
             DTSTART:20260106T120000Z\nDURATION:PT1H\nEND:AVAILABLE\nEND:VAVAILABILITY"
        ))
    };
    let away = |stretch: &str| format!("{stretch} OutOfOffice");
    let known = ["5 00:00-5 09:00", "5 10:00-6 12:00", "6 13:00-7 00:00"].map(away);
    open("20260106T090000Z").says(&known.each_ref().map(String::as_str), &[]);
    open("tomorrow").says(&["5 00:00-7 00:00 OutOfOffice"], &[Why::RecurrenceId]);
}

#[test]
fn zones_of_a_file() {
    let zone = |name: &str, offset: &str| {
        format!(
            "BEGIN:VTIMEZONE\nTZID:{name}\nBEGIN:STANDARD\nDTSTART:19700101T000000\n\
             TZOFFSETFROM:{offset}\nTZOFFSETTO:{offset}\nEND:STANDARD\nEND:VTIMEZONE\n"
        )
    };
    let at_ten = |zone: &str, day: u32| {
        format!(
            "BEGIN:VEVENT\nDTSTART;TZID={zone}:202601{day:02}T100000\nDURATION:PT1H\nEND:VEVENT"
        )
    };
    // TZID is TEXT where it is defined, and a parameter where it is used.
    calendar(
        &(zone(r"(UTC+01:00) Bern\, Rome", "+0200") + &at_ten("\"(UTC+01:00) Bern, Rome\"", 5)),
    )
    .says(&["5 08:00-5 09:00"], &[]);
    calendar(&(zone("\"Here\"", "+0200") + &at_ten("Here", 5))).says(&["5 08:00-5 09:00"], &[]);
    // It rules its file, also against the database, which is told.
    calendar(&(zone("Europe/Amsterdam", "+0500") + &at_ten("Europe/Amsterdam", 5)))
        .says(&["5 05:00-5 06:00"], &[Why::ZoneContradicts]);
    // A definition may follow its use; of two the first holds.
    calendar(
        &(at_ten("Here", 5) + "\n" + &zone("Here", "+0300") + zone("Here", "+0400").trim_end()),
    )
    .says(&["5 07:00-5 08:00"], &[]);
    // One of nothing defines nothing.
    let nothing = "BEGIN:VTIMEZONE\nTZID:Here\nX-LIC-LOCATION:Europe/Amsterdam\nEND:VTIMEZONE\n";
    calendar(&(nothing.to_owned() + &at_ten("Here", 5))).says(&["5 09:00-5 10:00"], &[]);
    // Two calendars in a file, each with its own.
    let both = zone("Here", "+0100")
        + &at_ten("Here", 5)
        + "\nEND:VCALENDAR\nBEGIN:VCALENDAR\n"
        + &zone("Here", "-0500")
        + &at_ten("Here", 6);
    calendar(&both).says(&["5 09:00-5 10:00", "6 15:00-6 16:00"], &[]);
}

/// Of two calendars in a file each has its own owner's zone, unless the caller says what it is.
#[test]
fn homes_of_a_file() {
    let floating = |day: u32| {
        format!("BEGIN:VEVENT\nDTSTART:202601{day:02}T100000\nDURATION:PT1H\nEND:VEVENT")
    };
    let both = "X-WR-TIMEZONE:America/New_York\n".to_owned()
        + &floating(5)
        + "\nEND:VCALENDAR\nBEGIN:VCALENDAR\nX-WR-TIMEZONE:Europe/Amsterdam\n"
        + &floating(6);
    let case = calendar(&both);
    let read = bereik_calendar::read(case.text.as_bytes(), &Limits::default());
    let window: Interval = MONTH.parse().expect("the test's own value");
    let said = |reading: &Reading| {
        let occurrences = read.occurrences(window, reading).value;
        let starts = occurrences
            .iter()
            .map(|o| o.interval.start().format("%-d %H:%M").to_string());
        starts.collect::<Vec<_>>()
    };
    assert_eq!(said(&Reading::new()), ["5 15:00", "6 09:00"]);
    let tokyo = Zone::named("Asia/Tokyo").expect("the test's own value");
    assert_eq!(
        said(&Reading::new().with_zone(tokyo)),
        ["5 01:00", "6 01:00"]
    );
}

#[test]
fn free_busy_of_others() {
    let block = |lines: &str| calendar(&format!("BEGIN:VFREEBUSY\n{lines}\nEND:VFREEBUSY"));
    let unknown_after = ["1 00:00-5 00:00 ?", "5 10:00-5 11:00", "6 00:00-1 00:00 ?"];
    block("DTSTART:20260105T000000Z\nDTEND:20260106T000000Z\nFREEBUSY:20260105T100000Z/PT1H,")
        .says(&unknown_after, &[]);
    block("DTSTART:20260105T000000Z\nDURATION:P1D\nFREEBUSY:20260105T100000Z/PT1H\nFREEBUSY:")
        .says(&unknown_after, &[]);
    block("DTSTART:20260105T000000Z\nFREEBUSY:20260105T100000Z/PT1H").says(
        &["1 00:00-5 00:00 ?", "5 10:00-5 11:00", "5 11:00-1 00:00 ?"],
        &[],
    );
    calendar("METHOD:REQUEST\nBEGIN:VFREEBUSY\nDTSTART:20260105T000000Z\nDTEND:20260106T000000Z\nEND:VFREEBUSY")
        .says(&["1 00:00-1 00:00 ?"], &[]);
}

/// RFC 7953 sections 4 and 5.
#[test]
fn availabilities_of_one_priority() {
    let availability = |lines: &str, from: u32, to: u32| {
        format!(
            "BEGIN:VAVAILABILITY\n{lines}BEGIN:AVAILABLE\nDTSTART:20260105T{from:02}0000Z\n\
             DTEND:20260105T{to:02}0000Z\nEND:AVAILABLE\nEND:VAVAILABILITY\n"
        )
    };
    let both = |a: &str, b: &str| {
        let text = availability(a, 9, 12) + availability(b, 13, 17).trim_end();
        calendar(&text).over("2026-01-05T00:00:00Z/2026-01-06T00:00:00Z")
    };
    both("", "").says(
        &[
            "5 00:00-5 09:00 OutOfOffice",
            "5 12:00-5 13:00 OutOfOffice",
            "5 17:00-6 00:00 OutOfOffice",
        ],
        &[],
    );
    both("BUSYTYPE:BUSY\n", "").says(
        &["5 00:00-5 09:00", "5 12:00-5 13:00", "5 17:00-6 00:00"],
        &[],
    );
    // The higher priority says all.
    both("PRIORITY:1\n", "PRIORITY:2\n").says(
        &["5 00:00-5 09:00 OutOfOffice", "5 12:00-6 00:00 OutOfOffice"],
        &[],
    );
}

/// Hourly and faster rules run in exact time, and their parts look at the wall.
#[test]
fn fast_rules_over_changes_of_the_clocks() {
    let minute = |zone: &str, start: &str, rule: &str| {
        event(&format!(
            "DTSTART;TZID={zone}:{start}\nDURATION:PT1M\nRRULE:{rule}"
        ))
        .over("2026-01-01T00:00:00Z/2026-12-31T00:00:00Z")
    };
    minute(
        "Europe/Amsterdam",
        "20261025T015700",
        "FREQ=MINUTELY;BYMINUTE=30;COUNT=4",
    )
    .says(
        &[
            "24 23:57-24 23:58",
            "25 00:30-25 00:31",
            "25 01:30-25 01:31",
            "25 02:30-25 02:31",
        ],
        &[],
    );
    minute("Europe/Amsterdam", "20260329T013000", "FREQ=HOURLY;COUNT=3").says(
        &[
            "29 00:30-29 00:31",
            "29 01:30-29 01:31",
            "29 02:30-29 02:31",
        ],
        &[],
    );
    minute(
        "Australia/Lord_Howe",
        "20260404T230000",
        "FREQ=HOURLY;BYMINUTE=0;COUNT=5",
    )
    .says(
        &[
            "4 12:00-4 12:01",
            "4 13:00-4 13:01",
            "4 14:00-4 14:01",
            "4 15:30-4 15:31",
            "4 16:30-4 16:31",
        ],
        &[],
    );
    minute(
        "Antarctica/Troll",
        "20261025T010000",
        "FREQ=HOURLY;BYHOUR=1;COUNT=3",
    )
    .says(
        &[
            "24 23:00-24 23:01",
            "25 01:00-25 01:01",
            "26 01:00-26 01:01",
        ],
        &[],
    );
    minute(
        "Pacific/Chatham",
        "20260927T013000",
        "FREQ=MINUTELY;INTERVAL=15;BYHOUR=3;COUNT=3",
    )
    .says(
        &[
            "26 12:45-26 12:46",
            "26 14:00-26 14:01",
            "27 13:15-27 13:16",
        ],
        &[],
    );
}
