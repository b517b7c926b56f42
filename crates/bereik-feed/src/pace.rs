//! How often a source is asked: evenly spread, and ever less often while it fails.

use std::time::Duration;

use bereik_core::PersonId;

use crate::source::SourceError;

/// How soon after its first failure a source is asked again.
const RETRY_AFTER: Duration = Duration::from_secs(30);
/// The longest pause of a source that goes on failing, unless it is asked less often anyway.
const PAUSE_MAX: Duration = Duration::from_secs(3600);
/// The longest time that a server can ask to be left alone.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(24 * 3600);

/// How often a source is asked.
///
/// Each pause is a tenth longer or shorter at random, so that a thousand calendars of one server do
/// not ask in step. A source that fails is asked again after half a minute, then after twice as long
/// each time, up to an hour; one whose failure somebody has to mend, at the usual pace and then twice
/// as long each time. A server's `Retry-After` is kept, up to a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    pub(crate) every: Duration,
    pub(crate) seed: Option<u64>,
}

impl Pace {
    /// Once in this time; never more often than every second.
    #[must_use]
    pub fn every(time: Duration) -> Self {
        let every = time.max(Duration::from_secs(1));
        Self { every, seed: None }
    }

    /// With this seed of its randomness. Without it, it comes from the person's id and the source's
    /// name: the same at each start, another for each person.
    #[must_use]
    pub const fn with_seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }
}

impl Default for Pace {
    /// Every five minutes.
    fn default() -> Self {
        Self::every(Duration::from_secs(300))
    }
}

/// When a source is next asked.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    every: Duration,
    random: u64,
    failures: u32,
}

impl Schedule {
    pub(crate) fn new(pace: Pace, person: &PersonId, name: &str) -> Self {
        Self {
            every: pace.every,
            random: pace.seed.unwrap_or_else(|| hash(person.as_str(), name)),
            failures: 0,
        }
    }

    /// The pause after an answer, at most this long.
    pub(crate) fn after_success(&mut self, pause_max: Duration) -> Duration {
        self.failures = 0;
        let pause = self.every.min(pause_max);
        self.spread(pause)
    }

    /// The pause after a failure.
    pub(crate) fn after_failure(&mut self, error: SourceError) -> Duration {
        let first = match error.is_temporary() {
            true => RETRY_AFTER.min(self.every),
            false => self.every,
        };
        let doubled = first.saturating_mul(1 << self.failures.min(20));
        self.failures = self.failures.saturating_add(1);
        let pause = doubled.min(PAUSE_MAX.max(self.every));
        let asked = error.retry_after().unwrap_or_default().min(RETRY_AFTER_MAX);
        // A tenth later, never earlier than it asks for.
        let asked = self.spread(asked) + asked / 10;
        self.spread(pause).max(asked)
    }

    /// A tenth longer or shorter at random.
    fn spread(&mut self, pause: Duration) -> Duration {
        // SplitMix64, and of its 64 bits the upper 16.
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let part = (mixed ^ (mixed >> 31)) >> 48;
        let tenth = pause / 10;
        let random = tenth.mul_f64(2.0 * part as f64 / 65_536.0);
        pause - tenth + random
    }
}

/// FNV-1a: the same on every machine and in every version.
fn hash(person: &str, name: &str) -> u64 {
    let bytes = person.bytes().chain([0]).chain(name.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};

    use super::{PAUSE_MAX, Pace, RETRY_AFTER_MAX, Schedule};
    use crate::source::SourceError;
    use crate::update::FailureKind;

    fn schedule(every_s: u64, seed: u64) -> Schedule {
        let pace = Pace::every(Duration::from_secs(every_s)).with_seed(seed);
        Schedule::new(pace, &"anna".parse().expect("an id"), "calendar.example")
    }

    /// Whether a pause lies within a tenth of this many seconds.
    fn is_about(pause: Duration, seconds: u64) -> bool {
        let (pause, seconds) = (pause.as_secs_f64(), seconds as f64);
        (seconds * 0.899..=seconds * 1.101).contains(&pause)
    }

    #[test]
    fn pauses_double_and_stop_at_an_hour() {
        let mut schedule = schedule(300, 7);
        let broken = SourceError::new(FailureKind::Unreachable);
        for seconds in [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600] {
            let pause = schedule.after_failure(broken);
            assert!(is_about(pause, seconds), "{pause:?} is not {seconds} s");
        }
        assert!(is_about(schedule.after_success(Duration::MAX), 300));
        let denied = SourceError::new(FailureKind::NotPermitted);
        for seconds in [300, 600, 1200, 2400, 3600, 3600] {
            let pause = schedule.after_failure(denied);
            assert!(is_about(pause, seconds), "{pause:?} is not {seconds} s");
        }
    }

    #[test]
    fn two_feeds_do_not_ask_in_step() {
        let of = |person: &str| {
            let person = person.parse().expect("an id");
            Schedule::new(Pace::default(), &person, "calendar.example").after_success(Duration::MAX)
        };
        assert_eq!(of("anna"), of("anna"));
        assert_ne!(of("anna"), of("bo"));
    }

    fn error() -> impl Strategy<Value = SourceError> {
        let kind = prop_oneof![
            Just(FailureKind::Throttled),
            Just(FailureKind::Missing),
            Just(FailureKind::TimedOut)
        ];
        let asked = any::<Option<u64>>();
        (kind, asked).prop_map(|(kind, asked)| match asked {
            Some(seconds) => SourceError::new(kind).with_retry_after(Duration::from_secs(seconds)),
            None => SourceError::new(kind),
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever a server does, it is asked again, and not at once.
        #[test]
        fn every_pause_is_bounded(
            every in 1..100_000_u64,
            seed in any::<u64>(),
            errors in proptest::collection::vec(error(), 0..30),
        ) {
            let mut schedule = schedule(every, seed);
            let cap = PAUSE_MAX.max(Duration::from_secs(every)).max(RETRY_AFTER_MAX);
            for error in errors {
                let pause = schedule.after_failure(error);
                let asked = error.retry_after().unwrap_or_default().min(RETRY_AFTER_MAX);
                proptest::prop_assert!(pause >= asked && pause >= Duration::from_millis(900));
                proptest::prop_assert!(pause <= cap + cap / 5);
            }
            let pause = schedule.after_success(Duration::from_secs(60));
            proptest::prop_assert!(is_about(pause, every.min(60)));
        }
    }
}
