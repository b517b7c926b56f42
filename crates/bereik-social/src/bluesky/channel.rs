//! The channel: one account.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bereik_channel::http::{Call, Http};
use bereik_channel::{
    Batch, Capability, Channel, ChannelError, Cursor, ErrorKind, Evidence, Feature, Health,
    Outbound, Receipt, Scope,
};
use bereik_core::{Address, ChannelKind};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::place::Place;
use super::post::{self, Above, Named};
use super::session::Sessions;
use super::wire;
use crate::gap;

/// An account of Bluesky, on its own server or on any other of the AT Protocol.
///
/// Every post that mentions the account or replies to one of its posts comes in. All posts are public, so answers are: put
/// nothing into them that is not for everybody. An answer stands below its question; other words begin with the name of whom
/// they are for.
///
/// ```no_run
/// # async fn lesson() -> Result<(), Box<dyn std::error::Error>> {
/// use bereik_channel::{Channel, Outbound, http::Http};
/// use bereik_core::{id::Key, message::Body};
/// use bereik_social::Bluesky;
/// use chrono::DateTime;
///
/// let bluesky = Bluesky::new(Http::new()?, "help.example.org", "an app password");
/// let at = DateTime::from_timestamp(1_795_000_000, 0).ok_or("an instant")?;
/// let message = Outbound::new(Key::parse("message/M12")?, "handle:bluesky/jan.bsky.social".parse()?, Body::parse("We are on it.")?, at);
/// bluesky.send(&message).await?;
/// # Ok(()) }
/// ```
pub struct Bluesky {
    sessions: Sessions,
    poll_for: Duration,
    capability: Capability,
}

/// So many notifications one page brings.
const PAGE: usize = 100;
/// So many pages are read to find where it was left off. Past that, the older half is given up.
const PAGES_MAX: usize = 20;

impl Bluesky {
    /// An account by its handle, its DID or the address that it signs in with, and an app password. Nothing is asked yet.
    #[must_use]
    pub fn new(
        http: Http,
        identifier: impl Into<String>,
        password: impl Into<SecretString>,
    ) -> Self {
        let features = [
            Feature::Idempotent,
            Feature::Receive,
            Feature::Replay,
            Feature::Threads,
        ];
        let server = "https://bsky.social".to_owned();
        Self {
            sessions: Sessions::new(http, server, identifier.into(), password.into()),
            poll_for: Duration::from_secs(10),
            capability: Capability::new(Evidence::Taken).with(&features),
        }
    }

    /// The same, on another server, without a slash at its end.
    #[must_use]
    pub fn with_server(mut self, server: impl Into<String>) -> Self {
        self.sessions = self.sessions.with_server(server.into());
        self
    }

    /// The same, that waits so long before it asks again where nothing has come in; 10 seconds without.
    #[must_use]
    pub const fn with_poll_for(mut self, poll_for: Duration) -> Self {
        self.poll_for = poll_for;
        self
    }

    async fn look(&self, method: &str, fields: &str) -> Result<Value, ChannelError> {
        let url = format!("{}?{fields}", self.sessions.url(method));
        self.sessions.ask(|_| Call::get(url.clone())).await
    }

    /// The post that a message answers and who wrote it; none where it answers nothing, or nothing that still stands.
    async fn question(&self, message: &Outbound) -> Result<Option<(Above, Named)>, ChannelError> {
        let Some(uri) = wire::answered(message) else {
            return Ok(None);
        };
        let said = self
            .look("app.bsky.feed.getPosts", &format!("uris={}", escaped(uri)))
            .await?;
        let post = &said["posts"][0];
        let root = post::Place::read(&post["record"]["reply"]["root"]);
        let above = post::Place::read(post).map(|parent| Above {
            root: root.unwrap_or_else(|| parent.clone()),
            parent,
        });
        Ok(above.zip(named(&post["author"])))
    }

    /// Who an account is.
    async fn profile(&self, account: &str) -> Result<Named, ChannelError> {
        let said = self
            .look(
                "app.bsky.actor.getProfile",
                &format!("actor={}", escaped(account)),
            )
            .await;
        let refused = |error: ChannelError| match error.kind() {
            ErrorKind::Invalid => {
                let refused = ChannelError::new(ErrorKind::Refused, Scope::Recipient);
                refused.with_code(error.code().unwrap_or_default())
            }
            _ => error,
        };
        let strange = ChannelError::new(ErrorKind::Protocol, Scope::Channel);
        named(&said.map_err(refused)?).ok_or(strange)
    }

    /// Puts a record under a key; one that is there already is the same.
    async fn put(&self, key: &str, record: &Value) -> Result<post::Place, ChannelError> {
        let url = self.sessions.url("com.atproto.repo.putRecord");
        let call = self.sessions.ask(|session| {
            let told = json!({
                "repo": session.did,
                "collection": wire::POST,
                "rkey": key,
                "record": record,
                "swapRecord": null,
            });
            Call::post(url.clone(), &told)
        });
        let said = match call.await {
            Err(error) if error.code() == Some("InvalidSwap") => self.own(key).await?,
            Err(error) if error.kind() == ErrorKind::Protocol => return Err(error.maybe_sent()),
            other => other?,
        };
        let strange = ChannelError::new(ErrorKind::Protocol, Scope::Channel).maybe_sent();
        post::Place::read(&said).ok_or(strange)
    }

