//! The value types of RFC 5545 section 3.3 that bear on time.

use crate::civil::{DAY, day_number, month_length};

/// A DATE or DATE-TIME as written, before a zone is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// A day number.
    Date(i32),
    /// Seconds of wall time since 1970-01-01.
    Wall(i64),
    /// Unix seconds.
    Utc(i64),
}

/// A duration: days are nominal, seconds exact (RFC 5545 section 3.3.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Span {
    pub(crate) days: i64,
    pub(crate) seconds: i64,
}

/// Longer than the calendar of RFC 5545, in days.
const DAYS_MAX: i64 = 4_000_000;

fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    digits.iter().try_fold(0_u32, |sum, digit| {
        digit
            .is_ascii_digit()
            .then(|| sum * 10 + u32::from(digit - b'0'))
    })
}

/// A number of any length; beyond 10^15 it is that.
pub(crate) fn count(digits: &[u8]) -> Option<u64> {
    const MAX: u64 = 1_000_000_000_000_000;
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |sum, digit| {
        digit
            .is_ascii_digit()
            .then(|| (sum * 10 + u64::from(digit - b'0')).min(MAX))
    })
}

/// A signed number of up to nine digits.
pub(crate) fn integer(text: &[u8]) -> Option<i32> {
    match text {
        [b'-', digits @ ..] => number(digits).map(|value| -(value as i32)),
        [b'+', digits @ ..] => number(digits).map(|value| value as i32),
        digits => number(digits).map(|value| value as i32),
    }
}

/// `YYYYMMDD`, as a day number.
pub(crate) fn date(text: &[u8]) -> Option<i32> {
    if text.len() != 8 {
        return None;
    }
    let year = number(&text[..4])? as i32;
    let month = number(&text[4..6])?;
    let day = number(&text[6..])?;
    let exists = (1..=12).contains(&month) && (1..=month_length(year, month)).contains(&day);
    exists.then(|| day_number(year, month, day))
}

/// `YYYYMMDD`, or `YYYYMMDDTHHMMSS` with or without `Z`.
pub(crate) fn when(text: &[u8]) -> Option<When> {
    let text = text.trim_ascii();
    let (day, clock) = text.split_at_checked(8)?;
    let day = date(day)?;
    // Some write a date in UTC, which it cannot be.
    if matches!(clock, b"" | b"Z") {
        return Some(When::Date(day));
    }
    let clock = clock.strip_prefix(b"T").or(clock.strip_prefix(b"t"))?;
    let (clock, is_utc) = match clock {
        [clock @ .., b'Z' | b'z'] => (clock, true),
        clock => (clock, false),
    };
    if clock.len() != 6 && clock.len() != 4 {
        return None;
    }
    let hour = number(&clock[..2])?;
    let minute = number(&clock[2..4])?;
    let second = clock
        .get(4..)
        .filter(|s| !s.is_empty())
        .map_or(Some(0), number)?;
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // A leap second is read as the second before it (RFC 5545 section 3.3.12).
    let seconds = hour * 3_600 + minute * 60 + second.min(59);
    let wall = i64::from(day) * DAY + i64::from(seconds);
    Some(if is_utc {
        When::Utc(wall)
    } else {
        When::Wall(wall)
    })
}

/// `[+-]P…`; longer than about 11,000 years is refused.
pub(crate) fn duration(text: &[u8]) -> Option<Span> {
    let text = text.trim_ascii();
    let (sign, text) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        rest => (1, rest),
    };
    let mut rest = text.strip_prefix(b"P").or(text.strip_prefix(b"p"))?;
    let mut span = Span::default();
    let (mut in_time, mut parts) = (false, 0);
    while let Some((first, tail)) = rest.split_first() {
        if matches!(first, b'T' | b't') && !in_time {
            in_time = true;
            rest = tail;
            continue;
        }
        let len = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let value = i64::from(number(&rest[..len])?);
        let (unit, tail) = rest[len..].split_first()?;
        match (unit.to_ascii_uppercase(), in_time) {
            (b'W', _) => span.days += value * 7,
            (b'D', _) => span.days += value,
            (b'H', true) => span.seconds += value * 3_600,
            (b'M', true) => span.seconds += value * 60,
            (b'S', true) => span.seconds += value,
            _ => return None,
        }
        parts += 1;
        rest = tail;
    }
    let fits = span.days <= DAYS_MAX && span.seconds <= DAYS_MAX * DAY;
    (parts > 0 && fits).then_some(Span {
        days: sign * span.days,
        seconds: sign * span.seconds,
    })
}

/// `±HHMM` or `±HHMMSS`, in seconds east of UTC.
pub(crate) fn utc_offset(text: &[u8]) -> Option<i32> {
    let text = text.trim_ascii();
    let (sign, digits) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        rest => (1, rest),
    };
    if digits.len() != 4 && digits.len() != 6 {
        return None;
    }
    let part = |range: std::ops::Range<usize>| digits.get(range).map_or(Some(0), number);
    let (hours, minutes) = (part(0..2)?, part(2..4)?);
    let seconds = if digits.len() == 6 { part(4..6)? } else { 0 };
    let fits = hours < 24 && minutes < 60 && seconds < 60;
    fits.then(|| sign * (hours * 3_600 + minutes * 60 + seconds) as i32)
}

#[cfg(test)]
mod tests {
    use super::{Span, When, duration, utc_offset, when};

    #[test]
    fn dates_and_times() {
        assert_eq!(when(b"19700102"), Some(When::Date(1)));
        assert_eq!(when(b"19700102T000001"), Some(When::Wall(86_401)));
        assert_eq!(when(b"19700101T000060Z"), Some(When::Utc(59)));
        for bad in [
            "",
            "1970",
            "19700230",
            "19701301",
            "19700101T",
            "19700101T250000",
        ] {
            assert_eq!(when(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn durations() {
        let span = |days, seconds| Some(Span { days, seconds });
        assert_eq!(duration(b"P1DT2H3M4S"), span(1, 7_384));
        assert_eq!(duration(b"-P2W"), span(-14, 0));
        assert_eq!(duration(b"PT0S"), span(0, 0));
        for bad in ["", "P", "PT", "P1", "P1H", "1D", "P9999999999D", "PT1HT1H"] {
            assert_eq!(duration(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn offsets() {
        assert_eq!(utc_offset(b"+0530"), Some(19_800));
        assert_eq!(utc_offset(b"-000015"), Some(-15));
        assert_eq!(utc_offset(b"+5"), None);
    }
}
