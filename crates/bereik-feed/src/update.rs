//! What a feed tells: a person's time, what could not be read of it, and what was wrong in it.

use std::fmt;
use std::path::{Path, PathBuf};

use bereik_calendar::{Problem, ProblemReason};
use bereik_core::{FreeBusy, PersonId};
use chrono::{DateTime, Utc};

/// What all calendars of a person say together, since one of them changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Update {
    /// Whose time it is.
    pub person: PersonId,
    /// The person's time: unknown wherever one of the calendars is.
    pub free_busy: FreeBusy,
    /// The files that cannot be read at the moment.
    pub failures: Vec<Failure>,
    /// What could not be understood in those that were read.
    pub problems: Vec<FileProblem>,
    /// When it was so.
    pub as_of: DateTime<Utc>,
}

impl Update {
    /// Nothing is known of this person's time, and nothing is wrong.
    pub(crate) fn of_nothing(person: PersonId, as_of: DateTime<Utc>) -> Self {
        Self {
            person,
            free_busy: FreeBusy::unknown(),
            failures: Vec::new(),
            problems: Vec::new(),
            as_of,
        }
    }
}

/// A file cannot be read. Shown as one sentence: `anna.ics: cannot be read: there is no such file`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: cannot be read: {kind}", file.display())]
pub struct Failure {
    file: PathBuf,
    kind: FailureKind,
}

/// Why a file cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FailureKind {
    /// It is not there.
    #[error("there is no such file")]
    Missing,
    /// It is a folder, a pipe or a device.
    #[error("this is not a file")]
    NotAFile,
    /// Its rights forbid it.
    #[error("permission is denied")]
    NotPermitted,
    /// It has more bytes than are read: 64 MiB of a calendar, 4 MiB of a directory.
    #[error("it is too long")]
    TooLong,
    /// The operating system gave it up.
    #[error("reading it failed")]
    Unreadable,
    /// An address of the web, not a path.
    #[error("this feed reads files, not addresses of the web")]
    Url,
}

impl Failure {
    pub(crate) fn new(file: &Path, kind: FailureKind) -> Self {
        let file = file.to_owned();
        Self { file, kind }
    }

    /// Which file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Why.
    #[must_use]
    pub const fn kind(&self) -> FailureKind {
        self.kind
    }
}

impl From<std::io::ErrorKind> for FailureKind {
    fn from(kind: std::io::ErrorKind) -> Self {
        match kind {
            std::io::ErrorKind::IsADirectory => Self::NotAFile,
            std::io::ErrorKind::NotADirectory | std::io::ErrorKind::NotFound => Self::Missing,
            std::io::ErrorKind::PermissionDenied => Self::NotPermitted,
            _ => Self::Unreadable,
        }
    }
}

/// Something in a file that could not be understood. Shown as `FILE:LINE: reason`; never what an
/// event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileProblem {
    file: PathBuf,
    problem: Problem,
}

impl FileProblem {
    pub(crate) fn new(file: &Path, problem: Problem) -> Self {
        let file = file.to_owned();
        Self { file, problem }
    }

    /// Which file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.problem.line()
    }

    /// What is wrong there.
    #[must_use]
    pub fn reason(&self) -> ProblemReason {
        self.problem.reason()
    }
}

impl fmt::Display for FileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: {}",
            self.file.display(),
            self.line(),
            self.reason()
        )
    }
}
