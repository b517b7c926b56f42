//! Coverage against a naive count at every step of a grid on which everything begins and ends.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use bereik_core::agreement::{Ask, EscalationPolicy, Level};
use bereik_core::channel_kind::ChannelKind;
use bereik_core::directory::{Directory, Draft};
use bereik_core::group::Group;
use bereik_core::hours::{Hours, Week};
use bereik_core::id::PersonId;
use bereik_core::person::Person;
use bereik_core::presence::PresenceState as State;
use bereik_core::{FreeBusyKind, Interval, Zone};
use bereik_presence::{
    Coverage, CoveragePromise, Hole, HoleKind, PersonFacts, Place, PlannedReach, ReachPlan,
    ReachRules, WayKind, shared_failures,
};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use people::{Company, Life, id, life, open_life, range, steps};
use world::{line, span, week};

#[path = "coverage/people.rs"]
mod people;
#[path = "laws/world.rs"]
#[expect(dead_code, reason = "the other laws need more of it")]
mod world;

fn promise() -> impl Strategy<Value = CoveragePromise> {
    let channels = [ChannelKind::Email, ChannelKind::Phone, ChannelKind::WebChat];
    let zone = prop::sample::select(vec!["Europe/Amsterdam", "UTC", "Asia/Kathmandu"]);
    (
        prop::sample::subsequence(channels.to_vec(), 0..=2),
        1..=3_u32,
        prop::option::of((week(), zone)),
        any::<bool>(),
        prop::option::weighted(0.4, prop::sample::select(vec!["here", "there"])),
    )
        .prop_map(|(over, people_min, hours, counts_on_call, place)| {
            let people_min = NonZeroU32::new(people_min).expect("at least one");
            let mut promise = CoveragePromise::new(over).with_people_min(people_min);
            if let Some((week, zone)) = hours {
                promise = promise.during(Hours::new(week), Zone::named(zone).expect("a zone"));
            }
            if counts_on_call {
                promise = promise.with_on_call();
            }
            match place {
                Some(place) => promise.at(Place::new(place)),
                None => promise,
            }
        })
}

fn lives() -> impl Strategy<Value = Vec<Life>> {
    prop::collection::vec(life(), 0..4)
}

/// The first two people are here, the others nowhere.
fn places() -> BTreeMap<PersonId, Place> {
    [0, 1].map(|number| (id(number), Place::new("here"))).into()
}

