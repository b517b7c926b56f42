//! A company whose calendars hold 10,000 events, each text of which bears a mark.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bereik::calendar::{Marks, Reading, ShiftNames};
use bereik::core::directory::{Directory, Draft};
use bereik::core::group::Group;
use bereik::core::hours::{Hours, Week};
use bereik::core::id::HoursId;
use bereik::core::line::Line;
use bereik::core::{ChannelKind, Interval, Person, PersonId, Zone};
use chrono::{DateTime, TimeDelta, Utc};

/// How many people there are, and how many events each has at least.
const PEOPLE: usize = 40;
const EVENTS_EACH: usize = 250;

/// What a web address in the directory holds that is nobody's business.
pub(crate) const TOKEN: &str = "CANARY-TOKEN";

pub(crate) struct Company {
    /// Everybody's calendar, by the number of the person.
    pub(crate) calendars: Vec<String>,
    pub(crate) events: usize,
}

pub(crate) fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn person_id(number: usize) -> PersonId {
    id(&format!("p{number:02}"))
}

/// The time that the events lie in.
pub(crate) fn window() -> Interval {
    id("2026-11-22T00:00:00Z/2027-01-10T00:00:00Z")
}

/// Which words open time, and over what.
pub(crate) fn marks() -> Marks {
    Marks::new()
        .with_category("CANARY open", &[ChannelKind::Phone, ChannelKind::WebChat])
        .with_title("CANARY open hour", &[ChannelKind::Email])
}

/// By which titles and addresses shifts name people.
pub(crate) fn shift_names() -> ShiftNames {
    (0..PEOPLE).fold(ShiftNames::new(), |names, number| {
        names
            .with_title(&shift_title(number), person_id(number))
            .with_address(&address(number), person_id(number))
    })
}

pub(crate) fn reading(number: usize) -> Reading {
    let zone = Zone::named("Europe/Amsterdam").unwrap();
    Reading::new().with_zone(zone).with_owner(&address(number))
}

/// A text without the addresses of private lines, which those of the company may see.
pub(crate) fn without_lines(text: &str) -> String {
    let mut rest = text;
    let mut left = String::new();
    while let Some((before, after)) = rest.split_once("canary-line-") {
        left.push_str(before);
        rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    left + rest
}

fn shift_title(number: usize) -> String {
    format!("CANARY shift of {number}")
}

fn address(number: usize) -> String {
    format!("canary-{number:02}@example.org")
}

/// The directory: each person's calendars are a file and what is in `addresses`.
pub(crate) fn directory(addresses: impl Fn(usize) -> Vec<String>) -> Directory {
    let office = vec!["09:00-17:00".parse().unwrap()];
    let week = Week {
        mon: office.clone(),
        tue: office.clone(),
        wed: office.clone(),
        thu: office.clone(),
        fri: office,
        ..Week::default()
    };
    let mut draft = Draft::new("Rivers & Co", Zone::named("Europe/Amsterdam").unwrap());
    draft
        .hours
        .insert(id::<HoursId>("office"), Hours::new(week));
    draft.default_hours = Some(id("office"));
    let mail = Line::new(id("info"), ChannelKind::Email, id("info@example.org"));
    draft.lines.push(mail.public());
    for number in 0..PEOPLE {
        let mut person = Person::new(person_id(number), format!("Person {number}"));
        person.is_public = number % 3 != 0;
        person.calendars = vec![format!("p{number:02}.ics")];
        person.calendars.extend(addresses(number));
        person.addresses = vec![id(&address(number))];
        let line = |channel: ChannelKind, address: &str| {
            let name = format!(
                "{}-{number}",
                channel.name().replace(' ', "-").to_lowercase()
            );
            let mut line = Line::new(id(&name), channel, id(address));
            line.depends_on.push("uplink".to_owned());
            line
        };
        let mail = line(
            ChannelKind::Email,
            &format!("canary-line-{number}@example.org"),
        );
        let chat = line(
            ChannelKind::Chat,
            &format!("handle:irc/canary-line-{number}"),
        );
        let phone = line(ChannelKind::Phone, "tel:+31201234567");
        person.lines = vec![mail, chat, phone];
        draft = draft.with_person(person);
    }
    let members = (0..PEOPLE).map(person_id).collect();
    let mut desk = Group::new(id("desk"), "Desk", members);
    desk.is_public = true;
    draft.with_group(desk).check().unwrap()
}

/// The same calendars at each call.
pub(crate) fn company() -> &'static Company {
    static COMPANY: OnceLock<Company> = OnceLock::new();
    COMPANY.get_or_init(|| {
        let calendars: Vec<String> = (0..PEOPLE).map(calendar).collect();
        let of_all = calendars.iter();
        let events = of_all
            .map(|text| text.matches("BEGIN:VEVENT").count())
            .sum();
        Company { calendars, events }
    })
}

