//! Lines to components: which are open, which are kept, and what is wrong with their nesting.

use std::collections::HashMap;

use bereik_core::free_busy::FreeBusyKind;
use bereik_core::zone::Zone;

use super::event;
use super::property::{Name, Property};
use super::value::{self, When};
use crate::calendar::{Calendar, Parts};
use crate::component::{
    Availability, Event, Flaw, FreeBusyBlock, Observance, Stamp, ZoneDefinition, ZoneRef, ZoneSlot,
};
use crate::limits::Limits;
use crate::problem::{ProblemReason, Problems};
use crate::reading::address_key;
use crate::recurrence::{Budget, Rule};
use crate::{vtimezone, zone_name};

/// More zone names than this in one file are not looked up.
const ZONES_MAX: usize = 1_000;

/// A component whose END has not come yet.
struct Open {
    name: Box<[u8]>,
    line: usize,
    content: Content,
}

enum Content {
    Availability(Box<Availability>),
    Available(Box<Event>),
    Calendar,
    Event(Box<Event>),
    FreeBusy(FreeBusyBlock),
    Ignored,
    Observance(Observance),
    Zone(ZoneDefinition),
}

/// Collects a calendar line by line.
pub(crate) struct Assembler<'l> {
    limits: &'l Limits,
    stack: Vec<Open>,
    /// Components open beyond the depth limit.
    too_deep: usize,
    components: usize,
    is_full: bool,
    has_calendar: bool,
    definitions: Vec<ZoneDefinition>,
    zone_names: HashMap<Box<[u8]>, u32>,
    zone_lines: Vec<usize>,
    home_zone: Option<(usize, Box<[u8]>)>,
    problems: Problems,
    parts: Parts,
}

impl<'l> Assembler<'l> {
    pub(crate) fn new(limits: &'l Limits) -> Self {
        Self {
            limits,
            stack: Vec::new(),
            too_deep: 0,
            components: 0,
            is_full: false,
            has_calendar: false,
            definitions: Vec::new(),
            zone_names: HashMap::new(),
            zone_lines: Vec::new(),
            home_zone: None,
            problems: Problems::up_to(limits.problems_max()),
            parts: Parts::default(),
        }
    }

    /// Whether a property of this name is worth unfolding now.
    pub(crate) fn wants(&self, name: Name) -> bool {
        if matches!(name, Name::Begin | Name::End) {
            return true;
        }
        let is_ignored = |open: &Open| matches!(open.content, Content::Ignored);
        self.too_deep == 0 && self.stack.last().is_some_and(|open| !is_ignored(open))
    }

