//! The other end of Bluesky: its own servers, from the npm package `@atproto/dev-env`.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bereik_channel::Channel;
use bereik_channel::conformance::{Arrived, OtherEnd};
use bereik_channel::http::{Call, Http};
use bereik_core::Address;
use bereik_core::message::Body;
use bereik_social::Bluesky;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::words;

pub(crate) struct Network {
    script: Child,
    leash: Option<ChildStdin>,
    server: String,
    http: Http,
    password: String,
    written: AtomicI64,
    desk: Account,
    pub(crate) bob: Account,
    bluesky: Bluesky,
}

#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) did: String,
    token: SecretString,
}

impl Network {
    pub(crate) async fn start() -> Self {
        let packages = std::env::var_os("BEREIK_SLOW_NODE_PACKAGES");
        let packages = packages.expect("BEREIK_SLOW_NODE_PACKAGES names a folder");
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bluesky");
        let mut script = Command::new("sh")
            .arg(here.join("network.sh"))
            .arg(packages)
            .arg(here.join("network.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh starts");
        let leash = script.stdin.take();
        let mut lines = BufReader::new(script.stdout.take().expect("it talks")).lines();
        let server = lines.next().expect("the servers start").expect("text");
        let http = Http::new().expect("a client");
        let http = http.with_answer_within(Duration::from_secs(60));
        let desk = join(&http, &server, "desk").await;
        let bob = join(&http, &server, "bob").await;
        let bluesky = Bluesky::new(http.clone(), "desk.test", "");
        let mut network = Self {
            script,
            leash,
            server,
            http,
            password: String::new(),
            written: AtomicI64::new(0),
            desk,
            bob,
            bluesky,
        };
        let told = json!({"name": "bereik"});
        let desk = network.desk.clone();
        let made = network
            .tell(&desk, "com.atproto.server.createAppPassword", &told)
            .await;
        network.password = made["password"].as_str().expect("a password").to_owned();
        network.bluesky = network.desk();
        network
    }

    /// The channel, anew: as after a restart.
    pub(crate) fn desk(&self) -> Bluesky {
        self.desk_with(&self.password)
    }

    pub(crate) fn desk_with(&self, password: &str) -> Bluesky {
        Bluesky::new(self.http.clone(), "desk.test", password)
            .with_server(&self.server)
            .with_poll_for(Duration::from_millis(200))
    }

    pub(crate) fn desk_did(&self) -> &str {
        &self.desk.did
    }

    /// A file of somebody's.
    pub(crate) async fn upload(&self, who: &Account) -> Value {
        let url = format!("{}/xrpc/com.atproto.repo.uploadBlob", self.server);
        let call = Call::post_bytes(url, "image/png", b"\x89PNG".to_vec());
        self.ask(call.with_bearer(&who.token)).await["blob"].clone()
    }

    pub(crate) async fn join(&self, name: &str) -> Account {
        join(&self.http, &self.server, name).await
    }

    pub(crate) async fn tell(&self, who: &Account, method: &str, told: &Value) -> Value {
        let call = Call::post(format!("{}/xrpc/{method}", self.server), told);
        self.ask(call.with_bearer(&who.token)).await
    }

    pub(crate) async fn look(&self, who: &Account, path: &str) -> Value {
        let call = Call::get(format!("{}/xrpc/{path}", self.server));
        self.ask(call.with_bearer(&who.token)).await
    }

    async fn ask(&self, call: Call) -> Value {
        let answer = self.http.ask(call).await.expect("a server that answers");
        assert!(answer.is_ok(), "{} {}", answer.status, answer.json);
        answer.json
    }

    /// An instant after those before it.
    fn next(&self) -> DateTime<Utc> {
        let seconds = self.written.fetch_add(1, Ordering::Relaxed);
        words::at() + TimeDelta::seconds(seconds)
    }

    /// Somebody posts, and perhaps mentions us in front or answers another post.
    pub(crate) async fn says(
        &self,
        who: &Account,
        words: &str,
        above: Option<(&Value, &Value)>,
    ) -> Value {
        self.says_at(self.next(), who, words, above).await
    }

    /// The same, at an instant that his software claims.
    pub(crate) async fn says_at(
        &self,
        at: DateTime<Utc>,
        who: &Account,
        words: &str,
        above: Option<(&Value, &Value)>,
    ) -> Value {
        let at = at.to_rfc3339_opts(SecondsFormat::Millis, true);
        let mut record = json!({"$type": "app.bsky.feed.post", "text": words, "createdAt": at});
        if words.starts_with("@desk.test") {
            record["facets"] = json!([{
                "index": {"byteStart": 0, "byteEnd": 10},
                "features": [{"$type": "app.bsky.richtext.facet#mention", "did": self.desk.did}],
            }]);
        }
        if let Some((root, parent)) = above {
            let place = |post: &Value| json!({"uri": post["uri"], "cid": post["cid"]});
            record["reply"] = json!({"root": place(root), "parent": place(parent)});
        }
        self.post(who, record).await
    }

    pub(crate) async fn post(&self, who: &Account, record: Value) -> Value {
        let told = json!({"repo": who.did, "collection": "app.bsky.feed.post", "record": record});
        self.tell(who, "com.atproto.repo.createRecord", &told).await
    }

    /// Our posts, oldest first.
    pub(crate) async fn posts(&self) -> Vec<Value> {
        let path = format!(
            "com.atproto.repo.listRecords?repo={}&collection=app.bsky.feed.post&limit=100&reverse=true",
            self.desk.did
        );
        let said = self.look(&self.desk, &path).await;
        let mut posts = said["records"].as_array().expect("a list").clone();
        posts.sort_by_key(|post| post["value"]["createdAt"].as_str().map(str::to_owned));
        posts
    }

    /// Waits until somebody was told of a post, and says why he was.
    pub(crate) async fn reason(&self, who: &Account, uri: &str) -> String {
        for _ in 0..300 {
            let said = self
                .look(who, "app.bsky.notification.listNotifications")
                .await;
            let mut told = said["notifications"].as_array().expect("a list").iter();
            if let Some(told) = told.find(|told| told["uri"] == uri) {
                return told["reason"].as_str().expect("a reason").to_owned();
            }
            sleep(Duration::from_millis(100)).await;
        }
        panic!("nobody is told");
    }
}

async fn join(http: &Http, server: &str, name: &str) -> Account {
    let told = json!({
        "handle": format!("{name}.test"),
        "email": format!("{name}@bereik.test"),
        "password": format!("{name}-password"),
    });
    let call = Call::post(
        format!("{server}/xrpc/com.atproto.server.createAccount"),
        &told,
    );
    let answer = http.ask(call).await.expect("a server that answers");
    let text = |name: &str| answer.json[name].as_str().expect("an account").to_owned();
    Account {
        did: text("did"),
        token: text("accessJwt").into(),
    }
}

#[async_trait]
impl OtherEnd for Network {
    fn channel(&self) -> &dyn Channel {
        &self.bluesky
    }

    fn address(&self) -> Address {
        format!("handle:bluesky/{}", self.bob.did)
            .parse()
            .expect("an address")
    }

    fn unknown_address(&self) -> Option<Address> {
        Some("handle:bluesky/nobody.test".parse().expect("an address"))
    }

    async fn arrived(&self) -> Vec<Arrived> {
        let mut threads: Vec<(Value, String)> = Vec::new();
        for post in self.posts().await {
            let words = post["value"]["text"].as_str().expect("words");
            let root = &post["value"]["reply"]["root"]["uri"];
            match threads.iter_mut().find(|(uri, _)| uri == root) {
                Some((_, text)) => text.push_str(words),
                None => {
                    let words = words.strip_prefix("@bob.test ").expect("his name in front");
                    threads.push((post["uri"].clone(), words.to_owned()));
                }
            }
        }
        let texts = threads.into_iter().map(|(_, text)| text);
        texts
            .map(|text| Arrived {
                subject: None,
                text,
            })
            .collect()
    }

    async fn write(&self, body: &Body) {
        self.says(&self.bob, &format!("@desk.test {}", body.as_str()), None)
            .await;
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        drop(self.leash.take());
        let _ = self.script.wait();
    }
}
