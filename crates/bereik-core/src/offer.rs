//! Offers: a contact put to one person, or to a line, until an instant.

use chrono::{DateTime, Utc};

use crate::channel_kind::ChannelKind;
use crate::id::{ContactId, LineId, OfferId, PersonId};

/// What accepting an offer makes of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum OfferRole {
    /// Somebody whom the participants ask, without the contact becoming his.
    Consultant,
    /// Owner of the contact, which nobody has.
    Owner,
    /// A further participant.
    Participant,
    /// Owner of the contact after the one who has it and keeps it until then.
    Successor,
}

/// For what a colleague is asked about a contact that somebody has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum RequestKind {
    /// To be consulted.
    Consult,
    /// To join the conversation.
    Invitation,
    /// To take it over.
    Transfer,
}

/// How a request to colleagues ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum RequestEnd {
    /// Somebody took it.
    Answered,
    /// Nobody who was asked took it, or there was nobody to ask: all is as before.
    Nobody,
    /// It was taken back.
    Withdrawn,
}

/// To whom an offer goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[expect(
    clippy::exhaustive_enums,
    reason = "an offer goes to a person or to a line"
)]
pub enum Offered {
    /// A line of the company or of somebody on call: the channel tells what becomes of it.
    Line(LineId),
    /// A person.
    Person(PersonId),
}

/// A contact put to one person, or to a line, until an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(
    clippy::exhaustive_structs,
    reason = "the whole fact that is committed before it leaves"
)]
pub struct Offer {
    /// The offer; also the idempotency key of its effect.
    pub id: OfferId,
    /// The contact.
    pub contact: ContactId,
    /// To whom.
    pub to: Offered,
    /// Over which kind of channel.
    pub channel: ChannelKind,
    /// As what.
    pub role: OfferRole,
    /// Since when.
    pub made_at: DateTime<Utc>,
    /// Until when (exclusive); then it lapses.
    pub until: DateTime<Utc>,
}

/// What became of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[expect(
    clippy::exhaustive_enums,
    reason = "routing decides on each of these five"
)]
pub enum Outcome {
    /// Taken.
    Accepted,
    /// Turned down.
    Declined,
    /// The channel could not put it to the person.
    Failed,
    /// Not answered in time.
    Lapsed,
    /// Taken back: somebody else accepted, or the contact was closed.
    Withdrawn,
}
