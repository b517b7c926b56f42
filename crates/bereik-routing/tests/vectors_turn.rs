//! Outcomes that other systems document or test, as data: which of the waiting contacts goes first.
//!
//! The folder is named by `BEREIK_VECTORS`. A case that is answered in another way stands in the
//! code by its name with the reason, and fails when it is not.

#[path = "vectors/file.rs"]
mod file;

use bereik_core::channel_kind::ChannelKind;
use bereik_core::group::Policy;
use bereik_core::id::ContactId;
use bereik_core::urgency::Urgency;
use bereik_routing::backlog::{Backlog, Class, Order, Waiting};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use file::read;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(1_790_000_000 + second)
}

fn class(urgency: Urgency, answer_for_s: u32) -> Class {
    Class {
        urgency,
        channel: ChannelKind::WebChat,
        answer_for_s,
        handle_for_s: 1,
        is_deferred: false,
    }
}

fn waiting(number: u64, since: i64, class: Class) -> Waiting {
    let due = since + i64::from(class.answer_for_s);
    Waiting::new(ContactId::new(number), at(since), at(due))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

/// A priority that is the higher the more it is, as a class: the urgency where it fits, and within
/// it the shorter target.
fn priority(priority: i64) -> Class {
    let urgency = if priority > 0 {
        Urgency::High
    } else {
        Urgency::Normal
    };
    let answer_for_s = 3_600 - u32::try_from(priority).expect("a small number");
    class(urgency, answer_for_s)
}

/// Callers are served by priority, and first in, first out within one.
#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_asterisk_priority() {
    let file = read("asterisk_queue.json");
    let mut cases = list(&file["cases"]).iter();
    let case = cases.find(|case| case["id"] == "position_priority_maxlen");
    let case = case.expect("the case of priorities");
    let mut backlog = Backlog::new(Order::new(Policy::StrictPriority));
    let mut asked = 0;
    for (join, number) in list(&case["joins"]).iter().zip(1u64..) {
        // bereik differs: nobody asks for a place in a backlog (what is more pressing is so by
        // urgency or target), and nobody is turned away because it is full.
        if !join["pos"].is_null() {
            asked += 1;
            continue;
        }
        let class = priority(join["prio"].as_i64().expect("a priority"));
        let since = i64::try_from(number).expect("a small number");
        let one = waiting(number, since, class);
        let place = backlog.ahead_of(at(100), (class, &one), |(), _| true) + 1;
        backlog.insert((), class, one);
        assert_eq!(Some(place as u64), join["expect"].as_u64(), "{join}");
    }
    assert_eq!(asked, 7, "so many ask for a place");
    let served: Vec<u64> = backlog
        .in_turn(at(100), |(), _| true)
        .map(|turn| turn.waiting.id().number())
        .collect();
    let theirs = list(&case["final_order_by_join_index"]).iter();
    let theirs = theirs.map(|index| index.as_u64().expect("an index"));
    let expected: Vec<u64> = theirs.filter(|index| served.contains(index)).collect();
    assert_eq!(served, expected);
}

/// Groups of one priority share who waited longest; a higher priority goes first; a group that is
/// asked after a delay is a later circle.
#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_amazon_priority_and_delay() {
    let file = read("amazon_connect_priority_delay.json");
    let mut told = 0;
    for case in list(&file["cases"]) {
        let profile = list(&case["profile"]);
        let mut backlog = Backlog::new(Order::new(Policy::StrictPriority));
        let mut number = 0;
        let field = |row: &Value, place: usize| row[place].as_i64().expect("a number");
        for row in profile {
            let name = row[0].as_str().expect("a name");
            let class = priority(9 - field(row, 1));
            let delay = field(row, 2);
            for waited in case["waiting"][name].as_array().into_iter().flatten() {
                let waited = waited.as_i64().expect("seconds");
                number += 1;
                // The circle: whether the delay of this profile is over.
                let key = (name, delay <= waited);
                backlog.insert(key, class, waiting(number, -waited, class));
            }
        }
        let next = backlog.first(at(0), 9, |(_, is_open), _| *is_open);
        let next = next.map(|turn| turn.key.0);
        let expected = case["expect"].as_str();
        if expected.is_some_and(|text| text.starts_with("no:")) {
            // bereik differs: there a contact of a lower priority is shown only while no contact
            // of a higher one waits, even one that may not be taken yet. Here somebody idle takes
            // what he may take: a customer is not left alone for another who cannot be helped.
            assert_eq!(next, Some("T4"), "{case}");
            told += 1;
            continue;
        }
        let expected = expected.and_then(|text| text.split(' ').next());
        assert_eq!(next, expected, "{case}");
        told += 1;
    }
    assert_eq!(told, list(&file["cases"]).len());
}

/// "Higher priority first regardless of age; same priority: oldest first."
#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_twilio_task_order() {
    let file = read("twilio_taskrouter.json");
    let rule = file["task_order"].as_str().expect("a rule");
    assert!(rule.contains("regardless of age") && rule.contains("oldest first"));
    let order = Order::new(Policy::StrictPriority);
    let (high, low) = (priority(5), priority(1));
    let (old, young) = (waiting(1, -90_000, low), waiting(2, -1, high));
    assert!(order.compare(at(0), (high, &young), (low, &old)).is_lt());
    let older = waiting(9, -90_001, low);
    assert!(order.compare(at(0), (low, &older), (low, &old)).is_lt());
}

/// "(now − joined) + base score, served by score descending": the one with the longer wait first,
/// and a base score counts as so many seconds of waiting.
#[test]
#[ignore = "needs BEREIK_VECTORS"]
fn vectors_freeswitch_caller_score() {
    let file = read("freeswitch_mod_callcenter.json");
    let rule = file["caller_score"].as_str().expect("a rule");
    assert!(rule.contains("base_score") && rule.ends_with("score desc"));
    let order = Order::new(Policy::Score);
    let (calm, pressing) = (class(Urgency::Normal, 120), class(Urgency::High, 120));
    let is_first = |ahead_s: i64| {
        let (old, young) = (waiting(1, -ahead_s, calm), waiting(2, 0, pressing));
        order
            .compare(at(60), (pressing, &young), (calm, &old))
            .is_lt()
    };
    let base_s = (0..3_600).take_while(|ahead_s| is_first(*ahead_s)).count();
    assert_eq!(base_s, 180, "an urgent one counts as three minutes more");
    assert!(!is_first(base_s as i64 + 1), "and no more than that");
    // bereik differs: its base scores follow from urgency and channel; there is no score of skills
    // and no number of the embedder's own.
}
