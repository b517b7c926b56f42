//! Lines that need the same uplink or provider, and so fail together.

use std::collections::{BTreeMap, BTreeSet};

use bereik_core::agreement::Ask;
use bereik_core::channel_kind::ChannelKind;
use bereik_core::directory::Directory;
use bereik_core::group::Group;
use bereik_core::id::{GroupId, LineId, PersonId};
use bereik_core::line::Line;

/// What a line is to a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum WayKind {
    /// A line that a calamity is put to.
    Calamity,
    /// A line that the group's escalation policy asks, or of somebody whom it asks.
    Escalation,
    /// A line of a member.
    Member,
    /// A public line of the company: the customers' way in.
    Public,
}

/// A line by which a group can be reached.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "a line and what it is here")]
pub struct Way {
    /// The line.
    pub line: LineId,
    /// What it is to the group; of several the first of member, escalation, calamity and public.
    pub kind: WayKind,
}

/// What is lost and what is left of a group's ways when one thing fails that lines need.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(
    clippy::exhaustive_structs,
    reason = "what fails, what goes, what stays"
)]
pub struct SharedFailure {
    /// The uplink or provider, as lines name it.
    pub dependency: String,
    /// The ways that need it, in the order of ids.
    pub lost: Vec<Way>,
    /// The ways that do not, in the order of ids.
    pub left: Vec<Way>,
}

impl SharedFailure {
    /// Whether nothing is left.
    #[must_use]
    pub fn takes_all(&self) -> bool {
        self.left.is_empty()
    }

    /// Whether it takes every way of one kind, of which there is at least one: without the public ones no
    /// customer comes in, without the members' only the way out is left, without that one a calamity
    /// has none.
    #[must_use]
    pub fn takes_all_of(&self, kind: WayKind) -> bool {
        let is = |way: &Way| way.kind == kind;
        self.lost.iter().any(is) && !self.left.iter().any(is)
    }
}

/// What a group loses when one uplink or provider fails, for each that one of its ways
/// [needs](Line::depends_on): what leaves the least comes first, then by name.
///
/// The ways of a group are the lines of its members, those that its escalation policy asks, itself or
/// through people and groups, the directory's calamity lines and the company's public lines; of
/// these kinds of channel, or of all where none is named. The hours of lines are not looked at. Web chat has no line and so stands
/// outside: it needs the embedder's own website.
///
/// ```
/// use bereik_core::channel_kind::ChannelKind;
/// use bereik_core::directory::Draft;
/// use bereik_core::group::Group;
/// use bereik_core::line::Line;
/// use bereik_core::person::Person;
/// use bereik_core::Zone;
/// use bereik_presence::shared_failures;
///
/// let mut phone = Line::new("anna-phone".parse()?, ChannelKind::Phone, "tel:+31201234567".parse()?);
/// phone.depends_on = vec!["fibre".to_owned()];
/// let mut calamity = Line::new("calamity".parse()?, ChannelKind::Phone, "tel:+31612345678".parse()?);
/// calamity.depends_on = vec!["fibre".to_owned(), "exchange".to_owned()];
/// let anna = Person::new("anna".parse()?, "Anna").with_line(phone);
/// let mut draft = Draft::new("Rivers & Co", Zone::utc())
///     .with_person(anna)
///     .with_group(Group::new("desk".parse()?, "Desk", vec!["anna".parse()?]));
/// draft.lines.push(calamity);
/// draft.calamity_lines.push("calamity".parse()?);
/// let directory = draft.check()?;
///
/// let failures = shared_failures(&directory, &directory.groups()[0], &[]);
/// assert_eq!(failures[0].dependency, "fibre");
/// assert!(failures[0].takes_all());
/// assert_eq!(failures[1].dependency, "exchange");
/// assert_eq!(failures[1].left[0].line.as_str(), "anna-phone");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn shared_failures(
    directory: &Directory,
    group: &Group,
    channels: &[ChannelKind],
) -> Vec<SharedFailure> {
    let mut ways = Ways {
        directory,
        channels,
        found: BTreeMap::new(),
    };
    ways.add_group(group);
    let dependencies: BTreeSet<&str> = ways
        .found
        .values()
        .flat_map(|(_, line)| line.depends_on.iter().map(String::as_str))
        .collect();
    let failures = dependencies.into_iter().map(|dependency| {
        let (lost, left) = ways
            .found
            .values()
            .partition::<Vec<_>, _>(|(_, line)| line.depends_on.iter().any(|d| d == dependency));
        let way = |(kind, line): (WayKind, &Line)| Way {
            line: line.id.clone(),
            kind,
        };
        SharedFailure {
            dependency: dependency.to_owned(),
            lost: lost.into_iter().map(way).collect(),
            left: left.into_iter().map(way).collect(),
        }
    });
    let mut failures: Vec<_> = failures.collect();
    failures.sort_by_key(|failure| failure.left.len());
    failures
}

/// Gathers the ways of a group.
struct Ways<'a> {
    directory: &'a Directory,
    channels: &'a [ChannelKind],
    found: BTreeMap<&'a LineId, (WayKind, &'a Line)>,
}

impl<'a> Ways<'a> {
    fn add_group(&mut self, group: &'a Group) {
        self.add_people(self.directory.members_of(&group.id), WayKind::Member);
        let directory = self.directory;
        let policy = directory.escalation_of(Some(group));
        for ask in policy.iter().flat_map(|p| &p.levels).flat_map(|l| &l.ask) {
            match ask {
                Ask::Group(id) => self.add_members(id, WayKind::Escalation),
                Ask::Line(id) => self.add_line(id, WayKind::Escalation),
                Ask::Person(id) => self.add_people(std::slice::from_ref(id), WayKind::Escalation),
            }
        }
        for id in &directory.draft().calamity_lines {
            self.add_line(id, WayKind::Calamity);
        }
        for line in directory.draft().lines.iter().filter(|line| line.is_public) {
            self.add(line, WayKind::Public);
        }
    }

    fn add_members(&mut self, id: &GroupId, kind: WayKind) {
        if let Some(group) = self.directory.group(id) {
            self.add_people(self.directory.members_of(&group.id), kind);
        }
    }

    fn add_people(&mut self, ids: &[PersonId], kind: WayKind) {
        let directory = self.directory;
        let people = ids.iter().filter_map(|id| directory.person(id));
        for line in people.flat_map(|person| &person.lines) {
            self.add(line, kind);
        }
    }

    fn add_line(&mut self, id: &LineId, kind: WayKind) {
        if let Some((line, _)) = self.directory.line(id) {
            self.add(line, kind);
        }
    }

    fn add(&mut self, line: &'a Line, kind: WayKind) {
        if self.channels.is_empty() || self.channels.contains(&line.channel) {
            self.found.entry(&line.id).or_insert((kind, line));
        }
    }
}
