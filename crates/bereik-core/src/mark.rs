//! By what people's calendars say that they are available.

use crate::channel_kind::ChannelKind;

/// What marks an event of anybody's calendar as time in which its owner is available, and over which channels.
///
/// Give a category, a title, or both: each marks by itself. A category is compared without regard to case, a title
/// as a whole and exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain configuration, built by embedders as a literal"
)]
pub struct Mark {
    /// A category of the event (RFC 5545 section 3.8.1.2).
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub category: Option<String>,
    /// Its title (RFC 5545 section 3.8.1.12).
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub title: Option<String>,
    /// What it opens.
    pub channels: Vec<ChannelKind>,
}
