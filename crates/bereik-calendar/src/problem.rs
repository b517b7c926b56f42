//! What was wrong with a feed, and on which line; never what the event was about.

use std::fmt;

/// Something in a feed that is malformed, unsupported or beyond a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Problem {
    line: u32,
    reason: ProblemReason,
}

impl Problem {
    pub(crate) fn new(line: u32, reason: ProblemReason) -> Self {
        Self { line, reason }
    }

    /// The line of the file, from 1; of a folded line, the first.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line as usize
    }

    /// What is wrong there.
    #[must_use]
    pub fn reason(&self) -> ProblemReason {
        self.reason
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

/// Why a line or component could not be used as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ProblemReason {
    /// The file ends inside a component: the rest is missing.
    #[error("the file ends inside a component; everything else is unknown")]
    CutOff,
    /// Components are nested deeper than the limit.
    #[error("components are nested too deep; everything in them is unknown")]
    Depth,
    /// An excluded date that cannot be read; the instance stays.
    #[error("an excluded date is unreadable; nothing is excluded")]
    ExceptionDate,
    /// An excluding rule that cannot be read or expanded; the instances stay.
    #[error("an excluding rule is unreadable; nothing is excluded")]
    ExceptionRule,
    /// A DTSTART or DTEND that stands twice, with different values (RFC 5545 section 3.6.1).
    #[error("a property that may stand once stands twice; the first holds")]
    Doubled,
    /// An end or duration that cannot be read.
    #[error("the end of an event is unreadable; it is unknown from its start on")]
    End,
    /// A day that ends with itself, which some write for that day (RFC 5545 section 3.8.2.2).
    #[error("an all-day event ends on the day of its start; that day is unknown")]
    EmptyDay,
    /// An end before its start (RFC 5545 section 3.8.2.2).
    #[error("an event ends before its start; it takes no time")]
    EndBeforeStart,
    /// A FREEBUSY period that cannot be read.
    #[error("a free/busy period is unreadable; everything is unknown")]
    FreeBusyPeriod,
    /// Not an iCalendar file.
    #[error("this is not an iCalendar file; everything is unknown")]
    NotACalendar,
    /// A BEGIN without its END, or the other way round.
    #[error("the BEGIN and END of a component do not match")]
    Nesting,
    /// An event without DTSTART takes no time (RFC 5545 section 3.6.1).
    #[error("an event has no start; it takes no time")]
    NoStart,
    /// A changed instance that says how it repeats, in a file without its series.
    #[error(
        "a series is missing of which an instance says how it repeats; what it repeats is unknown"
    )]
    SeriesMissing,
    /// An added date that cannot be read.
    #[error("an added date is unreadable; everything is unknown")]
    RecurrenceDate,
    /// A RECURRENCE-ID that cannot be read; the event counts beside its series.
    #[error("a recurrence id is unreadable; the event counts beside its series")]
    RecurrenceId,
    /// A recurrence rule that cannot be read.
    #[error("a recurrence rule is unreadable; the event is unknown from its start on")]
    Rule,
    /// A recurrence rule in another calendar (RFC 7529).
    #[error(
        "a recurrence rule needs another calendar scale; the event is unknown from its start on"
    )]
    RuleScale,
    /// A shift that names nobody of the table.
    #[error("a shift names nobody who is known; nobody serves it")]
    ShiftPerson,
    /// A start that cannot be read.
    #[error("the start of an event is unreadable; everything is unknown")]
    Start,
    /// A start of which only the day can be read.
    #[error("the time of a start is unreadable; the day around it is unknown")]
    StartOfDay,
    /// The expansion budget is used up.
    #[error("a recurrence is too costly to expand; it is unknown for the rest of the window")]
    Steps,
    /// More bytes than the limit.
    #[error("the file is too long; everything else is unknown")]
    TooLong,
    /// More components than the limit.
    #[error("the file has too many components; everything else is unknown")]
    TooManyComponents,
    /// More dates in a component than the limit.
    #[error("a component has too many dates; it is unknown")]
    TooManyDates,
    /// A line that matters is longer than the limit.
    #[error("a line is too long; its component is unknown")]
    TooLongLine,
    /// The embedded zone differs from the IANA zone of its name; the embedded one is used.
    #[error("a time zone contradicts the database's zone of its name; the file's is used")]
    ZoneContradicts,
    /// An embedded zone that cannot be compiled.
    #[error("a time zone definition is unreadable; times in it are unknown")]
    ZoneDefinition,
    /// A time zone name that nobody defines.
    #[error("a time zone is unknown; times in it are unknown")]
    ZoneName,
}

/// Problems in the order met, up to a limit, each once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Problems {
    list: Vec<Problem>,
    max: usize,
}

impl Problems {
    pub(crate) fn up_to(max: usize) -> Self {
        Self {
            list: Vec::new(),
            max,
        }
    }

    /// Room for what a limit leaves beside problems that are known.
    pub(crate) fn beside(known: &[Problem], max: usize) -> Self {
        Self::up_to(max.saturating_sub(known.len()))
    }

    pub(crate) fn push(&mut self, line: u32, reason: ProblemReason) {
        let problem = Problem::new(line, reason);
        if self.list.len() < self.max && self.list.last() != Some(&problem) {
            self.list.push(problem);
        }
    }

    /// As [`push`](Self::push), also beyond the limit: what makes a whole file unknown must not go
    /// missing.
    pub(crate) fn push_always(&mut self, line: u32, reason: ProblemReason) {
        self.list.push(Problem::new(line, reason));
    }

    /// By line, each once.
    pub(crate) fn into_sorted(mut self) -> Vec<Problem> {
        self.list.sort_unstable();
        self.list.dedup();
        self.list
    }
}
