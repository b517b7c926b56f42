//! A roster followed through time, from one boundary to the next.

use bereik_core::id::PersonId;
use bereik_core::shift::Shift;
use bereik_core::zone::WallClock;
use chrono::{DateTime, Utc};

use super::door::Door;
use super::running::Running;
use super::serving::Serving;
use super::{FixedShifts, Roster, Rotation, Rule, Who};

/// A roster and what of it holds at an instant that only moves forward.
#[derive(Debug)]
pub(super) struct Sweep<'a> {
    roster: &'a Roster,
    history: Fixed<'a>,
    temporary: Fixed<'a>,
    overrides: Running,
    rules: Vec<Followed<'a>>,
}

impl<'a> Sweep<'a> {
    pub(super) fn new(roster: &'a Roster) -> Self {
        let rules = roster.rules.iter();
        Self {
            roster,
            history: Fixed::new(&roster.history),
            temporary: Fixed::new(&roster.temporary),
            overrides: Running::new(roster.overrides.iter().map(|made| made.interval)),
            rules: rules.map(|rule| Followed::new(rule, roster)).collect(),
        }
    }

    /// Who serves at `now`, by id, each once; and the first instant after it at which others may. No `now`
    /// may lie before the last one.
    pub(super) fn at(&mut self, now: DateTime<Utc>) -> (Vec<&'a PersonId>, Option<DateTime<Utc>>) {
        let mut serving = Serving::new(self.roster.layering);
        let mut until = Until(None);
        if !self.history.hold(now, &mut serving, &mut until)
            && !self.temporary.hold(now, &mut serving, &mut until)
        {
            for rule in &mut self.rules {
                until.at_most(rule.advance(now));
                serving.follow(rule.people.iter().copied());
            }
            self.overrides.advance(now);
            until.at_most(self.overrides.until());
            for place in self.overrides.places() {
                serving.change(&self.roster.overrides[place].change);
            }
        }
        (serving.into_people(), until.0)
    }
}

/// The first of some instants.
struct Until(Option<DateTime<Utc>>);

impl Until {
    fn at_most(&mut self, other: Option<DateTime<Utc>>) {
        self.0 = self.0.into_iter().chain(other).min();
    }
}

/// Intervals with fixed shifts.
#[derive(Debug)]
struct Fixed<'a> {
    list: &'a [FixedShifts],
    intervals: Running,
    /// The shifts of each.
    shifts: Vec<Running>,
}

impl<'a> Fixed<'a> {
    fn new(list: &'a [FixedShifts]) -> Self {
        let shifts = list.iter();
        let shifts = shifts.map(|fixed| Running::new(fixed.shifts.iter().map(|s| s.interval)));
        Self {
            list,
            intervals: Running::new(list.iter().map(|fixed| fixed.interval)),
            shifts: shifts.collect(),
        }
    }

    /// Whether one of them holds at `now`; then its shifts do.
    fn hold(&mut self, now: DateTime<Utc>, serving: &mut Serving<'a>, until: &mut Until) -> bool {
        self.intervals.advance(now);
        until.at_most(self.intervals.until());
        let Some(place) = self.intervals.places().next_back() else {
            return false;
        };
        let shifts = &mut self.shifts[place];
        shifts.advance(now);
        until.at_most(shifts.until());
        let fixed = &self.list[place].shifts;
        serving.fix(shifts.places().map(|place| &fixed[place].person));
        true
    }
}

/// A rule, and whom it names until when.
#[derive(Debug)]
struct Followed<'a> {
    rule: &'a Rule,
    door: Option<Door<'a>>,
    who: Named<'a>,
    people: Vec<&'a PersonId>,
    /// Until when that stands; `None` at first, and where it stands for ever.
    until: Option<DateTime<Utc>>,
    is_known: bool,
}

#[derive(Debug)]
enum Named<'a> {
    Person(&'a PersonId),
    Rotation(&'a Rotation, Box<WallClock<'a>>),
    Shifts(&'a [Shift], Running),
}

impl<'a> Followed<'a> {
    fn new(rule: &'a Rule, roster: &'a Roster) -> Self {
        let hours = rule.hours.as_ref();
        Self {
            rule,
            door: hours.map(|hours| Door::new(hours, &roster.zone)),
            who: match &rule.who {
                Who::Person(person) => Named::Person(person),
                Who::Rotation(rotation) => {
                    Named::Rotation(rotation, Box::new(rotation.zone().wall_clock()))
                }
                Who::Shifts(shifts) => {
                    Named::Shifts(shifts, Running::new(shifts.iter().map(|s| s.interval)))
                }
            },
            people: Vec::new(),
            until: None,
            is_known: false,
        }
    }

    /// Goes on to `now`, and says until when nothing changes.
    fn advance(&mut self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.is_known && self.until.is_none_or(|until| now < until) {
            return self.until;
        }
        self.is_known = true;
        self.people.clear();
        self.until = match (self.rule.from, self.rule.until) {
            (_, Some(until)) if until <= now => None,
            (Some(from), _) if now < from => Some(from),
            (_, end) => {
                let mut until = Until(end);
                until.at_most(self.look(now));
                until.0
            }
        };
        self.until
    }

    /// Names people by hours and turns, and says until when that stands.
    fn look(&mut self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let (is_open, change) = match &mut self.door {
            Some(door) => door.at(now),
            None => (true, None),
        };
        if !is_open {
            return change;
        }
        let mut until = Until(change);
        match &mut self.who {
            Named::Person(person) => self.people.push(person),
            Named::Rotation(rotation, clock) => {
                let (person, change) = rotation.person_until(clock, now);
                self.people.extend(person);
                until.at_most(change);
            }
            Named::Shifts(shifts, running) => {
                running.advance(now);
                until.at_most(running.until());
                let places = running.places();
                self.people
                    .extend(places.map(|place| &shifts[place].person));
            }
        }
        until.0
    }
}
