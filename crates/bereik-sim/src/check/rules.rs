//! The invariants one by one, as they are held against an entry or against a contact.

use std::collections::BTreeMap;

use bereik_core::acknowledgement::{Acknowledgement, PromiseKind};
use bereik_core::agreement::{Agreement, Target};
use bereik_core::contact::{Addressee, ContactState};
use bereik_core::entry::{Entry, Fact};
use bereik_core::offer::{Offer, OfferRole, Offered, Outcome};
use bereik_core::reachability::Reach;
use bereik_core::{ContactId, PersonId, Urgency};
use chrono::TimeDelta;

use super::Checks;
use super::ledger::Kept;
use crate::world::Step;

/// Somebody who was promised to be back has so many seconds of grace.
const GRACE_S: i64 = 30;
/// Somebody who was promised a call has so many.
const GRACE_CALL_BACK_S: i64 = 120;

type Checked = Result<(), String>;

impl Checks {
    /// What can only be seen before an entry is taken down.
    pub(super) fn check_before(&mut self, step: &Step<'_>, entry: &Entry) -> Checked {
        let Some(kept) = self.ledger.contacts.get(&entry.contact) else {
            let is_first = matches!(entry.fact, Fact::Opened { .. });
            let unknown = || Err(format!("{} was never opened", entry.contact));
            return if is_first { Ok(()) } else { unknown() };
        };
        match &entry.fact {
            Fact::CircleWidened { circle } if *circle <= kept.circle => Err(format!(
                "invariant 10: {} goes back to circle {circle}",
                entry.contact
            )),
            Fact::Abandoned { .. } | Fact::Closed { .. } if !kept.is_open => {
                Err(format!("{} closes twice", entry.contact))
            }
            Fact::Offered { offer } => self.check_offer(step, kept, entry, offer),
            Fact::OfferEnded { offer, outcome } => {
                let Some(until) = kept.offers.get(offer).map(|offer| offer.until) else {
                    return Err(format!("invariant 3: {offer} ends twice"));
                };
                self.leases.remove(&(until, *offer));
                let in_time = match outcome {
                    Outcome::Lapsed => entry.at >= until,
                    _ => entry.at < until,
                };
                let late = || {
                    Err(format!(
                        "invariant 5: {offer}, until {until}, {outcome:?} at {}",
                        entry.at
                    ))
                };
                if in_time { Ok(()) } else { late() }
            }
            Fact::Acknowledged { acknowledgement } => check_news(kept, entry, acknowledgement),
            _ => Ok(()),
        }
    }

    /// Invariants 4, 6 and 9 for an offer that is made.
    fn check_offer(&self, step: &Step<'_>, kept: &Kept, entry: &Entry, offer: &Offer) -> Checked {
        let Offered::Person(person) = &offer.to else {
            return Ok(());
        };
        let at_level = kept.level_at == Some(entry.at);
        let reach = self.ledger.reach(person, offer.channel);
        let is_fit = match reach {
            Reach::Now => true,
            Reach::OnCall => at_level || kept.urgency == Urgency::Calamity,
            Reach::Unknown => self.first_certain(kept).is_none(),
            Reach::From(_) | Reach::Never => false,
        };
        if !is_fit {
            return Err(format!(
                "invariant 6: {} is put to {person}, who is {reach:?}",
                offer.id
            ));
        }
        let interrupts = self
            .ledger
            .directory
            .draft()
            .hands
            .calamity_interrupts_wrap_up;
        let is_urgent = kept.urgency == Urgency::Calamity && interrupts;
        if kept.takes_hand(offer)
            && kept.channel.is_live()
            && !is_urgent
            && self.ledger.wrapping_up.contains(person)
        {
            return Err(format!("invariant 6: {person} wraps up and is asked"));
        }
        let capacity = self.ledger.capacity(person, kept.channel);
        if offer.role == OfferRole::Consultant {
            return self.check_consult(person);
        }
        if kept.takes_hand(offer) && self.ledger.in_hand(person, kept.channel) >= capacity {
            return Err(format!(
                "invariant 4: {person} is offered more than {capacity}"
            ));
        }
        self.check_turn(step, kept, entry, offer, person)
    }

    /// Invariant 4 for somebody who is asked to be consulted.
    fn check_consult(&self, person: &PersonId) -> Checked {
        let count = |counts: &BTreeMap<PersonId, u32>| counts.get(person).copied().unwrap_or(0);
        let consults = count(&self.ledger.consults) + count(&self.ledger.consults_offered);
        let directory = &self.ledger.directory;
        let most = directory
            .person(person)
            .map(|person| directory.consults_of(person));
        if most.is_some_and(|most| consults < u32::from(most)) {
            return Ok(());
        }
        Err(format!(
            "invariant 4: {person} is asked for advice beyond {most:?}"
        ))
    }

