//! Fair shares: how many contacts each member of a group has had, and what he missed while away.

use std::collections::BTreeMap;

use bereik_core::id::PersonId;
use serde::{Deserialize, Serialize};

/// One contact, in the unit in which shares are counted: a millionth.
pub(crate) const ONE: u64 = 1_000_000;

/// What one member had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Share {
    /// Contacts had, in millionths.
    had: u64,
    /// What each of the others got on average while this member was away or not yet there, in
    /// millionths. It keeps somebody who comes back from a flood.
    missed: u64,
}

impl Share {
    /// Contacts had and missed.
    pub(crate) const fn counted(self) -> u64 {
        self.had.saturating_add(self.missed)
    }
}

/// The shares of a group, by member.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Shares(BTreeMap<PersonId, Share>);

impl Shares {
    /// The share of a member; who never had one counts as the average of those who had.
    pub(crate) fn of(&self, person: &PersonId) -> Share {
        self.0.get(person).copied().unwrap_or_else(|| {
            let heads = u64::try_from(self.0.len()).unwrap_or(u64::MAX).max(1);
            let sum: u64 = self.0.values().map(|share| share.counted()).sum();
            Share {
                had: 0,
                missed: sum / heads,
            }
        })
    }

    /// Counts one contact for `taker`; the members who were away have missed the average of what
    /// those who were there got.
    pub(crate) fn count<'a>(
        &mut self,
        taker: &PersonId,
        there: impl Iterator<Item = &'a PersonId>,
        away: impl Iterator<Item = &'a PersonId>,
    ) {
        let there: Vec<&PersonId> = there.collect();
        let away: Vec<&PersonId> = away.collect();
        for person in there.iter().chain(&away).copied().chain([taker]) {
            let share = self.of(person);
            self.0.entry(person.clone()).or_insert(share);
        }
        let heads = u64::try_from(there.len()).unwrap_or(u64::MAX).max(1);
        for person in away.into_iter().filter(|person| *person != taker) {
            if let Some(share) = self.0.get_mut(person) {
                share.missed = share.missed.saturating_add(ONE / heads);
            }
        }
        if let Some(share) = self.0.get_mut(taker) {
            share.had = share.had.saturating_add(ONE);
        }
    }
}

/// How much less a member had than his fair share, in millionths times the sum of the weights:
/// target minus had, where the target is what all had times his weight by the sum of weights.
/// Comparable among members of the same group.
pub(crate) fn shortfall(share: Share, all: u64, weight: u32, weights: u64) -> i128 {
    i128::from(all) * i128::from(weight) - i128::from(share.counted()) * i128::from(weights)
}
