//! Somebody else on the server, with a client that is nothing but a connection.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bereik_channel::conformance::{Arrived, OtherEnd};
use bereik_channel::{Answer, Channel};
use bereik_chat::Irc;
use bereik_core::message::Body;
use bereik_core::{Address, OfferId};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::sleep;

/// Longer lines go on in the next: that is how a person reads them.
const CUT_BYTES_MIN: usize = 200;

pub(crate) struct Peer {
    say: mpsc::UnboundedSender<String>,
    heard: Arc<Mutex<Vec<String>>>,
    asked: AtomicU32,
}

impl Peer {
    pub(crate) async fn join(port: u16, nick: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port))
            .await
            .expect("a server");
        let (say, mut said) = mpsc::unbounded_channel::<String>();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (kept, answer) = (Arc::clone(&heard), say.clone());
        tokio::spawn(async move {
            let (read, mut write) = stream.into_split();
            let mut lines = BufReader::new(read).lines();
            loop {
                tokio::select! {
                    line = lines.next_line() => {
                        let Ok(Some(line)) = line else { return };
                        if let Some(token) = line.strip_prefix("PING ") {
                            let _ = answer.send(format!("PONG {token}"));
                        }
                        kept.lock().expect("nobody panics with it").push(line);
                    }
                    line = said.recv() => {
                        let Some(line) = line else { return };
                        if write.write_all(format!("{line}\r\n").as_bytes()).await.is_err() {
                            return;
                        }
                    }
                }
            }
        });
        let asked = AtomicU32::new(0);
        let peer = Self { say, heard, asked };
        peer.say(&format!("NICK {nick}"));
        peer.say(&format!("USER {nick} 0 * :{nick}"));
        peer.await_line(" 376 ").await;
        peer
    }

    pub(crate) fn say(&self, line: &str) {
        let _ = self.say.send(line.to_owned());
    }

    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("nobody panics with it").clone()
    }

    pub(crate) async fn await_line(&self, with: &str) -> String {
        for _ in 0..400 {
            if let Some(line) = self.heard().into_iter().find(|line| line.contains(with)) {
                return line;
            }
            sleep(Duration::from_millis(25)).await;
        }
        panic!("no line with {with}: {:?}", self.heard());
    }
}

impl Peer {
    /// All that the server had for us when this was asked.
    async fn heard_all(&self) -> Vec<String> {
        let token = format!("all-{}", self.asked.fetch_add(1, Ordering::Relaxed));
        self.say(&format!("PING :{token}."));
        self.await_line(&format!(":{token}.")).await;
        self.heard()
    }
}

/// Bob, who reads what the desk writes to him.
pub(crate) struct Bob {
    pub(crate) irc: Irc,
    pub(crate) peer: Peer,
    /// With which words each message of a run begins.
    pub(crate) begins: [&'static str; 2],
}

#[async_trait]
impl OtherEnd for Bob {
    fn channel(&self) -> &dyn Channel {
        &self.irc
    }

    fn address(&self) -> Address {
        "handle:irc/bob".parse().expect("an address")
    }

    fn unknown_address(&self) -> Option<Address> {
        "handle:irc/nobody".parse().ok()
    }

    async fn arrived(&self) -> Vec<Arrived> {
        let mut arrived: Vec<Arrived> = Vec::new();
        let mut was_cut = false;
        for line in self.peer.heard_all().await {
            let Some((_, text)) = line.split_once(" PRIVMSG bob :") else {
                continue;
            };
            // As clients show it: what ends a format is no letter, and a line of one blank is empty.
            let shown = text.replace('\u{f}', "");
            let shown = if shown == " " { "" } else { &*shown };
            match arrived.last_mut() {
                Some(last) if was_cut => last.text += shown,
                Some(last) if !self.begins.iter().any(|begin| text.starts_with(begin)) => {
                    last.text += "\n";
                    last.text += shown;
                }
                _ => arrived.push(Arrived {
                    subject: None,
                    text: shown.to_owned(),
                }),
            }
            was_cut = text.len() > CUT_BYTES_MIN;
        }
        arrived
    }

    async fn write(&self, body: &Body) {
        self.peer.say(&format!("PRIVMSG desk :{}", body.as_str()));
    }

    async fn answer(&self, offer: OfferId, answer: Answer) {
        let word = match answer {
            Answer::Accepted => "accept",
            Answer::Declined => "decline",
        };
        self.peer.await_line(&format!("accept {offer}")).await;
        self.peer.say(&format!("PRIVMSG desk :{word} {offer}"));
    }
}
