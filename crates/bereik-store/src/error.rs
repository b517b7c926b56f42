//! What a store can fail with, by what the caller can do.

use std::error::Error;

use chrono::{DateTime, Utc};

/// A store did not do what it was asked.
///
/// ```
/// use bereik_store::{StoreError, StoreErrorKind};
/// let error = StoreError::new(StoreErrorKind::Fenced);
/// assert!(!error.is_temporary());
/// assert_eq!(error.to_string(), "the lease was taken over or given back");
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{kind}")]
pub struct StoreError {
    kind: StoreErrorKind,
    #[source]
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What the caller can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// Read what is there by another means: the state cannot be read by this version.
    #[error("the stored state is damaged or of another version")]
    Damaged,
    /// Stop writing: somebody else is the writer now.
    #[error("the lease was taken over or given back")]
    Fenced,
    /// Wait: somebody else is the writer until then, unless he renews.
    #[error("the lease is held by another until {until}")]
    Held {
        /// When it ends, if it is not renewed.
        until: DateTime<Utc>,
    },
    /// Recover first: the position of the commit is not the next one.
    #[error("the commit is out of order: the next position is {next}")]
    OutOfOrder {
        /// The position that comes next.
        next: u64,
    },
    /// Try again: the engine below did not answer. Whether it kept the commit is not known; the
    /// same commit may be repeated.
    #[error("the store is unavailable")]
    Unavailable,
}

impl StoreError {
    /// An error of this kind.
    #[must_use]
    pub const fn new(kind: StoreErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// The same error with what the engine below said; it must hold no customer's data.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What the caller can do about it.
    #[must_use]
    pub const fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// Whether the same call may go through later.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        matches!(
            self.kind,
            StoreErrorKind::Held { .. } | StoreErrorKind::Unavailable
        )
    }
}

impl From<StoreErrorKind> for StoreError {
    fn from(kind: StoreErrorKind) -> Self {
        Self::new(kind)
    }
}
