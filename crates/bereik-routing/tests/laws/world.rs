//! Small companies and stories at random: what exists, what happens, and when.

use std::collections::BTreeMap;

use bereik_core::agreement::{Agreement, Ask, EscalationPolicy, Level, Target};
use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::contact::{Addressee, Authorship, Customer};
use bereik_core::directory::{Directory, Draft};
use bereik_core::group::{Circle, Group, Requirement, Strategy as Pick};
use bereik_core::id::{ContactId, Key, OfferId, PersonId, SkillId};
use bereik_core::line::Line;
use bereik_core::message::{Author, MessageKind};
use bereik_core::page::PageRule;
use bereik_core::person::Person;
use bereik_core::reachability::{Reach, ReachReason, Reachability};
use bereik_core::urgency::Urgency;
use bereik_core::zone::Zone;
use bereik_routing::{Input, Opening};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};

use super::customers::{self, Serving};
use super::hands;
use super::hold::{Hold, holds};

pub(crate) const PEOPLE: usize = 5;
const GROUPS: usize = 3;
pub(crate) const CALAMITY_LINE: &str = "red-line";

/// Monday morning.
pub(crate) fn start() -> DateTime<Utc> {
    "2026-11-23T08:00:00Z".parse().expect("an instant")
}

pub(crate) fn person_id(number: usize) -> PersonId {
    format!("p{}", number % PEOPLE).parse().expect("an id")
}

/// What a company is made of; every number is bent into range.
#[derive(Clone, Debug)]
pub(crate) struct Company {
    capacities: Vec<u8>,
    skilled: Vec<bool>,
    with_mobile: Vec<bool>,
    members: Vec<Vec<usize>>,
    picks: Vec<Choosing>,
    nested: bool,
    circles: Vec<(u32, bool, usize)>,
    drops: bool,
    offer_for_s: u32,
    answer_for_s: u32,
    has_agreement: bool,
    has_calamity_line: bool,
    levels: Vec<(usize, u32)>,
    repeat_max: u32,
    next_answer_for_s: Option<u32>,
    resolve_for_s: Option<u32>,
    serving: Serving,
    hands: Hold,
}

/// How one group chooses.
#[derive(Clone, Debug)]
struct Choosing {
    strategy: Pick,
    offers_at_once: u8,
    knows_for_s: u32,
    spares_rare_skills: bool,
    weight: u32,
}

fn choosing() -> impl Strategy<Value = Choosing> {
    let strategy = prop_oneof![
        5 => Just(Pick::OrderOfKeys),
        5 => Just(Pick::RingAll),
        1 => Just(Pick::FairShare),
        1 => Just(Pick::FewestContacts),
        1 => Just(Pick::LeastLoaded),
        1 => Just(Pick::LongestIdle),
        1 => Just(Pick::RoundRobin),
        1 => Just(Pick::TopDown),
        1 => Just(Pick::WeightedRandom),
    ];
    let knows = prop_oneof![Just(14 * 86_400u32), Just(0), 1u32..500];
    (strategy, 1u8..3, knows, any::<bool>(), 1u32..3).prop_map(|parts| Choosing {
        strategy: parts.0,
        offers_at_once: parts.1,
        knows_for_s: parts.2,
        spares_rare_skills: parts.3,
        weight: parts.4,
    })
}

pub(crate) fn companies() -> impl Strategy<Value = Company> {
    let people = (
        vec(0u8..3, PEOPLE),
        vec(any::<bool>(), PEOPLE),
        vec(any::<bool>(), PEOPLE),
    );
    let groups = (
        vec(vec(0..PEOPLE, 1..4), GROUPS),
        vec(choosing(), GROUPS),
        vec((0u32..90, any::<bool>(), 0..GROUPS), 0..3),
        5u32..60,
        (any::<bool>(), any::<bool>()),
    );
    let policies = (
        20u32..300,
        any::<bool>(),
        any::<bool>(),
        vec((0usize..12, 10u32..200), 0..4),
        prop_oneof![6 => 0u32..3, 1 => Just(EscalationPolicy::FOR_EVER)],
        proptest::option::of(20u32..600),
        proptest::option::of(100u32..4_000),
    );
    let all = (people, groups, policies, customers::servings(), holds());
    all.prop_map(|(people, groups, policies, serving, hands)| Company {
        capacities: people.0,
        skilled: people.1,
        with_mobile: people.2,
        members: groups.0,
        picks: groups.1,
        nested: groups.4.0,
        drops: groups.4.1,
        circles: groups.2,
        offer_for_s: groups.3,
        answer_for_s: policies.0,
        has_agreement: policies.1,
        has_calamity_line: policies.2,
        levels: policies.3,
        repeat_max: policies.4,
        serving,
        hands,
        next_answer_for_s: policies.5,
        resolve_for_s: policies.6,
    })
}

