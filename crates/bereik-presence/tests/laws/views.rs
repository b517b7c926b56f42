//! What audiences see: a wider one no less, and a customer never what is not his business.

use std::collections::BTreeMap;

use bereik_core::channel_kind::ChannelKind;
use bereik_core::directory::Directory;
use bereik_core::hours::{Hours, Week};
use bereik_core::id::PersonId;
use bereik_core::public_view::{Audience, ExpectedWait, Standing, View, ViewBoard};
use bereik_core::{FreeBusyKind, Interval};
use bereik_presence::{
    Onlooker, PersonFacts, ReachRules, ViewField, ViewRules, presence_at, public_board,
};
use chrono::{DateTime, Utc};
use proptest::prelude::*;

use crate::world::{STEPS, World, at, company, line, span, week, world};

/// Two people of whom one may be private, with private lines of theirs and of the company.
#[derive(Clone, Debug)]
struct Mixed {
    directory: Directory,
    facts: BTreeMap<PersonId, PersonFacts>,
}

fn mixed() -> impl Strategy<Value = Mixed> {
    let flags = prop::collection::vec(any::<bool>(), 6);
    let hours = (prop::option::of(week()), prop::option::of(week()));
    (world(), world(), hours, flags)
        .prop_map(|(anna, bo, (open, lines), flags)| mix(&anna, &bo, open, lines, &flags))
}

fn mix(anna: &World, bo: &World, open: Option<Week>, lines: Option<Week>, is: &[bool]) -> Mixed {
    let (directory, worlds) = company(anna, bo, open);
    let mut draft = directory.draft().clone();
    let mut chat = line("own", ChannelKind::Chat, "handle:irc/anna");
    let mut company = line("hotline", ChannelKind::Phone, "tel:+31207654321");
    if let Some(week) = lines {
        let id: bereik_core::id::HoursId = "lines".parse().expect("an id");
        draft.hours.insert(id.clone(), Hours::new(week));
        (chat.hours, company.hours) = (Some(id.clone()), Some(id.clone()));
        draft.people[0].public_hours = Some(id).filter(|_| is[5]);
    }
    (chat.is_public, company.is_public) = (is[0], is[1]);
    draft.people[1].is_public = is[2];
    draft.people[0].lines[0].is_public = is[3];
    draft.groups[0].is_public = is[4];
    draft.people[1].lines.push(chat);
    draft.lines.push(company);
    let ids = draft.people.iter().map(|person| person.id.clone());
    let facts = worlds.iter().map(|world| world.facts.clone());
    Mixed {
        facts: ids.zip(facts).collect(),
        directory: draft.check().expect("a directory"),
    }
}

/// Any table that can be built.
fn rules() -> impl Strategy<Value = ViewRules> {
    let from = prop::sample::select(vec![
        None,
        Some(Audience::Customer),
        Some(Audience::Colleague),
        Some(Audience::OwnGroup),
    ]);
    prop::collection::vec(from, ViewField::ALL.len()).prop_map(|from| {
        let rows = ViewField::ALL.into_iter().zip(from);
        rows.fold(ViewRules::nothing(), |rules, (field, from)| {
            match rules.clone().with(field, from) {
                Ok(rules) => rules,
                Err(error) => {
                    assert_eq!(error.field(), field);
                    assert!(!field.is_for_customers() && from == Some(Audience::Customer));
                    rules
                }
            }
        })
    })
}

/// How much a standing says for somebody.
fn worth(standing: Standing) -> u8 {
    match standing {
        Standing::Available => 4,
        Standing::Busy => 3,
        Standing::Away => 2,
        Standing::Closed => 1,
        _ => 0,
    }
}

/// Why the second view would show less than the first.
fn loss(less: &View, more: &View) -> Option<&'static str> {
    let has_all = |less: &View, more: &View| less.ways.iter().all(|way| more.ways.contains(way));
    let is_kept = |less: Option<_>, more: Option<_>| less.is_none() || less == more;
    let is_better = worth(less.standing) < worth(more.standing);
    let is_there = more.standing == Standing::Available;
    let back = match (less.back_at, more.back_at) {
        (Some(less), Some(more)) => more <= less,
        (less, _) => less.is_none() || is_there,
    };
    let inside = match (less.inside, more.inside) {
        (Some(less), Some(more)) => {
            less.state == more.state
                && (less.source.is_none() || less.source == more.source)
                && is_kept(less.until, more.until)
                && (less.utc_offset_min.is_none() || less.utc_offset_min == more.utc_offset_min)
        }
        (less, _) => less.is_none(),
    };
    let wait = less.expected_wait.is_none() || less.expected_wait == more.expected_wait;
    [
        (less.standing == more.standing || is_better, "standing"),
        (
            less.now_over
                .iter()
                .all(|kind| more.now_over.contains(kind)),
            "channels",
        ),
        (has_all(less, more), "ways"),
        (back, "back at"),
        (inside, "inside"),
        (wait || is_there, "wait"),
    ]
    .into_iter()
    .find_map(|(is_kept, what)| (!is_kept).then_some(what))
}

