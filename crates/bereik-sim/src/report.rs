//! What a world showed: waits, who gave up, how people fared, the worst moments and why.

mod compare;
mod series;
mod text;

use bereik_core::agreement::Target;
use bereik_core::directory::Directory;
use bereik_core::hours::Hours;
use bereik_core::{ChannelKind, PersonId, Urgency, Zone};
use chrono::{DateTime, TimeDelta, Utc};

use crate::scenario::Customers;
use crate::world::{Ending, Visit, World};

pub use compare::{Comparison, Difference};
pub use series::{SLICE_MIN, Slice, WorstMoment};

/// What a world showed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// The scenario.
    pub name: String,
    /// The seed of the world.
    pub seed: u64,
    /// When it began.
    pub start: DateTime<Utc>,
    /// For how long customers came, in hours.
    pub hours: u32,
    /// The company's clock.
    pub zone: Zone,
    /// A row for each kind of channel and urgency over which somebody came.
    pub rows: Vec<Row>,
    /// The same over all of them.
    pub total: Row,
    /// How people fared, the busiest first.
    pub people: Vec<PersonRow>,
    /// The whole time in slices of [`SLICE_MIN`] minutes.
    pub slices: Vec<Slice>,
    /// The worst moments, the worst first.
    pub worst: Vec<WorstMoment>,
    /// How often the engine was told something.
    pub steps: u64,
}

/// What customers met over one kind of channel with one urgency.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Row {
    /// The kind of channel; none over all of them.
    pub channel: Option<ChannelKind>,
    /// The urgency; none over all of them.
    pub urgency: Option<Urgency>,
    /// How many came.
    pub contacts: usize,
    /// How many a person answered.
    pub answered: usize,
    /// How many a person answered within the agreed time.
    pub within: usize,
    /// How many gave up, with or without a sign.
    pub abandoned: usize,
    /// How many could not get through at all.
    pub turned_away: usize,
    /// How many nobody had answered when the time was over.
    pub unanswered: usize,
    /// How long those who were answered waited, in milliseconds, ascending.
    pub waits_ms: Vec<i64>,
    /// How many times a contact went from one person to another.
    pub hand_overs: u64,
    /// How many times a question was told anew.
    pub repeats: u64,
    /// How many were promised an answer by an instant.
    pub promised: usize,
    /// How many of these were answered by then.
    pub kept: usize,
    /// Of how many who were answered the wait was predicted.
    pub predicted: usize,
    /// How many of these waited as long as predicted, from the tenth to the ninetieth percentile.
    pub as_predicted: usize,
    /// How many of them waited no longer than the predicted half.
    pub below_half: usize,
    /// The part of people's capacity over this channel that was used, 0 to 1.
    pub occupancy: f64,
}

/// How one person fared.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PersonRow {
    /// Who.
    pub id: PersonId,
    /// For how long he was on duty, in hours.
    pub on_duty_h: f64,
    /// For how much of that he had something in hand, 0 to 1, or more where work ran on after it.
    pub occupancy: f64,
    /// How many contacts he took.
    pub taken: u32,
    /// How many offers he let ring.
    pub let_ring: u32,
    /// How many offers he turned down.
    pub declined: u32,
    /// How many contacts he handed on.
    pub handed_on: u32,
    /// How many he had at once at most.
    pub most_at_once: u32,
}

/// Somebody is overloaded who has something in hand for more of his time than this.
pub const OVERLOADED: f64 = 0.85;

impl PersonRow {
    /// Whether he has more in hand than is good: little time is left between contacts.
    #[must_use]
    pub fn is_overloaded(&self) -> bool {
        self.taken > 0 && self.occupancy > OVERLOADED
    }
}

impl Row {
    /// The wait within which this share of the answered were answered, in seconds.
    #[must_use]
    pub fn wait_s(&self, share: f64) -> Option<f64> {
        let last = self.waits_ms.len().checked_sub(1)?;
        let at = (share * self.waits_ms.len() as f64).ceil() as usize;
        Some(self.waits_ms[at.saturating_sub(1).min(last)] as f64 / 1_000.0)
    }

