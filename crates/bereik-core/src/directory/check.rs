//! Checks a draft of a directory, and says where the first fault stands.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{Draft, members};
use crate::agreement::{Ask, EscalationPolicy};
use crate::channel_kind::ChannelKind;
use crate::group::Group;
use crate::hands::{Beside, Hands, OwnerAway};
use crate::id::{GroupId, HoursId, LineId, PersonId};
use crate::incident::IncidentRule;
use crate::line::Line;
use crate::triage::Triage;

/// One step on the way to a faulty value: the name of a field, or a place in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a path has names and places")]
pub enum Step {
    /// A field, as it is written in a file.
    Field(String),
    /// A place in a list, counted from 0.
    Place(usize),
}

/// What is wrong with a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DirectoryErrorKind {
    /// An address, or the line of ours over which it is reached, does not fit the kind of its channel.
    AddressMismatch,
    /// A group is within itself.
    Cycle,
    /// An id is given twice.
    Duplicate,
    /// A list that must hold something is empty.
    Empty,
    /// A number is out of its range.
    OutOfRange,
    /// A name leads nowhere.
    Unknown,
}

/// A directory is not right: what, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryError {
    kind: DirectoryErrorKind,
    path: Vec<Step>,
    message: String,
}

impl DirectoryError {
    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> &DirectoryErrorKind {
        &self.kind
    }

    /// Where: the fields and places that lead to the value, outermost first.
    #[must_use]
    pub fn path(&self) -> &[Step] {
        &self.path
    }

    /// What is wrong, without where.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for DirectoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.path.iter().enumerate() {
            match step {
                Step::Field(name) if i == 0 => write!(f, "{name}")?,
                Step::Field(name) => write!(f, ", {name}")?,
                Step::Place(place) => write!(f, " {}", place + 1)?,
            }
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for DirectoryError {}

/// The way to the value that is being looked at.
#[derive(Clone)]
struct At(Vec<Step>);

impl At {
    fn root(field: &str) -> Self {
        Self(vec![Step::Field(field.to_owned())])
    }

    fn place(&self, place: usize) -> Self {
        let mut path = self.0.clone();
        path.push(Step::Place(place));
        Self(path)
    }

    fn field(&self, field: &str) -> Self {
        let mut path = self.0.clone();
        path.push(Step::Field(field.to_owned()));
        Self(path)
    }

    fn fault(self, kind: DirectoryErrorKind, message: String) -> DirectoryError {
        DirectoryError {
            kind,
            path: self.0,
            message,
        }
    }

    fn unknown(self, what: &str, id: &str) -> DirectoryError {
        self.fault(
            DirectoryErrorKind::Unknown,
            format!("there is no {what} `{id}`"),
        )
    }

    fn in_range(self, value: u32, low: u32, high: u32) -> Result<(), DirectoryError> {
        if (low..=high).contains(&value) {
            return Ok(());
        }
        let message = format!("{value} is not between {low} and {high}");
        Err(self.fault(DirectoryErrorKind::OutOfRange, message))
    }
}

type Checked = Result<(), DirectoryError>;

/// The ids that references may lead to.
struct Known<'a> {
    people: BTreeSet<&'a PersonId>,
    groups: BTreeSet<&'a GroupId>,
    lines: BTreeSet<&'a LineId>,
    /// The kind of channel of each line of the company itself.
    own_lines: BTreeMap<&'a LineId, ChannelKind>,
    hours: BTreeSet<&'a HoursId>,
    agreements: BTreeSet<&'a str>,
    escalations: BTreeSet<&'a str>,
}

fn unique<'a, T: Ord + fmt::Display + ?Sized>(
    items: impl Iterator<Item = (At, &'a T)>,
) -> Result<BTreeSet<&'a T>, DirectoryError> {
    let mut seen = BTreeSet::new();
    for (at, id) in items {
        if !seen.insert(id) {
            let message = format!("`{id}` is given twice");
            return Err(at.field("id").fault(DirectoryErrorKind::Duplicate, message));
        }
    }
    Ok(seen)
}

