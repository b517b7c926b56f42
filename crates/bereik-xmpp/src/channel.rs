//! The channel: one account, with one session that lives as long as the channel.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bereik_channel::{
    Alert, Batch, Capability, Channel, ChannelError, Cursor, ErrorKind, Evidence, Feature, Health,
    Inbox, Outbound, Receipt, Retry, Scope,
};
use bereik_core::presence::PresenceState;
use bereik_core::{Address, ChannelKind, OfferId};
use minidom::Element;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::rustls::ClientConfig;

use crate::config::{ConfigError, XmppConfig};
use crate::heard::Listener;
use crate::outbox::Outbox;
use crate::session::{Order, Published, Session, Standing};
use crate::wire;

/// An account of XMPP as a [`Channel`].
///
/// The first call connects, in a task of the runtime that it is made in, and the session stays: a connection that breaks
/// is taken up again, by itself. [`close`](Self::close) ends it; so does dropping the channel, as long as the runtime
/// lives.
///
/// ```no_run
/// # async fn lesson() -> Result<(), Box<dyn std::error::Error>> {
/// use bereik_channel::{Channel, Inbox, Outbound};
/// use bereik_core::{id::Key, message::Body, presence::PresenceState};
/// use bereik_xmpp::{Xmpp, XmppConfig};
/// use chrono::DateTime;
/// use std::sync::Arc;
///
/// let inbox = Arc::new(Inbox::open("/var/lib/helpdesk/xmpp").await?);
/// let xmpp = Xmpp::new(XmppConfig::new("helpdesk@example.org", "secret")?)?.with_inbox(inbox);
/// let at = DateTime::from_timestamp(1_795_000_000, 0).ok_or("an instant")?;
/// let to = "handle:xmpp/jan@example.org".parse()?;
/// xmpp.send(&Outbound::new(Key::parse("message/M12")?, to, Body::parse("We are on it.")?, at)).await?;
/// xmpp.publish(PresenceState::Busy).await?;
/// xmpp.close().await;
/// # Ok(()) }
/// ```
pub struct Xmpp {
    config: Arc<XmppConfig>,
    tls: Arc<ClientConfig>,
    inbox: Arc<Inbox>,
    outbox: Arc<Outbox>,
    standing: Standing,
    published: Published,
    session: Mutex<Option<(mpsc::Sender<Order>, JoinHandle<()>)>>,
    capability: Capability,
}

/// So many orders wait for the session.
const ORDERS_MAX: usize = 64;

impl Xmpp {
    /// An account. Nothing is connected yet. What comes in is kept in memory, until [an inbox](Self::with_inbox) is given.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(config: XmppConfig) -> Result<Self, ConfigError> {
        let features = [
            Feature::Answer,
            Feature::Offer,
            Feature::Presence,
            Feature::Publish,
            Feature::Receive,
            Feature::Replay,
            Feature::Threads,
            Feature::Typing,
            Feature::Withdraw,
        ];
        Ok(Self {
            tls: config.tls()?,
            config: Arc::new(config),
            // What comes over one stream is in order already.
            inbox: Arc::new(Inbox::new().with_settle_for(Duration::ZERO)),
            outbox: Arc::new(Outbox::default()),
            standing: Standing::default(),
            published: Arc::new(Mutex::new(PresenceState::Available)),
            session: Mutex::new(None),
            capability: Capability::new(Evidence::Read).with(&features),
        })
    }

    /// The same, with an inbox of your own: with one that has a file, nothing that the server was told to forget is lost
    /// with the process. It needs no [time to settle](Inbox::with_settle_for).
    #[must_use]
    pub fn with_inbox(mut self, inbox: Arc<Inbox>) -> Self {
        self.inbox = inbox;
        self
    }

    /// The same, that counts on evidence of delivery within another time; a minute without. Who is not there gets his
    /// message, and gives his receipt, when he comes.
    #[must_use]
    pub const fn with_evidence_within(mut self, evidence_within: Duration) -> Self {
        self.capability = self.capability.with_evidence_within(evidence_within);
        self
    }

    /// Ends the session, so that the server keeps what comes for the next one.
    pub async fn close(self) {
        let session = self.session.into_inner();
        let session = session.unwrap_or_else(PoisonError::into_inner);
        if let Some((orders, task)) = session {
            drop(orders);
            // It ends by itself, with a farewell that is bounded.
            let _ = timeout(self.config.login_within, task).await;
        }
    }

    /// The way to the session, which begins with the first who asks.
    fn orders(&self) -> mpsc::Sender<Order> {
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((orders, task)) = &*session
            && !task.is_finished()
        {
            return orders.clone();
        }
        let (sender, orders) = mpsc::channel(ORDERS_MAX);
        let listener = Listener::new(Arc::clone(&self.config), Arc::clone(&self.outbox));
        let made = Session {
            config: Arc::clone(&self.config),
            tls: Arc::clone(&self.tls),
            inbox: Arc::clone(&self.inbox),
            orders,
            listener,
            standing: Arc::clone(&self.standing),
            published: Arc::clone(&self.published),
            ledger: None,
            next: None,
        };
        let task = tokio::spawn(made.run());
        *session = Some((sender.clone(), task));
        sender
    }

    /// Has the session send a stanza, and waits until the server has answered for it.
    async fn order(&self, stanza: Element, id: &str) -> Result<(), ChannelError> {
        let (reply, answer) = oneshot::channel();
        let id = id.to_owned();
        let order = Order { stanza, id, reply };
        let silent = || ChannelError::new(ErrorKind::TimedOut, Scope::Channel);
        let silent = || silent().with_retry(Retry::BackOff);
        let orders = self.orders();
        let within = self.config.login_within;
        match timeout(within, orders.send(order)).await {
            Err(_) => return Err(silent()),
            Ok(Err(_)) => return Err(ChannelError::unavailable()),
            Ok(Ok(())) => {}
        }
        // It may have to log in first.
        let within = within + self.config.answer_within;
        match timeout(within, answer).await {
            Err(_) => Err(silent().maybe_sent()),
            // The task is gone, with the runtime or with a session that could not be resumed.
            Ok(Err(_)) => Err(ChannelError::unavailable().maybe_sent()),
            Ok(Ok(answer)) => answer,
        }
    }
}

