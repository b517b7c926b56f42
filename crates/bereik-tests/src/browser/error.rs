//! What went wrong at the browser, and during which step.

use chromiumoxide::error::CdpError;
use std::fmt;

/// A step that the browser did not take, or did not take in time.
#[derive(Clone, PartialEq, Eq)]
pub struct BrowserError {
    step: String,
    reason: String,
}

impl BrowserError {
    pub(crate) fn new(step: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            step: step.into(),
            reason: reason.into(),
        }
    }

    /// Puts the step's name to an error of the driver's library.
    pub(crate) fn at(step: impl Into<String>) -> impl FnOnce(CdpError) -> Self {
        move |reason| Self::new(step, reason.to_string())
    }

    /// The step that failed, as it reads in the message.
    #[must_use]
    pub fn step(&self) -> &str {
        &self.step
    }
}

impl fmt::Display for BrowserError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {}: {}", self.step, self.reason)
    }
}

/// A test that ends with this error prints it through `Debug`: the sentence, not the fields.
impl fmt::Debug for BrowserError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for BrowserError {}
