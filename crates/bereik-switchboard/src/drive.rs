//! Drives the engine: takes orders one at a time, commits what was decided, then lets it take
//! effect.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bereik_core::channel_kind::ChannelKind;
use bereik_core::directory::Directory;
use bereik_core::entry::Entry;
use bereik_core::id::{OfferId, PersonId};
use bereik_core::message::Body;
use bereik_core::offer::Offered;
use bereik_routing::{Answer, Effect, Engine, ForwardTo, Input, Opening, Output, Refusal};
use bereik_store::{Commit, Lease, PendingEffect, Store, StoreError, StoreErrorKind};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{broadcast, mpsc};

use crate::clock::Clock;
use crate::deliver::Deliverer;
use crate::error::SwitchboardError;
use crate::observe::Notice;
use crate::order::{Opened, Order};
use crate::people::People;
use crate::view::Shared;

/// How long a lease is held without being renewed.
pub(crate) const LEASE_FOR: TimeDelta = TimeDelta::seconds(10);
/// How often it is renewed.
const RENEW_AFTER: TimeDelta = TimeDelta::seconds(3);
/// How many commits are kept before a snapshot takes their place.
const SNAPSHOT_AFTER: u32 = 1_000;
/// How often a commit is tried before the switchboard stops; the waits between add up to less
/// than the lease.
const COMMIT_TRIES_MAX: u32 = 5;

/// The one writer: engine, people and store.
#[derive(Debug)]
pub(crate) struct Driver {
    pub(crate) engine: Engine,
    pub(crate) people: People,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) lease: Lease,
    pub(crate) renew_at: DateTime<Utc>,
    pub(crate) position: u64,
    pub(crate) since_snapshot: u32,
    pub(crate) clock: Clock,
    /// The last instant told to the engine: time never runs backwards for it.
    pub(crate) told_at: DateTime<Utc>,
    pub(crate) wake_at: Option<DateTime<Utc>>,
    pub(crate) view: Shared,
    pub(crate) notices: broadcast::Sender<Notice>,
    pub(crate) deliverer: Deliverer,
    /// Effects that are committed and have not left yet.
    pub(crate) leaving: Vec<Effect>,
    /// Keys of effects that are over and whose end is not committed yet.
    pub(crate) done: Vec<String>,
}

