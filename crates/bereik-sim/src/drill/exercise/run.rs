//! One run: the engine asks, people hear and answer, until somebody has the contact or it is over.

use std::collections::BTreeMap;

use bereik_core::contact::Addressee;
use bereik_core::entry::Fact;
use bereik_core::id::{ContactId, OfferId, PersonId};
use bereik_core::offer::Offer;
use bereik_routing::{Answer, Effect, Engine, Input, Opening, Output};
use chrono::{DateTime, TimeDelta, Utc};

use super::ears::{Ears, Heard};
use super::{Missing, target};
use crate::drill::rehearsal::{Beside, Over, Step, StepKind};

/// What somebody does when he gets to it.
#[derive(Clone)]
enum Act {
    /// He answers what he heard.
    Answer(OfferId, Option<PersonId>, Over),
    /// The channel notices that a line is lost.
    Fail(OfferId),
}

/// Somebody has the contact.
pub(super) struct Answered {
    pub(super) beside: Beside,
    /// What the engine was before he answered.
    pub(super) left: Engine,
}

/// One calamity in the engine.
pub(super) struct Run<'a> {
    ears: &'a Ears<'a>,
    engine: Engine,
    contact: Option<ContactId>,
    began_at: DateTime<Utc>,
    missing: Missing,
    /// What is going to be done, by when and in the order in which it came up.
    acts: BTreeMap<(DateTime<Utc>, u64), Act>,
    acts_so_far: u64,
    way: Vec<Step>,
    wakes_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    target: TimeDelta,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        ears: &'a Ears<'a>,
        mut engine: Engine,
        opening: Opening,
        at: DateTime<Utc>,
        missing: Missing,
    ) -> Self {
        let channel = opening.channel;
        let answer = engine.handle(at, Input::Opened(Box::new(opening)));
        let contact = match answer {
            Answer::Opened(contact) => Some(contact),
            _ => None,
        };
        let summary = contact.and_then(|contact| engine.contact(contact));
        let nobody = Addressee::Person("nobody".parse().expect("a word is an id"));
        let addressee = summary.map_or(nobody, |summary| summary.addressee);
        let mut run = Self {
            target: target(ears.directory, &addressee, channel),
            ears,
            engine,
            contact,
            began_at: at,
            missing,
            acts: BTreeMap::new(),
            acts_so_far: 0,
            way: Vec::new(),
            wakes_at: None,
            now: at,
        };
        run.drain();
        run
    }

    pub(super) const fn target(&self) -> TimeDelta {
        self.target
    }

    pub(super) fn take_way(&mut self) -> Vec<Step> {
        std::mem::take(&mut self.way)
    }

    /// Goes on until somebody has the contact; `None` when nobody has in time.
    pub(super) fn next_answer(&mut self) -> Option<Answered> {
        let contact = self.contact?;
        let alone_after_s = self.ears.assumptions.alone_after_s;
        let ends_at = self.began_at + TimeDelta::seconds(alone_after_s.into());
        loop {
            let act_at = self.acts.keys().next().map(|(at, _)| *at);
            let next_at = [act_at, self.wakes_at].into_iter().flatten().min()?;
            if ends_at < next_at {
                return None;
            }
            self.now = next_at;
            if act_at.is_some_and(|at| at <= next_at)
                && let Some((_, act)) = self.acts.pop_first()
            {
                if let Some(answered) = self.act(contact, act) {
                    return Some(answered);
                }
            } else {
                self.engine.handle(next_at, Input::Advanced);
            }
            self.drain();
        }
    }

    /// The same from before the answer of somebody who turns out not to be there.
    pub(super) fn go_on_without(&mut self, person: &PersonId, left: Engine) -> Option<Answered> {
        self.engine = left;
        self.missing.people.insert(person.clone());
        let is_his = |act: &Act| matches!(act, Act::Answer(_, Some(who), _) if who == person);
        self.acts.retain(|_, act| !is_his(act));
        self.drain();
        self.next_answer()
    }

    /// Does what somebody gets to; answers whether he has the contact now.
    fn act(&mut self, contact: ContactId, act: Act) -> Option<Answered> {
        let (offer, who, over) = match act {
            Act::Answer(offer, who, over) => (offer, who, over),
            Act::Fail(offer) => {
                self.engine.handle(self.now, Input::Failed { offer });
                return None;
            }
        };
        let left = self.engine.clone();
        if let Some(by) = who.clone()
            && !self.takes(contact, offer, by)
        {
            return None;
        }
        let after = self.now - self.began_at;
        Some(Answered {
            beside: Beside { who, over, after },
            left,
        })
    }

    /// Somebody answers an offer, or takes the contact from the list when it has lapsed.
    fn takes(&mut self, contact: ContactId, offer: OfferId, by: PersonId) -> bool {
        let accepted = Input::Accepted {
            offer,
            by: by.clone(),
        };
        match self.engine.handle(self.now, accepted) {
            Answer::Done => true,
            Answer::Late => {
                let claimed = Input::Claimed { contact, by };
                self.engine.handle(self.now, claimed) == Answer::Done
            }
            _ => false,
        }
    }

    fn drain(&mut self) {
        loop {
            match self.engine.poll_output() {
                Output::Effect(Effect::Offer(offer)) => self.offered(&offer),
                Output::Entry(entry) => self.note(&entry.fact),
                Output::Effect(_) | Output::Summary(_) => {}
                Output::Wait(next_at) => {
                    self.wakes_at = next_at;
                    break;
                }
            }
        }
    }

    fn note(&mut self, fact: &Fact) {
        let kind = match fact {
            Fact::LevelSkipped { level } => StepKind::LevelSkipped(*level),
            Fact::LevelStarted { level, .. } => StepKind::LevelStarted(*level),
            _ => return,
        };
        self.step(kind);
    }

    fn step(&mut self, kind: StepKind) {
        let after = self.now - self.began_at;
        self.way.push(Step { after, kind });
    }

    fn offered(&mut self, offer: &Offer) {
        let Heard { over, is_lost, by } = self.ears.hear(offer, &self.missing);
        self.step(StepKind::Asked {
            to: offer.to.clone(),
            over: over.clone(),
            is_heard: !by.is_empty(),
        });
        if is_lost {
            let after_s = self.ears.assumptions.loss_noticed_after_s;
            self.plan(after_s, Act::Fail(offer.id));
        }
        let Some(over) = over else { return };
        for (who, after_s) in by {
            self.plan(after_s, Act::Answer(offer.id, who, over.clone()));
        }
    }

    fn plan(&mut self, after_s: u32, act: Act) {
        let at = self.now + TimeDelta::seconds(after_s.into());
        self.acts_so_far += 1;
        self.acts.insert((at, self.acts_so_far), act);
    }
}
