//! An app of Microsoft Entra, and its tokens by client credentials (RFC 6749, 4.4), each kept until shortly before it ends.

use std::fmt;
use std::time::Duration;

use bereik_channel::http::{Call, Http};
use bereik_channel::{ChannelError, ErrorKind, Scope};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

/// An app as it is registered with Microsoft Entra: its tenant, its id and its secret. `Debug` shows no secret.
///
/// ```
/// use bereik_chat::EntraApp;
/// let app = EntraApp::new("contoso.onmicrosoft.com", "7c1f2a4e-0000-4000-8000-000000000001", "a-secret");
/// assert!(!format!("{app:?}").contains("a-secret"));
/// ```
#[derive(Clone)]
pub struct EntraApp {
    pub(super) tenant: String,
    pub(super) id: String,
    secret: SecretString,
    login: String,
}

impl EntraApp {
    /// An app, by the id of its tenant or one of its domains, its own id (the client id) and its secret.
    #[must_use]
    pub fn new(
        tenant: impl Into<String>,
        id: impl Into<String>,
        secret: impl Into<SecretString>,
    ) -> Self {
        Self {
            tenant: tenant.into(),
            id: id.into(),
            secret: secret.into(),
            login: "https://login.microsoftonline.com".to_owned(),
        }
    }

    /// The same, where tokens are given at another place, without a slash at its end: for tests, and for national clouds
    /// (`https://login.microsoftonline.us`).
    #[must_use]
    pub fn with_login(mut self, login: impl Into<String>) -> Self {
        self.login = login.into();
        self
    }
}

impl fmt::Debug for EntraApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EntraApp")
            .field("login", &self.login)
            .finish_non_exhaustive()
    }
}

/// A token is not used in the last part of its life, so that it does not end on its way.
const SPARE: Duration = Duration::from_secs(300);
/// What holds where the answer does not say how long (RFC 6749, 5.1 recommends that it does).
const LIFE_WITHOUT_WORD_S: u64 = 600;
/// Longer than a token of any provider lasts, in seconds.
const LIFE_MAX_S: u64 = 24 * 60 * 60;

/// The tokens of one app for one interface.
pub(super) struct Tokens {
    http: Http,
    app: EntraApp,
    issuing_tenant: String,
    scope: &'static str,
    kept: Mutex<Option<(SecretString, Instant)>>,
}

impl Tokens {
    pub(super) fn new(http: Http, app: EntraApp, scope: &'static str) -> Self {
        Self {
            http,
            issuing_tenant: app.tenant.clone(),
            app,
            scope,
            kept: Mutex::default(),
        }
    }

    /// The same, given out by another tenant than the app's own.
    pub(super) fn of_tenant(mut self, tenant: &str) -> Self {
        self.issuing_tenant = tenant.to_owned();
        self
    }

    /// A token that stands a while. Who comes while it is asked for waits and gets the same.
    pub(super) async fn token(&self) -> Result<SecretString, ChannelError> {
        let mut kept = self.kept.lock().await;
        let now = sleep(Duration::ZERO).deadline();
        if let Some((token, until)) = &*kept
            && now < *until
        {
            return Ok(token.clone());
        }
        let (token, life) = self.ask().await?;
        *kept = Some((token.clone(), now + life));
        Ok(token)
    }

    /// It is not believed any more.
    pub(super) async fn forget(&self) {
        *self.kept.lock().await = None;
    }

    async fn ask(&self) -> Result<(SecretString, Duration), ChannelError> {
        let url = format!(
            "{}/{}/oauth2/v2.0/token",
            self.app.login, self.issuing_tenant
        );
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.app.id),
            ("client_secret", self.app.secret.expose_secret()),
            ("scope", self.scope),
        ];
        // Asking twice gives two tokens, which harms nobody.
        let answer = self
            .http
            .ask(Call::post_form(url, &form).repeatable())
            .await?;
        let token = answer.json["access_token"].as_str();
        match token {
            Some(token) if answer.is_ok() && !token.is_empty() => {
                let life = answer.json["expires_in"].as_u64();
                let life = life.unwrap_or(LIFE_WITHOUT_WORD_S).min(LIFE_MAX_S);
                let life = Duration::from_secs(life);
                Ok((token.into(), life.saturating_sub(SPARE).max(life / 2)))
            }
            _ if answer.is_ok() => Err(ChannelError::new(ErrorKind::Protocol, Scope::Channel)),
            // RFC 6749, 5.2: `invalid_client` is answered with 400 or 401.
            _ if matches!(answer.status, 400 | 401 | 403 | 404) => {
                Err(ChannelError::new(ErrorKind::Credentials, Scope::Channel)
                    .with_code(answer.json["error"].as_str().unwrap_or_default()))
            }
            _ => Err(answer.fault()),
        }
    }
}
