//! Lets committed effects leave over their channels, each in a task of its own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bereik_channel::{Alert, AlertTo, ChannelError, Evidence, Feature, Outbound, Sent};
use bereik_core::acknowledgement::Acknowledgement;
use bereik_core::address::Address;
use bereik_core::channel_kind::ChannelKind;
use bereik_core::contact::ContactSummary;
use bereik_core::directory::Directory;
use bereik_core::entry::Fact;
use bereik_core::id::{ContactId, Key, MessageId, OfferId};
use bereik_core::line::Line;
use bereik_core::message::{Author, Body};
use bereik_core::offer::{Offer, Offered};
use bereik_routing::{Effect, ForwardTo};
use bereik_store::{Store, StoreError};
use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::channels::{Channels, Served};
use crate::compose::{Circumstances, acknowledgement, conversation_label};
use crate::look_up::LookUps;
use crate::order::Order;
use crate::view::Shared;

/// The longest that one effect may take; adapters have shorter bounds of their own.
pub(crate) const DELIVERY_MAX: Duration = Duration::from_secs(120);

/// Why an effect did not leave.
enum Failure {
    /// The channel said so.
    Channel(ChannelError),
    /// The store did not answer, so that nothing was sent.
    Store(StoreError),
    /// There is no channel or no address for it, the channel sends nothing, or what it is about
    /// is gone.
    NoWay,
}

impl Failure {
    /// Whether it is certain that nobody was reached.
    fn is_certain(&self) -> bool {
        match self {
            Self::Channel(error) => error.sent() == Sent::No,
            Self::NoWay | Self::Store(_) => true,
        }
    }

    /// Whether another line may carry what this one did not.
    fn may_go_on(&self) -> bool {
        match self {
            Self::Channel(error) => error.may_fail_over(),
            Self::NoWay => true,
            Self::Store(_) => false,
        }
    }
}

/// Hands effects to channels, and their ends back to the driver.
#[derive(Debug)]
pub(crate) struct Deliverer {
    channels: Arc<Channels>,
    store: Arc<dyn Store>,
    orders: mpsc::WeakSender<Order>,
    link: Option<Arc<str>>,
    look_ups: Option<LookUps>,
    /// Offers on their way: what takes one back has to wait until it is out.
    on_the_way: BTreeMap<OfferId, JoinHandle<()>>,
}

impl Deliverer {
    pub(crate) const fn new(
        channels: Arc<Channels>,
        store: Arc<dyn Store>,
        orders: mpsc::WeakSender<Order>,
        link: Option<Arc<str>>,
        look_ups: Option<LookUps>,
    ) -> Self {
        Self {
            channels,
            store,
            orders,
            link,
            look_ups,
            on_the_way: BTreeMap::new(),
        }
    }

    /// Whether what is given twice over this kind of channel arrives once.
    pub(crate) fn is_idempotent(&self, kind: ChannelKind) -> bool {
        self.channels.are_idempotent(kind)
    }

    /// Lets an effect leave. Its end comes back as an order.
    pub(crate) fn deliver(&mut self, effect: Effect, view: &Shared, now: DateTime<Utc>) {
        if let Effect::LookUp {
            contact, address, ..
        } = &effect
        {
            self.look_up(effect.key(), *contact, address.clone());
            return;
        }
        self.on_the_way.retain(|_, task| !task.is_finished());
        let offer = offer_of(&effect);
        let before = offer.and_then(|offer| self.on_the_way.remove(&offer));
        let errand = Errand {
            channels: Arc::clone(&self.channels),
            store: Arc::clone(&self.store),
            directory: Arc::clone(&view.read().directory),
            link: self.link.clone(),
            now,
        };
        let orders = self.orders.clone();
        let task = tokio::spawn(async move {
            if let Some(before) = before {
                let _ = before.await;
            }
            let key = effect.key();
            let left = tokio::time::timeout(DELIVERY_MAX, errand.run(&effect)).await;
            // What ran out of time may have reached somebody: its offer is left to lapse.
            let failure = left.ok().and_then(Result::err);
            if let Some(failure) = &failure {
                report(&key, failure);
            }
            let has_failed = failure.is_some_and(|failure| failure.is_certain());
            let offer = if matches!(effect, Effect::Offer(_)) {
                offer
            } else {
                None
            };
            if let Some(orders) = orders.upgrade() {
                let _ = orders
                    .send(Order::Effect {
                        key,
                        offer,
                        has_failed,
                    })
                    .await;
            }
        });
        if let Some(offer) = offer {
            self.on_the_way.insert(offer, task);
        }
    }
}

