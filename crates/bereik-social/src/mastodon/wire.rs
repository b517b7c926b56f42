//! What Mastodon is told and tells, as values: no I/O here.

use bereik_channel::http::Answer as HttpAnswer;
use bereik_channel::{
    Answer, Attachment, Attachments, ChannelError, Cursor, ErrorKind, Event, EventKind, Inbound,
    Label, Outbound, Scope,
};
use bereik_core::address::AddressKind;
use bereik_core::id::Key;
use bereik_core::{Address, OfferId};
use serde_json::{Value, json};

use super::channel::Visibility;
use super::html;

const NETWORK: &str = "mastodon/";
/// What Mastodon brings at most in one answer.
pub(super) const PAGE_MAX: usize = 80;

/// The account of an address: `jan` on the same server, `jan@example.org` on another.
pub(super) fn account(to: &Address) -> Result<&str, ChannelError> {
    let is_name = |text: &str| {
        let plain = |c: u8| c.is_ascii_alphanumeric() || b"_.-".contains(&c);
        !text.is_empty() && text.bytes().all(plain)
    };
    let is_host = |text: &str| {
        // A domain in another alphabet is written in its own letters.
        let plain = |c: char| c.is_alphanumeric() || ".-:".contains(c);
        !text.is_empty() && text.chars().all(plain)
    };
    let is_account = |text: &&str| match text.split_once('@') {
        Some((name, host)) => is_name(name) && is_host(host),
        None => is_name(text),
    };
    let account = to.value().strip_prefix(NETWORK).filter(is_account);
    let account = account.filter(|_| to.kind() == AddressKind::Handle);
    account.ok_or(ChannelError::new(ErrorKind::Invalid, Scope::Recipient))
}

/// Whether something is the id of a status or of a notification; a number with Mastodon, letters with other software.
fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_alphanumeric())
}

/// The status that a message answers: the last that came in.
pub(super) fn answered(message: &Outbound) -> Option<&str> {
    let ids = message.answers.iter().rev();
    let mut ids = ids.map(|key| key.as_str().split(':').next().unwrap_or_default());
    ids.find(|id| is_id(id))
}

/// A status of ours.
pub(super) fn status(text: &str, visibility: Visibility, answers: Option<&str>) -> Value {
    let mut told = json!({"status": text, "visibility": visibility.word()});
    if let Some(id) = answers {
        told["in_reply_to_id"] = id.into();
    }
    told
}

/// What an answer says: itself where it is good, what is at fault where it is not.
pub(super) fn read(answer: &HttpAnswer) -> Result<&Value, ChannelError> {
    match answer.is_ok() {
        true if answer.json.is_object() || answer.json.is_array() => Ok(&answer.json),
        true => Err(ChannelError::new(ErrorKind::Protocol, Scope::Channel)),
        false => Err(answer.fault()),
    }
}

pub(super) fn id(said: &Value) -> Option<&str> {
    said["id"].as_str().filter(|id| is_id(id))
}

/// Whether a status reached the account that it begins with. The account of our own server may be written with its domain.
pub(super) fn mentions(status: &Value, account: &str) -> bool {
    let name = account.split('@').next().unwrap_or_default();
    let is_he = |one: &Value| {
        let acct = one["acct"].as_str().unwrap_or_default();
        acct.eq_ignore_ascii_case(account) || acct.eq_ignore_ascii_case(name)
    };
    status["mentions"]
        .as_array()
        .is_some_and(|all| all.iter().any(is_he))
}

/// How far the notifications were read: up to and with this one, and so many parts of the one after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) after: String,
    parts: usize,
}

impl Place {
    /// None where the cursor is not one of ours.
    pub(super) fn parse(cursor: &Cursor) -> Option<Self> {
        let text = cursor.as_str().unwrap_or("0");
        let (after, parts) = text.split_once(':').unwrap_or((text, "0"));
        let parts = parts.parse().ok()?;
        let after = after.to_owned();
        is_id(&after).then_some(Self { after, parts })
    }

    pub(super) fn cursor(&self) -> Cursor {
        let text = match self.parts {
            0 => self.after.clone(),
            parts => format!("{}:{parts}", self.after),
        };
        Cursor::parse(&text).unwrap_or_default()
    }
}

/// The events of these notifications, which come newest first, at most so many, and the place behind them.
pub(super) fn events(
    notifications: &[Value],
    mut place: Place,
    at_most: usize,
) -> (Vec<Event>, Place) {
    let mut events = Vec::new();
    for notification in notifications.iter().rev() {
        let Some(id) = id(notification) else {
            continue;
        };
        let all = told(notification);
        let left = at_most - events.len();
        let fresh = all.len().saturating_sub(place.parts);
        events.extend(all.into_iter().skip(place.parts).take(left));
        if fresh > left {
            place.parts += left;
            break;
        }
        (place.after, place.parts) = (id.to_owned(), 0);
    }
    (events, place)
}

