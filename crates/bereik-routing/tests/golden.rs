//! Golden timelines: days that were told once, with all that the engine said to each input, are told
//! again for ever and lead to the same bytes; so does what follows a snapshot of that day.
//!
//! Each folder in `golden/` is one. `UPDATE=1 cargo test -p bereik-routing --test golden` writes a
//! new one of `golden/day.txt` beside the old; those stay as they are.

#[path = "stories/company.rs"]
mod company;
#[path = "stories/script.rs"]
#[expect(dead_code, reason = "the lines are read here, and told otherwise")]
mod script;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use bereik_core::directory::Directory;
use bereik_core::entry::Fact;
use bereik_core::offer::Offered;
use bereik_routing::{Engine, Input, Output, RestoreErrorKind};
use chrono::{DateTime, Utc};
use script::Teller;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// The timelines that are kept.
fn kept() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).expect("the folder can be listed");
    let paths = entries.map(|entry| entry.expect("an entry of the folder").path());
    let mut folders: Vec<_> = paths.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// Tells one input and answers the line of what was said: the answer, the outputs, when to be woken.
fn tell(engine: &mut Engine, at: DateTime<Utc>, input: Input) -> (String, Vec<Output>) {
    let answer = engine.handle(at, input);
    let mut outputs = Vec::new();
    loop {
        let output = engine.poll_output();
        let is_last = matches!(output, Output::Wait(_));
        outputs.push(output);
        if is_last {
            break;
        }
    }
    let said = serde_json::to_string(&outputs).expect("outputs are written");
    let answer = serde_json::to_string(&format!("{answer:?}")).expect("a text is written");
    (format!("[{answer},{said}]\n"), outputs)
}

/// What a timeline consists of.
struct Timeline {
    /// The directory, then each input; one a line, with its instant.
    inputs: String,
    /// What was said to each input; one a line.
    said: String,
    /// The engine after half of the inputs.
    snapshot: Vec<u8>,
}

/// The directory and the inputs of a timeline.
fn parse(inputs: &str) -> (Directory, Vec<(DateTime<Utc>, Input)>) {
    let read = |line| serde_json::from_str(line).expect("a line of an instant and an input");
    let mut lines = inputs.lines().map(read);
    let first: Option<(DateTime<Utc>, Input)> = lines.next();
    let Some((_, Input::DirectoryReplaced(directory))) = first else {
        panic!("a timeline begins with its directory");
    };
    (*directory, lines.collect())
}

impl Timeline {
    /// Tells inputs that were written down.
    fn of(inputs: String) -> Self {
        let (directory, told) = parse(&inputs);
        let mut engine = Engine::new(directory);
        let (mut said, mut snapshot) = (String::new(), Vec::new());
        let half = told.len() / 2;
        for (number, (at, input)) in told.into_iter().enumerate() {
            if number == half {
                snapshot = engine.snapshot();
            }
            said.push_str(&tell(&mut engine, at, input).0);
        }
        Self {
            inputs,
            said,
            snapshot,
        }
    }

    /// Tells a script, in which `O@C4` is the last offer of C4, `who@C4` whom it was made to,
    /// `own@C4` who has C4, and `M@last` the last message.
    fn of_script(script: &str) -> Self {
        let directory = company::directory(&[]);
        let mut engine = Engine::new(directory.clone());
        let mut teller = Teller::new(directory.clone());
        let mut last: BTreeMap<String, String> = BTreeMap::new();
        let mut inputs = String::new();
        let mut write = |at: DateTime<Utc>, input: &Input| {
            let line = serde_json::to_string(&(at, input)).expect("inputs are written");
            writeln!(inputs, "{line}").expect("a string takes everything");
        };
        let lines = script.lines().filter(|line| !line.starts_with('#'));
        for (number, line) in lines.enumerate() {
            let resolve = |word: &str| match word.contains('@') && !word.contains('.') {
                true => last.get(word).cloned().unwrap_or_else(|| absent(word)),
                false => word.to_owned(),
            };
            let words: Vec<_> = line.split_whitespace().map(resolve).collect();
            let (at, input) = teller.read(&words.join(" "));
            if number == 0 {
                write(at, &Input::DirectoryReplaced(Box::new(directory.clone())));
            }
            write(at, &input);
            let (said, outputs) = tell(&mut engine, at, input);
            if let Some((_, message)) = said.split_once("Kept(") {
                let number = message.split_once(')').expect("it is closed").0;
                last.insert("M@last".to_owned(), number.to_owned());
            }
            for output in outputs {
                let Output::Entry(entry) = output else {
                    continue;
                };
                let of = entry.contact;
                match entry.fact {
                    Fact::Offered { offer } => {
                        let to = match offer.to {
                            Offered::Line(_) => "eva".to_owned(),
                            Offered::Person(person) => person.to_string(),
                        };
                        last.insert(format!("O@{of}"), offer.id.to_string());
                        last.insert(format!("who@{of}"), to);
                    }
                    Fact::Joined { person } => {
                        let owner = last.entry(format!("own@{of}"));
                        owner.or_insert(person.to_string());
                    }
                    Fact::OwnerChanged { person } => {
                        last.insert(format!("own@{of}"), person.to_string());
                    }
                    Fact::Left { .. } => {
                        last.remove(&format!("own@{of}"));
                    }
                    _ => {}
                }
            }
        }
        Self::of(inputs)
    }

