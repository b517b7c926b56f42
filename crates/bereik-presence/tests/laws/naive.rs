//! The table of the crate's front page and the rules, told naively, instant by instant.

use bereik_core::FreeBusyKind;
use bereik_core::channel_kind::ChannelKind;
use bereik_core::presence::{PresenceSource as Source, PresenceState as State};
use bereik_core::reachability::ReachReason;
use bereik_core::signal::{Signal, SignalKind};
use bereik_presence::PersonFacts;
use chrono::{DateTime, Utc};

use crate::world::World;

/// The state that was set by hand last.
pub(crate) fn by_hand(facts: &PersonFacts, now: DateTime<Utc>) -> Option<State> {
    let mut last: Option<(DateTime<Utc>, State)> = None;
    for signal in facts
        .signals
        .iter()
        .filter(|s| s.at <= now && now < s.expires_at)
    {
        if let SignalKind::SetByHand(state) = signal.kind
            && last.is_none_or(|(at, _)| at <= signal.at)
        {
            last = Some((signal.at, state));
        }
    }
    last.map(|(_, state)| state)
}

/// The person's state: outside hours he is off duty, unless something live is marked as open.
pub(crate) fn naive(world: &World, now: DateTime<Utc>) -> (State, Source) {
    let open = |channel: &ChannelKind| world.facts.open_time.is_open_at(*channel, now);
    table(
        world,
        now,
        ChannelKind::ALL
            .iter()
            .any(|channel| channel.is_live() && open(channel)),
    )
}

/// What decides over a channel: a mark opens it outside hours, and it alone.
pub(crate) fn naive_over(
    world: &World,
    channel: ChannelKind,
    now: DateTime<Utc>,
) -> (State, Source) {
    table(world, now, world.facts.open_time.is_open_at(channel, now))
}

/// The table, each row a line, with nothing clever about it.
#[rustfmt::skip]
pub(crate) fn table(world: &World, now: DateTime<Utc>, is_marked: bool) -> (State, Source) {
    let (directory, person, facts) = (&world.directory, world.person(), &world.facts);
    let is_live = |s: &&Signal| s.at <= now && now < s.expires_at;
    let has = |kind| facts.signals.iter().filter(is_live).any(|s| s.kind == kind);
    let mut live = facts.signals.iter().filter(is_live);
    let online = live.any(|s| matches!(s.kind, SignalKind::Online(_)));
    let hand = by_hand(facts, now);
    let is_read = !person.calendars.is_empty()
        || facts.free_busy.known().is_some()
        || facts.open_time.known().is_some();
    let says = |kind| is_read && facts.free_busy.kind_at(now) == kind;
    let leave = says(FreeBusyKind::OutOfOffice);
    let hours = directory.hours_of(person);
    let outside = hours.is_some_and(|h| !h.is_open_at(now, directory.zone_of(person)));
    let closed = outside && !is_marked;
    let machine = has(SignalKind::AutomaticReply);
    let idle = has(SignalKind::Idle) && (is_read || hours.is_some() || online);
    let on_call = facts.on_call.iter().any(|s| s.contains(now));
    let dnd = has(SignalKind::DoNotDisturb) || has(SignalKind::Presenting);
    let rows = [
        (hand.is_some(), hand.unwrap_or(State::Unknown), Source::Hand),
        (on_call && (leave || machine || closed), State::OnCall, Source::Roster),
        (leave, State::OutOfOffice, Source::Calendar),
        (closed, State::OffDuty, Source::Hours),
        (machine, State::OutOfOffice, Source::Signal),
        (dnd, State::DoNotDisturb, Source::Signal),
        (has(SignalKind::InCall), State::Busy, Source::Signal),
        (says(FreeBusyKind::Busy), State::Busy, Source::Calendar),
        (says(FreeBusyKind::Unknown), State::Unknown, Source::Nothing),
        (idle, State::Idle, Source::Signal),
        (says(FreeBusyKind::Tentative), State::Tentative, Source::Calendar),
        (says(FreeBusyKind::Elsewhere), State::Elsewhere, Source::Calendar),
        (says(FreeBusyKind::Free), State::Available, Source::Calendar),
        (hours.is_some(), State::Available, Source::Hours),
        (online, State::Available, Source::Signal),
        (true, State::Unknown, Source::Nothing),
    ];
    let row = rows.iter().find(|(holds, ..)| *holds);
    row.map(|(_, state, source)| (*state, *source)).expect("the last row holds")
}

pub(crate) fn is_live(kind: ChannelKind) -> bool {
    matches!(kind, ChannelKind::Phone | ChannelKind::WebChat)
}

/// What may be said of a channel at an instant, without what lies ahead.
pub(crate) fn naive_reach(
    world: &World,
    channel: ChannelKind,
    now: DateTime<Utc>,
) -> (&'static str, ReachReason) {
    let (directory, person, facts) = (&world.directory, world.person(), &world.facts);
    let has = |kind| {
        let mut signals = facts.signals.iter();
        signals.any(|s| s.kind == kind && s.at <= now && now < s.expires_at)
    };
    let (state, source) = naive_over(world, channel, now);
    let has_line = match channel {
        ChannelKind::WebChat => true,
        ChannelKind::Phone => {
            let hours = person.lines[0]
                .hours
                .as_ref()
                .and_then(|id| directory.hours(id));
            if has(SignalKind::ChannelDown(channel)) {
                return ("never", ReachReason::ChannelDown);
            }
            hours.is_none_or(|h| h.is_open_at(now, directory.zone_of(person)))
        }
        ChannelKind::Email => true,
        _ => return ("never", ReachReason::NoLine),
    };
    if !has_line {
        return ("later", ReachReason::OffDuty);
    }
    let desk = channel != ChannelKind::WebChat || has(SignalKind::Online(ChannelKind::WebChat));
    let is_called = source != Source::Hand && facts.on_call.iter().any(|s| s.contains(now));
    let waits = !is_live(channel);
    let outside = directory
        .hours_of(person)
        .is_some_and(|h| !h.is_open_at(now, directory.zone_of(person)));
    let is_marked = outside && facts.open_time.is_open_at(channel, now) && source != Source::Hand;
    let by_state = match state {
        State::Available | State::Elsewhere | State::Tentative => ("now", ReachReason::Available),
        State::Busy if waits => ("now", ReachReason::Busy),
        State::DoNotDisturb if waits => ("now", ReachReason::DoNotDisturb),
        State::Idle if channel != ChannelKind::WebChat => ("now", ReachReason::Idle),
        State::OnCall => ("on call", ReachReason::OnCall),
        _ if is_called => ("on call", ReachReason::OnCall),
        State::Busy => ("later", ReachReason::Busy),
        State::DoNotDisturb => ("later", ReachReason::DoNotDisturb),
        State::OffDuty => ("later", ReachReason::OffDuty),
        State::OutOfOffice => ("later", ReachReason::OutOfOffice),
        State::Idle => ("later", ReachReason::Idle),
        _ => ("unknown", ReachReason::Unknown),
    };
    match by_state {
        ("now", _) if is_marked && desk => ("now", ReachReason::Marked),
        (word, _) if word != "later" && !desk => ("never", ReachReason::NoDesk),
        by_state => by_state,
    }
}
