//! How long a contact takes and how soon customers give up, learned from what the engine saw.
//!
//! For each group and kind of channel there are four numbers: contacts handled and the time that
//! they took, contacts given up and the time that contacts waited. The mean handling time is time ÷
//! contacts; the rate of giving up is contacts given up ÷ time waited, which is the estimate of
//! greatest likelihood when most waits end by an answer.
//!
//! What is long ago counts less: all four lose half of their weight in [`HALF_LIFE_S`], in steps of
//! a 64th of it. Before there is much to see, [priors](Prior) count like contacts that were seen: of a kind of
//! channel for the whole house, and the house's for each group. All is counted in whole numbers, so
//! that engines that saw the same know the same.

use std::collections::BTreeMap;

use bereik_core::ChannelKind;
use bereik_core::channel_kind::PerChannel;
use bereik_core::id::GroupId;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::wait::Rates;

/// After how long what was seen counts half: three days.
pub const HALF_LIFE_S: u64 = 3 * 86_400;
/// For how many groups numbers are kept; those of further ones count for the house alone.
pub const GROUPS_MAX: usize = 10_000;
/// How many contacts a prior counts for.
const PRIOR_CONTACTS: u64 = 10;
/// How much waiting a prior counts for: twenty minutes.
const PRIOR_WAITED_MS: u64 = 1_200_000;
/// One contact, in the unit in which contacts are counted: a millionth.
const ONE: u64 = 1_000_000;
const TICKS_IN_HALF_LIFE: u64 = 64;
const TICK_S: u64 = HALF_LIFE_S / TICKS_IN_HALF_LIFE;
/// What is left after one tick, in parts of 2³²: the 64th root of one half.
const LEFT_AFTER_TICK: u64 = 4_248_701_964;

/// What is taken for granted of a kind of channel before anything was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "two means")]
pub struct Prior {
    /// The mean handling time.
    pub handling: TimeDelta,
    /// The mean patience; none where a customer does not notice that he waits.
    pub patience: Option<TimeDelta>,
}

impl Prior {
    /// A call takes five minutes, a chat seven, what can wait six; who waits live gives up after ten
    /// minutes on average, who wrote a mail does not.
    #[must_use]
    pub const fn of(channel: ChannelKind) -> Self {
        let handling = match channel {
            ChannelKind::Meeting | ChannelKind::Phone => TimeDelta::seconds(300),
            ChannelKind::Chat | ChannelKind::WebChat => TimeDelta::seconds(420),
            _ => TimeDelta::seconds(360),
        };
        let patience = if channel.is_live() {
            Some(TimeDelta::seconds(600))
        } else {
            None
        };
        Self { handling, patience }
    }
}

/// What was seen of one kind of channel, as of a tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Tally {
    tick: u64,
    /// Contacts handled, in millionths.
    handled: u64,
    handling_ms: u64,
    /// Contacts given up, in millionths.
    abandoned: u64,
    waited_ms: u64,
}

/// Numbers of a prior, in the units of a tally.
#[derive(Clone, Copy)]
struct Means {
    handling_ms: u64,
    /// Contacts given up in [`PRIOR_WAITED_MS`], in millionths.
    abandoned: u64,
}

/// What the engine has seen of handling times and patience. Bounded: one small table for the house,
/// and one for each of at most [`GROUPS_MAX`] groups.
///
/// ```
/// use bereik_core::channel_kind::ChannelKind;
/// use bereik_routing::predict::Observed;
/// use chrono::{DateTime, TimeDelta, Utc};
/// let at = DateTime::<Utc>::UNIX_EPOCH;
/// let mut observed = Observed::default();
/// assert_eq!(observed.handling(None, ChannelKind::Phone, at), TimeDelta::seconds(300));
/// for _ in 0..90 {
///     observed.handled(None, ChannelKind::Phone, at, TimeDelta::seconds(100));
/// }
/// assert_eq!(observed.handling(None, ChannelKind::Phone, at), TimeDelta::seconds(120));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    house: PerChannel<Tally>,
    groups: BTreeMap<GroupId, PerChannel<Tally>>,
}

impl Observed {
    /// A contact was handled, from the instant that somebody had it until he was done with it.
    pub fn handled(
        &mut self,
        group: Option<&GroupId>,
        channel: ChannelKind,
        at: DateTime<Utc>,
        took: TimeDelta,
    ) {
        self.count(group, channel, at, |tally| {
            tally.handled = tally.handled.saturating_add(ONE);
            tally.handling_ms = tally.handling_ms.saturating_add(milliseconds(took));
        });
    }

