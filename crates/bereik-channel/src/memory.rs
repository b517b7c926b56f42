//! The reference: a channel without a wire, that keeps what it is given and can be looked into.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bereik_core::id::Key;
use bereik_core::presence::PresenceState;
use bereik_core::{Address, ChannelKind, OfferId};
use tokio::sync::Notify;

use crate::alert::{Alert, AlertTo};
use crate::capability::{Capability, Feature};
use crate::channel::Channel;
use crate::error::{ChannelError, ErrorKind, Retry, Scope, Sent};
use crate::event::{Answer, Batch, Cursor, Event, EventKind};
use crate::health::Health;
use crate::outbound::Outbound;
use crate::receipt::{Evidence, Receipt};

/// Something that a [`Memory`] was given.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dispatch {
    /// An offer.
    Alert(Alert),
    /// A message.
    Message(Outbound),
    /// An offer was taken back.
    Withdrawn(OfferId),
}

/// A channel without a wire: it keeps what it is given in an outbox, and brings the events that
/// it is told.
///
/// [`Memory::new`] behaves as a perfect provider: what it takes is delivered. [`Memory::holding`]
/// is for a company that has no provider yet: it keeps everything, sends nothing, and its
/// receipts say so. Both keep the newest [`Memory::KEPT_MAX`] dispatches and events.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// use bereik_channel::{Channel, Cursor, Evidence, Inbound, EventKind, Memory, Outbound};
/// use bereik_core::{ChannelKind, id::Key, message::Body};
/// use chrono::DateTime;
///
/// let mail = Memory::new(ChannelKind::Email);
/// let at = DateTime::from_timestamp(1_795_000_000, 0).ok_or("an instant")?;
/// let message = Outbound::new(Key::parse("M1")?, "jan@example.org".parse()?, Body::parse("Hello")?, at);
/// assert_eq!(mail.send(&message).await?.evidence, Evidence::Taken);
/// mail.send(&message).await?;
/// assert_eq!(mail.outbox().len(), 1, "the same message once more is still one message");
///
/// let batch = mail.receive(Cursor::START, 10).await?;
/// assert_eq!(batch.events[0].kind, EventKind::Delivery { of: message.id, evidence: Evidence::Delivered });
/// mail.bring(EventKind::Message(Inbound::new("jan@example.org".parse()?, Body::parse("Hi")?)));
/// assert_eq!(mail.receive(batch.cursor, 10).await?.events.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Memory {
    kind: ChannelKind,
    capability: Capability,
    poll_for: Duration,
    state: Mutex<State>,
    news: Notify,
}

#[derive(Debug)]
struct State {
    outbox: VecDeque<Dispatch>,
    taken: BTreeMap<Key, Receipt>,
    taken_order: VecDeque<Key>,
    events: VecDeque<Event>,
    /// How many events there ever were.
    brought: u64,
    refused: BTreeSet<Address>,
    faults: VecDeque<ChannelError>,
    health: Health,
    /// How we show ourselves.
    shown: Option<PresenceState>,
}

const REFERENCE: [Feature; 9] = [
    Feature::Answer,
    Feature::Idempotent,
    Feature::Offer,
    Feature::Publish,
    Feature::Receive,
    Feature::Replay,
    Feature::Subject,
    Feature::Threads,
    Feature::Withdraw,
];

impl Memory {
    /// How many dispatches, events and keys are kept; older ones go.
    pub const KEPT_MAX: usize = 1_024;

    /// A perfect provider of this kind of channel.
    #[must_use]
    pub fn new(kind: ChannelKind) -> Self {
        Self::with_capability(kind, Capability::new(Evidence::Delivered).with(&REFERENCE))
    }

    /// An outbox of this kind of channel: it keeps what it is given and sends nothing.
    #[must_use]
    pub fn holding(kind: ChannelKind) -> Self {
        let features = [
            Feature::Idempotent,
            Feature::Offer,
            Feature::Subject,
            Feature::Threads,
            Feature::Withdraw,
        ];
        Self::with_capability(kind, Capability::new(Evidence::None).with(&features))
    }

    /// A provider that can just this, and holds itself to it.
    #[must_use]
    pub fn with_capability(kind: ChannelKind, capability: Capability) -> Self {
        let state = State {
            outbox: VecDeque::new(),
            taken: BTreeMap::new(),
            taken_order: VecDeque::new(),
            events: VecDeque::new(),
            brought: 0,
            refused: BTreeSet::new(),
            faults: VecDeque::new(),
            health: Health::Up,
            shown: None,
        };
        Self {
            kind,
            capability,
            poll_for: Duration::from_secs(5),
            state: Mutex::new(state),
            news: Notify::new(),
        }
    }

