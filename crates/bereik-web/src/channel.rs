//! Web chat as a channel: who sits at a desk and which visitor is there, and how they are reached.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bereik_channel::{
    Alert, AlertTo, Capability, Channel, ChannelError, ErrorKind, Evidence, Feature, Health,
    Outbound, Receipt, Retry, Scope,
};
use bereik_core::address::AddressKind;
use bereik_core::channel_kind::ChannelKind;
use bereik_core::id::{Key, OfferId, PersonId};
use tokio::sync::mpsc;

use crate::token::Visitor;

/// What waits for one connection before it is taken to be stuck.
const WAITING_MAX: usize = 64;
/// Messages and offers that are remembered, so that none arrives twice.
const DELIVERED_MAX: usize = 4_096;

/// Web chat as a channel: an offer shows at the open desks of a person, a message at the open
/// browser of a visitor.
///
/// An offer is delivered when a desk of that person is connected; otherwise nothing was sent and
/// somebody else can be asked at once. What people write in a conversation does not pass through
/// here: visitors and desks read the timeline.
///
/// ```
/// use bereik_channel::Channel;
/// use bereik_core::ChannelKind;
/// assert_eq!(bereik_web::WebChat::new().kind(), ChannelKind::WebChat);
/// ```
pub struct WebChat {
    capability: Capability,
    seats: Mutex<Seats>,
}

#[derive(Default)]
struct Seats {
    last: u64,
    desks: BTreeMap<(PersonId, u64), mpsc::Sender<Arc<Alert>>>,
    visitors: BTreeMap<(Box<str>, u64), mpsc::Sender<Arc<Outbound>>>,
    /// The keys of what was delivered, the newest last.
    delivered: VecDeque<Key>,
}

impl WebChat {
    /// A channel to which nobody is connected yet.
    #[must_use]
    pub fn new() -> Arc<Self> {
        let features = [Feature::Idempotent, Feature::Offer, Feature::Withdraw];
        Arc::new(Self {
            capability: Capability::new(Evidence::Delivered).with(&features),
            seats: Mutex::default(),
        })
    }

    // Every change leaves the seats whole, so that a poisoned lock can be taken.
    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a desk of this person is connected.
    #[must_use]
    pub fn has_desk(&self, person: &PersonId) -> bool {
        self.seats().desks_of(person).next().is_some()
    }

    /// A desk of this person is connected, until the seat is dropped.
    pub(crate) fn sit(self: &Arc<Self>, person: PersonId) -> DeskSeat {
        let (sender, alerts) = mpsc::channel(WAITING_MAX);
        let mut seats = self.seats();
        seats.last += 1;
        let number = seats.last;
        seats.desks.insert((person.clone(), number), sender);
        drop(seats);
        DeskSeat {
            chat: Arc::clone(self),
            person,
            number,
            alerts,
        }
    }

    /// A browser of this visitor is connected, until the seat is dropped.
    pub(crate) fn join(self: &Arc<Self>, visitor: &Visitor) -> VisitorSeat {
        let (sender, asides) = mpsc::channel(WAITING_MAX);
        let mut seats = self.seats();
        seats.last += 1;
        let key = (Box::from(visitor.as_str()), seats.last);
        seats.visitors.insert(key.clone(), sender);
        drop(seats);
        let chat = Arc::clone(self);
        VisitorSeat { chat, key, asides }
    }
}

impl Seats {
    fn desks_of(&self, person: &PersonId) -> impl Iterator<Item = &mpsc::Sender<Arc<Alert>>> {
        let all = (person.clone(), 0)..=(person.clone(), u64::MAX);
        self.desks.range(all).map(|(_, desk)| desk)
    }

    fn visitors_of(&self, name: &str) -> impl Iterator<Item = &mpsc::Sender<Arc<Outbound>>> {
        let all = (name.into(), 0)..=(name.into(), u64::MAX);
        self.visitors.range(all).map(|(_, visitor)| visitor)
    }

    fn was_delivered(&self, key: &Key) -> bool {
        self.delivered.iter().rev().any(|known| known == key)
    }

