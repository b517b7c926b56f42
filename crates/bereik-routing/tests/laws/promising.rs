//! Laws of what is armed, told and promised, and of how entries follow each other.

use bereik_core::acknowledgement::{Acknowledgement, PromiseKind};
use bereik_core::agreement::Ask;
use bereik_core::contact::ContactState;
use bereik_core::entry::{Entry, Fact};
use bereik_core::id::LineId;
use bereik_core::offer::{Offer, Offered};
use bereik_core::urgency::Urgency;
use bereik_routing::Effect;
use chrono::TimeDelta;

use super::audit::{Check, Held, Law, hold, hold_equal};
use super::company::CALAMITY_LINE;
use super::ledger::Ledger;
use super::trace::Step;

/// First half; the second is told after the last step, where time runs on alone.
pub(crate) const ARMED: Law = Law {
    name: "every_open_contact_has_an_armed_deadline",
    invariant: Some(1),
    checks: &[Check::Step(check_armed)],
};

pub(crate) const HEARD_AT_ONCE: Law = Law {
    name: "whoever_opens_or_reopens_hears_at_once",
    invariant: Some(2),
    checks: &[Check::Step(check_heard)],
};

pub(crate) const CALAMITY: Law = Law {
    name: "a_calamity_has_a_way_out_at_once",
    invariant: Some(8),
    checks: &[Check::Step(check_calamity)],
};

pub(crate) const LOOKED_AFTER: Law = Law {
    name: "who_loses_his_owner_is_looked_after",
    invariant: Some(11),
    checks: &[Check::Step(check_looked_after)],
};

pub(crate) const PROMISES: Law = Law {
    name: "each_promise_has_a_deadline",
    invariant: Some(12),
    checks: &[Check::Step(check_promises)],
};

pub(crate) const NOTHING_TWICE: Law = Law {
    name: "nothing_is_told_twice",
    invariant: Some(12),
    checks: &[Check::Entry(check_told)],
};

pub(crate) const CLOSES_ONCE: Law = Law {
    name: "a_contact_closes_once_until_it_is_reopened",
    invariant: None,
    checks: &[Check::Entry(check_closed), Check::Step(check_standing)],
};

pub(crate) const NUMBERED: Law = Law {
    name: "entries_are_numbered_without_gaps_and_effects_only_once",
    invariant: None,
    checks: &[Check::Step(check_numbered)],
};

fn check_armed(_: &Ledger, step: &Step) -> Held {
    for (contact, deadlines) in &step.contacts {
        let is_open = contact.state.is_open();
        hold!(
            !is_open || !deadlines.is_empty(),
            "{} is forgotten",
            contact.id
        );
        let next = deadlines.first();
        hold!(
            next.is_none() || step.wait <= next.copied(),
            "woken too late"
        );
    }
    Ok(())
}

/// The word to the customer leaves in the step in which the contact comes in.
fn check_heard(_: &Ledger, step: &Step) -> Held {
    for entry in step.entries() {
        if matches!(entry.fact, Fact::Opened { .. } | Fact::Reopened { .. }) {
            let is_told = step.effects().any(|effect| {
                matches!(effect, Effect::Acknowledge { contact, .. } if *contact == entry.contact)
            });
            hold!(is_told, "{} heard nothing", entry.contact);
        }
    }
    Ok(())
}

/// While nobody has a calamity, its line is called in the step in which it becomes one; without
/// such a line the first level of the policy that is in service.
fn check_calamity(ledger: &Ledger, step: &Step) -> Held {
    for entry in step.entries() {
        let is_one = match &entry.fact {
            Fact::Opened { urgency, .. } | Fact::UrgencyChanged { urgency, .. } => {
                *urgency == Urgency::Calamity
            }
            Fact::Reopened { .. } => ledger.contacts[&entry.contact].urgency == Urgency::Calamity,
            _ => false,
        };
        let kept = &ledger.contacts[&entry.contact];
        if !is_one || !kept.is_waiting() {
            continue;
        }
        if let Some(lead) = ledger.lead_of(entry.contact) {
            // Its incident is in hands, or is a calamity itself, for which this holds too.
            let is_looked_after = !lead.is_waiting() || lead.urgency == Urgency::Calamity;
            hold!(is_looked_after, "{} waits behind less", entry.contact);
            continue;
        }
        let draft = ledger.directory.draft();
        let offered = |line: &LineId| {
            let to = Offered::Line(line.clone());
            kept.offers.values().any(|offer| offer.to == to)
        };
        for line in &draft.calamity_lines {
            hold!(
                offered(line),
                "{CALAMITY_LINE} is not called for {}",
                entry.contact
            );
        }
        let levels = draft.escalations.iter().flat_map(|policy| &policy.levels);
        let mut asks = levels.flat_map(|level| &level.ask);
        let has_mail = asks.any(|ask| matches!(ask, Ask::Line(_)));
        let is_opened = matches!(entry.fact, Fact::Opened { .. });
        if draft.calamity_lines.is_empty() && has_mail && is_opened {
            let is_line = |offer: &Offer| matches!(offer.to, Offered::Line(_));
            let by_level = kept.search.level_started_at == Some(entry.at);
            hold!(by_level || kept.offers.values().any(is_line), "no way out");
        }
    }
    Ok(())
}

