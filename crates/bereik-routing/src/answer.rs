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
    /// The contact is open under this id: the same one when it was told twice, and the
    /// customer's own open contact when the request joined that.
    Opened(ContactId),
    /// It was not taken, nothing is recorded, and telling it again helps only when something else
    /// changed.
    Refused(Refusal),
}

/// Why an input was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The person holds as much as he can, so that he cannot take this beside it.
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
    /// The contact goes on in another one.
    #[error("the contact goes on in another one")]
    Merged,
    /// Nobody asked to be let into the community under this name.
    #[error("there is no application")]
    NoApplication,
    /// The group's members do not let others in.
    #[error("the group is not a community")]
    NotACommunity,
    /// Who speaks is not a member of the group.
    #[error("not a member of the group")]
    NotAMember,
    /// The directory has no group and no person to whom the contact could be put.
    #[error("there is nobody to ask")]
    NobodyToAsk,
    /// Nobody has the contact, so that there is no conversation to hand over.
    #[error("nobody has the contact")]
    NobodyHasIt,
    /// Who asks does not take part in the conversation.
    #[error("does not take part in the conversation")]
    NotAParticipant,
    /// Customers and software raise an urgency, they do not lower it.
    #[error("only a person lowers the urgency")]
    NotLowered,
    /// The person cannot be reached over the contact's channel now.
    #[error("cannot be reached now")]
    NotReachable,
    /// Only who has the contact hands it on.
    #[error("does not have the contact")]
    NotTheOwner,
    /// The person does not wrap up now.
    #[error("does not wrap up")]
    NotWrappingUp,
    /// The offer was made to somebody else, or at the request of somebody else.
    #[error("the offer was made to somebody else")]
    NotYourOffer,
    /// Whoever lowers an urgency says why.
    #[error("a reason is missing")]
    ReasonMissing,
    /// A contact cannot be merged into itself.
    #[error("a contact cannot be merged into itself")]
    SelfMerge,
    /// Nobody praises himself.
    #[error("nobody praises himself")]
    OwnHelp,
    /// Somebody who was refused may apply again later.
    #[error("may not apply again yet")]
    TooSoon,
    /// As many requests to colleagues are running as can.
    #[error("too many requests are running")]
    TooManyRequests,
    /// Somebody else is asked to take the contact over already.
    #[error("the contact is being transferred")]
    TransferPending,
    /// The directory has nobody who could be meant.
    #[error("there is nobody of that name")]
    UnknownAddressee,
    /// The engine holds no contact with this id.
    #[error("there is no such contact")]
    UnknownContact,
    /// No incident with this id is running.
    #[error("no such incident is running")]
    UnknownIncident,
    /// The contact holds no message with this id, or none was named.
    #[error("the contact has no such message")]
    UnknownMessage,
    /// The engine knows of no offer with this id.
    #[error("there is no such offer")]
    UnknownOffer,
    /// The question of triage has no answer with this number.
    #[error("there is no such answer to choose")]
    UnknownOption,
    /// The directory has no person with this id.
    #[error("there is no such person")]
    UnknownPerson,
    /// The person does not have this skill.
    #[error("does not have this skill")]
    UnknownSkill,
    /// The person wraps up and is offered nothing live meanwhile.
    #[error("wraps up after another contact")]
    WrappingUp,
    /// Nobody wraps up for longer than that.
    #[error("the wrap-up is as long as it can be")]
    WrapUpTooLong,
}
