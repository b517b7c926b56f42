//! A dense index of people: a bit for each of them and each condition, and whole numbers to put
//! them in order.
//!
//! The people of a pool are [`Slot`]s, counted from 0. A [row](PoolRow) says of each whether
//! something holds for him: can be reached by phone, has a hand free, speaks French at least well.
//! A [key](PoolKey) is a number of each; less goes first: since when he is idle, how many contacts
//! he has had. A [`Query`] narrows everybody down, stage by stage, and picks the first of those who
//! are left. How many each stage left comes with it: the bits are counted where they are joined.
//!
//! The engine keeps one for each large group. It can be used by itself:
//!
//! ```
//! use bereik_core::slot::Slot;
//! use bereik_routing::pool::{Among, DecidedBy, Pool, Query, Stage};
//!
//! // Anna, Bram and Chris: who can be reached, who speaks French, and since when each is idle.
//! let mut pool = Pool::new(3);
//! let (reachable, french, idle) = (pool.add_row(), pool.add_row(), pool.add_key());
//! let [anna, bram, chris] = [0, 1, 2].map(Slot::new);
//! for (person, since) in [(anna, 900), (bram, 700), (chris, 800)] {
//!     pool.set(reachable, person, true);
//!     pool.set_key(idle, person, since);
//! }
//! pool.set(french, anna, true);
//! pool.set(french, chris, true);
//!
//! let query = Query {
//!     stages: &[Stage::Row(reachable), Stage::Row(french)],
//!     keys: &[idle],
//! };
//! let pick = pool.pick(&query, &mut Among::new());
//! assert_eq!(pick.first, Some(chris));
//! assert_eq!(pick.decided_by, DecidedBy::Key(idle));
//! assert_eq!(pick.counts(), [3, 2]);
//! ```
//!
//! # Speed
//!
//! A pick reads a bit for each person and stage, 64 at a time, and the key of each person who is
//! left. Where the pool [keeps count](Pool::keep_count) of what is asked, no bit is counted.
//! [Put in order](Pool::order_by) by the first key, it reads the keys of the first two only; with
//! both, it looks at nobody behind them. Order pays from some thousands of people on, where the key is a time that only moves forward;
//! each move then costs a bit of every row. `cargo bench --bench deciders` shows it beside other
//! ways.

mod among;
mod places;
mod tally;

use bereik_core::slot::Slot;

pub use among::Among;
use among::{bit_of, first_two, word_of};
use places::Places;
use tally::Tallies;

/// The most stages of a query.
pub const STAGES_MAX: usize = 8;

/// What may hold for a person: a row of bits in a [`Pool`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolRow(usize);

/// What puts people in order: a number of each in a [`Pool`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolKey(usize);

/// A dense index of some people. See the [module](self).
#[derive(Clone, Debug)]
pub struct Pool {
    /// Bits by place, one row after the other.
    bits: Vec<u64>,
    rows: usize,
    /// Numbers by slot, one key after the other.
    numbers: Vec<u64>,
    keys: usize,
    places: Places,
    tallies: Tallies,
}

/// How one step of a [`Query`] narrows down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage<'a> {
    /// To those for whom at least one of these holds.
    Any(&'a [PoolRow]),
    /// To those for whom this holds.
    Row(PoolRow),
    /// To all but these.
    Without(&'a [Slot]),
}

/// Whom to pick: the first, by these keys, of those whom the stages leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "built as a literal")]
pub struct Query<'a> {
    /// At most [`STAGES_MAX`], one after the other.
    pub stages: &'a [Stage<'a>],
    /// Compared one after the other, less first; then the slot.
    pub keys: &'a [PoolKey],
}

/// What put the first before the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a key, the slot, or nobody to compare with"
)]
pub enum DecidedBy {
    /// There was nobody else, or nobody at all.
    Alone,
    /// This key.
    Key(PoolKey),
    /// Nothing but the slot.
    Slot,
}

