//! The channel: one account.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bereik_channel::http::Http;
use bereik_channel::{
    Alert, AlertTo, Attachment, Batch, Capability, Channel, ChannelError, Cursor, ErrorKind, Event,
    EventKind, Evidence, Feature, Health, Outbound, Receipt, Scope,
};
use bereik_core::id::Key;
use bereik_core::presence::PresenceState;
use bereik_core::{Address, ChannelKind, OfferId};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::client::Client;
use super::invitations::Invitations;
use super::room::Rooms;
use super::seen::Seen;
use super::sync::{self, File, Found, OWN, Reader};
use super::wire::{self, BACK_FILL_MAX, TIMELINE_MAX, Target};
use crate::posted::Posted;
use crate::spoken;

/// An account on a homeserver of Matrix (client-server interface, v3). What came in is pulled from the homeserver, which
/// keeps it: an older cursor brings it again.
///
/// - A message carries its id as transaction: the same id again is the same message, so that none is sent twice and an
///   error never leaves a doubt.
/// - Somebody is written to in the room for two with him, which is made where there is none. When the answer to that was
///   lost, he may find an empty room besides.
/// - Encrypted rooms cannot be read, nor are words sent there in the clear: each encrypted message is told as a
///   [gap](EventKind::Gap), and sending fails with [`ErrorKind::Security`] and the code `encrypted`.
/// - Of a room in which more happened than comes at a time, 100 events more are looked up; past them there is a gap.
/// - Files come along up to 8 MiB each; of others only name and size.
///
/// ```no_run
/// # async fn lesson() -> Result<(), Box<dyn std::error::Error>> {
/// use bereik_channel::{Channel, Cursor, http::Http};
/// use bereik_chat::{Invitations, Matrix};
///
/// let matrix = Matrix::new(Http::new()?, "https://matrix.example.org", "syt_…")
///     .with_invitations(Invitations::OfServers(vec!["example.org".to_owned()]));
/// let batch = matrix.receive(Cursor::START, 50).await?;
/// println!("{} events", batch.events.len());
/// # Ok(()) }
/// ```
pub struct Matrix {
    client: Client,
    invitations: Invitations,
    poll_for: Duration,
    rooms: Rooms,
    posted: Posted,
    capability: Capability,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    us: Option<String>,
    /// As others see us while we pull.
    presence: Option<&'static str>,
    seen: Seen,
    /// The last that was told, of which a part may be left.
    told: Option<Arc<Told>>,
}

/// What came in after a place.
struct Told {
    since: Option<String>,
    next: String,
    found: Vec<Found>,
}

/// So many receipts for unknown events are looked up at a time.
const READ_MAX: usize = 16;

/// The largest file that comes along, in bytes.
const FILE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// For so long somebody may not read what is sent to him before no news is bad news.
const READ_WITHIN: Duration = Duration::from_secs(300);

impl Matrix {
    /// An account, by its access token, on the homeserver at this URL, without a slash at its end. Nothing is asked yet.
    #[must_use]
    pub fn new(http: Http, server: impl Into<String>, token: impl Into<SecretString>) -> Self {
        let features = [
            Feature::Answer,
            Feature::Idempotent,
            Feature::Offer,
            Feature::Presence,
            Feature::Publish,
            Feature::Receive,
            Feature::Replay,
            Feature::Threads,
            Feature::Typing,
            Feature::Withdraw,
        ];
        Self {
            client: Client::new(http, server.into(), token.into()),
            invitations: Invitations::Ignored,
            poll_for: Duration::from_secs(5),
            rooms: Rooms::default(),
            posted: Posted::default(),
            capability: Capability::new(Evidence::Read)
                .with(&features)
                .with_evidence_within(READ_WITHIN),
            state: Mutex::default(),
        }
    }

    /// The same, that accepts these invitations while it [receives](Channel::receive); none without.
    #[must_use]
    pub fn with_invitations(mut self, invitations: Invitations) -> Self {
        self.invitations = invitations;
        self
    }

