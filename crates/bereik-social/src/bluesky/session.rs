//! The session: two tokens, of which one expires every few hours and the other brings the next two.

use std::time::Duration;

use bereik_channel::http::{Answer, Call, Http};
use bereik_channel::{ChannelError, ErrorKind, Retry, Scope};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::wire;

/// How long to wait while others sign in.
const TURN_WITHIN: Duration = Duration::from_secs(60);

/// Who signs in, and what he was given for it.
pub(super) struct Sessions {
    http: Http,
    server: String,
    identifier: String,
    password: SecretString,
    current: Mutex<Option<Session>>,
}

#[derive(Clone)]
pub(super) struct Session {
    pub(super) did: String,
    access: SecretString,
    refresh: SecretString,
}

impl Sessions {
    pub(super) fn new(
        http: Http,
        server: String,
        identifier: String,
        password: SecretString,
    ) -> Self {
        let current = Mutex::new(None);
        Self {
            http,
            server,
            identifier,
            password,
            current,
        }
    }

    pub(super) fn with_server(mut self, server: String) -> Self {
        self.server = server;
        self
    }

    pub(super) fn url(&self, method: &str) -> String {
        format!("{}/xrpc/{method}", self.server)
    }

    /// Asks with a session; with a new one, once, where it has expired.
    pub(super) async fn ask(
        &self,
        call: impl Fn(&Session) -> Call + Send,
    ) -> Result<Value, ChannelError> {
        let session = self.session(None).await?;
        let answer = self.try_with(&session, &call).await?;
        if !wire::is_expired(&answer) {
            return wire::read(&answer).cloned();
        }
        let session = self.session(Some(&session)).await?;
        let answer = self.try_with(&session, &call).await?;
        wire::read(&answer).cloned()
    }

    async fn try_with(
        &self,
        session: &Session,
        call: &(impl Fn(&Session) -> Call + Send),
    ) -> Result<Answer, ChannelError> {
        self.http
            .ask(call(session).with_bearer(&session.access))
            .await
    }

    /// The session that stands, or the one after `expired`. Who comes while another makes it waits for him.
    async fn session(&self, expired: Option<&Session>) -> Result<Session, ChannelError> {
        let current = timeout(TURN_WITHIN, self.current.lock()).await;
        let late = ChannelError::new(ErrorKind::TimedOut, Scope::Channel);
        let mut current = current.map_err(|_| late.with_retry(Retry::BackOff))?;
        let is_expired = |one: &Session| {
            expired.is_some_and(|old| old.access.expose_secret() == one.access.expose_secret())
        };
        let session = match &*current {
            Some(one) if !is_expired(one) => return Ok(one.clone()),
            Some(old) => match self.refresh(old).await {
                Err(error) if error.kind() == ErrorKind::Credentials => self.sign_in().await?,
                other => other?,
            },
            None => self.sign_in().await?,
        };
        *current = Some(session.clone());
        Ok(session)
    }

    async fn sign_in(&self) -> Result<Session, ChannelError> {
        let told =
            json!({"identifier": self.identifier, "password": self.password.expose_secret()});
        let call = Call::post(self.url("com.atproto.server.createSession"), &told);
        self.open(call).await
    }

    async fn refresh(&self, old: &Session) -> Result<Session, ChannelError> {
        let url = self.url("com.atproto.server.refreshSession");
        // It takes no body, not even an empty object.
        let call = Call::post_bytes(url, "application/json", Vec::new());
        let call = call.with_bearer(&old.refresh);
        self.open(call).await
    }

    async fn open(&self, call: Call) -> Result<Session, ChannelError> {
        // Whatever becomes of it, no message went out.
        let answer = self.http.ask(call.repeatable()).await?;
        if wire::is_expired(&answer) {
            return Err(ChannelError::new(ErrorKind::Credentials, Scope::Channel));
        }
        let said = wire::read(&answer)?;
        let text = |name: &str| said[name].as_str().map(str::to_owned);
        let strange = ChannelError::new(ErrorKind::Protocol, Scope::Channel);
        let tokens = text("accessJwt").zip(text("refreshJwt"));
        let (did, (access, refresh)) = text("did").zip(tokens).ok_or(strange)?;
        Ok(Session {
            did,
            access: access.into(),
            refresh: refresh.into(),
        })
    }
}
