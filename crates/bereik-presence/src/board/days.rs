//! Free/busy time of many people, a cell for each person and day, so that a question takes one look at memory.

use bereik_core::{FreeBusy, FreeBusyKind, Interval};
use chrono::{DateTime, Utc};

/// Days that are kept of a person, from the first that is known.
pub(super) const DAYS: i64 = 16;
/// Entries of a cell.
const ENTRIES: usize = 10;
/// Bytes of an entry: 11 bits for the minute of its day, 3 for the kind, 10 for the length in minutes.
const ENTRY: usize = 3;

const DAY: i64 = 86_400;
const MINUTE: i64 = 60;
const DAY_MINUTES: i64 = DAY / MINUTE;
/// The longest entry, in minutes; what is longer takes several.
const LENGTH_MAX: i64 = 1_023;
/// No entry begins at so late a minute.
const EMPTY: u32 = 0x00FF_FFFF;

/// What is not free on one day of UTC, ascending; the rest of the day is free.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
struct Cell([u8; 32]);

/// The days of each person, one person after the other. The cell of a day is found by the day's number alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Days {
    cells: Vec<Cell>,
}

/// What of a person's time is kept in cells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit {
    /// The first day, as a number of days since 1970.
    pub(super) first: i32,
    /// Whether that is all.
    pub(super) is_whole: bool,
}

impl Days {
    /// Makes room for so many people more.
    pub(super) fn reserve(&mut self, people: usize) {
        self.cells.reserve(people * DAYS as usize);
    }

    /// The days of one more person, of whom nothing is kept.
    pub(super) fn push(&mut self) {
        self.cells
            .extend(std::iter::repeat_n(Cell::FREE, DAYS as usize));
    }

    /// Keeps what is known of a person, where it fits: whole minutes, ten stretches a day. Of more than sixteen days
    /// it keeps those from yesterday on.
    pub(super) fn keep(
        &mut self,
        person: usize,
        free_busy: &FreeBusy,
        now: DateTime<Utc>,
    ) -> Option<Fit> {
        let known = free_busy.known()?;
        let (from, to) = (known.start().timestamp(), known.end().timestamp());
        let (first, last) = (from.div_euclid(DAY), (to - 1).div_euclid(DAY));
        let is_whole = last - first < DAYS;
        let first = match is_whole {
            true => first,
            false => first.max(now.timestamp().div_euclid(DAY) - 1),
        };
        let range = Interval::new(midnight(first)?, midnight(first + DAYS)?)?;
        let inside = known.intersection(&range)?;
        let (from, to) = (minutes(inside.start())?, minutes(inside.end())?);
        let first_cell = person * DAYS as usize;
        let cells = &mut self.cells[first_cell..first_cell + DAYS as usize];
        cells.fill(Cell::FREE);
        push(cells, first * DAY_MINUTES, from, FreeBusyKind::Unknown)?;
        let claims = free_busy.intervals();
        let claims = claims.filter_map(|(claim, kind)| Some((claim.intersection(&range)?, kind)));
        for (interval, kind) in claims {
            let (start, end) = (minutes(interval.start())?, minutes(interval.end())?);
            push(cells, start, end, kind)?;
        }
        push(
            cells,
            to,
            (first + DAYS) * DAY_MINUTES,
            FreeBusyKind::Unknown,
        )?;
        Some(Fit {
            first: i32::try_from(first).ok()?,
            is_whole,
        })
    }

    /// Whether an instant lies in the days of a person that begin with `first`.
    pub(super) fn covers(first: i32, at: DateTime<Utc>) -> bool {
        let day = at.timestamp().div_euclid(DAY);
        (0..DAYS).contains(&(day - i64::from(first)))
    }

    /// What is said of an instant, where the person's days begin with `first`.
    #[inline]
    pub(super) fn kind_at(&self, person: usize, first: i32, at: DateTime<Utc>) -> FreeBusyKind {
        match Self::covers(first, at) {
            true => self.kind_in_cell(person, at),
            false => FreeBusyKind::Unknown,
        }
    }

    /// What a person's cell of an instant's day says, whatever day it was kept for: whether that is the day has to be
    /// [asked](Self::covers) besides. So a processor fetches the cell while it looks up whose it is.
    #[inline]
    pub(super) fn kind_in_cell(&self, person: usize, at: DateTime<Utc>) -> FreeBusyKind {
        let minute = at.timestamp().div_euclid(MINUTE);
        let day = minute.div_euclid(DAY_MINUTES);
        let cell = &self.cells[person * DAYS as usize + day.rem_euclid(DAYS) as usize];
        cell.kind(minute.rem_euclid(DAY_MINUTES) as u32)
    }

