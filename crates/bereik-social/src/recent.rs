//! A map that forgets what was put in first.

use std::collections::{BTreeMap, VecDeque};

/// So many are remembered.
const KEPT_MAX: usize = 16_384;

pub(crate) struct Recent<K, V> {
    values: BTreeMap<K, V>,
    in_order: VecDeque<K>,
}

impl<K: Ord + Clone, V> Recent<K, V> {
    pub(crate) const fn new() -> Self {
        Self {
            values: BTreeMap::new(),
            in_order: VecDeque::new(),
        }
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        if self.values.insert(key.clone(), value).is_none() {
            self.in_order.push_back(key);
        }
        if self.in_order.len() > KEPT_MAX
            && let Some(oldest) = self.in_order.pop_front()
        {
            self.values.remove(&oldest);
        }
    }

    pub(crate) fn value(&self, key: &K) -> Option<&V> {
        self.values.get(key)
    }

    pub(crate) fn remove(&mut self, key: &K) {
        if self.values.remove(key).is_some() {
            self.in_order.retain(|other| other != key);
        }
    }
}
