//! How long it takes to plan a company, to find its holes and common openings, and the naive way beside it.

#![expect(clippy::print_stdout, reason = "a benchmark reports on the terminal")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

use bereik::core::directory::{Directory, Draft};
use bereik::core::hours::{Hours, Stretch, Week};
use bereik::core::line::Line;
use bereik::core::person::Person;
use bereik::core::reachability::Reach;
use bereik::core::{ChannelKind, FreeBusy, FreeBusyKind, Interval, PersonId, Zone};
use bereik::presence::{
    Coverage, CoveragePromise, Hole, PersonFacts, ReachRules, reachability_at, together,
};
use bereik_benches::dice::Dice;
use bereik_benches::table::Table;
use bereik_benches::timing::{Times, millis, ratio, timed};
use chrono::{DateTime, TimeDelta, Utc};

const PEOPLE: usize = 200;
const DAYS: i64 = 92;
const MEETINGS_A_DAY: i64 = 6;
const ROUNDS: usize = 5;
/// So few people are asked at each quarter of an hour: more would take all day.
const NAIVE_PEOPLE: usize = 4;
const NAIVE_STEP_MIN: i64 = 15;
const MILLIS_MAX: u64 = 1_000;

struct Company {
    directory: Directory,
    facts: BTreeMap<PersonId, PersonFacts>,
    range: Interval,
}

fn at(minutes: i64) -> DateTime<Utc> {
    let start: DateTime<Utc> = "2026-09-01T00:00:00Z".parse().expect("an instant");
    start + TimeDelta::minutes(minutes)
}

fn span(from: i64, to: i64) -> Interval {
    Interval::new(at(from), at(to)).expect("it ends after it starts")
}

/// Office hours with lunch, six meetings on each day, a day of leave in twenty, and one on call each week.
fn company() -> Company {
    let zone = Zone::named("Europe/Amsterdam").expect("a zone");
    let mut draft = Draft::new("Rivers & Co", zone);
    let stretch = |text: &str| text.parse::<Stretch>().expect("a stretch");
    let day = || vec![stretch("08:30-12:30"), stretch("13:00-17:00")];
    let (mon, tue, wed, thu, fri) = (day(), day(), day(), day(), day());
    let week = Week {
        mon,
        tue,
        wed,
        thu,
        fri,
        ..Week::default()
    };
    draft
        .hours
        .insert("office".parse().expect("an id"), Hours::new(week));
    draft.default_hours = Some("office".parse().expect("an id"));
    let (mut facts, mut dice) = (BTreeMap::new(), Dice::new(4));
    for number in 0..PEOPLE {
        let name = format!("p{number:03}");
        let id: PersonId = name.parse().expect("an id");
        let line = |kind: ChannelKind, address: &str| {
            let id = format!("{name}-{}", kind.name()).parse().expect("an id");
            Line::new(id, kind, address.parse().expect("an address"))
        };
        let person = Person::new(id.clone(), name.clone())
            .with_line(line(ChannelKind::Phone, "tel:+31201234567"))
            .with_line(line(ChannelKind::Email, "mailto:p@example.org"));
        draft.people.push(person);
        let mut free_busy = FreeBusy::builder(span(-1_440, (DAYS + 1) * 1_440));
        for day in 0..DAYS {
            if dice.roll(20) == 0 {
                free_busy.push(
                    span(day * 1_440, (day + 1) * 1_440),
                    FreeBusyKind::OutOfOffice,
                );
            }
            for _ in 0..MEETINGS_A_DAY {
                let start = day * 1_440 + 15 * dice.between(26, 66);
                free_busy.push(
                    span(start, start + 15 * dice.between(1, 4)),
                    FreeBusyKind::Busy,
                );
            }
        }
        let week = i64::try_from(number).expect("a small number") % 14;
        let known = PersonFacts {
            free_busy: free_busy.build(),
            on_call: vec![span(week * 10_080, (week + 1) * 10_080)],
            ..PersonFacts::default()
        };
        facts.insert(id, known);
    }
    Company {
        directory: draft.check().expect("a directory"),
        facts,
        range: span(0, DAYS * 1_440),
    }
}

