//! Arithmetic on the days and seconds of a civil calendar, without a zone.

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// A weekday as a number: 0 is Monday, 6 is Sunday.
pub(crate) type Weekday = u8;

/// The day number (1970-01-01 is 0) of a date of the proleptic Gregorian calendar.
pub(crate) fn day_number(year: i32, month: u32, day: u32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month = (month as i32 + 9) % 12;
    let day_of_year = (153 * month + 2) / 5 + day as i32 - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The year, month and day of a day number.
pub(crate) fn date_of(day_number: i32) -> (i32, u32, u32) {
    let shifted = day_number + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * month + 2) / 5 + 1) as u32;
    let month = if month < 10 { month + 3 } else { month - 9 } as u32;
    let year = year_of_era + era * 400;
    (if month <= 2 { year + 1 } else { year }, month, day)
}

pub(crate) fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(crate) fn month_length(year: i32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(is_leap(year)),
        _ => 31,
    }
}

pub(crate) fn year_length(year: i32) -> i32 {
    365 + i32::from(is_leap(year))
}

pub(crate) fn weekday(day_number: i32) -> Weekday {
    // 1970-01-01 was a Thursday.
    (day_number + 3).rem_euclid(7) as Weekday
}

/// The day on which the week around `day_number` begins.
pub(crate) fn week_start(day_number: i32, first: Weekday) -> i32 {
    let into = (i32::from(weekday(day_number)) - i32::from(first)).rem_euclid(7);
    day_number - into
}

/// The day on which week 1 of `year` begins: the first week with four days in the year (RFC 5545
/// section 3.3.10, WKST).
pub(crate) fn first_week(year: i32, first: Weekday) -> i32 {
    week_start(day_number(year, 1, 4), first)
}

/// The year that the week around `day_number` belongs to.
pub(crate) fn week_year(day_number: i32, first: Weekday) -> i32 {
    let (year, _, _) = date_of(day_number);
    if day_number < first_week(year, first) {
        year - 1
    } else if day_number >= first_week(year + 1, first) {
        year + 1
    } else {
        year
    }
}

/// The day that a wall time in seconds falls on.
pub(crate) fn day_of(wall: i64) -> i32 {
    wall.div_euclid(DAY) as i32
}

#[cfg(test)]
mod tests {
    use super::{date_of, day_number, week_year, weekday};
    use chrono::{Datelike, NaiveDate};

    #[test]
    fn agrees_with_chrono_from_1600_to_2400() {
        let first = NaiveDate::from_ymd_opt(1600, 1, 1).unwrap();
        for date in first.iter_days().take_while(|date| date.year() < 2400) {
            let number = day_number(date.year(), date.month(), date.day());
            assert_eq!(number, date.to_epoch_days());
            assert_eq!(date_of(number), (date.year(), date.month(), date.day()));
            assert_eq!(
                u32::from(weekday(number)),
                date.weekday().num_days_from_monday()
            );
            assert_eq!(week_year(number, 0), date.iso_week().year());
        }
    }
}