    fn read(folder: &Path) -> Self {
        let file = |name: &str| fs::read(folder.join(name)).expect("a timeline has three files");
        let text = |name: &str| String::from_utf8(file(name)).expect("it is text");
        Self {
            inputs: text("inputs.jsonl"),
            said: text("said.jsonl"),
            snapshot: file("snapshot.json"),
        }
    }

    fn write(&self, folder: &Path) {
        fs::create_dir(folder).expect("a new folder can be made, and an old one is never touched");
        let write = |name: &str, bytes: &[u8]| {
            fs::write(folder.join(name), bytes).expect("a timeline can be written");
        };
        write("inputs.jsonl", self.inputs.as_bytes());
        write("said.jsonl", self.said.as_bytes());
        write("snapshot.json", &self.snapshot);
    }
}

/// What stands for something that is not there.
fn absent(word: &str) -> String {
    if word.starts_with("O@") {
        "O999"
    } else {
        "dina"
    }
    .to_owned()
}

/// The first line in which two texts differ.
fn difference(told: &str, kept: &str) -> Option<String> {
    let mut pairs = told.lines().zip(kept.lines()).enumerate();
    let line = pairs.find(|(_, (told, kept))| told != kept);
    let first = line.map(|(number, (told, kept))| format!("{number}: {told}\nwas {kept}"));
    first.or_else(|| (told != kept).then(|| "one is longer".to_owned()))
}

#[test]
fn every_day_that_was_told_is_told_again_byte_for_byte() {
    assert!(!kept().is_empty());
    for folder in kept() {
        let timeline = Timeline::read(&folder);
        let told = Timeline::of(timeline.inputs);
        let differs = difference(&told.said, &timeline.said);
        assert_eq!(differs, None, "{}", folder.display());
    }
}

#[test]
fn what_follows_a_snapshot_is_the_same_or_its_version_is_refused() {
    let mut restored = 0;
    for folder in kept() {
        let timeline = Timeline::read(&folder);
        let mut engine = match Engine::restore(&timeline.snapshot) {
            Ok(engine) => engine,
            Err(error) => {
                assert_eq!(
                    error.kind(),
                    RestoreErrorKind::Version,
                    "{}",
                    folder.display()
                );
                continue;
            }
        };
        restored += 1;
        assert!(
            engine.snapshot() == timeline.snapshot,
            "{}",
            folder.display()
        );
        let (_, told) = parse(&timeline.inputs);
        let half = told.len() / 2;
        let rest = told.into_iter().skip(half);
        let said: String = rest
            .map(|(at, input)| tell(&mut engine, at, input).0)
            .collect();
        let kept: Vec<_> = timeline.said.lines().skip(half).collect();
        let differs = difference(&said, &(kept.join("\n") + "\n"));
        assert_eq!(differs, None, "{}", folder.display());
    }
    assert!(
        restored > 0,
        "UPDATE=1 keeps a timeline with the snapshot of today"
    );
}

#[test]
fn a_snapshot_of_another_version_is_refused_by_its_kind() {
    let bytes = Engine::new(company::directory(&[])).snapshot();
    let text = String::from_utf8(bytes).expect("a snapshot is text");
    let now = r#"{"bereik_routing":2,"#;
    assert!(text.starts_with(now), "{}", &text[..40]);
    for version in [0, 1, 3, 4_000_000_000u32] {
        let other = text.replacen(now, &format!(r#"{{"bereik_routing":{version},"#), 1);
        let refused = Engine::restore(other.as_bytes()).map_err(|error| error.kind());
        assert!(
            matches!(refused, Err(RestoreErrorKind::Version)),
            "{version}"
        );
    }
    // Of another version nothing else is looked at.
    let error = Engine::restore(br#"{"bereik_routing":1,"state":"gone"}"#).expect_err("it is old");
    assert_eq!(error.kind(), RestoreErrorKind::Version);
}

/// Writes the day of the script anew where `UPDATE` is set: as `DATE`, or `DATE-2` and so on where
/// that is there.
#[test]
fn the_script_is_told_as_the_last_day_that_is_kept() {
    let script = fs::read_to_string(folder().join("day.txt")).expect("the script can be read");
    let told = Timeline::of_script(&script);
    let last = kept().last().map(|folder| Timeline::read(folder));
    let is_same = last.is_some_and(|last| last.inputs == told.inputs && last.said == told.said);
    if std::env::var_os("UPDATE").is_none() {
        assert!(is_same, "run again with UPDATE=1, and read what differs");
        return;
    }
    if !is_same {
        let today = today();
        let names = (2..).map(|number| format!("{today}-{number}"));
        let mut names = std::iter::once(today.clone()).chain(names);
        let free = names.find(|name| !folder().join(name).exists());
        told.write(&folder().join(free.expect("there is no end of names")));
    }
}

#[expect(clippy::disallowed_methods, reason = "a folder is named after its day")]
fn today() -> String {
    let today = DateTime::<Utc>::from(std::time::SystemTime::now());
    today.format("%Y-%m-%d").to_string()
}
