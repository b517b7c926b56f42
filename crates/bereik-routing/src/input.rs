//! What the engine is told: every event that can change who helps whom.

use bereik_core::address::Address;
use bereik_core::contact::{Addressee, Customer};
use bereik_core::customer::CustomerProfile;
use bereik_core::directory::Directory;
use bereik_core::group::Requirement;
use bereik_core::id::{
    ContactId, GroupId, IncidentId, Key, LineId, MessageId, NeedId, OfferId, PersonId, Reason,
    SkillId,
};
use bereik_core::message::{Author, MessageKind};
use bereik_core::praise::{Judgement, Verdict};
use bereik_core::reachability::ReachabilityRow;
use bereik_core::{ChannelKind, Urgency};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What the engine is told. It holds no words of a message.
///
/// Inputs are values: a store keeps them as they were told, and telling them again to an engine in
/// the same state gives the same outputs, byte for byte. A late or repeated input is recorded and
/// changes nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Input {
    /// Somebody takes what he was offered.
    Accepted {
        /// Which offer.
        offer: OfferId,
        /// Who takes it: the person to whom it was made, or whoever answers the line.
        by: PersonId,
    },
    /// Time passed and nothing else happened.
    Advanced,
    /// Somebody asks to be let into a community.
    Applied {
        /// Which.
        group: GroupId,
        /// Who.
        person: PersonId,
    },
    /// The customer was called as promised.
    CallBackKept {
        /// The contact.
        contact: ContactId,
        /// Who called: a participant.
        by: PersonId,
    },
    /// The customer is promised a call for an instant. It is kept by
    /// [`CallBackKept`](Self::CallBackKept), by a word of a participant to the customer from five
    /// minutes before that instant on, or by closing; the owner is reminded five minutes before
    /// and at the instant. Two minutes after it the customer is told that nobody called, and the
    /// contact is put to others. A later promise takes the place of an earlier one.
    CallBackPromised {
        /// The contact.
        contact: ContactId,
        /// Who promises it: a participant.
        by: PersonId,
        /// When the customer is called; after now.
        at: DateTime<Utc>,
    },
    /// Somebody takes an open contact that nobody has from the list.
    Claimed {
        /// The contact.
        contact: ContactId,
        /// Who takes it.
        by: PersonId,
    },
    /// The contact is done.
    Closed {
        /// The contact.
        contact: ContactId,
        /// Who closes it.
        by: Author,
    },
    /// A participant asks colleagues for advice. The contact stays where it is; whoever says yes
    /// reads along and writes notes, for a time. All who can be asked are asked at once, several
    /// may say yes, and it ends by itself.
    Consulted {
        /// The contact.
        contact: ContactId,
        /// Who is asked: a person, or the members of a group who are there.
        whom: Addressee,
        /// What they must be able to; not asked of a person by name.
        requires: Vec<Requirement>,
        /// Who asks.
        by: PersonId,
    },
    /// The customer's browser is connected again.
    /// The customer's browser is connected again. A contact that was abandoned without a sign is
    /// taken up again, for as long as it can be reopened.
    CustomerBack {
        /// The contact.
        contact: ContactId,
    },
    /// The customer's browser is no longer connected.
    CustomerGone {
        /// The contact.
        contact: ContactId,
    },
    /// What the company knows of the customer was found out. It may come at any time; it raises an
    /// urgency and never lowers one.
    CustomerKnown {
        /// The contact.
        contact: ContactId,
        /// What is known.
        profile: Box<CustomerProfile>,
    },
    /// The customer leaves and says so. What nobody has is abandoned.
    CustomerLeft {
        /// The contact.
        contact: ContactId,
    },
    /// The customer says who he is: a name that is not empty takes the place of the one before,
    /// addresses are added to those that are known.
    CustomerNamed {
        /// The contact.
        contact: ContactId,
        /// Who he is.
        customer: Customer,
    },
    /// Somebody turns down what he was offered.
    Declined {
        /// Which offer.
        offer: OfferId,
        /// Who turns it down.
        by: PersonId,
    },
    /// The company was configured anew. People and groups count at once; a running contact keeps
    /// the [escalation policy](bereik_core::agreement::EscalationPolicy) with which it came in.
    DirectoryReplaced(Box<Directory>),
    /// The channel surely did not put an offer to the person or line.
    Failed {
        /// Which offer.
        offer: OfferId,
    },
    /// The conversation goes on over another channel: the participants call the customer, or he
    /// calls them. What each of them holds is of that kind from now on; the targets run on.
    HandedOver {
        /// The contact, which somebody has.
        contact: ContactId,
        /// Over which kind of channel.
        channel: ChannelKind,
        /// The customer's address there, where it is known.
        address: Option<Address>,
        /// The line of ours, where it is known.
        line: Option<LineId>,
        /// Who says so.
        by: Author,
    },
    /// The channel to which a conversation was handed over did not carry it: it goes on over the
    /// one before, and the customer hears so. Whoever took another contact meanwhile may hold one
    /// more than he can; he is offered nothing until he does not.
    HandOverFailed {
        /// The contact.
        contact: ContactId,
        /// The channel that did not.
        channel: ChannelKind,
    },
    /// A participant asks one more person into the conversation. The members of a group are asked
    /// one after the other until somebody comes.
    /// The incident is over. What nobody has is closed or routed, as the directory says.
    IncidentClosed {
        /// The incident.
        incident: IncidentId,
        /// Who says so.
        by: PersonId,
    },
    /// What a contact is about concerns many: it leads an incident from now on, and every other
    /// contact of the same need is part of it. Where the need has an incident already, the contact
    /// becomes part of that.
    IncidentDeclared {
        /// What it is about.
        need: NeedId,
        /// The contact.
        contact: ContactId,
        /// Who declares it.
        by: PersonId,
    },
    /// One word to every customer of an incident, by one of those who are on it.
    IncidentWord {
        /// The incident.
        incident: IncidentId,
        /// Told again with the same key, nobody hears it twice.
        key: Key,
        /// What sort of message it is.
        kind: MessageKind,
        /// Who says it.
        by: PersonId,
    },
    /// A participant asks one more person into the conversation.
    Invited {
        /// The contact.
        contact: ContactId,
        /// Who is asked.
        whom: Addressee,
        /// What he must be able to; not asked of a person by name.
        requires: Vec<Requirement>,
        /// Who asks.
        by: PersonId,
    },
    /// A participant leaves. The owner hands the contact to the next participant; where there is
    /// none it is routed again.
    Left {
        /// The contact.
        contact: ContactId,
        /// Who leaves.
        person: PersonId,
    },
    /// The customer uses this channel for the contact: he is answered over it from now on.
    LegUsed {
        /// The contact.
        contact: ContactId,
        /// Over which kind of channel.
        channel: ChannelKind,
        /// The line of ours, where it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        line: Option<LineId>,
    },
    /// One contact goes on in another, open one. Both keep their timelines.
    Merged {
        /// The one that ends.
        from: ContactId,
        /// The one that goes on.
        into: ContactId,
        /// Who merges them.
        by: PersonId,
    },
    /// A customer asks for help.
    Opened(Box<Opening>),
    /// One side asks to go on by phone.
    PhoneAsked {
        /// The contact.
        contact: ContactId,
        /// Who asks.
        by: Author,
    },
    /// A peer says of somebody's help in a contact whether it helped. Both must have taken part in
    /// it; each peer says it once, and nobody of himself.
    Praised {
        /// The contact.
        contact: ContactId,
        /// Whose help.
        of: PersonId,
        /// Which of his skills it concerns.
        skill: SkillId,
        /// What the peer says.
        judgement: Judgement,
        /// The peer.
        by: PersonId,
    },
    /// Over which channels a person can be reached now, and why not over the others.
    Reachability {
        /// Who.
        person: PersonId,
        /// The whole row; it replaces the one before.
        row: ReachabilityRow,
    },
    /// A closed contact is taken up again. Where a customer does so later than the directory
    /// allows, a new one is opened that is linked to it.
    Reopened {
        /// The contact.
        contact: ContactId,
        /// Who takes it up.
        by: Author,
    },
    /// The group's escalation policy as it is configured now counts for a running contact too. A
    /// policy that had begun begins anew.
    Replanned {
        /// The contact.
        contact: ContactId,
        /// Who says so.
        by: Author,
    },
    /// A message was written. A customer's message to a closed contact reopens it; later than the
    /// directory allows, it opens a new one that is linked to it.
    Said {
        /// The contact.
        contact: ContactId,
        /// Told again with the same key, the message keeps its id and no entry is written.
        key: Key,
        /// Who wrote it.
        author: Author,
        /// What sort of message it is.
        kind: MessageKind,
    },
    /// Messages of a contact are about something else: they begin a contact of their own, which is
    /// linked to the old one.
    Split {
        /// The contact.
        contact: ContactId,
        /// Which messages, at least one.
        messages: Vec<MessageId>,
        /// Told again with the same key, no second contact is opened.
        key: Key,
        /// Who splits them off.
        by: PersonId,
    },
    /// The customer answers the question of triage.
    TriageAnswered {
        /// The contact.
        contact: ContactId,
        /// Which answer, counted from 1.
        option: u32,
    },
    /// The owner hands the contact to somebody else, with all its history. He keeps it until that
    /// one accepts; when nobody does it stays with him. The members of a group are asked one after
    /// the other; whoever takes it for a group, the contact is for that group from then on.
    Transferred {
        /// The contact.
        contact: ContactId,
        /// Who is asked.
        whom: Addressee,
        /// What he must be able to; not asked of a person by name.
        requires: Vec<Requirement>,
        /// The owner.
        by: PersonId,
    },
    /// The urgency is another. Customers and software only raise it; a person lowers it too, with
    /// a reason. What page, profile and software said before counts no more then; a new word of
    /// the customer does.
    UrgencyChanged {
        /// The contact.
        contact: ContactId,
        /// How pressing it is now.
        urgency: Urgency,
        /// Who says so.
        by: Author,
        /// Why, where it is lowered.
        reason: Option<Reason>,
    },
    /// A member of a community says whether somebody who applied is let in. The last word of each
    /// member counts. Whoever is let in is a member from then on, also after the directory was
    /// replaced.
    Vouched {
        /// The community.
        group: GroupId,
        /// Who applied.
        person: PersonId,
        /// The member.
        by: PersonId,
        /// What he says.
        verdict: Verdict,
    },
    /// An offer is taken back: by who asked for it or owns the contact, with the whole request that
    /// it belongs to; or by software, as if it had lapsed.
    Withdrawn {
        /// Which offer.
        offer: OfferId,
        /// Who takes it back.
        by: Author,
    },
    /// Somebody is done with wrapping up before his time is over.
    WrappedUp {
        /// Who.
        person: PersonId,
    },
    /// Somebody needs longer for wrapping up: an hour in all at most.
    WrapUpProlonged {
        /// Who.
        person: PersonId,
        /// How much longer, in seconds.
        for_s: u32,
    },
}

