//! What a command can fail with.

use bereik_routing::Refusal;
use bereik_store::StoreError;

/// A command did not do what it should.
#[derive(Debug, thiserror::Error)]
#[error("{kind}")]
pub struct SwitchboardError {
    kind: SwitchboardErrorKind,
    source: Option<StoreError>,
}

/// What a caller can do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SwitchboardErrorKind {
    /// Correct the command: the engine does not take it.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// Start the switchboard again: it has stopped.
    #[error("the switchboard has stopped")]
    Stopped,
    /// Try again: the store did not answer.
    #[error("the store is unavailable")]
    Unavailable,
}

impl SwitchboardError {
    /// What a caller can do about it.
    #[must_use]
    pub const fn kind(&self) -> &SwitchboardErrorKind {
        &self.kind
    }

    /// Whether the same command may go through later.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        matches!(self.kind, SwitchboardErrorKind::Unavailable)
    }

    pub(crate) const fn refused(refusal: Refusal) -> Self {
        Self {
            kind: SwitchboardErrorKind::Refused(refusal),
            source: None,
        }
    }

    pub(crate) const fn stopped() -> Self {
        Self {
            kind: SwitchboardErrorKind::Stopped,
            source: None,
        }
    }

    /// What the store said, when it did not answer as it should.
    #[must_use]
    pub const fn store_error(&self) -> Option<&StoreError> {
        self.source.as_ref()
    }
}

impl From<StoreError> for SwitchboardError {
    fn from(source: StoreError) -> Self {
        Self {
            kind: SwitchboardErrorKind::Unavailable,
            source: Some(source),
        }
    }
}