    /// The same, with another time that [`receive`](Channel::receive) waits; 5 seconds without.
    #[must_use]
    pub const fn with_poll_for(mut self, poll_for: Duration) -> Self {
        self.poll_for = poll_for;
        self
    }

    /// What it was given, oldest first.
    #[must_use]
    pub fn outbox(&self) -> Vec<Dispatch> {
        self.state().outbox.iter().cloned().collect()
    }

    /// How our own presence is shown, once it is.
    #[must_use]
    pub fn shown(&self) -> Option<PresenceState> {
        self.state().shown
    }

    /// Lets something happen on the channel; the events are named `1`, `2`, and so on.
    pub fn bring(&self, kind: EventKind) {
        self.state().bring(kind);
        self.news.notify_waiters();
    }

    /// Lets an offer be answered.
    pub fn answer(&self, offer: OfferId, answer: Answer) {
        let (by, from) = (None, None);
        self.bring(EventKind::Answered {
            offer,
            answer,
            by,
            from,
        });
    }

    /// Lets the next message or offer meet this error; several are met one after another. With
    /// [`Sent::Maybe`] the message does leave, and only the answer is lost.
    pub fn fail_next(&self, error: ChannelError) {
        self.state().faults.push_back(error);
    }

    /// Makes an address one that does not exist.
    pub fn refuse(&self, address: Address) {
        self.state().refused.insert(address);
    }

    /// Lets the channel fall out, or come back.
    pub fn become_health(&self, health: Health) {
        self.state().health = health;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing here leaves the state half written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check_address(&self, state: &State, to: &Address) -> Result<(), ChannelError> {
        if !to.fits(self.kind) {
            Err(ChannelError::new(ErrorKind::Invalid, Scope::Recipient))
        } else if state.refused.contains(to) {
            Err(ChannelError::new(ErrorKind::Refused, Scope::Recipient).with_code("unknown"))
        } else {
            Ok(())
        }
    }

    fn take(
        &self,
        state: &mut State,
        key: Key,
        dispatch: Dispatch,
    ) -> Result<Receipt, ChannelError> {
        let is_idempotent = self.capability.can(Feature::Idempotent);
        if is_idempotent && let Some(receipt) = state.taken.get(&key) {
            return Ok(receipt.clone());
        }
        let fault = state.faults.pop_front();
        if let Some(fault) = fault.as_ref().filter(|fault| fault.sent() == Sent::No) {
            return Err(fault.clone());
        }
        state.keep(dispatch);
        let evidence = self.capability.evidence_max.min(Evidence::Taken);
        let receipt = Receipt::new(evidence).with_provider_id(key.as_str());
        state.remember(key.clone(), receipt.clone());
        if self.capability.evidence_max > Evidence::Taken && self.capability.can(Feature::Receive) {
            let evidence = self.capability.evidence_max;
            state.bring(EventKind::Delivery { of: key, evidence });
            self.news.notify_waiters();
        }
        fault.map_or(Ok(receipt), Err)
    }
}

impl State {
    fn check_health(&self) -> Result<(), ChannelError> {
        match self.health {
            Health::Degraded | Health::Up => Ok(()),
            Health::Down { retry_after } => {
                let retry = retry_after.map_or(Retry::BackOff, Retry::After);
                Err(ChannelError::unavailable().with_retry(retry))
            }
            Health::NeedsCredentials => {
                Err(ChannelError::new(ErrorKind::Credentials, Scope::Channel))
            }
        }
    }

    fn keep(&mut self, dispatch: Dispatch) {
        if self.outbox.len() == Memory::KEPT_MAX {
            self.outbox.pop_front();
        }
        self.outbox.push_back(dispatch);
    }

    fn remember(&mut self, key: Key, receipt: Receipt) {
        if self.taken.insert(key.clone(), receipt).is_none() {
            self.taken_order.push_back(key);
        }
        if self.taken_order.len() > Memory::KEPT_MAX
            && let Some(oldest) = self.taken_order.pop_front()
        {
            self.taken.remove(&oldest);
        }
    }

    fn bring(&mut self, kind: EventKind) {
        if self.events.len() == Memory::KEPT_MAX {
            self.events.pop_front();
        }
        self.brought += 1;
        let id = event_key(&self.brought.to_string());
        self.events.push_back(Event { id, kind });
    }

