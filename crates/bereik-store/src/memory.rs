//! The reference: a store in memory, for tests, examples and companies that can forget.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bereik_core::address::Address;
use bereik_core::contact::ContactSummary;
use bereik_core::entry::Entry;
use bereik_core::id::{ContactId, MessageId};
use bereik_core::message::Body;
use chrono::{DateTime, TimeDelta, Utc};

use crate::commit::{Commit, PendingEffect, Recovered};
use crate::error::{StoreError, StoreErrorKind};
use crate::lease::Lease;
use crate::store::Store;

/// A store that lives as long as its value. It keeps the whole contract but durability.
///
/// ```
/// use bereik_store::{Memory, Store};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), bereik_store::StoreError> {
/// assert!(Memory::new().open_contacts().await?.is_empty());
/// # Ok(()) }
/// ```
#[derive(Default)]
pub struct Memory(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    shards: BTreeMap<Box<str>, Shard>,
    timelines: BTreeMap<ContactId, Vec<Entry>>,
    contacts: BTreeMap<ContactId, ContactSummary>,
    by_address: BTreeMap<Address, BTreeSet<ContactId>>,
    bodies: BTreeMap<MessageId, Body>,
    messages: BTreeMap<ContactId, Vec<MessageId>>,
}

#[derive(Default)]
struct Shard {
    epoch: u64,
    holder: Option<Lease>,
    position: u64,
    /// Under which epoch the last commit came.
    position_epoch: u64,
    snapshot: Option<Vec<u8>>,
    inputs: Vec<(DateTime<Utc>, Vec<u8>)>,
    /// By the order in which they were decided.
    effects: BTreeMap<u64, PendingEffect>,
    effect_order: BTreeMap<String, u64>,
    effects_seen: u64,
}

impl Memory {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    // A poisoned lock is taken all the same: everything is checked before the first change.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// The shard of a lease that is still good.
    fn shard_of(&mut self, lease: &Lease) -> Result<&mut Shard, StoreError> {
        self.shards
            .get_mut(lease.shard())
            .filter(|shard| shard.is_held_by(lease))
            .ok_or_else(|| StoreErrorKind::Fenced.into())
    }

    fn keep_summary(&mut self, summary: ContactSummary) {
        let id = summary.id;
        for address in self
            .contacts
            .get(&id)
            .iter()
            .flat_map(|c| &c.customer.addresses)
        {
            if let Some(ids) = self.by_address.get_mut(address) {
                ids.remove(&id);
            }
        }
        for address in &summary.customer.addresses {
            self.by_address
                .entry(address.clone())
                .or_default()
                .insert(id);
        }
        self.contacts.insert(id, summary);
    }
}

impl Shard {
    fn is_held_by(&self, lease: &Lease) -> bool {
        self.epoch == lease.epoch() && self.holder.is_some()
    }

    /// Whether a commit is the next one; false for a repetition of the last.
    fn is_next(&self, lease: &Lease, position: u64) -> Result<bool, StoreError> {
        let next = self.position + 1;
        if position == next {
            return Ok(true);
        }
        let is_last = self.position > 0 && position == self.position;
        if is_last && self.position_epoch == lease.epoch() {
            return Ok(false);
        }
        Err(StoreErrorKind::OutOfOrder { next }.into())
    }

    /// Keeps what belongs to the shard alone.
    fn advance(&mut self, commit: &mut Commit) {
        self.position = commit.position;
        self.position_epoch = self.epoch;
        if let Some(input) = commit.input.take() {
            self.inputs.push((commit.at, input));
        }
        for effect in commit.effects.drain(..) {
            self.effects_seen += 1;
            let order = *self
                .effect_order
                .entry(effect.key.clone())
                .or_insert(self.effects_seen);
            self.effects.insert(order, effect);
        }
        for key in &commit.done {
            if let Some(order) = self.effect_order.remove(key) {
                self.effects.remove(&order);
            }
        }
        if let Some(snapshot) = commit.snapshot.take() {
            self.snapshot = Some(snapshot);
            self.inputs.clear();
        }
    }
}

