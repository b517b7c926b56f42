//! Presence against the table on the crate's front page, told naively, instant by instant.

use std::collections::{BTreeMap, BTreeSet};

use bereik_core::channel_kind::ChannelKind;
use bereik_core::hours::Week;
use bereik_core::presence::{PresenceSource as Source, PresenceState as State};
use bereik_core::public_view::Standing;
use bereik_core::reachability::{Reach, ReachReason, Reachability};
use bereik_core::{FreeBusy, FreeBusyKind, Interval};
use bereik_presence::{
    PersonFacts, ReachRules, line_in_service, next_open_for, presence_at, public_board,
    public_view_of_group, public_view_of_person, reachability_at,
};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use naive::{is_live, naive, naive_over, naive_reach};
use world::{STEP_MIN, STEPS, World, at, company, directory, span, week, world};

#[path = "laws/naive.rs"]
mod naive;
#[path = "laws/views.rs"]
mod views;
#[path = "laws/world.rs"]
mod world;

/// Whether a channel is open, a desk taken for granted.
fn is_open(world: &World, now: DateTime<Utc>, channel: ChannelKind, found: Reachability) -> bool {
    let can_chat =
        || channel == ChannelKind::WebChat && naive_over(world, channel, now).0.is_available();
    found.reach == Reach::Now || (found.reason == ReachReason::NoDesk && can_chat())
}

/// Whether an outsider could use the chat or a public phone, a desk taken for granted.
fn is_usable(world: &World, has_phone: bool, now: DateTime<Utc>) -> bool {
    let state = |channel| naive_over(world, channel, now).0;
    let phone = || {
        line_in_service(&world.directory, world.person(), ChannelKind::Phone, now).is_some()
            && (state(ChannelKind::Phone).is_available()
                || state(ChannelKind::Phone) == State::Idle)
    };
    state(ChannelKind::WebChat).is_available() || has_phone && phone()
}

