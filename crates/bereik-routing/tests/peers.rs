//! Praise, communities and the pulse of a group, through the engine.

use std::collections::{BTreeMap, BTreeSet};

use bereik_core::ChannelKind;
use bereik_core::channel_kind::PerChannel;
use bereik_core::contact::{Addressee, Customer};
use bereik_core::directory::{Directory, Draft};
use bereik_core::entry::Fact;
use bereik_core::group::{Community, Group, Requirement};
use bereik_core::id::{ContactId, GroupId, OfferId, PersonId, Reason};
use bereik_core::message::Author;
use bereik_core::offer::Offered;
use bereik_core::page::PageRule;
use bereik_core::person::Person;
use bereik_core::praise::{Application, Judgement, Verdict};
use bereik_core::reachability::{Reach, ReachReason, Reachability};
use bereik_core::urgency::Urgency;
use bereik_core::zone::Zone;
use bereik_routing::{
    Answer, Effect, Engine, Help, Input, Opening, Output, Question, Refusal, Topic,
};
use chrono::{DateTime, Utc};
use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert_eq, prop_oneof, proptest,
};

const NAMES: [&str; 6] = ["anna", "bram", "chris", "dina", "eva", "finn"];

fn id(name: &str) -> PersonId {
    name.parse().expect("an id")
}

fn tailors() -> GroupId {
    "tailors".parse().expect("an id")
}

fn directory(quorum: u32) -> Directory {
    let mut draft = Draft::new("Rivers & Co", Zone::utc());
    for name in NAMES {
        let skill = "sewing".parse().expect("an id");
        draft = draft.with_person(Person::new(id(name), name).with_skill(skill, 3));
    }
    let mut group = Group::new(
        tailors(),
        "Tailors",
        vec![id("anna"), id("bram"), id("chris")],
    );
    group.community = Some(Community {
        quorum,
        again_after_s: 600,
    });
    let helpdesk = Group::new(
        "helpdesk".parse().expect("an id"),
        "Helpdesk",
        vec![id("anna")],
    );
    let mut draft = draft.with_group(group).with_group(helpdesk);
    draft.pages = vec![PageRule {
        pattern: "/sewing/*".into(),
        group: None,
        need: None,
        requires: vec![Requirement {
            skill: "sewing".parse().expect("an id"),
            at_least: 3,
            is_soft: false,
        }],
        urgency: Urgency::Normal,
    }];
    draft.check().expect("a right directory")
}

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000 + second, 0).expect("an instant of this age")
}

fn drain(engine: &mut Engine) -> (Vec<Fact>, Vec<OfferId>) {
    let (mut facts, mut offers) = (Vec::new(), Vec::new());
    loop {
        match engine.poll_output() {
            Output::Effect(Effect::Offer(offer)) => offers.push(offer.id),
            Output::Entry(entry) => facts.push(entry.fact),
            Output::Effect(_) | Output::Summary(_) => {}
            Output::Wait(_) => return (facts, offers),
        }
    }
}

/// Anna owns a contact from the sewing pages, and Bram has joined it.
fn two_in_a_contact() -> (Engine, ContactId) {
    let mut engine = Engine::new(directory(2));
    let row = PerChannel::from_fn(|_| Reachability {
        reach: Reach::Now,
        reason: ReachReason::Available,
    });
    engine.handle(
        at(0),
        Input::Reachability {
            person: id("anna"),
            row,
        },
    );
    let opening = Opening::new(
        "key-1".parse().expect("a key"),
        Customer::default(),
        ChannelKind::WebChat,
    )
    .for_addressee(Addressee::Group(tailors()))
    .from_page("/sewing/machines");
    let Answer::Opened(contact) = engine.handle(at(1), Input::Opened(Box::new(opening))) else {
        panic!("the tailors are there");
    };
    let (_, offers) = drain(&mut engine);
    engine.handle(
        at(2),
        Input::Accepted {
            offer: offers[0],
            by: id("anna"),
        },
    );
    engine.handle(
        at(3),
        Input::Reachability {
            person: id("bram"),
            row,
        },
    );
    engine.handle(
        at(4),
        Input::Invited {
            contact,
            whom: Addressee::Person(id("bram")),
            requires: vec![],
            by: id("anna"),
        },
    );
    let (_, offers) = drain(&mut engine);
    engine.handle(
        at(5),
        Input::Accepted {
            offer: offers[0],
            by: id("bram"),
        },
    );
    drain(&mut engine);
    (engine, contact)
}

