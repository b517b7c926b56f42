//! How true the agendas of a group are, without telling whose.

use std::collections::BTreeSet;

use super::{AgendaTruth, FindingKind};

/// The smallest group of which anything is told.
const PEOPLE_MIN: usize = 8;
/// Numbers of people below this, and those that leave fewer than this out, are not told.
const TOLD_MIN: u32 = 3;

/// How many of a group have something in their agendas, so that nobody can tell who.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[expect(clippy::exhaustive_enums, reason = "a number, or which end it lies at")]
pub enum AgendaCount {
    /// Fewer than three, perhaps none.
    Few,
    /// All but fewer than three, perhaps all.
    Most,
    /// So many.
    Number(u32),
}

/// How true the agendas of a group are: how many people each kind of finding is about, and nothing else. There is no name,
/// no instant and no order of people in it.
///
/// Of a group of fewer than eight nothing is told. A number below three is told as few, and one that leaves
/// fewer than three out as most, so that neither the few nor the exceptions stand out. Two
/// groups that differ by one person would still tell about him, if both give a number: ask for groups that
/// stay the same, not for one with and without somebody.
///
/// ```
/// use bereik_presence::{AgendaCount, AgendaTotals, AgendaTruth, Finding, FindingKind};
///
/// let at = "2026-11-23T10:00:00Z".parse()?;
/// let empty = Finding { kind: FindingKind::NoEntries, since: at, until: at, count: 14, of: 28 };
/// let untrue = AgendaTruth { findings: vec![empty] };
/// let mut truths = vec![AgendaTruth::default(); 6];
/// truths.extend([untrue.clone(), untrue.clone(), untrue]);
/// let totals = AgendaTotals::of(&truths).expect("nine people are enough");
/// assert_eq!(totals.people(), 9);
/// assert_eq!(totals.count(FindingKind::NoEntries), AgendaCount::Number(3));
/// assert_eq!(totals.count(FindingKind::BackToBack), AgendaCount::Few);
/// assert_eq!(AgendaTotals::of(&truths[..7]), None);
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct AgendaTotals {
    people: u32,
    counts: [AgendaCount; FindingKind::ALL.len()],
}

impl AgendaTotals {
    /// The totals of a group, one value for each of its people; `None` of fewer than eight.
    #[must_use]
    pub fn of(truths: &[AgendaTruth]) -> Option<Self> {
        let people = u32::try_from(truths.len()).ok()?;
        if truths.len() < PEOPLE_MIN {
            return None;
        }
        let mut numbers = [0; FindingKind::ALL.len()];
        for truth in truths {
            let kinds: BTreeSet<_> = truth.findings.iter().map(|finding| finding.kind).collect();
            for kind in kinds {
                numbers[kind as usize] += 1;
            }
        }
        let counts = numbers.map(|number| {
            if number < TOLD_MIN {
                AgendaCount::Few
            } else if people - number < TOLD_MIN {
                AgendaCount::Most
            } else {
                AgendaCount::Number(number)
            }
        });
        Some(Self { people, counts })
    }

    /// How many people there are in the group, 8 or more.
    #[must_use]
    pub const fn people(&self) -> u32 {
        self.people
    }

    /// How many of them have at least one finding of a kind.
    #[must_use]
    pub const fn count(&self, kind: FindingKind) -> AgendaCount {
        self.counts[kind as usize]
    }
}