/// Whether a person keeps a promise at an instant: `None` where nobody knows.
fn keeps(
    company: &Company,
    person: &Person,
    promise: &CoveragePromise,
    now: DateTime<Utc>,
) -> Option<bool> {
    let state = company.state(person, now);
    let is_at_work = match state {
        State::Unknown => None,
        State::OffDuty | State::OnCall | State::OutOfOffice => Some(false),
        _ => Some(true),
    };
    let over: Vec<_> = promise
        .over
        .iter()
        .map(|c| company.reach(person, *c, now))
        .collect();
    let is_open = |reach: &PlannedReach| match reach {
        PlannedReach::Open => true,
        PlannedReach::OnCall => promise.counts_on_call,
        _ => false,
    };
    let reaches = if promise.over.is_empty() {
        is_at_work
    } else if over.iter().any(is_open) {
        Some(true)
    } else if over.contains(&PlannedReach::Unknown) {
        None
    } else {
        Some(false)
    };
    let Some(place) = &promise.place else {
        return reaches;
    };
    let is_on_site = match is_at_work {
        _ if places().get(&person.id) != Some(place) => Some(false),
        Some(true) if state == State::Elsewhere => Some(false),
        Some(true) if company.is_place_hidden(person, now) => None,
        other => other,
    };
    match (reaches, is_on_site) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// The hole at an instant, counted.
fn naive_hole(
    company: &Company,
    promise: &CoveragePromise,
    now: DateTime<Utc>,
) -> Option<(HoleKind, u32)> {
    let hours = promise.hours.as_ref();
    if hours.is_some_and(|of| !of.hours.is_open_at(now, &of.zone)) {
        return None;
    }
    let (mut there, mut perhaps) = (0, 0);
    for person in company.directory.people() {
        match keeps(company, person, promise, now) {
            Some(true) => there += 1,
            Some(false) => {}
            None => perhaps += 1,
        }
    }
    let missing = promise.people_min.get().saturating_sub(there);
    match missing {
        0 => None,
        _ if missing <= perhaps => Some((HoleKind::Perhaps, missing)),
        _ => Some((HoleKind::Certain, missing)),
    }
}

fn hole_at(holes: &[Hole], now: DateTime<Utc>) -> Option<(HoleKind, u32)> {
    let hole = holes.iter().find(|hole| hole.interval.contains(now))?;
    Some((hole.kind, hole.missing))
}

/// Ascending, apart or different.
fn is_maximal<T: PartialEq>(stretches: &[(Interval, T)]) -> bool {
    stretches.windows(2).all(|pair| {
        let ([(a, one), (b, other)], ends) = ([&pair[0], &pair[1]], pair[0].0.end());
        ends < b.start() || (a.end() == b.start() && one != other)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A plan says at each instant what is said at that instant, without what is so just now.
    #[test]
    fn a_plan_is_what_is_said_at_each_instant(life in life(), range in range()) {
        let company = Company::new(&[life]);
        let person = &company.directory.people()[0];
        let (facts, rules) = (&company.facts[&person.id], &company.rules);
        let plan = ReachPlan::new(&company.directory, person, facts, rules, range);
        for channel in [ChannelKind::Chat, ChannelKind::Email, ChannelKind::Phone, ChannelKind::WebChat] {
            for now in steps(range) {
                let now = now + TimeDelta::seconds(now.timestamp() % 899);
                if range.contains(now) {
                    let should = company.reach(person, channel, now);
                    prop_assert_eq!(plan.reach_at(channel, now), should, "{:?} at {}", channel, now);
                }
            }
            let stretches: Vec<_> = plan.stretches(channel).collect();
            prop_assert!(is_maximal(&stretches));
            prop_assert!(stretches.windows(2).all(|pair| pair[0].0.end() == pair[1].0.start()));
            prop_assert_eq!(stretches[0].0.start(), range.start());
            prop_assert_eq!(stretches[stretches.len() - 1].0.end(), range.end());
            for (stretch, reach) in stretches {
                prop_assert_eq!(plan.reach_at(channel, stretch.start()), reach);
            }
            prop_assert_eq!(plan.reach_at(channel, range.end()), PlannedReach::Unknown);
        }
    }

    /// So many are there as a count of each at that instant gives, and these.
    #[test]
    fn counts_are_counted(lives in lives(), range in range()) {
        let company = Company::new(&lives);
        let coverage = company.coverage(range);
        for channel in [ChannelKind::Email, ChannelKind::Phone, ChannelKind::WebChat] {
            let counts = coverage.counts(channel);
            let stretches: Vec<_> = counts
                .iter()
                .map(|count| (count.interval, (count.open, count.on_call, count.unknown)))
                .collect();
            prop_assert!(is_maximal(&stretches));
            for now in steps(range) {
                let who = coverage.who_at(channel, now);
                for (reach, found) in [
                    (PlannedReach::Open, &who.open),
                    (PlannedReach::OnCall, &who.on_call),
                    (PlannedReach::Unknown, &who.unknown),
                ] {
                    let people = company.directory.people().iter();
                    let should: Vec<_> = people
                        .filter(|person| company.reach(person, channel, now) == reach)
                        .map(|person| person.id.clone())
                        .collect();
                    prop_assert_eq!(found, &should);
                }
                let (_, count) = stretches.iter().find(|(i, _)| i.contains(now)).expect("no gap");
                let lens = [who.open.len(), who.on_call.len(), who.unknown.len()];
                prop_assert_eq!([count.0, count.1, count.2].map(|n| n as usize), lens);
            }
        }
    }

    /// There is a hole where a count finds one, as deep and as sure, and nowhere else.
    #[test]
    fn holes_are_found_by_counting(lives in lives(), promise in promise(), range in range()) {
        let company = Company::new(&lives);
        let holes = company.coverage(range).with_places(places()).holes(&promise);
        for now in steps(range) {
            let should = naive_hole(&company, &promise, now);
            prop_assert_eq!(hole_at(&holes, now), should, "at {}", now);
        }
        let stretches: Vec<_> = holes.iter().map(|h| (h.interval, (h.kind, h.missing))).collect();
        prop_assert!(is_maximal(&stretches));
    }

    /// A promise hangs on somebody exactly where it is kept with him and not without him; and without
    /// him no hole is smaller.
    #[test]
    fn single_points_are_those_without_whom_it_breaks(
        lives in lives(),
        promise in promise(),
        range in range(),
    ) {
        let coverage = Company::new(&lives).coverage(range).with_places(places());
        let holes = coverage.holes(&promise);
        let points = coverage.single_points(&promise);
        for number in 0..lives.len() {
            let without = coverage.clone().without(&id(number)).holes(&promise);
            let point = points.iter().find(|point| point.person == id(number));
            let mut steps_needed = 0;
            for now in steps(range) {
                let (with, without) = (hole_at(&holes, now), hole_at(&without, now));
                let is_open = promise.hours.as_ref().is_none_or(|of| of.hours.is_open_at(now, &of.zone));
                let is_needed = is_open && with.is_none() && without.is_some();
                let is_said = point.is_some_and(|p| p.stretches.iter().any(|s| s.contains(now)));
                prop_assert_eq!(is_said, is_needed, "p{} at {}", number, now);
                steps_needed += i32::from(is_needed);
                let missing = |hole: Option<(HoleKind, u32)>| hole.map_or(0, |(_, missing)| missing);
                prop_assert!(missing(with) <= missing(without));
                let is_certain = with.is_some_and(|(kind, _)| kind == HoleKind::Certain);
                prop_assert!(!is_certain || without.is_some_and(|(k, _)| k == HoleKind::Certain));
            }
            let total = point.map_or(TimeDelta::zero(), |point| point.total);
            prop_assert_eq!(total, TimeDelta::minutes(15) * steps_needed);
        }
        prop_assert!(points.is_sorted_by(|a, b| b.total <= a.total));
    }

    /// A busy or absent entry never closes a hole, in an agenda of which everything is known: except
    /// that it can hide all of a mark that says elsewhere, so that nothing tells of that any more.
    #[test]
    fn a_busy_claim_never_closes_a_hole(
        lives in prop::collection::vec(open_life(), 1..4),
        promise in promise(),
        range in range(),
        span in span(),
        away in any::<bool>(),
    ) {
        let kind = if away { FreeBusyKind::OutOfOffice } else { FreeBusyKind::Busy };
        let mut busier = lives.clone();
        busier[0].claims.push((span, kind));
        let holes = |lives: &[Life]| {
            Company::new(lives).coverage(range).with_places(places()).holes(&promise)
        };
        let company = Company::new(&lives);
        let mut entries = company.facts[&id(0)].free_busy.intervals();
        let hides_elsewhere = entries.any(|(entry, kind)| {
            kind == FreeBusyKind::Elsewhere && span.intersection(&entry) == Some(entry)
        });
        prop_assume!(promise.place.is_none() || !hides_elsewhere);
        let (before, after) = (holes(&lives), holes(&busier));
        for now in steps(range) {
            if let Some((_, missing)) = hole_at(&before, now) {
                let after = hole_at(&after, now);
                prop_assert!(after.is_some_and(|(_, more)| missing <= more), "at {}", now);
            }
        }
    }

    /// Somebody of whom nothing is known fills no hole: at most it is no longer sure.
    #[test]
    fn who_is_unknown_fills_no_hole(lives in lives(), promise in promise(), range in range()) {
        let company = Company::new(&lives);
        let mut draft = company.directory.draft().clone();
        let number = lives.len();
        draft.people.push(Person::new(id(number), "Nobody knows").with_line(line(
            "nobody",
            ChannelKind::Phone,
            "tel:+31201234567",
        )));
        let more = Company { directory: draft.check().expect("a directory"), ..company.clone() };
        let holes = company.coverage(range).with_places(places()).holes(&promise);
        let more = more.coverage(range).with_places(places()).holes(&promise);
        for now in steps(range) {
            let missing = |holes| hole_at(holes, now).map(|(_, missing)| missing);
            prop_assert_eq!(missing(&holes), missing(&more));
        }
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn interval(text: &str) -> Interval {
    text.parse().expect("an interval")
}

/// A person of the company's hours, with a phone.
fn with_phone(name: &str) -> Person {
    let person = Person::new(name.parse().expect("an id"), name);
    person.with_line(line(
        &format!("{name}-phone"),
        ChannelKind::Phone,
        "tel:+31201234567",
    ))
}

fn office() -> Hours {
    let day = || {
        ["08:30-12:30", "13:00-17:00"]
            .map(|s| s.parse().expect("a stretch"))
            .to_vec()
    };
    let (mon, tue, wed, thu, fri) = (day(), day(), day(), day(), day());
    Hours::new(Week {
        mon,
        tue,
        wed,
        thu,
        fri,
        ..Week::default()
    })
}

/// Two on call by turns, with an hour of which nobody thought, over the night in which the clock goes back.
#[test]
fn a_day_and_night_line_has_a_hole_where_nobody_is_on_call() {
    let zone = Zone::named("Europe/Amsterdam").expect("a zone");
    let mut draft = Draft::new("Rivers & Co", zone);
    draft
        .hours
        .insert("office".parse().expect("an id"), office());
    draft.default_hours = Some("office".parse().expect("an id"));
    draft.people = vec![with_phone("anna"), with_phone("bo")];
    let directory = draft.check().expect("a directory");
    let on_call = |text: &str| PersonFacts {
        on_call: vec![interval(text)],
        ..PersonFacts::default()
    };
    let facts = BTreeMap::from([
        (
            "anna".parse().expect("an id"),
            on_call("2026-10-23T15:00:00Z/2026-10-25T00:00:00Z"),
        ),
        (
            "bo".parse().expect("an id"),
            on_call("2026-10-25T02:00:00Z/2026-10-26T07:30:00Z"),
        ),
    ]);
    let weekend = interval("2026-10-23T15:00:00Z/2026-10-26T07:45:00Z");
    let coverage = Coverage::new(
        &directory,
        directory.people(),
        &facts,
        &ReachRules::default(),
        weekend,
    );
    let line = CoveragePromise::new([ChannelKind::Phone]).with_on_call();
    let holes = coverage.holes(&line);
    let (kind, missing) = (HoleKind::Certain, 1);
    let interval = interval("2026-10-25T00:00:00Z/2026-10-25T02:00:00Z");
    assert_eq!(
        holes,
        [Hole {
            interval,
            kind,
            missing
        }]
    );
    // From half past eight on the clock of winter, both are at work: nobody is needed alone.
    let points = coverage.single_points(&line);
    assert_eq!(points[0].person.as_str(), "anna");
    assert_eq!(points[0].total, TimeDelta::hours(33));
    assert_eq!(points[1].stretches[0].end(), at("2026-10-26T07:30:00Z"));
    // Without those on call the weekend is one hole until then.
    let by_day = CoveragePromise::new([ChannelKind::Phone]);
    assert_eq!(
        coverage.holes(&by_day)[0].interval.end(),
        at("2026-10-26T07:30:00Z")
    );
}

/// Everybody lunches at the same time; the promise holds at lunch as well.
#[test]
fn a_lunch_without_anyone_is_a_hole_on_each_day() {
    let zone = Zone::named("Europe/Amsterdam").expect("a zone");
    let mut draft = Draft::new("Rivers & Co", zone.clone());
    draft
        .hours
        .insert("office".parse().expect("an id"), office());
    draft.default_hours = Some("office".parse().expect("an id"));
    draft.people = vec![with_phone("anna"), with_phone("bo")];
    let directory = draft.check().expect("a directory");
    let day: Vec<_> = vec!["09:00-17:00".parse().expect("a stretch")];
    let (tue, wed) = (day.clone(), day);
    let open = Hours::new(Week {
        tue,
        wed,
        ..Week::default()
    });
    let promise = CoveragePromise::new([ChannelKind::WebChat]).during(open, zone);
    let week = interval("2026-11-23T00:00:00Z/2026-11-30T00:00:00Z");
    let rules = ReachRules::default();
    let coverage = Coverage::new(
        &directory,
        directory.people(),
        &BTreeMap::new(),
        &rules,
        week,
    );
    let holes: Vec<_> = coverage
        .holes(&promise)
        .iter()
        .map(|hole| hole.interval)
        .collect();
    assert_eq!(
        holes,
        [
            interval("2026-11-24T11:30:00Z/2026-11-24T12:00:00Z"),
            interval("2026-11-25T11:30:00Z/2026-11-25T12:00:00Z"),
        ]
    );
    assert!(coverage.single_points(&promise).is_empty());
}

/// A promise that nobody stands for is a hole as long as it holds.
#[test]
fn nobody_covers_nothing() {
    let directory = Draft::new("Rivers & Co", Zone::utc())
        .check()
        .expect("a directory");
    let day = interval("2026-11-23T00:00:00Z/2026-11-24T00:00:00Z");
    let coverage = Coverage::new(
        &directory,
        [],
        &BTreeMap::new(),
        &ReachRules::default(),
        day,
    );
    let promise = CoveragePromise::new([ChannelKind::Phone]);
    assert_eq!(coverage.holes(&promise)[0].interval, day);
    assert_eq!(coverage.counts(ChannelKind::Phone)[0].interval, day);
}

/// A range without end is planned as far as the limit, and says so.
#[test]
fn a_range_is_planned_for_400_days() {
    let directory = Draft::new("Rivers & Co", Zone::utc())
        .with_person(with_phone("anna"))
        .check()
        .expect("a directory");
    let range = Interval::new(at("2026-01-01T00:00:00Z"), DateTime::<Utc>::MAX_UTC);
    let range = range.expect("it ends after it starts");
    let (facts, rules) = (BTreeMap::new(), ReachRules::default());
    let coverage = Coverage::new(&directory, directory.people(), &facts, &rules, range);
    assert_eq!(coverage.range().end(), at("2027-02-05T00:00:00Z"));
    assert_eq!(
        coverage.counts(ChannelKind::Phone)[0].interval,
        coverage.range()
    );
}

/// A desk of two, with a way out of the queue, whose lines need a fibre, two exchanges and nothing else.
fn wired() -> Directory {
    let needs = |name: &str, channel, address: &str, on: &[&str]| {
        let mut line = line(name, channel, address);
        line.depends_on = on.iter().map(|&on| on.to_owned()).collect();
        line
    };
    let phone = |name: &str, on: &[&str]| needs(name, ChannelKind::Phone, "tel:+31201234567", on);
    let mail =
        |name: &str, on: &[&str]| needs(name, ChannelKind::Email, "mailto:a@example.org", on);
    let person = |name: &str| Person::new(name.parse().expect("an id"), name);
    let mut draft = Draft::new("Rivers & Co", Zone::utc());
    draft.people = vec![
        person("anna").with_line(phone("anna-phone", &["fibre", "voice"])),
        person("bo").with_line(mail("bo-mail", &["fibre"])),
        person("cas").with_line(phone("cas-phone", &["mobile"])),
    ];
    draft.lines = vec![
        phone("office", &["voice"]),
        phone("door", &["fibre", "voice", "mobile"]),
        phone("night", &["fibre"]),
        phone("calamity", &["fibre"]),
    ];
    draft.lines[1].is_public = false; // nobody's way
    draft.calamity_lines = vec!["calamity".parse().expect("an id")];
    let ask = vec![
        Ask::Line("night".parse().expect("an id")),
        Ask::Person("cas".parse().expect("an id")),
        Ask::Group("desk".parse().expect("an id")),
    ];
    draft.escalations = vec![EscalationPolicy {
        id: "standard".parse().expect("an id"),
        levels: vec![Level { ask, for_s: 60 }],
        repeat_max: 0,
    }];
    draft.default_escalation = Some("standard".parse().expect("an id"));
    let members = ["anna", "bo"]
        .map(|name| name.parse().expect("an id"))
        .to_vec();
    draft.groups = vec![Group::new("desk".parse().expect("an id"), "Desk", members)];
    draft.check().expect("a directory")
}

/// What one provider takes away, with the ways out of the queue.
#[test]
fn lines_that_need_the_same_fail_together() {
    let directory = wired();
    let told = |channels: &[ChannelKind]| -> Vec<(String, String, String)> {
        let failures = shared_failures(&directory, &directory.groups()[0], channels);
        let names = |ways: &[bereik_presence::Way]| {
            let names: Vec<_> = ways.iter().map(|way| way.line.as_str()).collect();
            names.join(" ")
        };
        let told = failures.iter().map(|failure| {
            assert_eq!(failure.takes_all(), failure.left.is_empty());
            (
                failure.dependency.clone(),
                names(&failure.lost),
                names(&failure.left),
            )
        });
        told.collect()
    };
    let row = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
    assert_eq!(
        told(&[]),
        [
            row(
                "fibre",
                "anna-phone bo-mail calamity night",
                "cas-phone office"
            ),
            row(
                "voice",
                "anna-phone office",
                "bo-mail calamity cas-phone night"
            ),
            row(
                "mobile",
                "cas-phone",
                "anna-phone bo-mail calamity night office"
            ),
        ]
    );
    assert_eq!(told(&[ChannelKind::Email]), [row("fibre", "bo-mail", "")]);
    let fibre = &shared_failures(&directory, &directory.groups()[0], &[])[0];
    assert!(fibre.takes_all_of(WayKind::Member) && fibre.takes_all_of(WayKind::Calamity));
    assert!(!fibre.takes_all_of(WayKind::Escalation) && !fibre.takes_all_of(WayKind::Public));
}
