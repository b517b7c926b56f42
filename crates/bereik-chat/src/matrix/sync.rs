//! What came in, read from what a homeserver tells of it: no I/O here.

use std::collections::BTreeMap;

use bereik_channel::{Answer, Event, EventKind, Evidence, Inbound, Label};
use bereik_core::id::Key;
use bereik_core::{Address, OfferId};
use serde_json::Value;

use super::seen::Seen;
use super::wire;
use crate::posted::Posted;
use crate::spoken;

/// Transactions of this name are none that anybody here asked for.
pub(super) const OWN: &str = "bereik.";

/// Keys have at most 128 bytes, and identifiers up to 255.
const KEY_BYTES_MAX: usize = 128;

/// Something that came in, and the file that belongs to it.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) event: Event,
    pub(super) file: Option<File>,
}

/// A file that somebody sent, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) media_type: String,
    pub(super) size: u64,
    /// The server that has it, and its name there.
    pub(super) at: Option<(String, String)>,
}

/// Somebody asks us into a room.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Invited {
    pub(super) room: String,
    pub(super) by: String,
    pub(super) is_direct: bool,
}

/// A room of which more happened than is told.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Limited {
    pub(super) room: String,
    pub(super) before: String,
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value[name].as_str()
}

fn rooms<'a>(told: &'a Value, how: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    told["rooms"][how].as_object().into_iter().flatten()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The rooms that we are asked into.
pub(super) fn invited(told: &Value, us: &str) -> Vec<Invited> {
    let invited = rooms(told, "invite").filter_map(|(room, told)| {
        let events = list(&told["invite_state"]["events"]);
        let ours = events
            .iter()
            .find(|event| event["type"] == "m.room.member" && event["state_key"] == us)?;
        Some(Invited {
            room: room.clone(),
            by: text(ours, "sender")?.to_owned(),
            is_direct: ours["content"]["is_direct"] == true,
        })
    });
    invited.collect()
}

/// The rooms of which more happened than is told, while we were in them.
pub(super) fn limited(told: &Value, us: &str) -> Vec<Limited> {
    let limited = rooms(told, "join").filter_map(|(room, told)| {
        let timeline = &told["timeline"];
        let is_new = list(&timeline["events"])
            .iter()
            .any(|event| event["type"] == "m.room.member" && event["state_key"] == us);
        let before =
            text(timeline, "prev_batch").filter(|_| timeline["limited"] == true && !is_new);
        Some(Limited {
            room: room.clone(),
            before: before?.to_owned(),
        })
    });
    limited.collect()
}

/// Puts what was looked up before what was told; what was looked up comes newest first.
pub(super) fn fill(told: &mut Value, room: &str, before: &Value) {
    let timeline = &mut told["rooms"]["join"][room]["timeline"]["events"];
    let mut events: Vec<Value> = list(before).iter().rev().cloned().collect();
    events.extend(list(timeline).iter().cloned());
    *timeline = Value::Array(events);
}

/// The rooms for two, by who is in them with us.
pub(super) fn directs(told: &Value) -> Option<BTreeMap<String, Vec<String>>> {
    let events = list(&told["account_data"]["events"]).iter();
    let mut events = events.filter(|event| event["type"] == "m.direct");
    events
        .next_back()
        .map(|event| direct_rooms(&event["content"]))
}

pub(super) fn direct_rooms(content: &Value) -> BTreeMap<String, Vec<String>> {
    let rooms = |value: &Value| {
        let rooms = list(value).iter().filter_map(Value::as_str);
        rooms.map(str::to_owned).collect()
    };
    let users = content.as_object().into_iter().flatten();
    users
        .map(|(user, value)| (user.clone(), rooms(value)))
        .collect()
}

/// What it takes to read what was told.
pub(super) struct Reader<'a> {
    pub(super) us: &'a str,
    pub(super) directs: &'a BTreeMap<String, Vec<String>>,
    pub(super) posted: &'a Posted,
    pub(super) seen: &'a mut Seen,
    /// Where it was told from: names what has no name of its own.
    pub(super) next: &'a str,
    pub(super) found: Vec<Found>,
    /// Words that could answer several offers: the room, and the event.
    pub(super) unclear: Vec<(String, String)>,
    /// Rooms that somebody left, or that are encrypted from now on.
    pub(super) changed: Vec<String>,
    /// What was read, and is not known: the room, and the event.
    pub(super) read: Vec<(String, String)>,
}

