//! How far a message got, as far as that is known.

/// How far a message got with its provider; a later variant is stronger.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "the four steps of a message are all there are"
)]
pub enum Evidence {
    /// Nothing is known; it was written down here, at most.
    None,
    /// The provider took responsibility for it.
    Taken,
    /// It is with the person: in his mailbox, on his telephone.
    Delivered,
    /// It was shown to the person.
    Read,
}

/// What a channel answers when it did what it was asked.
///
/// ```
/// use bereik_channel::{Evidence, Receipt};
/// let receipt = Receipt::new(Evidence::Taken).with_provider_id("queued-as-4F2A");
/// assert!(receipt.evidence < Evidence::Delivered);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Receipt {
    /// How far it is known to have got.
    pub evidence: Evidence,
    /// Under what name the provider knows it.
    pub provider_id: Option<String>,
}

impl Receipt {
    /// It got so far.
    #[must_use]
    pub const fn new(evidence: Evidence) -> Self {
        let provider_id = None;
        Self {
            evidence,
            provider_id,
        }
    }

    /// The same, with the provider's own name for it.
    #[must_use]
    pub fn with_provider_id(mut self, provider_id: impl Into<String>) -> Self {
        self.provider_id = Some(provider_id.into());
        self
    }
}
