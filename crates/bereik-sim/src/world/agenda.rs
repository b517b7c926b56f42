//! What stands in people's agendas: their calendars, their breaks, and what the scenario adds.

use std::collections::BTreeMap;

use bereik_core::directory::Directory;
use bereik_core::free_busy::FreeBusyBuilder;
use bereik_core::signal::{Signal, SignalKind};
use bereik_core::{ChannelKind, FreeBusy, FreeBusyKind, Interval, PersonId, Slot};
use bereik_presence::{Board, PersonFacts};
use chrono::{DateTime, Days, TimeDelta, Utc};

use crate::person::habits_of;
use crate::scenario::Scenario;

/// Agendas are known for so many days before and after.
const KNOWN_DAYS: i64 = 40;

/// Puts on the board what stands in everybody's agenda.
pub(super) fn agendas(
    board: &mut Board,
    scenario: &Scenario,
    directory: &Directory,
    facts: &BTreeMap<PersonId, PersonFacts>,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
) {
    let margin = TimeDelta::days(KNOWN_DAYS);
    let known = Interval::new(start - margin, end + margin).expect("it ends after it starts");
    for (person, slot) in directory.people().iter().zip(0..) {
        let slot = Slot::new(slot);
        board.set_signal(
            slot,
            signal(SignalKind::Online(ChannelKind::WebChat), start, known.end()),
        );
        let mut builder = FreeBusy::builder(known);
        let mut is_empty = add_engagements(&mut builder, scenario, directory, &person.id);
        if let Some(habits) = habits_of(scenario, directory, &person.id) {
            let zone = directory.zone_of(person);
            let first = zone.local_at(start).date();
            let days = (end - start).num_days() as u64 + 2;
            for date in (0..days).filter_map(|day| first.checked_add_days(Days::new(day))) {
                for stretch in &habits.breaks {
                    let minute = |minute: u16| {
                        let midnight = date.and_time(chrono::NaiveTime::MIN);
                        zone.instant_of(midnight + TimeDelta::minutes(minute.into()))
                    };
                    let (from, to) = (minute(stretch.start_min()), minute(stretch.end_min()));
                    if let Some(away) = Interval::new(from, to) {
                        builder.push(away, FreeBusyKind::Busy);
                        is_empty = false;
                    }
                }
            }
        }
        let told = facts.get(&person.id);
        if let Some(told) = told {
            board.set_open_time(slot, told.open_time.clone());
            board.set_on_call(slot, told.on_call.clone());
        }
        let read = told
            .map(|told| &told.free_busy)
            .filter(|read| read.known().is_some());
        match (read, is_empty) {
            (Some(read), true) => board.set_free_busy(slot, read.clone()),
            (Some(read), false) => board.set_free_busy(slot, read.merge(&builder.build())),
            (None, false) => board.set_free_busy(slot, builder.build()),
            (None, true) => {}
        }
    }
}

pub(super) fn signal(kind: SignalKind, at: DateTime<Utc>, expires_at: DateTime<Utc>) -> Signal {
    Signal {
        kind,
        source: "world".into(),
        at,
        expires_at,
    }
}

/// Adds what the scenario writes into somebody's agenda; whether that is nothing.
fn add_engagements(
    builder: &mut FreeBusyBuilder,
    scenario: &Scenario,
    directory: &Directory,
    person: &PersonId,
) -> bool {
    let zone = directory.zone();
    let mut is_empty = true;
    for engagement in &scenario.agenda {
        let by_group = engagement.groups.iter().any(|id| {
            let group = directory.group(id);
            group.is_some_and(|group| group.members.contains(person))
        });
        let all = engagement.who.is_empty() && engagement.groups.is_empty();
        let (from, to) = (engagement.from.in_zone(zone), engagement.to.in_zone(zone));
        if (all || by_group || engagement.who.contains(person))
            && let Some(interval) = Interval::new(from, to)
        {
            builder.push(interval, engagement.kind);
            is_empty = false;
        }
    }
    is_empty
}
