//! The same conversation over another channel: from chat to phone, and back when the call fails.

use bereik_core::address::Address;
use bereik_core::entry::Fact;
use bereik_core::id::{ContactId, LineId};
use bereik_core::message::Author;
use bereik_core::{Acknowledgement, ChannelKind};

use crate::answer::{Answer, Refusal};
use crate::contact_state::Takes;
use crate::deadline::Timer;
use crate::state::State;

impl State {
    pub(super) fn hand_over(
        &mut self,
        id: ContactId,
        channel: ChannelKind,
        address: Option<Address>,
        line: Option<LineId>,
        by: Author,
    ) -> Answer {
        let contact = self.held(id);
        let is_strange =
            matches!(&by, Author::Person(person) if !contact.participants.contains(person));
        if !contact.state.is_open() {
            return Answer::Refused(Refusal::ContactClosed);
        }
        let Some(owner) = contact.owner().cloned() else {
            return Answer::Refused(Refusal::NobodyHasIt);
        };
        if is_strange {
            return Answer::Refused(Refusal::NotAParticipant);
        }
        if contact.channel == channel {
            return self.late(id, None, by);
        }
        if !self.all_can_move(id, channel) {
            return Answer::Refused(Refusal::AtCapacity);
        }
        self.move_to(id, channel, line.clone());
        self.enter(
            id,
            Fact::HandedOver {
                channel,
                address,
                line,
                by,
            },
        );
        let person = owner;
        self.say(id, Acknowledgement::GoesOnOver { channel, person });
        self.after_move(id);
        Answer::Done
    }

    /// Whether every participant could hold the contact over this channel, once it is not held over
    /// the one in use.
    fn all_can_move(&mut self, id: ContactId, channel: ChannelKind) -> bool {
        let contact = self.held(id);
        let (was, participants) = (contact.channel, contact.participants.clone());
        participants.iter().all(|person| {
            self.standing(person).held[was] -= 1;
            let has_hand_free = self.has_hand_free(person, channel);
            self.standing(person).held[was] += 1;
            has_hand_free
        })
    }

    /// What people hold and are offered of a contact is of another kind from now on.
    fn move_to(&mut self, id: ContactId, channel: ChannelKind, line: Option<LineId>) {
        let now = self.now;
        let contact = self.change(id);
        let was = std::mem::replace(&mut contact.channel, channel);
        contact.use_leg(was, None, now);
        contact.use_leg(channel, line, now);
        let participants = contact.participants.clone();
        let offers = contact.offers.values();
        let asked: Vec<_> = offers
            .filter(|live| live.takes == Takes::Contact)
            .filter_map(|live| live.reserves.clone())
            .collect();
        for person in participants {
            let held = &mut self.standing(&person).held;
            held[was] -= 1;
            held[channel] += 1;
            self.changed(&person);
            self.gained.note(person);
        }
        for person in asked {
            let offered = &mut self.standing(&person).offered;
            offered[was] -= 1;
            offered[channel] += 1;
            self.changed(&person);
            self.gained.note(person);
        }
    }

    fn after_move(&mut self, id: ContactId) {
        let contact = self.held(id);
        let asked = contact.offers.values();
        let asked: Vec<_> = asked.filter_map(|live| live.reserves.clone()).collect();
        let participants = contact.participants.clone();
        for person in participants.iter().chain(&asked) {
            self.fit(person);
        }
        self.deadlines.disarm(id, Timer::OwnerAway);
        self.watch_owner(id);
        self.attend(id);
    }

    /// A contact that was closed after a call, and is taken up again, is so where one writes. Nobody
    /// holds it at this instant.
    pub(super) fn go_back_to_writing(&mut self, id: ContactId) {
        let contact = self.held(id);
        let channel = contact.channel_of_words();
        if contact.channel == channel {
            return;
        }
        self.change(id).channel = channel;
        self.enter(
            id,
            Fact::HandedOver {
                channel,
                address: None,
                line: None,
                by: Author::Software,
            },
        );
    }

    /// The channel to which a conversation was handed over did not carry it.
    pub(super) fn fail_hand_over(&mut self, id: ContactId, channel: ChannelKind) -> Answer {
        let contact = self.held(id);
        let before = contact.legs.iter().filter(|leg| leg.channel != channel);
        let before = before.max_by_key(|leg| leg.last_used_at);
        let back_over = before.map(|leg| leg.channel);
        let has_it = contact.state.is_open() && !contact.participants.is_empty();
        let Some(back_over) = back_over.filter(|_| has_it && contact.channel == channel) else {
            return self.late(id, None, Author::Software);
        };
        self.move_to(id, back_over, None);
        self.enter(id, Fact::HandOverFailed { channel, back_over });
        self.say(id, Acknowledgement::BackOver(back_over));
        self.after_move(id);
        Answer::Done
    }
}
