//! What a reader has taken in so far: tables, zone names, problems.

use super::event::stamp_in;
use super::property::{Name, Property};
use super::zones::ZoneNames;
use crate::component::{Form, Home, Slice, Stamp, Tables};
use crate::key::key_of;
use crate::limits::Limits;
use crate::marks::Marks;
use crate::problem::{ProblemReason, Problems};
use crate::shifts::ShiftNames;

/// What the caller looks for in the text of events, which is matched and then dropped.
#[derive(Clone, Copy)]
pub(crate) enum Looking<'l> {
    ForMarks(&'l Marks),
    ForNames(&'l ShiftNames),
    Nowhere,
}

/// What all components of a file share while it is read.
pub(crate) struct Intake<'l> {
    pub(super) limits: &'l Limits,
    pub(super) looking: Looking<'l>,
    pub(super) tables: Tables,
    pub(super) zones: ZoneNames,
    pub(super) problems: Problems,
    /// The zone that the file's first calendar names as its owner's, and the line.
    pub(super) home_zone: Option<(u32, Box<[u8]>)>,
    /// The calendar is a request (METHOD, RFC 5546).
    pub(super) is_request: bool,
    /// Whose zone dates and floating times are in.
    pub(super) home: Home,
    /// A number for the last UID, the same for the same UID.
    pub(super) uid_key: u64,
}

impl<'l> Intake<'l> {
    /// With room for so many events.
    pub(super) fn new(limits: &'l Limits, looking: Looking<'l>, events: usize) -> Self {
        Self {
            limits,
            looking,
            tables: Tables::for_events(events),
            zones: ZoneNames::default(),
            problems: Problems::up_to(limits.problems_max()),
            home_zone: None,
            is_request: false,
            home: 0,
            uid_key: 0,
        }
    }

    pub(super) fn problem(&mut self, line: u32, reason: ProblemReason) {
        self.problems.push(line, reason);
    }

    pub(super) fn keep_uid(&mut self, uid: &[u8]) -> Slice {
        self.uid_key = key_of(uid);
        let mut slice = Slice::at_end(&self.tables.uids);
        slice.extend(&mut self.tables.uids, uid);
        slice
    }

    /// The time that a property gives, in its zone.
    pub(super) fn stamp(&mut self, line: u32, property: &Property<'_>) -> Option<Stamp> {
        let form = self.form_of(line, property);
        stamp_in(property.value, form, self.home, property)
    }

    /// The zone of a property's wall times.
    pub(super) fn form_of(&mut self, line: u32, property: &Property<'_>) -> Form {
        let name = property.tzid.map(<[u8]>::trim_ascii).unwrap_or_default();
        // Dates and times in UTC are in no other zone, whatever is said beside them.
        let needs_none = matches!(
            property.value.trim_ascii(),
            [.., b'Z' | b'z'] | [_, _, _, _, _, _, _, _]
        );
        match name {
            _ if needs_none => Form::Floating(self.home),
            [] => Form::Floating(self.home),
            name => Form::Zoned(self.zones.place_of(line, name)),
        }
    }
}

impl Looking<'_> {
    /// Whether a property that bears on no time is looked at.
    pub(super) fn wants(self, name: Name) -> bool {
        match name {
            Name::Categories => matches!(self, Self::ForMarks(_)),
            Name::Summary => !matches!(self, Self::Nowhere),
            _ => true,
        }
    }

    pub(super) fn channels_of_categories(self, text: &[u8]) -> u32 {
        match self {
            Self::ForMarks(marks) => marks.channels_of_categories(text),
            _ => 0,
        }
    }

    pub(super) fn found_in_title(self, text: &[u8]) -> u32 {
        match self {
            Self::ForMarks(marks) => marks.channels_of_title(text),
            Self::ForNames(names) => names.number_of_title(text),
            Self::Nowhere => 0,
        }
    }
}
