//! Calendars as Apple's and Nextcloud's programs export them: identifiers of 36 letters, all times in their zone.

use chrono::{NaiveTime, TimeDelta};

use super::Owner;
use super::meeting::{Event, Meeting, Series, SeriesEnd, Standing, Time};
use super::page::{Page, stamp};
use super::wall::{Place, Spelling};
use super::words;

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Apple,
    Nextcloud,
}

pub(crate) fn write(
    family: Family,
    owner: &Owner,
    meetings: &[Meeting],
    places: &[Place],
) -> String {
    let mut page = Page::new(Spelling::Iana);
    page.lines(["BEGIN:VCALENDAR", "VERSION:2.0", "CALSCALE:GREGORIAN"]);
    match family {
        Family::Apple => {
            page.lines([
                "PRODID:-//Apple Inc.//macOS 15.3//EN",
                "METHOD:PUBLISH",
                "X-APPLE-CALENDAR-COLOR:#1BADF8",
            ]);
            page.line(&format!("X-WR-CALNAME:{}", owner.address));
            page.line(&format!("X-WR-TIMEZONE:{}", owner.place.name()));
        }
        Family::Nextcloud => page.line("PRODID:-//IDN nextcloud.com//Calendar app 5.3.2//EN"),
    }
    for place in places {
        page.zone(*place);
    }
    for event in meetings.iter().flat_map(Meeting::events) {
        page.line("BEGIN:VEVENT");
        head(&mut page, family, &event);
        time(&mut page, family, &event);
        guests(&mut page, owner, &event);
        if event.meeting.has_alarm {
            alarm(&mut page, family, event.meeting.serial);
        }
        page.line("END:VEVENT");
    }
    page.line("END:VCALENDAR");
    page.into_text()
}

fn identifier(family: Family, serial: u64) -> String {
    let (high, low) = (serial >> 32, serial & 0xFFFF_FFFF);
    let text = format!(
        "{high:08x}-{:04x}-4{:03x}-a{:03x}-{:04x}{low:08x}",
        low >> 16,
        low & 0xFFF,
        high & 0xFFF,
        high >> 16
    );
    match family {
        Family::Apple => text.to_uppercase(),
        Family::Nextcloud => text,
    }
}

fn head(page: &mut Page, family: Family, event: &Event<'_>) {
    let meeting = event.meeting;
    page.utc("CREATED", meeting.created);
    page.line(&format!("UID:{}", identifier(family, meeting.serial)));
    page.text("SUMMARY", &meeting.title);
    if !meeting.prose.is_empty() {
        page.text("DESCRIPTION", &meeting.prose);
    }
    if !meeting.room.is_empty() {
        page.text("LOCATION", meeting.room);
    }
    page.line(&format!("SEQUENCE:{}", meeting.serial % 3));
    page.utc("LAST-MODIFIED", meeting.created);
    page.utc("DTSTAMP", meeting.created);
    match event.standing {
        Standing::Cancelled => page.line("STATUS:CANCELLED"),
        Standing::Tentative => page.line("STATUS:TENTATIVE"),
        // Apple leaves the rest unsaid as often as not.
        _ if family == Family::Nextcloud || meeting.serial.is_multiple_of(2) => {
            page.line("STATUS:CONFIRMED");
        }
        _ => {}
    }
    match event.standing {
        Standing::Transparent | Standing::Elsewhere => page.line("TRANSP:TRANSPARENT"),
        _ if family == Family::Apple && !event.is_all_day() => page.line("TRANSP:OPAQUE"),
        _ => {}
    }
    match family {
        Family::Apple => {
            page.line("X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC");
            if meeting.room.len() > 30 {
                page.line(&format!(
                    "X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-APPLE-RADIUS=141.1;X-TITLE=\"{}\":geo:52.36{},4.88{}",
                    meeting.room,
                    meeting.serial % 997,
                    meeting.serial % 883
                ));
            }
        }
        Family::Nextcloud => page.line("CATEGORIES:Work"),
    }
}

