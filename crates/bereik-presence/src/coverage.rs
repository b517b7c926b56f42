//! When how many of a group can be reached, where a promise has a hole, and on whom or what alone it hangs.

mod dependency;
mod hole;
mod plan;
mod promise;
mod sweep;

use std::collections::BTreeMap;

use bereik_core::Interval;
use bereik_core::channel_kind::ChannelKind;
use bereik_core::directory::Directory;
use bereik_core::group::Group;
use bereik_core::id::PersonId;
use bereik_core::person::Person;
use chrono::{DateTime, Utc};

use crate::facts::PersonFacts;
use crate::rules::ReachRules;
pub use dependency::{SharedFailure, Way, WayKind, shared_failures};
pub use hole::{Hole, HoleKind, SinglePoint};
pub use plan::{PlannedReach, ReachPlan};
pub use promise::{CoveragePromise, HoursInZone, Place};
pub(crate) use sweep::{Sweep, extend};

/// How the people of a group can be reached over a range, all of them together.
///
/// Everything is planned as in [`ReachPlan`]: by agendas, hours and on-call time, without what is so
/// just now. The plans are made once; each question then walks through their changes.
///
/// ```
/// use bereik_core::channel_kind::ChannelKind;
/// use bereik_core::directory::Draft;
/// use bereik_core::person::Person;
/// use bereik_core::{FreeBusy, FreeBusyKind, Interval, Zone};
/// use bereik_presence::{Coverage, PersonFacts, ReachRules};
/// use std::collections::BTreeMap;
///
/// let day: Interval = "2026-11-23T08:00:00Z/2026-11-23T16:00:00Z".parse()?;
/// let lunch: Interval = "2026-11-23T12:00:00Z/2026-11-23T13:00:00Z".parse()?;
/// let directory = Draft::new("Rivers & Co", Zone::utc())
///     .with_person(Person::new("anna".parse()?, "Anna"))
///     .with_person(Person::new("bo".parse()?, "Bo"))
///     .check()?;
/// let free = FreeBusy::builder(day);
/// let facts = |free_busy| PersonFacts { free_busy, ..PersonFacts::default() };
/// let facts = BTreeMap::from([
///     ("anna".parse()?, facts(free.clone().claim(lunch, FreeBusyKind::Busy).build())),
///     ("bo".parse()?, facts(free.build())),
/// ]);
/// let coverage = Coverage::new(&directory, directory.people(), &facts, &ReachRules::default(), day);
/// let open: Vec<_> = coverage.counts(ChannelKind::WebChat).iter().map(|count| count.open).collect();
/// assert_eq!(open, [2, 1, 2]);
/// let who = coverage.who_at(ChannelKind::WebChat, lunch.start());
/// assert_eq!(who.open, ["bo".parse()?]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    range: Interval,
    /// In the order of ids.
    plans: BTreeMap<PersonId, ReachPlan>,
    places: BTreeMap<PersonId, Place>,
}

/// How many of a group can be reached, as long as that stays the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "when, and how many of each sort")]
pub struct CoverageCount {
    /// When.
    pub interval: Interval,
    /// How many can be reached.
    pub open: u32,
    /// How many are on call; they are not among those who can be reached.
    pub on_call: u32,
    /// Of how many nothing is known.
    pub unknown: u32,
}

/// Who of a group can be reached, in the order of ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "who of each sort")]
pub struct WhoIsThere {
    /// Who can be reached.
    pub open: Vec<PersonId>,
    /// Who is on call.
    pub on_call: Vec<PersonId>,
    /// Of whom nothing is known.
    pub unknown: Vec<PersonId>,
}

