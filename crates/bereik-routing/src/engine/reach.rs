//! People come and go, and the directory changes: what that does to offers and owners.

use bereik_core::ChannelKind;
use bereik_core::directory::Directory;
use bereik_core::id::{ContactId, OfferId, PersonId};
use bereik_core::offer::{Offered, Outcome};
use bereik_core::reachability::{Reach, ReachReason, ReachabilityRow};

use crate::answer::{Answer, Refusal};
use crate::contact_state::{Contact, LiveOffer, Way};
use crate::deadline::Timer;
use crate::state::State;
use crate::target::later;

/// An owner who went off duty, or left his desk, keeps a conversation over a live channel for so
/// many seconds, unless he says something: a quarter of an hour.
const OWNER_AWAY_LIVE_FOR_S: i64 = 900;
/// The same over a channel that can wait: three days.
const OWNER_AWAY_FOR_S: i64 = 3 * 86_400;

fn is_now_anywhere(row: &ReachabilityRow) -> bool {
    row.iter().any(|(_, on)| on.reach == Reach::Now)
}

/// Whether somebody is away rather than occupied for a while.
const fn is_away(reach: Reach, reason: ReachReason) -> bool {
    let is_off = matches!(
        reason,
        ReachReason::NoDesk | ReachReason::OffDuty | ReachReason::OnCall | ReachReason::OutOfOffice
    );
    is_off && !matches!(reach, Reach::Now)
}

impl State {
    pub(super) fn take_row(&mut self, person: &PersonId, row: ReachabilityRow) -> Answer {
        if self.directory.person(person).is_none() {
            return Answer::Refused(Refusal::UnknownPerson);
        }
        let now = self.now;
        let standing = self.standing(person);
        if standing.row == row {
            return Answer::Done;
        }
        if !is_now_anywhere(&standing.row) && is_now_anywhere(&row) {
            standing.idle_since = now;
        }
        let was = std::mem::replace(&mut standing.row, row);
        self.changed(person);
        self.withdraw_unreachable(person);
        let came = ChannelKind::ALL.into_iter().any(|channel| {
            let reach = row[channel].reach;
            reach != was[channel].reach
                && matches!(reach, Reach::Now | Reach::Unknown | Reach::OnCall)
        });
        if came {
            self.gained.insert(person.clone());
        }
        self.watch_owned_by(person, &was);
        Answer::Done
    }

    /// Takes back the offers to somebody whom they cannot reach any longer.
    fn withdraw_unreachable(&mut self, person: &PersonId) {
        let offers = self.at_hand.offers_of(person).to_vec();
        let mut gone = Vec::new();
        for (contact, offer) in offers {
            self.turns.moves(contact);
            let held = self.held(contact);
            let live = held.offers.get(&offer);
            if live.is_some_and(|live| !self.still_reaches(held, live, person)) {
                gone.push((contact, offer));
            }
        }
        gone.sort_unstable();
        for (contact, offer) in gone {
            self.end_offer(contact, offer, Outcome::Withdrawn);
        }
    }

    /// Whether the person can still be reached with what he was offered.
    fn still_reaches(&self, contact: &Contact, live: &LiveOffer, person: &PersonId) -> bool {
        match self.reachability(person, live.offer.channel).reach {
            Reach::Now | Reach::Unknown => true,
            Reach::OnCall => live.way == Way::Level || contact.is_calamity(),
            Reach::From(_) | Reach::Never => false,
        }
    }

    fn watch_owned_by(&mut self, person: &PersonId, was: &ReachabilityRow) {
        let held = self.at_hand.contacts_of(person).iter();
        let owned = held
            .map(|id| self.held(*id))
            .filter(|contact| contact.owner() == Some(person));
        let owned: Vec<(ContactId, ChannelKind)> = owned.map(|c| (c.id, c.channel)).collect();
        for (id, channel) in owned {
            let (on, before) = (self.reachability(person, channel), was[channel]);
            if !is_away(on.reach, on.reason) {
                self.deadlines.disarm(id, Timer::OwnerAway);
            } else if !is_away(before.reach, before.reason) {
                self.watch_owner(id);
            }
        }
    }

    /// Arms the deadline at which an owner who is away loses a contact.
    pub(super) fn watch_owner(&mut self, id: ContactId) {
        let contact = self.held(id);
        let Some(owner) = contact.owner() else {
            return;
        };
        let on = self.reachability(owner, contact.channel);
        if is_away(on.reach, on.reason) {
            let seconds = if contact.channel.is_live() {
                OWNER_AWAY_LIVE_FOR_S
            } else {
                OWNER_AWAY_FOR_S
            };
            let at = later(self.now, seconds);
            self.deadlines.arm(id, Timer::OwnerAway, at);
        }
    }

    /// The owner was away for too long: the next participant has the contact, or it is routed
    /// again.
    pub(super) fn owner_stays_away(&mut self, id: ContactId) {
        let contact = self.held(id);
        if let Some(owner) = contact.owner().cloned() {
            let on = self.reachability(&owner, contact.channel);
            if is_away(on.reach, on.reason) {
                self.take_out(id, &owner);
            }
        }
    }

    pub(super) fn replace_directory(&mut self, directory: Directory) -> Answer {
        self.directory = directory;
        self.reset_turns();
        let open = self.contacts.values().filter(|c| c.state.is_open());
        let open: Vec<ContactId> = open.map(|contact| contact.id).collect();
        for id in open {
            self.find_addressee(id);
            self.take_out_unknown(id);
            self.withdraw_unknown(id);
            self.work.insert(id);
        }
        let is_known = |person: &PersonId| self.directory.person(person).is_some();
        let (known, gone): (Vec<_>, Vec<_>) = self
            .people
            .keys()
            .cloned()
            .partition(|person| is_known(person));
        for person in gone {
            self.people.remove(&person);
            self.gained.remove(&person);
        }
        for person in known {
            self.fit(&person);
        }
        Answer::Done
    }

    /// Takes out whoever is gone from the directory, the owner last, so that nobody who is gone
    /// becomes owner.
    fn take_out_unknown(&mut self, id: ContactId) {
        for person in self.held(id).participants.clone().into_iter().rev() {
            if self.directory.person(&person).is_none() {
                self.take_out(id, &person);
            }
        }
    }

    fn withdraw_unknown(&mut self, id: ContactId) {
        let unknown = |live: &&LiveOffer| match &live.offer.to {
            Offered::Line(line) => self.directory.line(line).is_none(),
            Offered::Person(person) => self.directory.person(person).is_none(),
        };
        let offers = self.held(id).offers.values().filter(unknown);
        let offers: Vec<OfferId> = offers.map(|live| live.offer.id).collect();
        for offer in offers {
            self.end_offer(id, offer, Outcome::Withdrawn);
        }
    }
}
