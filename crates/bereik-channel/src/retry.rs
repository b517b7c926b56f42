//! A wrapper that tries again where that makes sense and reaches nobody twice.

use std::num::NonZeroU32;
use std::time::Duration;

use async_trait::async_trait;
use bereik_core::id::Key;
use bereik_core::presence::PresenceState;
use bereik_core::{Address, ChannelKind, OfferId};
use tokio::time::sleep;

use crate::alert::Alert;
use crate::capability::{Capability, Feature};
use crate::channel::Channel;
use crate::error::{ChannelError, Retry, Sent};
use crate::event::{Batch, Cursor};
use crate::health::Health;
use crate::outbound::Outbound;
use crate::receipt::Receipt;

/// Tries again what is worth trying again: where the error says so, and either nothing was sent
/// or the channel is [idempotent](Feature::Idempotent).
///
/// The waits double from the first to the longest; each is between half and all of that,
/// different for each message, so that many do not come back at once. A provider that asks for a
/// longer wait than the longest gets its error passed on instead. Receiving is not tried again:
/// its caller comes back with the same cursor anyway.
///
/// It goes outside [`WithRateLimit`](crate::WithRateLimit) and inside
/// [`Failover`](crate::Failover), with few and short tries there: the next line is waiting.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
/// use bereik_channel::{Channel, ChannelError, Memory, WithRetry};
/// use bereik_core::ChannelKind;
/// use std::{num::NonZeroU32, sync::Arc};
///
/// # let at = chrono::DateTime::from_timestamp(1_795_000_000, 0).ok_or("an instant")?;
/// # let (id, body) = (bereik_core::id::Key::parse("M1")?, bereik_core::message::Body::parse("Hello")?);
/// # let message = bereik_channel::Outbound::new(id, "jan@example.org".parse()?, body, at);
/// let mail = Arc::new(Memory::new(ChannelKind::Email));
/// mail.fail_next(ChannelError::unavailable());
/// let channel = WithRetry::new(mail.clone(), NonZeroU32::new(3).ok_or("tries")?);
/// channel.send(&message).await?;
/// assert_eq!(mail.outbox().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct WithRetry<C> {
    channel: C,
    tries: NonZeroU32,
    wait_first: Duration,
    wait_max: Duration,
}

impl<C: Channel> WithRetry<C> {
    /// At most so many tries in all, with a first wait of a second and a longest of a minute.
    #[must_use]
    pub const fn new(channel: C, tries: NonZeroU32) -> Self {
        let (wait_first, wait_max) = (Duration::from_secs(1), Duration::from_secs(60));
        Self {
            channel,
            tries,
            wait_first,
            wait_max,
        }
    }

    /// The same, with other waits.
    #[must_use]
    pub const fn with_waits(mut self, first: Duration, max: Duration) -> Self {
        self.wait_first = first;
        self.wait_max = max;
        self
    }

    async fn persist<T, F>(&self, key: &Key, attempt: impl Fn() -> F) -> Result<T, ChannelError>
    where
        F: Future<Output = Result<T, ChannelError>>,
    {
        let mut tried = 1;
        loop {
            let error = match attempt().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            match self.wait_before_next(&error, tried, key) {
                Some(wait) => sleep(wait).await,
                None => return Err(error),
            }
            tried += 1;
        }
    }

    /// How long to wait before the next try; none when there is none.
    fn wait_before_next(&self, error: &ChannelError, tried: u32, key: &Key) -> Option<Duration> {
        let is_safe =
            error.sent() == Sent::No || self.channel.capability().can(Feature::Idempotent);
        if tried >= self.tries.get() || !is_safe {
            return None;
        }
        match error.retry() {
            Retry::After(wait) => (wait <= self.wait_max).then_some(wait),
            Retry::BackOff => {
                let doubled = 1_u32.checked_shl(tried - 1).unwrap_or(u32::MAX);
                let wait = self.wait_first.saturating_mul(doubled).min(self.wait_max);
                Some(wait / 2 + spread(wait / 2, key, tried))
            }
            Retry::Never => None,
        }
    }
}

/// A part of a wait, from none to all of it, that differs from key to key and try to try but is
/// the same each time it is asked.
fn spread(wait: Duration, key: &Key, tried: u32) -> Duration {
    // FNV-1a, which is enough to tell keys apart.
    let bytes = key.as_str().bytes().chain(tried.to_le_bytes());
    let hash = bytes.fold(0x811C_9DC5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    wait * (hash % 1_000) / 1_000
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<C: Channel> Channel for WithRetry<C> {
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
        self.persist(&message.id, || self.channel.send(message))
            .await
    }

    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        self.persist(&alert.key(), || self.channel.offer(alert))
            .await
    }

    async fn withdraw(&self, offer: OfferId) -> Result<(), ChannelError> {
        let key = Key::parse(&offer.to_string()).expect("the name of an offer is a key");
        self.persist(&key, || self.channel.withdraw(offer)).await
    }

    async fn publish(&self, state: PresenceState) -> Result<(), ChannelError> {
        // Shown twice is shown once, and what is shown late may be wrong.
        self.channel.publish(state).await
    }

    async fn receive(&self, after: Cursor, at_most: usize) -> Result<Batch, ChannelError> {
        self.channel.receive(after, at_most).await
    }

    async fn probe(&self) -> Health {
        self.channel.probe().await
    }
}
