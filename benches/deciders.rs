//! The best of 10,000 and of 100,000 people: ways to decide side by side, which must pick the same person and count the
//! same people, while presence and load change.

#![expect(clippy::print_stdout, reason = "a benchmark reports on the terminal")]

mod decider;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

use bereik_benches::dice::Dice;
use bereik_benches::table::Table;
use bereik_benches::timing::{Times, reading, timed_alone};

use decider::bitmaps::Bitmaps;
use decider::dense::Dense;
use decider::naive::Naive;
use decider::{Asked, Change, Decider, Picked, asked, change, company};

/// Decisions that are timed together, since one alone is hardly longer than reading the clock.
const BATCH: usize = 64;
const BATCHES: usize = 400;
/// What changes between two batches.
const CHANGES: usize = 64;

/// A company: so many people in groups of so many, and how long a decision may take at the median.
struct Case {
    people: usize,
    group: usize,
    most: Option<Duration>,
}

const CASES: [Case; 4] = [
    Case {
        people: 10_000,
        group: 200,
        most: Some(Duration::from_nanos(300)),
    },
    Case {
        people: 10_000,
        group: 10_000,
        most: None,
    },
    Case {
        people: 100_000,
        group: 5_000,
        most: Some(Duration::from_micros(2)),
    },
    Case {
        people: 100_000,
        group: 100_000,
        most: Some(Duration::from_micros(2)),
    },
];

/// How long each way took for a decision, and for a change.
struct Measured {
    name: &'static str,
    picks: Times,
    changes: Times,
}

fn main() -> ExitCode {
    let mut is_met = true;
    for case in CASES {
        is_met &= measure(&case);
    }
    if is_met {
        ExitCode::SUCCESS
    } else {
        println!("a bound is missed");
        ExitCode::FAILURE
    }
}

fn measure(case: &Case) -> bool {
    let mut dice = Dice::new(2_026);
    let people = company(case.people, case.group, &mut dice);
    let mut deciders: [(&str, Box<dyn Decider>); 3] = [
        ("one by one", Box::new(Naive::of(&people))),
        ("roaring", Box::new(Bitmaps::of(&people))),
        ("bereik", Box::new(Dense::of(&people))),
    ];
    let mut measured = deciders.each_ref().map(|(name, _)| Measured {
        name,
        picks: Times::default(),
        changes: Times::default(),
    });
    let (mut now, mut found, reading) = (1 << 20, 0, reading());
    let groups = case.people / case.group;
    for _ in 0..BATCHES {
        let batch: Vec<Asked> = (0..BATCH).map(|_| asked(groups, &mut dice)).collect();
        let changes: Vec<(u32, Change)> = (0..CHANGES)
            .map(|_| {
                now += 1;
                change(case.people, now, &mut dice)
            })
            .collect();
        let mut agreed: Option<Vec<Picked>> = None;
        for ((_, decider), measured) in deciders.iter_mut().zip(&mut measured) {
            let mut picks = Vec::with_capacity(BATCH);
            let ((), time) = timed_alone(
                || picks.extend(batch.iter().map(|asked| decider.pick(black_box(*asked)))),
                reading,
            );
            measured.picks.push(time / BATCH as u32);
            let ((), time) = timed_alone(
                || changes.iter().for_each(|(at, to)| decider.change(*at, *to)),
                reading,
            );
            measured.changes.push(time / CHANGES as u32);
            let before = agreed.get_or_insert_with(|| picks.clone());
            assert_eq!(*before, picks, "{} picks somebody else", measured.name);
        }
        let picks = agreed.iter().flatten();
        found += picks.filter(|picked| picked.person.is_some()).count();
    }
    report(case, &measured, found);
    let median = measured[2].picks.median();
    case.most.is_none_or(|most| median <= most)
}

fn report(case: &Case, measured: &[Measured; 3], found: usize) {
    let share = 100 * found / (BATCH * BATCHES);
    println!(
        "{} people in groups of {}: 64 skills of 5 levels, 3 channels; somebody is picked in {share} % of cases.\n\
         All pick the same and count the same. Medians, in microseconds.\n",
        case.people, case.group
    );
    let mut table = Table::new(["", "a decision", "at best", "a change"]);
    let micros = |time: Duration| format!("{:.3}", time.as_secs_f64() * 1e6);
    for Measured {
        name,
        picks,
        changes,
    } in measured
    {
        table.row([
            (*name).to_owned(),
            micros(picks.median()),
            micros(picks.best()),
            micros(changes.median()),
        ]);
    }
    println!("{table}");
}