#[async_trait]
impl Channel for Xmpp {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Chat
    }

    fn capability(&self) -> &Capability {
        &self.capability
    }

    fn carries(&self, to: &Address) -> bool {
        to.network() == Some("xmpp")
    }

    async fn send(&self, message: &Outbound) -> Result<Receipt, ChannelError> {
        let to = wire::recipient(&message.to)?;
        let id = message.id.as_str();
        self.outbox.note(id, &to);
        self.order(wire::message(&to, message), id).await?;
        Ok(Receipt::new(Evidence::Taken).with_provider_id(id))
    }

    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        let (to, stanza) = wire::alert(alert)?;
        let key = alert.key();
        self.outbox.note(key.as_str(), &to);
        // He may answer before the server does.
        self.outbox.offer(alert.offer.id, &to);
        let offered = self.order(stanza, key.as_str()).await;
        if let Err(error) = offered {
            if error.sent() == bereik_channel::Sent::No {
                self.outbox.forget(alert.offer.id);
            }
            return Err(error);
        }
        Ok(Receipt::new(Evidence::Taken).with_provider_id(key.as_str()))
    }

    async fn withdraw(&self, offer: OfferId) -> Result<(), ChannelError> {
        let Some(to) = self.outbox.offered_to(offer) else {
            return Ok(());
        };
        self.order(wire::taken_back(&to, offer), "").await?;
        self.outbox.forget(offer);
        Ok(())
    }

    /// Shows others how it is with us, in this session and those after it; without, we are there. Busy and do not disturb
    /// are shown as `dnd`, idle as `away`, whatever is closed or unknown as `xa`: who is gone altogether gets no messages.
    async fn publish(&self, state: PresenceState) -> Result<(), ChannelError> {
        *self
            .published
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = state;
        self.order(wire::presence(state), "").await
    }

    async fn receive(&self, after: Cursor, at_most: usize) -> Result<Batch, ChannelError> {
        drop(self.orders());
        let batch = self.inbox.receive(&after, at_most).await?;
        let standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        match &*standing {
            Some(error) if batch.events.is_empty() && at_most > 0 => Err(error.clone()),
            _ => Ok(batch),
        }
    }

    async fn probe(&self) -> Health {
        let ping = wire::ping(self.config.jid.domain().as_str(), "bereik-probe");
        match self.order(ping, "").await {
            Ok(()) => Health::Up,
            Err(error) => Health::from(&error),
        }
    }
}

impl fmt::Debug for Xmpp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Xmpp")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
