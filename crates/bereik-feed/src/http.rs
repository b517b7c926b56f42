//! A small HTTP client for calendars: it asks only what its guard lets pass, and waits and reads
//! only so much.
//!
//! HTTP/1.1 (RFC 9112), one connection for each request. Redirects are followed here, each judged
//! by the guard; names are resolved here, and connections go to the addresses that were judged, so
//! that no second look at the name server comes in between. There is no proxy, no cookie and no
//! cache.

mod body;
mod connect;
mod error;
mod exchange;
mod request;
mod response;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use tokio_rustls::rustls::ClientConfig;

use crate::url_guard::{CheckedUrl, UrlGuard};

pub use self::connect::{Resolver, SystemResolver};
pub use self::error::{HttpError, HttpErrorKind};
pub use self::request::{Credentials, Method, Request};
pub use self::response::Response;

/// How many redirects are followed.
const REDIRECTS_MAX: u32 = 5;

/// How much a client reads, and how long it waits.
///
/// The head of an answer may have 32 KiB and 100 fields, whatever the limits are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpLimits {
    pub(crate) body_bytes_max: usize,
    pub(crate) request_for: Duration,
    pub(crate) read_for: Duration,
}

impl Default for HttpLimits {
    /// 16 MiB, a minute for all, 15 seconds for each piece.
    fn default() -> Self {
        Self {
            body_bytes_max: 16 << 20,
            request_for: Duration::from_secs(60),
            read_for: Duration::from_secs(15),
        }
    }
}

impl HttpLimits {
    /// The longest body that is taken, in bytes, counted after unpacking.
    #[must_use]
    pub const fn with_body_bytes_max(mut self, bytes: usize) -> Self {
        self.body_bytes_max = bytes;
        self
    }

    /// How long a request may take with all its redirects.
    #[must_use]
    pub const fn with_request_for(mut self, time: Duration) -> Self {
        self.request_for = time;
        self
    }

    /// How long each step may take: a name to be resolved, a connection, a handshake, the head of an
    /// answer, the next piece of its body.
    #[must_use]
    pub const fn with_read_for(mut self, time: Duration) -> Self {
        self.read_for = time;
        self
    }
}

/// Asks web addresses. Cheap to clone.
///
/// ```
/// use bereik_feed::UrlGuard;
/// use bereik_feed::http::{Client, HttpErrorKind, Request};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::new(UrlGuard::new());
/// // Another guard let it pass; this client's own does not.
/// let url = UrlGuard::new().with_host("localhost").check("https://localhost/anna.ics")?;
/// let error = client.send(&Request::get(url)).await.err().ok_or("refused")?;
/// assert_eq!(error.kind(), HttpErrorKind::Refused);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client {
    guard: Arc<UrlGuard>,
    resolver: Arc<dyn Resolver>,
    tls: Option<Arc<ClientConfig>>,
    limits: HttpLimits,
}

impl Client {
    /// A client with the system's name servers and root certificates.
    #[must_use]
    pub fn new(guard: UrlGuard) -> Self {
        Self {
            guard: Arc::new(guard),
            resolver: Arc::new(SystemResolver),
            tls: None,
            limits: HttpLimits::default(),
        }
    }

    /// Resolves names with this.
    #[must_use]
    pub fn with_resolver(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.resolver = resolver;
        self
    }

    /// Shakes hands with this configuration: root certificates of a company's own, a client
    /// certificate. Of protocols `http/1.1` alone is offered, whatever it says.
    #[must_use]
    pub fn with_tls(mut self, tls: &ClientConfig) -> Self {
        let mut tls = tls.clone();
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        self.tls = Some(Arc::new(tls));
        self
    }

    /// Reads and waits as long as this.
    #[must_use]
    pub const fn with_limits(mut self, limits: HttpLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The guard that judges each address.
    #[must_use]
    pub fn guard(&self) -> &UrlGuard {
        &self.guard
    }

    /// Sends a request, follows up to five redirects, and reads the answer whole. An answer of any
    /// status is an answer.
    ///
    /// Credentials go along only as long as scheme, host and port stay what they were. Needs a tokio
    /// runtime with timer and I/O.
    ///
    /// # Errors
    /// When the guard refuses the address, a redirect or what a name leads to; when nothing answers,
    /// or not in time; when the answer is longer than the limits, or not what it says it is.
    pub async fn send(&self, request: &Request) -> Result<Response, HttpError> {
        let followed = timeout(self.limits.request_for, self.follow(request)).await;
        followed.unwrap_or_else(|_| Err(HttpErrorKind::TimedOut.into()))
    }

    async fn follow(&self, request: &Request) -> Result<Response, HttpError> {
        let mut hop = request.clone();
        for _ in 0..=REDIRECTS_MAX {
            // Another guard may have let the first one pass.
            let url = self.guard.check(hop.url().as_str())?;
            let response = self.exchange(&hop, &url).await?;
            match response.redirect() {
                None => return Ok(response),
                Some(location) => {
                    let next = self.guard.check_reference(&url, location)?;
                    hop = hop.redirected(response.status(), next);
                }
            }
        }
        Err(HttpErrorKind::Redirects.into())
    }

    async fn exchange(&self, hop: &Request, url: &CheckedUrl) -> Result<Response, HttpError> {
        let stream = connect::tcp(&self.guard, &*self.resolver, url, self.limits.read_for).await?;
        if !url.is_secure() {
            return exchange::exchange(stream, hop, url, self.limits).await;
        }
        let tls = match &self.tls {
            Some(tls) => tls.clone(),
            None => connect::system_tls().await?,
        };
        let stream = connect::tls(stream, tls, url, self.limits.read_for).await?;
        exchange::exchange(stream, hop, url, self.limits).await
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("guard", &self.guard)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
