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
        let first = prefix(line.first_chunk()?);
        let (own, find) = BY_PREFIX[slot(first)];
        if own == first { find(line) } else { None }
    }
}

type Found = Option<(Name, usize)>;
type Find = fn(&[u8]) -> Found;

/// The names by their first four bytes, in lower case; colons, semicolons and hyphens stay what they are.
const NAMES: [(&[u8; 4], Find); 31] = [
    (b"atte", |line| whole(line, b"ATTENDEE", Name::Attendee)),
    (b"begi", |line| whole(line, b"BEGIN", Name::Begin)),
    (b"busy", |line| whole(line, b"BUSYTYPE", Name::BusyType)),
    (b"cate", |line| whole(line, b"CATEGORIES", Name::Categories)),
    (b"dten", |line| whole(line, b"DTEND", Name::DtEnd)),
    (b"dtst", |line| whole(line, b"DTSTART", Name::DtStart)),
    (b"dura", |line| whole(line, b"DURATION", Name::Duration)),
    (b"end:", |line| whole(line, b"END", Name::End)),
    (b"end;", |line| whole(line, b"END", Name::End)),
    (b"exda", |line| whole(line, b"EXDATE", Name::ExDate)),
    (b"exru", |line| whole(line, b"EXRULE", Name::ExRule)),
    (b"free", |line| whole(line, b"FREEBUSY", Name::FreeBusy)),
    (b"meth", |line| whole(line, b"METHOD", Name::Method)),
    (b"orga", |line| whole(line, b"ORGANIZER", Name::Organizer)),
    (b"prio", |line| whole(line, b"PRIORITY", Name::Priority)),
    (b"rdat", |line| whole(line, b"RDATE", Name::RDate)),
    (b"recu", |line| {
        whole(line, b"RECURRENCE-ID", Name::RecurrenceId)
    }),
    (b"rrul", |line| whole(line, b"RRULE", Name::RRule)),
    (b"sequ", |line| whole(line, b"SEQUENCE", Name::Sequence)),
    (b"stat", |line| whole(line, b"STATUS", Name::Status)),
    (b"summ", |line| whole(line, b"SUMMARY", Name::Summary)),
    (b"tran", |line| whole(line, b"TRANSP", Name::Transparency)),
    (b"tzid", |line| whole(line, b"TZID", Name::TzId)),
    (b"tzof", |line| {
        whole(line, b"TZOFFSETFROM", Name::TzOffsetFrom)
            .or_else(|| whole(line, b"TZOFFSETTO", Name::TzOffsetTo))
    }),
    (b"uid:", |line| whole(line, b"UID", Name::Uid)),
    (b"uid;", |line| whole(line, b"UID", Name::Uid)),
    (b"x-go", |line| {
        whole(line, b"X-GOOGLE-EVENT-TYPE", Name::EventType)
            .or_else(|| whole(line, b"X-GOOGLE-EVENTTYPE", Name::EventType))
    }),
    (b"x-gw", |line| {
        whole(line, b"X-GWSHOW-AS", Name::GroupWiseShowAs)
    }),
    (b"x-li", |line| {
        whole(line, b"X-LIC-LOCATION", Name::Location)
    }),
    (b"x-mi", |line| {
        whole(line, b"X-MICROSOFT-CDO-BUSYSTATUS", Name::BusyStatus).or_else(|| {
            whole(
                line,
                b"X-MICROSOFT-CDO-INTENDEDSTATUS",
                Name::IntendedStatus,
            )
        })
    }),
    (b"x-wr", |line| {
        whole(line, b"X-WR-CALNAME", Name::TitleOfCalendar)
            .or_else(|| whole(line, b"X-WR-TIMEZONE", Name::HomeZone))
    }),
];

/// [`NAMES`] by a number that their first bytes make: most lines of a file have other names, and a search
/// among these would cost more than all the rest of passing them by.
static BY_PREFIX: [(u32, Find); SLOTS] = {
    let mut table: [(u32, Find); SLOTS] = [(0, |_| None); SLOTS];
    let mut at = 0;
    while at < NAMES.len() {
        let (name, find) = NAMES[at];
        let first = prefix(name);
        assert!(
            table[slot(first)].0 == 0,
            "two names share a slot: choose another factor"
        );
        table[slot(first)] = (first, find);
        at += 1;
    }
    table
};

const SLOTS: usize = 1 << SLOT_BITS;
const SLOT_BITS: u32 = 6;

/// No two names share a slot with it.
const SLOT_FACTOR: u32 = 0xA6FA_0C13;

const fn slot(prefix: u32) -> usize {
    (prefix.wrapping_mul(SLOT_FACTOR) >> (u32::BITS - SLOT_BITS)) as usize
}

/// Four bytes as a number, letters in lower case.
const fn prefix(bytes: &[u8; 4]) -> u32 {
    u32::from_le_bytes(*bytes) | 0x2020_2020
}

/// What was found, where a line begins with the whole name.
#[inline]
fn whole<const N: usize>(line: &[u8], name: &[u8; N], found: Name) -> Found {
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
            Some((head, value)) if head == name || head.eq_ignore_ascii_case(name) => {
                *slot = Some(unquoted(value));
            }
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
