//! How long one customer waits, told from the state that he finds.
//!
//! With n before him, s hands that serve, each done with a contact at the rate µ, and each of those
//! before him giving up at the rate θ, somebody goes at the rate s·µ + k·θ while k are left. The wait
//! is the sum of n + 1 exponential times, one for each k = n … 0 (Whitt 1999; Ibrahim and Whitt
//! 2009): its mean is Σ 1 ÷ (sµ + kθ), its variance Σ 1 ÷ (sµ + kθ)². A gamma distribution of this
//! mean and variance gives the quantiles; where nobody gives up it is exact.
//!
//! # Hands that come and go
//!
//! Calendars say when people come and go, so s is a step function of time ([`over`]). A phase is over
//! when as much of its rate has passed as its exponential share asks for. When hands are gained they
//! are free, and so many contacts are taken in that instant. The path on which each share is the
//! same number x gives the wait T(x), which grows with x; the quantile of the wait is T at the
//! quantile of a gamma distribution of mean 1. Its shape is (Σw)² ÷ Σw², where w is how much the wait
//! moves with each phase's share, along the path that leads to the quantile itself. With a constant s
//! this is the moment-matched gamma above. With θ = 0 it is a change of the clock, and exact. In
//! between it is an approximation; the tests hold its 80 % intervals against a simulation.
//!
//! # What it leaves out
//!
//! Contacts that come later and go before this one (calamities, an earlier due time), offers that
//! lapse or are declined, wider circles, and people who serve other groups too.

use bereik_core::estimate::Method;
use bereik_core::public_view::ExpectedWait;
use chrono::{DateTime, TimeDelta, Utc};

use super::gamma;

/// The most contacts ahead for which a wait is told.
pub const AHEAD_MAX: u32 = 100_000;
/// The longest wait that is told: 400 days. Nobody plans beyond.
const WAIT_S_MAX: f64 = 400.0 * 86_400.0;

/// How many paths are tried before halving.
const PATHS_MAX: u32 = 6;
/// How often the bracket of a path is halved: to a billionth.
const HALVINGS: u32 = 32;

/// How fast a queue is worked off, per second.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "the two rates of the model")]
pub struct Rates {
    /// How many contacts one hand does in a second: one over the mean handling time. Positive.
    pub service: f64,
    /// Which part of those who wait gives up in a second: one over the mean patience. Not negative.
    pub abandonment: f64,
}

impl Rates {
    /// Of a mean handling time and, where customers give up, a mean patience.
    ///
    /// ```
    /// use bereik_routing::predict::Rates;
    /// use chrono::TimeDelta;
    /// let rates = Rates::of(TimeDelta::minutes(5), None);
    /// assert_eq!(rates.abandonment, 0.0);
    /// ```
    #[must_use]
    pub fn of(handling: TimeDelta, patience: Option<TimeDelta>) -> Self {
        let per_second = |mean: TimeDelta| 1_000.0 / seconds_thousandfold(mean);
        Self {
            service: per_second(handling),
            abandonment: patience.map_or(0.0, per_second),
        }
    }

    fn is_sound(self) -> bool {
        let is_rate = |rate: f64| rate >= 0.0 && rate.is_finite();
        is_rate(self.service) && is_rate(self.abandonment) && self.service > 0.0
    }

    fn leaving(self, ahead: u32, hands: u32) -> f64 {
        f64::from(hands) * self.service + f64::from(ahead) * self.abandonment
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a span of less than 285,000 years"
)]
fn seconds_thousandfold(span: TimeDelta) -> f64 {
    span.num_milliseconds() as f64
}

/// How long a wait will be. Eight of ten waits lie between `p10` and `p90`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "three quantiles and where they come from"
)]
pub struct WaitEstimate {
    /// One of ten waits no longer.
    pub p10: TimeDelta,
    /// Half wait no longer.
    pub p50: TimeDelta,
    /// Nine of ten wait no longer.
    pub p90: TimeDelta,
    /// How it was worked out.
    pub method: Method,
}

impl WaitEstimate {
    /// Somebody has a hand free.
    pub(super) const FREE: Self = Self {
        p10: TimeDelta::zero(),
        p50: TimeDelta::zero(),
        p90: TimeDelta::zero(),
        method: Method::Free,
    };

