//! Goes through a backlog in the order in which its contacts are served.

use super::lane::{Lane, Spot};
use super::order::{Class, Order, Part, Waiting};
use super::{Backlog, Turn};

/// A part of a lane whose contacts are served one after the other, and how far they are.
#[derive(Clone, Debug)]
struct Run<'a, K> {
    key: &'a (K, Class),
    lane: &'a Lane,
    next: Spot,
    end: Spot,
}

/// The contacts of some lanes in their turn: see [`Backlog::in_turn`]. Each step costs as many
/// comparisons as there are lanes.
#[derive(Clone, Debug)]
pub struct InTurn<'a, K> {
    order: Order,
    now: i64,
    /// None of them is at its end.
    runs: Vec<Run<'a, K>>,
}

impl<'a, K: Ord + Clone> InTurn<'a, K> {
    pub(super) fn new(
        backlog: &'a Backlog<K>,
        now: i64,
        mut may_take: impl FnMut(&K, Class) -> bool,
    ) -> Self {
        let order = backlog.order;
        let mut runs = Vec::new();
        for (key, lane) in &backlog.lanes {
            if !may_take(&key.0, key.1) {
                continue;
            }
            let end_of =
                |part| lane.end_of(|waiting: &Waiting| order.part(now, (key.1, waiting)) <= part);
            let mut next = Lane::start();
            let ends = [end_of(Part::BeyondCap), end_of(Part::Overdue), lane.end()];
            for end in ends {
                if next < end {
                    runs.push(Run {
                        key,
                        lane,
                        next,
                        end,
                    });
                }
                next = end;
            }
        }
        Self { order, now, runs }
    }
}

impl<K: Ord + Clone> Iterator for InTurn<'_, K> {
    type Item = Turn<K>;

    fn next(&mut self) -> Option<Turn<K>> {
        let heads = self.runs.iter().enumerate();
        let heads = heads.filter_map(|(run, of)| Some((run, of.key.1, of.lane.at(of.next)?)));
        let (run, class, waiting) = heads.min_by(|(_, class_a, a), (_, class_b, b)| {
            let (a, b) = ((*class_a, *a), (*class_b, *b));
            self.order.compare_at(self.now, a, b)
        })?;
        let first = &mut self.runs[run];
        let turn = Turn {
            key: first.key.0.clone(),
            class,
            waiting: *waiting,
        };
        first.next = first.lane.next(first.next);
        if first.end <= first.next {
            self.runs.swap_remove(run);
        }
        Some(turn)
    }
}
