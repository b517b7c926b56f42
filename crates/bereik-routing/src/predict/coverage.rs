//! Whether predicted intervals held: how many waits ended inside them.

use serde::{Deserialize, Serialize};

/// The 97.5 % quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// How many waits ended before, inside and after the interval that was predicted for them.
///
/// An interval from p10 to p90 should hold eight of ten. Customers who gave up are counted apart:
/// how long they would have waited is not known. As those who face a long wait give up more often,
/// a share among the others alone leans towards the short waits.
///
/// ```
/// use bereik_routing::predict::Coverage;
/// let mut coverage = Coverage::default();
/// for waited in 1..=10u32 {
///     coverage.ended(2, 9, waited);
/// }
/// assert_eq!(coverage.share(), Some(0.8));
/// let (low, high) = coverage.confidence().expect("there are waits");
/// assert!(0.49 < low && low < 0.8 && 0.8 < high && high < 0.95);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "four counts")]
pub struct Coverage {
    /// Ended earlier than predicted.
    pub before: u64,
    /// Ended in the interval, its ends among it.
    pub inside: u64,
    /// Ended later than predicted.
    pub after: u64,
    /// Ended without an answer.
    pub abandoned: u64,
}

impl Coverage {
    /// A wait ended with an answer; all in one unit of time.
    pub fn ended<T: PartialOrd>(&mut self, p10: T, p90: T, waited: T) {
        let count = if waited < p10 {
            &mut self.before
        } else if waited <= p90 {
            &mut self.inside
        } else {
            &mut self.after
        };
        *count = count.saturating_add(1);
    }

    /// A wait ended without an answer.
    pub const fn gave_up(&mut self) {
        self.abandoned = self.abandoned.saturating_add(1);
    }

    /// How many waits ended with an answer.
    #[must_use]
    pub const fn answered(&self) -> u64 {
        self.before
            .saturating_add(self.inside)
            .saturating_add(self.after)
    }

    /// Which part of them ended inside the interval, 0 to 1; `None` without any.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share needs few digits")]
    pub fn share(&self) -> Option<f64> {
        let answered = self.answered();
        (answered > 0).then(|| self.inside as f64 / answered as f64)
    }

    /// The interval in which the true share lies with 95 % confidence (Wilson's), if the waits are
    /// independent; `None` without any.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share needs few digits")]
    pub fn confidence(&self) -> Option<(f64, f64)> {
        let share = self.share()?;
        let n = self.answered() as f64;
        let middle = share + Z * Z / (2.0 * n);
        let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
        let under = 1.0 + Z * Z / n;
        Some(((middle - half) / under, (middle + half) / under))
    }
}
