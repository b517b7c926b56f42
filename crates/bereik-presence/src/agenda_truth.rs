//! How true a person's agenda is: what it says beside what he did, for himself to see first.

mod finding;
mod totals;

use bereik_core::directory::Directory;
use bereik_core::hours::Hours;
use bereik_core::person::Person;
use bereik_core::{FreeBusy, FreeBusyKind, Interval, Zone};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

use crate::coverage::{PlannedReach, ReachPlan};
use crate::facts::PersonFacts;
use crate::rules::ReachRules;
pub use finding::{AgendaLimits, Finding, FindingKind, PastOffer};
pub use totals::{AgendaCount, AgendaTotals};

/// What was found in one person's agenda. It is his: show it to him, and to others only what
/// [`AgendaTotals`] tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "what was found is all there is")]
pub struct AgendaTruth {
    /// What was found, by kind in alphabetical order, then ascending. Empty for an agenda that
    /// can be believed.
    pub findings: Vec<Finding>,
}

/// Looks for what makes an agenda hard to believe, over a range that should end about now, with the
/// offers that the person got in it.
///
/// No text of an event takes part: times and kinds are all that is looked at. An agenda of which nothing
/// is known gives no finding. Limits say from when on something is found; each [`FindingKind`] says
/// what it looks at. At most 400 days from the start of the range are looked at.
///
/// ```
/// use bereik_core::channel_kind::ChannelKind;
/// use bereik_core::directory::Draft;
/// use bereik_core::line::Line;
/// use bereik_core::person::Person;
/// use bereik_core::{FreeBusy, Interval, Outcome, Zone};
/// use bereik_presence::{
///     AgendaLimits, FindingKind, PastOffer, PersonFacts, ReachRules, agenda_truth,
/// };
/// use chrono::{DateTime, TimeDelta, Utc};
///
/// let phone = Line::new("anna".parse()?, ChannelKind::Phone, "tel:+31201234567".parse()?);
/// let anna = Person::new("anna".parse()?, "Anna").with_line(phone);
/// let directory = Draft::new("Rivers & Co", Zone::utc()).with_person(anna).check()?;
///
/// // Four weeks without one entry, and no call was answered.
/// let range: Interval = "2026-11-02T00:00:00Z/2026-11-30T00:00:00Z".parse()?;
/// let free_busy = FreeBusy::builder(range).build();
/// let facts = PersonFacts { free_busy, ..PersonFacts::default() };
/// let called_at = |day: i64| range.start() + TimeDelta::hours(24 * day + 10);
/// let (channel, outcome) = (ChannelKind::Phone, Outcome::Lapsed);
/// let offers = [1, 2, 3].map(|day| PastOffer { made_at: called_at(day), channel, outcome });
/// let truth = agenda_truth(
///     &directory,
///     &directory.people()[0],
///     &facts,
///     &ReachRules::default(),
///     range,
///     &offers,
///     &AgendaLimits::default(),
/// );
/// let found: Vec<_> = truth.findings.iter().map(|f| (f.kind, f.count, f.of)).collect();
/// assert_eq!(found, [(FindingKind::FreeYetSilent, 3, 3), (FindingKind::NoEntries, 28, 28)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn agenda_truth(
    directory: &Directory,
    person: &Person,
    facts: &PersonFacts,
    rules: &ReachRules,
    range: Interval,
    offers: &[PastOffer],
    limits: &AgendaLimits,
) -> AgendaTruth {
    let plan = ReachPlan::new(directory, person, facts, rules, range);
    let known = facts.free_busy.known();
    let Some(known) = known.and_then(|known| known.intersection(&plan.range())) else {
        return AgendaTruth::default();
    };
    let look = Look {
        free_busy: &facts.free_busy,
        hours: directory.hours_of(person),
        zone: directory.zone_of(person),
        known,
        limits,
    };
    let mut findings = Vec::new();
    findings.extend(look.all_day_blocks());
    findings.extend(look.answers_while_busy(offers, &plan));
    findings.extend(look.back_to_back());
    findings.extend(look.endless_leave());
    findings.extend(look.free_yet_silent(offers, &plan));
    findings.extend(look.no_entries());
    AgendaTruth { findings }
}

/// One agenda with all that it is judged by.
struct Look<'a> {
    free_busy: &'a FreeBusy,
    hours: Option<&'a Hours>,
    zone: &'a Zone,
    /// What is known within the range.
    known: Interval,
    limits: &'a AgendaLimits,
}

