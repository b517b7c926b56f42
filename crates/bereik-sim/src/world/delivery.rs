//! Channels: what the engine wants done is carried to people and customers, and their words to it,
//! with latency and with what goes wrong.

use bereik_core::acknowledgement::Acknowledgement;
use bereik_core::channel_kind::PerChannel;
use bereik_core::line::Line;
use bereik_core::offer::{Offer, Offered};
use bereik_core::{ChannelKind, ContactId};
use bereik_routing::{Effect, Input};

use super::World;
use super::event::Event;
use super::people::Sent;
use crate::fault::meets;
use crate::scenario::{FaultKind, Scenario, Spread};

/// Whoever told the engine something that was lost tells it again after so long.
const TOLD_AGAIN_AFTER_MS: i64 = 30_000;

/// How long each kind of channel takes, in seconds, where the scenario does not say.
const fn usual_latency_s(channel: ChannelKind) -> f64 {
    match channel {
        ChannelKind::WebChat | ChannelKind::Chat | ChannelKind::Meeting => 0.3,
        ChannelKind::Phone | ChannelKind::Voicemail => 2.0,
        _ => 10.0,
    }
}

pub(super) fn latencies(scenario: &Scenario) -> PerChannel<Spread> {
    PerChannel::from_fn(|channel| {
        let mut rows = scenario.delivery.iter();
        let row = rows.find(|row| row.channel == channel);
        row.map_or_else(
            || Spread::of_mean(usual_latency_s(channel)),
            |row| row.latency,
        )
    })
}

/// What becomes of something that is carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Carriage {
    is_lost: bool,
    is_doubled: bool,
    late_ms: i64,
}

impl World<'_> {
    fn carriage(&mut self, channel: ChannelKind, line: Option<&Line>) -> Carriage {
        let mut carriage = Carriage::default();
        if self.faults.0.is_empty() {
            return carriage;
        }
        let now = self.now();
        let chance = &mut self.carried;
        let faults = &self.faults;
        let of = |kind| {
            faults
                .at(kind, now)
                .filter(|fault| meets(fault, channel, line))
        };
        for fault in of(FaultKind::Lost) {
            carriage.is_lost |= chance.happens(fault.share);
        }
        for fault in of(FaultKind::Doubled) {
            carriage.is_doubled |= chance.happens(fault.share);
        }
        for fault in of(FaultKind::Late) {
            if chance.happens(fault.share) {
                carriage.late_ms += Spread::of_mean(fault.by_s as f64).draw_ms(chance);
            }
        }
        carriage
    }

    /// Carries something to the engine: it comes back where it is to be told at once.
    pub(super) fn carry(
        &mut self,
        channel: ChannelKind,
        line: Option<&Line>,
        input: Input,
    ) -> Option<Input> {
        let carriage = self.carriage(channel, line);
        if carriage == Carriage::default() {
            return Some(input);
        }
        let lost_ms = if carriage.is_lost {
            TOLD_AGAIN_AFTER_MS
        } else {
            0
        };
        let at_ms = self.now_ms + carriage.late_ms + lost_ms;
        if carriage.is_doubled {
            let again_ms = at_ms + self.latency_ms(channel);
            self.queue
                .push(again_ms, Event::Tells(Box::new(input.clone())));
        }
        self.queue.push(at_ms, Event::Tells(Box::new(input)));
        None
    }

    /// Carries out what the engine wants done.
    pub(super) fn carry_out(&mut self, effect: &Effect) {
        match effect {
            Effect::Acknowledge {
                contact,
                acknowledgement,
                ..
            } => {
                self.acknowledge(*contact, acknowledgement);
            }
            Effect::Forward { .. } | Effect::LookUp { .. } | Effect::Remind { .. } => {}
            Effect::Offer(offer) => self.send_offer(offer),
            Effect::Withdraw(offer) => {
                let latency_ms = self.latency_ms(offer.channel);
                let event = Event::Withdrawn(offer.id.number());
                self.queue.push(self.now_ms + latency_ms, event);
            }
        }
    }

    fn acknowledge(&mut self, contact: ContactId, word: &Acknowledgement) {
        let Some(number) = self.visit_of(contact) else {
            return;
        };
        let (channel, start, offset) = (
            self.visits[number as usize].channel,
            self.start,
            self.offset,
        );
        let carriage = self.carriage(channel, None);
        if carriage.is_lost || self.faults.is_channel_down(channel, self.now()) {
            return;
        }
        let heard_ms = self.now_ms + carriage.late_ms;
        let visit = &mut self.visits[number as usize];
        visit.heard_ms.get_or_insert(heard_ms);
        if let Acknowledgement::Asking { answer_by } | Acknowledgement::Waiting { answer_by, .. } =
            word
        {
            let by_ms = (*answer_by - offset - start).num_milliseconds();
            visit.promised_ms.get_or_insert(by_ms);
        }
    }

    fn send_offer(&mut self, offer: &Offer) {
        let to = match &offer.to {
            Offered::Person(id) => self.places.get(id).map(|place| (*place, None)),
            Offered::Line(id) => self.who_answers(id),
        };
        let at = usize::try_from(offer.id.number()).expect("a number of this machine");
        if self.sent.len() <= at {
            self.sent.resize_with(at + 1, || None);
        }
        let directory = self.directory;
        let now = self.now();
        let is_up = |line: &&Line| !self.faults.is_down(offer.channel, Some(line), now);
        let (line, is_down) = match &offer.to {
            Offered::Line(id) => {
                let line = directory.line(id).map(|(line, _)| line);
                (line, line.is_some_and(|line| !is_up(&line)))
            }
            Offered::Person(id) => {
                let lines = directory.person(id).map_or(&[][..], |person| &person.lines);
                let mut lines = lines
                    .iter()
                    .filter(|line| line.channel == offer.channel)
                    .peekable();
                let has_line = lines.peek().is_some();
                let line = lines.find(is_up);
                let is_down = self.faults.is_channel_down(offer.channel, now);
                (line, is_down || (has_line && line.is_none()))
            }
        };
        let carriage = self.carriage(offer.channel, line);
        let at_ms = self.now_ms + self.latency_ms(offer.channel) + carriage.late_ms;
        self.sent[at] = Some(Sent {
            contact: offer.contact,
            channel: offer.channel,
            to,
            is_person: matches!(offer.to, Offered::Person(_)),
        });
        if is_down {
            self.queue.push(at_ms, Event::Fails(offer.id.number()));
        } else if !carriage.is_lost {
            self.queue.push(at_ms, Event::Offered(offer.id.number()));
        }
    }
}
