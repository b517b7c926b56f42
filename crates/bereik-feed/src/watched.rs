//! One calendar on disk, file or folder, and what is known of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bereik_core::{FreeBusy, OpenTime};
use chrono::{DateTime, Utc};
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use crate::change::{Change, Glance};
use crate::file::{CalendarFile, Content, name_of};
use crate::folder::Sight;
use crate::update::{Failure, FailureKind, SourceProblem};

/// In how many looks a file has to be missing before a folder goes on without it.
const LOOKS_MISSING_MAX: u32 = 2;

/// When it is: for whoever waits, and by the clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// Where nobody waits, nothing grows old.
    pub(crate) tick: Option<Instant>,
    pub(crate) now: DateTime<Utc>,
    pub(crate) stale_after: Duration,
}

impl Moment {
    /// Whether this is so long ago that it counts no more.
    pub(crate) fn is_stale(&self, since: Option<Instant>) -> bool {
        let age = self.tick.zip(since).map(|(tick, since)| tick - since);
        age.is_some_and(|age| age >= self.stale_after)
    }
}

/// What is known of one thing that is read: the last good reading, whether it still counts, and why
/// there is no newer one.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Kept when it is too old: its source may say that it is still so.
    content: Option<Content>,
    is_too_old: bool,
    pub(crate) failure: Option<Failure>,
    last_good: Option<(Option<Instant>, DateTime<Utc>)>,
    failing_from: Option<Instant>,
}

impl Known {
    /// The last good reading, while it counts.
    pub(crate) fn good(&self) -> Option<&Content> {
        self.content.as_ref().filter(|_| !self.is_too_old)
    }

    /// What it says.
    pub(crate) fn free_busy(&self) -> FreeBusy {
        let good = self.good();
        good.map_or_else(FreeBusy::unknown, |good| good.free_busy.clone())
    }

    /// What it marks as open.
    pub(crate) fn open_time(&self) -> OpenTime {
        let good = self.good();
        good.map_or_else(OpenTime::unknown, |good| good.open_time.clone())
    }

    /// When it could be read last.
    pub(crate) fn last_good(&self) -> Option<Instant> {
        self.last_good.and_then(|(tick, _)| tick)
    }

    /// It can be read, and says this; `None` for what it said before.
    pub(crate) fn succeed(&mut self, content: Option<Content>, at: Moment) {
        if let Some(content) = content {
            self.content = Some(content);
        }
        self.is_too_old = false;
        self.failure = None;
        self.failing_from = None;
        self.last_good = Some((at.tick, at.now));
    }

    /// It cannot be read.
    pub(crate) fn fail(&mut self, name: &Arc<str>, kind: FailureKind, at: Moment) {
        let since = self.failure.as_ref().map_or(at.now, Failure::since);
        let last_good_at = self.last_good.map(|(_, now)| now);
        self.failure = Some(Failure::new(name.clone(), kind, since, last_good_at));
        self.failing_from = self.failing_from.or(at.tick);
    }

    /// The last good reading counts no more. Whether it did before.
    pub(crate) fn expire(&mut self) -> bool {
        let did_count = self.good().is_some();
        self.is_too_old = true;
        did_count
    }

    /// Lets a reading expire that has been failing for too long. Whether it counted before.
    fn expire_failing(&mut self, at: Moment) -> bool {
        at.is_stale(self.failing_from) && self.expire()
    }
}

/// One file.
#[derive(Debug, Default)]
struct Part {
    change: Change,
    known: Known,
    looks_missing: u32,
}

impl Part {
    fn is_due(&mut self, glance: Glance) -> bool {
        self.looks_missing = 0;
        // Whether a file can be opened at last does not show at a glance.
        self.change.is_due(glance) || self.known.failure.is_some()
    }

    fn take(
        &mut self,
        path: &Path,
        glance: Glance,
        read: Result<Content, FailureKind>,
        at: Moment,
    ) {
        self.change.was_read(glance);
        match read {
            Ok(content) => self.known.succeed(Some(content), at),
            Err(kind) => self.known.fail(&name_of(path), kind, at),
        }
    }
}

/// A calendar on disk.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) file: Arc<CalendarFile>,
    /// Whether it is of the directory's, which is replaced as a whole.
    pub(crate) is_listed: bool,
    /// The path itself: a file, or what is wrong with a folder.
    own: Part,
    /// The files of a folder, by path.
    parts: BTreeMap<PathBuf, Part>,
}

/// Files that are to be read, as they looked.
type Due = Vec<(PathBuf, Glance)>;
/// Files that were read.
type Read = Vec<(PathBuf, Glance, Result<Content, FailureKind>)>;

impl Watched {
    pub(crate) fn new(file: CalendarFile) -> Self {
        Self {
            file: Arc::new(file),
            is_listed: false,
            own: Part::default(),
            parts: BTreeMap::new(),
        }
    }

    /// Looks at it once without a runtime, and reads it. Blocks.
    pub(crate) fn read(&mut self, at: Moment) {
        let sight = Sight::at(self.file.path());
        let due = self.see(sight, at);
        let read = read(&self.file, due, at.now);
        self.take(read, at);
    }

