//! Which contact first: the policies in one pool of eight, beside what was measured before, with intervals of 95 %.

#![expect(clippy::print_stdout, reason = "a benchmark reports on the terminal")]

use bereik::core::group::Policy;
use bereik::routing::backlog::Order;
use bereik::sim::pool_world::{Played, PoolWorld};
use bereik_benches::table::Table;

const SEEDS: u64 = 20;
/// The two-sided 95 % point of Student's t for 19 degrees of freedom.
const STUDENT: f64 = 2.093;

/// A policy, and the percent within target (all, calamity, phone, chat, mail) and the worst wait in targets that were
/// measured before over 3 seeds, where they are known.
struct Row {
    name: &'static str,
    policy: Policy,
    before: Option<[Option<f64>; 6]>,
}

const fn row(
    name: &'static str,
    policy: Policy,
    [all, calamity, phone, chat, worst]: [f64; 5],
    mail: Option<f64>,
) -> Row {
    let before = [
        Some(all),
        Some(calamity),
        Some(phone),
        Some(chat),
        mail,
        Some(worst),
    ];
    Row {
        name,
        policy,
        before: Some(before),
    }
}

const ROWS: [Row; 8] = [
    row(
        "first in, first out",
        Policy::FirstInFirstOut,
        [42.9, 26.5, 21.1, 26.3, 113.0],
        Some(100.0),
    ),
    row(
        "wait + base score",
        Policy::Score,
        [45.1, 49.9, 26.9, 25.1, 76.0],
        None,
    ),
    row(
        "earliest deadline",
        Policy::Deadline,
        [64.3, 55.7, 48.9, 56.2, 24.0],
        None,
    ),
    row(
        "generalised cµ, quadratic cost",
        Policy::Cost,
        [66.0, 73.4, 53.0, 55.3, 18.0],
        None,
    ),
    row(
        "strict priority",
        Policy::StrictPriority,
        [69.0, 93.3, 62.6, 52.4, 27.0],
        None,
    ),
    row(
        "calamity first + cµ + reserve 1",
        Policy::CalamityFirstCost,
        [70.1, 94.3, 58.0, 60.4, 19.0],
        Some(98.6),
    ),
    row(
        "calamity first + feasible first + reserve 1",
        Policy::CalamityFirstDeadline,
        [71.5, 94.2, 57.3, 68.5, 17.6],
        Some(94.0),
    ),
    Row {
        name: "... and what can wait after the overdue",
        policy: Policy::CalamityFirstDeferring,
        before: None,
    },
];

/// Percent within target of all and of each kind, and the worst wait.
fn figures(played: &Played) -> [f64; 6] {
    let percent = |kind: usize| played.kinds[kind].within_percent();
    let all = played.all().within_percent();
    [
        all,
        percent(0),
        percent(1),
        percent(2),
        percent(3),
        played.worst,
    ]
}

/// The mean of each figure over the seeds, and half of its interval of 95 %.
fn measure(world: &PoolWorld, policy: Policy) -> [(f64, f64); 6] {
    let runs: Vec<[f64; 6]> = (1..=SEEDS)
        .map(|seed| figures(&world.play(Order::new(policy), seed)))
        .collect();
    let count = SEEDS as f64;
    std::array::from_fn(|figure| {
        let each = || runs.iter().map(|run| run[figure]);
        let mean = each().sum::<f64>() / count;
        let variance = each().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
        (mean, STUDENT * (variance / count).sqrt())
    })
}

fn main() {
    let world = PoolWorld::default();
    let mut table = Table::new(["", "all", "calamity", "phone", "chat", "mail", "worst"]);
    let mut all = Vec::new();
    for row in &ROWS {
        let measured = measure(&world, row.policy);
        all.push(measured[0]);
        let [a, b, c, d, e, f] = measured.map(|(mean, half)| format!("{mean:.1} ±{half:.1}"));
        table.row([row.name.to_owned(), a, b, c, d, e, f]);
        if let Some(before) = row.before {
            let shown =
                |figure: Option<f64>| figure.map_or("–".to_owned(), |x| format!("{x:.1}    "));
            let [a, b, c, d, e, f] = before.map(shown);
            table.row(["   before, 3 seeds".to_owned(), a, b, c, d, e, f]);
        }
    }
    println!(
        "{} people, a load of {} %, {} contacts a seed, {SEEDS} seeds; percent answered within their own target, and the\n\
         longest wait in targets, each with its interval of 95 %.\n\n{table}",
        world.people, world.load_percent, world.contacts,
    );
    for (pair, rows) in all.windows(2).zip(ROWS.windows(2)) {
        let [(one, half), (next, next_half)] = [pair[0], pair[1]];
        let relation = if one + half < next - next_half {
            "better than"
        } else {
            "not told apart from"
        };
        println!("  {} is {relation} {}", rows[1].name, rows[0].name);
    }
}
