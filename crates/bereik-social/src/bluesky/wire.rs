//! What XRPC says of itself, and what an address is: no I/O here.

use bereik_channel::http::Answer;
use bereik_channel::{ChannelError, ErrorKind, Outbound, Scope};
use bereik_core::Address;
use bereik_core::address::AddressKind;
use serde_json::Value;

pub(super) const NETWORK: &str = "bluesky/";
pub(super) const POST: &str = "app.bsky.feed.post";

/// The account of an address: a DID, or a handle, which is a domain.
pub(super) fn account(to: &Address) -> Result<&str, ChannelError> {
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"._:%-".contains(&c);
    let is_did = |text: &str| {
        text.splitn(3, ':').all(|part| !part.is_empty()) && text.split(':').count() > 2
    };
    let is_account = |text: &&str| match text.starts_with("did:") {
        true => is_did(text),
        false => text.contains('.') && !text.contains([':', '%', '_']) && !text.starts_with('.'),
    };
    let account = to
        .value()
        .strip_prefix(NETWORK)
        .filter(|text| text.bytes().all(plain));
    let account = account
        .filter(is_account)
        .filter(|_| to.kind() == AddressKind::Handle);
    account.ok_or(ChannelError::new(ErrorKind::Invalid, Scope::Recipient))
}

/// Whether a key names a post: `at://DID/app.bsky.feed.post/KEY`.
fn is_post(uri: &str) -> bool {
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"._:%-/".contains(&c);
    let path = uri.strip_prefix("at://did:").unwrap_or_default();
    path.bytes().all(plain) && path.split('/').nth(1) == Some(POST) && path.split('/').count() == 3
}

/// The post that a message answers: the last that it names.
pub(super) fn answered(message: &Outbound) -> Option<&str> {
    let mut keys = message.answers.iter().rev().map(|key| key.as_str());
    keys.find(|key| is_post(key))
}

/// The answer to a token whose time is over; it comes as a bad request.
pub(super) fn is_expired(answer: &Answer) -> bool {
    let says = |code: &str| answer.json["error"] == code;
    matches!(answer.status, 400 | 401) && (says("ExpiredToken") || says("InvalidToken"))
}

/// What an answer says: itself where it is good, what is at fault where it is not.
pub(super) fn read(answer: &Answer) -> Result<&Value, ChannelError> {
    if answer.is_ok() {
        let strange = ChannelError::new(ErrorKind::Protocol, Scope::Channel);
        return Some(&answer.json)
            .filter(|json| json.is_object())
            .ok_or(strange);
    }
    let Some(code) = answer.json["error"].as_str() else {
        return Err(answer.fault());
    };
    let error = match code {
        "AccountDeactivated"
        | "AccountSuspended"
        | "AccountTakedown"
        | "AuthFactorTokenRequired"
        | "AuthMissing"
        | "AuthenticationRequired"
        | "ExpiredToken"
        | "InvalidToken"
        | "RepoDeactivated"
        | "RepoSuspended"
        | "RepoTakendown" => ChannelError::new(ErrorKind::Credentials, Scope::Channel),
        "RateLimitExceeded" => answer.throttled(Scope::Channel),
        _ => answer.fault(),
    };
    Err(error.with_code(code))
}
