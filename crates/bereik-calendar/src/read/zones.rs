//! The zones that a file names and defines: TZIDs to places in its table, and the table to zones.

use std::collections::HashMap;

use bereik_core::zone::Zone;

use crate::component::{ZoneDefinition, ZoneSlot};
use crate::limits::Limits;
use crate::problem::{ProblemReason, Problems};
use crate::recurrence::Budget;
use crate::{vtimezone, zone_name};

/// More zone names than this in one file are not looked up.
const ZONES_MAX: u32 = 1_000;

/// The names of zones in the order in which they first come.
#[derive(Default)]
pub(super) struct ZoneNames {
    places: HashMap<Box<[u8]>, u32>,
    /// The line of each name, by place.
    lines: Vec<u32>,
    /// The last name that was looked for, and its place: most files have few.
    last: (Box<[u8]>, u32),
}

impl ZoneNames {
    pub(super) fn place_of(&mut self, line: u32, name: &[u8]) -> u32 {
        if *self.last.0 == *name {
            return self.last.1;
        }
        let place = match self.places.get(name) {
            Some(place) => *place,
            None => self.add(line, name),
        };
        self.last = (name.into(), place);
        place
    }

    fn add(&mut self, line: u32, name: &[u8]) -> u32 {
        let place = self.lines.len() as u32;
        // One place for all that are too many: no name, and so no zone.
        if place <= ZONES_MAX {
            self.lines.push(line);
        }
        if place >= ZONES_MAX {
            return ZONES_MAX;
        }
        self.places.insert(name.into(), place);
        place
    }

    /// Finds the zone of each name: the file's own, else the one that is known by the name.
    pub(super) fn resolve(
        self,
        definitions: &[ZoneDefinition],
        limits: &Limits,
        problems: &mut Problems,
    ) -> Vec<ZoneSlot> {
        let mut budget = Budget::new(limits.steps_max());
        let mut slots: Vec<ZoneSlot> = self.lines.iter().map(|line| empty(*line)).collect();
        for definition in definitions {
            let slot = self
                .places
                .get(definition.name.as_slice())
                .map(|at| &mut slots[*at as usize]);
            let Some(slot) = slot.filter(|slot| slot.zone.is_none()) else {
                continue;
            };
            slot.zone = vtimezone::compile(definition, &mut budget);
            slot.database = slot
                .zone
                .as_ref()
                .and_then(|zone| Zone::named(zone.name()).ok());
            slot.is_doubtful = slot.zone.is_none();
            if slot.is_doubtful {
                problems.push(definition.line, ProblemReason::ZoneDefinition);
            }
        }
        for (name, at) in &self.places {
            let slot = &mut slots[*at as usize];
            if slot.zone.is_none() {
                slot.zone = zone_name::resolve(name);
            }
        }
        let is_lost = |slot: &&ZoneSlot| slot.zone.is_none() && !slot.is_doubtful;
        for slot in slots.iter().filter(is_lost) {
            problems.push(slot.line, ProblemReason::ZoneName);
        }
        slots
    }
}

fn empty(line: u32) -> ZoneSlot {
    ZoneSlot {
        line,
        database: None,
        zone: None,
        is_doubtful: false,
    }
}

/// The zone that a file names as its owner's.
pub(super) fn home(name: &[u8], definitions: &[ZoneDefinition], limits: &Limits) -> Option<Zone> {
    let mut budget = Budget::new(limits.steps_max());
    zone_name::resolve(name).or_else(|| {
        let definition = definitions.iter().find(|zone| zone.name == name)?;
        vtimezone::compile(definition, &mut budget)
    })
}
