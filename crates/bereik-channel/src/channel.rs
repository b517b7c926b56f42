//! The contract itself: what every adapter does, and what it promises by answering.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bereik_core::presence::PresenceState;
use bereik_core::{Address, ChannelKind, OfferId};

use crate::alert::Alert;
use crate::capability::{Capability, Initiative};
use crate::error::ChannelError;
use crate::event::{Batch, Cursor};
use crate::health::Health;
use crate::outbound::Outbound;
use crate::receipt::Receipt;

/// One adapter with one account, that carries messages and offers.
///
/// # Contract
///
/// - Every call ends by itself: an adapter bounds each wait on its wire. A call that is dropped
///   before it ends leaves the channel usable; what it was to send *may* have been sent.
/// - An answer says no more than what is known. [`Receipt`] holds the evidence there is, never
///   more than [`Capability::evidence_max`]; an error that says [`Sent::No`](crate::Sent::No)
///   promises that nothing reached anybody.
/// - The same [`Outbound::id`], or the same offer, given twice reaches the other end once where
///   the channel declares [`Feature::Idempotent`](crate::Feature::Idempotent). Elsewhere it may
///   arrive twice.
/// - What a channel does not declare in its [`Capability`], it answers with
///   [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported), which the methods here do by
///   themselves.
/// - No words of a message, no secret and no text that a provider sent appear in `Debug`, in an
///   error or in a log.
///
/// [`conformance`](crate::conformance) holds an adapter to this contract.
///
/// # Example
///
/// A channel that carries offers and nothing else: a bell.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// use async_trait::async_trait;
/// use bereik_channel::{Alert, Capability, Channel, ChannelError, Evidence, Feature, Health, Outbound, Receipt};
/// use bereik_core::{ChannelKind, OfferId};
/// use std::{collections::BTreeSet, sync::{Mutex, PoisonError}};
///
/// #[derive(Debug)]
/// struct Bell { ringing: Mutex<BTreeSet<OfferId>>, capability: Capability }
///
/// #[async_trait]
/// impl Channel for Bell {
///     fn kind(&self) -> ChannelKind { ChannelKind::Phone }
///     fn capability(&self) -> &Capability { &self.capability }
///     async fn send(&self, _: &Outbound) -> Result<Receipt, ChannelError> {
///         Err(ChannelError::unsupported())
///     }
///     async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
///         self.ringing.lock().unwrap_or_else(PoisonError::into_inner).insert(alert.offer.id);
///         Ok(Receipt::new(Evidence::Taken))
///     }
///     async fn withdraw(&self, offer: OfferId) -> Result<(), ChannelError> {
///         self.ringing.lock().unwrap_or_else(PoisonError::into_inner).remove(&offer);
///         Ok(())
///     }
///     async fn probe(&self) -> Health { Health::Up }
/// }
///
/// let can = [Feature::Idempotent, Feature::Offer, Feature::Withdraw];
/// let bell = Bell { ringing: Mutex::default(), capability: Capability::new(Evidence::Taken).with(&can) };
/// assert!(bell.withdraw(OfferId::new(1)).await.is_ok());
/// # Ok::<(), ChannelError>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[async_trait]
pub trait Channel: Send + Sync + fmt::Debug {
    /// The kind of channel.
    fn kind(&self) -> ChannelKind;

    /// What the channel can. It does not change while the channel lives.
    fn capability(&self) -> &Capability;

    /// Whether the channel leads to this address: of several of a kind, the one that does is used. Any
    /// address that [fits](Address::fits) its kind, unless an adapter says otherwise; none for a channel over
    /// which nobody is written to.
    fn carries(&self, to: &Address) -> bool {
        self.capability().initiative != Initiative::Never && to.fits(self.kind())
    }

    /// What the channel can for one recipient, where that differs: a number without messages, a
    /// window that is closed. Without an answer of its own, what it can for all.
    fn capability_for(&self, _to: &Address) -> Capability {
        *self.capability()
    }

    /// Sends a message. `Ok` means that the provider took responsibility for it; that it was
    /// delivered or read comes later, as an [event](crate::EventKind::Delivery).
    ///
    /// # Errors
    /// With the scope, whether to try again, and whether the message may have been sent.
    async fn send(&self, message: &Outbound) -> Result<Receipt, ChannelError>;

    /// Puts an offer to somebody: rings, or shows an alert, until the offer ends. The answer
    /// comes as an [event](crate::EventKind::Answered), where the channel can bring one.
    ///
    /// # Errors
    /// As [`send`](Self::send); [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) without
    /// [`Feature::Offer`](crate::Feature::Offer).
    async fn offer(&self, _alert: &Alert) -> Result<Receipt, ChannelError> {
        Err(ChannelError::unsupported())
    }

    /// Takes an offer back: stops ringing, closes the alert. An offer that the channel does not
    /// know, or that has ended, is taken back already.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) without
    /// [`Feature::Withdraw`](crate::Feature::Withdraw); otherwise as [`send`](Self::send).
    async fn withdraw(&self, _offer: OfferId) -> Result<(), ChannelError> {
        Err(ChannelError::unsupported())
    }

    /// Shows how it is with us to those who may see it, in place of what was shown before.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) without
    /// [`Feature::Publish`](crate::Feature::Publish); otherwise as [`send`](Self::send).
    async fn publish(&self, _state: PresenceState) -> Result<(), ChannelError> {
        Err(ChannelError::unsupported())
    }

    /// Waits for what came in after the cursor, at most so many events, for no longer than the
    /// channel's own poll time; then the batch is empty and its cursor stands where it stood.
    ///
    /// A call changes nothing: with the same cursor again it brings the same events again, or a
    /// [gap](crate::EventKind::Gap) where they are no longer kept.
    ///
    /// # Errors
    /// When the channel cannot be asked;
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) without
    /// [`Feature::Receive`](crate::Feature::Receive).
    async fn receive(&self, _after: Cursor, _at_most: usize) -> Result<Batch, ChannelError> {
        Err(ChannelError::unsupported())
    }

    /// Asks whether the channel works now, without reaching anybody.
    async fn probe(&self) -> Health;
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<C: Channel + ?Sized> Channel for Arc<C> {
    fn kind(&self) -> ChannelKind {
        (**self).kind()
    }

    fn capability(&self) -> &Capability {
        (**self).capability()
    }

    fn carries(&self, to: &Address) -> bool {
        (**self).carries(to)
    }

    fn capability_for(&self, to: &Address) -> Capability {
        (**self).capability_for(to)
    }

    async fn send(&self, message: &Outbound) -> Result<Receipt, ChannelError> {
        (**self).send(message).await
    }

    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        (**self).offer(alert).await
    }

    async fn withdraw(&self, offer: OfferId) -> Result<(), ChannelError> {
        (**self).withdraw(offer).await
    }

    async fn publish(&self, state: PresenceState) -> Result<(), ChannelError> {
        (**self).publish(state).await
    }

    async fn receive(&self, after: Cursor, at_most: usize) -> Result<Batch, ChannelError> {
        (**self).receive(after, at_most).await
    }

    async fn probe(&self) -> Health {
        (**self).probe().await
    }
}
