//! A calendar on disk, a file or a folder of them: whose it is, how it is to be understood, and what
//! it says.

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bereik_calendar::{Marks, Reading};
use bereik_core::address::AddressKind;
use bereik_core::directory::Directory;
use bereik_core::{FreeBusy, Interval, OpenTime, PersonId};
use chrono::{DateTime, Days, NaiveTime, Utc};

use crate::change::Glance;
use crate::source::Agenda;
use crate::update::{FailureKind, SourceProblem};

/// The longest calendar that is read, in bytes.
const BYTES_MAX: u64 = 64 << 20;
/// From how many days back, and to how many days ahead, calendars are read.
const DAYS_BACK: u64 = 1;
const DAYS_AHEAD: u64 = 60;

/// A calendar file of a person, or a folder of them, and how it is to be understood.
///
/// Of a folder every file counts whose name ends in `.ics`, not those of folders in it; together they
/// are one calendar, as other programs keep it with a file for each event. A web address in place of
/// a path is read by a [`CalendarWatch`](crate::CalendarWatch) that was given an HTTP client.
///
/// ```
/// use bereik_calendar::Reading;
/// use bereik_feed::CalendarFile;
/// let reading = Reading::new().with_owner("anna@example.org");
/// let file = CalendarFile::new("anna".parse()?, "agendas/anna.ics", reading);
/// assert_eq!(file.person().as_str(), "anna");
/// # Ok::<(), bereik_core::id::IdError>(())
/// ```
#[derive(Clone)]
pub struct CalendarFile {
    person: PersonId,
    path: PathBuf,
    reading: Reading,
}

/// Every calendar that a directory names, relative paths taken from `base`: in the order of the
/// directory, each read in its person's zone, with his addresses and the directory's marks.
#[must_use]
pub fn calendar_files(directory: &Directory, base: &Path) -> Vec<CalendarFile> {
    let mut files = Vec::new();
    let marks = marks_of(directory);
    for person in directory.people() {
        let zone = directory.zone_of(person).clone();
        let mails = person
            .addresses
            .iter()
            .filter(|a| a.kind() == AddressKind::Email);
        let reading = Reading::new().with_zone(zone).with_marks(marks.clone());
        let reading = mails.fold(reading, |reading, address| {
            reading.with_owner(address.value())
        });
        for calendar in &person.calendars {
            let path = match is_url(calendar) {
                true => PathBuf::from(calendar),
                false => base.join(calendar),
            };
            files.push(CalendarFile::new(person.id.clone(), path, reading.clone()));
        }
    }
    files
}

/// By what a directory's people say in their calendars that they are available: what each
/// [`Reading`] of [`calendar_files`] has, for calendars that an embedder adds himself.
#[must_use]
pub fn marks_of(directory: &Directory) -> Marks {
    let rows = directory.draft().marks.iter();
    rows.fold(Marks::new(), |marks, mark| {
        let marks = match &mark.category {
            Some(category) => marks.with_category(category, &mark.channels),
            None => marks,
        };
        match &mark.title {
            Some(title) => marks.with_title(title, &mark.channels),
            None => marks,
        }
    })
}

pub(crate) fn is_url(text: &str) -> bool {
    let schemes = ["http://", "https://", "webcal://", "webcals://"];
    let starts = |scheme: &&str| {
        let head = text.get(..scheme.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(scheme))
    };
    schemes.iter().any(starts)
}

/// What a calendar says, and what is wrong in it.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) free_busy: FreeBusy,
    pub(crate) open_time: OpenTime,
    pub(crate) problems: Vec<SourceProblem>,
}

impl Content {
    pub(crate) fn new(agenda: Agenda, source_name: &Arc<str>) -> Self {
        let problems = agenda.problems.into_iter();
        let of_source = |problem| SourceProblem::new(source_name.clone(), problem);
        Self {
            free_busy: agenda.free_busy,
            open_time: agenda.open_time,
            problems: problems.map(of_source).collect(),
        }
    }
}

impl CalendarFile {
    /// A calendar file of this person.
    #[must_use]
    pub fn new(person: PersonId, path: impl Into<PathBuf>, reading: Reading) -> Self {
        let path = path.into();
        Self {
            person,
            path,
            reading,
        }
    }

    /// Whose calendar it is.
    #[must_use]
    pub const fn person(&self) -> &PersonId {
        &self.person
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How it is to be understood.
    #[cfg(feature = "http")]
    pub(crate) const fn reading(&self) -> &Reading {
        &self.reading
    }

    /// Reads one of its files over the window around `now`. Blocks.
    pub(crate) fn read(
        &self,
        path: &Path,
        glance: Glance,
        now: DateTime<Utc>,
    ) -> Result<Content, FailureKind> {
        let bytes = read_file(path, glance, BYTES_MAX)?;
        // Past the end of the calendar nothing is known.
        let agenda = match window(now) {
            Some(window) => Agenda::read(&bytes, window, &self.reading),
            None => Agenda::new(FreeBusy::unknown()),
        };
        Ok(Content::new(agenda, &name_of(path)))
    }
}

impl fmt::Debug for CalendarFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CalendarFile")
            .field("person", &self.person)
            .field("path", &name_of(&self.path))
            .finish_non_exhaustive()
    }
}

/// What a path is called in failures and problems. Many a web address is a secret from its path on, or
/// has one before its host; so has one that is mistaken for a path, for its scheme or a blank before it.
pub(crate) fn name_of(path: &Path) -> Arc<str> {
    let name = path.to_string_lossy();
    let Some((scheme, rest)) = name.split_once("://") else {
        return name.into();
    };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    // What is no port may be a password with a slash in it, or worse.
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let host = match host.rsplit_once(':') {
        Some((_, port)) if !is_port(port) && !host.ends_with(']') => "",
        _ => host,
    };
    format!("{scheme}://{host}/…").into()
}

/// The bytes of a file that was looked at, if there are no more than `bytes_max`. Blocks.
pub(crate) fn read_file(
    path: &Path,
    glance: Glance,
    bytes_max: u64,
) -> Result<Vec<u8>, FailureKind> {
    match glance {
        _ if path.to_str().is_some_and(is_url) => return Err(FailureKind::Url),
        Glance::File(stamp) if stamp.bytes > bytes_max => return Err(FailureKind::TooLong),
        Glance::File(_) => {}
        Glance::None(kind) => return Err(kind.into()),
        Glance::Folder | Glance::Other => return Err(FailureKind::NotAFile),
    }
    let failed = |error: std::io::Error| FailureKind::from(error.kind());
    let mut bytes = Vec::new();
    // It may have grown since it was looked at.
    let mut file = File::open(path).map_err(failed)?.take(bytes_max + 1);
    file.read_to_end(&mut bytes).map_err(failed)?;
    match u64::try_from(bytes.len()) {
        Ok(read) if read <= bytes_max => Ok(bytes),
        _ => Err(FailureKind::TooLong),
    }
}

/// From yesterday to sixty days ahead, by days of UTC; the same all day long.
pub(crate) fn window(now: DateTime<Utc>) -> Option<Interval> {
    let today = now.date_naive();
    let midnight = |date: chrono::NaiveDate| date.and_time(NaiveTime::MIN).and_utc();
    Interval::new(
        midnight(today.checked_sub_days(Days::new(DAYS_BACK))?),
        midnight(today.checked_add_days(Days::new(DAYS_AHEAD))?),
    )
}
