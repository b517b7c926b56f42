//! A wrapper that ends every call on a channel in time.

use std::time::Duration;

use async_trait::async_trait;
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
