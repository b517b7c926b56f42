//! The page on scenarios names each field of the format in its tables, and no other; what it shows
//! as a whole scenario is one; and what is wrong is said with its file and line.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::BTreeSet;

use bereik_sim::scenario::{
    Answering, Away, Burst, Customers, Deeds, Delivery, Engagement, Fault, Habits, Rate,
    SecondChannel, Spread,
};
use bereik_sim::{Scenario, Source, Sources};

const PAGE: &str = include_str!("../../../docs/SCENARIOS.md");

/// The fields of a type, as serde tells them about one that is unknown.
fn fields<'de, T: serde::Deserialize<'de>>() -> BTreeSet<String> {
    let table = toml::de::Deserializer::parse("'?' = 1\n").unwrap();
    let Err(error) = T::deserialize(table) else {
        panic!("it takes any field");
    };
    let message = error.message().to_owned();
    let (_, named) = message
        .split_once("expected")
        .unwrap_or_else(|| panic!("{message}"));
    let named = named.split('`').skip(1).step_by(2);
    named.map(str::to_owned).collect()
}

/// The fields in the table under a heading.
fn documented(heading: &str) -> BTreeSet<String> {
    let (_, below) = PAGE
        .split_once(heading)
        .unwrap_or_else(|| panic!("no {heading}"));
    let rows = below.lines().skip_while(|line| !line.starts_with("|---"));
    let rows = rows.skip(1).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.split('`').nth(1).unwrap().to_owned())
        .collect()
}

#[test]
fn each_field_stands_in_its_table() {
    let tables = [
        ("\n## At the top", fields::<Scenario>()),
        ("\n## `[[customers]]`", fields::<Customers>()),
        ("\n### `rate`", fields::<Rate>()),
        ("\n### `burst`", fields::<Burst>()),
        ("\n### `second`", fields::<SecondChannel>()),
        ("\n### `away`", fields::<Away>()),
        ("\n### `does`", fields::<Deeds>()),
        ("\n## `[[habits]]`", fields::<Habits>()),
        ("\n## `[[answering]]`", fields::<Answering>()),
        ("\n## `[[agenda]]`", fields::<Engagement>()),
        ("\n## `[[delivery]]`", fields::<Delivery>()),
        ("\n## `[[fault]]`", fields::<Fault>()),
        ("\n## Spreads", fields::<Spread>()),
    ];
    for (heading, fields) in tables {
        assert!(fields.len() > 1, "{heading}");
        assert_eq!(documented(heading), fields, "{heading}");
    }
}

fn read(text: &str) -> Result<Scenario, String> {
    let sources = Sources::new(vec![Source::scenario("a.toml", text)]);
    sources
        .read()
        .map(|(scenario, _)| scenario)
        .map_err(|error| error.to_string())
}

fn smallest() -> &'static str {
    let (_, example) = PAGE.split_once("```toml\n").unwrap();
    example.split_once("```").unwrap().0
}

#[test]
fn the_smallest_one_is_a_scenario() {
    let scenario = read(smallest()).unwrap();
    assert_eq!(scenario.customers.len(), 1);
    assert!((scenario.customers[0].leaves_silently - 0.695).abs() < 1e-9);
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    let wrong = |from: &str, to: &str| read(&smallest().replacen(from, to, 1)).unwrap_err();
    for (from, to, says) in [
        (
            "hours = 8",
            "hours = 9000",
            "a.toml:3: hours: 9000 is not between 1 and 8784",
        ),
        (
            "hours = 8",
            "hours = 8\nhuors = 1",
            "a.toml:4: unknown field `huors`",
        ),
        (
            "\"2026-11-23 09:00\"",
            "\"monday\"",
            "a.toml:2: not a time of a clock",
        ),
        (
            "\"anna\"] }",
            "\"bram\"] }",
            "a.toml:9: company, group 1, members 1: there is no person `bram`",
        ),
        (
            "mean_s = 300",
            "mean_s = -1",
            "a.toml:15: customers 1, handling, mean_s: -1 is not between",
        ),
        (
            "rate = [",
            "group = \"sales\"\nrate = [",
            "a.toml:14: customers 1, group: there is no group `sales`",
        ),
        (
            "\"web_chat\"",
            "\"webchat\"",
            "a.toml:13: unknown variant `webchat`",
        ),
        ("[company]", "[company", "a.toml:5: "),
    ] {
        let said = wrong(from, to);
        assert!(said.starts_with(says), "{said}\ninstead of\n{says}");
    }
}

#[test]
fn what_is_wrong_in_a_file_below_is_said_of_that_file() {
    let over =
        "based_on = \"a.toml\"\nname = \"B\"\n[[customers]]\nname = \"visitors\"\npool = -1\n";
    let files = vec![
        Source::scenario("a.toml", smallest()),
        Source::scenario("b.toml", over),
    ];
    let error = Sources::new(files).read().unwrap_err();
    assert!(error.to_string().starts_with("b.toml:5: "), "{error}");
    assert_eq!((error.file(), error.line()), ("b.toml", Some(5)));
    let over = "based_on = \"a.toml\"\nname = \"B\"\n";
    let below = smallest().replace("per_hour = 6", "per_hour = -6");
    let files = vec![
        Source::scenario("a.toml", below),
        Source::scenario("b.toml", over),
    ];
    let error = Sources::new(files).read().unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("a.toml:14: customers 1, rate 1, per_hour"),
        "{error}"
    );
}

#[test]
fn a_file_on_top_changes_what_it_names_and_leaves_the_rest() {
    let over = "name = \"B\"\n[company]\ngroup = [{ id = \"desk\", strategy = \"ring-all\" }]\n\
                [[customers]]\nname = \"visitors\"\npool = 3\n[[customers]]\nname = \"callers\"\nchannel = \"phone\"\n";
    let files = vec![
        Source::scenario("a.toml", smallest()),
        Source::scenario("b.toml", over),
    ];
    let (scenario, directory) = Sources::new(files).read().unwrap();
    assert_eq!(scenario.name, "B");
    let customers: Vec<_> = scenario
        .customers
        .iter()
        .map(|c| (c.name.as_str(), c.pool))
        .collect();
    assert_eq!(customers, [("visitors", 3), ("callers", 0)]);
    assert!((scenario.customers[0].handling.mean_s - 300.0).abs() < 1e-9);
    let desk = &directory.groups()[0];
    assert_eq!(desk.strategy, bereik_core::group::Strategy::RingAll);
    assert_eq!(desk.members.len(), 1);
}