    fn of(method: Method, quantile_s: impl Fn(f64) -> Option<f64>) -> Option<Self> {
        let span = |p| {
            let seconds = quantile_s(p)?;
            if !(0.0..=WAIT_S_MAX).contains(&seconds) {
                return None;
            }
            #[expect(clippy::cast_possible_truncation, reason = "checked to be in range")]
            Some(TimeDelta::milliseconds((seconds * 1_000.0).round() as i64))
        };
        let (p10, p50, p90) = (span(0.1)?, span(0.5)?, span(0.9)?);
        Some(Self {
            p10,
            p50,
            p90,
            method,
        })
    }
}

impl From<WaitEstimate> for ExpectedWait {
    /// As outsiders see it, in whole seconds rounded up.
    fn from(estimate: WaitEstimate) -> Self {
        let seconds = |span: TimeDelta| {
            let up = (span.num_milliseconds() + 999) / 1_000;
            u32::try_from(up).unwrap_or(u32::MAX)
        };
        Self {
            p50_s: seconds(estimate.p50),
            p90_s: seconds(estimate.p90),
        }
    }
}

/// Mean and variance of a wait, in seconds and their square.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "two moments")]
pub struct Moments {
    /// The mean, in seconds.
    pub mean_s: f64,
    /// The variance, in seconds squared.
    pub variance_s2: f64,
}

/// Mean and variance of the wait with `ahead` before it and `hands` that are all occupied and stay.
/// `None` where there are no hands, where more than [`AHEAD_MAX`] are ahead, or for rates that cannot
/// be.
///
/// ```
/// use bereik_routing::predict::{Rates, wait};
/// use chrono::TimeDelta;
/// // Nobody before him, three people who take five minutes each: 100 seconds.
/// let rates = Rates::of(TimeDelta::minutes(5), None);
/// let moments = wait::moments(0, 3, rates).expect("there are hands");
/// assert!((moments.mean_s - 100.0).abs() < 1e-9);
/// ```
#[must_use]
pub fn moments(ahead: u32, hands: u32, rates: Rates) -> Option<Moments> {
    if hands == 0 || ahead > AHEAD_MAX || !rates.is_sound() {
        return None;
    }
    let mut moments = Moments {
        mean_s: 0.0,
        variance_s2: 0.0,
    };
    for k in 0..=ahead {
        let mean_s = 1.0 / rates.leaving(k, hands);
        moments.mean_s += mean_s;
        moments.variance_s2 += mean_s * mean_s;
    }
    Some(moments)
}

/// The wait with `ahead` before it and `hands` that are all occupied and stay. `None` as in
/// [`moments`], and for a wait beyond 400 days.
///
/// ```
/// use bereik_routing::predict::{Rates, wait};
/// use chrono::TimeDelta;
/// let rates = Rates::of(TimeDelta::minutes(5), Some(TimeDelta::minutes(10)));
/// let estimate = wait::steady(4, 3, rates).expect("there are hands");
/// assert_eq!(estimate.p50.num_seconds(), 361);
/// assert!(estimate.p10 < estimate.p50 && estimate.p50 < estimate.p90);
/// ```
#[must_use]
pub fn steady(ahead: u32, hands: u32, rates: Rates) -> Option<WaitEstimate> {
    let Moments {
        mean_s,
        variance_s2,
    } = moments(ahead, hands, rates)?;
    let shape = mean_s * mean_s / variance_s2;
    let scale = variance_s2 / mean_s;
    WaitEstimate::of(Method::Hypoexponential, |p| {
        Some(gamma::quantile(shape, p)? * scale)
    })
}

/// The wait from `from` on with `ahead` before it, where a plan says how many hands there are: from
/// each instant on so many, until the next. The first number counts before its instant too, the last
/// for ever. Of those that are there at `from`, all are occupied but `free`.
///
/// `None` where the plan is empty or not in order, where it ends before nine of ten such waits do,
/// and as in [`moments`].
///
/// ```
/// use bereik_routing::predict::{Rates, wait};
/// use chrono::{DateTime, TimeDelta, Utc};
/// let at = |clock: &str| format!("2026-11-23T{clock}Z").parse::<DateTime<Utc>>();
/// // Nobody is there until two come at nine; two are before this customer.
/// let plan = [(at("08:00:00")?, 0), (at("09:00:00")?, 2)];
/// let rates = Rates::of(TimeDelta::minutes(5), None);
/// let estimate = wait::over(&plan, at("08:50:00")?, 2, 0, rates).expect("people are planned");
/// assert!(estimate.p10 > TimeDelta::minutes(10) && estimate.p10 < TimeDelta::minutes(11));
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[must_use]
pub fn over(
    plan: &[(DateTime<Utc>, u32)],
    from: DateTime<Utc>,
    ahead: u32,
    free: u32,
    rates: Rates,
) -> Option<WaitEstimate> {
    let is_in_order = plan.is_sorted_by(|a, b| a.0 < b.0);
    if !is_in_order || ahead > AHEAD_MAX || !rates.is_sound() {
        return None;
    }
    let Some(ahead) = ahead.checked_sub(free) else {
        return Some(WaitEstimate::FREE);
    };
    let steps = Steps::of(plan, from)?;
    if let [(_, hands)] = steps.0[..] {
        return steady(ahead, hands, rates);
    }
    WaitEstimate::of(Method::TimeVarying, |p| steps.quantile(p, ahead, rates))
}

