//! Pulls what comes in over channels, and turns it into orders.

use std::sync::Arc;
use std::time::Duration;

use bereik_channel::{Answer, Cursor, Event, EventKind, Evidence, Feature, Inbound};
use bereik_core::contact::{ContactSummary, Customer, Leg};
use bereik_core::directory::Directory;
use bereik_core::entry::Fact;
use bereik_core::id::{ContactId, Key, MessageId};
use bereik_core::message::{Author, MessageKind};
use bereik_core::offer::Offered;
use bereik_core::presence::PresenceState;
use bereik_core::signal::{Signal, SignalKind};
use bereik_core::{Address, ChannelKind, OfferId, Person, PersonId};
use bereik_routing::{Input, Opening};
use bereik_store::Store;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{mpsc, oneshot};

use crate::channels::{Channels, Served};
use crate::error::SwitchboardError;
use crate::order::{Ask, Change, Order, Reply};

/// How many events are asked for at once.
const EVENTS_MAX: usize = 64;
/// So long somebody counts as away after a machine answered for him: most answer each sender once in some days, so that
/// no later mail would say it again.
const AWAY_FOR: TimeDelta = TimeDelta::days(1);
/// So long counts what a channel saw of somebody: it tells changes alone, and after a night without one nobody knows.
const OBSERVED_FOR: TimeDelta = TimeDelta::hours(12);
/// The first wait after a channel failed; it doubles up to the longest.
const BACK_OFF_MIN: Duration = Duration::from_secs(1);
const BACK_OFF_MAX: Duration = Duration::from_secs(60);

/// Pulls one channel for as long as the switchboard runs.
///
/// The cursor is kept in memory: after a restart the channel is read from its start again, and what
/// was taken already is known by its event's id.
pub(crate) async fn pull(
    served: Arc<Served>,
    channels: Arc<Channels>,
    store: Arc<dyn Store>,
    orders: mpsc::WeakSender<Order>,
) {
    if !served.channel.capability().can(Feature::Receive) {
        return;
    }
    let puller = Puller {
        served,
        channels,
        store,
        orders,
    };
    let (mut cursor, mut wait) = (Cursor::START, BACK_OFF_MIN);
    while puller.is_wanted() {
        match puller
            .served
            .channel
            .receive(cursor.clone(), EVENTS_MAX)
            .await
        {
            Ok(batch) => {
                wait = BACK_OFF_MIN;
                for event in batch.events {
                    puller.take_at_last(event).await;
                }
                cursor = batch.cursor;
            }
            Err(error) => {
                tracing::warn!(%error, line = puller.served.name(), "a channel cannot be read");
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(BACK_OFF_MAX);
            }
        }
    }
}

struct Puller {
    served: Arc<Served>,
    channels: Arc<Channels>,
    store: Arc<dyn Store>,
    orders: mpsc::WeakSender<Order>,
}

impl Puller {
    fn is_wanted(&self) -> bool {
        self.orders.upgrade().is_some()
    }

    async fn order<T>(&self, make: impl FnOnce(Reply<T>) -> Order) -> Result<T, SwitchboardError> {
        let orders = self
            .orders
            .upgrade()
            .ok_or_else(SwitchboardError::stopped)?;
        let (reply, answer) = oneshot::channel();
        orders
            .send(make(reply))
            .await
            .map_err(|_| SwitchboardError::stopped())?;
        drop(orders);
        answer.await.map_err(|_| SwitchboardError::stopped())?
    }

    async fn tell(&self, input: Input) -> Result<(), SwitchboardError> {
        let input = Box::new(input);
        self.order(|reply| Order::Input {
            input,
            body: None,
            reply,
        })
        .await
        .map(|_| ())
    }