    fn remember(&mut self, key: Key) {
        if self.delivered.len() == DELIVERED_MAX {
            self.delivered.pop_front();
        }
        self.delivered.push_back(key);
    }
}

/// Hands something to each connection; whether one of them took it.
fn hand<'a, T: 'a>(to: impl Iterator<Item = &'a mpsc::Sender<Arc<T>>>, it: T) -> bool {
    let it = Arc::new(it);
    // Each of them gets it: this must not stop at the first.
    to.filter(|one| one.try_send(Arc::clone(&it)).is_ok())
        .count()
        > 0
}

/// One connected desk.
pub(crate) struct DeskSeat {
    chat: Arc<WebChat>,
    person: PersonId,
    number: u64,
    /// What rings here.
    pub(crate) alerts: mpsc::Receiver<Arc<Alert>>,
}

impl DeskSeat {
    pub(crate) const fn person(&self) -> &PersonId {
        &self.person
    }

    /// The name of this seat as the source of a signal.
    pub(crate) fn source(&self) -> String {
        format!("desk-{}", self.number)
    }
}

impl Drop for DeskSeat {
    fn drop(&mut self) {
        let key = (self.person.clone(), self.number);
        self.chat.seats().desks.remove(&key);
    }
}

/// One connected browser of a visitor.
pub(crate) struct VisitorSeat {
    chat: Arc<WebChat>,
    key: (Box<str>, u64),
    /// Messages that are not part of the timeline.
    pub(crate) asides: mpsc::Receiver<Arc<Outbound>>,
}

impl Drop for VisitorSeat {
    fn drop(&mut self) {
        self.chat.seats().visitors.remove(&self.key);
    }
}

/// Nobody is connected, so nothing was sent; when somebody connects, it may go well.
const fn nobody_there() -> ChannelError {
    ChannelError::new(ErrorKind::Unavailable, Scope::Recipient).with_retry(Retry::BackOff)
}

#[async_trait]
impl Channel for WebChat {
    fn kind(&self) -> ChannelKind {
        ChannelKind::WebChat
    }

    fn capability(&self) -> &Capability {
        &self.capability
    }

    async fn send(&self, message: &Outbound) -> Result<Receipt, ChannelError> {
        if message.to.kind() != AddressKind::Web {
            return Err(ChannelError::new(ErrorKind::Invalid, Scope::Recipient));
        }
        let mut seats = self.seats();
        if !seats.was_delivered(&message.id) {
            if !hand(seats.visitors_of(message.to.value()), message.clone()) {
                return Err(nobody_there());
            }
            seats.remember(message.id.clone());
        }
        Ok(Receipt::new(Evidence::Delivered))
    }

    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        let AlertTo::Person(person) = &alert.to else {
            return Err(ChannelError::new(ErrorKind::Invalid, Scope::Recipient));
        };
        let mut seats = self.seats();
        if !seats.was_delivered(&alert.key()) {
            if !hand(seats.desks_of(person), alert.clone()) {
                return Err(nobody_there());
            }
            seats.remember(alert.key());
        }
        Ok(Receipt::new(Evidence::Delivered))
    }

    /// A desk drops an offer when it reads in the timeline that it has ended.
    async fn withdraw(&self, _offer: OfferId) -> Result<(), ChannelError> {
        Ok(())
    }

    async fn probe(&self) -> Health {
        Health::Up
    }
}

