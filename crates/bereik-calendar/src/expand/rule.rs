//! The instances of one rule, in the zone of its series.

use super::placing::{Placed, Placing};
use crate::civil::{DAY, day_of};
use crate::problem::ProblemReason;
use crate::read::value::When;
use crate::recurrence::{Budget, Exhausted, Frequency, Rule, Scratch, Start};

/// Offsets differ by no more than this, in seconds: how far wall and instant can be apart.
pub(super) const SLACK: i64 = 2 * DAY;

/// The last second of a day.
const LAST_SECOND: i64 = DAY - 1;

/// The start of one instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begin {
    pub(super) instant: i64,
    pub(super) wall: i64,
    /// The end that an added period brings, in Unix seconds.
    pub(super) end: Option<i64>,
    /// It is in a zone that nobody knows for sure.
    pub(super) is_unsure: bool,
}

/// What an expansion of a rule works with.
pub(super) struct Expansion<'e, 'a> {
    pub(super) placing: &'e mut Placing<'a>,
    pub(super) scratch: &'e mut Scratch,
    pub(super) budget: &'e mut Budget,
}

impl Expansion<'_, '_> {
    /// Calls `add` for each instance of a rule after the start and in `range`.
    ///
    /// # Errors
    /// The Unix second from which on nothing is known, and why.
    pub(super) fn expand(
        &mut self,
        rule: &Rule,
        start: &Placed,
        range: (i64, i64),
        add: &mut impl FnMut(Begin),
    ) -> Result<(), (i64, ProblemReason)> {
        let until = Until::new(rule, start, self.placing);
        let to = range.1.min(until.latest());
        let mut add = |instant: i64, wall: i64| {
            if until.allows(instant, wall) {
                add(Begin {
                    instant,
                    wall,
                    end: None,
                    is_unsure: start.is_unsure,
                });
            }
        };
        let lost = |from: i64| (from, ProblemReason::Steps);
        let clock = self.placing.clock(start.clock);
        if rule.frequency >= Frequency::Daily {
            let walls = range.0.saturating_sub(SLACK)..to.saturating_add(SLACK);
            let first = Start::new(start.wall, start.is_date);
            return rule
                .expand_walls(first, walls, self.budget, self.scratch, |wall| {
                    add(clock.instant_of(wall), wall);
                })
                .map_err(|wall| lost(wall - DAY));
        }
        if start.is_date {
            // A day has no hours to repeat in (RFC 5545 section 3.3.10).
            return Err((start.instant, ProblemReason::Rule));
        }
        rule.expand_instants(start.instant, range.0..to, clock, self.budget, add)
            .map_err(lost)
    }
}

impl Expansion<'_, '_> {
    /// Whether a rule generates the start from which it is counted.
    pub(super) fn generates_start(
        &mut self,
        rule: &Rule,
        start: &Placed,
    ) -> Result<bool, Exhausted> {
        if rule.frequency >= Frequency::Daily {
            let first = Start::new(start.wall, start.is_date);
            return rule.generates_wall(first, self.budget, self.scratch);
        }
        let clock = self.placing.clock(start.clock);
        rule.generates_instant(start.instant, clock, self.budget)
    }
}

/// Until when a rule goes on.
#[derive(Clone, Copy)]
pub(super) enum Until {
    /// A day of the wall, whole.
    Day(i32),
    Ever,
    Instant(i64),
    Wall(i64),
}

impl Until {
    /// A date means its whole day, a local time is read in the start's zone, and beside an all-day start
    /// only the day of UNTIL counts: the owner's, where it is the first or the last second of his day, as
    /// Exchange and Apple write it in UTC.
    pub(super) fn new(rule: &Rule, start: &Placed, placing: &mut Placing<'_>) -> Self {
        match rule.until {
            None => Self::Ever,
            Some(When::Date(day)) => Self::Day(day),
            Some(When::Wall(wall)) if start.is_date => Self::Day(day_of(wall)),
            Some(When::Utc(instant)) if start.is_date => {
                let wall = placing.wall_at(start.clock, instant);
                let is_edge = instant % DAY != 0 && matches!(wall.rem_euclid(DAY), 0 | LAST_SECOND);
                Self::Day(day_of(if is_edge { wall } else { instant }))
            }
            Some(When::Utc(instant)) => Self::Instant(instant),
            Some(When::Wall(wall)) => Self::Wall(wall),
        }
    }

    /// No instance that is allowed begins later, in Unix seconds.
    fn latest(self) -> i64 {
        match self {
            Self::Day(day) => (i64::from(day) + 1) * DAY + SLACK,
            Self::Ever => i64::MAX,
            Self::Instant(at) | Self::Wall(at) => at + SLACK,
        }
    }

    pub(super) fn allows(self, instant: i64, wall: i64) -> bool {
        match self {
            Self::Day(day) => day_of(wall) <= day,
            Self::Ever => true,
            Self::Instant(until) => instant <= until,
            Self::Wall(until) => wall <= until,
        }
    }
}
