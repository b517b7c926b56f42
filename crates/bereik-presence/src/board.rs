//! Many people at once: what is known of each, kept small, and who of a group is reachable now, kept up to date.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::directory::Directory;
use bereik_core::hours::Hours;
use bereik_core::interval::Interval;
use bereik_core::open_time::OpenTime;
use bereik_core::person::Person;
use bereik_core::presence::{Presence, PresenceSource, PresenceState};
use bereik_core::reachability::ReachabilityRow;
use bereik_core::signal::{Signal, SignalKind};
use bereik_core::slot::{Row, Slot};
use bereik_core::zone::Zone;
use bereik_core::{FreeBusy, FreeBusyKind};
use chrono::{DateTime, Utc};

use crate::channels::Channels;
use crate::precedence::Decision;
use crate::reach::Reacher;
use crate::resolve::presence_of;
use crate::rules::ReachRules;
use crate::sources::Sources;
use crate::verdict::Class;
use days::Days;
use head::{Head, Plain, PlainDecisions};
use member::{Kept, Member, Place, Rare};
use openings::Openings;
pub use terms::{Service, Terms};

mod days;
mod head;
mod member;
mod openings;
mod terms;

/// The presence of many people, at an instant that moves on.
///
/// People, groups and hours are numbered in the order in which they are added. What is known of a person is
/// set as it changes; the clock is moved by [`advance`](Self::advance), which costs only the changes that fall
/// due: they stand in an ordered queue, and nobody is asked in vain. Who of a group is reachable now over a kind
/// of channel is a row of bits by the place in the group, always up to date.
///
/// A board says of each person what [`presence_at`](crate::presence_at) and
/// [`reachability_at`](crate::reachability_at) say of him. A million people with free/busy time of a fortnight,
/// ten meetings a day, take some 700 MB (`cargo bench --bench board`).
///
/// ```
/// use bereik_core::channel_kind::ChannelKind;
/// use bereik_core::{FreeBusy, FreeBusyKind, Interval, Slot};
/// use bereik_core::presence::PresenceState;
/// use bereik_presence::ReachRules;
/// use bereik_presence::board::{Board, Service, Terms};
///
/// let day: Interval = "2026-11-23T09:00:00Z/2026-11-23T17:00:00Z".parse()?;
/// let mut board = Board::new(ReachRules::default(), day.start());
/// let terms = Terms::new().with_calendar().with_line(ChannelKind::Phone, Service::Always);
/// let (anna, bo) = (board.add_person(terms.clone()), board.add_person(terms));
/// let desk = board.add_group([anna, bo]);
///
/// let meeting: Interval = "2026-11-23T10:00:00Z/2026-11-23T11:00:00Z".parse()?;
/// let free_busy = FreeBusy::builder(day).claim(meeting, FreeBusyKind::Busy).build();
/// board.set_free_busy(anna, free_busy);
/// assert!(board.reachable(desk, ChannelKind::Phone).contains(Slot::new(0)));
/// // Nothing is known of Bo.
/// assert_eq!(board.reachable(desk, ChannelKind::Phone).count(), 1);
///
/// assert_eq!(board.next_change_at(), Some(meeting.start()));
/// assert_eq!(board.advance(meeting.start()), [anna]);
/// assert_eq!(board.state(anna).0, PresenceState::Busy);
/// assert!(board.reachable(desk, ChannelKind::Phone).is_empty());
/// # Ok::<(), bereik_core::interval::IntervalError>(())
/// ```
///
/// # Panics
/// A method panics when it is given a slot that the board did not give.
pub struct Board {
    rules: ReachRules,
    now: DateTime<Utc>,
    openings: Vec<Openings>,
    terms: Vec<Terms>,
    terms_by_value: BTreeMap<Terms, u32>,
    people: Vec<Kept>,
    /// Of each person.
    heads: Vec<Head>,
    /// The day from which heads count.
    epoch: i64,
    plain: PlainDecisions,
    days: Days,
    currents: Vec<Current>,
    groups: Vec<Rows>,
    /// Who is in which group, at which place; each points to the next of the same person.
    memberships: Vec<Membership>,
    /// When whose next change falls due.
    due: BTreeSet<(DateTime<Utc>, u32)>,
}

