//! Fair shares: how many contacts each member of a group has had, and what he missed while away.

use bereik_core::id::PersonId;
use bereik_core::slot::Slot;
use serde::{Deserialize, Serialize};

/// One contact, in the unit in which shares are counted: a millionth.
pub(crate) const ONE: u64 = 1_000_000;

/// What one member had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Share {
    /// Contacts had, in millionths.
    pub(crate) had: u64,
    /// What each of the others got on average while this member was away or not yet there, in
    /// millionths. It keeps somebody who comes back from a flood.
    missed: u64,
    /// Which turn of the group he had last, counted from 1; 0 where he never had one.
    pub(crate) turn: u64,
}

impl Share {
    /// Contacts had and missed.
    pub(crate) const fn counted(self) -> u64 {
        self.had.saturating_add(self.missed)
    }
}

/// The shares of a group, and its turns. One entry for each member, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Shares {
    members: Vec<(PersonId, Share)>,
    /// How often somebody was chosen.
    turns: u64,
}

impl Shares {
    /// The same with these members, sorted by id and each once. Who is new counts as the average of
    /// those who were there.
    pub(crate) fn with_members(&self, members: &[PersonId]) -> Self {
        let new = Share {
            had: 0,
            missed: self.average().counted(),
            turn: 0,
        };
        let share = |person: &PersonId| self.of(person).unwrap_or(new);
        let members = members.iter().map(|person| (person.clone(), share(person)));
        let mut members: Vec<_> = members.collect();
        members.sort_by(|(a, _), (b, _)| a.cmp(b));
        members.dedup_by(|(a, _), (b, _)| a == b);
        Self {
            members,
            turns: self.turns,
        }
    }

    fn place(&self, person: &PersonId) -> Option<usize> {
        let found = self.members.binary_search_by(|(id, _)| id.cmp(person));
        found.ok()
    }

    /// The share of a member.
    pub(crate) fn of(&self, person: &PersonId) -> Option<Share> {
        let place = self.place(person)?;
        Some(self.members[place].1)
    }

    /// The share of the member at this place, in the order of ids.
    pub(crate) fn at(&self, place: Slot) -> Option<Share> {
        let member = self.members.get(place.index())?;
        Some(member.1)
    }

    /// What all members have had and missed together.
    pub(crate) fn all(&self) -> u64 {
        let counted = self.members.iter().map(|(_, share)| share.counted());
        counted.fold(0, u64::saturating_add)
    }

    /// Everybody's share, by id.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&PersonId, Share)> {
        let members = self.members.iter();
        members.map(|(person, share)| (person, *share))
    }

    /// What a member has had on average.
    pub(crate) fn average(&self) -> Share {
        let heads = u64::try_from(self.members.len()).unwrap_or(u64::MAX).max(1);
        let had = self.members.iter().map(|(_, share)| share.had);
        let had = had.fold(0, u64::saturating_add) / heads;
        Share {
            had,
            missed: self.all() / heads - had,
            turn: 0,
        }
    }

    /// The number of the next draw.
    pub(crate) const fn next_turn(&self) -> u64 {
        self.turns + 1
    }

    /// Somebody was chosen: it was his turn.
    pub(crate) fn take_turn(&mut self, people: &[PersonId]) {
        self.turns += 1;
        for person in people {
            if let Some(place) = self.place(person) {
                self.members[place].1.turn = self.turns;
            }
        }
    }

    /// Counts one contact for `taker`; the members who were away have missed the average of what
    /// those who were there got: `there` says it of each, in the order of ids. What somebody from
    /// outside takes counts for nobody.
    pub(crate) fn count(&mut self, taker: &PersonId, mut there: Vec<bool>) {
        let Some(place) = self.place(taker) else {
            return;
        };
        debug_assert_eq!(there.len(), self.members.len());
        there[place] = true;
        let heads = there.iter().filter(|is_there| **is_there).count();
        let each = ONE / u64::try_from(heads).unwrap_or(u64::MAX).max(1);
        for ((_, share), is_there) in self.members.iter_mut().zip(there) {
            if !is_there {
                share.missed = share.missed.saturating_add(each);
            }
        }
        let share = &mut self.members[place].1;
        share.had = share.had.saturating_add(ONE);
    }
}

/// How much less a member had than his fair share, in millionths times the sum of the weights:
/// target minus had, where the target is what all had times his weight by the sum of weights.
/// Comparable among members of the same group.
pub(crate) fn shortfall(share: Share, all: u64, weight: u32, weights: u64) -> i128 {
    i128::from(all) * i128::from(weight) - i128::from(share.counted()) * i128::from(weights)
}