    /// The same, with another time that [`receive`](Channel::receive) waits; 5 seconds without.
    #[must_use]
    pub const fn with_poll_for(mut self, poll_for: Duration) -> Self {
        self.poll_for = poll_for;
        self
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who we are.
    async fn us(&self) -> Result<String, ChannelError> {
        if let Some(us) = &self.state().us {
            return Ok(us.clone());
        }
        let told = self.client.get("account/whoami").await?;
        let us = told["user_id"].as_str().filter(|us| wire::is_user(us));
        let strange = ChannelError::new(ErrorKind::Protocol, Scope::Channel);
        let us = us.ok_or(strange)?.to_owned();
        self.state().us = Some(us.clone());
        Ok(us)
    }

    /// Puts something into the room of an address, once for each name of a transaction; gives the room and the event.
    async fn put(
        &self,
        target: &Target<'_>,
        transaction: &str,
        content: impl Fn(&str) -> Value,
    ) -> Result<(String, String), ChannelError> {
        let room = match target {
            Target::Room(room, _) => {
                self.rooms.check(&self.client, room).await?;
                (*room).to_owned()
            }
            Target::User(user) => {
                let us = self.us().await?;
                self.rooms.with(&self.client, &us, user).await?
            }
        };
        let mut content = content(&room);
        if let Target::Room(_, Some(user)) = target {
            content["m.mentions"] = json!({"user_ids": [user]});
        }
        match self.put_event(&room, transaction, &content).await {
            Ok(event) => Ok((room, event)),
            Err(error) => {
                if error.kind() == ErrorKind::Refused {
                    self.rooms.doubt(&room);
                }
                Err(error)
            }
        }
    }

    async fn put_event(
        &self,
        room: &str,
        transaction: &str,
        content: &Value,
    ) -> Result<String, ChannelError> {
        let path = wire::path(&["rooms", room, "send", "m.room.message", transaction]);
        let told = self.client.put(&path, content).await?;
        let event = told["event_id"].as_str();
        let strange = ChannelError::new(ErrorKind::Protocol, Scope::Channel);
        event.map(str::to_owned).ok_or(strange)
    }

    /// The event that a message answers: the last one that is known, of theirs by its own name, of ours by our key.
    fn answered(&self, room: &str, answers: &[Key]) -> Option<String> {
        let state = self.state();
        answers.iter().rev().find_map(|key| match key.as_str() {
            event if event.starts_with('$') => Some(event.to_owned()),
            _ => state.seen.event_of(room, key).map(str::to_owned),
        })
    }

    /// Asks what came in after a place, waiting for it no longer than until then.
    async fn sync(&self, since: Option<&str>, until: Instant) -> Result<Told, ChannelError> {
        let us = self.us().await?;
        let mut directs = self.rooms.directs(&self.client, &us).await?;
        let (mut told, is_lost) = match self.pull(since, TIMELINE_MAX, until).await {
            // It was too much at once.
            Err(error) if error.kind() == ErrorKind::Protocol => {
                (self.pull(since, 1, until).await?, false)
            }
            // The homeserver does not know the place.
            Err(error) if error.kind() == ErrorKind::Invalid && since.is_some() => {
                (self.pull(None, TIMELINE_MAX, until).await?, true)
            }
            told => (told?, false),
        };
        let next = told["next_batch"].as_str().map(str::to_owned);
        let next = next.ok_or(ChannelError::new(ErrorKind::Protocol, Scope::Channel))?;
        if let Some(changed) = sync::directs(&told) {
            self.rooms.set_directs(changed.clone());
            directs = changed;
        }
        self.accept(&us, &told).await?;
        let gaps = match since {
            Some(_) if is_lost => vec![next.clone()],
            Some(since) => self.fill(&us, &mut told, since).await?,
            // What was before the start was not missed.
            None => Vec::new(),
        };
        let (mut found, unclear, changed, read) = {
            let mut state = self.state();
            let mut reader = Reader {
                us: &us,
                directs: &directs,
                posted: &self.posted,
                seen: &mut state.seen,
                next: &next,
                found: Vec::new(),
                unclear: Vec::new(),
                changed: Vec::new(),
                read: Vec::new(),
            };
            gaps.iter().for_each(|name| reader.gap(name));
            reader.read(&told);
            let Reader {
                found,
                unclear,
                changed,
                read,
                ..
            } = reader;
            (found, unclear, changed, read)
        };
        changed.iter().for_each(|room| self.rooms.doubt(room));
        for (room, event) in unclear {
            let content = wire::words(spoken::WHICH, true, Some(&event));
            // A hint that does not arrive is no reason to lose what came in.
            let _ = self
                .put_event(&room, &format!("{OWN}which.{event}"), &content)
                .await;
        }
        for (room, event) in read.into_iter().take(READ_MAX) {
            found.extend(self.read(&us, &room, &event).await);
        }
        let since = since.map(str::to_owned);
        Ok(Told { since, next, found })
    }

    /// That a message of ours was read which was not seen since the channel lives.
    async fn read(&self, us: &str, room: &str, event: &str) -> Option<Found> {
        let path = wire::path(&["rooms", room, "event", event]);
        // Evidence that cannot be had is none.
        let told = self.client.get(&path).await.ok()?;
        sync::read(us, &told)
    }

    async fn pull(
        &self,
        since: Option<&str>,
        timeline_max: usize,
        until: Instant,
    ) -> Result<Value, ChannelError> {
        let wait = until.saturating_duration_since(now());
        let filter = wire::filter(timeline_max).to_string();
        let wait_ms = wait.as_millis().to_string();
        let presence = self.state().presence;
        let mut fields = vec![("filter", filter.as_str()), ("timeout", wait_ms.as_str())];
        fields.extend(since.map(|since| ("since", since)));
        fields.extend(presence.map(|presence| ("set_presence", presence)));
        self.client.sync(&wire::query(&fields), wait).await
    }

    /// Goes where we are asked and willing.
    async fn accept(&self, us: &str, told: &Value) -> Result<(), ChannelError> {
        for invited in sync::invited(told, us) {
            if !self.invitations.accepts(&invited.by) {
                continue;
            }
            let path = wire::path(&["rooms", &invited.room, "join"]);
            match self.client.post(&path, &json!({})).await {
                Ok(_) if invited.is_direct => {
                    let (by, room) = (&invited.by, &invited.room);
                    self.rooms.add_direct(&self.client, us, by, room).await?;
                }
                // The same place tells of it again.
                Err(error) if error.is_temporary() => return Err(error),
                Ok(_) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// Looks up what was left out; names the places where it was too much.
    async fn fill(
        &self,
        us: &str,
        told: &mut Value,
        since: &str,
    ) -> Result<Vec<String>, ChannelError> {
        let mut gaps = Vec::new();
        let filter = wire::timeline_filter(BACK_FILL_MAX).to_string();
        let limit = BACK_FILL_MAX.to_string();
        for limited in sync::limited(told, us) {
            let fields = [
                ("dir", "b"),
                ("from", &limited.before),
                ("to", since),
                ("limit", &limit),
                ("filter", &filter),
            ];
            let path = wire::path(&["rooms", &limited.room, "messages"]);
            let path = format!("{path}?{}", wire::query(&fields));
            match self.client.get(&path).await {
                Ok(before) => {
                    let chunk = &before["chunk"];
                    if chunk
                        .as_array()
                        .is_none_or(|chunk| chunk.len() >= BACK_FILL_MAX)
                    {
                        gaps.push(limited.before);
                    }
                    sync::fill(told, &limited.room, chunk);
                }
                Err(error) if error.is_temporary() => return Err(error),
                Err(_) => gaps.push(limited.before),
            }
        }
        Ok(gaps)
    }

    /// What was told after a place of which a part was taken; anew where it is not at hand.
    async fn told(&self, place: &Place, until: Instant) -> Result<Arc<Told>, ChannelError> {
        let kept = self.state().told.clone();
        let kept = kept.filter(|told| place.past.is_some() && told.since == place.since);
        if let Some(told) = kept {
            return Ok(told);
        }
        let told = Arc::new(self.sync(place.since.as_deref(), until).await?);
        self.state().told = Some(Arc::clone(&told));
        Ok(told)
    }

    async fn with_file(&self, found: &Found) -> Event {
        let mut event = found.event.clone();
        if let (EventKind::Message(inbound), Some(file)) = (&mut event.kind, &found.file) {
            let bytes = self.bytes(file).await;
            inbound.attachments.add(match bytes {
                Some(bytes) => Attachment::new(&file.name, &file.media_type, bytes),
                None => Attachment::untaken(&file.name, &file.media_type, file.size),
            });
        }
        event
    }

    async fn bytes(&self, file: &File) -> Option<Vec<u8>> {
        let (server, name) = file.at.as_ref()?;
        if file.size > FILE_BYTES_MAX as u64 {
            return None;
        }
        let path = wire::path(&[server, name]);
        self.client.file(&path, FILE_BYTES_MAX).await
    }
}

/// Where the runtime's time stands.
fn now() -> Instant {
    sleep(Duration::ZERO).deadline()
}

/// A place as a cursor writes it: after which answer of the homeserver, and what of the next was taken already.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    since: Option<String>,
    past: Option<Key>,
}

const START: &str = "-";

impl Place {
    fn read(cursor: &Cursor) -> Self {
        let text = cursor.as_str().unwrap_or(START);
        let (since, past) = text.split_once(' ').unwrap_or((text, ""));
        Self {
            since: Some(since.to_owned()).filter(|since| since != START),
            past: Key::parse(past).ok(),
        }
    }

    fn write(&self) -> Result<Cursor, ChannelError> {
        let since = self.since.as_deref().unwrap_or(START);
        let past = self.past.as_ref().map_or("", Key::as_str);
        let text = format!("{since} {past}");
        let strange = ChannelError::new(ErrorKind::Protocol, Scope::Channel);
        Cursor::parse(text.trim_end()).map_err(|_| strange)
    }
}

#[async_trait]
impl Channel for Matrix {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Chat
    }

    fn capability(&self) -> &Capability {
        &self.capability
    }

    fn carries(&self, to: &Address) -> bool {
        to.network() == Some("matrix")
    }

    async fn send(&self, message: &Outbound) -> Result<Receipt, ChannelError> {
        let content = |room: &str| {
            let answered = self.answered(room, &message.answers);
            wire::words(
                message.body.as_str(),
                message.is_automatic,
                answered.as_deref(),
            )
        };
        let target = wire::target(&message.to)?;
        let (_, event) = self.put(&target, message.id.as_str(), content).await?;
        Ok(Receipt::new(Evidence::Taken).with_provider_id(event))
    }

    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        let AlertTo::Address(to) = &alert.to else {
            return Err(ChannelError::new(ErrorKind::Invalid, Scope::Recipient));
        };
        let offer = alert.offer.id;
        let ask = spoken::question(offer);
        let text = format!("{}\n{ask} \u{1f44d} and \u{1f44e} do too.", alert.words());
        let content = |_: &str| wire::words(&text, true, None);
        let target = wire::target(to)?;
        let (room, event) = self.put(&target, alert.key().as_str(), content).await?;
        let place = sync::place(&room, target.user());
        self.posted.note(offer, &place, &event);
        Ok(Receipt::new(Evidence::Taken).with_provider_id(event))
    }

    async fn withdraw(&self, offer: OfferId) -> Result<(), ChannelError> {
        let Some((place, event)) = self.posted.place(offer) else {
            return Ok(());
        };
        let room = place.split_once("/@").map_or(&*place, |(room, _)| room);
        let content = wire::taken_back(offer, &event);
        let transaction = format!("{OWN}withdraw.{offer}");
        match self.put_event(room, &transaction, &content).await {
            // Who left the room sees no offer in it.
            Err(error) if error.kind() != ErrorKind::Refused => Err(error),
            _ => {
                self.posted.forget(offer);
                Ok(())
            }
        }
    }

    /// Shows the account's presence to those who share a room with it: online, unavailable or offline. Without, it is
    /// online as long as somebody [receives](Channel::receive).
    async fn publish(&self, state: PresenceState) -> Result<(), ChannelError> {
        let us = self.us().await?;
        let presence = wire::presence(state);
        let path = wire::path(&["presence", &us, "status"]);
        let told = json!({"presence": presence});
        self.client.put(&path, &told).await?;
        self.state().presence = Some(presence);
        Ok(())
    }

    async fn receive(&self, after: Cursor, at_most: usize) -> Result<Batch, ChannelError> {
        if at_most == 0 {
            return Ok(Batch {
                events: Vec::new(),
                cursor: after,
            });
        }
        let until = now() + self.poll_for;
        let mut place = Place::read(&after);
        loop {
            let told = self.told(&place, until).await?;
            let past = place.past.as_ref();
            let taken =
                past.and_then(|past| told.found.iter().position(|found| found.event.id == *past));
            let left = &told.found[taken.map_or(0, |at| at + 1)..];
            let mut events = Vec::new();
            for found in left.iter().take(at_most) {
                events.push(self.with_file(found).await);
            }
            let last = events.last().filter(|_| events.len() < left.len());
            place = match last {
                Some(last) => Place {
                    since: told.since.clone(),
                    past: Some(last.id.clone()),
                },
                None => Place {
                    since: Some(told.next.clone()),
                    past: None,
                },
            };
            if !events.is_empty() || now() >= until {
                let cursor = place.write()?;
                return Ok(Batch { events, cursor });
            }
        }
    }

    async fn probe(&self) -> Health {
        match self.client.get("account/whoami").await {
            Ok(_) => Health::Up,
            Err(error) => Health::from(&error),
        }
    }
}

impl fmt::Debug for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Matrix")
            .field("server", &self.client.server)
            .finish_non_exhaustive()
    }
}
