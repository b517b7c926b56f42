//! Predicted intervals against queues that are played out, with hands that come and go.

use std::collections::VecDeque;

use bereik_core::public_view::ExpectedWait;
use bereik_routing::predict::{Coverage, Method, Rates, wait};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, prop_assert, prop_oneof, proptest};

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn exponential(&mut self, rate: f64) -> f64 {
        if rate == 0.0 {
            return f64::INFINITY;
        }
        -(1.0 - self.unit()).ln() / rate
    }
}

/// A story of hands, in seconds after the customer came.
struct Scene {
    name: &'static str,
    /// From when on how many; the first is at 0.
    steps: &'static [(i64, u32)],
    ahead: u32,
    rates: Rates,
    /// Whether some waits end exactly when somebody comes, so that more than eight of ten may lie in
    /// an interval.
    has_atoms: bool,
}

fn rates(handling_s: f64, patience_s: f64) -> Rates {
    Rates {
        service: 1.0 / handling_s,
        abandonment: 1.0 / patience_s,
    }
}

/// Plays one queue with a server for each hand and a patience for each customer; answers when the
/// last one is served.
fn play(scene: &Scene, dice: &mut Dice) -> f64 {
    let Rates {
        service,
        abandonment,
    } = scene.rates;
    let mut queue: VecDeque<f64> = (0..scene.ahead)
        .map(|_| dice.exponential(abandonment))
        .collect();
    let mut busy_until: Vec<f64> = (0..scene.steps[0].1)
        .map(|_| dice.exponential(service))
        .collect();
    let mut steps = scene.steps[1..].iter().peekable();
    loop {
        let next_step = steps.peek().map_or(f64::INFINITY, |(at, _)| *at as f64);
        let first = busy_until.iter().copied().enumerate();
        let first = first.min_by(|a, b| a.1.total_cmp(&b.1));
        match first {
            Some((hand, at)) if at <= next_step => {
                queue.retain(|until| *until > at);
                if queue.pop_front().is_none() {
                    return at;
                }
                busy_until[hand] = at + dice.exponential(service);
            }
            _ => {
                let (_, hands) = *steps.next().expect("somebody comes in the end");
                busy_until.truncate(hands as usize);
                queue.retain(|until| *until > next_step);
                while busy_until.len() < hands as usize {
                    if queue.pop_front().is_none() {
                        return next_step;
                    }
                    busy_until.push(next_step + dice.exponential(service));
                }
            }
        }
    }
}

fn coverage(scene: &Scene, replications: u64) -> Coverage {
    let from: DateTime<Utc> = "2026-11-23T08:00:00Z".parse().expect("an instant");
    let plan = scene.steps.iter();
    let plan: Vec<_> = plan
        .map(|(at, hands)| (from + TimeDelta::seconds(*at), *hands))
        .collect();
    let estimate = wait::over(&plan, from, scene.ahead, 0, scene.rates).expect("hands are planned");
    let is_steady = scene.steps.len() == 1;
    assert_eq!(estimate.method == Method::Hypoexponential, is_steady);
    let ms = |span: TimeDelta| span.num_milliseconds() as f64;
    let (p10, p50, p90) = (ms(estimate.p10), ms(estimate.p50), ms(estimate.p90));
    assert!(p10 <= p50 && p50 <= p90, "{}", scene.name);
    let mut coverage = Coverage::default();
    let mut dice = Dice(7);
    for _ in 0..replications {
        let waited_s = play(scene, &mut dice);
        coverage.ended(p10, p90, (waited_s * 1_000.0).round());
    }
    coverage
}

