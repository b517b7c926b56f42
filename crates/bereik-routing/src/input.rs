//! What the engine is told: every event that can change who helps whom.

use bereik_core::contact::{Addressee, Customer};
use bereik_core::directory::Directory;
use bereik_core::id::{ContactId, Key, OfferId, PersonId, Reason};
use bereik_core::message::{Author, MessageKind};
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
    /// The customer's browser is connected again.
    CustomerBack {
        /// The contact.
        contact: ContactId,
    },
    /// The customer's browser is no longer connected.
    CustomerGone {
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
    /// A participant asks one more person into the conversation.
    Invited {
        /// The contact.
        contact: ContactId,
        /// Who is asked.
        person: PersonId,
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
    /// A customer asks for help.
    Opened(Box<Opening>),
    /// One side asks to go on by phone.
    PhoneAsked {
        /// The contact.
        contact: ContactId,
        /// Who asks.
        by: Author,
    },
    /// Over which channels a person can be reached now, and why not over the others.
    Reachability {
        /// Who.
        person: PersonId,
        /// The whole row; it replaces the one before.
        row: ReachabilityRow,
    },
    /// A closed contact is taken up again.
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
    /// A message was written. A customer's message to a closed contact reopens it.
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
    /// Whom it is for. Where none is named, or one that the directory does not know, the page's
    /// row decides, else the first public group, else the first group.
    pub addressee: Option<Addressee>,
    /// The page that the customer is on, for the table of pages.
    pub page: Option<String>,
    /// How pressing it is; the page's row may raise it.
    pub urgency: Urgency,
}

impl Opening {
    /// An everyday request for nobody in particular.
    #[must_use]
    pub const fn new(key: Key, customer: Customer, channel: ChannelKind) -> Self {
        Self {
            key,
            customer,
            channel,
            addressee: None,
            page: None,
            urgency: Urgency::Normal,
        }
    }

    /// The same for this addressee.
    #[must_use]
    pub fn for_addressee(mut self, addressee: Addressee) -> Self {
        self.addressee = Some(addressee);
        self
    }

    /// The same from this page.
    #[must_use]
    pub fn from_page(mut self, page: impl Into<String>) -> Self {
        self.page = Some(page.into());
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
            | Self::CustomerBack { contact }
            | Self::CustomerGone { contact }
            | Self::CustomerNamed { contact, .. }
            | Self::Invited { contact, .. }
            | Self::Left { contact, .. }
            | Self::PhoneAsked { contact, .. }
            | Self::Reopened { contact, .. }
            | Self::Replanned { contact, .. }
            | Self::Said { contact, .. }
            | Self::UrgencyChanged { contact, .. } => Some(*contact),
            Self::Accepted { .. }
            | Self::Advanced
            | Self::Declined { .. }
            | Self::DirectoryReplaced(_)
            | Self::Failed { .. }
            | Self::Opened(_)
            | Self::Reachability { .. } => None,
        }
    }
}
