//! A company's directory as a TOML file: read with one clear sentence for what is wrong, and
//! watched.

use std::path::{Path, PathBuf};

use bereik_core::directory::{Directory, Draft};
use serde::Deserialize as _;
use tokio::task::spawn_blocking;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::change::{Change, Glance, POLL};
use crate::file::read_file;
use crate::locate::{line_of, offset_of};
use crate::update::FailureKind;

/// The longest directory that is read, in bytes.
const BYTES_MAX: u64 = 4 << 20;

/// A directory could not be read. Shown as one sentence: `FILE:LINE: reason`, without the line where
/// there is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}:{} {reason}", file.display(), line.map(|line| format!("{line}:")).unwrap_or_default())]
pub struct DirectoryFileError {
    file: PathBuf,
    line: Option<usize>,
    reason: Box<str>,
    kind: DirectoryFileErrorKind,
}

/// What sort of fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DirectoryFileErrorKind {
    /// The file cannot be read.
    File(FailureKind),
    /// What is written is not a directory: a name that leads nowhere, a number out of range, a
    /// field that is missing or unknown.
    Invalid,
    /// What is written is not TOML, or not UTF-8.
    Syntax,
}

impl DirectoryFileError {
    fn at(
        file: &Path,
        line: Option<usize>,
        kind: DirectoryFileErrorKind,
        reason: impl Into<String>,
    ) -> Self {
        // One sentence on one line, whatever was in the file.
        let reason: String = reason.into();
        let words = |c: char| if c.is_control() { ' ' } else { c };
        let reason: String = reason.trim().chars().map(words).collect();
        Self {
            file: file.to_owned(),
            line,
            reason: reason.into(),
            kind,
        }
    }

    /// Which file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The line, from 1, if it is about one.
    #[must_use]
    pub const fn line(&self) -> Option<usize> {
        self.line
    }

    /// What sort of fault it is.
    #[must_use]
    pub const fn kind(&self) -> DirectoryFileErrorKind {
        self.kind
    }
}

/// Reads a directory from a TOML file. Blocks while it reads.
///
/// ```
/// use bereik_feed::read_directory;
/// let path = std::env::temp_dir().join(format!("bereik-{}.toml", std::process::id()));
/// std::fs::write(&path, "name = 'Rivers'\nzone = 'Europe/Amsterdm'\n")?;
/// let error = read_directory(&path).unwrap_err();
/// assert_eq!(error.line(), Some(2));
/// assert!(error.to_string().contains(":2: no time zone is named `Europe/Amsterdm`"));
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// When the file cannot be read, has over 4 MiB, is not TOML, or is not a directory. The error says
/// which line is to blame.
pub fn read_directory(path: &Path) -> Result<Directory, DirectoryFileError> {
    read(path, Glance::at(path))
}

fn read(path: &Path, glance: Glance) -> Result<Directory, DirectoryFileError> {
    use DirectoryFileErrorKind as Kind;
    let bytes = read_file(path, glance, BYTES_MAX).map_err(|kind| {
        let reason = format!("cannot be read: {kind}");
        DirectoryFileError::at(path, None, Kind::File(kind), reason)
    })?;
    let text = str::from_utf8(&bytes).map_err(|error| {
        let line = line_of(&bytes, error.valid_up_to());
        let reason = "this line is not text in UTF-8";
        DirectoryFileError::at(path, Some(line), Kind::Syntax, reason)
    })?;
    let fault = |kind, error: &toml::de::Error| {
        let line = error.span().map(|span| line_of(&bytes, span.start));
        DirectoryFileError::at(path, line, kind, without_text(error.message()))
    };
    let document = toml::Deserializer::parse(text).map_err(|error| fault(Kind::Syntax, &error))?;
    let draft = Draft::deserialize(document).map_err(|error| fault(Kind::Invalid, &error))?;
    draft.check().map_err(|error| {
        let line = offset_of(text, error.path()).map(|offset| line_of(&bytes, offset));
        DirectoryFileError::at(path, line, Kind::Invalid, error.to_string())
    })
}

/// A message of serde's without the text that stands in the place of something else: it may be an address with
/// a secret in it. The line says where it is.
fn without_text(message: &str) -> String {
    let text = message.split_once("string \"").and_then(|(head, rest)| {
        let (_, tail) = rest.rsplit_once("\", expected ")?;
        Some(format!("{head}string, expected {tail}"))
    });
    text.unwrap_or_else(|| message.to_owned())
}

/// Follows a directory's file: tells each new version that is right, and what is wrong with one
/// that is not.
///
/// The file is looked at as calendars are: every half second, and read when it changed and stands
/// still.
#[derive(Debug)]
pub struct DirectoryWatch {
    path: PathBuf,
    /// What was told last, or what the caller has.
    told: Result<Box<Directory>, DirectoryFileError>,
    change: Change,
    looks: Option<Interval>,
}

impl DirectoryWatch {
    /// Follows the file that `current` was read from. A version that differs from it is told, also
    /// one that was written in between.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, current: Directory) -> Self {
        Self {
            path: path.into(),
            told: Ok(Box::new(current)),
            change: Change::default(),
            looks: None,
        }
    }

    /// The next version.
    ///
    /// Waits for ever where nothing changes. A future that is dropped loses nothing. Needs a tokio
    /// runtime with its timer.
    ///
    /// # Errors
    /// When the file cannot be read any more, or its new version is not right; told once. The caller
    /// stays with the version he has. When the file is right again it is told, even if it is what it was before.
    pub async fn next(&mut self) -> Result<Directory, DirectoryFileError> {
        loop {
            let looks = self.looks.get_or_insert_with(|| {
                let mut looks = interval(POLL);
                looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
                looks
            });
            looks.tick().await;
            let path = self.path.clone();
            let Ok(glance) = spawn_blocking(move || Glance::at(&path)).await else {
                continue;
            };
            if !self.change.is_due(glance) && !self.cannot_be_read() {
                continue;
            }
            let path = self.path.clone();
            let Ok(found) = spawn_blocking(move || read(&path, glance).map(Box::new)).await else {
                continue;
            };
            self.change.was_read(glance);
            if self.told != found {
                self.told = found.clone();
                return found.map(|directory| *directory);
            }
        }
    }

    /// Whether the file itself could not be read: whether it can at last does not show at a
    /// glance.
    fn cannot_be_read(&self) -> bool {
        let kind = self.told.as_ref().err().map(DirectoryFileError::kind);
        matches!(kind, Some(DirectoryFileErrorKind::File(_)))
    }
}
