//! The order in which the eligible are asked: the keys of each strategy, compared one after the other.

use std::cmp::{Ordering, Reverse};

use bereik_core::explanation::OrderKey;
use bereik_core::group::Strategy;
use bereik_core::id::PersonId;

use crate::plan::Plan;

/// Somebody who may be asked, with what the keys compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) person: PersonId,
    /// Certainly reachable, not perhaps.
    pub(crate) is_certain: bool,
    pub(crate) knows_customer: bool,
    pub(crate) circle: u32,
    /// How many things he can.
    pub(crate) skills: u32,
    pub(crate) skill: u32,
    pub(crate) praise: i32,
    pub(crate) shortfall: i128,
    /// Contacts of the group, in millionths.
    pub(crate) had: u64,
    /// Contacts of the channel that he holds or is offered, and how many he can.
    pub(crate) load: (u32, u32),
    pub(crate) turn: u64,
    pub(crate) lot: u64,
    /// In microseconds.
    pub(crate) idle_since: i64,
    pub(crate) position: u32,
    pub(crate) last_offer: u64,
}

/// The keys of a plan, the first to be compared first; the last makes the order total.
pub(crate) fn keys(plan: &Plan<'_>) -> impl Iterator<Item = OrderKey> + Clone + use<> {
    let first = [
        OrderKey::Certainty,
        OrderKey::KnowsCustomer,
        OrderKey::Circle,
    ];
    let spares = plan.spares_rare_skills.then_some(OrderKey::LeastFlexible);
    let skills = [OrderKey::SoftSkill, OrderKey::Praise];
    let skills = skills
        .into_iter()
        .take(if plan.wants.is_empty() { 0 } else { 2 });
    let last = [OrderKey::LastOffer, OrderKey::Id];
    let first = first.into_iter().chain(spares).chain(skills);
    let own = keys_of(plan.strategy).iter().copied();
    first.chain(own).chain(last)
}

/// What a strategy compares between praise and the ties.
pub(crate) const fn keys_of(strategy: Strategy) -> &'static [OrderKey] {
    match strategy {
        Strategy::FairShare => &[OrderKey::Shortfall],
        Strategy::FewestContacts => &[OrderKey::FewestContacts],
        Strategy::LeastLoaded => &[OrderKey::LeastLoaded, OrderKey::LongestIdle],
        Strategy::LongestIdle => &[OrderKey::LongestIdle],
        Strategy::RoundRobin => &[OrderKey::Turn, OrderKey::Position],
        Strategy::TopDown => &[OrderKey::Position],
        Strategy::WeightedRandom => &[OrderKey::Lot],
        _ => &[OrderKey::Shortfall, OrderKey::LongestIdle],
    }
}

/// Compares two candidates; less goes first. The first key that differs decides.
pub(crate) fn compare(
    keys: impl Iterator<Item = OrderKey>,
    a: &Candidate,
    b: &Candidate,
) -> (Ordering, OrderKey) {
    for key in keys {
        let ordering = by(key, a, b);
        if ordering.is_ne() {
            return (ordering, key);
        }
    }
    (Ordering::Equal, OrderKey::Id)
}

/// Whether a key sets some of these before others.
pub(crate) fn tells_apart(key: OrderKey, candidates: &[Candidate]) -> bool {
    let mut pairs = candidates.windows(2);
    pairs.any(|pair| by(key, &pair[0], &pair[1]).is_ne())
}

fn by(key: OrderKey, a: &Candidate, b: &Candidate) -> Ordering {
    match key {
        OrderKey::Certainty => b.is_certain.cmp(&a.is_certain),
        OrderKey::KnowsCustomer => b.knows_customer.cmp(&a.knows_customer),
        OrderKey::Circle => a.circle.cmp(&b.circle),
        OrderKey::LeastFlexible => a.skills.cmp(&b.skills),
        OrderKey::SoftSkill => b.skill.cmp(&a.skill),
        OrderKey::Praise => b.praise.cmp(&a.praise),
        OrderKey::Shortfall => b.shortfall.cmp(&a.shortfall),
        OrderKey::FewestContacts => a.had.cmp(&b.had),
        OrderKey::LeastLoaded => compare_loads(a.load, b.load),
        OrderKey::Turn => a.turn.cmp(&b.turn),
        OrderKey::Lot => a.lot.cmp(&b.lot),
        OrderKey::LongestIdle => a.idle_since.cmp(&b.idle_since),
        OrderKey::Position => a.position.cmp(&b.position),
        OrderKey::LastOffer => a.last_offer.cmp(&b.last_offer),
        _ => a.person.cmp(&b.person),
    }
}

/// Leaves those whom a key sets first; hands each of the others to `out`. Where the key tells nobody
/// apart, which is most often so, it looks at each twice and moves nobody.
pub(crate) fn narrow(key: OrderKey, to: &mut Vec<Candidate>, out: impl FnMut(Candidate)) {
    match key {
        OrderKey::Certainty => keep_least(to, |of| !of.is_certain, out),
        OrderKey::KnowsCustomer => keep_least(to, |of| !of.knows_customer, out),
        OrderKey::Circle => keep_least(to, |of| of.circle, out),
        OrderKey::LeastFlexible => keep_least(to, |of| of.skills, out),
        OrderKey::SoftSkill => keep_least(to, |of| Reverse(of.skill), out),
        OrderKey::Praise => keep_least(to, |of| Reverse(of.praise), out),
        OrderKey::Shortfall => keep_least(to, |of| Reverse(of.shortfall), out),
        OrderKey::FewestContacts => keep_least(to, |of| of.had, out),
        OrderKey::LeastLoaded => keep_least(to, |of| Load(of.load), out),
        OrderKey::Turn => keep_least(to, |of| of.turn, out),
        OrderKey::Lot => keep_least(to, |of| of.lot, out),
        OrderKey::LongestIdle => keep_least(to, |of| of.idle_since, out),
        OrderKey::Position => keep_least(to, |of| of.position, out),
        OrderKey::LastOffer => keep_least(to, |of| of.last_offer, out),
        _ => keep_least(to, |of| of.person.clone(), out),
    }
}

fn keep_least<R: Ord>(
    candidates: &mut Vec<Candidate>,
    rank: impl Fn(&Candidate) -> R,
    out: impl FnMut(Candidate),
) {
    let Some(least) = candidates.iter().map(&rank).min() else {
        return;
    };
    if candidates.iter().any(|of| rank(of) != least) {
        let others = candidates.extract_if(.., |of| rank(of) != least);
        others.for_each(out);
    }
}

/// A load in the order of [`compare_loads`].
struct Load((u32, u32));

impl Ord for Load {
    fn cmp(&self, other: &Self) -> Ordering {
        compare_loads(self.0, other.0)
    }
}

impl PartialOrd for Load {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for Load {}

impl PartialEq for Load {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

/// Compares loads as parts of capacities, without a division.
fn compare_loads((load_a, of_a): (u32, u32), (load_b, of_b): (u32, u32)) -> Ordering {
    let cross = |load: u32, of: u32| u64::from(load) * u64::from(of);
    cross(load_a, of_b).cmp(&cross(load_b, of_a))
}
