//! Who is asked after which wait, worked out from the directory for one contact.

use bereik_core::contact::{Addressee, Authorship};
use bereik_core::directory::Directory;
use bereik_core::group::{
    Circle, DEFAULT_KNOWS_FOR_S, DEFAULT_OFFER_FOR_S, Group, Requirement, Strategy,
};
use bereik_core::id::{GroupId, PersonId, SkillId};
use bereik_core::person::Person;

use crate::addressee::{authors, default_group};
use crate::contact_state::Contact;
use crate::target::Clock;

/// Who is asked after which wait. It borrows lists of people and copies none.
pub(crate) struct Plan<'a> {
    pub(crate) circles: Vec<PlanCircle<'a>>,
    pub(crate) strategy: Strategy,
    pub(crate) offer_for_s: u32,
    pub(crate) offers_at_once: u8,
    pub(crate) knows_for_s: u32,
    pub(crate) spares_rare_skills: bool,
    pub(crate) group: Option<&'a Group>,
    /// What puts people in order: what the contact needs, and the skill for which it is.
    pub(crate) wants: Vec<Requirement>,
}

/// What one circle adds to those before it.
pub(crate) struct PlanCircle<'a> {
    pub(crate) after_s: u32,
    /// What excludes in this circle.
    pub(crate) needs: Vec<Requirement>,
    /// Whom it adds; somebody may stand in several of them.
    pub(crate) adds: Vec<&'a [PersonId]>,
}

impl<'a> Plan<'a> {
    pub(crate) fn of(directory: &'a Directory, contact: &'a Contact) -> Self {
        match &contact.addressee {
            Addressee::Authors(authorship) => Self::of_authors(directory, contact, authorship),
            Addressee::Group(id) => directory.group(id).map_or_else(Self::of_nobody, |group| {
                Self::of_group(directory, contact, group)
            }),
            Addressee::Person(person) => Self::of_person(directory, contact, person),
            Addressee::Skill(skill) => Self::of_skill(directory, contact, skill),
            _ => Self::of_nobody(),
        }
    }

    const fn of_nobody() -> Self {
        Self {
            circles: Vec::new(),
            strategy: Strategy::OrderOfKeys,
            offer_for_s: DEFAULT_OFFER_FOR_S,
            offers_at_once: 1,
            knows_for_s: DEFAULT_KNOWS_FOR_S,
            spares_rare_skills: false,
            group: None,
            wants: Vec::new(),
        }
    }

    /// In these circles, one after the other in the order of keys.
    fn of_circles(contact: &Contact, circles: Vec<PlanCircle<'a>>) -> Self {
        Self {
            circles,
            wants: contact.requires.clone(),
            ..Self::of_nobody()
        }
    }

    fn of_group(directory: &'a Directory, contact: &Contact, group: &'a Group) -> Self {
        let first = PlanCircle {
            after_s: 0,
            needs: hard(&contact.requires),
            adds: vec![directory.members_of(&group.id)],
        };
        let mut needs = first.needs.clone();
        let mut circles = vec![first];
        for circle in &group.circles {
            relax(&mut needs, circle);
            let keeps = circle.keeps_requirements;
            let groups = circle.groups.iter();
            circles.push(PlanCircle {
                after_s: circle.after_s,
                needs: if keeps { needs.clone() } else { Vec::new() },
                adds: groups.map(|id| directory.members_of(id)).collect(),
            });
        }
        Self {
            strategy: group.strategy,
            offer_for_s: group.offer_for_s,
            offers_at_once: group.offers_at_once,
            knows_for_s: group.knows_for_s,
            spares_rare_skills: group.spares_rare_skills,
            group: Some(group),
            ..Self::of_circles(contact, circles)
        }
    }

    /// The person himself, then the groups that he is a member of: those who can what is needed,
    /// then everybody.
    fn of_person(directory: &'a Directory, contact: &Contact, person: &PersonId) -> Self {
        let Some(person) = directory.person(person) else {
            return Self::of_nobody();
        };
        let half_s = half_s(directory, contact);
        let groups = directory.groups_of(&person.id);
        let mut circles = vec![PlanCircle {
            after_s: 0,
            needs: Vec::new(),
            adds: vec![std::slice::from_ref(&person.id)],
        }];
        circles.extend(groups_after(directory, contact, groups.iter(), half_s));
        Self {
            offer_for_s: longest_offer_s(directory, groups.iter()),
            ..Self::of_circles(contact, circles)
        }
    }

