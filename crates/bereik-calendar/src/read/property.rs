//! One content line as name, the parameters that bear on time, and value (RFC 5545 section 3.1).

use memchr::memchr;

/// The properties that bear on time, and those in which the caller may look for marks; every other
/// is dropped unread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    Attendee,
    Begin,
    BusyStatus,
    BusyType,
    Categories,
    DtEnd,
    DtStart,
    Duration,
    End,
    EventType,
    ExDate,
    ExRule,
    FreeBusy,
    GroupWiseShowAs,
    HomeZone,
    IntendedStatus,
    Organizer,
    Priority,
    RDate,
    RRule,
    RecurrenceId,
    Sequence,
    Status,
    Summary,
    TitleOfCalendar,
    Transparency,
    TzId,
    TzOffsetFrom,
    TzOffsetTo,
    Uid,
}

/// The names that begin with each letter.
const A: &[(&[u8], Name)] = &[(b"ATTENDEE", Name::Attendee)];
const B: &[(&[u8], Name)] = &[(b"BEGIN", Name::Begin), (b"BUSYTYPE", Name::BusyType)];
const C: &[(&[u8], Name)] = &[(b"CATEGORIES", Name::Categories)];
const D: &[(&[u8], Name)] = &[
    (b"DTSTART", Name::DtStart),
    (b"DTEND", Name::DtEnd),
    (b"DURATION", Name::Duration),
];
const E: &[(&[u8], Name)] = &[
    (b"END", Name::End),
    (b"EXDATE", Name::ExDate),
    (b"EXRULE", Name::ExRule),
];
const F: &[(&[u8], Name)] = &[(b"FREEBUSY", Name::FreeBusy)];
const O: &[(&[u8], Name)] = &[(b"ORGANIZER", Name::Organizer)];
const P: &[(&[u8], Name)] = &[(b"PRIORITY", Name::Priority)];
const R: &[(&[u8], Name)] = &[
    (b"RRULE", Name::RRule),
    (b"RECURRENCE-ID", Name::RecurrenceId),
    (b"RDATE", Name::RDate),
];
const S: &[(&[u8], Name)] = &[
    (b"SUMMARY", Name::Summary),
    (b"STATUS", Name::Status),
    (b"SEQUENCE", Name::Sequence),
];
const T: &[(&[u8], Name)] = &[
    (b"TRANSP", Name::Transparency),
    (b"TZID", Name::TzId),
    (b"TZOFFSETFROM", Name::TzOffsetFrom),
    (b"TZOFFSETTO", Name::TzOffsetTo),
];
const U: &[(&[u8], Name)] = &[(b"UID", Name::Uid)];
const X: &[(&[u8], Name)] = &[
    (b"X-MICROSOFT-CDO-BUSYSTATUS", Name::BusyStatus),
    (b"X-MICROSOFT-CDO-INTENDEDSTATUS", Name::IntendedStatus),
    (b"X-WR-CALNAME", Name::TitleOfCalendar),
    (b"X-WR-TIMEZONE", Name::HomeZone),
    (b"X-GOOGLE-EVENT-TYPE", Name::EventType),
    (b"X-GOOGLE-EVENTTYPE", Name::EventType),
    (b"X-GWSHOW-AS", Name::GroupWiseShowAs),
];

/// No name is longer, and none that is folded fills a line.
pub(crate) const NAME_BYTES_MAX: usize = 32;

impl Name {
    /// The name at the beginning of a line, and its length.
    pub(crate) fn of(line: &[u8]) -> Option<(Self, usize)> {
        let names = match line.first()? {
            b'A' | b'a' => A,
            b'B' | b'b' => B,
            b'C' | b'c' => C,
            b'D' | b'd' => D,
            b'E' | b'e' => E,
            b'F' | b'f' => F,
            b'O' | b'o' => O,
            b'P' | b'p' => P,
            b'R' | b'r' => R,
            b'S' | b's' => S,
            b'T' | b't' => T,
            b'U' | b'u' => U,
            b'X' | b'x' => X,
            _ => return None,
        };
        names.iter().find_map(|(name, found)| {
            let is_whole = matches!(line.get(name.len()), Some(b':' | b';'));
            let is_it = is_whole && line[..name.len()].eq_ignore_ascii_case(name);
            is_it.then_some((*found, name.len()))
        })
    }
}

