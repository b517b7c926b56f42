//! One UID: a master, what it adds and leaves out, and the instances that were changed.

use std::cmp::Reverse;

use bereik_core::free_busy::FreeBusyKind;

use super::bounds::Group;
use super::except::{exclude, near};
use super::placing::{Extent, Length, Placed, Placing};
use super::rule::{Begin, Expansion, SLACK, Until};
use super::{Asked, EAST_MAX, Expander, Said, WEST_MAX};
use crate::civil::DAY;
use crate::component::{Event, ExtraEnd, Form, Recurrence, Stamp};
use crate::problem::ProblemReason;
use crate::recurrence::Budget;

/// A change of an instance and all after it.
struct Shift {
    /// The instance as it was.
    from: i64,
    /// How much later on the wall its successors begin.
    by: i64,
    extent: Extent,
    what: What,
}

/// Whose time is noted, and what it says.
#[derive(Clone, Copy)]
struct What {
    line: u32,
    place: u32,
    said: Said,
}

/// A series as its instances are noted.
struct Series<'s> {
    what: What,
    start: Placed,
    extent: Extent,
    shifts: &'s [Shift],
}

impl<'a> Expander<'a> {
    /// The events of one UID.
    pub(super) fn group(&mut self, group: &Group) {
        let calendar = self.calendar;
        let events = &calendar.parts.events;
        let first = group.first as usize;
        let places = &calendar.order[first..first + group.count as usize];
        let event = |place: &u32| &events[*place as usize];
        if let [only] = places {
            let event = event(only);
            if event.replaces.is_none() {
                return self.master(*only, event, &[]);
            }
            // One instance to which its owner is invited is by itself.
            self.single(*only, event);
            return self.orphan(*only, event);
        }
        let (unranked, ranked): (Vec<u32>, Vec<u32>) =
            places.iter().partition(|place| event(place).is_unranked);
        for place in &unranked {
            self.master(*place, event(place), &[]);
            self.compact();
        }
        let (masters, overrides): (Vec<u32>, Vec<u32>) = ranked
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
                let line = event(place).line;
                self.problems.push(line, ProblemReason::Steps);
                self.lose(line, i64::MIN, i64::MAX);
                break;
            }
            self.master(*place, event(place), &overrides);
            self.compact();
        }
        for (place, event) in &overrides {
            self.single(*place, event);
            if masters.is_empty() {
                self.orphan(*place, event);
            }
        }
    }

    /// What a changed instance repeats whose series is missing: the standard does not say whether it does.
    fn orphan(&mut self, place: u32, event: &'a Event) {
        let said = self.said(event);
        let is_asked = matches!(self.asked, Asked::Details | Asked::FreeBusy);
        if event.recurrence.is_none() || !said.is_wanted || !is_asked {
            return;
        }
        self.problems.push(event.line, ProblemReason::SeriesMissing);
        let kind = FreeBusyKind::Unknown;
        // No change of it, itself included, moves what is unknown.
        self.series(place, event, &[], Said { kind, ..said });
        self.compact();
    }

    /// One event by its own start, whatever its rules.
    fn single(&mut self, place: u32, event: &Event) {
        let said = self.said(event);
        self.lose_by_flaw(event, said.kind);
        let Some(start) = event.start.filter(|_| !event.is_start_vague) else {
            return;
        };
        if !said.is_wanted {
            return;
        }
        let start = self.placing.place(start);
        let extent = self.placing.extent(event, &start);
        let placing = &mut self.placing;
        let end = placing.end_of(extent.length, start.instant, start.wall, start.clock);
        let what = What {
            line: event.line,
            place,
            said,
        };
        self.note_flaws_of(event, extent);
        self.note_placed(
            what,
            (start.is_unsure, extent),
            start.clock,
            (start.instant, end),
        );
    }

    fn note_flaws_of(&mut self, event: &Event, extent: Extent) {
        if extent.is_backwards {
            self.problems
                .push(event.line, ProblemReason::EndBeforeStart);
        }
        if extent.is_empty_day {
            self.problems.push(event.line, ProblemReason::EmptyDay);
        }
    }

    /// Notes a time. In a zone that nobody knows it is read in the owner's, and unknown around it.
    fn note_placed(
        &mut self,
        what: What,
        (is_unsure, extent): (bool, Extent),
        clock: u32,
        (start, end): (i64, i64),
    ) {
        if !is_unsure && !extent.is_unsure && !extent.is_empty_day {
            return self.note(what.place, what.said, start, end);
        }
        let is_promise = matches!(self.asked, Asked::Open | Asked::Shifts);
        if !is_promise {
            self.note(what.place, what.said, start, end);
        }
        let end = if extent.is_unsure {
            start.max(end) + EAST_MAX + WEST_MAX
        } else if extent.is_empty_day {
            let wall = self.placing.wall_at(clock, start);
            self.placing.instant_of(clock, wall + DAY)
        } else {
            end
        };
        if what.said.kind == FreeBusyKind::Free || end <= start {
            return;
        }
        let (from, to) = match is_unsure {
            false => (start, end),
            true => (
                self.placing.wall_at(clock, start) - EAST_MAX,
                self.placing.wall_at(clock, end) + WEST_MAX,
            ),
        };
        self.lose(what.line, from, to);
    }

    fn master(&mut self, place: u32, event: &'a Event, overrides: &[(u32, &'a Event)]) {
        if event.recurrence.is_some() && event.start.is_some() {
            let said = self.said(event);
            self.lose_by_flaw(event, said.kind);
            return self.series(place, event, overrides, said);
        }
        match overrides {
            [] => self.single(place, event),
            overrides => self.single_unless_replaced(place, event, overrides),
        }
    }

    /// All instances of an event that recurs, and say this.
    fn series(&mut self, place: u32, event: &'a Event, overrides: &[(u32, &'a Event)], said: Said) {
        let start = event.start.filter(|_| !event.is_start_vague);
        let (Some(recurrence), Some(start)) = (self.recurrence_of(event), start) else {
            return;
        };
        let start = self.placing.place(start);
        let extent = self.placing.extent(event, &start);
        let shifts = match overrides {
            [] => Vec::new(),
            overrides => self.shifts(overrides, &start),
        };
        let takes_no_time = extent.is_nothing() && recurrence.extra.is_empty();
        if (!said.is_wanted || takes_no_time) && shifts.is_empty() {
            return;
        }
        self.note_flaws_of(event, extent);
        let longest = extent.longest().max(self.longest_extra(recurrence));
        let shifted = shifts.iter().map(|shift| shift.extent);
        let is_vague = |extent: Extent| extent.is_unsure || extent.is_empty_day;
        // What was added may be in a zone that nobody knows.
        let is_unsure = start.is_unsure
            || !recurrence.extra.is_empty()
            || shifted.chain([extent]).any(is_vague);
        let range = self.range(longest, &shifts, is_unsure);
        // What is lost may have been moved to earlier times.
        self.ahead = earlier(&shifts);
        let budget_before = self.budget.left().min(self.limits.component_steps_max());
        let mut budget = Budget::new(budget_before);
        self.exclude_all(event, recurrence, overrides, &start, range, &mut budget);
        self.begin_all(event, recurrence, &start, range, said.kind, &mut budget);
        // Spending what is left over cannot fail: the component's share was cut from it.
        let _ = self.budget.spend(budget_before - budget.left());
        let series = Series {
            what: What {
                line: event.line,
                place,
                said,
            },
            start,
            extent,
            shifts: &shifts,
        };
        let begins = std::mem::take(&mut self.begins);
        for begin in &begins {
            if !self.excluded.contains(*begin) {
                self.instance(&series, *begin);
            }
        }
        self.begins = begins;
    }

    fn recurrence_of(&self, event: &Event) -> Option<&'a Recurrence> {
        let recurrences = &self.calendar.parts.tables.recurrences;
        recurrences.get(event.recurrence? as usize)
    }

    /// Where instances may begin that reach into the window, where none is longer unless a change says so.
    fn range(&self, longest: i64, shifts: &[Shift], is_unsure: bool) -> (i64, i64) {
        let reach = shifts.iter().fold(longest, |reach, shift| {
            let longest = longest.max(shift.extent.longest());
            reach.max(longest + shift.by.abs() + SLACK)
        });
        // In a zone that nobody knows, what begins or ends beside the window may lie in it.
        let beside = if is_unsure { 2 * SLACK } else { 0 };
        let ahead = earlier(shifts);
        (
            self.window.0.saturating_sub(reach + beside),
            self.window.1.saturating_add(ahead + beside),
        )
    }

    /// No added period of a series is longer, in seconds.
    fn longest_extra(&self, recurrence: &Recurrence) -> i64 {
        let extra = recurrence.extra.of(&self.calendar.parts.tables.extra);
        let lengths = extra.iter().map(|(stamp, end)| match end {
            ExtraEnd::Same => 0,
            ExtraEnd::At(end) => end.written - stamp.written + 2 * SLACK,
            ExtraEnd::Lasts(span) => i64::from(span.days) * DAY + span.seconds + SLACK,
        });
        lengths.max().unwrap_or(0).max(0)
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
        self.excluded.clear();
        for replaced in overrides.iter().filter_map(|(_, event)| event.replaces) {
            exclude(
                &mut self.placing,
                replaced,
                stamp,
                &start,
                &mut self.excluded,
            );
        }
        self.excluded.sort();
        let begin = Begin {
            instant: start.instant,
            wall: start.wall,
            end: None,
            is_unsure: start.is_unsure,
        };
        if !self.excluded.contains(begin) {
            self.single(place, event);
        }
    }

    /// Notes one instance, moved where a change of it and all after it applies.
    fn instance(&mut self, series: &Series<'_>, begin: Begin) {
        let (clock, shifts) = (series.start.clock, series.shifts);
        let next = shifts.partition_point(|shift| shift.from <= begin.instant);
        let placing = &mut self.placing;
        let Some(shift) = next.checked_sub(1).map(|last| &shifts[last]) else {
            let (instant, wall) = (begin.instant, begin.wall);
            let Extent { length, .. } = series.extent;
            let (end, extent) = match begin.end {
                Some(end) => (end, Extent::of_period(end - instant)),
                None => (placing.end_of(length, instant, wall, clock), series.extent),
            };
            let is_unsure = begin.is_unsure;
            return self.note_placed(series.what, (is_unsure, extent), clock, (instant, end));
        };
        let wall = begin.wall + shift.by;
        let instant = placing.instant_of(clock, wall);
        let end = placing.end_of(shift.extent.length, instant, wall, clock);
        let unsure = (begin.is_unsure, shift.extent);
        self.note_placed(shift.what, unsure, clock, (instant, end));
    }

    /// The changes with RANGE=THISANDFUTURE (RFC 5545 section 3.2.13), by instance.
    fn shifts(&mut self, overrides: &[(u32, &'a Event)], start: &Placed) -> Vec<Shift> {
        let mut shifts = Vec::new();
        for (place, event) in overrides.iter().filter(|(_, event)| event.replaces_after) {
            let (Some(stamp), Some(to)) = (event.replaces, event.start) else {
                continue;
            };
            let from = self.placing.place_beside(stamp, start.clock);
            let to = self.placing.place_beside(to, start.clock);
            let extent = self.placing.extent(event, &to);
            let mut wall_at = |at: Placed| self.placing.wall_at(start.clock, at.instant);
            shifts.push(Shift {
                from: from.instant,
                by: wall_at(to) - wall_at(from),
                extent,
                what: What {
                    line: event.line,
                    place: *place,
                    said: self.said(event),
                },
            });
        }
        shifts.sort_by_key(|shift| shift.from);
        shifts
    }

    /// Puts the starts of a series in `range` into `begins`, ascending, each instant once.
    fn begin_all(
        &mut self,
        event: &Event,
        recurrence: &Recurrence,
        start: &Placed,
        range: (i64, i64),
        kind: FreeBusyKind,
        budget: &mut Budget,
    ) {
        let tables = &self.calendar.parts.tables;
        let begins = &mut self.begins;
        begins.clear();
        let mut add = |begin: Begin| {
            if (range.0..range.1).contains(&begin.instant) {
                begins.push(begin);
            }
        };
        let rules = recurrence.rules.of(&tables.rules);
        // A rule that ended before its start has no instance at all.
        let mut is_begun = rules.is_empty();
        for rule in rules {
            let until = Until::new(rule, start, &mut self.placing);
            is_begun |= until.allows(start.instant, start.wall);
        }
        if is_begun {
            add(Begin {
                instant: start.instant,
                wall: start.wall,
                end: None,
                is_unsure: start.is_unsure,
            });
        }
        for (stamp, end) in recurrence.extra.of(&tables.extra) {
            if near(*stamp, range) {
                add(extra(&mut self.placing, *stamp, *end, start));
            }
        }
        let mut lost_from = i64::MAX;
        for rule in rules {
            let mut expansion = Expansion {
                placing: &mut self.placing,
                scratch: &mut self.scratch,
                budget,
            };
            if let Err((from, reason)) = expansion.expand(rule, start, range, &mut add) {
                self.problems.push(event.line, reason);
                lost_from = lost_from.min(from);
            }
        }
        if lost_from < i64::MAX && kind != FreeBusyKind::Free {
            self.lose(event.line, lost_from.saturating_sub(self.ahead), i64::MAX);
        }
        let is_ascending = self.begins.is_sorted_by(|a, b| a.instant < b.instant);
        if !is_ascending {
            // Of instances with one start, that of a period holds (RFC 5545 section 3.8.5.2).
            self.begins
                .sort_unstable_by_key(|begin| (begin.instant, Reverse(begin.end), begin.wall));
            self.begins.dedup_by_key(|begin| begin.instant);
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
        let Extent { length, .. } = self.placing.extent(event, &start);
        let none = Recurrence::default();
        let recurrence = match event.replaces {
            None => self.recurrence_of(event).unwrap_or(&none),
            Some(_) => &none,
        };
        let overrides: Vec<(u32, &Event)> = overrides.iter().map(|event| (0, *event)).collect();
        let longest = length.longest().max(self.longest_extra(recurrence));
        let range = (self.window.0.saturating_sub(longest), self.window.1);
        let left = self.budget.left().min(self.limits.component_steps_max());
        let mut budget = Budget::new(left);
        let free = FreeBusyKind::Free;
        self.ahead = 0;
        self.exclude_all(event, recurrence, &overrides, &start, range, &mut budget);
        self.begin_all(event, recurrence, &start, range, free, &mut budget);
        let _ = self.budget.spend(left - budget.left());
        let begins = std::mem::take(&mut self.begins);
        let kept = begins
            .iter()
            .filter(|begin| !self.excluded.contains(**begin));
        let placing = &mut self.placing;
        let times = kept.map(|begin| {
            let end = placing.end_of(length, begin.instant, begin.wall, start.clock);
            (begin.instant, begin.end.unwrap_or(end))
        });
        let times = times.collect();
        self.begins = begins;
        times
    }
}

/// How much earlier, in seconds, changes may move an instance; the clocks may change in between.
fn earlier(shifts: &[Shift]) -> i64 {
    let earlier = shifts.iter().map(|shift| (SLACK - shift.by).max(0));
    earlier.max().unwrap_or(0)
}

/// A date that RDATE adds (RFC 5545 section 3.8.5.2).
fn extra(placing: &mut Placing<'_>, stamp: Stamp, end: ExtraEnd, start: &Placed) -> Begin {
    let placed = match (stamp.form, start.is_date) {
        // A date beside a timed start: that day at the start's time.
        (Form::Date(_), false) => {
            let wall = stamp.written + start.wall.rem_euclid(DAY);
            Placed {
                instant: placing.instant_of(start.clock, wall),
                wall,
                ..*start
            }
        }
        _ => placing.place_beside(stamp, start.clock),
    };
    let end = match end {
        ExtraEnd::Same => None,
        ExtraEnd::At(end) => Some(placing.place_beside(end, placed.clock).instant),
        ExtraEnd::Lasts(span) => {
            let length = Length::Nominal {
                days: span.days.into(),
                seconds: span.seconds,
            };
            Some(placing.end_of(length, placed.instant, placed.wall, placed.clock))
        }
    };
    Begin {
        instant: placed.instant,
        wall: placing.wall_at(start.clock, placed.instant),
        end,
        is_unsure: placed.is_unsure,
    }
}

/// The overrides of each instance with the highest SEQUENCE among themselves.
fn newest_overrides<'e>(
    places: &[u32],
    event: impl Fn(&u32) -> &'e Event,
) -> Vec<(u32, &'e Event)> {
    let key = |place: &u32| event(place).replaces.map(|stamp| stamp.written);
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
