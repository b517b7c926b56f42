//! The zones that a file names and defines: TZIDs to places in its table, and the table to zones.

use std::borrow::Cow;
use std::collections::HashMap;

use bereik_core::zone::Zone;

use super::text;
use crate::component::{ZoneDefinition, ZoneSlot};
use crate::limits::Limits;
use crate::problem::{ProblemReason, Problems};
use crate::recurrence::Budget;
use crate::{vtimezone, zone_name};

/// More zone names than this in one file are not looked up.
const ZONES_MAX: u32 = 1_000;

/// The names of zones in the order in which they are first used.
#[derive(Default)]
pub(super) struct ZoneNames {
    places: HashMap<Box<[u8]>, u32>,
    uses: Vec<Use>,
    /// The last name that was looked for, and its place: most files have few.
    last: (Box<[u8]>, u32),
    definitions: Vec<ZoneDefinition>,
    /// The definition that holds for each name, by its place, and the calendar that has it.
    defined: HashMap<Box<[u8]>, (usize, usize)>,
    /// Names that another definition took over, with their places until then.
    former: Vec<(Box<[u8]>, u32)>,
}

/// The use of a zone's name.
struct Use {
    line: u32,
    /// The place of the definition that holds, where the file has one.
    definition: Option<usize>,
}

impl ZoneNames {
    /// The place of a TZID as a parameter has it.
    pub(super) fn place_of(&mut self, line: u32, name: &[u8]) -> u32 {
        if *self.last.0 == *name {
            return self.last.1;
        }
        let plain = plain_name(name);
        let place = match self.places.get(&*plain) {
            Some(place) => *place,
            None => self.add(line, &plain),
        };
        self.last = (name.into(), place);
        place
    }

    fn add(&mut self, line: u32, name: &[u8]) -> u32 {
        let place = self.uses.len() as u32;
        let is_full = place >= ZONES_MAX;
        // One place for all that are too many: no name, and so no zone.
        if place <= ZONES_MAX {
            let definition = self.defined.get(name).filter(|_| !is_full);
            let definition = definition.map(|(definition, _)| *definition);
            self.uses.push(Use { line, definition });
        }
        if is_full {
            return ZONES_MAX;
        }
        self.places.insert(name.into(), place);
        place
    }

    /// Takes a definition of the file, in the calendar of this number. Of several with one name in one calendar the first
    /// holds; in a later calendar, one that differs holds from there on.
    pub(super) fn define(&mut self, mut definition: ZoneDefinition, calendar: usize) {
        definition.name = plain_name(&definition.name).into_owned();
        let name = definition.name.as_slice();
        let place = self.definitions.len();
        match self.defined.get(name) {
            Some((_, same)) if *same == calendar => return,
            Some((at, _)) if self.definitions[*at].observances == definition.observances => {
                self.defined.insert(name.into(), (*at, calendar));
                return;
            }
            Some(_) => {
                self.former.extend(self.places.remove_entry(name));
                self.last = Default::default();
            }
            // It may have been used before it was defined.
            None => {
                if let Some(used) = self.places.get(name) {
                    self.uses[*used as usize].definition = Some(place);
                }
            }
        }
        self.defined.insert(name.into(), (place, calendar));
        self.definitions.push(definition);
    }

    /// Finds the zone of each name: the file's own, else the one that is known by the name.
    pub(super) fn resolve(&self, limits: &Limits, problems: &mut Problems) -> Vec<ZoneSlot> {
        let mut budget = Budget::new(limits.steps_max());
        let mut slots: Vec<ZoneSlot> = self
            .uses
            .iter()
            .map(|used| {
                // A definition of nothing defines nothing.
                let is_empty = |d: &&ZoneDefinition| d.observances.is_empty() && !d.is_flawed;
                let definition = used.definition.map(|at| &self.definitions[at]);
                let definition = definition.filter(|definition| !is_empty(definition));
                let zone = definition.and_then(|d| vtimezone::compile(d, &mut budget));
                if let Some(unreadable) = definition.filter(|_| zone.is_none()) {
                    problems.push(unreadable.line, ProblemReason::ZoneDefinition);
                }
                let named = zone.as_ref().map(|zone| Zone::named(zone.name()));
                ZoneSlot {
                    line: used.line,
                    database: named.and_then(Result::ok),
                    is_doubtful: definition.is_some() && zone.is_none(),
                    zone,
                }
            })
            .collect();
        let former = self.former.iter().map(|(name, place)| (name, place));
        for (name, place) in self.places.iter().chain(former) {
            let slot = &mut slots[*place as usize];
            if slot.zone.is_none() {
                let definition = self.uses[*place as usize].definition;
                let location = definition.map(|at| &self.definitions[at].location);
                slot.zone = zone_name::resolve(name)
                    .or_else(|| location.and_then(|location| zone_name::resolve(location)));
            }
        }
        let is_lost = |slot: &&ZoneSlot| slot.zone.is_none() && !slot.is_doubtful;
        for slot in slots.iter().filter(is_lost) {
            problems.push(slot.line, ProblemReason::ZoneName);
        }
        slots
    }

    /// The zone that a file names as its owner's.
    pub(super) fn home(&self, name: &[u8], limits: &Limits) -> Option<Zone> {
        let mut budget = Budget::new(limits.steps_max());
        zone_name::resolve(name).or_else(|| {
            let name = plain_name(name);
            let (definition, _) = self.defined.get(&*name)?;
            vtimezone::compile(&self.definitions[*definition], &mut budget)
        })
    }
}

/// A name without the quotes and escapes that some write around and in it.
fn plain_name(name: &[u8]) -> Cow<'_, [u8]> {
    let name = name.trim_ascii();
    let inner = name.strip_prefix(b"\"").and_then(|n| n.strip_suffix(b"\""));
    let name = inner.unwrap_or(name).trim_ascii();
    match memchr::memchr(b'\\', name) {
        None => Cow::Borrowed(name),
        Some(_) => Cow::Owned(text::unescaped(name).into_bytes()),
    }
}
