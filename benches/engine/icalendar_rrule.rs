//! `icalendar` for reading and `rrule` for rules; everything between the two is written here.
//!
//! icalendar reads in three ways. Its README parses into owned, typed components; its advanced example unfolds and then
//! borrows, and the quickest is that with errors that tell no line. The two that borrow are measured whole, the first
//! for reading only. The rest is what neither crate does: values to instants, overrides by UID, what an event says of
//! its time, merging. It is written to be quick: free events and rules that ended before the window are not expanded.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

use bereik_benches::timing::timed;
use bereik_benches::workload::{self, Person, Window};
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use icalendar::parser::{Component, Property, read_calendar, read_calendar_simple, unfold};
use rrule::{RRule, RRuleSet, Tz, Unvalidated};

use super::marks::{self, Marks};
use super::{Busy, Kind, Round, Spans};

/// Which of icalendar's readers that borrow.
#[derive(Clone, Copy)]
pub(crate) enum Reader {
    /// `read_calendar`: errors tell the line.
    Lines,
    /// `read_calendar_simple`: they do not.
    Plain,
}

pub(crate) fn round(people: &[Person], reader: Reader) -> Round {
    let (unfolded, unfolding) = timed(|| {
        let texts = people.iter().map(|person| unfold(&person.ics));
        texts.collect::<Vec<_>>()
    });
    let (calendars, reading) = timed(|| {
        let each = unfolded.iter().map(|text| of(text, reader));
        each.collect::<Vec<_>>()
    });
    let over = |window: Window| {
        timed(|| {
            let pairs = people.iter().zip(&calendars);
            pairs
                .map(|(person, calendar)| expand(calendar, person, window))
                .collect()
        })
    };
    let (days, expand_days) = over(workload::window());
    let (in_hour, hour) = over(workload::hour());
    drop(calendars);
    drop(unfolded);
    let (again, together) = timed(|| {
        let each = people.iter().map(|person| {
            let text = unfold(&person.ics);
            expand(&of(&text, reader), person, workload::window())
        });
        each.collect::<Vec<_>>()
    });
    assert_eq!(again, days, "the same calendars give the same answer");
    Round {
        read: unfolding + reading,
        expand: expand_days,
        hour,
        together,
        days,
        in_hour,
    }
}

/// Reads all files as the README of icalendar does.
pub(crate) fn read_typed(people: &[Person]) -> Duration {
    let read = |person: &Person| person.ics.parse::<icalendar::Calendar>();
    timed(|| people.iter().map(read).collect::<Vec<_>>()).1
}

/// What stands in the VCALENDAR.
fn of(unfolded: &str, reader: Reader) -> Vec<Component<'_>> {
    let components = match reader {
        Reader::Lines => read_calendar(unfolded).ok().map(|root| root.components),
        Reader::Plain => read_calendar_simple(unfolded)
            .ok()
            .map(|mut roots| roots.swap_remove(0).components),
    };
    components.expect("the workload is well-formed")
}

/// A DATE or DATE-TIME in its zone.
#[derive(Clone, Copy)]
struct Stamp {
    wall: NaiveDateTime,
    zone: Tz,
    is_date: bool,
}

impl Stamp {
    /// A value of a property; a date is a midnight of the owner's zone.
    fn of(value: &str, property: &Property<'_>, home: Tz) -> Option<Self> {
        let digits = |from: usize, to: usize| value.get(from..to)?.parse::<u32>().ok();
        let year = value.get(0..4)?.parse().ok()?;
        let date = NaiveDate::from_ymd_opt(year, digits(4, 6)?, digits(6, 8)?)?;
        if value.len() == 8 {
            return Some(Self {
                wall: date.and_time(NaiveTime::MIN),
                zone: home,
                is_date: true,
            });
        }
        let named = property
            .params
            .iter()
            .find(|parameter| parameter.key == "TZID");
        let zone = match (
            value.ends_with('Z'),
            named.and_then(|named| named.val.as_ref()),
        ) {
            (true, _) => Tz::UTC,
            (false, Some(name)) => zone(name.as_str())?,
            (false, None) => home,
        };
        Some(Self {
            wall: date.and_hms_opt(digits(9, 11)?, digits(11, 13)?, digits(13, 15)?)?,
            zone,
            is_date: false,
        })
    }

