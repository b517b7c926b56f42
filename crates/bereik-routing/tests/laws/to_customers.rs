//! Laws of what customers are told and asked, and of incidents.

use bereik_core::acknowledgement::{Acknowledgement, PromiseKind};
use bereik_core::contact::{Abandonment, ContactState};
use bereik_core::entry::{Entry, Fact};
use bereik_core::offer::OfferRole;
use bereik_core::urgency::Urgency;
use bereik_routing::Effect;

use super::audit::{Check, Held, Law, hold, hold_equal};
use super::ledger::Ledger;
use super::trace::Step;

pub(crate) const INCIDENTS: Law = Law {
    name: "an_incident_is_offered_once",
    invariant: None,
    checks: &[Check::Step(check_incidents)],
};

pub(crate) const JOINED: Law = Law {
    name: "who_joins_is_heard_and_what_is_merged_goes_on",
    invariant: None,
    checks: &[Check::Step(check_joined)],
};

pub(crate) const TRIAGE: Law = Law {
    name: "triage_asks_once",
    invariant: None,
    checks: &[Check::Entry(check_asked), Check::Step(check_in_triage)],
};

pub(crate) const LET_GO: Law = Law {
    name: "nobody_is_let_go_unasked",
    invariant: None,
    checks: &[Check::Entry(check_let_go)],
};

/// What waits for an incident is asked of nobody, and its customer was promised the next word.
fn check_incidents(ledger: &Ledger, step: &Step) -> Held {
    for (contact, _) in &step.contacts {
        let kept = &ledger.contacts[&contact.id];
        let Some(lead) = ledger.lead_of(contact.id).filter(|_| kept.is_waiting()) else {
            continue;
        };
        let asks = kept
            .offers
            .values()
            .any(|offer| offer.role == OfferRole::Owner);
        hold!(!asks, "{} is offered beside its incident", contact.id);
        let kind = contact.promise.map(|promise| promise.kind);
        hold_equal!(
            kind,
            Some(PromiseKind::NextWord),
            "{} is forgotten",
            contact.id
        );
        hold!(lead.is_open && (lead.was_lowered || kept.urgency <= lead.urgency));
    }
    Ok(())
}

/// Each request that joins an open contact is acknowledged, and what is merged goes on in a contact
/// that is open.
fn check_joined(ledger: &Ledger, step: &Step) -> Held {
    for entry in step.entries() {
        let is_told = || {
            step.effects().any(|effect| matches!(
                    effect,
                    Effect::Acknowledge { contact, acknowledgement: Acknowledgement::AddedToOpen { .. }, .. }
                        if *contact == entry.contact
                ))
        };
        match &entry.fact {
            Fact::LegAdded { key: Some(_), .. } => {
                hold!(is_told(), "{} joins unheard", entry.contact)
            }
            Fact::MergedInto { contact: into, .. } => {
                let (from, into) = (&ledger.contacts[&entry.contact], &ledger.contacts[into]);
                hold!(into.is_open && from.urgency <= into.urgency);
                hold!(from.participants.is_empty() && from.offers.is_empty());
            }
            Fact::Linked { contact, .. } => hold!(ledger.contacts.contains_key(contact)),
            _ => {}
        }
    }
    Ok(())
}

/// Triage asks a contact once, and never one that is a calamity.
fn check_asked(ledger: &Ledger, _: &Step, entry: &Entry) -> Held {
    let Fact::Acknowledged {
        acknowledgement: Acknowledgement::TriageAsked { .. },
    } = &entry.fact
    else {
        return Ok(());
    };
    let kept = &ledger.contacts[&entry.contact];
    hold!(!kept.was_triaged, "{} is asked again", entry.contact);
    hold!(kept.urgency < Urgency::Calamity);
    Ok(())
}

fn check_in_triage(ledger: &Ledger, step: &Step) -> Held {
    for (contact, _) in step
        .contacts
        .iter()
        .filter(|(c, _)| c.state == ContactState::Triage)
    {
        let kept = &ledger.contacts[&contact.id];
        hold!(kept.offers.is_empty() && kept.urgency < Urgency::Calamity);
    }
    Ok(())
}

/// Only what nobody has is abandoned; without a sign only after the customer went and was asked
/// whether he is there, and never a calamity.
fn check_let_go(ledger: &Ledger, _: &Step, entry: &Entry) -> Held {
    let Fact::Abandoned { how } = &entry.fact else {
        return Ok(());
    };
    let kept = &ledger.contacts[&entry.contact];
    let is_silent = *how == Abandonment::Silent;
    hold!(kept.is_waiting(), "{} is in hands", entry.contact);
    hold!(
        !is_silent || kept.was_probed,
        "{} was not asked",
        entry.contact
    );
    hold!(!is_silent || kept.urgency < Urgency::Calamity);
    Ok(())
}
