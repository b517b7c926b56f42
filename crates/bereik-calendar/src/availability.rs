//! VAVAILABILITY (RFC 7953): when the owner can be had at all, beneath what his events say.

use bereik_core::free_busy::{FreeBusy, FreeBusyKind};
use bereik_core::interval::Interval;

/// A VAVAILABILITY over a window: where it holds, what it says there, and where it is open.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) line: u32,
    pub(crate) priority: u8,
    pub(crate) holds: Interval,
    pub(crate) otherwise: FreeBusyKind,
    pub(crate) available: Vec<Interval>,
}

/// What a VAVAILABILITY, by its line, says of time in which its owner cannot be had.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closed {
    pub(crate) interval: Interval,
    pub(crate) kind: FreeBusyKind,
    pub(crate) line: u32,
}

impl Layer {
    /// 1 is the highest; 0, or none at all, is the lowest (RFC 7953 section 3.2).
    fn rank(&self) -> u8 {
        match self.priority {
            0 => 0,
            priority => 10 - priority.min(9),
        }
    }
}

/// What availabilities say beneath events (RFC 7953 section 4): a busy event is told as what it is, also
/// outside available time; elsewhere the stronger holds.
pub(crate) fn closed_beneath(events: &FreeBusy, layers: &[Layer]) -> Vec<Closed> {
    let mut layers: Vec<&Layer> = layers.iter().collect();
    layers.sort_by_key(|layer| layer.rank());
    let mut claims: Vec<Closed> = Vec::new();
    for same in layers.chunk_by(|a, b| a.rank() == b.rank()) {
        for layer in same {
            claims = cut(&claims, std::slice::from_ref(&layer.holds));
        }
        claims.extend(closed_by(same));
    }
    let told: Vec<Interval> = events
        .intervals()
        .filter(|(_, kind)| *kind >= FreeBusyKind::Busy)
        .map(|(interval, _)| interval)
        .collect();
    cut(&claims, &merged(told))
}

/// What availabilities of one priority say: the time is open where one of them is, and elsewhere BUSY goes before
/// BUSY-UNAVAILABLE, and that before BUSY-TENTATIVE (RFC 7953 sections 4 and 5).
fn closed_by(layers: &[&Layer]) -> Vec<Closed> {
    let open = layers.iter().flat_map(|layer| {
        let open = layer.available.iter();
        open.filter_map(|interval| interval.intersection(&layer.holds))
    });
    let mut holes = merged(open.collect());
    let mut by_kind: Vec<&&Layer> = layers.iter().collect();
    by_kind.sort_by_key(|layer| match layer.otherwise {
        FreeBusyKind::Busy => 0,
        FreeBusyKind::OutOfOffice => 1,
        _ => 2,
    });
    let mut closed = Vec::new();
    for layer in by_kind {
        let whole = Closed {
            interval: layer.holds,
            kind: layer.otherwise,
            line: layer.line,
        };
        closed.extend(cut(&[whole], &holes));
        holes.push(layer.holds);
        holes = merged(holes);
    }
    closed
}

/// Lays events over what availabilities say beneath them.
pub(crate) fn beneath(events: FreeBusy, window: Interval, layers: &[Layer]) -> FreeBusy {
    if layers.is_empty() {
        return events;
    }
    let mut builder = FreeBusy::builder(window);
    if let Some(known) = events.known() {
        let edges = [
            Interval::new(window.start(), known.start()),
            Interval::new(known.end(), window.end()),
        ];
        for edge in edges.into_iter().flatten() {
            builder.push(edge, FreeBusyKind::Unknown);
        }
    } else {
        builder.push(window, FreeBusyKind::Unknown);
    }
    for (interval, kind) in events.intervals() {
        builder.push(interval, kind);
    }
    for closed in closed_beneath(&events, layers) {
        builder.push(closed.interval, closed.kind);
    }
    builder.build()
}

/// Ascending and disjoint.
pub(crate) fn merged(mut sorted: Vec<Interval>) -> Vec<Interval> {
    sorted.sort_unstable();
    sorted.dedup_by(|next, last| {
        let touches = next.start() <= last.end();
        if touches {
            *last = last.hull(next);
        }
        touches
    });
    sorted
}

/// What remains of the claims outside the holes, which are ascending and disjoint.
fn cut(claims: &[Closed], holes: &[Interval]) -> Vec<Closed> {
    let mut rest = Vec::with_capacity(claims.len());
    for claim in claims {
        let mut keep = |start, end| {
            let part = Interval::new(start, end);
            rest.extend(part.map(|interval| Closed { interval, ..*claim }));
        };
        let mut start = claim.interval.start();
        let first = holes.partition_point(|hole| hole.end() <= start);
        for hole in holes[first..]
            .iter()
            .take_while(|hole| hole.start() < claim.interval.end())
        {
            keep(start, hole.start());
            start = hole.end();
        }
        keep(start, claim.interval.end());
    }
    rest
}
