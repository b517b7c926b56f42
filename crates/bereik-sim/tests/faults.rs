//! Seeds times faults: whatever goes wrong, no invariant breaks, and in the calm after it everybody
//! is looked after. `BEREIK_SEEDS` asks for more seeds: `400` for the first 400, `382-382` for one.

#[path = "faults/company.rs"]
mod company;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use bereik_core::Directory;
use bereik_routing::{Effect, Output};
use bereik_sim::{Checks, Failure, Report, Scenario, Step, Witness, World};
use company::{FAULTS, scenario};

/// Runs a scenario with this seed under the eye of the checks.
fn run((scenario, directory): &(Scenario, Directory), seed: u64) -> Result<Report, Failure> {
    let mut checks = Checks::new(directory);
    let mut world = World::new(scenario, directory, &BTreeMap::new(), seed);
    world.run(&mut checks)?;
    world.check_liveness(&checks)?;
    Ok(world.report())
}

fn seeds() -> RangeInclusive<u64> {
    let Ok(asked) = std::env::var("BEREIK_SEEDS") else {
        return 1..=40;
    };
    let (first, last) = asked.split_once('-').unwrap_or(("1", &asked));
    let number = |text: &str| text.parse().expect("BEREIK_SEEDS is `400` or `382-390`");
    number(first)..=number(last)
}

fn hold(fault: &str) {
    let scenario = scenario(fault);
    for seed in seeds() {
        if let Err(failure) = run(&scenario, seed) {
            panic!("{fault}\n{failure}");
        }
    }
}

#[test]
fn without_faults_no_invariant_breaks() {
    hold("");
}

#[test]
fn no_fault_breaks_an_invariant() {
    for fault in FAULTS {
        hold(fault);
    }
}

#[test]
fn all_faults_at_once_break_no_invariant() {
    hold(&FAULTS.concat());
}

#[test]
fn the_same_seed_gives_the_same_world_and_another_gives_another() {
    let scenario = scenario(&FAULTS.concat());
    let run = |seed| run(&scenario, seed).unwrap().to_string();
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

/// Restarting it from its snapshot, even after each step, changes nothing.
#[test]
fn a_world_with_restarts_is_the_world_without() {
    let plain = run(&scenario(""), 3).unwrap();
    let restarted = run(&scenario("[[fault]]\nkind = 'restarts'\nshare = 0.1\n"), 3).unwrap();
    let met = |report: &Report| {
        report
            .rows
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(met(&plain), met(&restarted));
    assert_eq!(plain.steps, restarted.steps);
}

/// The machine forgets to say what it does to the customer.
fn is_silent(step: u64, outputs: &mut Vec<Output>) {
    if step > 200 {
        outputs.retain(|output| !matches!(output, Output::Effect(Effect::Acknowledge { .. })));
    }
}

/// The machine repeats itself.
fn repeats_itself(step: u64, outputs: &mut Vec<Output>) {
    if step > 150
        && let Some(effect) = outputs
            .iter()
            .find(|output| matches!(output, Output::Effect(_)))
    {
        let again = effect.clone();
        outputs.push(again);
    }
}

/// The machine asks everybody, whether he is there or not.
fn loses_an_ending(step: u64, outputs: &mut Vec<Output>) {
    use bereik_core::entry::Fact;
    if step > 150 {
        outputs.retain(|output| {
            !matches!(output, Output::Entry(entry) if matches!(entry.fact, Fact::OfferEnded { .. }))
        });
    }
}

#[test]
fn a_planted_fault_is_found_and_its_seed_replays_it() {
    let (scenario, directory) = scenario("");
    let planted: [(bereik_sim::Sabotage, &str); 3] = [
        (is_silent, "invariant 2"),
        (repeats_itself, "invariant 12"),
        (loses_an_ending, "invariant 7"),
    ];
    for (sabotage, invariant) in planted {
        let find = || {
            let mut world =
                World::new(&scenario, &directory, &BTreeMap::new(), 4).with_sabotage(sabotage);
            world.run(&mut Checks::new(&directory)).unwrap_err()
        };
        let (first, again) = (find(), find());
        assert_eq!(first, again);
        assert!(first.to_string().starts_with("seed 4, step "), "{first}");
        assert!(first.what.starts_with(invariant), "{first}");
    }
}

/// Counts what happens in a world, by the names of the entries.
#[derive(Default)]
struct Happenings(BTreeMap<String, u32>);

impl Witness for Happenings {
    fn said(&mut self, step: &Step<'_>) -> Result<(), String> {
        for output in step.outputs {
            if let Output::Entry(entry) = output {
                let text = format!("{:?}", entry.fact);
                let name = text.split([' ', '(']).next().unwrap_or_default();
                *self.0.entry(name.to_owned()).or_default() += 1;
            }
        }
        Ok(())
    }
}

#[test]
fn the_small_company_meets_the_whole_engine() {
    let (scenario, directory) = scenario("");
    let mut all = Happenings::default();
    for seed in 1..=3 {
        let mut world = World::new(&scenario, &directory, &BTreeMap::new(), seed);
        world.run(&mut all).unwrap();
    }
    for fact in [
        "CallBackKept",
        "CallBackMissed",
        "ConsultBegan",
        "ConsultEnded",
        "CustomerBack",
        "CustomerGone",
        "CustomerLeft",
        "HandedOver",
        "IncidentDeclared",
        "IncidentLinked",
        "LegAdded",
        "OwnerChanged",
        "Praised",
        "Requested",
        "RequestEnded",
        "WrappedUp",
        "WrappingUp",
    ] {
        assert!(all.0.contains_key(fact), "no {fact}: {:?}", all.0);
    }
}
