//! A small company with one contact: what is configured, what happens, and how the engine plays it.

use bereik_core::agreement::{Agreement, Ask, EscalationPolicy, Level, Target};
use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::contact::{Addressee, Customer};
use bereik_core::directory::{Directory, Draft};
use bereik_core::entry::{Entry, Fact};
use bereik_core::group::{Circle, Group, Strategy as Pick};
use bereik_core::id::{ContactId, OfferId, PersonId};
use bereik_core::line::Line;
use bereik_core::message::{Author, MessageKind};
use bereik_core::offer::Offered;
use bereik_core::person::Person;
use bereik_core::reachability::{Reach, ReachReason, Reachability};
use bereik_core::urgency::Urgency;
use bereik_core::zone::Zone;
use bereik_routing::{Engine, Input, Opening, Output};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};

/// What is configured. Everything is in whole seconds, and halves and quarters of targets are too.
#[derive(Clone, Debug)]
pub(crate) struct Town {
    /// Whether each member of the first group is there, `p0` and on.
    pub(crate) first: Vec<bool>,
    /// The second circle: after how long, and whether each of its members is there, `q0` and on.
    pub(crate) second: Option<(i64, Vec<bool>)>,
    pub(crate) rings: bool,
    pub(crate) offer_for_s: i64,
    pub(crate) answer_for_s: i64,
    pub(crate) next_answer_for_s: Option<i64>,
    pub(crate) resolve_for_s: Option<i64>,
    pub(crate) warn_percent: i64,
    /// Each level: whom it asks, by number, and for how long. See [`asked`].
    pub(crate) levels: Vec<(Vec<usize>, i64)>,
    pub(crate) repeat_max: u32,
    pub(crate) is_calamity: bool,
    pub(crate) has_calamity_line: bool,
}

/// What the numbers of a level mean: two lines of the company, somebody on call by his own line,
/// and somebody who is nowhere.
pub(crate) fn asked(number: usize) -> &'static str {
    ["line-0", "line-1", "oncall", "nowhere"][number % 4]
}

/// What happens, in words that name offers by counting the live ones on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    Accept(usize),
    Call(i64),
    Called,
    Close,
    CustomerSays,
    Decline(usize),
    Fail(usize),
    OwnerSays,
    Wait,
}

/// What was told, in numbers: the model reads this and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Accepted { offer: u64, by: String },
    CallPromised { by: String, at: i64 },
    Called { by: String },
    Closed,
    CustomerSaid,
    Declined { offer: u64 },
    Failed { offer: u64 },
    PersonSaid { by: String },
}

pub(crate) fn towns() -> impl Strategy<Value = Town> {
    let quarter = |from: i64, to: i64| (from..to).prop_map(|n| n * 4);
    let people = (
        vec(any::<bool>(), 1..4),
        proptest::option::of((0i64..90, vec(any::<bool>(), 1..3))),
        any::<bool>(),
        5i64..40,
    );
    let targets = (
        quarter(5, 50),
        proptest::option::of(quarter(5, 100)),
        proptest::option::of(quarter(20, 400)),
        prop_oneof![Just(75i64), Just(50), 1i64..100],
    );
    let levels = vec((vec(0usize..4, 0..3), 5i64..150), 0..4);
    let repeats = prop_oneof![4 => 0u32..3, 1 => Just(EscalationPolicy::FOR_EVER)];
    let policy = (
        levels,
        repeats,
        proptest::bool::weighted(0.3),
        any::<bool>(),
    );
    (people, targets, policy).prop_map(|(people, targets, policy)| Town {
        first: people.0,
        second: people.1,
        rings: people.2,
        offer_for_s: people.3,
        answer_for_s: targets.0,
        next_answer_for_s: targets.1,
        resolve_for_s: targets.2,
        warn_percent: targets.3,
        levels: policy.0,
        repeat_max: policy.1,
        is_calamity: policy.2,
        has_calamity_line: policy.3,
    })
}

