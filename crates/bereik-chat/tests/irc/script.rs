//! A server on a bad day: it says what a test has written down, line by line.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What to answer to a line; none closes the connection.
pub(crate) type Answers = fn(&str) -> Option<String>;

pub(crate) struct Script {
    pub(crate) port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Script {
    pub(crate) async fn start(answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, answers, Arc::clone(&kept)));
            }
        });
        Self { port, heard }
    }

    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("nobody panics with it").clone()
    }
}

async fn talk(stream: TcpStream, answers: Answers, heard: Arc<Mutex<Vec<String>>>) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = answers(&line);
        heard.lock().expect("nobody panics with it").push(line);
        let Some(answer) = answer else { return };
        if write.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// A server on a good day.
pub(crate) fn well(line: &str) -> String {
    match line.split_once(' ') {
        Some(("USER", _)) => ":irc 001 desk :Welcome\r\n".to_owned(),
        Some(("PING", token)) => format!(":irc PONG irc {token}\r\n"),
        _ => String::new(),
    }
}
