//! A board says of each of its people what is said of him alone, whatever happens in between.

use bereik_core::channel_kind::ChannelKind;
use bereik_core::directory::{Directory, Draft};
use bereik_core::group::Group;
use bereik_core::hours::{Hours, Week};
use bereik_core::person::Person;
use bereik_core::presence::{PresenceSource, PresenceState};
use bereik_core::reachability::Reach;
use bereik_core::slot::{Row, Slot};
use bereik_core::{FreeBusy, Interval, OpenTime, Signal, Zone};
use bereik_presence::board::{Service, Terms};
use bereik_presence::{Board, PersonFacts, ReachRules, presence_at, reachability_at};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use naive::naive;
use world::{STEPS, World, at, claims, free_busy, open_time, signal, span, world};

#[path = "laws/naive.rs"]
#[expect(dead_code, reason = "the laws of presence use the rest of it")]
mod naive;
#[path = "laws/world.rs"]
#[expect(dead_code, reason = "the laws of presence use the rest of it")]
mod world;

/// What happens to one of three people, or to the clock.
#[derive(Clone, Debug)]
enum Change {
    Advance(i64),
    Calendar(usize, FreeBusy),
    Marks(usize, OpenTime),
    OnCall(usize, Vec<Interval>),
    SignalGone(usize, Signal),
    Signalled(usize, Signal),
}

/// Calendars that fit into cells and others: long ones, crowded days, instants off the minute.
fn any_calendar() -> impl Strategy<Value = FreeBusy> {
    let whole = prop::sample::select(vec![1_i64, 60, 60, 60]);
    let ends = (whole, -3_000..20_000_i64, 1..30_000_i64);
    let claims = prop::collection::vec((-3_000..30_000_i64, 1..3_000_i64, world::kind()), 0..60);
    (ends, claims).prop_map(|((unit, start, length), claims)| {
        let span = |start: i64, length: i64| {
            let at = at(0) + TimeDelta::seconds(start * unit);
            Interval::new(at, at + TimeDelta::seconds(length * unit)).expect("it has a length")
        };
        let builder = FreeBusy::builder(span(start, length));
        let add = |b: bereik_core::free_busy::FreeBusyBuilder, (start, length, kind)| {
            b.claim(span(start, length), kind)
        };
        claims.into_iter().fold(builder, add).build()
    })
}

fn change() -> impl Strategy<Value = Change> {
    let whom = || 0..3_usize;
    let known = || Interval::new(at(-100), at(STEPS + 100)).expect("it ends after it starts");
    prop_oneof![
        3 => (0..60_i64).prop_map(Change::Advance),
        1 => (whom(), claims()).prop_map(move |(who, claims)| {
            Change::Calendar(who, free_busy(known(), &claims))
        }),
        2 => (whom(), any_calendar()).prop_map(|(who, free)| Change::Calendar(who, free)),
        1 => whom().prop_map(|who| Change::Calendar(who, FreeBusy::unknown())),
        1 => (whom(), open_time()).prop_map(|(who, open)| Change::Marks(who, open)),
        1 => (whom(), prop::collection::vec(span(), 0..3))
            .prop_map(|(who, spans)| Change::OnCall(who, spans)),
        1 => (whom(), signal()).prop_map(|(who, signal)| Change::SignalGone(who, signal)),
        2 => (whom(), signal()).prop_map(|(who, signal)| Change::Signalled(who, signal)),
    ]
}

/// Three people as one company, with two groups of which the second is in another order.
fn company(worlds: &[World; 3]) -> Directory {
    let mut draft = Draft::new("Rivers & Co", Zone::utc());
    for (world, name) in worlds.iter().zip(["anna", "bo", "cy"]) {
        let mut person = world.person().clone();
        person.id = name.parse().expect("an id");
        for (id, hours) in &world.directory.draft().hours {
            let id: bereik_core::id::HoursId = format!("{name}-{id}").parse().expect("an id");
            draft.hours.insert(id, hours.clone());
        }
        let own = |id: &bereik_core::id::HoursId| format!("{name}-{id}").parse().expect("an id");
        person.hours = person.hours.as_ref().map(own);
        for line in &mut person.lines {
            line.id = format!("{name}-{}", line.id).parse().expect("an id");
            line.hours = line.hours.as_ref().map(own);
        }
        draft.people.push(person);
    }
    for (name, members) in [
        ("all", ["anna", "bo", "cy"].as_slice()),
        ("two", &["cy", "anna"]),
    ] {
        let members = members
            .iter()
            .map(|id| id.parse().expect("an id"))
            .collect();
        draft
            .groups
            .push(Group::new(name.parse().expect("an id"), name, members));
    }
    draft.check().expect("a directory")
}

