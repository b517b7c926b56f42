//! What an embedder decides about a form.

use crate::config::{Limits, Rate};
use crate::origin::Origin;

/// What an embedder decides about a form.
///
/// ```
/// use bereik_web::FormConfig;
/// let config = FormConfig::new("Rivers & Co").with_origin("https://www.example.org".parse()?);
/// assert_eq!(config.bytes_max, 2 * 1024 * 1024);
/// # Ok::<(), bereik_web::WebError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FormConfig {
    /// The company, as the page names it.
    pub company: String,
    /// Sites besides our own that have a form which posts here.
    pub origins: Vec<Origin>,
    /// Sites that may show the form in a frame; none, where none is named.
    pub frame_ancestors: Vec<Origin>,
    /// The most bytes of a form with its files; 2 MiB without. The inbox holds what was not pulled yet.
    pub bytes_max: usize,
    /// How often one network address may post; 3 at once and then 6 a minute without.
    pub per_address: Rate,
}

impl FormConfig {
    /// A form of this company.
    #[must_use]
    pub fn new(company: impl Into<String>) -> Self {
        Self {
            company: company.into(),
            origins: Vec::new(),
            frame_ancestors: Vec::new(),
            bytes_max: 2 * 1024 * 1024,
            per_address: Rate {
                at_once: 3,
                per_minute: 6,
            },
        }
    }

    /// The same, where this site has a form of its own that posts here.
    #[must_use]
    pub fn with_origin(mut self, origin: Origin) -> Self {
        self.origins.push(origin);
        self
    }

    /// The same, where this site may show the form in a frame.
    #[must_use]
    pub fn with_frame_ancestor(mut self, origin: Origin) -> Self {
        self.frame_ancestors.push(origin);
        self
    }

    /// The same, with another bound on the bytes of a form.
    #[must_use]
    pub const fn with_bytes_max(mut self, bytes_max: usize) -> Self {
        self.bytes_max = bytes_max;
        self
    }

    /// The same, where one network address may post so often.
    #[must_use]
    pub const fn with_per_address(mut self, per_address: Rate) -> Self {
        self.per_address = per_address;
        self
    }

    pub(super) fn limits(&self) -> Limits {
        Limits {
            per_address: self.per_address,
            ..Limits::default()
        }
    }
}
