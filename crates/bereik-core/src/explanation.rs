//! Why somebody was chosen, and why each other was not.

use chrono::{DateTime, Utc};

use crate::id::{PersonId, SkillId};
use crate::reachability::ReachReason;

/// The first rule that kept a person from being offered a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ExcludedBy {
    /// Was asked before in the same request to colleagues, and did not take it.
    AskedBefore,
    /// Holds as many contacts as he can.
    AtCapacity,
    /// Declined or let lapse an offer of this contact; not asked again before that instant.
    CoolingDown(DateTime<Utc>),
    /// Was offered the contact already and has not answered yet.
    HasOffer,
    /// Lacks a skill that the contact needs.
    LacksSkill(SkillId),
    /// Not in a circle that is in force.
    NotInCircle,
    /// Eligible, but another came first by this key.
    OtherFirst(OrderKey),
    /// Takes part in the conversation already.
    TakesPart,
    /// Cannot be reached over the channel now.
    NotReachable(ReachReason),
    /// Wraps up after another contact until that instant.
    WrappingUp(DateTime<Utc>),
}

/// The keys by which eligible people are put in order, the first to be compared first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum OrderKey {
    /// Certainly reachable before perhaps reachable.
    Certainty,
    /// Knows this customer.
    KnowsCustomer,
    /// An earlier circle.
    Circle,
    /// Better at what is needed.
    SoftSkill,
    /// Has had fewer contacts than his fair share.
    Shortfall,
    /// Idle for longer.
    LongestIdle,
    /// The id, so that the order is total.
    Id,
}

/// Why these people were offered a contact and the others were not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "who, by what, and who not")]
pub struct Explanation {
    /// The circle in force, counted from 0.
    pub circle: u32,
    /// Who is offered the contact.
    pub chosen: Vec<PersonId>,
    /// The key that put the chosen before the next; none where all were chosen or nobody else was
    /// eligible.
    pub decided_by: Option<OrderKey>,
    /// Each other person who was considered, with the first rule that excluded him.
    pub excluded: Vec<(PersonId, ExcludedBy)>,
}