    /// Looks at it once, and reads what is due. Whether anything about it may have changed.
    pub(crate) async fn look(&mut self, at: Moment) -> bool {
        let file = self.file.clone();
        let sight = spawn_blocking(move || Sight::at(file.path())).await;
        let sight = sight.unwrap_or(Sight {
            own: Glance::None(std::io::ErrorKind::Other),
            files: Ok(Vec::new()),
        });
        let files_before = self.parts.len();
        let fails = |watched: &Self| watched.own.known.failure.as_ref().map(Failure::kind);
        let failed_before = fails(self);
        let due = self.see(sight, at);
        let mut is_changed =
            !due.is_empty() || files_before != self.parts.len() || failed_before != fails(self);
        if !due.is_empty() {
            let file = self.file.clone();
            let paths: Due = due.clone();
            let lost = |(path, glance)| (path, glance, Err(FailureKind::Unreadable));
            let read = spawn_blocking(move || read(&file, due, at.now)).await;
            self.take(
                read.unwrap_or_else(|_| paths.into_iter().map(lost).collect()),
                at,
            );
        }
        for part in self.parts.values_mut() {
            is_changed |= part.known.expire_failing(at);
        }
        is_changed | self.own.known.expire_failing(at)
    }

    /// Reads everything anew at the next look, as on another day.
    pub(crate) fn forget_looks(&mut self) {
        self.own.change = Change::default();
        let parts = self.parts.values_mut();
        parts.for_each(|part| part.change = Change::default());
    }

    /// Takes in a look at it, and says which files are to be read.
    fn see(&mut self, sight: Sight, at: Moment) -> Due {
        let path = self.file.path();
        let files = match (sight.own, sight.files) {
            (Glance::Folder, Ok(files)) => files,
            (Glance::Folder, Err(kind)) => {
                self.own.known.fail(&name_of(path), kind, at);
                return self.lose_folder(at);
            }
            (glance, _) if self.parts.is_empty() || matches!(glance, Glance::File(_)) => {
                self.parts.clear();
                let is_due = self.own.is_due(glance);
                let due = is_due.then(|| (path.to_owned(), glance));
                return due.into_iter().collect();
            }
            (Glance::None(kind), _) => {
                self.own.known.fail(&name_of(path), kind.into(), at);
                return self.lose_folder(at);
            }
            _ => {
                let kind = FailureKind::NotAFile;
                self.own.known.fail(&name_of(path), kind, at);
                return self.lose_folder(at);
            }
        };
        self.see_files(files, at)
    }

    /// A folder cannot be looked into: for a while what was in it counts.
    fn lose_folder(&mut self, at: Moment) -> Due {
        if at.is_stale(self.own.known.failing_from) {
            self.parts.clear();
        }
        Due::new()
    }

    fn see_files(&mut self, files: Due, at: Moment) -> Due {
        for part in self.parts.values_mut() {
            part.looks_missing += 1;
        }
        let mut due = Due::new();
        for (path, glance) in files {
            if self.parts.entry(path.clone()).or_default().is_due(glance) {
                due.push((path, glance));
            }
        }
        let is_there = |part: &Part| part.looks_missing < LOOKS_MISSING_MAX;
        self.parts.retain(|_, part| is_there(part));
        // What it was before it was a folder is of no account.
        self.own.known.content = None;
        match self.parts.is_empty() {
            true => self
                .own
                .known
                .fail(&name_of(self.file.path()), FailureKind::Empty, at),
            false => self.own.known.succeed(None, at),
        }
        due
    }

    fn take(&mut self, read: Read, at: Moment) {
        for (path, glance, content) in read {
            let part = match path == self.file.path() {
                true => &mut self.own,
                false => self.parts.entry(path.clone()).or_default(),
            };
            part.take(&path, glance, content, at);
        }
    }

    fn known(&self) -> impl Iterator<Item = &Known> {
        let parts = self.parts.values().map(|part| &part.known);
        parts.chain([&self.own.known])
    }

    /// What it says.
    pub(crate) fn free_busy(&self) -> FreeBusy {
        match self.parts.is_empty() {
            true => self.own.known.free_busy(),
            false => merge_all(
                self.parts
                    .values()
                    .map(|part| part.known.free_busy())
                    .collect(),
            ),
        }
    }

    /// What it marks as open.
    pub(crate) fn open_time(&self) -> OpenTime {
        let known = self.known().map(Known::open_time);
        known.fold(OpenTime::unknown(), |all, one| all.merge(&one))
    }

    pub(crate) fn failures(&self) -> impl Iterator<Item = &Failure> {
        self.known().filter_map(|known| known.failure.as_ref())
    }

    pub(crate) fn problems(&self) -> impl Iterator<Item = &SourceProblem> {
        let good = self.known().filter_map(Known::good);
        good.flat_map(|good| &good.problems)
    }
}

/// Reads files. Blocks.
fn read(file: &CalendarFile, due: Due, now: DateTime<Utc>) -> Read {
    let read = due.into_iter().map(|(path, glance)| {
        let content = file.read(&path, glance, now);
        (path, glance, content)
    });
    read.collect()
}

/// All together, two by two, so that a thousand small ones take no long time.
pub(crate) fn merge_all(mut all: Vec<FreeBusy>) -> FreeBusy {
    while all.len() > 1 {
        let pairs = all.chunks(2);
        all = pairs
            .map(|pair| match pair {
                [one, other] => one.merge(other),
                one => one[0].clone(),
            })
            .collect();
    }
    all.pop().unwrap_or_default()
}
