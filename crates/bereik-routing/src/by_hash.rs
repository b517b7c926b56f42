//! A map from long texts, which are compared once instead of at every step of a search.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use bereik_core::Address;
use bereik_core::id::Key;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What is found by a hash of its text.
pub(crate) trait Hashed: Clone + Ord {
    /// A number that hangs on all of it, the same on every machine.
    fn hash(&self) -> u64;
}

impl Hashed for Address {
    fn hash(&self) -> u64 {
        hash(self.value()) ^ self.kind() as u64
    }
}

impl Hashed for Key {
    fn hash(&self) -> u64 {
        hash(self.as_str())
    }
}

/// Eight bytes at a step, what falls off a product folded in.
fn hash(text: &str) -> u64 {
    let mix = |hash: u64, word: u64| -> u64 {
        let product = u128::from(hash ^ word) * 0x9E37_79B9_7F4A_7C15;
        (product as u64) ^ ((product >> 64) as u64)
    };
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    let last = rest
        .iter()
        .fold(rest.len() as u64, |word, byte| word << 8 | u64::from(*byte));
    words.chain([last]).fold(text.len() as u64 + 1, mix)
}

/// Values by keys that outsiders may choose. Each stands under its hash; the few whose hash another
/// has stand apart in the order of keys, so that somebody who chooses keys of one hash makes a
/// search no slower than that of an ordered map.
#[derive(Clone, Debug)]
pub(crate) struct ByHash<K, V> {
    by_hash: BTreeMap<u64, (K, V)>,
    /// Those whose hash was another's when they came.
    apart: BTreeMap<K, V>,
}

impl<K, V> Default for ByHash<K, V> {
    fn default() -> Self {
        Self {
            by_hash: BTreeMap::new(),
            apart: BTreeMap::new(),
        }
    }
}

impl<K: Hashed, V> ByHash<K, V> {
    pub(crate) fn len(&self) -> usize {
        self.by_hash.len() + self.apart.len()
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        match self.by_hash.get(&key.hash()) {
            Some((found, value)) if found == key => Some(value),
            _ => self.apart.get(key),
        }
    }

    pub(crate) fn value_mut(&mut self, key: &K) -> Option<&mut V> {
        match self.by_hash.get_mut(&key.hash()) {
            Some((found, value)) if found == key => Some(value),
            _ => self.apart.get_mut(key),
        }
    }

    /// Puts a value under a key; gives back the one that it takes the place of.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        if let Some(before) = self.apart.get_mut(&key) {
            return Some(std::mem::replace(before, value));
        }
        match self.by_hash.entry(key.hash()) {
            Entry::Occupied(mut place) if place.get().0 == key => {
                Some(std::mem::replace(&mut place.get_mut().1, value))
            }
            Entry::Occupied(_) => self.apart.insert(key, value),
            Entry::Vacant(place) => {
                place.insert((key, value));
                None
            }
        }
    }

    /// The one of this key; where there is none, it is made.
    pub(crate) fn or_insert_with(&mut self, key: &K, make: impl FnOnce() -> V) -> &mut V {
        if self.apart.contains_key(key) {
            return self.apart.entry(key.clone()).or_insert_with(make);
        }
        match self.by_hash.entry(key.hash()) {
            Entry::Occupied(place) if place.get().0 == *key => &mut place.into_mut().1,
            Entry::Occupied(_) => self.apart.entry(key.clone()).or_insert_with(make),
            Entry::Vacant(place) => &mut place.insert((key.clone(), make())).1,
        }
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        match self.by_hash.entry(key.hash()) {
            Entry::Occupied(place) if place.get().0 == *key => Some(place.remove().1),
            _ => self.apart.remove(key),
        }
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// All, in no order that means anything.
    fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let by_hash = self.by_hash.values().map(|(key, value)| (key, value));
        by_hash.chain(&self.apart)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }
}

impl<K: Hashed, V: PartialEq> PartialEq for ByHash<K, V> {
    fn eq(&self, other: &Self) -> bool {
        let is_same = |(key, value): (&K, &V)| other.get(key) == Some(value);
        self.len() == other.len() && self.iter().all(is_same)
    }
}

impl<K: Hashed + Eq, V: Eq> Eq for ByHash<K, V> {}

/// In the order of keys, as an ordered map is written.
impl<K: Hashed + Serialize, V: Serialize> Serialize for ByHash<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let in_order: BTreeMap<&K, &V> = self.iter().collect();
        serializer.collect_map(in_order)
    }
}

impl<'de, K, V> Deserialize<'de> for ByHash<K, V>
where
    K: Hashed + Deserialize<'de>,
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
    use proptest::prelude::Strategy;
    use proptest::{prop_assert_eq, proptest};

    use super::*;

    /// A key of which there are few hashes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    struct Few(u8);

    impl Hashed for Few {
        fn hash(&self) -> u64 {
            (self.0 % 3).into()
        }
    }

    proptest! {
        #[test]
        fn it_holds_what_an_ordered_map_holds(
            acts in proptest::collection::vec((0u8..3, (0u8..12).prop_map(Few)), 0..60)
        ) {
            let (mut map, mut naive) = (ByHash::default(), BTreeMap::new());
            for (number, (act, key)) in acts.into_iter().enumerate() {
                match act {
                    0 => prop_assert_eq!(map.insert(key, number), naive.insert(key, number)),
                    1 => prop_assert_eq!(map.remove(&key), naive.remove(&key)),
                    _ => prop_assert_eq!(
                        map.or_insert_with(&key, || number),
                        naive.entry(key).or_insert(number)
                    ),
                }
                prop_assert_eq!(map.len(), naive.len());
                for key in (0..12).map(Few) {
                    prop_assert_eq!(map.get(&key), naive.get(&key));
                }
            }
            let written = serde_json::to_string(&map).expect("numbers are keys");
            prop_assert_eq!(&written, &serde_json::to_string(&naive).expect("numbers are keys"));
            let read: ByHash<Few, usize> = serde_json::from_str(&written).expect("it was written");
            prop_assert_eq!(read, map);
        }
    }
}
