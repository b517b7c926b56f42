//! Where calendars come from: files that are watched, read again and turned into updates.
//!
//! - A company's directory is a TOML file: [`read_directory`] reads it, and says in one sentence
//!   with file and line what is wrong with it; [`DirectoryWatch`] follows its changes.
//! - The calendars that it names are iCalendar files, folders of them, and web addresses:
//!   [`CalendarWatch`] reads them, reads them again when they change, and gives an [`Update`] for each
//!   person whose time changed, with a [`Failure`] for each calendar that cannot be read.
//! - Behind a web address is an `HttpFeed`, which asks an `http::Client`, which asks only what its
//!   `UrlGuard` lets pass. They come with the feature `http`, which is on by default. Whatever else has
//!   to be asked for is a [`Source`].
//!
//! A person's time is unknown where one of his calendars is, past an age that can be set, unless
//! another calendar says something stronger. Unknown is never free.
//!
//! The embedder hands updates to presence or to a switchboard:
//!
//! ```
//! use bereik_feed::{CalendarWatch, calendar_files, read_directory};
//! use std::path::Path;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = std::env::temp_dir().join(format!("bereik-feed-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # std::fs::write(folder.join("anna.ics"), "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")?;
//! # std::fs::write(folder.join("directory.toml"), "name = 'Rivers'\nzone = 'UTC'\n[[person]]\nid = 'anna'\nname = 'Anna'\ncalendars = ['anna.ics']\n")?;
//! let directory = read_directory(&folder.join("directory.toml"))?;
//! let files = calendar_files(&directory, &folder);
//! let now = || "2026-11-23T10:00:00Z".parse().expect("an instant");
//! let mut watch = CalendarWatch::new(files, now);
//! let update = watch.next().await;
//! assert_eq!(update.person.as_str(), "anna");
//! assert!(update.failures.is_empty() && update.problems.is_empty());
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok(()) }
//! ```

#[cfg(feature = "caldav")]
mod caldav;
mod change;
mod directory_file;
mod file;
mod folder;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "http")]
mod http_feed;
mod locate;
mod pace;
mod people;
mod remote;
mod source;
mod update;
#[cfg(feature = "http")]
mod url_guard;
mod watch;
mod watched;

#[cfg(feature = "caldav")]
pub use caldav::{CalDav, Preference};
pub use directory_file::{
    DirectoryFileError, DirectoryFileErrorKind, DirectoryWatch, read_directory,
};
pub use file::{CalendarFile, calendar_files, marks_of};
#[cfg(feature = "http")]
pub use http_feed::HttpFeed;
pub use pace::Pace;
pub use source::{Agenda, Source, SourceError};
pub use update::{Failure, FailureKind, SourceProblem, Update};
#[cfg(feature = "http")]
pub use url_guard::{CheckedUrl, Network, NetworkError, UrlError, UrlErrorKind, UrlGuard};
pub use watch::{CalendarWatch, read_calendars};
