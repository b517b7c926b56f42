//! Whether and when a person can be reached over each kind of channel.

use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::directory::Directory;
use bereik_core::hours::Hours;
use bereik_core::line::Line;
use bereik_core::person::Person;
use bereik_core::presence::{PresenceSource, PresenceState};
use bereik_core::reachability::{Reach, ReachReason, Reachability, ReachabilityRow};
use bereik_core::signal::SignalKind;
use chrono::{DateTime, Utc};

use crate::facts::PersonFacts;
use crate::precedence::{Decision, Subject};
use crate::resolve::{Look, stands_until};
use crate::rules::{ReachRule, ReachRules};

/// How a person can be reached over each kind of channel at `now`, and until when that stands as
/// long as the facts do; `None` where nothing known ends it.
///
/// - Without a line of the kind: never. Web chat needs none, but somebody at the desk
///   (a live [`Online`](SignalKind::Online) signal for it); free with no desk open is never, not now.
/// - A channel that is down to the person: never, while it is.
/// - What the rules close, or a line that is out of service: from the next instant at which both
///   are open, within what is known; never, where there is none. The end of a signal counts as one,
///   though it may be renewed.
/// - Whoever is on call and cannot be reached now is on call, unless his own hand set his state.
///
/// ```
/// use bereik_core::channel_kind::ChannelKind;
/// use bereik_core::directory::Draft;
/// use bereik_core::hours::{Hours, Week};
/// use bereik_core::line::Line;
/// use bereik_core::person::Person;
/// use bereik_core::reachability::{Reach, ReachReason};
/// use bereik_core::Zone;
/// use bereik_presence::{PersonFacts, ReachRules, reachability_at};
///
/// let phone = Line::new("anna".parse()?, ChannelKind::Phone, "tel:+31201234567".parse()?);
/// let anna = Person::new("anna".parse()?, "Anna").with_line(phone);
/// let mut draft = Draft::new("Rivers & Co", Zone::utc()).with_person(anna);
/// let office = Week { mon: vec!["09:00-17:00".parse()?], ..Week::default() };
/// draft.hours.insert("office".parse()?, Hours::new(office));
/// draft.default_hours = Some("office".parse()?);
/// let directory = draft.check()?;
///
/// let (anna, facts) = (&directory.people()[0], PersonFacts::default());
/// let sunday = "2026-11-22T12:00:00Z".parse()?;
/// let (row, until) = reachability_at(&directory, anna, &facts, &ReachRules::default(), sunday);
/// let monday = "2026-11-23T09:00:00Z".parse()?;
/// assert_eq!(row[ChannelKind::Phone].reach, Reach::From(monday));
/// assert_eq!(row[ChannelKind::Email].reason, ReachReason::NoLine);
/// assert_eq!(until, Some(monday));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn reachability_at(
    directory: &Directory,
    person: &Person,
    facts: &PersonFacts,
    rules: &ReachRules,
    now: DateTime<Utc>,
) -> (ReachabilityRow, Option<DateTime<Utc>>) {
    let reach = Reacher {
        subject: Subject::new(directory, person, facts),
        rules,
    };
    let verdicts = reach.verdicts(now);
    let row = PerChannel::from_fn(|channel| {
        let Verdict { class, reason } = verdicts[channel];
        let reach = match class {
            Class::Later => reach
                .first_open_after(channel, now)
                .map_or(Reach::Never, Reach::From),
            Class::Never => Reach::Never,
            Class::Now => Reach::Now,
            Class::OnCall => Reach::OnCall,
            Class::Unknown => Reach::Unknown,
        };
        Reachability { reach, reason }
    });
    let until = stands_until(now, |at| {
        let next = reach.next_change_after(at)?;
        Some((next, reach.verdicts(next) == verdicts))
    });
    (row, until)
}

/// The first line of a person of this kind that is in service at `now`.
#[must_use]
pub fn line_in_service<'a>(
    directory: &Directory,
    person: &'a Person,
    channel: ChannelKind,
    now: DateTime<Utc>,
) -> Option<&'a Line> {
    let zone = directory.zone_of(person);
    person.lines.iter().find(|line| {
        let hours = hours_of(directory, line);
        line.channel == channel && hours.is_none_or(|hours| hours.is_open_at(now, zone))
    })
}

/// When a line is in service; `None` means always.
pub(crate) fn hours_of<'a>(directory: &'a Directory, line: &Line) -> Option<&'a Hours> {
    directory.hours(line.hours.as_ref()?)
}