/// Heads can tell of days from so long before a board's first instant on.
const EPOCH_DAYS_BEFORE: i64 = 400;

/// What holds of a person now.
#[derive(Clone, Copy, Debug)]
struct Current {
    decision: Decision,
    over: Over,
    is_removed: bool,
    /// The place of his first membership, from 1; 0 is none.
    membership: u32,
    /// Under which instant he stands in the queue.
    due_at: Option<DateTime<Utc>>,
}

/// Over which kinds of channel a person can be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Over {
    now: Channels,
    on_call: Channels,
    unknown: Channels,
}

#[derive(Clone, Copy, Debug)]
struct Membership {
    group: u32,
    place: u32,
    /// The place of the next one, from 1; 0 is none.
    next: u32,
}

/// The rows of a group, by the place of its members.
#[derive(Clone, Debug, Default)]
struct Rows {
    members: u32,
    now: PerChannel<Row>,
    on_call: PerChannel<Row>,
    unknown: PerChannel<Row>,
}

impl Board {
    /// A board with nobody on it, at this instant.
    #[must_use]
    pub fn new(rules: ReachRules, now: DateTime<Utc>) -> Self {
        Self {
            rules,
            now,
            openings: Vec::new(),
            terms: Vec::new(),
            terms_by_value: BTreeMap::new(),
            people: Vec::new(),
            heads: Vec::new(),
            plain: PlainDecisions::new(),
            epoch: now.timestamp().div_euclid(86_400) - EPOCH_DAYS_BEFORE,
            days: Days::default(),
            currents: Vec::new(),
            groups: Vec::new(),
            memberships: Vec::new(),
            due: BTreeSet::new(),
        }
    }

    /// Makes room for so many people more at once, which is faster than making it little by little.
    pub fn reserve(&mut self, people: usize) {
        self.people.reserve(people);
        self.heads.reserve(people);
        self.currents.reserve(people);
        self.days.reserve(people);
    }

    /// A board of everybody in a directory, of whom nothing is known yet: people and groups are numbered in
    /// the directory's order.
    #[must_use]
    pub fn of_directory(directory: &Directory, rules: ReachRules, now: DateTime<Utc>) -> Self {
        let mut board = Self::new(rules, now);
        board.reserve(directory.people().len());
        let mut slots = BTreeMap::new();
        for person in directory.people() {
            let terms = board.terms_of(directory, person);
            slots.insert(&person.id, board.add_person(terms));
        }
        for group in directory.groups() {
            let members = directory
                .members_of(&group.id)
                .iter()
                .filter_map(|id| slots.get(id).copied());
            board.add_group(members);
        }
        board
    }

    fn terms_of(&mut self, directory: &Directory, person: &Person) -> Terms {
        let zone = directory.zone_of(person);
        let mut terms = Terms::new();
        terms.has_calendar = !person.calendars.is_empty();
        if let Some(hours) = directory.hours_of(person) {
            terms = terms.with_hours(self.add_hours(hours, zone));
        }
        for line in &person.lines {
            let hours = line.hours.as_ref().and_then(|id| directory.hours(id));
            let service = match hours {
                Some(hours) => Service::During(vec![self.add_hours(hours, zone)]),
                None => Service::Always,
            };
            terms = terms.with_line(line.channel, service);
        }
        terms
    }

    /// Hours in a zone, for the [`Terms`] of people; the same hours have the same slot.
    pub fn add_hours(&mut self, hours: &Hours, zone: &Zone) -> Slot {
        let is_same = |openings: &Openings| openings.is_same(hours, zone);
        let at = self.openings.iter().position(is_same).unwrap_or_else(|| {
            let openings = Openings::new(hours.clone(), zone.clone(), self.now);
            self.openings.push(openings);
            self.openings.len() - 1
        });
        slot(at)
    }

