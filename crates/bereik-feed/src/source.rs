//! Something that is asked for a person's calendar over a network, now and then.

use std::time::Duration;

use async_trait::async_trait;
use bereik_calendar::{Calendar, Limits, Problem, Reading};
use bereik_core::{FreeBusy, Interval, OpenTime};

use crate::update::FailureKind;

/// A calendar that has to be asked for: an `HttpFeed`, CalDAV, or a program's own.
///
/// # Contract
/// - [`poll`](Self::poll) asks once. It does not wait for a change, does not try again, and ends within
///   minutes: [`CalendarWatch`](crate::CalendarWatch) asks again when it is time to.
/// - It gives `None` where nothing has changed since the last agenda that it gave for the same window,
///   and an agenda at first and for every other window.
/// - A poll that is dropped half-way is made good by the next one: what was not given counts as not
///   seen.
/// - Neither its name nor anything else it gives holds a secret or a text of an event.
///
/// ```
/// use bereik_core::{FreeBusy, Interval};
/// use bereik_feed::{Agenda, Source, SourceError};
///
/// /// A person who is always free.
/// struct Idle(Option<Interval>);
///
/// #[async_trait::async_trait]
/// impl Source for Idle {
///     fn name(&self) -> &str {
///         "idle"
///     }
///
///     async fn poll(&mut self, window: Interval) -> Result<Option<Agenda>, SourceError> {
///         let free = Agenda::new(FreeBusy::builder(window).build());
///         Ok((self.0.replace(window) != Some(window)).then_some(free))
///     }
/// }
/// ```
#[async_trait]
pub trait Source: Send {
    /// What it is called in a failure: a host, an account. No secret.
    fn name(&self) -> &str;

    /// Asks what is known of the window; `None` where that is what was given last.
    ///
    /// # Errors
    /// When nothing can be known of it now. What was given before counts until it is too old.
    async fn poll(&mut self, window: Interval) -> Result<Option<Agenda>, SourceError>;
}

/// What a source says of a window, and what could not be understood in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agenda {
    pub(crate) free_busy: FreeBusy,
    pub(crate) open_time: OpenTime,
    pub(crate) problems: Vec<Problem>,
}

impl Agenda {
    /// What is known. What is outside its [`known`](FreeBusy::known) is unknown.
    #[must_use]
    pub fn new(free_busy: FreeBusy) -> Self {
        Self {
            free_busy,
            open_time: OpenTime::unknown(),
            problems: Vec::new(),
        }
    }

    /// With what is marked as open.
    #[must_use]
    pub fn with_open_time(mut self, open_time: OpenTime) -> Self {
        self.open_time = open_time;
        self
    }

    /// With what could not be understood.
    #[must_use]
    pub fn with_problems(mut self, problems: Vec<Problem>) -> Self {
        self.problems = problems;
        self
    }

    /// What an iCalendar text says (RFC 5545), within the default limits; where the reading has
    /// [marks](Reading::with_marks), also what they open. Takes as long as the text is
    /// long: from async code call it with `spawn_blocking`.
    #[must_use]
    pub fn read(bytes: &[u8], window: Interval, reading: &Reading) -> Self {
        let calendar = bereik_calendar::read_marked(bytes, &Limits::default(), reading.marks());
        let said = calendar.free_busy(window, reading);
        Self::new(said.value)
            .with_open_time(open_time(&calendar, window, reading))
            .with_problems(said.problems)
    }

    /// What is known.
    #[must_use]
    pub const fn free_busy(&self) -> &FreeBusy {
        &self.free_busy
    }

    /// What is marked as open.
    #[must_use]
    pub const fn open_time(&self) -> &OpenTime {
        &self.open_time
    }

    /// What could not be understood, with its line.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

/// What a calendar marks as open; nothing is known of it where there are no marks.
pub(crate) fn open_time(calendar: &Calendar, window: Interval, reading: &Reading) -> OpenTime {
    match reading.marks().is_empty() {
        true => OpenTime::unknown(),
        false => calendar.open_time(window, reading).value,
    }
}

/// A source cannot say anything now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct SourceError {
    kind: FailureKind,
    retry_after: Option<Duration>,
}

impl SourceError {
    /// For this reason.
    #[must_use]
    pub const fn new(kind: FailureKind) -> Self {
        let retry_after = None;
        Self { kind, retry_after }
    }

    /// And it asks to be left alone so long.
    #[must_use]
    pub const fn with_retry_after(mut self, time: Duration) -> Self {
        self.retry_after = Some(time);
        self
    }

    /// Why.
    #[must_use]
    pub const fn kind(&self) -> FailureKind {
        self.kind
    }

    /// How long it asks to be left alone.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Whether it may well have passed in a minute.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        self.kind.is_temporary()
    }
}

impl From<FailureKind> for SourceError {
    fn from(kind: FailureKind) -> Self {
        Self::new(kind)
    }
}