impl fmt::Debug for WebChat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seats = self.seats();
        f.debug_struct("WebChat")
            .field("desks", &seats.desks.len())
            .field("visitors", &seats.visitors.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;
    use bereik_channel::conformance::{Arrived, OtherEnd, check};
    use bereik_channel::{Alert, AlertTo, Channel, Evidence, Label, Outbound, Scope, Sent};
    use bereik_core::Address;
    use bereik_core::id::{ContactId, Key, OfferId, PersonId};
    use bereik_core::message::Body;
    use bereik_core::offer::{Offer, OfferRole, Offered};
    use chrono::{DateTime, TimeDelta};
    use std::sync::Arc;

    use super::{DeskSeat, VisitorSeat, WebChat};
    use crate::token::{Token, Visitor};

    fn alert(person: &PersonId) -> Alert {
        let made_at = DateTime::UNIX_EPOCH;
        let offer = Offer {
            id: OfferId::new(1),
            contact: ContactId::new(1),
            to: Offered::Person(person.clone()),
            channel: bereik_core::ChannelKind::WebChat,
            role: OfferRole::Owner,
            made_at,
            until: made_at + TimeDelta::seconds(20),
        };
        let (subject, text) = (
            Label::parse("A chat").unwrap(),
            Body::parse("words").unwrap(),
        );
        Alert::new(offer, AlertTo::Person(person.clone()), subject, text)
    }

    /// A desk and a visitor's browser that are both connected.
    struct Both {
        chat: Arc<WebChat>,
        visitor: Visitor,
        seats: Mutex<(DeskSeat, VisitorSeat, Vec<Arrived>)>,
    }

    #[async_trait]
    impl OtherEnd for Both {
        fn channel(&self) -> &dyn Channel {
            &*self.chat
        }

        fn address(&self) -> Address {
            self.visitor.address()
        }

        fn alert_to(&self) -> AlertTo {
            AlertTo::Person("anna".parse().unwrap())
        }

        async fn arrived(&self) -> Vec<Arrived> {
            let mut seats = self.seats.lock().unwrap();
            let (desk, browser, arrived) = &mut *seats;
            let plain = |body: &Body| Arrived {
                subject: None,
                text: body.as_str().to_owned(),
            };
            while let Ok(alert) = desk.alerts.try_recv() {
                arrived.push(plain(&alert.text));
            }
            while let Ok(aside) = browser.asides.try_recv() {
                arrived.push(plain(&aside.body));
            }
            arrived.clone()
        }
    }

    #[tokio::test]
    async fn the_channel_keeps_its_contract() {
        let (chat, visitor) = (WebChat::new(), Token::new().unwrap().visitor());
        let seats = (
            chat.sit("anna".parse().unwrap()),
            chat.join(&visitor),
            Vec::new(),
        );
        let both = Both {
            chat,
            visitor,
            seats: Mutex::new(seats),
        };
        let tests = check(&both, "web", DateTime::UNIX_EPOCH).await.unwrap();
        assert!(
            tests.contains(&"the same offer twice arrives once"),
            "{tests:?}"
        );
    }

    #[tokio::test]
    async fn an_offer_is_delivered_only_where_a_desk_is_open() {
        let chat = WebChat::new();
        let anna: PersonId = "anna".parse().unwrap();
        let error = chat.offer(&alert(&anna)).await.unwrap_err();
        assert_eq!((error.scope(), error.sent()), (Scope::Recipient, Sent::No));
        let _other = chat.sit("annabel".parse().unwrap());
        assert!(chat.offer(&alert(&anna)).await.is_err());
        let mut seat = chat.sit(anna.clone());
        let receipt = chat.offer(&alert(&anna)).await.unwrap();
        assert_eq!(receipt.evidence, Evidence::Delivered);
        assert_eq!(seat.alerts.recv().await.unwrap().offer.id, OfferId::new(1));
        drop(seat);
        assert!(!chat.has_desk(&anna));
    }

    #[tokio::test]
    async fn a_message_reaches_every_open_browser_of_its_visitor_and_no_other() {
        let chat = WebChat::new();
        let (jan, eve) = (
            Token::new().unwrap().visitor(),
            Token::new().unwrap().visitor(),
        );
        let at = DateTime::UNIX_EPOCH;
        let body = Body::parse("somebody is there").unwrap();
        let message = Outbound::new(Key::parse("ack/1").unwrap(), jan.address(), body, at);
        assert!(chat.send(&message).await.is_err());
        let mut others = chat.join(&eve);
        let mut seats = [chat.join(&jan), chat.join(&jan)];
        assert!(chat.send(&message).await.is_ok());
        for seat in &mut seats {
            assert_eq!(seat.asides.recv().await.unwrap().id, message.id);
        }
        assert!(others.asides.try_recv().is_err());
    }
}
