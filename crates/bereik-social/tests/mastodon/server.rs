//! The other end of Mastodon: the server of the Python package `mastodon_mock`, which keeps what it is told.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use async_trait::async_trait;
use bereik_channel::conformance::{Arrived, OtherEnd};
use bereik_channel::http::{Call, Http};
use bereik_channel::{Answer, Channel};
use bereik_core::message::Body;
use bereik_core::{Address, OfferId};
use bereik_social::Mastodon;
use secrecy::SecretString;
use serde_json::{Value, json};

/// Says its port when it listens, and ends with its standard input. Each account's token is its name.
const SCRIPT: &str = r#"
import os, socket, sys, tempfile, threading, uvicorn
from mastodon_mock.app import create_app
from mastodon_mock.config import MastodonMockConfig
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
who = [("desk", None), ("bob", None), ("anna", None), ("jan", "example.org")]
accounts = [{"username": name, "domain": domain, "access_token": name, "display_name": name.title()} for name, domain in who]
config = MastodonMockConfig.model_validate({
    "database": {"path": ":memory:"},
    "auth": {"permissive": False},
    "media_storage_path": tempfile.gettempdir(),
    "seed": {"accounts": accounts},
})
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(64)
print(listener.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(create_app(config), log_level="error")).run(sockets=[listener])
"#;

pub(crate) struct Server {
    python: Child,
    url: String,
    http: Http,
    mastodon: Mastodon,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let programs = std::env::var_os("BEREIK_PYTHON");
        let programs = PathBuf::from(programs.expect("BEREIK_PYTHON names a folder"));
        let mut python = Command::new(programs.join("python"))
            .args(["-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python starts");
        let mut lines = BufReader::new(python.stdout.take().expect("it talks")).lines();
        let port = lines.next().expect("it says its port").expect("text");
        let url = format!("http://127.0.0.1:{port}");
        let http = Http::new().expect("a client");
        // Who connects before it has started waits for it.
        let patient = http.clone().with_answer_within(Duration::from_secs(120));
        let up = patient
            .ask(Call::get(format!("{url}/api/v2/instance")))
            .await;
        assert!(up.is_ok_and(|answer| answer.is_ok()), "it does not start");
        let mastodon =
            Mastodon::new(http.clone(), &url, "desk").with_poll_for(Duration::from_millis(50));
        Self {
            python,
            url,
            http,
            mastodon,
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    async fn ask(&self, call: Call, who: &str) -> Value {
        let token = SecretString::from(who.to_owned());
        let answer = self.http.ask(call.with_bearer(&token)).await;
        let answer = answer.expect("a server that answers");
        assert!(answer.is_ok(), "{} {}", answer.status, answer.json);
        answer.json
    }

    pub(crate) async fn tell(&self, who: &str, path: &str, told: &Value) -> Value {
        self.ask(Call::post(format!("{}{path}", self.url), told), who)
            .await
    }

    pub(crate) async fn look(&self, who: &str, path: &str) -> Value {
        self.ask(Call::get(format!("{}{path}", self.url)), who)
            .await
    }

    /// Somebody writes; gives the id of the status.
    pub(crate) async fn says(&self, who: &str, words: &str, visibility: &str) -> String {
        let told = json!({"status": words, "visibility": visibility});
        let said = self.tell(who, "/api/v1/statuses", &told).await;
        said["id"].as_str().expect("an id").to_owned()
    }

    pub(crate) async fn erase(&self, who: &str, id: &str) {
        let call = Call::delete(format!("{}/api/v1/statuses/{id}", self.url));
        self.ask(call, who).await;
    }

    /// A file of somebody's; gives its id.
    pub(crate) async fn upload(&self, who: &str, name: &str) -> String {
        let body = format!(
            "--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\ncontent-type: image/png\r\n\r\n\u{89}PNG\r\n--edge--\r\n"
        );
        let url = format!("{}/api/v2/media", self.url);
        let call = Call::post_bytes(url, "multipart/form-data; boundary=edge", body.into_bytes());
        self.ask(call, who).await["id"]
            .as_str()
            .expect("an id")
            .to_owned()
    }

    /// The next calls that match go wrong, so many of them.
    pub(crate) async fn spoil(&self, count: u32, path: &str, effect: Value) {
        let rule =
            json!({"match": {"methods": ["POST"], "path": path}, "effect": effect, "count": count});
        self.tell("desk", "/api/v1/_mock/faults", &rule).await;
    }

    /// The statuses that mention somebody, oldest first.
    pub(crate) async fn mentions(&self, who: &str) -> Vec<Value> {
        let told = self.look(who, "/api/v1/notifications?limit=80").await;
        let told = told.as_array().expect("a list").iter().rev();
        let told = told.filter(|one| one["type"] == "mention" && one["status"].is_object());
        told.map(|one| one["status"].clone()).collect()
    }

    /// The words that reached somebody as they were written, each thread as one.
    pub(crate) async fn read(&self, who: &str) -> Vec<String> {
        let mut threads: Vec<(Vec<String>, String)> = Vec::new();
        for status in self.mentions(who).await {
            let id = status["id"].as_str().expect("an id");
            let source = self
                .look(who, &format!("/api/v1/statuses/{id}/source"))
                .await;
            let words = source["text"].as_str().expect("words");
            let words = words
                .strip_prefix(&format!("@{who} "))
                .expect("his name in front");
            let above = status["in_reply_to_id"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            let thread = threads.iter_mut().find(|(ids, _)| ids.contains(&above));
            match thread {
                Some((ids, text)) => {
                    ids.push(id.to_owned());
                    text.push_str(words);
                }
                None => threads.push((vec![id.to_owned()], words.to_owned())),
            }
        }
        threads.into_iter().map(|(_, text)| text).collect()
    }
}

#[async_trait]
impl OtherEnd for Server {
    fn channel(&self) -> &dyn Channel {
        &self.mastodon
    }

    fn address(&self) -> Address {
        "handle:mastodon/bob".parse().expect("an address")
    }

    fn unknown_address(&self) -> Option<Address> {
        Some(
            "handle:mastodon/nobody@example.org"
                .parse()
                .expect("an address"),
        )
    }

    async fn arrived(&self) -> Vec<Arrived> {
        let read = self.read("bob").await.into_iter();
        read.map(|text| Arrived {
            subject: None,
            text,
        })
        .collect()
    }

    async fn write(&self, body: &Body) {
        self.says("bob", &format!("@desk {}", body.as_str()), "direct")
            .await;
    }

    async fn answer(&self, offer: OfferId, answer: Answer) {
        let word = match answer {
            Answer::Accepted => "accept",
            Answer::Declined => "decline",
        };
        let words = format!("{word} {offer}");
        let read = self.read("bob").await;
        let is_shown = read.iter().any(|text| text.contains(&words));
        assert!(is_shown, "nobody says how to answer: {read:?}");
        self.says("bob", &format!("@desk {words}"), "direct").await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.python.kill();
        let _ = self.python.wait();
    }
}
