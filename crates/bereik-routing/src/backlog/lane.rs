//! A lane: contacts that differ in nothing but when they came, in an order that holds for good.

use std::collections::VecDeque;

use bereik_core::id::ContactId;

use super::order::Waiting;

/// The most contacts in one stretch; a longer one is cut in two.
const STRETCH_MAX: usize = 256;

/// A contact and what it is kept in order by.
#[derive(Clone, Copy, Debug)]
struct Kept {
    place: i64,
    waiting: Waiting,
}

/// A place in a lane: the stretch, and where in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    stretch: usize,
    offset: usize,
}

/// Contacts in order, cut into stretches: one comes or goes by moving a few hundred at most, and
/// those before one are counted by the stretch.
#[derive(Clone, Debug, Default)]
pub(super) struct Lane {
    /// None of them is empty.
    stretches: VecDeque<VecDeque<Kept>>,
}

impl Kept {
    /// What a lane is sorted by.
    const fn key(&self) -> (i64, i64, ContactId) {
        (self.place, self.waiting.since(), self.waiting.id())
    }
}

impl Lane {
    pub(super) fn is_empty(&self) -> bool {
        self.stretches.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.stretches.iter().map(VecDeque::len).sum()
    }

    /// Adds a contact; false where it is there already.
    pub(super) fn insert(&mut self, place: i64, waiting: Waiting) -> bool {
        let kept = Kept { place, waiting };
        let Spot { stretch, offset } = self.spot(&|other: &Kept| other.key() < kept.key());
        // Behind all others it goes to the end of the last stretch.
        let (stretch, offset) = match self.stretches.get(stretch) {
            Some(_) => (stretch, offset),
            None => match self.stretches.back().map(VecDeque::len) {
                Some(len) if len < STRETCH_MAX => (stretch - 1, len),
                _ => {
                    self.stretches.push_back([kept].into());
                    return true;
                }
            },
        };
        let kept_at = &mut self.stretches[stretch];
        if kept_at.get(offset).is_some_and(|at| at.key() == kept.key()) {
            return false;
        }
        kept_at.insert(offset, kept);
        if kept_at.len() > STRETCH_MAX {
            let rest = kept_at.split_off(STRETCH_MAX / 2);
            self.stretches.insert(stretch + 1, rest);
        }
        true
    }

    /// Takes a contact out; false where it is not there.
    pub(super) fn remove(&mut self, place: i64, waiting: Waiting) -> bool {
        let kept = Kept { place, waiting };
        let Spot { stretch, offset } = self.spot(&|other: &Kept| other.key() < kept.key());
        let Some(found) = self.stretches.get_mut(stretch) else {
            return false;
        };
        if found.get(offset).is_none_or(|at| at.key() != kept.key()) {
            return false;
        }
        found.remove(offset);
        if found.is_empty() {
            self.stretches.remove(stretch);
        }
        true
    }

    pub(super) const fn start() -> Spot {
        Spot {
            stretch: 0,
            offset: 0,
        }
    }

    pub(super) fn end(&self) -> Spot {
        Spot {
            stretch: self.stretches.len(),
            offset: 0,
        }
    }

    pub(super) fn first(&self) -> Option<&Waiting> {
        self.stretches.front()?.front().map(|kept| &kept.waiting)
    }

    pub(super) fn at(&self, spot: Spot) -> Option<&Waiting> {
        let kept = self.stretches.get(spot.stretch)?.get(spot.offset)?;
        Some(&kept.waiting)
    }

    /// The spot after this one.
    pub(super) fn next(&self, spot: Spot) -> Spot {
        let len = self.stretches.get(spot.stretch).map_or(0, VecDeque::len);
        if spot.offset + 1 < len {
            Spot {
                offset: spot.offset + 1,
                ..spot
            }
        } else {
            Spot {
                stretch: spot.stretch + 1,
                offset: 0,
            }
        }
    }

    /// Where the contacts of which something is true end; it is true of the first ones only.
    pub(super) fn end_of(&self, is_true: impl Fn(&Waiting) -> bool) -> Spot {
        self.spot(&|kept: &Kept| is_true(&kept.waiting))
    }

    /// How many contacts stand before a spot.
    pub(super) fn count_to(&self, spot: Spot) -> usize {
        let before = self.stretches.iter().take(spot.stretch);
        before.map(VecDeque::len).sum::<usize>() + spot.offset
    }

    fn spot(&self, is_true: &impl Fn(&Kept) -> bool) -> Spot {
        let whole = |stretch: &VecDeque<Kept>| stretch.back().is_some_and(is_true);
        let stretch = self.stretches.partition_point(whole);
        let offset = self
            .stretches
            .get(stretch)
            .map_or(0, |stretch| stretch.partition_point(is_true));
        Spot { stretch, offset }
    }
}
