//! One call, before it is made.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Method, Request, Uri};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::Http;
use crate::error::{ChannelError, ErrorKind, Scope};

/// One call. `Debug` shows its method only: the URL may hold a token.
pub struct Call {
    method: Method,
    url: SecretString,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Option<(&'static str, Vec<u8>)>,
    /// A header that cannot be written.
    is_flawed: bool,
    pub(super) is_repeatable: bool,
    /// How much longer than others it may take, because the provider waits for something.
    pub(super) waits_for: Duration,
    pub(super) answer_bytes_max: usize,
}

impl Call {
    fn new(method: Method, url: impl Into<SecretString>) -> Self {
        let is_repeatable = method == Method::GET;
        Self {
            method,
            url: url.into(),
            headers: Vec::new(),
            body: None,
            is_flawed: false,
            is_repeatable,
            waits_for: Duration::ZERO,
            answer_bytes_max: Http::ANSWER_BYTES_MAX,
        }
    }

    /// A GET, which may be made again.
    #[must_use]
    pub fn get(url: impl Into<SecretString>) -> Self {
        Self::new(Method::GET, url)
    }

    /// A DELETE, which may be made again.
    #[must_use]
    pub fn delete(url: impl Into<SecretString>) -> Self {
        Self::new(Method::DELETE, url).repeatable()
    }

    /// A POST of JSON.
    #[must_use]
    pub fn post(url: impl Into<SecretString>, body: &Value) -> Self {
        Self::post_bytes(url, "application/json", body.to_string().into_bytes())
    }

    /// A PUT of JSON, which may be made again.
    #[must_use]
    pub fn put(url: impl Into<SecretString>, body: &Value) -> Self {
        let mut call = Self::post(url, body).repeatable();
        call.method = Method::PUT;
        call
    }

    /// A POST of form fields.
    #[must_use]
    pub fn post_form(url: impl Into<SecretString>, fields: &[(&str, &str)]) -> Self {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let body = form.finish().into_bytes();
        Self::post_bytes(url, "application/x-www-form-urlencoded", body)
    }

    /// A POST of these bytes.
    #[must_use]
    pub fn post_bytes(
        url: impl Into<SecretString>,
        media_type: &'static str,
        body: Vec<u8>,
    ) -> Self {
        let mut call = Self::new(Method::POST, url);
        call.body = Some((media_type, body));
        call
    }

    /// The same, with a header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        let name = HeaderName::try_from(name);
        match name.ok().zip(HeaderValue::try_from(value).ok()) {
            Some(header) => self.headers.push(header),
            None => self.is_flawed = true,
        }
        self
    }

    fn with_authorization(mut self, text: &str) -> Self {
        match HeaderValue::try_from(text) {
            Ok(mut value) => {
                value.set_sensitive(true);
                self.headers.push((AUTHORIZATION, value));
            }
            Err(_) => self.is_flawed = true,
        }
        self
    }

    /// The same, with a bearer token (RFC 6750).
    #[must_use]
    pub fn with_bearer(self, token: &SecretString) -> Self {
        self.with_authorization(&format!("Bearer {}", token.expose_secret()))
    }

    /// The same, with a name and a password (RFC 7617).
    #[must_use]
    pub fn with_password(self, name: &str, password: &SecretString) -> Self {
        let pair = STANDARD.encode(format!("{name}:{}", password.expose_secret()));
        self.with_authorization(&format!("Basic {pair}"))
    }

    /// The same, which the provider knows when it comes twice, or which changes nothing.
    #[must_use]
    pub const fn repeatable(mut self) -> Self {
        self.is_repeatable = true;
        self
    }

    /// The same, for which the provider waits so long before it answers.
    #[must_use]
    pub const fn waiting_for(mut self, waits_for: Duration) -> Self {
        self.waits_for = waits_for;
        self
    }

    /// The same, of whose answer so many bytes are read, at most; [`Http::ANSWER_BYTES_MAX`] without.
    #[must_use]
    pub const fn with_answer_bytes_max(mut self, answer_bytes_max: usize) -> Self {
        self.answer_bytes_max = answer_bytes_max;
        self
    }

    pub(super) fn request(self) -> Result<Request<Full<Bytes>>, ChannelError> {
        let invalid = || ChannelError::new(ErrorKind::Invalid, Scope::Channel);
        let url = self.url.expose_secret().parse::<Uri>();
        let url = url.map_err(|_| invalid())?;
        if self.is_flawed || url.authority().is_none() {
            return Err(invalid());
        }
        let us = concat!("bereik/", env!("CARGO_PKG_VERSION"));
        let request = Request::builder().method(self.method).uri(url);
        let mut request = request.header(USER_AGENT, us);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let body = match self.body {
            Some((media_type, body)) => {
                request = request.header(CONTENT_TYPE, media_type);
                body
            }
            None => Vec::new(),
        };
        request.body(body.into()).map_err(|_| invalid())
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}
