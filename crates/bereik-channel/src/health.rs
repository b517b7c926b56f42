//! Whether a channel works.

use std::time::Duration;

use crate::error::{ChannelError, ErrorKind, Retry};

/// Whether a channel works now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Health {
    /// It works, but slowly or not for everybody.
    Degraded,
    /// It does not work: nobody who has only this channel can be reached.
    Down {
        /// How long to wait before it is asked again, where the provider says so.
        retry_after: Option<Duration>,
    },
    /// The provider does not know us: somebody must put in other credentials.
    NeedsCredentials,
    /// It works.
    Up,
}

impl Health {
    /// Whether a message may be given to the channel.
    #[must_use]
    pub const fn is_usable(self) -> bool {
        matches!(self, Self::Degraded | Self::Up)
    }
}

/// What an error that a probe met says of the channel.
impl From<&ChannelError> for Health {
    fn from(error: &ChannelError) -> Self {
        match (error.kind(), error.retry()) {
            (ErrorKind::Credentials, _) => Self::NeedsCredentials,
            (ErrorKind::Throttled, _) => Self::Degraded,
            (_, Retry::After(wait)) => Self::Down {
                retry_after: Some(wait),
            },
            (_, Retry::BackOff | Retry::Never) => Self::Down { retry_after: None },
        }
    }
}
