//! Chance from a seed: one stream of numbers for each subject, so that one more draw in one place
//! shifts no other.

/// What a stream of chance is for; with the number of a subject it names the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Subject {
    /// When the customers of one stream come.
    Arrivals,
    /// What one customer is like and does.
    Customer,
    /// What happens to what is sent.
    Delivery,
    /// When the machine is restarted.
    Restarts,
    /// What one person does with one offer.
    Response,
    /// What one person does with others, and with a customer, while he has him. It stands last, so
    /// that the other streams are as they were.
    Together,
}

/// A stream of chance: xoshiro256++ (Blackman and Vigna), seeded through splitmix64.
///
/// The same seed, subject and number give the same draws.
///
/// ```
/// use bereik_sim::{Chance, Subject};
/// let mut one = Chance::new(7, Subject::Customer, 1);
/// let mut again = Chance::new(7, Subject::Customer, 1);
/// assert_eq!(one.unit(), again.unit());
/// assert!((0.0..1.0).contains(&one.unit()));
/// ```
#[derive(Clone, Debug)]
pub struct Chance {
    state: [u64; 4],
}

const fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Chance {
    /// The stream of a subject with a number, in the world with this seed.
    #[must_use]
    pub fn new(seed: u64, subject: Subject, number: u64) -> Self {
        let mut mixed = seed;
        let salted =
            splitmix(&mut mixed) ^ (subject as u64 + 1).wrapping_mul(0xd6e8_feb8_6659_fd93);
        let mut state = salted;
        let mut state = splitmix(&mut state) ^ number;
        let state = [0; 4].map(|_: u64| splitmix(&mut state));
        Self { state }
    }

    /// The next 64 bits.
    pub const fn bits(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let bits = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        self.state = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        bits
    }

    /// The next number from 0 up to but not with 1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Whether something happens that does so this often, 0 to 1. It takes one draw, always.
    pub fn happens(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// An exponential draw with mean 1.
    pub fn exponential(&mut self) -> f64 {
        -(1.0 - self.unit()).ln()
    }

    /// A normal draw with mean 0 and deviation 1 (Box and Muller; the second of the pair is left).
    pub fn normal(&mut self) -> f64 {
        let radius = (2.0 * self.exponential()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::{Chance, Subject};

    #[test]
    fn streams_of_different_subjects_differ() {
        let first = |subject, number| Chance::new(1, subject, number).bits();
        let all = [
            first(Subject::Arrivals, 0),
            first(Subject::Arrivals, 1),
            first(Subject::Customer, 0),
            Chance::new(2, Subject::Arrivals, 0).bits(),
        ];
        let distinct: std::collections::BTreeSet<_> = all.into_iter().collect();
        assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn the_generator_gives_the_reference_sequence() {
        // The first outputs of xoshiro256++ from the state 1, 2, 3, 4 (rand_xoshiro's test).
        let mut chance = Chance {
            state: [1, 2, 3, 4],
        };
        let expected = [
            41_943_041,
            58_720_359,
            3_588_806_011_781_223,
            3_591_011_842_654_386,
        ];
        assert_eq!(expected.map(|_| chance.bits()), expected);
    }

    #[test]
    fn means_are_as_they_are_named() {
        let mut chance = Chance::new(3, Subject::Customer, 9);
        let draws = 40_000;
        let mean =
            |of: &mut dyn FnMut() -> f64| (0..draws).map(|_| of()).sum::<f64>() / f64::from(draws);
        assert!((mean(&mut || chance.unit()) - 0.5).abs() < 0.01);
        assert!((mean(&mut || chance.exponential()) - 1.0).abs() < 0.02);
        assert!(mean(&mut || chance.normal()).abs() < 0.02);
    }
}
