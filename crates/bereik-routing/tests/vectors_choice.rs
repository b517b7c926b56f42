//! Outcomes that other systems document or test, as data: who is asked.
//!
//! The folder is named by `BEREIK_VECTORS`. A case that is answered in another way, or is not about who is asked, stands
//! in the code by its name with the reason; one that is neither answered nor listed fails.

#[path = "choice/desk.rs"]
#[expect(dead_code, reason = "other tests tell it more")]
mod desk;
#[path = "vectors/file.rs"]
mod file;

use std::collections::BTreeMap;

use bereik_core::group::{Circle, Group, Strategy};
use bereik_core::reachability::Reach;
use serde_json::Value;

use desk::{Desk, Told, company, group, group_id, person};
use file::read;

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().expect("a list")
}

fn names<'a>(value: &'a Value, name: &str) -> Vec<&'a str> {
    let names = list(value, name).iter();
    names.map(|name| name.as_str().expect("a name")).collect()
}

fn circle(after_s: u32, group: &str) -> Circle {
    Circle {
        after_s,
        keeps_requirements: true,
        groups: vec![group_id(group)],
        ..Circle::default()
    }
}

/// Three people of the first level, and two of the second who are asked when none of them is left.
fn two_levels(strategy: Strategy) -> Desk {
    let people = ["p1", "p2", "p3", "p4", "p5"];
    let first = group("first", &people[..3]).with_strategy(strategy);
    let second = group("second", &people[3..]).with_strategy(strategy);
    let people = people.map(|name| person(name, &[])).into();
    Desk::new(company(
        people,
        vec![first.with_circle(circle(0, "second")), second],
    ))
}

/// What another system keeps of somebody.
#[derive(Clone, Debug, Default)]
struct Agent {
    columns: BTreeMap<&'static str, i64>,
}

/// The same people as others keep them; each orders them by columns, less first.
struct Agents(BTreeMap<String, Agent>);

impl Agents {
    fn new() -> Self {
        let agent = |(number, name): (i64, &str)| {
            let mut columns = BTreeMap::from([("position", number), ("last_bridge_end", number)]);
            columns.insert("level", i64::from(number > 3));
            columns.extend([("calls_answered", 0), ("last_offered_call", 0)]);
            (name.to_owned(), Agent { columns })
        };
        let people = (1..).zip(["p1", "p2", "p3", "p4", "p5"]);
        Self(people.map(agent).collect())
    }

    fn first(&self, order: &[&str], away: &str) -> String {
        let present = self.0.iter().filter(|(name, _)| *name != away);
        let by = |agent: &Agent| {
            let columns = order.iter();
            columns
                .map(|column| agent.columns[column])
                .collect::<Vec<_>>()
        };
        let first = present.min_by_key(|(_, agent)| by(agent));
        first.expect("somebody is there").0.clone()
    }

    fn served(&mut self, name: &str, at: i64) {
        let agent = self.0.get_mut(name).expect("one of them");
        agent.columns.insert("last_bridge_end", 1_000 + at);
        agent.columns.insert("last_offered_call", at);
        *agent.columns.get_mut("calls_answered").expect("a column") += 1;
    }
}

/// How bereik calls a strategy of FreeSWITCH, or why it has none.
fn freeswitch(name: &str) -> Result<Strategy, &'static str> {
    match name {
        "longest-idle-agent" => Ok(Strategy::LongestIdle),
        "agent-with-fewest-calls" => Ok(Strategy::FewestContacts),
        "sequentially-by-agent-order" => Ok(Strategy::TopDown),
        "ring-all" => Ok(Strategy::RingAll),
        "agent-with-least-talk-time" => Err("who talks less is not asked more: it rewards haste"),
        "random" => Err("no order to compare: the lots are tested by their frequencies"),
        "ring-progressively" => Err("circles widen a ring by groups, not by one person more"),
        "round-robin" => {
            Err("tested with the lists of Chatwoot; after absences the turn longest ago counts")
        }
        "top-down" => Err("the same as by order, since whoever did not answer cools down"),
        _ => panic!("{name} is neither answered nor listed"),
    }
}

#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_freeswitch_strategies() {
    let file = read("freeswitch_mod_callcenter.json");
    let strategies = file["order_by"].as_object().expect("strategies");
    let mut answered = 0;
    for name in strategies.keys() {
        let Ok(strategy) = freeswitch(name) else {
            continue;
        };
        answered += 1;
        let columns = names(&file["order_by"], name);
        if strategy == Strategy::RingAll {
            assert_eq!(columns.last(), Some(&"(all at once)"));
            assert_eq!(
                two_levels(strategy).open().names(),
                ["p1", "p2", "p3", "p4", "p5"]
            );
            continue;
        }
        let (mut desk, mut agents) = (two_levels(strategy), Agents::new());
        for at in 1..20 {
            if at == 8 {
                desk.reach("p2", Reach::Never);
            }
            let away = if at >= 8 { "p2" } else { "" };
            let served = desk.serve();
            assert_eq!(served, agents.first(&columns, away), "{name}, contact {at}");
            agents.served(&served, at);
        }
    }
    assert_eq!(answered, 4);
}

