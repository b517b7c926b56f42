//! The standard workload: the calendars of 200 people with 150 events each, from a fixed seed.
//!
//! Each file has exactly 150 VEVENTs, of which the moved and called-off instances (RECURRENCE-ID) are a part. Of the
//! 200 people 44 use Outlook or Exchange, the others Google's, Apple's and Nextcloud's calendars, each as its
//! program writes: order and spelling of properties, folding, identifiers, time zones, how a series ends and
//! how its exceptions are told. Half of the people live in Amsterdam, half in New York. Meetings begin between 2022
//! and 2027; the window is 90 days of 2026 in which the clocks change in both places.

mod agenda;
mod apple;
mod cadence;
mod google;
mod meeting;
mod microsoft;
mod page;
mod share;
mod wall;
mod words;

use chrono::{DateTime, TimeDelta, Utc};

pub use share::Share;
pub use wall::Place;

use agenda::Habits;
use meeting::Meeting;

/// How many people there are.
pub const PEOPLE: usize = 200;

/// VEVENTs of each of them, moved instances among them.
pub const EVENTS: usize = agenda::EVENTS;

/// Half-open, as start and end.
pub type Window = (DateTime<Utc>, DateTime<Utc>);

/// Whose program wrote a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Producer {
    /// Calendar on a Mac.
    Apple,
    /// A published Exchange mailbox.
    Exchange,
    /// Google Calendar's export.
    Google,
    /// Nextcloud's calendar.
    Nextcloud,
    /// Outlook on a desktop.
    Outlook,
}

/// A person and the file of their calendar.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their address, as it stands among attendees.
    pub address: String,
    /// Where they live.
    pub place: Place,
    /// What wrote the file.
    pub producer: Producer,
    /// The file.
    pub ics: String,
}

/// Whose file is being written.
pub(crate) struct Owner {
    pub(crate) number: usize,
    pub(crate) address: String,
    pub(crate) place: Place,
}

/// The 90 days: from Monday 2 March 2026. New York's clocks change on the 8th, Amsterdam's on the 29th.
#[must_use]
pub fn window() -> Window {
    let start = wall::day(2026, 3, 2).and_time(wall::hour(0)).and_utc();
    (start, start + TimeDelta::days(90))
}

/// One hour of a Tuesday in it, in which both places work.
#[must_use]
pub fn hour() -> Window {
    let start = wall::day(2026, 4, 14).and_time(wall::hour(14)).and_utc();
    (start, start + TimeDelta::hours(1))
}

/// The files of all people.
#[must_use]
pub fn people() -> Vec<Person> {
    (0..PEOPLE).map(person).collect()
}

fn person(number: usize) -> Person {
    let place = match number % 2 {
        0 => Place::Amsterdam,
        _ => Place::NewYork,
    };
    // Of 50 people 11 have Microsoft's programs.
    let producer = match number % 50 {
        0..6 => Producer::Outlook,
        6..11 => Producer::Exchange,
        11..28 => Producer::Google,
        28..42 => Producer::Apple,
        _ => Producer::Nextcloud,
    };
    let owner = Owner {
        number,
        address: words::address(number),
        place,
    };
    let meetings = agenda::draw(number, place, habits(producer));
    let places = places(&owner, &meetings);
    let ics = match producer {
        Producer::Apple => apple::write(apple::Family::Apple, &owner, &meetings, &places),
        Producer::Exchange => {
            microsoft::write(microsoft::Family::Exchange, &owner, &meetings, &places)
        }
        Producer::Google => google::write(&owner, &meetings, &places),
        Producer::Nextcloud => apple::write(apple::Family::Nextcloud, &owner, &meetings, &places),
        Producer::Outlook => {
            microsoft::write(microsoft::Family::Outlook, &owner, &meetings, &places)
        }
    };
    Person {
        address: owner.address,
        place,
        producer,
        ics,
    }
}

fn habits(producer: Producer) -> Habits {
    let (sentences, guests, knows_absence) = match producer {
        Producer::Apple => (5, 14, false),
        Producer::Exchange => (7, 40, true),
        Producer::Google => (6, 25, false),
        Producer::Nextcloud => (5, 12, false),
        Producer::Outlook => (6, 22, true),
    };
    Habits {
        sentences,
        guests,
        knows_absence,
    }
}

/// The places that a file needs, the owner's first.
fn places(owner: &Owner, meetings: &[Meeting]) -> Vec<Place> {
    let other = owner.place.other();
    let needs_other = meetings.iter().any(|meeting| meeting.place == other);
    match needs_other {
        true => vec![owner.place, other],
        false => vec![owner.place],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_as_large_as_it_is_said_to_be() {
        let people = people();
        let bytes: usize = people.iter().map(|person| person.ics.len()).sum();
        assert!((25_000_000..=27_000_000).contains(&bytes), "{bytes}");
        for person in &people {
            assert_eq!(person.ics.matches("BEGIN:VEVENT\r\n").count(), EVENTS);
            let longest = person.ics.split("\r\n").map(str::len).max();
            assert!(longest <= Some(75), "{longest:?}");
        }
        let microsoft = people
            .iter()
            .filter(|person| matches!(person.producer, Producer::Exchange | Producer::Outlook));
        assert_eq!(microsoft.count(), 44);
    }

    #[test]
    fn it_is_the_same_each_time() {
        assert_eq!(person(17).ics, person(17).ics);
        assert_ne!(person(17).ics, person(67).ics);
    }
}
