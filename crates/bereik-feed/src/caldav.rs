//! Calendars of CalDAV servers (RFC 4791): an account, or one calendar of it, as a [`Source`].
//!
//! # Why the requests are written here
//! libdav 0.11 is well kept and would send over any client. But it has no free-busy query, does not go on where
//! an answer is cut off (507), reads XML into a tree without bounds of its own, and brings a DNS
//! resolver that no guard stands before. The five requests are some sixty lines; the XML is read by
//! quick-xml (from 0.41 on: RUSTSEC-2026-0194, -0195), which brings memchr alone along.

mod collection;
mod discover;
mod fault;
mod server;
mod wire;
mod xml;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bereik_calendar::Reading;
use bereik_core::{Interval, OpenTime};
use tokio::time::timeout;

use self::collection::{Collection, Read};
use self::discover::{Listing, Place};
use self::fault::Fault;
use self::server::{Server, key, last_name};
use crate::http::{Client, Credentials, HttpErrorKind};
use crate::source::{Agenda, Source, SourceError};
use crate::url_guard::CheckedUrl;
use crate::watched::merge_all;

/// How long one poll may take with all its requests.
const POLL_FOR: Duration = Duration::from_secs(300);

/// What a CalDAV server is asked for first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Preference {
    /// Events, from which this side works out the time.
    Events,
    /// The time itself; events where the server does not tell it, or where the reading has marks, of which the time
    /// itself tells nothing.
    #[default]
    FreeBusy,
    /// The time itself or nothing: no text of an event is ever fetched, and no mark found.
    FreeBusyOnly,
}

/// An account of a CalDAV server, or one of its calendars. What its calendars say is merged.
///
/// # What is asked
/// | step | request | answer |
/// |---|---|---|
/// | find | PROPFIND of the address and of `/.well-known/caldav` | the principal (RFC 5397), his calendar homes (RFC 4791 6.2.1), or the calendar itself |
/// | look, at each poll | PROPFIND of the homes | the calendars, each with its sync-token or ctag; one that has neither is asked each time |
/// | read | `free-busy-query` (RFC 4791 7.10) | a VFREEBUSY over the whole window: one request, no text of events |
/// | or else | `calendar-query` over the window, `calendar-multiget` | the events, those alone whose etag is new |
/// | after that | `sync-collection` (RFC 6578) | what changed since; an expired token leads to the whole list again |
///
/// Calendars that hold no events, and those that their owner does not count (schedule-calendar-transp, RFC 6638
/// 9.1), are left out, unless they are [named](CalDav::with_calendar). Where one of several cannot be read, the
/// poll fails: half an agenda is none. Answers that a server cuts off (507) are continued, by token or in
/// halves of the window. A fault never reads as free: an answer to a free-busy query counts only if
/// it is a single VFREEBUSY over all that was asked. The lines of problems count through the texts of a
/// calendar's events, one after the other.
///
/// # When a free-busy query is enough
/// It is the least that can be asked, and what a colleague with free-busy rights alone may ask. But the server judges:
/// few tell out of office, most tell nothing of work elsewhere, many read days and floating times in UTC, and
/// none tells which events mark availability. Where that matters, ask for
/// [`Preference::Events`]: then everything that `bereik-calendar` reads counts.
///
/// # Whither it leads
/// A server writes where its calendars are. It is followed on its own scheme, host and port only, and
/// to [hosts](CalDav::with_host) that the embedder named; all of it through the
/// [`Client`] and its guard. SRV and TXT records (RFC 6764 3, 4) are not asked for: they need a
/// resolver of their own, and the guard would have to trust what it says. Name the server instead.
///
/// # Example
/// ```
/// use bereik_calendar::Reading;
/// use bereik_feed::http::{Client, Credentials};
/// use bereik_feed::{CalDav, Preference, Source as _, UrlGuard};
///
/// let client = Client::new(UrlGuard::new());
/// let url = client.guard().check("https://caldav.example.org/")?;
/// let account = CalDav::new(client, url, Reading::new())
///     .with_credentials(Credentials::basic("anna", "s3cret")?)
///     .with_preference(Preference::Events);
/// assert_eq!(account.name(), "https://caldav.example.org/…");
/// assert!(!format!("{account:?}").contains("s3cret"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct CalDav {
    name: Box<str>,
    url: CheckedUrl,
    client: Client,
    credentials: Option<Credentials>,
    hosts: Vec<String>,
    calendars: Vec<String>,
    preference: Preference,
    reading: Reading,
    place: Option<Place>,
    collections: Vec<Collection>,
    told: Option<(Interval, Agenda)>,
}

impl CalDav {
    /// The calendars behind this address: of a server, of an account, of a calendar home, or one calendar.
    /// `reading` says how their events are to be understood.
    #[must_use]
    pub fn new(client: Client, url: CheckedUrl, reading: Reading) -> Self {
        Self {
            name: url.to_string().into(),
            url,
            client,
            credentials: None,
            hosts: Vec::new(),
            calendars: Vec::new(),
            preference: Preference::default(),
            reading,
            place: None,
            collections: Vec::new(),
            told: None,
        }
    }

