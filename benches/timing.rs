//! How long something takes, in CPU time of this thread.
//!
//! CPU time leaves out what other programs on the machine take, which the wall's clock does not; the kernel's work
//! for this thread (page faults, files) is in it.

use std::fmt;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// What `work` gives, and the CPU time that it took.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = used();
    let value = work();
    (value, used() - start)
}

/// What `work` gives, and the time on a clock that runs on meanwhile, less what reading it takes: for what is so
/// short that asking the kernel for CPU time would take longer.
pub fn timed_alone<T>(work: impl FnOnce() -> T, reading: Duration) -> (T, Duration) {
    let start = running();
    let value = work();
    (value, (running() - start).saturating_sub(reading))
}

/// How long it takes to read that clock.
#[must_use]
pub fn reading() -> Duration {
    let mut times = Times::default();
    for _ in 0..10_000 {
        times.push(timed_alone(|| (), Duration::ZERO).1);
    }
    times.median()
}

fn running() -> Duration {
    let time = clock_gettime(ClockId::Monotonic);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        u32::try_from(time.tv_nsec).expect("nanoseconds of a second"),
    )
}

fn used() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        u32::try_from(time.tv_nsec).expect("nanoseconds of a second"),
    )
}

/// How long the same took, several times.
#[derive(Clone, Debug, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    /// One more time.
    pub fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// The shortest: the least disturbed. Zero where there is none.
    #[must_use]
    pub fn best(&self) -> Duration {
        self.0.iter().copied().min().unwrap_or_default()
    }

    /// The one in the middle. Zero where there is none.
    #[must_use]
    pub fn median(&self) -> Duration {
        let mut times = self.0.clone();
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default()
    }
}

/// Best and median, in milliseconds.
impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", millis(self.best()), millis(self.median()))
    }
}

/// Milliseconds with as many digits as are worth reading.
#[must_use]
pub fn millis(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1e3;
    match millis {
        100.0.. => format!("{millis:.0}"),
        10.0.. => format!("{millis:.1}"),
        _ => format!("{millis:.2}"),
    }
}

/// Megabytes a second.
#[must_use]
pub fn speed(bytes: usize, time: Duration) -> String {
    format!("{:.0}", bytes as f64 / 1e6 / time.as_secs_f64())
}

/// How many times as long as `unit`.
#[must_use]
pub fn ratio(time: Duration, unit: Duration) -> f64 {
    time.as_secs_f64() / unit.as_secs_f64()
}
