//! What people do: come and go by their agendas, answer offers, work, hand on, forget.

use std::collections::BTreeMap;

use bereik_core::channel_kind::PerChannel;
use bereik_core::contact::Abandonment;
use bereik_core::directory::Directory;
use bereik_core::entry::{Entry, Fact};
use bereik_core::id::Key;
use bereik_core::message::{Author, MessageKind};
use bereik_core::offer::Outcome;
use bereik_core::signal::SignalKind;
use bereik_core::{Acknowledgement, ChannelKind, ContactId, LineId, OfferId, PersonId, Slot};
use bereik_routing::{Answer, Input, Output, Refusal};
use chrono::TimeDelta;

use super::agenda::signal;
use super::event::Event;
use super::visit::{Ending, Predicted};
use super::{Failure, Witness, World};
use crate::person::{Colleague, Manner, Response};
use crate::scenario::{FaultKind, Scenario};
use crate::seed::{Chance, Subject};

/// Whoever takes a contact whose customer has left finds that out and closes it after so long.
const FINDS_NOBODY_MS: i64 = 30_000;
/// Whoever had his hands full tries again after so long.
const ANSWERS_AGAIN_AFTER_MS: i64 = 15_000;
/// A kind of channel that is down is down until it is not, so many days at most.
const DOWN_FOR_DAYS: i64 = 400;
/// Whoever leads an incident knows what to say to all after so long.
const WORD_AFTER_MS: i64 = 45_000;
/// Nobody hands a contact on that so many had before.
const OWNERS_MAX: u16 = 3;
/// What is left to do of a contact that goes to another, at least.
const LEFT_MS_MIN: i64 = 60_000;
/// After so long the machine has noticed that a kind of channel is down.
const NOTICED_AFTER_S: i64 = 60;

/// An offer on its way.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) contact: ContactId,
    pub(super) channel: ChannelKind,
    /// The place of who hears it, and how he answers where it is not his usual manner.
    pub(super) to: Option<(usize, Option<Manner>)>,
    pub(super) is_person: bool,
}

pub(super) fn answering(
    scenario: &Scenario,
    directory: &Directory,
    people: &[Colleague],
    places: &BTreeMap<PersonId, usize>,
) -> BTreeMap<LineId, (usize, Manner)> {
    let own = directory.people().iter().zip(people).zip(0..);
    let own = own.flat_map(|((person, colleague), place)| {
        let lines = person.lines.iter();
        lines.map(move |line| (line.id.clone(), (place, colleague.manner)))
    });
    let mut all: BTreeMap<_, _> = own.collect();
    for row in &scenario.answering {
        if let Some(place) = places.get(&row.by) {
            all.insert(row.line.clone(), (*place, Manner::from(row)));
        }
    }
    all
}

