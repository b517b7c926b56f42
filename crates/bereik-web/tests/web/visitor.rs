//! What a visitor can do: see the board, chat, be helped, ask for more, close and come back.

use bereik_channel::{Channel as _, Outbound};
use bereik_core::id::Key;
use bereik_core::message::{Author, Body};
use bereik_core::{ContactId, Fact};
use serde_json::{Value, json};

use crate::peer::Peer;
use crate::site::{self, anna, at};

fn is_notice<'a>(text: &'a str) -> impl Fn(&Value) -> bool + 'a {
    move |frame| {
        frame["what"] == "notice"
            && frame["text"]
                .as_str()
                .is_some_and(|said| said.contains(text))
    }
}

#[tokio::test]
async fn a_visitor_is_heard_helped_and_answered() {
    let site = site::open().await;
    let mut desk = Peer::desk(site.address, "member-one").await;
    let (mut visitor, welcome) = Peer::visitor(site.address, None).await;
    assert_eq!(welcome["contact"], Value::Null);
    assert_eq!(welcome["token"].as_str().unwrap().len(), 32);

    let contact = visitor.say("tab:1", "where is my order?", None).await;
    visitor.next_where(is_notice("asking people now")).await;
    let own = visitor.next_where(|frame| frame["what"] == "message").await;
    assert_eq!(
        (own["from"].as_str(), own["text"].as_str()),
        (Some("you"), Some("where is my order?"))
    );

    let offers = desk
        .next_where(|frame| frame["type"] == "offers" && frame["offers"] != json!([]))
        .await;
    let offer = &offers["offers"][0];
    assert_eq!(offer["words"], "where is my order?");
    assert_eq!(offer["contact"]["page"], "/shop/bikes");
    desk.send(json!({"type": "accept", "offer": offer["id"]}))
        .await;
    assert_eq!(desk.next_of("acceptance").await["is_yours"], true);
    visitor.next_where(is_notice("Anna is here for you")).await;

    desk.send(json!({"type": "say", "key": "d:1", "contact": contact, "kind": "text", "text": "on its way"})).await;
    desk.next_of("kept").await;
    let answer = visitor.next_where(|frame| frame["what"] == "message").await;
    assert_eq!(
        (answer["name"].as_str(), answer["text"].as_str()),
        (Some("Anna"), Some("on its way"))
    );
}

#[tokio::test]
async fn urgency_phone_closing_and_coming_back() {
    let site = site::open().await;
    let _desk = Peer::desk(site.address, "member-one").await;
    let (mut visitor, welcome) = Peer::visitor(site.address, None).await;
    let token = welcome["token"].as_str().unwrap().to_owned();
    let contact = visitor.say("tab:1", "hello", None).await;
    let offer = site.switchboard.offers_to(&anna())[0].id;
    site.switchboard.accept(offer, anna()).await.unwrap();

    visitor
        .send(json!({"type": "urgency", "urgency": "high"}))
        .await;
    visitor
        .next_where(|frame| frame["notice"] == "notice.high")
        .await;
    visitor.send(json!({"type": "phone"})).await;
    let phone = visitor.next_where(|frame| frame["phone"].is_object()).await;
    assert_eq!(phone["phone"]["href"], "tel:+441632960121");
    visitor.send(json!({"type": "close"})).await;
    visitor.next_where(is_notice("closed")).await;
    drop(visitor);

    let (mut visitor, welcome) = Peer::visitor(site.address, Some(&token)).await;
    assert_eq!(welcome["contact"]["state"], "closed");
    let first = visitor.next_where(|frame| frame["what"] == "message").await;
    assert_eq!(first["text"], "hello", "the history is there");
    assert_eq!(
        visitor.say("tab:2", "one more thing", Some(contact)).await,
        contact
    );
    visitor
        .next_where(|frame| frame["notice"] == "notice.reopened")
        .await;
    assert_eq!(site.words(contact).await, ["hello", "one more thing"]);
}

#[tokio::test]
async fn a_new_web_on_the_same_switchboard_knows_the_visitor_again() {
    let site = site::open().await;
    let (mut visitor, welcome) = Peer::visitor(site.address, None).await;
    let contact = visitor.say("tab:1", "hello", None).await;
    let (chat, config) = (site.web.channel(), bereik_web::WebConfig::default());
    let again = bereik_web::Web::new(site.switchboard.clone(), chat, config);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = axum::Router::new().nest("/help", again.visitor_router());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let (_, welcome) = Peer::visitor(address, welcome["token"].as_str()).await;
    assert_eq!(welcome["contact"]["id"], contact);
}

#[tokio::test]
async fn a_second_tab_follows_what_the_first_opens() {
    let site = site::open().await;
    let (mut first, welcome) = Peer::visitor(site.address, None).await;
    let (mut second, _) = Peer::visitor(site.address, welcome["token"].as_str()).await;
    first.say("tab-1:1", "from the first tab", None).await;
    let own = second.next_where(|frame| frame["what"] == "message").await;
    assert_eq!(own["text"], "from the first tab");
}

