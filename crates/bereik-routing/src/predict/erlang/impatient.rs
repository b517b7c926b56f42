//! Erlang A: a queue whose customers give up.

use super::{blocked, is_load, is_positive};
use crate::predict::elementary::{exp, ln};

/// The most states that are summed up.
const STATES_MAX: u32 = 100_000_000;
/// What adds less than this part to a sum adds nothing.
const NEGLIGIBLE: f64 = 1e-18;

/// A queue whose customers give up: Erlang A. All rates in one unit, such as per second.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "three rates and a number define the model"
)]
pub struct Impatient {
    /// How many contacts come.
    pub arrivals: f64,
    /// How many contacts one person does: one over the mean handling time. Positive.
    pub service: f64,
    /// How many of one who waits give up: one over the mean patience. Positive; where nobody gives
    /// up it is Erlang C.
    pub abandonment: f64,
    /// How many people serve.
    pub people: u32,
}

/// How such a queue behaves, over all contacts.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "what the model gives, all of it")]
pub struct Behaviour {
    /// The part that finds everybody occupied.
    pub waiting: f64,
    /// The part that gives up.
    pub abandoned: f64,
    /// The mean wait, of those who give up too, in the unit of time of the rates.
    pub mean_wait: f64,
    /// How much of their time people are occupied, 0 to 1.
    pub occupancy: f64,
}

impl Impatient {
    fn load(self) -> Option<f64> {
        let Self {
            arrivals,
            service,
            abandonment,
            ..
        } = self;
        let is_sound = is_positive(service) && is_positive(abandonment) && arrivals >= 0.0;
        let load = arrivals / service;
        // So many wait at most on average; the states around it are summed up one by one.
        let is_countable = arrivals / abandonment <= 1e8;
        (is_sound && is_load(load) && is_countable).then_some(load)
    }

    /// How the queue behaves; always steady, as those who wait go in the end. `None` for rates that
    /// cannot be, a load above [`LOAD_MAX`](super::LOAD_MAX), or more than 10⁸ arrivals in one patience.
    ///
    /// ```
    /// use bereik_routing::predict::erlang::Impatient;
    /// let queue = Impatient { arrivals: 120.0, service: 1.0, abandonment: 1.0, people: 100 };
    /// let behaviour = queue.behaviour().expect("rates that can be");
    /// assert!((behaviour.abandoned - 0.167_692_955_688).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn behaviour(self) -> Option<Behaviour> {
        let load = self.load()?;
        if load == 0.0 {
            return Some(Behaviour {
                waiting: 0.0,
                abandoned: 0.0,
                mean_wait: 0.0,
                occupancy: 0.0,
            });
        }
        let queue = self.states(blocked(load, self.people)?);
        let mean_wait = queue.mean / self.arrivals;
        let abandoned = (self.abandonment * mean_wait).min(1.0);
        let people = f64::from(self.people);
        let occupancy = if self.people == 0 {
            0.0
        } else {
            load * (1.0 - abandoned) / people
        };
        Some(Behaviour {
            waiting: queue.waiting,
            abandoned,
            mean_wait,
            occupancy,
        })
    }

    /// Sums up the states from the likeliest with a queue, outwards: nothing overflows.
    fn states(self, blocked: f64) -> States {
        let leave = |queued: f64| f64::from(self.people) * self.service + queued * self.abandonment;
        let mode = ((self.arrivals - leave(0.0)) / self.abandonment)
            .floor()
            .max(0.0);
        let (mut sum, mut moment) = (1.0, mode);
        let (mut weight, mut queued) = (1.0, mode);
        for _ in 0..STATES_MAX {
            queued += 1.0;
            let ratio = self.arrivals / leave(queued);
            weight *= ratio;
            sum += weight;
            moment += weight * queued;
            let is_falling = ratio < 1.0;
            if is_falling && weight * queued * ratio / (1.0 - ratio) < moment.max(1.0) * NEGLIGIBLE
            {
                break;
            }
        }
        (weight, queued) = (1.0, mode);
        while queued > 0.0 && weight > sum * NEGLIGIBLE {
            weight *= leave(queued) / self.arrivals;
            queued -= 1.0;
            sum += weight;
            moment += weight * queued;
        }
        let is_at_foot = queued <= 0.0;
        // Of all states in which nobody waits and one more would have to, Erlang B is the last's part.
        let below = if is_at_foot {
            weight * (1.0 / blocked - 1.0)
        } else {
            0.0
        };
        let all = sum + below;
        States {
            waiting: sum / all,
            mean: moment / all,
        }
    }

    /// The part of the contacts that somebody takes within `within`, in the unit of time of the
    /// rates: who gives up before is not among them. `None` as in [`behaviour`](Self::behaviour).
    ///
    /// The time that a customer with endless patience would wait has a density in proportion to
    /// e^(λ/θ·(1 − e^(−θx)) − nµx); it is integrated by Simpson's rule, to 1e-9.
    ///
    /// ```
    /// use bereik_routing::predict::erlang::Impatient;
    /// let queue = Impatient { arrivals: 10.0 / 3.0, service: 1.0 / 3.0, abandonment: 0.2, people: 14 };
    /// let level = queue.service_level(1.0 / 3.0).expect("rates that can be");
    /// assert!((level - 0.916_792).abs() < 5e-7);
    /// ```
    #[must_use]
    pub fn service_level(self, within: f64) -> Option<f64> {
        if within.is_nan() || within < 0.0 {
            return None;
        }
        let behaviour = self.behaviour()?;
        if self.people == 0 {
            return Some(0.0);
        }
        if self.arrivals == 0.0 {
            return Some(1.0);
        }
        let offered = OfferedWait::of(self);
        let taken = offered.integral(offered.to.min(within), self.abandonment);
        let all = offered.integral(offered.to, 0.0);
        Some(1.0 - behaviour.waiting * (1.0 - taken / all))
    }
}

