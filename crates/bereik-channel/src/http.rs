//! Calls to a provider's HTTP interface: each bounded, and an answer that never came told apart from one that says no.

mod call;
mod wait;

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::time::{sleep, timeout_at};

use crate::error::{ChannelError, ErrorKind, Retry, Scope};
pub use call::Call;

/// A client of HTTP interfaces, with a bound on each call. `Debug` shows nothing of it.
///
/// It follows no redirect, keeps no cookie and reads no more than a call allows. TLS is rustls with ring; no
/// process-wide provider is installed. Errors never hold a URL, because some providers put a token into it.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use bereik_channel::http::{Call, Http};
/// use bereik_channel::{ErrorKind, Sent};
/// use std::time::Duration;
///
/// let http = Http::new()?.with_answer_within(Duration::from_secs(5));
/// // Nobody listens on port 9 of this machine: surely nothing was sent.
/// let error = http.ask(Call::get("http://127.0.0.1:9/secret-token/me")).await.unwrap_err();
/// assert_eq!((error.kind(), error.sent()), (ErrorKind::Unavailable, Sent::No));
/// assert!(!format!("{error:?}").contains("secret-token"));
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Http {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    answer_within: Duration,
}

/// What a provider answered. `Debug` shows the status only.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The HTTP status (RFC 9110).
    pub status: u16,
    /// How long to wait, in whole seconds, where the provider says so: in `Retry-After`, or with status 429 in
    /// `RateLimit-Reset` or `X-RateLimit-Reset`, an instant that is set against its own `Date`.
    pub retry_after: Option<Duration>,
    /// The body, where it is JSON; null where it is not.
    pub json: Value,
    /// The body as it came.
    pub bytes: Vec<u8>,
    is_repeatable: bool,
}

impl Http {
    /// The most of an answer that is read, in bytes, where a [call](Call::with_answer_bytes_max) does not say otherwise.
    pub const ANSWER_BYTES_MAX: usize = 1024 * 1024;

    /// A client that trusts the certificates that this machine trusts. Reads them.
    ///
    /// # Errors
    /// [`ErrorKind::Security`] when TLS cannot be set up.
    pub fn new() -> Result<Self, ChannelError> {
        let mut roots = RootCertStore::empty();
        for certificate in rustls_native_certs::load_native_certs().certs {
            // One that cannot be used does not keep the others from being trusted.
            let _ = roots.add(certificate);
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| security().with_source(error))?;
        Ok(Self::with_tls(
            config.with_root_certificates(roots).with_no_client_auth(),
        ))
    }

    /// A client with a TLS of your own.
    #[must_use]
    pub fn with_tls(tls: ClientConfig) -> Self {
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .build();
        Self {
            client: Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .build(connector),
            answer_within: Duration::from_secs(15),
        }
    }

    /// The same, that waits so long for an answer as a whole; 15 seconds without.
    #[must_use]
    pub const fn with_answer_within(mut self, answer_within: Duration) -> Self {
        self.answer_within = answer_within;
        self
    }

    /// Asks, and reads the answer, whatever its status.
    ///
    /// # Errors
    /// When no answer came. Unless the call is [repeatable](Call::repeatable), it may have been sent when it broke off
    /// after the connection stood.
    pub async fn ask(&self, call: Call) -> Result<Answer, ChannelError> {
        let until = sleep(self.answer_within + call.waits_for).deadline();
        let (is_repeatable, bytes_max) = (call.is_repeatable, call.answer_bytes_max);
        let doubtful = |error: ChannelError| match is_repeatable {
            true => error,
            false => error.maybe_sent(),
        };
        let silent = |_| {
            let error = ChannelError::new(ErrorKind::TimedOut, Scope::Channel);
            doubtful(error.with_retry(Retry::BackOff))
        };
        let request = call.request()?;
        let response = timeout_at(until, self.client.request(request)).await;
        let response = response.map_err(silent)?.map_err(|error| {
            let is_sent = !error.is_connect();
            let broken = if is_untrusted(&error) {
                security()
            } else {
                ChannelError::unavailable()
            };
            let broken = broken.with_source(error);
            if is_sent { doubtful(broken) } else { broken }
        })?;
        let status = response.status().as_u16();
        let retry_after = wait::told(status, response.headers());
        let read = timeout_at(until, read(response.into_body(), bytes_max)).await;
        let bytes = read.map_err(silent)?.map_err(doubtful)?;
        Ok(Answer {
            status,
            retry_after,
            json: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
            bytes,
            is_repeatable,
        })
    }
}

async fn read(mut body: Incoming, bytes_max: usize) -> Result<Vec<u8>, ChannelError> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| ChannelError::unavailable().with_source(error))?;
        if let Ok(more) = frame.into_data() {
            bytes.extend_from_slice(&more);
        }
        if bytes.len() > bytes_max {
            return Err(ChannelError::new(ErrorKind::Protocol, Scope::Channel));
        }
    }
    Ok(bytes)
}

/// Whether TLS refused the other side.
fn is_untrusted(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<rustls::Error>() {
            return true;
        }
        // An error of I/O does not name what it wraps as its source.
        let wrapped = error.downcast_ref::<std::io::Error>();
        cause = match wrapped.and_then(std::io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    false
}

const fn security() -> ChannelError {
    ChannelError::new(ErrorKind::Security, Scope::Channel)
}

impl Answer {
    /// Whether the provider says that it did what it was asked (2xx).
    #[must_use]
    pub const fn is_ok(&self) -> bool {
        200 <= self.status && self.status < 300
    }

    /// What the status alone says is at fault, for a status that is not [ok](Self::is_ok). A provider's own code says
    /// more where there is one.
    #[must_use]
    pub fn fault(&self) -> ChannelError {
        let error = match self.status {
            401 | 403 => ChannelError::new(ErrorKind::Credentials, Scope::Channel),
            404 | 410 => ChannelError::new(ErrorKind::Refused, Scope::Recipient),
            400 | 405..=409 | 411..=422 => ChannelError::new(ErrorKind::Invalid, Scope::Message),
            429 => self.throttled(Scope::Channel),
            500..=599 if self.is_repeatable => self.unavailable(),
            500..=599 => self.unavailable().maybe_sent(),
            _ => ChannelError::new(ErrorKind::Protocol, Scope::Channel),
        };
        error.with_code(&self.status.to_string())
    }

    fn unavailable(&self) -> ChannelError {
        let retry = self.retry_after.map_or(Retry::BackOff, Retry::After);
        ChannelError::unavailable().with_retry(retry)
    }

    /// The provider asks for a slower pace.
    #[must_use]
    pub fn throttled(&self, scope: Scope) -> ChannelError {
        let retry = self.retry_after.map_or(Retry::BackOff, Retry::After);
        ChannelError::new(ErrorKind::Throttled, scope).with_retry(retry)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("retry_after", &self.retry_after)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").finish_non_exhaustive()
    }
}
