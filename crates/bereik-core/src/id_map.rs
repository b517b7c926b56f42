//! A map from ids of people and groups, for what is looked up at every step.

use std::fmt;

use crate::id::{GroupId, PersonId};
use crate::slot::Slot;

/// An id that is a text.
pub trait Slug: Clone + Ord {
    /// The text.
    fn text(&self) -> &str;
}

impl Slug for GroupId {
    fn text(&self) -> &str {
        self.as_str()
    }
}

impl Slug for PersonId {
    fn text(&self) -> &str {
        self.as_str()
    }
}

/// Values by id. An id is found by a fixed hash of its text, so that a search takes one step where
/// an ordered map takes ten; whoever asks for all gets them in the order of ids, on every machine.
///
/// It is meant for ids that a company hands out itself: somebody who may choose ids at will could
/// choose such that collide.
///
/// ```
/// use bereik_core::PersonId;
/// use bereik_core::id_map::IdMap;
///
/// let mut rooms = IdMap::default();
/// for (name, room) in [("chris", 3), ("anna", 1)] {
///     rooms.insert(PersonId::parse(name)?, room);
/// }
/// assert_eq!(rooms.get(&PersonId::parse("anna")?), Some(&1));
/// let in_order: Vec<&str> = rooms.iter().map(|(id, _)| id.as_str()).collect();
/// assert_eq!(in_order, ["anna", "chris"]);
/// rooms.retain(|_, room| *room > 1);
/// assert_eq!((rooms.len(), rooms.get(&PersonId::parse("anna")?)), (1, None));
/// # Ok::<(), bereik_core::id::IdError>(())
/// ```
#[derive(Clone)]
pub struct IdMap<K, V> {
    /// In the order in which they came, holes filled by the last.
    entries: Vec<(K, V)>,
    /// Places in `entries`, by hash; as many as a power of two, a quarter of them empty at least.
    slots: Vec<u32>,
}

const EMPTY: u32 = u32::MAX;

impl<K, V> Default for IdMap<K, V> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            slots: Vec::new(),
        }
    }
}

/// A hash of eight bytes at a step; the last step overlaps the one before. Ids of a company differ in
/// their last digits, the highest bits of a word, which a product carries no further down: what falls
/// off above is folded in, so that the lowest bits, by which a slot is chosen, hang on all.
fn hash(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let mix =
        |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut hash = bytes.len() as u64;
    if let Some(last) = bytes.last_chunk::<8>() {
        let (words, _) = bytes[..bytes.len() - 1].as_chunks::<8>();
        for word in words {
            hash = mix(hash, u64::from_le_bytes(*word));
        }
        hash = mix(hash, u64::from_le_bytes(*last));
    } else {
        let word = bytes
            .iter()
            .fold(0, |word, byte| word << 8 | u64::from(*byte));
        hash = mix(hash, word);
    }
    let folded = u128::from(hash ^ (hash >> 32)) * 0xD6E8_FEB8_6659_FD93;
    (folded as u64) ^ ((folded >> 64) as u64)
}

impl<K: Slug, V> IdMap<K, V> {
    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    const fn mask(&self) -> usize {
        self.slots.len() - 1
    }

    /// The slot of an id, or the empty one where it would be.
    fn bucket(&self, id: &K) -> usize {
        let mut slot = hash(id.text()) as usize & self.mask();
        loop {
            let place = self.slots[slot];
            if place == EMPTY || self.entries[place as usize].0.text() == id.text() {
                return slot;
            }
            slot = (slot + 1) & self.mask();
        }
    }

    fn place(&self, id: &K) -> Option<usize> {
        if self.entries.is_empty() {
            return None;
        }
        let place = self.slots[self.bucket(id)];
        (place != EMPTY).then_some(place as usize)
    }

    /// Whether there is one of this id.
    #[must_use]
    pub fn contains_key(&self, id: &K) -> bool {
        self.place(id).is_some()
    }

    /// The one of this id.
    #[must_use]
    pub fn get(&self, id: &K) -> Option<&V> {
        self.place(id).map(|place| &self.entries[place].1)
    }

