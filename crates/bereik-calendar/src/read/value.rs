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
    pub(crate) days: i32,
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

/// A SEQUENCE (RFC 5545 section 3.8.7.4); some count in Unix seconds, and what is larger still is the largest.
pub(crate) fn sequence(text: &[u8]) -> Option<i32> {
    let digits = text.strip_prefix(b"+").unwrap_or(text);
    let is_large = digits.len() > 9 && digits.iter().all(u8::is_ascii_digit);
    if !is_large {
        return integer(text);
    }
    let large = digits.iter().fold(0_i32, |number, digit| {
        number
            .saturating_mul(10)
            .saturating_add(i32::from(digit - b'0'))
    });
    Some(large)
}

/// The four pairs of eight digits, read at once.
fn pairs(text: &[u8; 8]) -> Option<[u32; 4]> {
    const ALL: u64 = 0x0101_0101_0101_0101;
    let bytes = u64::from_le_bytes(*text);
    // Each byte must be 0x30 to 0x39: its upper half 3, also when 6 is added.
    let upper = |bytes: u64| bytes & (ALL * 0xF0);
    let are_digits =
        upper(bytes) == ALL * 0x30 && upper(bytes.wrapping_add(ALL * 0x06)) == ALL * 0x30;
    let digits = bytes & (ALL * 0x0F);
    let [a, _, b, _, c, _, d, _] = (digits * 10 + (digits >> 8)).to_le_bytes();
    are_digits.then_some([a, b, c, d].map(u32::from))
}

/// `YYYYMMDD`, as a day number.
pub(crate) fn date(text: &[u8]) -> Option<i32> {
    let [century, year, month, day] = pairs(text.try_into().ok()?)?;
    let year = (century * 100 + year) as i32;
    let exists = (1..=12).contains(&month) && (1..=month_length(year, month)).contains(&day);
    exists.then(|| day_number(year, month, day))
}

/// `YYYYMMDD`, or `YYYYMMDDTHHMMSS` with or without `Z`.
pub(crate) fn when(text: &[u8]) -> Option<When> {
    let text = text.trim_ascii();
    let (day, clock) = text.split_at_checked(8)?;
    let day = date(day)?;
    let clock = match clock {
        // Some write a date in UTC, which it cannot be.
        [] | [b'Z'] => return Some(When::Date(day)),
        [b'T' | b't', clock @ ..] => clock,
        _ => return None,
    };
    let (clock, is_utc) = match clock {
        [clock @ .., b'Z' | b'z'] => (clock, true),
        clock => (clock, false),
    };
    let mut digits = *b"00000000";
    match clock.len() {
        // Some leave the seconds out.
        4 | 6 => digits[..clock.len()].copy_from_slice(clock),
        _ => return None,
    }
    let [hour, minute, second, _] = pairs(&digits)?;
    // Some write the end of a day as its 24th hour.
    let is_end_of_day = (hour, minute, second) == (24, 0, 0);
    if (hour > 23 && !is_end_of_day) || minute > 59 || second > 60 {
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

/// The day that an unreadable time begins with, in basic or extended form; a day that the month
/// does not have is its last.
pub(crate) fn vague_day(text: &[u8]) -> Option<i32> {
    let text = text.trim_ascii();
    let digits: Vec<u8> = match text {
        [a, b, c, d, b'-', e, f, b'-', g, h, ..] => vec![*a, *b, *c, *d, *e, *f, *g, *h],
        text => text.get(..8)?.to_vec(),
    };
    let [century, year, month, day] = pairs(digits.as_slice().try_into().ok()?)?;
    let year = (century * 100 + year) as i32;
    let exists = (1..=12).contains(&month) && (1..=31).contains(&day);
    exists.then(|| day_number(year, month, day.min(month_length(year, month))))
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
    let (mut days, mut seconds) = (0_i64, 0_i64);
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
            (b'W', _) => days += value * 7,
            (b'D', _) => days += value,
            (b'H', true) => seconds += value * 3_600,
            (b'M', true) => seconds += value * 60,
            (b'S', true) => seconds += value,
            _ => return None,
        }
        parts += 1;
        rest = tail;
    }
    let fits = parts > 0 && days <= DAYS_MAX && seconds <= DAYS_MAX * DAY;
    let days = i32::try_from(sign * days).ok().filter(|_| fits)?;
    let seconds = sign * seconds;
    Some(Span { days, seconds })
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
    use super::{Span, When, duration, utc_offset, vague_day, when};

    #[test]
    fn dates_and_times() {
        assert_eq!(when(b"19700102"), Some(When::Date(1)));
        assert_eq!(when(b"19700102T000001"), Some(When::Wall(86_401)));
        assert_eq!(when(b"19700101T000060Z"), Some(When::Utc(59)));
        assert_eq!(when(b"19700101T240000"), Some(When::Wall(86_400)));
        for bad in [
            "",
            "1970",
            "19700230",
            "19701301",
            "19700101T",
            "19700101T250000",
            "19700101T240001",
            "1970010:",
            "1970/101",
            "19700101T1a0000",
            "19700101T00000/",
            "19700101T000000+0100",
        ] {
            assert_eq!(when(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn a_day_may_be_all_that_is_readable() {
        for vague in ["1970-01-02T10:00:00Z", "19700102T25", "19700102 10:00"] {
            assert_eq!(vague_day(vague.as_bytes()), Some(1), "{vague}");
        }
        assert_eq!(vague_day(b"19700231T100000"), Some(58));
        for none in ["", "soon", "1970-13-01", "19701301T000000", "1970"] {
            assert_eq!(vague_day(none.as_bytes()), None, "{none}");
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
