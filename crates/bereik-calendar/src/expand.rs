//! Events to the times they take within a window: series by series, each within its budget.

mod placing;
mod series;

use bereik_core::free_busy::FreeBusyKind;
use bereik_core::interval::Interval;
use bereik_core::zone::Zone;

use crate::availability::Layer;
use crate::calendar::{Calendar, interval};
use crate::civil::DAY;
use crate::component::{Availability, Ending, Event, Flaw};
use crate::limits::Limits;
use crate::meaning::kind_of;
use crate::problem::{Problem, ProblemReason, Problems};
use crate::reading::Reading;
use crate::recurrence::Budget;
use placing::Placing;

/// Times in a zone that nobody knows may be this much earlier than in UTC …
const EAST_MAX: i64 = 14 * 3_600;
/// … or this much later.
const WEST_MAX: i64 = 12 * 3_600;
/// Availabilities of a file beyond this many are not looked at.
const AVAILABILITIES_MAX: usize = 200;
/// Instances are merged whenever they have doubled, from this many on.
const COMPACT_MIN: usize = 1 << 16;
/// Transitions of a zone that are compared with the database's.
const COMPARED_MAX: usize = 64;

/// One time that an event takes, in Unix seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instance {
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) event: u32,
    pub(crate) kind: FreeBusyKind,
}

/// What an expansion found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) instances: Vec<Instance>,
    /// Stretches of which nothing is known, in Unix seconds.
    pub(crate) unknown: Vec<(i64, i64)>,
    pub(crate) availabilities: Vec<Layer>,
    pub(crate) problems: Vec<Problem>,
}

/// An expansion under way.
pub(crate) struct Expander<'a> {
    calendar: &'a Calendar,
    limits: &'a Limits,
    reading: &'a Reading,
    owners: &'a [u64],
    placing: Placing<'a>,
    /// Unix seconds, half-open.
    window: (i64, i64),
    with_free: bool,
    budget: Budget,
    compact_at: usize,
    problems: Problems,
    found: Found,
}

impl<'a> Expander<'a> {
    pub(crate) fn new(
        calendar: &'a Calendar,
        limits: &'a Limits,
        window: Interval,
        reading: &'a Reading,
        home: &'a Zone,
        with_free: bool,
    ) -> Self {
        let end = window.end();
        let has_fraction = end.timestamp_subsec_nanos() > 0;
        Self {
            calendar,
            limits,
            reading,
            owners: reading.owners(&calendar.parts.owner),
            placing: Placing::new(
                &calendar.parts.zones,
                home,
                calendar.parts.is_home_lost && reading.zone().is_none(),
            ),
            window: (
                window.start().timestamp(),
                end.timestamp() + i64::from(has_fraction),
            ),
            with_free,
            budget: Budget::new(limits.steps_max()),
            compact_at: COMPACT_MIN,
            problems: Problems::up_to(limits.problems_max()),
            found: Found::default(),
        }
    }

    pub(crate) fn run(mut self) -> Found {
        let calendar = self.calendar;
        let events = &calendar.parts.events;
        if calendar.parts.is_incomplete {
            self.found.unknown.push(self.window);
        }
        let same_uid = |a: &u32, b: &u32| {
            let (a, b) = (&events[*a as usize].uid, &events[*b as usize].uid);
            a.is_some() && a == b
        };
        for group in calendar.order.chunk_by(same_uid) {
            self.group(group);
            self.compact();
        }
        self.outside_blocks();
        let availabilities = &calendar.parts.availabilities;
        for availability in availabilities.iter().take(AVAILABILITIES_MAX) {
            self.availability(availability);
        }
        if let Some(more) = availabilities.get(AVAILABILITIES_MAX) {
            self.problems
                .push(more.frame.line, ProblemReason::TooManyComponents);
            self.lose(i64::MIN, i64::MAX);
        }
        self.compare_zones();
        self.found.problems = self.problems.into_sorted();
        self.found
    }

    fn kind(&self, event: &Event) -> FreeBusyKind {
        kind_of(event, self.owners, self.reading)
    }

    /// Notes one time of an event, where it lies in the window and has a length.
    fn note(&mut self, event: u32, kind: FreeBusyKind, start: i64, end: i64) {
        let overlaps = start < end && start < self.window.1 && self.window.0 < end;
        if overlaps && (self.with_free || kind != FreeBusyKind::Free) {
            let last = self.found.instances.last_mut();
            match last.filter(|last| !self.with_free && last.end == start && last.kind == kind) {
                Some(last) => last.end = end,
                None => self.found.instances.push(Instance {
                    start,
                    end,
                    event,
                    kind,
                }),
            }
        }
    }

