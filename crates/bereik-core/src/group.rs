//! Groups: people who are asked together.

use std::collections::BTreeMap;

use crate::channel_kind::ChannelKind;
use crate::hands::OwnerAway;
use crate::id::{AgreementId, EscalationId, GroupId, HoursId, PersonId, SkillId};
use crate::language::Localised;
use crate::person::Proficiency;

/// How a group picks among its eligible members.
///
/// Each is a total order. It begins with whoever is certainly reachable, whoever knows the customer,
/// the earlier circle, [rare skills spared](Group::spares_rare_skills) where the group says so, the
/// better at what is needed, and peers' praise; then comes what is named here; ties end in who was
/// offered a contact longest ago, and the id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Strategy {
    /// Who is furthest below his fair share. A share follows the weight; what the others had while
    /// somebody was away, or not there yet, counts as his, so that nobody who comes is flooded.
    FairShare,
    /// Who has had the fewest contacts of this group.
    FewestContacts,
    /// Who has the smallest part of his hands full on the channel of the contact; then who is idle
    /// for longest.
    LeastLoaded,
    /// Who has been without a new contact for longest. Who just came counts from then.
    LongestIdle,
    /// The calibrated fair share, then who is idle for longest.
    #[default]
    OrderOfKeys,
    /// All at once; the first to accept has it.
    RingAll,
    /// Whose turn was longest ago; who never had one goes first, in the order of the members.
    RoundRobin,
    /// The first of the members, in their order, who can be asked.
    TopDown,
    /// By lot, where somebody who weighs twice is drawn twice as often. The lots are numbers of a
    /// counter that is part of the engine's state: told the same, it draws the same.
    WeightedRandom,
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
#[expect(
    clippy::exhaustive_structs,
    reason = "a skill, how well, and how strictly"
)]
pub struct Requirement {
    /// The skill.
    pub skill: SkillId,
    /// The least proficiency, 1 to 5.
    #[cfg_attr(feature = "serde", serde(default = "least"))]
    pub at_least: Proficiency,
    /// Whether it only puts people in order: who lacks it is asked after those who do not. One that
    /// is not soft excludes.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "is_false"))]
    pub is_soft: bool,
}

impl Requirement {
    /// A requirement that excludes whoever is less proficient than this.
    #[must_use]
    pub const fn new(skill: SkillId, at_least: Proficiency) -> Self {
        Self {
            skill,
            at_least,
            is_soft: false,
        }
    }

    /// The same, only to put people in order.
    #[must_use]
    pub const fn soft(mut self) -> Self {
        self.is_soft = true;
        self
    }
}

#[cfg(feature = "serde")]
const fn least() -> Proficiency {
    1
}

#[cfg(feature = "serde")]
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_false(is: &bool) -> bool {
    !*is
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
    /// Whether the contact's own requirements still hold in it; where not, they only put people in
    /// order.
    #[cfg_attr(feature = "serde", serde(default))]
    pub keeps_requirements: bool,
    /// Skills that only put people in order from this circle on.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Vec::is_empty")
    )]
    pub drops: Vec<SkillId>,
    /// Skills of which less is enough from this circle on, and how much, 1 to 5. It raises
    /// nothing.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "BTreeMap::is_empty")
    )]
    pub lowers: BTreeMap<SkillId, Proficiency>,
    /// Groups whose members are asked too.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Vec::is_empty")
    )]
    pub groups: Vec<GroupId>,
}

/// How a community lets people in: its members decide.
///
/// ```
/// use bereik_core::group::Community;
/// assert_eq!(Community::new(3).again_after_s, 30 * 86_400);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain configuration, built by embedders as a literal"
)]
pub struct Community {
    /// How many members it takes to let somebody in, or to refuse him, 1 to 1,000; all of them
    /// where there are fewer.
    pub quorum: u32,
    /// After so many seconds somebody who was refused may apply again, at most a year; 30 days
    /// where it is not said.
    #[cfg_attr(feature = "serde", serde(default = "default_again_after_s"))]
    pub again_after_s: u32,
}

const fn default_again_after_s() -> u32 {
    30 * 86_400
}

