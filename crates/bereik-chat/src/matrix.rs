//! Matrix: one account on a homeserver, over the plain client-server interface.

mod channel;
mod client;
mod invitations;
mod room;
mod seen;
mod sync;
mod wire;

pub use channel::Matrix;
pub use invitations::Invitations;
