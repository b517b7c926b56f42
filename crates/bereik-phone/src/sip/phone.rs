//! The channel.

use std::fmt;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bereik_channel::{
    Alert, AlertTo, Batch, Capability, Channel, ChannelError, Cursor, ErrorKind, Evidence, Feature,
    Health, Inbox, Outbound, Receipt, Scope, TextLimit, TextUnit,
};
use bereik_core::id::Key;
use bereik_core::message::Body;
use bereik_core::{Address, ChannelKind, OfferId};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::account::SipAccount;
use super::inbound::{ORDERS_WITHIN, Order};
use super::ring::{self, Command};
use super::stack::Stack;
use super::{message, presence};
use crate::CallLink;

/// A telephone at a SIP registrar or PBX.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use bereik_channel::{Channel, Cursor, EventKind, Inbox};
/// use bereik_phone::{SipAccount, SipPhone};
/// use std::sync::Arc;
///
/// let account = SipAccount::new("pbx.example.org:5060", "desk", "example.org")
///     .with_password(std::env::var("SIP_PASSWORD")?);
/// let phone = SipPhone::start(account, Arc::new(Inbox::new())).await?;
/// # let alert: bereik_channel::Alert = unimplemented!();
/// phone.offer(&alert).await?;
/// for event in phone.receive(Cursor::START, 16).await?.events {
///     if let EventKind::Answered { offer, .. } = event.kind {
///         phone.hand_over(offer, &"sip:bridge-7@example.org".parse()?).await?;
///     }
/// }
/// # Ok(()) }
/// ```
pub struct SipPhone {
    stack: Arc<Stack>,
    capability: Capability,
}

impl SipPhone {
    /// Binds a port, and begins to register where the account has a password: [`probe`](Channel::probe) tells whether that
    /// went well. What comes in is kept in the inbox, which need not settle
    /// ([`Inbox::with_settle_for`]): all comes in its order. It lives on a thread of its own until it is dropped; then it ends its
    /// calls and is no longer registered.
    ///
    /// # Errors
    /// When the account's names are none, the server's name is not known, or the port cannot be had.
    pub async fn start(account: SipAccount, inbox: Arc<Inbox>) -> Result<Self, ChannelError> {
        let features = [
            Feature::Answer,
            Feature::LiveVoice,
            Feature::Offer,
            Feature::Presence,
            Feature::Receive,
            Feature::Replay,
            Feature::Withdraw,
        ];
        let limit = TextLimit {
            max: message::TEXT_BYTES_MAX,
            unit: TextUnit::Bytes,
        };
        let capability = Capability::new(Evidence::Taken).with(&features);
        Ok(Self {
            stack: Stack::start(account, inbox).await?,
            capability: capability.with_text_limit(limit),
        })
    }

    /// Joins somebody who took an offer with whom he is to speak: his telephone is told to call there (REFER, RFC 3515), and
    /// our call with him ends when it has. A number is the server's to find.
    ///
    /// # Errors
    /// As [`offer`](Channel::offer), with the answer of whom he was joined with; then the call goes on. When the offer is
    /// not one that was taken, or its call has ended, for this message.
    pub async fn hand_over(&self, offer: OfferId, to: &CallLink) -> Result<(), ChannelError> {
        let to = self.stack.account.link_uri(to)?;
        let (teller, told) = oneshot::channel();
        self.command(offer, Command::HandOver(to, teller)).await?;
        told.await.unwrap_or_else(|_| Err(has_ended()))
    }

    /// Puts a caller through to somebody who took an offer: each hears the other from here on, and when one hangs up, the
    /// other is let go. The sound goes through us; where it should not, [`hand_over`](Self::hand_over) does without.
    ///
    /// `call` is the [`provider_id`](bereik_channel::Inbound::provider_id) of the message that told of the call.
    ///
    /// # Errors
    /// For this message when the offer is not one that was taken, or either has hung up; then the other is let go.
    pub async fn put_through(&self, call: &Key, offer: OfferId) -> Result<(), ChannelError> {
        let (giver, given) = oneshot::channel();
        self.command(offer, Command::Release(giver)).await?;
        let leg = given.await.map_err(|_| has_ended())?;
        self.order(call, Order::PutThrough(leg)).await
    }

    /// Tells a caller who waits his place in line, 1 being the next, and how long it may take: spoken where the
    /// [`Reception`](crate::Reception) has clips for it, else written, for telephones that show words.
    ///
    /// # Errors
    /// For this message when he has hung up.
    pub async fn tell_place(
        &self,
        call: &Key,
        place: u32,
        wait: Option<Duration>,
        written: &Body,
    ) -> Result<(), ChannelError> {
        let reception = self.stack.account.reception.as_ref();
        let order = match reception.and_then(|reception| reception.spell(place, wait)) {
            Some(clips) => Order::Say(clips),
            None => Order::Write(written.clone()),
        };
        self.order(call, order).await
    }

    /// Asks a caller who waits to leave a message.
    ///
    /// # Errors
    /// For this message when he has hung up.
    pub async fn record(&self, call: &Key) -> Result<(), ChannelError> {
        self.order(call, Order::Record).await
    }

