//! The scenarios of the example are read and run under the eye of the checks, and the page that
//! describes the format names every field.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bereik_sim::{Checks, Comparison, Report, Source, Sources, World};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/simulate/scenarios")
}

fn text(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap()
}

/// Reads a scenario of the example with all files that it is made of.
fn sources(name: &str) -> Sources {
    let mut files = vec![Source::scenario(name, text(name))];
    while let Some(base) = files[0].path_in("based_on") {
        files.insert(0, Source::scenario(base.clone(), text(&base)));
    }
    let directory = files
        .iter()
        .rev()
        .find_map(|file| file.path_in("directory"));
    if let Some(directory) = directory {
        files.insert(0, Source::directory(directory.clone(), text(&directory)));
    }
    Sources::new(files)
}

fn run(name: &str, seed: u64) -> Report {
    let (scenario, directory) = sources(name)
        .read()
        .unwrap_or_else(|error| panic!("{error}"));
    let mut checks = Checks::new(&directory);
    let mut world = World::new(&scenario, &directory, &BTreeMap::new(), seed);
    let ran = world
        .run(&mut checks)
        .and_then(|()| world.check_liveness(&checks));
    ran.unwrap_or_else(|failure| panic!("{name}: {failure}"));
    world.report()
}

fn names() -> Vec<String> {
    let files = std::fs::read_dir(folder()).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name != "shop.toml").collect();
    names.sort();
    names
}

/// The share of contacts that were answered in time, over all.
fn in_time(report: &Report) -> f64 {
    report.total.share(report.total.within)
}

#[test]
fn every_scenario_runs_without_breaking_an_invariant() {
    let names = names();
    assert!(names.len() >= 14, "{names:?}");
    for name in names {
        assert!(run(&name, 1).total.contacts > 0, "{name}");
    }
}

#[test]
fn the_variants_differ_as_they_should() {
    for (worse, better) in [
        ("expert-alone.toml", "expert.toml"),
        ("failover-none.toml", "failover.toml"),
        ("lunch.toml", "lunch-in-turns.toml"),
        ("monday-phone-down.toml", "monday.toml"),
        ("holiday.toml", "holiday-shift.toml"),
    ] {
        let (worse, better) = (run(worse, 1), run(better, 1));
        assert!(in_time(&worse) < in_time(&better), "{worse}\n{better}");
    }
    let wait = |name| {
        run(name, 1).rows.iter().find_map(|row| {
            (row.urgency == Some(bereik_core::Urgency::Calamity)).then(|| row.wait_s(0.9))
        })
    };
    assert!(wait("night-two.toml") < wait("night.toml"));
    assert!(in_time(&run("night.toml", 1)) < in_time(&run("night-incident.toml", 1)));
}

#[test]
fn one_more_shift_helps_more_than_chance_over_a_few_seeds() {
    let reports = |name| (1..=4).map(|seed| run(name, seed)).collect::<Vec<_>>();
    let compared = Comparison::new(&reports("lunch.toml"), &reports("lunch-in-turns.toml"));
    let all = compared
        .differences
        .iter()
        .find(|d| d.of == "all" && d.figure == "in time %")
        .unwrap();
    assert!(all.is_sure() && all.first < all.second, "{compared}");
}
