//! Laws of offers: to whom, how many, until when, and in which turn.

use bereik_core::contact::Addressee;
use bereik_core::entry::{Entry, Fact};
use bereik_core::explanation::ExcludedBy;
use bereik_core::id::PersonId;
use bereik_core::offer::{OfferRole, Offered, Outcome};
use bereik_core::reachability::Reach;
use bereik_core::urgency::Urgency;
use chrono::TimeDelta;

use super::audit::{Check, Held, Law, hold, hold_equal};
use super::ledger::{Kept, Ledger};
use super::trace::Step;

pub(crate) const ONE_ACCEPT: Law = Law {
    name: "one_accept_wins",
    invariant: Some(3),
    checks: &[Check::Step(check_owners)],
};

pub(crate) const CAPACITY: Law = Law {
    name: "nobody_is_above_capacity",
    invariant: Some(4),
    checks: &[Check::NoNewFault(too_much)],
};

pub(crate) const OFFERS_END: Law = Law {
    name: "no_offer_outlives_its_end",
    invariant: Some(5),
    checks: &[Check::Entry(check_end), Check::Step(check_live)],
};

pub(crate) const WITHIN_REACH: Law = Law {
    name: "offers_go_to_whom_they_can_reach",
    invariant: Some(6),
    checks: &[Check::Entry(check_reach), Check::Step(check_still_reached)],
};

pub(crate) const FIRST_IN_FIRST_OUT: Law = Law {
    name: "first_in_first_out_among_equals",
    invariant: Some(9),
    checks: &[Check::Entry(check_turn)],
};

pub(crate) const CIRCLES: Law = Law {
    name: "circles_only_widen",
    invariant: Some(10),
    checks: &[Check::Entry(check_circle)],
};

fn check_owners(ledger: &Ledger, _: &Step) -> Held {
    for (id, kept) in &ledger.contacts {
        hold!(kept.search.owners <= 1, "{id} has two owners");
        let asks = kept.offers.values().any(|o| o.role == OfferRole::Owner);
        hold!(
            kept.is_waiting() || !asks,
            "{id} is taken and still offered"
        );
    }
    Ok(())
}

