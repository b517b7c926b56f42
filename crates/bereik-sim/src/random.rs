//! Chance from a seed: the same seed gives the same numbers for ever.

/// A generator of random numbers: xoshiro256++, its state filled by SplitMix64 (Blackman and Vigna,
/// 2019). Not for secrets.
///
/// ```
/// use bereik_sim::random::Random;
/// let (mut one, mut other) = (Random::of_seed(7), Random::of_seed(7));
/// assert_eq!(one.next_u64(), other.next_u64());
/// assert!((0.0..1.0).contains(&one.unit()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Random([u64; 4]);

impl Random {
    /// A generator for this seed. Seeds that are near each other give unrelated numbers.
    #[must_use]
    pub fn of_seed(seed: u64) -> Self {
        let mut state = seed;
        Self(std::array::from_fn(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }))
    }

    /// The next 64 random bits.
    pub const fn next_u64(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.0;
        let result = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        result
    }

    /// A number from 0 until 1, each of 2⁵³ equally likely.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
    pub const fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A time until something that happens at this rate: exponential, with mean one over the rate.
    /// Endless at rate 0.
    pub fn exponential(&mut self, rate: f64) -> f64 {
        if rate <= 0.0 {
            return f64::INFINITY;
        }
        -(1.0 - self.unit()).ln() / rate
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    /// From state 1, 2, 3, 4: the reference implementation's first numbers.
    #[test]
    fn it_is_the_generator_that_it_says() {
        let mut random = Random([1, 2, 3, 4]);
        let ours: Vec<u64> = (0..4).map(|_| random.next_u64()).collect();
        let theirs = [
            41_943_041,
            58_720_359,
            3_588_806_011_781_223,
            3_591_011_842_654_386,
        ];
        assert_eq!(ours, theirs);
    }

    #[test]
    fn an_exponential_time_has_its_mean_and_its_spread() {
        let mut random = Random::of_seed(1);
        let times: Vec<f64> = (0..100_000).map(|_| random.exponential(0.25)).collect();
        let mean = times.iter().sum::<f64>() / 1e5;
        let square = times.iter().map(|t| t * t).sum::<f64>() / 1e5;
        assert!(
            (mean - 4.0).abs() < 0.05 && (square - 32.0).abs() < 1.0,
            "{mean} {square}"
        );
        assert!(random.exponential(0.0).is_infinite());
    }
}
