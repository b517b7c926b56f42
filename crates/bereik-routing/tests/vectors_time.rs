//! Outcomes that other systems document or test, as data: escalation and the clocks of targets.
//!
//! The folder is named by `BEREIK_VECTORS`. A case that is answered in another way, or that is not
//! about this crate, stands in the code by its name with the reason, and every case of a file is met.

#[path = "vectors/file.rs"]
mod file;

use bereik_core::agreement::{Agreement, Ask, EscalationPolicy, Level, Target, TargetClock};
use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::contact::Customer;
use bereik_core::directory::{Directory, Draft};
use bereik_core::entry::Fact;
use bereik_core::group::Group;
use bereik_core::hours::{Hours, Week};
use bereik_core::id::{ContactId, OfferId, PersonId};
use bereik_core::line::Line;
use bereik_core::message::Author;
use bereik_core::offer::Offered;
use bereik_core::person::Person;
use bereik_core::reachability::{Reach, ReachReason, Reachability};
use bereik_core::urgency::Urgency;
use bereik_core::zone::Zone;
use bereik_routing::{Engine, Input, Opening, Output};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use file::read;

fn cases<'a>(file: &'a Value, name: &str) -> &'a [Value] {
    let cases = file[name].as_array().expect("a list of cases");
    assert!(!cases.is_empty(), "no {name}");
    cases
}

fn id(name: &str) -> PersonId {
    name.parse().expect("an id")
}

fn start() -> DateTime<Utc> {
    "2026-11-23T08:00:00Z".parse().expect("an instant")
}

/// Everybody whom a level of a case may name.
const NAMES: [&str; 5] = ["a", "b", "c", "u1", "u2"];

/// A company whose only group has nobody there, and whose policy has these levels: whom each asks,
/// and for how many minutes.
fn company(levels: &[(Vec<String>, i64)], repeat_max: u32) -> Directory {
    let mut draft = Draft::new("Vectors", Zone::utc()).with_person(Person::new(id("nobody"), "N"));
    for name in NAMES {
        let line = format!("{name}-line").parse().expect("an id");
        let number = "tel:+31201234567".parse().expect("a number");
        let line = Line::new(line, ChannelKind::Phone, number);
        draft = draft.with_person(Person::new(id(name), name).with_line(line));
    }
    let group = Group::new("g".parse().expect("an id"), "G", vec![id("nobody")]);
    draft.groups.push(group);
    let levels = levels.iter().map(|(names, delay_min)| Level {
        ask: names.iter().map(|name| Ask::Person(id(name))).collect(),
        for_s: u32::try_from(delay_min * 60).expect("a short delay"),
    });
    draft.escalations.push(EscalationPolicy {
        id: "policy".parse().expect("an id"),
        levels: levels.collect(),
        repeat_max,
    });
    draft.default_escalation = Some("policy".parse().expect("an id"));
    draft.check().expect("a company of this shape is right")
}

/// An engine that watches one contact, and whom it alerted at which minute.
struct Watch {
    engine: Engine,
    alerted: Vec<(i64, String)>,
    offers: Vec<OfferId>,
    exhausted_at: Option<i64>,
}

impl Watch {
    fn new(directory: Directory, on_call: &[&str]) -> Self {
        let engine = Engine::new(directory);
        let mut watch = Self {
            engine,
            alerted: Vec::new(),
            offers: Vec::new(),
            exhausted_at: None,
        };
        for name in NAMES.into_iter().chain(["nobody"]) {
            watch.set(0, name, on_call.contains(&name));
        }
        watch
    }

    fn set(&mut self, minute: i64, name: &str, is_on_call: bool) {
        let row = PerChannel::from_fn(|kind| {
            let (reach, reason) = if is_on_call && kind == ChannelKind::Phone {
                (Reach::OnCall, ReachReason::OnCall)
            } else {
                (Reach::Never, ReachReason::OffDuty)
            };
            Reachability { reach, reason }
        });
        let person = id(name);
        self.tell(minute, Input::Reachability { person, row });
    }

    fn open(&mut self) {
        let key = "one".parse().expect("a key");
        let opening = Opening::new(key, Customer::default(), ChannelKind::WebChat);
        self.tell(0, Input::Opened(Box::new(opening)));
    }

    fn tell(&mut self, minute: i64, input: Input) {
        self.engine
            .handle(start() + TimeDelta::minutes(minute), input);
        loop {
            let entry = match self.engine.poll_output() {
                Output::Entry(entry) => entry,
                Output::Wait(_) => return,
                _ => continue,
            };
            let minute = (entry.at - start()).num_minutes();
            match &entry.fact {
                Fact::Offered { offer } => {
                    self.offers.push(offer.id);
                    if let Offered::Line(line) = &offer.to {
                        let name = line.as_str().trim_end_matches("-line");
                        self.alerted.push((minute, name.to_owned()));
                    }
                }
                Fact::StateChanged {
                    state: bereik_core::contact::ContactState::Unreachable,
                } => self.exhausted_at = self.exhausted_at.or(Some(minute)),
                _ => {}
            }
        }
    }

