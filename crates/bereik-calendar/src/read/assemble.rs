//! Lines to components: which are open, which are kept, and what is wrong with their nesting.

use bereik_core::free_busy::FreeBusyKind;

use super::event;
use super::intake::{Intake, Looking};
use super::observance;
use super::property::{Name, Property};
use super::value;
use crate::calendar::{Calendar, Parts};
use crate::component::{Availability, Event, Flaw, FreeBusyBlock, Observance, ZoneDefinition};
use crate::key::address_key;
use crate::limits::Limits;
use crate::problem::ProblemReason;

/// Events of busy calendars take about so many bytes of a file; memory is taken for so many at once.
const BYTES_PER_EVENT: usize = 800;

/// A component whose END has not come yet.
struct Open {
    name: ComponentName,
    line: u32,
    content: Content,
}

/// The name of a component, in upper case.
#[derive(PartialEq, Eq)]
enum ComponentName {
    Known(&'static [u8]),
    Other(Box<[u8]>),
}

const KNOWN: [&[u8]; 11] = [
    b"VEVENT",
    b"VALARM",
    b"VCALENDAR",
    b"VTIMEZONE",
    b"STANDARD",
    b"DAYLIGHT",
    b"VFREEBUSY",
    b"VAVAILABILITY",
    b"AVAILABLE",
    b"VTODO",
    b"VJOURNAL",
];

impl ComponentName {
    fn new(name: &[u8]) -> Self {
        let same = KNOWN.iter().find(|known| **known == name);
        match same.or_else(|| KNOWN.iter().find(|known| known.eq_ignore_ascii_case(name))) {
            Some(known) => Self::Known(known),
            None => Self::Other(name.to_ascii_uppercase().into()),
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Known(name) => name,
            Self::Other(name) => name,
        }
    }
}

enum Content {
    Availability(Box<Availability>),
    Available(Box<Event>),
    Calendar,
    /// The last of the events; here is the number that stands for its UID.
    Event(u64),
    FreeBusy(FreeBusyBlock),
    Ignored,
    Observance(Box<Observance>),
    Zone(ZoneDefinition),
}

/// Collects a calendar line by line.
pub(crate) struct Assembler<'l> {
    intake: Intake<'l>,
    stack: Vec<Open>,
    /// Components open beyond the depth limit.
    too_deep: usize,
    is_depth_told: bool,
    components: usize,
    is_full: bool,
    /// Calendars that have begun.
    calendars: usize,
    parts: Parts,
    /// A number for the UID of each event, the same for the same UID; 0 for none.
    uid_keys: Vec<u64>,
}

impl<'l> Assembler<'l> {
    /// For a file of so many bytes.
    pub(crate) fn new(limits: &'l Limits, looking: Looking<'l>, bytes: usize) -> Self {
        let events = (bytes / BYTES_PER_EVENT).min(limits.components_max());
        Self {
            intake: Intake::new(limits, looking, events),
            stack: Vec::new(),
            too_deep: 0,
            is_depth_told: false,
            components: 0,
            is_full: false,
            calendars: 0,
            parts: Parts {
                events: Vec::with_capacity(events),
                ..Parts::default()
            },
            uid_keys: Vec::with_capacity(events),
        }
    }

    /// Whether a property of this name is worth unfolding now.
    #[inline]
    pub(crate) fn wants(&self, name: Name) -> bool {
        if matches!(name, Name::Begin | Name::End) {
            return true;
        }
        let is_ignored = |open: &Open| matches!(open.content, Content::Ignored);
        self.too_deep == 0
            && self.intake.looking.wants(name)
            && self.stack.last().is_some_and(|open| !is_ignored(open))
    }

