//! Small numbers that stand for people and groups, and rows of bits over them.

use std::fmt;

/// The number of a person, or of a place in a group: from 0, in the order in which they were added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(u32);

impl Slot {
    /// The slot of this number.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Its number, as a place in a slice.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A bit for each slot from 0 on: who of some people something holds for.
///
/// Bits beyond the last that was set are not set.
///
/// ```
/// use bereik_core::slot::{Row, Slot};
///
/// let mut reachable = Row::new();
/// reachable.set(Slot::new(3), true);
/// reachable.set(Slot::new(70), true);
/// let mut skilled = Row::new();
/// skilled.set(Slot::new(70), true);
/// assert_eq!(reachable.count(), 2);
/// assert_eq!(reachable.and(&skilled).iter().collect::<Vec<_>>(), [Slot::new(70)]);
/// ```
#[derive(Clone, Default)]
pub struct Row {
    words: Vec<u64>,
}

impl Row {
    /// No bit is set.
    #[must_use]
    pub const fn new() -> Self {
        Self { words: Vec::new() }
    }

    /// Whether the bit of a slot is set.
    #[must_use]
    pub fn contains(&self, slot: Slot) -> bool {
        let (word, bit) = place(slot);
        self.words
            .get(word)
            .is_some_and(|word| word >> bit & 1 == 1)
    }

    /// Sets the bit of a slot, or clears it. Memory follows the largest slot that was ever set.
    pub fn set(&mut self, slot: Slot, is_set: bool) {
        let (word, bit) = place(slot);
        if word >= self.words.len() {
            if !is_set {
                return;
            }
            self.words.resize(word + 1, 0);
        }
        if is_set {
            self.words[word] |= 1 << bit;
        } else {
            self.words[word] &= !(1 << bit);
        }
    }

    /// How many bits are set.
    #[must_use]
    pub fn count(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    /// Whether no bit is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// The bits that are set in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let words = self.words.iter().zip(&other.words);
        Self {
            words: words.map(|(a, b)| a & b).collect(),
        }
    }

    /// The slots whose bits are set, ascending.
    pub fn iter(&self) -> impl Iterator<Item = Slot> + '_ {
        let words = self.words.iter().enumerate();
        words.flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros())?;
                left &= left - 1;
                Some(Slot(at as u32 * u64::BITS + bit))
            })
        })
    }

    /// The bits, 64 a word, the lowest first; words beyond the last are 0.
    #[must_use]
    pub fn words(&self) -> &[u64] {
        &self.words
    }
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        let (short, long) = match self.words.len() <= other.words.len() {
            true => (&self.words, &other.words),
            false => (&other.words, &self.words),
        };
        let (same, rest) = long.split_at(short.len());
        short == same && rest.iter().all(|word| *word == 0)
    }
}

impl Eq for Row {}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.iter().map(Slot::number))
            .finish()
    }
}

impl FromIterator<Slot> for Row {
    fn from_iter<I: IntoIterator<Item = Slot>>(slots: I) -> Self {
        let mut row = Self::new();
        for slot in slots {
            row.set(slot, true);
        }
        row
    }
}

const fn place(slot: Slot) -> (usize, u32) {
    ((slot.0 / u64::BITS) as usize, slot.0 % u64::BITS)
}
