//! What happens at a deadline, and the table of all that are armed.

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
    /// The next circle comes into force.
    Circle,
    /// An answer is due soon.
    Warn,
    /// An answer was due.
    Breach,
    /// Every way was tried: the next try.
    Try,
    /// The owner has been away for too long.
    OwnerAway,
    /// Nobody has said anything for too long.
    Quiet,
    /// What was promised to the customer nears its instant.
    Promise,
}

/// The armed deadlines of all contacts.
pub(crate) type Deadlines = Timers<ContactId, Timer>;
