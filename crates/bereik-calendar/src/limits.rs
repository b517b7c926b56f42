//! How much of a feed is read and how much work its expansion may cost.

/// Bounds on bytes, components and work; [`Default`] fits a ten-year export of a busy mailbox.
///
/// What lies beyond a limit is not read: it becomes a problem and unknown time, never free time.
///
/// ```
/// use bereik_calendar::Limits;
///
/// let limits = Limits::default().with_components_max(1_000);
/// assert_eq!(limits.components_max(), 1_000);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    bytes_max: usize,
    line_bytes_max: usize,
    depth_max: usize,
    components_max: usize,
    dates_max: usize,
    steps_max: u64,
    component_steps_max: u64,
    problems_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes_max: 64 << 20,
            line_bytes_max: 64 << 10,
            depth_max: 8,
            components_max: 200_000,
            dates_max: 10_000,
            steps_max: 2_000_000,
            component_steps_max: 200_000,
            problems_max: 1_000,
        }
    }
}

macro_rules! limit {
    ($(#[$doc:meta])* $name:ident, $with:ident, $type:ty) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name(&self) -> $type {
            self.$name
        }

        /// Sets this limit.
        #[must_use]
        pub fn $with(mut self, $name: $type) -> Self {
            self.$name = $name;
            self
        }
    };
}

impl Limits {
    limit!(
        /// Bytes of a feed; 64 MiB by default.
        bytes_max, with_bytes_max, usize
    );
    limit!(
        /// Bytes of one unfolded line that matters; 64 KiB by default. Text that is dropped may
        /// be longer.
        line_bytes_max, with_line_bytes_max, usize
    );
    limit!(
        /// Components inside components; 8 by default.
        depth_max, with_depth_max, usize
    );
    limit!(
        /// Components of a feed; 200,000 by default.
        components_max, with_components_max, usize
    );
    limit!(
        /// EXDATE, RDATE and FREEBUSY values of one component; 10,000 by default.
        dates_max, with_dates_max, usize
    );
    limit!(
        /// Steps that one expansion may take over all components; 2,000,000 by default.
        steps_max, with_steps_max, u64
    );
    limit!(
        /// Steps that one expansion may take for one component; 200,000 by default.
        component_steps_max, with_component_steps_max, u64
    );
    limit!(
        /// Problems that are kept; 1,000 by default.
        problems_max, with_problems_max, usize
    );
}
