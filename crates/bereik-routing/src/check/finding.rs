//! What a check finds: typed, with a sentence for it.

use std::fmt;

use bereik_core::id::{EscalationId, GroupId, LineId, PersonId, SkillId};
use bereik_core::person::Proficiency;
use bereik_core::{ChannelKind, Interval, Urgency};

/// How bad it is; an earlier variant is worse than a later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "three answers to: does it matter?")]
pub enum Severity {
    /// A customer would be alone.
    Alone,
    /// A customer would wait longer than he has to, or than was agreed.
    Slower,
    /// Something does not do what it seems to.
    Untidy,
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Subject {
    /// The company as a whole.
    Company,
    /// An escalation policy.
    Escalation(EscalationId),
    /// A group.
    Group(GroupId),
    /// A level of an escalation policy, counted from 1.
    Level(EscalationId, u32),
    /// A row of the table of pages, counted from 1.
    Page(u32),
    /// A person.
    Person(PersonId),
    /// An option of triage, counted from 1.
    TriageOption(u32),
}

/// Ways that are meant to stand in for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum WaySet {
    /// The calamity lines.
    Calamity,
    /// Every way that a policy leaves: the calamity lines, and its own.
    Everything,
    /// The lines of one level.
    Level,
    /// The lines of one person who is named by a level.
    Person,
    /// The calamity lines, and the first level of a policy that has a line.
    SecondLine,
}

/// A contact for which the next person is asked too late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "which, how late and what was agreed"
)]
pub struct Late {
    /// Its urgency.
    pub urgency: Urgency,
    /// Over which kind of channel it comes in.
    pub channel: ChannelKind,
    /// The next person is asked so many seconds after it came in, at the latest.
    pub after_s: u32,
    /// The target, in seconds.
    pub target_s: u32,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FindingKind {
    /// Calamities have no line, or none that is in service at the times of the ranges.
    CalamityWithoutLine,
    /// What somebody can hold in all is less than one contact of a kind over which his group is
    /// asked takes.
    CapacityTotal {
        /// Over which channel.
        channel: ChannelKind,
        /// What he can hold in all.
        total: u16,
        /// What one contact takes of it.
        weight: u8,
    },
    /// Somebody can hold no contact of a kind over which his group is asked.
    CapacityZero {
        /// Over which channel.
        channel: ChannelKind,
        /// Whether nobody else of one of his groups can either.
        is_last: bool,
    },
    /// When nobody of a group answers, a policy leads to the next person only after the target.
    Delay {
        /// Of which groups.
        groups: Vec<GroupId>,
        /// For which contacts, and how late.
        late: Vec<Late>,
    },
    /// Ways that are meant to stand in for each other need the same uplink or provider.
    FallTogether {
        /// The uplink or provider.
        dependency: String,
        /// Which ways.
        ways: WaySet,
        /// Their lines.
        lines: Vec<LineId>,
    },
    /// Somebody who is named by a level, himself or through a group, has fewer than two lines in service, at the times of the
    /// ranges.
    FewLines {
        /// How many there are at least.
        lines_min: usize,
    },
    /// A skill is needed that nobody has who would be asked.
    NobodyCan {
        /// The skill.
        skill: SkillId,
        /// The least proficiency that is needed.
        at_least: Proficiency,
        /// Who would be asked.
        group: GroupId,
    },
    /// Answers are promised, and nobody is on duty and no line in service, at the times of the
    /// ranges.
    Uncovered,
    /// A level of an escalation policy can never have anybody.
    UnreachableLevel,
    /// A level of an escalation policy begins so late that it never will.
    UnreachedLevel {
        /// So many seconds after the policy begins.
        after_s: u32,
    },
}

/// Something that will go wrong. `Display` says it in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What is wrong.
    pub kind: FindingKind,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// When, ascending; none where it is so at any time.
    pub ranges: Vec<Interval>,
}

