//! Somebody who looks at people and groups, and what he sees of them.

use std::collections::BTreeMap;
use std::fmt;

use bereik_core::directory::Directory;
use bereik_core::group::Group;
use bereik_core::id::{GroupId, PersonId};
use bereik_core::person::Person;
use bereik_core::public_view::{Audience, ExpectedWait, Standing, View, ViewBoard};
use chrono::{DateTime, Utc};

use super::outside::{Outside, Seen};
use super::view_rules::{ViewField, ViewRules};
use crate::facts::PersonFacts;
use crate::rules::ReachRules;

/// Somebody who looks at people and groups: an audience, with the tables by which it sees.
///
/// A customer sees by the default table what
/// [`public_board`](crate::public_board) shows. A wider audience sees no less: whom a narrower one sees, every
/// channel and way that it sees, a standing as good or better, and what else it is told of.
///
/// ```
/// use bereik_core::directory::Draft;
/// use bereik_core::person::Person;
/// use bereik_core::presence::PresenceState;
/// use bereik_core::public_view::Audience;
/// use bereik_core::{FreeBusy, FreeBusyKind, Interval, Zone};
/// use bereik_presence::{Onlooker, PersonFacts, ReachRules, ViewRules};
/// use chrono::{DateTime, TimeDelta, Utc};
///
/// let now: DateTime<Utc> = "2026-12-24T10:00:00Z".parse()?;
/// let days = Interval::new(now, now + TimeDelta::days(9)).ok_or("it ends after it starts")?;
/// let mut anna = Person::new("anna".parse()?, "Anna");
/// anna.is_public = true;
/// let directory = Draft::new("Rivers & Co", Zone::utc()).with_person(anna).check()?;
/// let anna = &directory.people()[0];
/// let leave = FreeBusy::builder(days).claim(days, FreeBusyKind::OutOfOffice).build();
/// let facts = PersonFacts { free_busy: leave, ..PersonFacts::default() };
///
/// let (reach, views) = (ReachRules::default(), ViewRules::default());
/// let seen_by = |audience| Onlooker::new(&directory, &reach, &views, audience);
/// let customer = seen_by(Audience::Customer).person(anna, &facts, now).ok_or("she is public")?;
/// assert_eq!(customer.inside, None);
/// let colleague = seen_by(Audience::Colleague).person(anna, &facts, now).ok_or("she is seen")?;
/// assert_eq!(colleague.inside.map(|inside| inside.state), Some(PresenceState::OutOfOffice));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Onlooker<'a> {
    pub(super) directory: &'a Directory,
    pub(super) reach_rules: &'a ReachRules,
    view_rules: &'a ViewRules,
    audience: Audience,
    waits: BTreeMap<GroupId, ExpectedWait>,
}

impl<'a> Onlooker<'a> {
    /// This audience, with these tables.
    #[must_use]
    pub const fn new(
        directory: &'a Directory,
        reach_rules: &'a ReachRules,
        view_rules: &'a ViewRules,
        audience: Audience,
    ) -> Self {
        Self {
            directory,
            reach_rules,
            view_rules,
            audience,
            waits: BTreeMap::new(),
        }
    }

    /// The same, where this is how long whoever asks a group now will wait: seen while it is busy.
    #[must_use]
    pub fn with_expected_wait(mut self, group: GroupId, wait: ExpectedWait) -> Self {
        self.waits.insert(group, wait);
        self
    }

    /// What is seen of a person at `now`; nothing of one whom the audience does not see.
    #[must_use]
    pub fn person(
        &self,
        person: &'a Person,
        facts: &'a PersonFacts,
        now: DateTime<Utc>,
    ) -> Option<View> {
        self.sees_one(person.is_public)
            .then(|| self.look_at(person, facts, now).view)
    }

    /// What is seen of a group at `now`, as the sum of its members; nothing of one that the audience does not
    /// see.
    #[must_use]
    pub fn group(
        &self,
        group: &'a Group,
        facts: &'a BTreeMap<PersonId, PersonFacts>,
        now: DateTime<Utc>,
    ) -> Option<View> {
        self.sees_one(group.is_public)
            .then(|| self.look_at_group(group, facts, now).view)
    }

    /// What is seen of everybody at `now`, and until when that stands at least, as long as the
    /// facts and the waits do.
    #[must_use]
    pub fn board(
        &self,
        facts: &BTreeMap<PersonId, PersonFacts>,
        now: DateTime<Utc>,
    ) -> (ViewBoard, Option<DateTime<Utc>>) {
        let outside = Outside::new(self, now);
        let nothing = PersonFacts::default();
        let mut until = outside.lines_stand_until(outside.company_lines(), self.directory.zone());
        let mut keep = |seen: Seen| {
            until = [until, seen.until].into_iter().flatten().min();
            seen.view
        };
        let groups = self.directory.groups().iter();
        let groups = groups
            .filter(|group| self.sees_one(group.is_public))
            .map(|group| {
                (
                    group.id.clone(),
                    keep(self.look_at_group(group, facts, now)),
                )
            })
            .collect();
        let people = self.directory.people().iter();
        let people = people
            .filter(|person| self.sees_one(person.is_public))
            .map(|person| {
                let facts = facts.get(&person.id).unwrap_or(&nothing);
                (person.id.clone(), keep(self.look_at(person, facts, now)))
            })
            .collect();
        (ViewBoard { groups, people }, until)
    }

    pub(super) fn sees(&self, field: ViewField) -> bool {
        self.view_rules.shows(field, self.audience)
    }

    pub(super) fn sees_one(&self, is_public: bool) -> bool {
        is_public || self.sees(ViewField::PrivatePeople)
    }

    fn look_at(&self, person: &Person, facts: &PersonFacts, now: DateTime<Utc>) -> Seen {
        let outside = Outside::new(self, now);
        let seen = outside.person(person, facts);
        self.trim(seen)
    }

    fn look_at_group(
        &self,
        group: &Group,
        facts: &BTreeMap<PersonId, PersonFacts>,
        now: DateTime<Utc>,
    ) -> Seen {
        let outside = Outside::new(self, now);
        let mut seen = outside.group(group, facts);
        if seen.view.standing == Standing::Busy && self.sees(ViewField::ExpectedWait) {
            seen.view.expected_wait = self.waits.get(&group.id).copied();
        }
        self.trim(seen)
    }

    /// Takes away what the audience does not see and what is no part of a decision before it.
    fn trim(&self, mut seen: Seen) -> Seen {
        if !self.sees(ViewField::BackAt) {
            seen.view.back_at = None;
        }
        if !self.sees(ViewField::NowOver) {
            seen.view.now_over.clear();
        }
        if !self.sees(ViewField::Ways) && !self.sees(ViewField::PrivateLines) {
            seen.view.ways.clear();
        }
        seen
    }
}

/// Shows whose eyes they are, and nothing of what they look at.
impl fmt::Debug for Onlooker<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Onlooker")
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}
