//! What goes on by itself: the connection is kept, what comes in is put into the inbox, what is ordered is sent.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, VecDeque};
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use bereik_channel::{
    Arrival, ChannelError, Event, EventKind, Evidence, Health, Inbound, Inbox, Label,
};
use bereik_core::id::Key;
use bereik_core::presence::PresenceState;
use rustls::ClientConfig;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use super::account::IrcAccount;
use super::heard::Heard;
use super::session::{Out, Session, now};
use super::stream::silent;
use super::wire::{self, Line, NETWORK, folded};
use crate::posted::Posted;
use crate::spoken;

/// After so long without a word the server is asked whether it is there.
const QUIET_FOR: Duration = Duration::from_secs(60);

/// A connection that holds for so long was a good one: the next begins without waiting.
const STEADY_FOR: Duration = Duration::from_secs(60);

const BACK_OFF_MIN: Duration = Duration::from_secs(1);
const BACK_OFF_MAX: Duration = Duration::from_secs(300);

/// What can still come back after the server took it: for so many messages it is known whose.
const RECENT_MAX: usize = 16;

/// A USERHOST asks after so many (RFC 2812, 4.8).
const ASKED_MAX: usize = 5;

/// What is to be sent, or nothing: then only whether the server answers is asked.
pub(super) struct Order {
    pub(super) target: String,
    pub(super) lines: Vec<String>,
    /// Under what name it is known here, where that is told later.
    pub(super) key: Option<Key>,
    pub(super) reply: oneshot::Sender<Result<Health, ChannelError>>,
}

pub(super) struct Task {
    account: IrcAccount,
    tls: Option<Arc<ClientConfig>>,
    inbox: Arc<Inbox>,
    posted: Arc<Posted>,
    orders: mpsc::Receiver<Order>,
    /// Tells the names of this life from those of another.
    life: u64,
    numbers: u64,
    /// The inbox did not take something.
    has_lost: bool,
    sending: Option<Sending>,
    recent: VecDeque<(String, Key)>,
    states: BTreeMap<String, PresenceState>,
    asked: VecDeque<Vec<String>>,
}

/// An order on its way.
struct Sending {
    order: Order,
    token: String,
    said: usize,
    refused: usize,
    refusal: Option<ChannelError>,
    /// Until when the server has to answer, once it was asked.
    until: Option<Instant>,
}

/// Why a connection is no longer served.
enum End {
    Fault(ChannelError),
    /// Nobody holds the channel any more.
    Unheld,
}

impl Task {
    pub(super) fn new(
        account: IrcAccount,
        tls: Option<Arc<ClientConfig>>,
        inbox: Arc<Inbox>,
        posted: Arc<Posted>,
        orders: mpsc::Receiver<Order>,
    ) -> Self {
        Self {
            account,
            tls,
            inbox,
            posted,
            orders,
            // Each of these hashers begins with numbers of its own.
            life: RandomState::new().build_hasher().finish(),
            numbers: 0,
            has_lost: false,
            sending: None,
            recent: VecDeque::new(),
            states: BTreeMap::new(),
            asked: VecDeque::new(),
        }
    }

    /// Runs until nobody holds the channel.
    pub(super) async fn run(mut self) {
        let mut wait = BACK_OFF_MIN;
        loop {
            let steady_at = now() + STEADY_FOR;
            let opened = Session::open(&self.account, self.tls.as_ref()).await;
            let fault = match opened {
                Ok(session) => match self.serve(session).await {
                    End::Fault(fault) => fault,
                    End::Unheld => return,
                },
                Err(fault) => fault,
            };
            if now() >= steady_at {
                wait = BACK_OFF_MIN;
            }
            if !self.refuse_for(wait, &fault).await {
                return;
            }
            wait = (wait * 2).min(BACK_OFF_MAX);
        }
    }

    /// Tells everybody who orders something why it cannot be, for so long; false when nobody holds the channel.
    async fn refuse_for(&mut self, wait: Duration, fault: &ChannelError) -> bool {
        let until = now() + wait;
        loop {
            tokio::select! {
                () = sleep_until(until) => return true,
                order = self.orders.recv() => match order {
                    // Who waits no longer needs no answer.
                    Some(order) => drop(order.reply.send(Err(fault.clone()))),
                    None => return false,
                },
            }
        }
    }

    async fn serve(&mut self, mut session: Session) -> End {
        self.states.clear();
        self.asked.clear();
        // What was said while nobody listened is lost.
        self.keep(EventKind::Gap).await;
        let end = match self.serve_until_fault(&mut session).await {
            Ok(()) => {
                // The server sees the end of the connection anyway.
                let _ = session.lines.say("QUIT").await;
                return End::Unheld;
            }
            Err(fault) => fault,
        };
        if let Some(sending) = self.sending.take() {
            sending.settle(Err(end.clone()));
        }
        End::Fault(end)
    }

