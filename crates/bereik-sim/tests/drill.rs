//! Laws of the fire drill: gaps are found exactly, single losses are all found, nobody is rung whom
//! nothing promises.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

#[path = "drill/world.rs"]
mod world;

use std::collections::{BTreeMap, BTreeSet};

use bereik_core::agreement::{Ask, EscalationPolicy, Level};
use bereik_core::directory::{Directory, Draft};
use bereik_core::group::Group;
use bereik_core::hours::{Hours, Week};
use bereik_core::id::PersonId;
use bereik_core::line::Line;
use bereik_core::person::Person;
use bereik_core::{ChannelKind, Interval, Zone};
use bereik_presence::roster::{Change, Roster, Rule};
use bereik_presence::{PersonFacts, ReachRules};
use bereik_sim::drill::{Assumptions, Drill, FewLines, FireDrill, Grade, Loss, Over, Strip};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

fn id(name: &str) -> PersonId {
    name.parse().unwrap()
}

fn span(text: &str) -> Interval {
    text.parse().unwrap()
}

fn phone(name: &str, needs: &[&str]) -> Line {
    let address = "tel:+31612345678".parse().unwrap();
    let mut line = Line::new(name.parse().unwrap(), ChannelKind::Phone, address);
    line.depends_on = needs.iter().map(|need| (*need).to_owned()).collect();
    line
}

/// Anna and Bo, one calamity line of the company, and a line of Bo's own.
fn company() -> Directory {
    let anna = Person::new(id("anna"), "Anna");
    let bo = Person::new(id("bo"), "Bo").with_line(phone("bo-phone", &["mobile"]));
    let mut draft = Draft::new("Rivers & Co", Zone::named("Europe/Amsterdam").unwrap())
        .with_person(anna)
        .with_person(bo)
        .with_group(Group::new(
            "desk".parse().unwrap(),
            "Desk",
            vec![id("anna"), id("bo")],
        ));
    draft.lines.push(phone("calamity", &["fibre"]));
    draft.calamity_lines.push("calamity".parse().unwrap());
    draft.check().unwrap()
}

/// What is known when only a roster says anything.
fn facts(roster: &Roster, range: Interval) -> BTreeMap<PersonId, PersonFacts> {
    let on_call = roster.on_call_by_person(range).into_iter();
    let facts = on_call.map(|(person, on_call)| {
        let facts = PersonFacts {
            on_call,
            ..PersonFacts::default()
        };
        (person, facts)
    });
    facts.collect()
}

fn hold(directory: &Directory, roster: &Roster, range: Interval) -> Drill {
    let facts = facts(roster, range);
    FireDrill::new(directory, &facts, &ReachRules::default()).hold(range)
}

const NOVEMBER: &str = "2026-11-01T00:00:00Z/2026-12-01T00:00:00Z";

#[test]
fn a_gap_of_seventeen_minutes_in_a_roster_is_found_exactly() {
    let range = span(NOVEMBER);
    let gap = span("2026-11-14T02:31:00Z/2026-11-14T02:48:00Z");
    let whole = Roster::new(Zone::utc()).with_rule(Rule::person(id("anna")));
    let holed = whole.clone().with_override(gap, Change::Remove(id("anna")));
    let directory = company();
    assert_eq!(
        hold(&directory, &holed, range).stretches_of(Grade::Alone),
        [gap]
    );
    let drill = hold(&directory, &whole, range);
    assert_eq!(drill.stretches_of(Grade::Alone), []);
    assert_eq!(drill.stretches_of(Grade::Fragile), [range]);
}

#[test]
fn who_stands_beside_the_customer_when_and_over_what_and_what_breaks_it() {
    let range = span(NOVEMBER);
    let roster = Roster::new(Zone::utc()).with_rule(Rule::person(id("anna")));
    let drill = hold(&company(), &roster, range);
    let rehearsal = drill.at(range.start()).unwrap();
    let beside = rehearsal.beside.as_ref().unwrap();
    assert_eq!(beside.who, Some(id("anna")));
    assert_eq!(beside.over, Over::Line("calamity".parse().unwrap()));
    assert_eq!(beside.after, TimeDelta::seconds(90));
    assert_eq!(rehearsal.target, TimeDelta::seconds(120));
    let breaks = [
        Loss::Dependency("fibre".to_owned()),
        Loss::Line("calamity".parse().unwrap()),
        Loss::Person(id("anna")),
    ];
    assert_eq!(rehearsal.breaks, breaks);
}

