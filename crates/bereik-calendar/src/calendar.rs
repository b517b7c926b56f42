//! A calendar that has been read, and the questions it answers about a window of time.

use std::fmt;

use bereik_core::free_busy::{FreeBusy, FreeBusyKind};
use bereik_core::interval::Interval;
use bereik_core::zone::Zone;
use chrono::DateTime;

use crate::availability;
use crate::component::{Availability, Event, FreeBusyBlock, ZoneSlot};
use crate::expand::{Expander, Found};
use crate::limits::Limits;
use crate::problem::{Problem, Problems};
use crate::reading::Reading;

/// A file's events, free/busy blocks and availabilities, compiled and without their text.
///
/// Reading and expanding are apart: one calendar answers for many windows.
#[derive(Clone)]
pub struct Calendar {
    pub(crate) parts: Parts,
    /// Places of the events, those of one UID together, in the order of the file within.
    pub(crate) order: Vec<u32>,
    limits: Limits,
    problems: Vec<Problem>,
}

/// What the reader found.
#[derive(Clone, Default)]
pub(crate) struct Parts {
    pub(crate) events: Vec<Event>,
    pub(crate) blocks: Vec<FreeBusyBlock>,
    pub(crate) availabilities: Vec<Availability>,
    pub(crate) zones: Vec<ZoneSlot>,
    pub(crate) home: Option<Zone>,
    /// The file names a home zone that nobody knows.
    pub(crate) is_home_lost: bool,
    pub(crate) owner: Option<u64>,
    /// Some of the file could not be read, and may hold anything.
    pub(crate) is_incomplete: bool,
}

/// An answer and what was wrong on the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expanded<T> {
    /// The answer.
    pub value: T,
    /// The problems of reading and expanding together, by line.
    pub problems: Vec<Problem>,
}

/// One time that an event takes, clipped to the window.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Occurrence {
    /// The event's UID, empty where it has none.
    pub uid: String,
    /// The line of the event's BEGIN, from 1.
    pub line: usize,
    /// From when until when.
    pub interval: Interval,
    /// What it says of that time; free where it is cancelled, transparent or declined.
    pub kind: FreeBusyKind,
}

impl fmt::Debug for Occurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Occurrence")
            .field("line", &self.line)
            .field("interval", &self.interval)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl Calendar {
    pub(crate) fn new(parts: Parts, problems: Problems, limits: &Limits) -> Self {
        let mut order: Vec<u32> = (0..).take(parts.events.len()).collect();
        order.sort_by(|a, b| {
            let uid = |at: &u32| parts.events[*at as usize].uid.as_deref();
            uid(a).cmp(&uid(b)).then(a.cmp(b))
        });
        Self {
            parts,
            order,
            limits: limits.clone(),
            problems: problems.into_sorted(),
        }
    }

    /// What could not be read, by line.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The zone that the file names as its owner's (X-WR-TIMEZONE), if it is known.
    #[must_use]
    pub fn home_zone(&self) -> Option<&Zone> {
        self.parts.home.as_ref()
    }

    /// When the owner is free, tentative, busy, absent or unknown within `window`; unknown
    /// outside of it.
    ///
    /// ```
    /// use bereik_calendar::{Limits, Reading};
    /// use bereik_core::free_busy::FreeBusyKind;
    /// use bereik_core::interval::Interval;
    /// use chrono::{DateTime, Utc};
    ///
    /// let file = "BEGIN:VCALENDAR\r\n\
    ///     BEGIN:VEVENT\r\n\
    ///     UID:1\r\n\
    ///     DTSTART;TZID=Europe/Amsterdam:19900105T100000\r\n\
    ///     DURATION:PT1H\r\n\
    ///     RRULE:FREQ=WEEKLY\r\n\
    ///     END:VEVENT\r\n\
    ///     END:VCALENDAR\r\n";
    /// let calendar = bereik_calendar::read(file.as_bytes(), &Limits::default());
    /// let at = |text: &str| text.parse::<DateTime<Utc>>();
    /// let week = Interval::new(at("2026-11-23T00:00:00Z")?, at("2026-11-30T00:00:00Z")?)
    ///     .expect("it ends after it starts");
    /// let answer = calendar.free_busy(week, &Reading::new());
    /// assert_eq!(answer.value.kind_at(at("2026-11-27T09:30:00Z")?), FreeBusyKind::Busy);
    /// assert_eq!(answer.value.intervals().len(), 1);
    /// assert!(answer.problems.is_empty());
    /// # Ok::<(), chrono::ParseError>(())
    /// ```
    #[must_use]
    pub fn free_busy(&self, window: Interval, reading: &Reading) -> Expanded<FreeBusy> {
        let found = self.expand(window, reading, false);
        let mut builder = FreeBusy::builder(window);
        let mut claim = |start, end, kind| {
            if let Some(interval) = interval(start, end) {
                builder.push(interval, kind);
            }
        };
        for instance in &found.instances {
            claim(instance.start, instance.end, instance.kind);
        }
        for (start, end) in &found.unknown {
            claim(*start, *end, FreeBusyKind::Unknown);
        }
        for (start, end, kind) in self.parts.blocks.iter().flat_map(|block| &block.periods) {
            claim(*start, *end, *kind);
        }
        let events = builder.build();
        let value = availability::beneath(&events, window, &found.availabilities);
        Expanded {
            value,
            problems: self.all_problems(found.problems),
        }
    }

    /// Each time that each event takes within `window`, by start; times without length are left
    /// out.
    #[must_use]
    pub fn occurrences(&self, window: Interval, reading: &Reading) -> Expanded<Vec<Occurrence>> {
        let found = self.expand(window, reading, true);
        let (from, to) = (window.start().timestamp(), window.end().timestamp());
        let mut value: Vec<Occurrence> = found
            .instances
            .iter()
            .filter_map(|instance| {
                let event = &self.parts.events[instance.event as usize];
                Some(Occurrence {
                    uid: event.uid.as_deref().unwrap_or_default().to_owned(),
                    line: event.line,
                    interval: interval(instance.start.max(from), instance.end.min(to))?,
                    kind: instance.kind,
                })
            })
            .collect();
        value.sort_by(|a, b| (a.interval, &a.uid, a.kind).cmp(&(b.interval, &b.uid, b.kind)));
        Expanded {
            value,
            problems: self.all_problems(found.problems),
        }
    }

    fn expand(&self, window: Interval, reading: &Reading, with_free: bool) -> Found {
        let utc = Zone::utc();
        let home = reading.zone().or(self.home_zone()).unwrap_or(&utc);
        Expander::new(self, &self.limits, window, reading, home, with_free).run()
    }

    fn all_problems(&self, mut found: Vec<Problem>) -> Vec<Problem> {
        found.extend_from_slice(&self.problems);
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The interval between two Unix seconds.
pub(crate) fn interval(start: i64, end: i64) -> Option<Interval> {
    let at = |seconds| DateTime::from_timestamp(seconds, 0);
    Interval::new(at(start)?, at(end)?)
}

impl fmt::Debug for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calendar")
            .field("events", &self.parts.events.len())
            .field("free_busy_blocks", &self.parts.blocks.len())
            .field("availabilities", &self.parts.availabilities.len())
            .field("problems", &self.problems)
            .finish_non_exhaustive()
    }
}
