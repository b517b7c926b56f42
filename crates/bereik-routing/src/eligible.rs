//! Who may be asked for a contact now, and the first rule that excludes each other.

use std::collections::BTreeMap;

use bereik_core::ChannelKind;
use bereik_core::explanation::{Counts, ExcludedBy, LISTED_MAX};
use bereik_core::group::Strategy;
use bereik_core::id::{PersonId, SkillId};
use bereik_core::person::Person;
use bereik_core::reachability::{Reach, Reachability};
use chrono::{DateTime, Utc};

use crate::contact_state::Contact;
use crate::lot::{lot, number_of};
use crate::order::Candidate;
use crate::plan::{Plan, lacks, proficiency};
use crate::share::{ONE, Share, Shares, shortfall};
use crate::state::{Standing, State};

/// Where a person stands in a plan.
pub(crate) struct Place {
    /// The first circle that names him.
    pub(crate) named_in: u32,
    /// The first circle that admits him, if one does.
    pub(crate) admitted_in: Option<u32>,
    /// What he lacks of what the last circle that is in force needs.
    pub(crate) lacks: Option<SkillId>,
}

/// Somebody, and what the directory and the engine know of him: looked up once for all that is asked
/// of him.
pub(crate) struct Subject<'a> {
    pub(crate) id: &'a PersonId,
    pub(crate) person: Option<&'a Person>,
    pub(crate) standing: Option<&'a Standing>,
}

impl Subject<'_> {
    fn reachability(&self, channel: ChannelKind) -> Reachability {
        let standing = self.standing;
        standing.map_or(Reachability::UNKNOWN, |standing| standing.row[channel])
    }

    /// Whether he is certainly reachable for this contact: on call counts in a calamity.
    pub(crate) fn can_be_reached(&self, contact: &Contact) -> bool {
        match self.reachability(contact.channel).reach {
            Reach::Now => true,
            Reach::OnCall => contact.is_calamity(),
            Reach::From(_) | Reach::Never | Reach::Unknown => false,
        }
    }

    pub(crate) fn capacity(&self, channel: ChannelKind) -> u32 {
        self.person
            .map_or(0, |person| person.capacity_for(channel).into())
    }

    /// Whether both are the same, found by whatever way.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let address = |subject: &Self| {
            (
                subject.person.map(std::ptr::from_ref),
                subject.standing.map(std::ptr::from_ref),
            )
        };
        self.id == other.id && address(self) == address(other)
    }
}

/// Against what the members of a group are measured.
pub(crate) struct Measure<'a> {
    plan: &'a Plan<'a>,
    all: u64,
    /// The sum of the weights of all members.
    weights: u64,
    /// The number of the draw, where lots are drawn.
    draw: Option<u64>,
}

impl<'a> Measure<'a> {
    /// Where the contact is for a group. `all` is what all of its members had.
    pub(crate) fn of(state: &State, plan: &'a Plan<'a>, all: u64) -> Option<Self> {
        let group = plan.group?;
        let shares = state.shares.get(&group.id)?;
        let named = group.weights.values().map(|weight| u64::from(*weight));
        let members = state.directory.members_of(&group.id).len();
        let others = members.saturating_sub(group.weights.len());
        let weights = named.sum::<u64>() + u64::try_from(others).unwrap_or(u64::MAX);
        let draws = plan.strategy == Strategy::WeightedRandom;
        Some(Self {
            plan,
            all,
            weights,
            draw: draws.then(|| shares.next_turn()),
        })
    }

    /// Adds to a candidate what stands in relation to the other members.
    pub(crate) fn add_to(&self, candidate: &mut Candidate, share: Share, position: Option<u32>) {
        let weight = self.plan.weight(&candidate.person);
        candidate.shortfall = shortfall(share, self.all, weight, self.weights);
        let is_beyond = || candidate.shortfall < -(i128::from(ONE) * i128::from(self.weights));
        if candidate.praise > 0 && is_beyond() {
            // Whoever had more than one contact beyond his share is not asked for being good.
            candidate.praise = 0;
        }
        candidate.had = share.had;
        candidate.turn = share.turn;
        candidate.position = position.unwrap_or(u32::MAX);
        if let Some(draw) = self.draw {
            let name = number_of(candidate.person.as_str());
            candidate.lot = lot(draw, name, weight);
        }
    }
}

/// Everybody who was considered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Survey {
    /// Who may be asked, in any order; where nobody is listed, as many of the first of them as
    /// are asked and one more.
    pub(crate) eligible: Vec<Candidate>,
    /// Who may not, where they are listed.
    pub(crate) excluded: Vec<(PersonId, ExcludedBy)>,
    pub(crate) counts: Counts,
    pub(crate) is_listed: bool,
    /// Somebody who may be asked is certainly reachable.
    pub(crate) has_certain: bool,
    /// Somebody reachable was offered it already and may still take it.
    pub(crate) is_asked: bool,
    /// Somebody reachable would be asked, but for his capacity.
    pub(crate) is_full: bool,
}

