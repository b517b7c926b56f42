//! Who serves, told naively: a clock is watched step by step, and sets of people are put together by name.

use std::collections::BTreeSet;

use bereik_core::zone::Local;
use bereik_core::{PersonId, Zone};
use bereik_presence::roster::{
    Cadence, Change, FixedShifts, Layering, Roster, Rotation, Rule, Who,
};
use chrono::{DateTime, Months, NaiveDateTime, TimeDelta, Utc};

pub(crate) type People = BTreeSet<PersonId>;

/// What the clock shows when the turn of this number begins, told by the calendar.
pub(crate) fn wall(rotation: &Rotation, number: i64) -> NaiveDateTime {
    let count = number * i64::from(rotation.length().get());
    let start = rotation.start();
    match rotation.cadence() {
        Cadence::Hourly => start + TimeDelta::hours(count),
        Cadence::Daily => start + TimeDelta::days(count),
        Cadence::Weekly => start + TimeDelta::weeks(count),
        Cadence::Monthly => {
            let months = Months::new(count.unsigned_abs() as u32);
            if count < 0 {
                start - months
            } else {
                start + months
            }
        }
    }
}

/// The first instant at which the clock shows this or more, for zones whose clock is not set twice in a day.
pub(crate) fn first_shown(zone: &Zone, wall: NaiveDateTime) -> DateTime<Utc> {
    match zone.locate(wall) {
        Local::One(instant) | Local::Fold { first: instant, .. } => instant,
        Local::Gap { before, after } => {
            let transition = zone.next_transition_after(after).expect("a gap has an end");
            assert!(transition <= before);
            transition
        }
    }
}

/// Whose turn it is, by walking from the start.
fn on_turn(rotation: &Rotation, now: DateTime<Utc>) -> Option<PersonId> {
    let members = rotation.members();
    if members.is_empty() {
        return None;
    }
    let begins = |number| first_shown(rotation.zone(), wall(rotation, number));
    let mut number = 0;
    while now < begins(number) {
        number -= 1;
    }
    while begins(number + 1) <= now {
        number += 1;
    }
    Some(members[number.rem_euclid(members.len() as i64) as usize].clone())
}

fn named(rule: &Rule, zone: &Zone, now: DateTime<Utc>) -> Vec<PersonId> {
    if rule.from.is_some_and(|from| now < from) || rule.until.is_some_and(|until| until <= now) {
        return Vec::new();
    }
    if rule
        .hours
        .as_ref()
        .is_some_and(|hours| !hours.is_open_at(now, zone))
    {
        return Vec::new();
    }
    match &rule.who {
        Who::Person(person) => vec![person.clone()],
        Who::Rotation(rotation) => on_turn(rotation, now).into_iter().collect(),
        Who::Shifts(shifts) => {
            let serving = shifts.iter().filter(|shift| shift.interval.contains(now));
            serving.map(|shift| shift.person.clone()).collect()
        }
        other => panic!("nothing is known of {other:?}"),
    }
}

fn fixed(list: &[FixedShifts], now: DateTime<Utc>) -> Option<People> {
    let mut found = None;
    for fixed in list {
        if fixed.interval.contains(now) {
            let shifts = fixed.shifts.iter().filter(|s| s.interval.contains(now));
            found = Some(shifts.map(|shift| shift.person.clone()).collect());
        }
    }
    found
}

/// Who serves at an instant.
pub(crate) fn on_call(roster: &Roster, now: DateTime<Utc>) -> People {
    if let Some(served) = fixed(&roster.history, now) {
        return served;
    }
    if let Some(temporary) = fixed(&roster.temporary, now) {
        return temporary;
    }
    let mut people = People::new();
    let wins = roster.layering == Layering::LastWins;
    for rule in &roster.rules {
        for person in named(rule, &roster.zone, now) {
            if wins {
                people.clear();
            }
            people.insert(person);
        }
    }
    for made in &roster.overrides {
        if made.interval.contains(now) {
            people = changed(people, &made.change, wins);
        }
    }
    people
}

/// Who serves after an override.
pub(crate) fn changed(mut people: People, change: &Change, wins: bool) -> People {
    match change {
        Change::Add(person) => {
            if wins {
                people.clear();
            }
            people.insert(person.clone());
        }
        Change::Remove(person) => {
            people.remove(person);
        }
        Change::Replace { person, with } => {
            if people.remove(person) {
                people.insert(with.clone());
            }
        }
        other => panic!("nothing is known of {other:?}"),
    }
    people
}
