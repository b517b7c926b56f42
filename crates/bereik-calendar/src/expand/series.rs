//! One UID: a master, what it adds and leaves out, and the instances that were changed.

use bereik_core::free_busy::FreeBusyKind;

use super::placing::{Length, Placed, ZoneClock, instant_of, wall_at, written};
use super::{EAST_MAX, Expander, WEST_MAX};
use crate::civil::{DAY, day_of};
use crate::component::{Event, ExtraEnd, Recurrence, Stamp};
use crate::problem::ProblemReason;
use crate::read::value::When;
use crate::recurrence::periods::Start;
use crate::recurrence::{Budget, Frequency, Rule};

/// Offsets differ by no more than this, in seconds: how far wall and instant can be apart.
const SLACK: i64 = 2 * DAY;

/// The start of one instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Begin {
    instant: i64,
    wall: i64,
    /// The end that an added period brings, in Unix seconds.
    end: Option<i64>,
}

/// Instants and days that do not count.
#[derive(Debug, Default)]
struct Excluded {
    instants: Vec<i64>,
    days: Vec<i32>,
}

/// A change of an instance and all after it.
struct Shift<'e> {
    /// The instance as it was.
    from: i64,
    /// How much later on the wall its successors begin.
    by: i64,
    length: Length,
    event: &'e Event,
    place: u32,
}

impl Excluded {
    fn contains(&self, begin: Begin) -> bool {
        self.instants.binary_search(&begin.instant).is_ok()
            || self.days.binary_search(&day_of(begin.wall)).is_ok()
    }

    fn sort(&mut self) {
        self.instants.sort_unstable();
        self.days.sort_unstable();
    }
}

impl<'a> Expander<'a> {
    /// The events of one UID.
    pub(super) fn group(&mut self, group: &[u32]) {
        let events = &self.calendar.parts.events;
        if let [only] = group {
            let event = &events[*only as usize];
            return match event.replaces {
                None => self.master(*only, event, &[]),
                Some(_) => self.single(*only, event),
            };
        }
        let event = |place: &u32| &events[*place as usize];
        let (masters, overrides): (Vec<u32>, Vec<u32>) = group
            .iter()
            .partition(|place| event(place).replaces.is_none());
        let newest = masters.iter().map(|place| event(place).sequence).max();
        let overrides = newest_overrides(&overrides, event);
        for place in &masters {
            if Some(event(place).sequence) != newest {
                continue;
            }
            // Many masters of one UID, each with all the overrides, would be quadratic.
            if self.budget.spend(overrides.len() as u64).is_err() {
                self.problems.push(event(place).line, ProblemReason::Steps);
                self.lose(i64::MIN, i64::MAX);
                break;
            }
            self.master(*place, event(place), &overrides);
        }
        for (place, event) in &overrides {
            self.single(*place, event);
        }
    }

    /// One event by its own start, whatever its rules.
    fn single(&mut self, place: u32, event: &Event) {
        let kind = self.kind(event);
        self.lose_by_flaw(event, kind);
        let Some(start) = event.start else { return };
        let start = self.placing.place(start);
        let length = self.placing.length(event, &start);
        let end = length.end_of(start.instant, start.wall, &start.zone);
        self.note_placed(place, kind, &start, (start.instant, end));
    }

    /// Notes a time; in a zone that nobody knows it is read in the owner's, and unknown around it.
    fn note_placed(&mut self, place: u32, kind: FreeBusyKind, at: &Placed, time: (i64, i64)) {
        let (start, end) = time;
        self.note(place, kind, start, end);
        if at.is_unsure && kind != FreeBusyKind::Free && start < end {
            let (from, to) = (wall_at(&at.zone, start), wall_at(&at.zone, end));
            self.lose(from - EAST_MAX, to + WEST_MAX);
        }
    }

