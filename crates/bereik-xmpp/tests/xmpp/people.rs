//! Presence both ways, and offers that people answer.

use bereik_channel::{Alert, AlertTo, Answer, Channel, Cursor, EventKind, Health, Label};
use bereik_core::message::Body;
use bereik_core::offer::{OfferRole, Offered};
use bereik_core::presence::PresenceState;
use bereik_core::{Address, ChannelKind, ContactId, Offer, OfferId};
use bereik_xmpp::{Subscribers, Xmpp};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::end::End;
use crate::server::Prosody;
use crate::{at, find, inbound, xmpp};

fn alert(to: &Address, number: u64) -> Alert {
    let offer = Offer {
        id: OfferId::new(number),
        contact: ContactId::new(1),
        to: Offered::Person("anna".parse().expect("an id")),
        channel: ChannelKind::Chat,
        role: OfferRole::Owner,
        made_at: at(),
        until: at() + TimeDelta::seconds(30),
    };
    let subject = Label::parse("A <chat> & more").expect("a label");
    let text = Body::parse(&format!("From the shop's page {number}")).expect("words");
    Alert::new(offer, AlertTo::Address(to.clone()), subject, text)
}

#[tokio::test]
#[ignore = "starts prosody and slixmpp, which cargo xtask test installs"]
async fn presence_goes_both_ways_and_only_to_whom_it_may() {
    let prosody = Prosody::start("").await;
    let (end, eve) = (
        End::start(&prosody, "u1").await,
        End::start(&prosody, "u2").await,
    );
    let config = prosody.config("u0").with_watched(&[end.address()]);
    let config = config
        .expect("an address")
        .with_subscribers(Subscribers::These(vec![end.address()]));
    let xmpp = xmpp(config);
    assert_eq!(xmpp.probe().await, Health::Up);
    let mut cursor = Cursor::START;
    for (show, state) in [
        ("", PresenceState::Available),
        ("away", PresenceState::Idle),
        ("dnd", PresenceState::DoNotDisturb),
        ("xa", PresenceState::Idle),
        ("chat", PresenceState::Available),
    ] {
        end.command(json!({"do": "show", "show": show})).await;
        let of = end.address();
        find(&xmpp, &mut cursor, |kind| {
            *kind
                == EventKind::Presence {
                    of: of.clone(),
                    state,
                }
        })
        .await;
    }
    for other in [&eve, &end] {
        other
            .command(json!({"do": "subscribe", "to": "u0@localhost"}))
            .await;
    }
    let sees = |told: &Value, show: &str| {
        told["what"] == "presence" && told["sender"] == "u0@localhost" && told["type"] == show
    };
    end.wait(|told| sees(told, "available")).await;
    for (state, show) in [
        (PresenceState::Busy, "dnd"),
        (PresenceState::Idle, "away"),
        (PresenceState::OutOfOffice, "xa"),
    ] {
        xmpp.publish(state).await.expect("it is taken");
        end.wait(|told| sees(told, show)).await;
    }
    drop(end);
    let gone = |kind: &EventKind| {
        matches!(
            kind,
            EventKind::Presence {
                state: PresenceState::Unknown,
                ..
            }
        )
    };
    find(&xmpp, &mut cursor, gone).await;
    let seen = eve.told("presence").into_iter();
    let mut seen = seen.filter(|told| told["sender"] == "u0@localhost");
    assert!(
        seen.all(|told| told["type"] == "unavailable"),
        "nobody granted it"
    );
}

#[tokio::test]
#[ignore = "starts prosody and slixmpp, which cargo xtask test installs"]
async fn an_offer_is_answered_by_a_word_and_written_over_when_it_is_taken_back() {
    let prosody = Prosody::start("").await;
    let xmpp = xmpp(prosody.config("u0"));
    let end = End::start(&prosody, "u1").await;
    let from = Some(end.address());
    let mut cursor = Cursor::START;
    xmpp.offer(&alert(&end.address(), 1))
        .await
        .expect("it is taken");
    let told = end.wait_for_words("From the shop's page 1").await;
    assert!(
        told["body"]
            .as_str()
            .is_some_and(|body| body.starts_with("A <chat> & more\n"))
    );
    end.say("u0", "Yes").await;
    let first = answered(&xmpp, &mut cursor).await;
    assert_eq!(first, (OfferId::new(1), Answer::Accepted, from.clone()));
    for number in [2, 3, 4] {
        xmpp.offer(&alert(&end.address(), number))
            .await
            .expect("it is taken");
    }
    end.say("u0", "no").await;
    end.wait_for_words("O2, O3, O4").await;
    assert_eq!(inbound(&xmpp, &mut cursor).await.body.as_str(), "no");
    end.say("u0", "no o3.").await;
    let third = answered(&xmpp, &mut cursor).await;
    assert_eq!(third, (OfferId::new(3), Answer::Declined, from.clone()));
    end.raw("<message to='u0@localhost' type='chat' id='r'><body>&gt; A chat
accept</body><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='9'/></fallback><reply xmlns='urn:xmpp:reply:0' to='u0@localhost' id='offer/O4'/></message>").await;
    let fourth = answered(&xmpp, &mut cursor).await;
    assert_eq!(fourth, (OfferId::new(4), Answer::Accepted, from));
    xmpp.withdraw(OfferId::new(2))
        .await
        .expect("it is taken back");
    let over = end.wait_for_words("stands no longer").await;
    assert_eq!(over["replaces"], "offer/O2");
    // What was said before it is no answer any more.
    end.say("u0", "yes").await;
    assert_eq!(inbound(&xmpp, &mut cursor).await.body.as_str(), "yes");
}

async fn answered(xmpp: &Xmpp, cursor: &mut Cursor) -> (OfferId, Answer, Option<Address>) {
    let event = find(xmpp, cursor, |kind| {
        matches!(kind, EventKind::Answered { .. })
    })
    .await;
    let EventKind::Answered {
        offer,
        answer,
        from,
        ..
    } = event.kind
    else {
        unreachable!("it was looked for")
    };
    (offer, answer, from)
}
