//! Contacts: requests for help, from the first word to the closing.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::acknowledgement::Promise;
use crate::address::Address;
use crate::channel_kind::ChannelKind;
use crate::id::{ContactId, GroupId, IncidentId, LineId, NeedId, PersonId, SkillId};
use crate::language::Language;
use crate::message::Author;
use crate::urgency::Urgency;

/// Whom a contact is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Addressee {
    /// Whoever wrote a document: the author, then the co-authors, then who knows its subject, then
    /// the groups of those who wrote it.
    Authors(Box<Authorship>),
    /// A group.
    Group(GroupId),
    /// A person by name.
    Person(PersonId),
    /// Whoever has a skill, the best first.
    Skill(SkillId),
}

/// Who wrote a document, as the embedder looked it up when the contact came in.
///
/// ```
/// use bereik_core::contact::{Addressee, Authorship};
///
/// let authorship = Authorship::of("invoices", vec!["anna".parse()?, "bram".parse()?])
///     .about("billing".parse()?);
/// assert_eq!(authorship.author().map(|author| author.as_str()), Some("anna"));
/// let addressee = Addressee::Authors(Box::new(authorship));
/// # let _ = addressee;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[expect(
    clippy::exhaustive_structs,
    reason = "what, by whom and about what; built by embedders as a literal"
)]
pub struct Authorship {
    /// The document: its slug, path or title, as people of the company know it. An engine keeps at
    /// most 1,024 characters of it.
    pub document: String,
    /// Who wrote it, the author first, then the co-authors. An engine keeps at most 16; those whom
    /// the directory does not know are passed over.
    pub people: Vec<PersonId>,
    /// What it is about, where a skill stands for that.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub subject: Option<SkillId>,
}

impl Authorship {
    /// A document by these people, the author first.
    #[must_use]
    pub fn of(document: impl Into<String>, people: Vec<PersonId>) -> Self {
        Self {
            document: document.into(),
            people,
            subject: None,
        }
    }

    /// The same about this subject.
    #[must_use]
    pub fn about(mut self, subject: SkillId) -> Self {
        self.subject = Some(subject);
        self
    }

    /// The author, if one is named.
    #[must_use]
    pub fn author(&self) -> Option<&PersonId> {
        self.people.first()
    }
}

/// Knows who wrote the documents of a company. An embedder asks it before he tells the engine of a
/// contact, so that the engine itself reads nothing.
pub trait AuthorLookup {
    /// Who wrote the document, if it is known.
    fn authorship(&self, document: &str) -> Option<Authorship>;
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

/// How a customer gave up before anybody had his contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[expect(clippy::exhaustive_enums, reason = "with a sign or without one")]
pub enum Abandonment {
    /// He said so, or closed it himself.
    Explicit,
    /// He went without a sign, was asked whether he was still there, and did not come back.
    Silent,
}

/// How a contact stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ContactState {
    /// The customer gave up before anybody had it; may be reopened.
    Abandoned(Abandonment),
    /// A person has it.
    Active,
    /// A person has it, and the last word was ours.
    AwaitingCustomer,
    /// Closed; may be reopened.
    Closed,
    /// Goes on in another contact, for good.
    Merged(ContactId),
    /// Offers are out.
    Offering,
    /// An on-call or calamity line was asked and has not answered yet.
    OnCallLine,
    /// Waits for somebody to become reachable, for a capacity to come free, or for the incident
    /// that it is part of.
    Queued,
    /// The customer was asked what it is about.
    Triage,
    /// Every way was tried; it stands on the list that a human sees, with an instant for the
    /// next try.
    Unreachable,
}

impl ContactState {
    /// Whether the contact still needs somebody or has somebody.
    #[must_use]
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Abandoned(_) | Self::Closed | Self::Merged(_))
    }

    /// The name used on the wire and as a key of texts, without what stands beside it:
    /// `awaiting_customer`, `merged`.
    ///
    /// ```
    /// use bereik_core::contact::{Abandonment, ContactState};
    /// assert_eq!(ContactState::Abandoned(Abandonment::Silent).name(), "abandoned");
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Abandoned(_) => "abandoned",
            Self::Active => "active",
            Self::AwaitingCustomer => "awaiting_customer",
            Self::Closed => "closed",
            Self::Merged(_) => "merged",
            Self::Offering => "offering",
            Self::OnCallLine => "on_call_line",
            Self::Queued => "queued",
            Self::Triage => "triage",
            Self::Unreachable => "unreachable",
        }
    }
}

/// One channel of a contact: each kind of channel and line of ours over which it runs or ran is one
/// leg.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "a channel, and when it was used")]
pub struct Leg {
    /// Over which kind of channel.
    pub channel: ChannelKind,
    /// Over which line of ours, where it is known: the mailbox written to, the number dialled.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub line: Option<LineId>,
    /// When it came into use for this contact.
    pub opened_at: DateTime<Utc>,
    /// When it was used last.
    pub last_used_at: DateTime<Utc>,
}

impl Leg {
    /// A leg that comes into use now, over this line of ours where it is known.
    #[must_use]
    pub const fn new(channel: ChannelKind, line: Option<LineId>, at: DateTime<Utc>) -> Self {
        Self {
            channel,
            line,
            opened_at: at,
            last_used_at: at,
        }
    }
}

/// Why two contacts know of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Link {
    /// The later one began with a word to the earlier one, too late to reopen it.
    Continued,
    /// They are of one customer, and not joined: about different needs.
    SameCustomer,
    /// One was split off the other by hand.
    Split,
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
    /// The channel over which it runs now: the one over which it came in, until it is handed over.
    pub channel: ChannelKind,
    /// The channels that the customer used for it, the one that he used last at the end.
    pub legs: Vec<Leg>,
    /// The path of the page that the customer was on, without query and fragment.
    pub page: Option<String>,
    /// What it is about, where that is known.
    pub need: Option<NeedId>,
    /// The incident that it is part of.
    pub incident: Option<IncidentId>,
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

    /// The line of ours over which the customer last used a kind of channel, where it is known.
    #[must_use]
    pub fn line_of(&self, channel: ChannelKind) -> Option<&LineId> {
        let mut used = self.legs.iter().rev();
        used.find(|leg| leg.channel == channel)?.line.as_ref()
    }

    /// The channel over which the customer is answered: the one that he used last.
    #[must_use]
    pub fn reply_channel(&self) -> ChannelKind {
        self.legs.last().map_or(self.channel, |leg| leg.channel)
    }
}
