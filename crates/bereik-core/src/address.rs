//! Where somebody can be written to or called: a mail address, a number, a handle.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::channel_kind::ChannelKind;

/// What sort of address it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum AddressKind {
    /// `mailto:` (RFC 6068).
    Email,
    /// A handle on a chat or social network, written `handle:network/name`.
    Handle,
    /// `tel:` in E.164 form (RFC 3966).
    Phone,
    /// A visitor of a website, written `web:` and an opaque name; no secret.
    Web,
}

/// An address, normalised, so that equal addresses compare equal.
///
/// Written with its scheme; a bare mail address or a bare international number is understood
/// too. Control characters and blanks are refused. Cheap to clone. `Debug` shows little of it, because a
/// customer's address is his own.
///
/// ```
/// use bereik_core::address::{Address, AddressKind};
/// let phone: Address = "tel:+31 (20) 123-4567".parse()?;
/// assert_eq!(phone.to_string(), "tel:+31201234567");
/// assert_eq!("Jan@Example.org".parse::<Address>()?.value(), "jan@example.org");
/// assert_eq!("Jan@Example.org".parse::<Address>()?.kind(), AddressKind::Email);
/// assert!("jan@example.org\r\nBcc: eve@example.org".parse::<Address>().is_err());
/// # Ok::<(), bereik_core::address::AddressError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Address {
    kind: AddressKind,
    value: Arc<str>,
}

/// A text is not an address. The text itself is not repeated: it may be personal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not an address: write `name@example.org`, `tel:+31201234567`, `handle:network/name` or `web:name`"
)]
pub struct AddressError;

/// RFC 5321, 4.5.3.1.3: a path is at most 256 octets with its brackets.
const ADDRESS_BYTES_MAX: usize = 254;

impl Address {
    /// What sort of address this is.
    #[must_use]
    pub const fn kind(&self) -> AddressKind {
        self.kind
    }

    /// The address without its scheme.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The network of a handle: `slack` of `handle:slack/U1`. None of other addresses.
    ///
    /// ```
    /// use bereik_core::address::Address;
    /// assert_eq!("handle:slack/U1".parse::<Address>()?.network(), Some("slack"));
    /// assert_eq!("jan@example.org".parse::<Address>()?.network(), None);
    /// # Ok::<(), bereik_core::address::AddressError>(())
    /// ```
    #[must_use]
    pub fn network(&self) -> Option<&str> {
        let (network, _) = self.value.split_once('/')?;
        matches!(self.kind, AddressKind::Handle).then_some(network)
    }

    /// Whether a channel of this kind can use the address.
    #[must_use]
    pub const fn fits(&self, channel: ChannelKind) -> bool {
        match channel {
            ChannelKind::Email => matches!(self.kind, AddressKind::Email),
            ChannelKind::Phone | ChannelKind::Voicemail => matches!(self.kind, AddressKind::Phone),
            ChannelKind::WebChat => matches!(self.kind, AddressKind::Web),
            ChannelKind::Chat | ChannelKind::Social => {
                matches!(
                    self.kind,
                    AddressKind::Handle | AddressKind::Phone | AddressKind::Email
                )
            }
            ChannelKind::Meeting => true,
        }
    }
}

fn parse_email(text: &str) -> Option<Arc<str>> {
    let (local, domain) = text.rsplit_once('@')?;
    let plain = |c: char| !c.is_control() && !c.is_whitespace() && !"<>(),;:\\\"[]".contains(c);
    let labels = domain.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    });
    let fits = !local.is_empty()
        && local.len() <= 64
        && local.chars().all(|c| plain(c) && c != '@')
        && labels;
    fits.then(|| text.to_lowercase().into())
}

fn parse_phone(text: &str) -> Option<Arc<str>> {
    let mut digits = String::from("+");
    for c in text.strip_prefix('+')?.chars() {
        match c {
            '0'..='9' => digits.push(c),
            ' ' | '-' | '(' | ')' | '.' => {}
            _ => return None,
        }
    }
    // E.164: at most 15 digits; the shortest numbers in use have 7 with their country code.
    (8..=16).contains(&digits.len()).then(|| digits.into())
}

fn parse_plain(text: &str) -> Option<Arc<str>> {
    let fits = !text.is_empty() && text.chars().all(|c| !c.is_control() && !c.is_whitespace());
    fits.then(|| text.into())
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if text.len() > ADDRESS_BYTES_MAX {
            return Err(AddressError);
        }
        let scheme = |name: &str| {
            let head = text.get(..name.len())?;
            head.eq_ignore_ascii_case(name).then(|| &text[name.len()..])
        };
        let (kind, value) = if let Some(rest) = scheme("mailto:") {
            (AddressKind::Email, parse_email(rest))
        } else if let Some(rest) = scheme("tel:") {
            (AddressKind::Phone, parse_phone(rest))
        } else if let Some(rest) = scheme("web:") {
            (AddressKind::Web, parse_plain(rest))
        } else if let Some(rest) = scheme("handle:") {
            (
                AddressKind::Handle,
                parse_plain(rest).filter(|v| v.contains('/')),
            )
        } else if text.starts_with('+') {
            (AddressKind::Phone, parse_phone(text))
        } else {
            (AddressKind::Email, parse_email(text))
        };
        let value = value.ok_or(AddressError)?;
        Ok(Self { kind, value })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.kind {
            AddressKind::Email => "mailto",
            AddressKind::Handle => "handle",
            AddressKind::Phone => "tel",
            AddressKind::Web => "web",
        };
        write!(f, "{scheme}:{}", self.value)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut chars = self.value.chars();
        let head: String = chars.by_ref().take(2).collect();
        write!(f, "Address({:?} {head}…)", self.kind)
    }
}

impl TryFrom<String> for Address {
    type Error = AddressError;
    fn try_from(text: String) -> Result<Self, AddressError> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}
