//! Findings in an agenda against a count of its quarters of an hour, date by date.

use std::collections::{BTreeMap, BTreeSet};

use bereik_core::channel_kind::ChannelKind;
use bereik_core::directory::{Directory, Draft};
use bereik_core::hours::{Hours, Week};
use bereik_core::offer::Outcome;
use bereik_core::person::Person;
use bereik_core::{FreeBusy, FreeBusyKind, Interval, Zone};
use bereik_presence::{
    AgendaCount, AgendaLimits, AgendaTotals, AgendaTruth, Finding, FindingKind, PastOffer,
    PersonFacts, PlannedReach, ReachPlan, ReachRules, agenda_truth,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;

/// Days of which is asked, over the change of clocks in Europe, Egypt and Chile.
const DAYS: i64 = 44;
const STEP_MIN: i64 = 15;
const STEPS: i64 = DAYS * 24 * 60 / STEP_MIN;

fn at(step: i64) -> DateTime<Utc> {
    let base: DateTime<Utc> = "2026-03-18T00:00:00Z".parse().expect("an instant");
    base + TimeDelta::minutes(step * STEP_MIN)
}

fn interval(start: i64, end: i64) -> Interval {
    Interval::new(at(start), at(end)).expect("it ends after it starts")
}

/// The first and the last instant of local dates, as a calendar would write an entry for whole days.
fn whole_days(zone: &Zone, day: i64, days: i64) -> Interval {
    let date = at(0).date_naive() + TimeDelta::days(day);
    let midnight = |date: NaiveDate| zone.instant_of(date.and_time(chrono::NaiveTime::MIN));
    Interval::new(midnight(date), midnight(date + TimeDelta::days(days))).expect("it has a length")
}

#[derive(Clone, Debug)]
struct Case {
    directory: Directory,
    facts: PersonFacts,
    range: Interval,
    offers: Vec<PastOffer>,
    limits: AgendaLimits,
}

impl Case {
    fn person(&self) -> &Person {
        &self.directory.people()[0]
    }

    fn zone(&self) -> &Zone {
        self.directory.zone_of(self.person())
    }

    fn truth(&self) -> AgendaTruth {
        let rules = ReachRules::default();
        let (directory, facts, range) = (&self.directory, &self.facts, self.range);
        agenda_truth(
            directory,
            self.person(),
            facts,
            &rules,
            range,
            &self.offers,
            &self.limits,
        )
    }

    fn kind_at(&self, now: DateTime<Utc>) -> FreeBusyKind {
        self.facts.free_busy.kind_at(now)
    }

    fn date_of(&self, now: DateTime<Utc>) -> NaiveDate {
        self.zone().local_at(now).date()
    }

    /// Whether something is known of an instant that is asked about.
    fn is_looked_at(&self, now: DateTime<Utc>) -> bool {
        let known = self.facts.free_busy.known();
        self.range.contains(now) && known.is_some_and(|known| known.contains(now))
    }

    /// The steps of each date that is looked at as a whole.
    fn dates(&self) -> Vec<Vec<DateTime<Utc>>> {
        let mut dates = BTreeMap::<NaiveDate, Vec<DateTime<Utc>>>::new();
        for now in (-400..STEPS + 400).map(at) {
            dates.entry(self.date_of(now)).or_default().push(now);
        }
        let steps = dates.into_values();
        steps
            .filter(|steps| steps.iter().all(|now| self.is_looked_at(*now)))
            .collect()
    }

    /// Runs of steps of which something holds.
    fn runs(&self, holds: impl Fn(DateTime<Utc>) -> bool) -> Vec<Interval> {
        let mut runs: Vec<Interval> = Vec::new();
        for step in (-400..STEPS + 400).filter(|step| holds(at(*step))) {
            let this = interval(step, step + 1);
            match runs.last_mut() {
                Some(last) if last.end() == this.start() => *last = last.hull(&this),
                _ => runs.push(this),
            }
        }
        runs
    }

    fn dates_in(&self, interval: Interval) -> u32 {
        let steps = (-400..STEPS + 400)
            .map(at)
            .filter(|now| interval.contains(*now));
        steps
            .map(|now| self.date_of(now))
            .collect::<BTreeSet<_>>()
            .len() as u32
    }
}

fn finding(kind: FindingKind, days: &[&Vec<DateTime<Utc>>], of: usize) -> Option<Finding> {
    let step = TimeDelta::minutes(STEP_MIN);
    Some(Finding {
        kind,
        since: *days.first()?.first()?,
        until: *days.last()?.last()? + step,
        count: days.len() as u32,
        of: of as u32,
    })
}

fn naive_dates(case: &Case) -> Vec<Finding> {
    let mut found = Vec::new();
    let dates = case.dates();
    let is_all = |steps: &[DateTime<Utc>], kind| steps.iter().all(|now| case.kind_at(*now) == kind);
    let blocks: Vec<_> = dates
        .iter()
        .filter(|steps| is_all(steps, FreeBusyKind::Busy))
        .collect();
    if case.limits.all_day_blocks_min as usize <= blocks.len() {
        found.extend(finding(FindingKind::AllDayBlocks, &blocks, dates.len()));
    }
    let hours = case.directory.hours_of(case.person());
    let is_open = |now| hours.is_none_or(|hours| hours.is_open_at(now, case.zone()));
    let is_taken = |now| {
        matches!(
            case.kind_at(now),
            FreeBusyKind::Busy | FreeBusyKind::OutOfOffice
        )
    };
    let is_work = |steps: &&Vec<DateTime<Utc>>| {
        steps.iter().any(|now| is_open(*now))
            && !is_all(steps, FreeBusyKind::Busy)
            && !is_all(steps, FreeBusyKind::OutOfOffice)
    };
    let work: Vec<_> = dates.iter().filter(is_work).collect();
    let has_gap = |steps: &[DateTime<Utc>]| {
        let mut free_min = 0;
        steps.iter().any(|now| {
            free_min = if is_open(*now) && !is_taken(*now) {
                free_min + STEP_MIN
            } else {
                0
            };
            i64::from(case.limits.gap_minutes_min) <= free_min
        })
    };
    for run in work.chunk_by(|a, b| has_gap(a) == has_gap(b)) {
        if !has_gap(run[0]) && case.limits.full_days_min as usize <= run.len() {
            found.extend(finding(FindingKind::BackToBack, run, work.len()));
        }
    }
    found
}

fn naive_runs(case: &Case) -> Vec<Finding> {
    let mut found = Vec::new();
    for leave in case.runs(|now| case.kind_at(now) == FreeBusyKind::OutOfOffice) {
        let count = case.dates_in(leave);
        let (kind, since, until) = (FindingKind::EndlessLeave, leave.start(), leave.end());
        if leave.overlaps(&case.range) && case.limits.leave_days_max < count {
            found.push(Finding {
                kind,
                since,
                until,
                count,
                of: count,
            });
        }
    }
    let looked_at = case.runs(|now| case.is_looked_at(now));
    for gap in case.runs(|now| case.is_looked_at(now) && case.kind_at(now) == FreeBusyKind::Free) {
        let (kind, since, until) = (FindingKind::NoEntries, gap.start(), gap.end());
        if TimeDelta::days(case.limits.empty_days_min.into()) <= gap.duration() {
            let (count, of) = (case.dates_in(gap), case.dates_in(looked_at[0]));
            found.push(Finding {
                kind,
                since,
                until,
                count,
                of,
            });
        }
    }
    found
}

fn naive_offers(case: &Case) -> Vec<Finding> {
    let rules = ReachRules::default();
    let plan = ReachPlan::new(
        &case.directory,
        case.person(),
        &case.facts,
        &rules,
        case.range,
    );
    let mut found = Vec::new();
    for kind in [FindingKind::AnswersWhileBusy, FindingKind::FreeYetSilent] {
        let (mut of, mut instants) = (0, Vec::new());
        for offer in case
            .offers
            .iter()
            .filter(|offer| case.is_looked_at(offer.made_at))
        {
            let says = case.kind_at(offer.made_at);
            let reach = plan.reach_at(offer.channel, offer.made_at);
            let is_meant = match kind {
                FindingKind::FreeYetSilent => reach == PlannedReach::Open,
                _ => {
                    reach == PlannedReach::Closed
                        && (says == FreeBusyKind::Busy || says == FreeBusyKind::OutOfOffice)
                }
            };
            let is_silence = match offer.outcome {
                Outcome::Accepted | Outcome::Declined => false,
                Outcome::Lapsed => true,
                Outcome::Failed | Outcome::Withdrawn => continue,
            };
            of += u32::from(is_meant);
            if is_meant && is_silence == (kind == FindingKind::FreeYetSilent) {
                instants.push(offer.made_at);
            }
        }
        instants.sort_unstable();
        let count = instants.len() as u32;
        let is_enough = case.limits.offers_min <= count
            && f64::from(case.limits.percent_min) <= 100.0 * f64::from(count) / f64::from(of);
        if let (Some(&since), Some(&until), true) = (instants.first(), instants.last(), is_enough) {
            found.push(Finding {
                kind,
                since,
                until,
                count,
                of,
            });
        }
    }
    found
}

fn naive(case: &Case) -> Vec<Finding> {
    let mut found = naive_dates(case);
    found.extend(naive_runs(case));
    found.extend(naive_offers(case));
    found.sort_by_key(|finding| (finding.kind, finding.since));
    found
}

fn offer() -> impl Strategy<Value = PastOffer> {
    let channels = [ChannelKind::Email, ChannelKind::Phone, ChannelKind::WebChat];
    let outcomes = [
        Outcome::Accepted,
        Outcome::Declined,
        Outcome::Failed,
        Outcome::Lapsed,
        Outcome::Lapsed,
        Outcome::Withdrawn,
    ];
    let minutes = -600..STEPS * STEP_MIN + 600;
    let channel = prop::sample::select(channels.to_vec());
    (minutes, channel, prop::sample::select(outcomes.to_vec())).prop_map(
        |(minute, channel, outcome)| PastOffer {
            made_at: at(0) + TimeDelta::minutes(minute),
            channel,
            outcome,
        },
    )
}

fn limits() -> impl Strategy<Value = AgendaLimits> {
    (
        1..4_u32,
        1..9_u32,
        1..4_u32,
        prop::sample::select(vec![7, 15, 30, 60]),
        1..6_u32,
        1..4_u32,
        0..=100_u32,
    )
        .prop_map(
            |(blocks, empty, full, gap, leave, offers, percent)| AgendaLimits {
                all_day_blocks_min: blocks,
                empty_days_min: empty,
                full_days_min: full,
                gap_minutes_min: gap,
                leave_days_max: leave,
                offers_min: offers,
                percent_min: percent,
            },
        )
}

fn directory(zone: &str, hours: Option<Hours>) -> Directory {
    let mut anna = Person::new("anna".parse().expect("an id"), "Anna");
    anna.calendars.push("anna.ics".to_owned());
    let lines = [
        ("phone", ChannelKind::Phone, "tel:+31201234567"),
        ("mail", ChannelKind::Email, "mailto:anna@example.org"),
    ];
    for (id, channel, address) in lines {
        let (id, address) = (
            id.parse().expect("an id"),
            address.parse().expect("an address"),
        );
        anna.lines
            .push(bereik_core::line::Line::new(id, channel, address));
    }
    let mut draft = Draft::new("Rivers & Co", Zone::named(zone).expect("a zone"));
    if let Some(hours) = hours {
        draft.hours.insert("work".parse().expect("an id"), hours);
        draft.default_hours = Some("work".parse().expect("an id"));
    }
    draft.with_person(anna).check().expect("a directory")
}

/// What stands in an agenda: some working days are full of meetings, some dates are blocked, some
/// weeks are empty.
#[derive(Clone, Debug)]
struct Agenda {
    known: Interval,
    /// Step, steps and kind.
    entries: Vec<(i64, i64, FreeBusyKind)>,
    /// Day, days and kind.
    blocks: Vec<(i64, i64, FreeBusyKind)>,
    /// Three days from a day on, from so many steps after the start of the working day.
    full: Vec<(i64, i64)>,
}

fn agenda() -> impl Strategy<Value = Agenda> {
    let entry = (
        -20..STEPS,
        1..40_i64,
        prop::sample::select(&FreeBusyKind::ALL[..]),
    );
    let block = (
        -2..DAYS,
        1..9_i64,
        prop::sample::select(&FreeBusyKind::ALL[1..]),
    );
    let known = prop_oneof![3 => Just((-300, STEPS + 300)), 1 => (-100..STEPS, 1..STEPS)];
    (
        known,
        prop::collection::vec(entry, 0..6),
        prop::collection::vec(block, 0..5),
        prop::collection::vec((-1..DAYS, 0..4_i64), 0..5),
    )
        .prop_map(|((start, len), entries, blocks, full)| Agenda {
            known: interval(start, start + len),
            entries,
            blocks,
            full,
        })
}

impl Agenda {
    fn free_busy(&self, zone: &Zone) -> FreeBusy {
        let mut builder = FreeBusy::builder(self.known);
        for &(start, len, kind) in &self.entries {
            builder.push(interval(start, start + len), kind);
        }
        for &(day, days, kind) in &self.blocks {
            builder.push(whole_days(zone, day, days), kind);
        }
        let days = self
            .full
            .iter()
            .flat_map(|&(day, late)| (0..3).map(move |n| (day + n, late)));
        for (day, late) in days {
            let day = whole_days(zone, day, 1);
            let minutes = |minutes| day.start() + TimeDelta::minutes(minutes);
            for (from, to) in [(9 * 60 + late * STEP_MIN, 12 * 60), (13 * 60, 17 * 60)] {
                let meeting = Interval::new(minutes(from), minutes(to)).expect("it has a length");
                builder.push(meeting, FreeBusyKind::Busy);
            }
        }
        builder.build()
    }
}

/// Four days a week, with a lunch.
fn part_time() -> Hours {
    let day = || {
        ["09:00-12:00", "13:00-17:00"]
            .map(|s| s.parse().expect("a stretch"))
            .to_vec()
    };
    let (mon, tue, wed, fri) = (day(), day(), day(), day());
    Hours::new(Week {
        mon,
        tue,
        wed,
        fri,
        ..Week::default()
    })
}

fn case() -> impl Strategy<Value = Case> {
    let zones = [
        "Europe/Amsterdam",
        "UTC",
        "Asia/Kathmandu",
        "Africa/Cairo",
        "America/Santiago",
    ];
    (
        prop::sample::select(zones.to_vec()),
        any::<bool>(),
        agenda(),
        prop::collection::vec((0..STEPS, 1..1_500_i64), 0..4),
        (0..300_i64, STEPS / 2..STEPS),
        prop::collection::vec(offer(), 0..150),
        limits(),
    )
        .prop_map(
            |(zone, has_hours, agenda, on_call, (from, len), offers, limits)| {
                let directory = directory(zone, has_hours.then(part_time));
                let on_call = on_call
                    .iter()
                    .map(|(start, len)| interval(*start, start + len));
                let facts = PersonFacts {
                    free_busy: agenda.free_busy(directory.zone()),
                    on_call: on_call.collect(),
                    ..PersonFacts::default()
                };
                let range = interval(from, from + len);
                Case {
                    directory,
                    facts,
                    range,
                    offers,
                    limits,
                }
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Each finding is one that a count gives, and none is missed.
    #[test]
    fn findings_are_counted(case in case()) {
        prop_assert_eq!(case.truth().findings, naive(&case));
    }

    /// A total tells a number only where at least three have something, and three have not; of a small group
    /// nothing.
    #[test]
    fn totals_tell_of_nobody(
        kinds in prop::collection::vec(
            prop::sample::subsequence(&FindingKind::ALL[..], 0..=FindingKind::ALL.len()),
            0..20,
        ),
    ) {
        let finding = |kind| Finding { kind, since: at(0), until: at(1), count: 1, of: 1 };
        let truths: Vec<_> = kinds
            .iter()
            // Twice the same kind is still one person.
            .map(|kinds| AgendaTruth {
                findings: kinds.iter().flat_map(|kind| [finding(*kind), finding(*kind)]).collect(),
            })
            .collect();
        let Some(totals) = AgendaTotals::of(&truths) else {
            prop_assert!(truths.len() < 8);
            return Ok(());
        };
        prop_assert!(8 <= truths.len());
        prop_assert_eq!(totals.people() as usize, truths.len());
        for kind in FindingKind::ALL {
            let having = kinds.iter().filter(|kinds| kinds.contains(&kind)).count();
            let should = match (having, truths.len() - having) {
                (0..=2, _) => AgendaCount::Few,
                (_, 0..=2) => AgendaCount::Most,
                _ => AgendaCount::Number(having as u32),
            };
            prop_assert_eq!(totals.count(kind), should);
        }
    }
}

/// The limits as they stand: an agenda as most people keep it gives no finding.
#[test]
fn an_ordinary_agenda_can_be_believed() {
    let day = || vec!["09:00-17:00".parse().expect("a stretch")];
    let week = Week {
        mon: day(),
        tue: day(),
        wed: day(),
        thu: day(),
        ..Week::default()
    };
    let directory = directory("Europe/Amsterdam", Some(Hours::new(week)));
    let mut builder = FreeBusy::builder(interval(0, STEPS));
    for day in 0..DAYS {
        builder.push(interval(day * 96 + 40, day * 96 + 48), FreeBusyKind::Busy);
    }
    builder.push(
        whole_days(directory.zone(), 10, 14),
        FreeBusyKind::OutOfOffice,
    );
    builder.push(whole_days(directory.zone(), 30, 2), FreeBusyKind::Busy);
    let offer = |step, outcome| PastOffer {
        made_at: at(step),
        channel: ChannelKind::Phone,
        outcome,
    };
    let case = Case {
        directory,
        facts: PersonFacts {
            free_busy: builder.build(),
            ..PersonFacts::default()
        },
        range: interval(0, STEPS),
        // On the first Wednesday at half past two: two of five lapse.
        offers: [
            Outcome::Lapsed,
            Outcome::Accepted,
            Outcome::Declined,
            Outcome::Lapsed,
            Outcome::Accepted,
        ]
        .map(|outcome| offer(54, outcome))
        .to_vec(),
        limits: AgendaLimits::default(),
    };
    assert_eq!(case.truth(), AgendaTruth::default());
    let mut silent = case.clone();
    silent.offers.push(offer(55, Outcome::Lapsed));
    let found = silent.truth().findings;
    assert_eq!(
        (found.len(), found[0].kind),
        (1, FindingKind::FreeYetSilent)
    );
    assert_eq!((found[0].count, found[0].of), (3, 6));
    assert_eq!((found[0].since, found[0].until), (at(54), at(55)));
}
