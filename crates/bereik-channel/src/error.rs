//! Why a channel did not do what it was asked, and what is right to do about it.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What the caller can do about an error. In alphabetical order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Put in other credentials.
    Credentials,
    /// Write another message or another address: this one cannot be expressed on the wire.
    Invalid,
    /// Report a defect: the other side does not speak the protocol.
    Protocol,
    /// Nothing: the provider said no.
    Refused,
    /// Look at the connection: it is not as secret as was asked for.
    Security,
    /// Wait: the provider asks for a slower pace.
    Throttled,
    /// Look for evidence: there was no answer in time.
    TimedOut,
    /// Wait, or take another channel: the provider cannot be reached or does not work.
    Unavailable,
    /// Ask the [`Capability`](crate::Capability) first: this channel cannot do that.
    Unsupported,
}

impl ErrorKind {
    const fn words(self) -> &'static str {
        match self {
            Self::Credentials => "the provider does not accept the credentials",
            Self::Invalid => "the message or its address cannot be expressed on this channel",
            Self::Protocol => "the provider answered something that is not its protocol",
            Self::Refused => "the provider refused",
            Self::Security => "the connection is not secured as was asked for",
            Self::Throttled => "the provider asks for a slower pace",
            Self::TimedOut => "the provider did not answer in time",
            Self::Unavailable => "the provider cannot be reached or does not work",
            Self::Unsupported => "the channel cannot do this",
        }
    }
}

/// What is at fault: with another message, recipient or channel it would go well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "failover decides on each of these three"
)]
pub enum Scope {
    /// The channel: nothing gets through, for nobody.
    Channel,
    /// This message: no channel of this sort will take it.
    Message,
    /// This recipient: others may be reached.
    Recipient,
}

/// Whether it makes sense to try the same again on the same channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a caller decides on each of these three"
)]
pub enum Retry {
    /// Yes, not before this has passed: the provider says so.
    After(Duration),
    /// Yes, later and later.
    BackOff,
    /// No.
    Never,
}

/// Whether the message may have been sent all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "either it is sure or it is not")]
pub enum Sent {
    /// It may: the connection ended or fell silent after the whole message had left. Look for
    /// evidence before it is sent again.
    Maybe,
    /// It surely was not.
    No,
}

/// Why a channel did not do what it was asked.
///
/// Neither the text of the error nor its `Debug` holds words of a message, an address, or a text
/// that a provider sent: only the provider's code.
///
/// ```
/// use bereik_channel::{ChannelError, ErrorKind, Retry, Scope, Sent};
/// let greylisted = ChannelError::new(ErrorKind::Refused, Scope::Recipient)
///     .with_retry(Retry::BackOff)
///     .with_code("451 4.7.1");
/// assert!(greylisted.is_temporary());
/// assert_eq!(greylisted.to_string(), "the provider refused (451 4.7.1)");
///
/// let silent = ChannelError::new(ErrorKind::TimedOut, Scope::Channel)
///     .with_retry(Retry::BackOff)
///     .maybe_sent();
/// assert!(!silent.is_temporary());
/// assert!(!silent.may_fail_over());
/// ```
#[derive(Clone)]
pub struct ChannelError {
    kind: ErrorKind,
    scope: Scope,
    retry: Retry,
    sent: Sent,
    context: Option<Box<Context>>,
}

#[derive(Clone, Default)]
struct Context {
    code: Option<Box<str>>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// A code is short; whatever a provider sends beyond this is no code.
const CODE_BYTES_MAX: usize = 32;

impl ChannelError {
    /// An error for which trying again does not help, and after which nothing was sent.
    #[must_use]
    pub const fn new(kind: ErrorKind, scope: Scope) -> Self {
        Self {
            kind,
            scope,
            retry: Retry::Never,
            sent: Sent::No,
            context: None,
        }
    }

    /// The provider cannot be reached or does not work: later, or over another channel.
    #[must_use]
    pub const fn unavailable() -> Self {
        Self::new(ErrorKind::Unavailable, Scope::Channel).with_retry(Retry::BackOff)
    }

    /// The channel cannot do this; another one may.
    #[must_use]
    pub const fn unsupported() -> Self {
        Self::new(ErrorKind::Unsupported, Scope::Channel)
    }

    /// The same, worth trying again as said.
    #[must_use]
    pub const fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// The same, and the message may have been sent.
    #[must_use]
    pub const fn maybe_sent(mut self) -> Self {
        self.sent = Sent::Maybe;
        self
    }

    /// The same, with the provider's code. Only printable ASCII and blanks are kept, at most 32
    /// bytes of them: a code, never a text.
    #[must_use]
    pub fn with_code(mut self, code: &str) -> Self {
        let kept = |c: &char| c.is_ascii_graphic() || *c == ' ';
        let code: String = code.chars().filter(kept).take(CODE_BYTES_MAX).collect();
        self.context.get_or_insert_default().code = Some(code.into());
        self
    }

    /// The same, with what lies beneath. The caller sees to it that it holds no words of a
    /// message and no secret.
    #[must_use]
    pub fn with_source(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.context.get_or_insert_default().source = Some(Arc::new(source));
        self
    }

    /// What the caller can do.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What is at fault.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// Whether it makes sense to try the same again on the same channel.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        self.retry
    }

    /// Whether the message may have been sent all the same.
    #[must_use]
    pub const fn sent(&self) -> Sent {
        self.sent
    }

    /// The provider's code, where it gave one: `550 5.1.1`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.context.as_ref()?.code.as_deref()
    }

    /// Whether trying again later may help, and cannot reach anybody twice.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        !matches!(self.retry, Retry::Never) && matches!(self.sent, Sent::No)
    }

    /// Whether the next channel may be taken: nothing was sent, and it is not the message that
    /// is at fault.
    #[must_use]
    pub const fn may_fail_over(&self) -> bool {
        matches!(self.sent, Sent::No) && !matches!(self.scope, Scope::Message)
    }
}

impl fmt::Display for ChannelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.words())?;
        if let Some(code) = self.code() {
            write!(f, " ({code})")?;
        }
        match self.sent {
            Sent::Maybe => f.write_str("; the message may have been sent"),
            Sent::No => Ok(()),
        }
    }
}

impl fmt::Debug for ChannelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChannelError")
            .field("kind", &self.kind)
            .field("scope", &self.scope)
            .field("retry", &self.retry)
            .field("sent", &self.sent)
            .field("code", &self.code())
            .finish_non_exhaustive()
    }
}

impl Error for ChannelError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let source: &(dyn Error + Send + Sync) = &**self.context.as_ref()?.source.as_ref()?;
        Some(source)
    }
}
