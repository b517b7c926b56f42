//! The channel: one app in one workspace.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bereik_channel::http::{Call, Http};
use bereik_channel::signature::Secrets;
use bereik_channel::{
    Alert, Batch, Capability, Channel, ChannelError, Cursor, Evidence, Feature, Health, Inbox,
    Outbound, Receipt, TextLimit, TextUnit,
};
use bereik_core::{Address, ChannelKind, OfferId};
use secrecy::SecretString;
use serde_json::Value;

use super::wire;
use crate::posted::Posted;

/// An app in a workspace of Slack: [`Channel`] for what goes out and is pulled, [`Webhook`](bereik_channel::Webhook) for
/// what Slack posts.
///
/// ```no_run
/// # async fn lesson() -> Result<(), Box<dyn std::error::Error>> {
/// use bereik_channel::{Channel, Inbox, Outbound, http::Http, signature::Secrets};
/// use bereik_chat::Slack;
/// use bereik_core::{id::Key, message::Body};
/// use chrono::DateTime;
/// use std::sync::Arc;
///
/// let inbox = Arc::new(Inbox::open("/var/lib/helpdesk/slack").await?);
/// let slack = Slack::new(Http::new()?, "xoxb-…", Secrets::new("…")?, inbox);
/// let at = DateTime::from_timestamp(1_795_000_000, 0).ok_or("an instant")?;
/// let message = Outbound::new(Key::parse("message/M12")?, "handle:slack/C024BE91L".parse()?, Body::parse("We are on it.")?, at);
/// slack.send(&message).await?;
/// # Ok(()) }
/// ```
pub struct Slack {
    http: Http,
    api: String,
    token: SecretString,
    pub(super) secrets: Secrets,
    pub(super) inbox: Arc<Inbox>,
    pub(super) posted: Posted,
    capability: Capability,
}

/// What Slack itself recommends as the most of one message, in characters.
const TEXT_MAX: usize = 4_000;

impl Slack {
    /// An app, by the token of its bot and the signing secret of what it posts to us. Nothing is asked yet.
    #[must_use]
    pub fn new(
        http: Http,
        token: impl Into<SecretString>,
        secrets: Secrets,
        inbox: Arc<Inbox>,
    ) -> Self {
        let features = [
            Feature::Answer,
            Feature::Offer,
            Feature::Receive,
            Feature::Replay,
            Feature::Threads,
            Feature::Withdraw,
        ];
        let limit = TextLimit {
            max: TEXT_MAX,
            unit: TextUnit::Characters,
        };
        Self {
            http,
            api: "https://slack.com/api".to_owned(),
            token: token.into(),
            secrets,
            inbox,
            posted: Posted::default(),
            capability: Capability::new(Evidence::Taken)
                .with(&features)
                .with_text_limit(limit),
        }
    }

    /// The same, where the interface is at another place, without a slash at its end: for tests, and for GovSlack
    /// (`https://slack-gov.com/api`).
    #[must_use]
    pub fn with_api(mut self, api: impl Into<String>) -> Self {
        self.api = api.into();
        self
    }

    async fn ask(&self, method: &str, told: &Value) -> Result<Value, ChannelError> {
        let fields = wire::fields(told);
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (*name, &**value))
            .collect();
        let url = format!("{}/{method}", self.api);
        let call = Call::post_form(url, &fields).with_bearer(&self.token);
        // Only a new message comes twice when it is asked for twice.
        let call = if method == POST {
            call
        } else {
            call.repeatable()
        };
        self.read(call).await
    }

    async fn read(&self, call: Call) -> Result<Value, ChannelError> {
        let answer = self.http.ask(call).await?;
        wire::read(&answer).cloned()
    }

    async fn post(&self, told: &Value) -> Result<(Receipt, String, String), ChannelError> {
        let said = self.ask(POST, told).await?;
        let text = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
        let (conversation, message) = (text("channel"), text("ts"));
        let receipt = Receipt::new(Evidence::Taken);
        let receipt = receipt.with_provider_id(format!("{conversation}:{message}"));
        Ok((receipt, conversation, message))
    }
}

const POST: &str = "chat.postMessage";

#[async_trait]
impl Channel for Slack {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Chat
    }

    fn capability(&self) -> &Capability {
        &self.capability
    }

    fn carries(&self, to: &Address) -> bool {
        to.network() == Some("slack")
    }

    async fn send(&self, message: &Outbound) -> Result<Receipt, ChannelError> {
        self.capability.check_text(message.body.as_str())?;
        let (receipt, ..) = self.post(&wire::message(message)?).await?;
        Ok(receipt)
    }

    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        let (receipt, conversation, message) = self.post(&wire::alert(alert)?).await?;
        self.posted.note(alert.offer.id, &conversation, &message);
        Ok(receipt)
    }

    async fn withdraw(&self, offer: OfferId) -> Result<(), ChannelError> {
        let Some((conversation, message)) = self.posted.place(offer) else {
            return Ok(());
        };
        let told = wire::taken_back(&conversation, &message);
        match self.ask("chat.update", &told).await {
            Err(error) if !wire::is_gone(&error) => Err(error),
            _ => {
                self.posted.forget(offer);
                Ok(())
            }
        }
    }

    async fn receive(&self, after: Cursor, at_most: usize) -> Result<Batch, ChannelError> {
        self.inbox.receive(&after, at_most).await
    }

    async fn probe(&self) -> Health {
        let call = Call::get(format!("{}/auth.test", self.api)).with_bearer(&self.token);
        match self.read(call).await {
            Ok(_) => Health::Up,
            Err(error) => Health::from(&error),
        }
    }
}

impl fmt::Debug for Slack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slack")
            .field("api", &self.api)
            .finish_non_exhaustive()
    }
}
