//! The channel: one account.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bereik_channel::http::{Call, Http};
use bereik_channel::{
    Alert, AlertTo, Batch, Capability, Channel, ChannelError, Cursor, ErrorKind, Evidence, Feature,
    Health, Outbound, Receipt, Scope,
};
use bereik_core::id::Key;
use bereik_core::{Address, ChannelKind, OfferId};
use secrecy::SecretString;
use serde_json::Value;
use tokio::time::sleep;

use super::{text, wire};
use crate::gap;
use crate::recent::Recent;

/// Who sees a status besides whom it mentions. In order of width, the narrowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Visibility {
    /// Nobody.
    Direct,
    /// Everybody, without being shown on public timelines.
    Unlisted,
    /// Everybody.
    Public,
}

impl Visibility {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Public => "public",
            Self::Unlisted => "unlisted",
        }
    }

    /// How widely a status may be answered. What somebody told his own followers is not for ours.
    fn of_answers_to(status: &Value) -> Self {
        match status["visibility"].as_str() {
            Some("public") => Self::Public,
            Some("unlisted") => Self::Unlisted,
            _ => Self::Direct,
        }
    }
}

/// An account on a server of Mastodon, or of other software with its client interface.
///
/// Every mention of the account comes in, whatever its visibility. An answer begins with the name of whom it is for, stands
/// below the question, and is seen by no more people than the question; what answers nothing goes to him alone. Whoever
/// answers the words that an offer ends with has answered the offer.
///
/// ```no_run
/// # async fn lesson() -> Result<(), Box<dyn std::error::Error>> {
/// use bereik_channel::{Channel, Outbound, http::Http};
/// use bereik_core::{id::Key, message::Body};
/// use bereik_social::Mastodon;
/// use chrono::DateTime;
///
/// let mastodon = Mastodon::new(Http::new()?, "https://social.example.org", "a token");
/// let at = DateTime::from_timestamp(1_795_000_000, 0).ok_or("an instant")?;
/// let message = Outbound::new(Key::parse("message/M12")?, "handle:mastodon/jan@example.net".parse()?, Body::parse("We are on it.")?, at)
///     .with_answers(vec![Key::parse("113504832342811931")?]);
/// mastodon.send(&message).await?;
/// # Ok(()) }
/// ```
pub struct Mastodon {
    http: Http,
    server: String,
    token: SecretString,
    counts_max: usize,
    visibility_max: Visibility,
    poll_for: Duration,
    offered: Mutex<Recent<OfferId, Vec<String>>>,
    capability: Capability,
}

/// Nobody is there, or nobody whom the server knows.
const NOBODY: &str = "not mentioned";

impl Mastodon {
    /// An account, by its server, without a slash at the end, and a token. Nothing is asked yet.
    #[must_use]
    pub fn new(http: Http, server: impl Into<String>, token: impl Into<SecretString>) -> Self {
        let features = [
            Feature::Answer,
            Feature::Idempotent,
            Feature::Offer,
            Feature::Receive,
            Feature::Replay,
            Feature::Threads,
            Feature::Withdraw,
        ];
        Self {
            http,
            server: server.into(),
            token: token.into(),
            counts_max: 500,
            visibility_max: Visibility::Unlisted,
            poll_for: Duration::from_secs(10),
            offered: Mutex::new(Recent::new()),
            capability: Capability::new(Evidence::Taken).with(&features),
        }
    }

    /// The same, on a server whose statuses may be so long, in letters, as `configuration.statuses.max_characters` of its
    /// `/api/v2/instance` says; 500 without. Longer words go out as several, each below the one before.
    #[must_use]
    pub const fn with_characters_max(mut self, characters_max: usize) -> Self {
        self.counts_max = characters_max;
        self
    }

    /// The same, that answers no more widely than this, whatever the question was; [`Visibility::Unlisted`] without.
    #[must_use]
    pub const fn with_visibility_max(mut self, visibility_max: Visibility) -> Self {
        self.visibility_max = visibility_max;
        self
    }

    /// The same, that waits so long before it asks again where nothing has come in; 10 seconds without. Mastodon allows 300
    /// calls in five minutes.
    #[must_use]
    pub const fn with_poll_for(mut self, poll_for: Duration) -> Self {
        self.poll_for = poll_for;
        self
    }

    fn url(&self, path: &str) -> String {
        format!("{}/api/v1/{path}", self.server)
    }

    async fn ask(&self, call: Call) -> Result<Value, ChannelError> {
        let answer = self.http.ask(call.with_bearer(&self.token)).await?;
        wire::read(&answer).cloned()
    }

    /// The status that a message answers, and how widely; none where it answers nothing, or nothing that still stands.
    async fn question(
        &self,
        message: &Outbound,
    ) -> Result<(Option<String>, Visibility), ChannelError> {
        let Some(id) = wire::answered(message) else {
            return Ok((None, Visibility::Direct));
        };
        match self
            .ask(Call::get(self.url(&format!("statuses/{id}"))))
            .await
        {
            Ok(status) => {
                let visibility = Visibility::of_answers_to(&status).min(self.visibility_max);
                Ok((Some(id.to_owned()), visibility))
            }
            Err(error) if error.kind() == ErrorKind::Refused => Ok((None, Visibility::Direct)),
            Err(error) => Err(error),
        }
    }

