//! What is known of each person, and which changes of presence fall due next.

use std::collections::{BTreeMap, BTreeSet};

use bereik_core::channel_kind::PerChannel;
use bereik_core::directory::Directory;
use bereik_core::free_busy::FreeBusy;
use bereik_core::id::PersonId;
use bereik_core::presence::Presence;
use bereik_core::reachability::{Reachability, ReachabilityRow};
use bereik_core::signal::Signal;
use bereik_presence::{PersonFacts, ReachRules, presence_at, reachability_at};
use chrono::{DateTime, Utc};

/// The most live signals that are kept of one person; the oldest give way.
const SIGNALS_MAX: usize = 64;

/// A person's presence and reachability, and until when both stand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Standing {
    pub(crate) presence: Presence,
    pub(crate) row: ReachabilityRow,
    until: Option<DateTime<Utc>>,
}

impl Standing {
    pub(crate) fn unknown() -> Self {
        let row = PerChannel::from_fn(|_| Reachability::UNKNOWN);
        Self { presence: Presence::UNKNOWN, row, until: None }
    }
}

/// Everybody's facts and standing. Advancing costs only the changes that fall due.
#[derive(Debug, Default)]
pub(crate) struct People {
    facts: BTreeMap<PersonId, PersonFacts>,
    standings: BTreeMap<PersonId, Standing>,
    due: BTreeSet<(DateTime<Utc>, PersonId)>,
    rules: ReachRules,
}

impl People {
    pub(crate) fn standing(&self, person: &PersonId) -> Standing {
        self.standings.get(person).copied().unwrap_or_else(Standing::unknown)
    }

    pub(crate) fn facts(&self, person: &PersonId) -> Option<&PersonFacts> {
        self.facts.get(person)
    }

    /// When the next presence changes by itself.
    pub(crate) fn next_change_at(&self) -> Option<DateTime<Utc>> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Everybody whose standing ends at or before `now`.
    pub(crate) fn fall_due(&self, now: DateTime<Utc>) -> Vec<PersonId> {
        let due = self.due.iter().take_while(|(at, _)| *at <= now);
        due.map(|(_, person)| person.clone()).collect()
    }

    pub(crate) fn set_free_busy(&mut self, person: &PersonId, free_busy: FreeBusy) {
        self.facts.entry(person.clone()).or_default().free_busy = free_busy;
    }

    pub(crate) fn add_signal(&mut self, person: &PersonId, signal: Signal) {
        let signals = &mut self.facts.entry(person.clone()).or_default().signals;
        let now = signal.at;
        signals.retain(|s| now < s.expires_at && !(s.kind == signal.kind && s.source == signal.source));
        if signals.len() == SIGNALS_MAX {
            signals.remove(0);
        }
        signals.push(signal);
    }

    /// Drops every signal that `is_gone` says is gone.
    pub(crate) fn clear_signals(&mut self, person: &PersonId, is_gone: impl Fn(&Signal) -> bool) {
        if let Some(facts) = self.facts.get_mut(person) {
            facts.signals.retain(|signal| !is_gone(signal));
        }
    }

    /// Works out one person's standing anew; whether it changed.
    pub(crate) fn refresh(&mut self, directory: &Directory, id: &PersonId, now: DateTime<Utc>) -> bool {
        let Some(person) = directory.person(id) else { return self.forget(id) };
        let facts = self.facts.entry(id.clone()).or_default();
        let presence = presence_at(directory, person, facts, now);
        let (row, until) = reachability_at(directory, person, facts, &self.rules, now);
        let until = [until, presence.until].into_iter().flatten().filter(|at| *at > now).min();
        let standing = Standing { presence, row, until };
        let before = self.standings.insert(id.clone(), standing);
        if let Some(at) = before.and_then(|before| before.until) {
            self.due.remove(&(at, id.clone()));
        }
        if let Some(at) = until {
            self.due.insert((at, id.clone()));
        }
        before.is_none_or(|before| before.presence != presence || before.row != row)
    }

    fn forget(&mut self, id: &PersonId) -> bool {
        self.facts.remove(id);
        let before = self.standings.remove(id);
        if let Some(at) = before.and_then(|before| before.until) {
            self.due.remove(&(at, id.clone()));
        }
        before.is_some()
    }

    /// Everybody of whom something is known.
    pub(crate) fn known(&self) -> Vec<PersonId> {
        self.standings.keys().cloned().collect()
    }
}
