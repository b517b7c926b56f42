//! The order in which waiting contacts are served, under each policy.

use std::cmp::Ordering;

use bereik_core::channel_kind::ChannelKind;
use bereik_core::group::{DEFAULT_CAP, Group, Policy};
use bereik_core::id::ContactId;
use bereik_core::urgency::Urgency;
use chrono::{DateTime, Utc};

const MICROS: i64 = 1_000_000;

/// What contacts of one lane have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_structs, reason = "what the policies look at")]
pub struct Class {
    /// How pressing they are.
    pub urgency: Urgency,
    /// Over which kind of channel they came.
    pub channel: ChannelKind,
    /// Within how many seconds they are to be answered, at least 1.
    pub answer_for_s: u32,
    /// How many seconds one of them takes on average, at least 1; the same for all classes where
    /// that is not known. Only [`Policy::Cost`] and its kin look at it.
    pub handle_for_s: u32,
    /// Whether they go behind all others, because those who asked have gone away.
    pub is_deferred: bool,
}

/// One waiting contact. Instants count in whole microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    id: ContactId,
    since: i64,
    due_at: i64,
}

impl Waiting {
    /// A contact that waits since one instant and is to be answered by another.
    #[must_use]
    pub const fn new(id: ContactId, since: DateTime<Utc>, due_at: DateTime<Utc>) -> Self {
        Self {
            id,
            since: since.timestamp_micros(),
            due_at: due_at.timestamp_micros(),
        }
    }

    /// The contact.
    #[must_use]
    pub const fn id(&self) -> ContactId {
        self.id
    }

    /// Since when it waits, in microseconds.
    pub(super) const fn since(&self) -> i64 {
        self.since
    }

    /// How long an answer is overdue at this instant, in microseconds; negative before it is.
    const fn late(&self, now: i64) -> i64 {
        now.saturating_sub(self.due_at)
    }
}

/// By which policy contacts are served, and its two numbers.
///
/// # What the words mean
///
/// The *wait for its target* of a contact is 1 + (now − due) ÷ answer target. Where the clock of
/// the target always runs, that is wait ÷ target; where it stands still at night, the night does
/// not count, as it does not count for the instant at which the answer is due.
///
/// A contact is *feasible* before it is due, *overdue* from then on, and *beyond the cap* when its
/// wait for its target has reached the cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a policy and its two numbers")]
pub struct Order {
    /// The policy.
    pub policy: Policy,
    /// Beyond so many times its target a contact goes before all but calamities, under
    /// [`Policy::CalamityFirstDeadline`] and [`Policy::CalamityFirstDeferring`]; at least 1.
    pub cap: u32,
    /// So many idle people are kept from contacts that are not live and younger than half their
    /// target.
    pub reserve: u32,
}

impl Default for Order {
    fn default() -> Self {
        Self::new(Policy::default())
    }
}

impl From<&Group> for Order {
    fn from(group: &Group) -> Self {
        let reserve = group.reserve;
        Self {
            policy: group.policy,
            cap: group.cap,
            reserve: reserve.unwrap_or(group.policy.default_reserve()),
        }
    }
}

/// Which part of a lane a contact is in under the two policies that look at it; in the order of the
/// lane, which has who waited longest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    BeyondCap,
    Overdue,
    Feasible,
}

impl Order {
    /// This policy with its own numbers.
    #[must_use]
    pub const fn new(policy: Policy) -> Self {
        Self {
            policy,
            cap: DEFAULT_CAP,
            reserve: policy.default_reserve(),
        }
    }

    /// Compares two waiting contacts at an instant; less is served first. Equal is only a contact
    /// with itself.
    #[must_use]
    pub fn compare(
        &self,
        now: DateTime<Utc>,
        a: (Class, &Waiting),
        b: (Class, &Waiting),
    ) -> Ordering {
        self.compare_at(now.timestamp_micros(), a, b)
    }

    pub(super) fn compare_at(
        &self,
        now: i64,
        a: (Class, &Waiting),
        b: (Class, &Waiting),
    ) -> Ordering {
        let behind = a.0.is_deferred.cmp(&b.0.is_deferred);
        let calamity = |(class, _): (Class, &Waiting)| class.urgency != Urgency::Calamity;
        let first = match self.policy {
            Policy::CalamityFirstCost => calamity(a)
                .cmp(&calamity(b))
                .then_with(|| compare_costs(now, a, b)),
            Policy::Cost => compare_costs(now, a, b),
            Policy::Deadline => a.1.due_at.cmp(&b.1.due_at),
            Policy::FirstInFirstOut => Ordering::Equal,
            Policy::Score => scored(a).cmp(&scored(b)),
            Policy::StrictPriority => {
                let rank = |class: Class| (std::cmp::Reverse(class.urgency), class.answer_for_s);
                rank(a.0).cmp(&rank(b.0))
            }
            _ => calamity(a)
                .cmp(&calamity(b))
                .then_with(|| self.compare_parts(now, a, b)),
        };
        behind
            .then(first)
            .then(a.1.since.cmp(&b.1.since))
            .then(a.1.id.cmp(&b.1.id))
    }

