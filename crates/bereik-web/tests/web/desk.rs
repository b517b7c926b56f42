//! What can be done at a desk, and who may.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::{Extension, Router};
use bereik_channel::MeetingTemplate;
use bereik_core::reachability::Reach;
use bereik_core::{ChannelKind, ContactId, Fact};
use bereik_web::{SignInLink, SignedIn, WebConfig};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::peer::{Peer, refused};
use crate::site::{self, Site, anna, ben};

async fn get(app: &Router, path: &str, cookie: Option<&str>) -> axum::response::Response {
    let mut request = Request::get(path);
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    app.clone()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap()
}

#[tokio::test]
async fn without_a_sign_in_every_route_answers_401() {
    let site = site::open().await;
    let app = Router::new().nest("/desk", site.web.desk_router());
    for path in [
        "/desk",
        "/desk/desk.js",
        "/desk/desk.css",
        "/desk/socket",
        "/desk/icon.svg",
        "/desk/none",
    ] {
        let status = get(&app, path, None).await.status();
        assert!(
            [StatusCode::UNAUTHORIZED, StatusCode::NOT_FOUND].contains(&status),
            "{path}: {status}"
        );
        assert!(
            path == "/desk/none" || status == StatusCode::UNAUTHORIZED,
            "{path}"
        );
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    assert_eq!(
        refused(address, "/desk/socket", Some(&format!("http://{address}"))).await,
        401
    );
}

#[tokio::test]
async fn the_link_signs_in_by_its_secret_and_a_strict_cookie() {
    let site = site::open().await;
    let link = SignInLink::new().unwrap();
    let app = Router::new().nest("/a/desk", link.guard(site.web.desk_router()));
    assert_eq!(
        get(&app, "/a/desk", None).await.status(),
        StatusCode::UNAUTHORIZED
    );
    let wrong = SignInLink::new().unwrap().path();
    for path in [
        wrong.as_str(),
        "sign-in",
        "sign-in?secret=",
        "sign-in?other=1",
    ] {
        let answer = get(&app, &format!("/a/desk/{path}"), None).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
        assert!(answer.headers().get(header::SET_COOKIE).is_none());
    }
    let answer = get(&app, &format!("/a/desk/{}", link.path()), None).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(answer.headers()[header::LOCATION], "/a/desk");
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(
        cookie.ends_with("; Path=/a/desk; HttpOnly; SameSite=Strict"),
        "{cookie}"
    );
    let secret = link.path().split_once('=').unwrap().1.to_owned();
    assert!(!cookie.contains(&secret), "the cookie is not the secret");
    let pair = cookie.split(';').next().unwrap();
    assert_eq!(
        get(&app, "/a/desk", Some(&format!("x=1; {pair}")))
            .await
            .status(),
        StatusCode::OK
    );
    let forged = format!("bereik_desk={secret}");
    assert_eq!(
        get(&app, "/a/desk", Some(&forged)).await.status(),
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_person_who_signed_in_takes_no_other_seat() {
    let site = site::open().await;
    let app = Router::new().nest(
        "/desk",
        site.web
            .desk_router()
            .layer(Extension(SignedIn::Person(ben()))),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let mut desk = Peer::open(address, "/desk/socket").await;
    desk.send(json!({"type": "hello", "person": "member-one"}))
        .await;
    let welcome = desk.next_of("welcome").await;
    assert_eq!(
        (welcome["me"].as_str(), welcome["can_choose"].as_bool()),
        (Some("member-two"), Some(false))
    );
}

#[tokio::test]
async fn an_open_desk_makes_its_person_reachable_and_a_closed_one_does_not() {
    let site = site::open().await;
    let reach = |site: &Site| site.switchboard.presence(&anna()).1[ChannelKind::WebChat].reach;
    assert_ne!(reach(&site), Reach::Now);
    let desk = Peer::desk(site.address, "member-one").await;
    assert_eq!(reach(&site), Reach::Now);
    let mut happening = site.switchboard.subscribe();
    drop(desk);
    while reach(&site) == Reach::Now {
        happening.next().await.unwrap();
    }
    assert!(!site.web.channel().has_desk(&anna()));
}

/// Opens a contact and lets Anna take it; with her desk.
async fn taken(site: &Site) -> (Peer, Peer, u64) {
    let mut desk = Peer::desk(site.address, "member-one").await;
    let (mut visitor, _) = Peer::visitor(site.address, None).await;
    let contact = visitor.say("tab:1", "hello", None).await;
    let offers = desk
        .next_where(|frame| frame["type"] == "offers" && frame["offers"] != json!([]))
        .await;
    desk.send(json!({"type": "accept", "offer": offers["offers"][0]["id"]}))
        .await;
    desk.next_of("acceptance").await;
    (desk, visitor, contact)
}

#[tokio::test]
async fn a_third_person_is_asked_in_and_joins() {
    let site = site::open().await;
    let mut third = Peer::desk(site.address, "member-two").await;
    let (mut desk, mut visitor, contact) = taken(&site).await;
    desk.send(json!({"type": "invite", "contact": contact, "person": "member-two"}))
        .await;
    let is_invitation = |frame: &Value| frame["offers"][0]["role"] == "participant";
    let offers = third.next_where(is_invitation).await;
    third
        .send(json!({"type": "accept", "offer": offers["offers"][0]["id"]}))
        .await;
    let joined = |frame: &Value| {
        frame["text"]
            .as_str()
            .is_some_and(|text| text.contains("Ben has joined"))
    };
    visitor.next_where(joined).await;
    let standing = visitor_standing(&site, contact).await;
    assert_eq!(standing, [anna(), ben()]);
}

async fn visitor_standing(site: &Site, contact: u64) -> Vec<bereik_core::PersonId> {
    site.switchboard
        .contact(ContactId::new(contact))
        .await
        .unwrap()
        .unwrap()
        .participants
}

#[tokio::test]
async fn the_timeline_says_who_was_asked_and_why_the_others_were_not() {
    let site = site::open().await;
    let (mut desk, _visitor, contact) = taken(&site).await;
    desk.send(json!({"type": "follow", "contact": contact, "after": 0}))
        .await;
    let chosen = desk
        .next_where(|frame| frame["entry"]["fact"]["type"] == "chosen")
        .await;
    let explanation = &chosen["entry"]["fact"]["explanation"];
    assert_eq!(explanation["chosen"], json!(["member-one"]));
    let excluded = explanation["excluded"].as_array().unwrap();
    assert!(
        excluded.contains(&json!(["member-two", {"not_reachable": "no_desk"}])),
        "{excluded:?}"
    );
    let said = desk
        .next_where(|frame| frame["entry"]["fact"]["type"] == "said")
        .await;
    assert_eq!(said["text"], "hello");
}

#[tokio::test]
async fn a_contact_is_found_by_the_address_of_its_customer() {
    let site = site::open().await;
    let mut desk = Peer::desk(site.address, "member-one").await;
    let (mut visitor, _) = Peer::visitor(site.address, None).await;
    visitor.send(json!({"type": "say", "key": "t:1", "text": "hello", "contact": null, "email": "Jan@Example.org"})).await;
    let contact = visitor.next_of("kept").await["contact"].clone();
    desk.send(json!({"type": "search", "address": "jan@example.org"}))
        .await;
    let found = desk.next_of("found").await;
    let row = &found["rows"][0];
    assert_eq!(
        (&row["id"], &row["addresses"][0]),
        (&contact, &json!("mailto:jan@example.org"))
    );
    assert_eq!(row["last_word"][0], "customer");
    assert!(row["promise"].is_object());
    desk.send(json!({"type": "search", "address": "no address"}))
        .await;
    assert_eq!(desk.next_of("refused").await["reason"], "address");
}

#[tokio::test]
async fn links_lead_to_pages_only_and_strangers_write_nothing() {
    let site = site::open().await;
    let (mut desk, mut visitor, contact) = taken(&site).await;
    for text in ["javascript:alert(1)", "data:text/html,x", "not a link"] {
        desk.send(
            json!({"type": "say", "key": "d:1", "contact": contact, "kind": "link", "text": text}),
        )
        .await;
        assert_eq!(desk.next_of("refused").await["reason"], "link", "{text}");
    }
    let link = json!({"type": "say", "key": "d:2", "contact": contact, "kind": "link", "text": "https://example.org/a"});
    desk.send(link).await;
    visitor
        .next_where(|frame| frame["text"] == "https://example.org/a")
        .await;
    let mut other = Peer::desk(site.address, "member-three").await;
    other.send(json!({"type": "say", "key": "c:1", "contact": contact, "kind": "text", "text": "me too"})).await;
    assert_eq!(other.next_of("refused").await["reason"], "not_participant");
}

#[tokio::test]
async fn a_meeting_is_a_link_of_its_own_each_time_for_those_who_take_part() {
    let template = MeetingTemplate::parse("https://meet.example.org/{room}").unwrap();
    let config = WebConfig::default().with_limits(site::GENEROUS);
    let site = site::open_with(config.with_meetings(template)).await;
    let (mut desk, mut visitor, contact) = taken(&site).await;
    let start = json!({"type": "meeting", "contact": contact});
    let mut links = Vec::new();
    for _ in 0..2 {
        desk.send(start.clone()).await;
        let is_link = |frame: &Value| {
            let text = frame["text"].as_str().unwrap_or_default();
            text.starts_with("https://meet.example.org/")
        };
        let told = visitor.next_where(is_link).await;
        links.push(told["text"].as_str().unwrap().to_owned());
    }
    assert_ne!(links[0], links[1]);
    assert!(links.iter().all(|link| link.len() > 50), "{links:?}");
    let mut other = Peer::desk(site.address, "member-three").await;
    other.send(start).await;
    assert_eq!(other.next_of("refused").await["reason"], "not_participant");
}

#[tokio::test]
async fn whoever_does_not_want_to_be_disturbed_is_not_asked() {
    let site = site::open().await;
    let mut desk = Peer::desk(site.address, "member-one").await;
    desk.send(json!({"type": "disturb", "welcome": false}))
        .await;
    let mine = |frame: &Value, state: &str| {
        frame["people"].as_array().is_some_and(|people| {
            people
                .iter()
                .any(|one| one["id"] == "member-one" && one["state"] == state)
        })
    };
    desk.next_where(|frame| mine(frame, "do_not_disturb")).await;
    let (mut visitor, _) = Peer::visitor(site.address, None).await;
    let contact = visitor.say("tab:1", "hello", None).await;
    assert!(site.switchboard.offers_to(&anna()).is_empty());
    desk.send(json!({"type": "disturb", "welcome": true})).await;
    desk.next_where(|frame| frame["type"] == "offers" && frame["offers"] != json!([]))
        .await;
    desk.send(json!({"type": "claim", "contact": contact}))
        .await;
    desk.next_of("acceptance").await;
    let timeline = site.timeline(contact).await;
    let joined = timeline
        .iter()
        .filter(|entry| matches!(entry.fact, Fact::Joined { .. }));
    assert!(joined.count() <= 1);
}
