//! The channel: one nick on one server.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bereik_channel::{
    Alert, Batch, Capability, Channel, ChannelError, Cursor, Evidence, Feature, Health, Inbox,
    Outbound, Receipt, TextLimit, TextUnit,
};
use bereik_core::id::Key;
use bereik_core::{Address, ChannelKind, OfferId};
use rustls::ClientConfig;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::account::IrcAccount;
use super::stream::silent;
use super::task::{Order, Task};
use super::wire::{self, Target};
use crate::posted::Posted;
use crate::spoken;

/// A nick on a server of IRC (RFC 1459, RFC 2812). The connection begins with the first call and is kept, with a back-off
/// from one second to five minutes, until the channel is dropped; whatever is sent while there is none fails at once with
/// the reason.
///
/// - A message goes out as lines, each cut so that it arrives whole; an empty line arrives as a blank. It is *taken* when
///   the server has answered a PING that went behind it and did not refuse it. When the connection ends before, it may
///   have been sent.
/// - IRC keeps nothing for who is not there: after each connection there is a [gap](bereik_channel::EventKind::Gap).
/// - Nobody vouches for a nick: who takes it is taken for who had it, unless the server demands a login for it.
/// - The inbox should not wait for earlier events, because a server brings them in order.
///
/// ```no_run
/// # async fn lesson(tls: rustls::ClientConfig) -> Result<(), Box<dyn std::error::Error>> {
/// use bereik_channel::{Channel, Cursor, Inbox};
/// use bereik_chat::{Irc, IrcAccount};
/// use std::{sync::Arc, time::Duration};
///
/// let account = IrcAccount::new("irc.libera.chat", 6697, "helpdesk")?.with_login("helpdesk", "secret");
/// let inbox = Arc::new(Inbox::new().with_settle_for(Duration::ZERO));
/// let irc = Irc::new(account, tls, inbox);
/// let batch = irc.receive(Cursor::START, 50).await?;
/// println!("{} events", batch.events.len());
/// # Ok(()) }
/// ```
pub struct Irc {
    account: IrcAccount,
    tls: Option<Arc<ClientConfig>>,
    inbox: Arc<Inbox>,
    posted: Arc<Posted>,
    capability: Capability,
    orders: Mutex<Option<mpsc::Sender<Order>>>,
}

/// In bytes; besides, a message has at most 32 lines.
const TEXT_MAX: usize = 4_096;

/// So many messages wait for those before them.
const ORDERS_MAX: usize = 64;

/// How long a message may take with all those before it.
const SENT_WITHIN: Duration = Duration::from_secs(180);

impl Irc {
    /// An account over TLS from the first byte (RFC 7194), which listens at port 6697 as a rule. Nothing is connected yet.
    #[must_use]
    pub fn new(account: IrcAccount, tls: ClientConfig, inbox: Arc<Inbox>) -> Self {
        Self::over(account, Some(Arc::new(tls)), inbox)
    }

    /// An account without TLS: whoever sits in between reads all of it, passwords too, and can write what he likes.
    #[must_use]
    pub fn plain(account: IrcAccount, inbox: Arc<Inbox>) -> Self {
        Self::over(account, None, inbox)
    }

    fn over(account: IrcAccount, tls: Option<Arc<ClientConfig>>, inbox: Arc<Inbox>) -> Self {
        let features = [
            Feature::Answer,
            Feature::Offer,
            Feature::Presence,
            Feature::Receive,
            Feature::Replay,
            Feature::Withdraw,
        ];
        let limit = TextLimit {
            max: TEXT_MAX,
            unit: TextUnit::Bytes,
        };
        Self {
            account,
            tls,
            inbox,
            posted: Arc::default(),
            capability: Capability::new(Evidence::Taken)
                .with(&features)
                .with_text_limit(limit),
            orders: Mutex::new(None),
        }
    }

    /// To whom orders go: who keeps the connection, begun where nobody does.
    fn orders(&self) -> mpsc::Sender<Order> {
        let mut kept = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(orders) = kept.as_ref().filter(|orders| !orders.is_closed()) {
            return orders.clone();
        }
        let (orders, taken) = mpsc::channel(ORDERS_MAX);
        let task = Task::new(
            self.account.clone(),
            self.tls.clone(),
            Arc::clone(&self.inbox),
            Arc::clone(&self.posted),
            taken,
        );
        tokio::spawn(task.run());
        *kept = Some(orders.clone());
        orders
    }

    async fn order(
        &self,
        target: String,
        lines: Vec<String>,
        key: Option<Key>,
    ) -> Result<Health, ChannelError> {
        let orders = self.orders();
        let (reply, answer) = oneshot::channel();
        let order = Order {
            target,
            lines,
            key,
            reply,
        };
        let ordering = async {
            let gone = |_| ChannelError::unavailable();
            orders.send(order).await.map_err(gone)?;
            answer
                .await
                .map_err(|_| ChannelError::unavailable().maybe_sent())?
        };
        let ordered = timeout(SENT_WITHIN, ordering).await;
        ordered.unwrap_or_else(|_| Err(silent().maybe_sent()))
    }
}

/// As an offer's place is remembered.
fn place(target: &Target) -> String {
    match &target.to {
        Some(to) => format!("{}/{to}", target.name),
        None => target.name.clone(),
    }
}

#[async_trait]
impl Channel for Irc {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Chat
    }

    fn capability(&self) -> &Capability {
        &self.capability
    }

    fn carries(&self, to: &Address) -> bool {
        to.network() == Some("irc")
    }

    async fn send(&self, message: &Outbound) -> Result<Receipt, ChannelError> {
        self.capability.check_text(message.body.as_str())?;
        let (account, key) = (&self.account, Some(message.id.clone()));
        let (target, lines) = wire::message(message, &account.channels, &account.nick)?;
        self.order(target.name, lines, key).await?;
        Ok(Receipt::new(Evidence::Taken))
    }

    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        let (account, key) = (&self.account, Some(alert.key()));
        let (target, lines) = wire::alert(alert, &account.channels, &account.nick)?;
        let offer = alert.offer.id;
        // Who is quick answers before the server does.
        self.posted.note(offer, &place(&target), &target.name);
        let ordered = self.order(target.name, lines, key).await;
        if let Err(error) = ordered {
            if error.may_fail_over() {
                self.posted.forget(offer);
            }
            return Err(error);
        }
        Ok(Receipt::new(Evidence::Taken))
    }

    async fn withdraw(&self, offer: OfferId) -> Result<(), ChannelError> {
        let Some((_, name)) = self.posted.place(offer) else {
            return Ok(());
        };
        let line = format!("NOTICE {name} :{}", spoken::taken_back(offer));
        self.order(name, vec![line], None).await?;
        self.posted.forget(offer);
        Ok(())
    }

    async fn receive(&self, after: Cursor, at_most: usize) -> Result<Batch, ChannelError> {
        drop(self.orders());
        self.inbox.receive(&after, at_most).await
    }

    async fn probe(&self) -> Health {
        match self.order(String::new(), Vec::new(), None).await {
            Ok(health) => health,
            Err(error) => Health::from(&error),
        }
    }
}

impl fmt::Debug for Irc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Irc")
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}
