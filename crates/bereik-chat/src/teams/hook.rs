//! What Bot Framework posts: activities, each with a token of its own.

use async_trait::async_trait;
use bereik_channel::{HookAnswer, HookRequest, Webhook};
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::channel::Teams;
use super::proof::{Proof, SigningKey};
use super::wire;

/// The only channel of Bot Framework that is ours.
const CHANNEL: &str = "msteams";

#[async_trait]
impl Webhook for Teams {
    async fn take(&self, request: HookRequest<'_>) -> HookAnswer {
        let Some(proof) = request.header("authorization").and_then(Proof::read) else {
            return HookAnswer::refused();
        };
        let key = match self.keys.find(proof.key(), request.at).await {
            Ok(Some(key)) => key,
            Ok(None) => return HookAnswer::refused(),
            Err(_) => return HookAnswer::not_now(),
        };
        if !proof.is_good(&key, (&self.issuer, &self.app.id), request.at) {
            return HookAnswer::refused();
        }
        let Ok(activity) = serde_json::from_slice::<Value>(request.body) else {
            return HookAnswer::unreadable();
        };
        if !self.is_meant(&activity, &proof, &key) {
            return HookAnswer::refused();
        }
        self.keep(&activity, request.at).await
    }
}

impl Teams {
    /// Whether an activity is of Teams, of a tenant and a service of ours, and what the token was made for. The token says
    /// nothing else of the body.
    fn is_meant(&self, activity: &Value, proof: &Proof<'_>, key: &SigningKey) -> bool {
        let service = activity["serviceUrl"].as_str().unwrap_or_default();
        let is_ours = |tenant: &str| self.tenants.iter().any(|own| own == tenant);
        activity["channelId"] == CHANNEL
            && key.endorses(CHANNEL)
            && proof.is_for_service(service)
            && self.is_ours(service)
            && wire::tenant(activity).is_some_and(is_ours)
    }

    async fn keep(&self, activity: &Value, at: DateTime<Utc>) -> HookAnswer {
        let conversation = activity["conversation"]["id"].as_str();
        if let Some((conversation, service)) = conversation.zip(activity["serviceUrl"].as_str()) {
            self.places.note(conversation, service);
        }
        let arrivals = wire::arrivals(activity, at);
        let is_known = !arrivals.is_empty();
        if let Err(error) = self.inbox.keep(arrivals).await {
            return error.into();
        }
        match activity["type"].as_str() {
            Some("invoke") if wire::is_action(activity) => {
                let said = wire::action_answer(is_known).to_string();
                HookAnswer::says(200, "application/json", said)
            }
            // Bot Framework: not implemented.
            Some("invoke") => HookAnswer::says(501, "text/plain", String::new()),
            _ => HookAnswer::kept(),
        }
    }
}
