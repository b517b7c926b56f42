//! One case of the laws: a calendar's bytes, and the windows, the reader and the limits that they are asked with.

use std::fmt;

use bereik_calendar::{Calendar, Limits, Reading};
use bereik_core::free_busy::FreeBusyKind;
use bereik_core::interval::Interval;
use bereik_core::zone::Zone;
use chrono::{DateTime, TimeDelta, Utc};

use super::spelling::Spelling;

/// The settings with which an input begins where nothing else is wanted: one letter each, 0 the first choice,
/// and a line end, so that the calendar behind it can be read and written by hand.
pub(crate) const PLAIN: &[u8; 16] = b"000000000000000\n";

/// Steps for one component and for all, few enough for thousands of cases a second.
const STEPS: (u64, u64) = (3_000, 10_000);

const DAYS: [&str; 8] = [
    "2026-01-01T00:00:00Z",
    "1970-01-01T00:00:00Z",
    "2024-02-25T00:00:00Z",
    "2026-10-20T00:00:00Z",
    "1900-01-01T00:00:00Z",
    "2100-01-01T00:00:00Z",
    "9998-10-01T00:00:00Z",
    "0001-01-05T00:00:00Z",
];

const SECONDS: [i64; 6] = [0, 1, 3_599, 43_200, 86_399, 3_723];

const LENGTHS: [i64; 8] = [
    400 * 86_400,
    1,
    5_400,
    86_400,
    7 * 86_400,
    31 * 86_400,
    90 * 86_400,
    3_650 * 86_400,
];

const ZONES: [Option<&str>; 8] = [
    None,
    Some("Europe/Amsterdam"),
    Some("America/New_York"),
    Some("Asia/Kathmandu"),
    Some("Africa/Casablanca"),
    Some("Pacific/Apia"),
    Some("Australia/Lord_Howe"),
    Some("Africa/Monrovia"),
];

/// What an all-day event without a mark may be taken for; unknown only where something is wrong.
const UNMARKED: [FreeBusyKind; 3] = [
    FreeBusyKind::Busy,
    FreeBusyKind::Free,
    FreeBusyKind::Tentative,
];

/// What the laws are tried on.
pub(crate) struct Case<'c> {
    pub(crate) content: &'c [u8],
    pub(crate) window: Interval,
    /// Lies in the window.
    pub(crate) part: Interval,
    pub(crate) reading: Reading,
    /// At most those of [`Case::wide_limits`], in each respect.
    pub(crate) limits: Limits,
    /// For the law of the number of problems alone: others ask whether a problem is there.
    pub(crate) problems_max: usize,
    pub(crate) spelling: Spelling,
}

impl<'c> Case<'c> {
    /// Settings first, then the calendar; an input that is shorter is a setting or more and an empty calendar.
    pub(crate) fn of(input: &'c [u8]) -> Self {
        let (head, content) = input.split_at(input.len().min(PLAIN.len()));
        let mut settings = *PLAIN;
        settings[..head.len()].copy_from_slice(head);
        let [
            day,
            days,
            second,
            length,
            fraction,
            part_from,
            part_length,
            zone,
            owner,
            ..,
        ] = settings.map(|letter| letter.wrapping_sub(b'0'));
        let [.., component_steps, steps, bound, problems, spelling, _, _] =
            settings.map(|letter| letter.wrapping_sub(b'0'));
        let start = instant(pick(&DAYS, day))
            + TimeDelta::days(days.into())
            + TimeDelta::seconds(pick(&SECONDS, second));
        let window = stretch(start, pick(&LENGTHS, length), fraction);
        Self {
            content,
            window,
            part: part_of(window, part_from, part_length),
            reading: reading(zone, owner),
            limits: Self::wide_limits()
                .with_component_steps_max(pick(&[STEPS.0, 0, 1, 7, 60, 500], component_steps))
                .with_steps_max(pick(&[STEPS.1, 0, 1, 40, 3_000], steps))
                .bounded(bound, content.len()),
            problems_max: pick(&[1_000, 0, 1, 2], problems),
            spelling: Spelling::of(spelling),
        }
    }

