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
    /// One of the last idle people, kept for what cannot wait.
    Reserved,
    /// Takes part in the conversation already.
    TakesPart,
    /// Cannot be reached over the channel now.
    NotReachable(ReachReason),
    /// Wraps up after another contact until that instant.
    WrappingUp(DateTime<Utc>),
}

/// The keys by which eligible people are put in order, the first to be compared first. Which of
/// them count after [`Praise`](Self::Praise) is the [strategy](crate::group::Strategy) of the group.
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
    /// Can fewer things, so that rare skills stay free.
    LeastFlexible,
    /// Better at what is needed.
    SoftSkill,
    /// Praised by peers for what is needed.
    Praise,
    /// Has had fewer contacts than his fair share.
    Shortfall,
    /// Has had fewer contacts of the group.
    FewestContacts,
    /// Has a smaller part of his hands full.
    LeastLoaded,
    /// His turn was longer ago.
    Turn,
    /// Drew the better lot.
    Lot,
    /// Idle for longer.
    LongestIdle,
    /// Comes earlier among the members.
    Position,
    /// Was offered a contact longer ago.
    LastOffer,
    /// The id, so that the order is total.
    Id,
}

/// How many people each rule left, one after the other: each number counts those whom no rule
/// before excluded either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(
    clippy::exhaustive_structs,
    reason = "one number for each rule, in the order of the rules"
)]
pub struct Counts {
    /// Everybody whom some circle names.
    pub considered: u32,
    /// Named by a circle that is in force.
    pub in_circle: u32,
    /// Can what is needed, as far as that circle needs it.
    pub skilled: u32,
    /// Can be reached over the channel, certainly or perhaps, and does not take part already.
    pub reachable: u32,
    /// Has no unanswered offer of this contact.
    pub unasked: u32,
    /// Is not cooling down for this contact.
    pub rested: u32,
    /// Has a hand free: those who may be asked.
    pub free: u32,
}

/// Up to how many people considered the entry on a timeline names each who was not chosen. Where
/// there were more it has the counts alone; an engine can be asked for the whole list while it holds
/// the contact.
pub const LISTED_MAX: u32 = 32;

/// Why these people were offered a contact and the others were not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(
    clippy::exhaustive_structs,
    reason = "who, by what, how many, and who not"
)]
pub struct Explanation {
    /// The circle in force, counted from 0.
    pub circle: u32,
    /// Who is offered the contact.
    pub chosen: Vec<PersonId>,
    /// The key that put the chosen before the next; none where all were chosen or nobody else was
    /// eligible.
    pub decided_by: Option<OrderKey>,
    /// How many people each rule left.
    #[cfg_attr(feature = "serde", serde(default))]
    pub counts: Counts,
    /// Each other person who was considered, with the first rule that excluded him; on a timeline
    /// only where at most [`LISTED_MAX`] were considered.
    pub excluded: Vec<(PersonId, ExcludedBy)>,
}
