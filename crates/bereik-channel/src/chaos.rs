//! A wrapper that makes a channel behave badly, the same way each time, for tests.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bereik_core::id::Key;
use bereik_core::presence::PresenceState;
use bereik_core::{Address, ChannelKind, OfferId};
use tokio::time::sleep;

use crate::alert::Alert;
use crate::capability::{Capability, Feature};
use crate::channel::Channel;
use crate::error::ChannelError;
use crate::event::{Batch, Cursor};
use crate::health::Health;
use crate::outbound::Outbound;
use crate::receipt::Receipt;

/// How much goes wrong, in percent of the messages and offers; what is left goes well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a test writes down each share")]
pub struct Chaos {
    /// Leave twice, where twice is not once.
    pub doubled: u8,
    /// Leave, and their answer is lost: they may have been sent.
    pub lost_answers: u8,
    /// Do not leave; later they may.
    pub unavailable: u8,
    /// The longest that each takes on top.
    pub delay_max: Duration,
}

/// Makes a channel behave badly, for tests: the same seed and the same calls in the same order
/// give the same faults.
///
/// It goes innermost, in the place of the provider, inside [`WithTimeout`](crate::WithTimeout).
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// use bereik_channel::{Channel, Chaos, Memory, Outbound, Sent, WithChaos};
/// use bereik_core::{ChannelKind, id::Key, message::Body};
/// use chrono::DateTime;
/// use std::{sync::Arc, time::Duration};
///
/// let mail = Arc::new(Memory::new(ChannelKind::Email));
/// let faults = Chaos { doubled: 0, lost_answers: 100, unavailable: 0, delay_max: Duration::ZERO };
/// let channel = WithChaos::new(mail.clone(), 7, faults);
/// let at = DateTime::from_timestamp(1_795_000_000, 0).ok_or("an instant")?;
/// let message = Outbound::new(Key::parse("M1")?, "jan@example.org".parse()?, Body::parse("Hello")?, at);
/// assert!(channel.send(&message).await.is_err_and(|error| error.sent() == Sent::Maybe));
/// assert_eq!(mail.outbox().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct WithChaos<C> {
    channel: C,
    seed: u64,
    faults: Chaos,
    calls: AtomicU64,
}

/// What becomes of one call.
#[derive(Clone, Copy)]
enum Fate {
    Doubled,
    LostAnswer,
    Unavailable,
    Well,
}

impl<C: Channel> WithChaos<C> {
    /// So much goes wrong, chosen by this seed.
    #[must_use]
    pub const fn new(channel: C, seed: u64, faults: Chaos) -> Self {
        let calls = AtomicU64::new(0);
        Self {
            channel,
            seed,
            faults,
            calls,
        }
    }

    /// The fate of a call, and how long it takes on top.
    fn draw(&self, key: &Key) -> (Fate, Duration) {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let words = [self.seed.to_le_bytes(), call.to_le_bytes()];
        let bytes = words.into_iter().flatten().chain(key.as_str().bytes());
        // FNV-1a, with its high bits folded in.
        let hash = bytes.fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
        });
        let hash = hash ^ (hash >> 29);
        let Chaos {
            doubled,
            lost_answers,
            unavailable,
            delay_max,
        } = self.faults;
        let lot = hash % 100;
        let doubled = u64::from(doubled);
        let lost = doubled + u64::from(lost_answers);
        let fate = if lot < doubled {
            Fate::Doubled
        } else if lot < lost {
            Fate::LostAnswer
        } else if lot < lost + u64::from(unavailable) {
            Fate::Unavailable
        } else {
            Fate::Well
        };
        let share = u32::try_from((hash >> 32) % 1_000).unwrap_or(0);
        (fate, delay_max * share / 1_000)
    }

    async fn meet<F>(&self, key: &Key, attempt: impl Fn() -> F) -> Result<Receipt, ChannelError>
    where
        F: Future<Output = Result<Receipt, ChannelError>>,
    {
        let (fate, delay) = self.draw(key);
        sleep(delay).await;
        match fate {
            Fate::Doubled if !self.capability().can(Feature::Idempotent) => {
                attempt().await?;
                attempt().await
            }
            Fate::Doubled | Fate::Well => attempt().await,
            Fate::LostAnswer => {
                attempt().await?;
                Err(ChannelError::unavailable().maybe_sent())
            }
            Fate::Unavailable => Err(ChannelError::unavailable()),
        }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<C: Channel> Channel for WithChaos<C> {
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
        self.meet(&message.id, || self.channel.send(message)).await
    }

    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        self.meet(&alert.key(), || self.channel.offer(alert)).await
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
