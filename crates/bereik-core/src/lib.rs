//! The nouns of presence routing, shared by every room of bereik.
//!
//! Values only: no clock, no I/O, no async. Instants are [`chrono::DateTime<Utc>`](chrono::DateTime),
//! intervals are half-open, and time is always an argument.
//!
//! A company is described by a [`directory::Directory`]: its people, groups, lines, hours and
//! agreements. Calendars become [`free_busy::FreeBusy`], that becomes [`presence::Presence`] and
//! [`reachability::Reachability`]; a customer's [`contact`] becomes [`offer::Offer`]s, and all that
//! happens to it is an [`entry::Entry`] of its timeline.

pub mod acknowledgement;
pub mod address;
pub mod agreement;
pub mod channel_kind;
pub mod contact;
pub mod customer;
pub mod directory;
pub mod entry;
pub mod estimate;
pub mod explanation;
pub mod free_busy;
pub mod group;
pub mod hands;
pub mod hours;
pub mod id;
pub mod id_map;
pub mod incident;
pub mod interval;
pub mod language;
pub mod line;
pub mod mark;
pub mod message;
pub mod offer;
pub mod open_time;
pub mod page;
pub mod person;
pub mod praise;
pub mod presence;
pub mod public_view;
pub mod reachability;
pub mod shift;
pub mod signal;
pub mod slot;
pub mod triage;
pub mod urgency;
pub mod wording;
pub mod zone;

pub use acknowledgement::Acknowledgement;
pub use address::Address;
pub use channel_kind::ChannelKind;
pub use directory::Directory;
pub use entry::{Entry, Fact};
pub use free_busy::{FreeBusy, FreeBusyKind};
pub use id::{ContactId, GroupId, LineId, MessageId, OfferId, PersonId};
pub use interval::Interval;
pub use offer::{Offer, Outcome};
pub use open_time::OpenTime;
pub use person::Person;
pub use presence::Presence;
pub use reachability::Reachability;
pub use shift::Shift;
pub use signal::Signal;
pub use slot::{Row, Slot};
pub use urgency::Urgency;
pub use zone::{Local, Zone, ZoneError};
