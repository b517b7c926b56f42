//! bereik: it merges, overrides and weighs by itself.

use bereik::calendar::{Calendar, Limits, Reading};
use bereik::core::free_busy::{FreeBusy, FreeBusyKind};
use bereik::core::interval::Interval;
use bereik::core::zone::Zone;
use bereik_benches::timing::timed;
use bereik_benches::workload::{self, Person, Window};

use super::{Busy, Round};

pub(crate) fn round(people: &[Person]) -> Round {
    // Whose calendar it is, and where they live, is known before it is read.
    let readings: Vec<Reading> = people.iter().map(reading).collect();
    let (calendars, read) = timed(|| people.iter().map(of).collect::<Vec<_>>());
    let over = |window: Window| {
        timed(|| {
            let pairs = calendars.iter().zip(&readings);
            pairs
                .map(|(calendar, reading)| expand(calendar, reading, window))
                .collect()
        })
    };
    let (days, expand_days) = over(workload::window());
    let (in_hour, hour) = over(workload::hour());
    drop(calendars);
    let (again, together) = timed(|| {
        let pairs = people.iter().zip(&readings);
        let each = pairs.map(|(person, reading)| expand(&of(person), reading, workload::window()));
        each.collect::<Vec<_>>()
    });
    assert_eq!(again, days, "the same calendars give the same answer");
    Round {
        read,
        expand: expand_days,
        hour,
        together,
        days,
        in_hour,
    }
}

/// How many times events take in the window, free ones among them, and how many problems there were.
pub(crate) fn occurrences(people: &[Person]) -> (usize, usize) {
    people.iter().fold((0, 0), |(times, problems), person| {
        let answer = of(person).occurrences(interval(workload::window()), &reading(person));
        (times + answer.value.len(), problems + answer.problems.len())
    })
}

fn of(person: &Person) -> Calendar {
    bereik::calendar::read(person.ics.as_bytes(), &Limits::default())
}

fn reading(person: &Person) -> Reading {
    let zone = Zone::named(person.place.name()).expect("a zone of the database");
    Reading::new().with_zone(zone).with_owner(&person.address)
}

fn interval((start, end): Window) -> Interval {
    Interval::new(start, end).expect("a window has a length")
}

fn expand(calendar: &Calendar, reading: &Reading, window: Window) -> Busy {
    let answer = calendar.free_busy(interval(window), reading);
    busy(&answer.value)
}

fn busy(value: &FreeBusy) -> Busy {
    let mut busy = Busy::default();
    let mut last_end = None;
    for (interval, kind) in value.intervals() {
        let seconds = interval.duration().num_seconds();
        if kind < FreeBusyKind::Tentative {
            continue;
        }
        busy.taken += seconds;
        if kind >= FreeBusyKind::Busy {
            busy.firm += seconds;
        }
        if last_end == Some(interval.start()) {
            busy.edges += seconds;
        } else {
            busy.stretches += 1;
            busy.edges += interval.start().timestamp() + interval.end().timestamp();
        }
        last_end = Some(interval.end());
    }
    busy
}
