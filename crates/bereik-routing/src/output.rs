//! What the engine says: facts to keep, effects to carry out, and when to come back.

use bereik_core::acknowledgement::Acknowledgement;
use bereik_core::contact::ContactSummary;
use bereik_core::entry::{Entry, RemindTo, Reminder};
use bereik_core::id::{ContactId, LineId, MessageId};
use bereik_core::offer::Offer;
use bereik_core::{Address, ChannelKind};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What the engine says. There is no other way out of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a driver that misses one of them breaks the contract of draining"
)]
pub enum Output {
    /// Something to do in the world, once the entries before it are durable.
    Effect(Effect),
    /// A fact of a contact's timeline.
    Entry(Entry),
    /// How a contact stands after what was just said.
    Summary(Box<ContactSummary>),
    /// Nothing more to say; call [`Engine::handle`](crate::Engine::handle) again at this instant
    /// at the latest, or at the next input when there is none.
    Wait(Option<DateTime<Utc>>),
}

/// Something to do in the world. Each has a [key](Self::key) under which doing it twice is doing
/// it once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a driver that misses one of them leaves a customer or a person without word"
)]
pub enum Effect {
    /// Tell the customer.
    Acknowledge {
        /// Over which contact.
        contact: ContactId,
        /// The number of the entry that records it.
        number: u64,
        /// What.
        acknowledgement: Acknowledgement,
    },
    /// Send a message on to somebody who does not read the timeline.
    Forward {
        /// The contact.
        contact: ContactId,
        /// The message.
        message: MessageId,
        /// To whom.
        to: ForwardTo,
        /// Over which kind of channel.
        channel: ChannelKind,
    },
    /// Ask the company's customer directory who has this address. What is found out comes back as
    /// [`Input::CustomerKnown`](crate::Input::CustomerKnown), whenever it comes; nothing waits for
    /// it.
    LookUp {
        /// For which contact.
        contact: ContactId,
        /// The number of the entry with which the address became known.
        number: u64,
        /// The address.
        address: Address,
    },
    /// Put a contact to a person or a line.
    Offer(Offer),
    /// Remind people of something: on their desks, by whatever way suits them.
    Remind {
        /// Over which contact.
        contact: ContactId,
        /// The number of the entry that records it.
        number: u64,
        /// Who.
        to: RemindTo,
        /// Of what.
        of: Reminder,
    },
    /// Take an offer back.
    Withdraw(Offer),
}

/// To whom a message is sent on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a driver that misses one of them leaves somebody without the words"
)]
pub enum ForwardTo {
    /// To the customer, over the first of his addresses that fits the channel.
    Customer,
    /// To a line that is being asked.
    Line(LineId),
}

impl Effect {
    /// The idempotency key: `ack/17`, `forward/M4/customer`, `look-up/1`, `offer/O3`, `remind/18`
    /// or `withdraw/O3`. It holds no address.
    ///
    /// ```
    /// use bereik_core::acknowledgement::Acknowledgement;
    /// use bereik_core::id::ContactId;
    /// use bereik_routing::Effect;
    /// let contact = ContactId::new(1);
    /// let said = Effect::Acknowledge { contact, number: 17, acknowledgement: Acknowledgement::Closed };
    /// assert_eq!(said.key(), "ack/17");
    /// ```
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Acknowledge { number, .. } => format!("ack/{number}"),
            Self::Forward { message, to, .. } => match to {
                ForwardTo::Customer => format!("forward/{message}/customer"),
                ForwardTo::Line(line) => format!("forward/{message}/line/{line}"),
            },
            Self::LookUp { number, .. } => format!("look-up/{number}"),
            Self::Offer(offer) => format!("offer/{}", offer.id),
            Self::Remind { number, .. } => format!("remind/{number}"),
            Self::Withdraw(offer) => format!("withdraw/{}", offer.id),
        }
    }

    /// The contact that it is about.
    #[must_use]
    pub const fn contact(&self) -> ContactId {
        match self {
            Self::Acknowledge { contact, .. }
            | Self::Forward { contact, .. }
            | Self::LookUp { contact, .. }
            | Self::Remind { contact, .. } => *contact,
            Self::Offer(offer) | Self::Withdraw(offer) => offer.contact,
        }
    }
}
