//! Reads the lines of a story as inputs, and writes down what the engine says.

use std::fmt::Write as _;

use bereik_core::acknowledgement::Promise;
use bereik_core::address::Address;
use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::contact::{Addressee, Customer};
use bereik_core::customer::CustomerProfile;
use bereik_core::directory::Directory;
use bereik_core::entry::{Entry, Fact};
use bereik_core::group::Requirement;
use bereik_core::id::{ContactId, OfferId, PersonId};
use bereik_core::message::{Author, MessageKind};
use bereik_core::offer::Offered;
use bereik_core::praise::Judgement;
use bereik_core::reachability::{Reach, ReachReason, Reachability};
use bereik_core::urgency::Urgency;
use bereik_core::wording::Wording;
use bereik_core::zone::Zone;
use bereik_routing::{Effect, Engine, Input, Opening, Output};
use chrono::{DateTime, Utc};

use super::company;

pub(crate) struct Teller {
    engine: Engine,
    keys: u32,
}

/// `Mon 09:00:05` in the week of Monday 23 November 2026.
fn instant(day: &str, clock: &str) -> DateTime<Utc> {
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let day = days.iter().position(|d| *d == day).expect("a day") + 23;
    let text = format!("2026-11-{day:02}T{clock}Z");
    text.parse().expect("a clock's time")
}

fn shown(at: DateTime<Utc>) -> String {
    at.format("%a %H:%M:%S").to_string()
}

fn author(word: &str) -> Author {
    match word {
        "customer" => Author::Customer,
        "software" => Author::Software,
        person => Author::Person(person.parse().expect("an id")),
    }
}

fn contact(word: &str) -> ContactId {
    let number = word.strip_prefix('C').expect("a contact");
    ContactId::new(number.parse().expect("a number"))
}

fn offer(word: &str) -> OfferId {
    let number = word.strip_prefix('O').expect("an offer");
    OfferId::new(number.parse().expect("a number"))
}

fn person(word: &str) -> PersonId {
    word.parse().expect("an id")
}

fn addressee(word: &str) -> Addressee {
    match word.split_once(':') {
        Some(("person", id)) => Addressee::Person(person(id)),
        _ => Addressee::Group(word.parse().expect("an id")),
    }
}

/// A colleague by name, or `group:ID`.
fn colleague(word: &str) -> Addressee {
    match word.split_once(':') {
        Some(("group", id)) => Addressee::Group(id.parse().expect("an id")),
        _ => Addressee::Person(person(word)),
    }
}

/// Each word is a skill, at its least level.
fn requirements(words: &[&str]) -> Vec<Requirement> {
    let requirement = |word: &&str| Requirement {
        skill: word.parse().expect("an id"),
        at_least: 1,
        is_soft: false,
    };
    words.iter().map(requirement).collect()
}

fn kind(word: &str) -> ChannelKind {
    let mut all = ChannelKind::ALL.into_iter();
    all.find(|kind| kind.name() == word)
        .expect("a kind of channel")
}

/// `at-desk`, `meeting-until Tue 09:30:00`, `off-until Tue 08:30:00`, `on-call`,
/// `on-call-at-desk`, `unknown`, `no-desk`.
fn row(words: &[&str]) -> PerChannel<Reachability> {
    let (web, other) = match words {
        ["at-desk"] => {
            let now = (Reach::Now, ReachReason::Available);
            (now, now)
        }
        ["meeting-until", day, clock] => {
            let from = Reach::From(instant(day, clock));
            ((from, ReachReason::Busy), (from, ReachReason::Busy))
        }
        ["no-desk"] => (
            (Reach::Never, ReachReason::NoDesk),
            (Reach::Now, ReachReason::Available),
        ),
        ["off-until", day, clock] => {
            let from = Reach::From(instant(day, clock));
            ((from, ReachReason::OffDuty), (from, ReachReason::OffDuty))
        }
        ["on-call-at-desk"] => {
            let on_call = (Reach::OnCall, ReachReason::OnCall);
            (on_call, on_call)
        }
        ["on-call"] => (
            (Reach::Never, ReachReason::NoDesk),
            (Reach::OnCall, ReachReason::OnCall),
        ),
        ["unknown"] => {
            let unknown = (Reach::Unknown, ReachReason::Unknown);
            (unknown, unknown)
        }
        _ => panic!("not a reachability: {words:?}"),
    };
    PerChannel::from_fn(|kind| {
        let (reach, reason) = if kind == ChannelKind::WebChat {
            web
        } else {
            other
        };
        Reachability { reach, reason }
    })
}

