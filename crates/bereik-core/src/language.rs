//! The languages that bereik speaks to customers, and texts written in them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// A language in which bereik has its own words for customers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Language {
    /// Nederlands.
    #[cfg_attr(feature = "serde", serde(rename = "nl"))]
    Dutch,
    /// English.
    #[default]
    #[cfg_attr(feature = "serde", serde(rename = "en"))]
    English,
}

impl Language {
    /// The BCP 47 tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Dutch => "nl",
            Self::English => "en",
        }
    }

    /// The best language for an `Accept-Language` header or a BCP 47 tag; English where none fits.
    ///
    /// Quality values are not weighed: the first language named that we speak wins.
    ///
    /// ```
    /// use bereik_core::language::Language;
    /// assert_eq!(Language::of_tags("fr-BE, nl-BE;q=0.8, en;q=0.5"), Language::Dutch);
    /// ```
    #[must_use]
    pub fn of_tags(tags: &str) -> Self {
        let mut primaries = tags.split(',').take(32).map(|tag| {
            let tag = tag.trim();
            tag.split(['-', '_', ';']).next().unwrap_or(tag)
        });
        primaries
            .find_map(|tag| tag.parse().ok())
            .unwrap_or_default()
    }
}

/// A text is not the tag of a language that bereik speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a language that bereik speaks: `en` or `nl`")]
pub struct LanguageError;

impl FromStr for Language {
    type Err = LanguageError;
    fn from_str(tag: &str) -> Result<Self, LanguageError> {
        if tag.eq_ignore_ascii_case("nl") {
            Ok(Self::Dutch)
        } else if tag.eq_ignore_ascii_case("en") {
            Ok(Self::English)
        } else {
            Err(LanguageError)
        }
    }
}

/// A text of the embedder's in one or more languages, such as the name of a group.
///
/// In files either one string, which serves every language, or a table by language tag.
///
/// ```
/// use bereik_core::language::{Language, Localised};
/// let name = Localised::new("Sales").with(Language::Dutch, "Verkoop");
/// assert_eq!(name.in_language(Language::Dutch), "Verkoop");
/// assert_eq!(name.in_language(Language::English), "Sales");
/// ```
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        untagged,
        expecting = "expected a text, or texts by language: { en = \"Sales\", nl = \"Verkoop\" }"
    )
)]
pub enum Localised {
    /// One text for every language.
    One(String),
    /// A text for each language; English, else the first, serves the others.
    Each(BTreeMap<Language, String>),
}

impl Localised {
    /// One text for every language.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self::One(text.into())
    }

    /// The same with another text for one language.
    #[must_use]
    pub fn with(self, language: Language, text: impl Into<String>) -> Self {
        let mut texts = match self {
            Self::One(one) => BTreeMap::from([(Language::English, one)]),
            Self::Each(texts) => texts,
        };
        texts.insert(language, text.into());
        Self::Each(texts)
    }

    /// The text for this language.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        match self {
            Self::One(text) => text,
            Self::Each(texts) => texts
                .get(&language)
                .or_else(|| texts.get(&Language::English))
                .or_else(|| texts.values().next())
                .map_or("", String::as_str),
        }
    }
}

impl fmt::Debug for Localised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.in_language(Language::English), f)
    }
}

impl From<&str> for Localised {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}
