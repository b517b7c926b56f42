//! IRC: one nick on one server, by hand on a connection that is kept.

mod account;
mod channel;
mod heard;
mod session;
mod stream;
mod task;
mod wire;

pub use account::IrcAccount;
pub use channel::Irc;