    /// Whether nothing more is read.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full
    }

    /// Notes that a part of the file is not read: everything may be hidden there.
    pub(crate) fn lose(&mut self, line: u32, reason: ProblemReason) {
        self.intake.problems.push_always(line, reason);
        self.parts.lost_at.get_or_insert(line);
    }

    pub(crate) fn property(&mut self, line: u32, name: Name, property: &Property<'_>) {
        match name {
            Name::Begin => return self.begin(line, property.value.trim_ascii()),
            Name::End => return self.end(line, property.value.trim_ascii()),
            _ => {}
        }
        let Some(open) = self.stack.last_mut() else {
            return;
        };
        let intake = &mut self.intake;
        match &mut open.content {
            Content::Event(key) => {
                if let Some(event) = self.parts.events.last_mut() {
                    event::property(intake, event, line, name, property);
                }
                if name == Name::Uid {
                    *key = intake.uid_key;
                }
            }
            Content::Available(event) => event::property(intake, event, line, name, property),
            Content::Availability(availability) => {
                availability_property(intake, availability, line, name, property);
            }
            Content::Calendar => {
                let is_later = self.calendars > 1;
                calendar_property(intake, &mut self.parts, is_later, line, name, property);
            }
            Content::FreeBusy(block) => free_busy_property(intake, block, line, name, property),
            Content::Observance(observance) => {
                observance::property(observance, name, property, intake.limits.dates_max());
            }
            Content::Zone(zone) => match name {
                Name::Location => zone.location = property.value.trim_ascii().into(),
                Name::TzId => zone.name = property.value.trim_ascii().into(),
                _ => {}
            },
            Content::Ignored => {}
        }
    }

    /// A line that matters was longer than the limit.
    pub(crate) fn too_long(&mut self, line: u32, name: Name) {
        if matches!(name, Name::Begin | Name::End) {
            // What it begins or ends is anybody's guess.
            self.intake.problem(line, ProblemReason::TooLongLine);
            self.parts.lost_at.get_or_insert(line);
            return;
        }
        self.intake.problem(line, ProblemReason::TooLongLine);
        match self.stack.last_mut().map(|open| &mut open.content) {
            Some(Content::Event(_)) => {
                let event = self.parts.events.last_mut();
                event.into_iter().for_each(|event| lose_line(event, name));
            }
            Some(Content::Available(event)) => lose_line(event, name),
            Some(Content::Availability(availability)) => availability.frame.flawed(Flaw::Anywhere),
            Some(Content::FreeBusy(block)) => block.is_flawed = true,
            Some(Content::Observance(observance)) => observance.is_flawed = true,
            Some(Content::Zone(zone)) => zone.is_flawed = true,
            Some(Content::Calendar) if name == Name::HomeZone => {
                let (intake, parts) = (&mut self.intake, &mut self.parts);
                let none = Property::default();
                calendar_property(intake, parts, self.calendars > 1, line, name, &none);
            }
            _ => {}
        }
    }

    fn begin(&mut self, line: u32, name: &[u8]) {
        self.components += 1;
        if self.components > self.intake.limits.components_max() {
            self.is_full = true;
            return self.lose(line, ProblemReason::TooManyComponents);
        }
        if self.too_deep > 0 || self.stack.len() >= self.intake.limits.depth_max() {
            if self.too_deep == 0 && self.is_depth_told {
                self.intake.problem(line, ProblemReason::Depth);
            } else if self.too_deep == 0 {
                self.lose(line, ProblemReason::Depth);
                self.is_depth_told = true;
            }
            self.too_deep += 1;
            return;
        }
        let name = ComponentName::new(name);
        if is_never_inside(name.bytes()) && self.is_inside_component() {
            self.intake.problem(line, ProblemReason::Nesting);
            while self
                .stack
                .last()
                .is_some_and(|open| !matches!(open.content, Content::Calendar))
            {
                self.close();
            }
        }
        let content = self.content_of(name.bytes(), line);
        if matches!(content, Content::Calendar) {
            self.calendars += 1;
            self.intake.home = 0;
            self.intake.is_request = false;
        }
        self.stack.push(Open {
            name,
            line,
            content,
        });
    }

    /// Whether a component is open that holds no events.
    fn is_inside_component(&self) -> bool {
        let mut open = self.stack.iter();
        open.any(|open| {
            matches!(
                open.name.bytes(),
                b"VEVENT" | b"VFREEBUSY" | b"VJOURNAL" | b"VTODO"
            )
        })
    }

    fn content_of(&mut self, name: &[u8], line: u32) -> Content {
        let parent = self.stack.last().map(|open| &open.content);
        let is_top = matches!(parent, None | Some(Content::Calendar));
        match name {
            b"VCALENDAR" if is_top => Content::Calendar,
            b"VEVENT" if is_top => {
                self.parts.events.push(Event::new(line));
                Content::Event(0)
            }
            b"VFREEBUSY" if is_top => Content::FreeBusy(FreeBusyBlock {
                line,
                is_request: self.intake.is_request,
                ..FreeBusyBlock::default()
            }),
            b"VTIMEZONE" if is_top => Content::Zone(ZoneDefinition {
                line,
                ..ZoneDefinition::default()
            }),
            b"STANDARD" | b"DAYLIGHT" if matches!(parent, Some(Content::Zone(_))) => {
                Content::Observance(Box::default())
            }
            b"VAVAILABILITY" if is_top => Content::Availability(Box::new(Availability {
                frame: Event::new(line),
                priority: 0,
                otherwise: FreeBusyKind::OutOfOffice,
                available: Vec::new(),
            })),
            b"AVAILABLE" if matches!(parent, Some(Content::Availability(_))) => {
                Content::Available(Box::new(Event::new(line)))
            }
            _ => Content::Ignored,
        }
    }

    fn end(&mut self, line: u32, name: &[u8]) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let is_named = |open: &Open| {
            let own = open.name.bytes();
            own == name || own.eq_ignore_ascii_case(name)
        };
        match self.stack.iter().rposition(is_named) {
            None => self.intake.problem(line, ProblemReason::Nesting),
            Some(at) => {
                if at + 1 < self.stack.len() {
                    self.intake.problem(line, ProblemReason::Nesting);
                }
                while self.stack.len() > at {
                    self.close();
                }
            }
        }
    }

    /// Takes the innermost component as it is.
    fn close(&mut self) {
        let Some(open) = self.stack.pop() else { return };
        let parent = self.stack.last_mut().map(|open| &mut open.content);
        match (open.content, parent) {
            (Content::Event(key), _) => self.keep_event(key),
            (Content::FreeBusy(block), _) => {
                if block.is_flawed {
                    self.parts.lost_at.get_or_insert(block.line);
                }
                self.parts.blocks.push(block);
            }
            (Content::Zone(zone), _) => self.intake.zones.define(zone, self.calendars),
            (Content::Observance(observance), Some(Content::Zone(zone))) => {
                zone.observances.push(*observance);
            }
            (Content::Availability(availability), _) => {
                self.parts.availabilities.push(*availability);
            }
            (Content::Available(event), Some(Content::Availability(availability))) => {
                availability.available.push(*event);
            }
            _ => {}
        }
    }

    /// Keeps the last event, unless it takes no time.
    fn keep_event(&mut self, key: u64) {
        let Some(event) = self.parts.events.last_mut() else {
            return;
        };
        if event.start.is_none() && event.flaw < Flaw::Anywhere {
            event.start = event.replaces;
            if event.start.is_none() {
                let line = event.line;
                self.parts.events.pop();
                return self.intake.problem(line, ProblemReason::NoStart);
            }
        }
        self.uid_keys.push(key);
    }

    pub(crate) fn finish(mut self) -> Calendar {
        if self.calendars == 0 && !self.is_full {
            self.lose(1, ProblemReason::NotACalendar);
        }
        if let Some(open) = self.stack.last() {
            let begun = open.line;
            if !self.is_full {
                self.lose(begun.max(1), ProblemReason::CutOff);
            }
        }
        while !self.stack.is_empty() {
            self.close();
        }
        let Self {
            mut intake,
            mut parts,
            uid_keys,
            ..
        } = self;
        let (limits, problems) = (intake.limits, &mut intake.problems);
        parts.zones = intake.zones.resolve(limits, problems);
        if let Some((line, name)) = intake.home_zone {
            parts.home = intake.zones.home(&name, limits);
            if parts.home.is_none() {
                problems.push(line, ProblemReason::ZoneName);
                parts.is_home_lost = true;
            }
        }
        parts.tables = intake.tables;
        Calendar::new(parts, &uid_keys, intake.problems, limits)
    }
}