/// A customer's request for help.
///
/// ```
/// use bereik_core::ChannelKind;
/// use bereik_core::contact::Customer;
/// use bereik_routing::Opening;
///
/// let opening = Opening::new("visitor-7:1".parse()?, Customer::default(), ChannelKind::WebChat)
///     .from_page("/shop/checkout");
/// assert_eq!(opening.addressee, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "built by embedders as a literal")]
pub struct Opening {
    /// Told again with the same key, no second contact is opened, as long as the engine holds
    /// the first.
    pub key: Key,
    /// Who asks.
    pub customer: Customer,
    /// Over which kind of channel.
    pub channel: ChannelKind,
    /// Over which line of ours, where it is known: the mailbox written to, the number dialled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<LineId>,
    /// Whom it is for. Where none is named, or one that the directory does not know, the row of the
    /// page or else of the line decides, else the first public group, else the first group.
    pub addressee: Option<Addressee>,
    /// The page that the customer is on, for the table of pages.
    pub page: Option<String>,
    /// How pressing it is; the row of the page or the line may raise it.
    pub urgency: Urgency,
    /// What it is about; where nothing is said, the row of the page or the line tells.
    pub need: Option<NeedId>,
}

impl Opening {
    /// An everyday request for nobody in particular.
    #[must_use]
    pub const fn new(key: Key, customer: Customer, channel: ChannelKind) -> Self {
        Self {
            key,
            customer,
            channel,
            line: None,
            addressee: None,
            page: None,
            urgency: Urgency::Normal,
            need: None,
        }
    }

