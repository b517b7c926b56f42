//! Claims, in any order and overlapping, to the strongest at each instant.

use super::claims::{Claim, Claims, Moment, instant, moment};
use super::{FreeBusy, FreeBusyKind};
use crate::interval::Interval;

/// A claim in Unix seconds.
type SecondClaim = (i64, i64, FreeBusyKind);

/// Fewer claims than this are sorted at once.
const DRAWERS_MIN: usize = 32;

/// Collects claims; [`build`](Self::build) takes the strongest at each instant.
#[derive(Clone, Debug)]
pub struct FreeBusyBuilder {
    known: Interval,
    /// `known` in Unix seconds, where it begins and ends on such.
    whole: Option<(i64, i64)>,
    /// Claims in Unix seconds, inside `known`.
    seconds: Vec<SecondClaim>,
    /// Claims that need nanoseconds, or all of them where `known` does.
    moments: Vec<(Moment, Moment, FreeBusyKind)>,
}

impl FreeBusyBuilder {
    pub(super) fn new(known: Interval) -> Self {
        let (start, end) = (moment(known.start()), moment(known.end()));
        Self {
            known,
            whole: (start.1 == 0 && end.1 == 0).then_some((start.0, end.0)),
            seconds: Vec::new(),
            moments: Vec::new(),
        }
    }

    /// Claims `kind` over `interval`; what lies outside the known interval is cut off.
    #[must_use]
    pub fn claim(mut self, interval: Interval, kind: FreeBusyKind) -> Self {
        self.push(interval, kind);
        self
    }

    /// As [`claim`](Self::claim), in place.
    pub fn push(&mut self, interval: Interval, kind: FreeBusyKind) {
        self.add(moment(interval.start()), moment(interval.end()), kind);
    }

    /// As [`push`](Self::push), from one Unix second up to, but not including, another. Nothing is
    /// claimed where the end is not after the start.
    pub fn push_seconds(&mut self, start: i64, end: i64, kind: FreeBusyKind) {
        self.add((start, 0), (end, 0), kind);
    }

    fn add(&mut self, start: Moment, end: Moment, kind: FreeBusyKind) {
        if kind == FreeBusyKind::Free {
            return;
        }
        match self.whole {
            Some((from, to)) if start.1 == 0 && end.1 == 0 => {
                let (start, end) = (start.0.max(from), end.0.min(to));
                if start < end {
                    self.seconds.push((start, end, kind));
                }
            }
            _ => {
                let start = start.max(moment(self.known.start()));
                let end = end.min(moment(self.known.end()));
                if start < end {
                    self.moments.push((start, end, kind));
                }
            }
        }
    }

    /// The pointwise maximum of the claims, free between them.
    #[must_use]
    pub fn build(self) -> FreeBusy {
        let whole = self.whole.filter(|_| self.moments.is_empty());
        if let Some(known) = whole {
            let (known, claims) = settle(known, sorted(self.seconds, known));
            return keep(known, claims.into_iter(), |second| (second, 0));
        }
        let mut claims = self.moments;
        let seconds = self.seconds.into_iter();
        claims.extend(seconds.map(|(start, end, kind)| ((start, 0), (end, 0), kind)));
        claims.sort_by_key(|(start, ..)| *start);
        let known = (moment(self.known.start()), moment(self.known.end()));
        let (known, claims) = settle(known, claims);
        keep(known, claims.into_iter(), |at| at)
    }
}

fn keep<T>(
    (start, end): (T, T),
    claims: impl Iterator<Item = (T, T, FreeBusyKind)>,
    moment: impl Fn(T) -> Moment,
) -> FreeBusy {
    let at = |at| instant(moment(at)).expect("it lies between two instants that were given");
    match Interval::new(at(start), at(end)) {
        None => FreeBusy::unknown(),
        Some(known) => {
            let claims: Vec<Claim> = claims
                .map(|(start, end, kind)| Claim {
                    start: moment(start),
                    end: moment(end),
                    kind,
                })
                .collect();
            FreeBusy {
                known: Some(known),
                claims: Claims::keep(&claims),
            }
        }
    }
}

