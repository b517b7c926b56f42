//! A zone in whole seconds, for many questions about instants that lie close together.

use super::{Local, Segment, Zone};

/// Reads a zone as [`Zone::offset_at`] and [`Zone::instant_of`] do, in seconds, and remembers the
/// stretch of one offset that it looked at last.
///
/// ```
/// use bereik_core::zone::Zone;
/// use chrono::NaiveDate;
///
/// let amsterdam = Zone::named("Europe/Amsterdam")?;
/// let mut clock = amsterdam.wall_clock();
/// for day in 1..=28 {
///     let nine = NaiveDate::from_ymd_opt(2026, 2, day).and_then(|day| day.and_hms_opt(9, 0, 0));
///     let nine = nine.expect("a day of February");
///     let wall = nine.and_utc().timestamp();
///     assert_eq!(clock.instant_of(wall), amsterdam.instant_of(nine).timestamp());
///     assert_eq!(clock.offset_at(wall - 3_600), 3_600);
/// }
/// # Ok::<(), bereik_core::zone::ZoneError>(())
/// ```
#[derive(Clone, Debug)]
pub struct WallClock<'z> {
    zone: &'z Zone,
    /// Offsets of the zone differ by no more than this, in seconds.
    spread: i64,
    /// Stretches that were looked at, by the quarter of a year that was asked for; the last two of
    /// each, since a clock may be set within a quarter.
    seen: [[Seen; 2]; QUARTERS],
}

/// How many quarters of a year are remembered; a power of two.
const QUARTERS: usize = 16;
/// A quarter is two to the power of this many seconds: 97 days.
const QUARTER_BITS: u32 = 23;

/// A stretch of one offset, and the instants in it that no wall time of a neighbouring stretch can
/// mean. One that was never looked at holds no instant.
#[derive(Clone, Copy, Debug)]
struct Seen {
    segment: Segment,
    sure: (i64, i64),
}

const UNSEEN: Seen = Seen {
    segment: Segment {
        start: 0,
        end: 0,
        offset: 0,
    },
    sure: (0, 0),
};

impl<'z> WallClock<'z> {
    pub(super) fn new(zone: &'z Zone) -> Self {
        let spread = i64::from(zone.0.offset_max - zone.0.offset_min);
        Self {
            zone,
            spread,
            seen: [[UNSEEN; 2]; QUARTERS],
        }
    }

    /// The zone that it reads.
    #[must_use]
    pub fn zone(&self) -> &'z Zone {
        self.zone
    }

    /// The offset that holds at a Unix second, in seconds east of UTC.
    #[inline]
    pub fn offset_at(&mut self, second: i64) -> i32 {
        self.segment_at(second).offset
    }

    /// As [`offset_at`](Self::offset_at), with the Unix second at which another offset may begin; `i64::MAX` where
    /// none does.
    #[inline]
    pub fn offset_until(&mut self, second: i64) -> (i32, i64) {
        let segment = self.segment_at(second);
        (segment.offset, segment.end)
    }

    #[inline]
    fn segment_at(&mut self, second: i64) -> Segment {
        for seen in &self.seen[quarter(second)] {
            if seen.segment.start <= second && second < seen.segment.end {
                return seen.segment;
            }
        }
        let segment = self.zone.segment_at(second);
        self.remember(quarter(second), segment);
        segment
    }

    /// The Unix second that a wall time means, itself given as the seconds since 1970-01-01T00:00:00
    /// that a clock on UTC would count (RFC 5545 section 3.3.5: the offset before a gap, the first of
    /// a fold).
    #[inline]
    pub fn instant_of(&mut self, wall: i64) -> i64 {
        for seen in &self.seen[quarter(wall)] {
            if let Some(instant) = seen.surely(wall) {
                return instant;
            }
        }
        self.find(wall)
    }

    fn find(&mut self, wall: i64) -> i64 {
        let segment = self.zone.segment_at(wall);
        let seen = self.remember(quarter(wall), segment);
        if let Some(instant) = seen.surely(wall) {
            return instant;
        }
        let offset = match self.zone.offsets_of(wall) {
            Local::One(offset) => offset,
            Local::Gap { before, .. } => before,
            Local::Fold { first, .. } => first,
        };
        wall.saturating_sub(offset.into())
    }

    fn remember(&mut self, quarter: usize, segment: Segment) -> Seen {
        let seen = Seen {
            segment,
            sure: (
                segment.start.saturating_add(self.spread),
                segment.end.saturating_sub(self.spread),
            ),
        };
        let [last, before] = &mut self.seen[quarter];
        *before = std::mem::replace(last, seen);
        seen
    }
}

impl Seen {
    /// The instant of a wall time that only this stretch can have.
    #[inline]
    fn surely(&self, wall: i64) -> Option<i64> {
        let instant = wall.saturating_sub(self.segment.offset.into());
        let is_sure = self.sure.0 <= instant && instant < self.sure.1;
        is_sure.then_some(instant)
    }
}

fn quarter(second: i64) -> usize {
    (second >> QUARTER_BITS) as usize % QUARTERS
}
