//! A person with all that his presence depends on, by the directory.

use bereik_core::channel_kind::ChannelKind;
use bereik_core::directory::Directory;
use bereik_core::hours::Hours;
use bereik_core::person::Person;
use bereik_core::zone::Zone;
use chrono::{DateTime, Utc};

use crate::channels::Channels;
use crate::facts::{Live, PersonFacts, next_shift_edge, next_signal_edge};
use crate::precedence::Evidence;
use crate::reach::{hours_of, line_in_service};
use crate::sources::Sources;
use crate::verdict::LineState;

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
}

impl Sources for Subject<'_> {
    fn evidence_at(&self, now: DateTime<Utc>) -> Evidence {
        let facts = self.facts;
        Evidence {
            live: Live::at(&facts.signals, now),
            calendar: self.has_calendar.then(|| facts.free_busy.kind_at(now)),
            hours: self.hours.map(|hours| hours.is_open_at(now, self.zone)),
            marked: Channels::marked(&facts.open_time, now),
            is_on_call: facts.on_call.iter().any(|shift| shift.contains(now)),
        }
    }

    fn line_state(&self, channel: ChannelKind, now: DateTime<Utc>) -> LineState {
        if channel == ChannelKind::WebChat {
            return LineState::InService;
        }
        if self.person.line(channel).is_none() {
            return LineState::Missing;
        }
        match line_in_service(self.directory, self.person, channel, now) {
            Some(_) => LineState::InService,
            None => LineState::OutOfService,
        }
    }

    fn next_signal_change_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        next_signal_edge(&self.facts.signals, now)
    }

    fn next_on_call_change_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        next_shift_edge(&self.facts.on_call, now)
    }

    fn next_calendar_change_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.facts.free_busy.next_change_after(now)
    }

    fn next_mark_change_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.facts.open_time.next_change_after(now)
    }

    fn next_hours_change_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.hours?.next_change_after(now, self.zone)
    }

    fn next_line_change_after(
        &self,
        channel: Option<ChannelKind>,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let lines = self.person.lines.iter();
        lines
            .filter(|line| channel.is_none_or(|channel| line.channel == channel))
            .filter_map(|line| hours_of(self.directory, line))
            .filter_map(|hours| hours.next_change_after(now, self.zone))
            .min()
    }
}
