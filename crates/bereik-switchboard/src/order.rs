//! What the handle asks of the driver.

use std::fmt;
use std::sync::Arc;

use bereik_core::customer::CustomerProfile;
use bereik_core::directory::Directory;
use bereik_core::free_busy::FreeBusy;
use bereik_core::id::{ContactId, MessageId, OfferId, PersonId};
use bereik_core::interval::Interval;
use bereik_core::message::Body;
use bereik_core::open_time::OpenTime;
use bereik_core::signal::{Signal, SignalKind};
use bereik_routing::{Answer, Engine, Input, Opening};
use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

use crate::channels::Served;
use crate::error::SwitchboardError;

/// Where the answer goes; dropped unread when the asker no longer waits.
pub(crate) type Reply<T> = oneshot::Sender<Result<T, SwitchboardError>>;

/// A new contact, and its first message if there was one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "the two ids that a caller goes on with"
)]
pub struct Opened {
    /// The contact.
    pub contact: ContactId,
    /// Its first message.
    pub message: Option<MessageId>,
}

/// What changed of what is known of a person.
#[derive(Debug)]
pub(crate) enum Change {
    Calendar(FreeBusy),
    /// What a channel says of the person now, in the place of what it said before.
    Observed(Box<str>, Vec<Signal>),
    OnCall(Vec<Interval>),
    OpenTime(OpenTime),
    Signal(Signal),
    SignalGone(SignalKind, Box<str>),
}

type Question = dyn FnOnce(&Engine, DateTime<Utc>) + Send;

/// A question to the engine; it sends its answer itself.
pub(crate) struct Ask(pub(crate) Box<Question>);

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ask")
    }
}

#[derive(Debug)]
pub(crate) enum Order {
    Ask(Ask),
    Effect {
        key: String,
        offer: Option<OfferId>,
        has_failed: bool,
    },
    Facts {
        person: PersonId,
        change: Change,
        reply: Reply<()>,
    },
    /// A channel works again, or no longer.
    Health {
        served: Arc<Served>,
        is_down: bool,
    },
    Input {
        input: Box<Input>,
        body: Option<Body>,
        reply: Reply<Answer>,
    },
    /// A look-up ended.
    LookedUp {
        key: String,
        contact: ContactId,
        profile: Option<Box<CustomerProfile>>,
    },
    Open {
        opening: Box<Opening>,
        body: Option<Body>,
        reply: Reply<Opened>,
    },
    ReplaceDirectory {
        directory: Box<Directory>,
        reply: Reply<()>,
    },
    Stop {
        reply: Reply<()>,
    },
}
