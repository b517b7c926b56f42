//! Reads what a scenario is made of: its file and those it changes, the directory, the calendars.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};

use bereik::core::directory::Directory;
use bereik::core::{ChannelKind, PersonId};
use bereik::feed::{calendar_files, read_calendars, read_directory};
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

fn source(path: &Path) -> Result<Source, Box<dyn Error>> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("{}: cannot be read: {error}", path.display()))?;
    let file = path.display().to_string();
    Ok(Source { file, text })
}

fn beside(path: &Path, other: &str) -> PathBuf {
    path.parent().unwrap_or(path).join(other)
}

/// The files of a scenario, the one that all others change first.
fn sources(path: &Path) -> Result<Sources, Box<dyn Error>> {
    let mut files = vec![source(path)?];
    let mut path = path.to_owned();
    while let Some(base) = Sources::based_on(&files[0].text) {
        path = beside(&path, &base);
        files.insert(0, source(&path)?);
        if files.len() > DEEP_MAX {
            return Err(format!("{}: scenarios change each other in a circle", path.display()).into());
        }
    }
    Ok(Sources::new(files))
}

impl Setting {
    pub(crate) fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let sources = sources(path)?;
        let scenario = sources.scenario()?;
        let (directory, place) = match (&scenario.directory, &scenario.company) {
            (Some(file), _) => {
                let file = beside(path, file);
                (read_directory(&file)?, file)
            }
            (None, Some(company)) => (company.clone().check()?, path.to_owned()),
            (None, None) => return Err("a scenario has a company".into()),
        };
        sources.check_against(&scenario, &directory)?;
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
        Ok(Self { scenario, directory, facts, problems })
    }

    /// Tells what the calendars left unclear.
    pub(crate) fn tell_problems(&self) {
        self.problems.iter().for_each(|problem| eprintln!("{problem}"));
    }

    pub(crate) fn without(mut self, channel: ChannelKind) -> Self {
        self.scenario = self.scenario.without(channel);
        self
    }
}
