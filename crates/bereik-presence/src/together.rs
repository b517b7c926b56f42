//! When all of some people can be reached at once, and who stands in the way.

use std::collections::BTreeSet;

use bereik_core::Interval;
use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::id::PersonId;
use chrono::{DateTime, TimeDelta, Utc};

use crate::coverage::{Coverage, PlannedReach, Sweep, WhoIsThere, extend};

/// The first common openings of some people over one kind of channel, and who stood in the way before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(
    clippy::exhaustive_structs,
    reason = "what was found, where, and who blocks"
)]
pub struct Together {
    /// The openings: ascending, maximal within what was looked at, each long enough.
    pub openings: Vec<Interval>,
    /// What was looked at: up to the end of the last opening that was asked for, or of the range. None
    /// where there is nothing to look at: the instant lies beyond the range, or no people or no
    /// openings are asked for.
    pub looked_at: Option<Interval>,
    /// Who cannot be reached, or perhaps not, somewhere in what was looked at: who blocks alone for
    /// longest first, then who blocks longest, then by id.
    pub blockers: Vec<Blocker>,
}

/// For how long somebody stands in the way of a common opening.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "who, and how long in each way")]
pub struct Blocker {
    /// Who.
    pub person: PersonId,
    /// How long he cannot be reached; on call counts as that.
    pub blocked: TimeDelta,
    /// How long it hangs on him alone: everybody else can be reached.
    pub alone: TimeDelta,
    /// How long nothing is known of him.
    pub perhaps: TimeDelta,
}

/// The first common openings of all people of a coverage, per kind of channel: at least so many minutes
/// long, not before an instant, at most so many, up to the end of the coverage's range.
///
/// Only who can be reached for sure is there: who is on call is not, of whom nothing is known is not
/// either, and nobody ever is over a kind of channel for which he has no line. Everything is planned as in [`ReachPlan`](crate::ReachPlan).
///
/// ```
/// use bereik_core::channel_kind::ChannelKind;
/// use bereik_core::directory::Draft;
/// use bereik_core::person::Person;
/// use bereik_core::{FreeBusy, FreeBusyKind, Interval, Zone};
/// use bereik_presence::{Coverage, PersonFacts, ReachRules, together};
/// use std::collections::BTreeMap;
///
/// let day: Interval = "2026-11-23T08:00:00Z/2026-11-23T16:00:00Z".parse()?;
/// let morning: Interval = "2026-11-23T08:00:00Z/2026-11-23T10:00:00Z".parse()?;
/// let visit: Interval = "2026-11-23T10:20:00Z/2026-11-23T11:00:00Z".parse()?;
/// let directory = Draft::new("Rivers & Co", Zone::utc())
///     .with_person(Person::new("anna".parse()?, "Anna"))
///     .with_person(Person::new("bo".parse()?, "Bo"))
///     .check()?;
/// let free = FreeBusy::builder(day);
/// let facts = |free_busy| PersonFacts { free_busy, ..PersonFacts::default() };
/// let facts = BTreeMap::from([
///     ("anna".parse()?, facts(free.clone().claim(morning, FreeBusyKind::Busy).build())),
///     ("bo".parse()?, facts(free.claim(visit, FreeBusyKind::Busy).build())),
/// ]);
/// let both = Coverage::new(&directory, directory.people(), &facts, &ReachRules::default(), day);
/// let found = &together(&both, 30, day.start(), 1)[ChannelKind::WebChat];
/// assert_eq!(found.openings, ["2026-11-23T11:00:00Z/2026-11-23T16:00:00Z".parse()?]);
/// assert_eq!(found.blockers[0].person.as_str(), "anna");
/// assert_eq!(found.blockers[0].alone.num_hours(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn together(
    people: &Coverage,
    minutes: u32,
    after: DateTime<Utc>,
    openings_max: usize,
) -> PerChannel<Together> {
    let (from, end) = (people.range().start().max(after), people.range().end());
    let is_asked = people.len() != 0 && openings_max != 0;
    let ahead = Interval::new(from, end).filter(|_| is_asked);
    PerChannel::from_fn(|channel| match ahead {
        Some(ahead) => look(people, channel, minutes, ahead, openings_max),
        None => Together::default(),
    })
}