    async fn own(&self, key: &str) -> Result<Value, ChannelError> {
        let url = self.sessions.url("com.atproto.repo.getRecord");
        let call = self.sessions.ask(|session| {
            let (did, collection) = (&session.did, wire::POST);
            Call::get(format!(
                "{url}?repo={did}&collection={collection}&rkey={key}"
            ))
        });
        call.await.map_err(ChannelError::maybe_sent)
    }

    /// What came in after a place, the oldest first, and whether older ones were given up.
    async fn pull(&self, place: &Place) -> Result<(Vec<Value>, bool), ChannelError> {
        let mut found: Vec<Value> = Vec::new();
        let mut cursor = String::new();
        for _ in 0..PAGES_MAX {
            let fields = format!("limit={PAGE}&reasons=mention&reasons=reply{cursor}");
            let said = self
                .look("app.bsky.notification.listNotifications", &fields)
                .await?;
            let strange = ChannelError::new(ErrorKind::Protocol, Scope::Channel);
            let page = said["notifications"].as_array().ok_or(strange)?;
            let is_old = |one: &Value| post::place(one).is_some_and(|(_, at)| at <= place.since);
            let is_read = page.iter().any(is_old);
            found.extend(page.iter().cloned());
            match said["cursor"].as_str().filter(|_| !is_read) {
                Some(next) => cursor = format!("&cursor={}", escaped(next)),
                None => {
                    found.reverse();
                    return Ok((found, false));
                }
            }
        }
        found.truncate(PAGE * PAGES_MAX / 2);
        found.reverse();
        Ok((found, true))
    }

    async fn read(&self, mut place: Place, at_most: usize) -> Result<Batch, ChannelError> {
        let (found, has_gap) = self.pull(&place).await?;
        let mut events = Vec::new();
        if has_gap {
            events.push(gap::after(&place.cursor()));
            if let Some((_, at)) = found.first().and_then(post::place) {
                place.skip_to(at);
            }
        }
        let mut fresh: Vec<_> = found
            .iter()
            .filter_map(|one| Some((post::place(one)?, one)))
            .filter(|((uri, at), _)| place.is_new(uri, *at))
            .collect();
        fresh.sort_by_key(|((_, at), _)| *at);
        for ((uri, at), notification) in fresh {
            if events.len() == at_most {
                break;
            }
            events.extend(post::event(notification));
            place.tell(uri, at);
        }
        let cursor = place.cursor();
        Ok(Batch { events, cursor })
    }
}

fn named(said: &Value) -> Option<Named> {
    let text = |name: &str| said[name].as_str().map(str::to_owned);
    let (handle, did) = text("handle").zip(text("did"))?;
    Some(Named { handle, did })
}

/// A value of a query.
fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[async_trait]
impl Channel for Bluesky {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Social
    }

    fn capability(&self) -> &Capability {
        &self.capability
    }

    fn carries(&self, to: &Address) -> bool {
        to.network() == Some("bluesky")
    }

    async fn send(&self, message: &Outbound) -> Result<Receipt, ChannelError> {
        let account = wire::account(&message.to)?;
        let question = self.question(message).await?;
        let is_his =
            |author: &Named| author.did == account || author.handle.eq_ignore_ascii_case(account);
        let to = match &question {
            // Whose post is answered is told of it.
            Some((_, author)) if is_his(author) => None,
            _ => Some(self.profile(account).await?),
        };
        let mut above = question.map(|(above, _)| above);
        let invalid = ChannelError::new(ErrorKind::Invalid, Scope::Message);
        let letters = to.as_ref().map_or(0, |to| post::mention(to).len());
        let parts = post::parts(message.body.as_str(), letters).ok_or(invalid)?;
        let mut first = None;
        for (part, words) in parts.into_iter().enumerate() {
            let to = to.as_ref().filter(|_| part == 0);
            let at = post::written_at(message.at, part);
            let record = post::record(words, to, above.as_ref(), at);
            let key = post::record_key(&message.id, part, message.at);
            let put = self.put(&key, &record).await;
            let parent = put.map_err(|error| match part {
                0 => error,
                _ => error.maybe_sent(),
            })?;
            first.get_or_insert_with(|| parent.uri.clone());
            let root = above.map_or_else(|| parent.clone(), |above| above.root);
            above = Some(Above { root, parent });
        }
        Ok(Receipt::new(Evidence::Taken).with_provider_id(first.unwrap_or_default()))
    }

    async fn receive(&self, after: Cursor, at_most: usize) -> Result<Batch, ChannelError> {
        if at_most == 0 {
            return Ok(Batch {
                events: Vec::new(),
                cursor: after,
            });
        }
        let Some(place) = Place::parse(&after) else {
            // Nobody knows what was read: all is read again.
            let events = vec![gap::after(&after)];
            return Ok(Batch {
                events,
                cursor: Cursor::START,
            });
        };
        let batch = self.read(place.clone(), at_most).await?;
        if !batch.events.is_empty() {
            return Ok(batch);
        }
        sleep(self.poll_for).await;
        self.read(place, at_most).await
    }

    async fn probe(&self) -> Health {
        let url = self.sessions.url("com.atproto.server.getSession");
        match self.sessions.ask(|_| Call::get(url.clone())).await {
            Ok(_) => Health::Up,
            Err(error) => Health::from(&error),
        }
    }
}

impl fmt::Debug for Bluesky {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bluesky").finish_non_exhaustive()
    }
}
