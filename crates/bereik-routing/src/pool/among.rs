//! Some of the people of a pool, narrowed down row by row.

use std::cmp::Ordering;

use bereik_core::slot::Slot;

use super::{Pool, PoolKey, PoolRow};

pub(super) const fn word_of(place: usize) -> usize {
    place / 64
}

pub(super) const fn bit_of(place: usize) -> u64 {
    1 << (place % 64)
}

/// Some of the people of a [`Pool`]. It is of use only with the pool that filled it, and until
/// that is changed.
#[derive(Clone, Debug, Default)]
pub struct Among {
    words: Vec<u64>,
}

impl Among {
    /// Nobody.
    #[must_use]
    pub const fn new() -> Self {
        Self { words: Vec::new() }
    }

    /// Everybody of a pool.
    pub fn fill(&mut self, pool: &Pool) {
        self.words.clear();
        self.words.extend_from_slice(pool.places.taken());
    }

    /// Takes those out for whom something does not hold; answers how many are left.
    ///
    /// # Panics
    /// Where the pool has no such row.
    pub fn keep(&mut self, pool: &Pool, row: PoolRow) -> u32 {
        let mut left = 0;
        for (word, of_row) in self.words.iter_mut().zip(pool.row(row)) {
            *word &= of_row;
            left += word.count_ones();
        }
        left
    }

    /// Takes those out for whom nothing of this holds; answers how many are left.
    ///
    /// # Panics
    /// Where the pool has no such row.
    pub fn keep_any(&mut self, pool: &Pool, rows: &[PoolRow]) -> u32 {
        let words = self.words.len();
        let row = |row: PoolRow| &pool.row(row)[..words];
        match rows {
            [a] => self.keep(pool, *a),
            [a, b] => {
                let (a, b) = (row(*a), row(*b));
                and_all(&mut self.words, |at| a[at] | b[at])
            }
            [a, b, c] => {
                let (a, b, c) = (row(*a), row(*b), row(*c));
                and_all(&mut self.words, |at| a[at] | b[at] | c[at])
            }
            rows => {
                let rows: Vec<_> = rows.iter().copied().map(row).collect();
                let any = |at: usize| rows.iter().fold(0, |any, row| any | row[at]);
                and_all(&mut self.words, any)
            }
        }
    }

    /// Takes those out for whom something holds; answers how many are left.
    pub(crate) fn keep_not(&mut self, pool: &Pool, row: PoolRow) -> u32 {
        let row = pool.row(row);
        and_all(&mut self.words, |at| !row[at])
    }

    /// Takes one person out.
    ///
    /// # Panics
    /// Where the pool has no such person.
    pub fn take_out(&mut self, pool: &Pool, slot: Slot) {
        let place = pool.places.of(slot);
        if let Some(word) = self.words.get_mut(word_of(place)) {
            *word &= !bit_of(place);
        }
    }

