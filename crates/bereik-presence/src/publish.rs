//! What others may see: a standing, the channels open now, when somebody is back, other ways; and for whom
//! more.

use std::collections::BTreeMap;

use bereik_core::directory::Directory;
use bereik_core::group::Group;
use bereik_core::id::PersonId;
use bereik_core::person::Person;
use bereik_core::public_view::{Audience, PublicBoard, PublicView};
use chrono::{DateTime, Utc};

use crate::facts::PersonFacts;
use crate::rules::ReachRules;
use outside::Outside;

mod free_busy;
mod onlooker;
mod outside;
mod pidf;
mod view_rules;
mod xml;

pub use onlooker::Onlooker;
pub use pidf::{Pidf, PidfError};
pub use view_rules::{ViewField, ViewRules, ViewRulesError};

/// What outsiders may see of a person.
///
/// Only what an outsider can use counts: the chat on the website, and kinds of channel for which
/// the person or the company has a public line in service.
///
/// | standing | when |
/// |---|---|
/// | available | the state allows it and such a channel is open now |
/// | busy | busy or not to be disturbed, whatever the reason |
/// | away | off duty, on call or out of office, whichever of them |
/// | offline | nothing is known, or no such channel is open though the person is there |
///
/// `back_at` is the next opening of such a channel, if the person is not available now and it lies
/// within the directory's horizon.
#[must_use]
pub fn public_view_of_person(
    directory: &Directory,
    person: &Person,
    facts: &PersonFacts,
    rules: &ReachRules,
    now: DateTime<Utc>,
) -> PublicView {
    let views = ViewRules::default();
    let onlooker = Onlooker::new(directory, rules, &views, Audience::Customer);
    Outside::new(&onlooker, now)
        .person(person, facts)
        .view
        .into()
}

/// What outsiders may see of a group: the sum of its members.
///
/// Within the group's hours it is available if one member is, else busy if one is, else away if
/// one is, else offline; outside them it is closed. `back_at` is the first instant within its hours at
/// which a member can be reached. Its other ways are the company's public lines.
///
/// ```
/// use std::collections::BTreeMap;
/// use bereik_core::channel_kind::ChannelKind;
/// use bereik_core::directory::Draft;
/// use bereik_core::group::Group;
/// use bereik_core::person::Person;
/// use bereik_core::public_view::Standing;
/// use bereik_core::signal::{Signal, SignalKind};
/// use bereik_core::{FreeBusy, Interval, Zone};
/// use bereik_presence::{PersonFacts, ReachRules, public_view_of_group};
/// use chrono::{DateTime, TimeDelta, Utc};
///
/// let now: DateTime<Utc> = "2026-11-23T10:00:00Z".parse()?;
/// let day = Interval::new(now, now + TimeDelta::hours(8)).ok_or("it ends after it starts")?;
/// let desk = Signal {
///     kind: SignalKind::Online(ChannelKind::WebChat),
///     source: "desk".into(),
///     at: now,
///     expires_at: now + TimeDelta::minutes(1),
/// };
/// let anna = PersonFacts {
///     free_busy: FreeBusy::builder(day).build(),
///     signals: vec![desk],
///     ..PersonFacts::default()
/// };
/// let directory = Draft::new("Rivers & Co", Zone::utc())
///     .with_person(Person::new("anna".parse()?, "Anna"))
///     .with_person(Person::new("bo".parse()?, "Bo"))
///     .with_group(Group::new("desk".parse()?, "Desk", vec!["anna".parse()?, "bo".parse()?]))
///     .check()?;
/// let facts = BTreeMap::from([("anna".parse()?, anna)]);
/// let (group, rules) = (&directory.groups()[0], ReachRules::default());
/// let view = public_view_of_group(&directory, group, &facts, &rules, now);
/// assert_eq!(view.standing, Standing::Available);
/// assert_eq!(view.now_over, [ChannelKind::WebChat]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn public_view_of_group(
    directory: &Directory,
    group: &Group,
    facts: &BTreeMap<PersonId, PersonFacts>,
    rules: &ReachRules,
    now: DateTime<Utc>,
) -> PublicView {
    let views = ViewRules::default();
    let onlooker = Onlooker::new(directory, rules, &views, Audience::Customer);
    Outside::new(&onlooker, now).group(group, facts).view.into()
}

/// What outsiders may see of the whole company, and until when that stands at least, as long as the facts
/// do.
///
/// Other than presence, hours of groups and public lines change it, and an opening that comes
/// within the horizon.
#[must_use]
pub fn public_board(
    directory: &Directory,
    facts: &BTreeMap<PersonId, PersonFacts>,
    rules: &ReachRules,
    now: DateTime<Utc>,
) -> (PublicBoard, Option<DateTime<Utc>>) {
    let views = ViewRules::default();
    let onlooker = Onlooker::new(directory, rules, &views, Audience::Customer);
    let (board, until) = onlooker.board(facts, now);
    let groups = board.groups.into_iter();
    let people = board.people.into_iter();
    let board = PublicBoard {
        groups: groups.map(|(id, view)| (id, view.into())).collect(),
        people: people.map(|(id, view)| (id, view.into())).collect(),
    };
    (board, until)
}
