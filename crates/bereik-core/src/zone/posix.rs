//! The POSIX TZ string of a TZif footer: the offsets of every year to come (RFC 9636 section 3.3.1).

use super::Segment;

const DAY: i64 = 86_400;
/// The last year whose turns are written out.
const WRITTEN_OUT_YEAR_MAX: i32 = 2100;

/// A standard offset and perhaps a yearly change to another and back; seconds east of UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PosixRule {
    standard: i32,
    daylight: Option<Daylight>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Daylight {
    offset: i32,
    start: YearTime,
    end: YearTime,
}

/// A moment of each year, in the wall time that holds just before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct YearTime {
    day: YearDay,
    /// Seconds after midnight; may be negative or beyond a day.
    seconds: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum YearDay {
    /// `n`: days since 1 January, 29 February counted.
    FromZero(i64),
    /// `Jn`: 1 to 365, 29 February never counted.
    Julian(i64),
    /// `Mm.w.d`: weekday `d` (0 is Sunday) of week `w` (5 is the last) of month `m`.
    Weekday { month: u32, week: i64, weekday: i64 },
}

impl PosixRule {
    pub(super) fn offsets(&self) -> impl Iterator<Item = i32> + use<> {
        let daylight = self.daylight.as_ref().map(|daylight| daylight.offset);
        [self.standard].into_iter().chain(daylight)
    }

    /// Appends the turns from the last transition to the year 2100, so that finding an offset of our days is
    /// one binary search.
    pub(super) fn extend(&self, transitions: &mut Vec<(i64, i32)>) {
        let (Some(daylight), Some((last, _))) = (&self.daylight, transitions.last()) else {
            return;
        };
        let last = *last;
        let from = year_of(last);
        let years = from..=WRITTEN_OUT_YEAR_MAX;
        let mut turns: Vec<(i64, i32)> =
            years.flat_map(|year| self.turns(daylight, year)).collect();
        // Stable: of turns at one instant, the later year's stays the later.
        turns.sort_by_key(|(at, _)| *at);
        for (at, offset) in turns.into_iter().filter(|(at, _)| *at > last) {
            match transitions.last_mut() {
                // Where one year's end meets the next year's start, the start holds.
                Some((previous, earlier)) if *previous == at => *earlier = offset,
                _ => transitions.push((at, offset)),
            }
        }
    }

    /// The two turns of a year, ascending.
    fn turns(&self, daylight: &Daylight, year: i32) -> [(i64, i32); 2] {
        let start = daylight.start.in_year(year) - i64::from(self.standard);
        let end = daylight.end.in_year(year) - i64::from(daylight.offset);
        match end < start {
            true => [(end, self.standard), (start, daylight.offset)],
            false => [(start, daylight.offset), (end, self.standard)],
        }
    }

    /// The stretch of one offset around `instant`.
    pub(super) fn segment_at(&self, instant: i64) -> Segment {
        let always = |offset| Segment {
            start: i64::MIN,
            end: i64::MAX,
            offset,
        };
        let Some(daylight) = &self.daylight else {
            return always(self.standard);
        };
        let year = year_of(instant);
        if !(-200_000..200_000).contains(&year) {
            return always(self.standard);
        }
        if daylight.is_inside_year() {
            return self.segment_inside(daylight, year, instant);
        }
        let mut turns = [(0, 0); 10];
        for (pair, year) in turns.chunks_exact_mut(2).zip(year - 2..) {
            pair.copy_from_slice(&self.turns(daylight, year));
        }
        // Stable: where one year's end meets the next year's start, the start is later and holds.
        turns.sort_by_key(|(at, _)| *at);
        let next = turns.partition_point(|(at, _)| *at <= instant);
        let last = next.saturating_sub(1);
        Segment {
            start: turns[last].0,
            end: turns.get(next).map_or(i64::MAX, |(at, _)| *at),
            offset: turns[last].1,
        }
    }

    /// As [`segment_at`](Self::segment_at), where both turns of each year lie well inside it.
    fn segment_inside(&self, daylight: &Daylight, year: i32, instant: i64) -> Segment {
        let [first, second] = self.turns(daylight, year);
        let (start, end) = match instant {
            _ if instant < first.0 => (self.turns(daylight, year - 1)[1], first),
            _ if instant < second.0 => (first, second),
            _ => (second, self.turns(daylight, year + 1)[0]),
        };
        Segment {
            start: start.0,
            end: end.0,
            offset: start.1,
        }
    }
}

impl Daylight {
    /// Whether both turns are so far from New Year that no offset and no time of day brings them there.
    fn is_inside_year(&self) -> bool {
        let is_inside = |time: YearTime| match time.day {
            YearDay::Weekday { month, .. } => (2..=11).contains(&month),
            YearDay::FromZero(_) | YearDay::Julian(_) => false,
        };
        is_inside(self.start) && is_inside(self.end)
    }
}

