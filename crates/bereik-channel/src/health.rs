//! Whether a channel works.

use std::time::Duration;

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