/// Numbers that look random, and are the same at each run (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// A time as a calendar writes it.
fn time(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%S").to_string()
}

/// Lines of one calendar, with a number for each text.
struct Writer {
    text: String,
    /// The number of the event.
    number: usize,
    person: usize,
    random: Random,
}

fn calendar(person: usize) -> String {
    let mut writer = Writer {
        text: String::new(),
        number: person * EVENTS_EACH,
        person,
        random: Random(0x5eed + person as u64),
    };
    if person == PEOPLE - 2 {
        // Somebody serves a page to sign in; its events are not counted.
        return "<html>CANARY sign in, canary@example.org</html>".to_owned();
    }
    writer.head();
    let extra = if person == PEOPLE - 1 { EVENTS_EACH } else { 0 };
    for _ in 0..EVENTS_EACH + extra {
        writer.event();
        writer.number += 1;
    }
    writer.around();
    match person {
        // A file that breaks off in mid-event.
        39 => writer.line("BEGIN:VEVENT\r\nSUMMARY:CANARY-CUT"),
        _ => writer.line("END:VCALENDAR"),
    }
    writer.text
}

impl Writer {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push_str("\r\n");
    }

    fn mark(&self, field: &str) -> String {
        format!("CANARY-{:06}-{field}", self.number)
    }

    /// A line of text that bears the mark of its own name.
    fn texts(&mut self, fields: &[&str]) {
        for field in fields {
            let mark = self.mark(field);
            self.line(&format!("{field}:{mark}"));
        }
    }

    fn head(&mut self) {
        self.line("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//CANARY//EN");
        self.line("X-WR-CALNAME:canary-calendar@example.org\r\nX-CANARY-PROPERTY:CANARY");
        if self.person % 4 == 1 {
            self.line("X-WR-TIMEZONE:CANARY-Home");
        }
        self.line("BEGIN:VTIMEZONE\r\nTZID:CANARY-Defined\r\nTZURL:https://example.org/CANARY");
        self.line("BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0100");
        self.line("TZOFFSETTO:+0100\r\nTZNAME:CANARY\r\nCOMMENT:CANARY\r\nEND:STANDARD");
        self.line("END:VTIMEZONE\r\nBEGIN:VTIMEZONE\r\nTZID:CANARY-Broken");
        self.line("BEGIN:STANDARD\r\nDTSTART:CANARY\r\nTZOFFSETTO:CANARY\r\nEND:STANDARD");
        self.line("END:VTIMEZONE");
    }

    /// What stands beside events.
    fn around(&mut self) {
        for part in ["VTODO", "VJOURNAL", "X-CANARY"] {
            self.line(&format!("BEGIN:{part}"));
            self.texts(&["UID", "SUMMARY", "DESCRIPTION", "LOCATION", "DUE", "STATUS"]);
            self.line(&format!("END:{part}"));
        }
        if self.person.is_multiple_of(3) {
            self.line("BEGIN:VFREEBUSY");
            self.texts(&["UID", "COMMENT", "URL"]);
            self.line("ORGANIZER;CN=CANARY:mailto:canary@example.org");
            self.line("ATTENDEE;CN=CANARY:mailto:canary@example.org");
            self.line("FREEBUSY;FBTYPE=X-CANARY;X-NOTE=CANARY:20261126T090000Z/PT1H");
            self.line("FREEBUSY:20261127T090000Z/PT1H\r\nEND:VFREEBUSY");
        }
        if self.person.is_multiple_of(5) {
            self.line("BEGIN:VAVAILABILITY\r\nBUSYTYPE:X-CANARY");
            self.texts(&["UID", "SUMMARY", "DESCRIPTION", "LOCATION"]);
            self.line("BEGIN:AVAILABLE\r\nDTSTART;TZID=Europe/Amsterdam:20261123T090000");
            self.line("DTEND;TZID=Europe/Amsterdam:20261123T160000\r\nRRULE:FREQ=DAILY");
            self.texts(&["UID", "SUMMARY", "CATEGORIES"]);
            self.line("END:AVAILABLE\r\nEND:VAVAILABILITY");
        }
        // A line that belongs to nothing, a folded one, one with a zero in it, a name of zeros.
        self.line("CANARY without a colon\r\n canary folded\r\nCANARY\0:nul\r\n;:CANARY");
        self.line("END:VCANARY\r\nBEGIN:\r\nC\0A\0N\0A\0R\0Y\0:wide");
    }

    /// Whatever people and programs write into an event.
    fn all_texts(&mut self) {
        self.texts(&[
            "DESCRIPTION",
            "LOCATION",
            "COMMENT",
            "RESOURCES",
            "RELATED-TO",
        ]);
        let (number, encoded) = (self.number, STANDARD.encode(self.mark("ATTACH")));
        let hex = |byte: u8| format!("={byte:02X}");
        let quoted: String = self.mark("QP").bytes().map(hex).collect();
        let extra = match number % 8 {
            0 => format!("ATTACH;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=CANARY:{encoded}"),
            1 => format!("DESCRIPTION;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:{quoted}"),
            2 => {
                format!("CONFERENCE;VALUE=URI;LABEL=\"CANARY\":https://example.org/CANARY-{number}")
            }
            3 => format!("CONTACT;ALTREP=\"cid:CANARY\":CANARY-{number} \\, +31 6"),
            4 => format!("URL:https://canary:CANARY@example.org/CANARY-{number}?key=CANARY"),
            5 => {
                "X-APPLE-STRUCTURED-LOCATION;X-TITLE=CANARY:geo:52.1,4.3\r\nGEO:CANARY;4".to_owned()
            }
            6 => format!("X-ALT-DESC;FMTTYPE=text/html:<b>CANARY-{number}</b>\r\nIMAGE:CANARY"),
            _ => format!("ATTACH;FILENAME=CANARY.pdf:https://example.org/CANARY-{number}"),
        };
        self.line(&extra);
        self.line(&format!(
            "ORGANIZER;CN=\"CANARY {number}\";EMAIL=canary@example.org;SENT-BY=\"mailto:canary@example.org\":mailto:canary-{number}@example.org"
        ));
        let role = ["ACCEPTED", "DECLINED", "X-CANARY", "TENTATIVE"][self.random.below(4) as usize];
        let owner = address(self.person);
        self.line(&format!(
            "ATTENDEE;CN=CANARY;DELEGATED-TO=\"mailto:canary@example.org\";PARTSTAT={role}:mailto:{owner}"
        ));
        self.line(&format!(
            "ATTENDEE;CN=CANARY:mailto:canary-{number}@example.org"
        ));
        if self.random.below(4) == 0 {
            self.line("BEGIN:VALARM\r\nACTION:EMAIL\r\nTRIGGER:CANARY");
            self.texts(&["SUMMARY", "DESCRIPTION", "ATTENDEE"]);
            self.line("END:VALARM");
        }
    }

    /// The title of an event and what says when it is: one of twenty sorts.
    fn title_and_time(&self, start: DateTime<Utc>) -> (String, String) {
        let (from, day) = (time(start), start.format("%Y%m%d").to_string());
        let utc = format!("DTSTART:{from}Z\r\nDURATION:PT45M");
        let here = format!("DTSTART;TZID=Europe/Amsterdam:{from}\r\nDURATION:PT1H");
        let title = self.mark("SUMMARY");
        let weekly = "RRULE:FREQ=WEEKLY;COUNT=9";
        let kind = match self.number % 20 {
            // Half of the calendars hold no fault that makes all their time unknown.
            5..=8 | 11 | 12 | 15 | 16 if self.person.is_multiple_of(2) => 19,
            kind => kind,
        };
        match kind {
            0 => (
                title,
                format!("{here}\r\n{weekly}\r\nEXDATE;TZID=Europe/Amsterdam:{from}"),
            ),
            1 => (
                title,
                format!("DTSTART;VALUE=DATE:{day}\r\nX-MICROSOFT-CDO-BUSYSTATUS:OOF"),
            ),
            2 => (
                title,
                format!("{here}\r\nCATEGORIES:CANARY work,canary OPEN"),
            ),
            3 => ("CANARY open hour".to_owned(), utc),
            4 => (shift_title(self.person), utc),
            5 => (
                title,
                format!("DTSTART;TZID=CANARY-Nowhere:{from}\r\nDURATION:PT1H"),
            ),
            6 => (
                title,
                format!("DTSTART;TZID=CANARY-Defined:{from}\r\nDTEND:CANARY"),
            ),
            7 => (
                title,
                format!("{utc}\r\nRRULE:FREQ=CANARY;X=CANARY\r\nEXRULE:CANARY"),
            ),
            8 => (title, format!("DTSTART:{day}TCANARY\r\nDURATION:CANARY")),
            9 => (title, "X-CANARY-START:CANARY".to_owned()),
            10 => (
                title,
                format!("{utc}\r\nEXDATE:CANARY\r\nSTATUS:TENTATIVE\r\nCLASS:CANARY"),
            ),
            11 => (title, format!("{utc}\r\nRECURRENCE-ID:CANARY")),
            12 => (title, format!("{utc}\r\nRRULE:RSCALE=CANARY;FREQ=YEARLY")),
            13 => (title.replace("-SUM", "\r\n -S\r\n\tUM"), utc),
            14 => (
                title,
                format!("{utc}\r\nX-GOOGLE-EVENT-TYPE:CANARY\r\nTRANSP:CANARY"),
            ),
            15 => (title, format!("{here}\r\n{weekly};BYHOUR=CANARY")),
            16 => (
                title,
                format!("DTSTART;TZID=CANARY-Broken:{from}\r\nDURATION:PT1H"),
            ),
            17 => (
                title,
                format!("{utc}\r\nRECURRENCE-ID;RANGE=THISANDFUTURE:{from}Z"),
            ),
            _ => (title, utc),
        }
    }

    fn event(&mut self) {
        let minutes = self.random.below(48 * 24 * 4) as i64 * 15;
        let start = window().start() + TimeDelta::minutes(minutes);
        let (title, lines) = self.title_and_time(start);
        let uid = self.mark("UID");
        self.line(&format!(
            "BEGIN:VEVENT\r\nUID:{uid}\r\nSUMMARY:{title}\r\n{lines}"
        ));
        self.all_texts();
        if self.number % 1_000 == 258 {
            let long = "CANARY".repeat(20_000);
            self.line(&format!("ATTENDEE;CN={long}:mailto:canary@example.org"));
        }
        self.line("END:VEVENT");
        if self.number.is_multiple_of(20) {
            let next = time(start + TimeDelta::days(7));
            let zone = "TZID=Europe/Amsterdam";
            self.line(&format!(
                "BEGIN:VEVENT\r\nUID:{uid}\r\nRECURRENCE-ID;{zone}:{next}"
            ));
            self.line(&format!(
                "DTSTART;{zone}:{next}\r\nDURATION:PT3H\r\nSUMMARY:{title} moved"
            ));
            self.all_texts();
            self.line("END:VEVENT");
        }
    }
}
