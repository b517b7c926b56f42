//! What people do with each other and with customers, beside answering them: consult, invite,
//! transfer, go on by phone, promise calls, praise; and customers who leave the page, write while
//! they wait, and come over another channel too.

use bereik_core::contact::Addressee;
use bereik_core::id::Key;
use bereik_core::message::{Author, MessageKind};
use bereik_core::praise::Judgement;
use bereik_core::{ChannelKind, GroupId, PersonId};
use bereik_routing::Input;
use chrono::TimeDelta;

use super::event::{Deed, Event};
use super::visit::Ending;
use super::{Failure, Witness, World};
use crate::seed::{Chance, Subject};

/// A customer is called back so long after it is promised.
const CALLED_BACK_AFTER_MS: i64 = 900_000;
/// Whoever forgets a call finds that out after so long.
const FORGETS_CALL_FOR_MS: i64 = 3_600_000;
/// Advice takes so long.
const ADVICE_AFTER_MS: i64 = 60_000;
/// Whoever was asked into a conversation stays so long.
const HELPS_FOR_MS: i64 = 120_000;
/// A call that does not get through is noticed after so long.
const CALL_FAILS_AFTER_MS: i64 = 15_000;
/// A customer who waits writes once in so long.
const WRITES_EVERY_MS: i64 = 45_000;

