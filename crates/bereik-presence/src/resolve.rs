//! A person's presence at an instant: the decision, until when it stands, and when the person is
//! next available.

use bereik_core::directory::Directory;
use bereik_core::person::Person;
use bereik_core::presence::Presence;
use chrono::{DateTime, Utc};

use crate::facts::PersonFacts;
use crate::precedence::Decision;
use crate::sources::Sources;
use crate::subject::Subject;

/// How many changes that change nothing are passed over, before one is reported as if it did.
const PASSED_OVER_MAX: u32 = 64;
/// How many changes ahead an opening is looked for.
const LOOKED_AT_MAX: u32 = 2_000;

/// What is believed of a person at `now`, by the table of the [crate's front page](crate).
///
/// State and source stand until `until`, as long as the facts do. It is the instant at which one of
/// them changes, except where a calendar goes through more than 64 changes that make no difference: then
/// it lies before that instant. Work is bounded.
#[must_use]
pub fn presence_at(
    directory: &Directory,
    person: &Person,
    facts: &PersonFacts,
    now: DateTime<Utc>,
) -> Presence {
    presence_of(&Subject::new(directory, person, facts), now)
}

/// What is believed by these sources.
pub(crate) fn presence_of(sources: &impl Sources, now: DateTime<Utc>) -> Presence {
    let decision = sources.decide(now);
    let next_available_at = if decision.state.is_available() {
        None
    } else {
        first_after(now, |at| {
            let decision = sources.decide(at);
            match decision.state.is_available() {
                true => Look::Found,
                false => Look::NotBefore(sources.next_opening_after(decision, at)),
            }
        })
    };
    Presence {
        state: decision.state,
        source: decision.source,
        until: decision_stands_until(sources, decision, now),
        next_available_at,
    }
}

/// What was found at an instant.
pub(crate) enum Look {
    /// What was looked for.
    Found,
    /// Nothing, nor before that instant, if there is one.
    NotBefore(Option<DateTime<Utc>>),
}

/// Until when a decision stands that holds now.
pub(crate) fn decision_stands_until(
    sources: &impl Sources,
    decision: Decision,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    stands_until(now, |at| {
        let next = sources.next_change_after(decision, at)?;
        Some((next, sources.decide(next) == decision))
    })
}

/// The first instant from `from` on at which `look` finds what it looks for.
pub(crate) fn first_after(
    from: DateTime<Utc>,
    look: impl Fn(DateTime<Utc>) -> Look,
) -> Option<DateTime<Utc>> {
    let mut at = from;
    for _ in 0..LOOKED_AT_MAX {
        match look(at) {
            Look::Found => return Some(at),
            Look::NotBefore(next) => at = next?,
        }
    }
    None
}

/// Follows changes until one makes a difference: `next` gives the change after an instant, and
/// whether all is the same there.
pub(crate) fn stands_until(
    now: DateTime<Utc>,
    next: impl Fn(DateTime<Utc>) -> Option<(DateTime<Utc>, bool)>,
) -> Option<DateTime<Utc>> {
    let mut at = now;
    for _ in 0..PASSED_OVER_MAX {
        let (change, is_same) = next(at)?;
        if !is_same {
            return Some(change);
        }
        at = change;
    }
    Some(at)
}
