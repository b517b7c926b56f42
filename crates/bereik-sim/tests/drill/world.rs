//! Small companies with random lines, hours, duties and policies, and who would hear, by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use bereik_core::agreement::{Ask, EscalationPolicy, Level};
use bereik_core::directory::{Directory, Draft};
use bereik_core::group::{Circle, Group};
use bereik_core::hours::{Hours, Week};
use bereik_core::id::{LineId, PersonId};
use bereik_core::line::Line;
use bereik_core::person::Person;
use bereik_core::reachability::Reach;
use bereik_core::signal::{Signal, SignalKind};
use bereik_core::{ChannelKind, Interval, Zone};
use bereik_presence::{PersonFacts, ReachRules, reachability_at};
use bereik_sim::drill::{FireDrill, Loss};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::{collection::vec, option};

const PEOPLE: usize = 4;
const NEEDS: [&str; 2] = ["fibre", "mobile"];

pub(crate) struct World {
    pub(crate) range: Interval,
    pub(crate) directory: Directory,
    pub(crate) facts: BTreeMap<PersonId, PersonFacts>,
    pub(crate) rules: ReachRules,
    pub(crate) channel: ChannelKind,
}

#[derive(Clone, Debug)]
struct LineOf {
    channel: ChannelKind,
    has_hours: bool,
    needs: Vec<usize>,
}

#[derive(Clone, Debug)]
struct PersonOf {
    has_hours: bool,
    lines: Vec<LineOf>,
    on_call: Vec<(u8, u8)>,
    hands: u8,
}

fn line() -> impl Strategy<Value = LineOf> {
    let channel = prop_oneof![Just(ChannelKind::Phone), Just(ChannelKind::Email)];
    let needs = vec(0..NEEDS.len(), 0..2);
    (channel, any::<bool>(), needs).prop_map(|(channel, has_hours, needs)| LineOf {
        channel,
        has_hours,
        needs,
    })
}

fn person() -> impl Strategy<Value = PersonOf> {
    let on_call = vec((0u8..36, 1u8..12), 0..3);
    let hands = prop_oneof![4 => Just(1u8), 1 => Just(0u8)];
    (any::<bool>(), vec(line(), 0..3), on_call, hands).prop_map(
        |(has_hours, lines, on_call, hands)| PersonOf {
            has_hours,
            lines,
            on_call,
            hands,
        },
    )
}

/// Of a level: a number of a line, a number of a person, or the second group.
fn ask() -> impl Strategy<Value = (u8, u8)> {
    (0u8..3, 0u8..8)
}

pub(crate) fn worlds() -> impl Strategy<Value = World> {
    (
        vec(person(), PEOPLE),
        vec(line(), 0..3),
        vec(0u8..8, 0..3),
        option::of(vec(vec(ask(), 1..3), 0..3)),
        any::<bool>(),
        prop_oneof![Just(ChannelKind::WebChat), Just(ChannelKind::Phone)],
    )
        .prop_map(|(people, lines, calamity, levels, has_circle, channel)| {
            build(&people, &lines, &calamity, levels, has_circle, channel)
        })
}

fn id(number: usize) -> PersonId {
    format!("p{number}").parse().unwrap()
}

fn make_line(name: &str, of: &LineOf) -> Line {
    let address = match of.channel {
        ChannelKind::Phone => "tel:+31612345678",
        _ => "on-call@rivers.example",
    };
    let mut line = Line::new(name.parse().unwrap(), of.channel, address.parse().unwrap());
    line.hours = of.has_hours.then(|| "evening".parse().unwrap());
    line.depends_on = of
        .needs
        .iter()
        .map(|need| NEEDS[*need].to_owned())
        .collect();
    line
}

