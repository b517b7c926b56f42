//! Files that are written to exhaust a reader: time and memory of each, in a process of its own.

#![expect(clippy::print_stdout, reason = "a benchmark reports on the terminal")]

/// The same that the tests bound.
#[path = "../crates/bereik-calendar/tests/hostile/shapes.rs"]
mod shapes;

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::thread::sleep;
use std::time::Duration;

use bereik::calendar::{Limits, Reading};
use bereik::core::free_busy::{FreeBusy, FreeBusyKind};
use bereik::core::interval::Interval;
use bereik_benches::resident;
use bereik_benches::table::Table;
use bereik_benches::timing::timed;
use chrono::TimeDelta;
use shapes::{SHAPES, Shape};

/// What reading and expanding one shape may take with default limits.
const MILLIS_MAX: f64 = 250.0;

/// What it may hold at most, its input apart.
const PEAK_MAX: u64 = 64 << 20;

/// Each shape is run so many times; the shortest time and the largest peak count.
const RUNS: usize = 3;

/// After so long a child is ended.
const PATIENCE: Duration = Duration::from_secs(60);

const LIMITS: [&str; 2] = ["default", "raised"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.as_slice() {
        [_, child, path, limits] if child == "child" => {
            measure(Path::new(path), limits);
            ExitCode::SUCCESS
        }
        _ => run_all(),
    }
}

fn run_all() -> ExitCode {
    println!(
        "Each shape is written to a file; a fresh process takes the file into memory, notes its peak (VmHWM), reads the\n\
         calendar and asks for 90 days, and notes its peak again. Peak is the difference: everything but the input and\n\
         an empty process. Times are CPU time in that process, the best of {RUNS}; peaks are the worst of {RUNS}."
    );
    let file = std::env::temp_dir().join(format!("bereik-hostile-{}.ics", std::process::id()));
    let mut tables = LIMITS.map(|_| {
        Table::new([
            "shape",
            "input MB",
            "read ms",
            "expand ms",
            "peak MiB",
            "window",
            "problems",
            "first",
        ])
    });
    let mut is_within = true;
    for shape in &SHAPES {
        fs::write(&file, shape.file()).expect("the temporary folder takes files");
        for (limits, table) in LIMITS.into_iter().zip(&mut tables) {
            let outcome = (0..RUNS).map(|_| child(&file, limits)).reduce(worse);
            let outcome = outcome.expect("there is at least one run");
            is_within &= match (&outcome, limits) {
                (Ok(outcome), "default") => {
                    outcome.read + outcome.expand < MILLIS_MAX && outcome.peak < PEAK_MAX
                }
                (Ok(_), _) => true,
                (Err(_), _) => false,
            };
            row(table, shape, &outcome);
        }
    }
    fs::remove_file(&file).expect("it was just written");
    let [default, raised] = tables;
    println!("\nWith default limits: under {MILLIS_MAX} ms and under 64 MiB is asked.\n{default}");
    println!(
        "With the limits on bytes, line, depth, components and dates above the input; those on steps as they are.\n{raised}"
    );
    match is_within {
        true => {
            println!("Every shape is within its bounds.");
            ExitCode::SUCCESS
        }
        false => {
            println!("Not every shape is within its bounds.");
            ExitCode::FAILURE
        }
    }
}

/// What a child reports, in this order.
struct Outcome {
    bytes: u64,
    read: f64,
    expand: f64,
    peak: u64,
    window: String,
    problems: String,
    first: String,
}

type Report = Result<Outcome, String>;

fn child(file: &Path, limits: &str) -> Report {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut child = Command::new(program)
        .arg("child")
        .arg(file)
        .arg(limits)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    let step = Duration::from_millis(2);
    let mut waited = Duration::ZERO;
    while child
        .try_wait()
        .map_err(|error| error.to_string())?
        .is_none()
    {
        if waited > PATIENCE {
            child.kill().map_err(|error| error.to_string())?;
            child.wait().map_err(|error| error.to_string())?;
            return Err("ended, it took too long".to_owned());
        }
        sleep(step);
        waited += step;
    }
    let output = child
        .wait_with_output()
        .map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Outcome::of(&String::from_utf8_lossy(&output.stdout)).ok_or("no report".to_owned()),
        false => Err(output.status.to_string()),
    }
}

