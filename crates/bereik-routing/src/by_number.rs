//! A map from numbers that the engine hands out, found at one step where a tree takes several.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// As few slots are made at first.
const SLOTS_MIN: usize = 8;

/// Values by keys that nobody chooses, such as the ids of contacts: each stands in the slot of its
/// hash, or behind it where that is taken. Whoever asks for all gets them in the order of keys.
///
/// It has as many slots as were needed for the most that it ever held.
#[derive(Clone)]
pub(crate) struct ByNumber<K, V> {
    /// None, or as many as a power of two, of which a quarter is free at least.
    slots: Vec<Option<(K, V)>>,
    len: usize,
}

impl<K, V> Default for ByNumber<K, V> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            len: 0,
        }
    }
}

/// Takes a number as it is; whatever else is hashed is folded into one.
#[derive(Default)]
struct Folded(u64);

impl Hasher for Folded {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = self.0.rotate_left(8) ^ number;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl<K: Copy + Ord + Hash, V> ByNumber<K, V> {
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// The first slot in which a key may stand: numbers that follow each other stand far apart.
    fn home(&self, key: K) -> usize {
        let mut folded = Folded::default();
        key.hash(&mut folded);
        let spread = folded.finish().wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (spread >> (64 - self.slots.len().trailing_zeros())) as usize
    }

    const fn after(&self, slot: usize) -> usize {
        (slot + 1) & (self.slots.len() - 1)
    }

    /// The slot of a key, or the free one where it would be; there are slots.
    fn slot(&self, key: K) -> usize {
        let mut slot = self.home(key);
        loop {
            match &self.slots[slot] {
                Some((other, _)) if *other != key => slot = self.after(slot),
                _ => return slot,
            }
        }
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        if self.slots.is_empty() {
            return None;
        }
        let found = self.slots[self.slot(*key)].as_ref();
        found.map(|(_, value)| value)
    }

    pub(crate) fn value_mut(&mut self, key: &K) -> Option<&mut V> {
        if self.slots.is_empty() {
            return None;
        }
        let slot = self.slot(*key);
        let found = self.slots[slot].as_mut();
        found.map(|(_, value)| value)
    }

    pub(crate) fn contains_key(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.make_room();
        let slot = self.slot(key);
        let before = self.slots[slot].replace((key, value));
        self.len += usize::from(before.is_none());
        before.map(|(_, value)| value)
    }

    /// The one of this key; where there is none, it is made.
    pub(crate) fn or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        self.make_room();
        let slot = self.slot(key);
        let found = &mut self.slots[slot];
        self.len += usize::from(found.is_none());
        &mut found.get_or_insert_with(|| (key, make())).1
    }

    /// Takes one out, and moves up those behind it that would not be found any longer.
    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        if self.slots.is_empty() {
            return None;
        }
        let mut free = self.slot(*key);
        let (_, value) = self.slots[free].take()?;
        self.len -= 1;
        let mask = self.slots.len() - 1;
        let mut slot = self.after(free);
        while let Some((other, _)) = &self.slots[slot] {
            let from_home = slot.wrapping_sub(self.home(*other)) & mask;
            if slot.wrapping_sub(free) & mask <= from_home {
                self.slots.swap(free, slot);
                free = slot;
            }
            slot = self.after(slot);
        }
        Some(value)
    }

    fn make_room(&mut self) {
        if (self.len + 1) * 4 <= self.slots.len() * 3 {
            return;
        }
        let slots = (self.slots.len() * 2).max(SLOTS_MIN);
        let fresh = (0..slots).map(|_| None).collect();
        for (key, value) in std::mem::replace(&mut self.slots, fresh)
            .into_iter()
            .flatten()
        {
            let slot = self.slot(key);
            self.slots[slot] = Some((key, value));
        }
    }

    /// All, in the order of keys. It sorts them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let all = self.slots.iter().flatten();
        let mut all: Vec<(&K, &V)> = all.map(|(key, value)| (key, value)).collect();
        all.sort_unstable_by_key(|(key, _)| **key);
        all.into_iter()
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }
}

impl<K: Copy + Ord + Hash, V: PartialEq> PartialEq for ByNumber<K, V> {
    fn eq(&self, other: &Self) -> bool {
        let mut all = self.slots.iter().flatten();
        self.len == other.len && all.all(|(key, value)| other.get(key) == Some(value))
    }
}

impl<K: Copy + Ord + Hash, V: Eq> Eq for ByNumber<K, V> {}

impl<K: Copy + Ord + Hash + fmt::Debug, V: fmt::Debug> fmt::Debug for ByNumber<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// As an ordered map is written.
impl<K: Copy + Ord + Hash + Serialize, V: Serialize> Serialize for ByNumber<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de, K, V> Deserialize<'de> for ByNumber<K, V>
where
    K: Copy + Ord + Hash + Deserialize<'de>,
    V: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut map = Self::default();
        for (key, value) in BTreeMap::<K, V>::deserialize(deserializer)? {
            map.insert(key, value);
        }
        Ok(map)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::any;
    use proptest::{prop_assert_eq, proptest};

    use super::*;

    /// A key of which there are few hashes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    struct Few(u8);

    impl Hash for Few {
        fn hash<H: Hasher>(&self, state: &mut H) {
            state.write_u64(u64::from(self.0 % 5));
        }
    }

    proptest! {
        #[test]
        fn it_holds_what_an_ordered_map_holds(
            acts in proptest::collection::vec((0u8..3, any::<u8>()), 0..600)
        ) {
            let (mut map, mut naive) = (ByNumber::default(), BTreeMap::new());
            for (number, (act, key)) in acts.into_iter().enumerate() {
                let key = Few(key % 40);
                match act {
                    0 => prop_assert_eq!(map.insert(key, number), naive.insert(key, number)),
                    1 => prop_assert_eq!(map.remove(&key), naive.remove(&key)),
                    _ => prop_assert_eq!(
                        map.or_insert_with(key, || number),
                        naive.entry(key).or_insert(number)
                    ),
                }
                prop_assert_eq!(map.len(), naive.len());
                for key in (0..40).map(Few) {
                    prop_assert_eq!(map.get(&key), naive.get(&key));
                    prop_assert_eq!(map.value_mut(&key), naive.get_mut(&key));
                }
            }
            prop_assert_eq!(map.iter().collect::<Vec<_>>(), naive.iter().collect::<Vec<_>>());
            let written = serde_json::to_string(&map).expect("numbers are keys");
            prop_assert_eq!(&written, &serde_json::to_string(&naive).expect("numbers are keys"));
            let read: ByNumber<Few, usize> = serde_json::from_str(&written).expect("it was written");
            prop_assert_eq!(read, map);
        }
    }
}
