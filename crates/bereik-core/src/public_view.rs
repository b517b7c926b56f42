//! What outsiders may see: who is reachable, when somebody is back, and the other ways.

use chrono::{DateTime, Utc};

use crate::address::Address;
use crate::channel_kind::ChannelKind;
use crate::id::{GroupId, PersonId};

/// How a person or a group stands, as outsiders see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Standing {
    /// Can be reached right now.
    Available,
    /// There, but occupied: the wait is longer.
    Busy,
    /// Out of hours, on holiday or closed; which of them is nobody's business.
    Away,
    /// Nothing is known: write, and somebody will answer.
    Offline,
}

/// What outsiders see of one person or group.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(
    clippy::exhaustive_structs,
    reason = "what an outsider may know, and no more"
)]
pub struct PublicView {
    /// How it stands.
    pub standing: Standing,
    /// Over which channels it can be reached right now, in alphabetical order.
    pub now_over: Vec<ChannelKind>,
    /// When it can next be reached, if it cannot now and the instant lies within the horizon.
    pub back_at: Option<DateTime<Utc>>,
    /// Other ways: public addresses.
    pub other_ways: Vec<(ChannelKind, Address)>,
}

/// What outsiders see of a whole company, groups and people in the directory's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(
    clippy::exhaustive_structs,
    reason = "what an outsider may know, and no more"
)]
pub struct PublicBoard {
    /// The public groups.
    pub groups: Vec<(GroupId, PublicView)>,
    /// The public people.
    pub people: Vec<(PersonId, PublicView)>,
}