impl Company {
    fn people(&self) -> Vec<Person> {
        (0..PEOPLE)
            .map(|number| {
                let id = person_id(number);
                let name = format!("Person {number}");
                let mut person = Person::new(id, name);
                if self.skilled[number] {
                    person = person.with_skill("sewing".parse().expect("an id"), 3);
                }
                if self.with_mobile[number] {
                    let id = format!("mobile-{number}").parse().expect("an id");
                    let address = format!("tel:+3161234567{number}");
                    let address = address.parse().expect("a number");
                    person = person.with_line(Line::new(id, ChannelKind::Phone, address));
                }
                let capacity = self.capacities[number];
                person.capacity.insert(ChannelKind::WebChat, capacity);
                person.capacity.insert(ChannelKind::Email, 1);
                person
            })
            .collect()
    }

    fn groups(&self) -> Vec<Group> {
        let id = |number: usize| format!("g{number}").parse().expect("an id");
        (0..GROUPS)
            .map(|number| {
                let mut members: Vec<_> =
                    self.members[number].iter().map(|p| person_id(*p)).collect();
                members.sort();
                members.dedup();
                let mut group = Group::new(id(number), ["One", "Two", "Three"][number], members);
                let pick = &self.picks[number];
                group = group.with_strategy(pick.strategy);
                group.offers_at_once = pick.offers_at_once;
                group.knows_for_s = pick.knows_for_s;
                group.spares_rare_skills = pick.spares_rare_skills;
                let first = group.members[0].clone();
                if pick.weight > 1 {
                    group.weights.insert(first, pick.weight);
                }
                if self.nested && number == 2 {
                    group.groups.push(id(1));
                }
                group.offer_for_s = self.offer_for_s;
                group.cool_down_s = self.hands.cool_down_s;
                let mut after_s = 0;
                for (wait_s, keeps_requirements, with) in &self.circles {
                    after_s += wait_s;
                    group = group.with_circle(Circle {
                        after_s,
                        keeps_requirements: *keeps_requirements,
                        drops: self.dropped(),
                        lowers: std::collections::BTreeMap::new(),
                        groups: std::vec![id(*with)],
                    });
                }
                group
            })
            .collect()
    }

    /// What circles that keep requirements drop.
    fn dropped(&self) -> Vec<SkillId> {
        let sewing = "sewing".parse().expect("an id");
        self.drops.then_some(sewing).into_iter().collect()
    }

    fn policy(&self) -> EscalationPolicy {
        let ask = |which: usize| match which {
            0..PEOPLE => Ask::Person(person_id(which)),
            5..8 => Ask::Group(format!("g{}", which - 5).parse().expect("an id")),
            _ => Ask::Line("duty-mail".parse().expect("an id")),
        };
        let levels = self.levels.iter().map(|(which, for_s)| Level {
            ask: std::vec![ask(*which)],
            for_s: *for_s,
        });
        EscalationPolicy {
            id: "policy".parse().expect("an id"),
            levels: levels.collect(),
            repeat_max: self.repeat_max,
        }
    }

