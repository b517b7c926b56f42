//! The backlog serves everybody in the order in which a naive sort of everything would.

use std::cmp::Ordering;

use bereik_core::channel_kind::ChannelKind;
use bereik_core::group::Policy;
use bereik_core::id::ContactId;
use bereik_core::urgency::Urgency;
use bereik_routing::backlog::{Backlog, Class, Order, Waiting};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};

const POLICIES: [Policy; 8] = [
    Policy::CalamityFirstCost,
    Policy::CalamityFirstDeadline,
    Policy::CalamityFirstDeferring,
    Policy::Cost,
    Policy::Deadline,
    Policy::FirstInFirstOut,
    Policy::Score,
    Policy::StrictPriority,
];

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(1_790_000_000 + seconds)
}

/// A waiting contact, as one would write it down who knows nothing of lanes.
#[derive(Clone, Copy, Debug)]
struct One {
    number: u64,
    key: u8,
    class: Class,
    since: i64,
    due: i64,
}

impl One {
    fn waiting(&self) -> Waiting {
        Waiting::new(ContactId::new(self.number), at(self.since), at(self.due))
    }

    /// Wait for its target, in parts of so fine a unit that no two differ by rounding.
    fn ratio(&self, now: i64) -> (i128, i128) {
        let target = i128::from(self.class.answer_for_s);
        (target + i128::from(now - self.due), target)
    }

    fn is_calamity(&self) -> bool {
        self.class.urgency == Urgency::Calamity
    }
}

fn fraction(a: (i128, i128), b: (i128, i128)) -> Ordering {
    (a.0 * b.1).cmp(&(b.0 * a.1))
}

fn cost(one: &One, now: i64) -> (i128, i128) {
    let (waited, target) = one.ratio(now);
    let weight = match one.class.urgency {
        Urgency::Calamity => 4,
        Urgency::High => 2,
        _ => 1,
    };
    let handle = i128::from(one.class.handle_for_s);
    (weight * waited, target * target * handle)
}

fn score(one: &One, now: i64) -> i64 {
    let urgency = match one.class.urgency {
        Urgency::Calamity => 360,
        Urgency::High => 180,
        _ => 0,
    };
    let channel = match one.class.channel {
        ChannelKind::Phone => 240,
        ChannelKind::WebChat => 120,
        _ => 0,
    };
    now - one.since + urgency + channel
}

/// The turn among beyond the cap, feasible, overdue.
fn tier(one: &One, cap: u32, now: i64) -> u8 {
    let is_beyond = fraction(one.ratio(now), (cap.into(), 1)).is_ge();
    match (one.due <= now, is_beyond) {
        (true, true) => 0,
        (false, _) => 1,
        (true, false) => 2,
    }
}

/// What each policy is said to do, written out.
fn naive(policy: Policy, cap: u32, now: i64, a: &One, b: &One) -> Ordering {
    let calamity = b.is_calamity().cmp(&a.is_calamity());
    let decided = match policy {
        Policy::CalamityFirstCost => calamity.then(fraction(cost(b, now), cost(a, now))),
        Policy::CalamityFirstDeadline => {
            let (tier_a, tier_b) = (tier(a, cap, now), tier(b, cap, now));
            let within = match tier_a {
                1 => a.due.cmp(&b.due),
                _ => fraction(b.ratio(now), a.ratio(now)),
            };
            calamity.then(tier_a.cmp(&tier_b)).then(within)
        }
        Policy::CalamityFirstDeferring => {
            let turn = |one: &One| match tier(one, cap, now) {
                1 if one.class.channel == ChannelKind::Email && !one.is_calamity() => 3,
                turn => turn,
            };
            let within = match tier(a, cap, now) {
                1 => a.due.cmp(&b.due),
                _ => fraction(b.ratio(now), a.ratio(now)),
            };
            calamity.then(turn(a).cmp(&turn(b))).then(within)
        }
        Policy::Cost => fraction(cost(b, now), cost(a, now)),
        Policy::Deadline => a.due.cmp(&b.due),
        Policy::Score => score(b, now).cmp(&score(a, now)),
        Policy::StrictPriority => (b.class.urgency.cmp(&a.class.urgency))
            .then(a.class.answer_for_s.cmp(&b.class.answer_for_s)),
        _ => Ordering::Equal,
    };
    let behind = a.class.is_deferred.cmp(&b.class.is_deferred);
    behind
        .then(decided)
        .then((a.since, a.number).cmp(&(b.since, b.number)))
}