/// What is told around colleagues; anything else is about customers, or somebody's reachability.
fn colleagues(words: &[&str]) -> Input {
    match words {
        ["invite", c, who, by, needs @ ..] => Input::Invited {
            contact: contact(c),
            whom: colleague(who),
            requires: requirements(needs),
            by: person(by),
        },
        ["transfer", c, who, by, needs @ ..] => Input::Transferred {
            contact: contact(c),
            whom: colleague(who),
            requires: requirements(needs),
            by: person(by),
        },
        ["consult", c, who, by, needs @ ..] => Input::Consulted {
            contact: contact(c),
            whom: colleague(who),
            requires: requirements(needs),
            by: person(by),
        },
        ["withdraw", o, by] => Input::Withdrawn {
            offer: offer(o),
            by: author(by),
        },
        ["wrapped-up", who] => Input::WrappedUp {
            person: person(who),
        },
        ["more-wrap-up", who, seconds] => Input::WrapUpProlonged {
            person: person(who),
            for_s: seconds.parse().expect("seconds"),
        },
        ["hand-over", c, channel, by] => Input::HandedOver {
            contact: contact(c),
            channel: kind(channel),
            address: None,
            line: None,
            by: author(by),
        },
        ["call-failed", c] => Input::HandOverFailed {
            contact: contact(c),
            channel: ChannelKind::Phone,
        },
        words => of_time(words),
    }
}

/// `urgency C1 normal anna works-around-it`, `call-back C1 anna Mon 14:00:00`, `called C1 anna`,
/// `replan C1 anna`, `praise C1 anna billing bram`, `company office`, and who can be reached.
fn of_time(words: &[&str]) -> Input {
    match words {
        ["urgency", c, urgency, by, reason @ ..] => Input::UrgencyChanged {
            contact: contact(c),
            urgency: parse_urgency(urgency),
            by: author(by),
            reason: reason.first().map(|r| r.parse().expect("a reason")),
        },
        ["company", name] => Input::DirectoryReplaced(Box::new(company::changed(name))),
        ["call-back", c, by, day, clock] => Input::CallBackPromised {
            contact: contact(c),
            by: person(by),
            at: instant(day, clock),
        },
        ["called", c, by] => Input::CallBackKept {
            contact: contact(c),
            by: person(by),
        },
        ["praise", c, of, skill, by] => Input::Praised {
            contact: contact(c),
            of: person(of),
            skill: skill.parse().expect("an id"),
            judgement: Judgement::Praise,
            by: person(by),
        },
        ["replan", c, by] => Input::Replanned {
            contact: contact(c),
            by: author(by),
        },
        words => about_customer(words),
    }
}

impl Teller {
    pub(crate) fn new(directory: Directory) -> Self {
        let engine = Engine::new(directory);
        Self { engine, keys: 0 }
    }

    /// Tells one line to the engine and answers what it says, as text.
    pub(crate) fn tell(&mut self, line: &str) -> String {
        let words: Vec<&str> = line.split_whitespace().collect();
        let at = instant(words[0], words[1]);
        if words[2] == "crash" {
            let bytes = self.engine.snapshot();
            self.engine = Engine::restore(&bytes).expect("a snapshot restores");
            return String::new();
        }
        let (_, input) = self.read(line);
        let answer = self.engine.handle(at, input);
        let mut told = format!("  = {answer:?}\n");
        loop {
            match self.engine.poll_output() {
                Output::Effect(effect) => {
                    let over = match &effect {
                        Effect::Forward { channel, .. } => format!(" over {}", channel.name()),
                        _ => String::new(),
                    };
                    writeln!(told, "    -> {}{over}", effect.key())
                        .expect("a string takes everything");
                }
                Output::Entry(entry) => {
                    let text = self.entry(&entry);
                    let (at, of) = (shown(entry.at), entry.contact);
                    writeln!(told, "  {at} {of} {text}").expect("a string takes everything");
                }
                Output::Summary(_) => {}
                Output::Wait(next) => {
                    let next = next.map_or("for an input".to_owned(), shown);
                    writeln!(told, "  wait {next}").expect("a string takes everything");
                    return told;
                }
            }
        }
    }

