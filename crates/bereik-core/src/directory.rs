//! The configuration of a company: people, groups, lines, hours, agreements and pages.

use std::collections::BTreeMap;

use crate::agreement::{Agreement, EscalationPolicy};
use crate::channel_kind::ChannelKind;
use crate::customer::{DEFAULT_REOPEN_FOR_S, Joining, Silence};
use crate::group::Group;
use crate::hands::{Beside, Hands, OwnerAway};
use crate::hours::Hours;
use crate::id::{AgreementId, EscalationId, GroupId, HoursId, LineId, PersonId, SkillId};
use crate::id_map::IdMap;
use crate::incident::IncidentRule;
use crate::line::Line;
use crate::mark::Mark;
use crate::page::{PageMatch, PageRule};
use crate::person::Person;
use crate::slot::Slot;
use crate::triage::Triage;
use crate::zone::Zone;

mod check;
mod members;

pub use check::{DirectoryError, DirectoryErrorKind, Step};

/// What a directory is made of, before it is checked: written as a literal or read by serde.
///
/// Every reference between its parts is by id; [`Draft::check`] makes a [`Directory`] of it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Draft {
    /// The company's name.
    pub name: String,
    /// The zone of the company, and of everybody who has no other.
    pub zone: Zone,
    /// Working hours of everybody who has no others; always, where none are named.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub default_hours: Option<HoursId>,
    /// The agreement of groups that name none, and of contacts for a person.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub default_agreement: Option<AgreementId>,
    /// The escalation policy of groups that name none, and of contacts for a person.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub default_escalation: Option<EscalationId>,
    /// The lines that a calamity is put to at once, day and night.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Vec::is_empty")
    )]
    pub calamity_lines: Vec<LineId>,
    /// How far ahead "back at" is shown to outsiders, in hours, 0 to 8,760.
    #[cfg_attr(feature = "serde", serde(default = "default_horizon_h"))]
    pub horizon_h: u32,
    /// Lines of the company itself; those of people stand with them.
    #[cfg_attr(
        feature = "serde",
        serde(default, rename = "line", skip_serializing_if = "Vec::is_empty")
    )]
    pub lines: Vec<Line>,
    /// The people.
    #[cfg_attr(
        feature = "serde",
        serde(default, rename = "person", skip_serializing_if = "Vec::is_empty")
    )]
    pub people: Vec<Person>,
    /// The groups.
    #[cfg_attr(
        feature = "serde",
        serde(default, rename = "group", skip_serializing_if = "Vec::is_empty")
    )]
    pub groups: Vec<Group>,
    /// Hours by id.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "BTreeMap::is_empty")
    )]
    pub hours: BTreeMap<HoursId, Hours>,
    /// Agreements.
    #[cfg_attr(
        feature = "serde",
        serde(default, rename = "agreement", skip_serializing_if = "Vec::is_empty")
    )]
    pub agreements: Vec<Agreement>,
    /// Escalation policies.
    #[cfg_attr(
        feature = "serde",
        serde(default, rename = "escalation", skip_serializing_if = "Vec::is_empty")
    )]
    pub escalations: Vec<EscalationPolicy>,
    /// By what people's calendars say that they are available.
    #[cfg_attr(
        feature = "serde",
        serde(default, rename = "mark", skip_serializing_if = "Vec::is_empty")
    )]
    pub marks: Vec<Mark>,
    /// What a contact from a page or over a line needs; the first row that matches counts.
    #[cfg_attr(
        feature = "serde",
        serde(default, rename = "page", skip_serializing_if = "Vec::is_empty")
    )]
    pub pages: Vec<PageRule>,
    /// How much people can hold at once, and what happens around it.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Hands::is_default")
    )]
    pub hands: Hands,
    /// For how long a reply to a closed contact reopens it, in seconds, 0 to 31,536,000 (a year);
    /// later it opens a new one that is linked to it. 14 days where nothing is said.
    #[cfg_attr(feature = "serde", serde(default = "default_reopen_for_s"))]
    pub reopen_for_s: u32,
    /// Whether a customer directory is asked who a customer is, by his address.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "std::ops::Not::not")
    )]
    pub looks_up_customers: bool,
    /// When a request joins the open contact of the same customer.
    #[cfg_attr(feature = "serde", serde(default))]
    pub joining: Joining,
    /// What happens when a customer goes without a sign.
    #[cfg_attr(feature = "serde", serde(default))]
    pub silence: Silence,
    /// The question that is put where the need is unclear.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub triage: Option<Triage>,
    /// When contacts of one need become an incident, and how it is run.
    #[cfg_attr(feature = "serde", serde(default))]
    pub incident: IncidentRule,
}