struct States {
    waiting: f64,
    mean: f64,
}

/// The density of the wait of somebody with endless patience, up to a factor.
struct OfferedWait {
    queue: Impatient,
    peak: f64,
    from: f64,
    to: f64,
}

impl OfferedWait {
    fn of(queue: Impatient) -> Self {
        let capacity = f64::from(queue.people) * queue.service;
        let peak = (ln(queue.arrivals / capacity) / queue.abandonment).max(0.0);
        let mut offered = Self {
            queue,
            peak,
            from: 0.0,
            to: f64::INFINITY,
        };
        let is_far = |x: f64| offered.exponent(x) < -45.0;
        let mut far = peak + 1.0 / capacity;
        while !is_far(far) {
            far = peak + (far - peak) * 2.0;
        }
        let near_foot = |mut near: f64, mut far: f64| {
            for _ in 0..60 {
                let middle = f64::midpoint(near, far);
                if is_far(middle) {
                    far = middle;
                } else {
                    near = middle;
                }
            }
            far
        };
        let (from, to) = (
            if is_far(0.0) {
                near_foot(peak, 0.0)
            } else {
                0.0
            },
            near_foot(peak, far),
        );
        offered.from = from;
        offered.to = to;
        offered
    }

    /// The exponent, less that of the peak.
    fn exponent(&self, x: f64) -> f64 {
        let Impatient {
            arrivals,
            service,
            abandonment,
            people,
        } = self.queue;
        let capacity = f64::from(people) * service;
        let at = |x: f64| arrivals / abandonment * gone(abandonment * x) - capacity * x;
        at(x) - at(self.peak)
    }

    fn integral(&self, to: f64, abandonment: f64) -> f64 {
        let pieces = 4_000u32;
        let width = (to - self.from).max(0.0) / f64::from(pieces);
        let at = |n: u32| {
            let x = self.from + width * f64::from(n);
            exp(self.exponent(x) - abandonment * x)
        };
        let inner: f64 = (1..pieces)
            .map(|n| at(n) * f64::from(2 + 2 * (n % 2)))
            .sum();
        (at(0) + inner + at(pieces)) * width / 3.0
    }
}

/// One less the exponential of −y, without losing the digits of a small y.
fn gone(y: f64) -> f64 {
    if y < 0.01 {
        y * (1.0 - y / 2.0 * (1.0 - y / 3.0 * (1.0 - y / 4.0 * (1.0 - y / 5.0))))
    } else {
        1.0 - exp(-y)
    }
}

#[cfg(test)]
mod tests {
    use super::Impatient;
    use crate::predict::erlang::{mean_wait, service_level, waiting};

    #[test]
    fn where_patience_is_as_long_as_handling_a_is_a_poisson_distribution() {
        // Each contact leaves at the same rate, waiting or not: endlessly many servers.
        for (load, people) in [(1.2f64, 1u32), (12.0, 10), (30.0, 40), (140.0, 100)] {
            let queue = Impatient {
                arrivals: load,
                service: 1.0,
                abandonment: 1.0,
                people,
            };
            let mut term = (-load).exp();
            let (mut fewer, mut missing) = (0.0, 0.0);
            for k in 0..people {
                fewer += term;
                missing += term * f64::from(people - k);
                term *= load / f64::from(k + 1);
            }
            let behaviour = queue.behaviour().unwrap();
            let queued = load - f64::from(people) + missing;
            assert!((behaviour.waiting - (1.0 - fewer)).abs() < 1e-12, "{load}");
            assert!(
                (behaviour.abandoned - queued / load).abs() < 1e-12,
                "{load}"
            );
        }
    }

    #[test]
    fn with_endless_patience_a_is_c() {
        let queue = Impatient {
            arrivals: 0.9,
            service: 0.1,
            abandonment: 1e-8,
            people: 12,
        };
        let behaviour = queue.behaviour().unwrap();
        let near = |ours: f64, theirs: Option<f64>| (ours - theirs.unwrap()).abs() < 1e-6;
        assert!(near(behaviour.waiting, waiting(9.0, 12)));
        assert!(near(behaviour.mean_wait, mean_wait(9.0, 12, 10.0)));
        assert!(near(
            queue.service_level(4.0).unwrap(),
            service_level(9.0, 12, 10.0, 4.0)
        ));
    }

    #[test]
    fn too_few_people_lose_who_they_cannot_help() {
        let queue = Impatient {
            arrivals: 50_000.0,
            service: 1.0,
            abandonment: 0.01,
            people: 10_000,
        };
        let behaviour = queue.behaviour().unwrap();
        assert!((behaviour.abandoned - 0.8).abs() < 1e-6 && behaviour.waiting > 0.999_999);
        assert!((behaviour.occupancy - 1.0).abs() < 1e-6);
        assert!(queue.service_level(100.0).unwrap() < 1e-6);
        let nobody = Impatient { people: 0, ..queue };
        assert!((nobody.behaviour().unwrap().abandoned - 1.0).abs() < 1e-9);
        assert_eq!(nobody.service_level(1.0), Some(0.0));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let queue = Impatient {
            arrivals: 1.0,
            service: 1.0,
            abandonment: 0.0,
            people: 1,
        };
        assert_eq!(queue.behaviour(), None);
        let arrivals = f64::NAN;
        let without = Impatient {
            arrivals,
            abandonment: 1.0,
            ..queue
        };
        assert_eq!(without.behaviour(), None);
        assert_eq!(without.service_level(1.0), None);
    }
}