    /// The same for this addressee.
    #[must_use]
    pub fn for_addressee(mut self, addressee: Addressee) -> Self {
        self.addressee = Some(addressee);
        self
    }

    /// The same over this line of ours.
    #[must_use]
    pub fn over_line(mut self, line: LineId) -> Self {
        self.line = Some(line);
        self
    }

    /// The same from this page.
    #[must_use]
    pub fn from_page(mut self, page: impl Into<String>) -> Self {
        self.page = Some(page.into());
        self
    }

    /// The same about this.
    #[must_use]
    pub fn about(mut self, need: NeedId) -> Self {
        self.need = Some(need);
        self
    }

    /// The same with this urgency.
    #[must_use]
    pub const fn with_urgency(mut self, urgency: Urgency) -> Self {
        self.urgency = urgency;
        self
    }
}

impl Input {
    /// The contact that it is about, if it names one.
    #[must_use]
    pub const fn contact(&self) -> Option<ContactId> {
        match self {
            Self::CallBackKept { contact, .. }
            | Self::CallBackPromised { contact, .. }
            | Self::Claimed { contact, .. }
            | Self::Closed { contact, .. }
            | Self::Consulted { contact, .. }
            | Self::CustomerBack { contact }
            | Self::CustomerGone { contact }
            | Self::CustomerKnown { contact, .. }
            | Self::CustomerLeft { contact }
            | Self::CustomerNamed { contact, .. }
            | Self::HandedOver { contact, .. }
            | Self::HandOverFailed { contact, .. }
            | Self::IncidentDeclared { contact, .. }
            | Self::Invited { contact, .. }
            | Self::Left { contact, .. }
            | Self::LegUsed { contact, .. }
            | Self::Merged { from: contact, .. }
            | Self::PhoneAsked { contact, .. }
            | Self::Praised { contact, .. }
            | Self::Reopened { contact, .. }
            | Self::Replanned { contact, .. }
            | Self::Said { contact, .. }
            | Self::Split { contact, .. }
            | Self::TriageAnswered { contact, .. }
            | Self::Transferred { contact, .. }
            | Self::UrgencyChanged { contact, .. } => Some(*contact),
            Self::Accepted { .. }
            | Self::Advanced
            | Self::Applied { .. }
            | Self::Declined { .. }
            | Self::DirectoryReplaced(_)
            | Self::Failed { .. }
            | Self::IncidentClosed { .. }
            | Self::IncidentWord { .. }
            | Self::Opened(_)
            | Self::Reachability { .. }
            | Self::Vouched { .. } => None,
            Self::Withdrawn { .. } | Self::WrappedUp { .. } | Self::WrapUpProlonged { .. } => None,
        }
    }
}
