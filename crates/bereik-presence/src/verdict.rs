//! What can be said of one kind of channel to a person at an instant, without looking ahead.

use bereik_core::channel_kind::ChannelKind;
use bereik_core::presence::{PresenceSource, PresenceState};
use bereik_core::reachability::ReachReason;

use crate::precedence::Evidence;
use crate::rules::{ReachRule, ReachRules};

/// What can be said of one kind of channel without looking ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) class: Class,
    pub(crate) reason: ReachReason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Later,
    Never,
    Now,
    OnCall,
    Unknown,
}

/// Whether there is a line of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineState {
    InService,
    Missing,
    OutOfService,
}

/// Line, desk, rules and marks together.
pub(crate) fn verdict(
    evidence: &Evidence,
    rules: &ReachRules,
    channel: ChannelKind,
    line: LineState,
) -> Verdict {
    let is = |class, reason| Verdict { class, reason };
    if line == LineState::Missing {
        return is(Class::Never, ReachReason::NoLine);
    }
    if evidence.live.down.contains(channel) {
        return is(Class::Never, ReachReason::ChannelDown);
    }
    if line == LineState::OutOfService {
        return is(Class::Later, ReachReason::OffDuty);
    }
    let (rule, reason) = rule_over(evidence, rules, channel);
    let has_desk =
        channel != ChannelKind::WebChat || evidence.live.online.contains(ChannelKind::WebChat);
    match rule {
        ReachRule::Closed => is(Class::Later, reason),
        _ if !has_desk => is(Class::Never, ReachReason::NoDesk),
        ReachRule::OnCall => is(Class::OnCall, ReachReason::OnCall),
        ReachRule::Open => is(Class::Now, reason),
        ReachRule::Unknown => is(Class::Unknown, ReachReason::Unknown),
    }
}

/// What the person's state makes of a kind of channel, lines and desks apart.
pub(crate) fn rule_over(
    evidence: &Evidence,
    rules: &ReachRules,
    channel: ChannelKind,
) -> (ReachRule, ReachReason) {
    let decision = evidence.decide_over(channel);
    let is_by_hand = decision.source == PresenceSource::Hand;
    let is_marked = evidence.marked.contains(channel);
    let mut rule = rules.rule(decision.state, channel);
    let mut reason = reason_of(decision.state);
    if rule == ReachRule::Open && !is_by_hand {
        if is_marked && evidence.is_outside_hours() {
            reason = ReachReason::Marked;
        } else if !is_marked && rules.is_marked_only(channel) {
            (rule, reason) = (ReachRule::Closed, ReachReason::OffDuty);
        }
    }
    match rule {
        ReachRule::Closed | ReachRule::Unknown if !is_by_hand && evidence.is_on_call => {
            (ReachRule::OnCall, ReachReason::OnCall)
        }
        rule => (rule, reason),
    }
}

const fn reason_of(state: PresenceState) -> ReachReason {
    match state {
        PresenceState::Available | PresenceState::Elsewhere | PresenceState::Tentative => {
            ReachReason::Available
        }
        PresenceState::Busy => ReachReason::Busy,
        PresenceState::DoNotDisturb => ReachReason::DoNotDisturb,
        PresenceState::Idle => ReachReason::Idle,
        PresenceState::OffDuty => ReachReason::OffDuty,
        PresenceState::OnCall => ReachReason::OnCall,
        PresenceState::OutOfOffice => ReachReason::OutOfOffice,
        _ => ReachReason::Unknown,
    }
}
