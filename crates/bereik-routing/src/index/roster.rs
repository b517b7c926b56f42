//! The survey of a small group, along a list of its people that is made once for a directory.

use bereik_core::contact::Addressee;
use bereik_core::explanation::{ExcludedBy, LISTED_MAX};
use bereik_core::group::Strategy;
use bereik_core::id::{GroupId, PersonId};
use bereik_core::person::Person;
use bereik_core::slot::Slot;
use chrono::{DateTime, Utc};

use crate::contact_state::Contact;
use crate::eligible::{Measure, Place, Subject, Survey, count, out_of_circle};
use crate::order::Candidate;
use crate::plan::{Plan, lacks};
use crate::share::Shares;
use crate::state::{Standing, State};

/// Everybody whom the circles of a group name, by id. It follows from the directory alone.
#[derive(Clone, Debug)]
pub(crate) struct Roster {
    people: Vec<Named>,
}

/// Somebody whom a circle names.
#[derive(Clone, Debug)]
struct Named {
    id: PersonId,
    /// His place among the people of the directory.
    slot: Slot,
    /// The first circle that names him.
    named_in: u32,
    /// Where he stands among the members, and where among their shares, which are in the order of
    /// ids; nowhere, if he comes from outside the group.
    member: Option<(u32, Slot)>,
}

impl Roster {
    pub(super) fn of(state: &State, group: &GroupId) -> Self {
        let directory = &state.directory;
        let members = directory.members_of(group);
        let mut people: Vec<Named> = Vec::new();
        let mut name = |id: &PersonId, named_in, member| {
            let slot = directory
                .slot_of(id)
                .expect("a checked directory knows its members");
            people.push(Named {
                id: id.clone(),
                slot,
                named_in,
                member,
            });
        };
        for (id, position) in members.iter().zip(0u32..) {
            name(id, 0, Some((position, Slot::default())));
        }
        let circles = directory.group(group).map(|group| &group.circles);
        for (circle, number) in circles.into_iter().flatten().zip(1u32..) {
            let groups = circle.groups.iter();
            for id in groups.flat_map(|group| directory.members_of(group)) {
                name(id, number, None);
            }
        }
        people.sort_by(|a, b| (&a.id, a.named_in).cmp(&(&b.id, b.named_in)));
        people.dedup_by(|b, a| a.id == b.id);
        let of_members = people.iter_mut().filter_map(|named| named.member.as_mut());
        for ((_, share), place) in of_members.zip(0u32..) {
            *share = Slot::new(place);
        }
        Self { people }
    }

    /// For each member, in the order of shares, his place among the people of the directory.
    fn members(&self) -> impl Iterator<Item = Slot> {
        let members = self.people.iter().filter(|named| named.member.is_some());
        members.map(|named| named.slot)
    }
}

impl Named {
    /// Where he stands while these circles are in force: see `places`.
    fn place(&self, plan: &Plan<'_>, person: &Person, in_force: u32) -> Place {
        let mut place = Place {
            named_in: self.named_in,
            admitted_in: None,
            lacks: None,
        };
        for number in self.named_in..=in_force {
            let Some(circle) = plan.circles.get(number as usize) else {
                break;
            };
            let lacks = lacks(person, &circle.needs);
            place.lacks = lacks.cloned();
            if lacks.is_none() {
                place.admitted_in = Some(number);
                break;
            }
        }
        place
    }
}

impl State {
    /// Somebody of the directory, and how he stands.
    fn subject<'a>(&'a self, id: &'a PersonId, slot: Slot) -> Subject<'a> {
        let subject = Subject {
            id,
            person: Some(&self.directory.people()[slot.index()]),
            standing: self.standing_at(slot),
        };
        debug_assert!(subject.is_same(&self.subject_of(id)), "the index is stale");
        subject
    }

    fn standing_at(&self, slot: Slot) -> Option<&Standing> {
        let standing = *self.index.standing_of.get(slot.index())?;
        standing.map(|standing| self.people.at(standing))
    }

    fn roster_of(&self, contact: &Contact) -> Option<&Roster> {
        let Addressee::Group(group) = &contact.addressee else {
            return None;
        };
        self.index.rosters.get(group)
    }

