//! The clocks of targets: each stops for itself, and counts the minutes that the wall clock shows
//! within the hours of the agreement, through nights, holidays and changes of the clock.

use bereik_core::agreement::{Agreement, Target, TargetClock};
use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::contact::Customer;
use bereik_core::directory::Draft;
use bereik_core::entry::Fact;
use bereik_core::group::Group;
use bereik_core::hours::{Hours, Stretch, Week};
use bereik_core::id::{ContactId, OfferId, PersonId};
use bereik_core::line::Line;
use bereik_core::message::{Author, MessageKind};
use bereik_core::offer::Offered;
use bereik_core::person::Person;
use bereik_core::reachability::{Reach, ReachReason, Reachability};
use bereik_core::urgency::Urgency;
use bereik_core::zone::Zone;
use bereik_routing::{Effect, Engine, Input, Opening, Output};
use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Timelike as _, Utc, Weekday};
use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, prop_assert_eq, prop_oneof, proptest};

fn amsterdam() -> Zone {
    Zone::named("Europe/Amsterdam").expect("a known zone")
}

fn anna() -> PersonId {
    "anna".parse().expect("an id")
}

fn contact() -> ContactId {
    ContactId::new(1)
}

/// A company in Amsterdam with Anna, and these targets in these hours.
fn engine(hours: Option<Hours>, target: Target, warn_percent: u8) -> Engine {
    let mut draft = Draft::new("Rivers & Co", amsterdam()).with_person(Person::new(anna(), "Anna"));
    let group = Group::new("helpdesk".parse().expect("an id"), "Helpdesk", vec![anna()]);
    draft.groups.push(group);
    let id: bereik_core::id::HoursId = "agreed".parse().expect("an id");
    let has_hours = hours.is_some();
    if let Some(hours) = hours {
        draft.hours.insert(id.clone(), hours);
    }
    draft.agreements.push(Agreement {
        id: "agreed".parse().expect("an id"),
        hours: has_hours.then_some(id),
        targets: Urgency::ALL
            .map(|urgency| Target { urgency, ..target })
            .into(),
        warn_percent,
    });
    draft.default_agreement = Some("agreed".parse().expect("an id"));
    Engine::new(draft.check().expect("a company of this shape is right"))
}

fn target(answer_for_s: u32, next_answer_for_s: u32, resolve_for_s: u32) -> Target {
    Target {
        channel: None,
        answer_for_s,
        next_answer_for_s: Some(next_answer_for_s),
        resolve_for_s: Some(resolve_for_s),
        ..Target::default_for(Urgency::Normal, ChannelKind::Email)
    }
}

fn opening(channel: ChannelKind, urgency: Urgency) -> Input {
    let key = "key".parse().expect("a key");
    let opening = Opening::new(key, Customer::default(), channel).with_urgency(urgency);
    Input::Opened(Box::new(opening))
}

fn at_work() -> Input {
    let (reach, reason) = (Reach::Now, ReachReason::Available);
    let row = PerChannel::from_fn(|_| Reachability { reach, reason });
    Input::Reachability {
        person: anna(),
        row,
    }
}

fn said(key: i64, author: Author) -> Input {
    Input::Said {
        contact: contact(),
        key: format!("key-{key}").parse().expect("a key"),
        author,
        kind: MessageKind::Text,
    }
}

/// Which clocks were warned of and ran out, and when.
fn rung(engine: &mut Engine) -> Vec<(DateTime<Utc>, &'static str, TargetClock)> {
    let mut rung = Vec::new();
    loop {
        match engine.poll_output() {
            Output::Entry(entry) => match entry.fact {
                Fact::Breached { clock } => rung.push((entry.at, "breached", clock)),
                Fact::Warned { clock } => rung.push((entry.at, "warned", clock)),
                _ => {}
            },
            Output::Wait(_) => return rung,
            _ => {}
        }
    }
}

