//! Somebody else on the homeserver, who reads what he is sent.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bereik_channel::conformance::{Arrived, OtherEnd};
use bereik_channel::http::{Call, Http};
use bereik_channel::{Answer, Channel};
use bereik_chat::Matrix;
use bereik_core::message::Body;
use bereik_core::{Address, OfferId};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::sleep;

#[derive(Clone)]
struct Client {
    http: Http,
    url: String,
    token: SecretString,
}

impl Client {
    async fn ask(&self, call: Call) -> Value {
        let answer = self.http.ask(call.with_bearer(&self.token)).await;
        let answer = answer.expect("an answer");
        assert!(answer.is_ok(), "{} {}", answer.status, answer.json);
        answer.json
    }

    fn url(&self, path: &str) -> String {
        format!("{}/_matrix/client/v3/{path}", self.url)
    }
}

/// What somebody sees: the text of each event by the other side, in order, as it was last changed.
#[derive(Default)]
struct Screen {
    room: Option<String>,
    order: Vec<String>,
    texts: BTreeMap<String, Value>,
}

pub(crate) struct Peer {
    client: Client,
    screen: Arc<Mutex<Screen>>,
    sent: AtomicU32,
    /// Whether it says what it has read.
    pub(crate) tells: Arc<AtomicBool>,
    reading: JoinHandle<()>,
}

