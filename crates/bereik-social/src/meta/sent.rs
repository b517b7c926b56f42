//! What is remembered between calls: under what name the provider knows a message of ours, and who wrote when.

use std::sync::{Mutex, PoisonError};

use bereik_core::Address;
use bereik_core::id::Key;
use chrono::{DateTime, TimeDelta, Utc};

use crate::recent::Recent;

/// How long after the other side's last word we may write.
const WINDOW: TimeDelta = TimeDelta::hours(24);

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
        sent.value(&provider_id.to_owned()).cloned()
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
        let before = last.value(&who).copied();
        last.insert(who, before.map_or(at, |before| before.max(at)));
    }

    /// Whether somebody wrote lately; none where he was not heard at all.
    pub(super) fn is_open(&self, to: &Address, now: DateTime<Utc>) -> Option<bool> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.value(to).map(|at| now < *at + WINDOW)
    }
}
