//! Calendars as desktop Outlook and Exchange export them: Windows zones from 1601, X-MICROSOFT-CDO properties, HTML.

use super::Owner;
use super::meeting::{Event, Meeting, Series, SeriesEnd, Standing, Time};
use super::page::{Page, stamp};
use super::wall::{Place, Spelling};
use super::words;

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Exchange,
    Outlook,
}

pub(crate) fn write(
    family: Family,
    owner: &Owner,
    meetings: &[Meeting],
    places: &[Place],
) -> String {
    let mut page = head(family, owner);
    for place in places {
        page.zone(*place);
    }
    for event in meetings.iter().flat_map(Meeting::events) {
        page.line("BEGIN:VEVENT");
        words_of(&mut page, family, &event);
        guests(&mut page, owner, &event);
        time(&mut page, &event);
        marks(&mut page, family, &event);
        if event.meeting.has_alarm {
            page.lines([
                "BEGIN:VALARM",
                "DESCRIPTION:REMINDER",
                "TRIGGER;RELATED=START:-PT15M",
                "ACTION:DISPLAY",
                "END:VALARM",
            ]);
        }
        page.line("END:VEVENT");
    }
    page.line("END:VCALENDAR");
    page.into_text()
}

fn head(family: Family, owner: &Owner) -> Page {
    let mut page = Page::new(Spelling::Windows);
    match family {
        Family::Exchange => page.lines([
            "BEGIN:VCALENDAR",
            "METHOD:PUBLISH",
            "PRODID:Microsoft Exchange Server 2010",
            "VERSION:2.0",
            "X-WR-CALNAME:Calendar",
        ]),
        Family::Outlook => {
            page = page.with_tabs_and_quotes();
            page.lines([
                "BEGIN:VCALENDAR",
                "PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN",
                "VERSION:2.0",
                "METHOD:PUBLISH",
                "X-CALSTART:20220103T070000Z",
                "X-CALEND:20280101T060000Z",
                "X-WR-RELCALID:{0000002E-1B2C-9F3D-7A41-55C0D6E1F2A3}",
            ]);
            let name = words::name(owner.number);
            page.line(&format!("X-WR-CALNAME:{name}"));
            page.line("X-PRIMARY-CALENDAR:TRUE");
            page.line(&format!("X-OWNER;CN=\"{name}\":mailto:{}", owner.address));
        }
    }
    page
}

fn words_of(page: &mut Page, family: Family, event: &Event<'_>) {
    let meeting = event.meeting;
    let serial = meeting.serial;
    let prose = match (&meeting.guests, family) {
        (Some(_), Family::Exchange) => format!(
            "{}\n\n{rule}\nMicrosoft Teams meeting\nJoin: https://teams.example.com/l/meetup-join/19%3ameeting_{serial:016x}\
             %40thread.v2/0?context=%7b%22Tid%22%3a%22{:016x}%22%7d\nMeeting ID: {} {}\nPasscode: {:06x}\n{rule}\n",
            meeting.prose,
            serial.rotate_left(9),
            serial % 1_000_003,
            serial % 9_973,
            serial & 0xFF_FFFF,
            rule = "_".repeat(80),
        ),
        _ => format!("{}\n", meeting.prose),
    };
    page.text("DESCRIPTION", &prose);
    page.line(&format!(
        "UID:040000008200E00074C5B7101A82E00800000000{:016X}000000000000000010000000{serial:016X}{:016X}",
        serial.rotate_left(31),
        serial.rotate_left(13)
    ));
    page.text("SUMMARY;LANGUAGE=en-us", &meeting.title);
    if !meeting.room.is_empty() {
        page.text("LOCATION", meeting.room);
    }
    if family == Family::Outlook && !meeting.prose.is_empty() {
        page.text("X-ALT-DESC;FMTTYPE=text/html", &html(&meeting.prose));
    }
}

fn html(prose: &str) -> String {
    let mut html = String::from(
        "<html xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\" \
         xmlns=\"http://www.w3.org/TR/REC-html40\"><head><meta name=Generator content=\"Microsoft Word 15 (filtered \
         medium)\"><style><!--\n@font-face\n\t{font-family:Calibri;\n\tpanose-1:2 15 5 2 2 2 4 3 2 4;}\n\
         p.MsoNormal, li.MsoNormal, div.MsoNormal\n\t{margin:0cm;\n\tfont-size:11.0pt;\n\t\
         font-family:\"Calibri\",sans-serif;}\n--></style></head><body lang=EN-US><div class=WordSection1>",
    );
    for paragraph in prose.split("\n\n") {
        html.push_str("<p class=MsoNormal><span lang=EN-US style='font-size:11.0pt'>");
        html.push_str(paragraph);
        html.push_str("<o:p></o:p></span></p>\n");
    }
    html + "</div></body></html>"
}

fn guests(page: &mut Page, owner: &Owner, event: &Event<'_>) {
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
    let others = guests.others.iter().map(|other| (*other, "NEEDS-ACTION"));
    for (guest, answer) in std::iter::once(own).chain(others) {
        page.line(&format!(
            "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT={answer};RSVP=TRUE;CN={}:mailto:{}",
            words::name(guest),
            words::address(guest)
        ));
    }
}

