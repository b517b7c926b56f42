//! The contacts that wait for one pool of people, kept so that whoever comes free finds the next at
//! once.
//!
//! Contacts that differ in nothing but when they came stand in one *lane*, in an order that holds
//! for good. Whose turn it is changes with the hour, but between the first of a few lanes only: the
//! next contact of 100,000 costs as many comparisons as there are lanes.
//!
//! ```
//! use bereik_core::channel_kind::ChannelKind;
//! use bereik_core::group::Policy;
//! use bereik_core::id::ContactId;
//! use bereik_core::urgency::Urgency;
//! use bereik_routing::backlog::{Backlog, Class, Order, Waiting};
//! use chrono::{DateTime, TimeDelta, Utc};
//!
//! let class = |channel, answer_for_s| Class {
//!     urgency: Urgency::Normal,
//!     channel,
//!     answer_for_s,
//!     handle_for_s: 1,
//!     is_deferred: false,
//! };
//! let (phone, mail) = (class(ChannelKind::Phone, 60), class(ChannelKind::Email, 14_400));
//! let nine: DateTime<Utc> = "2026-11-23T09:00:00Z".parse()?;
//! let waiting = |number, class: Class, since: DateTime<Utc>| {
//!     let due_at = since + TimeDelta::seconds(class.answer_for_s.into());
//!     Waiting::new(ContactId::new(number), since, due_at)
//! };
//!
//! let mut backlog = Backlog::new(Order::new(Policy::CalamityFirstDeadline));
//! backlog.insert("helpdesk", mail, waiting(1, mail, nine));
//! backlog.insert("helpdesk", phone, waiting(2, phone, nine + TimeDelta::seconds(30)));
//!
//! // A minute later two people are idle: the call goes first.
//! let now = nine + TimeDelta::seconds(60);
//! let turn = backlog.first(now, 2, |_, _| true).expect("two are waiting");
//! assert_eq!(turn.waiting.id(), ContactId::new(2));
//! backlog.remove(&turn.key, turn.class, turn.waiting);
//!
//! // The last idle one is kept for whoever calls next: the mail has hours left.
//! assert_eq!(backlog.first(now, 1, |_, _| true), None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod lane;
mod order;
mod turns;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use lane::Lane;
use order::Part;
pub use order::{Class, Order, Waiting};
pub use turns::InTurn;

/// The contacts that wait for one pool of people. `K` tells apart lanes of one class: who may take
/// a contact of it, for instance.
///
/// It is as large as the contacts that were put in and not taken out.
#[derive(Clone, Debug)]
pub struct Backlog<K> {
    order: Order,
    lanes: BTreeMap<(K, Class), Lane>,
}

/// A contact whose turn it is, and the lane in which it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "the three that take it out again"
)]
pub struct Turn<K> {
    /// By what its lane is told from others of its class.
    pub key: K,
    /// The class of its lane.
    pub class: Class,
    /// The contact.
    pub waiting: Waiting,
}

impl<K: Ord + Clone> Backlog<K> {
    /// Nobody waits, and whoever comes is served in this order.
    #[must_use]
    pub const fn new(order: Order) -> Self {
        Self {
            order,
            lanes: BTreeMap::new(),
        }
    }

    /// The order in which contacts are served.
    #[must_use]
    pub const fn order(&self) -> Order {
        self.order
    }

