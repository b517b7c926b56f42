//! Reads RFC 5545 calendars, bounded and exact, into free/busy time.
//!
//! [`read`] takes the bytes of an `.ics` file and gives a [`Calendar`]: compiled components
//! without their text. A calendar answers questions about a window of time, as often as asked:
//!
//! | question | answer |
//! |---|---|
//! | [`Calendar::free_busy`] | when its owner is free, elsewhere, tentative, busy, absent or unknown |
//! | [`Calendar::explain`] | the same, stretch by stretch, with the components that made it so |
//! | [`Calendar::occurrences`] | which event takes which time |
//! | [`Calendar::hours`] | which weekly hours its availabilities say |
//! | [`Calendar::holidays`] | which dates its events cover whole |
//! | [`Calendar::open_time`] | when its owner says that he is available, and over which channels ([`read_marked`]) |
//! | [`RosterCalendar::shifts`] | who serves when, of a calendar in which each event names a person ([`read_shifts`]) |
//!
//! None of them fails: what could not be read is a [`Problem`] with its line, and the time that it may have covered
//! is unknown, never free. [`write_free_busy`] goes the other way.
//!
//! # The walk
//! ```text
//! bytes ──lines──▶ content lines     folds are joined, text is dropped unread
//!       ─assemble▶ components        a flat stack, no recursion
//!       ──expand─▶ instances         jumps to the window
//!       ─meaning─▶ FreeBusy          kinds, and the availability beneath
//! ```
//! The expansion never walks from the start of a series: it reaches the window by arithmetic, and a
//! meeting since 1990 costs what one since last week costs. Only COUNT beside parts that choose an uneven
//! number of days counts up to the window, in whole periods. All work is counted in steps, and
//! [`Limits`] bound them, as they bound bytes, depth, components and dates; whatever lies beyond a limit is
//! unknown.
//!
//! # What each property does
//! | property | effect | RFC |
//! |---|---|---|
//! | DTSTART, DTEND, DURATION | the time; DTEND is an exact length for all instances, DURATION is days on the wall; a date alone lasts a day, a time alone nothing | 5545 3.6.1, 3.8.5.3 |
//! | RRULE, several; RDATE, also PERIOD | instances, the start being the first of them; a period brings its length | 5545 3.3.10, 3.8.5 |
//! | EXDATE, also a date beside times and in another zone; EXRULE | takes instances out | 5545 3.8.5.1, 2445 4.8.5.2 |
//! | RECURRENCE-ID, also RANGE=THISANDFUTURE | replaces one instance, or moves it and all after it | 5545 3.8.4.4 |
//! | UID, SEQUENCE | which events are one series; of two masters, or two changes of one instance, the higher holds | 5545 3.8.4.7, 3.8.7.4 |
//! | STATUS | CANCELLED is free, TENTATIVE is tentative | 5545 3.8.1.11 |
//! | TRANSP | TRANSPARENT is free | 5545 3.8.2.7 |
//! | X-MICROSOFT-CDO-BUSYSTATUS, else -INTENDEDSTATUS; X-GWSHOW-AS | free, tentative, busy, out of office, elsewhere | MS-OXCICAL |
//! | X-GOOGLE-EVENT-TYPE | out of office, elsewhere, busy | |
//! | ATTENDEE with the owner's address, also by EMAIL; ORGANIZER | PARTSTAT DECLINED or DELEGATED is free; NEEDS-ACTION, TENTATIVE or none is tentative, unless he organizes the event | 5545 3.2.12 |
//! | CATEGORIES, SUMMARY | with [`Marks`]: open time instead of busy; with [`ShiftNames`]: who serves; else none | 5545 3.8.1.2, 3.8.1.12 |
//! | VTIMEZONE | rules the times of its file | 5545 3.6.5 |
//! | TZID without one | IANA, Windows, prefixed and offset names; else the owner's zone, and unknown around | 5545 3.8.3.1 |
//! | RRULE with RSCALE or SKIP | other than Gregorian and omitting: unknown | 7529 |
//! | VFREEBUSY: FREEBUSY, FBTYPE, DTSTART, DTEND | claims; a file of nothing else is unknown outside its ranges | 5545 3.6.4 |
//! | VAVAILABILITY: AVAILABLE, BUSYTYPE, PRIORITY | beneath the events, the higher priority first | 7953 |
//! | METHOD | REQUEST of a VFREEBUSY tells nothing; else none | 5546 3.3.2 |
//! | X-WR-TIMEZONE, X-WR-CALNAME | the owner's zone and address, where the caller names none | |
//! | VTODO, VJOURNAL, VALARM, CLASS and all other text | none | |
//!
//! Where the standard leaves something open or producers deviate from it, `DECISIONS.md` beside this crate's
//! manifest says what is done and why, also where libraries disagree.
//!
//! # Features
//! `icalendar-types` adds `read_icalendar`, for calendars of the `icalendar` crate's own type.

mod availability;
mod calendar;
mod civil;
mod component;
mod expand;
mod explain;
mod hours;
mod key;
mod limits;
mod marks;
mod meaning;
mod problem;
mod read;
mod reading;
mod recurrence;
mod shifts;
mod vtimezone;
mod write;
mod zone_name;

pub use calendar::{Calendar, Expanded, Occurrence};
pub use explain::{Claim, ComponentKind, Explained};
pub use limits::Limits;
pub use marks::Marks;
pub use problem::{Problem, ProblemReason};
#[cfg(feature = "icalendar-types")]
pub use read::read_icalendar;
pub use read::{read, read_marked, read_shifts};
pub use reading::Reading;
pub use shifts::{RosterCalendar, ShiftNames};
pub use write::write_free_busy;
