//! The handle of a running switchboard: commands as plain functions, and what can be read.

use std::sync::Arc;

use bereik_core::address::Address;
use bereik_core::channel_kind::ChannelKind;
use bereik_core::contact::{Addressee, ContactSummary, Customer};
use bereik_core::directory::Directory;
use bereik_core::entry::Entry;
use bereik_core::explanation::Explanation;
use bereik_core::free_busy::FreeBusy;
use bereik_core::id::{ContactId, Key, MessageId, OfferId, PersonId, Reason};
use bereik_core::interval::Interval;
use bereik_core::message::{Author, Body, MessageKind};
use bereik_core::offer::Offer;
use bereik_core::open_time::OpenTime;
use bereik_core::presence::Presence;
use bereik_core::public_view::PublicBoard;
use bereik_core::reachability::ReachabilityRow;
use bereik_core::signal::{Signal, SignalKind};
use bereik_core::urgency::Urgency;
use bereik_routing::{Answer, Engine, Input, Opening, Question};
use bereik_store::Store;
use chrono::{DateTime, Utc};
use tokio::sync::{broadcast, mpsc, oneshot};

use crate::channels::Channels;
use crate::clock::Clock;
use crate::error::SwitchboardError;
use crate::observe::{Notice, Subscription};
use crate::order::{Ask, Change, Opened, Order, Reply};
use crate::view::Shared;

/// What became of an attempt to take a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "one wins, the others are too late")]
pub enum Acceptance {
    /// Somebody else was first, or the offer has ended.
    TooLate,
    /// The contact is yours.
    Yours,
}

/// A running switchboard. Cheap to clone; the switchboard stops when [told to](Switchboard::stop)
/// or when the last handle is dropped.
///
/// Each command returns once what was decided is durable. Everything that happens is told to
/// whoever [subscribes](Switchboard::subscribe).
#[derive(Clone, Debug)]
pub struct Switchboard {
    pub(crate) orders: mpsc::Sender<Order>,
    /// The driver holds the one that keeps it open: when it stops, subscriptions end.
    pub(crate) notices: broadcast::WeakSender<Notice>,
    pub(crate) view: Shared,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Clock,
    pub(crate) channels: Arc<Channels>,
}

impl Switchboard {
    async fn order<T>(&self, make: impl FnOnce(Reply<T>) -> Order) -> Result<T, SwitchboardError> {
        let (reply, answer) = oneshot::channel();
        let sent = self.orders.send(make(reply)).await;
        sent.map_err(|_| SwitchboardError::stopped())?;
        answer.await.map_err(|_| SwitchboardError::stopped())?
    }

    pub(crate) async fn tell(
        &self,
        input: Input,
        body: Option<Body>,
    ) -> Result<Answer, SwitchboardError> {
        self.order(|reply| Order::Input {
            input: Box::new(input),
            body,
            reply,
        })
        .await
    }

    async fn attempt(&self, input: Input) -> Result<Acceptance, SwitchboardError> {
        Ok(match self.tell(input, None).await? {
            Answer::Late => Acceptance::TooLate,
            _ => Acceptance::Yours,
        })
    }

    pub(crate) async fn just(&self, input: Input) -> Result<(), SwitchboardError> {
        self.tell(input, None).await.map(|_| ())
    }

    async fn change(&self, person: PersonId, change: Change) -> Result<(), SwitchboardError> {
        self.order(|reply| Order::Facts {
            person,
            change,
            reply,
        })
        .await
    }

    /// Opens a contact, with its first message if there is one. The same key again gives the same
    /// contact.
    ///
    /// # Errors
    /// When the engine refuses, the store is unavailable, or the switchboard has stopped.
    pub async fn open(
        &self,
        opening: Opening,
        body: Option<Body>,
    ) -> Result<Opened, SwitchboardError> {
        self.order(|reply| Order::Open {
            opening: Box::new(opening),
            body,
            reply,
        })
        .await
    }

    /// Adds a message to a conversation. The same key again gives the same message.
    ///
    /// # Errors
    /// When the contact or the author is not known, the store is unavailable, or the switchboard
    /// has stopped.
    pub async fn say(
        &self,
        contact: ContactId,
        author: Author,
        kind: MessageKind,
        key: Key,
        body: Body,
    ) -> Result<Option<MessageId>, SwitchboardError> {
        let said = Input::Said {
            contact,
            key,
            author,
            kind,
        };
        Ok(match self.tell(said, Some(body)).await? {
            Answer::Kept(message) => Some(message),
            _ => None,
        })
    }

    /// Accepts an offer; of several, the first wins.
    ///
    /// # Errors
    /// When the offer is not known or not this person's, the store is unavailable, or the
    /// switchboard has stopped.
    pub async fn accept(
        &self,
        offer: OfferId,
        by: PersonId,
    ) -> Result<Acceptance, SwitchboardError> {
        self.attempt(Input::Accepted { offer, by }).await
    }

