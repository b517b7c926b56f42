//! The engine's state as bytes, and back.

/// Bytes are not a snapshot that this version can restore.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct RestoreError {
    kind: RestoreErrorKind,
    place: usize,
}

/// What is wrong with the bytes of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RestoreErrorKind {
    /// The bytes are not a snapshot, or a damaged one.
    Malformed,
    /// A version of bereik wrote it that this one does not understand.
    Version,
}

impl RestoreError {
    pub(crate) const fn new(kind: RestoreErrorKind, place: usize) -> Self {
        Self { kind, place }
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> RestoreErrorKind {
        self.kind
    }

    fn text(&self) -> String {
        match self.kind {
            RestoreErrorKind::Malformed => {
                format!("the snapshot is damaged at byte {}", self.place)
            }
            RestoreErrorKind::Version => {
                "the snapshot was written by another version of bereik".to_owned()
            }
        }
    }
}