/// Who was picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pick {
    /// The first, if anybody is left.
    pub first: Option<Slot>,
    /// The one after him.
    pub next: Option<Slot>,
    /// What put the first before the next.
    pub decided_by: DecidedBy,
    counts: [u32; STAGES_MAX],
    stages: usize,
}

impl Pick {
    /// How many people each stage left.
    #[must_use]
    pub fn counts(&self) -> &[u32] {
        &self.counts[..self.stages]
    }
}

impl Pool {
    /// A pool of so many people, without conditions and keys.
    ///
    /// # Panics
    /// From 2³¹ people on.
    #[must_use]
    pub fn new(members: usize) -> Self {
        Self {
            bits: Vec::new(),
            rows: 0,
            numbers: Vec::new(),
            keys: 0,
            places: Places::by_slot(members),
            tallies: Tallies::default(),
        }
    }

    /// How many people there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.places.members()
    }

    /// Whether there is nobody.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One more condition, which holds for nobody yet.
    pub fn add_row(&mut self) -> PoolRow {
        let row = PoolRow(self.rows);
        self.rows += 1;
        self.bits.resize(self.rows * self.places.words(), 0);
        row
    }

    /// One more number of each, 0 at first.
    pub fn add_key(&mut self) -> PoolKey {
        let key = PoolKey(self.keys);
        self.keys += 1;
        self.numbers.resize(self.keys * self.len(), 0);
        key
    }

    /// Says whether something holds for somebody.
    ///
    /// # Panics
    /// Where the pool has no such row or person.
    pub fn set(&mut self, row: PoolRow, slot: Slot, holds: bool) {
        let place = self.places.of(slot);
        let word = &mut self.row_mut(row)[word_of(place)];
        if (*word & bit_of(place) != 0) == holds {
            return;
        }
        *word ^= bit_of(place);
        if !self.tallies.is_empty() {
            let mut tallies = std::mem::take(&mut self.tallies);
            tallies.note(row, slot, holds, |row| self.holds(row, slot));
            self.tallies = tallies;
        }
    }

    /// Counts, from now on, for how many people each of `rows` holds, and for how many of them the
    /// first of `then` holds too, the first two of them, and so on. Picks whose stages are one of
    /// `rows` and then as many of `then` as there are more stages need not count anybody; setting a
    /// bit takes longer. Asked once for each `then`; `rows` add to those of before.
    ///
    /// # Panics
    /// Where the pool has no such row, or a row stands in both.
    pub fn keep_count(&mut self, rows: &[PoolRow], then: &[PoolRow]) {
        let people = u32::try_from(self.len()).expect("fewer than 2³¹ people");
        let mut tallies = std::mem::take(&mut self.tallies);
        tallies.add(rows, then, people, |row, slot| self.holds(row, slot));
        self.tallies = tallies;
    }

    /// Whether something holds for somebody.
    ///
    /// # Panics
    /// Where the pool has no such row or person.
    #[must_use]
    pub fn holds(&self, row: PoolRow, slot: Slot) -> bool {
        let place = self.places.of(slot);
        self.row(row)[word_of(place)] & bit_of(place) != 0
    }

    /// Sets the number of somebody.
    ///
    /// # Panics
    /// Where the pool has no such key or person.
    pub fn set_key(&mut self, key: PoolKey, slot: Slot, number: u64) {
        let of_key = key.0 * self.len();
        let numbers = &mut self.numbers[of_key..][..self.places.members()];
        let was = std::mem::replace(&mut numbers[slot.index()], number);
        if was != number && self.places.is_ordered_by(key) {
            self.move_to_end(key, slot);
        }
    }

    /// The number of somebody.
    ///
    /// # Panics
    /// Where the pool has no such key or person.
    #[must_use]
    pub fn key(&self, key: PoolKey, slot: Slot) -> u64 {
        self.numbers(key)[slot.index()]
    }

    /// Keeps everybody in the order of this key from now on. It changes no pick, only how long it
    /// takes. From then on a number of this key that becomes less than the greatest puts everybody
    /// in order anew.
    ///
    /// # Panics
    /// Where the pool has no such key.
    pub fn order_by(&mut self, key: PoolKey) {
        let ordered = Places::in_order(key, self.numbers(key));
        let mut bits = Vec::with_capacity(self.rows * ordered.words());
        for row in 0..self.rows {
            bits.extend(ordered.moved(self.row(PoolRow(row)), &self.places));
        }
        self.bits = bits;
        self.places = ordered;
    }

    fn row(&self, row: PoolRow) -> &[u64] {
        let words = self.places.words();
        &self.bits[row.0 * words..][..words]
    }

    fn row_mut(&mut self, row: PoolRow) -> &mut [u64] {
        let words = self.places.words();
        &mut self.bits[row.0 * words..][..words]
    }

    fn numbers(&self, key: PoolKey) -> &[u64] {
        &self.numbers[key.0 * self.len()..][..self.len()]
    }

    /// Somebody has the greatest number now, or somebody's number went back.
    fn move_to_end(&mut self, key: PoolKey, slot: Slot) {
        let number = self.key(key, slot);
        let Some(from) = self.places.move_to_end(slot, number) else {
            self.order_by(key);
            return;
        };
        let to = self.places.of(slot);
        for row in self.bits.chunks_exact_mut(self.places.words()) {
            let is_set = row[word_of(from)] & bit_of(from) != 0;
            row[word_of(from)] &= !bit_of(from);
            if is_set {
                row[word_of(to)] |= bit_of(to);
            }
        }
    }

    /// Picks the first of those whom the stages leave. `among` is room for them, which may be used
    /// again and again.
    ///
    /// # Panics
    /// Where the query has more than [`STAGES_MAX`] stages, or the pool no such row, key or person.
    #[must_use]
    pub fn pick(&self, query: &Query<'_>, among: &mut Among) -> Pick {
        assert!(query.stages.len() <= STAGES_MAX, "too many stages");
        let (counts, [first, next]) = match self.tallies.counts(query.stages) {
            Some(counts) => (counts, self.first_two_of(query)),
            None => self.count(query, among),
        };
        Pick {
            first,
            next,
            decided_by: self.decided_by(query.keys, first, next),
            counts,
            stages: query.stages.len(),
        }
    }

    fn count(
        &self,
        query: &Query<'_>,
        among: &mut Among,
    ) -> ([u32; STAGES_MAX], [Option<Slot>; 2]) {
        let mut counts = [0; STAGES_MAX];
        among.fill(self);
        for (stage, count) in query.stages.iter().zip(&mut counts) {
            *count = match stage {
                Stage::Any(rows) => among.keep_any(self, rows),
                Stage::Row(row) => among.keep(self, *row),
                Stage::Without(slots) => {
                    for slot in *slots {
                        among.take_out(self, *slot);
                    }
                    among.count()
                }
            };
        }
        (counts, among.first_two(self, query.keys).into())
    }

    /// The first two of those for whom all rows of a query hold, whose other stages are none: the
    /// rows are joined as far as the first two are looked for.
    fn first_two_of(&self, query: &Query<'_>) -> [Option<Slot>; 2] {
        let mut rows: [&[u64]; STAGES_MAX] = [&[]; STAGES_MAX];
        for (of, stage) in rows.iter_mut().zip(query.stages) {
            if let Stage::Row(row) = stage {
                *of = self.row(*row);
            }
        }
        let rows = &rows[..query.stages.len()];
        let words = 0..self.places.taken().len();
        let words = words.map(|at| rows.iter().fold(u64::MAX, |word, row| word & row[at]));
        first_two(self, query.keys, words).into()
    }

    fn decided_by(&self, keys: &[PoolKey], first: Option<Slot>, next: Option<Slot>) -> DecidedBy {
        let (Some(first), Some(next)) = (first, next) else {
            return DecidedBy::Alone;
        };
        let mut keys = keys.iter().copied();
        let differs = keys.find(|key| self.key(*key, first) != self.key(*key, next));
        differs.map_or(DecidedBy::Slot, DecidedBy::Key)
    }
}
