//! What Bot Framework is told and tells, as values: no I/O here.

use bereik_channel::http::Answer as HttpAnswer;
use bereik_channel::{
    Alert, AlertTo, Answer, Arrival, ChannelError, ErrorKind, Event, EventKind, Inbound, Label,
    Outbound, Scope,
};
use bereik_core::address::AddressKind;
use bereik_core::id::Key;
use bereik_core::{Address, OfferId};
use chrono::{DateTime, Utc};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

const NETWORK: &str = "teams/";
const ACCEPT: &str = "accept";
const DECLINE: &str = "decline";

/// What an address names.
#[derive(Clone, Copy)]
pub(super) enum Target<'a> {
    Conversation(&'a str),
    /// Somebody, by his id with Teams or with Entra.
    Person(&'a str),
}

/// The conversation or the person of an address: `19:…` of `handle:teams/19:…/29:…`.
pub(super) fn target(to: &Address) -> Result<Target<'_>, ChannelError> {
    let invalid = ChannelError::new(ErrorKind::Invalid, Scope::Recipient);
    if to.kind() != AddressKind::Handle {
        return Err(invalid);
    }
    let path = to.value().strip_prefix(NETWORK);
    let id = path.and_then(|path| path.split('/').next());
    let is_plain = |c: u8| c.is_ascii_alphanumeric() || b":-_.@;=+~".contains(&c);
    let id = id.filter(|id| id.bytes().all(is_plain));
    let id = id.ok_or(invalid.clone())?;
    let begins = |marks: &[&str]| marks.iter().any(|mark| id.starts_with(mark));
    if begins(&["19:", "a:"]) {
        Ok(Target::Conversation(id))
    } else if begins(&["29:", "8:orgid:"]) || is_guid(id) {
        Ok(Target::Person(id))
    } else {
        Err(invalid)
    }
}

fn is_guid(text: &str) -> bool {
    let parts = text.split('-').map(str::len);
    let is_digit = |c: u8| c.is_ascii_hexdigit() || c == b'-';
    parts.eq([8, 4, 4, 4, 12]) && text.bytes().all(is_digit)
}

fn handle(path: &str) -> Option<Address> {
    format!("handle:{NETWORK}{path}").parse().ok()
}

/// The rest of a service's URL, where it is on this origin and can be read in one way only.
pub(super) fn is_on(origin: &str, url: &str) -> bool {
    let is_plain = |c: u8| c.is_ascii_alphanumeric() || b"/-_.".contains(&c);
    url.strip_prefix(origin).is_some_and(|path| {
        let is_path = path.is_empty() || path.starts_with('/');
        is_path && path.len() <= 200 && path.bytes().all(is_plain) && !path.contains("..")
    })
}

/// `https://host` of `https://host/path`.
pub(super) fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url[host..].find('/').map_or(url.len(), |at| host + at);
    &url[..end]
}

/// Where the activities of a conversation are.
pub(super) fn activities(service: &str, conversation: &str) -> String {
    let service = service.trim_end_matches('/');
    let conversation = coded(conversation);
    format!("{service}/v3/conversations/{conversation}/activities")
}

/// Where one activity is.
pub(super) fn activity(service: &str, conversation: &str, activity: &str) -> String {
    let all = activities(service, conversation);
    format!("{all}/{}", coded(activity))
}

fn coded(id: &str) -> String {
    form_urlencoded::byte_serialize(id.as_bytes()).collect()
}

/// The name of an activity among all: those of Teams count within their conversation only, and a conversation's own name
/// is too long for a key.
pub(super) fn name(conversation: &str, activity: &str) -> String {
    let hash = digest(&SHA256, conversation.as_bytes());
    let hash = hash.as_ref()[..8].iter();
    let hash: String = hash.map(|byte| format!("{byte:02x}")).collect();
    format!("{hash}:{activity}")
}

/// The activity of this conversation that a message answers.
pub(super) fn answered<'a>(message: &'a Outbound, conversation: &str) -> Option<&'a str> {
    let prefix = name(conversation, "");
    let mut last_first = message.answers.iter().rev();
    last_first.find_map(|key| key.as_str().strip_prefix(&prefix))
}

/// Words as they are: in `plain` Teams looks for no markup, and without an entity that says so nothing is a mention.
pub(super) fn message(text: &str) -> Value {
    json!({"type": "message", "text": text, "textFormat": "plain"})
}

const CARD: &str = "application/vnd.microsoft.card.adaptive";