impl Community {
    /// A community that lets somebody in when so many members say so.
    #[must_use]
    pub const fn new(quorum: u32) -> Self {
        Self {
            quorum,
            again_after_s: default_again_after_s(),
        }
    }
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
    /// The members, in order. Where there are none there are groups.
    #[cfg_attr(feature = "serde", serde(default))]
    pub members: Vec<PersonId>,
    /// Groups whose members are members too, after those named here. See
    /// [`Directory::members_of`](crate::directory::Directory::members_of).
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Vec::is_empty")
    )]
    pub groups: Vec<GroupId>,
    /// How the group picks.
    #[cfg_attr(feature = "serde", serde(default))]
    pub strategy: Strategy,
    /// How long one offer stands, in seconds, 1 to 3,600.
    #[cfg_attr(feature = "serde", serde(default = "default_offer_for_s"))]
    pub offer_for_s: u32,
    /// To how many people a contact is offered at once, 1 to 64; the first to accept has it. To all
    /// of them where the strategy says so.
    #[cfg_attr(
        feature = "serde",
        serde(
            default = "default_offers_at_once",
            skip_serializing_if = "is_default_offers_at_once"
        )
    )]
    pub offers_at_once: u8,
    /// For how long after he took a contact somebody goes before the others for the same customer,
    /// in seconds, 0 (never) to 31,536,000. Only while he can be reached.
    #[cfg_attr(
        feature = "serde",
        serde(
            default = "default_knows_for_s",
            skip_serializing_if = "is_default_knows_for_s"
        )
    )]
    pub knows_for_s: u32,
    /// Whether those who can the fewest things go first, so that rare skills stay free.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "is_false"))]
    pub spares_rare_skills: bool,
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
    /// Who let an offer lapse, or could not be reached, is not asked again for the same contact for
    /// so long, in seconds, 1 to 86,400. Each time doubles it, up to a day.
    #[cfg_attr(feature = "serde", serde(default = "default_cool_down_s"))]
    pub cool_down_s: u32,
    /// The same for who declined, or left the conversation.
    #[cfg_attr(feature = "serde", serde(default = "default_cool_down_declined_s"))]
    pub cool_down_declined_s: u32,
    /// How long a member has for wrapping up after a contact for the group of a kind, in seconds, 0
    /// to 3,600; the company's for the kinds not named. A member's own goes before it.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "BTreeMap::is_empty")
    )]
    pub wrap_up_s: BTreeMap<ChannelKind, u32>,
    /// What happens to a conversation whose owner is away, in place of the company's rule.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub owner_away: Option<OwnerAway>,
    /// How its members let others in; none means that only the directory says who is a member.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub community: Option<Community>,
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

/// How long somebody is not asked again after a lapse where the group does not say, in seconds.
pub const DEFAULT_COOL_DOWN_S: u32 = 120;
/// The same after he declined.
pub const DEFAULT_COOL_DOWN_DECLINED_S: u32 = 600;

#[cfg(feature = "serde")]
const fn default_cool_down_s() -> u32 {
    DEFAULT_COOL_DOWN_S
}

#[cfg(feature = "serde")]
const fn default_cool_down_declined_s() -> u32 {
    DEFAULT_COOL_DOWN_DECLINED_S
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

/// To how many people a contact is offered at once where the group does not say.
pub const DEFAULT_OFFERS_AT_ONCE: u8 = 1;

/// For how long somebody knows a customer where the group does not say, in seconds: 14 days.
pub const DEFAULT_KNOWS_FOR_S: u32 = 14 * 86_400;

#[cfg(feature = "serde")]
const fn default_offers_at_once() -> u8 {
    DEFAULT_OFFERS_AT_ONCE
}

#[cfg(feature = "serde")]
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_default_offers_at_once(offers: &u8) -> bool {
    *offers == DEFAULT_OFFERS_AT_ONCE
}

#[cfg(feature = "serde")]
const fn default_knows_for_s() -> u32 {
    DEFAULT_KNOWS_FOR_S
}

#[cfg(feature = "serde")]
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_default_knows_for_s(seconds: &u32) -> bool {
    *seconds == DEFAULT_KNOWS_FOR_S
}

impl Group {
    /// A group that picks in the order of keys, with the directory's agreement and escalation.
    #[must_use]
    pub fn new(id: GroupId, name: impl Into<Localised>, members: Vec<PersonId>) -> Self {
        Self {
            id,
            name: name.into(),
            members,
            groups: Vec::new(),
            strategy: Strategy::default(),
            offer_for_s: DEFAULT_OFFER_FOR_S,
            offers_at_once: DEFAULT_OFFERS_AT_ONCE,
            knows_for_s: DEFAULT_KNOWS_FOR_S,
            spares_rare_skills: false,
            weights: BTreeMap::new(),
            circles: Vec::new(),
            hours: None,
            agreement: None,
            escalation: None,
            is_public: false,
            community: None,
            cool_down_s: DEFAULT_COOL_DOWN_S,
            cool_down_declined_s: DEFAULT_COOL_DOWN_DECLINED_S,
            wrap_up_s: BTreeMap::new(),
            owner_away: None,
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