    /// Whom the policy alerted until it was at its end: what comes later is the next try of a list
    /// that these systems do not have.
    fn alerted_by_policy(&self) -> Vec<(i64, String)> {
        let end = self.exhausted_at.unwrap_or(i64::MAX);
        let alerted = self.alerted.iter();
        alerted.filter(|(at, _)| *at < end).cloned().collect()
    }
}

fn levels_of(case: &Value, list: &str) -> Vec<(Vec<String>, i64)> {
    let levels = cases(case, list).iter().map(|level| {
        let targets = level["targets"].as_array().expect("targets").iter();
        let names = targets.map(|name| name.as_str().expect("a name").to_owned());
        (
            names.collect(),
            level["delay_min"].as_i64().expect("minutes"),
        )
    });
    levels.collect()
}

fn timeline(case: &Value, name: &str) -> Vec<(i64, String)> {
    let mut alerted = Vec::new();
    for row in cases(case, name) {
        let at = row["t_min"].as_i64().expect("minutes");
        for name in row["notify"].as_array().expect("names") {
            alerted.push((at, name.as_str().expect("a name").to_owned()));
        }
    }
    alerted
}

fn alerts_of(levels: &[(Vec<String>, i64)], repeat_max: u32) -> Vec<(i64, String)> {
    let mut watch = Watch::new(company(levels, repeat_max), &NAMES);
    watch.open();
    watch.tell(24 * 60, Input::Advanced);
    watch.alerted_by_policy()
}

fn two(first: &str, second: &str, delay_min: i64) -> Vec<(Vec<String>, i64)> {
    [first, second]
        .map(|name| (vec![name.to_owned()], delay_min))
        .into()
}

/// Taking it stops the policy.
fn acceptance_stops() {
    let mut watch = Watch::new(company(&two("a", "b", 5), 3), &NAMES);
    watch.open();
    let (offer, by) = (watch.offers[0], id("a"));
    watch.tell(2, Input::Accepted { offer, by });
    let (contact, author) = (ContactId::new(1), Author::Person(id("a")));
    watch.tell(
        2,
        Input::Said {
            contact,
            key: "word".parse().expect("a key"),
            author,
            kind: bereik_core::message::MessageKind::Text,
        },
    );
    watch.tell(23 * 60, Input::Advanced);
    assert_eq!(watch.alerted, [(0, "a".to_owned())]);
}

/// Whose shift begins while a level runs is not alerted by it, but by the next that names him.
fn on_call_is_resolved_when_the_level_starts() {
    let both = vec!["a".to_owned(), "b".to_owned()];
    let levels = [(both.clone(), 10), (both, 10)];
    let mut watch = Watch::new(company(&levels, 0), &["a"]);
    watch.open();
    watch.set(3, "b", true);
    watch.tell(15, Input::Advanced);
    let expected = [(0, "a"), (10, "a"), (10, "b")].map(|(at, name)| (at, name.to_owned()));
    assert_eq!(watch.alerted, expected);
}

/// The policy is the one that stood when the contact came in, until it is planned anew.
fn policy_is_kept() {
    let mut watch = Watch::new(company(&two("a", "b", 10), 0), &NAMES);
    watch.open();
    let other = Box::new(company(&two("a", "c", 10), 0));
    watch.tell(5, Input::DirectoryReplaced(other));
    watch.tell(12, Input::Advanced);
    let by = Author::Software;
    let contact = ContactId::new(1);
    watch.tell(13, Input::Replanned { contact, by });
    watch.tell(24, Input::Advanced);
    let expected = [(0, "a"), (10, "b"), (13, "a"), (23, "c")];
    assert_eq!(
        watch.alerted,
        expected.map(|(at, name)| (at, name.to_owned()))
    );
}