    fn master(&mut self, place: u32, event: &'a Event, overrides: &[(u32, &'a Event)]) {
        let Some(recurrence) = event
            .recurrence
            .as_deref()
            .filter(|_| event.start.is_some())
        else {
            return match overrides {
                [] => self.single(place, event),
                overrides => self.single_unless_replaced(place, event, overrides),
            };
        };
        let kind = self.kind(event);
        self.lose_by_flaw(event, kind);
        let Some(start) = event.start else { return };
        let start = self.placing.place(start);
        let length = self.placing.length(event, &start);
        let shifts = self.shifts(overrides, &start);
        if kind == FreeBusyKind::Free && !self.with_free && shifts.is_empty() {
            return;
        }
        let reach = shifts.iter().fold(length.longest(), |reach, shift| {
            reach.max(shift.length.longest() + shift.by.abs() + SLACK)
        });
        // In a zone that nobody knows, what begins beside the window may lie in it.
        let beside = if start.is_unsure { SLACK } else { 0 };
        let ahead = shifts
            .iter()
            .map(|shift| (-shift.by).max(0))
            .max()
            .unwrap_or(0);
        let range = (
            self.window.0.saturating_sub(reach + beside),
            self.window.1.saturating_add(ahead + beside),
        );
        let budget_before = self.budget.left().min(self.limits.component_steps_max());
        let mut budget = Budget::new(budget_before);
        let excluded = self.excluded(event, recurrence, overrides, &start, range, &mut budget);
        let begins = self.begins(event, recurrence, &start, range, kind, &mut budget);
        // Spending what is left over cannot fail: the component's share was cut from it.
        let _ = self.budget.spend(budget_before - budget.left());
        for begin in begins
            .into_iter()
            .filter(|begin| !excluded.contains(*begin))
        {
            self.instance(place, kind, (&start, length), begin, &shifts);
        }
    }

    fn single_unless_replaced(
        &mut self,
        place: u32,
        event: &'a Event,
        overrides: &[(u32, &'a Event)],
    ) {
        let Some(stamp) = event.start else {
            return self.single(place, event);
        };
        let start = self.placing.place(stamp);
        let mut excluded = Excluded::default();
        self.exclude_overrides(overrides, &start, &mut excluded);
        excluded.sort();
        let begin = Begin {
            instant: start.instant,
            wall: start.wall,
            end: None,
        };
        if !excluded.contains(begin) {
            self.single(place, event);
        }
    }

    /// Notes one instance, moved where a change of it and all after it applies.
    fn instance(
        &mut self,
        place: u32,
        kind: FreeBusyKind,
        (start, length): (&Placed, Length),
        begin: Begin,
        shifts: &[Shift<'_>],
    ) {
        let zone = &start.zone;
        let next = shifts.partition_point(|shift| shift.from <= begin.instant);
        let Some(shift) = next.checked_sub(1).map(|last| &shifts[last]) else {
            let end = match begin.end {
                Some(end) => end,
                None => length.end_of(begin.instant, begin.wall, zone),
            };
            return self.note_placed(place, kind, start, (begin.instant, end));
        };
        let wall = begin.wall + shift.by;
        let instant = instant_of(zone, wall);
        let end = shift.length.end_of(instant, wall, zone);
        let kind = self.kind(shift.event);
        self.note_placed(shift.place, kind, start, (instant, end));
    }

    /// The changes with RANGE=THISANDFUTURE (RFC 5545 section 3.2.13), by instance.
    fn shifts(&self, overrides: &[(u32, &'a Event)], start: &Placed) -> Vec<Shift<'a>> {
        let mut shifts: Vec<Shift<'a>> = overrides
            .iter()
            .filter_map(|(place, event)| {
                let (stamp, _) = event.replaces.filter(|(_, and_after)| *and_after)?;
                let from = self.placing.place_beside(stamp, &start.zone);
                let to = self.placing.place_beside(event.start?, &start.zone);
                let by = wall_at(&start.zone, to.instant) - wall_at(&start.zone, from.instant);
                Some(Shift {
                    from: from.instant,
                    by,
                    length: self.placing.length(event, &to),
                    event,
                    place: *place,
                })
            })
            .collect();
        shifts.sort_by_key(|shift| shift.from);
        shifts
    }

    /// The starts of a series in `range`, ascending, each instant once.
    fn begins(
        &mut self,
        event: &Event,
        recurrence: &Recurrence,
        start: &Placed,
        range: (i64, i64),
        kind: FreeBusyKind,
        budget: &mut Budget,
    ) -> Vec<Begin> {
        let mut begins = Vec::new();
        let mut add = |begin: Begin| {
            if range.0 <= begin.instant && begin.instant < range.1 {
                begins.push(begin);
            }
        };
        add(Begin {
            instant: start.instant,
            wall: start.wall,
            end: None,
        });
        for (stamp, end) in &recurrence.extra {
            if near(*stamp, range) {
                add(self.extra(*stamp, *end, start));
            }
        }
        let mut lost: Option<(i64, ProblemReason)> = None;
        for rule in &recurrence.rules {
            if let Err(from) = expand_rule(rule, start, range, budget, &mut add) {
                lost = Some(lost.map_or(from, |lost| lost.min(from)));
            }
        }
        if let Some((from, reason)) = lost {
            self.problems.push(event.line, reason);
            if kind != FreeBusyKind::Free {
                self.lose(from, i64::MAX);
            }
        }
        begins.sort_unstable();
        begins.dedup_by_key(|begin| begin.instant);
        begins
    }

    /// A date that RDATE adds (RFC 5545 section 3.8.5.2).
    fn extra(&self, stamp: Stamp, end: ExtraEnd, start: &Placed) -> Begin {
        let placed = match (stamp.when, start.is_date) {
            // A date beside a timed start: that day at the start's time.
            (When::Date(day), false) => {
                let wall = i64::from(day) * DAY + start.wall.rem_euclid(DAY);
                Placed {
                    instant: instant_of(&start.zone, wall),
                    wall,
                    ..start.clone()
                }
            }
            _ => self.placing.place_beside(stamp, &start.zone),
        };
        let end = match end {
            ExtraEnd::Same => None,
            ExtraEnd::At(end) => Some(self.placing.place_beside(end, &placed.zone).instant),
            ExtraEnd::Lasts(span) => {
                let length = Length::Nominal {
                    days: span.days,
                    seconds: span.seconds,
                };
                Some(length.end_of(placed.instant, placed.wall, &placed.zone))
            }
        };
        Begin {
            instant: placed.instant,
            wall: wall_at(&start.zone, placed.instant),
            end,
        }
    }

    fn excluded(
        &mut self,
        event: &Event,
        recurrence: &Recurrence,
        overrides: &[(u32, &'a Event)],
        start: &Placed,
        range: (i64, i64),
        budget: &mut Budget,
    ) -> Excluded {
        let mut excluded = Excluded::default();
        for stamp in recurrence
            .except
            .iter()
            .filter(|stamp| near(**stamp, range))
        {
            self.exclude(*stamp, start, &mut excluded);
        }
        self.exclude_overrides(overrides, start, &mut excluded);
        for rule in &recurrence.except_rules {
            let mut add = |begin: Begin| excluded.instants.push(begin.instant);
            if expand_rule(rule, start, range, budget, &mut add).is_err() {
                self.problems.push(event.line, ProblemReason::ExceptionRule);
            }
        }
        excluded.sort();
        excluded
    }

    fn exclude_overrides(
        &self,
        overrides: &[(u32, &'a Event)],
        start: &Placed,
        excluded: &mut Excluded,
    ) {
        for (stamp, _) in overrides.iter().filter_map(|(_, event)| event.replaces) {
            self.exclude(stamp, start, excluded);
        }
    }

    /// A date beside a timed start excludes the day, as Outlook writes it; a time beside an all-day
    /// start excludes its day.
    fn exclude(&self, stamp: Stamp, start: &Placed, excluded: &mut Excluded) {
        match stamp.when {
            When::Date(day) => excluded.days.push(day),
            _ if start.is_date => excluded.days.push(day_of(written(stamp))),
            _ => {
                let placed = self.placing.place_beside(stamp, &start.zone);
                excluded.instants.push(placed.instant);
            }
        }
    }

    /// The times of an event in the window, for availabilities: no kinds, no shifts, and none in
    /// a zone that nobody knows.
    pub(super) fn plain_times(
        &mut self,
        event: &'a Event,
        overrides: &[&'a Event],
    ) -> Vec<(i64, i64)> {
        let Some(start) = event.start else {
            return Vec::new();
        };
        let start = self.placing.place(start);
        if start.is_unsure {
            return Vec::new();
        }
        let length = self.placing.length(event, &start);
        let none = Recurrence::default();
        let recurrence = match event.replaces {
            None => event.recurrence.as_deref().unwrap_or(&none),
            Some(_) => &none,
        };
        let overrides: Vec<(u32, &Event)> = overrides.iter().map(|event| (0, *event)).collect();
        let range = (
            self.window.0.saturating_sub(length.longest()),
            self.window.1,
        );
        let left = self.budget.left().min(self.limits.component_steps_max());
        let mut budget = Budget::new(left);
        let excluded = self.excluded(event, recurrence, &overrides, &start, range, &mut budget);
        let begins = self.begins(
            event,
            recurrence,
            &start,
            range,
            FreeBusyKind::Free,
            &mut budget,
        );
        let _ = self.budget.spend(left - budget.left());
        begins
            .into_iter()
            .filter(|begin| !excluded.contains(*begin))
            .map(|begin| {
                let end = length.end_of(begin.instant, begin.wall, &start.zone);
                (begin.instant, begin.end.unwrap_or(end))
            })
            .collect()
    }
}

/// The overrides of each instance with the highest SEQUENCE among themselves.
fn newest_overrides<'e>(
    places: &[u32],
    event: impl Fn(&u32) -> &'e Event,
) -> Vec<(u32, &'e Event)> {
    let key = |place: &u32| event(place).replaces.map(|(stamp, _)| written(stamp));
    let mut sorted = places.to_vec();
    sorted.sort_by_key(|place| (key(place), *place));
    let mut newest = Vec::with_capacity(sorted.len());
    for same in sorted.chunk_by(|a, b| key(a) == key(b)) {
        let sequence = same.iter().map(|place| event(place).sequence).max();
        let current = same
            .iter()
            .filter(|place| Some(event(place).sequence) == sequence);
        newest.extend(current.map(|place| (*place, event(place))));
    }
    newest
}

/// Whether a stamp, as written, can lie in a range of Unix seconds.
fn near(stamp: Stamp, range: (i64, i64)) -> bool {
    let written = written(stamp);
    range.0.saturating_sub(SLACK) <= written && written < range.1.saturating_add(SLACK)
}

/// Calls `add` for each instance of a rule after the start and in `range`.
///
/// # Errors
/// The Unix second from which on nothing is known, and why.
fn expand_rule(
    rule: &Rule,
    start: &Placed,
    range: (i64, i64),
    budget: &mut Budget,
    add: &mut impl FnMut(Begin),
) -> Result<(), (i64, ProblemReason)> {
    let until = rule.until.map_or(i64::MAX, |until| match until {
        When::Date(day) => (i64::from(day) + 1) * DAY + SLACK,
        When::Utc(at) | When::Wall(at) => at + SLACK,
    });
    let to = range.1.min(until);
    let mut add = |instant: i64, wall: i64| {
        if is_until(rule, start, instant, wall) {
            add(Begin {
                instant,
                wall,
                end: None,
            });
        }
    };
    let lost = |from: i64| (from, ProblemReason::Steps);
    let zone = &start.zone;
    if rule.frequency >= Frequency::Daily {
        let walls = range.0.saturating_sub(SLACK)..to.saturating_add(SLACK);
        return rule
            .expand_walls(
                Start::new(start.wall, start.is_date),
                walls,
                budget,
                |wall| {
                    add(instant_of(zone, wall), wall);
                },
            )
            .map_err(|wall| lost(wall - DAY));
    }
    if start.is_date {
        // A day has no hours to repeat in (RFC 5545 section 3.3.10).
        return Err((start.instant, ProblemReason::Rule));
    }
    rule.expand_instants(
        start.instant,
        range.0..to,
        &ZoneClock(zone),
        budget,
        |instant| {
            add(instant, wall_at(zone, instant));
        },
    )
    .map_err(lost)
}

/// Whether an instance is not after UNTIL. A date means its whole day, a local time is read in the
/// start's zone, and beside an all-day start only the day of UNTIL counts.
fn is_until(rule: &Rule, start: &Placed, instant: i64, wall: i64) -> bool {
    match rule.until {
        None => true,
        Some(When::Date(day)) => day_of(wall) <= day,
        Some(When::Utc(until) | When::Wall(until)) if start.is_date => {
            day_of(wall) <= day_of(until)
        }
        Some(When::Utc(until)) => instant <= until,
        Some(When::Wall(until)) => wall <= until,
    }
}
