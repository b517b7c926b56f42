//! One queue as theory has it: Poisson arrivals, exponential handling and patience, first come, first
//! served. Against it the formulas and the predictions of
//! [`bereik_routing::predict`] are held.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::random::Random;

/// A queue of the kind M/M/c+M; M/M/c where nobody gives up. All rates in one unit of time.
///
/// ```
/// use bereik_sim::queue::Queue;
/// use bereik_sim::random::Random;
/// // One person, occupied half of the time: half of the customers wait.
/// let queue = Queue { arrivals: 0.5, service: 1.0, abandonment: 0.0, people: 1 };
/// let seen = queue.play(1_000, 50_000, &mut Random::of_seed(1));
/// assert!((seen.waiting - 0.5).abs() < 0.02);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "three rates and a number define the model"
)]
pub struct Queue {
    /// How many customers come.
    pub arrivals: f64,
    /// How many customers one person helps.
    pub service: f64,
    /// How many of one who waits give up; 0 where nobody does.
    pub abandonment: f64,
    /// How many people help.
    pub people: u32,
}

/// What was seen of the customers of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "three means")]
pub struct Seen {
    /// The part that found everybody occupied.
    pub waiting: f64,
    /// The part that gave up.
    pub abandoned: f64,
    /// The mean wait of all, of those who gave up too.
    pub mean_wait: f64,
}

/// One customer who came when everybody was occupied, and waited for as long as it took.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "what was found, and what came of it"
)]
pub struct Observation {
    /// How many waited before him when he came.
    pub ahead: u32,
    /// How long he waited.
    pub waited: f64,
}

/// An instant at which a person comes free.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Instant(f64);

impl Eq for Instant {}

impl PartialOrd for Instant {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Instant {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// A run: when each person has done what he was given so far. As who came first is served first, a
/// customer's wait is known when he comes.
struct Run<'a> {
    queue: Queue,
    random: &'a mut Random,
    now: f64,
    free_at: BinaryHeap<Reverse<Instant>>,
}

impl<'a> Run<'a> {
    fn new(queue: Queue, random: &'a mut Random) -> Self {
        let people = 0..queue.people;
        Self {
            queue,
            random,
            now: 0.0,
            free_at: people.map(|_| Reverse(Instant(0.0))).collect(),
        }
    }

    /// The next customer comes; answers how long he would have to wait.
    fn arrive(&mut self) -> f64 {
        self.now += self.random.exponential(self.queue.arrivals);
        let first = self.free_at.peek();
        first.map_or(f64::INFINITY, |Reverse(at)| (at.0 - self.now).max(0.0))
    }

    /// He stays, or gives up when his patience is at its end; answers how long he was there.
    fn stay(&mut self, wait: f64) -> f64 {
        let patience = self.random.exponential(self.queue.abandonment);
        if patience < wait {
            return patience;
        }
        self.free_at.pop();
        let done = self.now + wait + self.random.exponential(self.queue.service);
        self.free_at.push(Reverse(Instant(done)));
        wait
    }
}

impl Queue {
    /// Plays the queue from empty: `warm_up` customers who are not counted, then `customers`.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a mean needs few digits")]
    pub fn play(self, warm_up: usize, customers: usize, random: &mut Random) -> Seen {
        let mut run = Run::new(self, random);
        let (mut waiting, mut abandoned, mut waited) = (0usize, 0usize, 0.0);
        for number in 0..warm_up.saturating_add(customers) {
            let wait = run.arrive();
            let stayed = run.stay(wait);
            if number < warm_up {
                continue;
            }
            waiting += usize::from(wait > 0.0);
            abandoned += usize::from(stayed < wait);
            waited += stayed;
        }
        let all = customers.max(1) as f64;
        Seen {
            waiting: waiting as f64 / all,
            abandoned: abandoned as f64 / all,
            mean_wait: waited / all,
        }
    }

    /// Plays the queue from empty: `warm_up` customers, then on to the first who finds everybody
    /// occupied. He waits for as long as it takes. `None` when nobody has to wait in as many more
    /// again.
    #[must_use]
    pub fn observe(self, warm_up: usize, random: &mut Random) -> Option<Observation> {
        let mut run = Run::new(self, random);
        let mut left_at = Vec::with_capacity(warm_up);
        for number in 0..warm_up.saturating_mul(2) {
            let wait = run.arrive();
            if number >= warm_up && wait > 0.0 && wait.is_finite() {
                let ahead = left_at.iter().filter(|at| run.now < **at).count();
                let ahead = u32::try_from(ahead).unwrap_or(u32::MAX);
                return Some(Observation {
                    ahead,
                    waited: wait,
                });
            }
            left_at.push(run.now + run.stay(wait));
        }
        None
    }
}
