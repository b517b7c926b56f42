//! What a group promises: how many of it are there, over what, when and where.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use bereik_core::channel_kind::ChannelKind;
use bereik_core::hours::Hours;
use bereik_core::presence::PresenceState;
use bereik_core::{Interval, Zone};

use super::plan::{PlannedReach, PlannedRow};

/// A place where people work, by a name of the embedder's own: `rotterdam`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(from = "String", into = "String"))]
pub struct Place(Arc<str>);

impl Place {
    /// The place with this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for Place {
    fn from(name: String) -> Self {
        Self(name.into())
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        place.as_str().to_owned()
    }
}

/// Hours on the clock of a zone.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[expect(clippy::exhaustive_structs, reason = "hours and their clock")]
pub struct HoursInZone {
    /// The hours.
    pub hours: Hours,
    /// Whose clock they are read on.
    pub zone: Zone,
}

/// What a group promises: that at least so many of it can be reached, over one of some kinds of channel, as
/// long as the promise holds.
///
/// | promise | how it is written |
/// |---|---|
/// | somebody answers the phone in office hours | `new([Phone]).during(office, zone)` |
/// | a 24-hour line | `new([Phone]).with_on_call()` |
/// | two at work in Rotterdam | `new([]).with_people_min(two).at(rotterdam)` |
///
/// With a place only those count who belong there and are on site: at work, and not marked
/// as elsewhere. An agenda keeps the strongest entry of each instant only: whom it calls busy or tentative in one
/// run with such a mark is perhaps on site, and where a meeting covers all of the mark nothing tells of it any
/// more.
///
/// ```
/// use bereik_core::directory::Draft;
/// use bereik_core::person::Person;
/// use bereik_core::{FreeBusy, FreeBusyKind, Interval, Zone};
/// use bereik_presence::{Coverage, CoveragePromise, HoleKind, PersonFacts, Place, ReachRules};
/// use std::collections::BTreeMap;
///
/// let anna = Person::new("anna".parse()?, "Anna");
/// let directory = Draft::new("Rivers & Co", Zone::utc()).with_person(anna).check()?;
/// // Anna works at home in the afternoon; whether she does so during a meeting is not told.
/// let day: Interval = "2026-11-23T08:00:00Z/2026-11-23T16:00:00Z".parse()?;
/// let at_home: Interval = "2026-11-23T12:00:00Z/2026-11-23T16:00:00Z".parse()?;
/// let meeting: Interval = "2026-11-23T13:00:00Z/2026-11-23T14:00:00Z".parse()?;
/// let free_busy = FreeBusy::builder(day)
///     .claim(at_home, FreeBusyKind::Elsewhere)
///     .claim(meeting, FreeBusyKind::Busy)
///     .build();
/// let facts = PersonFacts { free_busy, ..PersonFacts::default() };
/// let facts = BTreeMap::from([("anna".parse()?, facts)]);
///
/// let shop = Place::new("shop");
/// let coverage =
///     Coverage::new(&directory, directory.people(), &facts, &ReachRules::default(), day)
///         .with_places(BTreeMap::from([("anna".parse()?, shop.clone())]));
/// let holes = coverage.holes(&CoveragePromise::new([]).at(shop));
/// let kinds: Vec<_> = holes.iter().map(|hole| hole.kind).collect();
/// assert_eq!(kinds, [HoleKind::Certain, HoleKind::Perhaps, HoleKind::Certain]);
/// assert_eq!(holes[1].interval, meeting);
/// assert!(coverage.holes(&CoveragePromise::new([])).is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct CoveragePromise {
    /// Over which kinds of channel, any of them. Where none is named it is enough to be at work,
    /// busy or not.
    pub over: Vec<ChannelKind>,
    /// How many at least.
    #[cfg_attr(feature = "serde", serde(default = "one"))]
    pub people_min: NonZeroU32,
    /// When it holds; always, where no hours are named.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub hours: Option<HoursInZone>,
    /// Whether those on call count.
    #[cfg_attr(feature = "serde", serde(default))]
    pub counts_on_call: bool,
    /// Where; anywhere, where no place is named.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub place: Option<Place>,
}

#[cfg(feature = "serde")]
const fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}

impl CoveragePromise {
    /// The promise that always at least one can be reached over one of these kinds of channel;
    /// without kinds, that always at least one is at work.
    #[must_use]
    pub fn new(over: impl Into<Vec<ChannelKind>>) -> Self {
        Self {
            over: over.into(),
            people_min: NonZeroU32::MIN,
            hours: None,
            counts_on_call: false,
            place: None,
        }
    }

    /// The same for so many people.
    #[must_use]
    pub const fn with_people_min(mut self, people_min: NonZeroU32) -> Self {
        self.people_min = people_min;
        self
    }

    /// The same within these hours only, on the clock of this zone.
    #[must_use]
    pub fn during(mut self, hours: Hours, zone: Zone) -> Self {
        self.hours = Some(HoursInZone { hours, zone });
        self
    }

    /// The same, with those on call.
    #[must_use]
    pub const fn with_on_call(mut self) -> Self {
        self.counts_on_call = true;
        self
    }

    /// The same for those on site at this place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// When it holds within a range: ascending, apart from each other.
    pub(crate) fn openings(&self, range: Interval) -> Vec<Interval> {
        match &self.hours {
            None => vec![range],
            Some(HoursInZone { hours, zone }) => {
                hours.openings(range.start(), range.end(), zone).collect()
            }
        }
    }

    /// What somebody adds to it who belongs to that place, if to one.
    pub(crate) fn part(&self, row: &PlannedRow, place: Option<&Place>) -> Part {
        let reach = if self.over.is_empty() {
            at_work(row.state)
        } else {
            let over = self.over.iter().map(|channel| match row.reach[*channel] {
                PlannedReach::Open => Part::Whole,
                PlannedReach::OnCall if self.counts_on_call => Part::Whole,
                PlannedReach::Closed | PlannedReach::OnCall => Part::Nothing,
                PlannedReach::Unknown => Part::Perhaps,
            });
            over.max().unwrap_or(Part::Nothing)
        };
        match &self.place {
            None => reach,
            Some(_) if self.place.as_ref() == place => reach.min(on_site(row)),
            Some(_) => Part::Nothing,
        }
    }
}

/// What one person adds to a promise, from nothing to all that one person can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Nothing,
    Perhaps,
    Whole,
}

const fn at_work(state: PresenceState) -> Part {
    use PresenceState as State;
    match state {
        State::Available
        | State::Busy
        | State::DoNotDisturb
        | State::Elsewhere
        | State::Idle
        | State::Tentative => Part::Whole,
        State::OffDuty | State::OnCall | State::OutOfOffice => Part::Nothing,
        _ => Part::Perhaps,
    }
}

fn on_site(row: &PlannedRow) -> Part {
    match at_work(row.state) {
        _ if row.state == PresenceState::Elsewhere => Part::Nothing,
        Part::Whole if row.is_place_hidden => Part::Perhaps,
        part => part,
    }
}
