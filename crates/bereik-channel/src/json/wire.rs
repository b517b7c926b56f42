//! The JSON itself, both ways: no I/O here.

use bereik_core::id::Key;
use bereik_core::{Address, ChannelKind, OfferId, PersonId};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::alert::{Alert, AlertTo};
use crate::error::{ChannelError, ErrorKind, Scope};
use crate::event::{Answer, Event, EventKind, Inbound};
use crate::inbox::Arrival;
use crate::label::Label;
use crate::outbound::Outbound;
use crate::receipt::Evidence;

fn check(to: &Address, kind: ChannelKind) -> Result<(), ChannelError> {
    let invalid = ChannelError::new(ErrorKind::Invalid, Scope::Recipient);
    to.fits(kind).then_some(()).ok_or(invalid)
}

pub(super) fn message(message: &Outbound, kind: ChannelKind) -> Result<Value, ChannelError> {
    check(&message.to, kind)?;
    let mut told = json!({
        "type": "message",
        "to": message.to.to_string(),
        "text": message.body.as_str(),
        "at": message.at.to_rfc3339(),
        "automatic": message.is_automatic,
    });
    if let Some(name) = &message.from_name {
        told["from_name"] = name.as_str().into();
    }
    if let Some(subject) = &message.subject {
        told["subject"] = subject.as_str().into();
    }
    if !message.answers.is_empty() {
        told["answers"] = message.answers.iter().map(Key::as_str).collect();
    }
    Ok(told)
}

pub(super) fn alert(alert: &Alert, kind: ChannelKind) -> Result<Value, ChannelError> {
    let mut told = json!({
        "type": "offer",
        "offer": alert.offer.id.to_string(),
        "contact": alert.offer.contact.to_string(),
        "until": alert.offer.until.to_rfc3339(),
        "subject": alert.subject.as_str(),
        "text": alert.text.as_str(),
    });
    match &alert.to {
        AlertTo::Address(to) => {
            check(to, kind)?;
            told["to"] = to.to_string().into();
        }
        AlertTo::Person(person) => told["person"] = person.to_string().into(),
    }
    if let Some(link) = &alert.link {
        told["link"] = link.as_str().into();
    }
    Ok(told)
}

pub(super) fn withdrawal(offer: OfferId) -> Value {
    json!({"type": "withdraw", "offer": offer.to_string()})
}

pub(super) fn probe() -> Value {
    json!({"type": "probe"})
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Told {
    Answered {
        offer: String,
        answer: Answer,
        by: Option<PersonId>,
        from: Option<Address>,
    },
    Delivery {
        of: Key,
        evidence: Evidence,
    },
    Message(Box<Said>),
    Typing {
        from: Address,
    },
}

#[derive(Deserialize)]
struct Said {
    from: Address,
    text: String,
    at: Option<DateTime<Utc>>,
    name: Option<String>,
    subject: Option<String>,
    #[serde(default)]
    automatic: bool,
    #[serde(default)]
    answers: Vec<Key>,
}

/// So many earlier messages are looked at.
const ANSWERS_MAX: usize = 64;

/// What was told under this id, at this instant; or why it is nothing, without repeating any of it.
pub(super) fn read(id: &Key, body: &[u8], at: DateTime<Utc>) -> Result<Vec<Arrival>, &'static str> {
    let told: Value = serde_json::from_slice(body).map_err(|_| "the body is not JSON")?;
    let known = ["answered", "delivery", "message", "typing"];
    if !known.iter().any(|kind| told["type"] == *kind) {
        return Err("type is none of answered, delivery, message, typing");
    }
    let unreadable = |_| "a field of this type is missing or not in its form";
    let kind = match serde_json::from_value(told).map_err(unreadable)? {
        Told::Answered {
            offer,
            answer,
            by,
            from,
        } => EventKind::Answered {
            offer: offer.parse().map_err(|_| "offer is not the id of one")?,
            answer,
            by,
            from,
        },
        Told::Delivery { of, evidence } => EventKind::Delivery { of, evidence },
        Told::Message(said) => return message_in(id, *said, at),
        Told::Typing { from } => EventKind::Typing { from },
    };
    let id = id.clone();
    Ok(vec![Arrival {
        order: at.timestamp_micros(),
        event: Event { id, kind },
    }])
}

fn message_in(id: &Key, said: Said, at: DateTime<Utc>) -> Result<Vec<Arrival>, &'static str> {
    let parts = Inbound::parts(id.as_str(), &said.text);
    if parts.is_empty() {
        return Err("text is empty");
    }
    let label = |text: &Option<String>| text.as_deref().map(Label::flattened);
    let order = said.at.unwrap_or(at).timestamp_micros();
    let arrivals = parts.into_iter().map(|(id, body)| {
        let mut inbound = Inbound::new(said.from.clone(), body);
        inbound.from_name = label(&said.name).filter(|name| !name.as_str().is_empty());
        inbound.subject = label(&said.subject).filter(|subject| !subject.as_str().is_empty());
        inbound.is_automatic = said.automatic;
        inbound.answers = said.answers.iter().take(ANSWERS_MAX).cloned().collect();
        let kind = EventKind::Message(inbound);
        let event = Event { id, kind };
        Arrival { order, event }
    });
    Ok(arrivals.collect())
}
