//! Weekly opening or working hours, with exceptions.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::{NaiveDate, Weekday};

mod evaluate;

/// A stretch of a day, `08:30-17:00`: half-open, in minutes from midnight.
///
/// An end at or before the start lies on the next day: `22:00-06:00`. `00:00-24:00` is the whole
/// day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Stretch {
    start_min: u16,
    end_min: u16,
}

/// A text is not a stretch of a day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a stretch of a day: write `08:30-17:00`, `22:00-06:00` or `00:00-24:00`")]
pub struct StretchError {
    text: String,
}

const DAY_MIN: u16 = 24 * 60;

impl Stretch {
    /// The stretch between two minutes of a day: a start from 0 to 1,439, and an end from 0 to 1,440, which lies on
    /// the next day where it is not after the start. `None` for other numbers.
    ///
    /// ```
    /// use bereik_core::hours::Stretch;
    /// assert_eq!(Stretch::new(8 * 60 + 30, 17 * 60), Some("08:30-17:00".parse()?));
    /// assert_eq!(Stretch::new(1_440, 1_440), None);
    /// # Ok::<(), bereik_core::hours::StretchError>(())
    /// ```
    #[must_use]
    pub fn new(start_min: u32, end_min: u32) -> Option<Self> {
        let is_valid = start_min < DAY_MIN.into() && end_min <= DAY_MIN.into();
        is_valid.then_some(Self {
            start_min: start_min as u16,
            end_min: end_min as u16,
        })
    }

    /// The start, in minutes from midnight, 0 to 1,439.
    #[must_use]
    pub const fn start_min(self) -> u16 {
        self.start_min
    }

    /// The end, in minutes from the midnight at which the day starts, 1 to 2,879; beyond 1,440
    /// it lies on the next day.
    #[must_use]
    pub const fn end_min(self) -> u16 {
        if self.end_min <= self.start_min {
            self.end_min + DAY_MIN
        } else {
            self.end_min
        }
    }
}

fn parse_clock(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |t: &str| {
        (t.len() == 2 && t.bytes().all(|c| c.is_ascii_digit())).then(|| t.parse::<u16>().ok())
    };
    let (hours, minutes) = (two(hours)??, two(minutes)??);
    (minutes < 60 && hours * 60 + minutes <= DAY_MIN).then_some(hours * 60 + minutes)
}

impl FromStr for Stretch {
    type Err = StretchError;

    fn from_str(text: &str) -> Result<Self, StretchError> {
        let parse = || {
            let (start, end) = text.split_once('-')?;
            let (start_min, end_min) = (parse_clock(start.trim())?, parse_clock(end.trim())?);
            (start_min < DAY_MIN).then_some(Self { start_min, end_min })
        };
        parse().ok_or_else(|| StretchError {
            text: text.chars().take(40).collect(),
        })
    }
}

impl fmt::Display for Stretch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (s, e) = (self.start_min, self.end_min);
        write!(f, "{:02}:{:02}-{:02}:{:02}", s / 60, s % 60, e / 60, e % 60)
    }
}

impl fmt::Debug for Stretch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for Stretch {
    type Error = StretchError;
    fn try_from(text: String) -> Result<Self, StretchError> {
        text.parse()
    }
}

impl From<Stretch> for String {
    fn from(stretch: Stretch) -> Self {
        stretch.to_string()
    }
}

/// The stretches of each day of a week.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[expect(clippy::exhaustive_structs, reason = "a week has seven days")]
pub struct Week {
    /// Monday.
    pub mon: Vec<Stretch>,
    /// Tuesday.
    pub tue: Vec<Stretch>,
    /// Wednesday.
    pub wed: Vec<Stretch>,
    /// Thursday.
    pub thu: Vec<Stretch>,
    /// Friday.
    pub fri: Vec<Stretch>,
    /// Saturday.
    pub sat: Vec<Stretch>,
    /// Sunday.
    pub sun: Vec<Stretch>,
}

impl Week {
    /// The stretches that start on this day of the week.
    #[must_use]
    pub fn on(&self, day: Weekday) -> &[Stretch] {
        match day {
            Weekday::Mon => &self.mon,
            Weekday::Tue => &self.tue,
            Weekday::Wed => &self.wed,
            Weekday::Thu => &self.thu,
            Weekday::Fri => &self.fri,
            Weekday::Sat => &self.sat,
            Weekday::Sun => &self.sun,
        }
    }
}

/// Weekly opening or working hours with exceptions, in wall-clock time of a zone that is handed
/// in when they are asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Hours {
    /// The week.
    pub week: Week,
    /// Dates with other stretches than their day of the week; none for a closed day.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "BTreeMap::is_empty")
    )]
    pub exceptions: BTreeMap<NaiveDate, Vec<Stretch>>,
}

impl Hours {
    /// Hours with this week and no exceptions.
    #[must_use]
    pub const fn new(week: Week) -> Self {
        Self {
            week,
            exceptions: BTreeMap::new(),
        }
    }

    /// The same with other stretches on one date; an empty list closes it.
    #[must_use]
    pub fn with_exception(mut self, date: NaiveDate, stretches: Vec<Stretch>) -> Self {
        self.exceptions.insert(date, stretches);
        self
    }

    /// The same, closed on these dates: holidays, for instance.
    ///
    /// ```
    /// use bereik_core::hours::{Hours, Week};
    /// let week = Week { fri: vec!["09:00-17:00".parse()?], ..Week::default() };
    /// let hours = Hours::new(week).with_closed(["2026-12-25".parse()?]);
    /// assert!(hours.on("2026-12-25".parse()?).is_empty());
    /// assert_eq!(hours.on("2026-12-18".parse()?).len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_closed(mut self, dates: impl IntoIterator<Item = NaiveDate>) -> Self {
        self.exceptions
            .extend(dates.into_iter().map(|date| (date, Vec::new())));
        self
    }

    /// The stretches that start on this date.
    #[must_use]
    pub fn on(&self, date: NaiveDate) -> &[Stretch] {
        use chrono::Datelike as _;
        self.exceptions
            .get(&date)
            .map_or_else(|| self.week.on(date.weekday()), Vec::as_slice)
    }
}
