//! Incidents: contacts of many customers about one need, served by one owner with one word to all.

use chrono::{DateTime, Utc};

use crate::id::{ContactId, IncidentId, NeedId, PersonId};
use crate::message::Author;

/// When contacts of one need become an incident by themselves, and how it is run.
///
/// The need is a name from the opening, the page, the answer in triage or the customer's profile;
/// never a customer's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields, default))]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain configuration, built by embedders as a literal"
)]
pub struct IncidentRule {
    /// So many contacts of one need, 2 to [`CONTACTS_MAX`](Self::CONTACTS_MAX), …
    pub contacts: u32,
    /// … that come in within so many seconds, 1 to 86,400, are an incident. None is declared by
    /// rule where this is 0, as it is by default.
    pub within_s: u32,
    /// Each word to the customers promises the next one within so many seconds, 60 to 86,400; by
    /// default half an hour.
    pub word_for_s: u32,
    /// What becomes of the contacts that nobody has when the incident is over.
    pub after: AfterIncident,
}

impl IncidentRule {
    /// The most contacts that a rule may wait for.
    pub const CONTACTS_MAX: u32 = 1_000;
}

impl Default for IncidentRule {
    fn default() -> Self {
        Self {
            contacts: 10,
            within_s: 0,
            word_for_s: 1_800,
            after: AfterIncident::Close,
        }
    }
}

/// What becomes of the contacts that nobody has when their incident is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[expect(clippy::exhaustive_enums, reason = "they are done or they are not")]
pub enum AfterIncident {
    /// They are closed, with a word; a reply reopens each.
    #[default]
    Close,
    /// They are routed like any other, with a word.
    Return,
}

/// How an incident stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "a row that lists show")]
pub struct Incident {
    /// The incident.
    pub id: IncidentId,
    /// What it is about.
    pub need: NeedId,
    /// The contact that is routed for all of them: its owner is the incident's, its participants
    /// are the team.
    pub lead: ContactId,
    /// The people who are on it; the first of them is its owner.
    pub team: Vec<PersonId>,
    /// The open contacts that are part of it, the lead included.
    pub contacts: Vec<ContactId>,
    /// When it was declared.
    pub declared_at: DateTime<Utc>,
    /// Who declared it; software by rule.
    pub declared_by: Author,
    /// By when the customers were promised the next word.
    pub next_word_by: DateTime<Utc>,
    /// How many promised words in a row did not come.
    pub missed: u32,
}

impl Incident {
    /// Who is on it first.
    #[must_use]
    pub fn owner(&self) -> Option<&PersonId> {
        self.team.first()
    }
}
