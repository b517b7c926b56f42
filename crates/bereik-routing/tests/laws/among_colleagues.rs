//! Laws of what colleagues ask each other, and of the time between two contacts.

use bereik_core::entry::{Entry, Fact};
use bereik_core::offer::{Offer, OfferRole, Offered, Outcome, RequestEnd, RequestKind};
use bereik_core::urgency::Urgency;
use bereik_routing::Input;

use super::audit::{Check, Held, Law, hold, hold_equal};
use super::ledger::Ledger;
use super::trace::Step;

/// First half: somebody has a contact until another one accepted it, he leaves, or he stays away.
pub(crate) const SUCCESSION: Law = Law {
    name: "an_owner_keeps_a_contact_until_a_successor_accepted",
    invariant: Some(11),
    checks: &[
        Check::Entry(check_successor),
        Check::Step(check_taken),
        Check::Step(check_hands),
    ],
};

/// Wrap-up belongs to the person: nobody is offered anything live in it, but a calamity.
pub(crate) const WRAP_UP: Law = Law {
    name: "nobody_is_offered_live_contacts_while_he_wraps_up",
    invariant: None,
    checks: &[Check::Entry(check_wrap_up)],
};

fn check_successor(ledger: &Ledger, step: &Step, entry: &Entry) -> Held {
    let Some(kept) = ledger.contacts.get(&entry.contact) else {
        return Ok(());
    };
    match &entry.fact {
        Fact::OwnerChanged { person } => {
            hold!(kept.participants.contains(person), "{person} is not there");
            let accepted = matches!(&step.input, Input::Accepted { by, .. } if by == person);
            hold!(accepted, "{person} did not accept");
        }
        Fact::RequestEnded {
            kind: RequestKind::Transfer,
            end: RequestEnd::Nobody,
            ..
        } => {
            hold!(
                !kept.participants.is_empty(),
                "a transfer comes back to nobody"
            );
        }
        _ => {}
    }
    Ok(())
}

fn check_hands(ledger: &Ledger, step: &Step) -> Held {
    for (contact, _) in &step.contacts {
        let kept = &ledger.contacts[&contact.id];
        hold_equal!(kept.channel, contact.channel);
        let is_same = kept.addressee == contact.addressee;
        hold!(
            is_same || ledger.was_changed,
            "{} is for others",
            contact.id
        );
        if kept.is_open {
            hold_equal!(&kept.participants, &contact.participants);
        }
        let is_left_alone = kept.is_waiting() && !kept.consulted.is_empty();
        hold!(
            !is_left_alone,
            "{} is consulted on and nobody has it",
            contact.id
        );
        hold!(kept.is_open || kept.consulted.is_empty());
    }
    Ok(())
}

fn check_wrap_up(ledger: &Ledger, _: &Step, entry: &Entry) -> Held {
    let Fact::Offered {
        offer: Offer {
            to: Offered::Person(person),
            ..
        },
    } = &entry.fact
    else {
        return Ok(());
    };
    let kept = &ledger.contacts[&entry.contact];
    let is_live = kept.channel.is_live() && kept.urgency != Urgency::Calamity;
    let until = ledger.wrapping_up.get(person);
    let wraps_up = until.is_some_and(|until| entry.at < *until);
    hold!(!is_live || !wraps_up, "{person} wraps up");
    Ok(())
}

/// Whoever accepts is from then on what he was asked to be.
fn check_taken(ledger: &Ledger, step: &Step) -> Held {
    let Input::Accepted { offer: taken, by } = &step.input else {
        return Ok(());
    };
    let is_accepted = |entry: &&Entry| {
        let accepted = Outcome::Accepted;
        matches!(entry.fact, Fact::OfferEnded { offer, outcome } if offer == *taken && outcome == accepted)
    };
    let Some(entry) = step.entries().find(is_accepted) else {
        return Ok(());
    };
    let kept = &ledger.contacts[&entry.contact];
    let is_there = match ledger.roles[taken] {
        OfferRole::Consultant => kept.consulted.contains(by),
        OfferRole::Participant => kept.participants.contains(by),
        _ => kept.participants.first() == Some(by),
    };
    hold!(
        is_there,
        "{by} accepted {taken} and is not what he was asked to be"
    );
    Ok(())
}
