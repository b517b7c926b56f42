//! What is made of what a homeserver tells.

use bereik_channel::{Answer, EventKind, Evidence};
use bereik_core::OfferId;
use serde_json::{Value, json};

use super::{Found, Reader, direct_rooms, fill, invited, limited};
use crate::matrix::seen::Seen;
use crate::posted::Posted;

const US: &str = "@desk:x.org";
const BOB: &str = "@bob:x.org";

struct Desk {
    posted: Posted,
    seen: Seen,
}

impl Desk {
    fn new() -> Self {
        let (posted, seen) = (Posted::default(), Seen::default());
        Self { posted, seen }
    }

    /// What comes of a timeline and what passes, in the room for two with Bob.
    fn read(&mut self, timeline: &Value, passing: &Value) -> (Vec<Found>, usize) {
        let directs = direct_rooms(&json!({BOB: ["!r"]}));
        let mut reader = Reader {
            us: US,
            directs: &directs,
            posted: &self.posted,
            seen: &mut self.seen,
            next: "s2",
            found: Vec::new(),
            unclear: Vec::new(),
            changed: Vec::new(),
            read: Vec::new(),
        };
        let room = json!({"timeline": {"events": timeline}, "ephemeral": {"events": passing}});
        reader.read(&json!({"rooms": {"join": {"!r": room}}}));
        (reader.found, reader.unclear.len())
    }

    fn kinds(&mut self, timeline: &Value) -> Vec<EventKind> {
        let (found, _) = self.read(timeline, &json!([]));
        found.into_iter().map(|found| found.event.kind).collect()
    }
}

fn message(id: &str, sender: &str, content: Value) -> Value {
    json!({"type": "m.room.message", "event_id": id, "sender": sender, "content": content})
}

fn text(id: &str, sender: &str, body: &str) -> Value {
    message(id, sender, json!({"msgtype": "m.text", "body": body}))
}

#[test]
fn only_what_is_new_and_of_others_comes_in() {
    let changed = json!({
        "msgtype": "m.text", "body": "* hello!", "m.relates_to": {"rel_type": "m.replace", "event_id": "$1"},
    });
    let timeline = json!([
        text("$1", BOB, "hello"),
        message("$2", BOB, changed),
        text("$3", US, "our own"),
        {"type": "m.room.message", "event_id": "$4", "sender": BOB, "content": {}},
        {"type": "m.room.message", "sender": BOB},
        {"type": "m.room.encrypted", "event_id": "$5", "sender": BOB, "content": {"ciphertext": "x"}},
        text("$6", "@eve:x.org", "hi"),
    ]);
    let kinds = Desk::new().kinds(&timeline);
    let [
        EventKind::Message(first),
        EventKind::Gap,
        EventKind::Message(second),
    ] = &kinds[..]
    else {
        panic!("{kinds:?}")
    };
    assert_eq!(first.from.to_string(), "handle:matrix/@bob:x.org");
    assert_eq!(second.from.to_string(), "handle:matrix/!r/@eve:x.org");
}

#[test]
fn a_receipt_tells_of_all_before_it_that_is_ours_and_nothing_else() {
    let ours = |id: &str, transaction: &str| {
        let mut event = text(id, US, "words");
        event["unsigned"] = json!({"transaction_id": transaction});
        event
    };
    let timeline = json!([
        ours("$1", "message/M1"),
        ours("$2", "bereik.which.$0"),
        text("$3", BOB, "hm"),
        text("$4", US, "from another program"),
        ours("$5", "offer/O1"),
    ]);
    let receipt = |event: &str, user: &str| json!([{"type": "m.receipt", "content": {event: {"m.read": {user: {"ts": 1}}}}}]);
    let mut desk = Desk::new();
    let mut read = |event: &str, user: &str| -> Vec<String> {
        let (found, _) = desk.read(&timeline, &receipt(event, user));
        let keys = found
            .into_iter()
            .filter_map(|found| match found.event.kind {
                EventKind::Delivery {
                    of,
                    evidence: Evidence::Read,
                } => Some(of.as_str().to_owned()),
                _ => None,
            });
        keys.collect()
    };
    assert_eq!(read("$4", BOB), ["message/M1"]);
    assert_eq!(read("$5", BOB), ["message/M1", "offer/O1"]);
    assert!(read("$5", US).is_empty());
    assert!(read("$unknown", BOB).is_empty());
}

