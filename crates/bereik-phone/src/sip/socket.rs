//! The door: which datagrams the stack sees, and where it may send.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use rsipstack::platform::net::UdpSocket as PlatformSocket;
use rsipstack::sip::prelude::HeadersExt as _;
use rsipstack::sip::{HasHeaders as _, Header, SipMessage, ToTypedHeader as _, Version};
use tokio::net::UdpSocket;
use tokio::time::{Instant, sleep};

/// The largest datagram there is.
const DATAGRAM_BYTES_MAX: usize = 65_535;
/// A message has at most so many headers.
const HEADERS_MAX: usize = 128;
/// So many datagrams a second are read, and so many at once: each keeps the stack busy for half a minute.
const RATE_MAX: f64 = 200.0;
const BURST_MAX: f64 = 400.0;

/// A socket that hears and speaks with the server alone.
///
/// The stack beneath cuts what is longer than its buffer and goes on with the rest, takes a body that is shorter than it
/// says, and queues without bound; so none of that reaches it.
pub(super) struct Door {
    socket: UdpSocket,
    peers: Vec<IpAddr>,
    datagram: tokio::sync::Mutex<Box<[u8]>>,
    pace: Mutex<Pace>,
}

impl Door {
    pub(super) fn new(socket: UdpSocket, peers: Vec<IpAddr>) -> Self {
        Self {
            socket,
            peers,
            datagram: tokio::sync::Mutex::new(vec![0; DATAGRAM_BYTES_MAX].into()),
            pace: Mutex::new(Pace::new(now())),
        }
    }

    fn lets_in(&self, datagram: &[u8], from: SocketAddr) -> bool {
        let from = from.ip().to_canonical();
        let is_peer = self.peers.contains(&from);
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        is_peer && pace.has_room(now()) && is_message(datagram)
    }
}

#[async_trait]
impl PlatformSocket for Door {
    async fn recv_from(&self, buffer: &mut [u8]) -> rsipstack::Result<(usize, SocketAddr)> {
        let mut datagram = self.datagram.lock().await;
        loop {
            let Ok((size, from)) = self.socket.recv_from(&mut datagram).await else {
                // An error of an earlier datagram; it must not keep the thread busy.
                sleep(Duration::from_millis(10)).await;
                continue;
            };
            let datagram = &datagram[..size];
            if let Some(room) = buffer.get_mut(..size)
                && self.lets_in(datagram, from)
            {
                room.copy_from_slice(datagram);
                return Ok((size, from));
            }
        }
    }

    async fn send_to(&self, datagram: &[u8], to: SocketAddr) -> rsipstack::Result<usize> {
        if !self.peers.contains(&to.ip().to_canonical()) {
            let error = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
            return Err(error.into());
        }
        Ok(self.socket.send_to(datagram, to).await?)
    }

    fn local_addr(&self) -> rsipstack::Result<SocketAddr> {
        Ok(self.socket.local_addr()?)
    }
}

/// Where the runtime's time stands.
pub(super) fn now() -> Instant {
    sleep(Duration::ZERO).deadline()
}

/// Room for so many at once, which comes back with time.
struct Pace {
    room: f64,
    at: Instant,
}

impl Pace {
    const fn new(at: Instant) -> Self {
        let room = BURST_MAX;
        Self { room, at }
    }

    fn has_room(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = now;
        self.room = (self.room + passed * RATE_MAX).min(BURST_MAX);
        let has_room = self.room >= 1.0;
        if has_room {
            self.room -= 1.0;
        }
        has_room
    }
}

/// Whether it is a whole message of SIP 2.0 that says who, what and in which order (RFC 3261, 8.1.1 and 18.3), or a sign of
/// life (RFC 5626, 4.4.1).
fn is_message(datagram: &[u8]) -> bool {
    if datagram.len() <= 4 && datagram.iter().all(|byte| b"\r\n".contains(byte)) {
        return true;
    }
    let Ok(message) = SipMessage::try_from(datagram) else {
        return false;
    };
    let headers = message.headers();
    let body = match &message {
        SipMessage::Request(request) => &request.body,
        SipMessage::Response(response) => &response.body,
    };
    let is_whole = headers.iter().all(|header| match header {
        Header::ContentLength(length) => length.value().trim().parse() == Ok(body.len()),
        _ => true,
    });
    let is_named = message.via_header().is_ok()
        && message.from_header().is_ok_and(|from| from.typed().is_ok())
        && message.to_header().is_ok_and(|to| to.typed().is_ok())
        && message.call_id_header().is_ok();
    let count = headers.iter().count();
    is_whole && is_named && count <= HEADERS_MAX && is_in_order(&message)
}

/// The method is that of the sequence number, and the way was not too long.
fn is_in_order(message: &SipMessage) -> bool {
    let Ok(cseq) = message.cseq_header() else {
        return false;
    };
    let (Ok(number), Ok(method)) = (cseq.seq(), cseq.method()) else {
        return false;
    };
    if number >= 1 << 31 {
        return false;
    }
    match message {
        SipMessage::Request(request) => {
            let forwards = message.max_forwards_header();
            let forwards = forwards.map(|header| header.value().trim().parse::<u8>().ok());
            let is_bounded = forwards.is_ok_and(|forwards| forwards.is_some());
            request.version == Version::V2 && request.method == method && is_bounded
        }
        SipMessage::Response(response) => response.version == Version::V2,
    }
}
