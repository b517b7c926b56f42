//! What is asked, and with whose name.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::http::error::{HttpError, HttpErrorKind};
use crate::url_guard::CheckedUrl;

/// What is done: only ways of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// RFC 9110 9.3.1.
    Get,
    /// RFC 9110 9.3.7.
    Options,
    /// RFC 4918 9.1.
    Propfind,
    /// RFC 3253 3.6.
    Report,
}

impl Method {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Options => "OPTIONS",
            Self::Propfind => "PROPFIND",
            Self::Report => "REPORT",
        }
    }
}

/// A name and a password, or a token. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    authorization: HeaderValue,
}

impl Credentials {
    /// A name and a password, RFC 7617, in UTF-8.
    ///
    /// # Errors
    /// When the name has a colon, or one of the two a control character.
    pub fn basic(name: &str, password: &str) -> Result<Self, HttpError> {
        if name.contains(':')
            || [name, password]
                .iter()
                .any(|t| t.contains(char::is_control))
        {
            return Err(HttpErrorKind::Invalid.into());
        }
        let both = STANDARD.encode(format!("{name}:{password}"));
        Self::new(&format!("Basic {both}"))
    }

    /// A token, RFC 6750.
    ///
    /// # Errors
    /// When the token has other characters than visible ones of ASCII.
    pub fn bearer(token: &str) -> Result<Self, HttpError> {
        match !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()) {
            true => Self::new(&format!("Bearer {token}")),
            false => Err(HttpErrorKind::Invalid.into()),
        }
    }

    fn new(text: &str) -> Result<Self, HttpError> {
        let value = HeaderValue::from_str(text);
        let mut authorization = value.map_err(|_| HttpErrorKind::Invalid)?;
        authorization.set_sensitive(true);
        Ok(Self { authorization })
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// A request.
///
/// ```
/// use bereik_feed::UrlGuard;
/// use bereik_feed::http::{Credentials, Method, Request};
/// let url = UrlGuard::new().check("https://dav.example.org/anna/?token=s3cret")?;
/// let request = Request::new(Method::Propfind, url)
///     .with_header("depth", "0")?
///     .with_body("<propfind xmlns='DAV:'/>")
///     .with_credentials(Credentials::basic("anna", "s3cret")?);
/// assert!(!format!("{request:?}").contains("s3cret"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Request {
    method: Method,
    url: CheckedUrl,
    headers: HeaderMap,
    body: Vec<u8>,
    credentials: Option<Credentials>,
}

/// Fields that no caller sets: the client's own, and those that change how a message is read.
const OWN: [HeaderName; 8] = [
    header::ACCEPT_ENCODING,
    header::AUTHORIZATION,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::COOKIE,
    header::EXPECT,
    header::HOST,
    header::TRANSFER_ENCODING,
];

/// Fields that go along to another origin: they hold no secret.
const OPEN: [HeaderName; 4] = [
    header::ACCEPT,
    header::CONTENT_TYPE,
    header::IF_MODIFIED_SINCE,
    header::IF_NONE_MATCH,
];

impl Request {
    /// A request without fields, body and credentials.
    #[must_use]
    pub fn new(method: Method, url: CheckedUrl) -> Self {
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: Vec::new(),
            credentials: None,
        }
    }

    /// A GET.
    #[must_use]
    pub fn get(url: CheckedUrl) -> Self {
        Self::new(Method::Get, url)
    }

    /// With this field, in place of one of the same name.
    ///
    /// # Errors
    /// When name or value cannot be written, or the field is the client's own to set: credentials,
    /// host, length, encoding, connection.
    pub fn with_header(mut self, name: &str, value: &str) -> Result<Self, HttpError> {
        let name: HeaderName = name.parse().map_err(|_| HttpErrorKind::Invalid)?;
        let value = HeaderValue::from_str(value).map_err(|_| HttpErrorKind::Invalid)?;
        if OWN.contains(&name) {
            return Err(HttpErrorKind::Invalid.into());
        }
        self.headers.insert(name, value);
        Ok(self)
    }

    /// With this body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// In this name.
    #[must_use]
    pub fn with_credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// What is asked.
    #[must_use]
    pub const fn url(&self) -> &CheckedUrl {
        &self.url
    }

    /// The request that follows a redirect. Fields and credentials stay with their origin. 303 asks for
    /// a GET, the others repeat (RFC 9110 15.4).
    pub(crate) fn redirected(mut self, status: u16, url: CheckedUrl) -> Self {
        if !self.url.is_same_origin(&url) {
            self.credentials = None;
            let fields = std::mem::take(&mut self.headers).into_iter();
            let named = fields.filter_map(|(name, value)| Some((name?, value)));
            let is_open = |name: &HeaderName| OPEN.contains(name) || name == "depth";
            self.headers = named.filter(|(name, _)| is_open(name)).collect();
        }
        if status == 303 {
            self.method = Method::Get;
            self.body = Vec::new();
        }
        self.url = url;
        self
    }

    /// As it goes over the wire.
    pub(crate) fn parts(
        &self,
        url: &CheckedUrl,
    ) -> Result<hyper::http::request::Builder, HttpError> {
        let host = HeaderValue::from_str(url.authority()).map_err(|_| HttpErrorKind::Invalid)?;
        let mut headers = self.headers.clone();
        let agent = concat!("bereik/", env!("CARGO_PKG_VERSION"));
        let mut own = |name, value| headers.insert(name, HeaderValue::from_static(value));
        own(header::USER_AGENT, agent);
        own(header::ACCEPT_ENCODING, "gzip");
        own(header::CONNECTION, "close");
        headers.insert(header::HOST, host);
        if let Some(credentials) = &self.credentials {
            headers.insert(header::AUTHORIZATION, credentials.authorization.clone());
        }
        let mut builder = hyper::Request::builder()
            .method(self.method.as_str())
            .uri(url.target());
        if let Some(all) = builder.headers_mut() {
            *all = headers;
        }
        Ok(builder)
    }

    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}
