//! What adapters are given to send.

use bereik_channel::Outbound;
use bereik_core::id::Key;
use bereik_core::message::Body;
use chrono::{DateTime, Utc};

pub(crate) fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).expect("an instant")
}

pub(crate) fn message(to: &str) -> Outbound {
    let to = to.parse().expect("an address");
    let body = Body::parse("words that are nobody's business <!channel> & co").expect("words");
    Outbound::new(Key::parse("message/M1").expect("a key"), to, body, at())
}