#[test]
fn a_second_person_on_a_line_of_his_own_makes_it_safe() {
    let range = span(NOVEMBER);
    let mut draft = Draft::from(company());
    draft.calamity_lines.push("bo-phone".parse().unwrap());
    let roster = Roster::new(Zone::utc())
        .with_rule(Rule::person(id("anna")))
        .with_rule(Rule::person(id("bo")));
    let drill = hold(&draft.check().unwrap(), &roster, range);
    assert_eq!(drill.stretches_of(Grade::Safe), [range]);
    assert_eq!(drill.breaks(), []);
}

#[test]
fn whoever_wakes_up_too_slowly_is_late() {
    let range = span(NOVEMBER);
    let roster = Roster::new(Zone::utc()).with_rule(Rule::person(id("anna")));
    let (directory, facts) = (company(), facts(&roster, range));
    let assumptions = Assumptions {
        on_call_answers_after_s: 300,
        ..Assumptions::default()
    };
    let rules = ReachRules::default();
    let drill = FireDrill::new(&directory, &facts, &rules).with_assumptions(assumptions);
    let drill = drill.hold(range);
    assert_eq!(drill.stretches_of(Grade::Late), [range]);
    let beside = drill.at(range.start()).unwrap().beside.clone().unwrap();
    assert_eq!(beside.after, TimeDelta::minutes(5));
}

#[test]
fn whoever_is_on_call_is_rung_over_his_second_line_when_the_first_is_lost() {
    let range = span(NOVEMBER);
    let mut draft = Draft::from(company());
    draft.calamity_lines.clear();
    draft.people[1].lines.push(phone("bo-home", &["fibre"]));
    draft.escalations.push(EscalationPolicy {
        id: "standard".parse().unwrap(),
        levels: vec![Level {
            ask: vec![Ask::Person(id("bo"))],
            for_s: 300,
        }],
        repeat_max: 0,
    });
    draft.default_escalation = Some("standard".parse().unwrap());
    let directory = draft.check().unwrap();
    let roster = Roster::new(Zone::utc()).with_rule(Rule::person(id("bo")));
    let (facts, rules) = (facts(&roster, range), ReachRules::default());
    let drill = FireDrill::new(&directory, &facts, &rules);
    let mobile = Loss::Line("bo-phone".parse().unwrap());
    let held = drill.clone().without(mobile).hold(range);
    let beside = held.at(range.start()).unwrap().beside.clone().unwrap();
    assert_eq!(beside.over, Over::Line("bo-home".parse().unwrap()));
    assert_eq!(beside.after, TimeDelta::seconds(95));
    let breaks = drill.hold(range).at(range.start()).unwrap().breaks.clone();
    assert_eq!(breaks, [Loss::Person(id("bo"))]);
}

#[test]
fn a_line_staffed_from_outside_needs_nobody_on_call() {
    let range = span(NOVEMBER);
    let (directory, facts) = (company(), BTreeMap::new());
    let rules = ReachRules::default();
    let drill = FireDrill::new(&directory, &facts, &rules);
    assert_eq!(
        drill.clone().hold(range).stretches_of(Grade::Alone),
        [range]
    );
    let assumptions = Assumptions {
        staffed: BTreeSet::from(["calamity".parse().unwrap()]),
        ..Assumptions::default()
    };
    let drill = drill.with_assumptions(assumptions).hold(range);
    assert_eq!(drill.stretches_of(Grade::Fragile), [range]);
}

#[test]
fn whoever_is_on_call_over_few_lines_is_named_with_the_times() {
    let range = span(NOVEMBER);
    let mut draft = Draft::from(company());
    draft.people[1].lines.push(phone("bo-home", &["fibre"]));
    let evening = Week {
        mon: vec!["18:00-24:00".parse().unwrap()],
        ..Week::default()
    };
    draft
        .hours
        .insert("evening".parse().unwrap(), Hours::new(evening));
    draft.people[1].lines[1].hours = Some("evening".parse().unwrap());
    let monday = span("2026-11-02T16:00:00Z/2026-11-02T21:00:00Z");
    let shift = |person| {
        Rule::person(person)
            .with_from(monday.start())
            .with_until(monday.end())
    };
    let roster = Roster::new(Zone::utc()).with_rule(shift(id("bo")));
    let drill = hold(&draft.check().unwrap(), &roster, range);
    let few = FewLines {
        person: id("bo"),
        lines_min: 1,
        stretches: vec![span("2026-11-02T16:00:00Z/2026-11-02T17:00:00Z")],
    };
    assert_eq!(drill.few_lines(), [few]);
}

