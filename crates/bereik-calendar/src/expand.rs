//! Events to the times they take within a window: series by series, each within its budget.

mod bounds;
mod except;
mod placing;
mod rule;
mod series;
mod zones;

use bereik_core::free_busy::FreeBusyKind;
use bereik_core::interval::Interval;
use bereik_core::zone::Zone;

use crate::availability::Layer;
use crate::calendar::{Calendar, interval};
use crate::civil::DAY;
use crate::component::{Availability, Ending, Event, Flaw};
use crate::limits::Limits;
use crate::meaning::Meaning;
use crate::problem::{ProblemReason, Problems};
use crate::read::value::Span;
use crate::reading::Reading;
use crate::recurrence::{Budget, Scratch};
pub(crate) use bounds::Group;
use except::Excluded;
use placing::Placing;
use rule::Begin;

/// Times in a zone that nobody knows may be this much earlier than in UTC …
const EAST_MAX: i64 = 14 * 3_600;
/// … or this much later.
const WEST_MAX: i64 = 12 * 3_600;
/// Availabilities of a file beyond this many are not looked at.
const AVAILABILITIES_MAX: usize = 200;
/// Instances are merged whenever they have doubled, from this many on.
const COMPACT_MIN: usize = 1 << 16;

/// What an expansion is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Each time that is not free, by itself.
    Details,
    /// The time that is not free; times of one kind may be told as one.
    FreeBusy,
    /// Each time of each event, also what is free.
    Occurrences,
    /// Each time of the events that bear a mark and open something.
    Open,
    /// Each time of each event that is not cancelled.
    Shifts,
}

/// One time that an event takes, in Unix seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instance {
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) event: u32,
    pub(crate) kind: FreeBusyKind,
}

/// A stretch of which nothing is known, in Unix seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unknown {
    pub(crate) start: i64,
    pub(crate) end: i64,
    /// The line of what may be there.
    pub(crate) line: u32,
}

/// What an expansion found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) instances: Vec<Instance>,
    pub(crate) unknown: Vec<Unknown>,
    pub(crate) availabilities: Vec<Layer>,
    pub(crate) problems: Problems,
    pub(crate) steps: u64,
}

/// What an event says of its time, and whether that is asked for.
#[derive(Clone, Copy)]
struct Said {
    kind: FreeBusyKind,
    is_wanted: bool,
}

/// An expansion under way.
pub(crate) struct Expander<'a> {
    calendar: &'a Calendar,
    limits: &'a Limits,
    meaning: Meaning<'a>,
    placing: Placing<'a>,
    /// Unix seconds, half-open.
    window: (i64, i64),
    asked: Asked,
    budget: Budget,
    compact_at: usize,
    /// How much earlier than its rule has it a lost instance of the series may be.
    ahead: i64,
    problems: Problems,
    found: Found,
    scratch: Scratch,
    begins: Vec<Begin>,
    excluded: Excluded,
}

impl<'a> Expander<'a> {
    pub(crate) fn new(
        calendar: &'a Calendar,
        window: Interval,
        reading: &'a Reading,
        (home, utc): (&'a Zone, &'a Zone),
        asked: Asked,
    ) -> Self {
        let (parts, limits) = (&calendar.parts, &calendar.limits);
        let end = window.end();
        let has_fraction = end.timestamp_subsec_nanos() > 0;
        let is_home_lost = parts.is_home_lost && reading.zone().is_none();
        Self {
            calendar,
            limits,
            meaning: Meaning {
                tables: &parts.tables,
                owners: reading.owners(&parts.owner),
                reading,
            },
            placing: Placing::new(
                &parts.zones,
                (home, utc),
                reading.zone().is_some(),
                is_home_lost,
            ),
            window: (
                window.start().timestamp(),
                end.timestamp() + i64::from(has_fraction),
            ),
            asked,
            budget: Budget::new(limits.steps_max()),
            compact_at: COMPACT_MIN,
            ahead: 0,
            problems: Problems::beside(calendar.problems(), limits.problems_max()),
            found: Found::default(),
            scratch: Scratch::default(),
            begins: Vec::new(),
            excluded: Excluded::default(),
        }
    }