    /// A person of whom nothing is known yet.
    ///
    /// # Panics
    /// Where the terms name hours that [`add_hours`](Self::add_hours) of this board did not give, or beyond
    /// 4 billion people.
    pub fn add_person(&mut self, terms: Terms) -> Slot {
        let is_ours = |hours: Slot| hours.index() < self.openings.len();
        assert!(terms.hours().all(is_ours), "hours of this board");
        let place = self.place_of(terms);
        let person = slot(self.people.len());
        self.people.push(Kept {
            calendar: Place::Nowhere,
            terms: place,
            rare: None,
        });
        self.days.push();
        self.heads
            .push(Head::of(&self.people[person.index()], self.epoch));
        self.currents.push(Current::NOTHING);
        self.refresh(person);
        person
    }

    /// Where these terms are kept, once.
    fn place_of(&mut self, terms: Terms) -> u32 {
        let next = self.terms.len() as u32;
        let place = self.terms_by_value.entry(terms);
        *place.or_insert_with_key(|terms| {
            self.terms.push(terms.clone());
            next
        })
    }

    /// A group of these people, whose places in its rows are by this order.
    pub fn add_group(&mut self, members: impl IntoIterator<Item = Slot>) -> Slot {
        let group = slot(self.groups.len());
        self.groups.push(Rows::default());
        for member in members {
            self.add_member(group, member);
        }
        group
    }

    /// Adds a person to a group, and gives his place in its rows: the one after the last.
    pub fn add_member(&mut self, group: Slot, person: Slot) -> Slot {
        let rows = &mut self.groups[group.index()];
        let place = Slot::new(rows.members);
        rows.members += 1;
        let current = &mut self.currents[person.index()];
        self.memberships.push(Membership {
            group: group.number(),
            place: place.number(),
            next: current.membership,
        });
        current.membership = self.memberships.len() as u32;
        rows.set(place, Over::default(), current.over);
        place
    }

    /// Forgets all that is known of a person, and takes him for unknown and unreachable at every instant; what is told
    /// of him later does not count. His slot and his places in groups stay his.
    pub fn remove_person(&mut self, person: Slot) {
        // With a calendar of which nothing is known, and without hours or a line, he is unknown at every instant.
        let terms = self.place_of(Terms::new().with_calendar());
        let kept = &mut self.people[person.index()];
        (kept.calendar, kept.rare, kept.terms) = (Place::Nowhere, None, terms);
        self.currents[person.index()].is_removed = true;
        self.refresh(person);
    }

    /// How many people have been added.
    #[must_use]
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether nobody has been added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// The instant at which the board stands.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// When something next changes by itself; [`advance`](Self::advance) to it then.
    #[must_use]
    pub fn next_change_at(&self) -> Option<DateTime<Utc>> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Moves the clock on, and gives those whose state or reachability changed, ascending. It costs what falls
    /// due until then. An earlier instant changes nothing.
    pub fn advance(&mut self, now: DateTime<Utc>) -> Vec<Slot> {
        let mut changed = Vec::new();
        if now < self.now {
            return changed;
        }
        self.now = now;
        for openings in &mut self.openings {
            openings.advance(now);
        }
        while let Some((at, number)) = self.due.pop_first() {
            if now < at {
                self.due.insert((at, number));
                break;
            }
            self.currents[number as usize].due_at = None;
            let person = Slot::new(number);
            if self.refresh(person) {
                changed.push(person);
            }
        }
        changed.sort_unstable();
        changed
    }

    /// What a person's calendars say. It is found fastest on the 16 days of UTC from yesterday on, where these have
    /// at most ten stretches each, all on whole minutes; it takes least memory where it covers no more than
    /// that. Everything is kept exactly.
    pub fn set_free_busy(&mut self, person: Slot, free_busy: FreeBusy) {
        if self.currents[person.index()].is_removed {
            return;
        }
        let fit = self.days.keep(person.index(), &free_busy, self.now);
        let place = match (free_busy.known(), fit) {
            (None, _) => Place::Nowhere,
            (_, Some(fit)) if fit.is_whole => Place::Cells(fit.first),
            (_, Some(fit)) => Place::CellsAndRare(fit.first),
            (_, None) => Place::Rare,
        };
        self.people[person.index()].calendar = place;
        self.change_rare(person, |rare| {
            rare.free_busy = match place {
                Place::CellsAndRare(_) | Place::Rare => free_busy,
                Place::Cells(_) | Place::Nowhere => FreeBusy::unknown(),
            };
        });
    }

