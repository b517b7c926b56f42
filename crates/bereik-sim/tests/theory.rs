//! Played queues against theory, and predicted waits against played queues.

use std::path::PathBuf;

use bereik_routing::predict::erlang::{self, Impatient};
use bereik_routing::predict::{Coverage, Rates, wait};
use bereik_sim::queue::{Queue, Seen};
use bereik_sim::random::Random;
use serde_json::Value;

/// So many independent runs, each with a seed of its own.
const REPLICATIONS: u64 = 24;
/// Half of the interval that holds the true mean with 99.9 % confidence, in standard errors, with
/// that many runs: Student's distribution with 23 degrees of freedom.
const STUDENT: f64 = 3.768;

struct Expected {
    waiting: f64,
    abandoned: f64,
    mean_wait: f64,
}

/// Checks that the exact value lies in the interval around the mean of the runs.
fn assert_agrees(runs: &[Seen], of: impl Fn(&Seen) -> f64, exact: f64, what: &str) {
    let n = runs.len() as f64;
    let mean = runs.iter().map(&of).sum::<f64>() / n;
    let squares: f64 = runs.iter().map(|run| (of(run) - mean).powi(2)).sum();
    let half = STUDENT * (squares / (n - 1.0) / n).sqrt();
    assert!(
        (mean - exact).abs() <= half + 1e-12,
        "{what}: {mean} ± {half} is not {exact}"
    );
    let is_telling = half <= 0.3 * exact.max(0.01);
    assert!(is_telling, "{what}: ± {half} says nothing of {exact}");
}

fn assert_plays_as(queue: Queue, exact: &Expected, customers: usize) {
    let run = |seed| queue.play(customers / 2, customers, &mut Random::of_seed(seed));
    let runs: Vec<Seen> = (1..=REPLICATIONS).map(run).collect();
    let what = |name| format!("{name} of {queue:?}");
    assert_agrees(&runs, |run| run.waiting, exact.waiting, &what("waiting"));
    assert_agrees(
        &runs,
        |run| run.abandoned,
        exact.abandoned,
        &what("abandoned"),
    );
    assert_agrees(
        &runs,
        |run| run.mean_wait,
        exact.mean_wait,
        &what("mean wait"),
    );
}

fn exact_of(queue: Queue) -> Expected {
    if queue.abandonment == 0.0 {
        let load = queue.arrivals / queue.service;
        let mean_wait = erlang::mean_wait(load, queue.people, 1.0 / queue.service);
        return Expected {
            waiting: erlang::waiting(load, queue.people).expect("a load"),
            abandoned: 0.0,
            mean_wait: mean_wait.expect("they can do it"),
        };
    }
    let model = Impatient {
        arrivals: queue.arrivals,
        service: queue.service,
        abandonment: queue.abandonment,
        people: queue.people,
    };
    let behaviour = model.behaviour().expect("rates that can be");
    Expected {
        waiting: behaviour.waiting,
        abandoned: behaviour.abandoned,
        mean_wait: behaviour.mean_wait,
    }
}

const fn queue(arrivals: f64, abandonment: f64, people: u32) -> Queue {
    Queue {
        arrivals,
        service: 1.0,
        abandonment,
        people,
    }
}

#[test]
fn played_queues_agree_with_erlang() {
    for queue in [
        queue(0.7, 0.0, 1),
        queue(2.4, 0.0, 3),
        queue(8.5, 0.0, 10),
        queue(1.2, 0.5, 1),
        queue(12.0, 0.3, 10),
        queue(45.0, 1.0, 50),
    ] {
        assert_plays_as(queue, &exact_of(queue), 12_000);
    }
}

fn read(file: &str) -> Value {
    let folder = std::env::var_os("BEREIK_VECTORS");
    let folder = PathBuf::from(folder.expect("BEREIK_VECTORS names the folder of the vectors"));
    let text = std::fs::read_to_string(folder.join(file)).expect("the folder has this file");
    serde_json::from_str(&text).expect("the file is JSON")
}

fn cases<'a>(file: &'a Value, name: &str) -> &'a [Value] {
    let cases = file[name].as_array().expect("a list of cases");
    assert!(!cases.is_empty(), "no {name}");
    cases
}