    /// A member of the group who certainly is there, was never asked and has a hand free.
    fn first_certain(&self, kept: &Kept) -> Option<&PersonId> {
        let Addressee::Group(group) = &kept.addressee else {
            return None;
        };
        let members = self.ledger.directory.members_of(group);
        members.iter().find(|person| {
            let capacity = self.ledger.capacity(person, kept.channel);
            !kept.has_requirements
                && self.ledger.reach(person, kept.channel) == Reach::Now
                && !kept.asked.contains(*person)
                && capacity > 0
                && self.ledger.is_idle(person)
        })
    }

    /// Invariant 9: nobody is asked for a later contact while an equal earlier one, of which
    /// nobody was asked yet, waits for him too.
    fn check_turn(
        &self,
        step: &Step<'_>,
        later: &Kept,
        entry: &Entry,
        offer: &Offer,
        person: &PersonId,
    ) -> Checked {
        let at_level = later.level_at == Some(entry.at);
        if offer.role != OfferRole::Owner || at_level || !later.is_plain || later.has_requirements {
            return Ok(());
        }
        let class = super::ledger::Ledger::class(later);
        for id in self.ledger.open.range(..entry.contact) {
            let earlier = &self.ledger.contacts[id];
            let is_equal = earlier.is_waiting()
                && earlier.is_plain
                && !earlier.has_requirements
                && earlier.is_breached == later.is_breached
                && earlier.circle >= later.circle
                && earlier.since < later.since
                && super::ledger::Ledger::class(earlier) == class;
            let is_free = earlier.offers.is_empty() && earlier.asked.is_empty();
            // At the very instant at which its answer is due it is overdue, and about to be told so.
            let is_due_now = || {
                step.outputs.iter().any(|output| {
                    matches!(output, bereik_routing::Output::Entry(other)
                    if other.contact == *id && matches!(other.fact, Fact::Breached { .. }))
                })
            };
            if is_equal && is_free && !is_due_now() {
                return Err(format!(
                    "invariant 9: {person} is asked for {} before {id}",
                    entry.contact
                ));
            }
        }
        Ok(())
    }

    /// What can be seen when an entry is taken down.
    pub(super) fn check_entry(&mut self, step: &Step<'_>, entry: &Entry) -> Checked {
        let kept = &self.ledger.contacts[&entry.contact];
        let target = self.target(kept);
        match &entry.fact {
            Fact::Opened { .. } | Fact::Reopened { .. } => {
                let by = entry.at + TimeDelta::seconds(target.acknowledge_for_s.into());
                self.untold.insert(entry.contact, by);
                if kept.urgency == Urgency::Calamity {
                    let half =
                        entry.at + TimeDelta::milliseconds(i64::from(target.answer_for_s) * 500);
                    self.halves.insert((half, entry.contact));
                }
            }
            Fact::ConsultBegan { person } | Fact::Joined { person } => {
                if let Some(why) = self.ledger.holds_too_much(person) {
                    return Err(format!("invariant 4: {why}"));
                }
            }
            Fact::HandedOver { .. } => {
                let mut all = kept.participants.iter();
                if let Some(why) = all.find_map(|person| self.ledger.holds_too_much(person)) {
                    return Err(format!("invariant 4: {why}"));
                }
            }
            Fact::Offered { offer } => {
                self.leases.insert((offer.until, offer.id));
            }
            Fact::Promised { promise } if promise.by <= entry.at => {
                return Err(format!(
                    "invariant 12: {} is promised what is past",
                    entry.contact
                ));
            }
            _ => {}
        }
        let _ = step;
        Ok(())
    }

    fn agreement(&self, kept: &Kept) -> Option<&Agreement> {
        let group = match &kept.addressee {
            Addressee::Group(id) => self.ledger.directory.group(id),
            _ => None,
        };
        self.ledger.directory.agreement_of(group)
    }

    fn target(&self, kept: &Kept) -> Target {
        self.agreement(kept).map_or_else(
            || Target::default_for(kept.urgency, kept.channel),
            |agreement| agreement.target(kept.urgency, kept.channel),
        )
    }

    /// Invariant 8: before half of its time has passed a calamity has a way out of the queue.
    pub(super) fn check_halves(&mut self, step: &Step<'_>) -> Checked {
        while let Some((half, contact)) = self.halves.first().copied() {
            if step.at < half {
                break;
            }
            self.halves.pop_first();
            let kept = &self.ledger.contacts[&contact];
            let draft = self.ledger.directory.draft();
            let has_lines = !draft.calamity_lines.is_empty();
            if has_lines && kept.is_waiting() && !kept.has_way_out {
                return Err(format!("invariant 8: {contact} has no way out at {half}"));
            }
        }
        Ok(())
    }