/// How fast somebody left when a phase began, and when it ended.
#[derive(Clone, Copy)]
struct Phase {
    at_start: f64,
    at_end: f64,
}

/// How many phases of equal weight are as regular as these; none where none came to its own end.
fn shape_of(phases: &[Phase]) -> Option<f64> {
    let (mut sum, mut squares, mut carried) = (0.0, 0.0, 1.0);
    for phase in phases.iter().rev() {
        let weight = carried / phase.at_end;
        sum += weight;
        squares += weight * weight;
        carried *= phase.at_start / phase.at_end;
    }
    let shape = sum * sum / squares;
    shape.is_finite().then_some(shape.max(1.0))
}

/// How many hands there are from so many seconds on; the first is at 0.
struct Steps(Vec<(f64, u32)>);

impl Steps {
    fn of(plan: &[(DateTime<Utc>, u32)], from: DateTime<Utc>) -> Option<Self> {
        let begun = plan.iter().rev().find(|(at, _)| *at <= from);
        let (_, hands) = begun.or(plan.first())?;
        let later = plan.iter().filter(|(at, _)| from < *at);
        let mut steps = vec![(0.0, *hands)];
        for (at, hands) in later {
            if steps.last().is_some_and(|(_, before)| before != hands) {
                steps.push((seconds_thousandfold(*at - from) / 1_000.0, *hands));
            }
        }
        Some(Self(steps))
    }

    /// Below how many seconds the part `p` of the waits is. The shape is that of the path which leads
    /// there: found by going on from one path to the next, and by halving where that goes round in
    /// circles, as it does where many are served in the instant in which somebody comes.
    fn quantile(&self, p: f64, ahead: u32, rates: Rates) -> Option<f64> {
        let mut phases = Vec::new();
        let mut path = |share: f64| {
            phases.clear();
            let at = self.walk(ahead, share, rates, |phase| phases.push(phase));
            let shape = shape_of(&phases).unwrap_or_else(|| f64::from(ahead) + 1.0);
            (at, shape)
        };
        let mut share = 1.0;
        for _ in 0..PATHS_MAX {
            let (at, shape) = path(share);
            let next = gamma::quantile(shape, p)? / shape;
            if (next - share).abs() <= share * 1e-9 {
                return at;
            }
            share = next;
        }
        let (mut low, mut high) = (0.0, share * 4.0 + 4.0);
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            let (_, shape) = path(middle);
            if gamma::below(shape, shape * middle)? < p {
                low = middle;
            } else {
                high = middle;
            }
        }
        path(high).0
    }

    /// After how many seconds a customer is served on the path on which every phase takes the same
    /// share of its rate; `None` if never. Tells every phase that comes to its own end.
    fn walk(
        &self,
        ahead: u32,
        share: f64,
        rates: Rates,
        mut tell: impl FnMut(Phase),
    ) -> Option<f64> {
        let (mut at, mut ahead, mut left) = (0.0, ahead, share);
        let mut steps = self.0.iter().peekable();
        let (_, mut hands) = *steps.next()?;
        let mut at_start = rates.leaving(ahead, hands);
        loop {
            let ends_at = steps.peek().map_or(f64::INFINITY, |(at, _)| *at);
            let rate = rates.leaving(ahead, hands);
            if rate > 0.0 && left <= rate * (ends_at - at) {
                at += left / rate;
                tell(Phase {
                    at_start,
                    at_end: rate,
                });
                ahead = match ahead.checked_sub(1) {
                    Some(ahead) => ahead,
                    None => return Some(at),
                };
                (left, at_start) = (share, rates.leaving(ahead, hands));
                continue;
            }
            let (next_at, next) = *steps.next()?;
            left -= rate * (next_at - at);
            at = next_at;
            ahead = match ahead.checked_sub(next.saturating_sub(hands)) {
                Some(ahead) => ahead,
                None => return Some(at),
            };
            hands = next;
        }
    }
}
