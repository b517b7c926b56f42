//! The channel: one number or page.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bereik_channel::http::{Call, Http};
use bereik_channel::signature::Secrets;
use bereik_channel::{
    Alert, Batch, Capability, Channel, ChannelError, Cursor, Evidence, Feature, Health, Inbox,
    Initiative, Outbound, Receipt, TextLimit, TextUnit,
};
use bereik_core::address::AddressKind;
use bereik_core::id::Key;
use bereik_core::{Address, ChannelKind};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::Value;

use super::sent::{SentKeys, Windows};
use super::{fault, page, whatsapp};

/// Which of Meta's products. In alphabetical order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Product {
    /// Direct messages to a professional account of Instagram.
    Instagram,
    /// Messages to a page of Facebook.
    Messenger,
    /// A number of WhatsApp, by the Cloud API.
    WhatsApp,
}

impl Product {
    pub(super) const fn network(self) -> &'static str {
        match self {
            Self::Instagram => "instagram",
            Self::Messenger => "messenger",
            Self::WhatsApp => "whatsapp",
        }
    }

    /// Whether an address is of somebody on it.
    fn carries(self, to: &Address) -> bool {
        match self {
            Self::WhatsApp => to.kind() == AddressKind::Phone,
            Self::Instagram | Self::Messenger => to.network() == Some(self.network()),
        }
    }

    /// What Meta calls it in what it posts.
    pub(super) const fn object(self) -> &'static str {
        match self {
            Self::Instagram => "instagram",
            Self::Messenger => "page",
            Self::WhatsApp => "whatsapp_business_account",
        }
    }

    const fn capability(self) -> Capability {
        let features = [
            Feature::Answer,
            Feature::Offer,
            Feature::Receive,
            Feature::Replay,
        ];
        let (evidence_max, max, unit) = match self {
            Self::Instagram => (Evidence::Taken, 1_000, TextUnit::Bytes),
            Self::Messenger => (Evidence::Delivered, 2_000, TextUnit::Characters),
            Self::WhatsApp => (Evidence::Read, 4_096, TextUnit::Characters),
        };
        let capability = Capability::new(evidence_max)
            .with(&features)
            .with_evidence_within(Duration::from_secs(300))
            .with_initiative(Initiative::AfterInbound)
            .with_text_limit(TextLimit { max, unit });
        match self {
            Self::WhatsApp => capability.with(&[Feature::Threads]),
            _ => capability,
        }
    }
}

/// A template of WhatsApp.
pub(super) struct Template {
    pub(super) name: String,
    pub(super) language: String,
}

type Now = dyn Fn() -> DateTime<Utc> + Send + Sync;

/// A number of WhatsApp, a page on Messenger or an account of Instagram: [`Channel`] for what goes out and is pulled,
/// [`Webhook`](bereik_channel::Webhook) for what Meta posts.
///
/// ```
/// use bereik_channel::http::Http;
/// use bereik_channel::signature::Secrets;
/// use bereik_channel::{Channel, Evidence, Inbox, Initiative};
/// use bereik_social::{Meta, Product};
/// use std::sync::Arc;
///
/// let now = || chrono::DateTime::from_timestamp(1_795_000_000, 0).unwrap_or_default();
/// let whatsapp = Meta::new(Product::WhatsApp, "106540352242922", Http::new()?, "EAAJB…", now)
///     .with_webhook(Secrets::new("the app's secret")?, Secrets::new("a word of ours")?, Arc::new(Inbox::new()))
///     .with_template("news", "en");
/// assert_eq!(whatsapp.capability().evidence_max, Evidence::Read);
/// assert_eq!(whatsapp.capability().initiative, Initiative::TemplateOutsideWindow);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Meta {
    pub(super) product: Product,
    pub(super) account: String,
    http: Http,
    api: String,
    token: SecretString,
    now: Box<Now>,
    template: Option<Template>,
    pub(super) hooked: Option<Hooked>,
    pub(super) sent: SentKeys,
    pub(super) windows: Windows,
    capability: Capability,
}

/// What is needed to hear what Meta posts.
pub(super) struct Hooked {
    pub(super) app: Secrets,
    pub(super) word: Secrets,
    pub(super) inbox: Arc<Inbox>,
}

