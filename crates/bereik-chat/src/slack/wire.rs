//! What Slack is told and tells, as values: no I/O here.

use bereik_channel::http::Answer as HttpAnswer;
use bereik_channel::{
    Alert, AlertTo, Answer, Arrival, ChannelError, ErrorKind, Event, EventKind, Inbound, Label,
    Outbound, Scope,
};
use bereik_core::address::AddressKind;
use bereik_core::id::Key;
use bereik_core::{Address, OfferId};
use serde_json::{Value, json};

const NETWORK: &str = "slack/";
const ACCEPT: &str = "bereik_accept";
const DECLINE: &str = "bereik_decline";

/// The conversation of an address: `C1` of `handle:slack/C1/U2`.
pub(super) fn conversation(to: &Address) -> Result<&str, ChannelError> {
    let invalid = ChannelError::new(ErrorKind::Invalid, Scope::Recipient);
    if to.kind() != AddressKind::Handle {
        return Err(invalid);
    }
    let path = to.value().strip_prefix(NETWORK);
    let conversation = path.and_then(|path| path.split('/').next());
    let is_id = |id: &&str| !id.is_empty() && id.bytes().all(|c| c.is_ascii_alphanumeric());
    conversation.filter(is_id).ok_or(invalid)
}

/// Text that Slack shows as it is: no mention of everybody, no link in disguise.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Text as Slack's users see it: mentions and links are written between angle brackets.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let (before, from) = rest.split_at(start);
        plain.push_str(before);
        let Some(end) = from.find('>') else {
            rest = from;
            break;
        };
        let (target, label) = match from[1..end].split_once('|') {
            Some((target, label)) => (target, Some(label)),
            None => (&from[1..end], None),
        };
        let (mark, name) = match target.as_bytes().first() {
            Some(b'@') => ("@", &target[1..]),
            Some(b'#') => ("#", &target[1..]),
            Some(b'!') => ("@", &target[1..]),
            _ => ("", target),
        };
        match label {
            Some(label) if mark.is_empty() && label != name => {
                plain.push_str(&format!("{label} ({name})"));
            }
            label => plain.push_str(&format!("{mark}{}", label.unwrap_or(name))),
        }
        rest = &from[end + 1..];
    }
    plain.push_str(rest);
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    entities
        .iter()
        .fold(plain, |text, (entity, c)| text.replace(entity, c))
}

/// A message, in the thread of the last message of the same conversation that it answers.
pub(super) fn message(message: &Outbound) -> Result<Value, ChannelError> {
    let conversation = conversation(&message.to)?;
    let mut told = told(conversation, &escaped(message.body.as_str()));
    let thread = message.answers.iter().find_map(|key| {
        let (of, at) = key.as_str().split_once(':')?;
        (of == conversation && order(at).is_some()).then_some(at)
    });
    if let Some(thread) = thread {
        told["thread_ts"] = thread.into();
    }
    Ok(told)
}

/// Words as they are: Slack looks for no markup, mention or link in them.
fn told(conversation: &str, text: &str) -> Value {
    json!({
        "channel": conversation,
        "text": text,
        "mrkdwn": false,
        "parse": "none",
        "link_names": false,
        "unfurl_links": false,
        "unfurl_media": false,
    })
}

/// An offer, with its two buttons.
pub(super) fn alert(alert: &Alert) -> Result<Value, ChannelError> {
    let AlertTo::Address(to) = &alert.to else {
        return Err(ChannelError::new(ErrorKind::Invalid, Scope::Recipient));
    };
    let mut told = told(conversation(to)?, &escaped(&alert.words()));
    let shown = alert.words_within(BLOCK_CHARACTERS_MAX);
    let value = alert.offer.id.to_string();
    let button = |action: &str, label: &str, style: &str| {
        json!({
            "type": "button",
            "action_id": action,
            "text": {"type": "plain_text", "text": label, "emoji": false},
            "style": style,
            "value": value,
        })
    };
    told["blocks"] = json!([
        {"type": "section", "text": {"type": "plain_text", "text": shown, "emoji": false}},
        {"type": "actions", "elements": [
            button(ACCEPT, "Accept", "primary"),
            button(DECLINE, "Decline", "danger"),
        ]},
    ]);
    Ok(told)
}

/// Slack's bound of the text of a block, in characters.
const BLOCK_CHARACTERS_MAX: usize = 3_000;

/// Writes over an offer that stands no longer.
pub(super) fn taken_back(conversation: &str, message: &str) -> Value {
    let text = "This offer stands no longer.";
    json!({"channel": conversation, "ts": message, "text": text, "blocks": []})
}

/// As form fields, which every method of Slack takes: what is no text is written as JSON.
pub(super) fn fields(told: &Value) -> Vec<(&str, String)> {
    let fields = told.as_object().into_iter().flatten();
    let written = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    fields
        .map(|(name, value)| (name.as_str(), written(value)))
        .collect()
}