/// The facts of each, kept beside the board.
fn apply(
    change: &Change,
    board: &mut Board,
    facts: &mut [PersonFacts; 3],
    now: &mut DateTime<Utc>,
) {
    match change.clone() {
        Change::Advance(steps) => *now += TimeDelta::minutes(steps * 15),
        Change::Calendar(who, free_busy) => {
            facts[who].free_busy = free_busy.clone();
            board.set_free_busy(Slot::new(who as u32), free_busy);
        }
        Change::Marks(who, open_time) => {
            facts[who].open_time = open_time.clone();
            board.set_open_time(Slot::new(who as u32), open_time);
        }
        Change::OnCall(who, on_call) => {
            facts[who].on_call.clone_from(&on_call);
            board.set_on_call(Slot::new(who as u32), on_call);
        }
        Change::SignalGone(who, signal) => {
            facts[who].signals.retain(|other| other.kind != signal.kind);
            board.clear_signal(Slot::new(who as u32), signal.kind, "test");
        }
        Change::Signalled(who, signal) => {
            // What has run out by now is dropped.
            let signals = &mut facts[who].signals;
            signals.retain(|other| *now < other.expires_at && other.kind != signal.kind);
            signals.push(signal.clone());
            board.set_signal(Slot::new(who as u32), signal);
        }
    }
}