    /// The events after the one with this number, and the number of the last of them.
    fn events_after(&self, after: u64, at_most: usize) -> (Vec<Event>, u64) {
        let gone = self.brought - self.events.len() as u64;
        let mut events = Vec::new();
        if after < gone && at_most > 0 {
            let id = event_key(&format!("gap-{after}-{gone}"));
            events.push(Event {
                id,
                kind: EventKind::Gap,
            });
        }
        let from = after.max(gone);
        let skipped = usize::try_from(from - gone).unwrap_or(usize::MAX);
        let room = at_most - events.len();
        let kept = self.events.iter().skip(skipped).take(room);
        let before = events.len();
        events.extend(kept.cloned());
        let cursor = if at_most == 0 {
            after
        } else {
            from + (events.len() - before) as u64
        };
        (events, cursor)
    }
}

fn event_key(text: &str) -> Key {
    Key::parse(text).expect("numbers and a short word are a key")
}

/// A cursor is the number of the last event read; one that this channel did not write, or from
/// another life of it, reads from the start.
fn read_cursor(cursor: &Cursor, brought: u64) -> u64 {
    let number = cursor.as_str().and_then(|text| text.parse().ok());
    number.filter(|number| *number <= brought).unwrap_or(0)
}

fn write_cursor(number: u64) -> Cursor {
    Cursor::parse(&number.to_string()).expect("a number is a cursor")
}

#[async_trait]
impl Channel for Memory {
    fn kind(&self) -> ChannelKind {
        self.kind
    }

    fn capability(&self) -> &Capability {
        &self.capability
    }

    async fn send(&self, message: &Outbound) -> Result<Receipt, ChannelError> {
        let mut state = self.state();
        state.check_health()?;
        self.check_address(&state, &message.to)?;
        self.capability.check_text(message.body.as_str())?;
        let dispatch = Dispatch::Message(message.clone());
        self.take(&mut state, message.id.clone(), dispatch)
    }

    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        if !self.capability.can(Feature::Offer) {
            return Err(ChannelError::unsupported());
        }
        let mut state = self.state();
        state.check_health()?;
        if let AlertTo::Address(address) = &alert.to {
            self.check_address(&state, address)?;
        }
        self.capability.check_text(alert.text.as_str())?;
        self.take(&mut state, alert.key(), Dispatch::Alert(alert.clone()))
    }

    async fn withdraw(&self, offer: OfferId) -> Result<(), ChannelError> {
        if !self.capability.can(Feature::Withdraw) {
            return Err(ChannelError::unsupported());
        }
        let mut state = self.state();
        state.check_health()?;
        let is_same = |dispatch: &Dispatch| matches!(dispatch, Dispatch::Alert(alert) if alert.offer.id == offer);
        let is_out = state.outbox.iter().any(is_same);
        let dispatch = Dispatch::Withdrawn(offer);
        if is_out && !state.outbox.contains(&dispatch) {
            state.keep(dispatch);
        }
        Ok(())
    }

    async fn publish(&self, state: PresenceState) -> Result<(), ChannelError> {
        if !self.capability.can(Feature::Publish) {
            return Err(ChannelError::unsupported());
        }
        let mut holding = self.state();
        holding.check_health()?;
        holding.shown = Some(state);
        Ok(())
    }

    async fn receive(&self, after: Cursor, at_most: usize) -> Result<Batch, ChannelError> {
        if !self.capability.can(Feature::Receive) {
            return Err(ChannelError::unsupported());
        }
        let some = async {
            loop {
                let news = self.news.notified();
                {
                    let state = self.state();
                    state.check_health()?;
                    let number = read_cursor(&after, state.brought);
                    let (events, last) = state.events_after(number, at_most);
                    if !events.is_empty() {
                        let cursor = write_cursor(last);
                        return Ok(Batch { events, cursor });
                    }
                }
                news.await;
            }
        };
        match tokio::time::timeout(self.poll_for, some).await {
            Ok(batch) => batch,
            Err(_) => Ok(Batch {
                events: Vec::new(),
                cursor: after.clone(),
            }),
        }
    }

    async fn probe(&self) -> Health {
        self.state().health
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Memory")
            .field("kind", &self.kind)
            .field("outbox", &state.outbox.len())
            .field("events", &state.events.len())
            .field("health", &state.health)
            .finish_non_exhaustive()
    }
}
