//! WhatsApp: what its Cloud API is told and tells, as values.

use bereik_channel::{
    Alert, AlertTo, Answer, Arrival, ChannelError, ErrorKind, Event, EventKind, Evidence, Inbound,
    Label, Outbound, Scope,
};
use bereik_core::Address;
use bereik_core::address::AddressKind;
use bereik_core::id::Key;
use serde_json::{Value, json};

use super::channel::Template;
use super::page::{button_id, offer_of};
use super::sent::SentKeys;

/// The longest text beside buttons, and in a template, in characters.
const SHORT_MAX: usize = 1_024;

fn number(to: &Address) -> Result<&str, ChannelError> {
    let digits = to.value().strip_prefix('+');
    let digits = digits.filter(|_| to.kind() == AddressKind::Phone);
    digits.ok_or(ChannelError::new(ErrorKind::Invalid, Scope::Recipient))
}

/// The start of every message.
fn told(to: &Address, kind: &str, content: Value) -> Result<Value, ChannelError> {
    let mut told = json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": number(to)?,
        "type": kind,
    });
    told[kind] = content;
    Ok(told)
}

pub(super) fn message(message: &Outbound) -> Result<Value, ChannelError> {
    let content = json!({"body": message.body.as_str(), "preview_url": false});
    let mut told = told(&message.to, "text", content)?;
    let is_theirs = |key: &&Key| key.as_str().starts_with("wamid.");
    if let Some(answered) = message.answers.iter().rev().find(is_theirs) {
        told["context"] = json!({"message_id": answered.as_str()});
    }
    Ok(told)
}

/// The words as the one parameter of a template, which takes no line breaks and no blanks in a row.
pub(super) fn in_template(message: &Outbound, template: &Template) -> Result<Value, ChannelError> {
    let words: Vec<&str> = message.body.as_str().split_whitespace().collect();
    let words = words.join(" ");
    if words.chars().count() > SHORT_MAX {
        return Err(ChannelError::new(ErrorKind::Invalid, Scope::Message));
    }
    let content = json!({
        "name": template.name,
        "language": {"policy": "deterministic", "code": template.language},
        "components": [{"type": "body", "parameters": [{"type": "text", "text": words}]}],
    });
    told(&message.to, "template", content)
}

pub(super) fn alert(alert: &Alert) -> Result<Value, ChannelError> {
    let AlertTo::Address(to) = &alert.to else {
        return Err(ChannelError::new(ErrorKind::Invalid, Scope::Recipient));
    };
    let text = alert.words_within(SHORT_MAX);
    let button = |title: &str, answer| {
        let id = button_id(answer, alert.offer.id);
        json!({"type": "reply", "reply": {"id": id, "title": title}})
    };
    let buttons = [
        button("Accept", Answer::Accepted),
        button("Decline", Answer::Declined),
    ];
    let content = json!({"type": "button", "body": {"text": text}, "action": {"buttons": buttons}});
    told(to, "interactive", content)
}

/// What one change of an entry brings, and who wrote when, in microseconds.
pub(super) fn read(
    change: &Value,
    sent: &SentKeys,
    arrivals: &mut Vec<Arrival>,
    wrote: &mut Vec<(Address, i64)>,
) {
    let value = &change["value"];
    let list = |name: &str| value[name].as_array().map_or(&[][..], Vec::as_slice);
    for message in list("messages") {
        if let Some((from, arrived)) = said(message, list("contacts")) {
            let order = arrived.first().map(|arrival| arrival.order);
            wrote.extend(order.map(|order| (from, order)));
            arrivals.extend(arrived);
        }
    }
    let known = |told| status(told, sent);
    arrivals.extend(list("statuses").iter().filter_map(known));
}

fn seconds(value: &Value) -> Option<i64> {
    value.as_str()?.parse::<i64>().ok()?.checked_mul(1_000_000)
}

fn said(message: &Value, contacts: &[Value]) -> Option<(Address, Vec<Arrival>)> {
    let (who, id) = message["from"].as_str().zip(message["id"].as_str())?;
    let from: Address = format!("tel:+{who}").parse().ok()?;
    let order = seconds(&message["timestamp"])?;
    let pressed = message["interactive"]["button_reply"]["id"].as_str();
    if let Some((answer, offer)) = pressed.and_then(offer_of) {
        let (by, whose) = (None, Some(from.clone()));
        let kind = EventKind::Answered {
            offer,
            answer,
            by,
            from: whose,
        };
        let id = Key::parse(id).ok()?;
        let event = Event { id, kind };
        return Some((from, vec![Arrival { order, event }]));
    }
    let name = contacts.iter().find(|contact| contact["wa_id"] == who);
    let name = name.and_then(|contact| contact["profile"]["name"].as_str());
    let name = name
        .map(Label::flattened)
        .filter(|name| !name.as_str().is_empty());
    let answered = message["context"]["id"].as_str();
    let answered = answered.and_then(|id| Key::parse(id).ok());
    let parts = Inbound::parts(id, words(message)?);
    let arrivals = parts.into_iter().map(|(id, body)| {
        let mut inbound = Inbound::new(from.clone(), body);
        inbound.from_name.clone_from(&name);
        inbound.answers.extend(answered.clone());
        let kind = EventKind::Message(inbound);
        let event = Event { id, kind };
        Arrival { order, event }
    });
    let arrivals = arrivals.collect();
    Some((from, arrivals))
}

/// The words of a message; what else it holds is named, so that nobody thinks that nothing came.
fn words(message: &Value) -> Option<&str> {
    let kind = message["type"].as_str()?;
    let words = match kind {
        "text" => message["text"]["body"].as_str(),
        "button" => message["button"]["text"].as_str(),
        "interactive" => message["interactive"]["list_reply"]["title"].as_str(),
        "reaction" | "system" | "unsupported" => return None,
        _ => message[kind]["caption"].as_str(),
    };
    Some(words.unwrap_or(match kind {
        "audio" => "[audio]",
        "contacts" => "[contacts]",
        "document" => "[document]",
        "image" => "[image]",
        "location" => "[location]",
        "sticker" => "[sticker]",
        "video" => "[video]",
        _ => "[?]",
    }))
}

/// How far a message of ours got; one that failed came back, also when it was taken first.
fn status(status: &Value, sent: &SentKeys) -> Option<Arrival> {
    let evidence = match status["status"].as_str()? {
        "delivered" => Evidence::Delivered,
        "failed" => Evidence::None,
        "read" => Evidence::Read,
        _ => return None,
    };
    let (id, order) = (status["id"].as_str()?, seconds(&status["timestamp"])?);
    let of = sent.key_of(id)?;
    let id = Key::parse(&format!("{id}:{}", status["status"].as_str()?)).ok()?;
    let kind = EventKind::Delivery { of, evidence };
    let event = Event { id, kind };
    Some(Arrival { order, event })
}
