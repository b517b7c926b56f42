//! What Telegram is told and tells, as values: no I/O here.

use std::time::Duration;

use bereik_channel::http::Answer as HttpAnswer;
use bereik_channel::{
    Alert, AlertTo, Answer, ChannelError, Cursor, ErrorKind, Event, EventKind, Inbound, Label,
    Outbound, Retry, Scope,
};
use bereik_core::address::AddressKind;
use bereik_core::id::Key;
use bereik_core::{Address, OfferId};
use serde_json::{Value, json};

const NETWORK: &str = "telegram/";
const ACCEPT: &str = "accept";
const DECLINE: &str = "decline";
/// Telegram's own bound of what one call brings.
const UPDATES_MAX: usize = 100;

/// The chat of an address: its number, which is below zero for a group, or the name of a public one.
pub(super) fn chat(to: &Address) -> Result<&str, ChannelError> {
    let invalid = ChannelError::new(ErrorKind::Invalid, Scope::Recipient);
    if to.kind() != AddressKind::Handle {
        return Err(invalid);
    }
    let is_chat = |chat: &&str| {
        let digits = chat.strip_prefix('-').unwrap_or(chat);
        let name = chat.strip_prefix('@').unwrap_or_default();
        let is_number = !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit());
        let is_word = |c: u8| c.is_ascii_alphanumeric() || c == b'_';
        is_number || (!name.is_empty() && name.bytes().all(is_word))
    };
    let chat = to.value().strip_prefix(NETWORK).filter(is_chat);
    chat.ok_or(invalid)
}

/// A message; it answers the last one that came in from this chat and that it names.
pub(super) fn message(message: &Outbound) -> Result<Value, ChannelError> {
    let chat = chat(&message.to)?;
    let mut told = told(chat, message.body.as_str());
    let answered = message.answers.iter().rev().find_map(|key| {
        let (of, number) = key.as_str().split_once(':')?;
        number.parse::<i64>().ok().filter(|_| of == chat)
    });
    if let Some(number) = answered {
        // A message that was erased meanwhile is answered all the same.
        told["reply_parameters"] = json!({
            "message_id": number,
            "allow_sending_without_reply": true,
        });
    }
    Ok(told)
}

/// Words as they are: without a parse mode Telegram looks for no markup.
fn told(chat: &str, text: &str) -> Value {
    json!({
        "chat_id": chat,
        "text": text,
        "link_preview_options": {"is_disabled": true},
    })
}

/// An offer, with its two buttons.
pub(super) fn alert(alert: &Alert) -> Result<Value, ChannelError> {
    let AlertTo::Address(to) = &alert.to else {
        return Err(ChannelError::new(ErrorKind::Invalid, Scope::Recipient));
    };
    let mut told = told(chat(to)?, &alert.words());
    let offer = alert.offer.id;
    let button = |label: &str, answer: &str| json!({"text": label, "callback_data": format!("{answer}:{offer}")});
    told["reply_markup"] = json!({
        "inline_keyboard": [[button("Accept", ACCEPT), button("Decline", DECLINE)]],
    });
    Ok(told)
}

/// Writes over an offer that stands no longer; its buttons go.
pub(super) fn taken_back(chat: &str, message: &str) -> Value {
    let number: i64 = message.parse().unwrap_or_default();
    json!({"chat_id": chat, "message_id": number, "text": "This offer stands no longer."})
}

