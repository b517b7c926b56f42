//! The exponential and the natural logarithm, made of operations that are exact by IEEE 754, so
//! that they give the same bits on every machine.

const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
const LN2: f64 = std::f64::consts::LN_2;
/// Two to the 54th, which makes a normal number of each subnormal one.
const TWO_54: f64 = 18_014_398_509_481_984.0;

/// Two to the power of `exponent`, which lies in −1022..=1023.
fn power_of_two(exponent: i32) -> f64 {
    let biased = u64::try_from(exponent + 1_023).expect("the exponent is that of a normal number");
    f64::from_bits(biased << 52)
}

/// The exponential, within two units in the last place.
pub(super) fn exp(x: f64) -> f64 {
    if x > 709.78 {
        return f64::INFINITY;
    }
    if x < -745.2 {
        return 0.0;
    }
    let times = (x / LN2).round();
    let rest = (x - times * LN2_HIGH) - times * LN2_LOW;
    let mut sum = 1.0;
    for n in (1..=14).rev() {
        sum = 1.0 + sum * rest / f64::from(n);
    }
    #[expect(clippy::cast_possible_truncation, reason = "it lies in -1076..=1024")]
    let times = times as i32;
    let half = times / 2;
    sum * power_of_two(half) * power_of_two(times - half)
}

/// The natural logarithm of a positive number, within two units in the last place; minus infinity
/// of zero.
pub(super) fn ln(x: f64) -> f64 {
    if x <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if !x.is_finite() {
        return x;
    }
    let (x, scaled) = if x < f64::MIN_POSITIVE {
        (x * TWO_54, -54)
    } else {
        (x, 0)
    };
    let bits = x.to_bits();
    let biased = i32::try_from(bits >> 52).expect("twelve bits");
    let mut exponent = biased - 1_023 + scaled;
    let mut mantissa = f64::from_bits((bits & ((1 << 52) - 1)) | (1_023 << 52));
    if mantissa > std::f64::consts::SQRT_2 {
        mantissa /= 2.0;
        exponent += 1;
    }
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let mut sum = 0.0;
    for n in (0..=12).rev() {
        sum = sum * square + 1.0 / f64::from(2 * n + 1);
    }
    let exponent = f64::from(exponent);
    exponent * LN2_HIGH + (2.0 * s * sum + exponent * LN2_LOW)
}

#[cfg(test)]
mod tests {
    use super::{exp, ln};

    #[test]
    fn both_agree_with_the_standard_library() {
        let mut x = -740.0;
        while x < 709.0 {
            let (ours, theirs) = (exp(x), f64::exp(x));
            assert!((ours - theirs).abs() <= 1e-15 * theirs + 1e-322, "exp {x}");
            x += 0.37;
        }
        let mut x = 1e-310;
        while x < 1e300 {
            let (ours, theirs) = (ln(x), f64::ln(x));
            let scale = theirs.abs().max(1e-3);
            assert!((ours - theirs).abs() <= 1e-15 * scale, "ln {x}");
            x *= 1.37;
        }
        assert_eq!(ln(1.0).to_bits(), 0);
        assert_eq!(exp(0.0).to_bits(), 1f64.to_bits());
        assert!(exp(800.0).is_infinite() && exp(-800.0) == 0.0);
        assert_eq!(ln(0.0), f64::NEG_INFINITY);
    }
}