fn praise(contact: ContactId, of: &str, by: &str) -> Input {
    Input::Praised {
        contact,
        of: id(of),
        skill: "sewing".parse().expect("an id"),
        judgement: Judgement::Praise,
        by: id(by),
    }
}

#[test]
fn praise_concerns_one_contact_is_given_once_and_never_to_oneself() {
    let (mut engine, contact) = two_in_a_contact();
    assert_eq!(
        engine.handle(at(6), praise(contact, "bram", "anna")),
        Answer::Done
    );
    let (facts, _) = drain(&mut engine);
    assert!(matches!(&facts[..], [Fact::Praised { of, .. }] if *of == id("bram")));
    assert_eq!(
        engine.handle(at(7), praise(contact, "bram", "anna")),
        Answer::Late
    );
    let refused = |engine: &mut Engine, input| engine.handle(at(8), input);
    assert_eq!(
        refused(&mut engine, praise(contact, "anna", "anna")),
        Answer::Refused(Refusal::OwnHelp)
    );
    assert_eq!(
        refused(&mut engine, praise(contact, "bram", "chris")),
        Answer::Refused(Refusal::NotAParticipant)
    );
    assert_eq!(
        refused(&mut engine, praise(contact, "chris", "anna")),
        Answer::Refused(Refusal::NotAParticipant)
    );
    let vat = Input::Praised {
        contact,
        of: id("bram"),
        skill: "vat".parse().expect("an id"),
        judgement: Judgement::Complaint,
        by: id("anna"),
    };
    assert_eq!(
        refused(&mut engine, vat),
        Answer::Refused(Refusal::UnknownSkill)
    );
    let received: Vec<_> = engine
        .praise_of(&id("bram"))
        .map(|praise| (praise.by.clone(), praise.at))
        .collect();
    assert_eq!(
        received,
        [(id("anna"), at(6))],
        "the receiver sees it, once"
    );
    assert_eq!(engine.praise_of(&id("anna")).count(), 0);
    let sewing = "sewing".parse().expect("an id");
    assert_eq!(
        engine.praise_tier(&id("bram"), &sewing),
        0,
        "one peer moves nobody"
    );
}

#[test]
fn who_was_consulted_is_praised_and_praises() {
    let (mut engine, contact) = two_in_a_contact();
    engine.handle(
        at(20),
        Input::Reachability {
            person: id("chris"),
            row: PerChannel::from_fn(|_| Reachability {
                reach: Reach::Now,
                reason: ReachReason::Available,
            }),
        },
    );
    let refused = Answer::Refused(Refusal::NotAParticipant);
    assert_eq!(
        engine.handle(at(21), praise(contact, "chris", "anna")),
        refused
    );
    drain(&mut engine);
    let consulted = Input::Consulted {
        contact,
        whom: Addressee::Person(id("chris")),
        requires: vec![],
        by: id("anna"),
    };
    assert_eq!(engine.handle(at(22), consulted), Answer::Done);
    let (_, offers) = drain(&mut engine);
    let by = id("chris");
    let offer = *offers.last().expect("he is asked");
    let accepted = Input::Accepted { offer, by };
    assert_eq!(engine.handle(at(23), accepted), Answer::Done);
    let done = Answer::Done;
    assert_eq!(
        engine.handle(at(24), praise(contact, "chris", "anna")),
        done
    );
    assert_eq!(
        engine.handle(at(25), praise(contact, "anna", "chris")),
        done
    );
}