    pub(crate) fn directory(&self) -> Directory {
        let mut draft = Draft::new("Company", Zone::utc());
        draft.people = self.people();
        draft.groups = self.groups();
        draft.hands = self.hands.hands();
        let line = |id: &str, channel, address: &str| {
            let address = address.parse().expect("an address");
            Line::new(id.parse().expect("an id"), channel, address)
        };
        draft.lines = std::vec![
            line("duty-mail", ChannelKind::Email, "duty@example.org"),
            line(CALAMITY_LINE, ChannelKind::Phone, "tel:+31201234567"),
        ];
        if self.has_calamity_line {
            draft.calamity_lines = std::vec![CALAMITY_LINE.parse().expect("an id")];
        }
        draft.escalations = std::vec![self.policy()];
        draft.default_escalation = Some("policy".parse().expect("an id"));
        if self.has_agreement {
            let targets = Urgency::ALL.map(|urgency| Target {
                urgency,
                channel: None,
                acknowledge_for_s: 5,
                answer_for_s: self.answer_for_s,
                next_answer_for_s: self.next_answer_for_s,
                resolve_for_s: self.resolve_for_s,
            });
            draft.agreements = std::vec![Agreement {
                id: "agreement".parse().expect("an id"),
                hours: None,
                targets: targets.into(),
                warn_percent: 75,
            }];
            draft.default_agreement = Some("agreement".parse().expect("an id"));
        }
        draft.pages = std::vec![PageRule {
            pattern: "/sewing/*".into(),
            group: None,
            requires: std::vec![Requirement {
                skill: "sewing".parse().expect("an id"),
                at_least: 3,
                is_soft: false,
            }],
            urgency: Urgency::Low,
            need: None,
        }];
        self.serving.configure(&mut draft);
        draft.check().expect("a company of this shape is right")
    }
}

/// Something that happens. Numbers name contacts, offers and people by counting on, so that a
/// shorter story still makes sense.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Answer {
        contact: usize,
        option: u32,
    },
    Accept {
        offer: usize,
        by: Option<usize>,
    },
    /// A request to colleagues: which of the three, whom, and by whom, where not by its owner.
    Ask {
        contact: usize,
        kind: usize,
        whom: usize,
        by: Option<usize>,
        sews: bool,
    },
    /// A call that failed.
    CallFailed {
        contact: usize,
    },
    Call {
        contact: usize,
        by: usize,
        /// In so many seconds; none for a call that was made.
        in_s: Option<i64>,
    },
    Claim {
        contact: usize,
        by: usize,
    },
    Close {
        contact: usize,
        by: usize,
    },
    Declare {
        contact: usize,
        need: usize,
        by: usize,
    },
    Decline {
        offer: usize,
    },
    Depart {
        contact: usize,
    },
    End {
        incident: u64,
        by: usize,
    },
    Fail {
        offer: usize,
    },
    Gone {
        contact: usize,
        is_back: bool,
    },
    /// Over to the phone, or back to the chat.
    HandOver {
        contact: usize,
        to_phone: bool,
        by: Option<usize>,
    },
    Know {
        contact: usize,
        from: usize,
        need: usize,
        urgency: Urgency,
        owner: Option<usize>,
    },
    Leg {
        contact: usize,
        is_mail: bool,
    },
    Merge {
        from: usize,
        into: usize,
        by: usize,
    },
    Leave {
        contact: usize,
        person: usize,
    },
    Open {
        whom: usize,
        from: usize,
        urgency: Urgency,
        by_mail: bool,
        sews: bool,
        again: bool,
        need: usize,
    },
    Name {
        contact: usize,
        from: usize,
    },
    Phone {
        contact: usize,
    },
    Reach {
        person: usize,
        how: usize,
    },
    Reopen {
        contact: usize,
    },
    TakeBack {
        offer: usize,
        by: Option<usize>,
    },
    Replace(Box<Company>),
    Replan {
        contact: usize,
    },
    Say {
        contact: usize,
        by: Option<usize>,
        key: usize,
    },
    Split {
        contact: usize,
        message: u64,
        key: usize,
        by: usize,
    },
    Urgency {
        contact: usize,
        urgency: Urgency,
        by: Option<usize>,
    },
    Wait,
    Word {
        incident: u64,
        key: usize,
        by: usize,
    },
    WrapUp {
        person: usize,
        more_s: u32,
    },
}

/// A story: after so many seconds, this.
pub(crate) type Story = Vec<(i64, Act)>;

pub(crate) fn urgencies() -> impl Strategy<Value = Urgency> {
    prop_oneof![
        5 => Just(Urgency::Normal),
        1 => Just(Urgency::Low),
        1 => Just(Urgency::High),
        2 => Just(Urgency::Calamity),
    ]
}