impl World<'_> {
    fn chance_together(&self, number: u32) -> Chance {
        let visit = &self.visits[number as usize];
        let number = visit.chance_number.wrapping_mul(31) ^ u64::from(visit.turn) << 56;
        Chance::new(self.seed, Subject::Together, number)
    }

    /// Puts what a customer does while he waits into the queue.
    pub(super) fn expect_wandering(&mut self, number: u32) {
        let mut chance = self.chance_together(number);
        let customers = self.customers(number);
        let now_ms = self.now_ms;
        let mut events = Vec::new();
        if let Some(away) = &customers.away {
            let leaves = chance.happens(away.share);
            let comes_back = chance.happens(away.back_share);
            let left_ms = now_ms + away.after.draw_ms(&mut chance);
            let back_ms = left_ms + away.back_after.draw_ms(&mut chance);
            if leaves && customers.channel != ChannelKind::Phone {
                events.push((left_ms, Event::Wanders(number, false)));
                events.extend(comes_back.then_some((back_ms, Event::Wanders(number, true))));
            }
        }
        if let Some(also) = &customers.also {
            let turns = chance.happens(also.share);
            let at_ms = now_ms + also.after.draw_ms(&mut chance);
            events.extend(turns.then_some((at_ms, Event::TurnsAlso(number))));
        }
        for line in 1..=customers.writes_waiting {
            let at_ms = now_ms + WRITES_EVERY_MS * i64::from(line);
            events.push((at_ms, Event::WritesWaiting(number, line as u16)));
        }
        for (at_ms, event) in events {
            self.queue.push(at_ms, event);
        }
    }

    pub(super) fn wander(
        &mut self,
        number: u32,
        is_back: bool,
        witness: &mut impl Witness,
    ) -> Result<(), Failure> {
        let visit = &self.visits[number as usize];
        let Some(contact) = visit.contact else {
            return Ok(());
        };
        let input = if is_back {
            Input::CustomerBack { contact }
        } else {
            Input::CustomerGone { contact }
        };
        if let Some(input) = self.carry(visit.channel, None, input) {
            self.tell(input, witness)?;
        }
        Ok(())
    }

    pub(super) fn write_waiting(
        &mut self,
        number: u32,
        line: u16,
        witness: &mut impl Witness,
    ) -> Result<(), Failure> {
        let visit = &self.visits[number as usize];
        let Some(contact) = visit.contact.filter(|_| visit.owner.is_none()) else {
            return Ok(());
        };
        if visit.ending != Ending::Open {
            return Ok(());
        }
        let input = Input::Said {
            contact,
            key: Key::parse(&format!("visit-{number}-waiting-{line}")).expect("a key"),
            author: Author::Customer,
            kind: MessageKind::Text,
        };
        if let Some(input) = self.carry(visit.channel, None, input) {
            self.tell(input, witness)?;
        }
        Ok(())
    }

    /// A customer comes over another channel, and is still being helped or waits.
    pub(super) fn turn_also(&mut self, number: u32) {
        let Some(also) = &self.customers(number).also else {
            return;
        };
        let channel = also.channel;
        if self.now_ms < self.end_ms && self.visits[number as usize].ending == Ending::Open {
            self.come_again(number, channel);
        }
    }

    /// Puts what an owner does beside his work into the queue; answers for how much longer he has
    /// the contact because of it, in milliseconds.
    pub(super) fn expect_deeds(&mut self, number: u32, place: usize, works_ms: i64) -> i64 {
        let mut chance = self.chance_together(number);
        let does = self.people[place].manner.does;
        let now_ms = self.now_ms;
        let visit = &mut self.visits[number as usize];
        visit.helpers.clear();
        let is_mute = chance.happens(does.says_nothing);
        visit.quiet_until_ms = if is_mute {
            i64::MAX
        } else {
            now_ms + i64::from(does.first_word_after_s) * 1_000
        };
        let turn = visit.turn;
        let is_written = visit.over != ChannelKind::Phone;
        let shares = [
            (does.consults, 4, Deed::Consults),
            (does.invites, 3, Deed::Invites),
            (does.transfers, 2, Deed::Transfers),
            (does.phones, 2, Deed::Phones),
        ];
        for (share, part, deed) in shares {
            let happens = chance.happens(share);
            if happens && (deed != Deed::Phones || is_written) {
                let event = Event::Does(number, turn, deed);
                self.queue.push(now_ms + works_ms / part, event);
            }
        }
        let (promises, forgets) = (
            chance.happens(does.promises_calls),
            chance.happens(does.forgets_calls),
        );
        if !promises {
            return 0;
        }
        let at_ms = now_ms + works_ms;
        self.queue
            .push(at_ms, Event::Does(number, turn, Deed::PromisesCall));
        if forgets {
            return CALLED_BACK_AFTER_MS + FORGETS_CALL_FOR_MS;
        }
        let called_ms = at_ms + CALLED_BACK_AFTER_MS - WRITES_EVERY_MS;
        self.queue
            .push(called_ms, Event::Does(number, turn, Deed::KeepsCall));
        CALLED_BACK_AFTER_MS
    }

    /// Whom somebody asks about a contact.
    fn whom(&self, number: u32, place: usize) -> Option<Addressee> {
        let asks: Option<&GroupId> = self.people[place].asks.as_ref();
        let group = asks.or(self.customers(number).group.as_ref());
        group.cloned().map(Addressee::Group)
    }

    pub(super) fn do_deed(
        &mut self,
        number: u32,
        turn: u16,
        deed: Deed,
        witness: &mut impl Witness,
    ) -> Result<(), Failure> {
        let visit = &self.visits[number as usize];
        let Some((contact, place)) = visit.held_in(turn) else {
            return Ok(());
        };
        let by = self.people[place].id.clone();
        let requires = Vec::new();
        let whom = self.whom(number, place);
        let input = match (deed, whom) {
            (Deed::Consults, Some(whom)) => Input::Consulted {
                contact,
                whom,
                requires,
                by,
            },
            (Deed::Invites, Some(whom)) => Input::Invited {
                contact,
                whom,
                requires,
                by,
            },
            (Deed::Transfers, Some(whom)) => Input::Transferred {
                contact,
                whom,
                requires,
                by,
            },
            (Deed::Consults | Deed::Invites | Deed::Transfers, None) => return Ok(()),
            (Deed::Phones, _) => return self.phone(number, witness),
            (Deed::KeepsCall, _) => Input::CallBackKept { contact, by },
            (Deed::PromisesCall, _) => Input::CallBackPromised {
                contact,
                by,
                at: self.now() + self.offset + TimeDelta::milliseconds(CALLED_BACK_AFTER_MS),
            },
            (Deed::Advises(other), _) => return self.advise(number, other, witness),
            (Deed::Leaves(other), _) if other == place => return Ok(()),
            (Deed::Leaves(other), _) => Input::Left {
                contact,
                person: self.people[other].id.clone(),
            },
        };
        self.tell(input, witness)?;
        Ok(())
    }

    /// The conversation goes on by phone, unless the call does not get through.
    fn phone(&mut self, number: u32, witness: &mut impl Witness) -> Result<(), Failure> {
        let visit = &self.visits[number as usize];
        let (Some(contact), Some((place, _))) = (visit.contact, visit.owner) else {
            return Ok(());
        };
        let channel = ChannelKind::Phone;
        let input = Input::HandedOver {
            contact,
            channel,
            address: None,
            line: None,
            by: Author::Person(self.people[place].id.clone()),
        };
        self.tell(input, witness)?;
        if self.faults.is_channel_down(channel, self.now()) {
            let failed = Input::HandOverFailed { contact, channel };
            let at_ms = self.now_ms + CALL_FAILS_AFTER_MS;
            self.queue.push(at_ms, Event::Tells(Box::new(failed)));
        }
        Ok(())
    }

    pub(super) fn goes_on_over(&mut self, number: u32, channel: ChannelKind) {
        let visit = &mut self.visits[number as usize];
        let was = std::mem::replace(&mut visit.over, channel);
        if let Some((place, _)) = visit.owner {
            self.people[place].moves(was, channel);
        }
    }

    /// Whoever said yes to being consulted gives his advice soon.
    pub(super) fn expect_advice(&mut self, number: u32, person: &PersonId) {
        self.expect_of(number, person, ADVICE_AFTER_MS, Deed::Advises);
    }

    /// Whoever was asked into a conversation helps for a while.
    pub(super) fn expect_help(&mut self, number: u32, person: &PersonId) {
        let visit = &self.visits[number as usize];
        if visit.owner.is_some() {
            self.expect_of(number, person, HELPS_FOR_MS, Deed::Leaves);
        }
    }

    fn expect_of(
        &mut self,
        number: u32,
        person: &PersonId,
        after_ms: i64,
        deed: fn(usize) -> Deed,
    ) {
        let Some(place) = self.places.get(person).copied() else {
            return;
        };
        let visit = &mut self.visits[number as usize];
        visit.helpers.push(place);
        let event = Event::Does(number, visit.turn, deed(place));
        self.queue.push(self.now_ms + after_ms, event);
    }

    /// Somebody who is consulted writes a note, and what is left to do is less.
    fn advise(
        &mut self,
        number: u32,
        adviser: usize,
        witness: &mut impl Witness,
    ) -> Result<(), Failure> {
        let now_ms = self.now_ms;
        let visit = &mut self.visits[number as usize];
        let (Some(contact), Some((place, _))) = (visit.contact, visit.owner) else {
            return Ok(());
        };
        let saves = self.people[place].manner.does.advice_saves;
        let left_ms = (visit.done_ms - now_ms).max(0);
        visit.done_ms = now_ms + (left_ms as f64 * (1.0 - saves)).round() as i64;
        let event = Event::Finishes(number, visit.turn);
        self.queue.push(visit.done_ms, event);
        let key = format!("visit-{number}-{}-advice-{adviser}", visit.turn);
        let input = Input::Said {
            contact,
            key: Key::parse(&key).expect("a key"),
            author: Author::Person(self.people[adviser].id.clone()),
            kind: MessageKind::Note,
        };
        self.tell(input, witness)?;
        Ok(())
    }

    /// Whoever is done praises those who helped him, at times.
    pub(super) fn praise(
        &mut self,
        number: u32,
        place: usize,
        witness: &mut impl Witness,
    ) -> Result<(), Failure> {
        let helpers = std::mem::take(&mut self.visits[number as usize].helpers);
        let Some(contact) = self.visits[number as usize].contact else {
            return Ok(());
        };
        let share = self.people[place].manner.does.praises;
        let mut chance = self.chance_together(number);
        for helper in helpers {
            let of = self.people[helper].id.clone();
            let skills = self.directory.person(&of).into_iter();
            let best = skills
                .flat_map(|person| &person.skills)
                .max_by_key(|(_, level)| **level);
            let (Some((skill, _)), true) = (best, chance.happens(share)) else {
                continue;
            };
            let input = Input::Praised {
                contact,
                of,
                skill: skill.clone(),
                judgement: Judgement::Praise,
                by: self.people[place].id.clone(),
            };
            self.tell(input, witness)?;
        }
        Ok(())
    }

    /// A customer whom the engine had given up is back.
    pub(super) fn visit_goes_on(&mut self, number: u32) {
        let visit = &mut self.visits[number as usize];
        if visit.ending == Ending::LeftSilently {
            (visit.ending, visit.ended_ms) = (Ending::Open, None);
            self.open += 1;
        }
    }
}