fn board_loss(less: &ViewBoard, more: &ViewBoard) -> Option<&'static str> {
    let groups = less.groups.iter().map(|(id, less)| {
        let more = more.groups.iter().find(|(other, _)| other == id);
        more.map_or(Some("group"), |(_, more)| loss(less, more))
    });
    let people = less.people.iter().map(|(id, less)| {
        let more = more.people.iter().find(|(other, _)| other == id);
        more.map_or(Some("person"), |(_, more)| loss(less, more))
    });
    groups.chain(people).find_map(|loss| loss)
}

/// What outsiders may be told of a kind of time.
fn coarse(kind: FreeBusyKind, is_tentative_told: bool) -> FreeBusyKind {
    match kind {
        FreeBusyKind::Free | FreeBusyKind::Elsewhere => FreeBusyKind::Free,
        FreeBusyKind::Tentative if is_tentative_told => FreeBusyKind::Tentative,
        _ => FreeBusyKind::Busy,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// By any table, at any time, widening the audience shows no less.
    #[test]
    fn a_wider_audience_sees_no_less(mixed in mixed(), rules in rules(), from in 0..STEPS) {
        let reach = ReachRules::default();
        let Mixed { directory, facts } = &mixed;
        let wait = ExpectedWait { p50_s: 60, p90_s: 120 };
        let group = &directory.groups()[0].id;
        let boards: Vec<_> = Audience::ALL
            .iter()
            .map(|audience| {
                let onlooker = Onlooker::new(directory, &reach, &rules, *audience);
                onlooker.with_expected_wait(group.clone(), wait).board(facts, at(from)).0
            })
            .collect();
        for pair in boards.windows(2) {
            prop_assert_eq!(board_loss(&pair[0], &pair[1]), None, "{:?}", pair);
        }
    }

    /// The board of customers is what outsiders may see; nobody private is on it, and nothing inside.
    #[test]
    fn customers_see_the_public_board(mixed in mixed(), from in 0..STEPS) {
        let (reach, views) = (ReachRules::default(), ViewRules::default());
        let Mixed { directory, facts } = &mixed;
        let onlooker = Onlooker::new(directory, &reach, &views, Audience::Customer);
        let (board, until) = onlooker.board(facts, at(from));
        let (public, public_until) = public_board(directory, facts, &reach, at(from));
        prop_assert_eq!(until, public_until);
        let shown: Vec<_> = board.people.iter().map(|(id, view)| (id.clone(), view.clone().into())).collect();
        prop_assert_eq!(shown, public.people);
        for (id, view) in &board.people {
            let person = directory.person(id).expect("it is of the directory");
            prop_assert!(person.is_public && view.inside.is_none());
            let alone = onlooker.person(person, &facts[id], at(from));
            prop_assert_eq!(alone.as_ref(), Some(view));
        }
        let public = directory.people().iter().filter(|person| person.is_public).count();
        prop_assert_eq!(board.people.len(), public);
        prop_assert_eq!(board.groups.len(), usize::from(directory.groups()[0].is_public));
        let private: Vec<_> = directory.draft().lines.iter()
            .chain(directory.people().iter().flat_map(|person| &person.lines))
            .filter(|line| !line.is_public)
            .map(|line| line.address.clone())
            .collect();
        let views = board.groups.iter().map(|(_, view)| view);
        for view in views.chain(board.people.iter().map(|(_, view)| view)) {
            prop_assert!(view.ways.iter().all(|(_, address)| !private.contains(address)));
        }
    }

    /// By any table a board stands as long as it says.
    #[test]
    fn a_view_stands_until_it_says(
        mixed in mixed(),
        rules in rules(),
        audience in prop::sample::select(&Audience::ALL[..]),
        from in 0..STEPS,
    ) {
        let reach = ReachRules::default();
        let onlooker = Onlooker::new(&mixed.directory, &reach, &rules, audience);
        let (board, until) = onlooker.board(&mixed.facts, at(from));
        let end = until.unwrap_or(at(STEPS)).min(at(STEPS));
        for later in (from..STEPS).map(at).take_while(|at| *at < end) {
            prop_assert_eq!(&onlooker.board(&mixed.facts, later).0, &board);
        }
    }

    /// Colleagues are told the state that presence has, and what decided it where they may know.
    #[test]
    fn the_state_is_that_of_presence(mixed in mixed(), from in 0..STEPS) {
        let (reach, views) = (ReachRules::default(), ViewRules::default());
        for (audience, knows_source) in [(Audience::Colleague, false), (Audience::OwnGroup, true)] {
            let onlooker = Onlooker::new(&mixed.directory, &reach, &views, audience);
            for person in mixed.directory.people() {
                let facts = &mixed.facts[&person.id];
                let presence = presence_at(&mixed.directory, person, facts, at(from));
                let view = onlooker.person(person, facts, at(from)).expect("everybody is seen");
                let inside = view.inside.expect("the state is seen");
                prop_assert_eq!((inside.state, inside.until), (presence.state, presence.until));
                prop_assert_eq!(inside.source, knows_source.then_some(presence.source));
            }
        }
    }

    /// Instant by instant: busy outside hours, else what the calendar says as far as it may be told; and a
    /// wider audience is told what a narrower one is, or more exactly.
    #[test]
    fn published_time_is_hours_and_calendar(mixed in mixed(), window in span(), rules in rules()) {
        let reach = ReachRules::default();
        let Mixed { directory, facts } = &mixed;
        for person in directory.people() {
            let facts = &facts[&person.id];
            let hours = directory.hours_of(person);
            let reads = !person.calendars.is_empty() || facts.free_busy.known().is_some();
            let says = |now: DateTime<Utc>| {
                let calendar = match (reads, hours) {
                    (true, _) => facts.free_busy.kind_at(now),
                    (false, Some(_)) => FreeBusyKind::Free,
                    (false, None) => FreeBusyKind::Unknown,
                };
                match hours.is_some_and(|h| !h.is_open_at(now, directory.zone_of(person))) {
                    true => calendar.max(FreeBusyKind::Busy),
                    false => calendar,
                }
            };
            for audience in Audience::ALL {
                let onlooker = Onlooker::new(directory, &reach, &rules, audience);
                let seen = onlooker.free_busy(person, facts, window);
                let sees = |field| rules.shows(field, audience);
                prop_assert_eq!(seen.is_some(), person.is_public || sees(ViewField::PrivatePeople));
                for now in (0..STEPS).map(at).filter(|now| window.contains(*now)) {
                    let told = match sees(ViewField::FreeBusyKinds) {
                        true => says(now),
                        false => coarse(says(now), sees(ViewField::FreeBusyTentative)),
                    };
                    let seen = seen.as_ref().map_or(told, |seen| seen.kind_at(now));
                    prop_assert_eq!(seen, told, "at {}", now);
                }
            }
        }
    }
}

/// However long a window is, work and answer are bounded.
#[test]
fn a_window_without_end_is_cut() {
    let anna = crate::directory("UTC", None, None, false);
    let (reach, views) = (ReachRules::default(), ViewRules::default());
    let onlooker = Onlooker::new(&anna, &reach, &views, Audience::Customer);
    let window = Interval::new(at(0), DateTime::<Utc>::MAX_UTC).expect("it ends after it starts");
    let seen = onlooker.free_busy(&anna.people()[0], &PersonFacts::default(), window);
    let known = seen.and_then(|seen| seen.known()).expect("she is public");
    assert_eq!(known.duration().num_days(), 400);
}

/// An hour a day that is open to anyone: outside it customers do not see that she is there, and colleagues do.
#[test]
fn public_hours_are_hours_of_another_audience() {
    let office = |stretch: &str| Week {
        fri: vec![stretch.parse().expect("a stretch")],
        ..Week::default()
    };
    let directory = crate::world::directory("UTC", Some(office("09:00-17:00")), None, false);
    let mut draft = directory.draft().clone();
    let id: bereik_core::id::HoursId = "open-hour".parse().expect("an id");
    draft
        .hours
        .insert(id.clone(), Hours::new(office("16:00-18:00")));
    draft.people[0].public_hours = Some(id);
    let directory = draft.check().expect("a directory");
    let (reach, views) = (ReachRules::default(), ViewRules::default());
    let seen = |audience, time: &str| {
        let onlooker = Onlooker::new(&directory, &reach, &views, audience);
        let now = format!("2026-03-27T{time}:00Z")
            .parse()
            .expect("an instant");
        let view = onlooker.person(&directory.people()[0], &PersonFacts::default(), now);
        let view = view.expect("she is public");
        let back = view.back_at.map(|at| at.format("%H:%M").to_string());
        (view.standing, back)
    };
    let back = Some("16:00".to_owned());
    assert_eq!(seen(Audience::Customer, "10:00"), (Standing::Away, back));
    assert_eq!(
        seen(Audience::Colleague, "10:00"),
        (Standing::Available, None)
    );
    assert_eq!(
        seen(Audience::Customer, "16:30"),
        (Standing::Available, None)
    );
    // They open nothing that working hours close.
    assert_eq!(seen(Audience::Customer, "17:30").0, Standing::Away);
}