    /// The instant and the input that a line means.
    pub(crate) fn read(&mut self, line: &str) -> (DateTime<Utc>, Input) {
        let words: Vec<&str> = line.split_whitespace().collect();
        (instant(words[0], words[1]), self.input(&words[2..]))
    }

    fn input(&mut self, words: &[&str]) -> Input {
        match words {
            ["open", rest @ ..] => Input::Opened(Box::new(self.opening(rest))),
            ["advance"] => Input::Advanced,
            ["accept", o, by] => Input::Accepted {
                offer: offer(o),
                by: person(by),
            },
            ["decline", o, by] => Input::Declined {
                offer: offer(o),
                by: person(by),
            },
            ["fail", o] => Input::Failed { offer: offer(o) },
            ["claim", c, by] => Input::Claimed {
                contact: contact(c),
                by: person(by),
            },
            ["close", c, by] => Input::Closed {
                contact: contact(c),
                by: author(by),
            },
            ["reopen", c, by] => Input::Reopened {
                contact: contact(c),
                by: author(by),
            },
            ["gone", c] => Input::CustomerGone {
                contact: contact(c),
            },
            ["back", c] => Input::CustomerBack {
                contact: contact(c),
            },
            ["note", c, by, key] => Input::Said {
                contact: contact(c),
                key: key.parse().expect("a key"),
                author: author(by),
                kind: MessageKind::Note,
            },
            ["leave", c, who] => Input::Left {
                contact: contact(c),
                person: person(who),
            },
            ["phone", c, by] => Input::PhoneAsked {
                contact: contact(c),
                by: author(by),
            },
            ["say", c, by, key] => Input::Said {
                contact: contact(c),
                key: key.parse().expect("a key"),
                author: author(by),
                kind: MessageKind::Text,
            },
            words => colleagues(words),
        }
    }

    /// `open [for ADDRESSEE] [by ADDRESS] [over CHANNEL] [at LINE] [on PAGE] [about NEED] [as URGENCY]
    /// [key KEY]`
    fn opening(&mut self, mut words: &[&str]) -> Opening {
        self.keys += 1;
        let key = format!("key-{}", self.keys);
        let mut opening = Opening::new(
            key.parse().expect("a key"),
            Customer::default(),
            ChannelKind::WebChat,
        );
        while let [name, value, rest @ ..] = words {
            match *name {
                "for" => opening.addressee = Some(addressee(value)),
                "by" => {
                    let address: Address = value.parse().expect("an address");
                    opening.customer.addresses.push(address);
                }
                "at" => opening.line = Some(value.parse().expect("an id")),
                "on" => opening.page = Some((*value).to_owned()),
                "about" => opening.need = Some(value.parse().expect("an id")),
                "over" => opening.channel = parse_channel(value),
                "as" => opening.urgency = parse_urgency(value),
                "key" => opening.key = value.parse().expect("a key"),
                _ => panic!("not a part of an opening: {name}"),
            }
            words = rest;
        }
        opening
    }

    fn words_of(&self, entry: &Entry) -> String {
        let Fact::Acknowledged { acknowledgement } = &entry.fact else {
            return String::new();
        };
        let directory = self.engine.directory();
        let name_of = |id: &PersonId| {
            let person = directory.person(id);
            person.map_or(id.to_string(), |person| person.name.clone())
        };
        let address_of = |id: &bereik_core::id::LineId| {
            let line = directory.line(id);
            line.map_or(id.to_string(), |(line, _)| line.address.to_string())
        };
        let wording = Wording {
            language: bereik_core::language::Language::English,
            zone: &Zone::utc(),
            now: entry.at,
            name_of: &name_of,
            address_of: &address_of,
        };
        wording.acknowledgement(acknowledgement)
    }

