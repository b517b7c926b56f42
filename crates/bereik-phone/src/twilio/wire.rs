//! What Twilio is told and tells, as values: no I/O here.

use std::collections::BTreeMap;

use bereik_channel::http::Answer as HttpAnswer;
use bereik_channel::{Alert, ChannelError, ErrorKind, Scope};
use bereik_core::Address;
use bereik_core::address::AddressKind;
use serde_json::Value;

/// As much of an alert is read aloud, in characters.
const SPOKEN_MAX: usize = 600;

pub(super) fn number(to: &Address) -> Result<&str, ChannelError> {
    match to.kind() {
        AddressKind::Phone => Ok(to.value()),
        _ => Err(ChannelError::new(ErrorKind::Invalid, Scope::Recipient)),
    }
}

/// What is said to whoever picks up, and where his key goes.
pub(super) fn twiml(alert: &Alert, answered_at: &str) -> String {
    let words = format!("{}. {}", alert.subject.as_str(), alert.text.as_str());
    let words: String = words.chars().take(SPOKEN_MAX).collect();
    let say = say(&format!(
        "{words}. To take it, press 1. To decline, press 2."
    ));
    let action = escaped(answered_at);
    format!(
        "<Response><Gather numDigits=\"1\" timeout=\"8\" method=\"POST\" action=\"{action}\">{say}</Gather></Response>"
    )
}

pub(super) fn say(words: &str) -> String {
    format!("<Say>{}</Say>", escaped(words))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// The fields of a form or a query; of one that is there twice, the first.
pub(super) fn fields(form: &[u8]) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(form) {
        fields
            .entry(name.into_owned())
            .or_insert(value.into_owned());
    }
    fields
}

/// What an answer says: itself where it is good, what is at fault where it is not.
pub(super) fn read(answer: &HttpAnswer) -> Result<&Value, ChannelError> {
    let said = &answer.json;
    if answer.is_ok() && said["sid"].is_string() {
        return Ok(said);
    }
    let Some(code) = said["code"].as_u64().filter(|_| !answer.is_ok()) else {
        return Err(match answer.is_ok() {
            true => ChannelError::new(ErrorKind::Protocol, Scope::Channel).maybe_sent(),
            false => answer.fault(),
        });
    };
    let error = match code {
        20_003 | 20_005 | 20_006 | 20_008 => {
            ChannelError::new(ErrorKind::Credentials, Scope::Channel)
        }
        14_107 | 20_429 | 21_611 => answer.throttled(Scope::Channel),
        // Our own number, or what the account may do.
        21_212 | 21_606 | 21_603 | 21_659 | 21_210 => {
            ChannelError::new(ErrorKind::Refused, Scope::Channel)
        }
        21_602 | 21_605 | 21_617 | 21_619 => ChannelError::new(ErrorKind::Invalid, Scope::Message),
        21_211
        | 21_214..=21_217
        | 21_401
        | 21_407
        | 21_408
        | 21_421
        | 21_601
        | 21_604
        | 21_610
        | 21_612
        | 21_614
        | 13_223..=13_227 => ChannelError::new(ErrorKind::Refused, Scope::Recipient),
        // It has ended by itself.
        20_404 | 21_220 => ChannelError::new(ErrorKind::Refused, Scope::Message),
        _ => answer.fault(),
    };
    Err(error.with_code(&code.to_string()))
}