/// Sorts claims by start: first into as many drawers of equal length as there are claims, then each
/// drawer. Claims are spread over time, so that most drawers hold few.
fn sorted(claims: Vec<SecondClaim>, (start, end): (i64, i64)) -> Vec<SecondClaim> {
    if claims.len() < DRAWERS_MIN || claims.is_sorted_by_key(|claim| claim.0) {
        let mut claims = claims;
        claims.sort_unstable_by_key(|claim| claim.0);
        return claims;
    }
    let seconds_per_drawer = (end - start) / claims.len() as i64 + 1;
    let bits = seconds_per_drawer.ilog2();
    let drawer = |claim: &SecondClaim| ((claim.0 - start) >> bits) as usize;
    let mut ends = vec![0_u32; ((end - start) >> bits) as usize + 2];
    for claim in &claims {
        ends[drawer(claim) + 1] += 1;
    }
    for at in 1..ends.len() {
        ends[at] += ends[at - 1];
    }
    let mut sorted = claims.clone();
    for claim in claims {
        let end = &mut ends[drawer(&claim)];
        sorted[*end as usize] = claim;
        *end += 1;
    }
    let mut begin = 0;
    for end in ends {
        sorted[begin..end as usize].sort_unstable_by_key(|claim| claim.0);
        begin = end as usize;
    }
    sorted
}

/// The strongest claim at each instant, neighbours of one kind joined; and the known interval without what
/// is unknown at its ends, so that equal meaning is equal value.
#[expect(
    clippy::type_complexity,
    reason = "a list of claims, before it has a type"
)]
fn settle<T: Copy + Ord>(
    known: (T, T),
    mut claims: Vec<(T, T, FreeBusyKind)>,
) -> ((T, T), Vec<(T, T, FreeBusyKind)>) {
    if !claims.windows(2).all(|pair| pair[0].1 <= pair[1].0) {
        claims = sweep(&claims);
    }
    claims.dedup_by(|next, last| {
        let joins = last.1 == next.0 && last.2 == next.2;
        if joins {
            last.1 = next.1;
        }
        joins
    });
    let (mut start, mut end) = known;
    if let Some((begin, last, FreeBusyKind::Unknown)) = claims.last()
        && *last == end
    {
        end = *begin;
        claims.pop();
    }
    if let Some((begin, last, FreeBusyKind::Unknown)) = claims.first()
        && *begin == start
    {
        start = *last;
        claims.remove(0);
    }
    ((start, end), claims)
}

/// The maximum of overlapping claims, which are sorted by their starts.
fn sweep<T: Copy + Ord>(sorted: &[(T, T, FreeBusyKind)]) -> Vec<(T, T, FreeBusyKind)> {
    let Some((first, ..)) = sorted.first() else {
        return Vec::new();
    };
    let mut sweep = Sweep {
        open_until: [*first; FreeBusyKind::ALL.len()],
        at: *first,
        out: Vec::with_capacity(sorted.len()),
    };
    for (start, end, kind) in sorted {
        sweep.advance(Some(*start));
        let until = &mut sweep.open_until[*kind as usize];
        *until = (*end).max(*until);
    }
    sweep.advance(None);
    sweep.out
}

struct Sweep<T> {
    /// Until when a claim of each kind has been met.
    open_until: [T; FreeBusyKind::ALL.len()],
    at: T,
    out: Vec<(T, T, FreeBusyKind)>,
}

impl<T: Copy + Ord> Sweep<T> {
    /// Tells the strongest kinds up to `to`, before which no other claim starts, or to their ends.
    fn advance(&mut self, to: Option<T>) {
        while to.is_none_or(|to| self.at < to) {
            let strongest = FreeBusyKind::ALL
                .into_iter()
                .rev()
                .find(|kind| self.open_until[*kind as usize] > self.at);
            let Some(kind) = strongest else { break };
            let until = self.open_until[kind as usize];
            let end = to.map_or(until, |to| until.min(to));
            self.out.push((self.at, end, kind));
            self.at = end;
        }
        self.at = to.unwrap_or(self.at);
    }
}