/// What the members of a group had, against whom each is measured, and where each stands.
pub(crate) struct Scale<P> {
    pub(crate) all: u64,
    pub(crate) average: Share,
    pub(crate) position: P,
}

/// Where everybody stands while these circles are in force. Once admitted, somebody stays so in
/// each later circle.
fn places<'a>(state: &State, plan: &Plan<'a>, in_force: u32) -> BTreeMap<&'a PersonId, Place> {
    let mut places: BTreeMap<&PersonId, Place> = BTreeMap::new();
    for (circle, number) in plan.circles.iter().zip(0u32..) {
        for person in circle.adds.iter().flat_map(|people| people.iter()) {
            places.entry(person).or_insert(Place {
                named_in: number,
                admitted_in: None,
                lacks: None,
            });
        }
        if number > in_force {
            continue;
        }
        for (id, place) in &mut places {
            if place.admitted_in.is_none() {
                let person = state.directory.person(id);
                let lacks = person.and_then(|person| lacks(person, &circle.needs));
                place.lacks = lacks.cloned();
                place.admitted_in = lacks.is_none().then_some(number);
            }
        }
    }
    places
}

/// Everybody whom any circle names, by id, with the first circle that admits him, if one does.
pub(crate) fn admissions<'a>(
    state: &State,
    plan: &Plan<'a>,
) -> impl Iterator<Item = (&'a PersonId, Option<u32>)> {
    let places = places(state, plan, plan.last_circle()).into_iter();
    places.map(|(person, place)| (person, place.admitted_in))
}

