//! What customers do: come, wait, write, give up, turn to another channel.

use bereik_core::address::Address;
use bereik_core::contact::{Addressee, Customer};
use bereik_core::id::Key;
use bereik_core::message::{Author, MessageKind};
use bereik_core::{ChannelKind, ContactId};
use bereik_routing::{Answer, Input, Opening};

use super::event::Event;
use super::visit::{Ending, Visit};
use super::{Failure, Witness, World};
use crate::scenario::Customers;
use crate::seed::{Chance, Subject};

impl World<'_> {
    pub(super) fn customers(&self, visit: u32) -> &Customers {
        &self.scenario.customers[usize::from(self.visits[visit as usize].stream)]
    }

    /// Puts the next arrival of a stream into the queue.
    pub(super) fn expect_next(&mut self, stream: usize) {
        let next = self.arrivals[stream].as_mut().and_then(Iterator::next);
        let next_ms = next.map(|at| self.ms_of(at)).filter(|ms| *ms < self.end_ms);
        match next_ms {
            Some(ms) => self.queue.push(ms, Event::Arrives(stream as u16)),
            None => self.arrivals[stream] = None,
        }
    }

    pub(super) fn expect_bursts(&mut self, stream: usize) {
        let zone = self.directory.zone();
        for (burst, number) in self.scenario.customers[stream].burst.iter().zip(1u64..) {
            let from_ms = self.ms_of(burst.at.in_zone(zone));
            let number = (stream as u64) << 32 | number;
            let mut chance = Chance::new(self.seed, Subject::Arrivals, number);
            for _ in 0..burst.contacts {
                let within_ms = f64::from(burst.within_s) * 1_000.0 * chance.unit();
                let at_ms = from_ms + within_ms as i64;
                if (0..self.end_ms).contains(&at_ms) {
                    self.queue.push(at_ms, Event::Bursts(stream as u16));
                }
            }
        }
    }

    /// A customer comes. All that he is like is drawn from a stream of his own.
    pub(super) fn arrive(&mut self, stream: usize) {
        let customers = &self.scenario.customers[stream];
        let chance_number = (stream as u64) << 40 | self.came[stream];
        self.came[stream] += 1;
        let mut chance = Chance::new(self.seed, Subject::Customer, chance_number);
        let demand_ms = customers.handling.draw_ms(&mut chance);
        let patience_ms = customers
            .patience
            .map(|patience| patience.draw_ms(&mut chance));
        let silent = chance.happens(customers.leaves_silently);
        let second_after_ms = customers.second.as_ref().and_then(|second| {
            let (turns, after_ms) = (
                chance.happens(second.share),
                second.after.draw_ms(&mut chance),
            );
            turns.then_some(after_ms)
        });
        let visit = self.come(Visit {
            stream: stream as u16,
            channel: customers.channel,
            urgency: customers.urgency,
            came_ms: self.now_ms,
            contact: None,
            heard_ms: None,
            answered_ms: None,
            promised_ms: None,
            predicted: None,
            ended_ms: None,
            ending: Ending::Open,
            owners: 0,
            repeats: 0,
            before: None,
            leads: None,
            chance_number,
            demand_ms,
            // Whoever hangs up is heard to.
            silent: silent && customers.channel != ChannelKind::Phone,
            second_after_ms,
            owner: None,
            over: customers.channel,
            helpers: Vec::new(),
            quiet_until_ms: 0,
            done_ms: 0,
            turn: 0,
        });
        self.expect_wandering(visit);
        if let Some(patience_ms) = patience_ms {
            self.queue
                .push(self.now_ms + patience_ms, Event::GivesUp(visit));
        }
    }

    fn come(&mut self, visit: Visit) -> u32 {
        let number = u32::try_from(self.visits.len()).expect("fewer than 4 billion visits");
        let latency_ms = self.latency_ms(visit.channel);
        self.visits.push(visit);
        self.open += 1;
        self.queue
            .push(self.now_ms + latency_ms, Event::Knocks(number));
        number
    }

    /// A customer's request reaches the engine, if a line carries it.
    pub(super) fn knock(&mut self, number: u32, witness: &mut impl Witness) -> Result<(), Failure> {
        if self.visits[number as usize].ending != Ending::Open {
            return Ok(());
        }
        let customers = self.customers(number);
        let channel = self.visits[number as usize].channel;
        let lines = customers
            .lines
            .iter()
            .filter_map(|id| self.directory.line(id));
        let mut lines = lines
            .map(|(line, _)| line)
            .filter(|line| line.channel == channel)
            .peekable();
        let now = self.now();
        let is_named = lines.peek().is_some();
        let line = lines.find(|line| !self.faults.is_down(channel, Some(line), now));
        if self.faults.is_channel_down(channel, now) || (is_named && line.is_none()) {
            self.end_visit(number, Ending::TurnedAway);
            self.perhaps_turn(number);
            return Ok(());
        }
        let opening = self.opening(number);
        let Some(input) = self.carry(channel, line, Input::Opened(Box::new(opening))) else {
            return Ok(());
        };
        self.tell(input, witness)?;
        Ok(())
    }

    fn opening(&self, number: u32) -> Opening {
        let visit = &self.visits[number as usize];
        let customers = self.customers(number);
        let key = Key::parse(&format!("visit-{number}")).expect("a key");
        let mut opening = Opening::new(key, self.who(visit, customers), visit.channel);
        opening.addressee = match (&customers.group, &customers.person) {
            (Some(group), _) => Some(Addressee::Group(group.clone())),
            (None, Some(person)) => Some(Addressee::Person(person.clone())),
            (None, None) => None,
        };
        opening.page.clone_from(&customers.page);
        opening.urgency = visit.urgency;
        opening.need.clone_from(&customers.need);
        opening
    }

    /// A customer who may come again has an address by which he is known.
    fn who(&self, visit: &Visit, customers: &Customers) -> Customer {
        let mut customer = Customer::default();
        let returns = customers.second.is_some() || customers.also.is_some();
        if customers.pool == 0 && !returns {
            return customer;
        }
        let mut number = visit.chance_number;
        if customers.pool > 0 {
            let mut chance = Chance::new(self.seed, Subject::Customer, number | 1 << 63);
            number = (u64::from(visit.stream) << 40) | (chance.bits() % u64::from(customers.pool));
        }
        let mail: Address = format!("customer-{number}@example.org")
            .parse()
            .expect("an address");
        customer.addresses.push(mail);
        customer
    }

    /// What the engine answered to an opening, whenever it came.
    pub(super) fn is_opened(&mut self, number: u32, contact: ContactId) {
        let at = usize::try_from(contact.number()).expect("a number of this machine");
        if self.of_contact.len() <= at {
            self.of_contact.resize(at + 1, None);
        }
        self.visits[number as usize].contact = Some(contact);
        match self.of_contact[at] {
            None => self.of_contact[at] = Some(number),
            Some(first) if first != number => self.join(first, number),
            Some(_) => {}
        }
    }

    /// The engine knew the customer again: his first visit goes on.
    fn join(&mut self, first: u32, number: u32) {
        self.end_visit(number, Ending::Joined);
        let visit = &mut self.visits[first as usize];
        if matches!(visit.ending, Ending::GaveUp | Ending::LeftSilently) {
            (visit.ending, visit.ended_ms) = (Ending::Open, None);
            self.open += 1;
        }
    }

    pub(super) fn give_up(
        &mut self,
        number: u32,
        witness: &mut impl Witness,
    ) -> Result<(), Failure> {
        let visit = &self.visits[number as usize];
        if visit.ending != Ending::Open || visit.answered_ms.is_some() {
            return Ok(());
        }
        let (channel, contact, silent) = (visit.channel, visit.contact, visit.silent);
        self.perhaps_turn(number);
        if silent {
            self.end_visit(number, Ending::LeftSilently);
            return Ok(());
        }
        self.end_visit(number, Ending::GaveUp);
        if let Some(contact) = contact {
            let input = Input::CustomerLeft { contact };
            if let Some(input) = self.carry(channel, None, input) {
                self.tell(input, witness)?;
            }
        }
        Ok(())
    }

    fn perhaps_turn(&mut self, number: u32) {
        if let Some(after_ms) = self.visits[number as usize].second_after_ms {
            self.queue
                .push(self.now_ms + after_ms, Event::Turns(number));
        }
    }

    /// A customer turns to his second channel and tells his question anew.
    pub(super) fn turn(&mut self, number: u32) {
        let Some(second) = &self.customers(number).second else {
            return;
        };
        let channel = second.channel;
        let before = &self.visits[number as usize];
        if self.now_ms >= self.end_ms || before.answered_ms.is_some() {
            return;
        }
        self.come_again(number, channel);
    }

    /// The same customer comes over another channel, and is known there.
    pub(super) fn come_again(&mut self, number: u32, channel: ChannelKind) {
        let before = &self.visits[number as usize];
        let visit = Visit {
            channel,
            came_ms: self.now_ms,
            contact: None,
            heard_ms: None,
            promised_ms: None,
            predicted: None,
            ended_ms: None,
            ending: Ending::Open,
            repeats: 1,
            before: Some(number),
            leads: None,
            second_after_ms: None,
            owner: None,
            over: channel,
            helpers: Vec::new(),
            ..before.clone()
        };
        self.come(visit);
    }

    pub(super) fn end_visit(&mut self, number: u32, ending: Ending) {
        let now_ms = self.now_ms;
        let visit = &mut self.visits[number as usize];
        if visit.ending == Ending::Open {
            (visit.ending, visit.ended_ms) = (ending, Some(now_ms));
            self.open -= 1;
        }
    }

    /// A line of the conversation is written, while its owner's turn lasts.
    pub(super) fn write(
        &mut self,
        number: u32,
        turn: u16,
        line: u16,
        witness: &mut impl Witness,
    ) -> Result<(), Failure> {
        let visit = &self.visits[number as usize];
        let (Some(contact), Some((owner, _))) = (visit.contact, visit.owner) else {
            return Ok(());
        };
        let is_owners = line % 2 == 1;
        if is_owners && self.now_ms < visit.quiet_until_ms {
            let at_ms = visit.quiet_until_ms;
            if at_ms < i64::MAX {
                self.queue.push(at_ms, Event::Writes(number, turn, line));
            }
            return Ok(());
        }
        if visit.turn != turn || (!is_owners && visit.ending != Ending::Open) {
            return Ok(());
        }
        let author = match is_owners {
            true => Author::Person(self.people[owner].id.clone()),
            false => Author::Customer,
        };
        let key = Key::parse(&format!("visit-{number}-{turn}-{line}")).expect("a key");
        let channel = visit.channel;
        let input = Input::Said {
            contact,
            key,
            author,
            kind: MessageKind::Text,
        };
        if let Some(input) = self.carry(channel, None, input) {
            self.tell(input, witness)?;
        }
        Ok(())
    }

    /// Takes what the engine answered to the opening of a visit.
    pub(super) fn hear_answer(&mut self, number: u32, answer: &Answer) {
        match answer {
            Answer::Opened(contact) => self.is_opened(number, *contact),
            _ => self.end_visit(number, Ending::TurnedAway),
        }
    }
}

/// The visit of which an input is the opening.
pub(super) fn opened_by(input: &Input) -> Option<u32> {
    let Input::Opened(opening) = input else {
        return None;
    };
    opening.key.as_str().strip_prefix("visit-")?.parse().ok()
}
