//! Lots: chance that is the same for the same numbers, in integers only.

/// Mixes a number well (splitmix64).
const fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

/// A number for a name (FNV-1a).
pub(crate) fn number_of(name: &str) -> u64 {
    let bytes = name.bytes();
    bytes.fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

/// The lot of a name in a draw; the smallest wins. Who weighs twice wins twice as often
/// (Efraimidis and Spirakis: the smallest of -ln(chance) / weight).
pub(crate) fn lot(draw: u64, name: u64, weight: u32) -> u64 {
    let chance = mixed(mixed(draw) ^ name);
    minus_log2(chance) / u64::from(weight.max(1))
}

/// Minus the binary logarithm of a number as a part of 2^64, in units of 2^-32. The last digit
/// may be off by one, the same on every machine.
fn minus_log2(number: u64) -> u64 {
    let number = number.max(1);
    let mut mantissa = number << number.leading_zeros();
    let mut log = u64::from(63 - number.leading_zeros());
    for _ in 0..32 {
        let square = (u128::from(mantissa) * u128::from(mantissa)) >> 63;
        let is_over = square >> 64 == 1;
        log = log << 1 | u64::from(is_over);
        let halved = if is_over { square >> 1 } else { square };
        mantissa = u64::try_from(halved).expect("below 2^64 once halved");
    }
    (64 << 32) - log
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_right() {
        for (number, expected) in [(1u64, 64.0), (1 << 32, 32.0), (3 << 40, 22.415_037_499)] {
            let log = minus_log2(number) as f64 / f64::from(2.0f32.powi(32));
            assert!((log - expected).abs() < 1e-8, "{number}: {log}");
        }
    }

    #[test]
    fn who_weighs_more_wins_as_much_more_often() {
        let people = [("anna", 1), ("bram", 2), ("chris", 5)];
        let mut won = [0u32; 3];
        for draw in 0..80_000 {
            let lots = people.map(|(name, weight)| lot(draw, number_of(name), weight));
            let first = (0..3).min_by_key(|&at| lots[at]).expect("three people");
            won[first] += 1;
        }
        // Three standard deviations of a binomial of 80,000.
        for (won, expected) in won.into_iter().zip([10_000i64, 20_000, 50_000]) {
            assert!(
                (i64::from(won) - expected).abs() < 420,
                "{won} of {expected}"
            );
        }
    }
}
