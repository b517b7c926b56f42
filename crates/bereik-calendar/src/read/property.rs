//! One content line as name, the parameters that bear on time, and value (RFC 5545 section 3.1).

use memchr::{memchr, memchr3};

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
    Location,
    Method,
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

/// No name is longer, and none that is folded fills a line.
pub(crate) const NAME_BYTES_MAX: usize = 32;

impl Name {
    /// The name at the beginning of a line, and its length.
    #[inline]
    pub(crate) fn of(line: &[u8]) -> Option<(Self, usize)> {
        let first: &[u8; 4] = line.first_chunk()?;
        // In lower case; colons, semicolons and hyphens stay what they are.
        match &first.map(|byte| byte | 0x20) {
            b"atte" => whole(line, b"ATTENDEE", Self::Attendee),
            b"begi" => whole(line, b"BEGIN", Self::Begin),
            b"busy" => whole(line, b"BUSYTYPE", Self::BusyType),
            b"cate" => whole(line, b"CATEGORIES", Self::Categories),
            b"dten" => whole(line, b"DTEND", Self::DtEnd),
            b"dtst" => whole(line, b"DTSTART", Self::DtStart),
            b"dura" => whole(line, b"DURATION", Self::Duration),
            b"end:" | b"end;" => whole(line, b"END", Self::End),
            b"exda" => whole(line, b"EXDATE", Self::ExDate),
            b"exru" => whole(line, b"EXRULE", Self::ExRule),
            b"free" => whole(line, b"FREEBUSY", Self::FreeBusy),
            b"meth" => whole(line, b"METHOD", Self::Method),
            b"orga" => whole(line, b"ORGANIZER", Self::Organizer),
            b"prio" => whole(line, b"PRIORITY", Self::Priority),
            b"rdat" => whole(line, b"RDATE", Self::RDate),
            b"recu" => whole(line, b"RECURRENCE-ID", Self::RecurrenceId),
            b"rrul" => whole(line, b"RRULE", Self::RRule),
            b"sequ" => whole(line, b"SEQUENCE", Self::Sequence),
            b"stat" => whole(line, b"STATUS", Self::Status),
            b"summ" => whole(line, b"SUMMARY", Self::Summary),
            b"tran" => whole(line, b"TRANSP", Self::Transparency),
            b"tzid" => whole(line, b"TZID", Self::TzId),
            b"tzof" => whole(line, b"TZOFFSETFROM", Self::TzOffsetFrom)
                .or_else(|| whole(line, b"TZOFFSETTO", Self::TzOffsetTo)),
            b"uid:" | b"uid;" => whole(line, b"UID", Self::Uid),
            b"x-go" => whole(line, b"X-GOOGLE-EVENT-TYPE", Self::EventType)
                .or_else(|| whole(line, b"X-GOOGLE-EVENTTYPE", Self::EventType)),
            b"x-gw" => whole(line, b"X-GWSHOW-AS", Self::GroupWiseShowAs),
            b"x-li" => whole(line, b"X-LIC-LOCATION", Self::Location),
            b"x-mi" => whole(line, b"X-MICROSOFT-CDO-BUSYSTATUS", Self::BusyStatus).or_else(|| {
                whole(
                    line,
                    b"X-MICROSOFT-CDO-INTENDEDSTATUS",
                    Self::IntendedStatus,
                )
            }),
            b"x-wr" => whole(line, b"X-WR-CALNAME", Self::TitleOfCalendar)
                .or_else(|| whole(line, b"X-WR-TIMEZONE", Self::HomeZone)),
            _ => None,
        }
    }
}

/// What was found, where a line begins with the whole name.
#[inline]
fn whole<const N: usize>(line: &[u8], name: &[u8; N], found: Name) -> Option<(Name, usize)> {
    let head: &[u8; N] = line.first_chunk()?;
    let is_it = head == name || head.eq_ignore_ascii_case(name);
    (is_it && is_name_over(&line[N..])).then_some((found, N))
}

