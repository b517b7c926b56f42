//! What outsiders may see: a standing, the channels open now, when somebody is back, other ways.

use std::collections::BTreeMap;

use bereik_core::address::Address;
use bereik_core::channel_kind::ChannelKind;
use bereik_core::directory::Directory;
use bereik_core::group::Group;
use bereik_core::hours::Hours;
use bereik_core::id::PersonId;
use bereik_core::line::Line;
use bereik_core::person::Person;
use bereik_core::presence::PresenceState;
use bereik_core::public_view::{PublicBoard, PublicView, Standing};
use bereik_core::reachability::Reach;
use bereik_core::zone::Zone;
use chrono::{DateTime, TimeDelta, Utc};

use crate::facts::PersonFacts;
use crate::reach::{Reacher, hours_of, reachability_at};
use crate::resolve::decision_stands_until;
use crate::rules::ReachRules;
use crate::sources::Sources;
use crate::subject::Subject;

/// How often an opening of a group is looked for anew, because its members are away by then.
const GROUP_TRIES_MAX: u32 = 32;

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
    Outside::new(directory, rules, now)
        .person(person, facts)
        .view
}

/// What outsiders may see of a group: the sum of its members.
///
/// Within the group's hours it is available if one member is, else busy if one is, else away if
/// one is, else offline; outside them it is away. `back_at` is the first instant within its hours at
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
    Outside::new(directory, rules, now).group(group, facts).view
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
    let outside = Outside::new(directory, rules, now);
    let nothing = PersonFacts::default();
    let mut until = outside.lines_stand_until(&directory.draft().lines, directory.zone());
    let mut keep = |seen: Seen| {
        until = [until, seen.until].into_iter().flatten().min();
        seen.view
    };
    let groups = directory.groups().iter().filter(|group| group.is_public);
    let groups = groups
        .map(|group| (group.id.clone(), keep(outside.group(group, facts))))
        .collect();
    let people = directory.people().iter().filter(|person| person.is_public);
    let people = people
        .map(|person| {
            let facts = facts.get(&person.id).unwrap_or(&nothing);
            (person.id.clone(), keep(outside.person(person, facts)))
        })
        .collect();
    (PublicBoard { groups, people }, until)
}

/// A view and until when it stands at least.
struct Seen {
    view: PublicView,
    until: Option<DateTime<Utc>>,
}

/// A member as outsiders see him.
struct Glimpse {
    standing: Standing,
    now_over: Vec<ChannelKind>,
    until: Option<DateTime<Utc>>,
}

/// The company as seen from outside at an instant.
struct Outside<'a> {
    directory: &'a Directory,
    rules: &'a ReachRules,
    now: DateTime<Utc>,
}

impl<'a> Outside<'a> {
    const fn new(directory: &'a Directory, rules: &'a ReachRules, now: DateTime<Utc>) -> Self {
        Self {
            directory,
            rules,
            now,
        }
    }

    fn person(&self, person: &'a Person, facts: &'a PersonFacts) -> Seen {
        let glimpse = self.glimpse(person, facts);
        let back_at = match glimpse.standing {
            Standing::Busy | Standing::Away => self.first_usable(person, facts, self.now),
            _ => None,
        };
        let own = self.public_lines(&person.lines, self.directory.zone_of(person));
        self.seen(glimpse, back_at, own)
    }

    fn group(&self, group: &'a Group, facts: &'a BTreeMap<PersonId, PersonFacts>) -> Seen {
        let nothing = PersonFacts::default();
        let members: Vec<(&Person, &PersonFacts)> = group
            .members
            .iter()
            .filter_map(|id| self.directory.person(id))
            .map(|person| (person, facts.get(&person.id).unwrap_or(&nothing)))
            .collect();
        let hours = group.hours.as_ref().and_then(|id| self.directory.hours(id));
        let mut glimpse = sum(members.iter().map(|(p, facts)| self.glimpse(p, facts)));
        if let Some(hours) = hours {
            let zone = self.directory.zone();
            let change = hours.next_change_after(self.now, zone);
            glimpse.until = [glimpse.until, change].into_iter().flatten().min();
            if !hours.is_open_at(self.now, zone) {
                glimpse.standing = Standing::Away;
                glimpse.now_over.clear();
            }
        }
        let back_at = match glimpse.standing {
            Standing::Busy | Standing::Away => self.group_back_at(hours, &members),
            _ => None,
        };
        self.seen(glimpse, back_at, Vec::new())
    }

    fn glimpse(&self, person: &Person, facts: &PersonFacts) -> Glimpse {
        let (row, until) = reachability_at(self.directory, person, facts, self.rules, self.now);
        let now_over: Vec<ChannelKind> = row
            .iter()
            .filter(|(channel, reachability)| {
                reachability.reach == Reach::Now && self.is_usable(person, *channel)
            })
            .map(|(channel, _)| channel)
            .collect();
        let subject = Subject::new(self.directory, person, facts);
        let decision = subject.decide(self.now);
        let standing = match decision.state {
            PresenceState::Busy | PresenceState::DoNotDisturb => Standing::Busy,
            PresenceState::OffDuty | PresenceState::OnCall | PresenceState::OutOfOffice => {
                Standing::Away
            }
            PresenceState::Idle if !now_over.is_empty() => Standing::Available,
            state if state.is_available() && !now_over.is_empty() => Standing::Available,
            _ => Standing::Offline,
        };
        let zone = self.directory.zone_of(person);
        let others = [
            until,
            decision_stands_until(&subject, decision, self.now),
            self.lines_stand_until(&person.lines, zone),
        ];
        Glimpse {
            standing,
            now_over,
            until: others.into_iter().flatten().min(),
        }
    }

