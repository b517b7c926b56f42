//! How long a provider asks us to wait.

use std::time::Duration;

use chrono::{DateTime, Utc};
use hyper::HeaderMap;

/// A number that is larger is no wait but an instant, in seconds since 1970.
const WAIT_SECONDS_MAX: i64 = 1_000_000_000;

/// `Retry-After` in seconds; when a limit was met, also the instant at which it is lifted. No clock here is asked: an instant
/// counts from the one at which the provider says that it answered.
pub(super) fn told(status: u16, headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let seconds = text("retry-after").and_then(|text| text.parse().ok());
    if seconds.is_some() || status != 429 {
        return seconds.map(Duration::from_secs);
    }
    let lifted = text("ratelimit-reset").or_else(|| text("x-ratelimit-reset"))?;
    let answered = || DateTime::parse_from_rfc2822(text("date")?).ok();
    let until = |instant: DateTime<Utc>| Some((instant - answered()?.to_utc()).num_seconds());
    let seconds = match lifted.parse() {
        Ok(seconds) if seconds < WAIT_SECONDS_MAX => Some(seconds),
        Ok(seconds) => until(DateTime::from_timestamp(seconds, 0)?),
        Err(_) => until(DateTime::parse_from_rfc3339(lifted).ok()?.to_utc()),
    };
    Some(Duration::from_secs(seconds?.max(1).unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::told;
    use hyper::HeaderMap;
    use hyper::header::{HeaderName, HeaderValue};
    use std::time::Duration;

    fn wait(status: u16, headers: &[(&'static str, &'static str)]) -> Option<u64> {
        let headers = headers.iter().map(|(name, value)| {
            let name = HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        });
        told(status, &HeaderMap::from_iter(headers))
            .as_ref()
            .map(Duration::as_secs)
    }

    #[test]
    fn a_wait_is_told_in_many_ways() {
        let date = ("date", "Sat, 28 Nov 2026 10:00:00 GMT");
        let table = [
            (429, vec![("retry-after", "7"), date], Some(7)),
            (503, vec![("retry-after", "7")], Some(7)),
            // Mastodon.
            (
                429,
                vec![("x-ratelimit-reset", "2026-11-28T10:05:00.000000Z"), date],
                Some(300),
            ),
            // Bluesky: seconds since 1970.
            (429, vec![("ratelimit-reset", "1795860030"), date], Some(30)),
            // The draft of the IETF: seconds from now.
            (429, vec![("ratelimit-reset", "50")], Some(50)),
            (429, vec![("ratelimit-reset", "1795860030")], None),
            (
                429,
                vec![("x-ratelimit-reset", "2026-11-28T09:00:00Z"), date],
                Some(1),
            ),
            (429, vec![("x-ratelimit-reset", "soon"), date], None),
            (503, vec![("ratelimit-reset", "50")], None),
            (
                429,
                vec![("ratelimit-reset", "-99999999999999999")],
                Some(1),
            ),
        ];
        for (status, headers, expected) in table {
            assert_eq!(wait(status, &headers), expected, "{headers:?}");
        }
    }
}
