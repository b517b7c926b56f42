//! Compiles a VTIMEZONE (RFC 5545 section 3.6.5) into a zone.

use bereik_core::zone::Zone;
use chrono::DateTime;

use crate::civil::{DAY, day_number};
use crate::component::{Observance, ZoneDefinition};
use crate::read::value::When;
use crate::recurrence::periods::Start;
use crate::recurrence::{Budget, Frequency, Rule};

/// Rules are written out between the firsts of January of these years.
const YEARS: (i32, i32) = (1900, 2201);
/// More onsets than this are no real zone.
const ONSETS_MAX: usize = 20_000;

/// The zone that a definition means, or `None` where it cannot be read.
pub(crate) fn compile(definition: &ZoneDefinition, budget: &mut Budget) -> Option<Zone> {
    if definition.is_flawed {
        return None;
    }
    let mut onsets: Vec<(i64, i32, i32)> = Vec::new();
    for observance in &definition.observances {
        add_onsets(observance, &mut onsets, budget)?;
    }
    onsets.sort_by_key(|(at, ..)| *at);
    let (_, _, first_offset) = *onsets.first()?;
    // Where two observances begin at once, the later in the file holds.
    onsets.reverse();
    onsets.dedup_by_key(|(at, ..)| *at);
    onsets.reverse();
    let transitions = onsets
        .into_iter()
        .map(|(at, to, _)| Some((DateTime::from_timestamp(at, 0)?, to)))
        .collect::<Option<Vec<_>>>()?;
    let name = String::from_utf8_lossy(&definition.name);
    Zone::from_transitions(&name, first_offset, transitions).ok()
}

/// Appends (instant, offset that begins, offset that ends) for each onset of an observance.
fn add_onsets(
    observance: &Observance,
    onsets: &mut Vec<(i64, i32, i32)>,
    budget: &mut Budget,
) -> Option<()> {
    let (from, to) = (observance.offset_from?, observance.offset_to?);
    let start = observance.start?;
    if observance.is_flawed {
        return None;
    }
    let instant_of = |wall: i64| wall - i64::from(from);
    let mut add = |wall: i64| onsets.push((instant_of(wall), to, from));
    add(start);
    observance.extra.iter().copied().for_each(&mut add);
    for rule in &observance.rules {
        if rule.frequency < Frequency::Daily {
            return None;
        }
        let first = i64::from(day_number(YEARS.0, 1, 1)) * DAY;
        let last = i64::from(day_number(YEARS.1, 1, 1)) * DAY;
        let within = |wall: i64| is_until(rule, wall, instant_of(wall));
        rule.expand_walls(Start::new(start, false), first..last, budget, |wall| {
            if within(wall) {
                add(wall);
            }
        })
        .ok()?;
    }
    (onsets.len() <= ONSETS_MAX).then_some(())
}

/// Whether an onset is not after UNTIL; one without `Z` is read as wall time, a date as its whole
/// day.
fn is_until(rule: &Rule, wall: i64, instant: i64) -> bool {
    match rule.until {
        None => true,
        Some(When::Utc(until)) => instant <= until,
        Some(When::Wall(until)) => wall <= until,
        Some(When::Date(day)) => wall < (i64::from(day) + 1) * DAY,
    }
}
