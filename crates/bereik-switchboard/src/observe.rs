//! Everything that happens, as a subscription.

use std::sync::Arc;

use bereik_core::entry::Entry;
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// Something that happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Notice {
    /// Presence, reachability or the directory changed.
    Board,
    /// An entry was committed.
    Entry(Arc<Entry>),
    /// The subscriber fell behind and missed something: read timelines and board again.
    Gap,
}

/// What happens from now on, in order.
///
/// Subscribe first, then read what was before, then follow, and skip the entries whose number was
/// already read: that way nothing is missed and nothing comes twice.
#[derive(Debug)]
pub struct Subscription(pub(crate) Receiver<Notice>);

impl Subscription {
    /// The next thing that happens; `None` once the switchboard has stopped.
    ///
    /// Dropping the future before it is ready loses nothing.
    pub async fn next(&mut self) -> Option<Notice> {
        match self.0.recv().await {
            Ok(notice) => Some(notice),
            Err(RecvError::Lagged(_)) => Some(Notice::Gap),
            Err(RecvError::Closed) => None,
        }
    }
}
