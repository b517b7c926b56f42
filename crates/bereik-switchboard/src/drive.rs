//! Drives the engine: takes orders one at a time, commits what was decided, then lets it take
//! effect.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bereik_core::ChannelKind;
use bereik_core::contact::Addressee;
use bereik_core::directory::Directory;
use bereik_core::entry::Fact;
use bereik_core::id::{GroupId, PersonId};
use bereik_core::message::{Author, Body, MessageKind};
use bereik_core::public_view::{PublicView, Standing};
use bereik_core::urgency::Urgency;
use bereik_routing::{Answer, Effect, Engine, Input, Opening, Output, Refusal};
use bereik_store::{Commit, Lease, PendingEffect, Store};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{broadcast, mpsc};

use crate::channels::Served;
use crate::clock::Clock;
use crate::deliver::Deliverer;
use crate::error::SwitchboardError;
use crate::keep::Unsaved;
use crate::observe::Notice;
use crate::order::{Ask, Opened, Order, Reply};
use crate::people::People;
use crate::view::Shared;

/// How long a lease is held without being renewed.
pub(crate) const LEASE_FOR: TimeDelta = TimeDelta::seconds(10);
/// How often it is renewed.
const RENEW_AFTER: TimeDelta = TimeDelta::seconds(3);
/// How many orders one commit serves at the most.
const TOGETHER_MAX: usize = 256;