    /// Declines an offer: the next person is asked at once.
    ///
    /// # Errors
    /// As [`Switchboard::accept`].
    pub async fn decline(&self, offer: OfferId, by: PersonId) -> Result<(), SwitchboardError> {
        self.just(Input::Declined { offer, by }).await
    }

    /// Takes an open contact that nobody has, from the list.
    ///
    /// # Errors
    /// When the contact or the person is not known, the store is unavailable, or the switchboard
    /// has stopped.
    pub async fn claim(
        &self,
        contact: ContactId,
        by: PersonId,
    ) -> Result<Acceptance, SwitchboardError> {
        self.attempt(Input::Claimed { contact, by }).await
    }

    /// Leaves a conversation. When its owner leaves, the next participant has it; when nobody is
    /// left, somebody is looked for anew.
    ///
    /// # Errors
    /// As [`Switchboard::claim`].
    pub async fn leave(
        &self,
        contact: ContactId,
        person: PersonId,
    ) -> Result<(), SwitchboardError> {
        self.just(Input::Left { contact, person }).await
    }

    /// Closes a contact.
    ///
    /// # Errors
    /// As [`Switchboard::claim`].
    pub async fn close(&self, contact: ContactId, by: Author) -> Result<(), SwitchboardError> {
        self.just(Input::Closed { contact, by }).await
    }

    /// Opens a closed contact again.
    ///
    /// # Errors
    /// As [`Switchboard::claim`].
    pub async fn reopen(&self, contact: ContactId, by: Author) -> Result<(), SwitchboardError> {
        self.just(Input::Reopened { contact, by }).await
    }

    /// Says how pressing a contact is. Customers and software only raise it; a person lowers it
    /// with a reason.
    ///
    /// # Errors
    /// As [`Switchboard::claim`].
    pub async fn change_urgency(
        &self,
        contact: ContactId,
        urgency: Urgency,
        by: Author,
        reason: Option<Reason>,
    ) -> Result<(), SwitchboardError> {
        self.just(Input::UrgencyChanged {
            contact,
            urgency,
            by,
            reason,
        })
        .await
    }

    /// Asks to go on by phone.
    ///
    /// # Errors
    /// As [`Switchboard::claim`].
    pub async fn ask_phone(&self, contact: ContactId, by: Author) -> Result<(), SwitchboardError> {
        self.just(Input::PhoneAsked { contact, by }).await
    }

    /// The customer says who he is: a name that is not empty takes the place of the one before,
    /// addresses are added to those that are known.
    ///
    /// # Errors
    /// As [`Switchboard::claim`].
    pub async fn name_customer(
        &self,
        contact: ContactId,
        customer: Customer,
    ) -> Result<(), SwitchboardError> {
        self.just(Input::CustomerNamed { contact, customer }).await
    }

    /// The customer is no longer connected.
    ///
    /// # Errors
    /// As [`Switchboard::claim`].
    pub async fn customer_gone(&self, contact: ContactId) -> Result<(), SwitchboardError> {
        self.just(Input::CustomerGone { contact }).await
    }

    /// The customer is connected again.
    ///
    /// # Errors
    /// As [`Switchboard::claim`].
    pub async fn customer_back(&self, contact: ContactId) -> Result<(), SwitchboardError> {
        self.just(Input::CustomerBack { contact }).await
    }

    /// Replaces what a person's calendars say.
    ///
    /// # Errors
    /// When the store is unavailable or the switchboard has stopped.
    pub async fn update_calendar(
        &self,
        person: PersonId,
        free_busy: FreeBusy,
    ) -> Result<(), SwitchboardError> {
        self.change(person, Change::Calendar(free_busy)).await
    }

    /// Replaces what a person's calendars mark as open.
    ///
    /// # Errors
    /// As [`Switchboard::update_calendar`].
    pub async fn update_open_time(
        &self,
        person: PersonId,
        open_time: OpenTime,
    ) -> Result<(), SwitchboardError> {
        self.change(person, Change::OpenTime(open_time)).await
    }

    /// Replaces when a person is on call.
    ///
    /// # Errors
    /// As [`Switchboard::update_calendar`].
    pub async fn update_on_call(
        &self,
        person: PersonId,
        on_call: Vec<Interval>,
    ) -> Result<(), SwitchboardError> {
        self.change(person, Change::OnCall(on_call)).await
    }

    /// Adds a live signal about a person; a newer one of the same kind and source takes the place
    /// of an older one.
    ///
    /// # Errors
    /// As [`Switchboard::update_calendar`].
    pub async fn signal(&self, person: PersonId, signal: Signal) -> Result<(), SwitchboardError> {
        self.change(person, Change::Signal(signal)).await
    }

    /// Takes a signal back before it expires.
    ///
    /// # Errors
    /// As [`Switchboard::update_calendar`].
    pub async fn clear_signal(
        &self,
        person: PersonId,
        kind: SignalKind,
        source: &str,
    ) -> Result<(), SwitchboardError> {
        self.change(person, Change::SignalGone(kind, source.into()))
            .await
    }