fn check_looked_after(_: &Ledger, step: &Step) -> Held {
    for (contact, deadlines) in &step.contacts {
        let is_active = matches!(
            contact.state,
            ContactState::Active | ContactState::AwaitingCustomer
        );
        let has_owner = contact.owner().is_some();
        hold!(!contact.state.is_open() || is_active == has_owner);
        if contact.state.is_open() && !has_owner {
            hold!(!deadlines.is_empty());
        }
    }
    Ok(())
}

/// Behind each promise stands a deadline. Somebody who was promised to be back has half a minute of
/// grace, a promised call two minutes.
fn check_promises(_: &Ledger, step: &Step) -> Held {
    for (contact, deadlines) in &step.contacts {
        let Some(promise) = contact.promise else {
            continue;
        };
        let grace = match promise.kind {
            PromiseKind::BackAt => 30,
            PromiseKind::CallBack => 120,
            _ => 0,
        };
        let by = promise.by + TimeDelta::seconds(grace);
        let next = deadlines.first().copied();
        hold!(step.at < by, "{} was promised {promise:?}", contact.id);
        hold!(
            next.is_some_and(|next| next <= by),
            "{}: {promise:?}",
            contact.id
        );
    }
    Ok(())
}

/// Each automatic text says something new. A contact that stands on the list begins anew: what was
/// promised before that may be promised again.
fn check_told(ledger: &Ledger, _: &Step, entry: &Entry) -> Held {
    let Fact::Acknowledged { acknowledgement } = &entry.fact else {
        return Ok(());
    };
    let is_about_people = matches!(
        acknowledgement,
        Acknowledgement::Joined(_)
            | Acknowledgement::Left(_)
            | Acknowledgement::Owned(_)
            | Acknowledgement::PhoneOffered { .. }
            | Acknowledgement::NoPhone
            | Acknowledgement::AddedToOpen { .. }
            | Acknowledgement::Merged
            | Acknowledgement::GoesOnOver { .. }
            | Acknowledgement::BackOver(_)
    );
    let search = &ledger.contacts[&entry.contact].search;
    let is_list = |told: &Acknowledgement| matches!(told, Acknowledgement::OnTheList { .. });
    let since_list = search.told.iter().rev().take_while(|told| !is_list(told));
    let is_again = match acknowledgement {
        Acknowledgement::OnTheList { .. } => search.told.last() == Some(acknowledgement),
        Acknowledgement::Asking { .. }
        | Acknowledgement::StillAsking { .. }
        | Acknowledgement::Waiting { .. } => since_list.clone().any(|told| told == acknowledgement),
        _ => search.told.contains(acknowledgement),
    };
    let is_free = is_about_people || !search.is_plain;
    hold!(is_free || !is_again, "{acknowledgement:?} again");
    Ok(())
}

fn check_closed(ledger: &Ledger, _: &Step, entry: &Entry) -> Held {
    let is_open = ledger.contacts.get(&entry.contact).map(|kept| kept.is_open);
    match &entry.fact {
        Fact::Abandoned { .. } | Fact::Closed { .. } => hold_equal!(is_open, Some(true)),
        Fact::MergedInto { .. } => hold!(is_open.is_some()),
        Fact::Reopened { .. } => hold_equal!(is_open, Some(false)),
        Fact::Opened { .. } => hold_equal!(is_open, None),
        _ => {}
    }
    Ok(())
}

fn check_standing(ledger: &Ledger, step: &Step) -> Held {
    for (contact, _) in &step.contacts {
        let kept = &ledger.contacts[&contact.id];
        hold_equal!(kept.is_open, contact.state.is_open());
        if kept.is_open {
            hold_equal!(&kept.participants, &contact.participants);
        } else {
            hold!(kept.offers.is_empty());
        }
    }
    Ok(())
}

fn check_numbered(ledger: &Ledger, step: &Step) -> Held {
    let entries: Vec<_> = step.entries().collect();
    for (number, entry) in (1..=ledger.number).rev().zip(entries.into_iter().rev()) {
        hold_equal!(entry.number, number);
    }
    hold!(ledger.repeated.is_none(), "{:?} again", ledger.repeated);
    let ats: Vec<_> = step.entries().map(|entry| entry.at).collect();
    hold!(
        ats.is_sorted() && ats.first().is_none_or(|at| ledger.before <= Some(*at)),
        "time goes back"
    );
    Ok(())
}
