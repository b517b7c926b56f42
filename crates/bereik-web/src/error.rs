//! What can go wrong before anything is served.

/// Something could not be set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct WebError {
    kind: WebErrorKind,
}

/// What a caller can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebErrorKind {
    /// Write the origin as a browser does.
    #[error("not an origin: write `https://www.example.org`, without a path")]
    Origin,
    /// Nothing: the system gives no random bytes.
    #[error("the system gives no random bytes")]
    Randomness,
}

impl WebError {
    pub(crate) const fn new(kind: WebErrorKind) -> Self {
        Self { kind }
    }

    /// What a caller can do about it.
    #[must_use]
    pub const fn kind(&self) -> WebErrorKind {
        self.kind
    }

    /// Whether the same may succeed later.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        matches!(self.kind, WebErrorKind::Randomness)
    }
}
