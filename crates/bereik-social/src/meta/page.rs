//! Messenger and Instagram: what their Send API is told and tells, as values.

use bereik_channel::{
    Alert, AlertTo, Answer, Arrival, ChannelError, ErrorKind, Event, EventKind, Evidence, Inbound,
    Outbound, Scope,
};
use bereik_core::address::AddressKind;
use bereik_core::id::Key;
use bereik_core::{Address, OfferId};
use serde_json::{Value, json};

use super::channel::Product;
use super::sent::SentKeys;

/// What a button says when it is pressed.
pub(super) fn button_id(answer: Answer, offer: OfferId) -> String {
    let name = match answer {
        Answer::Accepted => "accept",
        Answer::Declined => "decline",
    };
    format!("{name}:{offer}")
}

pub(super) fn offer_of(button: &str) -> Option<(Answer, OfferId)> {
    let (name, offer) = button.split_once(':')?;
    let answer = match name {
        "accept" => Answer::Accepted,
        "decline" => Answer::Declined,
        _ => return None,
    };
    Some((answer, offer.parse().ok()?))
}

/// The person of an address: `ID` of `handle:messenger/ID`.
fn person(to: &Address, product: Product) -> Result<&str, ChannelError> {
    let path = to.value().strip_prefix(product.network());
    let is_id = |id: &&str| !id.is_empty() && id.bytes().all(|c| c.is_ascii_digit());
    let id = path.and_then(|path| path.strip_prefix('/')).filter(is_id);
    let id = id.filter(|_| to.kind() == AddressKind::Handle);
    id.ok_or(ChannelError::new(ErrorKind::Invalid, Scope::Recipient))
}

pub(super) fn message(message: &Outbound, product: Product) -> Result<Value, ChannelError> {
    let content = json!({"text": message.body.as_str()});
    told(person(&message.to, product)?, content)
}

fn told(person: &str, content: Value) -> Result<Value, ChannelError> {
    Ok(json!({
        "recipient": {"id": person},
        "messaging_type": "RESPONSE",
        "message": content,
    }))
}

pub(super) fn alert(alert: &Alert, text: &str, product: Product) -> Result<Value, ChannelError> {
    let AlertTo::Address(to) = &alert.to else {
        return Err(ChannelError::new(ErrorKind::Invalid, Scope::Recipient));
    };
    let reply = |title: &str, answer| {
        let payload = button_id(answer, alert.offer.id);
        json!({"content_type": "text", "title": title, "payload": payload})
    };
    let replies = [
        reply("Accept", Answer::Accepted),
        reply("Decline", Answer::Declined),
    ];
    told(
        person(to, product)?,
        json!({"text": text, "quick_replies": replies}),
    )
}

/// What one entry brings, and who wrote when, in microseconds.
pub(super) fn read(
    entry: &Value,
    product: Product,
    sent: &SentKeys,
    arrivals: &mut Vec<Arrival>,
    wrote: &mut Vec<(Address, i64)>,
) {
    for told in entry["messaging"].as_array().into_iter().flatten() {
        let order = told["timestamp"]
            .as_i64()
            .and_then(|ms| ms.checked_mul(1_000));
        let Some(order) = order else { continue };
        let who = told["sender"]["id"].as_str().unwrap_or_default();
        let from = format!("handle:{}/{who}", product.network()).parse::<Address>();
        let message = &told["message"];
        if let (Ok(from), false) = (from, message["is_echo"] == true) {
            let events = said(message, &from);
            if !events.is_empty() {
                wrote.push((from, order));
            }
            arrivals.extend(events.into_iter().map(|event| Arrival { order, event }));
        }
        let delivered = told["delivery"]["mids"].as_array().into_iter().flatten();
        let delivered = delivered.filter_map(Value::as_str);
        arrivals.extend(delivered.filter_map(|mid| {
            let of = sent.key_of(mid)?;
            let id = Key::parse(&format!("{mid}:delivered")).ok()?;
            let evidence = Evidence::Delivered;
            let kind = EventKind::Delivery { of, evidence };
            let event = Event { id, kind };
            Some(Arrival { order, event })
        }));
    }
}

fn said(message: &Value, from: &Address) -> Vec<Event> {
    let Some(mid) = message["mid"].as_str() else {
        return Vec::new();
    };
    let pressed = message["quick_reply"]["payload"].as_str();
    if let Some((answer, offer)) = pressed.and_then(offer_of) {
        let (by, from) = (None, Some(from.clone()));
        let kind = EventKind::Answered {
            offer,
            answer,
            by,
            from,
        };
        let id = Key::parse(mid).ok();
        return id.map(|id| Event { id, kind }).into_iter().collect();
    }
    let has_files = message["attachments"]
        .as_array()
        .is_some_and(|all| !all.is_empty());
    let words = message["text"].as_str();
    let words = words
        .or(has_files.then_some("[attachment]"))
        .unwrap_or_default();
    let events = Inbound::parts(mid, words).into_iter().map(|(id, body)| {
        let kind = EventKind::Message(Inbound::new(from.clone(), body));
        Event { id, kind }
    });
    events.collect()
}