fn is_held_back(one: &One, order: Order, idle: u32, now: i64) -> bool {
    let can_wait = one.class.channel == ChannelKind::Email && !one.is_calamity();
    let target = i64::from(one.class.answer_for_s);
    let is_young = match order.policy {
        Policy::FirstInFirstOut | Policy::Score | Policy::StrictPriority => {
            2 * (now - one.since) < target
        }
        _ => 2 * one.ratio(now).0 < one.ratio(now).1,
    };
    idle <= order.reserve && can_wait && is_young
}

fn classes() -> impl Strategy<Value = Class> {
    let urgencies = prop_oneof![
        3 => Just(Urgency::Normal), 1 => Just(Urgency::Low),
        1 => Just(Urgency::High), 1 => Just(Urgency::Calamity),
    ];
    let channels = prop_oneof![
        Just(ChannelKind::Phone),
        Just(ChannelKind::WebChat),
        Just(ChannelKind::Email),
    ];
    let targets = prop_oneof![Just(60u32), Just(120), Just(600), Just(601)];
    let times = prop_oneof![Just(1u32), Just(300), Just(420)];
    let deferred = proptest::bool::weighted(0.2);
    (urgencies, channels, targets, times, deferred).prop_map(
        |(urgency, channel, answer_for_s, handle_for_s, is_deferred)| Class {
            urgency,
            channel,
            answer_for_s,
            handle_for_s,
            is_deferred,
        },
    )
}

/// Contacts of few classes, so that lanes grow long; the clocks of some stood still for a while.
fn crowds() -> impl Strategy<Value = Vec<One>> {
    let one = (
        any::<proptest::sample::Index>(),
        0u8..3,
        0i64..2_000,
        0i64..3,
    );
    (vec(classes(), 1..6), vec(one, 1..120)).prop_map(|(classes, ones)| {
        let each = ones.into_iter().zip(1u64..);
        each.map(|((class, key, since, nights), number)| {
            let class = *class.get(&classes);
            let due = since + i64::from(class.answer_for_s) + nights / 2 * 700;
            One {
                number,
                key,
                class,
                since,
                due,
            }
        })
        .collect()
    })
}

