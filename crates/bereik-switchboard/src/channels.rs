//! The channels of a switchboard, and which of them leads where.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bereik_channel::{Channel, Feature, Health};
use bereik_core::address::Address;
use bereik_core::channel_kind::ChannelKind;
use bereik_core::directory::Directory;
use bereik_core::id::{Key, LineId};
use bereik_core::line::Line;
use bereik_core::person::Person;
use bereik_presence::lines_in_service;
use chrono::{DateTime, Utc};

use crate::lines::Tests;

/// One channel, with the line of ours that it serves, where it has one.
pub(crate) struct Served {
    pub(crate) channel: Arc<dyn Channel>,
    pub(crate) line: Option<LineId>,
    /// What goes before the ids of its events: two accounts may use the same.
    mark: Option<String>,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    health: Option<Health>,
    down_since: Option<DateTime<Utc>>,
}

impl Served {
    fn state(&self) -> MutexGuard<'_, State> {
        // A poisoned lock is taken all the same: every write leaves the state whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What its last probe said.
    pub(crate) fn health(&self) -> Option<Health> {
        self.state().health
    }

    pub(crate) fn set_health(&self, health: Health) {
        self.state().health = Some(health);
    }

    /// Since when it does not work, if it does not.
    pub(crate) fn down_since(&self) -> Option<DateTime<Utc>> {
        self.state().down_since
    }

    pub(crate) fn set_down(&self, is_down: bool, now: DateTime<Utc>) {
        let mut state = self.state();
        state.down_since = is_down.then(|| state.down_since.unwrap_or(now));
    }

    /// The name under which an event of this channel is known.
    pub(crate) fn key_of(&self, event: Key) -> Key {
        let marked = |mark: &String| Key::parse(&format!("{mark}/{}", event.as_str())).ok();
        // An id so long that the mark does not fit is unique by its length already.
        self.mark.as_ref().and_then(marked).unwrap_or(event)
    }

    pub(crate) fn name(&self) -> &str {
        match &self.line {
            Some(line) => line.as_str(),
            None => self.channel.kind().name(),
        }
    }
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Served({})", self.name())
    }
}

/// All channels, in the order in which they were added.
#[derive(Debug)]
pub(crate) struct Channels {
    all: Vec<Arc<Served>>,
    tests: Tests,
}

impl Channels {
    pub(crate) fn new(channels: Vec<(Option<LineId>, Arc<dyn Channel>)>) -> Self {
        let mut all: Vec<Arc<Served>> = Vec::new();
        for (line, channel) in channels {
            let kind = channel.kind();
            let before = all
                .iter()
                .filter(|one| one.line.is_none() && one.channel.kind() == kind);
            let mark = match (&line, before.count()) {
                (Some(line), _) => Some(line.to_string()),
                (None, 0) => None,
                (None, before) => Some((before + 1).to_string()),
            };
            all.push(Arc::new(Served {
                channel,
                line,
                mark,
                state: Mutex::default(),
            }));
        }
        let tests = Tests::default();
        Self { all, tests }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Served>> {
        self.all.iter()
    }

    pub(crate) const fn tests(&self) -> &Tests {
        &self.tests
    }

    pub(crate) fn of_kind(&self, kind: ChannelKind) -> impl Iterator<Item = &Arc<Served>> {
        self.all
            .iter()
            .filter(move |one| one.channel.kind() == kind)
    }

    /// The channel over which a line is reached.
    pub(crate) fn of_line(&self, line: &Line) -> Option<&Arc<Served>> {
        let via = |one: &&Arc<Served>| line.via.is_none() || one.line == line.via;
        let mut carrying = self.of_kind(line.channel).filter(via);
        carrying.find(|one| one.channel.carries(&line.address))
    }

    /// The channel over which a customer is reached, and his address there: over our line that he used
    /// last, else over the first that leads to the address that he likes best.
    pub(crate) fn to_customer<'a>(
        &self,
        kind: ChannelKind,
        line: Option<&LineId>,
        addresses: &'a [Address],
    ) -> Option<(&Arc<Served>, &'a Address)> {
        let carried = |one: &Arc<Served>| addresses.iter().find(|to| one.channel.carries(to));
        let used = || {
            let one = self
                .of_kind(kind)
                .find(|one| line.is_some() && one.line.as_ref() == line)?;
            Some((one, carried(one)?))
        };
        let any = || {
            addresses.iter().find_map(|to| {
                let one = self.of_kind(kind).find(|one| one.channel.carries(to))?;
                Some((one, to))
            })
        };
        used().or_else(any)
    }

    /// The lines of a person over which an offer may go out now, with their channels: those that work
    /// first, each in the order of the directory.
    pub(crate) fn ways_to<'a>(
        &self,
        directory: &'a Directory,
        person: &'a Person,
        kind: ChannelKind,
        now: DateTime<Utc>,
    ) -> Vec<(&Arc<Served>, &'a Line)> {
        let lines = lines_in_service(directory, person, kind, now);
        let mut ways: Vec<_> = lines
            .filter_map(|line| Some((self.of_line(line)?, line)))
            .collect();
        ways.sort_by_key(|(one, _)| one.down_since().is_some());
        ways
    }

    /// Since when nothing of this kind leads to a person, because every channel that would does not
    /// work. A line without a channel is not counted: it is for people to use.
    pub(crate) fn cut_off_since(
        &self,
        directory: &Directory,
        person: &Person,
        kind: ChannelKind,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        if kind == ChannelKind::WebChat {
            return latest(self.of_kind(kind).map(|one| one.down_since()));
        }
        let mut lines: Vec<&Line> = lines_in_service(directory, person, kind, now).collect();
        if lines.is_empty() {
            lines.extend(person.lines.iter().filter(|line| line.channel == kind));
        }
        latest(
            lines
                .into_iter()
                .map(|line| self.of_line(line)?.down_since()),
        )
    }

    /// Whether every channel of this kind can tell a repetition, where there is one at all.
    pub(crate) fn are_idempotent(&self, kind: ChannelKind) -> bool {
        let mut all = self.of_kind(kind);
        all.all(|one| one.channel.capability().can(Feature::Idempotent))
    }

    /// The kinds of which a channel does not work.
    pub(crate) fn kinds_down(&self) -> impl Iterator<Item = ChannelKind> {
        ChannelKind::ALL.into_iter().filter(|kind| {
            let mut all = self.of_kind(*kind);
            all.any(|one| one.down_since().is_some())
        })
    }
}

/// The latest instant, where each has one and there is any.
fn latest(each: impl Iterator<Item = Option<DateTime<Utc>>>) -> Option<DateTime<Utc>> {
    let all: Option<Vec<_>> = each.collect();
    all?.into_iter().max()
}