#[cfg(feature = "serde")]
const fn default_reopen_for_s() -> u32 {
    DEFAULT_REOPEN_FOR_S
}

/// How far ahead "back at" is shown where the directory does not say, in hours: ten days.
pub const DEFAULT_HORIZON_H: u32 = 240;

#[cfg(feature = "serde")]
const fn default_horizon_h() -> u32 {
    DEFAULT_HORIZON_H
}

impl Draft {
    /// A company with this name in this zone, and nothing else.
    #[must_use]
    pub fn new(name: impl Into<String>, zone: Zone) -> Self {
        Self {
            name: name.into(),
            zone,
            default_hours: None,
            default_agreement: None,
            default_escalation: None,
            calamity_lines: Vec::new(),
            horizon_h: DEFAULT_HORIZON_H,
            lines: Vec::new(),
            people: Vec::new(),
            groups: Vec::new(),
            hours: BTreeMap::new(),
            agreements: Vec::new(),
            escalations: Vec::new(),
            marks: Vec::new(),
            pages: Vec::new(),
            reopen_for_s: DEFAULT_REOPEN_FOR_S,
            looks_up_customers: false,
            joining: Joining::default(),
            silence: Silence::default(),
            triage: None,
            incident: IncidentRule::default(),
            hands: Hands::default(),
        }
    }

    /// The same with one more person.
    #[must_use]
    pub fn with_person(mut self, person: Person) -> Self {
        self.people.push(person);
        self
    }

    /// The same with one more group.
    #[must_use]
    pub fn with_group(mut self, group: Group) -> Self {
        self.groups.push(group);
        self
    }

    /// Checks the draft: ids are unique, each reference leads somewhere, numbers are in range,
    /// addresses fit their channel.
    ///
    /// # Errors
    /// The first thing that is wrong, and where it stands.
    ///
    /// ```
    /// use bereik_core::directory::Draft;
    /// use bereik_core::group::Group;
    /// use bereik_core::zone::Zone;
    /// let draft = Draft::new("Rivers & Co", Zone::utc());
    /// let group = Group::new("helpdesk".parse()?, "Helpdesk", vec!["anna".parse()?]);
    /// let error = draft.with_group(group).check().unwrap_err();
    /// assert_eq!(error.to_string(), "group 1, members 1: there is no person `anna`");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check(self) -> Result<Directory, DirectoryError> {
        let members = check::check(&self)?;
        let people = self
            .people
            .iter()
            .enumerate()
            .map(|(i, p)| (p.id.clone(), i))
            .collect();
        let groups = self
            .groups
            .iter()
            .enumerate()
            .map(|(i, g)| (g.id.clone(), i))
            .collect();
        let own = self
            .people
            .iter()
            .flat_map(|p| p.lines.iter().map(move |l| (l, Some(&p.id))));
        let all = self.lines.iter().map(|l| (l, None)).chain(own);
        let lines = all
            .map(|(l, p)| (l.id.clone(), (l.clone(), p.cloned())))
            .collect();
        let mut groups_of: BTreeMap<PersonId, Vec<GroupId>> = BTreeMap::new();
        for (group, members) in self.groups.iter().zip(&members) {
            for person in members {
                let of = groups_of.entry(person.clone()).or_default();
                of.push(group.id.clone());
            }
        }
        let mut holders: BTreeMap<SkillId, Vec<PersonId>> = BTreeMap::new();
        for person in &self.people {
            for skill in person.skills.keys() {
                let of = holders.entry(skill.clone()).or_default();
                of.push(person.id.clone());
            }
        }
        Ok(Directory {
            people,
            groups,
            groups_of,
            holders,
            lines,
            members,
            draft: self,
        })
    }
}

