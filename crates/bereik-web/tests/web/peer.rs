//! The other end of a socket, as a browser would be: it sends, reads and gives up after a while.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Guards against hanging only; nothing is measured with it.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Peer {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Every text that came in, as it came.
    pub(crate) heard: Vec<String>,
}

/// The status with which a socket is refused.
pub(crate) async fn refused(address: SocketAddr, path: &str, origin: Option<&str>) -> u16 {
    match knock(address, path, origin).await {
        Err(Error::Http(answer)) => answer.status().as_u16(),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("the socket opened"),
    }
}

async fn knock(
    address: SocketAddr,
    path: &str,
    origin: Option<&str>,
) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, Error> {
    let mut request = format!("ws://{address}{path}")
        .into_client_request()
        .unwrap();
    if let Some(origin) = origin {
        request
            .headers_mut()
            .insert("origin", origin.parse().unwrap());
    }
    timeout(PATIENCE, connect_async(request))
        .await
        .unwrap()
        .map(|(socket, _)| socket)
}

impl Peer {
    /// Opens a socket from our own site.
    pub(crate) async fn open(address: SocketAddr, path: &str) -> Self {
        let origin = format!("http://{address}");
        let socket = knock(address, path, Some(&origin)).await.unwrap();
        Self {
            socket,
            heard: Vec::new(),
        }
    }

    /// Opens a socket from another site.
    pub(crate) async fn open_from(address: SocketAddr, path: &str, origin: &str) -> Self {
        let socket = knock(address, path, Some(origin)).await.unwrap();
        Self {
            socket,
            heard: Vec::new(),
        }
    }

    /// A visitor who has said hello; with the frame that welcomes him.
    pub(crate) async fn visitor(address: SocketAddr, token: Option<&str>) -> (Self, Value) {
        let mut peer = Self::open(address, "/help/chat").await;
        peer.send(
            json!({"type": "hello", "token": token, "language": "en", "page": "/shop/bikes"}),
        )
        .await;
        let welcome = peer.next_of("welcome").await;
        peer.send(json!({"type": "follow", "contact": welcome["contact"]["id"], "after": 0}))
            .await;
        (peer, welcome)
    }

    /// A desk at which this person sits.
    pub(crate) async fn desk(address: SocketAddr, person: &str) -> Self {
        let mut peer = Self::open(address, "/desk/socket").await;
        peer.send(json!({"type": "hello", "person": person, "language": "en"}))
            .await;
        peer.next_of("contacts").await;
        peer
    }

    pub(crate) async fn send(&mut self, frame: Value) {
        self.send_text(frame.to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, text: String) {
        // A socket that was closed meanwhile is noticed when it is read.
        let _ = self.socket.send(Message::text(text)).await;
    }

    /// The next frame, beats apart; none once the socket is closed.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            let message = timeout(PATIENCE, self.socket.next())
                .await
                .expect("a frame in time")?;
            match message {
                Ok(Message::Text(text)) => {
                    self.heard.push(text.to_string());
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    if frame["type"] != "beat" {
                        return Some(frame);
                    }
                }
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// The next frame of this type.
    pub(crate) async fn next_of(&mut self, kind: &str) -> Value {
        self.next_where(|frame| frame["type"] == kind).await
    }

    /// The next frame that is as asked.
    pub(crate) async fn next_where(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let frame = self.next().await.expect("the socket stays open");
            if is_it(&frame) {
                return frame;
            }
        }
    }

    /// With what reason the socket is closed.
    pub(crate) async fn closed(&mut self) -> Option<CloseFrame> {
        loop {
            match timeout(PATIENCE, self.socket.next())
                .await
                .expect("an end in time")
            {
                None | Some(Err(_)) => return None,
                Some(Ok(Message::Close(frame))) => return frame,
                Some(Ok(_)) => {}
            }
        }
    }

    /// Says something as a visitor and waits until it is kept; with the contact.
    pub(crate) async fn say(&mut self, key: &str, text: &str, contact: Option<u64>) -> u64 {
        self.send(json!({"type": "say", "key": key, "text": text, "contact": contact}))
            .await;
        let kept = self
            .next_where(|frame| frame["type"] == "kept" && frame["key"] == key)
            .await;
        kept["contact"].as_u64().unwrap()
    }
}
