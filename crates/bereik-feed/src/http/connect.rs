//! From a name to a connection: every address is judged before anything is sent there.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};

use crate::http::error::{HttpError, HttpErrorKind};
use crate::url_guard::{CheckedUrl, UrlError, UrlErrorKind, UrlGuard};

/// To how many addresses of a host a connection is tried.
const ADDRESSES_MAX: usize = 6;

/// Finds the addresses of a host.
///
/// What it answers is judged by the guard, and one address that is refused refuses all. A host that
/// is written as an address is never asked for.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// The addresses of this host, the best first.
    ///
    /// # Errors
    /// When there is no such host, or nobody can tell.
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The operating system's resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((host, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// Connects to the host of a web address.
pub(crate) async fn tcp(
    guard: &UrlGuard,
    resolver: &dyn Resolver,
    url: &CheckedUrl,
    step_for: Duration,
) -> Result<TcpStream, HttpError> {
    let host = url.host();
    let addresses = match host.parse::<IpAddr>() {
        Ok(address) => vec![address],
        Err(_) => {
            let resolved = timeout(step_for, resolver.resolve(host)).await;
            let resolved = resolved.map_err(|_| HttpErrorKind::TimedOut)?;
            resolved.map_err(|error| HttpError::new(HttpErrorKind::Unreachable, error))?
        }
    };
    if !addresses.iter().all(|one| guard.admits(host, *one)) {
        return Err(UrlError::from(UrlErrorKind::Address).into());
    }
    let mut last = HttpErrorKind::Unreachable.into();
    for address in addresses.into_iter().take(ADDRESSES_MAX) {
        let address = SocketAddr::new(address, url.port());
        last = match timeout(step_for, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => HttpError::new(HttpErrorKind::Unreachable, error),
            Err(_) => HttpErrorKind::TimedOut.into(),
        };
    }
    Err(last)
}

/// Shakes hands over a connection.
pub(crate) async fn tls(
    stream: TcpStream,
    config: Arc<ClientConfig>,
    url: &CheckedUrl,
    step_for: Duration,
) -> Result<TlsStream<TcpStream>, HttpError> {
    let name = ServerName::try_from(url.host().to_owned());
    let name = name.map_err(|error| HttpError::new(HttpErrorKind::Insecure, error))?;
    let shaken = timeout(step_for, TlsConnector::from(config).connect(name, stream));
    match shaken.await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => Err(HttpError::new(kind_of_handshake(&error), error)),
        Err(_) => Err(HttpErrorKind::TimedOut.into()),
    }
}

/// A handshake that breaks off may succeed another time; one that is refused will not.
fn kind_of_handshake(error: &io::Error) -> HttpErrorKind {
    match error.kind() {
        io::ErrorKind::InvalidData => HttpErrorKind::Insecure,
        _ => HttpErrorKind::Broken,
    }
}

/// The root certificates of the operating system, read once.
pub(crate) async fn system_tls() -> Result<Arc<ClientConfig>, HttpError> {
    static READ: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(config) = READ.get() {
        return Ok(config.clone());
    }
    let config = spawn_blocking(read_system_tls).await;
    let config = config.map_err(|error| HttpError::new(HttpErrorKind::Insecure, error))??;
    Ok(READ.get_or_init(|| config).clone())
}

fn read_system_tls() -> Result<Arc<ClientConfig>, HttpError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| HttpError::new(HttpErrorKind::Insecure, error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
