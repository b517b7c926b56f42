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

mod impatient;

pub use impatient::{Behaviour, Impatient};

use super::elementary::exp;

/// The highest load that is computed, in people.
pub const LOAD_MAX: f64 = 100_000.0;

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

#[cfg(test)]
mod tests {
    use super::{LOAD_MAX, blocked, mean_wait, people_for, service_level, waiting};

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
    fn what_cannot_be_is_refused() {
        for load in [-1.0, f64::NAN, f64::INFINITY, LOAD_MAX * 1.001] {
            assert_eq!((blocked(load, 1), waiting(load, 1)), (None, None));
            assert_eq!(people_for(load, 1.0, 1.0, 0.8), None);
        }
        assert_eq!(mean_wait(3.0, 3, 1.0), None, "the queue grows without end");
        assert_eq!(service_level(3.0, 3, 1.0, 1.0), Some(0.0));
        assert_eq!(people_for(3.0, 1.0, 1.0, 1.0), None);
        assert_eq!(service_level(1.0, 3, 0.0, 1.0), None);
    }
}
