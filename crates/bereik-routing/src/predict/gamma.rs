//! The gamma distribution with scale 1: how much of it lies below a value, and below which value
//! so much of it lies.

use super::elementary::{exp, ln};

/// The least and the greatest shape that is computed. A wait that is made of phases has a shape of
/// at least 1; beyond the greatest, ask for less.
pub const SHAPE: std::ops::RangeInclusive<f64> = 0.01..=1e6;

/// Half of the logarithm of two pi.
const HALF_LN_TAU: f64 = 0.918_938_533_204_672_7;
const STEPS_MAX: u32 = 100_000;
const PRECISION: f64 = 1e-16;

/// The logarithm of the gamma function of a positive number: Stirling's series, from 10 on.
fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut product) = (x, 1.0);
    while x < 10.0 {
        product *= x;
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let coefficients = [
        -691.0 / 360_360.0,
        1.0 / 1_188.0,
        -1.0 / 1_680.0,
        1.0 / 1_260.0,
        -1.0 / 360.0,
        1.0 / 12.0,
    ];
    let series = coefficients.iter().fold(0.0, |sum, c| sum * square + c) / x;
    (x - 0.5) * ln(x) - x + HALF_LN_TAU + series - ln(product)
}

/// The density at `x`, which is positive.
fn density(shape: f64, x: f64) -> f64 {
    exp((shape - 1.0) * ln(x) - x - ln_gamma(shape))
}

/// The regularised lower incomplete gamma function P(shape, x): how much of the distribution lies
/// below `x`. `None` for a shape out of [`SHAPE`] or an `x` that is not a number.
///
/// By the power series below shape + 1, by the continued fraction above. The error is below 1e-12
/// up to shape 1,000 and below 1e-9 up to 1,000,000.
///
/// ```
/// use bereik_routing::predict::gamma;
/// // With shape 1 it is the exponential distribution: half lies below the logarithm of 2.
/// let below = gamma::below(1.0, std::f64::consts::LN_2).expect("a shape that is computed");
/// assert!((below - 0.5).abs() < 1e-14);
/// ```
#[must_use]
pub fn below(shape: f64, x: f64) -> Option<f64> {
    if !SHAPE.contains(&shape) || x.is_nan() {
        return None;
    }
    Some(part_below(shape, x))
}

fn part_below(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x == f64::INFINITY {
        1.0
    } else if x < shape + 1.0 {
        (density(shape, x) * x * series(shape, x)).min(1.0)
    } else {
        (1.0 - density(shape, x) * x * fraction(shape, x)).max(0.0)
    }
}

fn series(shape: f64, x: f64) -> f64 {
    let mut term = 1.0 / shape;
    let mut sum = term;
    for n in 1..STEPS_MAX {
        term *= x / (shape + f64::from(n));
        sum += term;
        if term < sum * PRECISION {
            break;
        }
    }
    sum
}

/// By Lentz's method.
fn fraction(shape: f64, x: f64) -> f64 {
    let tiny = f64::MIN_POSITIVE / PRECISION;
    let mut b = x + 1.0 - shape;
    let mut c = 1.0 / tiny;
    let mut d = 1.0 / b;
    let mut value = d;
    for n in 1..STEPS_MAX {
        let n = f64::from(n);
        let a = -n * (n - shape);
        b += 2.0;
        let next = a * d + b;
        d = 1.0 / if next.abs() < tiny { tiny } else { next };
        c = b + a / c;
        if c.abs() < tiny {
            c = tiny;
        }
        let factor = d * c;
        value *= factor;
        if (factor - 1.0).abs() < PRECISION * 4.0 {
            break;
        }
    }
    value
}

/// The value below which the part `p` of the distribution lies. `None` for a shape out of
/// [`SHAPE`], or a `p` that is not between 0 and 1.
///
/// By Newton's steps kept inside a bracket, from the value of Wilson and Hilferty. The part below
/// the answer differs from `p` by less than 1e-10 up to shape 100,000, and by less than 1e-9 above.
///
/// ```
/// use bereik_routing::predict::gamma;
/// let median = gamma::quantile(1.0, 0.5).expect("a shape that is computed");
/// assert!((median - std::f64::consts::LN_2).abs() < 1e-10);
/// ```
#[must_use]
pub fn quantile(shape: f64, p: f64) -> Option<f64> {
    let is_part = 0.0 < p && p < 1.0;
    if !is_part || !SHAPE.contains(&shape) {
        return None;
    }
    let (mut low, mut high) = (0.0, f64::INFINITY);
    let mut x = first_guess(shape, p);
    for _ in 0..200 {
        let excess = part_below(shape, x) - p;
        if excess.abs() < 1e-12 {
            break;
        }
        if excess < 0.0 {
            low = x;
        } else {
            high = x;
        }
        let step = x - excess / density(shape, x);
        let next = if low < step && step < high {
            step
        } else if high.is_finite() {
            f64::midpoint(low, high)
        } else {
            low * 2.0 + 1.0
        };
        let is_still = (next - x).abs() <= x * 1e-14;
        x = next;
        if is_still {
            break;
        }
    }
    Some(x)
}

