//! One calamity through the real engine: who answers what he hears, and what is left without him.

mod ears;
mod run;

use std::collections::{BTreeMap, BTreeSet};

use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::contact::{Addressee, Customer};
use bereik_core::directory::{Directory, Draft};
use bereik_core::hours::{Hours, Week};
use bereik_core::id::{HoursId, PersonId};
use bereik_core::line::Line;
use bereik_core::reachability::{Reach, ReachReason, Reachability, ReachabilityRow};
use bereik_core::{Urgency, agreement};
use bereik_routing::{Engine, Input, Opening};
use chrono::{DateTime, TimeDelta, Utc};

use super::FireDrill;
use super::company::{Moment, Planned, Standing, lines_of};
use super::rehearsal::{Loss, Over, Rehearsal};
use ears::Ears;
use run::{Answered, Run};

/// What is missing in one go.
#[derive(Clone, Debug, Default)]
struct Missing {
    people: BTreeSet<PersonId>,
    lines: BTreeSet<bereik_core::LineId>,
}

/// Holds rehearsals, one after the other.
pub(super) struct Exercise<'a> {
    drill: &'a FireDrill<'a>,
    /// An engine for each combination of lines in service, told nothing yet.
    engines: BTreeMap<Vec<bool>, Engine>,
}

impl<'a> Exercise<'a> {
    pub(super) const fn new(drill: &'a FireDrill<'a>) -> Self {
        Self {
            drill,
            engines: BTreeMap::new(),
        }
    }

    /// What would happen if a calamity came in at this moment.
    ///
    /// A single loss changes nothing for the engine before somebody would answer whom it concerns:
    /// it is told the same inputs, and so does the same. So only what the one who answers needs is
    /// tried: himself, his line, and what his line depends on.
    pub(super) fn rehearse(&mut self, moment: &Moment, at: DateTime<Utc>) -> Rehearsal {
        let directory = self.drill.directory;
        let engine = self.engine(moment, at);
        let ears = Ears::new(self.drill, moment);
        let mut run = self.run(&ears, engine.clone(), at, None);
        let answered = run.next_answer();
        let way = run.take_way();
        let mut breaks = Vec::new();
        if let Some(Answered { beside, left }) = &answered {
            let line = match &beside.over {
                Over::Desk => None,
                Over::Line(id) => directory.line(id).map(|(line, _)| line),
            };
            let fails = |loss: &Loss| {
                let mut run = self.run(&ears, engine.clone(), at, Some(loss));
                run.next_answer().is_none()
            };
            let needed = line.into_iter().flat_map(needs);
            breaks.extend(needed.filter(fails));
            if let Some(person) = &beside.who
                && run.go_on_without(person, left.clone()).is_none()
            {
                breaks.push(Loss::Person(person.clone()));
            }
        }
        breaks.sort();
        Rehearsal {
            beside: answered.map(|answered| answered.beside),
            target: run.target(),
            way,
            breaks,
        }
    }

    fn run<'b>(
        &'b self,
        ears: &'b Ears<'b>,
        engine: Engine,
        at: DateTime<Utc>,
        loss: Option<&Loss>,
    ) -> Run<'b> {
        let missing = self.missing(loss);
        Run::new(ears, engine, self.opening(), at, missing)
    }

    fn opening(&self) -> Opening {
        let key = "fire-drill".parse().expect("a short word is a key");
        let customer = Customer::default();
        let opening =
            Opening::new(key, customer, self.drill.channel).with_urgency(Urgency::Calamity);
        let opening = match &self.drill.addressee {
            Some(addressee) => opening.for_addressee(addressee.clone()),
            None => opening,
        };
        match &self.drill.page {
            Some(page) => opening.from_page(page.clone()),
            None => opening,
        }
    }

    /// All that is missing, with one thing more.
    fn missing(&self, loss: Option<&Loss>) -> Missing {
        let mut missing = Missing::default();
        for loss in self.drill.missing.iter().chain(loss) {
            match loss {
                Loss::Dependency(name) => {
                    let lines = lines_of(self.drill.directory).map(|(line, _)| line);
                    let lost = lines.filter(|line| line.depends_on.contains(name));
                    missing.lines.extend(lost.map(|line| line.id.clone()));
                }
                Loss::Line(line) => {
                    missing.lines.insert(line.clone());
                }
                Loss::Person(person) => {
                    missing.people.insert(person.clone());
                }
            }
        }
        missing
    }

    /// An engine that knows who can be reached at this moment.
    fn engine(&mut self, moment: &Moment, at: DateTime<Utc>) -> Engine {
        let directory = self.drill.directory;
        let fresh = self
            .engines
            .entry(moment.in_service.clone())
            .or_insert_with(|| Engine::new(frozen(directory, &moment.in_service)));
        let mut engine = fresh.clone();
        for (person, standing) in directory.people().iter().zip(&moment.people) {
            let (person, row) = (person.id.clone(), row_of(standing));
            engine.handle(at, Input::Reachability { person, row });
        }
        engine
    }
}

/// A line and what it depends on.
fn needs(line: &Line) -> impl Iterator<Item = Loss> + '_ {
    let dependencies = line.depends_on.iter().cloned().map(Loss::Dependency);
    dependencies.chain([Loss::Line(line.id.clone())])
}

/// The directory with each line in service, or not, for good.
fn frozen(directory: &Directory, in_service: &[bool]) -> Directory {
    let mut draft = Draft::from(directory.clone());
    let never = never(&draft);
    draft
        .hours
        .insert(never.clone(), Hours::new(Week::default()));
    let own = draft.people.iter_mut().flat_map(|person| &mut person.lines);
    for (line, is_open) in draft.lines.iter_mut().chain(own).zip(in_service) {
        line.hours = (!is_open).then(|| never.clone());
    }
    draft
        .check()
        .expect("a directory with other hours of its lines is a directory")
}

/// A name for hours that never come, which the directory does not use.
fn never(draft: &Draft) -> HoursId {
    let names = (0..=draft.hours.len()).map(|number| format!("never-{number}"));
    let mut names = names.filter_map(|name| name.parse().ok());
    names
        .find(|name| !draft.hours.contains_key(name))
        .expect("one more name than there are hours")
}

fn row_of(standing: &Standing) -> ReachabilityRow {
    PerChannel::from_fn(|channel: ChannelKind| {
        let (reach, reason) = match standing.reach[channel] {
            Planned::Closed => (Reach::Never, ReachReason::OffDuty),
            // Also over web chat: he may have left his desk open, where nobody hears it.
            Planned::OnCall => (Reach::OnCall, ReachReason::OnCall),
            Planned::Open => (Reach::Now, ReachReason::Available),
            Planned::Unknown => (Reach::Unknown, ReachReason::Unknown),
        };
        Reachability { reach, reason }
    })
}

/// By when a calamity is to be answered.
fn target(directory: &Directory, addressee: &Addressee, channel: ChannelKind) -> TimeDelta {
    let group = match addressee {
        Addressee::Group(id) => directory.group(id),
        _ => None,
    };
    let agreement = directory.agreement_of(group);
    let target = agreement.map_or_else(
        || agreement::Target::default_for(Urgency::Calamity, channel),
        |agreement| agreement.target(Urgency::Calamity, channel),
    );
    TimeDelta::seconds(target.answer_for_s.into())
}
