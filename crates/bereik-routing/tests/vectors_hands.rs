//! Outcomes that other systems document or test, as data: wrap-up, pause, and channels that exclude
//! each other.
//!
//! The folder is named by `BEREIK_VECTORS`. A case that is answered in another way stands in the code
//! by its name with the reason, and fails when it is not.

#[path = "vectors/file.rs"]
mod file;

use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::contact::{Addressee, Customer};
use bereik_core::directory::Draft;
use bereik_core::group::{Group, Strategy};
use bereik_core::id::{ContactId, PersonId};
use bereik_core::message::Author;
use bereik_core::offer::{Offer, Offered};
use bereik_core::person::Person;
use bereik_core::reachability::{Reach, ReachReason, Reachability};
use bereik_core::zone::Zone;
use bereik_routing::{Answer, Effect, Engine, Input, Opening, Output, Question};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use file::read;

fn case(id: &str) -> Value {
    let file = read("asterisk_queue.json");
    let cases = file["cases"].as_array().expect("a list of cases");
    let case = cases.iter().find(|case| case["id"] == id);
    case.unwrap_or_else(|| panic!("no case {id}")).clone()
}

fn texts(list: &Value) -> Vec<&str> {
    let list = list.as_array().expect("a list").iter();
    list.map(|one| one.as_str().expect("a text")).collect()
}

fn id(name: &str) -> PersonId {
    name.parse().expect("an id")
}

/// Calls come in one by one; each is answered by whom it is offered to, and takes two seconds.
struct Queues {
    engine: Engine,
    now: DateTime<Utc>,
    calls: u32,
}

impl Queues {
    /// Everybody is a member of every queue, and there.
    fn new(queues: &[&str], people: Vec<Person>, strategy: Strategy) -> Self {
        let members: Vec<PersonId> = people.iter().map(|person| person.id.clone()).collect();
        let mut draft = Draft::new("Queues", Zone::utc());
        for queue in queues {
            let id = queue.parse().expect("an id");
            let group = Group::new(id, *queue, members.clone());
            draft = draft.with_group(group.with_strategy(strategy));
        }
        draft.people = people;
        let mut queues = Self {
            engine: Engine::new(draft.check().expect("these queues are right")),
            now: "2026-11-23T09:00:00Z".parse().expect("an instant"),
            calls: 0,
        };
        for person in members {
            queues.reach(&person, Reach::Now, ReachReason::Available);
        }
        queues
    }

    fn tell(&mut self, input: Input) -> (Answer, Vec<Offer>) {
        let answer = self.engine.handle(self.now, input);
        let mut offers = Vec::new();
        loop {
            match self.engine.poll_output() {
                Output::Wait(_) => return (answer, offers),
                Output::Effect(Effect::Offer(offer)) => offers.push(offer),
                _ => {}
            }
        }
    }

    fn reach(&mut self, person: &PersonId, reach: Reach, reason: ReachReason) {
        let row = PerChannel::from_fn(|_| Reachability { reach, reason });
        let person = person.clone();
        self.tell(Input::Reachability { person, row });
    }

    /// A contact comes in; answers it, and who is asked.
    fn open(&mut self, queue: &str, channel: ChannelKind) -> (ContactId, Vec<Offer>) {
        self.calls += 1;
        let key = format!("call-{}", self.calls).parse().expect("a key");
        let queue = Addressee::Group(queue.parse().expect("an id"));
        let opening = Opening::new(key, Customer::default(), channel).for_addressee(queue);
        match self.tell(Input::Opened(Box::new(opening))) {
            (Answer::Opened(contact), offers) => (contact, offers),
            (answer, _) => panic!("{answer:?}"),
        }
    }

    /// A call of two seconds after so many seconds; answers who had it. A caller whom nobody
    /// answers hangs up.
    fn call(&mut self, queue: &str, after_s: i64) -> Option<PersonId> {
        self.now += TimeDelta::seconds(after_s);
        let (contact, offers) = self.open(queue, ChannelKind::Phone);
        let by = offers.first().map(|offer| match &offer.to {
            Offered::Person(person) => (offer.id, person.clone()),
            Offered::Line(line) => panic!("{line} is asked"),
        });
        if let Some((offer, by)) = by.clone() {
            self.tell(Input::Accepted { offer, by });
        }
        self.now += TimeDelta::seconds(2);
        let by_customer = Author::Customer;
        self.tell(Input::Closed {
            contact,
            by: by_customer,
        });
        by.map(|(_, person)| person)
    }
}

fn wrapping_up(name: &str, seconds: u32) -> Person {
    let mut person = Person::new(id(name), name);
    person.wrap_up_s.insert(ChannelKind::Phone, seconds);
    person
}

