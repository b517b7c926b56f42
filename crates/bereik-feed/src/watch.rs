//! Calendars that are read again when they change, and what a person's calendars say together.

use std::collections::VecDeque;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bereik_calendar::Reading;
use bereik_core::PersonId;
use chrono::{DateTime, NaiveDate, Utc};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

use crate::change::POLL;
use crate::file::{CalendarFile, name_of, window};
use crate::folder::list;
#[cfg(feature = "http")]
use crate::http::Client;
use crate::pace::Pace;
use crate::people::People;
use crate::remote::Polls;
use crate::source::Source;
use crate::update::{Failure, Update};
use crate::watched::Moment;

/// For how long the last good reading of a file that cannot be read any more still counts.
const FILE_STALE_AFTER: Duration = Duration::from_secs(30);
/// For how long the last good answer of a source still counts.
const SOURCE_STALE_AFTER: Duration = Duration::from_secs(3600);

/// Reads calendars, and reads them again when they change.
///
/// - Every half second each file's length, time of change and inode are looked at, and which files a
///   folder holds. A file that changed is read as soon as it looks the same twice in a row, or at the
///   third look if it goes on changing; so a change is told within about a second.
/// - What is read lies between yesterday and sixty days ahead, by days of UTC. On another day of
///   the clock that is handed in every file is read anew.
/// - Web addresses, and sources that were [added](Self::add_source), are asked at their [`Pace`], at
///   most 16 at the same time, beside the files: a slow server holds up nobody.
/// - The calendars of a person are merged; where one of them is not known, the person's time is not,
///   unless another says something stronger: busy, or out of office. A person is told when each of his
///   calendars has been read, or could not be.
/// - What cannot be read is told at once. For a while its last good reading still counts: 30 seconds
///   of a file, for programs that write a file by deleting it first, and an hour of a source. Then its
///   time is unknown. One that could never be read is unknown from the start.
/// - Of a file beyond 64 MiB nothing is read.
pub struct CalendarWatch {
    people: People,
    folders: Vec<PeopleFolder>,
    polls: Polls,
    ready: VecDeque<Update>,
    looks: Option<Interval>,
    day: Option<NaiveDate>,
    now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    file_stale_after: Duration,
    source_stale_after: Duration,
}

/// Reads calendars on disk once: an update for each person, in the order in which they first come.
///
/// Blocks while it reads. The window and the limits are those of [`CalendarWatch`].
#[must_use]
pub fn read_calendars(files: &[CalendarFile], now: DateTime<Utc>) -> Vec<Update> {
    let mut people = People::default();
    people.list(files.to_vec());
    let at = Moment {
        tick: None,
        now,
        stale_after: FILE_STALE_AFTER,
    };
    let read = people.iter_mut().filter_map(|calendars| {
        calendars.files.iter_mut().for_each(|file| file.read(at));
        calendars.update(now)
    });
    read.collect()
}

impl CalendarWatch {
    /// Watches these files, with this clock for the window; [`next`](Self::next) does the reading.
    #[must_use]
    pub fn new(
        files: Vec<CalendarFile>,
        now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
    ) -> Self {
        let mut people = People::default();
        people.list(files);
        Self {
            people,
            folders: Vec::new(),
            polls: Polls::default(),
            ready: VecDeque::new(),
            looks: None,
            day: None,
            now: Arc::new(now),
            file_stale_after: FILE_STALE_AFTER,
            source_stale_after: SOURCE_STALE_AFTER,
        }
    }

    /// Reads web addresses among the files over this client, each at this pace; without it they are
    /// failures. One that needs credentials is an [`HttpFeed`](crate::HttpFeed) to
    /// [add](Self::add_source).
    #[cfg(feature = "http")]
    #[must_use]
    pub fn with_http(mut self, client: Client, pace: Pace) -> Self {
        self.people.read_addresses(client, pace);
        self
    }

    /// Watches a folder with a file for each person besides: `anna.ics` is a calendar of the person
    /// `anna`. A file that comes later counts from then on; one that goes is a failure of its person. A
    /// file whose name is no id is left alone. Blocks while it looks.
    ///
    /// # Errors
    /// When the folder cannot be looked into.
    pub fn with_people_folder(
        mut self,
        folder: impl Into<PathBuf>,
        reading: impl Fn(&PersonId) -> Reading + Send + Sync + 'static,
    ) -> Result<Self, Failure> {
        let (path, reading) = (folder.into(), Box::new(reading));
        let now = (self.now)();
        let failed = |kind| Failure::new(name_of(&path), kind, now, None);
        let files = list(&path).map_err(failed)?;
        let folder = PeopleFolder { path, reading };
        self.people.add_files(by_name(files), &folder.reading);
        self.folders.push(folder);
        Ok(self)
    }