impl Reader<'_> {
    pub(super) fn read(&mut self, told: &Value) {
        for (room, told) in rooms(told, "join") {
            let names = names(told);
            let timeline = list(&told["timeline"]["events"]);
            let noted = timeline.iter().filter_map(|event| noted(event, self.us));
            self.seen.note(room, noted.collect());
            for event in timeline {
                self.timeline(room, event, &names);
            }
            for event in list(&told["ephemeral"]["events"]) {
                match text(event, "type") {
                    Some("m.receipt") => self.receipt(room, &event["content"]),
                    Some("m.typing") => self.typing(room, &event["content"]),
                    _ => {}
                }
            }
        }
        for event in list(&told["presence"]["events"]) {
            self.presence(event);
        }
    }

    /// Something may have been missed in a room.
    pub(super) fn gap(&mut self, name: &str) {
        self.push(&format!("gap:{name}"), EventKind::Gap, None);
    }

    fn push(&mut self, id: &str, kind: EventKind, file: Option<File>) {
        if let Some(id) = key(id) {
            let event = Event { id, kind };
            self.found.push(Found { event, file });
        }
    }

    fn timeline(&mut self, room: &str, event: &Value, names: &BTreeMap<&str, &str>) {
        let Some((id, sender)) = text(event, "event_id").zip(text(event, "sender")) else {
            return;
        };
        let content = &event["content"];
        match text(event, "type") {
            Some("m.room.encryption") => self.changed.push(room.to_owned()),
            Some("m.room.member") if content["membership"] != "join" => {
                self.changed.push(room.to_owned());
            }
            _ if sender == self.us => {}
            Some("m.reaction") => self.reaction(room, id, sender, content),
            // What is in it cannot be known here.
            Some("m.room.encrypted") => self.gap(id),
            Some("m.room.message") => {
                let name = names.get(sender).copied();
                self.message(room, (id, sender, name), content);
            }
            _ => {}
        }
    }

    fn reaction(&mut self, room: &str, id: &str, sender: &str, content: &Value) {
        let to = &content["m.relates_to"];
        let answer = text(to, "key").and_then(spoken::sign);
        let offer = text(to, "event_id").and_then(|event| self.asked_by(room, sender, event));
        if let Some((answer, offer)) = answer.zip(offer) {
            self.answered(id, sender, answer, offer);
        }
    }

    /// The offer that an event puts, to everybody in a room or to this one.
    fn asked_by(&self, room: &str, sender: &str, event: &str) -> Option<OfferId> {
        let places = [place(room, None), place(room, Some(sender))];
        let mut places = places.iter();
        places.find_map(|place| self.posted.with_message(place, event))
    }

    fn answered(&mut self, id: &str, sender: &str, answer: Answer, offer: OfferId) {
        self.posted.forget(offer);
        let (by, from) = (None, wire::address(None, sender));
        let kind = EventKind::Answered {
            offer,
            answer,
            by,
            from,
        };
        self.push(id, kind, None);
    }

    fn message(
        &mut self,
        room: &str,
        (id, sender, name): (&str, &str, Option<&str>),
        content: &Value,
    ) {
        let relation = &content["m.relates_to"];
        // What was written over an old message is not a new one.
        if relation["rel_type"] == "m.replace" {
            return;
        }
        let answered = text(&relation["m.in_reply_to"], "event_id");
        let words = words(content, sender, answered.is_some());
        let is_automatic = content["msgtype"] == "m.notice";
        if let Some((answer, named)) = spoken::answer(&words).filter(|_| !is_automatic) {
            let to_it = answered.and_then(|event| self.asked_by(room, sender, event));
            let mut standing = self.posted.standing(&place(room, None));
            standing.extend(self.posted.standing(&place(room, Some(sender))));
            standing.retain(|offer| to_it.or(named).is_none_or(|this| this == *offer));
            match standing[..] {
                [] => {}
                [offer] => return self.answered(id, sender, answer, offer),
                _ => return self.unclear.push((room.to_owned(), id.to_owned())),
            }
        }
        let Some(from) = self.from(room, sender) else {
            // The names of the room and of who wrote are longer together than an address may be.
            return self.gap(id);
        };
        let ours = answered
            .and_then(|event| self.seen.key_of(room, event))
            .cloned();
        let answers: Vec<Key> = answered.and_then(key).into_iter().chain(ours).collect();
        let mut file = file(content);
        for (part, body) in Inbound::parts(key(id).as_ref().map_or(id, Key::as_str), &words) {
            let mut inbound = Inbound::new(from.clone(), body);
            inbound.is_automatic = is_automatic;
            let name = name.map(Label::flattened);
            inbound.from_name = name.filter(|name| !name.as_str().is_empty());
            inbound.answers.clone_from(&answers);
            inbound.provider_id = key(id);
            self.push(part.as_str(), EventKind::Message(inbound), file.take());
        }
    }

    fn receipt(&mut self, room: &str, content: &Value) {
        for (event, told) in content.as_object().into_iter().flatten() {
            let mut readers = told["m.read"].as_object().into_iter().flatten();
            if !readers.any(|(user, _)| user != self.us) {
                continue;
            }
            let Some(ours) = self.seen.ours_up_to(room, event) else {
                self.read.push((room.to_owned(), event.clone()));
                continue;
            };
            let ours = ours.into_iter().map(|(event, key)| was_read(event, key));
            self.found.extend(ours.flatten().collect::<Vec<_>>());
        }
    }

    fn typing(&mut self, room: &str, content: &Value) {
        let users = list(&content["user_ids"]).iter().filter_map(Value::as_str);
        for user in users.take(wire::TIMELINE_MAX) {
            let from = match user == self.us {
                true => None,
                false => self.from(room, user),
            };
            if let Some(from) = from {
                let id = self.passing("typing");
                self.push(&id, EventKind::Typing { from }, None);
            }
        }
    }

    /// Where an answer to somebody in a room goes.
    fn from(&self, room: &str, user: &str) -> Option<Address> {
        let rooms = self.directs.get(user).into_iter().flatten();
        let is_direct = rooms.into_iter().any(|one| one == room);
        wire::address((!is_direct).then_some(room), user)
    }

    fn presence(&mut self, event: &Value) {
        let state = text(&event["content"], "presence").and_then(wire::presence_state);
        let of = text(event, "sender").filter(|user| *user != self.us);
        let of = of.and_then(|user| wire::address(None, user));
        if let Some((of, state)) = of.zip(state) {
            let id = self.passing("presence");
            self.push(&id, EventKind::Presence { of, state }, None);
        }
    }

    /// A name for what has none: where it was told, and its place among the others.
    fn passing(&self, what: &str) -> String {
        format!("{what}:{}:{}", self.found.len(), self.next)
    }
}

