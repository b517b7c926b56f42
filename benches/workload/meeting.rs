//! A meeting, before any producer writes it down, and the components that it becomes.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::cadence::Cadence;
use super::wall::Place;

/// One UID of a calendar.
pub(crate) struct Meeting {
    /// What its UID is made of.
    pub(crate) serial: u64,
    pub(crate) place: Place,
    pub(crate) time: Time,
    pub(crate) series: Option<Series>,
    pub(crate) standing: Standing,
    pub(crate) guests: Option<Guests>,
    pub(crate) title: String,
    pub(crate) room: &'static str,
    pub(crate) prose: String,
    pub(crate) has_alarm: bool,
    pub(crate) created: NaiveDateTime,
}

/// When something is, on the wall.
#[derive(Clone, Copy)]
pub(crate) enum Time {
    /// From a time, for so many minutes.
    Clock(NaiveDateTime, i64),
    /// Whole days: the first, and how many.
    Days(NaiveDate, u64),
}

/// How it comes back.
pub(crate) struct Series {
    pub(crate) cadence: Cadence,
    pub(crate) end: SeriesEnd,
    /// Dates that fall out.
    pub(crate) except: Vec<NaiveDate>,
    pub(crate) moved: Vec<Moved>,
}

/// Until when it comes back.
#[derive(Clone, Copy)]
pub(crate) enum SeriesEnd {
    Never,
    Count(usize),
    /// The date of the last one.
    Until(NaiveDate),
}

/// One instance that stands elsewhere, or is called off.
pub(crate) struct Moved {
    pub(crate) from: NaiveDate,
    pub(crate) to: Time,
    pub(crate) standing: Standing,
}

/// What it says of its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Busy,
    Cancelled,
    Elsewhere,
    OutOfOffice,
    Tentative,
    Transparent,
}

/// Who is there.
pub(crate) struct Guests {
    /// By number; `None` is the owner.
    pub(crate) organizer: Option<usize>,
    pub(crate) others: Vec<usize>,
    pub(crate) answer: Answer,
}

/// What the owner answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Accepted,
    Declined,
    NeedsAction,
    Tentative,
}

impl Answer {
    pub(crate) fn partstat(self) -> &'static str {
        match self {
            Self::Accepted => "ACCEPTED",
            Self::Declined => "DECLINED",
            Self::NeedsAction => "NEEDS-ACTION",
            Self::Tentative => "TENTATIVE",
        }
    }
}

impl Time {
    pub(crate) fn date(self) -> NaiveDate {
        match self {
            Self::Clock(start, _) => start.date(),
            Self::Days(start, _) => start,
        }
    }

    /// The wall's time, midnight for whole days.
    pub(crate) fn of_day(self) -> NaiveTime {
        match self {
            Self::Clock(start, _) => start.time(),
            Self::Days(..) => NaiveTime::MIN,
        }
    }

    /// The same on another day.
    pub(crate) fn on(self, date: NaiveDate) -> Self {
        match self {
            Self::Clock(start, minutes) => Self::Clock(date.and_time(start.time()), minutes),
            Self::Days(_, days) => Self::Days(date, days),
        }
    }
}

/// One VEVENT.
pub(crate) struct Event<'a> {
    pub(crate) meeting: &'a Meeting,
    pub(crate) time: Time,
    pub(crate) standing: Standing,
    /// Which instance it replaces.
    pub(crate) replaces: Option<NaiveDate>,
}

impl Event<'_> {
    /// The series, where this event is its master.
    pub(crate) fn series(&self) -> Option<&Series> {
        match self.replaces {
            None => self.meeting.series.as_ref(),
            Some(_) => None,
        }
    }

    /// The first instant after it, on the wall.
    pub(crate) fn end(&self) -> NaiveDateTime {
        match self.time {
            Time::Clock(start, minutes) => start + TimeDelta::minutes(minutes),
            Time::Days(start, days) => (start + Days::new(days)).and_time(NaiveTime::MIN),
        }
    }

    pub(crate) fn is_all_day(&self) -> bool {
        matches!(self.time, Time::Days(..))
    }
}

impl Meeting {
    /// Its master and its moved instances.
    pub(crate) fn events(&self) -> impl Iterator<Item = Event<'_>> {
        let master = Event {
            meeting: self,
            time: self.time,
            standing: self.standing,
            replaces: None,
        };
        let moved = self.series.iter().flat_map(|series| &series.moved);
        std::iter::once(master).chain(moved.map(|moved| Event {
            meeting: self,
            time: moved.to,
            standing: moved.standing,
            replaces: Some(moved.from),
        }))
    }

    /// The instant on the wall at which an instance of this date would begin.
    pub(crate) fn wall_on(&self, date: NaiveDate) -> NaiveDateTime {
        date.and_time(self.time.of_day())
    }
}
