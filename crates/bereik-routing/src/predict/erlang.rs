//! Erlang's formulas: how a steady queue behaves on average.
//!
//! Contacts come as a Poisson process, handling times are exponential, whoever came first is
//! served first. The **load** is the rate of arrivals times the mean handling time; it counts how
//! many people would be occupied without any waiting. Everything here answers `None` for what
//! cannot be: a load that is negative, not a number or above [`LOAD_MAX`].
//!
//! | model | who finds everybody occupied | formula |
//! |---|---|---|
//! | B | goes away | B₀ = 1, Bₙ = a·Bₙ₋₁ ÷ (n + a·Bₙ₋₁) |
//! | C | waits for ever | C = n·B ÷ (n − a·(1 − B)), E\[W\] = C·AHT ÷ (n − a), P(W ≤ t) = 1 − C·e^(−(n−a)·t/AHT) |
//! | A | waits as long as his patience lasts | birth and death: in state n + j contacts go at the rate n·µ + j·θ |

use super::elementary::{exp, ln};

/// The highest load that is computed, in people.
pub const LOAD_MAX: f64 = 100_000.0;

/// The most states that are summed up.
const STATES_MAX: u32 = 100_000_000;
/// What adds less than this part to a sum adds nothing.
const NEGLIGIBLE: f64 = 1e-18;

fn is_load(load: f64) -> bool {
    (0.0..=LOAD_MAX).contains(&load)
}

fn is_positive(value: f64) -> bool {
    value > 0.0 && value.is_finite()
}

/// Erlang B: the part of the contacts that finds everybody occupied, where nobody waits.
///
/// ```
/// use bereik_routing::predict::erlang;
/// // One contact an hour that takes an hour, and one person: each second one finds him occupied.
/// assert_eq!(erlang::blocked(1.0, 1), Some(0.5));
/// ```
#[must_use]
pub fn blocked(load: f64, people: u32) -> Option<f64> {
    is_load(load).then(|| {
        let mut blocked = 1.0;
        for n in 1..=people {
            blocked = next_blocked(load, blocked, n);
            if blocked == 0.0 {
                break;
            }
        }
        blocked
    })
}

fn next_blocked(load: f64, before: f64, people: u32) -> f64 {
    load * before / (f64::from(people) + load * before)
}

/// Erlang C: the part of the contacts that has to wait, where everybody waits as long as it takes.
/// It is 1 where the load is more than the people can do.
///
/// ```
/// use bereik_routing::predict::erlang;
/// let waiting = erlang::waiting(1.0, 2).expect("a load that is computed");
/// assert!((waiting - 1.0 / 3.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn waiting(load: f64, people: u32) -> Option<f64> {
    blocked(load, people).map(|blocked| waiting_of(load, people, blocked))
}

fn waiting_of(load: f64, people: u32, blocked: f64) -> f64 {
    let n = f64::from(people);
    if n <= load {
        return 1.0;
    }
    n * blocked / (n - load * (1.0 - blocked))
}

/// Erlang C: the mean wait over all contacts, in the unit of `handling`, the mean handling time.
/// `None` too where the load is more than the people can do: the queue grows without end.
///
/// ```
/// use bereik_routing::predict::erlang;
/// // 360 calls in half an hour, of four minutes each, and 55 people: 8.2 seconds.
/// let mean_s = erlang::mean_wait(48.0, 55, 240.0).expect("55 people can do it");
/// assert!((mean_s - 8.2).abs() < 0.05);
/// ```
#[must_use]
pub fn mean_wait(load: f64, people: u32, handling: f64) -> Option<f64> {
    let spare = f64::from(people) - load;
    let waiting = waiting(load, people)?;
    (spare > 0.0 && is_positive(handling)).then(|| waiting * handling / spare)
}

/// Erlang C: the service level, which is the part of the contacts that waits no longer than
/// `within`, in the unit of `handling`. It is 0 where the load is more than the people can do.
///
/// ```
/// use bereik_routing::predict::erlang;
/// let level = erlang::service_level(48.0, 55, 240.0, 15.0).expect("a load that is computed");
/// assert!((level - 0.846).abs() < 0.0005);
/// ```
#[must_use]
pub fn service_level(load: f64, people: u32, handling: f64, within: f64) -> Option<f64> {
    if !is_positive(handling) || within.is_nan() || within < 0.0 {
        return None;
    }
    let waiting = waiting(load, people)?;
    Some(level_of(load, people, waiting, within / handling))
}

fn level_of(load: f64, people: u32, waiting: f64, within: f64) -> f64 {
    let spare = f64::from(people) - load;
    if spare <= 0.0 {
        return 0.0;
    }
    1.0 - waiting * exp(-spare * within)
}

