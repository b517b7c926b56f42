//! What is asked of whoever keeps a person's facts; everything else is judged from the answers.

use bereik_core::channel_kind::ChannelKind;
use bereik_core::presence::{PresenceSource, PresenceState};
use chrono::{DateTime, Utc};

use crate::precedence::{Decision, Evidence};
use crate::verdict::LineState;

/// One person's facts at any instant, and when each of them next changes.
pub(crate) trait Sources {
    /// What the sources say at an instant.
    fn evidence_at(&self, now: DateTime<Utc>) -> Evidence;

    /// Whether there is a line of a kind. Web chat needs none.
    fn line_state(&self, channel: ChannelKind, now: DateTime<Utc>) -> LineState;

    /// The first instant after `now` at which a signal begins or ends.
    fn next_signal_change_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>>;

    /// The first instant after `now` at which on-call time begins or ends.
    fn next_on_call_change_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>>;

    /// The first instant after `now` at which the calendar says something else.
    fn next_calendar_change_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>>;

    /// The first instant after `now` at which a mark begins or ends.
    fn next_mark_change_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>>;

    /// The first instant after `now` at which working hours begin or end.
    fn next_hours_change_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>>;

    /// The first instant after `now` at which a line of this kind, or of any, goes into or out of
    /// service.
    fn next_line_change_after(
        &self,
        channel: Option<ChannelKind>,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>>;

    fn decide(&self, now: DateTime<Utc>) -> Decision {
        self.evidence_at(now).decide()
    }

    /// The first instant after `now` at which another decision may hold.
    fn next_change_after(&self, decision: Decision, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let signals = self.next_signal_change_after(now);
        if decision.source == PresenceSource::Hand {
            return signals;
        }
        // Leave goes before hours, so that nothing is asked of them for its whole length.
        let is_leave = decision.source == PresenceSource::Calendar
            && decision.state == PresenceState::OutOfOffice;
        let hours = match is_leave {
            true => None,
            false => self.next_hours_change_after(now),
        };
        earliest([signals, self.next_other_change_after(now), hours])
    }

    /// The first instant after `now` at which what closes may have ended: nothing opens before.
    fn next_opening_after(&self, decision: Decision, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match decision.source {
            // Hours only close, so that they cannot end what a calendar closes. Without this a
            // calendar that ends would be followed through the hours of a year.
            PresenceSource::Calendar | PresenceSource::Nothing => earliest([
                self.next_signal_change_after(now),
                self.next_other_change_after(now),
            ]),
            _ => self.next_change_after(decision, now),
        }
    }

    /// The first change of on-call time, calendar or marks.
    fn next_other_change_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        earliest([
            self.next_on_call_change_after(now),
            self.next_calendar_change_after(now),
            self.next_mark_change_after(now),
        ])
    }
}

/// The first of these instants.
pub(crate) fn earliest<const N: usize>(
    instants: [Option<DateTime<Utc>>; N],
) -> Option<DateTime<Utc>> {
    instants.into_iter().flatten().min()
}
