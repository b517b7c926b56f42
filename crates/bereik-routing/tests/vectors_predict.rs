//! Erlang's formulas, against quoted outcomes, exact rationals and another simulator's runs.
//!
//! The folder is named by `BEREIK_VECTORS`.

#[path = "vectors/file.rs"]
mod file;

use bereik_routing::predict::erlang::{self, Impatient};
use bereik_routing::predict::{Rates, wait};
use serde_json::Value;

use file::read;

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

#[track_caller]
fn assert_near(ours: f64, theirs: f64, within: f64, case: &Value) {
    assert!(
        (ours - theirs).abs() <= within,
        "{ours} is not {theirs}: {case}"
    );
}

/// Checks every number that a case expects; its name says how many digits it has.
fn assert_expected(case: &Value, ours: &[(&str, f64)]) {
    let expected = case["expect"].as_object().expect("what is expected");
    for (name, value) in expected {
        let digits = name
            .rsplit_once('_')
            .and_then(|(_, digits)| digits.strip_suffix("dp"));
        let digits = digits.and_then(|digits| digits.parse::<i32>().ok());
        // A number without a count of digits is exact.
        let within = digits.map_or(1e-12, |digits| 0.5000001 * 10f64.powi(-digits));
        let ours = ours.iter().find(|(ours, _)| name.starts_with(ours));
        let (_, ours) = ours.unwrap_or_else(|| panic!("nothing is computed for {name}: {case}"));
        assert_near(*ours, value.as_f64().expect("a number"), within, case);
    }
}

fn quoted_b(case: &Value) {
    let blocked = erlang::blocked(number(case, "a"), people(case, "n")).expect("a load");
    assert_expected(case, &[("p_block", blocked)]);
}

/// Positions for a target, with the most that people may be occupied and the time they are away.
fn quoted_positions(case: &Value) {
    let (handling, within) = (number(case, "aht_min"), number(case, "asa_min"));
    let load = number(case, "transactions") / number(case, "interval_min") * handling;
    let fewest = erlang::people_for(load, handling, within, number(case, "target_sl"));
    let occupied = (load / number(case, "max_occ")).ceil();
    let raw = f64::from(fewest.expect("a load")).max(occupied);
    let count = raw as u32;
    let level = erlang::service_level(load, count, handling, within).expect("a load");
    let p_wait = erlang::waiting(load, count).expect("a load");
    let positions = (raw / (1.0 - number(case, "shrinkage"))).ceil();
    let ours = [
        ("raw_positions", raw),
        ("positions", positions),
        ("service_level", level),
        ("occupancy", load / raw),
        ("p_wait", p_wait),
    ];
    assert_expected(case, &ours);
}

fn quoted_c(case: &Value) {
    let (handling, agents) = (number(case, "aht_s"), people(case, "agents"));
    let load = number(case, "calls") / number(case, "interval_s") * handling;
    let within = number(case, "target_s");
    let level = erlang::service_level(load, agents, handling, within).expect("a load");
    let ours = [
        ("intensity", load),
        ("occupancy", load / f64::from(agents)),
        ("p_wait", erlang::waiting(load, agents).expect("a load")),
        (
            "asa_s",
            erlang::mean_wait(load, agents, handling).expect("they can do it"),
        ),
        ("service_level", level),
    ];
    assert_expected(case, &ours);
}

fn quoted_a(case: &Value) {
    let queue = Impatient {
        arrivals: number(case, "transactions") / number(case, "interval_min"),
        service: 1.0 / number(case, "aht_min"),
        abandonment: 1.0 / number(case, "patience_min"),
        people: people(case, "positions"),
    };
    let behaviour = queue.behaviour().expect("rates that can be");
    let level = queue.service_level(number(case, "asa_min"));
    let ours = [
        ("p_wait", behaviour.waiting),
        ("p_abandon", behaviour.abandoned),
        ("occupancy", behaviour.occupancy),
        ("asa_min", behaviour.mean_wait),
        ("service_level", level.expect("rates that can be")),
    ];
    assert_expected(case, &ours);
}

#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_quoted_outcomes_of_erlang_are_ours() {
    let file = read("erlang.json");
    for case in cases(&file, "quoted") {
        match case["model"].as_str() {
            Some("erlang-a") => quoted_a(case),
            Some("erlang-b") => quoted_b(case),
            Some("erlang-c") if case["calls"].is_null() => quoted_positions(case),
            Some("erlang-c") => quoted_c(case),
            _ => panic!("an unknown model: {case}"),
        }
    }
}

