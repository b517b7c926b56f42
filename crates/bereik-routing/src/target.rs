//! The clocks of agreed response times, in the hours of their agreement.

use bereik_core::agreement::{Agreement, Target};
use bereik_core::contact::Addressee;
use bereik_core::directory::Directory;
use bereik_core::id::LineId;
use bereik_core::{ChannelKind, Urgency};
use chrono::{DateTime, TimeDelta, Utc};

/// How much of a target passes before somebody is warned, in percent.
const WARN_PERCENT: i64 = 75;
/// The longest that a renewed promise runs at first, in seconds: a day.
const RENEWED_FOR_S_MAX: i64 = 86_400;
/// After so many repetitions the longest wait doubles, so that a leap over years takes few steps.
const REPEATED_MAX: u32 = 30;

/// The target of one contact, and the hours in which its clock runs.
pub(crate) struct Clock<'a> {
    directory: &'a Directory,
    agreement: Option<&'a Agreement>,
    urgency: Urgency,
    target: Target,
}

impl<'a> Clock<'a> {
    pub(crate) fn of(
        directory: &'a Directory,
        addressee: &Addressee,
        urgency: Urgency,
        channel: ChannelKind,
    ) -> Self {
        let group = match addressee {
            Addressee::Group(id) => directory.group(id),
            _ => None,
        };
        let agreement = directory.agreement_of(group);
        let target = agreement.map_or_else(
            || Target::default_for(urgency, channel),
            |agreement| agreement.target(urgency, channel),
        );
        Self {
            directory,
            agreement,
            urgency,
            target,
        }
    }

    /// Within how many seconds an answer is due.
    pub(crate) const fn answer_for_s(&self) -> u32 {
        self.target.answer_for_s
    }

    /// When an answer to a question of that instant is due.
    pub(crate) fn due_after(&self, from: DateTime<Utc>) -> DateTime<Utc> {
        self.after(from, self.target.answer_for_s.into())
    }

    /// When somebody is warned that it is.
    pub(crate) fn warn_after(&self, from: DateTime<Utc>) -> DateTime<Utc> {
        let seconds = i64::from(self.target.answer_for_s) * WARN_PERCENT / 100;
        self.after(from, seconds)
    }

    /// When half of the time to answer has passed. It counts every hour of the day.
    pub(crate) fn half_after(&self, from: DateTime<Utc>) -> DateTime<Utc> {
        let half = TimeDelta::milliseconds(i64::from(self.target.answer_for_s) * 500);
        from.checked_add_signed(half)
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// Half of the time to answer, in whole seconds.
    pub(crate) fn half_s(&self) -> u32 {
        self.target.answer_for_s / 2
    }

    /// A promise that could not be kept is renewed, each time for twice as long.
    pub(crate) fn renewed_after(&self, from: DateTime<Utc>, renewals: u32) -> DateTime<Utc> {
        let seconds = i64::from(self.target.answer_for_s) << renewals.min(40);
        let longest = RENEWED_FOR_S_MAX.max(self.target.answer_for_s.into());
        self.after(from, seconds.min(stretched(longest, renewals)))
    }

    /// The instant when so many seconds of the agreement's hours have passed. The clock of a
    /// calamity always runs, and so does one whose hours never come.
    fn after(&self, from: DateTime<Utc>, seconds: i64) -> DateTime<Utc> {
        let always = later(from, seconds);
        if self.urgency == Urgency::Calamity {
            return always;
        }
        let hours = self
            .agreement
            .and_then(|agreement| agreement.hours.as_ref());
        let Some(hours) = hours.and_then(|id| self.directory.hours(id)) else {
            return always;
        };
        let zone = self.directory.zone();
        hours
            .after_open(from, TimeDelta::seconds(seconds), zone)
            .unwrap_or(always)
            .max(always)
    }
}

/// Whether a line is in service.
pub(crate) fn is_in_service(directory: &Directory, line: &LineId, at: DateTime<Utc>) -> bool {
    let Some((line, owner)) = directory.line(line) else {
        return false;
    };
    let Some(hours) = line.hours.as_ref().and_then(|id| directory.hours(id)) else {
        return true;
    };
    let owner = owner.and_then(|id| directory.person(id));
    let zone = owner.map_or(directory.zone(), |person| directory.zone_of(person));
    hours.is_open_at(at, zone)
}

/// The longest wait after so many repetitions, in seconds.
pub(crate) const fn stretched(longest_s: i64, repetitions: u32) -> i64 {
    let doublings = repetitions / REPEATED_MAX;
    longest_s << if doublings < 20 { doublings } else { 20 }
}

/// So many seconds later, or the last instant that there is.
pub(crate) fn later(at: DateTime<Utc>, seconds: i64) -> DateTime<Utc> {
    TimeDelta::try_seconds(seconds)
        .and_then(|delta| at.checked_add_signed(delta))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}