fn build(
    people: &[PersonOf],
    lines: &[LineOf],
    calamity: &[u8],
    levels: Option<Vec<Vec<(u8, u8)>>>,
    has_circle: bool,
    channel: ChannelKind,
) -> World {
    let range: Interval = "2026-11-23T00:00:00Z/2026-11-24T12:00:00Z".parse().unwrap();
    let mut draft = Draft::new("Rivers & Co", Zone::utc());
    let all_days = |text: &str| {
        let day = || vec![text.parse().unwrap()];
        let (mon, tue) = (day(), day());
        Hours::new(Week {
            mon,
            tue,
            ..Week::default()
        })
    };
    draft
        .hours
        .insert("day".parse().unwrap(), all_days("08:00-17:00"));
    draft
        .hours
        .insert("evening".parse().unwrap(), all_days("15:00-23:00"));
    let facts = add_people(&mut draft, people, channel, range);
    for (place, line) in lines.iter().enumerate() {
        draft
            .lines
            .push(make_line(&format!("company-{place}"), line));
    }
    let own = draft.people.iter().flat_map(|person| &person.lines);
    let known: Vec<LineId> = own
        .chain(&draft.lines)
        .map(|line| line.id.clone())
        .collect();
    let line_of = |number: u8| known.get(usize::from(number)).cloned();
    let calamity: BTreeSet<LineId> = calamity.iter().filter_map(|n| line_of(*n)).collect();
    draft.calamity_lines = calamity.into_iter().collect();
    let mut desk = Group::new("desk".parse().unwrap(), "Desk", vec![id(0), id(1)]);
    if has_circle {
        let groups = vec!["others".parse().unwrap()];
        desk = desk.with_circle(Circle {
            after_s: 60,
            groups,
            ..Circle::default()
        });
    }
    draft.groups.push(desk);
    draft
        .groups
        .push(Group::new("others".parse().unwrap(), "Others", vec![id(2)]));
    if let Some(levels) = levels {
        add_policy(&mut draft, &levels, line_of);
    }
    World {
        range,
        directory: draft.check().unwrap(),
        facts,
        rules: ReachRules::default(),
        channel,
    }
}

fn add_people(
    draft: &mut Draft,
    people: &[PersonOf],
    channel: ChannelKind,
    range: Interval,
) -> BTreeMap<PersonId, PersonFacts> {
    let mut facts = BTreeMap::new();
    for (number, of) in people.iter().enumerate() {
        let mut person = Person::new(id(number), format!("P{number}"));
        person.hours = of.has_hours.then(|| "day".parse().unwrap());
        person.capacity.insert(channel, of.hands);
        for (place, line) in of.lines.iter().enumerate() {
            person
                .lines
                .push(make_line(&format!("p{number}-{place}"), line));
        }
        draft.people.push(person);
        let on_call = of.on_call.iter().map(|(from, hours)| {
            let start = range.start() + TimeDelta::hours((*from).into());
            Interval::new(start, start + TimeDelta::hours((*hours).into())).unwrap()
        });
        let known = PersonFacts {
            on_call: on_call.collect(),
            ..PersonFacts::default()
        };
        facts.insert(id(number), known);
    }
    facts
}

fn add_policy(draft: &mut Draft, levels: &[Vec<(u8, u8)>], line_of: impl Fn(u8) -> Option<LineId>) {
    let ask = |(kind, number): &(u8, u8)| match (kind, line_of(*number)) {
        (0, Some(line)) => Ask::Line(line),
        (1, _) => Ask::Group("others".parse().unwrap()),
        _ => Ask::Person(id(usize::from(*number) % PEOPLE)),
    };
    let levels = levels.iter().map(|asks| Level {
        ask: asks.iter().map(ask).collect(),
        for_s: 120,
    });
    draft.escalations.push(EscalationPolicy {
        id: "policy".parse().unwrap(),
        levels: levels.collect(),
        repeat_max: 0,
    });
    draft.default_escalation = Some("policy".parse().unwrap());
}

/// As a file would have it, so that a failure can be read.
impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let directory = serde_json::to_string(&self.directory).map_err(|_| fmt::Error)?;
        writeln!(f, "{:?} {directory}", self.channel)?;
        for (person, facts) in &self.facts {
            let on_call: Vec<_> = facts.on_call.iter().map(ToString::to_string).collect();
            writeln!(f, "{person} {on_call:?}")?;
        }
        Ok(())
    }
}