/// Who of a group is within a reach over a channel, one by one.
fn naive_row(
    directory: &Directory,
    facts: &[PersonFacts; 3],
    group: usize,
    (channel, now): (ChannelKind, DateTime<Utc>),
    is_meant: impl Fn(Reach) -> bool,
) -> Row {
    let members = directory.groups()[group].members.iter().zip(0..);
    let meant = members.filter(|(id, _)| {
        let index = directory
            .people()
            .iter()
            .position(|person| person.id == **id);
        let index = index.expect("a member is a person");
        let person = &directory.people()[index];
        let rules = ReachRules::default();
        let (row, _) = reachability_at(directory, person, &facts[index], &rules, now);
        is_meant(row[channel].reach)
    });
    meant.map(|(_, place)| Slot::new(place)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// After any changes, board and single answers agree: now, at any other instant, and in the rows.
    #[test]
    fn a_board_says_what_is_said_of_each_alone(
        anna in world(),
        bo in world(),
        cy in world(),
        changes in prop::collection::vec(change(), 1..24),
        elsewhen in -200..STEPS,
    ) {
        let worlds = [anna, bo, cy];
        let directory = company(&worlds);
        let mut now = at(0);
        let mut board = Board::of_directory(&directory, ReachRules::default(), now);
        let mut facts: [PersonFacts; 3] = Default::default();
        for change in &changes {
            apply(change, &mut board, &mut facts, &mut now);
            let before: Vec<_> = (0..3).map(|who| board.state(Slot::new(who))).collect();
            let changed = board.advance(now);
            prop_assert!(board.next_change_at().is_none_or(|next| now < next));
            for (index, person) in directory.people().iter().enumerate() {
                let slot = Slot::new(index as u32);
                let facts = &facts[index];
                let alone = presence_at(&directory, person, facts, now);
                prop_assert_eq!(board.state(slot), (alone.state, alone.source));
                prop_assert!(board.state(slot) == before[index] || changed.contains(&slot));
                prop_assert_eq!(board.presence_at(slot, now), alone);
                let other = presence_at(&directory, person, facts, at(elsewhen));
                prop_assert_eq!(board.presence_at(slot, at(elsewhen)), other);
                let rules = ReachRules::default();
                let row = reachability_at(&directory, person, facts, &rules, at(elsewhen));
                prop_assert_eq!(board.reachability_at(slot, at(elsewhen)), row);
            }
            for (group, channel) in (0..2).flat_map(|g| ChannelKind::ALL.map(|c| (g, c))) {
                let slot = Slot::new(group as u32);
                let row = |is_meant: fn(Reach) -> bool| {
                    naive_row(&directory, &facts, group, (channel, now), is_meant)
                };
                prop_assert_eq!(board.reachable(slot, channel), &row(|r| r == Reach::Now));
                prop_assert_eq!(board.on_call(slot, channel), &row(|r| r == Reach::OnCall));
                prop_assert_eq!(board.unknown(slot, channel), &row(|r| r == Reach::Unknown));
            }
        }
    }

    /// Whatever a calendar is kept in, it says the same, and changes at the same instants.
    #[test]
    fn a_calendar_is_kept_whole(
        free_busy in any_calendar(),
        other in any_calendar(),
        instants in prop::collection::vec(-300_000..2_500_000_i64, 64),
    ) {
        let draft = Draft::new("Rivers & Co", Zone::utc());
        let anna = Person::new("anna".parse().expect("an id"), "Anna");
        let directory = draft.with_person(anna).check().expect("a directory");
        let mut board = Board::of_directory(&directory, ReachRules::default(), at(0));
        board.set_free_busy(Slot::new(0), other);
        board.set_free_busy(Slot::new(0), free_busy.clone());
        let facts = PersonFacts { free_busy, ..PersonFacts::default() };
        for seconds in instants {
            let at = at(0) + TimeDelta::seconds(seconds) + TimeDelta::milliseconds(seconds % 3);
            let alone = presence_at(&directory, &directory.people()[0], &facts, at);
            prop_assert_eq!(board.presence_at(Slot::new(0), at), alone, "at {}", at);
        }
    }

    /// One big step of the clock leads where many small ones do, and asks nobody in between.
    #[test]
    fn one_big_step_is_many_small_ones(world in world(), to in 1..STEPS) {
        let board = || {
            let rules = ReachRules::default();
            let mut board = Board::of_directory(&world.directory, rules, at(0));
            let anna = Slot::new(0);
            board.set_free_busy(anna, world.facts.free_busy.clone());
            board.set_open_time(anna, world.facts.open_time.clone());
            board.set_on_call(anna, world.facts.on_call.clone());
            for signal in &world.facts.signals {
                board.set_signal(anna, signal.clone());
            }
            board
        };
        let (mut one, mut many) = (board(), board());
        one.advance(at(to));
        while let Some(next) = many.next_change_at().filter(|next| *next <= at(to)) {
            many.advance(next);
        }
        many.advance(at(to));
        let of = |board: &Board| {
            let rows = ChannelKind::ALL.map(|channel| board.reachable(Slot::new(0), channel).clone());
            (board.state(Slot::new(0)), board.next_change_at(), rows)
        };
        prop_assert_eq!(of(&one), of(&many));
    }
}

/// Who was removed is unknown at every instant, also by his hours, and nothing that is told of him later opens him.
#[test]
fn nobody_is_reachable_who_was_removed() {
    let mut board = Board::new(ReachRules::default(), at(0));
    let always = Week {
        fri: vec!["00:00-24:00".parse().expect("a stretch")],
        ..Week::default()
    };
    let hours = board.add_hours(&Hours::new(always), &Zone::utc());
    let terms = Terms::new()
        .with_hours(hours)
        .with_line(ChannelKind::Phone, Service::Always);
    let (anna, bo) = (board.add_person(terms.clone()), board.add_person(terms));
    let group = board.add_group([anna, bo]);
    assert_eq!(board.reachable(group, ChannelKind::Phone).count(), 2);
    board.remove_person(anna);
    let known = Interval::new(at(-100), at(STEPS)).expect("it ends after it starts");
    board.set_free_busy(anna, FreeBusy::builder(known).build());
    board.set_on_call(anna, vec![known]);
    let unknown = (PresenceState::Unknown, PresenceSource::Nothing);
    assert_eq!(board.state(anna), unknown);
    assert_eq!(board.state_at(anna, at(4)), unknown);
    assert_eq!(board.presence_at(anna, at(4)).state, PresenceState::Unknown);
    for (_, reachability) in board.reachability_at(anna, at(4)).0.iter() {
        assert_eq!(reachability.reach, Reach::Never);
    }
    for channel in ChannelKind::ALL {
        assert!(!board.reachable(group, channel).contains(Slot::new(0)));
        assert!(!board.on_call(group, channel).contains(Slot::new(0)));
        assert!(!board.unknown(group, channel).contains(Slot::new(0)));
    }
    assert!(
        board
            .reachable(group, ChannelKind::Phone)
            .contains(Slot::new(1))
    );
    assert_eq!(board.state_at(bo, at(4)).0, PresenceState::Available);
}

/// A million random instants: the board says what the table, read naively, says.
#[test]
fn a_million_instants_agree_with_the_table() {
    const WORLDS: u32 = 250;
    const INSTANTS: u32 = 4_000;
    let config = ProptestConfig {
        cases: WORLDS,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let seconds = STEPS * 15 * 60;
    proptest!(config, |(world in world(), seed in any::<u64>())| {
        let mut board = Board::of_directory(&world.directory, ReachRules::default(), at(0));
        let anna = Slot::new(0);
        board.set_free_busy(anna, world.facts.free_busy.clone());
        board.set_open_time(anna, world.facts.open_time.clone());
        board.set_on_call(anna, world.facts.on_call.clone());
        let mut kept = world.clone();
        kept.facts.signals.clear();
        for signal in &world.facts.signals {
            kept.facts.signals.retain(|other| other.kind != signal.kind);
            kept.facts.signals.push(signal.clone());
            board.set_signal(anna, signal.clone());
        }
        let mut random = seed;
        for _ in 0..INSTANTS {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let now = at(0) + TimeDelta::seconds((random >> 33) as i64 % seconds);
            prop_assert_eq!(board.state_at(anna, now), naive(&kept, now), "at {}", now);
        }
    });
}
