//! Recurrence rules against naive oracles and against the `rrule` crate.

#[path = "rules/days.rs"]
mod days;
#[path = "rules/seconds.rs"]
mod seconds;

use std::fmt::{Debug, Formatter};

use bereik_calendar::{Limits, Reading};
use bereik_core::interval::Interval;
use bereik_core::zone::Zone;
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::{Just, Strategy, TestCaseError, any, prop_oneof, proptest};

use days::{DayRule, day_rule};
use seconds::{SecondRule, second_rule};

/// RFC 5545 section 3.3.5.
const BASIC: &str = "%Y%m%dT%H%M%S";

const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// Parts of a rule: often absent, otherwise a few values.
fn list<T: Clone + Debug + 'static>(
    item: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Vec<T>> {
    prop_oneof![3 => Just(Vec::new()), 2 => proptest::collection::vec(item, 1..4)]
}

/// From 1 to `max`, counted from either end.
fn signed(max: i32) -> impl Strategy<Value = i32> {
    (1..=max, any::<bool>()).prop_map(|(n, minus)| if minus { -n } else { n })
}

/// `;NAME=a,b`, or nothing without values.
fn part(name: &str, values: impl Iterator<Item = String>) -> String {
    let values: Vec<String> = values.collect();
    match values.is_empty() {
        true => String::new(),
        false => format!(";{name}={}", values.join(",")),
    }
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().expect("the test's own value")
}

/// A rule as RRULE has it.
trait Spelled {
    fn spelled(&self) -> String;
}

/// A rule, its start and what is asked: one line when it fails.
#[derive(Clone)]
struct Case<R> {
    rule: R,
    zone: &'static str,
    start: DateTime<Utc>,
    count: Option<usize>,
    until: Option<DateTime<Utc>>,
    window: Interval,
}

impl<R: Spelled> Debug for Case<R> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} RRULE:{} in {}",
            self.start_line(),
            self.rule_value(),
            self.window
        )
    }
}

impl<R: Spelled> Case<R> {
    fn zone(&self) -> Zone {
        Zone::named(self.zone).expect("the test's own value")
    }

    fn start_line(&self) -> String {
        let local = self.zone().local_at(self.start).format(BASIC);
        match self.zone {
            "UTC" => format!("DTSTART:{local}Z"),
            name => format!("DTSTART;TZID={name}:{local}"),
        }
    }

    fn rule_value(&self) -> String {
        let count = self.count.map(|count| format!(";COUNT={count}"));
        let until = self
            .until
            .map(|until| format!(";UNTIL={}Z", until.format(BASIC)));
        self.rule.spelled() + &count.unwrap_or_default() + &until.unwrap_or_default()
    }

    /// What of all instances, in the order of their local times, is within COUNT, UNTIL and the window.
    fn limit(&self, all: Vec<DateTime<Utc>>) -> Vec<DateTime<Utc>> {
        let count = self.count.unwrap_or(usize::MAX);
        let in_time =
            |at: &DateTime<Utc>| *at == self.start || self.until.is_none_or(|until| *at <= until);
        let mut kept: Vec<DateTime<Utc>> = all.into_iter().take(count).filter(in_time).collect();
        kept.retain(|at| self.window.contains(*at));
        // In a gap of the clock, what is written later may come sooner.
        kept.sort_unstable();
        kept.dedup();
        kept
    }

    /// When the instances begin that bereik finds in the window.
    fn instances(&self) -> Vec<DateTime<Utc>> {
        let file = format!(
            "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\n{}\r\nDURATION:PT1S\r\nRRULE:{}\r\n\
            END:VEVENT\r\nEND:VCALENDAR\r\n",
            self.start_line(),
            self.rule_value(),
        );
        let calendar = bereik_calendar::read(file.as_bytes(), &Limits::default());
        let found = calendar.occurrences(self.window, &Reading::new());
        assert_eq!(found.problems, [], "{self:?}");
        found
            .value
            .iter()
            .map(|found| found.interval.start())
            .collect()
    }

    /// Names the first instance that only one side has.
    fn compare(&self, theirs: &[DateTime<Utc>]) -> Result<(), TestCaseError> {
        let ours = self.instances();
        let first = ours.iter().zip(theirs).position(|(a, b)| a != b);
        let first = first.unwrap_or(ours.len().min(theirs.len()));
        let (ours, theirs) = (ours.get(first), theirs.get(first));
        match ours == theirs {
            true => Ok(()),
            false => Err(TestCaseError::fail(format!(
                "{self:?}: instance {first} is {ours:?}, not {theirs:?}"
            ))),
        }
    }
}

