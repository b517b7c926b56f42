//! One WebSocket: frames of JSON, bounded in size and in time, and a heartbeat.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use futures_util::SinkExt as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::{Interval, MissedTickBehavior, interval, timeout};

/// The largest frame. A body of the longest kind fits, also where JSON writes each character of it
/// as two.
pub(crate) const FRAME_BYTES_MAX: usize = 32 * 1024;
/// How often each side hears that the other is there.
const BEAT_EVERY: Duration = Duration::from_secs(20);
/// Beats without a sign of life before a socket is taken to be dead.
const SILENT_BEATS_MAX: u8 = 3;
/// The longest that a frame may take to leave.
const SEND_MAX: Duration = Duration::from_secs(10);

/// The socket is closed, or of no use any more.
#[derive(Debug)]
pub(crate) struct Gone;

/// What came in.
pub(crate) enum Heard<T> {
    /// A frame.
    Frame(T),
    /// A text that is no frame that we know.
    Nonsense,
    /// A sign of life.
    Nothing,
}

/// One WebSocket.
pub(crate) struct Socket {
    inner: WebSocket,
    silent: u8,
}

/// Frugal and strict: small buffers, small frames.
pub(crate) fn upgrade(asked: WebSocketUpgrade) -> WebSocketUpgrade {
    asked
        .read_buffer_size(4_096)
        .write_buffer_size(4_096)
        .max_write_buffer_size(1 << 20)
        .max_frame_size(FRAME_BYTES_MAX)
        .max_message_size(FRAME_BYTES_MAX)
}

/// The heart of a session.
pub(crate) fn heart() -> Interval {
    let mut heart = interval(BEAT_EVERY);
    heart.set_missed_tick_behavior(MissedTickBehavior::Delay);
    heart
}

/// Answers a socket for which there is no room, in a way that its script can tell.
pub(crate) async fn turn_away(inner: WebSocket) {
    let mut socket = Socket::new(inner);
    let frame = serde_json::json!({"type": "refused", "reason": "sockets", "retry_after_s": 30});
    if socket.send(&frame).await.is_ok() {
        socket
            .close(
                close_code::AGAIN,
                "there are too many connections; try again later",
            )
            .await;
    }
}

impl Socket {
    pub(crate) const fn new(inner: WebSocket) -> Self {
        Self { inner, silent: 0 }
    }

    async fn pass(&mut self, message: Message) -> Result<(), Gone> {
        match timeout(SEND_MAX, self.inner.send(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Gone),
        }
    }

    /// Sends a frame.
    pub(crate) async fn send<T: Serialize + Sync>(&mut self, frame: &T) -> Result<(), Gone> {
        self.feed(frame).await?;
        self.flush().await
    }

    /// Puts a frame in line; it leaves with the next [`Socket::flush`] at the latest. Many frames
    /// in a row so become few packets.
    pub(crate) async fn feed<T: Serialize + Sync>(&mut self, frame: &T) -> Result<(), Gone> {
        let text = serde_json::to_string(frame).expect("frames have string keys only");
        let message = Message::Text(text.into());
        match timeout(SEND_MAX, self.inner.feed(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Gone),
        }
    }

    pub(crate) async fn flush(&mut self) -> Result<(), Gone> {
        match timeout(SEND_MAX, self.inner.flush()).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Gone),
        }
    }

    /// What comes in next. Dropping the future before it is ready loses nothing.
    pub(crate) async fn hear<T: DeserializeOwned>(&mut self) -> Result<Heard<T>, Gone> {
        let message = match self.inner.recv().await {
            None | Some(Ok(Message::Close(_))) => return Err(Gone),
            Some(Err(_)) => {
                // Too large, or not the protocol: the only answer left is a reason.
                self.close(close_code::SIZE, "a frame was too large or not understood")
                    .await;
                return Err(Gone);
            }
            Some(Ok(message)) => message,
        };
        self.silent = 0;
        Ok(match message {
            Message::Text(text) => {
                serde_json::from_str(&text).map_or(Heard::Nonsense, Heard::Frame)
            }
            Message::Binary(_) => Heard::Nonsense,
            _ => Heard::Nothing,
        })
    }

    /// Asks for a sign of life and gives one; a browser's script does not see a ping.
    pub(crate) async fn beat(&mut self) -> Result<(), Gone> {
        if self.silent >= SILENT_BEATS_MAX {
            return Err(Gone);
        }
        self.silent += 1;
        self.pass(Message::Ping(axum::body::Bytes::new())).await?;
        self.pass(Message::Text(r#"{"type":"beat"}"#.into())).await
    }

    /// Says why and closes.
    pub(crate) async fn close(&mut self, code: u16, reason: &'static str) {
        let frame = CloseFrame {
            code,
            reason: reason.into(),
        };
        let _ = self.pass(Message::Close(Some(frame))).await;
    }
}