    /// What a person's marks open.
    pub fn set_open_time(&mut self, person: Slot, open_time: OpenTime) {
        self.change_rare(person, |rare| rare.open_time = open_time);
    }

    /// When a person is on call.
    pub fn set_on_call(&mut self, person: Slot, on_call: Vec<Interval>) {
        self.change_rare(person, |rare| rare.on_call = on_call);
    }

    /// A live fact about a person; it replaces one of the same kind and source. Those that have run out are
    /// dropped.
    pub fn set_signal(&mut self, person: Slot, signal: Signal) {
        let now = self.now;
        self.change_rare(person, |rare| {
            rare.signals.retain(|other| {
                let is_same = other.kind == signal.kind && other.source == signal.source;
                now < other.expires_at && !is_same
            });
            rare.signals.push(signal);
        });
    }

    /// Takes a live fact back.
    pub fn clear_signal(&mut self, person: Slot, kind: SignalKind, source: &str) {
        self.change_rare(person, |rare| {
            rare.signals
                .retain(|signal| signal.kind != kind || *signal.source != *source);
        });
    }

    fn change_rare(&mut self, person: Slot, change: impl FnOnce(&mut Rare)) {
        if self.currents[person.index()].is_removed {
            return;
        }
        let rare = &mut self.people[person.index()].rare;
        let mut changed = rare.take().unwrap_or_default();
        change(&mut changed);
        if !changed.is_empty() {
            *rare = Some(changed);
        }
        self.refresh(person);
    }

    /// A person's state now, and what decided it.
    #[must_use]
    pub fn state(&self, person: Slot) -> (PresenceState, PresenceSource) {
        let Decision { state, source } = self.currents[person.index()].decision;
        (state, source)
    }

    /// A person's state at any instant, by what is known now, and what decides it.
    #[must_use]
    pub fn state_at(&self, person: Slot, at: DateTime<Utc>) -> (PresenceState, PresenceSource) {
        let in_cell = self.days.kind_in_cell(person.index(), at);
        let head = self.heads[person.index()].plain(self.epoch);
        let Decision { state, source } = match head {
            Some(Plain { first, terms }) => {
                let kind = match Days::covers(first, at) {
                    true => in_cell,
                    false => FreeBusyKind::Unknown,
                };
                let hours = self.terms[terms].hours;
                let is_open = hours.map(|slot| self.openings[slot.index()].is_open_at(at));
                self.plain.get(kind, is_open)
            }
            None => self.member(person).decide(at),
        };
        (state, source)
    }

    /// A person's presence at any instant, as [`presence_at`](crate::presence_at) gives it.
    #[must_use]
    pub fn presence_at(&self, person: Slot, at: DateTime<Utc>) -> Presence {
        presence_of(&self.member(person), at)
    }

    /// How a person can be reached at any instant, and until when that stands, as
    /// [`reachability_at`](crate::reachability_at) gives it.
    #[must_use]
    pub fn reachability_at(
        &self,
        person: Slot,
        at: DateTime<Utc>,
    ) -> (ReachabilityRow, Option<DateTime<Utc>>) {
        self.reacher(person).row(at)
    }

    /// Who of a group can be reached now over a kind of channel, by the places of its members.
    #[must_use]
    pub fn reachable(&self, group: Slot, channel: ChannelKind) -> &Row {
        &self.groups[group.index()].now[channel]
    }

    /// Who of a group can be reached over a kind of channel only through an escalation, or in a calamity.
    #[must_use]
    pub fn on_call(&self, group: Slot, channel: ChannelKind) -> &Row {
        &self.groups[group.index()].on_call[channel]
    }