    /// A number as a part of all contacts.
    #[must_use]
    pub fn share(&self, count: usize) -> f64 {
        if self.contacts == 0 {
            0.0
        } else {
            count as f64 / self.contacts as f64
        }
    }

    fn add(&mut self, visit: &Visit, is_within: bool, end_ms: i64) {
        self.contacts += 1;
        self.within += usize::from(is_within);
        self.abandoned += usize::from(visit.is_abandoned());
        self.hand_overs += u64::from(visit.owners.saturating_sub(1));
        self.repeats += u64::from(visit.repeats);
        if visit.answered_ms.is_some() {
            self.answered += 1;
            self.waits_ms.push(visit.wait_ms(end_ms));
        } else if visit.ending == Ending::TurnedAway {
            self.turned_away += 1;
        } else if visit.ending == Ending::Open {
            self.unanswered += 1;
        }
        if let (Some(predicted), Some(answered_ms)) = (visit.predicted, visit.answered_ms) {
            let wait_ms = answered_ms - predicted.at_ms;
            let ms = |seconds: u32| i64::from(seconds) * 1_000;
            let is_inside = (ms(predicted.p10_s)..=ms(predicted.p90_s)).contains(&wait_ms);
            self.predicted += 1;
            self.as_predicted += usize::from(is_inside);
            self.below_half += usize::from(wait_ms <= ms(predicted.p50_s));
        }
        if let Some(promised_ms) = visit.promised_ms
            && !visit.is_abandoned()
        {
            self.promised += 1;
            self.kept += usize::from(visit.answered_ms.is_some_and(|at| at <= promised_ms));
        }
    }
}

/// What was agreed with the customers of one stream over one kind of channel.
pub(crate) struct Agreed<'a> {
    answer_for: TimeDelta,
    hours: Option<&'a Hours>,
    zone: &'a Zone,
    start: DateTime<Utc>,
}

impl<'a> Agreed<'a> {
    fn of(
        directory: &'a Directory,
        customers: &Customers,
        channel: ChannelKind,
        start: DateTime<Utc>,
    ) -> Self {
        let page = customers
            .page
            .as_deref()
            .and_then(|page| directory.page_rule(page))
            .map(|(_, rule)| rule);
        let group = customers
            .group
            .as_ref()
            .or(page.and_then(|rule| rule.group.as_ref()));
        let group = group.and_then(|id| directory.group(id)).or_else(|| {
            let groups = directory.groups();
            let public = groups
                .iter()
                .find(|group| group.is_public)
                .or(groups.first());
            public.filter(|_| customers.person.is_none())
        });
        let urgency = page.map_or(customers.urgency, |rule| {
            rule.urgency.max(customers.urgency)
        });
        let agreement = directory.agreement_of(group);
        let target = agreement.map_or_else(
            || Target::default_for(urgency, channel),
            |agreement| agreement.target(urgency, channel),
        );
        let hours = agreement.and_then(|agreement| agreement.hours.as_ref());
        Self {
            answer_for: TimeDelta::seconds(target.answer_for_s.into()),
            hours: hours
                .and_then(|id| directory.hours(id))
                .filter(|_| urgency != Urgency::Calamity),
            zone: directory.zone(),
            start,
        }
    }

    /// When an answer to somebody who came then is due, in milliseconds since the start.
    fn due_ms(&self, came_ms: i64) -> i64 {
        let plain_ms = came_ms + self.answer_for.num_milliseconds();
        let Some(hours) = self.hours else {
            return plain_ms;
        };
        let came = self.start + TimeDelta::milliseconds(came_ms);
        let due = hours.after_open(came, self.answer_for, self.zone);
        due.map_or(plain_ms, |due| (due - self.start).num_milliseconds())
            .max(plain_ms)
    }
}

