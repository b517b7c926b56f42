//! The session: the one task that speaks with the server, as long as the channel lives.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bereik_channel::{Arrival, ChannelError, ErrorKind, Event, Inbox, Retry, Scope};
use bereik_core::presence::PresenceState;
use minidom::Element;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_rustls::rustls::ClientConfig;

use crate::config::XmppConfig;
use crate::fault::Fault;
use crate::heard::Listener;
use crate::ledger::{Ledger, Reply, Unanswered};
use crate::login::{Secret, log_in};
use crate::stream::{Item, written};
use crate::wire::{self, CLIENT, element};

const SM: &str = "urn:xmpp:sm:3";

/// How long it takes at most until a lost session is tried again by itself.
const PAUSE_MAX: Duration = Duration::from_secs(60);
const PAUSE_MIN: Duration = Duration::from_millis(500);

/// A session that lasted so long was sound: when the server ends it, the next attempt is made soon.
const SOUND_AFTER: Duration = Duration::from_secs(10);

/// How long we wait for a farewell.
const FAREWELL_MAX: Duration = Duration::from_secs(2);

/// Something to be sent.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) stanza: Element,
    pub(crate) id: String,
    pub(crate) reply: Reply,
}

/// How it stands with the session, for who only reads.
pub(crate) type Standing = Arc<Mutex<Option<ChannelError>>>;

/// How it is with us: said in each new session.
pub(crate) type Published = Arc<Mutex<PresenceState>>;

pub(crate) struct Session {
    pub(crate) config: Arc<XmppConfig>,
    pub(crate) tls: Arc<ClientConfig>,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) orders: mpsc::Receiver<Order>,
    pub(crate) listener: Listener,
    pub(crate) standing: Standing,
    pub(crate) published: Published,
    /// What is known of a session that may be resumed.
    pub(crate) ledger: Option<Ledger>,
    /// An order that came while there was no session.
    pub(crate) next: Option<Order>,
}

/// Why a session does not go on.
enum Ended {
    Broken(Fault),
    /// Nobody needs the channel any more.
    Done,
}

impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Self::Broken(fault)
    }
}

/// Answers for what is kept here.
fn kept(ledger: &Ledger) -> Element {
    element("a", SM, &[("h", &ledger.kept.to_string())])
}

/// Until when something may take.
fn within(time: Duration) -> Instant {
    sleep(time).deadline()
}

