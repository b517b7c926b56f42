//! `calcard`, guarded against what it would get wrong.
//!
//! It reads a file and expands it whole; there is no window, no merging and no judgement of what an event says. The
//! guards, each a rewriting of what was read before it is expanded:
//! - its limit counts instances of the whole file from each DTSTART on, so that a long series starves the others:
//!   instead, each rule without COUNT ends with the window, and the limit is out of reach;
//! - it finds an override by SEQUENCE and instant, not by UID: instead, SEQUENCE becomes the number of the UID;
//! - it compares UNTIL in UTC with times on the wall, and loses last instances east of Greenwich: instead, UNTIL is
//!   said on the wall. This one can be left out, to count whom it would hurt.

use std::collections::HashMap;

use bereik_benches::timing::timed;
use bereik_benches::workload::{self, Person, Window};
use calcard::common::PartialDateTime;
use calcard::common::timezone::Tz;
use calcard::icalendar::dates::{CalendarEvent, TimeOrDelta};
use calcard::icalendar::timezone::TzResolver;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarParameterName,
    ICalendarParameterValue, ICalendarParticipationStatus, ICalendarProperty, ICalendarStatus,
    ICalendarTransparency, ICalendarValue,
};
use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Timelike};

use super::marks::{self, Marks};
use super::{Busy, Kind, Round, Spans};

/// Whether UNTIL is said on the wall before it is compared with times on the wall.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    AsRead,
    OnTheWall,
}

pub(crate) fn round(people: &[Person]) -> Round {
    let (mut calendars, read) = timed(|| people.iter().map(of).collect::<Vec<_>>());
    let mut over = |window: Window| {
        timed(|| {
            let pairs = people.iter().zip(&mut calendars);
            pairs
                .map(|(person, calendar)| expand(calendar, person, window, Until::OnTheWall))
                .collect()
        })
    };
    // The guards shorten rules for good; the hour lies within the 90 days, so that it may come after them.
    let (days, expand_days) = over(workload::window());
    let (in_hour, hour) = over(workload::hour());
    drop(calendars);
    let (again, together) = timed(|| {
        let each = people.iter().map(|person| alone(person, Until::OnTheWall));
        each.collect::<Vec<_>>()
    });
    assert_eq!(again, days, "the same calendars give the same answer");
    Round {
        read,
        expand: expand_days,
        hour,
        together,
        days,
        in_hour,
    }
}

/// Reads and expands one file over the 90 days.
pub(crate) fn alone(person: &Person, until: Until) -> Busy {
    expand(&mut of(person), person, workload::window(), until)
}

fn of(person: &Person) -> ICalendar {
    ICalendar::parse(&person.ics).expect("the workload is well-formed")
}

fn expand(calendar: &mut ICalendar, person: &Person, window: Window, until: Until) -> Busy {
    let home: Tz = person.place.name().parse().expect("a zone of the database");
    guard(calendar, home, person, window, until);
    let found = calendar.expand_dates(home, usize::MAX);
    if until == Until::OnTheWall {
        assert_eq!(found.errors, [], "the workload is well-formed");
    }
    let (from, to) = (window.0.timestamp(), window.1.timestamp());
    let mut spans = Spans::new(from, to);
    let mut seen: Vec<Option<Seen>> = vec![None; calendar.components.len()];
    for event in found.events {
        let (start, mut end) = event.timestamps();
        if start >= to || end + 7_200 <= from {
            continue;
        }
        let place = event.comp_id as usize;
        let seen =
            *seen[place].get_or_insert_with(|| Seen::of(&calendar.components[place], person));
        if seen.is_date {
            end = nominal_end(event).unwrap_or(end);
        }
        spans.push(start, end, seen.kind);
    }
    spans.merge()
}

/// Days of the wall, where the clocks change between them.
fn nominal_end(
    event: CalendarEvent<DateTime<Tz>, TimeOrDelta<DateTime<Tz>, TimeDelta>>,
) -> Option<i64> {
    let event = event.try_into_date_time()?;
    Some(event.end.timestamp())
}

fn guard(calendar: &mut ICalendar, home: Tz, person: &Person, window: Window, until: Until) {
    let resolver = calendar.build_owned_tz_resolver().with_default(home);
    let mut numbers: HashMap<String, i64> = HashMap::new();
    for component in &mut calendar.components {
        if component.component_type != ICalendarComponentType::VEvent {
            continue;
        }
        let next = numbers.len() as i64;
        let number = match component.uid() {
            None => next,
            Some(uid) => match numbers.get(uid) {
                Some(number) => *number,
                None => *numbers.entry(uid.to_owned()).or_insert(next),
            },
        };
        number_uid(component, number);
        let is_free = component.is_recurrent() && Seen::of(component, person).kind == Kind::Free;
        shorten_rule(component, &resolver, is_free, window, until);
    }
}

