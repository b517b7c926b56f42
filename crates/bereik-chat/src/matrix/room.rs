//! The rooms for two: found, or made.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bereik_channel::{ChannelError, ErrorKind, Scope};
use serde_json::json;

use super::client::Client;
use super::{sync, wire};

/// So many people's rooms are remembered; others are looked up again.
const KNOWN_MAX: usize = 4_096;

/// So many rooms with somebody are tried, the newest first.
const TRIED_MAX: usize = 4;

/// By user, as the account's own data has it (`m.direct`).
type Directs = BTreeMap<String, Vec<String>>;

#[derive(Default)]
pub(super) struct Rooms {
    /// Those that were found good, by user.
    known: Mutex<BTreeMap<String, String>>,
    directs: Mutex<Option<Directs>>,
    /// Those in which words may be sent.
    plain: Mutex<BTreeSet<String>>,
    /// Two who write to somebody at once make one room.
    making: tokio::sync::Mutex<()>,
}

fn encrypted() -> ChannelError {
    ChannelError::new(ErrorKind::Security, Scope::Recipient).with_code("encrypted")
}

impl Rooms {
    /// The room for two with somebody, made where there is none that works.
    pub(super) async fn with(
        &self,
        client: &Client,
        us: &str,
        user: &str,
    ) -> Result<String, ChannelError> {
        if let Some(room) = self.known_with(user) {
            return Ok(room);
        }
        let _making = self.making.lock().await;
        // Somebody else may have made it meanwhile.
        if let Some(room) = self.known_with(user) {
            return Ok(room);
        }
        let directs = self.directs(client, us).await?;
        let rooms = directs.get(user).into_iter().flatten().rev();
        for room in rooms.take(TRIED_MAX) {
            if is_usable(client, room, us, user).await? {
                self.know(user, room);
                return Ok(room.clone());
            }
        }
        self.make(client, us, user).await
    }

    async fn make(&self, client: &Client, us: &str, user: &str) -> Result<String, ChannelError> {
        let profile = client.get(&wire::path(&["profile", user])).await;
        match profile {
            // Whose profile is not shown to us may be there all the same.
            Err(error) if error.code() != Some("M_FORBIDDEN") => return Err(error),
            _ => {}
        }
        let made = client.post("createRoom", &wire::direct_room(user)).await?;
        let room = made["room_id"].as_str().unwrap_or_default().to_owned();
        self.add_direct(client, us, user, &room).await?;
        // Some homeservers encrypt what is made there.
        if is_encrypted(client, &room).await? {
            return Err(encrypted());
        }
        self.know(user, &room);
        Ok(room)
    }

    /// Writes down that a room is for two.
    pub(super) async fn add_direct(
        &self,
        client: &Client,
        us: &str,
        user: &str,
        room: &str,
    ) -> Result<(), ChannelError> {
        let mut directs = load(client, us).await?;
        let rooms = directs.entry(user.to_owned()).or_default();
        if !rooms.iter().any(|one| one == room) {
            rooms.push(room.to_owned());
        }
        let path = wire::path(&["user", us, "account_data", "m.direct"]);
        client.put(&path, &json!(directs)).await?;
        self.set_directs(directs);
        Ok(())
    }

    pub(super) async fn directs(&self, client: &Client, us: &str) -> Result<Directs, ChannelError> {
        let kept = self
            .directs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(directs) = kept {
            return Ok(directs);
        }
        let directs = load(client, us).await?;
        self.set_directs(directs.clone());
        Ok(directs)
    }

    pub(super) fn set_directs(&self, directs: Directs) {
        *self.directs.lock().unwrap_or_else(PoisonError::into_inner) = Some(directs);
    }

    /// A room is not what it was: it is looked at again before it is used.
    pub(super) fn doubt(&self, room: &str) {
        self.known().retain(|_, known| known != room);
        self.plain().remove(room);
    }

    /// Sees to it that words may be sent to a room: not where all others are encrypted.
    pub(super) async fn check(&self, client: &Client, room: &str) -> Result<(), ChannelError> {
        if self.plain().contains(room) {
            return Ok(());
        }
        if is_encrypted(client, room).await? {
            return Err(encrypted());
        }
        let mut plain = self.plain();
        if plain.len() == KNOWN_MAX {
            plain.pop_first();
        }
        plain.insert(room.to_owned());
        Ok(())
    }

    fn plain(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.plain.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known_with(&self, user: &str) -> Option<String> {
        self.known().get(user).cloned()
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn know(&self, user: &str, room: &str) {
        let mut known = self.known();
        if known.len() == KNOWN_MAX {
            known.pop_first();
        }
        known.insert(user.to_owned(), room.to_owned());
    }
}

async fn load(client: &Client, us: &str) -> Result<Directs, ChannelError> {
    let path = wire::path(&["user", us, "account_data", "m.direct"]);
    match client.get(&path).await {
        Ok(content) => Ok(sync::direct_rooms(&content)),
        Err(error) if error.code() == Some("M_NOT_FOUND") => Ok(Directs::new()),
        Err(error) => Err(error),
    }
}

/// Whether both of us are in a room, or he is asked into it, and words can be read there.
async fn is_usable(
    client: &Client,
    room: &str,
    us: &str,
    user: &str,
) -> Result<bool, ChannelError> {
    for (who, states) in [(us, &["join"][..]), (user, &["invite", "join"])] {
        let path = wire::path(&["rooms", room, "state", "m.room.member", who]);
        match client.get(&path).await {
            Ok(state) if states.iter().any(|how| state["membership"] == *how) => {}
            Ok(_) => return Ok(false),
            Err(error) if error.kind() == ErrorKind::Refused => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(!is_encrypted(client, room).await?)
}

async fn is_encrypted(client: &Client, room: &str) -> Result<bool, ChannelError> {
    let path = wire::path(&["rooms", room, "state", "m.room.encryption", ""]);
    match client.get(&path).await {
        Ok(_) => Ok(true),
        Err(error) if error.code() == Some("M_NOT_FOUND") => Ok(false),
        Err(error) => Err(error),
    }
}