/// The levels of a case as circles: whoever has none before him waits for his level's time.
fn tiers(case: &Value) -> (Desk, Vec<Told>) {
    let applies = case["tier_rules_apply"].as_bool().expect("a yes or no");
    let wait_s = case["wait_s"].as_u64().unwrap_or(0);
    let multiplies = case["multiply_level"].as_bool().unwrap_or(false);
    let mut people = vec![person("nobody", &[])];
    let mut groups = vec![group("level-0", &["nobody"])];
    for agent in list(case, "agents") {
        let (name, level) = (
            agent["id"].as_str().expect("an id"),
            agent["level"].as_u64(),
        );
        people.push(person(name, &[]));
        let level = level.expect("a level");
        if level == 0 {
            groups[0] = group("level-0", &[name]);
            continue;
        }
        let after_s = match (applies, multiplies) {
            (false, _) => 0,
            (true, true) => level * wait_s,
            (true, false) => wait_s,
        };
        let of = format!("level-{level}");
        let after_s = u32::try_from(after_s).expect("a wait");
        let first = groups.remove(0).with_circle(circle(after_s, &of));
        groups.insert(0, first);
        groups.push(group(&of, &[name]));
    }
    for person in &mut people {
        person.capacity.insert(bereik_core::ChannelKind::WebChat, 1);
    }
    let mut desk = Desk::new(company(people, groups));
    desk.reach("nobody", Reach::Never);
    let mut told = Vec::new();
    for agent in list(case, "agents")
        .iter()
        .filter(|agent| agent["free"] == false)
    {
        let name = agent["id"].as_str().expect("an id");
        let busy = desk.open_for(bereik_core::contact::Addressee::Person(desk::id(name)));
        told.push(desk.accept(&busy));
    }
    (desk, told)
}

#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_freeswitch_tiers() {
    let file = read("freeswitch_mod_callcenter.json");
    let cases = list(&file, "tier_cases");
    assert_eq!(cases.len(), 5);
    for (number, case) in cases.iter().enumerate() {
        let (mut desk, _) = tiers(case);
        let mut asked = desk.open();
        let opened_at = desk.now;
        for expected in list(case, "expect") {
            let waited = expected["waited_s"].as_i64().expect("seconds");
            let left = waited - (desk.now - opened_at).num_seconds();
            if left > 0 {
                asked = desk.wait(left);
            }
            let offer = expected["offer"].as_str();
            if number == 1 && waited == 0 {
                // Nobody who is there could ever satisfy the first circle: it is skipped at once, and nobody waits
                // for a level that is empty. FreeSWITCH calls its own answer a trap.
                assert_eq!((offer, asked.names()), (None, vec!["b"]));
                break;
            }
            assert_eq!(
                asked.names().first().copied(),
                offer,
                "case {number} after {waited} s"
            );
        }
    }
}

#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_chatwoot_round_robin() {
    let file = read("chatwoot.json");
    let members = ["m0", "m1", "m2", "m3", "m4"];
    let mut answered = 0;
    for case in list(&file, "round_robin") {
        if case["note"].is_string() {
            // The list that is rebuilt and forgets whose turn it was: bereik keeps each member's turn.
            continue;
        }
        answered += 1;
        let people = members.map(|name| person(name, &[])).into();
        let all = group("inbox", &members).with_strategy(Strategy::RoundRobin);
        let mut desk = Desk::new(company(people, vec![all]));
        let allowed = names(case, "allowed");
        for name in members.iter().filter(|name| !allowed.contains(name)) {
            desk.reach(name, Reach::Never);
        }
        if allowed.is_empty() {
            assert!(desk.open().names().is_empty());
            continue;
        }
        let picks = match case["expect_pick"].as_str() {
            Some(pick) => vec![pick],
            None => names(case, "expect_picks"),
        };
        assert_eq!(desk.serve_many(picks.len()), picks, "{case}");
        for name in members {
            desk.reach(name, Reach::Now);
        }
        let mut after = names(case, "list_after");
        after.reverse();
        assert_eq!(
            desk.serve_many(members.len()),
            after,
            "{case}: the tail goes first"
        );
    }
    assert_eq!(answered, 3);
}

/// The penalties of a case as circles that are in force at once.
fn asterisk(members: &[&str], strategy: Strategy) -> Desk {
    let people = members.iter().map(|name| person(name, &[])).collect();
    let all = group("queue", members).with_strategy(strategy);
    Desk::new(company(people, vec![all]))
}