/// What a notification brings: a message, in parts where it is longer than one holds, or the answer to an offer.
fn told(notification: &Value) -> Vec<Event> {
    match notification["type"] == "mention" {
        true => said(&notification["status"]).unwrap_or_default(),
        false => Vec::new(),
    }
}

fn said(status: &Value) -> Option<Vec<Event>> {
    let (id, who) = (id(status)?, &status["account"]);
    let from: Address = format!("handle:{NETWORK}{}", who["acct"].as_str()?)
        .parse()
        .ok()?;
    let text = html::text(status["content"].as_str().unwrap_or_default());
    let text = without_address(&text, status);
    if let Some((answer, offer)) = answer(text) {
        let (by, from) = (None, Some(from));
        let kind = EventKind::Answered {
            offer,
            answer,
            by,
            from,
        };
        return Some(vec![Event {
            id: Key::parse(id).ok()?,
            kind,
        }]);
    }
    let files = files(status);
    let words = match (text, files.is_empty()) {
        ("", false) => "[attachment]",
        (text, _) => text,
    };
    let label = |text: &Value| {
        let label = Label::flattened(text.as_str().unwrap_or_default());
        Some(label).filter(|label| !label.as_str().is_empty())
    };
    let before = status["in_reply_to_id"]
        .as_str()
        .and_then(|id| Key::parse(id).ok());
    let parts = Inbound::parts(id, words).into_iter().zip(0..);
    let events = parts.map(|((id, body), number)| {
        let mut inbound = Inbound::new(from.clone(), body);
        inbound.from_name = label(&who["display_name"]);
        inbound.subject = label(&status["spoiler_text"]);
        inbound.is_automatic = who["bot"] == true;
        inbound.answers.extend(before.clone());
        if number == 0 {
            inbound.attachments = files.clone();
        }
        let kind = EventKind::Message(inbound);
        Event { id, kind }
    });
    Some(events.collect())
}

/// The words without the names in front to whom they are said.
fn without_address<'a>(text: &'a str, status: &Value) -> &'a str {
    let mentions = status["mentions"].as_array().map_or(&[][..], Vec::as_slice);
    let is_one = |word: &str| {
        let name = word.strip_prefix('@').unwrap_or_default();
        let is = |one: &Value, field| {
            one[field]
                .as_str()
                .is_some_and(|text| text.eq_ignore_ascii_case(name))
        };
        mentions
            .iter()
            .any(|one| is(one, "acct") || is(one, "username"))
    };
    let mut rest = text.trim_start();
    while let Some(word) = rest.split_whitespace().next().filter(|word| is_one(word)) {
        rest = rest[word.len()..].trim_start();
    }
    rest
}

/// The words by which an offer is answered.
pub(super) fn question(offer: OfferId) -> String {
    format!("Answer \"{ACCEPT} {offer}\" or \"{DECLINE} {offer}\".")
}

const ACCEPT: &str = "accept";
const DECLINE: &str = "decline";

fn answer(text: &str) -> Option<(Answer, OfferId)> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || "\".!".contains(c));
    let (word, offer) = text.split_once(' ')?;
    let answer = match word.to_ascii_lowercase().as_str() {
        ACCEPT => Answer::Accepted,
        DECLINE => Answer::Declined,
        _ => return None,
    };
    Some((answer, offer.parse().ok()?))
}

/// The files by name and sort: Mastodon tells neither their size nor what is in them.
fn files(status: &Value) -> Attachments {
    let mut files = Attachments::new();
    for media in status["media_attachments"].as_array().into_iter().flatten() {
        let url = media["url"].as_str().unwrap_or_default();
        let name = url.split(['?', '#']).next().unwrap_or_default();
        let name = name.rsplit('/').next().unwrap_or_default();
        let end = name.rsplit('.').next().unwrap_or_default();
        let media_type = match (media["type"].as_str().unwrap_or_default(), end) {
            ("image", "jpg") => "image/jpeg".to_owned(),
            ("gifv", end) => format!("video/{end}"),
            ("audio", "mp3") => "audio/mpeg".to_owned(),
            (kind @ ("audio" | "image" | "video"), end) => format!("{kind}/{end}"),
            _ => String::new(),
        };
        files.add(Attachment::untaken(name, &media_type, 0));
    }
    files
}
