//! A company of one or two, with random calendars, hours, lines and signals.

use bereik_core::channel_kind::ChannelKind;
use bereik_core::directory::{Directory, Draft};
use bereik_core::group::Group;
use bereik_core::hours::{Hours, Week};
use bereik_core::line::Line;
use bereik_core::open_time::OpenTime;
use bereik_core::person::Person;
use bereik_core::presence::PresenceState as State;
use bereik_core::signal::{Signal, SignalKind};
use bereik_core::{FreeBusy, FreeBusyKind, Interval, Zone};
use bereik_presence::PersonFacts;
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

/// Everything begins and ends on this grid, so that looking at its points misses nothing.
pub(crate) const STEP_MIN: i64 = 15;
pub(crate) const DAYS: i64 = 3;
pub(crate) const STEPS: i64 = DAYS * 24 * 60 / STEP_MIN;

/// The Friday before the clocks go forward in Europe.
pub(crate) fn base() -> DateTime<Utc> {
    "2026-03-27T00:00:00Z".parse().expect("an instant")
}

pub(crate) fn at(step: i64) -> DateTime<Utc> {
    base() + TimeDelta::minutes(step * STEP_MIN)
}

pub(crate) fn span() -> impl Strategy<Value = Interval> {
    (-20..STEPS, 1..60_i64).prop_map(|(start, len)| {
        Interval::new(at(start), at(start + len)).expect("it ends after it starts")
    })
}

pub(crate) fn kind() -> impl Strategy<Value = FreeBusyKind> {
    prop::sample::select(&FreeBusyKind::ALL[..])
}

pub(crate) fn claims() -> impl Strategy<Value = Vec<(Interval, FreeBusyKind)>> {
    prop::collection::vec((span(), kind()), 0..8)
}

pub(crate) fn free_busy(known: Interval, claims: &[(Interval, FreeBusyKind)]) -> FreeBusy {
    let builder = FreeBusy::builder(known);
    let builder = claims
        .iter()
        .fold(builder, |b, (span, kind)| b.claim(*span, *kind));
    builder.build()
}

/// Marks over a line, the desk and what needs neither.
pub(crate) fn open_time() -> impl Strategy<Value = OpenTime> {
    let channels = [ChannelKind::Phone, ChannelKind::WebChat, ChannelKind::Email];
    let mark = (prop::sample::select(channels.to_vec()), span());
    let known = Interval::new(at(-100), at(STEPS + 100)).expect("it ends after it starts");
    prop_oneof![
        2 => Just(OpenTime::unknown()),
        1 => prop::collection::vec(mark, 0..4).prop_map(move |marks| OpenTime::new(known, marks)),
    ]
}

pub(crate) fn signal() -> impl Strategy<Value = Signal> {
    let states = [
        State::Available,
        State::OutOfOffice,
        State::OnCall,
        State::Busy,
    ];
    let kind = prop_oneof![
        Just(SignalKind::AutomaticReply),
        Just(SignalKind::DoNotDisturb),
        Just(SignalKind::Idle),
        Just(SignalKind::LastSeen),
        Just(SignalKind::InCall),
        Just(SignalKind::Presenting),
        Just(SignalKind::Online(ChannelKind::WebChat)),
        Just(SignalKind::Online(ChannelKind::WebChat)),
        Just(SignalKind::Online(ChannelKind::Phone)),
        Just(SignalKind::ChannelDown(ChannelKind::Phone)),
        prop::sample::select(states.to_vec()).prop_map(SignalKind::SetByHand),
        prop::sample::select(states.to_vec()).prop_map(SignalKind::SetByHand),
    ];
    (kind, span()).prop_map(|(kind, span)| Signal {
        kind,
        source: "test".into(),
        at: span.start(),
        expires_at: span.end(),
    })
}

pub(crate) fn week() -> impl Strategy<Value = Week> {
    let day = || {
        prop::sample::select(vec![
            &["09:00-17:00"][..],
            &["08:30-12:00", "12:30-17:00"],
            &["22:00-06:00"],
            &["00:00-24:00"],
            &["01:30-02:30"],
            &[],
        ])
        .prop_map(|day| day.iter().map(|s| s.parse().expect("a stretch")).collect())
    };
    (day(), day(), day(), day(), day()).prop_map(|(fri, sat, sun, mon, tue)| Week {
        fri,
        sat,
        sun,
        mon,
        tue,
        ..Week::default()
    })
}

