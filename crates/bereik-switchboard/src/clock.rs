//! The one clock: wall time for the shells, on tokio's time so that a test can hold it still.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

/// Tells what time it is.
///
/// Waiting is always done on tokio's time. A clock that [starts at](Clock::starting_at) a chosen
/// instant runs on it too, so that under tokio's paused time an hour passes in a moment.
///
/// ```
/// use std::time::Duration;
/// use bereik_switchboard::Clock;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let monday = "2026-11-23T08:00:00Z".parse().expect("an instant");
/// let clock = Clock::starting_at(monday);
/// tokio::time::sleep(Duration::from_secs(3_600)).await; // returns at once: time is paused
/// assert_eq!(clock.now().to_rfc3339(), "2026-11-23T09:00:00+00:00");
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Clock(Kind);

#[derive(Clone, Debug)]
enum Kind {
    System,
    Running {
        start: DateTime<Utc>,
        since: Instant,
    },
}

/// The longest wait in one piece, so that a clock that is set is noticed in time.
const WAIT_MAX: Duration = Duration::from_secs(30);

impl Clock {
    /// The system's clock.
    #[must_use]
    pub const fn system() -> Self {
        Self(Kind::System)
    }

    /// A clock that shows `start` now and runs on from there.
    ///
    /// # Panics
    /// Outside a tokio runtime whose time is paused; elsewhere never.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one clock")]
    pub fn starting_at(start: DateTime<Utc>) -> Self {
        Self(Kind::Running {
            start,
            since: Instant::now(),
        })
    }

    /// What time it is.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one clock")]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            Kind::System => Utc::now(),
            Kind::Running { start, since } => {
                let passed = TimeDelta::from_std(since.elapsed()).unwrap_or(TimeDelta::MAX);
                start
                    .checked_add_signed(passed)
                    .unwrap_or(DateTime::<Utc>::MAX_UTC)
            }
        }
    }

    /// Waits until an instant, or for half a minute if it is further away: look again then.
    pub async fn wait_until(&self, instant: DateTime<Utc>) {
        let wait = (instant - self.now()).to_std().unwrap_or(Duration::ZERO);
        tokio::time::sleep(wait.min(WAIT_MAX)).await;
    }
}
