//! Makes durable what was decided, many decisions at the price of one, and then lets it take
//! effect.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bereik_core::channel_kind::ChannelKind;
use bereik_core::offer::Offered;
use bereik_routing::{Effect, ForwardTo};
use bereik_store::{Commit, StoreErrorKind};
use chrono::{DateTime, Utc};

use crate::deliver::acknowledged_over;
use crate::drive::Driver;
use crate::error::SwitchboardError;
use crate::observe::Notice;
use crate::order::Reply;

/// How many commits are kept before a snapshot takes their place.
const SNAPSHOT_AFTER: u32 = 1_000;
/// How often a commit is tried before the switchboard stops; the waits between add up to less
/// than the lease.
const TRIES_MAX: u32 = 5;

/// What was decided and is not durable yet, and the answers that wait for it.
#[derive(Default)]
pub(crate) struct Unsaved {
    commits: Vec<Commit>,
    answers: Vec<Box<dyn FnOnce() + Send + Sync>>,
}

impl Unsaved {
    /// Answers when everything that was put aside so far is durable. Who no longer waits for it
    /// does not hear it.
    pub(crate) fn answer<T: Send + Sync + 'static>(
        &mut self,
        reply: Reply<T>,
        answer: Result<T, SwitchboardError>,
    ) {
        self.answers.push(Box::new(move || {
            let _ = reply.send(answer);
        }));
    }
}

impl fmt::Debug for Unsaved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Unsaved({} commits, {} answers)",
            self.commits.len(),
            self.answers.len()
        )
    }
}

impl Driver {
    /// A commit for the next position, with the ends of effects that are not committed yet.
    pub(crate) fn next_commit(&mut self, at: DateTime<Utc>) -> Commit {
        self.position += 1;
        let mut commit = Commit::new(self.position, at);
        commit.done = std::mem::take(&mut self.done);
        commit
    }

    pub(crate) fn put_aside(&mut self, mut commit: Commit) {
        self.since_snapshot += 1;
        if self.since_snapshot >= SNAPSHOT_AFTER {
            commit.snapshot = Some(self.engine.snapshot());
            self.since_snapshot = 0;
        }
        self.unsaved.commits.push(commit);
    }

    /// Makes durable what was put aside, then shows it and answers who waits for it.
    async fn save(&mut self) -> Result<(), SwitchboardError> {
        let Unsaved { commits, answers } = std::mem::take(&mut self.unsaved);
        if !commits.is_empty() {
            let entries: Vec<_> = commits
                .iter()
                .flat_map(|commit| commit.entries.clone())
                .collect();
            self.commit_durably(commits).await?;
            let mut view = self.view.write();
            entries.iter().for_each(|entry| view.follow(entry));
            drop(view);
            for entry in entries {
                let _ = self.notices.send(Notice::Entry(Arc::new(entry)));
            }
        }
        answers.into_iter().for_each(|answer| answer());
        Ok(())
    }

    async fn commit_durably(&self, mut commits: Vec<Commit>) -> Result<(), SwitchboardError> {
        let (mut attempt, mut wait) = (1, Duration::from_millis(50));
        loop {
            let error = match self.store.commit_all(&self.lease, commits.clone()).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            if attempt == TRIES_MAX {
                tracing::error!("the store is lost; the switchboard stops");
                return Err(error.into());
            }
            match error.kind() {
                // The try before this one went further than its answer told.
                StoreErrorKind::OutOfOrder { next } if attempt > 1 => {
                    commits.retain(|commit| commit.position >= next);
                    if commits.is_empty() {
                        return Ok(());
                    }
                }
                _ if error.is_temporary() => {
                    tracing::warn!(attempt, "the store did not take a commit; trying again");
                    tokio::time::sleep(wait).await;
                    wait *= 3;
                }
                _ => {
                    tracing::error!("the store is lost; the switchboard stops");
                    return Err(error.into());
                }
            }
            attempt += 1;
        }
    }

    /// Makes durable what was put aside, and lets every effect of it leave, each in a task of its
    /// own.
    ///
    /// Where a channel cannot tell a repetition, the effect is marked as gone before it leaves:
    /// after a crash nobody is rung twice, and the offer's end takes care of the one that was lost.
    pub(crate) async fn let_leave(&mut self) -> Result<(), SwitchboardError> {
        self.save().await?;
        let leaving = self.without_retractions();
        let is_risky = |effect: &&Effect| {
            let kind = self.channel_of(effect);
            kind.is_some_and(|kind| !self.deliverer.is_idempotent(kind))
        };
        let at_most_once: Vec<String> = leaving.iter().filter(is_risky).map(Effect::key).collect();
        if !at_most_once.is_empty() {
            self.done.extend(at_most_once);
            let commit = self.next_commit(self.told_at);
            self.put_aside(commit);
            self.save().await?;
        }
        for effect in leaving {
            self.deliverer.deliver(effect, &self.view, self.told_at);
        }
        Ok(())
    }

    /// What leaves. An offer that is taken back before it left does not leave at all; a message
    /// goes with the alert of its line where that has not left yet.
    fn without_retractions(&mut self) -> Vec<Effect> {
        let leaving = std::mem::take(&mut self.leaving);
        let (mut made, mut withdrawn, mut alerted) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for effect in &leaving {
            match effect {
                Effect::Offer(offer) => {
                    made.insert(offer.id);
                    if let Offered::Line(line) = &offer.to {
                        alerted.insert((offer.contact, line.clone()));
                    }
                }
                Effect::Withdraw(offer) => {
                    withdrawn.insert(offer.id);
                }
                Effect::Acknowledge { .. }
                | Effect::Forward { .. }
                | Effect::LookUp { .. }
                | Effect::Remind { .. } => {}
            }
        }
        let is_over = |effect: &Effect| match effect {
            Effect::Offer(offer) => withdrawn.contains(&offer.id),
            Effect::Withdraw(offer) => made.contains(&offer.id),
            Effect::Forward {
                contact,
                to: ForwardTo::Line(line),
                ..
            } => alerted.contains(&(*contact, line.clone())),
            Effect::Acknowledge { .. }
            | Effect::Forward { .. }
            | Effect::LookUp { .. }
            | Effect::Remind { .. } => false,
        };
        let (over, leaving): (Vec<_>, Vec<_>) = leaving.into_iter().partition(is_over);
        self.done.extend(over.iter().map(Effect::key));
        leaving
    }

    /// The channel over which an effect rings or speaks; none for what does no harm when it is
    /// repeated.
    fn channel_of(&self, effect: &Effect) -> Option<ChannelKind> {
        match effect {
            Effect::Offer(offer) => Some(offer.channel),
            Effect::Acknowledge {
                contact,
                acknowledgement,
                ..
            } => {
                let contact = self.engine.contact(*contact)?;
                Some(acknowledged_over(&contact, acknowledgement))
            }
            Effect::Forward { channel, .. } => Some(*channel),
            _ => None,
        }
    }

    /// Commits what is left to commit, with a snapshot, and gives the lease back.
    pub(crate) async fn end(&mut self) -> Result<(), SwitchboardError> {
        let mut commit = self.next_commit(self.told_at);
        commit.snapshot = Some(self.engine.snapshot());
        self.put_aside(commit);
        self.save().await?;
        self.store.release(&self.lease).await?;
        Ok(())
    }
}
