//! Which source decides a person's state: the table of the crate's front page, row by row.

use bereik_core::directory::Directory;
use bereik_core::hours::Hours;
use bereik_core::person::Person;
use bereik_core::presence::{PresenceSource, PresenceState};
use bereik_core::signal::SignalKind;
use bereik_core::{FreeBusyKind, Zone};
use chrono::{DateTime, Utc};

use crate::facts::PersonFacts;

/// A state and what decided it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) state: PresenceState,
    pub(crate) source: PresenceSource,
}

/// A person with all that his presence depends on.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) directory: &'a Directory,
    pub(crate) person: &'a Person,
    pub(crate) facts: &'a PersonFacts,
    pub(crate) zone: &'a Zone,
    hours: Option<&'a Hours>,
    has_calendar: bool,
}

impl<'a> Subject<'a> {
    pub(crate) fn new(
        directory: &'a Directory,
        person: &'a Person,
        facts: &'a PersonFacts,
    ) -> Self {
        Self {
            directory,
            person,
            facts,
            zone: directory.zone_of(person),
            hours: directory.hours_of(person),
            has_calendar: !person.calendars.is_empty() || facts.free_busy.known().is_some(),
        }
    }

    /// The first row of the table that holds.
    pub(crate) fn decide(&self, now: DateTime<Utc>) -> Decision {
        use PresenceSource as Source;
        use PresenceState as State;
        let by = |source, state| Decision { state, source };
        let facts = self.facts;
        if let Some(state) = facts.hand_at(now) {
            return by(Source::Hand, state);
        }
        let calendar = self.has_calendar.then(|| facts.free_busy.kind_at(now));
        let is_away = calendar == Some(FreeBusyKind::OutOfOffice);
        let is_off = self.hours.is_some_and(|h| !h.is_open_at(now, self.zone));
        if (is_away || is_off) && facts.is_on_call_at(now) {
            return by(Source::Roster, State::OnCall);
        }
        if is_away {
            return by(Source::Calendar, State::OutOfOffice);
        }
        if is_off {
            return by(Source::Hours, State::OffDuty);
        }
        let shuns = |kind| matches!(kind, SignalKind::DoNotDisturb | SignalKind::Presenting);
        if facts.has_signal_at(now, shuns) {
            return by(Source::Signal, State::DoNotDisturb);
        }
        if facts.has_signal_at(now, |kind| kind == SignalKind::InCall) {
            return by(Source::Signal, State::Busy);
        }
        match calendar {
            Some(FreeBusyKind::Busy) => by(Source::Calendar, State::Busy),
            Some(FreeBusyKind::Tentative) => by(Source::Calendar, State::Tentative),
            Some(FreeBusyKind::Elsewhere) => by(Source::Calendar, State::Elsewhere),
            Some(FreeBusyKind::Free) => by(Source::Calendar, State::Available),
            Some(FreeBusyKind::Unknown | FreeBusyKind::OutOfOffice) => {
                by(Source::Nothing, State::Unknown)
            }
            None if self.hours.is_some() => by(Source::Hours, State::Available),
            None if facts.is_online_at(now) => by(Source::Signal, State::Available),
            None => by(Source::Nothing, State::Unknown),
        }
    }

    /// The first instant after `now` at which another decision may hold.
    pub(crate) fn next_change_after(
        &self,
        decision: Decision,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let signals = self.facts.next_signal_change_after(now);
        if decision.source == PresenceSource::Hand {
            return signals;
        }
        let on_call = self.facts.next_on_call_change_after(now);
        let calendar = self.facts.free_busy.next_change_after(now);
        // Leave goes before hours, so that nothing is asked of them for its whole length.
        let hours = match decision.state {
            PresenceState::OutOfOffice => None,
            _ => self.next_hours_change_after(now),
        };
        [signals, on_call, calendar, hours]
            .into_iter()
            .flatten()
            .min()
    }

    /// The first instant after `now` at which what closes may have ended: nothing opens before.
    pub(crate) fn next_opening_after(
        &self,
        decision: Decision,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let facts = self.facts;
        match decision.source {
            // Hours only close, so that they cannot end what a calendar closes. Without this a
            // calendar that ends would be followed through the hours of a year.
            PresenceSource::Calendar | PresenceSource::Nothing => [
                facts.next_signal_change_after(now),
                facts.next_on_call_change_after(now),
                facts.free_busy.next_change_after(now),
            ]
            .into_iter()
            .flatten()
            .min(),
            _ => self.next_change_after(decision, now),
        }
    }

    fn next_hours_change_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.hours?.next_change_after(now, self.zone)
    }
}