#[test]
fn a_night_like_another_is_rehearsed_as_the_other() {
    let range = span(NOVEMBER);
    let roster: Roster = toml::from_str(
        r#"
        zone = "Europe/Amsterdam"
        [[rules]]
        rotation = { every = "daily", start = "2026-11-01T09:00", members = ["anna", "bo"] }
        "#,
    )
    .unwrap();
    let drill = hold(&company(), &roster, range);
    let nights: Vec<_> = drill.stretches().collect();
    assert_eq!(nights.len(), 31);
    assert!(nights.iter().step_by(2).all(|(_, r)| *r == nights[0].1));
}

#[test]
fn the_strip_has_the_hours_of_the_clock() {
    // On 25 October the clock in Amsterdam shows 02:00 to 03:00 twice, on 29 March not at all.
    let range = span("2026-10-24T22:00:00Z/2026-10-25T23:00:00Z");
    let roster = Roster::new(Zone::utc()).with_rule(Rule::person(id("anna")));
    let directory = company();
    let cells = |strip: &Strip| {
        let text = strip.letters(false).to_string();
        let rows = text.split("\n\n").next().unwrap();
        rows.matches('+').count()
    };
    let strip = hold(&directory, &roster, range).strip(directory.zone());
    assert_eq!(strip.time_of(Grade::Fragile), TimeDelta::hours(25));
    assert_eq!(cells(&strip), 24);
    let range = span("2027-03-27T23:00:00Z/2027-03-28T22:00:00Z");
    let strip = hold(&directory, &roster, range).strip(directory.zone());
    assert_eq!(strip.time_of(Grade::Fragile), TimeDelta::hours(23));
    assert_eq!(cells(&strip), 23);
}

/// Some instants inside each stretch.
fn looks(drill: &Drill) -> impl Iterator<Item = (DateTime<Utc>, bereik_sim::drill::Rehearsal)> {
    let stretches = drill.stretches();
    stretches.map(|(interval, rehearsal)| {
        let middle = interval.start() + interval.duration() / 2;
        (middle, rehearsal.clone())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Only what the one who answers needs is tried; trying everything finds the same.
    #[test]
    fn every_single_loss_that_leaves_a_customer_alone_is_found(world in world::worlds()) {
        let drill = world.drill();
        let held = drill.clone().hold(world.range);
        let without: Vec<(Loss, Drill)> = world
            .losses()
            .into_iter()
            .map(|loss| (loss.clone(), drill.clone().without(loss).hold(world.range)))
            .collect();
        for (at, rehearsal) in looks(&held) {
            let alone = |other: &Drill| other.at(at).unwrap().beside.is_none();
            let expected: Vec<Loss> = without
                .iter()
                .filter(|(_, other)| rehearsal.beside.is_some() && alone(other))
                .map(|(loss, _)| loss.clone())
                .collect();
            prop_assert_eq!(&rehearsal.breaks, &expected, "at {}", at);
        }
    }

    /// Somebody comes exactly when somebody who hears is named by a way that is open.
    #[test]
    fn somebody_comes_when_a_way_is_open_and_not_otherwise(world in world::worlds()) {
        let held = world.drill().hold(world.range);
        for (at, rehearsal) in looks(&held) {
            let comes = rehearsal.beside.is_some();
            prop_assert_eq!(comes, world.somebody_hears_at(at), "at {}", at);
        }
    }

    /// What is found of a range at an instant is what is found of the instant alone: nothing that
    /// was rehearsed before has left a trace, and nothing changes between two changes.
    #[test]
    fn a_moment_of_a_range_is_the_moment_by_itself(
        world in world::worlds(),
        minutes in proptest::collection::vec(0i64..36 * 60, 1..6),
    ) {
        let drill = world.drill();
        let held = drill.clone().hold(world.range);
        for minute in minutes {
            let at = world.range.start() + TimeDelta::minutes(minute);
            let alone = Interval::new(at, at + TimeDelta::seconds(1)).unwrap();
            let by_itself = drill.clone().hold(alone);
            prop_assert_eq!(held.at(at), by_itself.at(at), "at {}", at);
        }
    }
}