/// The parts of a line; values are as written, without the quotes around a parameter.
#[derive(Clone, Copy, Default)]
pub(crate) struct Property<'a> {
    pub(crate) value: &'a [u8],
    pub(crate) email: Option<&'a [u8]>,
    pub(crate) fb_type: Option<&'a [u8]>,
    pub(crate) part_stat: Option<&'a [u8]>,
    pub(crate) range: Option<&'a [u8]>,
    pub(crate) tzid: Option<&'a [u8]>,
    pub(crate) value_type: Option<&'a [u8]>,
}

impl<'a> Property<'a> {
    /// Splits what follows the name: parameters and value. `None` where no colon ends them.
    pub(crate) fn split(mut rest: &'a [u8]) -> Option<Self> {
        let mut property = Self::default();
        loop {
            match rest {
                [b':', value @ ..] => {
                    property.value = value;
                    return Some(property);
                }
                [b';', parameter @ ..] => {
                    let end = parameter
                        .iter()
                        .position(|byte| matches!(byte, b'=' | b':' | b';'))?;
                    let (name, after) = parameter.split_at(end);
                    rest = match after {
                        [b'=', value @ ..] => {
                            let (value, after) = parameter_value(value)?;
                            property.keep(name, value);
                            after
                        }
                        after => after,
                    };
                }
                _ => return None,
            }
        }
    }

    fn keep(&mut self, name: &[u8], value: &'a [u8]) {
        let (slot, whole): (_, &[u8]) = match name {
            [b'E' | b'e', ..] => (&mut self.email, b"EMAIL"),
            [b'F' | b'f', ..] => (&mut self.fb_type, b"FBTYPE"),
            [b'P' | b'p', ..] => (&mut self.part_stat, b"PARTSTAT"),
            [b'R' | b'r', ..] => (&mut self.range, b"RANGE"),
            [b'T' | b't', ..] => (&mut self.tzid, b"TZID"),
            [b'V' | b'v', ..] => (&mut self.value_type, b"VALUE"),
            _ => return,
        };
        if name.eq_ignore_ascii_case(whole) {
            *slot = Some(value);
        }
    }

    /// Whether the VALUE parameter says so.
    pub(crate) fn has_type(&self, name: &[u8]) -> bool {
        self.value_type
            .is_some_and(|value| value.eq_ignore_ascii_case(name))
    }
}

/// A parameter's value, perhaps quoted; of a list, from its first to its last member.
fn parameter_value(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut end = 0;
    loop {
        let tail = &bytes[end..];
        end += tail
            .iter()
            .position(|byte| matches!(byte, b'"' | b':' | b';'))?;
        if bytes[end] != b'"' {
            let (value, after) = bytes.split_at(end);
            let inner = value
                .strip_prefix(b"\"")
                .and_then(|value| value.strip_suffix(b"\""));
            return Some((inner.unwrap_or(value), after));
        }
        end += 1;
        end += memchr(b'"', &bytes[end..])? + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::{Name, Property};

    #[test]
    fn names_in_any_case() {
        assert_eq!(Name::of(b"DTSTART:1"), Some((Name::DtStart, 7)));
        assert_eq!(Name::of(b"dtstart;X=1:1"), Some((Name::DtStart, 7)));
        assert_eq!(Name::of(b"X-wr-TimeZone:UTC"), Some((Name::HomeZone, 13)));
        for none in [&b"DTSTAMP:1"[..], b"DTSTART", b"DTSTARTS:1", b"", b":"] {
            assert_eq!(Name::of(none), None);
        }
    }

    #[test]
    fn parameters_may_be_quoted_and_empty() {
        let line = br#";X;VALUE=date;TZID="A: b;c";CN="x","y":20260101"#;
        let property = Property::split(line).unwrap();
        assert_eq!(property.value, b"20260101");
        assert_eq!(property.tzid, Some(&b"A: b;c"[..]));
        assert!(property.has_type(b"DATE"));
        assert!(Property::split(b";TZID=A").is_none());
    }
}
