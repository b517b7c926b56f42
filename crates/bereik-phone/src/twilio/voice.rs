//! Calls that ring somebody for an offer, and take his answer by key.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bereik_channel::{
    Alert, AlertTo, Answer, Arrival, Batch, Capability, Channel, ChannelError, Cursor, ErrorKind,
    Event, EventKind, Evidence, Feature, Health, HookAnswer, HookRequest, Outbound, Receipt, Scope,
    TextLimit, TextUnit, Webhook,
};
use bereik_core::id::Key;
use bereik_core::{Address, ChannelKind, OfferId};

use super::account::TwilioAccount;
use super::wire;

/// So many calls are remembered, so that they can be ended.
const CALLS_MAX: usize = 4_096;
/// Twilio's own bounds of how long it rings, in seconds.
const RINGS_BOUNDS_S: (i64, i64) = (5, 600);
/// So long it rings for a message.
const RINGS_FOR_S: i64 = 30;
/// Twilio's own bound of TwiML that is sent with a call, in characters, and of a text that surely fits.
const TWIML_MAX: usize = 4_000;
const TEXT_MAX: usize = 3_000;

/// Calls from one number. The [account](TwilioAccount)'s page has an example.
pub struct TwilioVoice {
    account: TwilioAccount,
    /// The calls of offers that may still ring, by offer.
    calls: Mutex<BTreeMap<OfferId, String>>,
    capability: Capability,
}

impl TwilioVoice {
    /// Calls from the account's number. Nothing is asked yet.
    #[must_use]
    pub const fn new(account: TwilioAccount) -> Self {
        let features = [
            Feature::Answer,
            Feature::Offer,
            Feature::Receive,
            Feature::Replay,
            Feature::Withdraw,
        ];
        Self {
            account,
            calls: Mutex::new(BTreeMap::new()),
            capability: Capability::new(Evidence::Delivered)
                .with(&features)
                .with_evidence_within(Duration::from_secs(120))
                .with_text_limit(TextLimit {
                    max: TEXT_MAX,
                    unit: TextUnit::Characters,
                }),
        }
    }

    /// Rings for so many seconds, and says this to whoever picks up. Gives Twilio's name of the call.
    async fn ring(
        &self,
        to: &Address,
        twiml: &str,
        rings_for_s: i64,
        callback: &str,
    ) -> Result<String, ChannelError> {
        let (shortest, longest) = RINGS_BOUNDS_S;
        let rings_for_s = rings_for_s.clamp(shortest, longest).to_string();
        let fields = [
            ("To", wire::number(to)?),
            ("From", self.account.from.as_str()),
            ("Twiml", twiml),
            ("Timeout", &rings_for_s),
            ("StatusCallback", callback),
        ];
        let said = self.account.post("/Calls", &fields).await?;
        Ok(said["sid"].as_str().unwrap_or_default().to_owned())
    }

    fn note(&self, offer: OfferId, call: String) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.insert(offer, call);
        while calls.len() > CALLS_MAX {
            // Offers are numbered as they are made.
            calls.pop_first();
        }
    }

    fn forget(&self, offer: OfferId) -> Option<String> {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.remove(&offer)
    }
}

