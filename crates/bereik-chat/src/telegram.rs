//! Telegram: a bot that pulls what comes in.

mod channel;
mod wire;

pub use channel::Telegram;