/// A backlog into which all were put and from which some were taken again, and who is left.
fn filled(order: Order, crowd: &[One], gone: &[bool]) -> (Backlog<u8>, Vec<One>) {
    let mut backlog = Backlog::new(order);
    for one in crowd {
        assert!(backlog.insert(one.key, one.class, one.waiting()));
        assert!(!backlog.insert(one.key, one.class, one.waiting()), "twice");
    }
    let mut left = Vec::new();
    for (one, is_gone) in crowd.iter().zip(gone) {
        if !is_gone {
            left.push(*one);
            continue;
        }
        assert!(backlog.remove(&one.key, one.class, one.waiting()));
        assert!(!backlog.remove(&one.key, one.class, one.waiting()), "twice");
    }
    (backlog, left)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn everybody_is_served_as_a_naive_sort_of_everything_says(
        crowd in crowds(), gone in vec(proptest::bool::weighted(0.2), 120),
        now in 0i64..9_000, cap in 1u32..12,
    ) {
        for policy in POLICIES {
            let order = Order { cap, ..Order::new(policy) };
            let (backlog, mut left) = filled(order, &crowd, &gone);
            left.sort_by(|a, b| naive(policy, cap, now, a, b));
            let expected: Vec<u64> = left.iter().map(|one| one.number).collect();
            let turns = backlog.in_turn(at(now), |_, _| true);
            let served: Vec<u64> = turns.map(|turn| turn.waiting.id().number()).collect();
            prop_assert_eq!(served, expected, "{:?}", policy);
            prop_assert_eq!(backlog.len(), left.len());
            for (place, one) in left.iter().enumerate() {
                let ahead = backlog.ahead_of(at(now), (one.class, &one.waiting()), |_, _| true);
                prop_assert_eq!(ahead, place, "{:?}", policy);
            }
        }
    }

    #[test]
    fn who_comes_free_has_the_first_that_he_may_take(
        crowd in crowds(), now in 0i64..9_000, idle in 1u32..4, reserve in 0u32..3, key in 0u8..3,
    ) {
        for policy in POLICIES {
            let order = Order { reserve, ..Order::new(policy) };
            let (mut backlog, mut left) = filled(order, &crowd, &[false; 120]);
            left.sort_by(|a, b| naive(policy, order.cap, now, a, b));
            loop {
                let mine = |one: &&One| one.key != key && !is_held_back(one, order, idle, now);
                let expected = left.iter().find(mine).copied();
                let first = backlog.first(at(now), idle, |of, _| *of != key);
                let number = first.map(|turn| turn.waiting.id().number());
                prop_assert_eq!(number, expected.map(|one| one.number), "{:?}", policy);
                let Some(turn) = first else { break };
                prop_assert!(backlog.remove(&turn.key, turn.class, turn.waiting));
                left.retain(|one| Some(one.number) != number);
            }
        }
    }

    #[test]
    fn what_is_held_back_is_so_until_half_its_target(
        crowd in crowds(), now in 0i64..2_000, reserve in 0u32..3, idle in 1u32..3,
    ) {
        let order = Order { reserve, ..Order::default() };
        for one in &crowd {
            let of = (one.class, &one.waiting());
            let until = order.held_back_until(at(now), idle, of);
            prop_assert_eq!(until.is_some(), is_held_back(one, order, idle, now));
            if let Some(until) = until {
                prop_assert!(at(now) < until);
                prop_assert_eq!(order.held_back_until(until, idle, of), None);
                let before = until - TimeDelta::microseconds(1);
                prop_assert!(order.held_back_until(before, idle, of).is_some());
            }
        }
    }

    #[test]
    fn nobody_waits_beyond_the_cap_behind_a_later_one_of_his_class(
        crowd in crowds(), now in 0i64..9_000, cap in 1u32..12,
    ) {
        for policy in POLICIES {
            let order = Order { cap, ..Order::new(policy) };
            let (backlog, _) = filled(order, &crowd, &[false; 120]);
            let turns: Vec<u64> = backlog
                .in_turn(at(now), |_, _| true)
                .map(|turn| turn.waiting.id().number())
                .collect();
            let place = |one: &One| turns.iter().position(|number| *number == one.number);
            let is_beyond = |one: &&One| tier(one, cap, now) == 0;
            for one in crowd.iter().filter(is_beyond) {
                for other in crowd.iter().filter(|other| other.class == one.class) {
                    let is_later = one.since < other.since && one.due <= other.due;
                    prop_assert!(!is_later || place(one) < place(other), "{:?}", policy);
                }
            }
        }
    }
}

/// A lane far longer than one stretch, filled and emptied at both ends and in the middle.
#[test]
fn a_long_lane_keeps_its_order() {
    let class = Class {
        urgency: Urgency::Normal,
        channel: ChannelKind::WebChat,
        answer_for_s: 120,
        handle_for_s: 1,
        is_deferred: false,
    };
    let waiting = |number: u64| {
        let since = i64::try_from(number % 1_009).expect("a small number");
        Waiting::new(ContactId::new(number), at(since), at(since + 120))
    };
    let mut backlog = Backlog::new(Order::default());
    let mut left = std::collections::BTreeSet::new();
    for number in 1..=5_000u64 {
        backlog.insert((), class, waiting(number));
        left.insert((number % 1_009, number));
        if number % 3 == 0 {
            let gone = number / 3 * 2;
            let was_there = left.remove(&(gone % 1_009, gone));
            assert_eq!(backlog.remove(&(), class, waiting(gone)), was_there);
        }
    }
    let served: Vec<u64> = backlog
        .in_turn(at(0), |(), _| true)
        .map(|turn| turn.waiting.id().number())
        .collect();
    let expected: Vec<u64> = left.iter().map(|(_, number)| *number).collect();
    assert_eq!(served, expected);
    for (place, number) in expected.iter().enumerate() {
        let of = (class, &waiting(*number));
        assert_eq!(backlog.ahead_of(at(0), of, |(), _| true), place);
    }
}
