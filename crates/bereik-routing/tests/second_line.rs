//! Whoever is on call is rung over the next of his lines when one fails.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use bereik_core::agreement::{Ask, EscalationPolicy, Level};
use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::contact::Customer;
use bereik_core::directory::Draft;
use bereik_core::group::Group;
use bereik_core::line::Line;
use bereik_core::offer::{Offer, Offered};
use bereik_core::person::Person;
use bereik_core::reachability::{Reach, ReachReason, Reachability};
use bereik_core::zone::Zone;
use bereik_routing::{Answer, Effect, Engine, Input, Opening, Output};
use chrono::{DateTime, TimeDelta, Utc};

fn engine() -> Engine {
    let line = |id: &str, channel, address: &str| {
        Line::new(id.parse().unwrap(), channel, address.parse().unwrap())
    };
    let anna = Person::new("anna".parse().unwrap(), "Anna");
    let eva = Person::new("eva".parse().unwrap(), "Eva")
        .with_line(line("mobile", ChannelKind::Phone, "tel:+31612345678"))
        .with_line(line("mail", ChannelKind::Email, "eva@rivers.example"))
        .with_line(line("home", ChannelKind::Phone, "tel:+31201234567"));
    let mut draft = Draft::new("Rivers & Co", Zone::utc())
        .with_person(anna)
        .with_person(eva)
        .with_group(Group::new(
            "desk".parse().unwrap(),
            "Desk",
            vec!["anna".parse().unwrap()],
        ));
    draft.escalations.push(EscalationPolicy {
        id: "standard".parse().unwrap(),
        levels: vec![Level {
            ask: vec![Ask::Person("eva".parse().unwrap())],
            for_s: 300,
        }],
        repeat_max: 0,
    });
    draft.default_escalation = Some("standard".parse().unwrap());
    Engine::new(draft.check().unwrap())
}

fn offers(engine: &mut Engine) -> Vec<Offer> {
    let mut offers = Vec::new();
    loop {
        match engine.poll_output() {
            Output::Effect(Effect::Offer(offer)) => offers.push(offer),
            Output::Wait(_) => return offers,
            _ => {}
        }
    }
}

#[test]
fn each_line_that_reaches_him_is_tried_once_within_the_time_of_the_level() {
    let began_at: DateTime<Utc> = "2026-11-23T23:00:00Z".parse().unwrap();
    let mut engine = engine();
    let row = |eva| {
        PerChannel::from_fn(|channel| match (eva, channel) {
            (true, ChannelKind::Phone) => Reachability {
                reach: Reach::OnCall,
                reason: ReachReason::OnCall,
            },
            _ => Reachability::NO_LINE,
        })
    };
    for (person, is_eva) in [("anna", false), ("eva", true)] {
        let (person, row) = (person.parse().unwrap(), row(is_eva));
        engine.handle(began_at, Input::Reachability { person, row });
    }
    let key = "visitor:1".parse().unwrap();
    let opening = Opening::new(key, Customer::default(), ChannelKind::WebChat);
    engine.handle(began_at, Input::Opened(Box::new(opening)));

    let first = offers(&mut engine).pop().unwrap();
    assert_eq!(first.to, Offered::Line("mobile".parse().unwrap()));
    let soon = began_at + TimeDelta::seconds(4);
    assert_eq!(
        engine.handle(soon, Input::Failed { offer: first.id }),
        Answer::Done
    );
    let second = offers(&mut engine).pop().unwrap();
    // Not the mail, over which she is not on call.
    assert_eq!(second.to, Offered::Line("home".parse().unwrap()));
    assert_eq!(second.until, first.until);

    engine.handle(soon, Input::Failed { offer: second.id });
    assert_eq!(offers(&mut engine), []);
    engine.handle(soon, Input::Failed { offer: first.id });
    assert_eq!(offers(&mut engine), [], "told twice, nothing is rung twice");
}