/// What an answer says: its result where it is good, what is at fault where it is not.
pub(super) fn read(answer: &HttpAnswer) -> Result<&Value, ChannelError> {
    let said = &answer.json;
    if answer.is_ok() && said["ok"] == true {
        return Ok(&said["result"]);
    }
    if said["ok"] != false {
        return Err(match answer.is_ok() {
            true => ChannelError::new(ErrorKind::Protocol, Scope::Channel).maybe_sent(),
            false => answer.fault(),
        });
    }
    let code = said["error_code"].as_u64().unwrap_or(answer.status.into());
    // The words are Telegram's own, and the same in every version so far; none of them is kept.
    let words = said["description"]
        .as_str()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let says = |any: &[&str]| any.iter().any(|text| words.contains(text));
    let refused = ChannelError::new(ErrorKind::Refused, Scope::Recipient);
    let error = match code {
        400 if says(&[
            "not modified",
            "message to edit not found",
            "message can't be edited",
        ]) =>
        {
            return Err(ChannelError::new(ErrorKind::Refused, Scope::Message).with_code(GONE));
        }
        400 if says(&[
            "chat not found",
            "peer_id_invalid",
            "deactivated",
            "not enough rights",
        ]) =>
        {
            refused
        }
        400 if says(&["group chat was upgraded"]) => refused,
        400 => ChannelError::new(ErrorKind::Invalid, Scope::Message),
        403 => refused,
        401 | 404 => ChannelError::new(ErrorKind::Credentials, Scope::Channel),
        // Somebody else pulls for this bot.
        409 => ChannelError::unavailable(),
        429 => {
            let wait = said["parameters"]["retry_after"].as_u64();
            let retry = wait.map_or(Retry::BackOff, |s| Retry::After(Duration::from_secs(s)));
            ChannelError::new(ErrorKind::Throttled, Scope::Recipient).with_retry(retry)
        }
        _ => answer.fault(),
    };
    Err(error.with_code(&code.to_string()))
}

/// The code of an answer that says: it is so already, or there is nothing to do it to.
pub(super) const GONE: &str = "gone";

/// Asks for what came after a cursor.
pub(super) fn pull(after: &Cursor, at_most: usize, wait_s: u64) -> Value {
    let next = after.as_str().and_then(|text| text.parse::<i64>().ok());
    json!({
        "offset": next.unwrap_or(0),
        "limit": at_most.min(UPDATES_MAX),
        "timeout": wait_s,
        "allowed_updates": ["message", "callback_query"],
    })
}

/// The number of an update, by which the next are asked for.
pub(super) fn next_after(updates: &[Value]) -> Option<Cursor> {
    let number = |update: &Value| update["update_id"].as_i64();
    let last = updates.iter().filter_map(number).max()?;
    Cursor::parse(&last.checked_add(1)?.to_string()).ok()
}

/// What an update brings: a message, in parts where it is longer than one holds, or the answer to an offer.
pub(super) fn events(update: &Value) -> Vec<Event> {
    let message = &update["message"];
    let said = said(message).unwrap_or_default();
    said.into_iter()
        .chain(answered(&update["callback_query"]))
        .collect()
}

fn answered(pressed: &Value) -> Option<Event> {
    let (answer, offer) = pressed["data"].as_str()?.split_once(':')?;
    let answer = match answer {
        ACCEPT => Answer::Accepted,
        DECLINE => Answer::Declined,
        _ => return None,
    };
    let offer: OfferId = offer.parse().ok()?;
    let id = format!("pressed:{}", pressed["id"].as_str()?);
    let by = None;
    let who = pressed["from"]["id"].as_i64();
    let from = who.and_then(|who| format!("handle:{NETWORK}{who}").parse().ok());
    Some(Event {
        id: Key::parse(&id).ok()?,
        kind: EventKind::Answered {
            offer,
            answer,
            by,
            from,
        },
    })
}

fn said(message: &Value) -> Option<Vec<Event>> {
    let (chat, number) = message["chat"]["id"]
        .as_i64()
        .zip(message["message_id"].as_i64())?;
    let text = message["text"]
        .as_str()
        .or_else(|| message["caption"].as_str());
    let from: Address = format!("handle:{NETWORK}{chat}").parse().ok()?;
    let names = ["first_name", "last_name"].map(|name| message["from"][name].as_str());
    let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let name = Some(Label::flattened(&name)).filter(|name| !name.as_str().is_empty());
    let answered = message["reply_to_message"]["message_id"].as_i64();
    let answered = answered.and_then(|number| Key::parse(&format!("{chat}:{number}")).ok());
    let parts = Inbound::parts(&format!("{chat}:{number}"), text?);
    let events = parts.into_iter().map(|(id, body)| {
        let mut inbound = Inbound::new(from.clone(), body);
        inbound.is_automatic = message["from"]["is_bot"] == true;
        inbound.from_name.clone_from(&name);
        inbound.answers.extend(answered.clone());
        let kind = EventKind::Message(inbound);
        Event { id, kind }
    });
    Some(events.collect())
}

/// The button that was pressed, so that it stops turning.
pub(super) fn pressed(update: &Value) -> Option<Value> {
    let id = update["callback_query"]["id"].as_str()?;
    Some(json!({"callback_query_id": id}))
}
