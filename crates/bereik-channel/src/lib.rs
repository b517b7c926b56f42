//! The contract of a channel: what carries messages and offers to people, and tells how far they got.
//!
//! A [`Channel`] is one adapter with one account: a mail server, a chat network, a trunk of
//! telephone lines, the chat of a website. It declares what it can in a [`Capability`], and each of
//! its answers keeps three things apart that are easily confused:
//!
//! - *taken*, *delivered* and *read* are different [`Evidence`];
//! - an [error](ChannelError) says whether the message, the recipient or the channel is at fault
//!   ([`Scope`]), whether and when to try again ([`Retry`]), and whether the message *may* have
//!   been sent all the same ([`Sent`]);
//! - what comes in is pulled with a [`Cursor`], so that the caller sets the pace and nothing is
//!   lost between two calls.
//!
//! [`Memory`] is the reference: a channel without a wire. The [`conformance`] suite is what every
//! adapter passes.
//!
//! # A channel of your own
//!
//! ```
//! use async_trait::async_trait;
//! use bereik_channel::{
//!     Capability, Channel, ChannelError, Evidence, Health, Outbound, Receipt,
//! };
//! use bereik_core::ChannelKind;
//! use std::sync::Mutex;
//!
//! /// Writes on a wall. A wall shows what it was given, and nobody knows who reads it.
//! #[derive(Debug)]
//! struct Wall { lines: Mutex<Vec<String>>, capability: Capability }
//!
//! #[async_trait]
//! impl Channel for Wall {
//!     fn kind(&self) -> ChannelKind { ChannelKind::Social }
//!     fn capability(&self) -> &Capability { &self.capability }
//!     async fn send(&self, message: &Outbound) -> Result<Receipt, ChannelError> {
//!         let mut lines = self.lines.lock().map_err(|_| ChannelError::unavailable())?;
//!         lines.push(message.body.as_str().to_owned());
//!         Ok(Receipt::new(Evidence::Taken))
//!     }
//!     async fn probe(&self) -> Health { Health::Up }
//! }
//!
//! let wall = Wall { lines: Mutex::default(), capability: Capability::new(Evidence::Taken) };
//! assert!(!wall.capability().can(bereik_channel::Feature::Receive));
//! ```
//!
//! # What comes by itself
//!
//! Many providers post what comes in to a URL. A channel for such a provider is a [`Webhook`] too: it verifies the
//! [`signature`], reads the bytes, and has them in its [`Inbox`] before it answers. What comes twice is kept once, what comes
//! out of order is put in order, and [`Channel::receive`] pulls it from there. `bereik_web::hook_router` mounts one.
//!
//! # Wrappers, and which goes inside which
//!
//! From the outside in: [`Failover`] over several lines, and in each of them [`WithRetry`], then
//! [`WithRateLimit`], then [`WithTimeout`], then the adapter.
//!
//! - The time-out is innermost: waiting for a turn or for another try is no fault of the provider.
//! - The rate limit is inside the retry: each try counts with the provider.
//! - The retry is inside the failover, with few and short tries: the next line is waiting.
//! - [`WithChaos`], in tests, takes the place of a bad provider: innermost of all.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
//! use bereik_channel::{Channel, Failover, Health, Memory, WithRateLimit, WithRetry, WithTimeout};
//! use bereik_core::ChannelKind;
//! use std::{num::{NonZeroU32, NonZeroUsize}, sync::Arc, time::Duration};
//!
//! let line = |channel: Arc<Memory>| {
//!     let channel = WithTimeout::new(channel, Duration::from_secs(10));
//!     let channel = WithRateLimit::new(channel, NonZeroUsize::MIN, Duration::from_secs(1));
//!     Arc::new(WithRetry::new(channel, NonZeroU32::MIN))
//! };
//! let (first, second) = (Arc::new(Memory::new(ChannelKind::Email)), Arc::new(Memory::new(ChannelKind::Email)));
//! let double = Failover::new(line(first.clone()), Duration::from_secs(20))
//!     .with_line(line(second), Duration::from_secs(20));
//!
//! first.become_health(Health::Down { retry_after: None });
//! assert_eq!(double.probe().await, Health::Degraded);
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod alert;
mod attachment;
mod capability;
mod channel;
mod chaos;
pub mod conformance;
mod error;
mod event;
mod failover;
mod health;
#[cfg(feature = "http")]
pub mod http;
mod inbox;
#[cfg(feature = "http")]
mod json;
mod label;
mod link;
mod meeting;
mod memory;
mod outbound;
mod rate_limit;
mod receipt;
mod retry;
pub mod signature;
mod split;
mod timeout;
mod webhook;

pub use alert::{Alert, AlertTo};
pub use attachment::{Attachment, Attachments};
pub use capability::{Capability, Feature, Initiative, TextLimit, TextUnit};
pub use channel::Channel;
pub use chaos::{Chaos, WithChaos};
pub use error::{ChannelError, ErrorKind, Retry, Scope, Sent};
pub use event::{Answer, Attendance, Batch, Cursor, CursorError, Event, EventKind, Inbound};
pub use failover::{Doubt, Failover};
pub use health::Health;
pub use inbox::{Arrival, Inbox, InboxError, InboxErrorKind};
#[cfg(feature = "http")]
pub use json::Json;
pub use label::{Label, LabelError};
pub use link::{Link, LinkError};
pub use meeting::{MeetingError, MeetingTemplate};
pub use memory::{Dispatch, Memory};
pub use outbound::Outbound;
pub use rate_limit::WithRateLimit;
pub use receipt::{Evidence, Receipt};
pub use retry::WithRetry;
pub use split::SplitError;
pub use timeout::WithTimeout;
pub use webhook::{HookAnswer, HookRequest, Webhook};
