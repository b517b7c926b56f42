//! Pages of a website and lines of the company, and what a contact from one of them needs.

use crate::group::Requirement;
use crate::id::{GroupId, LineId, NeedId};
use crate::urgency::Urgency;

/// A row of the table that says what a contact from a page, or over a line of the company, needs. The
/// first row that matches counts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain configuration, built by embedders as a literal"
)]
pub struct PageRule {
    /// The path of the page, where `*` stands for any run of characters: `/shop/*/checkout`. A line is
    /// written `line:` and its id: `line:sales-mail` is for what is written to that mailbox,
    /// `line:calamity-number` for who dials that number. No page matches such a row, and no line another.
    pub pattern: String,
    /// The group that is asked when the customer did not choose himself.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub group: Option<GroupId>,
    /// What is needed of a person.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Vec::is_empty")
    )]
    pub requires: Vec<Requirement>,
    /// The least urgency of a contact from there.
    #[cfg_attr(feature = "serde", serde(default))]
    pub urgency: Urgency,
    /// What a contact from there is about.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub need: Option<NeedId>,
}

/// Which row of the table matched: what the timeline shows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "a row's number and its pattern")]
pub struct PageMatch {
    /// The row, counted from 1.
    pub row: u32,
    /// Its pattern.
    pub pattern: String,
}

impl PageRule {
    /// The line that the row is for, if it is for one.
    ///
    /// ```
    /// use bereik_core::page::PageRule;
    /// use bereik_core::urgency::Urgency;
    /// let rule = PageRule {
    ///     pattern: "line:calamity-number".into(), group: None, requires: vec![],
    ///     urgency: Urgency::Calamity, need: None,
    /// };
    /// assert_eq!(rule.line(), Some("calamity-number"));
    /// assert!(!rule.matches("line:calamity-number"), "a customer does not choose his line by a page");
    /// ```
    #[must_use]
    pub fn line(&self) -> Option<&str> {
        self.pattern.strip_prefix("line:")
    }

    /// Whether the row is for this line.
    #[must_use]
    pub fn is_for_line(&self, line: &LineId) -> bool {
        self.line() == Some(line.as_str())
    }

    /// Whether the path of a page matches the pattern. Query and fragment do not count.
    ///
    /// Time grows with the product of both lengths at worst; nothing recurses.
    ///
    /// ```
    /// use bereik_core::page::PageRule;
    /// use bereik_core::urgency::Urgency;
    /// let rule = PageRule {
    ///     pattern: "/shop/*/checkout".into(), group: None, requires: vec![], urgency: Urgency::High,
    ///     need: None,
    /// };
    /// assert!(rule.matches("/shop/bikes/checkout?step=2"));
    /// assert!(!rule.matches("/shop/bikes"));
    /// ```
    #[must_use]
    pub fn matches(&self, page: &str) -> bool {
        let path = page.split(['?', '#']).next().unwrap_or(page);
        self.line().is_none() && matches_glob(self.pattern.as_bytes(), path.as_bytes())
    }
}

fn matches_glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where to take up again when the run that the last `*` stands for was too short.
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            retry = Some((p + 1, t));
            p += 1;
        } else if p < pattern.len() && pattern[p] == text[t] {
            p += 1;
            t += 1;
        } else if let Some((after_star, taken)) = retry {
            p = after_star;
            t = taken + 1;
            retry = Some((after_star, t));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|&c| c == b'*')
}