/// Whether the wall clock stands within the hours: a stretch of the day, or one of the day before
/// that goes on past midnight.
fn is_shown_open(hours: &Hours, at: DateTime<Utc>) -> bool {
    let local = amsterdam().local_at(at);
    let minute = |date: NaiveDate| {
        let days = (local.date() - date).num_days();
        days * 1_440 + i64::from(local.time().num_seconds_from_midnight() / 60)
    };
    let today = local.date();
    let dates = [today.pred_opt().expect("a day before"), today];
    dates.into_iter().any(|date| {
        let minute = minute(date);
        let is_within = |stretch: &Stretch| {
            i64::from(stretch.start_min()) <= minute && minute < i64::from(stretch.end_min())
        };
        hours.on(date).iter().any(is_within)
    })
}

/// The instant after so many open minutes, counted one by one.
fn counted(hours: &Hours, from: DateTime<Utc>, minutes: i64) -> DateTime<Utc> {
    let (mut at, mut left) = (from, minutes);
    while left > 0 {
        left -= i64::from(is_shown_open(hours, at));
        at += TimeDelta::minutes(1);
    }
    at
}

/// Weeks with nights, lunches and hours past midnight. No stretch begins or ends within the hour
/// that the clock skips or repeats: what holds there is said where hours are.
fn weeks() -> impl Strategy<Value = Hours> {
    let day = prop_oneof![
        Just(vec!["08:30-17:00"]),
        Just(vec!["08:30-12:00", "12:30-17:00"]),
        Just(vec!["22:00-06:00"]),
        Just(vec!["00:00-24:00"]),
        Just(vec!["20:00-01:00"]),
        Just(vec![]),
    ];
    let parse = |day: Vec<&str>| -> Vec<Stretch> {
        let stretches = day.into_iter().map(|s| s.parse().expect("a stretch"));
        stretches.collect()
    };
    let days = vec(day.prop_map(parse), 6);
    (days, 0u32..20).prop_map(|(days, closed)| {
        let mut days = days.into_iter();
        let mut next = || days.next().expect("six days");
        let week = Week {
            mon: vec!["09:00-17:00".parse().expect("a stretch")],
            tue: next(),
            wed: next(),
            thu: next(),
            fri: next(),
            sat: next(),
            sun: next(),
        };
        // Holidays about the days on which the clock changes.
        let holidays = ["2026-10-24", "2027-03-29"].map(|date| {
            let date: NaiveDate = date.parse().expect("a date");
            date + TimeDelta::days(i64::from(closed % 4))
        });
        let kept = holidays.into_iter().filter(|d| d.weekday() != Weekday::Mon);
        Hours::new(week).with_closed(kept)
    })
}

