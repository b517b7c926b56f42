//! Two hundred customers about one thing within five minutes make one team, not two hundred offers.

use std::collections::BTreeSet;

use bereik_core::acknowledgement::{Acknowledgement, PromiseKind};
use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::contact::Customer;
use bereik_core::directory::{Directory, Draft};
use bereik_core::group::Group;
use bereik_core::id::{ContactId, IncidentId, PersonId};
use bereik_core::line::Line;
use bereik_core::message::{Author, MessageKind};
use bereik_core::person::Person;
use bereik_core::reachability::{Reach, ReachReason, Reachability};
use bereik_core::urgency::Urgency;
use bereik_core::zone::Zone;
use bereik_routing::{Answer, Effect, Engine, Input, Opening, Output};
use chrono::{DateTime, TimeDelta, Utc};

const CUSTOMERS: usize = 200;
const PEOPLE: usize = 20;
/// So many contacts of one need within five minutes are an incident.
const CONTACTS: u32 = 5;

fn person(number: usize) -> PersonId {
    format!("p{number}").parse().expect("an id")
}

fn directory() -> Directory {
    let mut draft = Draft::new("Company", Zone::utc());
    draft.people = (0..PEOPLE)
        .map(|number| Person::new(person(number), "Person"))
        .collect();
    let members = (0..PEOPLE).map(person).collect();
    draft.groups = vec![Group::new(
        "helpdesk".parse().expect("an id"),
        "Help",
        members,
    )];
    draft.lines = vec![Line::new(
        "red-line".parse().expect("an id"),
        ChannelKind::Phone,
        "tel:+31201234567".parse().expect("a number"),
    )];
    draft.calamity_lines = vec!["red-line".parse().expect("an id")];
    draft.incident.contacts = CONTACTS;
    draft.incident.within_s = 300;
    draft.check().expect("the company is right")
}

fn start() -> DateTime<Utc> {
    "2026-11-23T09:00:00Z".parse().expect("an instant")
}

fn drain(engine: &mut Engine) -> Vec<Output> {
    let mut said = Vec::new();
    loop {
        match engine.poll_output() {
            Output::Wait(_) => return said,
            output => said.push(output),
        }
    }
}

fn offers(said: &[Output]) -> usize {
    let is_offer = |output: &&Output| matches!(output, Output::Effect(Effect::Offer(_)));
    said.iter().filter(is_offer).count()
}

/// Whom the words reach that `which` picks.
fn told(said: &[Output], which: impl Fn(&Acknowledgement) -> bool) -> BTreeSet<ContactId> {
    let told = said.iter().filter_map(|output| match output {
        Output::Effect(Effect::Acknowledge {
            contact,
            acknowledgement,
            ..
        }) if which(acknowledgement) => Some(*contact),
        _ => None,
    });
    told.collect()
}

/// Two hundred customers in five minutes; the first offer is accepted after five seconds.
fn morning(urgency: Urgency) -> (Engine, Vec<Output>) {
    let mut engine = Engine::new(directory());
    let row = PerChannel::from_fn(|_| Reachability {
        reach: Reach::Now,
        reason: ReachReason::Available,
    });
    for number in 0..PEOPLE {
        let person = person(number);
        engine.handle(start(), Input::Reachability { person, row });
    }
    let mut said = Vec::new();
    for number in 0..CUSTOMERS {
        let seconds = i64::try_from(number * 3 / 2).expect("a small number");
        let at = start() + TimeDelta::seconds(seconds);
        let key = format!("caller-{number}").parse().expect("a key");
        let opening = Opening::new(key, Customer::default(), ChannelKind::Phone)
            .about("webshop".parse().expect("an id"))
            .with_urgency(urgency);
        let opened = engine.handle(at, Input::Opened(Box::new(opening)));
        assert!(matches!(opened, Answer::Opened(_)));
        let now = drain(&mut engine);
        let first = now.iter().find_map(|output| match output {
            Output::Effect(Effect::Offer(offer)) if number == 0 => Some(offer.id),
            _ => None,
        });
        said.extend(now);
        if let Some(offer) = first {
            let at = at + TimeDelta::milliseconds(900);
            let by = person(0);
            engine.handle(at, Input::Accepted { offer, by });
            said.extend(drain(&mut engine));
        }
    }
    (engine, said)
}

