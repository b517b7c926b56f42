//! A TCP stream that is read a line at a time until TLS begins on it.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A TCP stream that gives no more than one line to a read, until TLS begins on it.
///
/// Whoever sits in the path can put answers of his own behind the server's answer to STARTTLS.
/// What buffers them would take them for the server's words under TLS; here they stay in the
/// stream, and TLS meets them and fails. A line or a reply
/// without an end is an error, not a full memory.
#[derive(Debug)]
pub(crate) struct Lines {
    tcp: TcpStream,
    unread: Vec<u8>,
    in_line: usize,
    in_reply: usize,
    is_tls: bool,
}

/// RFC 5321, 4.5.3.1.5: a line of a reply has at most 512 octets; some servers send more.
const LINE_BYTES_MAX: usize = 2_048;

/// All the lines of a reply. The library reads a reply again from its first line with each line
/// that comes, so a long one costs time as well.
const REPLY_BYTES_MAX: usize = 16 * 1_024;

/// What a TLS record of a handshake begins with (RFC 8446, 5.1), and no SMTP command.
const HANDSHAKE: u8 = 22;

impl Lines {
    pub(crate) const fn new(tcp: TcpStream) -> Self {
        Self {
            tcp,
            unread: Vec::new(),
            in_line: 0,
            in_reply: 0,
            is_tls: false,
        }
    }

    fn fill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut space = [0; 1_024];
        let mut buffer = ReadBuf::new(&mut space);
        ready!(Pin::new(&mut self.tcp).poll_read(context, &mut buffer))?;
        self.unread.extend_from_slice(buffer.filled());
        Poll::Ready(Ok(()))
    }

    /// How much of the unread may be given out.
    fn giveable(&mut self) -> io::Result<usize> {
        if self.is_tls {
            return Ok(self.unread.len());
        }
        let end = self.unread.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(self.unread.len(), |end| end + 1);
        let is_too_long = self.in_line + length > LINE_BYTES_MAX;
        if is_too_long || self.in_reply + length > REPLY_BYTES_MAX {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(length)
    }
}

impl AsyncRead for Lines {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.unread.is_empty() {
            if this.is_tls {
                return Pin::new(&mut this.tcp).poll_read(context, buffer);
            }
            ready!(this.fill(context))?;
        }
        let length = this.giveable()?.min(buffer.remaining());
        let given = this.unread.drain(..length);
        buffer.put_slice(given.as_slice());
        let is_ended = given.as_slice().last() == Some(&b'\n');
        drop(given);
        this.in_line = if is_ended { 0 } else { this.in_line + length };
        this.in_reply += length;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Lines {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.in_reply = 0;
        this.is_tls |= bytes.first() == Some(&HANDSHAKE);
        Pin::new(&mut this.tcp).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_shutdown(context)
    }
}

impl AsyncTokioStream for Lines {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.peer_addr()
    }
}