    /// A contact waited so long until somebody took it.
    pub fn answered(
        &mut self,
        group: Option<&GroupId>,
        channel: ChannelKind,
        at: DateTime<Utc>,
        waited: TimeDelta,
    ) {
        self.count(group, channel, at, |tally| {
            tally.waited_ms = tally.waited_ms.saturating_add(milliseconds(waited));
        });
    }

    /// A contact went out of the queue after so long without that somebody had taken it.
    pub fn abandoned(
        &mut self,
        group: Option<&GroupId>,
        channel: ChannelKind,
        at: DateTime<Utc>,
        waited: TimeDelta,
    ) {
        self.count(group, channel, at, |tally| {
            tally.abandoned = tally.abandoned.saturating_add(ONE);
            tally.waited_ms = tally.waited_ms.saturating_add(milliseconds(waited));
        });
    }

    /// The mean handling time of a group, or of the house.
    #[must_use]
    pub fn handling(
        &self,
        group: Option<&GroupId>,
        channel: ChannelKind,
        at: DateTime<Utc>,
    ) -> TimeDelta {
        let ms = self.means(group, channel, at).handling_ms;
        TimeDelta::milliseconds(i64::try_from(ms).unwrap_or(i64::MAX))
    }

    /// Both rates of a group, or of the house.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "a prediction is not exact to the sixteenth digit"
    )]
    pub fn rates(&self, group: Option<&GroupId>, channel: ChannelKind, at: DateTime<Utc>) -> Rates {
        let means = self.means(group, channel, at);
        Rates {
            service: 1_000.0 / means.handling_ms.max(1) as f64,
            abandonment: means.abandoned as f64 / (ONE * PRIOR_WAITED_MS / 1_000) as f64,
        }
    }

    /// Forgets groups that are no more.
    pub(crate) fn keep_groups(&mut self, is_known: impl Fn(&GroupId) -> bool) {
        self.groups.retain(|group, _| is_known(group));
    }

    fn means(&self, group: Option<&GroupId>, channel: ChannelKind, at: DateTime<Utc>) -> Means {
        let prior = Prior::of(channel);
        let patience = prior.patience.map(milliseconds);
        let prior = Means {
            handling_ms: milliseconds(prior.handling),
            abandoned: patience.map_or(0, |ms| ONE * PRIOR_WAITED_MS / ms.max(1)),
        };
        let house = self.house[channel].means(prior, at);
        let tally = group.and_then(|group| self.groups.get(group));
        tally.map_or(house, |tally| tally[channel].means(house, at))
    }

    fn count(
        &mut self,
        group: Option<&GroupId>,
        channel: ChannelKind,
        at: DateTime<Utc>,
        count: impl Fn(&mut Tally),
    ) {
        let add = |tally: &mut Tally| {
            *tally = tally.as_of(at);
            count(tally);
        };
        add(&mut self.house[channel]);
        let Some(group) = group else {
            return;
        };
        let has_room = self.groups.len() < GROUPS_MAX || self.groups.contains_key(group);
        if has_room {
            add(&mut self.groups.entry(group.clone()).or_default()[channel]);
        }
    }
}

impl Tally {
    /// The same with what has been forgotten since. Time does not go back.
    fn as_of(self, at: DateTime<Utc>) -> Self {
        let tick = u64::try_from(at.timestamp()).unwrap_or(0) / TICK_S;
        let Some(ticks) = tick.checked_sub(self.tick) else {
            return self;
        };
        let left = left_after(ticks);
        let decayed = |count: u64| {
            let product = u128::from(count) * u128::from(left);
            u64::try_from(product >> 32).expect("it is at most what it was")
        };
        Self {
            tick,
            handled: decayed(self.handled),
            handling_ms: decayed(self.handling_ms),
            abandoned: decayed(self.abandoned),
            waited_ms: decayed(self.waited_ms),
        }
    }

    fn means(self, prior: Means, at: DateTime<Utc>) -> Means {
        let now = self.as_of(at);
        let handled = u128::from(now.handled) + u128::from(PRIOR_CONTACTS * ONE);
        let handling = u128::from(now.handling_ms)
            + u128::from(PRIOR_CONTACTS) * u128::from(prior.handling_ms);
        let abandoned = u128::from(now.abandoned) + u128::from(prior.abandoned);
        let waited = u128::from(now.waited_ms) + u128::from(PRIOR_WAITED_MS);
        let whole = |value: u128| u64::try_from(value).unwrap_or(u64::MAX);
        Means {
            handling_ms: whole(handling * u128::from(ONE) / handled).max(1),
            abandoned: whole(abandoned * u128::from(PRIOR_WAITED_MS) / waited),
        }
    }
}