    pub(crate) fn run(mut self) -> Found {
        let parts = &self.calendar.parts;
        if let Some(line) = parts.lost_at {
            self.lose(line, i64::MIN, i64::MAX);
        }
        for group in &self.calendar.groups {
            if group.touches(self.window) {
                self.group(group);
                self.compact();
            }
        }
        if matches!(self.asked, Asked::Details | Asked::FreeBusy) {
            self.outside_blocks();
            self.availabilities();
            self.compare_zones();
        }
        self.found.steps = self.limits.steps_max() - self.budget.left();
        self.found.problems = self.problems;
        self.found
    }

    fn said(&self, event: &Event) -> Said {
        let kind = self.meaning.kind_of(event);
        let is_wanted = match self.asked {
            Asked::Details | Asked::FreeBusy => kind != FreeBusyKind::Free,
            Asked::Occurrences => true,
            Asked::Open => event.found != 0 && self.meaning.opens(event),
            Asked::Shifts => !event.declared.is_cancelled,
        };
        Said { kind, is_wanted }
    }

    /// Notes one time of an event, where it lies in the window and has a length.
    fn note(&mut self, event: u32, said: Said, start: i64, end: i64) {
        let overlaps = start < end && start < self.window.1 && self.window.0 < end;
        if !overlaps || !said.is_wanted {
            return;
        }
        let kind = said.kind;
        let instances = &mut self.found.instances;
        if self.asked == Asked::FreeBusy
            && let Some(last) = instances.last_mut()
            && last.end == start
            && last.kind == kind
        {
            last.end = end;
            return;
        }
        instances.push(Instance {
            start,
            end,
            event,
            kind,
        });
    }

