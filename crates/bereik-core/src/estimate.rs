//! How a predicted wait was worked out.

/// How a predicted wait was worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Method {
    /// Somebody has a hand free: there is nothing to wait for but his answer.
    Free,
    /// A sum of exponential times, one for each contact ahead, with the hands that are there now.
    Hypoexponential,
    /// The same, with hands that come and go as calendars say.
    TimeVarying,
}

impl Method {
    /// The name used in files and on the wire: `time_varying`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Hypoexponential => "hypoexponential",
            Self::TimeVarying => "time_varying",
        }
    }
}