    fn entry(&self, entry: &Entry) -> String {
        match &entry.fact {
            Fact::Acknowledged { .. } => format!("told: \"{}\"", self.words_of(entry)),
            Fact::Chosen { explanation } => {
                let chosen: Vec<_> = explanation.chosen.iter().map(|p| p.as_str()).collect();
                let by = explanation.decided_by;
                let by = by.map_or(String::new(), |key| format!(" by {key:?}"));
                let not = explanation.excluded.iter();
                let not: Vec<String> = not.map(|(p, why)| format!("{p} {why:?}")).collect();
                let (chosen, not) = (chosen.join(", "), not.join(", "));
                let circle = explanation.circle;
                format!("chosen in circle {circle}: [{chosen}]{by}; not: [{not}]")
            }
            Fact::Offered { offer } => {
                let to = match &offer.to {
                    Offered::Line(line) => format!("line {line}"),
                    Offered::Person(person) => person.to_string(),
                };
                let (id, role, until) = (offer.id, offer.role, shown(offer.until));
                format!("{id} offered to {to} as {role:?} until {until}")
            }
            Fact::OfferEnded { offer, outcome } => format!("{offer} {outcome:?}"),
            Fact::Promised {
                promise: Promise { kind, by },
            } => format!("promised: {kind:?} by {}", shown(*by)),
            Fact::StateChanged { state } => format!("is {state:?}"),
            fact => format!("{fact:?}"),
        }
    }
}

/// Who a customer is, what is about one need, and how people are reached.
fn about_customer(words: &[&str]) -> Input {
    match words {
        ["answer", c, option] => Input::TriageAnswered {
            contact: contact(c),
            option: option.parse().expect("a number"),
        },
        ["declare", need, c, by] => Input::IncidentDeclared {
            need: need.parse().expect("an id"),
            contact: contact(c),
            by: person(by),
        },
        ["directory", what] => Input::DirectoryReplaced(Box::new(company::with(what))),
        ["known", c, what @ ..] => Input::CustomerKnown {
            contact: contact(c),
            profile: Box::new(profile(what)),
        },
        ["left", c] => Input::CustomerLeft {
            contact: contact(c),
        },
        ["merge", from, into, by] => Input::Merged {
            from: contact(from),
            into: contact(into),
            by: person(by),
        },
        ["over", incident, by] => Input::IncidentClosed {
            incident: incident.parse().expect("an incident"),
            by: person(by),
        },
        ["split", c, key, by, messages @ ..] => Input::Split {
            contact: contact(c),
            messages: messages
                .iter()
                .map(|m| m.parse().expect("a message"))
                .collect(),
            key: key.parse().expect("a key"),
            by: person(by),
        },
        ["use", c, channel, line @ ..] => Input::LegUsed {
            contact: contact(c),
            channel: parse_channel(channel),
            line: line.first().map(|line| line.parse().expect("an id")),
        },
        ["word", incident, key, by] => Input::IncidentWord {
            incident: incident.parse().expect("an incident"),
            key: key.parse().expect("a key"),
            kind: MessageKind::Text,
            by: person(by),
        },
        [who, reach @ ..] => Input::Reachability {
            person: person(who),
            row: row(reach),
        },
        [] => panic!("a line without an input"),
    }
}

/// `[at ADDRESS] [critical NEED] [owner PERSON] [entitled TO]`; what is critical makes a
/// calamity.
fn profile(mut words: &[&str]) -> CustomerProfile {
    let mut profile = CustomerProfile::default();
    while let [name, value, rest @ ..] = words {
        match *name {
            "at" => profile.addresses.push(value.parse().expect("an address")),
            "critical" => {
                let need = value.parse().expect("an id");
                profile.critical.insert(need, Urgency::Calamity);
            }
            "owner" => profile.owner = Some(person(value)),
            "entitled" => profile.entitlements.push(value.parse().expect("an id")),
            _ => panic!("not a part of a profile: {name}"),
        }
        words = rest;
    }
    profile
}

fn parse_channel(word: &str) -> ChannelKind {
    let mut all = ChannelKind::ALL.into_iter();
    all.find(|channel| channel.name() == word)
        .expect("a channel")
}

fn parse_urgency(word: &str) -> Urgency {
    let mut all = Urgency::ALL.into_iter();
    all.find(|urgency| urgency.name() == word)
        .expect("an urgency")
}
