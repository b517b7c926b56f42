//! What a calendar says of a stretch of time: free, tentative, unknown, busy and their kin.

mod builder;
mod claims;
#[cfg(feature = "serde")]
mod wire;

use chrono::{DateTime, Utc};

use crate::interval::Interval;
pub use builder::FreeBusyBuilder;
use claims::{Claims, moment};

/// What a calendar says of one instant, from weak to strong.
///
/// The order is the strength: where two claims overlap, the greater one holds. Unknown stands above
/// tentative, because time of which nothing is known may hold a real meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum FreeBusyKind {
    /// Nothing stands in the way.
    Free,
    /// At work, but not at the usual place.
    Elsewhere,
    /// Possibly taken: an invitation that is not answered, or a reservation.
    Tentative,
    /// Not read, not understood or outside what was asked. Never to be taken for free.
    Unknown,
    /// Taken.
    Busy,
    /// Absent: leave, travel, illness.
    OutOfOffice,
}

impl FreeBusyKind {
    /// Every kind, from weak to strong.
    pub const ALL: [Self; 6] = [
        Self::Free,
        Self::Elsewhere,
        Self::Tentative,
        Self::Unknown,
        Self::Busy,
        Self::OutOfOffice,
    ];
}

/// What one or more calendars say over time (RFC 5545 section 3.6.4).
///
/// Inside the [`known`](Self::known) interval each instant has a kind, [`FreeBusyKind::Free`] where no claim was
/// made; outside it everything is [`FreeBusyKind::Unknown`]. Two values are equal exactly when
/// they say the same of each instant.
///
/// ```
/// use bereik_core::free_busy::{FreeBusy, FreeBusyKind};
/// use bereik_core::interval::Interval;
/// use chrono::{DateTime, Utc};
///
/// let at = |hour: u32| -> DateTime<Utc> {
///     format!("2026-11-23T{hour:02}:00:00Z").parse().expect("an hour of the day")
/// };
/// let span = |from, to| Interval::new(at(from), at(to)).expect("it ends after it starts");
/// let day = FreeBusy::builder(span(8, 18))
///     .claim(span(9, 11), FreeBusyKind::Tentative)
///     .claim(span(10, 12), FreeBusyKind::Busy)
///     .build();
/// assert_eq!(day.kind_at(at(9)), FreeBusyKind::Tentative);
/// assert_eq!(day.kind_at(at(10)), FreeBusyKind::Busy);
/// assert_eq!(day.next_change_after(at(10)), Some(at(12)));
/// assert_eq!(day.kind_at(at(20)), FreeBusyKind::Unknown);
/// ```
#[derive(Clone, PartialEq, Eq, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "wire::FreeBusy", into = "wire::FreeBusy")
)]
pub struct FreeBusy {
    known: Option<Interval>,
    /// Inside `known`, never free, neighbours of one kind joined; none that is unknown touches an
    /// end of `known`.
    claims: Claims,
}

impl FreeBusy {
    /// Knows nothing: unknown at every instant.
    #[must_use]
    pub fn unknown() -> Self {
        Self::default()
    }

    /// Starts a value that is free over `known` until claims say otherwise.
    #[must_use]
    pub fn builder(known: Interval) -> FreeBusyBuilder {
        FreeBusyBuilder::new(known)
    }

    /// What is said of `instant`; unknown outside [`known`](Self::known). Takes logarithmic time.
    #[must_use]
    pub fn kind_at(&self, instant: DateTime<Utc>) -> FreeBusyKind {
        if !self.known.is_some_and(|known| known.contains(instant)) {
            return FreeBusyKind::Unknown;
        }
        let at = moment(instant);
        match self.claims.last_begun(at) {
            Some((_, claim)) if claim.contains(at) => claim.kind,
            _ => FreeBusyKind::Free,
        }
    }

    /// The first instant after `instant` at which another kind begins; the ends of
    /// [`known`](Self::known) are such changes. `None` when nothing changes any more.
    #[must_use]
    pub fn next_change_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let known = self.known?;
        if instant < known.start() {
            return Some(known.start());
        }
        if instant >= known.end() {
            return None;
        }
        let at = moment(instant);
        let next = match self.claims.last_begun(at) {
            Some((_, claim)) if claim.contains(at) => return claims::instant(claim.end),
            Some((number, _)) => number + 1,
            None => 0,
        };
        if next == self.claims.len() {
            return Some(known.end());
        }
        claims::instant(self.claims.claim(next).start)
    }

    /// The stretches that are not free, ascending and maximal.
    pub fn intervals(&self) -> impl ExactSizeIterator<Item = (Interval, FreeBusyKind)> + '_ {
        let claims = self.claims.iter();
        claims.map(|claim| (claim.interval(), claim.kind))
    }

    /// From the first to the last instant of which anything is known.
    #[must_use]
    pub fn known(&self) -> Option<Interval> {
        self.known
    }

    /// Both calendars together: the stronger kind at each instant. Where only one of the two
    /// knows, the other counts as unknown, so that a calendar that failed never makes its
    /// person free.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let (known, only) = match (self.known, other.known) {
            (None, None) => return Self::unknown(),
            (Some(known), None) | (None, Some(known)) => (known, None),
            (Some(a), Some(b)) => (a.hull(&b), a.intersection(&b)),
        };
        let mut builder = Self::builder(known);
        for edge in outside(known, only).into_iter().flatten() {
            builder.push(edge, FreeBusyKind::Unknown);
        }
        for (interval, kind) in self.intervals().chain(other.intervals()) {
            builder.push(interval, kind);
        }
        builder.build()
    }
}

/// The one or two parts of `whole` that are not in `inner`.
fn outside(whole: Interval, inner: Option<Interval>) -> [Option<Interval>; 2] {
    match inner {
        None => [Some(whole), None],
        Some(inner) => [
            Interval::new(whole.start(), inner.start()),
            Interval::new(inner.end(), whole.end()),
        ],
    }
}

impl std::fmt::Debug for FreeBusy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.known {
            None => return f.write_str("FreeBusy(unknown)"),
            Some(known) => write!(f, "FreeBusy({}/{}", known.start(), known.end())?,
        }
        for (interval, kind) in self.intervals() {
            write!(f, "; {}/{} {kind:?}", interval.start(), interval.end())?;
        }
        f.write_str(")")
    }
}
