//! Counts that are kept while bits are set, so that a pick counts nobody.

use bereik_core::slot::Slot;

use super::{PoolRow, STAGES_MAX, Stage};

/// Marks a row that is not counted.
const NONE: u32 = u32::MAX;

/// Of each counted row how many people it holds for, and for how many of them the first of some
/// other rows hold too. A bit that is set costs one addition for each counted row of that person,
/// of which somebody has a few, where counting costs a step for every 64 people of the pool.
#[derive(Clone, Debug, Default)]
pub(super) struct Tallies {
    /// By row of the pool, its place among the counted ones.
    place_of: Vec<u32>,
    counted: usize,
    /// By slot, the places of the counted rows that hold for somebody, in no order.
    places: Vec<Vec<u32>>,
    chains: Vec<Chain>,
}

/// Rows that are asked one after the other behind a counted one.
#[derive(Clone, Debug)]
struct Chain {
    then: Vec<PoolRow>,
    /// By place and step: for how many that row and the first so many of `then` hold.
    counts: Vec<u32>,
}

impl Chain {
    fn of_place(&mut self, place: u32) -> &mut [u32] {
        let steps = self.then.len() + 1;
        &mut self.counts[place as usize * steps..][..steps]
    }

    /// How many of the rows hold, up to the first that does not.
    fn depth(&self, holds: impl Fn(PoolRow) -> bool) -> usize {
        self.then.iter().take_while(|row| holds(**row)).count()
    }
}

fn change(counts: &mut [u32], is_more: bool) {
    for count in counts {
        *count = if is_more { *count + 1 } else { *count - 1 };
    }
}

impl Tallies {
    pub(super) const fn is_empty(&self) -> bool {
        self.chains.is_empty()
    }

    fn place(&self, row: PoolRow) -> Option<u32> {
        let place = self.place_of.get(row.0).copied();
        place.filter(|place| *place != NONE)
    }

    /// Counts these rows too, and what `then` leaves of each that is counted. `holds` says what
    /// holds for each of so many people.
    pub(super) fn add(
        &mut self,
        rows: &[PoolRow],
        then: &[PoolRow],
        people: u32,
        holds: impl Fn(PoolRow, Slot) -> bool,
    ) {
        for row in rows {
            if self.place(*row).is_some() {
                continue;
            }
            if self.place_of.len() <= row.0 {
                self.place_of.resize(row.0 + 1, NONE);
            }
            self.place_of[row.0] = u32::try_from(self.counted).expect("fewer rows than people");
            self.counted += 1;
        }
        self.chains.push(Chain {
            then: then.to_vec(),
            counts: Vec::new(),
        });
        let mut chained = self.chains.iter().flat_map(|chain| &chain.then);
        assert!(
            chained.all(|row| self.place(*row).is_none()),
            "a row stands in both"
        );
        self.count_anew(people, holds);
    }

    fn count_anew(&mut self, people: u32, holds: impl Fn(PoolRow, Slot) -> bool) {
        for chain in &mut self.chains {
            chain.counts = vec![0; self.counted * (chain.then.len() + 1)];
        }
        let rows: Vec<PoolRow> = (0..self.place_of.len()).map(PoolRow).collect();
        let rows: Vec<PoolRow> = rows
            .into_iter()
            .filter(|row| self.place(*row).is_some())
            .collect();
        let of = |slot| {
            let held = rows.iter().filter(|row| holds(**row, slot));
            held.filter_map(|row| self.place(*row)).collect()
        };
        self.places = (0..people).map(Slot::new).map(of).collect();
        for (places, slot) in self.places.iter().zip((0..people).map(Slot::new)) {
            for chain in &mut self.chains {
                let depth = chain.depth(|row| holds(row, slot));
                for place in places {
                    change(&mut chain.of_place(*place)[..=depth], true);
                }
            }
        }
    }

    /// Notes that a row came to hold for somebody, or does so no longer; `holds` says what holds for
    /// him since.
    pub(super) fn note(
        &mut self,
        row: PoolRow,
        slot: Slot,
        is: bool,
        holds: impl Fn(PoolRow) -> bool,
    ) {
        let place = self.place(row);
        let places = &mut self.places[slot.index()];
        for chain in &mut self.chains {
            let depth = chain.depth(&holds);
            if let Some(place) = place {
                change(&mut chain.of_place(place)[..=depth], is);
            } else {
                let before = chain.depth(|other| holds(other) != (other == row));
                for place in places.iter() {
                    let steps = depth.min(before) + 1..=depth.max(before);
                    change(&mut chain.of_place(*place)[steps], is);
                }
            }
        }
        match place {
            Some(place) if is => places.push(place),
            Some(place) => places.retain(|other| *other != place),
            None => {}
        }
    }

    /// How many each of these stages leaves, where that is counted.
    pub(super) fn counts(&self, stages: &[Stage<'_>]) -> Option<[u32; STAGES_MAX]> {
        let (Stage::Row(first), rest) = stages.split_first()? else {
            return None;
        };
        let place = self.place(*first)? as usize;
        let is_asked = |chain: &&Chain| {
            let mut steps = rest.iter().zip(&chain.then);
            rest.len() <= chain.then.len() && steps.all(|(stage, row)| *stage == Stage::Row(*row))
        };
        let chain = self.chains.iter().find(is_asked)?;
        let of_place = &chain.counts[place * (chain.then.len() + 1)..];
        let mut counts = [0; STAGES_MAX];
        for (count, kept) in counts.iter_mut().zip(of_place).take(stages.len()) {
            *count = *kept;
        }
        Some(counts)
    }
}
