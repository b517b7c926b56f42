//! What a feed tells: a person's time, what could not be read of it, and what was wrong in it.

use std::fmt;
use std::sync::Arc;

use bereik_calendar::{Problem, ProblemReason};
use bereik_core::{FreeBusy, OpenTime, PersonId};
use chrono::{DateTime, Utc};

/// What all calendars of a person say together, since one of them changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Update {
    /// Whose time it is.
    pub person: PersonId,
    /// The person's time: unknown wherever one of the calendars is and no other says something
    /// stronger.
    pub free_busy: FreeBusy,
    /// What the person's calendars mark as open; what one of them that cannot be read may mark is not open.
    pub open_time: OpenTime,
    /// The calendars that cannot be read at the moment.
    pub failures: Vec<Failure>,
    /// What could not be understood in those that were read.
    pub problems: Vec<SourceProblem>,
    /// When it was so.
    pub as_of: DateTime<Utc>,
}

impl Update {
    /// Nothing is known of this person's time, and nothing is wrong.
    pub(crate) fn of_nothing(person: PersonId, as_of: DateTime<Utc>) -> Self {
        Self {
            person,
            free_busy: FreeBusy::unknown(),
            open_time: OpenTime::unknown(),
            failures: Vec::new(),
            problems: Vec::new(),
            as_of,
        }
    }
}

/// A calendar cannot be read. Shown as one sentence: `anna.ics: cannot be read: there is no such
/// file`.
///
/// It is told when it begins, when its reason changes and when it has passed; its age is for whoever
/// shows it to reckon from [`since`](Self::since).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{source_name}: cannot be read: {kind}")]
pub struct Failure {
    source_name: Arc<str>,
    kind: FailureKind,
    since: DateTime<Utc>,
    last_good_at: Option<DateTime<Utc>>,
}

/// Why a calendar cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FailureKind {
    /// The server's answer breaks off, is not as long as it says, or is no HTTP.
    #[error("the answer is broken")]
    Broken,
    /// A folder holds no calendar: perhaps it is not the folder that is meant.
    #[error("there is no calendar in this folder")]
    Empty,
    /// The server's certificate is not trusted.
    #[error("the connection cannot be trusted")]
    Insecure,
    /// It is not there: status 404 or 410 of a server.
    #[error("there is no such file")]
    Missing,
    /// Something else came: a page to sign in, an answer that breaks off in mid-calendar.
    #[error("the answer is not a whole calendar")]
    NotACalendar,
    /// It is a pipe or a device.
    #[error("this is not a file")]
    NotAFile,
    /// Rights forbid it: status 403 of a server.
    #[error("permission is denied")]
    NotPermitted,
    /// The guard refuses its address, or where it leads.
    #[error("the address is refused")]
    Refused,
    /// The server refuses the name or the password, or wants one: status 401.
    #[error("the name or the password is refused")]
    SignIn,
    /// The server asks to be left alone for a while: status 429, or 503 with Retry-After.
    #[error("the server asks to wait")]
    Throttled,
    /// Nothing came in time.
    #[error("no answer came in time")]
    TimedOut,
    /// It has more bytes than are read: 64 MiB of a file, 4 MiB of a directory, of an answer what the
    /// client's limits say; or a folder has more than 10,000 files.
    #[error("it is too long")]
    TooLong,
    /// The server has a fault of its own: status 500 and above.
    #[error("the server is out of order")]
    Unavailable,
    /// Nothing answers, or the name leads nowhere.
    #[error("nothing answers there")]
    Unreachable,
    /// The operating system gave it up.
    #[error("reading it failed")]
    Unreadable,
    /// An address of the web, where only files are read.
    #[error("this feed reads files, not addresses of the web")]
    Url,
}

impl FailureKind {
    /// Whether it may well have passed in a minute, without anybody mending it.
    #[must_use]
    pub const fn is_temporary(self) -> bool {
        matches!(
            self,
            Self::Broken
                | Self::Throttled
                | Self::TimedOut
                | Self::Unavailable
                | Self::Unreachable
                | Self::Unreadable
        )
    }
}

impl Failure {
    pub(crate) fn new(
        source_name: Arc<str>,
        kind: FailureKind,
        since: DateTime<Utc>,
        last_good_at: Option<DateTime<Utc>>,
    ) -> Self {
        Self {
            source_name,
            kind,
            since,
            last_good_at,
        }
    }

    /// Which calendar: the path of a file or folder, the name of another source. A web address only
    /// as far as its host.
    #[must_use]
    pub fn source_name(&self) -> &str {
        &self.source_name
    }

    /// Why.
    #[must_use]
    pub const fn kind(&self) -> FailureKind {
        self.kind
    }

    /// Since when it cannot be read, for whatever reason.
    #[must_use]
    pub const fn since(&self) -> DateTime<Utc> {
        self.since
    }

    /// When it could be read last; `None` if never since it is watched.
    #[must_use]
    pub const fn last_good_at(&self) -> Option<DateTime<Utc>> {
        self.last_good_at
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

/// Something in a calendar that could not be understood. Shown as `FILE:LINE: reason`; never what an
/// event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceProblem {
    source_name: Arc<str>,
    problem: Problem,
}

impl SourceProblem {
    pub(crate) fn new(source_name: Arc<str>, problem: Problem) -> Self {
        Self {
            source_name,
            problem,
        }
    }

    /// Which calendar, as in [`Failure::source_name`].
    #[must_use]
    pub fn source_name(&self) -> &str {
        &self.source_name
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

impl fmt::Display for SourceProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.source_name, self.line(), self.reason())
    }
}
