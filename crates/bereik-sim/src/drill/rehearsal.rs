//! What would happen at a moment: who stands beside the customer, the way there, and what breaks it.

use std::fmt;

use bereik_core::id::{LineId, PersonId};
use bereik_core::offer::Offered;
use chrono::TimeDelta;

/// How it would go; an earlier variant is worse than a later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a strip has these four colours")]
pub enum Grade {
    /// Nobody comes.
    Alone,
    /// Somebody comes, but after the target.
    Late,
    /// Somebody comes in time; one absence or one lost line, and nobody does.
    Fragile,
    /// Somebody comes in time, whichever one is missing.
    Safe,
}

/// One thing that is missing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "people, lines and what lines need")]
pub enum Loss {
    /// An uplink or provider, with every line that needs it.
    Dependency(String),
    /// A line.
    Line(LineId),
    /// A person, who unexpectedly does not answer.
    Person(PersonId),
}

/// Over what somebody is asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "web chat has a desk, all else lines"
)]
pub enum Over {
    /// His desk.
    Desk,
    /// A line.
    Line(LineId),
}

/// Who stands beside the customer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "who, over what and when")]
pub struct Beside {
    /// Who; `None` for whoever sits behind a line that is staffed from outside.
    pub who: Option<PersonId>,
    /// Over what he answered.
    pub over: Over,
    /// How long after the calamity came in.
    pub after: TimeDelta,
}

/// One step on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "when and what")]
pub struct Step {
    /// How long after the calamity came in.
    pub after: TimeDelta,
    /// What.
    pub kind: StepKind,
}

/// What is done on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StepKind {
    /// A person or line is asked.
    Asked {
        /// Whom, or which line.
        to: Offered,
        /// Over what; `None` where there is neither desk nor line in service.
        over: Option<Over>,
        /// Whether somebody hears it.
        is_heard: bool,
    },
    /// A level of the escalation policy, counted from 1, is skipped: nobody of it is there.
    LevelSkipped(u32),
    /// A level of the escalation policy, counted from 1, starts.
    LevelStarted(u32),
}

/// What would happen if a calamity came in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rehearsal {
    /// Who stands beside the customer; `None` where nobody comes.
    pub beside: Option<Beside>,
    /// By when somebody should, counted from when the calamity comes in.
    pub target: TimeDelta,
    /// The way there, in order.
    pub way: Vec<Step>,
    /// Each single loss after which nobody comes. Where nobody comes anyway there is none.
    pub breaks: Vec<Loss>,
}

impl Grade {
    /// Every grade, the worst first.
    pub const ALL: [Self; 4] = [Self::Alone, Self::Late, Self::Fragile, Self::Safe];

    /// One word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alone => "alone",
            Self::Late => "late",
            Self::Fragile => "fragile",
            Self::Safe => "safe",
        }
    }

    /// What it means.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Alone => "nobody comes",
            Self::Late => "somebody comes, after the target",
            Self::Fragile => "in time, hanging on one person or line",
            Self::Safe => "in time, whichever one is missing",
        }
    }
}

impl Rehearsal {
    /// How it would go.
    #[must_use]
    pub fn grade(&self) -> Grade {
        match &self.beside {
            None => Grade::Alone,
            Some(beside) if self.target < beside.after => Grade::Late,
            Some(_) if !self.breaks.is_empty() => Grade::Fragile,
            Some(_) => Grade::Safe,
        }
    }

    /// It in a few words: `fragile: anna over anna-phone after 1 min 30 s; alone without anna`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let name = self.grade().name();
        let Some(beside) = &self.beside else {
            return format!("{name}: nobody comes");
        };
        let losses: Vec<String> = self.breaks.iter().map(ToString::to_string).collect();
        match losses.is_empty() {
            true => format!("{name}: {beside}"),
            false => format!("{name}: {beside}; alone without {}", losses.join(" or ")),
        }
    }

    /// The levels of the escalation policy that were skipped, counted from 1.
    pub fn levels_skipped(&self) -> impl Iterator<Item = u32> {
        self.way.iter().filter_map(|step| match step.kind {
            StepKind::LevelSkipped(level) => Some(level),
            _ => None,
        })
    }

    /// The lines that were tried, in order, each once.
    #[must_use]
    pub fn lines_tried(&self) -> Vec<&LineId> {
        let mut lines = Vec::new();
        for step in &self.way {
            if let StepKind::Asked {
                over: Some(Over::Line(line)),
                ..
            } = &step.kind
                && !lines.contains(&line)
            {
                lines.push(line);
            }
        }
        lines
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dependency(name) => f.write_str(name),
            Self::Line(line) => write!(f, "line {line}"),
            Self::Person(person) => write!(f, "{person}"),
        }
    }
}

impl fmt::Display for Over {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Desk => f.write_str("the desk"),
            Self::Line(line) => write!(f, "{line}"),
        }
    }
}

impl fmt::Display for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.who {
            Some(person) => write!(f, "{person}")?,
            None => f.write_str("whoever answers")?,
        }
        let seconds = self.after.num_seconds();
        let (minutes, rest) = (seconds / 60, seconds % 60);
        write!(f, " over {} after ", self.over)?;
        match (minutes, rest) {
            (0, rest) => write!(f, "{rest} s"),
            (minutes, 0) => write!(f, "{minutes} min"),
            (minutes, rest) => write!(f, "{minutes} min {rest} s"),
        }
    }
}
