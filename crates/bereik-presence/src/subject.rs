//! A person with all that his presence depends on, by the directory.

use bereik_core::channel_kind::ChannelKind;
use bereik_core::directory::Directory;
use bereik_core::hours::Hours;
use bereik_core::person::Person;
use bereik_core::presence::{PresenceSource, PresenceState};
use bereik_core::zone::Zone;
use chrono::{DateTime, Utc};

use crate::facts::{Live, PersonFacts};
use crate::precedence::{Decision, Evidence};

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
            has_calendar: !person.calendars.is_empty() || facts.has_calendar(),
        }
    }

    /// What the sources say at an instant.
    pub(crate) fn evidence_at(&self, now: DateTime<Utc>) -> Evidence {
        let facts = self.facts;
        let open = |channel: &ChannelKind| facts.open_time.is_open_at(*channel, now);
        Evidence {
            live: Live::at(&facts.signals, now),
            calendar: self.has_calendar.then(|| facts.free_busy.kind_at(now)),
            hours: self.hours.map(|hours| hours.is_open_at(now, self.zone)),
            marked: ChannelKind::ALL.into_iter().filter(open).collect(),
            is_on_call: facts.on_call.iter().any(|shift| shift.contains(now)),
        }
    }

    pub(crate) fn decide(&self, now: DateTime<Utc>) -> Decision {
        self.evidence_at(now).decide()
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
        let marked = self.facts.open_time.next_change_after(now);
        // Leave goes before hours, so that nothing is asked of them for its whole length.
        let is_leave = decision.source == PresenceSource::Calendar
            && decision.state == PresenceState::OutOfOffice;
        let hours = match is_leave {
            true => None,
            false => self.next_hours_change_after(now),
        };
        [signals, on_call, calendar, marked, hours]
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
                facts.open_time.next_change_after(now),
            ]
            .into_iter()
            .flatten()
            .min(),
            _ => self.next_change_after(decision, now),
        }
    }

    pub(crate) fn next_hours_change_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.hours?.next_change_after(now, self.zone)
    }
}
