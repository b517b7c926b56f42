//! Who serves when: rules and rotations, changed by overrides, replaced for a while, and kept once they are past.

mod door;
mod rotation;
mod running;
mod serving;
mod sweep;
#[cfg(feature = "serde")]
mod wire;

use std::collections::BTreeMap;

use bereik_core::hours::Hours;
use bereik_core::id::PersonId;
use bereik_core::interval::Interval;
use bereik_core::shift::Shift;
use bereik_core::zone::Zone;
use chrono::{DateTime, Utc};

pub use rotation::{Cadence, Rotation};
use serving::Serving;
use sweep::Sweep;

/// So many boundaries at which nothing changes are passed over, before one is reported as if it did.
const PASSED_OVER_MAX: u32 = 10_000;

/// Who serves when.
///
/// At each instant the first of these that holds decides, and nothing below it is looked at, but that
/// overrides change what the rules say:
///
/// 1. [`history`](Self::history): what was served.
/// 2. [`temporary`](Self::temporary): other shifts for a while.
/// 3. [`overrides`](Self::overrides), in order, each upon what the ones before it left.
/// 4. [`rules`](Self::rules), joined as [`layering`](Self::layering) says.
///
/// A question costs what changes in the time that is asked for, however far from the start of a rotation: turns
/// are reached by arithmetic, and hours are looked up a few weeks at a time. Overrides and given shifts
/// are few or many as they were given; each is looked at once. A person's shifts are his on-call time in
/// [`PersonFacts`](crate::PersonFacts).
///
/// ```
/// use bereik_core::{Interval, PersonId};
/// use bereik_presence::roster::{Change, Override, Roster};
/// use chrono::{DateTime, Utc};
///
/// // As people write it, in TOML: two take weekly turns at night, and Cleo has the days.
/// let roster: Roster = toml::from_str(r#"
///     zone = "Europe/Amsterdam"
///
///     [[rules]]
///     rotation = { every = "weekly", start = "2026-11-23T17:00", members = ["anna", "bram"] }
///     hours.week.mon = ["17:00-09:00"]
///     hours.week.tue = ["17:00-09:00"]
///
///     [[rules]]
///     person = "cleo"
///     hours.week.mon = ["09:00-17:00"]
///     hours.week.tue = ["09:00-17:00"]
///
///     [[overrides]]
///     interval = { start = "2026-11-23T16:00:00Z", end = "2026-11-24T00:00:00Z" }
///     replace = "anna"
///     with = "dora"
/// "#)?;
///
/// let now: DateTime<Utc> = "2026-11-23T20:00:00Z".parse()?;
/// assert_eq!(roster.on_call_at(now), ["dora".parse::<PersonId>()?]);
/// let midnight: DateTime<Utc> = "2026-11-24T00:00:00Z".parse()?;
/// assert_eq!(roster.next_change_after(now), Some(midnight));
///
/// let day: Interval = "2026-11-23T00:00:00Z/2026-11-24T12:00:00Z".parse()?;
/// let shifts = roster.shifts(day).into_iter();
/// let told: Vec<_> = shifts.map(|shift| format!("{} {}", shift.person, shift.interval)).collect();
/// assert_eq!(told, [
///     "cleo 2026-11-23T08:00:00Z/2026-11-23T16:00:00Z",
///     "dora 2026-11-23T16:00:00Z/2026-11-24T00:00:00Z",
///     "anna 2026-11-24T00:00:00Z/2026-11-24T08:00:00Z",
///     "cleo 2026-11-24T08:00:00Z/2026-11-24T12:00:00Z",
/// ]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "wire::Roster", into = "wire::Roster")
)]
#[non_exhaustive]
pub struct Roster {
    /// Whose clock the hours of the rules go by.
    pub zone: Zone,
    /// What holds where several rules do.
    pub layering: Layering,
    /// Who serves as a rule; the order counts for [`Layering::LastWins`] only.
    pub rules: Vec<Rule>,
    /// Changes for a while, in the order in which they are made.
    pub overrides: Vec<Override>,
    /// Intervals in which only these shifts hold; where two overlap, the later one of the list.
    pub temporary: Vec<FixedShifts>,
    /// What was served; where two overlap, the later one of the list. See [`as_served`](Roster::as_served).
    pub history: Vec<FixedShifts>,
}

/// What holds where several rules of a roster do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[expect(clippy::exhaustive_enums, reason = "both readings that are in use")]
pub enum Layering {
    /// At most one person serves at a time: of the rules that name somebody the last, and of its shifts
    /// that hold the last. Whom an override adds takes the place of whoever serves.
    LastWins,
    /// Everybody whom a rule names serves.
    #[default]
    Union,
}

/// One rule of a roster: who serves, and in which hours.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "wire::Rule", into = "wire::Rule")
)]
#[non_exhaustive]
pub struct Rule {
    /// Who serves.
    pub who: Who,
    /// When the rule holds, by the clock of the roster; `None` means always. See [`Hours`] for what begins
    /// and ends where a clock is set: an interval over midnight belongs to the day on which it starts, and
    /// `08:00-08:00` lasts until eight the next day.
    pub hours: Option<Hours>,
    /// The first instant at which the rule holds; `None` where it always has.
    pub from: Option<DateTime<Utc>>,
    /// The instant at which the rule ends; `None` where it never does.
    pub until: Option<DateTime<Utc>>,
}

