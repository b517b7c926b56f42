//! Rosters as serde writes and reads them, so that people can write them by hand.

use std::num::NonZeroU16;

use bereik_core::hours::Hours;
use bereik_core::id::PersonId;
use bereik_core::interval::Interval;
use bereik_core::shift::Shift;
use bereik_core::zone::Zone;
use chrono::{DateTime, NaiveDateTime, Timelike as _, Utc};

use super::{Cadence, Change, FixedShifts, Layering, Who};

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Roster {
    zone: Zone,
    #[serde(default)]
    layering: Layering,
    #[serde(default)]
    rules: Vec<Rule>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    overrides: Vec<super::Override>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    temporary: Vec<FixedShifts>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    history: Vec<FixedShifts>,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotation: Option<Rotation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shifts: Option<Vec<Shift>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hours: Option<Hours>,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rotation {
    every: Cadence,
    #[serde(default = "one")]
    length: NonZeroU16,
    start: Start,
    /// That of the roster, where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<Zone>,
    members: Vec<PersonId>,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Override {
    interval: Interval,
    #[serde(skip_serializing_if = "Option::is_none")]
    add: Option<PersonId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remove: Option<PersonId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replace: Option<PersonId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    with: Option<PersonId>,
}

/// What a clock shows, `2026-11-23T09:00`, seconds where they are not 0.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Start(NaiveDateTime);

const MINUTES: &str = "%Y-%m-%dT%H:%M";
const SECONDS: &str = "%Y-%m-%dT%H:%M:%S";

impl TryFrom<String> for Start {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let read = |form| NaiveDateTime::parse_from_str(&text, form);
        let start = read(MINUTES).or_else(|_| read(SECONDS));
        start.map(Self).map_err(|_| {
            "the start of a rotation is what the clock in its zone shows: write `2026-11-23T09:00`"
        })
    }
}

impl From<Start> for String {
    fn from(Start(start): Start) -> Self {
        let form = if start.second() == 0 {
            MINUTES
        } else {
            SECONDS
        };
        start.format(form).to_string()
    }
}

fn one() -> NonZeroU16 {
    NonZeroU16::MIN
}

impl Rotation {
    fn in_zone(self, roster: Option<&Zone>) -> Result<super::Rotation, &'static str> {
        let Some(zone) = self.zone.as_ref().or(roster) else {
            return Err("a rotation needs a zone");
        };
        let rotation = super::Rotation::new(zone.clone(), self.start.0, self.every, self.length);
        Ok(rotation.with_members(self.members))
    }
}

impl Rule {
    fn in_zone(self, roster: Option<&Zone>) -> Result<super::Rule, &'static str> {
        let who = match (self.person, self.rotation, self.shifts) {
            (Some(person), None, None) => Who::Person(person),
            (None, Some(rotation), None) => Who::Rotation(rotation.in_zone(roster)?),
            (None, None, Some(shifts)) => Who::Shifts(shifts),
            _ => return Err("a rule names one of `person`, `rotation` and `shifts`"),
        };
        if let (Some(from), Some(until)) = (self.from, self.until)
            && until <= from
        {
            return Err("a rule must end after it starts");
        }
        Ok(super::Rule {
            who,
            hours: self.hours,
            from: self.from,
            until: self.until,
        })
    }
}

impl TryFrom<Rotation> for super::Rotation {
    type Error = &'static str;

    fn try_from(wire: Rotation) -> Result<Self, Self::Error> {
        wire.in_zone(None)
    }
}

impl From<super::Rotation> for Rotation {
    fn from(rotation: super::Rotation) -> Self {
        Self {
            every: rotation.cadence(),
            length: rotation.length(),
            start: Start(rotation.start()),
            zone: Some(rotation.zone().clone()),
            members: rotation.members().to_vec(),
        }
    }
}

impl TryFrom<Rule> for super::Rule {
    type Error = &'static str;

    fn try_from(wire: Rule) -> Result<Self, Self::Error> {
        wire.in_zone(None)
    }
}

impl From<super::Rule> for Rule {
    fn from(rule: super::Rule) -> Self {
        let mut wire = Self {
            person: None,
            rotation: None,
            shifts: None,
            from: rule.from,
            until: rule.until,
            hours: rule.hours,
        };
        match rule.who {
            Who::Person(person) => wire.person = Some(person),
            Who::Rotation(rotation) => wire.rotation = Some(rotation.into()),
            Who::Shifts(shifts) => wire.shifts = Some(shifts),
        }
        wire
    }
}

impl TryFrom<Override> for super::Override {
    type Error = &'static str;

    fn try_from(wire: Override) -> Result<Self, Self::Error> {
        let change = match (wire.add, wire.remove, wire.replace, wire.with) {
            (Some(person), None, None, None) => Change::Add(person),
            (None, Some(person), None, None) => Change::Remove(person),
            (None, None, Some(person), Some(with)) => Change::Replace { person, with },
            _ => return Err("an override has one of `add`, `remove`, and `replace` and `with`"),
        };
        let interval = wire.interval;
        Ok(Self { interval, change })
    }
}

impl From<super::Override> for Override {
    fn from(made: super::Override) -> Self {
        let mut wire = Self {
            interval: made.interval,
            add: None,
            remove: None,
            replace: None,
            with: None,
        };
        match made.change {
            Change::Add(person) => wire.add = Some(person),
            Change::Remove(person) => wire.remove = Some(person),
            Change::Replace { person, with } => {
                (wire.replace, wire.with) = (Some(person), Some(with));
            }
        }
        wire
    }
}

impl TryFrom<Roster> for super::Roster {
    type Error = &'static str;

    fn try_from(wire: Roster) -> Result<Self, Self::Error> {
        let rules = wire.rules.into_iter();
        let rules = rules.map(|rule| rule.in_zone(Some(&wire.zone)));
        Ok(Self {
            rules: rules.collect::<Result<_, _>>()?,
            zone: wire.zone,
            layering: wire.layering,
            overrides: wire.overrides,
            temporary: wire.temporary,
            history: wire.history,
        })
    }
}

impl From<super::Roster> for Roster {
    fn from(roster: super::Roster) -> Self {
        Self {
            zone: roster.zone,
            layering: roster.layering,
            rules: roster.rules.into_iter().map(Rule::from).collect(),
            overrides: roster.overrides,
            temporary: roster.temporary,
            history: roster.history,
        }
    }
}