/// What can be said of one kind of channel without looking ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Verdict {
    class: Class,
    reason: ReachReason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Later,
    Never,
    Now,
    OnCall,
    Unknown,
}

/// A person and the rules by which he can be reached.
pub(crate) struct Reacher<'a> {
    pub(crate) subject: Subject<'a>,
    pub(crate) rules: &'a ReachRules,
}

impl Reacher<'_> {
    fn verdicts(&self, now: DateTime<Utc>) -> PerChannel<Verdict> {
        let decision = self.subject.decide(now);
        PerChannel::from_fn(|channel| self.verdict(decision, channel, now))
    }

    fn verdict(&self, decision: Decision, channel: ChannelKind, now: DateTime<Utc>) -> Verdict {
        let facts = self.subject.facts;
        let is = |class, reason| Verdict { class, reason };
        if !self.has_line(channel) {
            return is(Class::Never, ReachReason::NoLine);
        }
        if facts.has_signal_at(now, |kind| kind == SignalKind::ChannelDown(channel)) {
            return is(Class::Never, ReachReason::ChannelDown);
        }
        if !self.is_in_service(channel, now) {
            return is(Class::Later, ReachReason::OffDuty);
        }
        let reason = reason_of(decision.state);
        let rule = match self.rules.rule(decision.state, channel) {
            ReachRule::Closed | ReachRule::Unknown
                if decision.source != PresenceSource::Hand && facts.is_on_call_at(now) =>
            {
                ReachRule::OnCall
            }
            rule => rule,
        };
        let has_desk = channel != ChannelKind::WebChat || facts.has_desk_at(now);
        match rule {
            ReachRule::Closed => is(Class::Later, reason),
            _ if !has_desk => is(Class::Never, ReachReason::NoDesk),
            ReachRule::OnCall => is(Class::OnCall, ReachReason::OnCall),
            ReachRule::Open => is(Class::Now, reason),
            ReachRule::Unknown => is(Class::Unknown, ReachReason::Unknown),
        }
    }

    fn has_line(&self, channel: ChannelKind) -> bool {
        channel == ChannelKind::WebChat || self.subject.person.line(channel).is_some()
    }

    /// Whether a line of this kind is in service; those who need none always have one.
    fn is_in_service(&self, channel: ChannelKind, now: DateTime<Utc>) -> bool {
        let Subject {
            directory, person, ..
        } = self.subject;
        channel == ChannelKind::WebChat
            || line_in_service(directory, person, channel, now).is_some()
    }

    /// The first instant from `from` on at which rules and line are open, a desk taken for
    /// granted.
    pub(crate) fn first_open_after(
        &self,
        channel: ChannelKind,
        from: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        if !self.has_line(channel) {
            return None;
        }
        self.subject.first_after(from, |subject, at| {
            let decision = subject.decide(at);
            if self.rules.rule(decision.state, channel) != ReachRule::Open {
                Look::NotBefore(subject.next_opening_after(decision, at))
            } else if self.is_in_service(channel, at) {
                Look::Found
            } else {
                Look::NotBefore(self.next_line_change_after(Some(channel), at))
            }
        })
    }

    /// The first instant after `now` at which the row may be another.
    pub(crate) fn next_change_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let decision = self.subject.decide(now);
        // A row can change where the decision does not: on-call time, a desk, a line's hours.
        let others = [
            self.subject.next_change_after(decision, now),
            self.subject.facts.next_on_call_change_after(now),
            self.next_line_change_after(None, now),
        ];
        others.into_iter().flatten().min()
    }

    /// The first instant after `now` at which a line of this kind, or of any, goes into or out of
    /// service.
    fn next_line_change_after(
        &self,
        channel: Option<ChannelKind>,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let lines = self.subject.person.lines.iter();
        lines
            .filter(|line| channel.is_none_or(|channel| line.channel == channel))
            .filter_map(|line| hours_of(self.subject.directory, line))
            .filter_map(|hours| hours.next_change_after(now, self.subject.zone))
            .min()
    }
}

const fn reason_of(state: PresenceState) -> ReachReason {
    match state {
        PresenceState::Available | PresenceState::Elsewhere | PresenceState::Tentative => {
            ReachReason::Available
        }
        PresenceState::Busy => ReachReason::Busy,
        PresenceState::DoNotDisturb => ReachReason::DoNotDisturb,
        PresenceState::OffDuty => ReachReason::OffDuty,
        PresenceState::OnCall => ReachReason::OnCall,
        PresenceState::OutOfOffice => ReachReason::OutOfOffice,
        _ => ReachReason::Unknown,
    }
}