#[async_trait]
impl Store for Memory {
    async fn acquire(
        &self,
        shard: &str,
        owner: &str,
        now: DateTime<Utc>,
        for_: TimeDelta,
    ) -> Result<Lease, StoreError> {
        let mut kept = self.lock();
        let entry = kept.shards.entry(shard.into()).or_default();
        let other = entry
            .holder
            .as_ref()
            .filter(|holder| holder.owner() != owner);
        if let Some(until) = other.map(Lease::until).filter(|until| now < *until) {
            return Err(StoreErrorKind::Held { until }.into());
        }
        entry.epoch += 1;
        let lease = Lease::new(shard, owner, entry.epoch, now + for_);
        entry.holder = Some(lease.clone());
        Ok(lease)
    }

    async fn renew(
        &self,
        lease: &Lease,
        now: DateTime<Utc>,
        for_: TimeDelta,
    ) -> Result<Lease, StoreError> {
        let lease = lease.clone().with_until(now + for_);
        self.lock().shard_of(&lease)?.holder = Some(lease.clone());
        Ok(lease)
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        if let Ok(shard) = self.lock().shard_of(lease) {
            shard.holder = None;
        }
        Ok(())
    }

    async fn commit(&self, lease: &Lease, mut commit: Commit) -> Result<(), StoreError> {
        let mut kept = self.lock();
        let shard = kept.shard_of(lease)?;
        if !shard.is_next(lease, commit.position)? {
            return Ok(());
        }
        shard.advance(&mut commit);
        for entry in commit.entries {
            kept.timelines.entry(entry.contact).or_default().push(entry);
        }
        for summary in commit.summaries {
            kept.keep_summary(summary);
        }
        for (contact, message, body) in commit.bodies {
            kept.bodies.insert(message, body);
            kept.messages.entry(contact).or_default().push(message);
        }
        Ok(())
    }

    async fn recover(&self, lease: &Lease) -> Result<Recovered, StoreError> {
        let mut kept = self.lock();
        let shard = kept.shard_of(lease)?;
        Ok(Recovered {
            position: shard.position,
            snapshot: shard.snapshot.clone(),
            inputs: shard.inputs.clone(),
            effects: shard.effects.values().cloned().collect(),
        })
    }

    async fn timeline(&self, contact: ContactId, after: u64) -> Result<Vec<Entry>, StoreError> {
        let kept = self.lock();
        let entries = kept.timelines.get(&contact).map_or(&[][..], Vec::as_slice);
        let first = entries.partition_point(|entry| entry.number <= after);
        Ok(entries[first..].to_vec())
    }

    async fn bodies(&self, messages: &[MessageId]) -> Result<Vec<Option<Body>>, StoreError> {
        let kept = self.lock();
        let bodies = messages.iter().map(|id| kept.bodies.get(id).cloned());
        Ok(bodies.collect())
    }

    async fn erase_bodies(&self, contact: ContactId) -> Result<u64, StoreError> {
        let mut kept = self.lock();
        let messages = kept.messages.remove(&contact).unwrap_or_default();
        let erased = messages.iter().filter_map(|id| kept.bodies.remove(id));
        Ok(u64::try_from(erased.count()).unwrap_or(u64::MAX))
    }

    async fn contact(&self, id: ContactId) -> Result<Option<ContactSummary>, StoreError> {
        Ok(self.lock().contacts.get(&id).cloned())
    }

    async fn find(&self, address: &Address) -> Result<Vec<ContactSummary>, StoreError> {
        let kept = self.lock();
        let ids = kept.by_address.get(address).into_iter().flatten();
        let mut found: Vec<_> = ids
            .filter_map(|id| kept.contacts.get(id))
            .cloned()
            .collect();
        found.sort_by_key(|contact| std::cmp::Reverse((contact.opened_at, contact.id)));
        Ok(found)
    }

    async fn open_contacts(&self) -> Result<Vec<ContactSummary>, StoreError> {
        let kept = self.lock();
        let open = kept.contacts.values().filter(|c| c.state.is_open());
        let mut found: Vec<_> = open.cloned().collect();
        found.sort_by_key(|contact| (contact.opened_at, contact.id));
        Ok(found)
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self.lock();
        f.debug_struct("Memory")
            .field("shards", &kept.shards.len())
            .field("contacts", &kept.contacts.len())
            .field("bodies", &kept.bodies.len())
            .finish_non_exhaustive()
    }
}
