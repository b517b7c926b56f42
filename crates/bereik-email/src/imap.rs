//! As much of IMAP (RFC 3501) as it takes to read one folder, written here.
//!
//! The client libraries that there are write what they send and read to the log, passwords and
//! mails with it, and keep answers of any length in memory. What is needed is small.

mod command;
mod connection;
mod fault;
mod response;
mod session;
mod tls;

pub(crate) use connection::Tls;
pub(crate) use fault::Fault;
pub(crate) use session::{Folder, Part, Session};
pub(crate) use tls::client_config;