const SCENES: [Scene; 9] = [
    Scene {
        name: "three who stay",
        steps: &[(0, 3)],
        ahead: 6,
        rates: Rates {
            service: 1.0 / 300.0,
            abandonment: 0.0,
        },
        has_atoms: false,
    },
    Scene {
        name: "three who stay, and customers who give up",
        steps: &[(0, 3)],
        ahead: 20,
        rates: Rates {
            service: 1.0 / 300.0,
            abandonment: 1.0 / 400.0,
        },
        has_atoms: false,
    },
    Scene {
        name: "four before lunch, one over lunch, four after",
        steps: &[(0, 4), (600, 1), (4_200, 4)],
        ahead: 14,
        rates: Rates {
            service: 1.0 / 300.0,
            abandonment: 0.0,
        },
        has_atoms: true,
    },
    Scene {
        name: "the same, and customers who give up",
        steps: &[(0, 4), (600, 1), (4_200, 4)],
        ahead: 25,
        rates: Rates {
            service: 1.0 / 300.0,
            abandonment: 1.0 / 1_800.0,
        },
        has_atoms: true,
    },
    Scene {
        name: "nobody until three come",
        steps: &[(0, 0), (1_800, 3)],
        ahead: 8,
        rates: Rates {
            service: 1.0 / 300.0,
            abandonment: 0.0,
        },
        has_atoms: false,
    },
    Scene {
        name: "nobody until three come, and customers who give up",
        steps: &[(0, 0), (1_800, 3)],
        ahead: 30,
        rates: Rates {
            service: 1.0 / 300.0,
            abandonment: 1.0 / 2_400.0,
        },
        has_atoms: false,
    },
    Scene {
        name: "one leaves after another",
        steps: &[(0, 6), (300, 5), (600, 4), (900, 3), (1_200, 2)],
        ahead: 20,
        rates: Rates {
            service: 1.0 / 300.0,
            abandonment: 1.0 / 3_600.0,
        },
        has_atoms: false,
    },
    Scene {
        name: "one comes after another",
        steps: &[(0, 1), (300, 2), (600, 3), (900, 4), (1_200, 5)],
        ahead: 16,
        rates: Rates {
            service: 1.0 / 420.0,
            abandonment: 1.0 / 3_600.0,
        },
        has_atoms: true,
    },
    Scene {
        name: "two come at nine and one customer is before",
        steps: &[(0, 1), (900, 3)],
        ahead: 2,
        rates: Rates {
            service: 1.0 / 400.0,
            abandonment: 0.0,
        },
        has_atoms: true,
    },
];

#[test]
fn eight_of_ten_waits_lie_in_the_interval_while_hands_come_and_go() {
    for scene in &SCENES {
        let coverage = coverage(scene, 20_000);
        let share = coverage.share().expect("there are waits");
        println!("{:.3} {}", share, scene.name);
        let most = if scene.has_atoms { 1.0 } else { 0.82 };
        assert!(
            (0.78..=most).contains(&share),
            "{share} {}: {coverage:?}",
            scene.name
        );
    }
}

/// With endless patience a plan only changes the clock, and the interval is exact.
#[test]
fn without_giving_up_the_interval_is_exact() {
    let scene = Scene {
        name: "lunch",
        steps: &[(0, 5), (400, 2), (1_000, 1), (1_600, 0), (3_000, 1)],
        ahead: 11,
        rates: Rates {
            service: 1.0 / 300.0,
            abandonment: 0.0,
        },
        has_atoms: false,
    };
    let coverage = coverage(&scene, 40_000);
    let part = |count: u64| count as f64 / coverage.answered() as f64;
    println!("{coverage:?}");
    assert!((part(coverage.before) - 0.1).abs() < 0.005, "{coverage:?}");
    assert!((part(coverage.after) - 0.1).abs() < 0.005, "{coverage:?}");
}

#[test]
fn a_plan_that_does_not_change_is_steady() {
    let from: DateTime<Utc> = "2026-11-23T08:00:00Z".parse().expect("an instant");
    let at = |minutes| from + TimeDelta::minutes(minutes);
    let rates = rates(300.0, 900.0);
    let steady = wait::steady(4, 3, rates);
    for plan in [
        vec![(at(0), 3)],
        vec![(at(-60), 1), (at(-5), 3)],
        vec![(at(5), 3)],
        vec![(at(0), 3), (at(10), 3)],
    ] {
        assert_eq!(wait::over(&plan, from, 4, 0, rates), steady, "{plan:?}");
    }
    let free = wait::over(&[(at(0), 3)], from, 6, 2, rates);
    assert_eq!(free, steady, "two of those ahead are taken at once");
    let free = wait::over(&[(at(0), 3)], from, 1, 2, rates).expect("somebody is free");
    assert_eq!((free.method, free.p90), (Method::Free, TimeDelta::zero()));
}