pub(crate) fn stories() -> impl Strategy<Value = Vec<(i64, Act)>> {
    let act = prop_oneof![
        4 => (0usize..3).prop_map(Act::Accept),
        4 => (0usize..3).prop_map(Act::Decline),
        2 => (0usize..3).prop_map(Act::Fail),
        3 => Just(Act::CustomerSays),
        3 => Just(Act::OwnerSays),
        2 => (1i64..2_000).prop_map(Act::Call),
        1 => Just(Act::Called),
        1 => Just(Act::Close),
        2 => Just(Act::Wait),
    ];
    let wait = prop_oneof![3 => 0i64..6, 4 => 6i64..60, 2 => 60i64..600];
    vec((wait, act), 0..14)
}

fn start() -> DateTime<Utc> {
    "2026-11-23T08:00:00Z".parse().expect("an instant")
}

fn id(text: &str) -> PersonId {
    text.parse().expect("an id")
}

fn seconds(value: i64) -> u32 {
    u32::try_from(value).expect("a short time")
}

impl Town {
    pub(crate) fn second_members(&self) -> &[bool] {
        self.second.as_ref().map_or(&[], |(_, members)| members)
    }

    fn named(&self) -> Vec<(String, bool)> {
        let first = self.first.iter().enumerate();
        let second = self.second_members().iter().enumerate();
        let first = first.map(|(i, there)| (format!("p{i}"), *there));
        first
            .chain(second.map(|(i, there)| (format!("q{i}"), *there)))
            .collect()
    }

    fn directory(&self) -> Directory {
        let mut draft = Draft::new("Town", Zone::utc());
        let line = |name: &str| {
            let number = "tel:+31201234567".parse().expect("a number");
            Line::new(name.parse().expect("an id"), ChannelKind::Phone, number)
        };
        let named = self.named().into_iter().map(|(name, _)| name);
        let others = ["oncall", "nowhere", "w0", "w1", "w2"].map(String::from);
        for name in named.chain(others) {
            let mut person = Person::new(id(&name), name.clone());
            person.capacity.insert(ChannelKind::WebChat, 9);
            if name == "oncall" {
                person = person.with_line(line("oncall-line"));
            }
            draft.people.push(person);
        }
        let members =
            |prefix: &str, n: usize| (0..n).map(|i| id(&format!("{prefix}{i}"))).collect();
        let mut group = Group::new(
            "first".parse().expect("an id"),
            "First",
            members("p", self.first.len()),
        );
        group.offer_for_s = seconds(self.offer_for_s);
        if self.rings {
            group = group.with_strategy(Pick::RingAll);
        }
        if let Some((after_s, second)) = &self.second {
            let other: bereik_core::id::GroupId = "second".parse().expect("an id");
            let second = Group::new(other.clone(), "Second", members("q", second.len()));
            draft.groups.push(second);
            group = group.with_circle(Circle {
                after_s: seconds(*after_s),
                keeps_requirements: false,
                groups: std::vec![other],
                ..Circle::default()
            });
        }
        draft.groups.push(group);
        draft.lines = ["line-0", "line-1", "red"].map(line).into();
        if self.has_calamity_line {
            draft.calamity_lines = std::vec!["red".parse().expect("an id")];
        }
        self.agree(&mut draft);
        draft.check().expect("a town of this shape is right")
    }

    fn agree(&self, draft: &mut Draft) {
        let targets = Urgency::ALL.map(|urgency| Target {
            urgency,
            channel: None,
            acknowledge_for_s: 5,
            answer_for_s: seconds(self.answer_for_s),
            next_answer_for_s: self.next_answer_for_s.map(seconds),
            resolve_for_s: self.resolve_for_s.map(seconds),
        });
        draft.agreements.push(Agreement {
            id: "agreed".parse().expect("an id"),
            hours: None,
            targets: targets.into(),
            warn_percent: u8::try_from(self.warn_percent).expect("a percentage"),
        });
        draft.default_agreement = Some("agreed".parse().expect("an id"));
        let ask = |number: &usize| match asked(*number) {
            line if line.starts_with("line") => Ask::Line(line.parse().expect("an id")),
            person => Ask::Person(id(person)),
        };
        let levels = self.levels.iter().map(|(asks, for_s)| Level {
            ask: asks.iter().map(ask).collect(),
            for_s: seconds(*for_s),
        });
        draft.escalations.push(EscalationPolicy {
            id: "policy".parse().expect("an id"),
            levels: levels.collect(),
            repeat_max: self.repeat_max,
        });
        draft.default_escalation = Some("policy".parse().expect("an id"));
    }
}

