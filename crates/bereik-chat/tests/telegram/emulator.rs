//! The other end of Telegram: the emulator of the npm package telegram-test-api.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use async_trait::async_trait;
use bereik_channel::conformance::{Arrived, OtherEnd};
use bereik_channel::http::{Call, Http};
use bereik_channel::{Answer, Channel};
use bereik_chat::Telegram;
use bereik_core::message::Body;
use bereik_core::{Address, OfferId};
use serde_json::{Value, json};

const TOKEN: &str = "123:abc";
const CHAT: i64 = 7;

/// Says its port when it listens, and ends with its standard input.
const SCRIPT: &str = r"
const TelegramServer = require('telegram-test-api').TelegramServer || require('telegram-test-api');
const net = require('net').createServer();
net.listen(0, '127.0.0.1', () => {
    const port = net.address().port;
    net.close(async () => {
        await new TelegramServer({ port, host: '127.0.0.1', storeTimeout: 600 }).start();
        console.log(port);
    });
});
process.stdin.on('end', () => process.exit(0)).resume();
";

pub(crate) struct Emulator {
    node: Child,
    url: String,
    http: Http,
    telegram: Telegram,
}

impl Emulator {
    pub(crate) async fn start() -> Self {
        let packages = std::env::var_os("BEREIK_NODE_PACKAGES");
        let packages = PathBuf::from(packages.expect("BEREIK_NODE_PACKAGES names a folder"));
        let mut node = Command::new("node")
            .args(["-e", SCRIPT])
            .current_dir(packages)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node starts");
        let mut lines = BufReader::new(node.stdout.take().expect("it talks")).lines();
        let port = lines.next().expect("it says its port").expect("text");
        let url = format!("http://127.0.0.1:{port}");
        let http = Http::new().expect("a client");
        let telegram = Telegram::new(http.clone(), TOKEN)
            .with_api(&url)
            .with_poll_for(Duration::ZERO);
        Self {
            node,
            url,
            http,
            telegram,
        }
    }

    async fn client(&self, method: &str, told: Value) -> Value {
        let call = Call::post(format!("{}/{method}", self.url), &told);
        let answer = self.http.ask(call).await.expect("an emulator that answers");
        assert!(answer.is_ok(), "{method} {}", answer.json);
        answer.json["result"].clone()
    }

    async fn history(&self) -> Vec<Value> {
        let told = self
            .client("getUpdatesHistory", json!({"token": TOKEN}))
            .await;
        told.as_array().expect("a list").clone()
    }
}

#[async_trait]
impl OtherEnd for Emulator {
    fn channel(&self) -> &dyn Channel {
        &self.telegram
    }

    fn address(&self) -> Address {
        let address = format!("handle:telegram/{CHAT}");
        address.parse().expect("an address")
    }

    async fn arrived(&self) -> Vec<Arrived> {
        let ours = |update: &Value| update["message"]["from"].is_null();
        let updates = self.history().await.into_iter().filter(ours);
        let text = |update: Value| update["message"]["text"].as_str().map(str::to_owned);
        let subject = None;
        updates
            .filter_map(text)
            .map(|text| Arrived {
                subject: subject.clone(),
                text,
            })
            .collect()
    }

    async fn write(&self, body: &Body) {
        let who = json!({"id": CHAT, "first_name": "Bob", "is_bot": false});
        let chat = json!({"id": CHAT, "type": "private"});
        let told = json!({"botToken": TOKEN, "from": who, "chat": chat, "date": 1_795_000_000, "text": body.as_str()});
        self.client("sendMessage", told).await;
    }

    async fn answer(&self, offer: OfferId, answer: Answer) {
        let name = match answer {
            Answer::Accepted => "accept",
            Answer::Declined => "decline",
        };
        let data = format!("{name}:{offer}");
        let buttons = self.history().await;
        let shown = buttons
            .iter()
            .any(|update| update.to_string().contains(&data));
        assert!(shown, "there is no button for it: {buttons:?}");
        let who = json!({"id": CHAT, "first_name": "Bob", "is_bot": false});
        let told =
            json!({"botToken": TOKEN, "from": who, "data": data, "message": {"message_id": 1}});
        self.client("sendCallback", told).await;
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}