#[test]
fn more_ahead_wait_longer_and_more_hands_wait_less() {
    let rates = rates(300.0, 600.0);
    let mut last = TimeDelta::zero();
    for ahead in 0..200 {
        let estimate = wait::steady(ahead, 4, rates).expect("there are hands");
        assert!(last < estimate.p50);
        last = estimate.p50;
    }
    for hands in 1..50 {
        let (fewer, more) = (
            wait::steady(9, hands, rates),
            wait::steady(9, hands + 1, rates),
        );
        let p90 = |estimate: Option<wait::WaitEstimate>| estimate.expect("there are hands").p90;
        assert!(p90(more) < p90(fewer));
    }
}

#[test]
fn nothing_is_told_where_nobody_is_planned() {
    let from: DateTime<Utc> = "2026-11-23T08:00:00Z".parse().expect("an instant");
    let at = |minutes| from + TimeDelta::minutes(minutes);
    let sound = rates(300.0, 900.0);
    assert_eq!(wait::over(&[], from, 0, 0, sound), None);
    assert_eq!(wait::over(&[(at(0), 0)], from, 0, 0, sound), None);
    assert_eq!(
        wait::over(&[(at(0), 2), (at(1), 0)], from, 9, 0, sound),
        None,
        "they leave too soon"
    );
    assert_eq!(
        wait::over(&[(at(1), 2), (at(0), 1)], from, 0, 0, sound),
        None,
        "not in order"
    );
    assert_eq!(wait::steady(wait::AHEAD_MAX + 1, 5, sound), None);
    for broken in [f64::NAN, -1.0, 0.0, f64::INFINITY] {
        let rates = Rates {
            service: broken,
            ..sound
        };
        assert_eq!(wait::steady(1, 1, rates), None);
    }
    assert_eq!(
        wait::steady(1, 1, rates(40_000_000.0, f64::INFINITY)),
        None,
        "too long to tell"
    );
}

#[test]
fn outsiders_see_whole_seconds_rounded_up() {
    let steady = wait::steady(0, 2, rates(300.0, 600.0)).expect("there are hands");
    assert_eq!(steady.p50.num_milliseconds(), 103_972);
    let shown = ExpectedWait::from(steady);
    assert_eq!((shown.p50_s, shown.p90_s), (104, 346));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever the plan: the quantiles are in order, and one more ahead waits no less.
    #[test]
    fn quantiles_are_in_order_under_any_plan(
        steps in vec((1i64..3_000, 0u32..6), 1..8),
        ahead in 0u32..60,
        free in 0u32..3,
        patience_s in prop_oneof![Just(f64::INFINITY), 50.0f64..5_000.0],
    ) {
        let from: DateTime<Utc> = "2026-11-23T08:00:00Z".parse().expect("an instant");
        let mut at = from - TimeDelta::seconds(2_000);
        let mut plan = Vec::new();
        for (after_s, hands) in steps {
            plan.push((at, hands));
            at += TimeDelta::seconds(after_s);
        }
        plan.push((at, 2));
        let rates = rates(300.0, patience_s);
        let estimate = wait::over(&plan, from, ahead, free, rates).expect("two stay in the end");
        prop_assert!(estimate.p10 <= estimate.p50 && estimate.p50 <= estimate.p90, "{estimate:?}");
        let behind = wait::over(&plan, from, ahead + 1, free, rates).expect("two stay in the end");
        for (one, next) in [(estimate.p10, behind.p10), (estimate.p50, behind.p50), (estimate.p90, behind.p90)] {
            // Where the shape changes from one to the next, the approximation may lose a little.
            let slack = one / 10 + TimeDelta::seconds(1);
            prop_assert!(one <= next + slack, "{estimate:?} {behind:?}");
        }
    }
}
