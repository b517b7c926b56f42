//! Holds each step of a world against the invariants, by an account of its own of what the engine
//! says; it asks the engine only for armed deadlines.

mod ledger;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use bereik_core::directory::Directory;
use bereik_core::{ContactId, OfferId};
use bereik_routing::{Effect, Input, Output};
use chrono::{DateTime, Utc};

use crate::world::{Step, Witness};
use ledger::Ledger;

/// Every so many steps all open contacts are looked at, not only those of which something was said.
const LOOKS_AT_ALL_EVERY: u64 = 512;
/// The engine is woken in vain no more often than this for each open contact.
const SILENT_A_CONTACT_MAX: usize = 3;

/// A witness who holds each step against the invariants 1 to 8, 11 and 12 of the engine.
///
/// An error names the invariant. [`Checks::is_looked_after`] is for the end of a run.
#[derive(Debug)]
pub struct Checks {
    ledger: Ledger,
    /// Offers that are out, by their end.
    leases: BTreeSet<(DateTime<Utc>, OfferId)>,
    /// By when somebody who opened must have been told something.
    untold: BTreeMap<ContactId, DateTime<Utc>>,
    /// Calamities by the half of their time.
    halves: BTreeSet<(DateTime<Utc>, ContactId)>,
    keys: BTreeSet<String>,
    silent: usize,
    number: u64,
}

impl Checks {
    /// Checks for an engine of this directory that was told nothing yet.
    #[must_use]
    pub fn new(directory: &Directory) -> Self {
        Self {
            ledger: Ledger::new(directory.clone()),
            leases: BTreeSet::new(),
            untold: BTreeMap::new(),
            halves: BTreeSet::new(),
            keys: BTreeSet::new(),
            silent: 0,
            number: 0,
        }
    }

    fn check(&mut self, step: &Step<'_>) -> Result<(), String> {
        let mut touched = BTreeSet::new();
        for output in step.outputs {
            match output {
                Output::Entry(entry) => {
                    self.number += 1;
                    if entry.number != self.number {
                        return Err(format!(
                            "invariant 7: entry {} comes after {}",
                            entry.number,
                            self.number - 1
                        ));
                    }
                    touched.insert(entry.contact);
                    self.check_before(step, entry)?;
                    self.ledger.enter(entry);
                    self.check_entry(step, entry)?;
                }
                Output::Effect(effect) => self.check_effect(effect)?,
                Output::Summary(_) | Output::Wait(_) => {}
            }
        }
        self.check_idle(step)?;
        self.check_untold(step)?;
        self.check_leases(step)?;
        self.check_halves(step)?;
        self.check_wanted(step)?;
        for contact in touched {
            self.check_contact(step, contact)?;
        }
        if step.number.is_multiple_of(LOOKS_AT_ALL_EVERY) {
            self.check_all(step)?;
        }
        Ok(())
    }

    /// Each effect happens once, and the first word to a customer is noted.
    fn check_effect(&mut self, effect: &Effect) -> Result<(), String> {
        if let Effect::Acknowledge { contact, .. } = effect {
            self.untold.remove(contact);
        }
        let key = effect.key();
        if !self.keys.insert(key.clone()) {
            return Err(format!("invariant 12: {key} happens twice"));
        }
        Ok(())
    }

    /// Invariant 1, second half.
    fn check_idle(&mut self, step: &Step<'_>) -> Result<(), String> {
        let is_silent = step.is_waking && step.outputs.is_empty();
        self.silent = if is_silent { self.silent + 1 } else { 0 };
        let open = self.ledger.open.len();
        if self.silent > SILENT_A_CONTACT_MAX * open.max(1) {
            return Err(format!(
                "invariant 1: woken {} times for nothing",
                self.silent
            ));
        }
        Ok(())
    }

    /// Invariant 2.
    fn check_untold(&self, step: &Step<'_>) -> Result<(), String> {
        let late = self.untold.iter().find(|(_, by)| **by <= step.at);
        late.map_or(Ok(()), |(contact, by)| {
            Err(format!("invariant 2: {contact} was told nothing by {by}"))
        })
    }

    /// Invariant 5, second half: nothing stands that has ended.
    fn check_leases(&self, step: &Step<'_>) -> Result<(), String> {
        let over = self.leases.first().filter(|(until, _)| *until <= step.at);
        over.map_or(Ok(()), |(until, offer)| {
            Err(format!("invariant 5: {offer} outlives its end at {until}"))
        })
    }

    /// Every open contact, and that the engine asks to be woken in time for each.
    fn check_all(&self, step: &Step<'_>) -> Result<(), String> {
        for contact in &self.ledger.open {
            self.check_contact(step, *contact)?;
        }
        Ok(())
    }

    /// Liveness, for the end of a run in which nothing goes wrong any longer: every open contact
    /// is with a person, or its customer holds a promise that has not passed.
    ///
    /// # Errors
    /// The first contact of which neither is so.
    pub fn is_looked_after(
        &self,
        engine: &bereik_routing::Engine,
        at: DateTime<Utc>,
    ) -> Result<(), String> {
        for id in &self.ledger.open {
            let Some(contact) = engine.contact(*id) else {
                return Err(format!("liveness: {id} is forgotten"));
            };
            let is_promised = contact.promise.is_some_and(|promise| at <= promise.by);
            if contact.owner().is_none() && !is_promised {
                return Err(format!(
                    "liveness: nobody has {id}, and nothing is promised"
                ));
            }
        }
        Ok(())
    }
}

impl Witness for Checks {
    fn told(&mut self, _: DateTime<Utc>, input: &Input) {
        self.ledger.hear(input);
    }

    fn said(&mut self, step: &Step<'_>) -> Result<(), String> {
        self.check(step)
    }
}
