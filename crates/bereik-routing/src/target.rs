//! The clocks of agreed response times, in the hours of their agreement.

use bereik_core::agreement::{Agreement, Target, TargetClock, WARN_PERCENT};
use bereik_core::contact::Addressee;
use bereik_core::directory::Directory;
use bereik_core::hours::Hours;
use bereik_core::id::LineId;
use bereik_core::{ChannelKind, Urgency};
use chrono::{DateTime, TimeDelta, Utc};

/// An owner who was reminded has a quarter of the target to react, within these bounds, in seconds.
const REACT_FOR_S: std::ops::RangeInclusive<i64> = 60..=4 * 3_600;
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
        self.after(from, self.warn_s(self.target.answer_for_s))
    }

    /// After how many seconds of a target somebody is warned: whole ones, and one at least.
    fn warn_s(&self, for_s: u32) -> i64 {
        let agreed = self.agreement.map(|agreement| agreement.warn_percent);
        let percent = i64::from(agreed.unwrap_or(WARN_PERCENT));
        (i64::from(for_s) * percent / 100).max(1)
    }

    /// How long a clock runs until its warning and until it is due, in milliseconds of its hours.
    pub(crate) fn amounts_ms(&self, clock: TargetClock) -> Option<(i64, i64)> {
        let for_s = self.target.for_s(clock)?;
        Some((self.warn_s(for_s) * 1_000, i64::from(for_s) * 1_000))
    }

    /// How long somebody who was reminded of a clock has to react, in seconds; each time twice as
    /// long, up to a day.
    pub(crate) fn react_after(
        &self,
        clock: TargetClock,
        from: DateTime<Utc>,
        times: u32,
    ) -> DateTime<Utc> {
        let for_s = self.target.for_s(clock).unwrap_or(self.target.answer_for_s);
        let first = (i64::from(for_s) / 4).clamp(*REACT_FOR_S.start(), *REACT_FOR_S.end());
        let seconds = (first << times.min(40)).min(stretched(RENEWED_FOR_S_MAX, times));
        self.after(from, seconds)
    }

    /// By when the customer is acknowledged: seconds of every hour of the day.
    pub(crate) fn acknowledge_after(&self, from: DateTime<Utc>) -> DateTime<Utc> {
        later(from, self.target.acknowledge_for_s.into())
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
        self.after_ms(from, seconds.saturating_mul(1_000))
    }

    /// The same for milliseconds.
    pub(crate) fn after_ms(&self, from: DateTime<Utc>, amount_ms: i64) -> DateTime<Utc> {
        let amount = TimeDelta::try_milliseconds(amount_ms).unwrap_or(TimeDelta::MAX);
        let always = from
            .checked_add_signed(amount)
            .unwrap_or(DateTime::<Utc>::MAX_UTC);
        let Some(hours) = self.hours() else {
            return always;
        };
        hours
            .after_open(from, amount, self.directory.zone())
            .unwrap_or(always)
            .max(always)
    }

    /// How long the clock runs from the one instant to the other, in milliseconds.
    pub(crate) fn ran_ms(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
        let Some(hours) = self.hours() else {
            return (to - from).num_milliseconds();
        };
        let zone = self.directory.zone();
        hours.open_between(from, to, zone).num_milliseconds()
    }

    /// The hours in which the clock runs, where it does not always run.
    fn hours(&self) -> Option<&'a Hours> {
        let agreed = self.agreement.and_then(|agreed| agreed.hours.as_ref());
        let counts = self.urgency != Urgency::Calamity;
        self.directory.hours(agreed.filter(|_| counts)?)
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
