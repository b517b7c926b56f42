//! Sources that are asked over a network: when each is due, what it said, how old that is.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bereik_core::{Interval, PersonId};
use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, timeout};

use crate::file::Content;
use crate::pace::{Pace, Schedule};
use crate::source::{Agenda, Source, SourceError};
use crate::update::FailureKind;
use crate::watched::{Known, Moment};

/// How many sources are asked at the same time.
const POLLS_MAX: usize = 16;
/// The longest time that a source may take for one answer, whatever its own limits are.
const POLL_FOR: Duration = Duration::from_secs(600);

/// A source, and what is known of it.
pub(crate) struct Remote {
    id: u64,
    person: PersonId,
    name: Arc<str>,
    /// Away while it is being asked.
    source: Option<Box<dyn Source>>,
    /// Whether it is of the directory's, which is replaced as a whole, or was added.
    pub(crate) is_listed: bool,
    schedule: Schedule,
    due_at: Option<Instant>,
    asked_from: Option<Instant>,
    /// Whether it has answered or failed at least once.
    pub(crate) has_answered: bool,
    pub(crate) known: Known,
}

impl Remote {
    pub(crate) fn new(
        id: u64,
        person: &PersonId,
        source: Box<dyn Source>,
        pace: Pace,
        is_listed: bool,
    ) -> Self {
        Self {
            id,
            person: person.clone(),
            name: source.name().into(),
            schedule: Schedule::new(pace, person, source.name()),
            source: Some(source),
            is_listed,
            due_at: None,
            asked_from: None,
            has_answered: false,
            known: Known::default(),
        }
    }

    pub(crate) const fn id(&self) -> u64 {
        self.id
    }

    /// It is back from being asked; without an answer it panicked, and is gone.
    pub(crate) fn take_back(&mut self, answered: Option<Answered>, at: Moment) {
        let Some((source, answer)) = answered else {
            return self.take(Err(FailureKind::Unreadable.into()), at);
        };
        self.source = Some(source);
        self.take(answer, at);
    }

    fn take(&mut self, answer: Result<Option<Agenda>, SourceError>, at: Moment) {
        self.has_answered = true;
        let pause = match answer {
            Ok(agenda) => {
                let content = agenda.map(|agenda| Content::new(agenda, &self.name));
                self.known.succeed(content, at);
                // It is asked again before its answer is too old.
                self.schedule.after_success(at.stale_after / 2)
            }
            Err(error) => {
                self.known.fail(&self.name, error.kind(), at);
                self.schedule.after_failure(error)
            }
        };
        self.due_at = at.tick.map(|tick| tick + pause);
    }

    /// Lets expire what is too old: counted from the last good answer, however the silence came about.
    /// Whether that is news.
    pub(crate) fn expire(&mut self, at: Moment) -> bool {
        let from = self.known.last_good().or(self.asked_from);
        let is_known = self.known.good().is_some() || !self.has_answered;
        if !is_known || !at.is_stale(from) {
            return false;
        }
        if self.known.failure.is_none() {
            self.known.fail(&self.name, FailureKind::TimedOut, at);
        }
        self.has_answered = true;
        self.known.expire();
        true
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote")
            .field("name", &self.name)
            .field("known", &self.known)
            .finish_non_exhaustive()
    }
}

/// A source that comes back with its answer.
pub(crate) type Answered = (Box<dyn Source>, Result<Option<Agenda>, SourceError>);

/// The sources that are being asked.
#[derive(Default)]
pub(crate) struct Polls {
    running: JoinSet<Answered>,
    /// Whose they are.
    of: HashMap<Id, (PersonId, u64)>,
}

impl Polls {
    /// Asks a source if it is due, and if there is room.
    pub(crate) fn ask(&mut self, remote: &mut Remote, window: Interval, tick: Instant) {
        let is_due = remote.due_at.is_none_or(|due_at| due_at <= tick);
        if !is_due || self.running.len() >= POLLS_MAX {
            remote.asked_from.get_or_insert(tick);
            return;
        }
        let Some(mut source) = remote.source.take() else {
            return;
        };
        remote.asked_from.get_or_insert(tick);
        let poll = async move {
            let answer = timeout(POLL_FOR, source.poll(window)).await;
            let answer = answer.unwrap_or_else(|_| Err(FailureKind::TimedOut.into()));
            (source, answer)
        };
        let id = self.running.spawn(poll).id();
        self.of.insert(id, (remote.person.clone(), remote.id));
    }

    /// Gives each answer that has come, with its person and the number of its source; none of a source that
    /// panicked.
    pub(crate) fn collect(&mut self, mut give: impl FnMut(PersonId, u64, Option<Answered>)) {
        while let Some(ended) = self.running.try_join_next_with_id() {
            let (task, answered) = match ended {
                Ok((task, answered)) => (task, Some(answered)),
                Err(error) => (error.id(), None),
            };
            if let Some((person, id)) = self.of.remove(&task) {
                give(person, id, answered);
            }
        }
    }
}
