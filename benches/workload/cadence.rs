//! How often a meeting comes back, as dates and as the parts of a rule.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// Monday to Friday.
pub(crate) const WORKDAYS: [Weekday; 5] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
];

/// A recurrence without its end.
#[derive(Clone, Debug)]
pub(crate) enum Cadence {
    /// On these days of every so many weeks.
    Weekly { every: u32, days: Vec<Weekday> },
    /// On the last working day of a month, which takes BYSETPOS.
    LastWorkday,
    /// On the nth such day of every so many months, the last where it is negative.
    Nth { every: u32, nth: i8, day: Weekday },
    /// On this day of every month.
    MonthDay(u32),
    /// Once a year.
    Yearly,
}

impl Cadence {
    /// The parts of the rule, in the order in which most producers write them; INTERVAL apart, because only some
    /// write it where it is one.
    pub(crate) fn parts(&self) -> (&'static str, u32, String) {
        match self {
            Self::Weekly { every, days } => {
                let days: Vec<&str> = days.iter().map(|day| short(*day)).collect();
                ("WEEKLY", *every, format!("BYDAY={}", days.join(",")))
            }
            Self::LastWorkday => ("MONTHLY", 1, "BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1".to_owned()),
            Self::Nth { every, nth, day } => {
                ("MONTHLY", *every, format!("BYDAY={nth}{}", short(*day)))
            }
            Self::MonthDay(day) => ("MONTHLY", 1, format!("BYMONTHDAY={day}")),
            Self::Yearly => ("YEARLY", 1, String::new()),
        }
    }

    /// Its dates from the first on or after `from` until `to`.
    pub(crate) fn dates(&self, from: NaiveDate, to: NaiveDate) -> Vec<NaiveDate> {
        let mut days = from.iter_days().take_while(|day| *day <= to);
        let Some(first) = days.by_ref().find(|day| self.fits(*day)) else {
            return Vec::new();
        };
        let rest = days.filter(|day| self.fits(*day) && self.is_in_step(first, *day));
        std::iter::once(first).chain(rest).collect()
    }

    /// Whether a period that counts may hold this day.
    fn fits(&self, day: NaiveDate) -> bool {
        match self {
            Self::Weekly { days, .. } => days.contains(&day.weekday()),
            Self::LastWorkday => {
                let workdays_after = (1..4)
                    .map(|after| day + Days::new(after))
                    .filter(|later| later.month() == day.month() && is_workday(*later));
                is_workday(day) && workdays_after.count() == 0
            }
            Self::Nth {
                nth, day: weekday, ..
            } => {
                let is_nth = match nth {
                    ..0 => (day + Days::new(7)).month() != day.month(),
                    _ => (day.day0() / 7 + 1).cast_signed() == i32::from(*nth),
                };
                day.weekday() == *weekday && is_nth
            }
            Self::MonthDay(wanted) => day.day() == *wanted,
            Self::Yearly => true,
        }
    }

    /// Whether the period of `day` counts, where the period of `first` does.
    fn is_in_step(&self, first: NaiveDate, day: NaiveDate) -> bool {
        let months = (day.year() - first.year()) * 12 + day.month().cast_signed()
            - first.month().cast_signed();
        match self {
            Self::Weekly { every, .. } => {
                let weeks = (monday(day) - monday(first)).num_weeks();
                weeks % i64::from(*every) == 0
            }
            Self::Nth { every, .. } => months % every.cast_signed() == 0,
            Self::LastWorkday | Self::MonthDay(_) => true,
            Self::Yearly => months % 12 == 0 && day.day() == first.day(),
        }
    }
}

fn is_workday(day: NaiveDate) -> bool {
    WORKDAYS.contains(&day.weekday())
}

fn monday(day: NaiveDate) -> NaiveDate {
    day - Days::new(u64::from(day.weekday().num_days_from_monday()))
}

fn short(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "MO",
        Weekday::Tue => "TU",
        Weekday::Wed => "WE",
        Weekday::Thu => "TH",
        Weekday::Fri => "FR",
        Weekday::Sat => "SA",
        Weekday::Sun => "SU",
    }
}