impl World<'_> {
    /// What this world showed so far.
    #[must_use]
    pub fn report(&self) -> Report {
        let agreed: Vec<Vec<Agreed<'_>>> = self
            .scenario
            .customers
            .iter()
            .map(|customers| {
                let over = |channel| Agreed::of(self.directory, customers, channel, self.start);
                ChannelKind::ALL.map(over).into()
            })
            .collect();
        let due_ms = |visit: &Visit| {
            agreed[usize::from(visit.stream)][visit.channel as usize].due_ms(visit.came_ms)
        };
        let is_within = |visit: &Visit| visit.answered_ms.is_some_and(|at| at <= due_ms(visit));
        let end_ms = self.end_ms;
        let mut rows: Vec<Row> = Vec::new();
        let mut total = Row::default();
        let counted = self
            .visits
            .iter()
            .filter(|visit| visit.ending != Ending::Joined);
        for visit in counted.clone() {
            let same = |row: &&mut Row| {
                row.channel == Some(visit.channel) && row.urgency == Some(visit.urgency)
            };
            let (within, end_ms) = (is_within(visit), end_ms.max(visit.came_ms));
            total.add(visit, within, end_ms);
            if let Some(row) = rows.iter_mut().find(same) {
                row.add(visit, within, end_ms);
                continue;
            }
            let (channel, urgency) = (Some(visit.channel), Some(visit.urgency));
            let mut row = Row {
                channel,
                urgency,
                ..Row::default()
            };
            row.add(visit, within, end_ms);
            rows.push(row);
        }
        rows.sort_by_key(|row| (row.channel, row.urgency.map(std::cmp::Reverse)));
        for row in rows.iter_mut().chain([&mut total]) {
            row.waits_ms.sort_unstable();
            row.occupancy = self.occupancy(row.channel);
        }
        let slices = series::slices(self, counted.map(|visit| (visit, is_within(visit))));
        let worst = series::worst(self, &slices);
        Report {
            name: self.scenario.name.clone(),
            seed: self.seed,
            start: self.start,
            hours: self.scenario.hours,
            zone: self.directory.zone().clone(),
            rows,
            total,
            people: self.person_rows(),
            slices,
            worst,
            steps: self.steps(),
        }
    }

    /// The part that was used of the capacity over a kind of channel, or of everybody's time, of
    /// those who took anything.
    fn occupancy(&self, channel: Option<ChannelKind>) -> f64 {
        let (mut used_ms, mut there_ms) = (0.0, 0.0);
        for (colleague, person) in self.people.iter().zip(self.directory.people()) {
            let tally = &colleague.tally;
            let (used, capacity) = channel.map_or((tally.busy_ms, 1), |channel| {
                (tally.worked_ms[channel], person.capacity_for(channel))
            });
            if tally.taken > 0 && (used > 0 || channel.is_none()) {
                used_ms += used as f64;
                there_ms += tally.on_duty_ms as f64 * f64::from(capacity);
            }
        }
        if there_ms > 0.0 {
            used_ms / there_ms
        } else {
            0.0
        }
    }

    fn person_rows(&self) -> Vec<PersonRow> {
        let row = |colleague: &crate::person::Colleague| {
            let tally = &colleague.tally;
            let there_ms = tally.on_duty_ms as f64;
            PersonRow {
                id: colleague.id.clone(),
                on_duty_h: there_ms / 3_600_000.0,
                occupancy: if there_ms > 0.0 {
                    tally.busy_ms as f64 / there_ms
                } else {
                    0.0
                },
                taken: tally.taken,
                let_ring: tally.let_ring,
                declined: tally.declined,
                handed_on: tally.handed_on,
                most_at_once: tally.most_at_once,
            }
        };
        let mut rows: Vec<PersonRow> = self.people.iter().map(row).collect();
        rows.sort_by(|a, b| {
            b.occupancy
                .total_cmp(&a.occupancy)
                .then_with(|| a.id.cmp(&b.id))
        });
        rows
    }
}