    async fn serve_until_fault(&mut self, session: &mut Session) -> Result<(), ChannelError> {
        let (mut quiet_at, mut is_asked) = (now() + QUIET_FOR, false);
        let mut watch_at = now();
        let mut is_held = true;
        loop {
            let overdue = self.sending.as_ref().and_then(|sending| sending.until);
            let turn_at = session.turn_at();
            tokio::select! {
                text = session.lines.hear() => {
                    (quiet_at, is_asked) = (now() + QUIET_FOR, false);
                    self.hear(session, &text?).await?;
                }
                () = sleep_until(turn_at), if !session.out.is_empty() => {
                    let out = session.say_next().await?;
                    self.note_said(out);
                }
                order = self.orders.recv(), if self.sending.is_none() && is_held => match order {
                    Some(order) => self.begin(session, order),
                    None => is_held = false,
                },
                () = sleep_until(overdue.unwrap_or(quiet_at)), if overdue.is_some() => {
                    return Err(silent());
                }
                () = sleep_until(quiet_at) => {
                    if is_asked {
                        return Err(silent());
                    }
                    session.lines.say("PING :quiet").await?;
                    (quiet_at, is_asked) = (now() + self.account.answer_within, true);
                }
                () = sleep_until(watch_at) => {
                    self.watch(session);
                    watch_at = now() + self.account.watch_every;
                }
            }
            if !is_held && self.sending.is_none() {
                return Ok(());
            }
        }
    }

    fn begin(&mut self, session: &mut Session, mut order: Order) {
        // Who waits no longer was told that nothing is known of it: it is not sent behind his back.
        if order.reply.is_closed() {
            return;
        }
        let token = self.next_id().as_str().to_owned();
        let lines = std::mem::take(&mut order.lines);
        session.out.extend(lines.into_iter().map(Out::Part));
        session
            .out
            .push_back(Out::Question(format!("PING :{token}")));
        self.sending = Some(Sending {
            order,
            token,
            said: 0,
            refused: 0,
            refusal: None,
            until: None,
        });
    }

    fn note_said(&mut self, out: Option<Out>) {
        let Some(sending) = &mut self.sending else {
            return;
        };
        match out {
            Some(Out::Part(_)) => sending.said += 1,
            Some(Out::Question(_)) => sending.until = Some(now() + self.account.answer_within),
            Some(Out::Aside(_)) | None => {}
        }
    }

    /// Asks who of the watched is there, and goes where we ought to be.
    fn watch(&mut self, session: &mut Session) {
        let missing = self.account.channels.iter();
        let missing = missing.filter(|name| !session.joined.contains(*name));
        let is_idle = session.out.is_empty();
        let joins = missing.map(|name| Out::Aside(format!("JOIN {name}")));
        session.out.extend(joins.filter(|_| is_idle));
        if !self.asked.is_empty() {
            return;
        }
        for some in self.account.watched.chunks(ASKED_MAX) {
            let line = format!("USERHOST {}", some.join(" "));
            session.out.push_back(Out::Aside(line));
            self.asked.push_back(some.to_vec());
        }
    }

    async fn hear(&mut self, session: &mut Session, text: &str) -> Result<(), ChannelError> {
        let Some(line) = Line::read(text) else {
            return Ok(());
        };
        session.note_place(&line);
        match line.command {
            "PING" => session.lines.say(&format!("PONG :{}", line.last())).await?,
            "PONG" => self.answered(session, line.last()),
            "ERROR" => return Err(ChannelError::unavailable().with_code("ERROR")),
            "301" => {
                let nick = folded(line.param(1));
                self.tell_presence(&nick, PresenceState::Idle).await;
            }
            "302" => self.present(line.last()).await,
            "NOTICE" | "PRIVMSG" => {
                let heard = Heard::read(&line, &session.nick, &self.account.channels);
                if let Some(heard) = heard {
                    self.heard(session, heard).await;
                }
            }
            _ => self.refused(session, &line).await,
        }
        Ok(())
    }

    /// The server has done all that was said before.
    fn answered(&mut self, session: &Session, token: &str) {
        let Some(sending) = self.sending.take_if(|sending| sending.token == token) else {
            return;
        };
        if let Some(key) = sending
            .order
            .key
            .clone()
            .filter(|_| sending.refusal.is_none())
        {
            self.recent.push_back((sending.order.target.clone(), key));
            if self.recent.len() > RECENT_MAX {
                self.recent.pop_front();
            }
        }
        let is_whole = session.joined.len() == self.account.channels.len();
        sending.settle(Ok(if is_whole {
            Health::Up
        } else {
            Health::Degraded
        }));
    }

