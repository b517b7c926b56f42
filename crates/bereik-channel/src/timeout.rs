//! A wrapper that ends every call on a channel in time.

use std::time::Duration;

use async_trait::async_trait;
use bereik_core::presence::PresenceState;
use bereik_core::{Address, ChannelKind, OfferId};

use crate::alert::Alert;
use crate::capability::Capability;
use crate::channel::Channel;
use crate::error::{ChannelError, ErrorKind, Retry, Scope};
use crate::event::{Batch, Cursor};
use crate::health::Health;
use crate::outbound::Outbound;
use crate::receipt::Receipt;

/// Ends every call on a channel in time. An adapter bounds its own waits and knows what it was
/// doing; this is the fence behind it, for one that does not.
///
/// Of a message or an offer that was cut off nobody knows whether it was sent, so the error says
/// [`Sent::Maybe`](crate::Sent::Maybe). It goes innermost, around the adapter: then waiting for a
/// slot or for another try is not mistaken for a fault.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
/// use bereik_channel::{Channel, Chaos, Memory, Sent, WithChaos, WithTimeout};
/// use bereik_core::ChannelKind;
/// use std::time::Duration;
///
/// # let at = chrono::DateTime::from_timestamp(1_795_000_000, 0).ok_or("an instant")?;
/// # let (id, body) = (bereik_core::id::Key::parse("M1")?, bereik_core::message::Body::parse("Hello")?);
/// # let message = bereik_channel::Outbound::new(id, "jan@example.org".parse()?, body, at);
/// let slow = Chaos { doubled: 0, lost_answers: 0, unavailable: 0, delay_max: Duration::from_secs(9_000) };
/// let slow = WithChaos::new(Memory::new(ChannelKind::Email), 1, slow);
/// let channel = WithTimeout::new(slow, Duration::from_secs(1));
/// assert!(channel.send(&message).await.is_err_and(|error| error.sent() == Sent::Maybe));
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct WithTimeout<C> {
    channel: C,
    each: Duration,
    receive: Duration,
}

impl<C: Channel> WithTimeout<C> {
    /// Ends each call after so long; receiving, which waits by design, after a minute more.
    #[must_use]
    pub const fn new(channel: C, each: Duration) -> Self {
        let receive = each.saturating_add(Duration::from_secs(60));
        Self {
            channel,
            each,
            receive,
        }
    }

    /// The same, with another end for receiving: more than the channel's own poll time.
    #[must_use]
    pub const fn with_receive(mut self, receive: Duration) -> Self {
        self.receive = receive;
        self
    }
}

const fn timed_out() -> ChannelError {
    ChannelError::new(ErrorKind::TimedOut, Scope::Channel).with_retry(Retry::BackOff)
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<C: Channel> Channel for WithTimeout<C> {
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
        let send = self.channel.send(message);
        let ended = tokio::time::timeout(self.each, send).await;
        ended.unwrap_or_else(|_| Err(timed_out().maybe_sent()))
    }

    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        let offer = self.channel.offer(alert);
        let ended = tokio::time::timeout(self.each, offer).await;
        ended.unwrap_or_else(|_| Err(timed_out().maybe_sent()))
    }

    async fn withdraw(&self, offer: OfferId) -> Result<(), ChannelError> {
        let withdraw = self.channel.withdraw(offer);
        let ended = tokio::time::timeout(self.each, withdraw).await;
        ended.unwrap_or_else(|_| Err(timed_out()))
    }

    async fn publish(&self, state: PresenceState) -> Result<(), ChannelError> {
        let publish = self.channel.publish(state);
        let ended = tokio::time::timeout(self.each, publish).await;
        ended.unwrap_or_else(|_| Err(timed_out()))
    }

    async fn receive(&self, after: Cursor, at_most: usize) -> Result<Batch, ChannelError> {
        let receive = self.channel.receive(after, at_most);
        let ended = tokio::time::timeout(self.receive, receive).await;
        ended.unwrap_or_else(|_| Err(timed_out()))
    }

    async fn probe(&self) -> Health {
        let ended = tokio::time::timeout(self.each, self.channel.probe()).await;
        ended.unwrap_or(Health::Down { retry_after: None })
    }
}