    /// Asks in this name.
    #[must_use]
    pub fn with_credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Reads this calendar, and no other that is not named too: by its display name, or by the last
    /// part of its address. One that is not there makes a poll fail.
    #[must_use]
    pub fn with_calendar(mut self, name: &str) -> Self {
        self.calendars.push(name.to_owned());
        self
    }

    /// Follows the server also to this host, with the credentials: `dav.example.org`, or
    /// `*.icloud.com` for every host below it.
    #[must_use]
    pub fn with_host(mut self, host: &str) -> Self {
        self.hosts.push(host.to_ascii_lowercase());
        self
    }

    /// What is asked for first; a free-busy query by default.
    #[must_use]
    pub const fn with_preference(mut self, preference: Preference) -> Self {
        self.preference = preference;
        self
    }

    /// Is called so in failures, in place of scheme and host. No secret.
    #[must_use]
    pub fn with_name(mut self, name: &str) -> Self {
        self.name = name.into();
        self
    }

    /// What all calendars say of a window together.
    async fn look(&mut self, window: Interval) -> Result<Agenda, Fault> {
        let hosts = self.hosts.clone();
        let server = Server::new(self.client.clone(), self.credentials.clone(), hosts);
        let place = match self.place.take() {
            Some(place) => place,
            None => discover::discover(&server, &self.url).await?,
        };
        let listings = match discover::list(&server, &place).await {
            Ok(listings) => self.chosen(listings, matches!(place, Place::Calendar(_)))?,
            // It may have moved: the next poll looks for it anew.
            Err(fault) if fault.is_about_place() => return Err(fault),
            Err(fault) => {
                self.place = Some(place);
                return Err(fault);
            }
        };
        self.place = Some(place);
        self.keep(&listings);
        for (collection, listing) in self.collections.iter_mut().zip(&listings) {
            let asking = (self.preference, &self.reading);
            collection.refresh(&server, listing, window, asking).await?;
        }
        self.merged().ok_or(Fault::NoCalendar)
    }

    /// Those that count, or those that were named. One whose address was given counts.
    fn chosen(&self, listings: Vec<Listing>, is_one: bool) -> Result<Vec<Listing>, Fault> {
        let counts = |listing: &Listing| {
            let answer = &listing.answer;
            is_one || !answer.is_transparent && answer.may_hold("VEVENT")
        };
        let is_called = |listing: &Listing, name: &String| {
            listing.answer.display_name.as_ref() == Some(name) || last_name(&listing.url) == *name
        };
        if self.calendars.is_empty() {
            return Ok(listings.into_iter().filter(counts).collect());
        }
        let is_there = |name: &String| listings.iter().any(|listing| is_called(listing, name));
        if !self.calendars.iter().all(is_there) {
            return Err(Fault::NoCalendar);
        }
        let is_named =
            |listing: &Listing| self.calendars.iter().any(|name| is_called(listing, name));
        Ok(listings.into_iter().filter(is_named).collect())
    }

    /// One collection for each listing, in their order: those that are known, and new ones.
    fn keep(&mut self, listings: &[Listing]) {
        let mut known = std::mem::take(&mut self.collections);
        self.collections = listings
            .iter()
            .map(|listing| {
                let key = key(&listing.url);
                let at = known.iter().position(|one| *one.key() == key);
                at.map_or_else(|| Collection::new(key), |at| known.swap_remove(at))
            })
            .collect();
    }

    fn merged(&self) -> Option<Agenda> {
        let reads = self.collections.iter().map(Collection::read);
        let reads: Vec<&Read> = reads.collect::<Option<_>>()?;
        let said: Vec<_> = reads.iter().map(|read| read.free_busy.clone()).collect();
        let problems = reads.iter().flat_map(|read| read.problems.clone());
        let open = reads.iter().map(|read| &read.open_time);
        let open = open.fold(OpenTime::unknown(), |all, one| all.merge(one));
        let agenda = || {
            Agenda::new(merge_all(said))
                .with_open_time(open)
                .with_problems(problems.collect())
        };
        (!reads.is_empty()).then(agenda)
    }
}

#[async_trait]
impl Source for CalDav {
    fn name(&self) -> &str {
        &self.name
    }

    async fn poll(&mut self, window: Interval) -> Result<Option<Agenda>, SourceError> {
        let looked = timeout(POLL_FOR, self.look(window)).await;
        let agenda = looked.unwrap_or_else(|_| Err(HttpErrorKind::TimedOut.into()))?;
        let told = Some((window, agenda));
        if self.told == told {
            return Ok(None);
        }
        self.told = told;
        Ok(self.told.clone().map(|(_, agenda)| agenda))
    }
}

impl fmt::Debug for CalDav {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CalDav")
            .field("name", &self.name)
            .field("preference", &self.preference)
            .field("collections", &self.collections.len())
            .finish_non_exhaustive()
    }
}
