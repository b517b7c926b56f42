//! Meta's Graph interface: three products, one client, one signature.

mod channel;
mod fault;
mod hook;
mod page;
mod sent;
mod whatsapp;

pub use channel::{Meta, Product};