impl Severity {
    /// One word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alone => "alone",
            Self::Slower => "slower",
            Self::Untidy => "untidy",
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Company => f.write_str("the company"),
            Self::Escalation(id) => write!(f, "escalation {id}"),
            Self::Group(id) => write!(f, "group {id}"),
            Self::Level(id, level) => write!(f, "level {level} of escalation {id}"),
            Self::Page(row) => write!(f, "row {row} of the pages"),
            Self::Person(id) => write!(f, "{id}"),
            Self::TriageOption(number) => write!(f, "option {number} of triage"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = &self.subject;
        match &self.kind {
            FindingKind::CalamityWithoutLine if self.ranges.is_empty() => {
                f.write_str("a calamity has no line")
            }
            FindingKind::CalamityWithoutLine => {
                f.write_str("no calamity line is in service at some times")
            }
            FindingKind::CapacityTotal {
                channel,
                total,
                weight,
            } => write!(
                f,
                "{subject} can hold {total} in all, and one contact over {} takes {weight}",
                words(*channel)
            ),
            FindingKind::CapacityZero { channel, is_last } => {
                let channel = words(*channel);
                write!(f, "{subject} can hold nothing over {channel}")?;
                f.write_str(if *is_last {
                    ", and nobody else of a group can"
                } else {
                    ""
                })
            }
            FindingKind::Delay { groups, late } => write_delay(f, subject, groups, late),
            FindingKind::FallTogether {
                dependency,
                ways,
                lines,
            } => write_fall(f, subject, dependency, *ways, lines),
            FindingKind::FewLines { lines_min: 0 } => {
                write!(
                    f,
                    "{subject} is on call and has no line in service{}",
                    self.at_times()
                )
            }
            FindingKind::FewLines { .. } => write!(
                f,
                "{subject} is on call and has only one line in service{}",
                self.at_times()
            ),
            FindingKind::NobodyCan {
                skill,
                at_least,
                group,
            } => write!(
                f,
                "{subject} needs {skill} at {at_least} or better, which nobody of group {group} has"
            ),
            FindingKind::Uncovered => write!(
                f,
                "{subject} promises answers while nobody is on duty and no line is in service"
            ),
            FindingKind::UnreachableLevel => write!(f, "{subject} never has anybody"),
            FindingKind::UnreachedLevel { after_s } => {
                write!(f, "{subject} begins only after {}", length(*after_s))
            }
        }
    }
}

impl Finding {
    const fn at_times(&self) -> &'static str {
        match self.ranges.is_empty() {
            true => "",
            false => " at some times",
        }
    }
}

fn write_fall(
    f: &mut fmt::Formatter<'_>,
    subject: &Subject,
    dependency: &str,
    ways: WaySet,
    lines: &[LineId],
) -> fmt::Result {
    match ways {
        WaySet::Calamity => write!(f, "all calamity lines"),
        WaySet::Everything => write!(f, "the calamity line and all lines of {subject}"),
        WaySet::Level => write!(f, "all lines of {subject}"),
        WaySet::Person => write!(f, "all lines of {subject}, who is on call,"),
        WaySet::SecondLine => write!(f, "the calamity line and the second line of {subject}"),
    }?;
    let lines: Vec<&str> = lines.iter().map(LineId::as_str).collect();
    write!(f, " fall together with {dependency}: {}", lines.join(", "))
}

fn write_delay(
    f: &mut fmt::Formatter<'_>,
    subject: &Subject,
    groups: &[GroupId],
    late: &[Late],
) -> fmt::Result {
    let worst = late
        .iter()
        .max_by_key(|late| late.after_s.saturating_sub(late.target_s));
    let Some(worst) = worst else {
        return write!(f, "{subject} asks too late");
    };
    let groups: Vec<&str> = groups.iter().map(GroupId::as_str).collect();
    write!(
        f,
        "when nobody of {} answers, {subject} asks the next person up to {} after a {} of {} \
         urgency came in, due within {}",
        groups.join(", "),
        length(worst.after_s),
        words(worst.channel),
        worst.urgency.name(),
        length(worst.target_s)
    )?;
    match late.len() {
        1 => Ok(()),
        more => write!(f, "; and late in {} more cases", more - 1),
    }
}

fn words(channel: ChannelKind) -> String {
    channel.name().replace('_', " ")
}

/// `45 s`, `10 min`, `2 h`, `1 d`, rounded down to two figures.
fn length(seconds: u32) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        120..7_200 => format!("{} min {:02}", seconds / 60, seconds % 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}
