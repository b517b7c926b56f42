//! The other end of Teams for the tests: service.js, in which Microsoft's own packages judge, and somebody who writes and
//! presses buttons.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bereik_channel::conformance::{Arrived, OtherEnd};
use bereik_channel::http::{Call, Http};
use bereik_channel::{Answer, Channel, HookAnswer, HookRequest, Inbox, Webhook};
use bereik_chat::{EntraApp, GraphPresence, Teams};
use bereik_core::message::Body;
use bereik_core::{Address, OfferId};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::words::at;

pub(crate) const APP: &str = "7c1f2a4e-0000-4000-8000-000000000001";
pub(crate) const TENANT: &str = "8c6f0d5e-0000-4000-8000-0000000000aa";
pub(crate) const ANNA: &str = "5f3e9a10-0000-4000-8000-0000000000bb";
pub(crate) const CHAT: &str = "a:1chat-with_anna";
const SCRIPT: &str = include_str!("service.js");

pub(crate) fn app(login: &str) -> EntraApp {
    EntraApp::new(TENANT, APP, "secret & more").with_login(login)
}

pub(crate) fn http() -> Http {
    let http = Http::new().expect("a client");
    http.with_answer_within(Duration::from_secs(10))
}

pub(crate) fn inbox() -> Arc<Inbox> {
    let inbox = Inbox::new().with_settle_for(Duration::ZERO);
    Arc::new(inbox.with_poll_for(Duration::from_millis(200)))
}

/// The folder of the packages from npm.
pub(crate) fn packages() -> PathBuf {
    let packages = std::env::var_os("BEREIK_NODE_PACKAGES");
    PathBuf::from(packages.expect("BEREIK_NODE_PACKAGES names a folder"))
}

pub(crate) struct Service {
    node: Child,
    pub(crate) url: String,
    pub(crate) teams: Teams,
    written: AtomicU32,
}

impl Service {
    pub(crate) fn start() -> Self {
        let mut node = Command::new("node")
            .args(["-e", SCRIPT])
            .current_dir(packages())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node starts");
        let mut lines = BufReader::new(node.stdout.take().expect("it talks")).lines();
        let port = lines.next().expect("it says its port").expect("text");
        let url = format!("http://127.0.0.1:{port}");
        let teams = Teams::new(http(), app(&url), inbox())
            .with_service(format!("{url}/teams"))
            .with_issuer("https://api.botframework.com", format!("{url}/openid"));
        let written = AtomicU32::new(0);
        Self {
            node,
            url,
            teams,
            written,
        }
    }

    pub(crate) fn presence(&self, people: Vec<(String, bereik_core::PersonId)>) -> GraphPresence {
        GraphPresence::new(http(), app(&self.url), people).with_api(format!("{}/v1.0", self.url))
    }

    /// Asks the script itself.
    pub(crate) async fn test(&self, what: &str, told: Value) -> Value {
        let call = Call::post(format!("{}/test/{what}", self.url), &told);
        let answer = http().ask(call).await.expect("an answer");
        assert!(answer.is_ok(), "{what}: {}", answer.json);
        answer.json
    }

    /// What Microsoft's packages found wrong.
    pub(crate) async fn violations(&self) -> Value {
        self.test("told", json!({})).await["violations"].take()
    }

    pub(crate) async fn asked(&self, what: &str) -> u64 {
        let told = self.test("told", json!({})).await;
        told["asked"][what].as_u64().unwrap_or_default()
    }

    /// What Bot Framework claims of an activity at this instant.
    pub(crate) fn claims(&self, at: DateTime<Utc>) -> Value {
        json!({
            "iss": "https://api.botframework.com", "aud": APP, "serviceurl": self.service(),
            "nbf": at.timestamp() - 60, "exp": (at + TimeDelta::hours(1)).timestamp(),
        })
    }

    pub(crate) fn service(&self) -> String {
        format!("{}/emea/", self.url)
    }

    /// An activity of the chat with Anna, as Microsoft's schema has it.
    pub(crate) fn activity(&self, kind: &str) -> Value {
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        let instant = at() + TimeDelta::milliseconds(i64::from(number));
        json!({
            "type": kind, "id": format!("17950000001{number:02}"), "channelId": "msteams",
            "timestamp": instant.to_rfc3339(), "serviceUrl": self.service(),
            "from": {"id": "29:1anna", "name": "Anna", "aadObjectId": ANNA},
            "recipient": {"id": format!("28:{APP}"), "name": "Bereik"},
            "conversation": {"id": CHAT, "conversationType": "personal", "tenantId": TENANT},
            "channelData": {"tenant": {"id": TENANT}},
        })
    }

    pub(crate) async fn signed(&self, claims: &Value, key: &str) -> String {
        let told = json!({"claims": claims, "key": key});
        let token = self.test("sign", told).await;
        format!("Bearer {}", token["token"].as_str().expect("a token"))
    }

    /// Posts an activity with this header, at this instant.
    pub(crate) async fn post(
        &self,
        activity: &Value,
        authorization: &str,
        at: DateTime<Utc>,
    ) -> HookAnswer {
        let body = activity.to_string();
        let headers = [("Authorization", authorization)];
        let request = HookRequest {
            at,
            body: body.as_bytes(),
            headers: &headers,
            is_get: false,
            query: "",
        };
        self.teams.take(request).await
    }

    /// Posts an activity as Bot Framework does.
    pub(crate) async fn say(&self, activity: &Value) -> HookAnswer {
        self.test("check", json!({"activity": activity})).await;
        let authorization = self.signed(&self.claims(at()), "good").await;
        self.post(activity, &authorization, at()).await
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}

#[async_trait]
impl OtherEnd for Service {
    fn channel(&self) -> &dyn Channel {
        &self.teams
    }

    fn address(&self) -> Address {
        format!("handle:teams/{ANNA}").parse().expect("an address")
    }

    fn unknown_address(&self) -> Option<Address> {
        "handle:teams/19:nobody@thread.v2".parse().ok()
    }

    async fn arrived(&self) -> Vec<Arrived> {
        let told = self.test("told", json!({})).await;
        let messages = told["messages"].as_array().expect("a list");
        let arrived = messages.iter().map(|message| Arrived {
            subject: None,
            text: message["text"].as_str().unwrap_or_default().to_owned(),
        });
        arrived.collect()
    }

    async fn write(&self, body: &Body) {
        let mut activity = self.activity("message");
        activity["text"] = body.as_str().into();
        activity["textFormat"] = "plain".into();
        assert_eq!(self.say(&activity).await.status, 200);
    }

    async fn answer(&self, offer: OfferId, answer: Answer) {
        let title = match answer {
            Answer::Accepted => "Accept",
            Answer::Declined => "Decline",
        };
        let told = self.test("told", json!({})).await;
        let messages = told["messages"].as_array().expect("a list").iter();
        let actions = messages.flat_map(|message| message["actions"].as_array().expect("a list"));
        let offer = offer.to_string();
        let mut shown =
            actions.filter(|action| action["title"] == title && action["data"]["offer"] == offer);
        let action = shown.next().expect("a button that somebody can see");
        let mut activity = self.activity("invoke");
        activity["name"] = "adaptiveCard/action".into();
        activity["value"] = json!({"action": {"type": "Action.Execute", "verb": action["verb"], "data": action["data"]}, "trigger": "manual"});
        let heard = self.say(&activity).await;
        assert_eq!(heard.status, 200);
        assert!(heard.body.contains("passed on"), "{}", heard.body);
    }
}
