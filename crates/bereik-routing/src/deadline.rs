//! What happens at a deadline, and the table of all that are armed.

use bereik_core::agreement::TargetClock;
use bereik_core::id::{ContactId, OfferId};
use serde::{Deserialize, Serialize};

use crate::timers::Timers;

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
pub(crate) type Deadlines = Timers<ContactId, Timer>;
