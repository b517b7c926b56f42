//! What a homeserver is told and tells, as values: no I/O here.

use std::time::Duration;

use bereik_channel::http::Answer as HttpAnswer;
use bereik_channel::{ChannelError, ErrorKind, Retry, Scope};
use bereik_core::address::AddressKind;
use bereik_core::presence::PresenceState;
use bereik_core::{Address, OfferId};
use serde_json::{Value, json};

use crate::spoken;

const NETWORK: &str = "matrix/";

/// Appendices of the specification, "Identifier grammar", in bytes.
const ID_BYTES_MAX: usize = 255;

/// So many events of a room come in at a time, and so many more are looked up where there were more.
pub(super) const TIMELINE_MAX: usize = 20;
pub(super) const BACK_FILL_MAX: usize = 100;

/// Where a message goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target<'a> {
    /// Into a room, to everybody or to somebody there.
    Room(&'a str, Option<&'a str>),
    /// Into the room for two.
    User(&'a str),
}

impl<'a> Target<'a> {
    /// To whom.
    pub(super) const fn user(&self) -> Option<&'a str> {
        match self {
            Self::Room(_, user) => *user,
            Self::User(user) => Some(user),
        }
    }
}

/// `handle:matrix/@bob:example.org`, `handle:matrix/!room:example.org`, or `handle:matrix/!room:example.org/@bob:example.org`
/// for who wrote there.
pub(super) fn target(to: &Address) -> Result<Target<'_>, ChannelError> {
    let invalid = ChannelError::new(ErrorKind::Invalid, Scope::Recipient);
    let path = to.value().strip_prefix(NETWORK);
    let path = path
        .filter(|_| to.kind() == AddressKind::Handle)
        .ok_or(invalid.clone())?;
    // The name of a user begins behind the first slash before an @; that of a room holds none.
    let (room, user) = match path.split_once("/@") {
        Some((room, user)) => (room, Some(&path[path.len() - user.len() - 1..])),
        None if path.starts_with('!') => (path, None),
        None => ("", Some(path)),
    };
    let is_room = room.len() > 1 && room.starts_with('!') && room.len() <= ID_BYTES_MAX;
    match user {
        _ if user.is_some_and(|user| !is_user(user)) => Err(invalid),
        Some(user) if room.is_empty() => Ok(Target::User(user)),
        user if is_room => Ok(Target::Room(room, user)),
        _ => Err(invalid),
    }
}

pub(super) fn is_user(id: &str) -> bool {
    let parts = id.strip_prefix('@').and_then(|id| id.split_once(':'));
    let is_one = parts.is_some_and(|(name, server)| !name.is_empty() && !server.is_empty());
    is_one && id.len() <= ID_BYTES_MAX
}

/// Who wrote, and where an answer goes: to himself, or into the room that he shares with others.
pub(super) fn address(room: Option<&str>, user: &str) -> Option<Address> {
    let path = match room {
        Some(room) => format!("{room}/{user}"),
        None => user.to_owned(),
    };
    format!("handle:{NETWORK}{path}").parse().ok()
}

/// Each part of a path, with what a URL gives a meaning to written otherwise.
pub(super) fn path(parts: &[&str]) -> String {
    let encoded = parts
        .iter()
        .map(|part| form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>());
    encoded.collect::<Vec<_>>().join("/")
}

pub(super) fn query(fields: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(fields).finish()
}

/// Words as they are: without a format nobody looks for markup in them, and nobody is called but whom they are for. What
/// software wrote is a notice, which software does not answer.
pub(super) fn words(text: &str, is_automatic: bool, answers: Option<&str>) -> Value {
    let kind = if is_automatic { "m.notice" } else { "m.text" };
    let mut content = json!({"msgtype": kind, "body": text, "m.mentions": {}});
    if let Some(event) = answers {
        content["m.relates_to"] = json!({"m.in_reply_to": {"event_id": event}});
    }
    content
}

/// Writes over an offer that stands no longer.
pub(super) fn taken_back(offer: OfferId, event: &str) -> Value {
    let text = spoken::taken_back(offer);
    let mut content = words(&format!("* {text}"), true, None);
    content["m.new_content"] = words(&text, true, None);
    content["m.relates_to"] = json!({"rel_type": "m.replace", "event_id": event});
    content
}

/// A room for two.
pub(super) fn direct_room(user: &str) -> Value {
    json!({"preset": "trusted_private_chat", "is_direct": true, "invite": [user]})
}

