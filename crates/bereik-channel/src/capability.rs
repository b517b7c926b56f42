//! What a channel can, as plain data.

use std::fmt;
use std::time::Duration;

use crate::error::{ChannelError, ErrorKind, Scope};
use crate::receipt::Evidence;

/// What a channel can do besides sending text. In alphabetical order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Feature {
    /// Answers to offers come as events.
    Answer,
    /// A message can be changed after it was sent.
    Edit,
    /// Rich text.
    Html,
    /// The same id given twice reaches the other end once.
    Idempotent,
    /// Sound, both ways at once.
    LiveVoice,
    /// An offer can be put to somebody.
    Offer,
    /// Tells who is there.
    Presence,
    /// Our own presence can be shown.
    Publish,
    /// Messages and other events come in.
    Receive,
    /// An older cursor brings the older events again.
    Replay,
    /// A message has a subject.
    Subject,
    /// A message can name the one that it answers.
    Threads,
    /// Tells that the other side is writing.
    Typing,
    /// An offer can be taken back.
    Withdraw,
}

impl Feature {
    /// Every feature, in alphabetical order.
    pub const ALL: [Self; 14] = [
        Self::Answer,
        Self::Edit,
        Self::Html,
        Self::Idempotent,
        Self::LiveVoice,
        Self::Offer,
        Self::Presence,
        Self::Publish,
        Self::Receive,
        Self::Replay,
        Self::Subject,
        Self::Threads,
        Self::Typing,
        Self::Withdraw,
    ];
}

/// Who may begin. In order of freedom, the freest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Initiative {
    /// We may write to anybody at any time.
    Always,
    /// We may write after the other side wrote; outside a window only with a prepared template.
    TemplateOutsideWindow,
    /// We may write only after the other side wrote.
    AfterInbound,
    /// We may not write at all.
    Never,
}

/// The unit in which a channel counts text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TextUnit {
    /// Bytes of UTF-8.
    Bytes,
    /// Unicode scalar values.
    Characters,
    /// Extended grapheme clusters (UAX 29): what a reader counts as letters.
    Graphemes,
    /// Segments of a short message (3GPP TS 23.038): 160 septets, or 153 each in several; with a
    /// letter outside its alphabet 70 UTF-16 units, or 67 each.
    SmsSegments,
    /// UTF-16 code units.
    Utf16,
}

/// The longest text of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a number and its unit")]
pub struct TextLimit {
    /// How many, at most.
    pub max: usize,
    /// Of what.
    pub unit: TextUnit,
}

/// What a channel can: which features it has, how long a text may be, who may begin, and the
/// best evidence that it can ever give.
///
/// ```
/// use bereik_channel::{Capability, Evidence, Feature, TextLimit, TextUnit};
/// let sms = Capability::new(Evidence::Delivered)
///     .with_text_limit(TextLimit { max: 10, unit: TextUnit::SmsSegments })
///     .with(&[Feature::Receive]);
/// assert!(sms.can(Feature::Receive));
/// assert!(!sms.can(Feature::Subject));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capability {
    /// The best evidence that the channel can ever give of a message.
    pub evidence_max: Evidence,
    /// How long that evidence may take; after it, no news is bad news.
    pub evidence_within: Duration,
    /// Who may begin.
    pub initiative: Initiative,
    /// The longest text; none where only the [`Body`](bereik_core::message::Body) bounds it.
    pub text_limit: Option<TextLimit>,
    features: u32,
}

impl Capability {
    /// Sends text of any length to anybody, with evidence up to this, within a minute; no
    /// further features.
    #[must_use]
    pub const fn new(evidence_max: Evidence) -> Self {
        Self {
            evidence_max,
            evidence_within: Duration::from_secs(60),
            initiative: Initiative::Always,
            text_limit: None,
            features: 0,
        }
    }

    /// The same, with these features too.
    #[must_use]
    pub const fn with(mut self, features: &[Feature]) -> Self {
        let mut rest = features;
        while let [first, others @ ..] = rest {
            self.features |= 1 << *first as u32;
            rest = others;
        }
        self
    }

    /// The same, without this feature.
    #[must_use]
    pub const fn without(mut self, feature: Feature) -> Self {
        self.features &= !(1 << feature as u32);
        self
    }

    /// The same, with evidence that may take so long.
    #[must_use]
    pub const fn with_evidence_within(mut self, evidence_within: Duration) -> Self {
        self.evidence_within = evidence_within;
        self
    }

    /// The same, with another rule of who may begin.
    #[must_use]
    pub const fn with_initiative(mut self, initiative: Initiative) -> Self {
        self.initiative = initiative;
        self
    }

    /// The same, with a bound on the text of one message.
    #[must_use]
    pub const fn with_text_limit(mut self, limit: TextLimit) -> Self {
        self.text_limit = Some(limit);
        self
    }

    /// Whether the channel has this feature.
    #[must_use]
    pub const fn can(&self, feature: Feature) -> bool {
        self.features & (1 << feature as u32) != 0
    }

    /// Whether a text is short enough for one message.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for the message when it is too long.
    pub fn check_text(&self, text: &str) -> Result<(), ChannelError> {
        match self.text_limit {
            Some(limit) if !limit.fits(text) => {
                Err(ChannelError::new(ErrorKind::Invalid, Scope::Message))
            }
            _ => Ok(()),
        }
    }

    /// The features, in alphabetical order.
    pub fn features(&self) -> impl Iterator<Item = Feature> {
        Feature::ALL
            .into_iter()
            .filter(|feature| self.can(*feature))
    }

    /// What two channels both can, the weaker of each pair: what a caller may count on that does
    /// not know which of them will carry his message.
    #[must_use]
    pub fn both(&self, other: &Self) -> Self {
        let order = |initiative| match initiative {
            Initiative::Always => 0,
            Initiative::TemplateOutsideWindow => 1,
            Initiative::AfterInbound => 2,
            Initiative::Never => 3,
        };
        let stricter = order(self.initiative) >= order(other.initiative);
        Self {
            evidence_max: self.evidence_max.min(other.evidence_max),
            evidence_within: self.evidence_within.max(other.evidence_within),
            initiative: if stricter {
                self.initiative
            } else {
                other.initiative
            },
            text_limit: shorter(self.text_limit, other.text_limit),
            features: self.features & other.features,
        }
    }
}

/// The limit that a text must keep to suit both; of two units that cannot be compared, the one
/// with the fewest bytes in the worst case.
fn shorter(one: Option<TextLimit>, other: Option<TextLimit>) -> Option<TextLimit> {
    let bytes = |limit: TextLimit| match limit.unit {
        TextUnit::Bytes | TextUnit::Characters | TextUnit::Graphemes | TextUnit::Utf16 => limit.max,
        TextUnit::SmsSegments => limit.max.saturating_mul(67),
    };
    match (one, other) {
        (Some(one), Some(other)) if one.unit == other.unit => {
            Some(if one.max <= other.max { one } else { other })
        }
        // A text of so many bytes has at most so many of any other unit.
        (Some(one), Some(other)) => Some(TextLimit {
            max: bytes(one).min(bytes(other)),
            unit: TextUnit::Bytes,
        }),
        (one, other) => one.or(other),
    }
}

impl fmt::Debug for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Capability")
            .field("evidence_max", &self.evidence_max)
            .field("evidence_within", &self.evidence_within)
            .field("initiative", &self.initiative)
            .field("text_limit", &self.text_limit)
            .field("features", &self.features().collect::<Vec<_>>())
            .finish()
    }
}
