//! Words on one line: a subject, a name that is shown.

use std::fmt;

/// A few words on one line: a subject, or a name that is shown. `Debug` shows only their length.
///
/// At most [`Label::CHARACTERS_MAX`] characters, none of them a control character, a line or
/// paragraph separator, or a control of writing direction, with which one name can look like
/// another.
///
/// ```
/// use bereik_channel::Label;
/// assert!(Label::parse("Hi\r\nBcc: eve@example.org").is_err());
/// assert_eq!(Label::flattened("Hi\r\nBcc: eve").as_str(), "Hi Bcc: eve");
/// assert_eq!(format!("{:?}", Label::parse("my secret")?), "Label(9 bytes)");
/// # Ok::<(), bereik_channel::LabelError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Label(Box<str>);

/// A text is not a [`Label`]. The text itself is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a subject or name is at most {} characters without control characters and line breaks",
    Label::CHARACTERS_MAX
)]
pub struct LabelError;

fn is_refused(c: char) -> bool {
    let is_direction = matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let is_separator = matches!(c, '\u{2028}' | '\u{2029}');
    c.is_control() || is_direction || is_separator
}

impl Label {
    /// The longest label, in characters.
    pub const CHARACTERS_MAX: usize = 200;

    /// Takes a text as it is.
    ///
    /// # Errors
    /// When it is too long or holds a character that a label cannot have.
    pub fn parse(text: &str) -> Result<Self, LabelError> {
        let is_short = text.chars().nth(Self::CHARACTERS_MAX).is_none();
        if is_short && !text.contains(is_refused) {
            Ok(Self(text.into()))
        } else {
            Err(LabelError)
        }
    }

    /// Makes a label of any text: what it cannot hold becomes a blank, blanks in a row become
    /// one, and what is too long is cut. A label made of a label is the same.
    #[must_use]
    pub fn flattened(text: &str) -> Self {
        let text = text.replace(is_refused, " ");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let text: String = text.chars().take(Self::CHARACTERS_MAX).collect();
        Self(text.trim_end().into())
    }

    /// The words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Label {
    type Error = LabelError;
    fn try_from(text: String) -> Result<Self, LabelError> {
        Self::parse(&text)
    }
}

impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.0.into()
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Label({} bytes)", self.0.len())
    }
}
