//! Stamps to instants: which zone a time as written is in, and what it means there.

use bereik_core::zone::Zone;
use chrono::{DateTime, NaiveDateTime};

use crate::civil::DAY;
use crate::component::{Ending, Event, Stamp, ZoneRef, ZoneSlot};
use crate::read::value::When;
use crate::recurrence::clock::WallClock;

/// Resolves stamps for one owner.
pub(super) struct Placing<'a> {
    slots: &'a [ZoneSlot],
    home: &'a Zone,
    /// Nobody knows the owner's zone; `home` only stands in for it.
    is_home_lost: bool,
    utc: Zone,
}

/// A stamp in its zone.
#[derive(Clone)]
pub(super) struct Placed {
    /// Unix seconds.
    pub(super) instant: i64,
    /// What the wall of `zone` shows.
    pub(super) wall: i64,
    pub(super) zone: Zone,
    pub(super) is_date: bool,
    /// The zone is not known; the owner's stands in for it.
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

impl<'a> Placing<'a> {
    pub(super) fn new(slots: &'a [ZoneSlot], home: &'a Zone, is_home_lost: bool) -> Self {
        Self {
            slots,
            home,
            is_home_lost,
            utc: Zone::utc(),
        }
    }

    pub(super) fn place(&self, stamp: Stamp) -> Placed {
        self.place_beside(stamp, self.home)
    }

    /// As [`place`](Self::place), where a floating time is read in the zone of what it belongs to: producers
    /// leave TZID out of EXDATE and its kin.
    pub(super) fn place_beside(&self, stamp: Stamp, beside: &Zone) -> Placed {
        let (zone, is_unsure) = match (stamp.when, stamp.zone) {
            (When::Utc(_), _) => (&self.utc, false),
            (When::Date(_), _) => (self.home, self.is_home_lost),
            (When::Wall(_), ZoneRef::Floating) => {
                (beside, self.is_home_lost && beside == self.home)
            }
            (When::Wall(_), ZoneRef::Named(at)) => {
                let slot = self
                    .slots
                    .get(at as usize)
                    .and_then(|slot| slot.zone.as_ref());
                (slot.unwrap_or(self.home), slot.is_none())
            }
        };
        let wall = written(stamp);
        Placed {
            instant: instant_of(zone, wall),
            wall,
            zone: zone.clone(),
            is_date: matches!(stamp.when, When::Date(_)),
            is_unsure,
        }
    }

    pub(super) fn length(&self, event: &Event, start: &Placed) -> Length {
        match event.end {
            Ending::At(end) if start.is_date && matches!(end.when, When::Date(_)) => {
                Length::Nominal {
                    days: (written(end) - start.wall) / DAY,
                    seconds: 0,
                }
            }
            Ending::At(end) => {
                Length::Exact(self.place_beside(end, &start.zone).instant - start.instant)
            }
            Ending::Lasts(span) => Length::Nominal {
                days: span.days,
                seconds: span.seconds,
            },
            Ending::Missing if start.is_date => Length::Nominal {
                days: 1,
                seconds: 0,
            },
            Ending::Missing | Ending::Unreadable => Length::Exact(0),
        }
    }
}

impl Length {
    /// The end of an instance, in Unix seconds.
    pub(super) fn end_of(self, instant: i64, wall: i64, zone: &Zone) -> i64 {
        match self {
            Self::Exact(seconds) => instant + seconds,
            Self::Nominal { days: 0, seconds } => instant + seconds,
            Self::Nominal { days, seconds } => instant_of(zone, wall + days * DAY) + seconds,
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

/// A stamp's digits as seconds, whatever its zone.
pub(super) fn written(stamp: Stamp) -> i64 {
    match stamp.when {
        When::Date(day) => i64::from(day) * DAY,
        When::Utc(seconds) | When::Wall(seconds) => seconds,
    }
}

/// The Unix second at which a zone's wall shows this time.
pub(super) fn instant_of(zone: &Zone, wall: i64) -> i64 {
    match naive(wall) {
        Some(local) => zone.instant_of(local).timestamp(),
        None => wall,
    }
}

fn naive(wall: i64) -> Option<NaiveDateTime> {
    DateTime::from_timestamp(wall, 0).map(|at| at.naive_utc())
}

/// What a zone's wall shows at a Unix second.
pub(super) fn wall_at(zone: &Zone, instant: i64) -> i64 {
    instant + zone.offset_at_seconds(instant)
}

/// A zone as the clock of an expansion.
pub(super) struct ZoneClock<'a>(pub(super) &'a Zone);

impl WallClock for ZoneClock<'_> {
    fn offset_at(&self, instant: i64) -> i64 {
        self.0.offset_at_seconds(instant)
    }

    fn instant_of(&self, wall: i64) -> i64 {
        instant_of(self.0, wall)
    }
}

/// Offsets by Unix second.
trait OffsetAtSeconds {
    fn offset_at_seconds(&self, instant: i64) -> i64;
}

impl OffsetAtSeconds for Zone {
    fn offset_at_seconds(&self, instant: i64) -> i64 {
        DateTime::from_timestamp(instant, 0).map_or(0, |at| self.offset_at(at).into())
    }
}
