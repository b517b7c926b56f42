//! Slack: messages and offers by its Web API, what comes in by its Events API.

mod channel;
mod hook;
mod wire;

pub use channel::Slack;
