//! Chance that falls the same on every run, from a seed.

/// Numbers from a seed (splitmix64).
///
/// ```
/// use bereik_sim::dice::Dice;
/// let (mut one, mut other) = (Dice::new(7), Dice::new(7));
/// assert_eq!(one.below(6), other.below(6));
/// ```
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The numbers of this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number of 64 bits.
    pub const fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, but not including, `end`; 0 where that is 0.
    pub const fn below(&mut self, end: u64) -> u64 {
        let number = self.number();
        // The upper half of a product of 128 bits falls evenly enough.
        ((number as u128 * end as u128) >> 64) as u64
    }

    /// A number above 0 and up to 1.
    pub const fn part(&mut self) -> f64 {
        ((self.number() >> 11) + 1) as f64 / (1u64 << 53) as f64
    }

    /// An exponential time with this mean in seconds, in whole microseconds.
    pub fn exponential_us(&mut self, mean_s: f64) -> i64 {
        (-self.part().ln() * mean_s * 1e6).round() as i64
    }
}
