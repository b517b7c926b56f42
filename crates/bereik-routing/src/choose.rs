//! Whom of the eligible a contact is offered to, by the strategy of the group.

use std::cmp::{Ordering, Reverse};

use bereik_core::explanation::{ExcludedBy, Explanation, OrderKey};
use bereik_core::group::Strategy;
use bereik_core::id::PersonId;

use crate::eligible::{Candidate, Survey};

/// Compares two candidates by the order of keys; less goes first. The first key that differs
/// decides.
fn compare(a: &Candidate, b: &Candidate) -> (Ordering, OrderKey) {
    let keys = [
        (b.is_certain.cmp(&a.is_certain), OrderKey::Certainty),
        (
            b.knows_customer.cmp(&a.knows_customer),
            OrderKey::KnowsCustomer,
        ),
        (a.circle.cmp(&b.circle), OrderKey::Circle),
        (Reverse(a.skill).cmp(&Reverse(b.skill)), OrderKey::SoftSkill),
        (
            Reverse(a.shortfall).cmp(&Reverse(b.shortfall)),
            OrderKey::Shortfall,
        ),
        (a.idle_since.cmp(&b.idle_since), OrderKey::LongestIdle),
    ];
    keys.into_iter()
        .find(|(ordering, _)| ordering.is_ne())
        .unwrap_or_else(|| (a.person.cmp(&b.person), OrderKey::Id))
}

/// Chooses among the eligible and says why. Who is only perhaps reachable is chosen only when
/// nobody is certainly so.
pub(crate) fn choose(strategy: Strategy, survey: Survey, circle: u32) -> Explanation {
    let Survey {
        mut eligible,
        mut excluded,
        ..
    } = survey;
    eligible.sort_by(|a, b| compare(a, b).0);
    let chosen = match strategy {
        Strategy::RingAll => {
            let certainty = eligible.first().map(|first| first.is_certain);
            let same = |candidate: &&Candidate| Some(candidate.is_certain) == certainty;
            eligible.iter().take_while(same).count()
        }
        _ => eligible.len().min(1),
    };
    let mut decided_by = None;
    let (chosen, others) = eligible.split_at(chosen);
    for other in others {
        let key = chosen
            .last()
            .map_or(OrderKey::Id, |last| compare(last, other).1);
        decided_by = decided_by.or(Some(key));
        excluded.push((other.person.clone(), ExcludedBy::OtherFirst(key)));
    }
    excluded.sort_by(|(a, _), (b, _)| a.cmp(b));
    Explanation {
        circle,
        chosen: chosen.iter().map(|c| c.person.clone()).collect(),
        decided_by,
        excluded,
    }
}

/// The one person who goes before all others, as an explanation.
pub(crate) fn prefer(person: &PersonId, survey: Survey, circle: u32) -> Explanation {
    let Survey {
        eligible, excluded, ..
    } = survey;
    let key = OrderKey::KnowsCustomer;
    let others = eligible.into_iter().map(|candidate| candidate.person);
    let others: Vec<PersonId> = others.filter(|other| other != person).collect();
    let decided_by = (!others.is_empty()).then_some(key);
    let others = others.into_iter();
    let others = others.map(|other| (other, ExcludedBy::OtherFirst(key)));
    let mut excluded: Vec<_> = excluded.into_iter().chain(others).collect();
    excluded.retain(|(other, _)| other != person);
    excluded.sort_by(|(a, _), (b, _)| a.cmp(b));
    Explanation {
        circle,
        chosen: vec![person.clone()],
        decided_by,
        excluded,
    }
}