/// Who answered each call of a case whose members wrap up for longer than it lasts.
fn answered(case: &Value) -> Vec<Option<PersonId>> {
    // An hour is the longest that anybody wraps up here.
    let longest = case["wrapuptime_s"].as_u64().expect("a time").min(3_600);
    let seconds = u32::try_from(longest).expect("an hour");
    let members = texts(&case["members"]).into_iter();
    let people = members.map(|name| wrapping_up(name, seconds)).collect();
    let mut queues = Queues::new(&texts(&case["queues"]), people, Strategy::OrderOfKeys);
    let calls = case["calls"].as_array().expect("a list of calls");
    let queue = |call: &Value| call["queue"].as_str().expect("a queue").to_owned();
    calls
        .iter()
        .map(|call| queues.call(&queue(call), 1))
        .collect()
}

fn expected(case: &Value) -> Vec<Option<PersonId>> {
    let calls = case["calls"].as_array().expect("a list of calls").iter();
    calls
        .map(|call| call["answered"].as_str().map(id))
        .collect()
}

#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_wrap_up_holds_for_every_queue() {
    let case = case("wrapup_shared");
    assert_eq!(answered(&case), expected(&case));
}

/// Asterisk lets another queue ring somebody who wraps up, unless told otherwise. Here wrap-up
/// belongs to the person, so the answer is always that of the shared one.
#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_wrap_up_is_never_by_queue() {
    let (apart, shared) = (case("wrapup_not_shared"), case("wrapup_shared"));
    assert_ne!(answered(&apart), expected(&apart));
    assert_eq!(answered(&apart), expected(&shared));
}

#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_each_member_wraps_up_for_his_own_time() {
    let case = case("wrapup_per_member");
    let times = case["member_wrapup_s"].as_object().expect("times");
    let seconds = |time: &Value| u32::try_from(time.as_u64().expect("a time")).expect("seconds");
    let people = times
        .iter()
        .map(|(name, time)| wrapping_up(name, seconds(time)));
    let mut queues = Queues::new(&["q"], people.collect(), Strategy::OrderOfKeys);
    // The case leaves the pace to the reader: m1 wraps up for 20 s, m2 for 10 s.
    let pace = [0, 1, 10, 5, 3, 1];
    let answered: Vec<_> = pace.iter().map(|after| queues.call("q", *after)).collect();
    assert_eq!(answered, expected(&case));
}

#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_nobody_who_is_paused_is_rung() {
    let case = case("all_paused");
    let names = texts(&case["members_paused"]);
    let people = names.iter().map(|name| Person::new(id(name), *name));
    let mut queues = Queues::new(&["q"], people.collect(), Strategy::OrderOfKeys);
    for name in &names {
        queues.reach(&id(name), Reach::Never, ReachReason::DoNotDisturb);
    }
    assert_eq!(queues.call("q", 1), None);
}

#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_only_who_is_not_paused_is_rung() {
    let case = case("one_paused");
    let people = ["m1", "m2"].map(|name| Person::new(id(name), name));
    let mut queues = Queues::new(&["q"], people.into(), Strategy::RingAll);
    for name in texts(&case["paused"]) {
        queues.reach(&id(name), Reach::Never, ReachReason::DoNotDisturb);
    }
    let (_, offers) = queues.open("q", ChannelKind::Phone);
    let rung: Vec<_> = offers.into_iter().map(|offer| offer.to).collect();
    assert_eq!(rung, [Offered::Person(id("m2"))]);
}

/// So many contacts that one person holds: `voice`, `2 chats`.
fn held(on: &str) -> (ChannelKind, usize) {
    match on.split_once(' ') {
        Some((number, "chats")) => (ChannelKind::WebChat, number.parse().expect("a number")),
        _ if on == "voice" => (ChannelKind::Phone, 1),
        _ => panic!("what is {on}?"),
    }
}

#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_a_call_excludes_chats_and_chats_a_call() {
    let file = read("amazon_connect_priority_delay.json");
    let cases = file["channel_concurrency"].as_array().expect("cases");
    assert!(!cases.is_empty());
    for case in cases {
        let profile = &case["profile"];
        assert_eq!(profile["cross_channel"], false, "the company's own rule");
        let most = |kind: &str| u8::try_from(profile[kind].as_u64().expect("a number"));
        let mut person = Person::new(id("anna"), "Anna");
        let (voice, chat) = (most("voice").expect("few"), most("chat").expect("few"));
        person.capacity.insert(ChannelKind::Phone, voice);
        person.capacity.insert(ChannelKind::WebChat, chat);
        let mut queues = Queues::new(&["q"], vec![person], Strategy::OrderOfKeys);
        let (kind, number) = held(case["on"].as_str().expect("what is held"));
        for _ in 0..number {
            let (_, offers) = queues.open("q", kind);
            let offer = offers[0].id;
            let by = id("anna");
            queues.tell(Input::Accepted { offer, by });
        }
        let to = Addressee::Group("q".parse().expect("an id"));
        for (name, kind) in [
            ("voice", ChannelKind::Phone),
            ("chat", ChannelKind::WebChat),
        ] {
            let asked = queues
                .engine
                .decide(queues.now, &Question::new(to.clone(), kind))
                .chosen;
            let expected = case["offer"][name].as_bool();
            assert_eq!(Some(!asked.is_empty()), expected, "{name} in {case}");
        }
    }
}
