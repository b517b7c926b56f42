//! Reads scenarios from texts, and says in which line of which file something is wrong.

use bereik_core::Directory;
use bereik_core::directory::Step;
use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use super::check::{Fault, check};
use super::{Scenario, merge};

/// The text of a file and the name under which it is shown.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a name, a text, and what it is")]
pub struct Source {
    /// The name of the file, as it is shown in errors.
    pub file: String,
    /// What is written in it.
    pub text: String,
    /// What it is.
    pub kind: SourceKind,
}

/// What a [`Source`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a scenario is made of these two")]
pub enum SourceKind {
    /// A company's directory.
    Directory,
    /// A scenario, or one that it changes.
    Scenario,
}

impl Source {
    /// A scenario.
    #[must_use]
    pub fn scenario(file: impl Into<String>, text: impl Into<String>) -> Self {
        let (file, text) = (file.into(), text.into());
        Self {
            file,
            text,
            kind: SourceKind::Scenario,
        }
    }

    /// A directory.
    #[must_use]
    pub fn directory(file: impl Into<String>, text: impl Into<String>) -> Self {
        let (file, text) = (file.into(), text.into());
        Self {
            file,
            text,
            kind: SourceKind::Directory,
        }
    }

    /// The path that a scenario names in a field at its top: `based_on` or `directory`. A text
    /// that is not TOML names none: reading it says what is wrong.
    #[must_use]
    pub fn path_in(&self, field: &str) -> Option<String> {
        let table = DeTable::parse(&self.text).ok()?;
        let path = table.get_ref().get(field)?;
        path.get_ref().as_str().map(str::to_owned)
    }
}

/// The files of which a scenario is made, each laid on top of those before it: the directory, then
/// the scenario that all others change, the scenario itself last.
///
/// ```
/// use bereik_sim::scenario::{Source, Sources};
/// let company = Source::directory("shop.toml", "name = 'Rivers & Co'\nzone = 'Europe/Amsterdam'\n");
/// let text = "name = 'Quiet'\nstart = '2026-11-23'\nhours = 0\ndirectory = 'shop.toml'\n";
/// let sources = Sources::new(vec![company, Source::scenario("quiet.toml", text)]);
/// let error = sources.read().unwrap_err();
/// assert_eq!(error.to_string(), "quiet.toml:3: hours: 0 is not between 1 and 8784");
/// ```
#[derive(Clone, Debug)]
pub struct Sources {
    files: Vec<Source>,
}

/// A scenario could not be read. Shown as one sentence: `FILE:LINE: reason`, without the line
/// where there is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{} {reason}", line.map(|line| format!("{line}:")).unwrap_or_default())]
pub struct ScenarioError {
    file: String,
    line: Option<usize>,
    reason: String,
}

impl ScenarioError {
    /// The line, from 1, if it is about one.
    #[must_use]
    pub const fn line(&self) -> Option<usize> {
        self.line
    }

    /// The file, by the name that its [`Source`] gave.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }
}

impl Sources {
    /// These files.
    ///
    /// # Panics
    /// Where there is none.
    #[must_use]
    pub fn new(files: Vec<Source>) -> Self {
        assert!(!files.is_empty(), "a scenario has a file");
        Self { files }
    }

    /// The scenario and its company, both checked.
    ///
    /// # Errors
    /// The first thing that is wrong, and in which line of which file.
    pub fn read(&self) -> Result<(Scenario, Directory), ScenarioError> {
        let root = self.merged()?;
        let scenario = Scenario::deserialize(Deserializer::from(root))
            .map_err(|error| self.at(error.span().map(|span| span.start), error.message()))?;
        let directory = check(&scenario).map_err(|fault| self.fault(&fault))?;
        Ok((scenario, directory))
    }

    /// All files on top of each other, the spans counted over all of them.
    fn merged(&self) -> Result<Spanned<DeTable<'_>>, ScenarioError> {
        let mut offset = 0;
        let mut merged: Option<DeTable<'_>> = None;
        for source in &self.files {
            let table = DeTable::parse(&source.text).map_err(|error| {
                let start = error.span().map(|span| offset + span.start);
                self.at(start, error.message())
            })?;
            let mut table = merge::moved_table(table.into_inner(), offset);
            if source.kind == SourceKind::Directory {
                table = merge::below("company", table, offset..offset + source.text.len());
            }
            match &mut merged {
                Some(under) => merge::lay(under, table),
                None => merged = Some(table),
            }
            offset += source.text.len() + 1;
        }
        Ok(Spanned::new(0..offset, merged.expect("there is a file")))
    }

    fn fault(&self, fault: &Fault) -> ScenarioError {
        let offset = self
            .merged()
            .ok()
            .and_then(|root| offset_of(root.get_ref(), &fault.path));
        self.at(offset, &fault.to_string())
    }

    /// The error for an offset over all files.
    fn at(&self, offset: Option<usize>, reason: &str) -> ScenarioError {
        let words = |c: char| if c.is_control() { ' ' } else { c };
        let reason = reason.trim().chars().map(words).collect();
        let mut rest = offset.unwrap_or_default();
        let last = self.files.last().expect("there is a file");
        let mut source = last;
        if offset.is_some() {
            for file in &self.files {
                source = file;
                if rest <= file.text.len() {
                    break;
                }
                rest -= file.text.len() + 1;
            }
        }
        let line = offset.map(|_| {
            let before = &source.text.as_bytes()[..rest.min(source.text.len())];
            before.iter().filter(|byte| **byte == b'\n').count() + 1
        });
        ScenarioError {
            file: source.file.clone(),
            line,
            reason,
        }
    }
}

/// The offset of the value that a path leads to, or of the last one on the way that is there.
fn offset_of(root: &DeTable<'_>, path: &[Step]) -> Option<usize> {
    let mut table = Some(root);
    let mut value: Option<&DeValue<'_>> = None;
    let mut offset = None;
    for step in path {
        let found = match step {
            Step::Field(name) => table
                .or_else(|| value.and_then(DeValue::as_table))
                .and_then(|table| table.get(name.as_str())),
            Step::Place(place) => value.and_then(|value| value.get(*place)),
        };
        let Some(found) = found else { break };
        table = None;
        value = Some(found.get_ref());
        offset = Some(found.span().start);
    }
    offset
}
