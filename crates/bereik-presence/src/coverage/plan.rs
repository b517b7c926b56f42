//! How one person can be reached over a stretch of time, as far as can be planned.

use std::collections::BTreeMap;

use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::directory::Directory;
use bereik_core::hours::Hours;
use bereik_core::person::Person;
use bereik_core::presence::PresenceState;
use bereik_core::reachability::Reach;
use bereik_core::signal::{Signal, SignalKind};
use bereik_core::{FreeBusy, FreeBusyKind, Interval};
use chrono::{DateTime, TimeDelta, Utc};

use super::sweep::extend;
use crate::facts::PersonFacts;
use crate::reach::{hours_of, reachability_at};
use crate::resolve::presence_at;
use crate::rules::ReachRules;

/// The longest range that is planned, in days from its start.
const PLANNED_DAYS_MAX: i64 = 400;

/// What can be planned on, of one person over one kind of channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[expect(
    clippy::exhaustive_enums,
    reason = "these four are what a plan can say"
)]
pub enum PlannedReach {
    /// Cannot be reached.
    Closed,
    /// Only through an escalation, or in a calamity.
    OnCall,
    /// Can be reached.
    Open,
    /// Nobody knows. Never to be taken for open.
    Unknown,
}

/// All that is planned of a person at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlannedRow {
    pub(crate) state: PresenceState,
    /// The day is marked as spent elsewhere, and what the calendar says now hides whether that
    /// still holds.
    pub(crate) is_place_hidden: bool,
    pub(crate) reach: PerChannel<PlannedReach>,
}

/// How one person can be reached over a range, per kind of channel: maximal stretches without gap.
///
/// It is what [`reachability_at`] says at each instant, for planning:
///
/// - Signals are left out, those set by hand included: they tell of now, not of next week.
/// - Somebody is taken to sit at the desk that web chat needs, whenever the state allows it.
/// - Of what comes later nothing is said: a stretch is open, on call, closed or unknown.
///
/// At most 400 days from the start are planned; [`range`](Self::range) tells. Work grows with the
/// number of changes in the range, never with its length.
///
/// ```
/// use bereik_core::channel_kind::ChannelKind;
/// use bereik_core::directory::Draft;
/// use bereik_core::line::Line;
/// use bereik_core::person::Person;
/// use bereik_core::{FreeBusy, FreeBusyKind, Interval, Zone};
/// use bereik_presence::{PersonFacts, PlannedReach, ReachPlan, ReachRules};
///
/// let phone = Line::new("anna".parse()?, ChannelKind::Phone, "tel:+31201234567".parse()?);
/// let anna = Person::new("anna".parse()?, "Anna").with_line(phone);
/// let directory = Draft::new("Rivers & Co", Zone::utc()).with_person(anna).check()?;
///
/// let day: Interval = "2026-11-23T08:00:00Z/2026-11-23T16:00:00Z".parse()?;
/// let meeting: Interval = "2026-11-23T14:00:00Z/2026-11-23T16:00:00Z".parse()?;
/// let free_busy = FreeBusy::builder(day).claim(meeting, FreeBusyKind::Busy).build();
/// let facts = PersonFacts { free_busy, ..PersonFacts::default() };
/// let range: Interval = "2026-11-23T08:00:00Z/2026-11-23T20:00:00Z".parse()?;
/// let plan = ReachPlan::new(&directory, &directory.people()[0], &facts, &ReachRules::default(), range);
/// let over_phone: Vec<_> = plan.stretches(ChannelKind::Phone).collect();
/// assert_eq!(over_phone, [
///     ("2026-11-23T08:00:00Z/2026-11-23T14:00:00Z".parse()?, PlannedReach::Open),
///     (meeting, PlannedReach::Closed),
///     ("2026-11-23T16:00:00Z/2026-11-23T20:00:00Z".parse()?, PlannedReach::Unknown),
/// ]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReachPlan {
    range: Interval,
    /// Ascending, without gap over `range`, neighbours different.
    rows: Vec<(Interval, PlannedRow)>,
}

impl ReachPlan {
    /// Plans how a person can be reached over a range.
    #[must_use]
    pub fn new(
        directory: &Directory,
        person: &Person,
        facts: &PersonFacts,
        rules: &ReachRules,
        range: Interval,
    ) -> Self {
        let range = planned(range);
        let planner = Planner::new(directory, person, facts, rules, range);
        let rows = planner.rows(Inputs::new(directory, person, facts, range));
        Self { range, rows }
    }

