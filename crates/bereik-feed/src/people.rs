//! Whose calendars are watched, and what was told of them last.

use std::collections::HashMap;
use std::path::PathBuf;

use bereik_calendar::Reading;
use bereik_core::{OpenTime, PersonId};
use chrono::{DateTime, Utc};

use crate::file::CalendarFile;
#[cfg(feature = "http")]
use crate::file::is_url;
#[cfg(feature = "http")]
use crate::http::Client;
#[cfg(feature = "http")]
use crate::http_feed::HttpFeed;
use crate::pace::Pace;
use crate::remote::{Polls, Remote};
use crate::source::Source;
use crate::update::Update;
use crate::watched::{Moment, Watched, merge_all};

/// All people with calendars, in the order in which they first came.
#[derive(Debug, Default)]
pub(crate) struct People {
    people: Vec<Calendars>,
    /// Where each stands.
    places: HashMap<PersonId, usize>,
    #[cfg(feature = "http")]
    http: Option<(Client, Pace)>,
    /// How many sources there have been.
    sources: u64,
}

impl People {
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Calendars> {
        self.people.iter_mut()
    }

    pub(crate) fn len(&self) -> usize {
        self.people.len()
    }

    fn of(&mut self, person: &PersonId) -> &mut Calendars {
        let place = self.places.get(person).copied();
        let place = place.unwrap_or_else(|| {
            self.places.insert(person.clone(), self.people.len());
            self.people.push(Calendars::new(person.clone()));
            self.people.len() - 1
        });
        &mut self.people[place]
    }

    /// Takes in the calendars of a directory.
    pub(crate) fn list(&mut self, files: Vec<CalendarFile>) {
        for file in files {
            #[cfg(feature = "http")]
            let Some(file) = self.as_file(file) else {
                continue;
            };
            let person = file.person().clone();
            let mut watched = Watched::new(file);
            watched.is_listed = true;
            self.of(&person).files.push(watched);
        }
    }

    /// The file, unless it is a web address that is asked from now on.
    #[cfg(feature = "http")]
    fn as_file(&mut self, file: CalendarFile) -> Option<CalendarFile> {
        let address = file.path().to_str().filter(|text| is_url(text));
        let (Some((client, pace)), Some(address)) = (&self.http, address) else {
            return Some(file);
        };
        let (pace, reading) = (*pace, file.reading().clone());
        let feed = HttpFeed::of_text(client.clone(), address, reading);
        self.add(file.person().clone(), Box::new(feed), pace, true);
        None
    }

    /// Asks web addresses from now on, also those that were listed before.
    #[cfg(feature = "http")]
    pub(crate) fn read_addresses(&mut self, client: Client, pace: Pace) {
        self.http = Some((client, pace));
        let mut addresses = Vec::new();
        for calendars in &mut self.people {
            let is_address = |w: &mut Watched| w.file.path().to_str().is_some_and(is_url);
            addresses.extend(calendars.files.extract_if(.., is_address));
        }
        self.list(addresses.iter().map(|w| (*w.file).clone()).collect());
    }

    /// Forgets the calendars of the directory, and what was told.
    pub(crate) fn unlist(&mut self) {
        for calendars in &mut self.people {
            calendars.files.retain(|file| !file.is_listed);
            calendars.remotes.retain(|remote| !remote.is_listed);
            calendars.told = None;
            calendars.is_changed = true;
        }
    }

    /// Takes in the files that are new, to be understood as `reading` says, and leaves those that are known.
    pub(crate) fn add_files(
        &mut self,
        files: Vec<(PersonId, PathBuf)>,
        reading: impl Fn(&PersonId) -> Reading,
    ) {
        for (person, path) in files {
            let calendars = self.of(&person);
            let mut known = calendars.files.iter();
            if !known.any(|watched| watched.file.path() == path) {
                let reading = reading(&person);
                let file = CalendarFile::new(person, path, reading);
                calendars.files.push(Watched::new(file));
                calendars.is_changed = true;
            }
        }
    }