fn acts() -> impl Strategy<Value = Act> {
    let n = || 0usize..4;
    let p = || 0..PEOPLE;
    let maybe = || proptest::option::weighted(0.2, 0..PEOPLE);
    prop_oneof![
        9 => (0usize..6, maybe()).prop_map(|(offer, by)| Act::Accept { offer, by }),
        3 => (n(), p(), proptest::option::weighted(0.7, 1i64..3_000))
            .prop_map(|(contact, by, in_s)| Act::Call { contact, by, in_s }),
        2 => (n(), p()).prop_map(|(contact, by)| Act::Claim { contact, by }),
        3 => (n(), p()).prop_map(|(contact, by)| Act::Close { contact, by }),
        4 => (0usize..6).prop_map(|offer| Act::Decline { offer }),
        2 => (0usize..6).prop_map(|offer| Act::Fail { offer }),
        1 => (n(), any::<bool>()).prop_map(|(contact, is_back)| Act::Gone { contact, is_back }),
        8 => ((n(), 0usize..3, 0usize..8), maybe(), proptest::bool::weighted(0.2))
            .prop_map(|((contact, kind, whom), by, sews)| Act::Ask { contact, kind, whom, by, sews }),
        1 => n().prop_map(|contact| Act::CallFailed { contact }),
        3 => (n(), any::<bool>(), maybe()).prop_map(|(contact, to_phone, by)| Act::HandOver { contact, to_phone, by }),
        3 => (n(), p()).prop_map(|(contact, person)| Act::Leave { contact, person }),
        9 => ((0usize..11, 0usize..3, 0usize..5), urgencies(), proptest::bool::weighted(0.3), proptest::bool::weighted(0.3),
              proptest::bool::weighted(0.1))
            .prop_map(|((whom, from, need), urgency, by_mail, sews, again)| Act::Open { whom, from, urgency, by_mail, sews, again, need }),
        5 => customers::acts(),
        1 => (n(), 0usize..3).prop_map(|(contact, from)| Act::Name { contact, from }),
        1 => n().prop_map(|contact| Act::Phone { contact }),
        12 => (p(), 0usize..9).prop_map(|(person, how)| Act::Reach { person, how }),
        2 => n().prop_map(|contact| Act::Reopen { contact }),
        1 => (0usize..6, maybe()).prop_map(|(offer, by)| Act::TakeBack { offer, by }),
        2 => (p(), prop_oneof![2 => Just(0u32), 1 => 1u32..4_000])
            .prop_map(|(person, more_s)| Act::WrapUp { person, more_s }),
        1 => n().prop_map(|contact| Act::Replan { contact }),
        3 => (n(), maybe(), 0usize..3).prop_map(|(contact, by, key)| Act::Say { contact, by, key }),
        3 => (n(), urgencies(), maybe()).prop_map(|(contact, urgency, by)| Act::Urgency { contact, urgency, by }),
        4 => Just(Act::Wait),
    ]
}

pub(crate) fn waits() -> impl Strategy<Value = i64> {
    prop_oneof![
        6 => 0i64..4,
        4 => 4i64..40,
        3 => 40i64..400,
        1 => 400i64..8_000,
        1 => 8_000i64..200_000,
    ]
}

pub(crate) fn stories() -> impl Strategy<Value = Story> {
    vec((waits(), acts()), 1..40)
}

/// Stories in which the company changes too.
pub(crate) fn stories_with_change() -> impl Strategy<Value = Story> {
    let act = prop_oneof![
        12 => acts(),
        1 => companies().prop_map(|company| Act::Replace(Box::new(company))),
    ];
    vec((waits(), act), 1..40)
}

pub(crate) fn addressee(whom: usize) -> Addressee {
    match whom {
        0..GROUPS => Addressee::Group(format!("g{whom}").parse().expect("an id")),
        _ => Addressee::Person(person_id(whom)),
    }
}

/// One of two customers who can be known again, or one who says nothing of himself.
pub(crate) fn customer(from: usize) -> Customer {
    let mut customer = Customer::default();
    if from > 0 {
        let address = format!("customer-{from}@example.org");
        let address = address.parse().expect("an address");
        customer.addresses.push(address);
    }
    customer
}

/// Companies whose first group widens into the second, and where nobody is short of hands.
pub(crate) fn layered_companies() -> impl Strategy<Value = Company> {
    (companies(), 0u32..60).prop_map(|(mut company, after_s)| {
        company.capacities = std::vec![1; PEOPLE];
        company.members = std::vec![std::vec![0, 1], std::vec![2, 3], std::vec![4]];
        company.circles = std::vec![(after_s, false, 1), (30, false, 2)];
        company.hands.capacity_total = None;
        company.hands.wrap_up_s = 0;
        company
    })
}

