//! XMPP as a channel.

mod channel;
mod config;
mod fault;
mod heard;
mod ledger;
mod login;
mod outbox;
mod presence;
mod session;
mod stream;
mod wire;

pub use channel::Xmpp;
pub use config::{ConfigError, Subscribers, XmppConfig};
