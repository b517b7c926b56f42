//! The contract of durable state, its in-memory reference and its conformance suite.
//!
//! A [`Store`] keeps what an engine decided before any of it takes effect. One writer at a time
//! holds a [`Lease`]; each [`Commit`] names it and is either kept whole or not at all. After a
//! crash the next writer takes the lease over and [recovers](Store::recover) the last snapshot, the
//! inputs since, and the effects that may not have left yet.
//!
//! The words of messages are kept apart from everything else and can be erased alone.
//!
//! ```
//! use bereik_store::{Commit, Memory, Store};
//! use chrono::TimeDelta;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (store, now) = (Memory::new(), "2026-11-23T08:00:00Z".parse()?);
//! let lease = store.acquire("rivers", "desk-1", now, TimeDelta::seconds(10)).await?;
//! let mut commit = Commit::new(1, now);
//! commit.input = Some(b"an input of the engine".to_vec());
//! store.commit(&lease, commit).await?;
//! assert_eq!(store.recover(&lease).await?.inputs.len(), 1);
//!
//! // Once somebody else has taken over, the former holder can write no more.
//! let later = now + TimeDelta::seconds(10);
//! store.acquire("rivers", "desk-2", later, TimeDelta::seconds(10)).await?;
//! assert!(store.commit(&lease, Commit::new(2, later)).await.is_err());
//! # Ok(()) }
//! ```

mod commit;
pub mod conformance;
mod error;
mod lease;
mod memory;
mod store;

pub use commit::{Commit, PendingEffect, Recovered};
pub use error::{StoreError, StoreErrorKind};
pub use lease::Lease;
pub use memory::Memory;
pub use store::Store;