    /// Takes an event, again and again as long as the store does not answer: the channel is not read on meanwhile.
    async fn take_at_last(&self, event: Event) {
        let mut wait = BACK_OFF_MIN;
        while let Err(error) = self.take(event.clone()).await {
            tracing::warn!(%error, line = self.served.name(), "an event was not taken");
            if !error.is_temporary() || !self.is_wanted() {
                return;
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(BACK_OFF_MAX);
        }
    }

    async fn take(&self, event: Event) -> Result<(), SwitchboardError> {
        match event.kind {
            EventKind::Answered {
                offer,
                answer,
                by,
                from,
            } => {
                let by = match by {
                    Some(by) => Some(by),
                    None => self.who(offer, from).await?,
                };
                // Nobody is asked any longer, or nobody knows who it was.
                let Some(by) = by else { return Ok(()) };
                self.tell(match answer {
                    Answer::Accepted => Input::Accepted { offer, by },
                    Answer::Declined => Input::Declined { offer, by },
                })
                .await
            }
            EventKind::Delivery { of, evidence } => {
                self.channels.tests().learn(&of, evidence);
                match offer_of(&of) {
                    // What came back has reached nobody: the next one is asked.
                    Some(offer) if evidence == Evidence::None => {
                        self.tell(Input::Failed { offer }).await
                    }
                    _ => Ok(()),
                }
            }
            EventKind::Attendance { message, .. } | EventKind::Message(message) => {
                if message.is_automatic_reply {
                    self.away(&message.from).await?;
                }
                self.message(self.served.key_of(event.id), message).await
            }
            EventKind::Presence { of, state } => self.observed(&of, state).await,
            EventKind::Gap => {
                tracing::warn!(
                    line = self.served.name(),
                    "a channel may have missed something"
                );
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Somebody is there over this channel, or is not.
    async fn observed(&self, of: &Address, state: PresenceState) -> Result<(), SwitchboardError> {
        let Some((person, at)) = self.owner(of).await? else {
            return Ok(());
        };
        let source: Box<str> = self.served.name().into();
        let signals = observed_as(state, self.served.channel.kind()).into_iter();
        let signals = signals.map(|kind| Signal {
            kind,
            source: source.clone(),
            at,
            expires_at: at + OBSERVED_FOR,
        });
        let change = Change::Observed(source.clone(), signals.collect());
        self.change(person, change).await
    }

    async fn change(&self, person: PersonId, change: Change) -> Result<(), SwitchboardError> {
        self.order(|reply| Order::Facts {
            person,
            change,
            reply,
        })
        .await
    }

    /// Whose line an address is, and what time it is.
    async fn owner(
        &self,
        of: &Address,
    ) -> Result<Option<(PersonId, DateTime<Utc>)>, SwitchboardError> {
        let of = of.clone();
        self.order(|reply| {
            Order::Ask(Ask(Box::new(move |engine, now| {
                let whose = owner_of(engine.directory(), &of);
                let _ = reply.send(Ok(whose.map(|person| (person.id.clone(), now))));
            })))
        })
        .await
    }

    /// A machine answers for somebody: if the address is a line of his, he is taken to be away.
    async fn away(&self, from: &Address) -> Result<(), SwitchboardError> {
        let Some((person, at)) = self.owner(from).await? else {
            return Ok(());
        };
        let signal = Signal {
            kind: SignalKind::AutomaticReply,
            source: self.served.name().into(),
            at,
            expires_at: at + AWAY_FOR,
        };
        self.change(person, Change::Signal(signal)).await
    }

    /// Who answered: whose line the answer came from, else who is asked by the offer as long as it stands.
    async fn who(
        &self,
        offer: OfferId,
        from: Option<Address>,
    ) -> Result<Option<PersonId>, SwitchboardError> {
        self.order(|reply| {
            Order::Ask(Ask(Box::new(move |engine, _| {
                let directory = engine.directory();
                let whose = from.and_then(|from| owner_of(directory, &from));
                let asked = || match &engine.offer(offer)?.to {
                    Offered::Line(line) => directory.line(line)?.1.cloned(),
                    Offered::Person(person) => Some(person.clone()),
                };
                let who = whose.map(|person| person.id.clone()).or_else(asked);
                let _ = reply.send(Ok(who));
            })))
        })
        .await
    }

    /// A message goes on with the customer's open contact that it answers, or that he used this
    /// channel for before; else it is a request, and the engine says whether it joins another.
    /// What software wrote is kept with the contact, and is never a request.
    async fn message(&self, key: Key, inbound: Inbound) -> Result<(), SwitchboardError> {
        let contacts = self.store.find(&inbound.from).await?;
        let (channel, line) = (self.served.channel.kind(), &self.served.line);
        let is_ours = |leg: &Leg| {
            leg.channel == channel && (leg.line == *line || leg.line.is_none() || line.is_none())
        };
        let is_open =
            |contact: &&ContactSummary| contact.state.is_open() && contact.legs.iter().any(is_ours);
        let open: Vec<&ContactSummary> = contacts.iter().filter(is_open).collect();
        let answered = self.answered(&open, &inbound.answers).await?;
        let kind = match inbound.is_automatic {
            true => MessageKind::Automatic,
            false => MessageKind::Text,
        };
        let body = Some(inbound.body);
        if let Some(contact) = answered.or(open.last().copied()) {
            let is_in_use = contact.legs.last().is_some_and(is_ours);
            if kind == MessageKind::Text && !is_in_use {
                self.tell(Input::LegUsed {
                    contact: contact.id,
                    channel,
                    line: line.clone(),
                })
                .await?;
            }
            let said = Input::Said {
                contact: contact.id,
                key,
                author: Author::Customer,
                kind,
            };
            let input = Box::new(said);
            return self
                .order(|reply| Order::Input { input, body, reply })
                .await
                .map(|_| ());
        }
        if kind == MessageKind::Automatic {
            return Ok(());
        }
        let name = inbound
            .from_name
            .map_or_else(String::new, |name| name.as_str().to_owned());
        let customer = Customer {
            name,
            addresses: vec![inbound.from],
            ..Customer::default()
        };
        let mut opening = Box::new(Opening::new(key, customer, channel));
        opening.line.clone_from(line);
        self.order(|reply| Order::Open {
            opening,
            body,
            reply,
        })
        .await
        .map(|_| ())
    }

    /// Which of a customer's contacts a message answers, by the keys of ours that it names. Of one
    /// alone that is no question.
    async fn answered<'a>(
        &self,
        contacts: &[&'a ContactSummary],
        answers: &[Key],
    ) -> Result<Option<&'a ContactSummary>, SwitchboardError> {
        if contacts.len() < 2 {
            return Ok(None);
        }
        for sent in answers.iter().rev().filter_map(Sent::read) {
            for contact in contacts {
                if self.has(contact.id, sent).await? {
                    return Ok(Some(contact));
                }
            }
        }
        Ok(None)
    }

    async fn has(&self, contact: ContactId, sent: Sent) -> Result<bool, SwitchboardError> {
        let after = match sent {
            Sent::Acknowledgement(number) => number.saturating_sub(1),
            Sent::Words(_) => 0,
        };
        let entries = self.store.timeline(contact, after).await?;
        Ok(match sent {
            Sent::Acknowledgement(number) => {
                entries.first().is_some_and(|entry| entry.number == number)
            }
            Sent::Words(id) => entries
                .iter()
                .any(|entry| matches!(entry.fact, Fact::Said { message, .. } if message == id)),
        })
    }
}

/// What it means for somebody's presence that a channel of this kind sees him so.
fn observed_as(state: PresenceState, kind: ChannelKind) -> Vec<SignalKind> {
    let online = SignalKind::Online(kind);
    match state {
        PresenceState::Available
        | PresenceState::Elsewhere
        | PresenceState::OnCall
        | PresenceState::Tentative => vec![online],
        PresenceState::Busy => vec![online, SignalKind::InCall],
        PresenceState::DoNotDisturb => vec![online, SignalKind::DoNotDisturb],
        PresenceState::Idle => vec![online, SignalKind::Idle],
        // His agenda says so, or it does not; a channel that he is not on says nothing.
        _ => Vec::new(),
    }
}

/// Whose line an address is.
fn owner_of<'d>(directory: &'d Directory, address: &Address) -> Option<&'d Person> {
    let has_it = |person: &&Person| person.lines.iter().any(|line| line.address == *address);
    directory.people().iter().find(has_it)
}

/// What was sent to a customer, as [its key](bereik_routing::Effect::key) tells.
#[derive(Clone, Copy, Debug)]
enum Sent {
    /// The entry with this number.
    Acknowledgement(u64),
    /// The words of this message.
    Words(MessageId),
}

impl Sent {
    fn read(key: &Key) -> Option<Self> {
        let (kind, rest) = key.as_str().split_once('/')?;
        match kind {
            "ack" => Some(Self::Acknowledgement(rest.parse().ok()?)),
            "forward" => {
                let id = rest.strip_suffix("/customer")?;
                Some(Self::Words(id.parse().ok()?))
            }
            _ => None,
        }
    }
}

/// The offer that went out under this key.
fn offer_of(key: &Key) -> Option<OfferId> {
    key.as_str().strip_prefix("offer/")?.parse().ok()
}