/// A card of lines. A run of text, unlike a block, knows no Markdown.
fn card(lines: &str, actions: &[Value]) -> Value {
    let lines = lines.lines().filter(|line| !line.trim().is_empty());
    let body = lines.map(|line| {
        let run = json!({"type": "TextRun", "text": line});
        json!({"type": "RichTextBlock", "inlines": [run]})
    });
    let content = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body.collect::<Vec<_>>(),
        "actions": actions,
    });
    let attachment = json!({"contentType": CARD, "content": content});
    json!({"type": "message", "attachments": [attachment]})
}

/// An offer, with its two buttons. The summary is what a notification shows.
pub(super) fn alert(alert: &Alert) -> Value {
    let offer = alert.offer.id.to_string();
    let button = |answer: &str, title: &str, style: &str| {
        let data = json!({"bereik": answer, "offer": offer});
        // A client that knows no `Action.Execute` sends a message with the same data.
        let fallback =
            json!({"type": "Action.Submit", "title": title, "style": style, "data": data});
        json!({"type": "Action.Execute", "title": title, "style": style, "verb": answer, "data": data, "fallback": fallback})
    };
    let buttons = [
        button(ACCEPT, "Accept", "positive"),
        button(DECLINE, "Decline", "destructive"),
    ];
    let mut told = card(&alert.words_within(CARD_CHARACTERS_MAX), &buttons);
    told["summary"] = alert.subject.as_str().into();
    told
}

/// Of a card's words the rest is left out: with them it stays below what Teams takes, whatever the letters.
const CARD_CHARACTERS_MAX: usize = 3_000;

/// Takes the place of an offer that stands no longer.
pub(super) fn taken_back() -> Value {
    card("This offer stands no longer.", &[])
}

/// To whom an alert goes.
pub(super) fn alert_to(alert: &Alert) -> Result<&Address, ChannelError> {
    match &alert.to {
        AlertTo::Address(to) => Ok(to),
        AlertTo::Person(_) => Err(ChannelError::new(ErrorKind::Invalid, Scope::Recipient)),
    }
}

/// Asks for the conversation with one person.
pub(super) fn conversation_with(person: &str, app: &str, tenant: &str) -> Value {
    json!({
        "isGroup": false,
        "bot": {"id": format!("28:{app}")},
        "members": [{"id": person}],
        "tenantId": tenant,
        "channelData": {"tenant": {"id": tenant}},
    })
}

/// What an answer says: itself where it is good, what is at fault where it is not.
pub(super) fn read(answer: HttpAnswer) -> Result<Value, ChannelError> {
    if answer.is_ok() {
        return Ok(answer.json);
    }
    let refused = || ChannelError::new(ErrorKind::Refused, Scope::Recipient);
    let error = match answer.status {
        // Blocked by the person, not in the conversation, taken away by an administrator.
        403 => refused(),
        // Microsoft: a conflict within the service, to be tried again.
        412 => ChannelError::unavailable(),
        // The limit is one of the bot in a conversation.
        429 => answer.throttled(Scope::Recipient),
        _ => answer.fault(),
    };
    let code = answer.json["error"]["code"].as_str();
    let status = answer.status.to_string();
    Err(error.with_code(code.unwrap_or(&status)))
}

/// Whether an error says that there is nothing to take back.
pub(super) fn is_gone(error: &ChannelError) -> bool {
    error.kind() == ErrorKind::Refused
}

/// The id that Teams gave.
pub(super) fn id(said: &Value) -> Result<&str, ChannelError> {
    let strange = ChannelError::new(ErrorKind::Protocol, Scope::Channel).maybe_sent();
    said["id"].as_str().ok_or(strange)
}

/// The tenant that an activity comes from.
pub(super) fn tenant(activity: &Value) -> Option<&str> {
    let of_data = activity["channelData"]["tenant"]["id"].as_str();
    of_data.or_else(|| activity["conversation"]["tenantId"].as_str())
}

/// What an activity brings: a message in parts, where it is longer than one holds, the answer to an offer, or that
/// somebody writes.
pub(super) fn arrivals(activity: &Value, at: DateTime<Utc>) -> Vec<Arrival> {
    let order = activity["timestamp"]
        .as_str()
        .and_then(|text| text.parse::<DateTime<Utc>>().ok());
    let order = order.unwrap_or(at).timestamp_micros();
    let events = match activity["type"].as_str() {
        Some("invoke") if is_action(activity) => {
            pressed(activity, &activity["value"]["action"]["data"])
                .into_iter()
                .collect()
        }
        Some("message") => match pressed(activity, &activity["value"]) {
            Some(event) => vec![event],
            None => said(activity).unwrap_or_default(),
        },
        Some("typing") => typing(activity, order).into_iter().collect(),
        _ => Vec::new(),
    };
    let arrivals = events.into_iter().map(|event| Arrival { order, event });
    arrivals.collect()
}