/// What the engine made of a story.
pub(crate) struct Played {
    /// What was told, and when, in seconds since the contact came in.
    pub(crate) told: Vec<(i64, Told)>,
    /// What happened, and when.
    pub(crate) happened: Vec<(i64, String)>,
    /// Until when the engine was watched.
    pub(crate) until: i64,
}

struct Play {
    engine: Engine,
    live: Vec<(u64, String)>,
    participants: Vec<String>,
    played: Played,
}

/// Plays a story to the engine, and watches it for some hours more.
pub(crate) fn play(town: &Town, story: &[(i64, Act)]) -> Played {
    let mut engine = Engine::new(town.directory());
    let nowhere = (Reach::Never, ReachReason::OffDuty);
    let named = town.named().into_iter();
    let named = named.map(|(name, there)| {
        let here = (Reach::Now, ReachReason::Available);
        (name, if there { here } else { nowhere })
    });
    let others = ["nowhere", "w0", "w1", "w2"].map(|name| (name.to_owned(), nowhere));
    for (name, (reach, reason)) in named.chain(others) {
        let row = PerChannel::from_fn(|_| Reachability { reach, reason });
        let person = id(&name);
        engine.handle(start(), Input::Reachability { person, row });
    }
    let row = PerChannel::from_fn(|kind| {
        let is_line = kind == ChannelKind::Phone;
        let on_call = (Reach::OnCall, ReachReason::OnCall);
        let (reach, reason) = if is_line { on_call } else { nowhere };
        Reachability { reach, reason }
    });
    let person = id("oncall");
    engine.handle(start(), Input::Reachability { person, row });
    let mut play = Play {
        engine,
        live: Vec::new(),
        participants: Vec::new(),
        played: Played {
            told: Vec::new(),
            happened: Vec::new(),
            until: 0,
        },
    };
    let urgency = if town.is_calamity {
        Urgency::Calamity
    } else {
        Urgency::Normal
    };
    let key = "key".parse().expect("a key");
    let opening = Opening::new(key, Customer::default(), ChannelKind::WebChat)
        .for_addressee(Addressee::Group("first".parse().expect("an id")))
        .with_urgency(urgency);
    play.tell(0, Input::Opened(Box::new(opening)));
    let mut now = 0;
    for (number, (wait, act)) in story.iter().enumerate() {
        now += wait;
        play.tell(now, Input::Advanced);
        play.act(now, number, *act);
    }
    play.played.until = now + 9_000;
    play.tell(play.played.until, Input::Advanced);
    play.played
}

impl Play {
    fn tell(&mut self, at: i64, input: Input) {
        self.engine.handle(start() + TimeDelta::seconds(at), input);
        loop {
            match self.engine.poll_output() {
                Output::Entry(entry) => self.note(&entry),
                Output::Wait(_) => return,
                _ => {}
            }
        }
    }

    fn act(&mut self, at: i64, number: usize, act: Act) {
        let told = match act {
            Act::Accept(n) | Act::Decline(n) | Act::Fail(n) => self.about_offer(n, act),
            act => self.about_contact(at, number, act),
        };
        let mut before = self.played.told.iter();
        let is_closed = before.any(|(_, told)| *told == Told::Closed);
        if let Some((told, input)) = told.filter(|_| !is_closed) {
            self.played.told.push((at, told));
            self.tell(at, input);
        }
    }

    /// Whoever happens by answers a line, and the one to whom an offer went answers his own.
    fn about_offer(&self, n: usize, act: Act) -> Option<(Told, Input)> {
        let (number, to) = self.live.get(n % self.live.len().max(1)).cloned()?;
        let offer = OfferId::new(number);
        let is_line = to.contains("line") || to == "red";
        let name = if is_line {
            format!("w{}", number % 3)
        } else {
            to
        };
        let by = id(&name);
        Some(match act {
            Act::Accept(_) => {
                let told = Told::Accepted {
                    offer: number,
                    by: name,
                };
                (told, Input::Accepted { offer, by })
            }
            Act::Decline(_) => {
                let told = Told::Declined { offer: number };
                (told, Input::Declined { offer, by })
            }
            _ => (Told::Failed { offer: number }, Input::Failed { offer }),
        })
    }

