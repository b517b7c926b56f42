//! An offer that adapters are given to put to somebody.

use bereik_channel::{Alert, AlertTo, Label};
use bereik_core::message::Body;
use bereik_core::offer::{OfferRole, Offered};
use bereik_core::{ChannelKind, ContactId, Offer, OfferId};
use chrono::TimeDelta;

use crate::words::at;

/// The offer with this number, which stands for half a minute.
pub(crate) fn alert(to: &str, number: u64) -> Alert {
    let offer = Offer {
        id: OfferId::new(number),
        contact: ContactId::new(1),
        to: Offered::Person("anna".parse().expect("an id")),
        channel: ChannelKind::Phone,
        role: OfferRole::Owner,
        made_at: at(),
        until: at() + TimeDelta::seconds(30),
    };
    let to = AlertTo::Address(to.parse().expect("an address"));
    let subject = Label::parse("A <call> & more").expect("a label");
    let text = Body::parse("From the shop's page").expect("words");
    Alert::new(offer, to, subject, text)
}
