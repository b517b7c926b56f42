//! Stamps to instants: which zone a time as written is in, and what it means there.

use bereik_core::zone::{WallClock, Zone};

use crate::civil::DAY;
use crate::component::{Ending, Event, Form, Home, Stamp, ZoneSlot};

/// The clock of the owner's zone.
const HOME: u32 = 0;
const UTC: u32 = 1;
/// The clock of the first of the file's zones.
const ZONES: u32 = 2;

/// Resolves stamps for one owner.
pub(super) struct Placing<'a> {
    slots: &'a [ZoneSlot],
    /// Whether the caller says what the owner's zone is.
    is_home_given: bool,
    /// Nobody knows the owner's zone; UTC only stands in for it.
    is_home_lost: bool,
    /// The owner's, UTC's, then one for each of the file's zones.
    clocks: Vec<WallClock<'a>>,
}

/// A stamp in its zone.
#[derive(Clone, Copy)]
pub(super) struct Placed {
    /// Unix seconds.
    pub(super) instant: i64,
    /// What the wall shows in its zone.
    pub(super) wall: i64,
    /// The clock of its zone.
    pub(super) clock: u32,
    pub(super) is_date: bool,
    /// The zone is not known for sure; the database's or the owner's stands in for it.
    pub(super) is_unsure: bool,
}

/// How long an event lasts (RFC 5545 section 3.8.5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// From DTEND: these seconds for each instance.
    Exact(i64),
    /// From DURATION, or between two dates: days of the wall, then seconds.
    Nominal { days: i64, seconds: i64 },
}

/// How long an event lasts, and what is wrong with that.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    pub(super) length: Length,
    /// It ends in a zone that nobody knows for sure.
    pub(super) is_unsure: bool,
    /// It ends before its start.
    pub(super) is_backwards: bool,
    /// It is a day that ends with itself.
    pub(super) is_empty_day: bool,
}

impl<'a> Placing<'a> {
    pub(super) fn new(
        slots: &'a [ZoneSlot],
        (home, utc): (&'a Zone, &'a Zone),
        is_home_given: bool,
        is_home_lost: bool,
    ) -> Self {
        let zones = slots.iter().map(|slot| slot.zone.as_ref().unwrap_or(home));
        Self {
            slots,
            is_home_given,
            is_home_lost,
            clocks: [home, utc]
                .into_iter()
                .chain(zones)
                .map(Zone::wall_clock)
                .collect(),
        }
    }

    pub(super) fn clock(&mut self, clock: u32) -> &mut WallClock<'a> {
        &mut self.clocks[clock as usize]
    }

    /// The Unix second at which a clock shows this time.
    pub(super) fn instant_of(&mut self, clock: u32, wall: i64) -> i64 {
        self.clock(clock).instant_of(wall)
    }

    /// What a clock shows at a Unix second.
    pub(super) fn wall_at(&mut self, clock: u32, instant: i64) -> i64 {
        instant + i64::from(self.clock(clock).offset_at(instant))
    }

    pub(super) fn place(&mut self, stamp: Stamp) -> Placed {
        let beside = match stamp.form {
            Form::Floating(home) => self.home(home).0,
            _ => HOME,
        };
        self.place_beside(stamp, beside)
    }

    /// As [`place`](Self::place), where a floating time is read in the zone of what it belongs to: producers
    /// leave TZID out of EXDATE and its kin.
    pub(super) fn place_beside(&mut self, stamp: Stamp, beside: u32) -> Placed {
        let (clock, is_unsure) = match stamp.form {
            Form::Utc => (UTC, false),
            Form::Date(home) => self.home(home),
            Form::Floating(home) if beside == self.home(home).0 => self.home(home),
            Form::Floating(_) => (beside, false),
            Form::Zoned(at) => self.zoned(at),
        };
        Placed {
            instant: self.instant_of(clock, stamp.written),
            wall: stamp.written,
            clock,
            is_date: stamp.is_date(),
            is_unsure,
        }
    }

    /// The clock of the owner of one of the file's calendars, and whether it is unsure.
    fn home(&self, home: Home) -> (u32, bool) {
        match home.checked_sub(1) {
            Some(place) if !self.is_home_given => self.zoned(place),
            _ => (HOME, self.is_home_lost),
        }
    }

    /// The clock of one of the file's zones, and whether it is unsure.
    fn zoned(&self, place: u32) -> (u32, bool) {
        let slot = self.slots.get(place as usize);
        let is_known = slot.is_some_and(|slot| slot.zone.is_some());
        let is_sure = slot.is_some_and(|slot| is_known && !slot.is_doubtful);
        (if is_known { ZONES + place } else { HOME }, !is_sure)
    }

    pub(super) fn extent(&mut self, event: &Event, start: &Placed) -> Extent {
        let mut is_unsure = false;
        let length = match event.end {
            Ending::At(end) if start.is_date && end.is_date() => Length::Nominal {
                days: (end.written - start.wall) / DAY,
                seconds: 0,
            },
            // A day beside a time ends at the midnight of the time's own zone.
            Ending::At(end) if end.is_date() => {
                let midnight = self.instant_of(start.clock, end.written);
                Length::Exact(midnight - start.instant)
            }
            Ending::At(end) => {
                let end = self.place_beside(end, start.clock);
                is_unsure = end.is_unsure && end.clock != start.clock;
                Length::Exact(end.instant - start.instant)
            }
            Ending::Lasts(span) => Length::Nominal {
                days: span.days.into(),
                seconds: span.seconds,
            },
            Ending::Missing if start.is_date => Length::Nominal {
                days: 1,
                seconds: 0,
            },
            Ending::Missing | Ending::Unreadable => Length::Exact(0),
        };
        let seconds = length.seconds();
        let has_end_date = matches!(event.end, Ending::At(end) if end.is_date());
        Extent {
            length,
            is_unsure,
            is_backwards: seconds < 0 && !is_unsure,
            is_empty_day: seconds == 0 && start.is_date && has_end_date,
        }
    }

    /// The end of an instance of this length, in Unix seconds.
    pub(super) fn end_of(&mut self, length: Length, instant: i64, wall: i64, clock: u32) -> i64 {
        match length {
            Length::Exact(seconds) | Length::Nominal { days: 0, seconds } => instant + seconds,
            Length::Nominal { days, seconds } => {
                self.instant_of(clock, wall + days * DAY) + seconds
            }
        }
    }
}

impl Extent {
    /// That of a period which was added, in seconds.
    pub(super) fn of_period(seconds: i64) -> Self {
        Self {
            length: Length::Exact(seconds),
            is_unsure: false,
            is_backwards: seconds < 0,
            is_empty_day: false,
        }
    }

    /// Whether instances take no time, and nothing is unknown around them.
    pub(super) fn is_nothing(self) -> bool {
        self.length.seconds() <= 0 && !self.is_unsure && !self.is_empty_day
    }

    /// No instance reaches further, in seconds.
    pub(super) fn longest(self) -> i64 {
        // What is wrong may take a day.
        let is_wrong = self.is_unsure || self.is_empty_day;
        self.length.longest() + if is_wrong { 2 * DAY } else { 0 }
    }
}

impl Length {
    /// Its seconds, were each day as long as the other.
    fn seconds(self) -> i64 {
        match self {
            Self::Exact(seconds) => seconds,
            Self::Nominal { days, seconds } => days * DAY + seconds,
        }
    }

    /// No instance is longer, in seconds.
    pub(super) fn longest(self) -> i64 {
        match self {
            Self::Exact(seconds) => seconds,
            Self::Nominal { days, seconds } => days * DAY + seconds + 2 * DAY,
        }
        .max(0)
    }
}