/// The one writer: engine, people and store.
#[derive(Debug)]
pub(crate) struct Driver {
    pub(crate) engine: Engine,
    pub(crate) people: People,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) lease: Lease,
    pub(crate) renew_at: DateTime<Utc>,
    /// The position of the last commit that was put aside.
    pub(crate) position: u64,
    pub(crate) since_snapshot: u32,
    pub(crate) unsaved: Unsaved,
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
            let first = tokio::select! {
                order = orders.recv() => Some(order),
                () = clock.wait_until(wake_at) => None,
            };
            let is_abandoned = matches!(first, Some(None));
            let stop = match first {
                Some(Some(order)) => self.take_all(order, &mut orders),
                _ => None,
            };
            self.pass_time();
            if self.let_leave().await.is_err() || self.renew().await.is_err() {
                return;
            }
            if let Some(reply) = stop {
                let _ = reply.send(self.end().await);
                return;
            }
            if is_abandoned {
                let _ = self.end().await;
                return;
            }
        }
    }

    /// Takes an order and those that wait behind it, so that one commit serves them all. Goes no
    /// further than one to stop, and gives where its answer goes.
    fn take_all(&mut self, first: Order, orders: &mut mpsc::Receiver<Order>) -> Option<Reply<()>> {
        let mut order = first;
        for _ in 1..TOGETHER_MAX {
            let stop = self.take(order);
            if stop.is_some() {
                return stop;
            }
            order = orders.try_recv().ok()?;
        }
        self.take(order)
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

    /// Whatever falls due by itself: presence that changes, deadlines of the engine.
    fn pass_time(&mut self) {
        let now = self.now();
        let due = self.people.fall_due(now);
        if !due.is_empty() || self.people.is_board_due(now) {
            self.refresh(due);
        }
        if self.wake_at.is_some_and(|at| at <= now) {
            self.tell(Input::Advanced, None);
        }
    }

    /// Renews the lease; the switchboard stops while it is still its own.
    async fn renew(&mut self) -> Result<(), SwitchboardError> {
        let now = self.now();
        if now < self.renew_at {
            return Ok(());
        }
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

    /// Takes one order. Its answer leaves when what was decided is durable; where that of an order
    /// to stop goes is given back.
    fn take(&mut self, order: Order) -> Option<Reply<()>> {
        match order {
            Order::Ask(Ask(ask)) => {
                let now = self.now();
                // Somebody else's code: whatever it does, the next order is taken.
                let asked = AssertUnwindSafe(|| ask(&self.engine, now));
                if catch_unwind(asked).is_err() {
                    tracing::warn!("a question to the engine panicked");
                }
            }
            Order::Effect {
                key,
                offer,
                has_failed,
            } => {
                self.done.push(key);
                if let (true, Some(offer)) = (has_failed, offer) {
                    self.tell(Input::Failed { offer }, None);
                }
            }
            Order::Facts {
                person,
                change,
                reply,
            } => {
                self.people.change(&person, change);
                self.refresh(vec![person]);
                self.unsaved.answer(reply, Ok(()));
            }
            Order::Health { served, is_down } => self.take_health(&served, is_down),
            Order::Input { input, body, reply } => {
                let answer = self.tell(*input, body);
                self.unsaved.answer(reply, as_result(answer));
            }
            Order::LookedUp {
                key,
                contact,
                profile,
            } => {
                self.done.push(key);
                if let Some(profile) = profile {
                    self.tell(Input::CustomerKnown { contact, profile }, None);
                }
            }
            Order::Open {
                opening,
                body,
                reply,
            } => {
                let opened = self.open(*opening, body);
                self.unsaved.answer(reply, opened);
            }
            Order::ReplaceDirectory { directory, reply } => {
                self.replace_directory(directory);
                self.unsaved.answer(reply, Ok(()));
            }
            Order::Stop { reply } => return Some(reply),
        }
        None
    }

    /// Notes what a probe said of a channel.
    fn take_health(&mut self, served: &Served, is_down: bool) {
        let now = self.now();
        let is_news = served.down_since().is_some() != is_down;
        served.set_down(is_down, now);
        if is_down && is_news {
            // Who comes or goes meanwhile is not heard.
            self.people.forget_observed(served.name());
        }
        let kind = served.channel.kind();
        let concerned = match is_news {
            true => self.people.known(),
            false => {
                let directory = Arc::clone(&self.view.read().directory);
                self.people.with_several_lines(&directory, kind)
            }
        };
        self.refresh(concerned);
    }

    /// Opens a contact and keeps its first message, before anybody is told of either.
    fn open(&mut self, opening: Opening, body: Option<Body>) -> Result<Opened, SwitchboardError> {
        let key = opening.key.clone();
        let contact = match self.tell(Input::Opened(Box::new(opening)), None) {
            Answer::Opened(contact) => contact,
            Answer::Refused(refusal) => return Err(SwitchboardError::refused(refusal)),
            Answer::Done | Answer::Kept(_) | Answer::Late => {
                return Err(SwitchboardError::refused(Refusal::UnknownContact));
            }
        };
        let Some(body) = body else {
            return Ok(Opened {
                contact,
                message: None,
            });
        };
        let (author, kind) = (Author::Customer, MessageKind::Text);
        let said = Input::Said {
            contact,
            key,
            author,
            kind,
        };
        let message = match self.tell(said, Some(body)) {
            Answer::Kept(message) => Some(message),
            _ => None,
        };
        Ok(Opened { contact, message })
    }

    fn replace_directory(&mut self, directory: Box<Directory>) {
        let mut everybody = self.people.known();
        everybody.extend(directory.people().iter().map(|person| person.id.clone()));
        everybody.sort();
        everybody.dedup();
        self.view.write().directory = Arc::new((*directory).clone());
        self.tell(Input::DirectoryReplaced(directory), None);
        self.refresh(everybody);
    }

    /// Works out the presence of these people anew, and tells the engine what changed.
    pub(crate) fn refresh(&mut self, people: Vec<PersonId>) {
        let now = self.now();
        let directory = Arc::clone(&self.view.read().directory);
        let mut has_changed = self.people.is_board_due(now);
        for person in people {
            let before = self.people.standing(&person).map(|standing| standing.row);
            if !self.people.refresh(&directory, &person, now) {
                continue;
            }
            has_changed = true;
            let Some(standing) = self.people.standing(&person) else {
                self.view.write().standings.remove(&person);
                continue;
            };
            self.view.write().standings.insert(person.clone(), standing);
            // Of somebody who is looked at for the first time the engine may remember more than
            // is known now, from before a restart.
            let row = standing.row;
            if before != Some(row) {
                self.tell(Input::Reachability { person, row }, None);
            }
        }
        if has_changed {
            self.publish_board(&directory, now);
        }
    }

    fn publish_board(&mut self, directory: &Directory, now: DateTime<Utc>) {
        let mut board = self.people.board(directory, now);
        let is_busy = |(_, view): &&(GroupId, PublicView)| view.standing == Standing::Busy;
        let busy = board.groups.iter().filter(is_busy);
        let busy: Vec<GroupId> = busy.map(|(group, _)| group.clone()).collect();
        for group in busy {
            let addressee = Addressee::Group(group.clone());
            let (channel, urgency) = (ChannelKind::WebChat, Urgency::Normal);
            let prediction = self.engine.predict(now, &addressee, channel, urgency);
            if let Some(wait) = prediction.wait {
                board = board.with_expected_wait(&group, wait.into());
            }
        }
        self.view.write().board = Arc::new(board);
        let _ = self.notices.send(Notice::Board);
    }

    /// Tells the engine something and puts aside what it decided. Nothing is durable yet, and
    /// nothing has taken effect.
    pub(crate) fn tell(&mut self, input: Input, body: Option<Body>) -> Answer {
        let at = self.now();
        let bytes = serde_json::to_vec(&input).expect("an input is plain data with text as keys");
        let is_to_all = matches!(input, Input::IncidentWord { .. });
        let answer = self.engine.handle(at, input);
        let mut commit = self.next_commit(at);
        commit.input = Some(bytes);
        self.drain(&mut commit);
        if let (Answer::Kept(message), Some(body)) = (&answer, body) {
            // A message that was kept before has its words already. A word to all is a message on
            // each contact, so that the words can be erased there alone.
            let said = commit.entries.iter().filter_map(|entry| match entry.fact {
                Fact::Said { message: said, .. } if is_to_all || said == *message => {
                    Some((entry.contact, said, body.clone()))
                }
                _ => None,
            });
            commit.bodies.extend(said);
        }
        self.put_aside(commit);
        answer
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
}

fn as_result(answer: Answer) -> Result<Answer, SwitchboardError> {
    match answer {
        Answer::Refused(refusal) => Err(SwitchboardError::refused(refusal)),
        answer => Ok(answer),
    }
}