    /// Whether nothing more is read.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full
    }

    /// Notes that a part of the file is not read: everything may be hidden there.
    pub(crate) fn lose(&mut self, line: usize, reason: ProblemReason) {
        self.problems.push_always(line, reason);
        self.parts.is_incomplete = true;
    }

    pub(crate) fn property(&mut self, line: usize, name: Name, property: &Property<'_>) {
        match name {
            Name::Begin => self.begin(line, property.value.trim_ascii()),
            Name::End => self.end(line, property.value.trim_ascii()),
            name => self.content_property(line, name, property),
        }
    }

    fn content_property(&mut self, line: usize, name: Name, property: &Property<'_>) {
        let Some(mut open) = self.stack.pop() else {
            return;
        };
        match &mut open.content {
            Content::Event(event) | Content::Available(event) => {
                event::property(self, event, line, name, property);
            }
            Content::Availability(availability) => {
                self.availability_property(availability, line, name, property);
            }
            Content::Calendar => self.calendar_property(line, name, property),
            Content::FreeBusy(block) => self.free_busy_property(block, line, name, property),
            Content::Observance(observance) => {
                observance_property(observance, name, property, self.limits.dates_max());
            }
            Content::Zone(zone) if name == Name::TzId => {
                zone.name = property.value.trim_ascii().into();
            }
            Content::Zone(_) | Content::Ignored => {}
        }
        self.stack.push(open);
    }

    /// A line that matters was longer than the limit.
    pub(crate) fn too_long(&mut self, line: usize, name: Name) {
        self.problems.push(line, ProblemReason::TooLongLine);
        match self.stack.last_mut().map(|open| &mut open.content) {
            Some(Content::Event(event) | Content::Available(event))
                if !matches!(name, Name::Attendee | Name::Organizer) =>
            {
                event.flawed(Flaw::Anywhere);
            }
            Some(Content::Availability(availability)) => availability.frame.flawed(Flaw::Anywhere),
            Some(Content::FreeBusy(block)) => block.is_flawed = true,
            Some(Content::Observance(observance)) => observance.is_flawed = true,
            Some(Content::Zone(zone)) => zone.is_flawed = true,
            _ => {}
        }
    }

    fn begin(&mut self, line: usize, name: &[u8]) {
        self.components += 1;
        if self.components > self.limits.components_max() {
            self.is_full = true;
            return self.lose(line, ProblemReason::TooManyComponents);
        }
        if self.too_deep > 0 || self.stack.len() >= self.limits.depth_max() {
            if self.too_deep == 0 {
                self.lose(line, ProblemReason::Depth);
            }
            self.too_deep += 1;
            return;
        }
        let upper = name.to_ascii_uppercase();
        let is_top = matches!(
            upper.as_slice(),
            b"VEVENT" | b"VTODO" | b"VJOURNAL" | b"VFREEBUSY"
        );
        let is_inside = |open: &Open| {
            matches!(open.content, Content::Event(_) | Content::FreeBusy(_))
                || matches!(&*open.name, b"VTODO" | b"VJOURNAL")
        };
        if is_top && self.stack.iter().any(is_inside) {
            self.problems.push(line, ProblemReason::Nesting);
            while self
                .stack
                .last()
                .is_some_and(|open| !matches!(open.content, Content::Calendar))
            {
                self.close();
            }
        }
        let content = self.content_of(&upper, line);
        self.has_calendar |= matches!(content, Content::Calendar);
        self.stack.push(Open {
            name: upper.into(),
            line,
            content,
        });
    }

    fn content_of(&self, name: &[u8], line: usize) -> Content {
        let parent = self.stack.last().map(|open| &open.content);
        let is_top = matches!(parent, None | Some(Content::Calendar));
        match name {
            b"VCALENDAR" if is_top => Content::Calendar,
            b"VEVENT" if is_top => Content::Event(Box::new(Event::new(line))),
            b"VFREEBUSY" if is_top => Content::FreeBusy(FreeBusyBlock::default()),
            b"VTIMEZONE" if is_top => Content::Zone(ZoneDefinition {
                line,
                name: Vec::new(),
                observances: Vec::new(),
                is_flawed: false,
            }),
            b"STANDARD" | b"DAYLIGHT" if matches!(parent, Some(Content::Zone(_))) => {
                Content::Observance(Observance {
                    start: None,
                    offset_from: None,
                    offset_to: None,
                    rules: Vec::new(),
                    extra: Vec::new(),
                    is_flawed: false,
                })
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

    fn end(&mut self, line: usize, name: &[u8]) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let is_named = |open: &Open| open.name.eq_ignore_ascii_case(name);
        match self.stack.iter().rposition(is_named) {
            None => self.problems.push(line, ProblemReason::Nesting),
            Some(at) => {
                if at + 1 < self.stack.len() {
                    self.problems.push(line, ProblemReason::Nesting);
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
            (Content::Event(event), _) => self.keep_event(*event),
            (Content::FreeBusy(block), _) => {
                if block.is_flawed {
                    self.parts.is_incomplete = true;
                }
                self.parts.blocks.push(block);
            }
            (Content::Zone(zone), _) => self.definitions.push(zone),
            (Content::Observance(observance), Some(Content::Zone(zone))) => {
                zone.observances.push(observance);
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

    fn keep_event(&mut self, mut event: Event) {
        if event.start.is_none() && event.flaw < Flaw::Anywhere {
            match event.replaces {
                Some((stamp, _)) => event.start = Some(stamp),
                None => return self.problems.push(event.line, ProblemReason::NoStart),
            }
        }
        self.parts.events.push(event);
    }

    fn calendar_property(&mut self, line: usize, name: Name, property: &Property<'_>) {
        match name {
            Name::HomeZone => self.home_zone = Some((line, property.value.trim_ascii().into())),
            Name::TitleOfCalendar => self.parts.owner = address_key(property.value),
            _ => {}
        }
    }

    fn free_busy_property(
        &mut self,
        block: &mut FreeBusyBlock,
        line: usize,
        name: Name,
        property: &Property<'_>,
    ) {
        match name {
            Name::DtStart => block.start = self.stamp(line, property),
            Name::DtEnd => block.end = self.stamp(line, property),
            Name::FreeBusy => {
                let kind = event::free_busy_kind(property.fb_type);
                for period in property.value.split(|byte| *byte == b',') {
                    let Some((start, end)) = event::utc_period(period) else {
                        self.problems.push(line, ProblemReason::FreeBusyPeriod);
                        block.is_flawed = true;
                        continue;
                    };
                    if block.periods.len() == self.limits.dates_max() {
                        self.problems.push(line, ProblemReason::TooManyDates);
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
        &mut self,
        availability: &mut Availability,
        line: usize,
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
                event::property(self, &mut availability.frame, line, name, property);
            }
            _ => {}
        }
    }

    pub(super) fn problem(&mut self, line: usize, reason: ProblemReason) {
        self.problems.push(line, reason);
    }

    pub(super) fn dates_max(&self) -> usize {
        self.limits.dates_max()
    }

    /// The time that a property gives, in its zone.
    pub(super) fn stamp(&mut self, line: usize, property: &Property<'_>) -> Option<Stamp> {
        let zone = self.zone_of(line, property);
        self.stamp_in(property.value, zone, property)
    }

    /// As [`stamp`](Self::stamp), of one member of a list.
    pub(super) fn stamp_in(
        &self,
        text: &[u8],
        zone: ZoneRef,
        property: &Property<'_>,
    ) -> Option<Stamp> {
        let when = match value::when(text)? {
            // Some write VALUE=DATE before a time at midnight.
            When::Wall(wall) | When::Utc(wall) if property.has_type(b"DATE") => {
                When::Date(crate::civil::day_of(wall))
            }
            when => when,
        };
        Some(Stamp { when, zone })
    }

    pub(super) fn zone_of(&mut self, line: usize, property: &Property<'_>) -> ZoneRef {
        let Some(name) = property
            .tzid
            .map(<[u8]>::trim_ascii)
            .filter(|name| !name.is_empty())
        else {
            return ZoneRef::Floating;
        };
        if let Some(index) = self.zone_names.get(name) {
            return ZoneRef::Named(*index);
        }
        let index = self.zone_lines.len();
        if index == ZONES_MAX {
            // One slot for all the rest: no name, and so no zone.
            self.zone_lines.push(line);
        }
        if index >= ZONES_MAX {
            return ZoneRef::Named(ZONES_MAX as u32);
        }
        self.zone_lines.push(line);
        self.zone_names.insert(name.into(), index as u32);
        ZoneRef::Named(index as u32)
    }

    pub(crate) fn finish(mut self) -> Calendar {
        if !self.has_calendar && !self.is_full {
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
        self.resolve_zones();
        let Self {
            parts,
            problems,
            limits,
            ..
        } = self;
        Calendar::new(parts, problems, limits)
    }

    fn resolve_zones(&mut self) {
        let mut budget = Budget::new(self.limits.steps_max());
        let mut slots: Vec<ZoneSlot> = self
            .zone_lines
            .iter()
            .map(|line| ZoneSlot {
                line: *line,
                database: None,
                zone: None,
            })
            .collect();
        let names = std::mem::take(&mut self.zone_names);
        for definition in &self.definitions {
            let slot = names
                .get(definition.name.as_slice())
                .map(|at| &mut slots[*at as usize]);
            let Some(slot) = slot.filter(|slot| slot.zone.is_none()) else {
                continue;
            };
            slot.zone = vtimezone::compile(definition, &mut budget);
            slot.database = slot
                .zone
                .as_ref()
                .and_then(|zone| Zone::named(zone.name()).ok());
            if slot.zone.is_none() {
                self.problems
                    .push(definition.line, ProblemReason::ZoneDefinition);
            }
        }
        for (name, at) in &names {
            let slot = &mut slots[*at as usize];
            if slot.zone.is_none() {
                slot.zone = zone_name::resolve(name);
            }
        }
        for slot in slots.iter().filter(|slot| slot.zone.is_none()) {
            self.problems.push(slot.line, ProblemReason::ZoneName);
        }
        self.parts.home = self
            .home_zone
            .take()
            .and_then(|(line, name)| self.home(line, &name));
        self.parts.zones = slots;
    }

    fn home(&mut self, line: usize, name: &[u8]) -> Option<Zone> {
        let defined = self
            .definitions
            .iter()
            .find(|definition| definition.name == name);
        let mut budget = Budget::new(self.limits.steps_max());
        let zone = zone_name::resolve(name)
            .or_else(|| defined.and_then(|definition| vtimezone::compile(definition, &mut budget)));
        if zone.is_none() {
            self.problems.push(line, ProblemReason::ZoneName);
            self.parts.is_home_lost = true;
        }
        zone
    }
}

fn observance_property(
    observance: &mut Observance,
    name: Name,
    property: &Property<'_>,
    dates_max: usize,
) {
    let wall = |text: &[u8]| match value::when(text) {
        Some(When::Wall(wall) | When::Utc(wall)) => Some(wall),
        Some(When::Date(day)) => Some(i64::from(day) * crate::civil::DAY),
        None => None,
    };
    let mut is_read = true;
    match name {
        Name::DtStart => {
            observance.start = wall(property.value);
            is_read = observance.start.is_some();
        }
        Name::TzOffsetFrom => {
            observance.offset_from = value::utc_offset(property.value);
            is_read = observance.offset_from.is_some();
        }
        Name::TzOffsetTo => {
            observance.offset_to = value::utc_offset(property.value);
            is_read = observance.offset_to.is_some();
        }
        Name::RRule => match Rule::parse(property.value) {
            Ok(rule) => observance.rules.push(rule),
            Err(_) => is_read = false,
        },
        Name::RDate => {
            for text in property.value.split(|byte| *byte == b',') {
                let text = text.split(|byte| *byte == b'/').next().unwrap_or(text);
                match wall(text) {
                    Some(wall) => observance.extra.push(wall),
                    None => is_read = false,
                }
            }
            is_read &= observance.extra.len() <= dates_max;
        }
        _ => {}
    }
    observance.is_flawed |= !is_read;
}
