//! A time of the company's clock on a date, as scenarios write it.

use std::str::FromStr;

use bereik_core::Zone;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde::Deserialize;

/// A time of the company's clock on a date: `2026-11-23 08:00`, or `2026-11-23` for its midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Moment(NaiveDateTime);

/// A text is not a [`Moment`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time of a clock: write `2026-11-23 08:00`")]
pub struct MomentError;

impl Moment {
    /// The instant that it means in a zone.
    #[must_use]
    pub fn in_zone(self, zone: &Zone) -> DateTime<Utc> {
        zone.instant_of(self.0)
    }

    /// The time of the clock.
    #[must_use]
    pub const fn local(self) -> NaiveDateTime {
        self.0
    }
}

impl FromStr for Moment {
    type Err = MomentError;

    fn from_str(text: &str) -> Result<Self, MomentError> {
        let text = text.trim();
        let timed = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S"]
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
        let dated = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        timed
            .or_else(|| dated().map(|date| date.and_time(NaiveTime::MIN)))
            .map(Self)
            .ok_or(MomentError)
    }
}

impl TryFrom<String> for Moment {
    type Error = MomentError;
    fn try_from(text: String) -> Result<Self, MomentError> {
        text.parse()
    }
}
