//! Bluesky: mentions and replies of one account, over the XRPC interface of the AT Protocol.

mod channel;
mod place;
mod post;
mod session;
mod wire;

pub use channel::Bluesky;