impl Outcome {
    fn of(report: &str) -> Option<Self> {
        let mut parts = report.trim_end().split('\t');
        Some(Self {
            bytes: parts.next()?.parse().ok()?,
            read: parts.next()?.parse().ok()?,
            expand: parts.next()?.parse().ok()?,
            peak: parts.next()?.parse().ok()?,
            window: parts.next()?.to_owned(),
            problems: parts.next()?.to_owned(),
            first: parts.next()?.to_owned(),
        })
    }
}

/// The shorter time and the larger peak of the two; a run that failed stands.
fn worse(one: Report, other: Report) -> Report {
    let (one, mut other) = (one?, other?);
    if one.read + one.expand < other.read + other.expand {
        (other.read, other.expand) = (one.read, one.expand);
    }
    other.peak = other.peak.max(one.peak);
    Ok(other)
}

fn row(table: &mut Table, shape: &Shape, report: &Report) {
    let name = shape.name.to_owned();
    match report {
        Ok(outcome) => table.row([
            name,
            format!("{:.2}", outcome.bytes as f64 / 1e6),
            format!("{:.2}", outcome.read),
            format!("{:.2}", outcome.expand),
            format!("{:.2}", outcome.peak as f64 / f64::from(1 << 20)),
            outcome.window.clone(),
            outcome.problems.clone(),
            outcome.first.clone(),
        ]),
        Err(why) => table.row([name, why.clone()]),
    }
}

/// The child: reads, expands, reports.
fn measure(path: &Path, limits: &str) {
    let bytes = fs::read(path).expect("the parent wrote it");
    let limits = match limits {
        "raised" => raised(bytes.len() + 1),
        _ => Limits::default(),
    };
    let start = shapes::opens();
    let window = Interval::new(start, start + TimeDelta::days(90)).expect("a window has a length");
    let before = resident::peak().unwrap_or_default();
    let (calendar, read) = timed(|| bereik::calendar::read(&bytes, &limits));
    let (answer, expand) = timed(|| calendar.free_busy(window, &Reading::new()));
    let after = resident::peak().unwrap_or_default();
    let problems = &answer.problems;
    println!(
        "{}\t{}\t{}\t{}\t{}\t{}\t{}",
        bytes.len(),
        read.as_secs_f64() * 1e3,
        expand.as_secs_f64() * 1e3,
        after.saturating_sub(before),
        window_of(&answer.value, window),
        problems.len(),
        problems
            .first()
            .map_or("-".to_owned(), |first| format!("{:?}", first.reason())),
    );
}

fn raised(above: usize) -> Limits {
    Limits::default()
        .with_bytes_max(above)
        .with_line_bytes_max(above)
        .with_depth_max(above)
        .with_components_max(above)
        .with_dates_max(above)
}

/// How much of the window is unknown, and in how many stretches the rest is taken.
fn window_of(value: &FreeBusy, window: Interval) -> String {
    let Some(known) = value.known() else {
        return "unknown".to_owned();
    };
    let seconds = |interval: Interval| interval.duration().num_seconds();
    let stretches = || value.intervals();
    let unknown: i64 = stretches()
        .filter(|(_, kind)| *kind == FreeBusyKind::Unknown)
        .map(|(interval, _)| seconds(interval))
        .sum();
    let unknown = unknown + seconds(window) - seconds(known);
    let taken = stretches().filter(|(_, kind)| *kind != FreeBusyKind::Unknown);
    match unknown {
        0 => format!("known, {} taken", taken.count()),
        _ => format!(
            "unknown {:.3} %, {} taken",
            100.0 * unknown as f64 / seconds(window) as f64,
            taken.count()
        ),
    }
}
