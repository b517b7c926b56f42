//! Teaches the fire drill: a directory, its agendas and rosters in; whether anybody would stand beside a customer with
//! a calamity, at every instant of some months, out. Nobody is rung.
//!
//! `cargo run --example fire-drill -- --at INSTANT [--days 90] [--roster FILE]... [--svg FILE] [DIRECTORY.toml]`, and
//! `--help` for the rest.
//!
//! The exit status is 1 when a customer would be alone at any instant, so that a pipeline can refuse a roster.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]

use std::collections::BTreeMap;
use std::error::Error;
use std::io::IsTerminal as _;
use std::path::Path;
use std::process::ExitCode;

use bereik::core::contact::Addressee;
use bereik::core::directory::Directory;
use bereik::core::{Interval, PersonId};
use bereik::feed::read_directory;
use bereik::presence::{PersonFacts, ReachRules, Roster};
use bereik::routing::check;
use bereik::sim::drill::{FireDrill, Grade};
use chrono::TimeDelta;

use arguments::{Arguments, USAGE};
use report::Report;

#[path = "../shared/agendas.rs"]
mod agendas;
mod arguments;
mod report;

/// Who is on call when, by a roster on disk, added to what is known.
fn read_roster(
    path: &Path,
    directory: &Directory,
    range: Interval,
    facts: &mut BTreeMap<PersonId, PersonFacts>,
) -> Result<(), Box<dyn Error>> {
    let named = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| named(&error))?;
    let roster: Roster = toml::from_str(&text).map_err(|error| {
        let line = error
            .span()
            .map(|at| text[..at.start].matches('\n').count() + 1);
        let line = line.map_or_else(String::new, |line| format!("{line}: "));
        format!("{}:{line}{}", path.display(), error.message())
    })?;
    for (person, on_call) in roster.on_call_by_person(range) {
        if directory.person(&person).is_none() {
            return Err(named(&format!("there is no person `{person}`")).into());
        }
        facts.entry(person).or_default().on_call.extend(on_call);
    }
    Ok(())
}

/// Whether somebody comes at every instant.
fn run(arguments: &Arguments) -> Result<bool, Box<dyn Error>> {
    let path = &arguments.directory;
    let directory = read_directory(path)?;
    let end = arguments.at + TimeDelta::days(arguments.days);
    let range = Interval::new(arguments.at, end).ok_or("there are no days")?;
    let folder = path.parent().unwrap_or(path);
    let (mut facts, wrong) = agendas::read(&directory, folder, range);
    wrong.iter().for_each(|why| eprintln!("{why}"));
    for roster in &arguments.rosters {
        read_roster(roster, &directory, range, &mut facts)?;
    }
    let rules = ReachRules::default();
    let mut drill = FireDrill::new(&directory, &facts, &rules)
        .with_assumptions(arguments.assumptions.clone())
        .over(arguments.channel);
    if let Some(group) = &arguments.group {
        let known = directory.group(group);
        known.ok_or_else(|| format!("there is no group `{group}`"))?;
        drill = drill.for_addressee(Addressee::Group(group.clone()));
    }
    let drill = drill.hold(range);
    let over = arguments.channel.name().replace('_', " ");
    let title = format!("{}: fire drill, a calamity by {over}", directory.name());
    let report = Report {
        directory: &directory,
        drill: &drill,
    };
    println!("{title}, {} days. Nobody was rung.\n", arguments.days);
    println!("{}", report.findings(&check(&directory, range)));
    println!("{}", report.at(arguments.at));
    print!("{}{}{}", report.gaps(), report.breaks(), report.few_lines());
    let strip = drill.strip(directory.zone());
    let is_coloured = arguments.is_coloured;
    let is_coloured = is_coloured.unwrap_or_else(|| std::io::stdout().is_terminal());
    print!("{}", strip.letters(is_coloured));
    if let Some(svg) = &arguments.svg {
        std::fs::write(svg, strip.to_svg(&title))?;
        let file = svg.file_name().unwrap_or(svg.as_os_str());
        println!("\nThe strip is in {}.", file.display());
    }
    Ok(drill.stretches_of(Grade::Alone).is_empty())
}

fn main() -> ExitCode {
    let arguments = match Arguments::read() {
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
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}
