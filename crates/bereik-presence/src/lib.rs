//! Joins calendars, hours and live signals into presence and reachability per channel.
//!
//! Values in, values out: no clock, no I/O. What is known of a person ([`PersonFacts`]) and the
//! company's [`Directory`](bereik_core::Directory) give his presence at an instant
//! ([`presence_at`]), how he can be reached over each kind of channel ([`reachability_at`]), and
//! what outsiders may see of it ([`public_view_of_person`], [`public_view_of_group`]). An
//! [`Onlooker`] of another audience sees more by its [`ViewRules`]; [`Pidf`] writes what is seen as XML.
//! Who is on call when is a [`Roster`]'s to say.
//!
//! A [`Board`] keeps many people, and who of a group is reachable now.
//!
//! What lies ahead is planned by the same rules: when how many of a group can be reached and where
//! its promises have holes ([`Coverage`]), when some people can be reached at once ([`together()`]),
//! and how far a person's agenda can be believed ([`agenda_truth()`]).
//!
//! # Which source decides
//! The first row that holds decides; nothing below it is looked at.
//!
//! | # | what is so | state | source |
//! |--:|---|---|---|
//! | 1 | a state is set by hand; of several the newest | as set | hand |
//! | 2 | on call, and out of office, answered by a machine or outside hours | on call | roster |
//! | 3 | the calendar says out of office | out of office | calendar |
//! | 4 | outside hours, and no live channel is marked as open | off duty | hours |
//! | 5 | a machine answers for him | out of office | signal |
//! | 6 | do not disturb, or presenting | do not disturb | signal |
//! | 7 | in a call | busy | signal |
//! | 8 | the calendar says busy | busy | calendar |
//! | 9 | the calendar does not know | unknown | nothing |
//! | 10 | idle, and there is a calendar, there are hours, or he is online | idle | signal |
//! | 11 | the calendar says tentative | tentative | calendar |
//! | 12 | the calendar says elsewhere | elsewhere | calendar |
//! | 13 | the calendar says free | available | calendar |
//! | 14 | no calendar, but hours | available | hours |
//! | 15 | neither calendar nor hours, but online | available | signal |
//! | 16 | neither calendar nor hours | unknown | nothing |
//!
//! So a signal closes, but never opens what leave or hours have closed; and outside hours a
//! meeting adds nothing. A person who names no calendar has none; one whose calendar could not be
//! read has one that does not know, and is never taken for free. Signals that ran out do not count.
//!
//! What a person marks as open in his calendar opens its channels outside hours too, and only those: over
//! them the table is read as if row 4 were not there, so that leave, a meeting or a call closes them all
//! the same. Where nothing is marked, hours minus busy time hold. Rules can say that a kind of channel
//! is open only where it is marked ([`ReachRules::with_marked_only`]).
//!
//! ```
//! use bereik_core::directory::Draft;
//! use bereik_core::person::Person;
//! use bereik_core::presence::PresenceState;
//! use bereik_core::{FreeBusy, FreeBusyKind, Interval, Zone};
//! use bereik_presence::{PersonFacts, presence_at};
//! use chrono::{DateTime, Utc};
//!
//! let at = |hour: u32| format!("2026-11-23T{hour:02}:00:00Z").parse::<DateTime<Utc>>();
//! let span = |from, to| Interval::new(from, to).ok_or("it ends after it starts");
//! let mut anna = Person::new("anna".parse()?, "Anna");
//! anna.calendars.push("anna.ics".to_owned());
//! let directory = Draft::new("Rivers & Co", Zone::utc()).with_person(anna).check()?;
//! let anna = &directory.people()[0];
//!
//! let meeting = FreeBusy::builder(span(at(0)?, at(20)?)?)
//!     .claim(span(at(9)?, at(11)?)?, FreeBusyKind::Busy)
//!     .build();
//! let facts = PersonFacts { free_busy: meeting, ..PersonFacts::default() };
//! let presence = presence_at(&directory, anna, &facts, at(10)?);
//! assert_eq!(presence.state, PresenceState::Busy);
//! assert_eq!(presence.until, Some(at(11)?));
//! assert_eq!(presence_at(&directory, anna, &facts, at(21)?).state, PresenceState::Unknown);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod agenda_truth;
pub mod board;
mod channels;
mod coverage;
mod facts;
mod precedence;
mod publish;
mod reach;
mod resolve;
pub mod roster;
mod rules;
mod sources;
mod subject;
mod together;
mod verdict;

pub use agenda_truth::{
    AgendaCount, AgendaLimits, AgendaTotals, AgendaTruth, Finding, FindingKind, PastOffer,
    agenda_truth,
};
pub use board::Board;
pub use coverage::{
    Coverage, CoverageCount, CoveragePromise, Hole, HoleKind, HoursInZone, Place, PlannedReach,
    ReachPlan, SharedFailure, SinglePoint, Way, WayKind, WhoIsThere, shared_failures,
};
pub use facts::PersonFacts;
pub use publish::{
    Onlooker, Pidf, PidfError, ViewField, ViewRules, ViewRulesError, public_board,
    public_view_of_group, public_view_of_person,
};
pub use reach::{is_in_service, line_in_service, lines_in_service, next_open_for, reachability_at};
pub use resolve::presence_at;
pub use roster::{Roster, Rotation};
pub use rules::{ReachRule, ReachRules};
pub use together::{Blocker, Together, blockers_at, together};