    /// The one of this id, to change it.
    pub fn value_mut(&mut self, id: &K) -> Option<&mut V> {
        self.place(id).map(|place| &mut self.entries[place].1)
    }

    /// Where the one of this id stands, for as long as none is taken out.
    #[must_use]
    pub fn slot_of(&self, id: &K) -> Option<Slot> {
        let place = self.place(id)?;
        u32::try_from(place).ok().map(Slot::new)
    }

    /// The one that stands there.
    ///
    /// # Panics
    /// Where none does.
    #[must_use]
    pub fn at(&self, slot: Slot) -> &V {
        &self.entries[slot.index()].1
    }

    /// The one that stands there, to change it.
    ///
    /// # Panics
    /// Where none does.
    pub fn at_mut(&mut self, slot: Slot) -> &mut V {
        &mut self.entries[slot.index()].1
    }

    /// Puts a value under an id; gives back the one that it takes the place of.
    pub fn insert(&mut self, id: K, value: V) -> Option<V> {
        if let Some(before) = self.value_mut(&id) {
            return Some(std::mem::replace(before, value));
        }
        self.add(id, value);
        None
    }

    /// The one of this id; where there is none, it is made.
    ///
    /// # Panics
    /// Where there would be more than four billion.
    pub fn or_insert_with(&mut self, id: &K, make: impl FnOnce() -> V) -> &mut V {
        let place = match self.place(id) {
            Some(place) => place,
            None => {
                self.add(id.clone(), make());
                self.entries.len() - 1
            }
        };
        &mut self.entries[place].1
    }

    fn add(&mut self, id: K, value: V) {
        let wanted = (self.entries.len() + 1) * 2;
        if self.slots.len() < wanted {
            self.spread(wanted.next_power_of_two().max(8));
        }
        let slot = self.bucket(&id);
        self.slots[slot] = u32::try_from(self.entries.len()).expect("fewer than four billion");
        self.entries.push((id, value));
    }

    fn spread(&mut self, slots: usize) {
        self.slots = vec![EMPTY; slots];
        for place in 0..self.entries.len() {
            let slot = self.bucket(&self.entries[place].0);
            self.slots[slot] = u32::try_from(place).expect("fewer than four billion");
        }
    }

    /// Takes out the one of this id. It costs as much as there are.
    pub fn remove(&mut self, id: &K) -> Option<V> {
        let place = self.place(id)?;
        let (_, value) = self.entries.swap_remove(place);
        self.spread(self.slots.len());
        Some(value)
    }

    /// Takes out all that are not to be kept. It costs as much as there are.
    pub fn retain(&mut self, mut is_kept: impl FnMut(&K, &mut V) -> bool) {
        self.entries.retain_mut(|(id, value)| is_kept(id, value));
        if !self.slots.is_empty() {
            self.spread(self.slots.len());
        }
    }

    /// All, in the order of ids. It sorts them.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let mut all: Vec<&(K, V)> = self.entries.iter().collect();
        all.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        all.into_iter().map(|(id, value)| (id, value))
    }

    /// The ids, in their order. It sorts them.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(id, _)| id)
    }
}

impl<K: Slug, V> FromIterator<(K, V)> for IdMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(all: I) -> Self {
        let mut map = Self::default();
        for (id, value) in all {
            map.insert(id, value);
        }
        map
    }
}

impl<K: Slug, V: PartialEq> PartialEq for IdMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        let same = |(id, value): &(K, V)| other.get(id) == Some(value);
        self.len() == other.len() && self.entries.iter().all(same)
    }
}

impl<K: Slug + fmt::Debug, V: fmt::Debug> fmt::Debug for IdMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(feature = "serde")]
impl<K: Slug + serde::Serialize, V: serde::Serialize> serde::Serialize for IdMap<K, V> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

#[cfg(feature = "serde")]
impl<'de, K, V> serde::Deserialize<'de> for IdMap<K, V>
where
    K: Slug + serde::Deserialize<'de>,
    V: serde::Deserialize<'de>,
{
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let all = std::collections::BTreeMap::<K, V>::deserialize(deserializer)?;
        Ok(all.into_iter().collect())
    }
}
