//! What is known of each person, and which changes of presence fall due next.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::directory::Directory;
use bereik_core::id::PersonId;
use bereik_core::person::Person;
use bereik_core::presence::Presence;
use bereik_core::public_view::PublicBoard;
use bereik_core::reachability::{Reachability, ReachabilityRow};
use bereik_core::signal::{Signal, SignalKind};
use bereik_presence::{PersonFacts, ReachRules, presence_at, public_board, reachability_at};
use chrono::{DateTime, Utc};

use crate::channels::Channels;
use crate::order::Change;

/// The most live signals that are kept of one person; the oldest give way.
const SIGNALS_MAX: usize = 64;

/// The source of what a probe says; no caller's signal has it.
const PROBE: &str = "\u{0}probe";

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
        Self {
            presence: Presence::UNKNOWN,
            row,
            until: None,
        }
    }
}

/// Everybody's facts and standing. Advancing costs only the changes that fall due.
#[derive(Debug)]
pub(crate) struct People {
    facts: BTreeMap<PersonId, PersonFacts>,
    standings: BTreeMap<PersonId, Standing>,
    due: BTreeSet<(DateTime<Utc>, PersonId)>,
    board_until: Option<DateTime<Utc>>,
    channels: Arc<Channels>,
    rules: ReachRules,
}

/// Whether a signal is one that a channel made of what it saw of somebody.
fn is_observed(signal: &Signal, source: &str) -> bool {
    let is_kind = matches!(
        signal.kind,
        SignalKind::DoNotDisturb | SignalKind::Idle | SignalKind::InCall | SignalKind::Online(_)
    );
    is_kind && &*signal.source == source
}

/// Keeps a signal in the place of an older one of its kind and source; the oldest of all gives way where there is
/// no room.
fn keep(signals: &mut Vec<Signal>, signal: Signal) {
    let is_older = |s: &Signal| s.kind == signal.kind && s.source == signal.source;
    signals.retain(|s| signal.at < s.expires_at && !is_older(s));
    if signals.len() == SIGNALS_MAX {
        signals.remove(0);
    }
    signals.push(signal);
}

impl People {
    /// Nobody yet, reached over these channels.
    pub(crate) fn new(channels: Arc<Channels>) -> Self {
        Self {
            facts: BTreeMap::new(),
            standings: BTreeMap::new(),
            due: BTreeSet::new(),
            board_until: None,
            channels,
            rules: ReachRules::default(),
        }
    }

    /// How a person stands, once that was worked out.
    pub(crate) fn standing(&self, person: &PersonId) -> Option<Standing> {
        self.standings.get(person).copied()
    }

    /// When the next presence, or what outsiders see, changes by itself.
    pub(crate) fn next_change_at(&self) -> Option<DateTime<Utc>> {
        let next = self.due.first().map(|(at, _)| *at);
        [next, self.board_until].into_iter().flatten().min()
    }

    /// Whether what outsiders see has to be worked out anew.
    pub(crate) fn is_board_due(&self, now: DateTime<Utc>) -> bool {
        self.board_until.is_some_and(|until| until <= now)
    }

    /// What outsiders see of everybody.
    pub(crate) fn board(&mut self, directory: &Directory, now: DateTime<Utc>) -> PublicBoard {
        let (board, until) = public_board(directory, &self.facts, &self.rules, now);
        self.board_until = until.filter(|until| *until > now);
        board
    }

    /// Everybody whose standing ends at or before `now`.
    pub(crate) fn fall_due(&self, now: DateTime<Utc>) -> Vec<PersonId> {
        let due = self.due.iter().take_while(|(at, _)| *at <= now);
        due.map(|(_, person)| person.clone()).collect()
    }

    /// Takes a change of what is known of a person; his standing is worked out anew by
    /// [`People::refresh`].
    pub(crate) fn change(&mut self, person: &PersonId, change: Change) {
        let facts = self.facts.entry(person.clone()).or_default();
        match change {
            Change::Calendar(free_busy) => facts.free_busy = free_busy,
            Change::Observed(source, signals) => {
                facts.signals.retain(|s| !is_observed(s, &source));
                let signals = signals.into_iter();
                signals.for_each(|signal| keep(&mut facts.signals, signal));
            }
            Change::OnCall(intervals) => facts.on_call = intervals,
            Change::OpenTime(open_time) => facts.open_time = open_time,
            Change::Signal(signal) => keep(&mut facts.signals, signal),
            Change::SignalGone(kind, source) => {
                facts
                    .signals
                    .retain(|s| s.kind != kind || s.source != source);
            }
        }
    }

    /// What a channel said of anybody no longer counts.
    pub(crate) fn forget_observed(&mut self, source: &str) {
        for facts in self.facts.values_mut() {
            facts.signals.retain(|s| !is_observed(s, source));
        }
    }

    /// Works out one person's standing anew; whether it changed.
    pub(crate) fn refresh(
        &mut self,
        directory: &Directory,
        id: &PersonId,
        now: DateTime<Utc>,
    ) -> bool {
        let Some(person) = directory.person(id) else {
            return self.forget(id);
        };
        let facts = self.facts.entry(id.clone()).or_default();
        facts.signals.retain(|signal| &*signal.source != PROBE);
        facts
            .signals
            .extend(self.channels.kinds_down().filter_map(|kind| {
                Some(Signal {
                    kind: SignalKind::ChannelDown(kind),
                    source: PROBE.into(),
                    at: self.channels.cut_off_since(directory, person, kind, now)?,
                    expires_at: DateTime::<Utc>::MAX_UTC,
                })
            }));
        let presence = presence_at(directory, person, facts, now);
        let (row, until) = reachability_at(directory, person, facts, &self.rules, now);
        let until = [until, presence.until]
            .into_iter()
            .flatten()
            .filter(|at| *at > now)
            .min();
        let standing = Standing {
            presence,
            row,
            until,
        };
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

    /// Those who have several lines of this kind.
    pub(crate) fn with_several_lines(
        &self,
        directory: &Directory,
        kind: ChannelKind,
    ) -> Vec<PersonId> {
        let has_several = |person: &&Person| {
            let lines = person.lines.iter().filter(|line| line.channel == kind);
            lines.count() > 1
        };
        let people = directory.people().iter().filter(has_several);
        people.map(|person| person.id.clone()).collect()
    }

    /// Everybody of whom something is known.
    pub(crate) fn known(&self) -> Vec<PersonId> {
        self.standings.keys().cloned().collect()
    }
}
