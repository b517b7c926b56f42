//! The components of a calendar as typed values, without any text but UIDs and zone names.

use std::ops::Range;

use bereik_core::free_busy::FreeBusyKind;
use bereik_core::zone::Zone;

use crate::civil::DAY;
use crate::read::value::{Span, When};
use crate::recurrence::Rule;

/// How a time was written (RFC 5545 section 3.3.5), and in which zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A date alone, in the owner's zone.
    Date(Home),
    /// A wall time without a zone: the owner's.
    Floating(Home),
    Utc,
    /// A wall time in the zone at this place of the calendar's table.
    Zoned(u32),
}

/// Which of a file's calendars says what its owner's zone is: 0 is the first, any other number one more
/// than the zone's place in the table.
pub(crate) type Home = u32;

/// A DATE or DATE-TIME as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// The digits as seconds since 1970-01-01, whatever the zone; of a date, its midnight.
    pub(crate) written: i64,
    pub(crate) form: Form,
}

impl Stamp {
    /// A time in a zone, unless its value says otherwise; a date is its owner's.
    pub(crate) fn new(when: When, form: Form, home: Home) -> Self {
        match when {
            When::Date(day) => Self {
                written: i64::from(day) * DAY,
                form: Form::Date(home),
            },
            When::Utc(written) => Self {
                written,
                form: Form::Utc,
            },
            When::Wall(written) => Self { written, form },
        }
    }

    pub(crate) fn is_date(self) -> bool {
        matches!(self.form, Form::Date(_))
    }
}

/// A TZID that a file uses, and what it turned out to be.
#[derive(Clone, Debug)]
pub(crate) struct ZoneSlot {
    /// The line that first named it.
    pub(crate) line: u32,
    /// The database's zone of this name, where the file defines its own.
    pub(crate) database: Option<Zone>,
    pub(crate) zone: Option<Zone>,
    /// The file defines the zone, but its definition cannot be read.
    pub(crate) is_doubtful: bool,
}

/// How an event ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    At(Stamp),
    Lasts(Span),
    Missing,
    Unreadable,
}

/// How long a date that was added lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExtraEnd {
    At(Stamp),
    Lasts(Span),
    /// As long as the event.
    Same,
}

/// A stretch of one of the tables of [`Tables`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Slice {
    start: u32,
    end: u32,
}

impl Slice {
    /// An empty stretch at the end of a table.
    pub(crate) fn at_end<T>(table: &[T]) -> Self {
        let at = table.len() as u32;
        Self { start: at, end: at }
    }

    /// Appends to a table at whose end the stretch lies.
    pub(crate) fn push<T>(&mut self, table: &mut Vec<T>, value: T) {
        if self.is_empty() {
            *self = Self::at_end(table);
        }
        table.push(value);
        self.end = table.len() as u32;
    }

    /// As [`push`](Self::push), of several values.
    pub(crate) fn extend<T: Copy>(&mut self, table: &mut Vec<T>, values: &[T]) {
        if self.is_empty() {
            *self = Self::at_end(table);
        }
        table.extend_from_slice(values);
        self.end = table.len() as u32;
    }

    pub(crate) fn of<T>(self, table: &[T]) -> &[T] {
        let range: Range<usize> = self.start as usize..self.end as usize;
        table.get(range).unwrap_or_default()
    }

    pub(crate) fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    pub(crate) fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// What makes an event happen more than once, or not.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Recurrence {
    /// Of [`Tables::rules`].
    pub(crate) rules: Slice,
    /// Of [`Tables::except_rules`].
    pub(crate) except_rules: Slice,
    /// Of [`Tables::extra`].
    pub(crate) extra: Slice,
    /// Of [`Tables::except`].
    pub(crate) except: Slice,
}

/// What the events of a file share, so that each of them is small.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tables {
    /// UIDs, one after the other.
    pub(crate) uids: Vec<u8>,
    pub(crate) recurrences: Vec<Recurrence>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) except_rules: Vec<Rule>,
    pub(crate) extra: Vec<(Stamp, ExtraEnd)>,
    pub(crate) except: Vec<Stamp>,
    pub(crate) voices: Vec<Voice>,
}

impl Tables {
    /// Tables with room for what so many events usually have.
    pub(crate) fn for_events(events: usize) -> Self {
        Self {
            uids: Vec::with_capacity(events * 48),
            recurrences: Vec::with_capacity(events / 4),
            rules: Vec::with_capacity(events / 4),
            except_rules: Vec::new(),
            extra: Vec::new(),
            except: Vec::with_capacity(events / 2),
            voices: Vec::with_capacity(events),
        }
    }

    pub(crate) fn shrink(&mut self) {
        shrink(&mut self.uids);
        shrink(&mut self.recurrences);
        shrink(&mut self.rules);
        shrink(&mut self.except_rules);
        shrink(&mut self.extra);
        shrink(&mut self.except);
        shrink(&mut self.voices);
    }
}

/// Gives memory back where a quarter of it or more is not used.
pub(crate) fn shrink<T>(table: &mut Vec<T>) {
    if table.len() < table.capacity() / 4 * 3 {
        table.shrink_to_fit();
    }
}

/// An organizer, or an attendee with his answer to the invitation (RFC 5545 section 3.2.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Accepted,
    /// Declined or delegated: somebody else's time.
    Declined,
    Organizer,
    /// No PARTSTAT at all, which means needs-action unless the attendee organizes the event.
    Silent,
    /// Tentative, needs-action and whatever is not known.
    Tentative,
}

/// Somebody's role in an event: a number that stands for his address, with the role in its lowest bits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Voice(u64);