    fn about_contact(&self, now: i64, number: usize, act: Act) -> Option<(Told, Input)> {
        let contact = ContactId::new(1);
        let said = |author| Input::Said {
            contact,
            key: format!("key-{number}").parse().expect("a key"),
            author,
            kind: MessageKind::Text,
        };
        let owner = self.participants.first().cloned();
        Some(match (act, owner) {
            (Act::CustomerSays, _) => (Told::CustomerSaid, said(Author::Customer)),
            (Act::OwnerSays, Some(by)) => {
                let author = Author::Person(id(&by));
                (Told::PersonSaid { by }, said(author))
            }
            (Act::Call(in_s), Some(name)) => {
                let at = start() + TimeDelta::seconds(now + in_s);
                let by = id(&name);
                let told = Told::CallPromised {
                    by: name,
                    at: now + in_s,
                };
                (told, Input::CallBackPromised { contact, by, at })
            }
            (Act::Called, Some(name)) => {
                let by = id(&name);
                (
                    Told::Called { by: name },
                    Input::CallBackKept { contact, by },
                )
            }
            (Act::Close, _) => {
                let by = Author::Software;
                (Told::Closed, Input::Closed { contact, by })
            }
            _ => return None,
        })
    }

    fn note(&mut self, entry: &Entry) {
        let since = |at: DateTime<Utc>| (at - start()).num_milliseconds();
        let at = since(entry.at);
        let whole = |at: DateTime<Utc>| since(at) / 1_000;
        let text = match &entry.fact {
            Fact::Offered { offer } => {
                let to = match &offer.to {
                    Offered::Line(line) => line.to_string(),
                    Offered::Person(person) => person.to_string(),
                };
                self.live.push((offer.id.number(), to.clone()));
                let (id, until) = (offer.id, whole(offer.until));
                format!("{id} to {to} as {:?} until {until}", offer.role)
            }
            Fact::OfferEnded { offer, outcome } => {
                self.live.retain(|(live, _)| *live != offer.number());
                format!("{offer} {outcome:?}")
            }
            Fact::Joined { person } => {
                self.participants.push(person.to_string());
                format!("{person} joins")
            }
            Fact::CircleWidened { circle } => format!("circle {circle}"),
            Fact::LevelStarted { level, round } => format!("level {level} round {round}"),
            Fact::LevelSkipped { level } => format!("level {level} skipped"),
            Fact::Warned { clock } => format!("warned {clock:?}"),
            Fact::Breached { clock } => format!("breached {clock:?}"),
            Fact::Reminded { to, of } => {
                let to = match to {
                    bereik_core::entry::RemindTo::Group(_) => "group",
                    bereik_core::entry::RemindTo::Person(_) => "owner",
                };
                let of = match of {
                    bereik_core::entry::Reminder::CallBack { at } => {
                        format!("call {}", whole(*at))
                    }
                    bereik_core::entry::Reminder::Due { clock, at } => {
                        format!("{clock:?} due {}", whole(*at))
                    }
                    bereik_core::entry::Reminder::Overdue { clock } => {
                        format!("{clock:?} overdue")
                    }
                    _ => "something".to_owned(),
                };
                format!("remind {to} {of}")
            }
            Fact::Promised { promise } => {
                format!("promised {:?} by {}", promise.kind, whole(promise.by))
            }
            Fact::CallBackKept { .. } => "call kept".to_owned(),
            Fact::CallBackMissed { .. } => "call missed".to_owned(),
            Fact::Closed { .. } => "closed".to_owned(),
            _ => return,
        };
        let text = if at % 1_000 == 0 {
            text
        } else {
            format!("{text}, within a second")
        };
        self.played.happened.push((at / 1_000, text));
    }
}
