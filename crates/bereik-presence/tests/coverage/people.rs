//! Companies of a few people with random agendas, and what is planned of them, told naively instant by instant.

use std::collections::BTreeMap;

use bereik_core::channel_kind::ChannelKind;
use bereik_core::directory::{Directory, Draft};
use bereik_core::hours::{Hours, Week};
use bereik_core::id::{HoursId, PersonId};
use bereik_core::open_time::OpenTime;
use bereik_core::person::Person;
use bereik_core::presence::PresenceState;
use bereik_core::reachability::Reach;
use bereik_core::signal::Signal;
use bereik_core::{FreeBusy, FreeBusyKind, Interval, Zone};
use bereik_presence::{
    Coverage, PersonFacts, PlannedReach, ReachRule, ReachRules, presence_at, reachability_at,
};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use crate::world::{STEP_MIN, STEPS, at, claims, free_busy, line, open_time, signal, span, week};

/// One person's agenda and hours, before they have a name.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    zone: &'static str,
    hours: Option<Week>,
    phone_hours: Option<Week>,
    has_calendar: bool,
    has_mail: bool,
    pub(crate) known: Option<Interval>,
    pub(crate) claims: Vec<(Interval, FreeBusyKind)>,
    open_time: OpenTime,
    pub(crate) on_call: Vec<Interval>,
    signals: Vec<Signal>,
}

/// A company with what is known of its people.
#[derive(Clone, Debug)]
pub(crate) struct Company {
    pub(crate) directory: Directory,
    pub(crate) facts: BTreeMap<PersonId, PersonFacts>,
    pub(crate) rules: ReachRules,
}

fn whole() -> Interval {
    Interval::new(at(-100), at(STEPS + 100)).expect("it ends after it starts")
}

pub(crate) fn life() -> impl Strategy<Value = Life> {
    let zone = prop::sample::select(vec!["Europe/Amsterdam", "UTC", "Asia/Kathmandu"]);
    let known = prop_oneof![
        6 => Just(Some(whole())),
        1 => span().prop_map(Some),
        1 => Just(None),
    ];
    (
        zone,
        prop::option::weighted(0.7, week()),
        prop::option::weighted(0.3, week()),
        prop::bool::weighted(0.8),
        any::<bool>(),
        known,
        (claims(), open_time()),
        prop::collection::vec(span(), 0..3),
        prop::collection::vec(signal(), 0..3),
    )
        .prop_map(
            |(
                zone,
                hours,
                phone_hours,
                has_calendar,
                has_mail,
                known,
                (claims, open_time),
                on_call,
                signals,
            )| {
                Life {
                    zone,
                    hours,
                    phone_hours,
                    has_calendar,
                    has_mail,
                    known,
                    claims,
                    open_time,
                    on_call,
                    signals,
                }
            },
        )
}

/// Somebody of whom everything is known.
pub(crate) fn open_life() -> impl Strategy<Value = Life> {
    life().prop_map(|mut life| {
        life.known = Some(whole());
        life.claims
            .retain(|(_, kind)| *kind != FreeBusyKind::Unknown);
        life
    })
}

pub(crate) fn id(number: usize) -> PersonId {
    format!("p{number}").parse().expect("an id")
}

impl Company {
    pub(crate) fn new(lives: &[Life]) -> Self {
        let mut draft = Draft::new("Rivers & Co", Zone::utc());
        let mut facts = BTreeMap::new();
        for (number, life) in lives.iter().enumerate() {
            let mut person = Person::new(id(number), "Somebody");
            person.zone = Some(Zone::named(life.zone).expect("a zone"));
            if life.has_calendar {
                person.calendars.push("somebody.ics".to_owned());
            }
            let mut phone = line(
                &format!("phone{number}"),
                ChannelKind::Phone,
                "tel:+31201234567",
            );
            let hours = [
                (format!("work{number}"), &life.hours, &mut person.hours),
                (format!("line{number}"), &life.phone_hours, &mut phone.hours),
            ];
            for (name, week, of) in hours {
                if let Some(week) = week {
                    let id: HoursId = name.parse().expect("an id");
                    draft.hours.insert(id.clone(), Hours::new(week.clone()));
                    *of = Some(id);
                }
            }
            person.lines.push(phone);
            if life.has_mail {
                let mail = format!("mail{number}");
                person
                    .lines
                    .push(line(&mail, ChannelKind::Email, "mailto:p@example.org"));
            }
            let free_busy = life
                .known
                .map_or_else(FreeBusy::unknown, |known| free_busy(known, &life.claims));
            let known = PersonFacts {
                free_busy,
                open_time: life.open_time.clone(),
                on_call: life.on_call.clone(),
                signals: life.signals.clone(),
            };
            facts.insert(person.id.clone(), known);
            draft.people.push(person);
        }
        Self {
            directory: draft.check().expect("a directory"),
            facts,
            rules: ReachRules::default(),
        }
    }

