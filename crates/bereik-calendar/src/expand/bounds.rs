//! Which windows the events of a UID can touch, so that all others pass them by.

use crate::civil::DAY;
use crate::component::{Ending, Event, ExtraEnd, Flaw, Recurrence, Tables};
use crate::read::value::{Span, When};
use crate::recurrence::Rule;

/// A stamp's digits and its instant are never further apart, in whatever zone it is, known or not.
const SLACK: i64 = 3 * DAY;

/// The events of one UID, and when they can take time at all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    /// Its first event's place in the calendar's order, and how many there are.
    pub(crate) first: u32,
    pub(crate) count: u32,
    /// Unix seconds, half-open.
    from: i64,
    to: i64,
}

impl Group {
    /// The group of these events, which stand at `first` in the calendar's order.
    pub(crate) fn new<'e>(
        first: u32,
        events: impl Iterator<Item = &'e Event>,
        tables: &Tables,
    ) -> Self {
        let mut group = Self {
            first,
            count: 0,
            from: i64::MAX,
            to: i64::MIN,
        };
        for event in events {
            let (from, to) = bounds(event, tables);
            group.count += 1;
            group.from = group.from.min(from);
            group.to = group.to.max(to);
        }
        group
    }

    pub(crate) fn touches(&self, window: (i64, i64)) -> bool {
        self.from < window.1 && window.0 < self.to
    }
}

/// No time of the event, and nothing that its flaws hide, lies outside.
fn bounds(event: &Event, tables: &Tables) -> (i64, i64) {
    let start = match event.start {
        Some(start) if event.flaw < Flaw::Anywhere && !event.replaces_after => start.written,
        _ => return (i64::MIN, i64::MAX),
    };
    let from = start - SLACK;
    let length = match event.end {
        Ending::At(end) => end.written - start,
        Ending::Lasts(span) => seconds(span),
        Ending::Missing => DAY,
        Ending::Unreadable => return (from, i64::MAX),
    };
    let length = length.max(0) + 2 * SLACK;
    let is_vague = event.is_start_vague && event.recurrence.is_some();
    if event.flaw != Flaw::None || is_vague {
        return (from, i64::MAX);
    }
    let Some(recurrence) = event
        .recurrence
        .and_then(|at| tables.recurrences.get(at as usize))
    else {
        return (from, start + length);
    };
    let (first, last) = hull(start, length, recurrence, tables);
    (first - SLACK, last.saturating_add(SLACK))
}

/// From the first start to the last end of a series, by its digits.
fn hull(start: i64, length: i64, recurrence: &Recurrence, tables: &Tables) -> (i64, i64) {
    let (mut first, mut last) = (start, start + length);
    for rule in recurrence.rules.of(&tables.rules) {
        last = last.max(last_start(rule, start).saturating_add(length));
    }
    for (stamp, end) in recurrence.extra.of(&tables.extra) {
        let end = match end {
            ExtraEnd::At(end) => end.written,
            ExtraEnd::Lasts(span) => stamp.written + seconds(*span),
            ExtraEnd::Same => stamp.written + length,
        };
        first = first.min(stamp.written);
        // A date beside a timed start takes the start's time of day.
        last = last.max(end + DAY);
    }
    (first, last)
}

/// No instance of a rule starts later, by its digits.
fn last_start(rule: &Rule, start: i64) -> i64 {
    let until = rule.until.map_or(i64::MAX, |until| match until {
        When::Date(day) => (i64::from(day) + 1) * DAY,
        When::Utc(at) | When::Wall(at) => at + DAY,
    });
    let counted = rule.last_by_count(start).unwrap_or(i64::MAX);
    until.min(counted)
}

fn seconds(span: Span) -> i64 {
    i64::from(span.days) * DAY + span.seconds
}
