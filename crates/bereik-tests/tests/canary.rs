//! 10,000 events full of marked secrets go in, through every door; no mark comes out anywhere.
//!
//! What is looked through: answers, errors and problems, what `Debug` shows of each, pages and frames, and
//! everything that is logged meanwhile. Ids and names of people are no secrets.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

#[path = "canary/company.rs"]
mod company;
#[path = "canary/feeds.rs"]
mod feeds;
#[path = "canary/house.rs"]
mod house;
#[path = "canary/logs.rs"]
mod logs;
#[path = "canary/mails.rs"]
mod mails;
#[path = "canary/people.rs"]
mod people;
#[path = "canary/search.rs"]
mod search;

use bereik::calendar::{
    Calendar, Limits, ProblemReason, read, read_marked, read_shifts, write_free_busy,
};
use bereik::core::OpenTime;
use company::{at, company, marks, reading, shift_names, window};
use search::{MARK, Seen, mark_in};

/// Everything that a calendar answers.
fn look_at_calendar(seen: &mut Seen, calendar: &Calendar, number: usize) {
    let reading = reading(number);
    seen.debug("a calendar", calendar);
    seen.debug("a reading", &reading);
    for problem in calendar.problems() {
        seen.shown("a problem", problem);
        seen.shown("a reason", &problem.reason());
    }
    seen.debug("a home zone", &calendar.home_zone());
    let free_busy = calendar.free_busy(window(), &reading);
    for problem in &free_busy.problems {
        seen.shown("a problem", problem);
    }
    let stamp = at("2026-11-23T00:00:00Z");
    let written = write_free_busy(&free_busy.value, "fb-1", stamp, None);
    seen.text("a written VFREEBUSY", &written);
    seen.debug("free/busy time", &free_busy);
    seen.debug("an explanation", &calendar.explain(window(), &reading));
    seen.debug("occurrences", &calendar.occurrences(window(), &reading));
    seen.debug("open time", &calendar.open_time(window(), &reading));
    seen.debug("hours", &calendar.hours(window(), &reading));
    seen.debug("holidays", &calendar.holidays(window(), &reading));
}

#[test]
fn no_mark_comes_out_of_mails() {
    logs::listen();
    mails::look_at_bytes(&mut Seen::default());
}

#[tokio::test]
async fn no_mark_comes_out_of_a_mailbox() {
    logs::listen();
    mails::look_at_a_mailbox(&mut Seen::default()).await;
}

#[test]
fn no_mark_comes_out_of_a_calendar() {
    logs::listen();
    let (company, mut seen) = (company(), Seen::default());
    assert!(company.events >= 10_000, "{} events", company.events);
    let (limits, marks, names) = (Limits::default(), marks(), shift_names());
    seen.debug("marks", &marks);
    seen.debug("names of shifts", &names);
    seen.debug("limits", &limits);
    let (mut occurrences, mut opened, mut shifts) = (0, 0, 0);
    let mut reasons = std::collections::BTreeSet::new();
    for (number, text) in company.calendars.iter().enumerate() {
        let plain = read(text.as_bytes(), &limits);
        look_at_calendar(&mut seen, &plain, number);
        occurrences += plain.occurrences(window(), &reading(number)).value.len();
        let marked = read_marked(text.as_bytes(), &limits, &marks);
        look_at_calendar(&mut seen, &marked, number);
        let open_time = marked.open_time(window(), &reading(number)).value;
        seen.text("open time", &serde_json::to_string(&open_time).unwrap());
        opened += usize::from(open_time != OpenTime::new(window(), []));
        let roster = read_shifts(text.as_bytes(), &limits, &names);
        seen.debug("a calendar of shifts", &roster);
        let served = roster.shifts(window(), &reading(number));
        shifts += served.value.len();
        seen.debug("shifts", &served);
        seen.text("shifts", &serde_json::to_string(&served.value).unwrap());
        reasons.extend(plain.problems().iter().map(|problem| problem.reason()));
        let all = plain.free_busy(window(), &reading(number)).problems;
        reasons.extend(all.iter().map(|problem| problem.reason()));
    }
    // So much was looked at: the calendars were read, and their faults found.
    assert!(occurrences > 5_000, "{occurrences} occurrences");
    assert!(opened > 30, "{opened} people marked open time");
    assert!(shifts > 1_000, "{shifts} shifts");
    assert!(reasons.len() > 12, "{reasons:?}");
    assert!(reasons.contains(&ProblemReason::TooLongLine));
    seen.text("the log", &logs::heard());
    assert!(seen.bytes > 1_000_000, "{} bytes", seen.bytes);
}

/// The search does find a mark: in what goes in, and where one may come out.
#[test]
fn a_mark_is_found_where_it_may_be() {
    let company = company();
    for (number, text) in company.calendars.iter().enumerate() {
        assert!(mark_in(text).is_some(), "the calendar of {number}");
    }
    let all = company.calendars.concat().to_lowercase();
    let marks = all.matches(MARK).count();
    assert!(marks > 100_000, "{marks} marks are in");
    // An occurrence names its event to whoever asks for it, and does not show it by the way.
    let calendar = read(company.calendars[0].as_bytes(), &Limits::default());
    let occurrences = calendar.occurrences(window(), &reading(0)).value;
    assert!(mark_in(&occurrences[0].uid).is_some());
    assert_eq!(mark_in(&format!("{occurrences:?}")), None);
}

/// Each form in which a mark could be overlooked.
#[test]
fn a_mark_is_found_in_each_form() {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    let mark = "CANARY-000123-SUMMARY";
    let utf16: Vec<u8> = mark.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for before in ["", "a", "ab", "abc"] {
        let text = format!("{before}{mark}");
        let wide = [before.as_bytes(), &utf16].concat();
        let quoted = |sign: &str| {
            let hex = mark.bytes().map(|byte| format!("{sign}{byte:02X}"));
            format!("{before}{}", hex.collect::<String>())
        };
        for form in [
            text.clone(),
            text.to_lowercase(),
            STANDARD.encode(&text),
            URL_SAFE.encode(text.to_lowercase()),
            STANDARD.encode(&wide),
            String::from_utf8(wide.clone()).unwrap(),
            format!("{:?}", String::from_utf8(wide.clone()).unwrap()),
            serde_json::to_string(&String::from_utf8(wide).unwrap()).unwrap(),
            format!("{:?}", text.as_bytes()),
            format!("{:#?}", text.as_bytes()),
            text.replace("NA", "N\r\n A"),
            quoted(""),
            quoted("%"),
            quoted("="),
        ] {
            assert!(mark_in(&form).is_some(), "{form}");
        }
    }
    for nothing in [
        "",
        "can ay",
        "99, 97, 110",
        "PRODID:-//bereik//free/busy//EN",
    ] {
        assert_eq!(mark_in(nothing), None);
    }
}
