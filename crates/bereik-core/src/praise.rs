//! Praise: what peers say of each other's help, and who is let into a community.

use chrono::{DateTime, Utc};

use crate::id::{ContactId, PersonId, Reason, SkillId};

/// What a peer says of a person's help in one contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[expect(clippy::exhaustive_enums, reason = "it helped, or it did not")]
pub enum Judgement {
    /// It did not help.
    Complaint,
    /// It helped.
    Praise,
}

/// A judgement as its receiver sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "who, of what, when, and what")]
pub struct Praise {
    /// The contact that it concerns.
    pub contact: ContactId,
    /// Who gave it.
    pub by: PersonId,
    /// Of which skill.
    pub skill: SkillId,
    /// What it says.
    pub judgement: Judgement,
    /// When it was given.
    pub at: DateTime<Utc>,
}

/// What a member of a community says of somebody who asked to be let in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[expect(clippy::exhaustive_enums, reason = "in, or not yet and why")]
pub enum Verdict {
    /// Let in.
    Admit,
    /// Not now.
    Refuse(Reason),
}

/// How an application to a community stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[expect(
    clippy::exhaustive_enums,
    reason = "an application is open, or ended in one of two ways"
)]
pub enum Application {
    /// Let in.
    Admitted {
        /// When.
        at: DateTime<Utc>,
    },
    /// Peers have the word.
    Open {
        /// How many would let the person in.
        admit: u32,
        /// How many would not.
        refuse: u32,
        /// How many it takes.
        quorum: u32,
    },
    /// Not let in.
    Refused {
        /// The reason that most gave; of two as frequent the one that sorts first.
        reason: Reason,
        /// When the person may apply again.
        again_at: DateTime<Utc>,
    },
}
