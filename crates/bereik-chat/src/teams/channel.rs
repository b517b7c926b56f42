//! The channel: one bot.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bereik_channel::http::{Call, Http};
use bereik_channel::{
    Alert, Batch, Capability, Channel, ChannelError, Cursor, Evidence, Feature, Health, Inbox,
    Outbound, Receipt, TextLimit, TextUnit,
};
use bereik_core::{Address, ChannelKind, OfferId};
use serde_json::Value;

use super::entra::{EntraApp, Tokens};
use super::keys::Keys;
use super::places::Places;
use super::wire::{self, Target};
use crate::posted::Posted;

/// A bot in Microsoft Teams: [`Channel`] for what goes out and is pulled, [`Webhook`](bereik_channel::Webhook) for what
/// Bot Framework posts.
///
/// ```no_run
/// # async fn lesson() -> Result<(), Box<dyn std::error::Error>> {
/// use bereik_channel::{Channel, Inbox, Outbound, http::Http};
/// use bereik_chat::{EntraApp, Teams};
/// use bereik_core::{id::Key, message::Body};
/// use chrono::DateTime;
/// use std::sync::Arc;
///
/// let app = EntraApp::new("8c6f0d5e-0000-4000-8000-0000000000aa", "7c1f2a4e-0000-4000-8000-000000000001", "…");
/// let inbox = Arc::new(Inbox::open("/var/lib/helpdesk/teams").await?);
/// let teams = Teams::new(Http::new()?, app, inbox);
/// // Somebody of the tenant, by the id that Entra shows of him.
/// let anna = "handle:teams/5f3e9a10-0000-4000-8000-0000000000bb".parse()?;
/// let at = DateTime::from_timestamp(1_795_000_000, 0).ok_or("an instant")?;
/// teams.send(&Outbound::new(Key::parse("message/M12")?, anna, Body::parse("We are on it.")?, at)).await?;
/// # Ok(()) }
/// ```
///
/// **People of the company** stand in its directory by their ids with Entra, in small letters: `handle:teams/5f3e9a10-…`. The
/// first offer to somebody asks Teams for the chat of two with him, which it gives where the bot is installed for him; and
/// his answer comes from that address. They are of the app's own tenant.
///
/// **Which service.** Teams posts where each conversation is; that is remembered, and what is not known goes to the
/// [service of all](Self::with_service). Nothing is ever sent to another origin than that one's, whatever is posted.
pub struct Teams {
    http: Http,
    pub(super) app: EntraApp,
    tokens: Tokens,
    pub(super) keys: Keys,
    pub(super) issuer: String,
    pub(super) tenants: Vec<String>,
    service: String,
    pub(super) places: Places,
    pub(super) inbox: Arc<Inbox>,
    posted: Posted,
    capability: Capability,
}

/// The least of what Microsoft ever named as the most of one message is 28 KB, counted in UTF-16 with all that is around
/// the words; in 2026 its pages say 100.
const TEXT_MAX: usize = 10_000;
const SCOPE: &str = "https://api.botframework.com/.default";
/// Where the tokens of bots are given out that several tenants use.
const TENANT_OF_BOTS: &str = "botframework.com";

impl Teams {
    /// The bot of an app, for the people of the app's tenant, which is named by its id. Nothing is asked yet.
    #[must_use]
    pub fn new(http: Http, app: EntraApp, inbox: Arc<Inbox>) -> Self {
        let features = [
            Feature::Answer,
            Feature::Offer,
            Feature::Receive,
            Feature::Replay,
            Feature::Threads,
            Feature::Typing,
            Feature::Withdraw,
        ];
        let limit = TextLimit {
            max: TEXT_MAX,
            unit: TextUnit::Utf16,
        };
        let metadata = "https://login.botframework.com/v1/.well-known/openidconfiguration";
        Self {
            tokens: Tokens::new(http.clone(), app.clone(), SCOPE),
            keys: Keys::new(http.clone(), metadata),
            issuer: "https://api.botframework.com".to_owned(),
            tenants: vec![app.tenant.clone()],
            service: "https://smba.trafficmanager.net/teams".to_owned(),
            places: Places::default(),
            inbox,
            posted: Posted::default(),
            capability: Capability::new(Evidence::Taken)
                .with(&features)
                .with_text_limit(limit),
            http,
            app,
        }
    }