fn time(page: &mut Page, event: &Event<'_>) {
    let meeting = event.meeting;
    if let Some(series) = event.series() {
        page.line(&rule(meeting, series));
        let except = series.except.iter().copied();
        match meeting.time {
            _ if series.except.is_empty() => {}
            Time::Days(..) => page.days("EXDATE", except),
            Time::Clock(..) => page.walls(
                "EXDATE",
                meeting.place,
                except.map(|date| meeting.wall_on(date)),
            ),
        }
    }
    if let Some(date) = event.replaces {
        match meeting.time {
            Time::Days(..) => page.days("RECURRENCE-ID", [date]),
            Time::Clock(..) => page.walls("RECURRENCE-ID", meeting.place, [meeting.wall_on(date)]),
        }
    }
    match event.time {
        Time::Days(start, _) => {
            page.days("DTSTART", [start]);
            page.days("DTEND", [event.end().date()]);
        }
        Time::Clock(start, _) => {
            page.walls("DTSTART", meeting.place, [start]);
            page.walls("DTEND", meeting.place, [event.end()]);
        }
    }
}

/// UNTIL is the start of the last instance, in UTC.
fn rule(meeting: &Meeting, series: &Series) -> String {
    let (frequency, interval, by) = series.cadence.parts();
    let mut rule = format!("RRULE:FREQ={frequency}");
    match (series.end, meeting.time) {
        (SeriesEnd::Never, _) => {}
        (SeriesEnd::Count(count), _) => rule.push_str(&format!(";COUNT={count}")),
        (SeriesEnd::Until(last), Time::Days(..)) => {
            rule.push_str(&format!(";UNTIL={}", last.format("%Y%m%d")));
        }
        (SeriesEnd::Until(last), Time::Clock(..)) => {
            let last = meeting.place.utc_of(meeting.wall_on(last));
            rule.push_str(&format!(";UNTIL={}", stamp(last)));
        }
    }
    rule.push_str(&format!(";INTERVAL={interval}"));
    if !by.is_empty() {
        rule.push_str(&format!(";{by}"));
    }
    if frequency == "WEEKLY" {
        rule.push_str(";WKST=SU");
    }
    rule
}

/// Outlook says by a status of its own what others say by STATUS.
fn marks(page: &mut Page, family: Family, event: &Event<'_>) {
    let meeting = event.meeting;
    let serial = meeting.serial;
    page.lines(["CLASS:PUBLIC", "PRIORITY:5"]);
    page.utc("DTSTAMP", meeting.created);
    let is_free = matches!(event.standing, Standing::Transparent | Standing::Elsewhere);
    page.line(match is_free {
        true => "TRANSP:TRANSPARENT",
        false => "TRANSP:OPAQUE",
    });
    match event.standing {
        Standing::Cancelled => page.line("STATUS:CANCELLED"),
        _ if family == Family::Exchange => page.line("STATUS:CONFIRMED"),
        _ => {}
    }
    page.line(&format!("SEQUENCE:{}", serial % 3));
    let status = match event.standing {
        Standing::Busy => "BUSY",
        Standing::Cancelled | Standing::Transparent => "FREE",
        Standing::Elsewhere => "WORKINGELSEWHERE",
        Standing::OutOfOffice => "OOF",
        Standing::Tentative => "TENTATIVE",
    };
    page.line(&format!("X-MICROSOFT-CDO-APPT-SEQUENCE:{}", serial % 3));
    page.line(&format!("X-MICROSOFT-CDO-BUSYSTATUS:{status}"));
    page.line("X-MICROSOFT-CDO-IMPORTANCE:1");
    match family {
        Family::Outlook => page.lines([
            "X-MICROSOFT-DISALLOW-COUNTER:FALSE",
            "X-MS-OLK-AUTOFILLLOCATION:FALSE",
            "X-MS-OLK-CONFTYPE:0",
        ]),
        Family::Exchange => {
            page.line("X-MICROSOFT-CDO-INTENDEDSTATUS:BUSY");
            page.line(match event.is_all_day() {
                true => "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE",
                false => "X-MICROSOFT-CDO-ALLDAYEVENT:FALSE",
            });
            page.line(&format!("X-MICROSOFT-CDO-OWNERAPPTID:{}", serial >> 33));
            page.line(match (event.replaces.is_some(), event.series().is_some()) {
                (true, _) => "X-MICROSOFT-CDO-INSTTYPE:3",
                (false, true) => "X-MICROSOFT-CDO-INSTTYPE:1",
                (false, false) => "X-MICROSOFT-CDO-INSTTYPE:0",
            });
            page.lines([
                "X-MICROSOFT-DONOTFORWARDMEETING:FALSE",
                "X-MICROSOFT-DISALLOW-COUNTER:FALSE",
                "X-MICROSOFT-LOCATIONS:[]",
            ]);
        }
    }
}
