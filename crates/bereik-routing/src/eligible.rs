//! Who may be asked for a contact now, and the first rule that excludes each other.

use std::collections::{BTreeMap, BTreeSet};

use bereik_core::contact::Addressee;
use bereik_core::directory::Directory;
use bereik_core::explanation::ExcludedBy;
use bereik_core::group::{Group, Requirement, Strategy};
use bereik_core::id::{GroupId, PersonId, SkillId};
use bereik_core::person::Person;
use bereik_core::reachability::Reach;
use chrono::{DateTime, Utc};

use crate::contact_state::Contact;
use crate::share::shortfall;
use crate::state::State;
use crate::target::Clock;

/// How long one offer stands where the addressee is a person without a group, in seconds.
const OFFER_FOR_S: u32 = bereik_core::group::DEFAULT_OFFER_FOR_S;

/// Who is asked after which wait, worked out from the directory for one contact.
pub(crate) struct Plan<'a> {
    circles: Vec<PlanCircle<'a>>,
    pub(crate) strategy: Strategy,
    pub(crate) offer_for_s: u32,
    group: Option<&'a Group>,
}

/// A circle with all members that it admits, those of the circles before it among them.
struct PlanCircle<'a> {
    after_s: u32,
    keeps_requirements: bool,
    members: BTreeSet<&'a PersonId>,
}

/// Where a person stands in a plan.
struct Place {
    /// The first circle that names him.
    named_in: u32,
    /// The first circle that admits him, if one does.
    admitted_in: Option<u32>,
    lacks: Option<SkillId>,
}

/// Somebody who may be asked, with what the order of keys compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) person: PersonId,
    /// Certainly reachable, not perhaps.
    pub(crate) is_certain: bool,
    pub(crate) knows_customer: bool,
    pub(crate) circle: u32,
    pub(crate) skill: u32,
    pub(crate) shortfall: i128,
    pub(crate) idle_since: DateTime<Utc>,
}

/// Everybody who was considered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Survey {
    /// Who may be asked, by id.
    pub(crate) eligible: Vec<Candidate>,
    /// Who may not, by id.
    pub(crate) excluded: Vec<(PersonId, ExcludedBy)>,
    /// Somebody reachable was offered it already and may still take it.
    pub(crate) is_asked: bool,
    /// Somebody reachable would be asked, but for his capacity.
    pub(crate) is_full: bool,
}

impl Survey {
    pub(crate) fn has_certain(&self) -> bool {
        self.eligible.iter().any(|candidate| candidate.is_certain)
    }
}

impl<'a> Plan<'a> {
    pub(crate) fn of(directory: &'a Directory, contact: &Contact) -> Self {
        match &contact.addressee {
            Addressee::Person(person) => Self::of_person(directory, contact, person),
            Addressee::Group(id) => directory
                .group(id)
                .map_or_else(Self::of_nobody, |group| Self::of_group(directory, group)),
            _ => Self::of_nobody(),
        }
    }

    const fn of_nobody() -> Self {
        Self {
            circles: Vec::new(),
            strategy: Strategy::OrderOfKeys,
            offer_for_s: OFFER_FOR_S,
            group: None,
        }
    }

    fn of_group(directory: &'a Directory, group: &'a Group) -> Self {
        let mut members: BTreeSet<&PersonId> = group.members.iter().collect();
        let mut circles = vec![PlanCircle {
            after_s: 0,
            keeps_requirements: true,
            members: members.clone(),
        }];
        for circle in &group.circles {
            let groups = circle.groups.iter().filter_map(|id| directory.group(id));
            members.extend(groups.flat_map(|group| &group.members));
            circles.push(PlanCircle {
                after_s: circle.after_s,
                keeps_requirements: circle.keeps_requirements,
                members: members.clone(),
            });
        }
        Self {
            circles,
            strategy: group.strategy,
            offer_for_s: group.offer_for_s,
            group: Some(group),
        }
    }