/// Wilson and Hilferty: the cube root is nearly normal.
fn first_guess(shape: f64, p: f64) -> f64 {
    let ninth = 1.0 / (9.0 * shape);
    let root = 1.0 - ninth + normal_quantile(p) * ninth.sqrt();
    let guess = shape * root * root * root;
    if guess > 0.0 {
        guess
    } else {
        // The lowest part: P is about x to the power of the shape, divided by Γ(shape + 1).
        exp((ln(p) + ln_gamma(shape + 1.0)) / shape)
    }
}

/// Hastings' approximation, good to 4.5e-4.
fn normal_quantile(p: f64) -> f64 {
    let tail = p.min(1.0 - p);
    let t = (-2.0 * ln(tail)).sqrt();
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let under = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let z = t - above / under;
    if p < 0.5 { -z } else { z }
}

#[cfg(test)]
mod tests {
    use super::{below, density, ln_gamma, quantile};

    #[test]
    fn the_gamma_function_of_whole_numbers_is_the_factorial() {
        let mut factorial = 1.0f64;
        for n in 1..100u32 {
            let ours = ln_gamma(f64::from(n));
            assert!(
                (ours - factorial.ln()).abs() < 1e-13 * ours.abs().max(1.0),
                "{n}"
            );
            factorial *= f64::from(n);
        }
        let half = ln_gamma(0.5) - std::f64::consts::PI.sqrt().ln();
        assert!(half.abs() < 1e-14);
    }

    /// For a whole shape it is one minus the chance of fewer events in a Poisson process.
    #[test]
    fn what_lies_below_agrees_with_poisson_sums() {
        for shape in [1u32, 2, 3, 5, 10, 30, 100, 300] {
            for tenth in 1..30 {
                let x = f64::from(shape) * f64::from(tenth) / 10.0;
                let mut term = (-x).exp();
                let mut fewer = term;
                for k in 1..shape {
                    term *= x / f64::from(k);
                    fewer += term;
                }
                let ours = below(f64::from(shape), x).unwrap();
                assert!((ours - (1.0 - fewer)).abs() < 1e-12, "{shape} {x}: {ours}");
            }
        }
    }

    #[test]
    fn what_lies_below_agrees_with_quadrature() {
        for shape in [1.5, 2.25, 7.7, 48.3, 700.1, 30_000.5, 900_000.0f64] {
            let spread = shape.sqrt();
            let from = (shape - 12.0 * spread).max(0.0);
            for to in [shape - 1.3 * spread, shape, shape + 1.7 * spread] {
                let to = to.max(from + 0.1);
                // The substitution x = from + (to - from)·u³ flattens the root at zero.
                let pieces = 40_000u32;
                let at = |n: u32| {
                    let u = f64::from(n) / f64::from(pieces);
                    let x = from + (to - from) * u * u * u;
                    if x <= 0.0 {
                        0.0
                    } else {
                        density(shape, x) * 3.0 * u * u * (to - from)
                    }
                };
                let inner: f64 = (1..pieces)
                    .map(|n| at(n) * f64::from(2 + 2 * (n % 2)))
                    .sum();
                let whole = (at(0) + inner + at(pieces)) / f64::from(pieces) / 3.0;
                let ours = below(shape, to).unwrap();
                assert!((ours - whole).abs() < 2e-9, "{shape} {to}: {ours} {whole}");
            }
        }
    }

    #[test]
    fn a_quantile_has_its_part_below_it() {
        for shape in [0.02, 0.5, 1.0, 1.01, 1.9, 4.2, 33.3, 1_000.0, 99_999.0, 1e6] {
            for p in [1e-6, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999_999] {
                let x = quantile(shape, p).unwrap();
                let back = below(shape, x).unwrap();
                let within = if shape <= 1e5 { 1e-10 } else { 1e-9 };
                assert!((back - p).abs() < within, "{shape} {p}: {back}");
            }
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for shape in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e7] {
            assert_eq!((below(shape, 1.0), quantile(shape, 0.5)), (None, None));
        }
        for p in [0.0, 1.0, -0.1, 1.1, f64::NAN] {
            assert_eq!(quantile(2.0, p), None);
        }
        assert_eq!(below(2.0, f64::NAN), None);
        assert_eq!(below(2.0, -1.0), Some(0.0));
        assert_eq!(below(2.0, f64::INFINITY), Some(1.0));
    }
}
