//! Contacts: requests for help, from the first word to the closing.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::acknowledgement::Promise;
use crate::address::Address;
use crate::channel_kind::ChannelKind;
use crate::id::{ContactId, GroupId, PersonId};
use crate::language::Language;
use crate::message::Author;
use crate::urgency::Urgency;

/// Whom a contact is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Addressee {
    /// A group.
    Group(GroupId),
    /// A person by name.
    Person(PersonId),
}

/// Who asks. `Debug` shows nothing of it but the language.
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "built by embedders as a literal")]
pub struct Customer {
    /// The name that the customer gave; may be empty.
    pub name: String,
    /// Where the customer can be reached, the preferred first; may be empty.
    pub addresses: Vec<Address>,
    /// The language in which the customer is spoken to.
    pub language: Language,
}

impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Customer({}, {} addresses)",
            self.language.tag(),
            self.addresses.len()
        )
    }
}

/// How a contact stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ContactState {
    /// A person has it.
    Active,
    /// Closed; may be reopened.
    Closed,
    /// Offers are out.
    Offering,
    /// An on-call or calamity line was asked and has not answered yet.
    OnCallLine,
    /// Waits for somebody to become reachable, or for a capacity to come free.
    Queued,
    /// Every way was tried; it stands on the list that a human sees, with an instant for the
    /// next try.
    Unreachable,
}

impl ContactState {
    /// Whether the contact still needs somebody or has somebody.
    #[must_use]
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Closed)
    }
}

/// One row about a contact: what a list shows and what a search by address finds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(
    clippy::exhaustive_structs,
    reason = "a row that stores write column by column"
)]
pub struct ContactSummary {
    /// The contact.
    pub id: ContactId,
    /// Who asks.
    pub customer: Customer,
    /// Whom it is for.
    pub addressee: Addressee,
    /// The channel over which it came in.
    pub channel: ChannelKind,
    /// The path of the page that the customer was on, without query and fragment.
    pub page: Option<String>,
    /// How pressing it is.
    pub urgency: Urgency,
    /// How it stands.
    pub state: ContactState,
    /// The people in the conversation; the first of them is its owner.
    pub participants: Vec<PersonId>,
    /// When it came in.
    pub opened_at: DateTime<Utc>,
    /// Who had the last word, and when.
    pub last_word: Option<(Author, DateTime<Utc>)>,
    /// What was last promised to the customer, while it stands.
    pub promise: Option<Promise>,
}

impl ContactSummary {
    /// Who has the contact.
    #[must_use]
    pub fn owner(&self) -> Option<&PersonId> {
        self.participants.first()
    }
}