    /// For how long the last good reading of a file counts that cannot be read any more: 30 seconds
    /// unless it is set.
    #[must_use]
    pub const fn with_file_stale_after(mut self, time: Duration) -> Self {
        self.file_stale_after = time;
        self
    }

    /// How old the last good answer of a web address or another source may be: an hour unless it is
    /// set. Past that age its time is unknown. It is asked at least twice in this time.
    #[must_use]
    pub const fn with_source_stale_after(mut self, time: Duration) -> Self {
        self.source_stale_after = time;
        self
    }

    /// Asks this source for a calendar of this person too.
    pub fn add_source(&mut self, person: PersonId, source: Box<dyn Source>, pace: Pace) {
        self.people.add_source(person, source, pace);
    }

    /// Asks no more of the sources that were added for this person. A person of whom nothing is left
    /// is told as unknown.
    pub fn remove_sources(&mut self, person: &PersonId) {
        self.people.remove_sources(person);
        self.tell_gone();
    }

    /// Watches other files from now on, as after a change of the directory; sources that were added and
    /// folders of people stay. What they say is told anew; of a person who has no calendar any more it
    /// is told that nothing is known of his time.
    pub fn replace(&mut self, files: Vec<CalendarFile>) {
        self.people.unlist();
        self.people.list(files);
        self.ready.clear();
        self.tell_gone();
    }

    fn tell_gone(&mut self) {
        let as_of = (self.now)();
        let gone = self.people.drain_gone().into_iter();
        self.ready
            .extend(gone.map(|person| Update::of_nothing(person, as_of)));
    }

    /// The next update: at first one for each person, then one whenever what is known of him, or
    /// what is wrong with his calendars, changes.
    ///
    /// Waits for ever where nothing changes. A future that is dropped loses no update. Needs a tokio
    /// runtime with its timer, and with its I/O for web addresses.
    pub async fn next(&mut self) -> Update {
        loop {
            if let Some(update) = self.ready.pop_front() {
                return update;
            }
            let tick = self.next_look().await;
            self.look(tick).await;
        }
    }

    async fn next_look(&mut self) -> Instant {
        let looks = self.looks.get_or_insert_with(|| {
            let mut looks = interval(POLL);
            looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            looks
        });
        looks.tick().await
    }

    /// Looks at every file once, reads those that are due, and asks the sources that are.
    async fn look(&mut self, tick: Instant) {
        let now = (self.now)();
        let is_new_day = self.day.replace(now.date_naive()) != Some(now.date_naive());
        if is_new_day {
            let files = self.people.iter_mut().flat_map(|c| &mut c.files);
            files.for_each(|watched| watched.forget_looks());
        }
        for folder in &self.folders {
            let path = folder.path.clone();
            // While it cannot be looked into, each of its files says so.
            if let Ok(Ok(files)) = spawn_blocking(move || list(&path)).await {
                self.people.add_files(by_name(files), &folder.reading);
            }
        }
        let moment = |stale_after| Moment {
            tick: Some(tick),
            now,
            stale_after,
        };
        let (of_files, of_sources) = (
            moment(self.file_stale_after),
            moment(self.source_stale_after),
        );
        self.people.collect(&mut self.polls, of_sources);
        for calendars in self.people.iter_mut() {
            for watched in &mut calendars.files {
                calendars.is_changed |= watched.look(of_files).await;
            }
            for remote in &mut calendars.remotes {
                calendars.is_changed |= remote.expire(of_sources);
                if let Some(window) = window(now) {
                    self.polls.ask(remote, window, tick);
                }
            }
            self.ready.extend(calendars.update_if_changed(now));
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

/// A folder with a file for each person.
struct PeopleFolder {
    path: PathBuf,
    reading: Box<dyn Fn(&PersonId) -> Reading + Send + Sync>,
}

/// The person whose id each file has for its name.
fn by_name(files: Vec<PathBuf>) -> Vec<(PersonId, PathBuf)> {
    let of_person = |path: PathBuf| {
        let person = path.file_stem()?.to_str()?.parse().ok()?;
        Some((person, path))
    };
    files.into_iter().filter_map(of_person).collect()
}
