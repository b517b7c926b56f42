//! Leases: who may write, until when, and how often the right has changed hands.

use chrono::{DateTime, Utc};

/// The right to write a shard until an instant.
///
/// Its epoch grows each time the right is taken, so that a store can tell a former holder from
/// the present one whatever their clocks say.
///
/// ```
/// use bereik_store::Lease;
/// use chrono::{DateTime, Utc};
/// let lease = Lease::new("rivers", "desk-1", 3, DateTime::<Utc>::UNIX_EPOCH);
/// assert_eq!((lease.shard(), lease.epoch()), ("rivers", 3));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    shard: Box<str>,
    owner: Box<str>,
    epoch: u64,
    until: DateTime<Utc>,
}

impl Lease {
    /// A lease as a store grants it.
    #[must_use]
    pub fn new(shard: &str, owner: &str, epoch: u64, until: DateTime<Utc>) -> Self {
        Self {
            shard: shard.into(),
            owner: owner.into(),
            epoch,
            until,
        }
    }

    /// What may be written.
    #[must_use]
    pub const fn shard(&self) -> &str {
        &self.shard
    }

    /// Who may write it.
    #[must_use]
    pub const fn owner(&self) -> &str {
        &self.owner
    }

    /// How many times the right has been taken, this time included; counted from 1.
    #[must_use]
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// From when on somebody else may take it (exclusive end).
    #[must_use]
    pub const fn until(&self) -> DateTime<Utc> {
        self.until
    }

    /// The same lease until another instant.
    #[must_use]
    pub const fn with_until(mut self, until: DateTime<Utc>) -> Self {
        self.until = until;
        self
    }
}
