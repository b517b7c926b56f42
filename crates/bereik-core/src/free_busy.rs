//! What a calendar says of a stretch of time: free, tentative, unknown, busy and their kin.

use chrono::{DateTime, Utc};

use crate::interval::Interval;

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
    /// Disjoint, ascending, inside `known`, never free, neighbours of one kind joined; none
    /// that is unknown touches an end of `known`.
    claims: Box<[(Interval, FreeBusyKind)]>,
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
        FreeBusyBuilder {
            known,
            claims: Vec::new(),
        }
    }

    /// What is said of `instant`; unknown outside [`known`](Self::known). Takes logarithmic time.
    #[must_use]
    pub fn kind_at(&self, instant: DateTime<Utc>) -> FreeBusyKind {
        if !self.known.is_some_and(|known| known.contains(instant)) {
            return FreeBusyKind::Unknown;
        }
        match self.claims.get(self.first_ending_after(instant)) {
            Some((claim, kind)) if claim.contains(instant) => *kind,
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
        Some(match self.claims.get(self.first_ending_after(instant)) {
            Some((claim, _)) if instant < claim.start() => claim.start(),
            Some((claim, _)) => claim.end(),
            None => known.end(),
        })
    }

    /// The stretches that are not free, ascending and maximal.
    pub fn intervals(&self) -> impl ExactSizeIterator<Item = (Interval, FreeBusyKind)> + '_ {
        self.claims.iter().copied()
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

    /// The index of the first claim that ends after `instant`.
    fn first_ending_after(&self, instant: DateTime<Utc>) -> usize {
        self.claims
            .partition_point(|(claim, _)| claim.end() <= instant)
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

/// Collects claims; [`build`](Self::build) takes the strongest at each instant.
#[derive(Clone, Debug)]
pub struct FreeBusyBuilder {
    known: Interval,
    claims: Vec<(Interval, FreeBusyKind)>,
}

impl FreeBusyBuilder {
    /// Claims `kind` over `interval`; what lies outside the known interval is cut off.
    #[must_use]
    pub fn claim(mut self, interval: Interval, kind: FreeBusyKind) -> Self {
        self.push(interval, kind);
        self
    }

    /// As [`claim`](Self::claim), in place.
    pub fn push(&mut self, interval: Interval, kind: FreeBusyKind) {
        if kind == FreeBusyKind::Free {
            return;
        }
        if let Some(inside) = interval.intersection(&self.known) {
            self.claims.push((inside, kind));
        }
    }

    /// The pointwise maximum of the claims, free between them.
    #[must_use]
    pub fn build(mut self) -> FreeBusy {
        // Claims come in ascending runs, which the stable sort merges.
        self.claims.sort();
        let mut claims = if is_disjoint(&self.claims) {
            self.claims
        } else {
            sweep(&self.claims)
        };
        join_neighbours(&mut claims);
        trim(self.known, claims)
    }
}

fn is_disjoint(sorted: &[(Interval, FreeBusyKind)]) -> bool {
    sorted
        .windows(2)
        .all(|pair| pair[0].0.end() <= pair[1].0.start())
}

/// The maximum of overlapping claims, which are sorted, by one sweep over their starts.
fn sweep(sorted: &[(Interval, FreeBusyKind)]) -> Vec<(Interval, FreeBusyKind)> {
    let mut sweep = Sweep {
        open_until: [DateTime::<Utc>::MIN_UTC; FreeBusyKind::ALL.len()],
        at: DateTime::<Utc>::MIN_UTC,
        out: Vec::with_capacity(sorted.len()),
    };
    for (interval, kind) in sorted {
        sweep.advance(interval.start());
        let until = &mut sweep.open_until[*kind as usize];
        *until = interval.end().max(*until);
    }
    sweep.advance(DateTime::<Utc>::MAX_UTC);
    sweep.out
}

struct Sweep {
    /// Until when a claim of each kind has been met.
    open_until: [DateTime<Utc>; FreeBusyKind::ALL.len()],
    at: DateTime<Utc>,
    out: Vec<(Interval, FreeBusyKind)>,
}

impl Sweep {
    /// Tells the strongest kinds up to `to`, before which no other claim starts.
    fn advance(&mut self, to: DateTime<Utc>) {
        while self.at < to {
            let strongest = FreeBusyKind::ALL
                .into_iter()
                .rev()
                .find(|kind| self.open_until[*kind as usize] > self.at);
            let Some(kind) = strongest else { break };
            let end = self.open_until[kind as usize].min(to);
            self.out
                .extend(Interval::new(self.at, end).map(|interval| (interval, kind)));
            self.at = end;
        }
        self.at = to;
    }
}

/// Joins neighbours of one kind that touch.
fn join_neighbours(claims: &mut Vec<(Interval, FreeBusyKind)>) {
    claims.dedup_by(|next, last| {
        let joins = last.0.end() == next.0.start() && last.1 == next.1;
        if joins && let Some(joined) = Interval::new(last.0.start(), next.0.end()) {
            last.0 = joined;
        }
        joins
    });
}

/// Cuts what is unknown off both ends of `known`, so that equal meaning is equal value.
fn trim(known: Interval, mut claims: Vec<(Interval, FreeBusyKind)>) -> FreeBusy {
    let (mut start, mut end) = (known.start(), known.end());
    if let Some((last, FreeBusyKind::Unknown)) = claims.last()
        && last.end() == end
    {
        end = last.start();
        claims.pop();
    }
    if let Some((first, FreeBusyKind::Unknown)) = claims.first()
        && first.start() == start
    {
        start = first.end();
        claims.remove(0);
    }
    match Interval::new(start, end) {
        None => FreeBusy::unknown(),
        Some(known) => FreeBusy {
            known: Some(known),
            claims: claims.into_boxed_slice(),
        },
    }
}

#[cfg(feature = "serde")]
mod wire {
    use super::{FreeBusyKind, Interval};

    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Claim {
        interval: Interval,
        kind: FreeBusyKind,
    }

    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct FreeBusy {
        known: Option<Interval>,
        claims: Vec<Claim>,
    }

    impl From<super::FreeBusy> for FreeBusy {
        fn from(value: super::FreeBusy) -> Self {
            let claims = value
                .intervals()
                .map(|(interval, kind)| Claim { interval, kind })
                .collect();
            Self {
                known: value.known,
                claims,
            }
        }
    }

    impl TryFrom<FreeBusy> for super::FreeBusy {
        type Error = &'static str;

        fn try_from(wire: FreeBusy) -> Result<Self, Self::Error> {
            let Some(known) = wire.known else {
                return match wire.claims.is_empty() {
                    true => Ok(Self::unknown()),
                    false => Err("claims stand outside the known interval"),
                };
            };
            let mut builder = Self::builder(known);
            for claim in &wire.claims {
                builder.push(claim.interval, claim.kind);
            }
            let built = builder.build();
            let same = built.known == Some(known)
                && built.claims.len() == wire.claims.len()
                && built
                    .intervals()
                    .zip(&wire.claims)
                    .all(|(ours, theirs)| ours == (theirs.interval, theirs.kind));
            same.then_some(built)
                .ok_or("claims must be ascending, disjoint, joined and inside the known interval")
        }
    }
}