/// The fewest people with whom at least the part `level` of the contacts waits no longer than
/// `within`, in the unit of `handling`. `None` too where `level` is not in 0 until 1: all of them
/// never is.
///
/// ```
/// use bereik_routing::predict::erlang;
/// // 100 contacts in half an hour, of three minutes each; 80 % within 20 seconds.
/// assert_eq!(erlang::people_for(10.0, 3.0, 1.0 / 3.0, 0.8), Some(14));
/// ```
#[must_use]
pub fn people_for(load: f64, handling: f64, within: f64, level: f64) -> Option<u32> {
    if !is_load(load) || !is_positive(handling) || !(0.0..1.0).contains(&level) {
        return None;
    }
    if within.is_nan() || within < 0.0 {
        return None;
    }
    let (mut blocked, mut people) = (1.0, 0);
    loop {
        let waiting = waiting_of(load, people, blocked);
        if level_of(load, people, waiting, within / handling) >= level {
            return Some(people);
        }
        people += 1;
        blocked = next_blocked(load, blocked, people);
    }
}

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
    /// cannot be, a load above [`LOAD_MAX`], or more than 10⁸ arrivals in one patience.
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
    use super::{Impatient, LOAD_MAX, blocked, mean_wait, people_for, service_level, waiting};

    fn assert_near(ours: Option<f64>, exact: f64, what: &str) {
        let ours = ours.unwrap();
        let error = (ours - exact).abs();
        assert!(
            error <= 1e-13 * exact.abs(),
            "{what}: {ours} is not {exact}"
        );
    }

    /// Σ aᵏ/k! in whole numbers: n! times the sum, by Horner, and aⁿ.
    fn terms(load: u128, people: u32) -> (u128, u128) {
        let (mut sum, mut power) = (1u128, 1u128);
        for n in 1..=u128::from(people) {
            power *= load;
            sum = sum * n + power;
        }
        (power, sum)
    }

    fn ratio(over: u128, under: u128) -> f64 {
        over as f64 / under as f64
    }

    #[test]
    fn b_and_c_are_the_fractions_of_whole_numbers() {
        assert_near(blocked(2.0, 3), 4.0 / 19.0, "B(2, 3)");
        assert_near(waiting(2.0, 3), 4.0 / 9.0, "C(2, 3)");
        for load in 1..10u32 {
            for people in 1..20u32 {
                let (power, sum) = terms(load.into(), people);
                let what = format!("load {load}, people {people}");
                assert_near(blocked(load.into(), people), ratio(power, sum), &what);
                if people > load {
                    // C = aⁿ·n ÷ (aⁿ·n + (n − a)·(n! Σ − aⁿ))
                    let over = power * u128::from(people);
                    let under = over + u128::from(people - load) * (sum - power);
                    assert_near(waiting(load.into(), people), ratio(over, under), &what);
                }
            }
        }
    }

    #[test]
    fn with_one_person_c_has_a_closed_form() {
        for load in [0.01, 0.3, 0.5, 0.9, 0.999] {
            assert_near(waiting(load, 1), load, "C");
            assert_near(mean_wait(load, 1, 1.0), load / (1.0 - load), "E[W]");
            let level = 1.0 - load * (-(1.0 - load) * 2.0f64).exp();
            assert_near(service_level(load, 1, 1.0, 2.0), level, "level");
        }
    }

    #[test]
    fn great_loads_stay_in_range() {
        let mut before = 0.0;
        for load in [0.0, 1.0, 1e3, 1e4, LOAD_MAX] {
            let people = (load + 2.0 * load.sqrt()) as u32 + 1;
            let (b, c) = (
                blocked(load, people).unwrap(),
                waiting(load, people).unwrap(),
            );
            assert!(0.0 <= b && b <= c && c < 0.1, "{load}: {b} {c}");
            let level = people_for(load, 300.0, 20.0, 0.8).unwrap();
            assert!(f64::from(level) > before);
            before = f64::from(level);
        }
        assert_eq!(blocked(10.0, u32::MAX), Some(0.0));
    }

    #[test]
    fn the_fewest_people_are_the_fewest() {
        for load in [0.5, 3.0, 10.0, 47.7, 400.0] {
            for level in [0.5, 0.8, 0.99] {
                let people = people_for(load, 240.0, 15.0, level).unwrap();
                let at = |people| service_level(load, people, 240.0, 15.0).unwrap();
                assert!(at(people) >= level && at(people - 1) < level);
            }
        }
    }

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
        for load in [-1.0, f64::NAN, f64::INFINITY, LOAD_MAX * 1.001] {
            assert_eq!((blocked(load, 1), waiting(load, 1)), (None, None));
            assert_eq!(people_for(load, 1.0, 1.0, 0.8), None);
        }
        assert_eq!(mean_wait(3.0, 3, 1.0), None, "the queue grows without end");
        assert_eq!(service_level(3.0, 3, 1.0, 1.0), Some(0.0));
        assert_eq!(people_for(3.0, 1.0, 1.0, 1.0), None);
        assert_eq!(service_level(1.0, 3, 0.0, 1.0), None);
        let queue = Impatient {
            arrivals: 1.0,
            service: 1.0,
            abandonment: 0.0,
            people: 1,
        };
        assert_eq!(queue.behaviour(), None);
        assert_eq!(
            Impatient {
                arrivals: f64::NAN,
                abandonment: 1.0,
                ..queue
            }
            .behaviour(),
            None
        );
    }
}