impl Company {
    fn plan(&self, people: &[Person]) -> Coverage {
        let (directory, rules) = (&self.directory, ReachRules::default());
        Coverage::new(directory, people, &self.facts, &rules, self.range)
    }

    /// Each quarter of an hour in which nobody of a few answers the phone, asked of each of them.
    fn naive(&self, people: &[Person]) -> Vec<Interval> {
        let rules = ReachRules::default();
        let steps = DAYS * 1_440 / NAIVE_STEP_MIN;
        let is_hole = |step: &Interval| {
            !people.iter().any(|person| {
                let facts = &self.facts[&person.id];
                let now = step.start();
                let (row, _) = reachability_at(&self.directory, person, facts, &rules, now);
                matches!(row[ChannelKind::Phone].reach, Reach::Now | Reach::OnCall)
            })
        };
        let steps = (0..steps).map(|s| span(s * NAIVE_STEP_MIN, (s + 1) * NAIVE_STEP_MIN));
        steps.filter(is_hole).collect()
    }
}

/// The holes in steps, to be compared.
fn in_steps(holes: &[Hole]) -> Vec<Interval> {
    let step = TimeDelta::minutes(NAIVE_STEP_MIN);
    let steps = holes.iter().flat_map(|hole| {
        let starts = std::iter::successors(Some(hole.interval.start()), move |at| Some(*at + step));
        starts
            .take_while(|at| hole.interval.contains(*at))
            .filter_map(move |at| Interval::new(at, at + step))
    });
    steps.collect()
}

fn main() -> ExitCode {
    let company = company();
    let everybody = company.directory.people();
    let few = &everybody[..NAIVE_PEOPLE];
    let line = CoveragePromise::new([ChannelKind::Phone]).with_on_call();
    let mut times: [Times; 7] = Default::default();
    let mut agree = true;
    for _ in 0..ROUNDS {
        let [plan, counts, holes, points, common, quick, naive] = &mut times;
        let (coverage, time) = timed(|| company.plan(everybody));
        plan.push(time);
        counts.push(timed(|| black_box(coverage.counts(ChannelKind::Phone))).1);
        holes.push(timed(|| black_box(coverage.holes(&line))).1);
        points.push(timed(|| black_box(coverage.single_points(&line))).1);
        let party = company.plan(few);
        let from = company.range.start();
        common.push(timed(|| black_box(together(&party, 30, from, 10))).1);
        let (found, time) = timed(|| company.plan(few).holes(&line));
        quick.push(time);
        let (should, time) = timed(|| company.naive(few));
        naive.push(time);
        agree &= in_steps(&found) == should;
    }
    let [plan, counts, holes, points, common, quick, naive] = times;
    let mut table = Table::new(["what", "people", "ms, best / median"]);
    for (what, people, times) in [
        ("plan", PEOPLE, &plan),
        ("count over phone", PEOPLE, &counts),
        ("holes of a 24-hour line", PEOPLE, &holes),
        ("single points of failure", PEOPLE, &points),
        (
            "first 10 common openings, each channel",
            NAIVE_PEOPLE,
            &common,
        ),
        ("plan and holes", NAIVE_PEOPLE, &quick),
        (
            "naive: holes, asked each quarter of an hour",
            NAIVE_PEOPLE,
            &naive,
        ),
    ] {
        table.row([what.to_owned(), people.to_string(), times.to_string()]);
    }
    println!("A quarter of a year ({DAYS} days), {MEETINGS_A_DAY} meetings on each day\n{table}");
    let all: Duration = [&plan, &counts, &holes, &points]
        .map(Times::median)
        .iter()
        .sum();
    println!("All of it for {PEOPLE} people: {} ms", millis(all));
    let times = ratio(naive.median(), quick.median());
    println!(
        "The naive way takes {times:.0} times as long for {NAIVE_PEOPLE}, and finds the same: {agree}"
    );
    match agree && all < Duration::from_millis(MILLIS_MAX) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
