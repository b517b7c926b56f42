//! The two places of the workload: their clocks, and how calendars define them.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Weekday};

/// Where a meeting's wall clock hangs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Europe/Amsterdam.
    Amsterdam,
    /// America/New_York.
    NewYork,
}

/// How a file spells the names and definitions of its zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// The names of the tz database, definitions from 1970.
    Iana,
    /// The names of Windows, definitions from 1601 without TZNAME.
    Windows,
}

impl Place {
    /// The name in the tz database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Amsterdam => "Europe/Amsterdam",
            Self::NewYork => "America/New_York",
        }
    }

    pub(crate) fn other(self) -> Self {
        match self {
            Self::Amsterdam => Self::NewYork,
            Self::NewYork => Self::Amsterdam,
        }
    }

    pub(crate) fn spelled(self, spelling: Spelling) -> &'static str {
        match (self, spelling) {
            (_, Spelling::Iana) => self.name(),
            (Self::Amsterdam, Spelling::Windows) => "W. Europe Standard Time",
            (Self::NewYork, Spelling::Windows) => "Eastern Standard Time",
        }
    }

    /// In UTC, by the rules since 2007, which are written out here so that no time zone database takes part in
    /// making the input.
    pub(crate) fn utc_of(self, wall: NaiveDateTime) -> NaiveDateTime {
        let year = wall.year();
        let (standard, summer, winter) = match self {
            Self::Amsterdam => (
                1,
                last_sunday(year, 3).and_time(hour(2)),
                last_sunday(year, 10).and_time(hour(3)),
            ),
            Self::NewYork => (
                -5,
                nth_sunday(year, 3, 2).and_time(hour(2)),
                nth_sunday(year, 11, 1).and_time(hour(2)),
            ),
        };
        let is_summer = summer <= wall && wall < winter;
        wall - TimeDelta::hours(standard + i64::from(is_summer))
    }

    /// The content lines of its VTIMEZONE.
    pub(crate) fn definition(self, spelling: Spelling) -> Vec<String> {
        let mut lines = vec![
            "BEGIN:VTIMEZONE".to_owned(),
            format!("TZID:{}", self.spelled(spelling)),
        ];
        match spelling {
            Spelling::Iana => lines.push(format!("X-LIC-LOCATION:{}", self.name())),
            Spelling::Windows => {}
        }
        for is_summer in [true, false] {
            self.half(spelling, is_summer, &mut lines);
        }
        lines.push("END:VTIMEZONE".to_owned());
        lines
    }

    fn half(self, spelling: Spelling, is_summer: bool, lines: &mut Vec<String>) {
        let kind = if is_summer { "DAYLIGHT" } else { "STANDARD" };
        let (month, day, hour) = match (self, is_summer) {
            (Self::Amsterdam, true) => (3, "-1SU", 2),
            (Self::Amsterdam, false) => (10, "-1SU", 3),
            (Self::NewYork, true) => (3, "2SU", 2),
            (Self::NewYork, false) => (11, "1SU", 2),
        };
        let (winter, summer) = match self {
            Self::Amsterdam => ("+0100", "+0200"),
            Self::NewYork => ("-0500", "-0400"),
        };
        let (from, to) = match is_summer {
            true => (winter, summer),
            false => (summer, winter),
        };
        lines.push(format!("BEGIN:{kind}"));
        match spelling {
            Spelling::Iana => {
                let names = match self {
                    Self::Amsterdam => ["CET", "CEST"],
                    Self::NewYork => ["EST", "EDT"],
                };
                let first = first_since_1970(month, day);
                lines.extend([
                    format!("TZOFFSETFROM:{from}"),
                    format!("TZOFFSETTO:{to}"),
                    format!("TZNAME:{}", names[usize::from(is_summer)]),
                    format!("DTSTART:{}T{hour:02}0000", first.format("%Y%m%d")),
                    format!("RRULE:FREQ=YEARLY;BYMONTH={month};BYDAY={day}"),
                ]);
            }
            Spelling::Windows => lines.extend([
                format!("DTSTART:16010101T{hour:02}0000"),
                format!("TZOFFSETFROM:{from}"),
                format!("TZOFFSETTO:{to}"),
                format!("RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY={day};BYMONTH={month}"),
            ]),
        }
        lines.push(format!("END:{kind}"));
    }
}

pub(crate) fn hour(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).expect("an hour of the day")
}

pub(crate) fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day of the calendar")
}

fn first_since_1970(month: u32, ordinal: &str) -> NaiveDate {
    match ordinal {
        "1SU" => nth_sunday(1970, month, 1),
        "2SU" => nth_sunday(1970, month, 2),
        _ => last_sunday(1970, month),
    }
}

fn nth_sunday(year: i32, month: u32, nth: u8) -> NaiveDate {
    NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Sun, nth)
        .expect("every month has four Sundays")
}

fn last_sunday(year: i32, month: u32) -> NaiveDate {
    NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Sun, 5)
        .unwrap_or_else(|| nth_sunday(year, month, 4))
}
