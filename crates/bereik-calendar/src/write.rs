//! Writes free/busy time as a VFREEBUSY (RFC 5545 section 3.6.4), through the icalendar crate.

use bereik_core::free_busy::{FreeBusy, FreeBusyKind};
use chrono::{DateTime, TimeDelta, Utc};
use icalendar::{CalendarComponent, Property, parser};

/// Writes `free_busy` as a calendar with one VFREEBUSY, for others to read.
///
/// `uid` and `stamp` (UID and DTSTAMP) are the caller's, so that the same arguments give the same
/// bytes; `organizer` is a `mailto:` address. Instants are written in whole seconds: starts are rounded
/// down, ends up. Elsewhere and unknown time become `FBTYPE=X-ELSEWHERE` and `X-UNKNOWN`, which others take
/// for busy (RFC 5545 section 3.2.9) and [`read`](crate::read) takes for what they are.
///
/// ```
/// use bereik_calendar::{Limits, Reading};
/// use bereik_core::free_busy::{FreeBusy, FreeBusyKind};
/// use bereik_core::interval::Interval;
/// use chrono::{DateTime, Utc};
///
/// let at = |text: &str| text.parse::<DateTime<Utc>>();
/// let span = |from, to| Interval::new(from, to).expect("it ends after it starts");
/// let day = span(at("2026-11-23T00:00:00Z")?, at("2026-11-24T00:00:00Z")?);
/// let meeting = span(at("2026-11-23T09:00:00Z")?, at("2026-11-23T10:00:00Z")?);
/// let ours = FreeBusy::builder(day).claim(meeting, FreeBusyKind::Busy).build();
///
/// let text = bereik_calendar::write_free_busy(&ours, "fb-1", day.start(), None);
/// let theirs = bereik_calendar::read(text.as_bytes(), &Limits::default());
/// assert_eq!(theirs.free_busy(day, &Reading::new()).value, ours);
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[must_use]
pub fn write_free_busy(
    free_busy: &FreeBusy,
    uid: &str,
    stamp: DateTime<Utc>,
    organizer: Option<&str>,
) -> String {
    // Who knows nothing says so of no time at all.
    let (start, end) = match free_busy.known() {
        Some(known) => (known.start(), round_up(known.end())),
        None => (stamp, stamp),
    };
    let mut properties = vec![
        Property::new("UID", one_line(uid)),
        Property::new("DTSTAMP", second(stamp)),
        Property::new("DTSTART", second(start)),
        Property::new("DTEND", second(end)),
    ];
    properties.extend(organizer.map(|address| Property::new("ORGANIZER", one_line(address))));
    properties.extend(free_busy.intervals().map(|(interval, kind)| {
        let end = second(round_up(interval.end()));
        let period = format!("{}/{end}", second(interval.start()));
        let mut property = Property::new("FREEBUSY", period);
        property.add_parameter("FBTYPE", fb_type(kind));
        property.done()
    }));
    let component = parser::Component {
        name: "VFREEBUSY".into(),
        properties: properties.into_iter().map(Into::into).collect(),
        components: Vec::new(),
    };
    let mut calendar = icalendar::Calendar::empty();
    calendar.append_property(("VERSION", "2.0"));
    calendar.append_property(("PRODID", "-//bereik//free/busy//EN"));
    calendar.append_property(("METHOD", "PUBLISH"));
    calendar.push(CalendarComponent::from(component));
    calendar.to_string()
}

/// FBTYPE (RFC 5545 section 3.2.9).
fn fb_type(kind: FreeBusyKind) -> &'static str {
    match kind {
        FreeBusyKind::Free => "FREE",
        FreeBusyKind::Elsewhere => "X-ELSEWHERE",
        FreeBusyKind::Tentative => "BUSY-TENTATIVE",
        FreeBusyKind::Unknown => "X-UNKNOWN",
        FreeBusyKind::Busy => "BUSY",
        FreeBusyKind::OutOfOffice => "BUSY-UNAVAILABLE",
    }
}

fn second(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

fn round_up(at: DateTime<Utc>) -> DateTime<Utc> {
    match at.timestamp_subsec_nanos() {
        0 => at,
        nanos => at + TimeDelta::nanoseconds(1_000_000_000 - i64::from(nanos)),
    }
}

/// Nothing can end a line early and begin another property.
fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