fn number_uid(component: &mut ICalendarComponent, number: i64) {
    let value = ICalendarValue::Integer(number);
    match component.property_mut(&ICalendarProperty::Sequence) {
        Some(sequence) => sequence.values = vec![value],
        None => {
            let sequence = ICalendarEntry::new(ICalendarProperty::Sequence).with_value(value);
            component.entries.push(sequence);
        }
    }
}

fn shorten_rule(
    component: &mut ICalendarComponent,
    resolver: &TzResolver<String>,
    is_free: bool,
    window: Window,
    until: Until,
) {
    let Some(start) = component.property(&ICalendarProperty::Dtstart) else {
        return;
    };
    let zone = resolver.resolve_or_default(start.tz_id());
    let Some(ICalendarValue::PartialDateTime(start)) = start.values.first() else {
        return;
    };
    let on_wall = |time: &PartialDateTime| {
        let time = time.to_date_time_with_tz(zone)?;
        Some(time.with_timezone(&zone).naive_local())
    };
    let starts = on_wall(start);
    let closes = window.1.with_timezone(&zone).naive_local();
    let opens = window.0.with_timezone(&zone).naive_local();
    let Some(rule) = component.property_mut(&ICalendarProperty::Rrule) else {
        return;
    };
    let Some(ICalendarValue::RecurrenceRule(rule)) = rule.values.first_mut() else {
        return;
    };
    let written = rule.until.as_ref().and_then(on_wall);
    let last = match written {
        // Where there is nothing to look for, the rule is cut to its first instance.
        _ if is_free => starts,
        Some(last) if last + TimeDelta::days(2) < opens => starts,
        Some(_) if until == Until::AsRead => return,
        Some(last) => Some(last.min(closes)),
        None if rule.count.is_some() => return,
        // One that has not begun keeps its first instance: an end before the start is an error here.
        None => starts.map(|starts| starts.max(closes)),
    };
    rule.until = last.map(floating);
}

fn floating(wall: NaiveDateTime) -> PartialDateTime {
    let part = |number: u32| u8::try_from(number).ok();
    PartialDateTime {
        year: u16::try_from(wall.year()).ok(),
        month: part(wall.month()),
        day: part(wall.day()),
        hour: part(wall.hour()),
        minute: part(wall.minute()),
        second: part(wall.second()),
        ..PartialDateTime::default()
    }
}

/// What the driver needs of a VEVENT.
#[derive(Clone, Copy)]
struct Seen {
    kind: Kind,
    is_date: bool,
}

impl Seen {
    fn of(component: &ICalendarComponent, person: &Person) -> Self {
        let mut is_date = false;
        let mut marks = Marks::default();
        for entry in &component.entries {
            match (&entry.name, entry.values.first()) {
                (ICalendarProperty::Dtstart, Some(ICalendarValue::PartialDateTime(start))) => {
                    is_date = !start.has_time();
                }
                (ICalendarProperty::Status, Some(ICalendarValue::Status(status))) => {
                    marks.is_cancelled = *status == ICalendarStatus::Cancelled;
                    marks.is_tentative = *status == ICalendarStatus::Tentative;
                }
                (ICalendarProperty::Transp, Some(ICalendarValue::Transparency(transparency))) => {
                    marks.is_transparent = *transparency == ICalendarTransparency::Transparent;
                }
                (ICalendarProperty::Other(name), Some(ICalendarValue::Text(status))) => {
                    match name.as_str() {
                        "X-MICROSOFT-CDO-BUSYSTATUS" => {
                            marks.busy_status = marks::of_status(status);
                        }
                        "X-MICROSOFT-CDO-INTENDEDSTATUS" => {
                            marks.intended_status = marks::of_status(status);
                        }
                        _ => {}
                    }
                }
                (ICalendarProperty::Attendee, Some(_))
                    if entry.calendar_address() == Some(&person.address) =>
                {
                    marks.answer = Some(answer(entry));
                }
                _ => {}
            }
        }
        Self {
            kind: marks.kind(),
            is_date,
        }
    }
}

fn answer(attendee: &ICalendarEntry) -> Kind {
    match attendee.parameter(&ICalendarParameterName::Partstat) {
        Some(ICalendarParameterValue::Partstat(ICalendarParticipationStatus::Accepted)) => {
            Kind::Busy
        }
        Some(ICalendarParameterValue::Partstat(ICalendarParticipationStatus::Declined)) => {
            Kind::Free
        }
        _ => Kind::Tentative,
    }
}
