//! Where the bit of each person stands in the rows: at his slot, or in the order of a key.

use bereik_core::slot::Slot;

use super::PoolKey;
use super::among::{bit_of, word_of};

/// Marks a place that nobody stands at.
const NOBODY: u32 = u32::MAX;

/// Where the bit of each person stands.
#[derive(Clone, Debug)]
pub(super) struct Places {
    members: usize,
    /// A bit for each place at which somebody stands.
    taken: Vec<u64>,
    order: Option<Order>,
}

/// Places in the order of a key. Whoever moves goes to the next place at the end; when there is
/// none left, everybody is put in order anew.
#[derive(Clone, Debug)]
struct Order {
    key: PoolKey,
    place_of: Vec<u32>,
    slot_at: Vec<u32>,
    /// The next place that nobody has stood at.
    next: usize,
    /// The greatest number of the key.
    greatest: u64,
}

impl Places {
    /// Everybody stands at his slot.
    pub(super) fn by_slot(members: usize) -> Self {
        assert!(members < 1 << 31, "more people than there are places");
        let mut taken = vec![u64::MAX; members / 64];
        if !members.is_multiple_of(64) {
            taken.push((1 << (members % 64)) - 1);
        }
        Self {
            members,
            taken,
            order: None,
        }
    }

    /// Everybody stands in the order of these numbers, then of the slots, with as many places
    /// after them.
    pub(super) fn in_order(key: PoolKey, numbers: &[u64]) -> Self {
        let members = numbers.len();
        let mut slots: Vec<u32> = (0..).take(members).collect();
        slots.sort_by_key(|&slot| numbers[slot as usize]);
        let mut place_of = vec![0; members];
        for (place, &slot) in (0..).zip(&slots) {
            place_of[slot as usize] = place;
        }
        let capacity = (2 * members).next_multiple_of(64);
        let greatest = slots.last().map_or(0, |&slot| numbers[slot as usize]);
        slots.resize(capacity, NOBODY);
        let mut taken = Self::by_slot(members).taken;
        taken.resize(capacity / 64, 0);
        Self {
            members,
            taken,
            order: Some(Order {
                key,
                place_of,
                slot_at: slots,
                next: members,
                greatest,
            }),
        }
    }

    pub(super) const fn members(&self) -> usize {
        self.members
    }

    /// How many words a row has.
    pub(super) fn words(&self) -> usize {
        self.taken.len()
    }

    /// A bit for each place at which somebody stands, up to the last at which anybody ever stood.
    pub(super) fn taken(&self) -> &[u64] {
        let order = self.order.as_ref();
        let words = order.map_or(self.taken.len(), |order| order.next.div_ceil(64));
        &self.taken[..words]
    }

    pub(super) fn is_ordered_by(&self, key: PoolKey) -> bool {
        self.order.as_ref().is_some_and(|order| order.key == key)
    }

    /// Where somebody stands.
    pub(super) fn of(&self, slot: Slot) -> usize {
        let order = self.order.as_ref();
        order.map_or(slot.index(), |order| order.place_of[slot.index()] as usize)
    }

    /// Who stands there.
    pub(super) fn slot_at(&self, place: usize) -> Slot {
        let order = self.order.as_ref();
        let slot = order.map_or(place as u32, |order| order.slot_at[place]);
        Slot::new(slot)
    }

    /// Moves somebody to the end, where he belongs by this number; answers where he stood. `None`
    /// where there is no place left, or he does not belong at the end.
    pub(super) fn move_to_end(&mut self, slot: Slot, number: u64) -> Option<usize> {
        let order = self.order.as_mut()?;
        if number < order.greatest || order.next == order.slot_at.len() {
            return None;
        }
        let from = order.place_of[slot.index()] as usize;
        let to = order.next;
        order.greatest = number;
        order.next += 1;
        order.place_of[slot.index()] = u32::try_from(to).ok()?;
        order.slot_at[to] = slot.number();
        order.slot_at[from] = NOBODY;
        self.taken[word_of(from)] &= !bit_of(from);
        self.taken[word_of(to)] |= bit_of(to);
        Some(from)
    }

    /// The bits of a row as they stand here, from where they stood before.
    pub(super) fn moved(&self, row: &[u64], before: &Self) -> Vec<u64> {
        let mut moved = vec![0; self.words()];
        for (word, mut bits) in row.iter().copied().enumerate() {
            while bits != 0 {
                let place = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let to = self.of(before.slot_at(place));
                moved[word_of(to)] |= bit_of(to);
            }
        }
        moved
    }
}
