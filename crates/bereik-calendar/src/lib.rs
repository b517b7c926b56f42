//! Reads RFC 5545 calendars, bounded and exact, into free/busy time.

mod availability;
mod calendar;
mod civil;
mod component;
mod expand;
mod limits;
mod meaning;
mod problem;
mod read;
mod reading;
mod recurrence;
mod vtimezone;
mod write;
mod zone_name;

pub use calendar::{Calendar, Expanded, Occurrence};
pub use limits::Limits;
pub use problem::{Problem, ProblemReason};
pub use read::read;
pub use reading::Reading;
pub use write::write_free_busy;