impl Peer {
    pub(crate) fn start(url: &str, token: &str) -> Self {
        let http = Http::new().expect("a client");
        let client = Client {
            http: http.with_answer_within(Duration::from_secs(60)),
            url: url.to_owned(),
            token: token.to_owned().into(),
        };
        let screen = Arc::new(Mutex::new(Screen::default()));
        let tells = Arc::new(AtomicBool::new(true));
        let (shown, telling) = (Arc::clone(&screen), Arc::clone(&tells));
        let reading = tokio::spawn(read(client.clone(), shown, telling));
        Self {
            client,
            screen,
            sent: AtomicU32::new(0),
            tells,
            reading,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.client.ask(Call::get(self.client.url(path))).await
    }

    pub(crate) async fn post(&self, path: &str, told: Value) -> Value {
        self.client
            .ask(Call::post(self.client.url(path), &told))
            .await
    }

    pub(crate) async fn put(&self, path: &str, told: Value) -> Value {
        self.client
            .ask(Call::put(self.client.url(path), &told))
            .await
    }

    /// Puts a file on the homeserver: its address there.
    pub(crate) async fn upload(&self, bytes: &[u8]) -> String {
        let url = format!("{}/_matrix/media/v3/upload?filename=a.bin", self.client.url);
        let call = Call::post_bytes(url, "application/octet-stream", bytes.to_vec());
        let told = self.client.ask(call).await;
        told["content_uri"].as_str().expect("an address").to_owned()
    }

    /// The room in which the other side wrote first.
    pub(crate) async fn room(&self) -> String {
        for _ in 0..600 {
            let room = self
                .screen
                .lock()
                .expect("nobody panics with it")
                .room
                .clone();
            if let Some(room) = room {
                return room;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("nobody asks us into a room");
    }

    pub(crate) async fn put_into(&self, room: &str, kind: &str, content: Value) -> String {
        let number = self.sent.fetch_add(1, Ordering::Relaxed);
        let path = format!("rooms/{room}/send/{kind}/n{number}");
        let told = self.put(&path, content).await;
        told["event_id"].as_str().expect("an event").to_owned()
    }

    pub(crate) async fn say(&self, room: &str, text: &str) -> String {
        let content = json!({"msgtype": "m.text", "body": text});
        self.put_into(room, "m.room.message", content).await
    }

    /// What is shown: each event and its content.
    pub(crate) fn shown(&self) -> Vec<(String, Value)> {
        let screen = self.screen.lock().expect("nobody panics with it");
        let order = screen.order.iter();
        order
            .map(|event| (event.clone(), screen.texts[event].clone()))
            .collect()
    }

    pub(crate) async fn await_text(&self, with: &str) -> (String, Value) {
        for _ in 0..600 {
            let shown = self.shown().into_iter();
            let mut shown = shown.filter(|(_, content)| {
                content["body"]
                    .as_str()
                    .is_some_and(|text| text.contains(with))
            });
            if let Some(found) = shown.next() {
                return found;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("nothing with {with}: {:?}", self.shown());
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

/// Goes where he is asked, and reads what is there.
async fn read(client: Client, screen: Arc<Mutex<Screen>>, tells: Arc<AtomicBool>) {
    let mut since = String::new();
    loop {
        let call = Call::get(client.url(&format!("sync?timeout=2000&set_presence=offline{since}")));
        let told = client.ask(call.waiting_for(Duration::from_secs(2))).await;
        since = format!("&since={}", told["next_batch"].as_str().expect("a place"));
        for (room, _) in told["rooms"]["invite"].as_object().into_iter().flatten() {
            client
                .ask(Call::post(
                    client.url(&format!("rooms/{room}/join")),
                    &json!({}),
                ))
                .await;
            screen.lock().expect("nobody panics with it").room = Some(room.clone());
        }
        for (room, told) in told["rooms"]["join"].as_object().into_iter().flatten() {
            let events = told["timeline"]["events"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let is_theirs = |event: &&Value| {
                let is_message = event["type"] == "m.room.message";
                is_message && event["sender"] == "@desk:bereik.test"
            };
            let Some(last) = show(events.iter().filter(is_theirs), &screen) else {
                continue;
            };
            if !tells.load(Ordering::Relaxed) {
                continue;
            }
            let path = format!("rooms/{room}/receipt/m.read/{last}");
            client.ask(Call::post(client.url(&path), &json!({}))).await;
        }
    }
}

/// Puts events on the screen; gives the last.
fn show<'a>(events: impl Iterator<Item = &'a Value>, screen: &Mutex<Screen>) -> Option<String> {
    let mut last = None;
    for event in events {
        let id = event["event_id"].as_str().expect("a name").to_owned();
        let content = &event["content"];
        let mut screen = screen.lock().expect("nobody panics with it");
        let relation = &content["m.relates_to"];
        if relation["rel_type"] == "m.replace" {
            let old = relation["event_id"].as_str().expect("a name");
            screen
                .texts
                .insert(old.to_owned(), content["m.new_content"].clone());
        } else if screen.texts.insert(id.clone(), content.clone()).is_none() {
            screen.order.push(id.clone());
        }
        last = Some(id);
    }
    last
}

/// Bob, whom the desk writes to.
pub(crate) struct Bob {
    pub(crate) matrix: Matrix,
    pub(crate) peer: Peer,
}

#[async_trait]
impl OtherEnd for Bob {
    fn channel(&self) -> &dyn Channel {
        &self.matrix
    }

    fn address(&self) -> Address {
        "handle:matrix/@bob:bereik.test"
            .parse()
            .expect("an address")
    }

    fn unknown_address(&self) -> Option<Address> {
        "handle:matrix/@nobody:bereik.test".parse().ok()
    }

    async fn arrived(&self) -> Vec<Arrived> {
        let text = |content: Value| content["body"].as_str().unwrap_or_default().to_owned();
        let shown = self.peer.shown().into_iter();
        let arrived = shown.map(|(_, content)| Arrived {
            subject: None,
            text: text(content),
        });
        arrived.collect()
    }

    async fn write(&self, body: &Body) {
        let room = self.peer.room().await;
        self.peer.say(&room, body.as_str()).await;
    }

    async fn answer(&self, offer: OfferId, answer: Answer) {
        let sign = match answer {
            Answer::Accepted => "\u{1f44d}\u{1f3fb}",
            Answer::Declined => "\u{1f44e}",
        };
        let (event, _) = self.peer.await_text(&format!("accept {offer}")).await;
        let to = json!({"rel_type": "m.annotation", "event_id": event, "key": sign});
        let room = self.peer.room().await;
        self.peer
            .put_into(&room, "m.reaction", json!({"m.relates_to": to}))
            .await;
    }
}
