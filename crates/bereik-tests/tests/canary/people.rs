//! What presence makes of the calendars, and what is published of that.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use bereik::calendar::{Limits, read_marked, read_shifts, write_free_busy};
use bereik::core::channel_kind::ChannelKind;
use bereik::core::directory::Directory;
use bereik::core::language::Language;
use bereik::core::presence::PresenceState;
use bereik::core::public_view::json_ld::{Organization, Profile};
use bereik::core::public_view::page::BoardPage;
use bereik::core::public_view::{Audience, ViewBoard};
use bereik::core::signal::{Signal, SignalKind};
use bereik::core::wording::Wording;
use bereik::core::{Outcome, PersonId, Slot, Zone};
use bereik::presence::roster::{Roster, Rule};
use bereik::presence::{
    AgendaLimits, AgendaTotals, Board, Coverage, CoveragePromise, Onlooker, PastOffer, PersonFacts,
    Pidf, ReachPlan, ReachRules, ViewRules, agenda_truth, blockers_at, next_open_for, presence_at,
    public_board, reachability_at, shared_failures, together,
};
use bereik::web::{contact_page, json_ld_script};
use chrono::{DateTime, TimeDelta, Utc};

use crate::company::{
    TOKEN, at, company, directory, marks, person_id, reading, shift_names, window,
};
use crate::logs;
use crate::search::{Seen, mark_in};

const SIGNALS: [SignalKind; 7] = [
    SignalKind::Online(ChannelKind::WebChat),
    SignalKind::DoNotDisturb,
    SignalKind::Idle,
    SignalKind::InCall,
    SignalKind::AutomaticReply,
    SignalKind::SetByHand(PresenceState::OutOfOffice),
    SignalKind::ChannelDown(ChannelKind::Phone),
];

fn company_directory() -> Directory {
    directory(|number| {
        vec![format!(
            "https://u:{TOKEN}@example.org/{TOKEN}/{number}?key={TOKEN}"
        )]
    })
}

type Facts = BTreeMap<PersonId, PersonFacts>;

/// What is known of everybody, with signals from sources that are marked.
pub(crate) fn facts() -> &'static Facts {
    static FACTS: OnceLock<Facts> = OnceLock::new();
    FACTS.get_or_init(all_facts)
}

fn all_facts() -> Facts {
    let (limits, marks) = (Limits::default(), marks());
    let calendars = company().calendars.iter().enumerate();
    let all = calendars.map(|(number, text)| {
        let calendar = read_marked(text.as_bytes(), &limits, &marks);
        let signal = Signal {
            kind: SIGNALS[number % SIGNALS.len()],
            source: format!("CANARY-{number}-SOURCE").into(),
            at: window().start(),
            expires_at: window().end() - TimeDelta::days(number as i64),
        };
        let facts = PersonFacts {
            free_busy: calendar.free_busy(window(), &reading(number)).value,
            open_time: calendar.open_time(window(), &reading(number)).value,
            on_call: Vec::new(),
            signals: vec![signal],
        };
        (person_id(number), facts)
    });
    all.collect()
}

fn look_at_people(
    seen: &mut Seen,
    directory: &Directory,
    facts: &Facts,
    now: DateTime<Utc>,
) -> Vec<PresenceState> {
    let (rules, mut states) = (ReachRules::default(), Vec::new());
    for person in directory.people() {
        let facts = &facts[&person.id];
        seen.debug("facts", facts);
        seen.debug("a signal", &facts.signals[0]);
        let presence = presence_at(directory, person, facts, now);
        seen.debug("a presence", &presence);
        seen.text("a presence", &serde_json::to_string(&presence).unwrap());
        let row = reachability_at(directory, person, facts, &rules, now);
        seen.debug("reachability", &row);
        seen.text("reachability", &serde_json::to_string(&row).unwrap());
        let next = next_open_for(
            directory,
            person,
            facts,
            &rules,
            ChannelKind::Phone,
            TimeDelta::minutes(15),
            now,
        );
        seen.debug("the next opening", &next);
        seen.debug("when he was last seen", &facts.last_seen_at(now));
        states.push(presence.state);
    }
    states
}

