//! Links that may be sent to people.

use std::fmt;

/// A link to a page, over HTTP or HTTPS. `Debug` shows nothing of it: a link may hold a secret.
///
/// ```
/// use bereik_channel::Link;
/// assert!(Link::parse("https://desk.example.org/c/12?from=mail").is_ok());
/// assert!(Link::parse("javascript:alert(1)").is_err());
/// assert!(Link::parse("https://example.org/\r\nBcc: eve").is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Link(Box<str>);

/// A text is not a [`Link`]. The text itself is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a link begins with `https://` or `http://` and is at most {} printable ASCII characters",
    Link::BYTES_MAX
)]
pub struct LinkError;

impl Link {
    /// The longest link, in bytes.
    pub const BYTES_MAX: usize = 2_000;

    /// Parses a link.
    ///
    /// # Errors
    /// When it has another scheme, no host, another character than printable ASCII, one of
    /// `<>"` that would end it where it is shown, or is too long.
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        let lower = text.get(..8).unwrap_or_default().to_ascii_lowercase();
        let rest = if lower == "https://" {
            &text[8..]
        } else if lower.starts_with("http://") {
            &text[7..]
        } else {
            return Err(LinkError);
        };
        let is_plain = |c: u8| c.is_ascii_graphic() && !b"<>\"".contains(&c);
        let has_host = rest
            .bytes()
            .next()
            .is_some_and(|c| c.is_ascii_alphanumeric() || c == b'[');
        if has_host && text.len() <= Self::BYTES_MAX && rest.bytes().all(is_plain) {
            Ok(Self(text.into()))
        } else {
            Err(LinkError)
        }
    }

    /// The link as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link(…)")
    }
}
