//! A workspace for the tests: it keeps what is posted to it as Slack documents it, and posts what is written in it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::routing::any;
use bereik_channel::conformance::{Arrived, OtherEnd};
use bereik_channel::{Answer, Channel, HookRequest, Webhook};
use bereik_chat::Slack;
use bereik_core::message::Body;
use bereik_core::{Address, OfferId};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;

pub(crate) const SIGNING_SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const CONVERSATION: &str = "C024BE91L";

/// The headers with which Slack posts a body.
pub(crate) fn signed(body: &str, at: DateTime<Utc>) -> Vec<(&'static str, String)> {
    let timestamp = at.timestamp().to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(SIGNING_SECRET.as_bytes()).expect("a key");
    mac.update(format!("v0:{timestamp}:{body}").as_bytes());
    let code: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    vec![
        ("X-Slack-Request-Timestamp", timestamp),
        ("X-Slack-Signature", format!("v0={code}")),
    ]
}

/// The body with which Slack tells of a button.
pub(crate) fn as_payload(payload: &Value) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("payload", &payload.to_string()).finish()
}

type Fields = BTreeMap<String, String>;
/// The messages in order, each with its number.
type Messages = Arc<Mutex<Vec<(String, Fields)>>>;

pub(crate) struct Workspace {
    slack: Slack,
    messages: Messages,
    written: Mutex<u32>,
}

impl Workspace {
    pub(crate) async fn start(slack: impl Fn(&str) -> Slack) -> Self {
        let messages = Messages::default();
        let router = Router::new().route("/api/{method}", any(call));
        let router = router.with_state(Arc::clone(&messages));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/api", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let (slack, written) = (slack(&url), Mutex::new(0));
        Self {
            slack,
            messages,
            written,
        }
    }

    async fn post(&self, body: String, media_type: &str) {
        let at = DateTime::from_timestamp(1_795_000_000, 0).expect("an instant");
        let mut headers = signed(&body, at);
        headers.push(("content-type", media_type.to_owned()));
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (*name, &**value))
            .collect();
        let request = HookRequest {
            at,
            body: body.as_bytes(),
            headers: &headers,
            is_get: false,
            query: "",
        };
        assert_eq!(self.slack.take(request).await.status, 200);
    }

    /// A button that somebody can see.
    fn button(&self, action: &str, value: &str) -> Value {
        let messages = self.messages.lock().expect("nobody panics with it");
        let blocks = messages
            .iter()
            .filter_map(|(_, fields)| fields.get("blocks"));
        for blocks in blocks {
            let blocks: Value = serde_json::from_str(blocks).expect("blocks are JSON");
            let elements = blocks[1]["elements"].as_array();
            for button in elements.into_iter().flatten() {
                if button["action_id"] == action && button["value"] == value {
                    return button.clone();
                }
            }
        }
        panic!("there is no button {action} for {value}");
    }

    fn next_number(&self) -> String {
        let mut written = self.written.lock().expect("nobody panics with it");
        *written += 1;
        format!("1795000000.{:06}", *written)
    }
}

async fn call(
    State(messages): State<Messages>,
    Path(method): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> String {
    let fields: Fields = form_urlencoded::parse(&body).into_owned().collect();
    let is_known = headers
        .get("authorization")
        .is_some_and(|value| value == "Bearer xoxb-secret-token");
    let error = |code: &str| json!({"ok": false, "error": code}).to_string();
    let mut messages = messages.lock().expect("nobody panics with it");
    match method.as_str() {
        _ if !is_known => error("invalid_auth"),
        "auth.test" => json!({"ok": true, "user_id": "U1"}).to_string(),
        "chat.postMessage" if fields["channel"] != CONVERSATION => error("channel_not_found"),
        "chat.postMessage" => {
            let number = format!("1795000000.9{:05}", messages.len());
            messages.push((number.clone(), fields));
            json!({"ok": true, "channel": CONVERSATION, "ts": number}).to_string()
        }
        "chat.update" => match messages
            .iter_mut()
            .find(|(number, _)| *number == fields["ts"])
        {
            Some((_, message)) => {
                message.extend(fields);
                json!({"ok": true}).to_string()
            }
            None => error("message_not_found"),
        },
        _ => error("unknown_method"),
    }
}

/// As Slack's client shows it.
fn shown(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

#[async_trait]
impl OtherEnd for Workspace {
    fn channel(&self) -> &dyn Channel {
        &self.slack
    }

    fn address(&self) -> Address {
        format!("handle:slack/{CONVERSATION}")
            .parse()
            .expect("an address")
    }

    fn unknown_address(&self) -> Option<Address> {
        "handle:slack/C000".parse().ok()
    }

    async fn arrived(&self) -> Vec<Arrived> {
        let messages = self.messages.lock().expect("nobody panics with it");
        let subject = || None;
        let text = |fields: &Fields| shown(&fields["text"]);
        let arrived = messages.iter().map(|(_, fields)| Arrived {
            subject: subject(),
            text: text(fields),
        });
        arrived.collect()
    }

    async fn write(&self, body: &Body) {
        let text = body
            .as_str()
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        let event = json!({"type": "message", "channel": CONVERSATION, "user": "U2", "text": text, "ts": self.next_number()});
        let posted = json!({"type": "event_callback", "api_app_id": "A1", "event": event});
        self.post(posted.to_string(), "application/json").await;
    }

    async fn answer(&self, offer: OfferId, answer: Answer) {
        let action = match answer {
            Answer::Accepted => "bereik_accept",
            Answer::Declined => "bereik_decline",
        };
        let button = self.button(action, &offer.to_string());
        let pressed = json!({"action_id": button["action_id"], "value": button["value"], "action_ts": self.next_number()});
        let payload = json!({"type": "block_actions", "user": {"id": "U2"}, "actions": [pressed]});
        let body = as_payload(&payload);
        self.post(body, "application/x-www-form-urlencoded").await;
    }
}
