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
    segment: Segment,
    /// Instants that no wall time of a neighbouring stretch can mean, half-open.
    sure: (i64, i64),
}

impl<'z> WallClock<'z> {
    pub(super) fn new(zone: &'z Zone) -> Self {
        let mut clock = Self {
            zone,
            segment: Segment {
                start: 0,
                end: 0,
                offset: 0,
            },
            sure: (0, 0),
        };
        clock.turn_to(0);
        clock
    }

    /// The zone that it reads.
    #[must_use]
    pub fn zone(&self) -> &'z Zone {
        self.zone
    }

    /// The offset that holds at a Unix second, in seconds east of UTC.
    pub fn offset_at(&mut self, second: i64) -> i32 {
        if second < self.segment.start || self.segment.end <= second {
            self.turn_to(second);
        }
        self.segment.offset
    }

    /// The Unix second that a wall time means, itself given as the seconds since 1970-01-01T00:00:00
    /// that a clock on UTC would count (RFC 5545 section 3.3.5: the offset before a gap, the first of
    /// a fold).
    pub fn instant_of(&mut self, wall: i64) -> i64 {
        let instant = wall.saturating_sub(self.segment.offset.into());
        if self.sure.0 <= instant && instant < self.sure.1 {
            return instant;
        }
        let offset = match self.zone.offsets_of(wall) {
            Local::One(offset) => offset,
            Local::Gap { before, .. } => before,
            Local::Fold { first, .. } => first,
        };
        let instant = wall.saturating_sub(offset.into());
        self.offset_at(instant);
        instant
    }

    fn turn_to(&mut self, second: i64) {
        let segment = self.zone.segment_at(second);
        let spread = i64::from(self.zone.0.offset_max - self.zone.0.offset_min);
        self.segment = segment;
        self.sure = (
            segment.start.saturating_add(spread),
            segment.end.saturating_sub(spread),
        );
    }
}
