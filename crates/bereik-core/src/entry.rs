//! Entries: the facts of a contact's history, which is its timeline.

use chrono::{DateTime, Utc};

use crate::acknowledgement::{Acknowledgement, Promise};
use crate::agreement::TargetClock;
use crate::channel_kind::ChannelKind;
use crate::contact::{Addressee, ContactState, Customer};
use crate::explanation::Explanation;
use crate::id::{ContactId, EscalationId, GroupId, LineId, MessageId, OfferId, PersonId, Reason};
use crate::message::{Author, MessageKind};
use crate::offer::{Offer, Outcome};
use crate::page::PageMatch;
use crate::urgency::Urgency;

/// One fact in a contact's history.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(
    clippy::exhaustive_structs,
    reason = "number, contact, instant and fact"
)]
pub struct Entry {
    /// Counted from 1 over all contacts of an engine, without gaps.
    pub number: u64,
    /// The contact.
    pub contact: ContactId,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub fact: Fact,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", tag = "type"))]
#[non_exhaustive]
pub enum Fact {
    /// The customer was told something.
    Acknowledged {
        /// What.
        acknowledgement: Acknowledgement,
    },
    /// A target passed unmet.
    Breached {
        /// Whose clock came to its end.
        #[cfg_attr(feature = "serde", serde(default))]
        clock: TargetClock,
    },
    /// The customer was called as promised, or answered in another way.
    CallBackKept {
        /// By whom.
        by: PersonId,
    },
    /// The customer was promised a call, and nobody called.
    CallBackMissed {
        /// When he was to be called.
        at: DateTime<Utc>,
        /// Who promised it.
        person: PersonId,
    },
    /// Who is asked was decided.
    Chosen {
        /// Who, why, and why not the others.
        explanation: Explanation,
    },
    /// A wider circle came into force.
    CircleWidened {
        /// The circle, counted from 0.
        circle: u32,
    },
    /// The contact was closed.
    Closed {
        /// By whom.
        by: Author,
    },
    /// The customer's browser is connected again.
    CustomerBack,
    /// The customer's browser is no longer connected.
    CustomerGone,
    /// The customer said who he is, or where else he can be reached.
    CustomerNamed {
        /// Who he is, with every address that is known of him.
        customer: Customer,
    },
    /// Somebody joined the conversation; the first to join is its owner.
    Joined {
        /// Who.
        person: PersonId,
    },
    /// An input came too late or twice, and changed nothing.
    Late {
        /// Which offer it was about, if one.
        offer: Option<OfferId>,
        /// Who sent it.
        by: Author,
    },
    /// Somebody left the conversation.
    Left {
        /// Who.
        person: PersonId,
    },
    /// A level of the escalation policy was skipped: nobody of it is in service.
    LevelSkipped {
        /// The level, counted from 1.
        level: u32,
    },
    /// A level of the escalation policy started.
    LevelStarted {
        /// The level, counted from 1.
        level: u32,
        /// Which time the policy is gone through, counted from 1.
        round: u32,
    },
    /// An offer was made.
    Offered {
        /// The offer.
        offer: Offer,
    },
    /// An offer ended.
    OfferEnded {
        /// Which.
        offer: OfferId,
        /// What became of it.
        outcome: Outcome,
    },
    /// A contact came in.
    Opened {
        /// Who asks.
        customer: Customer,
        /// Whom it is for.
        addressee: Addressee,
        /// Over which channel.
        channel: ChannelKind,
        /// How pressing it is.
        urgency: Urgency,
        /// The path of the page that the customer was on, without query and fragment.
        page: Option<String>,
        /// The row of the page table that matched.
        page_match: Option<PageMatch>,
    },
    /// One side asked to go on by phone.
    PhoneAsked {
        /// Who asked.
        by: Author,
        /// The line to call, where there is one.
        line: Option<LineId>,
    },
    /// Something was promised to the customer.
    Promised {
        /// What, and by when.
        promise: Promise,
    },
    /// People were reminded of something.
    Reminded {
        /// Who.
        to: RemindTo,
        /// Of what.
        of: Reminder,
    },
    /// A closed contact was opened again.
    Reopened {
        /// By whom.
        by: Author,
    },
    /// The escalation policy as it is now configured was brought to the contact.
    Replanned {
        /// By whom.
        by: Author,
        /// The policy that counts from now on, where there is one.
        policy: Option<EscalationId>,
    },
    /// A message was written.
    Said {
        /// The message; its words are kept apart.
        message: MessageId,
        /// Who wrote it.
        author: Author,
        /// What sort of message it is.
        kind: MessageKind,
    },
    /// The contact stands otherwise than before.
    StateChanged {
        /// How it stands now.
        state: ContactState,
    },
    /// The urgency changed.
    UrgencyChanged {
        /// The new urgency.
        urgency: Urgency,
        /// Who changed it.
        by: Author,
        /// Why, where a person lowered it.
        #[cfg_attr(
            feature = "serde",
            serde(default, skip_serializing_if = "Option::is_none")
        )]
        reason: Option<Reason>,
    },
    /// A target nears.
    Warned {
        /// Whose clock nears its end.
        #[cfg_attr(feature = "serde", serde(default))]
        clock: TargetClock,
    },
}

/// Who is reminded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[expect(
    clippy::exhaustive_enums,
    reason = "people are reminded one by one or as a group"
)]
pub enum RemindTo {
    /// Everybody in a group.
    Group(GroupId),
    /// One person.
    Person(PersonId),
}

/// Of what somebody is reminded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Reminder {
    /// The customer was promised a call at that instant.
    CallBack {
        /// When.
        at: DateTime<Utc>,
    },
    /// A target nears.
    Due {
        /// Whose clock nears its end.
        clock: TargetClock,
        /// When it is due.
        at: DateTime<Utc>,
    },
    /// A target passed unmet.
    Overdue {
        /// Whose clock came to its end.
        clock: TargetClock,
    },
}

impl Fact {
    /// Whether the customer may see this fact. What people do among themselves, and why somebody
    /// was chosen, is not his.
    #[must_use]
    pub const fn is_for_customer(&self) -> bool {
        match self {
            Self::Said { kind, .. } => !matches!(kind, MessageKind::Note),
            Self::Acknowledged { .. }
            | Self::Closed { .. }
            | Self::CustomerNamed { .. }
            | Self::Joined { .. }
            | Self::Left { .. }
            | Self::Opened { .. }
            | Self::PhoneAsked { .. }
            | Self::Promised { .. }
            | Self::Reopened { .. }
            | Self::StateChanged { .. }
            | Self::UrgencyChanged { .. } => true,
            _ => false,
        }
    }
}