#[test]
fn two_hundred_calls_are_one_team_and_not_two_hundred_offers() {
    let (engine, said) = morning(Urgency::Normal);
    let contacts = usize::try_from(CONTACTS).expect("a small number");
    assert_eq!(
        offers(&said),
        contacts - 1,
        "one for each before it was one"
    );
    let running: Vec<_> = engine.incidents().collect();
    assert_eq!(running.len(), 1);
    assert_eq!(running[0].owner(), Some(&person(0)));
    assert_eq!(running[0].contacts.len(), CUSTOMERS);
    let is_known = |said: &Acknowledgement| {
        matches!(said, Acknowledgement::IncidentKnown { owner: Some(_), .. })
    };
    assert_eq!(told(&said, is_known).len(), CUSTOMERS - 1);
    for contact in engine.contacts().filter(|c| c.id != running[0].lead) {
        let promise = contact.promise.expect("each was promised the next word");
        assert_eq!(promise.kind, PromiseKind::NextWord);
        assert!(engine.deadlines(contact.id)[0] <= promise.by);
    }
}

/// Each calamity before it was an incident rings its line and whoever is there; after that one
/// person has it, and nobody else is rung.
#[test]
fn two_hundred_calamities_ring_no_more_than_the_first_few() {
    let (engine, said) = morning(Urgency::Calamity);
    let before = usize::try_from(CONTACTS - 1).expect("a small number");
    assert!(offers(&said) <= before * (PEOPLE + 1), "{}", offers(&said));
    let running = engine.incident(IncidentId::new(1)).expect("it runs");
    let lead = engine.contact(running.lead).expect("it leads");
    assert_eq!(lead.urgency, Urgency::Calamity);
    assert!(
        lead.owner().is_some(),
        "a live way out of the queue for all"
    );
}

#[test]
fn one_word_reaches_every_customer_once() {
    let (mut engine, _) = morning(Urgency::Normal);
    let word = |key: &str| Input::IncidentWord {
        incident: IncidentId::new(1),
        key: key.parse().expect("a key"),
        kind: MessageKind::Text,
        by: person(0),
    };
    let at = start() + TimeDelta::seconds(600);
    assert!(matches!(engine.handle(at, word("word-1")), Answer::Kept(_)));
    let said = drain(&mut engine);
    let is_forward = |output: &&Output| matches!(output, Output::Effect(Effect::Forward { .. }));
    assert_eq!(said.iter().filter(is_forward).count(), CUSTOMERS);
    assert!(matches!(engine.handle(at, word("word-2")), Answer::Kept(_)));
    assert!(!drain(&mut engine).is_empty());
    for again in ["word-1", "word-2"] {
        assert!(matches!(engine.handle(at, word(again)), Answer::Kept(_)));
        assert_eq!(drain(&mut engine), Vec::new());
    }
}

#[test]
fn a_word_that_does_not_come_calls_more_people_in_and_every_customer_hears() {
    let (mut engine, _) = morning(Urgency::Normal);
    engine.handle(start() + TimeDelta::seconds(1_900), Input::Advanced);
    let said = drain(&mut engine);
    let is_late = |said: &Acknowledgement| matches!(said, Acknowledgement::IncidentWordLate { .. });
    assert_eq!(told(&said, is_late).len(), CUSTOMERS - 1);
    assert!((1..=PEOPLE).contains(&offers(&said)), "{}", offers(&said));
    assert_eq!(
        engine.incident(IncidentId::new(1)).map(|i| i.missed),
        Some(1)
    );
}

#[test]
fn closing_it_frees_every_customer_with_a_word() {
    let (mut engine, _) = morning(Urgency::Normal);
    let (incident, by) = (IncidentId::new(1), person(0));
    engine.handle(
        start() + TimeDelta::seconds(600),
        Input::IncidentClosed { incident, by },
    );
    let said = drain(&mut engine);
    let is_over = |said: &Acknowledgement| *said == Acknowledgement::IncidentOver;
    assert_eq!(told(&said, is_over).len(), CUSTOMERS - 1);
    let open = engine.contacts().filter(|c| c.state.is_open()).count();
    assert_eq!(open, 1, "the one that its owner has");
}

#[test]
fn whoever_leads_next_is_as_urgent_as_the_one_before() {
    let (mut engine, _) = morning(Urgency::Normal);
    let at = start() + TimeDelta::seconds(600);
    let lead = engine.incident(IncidentId::new(1)).expect("it runs").lead;
    let by = Author::Person(person(0));
    let raised = Input::UrgencyChanged {
        contact: lead,
        urgency: Urgency::High,
        by: by.clone(),
        reason: None,
    };
    assert_eq!(engine.handle(at, raised), Answer::Done);
    assert_eq!(
        engine.handle(at, Input::Closed { contact: lead, by }),
        Answer::Done
    );
    drain(&mut engine);
    let next = engine
        .incident(IncidentId::new(1))
        .expect("it runs on")
        .lead;
    assert_ne!(next, lead);
    assert_eq!(
        engine.contact(next).expect("it is held").urgency,
        Urgency::High
    );
}