    /// The author, the co-authors, who knows the subject, then the groups of those who wrote it,
    /// or the group that is asked when nobody chose one: never a dead end.
    fn of_authors(directory: &'a Directory, contact: &Contact, authorship: &'a Authorship) -> Self {
        let half_s = half_s(directory, contact);
        let mut known = authors(directory, authorship).map(std::slice::from_ref);
        let subject = authorship.subject.as_ref();
        let circle = |after_s, adds| PlanCircle {
            after_s,
            needs: Vec::new(),
            adds,
        };
        let holders = subject.map(|subject| directory.holders_of(subject));
        let mut circles = vec![
            circle(0, known.next().into_iter().collect()),
            circle(half_s / 2, known.collect()),
            circle(half_s / 4 * 3, holders.into_iter().collect()),
        ];
        let mut groups: Vec<&GroupId> = authors(directory, authorship)
            .flat_map(|person| directory.groups_of(person))
            .collect();
        if groups.is_empty() {
            groups.extend(default_group(directory).map(|group| &group.id));
        }
        circles.extend(groups_after(
            directory,
            contact,
            groups.iter().copied(),
            half_s,
        ));
        let mut plan = Self {
            offer_for_s: longest_offer_s(directory, groups.into_iter()),
            ..Self::of_circles(contact, circles)
        };
        plan.wants.extend(subject.map(wish));
        plan
    }

    /// Whoever has the skill: those who can what else is needed, then all of them; then the group
    /// that is asked when nobody chose one.
    fn of_skill(directory: &'a Directory, contact: &Contact, skill: &SkillId) -> Self {
        let half_s = half_s(directory, contact);
        let group = default_group(directory).map(|group| &group.id);
        let mut circles = vec![
            PlanCircle {
                after_s: 0,
                needs: hard(&contact.requires),
                adds: vec![directory.holders_of(skill)],
            },
            PlanCircle {
                after_s: half_s / 2,
                needs: Vec::new(),
                adds: Vec::new(),
            },
        ];
        circles.extend(groups_after(directory, contact, group.into_iter(), half_s));
        let mut plan = Self {
            offer_for_s: longest_offer_s(directory, group.into_iter()),
            ..Self::of_circles(contact, circles)
        };
        plan.wants.push(wish(skill));
        plan
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

    /// Everybody whom any circle names; somebody may come more than once.
    pub(crate) fn everybody(&self) -> impl Iterator<Item = &'a PersonId> {
        let adds = self.circles.iter().flat_map(|circle| &circle.adds);
        adds.flat_map(|people| people.iter())
    }

    pub(crate) fn weight(&self, person: &PersonId) -> u32 {
        let weights = self.group.map(|group| &group.weights);
        let weight = weights.and_then(|weights| weights.get(person));
        weight.copied().unwrap_or(1)
    }
}

/// What excludes.
fn hard(requires: &[Requirement]) -> Vec<Requirement> {
    let hard = requires.iter().filter(|requirement| !requirement.is_soft);
    hard.cloned().collect()
}

/// The skill for which a contact is, however well somebody has it.
fn wish(skill: &SkillId) -> Requirement {
    Requirement::new(skill.clone(), 1).soft()
}

/// Takes from what is needed what a circle drops or lowers.
fn relax(needs: &mut Vec<Requirement>, circle: &Circle) {
    needs.retain(|need| !circle.drops.contains(&need.skill));
    for need in needs {
        let enough = circle.lowers.get(&need.skill).copied();
        need.at_least = need.at_least.min(enough.unwrap_or(need.at_least));
    }
}

/// Half of the time to answer, in seconds.
fn half_s(directory: &Directory, contact: &Contact) -> u32 {
    let Contact {
        addressee,
        urgency,
        channel,
        ..
    } = contact;
    Clock::of(directory, addressee, *urgency, *channel).half_s()
}

/// Groups after a wait: those who can what is needed, and everybody when nobody of them is left.
fn groups_after<'a>(
    directory: &'a Directory,
    contact: &Contact,
    groups: impl Iterator<Item = &'a GroupId>,
    after_s: u32,
) -> [PlanCircle<'a>; 2] {
    let members = groups.map(|group| directory.members_of(group)).collect();
    let circle = |needs, adds| PlanCircle {
        after_s,
        needs,
        adds,
    };
    [
        circle(hard(&contact.requires), members),
        circle(Vec::new(), Vec::new()),
    ]
}

fn longest_offer_s<'a>(directory: &Directory, groups: impl Iterator<Item = &'a GroupId>) -> u32 {
    let groups = groups.filter_map(|id| directory.group(id));
    let longest = groups.map(|group| group.offer_for_s).max();
    longest.unwrap_or(DEFAULT_OFFER_FOR_S)
}

/// The first of these skills that the person lacks, or has too little of.
pub(crate) fn lacks<'r>(person: &Person, needs: &'r [Requirement]) -> Option<&'r SkillId> {
    let lacking = needs
        .iter()
        .find(|need| level(person, need) < need.at_least);
    lacking.map(|need| &need.skill)
}

/// How well the person can what is wanted: the sum of the levels. A soft requirement that is not
/// met adds nothing.
pub(crate) fn proficiency(person: &Person, wants: &[Requirement]) -> u32 {
    let levels = wants.iter().map(|want| {
        let level = level(person, want);
        let counts = !want.is_soft || want.at_least <= level;
        if counts { u32::from(level) } else { 0 }
    });
    levels.sum()
}

fn level(person: &Person, requirement: &Requirement) -> u8 {
    let level = person.skills.get(&requirement.skill);
    level.copied().unwrap_or(0)
}
