//! Hours from availabilities say what the availabilities say; holidays are the days that events cover.

use std::fmt::Write as _;

use bereik_calendar::{Limits, Reading};
use bereik_core::free_busy::FreeBusyKind;
use bereik_core::interval::Interval;
use bereik_core::zone::Zone;
use chrono::TimeDelta;
use proptest::prelude::*;

/// Two months with a change of the clocks in the middle.
fn window() -> Interval {
    let window = "2026-03-01T00:00:00Z/2026-05-01T00:00:00Z".parse();
    window.expect("the test's own value")
}

fn zone() -> impl Strategy<Value = Zone> {
    let names = [
        "Europe/Amsterdam",
        "America/New_York",
        "UTC",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
    ];
    let zone = |name| Zone::named(name).expect("a zone of the database");
    prop::sample::select(names.to_vec()).prop_map(zone)
}

/// A part of an availability: when it begins, how long it lasts, and what it repeats.
#[derive(Clone, Debug)]
struct Part {
    start: String,
    minutes: u32,
    rule: &'static str,
}

fn part() -> impl Strategy<Value = Part> {
    let rules = [
        "",
        "RRULE:FREQ=WEEKLY\r\n",
        "RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR\r\n",
        "RRULE:FREQ=DAILY\r\n",
        "RRULE:FREQ=WEEKLY;INTERVAL=2\r\n",
        "RRULE:FREQ=MONTHLY\r\nEXDATE;VALUE=DATE:20260401\r\n",
    ];
    let start = (
        1..29_u32,
        0..24_u32,
        prop::sample::select(vec![0_u32, 15, 30, 7]),
    );
    (start, 1..180_u32, prop::sample::select(rules.to_vec())).prop_map(
        |((day, hour, minute), quarters, rule)| Part {
            start: format!("202603{day:02}T{hour:02}{minute:02}00"),
            minutes: quarters * 15,
            rule,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// On each whole day of the window the hours are open exactly where the availability leaves time free.
    #[test]
    fn hours_are_what_availabilities_say(zone in zone(), parts in prop::collection::vec(part(), 1..5)) {
        let mut file = String::from(
            "BEGIN:VCALENDAR\r\nBEGIN:VAVAILABILITY\r\nDTSTART:20260101T000000Z\r\n",
        );
        for (uid, Part { start, minutes, rule }) in parts.iter().enumerate() {
            let name = zone.name();
            let _ = write!(
                file,
                "BEGIN:AVAILABLE\r\nUID:{uid}\r\nDTSTART;TZID={name}:{start}\r\n\
                 DURATION:PT{minutes}M\r\n{rule}END:AVAILABLE\r\n",
            );
        }
        file.push_str("END:VAVAILABILITY\r\nEND:VCALENDAR\r\n");
        let calendar = bereik_calendar::read(file.as_bytes(), &Limits::default());
        let reading = Reading::new().with_zone(zone.clone());
        let hours = calendar.hours(window(), &reading).value;
        let hours = hours.expect("there is an availability");
        let said = calendar.free_busy(window(), &reading).value;
        let mut at = window().start() + TimeDelta::days(2);
        while at < window().end() - TimeDelta::days(2) {
            let is_free = said.kind_at(at) == FreeBusyKind::Free;
            // The hour that the clock shows twice cannot be told by its digits.
            let hour_ago = zone.offset_at(at - TimeDelta::hours(2));
            let is_near_fold = zone.offset_at(at + TimeDelta::hours(2)) < hour_ago;
            if !is_near_fold {
                prop_assert_eq!(hours.is_open_at(at, &zone), is_free, "{} of {:?}", at, hours);
            }
            at += TimeDelta::minutes(7);
        }
    }
}

fn holidays(events: &str, zone: &str) -> Vec<String> {
    let file = format!("BEGIN:VCALENDAR\r\n{events}END:VCALENDAR\r\n").replace("\\n", "\r\n");
    let calendar = bereik_calendar::read(file.as_bytes(), &Limits::default());
    let zone = Zone::named(zone).expect("a zone of the database");
    let year = "2026-01-01T00:00:00Z/2027-01-01T00:00:00Z"
        .parse()
        .expect("a year");
    let found = calendar.holidays(year, &Reading::new().with_zone(zone));
    found.value.iter().map(ToString::to_string).collect()
}

#[test]
fn holidays_are_the_days_that_are_covered_whole() {
    let day =
        "BEGIN:VEVENT\\nUID:1\\nDTSTART;VALUE=DATE:20260427\\nTRANSP:TRANSPARENT\\nEND:VEVENT\\n";
    assert_eq!(holidays(day, "Europe/Amsterdam"), ["2026-04-27"]);
    assert_eq!(holidays(day, "Pacific/Auckland"), ["2026-04-27"]);
    let cancelled = day.replace("TRANSP:TRANSPARENT", "STATUS:CANCELLED");
    assert!(holidays(&cancelled, "UTC").is_empty());
    let overlapping = "BEGIN:VEVENT\\nUID:1\\nDTSTART;VALUE=DATE:20260504\\nDTEND;VALUE=DATE:20260507\\nEND:VEVENT\\n\
        BEGIN:VEVENT\\nUID:2\\nDTSTART;VALUE=DATE:20260505\\nEND:VEVENT\\n";
    assert_eq!(
        holidays(overlapping, "Europe/Amsterdam"),
        ["2026-05-04", "2026-05-05", "2026-05-06"]
    );
    // An evening is no holiday, and a day in another zone is not the whole day here.
    let evening =
        "BEGIN:VEVENT\\nUID:1\\nDTSTART:20261224T180000Z\\nDTEND:20261225T120000Z\\nEND:VEVENT\\n";
    assert!(holidays(evening, "UTC").is_empty());
    let shop =
        "BEGIN:VEVENT\\nUID:1\\nDTSTART:20261224T180000Z\\nDTEND:20261227T120000Z\\nEND:VEVENT\\n";
    assert_eq!(holidays(shop, "UTC"), ["2026-12-25", "2026-12-26"]);
}

/// An event of a thousand years costs no more than the window has days.
#[test]
fn a_holiday_without_end_is_cut_off() {
    let ever = "BEGIN:VEVENT\\nUID:1\\nDTSTART;VALUE=DATE:19000101\\nDTEND;VALUE=DATE:29000101\\nRRULE:FREQ=DAILY\\nEND:VEVENT\\n";
    assert_eq!(holidays(ever, "UTC").len(), 365);
}

#[test]
fn a_calendar_without_availability_has_no_hours() {
    let calendar =
        bereik_calendar::read(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", &Limits::default());
    assert_eq!(calendar.hours(window(), &Reading::new()).value, None);
}