const ZONES: [&str; 5] = [
    "UTC",
    "Europe/Amsterdam",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
];

/// A few changes of these clocks: each window that begins soon after one of them may cross it.
fn near_a_change() -> impl Strategy<Value = DateTime<Utc>> {
    let changes = [
        "2026-03-08T07:00:00Z",
        "2026-03-29T01:00:00Z",
        "2026-04-04T15:00:00Z",
        "2026-10-03T15:30:00Z",
        "2026-10-25T01:00:00Z",
        "2026-11-01T06:00:00Z",
    ];
    let change = proptest::sample::select(changes.to_vec());
    (change, -7_200_i64..3_600).prop_map(|(change, by)| utc(change) + TimeDelta::seconds(by))
}

fn days_cases() -> impl Strategy<Value = Case<DayRule>> {
    let zone = proptest::sample::select(ZONES.to_vec());
    let start = (0_i64..3_000, 0_i64..24, 0_i64..4).prop_map(|(day, hour, quarter)| {
        utc("2019-12-25T00:00:00Z")
            + TimeDelta::days(day)
            + TimeDelta::minutes(hour * 60 + quarter * 15)
    });
    let count = proptest::option::of(1_usize..40);
    let until = proptest::option::of(0_i64..2_000);
    (
        day_rule(),
        zone,
        start,
        count,
        until,
        -50_i64..1_500,
        1_i64..400,
    )
        .prop_map(|(rule, zone, start, count, until, from, length)| {
            let until = until.map(|days| start + TimeDelta::days(days));
            let from = start + TimeDelta::days(from);
            let window = Interval::new(from, from + TimeDelta::days(length));
            let window = window.expect("the test's own value");
            Case {
                rule,
                zone,
                start,
                count,
                until,
                window,
            }
        })
}

fn seconds_cases() -> impl Strategy<Value = Case<SecondRule>> {
    let zone = proptest::sample::select(ZONES.to_vec());
    let before = prop_oneof![0_i64..20_000, 0_i64..5_000_000];
    let count = proptest::option::weighted(0.3, 1_usize..40);
    (
        second_rule(),
        zone,
        near_a_change(),
        before,
        count,
        1_i64..12,
    )
        .prop_map(|(rule, zone, from, before, count, hours)| {
            // What is counted is counted from the start.
            let before = if count.is_some() {
                before % 3_600
            } else {
                before
            };
            // Local time that comes twice means the first.
            let clock = Zone::named(zone).expect("the test's own value");
            let start = clock.local_at(from - TimeDelta::seconds(before));
            let start = clock.instant_of(start);
            let from = if count.is_some() { start } else { from };
            let window = Interval::new(from, from + TimeDelta::hours(hours));
            let window = window.expect("the test's own value");
            Case {
                rule,
                zone,
                start,
                count,
                until: None,
                window,
            }
        })
}

proptest! {
    #[test]
    fn daily_to_yearly_rules_agree_with_each_day(case in days_cases()) {
        let zone = case.zone();
        let end = zone.local_at(case.window.end()) + TimeDelta::days(1);
        let local = case.rule.instances(zone.local_at(case.start), end);
        case.compare(&case.limit(local.into_iter().map(|at| zone.instant_of(at)).collect()))?;
    }

    #[test]
    fn secondly_to_hourly_rules_agree_with_each_second(case in seconds_cases()) {
        let all = case.rule.instances(case.start, &case.zone(), case.window);
        case.compare(&case.limit(all))?;
    }

    #[test]
    fn rules_agree_with_the_rrule_crate(mut case in days_cases()) {
        // Where the start is not one of its rule, rrule leaves it out. Zones are another test's.
        case.zone = "UTC";
        case.rule = case.rule.for_rrule();
        let year = case.start + TimeDelta::days(3_000);
        let all = case.rule.instances(case.start.naive_utc(), year.naive_utc());
        if let Some(first) = all.get(1) {
            case.start = first.and_utc();
            case.until = None;
            let text = format!("{}\nRRULE:{}", case.start_line(), case.rule_value());
            let rules: rrule::RRuleSet = text.parse().expect("the test's own value");
            let tz = |at: DateTime<Utc>| at.with_timezone(&rrule::Tz::UTC);
            let found = rules.after(tz(case.window.start())).before(tz(case.window.end())).all(u16::MAX);
            let mut theirs: Vec<DateTime<Utc>> = found.dates.iter().map(|at| at.to_utc()).collect();
            theirs.retain(|at| case.window.contains(*at));
            case.compare(&theirs)?;
        }
    }
}