    pub(crate) fn coverage(&self, range: Interval) -> Coverage {
        let people = self.directory.people();
        Coverage::new(&self.directory, people, &self.facts, &self.rules, range)
    }

    /// What is known of a person, but for what is so just now.
    fn unsigned(&self, person: &Person) -> PersonFacts {
        PersonFacts {
            signals: Vec::new(),
            ..self.facts[&person.id].clone()
        }
    }

    pub(crate) fn state(&self, person: &Person, now: DateTime<Utc>) -> PresenceState {
        presence_at(&self.directory, person, &self.unsigned(person), now).state
    }

    /// The state over web chat alone: a mark opens it outside hours, where one over another kind
    /// of channel does not.
    fn state_over_web_chat(&self, person: &Person, now: DateTime<Utc>) -> PresenceState {
        let facts = self.unsigned(person);
        let hours = self.directory.hours_of(person);
        let is_off = hours.is_some_and(|h| !h.is_open_at(now, self.directory.zone_of(person)));
        if !is_off {
            return self.state(person, now);
        }
        let is_on_call = facts.on_call.iter().any(|shift| shift.contains(now));
        let is_read = [facts.free_busy.known(), facts.open_time.known()]
            .iter()
            .any(Option::is_some);
        let is_marked = facts.open_time.is_open_at(ChannelKind::WebChat, now);
        match facts.free_busy.kind_at(now) {
            _ if is_on_call && !is_marked => PresenceState::OnCall,
            kind if kind == FreeBusyKind::OutOfOffice && is_on_call => PresenceState::OnCall,
            FreeBusyKind::OutOfOffice => PresenceState::OutOfOffice,
            _ if !is_marked => PresenceState::OffDuty,
            _ if person.calendars.is_empty() && !is_read => PresenceState::Available,
            FreeBusyKind::Busy => PresenceState::Busy,
            FreeBusyKind::Unknown => PresenceState::Unknown,
            FreeBusyKind::Tentative => PresenceState::Tentative,
            FreeBusyKind::Elsewhere => PresenceState::Elsewhere,
            FreeBusyKind::Free => PresenceState::Available,
        }
    }

    /// What can be planned on, from the rules and from what is said at an instant.
    pub(crate) fn reach(
        &self,
        person: &Person,
        channel: ChannelKind,
        now: DateTime<Utc>,
    ) -> PlannedReach {
        let facts = self.unsigned(person);
        if channel == ChannelKind::WebChat {
            let is_on_call = facts.on_call.iter().any(|shift| shift.contains(now));
            return match self
                .rules
                .rule(self.state_over_web_chat(person, now), channel)
            {
                ReachRule::Open => PlannedReach::Open,
                ReachRule::OnCall => PlannedReach::OnCall,
                _ if is_on_call => PlannedReach::OnCall,
                ReachRule::Closed => PlannedReach::Closed,
                ReachRule::Unknown => PlannedReach::Unknown,
            };
        }
        let (row, _) = reachability_at(&self.directory, person, &facts, &self.rules, now);
        match row[channel].reach {
            Reach::From(_) | Reach::Never => PlannedReach::Closed,
            Reach::Now => PlannedReach::Open,
            Reach::OnCall => PlannedReach::OnCall,
            Reach::Unknown => PlannedReach::Unknown,
        }
    }

    /// Whether an entry other than elsewhere hides where a person is: one in the same run of entries says
    /// elsewhere.
    pub(crate) fn is_place_hidden(&self, person: &Person, now: DateTime<Utc>) -> bool {
        let free_busy = &self.facts[&person.id].free_busy;
        let step = TimeDelta::minutes(STEP_MIN);
        let is_taken = |now: DateTime<Utc>| {
            let is_known = free_busy.known().is_some_and(|known| known.contains(now));
            is_known && free_busy.kind_at(now) != FreeBusyKind::Free
        };
        let run = |step: TimeDelta| {
            std::iter::successors(Some(now), move |now| Some(*now + step))
                .take_while(|now| is_taken(*now))
        };
        let mut run = run(step).chain(run(-step));
        run.any(|now| free_busy.kind_at(now) == FreeBusyKind::Elsewhere)
    }
}

/// The days of which is asked.
pub(crate) fn range() -> impl Strategy<Value = Interval> {
    (0..STEPS / 2, STEPS / 4..STEPS / 2)
        .prop_map(|(from, len)| Interval::new(at(from), at(from + len)).expect("it has a length"))
}

/// Each point of the grid in a range.
pub(crate) fn steps(range: Interval) -> impl Iterator<Item = DateTime<Utc>> {
    let step = TimeDelta::minutes(STEP_MIN);
    std::iter::successors(Some(range.start()), move |now| Some(*now + step))
        .take_while(move |now| range.contains(*now))
}
