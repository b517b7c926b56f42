//! What is asked of a CalDAV server, as bytes, and what its answers say. Pure: nothing here talks.

mod answer;
mod request;
#[cfg(test)]
mod tests;

pub(crate) use answer::{Answer, Complaint, Multistatus, read_complaint, read_multistatus};
pub(crate) use request::{
    Listed, Request, calendar_query, free_busy_query, multiget, propfind, sync_collection,
};
