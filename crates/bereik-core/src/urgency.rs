//! How pressing a contact is.

/// How pressing a contact is; a later variant is more urgent than an earlier one.
///
/// Software and customers only raise it; a person lowers it, with a reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[expect(clippy::exhaustive_enums, reason = "four steps are the whole scale")]
pub enum Urgency {
    /// Can wait until it suits.
    Low,
    /// As agreed for everyday requests.
    #[default]
    Normal,
    /// The customer says that it is urgent, or the page does.
    High,
    /// The customer's shop is on fire: the calamity line, at once, day and night.
    Calamity,
}

impl Urgency {
    /// Every urgency, the least urgent first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Normal, Self::High, Self::Calamity];

    /// The name used in files and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Calamity => "calamity",
        }
    }
}
