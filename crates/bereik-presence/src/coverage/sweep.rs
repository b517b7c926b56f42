//! Walks through several step functions at once, from change to change.

use bereik_core::Interval;
use chrono::{DateTime, Utc};

/// One step function turns to another value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn<T> {
    at: DateTime<Utc>,
    /// Which of the step functions, counted from 0.
    pub(crate) who: usize,
    pub(crate) to: T,
}

/// The changes of several step functions over one range, sorted. Each begins where the range does, and has no
/// gap.
pub(crate) struct Sweep<T> {
    range: Interval,
    turns: Vec<Turn<T>>,
}

impl<T: Copy + PartialEq> Sweep<T> {
    pub(crate) fn new<I>(range: Interval, functions: impl IntoIterator<Item = I>) -> Self
    where
        I: IntoIterator<Item = (Interval, T)>,
    {
        let mut turns = Vec::new();
        for (who, function) in functions.into_iter().enumerate() {
            let mut last = None;
            for (interval, to) in function {
                if last != Some(to) {
                    let at = interval.start();
                    turns.push(Turn { at, who, to });
                    last = Some(to);
                }
            }
        }
        turns.sort_by_key(|turn| turn.at);
        Self { range, turns }
    }

    /// Each stretch in which nothing changes, with what changed where it begins: without gap from
    /// the start of the range to its end, even of no step function at all.
    pub(crate) fn stretches(&self) -> impl Iterator<Item = (Interval, &[Turn<T>])> {
        let mut chunks = self.turns.chunk_by(|a, b| a.at == b.at).peekable();
        let nothing = self.turns.is_empty().then_some((self.range, &[][..]));
        let each = std::iter::from_fn(move || {
            let turns = chunks.next()?;
            let end = chunks.peek().map_or(self.range.end(), |next| next[0].at);
            Some((Interval::new(turns[0].at, end)?, turns))
        });
        nothing.into_iter().chain(each)
    }
}

/// Adds a stretch, as part of the last where it goes on with the same.
pub(crate) fn extend<T: PartialEq>(
    stretches: &mut Vec<(Interval, T)>,
    interval: Interval,
    value: T,
) {
    match stretches.last_mut() {
        Some((last, same)) if last.end() == interval.start() && *same == value => {
            *last = last.hull(&interval);
        }
        _ => stretches.push((interval, value)),
    }
}

/// What of these stretches lies in these openings; both ascending.
pub(crate) fn within<T: Copy>(
    stretches: &[(Interval, T)],
    openings: &[Interval],
) -> Vec<(Interval, T)> {
    let mut inside = Vec::new();
    let mut first = 0;
    for (stretch, value) in stretches {
        first += openings[first..].partition_point(|opening| opening.end() <= stretch.start());
        let near = openings[first..].iter();
        for opening in near.take_while(|opening| opening.start() < stretch.end()) {
            inside.extend(opening.intersection(stretch).map(|part| (part, *value)));
        }
    }
    inside
}