    /// What the server says of a message: of the one on its way, or of an earlier one that another server sends back.
    async fn refused(&mut self, session: &mut Session, line: &Line<'_>) {
        if let Some(sending) = &mut self.sending
            && let Some(refusal) = wire::refusal(line, &sending.order.target)
        {
            sending.refused += 1;
            sending.refusal.get_or_insert(refusal);
            session.out.retain(|out| !matches!(out, Out::Part(_)));
            return;
        }
        let target = folded(line.param(1));
        let place = self.recent.iter().rposition(|(to, _)| *to == target);
        let is_gone = matches!(line.command, "401" | "404");
        if let Some((_, of)) = place
            .filter(|_| is_gone)
            .and_then(|at| self.recent.remove(at))
        {
            let evidence = Evidence::None;
            self.keep(EventKind::Delivery { of, evidence }).await;
        }
    }

    /// RFC 2812, 4.8: who is there, and with `-` who is away. Who is not named is not there.
    async fn present(&mut self, told: &str) {
        let Some(asked) = self.asked.pop_front() else {
            return;
        };
        let mut states: BTreeMap<String, PresenceState> = BTreeMap::new();
        for (nick, how) in told.split(' ').filter_map(|one| one.split_once('=')) {
            let state = match how.starts_with('-') {
                true => PresenceState::Idle,
                false => PresenceState::Available,
            };
            states.insert(folded(nick.trim_end_matches('*')), state);
        }
        for nick in asked {
            let state = states.get(&nick).copied();
            let state = state.unwrap_or(PresenceState::Unknown);
            if self.states.insert(nick.clone(), state) != Some(state) {
                self.tell_presence(&nick, state).await;
            }
        }
    }

    async fn tell_presence(&mut self, nick: &str, state: PresenceState) {
        if let Some(known) = self.states.get_mut(nick) {
            *known = state;
        }
        if let Ok(of) = format!("handle:{NETWORK}{nick}").parse() {
            self.keep(EventKind::Presence { of, state }).await;
        }
    }

    async fn heard(&mut self, session: &mut Session, heard: Heard) {
        let spoken = spoken::answer(&heard.text).filter(|_| !heard.is_notice);
        if let Some((answer, named)) = spoken {
            let standing = heard.places().into_iter();
            let standing = standing.flat_map(|place| self.posted.standing(&place));
            let standing: Vec<_> = standing
                .filter(|offer| named.is_none_or(|named| named == *offer))
                .collect();
            match standing[..] {
                [] => {}
                [offer] => {
                    self.posted.forget(offer);
                    let from = format!("handle:{NETWORK}{}", folded(&heard.nick));
                    let (by, from) = (None, from.parse().ok());
                    let answered = EventKind::Answered {
                        offer,
                        answer,
                        by,
                        from,
                    };
                    return self.keep(answered).await;
                }
                _ => {
                    let which = format!("NOTICE {} :{}", heard.nick, spoken::WHICH);
                    return session.out.push_back(Out::Aside(which));
                }
            }
        }
        if let Some(from) = heard.from().filter(|_| heard.is_to_us) {
            let parts = Inbound::parts(self.next_id().as_str(), &heard.text);
            let events = parts.into_iter().map(|(id, body)| {
                let mut inbound = Inbound::new(from.clone(), body);
                inbound.from_name = Some(Label::flattened(&heard.nick));
                inbound.is_automatic = heard.is_notice;
                let kind = EventKind::Message(inbound);
                Event { id, kind }
            });
            self.keep_all(events.collect()).await;
        }
    }

    /// A name that nothing else has.
    fn next_id(&mut self) -> Key {
        self.numbers += 1;
        let id = format!("{:x}:{}", self.life, self.numbers);
        Key::parse(&id).expect("two numbers and a colon are a key")
    }

    async fn keep(&mut self, kind: EventKind) {
        let id = self.next_id();
        self.keep_all(vec![Event { id, kind }]).await;
    }

    async fn keep_all(&mut self, mut events: Vec<Event>) {
        if self.has_lost {
            let (id, kind) = (self.next_id(), EventKind::Gap);
            events.insert(0, Event { id, kind });
        }
        // A server brings them in order, and each once.
        let order = 0;
        let arrivals = events.into_iter().map(|event| Arrival { order, event });
        let kept = self.inbox.keep(arrivals.collect()).await;
        self.has_lost = kept.is_err();
    }
}

impl Sending {
    /// Tells who ordered it what became of it: what was refused line by line has surely not arrived.
    fn settle(self, end: Result<Health, ChannelError>) {
        let outcome = match (self.refusal, end) {
            (Some(refusal), _) if self.refused >= self.said => Err(refusal),
            (Some(refusal), _) => Err(refusal.maybe_sent()),
            (None, Err(fault)) if self.said > 0 => Err(fault.maybe_sent()),
            (None, end) => end,
        };
        // Who waits no longer needs no answer.
        let _ = self.order.reply.send(outcome);
    }
}