    /// Merges instances of one kind, so that memory follows what the answer needs. Who asks for occurrences
    /// needs each of them.
    fn compact(&mut self) {
        let instances = &mut self.found.instances;
        if self.with_free || instances.len() < self.compact_at {
            return;
        }
        instances.sort_unstable_by_key(|instance| (instance.kind, instance.start));
        instances.dedup_by(|next, last| {
            let touches = next.kind == last.kind && next.start <= last.end;
            if touches {
                last.end = last.end.max(next.end);
            }
            touches
        });
        self.compact_at = COMPACT_MIN.max(2 * instances.len());
    }

    /// Notes that nothing is known from `start` on, until `end`.
    fn lose(&mut self, start: i64, end: i64) {
        let (start, end) = (start.max(self.window.0), end.min(self.window.1));
        if start < end {
            self.found.unknown.push((start, end));
        }
    }

    /// What an event's flaw hides, unless the event takes no time at all.
    fn lose_by_flaw(&mut self, event: &Event, kind: FreeBusyKind) {
        if kind == FreeBusyKind::Free {
            return;
        }
        let flaw = match event.end {
            Ending::Unreadable => event.flaw.max(Flaw::FromStart),
            _ => event.flaw,
        };
        match (flaw, event.start) {
            (Flaw::None, _) => {}
            (Flaw::FromStart, Some(start)) => {
                let start = self.placing.place(start);
                let early = if start.is_unsure {
                    EAST_MAX + WEST_MAX
                } else {
                    0
                };
                self.lose(start.instant - early, i64::MAX);
            }
            _ => self.lose(i64::MIN, i64::MAX),
        }
    }

    /// Outside the ranges of a file that is nothing but free/busy blocks, nothing is known.
    fn outside_blocks(&mut self) {
        let parts = &self.calendar.parts;
        if parts.blocks.is_empty() || !parts.events.is_empty() || !parts.availabilities.is_empty() {
            return;
        }
        let mut ranges = Vec::with_capacity(parts.blocks.len());
        for block in &parts.blocks {
            let start = block
                .start
                .map_or(i64::MIN, |at| self.placing.place(at).instant);
            let end = block
                .end
                .map_or(i64::MAX, |at| self.placing.place(at).instant);
            ranges.push((start, end));
        }
        ranges.sort_unstable();
        let mut known_to = i64::MIN;
        for (start, end) in ranges {
            self.lose(known_to, start);
            known_to = known_to.max(end);
        }
        self.lose(known_to, i64::MAX);
    }

    fn availability(&mut self, availability: &'a Availability) {
        let frame = &availability.frame;
        let place = |at| self.placing.place(at).instant;
        let start = frame.start.map_or(self.window.0, place);
        let end = match (frame.end, frame.start) {
            (Ending::At(at), _) => place(at),
            (Ending::Lasts(span), Some(_)) => start + span.days * DAY + span.seconds,
            _ => self.window.1,
        };
        let (from, to) = (start.max(self.window.0), end.min(self.window.1));
        if frame.flaw != Flaw::None || frame.end == Ending::Unreadable {
            return self.lose(i64::MIN, i64::MAX);
        }
        let Some(holds) = interval(from, to) else {
            return;
        };
        let available = self.available(availability);
        self.found.availabilities.push(Layer {
            priority: availability.priority,
            holds,
            otherwise: availability.otherwise,
            available,
        });
    }

    /// The open times of an availability. One that cannot be read is closed, and so is what
    /// lies beyond a budget.
    fn available(&mut self, availability: &'a Availability) -> Vec<Interval> {
        let all = &availability.available;
        let changed: Vec<&Event> = all
            .iter()
            .filter(|event| event.replaces.is_some())
            .collect();
        let mut open = Vec::new();
        for event in all.iter().filter(|event| event.flaw == Flaw::None) {
            if self.budget.spend(changed.len() as u64).is_err() {
                self.problems.push(event.line, ProblemReason::Steps);
                break;
            }
            let overrides: Vec<&Event> = match event.replaces {
                None => changed
                    .iter()
                    .copied()
                    .filter(|other| other.uid == event.uid)
                    .collect(),
                Some(_) => Vec::new(),
            };
            let times = self.plain_times(event, &overrides);
            open.extend(
                times
                    .into_iter()
                    .filter_map(|(start, end)| interval(start, end)),
            );
        }
        open
    }

    /// A zone that a file defines must agree with the database's zone of its name.
    fn compare_zones(&mut self) {
        for slot in &self.calendar.parts.zones {
            let (Some(zone), Some(database)) = (&slot.zone, &slot.database) else {
                continue;
            };
            let Some(window) = interval(self.window.0, self.window.1) else {
                continue;
            };
            let turns = |zone: &Zone| {
                let mut turns = vec![(window.start(), zone.offset_at(window.start()))];
                while let Some(at) = turns
                    .last()
                    .and_then(|(last, _)| zone.next_transition_after(*last))
                    .filter(|at| *at < window.end() && turns.len() < COMPARED_MAX)
                {
                    turns.push((at, zone.offset_at(at)));
                }
                turns
            };
            if turns(zone) != turns(database) {
                self.problems
                    .push(slot.line, ProblemReason::ZoneContradicts);
            }
        }
    }
}
