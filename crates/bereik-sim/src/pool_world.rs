//! The world in which the policies are compared: one pool of equal people, four kinds of contacts,
//! and more work than is comfortable.
//!
//! Everybody holds one contact at a time, contacts come at random (Poisson), each takes a random
//! time (exponential), and nobody gives up. Who comes free has the next of the same
//! [`Backlog`] that the engine keeps, under the same [`Order`].
//!
//! ```
//! use bereik_core::group::Policy;
//! use bereik_routing::backlog::Order;
//! use bereik_sim::pool_world::PoolWorld;
//!
//! let world = PoolWorld { contacts: 2_000, ..PoolWorld::default() };
//! let played = world.play(Order::new(Policy::StrictPriority), 1);
//! let calamities = &played.kinds[0];
//! assert!(calamities.within_percent() > 80.0);
//! ```

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use bereik_core::channel_kind::ChannelKind;
use bereik_core::id::ContactId;
use bereik_core::urgency::Urgency;
use bereik_routing::backlog::{Backlog, Class, Order, Waiting};
use chrono::{DateTime, TimeDelta, Utc};

use crate::dice::Dice;

/// A kind of contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "built as a literal")]
pub struct Kind {
    /// How it is called in a table.
    pub name: &'static str,
    /// How many of a hundred contacts are of this kind.
    pub percent: u32,
    /// Urgency, channel, target, and the mean of how long one takes.
    pub class: Class,
}

/// One pool of people and what comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "built as a literal")]
pub struct PoolWorld {
    /// How many people there are.
    pub people: u32,
    /// How much of their time the contacts take, in percent, below 100.
    pub load_percent: u32,
    /// How many contacts come in.
    pub contacts: u32,
    /// Of which kinds; their percents are a hundred together.
    pub kinds: Vec<Kind>,
}

/// The world of the table: 8 people at a load of 0.95, and 60,000 contacts.
impl Default for PoolWorld {
    fn default() -> Self {
        let kind = |name, percent, urgency, channel, answer_for_s, handle_for_s| Kind {
            name,
            percent,
            class: Class {
                urgency,
                channel,
                answer_for_s,
                handle_for_s,
                is_deferred: false,
            },
        };
        let (calamity, normal) = (Urgency::Calamity, Urgency::Normal);
        Self {
            people: 8,
            load_percent: 95,
            contacts: 60_000,
            kinds: vec![
                kind("calamity", 3, calamity, ChannelKind::WebChat, 120, 420),
                kind("phone", 37, normal, ChannelKind::Phone, 60, 300),
                kind("chat", 35, normal, ChannelKind::WebChat, 120, 420),
                kind("mail", 25, normal, ChannelKind::Email, 4 * 3_600, 360),
            ],
        }
    }
}

/// What became of the contacts of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "two counts")]
pub struct Answered {
    /// How many were answered.
    pub all: u32,
    /// How many of them within their target.
    pub within: u32,
}

impl Answered {
    /// How many of a hundred were answered within their target.
    #[must_use]
    pub fn within_percent(self) -> f64 {
        100.0 * f64::from(self.within) / f64::from(self.all.max(1))
    }
}

/// What became of all contacts.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "what a table shows")]
pub struct Played {
    /// By kind, in the order of the world's kinds.
    pub kinds: Vec<Answered>,
    /// The longest wait, in targets.
    pub worst: f64,
}

impl Played {
    /// All kinds together.
    #[must_use]
    pub fn all(&self) -> Answered {
        let sum = |of: fn(&Answered) -> u32| self.kinds.iter().map(of).sum();
        Answered {
            all: sum(|kind| kind.all),
            within: sum(|kind| kind.within),
        }
    }
}

/// What happens next. At one instant whoever comes free does so before the next contact comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    /// A person comes free.
    Free,
    /// What was held back may be served now.
    Grown,
    /// A contact comes in.
    Arrival,
}

/// A contact as it was rolled: the same for every policy.
struct Rolled {
    at: i64,
    kind: usize,
    takes: i64,
}

/// Contacts come in one after the other, from a seed.
struct Arrivals<'a> {
    world: &'a PoolWorld,
    dice: Dice,
    left: u32,
    at: i64,
    mean_between: f64,
}