    fn instant(self) -> Option<DateTime<Tz>> {
        self.zone.from_local_datetime(&self.wall).earliest()
    }
}

/// The zones that the workload names; neither crate knows the Windows names.
fn zone(name: &str) -> Option<Tz> {
    match name.trim_matches('"') {
        "Europe/Amsterdam" | "W. Europe Standard Time" => Some(Tz::Europe__Amsterdam),
        "America/New_York" | "Eastern Standard Time" => Some(Tz::America__New_York),
        _ => None,
    }
}

#[derive(Clone, Copy)]
enum Length {
    Days(u64),
    Seconds(i64),
}

/// What the driver needs of a VEVENT.
struct Event<'a> {
    uid: &'a str,
    start: Stamp,
    length: Length,
    rule: Option<&'a str>,
    except: Vec<DateTime<Tz>>,
    replaces: Option<DateTime<Tz>>,
    kind: Kind,
}

impl<'a> Event<'a> {
    fn of(component: &'a Component<'_>, person: &Person, home: Tz) -> Option<Self> {
        let (mut uid, mut start, mut end, mut rule, mut replaces) = ("", None, None, None, None);
        let mut duration = None;
        let mut except = Vec::new();
        let mut marks = Marks::default();
        for property in &component.properties {
            let value = property.val.as_str();
            match property.name.as_str() {
                "UID" => uid = value,
                "DTSTART" => start = Stamp::of(value, property, home),
                "DTEND" => end = Stamp::of(value, property, home),
                "DURATION" => duration = minutes(value),
                "RRULE" => rule = Some(value),
                "EXDATE" => except.extend(
                    value
                        .split(',')
                        .filter_map(|value| Stamp::of(value, property, home)?.instant()),
                ),
                "RECURRENCE-ID" => replaces = Stamp::of(value, property, home)?.instant(),
                name => mark(&mut marks, name, value, property, person),
            }
        }
        let start = start?;
        let length = match (end, duration) {
            (Some(end), _) if start.is_date => {
                Length::Days((end.wall - start.wall).num_days().unsigned_abs())
            }
            (Some(end), _) if start.zone == end.zone => {
                Length::Seconds((end.wall - start.wall).num_seconds())
            }
            (Some(end), _) => Length::Seconds((end.instant()? - start.instant()?).num_seconds()),
            (None, Some(seconds)) => Length::Seconds(seconds),
            (None, None) => Length::Days(u64::from(start.is_date)),
        };
        Some(Self {
            uid,
            start,
            length,
            rule,
            except,
            replaces,
            kind: marks.kind(),
        })
    }
}

/// Of a DURATION in minutes, the only ones that the workload has.
fn minutes(value: &str) -> Option<i64> {
    let minutes: i64 = value.strip_prefix("PT")?.strip_suffix('M')?.parse().ok()?;
    Some(minutes * 60)
}

fn mark(marks: &mut Marks, name: &str, value: &str, property: &Property<'_>, person: &Person) {
    match name {
        "STATUS" => {
            marks.is_cancelled = value == "CANCELLED";
            marks.is_tentative = value == "TENTATIVE";
        }
        "TRANSP" => marks.is_transparent = value == "TRANSPARENT",
        "X-MICROSOFT-CDO-BUSYSTATUS" => marks.busy_status = marks::of_status(value),
        "X-MICROSOFT-CDO-INTENDEDSTATUS" => marks.intended_status = marks::of_status(value),
        "ATTENDEE" if value.strip_prefix("mailto:") == Some(&person.address) => {
            let answers = property.params.iter();
            let mut answers = answers.filter(|parameter| parameter.key == "PARTSTAT");
            let answer = answers.find_map(|parameter| parameter.val.as_ref());
            marks.answer = Some(match answer.map(|answer| answer.as_str()) {
                Some("ACCEPTED") => Kind::Busy,
                Some("DECLINED") => Kind::Free,
                _ => Kind::Tentative,
            });
        }
        _ => {}
    }
}