#[tokio::test]
async fn the_row_of_the_page_counts_and_a_private_group_cannot_be_asked_for() {
    let site = site::open().await;
    let mut visitor = Peer::open(site.address, "/help/chat").await;
    visitor
        .send(json!({"type": "hello", "token": null, "language": "nl", "page": "/pay/now"}))
        .await;
    let to = json!({"group": "back-office", "person": "member-two"});
    visitor.send(json!({"type": "say", "key": "t:1", "text": "help", "contact": null, "to": to, "name": "Jan\u{0}\n Vis", "email": "jan@example.org"})).await;
    let contact = visitor.next_of("kept").await["contact"].as_u64().unwrap();
    let summary = site
        .switchboard
        .contact(ContactId::new(contact))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(summary.urgency, bereik_core::Urgency::High);
    assert_eq!(summary.customer.name, "Jan Vis");
    assert_eq!(
        summary.customer.language,
        bereik_core::language::Language::Dutch
    );
    let addressee = bereik_core::contact::Addressee::Group("helpdesk".parse().unwrap());
    assert_eq!(summary.addressee, addressee);
    let email = "jan@example.org".parse().unwrap();
    assert_eq!(site.switchboard.find(&email).await.unwrap().len(), 1);
    let Fact::Opened { page_match, .. } = &site.timeline(contact).await[0].fact else {
        panic!("opened first")
    };
    assert_eq!(page_match.as_ref().unwrap().row, 1);
}

#[tokio::test]
async fn a_visitor_who_says_later_who_he_is_is_found_by_it() {
    let site = site::open().await;
    let (mut visitor, _) = Peer::visitor(site.address, None).await;
    let contact = visitor.say("tab:1", "hello", None).await;
    visitor
        .send(json!({"type": "name", "name": "Jan Vis", "email": "jan@example.org"}))
        .await;
    visitor
        .next_where(|frame| frame["notice"] == "details.saved")
        .await;
    let found = site
        .switchboard
        .find(&"jan@example.org".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(
        (found[0].id, found[0].customer.name.as_str()),
        (ContactId::new(contact), "Jan Vis")
    );
    // The name by which his browser is known stays.
    assert_eq!(
        visitor.say("tab:2", "still me", Some(contact)).await,
        contact
    );
}

#[tokio::test]
async fn a_message_over_the_channel_reaches_the_open_browser() {
    let site = site::open().await;
    let (mut visitor, _) = Peer::visitor(site.address, None).await;
    let contact = visitor.say("tab:1", "hello", None).await;
    let summary = site
        .switchboard
        .contact(ContactId::new(contact))
        .await
        .unwrap()
        .unwrap();
    let to = summary.customer.addresses[0].clone();
    let body = Body::parse("a word from elsewhere").unwrap();
    let message = Outbound::new(
        Key::parse("elsewhere/1").unwrap(),
        to,
        body,
        at("2026-11-23T09:00:00Z"),
    );
    site.web.channel().send(&message).await.unwrap();
    let aside = visitor.next_of("aside").await;
    assert_eq!(
        (aside["id"].as_str(), aside["text"].as_str()),
        (Some("elsewhere/1"), Some("a word from elsewhere"))
    );
}

#[tokio::test]
async fn the_board_shows_a_department_reachable_once_a_desk_opens() {
    let site = site::open().await;
    let (mut visitor, _) = Peer::visitor(site.address, None).await;
    let has_chat = |frame: &Value| {
        frame["board"]["groups"][0]["now"]
            .as_array()
            .is_some_and(|now| now.contains(&json!("web_chat")))
    };
    let _desk = Peer::desk(site.address, "member-one").await;
    let board = visitor
        .next_where(|frame| frame["type"] == "board" && has_chat(frame))
        .await;
    assert_eq!(
        board["board"]["groups"].as_array().unwrap().len(),
        1,
        "only public groups"
    );
    assert_eq!(board["board"]["groups"][0]["standing"], "available");
}

#[tokio::test]
async fn a_visitor_who_leaves_is_told_of_and_one_who_is_back_too() {
    let site = site::open().await;
    let (mut visitor, welcome) = Peer::visitor(site.address, None).await;
    let contact = visitor.say("tab:1", "hello", None).await;
    let mut happening = site.switchboard.subscribe();
    drop(visitor);
    loop {
        let Some(bereik_switchboard::Notice::Entry(entry)) = happening.next().await else {
            continue;
        };
        if matches!(entry.fact, Fact::CustomerGone) {
            break;
        }
    }
    let (_back, _) = Peer::visitor(site.address, welcome["token"].as_str()).await;
    loop {
        let Some(bereik_switchboard::Notice::Entry(entry)) = happening.next().await else {
            continue;
        };
        if matches!(entry.fact, Fact::CustomerBack) {
            break;
        }
    }
    let said = site.timeline(contact).await.into_iter().filter(|entry| {
        matches!(
            entry.fact,
            Fact::Said {
                author: Author::Customer,
                ..
            }
        )
    });
    assert_eq!(said.count(), 1);
}