#[test]
fn the_pulse_shows_what_is_asked_and_whom_nobody_thanked() {
    let (mut engine, contact) = two_in_a_contact();
    let pulse = engine.pulse(at(10), &tailors());
    let sewing = Topic::Skill("sewing".parse().expect("an id"));
    assert_eq!(
        pulse.asked,
        [(Topic::Page("/sewing/*".into()), 1), (sewing, 1)]
    );
    assert_eq!(pulse.oldest_open, Some((contact, at(1))));
    assert_eq!((pulse.waiting, pulse.rising), (0, vec![]));
    assert_eq!(
        pulse.unthanked,
        [Help {
            person: id("bram"),
            contact
        }]
    );
    engine.handle(at(11), praise(contact, "bram", "anna"));
    engine.handle(
        at(12),
        Input::Closed {
            contact,
            by: Author::Person(id("anna")),
        },
    );
    let pulse = engine.pulse(at(13), &tailors());
    assert_eq!((pulse.oldest_open, pulse.unthanked), (None, vec![]));
}

#[test]
fn who_is_let_in_is_asked_like_any_member_and_stays_one() {
    let mut engine = Engine::new(directory(2));
    let vouch = |by: &str| Input::Vouched {
        group: tailors(),
        person: id("dina"),
        by: id(by),
        verdict: Verdict::Admit,
    };
    let apply = Input::Applied {
        group: tailors(),
        person: id("dina"),
    };
    assert_eq!(engine.handle(at(0), apply.clone()), Answer::Done);
    assert_eq!(engine.handle(at(0), apply), Answer::Late);
    assert_eq!(
        engine.handle(at(1), vouch("dina")),
        Answer::Refused(Refusal::NotAMember)
    );
    assert_eq!(engine.handle(at(1), vouch("anna")), Answer::Done);
    assert_eq!(
        engine.handle(at(1), vouch("anna")),
        Answer::Done,
        "the same word again changes nothing"
    );
    let open = Application::Open {
        admit: 1,
        refuse: 0,
        quorum: 2,
    };
    assert_eq!(engine.application(&tailors(), &id("dina")), Some(open));
    assert_eq!(engine.handle(at(2), vouch("bram")), Answer::Done);
    assert_eq!(
        engine.application(&tailors(), &id("dina")),
        Some(Application::Admitted { at: at(2) })
    );
    engine.handle(at(3), Input::DirectoryReplaced(Box::new(directory(2))));
    let members = |engine: &Engine| {
        engine
            .directory()
            .group(&tailors())
            .map(|group| group.members.clone())
    };
    assert!(members(&engine).is_some_and(|members| members.contains(&id("dina"))));
    let row = PerChannel::from_fn(|_| Reachability {
        reach: Reach::Now,
        reason: ReachReason::Available,
    });
    engine.handle(
        at(4),
        Input::Reachability {
            person: id("dina"),
            row,
        },
    );
    let explanation = engine.decide(
        at(4),
        &Question::new(Addressee::Group(tailors()), ChannelKind::WebChat),
    );
    assert_eq!(explanation.chosen, [id("dina")]);
}

