//! An account for the tests: it takes messages as Meta documents it, and posts what a person does.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::extract::{Path, State};
use axum::routing::{get, post as posting};
use axum::{Json, Router};
use bereik_channel::conformance::{Arrived, OtherEnd};
use bereik_channel::{Answer, Channel, HookRequest, Webhook};
use bereik_core::message::Body;
use bereik_core::{Address, OfferId};
use bereik_social::{Meta, Product};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;

pub(crate) const ACCOUNT: &str = "106540352242922";
pub(crate) const SECRET: &str = "the secret of the app";
pub(crate) const WORD: &str = "a-word-of-ours";
const PERSON: &str = "31612345678";

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).expect("an instant")
}

pub(crate) fn signed(body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key");
    mac.update(body.as_bytes());
    let code: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256={code}")
}

/// What a webhook answers to a body with this signature.
pub(crate) async fn take(meta: &Meta, body: &str, signature: Option<&str>) -> u16 {
    let headers: Vec<_> = signature
        .map(|code| ("X-Hub-Signature-256", code))
        .into_iter()
        .collect();
    let (body, headers) = (body.as_bytes(), &headers[..]);
    let request = HookRequest {
        at: at(),
        body,
        headers,
        is_get: false,
        query: "",
    };
    meta.take(request).await.status
}

pub(crate) async fn post(meta: &Meta, posted: &Value) -> u16 {
    let body = posted.to_string();
    take(meta, &body, Some(&signed(&body))).await
}

fn whatsapp(value: Value) -> Value {
    let mut value = value;
    value["messaging_product"] = "whatsapp".into();
    value["metadata"] = json!({"display_phone_number": "31201234567", "phone_number_id": ACCOUNT});
    let changes = json!([{"field": "messages", "value": value}]);
    json!({"object": "whatsapp_business_account", "entry": [{"id": "7", "changes": changes}]})
}

pub(crate) fn whatsapp_message(from: &str, id: &str, at: DateTime<Utc>, text: &str) -> Value {
    let timestamp = at.timestamp().to_string();
    let message = json!({"from": from, "id": id, "timestamp": timestamp, "type": "text", "text": {"body": text}});
    let contact = json!({"profile": {"name": "Jan"}, "wa_id": from});
    whatsapp(json!({"contacts": [contact], "messages": [message]}))
}

pub(crate) fn whatsapp_status(status: &str, id: &str, at: DateTime<Utc>) -> Value {
    let timestamp = at.timestamp().to_string();
    let status =
        json!({"id": id, "status": status, "timestamp": timestamp, "recipient_id": PERSON});
    whatsapp(json!({"statuses": [status]}))
}

type Messages = Arc<Mutex<Vec<Value>>>;

pub(crate) struct Account {
    product: Product,
    meta: Arc<Meta>,
    messages: Messages,
    written: Mutex<u32>,
}

impl Account {
    pub(crate) async fn start(product: Product, meta: impl Fn(&str) -> Meta) -> Self {
        let messages = Messages::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let meta = Arc::new(meta(&url));
        let state = (Arc::clone(&messages), Arc::clone(&meta), product);
        let router = Router::new()
            .route("/{account}", get(async || Json(json!({"id": ACCOUNT}))))
            .route("/{account}/messages", posting(call))
            .with_state(state);
        tokio::spawn(async move { axum::serve(listener, router).await });
        let written = Mutex::new(0);
        Self {
            product,
            meta,
            messages,
            written,
        }
    }

    fn next_number(&self) -> u32 {
        let mut written = self.written.lock().expect("nobody panics with it");
        *written += 1;
        *written
    }

