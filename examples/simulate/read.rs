//! Reads what a scenario is made of: its file and those it changes, the directory, the calendars.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};

use bereik::core::directory::Directory;
use bereik::core::{ChannelKind, PersonId};
use bereik::feed::{calendar_files, read_calendars};
use bereik::presence::PersonFacts;
use bereik::sim::{Scenario, Source, Sources};

/// No scenario changes one that changes one that changes one, and so on, so often.
const DEEP_MAX: usize = 16;

/// A scenario with all that belongs to it.
#[derive(Clone)]
pub(crate) struct Setting {
    pub(crate) scenario: Scenario,
    pub(crate) directory: Directory,
    pub(crate) facts: BTreeMap<PersonId, PersonFacts>,
    problems: Vec<String>,
}

fn text(path: &Path) -> Result<String, Box<dyn Error>> {
    let text = std::fs::read_to_string(path);
    text.map_err(|error| format!("{}: cannot be read: {error}", path.display()).into())
}

fn beside(path: &Path, other: &str) -> PathBuf {
    path.parent().unwrap_or(path).join(other)
}

/// The files of a scenario, the one that all others change first, and the file beside which its
/// calendars lie.
fn sources(path: &Path) -> Result<(Sources, PathBuf), Box<dyn Error>> {
    let read = |path: &Path| -> Result<Source, Box<dyn Error>> {
        Ok(Source::scenario(path.display().to_string(), text(path)?))
    };
    let mut files = vec![read(path)?];
    let mut at = path.to_owned();
    let mut directory = None;
    loop {
        let named = files[0].path_in("directory");
        directory = directory.or_else(|| named.map(|named| beside(&at, &named)));
        let Some(base) = files[0].path_in("based_on") else {
            break;
        };
        at = beside(&at, &base);
        files.insert(0, read(&at)?);
        if files.len() > DEEP_MAX {
            return Err(
                format!("{}: scenarios change each other in a circle", at.display()).into(),
            );
        }
    }
    let Some(directory) = directory else {
        return Ok((Sources::new(files), path.to_owned()));
    };
    files.insert(
        0,
        Source::directory(directory.display().to_string(), text(&directory)?),
    );
    Ok((Sources::new(files), directory))
}

impl Setting {
    pub(crate) fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let (sources, place) = sources(path)?;
        let (scenario, directory) = sources.read()?;
        let start = scenario.start.in_zone(directory.zone());
        let files = calendar_files(&directory, place.parent().unwrap_or(&place));
        let mut facts = BTreeMap::new();
        let mut problems = Vec::new();
        for update in read_calendars(&files, start) {
            problems.extend(update.failures.iter().map(ToString::to_string));
            problems.extend(update.problems.iter().map(ToString::to_string));
            let known = PersonFacts {
                free_busy: update.free_busy.clone(),
                open_time: update.open_time.clone(),
                ..PersonFacts::default()
            };
            facts.insert(update.person.clone(), known);
        }
        Ok(Self {
            scenario,
            directory,
            facts,
            problems,
        })
    }

    /// Tells what the calendars left unclear.
    pub(crate) fn tell_problems(&self) {
        self.problems
            .iter()
            .for_each(|problem| eprintln!("{problem}"));
    }

    pub(crate) fn without(mut self, channel: ChannelKind) -> Self {
        self.scenario = self.scenario.without(channel);
        self
    }
}
