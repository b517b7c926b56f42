//! Whom of the eligible a contact is offered to, by the strategy of the group.

use bereik_core::explanation::{Counts, ExcludedBy, Explanation, OrderKey};
use bereik_core::group::Strategy;
use bereik_core::id::PersonId;

use crate::eligible::Survey;
use crate::order::{Candidate, compare, keys, narrow, tells_apart};
use crate::plan::Plan;

/// How many of the eligible are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Many {
    /// Everybody who is as certainly reachable as the first.
    All,
    /// At most so many, as certainly reachable as the first.
    AtMost(usize),
}

impl Many {
    /// How many a plan asks, of whom so many are being asked already.
    pub(crate) fn of(plan: &Plan<'_>, strategy: Strategy, asked: usize) -> Self {
        if strategy == Strategy::RingAll {
            return Self::All;
        }
        Self::AtMost(usize::from(plan.offers_at_once).saturating_sub(asked))
    }

    pub(crate) const fn count(self) -> usize {
        match self {
            Self::All => usize::MAX,
            Self::AtMost(most) => most,
        }
    }
}

/// Chooses among the eligible and says why. Who is only perhaps reachable is chosen only when
/// nobody is certainly so.
pub(crate) fn choose(plan: &Plan<'_>, many: Many, survey: Survey, circle: u32) -> Explanation {
    let Survey {
        mut eligible,
        mut excluded,
        counts,
        is_listed,
        ..
    } = survey;
    let mut exclude = |other: Candidate, by| {
        if is_listed {
            excluded.push((other.person, ExcludedBy::OtherFirst(by)));
        }
    };
    let decided_by = if many == Many::AtMost(1) {
        keep_one(plan, &mut eligible, &mut exclude)
    } else {
        keep_first(plan, many, &mut eligible, &mut exclude)
    };
    Explanation {
        circle,
        chosen: eligible.into_iter().map(|c| c.person).collect(),
        decided_by,
        counts,
        excluded: listed(excluded, is_listed),
    }
}

/// Leaves the first, and tells the key that put him before the next. One is wanted most often, and
/// found without putting anybody in order: each key takes out whomever it sets behind.
fn keep_one(
    plan: &Plan<'_>,
    eligible: &mut Vec<Candidate>,
    exclude: &mut impl FnMut(Candidate, OrderKey),
) -> Option<OrderKey> {
    let mut decided_by = None;
    for key in keys(plan) {
        if eligible.len() < 2 {
            break;
        }
        narrow(key, eligible, |other| {
            decided_by = Some(key);
            exclude(other, key);
        });
    }
    decided_by
}

/// Leaves the first so many who are as certainly reachable as the first, in their order, and tells
/// the key that put the last of them before the next.
fn keep_first(
    plan: &Plan<'_>,
    many: Many,
    eligible: &mut Vec<Candidate>,
    exclude: &mut impl FnMut(Candidate, OrderKey),
) -> Option<OrderKey> {
    // Most keys tell nobody apart, and are asked once instead of in each comparison.
    let keys: Vec<OrderKey> = keys(plan)
        .filter(|key| tells_apart(*key, eligible))
        .collect();
    let compare = |a: &Candidate, b: &Candidate| compare(keys.iter().copied(), a, b);
    eligible.sort_by(|a, b| compare(a, b).0);
    let certainty = eligible.first().map(|first| first.is_certain);
    let same = eligible
        .iter()
        .take_while(|candidate| Some(candidate.is_certain) == certainty);
    let chosen = same.take(many.count()).count();
    let others = eligible.split_off(chosen);
    let last = eligible.last();
    let key_of = |other: &Candidate| last.map_or(OrderKey::Id, |last| compare(last, other).1);
    let decided_by = others.first().map(key_of);
    for other in others {
        let key = key_of(&other);
        exclude(other, key);
    }
    decided_by
}

/// The one person who goes before all others, as an explanation.
pub(crate) fn prefer(person: &PersonId, survey: Survey, circle: u32) -> Explanation {
    let Survey {
        eligible,
        mut excluded,
        counts,
        is_listed,
        ..
    } = survey;
    let key = OrderKey::KnowsCustomer;
    let others = eligible.into_iter().map(|candidate| candidate.person);
    let others: Vec<PersonId> = others.filter(|other| other != person).collect();
    let decided_by = (!others.is_empty()).then_some(key);
    let others = others.into_iter();
    excluded.extend(others.map(|other| (other, ExcludedBy::OtherFirst(key))));
    excluded.retain(|(other, _)| other != person);
    Explanation {
        circle,
        chosen: vec![person.clone()],
        decided_by,
        counts,
        excluded: listed(excluded, is_listed),
    }
}

/// The list by id, where there is one.
fn listed(
    mut excluded: Vec<(PersonId, ExcludedBy)>,
    is_listed: bool,
) -> Vec<(PersonId, ExcludedBy)> {
    if !is_listed {
        return Vec::new();
    }
    excluded.sort_by(|(a, _), (b, _)| a.cmp(b));
    excluded
}

/// An explanation of nothing yet, by which people are gathered one by one.
pub(crate) fn count_listed(explanation: &Explanation) -> Counts {
    let listed = explanation.chosen.len() + explanation.excluded.len();
    let listed = u32::try_from(listed).unwrap_or(u32::MAX);
    let left = |rules: &[fn(&ExcludedBy) -> bool]| {
        let out = explanation.excluded.iter();
        let out = out
            .filter(|(_, by)| rules.iter().any(|rule| rule(by)))
            .count();
        listed - u32::try_from(out).unwrap_or(u32::MAX)
    };
    let unreachable: fn(&ExcludedBy) -> bool =
        |by| matches!(by, ExcludedBy::NotReachable(_) | ExcludedBy::TakesPart);
    let asked: fn(&ExcludedBy) -> bool =
        |by| matches!(by, ExcludedBy::AskedBefore | ExcludedBy::HasOffer);
    let cooling: fn(&ExcludedBy) -> bool = |by| matches!(by, ExcludedBy::CoolingDown(_));
    let full: fn(&ExcludedBy) -> bool =
        |by| matches!(by, ExcludedBy::AtCapacity | ExcludedBy::WrappingUp(_));
    Counts {
        considered: listed,
        in_circle: listed,
        skilled: listed,
        reachable: left(&[unreachable]),
        unasked: left(&[unreachable, asked]),
        rested: left(&[unreachable, asked, cooling]),
        free: left(&[unreachable, asked, cooling, full]),
    }
}