    /// Whether somebody is among them.
    ///
    /// # Panics
    /// Where the pool has no such person.
    #[must_use]
    pub fn contains(&self, pool: &Pool, slot: Slot) -> bool {
        let place = pool.places.of(slot);
        let word = self.words.get(word_of(place)).copied().unwrap_or(0);
        word & bit_of(place) != 0
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.words.iter().map(|word| word.count_ones()).sum()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Everybody who is among them, in the order in which the pool keeps them.
    pub fn slots<'a>(&'a self, pool: &'a Pool) -> impl Iterator<Item = Slot> + 'a {
        places_of(&self.words).map(|place| pool.places.slot_at(place))
    }

    /// Nobody of a pool, as yet.
    pub(crate) fn nobody(pool: &Pool) -> Self {
        Self {
            words: vec![0; pool.places.taken().len()],
        }
    }

    /// Takes everybody out.
    pub(crate) fn clear(&mut self) {
        self.words.fill(0);
    }

    /// Puts one person in.
    pub(crate) fn put_in(&mut self, pool: &Pool, slot: Slot) {
        let place = pool.places.of(slot);
        self.words[word_of(place)] |= bit_of(place);
    }

    /// Adds the others.
    pub(crate) fn join(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// Takes those out whose number is not the least.
    pub(crate) fn keep_least(&mut self, pool: &Pool, key: PoolKey) {
        let numbers = pool.numbers(key);
        let least = self.slots(pool).map(|slot| numbers[slot.index()]).min();
        let more = |slot: &Slot| Some(numbers[slot.index()]) > least;
        let out: Vec<Slot> = self.slots(pool).filter(more).collect();
        for slot in out {
            self.take_out(pool, slot);
        }
    }

    /// Takes those out who are not among the others.
    pub(crate) fn meet(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    /// Takes those out who are among the others.
    pub(crate) fn leave(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }

    /// The first by these keys, then by the slot, and the one after him.
    pub(crate) fn first_two(&self, pool: &Pool, keys: &[PoolKey]) -> (Option<Slot>, Option<Slot>) {
        first_two(pool, keys, self.words.iter().copied())
    }
}

/// The same of those whose places these words name. In a pool that is kept in the order of the first
/// key it asks for no more words than it needs.
pub(super) fn first_two(
    pool: &Pool,
    keys: &[PoolKey],
    words: impl Iterator<Item = u64>,
) -> (Option<Slot>, Option<Slot>) {
    let mut best = Best::new(pool, keys);
    let first = keys.first().copied();
    let is_ordered = first.is_some_and(|key| pool.places.is_ordered_by(key));
    let numbers = first.map_or(&[][..], |key| pool.numbers(key));
    'words: for (at, word) in words.enumerate() {
        let mut left = word;
        while left != 0 {
            let slot = pool
                .places
                .slot_at(at * 64 + left.trailing_zeros() as usize);
            left &= left - 1;
            let number = numbers.get(slot.index()).copied().unwrap_or(0);
            if best.next.is_none_or(|(last, _)| number <= last) {
                best.offer(number, slot);
            } else if is_ordered {
                break 'words;
            }
        }
    }
    (
        best.first.map(|(_, slot)| slot),
        best.next.map(|(_, slot)| slot),
    )
}

/// Keeps the bits that are set in both; answers how many there are.
fn and_all(words: &mut [u64], other: impl Fn(usize) -> u64) -> u32 {
    let mut left = 0;
    for (at, word) in words.iter_mut().enumerate() {
        *word &= other(at);
        left += word.count_ones();
    }
    left
}

fn places_of(words: &[u64]) -> impl Iterator<Item = usize> {
    words.iter().enumerate().flat_map(|(at, word)| {
        let mut left = *word;
        std::iter::from_fn(move || {
            let bit = (left != 0).then(|| left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(at * 64 + bit)
        })
    })
}

/// The best two so far, each with his number of the first key.
struct Best<'a> {
    pool: &'a Pool,
    keys: &'a [PoolKey],
    first: Option<(u64, Slot)>,
    next: Option<(u64, Slot)>,
}

impl<'a> Best<'a> {
    const fn new(pool: &'a Pool, keys: &'a [PoolKey]) -> Self {
        Self {
            pool,
            keys,
            first: None,
            next: None,
        }
    }

    fn offer(&mut self, number: u64, slot: Slot) {
        let new = Some((number, slot));
        if self.goes_before((number, slot), self.first) {
            self.next = std::mem::replace(&mut self.first, new);
        } else if self.goes_before((number, slot), self.next) {
            self.next = new;
        }
    }

    fn goes_before(&self, (number, slot): (u64, Slot), other: Option<(u64, Slot)>) -> bool {
        let Some((of_other, other)) = other else {
            return true;
        };
        let rest = self.keys.get(1..).unwrap_or_default().iter();
        let mut order = number.cmp(&of_other);
        for key in rest {
            if order.is_ne() {
                break;
            }
            order = self.pool.key(*key, slot).cmp(&self.pool.key(*key, other));
        }
        order.then_with(|| slot.cmp(&other)) == Ordering::Less
    }
}
