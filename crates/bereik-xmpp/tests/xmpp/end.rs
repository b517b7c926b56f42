//! The other end: an account that slixmpp speaks for.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bereik_core::Address;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::Mutex as AsyncMutex;
use tokio::time::sleep;

use crate::server::{PASSWORD, Prosody};

const PATIENCE: usize = 600;

pub(crate) struct End {
    _python: Child,
    commands: AsyncMutex<ChildStdin>,
    told: Arc<Mutex<Vec<Value>>>,
    pub(crate) name: String,
}

impl End {
    pub(crate) async fn start(prosody: &Prosody, name: &str) -> Self {
        Self::start_with(prosody, name, &[]).await
    }

    pub(crate) async fn start_with(prosody: &Prosody, name: &str, more: &[&str]) -> Self {
        let folder = std::env::var_os("BEREIK_PYTHON");
        let folder = PathBuf::from(folder.expect("BEREIK_PYTHON names the folder of Python"));
        let mut python = Command::new(folder.join("python"))
            .args(["-c", include_str!("end.py"), name, PASSWORD])
            .arg(prosody.port.to_string())
            .arg(prosody.authority())
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("Python starts");
        let mut lines = BufReader::new(python.stdout.take().expect("it talks")).lines();
        let commands = AsyncMutex::new(python.stdin.take().expect("it listens"));
        let told = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&told);
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let told = serde_json::from_str(&line).expect("JSON");
                kept.lock().expect("nobody panics with it").push(told);
            }
        });
        let name = name.to_owned();
        let end = Self {
            _python: python,
            commands,
            told,
            name,
        };
        end.wait(|told| told["what"] == "ready").await;
        end
    }

    pub(crate) fn jid(&self) -> String {
        format!("{}@localhost", self.name)
    }

    pub(crate) fn address(&self) -> Address {
        format!("handle:xmpp/{}", self.jid())
            .parse()
            .expect("an address")
    }

    pub(crate) async fn command(&self, command: Value) {
        let line = format!("{command}\n");
        let mut commands = self.commands.lock().await;
        commands
            .write_all(line.as_bytes())
            .await
            .expect("it listens");
    }

    pub(crate) async fn say(&self, to: &str, body: &str) {
        let to = format!("{to}@localhost");
        self.command(json!({"do": "say", "to": to, "body": body}))
            .await;
    }

    pub(crate) async fn raw(&self, xml: &str) {
        self.command(json!({"do": "raw", "xml": xml})).await;
    }

    /// What it told so far.
    pub(crate) fn told(&self, what: &str) -> Vec<Value> {
        let told = self.told.lock().expect("nobody panics with it");
        told.iter()
            .filter(|told| told["what"] == what)
            .cloned()
            .collect()
    }

    /// Waits until it tells something of this sort.
    pub(crate) async fn wait(&self, is_it: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..PATIENCE {
            let found = self
                .told
                .lock()
                .expect("nobody panics with it")
                .iter()
                .find(|told| is_it(told))
                .cloned();
            if let Some(found) = found {
                return found;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("the other end does not tell it: {:?}", self.told.lock());
    }

    pub(crate) async fn wait_for_words(&self, words: &str) -> Value {
        self.wait(|told| {
            told["what"] == "message"
                && told["body"]
                    .as_str()
                    .is_some_and(|body| body.contains(words))
        })
        .await
    }
}
