//! The claims of a free/busy value: three bytes each where they lie on whole minutes, found by day.

use chrono::{DateTime, Utc};

use super::FreeBusyKind;
use crate::interval::Interval;

const DAY: i64 = 86_400;
const MINUTE: i64 = 60;
const DAY_MINUTES: i64 = DAY / MINUTE;

/// Bytes of a number in the index.
const NUMBER: usize = 2;
/// Bytes of an entry: 11 bits for the minute of its day, 3 for the kind, 10 for the length.
const ENTRY: usize = 3;
/// Bytes of an escape: both ends, then the number of its entry.
const ESCAPE: usize = ENDS + NUMBER;
/// Bytes of a record: both ends, then the kind.
const RECORD: usize = ENDS + 1;
/// Bytes of two instants.
const ENDS: usize = 24;

/// Lengths below this code are minutes, less one …
const CODE_DAYS: i64 = 991;
/// … below this one days, from one on; this one escapes.
const CODE_ESCAPE: i64 = 1_023;

/// An instant: Unix seconds, and the nanoseconds of the second.
pub(super) type Moment = (i64, u32);

/// One claim, half-open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) start: Moment,
    pub(super) end: Moment,
    pub(super) kind: FreeBusyKind,
}

/// Disjoint claims in ascending order. The same claims are the same bytes.
///
/// Packed, `bytes` begins with an index: for each day of UTC how many entries start before it, and how many there
/// are. Then come the entries, each filed under the day on which it starts, then what escapes of them.
/// Where packing would not save anything, `bytes` is records.
#[derive(Clone, PartialEq, Eq, Default)]
pub(super) struct Claims {
    /// The day number (1970-01-01 is 0) of the first day of the index.
    first_day: i32,
    /// Days of the index; 0 where `bytes` is records.
    days: u32,
    bytes: Box<[u8]>,
}

impl Claims {
    /// Keeps claims that are ascending and disjoint.
    pub(super) fn keep(claims: &[Claim]) -> Self {
        match days_to_pack(claims) {
            Some((first_day, days)) => Self::pack(claims, first_day, days),
            None => Self {
                first_day: 0,
                days: 0,
                bytes: claims.iter().flat_map(record).collect(),
            },
        }
    }

    fn pack(claims: &[Claim], first_day: i32, days: u32) -> Self {
        let index = (days as usize + 1) * NUMBER;
        let mut bytes = Vec::with_capacity(index + claims.len() * ENTRY);
        let mut before = 0;
        for day in 0..=i64::from(days) {
            let begins = (i64::from(first_day) + day) * DAY;
            while claims.get(before).is_some_and(|c| c.start.0 < begins) {
                before += 1;
            }
            bytes.extend((before as u16).to_le_bytes());
        }
        for claim in claims {
            let minute = claim.start.0.rem_euclid(DAY) / MINUTE;
            let code = code_of(claim).unwrap_or(CODE_ESCAPE);
            let entry = minute << 13 | (claim.kind as i64) << 10 | code;
            bytes.extend_from_slice(&(entry as u32).to_le_bytes()[..ENTRY]);
        }
        for (claim, number) in claims.iter().zip(0_u16..) {
            if code_of(claim).is_none() {
                bytes.extend(ends(claim));
                bytes.extend(number.to_le_bytes());
            }
        }
        Self {
            first_day,
            days,
            bytes: bytes.into_boxed_slice(),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self.days {
            0 => self.bytes.len() / RECORD,
            days => self.before(days as usize),
        }
    }

    /// The last claim that starts at or before an instant, and its number.
    pub(super) fn last_begun(&self, at: Moment) -> Option<(usize, Claim)> {
        if self.days == 0 {
            let next = partition(0..self.len(), |number| self.record(number).start <= at);
            let number = next.checked_sub(1)?;
            return Some((number, self.record(number)));
        }
        let day = at.0.div_euclid(DAY) - i64::from(self.first_day);
        let day = usize::try_from(day).ok()?.min(self.days as usize - 1);
        let begins = self.begin_of(day);
        let minute = (at.0 - begins) / MINUTE;
        let of_day = self.before(day)..self.before(day + 1);
        let next = partition(of_day.clone(), |number| {
            minute_of(self.entry(number)) <= minute
        });
        // Of entries in the minute of `at`, those that escaped may start after it.
        for number in (of_day.start..next).rev() {
            let claim = self.unpack(number, self.entry(number), begins);
            if claim.start <= at {
                return Some((number, claim));
            }
        }
        let number = of_day.start.checked_sub(1)?;
        Some((number, self.claim(number)))
    }

    /// The claim of this number, which is below [`len`](Self::len).
    pub(super) fn claim(&self, number: usize) -> Claim {
        if self.days == 0 {
            return self.record(number);
        }
        let day = partition(1..self.days as usize, |day| self.before(day) <= number) - 1;
        self.unpack(number, self.entry(number), self.begin_of(day))
    }

    /// All claims, ascending.
    pub(super) fn iter(&self) -> Iter<'_> {
        Iter {
            claims: self,
            number: 0,
            len: self.len(),
            day: 0,
        }
    }

