//! An account for the tests: it takes messages and calls as Twilio documents them, and posts what becomes of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post as posting};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bereik_channel::conformance::{Arrived, OtherEnd};
use bereik_channel::{Answer, Channel, HookRequest, Webhook};
use bereik_core::message::Body;
use bereik_core::{Address, OfferId};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use tokio::net::TcpListener;

use crate::words::at;

pub(crate) const TOKEN: &str = "the secret auth token";
pub(crate) const HOOK: &str = "https://desk.example.org/hooks/twilio";
const NUMBER: &str = "+31612345678";
const NOBODY: &str = "+31600000000";

/// What Twilio's signature of these fields, posted to the webhook with this query, is.
pub(crate) fn signed(query: &str, body: &str) -> String {
    let url = if query.is_empty() {
        HOOK.to_owned()
    } else {
        format!("{HOOK}?{query}")
    };
    let fields: BTreeMap<_, _> = form_urlencoded::parse(body.as_bytes()).collect();
    let fields: String = fields
        .iter()
        .map(|(name, value)| format!("{name}{value}"))
        .collect();
    let mut mac = Hmac::<Sha1>::new_from_slice(TOKEN.as_bytes()).expect("a key");
    mac.update(format!("{url}{fields}").as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// What a webhook answers to these fields.
pub(crate) async fn post(
    hook: &dyn Webhook,
    query: &str,
    fields: &[(&str, &str)],
) -> (u16, String) {
    let body = as_form(fields);
    let signature = signed(query, &body);
    let headers = [("x-twilio-signature", signature.as_str())];
    let request = HookRequest {
        at: at(),
        body: body.as_bytes(),
        headers: &headers,
        is_get: false,
        query,
    };
    let answer = hook.take(request).await;
    (answer.status, answer.body)
}

fn as_form(fields: &[(&str, &str)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields).finish()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Sms,
    Voice,
}

type Fields = BTreeMap<String, String>;
type Posted = Arc<Mutex<Vec<Fields>>>;

pub(crate) struct Account<C> {
    pub(crate) channel: Arc<C>,
    sort: Sort,
    posted: Posted,
    written: Mutex<u32>,
}

impl<C: Channel + Webhook + 'static> Account<C> {
    pub(crate) async fn start(sort: Sort, channel: impl Fn(&str) -> C) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (channel, posted) = (Arc::new(channel(&url)), Posted::default());
        let router = Router::new()
            .route(
                "/2010-04-01/Accounts/{account}",
                get(async || "{\"sid\": \"AC0\", \"status\": \"active\"}"),
            )
            .route("/2010-04-01/Accounts/{account}/{kind}", posting(call::<C>))
            .route(
                "/2010-04-01/Accounts/{account}/Calls/{call}",
                posting(change::<C>),
            )
            .with_state((Arc::clone(&posted), Arc::clone(&channel)));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let written = Mutex::new(0);
        Self {
            channel,
            sort,
            posted,
            written,
        }
    }

    pub(crate) fn posted(&self) -> Vec<Fields> {
        self.posted.lock().expect("nobody panics with it").clone()
    }

    fn next_number(&self) -> u32 {
        let mut written = self.written.lock().expect("nobody panics with it");
        *written += 1;
        *written
    }
}

type Shared<C> = (Posted, Arc<C>);

async fn call<C: Channel + Webhook + 'static>(
    State((posted, channel)): State<Shared<C>>,
    Path((account, kind)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let pair = STANDARD.encode(format!("{account}:{TOKEN}"));
    if headers
        .get("authorization")
        .is_none_or(|value| value != &format!("Basic {pair}"))
    {
        return (
            StatusCode::UNAUTHORIZED,
            "{\"code\": 20003, \"status\": 401}".to_owned(),
        );
    }
    let fields: Fields = form_urlencoded::parse(&body).into_owned().collect();
    if fields["To"] == NOBODY {
        return (
            StatusCode::BAD_REQUEST,
            "{\"code\": 21211, \"status\": 400}".to_owned(),
        );
    }
    let sid = {
        let mut posted = posted.lock().expect("nobody panics with it");
        posted.push(fields.clone());
        format!(
            "{}{:032}",
            if kind == "Calls.json" { "CA" } else { "SM" },
            posted.len()
        )
    };
    let answer = format!("{{\"sid\": \"{sid}\", \"status\": \"queued\"}}");
    let query = fields["StatusCallback"]
        .strip_prefix(HOOK)
        .expect("the webhook")
        .trim_start_matches('?')
        .to_owned();
    tokio::spawn(async move {
        let of_message = [("MessageSid", sid.as_str()), ("MessageStatus", "delivered")];
        let of_call = [("CallSid", sid.as_str()), ("CallStatus", "completed")];
        let fields = if kind == "Calls.json" {
            of_call
        } else {
            of_message
        };
        assert_eq!(post(&*channel, &query, &fields).await.0, 200);
    });
    (StatusCode::CREATED, answer)
}

async fn change<C>(State((posted, _)): State<Shared<C>>, body: Bytes) -> String {
    let fields = form_urlencoded::parse(&body).into_owned().collect();
    posted.lock().expect("nobody panics with it").push(fields);
    "{\"sid\": \"CA0\", \"status\": \"completed\"}".to_owned()
}

/// What is said aloud in TwiML.
fn spoken(twiml: &str) -> Option<String> {
    let (_, rest) = twiml.split_once("<Say>")?;
    let (said, _) = rest.split_once("</Say>")?;
    let said = said
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"");
    Some(said.replace("&amp;", "&"))
}

#[async_trait]
impl<C: Channel + Webhook + 'static> OtherEnd for Account<C> {
    fn channel(&self) -> &dyn Channel {
        &*self.channel
    }

    fn address(&self) -> Address {
        format!("tel:{NUMBER}").parse().expect("an address")
    }

    fn unknown_address(&self) -> Option<Address> {
        format!("tel:{NOBODY}").parse().ok()
    }

    async fn arrived(&self) -> Vec<Arrived> {
        let text = |fields: Fields| {
            let spoken = fields.get("Twiml").and_then(|twiml| spoken(twiml));
            spoken.or_else(|| fields.get("Body").cloned())
        };
        let texts = self.posted().into_iter().filter_map(text);
        texts
            .map(|text| Arrived {
                subject: None,
                text,
            })
            .collect()
    }

    fn can_write(&self) -> bool {
        self.sort == Sort::Sms
    }

    async fn write(&self, body: &Body) {
        let sid = format!("SM9{:031}", self.next_number());
        let fields = [
            ("MessageSid", sid.as_str()),
            ("From", NUMBER),
            ("Body", body.as_str()),
        ];
        assert_eq!(post(&*self.channel, "", &fields).await.0, 200);
    }

    async fn answer(&self, offer: OfferId, answer: Answer) {
        assert_eq!(self.sort, Sort::Voice);
        let digits = match answer {
            Answer::Accepted => "1",
            Answer::Declined => "2",
        };
        let query = format!("answer={offer}");
        let is_rung = self.posted().iter().any(|fields| {
            fields
                .get("Twiml")
                .is_some_and(|twiml| twiml.contains(&format!("{HOOK}?{query}")))
        });
        assert!(is_rung, "nobody is rung for it");
        let sid = format!("CA9{:031}", self.next_number());
        let fields = [
            ("CallSid", sid.as_str()),
            ("To", NUMBER),
            ("Digits", digits),
        ];
        assert_eq!(post(&*self.channel, &query, &fields).await.0, 200);
    }
}
