//! The servers that are no program of their own in the tests: mail, by the script of the test command, and a
//! provider of short messages with an interface shaped as Twilio's.

use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::leash::free_port;

/// Postfix and dovecot, which end with this value.
pub(crate) struct Mail {
    script: Child,
    folder: PathBuf,
    port: u16,
}

impl Mail {
    pub(crate) fn start() -> Result<Self, Box<dyn Error>> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/xtask/src/mail.sh");
        let ports = [free_port(), free_port(), free_port(), free_port()];
        // Postfix is a server of root's.
        let is_root = number("-u", None)? == "0";
        let mut shell = Command::new(if is_root { "sh" } else { "sudo" });
        let owner = is_root.then_some("nobody");
        let mut script = shell
            .args(if is_root { &[][..] } else { &["-n", "sh"] })
            .arg(script)
            .args(ports.map(|port| port.to_string()))
            .args([number("-u", owner)?, number("-g", owner)?])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(stdout) = script.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let Some(folder) = line.trim_end().strip_prefix("ready ") else {
            return Err(format!("no mail server: {line}").into());
        };
        Ok(Self {
            folder: folder.into(),
            script,
            port: ports[1],
        })
    }

    pub(crate) fn url(&self) -> String {
        let account = "bob%40bereik.test:bobpw";
        format!("smtp://{account}@localhost:{}", self.port)
    }

    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// Where the mail of an address arrives, a file each.
    pub(crate) fn mailbox(&self, address: &str) -> PathBuf {
        self.folder.join("mail").join(address).join("new")
    }
}

/// The number of a user or his group; our own where none is named.
fn number(which: &str, user: Option<&str>) -> Result<String, Box<dyn Error>> {
    let said = Command::new("id").arg(which).args(user).output()?;
    Ok(String::from_utf8(said.stdout)?.trim().to_owned())
}

impl Drop for Mail {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        // It ends with its input, and has no news for us.
        let _ = self.script.wait();
    }
}

/// The account at the provider of short messages.
pub(crate) const SID: &str = "AC00000000000000000000000000000001";

/// A provider of short messages, whose phones are one.
pub(crate) struct Messages {
    address: SocketAddr,
    task: JoinHandle<()>,
    /// What was sent to the phone.
    pub(crate) inbox: Option<mpsc::UnboundedReceiver<String>>,
}

impl Messages {
    pub(crate) async fn start() -> Result<Self, Box<dyn Error>> {
        let (phone, inbox) = mpsc::unbounded_channel();
        let account = format!("/2010-04-01/Accounts/{SID}");
        let router = Router::new()
            .route(&format!("{account}.json"), get(who))
            .route(&format!("{account}/Messages.json"), post(take))
            .with_state(phone);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            // It serves until it is stopped.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            address,
            task,
            inbox: Some(inbox),
        })
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn stop(&self) {
        self.task.abort();
    }
}

async fn who() -> Json<Value> {
    Json(json!({ "sid": SID, "status": "active" }))
}

async fn take(
    State(phone): State<mpsc::UnboundedSender<String>>,
    form: String,
) -> (StatusCode, Json<Value>) {
    // A phone that is switched off loses its messages.
    let _ = phone.send(form);
    (
        StatusCode::CREATED,
        Json(json!({ "sid": "SM1", "status": "queued" })),
    )
}