/// Whom a rule names.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Who {
    /// One person.
    Person(PersonId),
    /// Whoever's turn it is.
    Rotation(Rotation),
    /// Whoever has a shift, such as one that was read from a calendar.
    Shifts(Vec<Shift>),
}

/// A change of what the rules say, for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "wire::Override", into = "wire::Override")
)]
#[expect(clippy::exhaustive_structs, reason = "built by embedders as a literal")]
pub struct Override {
    /// From when until when.
    pub interval: Interval,
    /// What is changed.
    pub change: Change,
}

/// What an override changes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// This person serves as well; with [`Layering::LastWins`] instead of whoever serves.
    Add(PersonId),
    /// This person does not serve.
    Remove(PersonId),
    /// Where the one person would serve, the other does.
    Replace {
        /// Who is replaced; where he does not serve nothing is changed.
        person: PersonId,
        /// Who serves in his place.
        with: PersonId,
    },
}

/// An interval in which these shifts hold and nothing else, so that nobody serves outside of them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
#[expect(clippy::exhaustive_structs, reason = "built by embedders as a literal")]
pub struct FixedShifts {
    /// From when until when.
    pub interval: Interval,
    /// Who serves, in any order; what lies outside of the interval does not count.
    #[cfg_attr(feature = "serde", serde(default))]
    pub shifts: Vec<Shift>,
}

impl Rule {
    /// This person serves.
    #[must_use]
    pub const fn person(person: PersonId) -> Self {
        Self::new(Who::Person(person))
    }

    /// Whoever's turn it is serves.
    #[must_use]
    pub const fn rotation(rotation: Rotation) -> Self {
        Self::new(Who::Rotation(rotation))
    }

    /// Whoever has one of these shifts serves.
    #[must_use]
    pub const fn shifts(shifts: Vec<Shift>) -> Self {
        Self::new(Who::Shifts(shifts))
    }

    const fn new(who: Who) -> Self {
        Self {
            who,
            hours: None,
            from: None,
            until: None,
        }
    }

    /// The same within these hours only, by the clock of the roster.
    #[must_use]
    pub fn with_hours(mut self, hours: Hours) -> Self {
        self.hours = Some(hours);
        self
    }

    /// The same from this instant on only.
    #[must_use]
    pub fn with_from(mut self, from: DateTime<Utc>) -> Self {
        self.from = Some(from);
        self
    }

    /// The same up to this instant only.
    #[must_use]
    pub fn with_until(mut self, until: DateTime<Utc>) -> Self {
        self.until = Some(until);
        self
    }

    /// Whom it names at an instant, in order.
    fn people_at(&self, now: DateTime<Utc>, zone: &Zone) -> impl Iterator<Item = &PersonId> {
        let hours = self.hours.as_ref();
        let holds = self.from.is_none_or(|from| from <= now)
            && self.until.is_none_or(|until| now < until)
            && hours.is_none_or(|hours| hours.is_open_at(now, zone));
        let (one, shifts) = match &self.who {
            _ if !holds => (None, [].as_slice()),
            Who::Person(person) => (Some(person), [].as_slice()),
            Who::Rotation(rotation) => (rotation.person_at(now), [].as_slice()),
            Who::Shifts(shifts) => (None, shifts.as_slice()),
        };
        one.into_iter().chain(serving_at(shifts, now))
    }
}

/// Who has one of these shifts at an instant, in their order.
fn serving_at(shifts: &[Shift], now: DateTime<Utc>) -> impl Iterator<Item = &PersonId> {
    let serving = shifts.iter().filter(move |s| s.interval.contains(now));
    serving.map(|shift| &shift.person)
}

/// The later of the list where several hold.
fn fixed_at(list: &[FixedShifts], now: DateTime<Utc>) -> Option<&FixedShifts> {
    let mut later_first = list.iter().rev();
    later_first.find(|fixed| fixed.interval.contains(now))
}

impl Roster {
    /// A roster in which nobody serves yet.
    #[must_use]
    pub fn new(zone: Zone) -> Self {
        Self {
            zone,
            layering: Layering::default(),
            rules: Vec::new(),
            overrides: Vec::new(),
            temporary: Vec::new(),
            history: Vec::new(),
        }
    }

    /// The same with another answer to what holds where several rules do.
    #[must_use]
    pub fn with_layering(mut self, layering: Layering) -> Self {
        self.layering = layering;
        self
    }

    /// The same with one more rule, the last.
    #[must_use]
    pub fn with_rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// The same with one more override, the last.
    #[must_use]
    pub fn with_override(mut self, interval: Interval, change: Change) -> Self {
        self.overrides.push(Override { interval, change });
        self
    }

