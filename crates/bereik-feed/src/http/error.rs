//! Why a request got no answer.

use std::error::Error;
use std::io;
use std::sync::Arc;

use crate::url_guard::{UrlError, UrlErrorKind};

/// A request got no answer. Says nothing of addresses and credentials.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{kind}{}", refused.map(|error| format!(": {error}")).unwrap_or_default())]
pub struct HttpError {
    kind: HttpErrorKind,
    refused: Option<UrlError>,
    #[source]
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// What can be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpErrorKind {
    /// What came is no answer in HTTP, breaks off, or is not as long as it says. Trying again may help.
    #[error("the answer is broken")]
    Broken,
    /// No trust in the server's certificate, or no common language with it.
    #[error("the connection cannot be trusted")]
    Insecure,
    /// A name, a field or credentials that HTTP cannot carry. The caller's to mend.
    #[error("the request cannot be written")]
    Invalid,
    /// It redirects more than five times.
    #[error("it redirects too often")]
    Redirects,
    /// The guard refuses the address, a redirect, or where a name leads.
    #[error("the address is refused")]
    Refused,
    /// Nothing came in time. Trying again may help.
    #[error("no answer came in time")]
    TimedOut,
    /// It is longer than the limit.
    #[error("the answer is too long")]
    TooLong,
    /// The name leads nowhere, or nothing answers there. Trying again may help.
    #[error("nothing answers there")]
    Unreachable,
}

impl HttpError {
    pub(crate) fn new(
        kind: HttpErrorKind,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self {
            kind,
            refused: None,
            source: Some(source.into().into()),
        }
    }

    /// What an I/O error in the middle of an answer means.
    pub(crate) fn of_reading(error: io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::FileTooLarge => HttpErrorKind::TooLong,
            io::ErrorKind::TimedOut => HttpErrorKind::TimedOut,
            _ => HttpErrorKind::Broken,
        };
        Self::new(kind, error)
    }

    /// What can be done about it.
    #[must_use]
    pub const fn kind(&self) -> HttpErrorKind {
        self.kind
    }

    /// Why the guard refused.
    #[must_use]
    pub fn refused(&self) -> Option<UrlErrorKind> {
        self.refused.map(|error| error.kind())
    }

    /// Whether the same request may get an answer later.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        use HttpErrorKind::{Broken, TimedOut, Unreachable};
        matches!(self.kind, Broken | TimedOut | Unreachable)
    }
}

impl From<HttpErrorKind> for HttpError {
    fn from(kind: HttpErrorKind) -> Self {
        Self {
            kind,
            refused: None,
            source: None,
        }
    }
}

impl From<UrlError> for HttpError {
    fn from(error: UrlError) -> Self {
        Self {
            kind: HttpErrorKind::Refused,
            refused: Some(error),
            source: None,
        }
    }
}