    fn compare_parts(&self, now: i64, a: (Class, &Waiting), b: (Class, &Waiting)) -> Ordering {
        let (part_a, part_b) = (self.part(now, a), self.part(now, b));
        let within = || match part_a {
            Part::Feasible => a.1.due_at.cmp(&b.1.due_at),
            Part::BeyondCap | Part::Overdue => compare_waits(now, b, a),
        };
        let (turn_a, turn_b) = (self.turn(a.0, part_a), self.turn(b.0, part_b));
        turn_a.cmp(&turn_b).then_with(within)
    }

    /// The turn of a part among those of all lanes.
    pub(super) fn turn(&self, class: Class, part: Part) -> u8 {
        let is_last = self.policy == Policy::CalamityFirstDeferring && is_deferrable(class);
        match part {
            Part::BeyondCap => 0,
            Part::Feasible if is_last => 3,
            Part::Feasible => 1,
            Part::Overdue => 2,
        }
    }

    /// In which part of its lane a contact is; all are in one under the other policies.
    pub(super) fn part(&self, now: i64, (class, waiting): (Class, &Waiting)) -> Part {
        let has_parts = matches!(
            self.policy,
            Policy::CalamityFirstDeadline | Policy::CalamityFirstDeferring
        );
        if !has_parts {
            return Part::Feasible;
        }
        let late = waiting.late(now);
        let beyond = i64::from(self.cap.max(1) - 1) * i64::from(class.answer_for_s) * MICROS;
        if late < 0 {
            Part::Feasible
        } else if late < beyond {
            Part::Overdue
        } else {
            Part::BeyondCap
        }
    }

    /// By what a lane is kept in order first.
    pub(super) const fn place(&self, waiting: &Waiting) -> i64 {
        if self.is_by_arrival() {
            waiting.since
        } else {
            waiting.due_at
        }
    }

    /// Whether a contact is kept from the last `idle` people who have nothing to do.
    pub(super) fn holds_back(&self, now: i64, idle: u32, of: (Class, &Waiting)) -> bool {
        idle <= self.reserve && is_deferrable(of.0) && now < self.grown_at(of)
    }

    /// When half of the target is over: of the clock's time, or of all time under a policy that
    /// looks at the arrival only.
    fn grown_at(&self, (class, waiting): (Class, &Waiting)) -> i64 {
        let target = i64::from(class.answer_for_s) * MICROS;
        if self.is_by_arrival() {
            waiting.since.saturating_add(target / 2)
        } else {
            waiting.due_at.saturating_sub(target / 2)
        }
    }

    const fn is_by_arrival(&self) -> bool {
        matches!(
            self.policy,
            Policy::FirstInFirstOut | Policy::Score | Policy::StrictPriority
        )
    }

    /// Until when a contact is kept from the last idle people, if it is.
    #[must_use]
    pub fn held_back_until(
        &self,
        now: DateTime<Utc>,
        idle: u32,
        of: (Class, &Waiting),
    ) -> Option<DateTime<Utc>> {
        let is_held = self.holds_back(now.timestamp_micros(), idle, of);
        is_held
            .then(|| DateTime::from_timestamp_micros(self.grown_at(of)))
            .flatten()
    }
}

/// Whether a contact can wait while somebody is kept for what cannot.
const fn is_deferrable(class: Class) -> bool {
    !class.channel.is_live() && !matches!(class.urgency, Urgency::Calamity)
}

/// Compares the waits for their targets: the parts above one, with both sides multiplied by both
/// targets.
fn compare_waits(now: i64, a: (Class, &Waiting), b: (Class, &Waiting)) -> Ordering {
    let cross = |(_, one): (Class, &Waiting), (other, _): (Class, &Waiting)| {
        i128::from(one.late(now)) * i128::from(other.answer_for_s)
    };
    cross(a, b).cmp(&cross(b, a))
}

/// Compares what waiting on costs, the dearest first: weight × wait ÷ target² ÷ handling time, with
/// both sides multiplied by all that they are divided by.
fn compare_costs(now: i64, a: (Class, &Waiting), b: (Class, &Waiting)) -> Ordering {
    let cross = |(class, one): (Class, &Waiting), (other, _): (Class, &Waiting)| {
        let waited = i64::from(class.answer_for_s) * MICROS + one.late(now);
        let target = i128::from(other.answer_for_s);
        i128::from(weight(class))
            * i128::from(waited)
            * target
            * target
            * i128::from(other.handle_for_s)
    };
    cross(b, a).cmp(&cross(a, b))
}

/// How much more a wait costs where it is more urgent.
const fn weight(class: Class) -> u32 {
    match class.urgency {
        Urgency::Low | Urgency::Normal => 1,
        Urgency::High => 2,
        Urgency::Calamity => 4,
    }
}

/// The instant of arrival, moved back by the base score.
fn scored((class, waiting): (Class, &Waiting)) -> i64 {
    waiting.since.saturating_sub(base_score_s(class) * MICROS)
}

/// For how many seconds of waiting the urgency and the kind of channel count.
const fn base_score_s(class: Class) -> i64 {
    let urgency = match class.urgency {
        Urgency::Low | Urgency::Normal => 0,
        Urgency::High => 180,
        Urgency::Calamity => 360,
    };
    let channel = match class.channel {
        ChannelKind::Phone | ChannelKind::Meeting => 240,
        ChannelKind::Chat | ChannelKind::WebChat => 120,
        _ => 0,
    };
    urgency + channel
}
