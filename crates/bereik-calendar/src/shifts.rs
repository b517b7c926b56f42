//! A calendar of shifts, in which each event names the person who serves.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use bereik_core::id::PersonId;
use bereik_core::interval::Interval;
use bereik_core::shift::Shift;

use crate::calendar::{Calendar, Expanded, interval};
use crate::component::{Event, Role};
use crate::expand::Asked;
use crate::key::address_key;
use crate::problem::{Problem, ProblemReason};
use crate::read::text;
use crate::reading::Reading;

/// Who serves a shift: by an attendee's address, or by the title of the event.
///
/// Addresses are compared without regard to case, with or without `mailto:`; a title is compared as a
/// whole and exactly, blanks around it apart.
#[derive(Clone, Default)]
pub struct ShiftNames {
    /// By the number that stands for an address.
    addresses: BTreeMap<u64, PersonId>,
    titles: Vec<PersonId>,
    /// The place of each title in `titles`, from 1.
    numbers: BTreeMap<String, u32>,
}

impl ShiftNames {
    /// Names nobody.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whoever is invited at this address, and has not declined, serves.
    #[must_use]
    pub fn with_address(mut self, address: &str, person: PersonId) -> Self {
        if let Some(key) = address_key(address.as_bytes()) {
            self.addresses.insert(key, person);
        }
        self
    }

    /// An event of exactly this title is this person's.
    #[must_use]
    pub fn with_title(mut self, title: &str, person: PersonId) -> Self {
        self.titles.push(person);
        let number = self.titles.len() as u32;
        self.numbers.insert(title.trim().to_owned(), number);
        self
    }

    /// The number of a SUMMARY among the titles, or 0.
    pub(crate) fn number_of_title(&self, line: &[u8]) -> u32 {
        let title = text::unescaped(line);
        self.numbers.get(title.trim()).copied().unwrap_or(0)
    }
}

/// How many names there are; the names themselves are people's.
impl fmt::Debug for ShiftNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShiftNames")
            .field("addresses", &self.addresses.len())
            .field("titles", &self.titles.len())
            .finish()
    }
}

/// A calendar that was read as one of shifts.
///
/// ```
/// use bereik_calendar::{Limits, Reading, ShiftNames};
/// use bereik_core::interval::Interval;
///
/// let file = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Anna on call\r\n\
///     DTSTART:20261123T080000Z\r\nDURATION:PT12H\r\nRRULE:FREQ=DAILY\r\n\
///     END:VEVENT\r\nEND:VCALENDAR\r\n";
/// let names = ShiftNames::new().with_title("Anna on call", "anna".parse()?);
/// let roster = bereik_calendar::read_shifts(file.as_bytes(), &Limits::default(), &names);
///
/// let day: Interval = "2026-11-24T00:00:00Z/2026-11-25T00:00:00Z".parse()?;
/// let shifts = roster.shifts(day, &Reading::new()).value;
/// assert_eq!(shifts.len(), 1);
/// assert_eq!(shifts[0].person.as_str(), "anna");
/// assert_eq!(shifts[0].interval.to_string(), "2026-11-24T08:00:00Z/2026-11-24T20:00:00Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct RosterCalendar {
    calendar: Calendar,
    names: ShiftNames,
}

impl RosterCalendar {
    pub(crate) fn new(calendar: Calendar, names: ShiftNames) -> Self {
        Self { calendar, names }
    }

    /// What could not be read, by line.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        self.calendar.problems()
    }

    /// The shifts within `window`, clipped to it, by start.
    ///
    /// An event that names several people is a shift of each; one that is cancelled is nobody's. One
    /// that names nobody who is known, or whose time is not known for sure, is nobody's either and a
    /// problem. Whether it is tentative or transparent does not matter.
    #[must_use]
    pub fn shifts(&self, window: Interval, reading: &Reading) -> Expanded<Vec<Shift>> {
        let mut found = self.calendar.expand(window, reading, Asked::Shifts);
        let (from, to) = (window.start(), window.end());
        let mut shifts = Vec::new();
        let mut nameless = BTreeSet::new();
        for instance in &found.instances {
            let event = &self.calendar.parts.events[instance.event as usize];
            let Some(whole) = interval(instance.start, instance.end) else {
                continue;
            };
            let Some(interval) = Interval::new(whole.start().max(from), whole.end().min(to)) else {
                continue;
            };
            let mut is_named = false;
            for person in self.people(event) {
                is_named = true;
                shifts.push(Shift {
                    person: person.clone(),
                    interval,
                });
            }
            if !is_named {
                nameless.insert(event.line);
            }
        }
        for line in nameless {
            found.problems.push(line, ProblemReason::ShiftPerson);
        }
        shifts.sort_by(|a, b| (a.interval, &a.person).cmp(&(b.interval, &b.person)));
        shifts.dedup();
        Expanded {
            value: shifts,
            problems: self.calendar.all_problems(found.problems),
            steps: found.steps,
        }
    }

    /// Who serves an event, each once.
    fn people(&self, event: &Event) -> BTreeSet<&PersonId> {
        let voices = event.voices.of(&self.calendar.parts.tables.voices);
        let attendees = voices
            .iter()
            .filter(|voice| !matches!(voice.role(), Role::Declined | Role::Organizer))
            .filter_map(|voice| self.names.addresses.get(&voice.address()));
        let number = (event.found as usize).checked_sub(1);
        let titled = number.and_then(|at| self.names.titles.get(at));
        attendees.chain(titled).collect()
    }
}