    /// The same with these shifts and no others within the interval.
    #[must_use]
    pub fn with_temporary(mut self, shifts: FixedShifts) -> Self {
        self.temporary.push(shifts);
        self
    }

    /// The same with what was served within an interval.
    #[must_use]
    pub fn with_history(mut self, served: FixedShifts) -> Self {
        self.history.push(served);
        self
    }

    /// Who serves at `now`, by id, each once.
    ///
    /// Takes time in the number of rules, overrides and given shifts, whatever lies between them.
    #[must_use]
    pub fn on_call_at(&self, now: DateTime<Utc>) -> Vec<PersonId> {
        let fixed = fixed_at(&self.history, now).or_else(|| fixed_at(&self.temporary, now));
        let mut serving = Serving::new(self.layering);
        if let Some(fixed) = fixed {
            serving.fix(serving_at(&fixed.shifts, now));
        } else {
            for rule in &self.rules {
                serving.follow(rule.people_at(now, &self.zone));
            }
            let overrides = self.overrides.iter();
            for made in overrides.filter(|made| made.interval.contains(now)) {
                serving.change(&made.change);
            }
        }
        serving.into_people().into_iter().cloned().collect()
    }

    /// Who serves when within `window`: each shift as long as it goes, cut where the window ends, in the
    /// order of their intervals and then of ids.
    ///
    /// Takes time and memory in what changes within the window, and looks once at each given shift and override
    /// beyond it. Ten years of hourly turns are some 87,640 shifts.
    #[must_use]
    pub fn shifts(&self, window: Interval) -> Vec<Shift> {
        let mut sweep = Sweep::new(self);
        let mut shifts = Vec::new();
        let mut serving: BTreeMap<&PersonId, DateTime<Utc>> = BTreeMap::new();
        let mut now = Some(window.start());
        while let Some(at) = now {
            let (people, until) = sweep.at(at);
            serving.retain(|person, since| {
                let stays = people.binary_search(person).is_ok();
                if !stays {
                    shifts.extend(shift(person, *since, at));
                }
                stays
            });
            for person in people {
                serving.entry(person).or_insert(at);
            }
            now = until.filter(|until| *until < window.end());
        }
        for (person, since) in serving {
            shifts.extend(shift(person, since, window.end()));
        }
        shifts.sort_unstable_by(|a, b| (a.interval, &a.person).cmp(&(b.interval, &b.person)));
        shifts
    }

    /// When each person serves within `window`, ascending: what [`PersonFacts::on_call`](crate::PersonFacts::on_call)
    /// and [`Board::set_on_call`](crate::Board::set_on_call) take.
    ///
    /// ```
    /// use bereik_core::{Interval, PersonId, Zone};
    /// use bereik_presence::roster::{Roster, Rule};
    ///
    /// let anna: PersonId = "anna".parse()?;
    /// let roster = Roster::new(Zone::utc()).with_rule(Rule::person(anna.clone()));
    /// let day: Interval = "2026-11-23T00:00:00Z/2026-11-24T00:00:00Z".parse()?;
    /// assert_eq!(roster.on_call_by_person(day)[&anna], [day]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn on_call_by_person(&self, window: Interval) -> BTreeMap<PersonId, Vec<Interval>> {
        let mut by_person: BTreeMap<PersonId, Vec<Interval>> = BTreeMap::new();
        for shift in self.shifts(window) {
            by_person
                .entry(shift.person)
                .or_default()
                .push(shift.interval);
        }
        by_person
    }

    /// The first instant after `instant` at which others serve; `None` when there is none.
    ///
    /// Where 10,000 handoffs, hours and overrides make no difference it is one before that change, at which
    /// this can be asked again.
    #[must_use]
    pub fn next_change_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut sweep = Sweep::new(self);
        let (people, mut until) = sweep.at(instant);
        for _ in 0..PASSED_OVER_MAX {
            let next = until?;
            let (others, then) = sweep.at(next);
            if others != people {
                return Some(next);
            }
            until = then;
        }
        until
    }

    /// Who serves within an interval, to be kept as [`history`](Self::history) before the rules are edited.
    ///
    /// ```
    /// use bereik_core::{Interval, Zone};
    /// use bereik_presence::roster::{Roster, Rule};
    ///
    /// let roster = Roster::new(Zone::utc()).with_rule(Rule::person("anna".parse()?));
    /// let november: Interval = "2026-11-01T00:00:00Z/2026-12-01T00:00:00Z".parse()?;
    /// let mut edited = roster.clone().with_history(roster.as_served(november));
    /// edited.rules = vec![Rule::person("bram".parse()?)];
    ///
    /// assert_eq!(edited.shifts(november), roster.shifts(november));
    /// assert_eq!(edited.on_call_at(november.end()), ["bram".parse()?]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn as_served(&self, interval: Interval) -> FixedShifts {
        FixedShifts {
            interval,
            shifts: self.shifts(interval),
        }
    }
}

fn shift(person: &PersonId, start: DateTime<Utc>, end: DateTime<Utc>) -> Option<Shift> {
    Some(Shift {
        person: person.clone(),
        interval: Interval::new(start, end)?,
    })
}