    /// Who may be asked for a contact in this circle, and who not: everybody, one by one; along the
    /// roster of its group, where it is for one.
    pub(super) fn survey_everybody(
        &self,
        contact: &Contact,
        plan: &Plan<'_>,
        circle: u32,
        at: DateTime<Utc>,
    ) -> Survey {
        let Some(roster) = self.roster_of(contact) else {
            return self.survey_one_by_one(contact, plan, circle, at);
        };
        let survey = self.survey_along(roster, contact, plan, circle, at);
        debug_assert_eq!(survey, self.survey_one_by_one(contact, plan, circle, at));
        survey
    }

    fn survey_along(
        &self,
        roster: &Roster,
        contact: &Contact,
        plan: &Plan<'_>,
        circle: u32,
        at: DateTime<Utc>,
    ) -> Survey {
        let mut survey = Survey {
            is_listed: roster.people.len() <= LISTED_MAX as usize,
            ..Survey::default()
        };
        survey.excluded.reserve_exact(roster.people.len());
        // Whoever may be asked, by place: most often few of many, or all of them.
        let mut admitted: Vec<(usize, u32)> = Vec::with_capacity(roster.people.len());
        for (named, number) in roster.people.iter().zip(0usize..) {
            let subject = self.subject(&named.id, named.slot);
            let person = &self.directory.people()[named.slot.index()];
            let place = named.place(plan, person, circle);
            survey.counts.considered += 1;
            survey.counts.in_circle += u32::from(place.named_in <= circle);
            if let Some(excluded) = out_of_circle(&place, circle) {
                survey.excluded.push((named.id.clone(), excluded));
                continue;
            }
            let excluded = self.first_rule_against_subject(contact, &subject, at);
            count(&mut survey.counts, excluded.as_ref());
            match excluded {
                Some(excluded) => self.exclude(&mut survey, contact, &subject, excluded),
                None => admitted.push((number, place.admitted_in.unwrap_or(circle))),
            }
        }
        survey.eligible = self.candidates_along(roster, contact, plan, &admitted, at);
        let mut eligible = survey.eligible.iter();
        survey.has_certain = eligible.any(|candidate| candidate.is_certain);
        survey
    }

    /// Those of a roster who may be asked, each with the circle that admits him.
    fn candidates_along(
        &self,
        roster: &Roster,
        contact: &Contact,
        plan: &Plan<'_>,
        admitted: &[(usize, u32)],
        at: DateTime<Utc>,
    ) -> Vec<Candidate> {
        if admitted.is_empty() {
            return Vec::new();
        }
        let shares = plan.group.and_then(|group| self.shares.get(&group.id));
        let average = shares.map(Shares::average).unwrap_or_default();
        let measure = Measure::of(self, plan, shares.map_or(0, Shares::all));
        let has_positions = matches!(plan.strategy, Strategy::RoundRobin | Strategy::TopDown);
        let known: Vec<&PersonId> = self.who_knows(contact, plan.knows_for_s, at).collect();
        let candidates = admitted.iter().map(|(number, circle)| {
            let named = &roster.people[*number];
            let subject = self.subject(&named.id, named.slot);
            let mut candidate = self.candidate_of(contact, plan, &subject, *circle, at, &known);
            if let Some(measure) = &measure {
                let (position, share) = named.member.unzip();
                let share = share.and_then(|share| shares?.at(share));
                let position = position.filter(|_| has_positions);
                measure.add_to(&mut candidate, share.unwrap_or(average), position);
            }
            candidate
        });
        candidates.collect()
    }

    fn exclude(
        &self,
        survey: &mut Survey,
        contact: &Contact,
        subject: &Subject<'_>,
        excluded: ExcludedBy,
    ) {
        let says = match excluded {
            ExcludedBy::HasOffer => Some(&mut survey.is_asked),
            ExcludedBy::AtCapacity | ExcludedBy::WrappingUp(_) => Some(&mut survey.is_full),
            _ => None,
        };
        if let Some(says) = says.filter(|says| !**says) {
            let has_hands = subject.capacity(contact.channel) > 0;
            let counts = excluded == ExcludedBy::HasOffer || has_hands;
            *says = counts && subject.can_be_reached(contact);
        }
        survey.excluded.push((subject.id.clone(), excluded));
    }

    /// Who of the members of a group can be reached now, in the order of their shares.
    pub(crate) fn members_there(&self, contact: &Contact) -> Vec<bool> {
        let Some(roster) = self.roster_of(contact) else {
            return Vec::new();
        };
        let mut there = Vec::with_capacity(roster.people.len());
        there.extend(roster.members().map(|slot| {
            let standing = self.standing_at(slot);
            standing.is_some_and(|standing| standing.is_there(contact.channel))
        }));
        there
    }
}
