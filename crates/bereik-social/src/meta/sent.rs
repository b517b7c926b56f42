//! What is remembered between calls: under what name the provider knows a message of ours, and who wrote when.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use bereik_core::Address;
use bereik_core::id::Key;
use chrono::{DateTime, TimeDelta, Utc};

/// So many are remembered of each.
const KEPT_MAX: usize = 16_384;
/// How long after the other side's last word we may write.
const WINDOW: TimeDelta = TimeDelta::hours(24);

/// A map that forgets what was put in first.
struct Recent<K, V> {
    values: BTreeMap<K, V>,
    in_order: VecDeque<K>,
}

impl<K: Ord + Clone, V> Recent<K, V> {
    const fn new() -> Self {
        Self {
            values: BTreeMap::new(),
            in_order: VecDeque::new(),
        }
    }

    fn insert(&mut self, key: K, value: V) {
        if self.values.insert(key.clone(), value).is_none() {
            self.in_order.push_back(key);
        }
        if self.in_order.len() > KEPT_MAX
            && let Some(oldest) = self.in_order.pop_front()
        {
            self.values.remove(&oldest);
        }
    }
}

/// Our keys by the provider's names.
pub(super) struct SentKeys(Mutex<Recent<String, Key>>);

impl SentKeys {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Recent::new()))
    }

    pub(super) fn note(&self, provider_id: &str, key: &Key) {
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sent.insert(provider_id.to_owned(), key.clone());
    }

    pub(super) fn key_of(&self, provider_id: &str) -> Option<Key> {
        let sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sent.values.get(provider_id).cloned()
    }
}

/// Who wrote when, as far as it was heard.
pub(super) struct Windows(Mutex<Recent<Address, DateTime<Utc>>>);

impl Windows {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Recent::new()))
    }

    pub(super) fn wrote(&self, who: Address, at: DateTime<Utc>) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = last.values.get(&who).copied();
        last.insert(who, before.map_or(at, |before| before.max(at)));
    }

    /// Whether somebody wrote lately; none where he was not heard at all.
    pub(super) fn is_open(&self, to: &Address, now: DateTime<Utc>) -> Option<bool> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.values.get(to).map(|at| now < *at + WINDOW)
    }
}
