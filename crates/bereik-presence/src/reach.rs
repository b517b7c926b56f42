//! Whether and when a person can be reached over each kind of channel.

use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::directory::Directory;
use bereik_core::hours::Hours;
use bereik_core::line::Line;
use bereik_core::person::Person;
use bereik_core::reachability::{Reach, Reachability, ReachabilityRow};
use bereik_core::zone::Zone;
use chrono::{DateTime, TimeDelta, Utc};

use crate::facts::PersonFacts;
use crate::precedence::Evidence;
use crate::resolve::{Look, first_after, stands_until};
use crate::rules::{ReachRule, ReachRules};
use crate::sources::{Sources, earliest};
use crate::subject::Subject;
use crate::verdict::{Class, LineState, Verdict, rule_over, verdict};

/// Openings that are tried for one that is long enough.
const OPENINGS_MAX: u32 = 1_000;
/// Changes within one opening that are followed.
const CHANGES_MAX: u32 = 1_000;

/// How a person can be reached over each kind of channel at `now`, and until when that stands as
/// long as the facts do; `None` where nothing known ends it.
///
/// - Without a line of the kind: never. Web chat needs none, but somebody at the desk
///   (a live [`Online`](bereik_core::signal::SignalKind::Online) signal for it); free with no desk open is never, not now.
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
        sources: Subject::new(directory, person, facts),
        rules,
    };
    reach.row(now)
}

/// The first instant from `now` on at which the person can be reached over a kind of channel for at least
/// `amount` without a break, within what is known: "free for a quarter of an hour". `None` where there is no
/// such instant, or none within a thousand openings.
///
/// As for [`Reach::From`], a desk is taken for granted, and signals count until they expire.
///
/// ```
/// use bereik_core::channel_kind::ChannelKind;
/// use bereik_core::directory::Draft;
/// use bereik_core::line::Line;
/// use bereik_core::person::Person;
/// use bereik_core::{FreeBusy, FreeBusyKind, Interval, Zone};
/// use bereik_presence::{PersonFacts, ReachRules, next_open_for};
/// use chrono::{DateTime, TimeDelta, Utc};
///
/// let phone = Line::new("anna".parse()?, ChannelKind::Phone, "tel:+31201234567".parse()?);
/// let anna = Person::new("anna".parse()?, "Anna").with_line(phone);
/// let directory = Draft::new("Rivers & Co", Zone::utc()).with_person(anna).check()?;
///
/// let day: Interval = "2026-11-23T09:00:00Z/2026-11-23T17:00:00Z".parse()?;
/// let free_busy = FreeBusy::builder(day)
///     .claim("2026-11-23T09:10:00Z/2026-11-23T10:00:00Z".parse()?, FreeBusyKind::Busy)
///     .build();
/// let facts = PersonFacts { free_busy, ..PersonFacts::default() };
/// let next = |minutes| {
///     let (anna, rules) = (&directory.people()[0], ReachRules::default());
///     let (phone, amount) = (ChannelKind::Phone, TimeDelta::minutes(minutes));
///     next_open_for(&directory, anna, &facts, &rules, phone, amount, day.start())
/// };
/// assert_eq!(next(10), Some(day.start()));
/// assert_eq!(next(15), Some("2026-11-23T10:00:00Z".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn next_open_for(
    directory: &Directory,
    person: &Person,
    facts: &PersonFacts,
    rules: &ReachRules,
    channel: ChannelKind,
    amount: TimeDelta,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let reach = Reacher {
        sources: Subject::new(directory, person, facts),
        rules,
    };
    reach.first_open_for(channel, amount, now)
}

/// The first line of a person of this kind that is in service at `now`.
#[must_use]
pub fn line_in_service<'a>(
    directory: &'a Directory,
    person: &'a Person,
    channel: ChannelKind,
    now: DateTime<Utc>,
) -> Option<&'a Line> {
    lines_in_service(directory, person, channel, now).next()
}

/// The lines of a person of this kind that are in service at `now`, the preferred first.
pub fn lines_in_service<'a>(
    directory: &'a Directory,
    person: &'a Person,
    channel: ChannelKind,
    now: DateTime<Utc>,
) -> impl Iterator<Item = &'a Line> {
    let zone = directory.zone_of(person);
    let lines = person
        .lines
        .iter()
        .filter(move |line| line.channel == channel);
    lines.filter(move |line| is_in_service(directory, line, zone, now))
}