/// An event lost a line that matters.
fn lose_line(event: &mut Event, name: Name) {
    match name {
        Name::Attendee | Name::Organizer => event.declared.is_answer_lost = true,
        Name::Categories | Name::Summary => {}
        Name::RecurrenceId | Name::Sequence => {
            event.is_unranked = true;
            event.flawed(Flaw::Anywhere);
        }
        _ => event.flawed(Flaw::Anywhere),
    }
}

/// A property of the calendar itself. A later calendar of a file may have another owner and another
/// zone.
fn calendar_property(
    intake: &mut Intake<'_>,
    parts: &mut Parts,
    is_later: bool,
    line: u32,
    name: Name,
    property: &Property<'_>,
) {
    let text = property.value.trim_ascii();
    match name {
        Name::Method => intake.is_request = text.eq_ignore_ascii_case(b"REQUEST"),
        Name::HomeZone if !is_later => intake.home_zone = Some((line, text.into())),
        Name::HomeZone => {
            let first = intake.home_zone.as_ref().map(|(_, name)| &**name);
            intake.home = match first == Some(text) {
                true => 0,
                false => intake.zones.place_of(line, text) + 1,
            };
        }
        Name::TitleOfCalendar => {
            let owner = address_key(text);
            // The answers of one are not those of the other.
            parts.owner = owner.filter(|_| !is_later || parts.owner == owner);
        }
        _ => {}
    }
}