#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_the_exact_grid_of_b_and_c_is_ours_to_twelve_digits() {
    let file = read("erlang.json");
    for case in cases(&file, "exact_grid") {
        let (load, people) = (number(case, "a"), people(case, "n"));
        let ours = [
            ("erlang_b", erlang::blocked(load, people)),
            ("erlang_c", erlang::waiting(load, people)),
            ("mean_wait_over_aht", erlang::mean_wait(load, people, 1.0)),
            (
                "sl_at_tenth_aht",
                erlang::service_level(load, people, 10.0, 1.0),
            ),
        ];
        for (name, ours) in ours {
            let exact = number(case, name);
            assert_near(ours.expect(name), exact, 1e-12 * exact, case);
        }
    }
}

#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_the_exact_cases_of_a_are_ours_to_twelve_digits() {
    let file = read("erlang.json");
    for case in cases(&file, "exact_erlang_a") {
        let ours = impatient(case).behaviour().expect("rates that can be");
        for (name, ours) in [
            ("p_wait", ours.waiting),
            ("p_abandon", ours.abandoned),
            ("mean_wait_offered", ours.mean_wait),
        ] {
            let exact = number(case, name);
            assert_near(ours, exact, 1e-12 * exact, case);
        }
    }
}

fn impatient(case: &Value) -> Impatient {
    Impatient {
        arrivals: number(case, "lam"),
        service: number(case, "mu"),
        abandonment: number(case, "theta"),
        people: people(case, "c"),
    }
}

/// The intervals of these runs are optimistic, so twice their half-width is allowed.
#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_runs_of_another_simulator_agree_with_ours() {
    let file = read("ciw_mmc.json");
    for case in cases(&file, "rows") {
        let queue = impatient(case);
        let load = queue.arrivals / queue.service;
        let (p_wait, mean_wait, p_abandon) = if queue.abandonment == 0.0 {
            let mean = erlang::mean_wait(load, queue.people, 1.0 / queue.service);
            let waiting = erlang::waiting(load, queue.people);
            (waiting.expect("a load"), mean.expect("they can do it"), 0.0)
        } else {
            let ours = queue.behaviour().expect("rates that can be");
            (ours.waiting, ours.mean_wait, ours.abandoned)
        };
        for (name, ours) in [
            ("p_wait", p_wait),
            ("mean_wait_all", mean_wait),
            ("p_abandon", p_abandon),
        ] {
            let (mean, half) = (number(&case[name], "mean"), number(&case[name], "half95"));
            assert_near(ours, mean, 2.0 * half, case);
        }
    }
}

/// How peers tell a wait, for one state: three people, handling 300 s, the last ten waits as given,
/// and six waiting. All but Google's leave out who is before the customer.
#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_the_formulas_of_peers_do_not_move_with_the_queue_and_ours_does() {
    let file = read("ewt_formulas.json");
    let formulas = file["formulas"].as_object().expect("formulas");
    let last_waits = [40.0, 75.0, 20.0, 0.0, 110.0, 64.0, 31.0, 90.0, 12.0, 58.0];
    let mean = |waits: &[f64]| waits.iter().sum::<f64>() / waits.len() as f64;
    let rates = Rates {
        service: 1.0 / 300.0,
        abandonment: 0.0,
    };
    let ours = |queued: u32| {
        wait::moments(queued, 3, rates)
            .expect("there are hands")
            .mean_s
    };
    assert!(ours(6) > 2.0 * ours(2), "the one behind more waits longer");
    for (name, formula) in formulas {
        let theirs = |queued: u32| match name.as_str() {
            "asterisk" => last_waits
                .iter()
                .fold(0.0, |was, wait| (was * 3.0 + wait) / 4.0),
            "google_ccai" => 300.0 / 3.0 * f64::from(queued) + 10.0,
            "ivanti" | "salesforce" | "webex" => mean(&last_waits),
            _ => panic!("an unknown peer {name}: {formula}"),
        };
        let moves = theirs(6) - theirs(2);
        if name == "google_ccai" {
            // n/(sµ) instead of (n + 1)/(sµ), plus ten seconds: the same slope.
            assert_near(moves, ours(6) - ours(2), 1e-9, formula);
            assert_near(ours(6) - theirs(6), 90.0, 1e-9, formula);
        } else {
            assert_near(moves, 0.0, 1e-9, formula);
        }
    }
}
