//! Compiles a VTIMEZONE (RFC 5545 section 3.6.5) into a zone.

use bereik_core::zone::Zone;
use chrono::DateTime;

use crate::civil::{DAY, date_of, day_number, day_of};
use crate::component::{Observance, ZoneDefinition};
use crate::read::value::When;
use crate::recurrence::{Budget, Frequency, Rule, Scratch, Start};

/// Rules that do not end are written out between the firsts of January of these years, unless they
/// are a yearly pair.
const YEARS: (i32, i32) = (1900, 2201);
/// More onsets than this are no real zone.
const ONSETS_MAX: usize = 20_000;

/// When an observance begins, which offset begins with it and which one ends.
type Onset = (i64, i32, i32);

/// The zone that a definition means, or `None` where it cannot be read.
pub(crate) fn compile(definition: &ZoneDefinition, budget: &mut Budget) -> Option<Zone> {
    if definition.is_flawed {
        return None;
    }
    let observances = definition.observances.iter().map(Turn::of);
    let turns = observances.collect::<Option<Vec<Turn<'_>>>>()?;
    let name = String::from_utf8_lossy(&definition.name);
    let pair = Pair::of(&turns).and_then(|pair| Some((pair.alone_from(&turns, budget)?, pair)));
    match pair {
        None => zone(&name, onsets_until(&turns, YEARS.1, budget)?),
        Some((year, pair)) => {
            let zone = zone(&name, onsets_until(&turns, year, budget)?)?;
            zone.with_rule(&pair.posix()).ok()
        }
    }
}

fn zone(name: &str, mut onsets: Vec<Onset>) -> Option<Zone> {
    onsets.sort_by_key(|(at, ..)| *at);
    let (_, _, first_offset) = *onsets.first()?;
    // Where two observances begin at once, the later in the file holds.
    onsets.reverse();
    onsets.dedup_by_key(|(at, ..)| *at);
    onsets.reverse();
    let transitions = onsets
        .into_iter()
        .map(|(at, to, _)| Some((DateTime::from_timestamp(at, 0)?, to)))
        .collect::<Option<Vec<_>>>()?;
    Zone::from_transitions(name, first_offset, transitions).ok()
}

fn onsets_until(turns: &[Turn<'_>], year: i32, budget: &mut Budget) -> Option<Vec<Onset>> {
    let mut onsets = Vec::new();
    for turn in turns {
        turn.add_onsets(year, &mut onsets, budget)?;
    }
    Some(onsets)
}

/// An observance that can be read.
#[derive(Clone, Copy)]
struct Turn<'a> {
    observance: &'a Observance,
    start: i64,
    from: i32,
    to: i32,
}

impl<'a> Turn<'a> {
    fn of(observance: &'a Observance) -> Option<Self> {
        let turn = Self {
            observance,
            start: observance.start?,
            from: observance.offset_from?,
            to: observance.offset_to?,
        };
        (!observance.is_flawed).then_some(turn)
    }

    /// Appends each onset before a year.
    fn add_onsets(&self, year: i32, onsets: &mut Vec<Onset>, budget: &mut Budget) -> Option<()> {
        let instant_of = |wall: i64| wall - i64::from(self.from);
        let mut add = |wall: i64| onsets.push((instant_of(wall), self.to, self.from));
        add(self.start);
        self.observance.extra.iter().copied().for_each(&mut add);
        let mut scratch = Scratch::default();
        for rule in &self.observance.rules {
            if rule.frequency < Frequency::Daily {
                return None;
            }
            let first = i64::from(day_number(YEARS.0, 1, 1)) * DAY;
            let last = i64::from(day_number(year, 1, 1)) * DAY;
            let start = Start::new(self.start, false);
            let within = |wall: i64| is_until(rule, wall, instant_of(wall));
            rule.expand_walls(start, first..last, budget, &mut scratch, |wall| {
                if within(wall) {
                    add(wall);
                }
            })
            .ok()?;
        }
        (onsets.len() <= ONSETS_MAX).then_some(())
    }