impl World<'_> {
    /// Everything that falls due on the board by now.
    pub(super) fn people_come_and_go(&mut self, witness: &mut impl Witness) -> Result<(), Failure> {
        let now = self.now();
        for slot in self.board.advance(now) {
            self.hear_of(slot.index(), witness)?;
        }
        Ok(())
    }

    /// Somebody can be reached otherwise than before: he knows it, and the engine hears it unless
    /// it cannot.
    pub(super) fn hear_of(
        &mut self,
        place: usize,
        witness: &mut impl Witness,
    ) -> Result<(), Failure> {
        let now = self.now();
        let slot = Slot::new(u32::try_from(place).expect("a slot of the board"));
        let (row, _) = self.board.reachability_at(slot, now);
        let reach = PerChannel::from_fn(|channel| row[channel].reach);
        let colleague = &mut self.people[place];
        let was_on_duty = colleague.is_on_duty();
        colleague.comes_or_goes(reach, self.now_ms);
        if was_on_duty != colleague.is_on_duty() || self.on_duty.is_empty() {
            let before = self.on_duty.last().map_or(0, |(_, count)| *count);
            let count = if was_on_duty {
                before - 1
            } else {
                before + u32::from(colleague.is_on_duty())
            };
            self.on_duty.push((self.now_ms, count));
        }
        if self
            .faults
            .at(FaultKind::StalePresence, now)
            .next()
            .is_some()
        {
            self.unheard.push(place);
            return Ok(());
        }
        let person = colleague.id.clone();
        self.tell(Input::Reachability { person, row }, witness)?;
        Ok(())
    }

    pub(super) fn expect_faults(&mut self) {
        let instants: Vec<_> = self
            .faults
            .0
            .iter()
            .flat_map(|planned| {
                let noticed = planned.from + TimeDelta::seconds(NOTICED_AFTER_S);
                [planned.from, noticed, planned.to]
            })
            .collect();
        for at in instants {
            let at_ms = self.ms_of(at).max(0);
            self.queue.push(at_ms, Event::FaultTurns);
        }
    }

    /// A fault begins, is noticed, or ends.
    pub(super) fn faults_turn(&mut self, witness: &mut impl Witness) -> Result<(), Failure> {
        let now = self.now();
        let jumps = self
            .faults
            .at(FaultKind::ClockJumps, now)
            .map(|fault| fault.by_s);
        self.offset = TimeDelta::seconds(jumps.sum());
        if self
            .faults
            .at(FaultKind::StalePresence, now)
            .next()
            .is_none()
        {
            let mut unheard = std::mem::take(&mut self.unheard);
            unheard.sort_unstable();
            unheard.dedup();
            for place in unheard {
                self.hear_of(place, witness)?;
            }
        }
        for channel in ChannelKind::ALL {
            let noticed = now - TimeDelta::seconds(NOTICED_AFTER_S);
            let is_down = self.faults.is_channel_down(channel, now);
            let is_noticed = is_down && self.faults.is_channel_down(channel, noticed);
            self.set_down(channel, is_noticed, witness)?;
        }
        Ok(())
    }

    fn set_down(
        &mut self,
        channel: ChannelKind,
        is_down: bool,
        witness: &mut impl Witness,
    ) -> Result<(), Failure> {
        let kind = SignalKind::ChannelDown(channel);
        if self.down[channel] == is_down {
            return Ok(());
        }
        self.down[channel] = is_down;
        let now = self.now();
        self.board.advance(now);
        for place in 0..self.people.len() {
            let slot = Slot::new(u32::try_from(place).expect("a slot of the board"));
            if is_down {
                let until = now + TimeDelta::days(DOWN_FOR_DAYS);
                self.board.set_signal(slot, signal(kind, now, until));
            } else {
                self.board.clear_signal(slot, kind, "world");
            }
            self.hear_of(place, witness)?;
        }
        Ok(())
    }

    /// Who answers a line, and in which manner.
    pub(super) fn who_answers(&self, line: &LineId) -> Option<(usize, Option<Manner>)> {
        let (place, manner) = self.answering.get(line)?;
        Some((*place, Some(*manner)))
    }

    fn sent(&self, offer: u64) -> Option<&Sent> {
        self.sent.get(usize::try_from(offer).ok()?)?.as_ref()
    }

    /// An offer reaches somebody: he takes it after a while, or turns it down, or lets it ring.
    pub(super) fn hear_offer(&mut self, offer: u64) {
        let Some(&Sent {
            contact,
            channel,
            to: Some((place, manner)),
            is_person,
        }) = self.sent(offer)
        else {
            return;
        };
        let colleague = &self.people[place];
        let visit = self
            .visit_of(contact)
            .map_or(0, |visit| self.visits[visit as usize].chance_number);
        let number =
            visit.wrapping_mul(1_000_003) ^ (place as u64) << 48 ^ self.people_turn(contact);
        let mut chance = Chance::new(self.seed, Subject::Response, number);
        // Of whom nobody knows whether he is there, half are.
        let is_there = match colleague.reach[channel] {
            bereik_core::reachability::Reach::Unknown => chance.happens(0.5),
            _ => colleague.is_there(channel),
        };
        let manner = manner.unwrap_or(colleague.manner);
        let response = manner.response(&mut chance, is_there || !is_person);
        let (accepts, after_ms) = match response {
            Response::Accepts(after_ms) => (true, after_ms),
            Response::Declines(after_ms) => (false, after_ms),
            Response::Ignores => return,
        };
        self.queue
            .push(self.now_ms + after_ms, Event::Answers(offer, accepts));
    }

    /// Tells the offers of one contact apart, so that a second one is answered anew.
    fn people_turn(&self, contact: ContactId) -> u64 {
        let visit = self
            .visit_of(contact)
            .map(|visit| &self.visits[visit as usize]);
        visit.map_or(0, |visit| {
            (u64::from(visit.turn) << 8) | ((self.now_ms - visit.came_ms) as u64 / 60_000 % 256)
        })
    }

    pub(super) fn forget_offer(&mut self, offer: u64) {
        let at = usize::try_from(offer).expect("a number of this machine");
        if let Some(sent) = self.sent.get_mut(at) {
            *sent = None;
        }
    }

    pub(super) fn answer(
        &mut self,
        offer: u64,
        accepts: bool,
        witness: &mut impl Witness,
    ) -> Result<(), Failure> {
        let Some(&Sent {
            channel,
            to: Some((place, _)),
            ..
        }) = self.sent(offer)
        else {
            return Ok(());
        };
        let (offer, by) = (OfferId::new(offer), self.people[place].id.clone());
        let input = match accepts {
            true => Input::Accepted { offer, by },
            false => Input::Declined { offer, by },
        };
        let Some(input) = self.carry(channel, None, input) else {
            return Ok(());
        };
        // Whoever has his hands full answers when he has one free, while it still rings.
        if self.tell(input, witness)? == Answer::Refused(Refusal::AtCapacity) {
            let event = Event::Answers(offer.number(), accepts);
            self.queue.push(self.now_ms + ANSWERS_AGAIN_AFTER_MS, event);
        }
        Ok(())
    }

    /// Takes in all that the engine said.
    pub(super) fn take_in(&mut self, outputs: &[Output]) {
        for output in outputs {
            match output {
                Output::Effect(effect) => self.carry_out(effect),
                Output::Entry(entry) => self.enter(entry),
                Output::Summary(_) | Output::Wait(_) => {}
            }
        }
    }

    fn enter(&mut self, entry: &Entry) {
        let Some(number) = self.visit_of(entry.contact) else {
            return;
        };
        match &entry.fact {
            Fact::Acknowledged {
                acknowledgement: Acknowledgement::Owned(person),
            } => {
                self.leave_owner(number);
                if let Some(place) = self.places.get(person).copied() {
                    self.begin_turn(number, place);
                }
            }
            Fact::IncidentDeclared { incident, .. } | Fact::IncidentLed { incident } => {
                self.visits[number as usize].leads = Some(*incident);
                if let Some((place, _)) = self.visits[number as usize].owner {
                    self.expect_word(number, place);
                }
            }
            // One word to all customers of an incident answers each of them.
            Fact::Said {
                author: Author::Person(_),
                ..
            }
            | Fact::IncidentClosed {
                by: Author::Person(_),
                ..
            } => {
                let now_ms = self.now_ms;
                let visit = &mut self.visits[number as usize];
                if visit.ending == Ending::Open {
                    visit.answered_ms.get_or_insert(now_ms);
                }
            }
            Fact::Left { person } => {
                let owner = self.visits[number as usize].owner;
                if owner.is_some_and(|(place, _)| self.people[place].id == *person) {
                    self.leave_owner(number);
                }
            }
            Fact::Predicted {
                p10_s,
                p50_s,
                p90_s,
                ..
            } => {
                let (at_ms, p10_s, p50_s, p90_s) = (self.now_ms, *p10_s, *p50_s, *p90_s);
                let predicted = &mut self.visits[number as usize].predicted;
                predicted.get_or_insert(Predicted {
                    at_ms,
                    p10_s,
                    p50_s,
                    p90_s,
                });
            }
            Fact::HandedOver { channel, .. } => self.goes_on_over(number, *channel),
            Fact::HandOverFailed { back_over, .. } => self.goes_on_over(number, *back_over),
            Fact::ConsultBegan { person } => self.expect_advice(number, person),
            Fact::Joined { person } => self.expect_help(number, person),
            Fact::Reopened { .. } => self.visit_goes_on(number),
            Fact::OfferEnded { offer, outcome } => self.count_outcome(*offer, *outcome),
            fact => self.enter_end(number, fact),
        }
    }

    /// A contact is over.
    fn enter_end(&mut self, number: u32, fact: &Fact) {
        match fact {
            Fact::Abandoned { how } => {
                self.leave_owner(number);
                let ending = match how {
                    Abandonment::Explicit => Ending::GaveUp,
                    Abandonment::Silent => Ending::LeftSilently,
                };
                self.end_visit(number, ending);
            }
            Fact::MergedInto { .. } => self.end_visit(number, Ending::Joined),
            Fact::Closed { by } => {
                self.leave_owner(number);
                let is_helped = self.visits[number as usize].answered_ms.is_some();
                let ending = match (is_helped, by) {
                    (true, _) => Ending::Helped,
                    (false, Author::Customer) => Ending::GaveUp,
                    (false, _) => Ending::TurnedAway,
                };
                self.end_visit(number, ending);
            }
            _ => {}
        }
    }

    fn count_outcome(&mut self, offer: OfferId, outcome: Outcome) {
        let Some(&Sent {
            to: Some((place, _)),
            is_person: true,
            ..
        }) = self.sent(offer.number())
        else {
            return;
        };
        let tally = &mut self.people[place].tally;
        match outcome {
            Outcome::Declined => tally.declined += 1,
            Outcome::Lapsed => tally.let_ring += 1,
            Outcome::Accepted | Outcome::Failed | Outcome::Withdrawn => {}
        }
    }

    /// Somebody has a contact from now on, and works on it.
    fn begin_turn(&mut self, number: u32, place: usize) {
        let now_ms = self.now_ms;
        let customers = &self.scenario.customers[usize::from(self.visits[number as usize].stream)];
        let visit = &mut self.visits[number as usize];
        visit.owner = Some((place, now_ms));
        visit.owners = visit.owners.saturating_add(1);
        visit.turn = visit.turn.wrapping_add(1);
        let turn = visit.turn;
        // By voice the history is not at hand: he tells it again.
        if visit.owners > 1 && visit.channel == ChannelKind::Phone {
            visit.repeats = visit.repeats.saturating_add(1);
        }
        self.expect_word(number, place);
        let visit = &mut self.visits[number as usize];
        let is_there = visit.ending == Ending::Open;
        if is_there {
            visit.answered_ms.get_or_insert(now_ms);
        }
        visit.over = visit
            .contact
            .and_then(|id| self.engine.contact(id))
            .map_or(visit.channel, |contact| contact.channel);
        let colleague = &mut self.people[place];
        let slower = 1.0 + colleague.manner.slower_each * f64::from(colleague.in_hand());
        colleague.takes(visit.over, now_ms);
        let manner = colleague.manner;
        if !is_there {
            self.queue
                .push(now_ms + FINDS_NOBODY_MS, Event::Finishes(number, turn));
            return;
        }
        let works_ms = (visit.demand_ms as f64 * slower / manner.speed).round() as i64;
        let chance_number = visit.chance_number.wrapping_mul(31) ^ u64::from(turn) << 56;
        let mut chance = Chance::new(self.seed, Subject::Response, chance_number);
        let (hands_on, forgets) = (
            chance.happens(manner.hands_on),
            chance.happens(manner.forgets_to_close),
        );
        if hands_on && visit.owners < OWNERS_MAX {
            self.queue
                .push(now_ms + works_ms / 3, Event::HandsOn(number, turn));
            return;
        }
        let forgets_ms = if forgets {
            i64::from(manner.forgets_for_s) * 1_000
        } else {
            0
        };
        let does_ms = self.expect_deeds(number, place, works_ms);
        let done_ms = now_ms + works_ms + forgets_ms + does_ms;
        self.visits[number as usize].done_ms = done_ms;
        self.queue.push(done_ms, Event::Finishes(number, turn));
        let lines = customers.messages as u16 * 2;
        for line in 0..lines {
            let at_ms = now_ms + works_ms * i64::from(line) / i64::from(lines);
            self.queue.push(at_ms, Event::Writes(number, turn, line));
        }
    }

    /// Whoever has the contact that leads an incident has a word for all of its customers soon.
    fn expect_word(&mut self, number: u32, place: usize) {
        let visit = &self.visits[number as usize];
        let Some(incident) = visit.leads else {
            return;
        };
        let key = Key::parse(&format!("word-{number}-{}", visit.turn)).expect("a key");
        let by = self.people[place].id.clone();
        let input = Input::IncidentWord {
            incident,
            key,
            kind: MessageKind::Text,
            by,
        };
        let at_ms = self.now_ms + WORD_AFTER_MS;
        self.queue.push(at_ms, Event::Tells(Box::new(input)));
    }

    /// Whoever had a contact has it no longer; what he did of it is done.
    fn leave_owner(&mut self, number: u32) {
        let now_ms = self.now_ms;
        let visit = &mut self.visits[number as usize];
        if let Some((place, since_ms)) = visit.owner.take() {
            let colleague = &mut self.people[place];
            colleague.is_done(visit.over, since_ms, now_ms);
            let done_ms = ((now_ms - since_ms) as f64 * colleague.manner.speed).round() as i64;
            visit.demand_ms = (visit.demand_ms - done_ms).max(LEFT_MS_MIN.min(visit.demand_ms));
        }
    }

    pub(super) fn finish(
        &mut self,
        number: u32,
        turn: u16,
        witness: &mut impl Witness,
    ) -> Result<(), Failure> {
        let visit = &self.visits[number as usize];
        let Some((contact, place)) = visit.held_in(turn) else {
            return Ok(());
        };
        let (channel, leads) = (visit.channel, visit.leads);
        self.praise(number, place, witness)?;
        let by = self.people[place].id.clone();
        if let Some(incident) = leads {
            let by = by.clone();
            self.tell(Input::IncidentClosed { incident, by }, witness)?;
        }
        let by = Author::Person(by);
        if let Some(input) = self.carry(channel, None, Input::Closed { contact, by }) {
            self.tell(input, witness)?;
        }
        Ok(())
    }

    pub(super) fn hand_on(
        &mut self,
        number: u32,
        turn: u16,
        witness: &mut impl Witness,
    ) -> Result<(), Failure> {
        let visit = &self.visits[number as usize];
        let Some((contact, place)) = visit.held_in(turn) else {
            return Ok(());
        };
        self.people[place].tally.handed_on += 1;
        let person = self.people[place].id.clone();
        self.tell(Input::Left { contact, person }, witness)?;
        Ok(())
    }
}