    /// What Meta posts when the person writes, or presses a button.
    async fn says(&self, message: Value) {
        let number = self.next_number();
        let posted = match self.product {
            Product::WhatsApp => {
                let mut posted = whatsapp_message(PERSON, &format!("wamid.in{number}"), at(), "");
                let said = &mut posted["entry"][0]["changes"][0]["value"]["messages"][0];
                for (name, value) in message.as_object().expect("fields") {
                    said[name] = value.clone();
                }
                posted
            }
            product => {
                let mut message = message;
                message["mid"] = format!("m_in{number}").into();
                page(
                    product,
                    json!({"sender": {"id": PERSON}, "message": message}),
                )
            }
        };
        assert_eq!(post(&self.meta, &posted).await, 200);
    }
}

fn page(product: Product, told: Value) -> Value {
    let mut told = told;
    told["timestamp"] = at().timestamp_millis().into();
    told["recipient"] = json!({"id": ACCOUNT});
    let object = if product == Product::Messenger {
        "page"
    } else {
        "instagram"
    };
    json!({"object": object, "entry": [{"id": ACCOUNT, "messaging": [told]}]})
}

async fn call(
    State((messages, meta, product)): State<(Messages, Arc<Meta>, Product)>,
    Path(account): Path<String>,
    Json(message): Json<Value>,
) -> Json<Value> {
    assert_eq!(account, ACCOUNT);
    let id = {
        let mut messages = messages.lock().expect("nobody panics with it");
        messages.push(message.clone());
        format!("out.{}", messages.len())
    };
    let told = match product {
        Product::WhatsApp => Some(whatsapp_status("delivered", &id, at())),
        Product::Messenger => Some(page(
            product,
            json!({"sender": {"id": PERSON}, "delivery": {"mids": [id.as_str()]}}),
        )),
        _ => None,
    };
    // It may be told so before the call has its answer, but not before it can be known.
    tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        if let Some(told) = told {
            assert_eq!(post(&meta, &told).await, 200);
        }
    });
    match product {
        Product::WhatsApp => {
            Json(json!({"messaging_product": "whatsapp", "messages": [{"id": id}]}))
        }
        _ => Json(json!({"recipient_id": PERSON, "message_id": id})),
    }
}

#[async_trait]
impl OtherEnd for Account {
    fn channel(&self) -> &dyn Channel {
        &*self.meta
    }

    fn address(&self) -> Address {
        let address = match self.product {
            Product::Instagram => format!("handle:instagram/{PERSON}"),
            Product::Messenger => format!("handle:messenger/{PERSON}"),
            _ => format!("tel:+{PERSON}"),
        };
        address.parse().expect("an address")
    }

    async fn arrived(&self) -> Vec<Arrived> {
        let messages = self.messages.lock().expect("nobody panics with it");
        let subject = || None;
        let text = |message: &Value| {
            let paths = ["/text/body", "/interactive/body/text", "/message/text"];
            let mut texts = paths
                .iter()
                .filter_map(|path| message.pointer(path)?.as_str());
            texts.next().map(str::to_owned)
        };
        let texts = messages.iter().filter_map(text);
        texts
            .map(|text| Arrived {
                subject: subject(),
                text,
            })
            .collect()
    }

    async fn write(&self, body: &Body) {
        let words = match self.product {
            Product::WhatsApp => json!({"text": {"body": body.as_str()}}),
            _ => json!({"text": body.as_str()}),
        };
        self.says(words).await;
    }

    async fn answer(&self, offer: OfferId, answer: Answer) {
        let name = match answer {
            Answer::Accepted => "accept",
            Answer::Declined => "decline",
        };
        let id = format!("{name}:{offer}");
        let shown = {
            let messages = self.messages.lock().expect("nobody panics with it");
            messages
                .iter()
                .any(|message| message.to_string().contains(&format!("\"{id}\"")))
        };
        assert!(shown, "there is no button for it");
        let pressed = match self.product {
            Product::WhatsApp => {
                json!({"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": id}}})
            }
            _ => json!({"text": "Accept", "quick_reply": {"payload": id}}),
        };
        self.says(pressed).await;
    }
}