/// A company of one, who has three lines; the phone has hours of its own.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) directory: Directory,
    pub(crate) known: Interval,
    pub(crate) claims: Vec<(Interval, FreeBusyKind)>,
    pub(crate) facts: PersonFacts,
}

impl World {
    pub(crate) fn person(&self) -> &Person {
        &self.directory.people()[0]
    }

    pub(crate) fn with_claim(&self, interval: Interval, kind: FreeBusyKind) -> Self {
        let mut other = self.clone();
        other.claims.push((interval, kind));
        other.facts.free_busy = free_busy(other.known, &other.claims);
        other
    }
}

pub(crate) fn line(id: &str, channel: ChannelKind, address: &str) -> Line {
    let id = id.parse().expect("an id");
    Line::new(id, channel, address.parse().expect("an address")).public()
}

pub(crate) fn directory(
    zone: &str,
    hours: Option<Week>,
    phone_hours: Option<Week>,
    has_calendar: bool,
) -> Directory {
    let mut anna = Person::new("anna".parse().expect("an id"), "Anna");
    anna.zone = Some(Zone::named(zone).expect("a zone"));
    anna.is_public = true;
    if has_calendar {
        anna.calendars.push("anna.ics".to_owned());
    }
    let mut phone = line("phone", ChannelKind::Phone, "tel:+31201234567");
    let mut draft = Draft::new("Rivers & Co", Zone::utc());
    for (name, week, of) in [
        ("work", hours, &mut anna.hours),
        ("phone", phone_hours, &mut phone.hours),
    ] {
        if let Some(week) = week {
            let id: bereik_core::id::HoursId = name.parse().expect("an id");
            draft.hours.insert(id.clone(), Hours::new(week));
            *of = Some(id);
        }
    }
    let anna = anna.with_line(phone).with_line(line(
        "mail",
        ChannelKind::Email,
        "mailto:anna@example.org",
    ));
    let mut group = Group::new(
        "desk".parse().expect("an id"),
        "Desk",
        vec!["anna".parse().expect("an id")],
    );
    group.is_public = true;
    draft
        .with_person(anna)
        .with_group(group)
        .check()
        .expect("a directory")
}

pub(crate) fn world() -> impl Strategy<Value = World> {
    let zone = prop::sample::select(vec!["Europe/Amsterdam", "UTC", "Asia/Kathmandu"]);
    let directory = (
        zone,
        prop::option::of(week()),
        prop::option::weighted(0.3, week()),
        prop::bool::weighted(0.8),
    )
        .prop_map(|(zone, hours, phone, has_calendar)| directory(zone, hours, phone, has_calendar));
    let known = prop_oneof![
        4 => Just(Some(Interval::new(at(-100), at(STEPS + 100)).expect("it ends after it starts"))),
        1 => span().prop_map(Some),
        1 => Just(None),
    ];
    let signals = prop::collection::vec(signal(), 0..4);
    let on_call = prop::collection::vec(span(), 0..2);
    (directory, known, claims(), open_time(), signals, on_call).prop_map(
        |(directory, known, claims, open_time, signals, on_call)| World {
            directory,
            known: known
                .unwrap_or_else(|| Interval::new(at(0), at(1)).expect("it ends after it starts")),
            facts: PersonFacts {
                free_busy: known.map_or_else(FreeBusy::unknown, |known| free_busy(known, &claims)),
                open_time,
                on_call,
                signals,
            },
            claims,
        },
    )
}

/// Two people's worlds as one company, with a group of both that has hours of its own.
pub(crate) fn company(anna: &World, bo: &World, open: Option<Week>) -> (Directory, [World; 2]) {
    let mut draft = anna.directory.draft().clone();
    let mut person = bo.person().clone();
    person.id = "bo".parse().expect("an id");
    person.lines.clear();
    if let Some(hours) = bo.directory.hours_of(bo.person()) {
        let id: bereik_core::id::HoursId = "of-bo".parse().expect("an id");
        draft.hours.insert(id.clone(), hours.clone());
        person.hours = Some(id);
    }
    draft.groups[0].members.push(person.id.clone());
    draft.people.push(person);
    if let Some(week) = open {
        let id: bereik_core::id::HoursId = "open".parse().expect("an id");
        draft.hours.insert(id.clone(), Hours::new(week));
        draft.groups[0].hours = Some(id);
    }
    let directory = draft.check().expect("a directory");
    (directory, [anna.clone(), bo.clone()])
}
