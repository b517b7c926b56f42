//! Scripts of inputs, each with the timeline that it leads to, as text.
//!
//! In `stories/*.txt` a line that begins with `>` tells an input; below it stands all that the
//! engine said. Lines that begin with `@`, before the first input, say in what the company differs
//! from the one of the other stories. `UPDATE=1 cargo test -p bereik-routing --test stories` writes what it says now.

#[path = "stories/company.rs"]
mod company;
#[path = "stories/script.rs"]
mod script;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use script::Teller;

fn retell(story: &str) -> String {
    let differs = story.lines().filter_map(|line| line.strip_prefix("@ "));
    let mut teller = Teller::new(company::directory(&differs.collect::<Vec<_>>()));
    let mut told = String::new();
    for line in story.lines() {
        if let Some(input) = line.strip_prefix("> ") {
            writeln!(told, "{line}").expect("a string takes everything");
            told.push_str(&teller.tell(input));
        } else if line.is_empty() || line.starts_with(['#', '@']) {
            writeln!(told, "{line}").expect("a string takes everything");
        }
    }
    told
}

fn check(path: &Path) {
    let story = fs::read_to_string(path).expect("a story can be read");
    let told = retell(&story);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, told).expect("a story can be written");
    } else {
        assert_eq!(told, story, "{}: run again with UPDATE=1", path.display());
    }
}

#[test]
fn every_story_is_told_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories");
    let mut stories: Vec<_> = fs::read_dir(folder)
        .expect("the folder of stories can be listed")
        .map(|entry| entry.expect("an entry of the folder").path())
        .filter(|path| path.extension().is_some_and(|e| e == "txt"))
        .collect();
    stories.sort();
    assert!(!stories.is_empty());
    for story in stories {
        check(&story);
    }
}