    /// Of whom of a group nobody knows whether he can be reached over a kind of channel.
    #[must_use]
    pub fn unknown(&self, group: Slot, channel: ChannelKind) -> &Row {
        &self.groups[group.index()].unknown[channel]
    }

    fn member(&self, person: Slot) -> Member<'_> {
        let kept = &self.people[person.index()];
        Member {
            number: person.index(),
            kept,
            days: &self.days,
            terms: &self.terms[kept.terms as usize],
            openings: &self.openings,
        }
    }

    fn reacher(&self, person: Slot) -> Reacher<'_, Member<'_>> {
        Reacher {
            sources: self.member(person),
            rules: &self.rules,
        }
    }

    /// Works out anew what holds of a person now, and when that next changes; whether it is something else.
    fn refresh(&mut self, person: Slot) -> bool {
        self.heads[person.index()] = Head::of(&self.people[person.index()], self.epoch);
        let before = self.currents[person.index()];
        let mut current = before;
        let reacher = self.reacher(person);
        current.due_at = reacher.next_change_after(self.now);
        current.decision = reacher.sources.decide(self.now);
        let verdicts = reacher.verdicts(self.now);
        current.over = verdicts
            .iter()
            .fold(Over::default(), |over, (channel, verdict)| {
                over.with(channel, verdict.class)
            });
        self.currents[person.index()] = current;
        if before.due_at != current.due_at {
            let entry = |at| (at, person.number());
            if let Some(at) = before.due_at {
                self.due.remove(&entry(at));
            }
            self.due.extend(current.due_at.map(entry));
        }
        if before.over != current.over {
            self.set_rows(before, current.over);
        }
        before.decision != current.decision || before.over != current.over
    }

    fn set_rows(&mut self, before: Current, over: Over) {
        let mut next = before.membership;
        while let Some(at) = next.checked_sub(1) {
            let Membership {
                group,
                place,
                next: after,
            } = self.memberships[at as usize];
            self.groups[group as usize].set(Slot::new(place), before.over, over);
            next = after;
        }
    }
}

/// How many there are; nothing of what is known of anybody.
impl fmt::Debug for Board {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Board")
            .field("now", &self.now)
            .field("people", &self.people.len())
            .field("groups", &self.groups.len())
            .finish_non_exhaustive()
    }
}

impl Current {
    const NOTHING: Self = Self {
        decision: Decision {
            state: PresenceState::Unknown,
            source: PresenceSource::Nothing,
        },
        over: Over {
            now: Channels::NONE,
            on_call: Channels::NONE,
            unknown: Channels::NONE,
        },
        is_removed: false,
        membership: 0,
        due_at: None,
    };
}

impl Over {
    fn with(mut self, channel: ChannelKind, class: Class) -> Self {
        match class {
            Class::Now => self.now.insert(channel),
            Class::OnCall => self.on_call.insert(channel),
            Class::Unknown => self.unknown.insert(channel),
            Class::Later | Class::Never => {}
        }
        self
    }
}

impl Rows {
    /// Sets the bits of a member that differ from before.
    fn set(&mut self, place: Slot, before: Over, over: Over) {
        let rows = [
            (&mut self.now, before.now, over.now),
            (&mut self.on_call, before.on_call, over.on_call),
            (&mut self.unknown, before.unknown, over.unknown),
        ];
        for (rows, before, over) in rows {
            for channel in ChannelKind::ALL {
                if before.contains(channel) != over.contains(channel) {
                    rows[channel].set(place, over.contains(channel));
                }
            }
        }
    }
}

impl Rare {
    fn is_empty(&self) -> bool {
        let is_read = self.free_busy.known().is_some() || self.open_time.known().is_some();
        !is_read && self.on_call.is_empty() && self.signals.is_empty()
    }
}

fn slot(index: usize) -> Slot {
    Slot::new(u32::try_from(index).expect("fewer than 4 billion of each"))
}