    /// The nth weekday of a month on which it begins each year, for ever.
    fn yearly(&self) -> Option<Yearly<'a>> {
        let [rule] = self.observance.rules.as_slice() else {
            return None;
        };
        let is_endless = rule.count.is_none() && rule.until.is_none() && rule.interval == 1;
        let only_that = rule.weekdays == 0
            && !rule.chooses_dates()
            && rule.positions().is_empty()
            && (rule.hours, rule.minutes, rule.seconds) == (0, 0, 0);
        let [(ordinal, weekday)] = rule.ordinal_weekdays() else {
            return None;
        };
        // POSIX counts the last week as the fifth, and days from Sunday on.
        let week = match *ordinal {
            -1 => 5,
            week @ 1..=4 => week,
            _ => return None,
        };
        let is_yearly = rule.frequency == Frequency::Yearly && rule.months.count_ones() == 1;
        (is_endless && only_that && is_yearly).then_some(Yearly {
            turn: *self,
            month: rule.months.trailing_zeros(),
            week,
            weekday: (weekday + 1) % 7,
        })
    }
}

/// An observance that begins on the same weekday of the same month each year.
struct Yearly<'a> {
    turn: Turn<'a>,
    month: u32,
    week: i16,
    weekday: u8,
}

impl Yearly<'_> {
    /// As a POSIX TZ string has it.
    fn posix(&self) -> String {
        let time = clock(self.turn.start.rem_euclid(DAY) as i32);
        format!("M{}.{}.{}/{time}", self.month, self.week, self.weekday)
    }
}

/// Two observances that follow each other each year, for ever.
struct Pair<'a> {
    standard: Yearly<'a>,
    daylight: Yearly<'a>,
}

impl<'a> Pair<'a> {
    /// The only rules without an end, if they are such a pair.
    fn of(turns: &[Turn<'a>]) -> Option<Self> {
        let is_endless = |rule: &Rule| rule.count.is_none() && rule.until.is_none();
        let mut endless = turns
            .iter()
            .filter(|turn| turn.observance.rules.iter().any(is_endless));
        let (a, b) = (endless.next()?.yearly()?, endless.next()?.yearly()?);
        let (standard, daylight) = match a.turn.to < b.turn.to {
            true => (a, b),
            false => (b, a),
        };
        let (winter, summer) = (standard.turn, daylight.turn);
        let is_pair = winter.from == summer.to && summer.from == winter.to && winter.to < summer.to;
        (is_pair && endless.next().is_none()).then_some(Self { standard, daylight })
    }

    /// The year from which on nothing but the pair has onsets.
    fn alone_from(&self, turns: &[Turn<'_>], budget: &mut Budget) -> Option<i32> {
        let mut last = self.standard.turn.start.max(self.daylight.turn.start);
        let is_of_pair = |turn: &&Turn<'_>| {
            let is = |yearly: &Yearly<'_>| std::ptr::eq(yearly.turn.observance, turn.observance);
            is(&self.standard) || is(&self.daylight)
        };
        let mut onsets = Vec::new();
        for turn in turns.iter().filter(|turn| !is_of_pair(turn)) {
            turn.add_onsets(YEARS.1, &mut onsets, budget)?;
        }
        let extra = [&self.standard, &self.daylight].map(|yearly| &yearly.turn.observance.extra);
        last = last.max(extra.into_iter().flatten().copied().max().unwrap_or(last));
        last = last.max(onsets.iter().map(|(at, ..)| *at).max().unwrap_or(last));
        // Two years more, so that the last transitions are the pair's own.
        let (year, ..) = date_of(day_of(last));
        Some(year.max(YEARS.0) + 2).filter(|year| *year < YEARS.1)
    }

    fn posix(&self) -> String {
        let (winter, summer) = (&self.standard, &self.daylight);
        let offset = |yearly: &Yearly<'_>| clock(-yearly.turn.to);
        format!(
            "<STD>{}<DST>{},{},{}",
            offset(winter),
            offset(summer),
            summer.posix(),
            winter.posix(),
        )
    }
}

/// `[-]h:mm:ss`.
fn clock(seconds: i32) -> String {
    let sign = if seconds < 0 { "-" } else { "" };
    let whole = seconds.unsigned_abs();
    let (hours, minutes, seconds) = (whole / 3_600, whole / 60 % 60, whole % 60);
    format!("{sign}{hours}:{minutes:02}:{seconds:02}")
}

/// Whether an onset is not after UNTIL; one without `Z` is read as wall time, a date as its whole
/// day.
fn is_until(rule: &Rule, wall: i64, instant: i64) -> bool {
    match rule.until {
        None => true,
        Some(When::Utc(until)) => instant <= until,
        Some(When::Wall(until)) => wall <= until,
        Some(When::Date(day)) => wall < (i64::from(day) + 1) * DAY,
    }
}
