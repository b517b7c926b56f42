//! Answers and events to free/busy time.

use std::sync::Arc;

use bereik_calendar::{Limits, Problem, Reading};
use bereik_core::{FreeBusy, Interval, OpenTime};

use crate::source::Agenda;

/// What a calendar says of a window, and what could not be understood in it.
#[derive(Clone)]
pub(crate) struct Read {
    pub(crate) free_busy: FreeBusy,
    pub(crate) open_time: OpenTime,
    pub(crate) problems: Vec<Problem>,
}

impl Read {
    pub(crate) fn of_nothing() -> Self {
        Self {
            free_busy: FreeBusy::unknown(),
            open_time: OpenTime::unknown(),
            problems: Vec::new(),
        }
    }
}

/// The answer to a free-busy query, if it is one: a single VFREEBUSY over the whole window, in which
/// everything can be read.
///
/// A server that answers something else, or of another time, has not said when its person is free.
pub(crate) fn read_free_busy(bytes: &[u8], window: Interval, reading: &Reading) -> Option<Read> {
    let is_line = |line: &[u8], text: &str| line.trim_ascii().eq_ignore_ascii_case(text.as_bytes());
    let lines = || bytes.split(|byte| *byte == b'\n');
    let blocks = lines()
        .filter(|line| is_line(line, "BEGIN:VFREEBUSY"))
        .count();
    // Radicale before 3.9 wrote what is busy as blocks of their own, with FBTYPE as a property.
    let is_kind = |line: &[u8]| line.get(..7).is_some_and(|head| is_line(head, "FBTYPE:"));
    if blocks != 1 || lines().any(is_kind) {
        return None;
    }
    let calendar = bereik_calendar::read(bytes, &Limits::default());
    let said = calendar.free_busy(window, reading);
    let is_whole = said.value.known() == Some(window) && said.problems.is_empty();
    is_whole.then_some(Read {
        free_busy: said.value,
        open_time: OpenTime::unknown(),
        problems: Vec::new(),
    })
}

/// What events say together, each resource with its own zones.
pub(crate) fn read_events(texts: &[Arc<str>], window: Interval, reading: &Reading) -> Read {
    // What is cut off would seem to go on in the next, and what is no calendar would not show between two.
    let (calendars, others): (Vec<_>, Vec<_>) = texts.iter().partition(|text| is_whole(text));
    let mut joined = String::with_capacity(calendars.iter().map(|text| text.len() + 2).sum());
    for text in calendars {
        joined.push_str(text);
        if !text.ends_with('\n') {
            joined.push_str("\r\n");
        }
    }
    if joined.is_empty() {
        joined.push_str("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n");
    }
    let all = std::iter::once(joined.as_str()).chain(others.iter().map(|text| &***text));
    let said = all.map(|text| Agenda::read(text.as_bytes(), window, reading));
    let mut read: Option<Read> = None;
    for said in said {
        let read = read.get_or_insert_with(|| Read {
            free_busy: said.free_busy.clone(),
            open_time: OpenTime::unknown(),
            problems: Vec::new(),
        });
        read.free_busy = read.free_busy.merge(&said.free_busy);
        read.open_time = read.open_time.merge(&said.open_time);
        read.problems.extend(said.problems);
    }
    read.unwrap_or_else(Read::of_nothing)
}

/// Whether it begins and ends as a calendar does.
fn is_whole(text: &str) -> bool {
    let is_line = |line: Option<&str>, text: &str| {
        line.is_some_and(|line| line.trim().eq_ignore_ascii_case(text))
    };
    let text = text.trim().trim_start_matches('\u{feff}');
    is_line(text.lines().next(), "BEGIN:VCALENDAR") && is_line(text.lines().last(), "END:VCALENDAR")
}

#[cfg(test)]
mod tests {
    use bereik_core::FreeBusyKind;

    use super::{Interval, Reading, read_events};

    const EVENT: &str = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261124T090000Z\r\n\
        DURATION:PT1H\r\nRRULE:FREQ=DAILY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

    /// What is cut off leaves everything that was not read unknown, wherever it stands among the others.
    #[test]
    fn a_resource_that_is_cut_off_hides_nowhere() {
        let window: Interval = "2026-11-23T00:00:00Z/2026-11-30T00:00:00Z"
            .parse()
            .expect("an interval");
        let other = EVENT.replace("UID:1", "UID:2").replace("T09", "T14");
        for (end, _) in EVENT.char_indices().take(EVENT.len() - 6) {
            for texts in [[&EVENT[..end], &other], [&other, &EVENT[..end]]] {
                let texts = texts.map(std::sync::Arc::from);
                let read = read_events(&texts, window, &Reading::new());
                let at = |text: &str| read.free_busy.kind_at(text.parse().expect("an instant"));
                assert_eq!(at("2026-11-26T14:30:00Z"), FreeBusyKind::Busy);
                let cut = at("2026-11-26T09:30:00Z");
                assert!(cut >= FreeBusyKind::Unknown, "{cut:?} after {end} bytes");
            }
        }
        let whole = [EVENT, &other].map(std::sync::Arc::from);
        let read = read_events(&whole, window, &Reading::new());
        assert_eq!(
            (read.free_busy.intervals().len(), read.problems.len()),
            (12, 0)
        );
    }
}
