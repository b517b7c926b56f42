//! Teaches the dry run: who would be asked now, by which key, and why not each of the others.
//! The engine alone: no runtime, no clock, values in and values out.
//!
//! `cargo run --example explain`

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;

use bereik::core::channel_kind::PerChannel;
use bereik::core::contact::Addressee;
use bereik::core::directory::Draft;
use bereik::core::explanation::ExcludedBy;
use bereik::core::group::{Group, Requirement};
use bereik::core::reachability::{Reach, ReachReason};
use bereik::core::{ChannelKind, Person, Reachability, Zone};
use bereik::routing::{Engine, Input, Output, Question};

fn main() -> Result<(), Box<dyn Error>> {
    // The company: how well each knows French, from 1 to 5.
    let (mut draft, mut members) = (Draft::new("Rivers & Co", Zone::utc()), Vec::new());
    for (id, french) in [
        ("anna", 4),
        ("bram", 5),
        ("ceren", 1),
        ("daan", 3),
        ("eva", 4),
    ] {
        draft =
            draft.with_person(Person::new(id.parse()?, id).with_skill("french".parse()?, french));
        members.push(id.parse()?);
    }
    let helpdesk = Group::new("helpdesk".parse()?, "Helpdesk", members);
    let mut engine = Engine::new(draft.with_group(helpdesk).check()?);

    // Ten past nine: what `bereik::presence` makes of calendars and desks.
    let now = "2026-11-23T09:10:00Z".parse()?;
    let ten = Reach::From("2026-11-23T10:00:00Z".parse()?);
    for (id, reach, reason) in [
        ("anna", Reach::Now, ReachReason::Available),
        ("bram", ten, ReachReason::Busy),
        ("ceren", Reach::Now, ReachReason::Available),
        ("daan", Reach::Now, ReachReason::Available),
        ("eva", Reach::Never, ReachReason::NoDesk),
    ] {
        let row = PerChannel::from_fn(|_| Reachability { reach, reason });
        engine.handle(
            now,
            Input::Reachability {
                person: id.parse()?,
                row,
            },
        );
        while !matches!(engine.poll_output(), Output::Wait(_)) {}
    }

    // A visitor would like to chat in French. Nothing happens yet: this is only asked.
    let helpdesk = Addressee::Group("helpdesk".parse()?);
    let french = Requirement::new("french".parse()?, 3);
    let question = Question::new(helpdesk, ChannelKind::WebChat).requiring(french);
    let decision = engine.decide(now, &question);
    let by = decision
        .decided_by
        .map_or(String::new(), |key| format!(", by {key:?}"));
    for person in &decision.chosen {
        println!("{person}: is asked{by}");
    }
    for (person, rule) in &decision.excluded {
        let why = match rule {
            ExcludedBy::LacksSkill(skill) => format!("knows too little {skill}"),
            ExcludedBy::NotReachable(reason) => format!("cannot be reached: {reason:?}"),
            ExcludedBy::OtherFirst(key) => format!("comes after, by {key:?}"),
            other => format!("{other:?}"),
        };
        println!("{person}: {why}");
    }
    Ok(())
}
