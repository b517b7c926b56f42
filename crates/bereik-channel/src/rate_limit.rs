//! A wrapper that keeps a channel to a pace.

use std::collections::VecDeque;
use std::fmt;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;
use bereik_core::presence::PresenceState;
use bereik_core::{Address, ChannelKind, OfferId};
use tokio::sync::Mutex;
use tokio::time::{Sleep, sleep};

use crate::alert::Alert;
use crate::capability::Capability;
use crate::channel::Channel;
use crate::error::ChannelError;
use crate::event::{Batch, Cursor};
use crate::health::Health;
use crate::outbound::Outbound;
use crate::receipt::Receipt;

/// Keeps a channel to a pace: so many messages and offers, at most, in any stretch of so long.
/// Who comes too early waits his turn, first come first served. Taking an offer back, receiving
/// and probing do not wait.
///
/// It goes outside [`WithTimeout`](crate::WithTimeout), because waiting for a turn is no fault,
/// and inside [`WithRetry`](crate::WithRetry), because each try counts with the provider.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
/// use bereik_channel::{Channel, Memory, WithRateLimit};
/// use bereik_core::ChannelKind;
/// use std::{num::NonZeroUsize, time::Duration};
///
/// # let at = chrono::DateTime::from_timestamp(1_795_000_000, 0).ok_or("an instant")?;
/// # let (id, body) = (bereik_core::id::Key::parse("M1")?, bereik_core::message::Body::parse("Hello")?);
/// # let message = bereik_channel::Outbound::new(id, "jan@example.org".parse()?, body, at);
/// let mail = Memory::new(ChannelKind::Email);
/// let channel = WithRateLimit::new(mail, NonZeroUsize::MIN, Duration::from_secs(60));
/// channel.send(&message).await?;
/// let too_early = tokio::time::timeout(Duration::from_secs(59), channel.send(&message)).await;
/// assert!(too_early.is_err(), "it still waits its turn");
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct WithRateLimit<C> {
    channel: C,
    at_most: NonZeroUsize,
    per: Duration,
    /// One timer for each of the last messages; it ends when the message no longer counts.
    turns: Mutex<VecDeque<Pin<Box<Sleep>>>>,
}

impl<C: Channel> WithRateLimit<C> {
    /// At most so many in any stretch of so long.
    #[must_use]
    pub fn new(channel: C, at_most: NonZeroUsize, per: Duration) -> Self {
        let turns = Mutex::new(VecDeque::new());
        Self {
            channel,
            at_most,
            per,
            turns,
        }
    }

    async fn turn(&self) {
        let mut turns = self.turns.lock().await;
        if turns.len() == self.at_most.get()
            && let Some(oldest) = turns.front_mut()
        {
            // Taken out only after the wait: a caller who gives up has used no turn.
            oldest.as_mut().await;
            turns.pop_front();
        }
        turns.push_back(Box::pin(sleep(self.per)));
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<C: Channel> Channel for WithRateLimit<C> {
    fn kind(&self) -> ChannelKind {
        self.channel.kind()
    }

    fn capability(&self) -> &Capability {
        self.channel.capability()
    }

    fn carries(&self, to: &Address) -> bool {
        self.channel.carries(to)
    }

    fn capability_for(&self, to: &Address) -> Capability {
        self.channel.capability_for(to)
    }

    async fn send(&self, message: &Outbound) -> Result<Receipt, ChannelError> {
        self.turn().await;
        self.channel.send(message).await
    }

    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        self.turn().await;
        self.channel.offer(alert).await
    }

    async fn withdraw(&self, offer: OfferId) -> Result<(), ChannelError> {
        self.channel.withdraw(offer).await
    }

    async fn publish(&self, state: PresenceState) -> Result<(), ChannelError> {
        self.channel.publish(state).await
    }

    async fn receive(&self, after: Cursor, at_most: usize) -> Result<Batch, ChannelError> {
        self.channel.receive(after, at_most).await
    }

    async fn probe(&self) -> Health {
        self.channel.probe().await
    }
}

impl<C: fmt::Debug> fmt::Debug for WithRateLimit<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithRateLimit")
            .field("channel", &self.channel)
            .field("at_most", &self.at_most)
            .field("per", &self.per)
            .finish_non_exhaustive()
    }
}
