//! An account with one number: what both channels share.

use std::fmt;
use std::sync::Arc;

use bereik_channel::http::{Call, Http};
use bereik_channel::signature::{Secrets, SignatureError, TwilioBody, verify_twilio};
use bereik_channel::{Arrival, ChannelError, Health, HookAnswer, HookRequest, Inbox};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::wire;

/// An account of Twilio with one of its numbers. `Debug` shows nothing of it.
///
/// ```
/// use bereik_channel::http::Http;
/// use bereik_channel::{Channel, Feature, Inbox};
/// use bereik_phone::{TwilioAccount, TwilioSms, TwilioVoice};
/// use std::sync::Arc;
///
/// let account = |hook: &str| Ok::<_, Box<dyn std::error::Error>>(TwilioAccount::new(
///     Http::new()?, "AC0123", "the auth token".to_owned(), "+31201234567",
///     format!("https://desk.example.org/hooks/{hook}"), Arc::new(Inbox::new()),
/// )?);
/// let (sms, voice) = (TwilioSms::new(account("sms")?), TwilioVoice::new(account("voice")?));
/// assert!(sms.capability().can(Feature::Receive) && voice.capability().can(Feature::Withdraw));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct TwilioAccount {
    http: Http,
    api: String,
    sid: String,
    token: SecretString,
    secrets: Secrets,
    pub(super) from: String,
    pub(super) hook: String,
    pub(super) inbox: Arc<Inbox>,
}

impl TwilioAccount {
    /// An account by its SID and auth token, the number that calls and writes, and the public URL under which its webhook
    /// is mounted, without a query.
    ///
    /// # Errors
    /// When the token is empty: everybody could sign with it.
    pub fn new(
        http: Http,
        sid: impl Into<String>,
        token: impl Into<SecretString>,
        from: impl Into<String>,
        hook: impl Into<String>,
        inbox: Arc<Inbox>,
    ) -> Result<Self, bereik_channel::signature::SecretError> {
        let token = token.into();
        Ok(Self {
            http,
            api: "https://api.twilio.com".to_owned(),
            sid: sid.into(),
            secrets: Secrets::new(token.expose_secret().to_owned())?,
            token,
            from: from.into(),
            hook: hook.into(),
            inbox,
        })
    }

    /// The same, where the interface is at another place, without a slash at its end: for tests, and for another region
    /// (`https://api.dublin.ie1.twilio.com`).
    #[must_use]
    pub fn with_api(mut self, api: impl Into<String>) -> Self {
        self.api = api.into();
        self
    }

    fn url(&self, path: &str) -> String {
        format!("{}/2010-04-01/Accounts/{}{path}.json", self.api, self.sid)
    }

    fn signed(&self, call: Call) -> Call {
        call.with_password(&self.sid, &self.token)
    }

    /// Posts fields; says what was answered.
    pub(super) async fn post(
        &self,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<Value, ChannelError> {
        let call = Call::post_form(self.url(path), fields);
        let answer = self.http.ask(self.signed(call)).await?;
        wire::read(&answer).cloned()
    }

    /// The webhook's URL with one field in its query.
    pub(super) fn hook_with(&self, name: &str, value: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        format!("{}?{}", self.hook, query.append_pair(name, value).finish())
    }

    pub(super) fn verify(&self, request: &HookRequest<'_>) -> Result<(), SignatureError> {
        let signature = request.header("x-twilio-signature");
        let url = match request.query {
            "" => self.hook.clone(),
            query => format!("{}?{query}", self.hook),
        };
        verify_twilio(
            &self.secrets,
            &url,
            signature,
            TwilioBody::Form(request.body),
        )
    }

    /// Keeps what came, and then says this in TwiML.
    pub(super) async fn keep(&self, arrivals: Vec<Arrival>, said: &str) -> HookAnswer {
        match self.inbox.keep(arrivals).await {
            Ok(_) => {
                let twiml = format!("<Response>{said}</Response>");
                HookAnswer::says(200, "text/xml", twiml)
            }
            Err(error) => error.into(),
        }
    }

    pub(super) async fn probe(&self) -> Health {
        let call = self.signed(Call::get(self.url("")));
        let answer = match self.http.ask(call).await {
            Ok(answer) => answer,
            Err(error) => return Health::from(&error),
        };
        match wire::read(&answer) {
            Ok(account) if account["status"] == "suspended" || account["status"] == "closed" => {
                Health::NeedsCredentials
            }
            Ok(_) => Health::Up,
            Err(error) => Health::from(&error),
        }
    }
}

impl fmt::Debug for TwilioAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioAccount").finish_non_exhaustive()
    }
}