fn look_at_group(seen: &mut Seen, directory: &Directory, facts: &Facts) {
    let (rules, desk) = (ReachRules::default(), &directory.groups()[0]);
    let coverage = Coverage::of_group(directory, desk, facts, &rules, window());
    seen.debug("coverage", &coverage);
    let found = together(&coverage, 30, window().start(), 3);
    seen.debug("common openings", &found);
    for channel in ChannelKind::ALL {
        let promise = CoveragePromise::new([channel]);
        seen.debug("a promise", &promise);
        seen.debug("counts", &coverage.counts(channel));
        seen.debug("holes", &coverage.holes(&promise));
        seen.debug("single points", &coverage.single_points(&promise));
        let noon = at("2026-11-24T11:00:00Z");
        seen.debug("who is there", &coverage.who_at(channel, noon));
        seen.debug("who blocks", &blockers_at(&coverage, channel, noon));
        seen.text(
            "common openings",
            &serde_json::to_string(&found[channel]).unwrap(),
        );
    }
    let shared = shared_failures(directory, desk, &[]);
    assert_eq!(shared.len(), 1);
    seen.debug("shared failures", &shared);
    let mut truths = Vec::new();
    for person in directory.people() {
        let facts = &facts[&person.id];
        seen.debug(
            "a plan",
            &ReachPlan::new(directory, person, facts, &rules, window()),
        );
        let offers = [1, 2, 3, 4].map(|day| PastOffer {
            made_at: window().start() + TimeDelta::hours(day * 24 + 10),
            channel: ChannelKind::Phone,
            outcome: Outcome::Lapsed,
        });
        let limits = AgendaLimits::default();
        let truth = agenda_truth(directory, person, facts, &rules, window(), &offers, &limits);
        seen.debug("the truth of an agenda", &truth);
        seen.text(
            "the truth of an agenda",
            &serde_json::to_string(&truth).unwrap(),
        );
        truths.push(truth);
    }
    seen.debug("totals", &AgendaTotals::of(&truths));
}

fn look_at_board(seen: &mut Seen, directory: &Directory, facts: &Facts) {
    let mut board = Board::of_directory(directory, ReachRules::default(), window().start());
    for (number, person) in directory.people().iter().enumerate() {
        let (slot, facts) = (Slot::new(number as u32), facts[&person.id].clone());
        board.set_free_busy(slot, facts.free_busy);
        board.set_open_time(slot, facts.open_time);
        facts
            .signals
            .into_iter()
            .for_each(|signal| board.set_signal(slot, signal));
    }
    for step in 0..3 {
        let now = at("2026-11-23T08:10:00Z") + TimeDelta::hours(step * 29);
        seen.debug("what changed", &board.advance(now));
        seen.debug("a board", &board);
        for channel in ChannelKind::ALL {
            let group = Slot::new(0);
            let rows = [
                board.reachable(group, channel),
                board.on_call(group, channel),
            ];
            seen.debug("rows", &(rows, board.unknown(group, channel)));
        }
        for number in 0..board.len() {
            let slot = Slot::new(number as u32);
            seen.debug("a state", &board.state(slot));
            seen.debug("a presence", &board.presence_at(slot, now));
            seen.debug("reachability", &board.reachability_at(slot, now));
        }
    }
}

