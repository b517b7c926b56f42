//! The keys with which Bot Framework signs: asked for by OpenID Connect Discovery, kept a day, and asked for again when a
//! token names another, but never often.

use std::sync::{Arc, Mutex, PoisonError};

use bereik_channel::http::{Call, Http};
use bereik_channel::{ChannelError, ErrorKind, Scope};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::proof::SigningKey;

/// Microsoft asks to read the keys anew at least once a day.
const KEPT_FOR: TimeDelta = TimeDelta::hours(24);
/// A token with a made-up key makes us ask, but not again before this has passed.
const ASKED_EVERY: TimeDelta = TimeDelta::minutes(5);
/// The same where the last time brought nothing.
const TRIED_EVERY: TimeDelta = TimeDelta::seconds(10);

pub(super) struct Keys {
    http: Http,
    metadata: String,
    state: Mutex<State>,
    /// Who comes while they are asked for waits.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    keys: Vec<Arc<SigningKey>>,
    asked_at: Option<DateTime<Utc>>,
    tried_at: Option<DateTime<Utc>>,
}

impl State {
    fn key(&self, id: &str) -> Option<Arc<SigningKey>> {
        self.keys.iter().find(|key| key.id == id).cloned()
    }

    fn is_fresh(&self, at: DateTime<Utc>) -> bool {
        is_within(self.asked_at, at, KEPT_FOR)
    }

    fn may_ask(&self, at: DateTime<Utc>) -> bool {
        !is_within(self.asked_at, at, ASKED_EVERY) && !is_within(self.tried_at, at, TRIED_EVERY)
    }
}

/// Whether an instant is no further away than this; a clock may be set back.
fn is_within(then: Option<DateTime<Utc>>, at: DateTime<Utc>, span: TimeDelta) -> bool {
    then.is_some_and(|then| (at - then).abs() < span)
}

impl Keys {
    pub(super) fn new(http: Http, metadata: impl Into<String>) -> Self {
        Self {
            http,
            metadata: metadata.into(),
            state: Mutex::default(),
            asking: tokio::sync::Mutex::default(),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key of this name; none where Microsoft has none.
    ///
    /// # Errors
    /// When the keys are not known and cannot be had.
    pub(super) async fn find(
        &self,
        id: &str,
        at: DateTime<Utc>,
    ) -> Result<Option<Arc<SigningKey>>, ChannelError> {
        let known = |state: &State| state.key(id).filter(|_| state.is_fresh(at));
        if let Some(key) = known(&self.state()) {
            return Ok(Some(key));
        }
        let _turn = self.asking.lock().await;
        if let Some(key) = known(&self.state()) {
            return Ok(Some(key));
        }
        if self.state().may_ask(at) {
            self.state().tried_at = Some(at);
            match self.ask().await {
                Ok(keys) => {
                    let mut state = self.state();
                    state.keys = keys.into_iter().map(Arc::new).collect();
                    state.asked_at = Some(at);
                }
                // Those of yesterday are good as long as there are no others.
                Err(error) if self.state().keys.is_empty() => return Err(error),
                Err(_) => {}
            }
        }
        let state = self.state();
        match state.keys.is_empty() {
            true => Err(ChannelError::unavailable()),
            false => Ok(state.key(id)),
        }
    }

    async fn ask(&self) -> Result<Vec<SigningKey>, ChannelError> {
        let strange = || ChannelError::new(ErrorKind::Protocol, Scope::Channel);
        let metadata = self.read(&self.metadata).await?;
        let url = metadata["jwks_uri"].as_str().ok_or_else(strange)?;
        let is_as_secret = url.starts_with("https://") || !self.metadata.starts_with("https://");
        let set = self.read(Some(url).filter(|_| is_as_secret).ok_or_else(strange)?);
        let keys = SigningKey::read_all(&set.await?);
        Some(keys)
            .filter(|keys| !keys.is_empty())
            .ok_or_else(strange)
    }

    async fn read(&self, url: &str) -> Result<Value, ChannelError> {
        let answer = self.http.ask(Call::get(url.to_owned())).await?;
        match answer.is_ok() {
            true => Ok(answer.json),
            false => Err(answer.fault()),
        }
    }
}
