//! The channel: one bot.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bereik_channel::http::{Call, Http};
use bereik_channel::{
    Alert, Batch, Capability, Channel, ChannelError, Cursor, Evidence, Feature, Health, Initiative,
    Outbound, Receipt, TextLimit, TextUnit,
};
use bereik_core::{Address, ChannelKind, OfferId};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::wire;
use crate::posted::Posted;

/// A bot of Telegram. What came in is pulled from Telegram itself, which keeps it for a day; asking for what comes after a
/// cursor tells it that everything before was taken, so that there is no way back.
///
/// ```no_run
/// # async fn lesson() -> Result<(), Box<dyn std::error::Error>> {
/// use bereik_channel::{Channel, Cursor, http::Http};
/// use bereik_chat::Telegram;
///
/// let telegram = Telegram::new(Http::new()?, "123456:ABC-DEF");
/// let batch = telegram.receive(Cursor::START, 50).await?;
/// println!("{} events", batch.events.len());
/// # Ok(()) }
/// ```
pub struct Telegram {
    http: Http,
    api: String,
    token: SecretString,
    poll_for: Duration,
    posted: Posted,
    capability: Capability,
}

/// Telegram's own bound, in UTF-16 units.
const TEXT_MAX: usize = 4_096;

impl Telegram {
    /// A bot, by its token. Nothing is asked yet.
    #[must_use]
    pub fn new(http: Http, token: impl Into<SecretString>) -> Self {
        let features = [
            Feature::Answer,
            Feature::Offer,
            Feature::Receive,
            Feature::Threads,
            Feature::Withdraw,
        ];
        let limit = TextLimit {
            max: TEXT_MAX,
            unit: TextUnit::Utf16,
        };
        Self {
            http,
            api: "https://api.telegram.org".to_owned(),
            token: token.into(),
            poll_for: Duration::from_secs(5),
            posted: Posted::default(),
            capability: Capability::new(Evidence::Taken)
                .with(&features)
                .with_initiative(Initiative::AfterInbound)
                .with_text_limit(limit),
        }
    }

    /// The same, where the interface is at another place, without a slash at its end: a
    /// [server of your own](https://github.com/tdlib/telegram-bot-api), or one for tests.
    #[must_use]
    pub fn with_api(mut self, api: impl Into<String>) -> Self {
        self.api = api.into();
        self
    }

    /// The same, with another time that [`receive`](Channel::receive) waits, in whole seconds up to 50; 5 without.
    #[must_use]
    pub const fn with_poll_for(mut self, poll_for: Duration) -> Self {
        self.poll_for = poll_for;
        self
    }

    fn call(&self, method: &str, told: &Value) -> Call {
        let token = self.token.expose_secret();
        Call::post(format!("{}/bot{token}/{method}", self.api), told)
    }

    async fn ask(&self, call: Call) -> Result<Value, ChannelError> {
        let answer = self.http.ask(call).await?;
        wire::read(&answer).cloned()
    }

    async fn post(&self, told: &Value) -> Result<(Receipt, String, String), ChannelError> {
        let said = self.ask(self.call("sendMessage", told)).await?;
        let chat = said["chat"]["id"].as_i64().unwrap_or_default().to_string();
        let message = said["message_id"].as_i64().unwrap_or_default().to_string();
        let receipt = Receipt::new(Evidence::Taken);
        let receipt = receipt.with_provider_id(format!("{chat}:{message}"));
        Ok((receipt, chat, message))
    }
}

#[async_trait]
impl Channel for Telegram {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Chat
    }

    fn capability(&self) -> &Capability {
        &self.capability
    }

    fn carries(&self, to: &Address) -> bool {
        to.network() == Some("telegram")
    }

    async fn send(&self, message: &Outbound) -> Result<Receipt, ChannelError> {
        self.capability.check_text(message.body.as_str())?;
        let (receipt, ..) = self.post(&wire::message(message)?).await?;
        Ok(receipt)
    }

    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        self.capability.check_text(&alert.words())?;
        let (receipt, chat, message) = self.post(&wire::alert(alert)?).await?;
        self.posted.note(alert.offer.id, &chat, &message);
        Ok(receipt)
    }

    async fn withdraw(&self, offer: OfferId) -> Result<(), ChannelError> {
        let Some((chat, message)) = self.posted.place(offer) else {
            return Ok(());
        };
        let told = wire::taken_back(&chat, &message);
        match self
            .ask(self.call("editMessageText", &told).repeatable())
            .await
        {
            Err(error) if error.code() != Some(wire::GONE) => Err(error),
            _ => {
                self.posted.forget(offer);
                Ok(())
            }
        }
    }

    async fn receive(&self, after: Cursor, at_most: usize) -> Result<Batch, ChannelError> {
        if at_most == 0 {
            return Ok(Batch {
                events: Vec::new(),
                cursor: after,
            });
        }
        let wait = self.poll_for;
        let told = wire::pull(&after, at_most, wait.as_secs());
        let call = self.call("getUpdates", &told).repeatable();
        let said = self.ask(call.waiting_for(wait)).await?;
        let updates = said.as_array().map_or(&[][..], Vec::as_slice);
        for told in updates.iter().filter_map(wire::pressed) {
            // A button that goes on turning is no reason to lose what it said.
            let _ = self
                .ask(self.call("answerCallbackQuery", &told).repeatable())
                .await;
        }
        Ok(Batch {
            events: updates.iter().flat_map(wire::events).collect(),
            cursor: wire::next_after(updates).unwrap_or(after),
        })
    }

    async fn probe(&self) -> Health {
        match self.ask(self.call("getMe", &json!({})).repeatable()).await {
            Ok(_) => Health::Up,
            Err(error) => Health::from(&error),
        }
    }
}

impl fmt::Debug for Telegram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telegram")
            .field("api", &self.api)
            .finish_non_exhaustive()
    }
}