impl Deliverer {
    /// Asks who has an address. What is found out comes back as an order, and so does nothing.
    fn look_up(&self, key: String, contact: ContactId, address: Address) {
        let (look_ups, orders) = (self.look_ups.clone(), self.orders.clone());
        tokio::spawn(async move {
            let profile = match &look_ups {
                Some(look_ups) => look_ups.find(&key, &address).await,
                None => None,
            };
            if let Some(orders) = orders.upgrade() {
                let _ = orders
                    .send(Order::LookedUp {
                        key,
                        contact,
                        profile: profile.map(Box::new),
                    })
                    .await;
            }
        });
    }
}

fn report(key: &str, failure: &Failure) {
    match failure {
        Failure::Channel(error) => tracing::warn!(key, %error, "an effect did not leave"),
        Failure::Store(error) => tracing::warn!(key, %error, "an effect did not leave"),
        Failure::NoWay => {
            tracing::warn!(key, "an effect did not leave: no channel or address for it")
        }
    }
}

/// One message that is sent on.
struct Forward<'a> {
    key: String,
    contact: ContactId,
    message: MessageId,
    to: &'a ForwardTo,
}

/// One effect on its way, with what it needs.
struct Errand {
    channels: Arc<Channels>,
    store: Arc<dyn Store>,
    directory: Arc<Directory>,
    link: Option<Arc<str>>,
    now: DateTime<Utc>,
}

impl Errand {
    async fn run(&self, effect: &Effect) -> Result<(), Failure> {
        match effect {
            Effect::Acknowledge {
                contact,
                acknowledgement,
                ..
            } => {
                self.acknowledge(effect.key(), *contact, acknowledgement)
                    .await
            }
            Effect::Forward {
                contact,
                message,
                to,
                channel,
            } => {
                let forward = Forward {
                    key: effect.key(),
                    contact: *contact,
                    message: *message,
                    to,
                };
                self.forward(forward, *channel).await
            }
            Effect::LookUp { .. } => Ok(()),
            Effect::Offer(offer) => self.offer(offer).await,
            // A desk shows the entry that records it.
            Effect::Remind { .. } => Ok(()),
            Effect::Withdraw(offer) => self.withdraw(offer).await,
        }
    }

    async fn contact(&self, id: ContactId) -> Result<ContactSummary, Failure> {
        let contact = self.store.contact(id).await.map_err(Failure::Store)?;
        contact.ok_or(Failure::NoWay)
    }

    /// Over which channels an offer may go out, and to where, the preferred first.
    fn ways(&self, offer: &Offer) -> Vec<(&Arc<Served>, AlertTo)> {
        let to_line = |line: &Line| AlertTo::Address(line.address.clone());
        match &offer.to {
            Offered::Line(id) => {
                let line = self.directory.line(id).map(|(line, _)| line);
                let way = line.and_then(|line| Some((self.channels.of_line(line)?, to_line(line))));
                way.into_iter().collect()
            }
            Offered::Person(id) if offer.channel == ChannelKind::WebChat => {
                let desks = self.channels.of_kind(ChannelKind::WebChat);
                desks
                    .map(|desk| (desk, AlertTo::Person(id.clone())))
                    .collect()
            }
            Offered::Person(id) => {
                let person = self.directory.person(id);
                let ways = person.map(|person| {
                    let (directory, kind) = (&self.directory, offer.channel);
                    self.channels.ways_to(directory, person, kind, self.now)
                });
                let ways = ways.unwrap_or_default().into_iter();
                ways.map(|(served, line)| (served, to_line(line))).collect()
            }
        }
    }

    async fn offer(&self, offer: &Offer) -> Result<(), Failure> {
        if offer.until <= self.now {
            return Ok(());
        }
        let ways = self.ways(offer);
        if ways.is_empty() {
            return Err(Failure::NoWay);
        }
        let contact = self.contact(offer.contact).await?;
        let words = self.words(offer.contact).await.unwrap_or_else(|error| {
            // Somebody who is rung without the words finds them at the desk.
            tracing::warn!(%error, offer = %offer.id, "an alert leaves without the customer's words");
            Vec::new()
        });
        let circumstances = Circumstances {
            directory: &self.directory,
            contact: &contact,
            words,
            link: self
                .link
                .as_ref()
                .map(|link| format!("{link}{}", offer.contact)),
        };
        let mut failure = Failure::NoWay;
        for (served, to) in ways {
            let alert = circumstances.alert(offer.clone(), to);
            failure = match self.put(served, &alert.ok_or(Failure::NoWay)?).await {
                Ok(()) => return Ok(()),
                Err(failure) if failure.may_go_on() => failure,
                Err(failure) => return Err(failure),
            };
        }
        Err(failure)
    }

    /// Shows an alert over one channel.
    async fn put(&self, served: &Served, alert: &Alert) -> Result<(), Failure> {
        let channel = &served.channel;
        let put = if channel.capability().can(Feature::Offer) {
            channel.offer(alert).await
        } else {
            let AlertTo::Address(address) = &alert.to else {
                return Err(Failure::NoWay);
            };
            let message = Outbound::new(alert.key(), address.clone(), alert.text.clone(), self.now);
            channel
                .send(&message.with_subject(alert.subject.clone()))
                .await
        };
        // What was only kept has reached nobody.
        match put.map_err(Failure::Channel)?.evidence {
            Evidence::None => Err(Failure::NoWay),
            _ => Ok(()),
        }
    }