impl Session {
    pub(crate) async fn run(mut self) {
        let mut pause = PAUSE_MIN;
        loop {
            let opened = timeout(self.config.login_within, self.open()).await;
            let fault = match opened.unwrap_or(Err(Fault::Silent)) {
                Ok(mut stream) => {
                    self.stand(None);
                    let sound_at = within(SOUND_AFTER);
                    let Ended::Broken(fault) = self.serve(&mut stream).await else {
                        let _ = timeout(FAREWELL_MAX, self.farewell(&mut stream)).await;
                        return;
                    };
                    if within(Duration::ZERO) >= sound_at {
                        pause = PAUSE_MIN;
                    }
                    // That a connection broke says nothing yet: it can be taken up again, and somebody may wait for it.
                    if matches!(fault, Fault::Closed | Fault::Excess | Fault::Silent) {
                        if self.rest(PAUSE_MIN, &fault).await {
                            continue;
                        }
                        return;
                    }
                    self.stand(Some(fault.clone().into()));
                    fault
                }
                Err(fault) => {
                    self.stand(Some(fault.clone().into()));
                    self.refuse_orders(&fault);
                    fault
                }
            };
            if !self.rest(pause, &fault).await {
                return;
            }
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    fn stand(&self, fault: Option<ChannelError>) {
        *self.standing.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }

    /// Tells who waits that there is no session: nothing of theirs was sent.
    fn refuse_orders(&mut self, fault: &Fault) {
        let next = self.next.take().into_iter();
        for order in next.chain(std::iter::from_fn(|| self.orders.try_recv().ok())) {
            let _ = order.reply.send(Err(fault.clone().into()));
        }
    }

    /// Waits before the next attempt. Whoever wants to send ends the wait, unless it is the password that is wrong. Says
    /// whether anybody needs the channel still.
    async fn rest(&mut self, pause: Duration, fault: &Fault) -> bool {
        let until = within(pause);
        loop {
            match timeout_at(until, self.orders.recv()).await {
                Ok(None) => return false,
                Ok(Some(order)) if matches!(fault, Fault::Credentials(_)) => {
                    let _ = order.reply.send(Err(fault.clone().into()));
                }
                Ok(order) => {
                    self.next = order;
                    return true;
                }
                Err(_) => return true,
            }
        }
    }

    /// Logs in, and takes up the session of before or begins a new one.
    async fn open(&mut self) -> Result<Secret, Fault> {
        let (mut stream, features) = log_in(&self.config, &self.tls).await?;
        if !features.has_child("sm", SM) {
            return Err(Fault::Missing("XEP-0198"));
        }
        if !self.resume(&mut stream).await? {
            self.begin(&mut stream).await?;
        }
        Ok(stream)
    }

    /// Begins a new session.
    async fn begin(&mut self, stream: &mut Secret) -> Result<(), Fault> {
        let resource = self.config.jid.resource().as_str();
        stream.send(&wire::bind(resource)).await?;
        let bound = stream.element().await?;
        if bound.attr("type") != Some("result") {
            return Err(Fault::Missing("a resource"));
        }
        let enable = element("enable", SM, &[("resume", "true")]);
        stream.send(&enable).await?;
        let enabled = loop {
            let said = stream.element().await?;
            if !said.has_ns(CLIENT) {
                break said;
            }
            // What comes before the counting begins.
            let heard = self.listener.hear(&said, &mut Ledger::new(None));
            self.keep(heard.events).await?;
        };
        if !enabled.is("enabled", SM) {
            return Err(Fault::Missing("XEP-0198"));
        }
        let may_resume = matches!(enabled.attr("resume"), Some("true" | "1"));
        let name = enabled.attr("id").filter(|_| may_resume);
        self.ledger = Some(Ledger::new(name.map(str::to_owned)));
        self.send(stream, wire::roster(), "", None).await?;
        let published = *self
            .published
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let presence = wire::presence(published);
        self.send(stream, presence, "", None).await
    }

    /// Takes up the session of before (XEP-0198, 5), and sends again what the server does not have. Where that cannot be,
    /// the session is lost; what was sent to us meanwhile is with the server, which brings it to the next session.
    async fn resume(&mut self, stream: &mut Secret) -> Result<bool, Fault> {
        let Some(ledger) = &mut self.ledger else {
            return Ok(false);
        };
        let mut is_exact = false;
        if let Some(name) = &ledger.name {
            let kept = ledger.kept.to_string();
            let resume = element("resume", SM, &[("previd", name), ("h", &kept)]);
            stream.send(&resume).await?;
            let said = stream.element().await?;
            let count = said.attr("h").and_then(|count| count.parse().ok());
            // With a server that counts otherwise than we do, nothing can be taken up.
            if count.is_some_and(|count| ledger.answer(count).is_err()) {
                ledger.name = None;
                return Err(Fault::Garbage);
            }
            if said.is("resumed", SM) && count.is_some() {
                for text in ledger.unanswered() {
                    stream.write(text).await?;
                }
                stream.send(&element("r", SM, &[])).await?;
                return Ok(true);
            }
            if !said.is("failed", SM) {
                ledger.name = None;
                return Err(Fault::Garbage);
            }
            is_exact = count.is_some();
        }
        let lost = self.listener.lost();
        self.keep(lost).await?;
        if let Some(ledger) = self.ledger.take() {
            ledger.give_up(is_exact);
        }
        Ok(false)
    }

    async fn keep(&self, events: Vec<Event>) -> Result<(), Fault> {
        let order = 0;
        let arrivals = events.into_iter().map(|event| Arrival { order, event });
        let kept = self.inbox.keep(arrivals.collect()).await;
        kept.map(drop).map_err(|_| Fault::Inbox)
    }

    /// Sends and listens until the connection breaks or nobody needs it any more.
    async fn serve(&mut self, stream: &mut Secret) -> Ended {
        let ended = self.serve_on(stream).await;
        let Err(ended) = ended;
        ended
    }

    async fn serve_on(&mut self, stream: &mut Secret) -> Result<std::convert::Infallible, Ended> {
        let answer_within = self.config.answer_within;
        // When the server has to have said something, and whether it was asked to.
        let (mut until, mut is_asked) = (within(answer_within), true);
        if let Some(order) = self.next.take() {
            self.follow(stream, order).await?;
        }
        loop {
            tokio::select! {
                item = stream.next() => {
                    let item = match item {
                        Err(Fault::Excess) => {
                            // Or the server would bring it again and again.
                            self.pass_over().await?;
                            return Err(Fault::Excess.into());
                        }
                        item => item?,
                    };
                    self.hear(stream, item).await?;
                    (until, is_asked) = (within(self.config.silence_max), false);
                }
                order = self.orders.recv() => {
                    self.follow(stream, order.ok_or(Ended::Done)?).await?;
                    until = until.min(within(answer_within));
                    is_asked = true;
                }
                () = tokio::time::sleep_until(until) => {
                    if is_asked {
                        return Err(Fault::Silent.into());
                    }
                    self.write(stream, "<r xmlns='urn:xmpp:sm:3'/>").await?;
                    (until, is_asked) = (within(answer_within), true);
                }
            }
        }
    }

    /// A session that is left open goes on taking messages that nobody reads; what is not answered for comes again.
    async fn farewell(&self, stream: &mut Secret) -> Result<(), Fault> {
        if let Some(ledger) = &self.ledger {
            stream.send(&kept(ledger)).await?;
        }
        stream.close().await
    }

    async fn write(&self, stream: &mut Secret, text: &str) -> Result<(), Fault> {
        let written = timeout(self.config.answer_within, stream.write(text)).await;
        written.unwrap_or(Err(Fault::Silent))
    }

    /// Sends a stanza and asks the server to answer for it.
    async fn follow(&mut self, stream: &mut Secret, order: Order) -> Result<(), Fault> {
        if order.reply.is_closed() {
            return Ok(());
        }
        if self.ledger.as_ref().is_none_or(Ledger::is_full) {
            let full = ChannelError::new(ErrorKind::Throttled, Scope::Channel);
            let _ = order.reply.send(Err(full.with_retry(Retry::BackOff)));
            return Ok(());
        }
        let (id, reply) = (order.id, Some(order.reply));
        self.send(stream, order.stanza, &id, reply).await
    }

    async fn send(
        &mut self,
        stream: &mut Secret,
        stanza: Element,
        id: &str,
        reply: Option<Reply>,
    ) -> Result<(), Fault> {
        let text = written(&stanza);
        let asking = format!("{text}<r xmlns='{SM}'/>");
        // From here on it is sent again if the connection breaks.
        if let Some(ledger) = &mut self.ledger {
            if ledger.is_full() {
                return Err(Fault::Silent);
            }
            let id = id.to_owned();
            ledger.note(Unanswered { id, text, reply });
        }
        self.write(stream, &asking).await
    }

    /// A stanza came that cannot be told.
    async fn pass_over(&mut self) -> Result<(), Fault> {
        let gap = self.listener.gap();
        self.keep(vec![gap]).await?;
        self.ledger.iter_mut().for_each(Ledger::keep);
        Ok(())
    }

    async fn hear(&mut self, stream: &mut Secret, item: Item) -> Result<(), Fault> {
        let stanza = match item {
            Item::End => return Err(Fault::Closed),
            Item::Element(said) if said.has_ns(CLIENT) => said,
            Item::Element(said) => return self.hear_of_stream(stream, &said).await,
            Item::Start(said) if said.has_ns(CLIENT) => return self.pass_over().await,
            Item::Start(_) => return Err(Fault::Garbage),
        };
        let Some(ledger) = &mut self.ledger else {
            return Err(Fault::Garbage);
        };
        let heard = self.listener.hear(&stanza, ledger);
        // The server may forget it only once it is kept here.
        self.keep(heard.events).await?;
        self.ledger.iter_mut().for_each(Ledger::keep);
        for answer in heard.answers {
            let id = answer.attr("id").unwrap_or_default().to_owned();
            self.send(stream, answer, &id, None).await?;
        }
        Ok(())
    }

    /// What is said of the stream itself.
    async fn hear_of_stream(&mut self, stream: &mut Secret, said: &Element) -> Result<(), Fault> {
        let Some(ledger) = &mut self.ledger else {
            return Err(Fault::Garbage);
        };
        if said.is("r", SM) {
            let answer = written(&kept(ledger));
            return self.write(stream, &answer).await;
        }
        if said.is("a", SM) {
            let count = said.attr("h").and_then(|count| count.parse().ok());
            return ledger.answer(count.ok_or(Fault::Garbage)?);
        }
        if said.name() == "error" {
            // The server has let go of the session; it cannot be resumed.
            ledger.name = None;
            return Err(Fault::of_stream(said));
        }
        Ok(())
    }
}