    /// What is planned: the range that was asked, at most 400 days of it.
    #[must_use]
    pub const fn range(&self) -> Interval {
        self.range
    }

    /// The stretches over a kind of channel: ascending, maximal, without gap over the
    /// [`range`](Self::range).
    pub fn stretches(
        &self,
        channel: ChannelKind,
    ) -> impl Iterator<Item = (Interval, PlannedReach)> + '_ {
        self.each(move |row| row.reach[channel])
    }

    /// What can be planned on at an instant; unknown outside the [`range`](Self::range). Takes logarithmic time.
    #[must_use]
    pub fn reach_at(&self, channel: ChannelKind, instant: DateTime<Utc>) -> PlannedReach {
        let row = self.row_at(instant);
        row.map_or(PlannedReach::Unknown, |row| row.reach[channel])
    }

    pub(crate) fn row_at(&self, instant: DateTime<Utc>) -> Option<&PlannedRow> {
        let next = self
            .rows
            .partition_point(|(interval, _)| interval.end() <= instant);
        let (interval, row) = self.rows.get(next)?;
        interval.contains(instant).then_some(row)
    }

    /// Something about each row, in maximal stretches.
    pub(crate) fn each<'a, T: PartialEq + 'a>(
        &'a self,
        of: impl Fn(&PlannedRow) -> T + 'a,
    ) -> impl Iterator<Item = (Interval, T)> + 'a {
        let mut rows = self
            .rows
            .iter()
            .map(move |(i, row)| (*i, of(row)))
            .peekable();
        std::iter::from_fn(move || {
            let (mut whole, value) = rows.next()?;
            while let Some((next, _)) = rows.next_if(|(_, next)| *next == value) {
                whole = whole.hull(&next);
            }
            Some((whole, value))
        })
    }
}

/// The range as far as it is planned.
pub(crate) fn planned(range: Interval) -> Interval {
    let days = TimeDelta::days(PLANNED_DAYS_MAX);
    let end = range.start().checked_add_signed(days);
    let end = end.map_or(range.end(), |end| end.min(range.end()));
    Interval::new(range.start(), end).expect("the limit lies after the start")
}

/// Stretches that are in force or not, walked through forward.
struct Track(std::iter::Peekable<std::vec::IntoIter<Interval>>);

impl Track {
    fn new(mut stretches: Vec<Interval>) -> Self {
        stretches.sort_unstable();
        stretches.dedup_by(|next, last| {
            let joins = next.start() <= last.end();
            if joins {
                *last = last.hull(next);
            }
            joins
        });
        Self(stretches.into_iter().peekable())
    }

    /// Whether one is in force at an instant that is not before the one that was asked last.
    fn is_in_force(&mut self, at: DateTime<Utc>) -> bool {
        while self.0.next_if(|stretch| stretch.end() <= at).is_some() {}
        self.0.peek().is_some_and(|stretch| stretch.contains(at))
    }
}

/// Everything that changes by itself and on which a plan depends.
struct Inputs<'a> {
    free_busy: &'a FreeBusy,
    /// On-call time, hours, the hours of lines, and what is marked as open over each kind of channel.
    tracks: Vec<Track>,
    place_hidden: Track,
    /// Ascending, from the start of the range on, before its end.
    changes: Vec<DateTime<Utc>>,
}

impl<'a> Inputs<'a> {
    fn new(
        directory: &Directory,
        person: &Person,
        facts: &'a PersonFacts,
        range: Interval,
    ) -> Self {
        // Without `..`: whatever is added to the facts must be looked at here.
        let PersonFacts {
            free_busy,
            open_time,
            on_call,
            signals: _,
        } = facts;
        let zone = directory.zone_of(person);
        let openings = |hours: &Hours| hours.openings(range.start(), range.end(), zone).collect();
        let mut stretches: Vec<Vec<Interval>> = vec![on_call.clone()];
        stretches.extend(directory.hours_of(person).map(openings));
        let own = person
            .lines
            .iter()
            .filter_map(|line| hours_of(directory, line));
        stretches.extend(own.map(openings));
        stretches.extend(ChannelKind::ALL.map(|channel| open_time.intervals(channel).to_vec()));
        let hidden = place_hidden(free_busy);

        let claims = free_busy.intervals().map(|(interval, _)| interval);
        let edges = claims
            .chain(free_busy.known())
            .chain(hidden.iter().copied())
            .chain(stretches.iter().flatten().copied())
            .flat_map(|interval| [interval.start(), interval.end()]);
        let mut changes: Vec<_> = edges.filter(|at| range.contains(*at)).collect();
        changes.push(range.start());
        changes.sort_unstable();
        changes.dedup();
        Self {
            free_busy,
            tracks: stretches.into_iter().map(Track::new).collect(),
            place_hidden: Track::new(hidden),
            changes,
        }
    }
}