fn instants() -> impl Strategy<Value = DateTime<Utc>> {
    let near = prop_oneof![
        Just("2026-10-22T00:00:00Z"),
        Just("2027-03-25T00:00:00Z"),
        Just("2026-12-23T00:00:00Z"),
    ];
    (near, 0i64..5 * 1_440).prop_map(|(near, minutes)| {
        let near: DateTime<Utc> = near.parse().expect("an instant");
        near + TimeDelta::minutes(minutes)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_clock_counts_the_minutes_that_the_wall_clock_shows(
        hours in weeks(), opened_at in instants(), minutes in 1i64..40, percent in 1u8..100,
    ) {
        let minutes = minutes * 20;
        let for_s = u32::try_from(minutes * 60).expect("a few hours");
        let mut engine = engine(Some(hours.clone()), target(for_s, for_s, 30_000_000), percent);
        engine.handle(opened_at, opening(ChannelKind::Email, Urgency::Normal));
        engine.handle(opened_at + TimeDelta::days(60), Input::Advanced);
        let breached = rung(&mut engine).into_iter().find(|(_, what, _)| *what == "breached");
        let due_at = counted(&hours, opened_at, minutes);
        prop_assert_eq!(breached, Some((due_at, "breached", TargetClock::FirstAnswer)));
    }

    /// The clock of the resolution rests while the last word is ours; nothing but words moves it.
    #[test]
    fn the_resolution_counts_the_minutes_in_which_we_have_the_ball(
        hours in weeks(), opened_at in instants(), turns in vec(10i64..2_000, 0..6),
    ) {
        let minutes = 900i64;
        let mut engine = engine(Some(hours.clone()), target(60, 60, 54_000), 99);
        engine.handle(opened_at, at_work());
        engine.handle(opened_at, opening(ChannelKind::Email, Urgency::Normal));
        engine.handle(opened_at, Input::Accepted { offer: OfferId::new(1), by: anna() });
        let (mut now, mut left, mut due_at) = (opened_at, minutes, None);
        for (key, turn) in (0i64..).zip(&turns) {
            let is_ours = key % 2 == 0;
            for _ in 0..*turn {
                left -= i64::from(is_ours && is_shown_open(&hours, now));
                now += TimeDelta::minutes(1);
                due_at = due_at.or((left == 0).then_some(now));
            }
            let author = if is_ours { Author::Person(anna()) } else { Author::Customer };
            engine.handle(now, said(key, author));
        }
        if turns.len() % 2 == 0 {
            due_at = due_at.or_else(|| Some(counted(&hours, now, left)));
        }
        engine.handle(now + TimeDelta::days(13), Input::Advanced);
        let rung = rung(&mut engine).into_iter();
        let of_resolution = rung.filter(|(_, what, clock)| {
            *what == "breached" && *clock == TargetClock::Resolution
        });
        let breached: Vec<_> = of_resolution.map(|(at, ..)| at).collect();
        let watched = now + TimeDelta::days(13);
        let due_at: Vec<_> = due_at.into_iter().filter(|at| *at <= watched).collect();
        prop_assert_eq!(breached, due_at);
    }
}

/// A calamity's clocks run through the night, and a lowered one's do not.
#[test]
fn the_clock_of_a_calamity_counts_the_night() {
    let night: DateTime<Utc> = "2026-11-24T22:00:00Z".parse().expect("an instant");
    let week = Week {
        wed: vec!["09:00-17:00".parse().expect("a stretch")],
        ..Week::default()
    };
    let due_at = |urgency| {
        let mut engine = engine(Some(Hours::new(week.clone())), target(600, 600, 3_600), 50);
        engine.handle(night, opening(ChannelKind::Email, urgency));
        engine.handle(night + TimeDelta::days(2), Input::Advanced);
        let breached = rung(&mut engine).into_iter().filter(|r| r.1 == "breached");
        breached.map(|(at, ..)| at - night).collect::<Vec<_>>()
    };
    let calamity = [TimeDelta::minutes(10), TimeDelta::minutes(60)];
    assert_eq!(due_at(Urgency::Calamity), calamity);
    let morning = TimeDelta::hours(10);
    assert_eq!(
        due_at(Urgency::Normal),
        calamity.map(|after| after + morning)
    );
}

/// On the night on which the clock jumps from two to three, a line that is in service at night is
/// called at once and again at half of the target, though the wall clock skips that minute.
#[test]
fn a_calamity_is_not_held_up_by_a_clock_that_jumps() {
    let opened_at: DateTime<Utc> = "2027-03-28T00:59:30Z".parse().expect("an instant");
    let mut draft = Draft::new("Rivers & Co", amsterdam()).with_person(Person::new(anna(), "Anna"));
    let group = Group::new("helpdesk".parse().expect("an id"), "Helpdesk", vec![anna()]);
    draft.groups.push(group);
    let night: bereik_core::id::HoursId = "night".parse().expect("an id");
    let stretch = vec!["22:00-06:00".parse().expect("a stretch")];
    let week = Week {
        sat: stretch,
        ..Week::default()
    };
    draft.hours.insert(night.clone(), Hours::new(week));
    let number = "tel:+31201234567".parse().expect("a number");
    let mut line = Line::new("red".parse().expect("an id"), ChannelKind::Phone, number);
    line.hours = Some(night);
    draft.calamity_lines = vec![line.id.clone()];
    draft.lines.push(line);
    let mut engine = Engine::new(draft.check().expect("a company of this shape is right"));
    engine.handle(opened_at, opening(ChannelKind::WebChat, Urgency::Calamity));
    let mut at = opened_at;
    let mut called = Vec::new();
    while at < opened_at + TimeDelta::minutes(2) {
        engine.handle(at, Input::Advanced);
        loop {
            match engine.poll_output() {
                Output::Effect(Effect::Offer(offer)) if matches!(offer.to, Offered::Line(_)) => {
                    called.push(offer.made_at - opened_at);
                }
                Output::Wait(_) => break,
                _ => {}
            }
        }
        at += TimeDelta::seconds(10);
    }
    assert_eq!(called[..2], [TimeDelta::zero(), TimeDelta::seconds(60)]);
}

/// No clock moves another: an answer in time to the one leaves the other to run out alone.
#[test]
fn each_clock_rings_for_itself() {
    let start: DateTime<Utc> = "2026-11-24T09:00:00Z".parse().expect("an instant");
    let minute = |minutes| start + TimeDelta::minutes(minutes);
    let mut engine = engine(None, target(600, 1_200, 3_600), 50);
    engine.handle(start, at_work());
    engine.handle(start, opening(ChannelKind::Email, Urgency::Normal));
    let (offer, by) = (OfferId::new(1), anna());
    engine.handle(start, Input::Accepted { offer, by });
    // Nothing of the first answer is left when it was given, and a note is none.
    engine.handle(minute(4), said(1, Author::Person(anna())));
    engine.handle(minute(30), said(2, Author::Customer));
    // His next question does not start the clock of the first anew.
    engine.handle(minute(35), said(3, Author::Customer));
    engine.handle(minute(200), Input::Advanced);
    let expected = [
        (minute(40), "warned", TargetClock::NextAnswer),
        (minute(50), "breached", TargetClock::NextAnswer),
        (minute(56), "warned", TargetClock::Resolution),
        (minute(86), "breached", TargetClock::Resolution),
    ];
    assert_eq!(rung(&mut engine), expected);
}

/// Over every kind of channel the customer hears within the time to acknowledge, whoever is there.
#[test]
fn every_channel_is_acknowledged_in_time() {
    let start: DateTime<Utc> = "2026-11-24T03:00:00Z".parse().expect("an instant");
    for channel in ChannelKind::ALL {
        for urgency in Urgency::ALL {
            for input in [Input::Advanced, at_work()] {
                let mut engine = engine(None, target(600, 600, 3_600), 50);
                engine.handle(start, input);
                engine.handle(start, opening(channel, urgency));
                engine.handle(start + TimeDelta::seconds(5), Input::Advanced);
                let mut is_told = false;
                loop {
                    match engine.poll_output() {
                        Output::Effect(Effect::Acknowledge { .. }) => is_told = true,
                        Output::Wait(_) => break,
                        _ => {}
                    }
                }
                assert!(is_told, "{channel:?} as {urgency:?}");
            }
        }
    }
}

/// People speak over a phone: whoever takes the call has answered.
#[test]
fn taking_a_call_is_an_answer_and_taking_a_chat_is_none() {
    let start: DateTime<Utc> = "2026-11-24T09:00:00Z".parse().expect("an instant");
    let is_breached = |channel| {
        let mut engine = engine(None, target(600, 600, 360_000), 50);
        engine.handle(start, at_work());
        engine.handle(start, opening(channel, Urgency::Normal));
        let (offer, by) = (OfferId::new(1), anna());
        engine.handle(start, Input::Accepted { offer, by });
        engine.handle(start + TimeDelta::hours(1), Input::Advanced);
        rung(&mut engine)
            .iter()
            .any(|(_, what, _)| *what == "breached")
    };
    assert!(!is_breached(ChannelKind::Phone) && !is_breached(ChannelKind::Meeting));
    assert!(is_breached(ChannelKind::WebChat) && is_breached(ChannelKind::Email));
}
