//! Who can be reached over what, who is on call and which line is in service, from change to change.

use std::collections::{BTreeMap, BTreeSet};

use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::directory::Directory;
use bereik_core::id::PersonId;
use bereik_core::line::Line;
use bereik_core::person::Person;
use bereik_core::{Interval, Zone};
use bereik_presence::{PersonFacts, PlannedReach, ReachPlan, ReachRules};
use chrono::{DateTime, Utc};

/// All that a rehearsal depends on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    /// In the order of the directory's people.
    pub(super) people: Vec<Standing>,
    /// Whether each line is in service, in the order of [`lines_of`].
    pub(super) in_service: Vec<bool>,
}

/// How one person stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Standing {
    pub(super) reach: PerChannel<Planned>,
    pub(super) is_on_call: bool,
}

/// [`PlannedReach`], with an order so that it can be a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Planned {
    Closed,
    OnCall,
    Open,
    Unknown,
}

impl From<PlannedReach> for Planned {
    fn from(reach: PlannedReach) -> Self {
        match reach {
            PlannedReach::Closed => Self::Closed,
            PlannedReach::OnCall => Self::OnCall,
            PlannedReach::Open => Self::Open,
            PlannedReach::Unknown => Self::Unknown,
        }
    }
}

/// Every line of a directory with whose it is: the company's first, then people's in their order.
pub(super) fn lines_of(directory: &Directory) -> impl Iterator<Item = (&Line, Option<&Person>)> {
    let own = directory.people().iter();
    let own = own.flat_map(|person| person.lines.iter().map(move |line| (line, Some(person))));
    let company = directory.draft().lines.iter().map(|line| (line, None));
    company.chain(own)
}

/// A company over a range.
pub(super) struct Company {
    range: Interval,
    plans: Vec<ReachPlan>,
    /// When each person is on call.
    on_call: Vec<Vec<Interval>>,
    /// When each line is in service; `None` means always.
    service: Vec<Option<Vec<Interval>>>,
}

impl Company {
    pub(super) fn new(
        directory: &Directory,
        facts: &BTreeMap<PersonId, PersonFacts>,
        rules: &ReachRules,
        range: Interval,
    ) -> Self {
        let nothing = PersonFacts::default();
        let of = |person: &Person| facts.get(&person.id).unwrap_or(&nothing);
        let people = directory.people();
        let plan = |person| ReachPlan::new(directory, person, of(person), rules, range);
        let plans: Vec<ReachPlan> = people.iter().map(plan).collect();
        let range = plans.first().map_or(range, ReachPlan::range);
        let on_call = people.iter().map(|person| joined(&of(person).on_call));
        let service = lines_of(directory).map(|(line, owner)| {
            let zone: &Zone = owner.map_or(directory.zone(), |person| directory.zone_of(person));
            let hours = line.hours.as_ref().and_then(|id| directory.hours(id));
            hours.map(|hours| hours.openings(range.start(), range.end(), zone).collect())
        });
        Self {
            range,
            on_call: on_call.collect(),
            service: service.collect(),
            plans,
        }
    }

    /// What is looked at.
    pub(super) const fn range(&self) -> Interval {
        self.range
    }

    /// Each moment with how long it lasts: ascending, without gap over the range, neighbours
    /// different.
    pub(super) fn moments(&self) -> Vec<(Interval, Moment)> {
        let changes = self.changes();
        let ends = changes.iter().copied().skip(1).chain([self.range.end()]);
        let mut tracks = Tracks::new(self);
        let mut moments: Vec<(Interval, Moment)> = Vec::new();
        for (start, end) in changes.iter().copied().zip(ends) {
            let interval = Interval::new(start, end).expect("changes ascend inside the range");
            let moment = tracks.at(start);
            match moments.last_mut() {
                Some((last, same)) if *same == moment => *last = last.hull(&interval),
                _ => moments.push((interval, moment)),
            }
        }
        moments
    }

    /// Every instant of the range at which something may change; the start is one.
    fn changes(&self) -> Vec<DateTime<Utc>> {
        let mut changes = BTreeSet::from([self.range.start()]);
        for plan in &self.plans {
            for channel in ChannelKind::ALL {
                changes.extend(
                    plan.stretches(channel)
                        .map(|(interval, _)| interval.start()),
                );
            }
        }
        let open = self.service.iter().flatten().chain(&self.on_call);
        let edges = open.flatten().flat_map(|i| [i.start(), i.end()]);
        changes.extend(edges.filter(|at| self.range.contains(*at)));
        changes.into_iter().collect()
    }
}

/// Ascending and apart from each other.
fn joined(stretches: &[Interval]) -> Vec<Interval> {
    let mut stretches = stretches.to_vec();
    stretches.sort_unstable();
    stretches.dedup_by(|next, last| {
        let joins = next.start() <= last.end();
        if joins {
            *last = last.hull(next);
        }
        joins
    });
    stretches
}

/// Everything that changes, walked through forward.
struct Tracks<'a> {
    company: &'a Company,
    on_call: Vec<usize>,
    service: Vec<usize>,
}

impl<'a> Tracks<'a> {
    fn new(company: &'a Company) -> Self {
        Self {
            company,
            on_call: vec![0; company.on_call.len()],
            service: vec![0; company.service.len()],
        }
    }

    /// What holds at an instant that is not before the one that was asked last.
    fn at(&mut self, at: DateTime<Utc>) -> Moment {
        let company = self.company;
        let on_call = company.on_call.iter().zip(&mut self.on_call);
        let on_call = on_call.map(|(stretches, place)| is_in_force(stretches, place, at));
        let people = company.plans.iter().zip(on_call);
        let people = people.map(|(plan, is_on_call)| Standing {
            reach: PerChannel::from_fn(|channel| plan.reach_at(channel, at).into()),
            is_on_call,
        });
        let people = people.collect();
        let service = company.service.iter().zip(&mut self.service);
        let in_service = service.map(|(stretches, place)| {
            let stretches = stretches.as_deref();
            stretches.is_none_or(|stretches| is_in_force(stretches, place, at))
        });
        Moment {
            people,
            in_service: in_service.collect(),
        }
    }
}

fn is_in_force(stretches: &[Interval], place: &mut usize, at: DateTime<Utc>) -> bool {
    while stretches.get(*place).is_some_and(|i| i.end() <= at) {
        *place += 1;
    }
    stretches.get(*place).is_some_and(|i| i.contains(at))
}
