//! What is known of a person and changes by itself: calendar, on-call time and signals.

use bereik_core::channel_kind::ChannelKind;
use bereik_core::presence::PresenceState;
use bereik_core::signal::SignalKind;
use bereik_core::{FreeBusy, Interval, Signal};
use chrono::{DateTime, Utc};

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
    /// When the person is on call.
    #[cfg_attr(feature = "serde", serde(default))]
    pub on_call: Vec<Interval>,
    /// What is so right now. Of one kind each, in any order.
    pub signals: Vec<Signal>,
}

impl PersonFacts {
    /// The state that was last set by hand, if one counts.
    pub(crate) fn hand_at(&self, now: DateTime<Utc>) -> Option<PresenceState> {
        let set = self.signals.iter().filter_map(|signal| match signal.kind {
            SignalKind::SetByHand(state) if signal.is_live_at(now) => Some((signal.at, state)),
            _ => None,
        });
        set.max_by_key(|(at, _)| *at).map(|(_, state)| state)
    }

    pub(crate) fn has_signal_at(
        &self,
        now: DateTime<Utc>,
        is_meant: impl Fn(SignalKind) -> bool,
    ) -> bool {
        let mut signals = self.signals.iter();
        signals.any(|signal| is_meant(signal.kind) && signal.is_live_at(now))
    }

    pub(crate) fn is_online_at(&self, now: DateTime<Utc>) -> bool {
        self.has_signal_at(now, |kind| matches!(kind, SignalKind::Online(_)))
    }

    pub(crate) fn has_desk_at(&self, now: DateTime<Utc>) -> bool {
        self.has_signal_at(now, |kind| kind == SignalKind::Online(ChannelKind::WebChat))
    }

    pub(crate) fn is_on_call_at(&self, now: DateTime<Utc>) -> bool {
        self.on_call.iter().any(|shift| shift.contains(now))
    }

    /// The first instant after `now` at which a signal begins or ends.
    pub(crate) fn next_signal_change_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let ends = self.signals.iter().flat_map(|s| [s.at, s.expires_at]);
        ends.filter(|at| now < *at).min()
    }

    /// The first instant after `now` at which on-call time begins or ends.
    pub(crate) fn next_on_call_change_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let ends = self.on_call.iter().flat_map(|s| [s.start(), s.end()]);
        ends.filter(|at| now < *at).min()
    }
}
