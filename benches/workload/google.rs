//! Calendars as Google exports them: single meetings in UTC, series in their zone, one EXDATE a line.

use chrono::NaiveTime;

use super::Owner;
use super::meeting::{Event, Meeting, Series, SeriesEnd, Standing, Time};
use super::page::{Page, stamp};
use super::wall::{Place, Spelling};
use super::words;

pub(crate) fn write(owner: &Owner, meetings: &[Meeting], places: &[Place]) -> String {
    let mut page = Page::new(Spelling::Iana);
    page.lines([
        "BEGIN:VCALENDAR",
        "PRODID:-//Google Inc//Google Calendar 70.9054//EN",
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    ]);
    page.line(&format!("X-WR-CALNAME:{}", owner.address));
    page.line(&format!("X-WR-TIMEZONE:{}", owner.place.name()));
    for place in places {
        page.zone(*place);
    }
    for event in meetings.iter().flat_map(Meeting::events) {
        page.line("BEGIN:VEVENT");
        time(&mut page, &event);
        guests(&mut page, owner, &event);
        rest(&mut page, &event);
        if event.meeting.has_alarm {
            page.lines([
                "BEGIN:VALARM",
                "ACTION:DISPLAY",
                "DESCRIPTION:This is an event reminder",
                "TRIGGER:-P0DT0H10M0S",
                "END:VALARM",
            ]);
        }
        page.line("END:VEVENT");
    }
    page.line("END:VCALENDAR");
    page.into_text()
}

fn time(page: &mut Page, event: &Event<'_>) {
    let meeting = event.meeting;
    match event.time {
        Time::Days(start, _) => {
            page.days("DTSTART", [start]);
            page.days("DTEND", [event.end().date()]);
        }
        Time::Clock(start, _) if event.series().is_some() => {
            page.walls("DTSTART", meeting.place, [start]);
            page.walls("DTEND", meeting.place, [event.end()]);
        }
        Time::Clock(start, _) => {
            page.utc("DTSTART", meeting.place.utc_of(start));
            page.utc("DTEND", meeting.place.utc_of(event.end()));
        }
    }
    if let Some(series) = event.series() {
        page.line(&rule(meeting, series));
        for date in &series.except {
            match meeting.time {
                Time::Days(..) => page.days("EXDATE", [*date]),
                Time::Clock(..) => page.walls("EXDATE", meeting.place, [meeting.wall_on(*date)]),
            }
        }
    }
}

/// UNTIL is the last second of the last day, in UTC.
fn rule(meeting: &Meeting, series: &Series) -> String {
    let (frequency, interval, by) = series.cadence.parts();
    let mut rule = format!("RRULE:FREQ={frequency}");
    if frequency == "WEEKLY" {
        rule.push_str(";WKST=MO");
    }
    match (series.end, meeting.time) {
        (SeriesEnd::Never, _) => {}
        (SeriesEnd::Count(count), _) => rule.push_str(&format!(";COUNT={count}")),
        (SeriesEnd::Until(last), Time::Days(..)) => {
            rule.push_str(&format!(";UNTIL={}", last.format("%Y%m%d")));
        }
        (SeriesEnd::Until(last), Time::Clock(..)) => {
            let evening = NaiveTime::from_hms_opt(23, 59, 59).expect("a time of day");
            let until = meeting.place.utc_of(last.and_time(evening));
            rule.push_str(&format!(";UNTIL={}", stamp(until)));
        }
    }
    if interval > 1 {
        rule.push_str(&format!(";INTERVAL={interval}"));
    }
    if !by.is_empty() {
        rule.push_str(&format!(";{by}"));
    }
    rule
}

fn guests(page: &mut Page, owner: &Owner, event: &Event<'_>) {
    page.line("DTSTAMP:20260301T060512Z");
    let Some(guests) = &event.meeting.guests else {
        return;
    };
    let organizer = guests.organizer.unwrap_or(owner.number);
    page.line(&format!(
        "ORGANIZER;CN={}:mailto:{}",
        words::name(organizer),
        words::address(organizer)
    ));
    let own = (owner.number, guests.answer.partstat());
    let others = guests.others.iter().map(|other| (*other, "ACCEPTED"));
    for (guest, answer) in std::iter::once(own).chain(others) {
        let (name, address) = (words::name(guest), words::address(guest));
        page.line(&format!(
            "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={answer};CN={name};X-NUM-GUESTS=0:mailto:{address}"
        ));
    }
}

fn rest(page: &mut Page, event: &Event<'_>) {
    let meeting = event.meeting;
    let serial = meeting.serial;
    if meeting.guests.is_some() {
        page.line(&format!(
            "X-GOOGLE-CONFERENCE:https://meet.google.com/{:03x}-{:04x}-{:03x}",
            serial & 0xFFF,
            serial >> 12 & 0xFFFF,
            serial >> 28 & 0xFFF
        ));
    }
    page.line(&format!(
        "UID:{serial:016x}{:010x}@google.com",
        serial >> 24
    ));
    if let Some(date) = event.replaces {
        let wall = meeting.wall_on(date);
        match meeting.time {
            Time::Days(..) => page.days("RECURRENCE-ID", [date]),
            Time::Clock(..) if serial.is_multiple_of(2) => {
                page.utc("RECURRENCE-ID", meeting.place.utc_of(wall));
            }
            Time::Clock(..) => page.walls("RECURRENCE-ID", meeting.place, [wall]),
        }
    }
    page.utc("CREATED", meeting.created);
    page.text("DESCRIPTION", &meeting.prose);
    page.utc("LAST-MODIFIED", meeting.created);
    page.text("LOCATION", meeting.room);
    page.line(&format!("SEQUENCE:{}", serial % 4));
    page.line(match event.standing {
        Standing::Cancelled => "STATUS:CANCELLED",
        Standing::Tentative => "STATUS:TENTATIVE",
        _ => "STATUS:CONFIRMED",
    });
    page.text("SUMMARY", &meeting.title);
    page.line(match event.standing {
        Standing::Transparent | Standing::Elsewhere => "TRANSP:TRANSPARENT",
        _ => "TRANSP:OPAQUE",
    });
}
