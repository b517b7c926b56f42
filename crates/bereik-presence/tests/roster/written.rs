//! Rosters as people write them.

use bereik_presence::roster::{Roster, Rotation};

const WRITTEN: &str = r#"
zone = "Europe/Amsterdam"
layering = "last_wins"

[[rules]]
rotation = { every = "monthly", length = 2, start = "2026-01-31T09:00", members = ["anna", "bram", "anna"] }

[[rules]]
rotation = { every = "hourly", start = "2026-01-31T09:00:30", zone = "Asia/Kolkata", members = [] }
hours.week.mon = ["09:00-12:00", "13:00-09:00"]
hours.exceptions.2026-12-25 = []

[[rules]]
person = "cleo"
from = "2026-11-23T10:00:00Z"
until = "2027-11-23T10:00:00+01:00"

[[rules]]
shifts = [{ person = "dora", interval = { start = "2026-11-23T10:00:00Z", end = "2026-11-23T12:00:00+01:00" } }]

[[overrides]]
interval = { start = "2026-12-24T08:00:00Z", end = "2026-12-25T08:00:00Z" }
add = "dora"

[[overrides]]
interval = { start = "2026-12-24T08:00:00Z", end = "2026-12-25T08:00:00Z" }
remove = "anna"

[[overrides]]
interval = { start = "2026-12-24T08:00:00Z", end = "2026-12-25T08:00:00Z" }
replace = "bram"
with = "cleo"

[[temporary]]
interval = { start = "2026-12-31T08:00:00Z", end = "2027-01-01T08:00:00Z" }

[[history]]
interval = { start = "2026-01-01T00:00:00Z", end = "2026-02-01T00:00:00Z" }
shifts = [{ person = "bram", interval = { start = "2026-01-01T00:00:00Z", end = "2026-01-02T00:00:00Z" } }]
"#;

#[test]
fn a_roster_that_was_written_is_read_again() {
    let roster: Roster = toml::from_str(WRITTEN).unwrap();
    let counts = [
        roster.rules.len(),
        roster.overrides.len(),
        roster.temporary.len(),
        roster.history.len(),
    ];
    assert_eq!(counts, [4, 3, 1, 1]);
    let text = toml::to_string(&roster).unwrap();
    assert_eq!(toml::from_str::<Roster>(&text).unwrap(), roster, "{text}");
}

/// A daily rotation with nobody in it.
const ROTATION: &str = r#"every = "daily", start = "2026-11-23T09:00", members = []"#;

#[test]
fn what_is_wrong_with_a_rotation_is_said() {
    let in_roster = |fields: &str| format!("zone = \"UTC\"\n[[rules]]\nrotation = {{ {fields} }}");
    toml::from_str::<Roster>(&in_roster(ROTATION)).unwrap();
    let with = |more: &str| format!("{ROTATION}, {more}");
    let rows = [
        (with("length = 0"), "expected a nonzero u16"),
        (with("length = 70000"), "expected a nonzero u16"),
        (
            with(r#"zone = "Mars/Base""#),
            "no time zone is named `Mars/Base`",
        ),
        (with("people = []"), "unknown field `people`"),
        (
            ROTATION.replace("daily", "yearly"),
            "unknown variant `yearly`",
        ),
        (
            ROTATION.replace("T09:00", ""),
            "what the clock in its zone shows",
        ),
    ];
    for (fields, expected) in rows {
        says::<Roster>(&in_roster(&fields), expected);
    }
    let alone = |fields: &str| fields.replace(", ", "\n");
    says::<Rotation>(&alone(ROTATION), "a rotation needs a zone");
    toml::from_str::<Rotation>(&alone(&with(r#"zone = "UTC""#))).unwrap();
}

#[test]
fn what_is_wrong_with_a_roster_is_said() {
    const ONE_OF_THREE: &str = "one of `person`, `rotation` and `shifts`";
    const ONE_CHANGE: &str = "one of `add`, `remove`, and `replace` and `with`";
    const ENDED: &str = "from = \"2026-12-25T08:00:00Z\"\nuntil = \"2026-12-25T08:00:00Z\"";
    const EMPTY: &str =
        r#"interval = { start = "2026-12-25T08:00:00Z", end = "2026-12-25T08:00:00Z" }"#;
    const HOUR: &str =
        r#"interval = { start = "2026-12-25T08:00:00Z", end = "2026-12-25T09:00:00Z" }"#;
    let rows: &[(&str, &[&str], &str)] = &[
        ("rules", &[r#"hours = { week = {} }"#], ONE_OF_THREE),
        ("rules", &[r#"person = "a""#, "shifts = []"], ONE_OF_THREE),
        (
            "rules",
            &[r#"person = "a""#, ENDED],
            "a rule must end after it starts",
        ),
        ("rules", &[r#"person = "a b""#], "is not an id"),
        (
            "rules",
            &[r#"person = "a""#, r#"hours.week.mon = ["9-5"]"#],
            "is not a stretch of a day",
        ),
        (
            "overrides",
            &[r#"add = "a""#, EMPTY],
            "must end after it starts",
        ),
        ("overrides", &[HOUR], ONE_CHANGE),
        ("overrides", &[r#"replace = "a""#, HOUR], ONE_CHANGE),
        (
            "overrides",
            &[r#"add = "a""#, r#"remove = "b""#, HOUR],
            ONE_CHANGE,
        ),
        (
            "overrides",
            &[r#"swap = "a""#, HOUR],
            "unknown field `swap`",
        ),
        ("temporary", &[EMPTY], "must end after it starts"),
        ("history", &[EMPTY], "must end after it starts"),
    ];
    for (list, lines, expected) in rows {
        let text = format!("zone = \"UTC\"\n[[{list}]]\n{}", lines.join("\n"));
        says::<Roster>(&text, expected);
    }
    says::<Roster>(r#"zone = "Mars""#, "no time zone is named `Mars`");
    says::<Roster>("rules = []", "missing field `zone`");
    says::<Roster>(
        "zone = \"UTC\"\nlayering = \"first\"",
        "unknown variant `first`",
    );
}

fn says<T: serde::de::DeserializeOwned + std::fmt::Debug>(text: &str, expected: &str) {
    let wrong = toml::from_str::<T>(text).expect_err(text).to_string();
    assert!(wrong.contains(expected), "{text}\n{wrong}");
}