impl World {
    pub(crate) fn drill(&self) -> FireDrill<'_> {
        FireDrill::new(&self.directory, &self.facts, &self.rules).over(self.channel)
    }

    /// Everything that can be missing, in order.
    pub(crate) fn losses(&self) -> BTreeSet<Loss> {
        let draft = self.directory.draft();
        let own = draft.people.iter().flat_map(|person| &person.lines);
        let lines = own
            .chain(&draft.lines)
            .map(|line| Loss::Line(line.id.clone()));
        let people = draft.people.iter().map(|p| Loss::Person(p.id.clone()));
        let needs = NEEDS
            .iter()
            .map(|need| Loss::Dependency((*need).to_owned()));
        lines.chain(people).chain(needs).collect()
    }

    /// Whether anybody who can take the contact hears of it by any way at an instant.
    pub(crate) fn somebody_hears_at(&self, at: DateTime<Utc>) -> bool {
        let draft = self.directory.draft();
        let desk = &draft.groups[0];
        let circles = desk.circles.iter().flat_map(|circle| &circle.groups);
        let asked = circles.filter_map(|id| self.directory.group(id));
        let asked = asked.flat_map(|group| &group.members).chain(&desk.members);
        let levels = draft.escalations.iter().flat_map(|policy| &policy.levels);
        asked.into_iter().any(|person| self.hears_offer(person, at))
            || draft.calamity_lines.iter().any(|line| self.rings(line, at))
            || levels.flat_map(|level| &level.ask).any(|ask| match ask {
                Ask::Line(line) => self.rings(line, at),
                Ask::Person(person) => self.is_found(person, at),
                Ask::Group(group) => {
                    let members = &self.directory.group(group).unwrap().members;
                    members.iter().any(|person| self.is_found(person, at))
                }
            })
    }

    fn has_hands(&self, person: &PersonId) -> bool {
        let person = self.directory.person(person).unwrap();
        0 < person.capacity_for(self.channel)
    }

    fn reach(&self, id: &PersonId, channel: ChannelKind, at: DateTime<Utc>) -> Reach {
        let mut person = self.directory.person(id).unwrap().clone();
        if person.hours.is_none() {
            person.calendars.push(String::new());
        }
        let desk = Signal {
            kind: SignalKind::Online(ChannelKind::WebChat),
            source: "desk".into(),
            at: self.range.start(),
            expires_at: self.range.end(),
        };
        let mut facts = self.facts[id].clone();
        facts.signals.push(desk);
        reachability_at(&self.directory, &person, &facts, &self.rules, at).0[channel].reach
    }

    fn is_open(&self, line: &Line, at: DateTime<Utc>) -> bool {
        let hours = line.hours.as_ref().and_then(|id| self.directory.hours(id));
        hours.is_none_or(|hours| hours.is_open_at(at, self.directory.zone()))
    }

    /// Over the channel of the contact itself.
    fn hears_offer(&self, id: &PersonId, at: DateTime<Utc>) -> bool {
        let reach = self.reach(id, self.channel, at);
        let person = self.directory.person(id).unwrap();
        let mut lines = person.lines.iter();
        self.has_hands(id)
            && match self.channel {
                ChannelKind::WebChat => reach == Reach::Now,
                channel => {
                    matches!(reach, Reach::Now | Reach::OnCall)
                        && lines.any(|line| line.channel == channel && self.is_open(line, at))
                }
            }
    }

    /// A line of the company or of somebody.
    fn rings(&self, id: &LineId, at: DateTime<Utc>) -> bool {
        let (line, owner) = self.directory.line(id).unwrap();
        let is_called = |person: &PersonId| {
            let on_call = &self.facts[person].on_call;
            self.has_hands(person) && on_call.iter().any(|shift| shift.contains(at))
        };
        let people = self.directory.people();
        self.is_open(line, at)
            && match owner {
                None => people.iter().any(|person| is_called(&person.id)),
                Some(owner) => {
                    let reach = self.reach(owner, line.channel, at);
                    self.has_hands(owner) && matches!(reach, Reach::Now | Reach::OnCall)
                }
            }
    }

    /// Whom a level names: over the channel of the contact, or over the first of his lines.
    fn is_found(&self, id: &PersonId, at: DateTime<Utc>) -> bool {
        let mut lines = self.directory.person(id).unwrap().lines.iter();
        let over_a_line = lines.any(|line| self.rings(&line.id, at));
        self.has_hands(id) && (self.hears_offer(id, at) || over_a_line)
    }
}