    /// Merges instances of one kind, so that memory follows what the answer needs. Who asks for more needs
    /// each of them.
    fn compact(&mut self) {
        let instances = &mut self.found.instances;
        if self.asked != Asked::FreeBusy || instances.len() < self.compact_at {
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

    /// Notes that nothing is known from `start` on, until `end`, because of what is on a line.
    fn lose(&mut self, line: u32, start: i64, end: i64) {
        let (start, end) = (start.max(self.window.0), end.min(self.window.1));
        if start < end {
            self.found.unknown.push(Unknown { start, end, line });
        }
    }

    /// What an event's flaws hide, unless the event takes no time at all.
    fn lose_by_flaw(&mut self, event: &Event, kind: FreeBusyKind) {
        let is_end_lost = event.end == Ending::Unreadable;
        if kind == FreeBusyKind::Free
            || (event.flaw == Flaw::None && !is_end_lost && !event.is_start_vague)
        {
            return;
        }
        let start = match event.start {
            Some(start) if event.flaw < Flaw::Anywhere => self.placing.place(start),
            _ => return self.lose(event.line, i64::MIN, i64::MAX),
        };
        let is_unsure = start.is_unsure || event.is_start_vague;
        let early = if is_unsure { EAST_MAX + WEST_MAX } else { 0 };
        let repeats = event.flaw != Flaw::None || event.recurrence.is_some();
        if repeats || is_end_lost {
            return self.lose(event.line, start.instant - early, i64::MAX);
        }
        // It begins at some time of this day, in whatever zone.
        let latest = start.instant + DAY;
        let end = match event.end {
            Ending::At(end) => self.placing.place(end).instant.max(latest),
            Ending::Lasts(span) => latest + i64::from(span.days.max(0)) * DAY + span.seconds.max(0),
            Ending::Missing | Ending::Unreadable => latest,
        };
        self.lose(event.line, start.instant - early, end + early);
    }

    /// Outside the ranges of a file that is nothing but free/busy blocks, nothing is known.
    fn outside_blocks(&mut self) {
        let parts = &self.calendar.parts;
        let Some(first) = parts.blocks.first() else {
            return;
        };
        if !parts.events.is_empty() || !parts.availabilities.is_empty() {
            return;
        }
        let mut ranges = Vec::with_capacity(parts.blocks.len());
        for block in parts.blocks.iter().filter(|block| !block.is_request) {
            let periods = block.periods.iter();
            let first = periods.clone().map(|(start, ..)| *start).min();
            let last = periods.map(|(_, end, _)| *end).max();
            let start = block
                .start
                .map(|at| self.placing.place(at).instant)
                .or(first);
            let lasts = |span: Span| i64::from(span.days) * DAY + span.seconds;
            let end = match (block.end, block.duration) {
                (Some(at), _) => Some(self.placing.place(at).instant),
                (None, Some(span)) => start.map(|start| start + lasts(span)),
                (None, None) => last,
            };
            ranges.extend(start.zip(end).map(|(start, end)| (start, end, block.line)));
        }
        ranges.sort_unstable();
        let (mut known_to, mut last) = (i64::MIN, first.line);
        for (start, end, line) in ranges {
            self.lose(line, known_to, start);
            known_to = known_to.max(end);
            last = line;
        }
        self.lose(last, known_to, i64::MAX);
    }

    fn availabilities(&mut self) {
        let availabilities = &self.calendar.parts.availabilities;
        for availability in availabilities.iter().take(AVAILABILITIES_MAX) {
            self.availability(availability);
        }
        if let Some(more) = availabilities.get(AVAILABILITIES_MAX) {
            let line = more.frame.line;
            self.problems.push(line, ProblemReason::TooManyComponents);
            self.lose(line, i64::MIN, i64::MAX);
        }
    }

    fn availability(&mut self, availability: &'a Availability) {
        let frame = &availability.frame;
        if frame.flaw != Flaw::None || frame.end == Ending::Unreadable || frame.is_start_vague {
            return self.lose(frame.line, i64::MIN, i64::MAX);
        }
        let start = frame.start.map(|at| self.placing.place(at));
        let end = match (frame.end, start) {
            (Ending::At(at), _) => self.placing.place(at).instant,
            (Ending::Lasts(_), Some(start)) => {
                let length = self.placing.extent(frame, &start).length;
                self.placing
                    .end_of(length, start.instant, start.wall, start.clock)
            }
            _ => self.window.1,
        };
        let start = start.map_or(self.window.0, |start| start.instant);
        let Some(holds) = interval(start.max(self.window.0), end.min(self.window.1)) else {
            return;
        };
        let available = self.available(availability);
        self.found.availabilities.push(Layer {
            line: frame.line,
            priority: availability.priority,
            holds,
            otherwise: availability.otherwise,
            available,
        });
    }

    /// The open times of an availability. One that cannot be read is closed, and so is what
    /// lies beyond a budget.
    fn available(&mut self, availability: &'a Availability) -> Vec<Interval> {
        let uid = |event: &Event| event.uid.of(&self.calendar.parts.tables.uids);
        let all = &availability.available;
        let changed: Vec<&Event> = all
            .iter()
            .filter(|event| event.replaces.is_some() || event.is_unranked)
            .collect();
        let is_sound = |event: &&Event| event.flaw == Flaw::None && !event.is_start_vague;
        let mut open = Vec::new();
        for event in all.iter().filter(is_sound) {
            if self.budget.spend(changed.len() as u64).is_err() {
                self.problems.push(event.line, ProblemReason::Steps);
                break;
            }
            let overrides: Vec<&Event> = match event.replaces {
                None => changed
                    .iter()
                    .copied()
                    .filter(|other| uid(other) == uid(event))
                    .collect(),
                Some(_) => Vec::new(),
            };
            // Which of its times is another now, nobody knows.
            if event.is_unranked || overrides.iter().any(|other| other.is_unranked) {
                continue;
            }
            let times = self.plain_times(event, &overrides);
            open.extend(
                times
                    .into_iter()
                    .filter_map(|(start, end)| interval(start, end)),
            );
        }
        open
    }
}
