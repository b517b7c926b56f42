//! Every armed deadline: a table of timers, at most one of each sort for a contact.

use std::collections::{BTreeMap, BTreeSet};

use bereik_core::agreement::TargetClock;
use bereik_core::id::{ContactId, OfferId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What happens at a deadline. Timers of one contact at one instant fire in this order: what ends
/// first, then what it leads to, words to the customer last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Timer {
    /// An offer lapses.
    Offer(OfferId),
    /// Half of a calamity's target has passed: its lines are asked again.
    Calamity,
    /// The customer did not answer the question of triage.
    Triage,
    /// The next level of a calamity starts beside the one that runs.
    Level,
    /// The next circle comes into force.
    Circle,
    /// A target nears.
    Warn(TargetClock),
    /// Nobody took it for too long: the escalation policy begins.
    Escalate,
    /// A target was due.
    Breach(TargetClock),
    /// Every way was tried: the next try.
    Try,
    /// The owner has been away for too long.
    OwnerAway,
    /// Nobody has said anything for too long.
    Quiet,
    /// The first of those who are consulted is so no longer.
    Consult,
    /// Who transferred the contact leaves.
    Warm,
    /// The customer has been gone for too long while nobody has the contact.
    Gone,
    /// A promised call nears, is due, or was missed.
    CallBack,
    /// The owner did not react to what is overdue.
    Remind,
    /// What was promised to the customer nears its instant.
    Promise,
    /// The customer is to be acknowledged by now.
    Acknowledge,
}

/// The armed deadlines of all contacts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Armed>", into = "Vec<Armed>")]
pub(crate) struct Deadlines {
    by_time: BTreeSet<Armed>,
    by_contact: BTreeMap<(ContactId, Timer), DateTime<Utc>>,
}

/// One deadline: when, of which contact, what.
pub(crate) type Armed = (DateTime<Utc>, ContactId, Timer);

impl Deadlines {
    /// Arms a timer, in place of the one of the same sort.
    pub(crate) fn arm(&mut self, contact: ContactId, timer: Timer, at: DateTime<Utc>) {
        self.disarm(contact, timer);
        self.by_time.insert((at, contact, timer));
        self.by_contact.insert((contact, timer), at);
    }

    pub(crate) fn disarm(&mut self, contact: ContactId, timer: Timer) {
        if let Some(at) = self.by_contact.remove(&(contact, timer)) {
            self.by_time.remove(&(at, contact, timer));
        }
    }

    /// Disarms every timer of a contact.
    pub(crate) fn disarm_all(&mut self, contact: ContactId) {
        let timers: Vec<Timer> = self.of(contact).map(|(timer, _)| timer).collect();
        for timer in timers {
            self.disarm(contact, timer);
        }
    }

    /// When a timer fires, if it is armed.
    pub(crate) fn at(&self, contact: ContactId, timer: Timer) -> Option<DateTime<Utc>> {
        self.by_contact.get(&(contact, timer)).copied()
    }

    /// The armed timers of a contact.
    pub(crate) fn of(&self, contact: ContactId) -> impl Iterator<Item = (Timer, DateTime<Utc>)> {
        let first = (contact, Timer::Offer(OfferId::new(0)));
        self.by_contact
            .range(first..)
            .take_while(move |((of, _), _)| *of == contact)
            .map(|((_, timer), at)| (*timer, *at))
    }

    /// The next deadline of all.
    pub(crate) fn next_at(&self) -> Option<DateTime<Utc>> {
        self.by_time.first().map(|(at, ..)| *at)
    }

    /// Takes out the next deadline at or before `at`.
    pub(crate) fn pop_due(&mut self, at: DateTime<Utc>) -> Option<Armed> {
        let first = *self.by_time.first().filter(|(due, ..)| *due <= at)?;
        self.disarm(first.1, first.2);
        Some(first)
    }

    /// Every armed deadline, the earliest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Armed> {
        self.by_time.iter()
    }
}

impl From<Vec<Armed>> for Deadlines {
    fn from(armed: Vec<Armed>) -> Self {
        let mut deadlines = Self::default();
        for (at, contact, timer) in armed {
            deadlines.arm(contact, timer, at);
        }
        deadlines
    }
}

impl From<Deadlines> for Vec<Armed> {
    fn from(deadlines: Deadlines) -> Self {
        deadlines.by_time.into_iter().collect()
    }
}