const ROLES: [Role; 5] = [
    Role::Accepted,
    Role::Declined,
    Role::Organizer,
    Role::Silent,
    Role::Tentative,
];
const ROLE_BITS: u64 = 7;

impl Voice {
    pub(crate) fn new(address: u64, role: Role) -> Self {
        Self(address | role as u64)
    }

    /// The number that stands for the address.
    pub(crate) fn address(self) -> u64 {
        self.0 & !ROLE_BITS
    }

    pub(crate) fn role(self) -> Role {
        let role = ROLES.get((self.0 & ROLE_BITS) as usize);
        *role.unwrap_or(&Role::Tentative)
    }
}

impl std::fmt::Debug for Voice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Voice").field(&self.role()).finish()
    }
}

/// A VEVENT, or an AVAILABLE of a VAVAILABILITY.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) line: u32,
    /// Of [`Tables::uids`]; empty where it has none.
    pub(crate) uid: Slice,
    pub(crate) sequence: i32,
    pub(crate) start: Option<Stamp>,
    /// Only the day of its start could be read.
    pub(crate) is_start_vague: bool,
    pub(crate) end: Ending,
    /// The instance that this event replaces, and whether also all after it.
    pub(crate) replaces: Option<Stamp>,
    pub(crate) replaces_after: bool,
    /// What it replaces, or which version of it this is, could not be read: it takes the place of nothing, and
    /// nothing takes its own.
    pub(crate) is_unranked: bool,
    /// The place in [`Tables::recurrences`], where it recurs.
    pub(crate) recurrence: Option<u32>,
    pub(crate) declared: Declared,
    /// Of [`Tables::voices`].
    pub(crate) voices: Slice,
    /// What the caller looked for in its text, and found: the channels that it opens, as bits, or the
    /// number of its title; 0 is nothing.
    pub(crate) found: u32,
    pub(crate) flaw: Flaw,
}

/// What an event says of the time it takes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Declared {
    pub(crate) is_cancelled: bool,
    pub(crate) is_tentative: bool,
    /// TRANSP says opaque, in so many words.
    pub(crate) is_opaque: bool,
    pub(crate) is_transparent: bool,
    /// Somebody's answer could not be read: it may be the owner's.
    pub(crate) is_answer_lost: bool,
    /// The owner's own word: free, tentative, busy, out of office, elsewhere.
    pub(crate) busy_status: Option<FreeBusyKind>,
    /// The organizer's wish, where the owner's word is missing.
    pub(crate) intended_status: Option<FreeBusyKind>,
    /// What kind of event a provider says it is.
    pub(crate) event_type: Option<FreeBusyKind>,
}

/// What could not be read of an event; the greater, the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Flaw {
    #[default]
    None,
    /// It may take any time from its start on.
    FromStart,
    /// It may take any time.
    Anywhere,
}

impl Event {
    pub(crate) fn new(line: u32) -> Self {
        Self {
            line,
            uid: Slice::default(),
            sequence: 0,
            start: None,
            is_start_vague: false,
            end: Ending::Missing,
            replaces: None,
            replaces_after: false,
            is_unranked: false,
            recurrence: None,
            declared: Declared::default(),
            voices: Slice::default(),
            found: 0,
            flaw: Flaw::None,
        }
    }

    pub(crate) fn recurrence_mut<'t>(
        &mut self,
        recurrences: &'t mut Vec<Recurrence>,
    ) -> &'t mut Recurrence {
        let at = *self.recurrence.get_or_insert(recurrences.len() as u32) as usize;
        if at == recurrences.len() {
            recurrences.push(Recurrence::default());
        }
        &mut recurrences[at]
    }

    pub(crate) fn flawed(&mut self, flaw: Flaw) {
        self.flaw = self.flaw.max(flaw);
    }
}

/// A VFREEBUSY (RFC 5545 section 3.6.4).
#[derive(Clone, Debug, Default)]
pub(crate) struct FreeBusyBlock {
    pub(crate) line: u32,
    pub(crate) start: Option<Stamp>,
    pub(crate) end: Option<Stamp>,
    /// Instead of an end (RFC 2445 section 4.6.4).
    pub(crate) duration: Option<Span>,
    /// It asks for free/busy time and tells none (RFC 5546 section 3.3.2).
    pub(crate) is_request: bool,
    /// Unix seconds, half-open.
    pub(crate) periods: Vec<(i64, i64, FreeBusyKind)>,
    pub(crate) is_flawed: bool,
}

/// A VAVAILABILITY (RFC 7953 section 3.1).
#[derive(Clone, Debug)]
pub(crate) struct Availability {
    pub(crate) frame: Event,
    /// 1 is the highest; 0, or none, is the lowest.
    pub(crate) priority: u8,
    pub(crate) otherwise: FreeBusyKind,
    pub(crate) available: Vec<Event>,
}

/// One STANDARD or DAYLIGHT of a VTIMEZONE (RFC 5545 section 3.6.5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Observance {
    pub(crate) start: Option<i64>,
    pub(crate) offset_from: Option<i32>,
    pub(crate) offset_to: Option<i32>,
    pub(crate) rules: Vec<Rule>,
    /// Wall seconds in `offset_from`.
    pub(crate) extra: Vec<i64>,
    pub(crate) is_flawed: bool,
}

/// A VTIMEZONE as written.
#[derive(Clone, Debug, Default)]
pub(crate) struct ZoneDefinition {
    pub(crate) line: u32,
    pub(crate) name: Vec<u8>,
    /// The zone of the database that it is said to be (X-LIC-LOCATION).
    pub(crate) location: Vec<u8>,
    pub(crate) observances: Vec<Observance>,
    pub(crate) is_flawed: bool,
}