    /// The person himself, then the groups that he is a member of: those who can what is needed,
    /// then everybody.
    fn of_person(directory: &'a Directory, contact: &Contact, person: &PersonId) -> Self {
        let Some(person) = directory.person(person) else {
            return Self::of_nobody();
        };
        let his = |group: &&Group| group.members.contains(&person.id);
        let groups: Vec<&Group> = directory.groups().iter().filter(his).collect();
        let mut members: BTreeSet<&PersonId> = [&person.id].into();
        let clock = Clock::of(
            directory,
            &contact.addressee,
            contact.urgency,
            contact.channel,
        );
        let mut circle = |after_s, keeps_requirements| {
            let all = members.clone();
            members.extend(groups.iter().flat_map(|group| &group.members));
            PlanCircle {
                after_s,
                keeps_requirements,
                members: all,
            }
        };
        let half_s = clock.half_s();
        let circles = vec![
            circle(0, false),
            circle(half_s, true),
            circle(half_s, false),
        ];
        let offer_for_s = groups.iter().map(|group| group.offer_for_s).max();
        Self {
            circles,
            strategy: Strategy::OrderOfKeys,
            offer_for_s: offer_for_s.unwrap_or(OFFER_FOR_S),
            group: None,
        }
    }

    /// The last circle, counted from 0.
    pub(crate) fn last_circle(&self) -> u32 {
        u32::try_from(self.circles.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// How long after the start of a search a circle comes into force at the latest.
    pub(crate) fn after_s(&self, circle: u32) -> Option<u32> {
        let circle = self.circles.get(usize::try_from(circle).ok()?)?;
        Some(circle.after_s)
    }

    /// Everybody whom any circle admits.
    pub(crate) fn everybody(&self) -> impl Iterator<Item = &'a PersonId> {
        let widest = self.circles.last();
        widest
            .into_iter()
            .flat_map(|circle| &circle.members)
            .copied()
    }

    pub(crate) fn pool(&self) -> Option<&'a GroupId> {
        self.group.map(|group| &group.id)
    }

    /// Where everybody stands. Once admitted, somebody stays so in each later circle.
    fn places(
        &self,
        directory: &Directory,
        requires: &[Requirement],
    ) -> BTreeMap<&'a PersonId, Place> {
        let mut places: BTreeMap<&PersonId, Place> = BTreeMap::new();
        for (circle, number) in self.circles.iter().zip(0u32..) {
            for &id in &circle.members {
                let place = places.entry(id).or_insert_with(|| Place {
                    named_in: number,
                    admitted_in: None,
                    lacks: directory.person(id).and_then(|p| lacks(p, requires)),
                });
                let admits = !circle.keeps_requirements || place.lacks.is_none();
                if place.admitted_in.is_none() && admits {
                    place.admitted_in = Some(number);
                }
            }
        }
        places
    }

    fn weight(&self, person: &PersonId) -> u32 {
        let weights = self.group.map(|group| &group.weights);
        weights
            .and_then(|weights| weights.get(person))
            .copied()
            .unwrap_or(1)
    }
}

/// The first skill that a contact needs and the person lacks.
fn lacks(person: &Person, requires: &[Requirement]) -> Option<SkillId> {
    let has = |r: &Requirement| {
        person
            .skills
            .get(&r.skill)
            .is_some_and(|p| *p >= r.at_least)
    };
    let lacking = requires.iter().find(|requirement| !has(requirement));
    lacking.map(|requirement| requirement.skill.clone())
}

/// How well the person can what is needed.
fn proficiency(person: &Person, requires: &[Requirement]) -> u32 {
    let levels = requires.iter().filter_map(|r| person.skills.get(&r.skill));
    levels.map(|level| u32::from(*level)).sum()
}

