//! Lines: configured ways to a person, or out of the company.

use crate::address::Address;
use crate::channel_kind::ChannelKind;
use crate::id::{HoursId, LineId};

/// A configured way to a person or out of the company: a channel with an address.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Line {
    /// Its name, unique in the directory.
    pub id: LineId,
    /// The kind of channel.
    pub channel: ChannelKind,
    /// Where it leads.
    pub address: Address,
    /// Whether customers may see the address.
    #[cfg_attr(feature = "serde", serde(default))]
    pub is_public: bool,
    /// When it is in service; always, where none are named.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub hours: Option<HoursId>,
    /// The line of ours over which it is reached, where several channels of its kind could: the number
    /// that sends the short messages, the workspace of a chat. The first that carries its address,
    /// where none is named.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub via: Option<LineId>,
    /// What it needs to work: uplinks, providers. Lines that share one fail together.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Vec::is_empty")
    )]
    pub depends_on: Vec<String>,
}

impl Line {
    /// A line that customers do not see and that is always in service.
    ///
    /// ```
    /// use bereik_core::channel_kind::ChannelKind;
    /// use bereik_core::line::Line;
    /// let line = Line::new("anna-mobile".parse()?, ChannelKind::Phone, "tel:+31612345678".parse()?);
    /// assert!(!line.is_public);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn new(id: LineId, channel: ChannelKind, address: Address) -> Self {
        let depends_on = Vec::new();
        Self {
            id,
            channel,
            address,
            is_public: false,
            hours: None,
            via: None,
            depends_on,
        }
    }

    /// The same line, reached over this line of ours.
    #[must_use]
    pub fn via(mut self, ours: LineId) -> Self {
        self.via = Some(ours);
        self
    }

    /// The same line, shown to customers.
    #[must_use]
    pub const fn public(mut self) -> Self {
        self.is_public = true;
        self
    }
}
