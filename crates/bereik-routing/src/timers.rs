//! A table of timers: arm, disarm, and which fires next.

use std::collections::BTreeSet;
use std::hash::Hash;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::by_number::ByNumber;

/// So many timers of one owner are foreseen.
const TIMERS_USUAL: usize = 8;

/// One timer: when, whose, what.
pub type Armed<K, T> = (DateTime<Utc>, K, T);

/// The armed timers of many, at most one of each sort for each of them. They fire in the order of
/// instant, owner, sort.
///
/// Only the first timer of each owner stands in the order of time; his others are few, and wait
/// beside it. Arming one that is not the first costs a search for the owner and no more.
///
/// ```
/// use bereik_routing::timers::Timers;
/// use chrono::{DateTime, Utc};
///
/// let at = |clock: &str| format!("2026-11-23T{clock}Z").parse::<DateTime<Utc>>();
/// let mut timers = Timers::default();
/// timers.arm(1, "lapse", at("09:00:20")?);
/// timers.arm(1, "breach", at("09:02:00")?);
/// timers.arm(2, "lapse", at("09:00:10")?);
/// timers.arm(2, "lapse", at("09:00:30")?);
/// assert_eq!(timers.pop_due(at("09:00:25")?), Some((at("09:00:20")?, 1, "lapse")));
/// assert_eq!(timers.pop_due(at("09:00:25")?), None);
/// assert_eq!(timers.first(), Some((at("09:00:30")?, 2, "lapse")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    from = "Vec<Armed<K, T>>",
    into = "Vec<Armed<K, T>>",
    bound(
        serialize = "K: Copy + Ord + Hash + Serialize, T: Copy + Ord + Serialize",
        deserialize = "K: Copy + Ord + Hash + Deserialize<'de>, T: Copy + Ord + Deserialize<'de>"
    )
)]
pub struct Timers<K: Copy + Ord + Hash, T> {
    /// When the first timer of each owner fires.
    by_time: BTreeSet<(DateTime<Utc>, K)>,
    /// No list is empty.
    by_owner: ByNumber<K, Vec<(DateTime<Utc>, T)>>,
}

impl<K: Copy + Ord + Hash, T> Default for Timers<K, T> {
    fn default() -> Self {
        Self {
            by_time: BTreeSet::new(),
            by_owner: ByNumber::default(),
        }
    }
}

impl<K: Copy + Ord + Hash, T: Copy + Ord> Timers<K, T> {
    /// Arms a timer, in place of the one of the same sort.
    pub fn arm(&mut self, owner: K, timer: T, at: DateTime<Utc>) {
        let fresh = || Vec::with_capacity(TIMERS_USUAL);
        let timers = self.by_owner.or_insert_with(owner, fresh);
        let was = timers.first().map(|(at, _)| *at);
        timers.retain(|(_, of)| *of != timer);
        let place = timers.partition_point(|other| *other < (at, timer));
        timers.insert(place, (at, timer));
        let first = timers.first().map(|(at, _)| *at);
        self.reorder(owner, was, first);
    }

    /// Disarms the timer of this sort, if it is armed.
    pub fn disarm(&mut self, owner: K, timer: T) {
        self.keep(owner, |of| *of != timer);
    }

    /// Disarms every timer of an owner.
    pub fn disarm_all(&mut self, owner: K) {
        self.keep(owner, |_| false);
    }

    /// Disarms the timers of an owner that `is_kept` does not name.
    pub fn keep(&mut self, owner: K, is_kept: impl Fn(&T) -> bool) {
        let Some(timers) = self.by_owner.value_mut(&owner) else {
            return;
        };
        let was = timers.first().map(|(at, _)| *at);
        timers.retain(|(_, timer)| is_kept(timer));
        let first = timers.first().map(|(at, _)| *at);
        if first.is_none() {
            self.by_owner.remove(&owner);
        }
        self.reorder(owner, was, first);
    }

    fn reorder(&mut self, owner: K, was: Option<DateTime<Utc>>, first: Option<DateTime<Utc>>) {
        if was == first {
            return;
        }
        if let Some(at) = was {
            self.by_time.remove(&(at, owner));
        }
        if let Some(at) = first {
            self.by_time.insert((at, owner));
        }
    }

    /// When a timer fires, if it is armed.
    #[must_use]
    pub fn at(&self, owner: K, timer: T) -> Option<DateTime<Utc>> {
        let found = self.of(owner).find(|(of, _)| *of == timer);
        found.map(|(_, at)| at)
    }

    /// The armed timers of an owner, the first to fire first.
    pub fn of(&self, owner: K) -> impl Iterator<Item = (T, DateTime<Utc>)> {
        let timers = self.by_owner.get(&owner).into_iter().flatten();
        timers.map(|(at, timer)| (*timer, *at))
    }

    /// The first timer of all to fire.
    #[must_use]
    pub fn first(&self) -> Option<Armed<K, T>> {
        let (at, owner) = *self.by_time.first()?;
        let (_, timer) = *self.by_owner.get(&owner)?.first()?;
        Some((at, owner, timer))
    }

    /// When the first timer of all fires.
    #[must_use]
    pub fn first_at(&self) -> Option<DateTime<Utc>> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Takes out the first timer at or before `at`.
    pub fn pop_due(&mut self, at: DateTime<Utc>) -> Option<Armed<K, T>> {
        self.first_at().filter(|due| *due <= at)?;
        let first = self.first()?;
        self.disarm(first.1, first.2);
        Some(first)
    }

    /// Whether none is armed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_time.is_empty()
    }

    /// How many timers are armed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_owner.values().map(Vec::len).sum()
    }

    /// Every owner of a timer, in order.
    pub fn owners(&self) -> impl Iterator<Item = &K> {
        self.by_owner.keys()
    }
}

impl<K: Copy + Ord + Hash, T: Copy + Ord> From<Vec<Armed<K, T>>> for Timers<K, T> {
    fn from(armed: Vec<Armed<K, T>>) -> Self {
        let mut timers = Self::default();
        for (at, owner, timer) in armed {
            timers.arm(owner, timer, at);
        }
        timers
    }
}

/// In the order in which they fire.
impl<K: Copy + Ord + Hash, T: Copy + Ord> From<Timers<K, T>> for Vec<Armed<K, T>> {
    fn from(of: Timers<K, T>) -> Self {
        let each = of.by_owner.iter();
        let mut armed: Self = each
            .flat_map(|(owner, timers)| {
                let timers = timers.iter();
                timers.map(|(at, timer)| (*at, *owner, *timer))
            })
            .collect();
        armed.sort_unstable();
        armed
    }
}
