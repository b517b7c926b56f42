//! Mastodon and what speaks its client interface: mentions and direct messages of one account.

mod channel;
mod html;
mod text;
mod wire;

pub use channel::{Mastodon, Visibility};