/// Where a meeting or a tentative entry hides whether somebody still works elsewhere: in a run of entries that
/// touch, one of which says elsewhere, all the others. An agenda keeps the strongest entry only.
fn place_hidden(free_busy: &FreeBusy) -> Vec<Interval> {
    let claims: Vec<_> = free_busy.intervals().collect();
    let runs = claims.chunk_by(|(one, _), (next, _)| one.end() == next.start());
    let elsewhere = runs.filter(|run| run.iter().any(|(_, k)| *k == FreeBusyKind::Elsewhere));
    let others = elsewhere
        .flatten()
        .filter(|(_, kind)| !matches!(kind, FreeBusyKind::Elsewhere | FreeBusyKind::OutOfOffice));
    others.map(|(interval, _)| *interval).collect()
}

/// A person as he is planned: without signals, and with somebody at the desk.
struct Planner<'a> {
    directory: &'a Directory,
    person: Person,
    facts: PersonFacts,
    rules: &'a ReachRules,
    range: Interval,
}

impl<'a> Planner<'a> {
    fn new(
        directory: &'a Directory,
        person: &Person,
        facts: &PersonFacts,
        rules: &'a ReachRules,
        range: Interval,
    ) -> Self {
        let desk = Signal {
            kind: SignalKind::Online(ChannelKind::WebChat),
            source: "plan".into(),
            at: range.start(),
            expires_at: range.end(),
        };
        let mut person = person.clone();
        if directory.hours_of(&person).is_none() && person.calendars.is_empty() {
            // Of somebody with neither hours nor calendar nothing is known. A desk that is only
            // taken for granted must not open him: a calendar that was never read does not.
            person.calendars.push(String::new());
        }
        Self {
            directory,
            person,
            facts: PersonFacts {
                signals: vec![desk],
                ..facts.clone()
            },
            rules,
            range,
        }
    }

    /// What holds from change to change. It depends on which of the inputs are in force and on nothing
    /// else, so that it is looked up once for each of their few combinations.
    fn rows(&self, mut inputs: Inputs<'_>) -> Vec<(Interval, PlannedRow)> {
        let mut looked_up = BTreeMap::<Vec<u8>, PlannedRow>::new();
        let mut key = Vec::with_capacity(inputs.tracks.len() + 1);
        let mut rows = Vec::new();
        let mut changes = inputs.changes.iter().copied().peekable();
        while let Some(at) = changes.next() {
            let next = changes.peek().copied().unwrap_or(self.range.end());
            let interval = Interval::new(at, next).expect("changes ascend inside the range");
            key.clear();
            key.push(inputs.free_busy.kind_at(at) as u8);
            let tracks = inputs.tracks.iter_mut();
            key.extend(tracks.map(|track| u8::from(track.is_in_force(at))));
            let mut row = match looked_up.get(key.as_slice()) {
                Some(row) => *row,
                None => *looked_up.entry(key.clone()).or_insert(self.row(at)),
            };
            row.is_place_hidden = inputs.place_hidden.is_in_force(at);
            extend(&mut rows, interval, row);
        }
        rows
    }

    fn row(&self, at: DateTime<Utc>) -> PlannedRow {
        let (directory, person, facts) = (self.directory, &self.person, &self.facts);
        let (row, _) = reachability_at(directory, person, facts, self.rules, at);
        PlannedRow {
            state: presence_at(directory, person, facts, at).state,
            is_place_hidden: false,
            reach: PerChannel::from_fn(|channel| match row[channel].reach {
                Reach::From(_) | Reach::Never => PlannedReach::Closed,
                Reach::Now => PlannedReach::Open,
                Reach::OnCall => PlannedReach::OnCall,
                Reach::Unknown => PlannedReach::Unknown,
            }),
        }
    }
}