    /// Asks the telephone of a caller who waits to call somewhere else (REFER, RFC 3515), and lets him go when it has. The
    /// sound does not go through us then; many telephone companies refuse it.
    ///
    /// # Errors
    /// As [`hand_over`](Self::hand_over); he waits on.
    pub async fn hand_on(&self, call: &Key, to: &CallLink) -> Result<(), ChannelError> {
        let to = self.stack.account.link_uri(to)?;
        let (teller, told) = oneshot::channel();
        self.order(call, Order::HandOver(to, teller)).await?;
        told.await.unwrap_or_else(|_| Err(has_ended()))
    }

    /// Hangs up on a caller who waits.
    ///
    /// # Errors
    /// For this message when he has hung up himself.
    pub async fn hang_up(&self, call: &Key) -> Result<(), ChannelError> {
        self.order(call, Order::HangUp).await
    }

    /// Publishes a document of presence (PIDF, at most 7,000 bytes) as our own (RFC 3903), in the place of the last, and
    /// keeps it published. `lasts` is how long the server keeps it when we are gone, in whole seconds.
    ///
    /// # Errors
    /// With what the server says. The document before is published no longer.
    pub async fn publish(&self, document: &[u8], lasts: Duration) -> Result<(), ChannelError> {
        let (stack, document) = (Arc::clone(&self.stack), document.to_vec());
        let work = async move { presence::publish(&stack, document, lasts).await };
        self.stack.run(work).await
    }

    /// Takes back what is published.
    ///
    /// # Errors
    /// With what the server says; then it ends by itself.
    pub async fn unpublish(&self) -> Result<(), ChannelError> {
        let stack = Arc::clone(&self.stack);
        self.stack
            .run(async move { presence::unpublish(&stack).await })
            .await
    }

    /// Asks to hear of somebody's presence (RFC 3856) from now on: as events.
    ///
    /// # Errors
    /// With what the server says.
    pub async fn watch(&self, of: &Address) -> Result<(), ChannelError> {
        let (stack, of) = (Arc::clone(&self.stack), of.clone());
        let work = async move { presence::watch(&stack, of).await };
        self.stack.run(work).await
    }

    /// Hears of him no longer.
    pub fn unwatch(&self, of: &Address) {
        presence::unwatch(&self.stack, of);
    }

    async fn order(&self, call: &Key, order: Order) -> Result<(), ChannelError> {
        let orders = {
            let callers = self.stack.callers.lock();
            let callers = callers.unwrap_or_else(PoisonError::into_inner);
            callers.get(call).cloned()
        };
        let orders = orders.ok_or_else(has_ended)?;
        let ordered = timeout(ORDERS_WITHIN, orders.send(order)).await;
        ordered.map_or_else(|_| Err(has_ended()), |sent| sent.map_err(|_| has_ended()))
    }

    async fn command(&self, offer: OfferId, command: Command) -> Result<(), ChannelError> {
        let commands = {
            let offers = self.stack.offers.lock();
            let offers = offers.unwrap_or_else(PoisonError::into_inner);
            offers.get(&offer).map(|control| control.commands.clone())
        };
        let commands = commands.ok_or_else(has_ended)?;
        commands.send(command).await.map_err(|_| has_ended())
    }
}

const fn has_ended() -> ChannelError {
    ChannelError::new(ErrorKind::Invalid, Scope::Message)
}

#[async_trait]
impl Channel for SipPhone {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Phone
    }

    fn capability(&self) -> &Capability {
        &self.capability
    }

    /// Sends a message (RFC 3428) to a telephone that shows them.
    async fn send(&self, message: &Outbound) -> Result<Receipt, ChannelError> {
        self.capability.check_text(message.body.as_str())?;
        let (stack, message) = (Arc::clone(&self.stack), message.clone());
        let work = async move { message::send(&stack, &message).await };
        self.stack.run(work).await
    }

    /// Rings until the offer ends. It is made when the telephone rings, or the server has tried for 4 seconds without saying
    /// no. What becomes of it comes as events: an answer, or that the offer came back.
    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        let AlertTo::Address(to) = alert.to.clone() else {
            return Err(ChannelError::new(ErrorKind::Invalid, Scope::Recipient));
        };
        let (stack, alert) = (Arc::clone(&self.stack), alert.clone());
        let work = async move { ring::offer(stack, &alert, to).await };
        match self.stack.run(work).await? {
            Some(told) => told
                .await
                .unwrap_or_else(|_| Err(ChannelError::unavailable())),
            None => Ok(Receipt::new(Evidence::Taken)),
        }
    }

    /// Stops ringing, or ends the call.
    async fn withdraw(&self, offer: OfferId) -> Result<(), ChannelError> {
        let offers = self.stack.offers.lock();
        let offers = offers.unwrap_or_else(PoisonError::into_inner);
        if let Some(control) = offers.get(&offer) {
            control.stop.cancel();
        }
        Ok(())
    }

    async fn receive(&self, after: Cursor, at_most: usize) -> Result<Batch, ChannelError> {
        self.stack.inbox.receive(&after, at_most).await
    }

    /// Asks the server (OPTIONS), where it has let us register.
    async fn probe(&self) -> Health {
        let stack = Arc::clone(&self.stack);
        let probed = self.stack.run(async move { Ok(stack.probe().await) }).await;
        probed.unwrap_or(Health::Down { retry_after: None })
    }
}

impl Drop for SipPhone {
    fn drop(&mut self) {
        self.stack.stop.cancel();
    }
}

impl fmt::Debug for SipPhone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SipPhone").finish_non_exhaustive()
    }
}
