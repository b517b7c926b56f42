//! What a final response says is at fault: no I/O here.

use std::time::Duration;

use bereik_channel::{ChannelError, ErrorKind, Retry, Scope};

/// What a final response other than success says (RFC 3261, 21). A decline (603) is an answer where somebody was asked,
/// and is looked for before.
pub(super) fn fault(status: u16, retry_after: Option<Duration>) -> ChannelError {
    use ErrorKind::{Credentials, Invalid, Refused, Unavailable, Unsupported};
    let later = retry_after.map_or(Retry::BackOff, Retry::After);
    let (kind, scope, retry) = match status {
        // Somebody else would be asked than who was chosen.
        300..=399 => (Refused, Scope::Recipient, Retry::Never),
        401 | 407 => (Credentials, Scope::Channel, Retry::Never),
        403 | 404 | 410 | 484 | 485 | 604 | 607 => (Refused, Scope::Recipient, Retry::Never),
        408 | 480 | 486 | 487 | 600 | 603 => (Refused, Scope::Recipient, later),
        405 | 501 => (Unsupported, Scope::Channel, Retry::Never),
        400 | 406 | 411 | 413..=416 | 420 | 421 | 482 | 483 | 488 | 489 | 493 | 513 | 606 => {
            (Invalid, Scope::Message, Retry::Never)
        }
        _ => (Unavailable, Scope::Channel, later),
    };
    let error = ChannelError::new(kind, scope).with_retry(retry);
    error.with_code(&status.to_string())
}

/// A `Retry-After` (RFC 3261, 20.33): seconds, then perhaps a comment and parameters; at most a day of them.
pub(super) fn retry_after(value: &str) -> Option<Duration> {
    const LONGEST_S: u64 = 24 * 60 * 60;
    let digits = value.trim().split(|c: char| !c.is_ascii_digit()).next()?;
    let seconds: u64 = digits.parse().ok()?;
    Some(Duration::from_secs(seconds.min(LONGEST_S)))
}

#[cfg(test)]
mod tests {
    use super::{fault, retry_after};
    use bereik_channel::{Retry, Scope, Sent};
    use std::time::Duration;

    #[test]
    fn each_status_has_the_scope_and_the_advice_of_the_contract() {
        let wait = Duration::from_secs(7);
        let cases = [
            (404, Scope::Recipient, Retry::Never),
            (410, Scope::Recipient, Retry::Never),
            (604, Scope::Recipient, Retry::Never),
            (302, Scope::Recipient, Retry::Never),
            (480, Scope::Recipient, Retry::After(wait)),
            (408, Scope::Recipient, Retry::After(wait)),
            (487, Scope::Recipient, Retry::After(wait)),
            (486, Scope::Recipient, Retry::After(wait)),
            (600, Scope::Recipient, Retry::After(wait)),
            (603, Scope::Recipient, Retry::After(wait)),
            (503, Scope::Channel, Retry::After(wait)),
            (500, Scope::Channel, Retry::After(wait)),
            (407, Scope::Channel, Retry::Never),
            (415, Scope::Message, Retry::Never),
            (488, Scope::Message, Retry::Never),
        ];
        for (status, scope, retry) in cases {
            let error = fault(status, Some(wait));
            assert_eq!((error.scope(), error.retry()), (scope, retry), "{status}");
            assert_eq!(error.sent(), Sent::No, "{status}");
            assert_eq!(error.code(), Some(status.to_string().as_str()));
        }
        assert_eq!(fault(503, None).retry(), Retry::BackOff);
    }

    #[test]
    fn a_wait_is_read_and_bounded() {
        assert_eq!(
            retry_after("18000;duration=3600"),
            Some(Duration::from_secs(18_000))
        );
        assert_eq!(
            retry_after("120 (I'm in a meeting)"),
            Some(Duration::from_secs(120))
        );
        assert_eq!(
            retry_after("99999999999"),
            Some(Duration::from_secs(86_400))
        );
        assert_eq!(retry_after("soon"), None);
    }
}