    /// How many contacts wait. It counts the stretches of each lane, a few hundred contacts long.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lanes.values().map(Lane::len).sum()
    }

    /// Whether nobody waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lanes.is_empty()
    }

    /// The lanes in which somebody waits, in the order of their keys.
    pub fn lanes(&self) -> impl Iterator<Item = (&K, Class)> {
        self.lanes.keys().map(|(key, class)| (key, *class))
    }

    /// Puts a contact into a lane; false, where it stands there already.
    pub fn insert(&mut self, key: K, class: Class, waiting: Waiting) -> bool {
        let place = self.order.place(&waiting);
        let lane = self.lanes.entry((key, class)).or_default();
        lane.insert(place, waiting)
    }

    /// Takes a contact out of its lane; false, where it does not stand there.
    pub fn remove(&mut self, key: &K, class: Class, waiting: Waiting) -> bool {
        let place = self.order.place(&waiting);
        let key = (key.clone(), class);
        let Some(lane) = self.lanes.get_mut(&key) else {
            return false;
        };
        let is_removed = lane.remove(place, waiting);
        if lane.is_empty() {
            self.lanes.remove(&key);
        }
        is_removed
    }

    /// The contact that is served next by somebody who may take the lanes that `may_take` names,
    /// when so many people are idle, he among them.
    pub fn first(
        &self,
        now: DateTime<Utc>,
        idle: u32,
        mut may_take: impl FnMut(&K, Class) -> bool,
    ) -> Option<Turn<K>> {
        let now = now.timestamp_micros();
        let mut first: Option<(&(K, Class), &Waiting)> = None;
        for (key, lane) in &self.lanes {
            if !may_take(&key.0, key.1) {
                continue;
            }
            let Some(next) = self.first_of(now, idle, key.1, lane) else {
                continue;
            };
            let is_first = first.is_none_or(|(other, waiting)| {
                let (next, waiting) = ((key.1, next), (other.1, waiting));
                self.order.compare_at(now, next, waiting).is_lt()
            });
            if is_first {
                first = Some((key, next));
            }
        }
        first.map(|(key, waiting)| Turn {
            key: key.0.clone(),
            class: key.1,
            waiting: *waiting,
        })
    }

    /// The contact of a lane that is served first, those that are held back left aside.
    fn first_of<'a>(
        &self,
        now: i64,
        idle: u32,
        class: Class,
        lane: &'a Lane,
    ) -> Option<&'a Waiting> {
        let oldest = lane.first()?;
        let is_served = |waiting: &&Waiting| !self.order.holds_back(now, idle, (class, waiting));
        let is_first = self.order.part(now, (class, oldest)) != Part::Overdue
            || self.order.turn(class, Part::Overdue) < self.order.turn(class, Part::Feasible);
        if is_first {
            return Some(oldest).filter(is_served);
        }
        let overdue = |waiting: &Waiting| self.order.part(now, (class, waiting)) <= Part::Overdue;
        let feasible = lane.at(lane.end_of(overdue)).filter(is_served);
        feasible.or(Some(oldest).filter(is_served))
    }

    /// How many contacts of the lanes that `counts` names are served before this one, which may or
    /// may not stand among them.
    pub fn ahead_of(
        &self,
        now: DateTime<Utc>,
        (class, waiting): (Class, &Waiting),
        mut counts: impl FnMut(&K, Class) -> bool,
    ) -> usize {
        let now = now.timestamp_micros();
        let lanes = self.lanes.iter().filter(|((key, of), _)| counts(key, *of));
        let ahead = lanes.map(|((_, of), lane)| {
            let parts = [Part::BeyondCap, Part::Overdue, Part::Feasible];
            let ahead = parts.map(|part| {
                let is_before = |other: &Waiting| self.order.part(now, (*of, other)) < part;
                let is_ahead = |other: &Waiting| {
                    let of_part = self.order.part(now, (*of, other));
                    let is_less = || {
                        self.order
                            .compare_at(now, (*of, other), (class, waiting))
                            .is_lt()
                    };
                    of_part < part || (of_part == part && is_less())
                };
                lane.count_to(lane.end_of(is_ahead)) - lane.count_to(lane.end_of(is_before))
            });
            ahead.into_iter().sum::<usize>()
        });
        ahead.sum()
    }

    /// The contacts of the lanes that `may_take` names, in their turn at an instant.
    pub fn in_turn(
        &self,
        now: DateTime<Utc>,
        may_take: impl FnMut(&K, Class) -> bool,
    ) -> InTurn<'_, K> {
        InTurn::new(self, now.timestamp_micros(), may_take)
    }
}
