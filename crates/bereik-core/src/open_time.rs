//! When a person said in so many words that he is available, and over which channels.

use chrono::{DateTime, Utc};

use crate::channel_kind::{ChannelKind, PerChannel};
use crate::interval::Interval;

#[cfg(feature = "serde")]
mod wire;

/// The time that a person marked as open, per kind of channel: a positive claim, beside what the calendar says of
/// free and busy time.
///
/// Nothing is open outside the [`known`](Self::known) interval, or where nothing was marked.
///
/// ```
/// use bereik_core::channel_kind::ChannelKind;
/// use bereik_core::interval::Interval;
/// use bereik_core::open_time::OpenTime;
///
/// let day: Interval = "2026-11-23T08:00:00Z/2026-11-23T18:00:00Z".parse()?;
/// let hour: Interval = "2026-11-23T16:00:00Z/2026-11-23T17:00:00Z".parse()?;
/// let open = OpenTime::new(day, [(ChannelKind::Phone, hour)]);
/// assert!(open.is_open_at(ChannelKind::Phone, hour.start()));
/// assert!(!open.is_open_at(ChannelKind::WebChat, hour.start()));
/// assert_eq!(open.next_change_after(hour.start()), Some(hour.end()));
/// # Ok::<(), bereik_core::interval::IntervalError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "wire::OpenTime", into = "wire::OpenTime")
)]
pub struct OpenTime {
    known: Option<Interval>,
    /// Ascending, inside `known`, neither overlapping nor touching.
    open: PerChannel<Vec<Interval>>,
}

impl OpenTime {
    /// Knows nothing: nothing is open.
    #[must_use]
    pub fn unknown() -> Self {
        Self::default()
    }

    /// What is open within `known`, from stretches in any order that may overlap; what lies outside
    /// is cut off.
    #[must_use]
    pub fn new(known: Interval, open: impl IntoIterator<Item = (ChannelKind, Interval)>) -> Self {
        let mut all = PerChannel::<Vec<Interval>>::default();
        for (channel, interval) in open {
            all[channel].extend(interval.intersection(&known));
        }
        for channel in ChannelKind::ALL {
            join(&mut all[channel]);
        }
        Self {
            known: Some(known),
            open: all,
        }
    }

    /// From the first to the last instant of which anything is known.
    #[must_use]
    pub fn known(&self) -> Option<Interval> {
        self.known
    }

    /// The stretches that are open over a channel, ascending and maximal.
    #[must_use]
    pub fn intervals(&self, channel: ChannelKind) -> &[Interval] {
        &self.open[channel]
    }

    /// Whether a channel is open at `instant`. Takes logarithmic time.
    #[must_use]
    pub fn is_open_at(&self, channel: ChannelKind, instant: DateTime<Utc>) -> bool {
        let open = &self.open[channel];
        let next = open.partition_point(|interval| interval.end() <= instant);
        open.get(next).is_some_and(|next| next.contains(instant))
    }

    /// The first instant after `instant` at which a channel opens or closes; the ends of
    /// [`known`](Self::known) count as well.
    #[must_use]
    pub fn next_change_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let edges = self.open.iter().flat_map(|(_, open)| {
            let next = open.partition_point(|interval| interval.end() <= instant);
            open.get(next).map(|next| [next.start(), next.end()])
        });
        let known = self.known.map(|known| [known.start(), known.end()]);
        let edges = edges.chain(known).flatten();
        edges.filter(|edge| instant < *edge).min()
    }

    /// What either of two calendars has open. Outside what both know, each says only its own.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let known = match (self.known, other.known) {
            (Some(a), Some(b)) => a.hull(&b),
            (Some(known), None) | (None, Some(known)) => known,
            (None, None) => return Self::unknown(),
        };
        let both = [self, other].into_iter();
        Self::new(known, both.flat_map(Self::iter))
    }

    fn iter(&self) -> impl Iterator<Item = (ChannelKind, Interval)> + '_ {
        let channels = self.open.iter();
        channels.flat_map(|(channel, open)| open.iter().map(move |interval| (channel, *interval)))
    }
}

/// Sorts stretches and joins those that overlap or touch.
fn join(open: &mut Vec<Interval>) {
    open.sort_unstable();
    open.dedup_by(|next, last| {
        let joins = next.start() <= last.end();
        if joins {
            *last = last.hull(next);
        }
        joins
    });
}
