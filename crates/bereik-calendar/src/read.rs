//! Bytes to a calendar: one pass over the lines, a flat stack of open components, no recursion.

mod assemble;
mod event;
mod intake;
mod lines;
mod observance;
mod property;
pub(crate) mod text;
pub(crate) mod value;
mod zones;

use crate::calendar::Calendar;
use crate::limits::Limits;
use crate::marks::Marks;
use crate::problem::ProblemReason;
use crate::shifts::{RosterCalendar, ShiftNames};
use assemble::Assembler;
use intake::Looking;
use lines::Lines;
use property::{NAME_BYTES_MAX, Name, Property};

/// Lines are counted in 32 bits, so that no file is longer than this.
const BYTES_MAX: usize = u32::MAX as usize;

/// Reads a calendar (RFC 5545 section 3.4). It never fails: what could not be read is a
/// [`Problem`](crate::Problem) and makes unknown time.
///
/// Text (summaries, descriptions, places, names) is dropped here and is in nothing that comes out.
///
/// ```
/// use bereik_calendar::Limits;
///
/// let file = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:soon\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
/// let calendar = bereik_calendar::read(file, &Limits::default());
/// assert_eq!(
///     calendar.problems()[0].to_string(),
///     "line 3: the start of an event is unreadable; everything is unknown",
/// );
/// ```
#[must_use]
pub fn read(bytes: &[u8], limits: &Limits) -> Calendar {
    read_looking(bytes, limits, Looking::Nowhere)
}

/// As [`read`], and looks for events by which people say when they *are* available; they become
/// [open time](Calendar::open_time) and take no time themselves.
///
/// The texts are compared here and then dropped.
#[must_use]
pub fn read_marked(bytes: &[u8], limits: &Limits, marks: &Marks) -> Calendar {
    read_looking(bytes, limits, Looking::ForMarks(marks))
}

/// Reads a calendar of shifts, in which each event names the person who serves.
///
/// The titles are compared here and then dropped.
#[must_use]
pub fn read_shifts(bytes: &[u8], limits: &Limits, names: &ShiftNames) -> RosterCalendar {
    let calendar = read_looking(bytes, limits, Looking::ForNames(names));
    RosterCalendar::new(calendar, names.clone())
}

/// Reads a calendar of the `icalendar` crate, as it would write it: lines are counted in that text.
///
/// ```
/// use bereik_calendar::{Limits, Reading};
/// use bereik_core::interval::Interval;
/// use chrono::{DateTime, TimeDelta, Utc};
/// use icalendar::{Calendar, Component, Event, EventLike};
///
/// let start: DateTime<Utc> = "2026-11-23T09:00:00Z".parse()?;
/// let meeting = Event::new().starts(start).ends(start + TimeDelta::hours(1)).done();
/// let theirs = Calendar::new().push(meeting).done();
/// let ours = bereik_calendar::read_icalendar(&theirs, &Limits::default());
/// let day: Interval = "2026-11-23T00:00:00Z/2026-11-24T00:00:00Z".parse()?;
/// assert_eq!(ours.free_busy(day, &Reading::new()).value.intervals().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "icalendar-types")]
#[must_use]
pub fn read_icalendar(calendar: &icalendar::Calendar, limits: &Limits) -> Calendar {
    read(calendar.to_string().as_bytes(), limits)
}

fn read_looking(bytes: &[u8], limits: &Limits, looking: Looking<'_>) -> Calendar {
    let bytes_max = limits.bytes_max().min(BYTES_MAX);
    let mut assembler = Assembler::new(limits, looking, bytes.len().min(bytes_max));
    let mut lines = Lines::new(bytes.get(..bytes_max).unwrap_or(bytes));
    let mut scratch = Vec::new();
    while !lines.rest().is_empty() && !assembler.is_full() {
        let Some((name, length)) = name_at(&mut lines) else {
            continue;
        };
        let number = lines.number();
        if !assembler.wants(name) {
            lines.skip_to_early_fold(0);
            continue;
        }
        match lines.take(&mut scratch, limits.line_bytes_max()) {
            Ok(text) => {
                let mut property = Property::default();
                property.take_in(&text[length..]);
                assembler.property(number, name, &property);
            }
            Err(lines::TooLong) => assembler.too_long(number, name),
        }
    }
    if bytes.len() > bytes_max {
        assembler.lose((lines.number() - 1).max(1), ProblemReason::TooLong);
    }
    assembler.finish()
}

/// The name of a line that may matter, and its length; goes past one that does not.
#[inline]
fn name_at(lines: &mut Lines<'_>) -> Option<(Name, usize)> {
    if let Some(found) = Name::of(lines.rest()) {
        return Some(found);
    }
    let start = *lines;
    if !lines.skip_to_early_fold(NAME_BYTES_MAX) {
        return None;
    }
    // The name itself may be folded.
    let found = Name::of(&start.head(NAME_BYTES_MAX + 1));
    match found {
        Some(_) => *lines = start,
        None => lines.skip_folds(),
    }
    found
}
