//! What an error of the Graph interface means.

use bereik_channel::http::Answer;
use bereik_channel::{ChannelError, ErrorKind, Retry, Scope};
use serde_json::Value;

/// The code of a message that came outside the window.
pub(super) const WINDOW: &str = "131047";

/// What an answer says: itself where it is good, what is at fault where it is not.
pub(super) fn read(answer: &Answer) -> Result<&Value, ChannelError> {
    let said = &answer.json;
    if answer.is_ok() && (said["messages"].is_array() || said["message_id"].is_string()) {
        return Ok(said);
    }
    let error = &said["error"];
    let Some(code) = error["code"].as_u64() else {
        return Err(match answer.is_ok() {
            true => ChannelError::new(ErrorKind::Protocol, Scope::Channel).maybe_sent(),
            false => answer.fault(),
        });
    };
    let more = error["error_subcode"].as_u64();
    let fault = match (code, more) {
        // Messenger and Instagram: outside the window; the person takes no messages.
        (10, Some(2_018_278)) | (551, _) | (100, Some(2_018_001)) => refused(),
        (0 | 3 | 10 | 190 | 200..=299, _) => {
            ChannelError::new(ErrorKind::Credentials, Scope::Channel)
        }
        (368 | 131_031, _) => ChannelError::new(ErrorKind::Refused, Scope::Channel),
        (4 | 17 | 32 | 613 | 80_007 | 130_429 | 131_048 | 133_016, _) => {
            answer.throttled(Scope::Channel)
        }
        (131_056, _) => answer.throttled(Scope::Recipient),
        // It says itself that it does not know what went wrong.
        (1 | 131_000, _) => ChannelError::unavailable().maybe_sent(),
        (2 | 131_016 | 133_004, _) => ChannelError::unavailable(),
        (470 | 131_021 | 131_026 | 131_030 | 131_045 | 131_047 | 131_049 | 131_050, _) => refused(),
        _ => ChannelError::new(ErrorKind::Invalid, Scope::Message).with_retry(Retry::Never),
    };
    Err(fault.with_code(&code.to_string()))
}

const fn refused() -> ChannelError {
    ChannelError::new(ErrorKind::Refused, Scope::Recipient)
}

/// Nobody may be written to who did not write within the last 24 hours.
pub(super) fn outside_window() -> ChannelError {
    refused().with_code(WINDOW)
}