impl Look<'_> {
    /// The entries within what is looked at.
    fn claims(&self) -> impl Iterator<Item = (Interval, FreeBusyKind)> + '_ {
        let claims = self.free_busy.intervals();
        claims.filter_map(|(claim, kind)| Some((claim.intersection(&self.known)?, kind)))
    }

    /// Each date of the clock that lies wholly in what is looked at.
    fn days(&self) -> impl Iterator<Item = Interval> + '_ {
        let first = self.zone.local_at(self.known.start()).date();
        let mut dates = std::iter::successors(Some(first), NaiveDate::succ_opt);
        std::iter::from_fn(move || {
            loop {
                let Some(day) = self.day(dates.next()?) else {
                    continue; // a date that the clock skips
                };
                if self.known.end() < day.end() {
                    return None;
                }
                if self.known.start() <= day.start() {
                    return Some(day);
                }
            }
        })
    }

    /// From one midnight to the next.
    fn day(&self, date: NaiveDate) -> Option<Interval> {
        let midnight = |date: NaiveDate| self.zone.instant_of(date.and_time(NaiveTime::MIN));
        let next = date.checked_add_days(Days::new(1))?;
        Interval::new(midnight(date), midnight(next))
    }

    /// How many dates an interval touches.
    fn dates_of(&self, interval: Interval) -> u32 {
        let last = interval.end() - TimeDelta::nanoseconds(1);
        let date = |at: DateTime<Utc>| self.zone.local_at(at).date();
        let days = (date(last) - date(interval.start())).num_days() + 1;
        u32::try_from(days).unwrap_or_default()
    }

    fn all_day_blocks(&self) -> Option<Finding> {
        let mut busy = self.claims().filter(is_busy).map(|(claim, _)| claim);
        let mut block = busy.next();
        let (mut blocked, mut days) = (Vec::new(), 0);
        for day in self.days() {
            days += 1;
            while block.is_some_and(|block| block.end() <= day.start()) {
                block = busy.next();
            }
            if block.is_some_and(|b| b.start() <= day.start() && day.end() <= b.end()) {
                blocked.push(day);
            }
        }
        let finding = Finding::of(FindingKind::AllDayBlocks, &blocked, days)?;
        (self.limits.all_day_blocks_min <= finding.count).then_some(finding)
    }

    fn back_to_back(&self) -> Vec<Finding> {
        let (mut runs, mut working_days) = (vec![Vec::new()], 0);
        let claims: Vec<_> = self.claims().collect();
        for day in self.days() {
            let openings: Vec<_> = match self.hours {
                Some(hours) => hours.openings(day.start(), day.end(), self.zone).collect(),
                None => vec![day],
            };
            let first = claims.partition_point(|(claim, _)| claim.end() <= day.start());
            let last = claims.partition_point(|(claim, _)| claim.start() < day.end());
            let kind = self.kind_of_day(day, &openings, &claims[first..last]);
            working_days += u32::from(kind != DayKind::NoWork);
            match kind {
                DayKind::Full => runs.last_mut().expect("there is always one").push(day),
                DayKind::NoWork => {}
                DayKind::Roomy => runs.push(Vec::new()),
            }
        }
        let runs = runs.iter();
        runs.filter_map(|run| Finding::of(FindingKind::BackToBack, run, working_days))
            .filter(|finding| self.limits.full_days_min <= finding.count)
            .collect()
    }

    /// What the entries of a day leave of its working hours.
    fn kind_of_day(
        &self,
        day: Interval,
        openings: &[Interval],
        claims: &[(Interval, FreeBusyKind)],
    ) -> DayKind {
        // Who is away all day, or blocks it as a whole, says nothing about his meetings.
        let is_whole = |c: Interval| c.start() <= day.start() && day.end() <= c.end();
        let covers = |kind| kind == FreeBusyKind::OutOfOffice || kind == FreeBusyKind::Busy;
        let is_off = |claim: &&(Interval, FreeBusyKind)| covers(claim.1) && is_whole(claim.0);
        if openings.is_empty() || claims.iter().any(|claim| is_off(&claim)) {
            return DayKind::NoWork;
        }
        let gap_min = TimeDelta::minutes(self.limits.gap_minutes_min.into());
        let taken = claims
            .iter()
            .filter(is_busy_or_away)
            .map(|(claim, _)| claim);
        let has_gap = |opening: &Interval| {
            let mut free_from = opening.start();
            for claim in taken.clone().filter(|claim| claim.overlaps(opening)) {
                if gap_min <= claim.start() - free_from {
                    return true;
                }
                free_from = free_from.max(claim.end());
            }
            gap_min <= opening.end() - free_from
        };
        match openings.iter().any(has_gap) {
            true => DayKind::Roomy,
            false => DayKind::Full,
        }
    }

    fn endless_leave(&self) -> Vec<Finding> {
        let leaves = self.free_busy.intervals().filter(|(leave, kind)| {
            *kind == FreeBusyKind::OutOfOffice && leave.overlaps(&self.known)
        });
        let leaves = leaves.map(|(leave, _)| Finding {
            kind: FindingKind::EndlessLeave,
            since: leave.start(),
            until: leave.end(),
            count: self.dates_of(leave),
            of: self.dates_of(leave),
        });
        leaves
            .filter(|finding| self.limits.leave_days_max < finding.count)
            .collect()
    }

    fn no_entries(&self) -> Vec<Finding> {
        let mut empty_from = self.known.start();
        let mut gaps = Vec::new();
        for (claim, _) in self.claims() {
            gaps.extend(Interval::new(empty_from, claim.start()));
            empty_from = claim.end();
        }
        gaps.extend(Interval::new(empty_from, self.known.end()));
        let is_long =
            |gap: &Interval| TimeDelta::days(self.limits.empty_days_min.into()) <= gap.duration();
        let gaps = gaps.into_iter().filter(is_long).map(|gap| Finding {
            kind: FindingKind::NoEntries,
            since: gap.start(),
            until: gap.end(),
            count: self.dates_of(gap),
            of: self.dates_of(self.known),
        });
        gaps.collect()
    }

    fn free_yet_silent(&self, offers: &[PastOffer], plan: &ReachPlan) -> Option<Finding> {
        let made_while_free = offers.iter().filter(|offer| {
            self.known.contains(offer.made_at)
                && plan.reach_at(offer.channel, offer.made_at) == PlannedReach::Open
        });
        self.judge(
            FindingKind::FreeYetSilent,
            made_while_free,
            PastOffer::is_silent,
        )
    }

    fn answers_while_busy(&self, offers: &[PastOffer], plan: &ReachPlan) -> Option<Finding> {
        let made_while_busy = offers.iter().filter(|offer| {
            let kind = self.free_busy.kind_at(offer.made_at);
            self.known.contains(offer.made_at)
                && matches!(kind, FreeBusyKind::Busy | FreeBusyKind::OutOfOffice)
                && plan.reach_at(offer.channel, offer.made_at) == PlannedReach::Closed
        });
        self.judge(
            FindingKind::AnswersWhileBusy,
            made_while_busy,
            PastOffer::is_answered,
        )
    }

    /// How many of some offers went otherwise than the agenda said, if those are enough.
    fn judge<'a>(
        &self,
        kind: FindingKind,
        offers: impl Iterator<Item = &'a PastOffer>,
        is_against: impl Fn(&PastOffer) -> bool,
    ) -> Option<Finding> {
        let counted = offers.filter(|offer| offer.is_silent() || offer.is_answered());
        let (mut of, mut against) = (0_u32, Vec::new());
        for offer in counted {
            of += 1;
            if is_against(offer) {
                against.push(offer.made_at);
            }
        }
        let count = u32::try_from(against.len()).unwrap_or(u32::MAX);
        let is_enough = self.limits.offers_min <= count
            && u64::from(of) * u64::from(self.limits.percent_min) <= u64::from(count) * 100;
        let (since, until) = (*against.iter().min()?, *against.iter().max()?);
        is_enough.then_some(Finding {
            kind,
            since,
            until,
            count,
            of,
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum DayKind {
    /// Working hours without a gap.
    Full,
    /// No working hours, or away for all of the day.
    NoWork,
    /// Working hours with a gap.
    Roomy,
}

fn is_busy((_, kind): &(Interval, FreeBusyKind)) -> bool {
    *kind == FreeBusyKind::Busy
}

fn is_busy_or_away(claim: &&(Interval, FreeBusyKind)) -> bool {
    matches!(claim.1, FreeBusyKind::Busy | FreeBusyKind::OutOfOffice)
}
