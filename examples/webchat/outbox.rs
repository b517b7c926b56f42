//! Mail that stays here, because no server was named: kept for the desk to show, and never said
//! to have been sent.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use bereik::channel::{
    Alert, AlertTo, Capability, Channel, ChannelError, Evidence, Feature, Health, Outbound, Receipt,
};
use bereik::core::ChannelKind;
use bereik::web::KeptMail;

/// How many mails are kept; the oldest give way.
const MAILS_MAX: usize = 200;

/// The outbox: a channel over which nothing leaves.
#[derive(Debug)]
pub(crate) struct Outbox {
    capability: Capability,
    mails: Mutex<VecDeque<KeptMail>>,
}

impl Outbox {
    pub(crate) fn new() -> Self {
        let capability = Capability::new(Evidence::None).with(&[Feature::Offer, Feature::Subject]);
        Self {
            capability,
            mails: Mutex::default(),
        }
    }

    /// The mails, newest first.
    pub(crate) fn mails(&self) -> Vec<KeptMail> {
        let mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        mails.iter().rev().cloned().collect()
    }

    /// Keeps a mail. The answer is an error all the same: nobody was reached, and the next way is
    /// to be tried.
    fn keep(&self, mail: KeptMail) -> Result<Receipt, ChannelError> {
        let mut mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        if mails.len() == MAILS_MAX {
            mails.pop_front();
        }
        mails.push_back(mail);
        Err(ChannelError::unavailable())
    }
}

#[async_trait]
impl Channel for Outbox {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Email
    }

    fn capability(&self) -> &Capability {
        &self.capability
    }

    async fn send(&self, message: &Outbound) -> Result<Receipt, ChannelError> {
        let subject = message
            .subject
            .as_ref()
            .map_or("", |subject| subject.as_str());
        self.keep(KeptMail {
            at: message.at,
            to: message.to.value().to_owned(),
            subject: subject.to_owned(),
            text: message.body.as_str().to_owned(),
        })
    }

    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        let AlertTo::Address(to) = &alert.to else {
            return Err(ChannelError::unsupported());
        };
        self.keep(KeptMail {
            at: alert.offer.made_at,
            to: to.value().to_owned(),
            subject: alert.subject.as_str().to_owned(),
            text: alert.text.as_str().to_owned(),
        })
    }

    async fn probe(&self) -> Health {
        Health::Up
    }
}