/// Whether a button of a card was pressed that wants an answer at once.
pub(super) fn is_action(activity: &Value) -> bool {
    activity["name"] == "adaptiveCard/action"
}

/// What whoever pressed a button sees at once.
pub(super) fn action_answer(is_ours: bool) -> Value {
    let (status, text) = match is_ours {
        true => (200, "Your answer was passed on."),
        false => (400, "This button is not known."),
    };
    json!({
        "statusCode": status,
        "type": "application/vnd.microsoft.activity.message",
        "value": text,
    })
}

/// Who wrote in which conversation. In a conversation of two, the conversation itself is the address.
fn sender(activity: &Value) -> Option<Address> {
    let conversation = activity["conversation"]["id"].as_str()?;
    if activity["conversation"]["conversationType"] == "personal" {
        return handle(conversation);
    }
    let who = activity["from"]["id"].as_str()?;
    handle(&format!("{conversation}/{who}")).or_else(|| handle(conversation))
}

/// The event of an activity, by the activity's own id.
fn named(activity: &Value) -> Option<String> {
    let conversation = activity["conversation"]["id"].as_str()?;
    Some(name(conversation, activity["id"].as_str()?))
}

fn said(activity: &Value) -> Option<Vec<Event>> {
    let from = sender(activity)?;
    let who = activity["from"]["id"].as_str()?;
    let recipient = activity["recipient"]["id"].as_str();
    if Some(who) == recipient {
        return None;
    }
    let label = activity["from"]["name"].as_str().map(Label::flattened);
    let conversation = activity["conversation"]["id"].as_str()?;
    let answered = activity["replyToId"].as_str();
    let answered = answered.and_then(|id| Key::parse(&name(conversation, id)).ok());
    let parts = Inbound::parts(&named(activity)?, &words(activity, recipient)?);
    let events = parts.into_iter().map(|(id, body)| {
        let mut inbound = Inbound::new(from.clone(), body);
        // The ids of bots begin so.
        inbound.is_automatic = who.starts_with("28:") || activity["from"]["role"] == "bot";
        inbound.from_name = label.clone().filter(|label| !label.as_str().is_empty());
        inbound.answers.extend(answered.clone());
        let kind = EventKind::Message(inbound);
        Event { id, kind }
    });
    Some(events.collect())
}

/// The words as people see them: a mention of us is left out, those of others are names.
fn words(activity: &Value, recipient: Option<&str>) -> Option<String> {
    let mut text = activity["text"].as_str()?.to_owned();
    let entities = activity["entities"].as_array().into_iter().flatten();
    for mention in entities.filter(|entity| entity["type"] == "mention") {
        let Some(marked) = mention["text"].as_str().filter(|text| !text.is_empty()) else {
            continue;
        };
        let is_us = recipient.is_some() && mention["mentioned"]["id"].as_str() == recipient;
        let shown = mention["mentioned"]["name"].as_str().unwrap_or_default();
        let shown = if is_us {
            String::new()
        } else {
            format!("@{shown}")
        };
        text = text.replacen(marked, &shown, 1);
    }
    Some(text.trim().to_owned())
}

/// What a pressed button answers.
fn pressed(activity: &Value, data: &Value) -> Option<Event> {
    let answer = match data["bereik"].as_str()? {
        ACCEPT => Answer::Accepted,
        DECLINE => Answer::Declined,
        _ => return None,
    };
    let offer: OfferId = data["offer"].as_str()?.parse().ok()?;
    // Those whom a company asks are known by their id with Entra, which its administrators see.
    let who = activity["from"]["aadObjectId"]
        .as_str()
        .map(str::to_ascii_lowercase);
    let who = who.or_else(|| activity["from"]["id"].as_str().map(str::to_owned))?;
    let kind = EventKind::Answered {
        offer,
        answer,
        by: None,
        from: handle(&who),
    };
    let id = Key::parse(&format!("pressed:{}", named(activity)?)).ok()?;
    Some(Event { id, kind })
}

fn typing(activity: &Value, order: i64) -> Option<Event> {
    let from = sender(activity)?;
    let conversation = activity["conversation"]["id"].as_str()?;
    let id = name(conversation, &format!("typing:{order}"));
    let kind = EventKind::Typing { from };
    let id = Key::parse(&id).ok()?;
    Some(Event { id, kind })
}