/// An event, and under what key it is ours.
fn noted<'a>(event: &'a Value, us: &str) -> Option<(&'a str, Option<Key>)> {
    let (id, sender) = text(event, "event_id").zip(text(event, "sender"))?;
    let transaction = text(&event["unsigned"], "transaction_id");
    let transaction = transaction.filter(|name| sender == us && !name.starts_with(OWN));
    Some((id, transaction.and_then(|name| Key::parse(name).ok())))
}

fn was_read(event: &str, of: &Key) -> Option<Found> {
    let (of, evidence) = (of.clone(), Evidence::Read);
    let kind = EventKind::Delivery { of, evidence };
    let id = key(&format!("read:{event}"))?;
    let (event, file) = (Event { id, kind }, None);
    Some(Found { event, file })
}

/// That an event was read, where it is ours.
pub(super) fn read(us: &str, event: &Value) -> Option<Found> {
    let (id, key) = noted(event, us)?;
    was_read(id, &key?)
}

/// As an offer's place is remembered: a room, or somebody in it who alone may answer.
pub(super) fn place(room: &str, user: Option<&str>) -> String {
    match user {
        Some(user) => format!("{room}/{user}"),
        None => room.to_owned(),
    }
}

/// As much of an identifier as a key holds; the rest of a longer one is the name of a server.
fn key(id: &str) -> Option<Key> {
    let id: String = id.chars().filter(char::is_ascii_graphic).collect();
    Key::parse(id.get(..KEY_BYTES_MAX).unwrap_or(&id)).ok()
}

/// What people in a room call themselves.
fn names(told: &Value) -> BTreeMap<&str, &str> {
    let events = list(&told["state"]["events"]).iter();
    let events = events.chain(list(&told["timeline"]["events"]));
    let members = events.filter(|event| event["type"] == "m.room.member");
    let named = members.filter_map(|event| {
        let name = text(&event["content"], "displayname")?;
        Some((text(event, "state_key")?, name))
    });
    named.collect()
}

/// The words of a message; of a file those that were written to it, or its name.
fn words(content: &Value, sender: &str, is_answer: bool) -> String {
    let body = text(content, "body").unwrap_or_default();
    if body.trim().is_empty() && is_file(content) {
        return text(content, "filename").unwrap_or("attachment").to_owned();
    }
    match text(content, "msgtype") {
        Some("m.emote") => format!("* {sender} {body}"),
        _ if is_answer => without_quote(body).to_owned(),
        _ => body.to_owned(),
    }
}

/// Older programs repeat what they answer, each line behind an angle bracket.
fn without_quote(body: &str) -> &str {
    let mut rest = body;
    while rest.starts_with("> ") || rest.starts_with(">\n") {
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
    }
    let is_quote = rest.len() < body.len();
    let rest = if is_quote {
        rest.trim_start_matches('\n')
    } else {
        body
    };
    if rest.is_empty() { body } else { rest }
}

fn is_file(content: &Value) -> bool {
    let kind = text(content, "msgtype");
    matches!(kind, Some("m.audio" | "m.file" | "m.image" | "m.video"))
}

fn file(content: &Value) -> Option<File> {
    let info = &content["info"];
    let at = text(content, "url").and_then(|url| {
        let (server, name) = url.strip_prefix("mxc://")?.split_once('/')?;
        Some((server.to_owned(), name.to_owned()))
    });
    let name = text(content, "filename").or_else(|| text(content, "body"));
    is_file(content).then(|| File {
        name: name.unwrap_or_default().to_owned(),
        media_type: text(info, "mimetype").unwrap_or_default().to_owned(),
        size: info["size"].as_u64().unwrap_or(0),
        at,
    })
}

#[cfg(test)]
mod tests;