#[test]
fn no_mark_comes_out_of_presence() {
    logs::listen();
    let (mut seen, directory) = (Seen::default(), company_directory());
    let facts = facts();
    seen.debug("a directory", &directory);
    seen.debug("a draft", directory.draft());
    for person in directory.people() {
        seen.debug("a person", person);
        person
            .lines
            .iter()
            .for_each(|line| seen.debug("a line", line));
    }
    for step in 0..2 {
        let now = at("2026-11-23T08:10:00Z") + TimeDelta::hours(step * 53);
        let states = look_at_people(&mut seen, &directory, facts, now);
        for state in [
            PresenceState::Unknown,
            PresenceState::Busy,
            PresenceState::OutOfOffice,
        ] {
            assert!(states.contains(&state), "{state:?} of {states:?}");
        }
    }
    look_at_group(&mut seen, &directory, facts);
    look_at_board(&mut seen, &directory, facts);
    let mut roster = Roster::new(Zone::named("Europe/Amsterdam").unwrap());
    for (number, text) in company().calendars.iter().enumerate() {
        let shifts = read_shifts(text.as_bytes(), &Limits::default(), &shift_names());
        let shifts = shifts.shifts(window(), &reading(number)).value;
        roster = roster.with_rule(Rule::shifts(shifts));
    }
    assert!(roster.shifts(window()).len() > 500);
    seen.debug("a roster", &roster);
    seen.text("a roster", &serde_json::to_string(&roster).unwrap());
    seen.debug("shifts", &roster.shifts(window()));
    seen.debug(
        "who is on call",
        &roster.on_call_at(at("2026-11-24T11:00:00Z")),
    );
    seen.text("the log", &logs::heard());
}

/// What is made of the boards of an audience, as text.
fn look_at_views(seen: &mut Seen, board: &ViewBoard, wording: &Wording<'_>) {
    seen.debug("a board of views", board);
    let groups = board.groups.iter().map(|(id, view)| (id.as_str(), view));
    let people = board.people.iter().map(|(id, view)| (id.as_str(), view));
    for (id, view) in groups.chain(people) {
        let pidf = Pidf::new(&format!("pres:{id}@example.org")).unwrap();
        seen.debug("a PIDF", &pidf);
        seen.text("a PIDF", &pidf.write(view, wording));
    }
}

#[test]
fn no_mark_is_published() {
    logs::listen();
    let (mut seen, directory) = (Seen::default(), company_directory());
    let facts = facts();
    let (reach, views) = (ReachRules::default(), ViewRules::default());
    let language = Language::Dutch;
    let mut has_ways = false;
    for step in 0..2 {
        let now = at("2026-11-23T08:10:00Z") + TimeDelta::hours(step * 53);
        let wording = Wording {
            language,
            zone: directory.zone(),
            now,
            name_of: &|id| id.to_string(),
            address_of: &|id| id.to_string(),
        };
        for audience in [Audience::Customer, Audience::Colleague, Audience::OwnGroup] {
            let onlooker = Onlooker::new(&directory, &reach, &views, audience);
            seen.debug("an onlooker", &onlooker);
            let (board, until) = onlooker.board(facts, now);
            seen.debug("how long a board stands", &until);
            let json = serde_json::to_string(&board).unwrap();
            // Those of the own group alone are shown private lines: the mark is found there.
            match audience {
                Audience::OwnGroup => has_ways |= mark_in(&json).is_some(),
                _ => {
                    seen.text("the JSON of a board", &json);
                    look_at_views(&mut seen, &board, &wording);
                }
            }
            seen.debug("a board of views", &board);
            for person in directory.people() {
                let shown = onlooker.free_busy(person, &facts[&person.id], window());
                seen.debug("published time", &shown);
                if let Some(shown) = shown {
                    let written = write_free_busy(&shown, "fb-1", now, None);
                    seen.text("a published VFREEBUSY", &written);
                }
            }
        }
        let (board, _) = public_board(&directory, facts, &reach, now);
        let page = BoardPage::new(&directory, &board, language, now);
        seen.debug("a public board", &board);
        seen.debug("a page of a board", &page);
        seen.text("a public board", &serde_json::to_string(&board).unwrap());
        seen.text("a page of a board", &serde_json::to_string(&page).unwrap());
        let told = Organization::new(&directory, &Profile::default(), language, now);
        seen.debug("an organization", &told);
        seen.text("JSON-LD", &json_ld_script(&told));
        let page = contact_page(&directory, &Profile::default(), language, now);
        seen.text("a contact page", &page);
    }
    assert!(has_ways, "the own group sees private lines");
    seen.text("the log", &logs::heard());
}