    /// Those of every day, with less work.
    pub(crate) fn wide_limits() -> Limits {
        Limits::default()
            .with_component_steps_max(STEPS.0)
            .with_steps_max(STEPS.1)
    }

    /// Whether a file of another length or with other lines is as much within the limits as the case's.
    pub(crate) fn is_unbounded(&self) -> bool {
        let wide = Self::wide_limits();
        let steps = (self.limits.component_steps_max(), self.limits.steps_max());
        wide.with_component_steps_max(steps.0)
            .with_steps_max(steps.1)
            == self.limits
    }

    pub(crate) fn read(&self) -> Calendar {
        bereik_calendar::read(self.content, &self.limits)
    }

    pub(crate) fn read_other(&self, bytes: &[u8]) -> Calendar {
        bereik_calendar::read(bytes, &self.limits)
    }

    /// Whether the window can be written in a calendar: whole seconds, four digits of a year.
    pub(crate) fn is_writable(&self) -> bool {
        let last = instant("9999-12-31T00:00:00Z");
        let is_whole = |at: DateTime<Utc>| at.timestamp_subsec_nanos() == 0;
        is_whole(self.window.start()) && is_whole(self.window.end()) && self.window.end() < last
    }
}

impl fmt::Debug for Case<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "in {} and {}", self.window, self.part)?;
        writeln!(f, "{:?}\n{:?}", self.reading, self.limits)?;
        writeln!(f, "problems_max {}, {:?}", self.problems_max, self.spelling)?;
        write!(f, "{}", self.content.escape_ascii())
    }
}

/// Draws which of the limits is a tight one.
trait Bounded {
    fn bounded(self, setting: u8, bytes: usize) -> Self;
}

impl Bounded for Limits {
    fn bounded(self, setting: u8, bytes: usize) -> Self {
        match setting % 16 {
            1 => self.with_bytes_max(bytes / 2),
            2 => self.with_bytes_max(bytes.saturating_sub(3)),
            3 => self.with_line_bytes_max(20),
            4 => self.with_line_bytes_max(40),
            5 => self.with_depth_max(0),
            6 => self.with_depth_max(1),
            7 => self.with_depth_max(2),
            8 => self.with_components_max(1),
            9 => self.with_components_max(3),
            10 => self.with_dates_max(0),
            11 => self.with_dates_max(2),
            _ => self,
        }
    }
}

fn pick<T: Copy>(choices: &[T], setting: u8) -> T {
    choices[usize::from(setting) % choices.len()]
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("the test's own value")
}

/// So many seconds from a start; the ends may lie within a second.
fn stretch(start: DateTime<Utc>, seconds: i64, fraction: u8) -> Interval {
    let half = |is_set: bool| TimeDelta::milliseconds(if is_set { 500 } else { 0 });
    let (from, to) = match fraction % 8 {
        4 => (half(true), half(false)),
        5 => (half(false), half(true)),
        6 => (half(true), half(true)),
        _ => (half(false), half(false)),
    };
    let end = start + TimeDelta::seconds(seconds) + to;
    Interval::new(start + from, end).expect("a second is longer than half of one")
}

/// From so many 256ths of the window on, as many of them long, in whole seconds where the window is.
fn part_of(window: Interval, from: u8, length: u8) -> Interval {
    let seconds = window.duration().num_seconds();
    // The first choice is a stretch in the middle.
    let from =
        window.start() + TimeDelta::seconds(seconds * i64::from(from.wrapping_add(90)) / 256);
    let length = 1 + seconds * i64::from(length.wrapping_add(70)) / 256;
    let end = (from + TimeDelta::seconds(length)).min(window.end());
    Interval::new(from, end).unwrap_or(window)
}

/// The zone and the address of the owner, and what an all-day event without a mark is to him.
fn reading(zone: u8, owner: u8) -> Reading {
    let mut reading = Reading::new().with_unmarked_all_day(pick(&UNMARKED, owner / 2));
    if let Some(name) = pick(&ZONES, zone) {
        reading = reading.with_zone(Zone::named(name).expect("the database has it"));
    }
    match owner % 2 {
        0 => reading,
        _ => reading.with_owner("mailto:a@example.org"),
    }
}