    pub(crate) fn add_source(&mut self, person: PersonId, source: Box<dyn Source>, pace: Pace) {
        self.add(person, source, pace, false);
    }

    fn add(&mut self, person: PersonId, source: Box<dyn Source>, pace: Pace, is_listed: bool) {
        self.sources += 1;
        let remote = Remote::new(self.sources, &person, source, pace, is_listed);
        self.of(&person).remotes.push(remote);
    }

    pub(crate) fn remove_sources(&mut self, person: &PersonId) {
        if let Some(place) = self.places.get(person) {
            let calendars = &mut self.people[*place];
            calendars.remotes.retain(|remote| remote.is_listed);
            calendars.is_changed = true;
        }
    }

    /// Takes out the people who have no calendar any more.
    pub(crate) fn drain_gone(&mut self) -> Vec<PersonId> {
        let is_gone = |c: &mut Calendars| c.files.is_empty() && c.remotes.is_empty();
        let gone = self.people.extract_if(.., is_gone);
        let gone = gone.map(|calendars| calendars.person).collect();
        let left = self.people.iter().enumerate();
        self.places = left.map(|(place, c)| (c.person.clone(), place)).collect();
        gone
    }

    /// Takes in the answers that have come.
    pub(crate) fn collect(&mut self, polls: &mut Polls, at: Moment) {
        polls.collect(|person, id, answer| {
            // It may have been removed since it was asked.
            let place = self.places.get(&person).copied();
            let calendars = place.map(|place| &mut self.people[place]);
            let Some(calendars) = calendars else { return };
            let mut remotes = calendars.remotes.iter_mut();
            if let Some(remote) = remotes.find(|remote| remote.id() == id) {
                calendars.is_changed = true;
                remote.take_back(answer, at);
            }
        });
    }
}

/// All calendars of a person.
#[derive(Debug)]
pub(crate) struct Calendars {
    person: PersonId,
    pub(crate) files: Vec<Watched>,
    pub(crate) remotes: Vec<Remote>,
    /// Whether anything may be otherwise than it was told.
    pub(crate) is_changed: bool,
    /// What was told last.
    told: Option<Update>,
}

impl Calendars {
    fn new(person: PersonId) -> Self {
        Self {
            person,
            files: Vec::new(),
            remotes: Vec::new(),
            is_changed: true,
            told: None,
        }
    }

    /// What they say together, once each has said something, if it may be new.
    pub(crate) fn update_if_changed(&mut self, as_of: DateTime<Utc>) -> Option<Update> {
        let is_whole = self.remotes.iter().all(|remote| remote.has_answered);
        match is_whole && std::mem::take(&mut self.is_changed) {
            true => self.update(as_of),
            false => None,
        }
    }

    /// What they say together, if that is not what was told last.
    pub(crate) fn update(&mut self, as_of: DateTime<Utc>) -> Option<Update> {
        let of_files = self.files.iter().map(Watched::free_busy);
        let of_remotes = self.remotes.iter().map(|remote| remote.known.free_busy());
        let open = self.files.iter().map(Watched::open_time);
        let open = open.chain(self.remotes.iter().map(|remote| remote.known.open_time()));
        let good = self.remotes.iter().filter_map(|r| r.known.good());
        let failures = self.files.iter().flat_map(Watched::failures);
        let failed = self.remotes.iter().filter_map(|r| r.known.failure.as_ref());
        let problems = self.files.iter().flat_map(Watched::problems);
        let update = Update {
            person: self.person.clone(),
            free_busy: merge_all(of_files.chain(of_remotes).collect()),
            open_time: open.fold(OpenTime::unknown(), |all, one| all.merge(&one)),
            failures: failures.chain(failed).cloned().collect(),
            problems: problems
                .chain(good.flat_map(|g| &g.problems))
                .cloned()
                .collect(),
            as_of,
        };
        let is_told = self.told.as_ref().is_some_and(|told| {
            told.free_busy == update.free_busy
                && told.open_time == update.open_time
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