#[test]
fn who_is_refused_hears_why_and_may_apply_again() {
    let mut engine = Engine::new(directory(2));
    let refuse = |by: &str, reason: &str| Input::Vouched {
        group: tailors(),
        person: id("dina"),
        by: id(by),
        verdict: Verdict::Refuse(reason.parse().expect("a reason")),
    };
    let apply = Input::Applied {
        group: tailors(),
        person: id("dina"),
    };
    engine.handle(at(0), apply.clone());
    engine.handle(at(1), refuse("anna", "not-yet-seen"));
    engine.handle(at(2), refuse("bram", "conflict"));
    let reason: Reason = "conflict".parse().expect("a reason");
    let refused = Application::Refused {
        reason,
        again_at: at(602),
    };
    assert_eq!(engine.application(&tailors(), &id("dina")), Some(refused));
    assert_eq!(
        engine.handle(at(601), apply.clone()),
        Answer::Refused(Refusal::TooSoon)
    );
    assert_eq!(engine.handle(at(602), apply.clone()), Answer::Done);
    let helpdesk = Input::Applied {
        group: "helpdesk".parse().expect("an id"),
        person: id("dina"),
    };
    assert_eq!(
        engine.handle(at(603), helpdesk),
        Answer::Refused(Refusal::NotACommunity)
    );
}

/// Something that happens to a community: numbers name people.
#[derive(Clone, Debug)]
enum Act {
    Apply(usize),
    Replace,
    Vouch {
        person: usize,
        by: usize,
        admits: bool,
    },
}

fn acts() -> impl Strategy<Value = Act> {
    let n = || 0..NAMES.len();
    prop_oneof![
        2 => n().prop_map(Act::Apply),
        6 => (n(), n(), any::<bool>()).prop_map(|(person, by, admits)| Act::Vouch { person, by, admits }),
        1 => Just(Act::Replace),
    ]
}

/// The naive way: sets of those for and against.
#[derive(Default)]
struct Ballot {
    words: BTreeMap<usize, bool>,
    may_again_at: Option<i64>,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn members_decide_by_quorum(quorum in 1u32..5, story in proptest::collection::vec((0i64..400, acts()), 1..80)) {
        let mut engine = Engine::new(directory(quorum));
        let mut members: BTreeSet<usize> = [0, 1, 2].into();
        let mut ballots: BTreeMap<usize, Ballot> = BTreeMap::new();
        let mut second = 0;
        for (wait, act) in story {
            second += wait;
            match act {
                Act::Apply(person) => {
                    engine.handle(at(second), Input::Applied { group: tailors(), person: id(NAMES[person]) });
                    let ballot = ballots.get(&person);
                    let is_open = ballot.is_some_and(|ballot| ballot.may_again_at.is_none_or(|again| second < again));
                    if !members.contains(&person) && !is_open {
                        ballots.insert(person, Ballot::default());
                    }
                }
                Act::Replace => {
                    engine.handle(at(second), Input::DirectoryReplaced(Box::new(directory(quorum))));
                }
                Act::Vouch { person, by, admits } => {
                    let verdict = if admits { Verdict::Admit } else { Verdict::Refuse("no".parse().expect("a reason")) };
                    let input = Input::Vouched { group: tailors(), person: id(NAMES[person]), by: id(NAMES[by]), verdict };
                    engine.handle(at(second), input);
                    let Some(ballot) = ballots.get_mut(&person).filter(|b| b.may_again_at.is_none()) else { continue };
                    if !members.contains(&by) || members.contains(&person) { continue }
                    ballot.words.insert(by, admits);
                    let needed = (quorum as usize).min(members.len());
                    let those = |admits: bool| ballot.words.values().filter(|word| **word == admits).count();
                    if those(true) >= needed {
                        members.insert(person);
                    } else if those(false) >= needed {
                        ballot.may_again_at = Some(second + 600);
                    }
                }
            }
            let bytes = engine.snapshot();
            engine = Engine::restore(&bytes).expect("a snapshot restores");
            prop_assert_eq!(engine.snapshot(), bytes);
            let group = engine.directory().group(&tailors()).expect("the tailors are there");
            let said: BTreeSet<usize> = group.members.iter()
                .filter_map(|member| NAMES.iter().position(|name| id(name) == *member))
                .collect();
            prop_assert_eq!(&said, &members);
        }
    }
}

