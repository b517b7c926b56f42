//! Which sites may talk to us: the one we are on, and those that are named.

use std::fmt;
use std::str::FromStr;

use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};

use crate::error::{WebError, WebErrorKind};

/// The origin of a site, as browsers write it: scheme, host and, where it is not the scheme's own,
/// port.
///
/// ```
/// use bereik_web::Origin;
/// let origin: Origin = "https://WWW.example.org".parse()?;
/// assert_eq!(origin.as_str(), "https://www.example.org");
/// assert!("https://example.org/contact".parse::<Origin>().is_err());
/// assert!("null".parse::<Origin>().is_err());
/// # Ok::<(), bereik_web::WebError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(Box<str>);

impl Origin {
    /// The origin as a browser writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn authority(origin: &str) -> Option<&str> {
    origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"))
}

impl FromStr for Origin {
    type Err = WebError;

    fn from_str(text: &str) -> Result<Self, WebError> {
        let text = text.to_ascii_lowercase();
        let is_plain = |c: u8| c.is_ascii_alphanumeric() || b"-._:[]".contains(&c);
        let fits = authority(&text).is_some_and(|host| {
            !host.is_empty() && host.len() <= 260 && host.bytes().all(is_plain)
        });
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(WebError::new(WebErrorKind::Origin))
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The origin that a request comes from, if it may: our own, or one of those named. A request
/// without one does not come from a page.
pub(crate) fn allowed<'a>(headers: &'a HeaderMap, named: &[Origin]) -> Option<&'a str> {
    let origin = headers.get(ORIGIN)?.to_str().ok()?;
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let own = || authority(origin)?.eq_ignore_ascii_case(host?).then_some(());
    let is_named = named.iter().any(|one| one.as_str() == origin);
    (is_named || own().is_some()).then_some(origin)
}

#[cfg(test)]
mod tests {
    use super::{Origin, allowed};
    use axum::http::HeaderMap;
    use axum::http::header::{HOST, ORIGIN};

    fn asks(origin: &str, host: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(ORIGIN, origin.parse().unwrap());
        headers.insert(HOST, host.parse().unwrap());
        let named: Vec<Origin> = vec!["https://shop.example".parse().unwrap()];
        allowed(&headers, &named).is_some()
    }

    #[test]
    fn only_our_own_site_and_those_named_may_ask() {
        assert!(asks("http://127.0.0.1:8080", "127.0.0.1:8080"));
        assert!(asks("https://shop.example", "chat.example"));
        assert!(!asks("https://shop.example.evil.example", "chat.example"));
        assert!(!asks("http://shop.example", "chat.example"));
        assert!(!asks("null", "chat.example"));
        assert!(!asks("http://127.0.0.1:8081", "127.0.0.1:8080"));
        assert!(allowed(&HeaderMap::new(), &[]).is_none());
    }
}