fn places<'a, T>(field: &str, items: &'a [T]) -> impl Iterator<Item = (At, &'a T)> + use<'a, T> {
    let root = At::root(field);
    items
        .iter()
        .enumerate()
        .map(move |(i, item)| (root.place(i), item))
}

fn all_lines(draft: &Draft) -> impl Iterator<Item = (At, &Line)> {
    let own = places("person", &draft.people).flat_map(|(at, person)| {
        let at = at.field("line");
        person
            .lines
            .iter()
            .enumerate()
            .map(move |(i, line)| (at.place(i), line))
    });
    places("line", &draft.lines).chain(own)
}

/// Answers the members of each group.
pub(super) fn check(draft: &Draft) -> Result<Vec<Vec<PersonId>>, DirectoryError> {
    let known = Known {
        people: unique(places("person", &draft.people).map(|(at, p)| (at, &p.id)))?,
        groups: unique(places("group", &draft.groups).map(|(at, g)| (at, &g.id)))?,
        lines: unique(all_lines(draft).map(|(at, l)| (at, &l.id)))?,
        own_lines: draft.lines.iter().map(|l| (&l.id, l.channel)).collect(),
        hours: draft.hours.keys().collect(),
        agreements: unique(
            places("agreement", &draft.agreements).map(|(at, a)| (at, a.id.as_str())),
        )?,
        escalations: unique(
            places("escalation", &draft.escalations).map(|(at, e)| (at, e.id.as_str())),
        )?,
    };
    known.check_defaults(draft)?;
    for (at, line) in all_lines(draft) {
        known.check_line(&at, line)?;
    }
    check_hands(&At::root("hands"), &draft.hands)?;
    known.check_people(draft)?;
    known.check_groups(draft)?;
    let members = check_nesting(draft)?;
    known.check_agreements(draft)?;
    check_marks(draft)?;
    known.check_pages(draft)?;
    check_customers(draft)?;
    known.check_triage(draft)?;
    Ok(members)
}

/// A year, in seconds.
const YEAR_S: u32 = 365 * 86_400;

fn check_customers(draft: &Draft) -> Checked {
    At::root("reopen_for_s").in_range(draft.reopen_for_s, 0, YEAR_S)?;
    let joining = At::root("joining");
    joining
        .field("quiet_for_s")
        .in_range(draft.joining.quiet_for_s, 0, YEAR_S)?;
    let (silence, at) = (&draft.silence, At::root("silence"));
    for (field, value, high) in [
        ("probe_live_after_s", silence.probe_live_after_s, 86_400),
        ("probe_after_s", silence.probe_after_s, 86_400),
        ("abandon_after_s", silence.abandon_after_s, 30 * 86_400),
    ] {
        at.field(field).in_range(value, 1, high)?;
    }
    let (rule, at) = (&draft.incident, At::root("incident"));
    for (field, value, low, high) in [
        ("contacts", rule.contacts, 2, IncidentRule::CONTACTS_MAX),
        ("within_s", rule.within_s, 0, 86_400),
        ("word_for_s", rule.word_for_s, 60, 86_400),
    ] {
        at.field(field).in_range(value, low, high)?;
    }
    Ok(())
}

fn check_hands(at: &At, hands: &Hands) -> Checked {
    check_beside(&at.field("beside"), &hands.beside)?;
    let in_range = |field, value: u32, low, high| at.field(field).in_range(value, low, high);
    in_range("consult_asked_max", hands.consult_asked_max.into(), 1, 64)?;
    in_range("consult_offer_for_s", hands.consult_offer_for_s, 1, 86_400)?;
    in_range("consult_for_s", hands.consult_for_s, 60, 604_800)?;
    in_range("warm_for_s", hands.warm_for_s, 0, 86_400)?;
    check_wrap_up(&at.field("wrap_up_s"), &hands.wrap_up_s)?;
    check_owner_away(&at.field("owner_away"), &hands.owner_away)
}

fn check_beside(at: &At, beside: &[Beside]) -> Checked {
    for (i, rule) in beside.iter().enumerate() {
        if rule.holding == rule.of {
            let message = "how many of one kind are held is said by the capacity".to_owned();
            let at = at.place(i).field("of");
            return Err(at.fault(DirectoryErrorKind::OutOfRange, message));
        }
    }
    Ok(())
}

fn check_wrap_up(at: &At, wrap_up_s: &BTreeMap<ChannelKind, u32>) -> Checked {
    for (channel, &seconds) in wrap_up_s {
        at.field(channel.name()).in_range(seconds, 0, 3_600)?;
    }
    Ok(())
}

fn check_group_hands(at: &At, group: &Group) -> Checked {
    let in_range = |field, value| at.field(field).in_range(value, 1, 86_400);
    in_range("cool_down_s", group.cool_down_s)?;
    in_range("cool_down_declined_s", group.cool_down_declined_s)?;
    check_wrap_up(&at.field("wrap_up_s"), &group.wrap_up_s)?;
    let away = group.owner_away.as_ref();
    away.map_or(Ok(()), |away| {
        check_owner_away(&at.field("owner_away"), away)
    })
}

fn check_owner_away(at: &At, away: &OwnerAway) -> Checked {
    at.field("live_for_s")
        .in_range(away.live_for_s, 1, 86_400)?;
    at.field("for_s").in_range(away.for_s, 1, 30 * 86_400)
}

fn check_marks(draft: &Draft) -> Checked {
    for (at, mark) in places("mark", &draft.marks) {
        if mark.category.is_none() && mark.title.is_none() {
            let message = "a mark is a category or a title".to_owned();
            return Err(at.fault(DirectoryErrorKind::Empty, message));
        }
        if mark.channels.is_empty() {
            let message = "a mark opens at least one kind of channel".to_owned();
            return Err(at
                .field("channels")
                .fault(DirectoryErrorKind::Empty, message));
        }
    }
    Ok(())
}

/// No group is within itself, and only members have a weight.
fn check_nesting(draft: &Draft) -> Result<Vec<Vec<PersonId>>, DirectoryError> {
    let members = match members::flatten(&draft.groups) {
        Ok(members) => members,
        Err((group, place)) => {
            let at = At::root("group").place(group).field("groups").place(place);
            let message = format!("`{}` is within itself", draft.groups[group].id);
            return Err(at.fault(DirectoryErrorKind::Cycle, message));
        }
    };
    for ((at, group), members) in places("group", &draft.groups).zip(&members) {
        for (person, &weight) in &group.weights {
            let at = at.field("weights").field(person.as_str());
            if !members.contains(person) {
                return Err(at.unknown("member", person.as_str()));
            }
            at.in_range(weight, 1, 1_000)?;
        }
    }
    Ok(members)
}

impl Known<'_> {
    fn check_hours(&self, at: At, id: Option<&HoursId>) -> Checked {
        match id {
            Some(id) if !self.hours.contains(id) => Err(at.unknown("hours", id.as_str())),
            _ => Ok(()),
        }
    }

    fn check_defaults(&self, draft: &Draft) -> Checked {
        self.check_hours(At::root("default_hours"), draft.default_hours.as_ref())?;
        self.check_policies(
            |field| At::root(&format!("default_{field}")),
            draft.default_agreement.as_ref().map(|id| id.as_str()),
            draft.default_escalation.as_ref().map(|id| id.as_str()),
        )?;
        for (at, id) in places("calamity_lines", &draft.calamity_lines) {
            if !self.lines.contains(id) {
                return Err(at.unknown("line", id.as_str()));
            }
        }
        At::root("horizon_h").in_range(draft.horizon_h, 0, 8_760)
    }

    fn check_policies(
        &self,
        at: impl Fn(&str) -> At,
        agreement: Option<&str>,
        escalation: Option<&str>,
    ) -> Checked {
        if let Some(id) = agreement.filter(|id| !self.agreements.contains(id)) {
            return Err(at("agreement").unknown("agreement", id));
        }
        if let Some(id) = escalation.filter(|id| !self.escalations.contains(id)) {
            return Err(at("escalation").unknown("escalation policy", id));
        }
        Ok(())
    }

    fn check_line(&self, at: &At, line: &Line) -> Checked {
        if !line.address.fits(line.channel) {
            let message = format!("this address cannot be used over {}", line.channel.name());
            let kind = DirectoryErrorKind::AddressMismatch;
            return Err(at.field("address").fault(kind, message));
        }
        if let Some(ours) = &line.via {
            let at = at.field("via");
            match self.own_lines.get(ours) {
                None => return Err(at.unknown("line of the company", ours.as_str())),
                Some(kind) if *kind != line.channel => {
                    let message = format!("`{ours}` is a line of {}", kind.name());
                    return Err(at.fault(DirectoryErrorKind::AddressMismatch, message));
                }
                Some(_) => {}
            }
        }
        self.check_hours(at.field("hours"), line.hours.as_ref())
    }

    fn check_people(&self, draft: &Draft) -> Checked {
        for (at, person) in places("person", &draft.people) {
            self.check_hours(at.field("hours"), person.hours.as_ref())?;
            self.check_hours(at.field("public_hours"), person.public_hours.as_ref())?;
            check_beside(
                &at.field("beside"),
                person.beside.as_deref().unwrap_or_default(),
            )?;
            check_wrap_up(&at.field("wrap_up_s"), &person.wrap_up_s)?;
            for (skill, &proficiency) in &person.skills {
                at.field("skills")
                    .field(skill.as_str())
                    .in_range(proficiency.into(), 1, 5)?;
            }
        }
        Ok(())
    }

    fn check_groups(&self, draft: &Draft) -> Checked {
        for (at, group) in places("group", &draft.groups) {
            if group.members.is_empty() && group.groups.is_empty() {
                let message = "a group needs at least one member".to_owned();
                return Err(at
                    .field("members")
                    .fault(DirectoryErrorKind::Empty, message));
            }
            for (i, member) in group.members.iter().enumerate() {
                if !self.people.contains(member) {
                    return Err(at
                        .field("members")
                        .place(i)
                        .unknown("person", member.as_str()));
                }
            }
            for (i, id) in group.groups.iter().enumerate() {
                if !self.groups.contains(id) {
                    return Err(at.field("groups").place(i).unknown("group", id.as_str()));
                }
            }
            at.field("offer_for_s")
                .in_range(group.offer_for_s, 1, 3_600)?;
            if let Some(community) = &group.community {
                let at = at.field("community");
                at.field("quorum").in_range(community.quorum, 1, 1_000)?;
                at.field("again_after_s")
                    .in_range(community.again_after_s, 0, 366 * 86_400)?;
            }
            check_group_hands(&at, group)?;
            at.field("offers_at_once")
                .in_range(group.offers_at_once.into(), 1, 64)?;
            at.field("knows_for_s")
                .in_range(group.knows_for_s, 0, 365 * 86_400)?;
            at.field("cap").in_range(group.cap, 1, 1_000)?;
            if let Some(reserve) = group.reserve {
                at.field("reserve").in_range(reserve, 0, 1_000)?;
            }
            self.check_circles(&at, group)?;
            self.check_hours(at.field("hours"), group.hours.as_ref())?;
            self.check_policies(
                |field| at.field(field),
                group.agreement.as_ref().map(|id| id.as_str()),
                group.escalation.as_ref().map(|id| id.as_str()),
            )?;
        }
        Ok(())
    }

    fn check_circles(&self, at: &At, group: &crate::group::Group) -> Checked {
        let mut earliest = 0;
        for (i, circle) in group.circles.iter().enumerate() {
            let at = at.field("circle").place(i);
            at.field("after_s")
                .in_range(circle.after_s, earliest, 30 * 86_400)?;
            earliest = circle.after_s;
            for (skill, &at_least) in &circle.lowers {
                at.field("lowers")
                    .field(skill.as_str())
                    .in_range(at_least.into(), 1, 5)?;
            }
            for (j, id) in circle.groups.iter().enumerate() {
                if !self.groups.contains(id) {
                    return Err(at.field("groups").place(j).unknown("group", id.as_str()));
                }
            }
        }
        Ok(())
    }

    fn check_agreements(&self, draft: &Draft) -> Checked {
        for (at, agreement) in places("agreement", &draft.agreements) {
            self.check_hours(at.field("hours"), agreement.hours.as_ref())?;
            at.field("warn_percent")
                .in_range(agreement.warn_percent.into(), 1, 99)?;
            for (i, target) in agreement.targets.iter().enumerate() {
                let at = at.field("target").place(i);
                at.field("acknowledge_for_s")
                    .in_range(target.acknowledge_for_s, 1, 3_600)?;
                at.field("answer_for_s")
                    .in_range(target.answer_for_s, 1, 30 * 86_400)?;
                if let Some(for_s) = target.next_answer_for_s {
                    at.field("next_answer_for_s")
                        .in_range(for_s, 1, 30 * 86_400)?;
                }
                if let Some(for_s) = target.resolve_for_s {
                    at.field("resolve_for_s").in_range(for_s, 1, 365 * 86_400)?;
                }
            }
        }
        for (at, policy) in places("escalation", &draft.escalations) {
            if policy.repeat_max != EscalationPolicy::FOR_EVER {
                at.field("repeat_max").in_range(policy.repeat_max, 0, 100)?;
            }
            for (i, level) in policy.levels.iter().enumerate() {
                let at = at.field("level").place(i);
                at.field("for_s").in_range(level.for_s, 1, 86_400)?;
                for (j, ask) in level.ask.iter().enumerate() {
                    self.check_ask(at.field("ask").place(j), ask)?;
                }
            }
        }
        Ok(())
    }

    fn check_ask(&self, at: At, ask: &Ask) -> Checked {
        match ask {
            Ask::Group(id) if !self.groups.contains(id) => Err(at.unknown("group", id.as_str())),
            Ask::Line(id) if !self.lines.contains(id) => Err(at.unknown("line", id.as_str())),
            Ask::Person(id) if !self.people.contains(id) => Err(at.unknown("person", id.as_str())),
            _ => Ok(()),
        }
    }

    fn check_triage(&self, draft: &Draft) -> Checked {
        let Some(triage) = &draft.triage else {
            return Ok(());
        };
        let at = At::root("triage");
        at.field("for_s").in_range(triage.for_s, 1, 3_600)?;
        let (options, at) = (&triage.options, at.field("option"));
        if !(2..=Triage::OPTIONS_MAX).contains(&options.len()) {
            let message = format!(
                "{} are not 2 to {} answers",
                options.len(),
                Triage::OPTIONS_MAX
            );
            return Err(at.fault(DirectoryErrorKind::OutOfRange, message));
        }
        for (i, option) in options.iter().enumerate() {
            let at = at.place(i);
            if let Some(id) = option.group.as_ref().filter(|id| !self.groups.contains(id)) {
                return Err(at.field("group").unknown("group", id.as_str()));
            }
            for (j, requirement) in option.requires.iter().enumerate() {
                let at = at.field("requires").place(j).field("at_least");
                at.in_range(requirement.at_least.into(), 1, 5)?;
            }
        }
        Ok(())
    }

    fn check_pages(&self, draft: &Draft) -> Checked {
        for (at, rule) in places("page", &draft.pages) {
            if let Some(id) = rule.line()
                && !self.lines.iter().any(|line| line.as_str() == id)
            {
                return Err(at.field("pattern").unknown("line", id));
            }
            if let Some(id) = rule.group.as_ref().filter(|id| !self.groups.contains(id)) {
                return Err(at.field("group").unknown("group", id.as_str()));
            }
            for (i, requirement) in rule.requires.iter().enumerate() {
                let at = at.field("requires").place(i).field("at_least");
                at.in_range(requirement.at_least.into(), 1, 5)?;
            }
        }
        Ok(())
    }
}
