//! Messages of a conversation: what the engine sees of them, and their bodies apart from it.

use std::fmt;

use crate::id::PersonId;

/// Who wrote or did something.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[expect(
    clippy::exhaustive_enums,
    reason = "a conversation has these three sides"
)]
pub enum Author {
    /// The customer.
    Customer,
    /// A person.
    Person(PersonId),
    /// Software: an automatic answer, a rule.
    Software,
}

/// What sort of message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum MessageKind {
    /// Made by software on the other side (RFC 3834): never answered automatically.
    Automatic,
    /// A link to follow.
    Link,
    /// A message that the customer leaves, because nobody was reachable.
    Left,
    /// Among the people who help; the customer does not see it.
    Note,
    /// Plain text.
    Text,
}

/// The words of a message. `Debug` shows only how long they are.
///
/// Plain text, 1 to [`Body::BYTES_MAX`] bytes of UTF-8, without control characters other than
/// tab and line feed.
///
/// ```
/// use bereik_core::message::Body;
/// let body = Body::parse("my account number is 123")?;
/// assert_eq!(format!("{body:?}"), "Body(24 bytes)");
/// assert!(Body::parse("  ").is_err());
/// # Ok::<(), bereik_core::message::BodyError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Body(Box<str>);

/// A text is not the body of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// Nothing but blanks.
    #[error("the message is empty")]
    Empty,
    /// More than [`Body::BYTES_MAX`] bytes.
    #[error("the message is longer than {} bytes", Body::BYTES_MAX)]
    TooLong,
}

impl Body {
    /// The longest body, in bytes of UTF-8.
    pub const BYTES_MAX: usize = 8 * 1024;

    /// Takes a text as a body: CR LF and CR become line feeds, other control characters are
    /// dropped.
    ///
    /// # Errors
    /// When nothing but blanks is left, or the text is too long.
    pub fn parse(text: &str) -> Result<Self, BodyError> {
        if text.len() > Self::BYTES_MAX {
            return Err(BodyError::TooLong);
        }
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let kept = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
        let text: String = text.chars().filter(kept).collect();
        if text.trim().is_empty() {
            return Err(BodyError::Empty);
        }
        Ok(Self(text.into()))
    }

    /// The words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.0.len())
    }
}

impl TryFrom<String> for Body {
    type Error = BodyError;
    fn try_from(text: String) -> Result<Self, BodyError> {
        Self::parse(&text)
    }
}

impl From<Body> for String {
    fn from(body: Body) -> Self {
        body.0.into()
    }
}