impl<'a> Arrivals<'a> {
    fn new(world: &'a PoolWorld, seed: u64) -> Self {
        let kinds = world.kinds.iter();
        let mean_s: f64 = kinds
            .map(|kind| f64::from(kind.percent) / 100.0 * f64::from(kind.class.handle_for_s))
            .sum();
        let served = f64::from(world.people) * f64::from(world.load_percent) / 100.0;
        Self {
            world,
            dice: Dice::new(seed),
            left: world.contacts,
            at: 0,
            mean_between: mean_s / served,
        }
    }

    fn kind(&mut self) -> usize {
        let mut roll = self.dice.below(100);
        let kinds = &self.world.kinds;
        let found = kinds.iter().position(|kind| {
            let is_this = roll < u64::from(kind.percent);
            roll = roll.saturating_sub(kind.percent.into());
            is_this
        });
        found.unwrap_or(kinds.len() - 1)
    }
}

impl Iterator for Arrivals<'_> {
    type Item = Rolled;

    fn next(&mut self) -> Option<Rolled> {
        self.left = self.left.checked_sub(1)?;
        self.at += self.dice.exponential_us(self.mean_between);
        let kind = self.kind();
        let mean_s = f64::from(self.world.kinds[kind].class.handle_for_s);
        let takes = self.dice.exponential_us(mean_s);
        Some(Rolled {
            at: self.at,
            kind,
            takes,
        })
    }
}

/// A day in the pool.
struct Day<'a> {
    world: &'a PoolWorld,
    backlog: Backlog<usize>,
    /// By id of the contact, less one.
    rolled: Vec<Rolled>,
    happenings: BinaryHeap<Reverse<(i64, Happening)>>,
    idle: u32,
    played: Played,
}

fn instant(at: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::microseconds(at)
}

impl PoolWorld {
    /// Plays the contacts of a seed under an order; those of one seed are the same under each.
    #[must_use]
    pub fn play(&self, order: Order, seed: u64) -> Played {
        let mut day = Day {
            world: self,
            backlog: Backlog::new(order),
            rolled: Vec::new(),
            happenings: BinaryHeap::new(),
            idle: self.people,
            played: Played {
                kinds: vec![Answered::default(); self.kinds.len()],
                worst: 0.0,
            },
        };
        let mut arrivals = Arrivals::new(self, seed);
        day.expect(arrivals.next());
        while let Some(Reverse((at, happening))) = day.happenings.pop() {
            match happening {
                Happening::Arrival => {
                    day.open(at);
                    day.expect(arrivals.next());
                }
                Happening::Free => day.idle += 1,
                Happening::Grown => {}
            }
            day.serve(at);
        }
        day.played
    }
}

impl Day<'_> {
    fn expect(&mut self, rolled: Option<Rolled>) {
        if let Some(rolled) = rolled {
            let arrival = (rolled.at, Happening::Arrival);
            self.happenings.push(Reverse(arrival));
            self.rolled.push(rolled);
        }
    }

    /// The contact that was expected is there.
    fn open(&mut self, at: i64) {
        let Some(rolled) = self.rolled.last() else {
            return;
        };
        let class = self.world.kinds[rolled.kind].class;
        let since = instant(at);
        let due_at = since + TimeDelta::seconds(class.answer_for_s.into());
        let number = self.rolled.len() as u64;
        let waiting = Waiting::new(ContactId::new(number), since, due_at);
        let order = self.backlog.order();
        if let Some(until) = order.held_back_until(since, 1, (class, &waiting)) {
            let grown = (until.timestamp_micros(), Happening::Grown);
            self.happenings.push(Reverse(grown));
        }
        self.backlog.insert(rolled.kind, class, waiting);
    }

    /// Whoever is idle has the next contact.
    fn serve(&mut self, at: i64) {
        let now = instant(at);
        while self.idle > 0
            && let Some(turn) = self.backlog.first(now, self.idle, |_, _| true)
        {
            self.backlog.remove(&turn.key, turn.class, turn.waiting);
            self.idle -= 1;
            let index = usize::try_from(turn.waiting.id().number() - 1);
            let rolled = &self.rolled[index.expect("it counts what was rolled")];
            let free = (at + rolled.takes, Happening::Free);
            self.happenings.push(Reverse(free));
            let waited_s = (at - rolled.at) as f64 / 1e6;
            let target_s = f64::from(turn.class.answer_for_s);
            let answered = &mut self.played.kinds[rolled.kind];
            answered.all += 1;
            answered.within += u32::from(waited_s <= target_s);
            self.played.worst = self.played.worst.max(waited_s / target_s);
        }
    }
}
