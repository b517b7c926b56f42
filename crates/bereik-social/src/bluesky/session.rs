//! The session: two tokens, of which one expires every few hours and the other brings the next two.

use bereik_channel::http::{Answer, Call, Http};
use bereik_channel::{ChannelError, ErrorKind, Scope};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::wire;

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
        let mut current = self.current.lock().await;
        let is_expired = |one: &Session| {
            expired.is_some_and(|old| old.access.expose_secret() == one.access.expose_secret())
        };
        let old = match current.take() {
            Some(one) if !is_expired(&one) => {
                *current = Some(one.clone());
                return Ok(one);
            }
            old => old,
        };
        let session = match old {
            Some(old) => match self.refresh(&old).await {
                Err(error) if error.kind() == ErrorKind::Credentials => self.sign_in().await,
                other => other,
            },
            None => self.sign_in().await,
        };
        let session = session?;
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
