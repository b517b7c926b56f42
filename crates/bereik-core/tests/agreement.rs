//! What an agreement and an escalation policy may say, and where it stands when they may not.

use bereik_core::agreement::{Agreement, EscalationPolicy, Target, TargetClock, WARN_PERCENT};
use bereik_core::directory::Draft;
use bereik_core::urgency::Urgency;
use bereik_core::zone::Zone;
use bereik_core::{ChannelKind, id::Reason};

fn target() -> Target {
    Target::default_for(Urgency::Normal, ChannelKind::Email)
}

/// What is said of a company with this agreement, and a policy that is repeated so often.
fn fault(target: Target, warn_percent: u8, repeat_max: u32) -> Option<String> {
    let mut draft = Draft::new("Rivers & Co", Zone::utc());
    draft.agreements.push(Agreement {
        id: "agreed".parse().expect("an id"),
        hours: None,
        targets: vec![target],
        warn_percent,
    });
    draft.escalations.push(EscalationPolicy {
        id: "policy".parse().expect("an id"),
        levels: Vec::new(),
        repeat_max,
    });
    draft.check().err().map(|error| error.to_string())
}

#[test]
fn targets_within_their_ranges_are_right() {
    let all = Target {
        next_answer_for_s: Some(30 * 86_400),
        resolve_for_s: Some(365 * 86_400),
        ..target()
    };
    assert_eq!(fault(all, 1, 100), None);
    assert_eq!(fault(target(), 99, EscalationPolicy::FOR_EVER), None);
}

#[test]
fn a_fault_says_where_it_stands() {
    let next = Target {
        next_answer_for_s: Some(0),
        ..target()
    };
    let resolve = Target {
        resolve_for_s: Some(365 * 86_400 + 1),
        ..target()
    };
    let said = |target, warn_percent, repeat_max| {
        fault(target, warn_percent, repeat_max).expect("it is not right")
    };
    assert_eq!(
        said(next, WARN_PERCENT, 0),
        "agreement 1, target 1, next_answer_for_s: 0 is not between 1 and 2592000"
    );
    assert_eq!(
        said(resolve, WARN_PERCENT, 0),
        "agreement 1, target 1, resolve_for_s: 31536001 is not between 1 and 31536000"
    );
    for percent in [0, 100] {
        let text = format!("agreement 1, warn_percent: {percent} is not between 1 and 99");
        assert_eq!(said(target(), percent, 0), text);
    }
    assert_eq!(
        said(target(), WARN_PERCENT, 101),
        "escalation 1, repeat_max: 101 is not between 0 and 100"
    );
}

#[test]
fn a_clock_that_was_not_agreed_on_does_not_run() {
    let agreed = Target {
        next_answer_for_s: Some(60),
        resolve_for_s: Some(600),
        ..target()
    };
    assert_eq!(agreed.for_s(TargetClock::NextAnswer), Some(60));
    assert_eq!(agreed.for_s(TargetClock::Resolution), Some(600));
    assert_eq!(target().for_s(TargetClock::Resolution), None);
}

#[test]
fn a_reason_has_no_room_for_words() {
    assert!("works-around-it".parse::<Reason>().is_ok());
    assert!("the customer said: my order".parse::<Reason>().is_err());
}
