//! The contract of durable state.

use std::fmt;

use async_trait::async_trait;
use bereik_core::address::Address;
use bereik_core::contact::ContactSummary;
use bereik_core::entry::Entry;
use bereik_core::id::{ContactId, MessageId};
use bereik_core::message::Body;
use chrono::{DateTime, TimeDelta, Utc};

use crate::commit::{Commit, Recovered};
use crate::error::StoreError;
use crate::lease::Lease;

/// Durable state with one writer at a time.
///
/// # Contract
/// - **One writer.** [`acquire`](Self::acquire) hands the right to write to one owner; each time it changes
///   hands, or is taken again, its epoch grows, and every lease of a lower epoch is fenced: its
///   calls fail with [`Fenced`](crate::StoreErrorKind::Fenced) and change nothing, whatever its clock says.
///   A lease that ran out and that nobody took is still good. A store reads no clock.
/// - **Whole or not at all.** [`commit`](Self::commit) keeps everything that it is given, durably, before it
///   answers, or nothing. Its position is the one after the last; the last one again under the
///   same epoch is taken for a repetition, answered with success, and changes nothing.
/// - **Ids are unique in a store.** Readers ask by contact or message, not by shard.
/// - **Words stand apart.** [`erase_bodies`](Self::erase_bodies) forgets the words of a contact and nothing else;
///   they are in no entry, snapshot, input or effect.
/// - **Cancelling is safe.** A future that is dropped leaves either what was before or the whole.
///
/// Engines prove this with the [conformance](mod@crate::conformance) suite.
#[async_trait]
pub trait Store: Send + Sync + fmt::Debug {
    /// Takes the right to write a shard until `now + for_`.
    ///
    /// It is given where nobody holds it, where its time is over at `now`, and to an owner who holds it
    /// already: a process that starts again under its name goes on at once, and what it held
    /// before is fenced.
    ///
    /// # Errors
    /// [`Held`](crate::StoreErrorKind::Held) while another has it.
    async fn acquire(
        &self,
        shard: &str,
        owner: &str,
        now: DateTime<Utc>,
        for_: TimeDelta,
    ) -> Result<Lease, StoreError>;

    /// Keeps the right until `now + for_`, in the same epoch.
    ///
    /// # Errors
    /// [`Fenced`](crate::StoreErrorKind::Fenced) when it was taken over or given back.
    async fn renew(
        &self,
        lease: &Lease,
        now: DateTime<Utc>,
        for_: TimeDelta,
    ) -> Result<Lease, StoreError>;

    /// Gives the right back, so that anybody can take it at once. Nothing happens where it was
    /// taken over or given back already.
    ///
    /// # Errors
    /// When the engine below does not answer.
    async fn release(&self, lease: &Lease) -> Result<(), StoreError>;

    /// Keeps a commit.
    ///
    /// # Errors
    /// [`Fenced`](crate::StoreErrorKind::Fenced) when the lease is no longer good,
    /// [`OutOfOrder`](crate::StoreErrorKind::OutOfOrder) when the position is not the next one.
    async fn commit(&self, lease: &Lease, commit: Commit) -> Result<(), StoreError>;

    /// Keeps several commits, in order. An engine that waits for a disk makes them durable
    /// together, at the price of one; this way does it one after the other.
    ///
    /// # Errors
    /// As [`commit`](Self::commit). Those before the one that failed may have been kept:
    /// [`OutOfOrder`](crate::StoreErrorKind::OutOfOrder) tells where a repetition has to begin.
    async fn commit_all(&self, lease: &Lease, commits: Vec<Commit>) -> Result<(), StoreError> {
        for commit in commits {
            self.commit(lease, commit).await?;
        }
        Ok(())
    }

    /// What a new writer starts from.
    ///
    /// # Errors
    /// [`Fenced`](crate::StoreErrorKind::Fenced) when the lease is no longer good.
    async fn recover(&self, lease: &Lease) -> Result<Recovered, StoreError>;

    /// The entries of a contact with a number above `after`, in order.
    ///
    /// # Errors
    /// When the engine below does not answer.
    async fn timeline(&self, contact: ContactId, after: u64) -> Result<Vec<Entry>, StoreError>;

    /// The words of these messages, in the order asked; `None` where they were erased or never
    /// kept.
    ///
    /// # Errors
    /// When the engine below does not answer.
    async fn bodies(&self, messages: &[MessageId]) -> Result<Vec<Option<Body>>, StoreError>;

    /// Forgets the words of a contact's messages for good; how many messages that were.
    ///
    /// # Errors
    /// When the engine below does not answer.
    async fn erase_bodies(&self, contact: ContactId) -> Result<u64, StoreError>;

    /// How a contact stands.
    ///
    /// # Errors
    /// When the engine below does not answer.
    async fn contact(&self, id: ContactId) -> Result<Option<ContactSummary>, StoreError>;

    /// The contacts of customers with this address, open and closed, the newest first.
    ///
    /// # Errors
    /// When the engine below does not answer.
    async fn find(&self, address: &Address) -> Result<Vec<ContactSummary>, StoreError>;

    /// The contacts that are not closed, the oldest first.
    ///
    /// # Errors
    /// When the engine below does not answer.
    async fn open_contacts(&self) -> Result<Vec<ContactSummary>, StoreError>;
}
