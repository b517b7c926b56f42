//! Teaches the dry run: who would be asked now, by which key, and why not each of the others.
//! The engine alone: no runtime, no clock, values in and values out.
//!
//! `cargo run --example explain`

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;

use bereik::core::channel_kind::PerChannel;
use bereik::core::contact::{Addressee, Customer};
use bereik::core::directory::Draft;
use bereik::core::explanation::ExcludedBy;
use bereik::core::group::{Group, Requirement};
use bereik::core::reachability::{Reach, ReachReason};
use bereik::core::{ChannelKind, Person, Reachability, Zone};
use bereik::routing::{Answer, Effect, Engine, Input, Opening, Output};

fn main() -> Result<(), Box<dyn Error>> {
    // The company: four people who know some French, and one who does not.
    let mut draft = Draft::new("Rivers & Co", Zone::named("Europe/Amsterdam")?);
    for (id, french) in [
        ("anna", 4),
        ("bram", 5),
        ("ceren", 1),
        ("daan", 4),
        ("eva", 4),
    ] {
        let person = Person::new(id.parse()?, id).with_skill("french".parse()?, french);
        draft = draft.with_person(person);
    }
    let members = draft.people.iter().map(|p| p.id.clone()).collect();
    let directory = draft
        .with_group(Group::new("helpdesk".parse()?, "Helpdesk", members))
        .check()?;

    // What the calendars and desks say at ten past nine; `bereik::presence` works it out of them.
    let mut engine = Engine::new(directory);
    let at = "2026-11-23T08:10:00Z".parse()?;
    for (id, reach, reason) in [
        ("anna", Reach::Now, ReachReason::Available),
        (
            "bram",
            Reach::From("2026-11-23T09:00:00Z".parse()?),
            ReachReason::Busy,
        ),
        ("ceren", Reach::Now, ReachReason::Available),
        ("daan", Reach::Now, ReachReason::Available),
        ("eva", Reach::Never, ReachReason::NoDesk),
    ] {
        let row = PerChannel::from_fn(|_| Reachability { reach, reason });
        engine.handle(
            at,
            Input::Reachability {
                person: id.parse()?,
                row,
            },
        );
    }
    println!("A question in French at the helpdesk:");
    explain(&engine, at)?;

    // Somebody asks, and Anna takes it: the next question is Daan's.
    let opening = Opening::new(
        "tab-1:1".parse()?,
        Customer::default(),
        ChannelKind::WebChat,
    );
    engine.handle(at, Input::Opened(Box::new(opening)));
    while let Some(offer) = next_offer(&mut engine) {
        let taken = Input::Accepted {
            offer,
            by: "anna".parse()?,
        };
        assert_eq!(engine.handle(at, taken), Answer::Done);
    }
    println!("\nAfter Anna has taken one:");
    explain(&engine, at)
}

/// Asks the engine what it would do, and changes nothing.
fn explain(engine: &Engine, at: chrono::DateTime<chrono::Utc>) -> Result<(), Box<dyn Error>> {
    let addressee = Addressee::Group("helpdesk".parse()?);
    let french = Requirement {
        skill: "french".parse()?,
        at_least: 3,
    };
    let decision = engine.decide(at, &addressee, &[french], ChannelKind::WebChat);
    let key = decision
        .decided_by
        .map_or(String::new(), |key| format!(", by {key:?}"));
    for person in &decision.chosen {
        println!("  {person:6} is asked{key}");
    }
    for (person, rule) in &decision.excluded {
        let why = match rule {
            ExcludedBy::LacksSkill(skill) => format!("knows too little {skill}"),
            ExcludedBy::NotReachable(reason) => format!("cannot be reached: {reason:?}"),
            ExcludedBy::OtherFirst(key) => format!("comes after, by {key:?}"),
            other => format!("{other:?}"),
        };
        println!("  {person:6} is not: {why}");
    }
    Ok(())
}

/// Drains the engine and tells the last offer it made.
fn next_offer(engine: &mut Engine) -> Option<bereik::core::OfferId> {
    let mut made = None;
    loop {
        match engine.poll_output() {
            Output::Effect(Effect::Offer(offer)) => made = Some(offer.id),
            Output::Wait(_) => return made,
            _ => {}
        }
    }
}
