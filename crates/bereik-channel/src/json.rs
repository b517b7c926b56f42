//! Any other system as a channel: signed JSON out, signed JSON in.

mod wire;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bereik_core::id::Key;
use bereik_core::{ChannelKind, OfferId};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::Value;

use crate::alert::Alert;
use crate::capability::{Capability, Feature};
use crate::channel::Channel;
use crate::error::ChannelError;
use crate::event::{Batch, Cursor};
use crate::health::Health;
use crate::http::{Call, Http};
use crate::inbox::Inbox;
use crate::outbound::Outbound;
use crate::receipt::{Evidence, Receipt};
use crate::signature::{Secrets, sign_standard, verify_standard};
use crate::webhook::{HookAnswer, HookRequest, Webhook};

type Now = dyn Fn() -> DateTime<Utc> + Send + Sync;

/// A channel over plain JSON, for a system that nobody wrote an adapter for. Both ways are signed by the
/// [Standard Webhooks](https://www.standardwebhooks.com) specification, for which there are libraries in most languages.
///
/// # What goes out
/// A POST with `webhook-id`, `webhook-timestamp` and `webhook-signature`. The same id is the same thing: whoever gets it
/// twice does it once. Any 2xx says that it was taken; 404 and 410 that the recipient is unknown; 400 and 422 that the
/// message cannot be carried; 401 and 403 that we are not believed; 429 and 503 to wait, with `Retry-After` in seconds.
///
/// | `type` | fields |
/// |---|---|
/// | `message` | `to`, `text`, `at`, `automatic`, and where there are any `from_name`, `subject`, `answers` (ids) |
/// | `offer` | `offer`, `contact`, `until`, `to` (an address) or `person`, `subject`, `text`, and perhaps `link` |
/// | `probe` | nothing: only whether the system works is asked |
/// | `withdraw` | `offer`: nobody need answer it any longer |
///
/// # What comes in
/// The same headers, under the same secret; the id names the event. Instants are in RFC 3339, addresses as
/// [`Address`](bereik_core::Address) reads them.
///
/// | `type` | fields |
/// |---|---|
/// | `answered` | `offer`, `answer` (`accepted` or `declined`), and perhaps `by` (a person) or `from` (an address) |
/// | `delivery` | `of` (an id of ours), `evidence` (`none`, `delivered` or `read`) |
/// | `message` | `from`, `text`, and perhaps `at`, `name`, `subject`, `automatic`, `answers` |
/// | `typing` | `from` |
///
/// ```
/// use bereik_channel::http::Http;
/// use bereik_channel::signature::Secrets;
/// use bereik_channel::{Channel, Feature, Inbox, Json};
/// use bereik_core::ChannelKind;
/// use std::sync::Arc;
///
/// let secrets = Secrets::standard("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")?;
/// let now = || chrono::DateTime::from_timestamp(1_795_000_000, 0).unwrap_or_default();
/// let forum = Json::new(ChannelKind::Social, Http::new()?, "https://forum.example.org/bereik", secrets, Arc::new(Inbox::new()), now);
/// assert!(forum.capability().can(Feature::Idempotent));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Json {
    kind: ChannelKind,
    http: Http,
    url: SecretString,
    secrets: Secrets,
    inbox: Arc<Inbox>,
    now: Box<Now>,
    capability: Capability,
}

impl Json {
    /// A system at this URL. `now` is the wall clock, for the time of signatures; a switchboard's `Clock` has it.
    pub fn new(
        kind: ChannelKind,
        http: Http,
        url: impl Into<SecretString>,
        secrets: Secrets,
        inbox: Arc<Inbox>,
        now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
    ) -> Self {
        let features = [
            Feature::Answer,
            Feature::Idempotent,
            Feature::Offer,
            Feature::Receive,
            Feature::Replay,
            Feature::Subject,
            Feature::Threads,
            Feature::Typing,
            Feature::Withdraw,
        ];
        Self {
            kind,
            http,
            url: url.into(),
            secrets,
            inbox,
            now: Box::new(now),
            capability: Capability::new(Evidence::Taken).with(&features),
        }
    }

    /// The same, with what the other system can; what it does not declare is not asked of it.
    #[must_use]
    pub const fn with_capability(mut self, capability: Capability) -> Self {
        self.capability = capability;
        self
    }

    async fn post(&self, id: &str, told: &Value) -> Result<(), ChannelError> {
        let (at, body) = ((self.now)(), told.to_string());
        let signature = sign_standard(&self.secrets, id, at, body.as_bytes());
        let call = Call::post_bytes(self.url.clone(), "application/json", body.into_bytes())
            .with_header("webhook-id", id)
            .with_header("webhook-timestamp", &at.timestamp().to_string())
            .with_header("webhook-signature", &signature);
        let answer = self.http.ask(call.repeatable()).await?;
        if answer.is_ok() {
            Ok(())
        } else {
            Err(answer.fault())
        }
    }
}

#[async_trait]
impl Channel for Json {
    fn kind(&self) -> ChannelKind {
        self.kind
    }

    fn capability(&self) -> &Capability {
        &self.capability
    }

    async fn send(&self, message: &Outbound) -> Result<Receipt, ChannelError> {
        self.capability.check_text(message.body.as_str())?;
        let told = wire::message(message, self.kind)?;
        self.post(message.id.as_str(), &told).await?;
        Ok(Receipt::new(Evidence::Taken).with_provider_id(message.id.as_str()))
    }

    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        if !self.capability.can(Feature::Offer) {
            return Err(ChannelError::unsupported());
        }
        let told = wire::alert(alert, self.kind)?;
        self.post(alert.key().as_str(), &told).await?;
        Ok(Receipt::new(Evidence::Taken))
    }

    async fn withdraw(&self, offer: OfferId) -> Result<(), ChannelError> {
        if !self.capability.can(Feature::Withdraw) {
            return Err(ChannelError::unsupported());
        }
        let id = format!("withdraw/{offer}");
        self.post(&id, &wire::withdrawal(offer)).await
    }

    async fn receive(&self, after: Cursor, at_most: usize) -> Result<Batch, ChannelError> {
        if !self.capability.can(Feature::Receive) {
            return Err(ChannelError::unsupported());
        }
        self.inbox.receive(&after, at_most).await
    }

    async fn probe(&self) -> Health {
        match self.post("probe", &wire::probe()).await {
            Ok(()) => Health::Up,
            Err(error) => Health::from(&error),
        }
    }
}

#[async_trait]
impl Webhook for Json {
    async fn take(&self, request: HookRequest<'_>) -> HookAnswer {
        let id = request.header("webhook-id");
        let named = (id, request.header("webhook-timestamp"));
        let signatures = request.header("webhook-signature");
        let verified = verify_standard(&self.secrets, named, signatures, request.body, request.at);
        if let Err(error) = verified {
            return error.into();
        }
        let id = id.and_then(|id| Key::parse(id).ok());
        let Some(id) = id else {
            return HookAnswer::says(400, "text/plain", "webhook-id is not an id".to_owned());
        };
        match wire::read(&id, request.body, request.at) {
            Ok(arrivals) => match self.inbox.keep(arrivals).await {
                Ok(_) => HookAnswer::kept(),
                Err(error) => error.into(),
            },
            Err(why) => HookAnswer::says(400, "text/plain", why.to_owned()),
        }
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Json")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
