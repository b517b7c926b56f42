//! Mail that stays here, because no server was named: kept for the desk to show, and never said to
//! have been sent.

use std::sync::Arc;

use bereik::channel::{AlertTo, Dispatch, Memory};
use bereik::web::{KeptMail, Outbox};

/// What the desk shows of a channel that holds everything, the newest mail first.
pub(crate) fn shown(held: Arc<Memory>) -> Outbox {
    Outbox::new(move || held.outbox().iter().rev().filter_map(mail).collect())
}

fn mail(dispatch: &Dispatch) -> Option<KeptMail> {
    match dispatch {
        Dispatch::Alert(alert) => {
            let AlertTo::Address(to) = &alert.to else {
                return None;
            };
            Some(KeptMail {
                at: alert.offer.made_at,
                to: to.value().to_owned(),
                subject: alert.subject.as_str().to_owned(),
                text: alert.text.as_str().to_owned(),
            })
        }
        Dispatch::Message(message) => Some(KeptMail {
            at: message.at,
            to: message.to.value().to_owned(),
            subject: message
                .subject
                .as_ref()
                .map_or("", |subject| subject.as_str())
                .to_owned(),
            text: message.body.as_str().to_owned(),
        }),
        _ => None,
    }
}
