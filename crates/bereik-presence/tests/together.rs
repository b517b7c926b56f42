//! Common openings against somebody who looks at each minute, one after the other.

use std::collections::BTreeMap;

use bereik_core::Interval;
use bereik_core::channel_kind::ChannelKind;
use bereik_core::directory::Draft;
use bereik_core::hours::{Hours, Week};
use bereik_core::person::Person;
use bereik_core::zone::Zone;
use bereik_presence::{
    Blocker, Coverage, PersonFacts, PlannedReach, ReachRules, Together, blockers_at, together,
};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use people::{Company, life, open_life, range, steps};
use world::{STEP_MIN, line};

#[path = "coverage/people.rs"]
#[expect(dead_code, reason = "the other laws need more of it")]
mod people;
#[path = "laws/world.rs"]
#[expect(dead_code, reason = "the other laws need more of it")]
mod world;

/// What holds in each minute of a range, of each person in order.
fn minutes_of(
    company: &Company,
    channel: ChannelKind,
    range: Interval,
) -> Vec<(DateTime<Utc>, Vec<PlannedReach>)> {
    let people = company.directory.people();
    let at_step = steps(range).map(|now| {
        let reach = people
            .iter()
            .map(|person| company.reach(person, channel, now));
        (now, reach.collect::<Vec<_>>())
    });
    // Everything begins and ends on the grid, so that a step tells of each of its minutes.
    let minutes = at_step.flat_map(|(now, reach)| {
        (0..STEP_MIN).map(move |minute| (now + TimeDelta::minutes(minute), reach.clone()))
    });
    minutes.collect()
}