fn number(value: &Value, name: &str) -> f64 {
    let number = value[name].as_f64();
    number.unwrap_or_else(|| panic!("no {name} in {value}"))
}

fn people(value: &Value, name: &str) -> u32 {
    u32::try_from(value[name].as_u64().expect("a number of people")).expect("not too many")
}

#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_played_queues_agree_with_the_exact_cases_of_erlang_a() {
    let file = read("erlang.json");
    for case in cases(&file, "exact_erlang_a") {
        let queue = Queue {
            arrivals: number(case, "lam"),
            service: number(case, "mu"),
            abandonment: number(case, "theta"),
            people: people(case, "c"),
        };
        let exact = Expected {
            waiting: number(case, "p_wait"),
            abandoned: number(case, "p_abandon"),
            mean_wait: number(case, "mean_wait_offered"),
        };
        assert_plays_as(queue, &exact, 8_000);
    }
}

/// Where nearly nobody waits, or the queue takes long to settle, a run says little: those rows of
/// the grid are held by the formulas alone.
#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_played_queues_agree_with_the_exact_grid_of_erlang_c() {
    let file = read("erlang.json");
    let is_telling = |case: &&Value| {
        let load = number(case, "a");
        let occupied = load / f64::from(people(case, "n"));
        let waiting = number(case, "erlang_c");
        load <= 50.0 && occupied <= 0.92 && waiting >= 0.15
    };
    let mut played = 0;
    for case in cases(&file, "exact_grid").iter().filter(is_telling) {
        let queue = queue(number(case, "a"), 0.0, people(case, "n"));
        let exact = Expected {
            waiting: number(case, "erlang_c"),
            abandoned: 0.0,
            mean_wait: number(case, "mean_wait_over_aht"),
        };
        assert_plays_as(queue, &exact, 12_000);
        played += 1;
    }
    assert!(played >= 10, "only {played} rows were played");
}

/// Independent replications of each load: each has a seed of its own and gives one observed wait.
const WAITS: u64 = 3_000;

fn calibrate(queue: Queue) -> Coverage {
    let rates = Rates {
        service: queue.service,
        abandonment: queue.abandonment,
    };
    let mut coverage = Coverage::default();
    for seed in 0..WAITS {
        let observation = queue.observe(200, &mut Random::of_seed(seed));
        let Some(observation) = observation else {
            continue;
        };
        let estimate = wait::steady(observation.ahead, queue.people, rates);
        let estimate = estimate.expect("there are hands");
        let ms = |span: chrono::TimeDelta| span.num_milliseconds() as f64;
        let waited_ms = observation.waited * 1_000.0;
        coverage.ended(ms(estimate.p10), ms(estimate.p90), waited_ms);
    }
    coverage
}

/// A unit of time is a handling time of five minutes.
#[test]
fn eight_of_ten_waits_lie_in_the_predicted_interval_at_every_load() {
    let mut all = Coverage::default();
    for (load, patience, people) in [
        (0.8, None, 1),
        (2.7, None, 3),
        (9.0, None, 10),
        (12.0, Some(1.0), 10),
        (12.0, Some(4.0), 10),
        (30.0, Some(2.0), 20),
        (50.0, Some(0.5), 50),
    ] {
        let per_second = 1.0 / 300.0;
        let queue = Queue {
            arrivals: load * per_second,
            service: per_second,
            abandonment: patience.map_or(0.0, |patience: f64| per_second / patience),
            people,
        };
        let coverage = calibrate(queue);
        let (low, high) = coverage.confidence().expect("there are waits");
        let share = coverage.share().expect("there are waits");
        println!(
            "{share:.3} [{low:.3}, {high:.3}] of {} at load {load}, patience {patience:?}, {people} people",
            coverage.answered()
        );
        assert!(coverage.answered() >= 2_900, "{coverage:?}");
        assert!(
            (0.78..=0.82).contains(&share),
            "{share} at {queue:?}: {coverage:?}"
        );
        all.before += coverage.before;
        all.inside += coverage.inside;
        all.after += coverage.after;
    }
    println!(
        "{:.4} of {}",
        all.share().expect("there are waits"),
        all.answered()
    );
}