    /// The Unix second at which a day of the index begins.
    fn begin_of(&self, day: usize) -> i64 {
        (i64::from(self.first_day) + day as i64) * DAY
    }

    /// How many entries start before a day of the index, or before its end.
    fn before(&self, day: usize) -> usize {
        usize::from(u16::from_le_bytes(self.array(day * NUMBER)))
    }

    fn entry(&self, number: usize) -> u32 {
        let [a, b, c] = self.array((self.days as usize + 1) * NUMBER + number * ENTRY);
        u32::from_le_bytes([a, b, c, 0])
    }

    /// The claim of an entry on the day that begins at this Unix second.
    fn unpack(&self, number: usize, entry: u32, begins: i64) -> Claim {
        let kind = FreeBusyKind::ALL[entry as usize >> 10 & 7];
        let code = i64::from(entry & 0x3FF);
        let start = begins + minute_of(entry) * MINUTE;
        let minutes = match code {
            CODE_ESCAPE => {
                let (start, end) = self.escape(number);
                return Claim { start, end, kind };
            }
            code if code < CODE_DAYS => code + 1,
            code => (code - CODE_DAYS + 1) * DAY_MINUTES,
        };
        Claim {
            start: (start, 0),
            end: (start + minutes * MINUTE, 0),
            kind,
        }
    }

    /// The ends of an entry that escaped.
    fn escape(&self, number: usize) -> (Moment, Moment) {
        let base = (self.days as usize + 1) * NUMBER + self.len() * ENTRY;
        let number_at = |at: usize| -> usize {
            usize::from(u16::from_le_bytes(self.array(base + at * ESCAPE + ENDS)))
        };
        let escapes = 0..(self.bytes.len() - base) / ESCAPE;
        let at = partition(escapes, |at| number_at(at) < number);
        self.ends(base + at * ESCAPE)
    }

    fn record(&self, number: usize) -> Claim {
        let at = number * RECORD;
        let (start, end) = self.ends(at);
        let [kind] = self.array(at + ENDS);
        Claim {
            start,
            end,
            kind: FreeBusyKind::ALL[usize::from(kind)],
        }
    }

    fn ends(&self, at: usize) -> (Moment, Moment) {
        let moment = |at: usize| {
            (
                i64::from_le_bytes(self.array(at)),
                u32::from_le_bytes(self.array(at + 8)),
            )
        };
        (moment(at), moment(at + ENDS / 2))
    }

    fn array<const N: usize>(&self, at: usize) -> [u8; N] {
        let bytes = self.bytes.get(at..at + N);
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.expect("whoever made it wrote these bytes")
    }
}

impl Claim {
    pub(super) fn contains(&self, at: Moment) -> bool {
        self.start <= at && at < self.end
    }

