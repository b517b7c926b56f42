//! Entries: the facts of a contact's history, which is its timeline.

use chrono::{DateTime, Utc};

use crate::acknowledgement::{Acknowledgement, Promise};
use crate::address::Address;
use crate::agreement::TargetClock;
use crate::channel_kind::ChannelKind;
use crate::contact::{Abandonment, Addressee, ContactState, Customer, Link};
use crate::estimate::Method;
use crate::explanation::Explanation;
use crate::group::Requirement;
use crate::id::{
    ContactId, EntitlementId, EscalationId, GroupId, IncidentId, Key, LineId, MessageId, NeedId,
    OfferId, PersonId, Reason,
};
use crate::message::{Author, MessageKind};
use crate::offer::{Offer, Outcome, RequestEnd, RequestKind};
use crate::page::PageMatch;
use crate::praise::Praise;
use crate::triage::TriageEnd;
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
    /// The customer gave up before anybody had the contact.
    Abandoned {
        /// With a sign or without one.
        how: Abandonment,
    },
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
    /// Somebody whom colleagues asked can be consulted: he reads along, and writes notes.
    ConsultBegan {
        /// Who.
        person: PersonId,
    },
    /// Somebody is not consulted any longer.
    ConsultEnded {
        /// Who.
        person: PersonId,
    },
    /// The customer's browser is connected again.
    CustomerBack,
    /// The customer's browser is no longer connected.
    CustomerGone,
    /// What the company knows of the customer was found out.
    CustomerKnown {
        /// Who he is, with every address that is known of him.
        customer: Customer,
        /// What he is entitled to.
        entitlements: Vec<EntitlementId>,
        /// Who looks after him.
        owner: Option<PersonId>,
    },
    /// The customer left, and said so.
    CustomerLeft,
    /// The customer said who he is, or where else he can be reached.
    CustomerNamed {
        /// Who he is, with every address that is known of him.
        customer: Customer,
    },
    /// The incident that the contact is part of is over.
    IncidentClosed {
        /// Which.
        incident: IncidentId,
        /// Who closed it.
        by: Author,
    },
    /// An incident was declared, and this contact leads it.
    IncidentDeclared {
        /// Which.
        incident: IncidentId,
        /// What it is about.
        need: NeedId,
        /// Who declared it; software by rule.
        by: Author,
    },
    /// The contact leads the incident from now on.
    IncidentLed {
        /// Which.
        incident: IncidentId,
    },
    /// The contact is part of an incident from now on.
    IncidentLinked {
        /// Which.
        incident: IncidentId,
    },
    /// The word that the customers of an incident were promised did not come.
    IncidentWordMissed {
        /// Which.
        incident: IncidentId,
        /// The which in a row, counted from 1.
        missed: u32,
    },
    /// The conversation goes on over another channel.
    HandedOver {
        /// Over which.
        channel: ChannelKind,
        /// The customer's address there, where it is known.
        address: Option<Address>,
        /// The line of ours, where it is known.
        line: Option<LineId>,
        /// Who said so.
        by: Author,
    },
    /// The channel did not carry the conversation, which goes on over the one before.
    HandOverFailed {
        /// The channel that did not.
        channel: ChannelKind,
        /// The channel over which it goes on.
        back_over: ChannelKind,
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
    /// The customer went on with this contact over one more channel.
    LegAdded {
        /// Over which kind.
        channel: ChannelKind,
        /// The key of the request that joined, where it was one.
        key: Option<Key>,
        /// Over which line of ours, where it is known.
        #[cfg_attr(
            feature = "serde",
            serde(default, skip_serializing_if = "Option::is_none")
        )]
        line: Option<LineId>,
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
    /// This contact and another know of each other.
    Linked {
        /// The other.
        contact: ContactId,
        /// Why.
        why: Link,
    },
    /// Another contact goes on in this one.
    MergedFrom {
        /// The other.
        contact: ContactId,
        /// Who merged them.
        by: Author,
    },
    /// This contact goes on in another one.
    MergedInto {
        /// The other.
        contact: ContactId,
        /// Who merged them.
        by: Author,
    },
    /// The need became known.
    NeedKnown {
        /// What the contact is about.
        need: NeedId,
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
        /// Over which line of ours, where it is known.
        #[cfg_attr(
            feature = "serde",
            serde(default, skip_serializing_if = "Option::is_none")
        )]
        line: Option<LineId>,
        /// How pressing it is.
        urgency: Urgency,
        /// The path of the page that the customer was on, without query and fragment.
        page: Option<String>,
        /// The row of the page table that matched the page or the line.
        page_match: Option<PageMatch>,
    },
    /// Somebody who takes part has the contact from now on, in place of its owner.
    OwnerChanged {
        /// Who has it.
        person: PersonId,
    },
    /// One side asked to go on by phone.
    PhoneAsked {
        /// Who asked.
        by: Author,
        /// The line to call, where there is one.
        line: Option<LineId>,
    },
    /// A peer said of somebody's help whether it helped.
    Praised {
        /// Whose help.
        of: PersonId,
        /// What was said, and by whom.
        praise: Praise,
    },
    /// A wait was predicted, for a contact that has to wait from now on.
    Predicted {
        /// One of ten such contacts waits no longer, in seconds.
        p10_s: u32,
        /// Half wait no longer, in seconds.
        p50_s: u32,
        /// Nine of ten wait no longer, in seconds.
        p90_s: u32,
        /// How it was worked out.
        method: Method,
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
    /// Colleagues are asked about the contact, which stays where it is.
    Requested {
        /// For what.
        kind: RequestKind,
        /// Whom.
        whom: Addressee,
        /// What they must be able to.
        requires: Vec<Requirement>,
        /// Who asks.
        by: Author,
    },
    /// A request to colleagues ended.
    RequestEnded {
        /// For what they were asked.
        kind: RequestKind,
        /// Who was asked.
        whom: Addressee,
        /// How.
        end: RequestEnd,
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
    /// Messages of this contact belong to another one from now on.
    SplitInto {
        /// The other.
        contact: ContactId,
        /// Which messages.
        messages: Vec<MessageId>,
        /// Who split them off.
        by: PersonId,
    },
    /// The contact stands otherwise than before.
    StateChanged {
        /// How it stands now.
        state: ContactState,
    },
    /// Triage ended; the contact is for this addressee.
    Triaged {
        /// How.
        end: TriageEnd,
        /// Whom it is for.
        addressee: Addressee,
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
    /// Somebody who had the contact is done with wrapping up, and can be asked again.
    WrappedUp {
        /// Who.
        person: PersonId,
    },
    /// Somebody who had the contact wraps up, and is offered nothing live meanwhile.
    WrappingUp {
        /// Who.
        person: PersonId,
        /// Until when (exclusive), unless he says that he is done.
        until: DateTime<Utc>,
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
            Self::Abandoned { .. }
            | Self::Acknowledged { .. }
            | Self::Closed { .. }
            | Self::CustomerLeft
            | Self::CustomerNamed { .. }
            | Self::HandedOver { .. }
            | Self::HandOverFailed { .. }
            | Self::Joined { .. }
            | Self::Left { .. }
            | Self::LegAdded { .. }
            | Self::MergedFrom { .. }
            | Self::MergedInto { .. }
            | Self::Opened { .. }
            | Self::OwnerChanged { .. }
            | Self::PhoneAsked { .. }
            | Self::Promised { .. }
            | Self::Reopened { .. }
            | Self::StateChanged { .. }
            | Self::UrgencyChanged { .. } => true,
            _ => false,
        }
    }
}
