//! A server on loopback that answers each call in one way, or not at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Nobody listens.
    Away,
    /// The connection is closed when the call was read.
    Closed,
    /// An answer that never ends.
    Endless,
    /// This status and body.
    Says(u16, String),
    /// No answer.
    Silent,
}

impl Fault {
    pub(crate) fn says(status: u16, body: &str) -> Self {
        Self::Says(status, body.to_owned())
    }
}

pub(crate) struct Server {
    port: u16,
    asked: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            if matches!(fault, Fault::Away) {
                return;
            }
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(answer(stream, fault.clone()));
            }
        });
        // A listener that is to be away must be gone before anybody calls.
        tokio::task::yield_now().await;
        Self { port, asked, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How many connections were made.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(mut stream: TcpStream, fault: Fault) {
    if read(&mut stream).await.is_none() {
        return;
    }
    let head = |status: u16| format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n");
    match fault {
        Fault::Away | Fault::Closed => {}
        Fault::Silent => std::future::pending().await,
        Fault::Says(status, body) => {
            let length = body.len();
            let text = format!(
                "{}content-length: {length}\r\nconnection: close\r\n\r\n{body}",
                head(status)
            );
            let _ = stream.write_all(text.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
        Fault::Endless => {
            let text = format!("{}connection: close\r\n\r\n", head(200));
            let _ = stream.write_all(text.as_bytes()).await;
            while stream.write_all(&[b' '; 65_536]).await.is_ok() {}
        }
    }
}

/// Reads a whole call.
async fn read(stream: &mut TcpStream) -> Option<()> {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length
                .and_then(|length| length.trim().parse().ok())
                .unwrap_or(0);
            if body.len() >= length {
                return Some(());
            }
        }
        let mut piece = [0; 4_096];
        let count = stream
            .read(&mut piece)
            .await
            .ok()
            .filter(|count| *count > 0)?;
        read.extend_from_slice(&piece[..count]);
    }
}