#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_asterisk_queue() {
    let file = read("asterisk_queue.json");
    let mut answered = 0;
    for case in list(&file, "cases") {
        let id = case["id"].as_str().expect("an id");
        answered += 1;
        match id {
            "all_paused" => {
                let paused = names(case, "members_paused");
                let mut desk = asterisk(&paused, Strategy::RingAll);
                paused
                    .iter()
                    .for_each(|name| drop(desk.reach(name, Reach::Never)));
                assert!(desk.open().names().is_empty());
            }
            "one_paused" => {
                let mut desk = asterisk(&["m1", "m2"], Strategy::RingAll);
                names(case, "paused")
                    .iter()
                    .for_each(|name| drop(desk.reach(name, Reach::Never)));
                assert_eq!(desk.open().names(), ["m2"]);
            }
            "raise_penalty" => raise_penalty(case),
            "metric" => metrics(case),
            other => {
                answered -= 1;
                why_not(other);
            }
        }
    }
    assert_eq!(answered, 4);
}

/// Why a case of Asterisk is answered elsewhere or otherwise.
fn why_not(id: &str) -> &'static str {
    match id {
        "holdtime_ewma" => "not about who is asked: predicted waits",
        "penalty_outside_range" => "whoever is never to be asked is not named by a circle",
        "penaltychange" => {
            "a circle never narrows: a least penalty that rises would take people out"
        }
        "position_priority_maxlen" | "timeoutpriority" => {
            "not about who is asked: which contact first, and time"
        }
        "wrapup_not_shared" | "wrapup_per_member" | "wrapup_shared" => {
            "not about the order: wrap-up is the person's and holds for every group"
        }
        _ => panic!("{id} is neither answered nor listed"),
    }
}

/// Who has a higher penalty joins those who ring, when the lowest that counts is raised.
fn raise_penalty(case: &Value) {
    let raised_at = case["rule"]
        .as_str()
        .and_then(|rule| rule.split(',').next());
    let raised_at: u32 = raised_at.and_then(|at| at.parse().ok()).expect("seconds");
    let people = ["a1", "a2"].map(|name| person(name, &[])).into();
    let mut first: Group = group("low", &["a1"]).with_strategy(Strategy::RingAll);
    first.offer_for_s = 600;
    let first = first.with_circle(circle(raised_at, "high"));
    let mut desk = Desk::new(company(people, vec![first, group("high", &["a2"])]));
    let before = &case["expect"][0];
    let asked = desk.open();
    assert_eq!(asked.names(), names(before, "tier"));
    assert!(desk.wait(i64::from(raised_at) - 1).names().is_empty());
    let raised = desk.wait(1);
    let all = [asked.names(), raised.names()].concat();
    assert_eq!(all, names(&case["expect"][1], "tier"));
}

/// The member with the lowest metric rings; a penalty is a circle.
fn metrics(case: &Value) {
    let formulas = case["formulas"].as_object().expect("formulas");
    for name in formulas.keys() {
        let strategy = match name.as_str() {
            "ringall" => Strategy::RingAll,
            "linear" => Strategy::TopDown,
            "rrmemory" => Strategy::RoundRobin,
            "fewestcalls" => Strategy::FewestContacts,
            "leastrecent" => Strategy::LongestIdle,
            // Chance has no order to compare. A penalty that weighs the chance is a weight here.
            "random" | "wrandom" => continue,
            _ => panic!("{name} is neither answered nor listed"),
        };
        let mut desk = two_levels(strategy);
        if strategy == Strategy::RingAll {
            // Asterisk rings one penalty at a time; here a circle that is in force rings too.
            assert_eq!(desk.open().names().len(), 5);
            continue;
        }
        let (mut calls, mut last, mut turn) = ([0i64; 5], [0i64; 5], 0usize);
        for at in 1..16 {
            let metric = |member: usize| {
                let penalty = i64::from(member > 2) * 1_000_000;
                let position = i64::try_from(member).expect("a small number");
                penalty
                    + match name.as_str() {
                        "linear" => position,
                        "rrmemory" => position + if member < turn { 1_000 } else { 0 },
                        "fewestcalls" => calls[member],
                        "leastrecent" if last[member] == 0 => 0,
                        _ => 500_000 - (at - last[member]),
                    }
            };
            let first = (0..5)
                .min_by_key(|&member| metric(member))
                .expect("five members");
            let served = desk.serve();
            assert_eq!(served, format!("p{}", first + 1), "{name}, call {at}");
            calls[first] += 1;
            last[first] = at;
            turn = (first + 1) % 3;
        }
    }
}

#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_twilio_order() {
    let file = read("twilio_taskrouter.json");
    let orders = list(&file, "order_by");
    for order in orders {
        match order["e"].as_str().expect("an expression") {
            "" => {
                assert_eq!(order["expect"], "longest unoccupied worker first");
                let mut desk = two_levels(Strategy::LongestIdle);
                assert_eq!(desk.serve_many(5), ["p1", "p2", "p3", "p1", "p2"]);
            }
            // The least able first is not an order of bereik: among those who can what is needed, who can the fewest
            // other things goes first where rare skills are spared, else the most able.
            "worker.finance ASC, worker.support ASC" => {}
            other => panic!("{other} is neither answered nor listed"),
        }
    }
    assert_eq!(orders.len(), 2);
}
