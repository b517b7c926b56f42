//! A visit: one customer with one need on one channel, and what became of him.

use bereik_core::id::IncidentId;
use bereik_core::{ChannelKind, ContactId, Urgency};

/// How a visit ended, as the customer sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// He gave up and said so, or hung up.
    GaveUp,
    /// He was helped.
    Helped,
    /// The visit went on in one that he had begun before.
    Joined,
    /// He gave up and left without a sign.
    LeftSilently,
    /// He still waits, or is being helped.
    Open,
    /// He could not get through.
    TurnedAway,
}

/// What the engine predicted of a wait: its tenth, half and ninetieth percentile from an instant on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Predicted {
    /// When, in milliseconds since the start.
    pub at_ms: i64,
    /// One of ten waits no longer, in seconds.
    pub p10_s: u32,
    /// Half wait no longer, in seconds.
    pub p50_s: u32,
    /// Nine of ten wait no longer, in seconds.
    pub p90_s: u32,
}

/// One customer with one need on one channel. Instants are milliseconds since the start.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Visit {
    /// The row of the scenario's customers, counted from 0.
    pub stream: u16,
    /// Over which kind of channel.
    pub channel: ChannelKind,
    /// How pressing it is to him.
    pub urgency: Urgency,
    /// When he came.
    pub came_ms: i64,
    /// The contact that the engine made of it.
    pub contact: Option<ContactId>,
    /// When he first heard anything.
    pub heard_ms: Option<i64>,
    /// When a person first answered.
    pub answered_ms: Option<i64>,
    /// By when he was first promised an answer.
    pub promised_ms: Option<i64>,
    /// What was first predicted of his wait.
    pub predicted: Option<Predicted>,
    /// When it ended.
    pub ended_ms: Option<i64>,
    /// How it ended.
    pub ending: Ending,
    /// How many people had the contact, one after the other.
    pub owners: u16,
    /// How often he told his question anew.
    pub repeats: u16,
    /// The visit before, when this is his second channel.
    pub before: Option<u32>,
    /// The incident that his contact leads.
    pub(super) leads: Option<IncidentId>,
    pub(super) chance_number: u64,
    pub(super) demand_ms: i64,
    pub(super) silent: bool,
    pub(super) second_after_ms: Option<i64>,
    /// Who has it: the place of the person, and since when.
    pub(super) owner: Option<(usize, i64)>,
    /// Over which kind of channel he is being helped.
    pub(super) over: ChannelKind,
    /// Who helped the owner: the places of the people.
    pub(super) helpers: Vec<usize>,
    /// Before when the owner says nothing; never a word, where it is the end of time.
    pub(super) quiet_until_ms: i64,
    /// When the owner's work is done.
    pub(super) done_ms: i64,
    /// Counts owners' turns, so that what was meant for one does not happen in another's.
    pub(super) turn: u16,
}

impl Visit {
    /// The contact, and the place of its owner, unless a later turn has begun than the one in which
    /// something was planned.
    pub(super) fn held_in(&self, turn: u16) -> Option<(ContactId, usize)> {
        let (place, _) = self.owner.filter(|_| self.turn == turn)?;
        self.contact.map(|contact| (contact, place))
    }

    /// How long he waited for a person, or has waited until `now_ms` if none has answered and he
    /// has not given up.
    #[must_use]
    pub fn wait_ms(&self, now_ms: i64) -> i64 {
        self.answered_ms.or(self.ended_ms).unwrap_or(now_ms) - self.came_ms
    }

    /// Whether he gave up before a person answered.
    #[must_use]
    pub const fn is_abandoned(&self) -> bool {
        matches!(self.ending, Ending::GaveUp | Ending::LeftSilently) && self.answered_ms.is_none()
    }
}