impl Meta {
    /// An account of a product, by the id of its number or page and a token. `now` is the wall clock, for the window; a
    /// switchboard's `Clock` has it. Without a [webhook](Self::with_webhook) nothing comes in, and no evidence.
    pub fn new(
        product: Product,
        account: impl Into<String>,
        http: Http,
        token: impl Into<SecretString>,
        now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
    ) -> Self {
        let mut capability = product.capability();
        for feature in [Feature::Answer, Feature::Receive, Feature::Replay] {
            capability = capability.without(feature);
        }
        capability.evidence_max = Evidence::Taken;
        Self {
            product,
            account: account.into(),
            http,
            api: "https://graph.facebook.com/v23.0".to_owned(),
            token: token.into(),
            now: Box::new(now),
            template: None,
            hooked: None,
            sent: SentKeys::new(),
            windows: Windows::new(),
            capability,
        }
    }

    /// The same, told by webhook what comes in: the app's secret signs it, and `word` is what Meta says when it asks
    /// first whether the webhook is ours.
    #[must_use]
    pub fn with_webhook(mut self, app: Secrets, word: Secrets, inbox: Arc<Inbox>) -> Self {
        let initiative = self.capability.initiative;
        self.capability = self.product.capability().with_initiative(initiative);
        self.hooked = Some(Hooked { app, word, inbox });
        self
    }

    /// The same, that writes outside the window with a template: one that Meta approved and that has one parameter in its
    /// body, for the words. WhatsApp only.
    #[must_use]
    pub fn with_template(mut self, name: impl Into<String>, language: impl Into<String>) -> Self {
        if self.product == Product::WhatsApp {
            let (name, language) = (name.into(), language.into());
            self.template = Some(Template { name, language });
            self.capability = self
                .capability
                .with_initiative(Initiative::TemplateOutsideWindow);
        }
        self
    }

    /// The same, where the interface is at another place, without a slash at its end: for tests, and for another version.
    #[must_use]
    pub fn with_api(mut self, api: impl Into<String>) -> Self {
        self.api = api.into();
        self
    }

    fn told(&self, message: &Outbound) -> Result<Value, ChannelError> {
        let is_open = self.windows.is_open(&message.to, (self.now)());
        match (self.product, is_open, &self.template) {
            // Nobody knows, after a restart: Meta will say.
            (Product::WhatsApp, Some(true) | None, _) => whatsapp::message(message),
            (Product::WhatsApp, Some(false), Some(template)) => {
                whatsapp::in_template(message, template)
            }
            (_, Some(false), _) => Err(fault::outside_window()),
            (product, ..) => page::message(message, product),
        }
    }

    async fn post(&self, told: &Value, key: &Key) -> Result<Receipt, ChannelError> {
        let url = format!("{}/{}/messages", self.api, self.account);
        let answer = self
            .http
            .ask(Call::post(url, told).with_bearer(&self.token))
            .await?;
        let said = fault::read(&answer)?;
        let id = said["messages"][0]["id"].as_str();
        let id = id
            .or_else(|| said["message_id"].as_str())
            .unwrap_or_default();
        self.sent.note(id, key);
        Ok(Receipt::new(Evidence::Taken).with_provider_id(id))
    }
}

#[async_trait]
impl Channel for Meta {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Social
    }

    fn capability(&self) -> &Capability {
        &self.capability
    }

    fn carries(&self, to: &Address) -> bool {
        self.product.carries(to)
    }

    /// Within his window we may write to anybody.
    fn capability_for(&self, to: &Address) -> Capability {
        match self.windows.is_open(to, (self.now)()) {
            Some(true) => self.capability.with_initiative(Initiative::Always),
            _ => self.capability,
        }
    }

    async fn send(&self, message: &Outbound) -> Result<Receipt, ChannelError> {
        self.capability.check_text(message.body.as_str())?;
        self.post(&self.told(message)?, &message.id).await
    }

    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        let text = alert.words();
        self.capability.check_text(&text)?;
        let told = match self.product {
            Product::WhatsApp => whatsapp::alert(alert)?,
            product => page::alert(alert, &text, product)?,
        };
        self.post(&told, &alert.key()).await
    }

    async fn receive(&self, after: Cursor, at_most: usize) -> Result<Batch, ChannelError> {
        match &self.hooked {
            Some(hooked) => hooked.inbox.receive(&after, at_most).await,
            None => Err(ChannelError::unsupported()),
        }
    }

    async fn probe(&self) -> Health {
        let url = format!("{}/{}?fields=id", self.api, self.account);
        match self.http.ask(Call::get(url).with_bearer(&self.token)).await {
            Ok(answer) if answer.is_ok() => Health::Up,
            Ok(answer) => match fault::read(&answer) {
                Ok(_) => Health::Up,
                Err(error) => Health::from(&error),
            },
            Err(error) => Health::from(&error),
        }
    }
}

impl fmt::Debug for Meta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meta")
            .field("product", &self.product)
            .finish_non_exhaustive()
    }
}
