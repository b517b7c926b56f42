//! Teaches what-if: a scenario of customers, people and faults in; what they would meet, out.
//!
//! `cargo run --release --example simulate -- SCENARIO.toml [--compare OTHER.toml] [--seeds N]`
//!
//! The scenario format is described in docs/SCENARIOS.md; scenarios are in `examples/simulate/scenarios`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]

mod arguments;
mod plot;
mod progress;
mod read;
mod timeline;

use std::error::Error;
use std::process::ExitCode;

use bereik::sim::{Checks, Comparison, Failure, Report, World};

use arguments::{Arguments, USAGE};
use progress::Progress;
use read::Setting;
use timeline::Timeline;

fn main() -> ExitCode {
    let arguments = match Arguments::parse() {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(why) => {
            eprintln!("{why}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match simulate(&arguments) {
        Ok(code) => code,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(if why.is::<Failure>() { 1 } else { 2 })
        }
    }
}

fn simulate(arguments: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    let setting = Setting::read(&arguments.scenario)?;
    let other = match &arguments.compare {
        Some(path) => Setting::read(path)?,
        None => setting.clone(),
    };
    setting.tell_problems();
    let first = arguments.seed.unwrap_or(setting.scenario.seed);
    let seeds = first..first.saturating_add(arguments.seeds);
    let mut timeline = Timeline::to(arguments.timeline.as_deref())?;
    let mut run_all = |setting: &Setting| -> Result<Vec<Report>, Box<dyn Error>> {
        let mut reports = Vec::new();
        for seed in seeds.clone() {
            reports.push(run(
                setting,
                seed,
                arguments,
                std::mem::take(&mut timeline),
            )?);
        }
        Ok(reports)
    };
    let reports = run_all(&setting)?;
    if arguments.is_comparison() {
        let other = match arguments.without {
            Some(channel) => other.without(channel),
            None => other,
        };
        println!("{}", Comparison::new(&reports, &run_all(&other)?));
    } else {
        reports.iter().for_each(|report| println!("{report}"));
    }
    if let (Some(path), Some(report)) = (arguments.svg(), reports.first()) {
        std::fs::write(&path, plot::draw(report)?)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let file = path.file_name().unwrap_or(path.as_os_str());
        println!("The plot is in {}.", file.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn run(
    setting: &Setting,
    seed: u64,
    arguments: &Arguments,
    timeline: Timeline,
) -> Result<Report, Box<dyn Error>> {
    let mut world = World::new(&setting.scenario, &setting.directory, &setting.facts, seed);
    let checks = arguments.checks.then(|| Checks::new(&setting.directory));
    let mut witness = ((Progress::new(&setting.scenario.name), timeline), checks);
    world.run(&mut witness)?;
    let ((_, timeline), checks) = witness;
    timeline.finish()?;
    if let Some(checks) = checks {
        world.check_liveness(&checks)?;
    }
    Ok(world.report())
}