impl Coverage {
    /// Plans these people over a range. Of somebody without facts only his hours are known, and where he
    /// names a calendar, not even those count; who is given twice counts once.
    #[must_use]
    pub fn new<'a>(
        directory: &Directory,
        people: impl IntoIterator<Item = &'a Person>,
        facts: &BTreeMap<PersonId, PersonFacts>,
        rules: &ReachRules,
        range: Interval,
    ) -> Self {
        let nothing = PersonFacts::default();
        let plans = people.into_iter().map(|person| {
            let facts = facts.get(&person.id).unwrap_or(&nothing);
            let plan = ReachPlan::new(directory, person, facts, rules, range);
            (person.id.clone(), plan)
        });
        Self {
            range: plan::planned(range),
            plans: plans.collect(),
            places: BTreeMap::new(),
        }
    }

    /// Plans the members of a group over a range, as [`Coverage::new`].
    #[must_use]
    pub fn of_group(
        directory: &Directory,
        group: &Group,
        facts: &BTreeMap<PersonId, PersonFacts>,
        rules: &ReachRules,
        range: Interval,
    ) -> Self {
        let members = directory.members_of(&group.id).iter();
        let members = members.filter_map(|id| directory.person(id));
        Self::new(directory, members, facts, rules, range)
    }

    /// The same with where people belong, for promises of a [place](CoveragePromise::place).
    #[must_use]
    pub fn with_places(mut self, places: BTreeMap<PersonId, Place>) -> Self {
        self.places = places;
        self
    }

    /// The same without one person: what would be left if he fell ill.
    #[must_use]
    pub fn without(mut self, person: &PersonId) -> Self {
        self.plans.remove(person);
        self
    }

    /// What is planned: the range that was asked, at most 400 days of it.
    #[must_use]
    pub const fn range(&self) -> Interval {
        self.range
    }

    /// Each person with his plan, in the order of ids.
    pub fn plans(&self) -> impl Iterator<Item = (&PersonId, &ReachPlan)> {
        self.plans.iter()
    }

    /// How many can be reached over a kind of channel: ascending, maximal, without gap over the
    /// [`range`](Self::range).
    #[must_use]
    pub fn counts(&self, channel: ChannelKind) -> Vec<CoverageCount> {
        let tracks = self.plans.values().map(|plan| plan.stretches(channel));
        let sweep = Sweep::new(self.range, tracks);
        let mut reach = vec![PlannedReach::Closed; self.plans.len()];
        let mut of_each = [0_u32; 4];
        of_each[PlannedReach::Closed as usize] = u32::try_from(reach.len()).unwrap_or(u32::MAX);
        let mut counts = Vec::new();
        for (interval, turns) in sweep.stretches() {
            for turn in turns {
                of_each[reach[turn.who] as usize] -= 1;
                of_each[turn.to as usize] += 1;
                reach[turn.who] = turn.to;
            }
            extend(&mut counts, interval, of_each);
        }
        let counts = counts.into_iter().map(|(interval, of_each)| CoverageCount {
            interval,
            open: of_each[PlannedReach::Open as usize],
            on_call: of_each[PlannedReach::OnCall as usize],
            unknown: of_each[PlannedReach::Unknown as usize],
        });
        counts.collect()
    }

    /// Who can be reached over a kind of channel at an instant; nothing is known of anybody outside the
    /// [`range`](Self::range).
    #[must_use]
    pub fn who_at(&self, channel: ChannelKind, instant: DateTime<Utc>) -> WhoIsThere {
        let mut who = WhoIsThere::default();
        for (person, plan) in &self.plans {
            match plan.reach_at(channel, instant) {
                PlannedReach::Closed => {}
                PlannedReach::OnCall => who.on_call.push(person.clone()),
                PlannedReach::Open => who.open.push(person.clone()),
                PlannedReach::Unknown => who.unknown.push(person.clone()),
            }
        }
        who
    }

    pub(crate) fn len(&self) -> usize {
        self.plans.len()
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = &PersonId> {
        self.plans.keys()
    }

    fn place_of(&self, person: &PersonId) -> Option<&Place> {
        self.places.get(person)
    }
}
