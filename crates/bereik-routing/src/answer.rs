//! What became of an input: the engine's direct answer to whoever told it.

use bereik_core::id::{ContactId, MessageId};

/// What became of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever tells an input acts on each of these five"
)]
pub enum Answer {
    /// It took effect.
    Done,
    /// The message is kept under this id; the same one when it was told twice.
    Kept(MessageId),
    /// Recorded, and nothing changed: somebody else was first, or it was told before.
    Late,
    /// The contact is open under this id; the same one when it was told twice.
    Opened(ContactId),
    /// It was not taken, nothing is recorded, and telling it again helps only when something else
    /// changed.
    Refused(Refusal),
}

/// Why an input was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The person holds as many contacts of this kind as he can.
    #[error("holds as many contacts as possible")]
    AtCapacity,
    /// The contact is closed.
    #[error("the contact is closed")]
    ContactClosed,
    /// The conversation has as many participants as it can have.
    #[error("the conversation is full")]
    ConversationFull,
    /// What is promised lies in the past.
    #[error("that instant is past")]
    InThePast,
    /// The directory has no group and no person to whom the contact could be put.
    #[error("there is nobody to ask")]
    NobodyToAsk,
    /// Who asks does not take part in the conversation.
    #[error("does not take part in the conversation")]
    NotAParticipant,
    /// Customers and software raise an urgency, they do not lower it.
    #[error("only a person lowers the urgency")]
    NotLowered,
    /// The person cannot be reached over the contact's channel now.
    #[error("cannot be reached now")]
    NotReachable,
    /// The offer was made to somebody else.
    #[error("the offer was made to somebody else")]
    NotYourOffer,
    /// Whoever lowers an urgency says why.
    #[error("a reason is missing")]
    ReasonMissing,
    /// The engine holds no contact with this id.
    #[error("there is no such contact")]
    UnknownContact,
    /// The engine knows of no offer with this id.
    #[error("there is no such offer")]
    UnknownOffer,
    /// The directory has no person with this id.
    #[error("there is no such person")]
    UnknownPerson,
}
