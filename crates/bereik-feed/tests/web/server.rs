//! A server on loopback that answers with bytes, whatever they are.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bereik_feed::UrlGuard;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What goes over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) bytes: Vec<u8>,
    pub(crate) then: Then,
}

/// What comes after the bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Then {
    /// The connection ends.
    End,
    /// Nothing, and the connection stays.
    Hang,
    /// The bytes once more, for ever.
    Repeat,
    /// One byte after the other, this far apart, in place of the bytes at once.
    Drip(Duration),
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
        Self::on(listener, answer)
    }

    pub(crate) fn on(
        listener: TcpListener,
        answer: impl Fn(&str) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let port = listener.local_addr().expect("a port").port();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let connections: Arc<Mutex<u32>> = Arc::default();
        let (heard, seen, answer) = (asked.clone(), connections.clone(), Arc::new(answer));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *seen.lock().expect("no panic") += 1;
                let (heard, answer) = (heard.clone(), answer.clone());
                tokio::spawn(async move {
                    let mut stream = stream;
                    let Some(request) = read_request(&mut stream).await else {
                        return;
                    };
                    heard.lock().expect("no panic").push(request.clone());
                    let _ = write(&mut stream, answer(&request)).await;
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

async fn read_request(stream: &mut TcpStream) -> Option<String> {
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

async fn write(stream: &mut TcpStream, answer: Answer) -> std::io::Result<()> {
    match answer.then {
        Then::End => stream.write_all(&answer.bytes).await?,
        Then::Hang => {
            stream.write_all(&answer.bytes).await?;
            std::future::pending::<()>().await;
        }
        Then::Repeat => loop {
            stream.write_all(&answer.bytes).await?;
        },
        Then::Drip(apart) => {
            for byte in answer.bytes {
                stream.write_all(&[byte]).await?;
                tokio::time::sleep(apart).await;
            }
        }
    }
    stream.shutdown().await?;
    // A connection that is closed with unread bytes is reset.
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.map(|_| ())
}