/// Companies where nobody lacks hands altogether, and much can be asked of colleagues.
pub(crate) fn teams() -> impl Strategy<Value = Company> {
    companies().prop_map(|mut company| {
        company.capacities.iter_mut().for_each(|most| *most += 1);
        company.members = std::vec![std::vec![0, 1, 2], std::vec![2, 3], std::vec![4, 0]];
        company.hands.consults += 1;
        company.nested = false;
        company
    })
}

/// Stories of one group that has much to do: equal chats come in faster than they are taken.
pub(crate) fn busy_stories() -> impl Strategy<Value = Story> {
    let open = Act::Open {
        whom: 0,
        from: 0,
        urgency: Urgency::Normal,
        by_mail: false,
        sews: false,
        again: false,
        need: 0,
    };
    let how = prop_oneof![4 => Just(0usize), 1 => Just(7usize), 2 => Just(8usize)];
    let act = prop_oneof![
        6 => Just(open),
        4 => (0usize..4).prop_map(|offer| Act::Accept { offer, by: None }),
        2 => (0usize..4).prop_map(|offer| Act::Decline { offer }),
        4 => (0usize..6, 0..PEOPLE).prop_map(|(contact, by)| Act::Close { contact, by }),
        5 => (0..PEOPLE, how).prop_map(|(person, how)| Act::Reach { person, how }),
    ];
    vec((0i64..12, act), 1..40)
}

/// What the acts refer to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub(crate) contacts: Vec<ContactId>,
    pub(crate) offers: Vec<(OfferId, PersonId)>,
    /// Who had each contact last.
    pub(crate) owners: BTreeMap<ContactId, PersonId>,
    opened: usize,
}

fn row(how: usize, at: DateTime<Utc>) -> PerChannel<Reachability> {
    let back = Reach::From(at + TimeDelta::seconds(1_800));
    let (reach, reason) = match how {
        0..=3 => (Reach::Now, ReachReason::Available),
        4 => (Reach::Never, ReachReason::NoDesk),
        5 => (back, ReachReason::OffDuty),
        6 => (Reach::OnCall, ReachReason::OnCall),
        7 => (Reach::Unknown, ReachReason::Unknown),
        _ => (back, ReachReason::Busy),
    };
    PerChannel::from_fn(|kind| match (kind, reach) {
        (ChannelKind::Voicemail, _) => Reachability::NO_LINE,
        _ => Reachability { reach, reason },
    })
}

fn author(by: &Option<usize>) -> Author {
    by.map_or(Author::Customer, |by| Author::Person(person_id(by)))
}

impl Known {
    pub(crate) fn contact(&self, number: usize) -> Option<ContactId> {
        let back = number % self.contacts.len().max(1);
        self.contacts.iter().rev().nth(back).copied()
    }

    fn offer(&self, number: usize) -> Option<(OfferId, PersonId)> {
        let back = number % self.offers.len().max(1);
        self.offers.iter().rev().nth(back).cloned()
    }

    /// The input that an act means at this instant; time passing, where it refers to nothing.
    pub(crate) fn input(&mut self, act: &Act, at: DateTime<Utc>) -> Input {
        self.try_input(act, at).unwrap_or(Input::Advanced)
    }

    fn try_input(&mut self, act: &Act, at: DateTime<Utc>) -> Option<Input> {
        Some(match act {
            Act::Accept { offer, by } => {
                let (offer, to) = self.offer(*offer)?;
                let by = by.map_or(to, person_id);
                Input::Accepted { offer, by }
            }
            Act::Decline { offer } => {
                let (offer, by) = self.offer(*offer)?;
                Input::Declined { offer, by }
            }
            Act::Fail { offer } => Input::Failed {
                offer: self.offer(*offer)?.0,
            },
            Act::Open { .. } => Input::Opened(Box::new(self.opening(act))),
            Act::Reach { person, how } => Input::Reachability {
                person: person_id(*person),
                row: row(*how, at),
            },
            Act::Replace(company) => Input::DirectoryReplaced(Box::new(company.directory())),
            Act::TakeBack { offer, by } => Input::Withdrawn {
                offer: self.offer(*offer)?.0,
                by: by.map_or(Author::Software, |by| Author::Person(person_id(by))),
            },
            Act::Wait => Input::Advanced,
            Act::WrapUp { person, more_s } => {
                let person = person_id(*person);
                match *more_s {
                    0 => Input::WrappedUp { person },
                    for_s => Input::WrapUpProlonged { person, for_s },
                }
            }
            act => self
                .about_contact(act, at)
                .or_else(|| self.about_customer(act))?,
        })
    }

