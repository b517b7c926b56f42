//! Which components of a file made what a calendar says of a stretch of time.

use bereik_core::free_busy::{FreeBusy, FreeBusyKind};
use bereik_core::interval::Interval;

use crate::availability;
use crate::calendar::{Calendar, Expanded, interval};
use crate::expand::{Asked, Found};
use crate::problem::ProblemReason;
use crate::reading::Reading;
use crate::recurrence::{Budget, Exhausted};

/// A stretch of time of which a calendar says one thing, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explained {
    /// The stretch, as [`FreeBusy::intervals`] has it; unknown time at the ends of the window too.
    pub interval: Interval,
    /// What is said of it.
    pub kind: FreeBusyKind,
    /// The claims of this kind that made it, by start, then by line; weaker ones beneath it are left out.
    pub claims: Vec<Claim>,
}

/// What one component of a file says of a stretch of time. It bears no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Claim {
    /// From when until when; a claim may reach beyond what it helped to make.
    pub interval: Interval,
    /// The line of the component's BEGIN, from 1; of time that is unknown because the file could not be
    /// read on, the line from which on.
    pub line: usize,
    /// What it says.
    pub kind: FreeBusyKind,
    /// What kind of component it is.
    pub component: ComponentKind,
}

/// A kind of component that takes time (RFC 5545 section 3.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ComponentKind {
    /// A VAVAILABILITY: time in which its owner cannot be had (RFC 7953 section 3.1).
    Availability,
    /// A VEVENT.
    Event,
    /// A VFREEBUSY.
    FreeBusy,
    /// Something that could not be read or expanded, and may take any of this time.
    Unreadable,
}

impl Calendar {
    /// What [`free_busy`](Self::free_busy) says of `window`, stretch by stretch, with the components that made
    /// it say so.
    ///
    /// ```
    /// use bereik_calendar::{Limits, Reading};
    /// use bereik_core::interval::Interval;
    ///
    /// let file = "BEGIN:VCALENDAR\r\n\
    ///     BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261123T090000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\n\
    ///     BEGIN:VEVENT\r\nUID:2\r\nDTSTART:20261123T093000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\n\
    ///     END:VCALENDAR\r\n";
    /// let calendar = bereik_calendar::read(file.as_bytes(), &Limits::default());
    /// let day: Interval = "2026-11-23T00:00:00Z/2026-11-24T00:00:00Z".parse()?;
    /// let explained = calendar.explain(day, &Reading::new()).value;
    /// assert_eq!(explained.len(), 1);
    /// let lines: Vec<usize> = explained[0].claims.iter().map(|claim| claim.line).collect();
    /// assert_eq!(lines, [2, 7]);
    /// # Ok::<(), bereik_core::interval::IntervalError>(())
    /// ```
    #[must_use]
    pub fn explain(&self, window: Interval, reading: &Reading) -> Expanded<Vec<Explained>> {
        let mut found = self.expand(window, reading, Asked::Details);
        let events = self.events_of(window, &found);
        let claims = self.claims_of(window, &found, &events);
        let whole = availability::beneath(events, window, &found.availabilities);
        let mut value = stretches(&whole, window);
        let before = self.limits.steps_max() - found.steps;
        let mut budget = Budget::new(before);
        if let Err(line) = join(&mut value, claims, &mut budget) {
            found.problems.push(line, ProblemReason::Steps);
        }
        Expanded {
            value,
            problems: self.all_problems(found.problems),
            steps: found.steps + before - budget.left(),
        }
    }

    /// Every claim on the window, by start.
    fn claims_of(&self, window: Interval, found: &Found, events: &FreeBusy) -> Vec<Claim> {
        let mut claims = Vec::new();
        let mut claim = |interval: Option<Interval>, line: u32, kind, component| {
            let inside = interval.and_then(|interval| interval.intersection(&window));
            claims.extend(inside.map(|interval| Claim {
                interval,
                line: line as usize,
                kind,
                component,
            }));
        };
        for instance in &found.instances {
            let line = self.parts.events[instance.event as usize].line;
            let time = interval(instance.start, instance.end);
            claim(time, line, instance.kind, ComponentKind::Event);
        }
        for unknown in &found.unknown {
            let time = interval(unknown.start, unknown.end);
            let (kind, component) = (FreeBusyKind::Unknown, ComponentKind::Unreadable);
            claim(time, unknown.line, kind, component);
        }
        for block in &self.parts.blocks {
            for (start, end, kind) in &block.periods {
                let time = interval(*start, *end);
                claim(time, block.line, *kind, ComponentKind::FreeBusy);
            }
        }
        for closed in availability::closed_beneath(events, &found.availabilities) {
            let component = ComponentKind::Availability;
            claim(Some(closed.interval), closed.line, closed.kind, component);
        }
        claims.sort_unstable();
        claims.dedup();
        claims
    }
}

/// Each stretch of the window that is not free.
fn stretches(free_busy: &FreeBusy, window: Interval) -> Vec<Explained> {
    let mut stretches = Vec::new();
    let mut at = window.start();
    while at < window.end() {
        let next = free_busy.next_change_after(at).unwrap_or(window.end());
        let kind = free_busy.kind_at(at);
        let interval = Interval::new(at, next.min(window.end()));
        let taken = interval.filter(|_| kind != FreeBusyKind::Free);
        stretches.extend(taken.map(|interval| Explained {
            interval,
            kind,
            claims: Vec::new(),
        }));
        at = next;
    }
    stretches
}

/// Gives each stretch its claims, which are sorted.
///
/// # Errors
/// The line of a claim before which the budget was used up; later stretches have no claims.
fn join(stretches: &mut [Explained], claims: Vec<Claim>, budget: &mut Budget) -> Result<(), u32> {
    for kind in FreeBusyKind::ALL {
        let mut claims = claims.iter().filter(|claim| claim.kind == kind).peekable();
        let mut open: Vec<Claim> = Vec::new();
        for stretch in stretches.iter_mut().filter(|stretch| stretch.kind == kind) {
            let begins_before = |claim: &&Claim| claim.interval.start() < stretch.interval.end();
            while let Some(claim) = claims.next_if(begins_before) {
                open.push(*claim);
            }
            open.retain(|claim| stretch.interval.start() < claim.interval.end());
            let line = open.last().map_or(1, |claim| claim.line as u32);
            budget
                .spend(1 + open.len() as u64)
                .map_err(|Exhausted| line)?;
            stretch.claims.clone_from(&open);
        }
    }
    Ok(())
}