/// Whether a name ends before this; some leave a blank behind it.
#[inline]
fn is_name_over(rest: &[u8]) -> bool {
    match rest {
        [b':' | b';', ..] => true,
        [b' ' | b'\t', ..] => {
            // As many as fit beside the longest name before it is taken to be folded.
            let mut rest = rest.iter().take(3);
            let next = rest.find(|byte| !matches!(byte, b' ' | b'\t'));
            matches!(next, Some(b':' | b';'))
        }
        _ => false,
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
    /// Takes in what follows a name: parameters and value. There is no value where no colon ends the
    /// parameters.
    #[inline]
    pub(crate) fn take_in(&mut self, rest: &'a [u8]) {
        self.value = match rest {
            [b':', value @ ..] => value,
            rest => self.keep_all(rest.trim_ascii_start()).unwrap_or_default(),
        };
    }

    /// Keeps the parameters, and gives the value behind them.
    fn keep_all(&mut self, rest: &'a [u8]) -> Option<&'a [u8]> {
        if let [b':', value @ ..] = rest {
            return Some(value);
        }
        // Behind the semicolon before a parameter.
        let mut rest = rest.get(1..)?;
        loop {
            let end = end_of_parameter(rest)?;
            let (parameter, after) = rest.split_at(end);
            self.keep(parameter);
            match after {
                [b':', value @ ..] => return Some(value),
                after => rest = after.get(1..)?,
            }
        }
    }

    fn keep(&mut self, parameter: &'a [u8]) {
        let parameter = parameter.trim_ascii_start();
        let (slot, name): (_, &[u8]) = match parameter {
            [b'E' | b'e', ..] => (&mut self.email, b"EMAIL="),
            [b'F' | b'f', ..] => (&mut self.fb_type, b"FBTYPE="),
            [b'P' | b'p', ..] => (&mut self.part_stat, b"PARTSTAT="),
            [b'R' | b'r', ..] => (&mut self.range, b"RANGE="),
            [b'T' | b't', ..] => (&mut self.tzid, b"TZID="),
            [b'V' | b'v', ..] => (&mut self.value_type, b"VALUE="),
            _ => return,
        };
        match parameter.split_at_checked(name.len()) {
            Some((head, value)) if head.eq_ignore_ascii_case(name) => *slot = Some(unquoted(value)),
            _ => {}
        }
    }

    /// Whether the VALUE parameter says so.
    pub(crate) fn has_type(&self, name: &[u8]) -> bool {
        self.value_type
            .is_some_and(|value| value.eq_ignore_ascii_case(name))
    }
}

/// Where a parameter ends: at a semicolon or colon that is not between quotes.
fn end_of_parameter(bytes: &[u8]) -> Option<usize> {
    let mut end = 0;
    loop {
        end += memchr3(b'"', b':', b';', &bytes[end..])?;
        if bytes[end] != b'"' {
            return Some(end);
        }
        end += 1;
        end += memchr(b'"', &bytes[end..])? + 1;
    }
}

/// A parameter's value without its quotes; of a list, from its first to its last member.
fn unquoted(value: &[u8]) -> &[u8] {
    let inner = value.strip_prefix(b"\"");
    let inner = inner.and_then(|value| value.strip_suffix(b"\""));
    inner.unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::{Name, Property};

    #[test]
    fn names_in_any_case() {
        assert_eq!(Name::of(b"DTSTART:1"), Some((Name::DtStart, 7)));
        assert_eq!(Name::of(b"dtstart;X=1:1"), Some((Name::DtStart, 7)));
        assert_eq!(Name::of(b"X-wr-TimeZone:UTC"), Some((Name::HomeZone, 13)));
        assert_eq!(Name::of(b"DTSTART : 1"), Some((Name::DtStart, 7)));
        for none in [
            &b"DTSTAMP:1"[..],
            b"DTSTART",
            b"DTSTARTS:1",
            b"DTSTART x:1",
            b"",
            b":",
        ] {
            assert_eq!(Name::of(none), None);
        }
    }

    #[test]
    fn parameters_may_be_quoted_and_empty() {
        let line = br#";X;VALUE=date;TZID="A: b;c";CN="x","y":20260101"#;
        let mut property = Property::default();
        property.take_in(line);
        assert_eq!(property.value, b"20260101");
        assert_eq!(property.tzid, Some(&b"A: b;c"[..]));
        assert!(property.has_type(b"DATE"));
        property.take_in(b" ; TZID=A : 1");
        assert_eq!(
            (property.value, property.tzid),
            (&b" 1"[..], Some(&b"A "[..]))
        );
        property.take_in(b";TZID=A");
        assert_eq!(property.value, b"");
    }
}
