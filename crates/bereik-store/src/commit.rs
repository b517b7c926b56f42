//! What is kept at once, and what comes back after a crash.

use std::fmt;

use bereik_core::contact::ContactSummary;
use bereik_core::entry::Entry;
use bereik_core::id::{ContactId, MessageId};
use bereik_core::message::Body;
use chrono::{DateTime, Utc};

/// An effect that was decided and may not have left yet. `Debug` shows its key alone.
#[derive(Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a key and what it stands for")]
pub struct PendingEffect {
    /// The effect's idempotency key, unique in its shard.
    pub key: String,
    /// The effect, as the engine writes it.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for PendingEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PendingEffect({}, {} bytes)", self.key, self.bytes.len())
    }
}

/// Everything that one input led to: kept whole, or not at all. `Debug` shows counts only.
///
/// ```
/// use bereik_store::Commit;
/// use chrono::{DateTime, Utc};
/// let mut commit = Commit::new(7, DateTime::<Utc>::UNIX_EPOCH);
/// commit.done.push("offer/O3".to_owned());
/// assert!(commit.input.is_none());
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Commit {
    /// Counted from 1 over all commits of a shard, without gaps.
    pub position: u64,
    /// The instant of the input.
    pub at: DateTime<Utc>,
    /// The input, as the engine writes it; none where only ends of effects are recorded.
    pub input: Option<Vec<u8>>,
    /// New entries, in the order of their numbers.
    pub entries: Vec<Entry>,
    /// Contacts that stand otherwise than before.
    pub summaries: Vec<ContactSummary>,
    /// Effects that may leave once this is kept.
    pub effects: Vec<PendingEffect>,
    /// Keys of effects that are over, this commit's own included; unknown keys are passed over.
    pub done: Vec<String>,
    /// The words of new messages.
    pub bodies: Vec<(ContactId, MessageId, Body)>,
    /// The engine's state after this input: inputs up to this position are not needed any more.
    pub snapshot: Option<Vec<u8>>,
}

impl Commit {
    /// An empty commit at this position.
    #[must_use]
    pub const fn new(position: u64, at: DateTime<Utc>) -> Self {
        Self {
            position,
            at,
            input: None,
            entries: Vec::new(),
            summaries: Vec::new(),
            effects: Vec::new(),
            done: Vec::new(),
            bodies: Vec::new(),
            snapshot: None,
        }
    }
}

impl fmt::Debug for Commit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Commit")
            .field("position", &self.position)
            .field("at", &self.at)
            .field("input", &self.input.as_ref().map(Vec::len))
            .field("entries", &self.entries.len())
            .field("summaries", &self.summaries.len())
            .field("effects", &self.effects)
            .field("done", &self.done)
            .field("bodies", &self.bodies.len())
            .field("snapshot", &self.snapshot.as_ref().map(Vec::len))
            .finish()
    }
}

/// What a new writer starts from. `Debug` shows counts only.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovered {
    /// The position of the last commit; 0 where there is none.
    pub position: u64,
    /// The last snapshot.
    pub snapshot: Option<Vec<u8>>,
    /// The inputs since the snapshot, in order, each with its instant.
    pub inputs: Vec<(DateTime<Utc>, Vec<u8>)>,
    /// Effects whose end was not recorded, in the order in which they were decided.
    pub effects: Vec<PendingEffect>,
}

impl fmt::Debug for Recovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recovered")
            .field("position", &self.position)
            .field("snapshot", &self.snapshot.as_ref().map(Vec::len))
            .field("inputs", &self.inputs.len())
            .field("effects", &self.effects)
            .finish()
    }
}