impl Driver {
    /// Runs until told to stop, or until the store is lost.
    pub(crate) async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        loop {
            let wake_at = self.next_wake_at();
            let clock = self.clock.clone();
            tokio::select! {
                order = orders.recv() => {
                    let Some(order) = order else {
                        // The last handle is gone.
                        let _ = self.end().await;
                        return;
                    };
                    if self.take(order).await.is_err() {
                        return;
                    }
                }
                () = clock.wait_until(wake_at) => {}
            }
            if self.pass_time().await.is_err() {
                return;
            }
        }
    }

    fn next_wake_at(&self) -> DateTime<Utc> {
        let others = [self.wake_at, self.people.next_change_at()];
        others
            .into_iter()
            .flatten()
            .fold(self.renew_at, DateTime::min)
    }

    fn now(&mut self) -> DateTime<Utc> {
        self.told_at = self.told_at.max(self.clock.now());
        self.told_at
    }

    /// Whatever falls due by itself: the lease, presence that changes, deadlines of the engine.
    async fn pass_time(&mut self) -> Result<(), SwitchboardError> {
        let now = self.now();
        if now >= self.renew_at {
            self.renew(now).await?;
        }
        let due = self.people.fall_due(now);
        if !due.is_empty() || self.people.is_board_due(now) {
            self.refresh(due).await?;
        }
        if self.wake_at.is_some_and(|at| at <= now) {
            self.tell(Input::Advanced, None).await?;
        }
        self.let_leave().await
    }

    /// Renews the lease; the switchboard stops while it is still its own.
    async fn renew(&mut self, now: DateTime<Utc>) -> Result<(), SwitchboardError> {
        match self.store.renew(&self.lease, now, LEASE_FOR).await {
            Ok(lease) => {
                self.lease = lease;
                self.renew_at = now + RENEW_AFTER;
                Ok(())
            }
            Err(error) if error.is_temporary() && now < self.lease.until() - RENEW_AFTER => {
                tracing::warn!("the lease could not be renewed; trying again");
                self.renew_at = now + TimeDelta::seconds(1);
                Ok(())
            }
            Err(error) => {
                tracing::error!("the lease is lost; the switchboard stops");
                Err(error.into())
            }
        }
    }

    /// Takes one order. An error is one after which nothing more can be committed.
    async fn take(&mut self, order: Order) -> Result<(), SwitchboardError> {
        match order {
            Order::Decide {
                addressee,
                channel,
                reply,
            } => {
                let now = self.now();
                let _ = reply.send(Ok(self.engine.decide(now, &addressee, &[], channel)));
            }
            Order::Effect {
                key,
                offer,
                has_failed,
            } => {
                self.done.push(key);
                if let (true, Some(offer)) = (has_failed, offer) {
                    self.tell(Input::Failed { offer }, None).await?;
                }
            }
            Order::Facts {
                person,
                change,
                reply,
            } => {
                self.people.change(&person, change);
                self.refresh(vec![person]).await?;
                let _ = reply.send(Ok(()));
            }
            Order::Input { input, body, reply } => {
                let answer = self.tell(*input, body).await?;
                self.let_leave().await?;
                let _ = reply.send(as_result(answer));
            }
            Order::Open {
                opening,
                body,
                reply,
            } => {
                let opened = self.open(*opening, body).await?;
                self.let_leave().await?;
                let _ = reply.send(opened);
            }
            Order::ReplaceDirectory { directory, reply } => {
                self.replace_directory(directory).await?;
                let _ = reply.send(Ok(()));
            }
            Order::Stop { reply } => {
                let _ = reply.send(self.end().await);
                return Err(SwitchboardError::stopped());
            }
        }
        self.let_leave().await
    }

    /// Opens a contact and keeps its first message, before anybody is told of either.
    async fn open(
        &mut self,
        opening: Opening,
        body: Option<Body>,
    ) -> Result<Result<Opened, SwitchboardError>, SwitchboardError> {
        let key = opening.key.clone();
        let opened = self.tell(Input::Opened(Box::new(opening)), None).await?;
        let contact = match opened {
            Answer::Opened(contact) => contact,
            Answer::Refused(refusal) => return Ok(Err(SwitchboardError::refused(refusal))),
            Answer::Done | Answer::Kept(_) | Answer::Late => {
                return Ok(Err(SwitchboardError::refused(Refusal::UnknownContact)));
            }
        };
        let Some(body) = body else {
            return Ok(Ok(Opened {
                contact,
                message: None,
            }));
        };
        let said = Input::Said {
            contact,
            key,
            author: bereik_core::message::Author::Customer,
            kind: bereik_core::message::MessageKind::Text,
        };
        let message = match self.tell(said, Some(body)).await? {
            Answer::Kept(message) => Some(message),
            _ => None,
        };
        Ok(Ok(Opened { contact, message }))
    }

    async fn replace_directory(
        &mut self,
        directory: Box<Directory>,
    ) -> Result<(), SwitchboardError> {
        let mut everybody = self.people.known();
        everybody.extend(directory.people().iter().map(|person| person.id.clone()));
        everybody.sort();
        everybody.dedup();
        self.view.write().directory = Arc::new((*directory).clone());
        self.tell(Input::DirectoryReplaced(directory), None).await?;
        self.refresh(everybody).await
    }

    /// Works out the presence of these people anew, and tells the engine what changed.
    pub(crate) async fn refresh(&mut self, people: Vec<PersonId>) -> Result<(), SwitchboardError> {
        let now = self.now();
        let directory = self.engine.directory().clone();
        let mut has_changed = self.people.is_board_due(now);
        for person in people {
            let before = self.people.standing(&person).row;
            if !self.people.refresh(&directory, &person, now) {
                continue;
            }
            has_changed = true;
            let standing = self.people.standing(&person);
            self.view.write().standings.insert(person.clone(), standing);
            if directory.person(&person).is_some() && standing.row != before {
                self.tell(
                    Input::Reachability {
                        person,
                        row: standing.row,
                    },
                    None,
                )
                .await?;
            }
        }
        if has_changed {
            self.publish_board(&directory, now);
        }
        Ok(())
    }

    fn publish_board(&mut self, directory: &Directory, now: DateTime<Utc>) {
        let board = Arc::new(self.people.board(directory, now));
        self.view.write().board = board;
        let _ = self.notices.send(Notice::Board);
    }

    /// Tells the engine something and commits what it decided. Nothing has taken effect yet.
    pub(crate) async fn tell(
        &mut self,
        input: Input,
        body: Option<Body>,
    ) -> Result<Answer, SwitchboardError> {
        let at = self.now();
        let bytes = serde_json::to_vec(&input).expect("an input is plain data with text as keys");
        let answer = self.engine.handle(at, input);
        let mut commit = self.commit(at);
        commit.input = Some(bytes);
        self.drain(&mut commit);
        let kept = match (&answer, body) {
            (Answer::Kept(message), Some(body)) => Some((*message, body)),
            _ => None,
        };
        if let Some((message, body)) = kept {
            let contact = commit.entries.iter().find(|entry| is_said(entry, message));
            if let Some(entry) = contact {
                commit.bodies.push((entry.contact, message, body));
            }
        }
        self.keep(commit).await?;
        Ok(answer)
    }

    fn commit(&mut self, at: DateTime<Utc>) -> Commit {
        let mut commit = Commit::new(self.position + 1, at);
        commit.done = std::mem::take(&mut self.done);
        commit
    }

    fn drain(&mut self, commit: &mut Commit) {
        loop {
            match self.engine.poll_output() {
                Output::Effect(effect) => {
                    let bytes = serde_json::to_vec(&effect)
                        .expect("an effect is plain data with text as keys");
                    let key = effect.key();
                    commit.effects.push(PendingEffect { key, bytes });
                    self.leaving.push(effect);
                }
                Output::Entry(entry) => commit.entries.push(entry),
                Output::Summary(summary) => commit.summaries.push(*summary),
                Output::Wait(until) => {
                    self.wake_at = until;
                    return;
                }
            }
        }
    }

    /// Commits, then shows what was committed.
    async fn keep(&mut self, mut commit: Commit) -> Result<(), SwitchboardError> {
        self.since_snapshot += 1;
        if self.since_snapshot >= SNAPSHOT_AFTER {
            commit.snapshot = Some(self.engine.snapshot());
            self.since_snapshot = 0;
        }
        let entries = commit.entries.clone();
        self.commit_durably(commit).await?;
        self.position += 1;
        let mut view = self.view.write();
        entries.iter().for_each(|entry| view.follow(entry));
        drop(view);
        for entry in entries {
            let _ = self.notices.send(Notice::Entry(Arc::new(entry)));
        }
        Ok(())
    }

    async fn commit_durably(&self, commit: Commit) -> Result<(), SwitchboardError> {
        let (mut attempt, mut wait) = (1, Duration::from_millis(50));
        loop {
            match self.store.commit(&self.lease, commit.clone()).await {
                Ok(()) => return Ok(()),
                // The try before this one went through, though its answer was lost.
                Err(error) if attempt > 1 && is_taken(&error, commit.position) => return Ok(()),
                Err(error) if error.is_temporary() && attempt < COMMIT_TRIES_MAX => {
                    tracing::warn!(attempt, "the store did not take a commit; trying again");
                    tokio::time::sleep(wait).await;
                    attempt += 1;
                    wait *= 3;
                }
                Err(error) => {
                    tracing::error!("the store is lost; the switchboard stops");
                    return Err(error.into());
                }
            }
        }
    }

    /// Lets every committed effect leave, each in a task of its own.
    ///
    /// Where a channel cannot tell a repetition, the effect is marked as gone before it leaves:
    /// after a crash nobody is rung twice, and the offer's end takes care of the one that was lost.
    async fn let_leave(&mut self) -> Result<(), SwitchboardError> {
        if self.leaving.is_empty() {
            return Ok(());
        }
        let leaving = self.without_retractions();
        let is_risky = |effect: &&Effect| {
            self.channel_of(effect)
                .is_some_and(|kind| !self.deliverer.is_idempotent(kind))
        };
        let at_most_once: Vec<String> = leaving.iter().filter(is_risky).map(Effect::key).collect();
        self.done.extend(at_most_once);
        if !self.done.is_empty() {
            let at = self.now();
            let commit = self.commit(at);
            self.keep(commit).await?;
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
                Effect::Acknowledge { .. } | Effect::Forward { .. } => {}
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
            Effect::Acknowledge { .. } | Effect::Forward { .. } => false,
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
            Effect::Acknowledge { contact, .. } => Some(self.engine.contact(*contact)?.channel),
            Effect::Forward { channel, .. } => Some(*channel),
            _ => None,
        }
    }

    /// Commits what is left to commit, with a snapshot, and gives the lease back.
    async fn end(&mut self) -> Result<(), SwitchboardError> {
        let at = self.now();
        let mut commit = self.commit(at);
        commit.snapshot = Some(self.engine.snapshot());
        self.keep(commit).await?;
        self.store.release(&self.lease).await?;
        Ok(())
    }
}

fn is_taken(error: &StoreError, position: u64) -> bool {
    matches!(error.kind(), StoreErrorKind::OutOfOrder { next } if next == position + 1)
}

fn as_result(answer: Answer) -> Result<Answer, SwitchboardError> {
    match answer {
        Answer::Refused(refusal) => Err(SwitchboardError::refused(refusal)),
        answer => Ok(answer),
    }
}

fn is_said(entry: &Entry, id: bereik_core::id::MessageId) -> bool {
    matches!(&entry.fact, bereik_core::entry::Fact::Said { message, .. } if *message == id)
}

/// The offer that an effect is about, if it is about one.
pub(crate) const fn offer_of(effect: &Effect) -> Option<OfferId> {
    match effect {
        Effect::Offer(offer) | Effect::Withdraw(offer) => Some(offer.id),
        Effect::Acknowledge { .. } | Effect::Forward { .. } => None,
    }
}