/// Whoever joins, is consulted, goes over to another channel or is offered something holds no more
/// than he can by it, of any kind and in all, with all that he is offered. A smaller directory, or a
/// call that fails, may have left him with more before.
fn too_much(ledger: &Ledger, entry: &Entry) -> Vec<Option<String>> {
    let of = |person: &PersonId, with_offers| vec![ledger.too_much(person, with_offers)];
    match &entry.fact {
        Fact::Joined { person } | Fact::ConsultBegan { person } => of(person, false),
        Fact::HandedOver { .. } => {
            let people = ledger.contacts[&entry.contact].participants.iter();
            people
                .map(|person| ledger.too_much(person, false))
                .collect()
        }
        Fact::Offered { offer } => match &offer.to {
            Offered::Person(person) => of(person, true),
            Offered::Line(_) => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Half-open, so that the instant of the end is too late already.
fn check_end(ledger: &Ledger, _: &Step, entry: &Entry) -> Held {
    if let Fact::OfferEnded { offer, outcome } = &entry.fact {
        let live = ledger.contacts[&entry.contact].offers.get(offer);
        let until = live.map(|o| o.until);
        let until = until.ok_or_else(|| format!("{offer} ends twice"))?;
        let in_time = match outcome {
            Outcome::Lapsed => entry.at == until,
            _ => entry.at < until,
        };
        hold!(
            in_time,
            "{offer} {outcome:?} at {}, until {until}",
            entry.at
        );
    }
    Ok(())
}

fn check_live(ledger: &Ledger, step: &Step) -> Held {
    let mut live = ledger
        .contacts
        .values()
        .flat_map(|kept| kept.offers.values());
    hold!(
        live.all(|offer| step.at < offer.until),
        "an offer outlives its end"
    );
    Ok(())
}

/// Nobody is offered what cannot reach him; who is on call only through a level or in a calamity;
/// who is perhaps reachable only after everybody who certainly is.
fn check_reach(ledger: &Ledger, _: &Step, entry: &Entry) -> Held {
    let Fact::Offered { offer } = &entry.fact else {
        return Ok(());
    };
    let kept = &ledger.contacts[&entry.contact];
    let at_level = kept.search.level_started_at == Some(entry.at);
    match &offer.to {
        Offered::Person(person) => match ledger.reach(person, offer.channel) {
            Reach::Now => {}
            Reach::OnCall => {
                hold!(at_level || kept.urgency == Urgency::Calamity, "{person}");
            }
            Reach::Unknown => {
                let sooner = first_certain(ledger, kept);
                hold!(sooner.is_none(), "{sooner:?} goes before {person}");
            }
            Reach::Never | Reach::From(_) => hold!(false, "{person} cannot be reached"),
        },
        Offered::Line(line) => {
            let owner = ledger.directory.line(line).and_then(|(_, owner)| owner);
            if let Some(owner) = owner {
                let reach = ledger.reach(owner, offer.channel);
                let is_there = matches!(reach, Reach::Now | Reach::OnCall);
                hold!(is_there, "{line} leads to nobody who can be reached");
                // In a calamity he rings the instant he has a hand free, too.
                let may_ring = at_level || kept.urgency == Urgency::Calamity;
                hold!(may_ring, "{line} rings without a level");
            }
        }
    }
    Ok(())
}

/// No offer stands to somebody who cannot be reached any longer.
fn check_still_reached(ledger: &Ledger, _: &Step) -> Held {
    for kept in ledger.contacts.values() {
        for offer in kept.offers.values() {
            if let Offered::Person(person) = &offer.to {
                let reach = ledger.reach(person, offer.channel);
                let is_lost = matches!(reach, Reach::Never | Reach::From(_));
                hold!(!is_lost, "{} stands though {person} is gone", offer.id);
            }
        }
    }
    Ok(())
}

/// A member of the addressed group who is certainly there, has a hand free, was never asked and
/// meets what is needed.
fn first_certain(ledger: &Ledger, kept: &Kept) -> Option<PersonId> {
    let Addressee::Group(group) = &kept.addressee else {
        return None;
    };
    let members = ledger.directory.members_of(group);
    let is_free = |person: &&PersonId| {
        let lines = ledger.directory.person(person).map_or(0, |p| p.lines.len());
        !kept.has_requirements
            && ledger.reach(person, kept.channel) == Reach::Now
            && ledger.could_take(person, kept.channel)
            && lines == 0
            && !kept.search.asked.contains(*person)
    };
    members.iter().find(is_free).cloned()
}

/// Nobody is asked for a later contact while an equal earlier one waits that he could be asked for.
fn check_turn(ledger: &Ledger, _: &Step, entry: &Entry) -> Held {
    let Fact::Offered { offer } = &entry.fact else {
        return Ok(());
    };
    let later = &ledger.contacts[&entry.contact];
    let Offered::Person(person) = &offer.to else {
        return Ok(());
    };
    let by_level = later.search.level_started_at == Some(entry.at);
    let counts = offer.role == OfferRole::Owner && !by_level && later.search.is_plain;
    for (id, earlier) in ledger.contacts.iter().filter(|_| counts) {
        let is_equal = earlier.is_waiting()
            && earlier.search.is_plain
            && earlier.addressee == later.addressee
            && earlier.channel == later.channel
            && earlier.urgency == later.urgency
            && earlier.has_requirements == later.has_requirements
            && ledger.is_overdue(earlier, entry.at) == ledger.is_overdue(later, entry.at)
            && earlier.search.circle >= later.search.circle;
        let is_free = earlier.offers.is_empty() && !earlier.search.asked.contains(person);
        let is_first = (earlier.search.since, *id) < (later.search.since, entry.contact);
        let left = entry.at - earlier.search.since;
        let is_within_cap = left < TimeDelta::seconds(200);
        hold!(
            !(is_equal && is_free && is_first && is_within_cap),
            "{person} is asked for {} before {id}",
            entry.contact
        );
    }
    Ok(())
}

fn check_circle(ledger: &Ledger, _: &Step, entry: &Entry) -> Held {
    let Some(kept) = ledger.contacts.get(&entry.contact) else {
        return Ok(());
    };
    match &entry.fact {
        Fact::CircleWidened { circle } => hold!(*circle > kept.search.circle),
        Fact::Chosen { explanation } => {
            hold_equal!(explanation.circle, kept.search.circle);
            for (person, excluded) in &explanation.excluded {
                let is_out = matches!(
                    excluded,
                    ExcludedBy::NotInCircle | ExcludedBy::LacksSkill(_)
                );
                let was_in = kept.offers.values().any(|offer| {
                    offer.role == OfferRole::Owner && offer.to == Offered::Person(person.clone())
                });
                let by_level = kept.search.level_started_at.is_some();
                hold!(!(is_out && was_in) || by_level, "{person} fell out");
            }
        }
        _ => {}
    }
    Ok(())
}
