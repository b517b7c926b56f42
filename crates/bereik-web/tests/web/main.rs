//! The web over real sockets on loopback, on the in-memory store.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod desk;
mod form;
mod hook;
mod limits;
mod peer;
mod published;
mod resume;
mod secrecy;
mod site;
mod visitor;