    pub(super) fn interval(&self) -> Interval {
        let ends = instant(self.start).zip(instant(self.end));
        ends.and_then(|(start, end)| Interval::new(start, end))
            .expect("it was kept as an interval")
    }
}

/// All claims of a value, ascending.
#[derive(Clone)]
pub(super) struct Iter<'a> {
    claims: &'a Claims,
    number: usize,
    len: usize,
    /// The day under which the next entry is filed, or one before it.
    day: usize,
}

impl Iterator for Iter<'_> {
    type Item = Claim;

    fn next(&mut self) -> Option<Claim> {
        let number = self.number;
        if number >= self.len {
            return None;
        }
        self.number += 1;
        let claims = self.claims;
        if claims.days == 0 {
            return Some(claims.record(number));
        }
        while claims.before(self.day + 1) <= number {
            self.day += 1;
        }
        let begins = claims.begin_of(self.day);
        Some(claims.unpack(number, claims.entry(number), begins))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.len - self.number;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Iter<'_> {}

/// The first of the numbers for which `is_before` no longer holds, or their end.
fn partition(numbers: std::ops::Range<usize>, is_before: impl Fn(usize) -> bool) -> usize {
    let (mut first, mut size) = (numbers.start, numbers.len());
    while size > 0 {
        let half = size / 2;
        (first, size) = match is_before(first + half) {
            true => (first + half + 1, size - half - 1),
            false => (first, half),
        };
    }
    first
}

/// The first day and the number of days of an index, where packing is possible and smaller.
fn days_to_pack(claims: &[Claim]) -> Option<(i32, u32)> {
    let (first, last) = (claims.first()?, claims.last()?);
    let first_day = first.start.0.div_euclid(DAY);
    let days = last.start.0.div_euclid(DAY) - first_day + 1;
    let escaped = claims.iter().filter(|claim| code_of(claim).is_none());
    let bytes = (usize::try_from(days).ok()?.checked_add(1)?).checked_mul(NUMBER)?
        + claims.len() * ENTRY
        + escaped.count() * ESCAPE;
    let fits = bytes < claims.len() * RECORD && claims.len() <= usize::from(u16::MAX);
    let first_day = i32::try_from(first_day).ok()?;
    fits.then_some((first_day, u32::try_from(days).ok()?))
}

fn minute_of(entry: u32) -> i64 {
    i64::from(entry >> 13)
}

/// The code for the length of a claim on whole minutes.
fn code_of(claim: &Claim) -> Option<i64> {
    let (start, end) = (claim.start, claim.end);
    let is_whole = start.1 == 0 && end.1 == 0 && start.0 % MINUTE == 0 && end.0 % MINUTE == 0;
    let minutes = (end.0 - start.0) / MINUTE;
    let code = match minutes {
        ..=CODE_DAYS => minutes - 1,
        _ if minutes % DAY_MINUTES == 0 => minutes / DAY_MINUTES + CODE_DAYS - 1,
        _ => CODE_ESCAPE,
    };
    (is_whole && code < CODE_ESCAPE).then_some(code)
}

fn ends(claim: &Claim) -> [u8; ENDS] {
    let mut bytes = [0; ENDS];
    let (start, end) = bytes.split_at_mut(ENDS / 2);
    for (half, moment) in [(start, claim.start), (end, claim.end)] {
        half[..8].copy_from_slice(&moment.0.to_le_bytes());
        half[8..].copy_from_slice(&moment.1.to_le_bytes());
    }
    bytes
}

fn record(claim: &Claim) -> [u8; RECORD] {
    let mut bytes = [0; RECORD];
    bytes[..ENDS].copy_from_slice(&ends(claim));
    bytes[ENDS] = claim.kind as u8;
    bytes
}

pub(super) fn moment(at: DateTime<Utc>) -> Moment {
    (at.timestamp(), at.timestamp_subsec_nanos())
}

pub(super) fn instant((seconds, nanos): Moment) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(seconds, nanos)
}