impl State {
    /// Who may be asked for a contact in this circle, and who not.
    pub(crate) fn survey(
        &self,
        contact: &Contact,
        plan: &Plan<'_>,
        circle: u32,
        at: DateTime<Utc>,
    ) -> Survey {
        let knows = self.knows(contact, at);
        let mut survey = Survey::default();
        let mut admitted = Vec::new();
        for (id, place) in plan.places(&self.directory, &contact.requires) {
            if let Some(excluded) = out_of_circle(&place, circle) {
                survey.excluded.push((id.clone(), excluded));
                continue;
            }
            admitted.push(id);
            match self.first_rule_against(contact, id, at) {
                None => {
                    let admitted_in = place.admitted_in.unwrap_or(circle);
                    let mut candidate = self.candidate(contact, id, admitted_in);
                    candidate.knows_customer = knows.contains(id);
                    survey.eligible.push(candidate);
                }
                Some(excluded) => {
                    if self.can_be_reached(contact, id) {
                        survey.is_asked |= excluded == ExcludedBy::HasOffer;
                        let has_hands = self.capacity(id, contact.channel) > 0;
                        let is_short =
                            matches!(excluded, ExcludedBy::AtCapacity | ExcludedBy::WrappingUp(_));
                        survey.is_full |= has_hands && is_short;
                    }
                    survey.excluded.push((id.clone(), excluded));
                }
            }
        }
        self.measure_shares(plan, &admitted, &mut survey.eligible);
        survey
    }

    /// The first rule that keeps an admitted person from being asked, if one does.
    pub(crate) fn first_rule_against(
        &self,
        contact: &Contact,
        person: &PersonId,
        at: DateTime<Utc>,
    ) -> Option<ExcludedBy> {
        let reachability = self.reachability(person, contact.channel);
        let is_perhaps_reachable = match reachability.reach {
            Reach::Now | Reach::Unknown => true,
            Reach::OnCall => contact.is_calamity(),
            Reach::From(_) | Reach::Never => false,
        };
        if contact.participants.contains(person) {
            Some(ExcludedBy::TakesPart)
        } else if !is_perhaps_reachable {
            Some(ExcludedBy::NotReachable(reachability.reason))
        } else if contact.has_offer_to(person) {
            Some(ExcludedBy::HasOffer)
        } else if let Some(until) = contact.search.cools_until(person, at) {
            Some(ExcludedBy::CoolingDown(until))
        } else if let Some(until) = self.wraps_up_until(contact, person) {
            Some(ExcludedBy::WrappingUp(until))
        } else if self.spare(person, contact.channel) == 0 {
            Some(ExcludedBy::AtCapacity)
        } else {
            None
        }
    }

    /// Whether a person is certainly reachable for this contact: on call counts in a calamity.
    pub(crate) fn can_be_reached(&self, contact: &Contact, person: &PersonId) -> bool {
        match self.reachability(person, contact.channel).reach {
            Reach::Now => true,
            Reach::OnCall => contact.is_calamity(),
            Reach::From(_) | Reach::Never | Reach::Unknown => false,
        }
    }

    pub(crate) fn candidate(&self, contact: &Contact, id: &PersonId, circle: u32) -> Candidate {
        let person = self.directory.person(id);
        let standing = self.people.get(id);
        Candidate {
            person: id.clone(),
            is_certain: self.can_be_reached(contact, id),
            knows_customer: false,
            circle,
            skill: person.map_or(0, |p| proficiency(p, &contact.requires)),
            shortfall: 0,
            idle_since: standing.map_or(DateTime::<Utc>::UNIX_EPOCH, |s| s.idle_since),
        }
    }

    fn measure_shares(&self, plan: &Plan<'_>, admitted: &[&PersonId], eligible: &mut [Candidate]) {
        let Some(shares) = plan.pool().and_then(|pool| self.shares.get(pool)) else {
            return;
        };
        let counted = admitted.iter().map(|id| shares.of(id).counted());
        let all = counted.fold(0u64, u64::saturating_add);
        let weights = admitted.iter().map(|id| u64::from(plan.weight(id))).sum();
        for candidate in eligible {
            let weight = plan.weight(&candidate.person);
            candidate.shortfall = shortfall(shares.of(&candidate.person), all, weight, weights);
        }
    }
}

/// Why somebody is not in the circle in force, if he is not.
fn out_of_circle(place: &Place, circle: u32) -> Option<ExcludedBy> {
    if place.admitted_in.is_some_and(|admitted| admitted <= circle) {
        return None;
    }
    let lacks = place.lacks.clone().filter(|_| place.named_in <= circle);
    Some(lacks.map_or(ExcludedBy::NotInCircle, ExcludedBy::LacksSkill))
}
