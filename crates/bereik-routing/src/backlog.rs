//! Which of the waiting contacts goes first when somebody comes free.

use std::cmp::Ordering;

use bereik_core::id::ContactId;
use chrono::{DateTime, Utc};

use crate::contact_state::Contact;
use crate::state::State;

/// A contact that waited longer than so many times its target goes before all others of its
/// class.
const CAP: i64 = 10;

/// Which contacts go first within a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
    /// Waited beyond the cap.
    BeyondCap,
    /// Can still be answered in time.
    Feasible,
    /// Cannot.
    Overdue,
}

/// Compares two waiting contacts; less goes first. A calamity goes before everything else, and
/// whose customer went silently after everything else. Then
/// who can still be answered in time, the earliest due first; then the overdue, who waited longest
/// for their target first; and who waited beyond the cap before both.
pub(crate) fn compare(a: &Contact, b: &Contact, now: DateTime<Utc>) -> Ordering {
    let class = b.is_calamity().cmp(&a.is_calamity());
    let class = class.then(a.is_deferred.cmp(&b.is_deferred));
    let (tier_a, tier_b) = (tier(a, now), tier(b, now));
    let within = || match tier_a {
        Tier::Feasible => a.search.due_at.cmp(&b.search.due_at),
        Tier::BeyondCap | Tier::Overdue => compare_waits(b, a, now),
    };
    class
        .then(tier_a.cmp(&tier_b))
        .then_with(within)
        .then(a.search.since.cmp(&b.search.since))
        .then(a.id.cmp(&b.id))
}

fn waited_and_target_ms(contact: &Contact, now: DateTime<Utc>) -> (i64, i64) {
    let since = contact.search.since;
    let target = (contact.search.due_at - since).num_milliseconds().max(1);
    ((now - since).num_milliseconds(), target)
}

fn tier(contact: &Contact, now: DateTime<Utc>) -> Tier {
    let (waited, target) = waited_and_target_ms(contact, now);
    if waited >= target.saturating_mul(CAP) {
        Tier::BeyondCap
    } else if now < contact.search.due_at {
        Tier::Feasible
    } else {
        Tier::Overdue
    }
}

/// Compares the waits as parts of their targets.
fn compare_waits(a: &Contact, b: &Contact, now: DateTime<Utc>) -> Ordering {
    let (waited_a, target_a) = waited_and_target_ms(a, now);
    let (waited_b, target_b) = waited_and_target_ms(b, now);
    let cross = |waited: i64, target: i64| i128::from(waited) * i128::from(target);
    cross(waited_a, target_b).cmp(&cross(waited_b, target_a))
}

impl State {
    /// Puts contacts in the order in which they are served.
    pub(crate) fn sort_by_turn(&self, contacts: &mut [ContactId]) {
        contacts.sort_by(|a, b| compare(self.held(*a), self.held(*b), self.now));
    }

    /// How many waiting contacts for the same addressee go before this one.
    pub(crate) fn ahead_of(&self, contact: &Contact) -> u32 {
        let before = self.contacts.values().filter(|other| {
            self.is_sought(other)
                && other.addressee == contact.addressee
                && compare(other, contact, self.now).is_lt()
        });
        u32::try_from(before.count()).unwrap_or(u32::MAX)
    }

    /// How many of them over the same kind of channel wait for a hand: those that somebody who is
    /// there is being asked for have one.
    pub(crate) fn ahead_on_channel(&self, contact: &Contact) -> u32 {
        let before = self.contacts.values().filter(|other| {
            other.is_waiting()
                && other.channel == contact.channel
                && !self.is_asking(other)
                && other.addressee == contact.addressee
                && compare(other, contact, self.now).is_lt()
        });
        u32::try_from(before.count()).unwrap_or(u32::MAX)
    }

    /// The waiting contacts that somebody who came free could take.
    pub(crate) fn waiting_for_gained(&self) -> Vec<ContactId> {
        if self.gained.is_empty() {
            return Vec::new();
        }
        let could_take = |contact: &&Contact| {
            let mut gained = self.gained.iter();
            gained.any(|person| self.spare(person, contact.channel) > 0)
        };
        let waiting = self.contacts.values().filter(|c| self.is_sought(c));
        waiting.filter(could_take).map(|c| c.id).collect()
    }
}
