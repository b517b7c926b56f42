//! One stretch of a roster: who serves when.

use crate::id::PersonId;
use crate::interval::Interval;

/// A stretch of time in which one person serves.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct Shift {
    /// Who serves.
    pub person: PersonId,
    /// From when until when.
    pub interval: Interval,
}