#[test]
fn an_offer_is_answered_by_whom_it_was_put_to() {
    let reaction = |sender: &str, of: &str, sign: &str| {
        let to = json!({"rel_type": "m.annotation", "event_id": of, "key": sign});
        json!({"type": "m.reaction", "event_id": format!("$r{sign}"), "sender": sender, "content": {"m.relates_to": to}})
    };
    let reply = |of: &str, body: &str| {
        let to = json!({"m.in_reply_to": {"event_id": of}});
        message(
            "$reply",
            BOB,
            json!({"msgtype": "m.text", "body": body, "m.relates_to": to}),
        )
    };
    let answers = |timeline: Value| -> Vec<(OfferId, Answer)> {
        let mut desk = Desk::new();
        desk.posted.note(OfferId::new(1), "!r/@bob:x.org", "$o1");
        desk.posted.note(OfferId::new(2), "!r/@bob:x.org", "$o2");
        let answered = desk
            .kinds(&timeline)
            .into_iter()
            .filter_map(|kind| match kind {
                EventKind::Answered { offer, answer, .. } => Some((offer, answer)),
                _ => None,
            });
        answered.collect()
    };
    let accepted = |number| (OfferId::new(number), Answer::Accepted);
    let declined = |number| (OfferId::new(number), Answer::Declined);
    assert_eq!(
        answers(json!([reaction(BOB, "$o2", "\u{1f44d}")])),
        [accepted(2)]
    );
    assert_eq!(
        answers(json!([reaction(BOB, "$o2", "\u{1f44e}\u{1f3ff}")])),
        [declined(2)]
    );
    assert_eq!(
        answers(json!([reply("$o1", "> words\n\naccept")])),
        [accepted(1)]
    );
    assert_eq!(
        answers(json!([text("$1", BOB, "decline o2")])),
        [declined(2)]
    );
    for nothing in [
        reaction("@eve:x.org", "$o2", "\u{1f44d}"),
        message(
            "$1",
            BOB,
            json!({"msgtype": "m.notice", "body": "accept O1"}),
        ),
        reaction(BOB, "$other", "\u{1f44d}"),
        reaction(BOB, "$o2", "\u{2764}"),
        text("$1", "@eve:x.org", "accept O1"),
        text("$1", BOB, "accept O3"),
    ] {
        assert!(answers(json!([nothing])).is_empty(), "{nothing}");
    }
    let mut desk = Desk::new();
    for (number, event) in [(1, "$o1"), (2, "$o2")] {
        desk.posted.note(OfferId::new(number), "!r", event);
    }
    let (found, unclear) = desk.read(&json!([text("$1", BOB, "accept")]), &json!([]));
    assert_eq!((found.len(), unclear), (0, 1));
}

#[test]
fn invitations_and_what_was_left_out_are_found() {
    let member = |user: &str, how: &str| json!({"type": "m.room.member", "sender": BOB, "state_key": user, "content": {"membership": how, "is_direct": true}});
    let timeline = |events: Value| json!({"timeline": {"limited": true, "prev_batch": "p1", "events": events}});
    let mut told = json!({"rooms": {
        "invite": {"!i": {"invite_state": {"events": [member(US, "invite")]}}, "!strange": {}},
        "join": {"!old": timeline(json!([text("$3", BOB, "c")])), "!new": timeline(json!([member(US, "join")]))},
    }});
    let invited = invited(&told, US);
    assert_eq!(invited.len(), 1);
    assert_eq!(
        (&*invited[0].room, &*invited[0].by, invited[0].is_direct),
        ("!i", BOB, true)
    );
    let limited = limited(&told, US);
    assert_eq!(limited.len(), 1);
    assert_eq!((&*limited[0].room, &*limited[0].before), ("!old", "p1"));
    fill(
        &mut told,
        "!old",
        &json!([text("$2", BOB, "b"), text("$1", BOB, "a")]),
    );
    let events = told["rooms"]["join"]["!old"]["timeline"]["events"]
        .as_array()
        .expect("events");
    let ids: Vec<_> = events
        .iter()
        .map(|event| event["event_id"].as_str())
        .collect();
    assert_eq!(ids, [Some("$1"), Some("$2"), Some("$3")]);
}

#[test]
fn a_quote_is_left_out_and_a_message_that_is_nothing_else_is_kept() {
    for (body, expected) in [
        ("> a\n> b\n\nanswer\n> mine", "answer\n> mine"),
        ("answer", "answer"),
        ("> only this", "> only this"),
    ] {
        assert_eq!(super::without_quote(body), expected);
    }
}

#[test]
fn a_file_has_a_name_and_a_place() {
    let image = json!({"msgtype": "m.image", "body": "cat.png", "url": "mxc://x.org/abc", "info": {"size": 3, "mimetype": "image/png"}});
    let file = super::file(&image).expect("a file");
    assert_eq!((&*file.name, file.size), ("cat.png", 3));
    assert_eq!(file.at, Some(("x.org".to_owned(), "abc".to_owned())));
    let elsewhere =
        json!({"msgtype": "m.file", "body": "x", "url": "https://evil.example.org/abc"});
    assert_eq!(super::file(&elsewhere).and_then(|file| file.at), None);
    assert_eq!(
        super::file(&json!({"msgtype": "m.text", "url": "mxc://x.org/abc"})),
        None
    );
}
