//! What Slack posts: events, and buttons that were pressed.

use async_trait::async_trait;
use bereik_channel::signature::verify_slack;
use bereik_channel::{HookAnswer, HookRequest, Webhook};
use serde_json::Value;

use super::channel::Slack;
use super::wire;

#[async_trait]
impl Webhook for Slack {
    async fn take(&self, request: HookRequest<'_>) -> HookAnswer {
        let timestamp = request.header("x-slack-request-timestamp");
        let signature = request.header("x-slack-signature");
        let verified = verify_slack(
            &self.secrets,
            timestamp,
            signature,
            request.body,
            request.at,
        );
        if let Err(error) = verified {
            return error.into();
        }
        let is_form = request
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        let posted = if is_form {
            let mut fields = form_urlencoded::parse(request.body);
            let payload = fields.find(|(name, _)| name == "payload");
            payload.and_then(|(_, payload)| serde_json::from_str(&payload).ok())
        } else {
            serde_json::from_slice(request.body).ok()
        };
        match posted {
            Some(posted) => self.keep(&posted).await,
            None => HookAnswer::unreadable(),
        }
    }
}

impl Slack {
    async fn keep(&self, posted: &Value) -> HookAnswer {
        let arrivals = match posted["type"].as_str() {
            Some("url_verification") => {
                let challenge = posted["challenge"].as_str().unwrap_or_default();
                return HookAnswer::says(200, "text/plain", challenge.to_owned());
            }
            Some("event_callback") => wire::event(posted),
            Some("block_actions") => wire::pressed(posted).into_iter().collect(),
            _ => Vec::new(),
        };
        match self.inbox.keep(arrivals).await {
            Ok(_) => HookAnswer::kept(),
            Err(error) => error.into(),
        }
    }
}
