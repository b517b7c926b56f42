//! Groups: people who are asked together.

use std::collections::BTreeMap;

use crate::id::{AgreementId, EscalationId, GroupId, HoursId, PersonId, SkillId};
use crate::language::Localised;
use crate::person::Proficiency;

/// How a group picks among its eligible members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Strategy {
    /// One after the other, in the order of keys: who knows this customer, circle, soft skill,
    /// calibrated shortfall, longest idle, id.
    #[default]
    OrderOfKeys,
    /// All at once; the first to accept has it.
    RingAll,
}

/// In which order the contacts that wait for a group are served when somebody comes free.
///
/// Under each of them contacts of equal urgency, channel and answer target are first in, first
/// out, as long as all can still be answered in time, and likewise once all are overdue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Policy {
    /// Calamities, then as [`Cost`](Self::Cost). Keeps somebody in reserve.
    CalamityFirstCost,
    /// Calamities; then whoever waited beyond the cap; then what can still be answered in time,
    /// the earliest due first; then the overdue, the longest wait for its target first. Keeps
    /// somebody in reserve.
    #[default]
    CalamityFirstDeadline,
    /// The same, but what can wait (mail and its like, while it can still be answered in time)
    /// comes after the overdue.
    CalamityFirstDeferring,
    /// Where waiting on costs most: the cost grows with the square of the wait for its target, and
    /// what is done soon goes before what takes long (generalised cµ).
    Cost,
    /// The earliest due first.
    Deadline,
    /// Who came first.
    FirstInFirstOut,
    /// The wait plus some minutes for urgency and kind of channel.
    Score,
    /// The more urgent first; of those the one with the shorter answer target; then who came first.
    StrictPriority,
}

/// How many times its target a contact waits, at the most, behind later ones of its class, where
/// the group does not say.
pub const DEFAULT_CAP: u32 = 10;

impl Policy {
    /// How many people are kept in reserve where the group does not say.
    #[must_use]
    pub const fn default_reserve(self) -> u32 {
        match self {
            Self::CalamityFirstCost
            | Self::CalamityFirstDeadline
            | Self::CalamityFirstDeferring => 1,
            _ => 0,
        }
    }
}

/// What a contact needs of a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[expect(clippy::exhaustive_structs, reason = "a skill and how well")]
pub struct Requirement {
    /// The skill.
    pub skill: SkillId,
    /// The least proficiency, 1 to 5.
    #[cfg_attr(feature = "serde", serde(default = "least"))]
    pub at_least: Proficiency,
}

#[cfg(feature = "serde")]
const fn least() -> Proficiency {
    1
}

/// Who is asked after a wait. Circles accumulate: a later one never excludes whom an earlier one
/// admitted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain configuration, built by embedders as a literal"
)]
pub struct Circle {
    /// Seconds from the arrival of the contact until this circle is in force at the latest; it
    /// comes sooner when nobody is left in the circles before it.
    pub after_s: u32,
    /// Whether the contact's own requirements still hold in it.
    #[cfg_attr(feature = "serde", serde(default))]
    pub keeps_requirements: bool,
    /// Groups whose members are asked too.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Vec::is_empty")
    )]
    pub groups: Vec<GroupId>,
}

/// People who are asked together: a department, a helpdesk, a community.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Group {
    /// The group's id.
    pub id: GroupId,
    /// The name that customers see.
    pub name: Localised,
    /// The members, in order.
    pub members: Vec<PersonId>,
    /// How the group picks.
    #[cfg_attr(feature = "serde", serde(default))]
    pub strategy: Strategy,
    /// How long one offer stands, in seconds, 1 to 3,600.
    #[cfg_attr(feature = "serde", serde(default = "default_offer_for_s"))]
    pub offer_for_s: u32,
    /// Fair shares; 1 for members not named, at most 1,000.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "BTreeMap::is_empty")
    )]
    pub weights: BTreeMap<PersonId, u32>,
    /// Who is asked next, and when. The first circle, the members who meet the requirements, is
    /// always there and not written down.
    #[cfg_attr(
        feature = "serde",
        serde(default, rename = "circle", skip_serializing_if = "Vec::is_empty")
    )]
    pub circles: Vec<Circle>,
    /// Opening hours, as customers see them; none means that the members' own hours tell.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub hours: Option<HoursId>,
    /// The response times agreed; the directory's where none is named.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub agreement: Option<AgreementId>,
    /// What happens when nobody answers; the directory's where none is named.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub escalation: Option<EscalationId>,
    /// Whether customers see the group and may ask for it.
    #[cfg_attr(feature = "serde", serde(default))]
    pub is_public: bool,
    /// In which order waiting contacts are served.
    #[cfg_attr(feature = "serde", serde(default))]
    pub policy: Policy,
    /// Who waited beyond so many times his target goes before all others but calamities, 1 to
    /// 1,000. It counts where the policy lets a later contact of the same class go first.
    #[cfg_attr(feature = "serde", serde(default = "default_cap"))]
    pub cap: u32,
    /// So many idle people are kept for what cannot wait, 0 to 1,000: a contact that is not live
    /// and younger than half its target is not put to the last who have nothing to do. Where none
    /// is named nobody is kept, since the capacity of each kind of channel counts apart and mail
    /// takes nobody from a chat.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub reserve: Option<u32>,
}

#[cfg(feature = "serde")]
const fn default_cap() -> u32 {
    DEFAULT_CAP
}

/// How long an offer stands where the group does not say, in seconds.
pub const DEFAULT_OFFER_FOR_S: u32 = 20;

#[cfg(feature = "serde")]
const fn default_offer_for_s() -> u32 {
    DEFAULT_OFFER_FOR_S
}

impl Group {
    /// A group that picks in the order of keys, with the directory's agreement and escalation.
    #[must_use]
    pub fn new(id: GroupId, name: impl Into<Localised>, members: Vec<PersonId>) -> Self {
        Self {
            id,
            name: name.into(),
            members,
            strategy: Strategy::default(),
            offer_for_s: DEFAULT_OFFER_FOR_S,
            weights: BTreeMap::new(),
            circles: Vec::new(),
            hours: None,
            agreement: None,
            escalation: None,
            is_public: false,
            policy: Policy::default(),
            cap: DEFAULT_CAP,
            reserve: None,
        }
    }

    /// The same group with another strategy.
    #[must_use]
    pub const fn with_strategy(mut self, strategy: Strategy) -> Self {
        self.strategy = strategy;
        self
    }

    /// The same group with another order of waiting contacts.
    #[must_use]
    pub const fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// The same group with one more circle.
    #[must_use]
    pub fn with_circle(mut self, circle: Circle) -> Self {
        self.circles.push(circle);
        self
    }
}
