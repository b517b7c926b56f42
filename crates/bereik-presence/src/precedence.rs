//! Which source decides a person's state: the table of the crate's front page, row by row.

use bereik_core::FreeBusyKind;
use bereik_core::channel_kind::ChannelKind;
use bereik_core::presence::{PresenceSource, PresenceState};

use crate::channels::Channels;
use crate::facts::Live;

/// A state and what decided it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) state: PresenceState,
    pub(crate) source: PresenceSource,
}

/// What the sources say of a person at one instant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evidence {
    pub(crate) live: Live,
    /// `None` where there is no calendar.
    pub(crate) calendar: Option<FreeBusyKind>,
    /// Whether hours are open; `None` where there are none.
    pub(crate) hours: Option<bool>,
    /// What the person's marks open.
    pub(crate) marked: Channels,
    pub(crate) is_on_call: bool,
}

impl Evidence {
    /// The person's state.
    pub(crate) fn decide(&self) -> Decision {
        self.first_row(self.is_outside_hours() && !self.marked.has_live())
    }

    /// What decides about one kind of channel: a mark opens it outside hours, and it alone.
    pub(crate) fn decide_over(&self, channel: ChannelKind) -> Decision {
        self.first_row(self.is_outside_hours() && !self.marked.contains(channel))
    }

    pub(crate) fn is_outside_hours(&self) -> bool {
        self.hours == Some(false)
    }

    /// The first row of the table that holds.
    fn first_row(&self, is_off: bool) -> Decision {
        use PresenceSource as Source;
        use PresenceState as State;
        let by = |source, state| Decision { state, source };
        let live = &self.live;
        if let Some(state) = live.hand {
            return by(Source::Hand, state);
        }
        let is_on_leave = self.calendar == Some(FreeBusyKind::OutOfOffice);
        let is_away = is_on_leave || live.is_answered_by_machine;
        if (is_away || is_off) && self.is_on_call {
            return by(Source::Roster, State::OnCall);
        }
        if is_on_leave {
            return by(Source::Calendar, State::OutOfOffice);
        }
        if is_off {
            return by(Source::Hours, State::OffDuty);
        }
        if live.is_answered_by_machine {
            return by(Source::Signal, State::OutOfOffice);
        }
        if live.shuns {
            return by(Source::Signal, State::DoNotDisturb);
        }
        if live.is_in_call {
            return by(Source::Signal, State::Busy);
        }
        if self.calendar == Some(FreeBusyKind::Busy) {
            return by(Source::Calendar, State::Busy);
        }
        if self.calendar == Some(FreeBusyKind::Unknown) {
            return by(Source::Nothing, State::Unknown);
        }
        let is_online = !live.online.is_empty();
        let is_there = self.calendar.is_some() || self.hours.is_some() || is_online;
        if is_there && live.is_idle {
            return by(Source::Signal, State::Idle);
        }
        match self.calendar {
            Some(FreeBusyKind::Tentative) => by(Source::Calendar, State::Tentative),
            Some(FreeBusyKind::Elsewhere) => by(Source::Calendar, State::Elsewhere),
            Some(_) => by(Source::Calendar, State::Available),
            None if self.hours.is_some() => by(Source::Hours, State::Available),
            None if is_online => by(Source::Signal, State::Available),
            None => by(Source::Nothing, State::Unknown),
        }
    }
}
