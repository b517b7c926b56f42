//! Names of things: slugs that people write, and counters that the engine hands out.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Why a text is not an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not an id: 1 to 64 of a-z, A-Z, 0-9, `-`, `_` and `.`, starting with a letter or digit"
)]
pub struct IdError {
    text: String,
}

const SLUG_BYTES_MAX: usize = 64;

fn parse_slug(text: &str) -> Result<Arc<str>, IdError> {
    let inner = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.');
    let fits = (1..=SLUG_BYTES_MAX).contains(&text.len())
        && text.as_bytes()[0].is_ascii_alphanumeric()
        && text.bytes().all(inner);
    if fits {
        Ok(text.into())
    } else {
        let text = text.chars().take(SLUG_BYTES_MAX).collect();
        Err(IdError { text })
    }
}

macro_rules! slug {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// One to 64 of `a-z A-Z 0-9 - _ .`, starting with a letter or digit. Cheap to clone.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Parses an id.
            ///
            /// # Errors
            /// When the text is empty, too long, or holds another character.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                parse_slug(text).map(Self)
            }

            /// The id as it was written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), &self.0)
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

slug! {
    /// Names one [`Agreement`](crate::agreement::Agreement).
    AgreementId
}
slug! {
    /// Names what a customer is entitled to, as his contract calls it: `gold`, `night-support`.
    EntitlementId
}
slug! {
    /// Names one [`EscalationPolicy`](crate::agreement::EscalationPolicy).
    EscalationId
}
slug! {
    /// Names one [`Group`](crate::group::Group).
    ///
    /// ```
    /// use bereik_core::id::GroupId;
    /// assert_eq!(GroupId::parse("helpdesk")?.as_str(), "helpdesk");
    /// assert!(GroupId::parse("help desk").is_err());
    /// # Ok::<(), bereik_core::id::IdError>(())
    /// ```
    GroupId
}
slug! {
    /// Names one set of [`Hours`](crate::hours::Hours) in a directory.
    HoursId
}
slug! {
    /// Names one [`Line`](crate::line::Line); unique in a directory.
    LineId
}
slug! {
    /// Names what a contact is about: a product, a service, a subject; never a customer's words.
    NeedId
}
slug! {
    /// Names one [`Person`](crate::person::Person).
    PersonId
}
slug! {
    /// A reason in a word or a few, out of a company's own list, such as `not-yet-certified`. It
    /// has no room for a customer's words.
    Reason
}
slug! {
    /// Names something that a person can and a contact may need.
    SkillId
}

/// A text is not the id of a contact, message or offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id: write its letter and number, such as `C12`")]
pub struct NumberError;

macro_rules! counter {
    ($(#[$doc:meta])* $name:ident, $letter:literal) => {
        $(#[$doc])*
        ///
        /// A counter in the engine's state: deterministic, never reused, and no secret.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(transparent))]
        pub struct $name(u64);

        impl $name {
            /// The id with this number.
            #[must_use]
            pub const fn new(number: u64) -> Self {
                Self(number)
            }

            /// The number, counted from 1.
            #[must_use]
            pub const fn number(self) -> u64 {
                self.0
            }
        }

        impl FromStr for $name {
            type Err = NumberError;
            fn from_str(text: &str) -> Result<Self, NumberError> {
                let digits = text.strip_prefix($letter).ok_or(NumberError)?;
                digits.parse().map(Self).map_err(|_| NumberError)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($letter, "{}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

counter! {
    /// Names one [contact](crate::contact); shown as `C12`.
    ContactId, "C"
}
counter! {
    /// Names one [`Incident`](crate::incident::Incident); shown as `I12`.
    IncidentId, "I"
}
counter! {
    /// Names one message of a conversation; shown as `M12`.
    MessageId, "M"
}
counter! {
    /// Names one [`Offer`](crate::offer::Offer); shown as `O12`.
    OfferId, "O"
}

/// What a caller puts on an input so that telling it twice has the effect of telling it once:
/// a browser's own number for a message, a provider's event id.
///
/// One to 128 printable ASCII characters without blanks.
///
/// ```
/// use bereik_core::id::Key;
/// assert!(Key::parse("tab-1:42").is_ok());
/// assert!(Key::parse("").is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Key(Arc<str>);

const KEY_BYTES_MAX: usize = 128;

impl Key {
    /// Parses a key.
    ///
    /// # Errors
    /// When the text is empty, longer than 128 bytes, or holds a blank, a control or a
    /// non-ASCII character.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let fits = (1..=KEY_BYTES_MAX).contains(&text.len());
        if fits && text.bytes().all(|c| c.is_ascii_graphic()) {
            Ok(Self(text.into()))
        } else {
            Err(KeyError)
        }
    }

    /// The key as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text is not a [`Key`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key is 1 to 128 printable ASCII characters without blanks")]
pub struct KeyError;

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.0)
    }
}

impl TryFrom<String> for Key {
    type Error = KeyError;
    fn try_from(text: String) -> Result<Self, KeyError> {
        Self::parse(&text)
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.0.as_ref().to_owned()
    }
}

impl FromStr for Key {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        Self::parse(text)
    }
}
