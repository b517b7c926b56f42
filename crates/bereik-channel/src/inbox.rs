//! What a provider brings by itself, kept until it is pulled: each event once, in order, and on disk before the provider
//! gets its answer.

mod journal;
mod kept;

use std::fmt;
use std::path::Path;
use std::time::Duration;

use tokio::sync::{Mutex, Notify};
use tokio::time::{Instant, sleep, timeout_at};

use crate::error::ChannelError;
use crate::event::{Batch, Cursor, Event};
use journal::Journal;
use kept::Kept;

/// An event that a provider brought, and where it stands among the others of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "an event and its place")]
pub struct Arrival {
    /// The provider's own order: the instant of the event in microseconds, or its number. Events of one order stay as
    /// they came.
    pub order: i64,
    /// The event. Its id is the provider's: what comes twice has the same.
    pub event: Event,
}

/// Keeps what webhooks bring until [`Channel::receive`](crate::Channel::receive) pulls it.
///
/// Providers deliver at least once, in parallel and in any order. What comes twice is kept once, and what comes within a
/// short time ([`with_settle_for`](Self::with_settle_for)) is put into the provider's order. An inbox with a file has
/// written an event to disk when [`keep`](Self::keep) ends: then the provider may be told that it arrived. The file
/// holds the words of messages; it belongs to one inbox at a time.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// use bereik_channel::{Arrival, Cursor, Event, EventKind, Inbound, Inbox};
/// use bereik_core::{id::Key, message::Body};
/// use std::time::Duration;
///
/// let says = |id: &str, order, text: &str| {
///     let kind = EventKind::Message(Inbound::new("jan@example.org".parse()?, Body::parse(text)?));
///     Ok::<_, Box<dyn std::error::Error>>(Arrival { order, event: Event { id: Key::parse(id)?, kind } })
/// };
/// let inbox = Inbox::new().with_settle_for(Duration::from_millis(20));
/// inbox.keep(vec![says("M2", 2, "are you there?")?]).await?;
/// inbox.keep(vec![says("M1", 1, "hello")?, says("M2", 2, "are you there?")?]).await?;
/// let batch = inbox.receive(&Cursor::START, 10).await?;
/// let ids: Vec<&str> = batch.events.iter().map(|event| event.id.as_str()).collect();
/// assert_eq!(ids, ["M1", "M2"]);
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Inbox {
    kept: Mutex<Kept>,
    arrived: Notify,
    settle_for: Duration,
    poll_for: Duration,
}

/// Why an event was not kept. It surely is not, and the provider should bring it again.
#[derive(Debug, thiserror::Error)]
#[error("{}", .kind.words())]
pub struct InboxError {
    kind: InboxErrorKind,
    source: Option<std::io::Error>,
}

/// What can be done about an [`InboxError`]. In alphabetical order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InboxErrorKind {
    /// Look at the file: a line of it is none that an inbox wrote.
    Damaged,
    /// Wait: more came in at once than is kept.
    Full,
    /// Look at the disk: the file cannot be read or written.
    Storage,
}

/// Where the runtime's time stands.
fn now() -> Instant {
    sleep(Duration::ZERO).deadline()
}

impl InboxErrorKind {
    const fn words(self) -> &'static str {
        match self {
            Self::Damaged => "the file of the inbox is damaged",
            Self::Full => "the inbox is full",
            Self::Storage => "the file of the inbox cannot be read or written",
        }
    }
}

impl InboxError {
    const fn new(kind: InboxErrorKind) -> Self {
        let source = None;
        Self { kind, source }
    }

    fn storage(error: std::io::Error) -> Self {
        let source = Some(error);
        Self {
            kind: InboxErrorKind::Storage,
            source,
        }
    }

    /// What can be done.
    #[must_use]
    pub const fn kind(&self) -> InboxErrorKind {
        self.kind
    }

    /// Whether it makes sense to bring the same again later.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        !matches!(self.kind, InboxErrorKind::Damaged)
    }
}

impl Inbox {
    /// So many events are kept; of older ones a reader who was away hears that there is a
    /// [gap](crate::EventKind::Gap).
    pub const KEPT_MAX: usize = 16_384;

    /// The names of so many events are remembered, to know what comes twice.
    pub const NAMES_MAX: usize = 65_536;

    /// An inbox in memory: what is not pulled is lost with the process.
    #[must_use]
    pub fn new() -> Self {
        Self::of(Kept::new())
    }

    /// An inbox with a file, which is made where there is none. What was kept in it is there again, also what was pulled
    /// not long ago; a last line that was cut off by a crash was never answered for and is dropped.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is not of an inbox.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, InboxError> {
        let (journal, records) = Journal::open(path.as_ref().to_owned()).await?;
        Kept::restored(journal, records).await.map(Self::of)
    }

    fn of(kept: Kept) -> Self {
        Self {
            kept: Mutex::new(kept),
            arrived: Notify::new(),
            settle_for: Duration::from_secs(1),
            poll_for: Duration::from_secs(5),
        }
    }

    /// The same, that waits so long for earlier events before it shows a later one; a second without.
    #[must_use]
    pub const fn with_settle_for(mut self, settle_for: Duration) -> Self {
        self.settle_for = settle_for;
        self
    }

    /// The same, with another time that [`receive`](Self::receive) waits; 5 seconds without.
    #[must_use]
    pub const fn with_poll_for(mut self, poll_for: Duration) -> Self {
        self.poll_for = poll_for;
        self
    }

    /// Keeps what came, each event once, and says how many were new. When it ends well, all are kept.
    ///
    /// # Errors
    /// When they cannot be: the provider should be told so, and bring them again.
    pub async fn keep(&self, arrivals: Vec<Arrival>) -> Result<usize, InboxError> {
        let mut kept = self.kept.lock().await;
        let count = kept.keep(arrivals, now()).await?;
        drop(kept);
        if count > 0 {
            self.arrived.notify_waiters();
        }
        Ok(count)
    }

    /// As [`Channel::receive`](crate::Channel::receive).
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn receive(&self, after: &Cursor, at_most: usize) -> Result<Batch, ChannelError> {
        let until = sleep(self.poll_for).deadline();
        loop {
            let arrived = self.arrived.notified();
            tokio::pin!(arrived);
            // From here on no arrival is missed.
            arrived.as_mut().enable();
            let next = {
                let mut kept = self.kept.lock().await;
                let released = kept.release(now(), self.settle_for).await;
                released.map_err(|error| ChannelError::unavailable().with_source(error))?;
                let (events, cursor) = kept.events_after(after, at_most);
                if !events.is_empty() {
                    return Ok(Batch { events, cursor });
                }
                kept.next_at(self.settle_for)
            };
            if until <= now() {
                return Ok(Batch {
                    events: Vec::new(),
                    cursor: after.clone(),
                });
            }
            // Woken or not, it looks again.
            let _ = timeout_at(next.map_or(until, |next| next.min(until)), arrived).await;
        }
    }
}

impl Default for Inbox {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox")
            .field("settle_for", &self.settle_for)
            .field("poll_for", &self.poll_for)
            .finish_non_exhaustive()
    }
}