impl YearTime {
    /// The wall time in `year`, as seconds since 1970 were it UTC.
    fn in_year(self, year: i32) -> i64 {
        let day = match self.day {
            YearDay::FromZero(day) => day_number(year, 1) + day,
            YearDay::Julian(day) => {
                let leap = i64::from(is_leap(year) && day >= 60);
                day_number(year, 1) + day - 1 + leap
            }
            YearDay::Weekday {
                month,
                week,
                weekday,
            } => {
                let first = day_number(year, month);
                // 1970-01-01 was a Thursday, day 4 where Sunday is day 0.
                let first_weekday = (first + 4).rem_euclid(7);
                let day = first + (weekday - first_weekday).rem_euclid(7) + (week - 1) * 7;
                let next_month = match month {
                    12 => day_number(year + 1, 1),
                    _ => day_number(year, month + 1),
                };
                if day >= next_month { day - 7 } else { day }
            }
        };
        day * DAY + self.seconds
    }
}

/// Days since 1970-01-01 of the first of a month.
fn day_number(year: i32, month: u32) -> i64 {
    // Years begin in March, so that the leap day is the last of them.
    let year = i64::from(year) - i64::from(month <= 2);
    let months = (month + 9) % 12;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + i64::from((153 * months + 2) / 5) - 719_468
}

/// The year around an instant.
fn year_of(instant: i64) -> i32 {
    let day = instant.div_euclid(DAY);
    // A mean Gregorian year has 31,556,952 seconds; what that makes of an instant is at most one off.
    let year = instant.div_euclid(31_556_952) + 1970;
    let year = i32::try_from(year).unwrap_or(i32::MAX - 1);
    match year {
        year if day < day_number(year, 1) => year - 1,
        year if day_number(year + 1, 1) <= day => year + 1,
        year => year,
    }
}

fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Reads a TZ string, or `None` where it is malformed.
pub(super) fn read(text: &[u8]) -> Option<PosixRule> {
    let mut reader = Reader(text);
    reader.name()?;
    let standard = -reader.offset()?;
    if reader.0.is_empty() {
        return Some(PosixRule {
            standard,
            daylight: None,
        });
    }
    reader.name()?;
    let offset = match reader.0.first()? {
        b',' => standard + 3_600,
        _ => -reader.offset()?,
    };
    reader.eat(b',').then_some(())?;
    let start = reader.year_time()?;
    reader.eat(b',').then_some(())?;
    let end = reader.year_time()?;
    reader.0.is_empty().then_some(PosixRule {
        standard,
        daylight: Some(Daylight { offset, start, end }),
    })
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn eat(&mut self, byte: u8) -> bool {
        match self.0.strip_prefix(&[byte]) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    /// An abbreviation: three or more letters, or anything of that length in angle brackets.
    fn name(&mut self) -> Option<()> {
        let quoted = self.eat(b'<');
        let inside = |byte: &u8| match quoted {
            true => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-'),
            false => byte.is_ascii_alphabetic(),
        };
        let len = self.0.iter().take_while(|byte| inside(byte)).count();
        self.0 = self.0.get(len..)?;
        (len >= 3 && (!quoted || self.eat(b'>'))).then_some(())
    }

    fn number(&mut self, max: i64) -> Option<i64> {
        let len = self.0.iter().take_while(|b| b.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at_checked(len)?;
        if !(1..=3).contains(&len) {
            return None;
        }
        self.0 = rest;
        let value = digits
            .iter()
            .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        (value <= max).then_some(value)
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    fn clock(&mut self, hours_max: i64) -> Option<i64> {
        let negative = self.eat(b'-');
        if !negative {
            self.eat(b'+');
        }
        let mut seconds = self.number(hours_max)? * 3_600;
        if self.eat(b':') {
            seconds += self.number(59)? * 60;
            if self.eat(b':') {
                seconds += self.number(59)?;
            }
        }
        Some(if negative { -seconds } else { seconds })
    }

    /// An offset as POSIX writes it: positive west of UTC.
    fn offset(&mut self) -> Option<i32> {
        i32::try_from(self.clock(24)?).ok()
    }

    fn year_time(&mut self) -> Option<YearTime> {
        let day = self.year_day()?;
        let seconds = match self.eat(b'/') {
            true => self.clock(167)?,
            false => 2 * 3_600,
        };
        Some(YearTime { day, seconds })
    }

    fn year_day(&mut self) -> Option<YearDay> {
        if self.eat(b'J') {
            let day = self.number(365)?;
            return (day >= 1).then_some(YearDay::Julian(day));
        }
        if !self.eat(b'M') {
            return self.number(365).map(YearDay::FromZero);
        }
        let month = u32::try_from(self.number(12)?).ok()?;
        self.eat(b'.').then_some(())?;
        let week = self.number(5)?;
        self.eat(b'.').then_some(())?;
        let weekday = self.number(6)?;
        (month >= 1 && week >= 1).then_some(YearDay::Weekday {
            month,
            week,
            weekday,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::year_of;
    use chrono::{Datelike, NaiveDate};

    #[test]
    fn years_begin_when_chrono_says() {
        for year in [
            -200_000, -400, 0, 1, 1600, 1900, 1969, 1970, 2000, 2026, 2100, 9_999, 200_000,
        ] {
            let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
            let midnight = i64::from(first.to_epoch_days()) * 86_400;
            assert_eq!(year_of(midnight), first.year());
            assert_eq!(year_of(midnight - 1), first.year() - 1);
        }
    }
}