/// What an answer says: itself where it is good, what is at fault where it is not. Slack says most of it in the body, with
/// status 200.
pub(super) fn read(answer: &HttpAnswer) -> Result<&Value, ChannelError> {
    if answer.is_ok() && answer.json["ok"] == true {
        return Ok(&answer.json);
    }
    let Some(code) = answer.json["error"].as_str() else {
        // Slack's limit is one of each conversation.
        return Err(match answer.status {
            429 => answer.throttled(Scope::Recipient).with_code("429"),
            _ if answer.is_ok() => {
                ChannelError::new(ErrorKind::Protocol, Scope::Channel).maybe_sent()
            }
            _ => answer.fault(),
        });
    };
    let refused = ChannelError::new(ErrorKind::Refused, Scope::Recipient);
    let error = match code {
        "account_inactive" | "invalid_auth" | "missing_scope" | "no_permission" | "not_authed"
        | "org_login_required" | "token_expired" | "token_revoked" => {
            ChannelError::new(ErrorKind::Credentials, Scope::Channel)
        }
        "as_user_not_supported"
        | "invalid_blocks"
        | "invalid_blocks_format"
        | "msg_too_long"
        | "msg_blocks_too_long"
        | "no_text"
        | "too_many_attachments" => ChannelError::new(ErrorKind::Invalid, Scope::Message),
        "ratelimited" | "rate_limited" => answer.throttled(Scope::Recipient),
        "message_limit_exceeded" => answer.throttled(Scope::Channel),
        // Slack: "some aspect of the operation succeeded before the error".
        "fatal_error" => ChannelError::unavailable().maybe_sent(),
        "internal_error" | "request_timeout" | "service_unavailable" | "team_added_to_org" => {
            ChannelError::unavailable()
        }
        "cannot_reply_to_message" | "thread_locked" => {
            ChannelError::new(ErrorKind::Refused, Scope::Message)
        }
        _ => refused,
    };
    Err(error.with_code(code))
}

/// Slack's number of a message, in microseconds: `1531420618.000200`.
fn order(at: &str) -> Option<i64> {
    let (seconds, micros) = at.split_once('.')?;
    let is_number = |text: &str| text.bytes().all(|c| c.is_ascii_digit()) && !text.is_empty();
    if micros.len() != 6 || !is_number(seconds) || !is_number(micros) {
        return None;
    }
    let seconds: i64 = seconds.parse().ok()?;
    seconds
        .checked_mul(1_000_000)?
        .checked_add(micros.parse().ok()?)
}

fn handle(path: &str) -> Option<Address> {
    format!("handle:{NETWORK}{path}").parse().ok()
}

/// What an event of the Events API brings: a message of somebody else, in parts where it is longer than one holds.
pub(super) fn event(posted: &Value) -> Vec<Arrival> {
    said(posted).unwrap_or_default()
}

fn said(posted: &Value) -> Option<Vec<Arrival>> {
    let event = &posted["event"];
    let text = |name: &str| event[name].as_str();
    let is_new = matches!(
        text("subtype"),
        None | Some("bot_message" | "file_share" | "thread_broadcast")
    );
    let is_ours = event["app_id"].is_string() && event["app_id"] == posted["api_app_id"];
    if text("type") != Some("message") || !is_new || is_ours {
        return None;
    }
    let (conversation, at) = text("channel").zip(text("ts"))?;
    let who = text("user").or_else(|| text("bot_id"))?;
    let from = match text("channel_type") {
        Some("im") => handle(conversation),
        _ => handle(&format!("{conversation}/{who}")),
    };
    let (from, order) = from.zip(order(at))?;
    let name = event["user_profile"]["display_name"]
        .as_str()
        .map(Label::flattened);
    let thread = text("thread_ts").filter(|thread| *thread != at);
    let thread = thread.and_then(|thread| Key::parse(&format!("{conversation}:{thread}")).ok());
    let parts = Inbound::parts(&format!("{conversation}:{at}"), &plain(text("text")?));
    let arrivals = parts.into_iter().map(|(id, body)| {
        let mut inbound = Inbound::new(from.clone(), body);
        inbound.is_automatic = event["bot_id"].is_string();
        inbound.from_name = name.clone().filter(|name| !name.as_str().is_empty());
        inbound.answers.extend(thread.clone());
        let kind = EventKind::Message(inbound);
        let event = Event { id, kind };
        Arrival { order, event }
    });
    Some(arrivals.collect())
}

/// What a pressed button answers.
pub(super) fn pressed(posted: &Value) -> Option<Arrival> {
    let action = posted["actions"].as_array()?.first()?;
    let answer = match action["action_id"].as_str()? {
        ACCEPT => Answer::Accepted,
        DECLINE => Answer::Declined,
        _ => return None,
    };
    let offer: OfferId = action["value"].as_str()?.parse().ok()?;
    let (at, who) = action["action_ts"]
        .as_str()
        .zip(posted["user"]["id"].as_str())?;
    let id = Key::parse(&format!("pressed:{who}:{at}")).ok()?;
    let (by, from) = (None, handle(who));
    let kind = EventKind::Answered {
        offer,
        answer,
        by,
        from,
    };
    Some(Arrival {
        order: order(at)?,
        event: Event { id, kind },
    })
}

/// Whether an error says that what is asked for has been so already.
pub(super) fn is_gone(error: &ChannelError) -> bool {
    matches!(
        error.code(),
        Some("message_not_found" | "cant_update_message" | "edit_window_closed")
    )
}