    fn seen(
        &self,
        glimpse: Glimpse,
        back_at: Option<DateTime<Utc>>,
        mut other_ways: Vec<(ChannelKind, Address)>,
    ) -> Seen {
        let draft = self.directory.draft();
        let horizon = TimeDelta::hours(draft.horizon_h.into());
        let shown_from = back_at.map(|at| at - horizon);
        let appears_at = shown_from.filter(|at| self.now < *at);
        for way in self.public_lines(&draft.lines, self.directory.zone()) {
            if !other_ways.contains(&way) {
                other_ways.push(way);
            }
        }
        Seen {
            view: PublicView {
                standing: glimpse.standing,
                now_over: glimpse.now_over,
                back_at: back_at.filter(|_| appears_at.is_none()),
                other_ways,
            },
            until: [glimpse.until, appears_at].into_iter().flatten().min(),
        }
    }

    fn group_back_at(
        &self,
        hours: Option<&Hours>,
        members: &[(&Person, &PersonFacts)],
    ) -> Option<DateTime<Utc>> {
        let mut at = self.now;
        for _ in 0..GROUP_TRIES_MAX {
            let open = match hours {
                Some(hours) => hours.next_open_at(at, self.directory.zone())?,
                None => at,
            };
            let back = members
                .iter()
                .filter_map(|(person, facts)| self.first_usable(person, facts, open))
                .min()?;
            if back == open || hours.is_none() {
                return Some(back);
            }
            at = back;
        }
        None
    }

    /// When the person can first be reached over what outsiders can use, from an instant on.
    fn first_usable(
        &self,
        person: &Person,
        facts: &PersonFacts,
        from: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let reach = Reacher {
            sources: Subject::new(self.directory, person, facts),
            rules: self.rules,
        };
        let usable = ChannelKind::ALL.into_iter().filter(|channel| {
            channel.is_live()
                && (*channel == ChannelKind::WebChat || self.is_public(person, *channel))
        });
        usable
            .filter_map(|channel| reach.first_open_after(channel, from))
            .filter(|at| self.now < *at)
            .min()
    }

    /// Whether an outsider can use this kind of channel to the person now.
    fn is_usable(&self, person: &Person, channel: ChannelKind) -> bool {
        let zone = self.directory.zone_of(person);
        let serves = |line: &Line, zone| line.channel == channel && self.is_shown(line, zone);
        channel == ChannelKind::WebChat
            || person.lines.iter().any(|line| serves(line, zone))
            || self
                .company_lines()
                .any(|line| serves(line, self.directory.zone()))
    }

    /// Whether there is a public line of this kind, in service or not.
    fn is_public(&self, person: &Person, channel: ChannelKind) -> bool {
        let mut lines = person.lines.iter().chain(self.company_lines());
        lines.any(|line| line.channel == channel && line.is_public)
    }

    fn company_lines(&self) -> impl Iterator<Item = &'a Line> {
        self.directory.draft().lines.iter()
    }

    fn is_shown(&self, line: &Line, zone: &Zone) -> bool {
        let hours = hours_of(self.directory, line);
        line.is_public && hours.is_none_or(|hours| hours.is_open_at(self.now, zone))
    }

    fn public_lines(&self, lines: &[Line], zone: &Zone) -> Vec<(ChannelKind, Address)> {
        lines
            .iter()
            .filter(|line| self.is_shown(line, zone))
            .map(|line| (line.channel, line.address.clone()))
            .collect()
    }

    /// When a public line of these next goes into or out of service.
    fn lines_stand_until(&self, lines: &[Line], zone: &Zone) -> Option<DateTime<Utc>> {
        lines
            .iter()
            .filter(|line| line.is_public)
            .filter_map(|line| hours_of(self.directory, line))
            .filter_map(|hours| hours.next_change_after(self.now, zone))
            .min()
    }
}

/// The best standing of some people, and every channel that is open to one of them.
fn sum(members: impl Iterator<Item = Glimpse>) -> Glimpse {
    let nobody = Glimpse {
        standing: Standing::Offline,
        now_over: Vec::new(),
        until: None,
    };
    members.fold(nobody, |mut all, member| {
        if rank(member.standing) > rank(all.standing) {
            all.standing = member.standing;
        }
        all.now_over.extend(member.now_over);
        all.now_over.sort_unstable();
        all.now_over.dedup();
        all.until = [all.until, member.until].into_iter().flatten().min();
        all
    })
}

const fn rank(standing: Standing) -> u8 {
    match standing {
        Standing::Available => 3,
        Standing::Busy => 2,
        Standing::Away => 1,
        _ => 0,
    }
}
