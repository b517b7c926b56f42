//! Calendar files that are read again when they change, and what a person's calendars say
//! together.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use bereik_core::{FreeBusy, PersonId};
use chrono::{DateTime, NaiveDate, Utc};
use tokio::task::spawn_blocking;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::change::{Change, Glance, POLL};
use crate::file::{CalendarFile, Content};
use crate::update::{Failure, FailureKind, Update};

/// For how many looks the last good reading of a file that cannot be read any more still counts:
/// 30 seconds.
const LOOKS_WITHOUT_MAX: u32 = 60;

/// Reads calendar files, and reads them again when they change.
///
/// - Every half second each file's length, time of change and inode are looked at. A file that
///   changed is read as soon as it looks the same twice in a row, or at the third look if it goes on
///   changing; so a change is told within about a second.
/// - What is read lies between yesterday and sixty days ahead, by days of UTC. On another day of
///   the clock that is handed in everything is read anew.
/// - The calendars of a person are merged; where one of them is not known, the person's time is not.
/// - A file that cannot be read is told at once. For 30 seconds its last good reading still
///   counts, for programs that write a file by deleting it first; then its time is unknown. One that could
///   never be read is unknown from the start.
/// - Of a file beyond 64 MiB nothing is read.
pub struct CalendarWatch {
    people: Vec<Calendars>,
    ready: VecDeque<Update>,
    looks: Option<Interval>,
    day: Option<NaiveDate>,
    now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
}

/// Reads calendar files once: an update for each person, in the order in which they first come.
///
/// Blocks while it reads. The window and the limits are those of [`CalendarWatch`].
#[must_use]
pub fn read_calendars(files: &[CalendarFile], now: DateTime<Utc>) -> Vec<Update> {
    let mut people = by_person(files.to_vec());
    let all = people.iter_mut();
    all.filter_map(|calendars| {
        for watched in &mut calendars.files {
            let glance = Glance::at(watched.file.path());
            let content = watched.file.read(glance, now);
            watched.take(glance, content);
        }
        calendars.update(now)
    })
    .collect()
}

impl CalendarWatch {
    /// Watches these files, with this clock for the window; [`next`](Self::next) does the reading.
    #[must_use]
    pub fn new(
        files: Vec<CalendarFile>,
        now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
    ) -> Self {
        Self {
            people: by_person(files),
            ready: VecDeque::new(),
            looks: None,
            day: None,
            now: Arc::new(now),
        }
    }

    /// Watches other files from now on, as after a change of the directory. What they say is told
    /// anew; of a person who has no file any more it is told that nothing is known of his time.
    pub fn replace(&mut self, files: Vec<CalendarFile>) {
        let before = std::mem::replace(&mut self.people, by_person(files));
        let as_of = (self.now)();
        let is_left = |person: &PersonId| self.people.iter().any(|c| c.person == *person);
        let gone = before.into_iter().filter(|c| !is_left(&c.person));
        self.ready = gone.map(|c| Update::of_nothing(c.person, as_of)).collect();
    }

    /// The next update: at first one for each person, then one whenever what is known of him, or
    /// what is wrong with his files, changes.
    ///
    /// Waits for ever where nothing changes. A future that is dropped loses no update. Needs a tokio
    /// runtime with its timer.
    pub async fn next(&mut self) -> Update {
        loop {
            if let Some(update) = self.ready.pop_front() {
                return update;
            }
            self.next_look().await;
            self.look().await;
        }
    }

    async fn next_look(&mut self) {
        let looks = self.looks.get_or_insert_with(|| {
            let mut looks = interval(POLL);
            looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            looks
        });
        looks.tick().await;
    }

