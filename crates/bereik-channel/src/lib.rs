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

mod alert;
mod capability;
mod channel;
mod error;
mod event;
mod health;
mod label;
mod link;
mod outbound;
mod receipt;

pub use alert::{Alert, AlertTo};
pub use capability::{Capability, Feature, Initiative, TextLimit, TextUnit};
pub use channel::Channel;
pub use error::{ChannelError, ErrorKind, Retry, Scope, Sent};
pub use event::{Answer, Batch, Cursor, CursorError, Event, EventKind, Inbound};
pub use health::Health;
pub use label::{Label, LabelError};
pub use link::{Link, LinkError};
pub use outbound::Outbound;
pub use receipt::{Evidence, Receipt};
