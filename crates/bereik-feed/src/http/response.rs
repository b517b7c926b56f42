//! What was answered.

use std::fmt;

use hyper::header::{self, HeaderMap};

use crate::url_guard::CheckedUrl;

/// An answer, read whole and unpacked.
#[derive(Clone)]
pub struct Response {
    url: CheckedUrl,
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Response {
    pub(crate) fn new(url: CheckedUrl, status: u16, headers: HeaderMap, body: Vec<u8>) -> Self {
        Self {
            url,
            status,
            headers,
            body,
        }
    }

    /// What answered, after all redirects.
    #[must_use]
    pub const fn url(&self) -> &CheckedUrl {
        &self.url
    }

    /// The status, 200–999 (RFC 9110 15).
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// A field, if it is there and is text in ASCII; the first of several.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body; of a redirect none.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Where it sends.
    pub(crate) fn redirect(&self) -> Option<&str> {
        match is_redirect(self.status) {
            true => self.header(header::LOCATION.as_str()),
            false => None,
        }
    }
}

/// Whether a status sends elsewhere.
pub(crate) const fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("url", &self.url)
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
