//! One connection to an IMAP server: bytes become responses, each step bounded in time and size.

use std::sync::Arc;

use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use super::fault::Fault;
use super::response::{Raw, Response, literal_after, read};
use crate::config::{Security, Server};

/// How TLS is spoken.
pub(crate) type Tls = Arc<ClientConfig>;

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// All the text of one response. A search answers with a number for each mail.
const TEXT_BYTES_MAX: usize = 2 * 1024 * 1024;

/// The literals of a response that are no mail: names and the like.
const LITERALS_MAX: usize = 64;

pub(crate) struct Connection {
    stream: BufReader<Box<dyn Stream>>,
}

impl Connection {
    /// Connects, with TLS from the first byte where that is asked for.
    pub(crate) async fn open(
        server: &Server,
        tls: Option<&Tls>,
        until: Instant,
    ) -> Result<Self, Fault> {
        let place = (&*server.host, server.port);
        let tcp = bounded(until, TcpStream::connect(place)).await?;
        let stream: Box<dyn Stream> = match tls {
            Some(tls) if server.security() == Security::ImplicitTls => {
                encrypt(server, tls, Box::new(tcp), until).await?
            }
            _ => Box::new(tcp),
        };
        let stream = BufReader::new(stream);
        Ok(Self { stream })
    }

    /// Begins TLS. Whatever came before it under the server's name is refused: whoever sits in the
    /// path could have said it.
    pub(crate) async fn encrypted(
        self,
        server: &Server,
        tls: &Tls,
        until: Instant,
    ) -> Result<Self, Fault> {
        if !self.stream.buffer().is_empty() {
            return Err(Fault::NotSecret);
        }
        let stream = encrypt(server, tls, self.stream.into_inner(), until).await?;
        let stream = BufReader::new(stream);
        Ok(Self { stream })
    }

    /// Says a line.
    pub(crate) async fn say(&mut self, line: &str, until: Instant) -> Result<(), Fault> {
        let line = format!("{line}\r\n");
        let saying = async {
            self.stream.write_all(line.as_bytes()).await?;
            self.stream.flush().await
        };
        bounded(until, saying).await
    }

    /// Waits for a response, in which literals have no more than so many bytes together.
    pub(crate) async fn hear(
        &mut self,
        literals_max: u64,
        until: Instant,
    ) -> Result<Response, Fault> {
        match timeout_at(until, self.read_raw(literals_max)).await {
            Ok(raw) => read(raw?).ok_or(Fault::Garbage),
            Err(_) => Err(Fault::Silent),
        }
    }

    /// Waits until there is something to hear, or the connection ends. Dropped before, it has taken
    /// nothing.
    pub(crate) async fn begins(&mut self) {
        // What is wrong with the connection is told to whoever hears next.
        let _ = self.stream.fill_buf().await;
    }

    async fn read_raw(&mut self, literals_max: u64) -> Result<Raw, Fault> {
        let mut raw = Raw::default();
        let (mut text_left, mut literals_left) = (TEXT_BYTES_MAX, literals_max);
        loop {
            let mut line = self.read_line(text_left).await?;
            text_left -= line.len();
            let Some((length, end)) = literal_after(&line) else {
                raw.texts.push(line);
                return Ok(raw);
            };
            if length > literals_left || raw.literals.len() == LITERALS_MAX {
                return Err(Fault::Garbage);
            }
            literals_left -= length;
            line.truncate(end);
            raw.texts.push(line);
            raw.literals.push(self.read_literal(length).await?);
        }
    }

    /// A line without its end. A response is dropped half read only with the connection.
    async fn read_line(&mut self, bytes_max: usize) -> Result<Vec<u8>, Fault> {
        let mut line = Vec::new();
        loop {
            let given = self.stream.fill_buf().await.map_err(|_| Fault::Closed)?;
            if given.is_empty() {
                return Err(Fault::Closed);
            }
            let end = given.iter().position(|byte| *byte == b'\n');
            let length = end.map_or(given.len(), |end| end + 1);
            line.extend_from_slice(&given[..length]);
            self.stream.consume(length);
            if line.len() > bytes_max {
                return Err(Fault::Garbage);
            }
            if end.is_some() {
                line.pop();
                line.pop_if(|byte| *byte == b'\r');
                return Ok(line);
            }
        }
    }

    /// Grows as the bytes come: a server's word for the length is no reason to take memory.
    async fn read_literal(&mut self, length: u64) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        let mut part = (&mut self.stream).take(length);
        part.read_to_end(&mut bytes)
            .await
            .map_err(|_| Fault::Closed)?;
        if bytes.len() as u64 == length {
            Ok(bytes)
        } else {
            Err(Fault::Closed)
        }
    }
}

async fn bounded<T>(
    until: Instant,
    doing: impl Future<Output = std::io::Result<T>>,
) -> Result<T, Fault> {
    match timeout_at(until, doing).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(_)) => Err(Fault::Closed),
        Err(_) => Err(Fault::Silent),
    }
}

async fn encrypt(
    server: &Server,
    tls: &Tls,
    stream: Box<dyn Stream>,
    until: Instant,
) -> Result<Box<dyn Stream>, Fault> {
    let name = ServerName::try_from(server.host.to_string()).map_err(|_| Fault::Tls)?;
    let shaking = TlsConnector::from(tls.clone()).connect(name, stream);
    match timeout_at(until, shaking).await {
        Ok(Ok(stream)) => Ok(Box::new(stream)),
        // What rustls has to say comes as bad data.
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::InvalidData => Err(Fault::Tls),
        Ok(Err(_)) => Err(Fault::Closed),
        Err(_) => Err(Fault::Silent),
    }
}