    /// Replaces the directory. Contacts under way keep the escalation policy they came in under;
    /// people and groups are live.
    ///
    /// # Errors
    /// As [`Switchboard::update_calendar`].
    pub async fn replace_directory(&self, directory: Directory) -> Result<(), SwitchboardError> {
        let directory = Box::new(directory);
        self.order(|reply| Order::ReplaceDirectory { directory, reply })
            .await
    }

    /// Who would be asked now, and why not the others. Nothing happens.
    ///
    /// # Errors
    /// When the switchboard has stopped.
    pub async fn decide(
        &self,
        addressee: Addressee,
        channel: ChannelKind,
    ) -> Result<Explanation, SwitchboardError> {
        let question = Question::new(addressee, channel);
        self.ask(move |engine, now| engine.decide(now, &question))
            .await
    }

    /// Asks the engine a question at this instant: whom it would choose and why not the others
    /// ([`Engine::explain`]), how long a contact would wait ([`Engine::predict`]), how a group is
    /// doing ([`Engine::pulse`]), what somebody was praised for ([`Engine::praise_of`]). It is asked
    /// between two orders, and holds them up for as long as it takes.
    ///
    /// # Errors
    /// When the switchboard has stopped, or the question panics.
    pub async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Engine, DateTime<Utc>) -> T + Send + 'static,
    ) -> Result<T, SwitchboardError> {
        self.order(|reply: Reply<T>| {
            Order::Ask(Ask(Box::new(move |engine, now| {
                // Whoever asked may have gone.
                let _ = reply.send(Ok(question(engine, now)));
            })))
        })
        .await
    }

    /// Stops: commits a snapshot and gives the lease back. Contacts stand where they stood when
    /// the switchboard is started again on the same store.
    ///
    /// # Errors
    /// When the store is unavailable, or the switchboard has stopped already.
    pub async fn stop(&self) -> Result<(), SwitchboardError> {
        self.order(|reply| Order::Stop { reply }).await
    }

    /// Everything that happens from now on.
    #[must_use]
    pub fn subscribe(&self) -> Subscription {
        Subscription(match self.notices.upgrade() {
            Some(notices) => notices.subscribe(),
            // One that has ended: its sender is dropped at once.
            None => broadcast::channel(1).1,
        })
    }

    /// The entries of a contact whose number is greater than `after`, in order.
    ///
    /// # Errors
    /// When the store is unavailable.
    pub async fn timeline(
        &self,
        contact: ContactId,
        after: u64,
    ) -> Result<Vec<Entry>, SwitchboardError> {
        Ok(self.store.timeline(contact, after).await?)
    }

    /// The words of messages, in the order asked; `None` for those that were erased.
    ///
    /// # Errors
    /// When the store is unavailable.
    pub async fn bodies(
        &self,
        messages: &[MessageId],
    ) -> Result<Vec<Option<Body>>, SwitchboardError> {
        Ok(self.store.bodies(messages).await?)
    }

    /// Erases the words of a contact's messages. That they were said stays in the timeline.
    ///
    /// # Errors
    /// When the store is unavailable.
    pub async fn erase_bodies(&self, contact: ContactId) -> Result<(), SwitchboardError> {
        self.store.erase_bodies(contact).await?;
        Ok(())
    }

    /// How a contact stands.
    ///
    /// # Errors
    /// When the store is unavailable.
    pub async fn contact(
        &self,
        contact: ContactId,
    ) -> Result<Option<ContactSummary>, SwitchboardError> {
        Ok(self.store.contact(contact).await?)
    }

    /// The contacts of the customer with this address, open and closed.
    ///
    /// # Errors
    /// When the store is unavailable.
    pub async fn find(&self, address: &Address) -> Result<Vec<ContactSummary>, SwitchboardError> {
        Ok(self.store.find(address).await?)
    }

    /// Every open contact.
    ///
    /// # Errors
    /// When the store is unavailable.
    pub async fn open_contacts(&self) -> Result<Vec<ContactSummary>, SwitchboardError> {
        Ok(self.store.open_contacts().await?)
    }

    /// The live offers to this person.
    #[must_use]
    pub fn offers_to(&self, person: &PersonId) -> Vec<Offer> {
        self.view.read().offers_to(person)
    }

    /// The live offers to lines, which whoever is on call may answer.
    #[must_use]
    pub fn offers_to_lines(&self) -> Vec<Offer> {
        self.view.read().offers_to_lines()
    }

    /// The directory in force.
    #[must_use]
    pub fn directory(&self) -> Arc<Directory> {
        Arc::clone(&self.view.read().directory)
    }

    /// What outsiders may see of everybody, as of the last change.
    #[must_use]
    pub fn public_board(&self) -> Arc<PublicBoard> {
        Arc::clone(&self.view.read().board)
    }

    /// Presence and reachability of a person, as of the last change; unknown for somebody who is
    /// not known.
    #[must_use]
    pub fn presence(&self, person: &PersonId) -> (Presence, ReachabilityRow) {
        let standing = self.view.read().standings.get(person).copied();
        let standing = standing.unwrap_or_else(crate::people::Standing::unknown);
        (standing.presence, standing.row)
    }

    /// What time it is by the switchboard's clock.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
