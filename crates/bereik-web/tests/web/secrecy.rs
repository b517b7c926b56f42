//! What a visitor must never see: the contacts of others, and what people do among themselves.

use axum::body::{Body, to_bytes};
use axum::http::Request;
use bereik_core::ContactId;
use bereik_core::contact::Addressee;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::peer::Peer;
use crate::site::{self, anna};

#[tokio::test]
async fn only_the_own_token_opens_a_conversation() {
    let site = site::open().await;
    let (mut visitor, welcome) = Peer::visitor(site.address, None).await;
    let contact = visitor.say("t:1", "my secret", None).await;
    let token = welcome["token"].as_str().unwrap();

    // Somebody else: without a token, with another, and with the visitor's public name as one.
    let summary = site
        .switchboard
        .contact(ContactId::new(contact))
        .await
        .unwrap()
        .unwrap();
    let public = summary.customer.addresses[0].value().to_owned();
    let other = "00000000000000000000000000000000";
    for tried in [None, Some(other), Some(public.as_str())] {
        let (mut thief, welcome) = Peer::visitor(site.address, tried).await;
        assert_eq!(welcome["contact"], Value::Null, "{tried:?}");
        thief
            .send(json!({"type": "follow", "contact": contact, "after": 0}))
            .await;
        thief
            .send(json!({"type": "say", "key": "t:9", "text": "I am he", "contact": contact}))
            .await;
        assert_eq!(thief.next_of("refused").await["key"], "t:9");
        // The same number as the visitor's own opens another contact, not his.
        assert_ne!(thief.say("t:1", "hello", None).await, contact);
        assert!(!thief.heard.concat().contains("my secret"));
    }
    for nonsense in ["", "12", "gg000000000000000000000000000000", &token[..31]] {
        let mut peer = Peer::open(site.address, "/help/chat").await;
        peer.send(json!({"type": "hello", "token": nonsense})).await;
        let close = peer.closed().await.unwrap();
        assert_eq!(u16::from(close.code), 1008, "{nonsense}");
    }
    assert_eq!(site.words(contact).await, ["my secret"]);
    let (_, welcome) = Peer::visitor(site.address, Some(token)).await;
    assert_eq!(welcome["contact"]["id"], contact);
}

#[tokio::test]
async fn nobody_takes_the_name_of_another_as_his_mail_address() {
    let site = site::open().await;
    let (mut visitor, _) = Peer::visitor(site.address, None).await;
    let contact = visitor.say("t:1", "hello", None).await;
    let summary = site
        .switchboard
        .contact(ContactId::new(contact))
        .await
        .unwrap()
        .unwrap();
    let victim = summary.customer.addresses[0].clone();
    let (mut thief, _) = Peer::visitor(site.address, None).await;
    thief.send(json!({"type": "say", "key": "t:1", "text": "planted", "contact": null, "email": victim.to_string()})).await;
    thief.next_of("kept").await;
    assert_eq!(site.switchboard.find(&victim).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_first_frame_is_a_hello() {
    let site = site::open().await;
    for frame in [
        json!({"type": "say", "key": "t:1", "text": "x", "contact": 1}),
        json!({"type": "close"}),
        json!(1),
    ] {
        let mut peer = Peer::open(site.address, "/help/chat").await;
        peer.send(frame).await;
        assert_eq!(u16::from(peer.closed().await.unwrap().code), 1008);
    }
}

#[tokio::test]
async fn what_people_do_among_themselves_never_reaches_a_visitor() {
    let site = site::open().await;
    let mut desk = Peer::desk(site.address, "member-one").await;
    let _second = Peer::desk(site.address, "member-two").await;
    let (mut visitor, welcome) = Peer::visitor(site.address, None).await;
    let contact = visitor.say("t:1", "hello", None).await;
    let id = ContactId::new(contact);
    let offer = [
        site.switchboard.offers_to(&anna()),
        site.switchboard.offers_to(&site::ben()),
    ]
    .concat();
    let owner = match &offer[0].to {
        bereik_core::offer::Offered::Person(person) => person.clone(),
        bereik_core::offer::Offered::Line(_) => unreachable!("there are no lines"),
    };
    site.switchboard
        .accept(offer[0].id, owner.clone())
        .await
        .unwrap();
    let other = if owner == anna() { site::ben() } else { anna() };
    site.switchboard
        .invite(
            id,
            Addressee::Person(other.clone()),
            Vec::new(),
            owner.clone(),
        )
        .await
        .unwrap();
    let invitation = site.switchboard.offers_to(&other)[0].id;
    site.switchboard.decline(invitation, other).await.unwrap();
    desk.send(json!({"type": "hello", "person": owner.as_str(), "language": "en"}))
        .await;
    for (key, kind, text) in [
        ("d:1", "note", "canary among us"),
        ("d:2", "text", "an answer"),
    ] {
        desk.send(
            json!({"type": "say", "key": key, "contact": contact, "kind": kind, "text": text}),
        )
        .await;
        desk.next_of("kept").await;
    }
    visitor
        .next_where(|frame| frame["text"] == "an answer")
        .await;
    // Once more from the start, as after a reload, and what anybody may ask for.
    let (mut again, _) = Peer::visitor(site.address, welcome["token"].as_str()).await;
    again.next_where(|frame| frame["text"] == "an answer").await;
    let mut all = [visitor.heard, again.heard].concat().concat();
    for path in ["/", "/board.json"] {
        let answer = site
            .web
            .visitor_router()
            .oneshot(Request::get(path).body(Body::empty()).unwrap())
            .await
            .unwrap();
        let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        all.push_str(std::str::from_utf8(&bytes).unwrap());
    }
    for canary in [
        "canary",
        "member-",
        "chosen",
        "excluded",
        "offer",
        "Back office",
        "back-office",
    ] {
        // The words for a visitor say that people are being asked, never whom.
        assert!(
            !all.replace("\"state\":\"offering\"", "").contains(canary),
            "{canary}: {all}"
        );
    }
}