/// How much a reach gives: more is more available.
fn worth(reach: Reach) -> u8 {
    match reach {
        Reach::Now => 2,
        Reach::OnCall | Reach::Unknown => 1,
        Reach::From(_) | Reach::Never => 0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// At any time, the table read naively says the same.
    #[test]
    fn presence_is_the_table(world in world(), first in 0..5_i64) {
        for step in (first..STEPS).step_by(5) {
            let now = at(step) + TimeDelta::seconds(step % 900);
            let presence = presence_at(&world.directory, world.person(), &world.facts, now);
            prop_assert_eq!((presence.state, presence.source), naive(&world, now), "at {}", now);
        }
    }

    /// At any time, the rules read naively say the same.
    #[test]
    fn reachability_is_the_rules(world in world(), first in 0..9_i64) {
        let rules = ReachRules::default();
        for step in (first..STEPS).step_by(9) {
            let now = at(step);
            let of = reachability_at(&world.directory, world.person(), &world.facts, &rules, now);
            for (channel, found) in of.0.iter() {
                let (word, reason) = naive_reach(&world, channel, now);
                let is_word = match found.reach {
                    Reach::From(_) => word == "later",
                    Reach::Never => word == "later" || word == "never",
                    Reach::Now => word == "now",
                    Reach::OnCall => word == "on call",
                    Reach::Unknown => word == "unknown",
                };
                prop_assert!(is_word, "{:?} at {} is {:?}, not {}", channel, now, found, word);
                prop_assert_eq!(found.reason, reason);
            }
        }
    }

    /// Presence stands until it says, and not a moment longer.
    #[test]
    fn presence_stands_until_it_says(world in world(), from in 0..STEPS) {
        let of = |now| presence_at(&world.directory, world.person(), &world.facts, now);
        let presence = of(at(from));
        let end = presence.until.unwrap_or(at(STEPS)).min(at(STEPS));
        for step in from..STEPS {
            let later = of(at(step));
            if at(step) < end {
                prop_assert_eq!(later.state, presence.state);
                prop_assert_eq!(later.source, presence.source);
                prop_assert_eq!(later.until, presence.until);
            }
        }
        if let Some(until) = presence.until {
            let next = of(until);
            prop_assert!((next.state, next.source) != (presence.state, presence.source));
        }
        let opening = (from + 1..STEPS).map(at).find(|at| of(*at).state.is_available());
        let said = presence.next_available_at.filter(|at_| *at_ < at(STEPS));
        match presence.state.is_available() {
            true => prop_assert_eq!(presence.next_available_at, None),
            false => prop_assert_eq!(said, opening),
        }
    }

    /// A row stands until it says; what opens later opens exactly then.
    #[test]
    fn reachability_stands_until_it_says(world in world(), from in 0..STEPS) {
        let (directory, rules) = (&world.directory, ReachRules::default());
        let of = |now| reachability_at(directory, world.person(), &world.facts, &rules, now);
        let later: Vec<_> = (from..STEPS).map(|step| (at(step), of(at(step)))).collect();
        let (row, until) = later[0].1;
        for (now, found) in &later {
            if until.is_none_or(|until| *now < until) {
                prop_assert_eq!(*found, (row, until));
            }
        }
        if let Some(until) = until {
            prop_assert_ne!(of(until).0, row);
        }
        for (channel, reachability) in row.iter() {
            let opening = later.iter().find(|(now, (row, _))| {
                is_open(&world, *now, channel, row[channel])
            });
            let opening = opening.map(|(now, _)| *now);
            match reachability.reach {
                Reach::From(opens) if opens < at(STEPS) => {
                    let has_failed = of(opens).0[channel].reason == ReachReason::ChannelDown;
                    prop_assert!(opening == Some(opens) || has_failed, "{:?}", channel);
                    prop_assert!(opening.is_none_or(|opening| opens <= opening));
                }
                Reach::From(_) => prop_assert_eq!(opening, None),
                Reach::Never if reachability.reason != ReachReason::NoDesk
                    && reachability.reason != ReachReason::ChannelDown =>
                {
                    prop_assert_eq!(opening, None);
                }
                _ => {}
            }
        }
    }

    /// A busy or absent claim never makes anybody more available, over any channel.
    #[test]
    fn a_busy_claim_never_opens(
        world in world(),
        span in span(),
        away in any::<bool>(),
        from in 0..STEPS,
    ) {
        prop_assume!(world.facts.free_busy.known().is_some());
        let kind = if away { FreeBusyKind::OutOfOffice } else { FreeBusyKind::Busy };
        let other = world.with_claim(span, kind);
        let rules = ReachRules::default();
        let knows_not = world.claims.iter().any(|(_, kind)| *kind == FreeBusyKind::Unknown);
        for step in from..(from + 40).min(STEPS) {
            let now = at(step);
            let state = |w: &World| presence_at(&w.directory, w.person(), &w.facts, now).state;
            let (before, after) = (state(&world), state(&other));
            prop_assert!(before.is_available() || !after.is_available());
            let row = |w: &World| {
                reachability_at(&w.directory, w.person(), &w.facts, &rules, now).0
            };
            let (was, is) = (row(&world), row(&other));
            for (channel, after) in is.iter() {
                let was = was[channel];
                // Where nothing was known, a meeting tells that he is at work: mail waits for him.
                let learnt = naive_over(&world, channel, now).0 == State::Unknown && !is_live(channel);
                let on_call = after.reach == Reach::OnCall;
                prop_assert!(
                    worth(after.reach) <= worth(was.reach) || learnt || on_call,
                    "{:?} over {:?} became {:?}", was, channel, after
                );
                let learns_later = knows_not && !is_live(channel);
                if let (Reach::From(was), Reach::From(is)) = (was.reach, after.reach)
                    && !learns_later
                {
                    prop_assert!(was <= is);
                }
            }
        }
    }

    /// The first opening that is long enough is the one that looking at each quarter of an hour finds.
    #[test]
    fn an_opening_is_long_enough(world in world(), from in 0..STEPS, quarters in 1..8_i64) {
        let rules = ReachRules::default();
        let open = |channel, step| {
            let state = naive_over(&world, channel, at(step)).0;
            match channel {
                ChannelKind::WebChat => state.is_available(),
                _ => {
                    let line = line_in_service(&world.directory, world.person(), channel, at(step));
                    line.is_some() && (state.is_available() || state == State::Idle)
                }
            }
        };
        for channel in [ChannelKind::Phone, ChannelKind::WebChat] {
            let amount = TimeDelta::minutes(quarters * STEP_MIN);
            let (person, facts) = (world.person(), &world.facts);
            let found = next_open_for(
                &world.directory, person, facts, &rules, channel, amount, at(from),
            );
            let naive = (from..STEPS)
                .find(|start| (*start..*start + quarters).all(|step| open(channel, step)));
            prop_assert_eq!(found.filter(|found| *found < at(STEPS)), naive.map(at), "{:?}", channel);
        }
    }

    /// Whoever has a calendar of which nothing is known is available only by his own hand.
    #[test]
    fn unknown_is_never_available(world in world(), from in 0..STEPS) {
        let mut world = world;
        world.facts.free_busy = FreeBusy::unknown();
        prop_assume!(!world.person().calendars.is_empty());
        let presence = presence_at(&world.directory, world.person(), &world.facts, at(from));
        if presence.source != Source::Hand {
            prop_assert!(!presence.state.is_available());
            let opening = presence.next_available_at;
            let by_hand = opening.is_none_or(|at| naive(&world, at).1 == Source::Hand);
            prop_assert!(by_hand);
        }
    }

    /// Signals that ran out count for nothing.
    #[test]
    fn expired_signals_do_not_count(world in world(), from in 0..STEPS) {
        let mut without = world.facts.clone();
        without.signals.retain(|s| at(from) < s.expires_at);
        let rules = ReachRules::default();
        let of = |facts| (
            presence_at(&world.directory, world.person(), facts, at(from)),
            reachability_at(&world.directory, world.person(), facts, &rules, at(from)),
        );
        prop_assert_eq!(of(&world.facts), of(&without));
    }

    /// The board stands as long as it says; views agree with it; nothing is back too late.
    #[test]
    fn the_board_stands_until_it_says(world in world(), from in 0..STEPS) {
        let (directory, rules) = (&world.directory, ReachRules::default());
        let facts = BTreeMap::from([(world.person().id.clone(), world.facts.clone())]);
        let of = |now| public_board(directory, &facts, &rules, now);
        let (board, until) = of(at(from));
        let end = until.unwrap_or(at(STEPS)).min(at(STEPS));
        for later in (from..STEPS).map(at).take_while(|at| *at < end) {
            prop_assert_eq!(&of(later).0, &board);
        }
        let view = public_view_of_person(directory, world.person(), &world.facts, &rules, at(from));
        let group = &directory.groups()[0];
        let sum = public_view_of_group(directory, group, &facts, &rules, at(from));
        let horizon = at(from) + TimeDelta::hours(directory.draft().horizon_h.into());
        prop_assert!(view.back_at.is_none_or(|at_| at(from) < at_ && at_ <= horizon));
        // A group of one is that one, but for the ways to him.
        prop_assert_eq!(sum.standing, view.standing);
        prop_assert_eq!(&sum.now_over, &view.now_over);
        prop_assert_eq!(sum.back_at, view.back_at);
        prop_assert!(sum.other_ways.is_empty());
        prop_assert_eq!(&board.people[0].1, &view);
        prop_assert_eq!(&board.groups[0].1, &sum);
        let phone = line_in_service(directory, world.person(), ChannelKind::Phone, at(from));
        let has_phone = view.other_ways.iter().any(|(kind, _)| *kind == ChannelKind::Phone);
        prop_assert_eq!(phone.is_some(), has_phone);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A group is the sum of its members within its hours, and back when one of them is.
    #[test]
    fn a_group_is_the_sum_of_its_members(
        anna in world(),
        bo in world(),
        open in prop::option::of(week()),
        from in 0..STEPS,
    ) {
        let (directory, worlds) = company(&anna, &bo, open);
        let rules = ReachRules::default();
        let facts: BTreeMap<_, _> = directory
            .people()
            .iter()
            .zip(&worlds)
            .map(|(person, world)| (person.id.clone(), world.facts.clone()))
            .collect();
        let group = &directory.groups()[0];
        let view = public_view_of_group(&directory, group, &facts, &rules, at(from));
        let hours = group.hours.as_ref().and_then(|id| directory.hours(id));
        let is_open = |now| hours.is_none_or(|h| h.is_open_at(now, directory.zone()));
        let members: Vec<_> = directory
            .people()
            .iter()
            .map(|p| public_view_of_person(&directory, p, &facts[&p.id], &rules, at(from)))
            .collect();
        let any = |standing| members.iter().any(|view| view.standing == standing);
        let sum = [Standing::Available, Standing::Busy, Standing::Away];
        let sum = sum.into_iter().find(|s| any(*s)).unwrap_or(Standing::Offline);
        let standing = if is_open(at(from)) { sum } else { Standing::Closed };
        prop_assert_eq!(view.standing, standing);
        let now_over: BTreeSet<_> = members.iter().flat_map(|v| v.now_over.clone()).collect();
        let now_over = now_over.into_iter().filter(|_| is_open(at(from)));
        prop_assert_eq!(view.now_over, now_over.collect::<Vec<_>>());
        let back = (from + 1..STEPS).map(at).find(|now| {
            is_open(*now) && (is_usable(&worlds[0], true, *now) || is_usable(&worlds[1], false, *now))
        });
        let has_back = matches!(
            view.standing,
            Standing::Busy | Standing::Away | Standing::Closed
        );
        // Whoever is there without a desk is not back: he is waited for.
        let is_there = is_open(at(from))
            && (is_usable(&worlds[0], true, at(from)) || is_usable(&worlds[1], false, at(from)));
        if has_back && !is_there {
            prop_assert_eq!(view.back_at.filter(|back_at| *back_at < at(STEPS)), back);
        } else if !has_back {
            prop_assert_eq!(view.back_at, None);
        }
    }
}

/// From outside nobody can tell leave from a closed door or the end of a shift.
#[test]
fn the_reason_of_an_absence_is_not_shown() {
    let office: Vec<_> = vec!["09:00-17:00".parse().expect("a stretch")];
    let week = Week {
        fri: office.clone(),
        mon: office,
        ..Week::default()
    };
    let directory = directory("UTC", Some(week), None, true);
    let person = &directory.people()[0];
    let known = Interval::new(at(-100), at(10_000)).expect("it ends after it starts");
    let friday_evening: DateTime<Utc> = "2026-03-27T18:00:00Z".parse().expect("an instant");
    let leave = Interval::new(at(0), "2026-03-30T08:00:00Z".parse().expect("an instant"));
    let leave = leave.expect("it ends after it starts");
    let view = |free_busy, on_call| {
        let facts = PersonFacts {
            free_busy,
            on_call,
            ..PersonFacts::default()
        };
        public_view_of_person(
            &directory,
            person,
            &facts,
            &ReachRules::default(),
            friday_evening,
        )
    };
    let off_duty = view(FreeBusy::builder(known).build(), vec![]);
    let absent = FreeBusy::builder(known)
        .claim(leave, FreeBusyKind::OutOfOffice)
        .build();
    assert_eq!(off_duty, view(absent.clone(), vec![]));
    assert_eq!(off_duty, view(absent, vec![leave]));
    assert_eq!(
        off_duty.back_at,
        Some("2026-03-30T09:00:00Z".parse().expect("an instant"))
    );
}