/// What is left after so many ticks, in parts of 2³².
fn left_after(ticks: u64) -> u64 {
    if ticks > 64 * TICKS_IN_HALF_LIFE {
        return 0;
    }
    let halvings = ticks / TICKS_IN_HALF_LIFE;
    let rest = ticks % TICKS_IN_HALF_LIFE;
    let left = (0..rest).fold(1u64 << 32, |left, _| (left * (LEFT_AFTER_TICK >> 1)) >> 31);
    left.checked_shr(u32::try_from(halvings).unwrap_or(64))
        .unwrap_or(0)
}

fn milliseconds(span: TimeDelta) -> u64 {
    u64::try_from(span.num_milliseconds()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{HALF_LIFE_S, Observed, left_after};
    use bereik_core::ChannelKind::{Email, Phone, WebChat};
    use chrono::{DateTime, TimeDelta, Utc};

    fn at(seconds: u64) -> DateTime<Utc> {
        let start = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        start + TimeDelta::seconds(i64::try_from(seconds).unwrap())
    }

    #[test]
    fn half_is_left_after_the_half_life() {
        assert_eq!(left_after(0), 1 << 32);
        assert_eq!(left_after(64), 1 << 31);
        let quarter_root = left_after(32) as f64 / 2f64.powi(32);
        assert!(
            (quarter_root - 0.5f64.sqrt()).abs() < 1e-7,
            "{quarter_root}"
        );
        assert_eq!((left_after(33 * 64), left_after(u64::MAX)), (0, 0));
    }

    #[test]
    fn what_is_forgotten_does_not_depend_on_how_often_one_looks() {
        let mut rarely = Observed::default();
        rarely.handled(None, Phone, at(0), TimeDelta::hours(100));
        let mut often = rarely.clone();
        for day in 1..=30 {
            often.answered(None, Phone, at(day * 86_400 / 10), TimeDelta::zero());
        }
        let (a, b) = (
            rarely.handling(None, Phone, at(HALF_LIFE_S)),
            often.handling(None, Phone, at(HALF_LIFE_S)),
        );
        assert!((a - b).abs() < TimeDelta::seconds(1), "{a} {b}");
        // One contact of a hundred hours counts as a half, beside ten of five minutes.
        let expected_s = (0.5 * 360_000.0 + 3_000.0) / 10.5;
        let seconds = a.num_milliseconds() as f64 / 1_000.0;
        assert!(
            (seconds / expected_s - 1.0).abs() < 0.01,
            "{seconds} {expected_s}"
        );
    }

    #[test]
    fn a_group_begins_as_the_house_and_goes_its_own_way() {
        let group = "helpdesk".parse().unwrap();
        let other = "billing".parse().unwrap();
        let mut observed = Observed::default();
        for _ in 0..1_000 {
            observed.handled(Some(&group), WebChat, at(0), TimeDelta::seconds(60));
        }
        let of = |group| observed.handling(group, WebChat, at(1)).num_seconds();
        assert_eq!(of(Some(&other)), of(None));
        assert!(of(Some(&group)) < 61 && of(None) > 62);
        assert_eq!(observed.handling(None, Phone, at(1)).num_seconds(), 300);
    }

    #[test]
    fn customers_who_give_up_are_seen_and_those_who_do_not_too() {
        let mut observed = Observed::default();
        let before = observed.rates(None, Phone, at(0)).abandonment;
        assert!((before - 1.0 / 600.0).abs() < 1e-12);
        assert_eq!(observed.rates(None, Email, at(0)).abandonment.to_bits(), 0);
        for _ in 0..100 {
            observed.answered(None, Phone, at(0), TimeDelta::minutes(10));
        }
        let patient = observed.rates(None, Phone, at(0)).abandonment;
        assert!(patient < before / 20.0);
        for _ in 0..900 {
            observed.abandoned(None, Phone, at(0), TimeDelta::minutes(1));
        }
        let hasty = observed.rates(None, Phone, at(0)).abandonment;
        assert!((hasty - 902.0 / (1_920.0 * 60.0)).abs() < 1e-9);
    }

    #[test]
    fn no_number_is_too_great_and_time_may_stand_still() {
        let mut observed = Observed::default();
        for _ in 0..3 {
            observed.handled(None, Phone, at(0), TimeDelta::MAX);
            observed.abandoned(None, Phone, DateTime::<Utc>::MIN_UTC, TimeDelta::MAX);
            observed.answered(None, Phone, at(0), TimeDelta::MIN);
        }
        let rates = observed.rates(None, Phone, DateTime::<Utc>::MAX_UTC);
        assert!(rates.service > 0.0 && rates.abandonment.is_finite());
        let rates = observed.rates(None, Phone, at(0));
        assert!(rates.service > 0.0 && rates.abandonment.is_finite());
    }
}
