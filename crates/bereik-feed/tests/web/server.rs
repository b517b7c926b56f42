//! A server on loopback that answers with bytes, whatever they are.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bereik_feed::UrlGuard;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};

/// A certificate of `localhost` that vouches for itself from 2020 to 2120, and its key, which protects nothing:
/// written by `openssl ca -selfsign`.
const CERTIFICATE: &[u8] = include_bytes!("localhost.der");
const KEY: &[u8] = include_bytes!("localhost.key.der");

/// What goes over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) bytes: Vec<u8>,
    pub(crate) then: Then,
}

/// What comes after the bytes.
#[derive(Clone, Debug)]
pub(crate) enum Then {
    /// One byte after the other, this far apart, in place of the bytes at once.
    Drip(Duration),
    /// The connection ends.
    End,
    /// These, over and over.
    Forever(Vec<u8>),
    /// Nothing, and the connection stays.
    Hang,
    /// These, a moment later.
    Later(Vec<u8>),
}

/// A whole answer with its length.
pub(crate) fn answer(status: &str, fields: &str, body: &[u8]) -> Answer {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{fields}Content-Length: {length}\r\n\r\n");
    raw([head.as_bytes(), body].concat())
}

/// These bytes, then the end.
pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Answer {
    let (bytes, then) = (bytes.into(), Then::End);
    Answer { bytes, then }
}

impl Answer {
    pub(crate) fn then(mut self, then: Then) -> Self {
        self.then = then;
        self
    }
}

/// What a server says to a request, head and body.
type Answering = Arc<dyn Fn(&str) -> Answer + Send + Sync>;

/// A server that runs until it is dropped.
#[derive(Debug)]
pub(crate) struct Web {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<u32>>,
    task: JoinHandle<()>,
}

impl Web {
    /// Answers each request by its head and body.
    pub(crate) async fn start(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        Self::on(listener, Arc::new(answer), None)
    }

    /// The same over TLS as `localhost`, and the configuration that trusts it.
    pub(crate) async fn start_tls(
        answer: impl Fn(&str) -> Answer + Send + Sync + 'static,
    ) -> (Self, ClientConfig) {
        let certificate = CertificateDer::from(CERTIFICATE);
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(KEY));
        let provider = Arc::new(ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(certificate.clone()).expect("a certificate");
        let client = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .expect("a key that fits");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let acceptor = TlsAcceptor::from(Arc::new(server));
        let web = Self::on(listener, Arc::new(answer), Some(acceptor));
        (web, client)
    }

    fn on(listener: TcpListener, answer: Answering, tls: Option<TlsAcceptor>) -> Self {
        let port = listener.local_addr().expect("a port").port();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let connections: Arc<Mutex<u32>> = Arc::default();
        let (heard, seen) = (asked.clone(), connections.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *seen.lock().expect("no panic") += 1;
                let (heard, answer, tls) = (heard.clone(), answer.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, &heard, &answer).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => serve(stream, &heard, &answer).await,
                            Err(_) => None,
                        },
                    }
                });
            }
        });
        Self {
            port,
            asked,
            connections,
            task,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The requests so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic").clone()
    }

    /// How many connections were made.
    pub(crate) fn connections(&self) -> u32 {
        *self.connections.lock().expect("no panic")
    }

    /// Closes the port.
    pub(crate) async fn stop(mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A guard that lets pass this server alone.
pub(crate) fn guard(web: &Web) -> UrlGuard {
    UrlGuard::new()
        .with_plain_http()
        .with_host("127.0.0.1")
        .with_port(web.port())
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    heard: &Mutex<Vec<String>>,
    answer: &Answering,
) -> Option<()> {
    let request = read_request(&mut stream).await?;
    heard.lock().expect("no panic").push(request.clone());
    write(&mut stream, answer(&request)).await.ok()
}

async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_ascii_lowercase();
            let length = length.split("content-length: ").nth(1);
            let length = length.and_then(|rest| rest.lines().next()?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

async fn write(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    answer: Answer,
) -> std::io::Result<()> {
    if !matches!(answer.then, Then::Drip(_)) {
        stream.write_all(&answer.bytes).await?;
        stream.flush().await?;
    }
    match answer.then {
        Then::Drip(apart) => {
            for byte in answer.bytes {
                stream.write_all(&[byte]).await?;
                stream.flush().await?;
                tokio::time::sleep(apart).await;
            }
        }
        Then::End => {}
        Then::Forever(bytes) => loop {
            stream.write_all(&bytes).await?;
        },
        Then::Hang => std::future::pending().await,
        Then::Later(bytes) => {
            tokio::time::sleep(Duration::from_millis(5)).await;
            stream.write_all(&bytes).await?;
        }
    }
    stream.shutdown().await?;
    // A connection that is closed with unread bytes is reset.
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.map(|_| ())
}