fn expand(components: &[Component<'_>], person: &Person, window: Window) -> Busy {
    let home = zone(person.place.name()).expect("the workload's own zone");
    let events: Vec<Event<'_>> = components
        .iter()
        .filter(|component| component.name == "VEVENT")
        .map(|component| Event::of(component, person, home).expect("the workload is well-formed"))
        .collect();
    let mut replaced: HashMap<&str, Vec<DateTime<Tz>>> = HashMap::new();
    for event in &events {
        if let Some(instant) = event.replaces {
            replaced.entry(event.uid).or_default().push(instant);
        }
    }
    let (from, to) = (window.0.timestamp(), window.1.timestamp());
    let mut spans = Spans::new(from, to);
    for event in events.into_iter().filter(|event| event.kind != Kind::Free) {
        let (length, kind) = (event.length, event.kind);
        let mut push = |start: DateTime<Tz>| {
            if let Some(end) = end(start, length) {
                spans.push(start.timestamp(), end, kind);
            }
        };
        match event.rule {
            None => event.start.instant().into_iter().for_each(push),
            Some(rule) => {
                let also = replaced.get(event.uid).map_or(&[][..], Vec::as_slice);
                let instances = instances(rule, event, also, window);
                instances.into_iter().for_each(&mut push);
            }
        }
    }
    spans.merge()
}

fn end(start: DateTime<Tz>, length: Length) -> Option<i64> {
    match length {
        Length::Seconds(seconds) => Some(start.timestamp() + seconds),
        Length::Days(days) => {
            let wall = start.naive_local().checked_add_days(Days::new(days))?;
            let end = start.timezone().from_local_datetime(&wall).earliest()?;
            Some(end.timestamp())
        }
    }
}

fn instances(
    rule: &str,
    event: Event<'_>,
    replaced: &[DateTime<Tz>],
    window: Window,
) -> Vec<DateTime<Tz>> {
    let start = event.start.instant().expect("no meeting begins in a gap");
    let seconds = match event.length {
        Length::Seconds(seconds) => seconds,
        Length::Days(days) => days.cast_signed() * 86_400 + 7_200,
    };
    let after = window.0 - chrono::TimeDelta::seconds(seconds);
    let rule = with_utc_until(rule, event.start.zone);
    let rule: RRule<Unvalidated> = rule.parse().expect("the workload's rules are RFC 5545's");
    if rule.get_until().is_some_and(|until| *until < after) {
        return Vec::new();
    }
    let rule = rule
        .validate(start)
        .expect("the workload's rules are valid");
    let mut except = event.except;
    except.extend_from_slice(replaced);
    let set = RRuleSet::new(start).rrule(rule).set_exdates(except);
    let set = set.after(after.with_timezone(&Tz::UTC));
    let found = set.before(window.1.with_timezone(&Tz::UTC)).all(u16::MAX);
    assert!(!found.limited, "no series is that long");
    found.dates
}

/// rrule refuses UNTIL as a date beside a start in a zone: the end of that day is said in UTC instead.
fn with_utc_until(rule: &str, zone: Tz) -> Cow<'_, str> {
    let Some((before, rest)) = rule.split_once("UNTIL=") else {
        return rule.into();
    };
    let (value, after) = rest.split_at(rest.find(';').unwrap_or(rest.len()));
    let date = match value.len() {
        8 => NaiveDate::parse_from_str(value, "%Y%m%d").ok(),
        _ => None,
    };
    let end = date.and_then(|date| date.and_hms_opt(23, 59, 59));
    match end.and_then(|end| zone.from_local_datetime(&end).latest()) {
        None => rule.into(),
        Some(end) => {
            let end = end.with_timezone(&Tz::UTC).format("%Y%m%dT%H%M%SZ");
            format!("{before}UNTIL={end}{after}").into()
        }
    }
}
