//! The connection: bytes become lines, each bounded in time and size.

use std::sync::Arc;
use std::time::Duration;

use bereik_channel::{ChannelError, ErrorKind, Retry, Scope};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::account::IrcAccount;

/// Tags of IRCv3 have up to 8,191 bytes, and a line 512 besides.
const LINE_BYTES_MAX: usize = 8_191 + 512;

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

pub(super) struct Lines {
    stream: BufReader<Box<dyn Stream>>,
    begun: Vec<u8>,
    step_within: Duration,
}

impl Lines {
    /// Connects, with TLS from the first byte (RFC 7194) unless there is none.
    pub(super) async fn open(
        account: &IrcAccount,
        tls: Option<&Arc<ClientConfig>>,
    ) -> Result<Self, ChannelError> {
        let place = (account.host.as_str(), account.port);
        let step_within = account.answer_within;
        let tcp = bounded(step_within, TcpStream::connect(place)).await?;
        let stream: Box<dyn Stream> = match tls {
            Some(tls) => {
                let name = ServerName::try_from(account.host.clone());
                let name = name.map_err(|_| security())?;
                let connector = TlsConnector::from(Arc::clone(tls));
                Box::new(bounded(step_within, connector.connect(name, tcp)).await?)
            }
            None => Box::new(tcp),
        };
        Ok(Self {
            stream: BufReader::new(stream),
            begun: Vec::new(),
            step_within,
        })
    }

    /// Says a line. What would end it before its end is left out.
    pub(super) async fn say(&mut self, line: &str) -> Result<(), ChannelError> {
        let line = line.replace(['\r', '\n', '\0'], "") + "\r\n";
        bounded(self.step_within, async {
            self.stream.write_all(line.as_bytes()).await?;
            self.stream.flush().await
        })
        .await
    }

    /// Waits for a line. Dropped before, it has lost nothing.
    pub(super) async fn hear(&mut self) -> Result<String, ChannelError> {
        loop {
            let given = self.stream.fill_buf().await;
            let given = given.map_err(|_| ChannelError::unavailable())?;
            if given.is_empty() {
                return Err(ChannelError::unavailable());
            }
            let end = given.iter().position(|byte| *byte == b'\n');
            let length = end.map_or(given.len(), |end| end + 1);
            self.begun.extend_from_slice(&given[..length]);
            self.stream.consume(length);
            if self.begun.len() > LINE_BYTES_MAX {
                let strange = ChannelError::new(ErrorKind::Protocol, Scope::Channel);
                return Err(strange.with_retry(Retry::BackOff));
            }
            if end.is_some() {
                let line = String::from_utf8_lossy(&self.begun);
                let line = line.trim_end_matches(['\r', '\n']).to_owned();
                self.begun.clear();
                return Ok(line);
            }
        }
    }
}

const fn security() -> ChannelError {
    ChannelError::new(ErrorKind::Security, Scope::Channel)
}

async fn bounded<T>(
    within: Duration,
    doing: impl Future<Output = std::io::Result<T>>,
) -> Result<T, ChannelError> {
    match timeout(within, doing).await {
        Ok(Ok(done)) => Ok(done),
        // What rustls has to say comes as bad data.
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::InvalidData => Err(security()),
        Ok(Err(_)) => Err(ChannelError::unavailable()),
        Err(_) => Err(silent()),
    }
}

pub(super) const fn silent() -> ChannelError {
    ChannelError::new(ErrorKind::TimedOut, Scope::Channel).with_retry(Retry::BackOff)
}