/// Who stands in the way of a common opening over a kind of channel at an instant: who cannot be
/// reached, and who perhaps cannot, in the order of ids. Both are empty when all are there.
#[must_use]
pub fn blockers_at(
    people: &Coverage,
    channel: ChannelKind,
    instant: DateTime<Utc>,
) -> (Vec<PersonId>, Vec<PersonId>) {
    let WhoIsThere { open, unknown, .. } = people.who_at(channel, instant);
    let is_there = |id: &&PersonId| !open.contains(id) && !unknown.contains(id);
    (people.ids().filter(is_there).cloned().collect(), unknown)
}

fn look(
    people: &Coverage,
    channel: ChannelKind,
    minutes: u32,
    ahead: Interval,
    openings_max: usize,
) -> Together {
    let plans = people.plans();
    let tracks = plans.map(|(_, plan)| plan.stretches(channel));
    let sweep = Sweep::new(people.range(), tracks);
    let mut absence = Absence::new(people.len(), ahead.start());
    // Ascending, and each as long as all are there; only the last may still be too short.
    let mut common: Vec<(Interval, ())> = Vec::new();
    let at_least = TimeDelta::minutes(minutes.into());
    let is_short = |(open, ()): &mut (Interval, ())| open.duration() < at_least;
    let mut looked_until = ahead.end();
    for (stretch, turns) in sweep.stretches() {
        for turn in turns {
            absence.turn(turn.who, turn.to, stretch.start());
        }
        let Some(stretch) = stretch.intersection(&ahead) else {
            continue;
        };
        if absence.is_empty() {
            extend(&mut common, stretch, ());
            continue;
        }
        common.pop_if(is_short);
        if openings_max <= common.len() {
            looked_until = stretch.start();
            break;
        }
        absence.add_alone(stretch);
    }
    common.pop_if(is_short);
    common.truncate(openings_max);
    Together {
        openings: common.into_iter().map(|(open, ())| open).collect(),
        looked_at: Interval::new(ahead.start(), looked_until),
        blockers: absence.blockers(people, looked_until),
    }
}

/// Who is not there at an instant, and for how long each was not before it.
struct Absence {
    reach: Vec<PlannedReach>,
    /// Since when it is so, from the instant on that was asked.
    since: Vec<DateTime<Utc>>,
    absent: BTreeSet<usize>,
    blocked: Vec<TimeDelta>,
    alone: Vec<TimeDelta>,
    perhaps: Vec<TimeDelta>,
}

impl Absence {
    fn new(people: usize, from: DateTime<Utc>) -> Self {
        let never = vec![TimeDelta::zero(); people];
        Self {
            reach: vec![PlannedReach::Closed; people],
            since: vec![from; people],
            absent: (0..people).collect(),
            blocked: never.clone(),
            alone: never.clone(),
            perhaps: never,
        }
    }

    fn is_empty(&self) -> bool {
        self.absent.is_empty()
    }

    fn turn(&mut self, who: usize, to: PlannedReach, at: DateTime<Utc>) {
        self.settle(who, at);
        self.reach[who] = to;
        match to {
            PlannedReach::Open => self.absent.remove(&who),
            _ => self.absent.insert(who),
        };
    }

    /// Adds up what somebody was until an instant.
    fn settle(&mut self, who: usize, until: DateTime<Utc>) {
        let Some(stretch) = Interval::new(self.since[who], until) else {
            return;
        };
        match self.reach[who] {
            PlannedReach::Open => {}
            PlannedReach::Unknown => self.perhaps[who] += stretch.duration(),
            PlannedReach::Closed | PlannedReach::OnCall => {
                self.blocked[who] += stretch.duration();
            }
        }
        self.since[who] = until;
    }

    fn add_alone(&mut self, stretch: Interval) {
        if self.absent.len() == 1
            && let Some(&who) = self.absent.first()
        {
            self.alone[who] += stretch.duration();
        }
    }

    fn blockers(mut self, people: &Coverage, until: DateTime<Utc>) -> Vec<Blocker> {
        (0..people.len()).for_each(|who| self.settle(who, until));
        let blockers = people.ids().enumerate().map(|(who, person)| Blocker {
            person: person.clone(),
            blocked: self.blocked[who],
            alone: self.alone[who],
            perhaps: self.perhaps[who],
        });
        let mut blockers: Vec<_> = blockers
            .filter(|blocker| TimeDelta::zero() < blocker.blocked + blocker.perhaps)
            .collect();
        blockers
            .sort_by(|a, b| (b.alone, b.blocked, &a.person).cmp(&(a.alone, a.blocked, &b.person)));
        blockers
    }
}