/// Whether a line is in service at `now`, its hours read in this zone.
#[must_use]
pub fn is_in_service(directory: &Directory, line: &Line, zone: &Zone, now: DateTime<Utc>) -> bool {
    hours_of(directory, line).is_none_or(|hours| hours.is_open_at(now, zone))
}

/// When a line is in service; `None` means always.
pub(crate) fn hours_of<'a>(directory: &'a Directory, line: &Line) -> Option<&'a Hours> {
    directory.hours(line.hours.as_ref()?)
}

/// A person's facts and the rules by which he can be reached.
pub(crate) struct Reacher<'a, S> {
    pub(crate) sources: S,
    pub(crate) rules: &'a ReachRules,
}

impl<S: Sources> Reacher<'_, S> {
    /// The row at `now`, and until when it stands.
    pub(crate) fn row(&self, now: DateTime<Utc>) -> (ReachabilityRow, Option<DateTime<Utc>>) {
        let verdicts = self.verdicts(now);
        let row = PerChannel::from_fn(|channel| {
            let Verdict { class, reason } = verdicts[channel];
            let reach = match class {
                Class::Later => self
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
            let next = self.next_change_after(at)?;
            Some((next, self.verdicts(next) == verdicts))
        });
        (row, until)
    }

    pub(crate) fn verdicts(&self, now: DateTime<Utc>) -> PerChannel<Verdict> {
        let evidence = self.sources.evidence_at(now);
        PerChannel::from_fn(|channel| {
            let line = self.sources.line_state(channel, now);
            verdict(&evidence, self.rules, channel, line)
        })
    }

    /// The first instant from `from` on at which rules and line are open, a desk taken for
    /// granted.
    pub(crate) fn first_open_after(
        &self,
        channel: ChannelKind,
        from: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        if self.sources.line_state(channel, from) == LineState::Missing {
            return None;
        }
        first_after(from, |at| self.look_for_open(channel, at))
    }

    /// Whether rules and line are open, a desk taken for granted.
    fn look_for_open(&self, channel: ChannelKind, at: DateTime<Utc>) -> Look {
        let evidence = self.sources.evidence_at(at);
        if rule_over(&evidence, self.rules, channel).0 != ReachRule::Open {
            Look::NotBefore(self.next_opening_after(&evidence, channel, at))
        } else if self.sources.line_state(channel, at) == LineState::InService {
            Look::Found
        } else {
            Look::NotBefore(self.sources.next_line_change_after(Some(channel), at))
        }
    }

    /// The first instant after `at` at which the rules may be open that are not now.
    fn next_opening_after(
        &self,
        evidence: &Evidence,
        channel: ChannelKind,
        at: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let decision = evidence.decide_over(channel);
        let is_open = self.rules.rule(decision.state, channel) == ReachRule::Open;
        match is_open {
            // Only a mark is missing.
            true => self.sources.next_change_after(decision, at),
            false => self.sources.next_opening_after(decision, at),
        }
    }

    /// The first instant from `from` on at which rules and line are open for this long.
    fn first_open_for(
        &self,
        channel: ChannelKind,
        amount: TimeDelta,
        from: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let mut from = from;
        for _ in 0..OPENINGS_MAX {
            let opens = self.first_open_after(channel, from)?;
            let enough = opens.checked_add_signed(amount)?;
            match self.first_closed_after(channel, opens, enough) {
                None => return Some(opens),
                Some(closes) => from = closes,
            }
        }
        None
    }

    /// The first instant after `from`, and before `to`, at which rules or line are not open.
    fn first_closed_after(
        &self,
        channel: ChannelKind,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let mut at = from;
        for _ in 0..CHANGES_MAX {
            at = self.next_change_after(at).filter(|next| *next < to)?;
            if !matches!(self.look_for_open(channel, at), Look::Found) {
                return Some(at);
            }
        }
        // What cannot be followed to its end is not taken for open.
        Some(at)
    }

    /// The first instant after `now` at which the row may be another.
    pub(crate) fn next_change_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let decision = self.sources.decide(now);
        // A row can change where the decision does not: on-call time, a desk, a line's hours, and over what is
        // marked or is not.
        earliest([
            self.sources.next_change_after(decision, now),
            self.sources.next_on_call_change_after(now),
            self.sources.next_line_change_after(None, now),
        ])
    }
}
