//! Triage: one question about an unclear need, and where each answer leads.

use crate::channel_kind::ChannelKind;
use crate::group::Requirement;
use crate::id::{GroupId, NeedId};
use crate::language::Localised;

/// The question that is put to a customer who named nobody and comes from no page that says what
/// he needs. It is put at most once, and never in a calamity; who does not answer goes on to whom
/// he would have been routed without it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain configuration, built by embedders as a literal"
)]
pub struct Triage {
    /// The question.
    pub question: Localised,
    /// The answers to choose from, 2 to [`OPTIONS_MAX`](Self::OPTIONS_MAX).
    #[cfg_attr(feature = "serde", serde(rename = "option"))]
    pub options: Vec<TriageOption>,
    /// How long an answer is waited for, in seconds, 1 to 3,600; half of the time to answer at the
    /// longest.
    pub for_s: u32,
    /// Whether the customer's next words, whatever they are, end the waiting. They never choose.
    #[cfg_attr(feature = "serde", serde(default))]
    pub words_go_on: bool,
    /// The kinds of channel over which it is put; all, where none is named.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Vec::is_empty")
    )]
    pub channels: Vec<ChannelKind>,
}

impl Triage {
    /// The most answers to choose from.
    pub const OPTIONS_MAX: usize = 12;

    /// Whether it is put over this kind of channel.
    #[must_use]
    pub fn is_put_over(&self, channel: ChannelKind) -> bool {
        self.channels.is_empty() || self.channels.contains(&channel)
    }
}

/// One answer to the question of triage.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain configuration, built by embedders as a literal"
)]
pub struct TriageOption {
    /// What the customer reads.
    pub label: Localised,
    /// The group that is asked; the one that is asked without an answer, where none is named.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub group: Option<GroupId>,
    /// What is needed of a person.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Vec::is_empty")
    )]
    pub requires: Vec<Requirement>,
    /// What the contact is about.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub need: Option<NeedId>,
}

/// How triage ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum TriageEnd {
    /// The customer chose this answer, counted from 1.
    Answered(u32),
    /// It became a calamity, or part of an incident.
    Overtaken,
    /// Nothing was chosen in time.
    Silence,
    /// The customer wrote on, and the directory says that this ends it.
    Words,
}