    fn about_contact(&self, act: &Act, at: DateTime<Utc>) -> Option<Input> {
        let contact = |number: &usize| self.contact(*number);
        Some(match act {
            Act::Claim { contact: c, by } => Input::Claimed {
                contact: contact(c)?,
                by: person_id(*by),
            },
            Act::Close { contact: c, by } => Input::Closed {
                contact: contact(c)?,
                by: Author::Person(person_id(*by)),
            },
            Act::Gone {
                contact: c,
                is_back,
            } => {
                let contact = contact(c)?;
                if *is_back {
                    Input::CustomerBack { contact }
                } else {
                    Input::CustomerGone { contact }
                }
            }
            Act::Leave { contact: c, person } => Input::Left {
                contact: contact(c)?,
                person: person_id(*person),
            },
            Act::Name { contact: c, from } => Input::CustomerNamed {
                contact: contact(c)?,
                customer: customer(*from),
            },
            Act::Phone { contact: c } => Input::PhoneAsked {
                contact: contact(c)?,
                by: Author::Customer,
            },
            Act::Reopen { contact: c } => Input::Reopened {
                contact: contact(c)?,
                by: Author::Customer,
            },
            Act::Say {
                contact: c,
                by,
                key,
            } => Input::Said {
                contact: contact(c)?,
                key: Key::parse(&format!("say-{key}")).expect("a key"),
                author: author(by),
                kind: MessageKind::Text,
            },
            act => self.about_time(act, at)?,
        })
    }

    fn about_time(&self, act: &Act, at: DateTime<Utc>) -> Option<Input> {
        let contact = |number: &usize| self.contact(*number);
        Some(match act {
            Act::Call {
                contact: c,
                by,
                in_s,
            } => {
                let (contact, by) = (contact(c)?, person_id(*by));
                match in_s {
                    Some(in_s) => Input::CallBackPromised {
                        contact,
                        by,
                        at: at + TimeDelta::seconds(*in_s),
                    },
                    None => Input::CallBackKept { contact, by },
                }
            }
            Act::Replan { contact: c } => Input::Replanned {
                contact: contact(c)?,
                by: Author::Software,
            },
            Act::Urgency {
                contact: c,
                urgency,
                by,
            } => Input::UrgencyChanged {
                contact: contact(c)?,
                urgency: *urgency,
                by: author(by),
                reason: Some("works-around-it".parse().expect("a reason")),
            },
            act => hands::input(self, act)?,
        })
    }

    fn opening(&mut self, act: &Act) -> Opening {
        let Act::Open {
            whom,
            from,
            urgency,
            by_mail,
            sews,
            again,
            need,
        } = act
        else {
            panic!("only an opening opens");
        };
        if !again || self.opened == 0 {
            self.opened += 1;
        }
        let key = Key::parse(&format!("open-{}", self.opened)).expect("a key");
        let channel = match (by_mail, need) {
            (_, 3..) => ChannelKind::Social,
            (true, _) => ChannelKind::Email,
            (false, _) => ChannelKind::WebChat,
        };
        let mut opening = Opening::new(key, customer(*from), channel).with_urgency(*urgency);
        opening.need = customers::need_id(*need);
        opening.addressee = match whom {
            0..8 => Some(addressee(*whom)),
            8 => Some(Addressee::Skill("sewing".parse().expect("an id"))),
            9 => {
                let people = std::vec![person_id(*from), person_id(from + 1)];
                let sewing = "sewing".parse().expect("an id");
                let authorship = Authorship::of("patterns", people).about(sewing);
                Some(Addressee::Authors(Box::new(authorship)))
            }
            _ => None,
        };
        if *sews {
            opening = opening.from_page("/sewing/machines");
        }
        opening
    }
}
