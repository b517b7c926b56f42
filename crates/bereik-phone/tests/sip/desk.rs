//! The desk's own telephone, and what is asked of it.

use std::sync::Arc;
use std::time::Duration;

use bereik_channel::{Alert, Answer, Channel as _, Cursor, Event, EventKind, Evidence, Inbox};
use bereik_core::OfferId;
use bereik_phone::{Clip, SipAccount, SipPhone};
use chrono::TimeDelta;
use tokio::time::timeout;

use crate::alert::alert;

pub(crate) const ANNA: &str = "tel:+31201234567";

pub(crate) fn inbox() -> Arc<Inbox> {
    let inbox = Inbox::new()
        .with_settle_for(Duration::ZERO)
        .with_poll_for(Duration::from_millis(200));
    Arc::new(inbox)
}

/// A trunk to this server.
pub(crate) fn trunk(server: &str) -> SipAccount {
    SipAccount::new(server, "desk", "example.org")
        .with_local("127.0.0.1:0".parse().expect("an address"))
        .with_trying_within(Duration::from_secs(8))
}

pub(crate) async fn phone(account: SipAccount) -> SipPhone {
    let phone = SipPhone::start(account, inbox()).await;
    phone.expect("it starts")
}

/// An offer that stands for so many seconds.
pub(crate) fn offer_for(number: u64, seconds: i64) -> Alert {
    let mut alert = alert(ANNA, number);
    alert.offer.until = alert.offer.made_at + TimeDelta::seconds(seconds);
    alert
}

/// The first event.
pub(crate) async fn event(phone: &SipPhone) -> EventKind {
    events(phone, 1).await.remove(0).kind
}

/// The first events, so many, within twenty seconds.
pub(crate) async fn events(phone: &SipPhone, count: usize) -> Vec<Event> {
    let first = async {
        loop {
            let batch = phone.receive(Cursor::START, count).await.expect("an inbox");
            if batch.events.len() == count {
                return batch.events;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let first = timeout(Duration::from_secs(20), first).await;
    first.expect("they come in")
}

pub(crate) fn came_back(number: u64) -> EventKind {
    let (of, evidence) = (offer_for(number, 1).key(), Evidence::None);
    EventKind::Delivery { of, evidence }
}

pub(crate) fn answered(number: u64, answer: Answer) -> EventKind {
    let (offer, from) = (OfferId::new(number), ANNA.parse().ok());
    EventKind::Answered {
        offer,
        answer,
        by: None,
        from,
    }
}

/// Two tenths of a second of a tone.
pub(crate) fn tone() -> Clip {
    let samples = (0..1_600).map(|at| if at % 20 < 10 { 8_000 } else { -8_000 });
    Clip::from_samples(samples.collect::<Vec<i16>>()).expect("short")
}
