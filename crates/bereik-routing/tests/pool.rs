//! The dense index picks whom a naive look at everybody picks, whatever was set before.

use bereik_core::slot::Slot;
use bereik_routing::pool::{Among, DecidedBy, Pick, Pool, PoolKey, PoolRow, Query, Stage};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof, proptest};
use proptest::test_runner::TestCaseError;

const ROWS: usize = 4;
const KEYS: usize = 3;

/// What is done to a pool.
#[derive(Clone, Debug)]
enum Act {
    Order(usize),
    Set(usize, u32, bool),
    /// Counts on from the greatest number of the key.
    Touch(usize, u32),
    SetKey(usize, u32, u64),
    Pick(Vec<usize>, Vec<u32>, Vec<usize>),
    /// Keeps count of the last two rows from then on, each followed by the first two.
    KeepCount,
    /// By one of the last two rows, and so many of the first two.
    PickCounted(usize, usize, Vec<usize>),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let (row, key, slot) = (|| 0..ROWS, || 0..KEYS, any::<u32>);
    let act = prop_oneof![
        1 => key().prop_map(Act::Order),
        12 => (row(), slot(), any::<bool>()).prop_map(|(row, slot, is)| Act::Set(row, slot, is)),
        8 => (key(), slot()).prop_map(|(key, slot)| Act::Touch(key, slot)),
        3 => (key(), slot(), 0u64..6).prop_map(|(key, slot, n)| Act::SetKey(key, slot, n)),
        6 => (vec(row(), 0..3), vec(slot(), 0..3), keys()).prop_map(|(rows, slots, keys)| {
            Act::Pick(rows, slots, keys)
        }),
        1 => Just(Act::KeepCount),
        6 => (2..ROWS, 0usize..=2, keys())
            .prop_map(|(row, then, keys)| Act::PickCounted(row, then, keys)),
    ];
    vec(act, 1..200)
}

fn keys() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![
        Just(vec![]),
        Just(vec![0]),
        Just(vec![1, 0]),
        Just(vec![2, 1, 0])
    ]
}

/// The same as lists, one entry for each person.
struct Naive {
    rows: Vec<Vec<bool>>,
    keys: Vec<Vec<u64>>,
}

impl Naive {
    fn pick(&self, rows: &[usize], out: &[u32], keys: &[usize]) -> (Vec<u32>, Vec<usize>) {
        let mut left: Vec<usize> = (0..self.keys[0].len()).collect();
        let mut counts = Vec::new();
        left.retain(|&at| !out.contains(&u32::try_from(at).expect("a small number")));
        counts.push(u32::try_from(left.len()).expect("a small number"));
        left.retain(|&at| self.rows[0][at] || self.rows[1][at]);
        counts.push(u32::try_from(left.len()).expect("a small number"));
        for row in rows {
            left.retain(|&at| self.rows[*row][at]);
            counts.push(u32::try_from(left.len()).expect("a small number"));
        }
        self.sort(&mut left, keys);
        (counts, left)
    }

    /// The same by rows alone.
    fn pick_by(&self, rows: &[usize], keys: &[usize]) -> (Vec<u32>, Vec<usize>) {
        let mut left: Vec<usize> = (0..self.keys[0].len()).collect();
        let mut counts = Vec::new();
        for row in rows {
            left.retain(|&at| self.rows[*row][at]);
            counts.push(u32::try_from(left.len()).expect("a small number"));
        }
        self.sort(&mut left, keys);
        (counts, left)
    }

    fn sort(&self, left: &mut [usize], keys: &[usize]) {
        let numbers = |at: usize| keys.iter().map(move |key| self.keys[*key][at]);
        left.sort_by_key(|&at| numbers(at).collect::<Vec<_>>());
    }

    fn decided_by(&self, left: &[usize], keys: &[usize], of: &[PoolKey]) -> DecidedBy {
        let [first, next, ..] = left else {
            return DecidedBy::Alone;
        };
        let differs = keys
            .iter()
            .find(|key| self.keys[**key][*first] != self.keys[**key][*next]);
        differs.map_or(DecidedBy::Slot, |key| DecidedBy::Key(of[*key]))
    }
}

fn slot(at: usize) -> Slot {
    Slot::new(u32::try_from(at).expect("a small number"))
}

fn is_same(
    found: &Pick,
    (counts, left): &(Vec<u32>, Vec<usize>),
    naive: &Naive,
    order: &[usize],
    keys: &[PoolKey],
) -> Result<(), TestCaseError> {
    prop_assert_eq!(found.counts(), counts);
    prop_assert_eq!(found.first, left.first().copied().map(slot));
    prop_assert_eq!(found.next, left.get(1).copied().map(slot));
    prop_assert_eq!(found.decided_by, naive.decided_by(left, order, keys));
    Ok(())
}

proptest! {
    #[test]
    fn the_index_picks_whom_a_look_at_everybody_picks(members in 1usize..200, acts in acts()) {
        let mut pool = Pool::new(members);
        let rows: Vec<PoolRow> = (0..ROWS).map(|_| pool.add_row()).collect();
        let keys: Vec<PoolKey> = (0..KEYS).map(|_| pool.add_key()).collect();
        let mut naive = Naive {
            rows: vec![vec![false; members]; ROWS],
            keys: vec![vec![0; members]; KEYS],
        };
        let mut among = Among::new();
        for act in acts {
            let bent = |number: u32| usize::try_from(number).expect("fits") % members;
            match act {
                Act::Order(key) => pool.order_by(keys[key]),
                Act::Set(row, at, holds) => {
                    let at = bent(at);
                    pool.set(rows[row], slot(at), holds);
                    naive.rows[row][at] = holds;
                    prop_assert_eq!(pool.holds(rows[row], slot(at)), holds);
                }
                Act::Touch(key, at) => {
                    let number = naive.keys[key].iter().max().expect("somebody") + 1;
                    pool.set_key(keys[key], slot(bent(at)), number);
                    naive.keys[key][bent(at)] = number;
                }
                Act::SetKey(key, at, number) => {
                    pool.set_key(keys[key], slot(bent(at)), number);
                    naive.keys[key][bent(at)] = number;
                }
                Act::Pick(by, out, order) => {
                    let out: Vec<u32> = out.into_iter().map(|at| slot(bent(at)).number()).collect();
                    let without: Vec<Slot> = out.iter().copied().map(Slot::new).collect();
                    let either = [rows[0], rows[1]];
                    let mut stages = vec![Stage::Without(&without), Stage::Any(&either)];
                    stages.extend(by.iter().map(|row| Stage::Row(rows[*row])));
                    let order_by: Vec<PoolKey> = order.iter().map(|key| keys[*key]).collect();
                    let query = Query { stages: &stages, keys: &order_by };
                    let found = pool.pick(&query, &mut among);
                    is_same(&found, &naive.pick(&by, &out, &order), &naive, &order, &keys)?;
                }
                Act::KeepCount => pool.keep_count(&rows[2..], &rows[..2]),
                Act::PickCounted(row, then, order) => {
                    let by: Vec<usize> = [row].into_iter().chain(0..then).collect();
                    let stages: Vec<Stage<'_>> = by.iter().map(|row| Stage::Row(rows[*row])).collect();
                    let order_by: Vec<PoolKey> = order.iter().map(|key| keys[*key]).collect();
                    let query = Query { stages: &stages, keys: &order_by };
                    let found = pool.pick(&query, &mut among);
                    is_same(&found, &naive.pick_by(&by, &order), &naive, &order, &keys)?;
                }
            }
        }
    }
}