    /// Invariant 8 beside 4: whoever came free and is wanted for a calamity that waits is asked, or
    /// one of its lines rings, in the same step.
    pub(super) fn check_wanted(&mut self, step: &Step<'_>) -> Checked {
        for person in step.outputs.iter().filter_map(who_came_free) {
            if !self.ledger.is_idle(person) {
                continue;
            }
            let open = self.ledger.open.iter();
            let mut wanting: Vec<ContactId> = open.copied().collect();
            wanting.retain(|id| {
                let kept = &self.ledger.contacts[id];
                kept.is_waiting()
                    && kept.urgency == Urgency::Calamity
                    && kept.wanted.contains(person)
                    && kept.is_plain
            });
            let rang = |id: &&ContactId| self.ledger.contacts[*id].rang_at == Some(step.at);
            let rung: Vec<ContactId> = wanting.iter().filter(rang).copied().collect();
            if rung.is_empty()
                && let Some(id) = wanting.first()
            {
                return Err(format!(
                    "invariant 8: {person} is free, and {id} does not ring"
                ));
            }
            for id in rung {
                if let Some(kept) = self.ledger.contacts.get_mut(&id) {
                    kept.wanted.remove(person);
                }
            }
        }
        Ok(())
    }

    /// Invariants 1, 3, 11 and 12 for a contact as it stands after a step.
    pub(super) fn check_contact(&self, step: &Step<'_>, id: ContactId) -> Checked {
        let kept = &self.ledger.contacts[&id];
        if !kept.is_open {
            let left = kept.offers.is_empty();
            return if left {
                Ok(())
            } else {
                Err(format!("invariant 3: {id} is closed and still offered"))
            };
        }
        let asks = kept
            .offers
            .values()
            .any(|offer| offer.role == OfferRole::Owner);
        if asks && !kept.is_waiting() {
            return Err(format!("invariant 3: {id} is taken and still offered"));
        }
        let is_active = matches!(
            kept.state,
            ContactState::Active | ContactState::AwaitingCustomer
        );
        if is_active == kept.participants.is_empty() {
            return Err(format!(
                "invariant 11: {id} is {:?} with {} people",
                kept.state,
                kept.participants.len()
            ));
        }
        let deadlines = step.engine.deadlines(id);
        let Some(next) = deadlines.first() else {
            return Err(format!("invariant 1: {id} has no deadline"));
        };
        if step.wait.is_none_or(|wait| wait > *next) {
            return Err(format!(
                "invariant 1: {id} is due at {next}, and the machine sleeps on"
            ));
        }
        if let Some(promise) = kept.promise.filter(|_| kept.is_waiting()) {
            let grace = match promise.kind {
                PromiseKind::BackAt => GRACE_S,
                PromiseKind::CallBack => GRACE_CALL_BACK_S,
                _ => 0,
            };
            let by = promise.by + TimeDelta::seconds(grace);
            // A try is done at its instant; that somebody is back is true then, whoever he helps.
            let is_kept_by_time =
                matches!(promise.kind, PromiseKind::BackAt | PromiseKind::NextTry);
            let is_done = is_kept_by_time && step.at >= by;
            if !is_done && (by <= step.at || by < *next) {
                return Err(format!(
                    "invariant 12: {promise:?} to {id} has no deadline behind it"
                ));
            }
        }
        Ok(())
    }
}

/// Who has one contact fewer by this.
fn who_came_free(output: &bereik_routing::Output) -> Option<&PersonId> {
    match output {
        bereik_routing::Output::Entry(entry) => match &entry.fact {
            Fact::Left { person } => Some(person),
            Fact::Closed {
                by: bereik_core::message::Author::Person(person),
            } => Some(person),
            _ => None,
        },
        _ => None,
    }
}

/// Invariant 12: each automatic text says something new. On the list a search begins anew.
fn check_news(kept: &Kept, entry: &Entry, word: &Acknowledgement) -> Checked {
    let is_list = |told: &Acknowledgement| matches!(told, Acknowledgement::OnTheList { .. });
    let since_list = || kept.told.iter().rev().take_while(|told| !is_list(told));
    let is_again = match word {
        Acknowledgement::Asking { .. }
        | Acknowledgement::StillAsking { .. }
        | Acknowledgement::Waiting { .. } => since_list().any(|told| told == word),
        Acknowledgement::OnTheList { .. } => kept.told.last() == Some(word),
        _ => false,
    };
    if is_again && kept.is_plain {
        return Err(format!(
            "invariant 12: {} is told {word:?} again",
            entry.contact
        ));
    }
    Ok(())
}