impl State {
    /// Who may be asked for a contact in this circle, and who not: everybody, one by one.
    pub(crate) fn survey_one_by_one(
        &self,
        contact: &Contact,
        plan: &Plan<'_>,
        circle: u32,
        at: DateTime<Utc>,
    ) -> Survey {
        let mut survey = Survey {
            is_listed: true,
            ..Survey::default()
        };
        for (id, place) in places(self, plan, circle) {
            let counts = &mut survey.counts;
            counts.considered += 1;
            counts.in_circle += u32::from(place.named_in <= circle);
            if let Some(excluded) = out_of_circle(&place, circle) {
                survey.excluded.push((id.clone(), excluded));
                continue;
            }
            let excluded = self.first_rule_against(contact, id, at);
            count(&mut survey.counts, excluded.as_ref());
            match excluded {
                None => {
                    let admitted_in = place.admitted_in.unwrap_or(circle);
                    survey
                        .eligible
                        .push(self.candidate(contact, plan, id, admitted_in, at));
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
        self.compare_one_by_one(plan, &mut survey.eligible);
        let mut eligible = survey.eligible.iter();
        survey.has_certain = eligible.any(|candidate| candidate.is_certain);
        if survey.counts.considered > LISTED_MAX {
            survey.is_listed = false;
        }
        survey
    }

    /// The first rule that keeps an admitted person from being asked, if one does.
    pub(crate) fn first_rule_against(
        &self,
        contact: &Contact,
        person: &PersonId,
        at: DateTime<Utc>,
    ) -> Option<ExcludedBy> {
        self.first_rule_against_subject(contact, &self.subject_of(person), at)
    }

    /// Somebody by his id.
    pub(crate) fn subject_of<'a>(&'a self, id: &'a PersonId) -> Subject<'a> {
        Subject {
            id,
            person: self.directory.person(id),
            standing: self.people.get(id),
        }
    }

    /// The same for somebody who was looked up.
    pub(crate) fn first_rule_against_subject(
        &self,
        contact: &Contact,
        subject: &Subject<'_>,
        at: DateTime<Utc>,
    ) -> Option<ExcludedBy> {
        let (channel, person) = (contact.channel, subject.id);
        let reachability = subject.reachability(channel);
        let is_perhaps_reachable = match reachability.reach {
            Reach::Now | Reach::Unknown => true,
            Reach::OnCall => contact.is_calamity(),
            Reach::From(_) | Reach::Never => false,
        };
        let wraps_up_until = || self.wraps_up_with(contact, subject.standing?);
        let spare = |person| self.spare_of(person, subject.standing, channel);
        if contact.participants.contains(person) {
            Some(ExcludedBy::TakesPart)
        } else if !is_perhaps_reachable {
            Some(ExcludedBy::NotReachable(reachability.reason))
        } else if contact.has_offer_to(person) {
            Some(ExcludedBy::HasOffer)
        } else if let Some(until) = contact.search.cools_until(person, at) {
            Some(ExcludedBy::CoolingDown(until))
        } else if let Some(until) = wraps_up_until() {
            Some(ExcludedBy::WrappingUp(until))
        } else if subject.person.map_or(0, spare) == 0 {
            Some(ExcludedBy::AtCapacity)
        } else {
            None
        }
    }

    /// Whether a person is certainly reachable for this contact: on call counts in a calamity.
    pub(crate) fn can_be_reached(&self, contact: &Contact, person: &PersonId) -> bool {
        let subject = Subject {
            id: person,
            person: None,
            standing: self.people.get(person),
        };
        subject.can_be_reached(contact)
    }

    /// Somebody who may be asked, with what is his own.
    pub(crate) fn candidate(
        &self,
        contact: &Contact,
        plan: &Plan<'_>,
        id: &PersonId,
        circle: u32,
        at: DateTime<Utc>,
    ) -> Candidate {
        let known: Vec<&PersonId> = self.who_knows(contact, plan.knows_for_s, at).collect();
        let subject = self.subject_of(id);
        self.candidate_of(contact, plan, &subject, circle, at, &known)
    }

    /// The same for somebody who was looked up, where it is known who knows the customer.
    pub(crate) fn candidate_of(
        &self,
        contact: &Contact,
        plan: &Plan<'_>,
        subject: &Subject<'_>,
        circle: u32,
        at: DateTime<Utc>,
        known: &[&PersonId],
    ) -> Candidate {
        let Subject {
            id,
            person,
            standing,
        } = *subject;
        let channel = contact.channel;
        let tiers = plan.wants.iter();
        let tiers = tiers.map(|want| i32::from(self.praise_tier(id, &want.skill, at)));
        let load = standing.map_or(0, |s| s.held[channel] + s.offered[channel]);
        Candidate {
            person: id.clone(),
            is_certain: subject.can_be_reached(contact),
            knows_customer: known.contains(&id),
            circle,
            skills: person.map_or(0, |p| u32::try_from(p.skills.len()).unwrap_or(u32::MAX)),
            skill: person.map_or(0, |p| proficiency(p, &plan.wants)),
            praise: tiers.sum::<i32>().clamp(-1, 1),
            shortfall: 0,
            had: 0,
            load: (load, subject.capacity(channel)),
            turn: 0,
            lot: 0,
            idle_since: standing.map_or(0, |s| s.idle_since.timestamp_micros()),
            position: u32::MAX,
            last_offer: standing.map_or(0, |s| s.last_offer),
        }
    }

    fn compare_one_by_one(&self, plan: &Plan<'_>, eligible: &mut [Candidate]) {
        let Some(group) = plan.group else {
            return;
        };
        let has_positions = matches!(plan.strategy, Strategy::RoundRobin | Strategy::TopDown);
        let members = self.directory.members_of(&group.id).iter();
        let members = members.take(if has_positions { usize::MAX } else { 0 });
        let positions: BTreeMap<&PersonId, u32> = members.zip(0..).collect();
        let shares = self.shares.get(&group.id);
        let scale = Scale {
            all: shares.map_or(0, Shares::all),
            average: shares.map(Shares::average).unwrap_or_default(),
            position: |person: &PersonId| positions.get(person).copied(),
        };
        self.compare_with_others(plan, &scale, eligible);
    }

    /// Adds what stands in relation to the other members of the group. Who comes from outside it
    /// counts as the average of them.
    pub(crate) fn compare_with_others(
        &self,
        plan: &Plan<'_>,
        scale: &Scale<impl Fn(&PersonId) -> Option<u32>>,
        eligible: &mut [Candidate],
    ) {
        let shares = plan.group.and_then(|group| self.shares.get(&group.id));
        let Some((measure, shares)) = Measure::of(self, plan, scale.all).zip(shares) else {
            return;
        };
        for candidate in eligible {
            let share = shares.of(&candidate.person).unwrap_or(scale.average);
            let position = (scale.position)(&candidate.person);
            measure.add_to(candidate, share, position);
        }
    }

    /// Whether peers have praised anybody: where not, nobody's is looked up.
    pub(crate) fn has_praise(&self) -> bool {
        !self.praises.is_empty()
    }

    /// How peers judge a person's help with a skill, as a step of -1, 0 or 1 in the order of keys.
    pub(crate) fn praise_tier(&self, person: &PersonId, skill: &SkillId, now: DateTime<Utc>) -> i8 {
        self.praises.tier(person, skill, now)
    }
}

/// Counts somebody who is admitted, by the first rule against him.
pub(crate) const fn count(counts: &mut Counts, excluded: Option<&ExcludedBy>) {
    counts.skilled += 1;
    let passed = match excluded {
        Some(ExcludedBy::TakesPart | ExcludedBy::NotReachable(_)) => 0,
        Some(ExcludedBy::HasOffer) => 1,
        Some(ExcludedBy::CoolingDown(_)) => 2,
        Some(_) => 3,
        None => 4,
    };
    counts.reachable += (passed >= 1) as u32;
    counts.unasked += (passed >= 2) as u32;
    counts.rested += (passed >= 3) as u32;
    counts.free += (passed >= 4) as u32;
}

/// Why somebody is not in the circle in force, if he is not.
pub(crate) fn out_of_circle(place: &Place, circle: u32) -> Option<ExcludedBy> {
    if place.admitted_in.is_some() {
        return None;
    }
    let lacks = place.lacks.clone().filter(|_| place.named_in <= circle);
    Some(lacks.map_or(ExcludedBy::NotInCircle, ExcludedBy::LacksSkill))
}