/// The tailors' next contacts, one after the other: who takes each.
fn next_takers(engine: &mut Engine, from: i64, count: usize) -> Vec<PersonId> {
    let mut takers = Vec::new();
    for number in 0..count {
        let second = from + 10 * i64::try_from(number).expect("few contacts");
        let key = format!("later-{number}").parse().expect("a key");
        let opening = Opening::new(key, Customer::default(), ChannelKind::WebChat)
            .for_addressee(Addressee::Group(tailors()))
            .from_page("/sewing/machines");
        let Answer::Opened(contact) = engine.handle(at(second), Input::Opened(Box::new(opening)))
        else {
            panic!("the tailors are there");
        };
        let taker = loop {
            match engine.poll_output() {
                Output::Effect(Effect::Offer(offer)) => {
                    let Offered::Person(person) = offer.to else {
                        panic!("the tailors have no lines");
                    };
                    let by = person.clone();
                    let offer = offer.id;
                    engine.handle(at(second + 1), Input::Accepted { offer, by });
                    break person;
                }
                Output::Wait(_) => panic!("somebody is asked"),
                _ => {}
            }
        };
        let by = Author::Person(taker.clone());
        engine.handle(at(second + 2), Input::Closed { contact, by });
        drain(engine);
        takers.push(taker);
    }
    takers
}

/// Bram helps four peers in their contacts, and each says so.
fn praise_bram(engine: &mut Engine) {
    for (owner, second) in ["dina", "eva", "finn", "anna"]
        .into_iter()
        .zip([100, 200, 300, 400])
    {
        let opening = Opening::new(
            format!("of-{owner}").parse().expect("a key"),
            Customer::default(),
            ChannelKind::WebChat,
        )
        .for_addressee(Addressee::Person(id(owner)));
        let Answer::Opened(contact) = engine.handle(at(second), Input::Opened(Box::new(opening)))
        else {
            panic!("{owner} is there");
        };
        let (_, offers) = drain(engine);
        let by = id(owner);
        engine.handle(
            at(second + 1),
            Input::Accepted {
                offer: offers[0],
                by,
            },
        );
        let invited = Input::Invited {
            contact,
            whom: Addressee::Person(id("bram")),
            requires: vec![],
            by: id(owner),
        };
        engine.handle(at(second + 2), invited);
        let (_, offers) = drain(engine);
        let by = id("bram");
        engine.handle(
            at(second + 3),
            Input::Accepted {
                offer: offers[0],
                by,
            },
        );
        assert_eq!(
            engine.handle(at(second + 4), praise(contact, "bram", owner)),
            Answer::Done
        );
        let by = Author::Person(id(owner));
        engine.handle(at(second + 5), Input::Closed { contact, by });
        drain(engine);
    }
}

#[test]
fn who_is_praised_goes_first_and_is_not_drowned() {
    let mut engine = Engine::new(directory(2));
    let row = PerChannel::from_fn(|_| Reachability {
        reach: Reach::Now,
        reason: ReachReason::Available,
    });
    for (name, second) in NAMES.into_iter().zip(0..) {
        let person = id(name);
        engine.handle(at(second), Input::Reachability { person, row });
    }
    praise_bram(&mut engine);
    let sewing = "sewing".parse().expect("an id");
    assert_eq!(engine.praise_tier(&id("bram"), &sewing), 1);
    let takers = next_takers(&mut engine, 1_000, 30);
    assert_eq!(takers[0], id("bram"), "praise decides between equals");
    assert_eq!(
        takers[1],
        id("bram"),
        "two thirds of a contact beyond his share"
    );
    assert_ne!(
        takers[2],
        id("bram"),
        "more than one contact beyond his share"
    );
    let of = |name: &str| takers.iter().filter(|taker| **taker == id(name)).count();
    assert_eq!(of("anna") + of("bram") + of("chris"), 30);
    let spread = of("bram") - of("anna").min(of("chris"));
    assert!(spread <= 3, "{} of 30 for Bram", of("bram"));
}