fn time(page: &mut Page, family: Family, event: &Event<'_>) {
    let meeting = event.meeting;
    match event.time {
        Time::Days(start, _) => {
            page.days("DTSTART", [start]);
            page.days("DTEND", [event.end().date()]);
        }
        Time::Clock(start, minutes) => {
            page.walls("DTSTART", meeting.place, [start]);
            match family == Family::Nextcloud && meeting.serial.is_multiple_of(5) {
                true => page.line(&format!("DURATION:PT{minutes}M")),
                false => page.walls("DTEND", meeting.place, [event.end()]),
            }
        }
    }
    if let Some(series) = event.series() {
        page.line(&rule(family, meeting, series));
        for date in &series.except {
            match meeting.time {
                Time::Days(..) => page.days("EXDATE", [*date]),
                Time::Clock(..) => page.walls("EXDATE", meeting.place, [meeting.wall_on(*date)]),
            }
        }
    }
    if let Some(date) = event.replaces {
        match meeting.time {
            Time::Days(..) => page.days("RECURRENCE-ID", [date]),
            Time::Clock(..) => page.walls("RECURRENCE-ID", meeting.place, [meeting.wall_on(date)]),
        }
    }
}

/// UNTIL is the end of the last day as Apple writes it, the start of the last instance as Nextcloud does.
fn rule(family: Family, meeting: &Meeting, series: &Series) -> String {
    let (frequency, interval, by) = series.cadence.parts();
    let mut rule = format!("RRULE:FREQ={frequency}");
    if family == Family::Apple || interval > 1 {
        rule.push_str(&format!(";INTERVAL={interval}"));
    }
    match (series.end, meeting.time) {
        (SeriesEnd::Never, _) => {}
        (SeriesEnd::Count(count), _) => rule.push_str(&format!(";COUNT={count}")),
        (SeriesEnd::Until(last), Time::Days(..)) => {
            rule.push_str(&format!(";UNTIL={}", last.format("%Y%m%d")));
        }
        (SeriesEnd::Until(last), Time::Clock(..)) => {
            let last = match family {
                Family::Apple => last.and_time(NaiveTime::MIN) + TimeDelta::seconds(86_399),
                Family::Nextcloud => meeting.wall_on(last),
            };
            rule.push_str(&format!(";UNTIL={}", stamp(meeting.place.utc_of(last))));
        }
    }
    if !by.is_empty() {
        rule.push_str(&format!(";{by}"));
    }
    rule
}

fn guests(page: &mut Page, owner: &Owner, event: &Event<'_>) {
    let Some(guests) = &event.meeting.guests else {
        return;
    };
    let organizer = guests.organizer.unwrap_or(owner.number);
    page.line(&format!(
        "ORGANIZER;CN=\"{}\":mailto:{}",
        words::name(organizer),
        words::address(organizer)
    ));
    let own = (owner.number, guests.answer.partstat());
    let others = guests.others.iter().map(|other| (*other, "ACCEPTED"));
    for (guest, answer) in std::iter::once(own).chain(others) {
        page.line(&format!(
            "ATTENDEE;CN=\"{}\";CUTYPE=INDIVIDUAL;PARTSTAT={answer};ROLE=REQ-PARTICIPANT:mailto:{}",
            words::name(guest),
            words::address(guest)
        ));
    }
}

fn alarm(page: &mut Page, family: Family, serial: u64) {
    page.line("BEGIN:VALARM");
    match family {
        Family::Apple => {
            let alarm = identifier(family, serial.rotate_left(17));
            page.line(&format!("X-WR-ALARMUID:{alarm}"));
            page.line(&format!("UID:{alarm}"));
            page.lines([
                "TRIGGER:-PT15M",
                "DESCRIPTION:Event reminder",
                "ACTION:DISPLAY",
            ]);
        }
        Family::Nextcloud => page.lines(["ACTION:DISPLAY", "TRIGGER;RELATED=START:-PT10M"]),
    }
    page.line("END:VALARM");
}
