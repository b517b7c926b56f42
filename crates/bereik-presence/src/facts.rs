//! What is known of a person and changes by itself: calendar, marked time, on-call time and signals.

use bereik_core::open_time::OpenTime;
use bereik_core::presence::PresenceState;
use bereik_core::signal::SignalKind;
use bereik_core::{FreeBusy, Interval, Signal};
use chrono::{DateTime, Utc};

use crate::channels::Channels;

/// What is known of one person, the directory apart. The default knows nothing.
///
/// Keep it bounded: signals that ran out, and on-call time that is over, only cost time.
///
/// ```
/// use bereik_core::FreeBusyKind;
/// use bereik_presence::PersonFacts;
/// let nothing = PersonFacts::default();
/// let now = "2026-11-23T10:00:00Z".parse()?;
/// assert_eq!(nothing.free_busy.kind_at(now), FreeBusyKind::Unknown);
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "built by embedders as a literal")]
pub struct PersonFacts {
    /// What the person's calendars say, all of them together.
    pub free_busy: FreeBusy,
    /// When the person says that he is available, also outside hours, and over which channels.
    #[cfg_attr(feature = "serde", serde(default))]
    pub open_time: OpenTime,
    /// When the person is on call.
    #[cfg_attr(feature = "serde", serde(default))]
    pub on_call: Vec<Interval>,
    /// What is so right now. Of one kind each, in any order.
    pub signals: Vec<Signal>,
}

/// What signals say at an instant.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Live {
    /// The state that was last set by hand.
    pub(crate) hand: Option<PresenceState>,
    /// Does not want to be disturbed, or presents.
    pub(crate) shuns: bool,
    pub(crate) is_in_call: bool,
    pub(crate) is_idle: bool,
    pub(crate) is_answered_by_machine: bool,
    pub(crate) online: Channels,
    pub(crate) down: Channels,
}

impl Live {
    pub(crate) fn at(signals: &[Signal], now: DateTime<Utc>) -> Self {
        let mut live = Self::default();
        let mut set_at = None;
        for signal in signals.iter().filter(|signal| signal.is_live_at(now)) {
            match signal.kind {
                SignalKind::AutomaticReply => live.is_answered_by_machine = true,
                SignalKind::ChannelDown(channel) => live.down.insert(channel),
                SignalKind::DoNotDisturb | SignalKind::Presenting => live.shuns = true,
                SignalKind::Idle => live.is_idle = true,
                SignalKind::InCall => live.is_in_call = true,
                SignalKind::Online(channel) => live.online.insert(channel),
                SignalKind::SetByHand(state) if set_at <= Some(signal.at) => {
                    (live.hand, set_at) = (Some(state), Some(signal.at));
                }
                _ => {}
            }
        }
        live
    }
}

impl PersonFacts {
    /// When the person was last seen: the newest instant up to `now` at which a signal told that he was there.
    /// A signal that ran out still tells that.
    ///
    /// ```
    /// use bereik_core::signal::{Signal, SignalKind};
    /// use bereik_presence::PersonFacts;
    /// use chrono::{DateTime, TimeDelta, Utc};
    ///
    /// let nine: DateTime<Utc> = "2026-11-23T09:00:00Z".parse()?;
    /// let seen = Signal {
    ///     kind: SignalKind::LastSeen,
    ///     source: "mail".into(),
    ///     at: nine,
    ///     expires_at: nine + TimeDelta::days(1),
    /// };
    /// let facts = PersonFacts { signals: vec![seen], ..PersonFacts::default() };
    /// assert_eq!(facts.last_seen_at(nine + TimeDelta::hours(1)), Some(nine));
    /// # Ok::<(), chrono::ParseError>(())
    /// ```
    #[must_use]
    pub fn last_seen_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let told = self.signals.iter().filter(|signal| {
            let tells = !matches!(
                signal.kind,
                SignalKind::AutomaticReply | SignalKind::ChannelDown(_)
            );
            tells && signal.at <= now
        });
        told.map(|signal| signal.at).max()
    }

    /// Whether a calendar said anything.
    pub(crate) fn has_calendar(&self) -> bool {
        self.free_busy.known().is_some() || self.open_time.known().is_some()
    }
}

/// The first instant after `now` at which a signal begins or ends.
pub(crate) fn next_signal_edge(signals: &[Signal], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    next_edge(signals.iter().map(|s| (s.at, s.expires_at)), now)
}

/// The first instant after `now` at which a shift begins or ends.
pub(crate) fn next_shift_edge(shifts: &[Interval], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    next_edge(shifts.iter().map(|s| (s.start(), s.end())), now)
}

/// The first start or end after `now`.
fn next_edge(
    stretches: impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let edges = stretches.flat_map(|(start, end)| [start, end]);
    edges.filter(|at| now < *at).min()
}