    /// The same, for the people of this tenant too: the bot is registered for several.
    #[must_use]
    pub fn with_tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenants.push(tenant.into());
        let tokens = Tokens::new(self.http.clone(), self.app.clone(), SCOPE);
        self.tokens = tokens.of_tenant(TENANT_OF_BOTS);
        self
    }

    /// The same, where Teams is at another place: for tests, and for national clouds
    /// (`https://smba.infra.gov.teams.microsoft.us/teams`). Only its origin is written to.
    #[must_use]
    pub fn with_service(mut self, service: impl Into<String>) -> Self {
        self.service = service.into();
        self
    }

    /// The same, where what is posted is signed by another issuer, with the keys that are found at this URL: for tests,
    /// and for national clouds (`https://api.botframework.us`,
    /// `https://login.botframework.azure.us/v1/.well-known/openidconfiguration`).
    #[must_use]
    pub fn with_issuer(mut self, issuer: impl Into<String>, metadata: impl Into<String>) -> Self {
        self.issuer = issuer.into();
        self.keys = Keys::new(self.http.clone(), metadata);
        self
    }

    /// The same, knowing which conversation is at which service, as [`references`](Self::references) gave it before a
    /// restart. What is at no service of ours is left out.
    #[must_use]
    pub fn with_references(self, references: impl IntoIterator<Item = (String, String)>) -> Self {
        for (conversation, service) in references {
            if self.is_ours(&service) {
                self.places.note(&conversation, &service);
            }
        }
        self
    }

    /// Which conversation is at which service, by what was posted so far.
    #[must_use]
    pub fn references(&self) -> BTreeMap<String, String> {
        self.places.services()
    }

    pub(super) fn is_ours(&self, service: &str) -> bool {
        wire::is_on(wire::origin(&self.service), service)
    }

    fn service(&self, conversation: &str) -> String {
        let known = self.places.service(conversation);
        known.unwrap_or_else(|| self.service.clone())
    }

    async fn ask(&self, call: Call) -> Result<Value, ChannelError> {
        let token = self.tokens.token().await?;
        let answer = self.http.ask(call.with_bearer(&token)).await?;
        if answer.status == 401 {
            self.tokens.forget().await;
        }
        wire::read(answer)
    }

    /// The conversation of an address; where it is a person's, Teams is asked for the one with him, which is always the
    /// same.
    async fn conversation(&self, to: &Address) -> Result<String, ChannelError> {
        let person = match wire::target(to)? {
            Target::Conversation(id) => return Ok(id.to_owned()),
            Target::Person(id) => id,
        };
        if let Some(known) = self.places.chat(person) {
            return Ok(known);
        }
        let told = wire::conversation_with(person, &self.app.id, &self.app.tenant);
        let service = self.service.trim_end_matches('/');
        let call = Call::post(format!("{service}/v3/conversations"), &told);
        let said = self.ask(call.repeatable()).await?;
        let conversation = wire::id(&said)?;
        self.places.note_chat(person, conversation);
        Ok(conversation.to_owned())
    }

    async fn post(
        &self,
        conversation: &str,
        answered: Option<&str>,
        told: &Value,
    ) -> Result<(Receipt, String), ChannelError> {
        let service = self.service(conversation);
        let call = match answered {
            Some(activity) => {
                let mut told = told.clone();
                told["replyToId"] = activity.into();
                Call::post(wire::activity(&service, conversation, activity), &told)
            }
            None => Call::post(wire::activities(&service, conversation), told),
        };
        let said = self.ask(call).await?;
        let id = wire::id(&said)?;
        let receipt = Receipt::new(Evidence::Taken);
        let receipt = receipt.with_provider_id(wire::name(conversation, id));
        Ok((receipt, id.to_owned()))
    }
}

#[async_trait]
impl Channel for Teams {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Chat
    }

    fn capability(&self) -> &Capability {
        &self.capability
    }

    fn carries(&self, to: &Address) -> bool {
        to.network() == Some("teams")
    }

    async fn send(&self, message: &Outbound) -> Result<Receipt, ChannelError> {
        self.capability.check_text(message.body.as_str())?;
        let conversation = self.conversation(&message.to).await?;
        let answered = wire::answered(message, &conversation);
        let told = wire::message(message.body.as_str());
        let (receipt, _) = self.post(&conversation, answered, &told).await?;
        Ok(receipt)
    }

    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        let conversation = self.conversation(wire::alert_to(alert)?).await?;
        let told = wire::alert(alert);
        let (receipt, activity) = self.post(&conversation, None, &told).await?;
        self.posted.note(alert.offer.id, &conversation, &activity);
        Ok(receipt)
    }

    async fn withdraw(&self, offer: OfferId) -> Result<(), ChannelError> {
        let Some((conversation, activity)) = self.posted.place(offer) else {
            return Ok(());
        };
        let service = self.service(&conversation);
        let url = wire::activity(&service, &conversation, &activity);
        match self.ask(Call::put(url, &wire::taken_back())).await {
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

    /// Whether the app gets a token: the Bot Framework has nothing else to ask that reaches nobody.
    async fn probe(&self) -> Health {
        match self.tokens.token().await {
            Ok(_) => Health::Up,
            Err(error) => Health::from(&error),
        }
    }
}

impl fmt::Debug for Teams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Teams")
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}