fn naive(
    company: &Company,
    channel: ChannelKind,
    range: Interval,
    minutes: u32,
    after: DateTime<Utc>,
    openings_max: usize,
) -> Together {
    let from = range.start().max(after);
    let all = minutes_of(company, channel, range);
    let ahead: Vec<_> = all.into_iter().filter(|(now, _)| from <= *now).collect();
    let minute = TimeDelta::minutes(1);
    let mut openings = Vec::new();
    let mut begun: Option<DateTime<Utc>> = None;
    let mut looked_until = range.end();
    for place in 0..=ahead.len() {
        let minute = ahead.get(place);
        let are_all_there =
            minute.is_some_and(|(_, reach)| reach.iter().all(|r| *r == PlannedReach::Open));
        let now = minute.map_or(range.end(), |(now, _)| *now);
        if are_all_there {
            begun = begun.or(Some(now));
        } else if let Some(begun) = begun.take()
            && TimeDelta::minutes(minutes.into()) <= now - begun
        {
            openings.extend(Interval::new(begun, now));
            if openings.len() == openings_max {
                looked_until = now;
                break;
            }
        }
    }
    let looked_at = Interval::new(from, looked_until);
    let mut blockers = Vec::new();
    for (number, person) in company.directory.people().iter().enumerate() {
        let nothing = TimeDelta::zero();
        let person = person.id.clone();
        let mut blocker = Blocker {
            person,
            blocked: nothing,
            alone: nothing,
            perhaps: nothing,
        };
        for (now, reach) in &ahead {
            let is_open = |reach: &PlannedReach| *reach == PlannedReach::Open;
            if !looked_at.is_some_and(|looked_at| looked_at.contains(*now))
                || is_open(&reach[number])
            {
                continue;
            }
            match reach[number] {
                PlannedReach::Unknown => blocker.perhaps += minute,
                _ => blocker.blocked += minute,
            }
            if reach.iter().filter(|reach| !is_open(reach)).count() == 1 {
                blocker.alone += minute;
            }
        }
        if blocker.blocked != nothing || blocker.perhaps != nothing {
            blockers.push(blocker);
        }
    }
    blockers.sort_by_key(|blocker| (-blocker.alone, -blocker.blocked, blocker.person.clone()));
    Together {
        openings,
        looked_at,
        blockers,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// The openings are those that are found minute by minute, and so are the people in the way.
    #[test]
    fn openings_are_found_minute_by_minute(
        lives in prop_oneof![
            prop::collection::vec(life(), 1..4),
            prop::collection::vec(open_life(), 1..3),
        ],
        range in range(),
        minutes in prop::sample::select(vec![0, 1, 15, 16, 30, 50, 120, 100_000]),
        after_min in -200..3_000_i64,
        openings_max in 1..5_usize,
    ) {
        let company = Company::new(&lives);
        let coverage = company.coverage(range);
        let after = range.start() + TimeDelta::minutes(after_min);
        let found = together(&coverage, minutes, after, openings_max);
        for channel in [ChannelKind::Email, ChannelKind::Phone, ChannelKind::WebChat] {
            let should = naive(&company, channel, range, minutes, after, openings_max);
            prop_assert_eq!(&found[channel], &should, "{:?}", channel);
        }
    }

    /// Who blocks at an instant is who is not open then, and nobody does within an opening.
    #[test]
    fn blockers_are_those_who_are_not_open(
        lives in prop::collection::vec(life(), 1..4),
        range in range(),
    ) {
        let company = Company::new(&lives);
        let coverage = company.coverage(range);
        let channel = ChannelKind::WebChat;
        let openings = &together(&coverage, 1, range.start(), usize::MAX)[channel].openings;
        for now in steps(range) {
            let (blocking, perhaps) = blockers_at(&coverage, channel, now);
            let reach = |id| company.reach(company.directory.person(id).expect("he is one"), channel, now);
            prop_assert!(perhaps.iter().all(|id| reach(id) == PlannedReach::Unknown));
            prop_assert!(blocking
                .iter()
                .all(|id| matches!(reach(id), PlannedReach::Closed | PlannedReach::OnCall)));
            let is_open = openings.iter().any(|opening| opening.contains(now));
            prop_assert_eq!(is_open, blocking.is_empty() && perhaps.is_empty());
        }
    }

    /// With one more in the party no opening grows, and a longer one is among the shorter.
    #[test]
    fn more_people_have_less_in_common(
        lives in prop::collection::vec(life(), 2..4),
        range in range(),
        minutes in 1..120_u32,
    ) {
        let coverage = Company::new(&lives).coverage(range);
        let found = |coverage: &Coverage, minutes| {
            together(coverage, minutes, range.start(), usize::MAX)[ChannelKind::WebChat].openings.clone()
        };
        let all = found(&coverage, minutes);
        let fewer = found(&coverage.clone().without(&people::id(0)), minutes);
        prop_assert!(all.iter().all(|one| fewer.iter().any(|of| of.intersection(one) == Some(*one))));
        let longer = found(&coverage, minutes + 60);
        prop_assert!(longer.iter().all(|one| all.contains(one)));
    }
}

/// One works in Rotterdam, one in New York, in the fortnight in which only one of the two has set the clock.
#[test]
fn two_shores_have_an_hour_more_while_only_one_clock_is_changed() {
    let day = || vec!["09:00-17:00".parse().expect("a stretch")];
    let week = Week {
        mon: day(),
        tue: day(),
        wed: day(),
        thu: day(),
        fri: day(),
        ..Week::default()
    };
    let mut draft = Draft::new("Rivers & Co", Zone::utc());
    draft
        .hours
        .insert("office".parse().expect("an id"), Hours::new(week));
    draft.default_hours = Some("office".parse().expect("an id"));
    for (name, zone) in [("anna", "Europe/Amsterdam"), ("bo", "America/New_York")] {
        let mut person = Person::new(name.parse().expect("an id"), name);
        person.zone = Some(Zone::named(zone).expect("a zone"));
        draft
            .people
            .push(person.with_line(line(name, ChannelKind::Phone, "tel:+31201234567")));
    }
    let directory = draft.check().expect("a directory");
    let range = "2026-03-06T00:00:00Z/2026-04-04T00:00:00Z"
        .parse()
        .expect("an interval");
    let facts = BTreeMap::<_, PersonFacts>::new();
    let coverage = Coverage::new(
        &directory,
        directory.people(),
        &facts,
        &ReachRules::default(),
        range,
    );
    let hours = |from: &str| {
        let from = from.parse().expect("an instant");
        let found = together(&coverage, 30, from, 1)[ChannelKind::Phone].clone();
        found.openings[0].to_string()
    };
    assert_eq!(
        hours("2026-03-06T00:00:00Z"),
        "2026-03-06T14:00:00Z/2026-03-06T16:00:00Z"
    );
    assert_eq!(
        hours("2026-03-09T00:00:00Z"),
        "2026-03-09T13:00:00Z/2026-03-09T16:00:00Z"
    );
    assert_eq!(
        hours("2026-03-30T00:00:00Z"),
        "2026-03-30T13:00:00Z/2026-03-30T15:00:00Z"
    );
}

#[test]
fn nobody_and_nothing_give_nothing() {
    let directory = Draft::new("Rivers & Co", Zone::utc())
        .check()
        .expect("a directory");
    let day: Interval = "2026-11-23T00:00:00Z/2026-11-24T00:00:00Z"
        .parse()
        .expect("an interval");
    let coverage = Coverage::new(
        &directory,
        [],
        &BTreeMap::new(),
        &ReachRules::default(),
        day,
    );
    for (_, found) in together(&coverage, 30, day.start(), 3).iter() {
        assert_eq!(found, &Together::default());
    }
}