    /// What the customer wrote, oldest first.
    async fn words(&self, contact: ContactId) -> Result<Vec<Body>, StoreError> {
        let entries = self.store.timeline(contact, 0).await?;
        let by_customer = entries.iter().filter_map(|entry| match &entry.fact {
            Fact::Said {
                message,
                author: Author::Customer,
                ..
            } => Some(*message),
            _ => None,
        });
        let messages: Vec<_> = by_customer.collect();
        let bodies = self.store.bodies(&messages).await?;
        Ok(bodies.into_iter().flatten().collect())
    }

    async fn withdraw(&self, offer: &Offer) -> Result<(), Failure> {
        // Which of several took it is not kept; one that does not know it has nothing to take back.
        let each = self.channels.of_kind(offer.channel);
        let able = each.filter(|served| served.channel.capability().can(Feature::Withdraw));
        let withdrawn = join_all(able.map(|served| served.channel.withdraw(offer.id))).await;
        let all: Result<(), ChannelError> = withdrawn.into_iter().collect();
        all.map_err(Failure::Channel)
    }

    /// Sends the words of one message on.
    async fn forward(&self, forward: Forward<'_>, kind: ChannelKind) -> Result<(), Failure> {
        let contact = self.contact(forward.contact).await?;
        let (served, to) = match forward.to {
            ForwardTo::Customer => self.to_customer(&contact, kind)?,
            ForwardTo::Line(line) => {
                let line = self.directory.line(line).map(|(line, _)| line);
                let way = line.and_then(|line| Some((self.channels.of_line(line)?, &line.address)));
                way.ok_or(Failure::NoWay)?
            }
        };
        let bodies = self.store.bodies(&[forward.message]).await;
        let bodies = bodies.map_err(Failure::Store)?;
        // Words that were erased meanwhile go nowhere.
        let Some(body) = bodies.into_iter().next().flatten() else {
            return Ok(());
        };
        let id = Key::parse(&forward.key).map_err(|_| Failure::NoWay)?;
        let message = Outbound::new(id, to.clone(), body, self.now);
        let message = match conversation_label(&self.directory, &contact) {
            Some(subject) => message.with_subject(subject),
            None => message,
        };
        let sent = served.channel.send(&message.by_hand()).await;
        sent.map(|_| ()).map_err(Failure::Channel)
    }

    /// The channel over which a customer is reached, and his address there.
    fn to_customer<'a>(
        &self,
        contact: &'a ContactSummary,
        kind: ChannelKind,
    ) -> Result<(&Arc<Served>, &'a Address), Failure> {
        let addresses = &contact.customer.addresses;
        let way = self
            .channels
            .to_customer(kind, contact.line_of(kind), addresses);
        way.ok_or(Failure::NoWay)
    }

    /// A visitor of a website reads the timeline itself; on other channels the words are sent over
    /// the one that the customer used last. Who left the page hears by mail that he is answered
    /// there.
    async fn acknowledge(
        &self,
        key: String,
        contact: ContactId,
        said: &Acknowledgement,
    ) -> Result<(), Failure> {
        let contact = self.contact(contact).await?;
        let kind = acknowledged_over(&contact, said);
        if kind == ChannelKind::WebChat {
            return Ok(());
        }
        let (served, to) = self.to_customer(&contact, kind)?;
        let id = Key::parse(&key).map_err(|_| Failure::NoWay)?;
        let message = acknowledgement(&self.directory, &contact, said, id, to.clone(), self.now);
        let message = message.ok_or(Failure::NoWay)?;
        let sent = served.channel.send(&message).await;
        sent.map(|_| ()).map_err(Failure::Channel)
    }
}

/// Over which kind of channel a customer is told something: the one that he used last; by mail, who
/// left the page, that he is answered there.
pub(crate) fn acknowledged_over(contact: &ContactSummary, said: &Acknowledgement) -> ChannelKind {
    let is_for_mail = matches!(said, Acknowledgement::AnswerElsewhere { .. });
    match contact.reply_channel() {
        ChannelKind::WebChat if is_for_mail => ChannelKind::Email,
        kind => kind,
    }
}

/// The offer that an effect is about, if it is about one.
const fn offer_of(effect: &Effect) -> Option<OfferId> {
    match effect {
        Effect::Offer(offer) | Effect::Withdraw(offer) => Some(offer.id),
        Effect::Acknowledge { .. }
        | Effect::Forward { .. }
        | Effect::LookUp { .. }
        | Effect::Remind { .. } => None,
    }
}
