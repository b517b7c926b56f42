//! People come and go, and the directory changes: what that does to offers and owners.

use bereik_core::ChannelKind;
use bereik_core::contact::Addressee;
use bereik_core::directory::Directory;
use bereik_core::hands::AtOnce;
use bereik_core::id::{ContactId, OfferId, PersonId};
use bereik_core::message::Author;
use bereik_core::offer::{Offered, Outcome, RequestKind};
use bereik_core::reachability::{Reach, ReachReason, ReachabilityRow};

use crate::answer::{Answer, Refusal};
use crate::contact_state::{Contact, LiveOffer, Way};
use crate::deadline::Timer;
use crate::state::State;
use crate::target::later;

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
        self.hands_kept.forget();
        self.changed(person);
        self.withdraw_unreachable(person);
        self.offers_count_anew(person);
        let came = ChannelKind::ALL.into_iter().any(|channel| {
            let reach = row[channel].reach;
            reach != was[channel].reach
                && matches!(reach, Reach::Now | Reach::Unknown | Reach::OnCall)
        });
        if came {
            self.gained.note(person.clone());
        }
        self.watch_owned_by(person, &was);
        Answer::Done
    }

    /// Whether somebody is asked for a contact at all depends on whether he is there.
    fn offers_count_anew(&mut self, person: &PersonId) {
        let offers = self.people.get(person).into_iter();
        let offers = offers.flat_map(|standing| &standing.offers);
        for contact in offers.filter_map(|offer| self.offers.get(offer)) {
            self.turns.moves(*contact);
        }
    }

    /// Takes back the offers to somebody whom they cannot reach any longer.
    fn withdraw_unreachable(&mut self, person: &PersonId) {
        let offers = self.people.get(person).into_iter();
        let mut gone: Vec<(ContactId, OfferId)> = offers
            .flat_map(|standing| &standing.offers)
            .filter_map(|offer| {
                let contact = self.held(*self.offers.get(offer)?);
                let live = contact.offers.get(offer)?;
                let is_gone = !self.still_reaches(contact, live, person);
                is_gone.then_some((contact.id, *offer))
            })
            .collect();
        gone.sort_unstable();
        for (contact, offer) in gone {
            self.end_offer(contact, offer, Outcome::Withdrawn);
        }
    }

    /// Whether the person can still be reached with what he was offered.
    fn still_reaches(&self, contact: &Contact, live: &LiveOffer, person: &PersonId) -> bool {
        match self.reachability(person, live.offer.channel).reach {
            Reach::Now | Reach::Unknown => true,
            Reach::OnCall => matches!(live.way, Way::Help | Way::Level) || contact.is_calamity(),
            Reach::From(_) | Reach::Never => false,
        }
    }

    fn watch_owned_by(&mut self, person: &PersonId, was: &ReachabilityRow) {
        let held = self.people.get(person).into_iter();
        let owned: Vec<(ContactId, ChannelKind)> = held
            .flat_map(|standing| &standing.contacts)
            .map(|id| self.held(*id))
            .filter(|contact| contact.owner() == Some(person))
            .map(|contact| (contact.id, contact.channel))
            .collect();
        for (id, channel) in owned {
            let (on, before) = (self.reachability(person, channel), was[channel]);
            if !is_away(on.reach, on.reason) {
                self.owner_is_back(id);
            } else if !is_away(before.reach, before.reason) {
                self.watch_owner(id);
                self.owner_is_missed(id);
                self.ask_participants(id);
            }
        }
    }

    /// He has the contact still, and nobody else needs to take it over.
    fn owner_is_back(&mut self, id: ContactId) {
        self.deadlines.disarm(id, Timer::OwnerAway);
        self.withdraw_requests(id, |request| {
            request.kind == RequestKind::Transfer && request.by == Author::Software
        });
    }

    /// Whether this is what happens at once to a contact, because its owner is away now.
    fn is_away_with(&self, contact: &Contact, at_once: AtOnce) -> bool {
        let rule = self.directory.owner_away_of(self.group_of(contact));
        let is_ruled = rule.at_once == at_once && contact.channel.is_live();
        contact.owner().filter(|_| is_ruled).is_some_and(|owner| {
            let on = self.reachability(owner, contact.channel);
            is_away(on.reach, on.reason)
        })
    }

    /// The customer waits and the owner is away: where the rule says so, somebody else is asked at
    /// once.
    pub(super) fn owner_is_missed(&mut self, id: ContactId) {
        let contact = self.held(id);
        let waits = contact.state.is_open() && contact.is_unanswered();
        if waits && self.is_away_with(contact, AtOnce::RerouteWaiting) {
            for person in contact.participants.clone() {
                if self.is_away_with(self.held(id), AtOnce::RerouteWaiting) {
                    self.take_out(id, &person);
                }
            }
        }
    }

    /// The owner is away: where the rule says so, the other participants who are there are asked to
    /// take the contact over. The first to accept has it.
    fn ask_participants(&mut self, id: ContactId) {
        let contact = self.held(id);
        if !contact.state.is_open() || !self.is_away_with(contact, AtOnce::AskParticipants) {
            return;
        }
        for person in contact.participants.clone().into_iter().skip(1) {
            let contact = self.held(id);
            let is_asked = contact.has_offer_to(&person);
            if !is_asked && self.is_reachable_now(&person, contact.channel) {
                let whom = Addressee::Person(person);
                let kind = RequestKind::Transfer;
                self.request(id, kind, whom, Vec::new(), Author::Software);
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
            let rule = self.directory.owner_away_of(self.group_of(contact));
            let seconds = if contact.channel.is_live() {
                rule.live_for_s
            } else {
                rule.for_s
            };
            let at = later(self.now, seconds.into());
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
        self.directory = self.communities.complete(directory);
        let directory = &self.directory;
        self.praises
            .keep(|person| directory.person(person).is_some());
        self.pulses.keep(|group| directory.group(group).is_some());
        self.hands_kept.forget();
        self.know_members();
        self.reset_turns();
        let open = self.contacts.values().filter(|c| c.state.is_open());
        let open: Vec<ContactId> = open.map(|contact| contact.id).collect();
        for id in open {
            self.find_addressee(id);
            self.take_out_unknown(id);
            self.withdraw_unknown(id);
            self.work.note(id);
        }
        let directory = &self.directory;
        self.observed
            .keep_groups(|group| directory.group(group).is_some());
        let is_known = |person: &PersonId| self.directory.person(person).is_some();
        let (known, gone): (Vec<_>, Vec<_>) = self
            .people
            .keys()
            .cloned()
            .partition(|person| is_known(person));
        for person in gone {
            let standing = self.people.get(&person);
            if let Some(wrap_up) = standing.and_then(|standing| standing.wrap_up) {
                self.wrap_ups.remove(&(wrap_up.until, person.clone()));
            }
            self.gained.forget(&person);
        }
        let directory = &self.directory;
        self.people
            .retain(|person, _| directory.person(person).is_some());
        self.find_standings();
        for person in known {
            self.fit(&person);
        }
        Answer::Done
    }

    /// Takes out whoever is gone from the directory, the owner last, so that nobody who is gone
    /// becomes owner.
    fn take_out_unknown(&mut self, id: ContactId) {
        let consulted = self.held(id).colleagues.consulted.keys();
        let consulted: Vec<PersonId> = consulted.cloned().collect();
        for person in consulted {
            if self.directory.person(&person).is_none() {
                self.end_consult(id, &person);
            }
        }
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
        let offers = self.held(id).offers.values().map(AsRef::as_ref);
        let offers = offers.filter(unknown);
        let offers: Vec<OfferId> = offers.map(|live| live.offer.id).collect();
        for offer in offers {
            self.end_offer(id, offer, Outcome::Withdrawn);
        }
    }
}