/// Whether no component may hold one of these.
fn is_never_inside(name: &[u8]) -> bool {
    matches!(name, b"VEVENT" | b"VFREEBUSY" | b"VJOURNAL" | b"VTODO")
}

fn free_busy_property(
    intake: &mut Intake<'_>,
    block: &mut FreeBusyBlock,
    line: u32,
    name: Name,
    property: &Property<'_>,
) {
    match name {
        Name::DtStart => block.start = intake.stamp(line, property),
        Name::DtEnd => block.end = intake.stamp(line, property),
        Name::Duration => block.duration = value::duration(property.value),
        Name::FreeBusy => {
            let kind = event::free_busy_kind(property.fb_type);
            for period in event::members(property.value) {
                let Some((start, end)) = event::utc_period(period) else {
                    intake.problem(line, ProblemReason::FreeBusyPeriod);
                    block.is_flawed = true;
                    continue;
                };
                if block.periods.len() == intake.limits.dates_max() {
                    intake.problem(line, ProblemReason::TooManyDates);
                    block.is_flawed = true;
                    return;
                }
                block.periods.push((start, end, kind));
            }
        }
        _ => {}
    }
}

fn availability_property(
    intake: &mut Intake<'_>,
    availability: &mut Availability,
    line: u32,
    name: Name,
    property: &Property<'_>,
) {
    match name {
        Name::Priority => {
            let priority = value::integer(property.value.trim_ascii()).unwrap_or(0);
            availability.priority = u8::try_from(priority).unwrap_or(0).min(9);
        }
        Name::BusyType => {
            availability.otherwise = event::free_busy_kind(Some(property.value.trim_ascii()));
        }
        Name::DtStart | Name::DtEnd | Name::Duration => {
            event::property(intake, &mut availability.frame, line, name, property);
        }
        _ => {}
    }
}