    /// Looks at every file once, and reads those that are due.
    async fn look(&mut self) {
        let now = (self.now)();
        let is_new_day = self.day.replace(now.date_naive()) != Some(now.date_naive());
        if is_new_day {
            let files = self.people.iter_mut().flat_map(|c| &mut c.files);
            files.for_each(|watched| watched.change = Change::default());
        }
        for calendars in &mut self.people {
            for watched in &mut calendars.files {
                watched.look(now).await;
            }
            self.ready.extend(calendars.update(now));
        }
    }
}

impl fmt::Debug for CalendarWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CalendarWatch")
            .field("people", &self.people.len())
            .field("ready", &self.ready.len())
            .finish_non_exhaustive()
    }
}

/// All calendars of a person.
#[derive(Debug)]
struct Calendars {
    person: PersonId,
    files: Vec<Watched>,
    /// What was told last.
    told: Option<Update>,
}

fn by_person(files: Vec<CalendarFile>) -> Vec<Calendars> {
    let mut people: Vec<Calendars> = Vec::new();
    for file in files {
        let watched = Watched::new(file);
        let of = |c: &&mut Calendars| c.person == *watched.file.person();
        match people.iter_mut().find(of) {
            Some(calendars) => calendars.files.push(watched),
            None => people.push(Calendars {
                person: watched.file.person().clone(),
                files: vec![watched],
                told: None,
            }),
        }
    }
    people
}

impl Calendars {
    /// What they say together, if that is not what was told last.
    fn update(&mut self, as_of: DateTime<Utc>) -> Option<Update> {
        let said = self.files.iter().map(Watched::free_busy);
        let good = || {
            self.files
                .iter()
                .filter_map(|watched| watched.good.as_ref())
        };
        let update = Update {
            person: self.person.clone(),
            free_busy: said.reduce(|all, one| all.merge(&one)).unwrap_or_default(),
            failures: self
                .files
                .iter()
                .filter_map(|w| w.failure.clone())
                .collect(),
            problems: good()
                .flat_map(|content| content.problems.clone())
                .collect(),
            as_of,
        };
        let is_told = self.told.as_ref().is_some_and(|told| {
            told.free_busy == update.free_busy
                && told.failures == update.failures
                && told.problems == update.problems
        });
        if is_told {
            return None;
        }
        self.told = Some(update.clone());
        Some(update)
    }
}

/// One file, and what is known of it.
#[derive(Debug)]
struct Watched {
    file: Arc<CalendarFile>,
    change: Change,
    /// The last good reading, while it counts.
    good: Option<Content>,
    failure: Option<Failure>,
    looks_without: u32,
}

impl Watched {
    fn new(file: CalendarFile) -> Self {
        Self {
            file: Arc::new(file),
            change: Change::default(),
            good: None,
            failure: None,
            looks_without: 0,
        }
    }

    fn free_busy(&self) -> FreeBusy {
        let good = self.good.as_ref();
        good.map_or_else(FreeBusy::unknown, |content| content.free_busy.clone())
    }

    async fn look(&mut self, now: DateTime<Utc>) {
        let file = self.file.clone();
        let glance = spawn_blocking(move || Glance::at(file.path())).await;
        let glance = glance.unwrap_or(Glance::None(std::io::ErrorKind::Other));
        // Whether a file can be opened at last does not show at a glance.
        let is_due = self.change.is_due(glance) || self.failure.is_some();
        if !is_due {
            return;
        }
        let file = self.file.clone();
        let content = spawn_blocking(move || file.read(glance, now)).await;
        let lost = |_| Err(Failure::new(self.file.path(), FailureKind::Unreadable));
        let content = content.unwrap_or_else(lost);
        self.take(glance, content);
    }

    fn take(&mut self, glance: Glance, content: Result<Content, Failure>) {
        self.change.was_read(glance);
        match content {
            Ok(content) => {
                self.good = Some(content);
                self.failure = None;
                self.looks_without = 0;
            }
            Err(failure) => {
                self.failure = Some(failure);
                self.looks_without += 1;
                if self.looks_without > LOOKS_WITHOUT_MAX {
                    self.good = None;
                }
            }
        }
    }
}
