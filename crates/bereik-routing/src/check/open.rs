//! When hours are open over a range, and how many of several are at once.

use bereik_core::Interval;
use bereik_core::directory::Directory;
use bereik_core::id::HoursId;
use bereik_core::line::Line;
use bereik_core::zone::Zone;
use chrono::TimeDelta;

use super::Check;

/// The longest range that is looked at, in days.
const DAYS_MAX: i64 = 400;

pub(super) fn looked_at(range: Interval) -> Interval {
    let end = range.start().checked_add_signed(TimeDelta::days(DAYS_MAX));
    let end = end.map_or(range.end(), |end| end.min(range.end()));
    Interval::new(range.start(), end).expect("the limit lies after the start")
}

/// When something is open: ascending and apart from each other.
pub(super) type Open = Vec<Interval>;

impl Check<'_> {
    /// When hours are open; always, where none are named.
    pub(super) fn open(&self, hours: Option<&HoursId>, zone: &Zone) -> Open {
        let hours = hours.and_then(|id| self.directory.hours(id));
        hours.map_or_else(
            || vec![self.range],
            |hours| {
                hours
                    .openings(self.range.start(), self.range.end(), zone)
                    .collect()
            },
        )
    }

    /// When a line is in service.
    pub(super) fn service(&self, line: &Line) -> Open {
        self.open(line.hours.as_ref(), zone_of_line(self.directory, line))
    }

    /// When fewer than so many are open at once: ascending and apart from each other, and the
    /// fewest that there are.
    pub(super) fn fewer_than(&self, count_min: usize, open: &[Open]) -> (Open, usize) {
        let mut edges: Vec<_> = open
            .iter()
            .flatten()
            .flat_map(|i| [(i.start(), 1i64), (i.end(), -1)])
            .collect();
        edges.push((self.range.end(), 0));
        edges.sort_unstable_by_key(|(at, _)| *at);
        let (mut from, mut count) = (self.range.start(), 0i64);
        let (mut fewer, mut fewest): (Open, i64) = (Vec::new(), i64::MAX);
        for (at, change) in edges {
            if let Some(stretch) = Interval::new(from, at) {
                fewest = fewest.min(count);
                if count < i64::try_from(count_min).unwrap_or(i64::MAX) {
                    extend(&mut fewer, stretch);
                }
                from = at;
            }
            count += change;
        }
        (fewer, usize::try_from(fewest).unwrap_or(0))
    }
}

fn extend(stretches: &mut Open, stretch: Interval) {
    match stretches.last_mut() {
        Some(last) if last.end() == stretch.start() => *last = last.hull(&stretch),
        _ => stretches.push(stretch),
    }
}

/// What two have in common.
pub(super) fn both(one: &[Interval], other: &[Interval]) -> Open {
    let mut found = Vec::new();
    for a in one {
        found.extend(other.iter().filter_map(|b| a.intersection(b)));
    }
    found.sort_unstable();
    found
}

fn zone_of_line<'a>(directory: &'a Directory, line: &Line) -> &'a Zone {
    let owner = directory.line(&line.id).and_then(|(_, owner)| owner);
    let owner = owner.and_then(|id| directory.person(id));
    owner.map_or(directory.zone(), |person| directory.zone_of(person))
}