#[async_trait]
impl Channel for TwilioVoice {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Phone
    }

    fn capability(&self) -> &Capability {
        &self.capability
    }

    /// Rings, and reads the message to whoever picks up.
    async fn send(&self, message: &Outbound) -> Result<Receipt, ChannelError> {
        self.capability.check_text(message.body.as_str())?;
        let twiml = format!("<Response>{}</Response>", wire::say(message.body.as_str()));
        if twiml.chars().count() > TWIML_MAX {
            return Err(ChannelError::new(ErrorKind::Invalid, Scope::Message));
        }
        let callback = self.account.hook_with("of", message.id.as_str());
        let call = self
            .ring(&message.to, &twiml, RINGS_FOR_S, &callback)
            .await?;
        Ok(Receipt::new(Evidence::Taken).with_provider_id(call))
    }

    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        let AlertTo::Address(to) = &alert.to else {
            return Err(ChannelError::new(ErrorKind::Invalid, Scope::Recipient));
        };
        let offer = &alert.offer;
        let rings_for_s = (offer.until - offer.made_at).num_seconds();
        let number = offer.id.to_string();
        let twiml = wire::twiml(alert, &self.account.hook_with("answer", &number));
        let callback = self.account.hook_with("of", alert.key().as_str());
        let call = self.ring(to, &twiml, rings_for_s, &callback).await?;
        self.note(offer.id, call.clone());
        Ok(Receipt::new(Evidence::Taken).with_provider_id(call))
    }

    async fn withdraw(&self, offer: OfferId) -> Result<(), ChannelError> {
        let Some(call) = self.forget(offer) else {
            return Ok(());
        };
        let ended = [("Status", "completed")];
        match self.account.post(&format!("/Calls/{call}"), &ended).await {
            // It has ended by itself.
            Err(error) if matches!(error.code(), Some("20404" | "21220")) => Ok(()),
            Err(error) => {
                self.note(offer, call);
                Err(error)
            }
            Ok(_) => Ok(()),
        }
    }

    async fn receive(&self, after: Cursor, at_most: usize) -> Result<Batch, ChannelError> {
        self.account.inbox.receive(&after, at_most).await
    }

    async fn probe(&self) -> Health {
        self.account.probe().await
    }
}

#[async_trait]
impl Webhook for TwilioVoice {
    async fn take(&self, request: HookRequest<'_>) -> HookAnswer {
        if let Err(error) = self.account.verify(&request) {
            return error.into();
        }
        let (query, posted) = (
            wire::fields(request.query.as_bytes()),
            wire::fields(request.body),
        );
        let answers = query
            .get("answer")
            .and_then(|offer| offer.parse::<OfferId>().ok());
        let order = request.at.timestamp_micros();
        let arrival = |event: Option<Event>| event.map(|event| Arrival { order, event });
        if let Some(offer) = answers {
            let pressed = arrival(pressed(offer, &posted));
            let said = match pressed {
                Some(_) => "<Say>Thank you.</Say>",
                None => "<Say>Goodbye.</Say>",
            };
            return self.account.keep(pressed.into_iter().collect(), said).await;
        }
        let became = query.get("of").and_then(|of| became(of, &posted));
        self.account
            .keep(arrival(became).into_iter().collect(), "")
            .await
    }
}

fn pressed(offer: OfferId, posted: &BTreeMap<String, String>) -> Option<Event> {
    let answer = match posted.get("Digits")?.as_str() {
        "1" => Answer::Accepted,
        "2" => Answer::Declined,
        _ => return None,
    };
    let id = Key::parse(&format!("{}:pressed", posted.get("CallSid")?)).ok()?;
    let (by, whom) = (
        None,
        posted.get("To").map(|to| format!("tel:{to}").parse().ok()),
    );
    let kind = EventKind::Answered {
        offer,
        answer,
        by,
        from: whom.flatten(),
    };
    Some(Event { id, kind })
}

/// Somebody had picked up when the call ended, or nobody: then it came back.
fn became(of: &str, posted: &BTreeMap<String, String>) -> Option<Event> {
    let (status, call) = (posted.get("CallStatus")?, posted.get("CallSid")?);
    let evidence = match status.as_str() {
        "completed" => Evidence::Delivered,
        "busy" | "failed" | "no-answer" => Evidence::None,
        _ => return None,
    };
    let (of, id) = (
        Key::parse(of).ok()?,
        Key::parse(&format!("{call}:{status}")).ok()?,
    );
    let kind = EventKind::Delivery { of, evidence };
    Some(Event { id, kind })
}

impl fmt::Debug for TwilioVoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioVoice").finish_non_exhaustive()
    }
}
