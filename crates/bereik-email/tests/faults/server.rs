//! A mail server of a few lines that does one thing wrong.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What the server does instead of what it should. In alphabetical order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    CloseAfterDot,
    EndlessGreeting,
    EndlessLine,
    Garbage,
    GarbageAfterDot,
    None,
    /// This reply to this command.
    Reply(&'static str, &'static str),
    SilentAfterDot,
    SilentAtFarewell,
    SilentGreeting,
    /// Offers STARTTLS and puts answers of an intruder behind its own.
    StartTlsInjected,
}

/// A server, with all that it was told.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    heard: Arc<Mutex<Vec<u8>>>,
    mails: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Server {
    pub(crate) async fn start(fault: Fault) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("an address");
        let server = Self {
            address,
            heard: Arc::default(),
            mails: Arc::default(),
        };
        let (heard, mails) = (server.heard.clone(), server.mails.clone());
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let session = Session {
                    fault,
                    heard: heard.clone(),
                    mails: mails.clone(),
                };
                // A client that goes away ends the session; that is what it is for.
                tokio::spawn(async move { drop(session.serve(tcp).await) });
            }
        });
        server
    }

    /// Every byte of every command.
    pub(crate) fn heard(&self) -> Vec<u8> {
        self.heard.lock().expect("no panic").clone()
    }

    /// The mails that it took, as they came, without the dots that SMTP adds.
    pub(crate) fn mails(&self) -> Vec<Vec<u8>> {
        self.mails.lock().expect("no panic").clone()
    }
}

struct Session {
    fault: Fault,
    heard: Arc<Mutex<Vec<u8>>>,
    mails: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Session {
    async fn serve(&self, tcp: TcpStream) -> std::io::Result<()> {
        let mut wire = BufReader::new(tcp);
        match self.fault {
            Fault::EndlessGreeting => loop {
                wire.write_all(b"220-one more line of welcome\r\n").await?;
            },
            Fault::EndlessLine => loop {
                wire.write_all(&[b'x'; 1024]).await?;
            },
            Fault::Garbage => return wire.write_all(b"\x00\xff\r\nHTTP/1.1 400\r\n").await,
            Fault::Reply("", greeting) => return say(&mut wire, greeting).await,
            Fault::SilentGreeting => std::future::pending().await,
            _ => say(&mut wire, "220 fault ESMTP").await?,
        }
        let mut line = Vec::new();
        loop {
            line.clear();
            if wire.read_until(b'\n', &mut line).await? == 0 {
                return Ok(());
            }
            self.heard
                .lock()
                .expect("no panic")
                .extend_from_slice(&line);
            let text = String::from_utf8_lossy(&line).trim().to_ascii_uppercase();
            let verb = text.split(' ').next().unwrap_or_default();
            match self.fault {
                Fault::Reply(wrong, reply) if wrong == verb => say(&mut wire, reply).await?,
                _ => self.answer(&mut wire, verb).await?,
            }
        }
    }

    async fn answer(&self, wire: &mut BufReader<TcpStream>, verb: &str) -> std::io::Result<()> {
        match verb {
            "EHLO" if self.fault == Fault::StartTlsInjected => {
                say(wire, "250-fault\r\n250 STARTTLS").await
            }
            "EHLO" => {
                say(
                    wire,
                    "250-fault\r\n250-SIZE 1000000\r\n250 AUTH PLAIN LOGIN",
                )
                .await
            }
            "STARTTLS" if self.fault == Fault::StartTlsInjected => {
                let injected =
                    "220 go\r\n250-fault\r\n250 AUTH PLAIN\r\n235 ok\r\n250 ok\r\n250 ok\r\n354 go";
                say(wire, injected).await?;
                let mut rest = Vec::new();
                wire.read_to_end(&mut rest).await?;
                self.heard
                    .lock()
                    .expect("no panic")
                    .extend_from_slice(&rest);
                Ok(())
            }
            "AUTH" => say(wire, "235 2.7.0 welcome").await,
            "DATA" => {
                say(wire, "354 go").await?;
                self.take_mail(wire).await
            }
            "QUIT" if self.fault == Fault::SilentAtFarewell => std::future::pending().await,
            "QUIT" => say(wire, "221 bye").await,
            "MAIL" | "RCPT" | "RSET" | "NOOP" => say(wire, "250 ok").await,
            _ => say(wire, "502 no").await,
        }
    }

    async fn take_mail(&self, wire: &mut BufReader<TcpStream>) -> std::io::Result<()> {
        let mut mail = Vec::new();
        loop {
            let mut line = Vec::new();
            if wire.read_until(b'\n', &mut line).await? == 0 {
                return Ok(());
            }
            if line == b".\r\n" {
                break;
            }
            mail.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        self.mails.lock().expect("no panic").push(mail);
        match self.fault {
            Fault::CloseAfterDot => wire.shutdown().await,
            Fault::GarbageAfterDot => say(wire, "what mail?").await,
            Fault::SilentAfterDot => std::future::pending().await,
            Fault::Reply(".", reply) => say(wire, reply).await,
            _ => say(wire, "250 2.0.0 queued").await,
        }
    }
}

async fn say(wire: &mut BufReader<TcpStream>, reply: &str) -> std::io::Result<()> {
    wire.write_all(reply.as_bytes()).await?;
    wire.write_all(b"\r\n").await
}
