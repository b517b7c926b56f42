//! Bytes to a calendar: one pass over the lines, a flat stack of open components, no recursion.

pub(crate) mod assemble;
mod event;
pub(crate) mod lines;
pub(crate) mod property;
pub(crate) mod value;

use crate::calendar::Calendar;
use crate::limits::Limits;
use crate::problem::ProblemReason;
use assemble::Assembler;
use lines::Lines;
use property::{Name, Property};

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
    let mut assembler = Assembler::new(limits);
    let is_too_long = bytes.len() > limits.bytes_max();
    let bytes = bytes.get(..limits.bytes_max()).unwrap_or(bytes);
    let mut lines = Lines::new(bytes);
    let mut scratch = Vec::new();
    for line in lines.by_ref() {
        let name = match line.name() {
            Some(name) => Name::of(name),
            // The name itself is folded, or the line is none.
            None => match line.unfold(&mut scratch, limits.line_bytes_max()) {
                Ok(text) => Name::of(name_of(text)),
                Err(_) => None,
            },
        };
        let Some(name) = name.filter(|name| assembler.wants(*name)) else {
            continue;
        };
        match line.unfold(&mut scratch, limits.line_bytes_max()) {
            Ok(text) => {
                let property = Property::split(&text[name_of(text).len()..]).unwrap_or_default();
                assembler.property(line.number, name, &property);
            }
            Err(lines::TooLong) => assembler.too_long(line.number, name),
        }
        if assembler.is_full() {
            break;
        }
    }
    if is_too_long {
        assembler.lose(lines.number(), ProblemReason::TooLong);
    }
    assembler.finish()
}

fn name_of(text: &[u8]) -> &[u8] {
    let end = memchr::memchr2(b':', b';', text).unwrap_or(text.len());
    &text[..end]
}
