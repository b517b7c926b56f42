//! Predictions: one wait with people who stay, one with people who come and go, and Erlang's formulas.

use bereik::routing::predict::erlang::{self, Impatient};
use bereik::routing::predict::{Rates, wait};
use chrono::{DateTime, TimeDelta, Utc};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

const RATES: Rates = Rates {
    service: 1.0 / 300.0,
    abandonment: 1.0 / 900.0,
};

#[divan::bench(args = [0, 5, 50, 500])]
fn people_who_stay(ahead: u32) -> Option<wait::WaitEstimate> {
    wait::steady(black_box(ahead), 8, RATES)
}

#[divan::bench(args = [0, 5, 50, 500])]
fn people_who_come_and_go(bencher: Bencher<'_, '_>, ahead: u32) {
    let from = DateTime::<Utc>::UNIX_EPOCH;
    let at = |minutes| from + TimeDelta::minutes(minutes);
    let plan = [(at(0), 8), (at(20), 3), (at(80), 8), (at(300), 2)];
    bencher.bench_local(|| wait::over(black_box(&plan), from, ahead, 0, RATES));
}

#[divan::bench(args = [10.0, 500.0])]
fn people_for_a_service_level(load: f64) -> Option<u32> {
    erlang::people_for(black_box(load), 300.0, 20.0, 0.8)
}

#[divan::bench(args = [10, 500])]
fn impatient_customers(people: u32) -> Option<erlang::Behaviour> {
    let queue = Impatient {
        arrivals: f64::from(people) * 1.1,
        service: 1.0,
        abandonment: 0.5,
        people: black_box(people),
    };
    queue.behaviour()
}
