//! Microsoft Teams: a bot by the Bot Framework's interface, and the presence of people by Microsoft Graph.

mod channel;
mod entra;
mod graph;
mod hook;
mod keys;
mod places;
mod proof;
mod wire;

pub use channel::Teams;
pub use entra::EntraApp;
pub use graph::{GraphPresence, PresenceChange};