/// What of all that happens is told to us.
pub(super) fn filter(timeline_max: usize) -> Value {
    json!({
        "presence": {"types": ["m.presence"]},
        "account_data": {"types": ["m.direct"]},
        "room": {
            "account_data": {"types": []},
            "ephemeral": {"types": ["m.receipt", "m.typing"]},
            "state": {
                "types": ["m.room.member"],
                "lazy_load_members": true,
                "include_redundant_members": true,
            },
            "timeline": timeline_filter(timeline_max),
        },
    })
}

pub(super) fn timeline_filter(limit: usize) -> Value {
    let types = [
        "m.reaction",
        "m.room.encrypted",
        "m.room.encryption",
        "m.room.member",
        "m.room.message",
    ];
    json!({"types": types, "limit": limit, "lazy_load_members": true})
}

/// As a homeserver calls it, and what tells us most when it comes in.
pub(super) const fn presence(state: PresenceState) -> &'static str {
    match state {
        PresenceState::Available | PresenceState::Elsewhere | PresenceState::Tentative => "online",
        PresenceState::OffDuty | PresenceState::OutOfOffice | PresenceState::Unknown => "offline",
        _ => "unavailable",
    }
}

/// Who is offline may be anywhere.
pub(super) fn presence_state(presence: &str) -> Option<PresenceState> {
    match presence {
        "online" => Some(PresenceState::Available),
        "unavailable" => Some(PresenceState::Idle),
        "offline" => Some(PresenceState::Unknown),
        _ => None,
    }
}

/// What an answer says: its body where it is good, what is at fault where it is not.
pub(super) fn read(answer: HttpAnswer) -> Result<Value, ChannelError> {
    if answer.is_ok() && answer.json.is_object() {
        return Ok(answer.json);
    }
    let Some(code) = answer.json["errcode"].as_str() else {
        return Err(match answer.is_ok() {
            true => ChannelError::new(ErrorKind::Protocol, Scope::Channel),
            false => answer.fault(),
        });
    };
    let error = match code {
        "M_FORBIDDEN" | "M_GUEST_ACCESS_FORBIDDEN" | "M_NOT_FOUND" => {
            ChannelError::new(ErrorKind::Refused, Scope::Recipient)
        }
        "M_BAD_JSON" | "M_INVALID_PARAM" | "M_MISSING_PARAM" | "M_NOT_JSON" | "M_TOO_LARGE" => {
            ChannelError::new(ErrorKind::Invalid, Scope::Message)
        }
        "M_CONSENT_NOT_GIVEN"
        | "M_MISSING_TOKEN"
        | "M_UNKNOWN_TOKEN"
        | "M_USER_DEACTIVATED"
        | "M_USER_LOCKED"
        | "M_USER_SUSPENDED" => ChannelError::new(ErrorKind::Credentials, Scope::Channel),
        "M_LIMIT_EXCEEDED" => {
            let wait = answer.json["retry_after_ms"]
                .as_u64()
                .map(Duration::from_millis);
            match wait {
                Some(wait) => answer
                    .throttled(Scope::Channel)
                    .with_retry(Retry::After(wait)),
                None => answer.throttled(Scope::Channel),
            }
        }
        "M_RESOURCE_LIMIT_EXCEEDED" => ChannelError::unavailable(),
        "M_UNRECOGNIZED" => ChannelError::new(ErrorKind::Protocol, Scope::Channel),
        _ => answer.fault(),
    };
    Err(error.with_code(code))
}

#[cfg(test)]
mod tests {
    use super::{Target, path, target};

    #[test]
    fn an_address_is_somebody_or_a_room_and_nothing_else() {
        for (text, expected) in [
            ("handle:matrix/@bob:x.org", Target::User("@bob:x.org")),
            ("handle:matrix/@a/b:x.org", Target::User("@a/b:x.org")),
            ("handle:matrix/!r:x.org", Target::Room("!r:x.org", None)),
            (
                "handle:matrix/!r/@bob:x.org",
                Target::Room("!r", Some("@bob:x.org")),
            ),
        ] {
            let address = text.parse().expect("an address");
            assert_eq!(target(&address).expect(text), expected);
        }
        for none in [
            "handle:matrix/",
            "handle:matrix/!",
            "handle:matrix/@bob",
            "handle:matrix/@:x.org",
            "handle:matrix/#alias:x.org",
            "handle:matrix/!r/@bob",
            "handle:matrix/x/@bob:x.org",
            "handle:irc/@bob:x.org",
            "jan@example.org",
        ] {
            let address = none.parse().expect("an address");
            assert!(target(&address).is_err(), "{none}");
        }
    }

    #[test]
    fn a_part_of_a_path_stays_a_part() {
        let written = path(&["rooms", "!a/../b?c#d:x.org", "\u{e9}%"]);
        assert_eq!(written, "rooms/%21a%2F..%2Fb%3Fc%23d%3Ax.org/%C3%A9%25");
    }
}
