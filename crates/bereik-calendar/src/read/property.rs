//! One content line as name, the parameters that bear on time, and value (RFC 5545 section 3.1).

use memchr::{memchr, memchr3};

/// The properties that bear on time; every other is dropped unread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    Attendee,
    Begin,
    BusyStatus,
    BusyType,
    TitleOfCalendar,
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
    Transparency,
    TzId,
    TzOffsetFrom,
    TzOffsetTo,
    Uid,
}

impl Name {
    pub(crate) fn of(name: &[u8]) -> Option<Self> {
        if name.len() > 32 {
            return None;
        }
        Self::of_upper(name).or_else(|| {
            name.iter()
                .any(u8::is_ascii_lowercase)
                .then(|| Self::of_upper(&name.to_ascii_uppercase()))
                .flatten()
        })
    }

    fn of_upper(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"ATTENDEE" => Self::Attendee,
            b"BEGIN" => Self::Begin,
            b"BUSYTYPE" => Self::BusyType,
            b"DTEND" => Self::DtEnd,
            b"DTSTART" => Self::DtStart,
            b"DURATION" => Self::Duration,
            b"END" => Self::End,
            b"EXDATE" => Self::ExDate,
            b"EXRULE" => Self::ExRule,
            b"FREEBUSY" => Self::FreeBusy,
            b"ORGANIZER" => Self::Organizer,
            b"PRIORITY" => Self::Priority,
            b"RDATE" => Self::RDate,
            b"RECURRENCE-ID" => Self::RecurrenceId,
            b"RRULE" => Self::RRule,
            b"SEQUENCE" => Self::Sequence,
            b"STATUS" => Self::Status,
            b"TRANSP" => Self::Transparency,
            b"TZID" => Self::TzId,
            b"TZOFFSETFROM" => Self::TzOffsetFrom,
            b"TZOFFSETTO" => Self::TzOffsetTo,
            b"UID" => Self::Uid,
            b"X-GOOGLE-EVENT-TYPE" | b"X-GOOGLE-EVENTTYPE" => Self::EventType,
            b"X-GWSHOW-AS" => Self::GroupWiseShowAs,
            b"X-MICROSOFT-CDO-BUSYSTATUS" => Self::BusyStatus,
            b"X-MICROSOFT-CDO-INTENDEDSTATUS" => Self::IntendedStatus,
            b"X-WR-CALNAME" => Self::TitleOfCalendar,
            b"X-WR-TIMEZONE" => Self::HomeZone,
            _ => return None,
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
            match rest.split_first()? {
                (b':', value) => {
                    property.value = value;
                    return Some(property);
                }
                (b';', parameter) => {
                    let (name, after) = until(parameter, b'=', b':', b';')?;
                    let Some(value) = after.strip_prefix(b"=") else {
                        rest = after;
                        continue;
                    };
                    let (value, after) = parameter_value(value)?;
                    property.keep(name, value);
                    rest = after;
                }
                _ => return None,
            }
        }
    }

    fn keep(&mut self, name: &[u8], value: &'a [u8]) {
        let slot = match name.to_ascii_uppercase().as_slice() {
            b"EMAIL" => &mut self.email,
            b"FBTYPE" => &mut self.fb_type,
            b"PARTSTAT" => &mut self.part_stat,
            b"RANGE" => &mut self.range,
            b"TZID" => &mut self.tzid,
            b"VALUE" => &mut self.value_type,
            _ => return,
        };
        *slot = Some(value);
    }

    /// Whether the VALUE parameter says so.
    pub(crate) fn has_type(&self, name: &[u8]) -> bool {
        self.value_type
            .is_some_and(|value| value.eq_ignore_ascii_case(name))
    }
}

fn until(bytes: &[u8], a: u8, b: u8, c: u8) -> Option<(&[u8], &[u8])> {
    memchr3(a, b, c, bytes).map(|at| bytes.split_at(at))
}

/// A parameter's value, perhaps quoted; of a list, from its first to its last member.
fn parameter_value(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut end = 0;
    loop {
        let tail = &bytes[end..];
        let at = memchr3(b'"', b':', b';', tail)?;
        if tail[at] != b'"' {
            let value = &bytes[..end + at];
            let inner = value
                .strip_prefix(b"\"")
                .and_then(|v| v.strip_suffix(b"\""));
            return Some((inner.unwrap_or(value), &bytes[end + at..]));
        }
        let close = memchr(b'"', &tail[at + 1..])?;
        end += at + 1 + close + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::Property;

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
