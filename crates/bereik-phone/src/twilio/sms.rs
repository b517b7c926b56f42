//! Short messages.

use async_trait::async_trait;
use bereik_channel::{
    Alert, AlertTo, Arrival, Batch, Capability, Channel, ChannelError, Cursor, ErrorKind, Event,
    EventKind, Evidence, Feature, Health, HookAnswer, HookRequest, Inbound, Outbound, Receipt,
    Scope, TextLimit, TextUnit, Webhook,
};
use bereik_core::address::AddressKind;
use bereik_core::id::Key;
use bereik_core::{Address, ChannelKind};
use std::collections::BTreeMap;
use std::time::Duration;

use super::account::TwilioAccount;
use super::wire;

/// Short messages from one number. The [account](TwilioAccount)'s page has an example.
#[derive(Debug)]
pub struct TwilioSms {
    account: TwilioAccount,
    capability: Capability,
}

/// Twilio's own bound, in segments.
const SEGMENTS_MAX: usize = 10;

impl TwilioSms {
    /// Short messages from the account's number. Nothing is asked yet.
    #[must_use]
    pub const fn new(account: TwilioAccount) -> Self {
        let limit = TextLimit {
            max: SEGMENTS_MAX,
            unit: TextUnit::SmsSegments,
        };
        let capability = Capability::new(Evidence::Delivered)
            .with(&[Feature::Offer, Feature::Receive, Feature::Replay])
            .with_evidence_within(Duration::from_secs(300))
            .with_text_limit(limit);
        Self {
            account,
            capability,
        }
    }

    async fn post(&self, to: &Address, text: &str, key: &Key) -> Result<Receipt, ChannelError> {
        self.capability.check_text(text)?;
        // What becomes of it is told with our key.
        let callback = self.account.hook_with("of", key.as_str());
        let fields = [
            ("To", wire::number(to)?),
            ("From", &self.account.from),
            ("Body", text),
            ("StatusCallback", &callback),
        ];
        let said = self.account.post("/Messages", &fields).await?;
        let sid = said["sid"].as_str().unwrap_or_default();
        Ok(Receipt::new(Evidence::Taken).with_provider_id(sid))
    }
}

#[async_trait]
impl Channel for TwilioSms {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Social
    }

    fn capability(&self) -> &Capability {
        &self.capability
    }

    fn carries(&self, to: &Address) -> bool {
        to.kind() == AddressKind::Phone
    }

    async fn send(&self, message: &Outbound) -> Result<Receipt, ChannelError> {
        let text = message.body.as_str();
        self.post(&message.to, text, &message.id).await
    }

    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        match &alert.to {
            AlertTo::Address(to) => self.post(to, &alert.words(), &alert.key()).await,
            AlertTo::Person(_) => Err(ChannelError::new(ErrorKind::Invalid, Scope::Recipient)),
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
impl Webhook for TwilioSms {
    async fn take(&self, request: HookRequest<'_>) -> HookAnswer {
        if let Err(error) = self.account.verify(&request) {
            return error.into();
        }
        let (query, posted) = (
            wire::fields(request.query.as_bytes()),
            wire::fields(request.body),
        );
        let order = request.at.timestamp_micros();
        let events = match query.get("of") {
            Some(of) => status(of, &posted).into_iter().collect(),
            None => said(&posted),
        };
        let arrivals = events.into_iter().map(|event| Arrival { order, event });
        self.account.keep(arrivals.collect(), "").await
    }
}

/// How far a message of ours got.
fn status(of: &str, posted: &BTreeMap<String, String>) -> Option<Event> {
    let (status, sid) = (posted.get("MessageStatus")?, posted.get("MessageSid")?);
    let evidence = match status.as_str() {
        "delivered" => Evidence::Delivered,
        "failed" | "undelivered" => Evidence::None,
        "read" => Evidence::Read,
        _ => return None,
    };
    let (of, id) = (
        Key::parse(of).ok()?,
        Key::parse(&format!("{sid}:{status}")).ok()?,
    );
    let kind = EventKind::Delivery { of, evidence };
    Some(Event { id, kind })
}

/// What somebody wrote.
fn said(posted: &BTreeMap<String, String>) -> Vec<Event> {
    let text = |name: &str| posted.get(name).map(String::as_str);
    let from = text("From").and_then(|from| format!("tel:{from}").parse::<Address>().ok());
    let Some((from, sid)) = from.zip(text("MessageSid")) else {
        return Vec::new();
    };
    let has_media = text("NumMedia").is_some_and(|count| count != "0");
    let words = text("Body").unwrap_or_default();
    let words = match words.trim() {
        "" if has_media => "[attachment]",
        _ => words,
    };
    let events = Inbound::parts(sid, words).into_iter().map(|(id, body)| {
        let kind = EventKind::Message(Inbound::new(from.clone(), body));
        Event { id, kind }
    });
    events.collect()
}
