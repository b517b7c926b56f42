//! What a provider posts to us, and what it hears: verify, parse, store, and only then answer.

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::inbox::InboxError;
use crate::signature::SignatureError;

/// What a provider posted. `Debug` shows neither words nor headers.
#[derive(Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "a request as it came")]
pub struct HookRequest<'a> {
    /// When it came.
    pub at: DateTime<Utc>,
    /// The body, byte for byte. The server that hands it over has bounded it ([`HookRequest::BODY_BYTES_MAX`]).
    pub body: &'a [u8],
    /// The headers, in any order and case; those whose value is no text are left out.
    pub headers: &'a [(&'a str, &'a str)],
    /// Whether it is a GET: some providers ask first whether we are who we say.
    pub is_get: bool,
    /// The query of the URL as it came, without the question mark; empty where there is none.
    pub query: &'a str,
}

impl<'a> HookRequest<'a> {
    /// A server should refuse a longer body by itself, with 413.
    pub const BODY_BYTES_MAX: usize = 1024 * 1024;

    /// A header. One that is there twice with different values is as good as none.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let mut values = self
            .headers
            .iter()
            .filter(|(other, _)| other.eq_ignore_ascii_case(name));
        let (_, value) = values.next()?;
        values.all(|(_, other)| other == value).then_some(value)
    }
}

impl fmt::Debug for HookRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HookRequest")
            .field("at", &self.at)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("is_get", &self.is_get)
            .finish_non_exhaustive()
    }
}

/// What the provider hears.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HookAnswer {
    /// The HTTP status (RFC 9110).
    pub status: u16,
    /// The media type of the body.
    pub media_type: &'static str,
    /// The body.
    pub body: String,
}

impl HookAnswer {
    /// It is kept.
    #[must_use]
    pub const fn kept() -> Self {
        Self::says(200, "text/plain", String::new())
    }

    /// It cannot be read. Bringing it again would not help, so it is not asked for.
    #[must_use]
    pub const fn unreadable() -> Self {
        Self::says(400, "text/plain", String::new())
    }

    /// It does not come from whom it says.
    #[must_use]
    pub const fn refused() -> Self {
        Self::says(401, "text/plain", String::new())
    }

    /// It could not be kept: bring it again.
    #[must_use]
    pub const fn not_now() -> Self {
        Self::says(503, "text/plain", String::new())
    }

    /// This.
    #[must_use]
    pub const fn says(status: u16, media_type: &'static str, body: String) -> Self {
        Self {
            status,
            media_type,
            body,
        }
    }
}

impl From<SignatureError> for HookAnswer {
    fn from(_: SignatureError) -> Self {
        Self::refused()
    }
}

impl From<InboxError> for HookAnswer {
    fn from(_: InboxError) -> Self {
        Self::not_now()
    }
}

/// A channel that is told by webhooks what comes in. A server hands over what was posted, and answers what it hears.
///
/// # Contract
///
/// - The signature is verified over the bytes as they came, before any of them is parsed.
/// - What is answered with 2xx is kept: it comes out of [`Channel::receive`](crate::Channel::receive).
/// - The same once more changes nothing, and is answered in the same way.
/// - An answer holds no word of what was posted, except where the provider asks for an echo.
#[async_trait]
pub trait Webhook: Send + Sync {
    /// Takes what was posted.
    async fn take(&self, request: HookRequest<'_>) -> HookAnswer;
}