    /// The first instant after `at` at which another kind begins.
    pub(super) fn next_change_after(
        &self,
        person: usize,
        first: i32,
        at: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let begins = i64::from(first) * DAY_MINUTES;
        let minute = at.timestamp().div_euclid(MINUTE);
        let kind = self.piece(person, first, minute).0;
        let mut next = minute.max(begins - 1) + 1;
        if minute >= begins {
            next = self.piece(person, first, minute).1;
        }
        loop {
            let (other, end) = self.piece(person, first, next);
            if other != kind {
                return DateTime::from_timestamp(next * MINUTE, 0);
            }
            if next >= begins + DAYS * DAY_MINUTES {
                return None;
            }
            next = end;
        }
    }

    /// What is said of a minute, and until which minute it is said at least. Before and behind the days that are
    /// kept nothing is known.
    #[inline]
    fn piece(&self, person: usize, first: i32, minute: i64) -> (FreeBusyKind, i64) {
        let day = minute.div_euclid(DAY_MINUTES);
        let cell = &self.cells[person * DAYS as usize + day.rem_euclid(DAYS) as usize];
        if !(0..DAYS).contains(&(day - i64::from(first))) {
            return (FreeBusyKind::Unknown, minute + 1);
        }
        let (kind, end) = cell.piece(minute.rem_euclid(DAY_MINUTES) as u32);
        (kind, day * DAY_MINUTES + i64::from(end))
    }
}

impl Cell {
    const FREE: Self = Self([0xFF; 32]);

    fn entry(&self, number: usize) -> u32 {
        // One byte too many is looked at, since four are one load.
        let at = number * ENTRY;
        let [low, middle, high, next] =
            [self.0[at], self.0[at + 1], self.0[at + 2], self.0[at + 3]];
        u32::from_le_bytes([low, middle, high, next]) & EMPTY
    }

    /// How many entries have begun at a minute of the day. Counting them all is faster than stopping at the right
    /// one.
    #[inline]
    fn begun(&self, minute: u32) -> usize {
        let begun = (0..ENTRIES).map(|number| u32::from(self.entry(number) >> 13 <= minute));
        begun.sum::<u32>() as usize
    }

    /// What is said of a minute of the day, without a branch that nobody can predict.
    #[inline]
    fn kind(&self, minute: u32) -> FreeBusyKind {
        let entry = self.entry(self.begun(minute).saturating_sub(1));
        let (start, end) = (entry >> 13, (entry >> 13) + (entry & 0x3FF));
        let holds = u32::from(start <= minute) & u32::from(minute < end);
        FreeBusyKind::ALL[((entry >> 10 & 7) * holds) as usize]
    }

    /// What is said of a minute of the day, and until which minute.
    fn piece(&self, minute: u32) -> (FreeBusyKind, u32) {
        let begun = self.begun(minute);
        let next = match begun {
            ENTRIES => EMPTY,
            next => self.entry(next),
        };
        if let Some(last) = begun.checked_sub(1) {
            let entry = self.entry(last);
            let end = (entry >> 13) + (entry & 0x3FF);
            if minute < end {
                return (FreeBusyKind::ALL[(entry >> 10 & 7) as usize], end);
            }
        }
        (FreeBusyKind::Free, (next >> 13).min(DAY_MINUTES as u32))
    }
}

/// Adds a stretch to the cells of a person, behind what they hold, by minutes since 1970; `None` where a cell is
/// full.
fn push(cells: &mut [Cell], start: i64, end: i64, kind: FreeBusyKind) -> Option<()> {
    let mut start = start;
    while start < end {
        let minute = start.rem_euclid(DAY_MINUTES);
        let length = (end - start).min(DAY_MINUTES - minute).min(LENGTH_MAX);
        let cell = &mut cells[start.div_euclid(DAY_MINUTES).rem_euclid(DAYS) as usize];
        let number = (0..ENTRIES).find(|number| cell.entry(*number) == EMPTY)?;
        let entry = (minute as u32) << 13 | (kind as u32) << 10 | length as u32;
        let at = number * ENTRY;
        cell.0[at..at + ENTRY].copy_from_slice(&entry.to_le_bytes()[..ENTRY]);
        start += length;
    }
    Some(())
}

fn midnight(day: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(day * DAY, 0)
}

/// Minutes since 1970, where an instant is on a whole one.
fn minutes(at: DateTime<Utc>) -> Option<i64> {
    let is_whole = at.timestamp() % MINUTE == 0 && at.timestamp_subsec_nanos() == 0;
    is_whole.then(|| at.timestamp() / MINUTE)
}