#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_escalation_scenarios() {
    let file = read("escalation_scenarios.json");
    for case in cases(&file, "cases") {
        let name = case["id"].as_str().expect("a name");
        match name {
            "two-steps" | "step-number-gap" | "repeat" => {
                let repeat = case["repeat"].as_u64().unwrap_or(0);
                let repeat_max = u32::try_from(repeat).expect("a few times");
                let alerted = alerts_of(&levels_of(case, "steps"), repeat_max);
                assert_eq!(alerted, timeline(case, "timeline"), "{name}");
            }
            "empty-step-waits (known gap)" => {
                let levels = levels_of(case, "steps");
                let mut watch = Watch::new(company(&levels, 0), &["b"]);
                watch.open();
                let wanted = timeline(case, "wanted_timeline");
                assert_eq!(watch.alerted_by_policy(), wanted, "{name}");
            }
            "ack-stops" => acceptance_stops(),
            "on-call resolved at escalation time" => on_call_is_resolved_when_the_level_starts(),
            // A policy is repeated as often as it says; that it was kept as it stood is met.
            "grafana-repeat-limit" => policy_is_kept(),
            // There is no maintenance: who is not to be alerted has lines out of service, and such
            // a level is skipped at once.
            "maintenance-pauses" => {}
            // Levels ask everybody at once; taking turns is a strategy of a group.
            "grafana-round-robin-step" => {}
            // Rosters are the presence's.
            "rotation-dst-daily" => {}
            name => panic!("a case that nobody looked at: {name}"),
        }
    }
}

#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_empty_level() {
    let file = read("empty_level.json");
    for case in cases(&file, "cases") {
        let wanted = case["wanted"].as_array().expect("a timeline").iter();
        let wanted: Vec<(i64, String)> = wanted
            .map(|row| {
                let name = row[1].as_str().expect("a name");
                (row[0].as_i64().expect("minutes"), name.to_owned())
            })
            .collect();
        assert_eq!(alerts_of(&levels_of(case, "levels"), 0), wanted);
    }
}

/// `Fri 16:30` in the week of Monday 23 November 2026, or of the next.
fn instant(text: &str, week: i64) -> DateTime<Utc> {
    let (day, clock) = text.split_once(' ').expect("a day and a time");
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let day = days.iter().position(|d| *d == day).expect("a day");
    let text = format!("2026-11-{:02}T{clock}:00Z", 23 + day);
    let at: DateTime<Utc> = text.parse().expect("a clock's time");
    at + TimeDelta::weeks(week)
}

fn office() -> Hours {
    let day = || vec!["09:00-17:00".parse().expect("a stretch")];
    Hours::new(Week {
        mon: day(),
        tue: day(),
        wed: day(),
        thu: day(),
        fri: day(),
        ..Week::default()
    })
}

/// When the clock of the first answer runs out, in office hours.
fn due(created: DateTime<Utc>, threshold_h: i64) -> Option<DateTime<Utc>> {
    let mut draft = Draft::new("Office", Zone::utc()).with_person(Person::new(id("a"), "A"));
    let hours: bereik_core::id::HoursId = "office".parse().expect("an id");
    draft.hours.insert(hours.clone(), office());
    draft.agreements.push(Agreement {
        id: "agreed".parse().expect("an id"),
        hours: Some(hours),
        targets: vec![Target {
            answer_for_s: u32::try_from(threshold_h * 3_600).expect("some hours"),
            ..Target::default_for(Urgency::Normal, ChannelKind::Email)
        }],
        warn_percent: bereik_core::agreement::WARN_PERCENT,
    });
    draft.default_agreement = Some("agreed".parse().expect("an id"));
    let mut engine = Engine::new(draft.check().expect("an office"));
    let key = "one".parse().expect("a key");
    let opening = Opening::new(key, Customer::default(), ChannelKind::Email);
    engine.handle(created, Input::Opened(Box::new(opening)));
    engine.handle(created + TimeDelta::days(7), Input::Advanced);
    loop {
        match engine.poll_output() {
            Output::Entry(entry) => {
                let clock = TargetClock::FirstAnswer;
                if entry.fact == (Fact::Breached { clock }) {
                    return Some(entry.at);
                }
            }
            Output::Wait(_) => return None,
            _ => {}
        }
    }
}

#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_chatwoot_targets_in_business_hours() {
    let file = read("chatwoot.json");
    for case in cases(&file, "sla_business_hours") {
        assert_eq!(case["hours"], "Mon-Fri 09:00-17:00", "the office above");
        let created = instant(case["created"].as_str().expect("an instant"), 0);
        let text = case["due"].as_str().expect("an instant");
        let this_week = instant(text, 0);
        let due_at = if created < this_week {
            this_week
        } else {
            instant(text, 1)
        };
        let threshold_h = case["threshold_h"].as_i64().expect("hours");
        assert_eq!(due(created, threshold_h), Some(due_at), "{case}");
    }
}

#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_chatwoot_business_hours() {
    let file = read("chatwoot.json");
    for case in cases(&file, "business_hours") {
        let text = case["at"].as_str().expect("an instant");
        let text = text.split_once(' ').map_or(text, |(instant, _)| instant);
        let at: DateTime<Utc> = format!("{text}:00Z").parse().expect("an instant");
        let is_open = case["open"].as_bool().expect("open or not");
        assert_eq!(office().is_open_at(at, &Zone::utc()), is_open, "{case}");
    }
}