    /// Posts words to somebody, each part below the one before; gives the ids.
    async fn post(
        &self,
        to: &str,
        words: &str,
        key: &Key,
        (mut below, visibility): (Option<String>, Visibility),
    ) -> Result<Vec<String>, ChannelError> {
        let invalid = ChannelError::new(ErrorKind::Invalid, Scope::Message);
        let words = text::without_mentions(words);
        // Of a name only what stands before the domain counts.
        let name = to.split('@').next().unwrap_or_default();
        let left = self.counts_max.saturating_sub(name.len() + 2);
        let mut ids = Vec::new();
        for part in text::parts(&words, left).ok_or(invalid)? {
            let told = wire::status(&format!("@{to} {part}"), visibility, below.as_deref());
            let key = match ids.len() {
                0 => key.as_str().to_owned(),
                number => format!("{key}/{number}", key = key.as_str()),
            };
            let call = Call::post(self.url("statuses"), &told).with_header("idempotency-key", &key);
            let said = self.ask(call).await.map_err(|error| match error.kind() {
                ErrorKind::Protocol => error.maybe_sent(),
                _ if ids.is_empty() => error,
                _ => error.maybe_sent(),
            })?;
            let strange = || ChannelError::new(ErrorKind::Protocol, Scope::Channel).maybe_sent();
            let id = wire::id(&said).ok_or_else(strange)?;
            if ids.is_empty() && !wire::mentions(&said, to) {
                // It reached nobody; that it goes on standing there harms nobody either.
                let _ = self.erase(id).await;
                let refused = ChannelError::new(ErrorKind::Refused, Scope::Recipient);
                return Err(refused.with_code(NOBODY));
            }
            ids.push(id.to_owned());
            below = Some(id.to_owned());
        }
        Ok(ids)
    }

    async fn erase(&self, id: &str) -> Result<(), ChannelError> {
        match self
            .ask(Call::delete(self.url(&format!("statuses/{id}"))))
            .await
        {
            Err(error) if error.kind() != ErrorKind::Refused => Err(error),
            _ => Ok(()),
        }
    }

    async fn pull(&self, place: &wire::Place, at_most: usize) -> Result<Value, ChannelError> {
        let page = at_most.min(wire::PAGE_MAX);
        // Whom the account does not follow is a customer all the same, not somebody to be filtered out.
        let path = format!(
            "notifications?types[]=mention&include_filtered=true&min_id={}&limit={page}",
            place.after
        );
        self.ask(Call::get(self.url(&path))).await
    }
}

fn receipt(ids: &[String]) -> Receipt {
    let first = ids.first().map_or("", String::as_str);
    Receipt::new(Evidence::Taken).with_provider_id(first)
}

#[async_trait]
impl Channel for Mastodon {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Social
    }

    fn capability(&self) -> &Capability {
        &self.capability
    }

    fn carries(&self, to: &Address) -> bool {
        to.network() == Some("mastodon")
    }

    async fn send(&self, message: &Outbound) -> Result<Receipt, ChannelError> {
        let to = wire::account(&message.to)?;
        let question = self.question(message).await?;
        let ids = self
            .post(to, message.body.as_str(), &message.id, question)
            .await?;
        Ok(receipt(&ids))
    }

    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        let AlertTo::Address(to) = &alert.to else {
            return Err(ChannelError::new(ErrorKind::Invalid, Scope::Recipient));
        };
        let (to, offer) = (wire::account(to)?, alert.offer.id);
        let words = format!("{}\n\n{}", alert.words(), wire::question(offer));
        let alone = (None, Visibility::Direct);
        let ids = self.post(to, &words, &alert.key(), alone).await?;
        let receipt = receipt(&ids);
        let mut offered = self.offered.lock().unwrap_or_else(PoisonError::into_inner);
        offered.insert(offer, ids);
        Ok(receipt)
    }

    async fn withdraw(&self, offer: OfferId) -> Result<(), ChannelError> {
        let ids = {
            let offered = self.offered.lock().unwrap_or_else(PoisonError::into_inner);
            offered.value(&offer).cloned().unwrap_or_default()
        };
        for id in ids.iter().rev() {
            self.erase(id).await?;
        }
        let mut offered = self.offered.lock().unwrap_or_else(PoisonError::into_inner);
        offered.remove(&offer);
        Ok(())
    }

    async fn receive(&self, after: Cursor, at_most: usize) -> Result<Batch, ChannelError> {
        if at_most == 0 {
            return Ok(Batch {
                events: Vec::new(),
                cursor: after,
            });
        }
        let Some(place) = wire::Place::parse(&after) else {
            // Nobody knows what was read: all is read again.
            let events = vec![gap::after(&after)];
            return Ok(Batch {
                events,
                cursor: Cursor::START,
            });
        };
        let mut said = self.pull(&place, at_most).await?;
        if said.as_array().is_some_and(Vec::is_empty) {
            sleep(self.poll_for).await;
            said = self.pull(&place, at_most).await?;
        }
        let notifications = said.as_array();
        let strange = ChannelError::new(ErrorKind::Protocol, Scope::Channel);
        let (events, place) = wire::events(notifications.ok_or(strange)?, place, at_most);
        Ok(Batch {
            events,
            cursor: place.cursor(),
        })
    }

    async fn probe(&self) -> Health {
        match self
            .ask(Call::get(self.url("accounts/verify_credentials")))
            .await
        {
            Ok(_) => Health::Up,
            Err(error) => Health::from(&error),
        }
    }
}

impl fmt::Debug for Mastodon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mastodon")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}
