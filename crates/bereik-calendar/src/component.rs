//! The components of a calendar as typed values, without any text but UIDs and zone names.

use bereik_core::free_busy::FreeBusyKind;
use bereik_core::zone::Zone;

use crate::read::value::{Span, When};
use crate::recurrence::Rule;

/// Which zone a time as written is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ZoneRef {
    /// The owner's (RFC 5545 section 3.3.5, form 1).
    Floating,
    /// The zone at this place of the calendar's table.
    Named(u32),
}

/// A DATE or DATE-TIME with its zone; the zone matters for wall times only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) when: When,
    pub(crate) zone: ZoneRef,
}

/// A TZID that a file uses, and what it turned out to be.
#[derive(Clone, Debug)]
pub(crate) struct ZoneSlot {
    /// The line that first named it.
    pub(crate) line: usize,
    /// The database's zone of this name, where the file defines its own.
    pub(crate) database: Option<Zone>,
    pub(crate) zone: Option<Zone>,
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

/// What makes an event happen more than once, or not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recurrence {
    pub(crate) rules: Vec<Rule>,
    pub(crate) except_rules: Vec<Rule>,
    pub(crate) extra: Vec<(Stamp, ExtraEnd)>,
    pub(crate) except: Vec<Stamp>,
}

/// An answer to an invitation that is not an acceptance (RFC 5545 section 3.2.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Accepted,
    /// Declined or delegated: somebody else's time.
    Declined,
    /// No PARTSTAT at all, which means needs-action unless the attendee organizes the event.
    Silent,
    /// Tentative, needs-action and whatever is not known.
    Tentative,
}

/// A VEVENT, or an AVAILABLE of a VAVAILABILITY.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) line: usize,
    pub(crate) uid: Option<Box<str>>,
    pub(crate) sequence: i32,
    pub(crate) start: Option<Stamp>,
    pub(crate) end: Ending,
    pub(crate) recurrence: Option<Box<Recurrence>>,
    /// The instance that this event replaces, and whether also all after it.
    pub(crate) replaces: Option<(Stamp, bool)>,
    pub(crate) marks: Marks,
    pub(crate) answers: Vec<(u64, Answer)>,
    pub(crate) organizer: Option<u64>,
    pub(crate) flaw: Flaw,
}

/// What an event says of the time it takes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Marks {
    pub(crate) is_cancelled: bool,
    pub(crate) is_tentative: bool,
    /// TRANSP says opaque, in so many words.
    pub(crate) is_opaque: bool,
    pub(crate) is_transparent: bool,
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
    pub(crate) fn new(line: usize) -> Self {
        Self {
            line,
            uid: None,
            sequence: 0,
            start: None,
            end: Ending::Missing,
            recurrence: None,
            replaces: None,
            marks: Marks::default(),
            answers: Vec::new(),
            organizer: None,
            flaw: Flaw::None,
        }
    }

    pub(crate) fn recurrence_mut(&mut self) -> &mut Recurrence {
        self.recurrence.get_or_insert_default()
    }

    pub(crate) fn flawed(&mut self, flaw: Flaw) {
        self.flaw = self.flaw.max(flaw);
    }
}

/// A VFREEBUSY (RFC 5545 section 3.6.4).
#[derive(Clone, Debug, Default)]
pub(crate) struct FreeBusyBlock {
    pub(crate) start: Option<Stamp>,
    pub(crate) end: Option<Stamp>,
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
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
pub(crate) struct ZoneDefinition {
    pub(crate) line: usize,
    pub(crate) name: Vec<u8>,
    pub(crate) observances: Vec<Observance>,
    pub(crate) is_flawed: bool,
}
