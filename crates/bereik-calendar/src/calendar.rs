//! A calendar that has been read, and the questions it answers about a window of time.

use std::fmt;

use bereik_core::free_busy::{FreeBusy, FreeBusyKind};
use bereik_core::interval::Interval;
use bereik_core::open_time::OpenTime;
use bereik_core::zone::Zone;
use chrono::DateTime;

use crate::availability;
use crate::component::{Availability, Event, FreeBusyBlock, Tables, ZoneSlot, shrink};
use crate::expand::{Asked, Expander, Found, Group};
use crate::limits::Limits;
use crate::marks;
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
    pub(crate) groups: Vec<Group>,
    pub(crate) limits: Limits,
    problems: Vec<Problem>,
}

/// What the reader found.
#[derive(Clone, Default)]
pub(crate) struct Parts {
    pub(crate) events: Vec<Event>,
    pub(crate) tables: Tables,
    pub(crate) blocks: Vec<FreeBusyBlock>,
    pub(crate) availabilities: Vec<Availability>,
    pub(crate) zones: Vec<ZoneSlot>,
    pub(crate) home: Option<Zone>,
    /// The file names a home zone that nobody knows.
    pub(crate) is_home_lost: bool,
    pub(crate) owner: Option<u64>,
    /// The line from which on something could not be read that may hold anything.
    pub(crate) lost_at: Option<u32>,
}

/// An answer, what was wrong on the way to it, and what it took.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expanded<T> {
    /// The answer.
    pub value: T,
    /// The problems of reading and expanding together, by line.
    pub problems: Vec<Problem>,
    /// The steps that the expansion took, at most [`Limits::steps_max`]: one for each period of a rule
    /// that was looked at, and one for each instance in it.
    pub steps: u64,
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
    /// `uid_keys` has a number for each event that is the same for the same UID.
    pub(crate) fn new(
        mut parts: Parts,
        uid_keys: &[u64],
        problems: Problems,
        limits: &Limits,
    ) -> Self {
        shrink(&mut parts.events);
        parts.tables.shrink();
        let (order, groups) = groups(&parts, uid_keys);
        Self {
            parts,
            order,
            groups,
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
        let found = self.expand(window, reading, Asked::FreeBusy);
        let events = self.events_of(window, &found);
        Expanded {
            value: availability::beneath(events, window, &found.availabilities),
            problems: self.all_problems(found.problems),
            steps: found.steps,
        }
    }

    /// What events and free/busy blocks say, availabilities apart.
    pub(crate) fn events_of(&self, window: Interval, found: &Found) -> FreeBusy {
        let mut builder = FreeBusy::builder(window);
        for instance in &found.instances {
            builder.push_seconds(instance.start, instance.end, instance.kind);
        }
        for unknown in &found.unknown {
            builder.push_seconds(unknown.start, unknown.end, FreeBusyKind::Unknown);
        }
        for (start, end, kind) in self.parts.blocks.iter().flat_map(|block| &block.periods) {
            builder.push_seconds(*start, *end, *kind);
        }
        builder.build()
    }

    /// When the owner says that he is available, by events that bear one of the marks with which the calendar
    /// was [read](crate::read_marked). Nothing is open where that is not certain.
    #[must_use]
    pub fn open_time(&self, window: Interval, reading: &Reading) -> Expanded<OpenTime> {
        let found = self.expand(window, reading, Asked::Open);
        let open = found.instances.iter().flat_map(|instance| {
            let bits = self.parts.events[instance.event as usize].found;
            let interval = interval(instance.start, instance.end);
            let open = marks::channels(bits).map(move |channel| Some((channel, interval?)));
            open.flatten()
        });
        Expanded {
            value: OpenTime::new(window, open),
            problems: self.all_problems(found.problems),
            steps: found.steps,
        }
    }

    /// Each time that each event takes within `window`, by start; times without length are left
    /// out.
    #[must_use]
    pub fn occurrences(&self, window: Interval, reading: &Reading) -> Expanded<Vec<Occurrence>> {
        let found = self.expand(window, reading, Asked::Occurrences);
        let mut value: Vec<Occurrence> = found
            .instances
            .iter()
            .filter_map(|instance| {
                let event = &self.parts.events[instance.event as usize];
                let uid = event.uid.of(&self.parts.tables.uids);
                Some(Occurrence {
                    uid: String::from_utf8_lossy(uid).into_owned(),
                    line: event.line as usize,
                    interval: interval(instance.start, instance.end)?.intersection(&window)?,
                    kind: instance.kind,
                })
            })
            .collect();
        value.sort_by(|a, b| (a.interval, &a.uid, a.kind).cmp(&(b.interval, &b.uid, b.kind)));
        Expanded {
            value,
            problems: self.all_problems(found.problems),
            steps: found.steps,
        }
    }

    pub(crate) fn expand(&self, window: Interval, reading: &Reading, asked: Asked) -> Found {
        let utc = Zone::utc();
        let home = reading.zone().or(self.home_zone()).unwrap_or(&utc);
        Expander::new(self, window, reading, (home, &utc), asked).run()
    }

    pub(crate) fn all_problems(&self, found: Problems) -> Vec<Problem> {
        let mut all = found.into_sorted();
        all.extend_from_slice(&self.problems);
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// The events of each UID together, in the order in which they first come. An event without a UID is
/// by itself.
fn groups(parts: &Parts, uid_keys: &[u64]) -> (Vec<u32>, Vec<Group>) {
    let uid = |place: u32| parts.events[place as usize].uid.of(&parts.tables.uids);
    let mut keyed: Vec<(u64, u32)> = uid_keys.iter().copied().zip(0..).collect();
    keyed.sort_unstable();
    // Those with more than one event, by their first.
    let mut larger: Vec<Vec<u32>> = Vec::new();
    for same_key in keyed
        .chunk_by(|a, b| a.0 == b.0)
        .filter(|same| same.len() > 1)
    {
        // Different UIDs may share a key.
        let mut places: Vec<u32> = same_key.iter().map(|(_, place)| *place).collect();
        places.sort_by(|a, b| uid(*a).cmp(uid(*b)).then(a.cmp(b)));
        let same = places.chunk_by(|a, b| uid(*a) == uid(*b) && !uid(*a).is_empty());
        larger.extend(same.filter(|same| same.len() > 1).map(<[u32]>::to_vec));
    }
    larger.sort_unstable();
    let mut is_later = vec![false; uid_keys.len()];
    for place in larger.iter().flat_map(|same| &same[1..]) {
        is_later[*place as usize] = true;
    }
    let mut larger = larger.into_iter().peekable();
    let mut order = Vec::with_capacity(uid_keys.len());
    let mut groups = Vec::with_capacity(uid_keys.len());
    for place in (0..uid_keys.len() as u32).filter(|place| !is_later[*place as usize]) {
        let first = order.len();
        match larger.next_if(|same| same[0] == place) {
            Some(same) => order.extend(same),
            None => order.push(place),
        }
        let events = order[first..].iter();
        let events = events.map(|place| &parts.events[*place as usize]);
        groups.push(Group::new(first as u32, events, &parts.tables));
    }
    shrink(&mut groups);
    (order, groups)
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