/// The configuration of a company, checked: every reference in it leads somewhere.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Draft", into = "Draft"))]
pub struct Directory {
    draft: Draft,
    people: IdMap<PersonId, usize>,
    groups: IdMap<GroupId, usize>,
    groups_of: BTreeMap<PersonId, Vec<GroupId>>,
    holders: BTreeMap<SkillId, Vec<PersonId>>,
    lines: BTreeMap<LineId, (Line, Option<PersonId>)>,
    /// By place of the group.
    members: Vec<Vec<PersonId>>,
}

impl TryFrom<Draft> for Directory {
    type Error = DirectoryError;
    fn try_from(draft: Draft) -> Result<Self, DirectoryError> {
        draft.check()
    }
}

impl From<Directory> for Draft {
    fn from(directory: Directory) -> Self {
        directory.draft
    }
}

impl Directory {
    /// What the directory was made of.
    #[must_use]
    pub const fn draft(&self) -> &Draft {
        &self.draft
    }

    /// The company's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.draft.name
    }

    /// The company's zone.
    #[must_use]
    pub const fn zone(&self) -> &Zone {
        &self.draft.zone
    }

    /// Everybody, in the order in which they were written.
    #[must_use]
    pub fn people(&self) -> &[Person] {
        &self.draft.people
    }

    /// Every group, in the order in which they were written.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.draft.groups
    }

    /// The person with this id.
    #[must_use]
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.people.get(id).map(|&i| &self.draft.people[i])
    }

    /// The place of a person in [`people`](Self::people).
    #[must_use]
    pub fn slot_of(&self, id: &PersonId) -> Option<Slot> {
        let place = *self.people.get(id)?;
        u32::try_from(place).ok().map(Slot::new)
    }

    /// The group with this id.
    #[must_use]
    pub fn group(&self, id: &GroupId) -> Option<&Group> {
        self.groups.get(id).map(|&i| &self.draft.groups[i])
    }

    /// Everybody in a group, also through the groups that it holds: its own members in their order,
    /// then those of its groups in theirs, everybody once. Nobody, where there is no such group.
    ///
    /// ```
    /// use bereik_core::directory::Draft;
    /// use bereik_core::group::Group;
    /// use bereik_core::person::Person;
    /// use bereik_core::zone::Zone;
    ///
    /// let desk = Group::new("desk".parse()?, "Desk", vec!["anna".parse()?]);
    /// let mut all = Group::new("all".parse()?, "Everybody", vec!["bram".parse()?]);
    /// all.groups.push("desk".parse()?);
    /// let directory = Draft::new("Rivers & Co", Zone::utc())
    ///     .with_person(Person::new("anna".parse()?, "Anna"))
    ///     .with_person(Person::new("bram".parse()?, "Bram"))
    ///     .with_group(all)
    ///     .with_group(desk)
    ///     .check()?;
    /// let members = directory.members_of(&"all".parse()?);
    /// assert_eq!(members, ["bram".parse()?, "anna".parse()?]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn members_of(&self, group: &GroupId) -> &[PersonId] {
        let place = self.groups.get(group);
        place.map_or(&[], |&place| &self.members[place])
    }

    /// The groups that somebody is a member of, also through groups that they hold, in the order
    /// in which they were written.
    #[must_use]
    pub fn groups_of(&self, person: &PersonId) -> &[GroupId] {
        self.groups_of.get(person).map_or(&[], Vec::as_slice)
    }

    /// Who has a skill, however well, in the order in which they were written.
    #[must_use]
    pub fn holders_of(&self, skill: &SkillId) -> &[PersonId] {
        self.holders.get(skill).map_or(&[], Vec::as_slice)
    }

    /// The line with this id, and whose it is when it is a person's.
    #[must_use]
    pub fn line(&self, id: &LineId) -> Option<(&Line, Option<&PersonId>)> {
        self.lines
            .get(id)
            .map(|(line, person)| (line, person.as_ref()))
    }

    /// The zone of a person.
    #[must_use]
    pub fn zone_of<'a>(&'a self, person: &'a Person) -> &'a Zone {
        person.zone.as_ref().unwrap_or(&self.draft.zone)
    }

    /// The working hours of a person; `None` means always.
    #[must_use]
    pub fn hours_of(&self, person: &Person) -> Option<&Hours> {
        self.hours(
            person
                .hours
                .as_ref()
                .or(self.draft.default_hours.as_ref())?,
        )
    }

    /// The hours with this id.
    #[must_use]
    pub fn hours(&self, id: &HoursId) -> Option<&Hours> {
        self.draft.hours.get(id)
    }

    /// The agreement of a group, or the directory's own.
    #[must_use]
    pub fn agreement_of(&self, group: Option<&Group>) -> Option<&Agreement> {
        let named = group.and_then(|g| g.agreement.as_ref());
        let id = named.or(self.draft.default_agreement.as_ref())?;
        self.draft.agreements.iter().find(|a| a.id == *id)
    }

    /// The escalation policy of a group, or the directory's own.
    #[must_use]
    pub fn escalation_of(&self, group: Option<&Group>) -> Option<&EscalationPolicy> {
        let named = group.and_then(|g| g.escalation.as_ref());
        let id = named.or(self.draft.default_escalation.as_ref())?;
        self.draft.escalations.iter().find(|e| e.id == *id)
    }

    /// What a person may hold beside what.
    #[must_use]
    pub fn beside_of<'a>(&'a self, person: &'a Person) -> &'a [Beside] {
        let own = person.beside.as_ref();
        own.unwrap_or(&self.draft.hands.beside)
    }

    /// The most that a person holds in all, by weight, if there is such a limit.
    #[must_use]
    pub fn capacity_total_of(&self, person: &Person) -> Option<u16> {
        person.capacity_total.or(self.draft.hands.capacity_total)
    }

    /// In how many contacts of others a person is consulted at once.
    #[must_use]
    pub fn consults_of(&self, person: &Person) -> u8 {
        person.consults.unwrap_or(self.draft.hands.consults)
    }

    /// How long a person has for wrapping up after a contact of this kind for this group, in
    /// seconds: his own time, else the group's, else the company's, else none.
    #[must_use]
    pub fn wrap_up_s(&self, person: &Person, group: Option<&Group>, channel: ChannelKind) -> u32 {
        let own = person.wrap_up_s.get(&channel);
        let groups = || group.and_then(|group| group.wrap_up_s.get(&channel));
        let company = || self.draft.hands.wrap_up_s.get(&channel);
        own.or_else(groups).or_else(company).copied().unwrap_or(0)
    }

    /// What happens to a conversation for this group whose owner is away.
    #[must_use]
    pub fn owner_away_of(&self, group: Option<&Group>) -> OwnerAway {
        let own = group.and_then(|group| group.owner_away);
        own.unwrap_or(self.draft.hands.owner_away)
    }

    /// The first row of the page table that matches this page.
    #[must_use]
    pub fn page_rule(&self, page: &str) -> Option<(PageMatch, &PageRule)> {
        self.first_rule(|rule| rule.matches(page))
    }

    /// The first row of the page table that is for this line of the company.
    #[must_use]
    pub fn line_rule(&self, line: &LineId) -> Option<(PageMatch, &PageRule)> {
        self.first_rule(|rule| rule.is_for_line(line))
    }

    fn first_rule(&self, fits: impl Fn(&PageRule) -> bool) -> Option<(PageMatch, &PageRule)> {
        let mut rules = self.draft.pages.iter().enumerate();
        let (i, rule) = rules.find(|(_, rule)| fits(rule))?;
        let row = u32::try_from(i + 1).unwrap_or(u32::MAX);
        Some((
            PageMatch {
                row,
                pattern: rule.pattern.clone(),
            },
            rule,
        ))
    }
}
