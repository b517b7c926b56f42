//! What is too large, too fast or from elsewhere, and how it is answered.

use axum::body::Body;
use axum::http::Request;
use bereik_core::message::Body as Words;
use bereik_web::{Limits, Rate, WebConfig};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::peer::{Peer, refused};
use crate::site::{self, GENEROUS};

#[tokio::test]
async fn sockets_open_from_our_own_site_and_those_named_only() {
    let config = WebConfig::default().with_origin("https://shop.example".parse().unwrap());
    let site = site::open_with(config).await;
    for path in ["/help/chat", "/desk/socket"] {
        for origin in [Some("https://evil.example"), Some("null"), None] {
            assert_eq!(
                refused(site.address, path, origin).await,
                403,
                "{path} {origin:?}"
            );
        }
    }
    assert_eq!(
        refused(site.address, "/desk/socket", Some("https://shop.example")).await,
        403
    );
}

#[tokio::test]
async fn a_site_that_is_named_shows_the_chat() {
    let config = WebConfig::default().with_origin("https://shop.example".parse().unwrap());
    let site = site::open_with(config).await;
    let mut visitor = Peer::open_from(site.address, "/help/chat", "https://shop.example").await;
    visitor.send(json!({"type": "hello", "token": null})).await;
    visitor.next_of("welcome").await;
}

#[tokio::test]
async fn a_flood_of_frames_ends_the_connection() {
    let site = site::open().await;
    let (mut visitor, _) = Peer::visitor(site.address, None).await;
    for _ in 0..400 {
        visitor
            .send(json!({"type": "follow", "contact": null, "after": 0}))
            .await;
    }
    // What was still on its way may take the reason with it.
    let close = visitor.closed().await;
    assert!(close.is_none_or(|close| u16::from(close.code) == 1008));
}

#[tokio::test]
async fn a_board_is_given_to_sites_that_are_named() {
    let config = WebConfig::default().with_origin("https://shop.example".parse().unwrap());
    let site = site::open_with(config).await;
    let of = async |origin: &str| {
        let request = Request::get("/board.json")
            .header("origin", origin)
            .body(Body::empty())
            .unwrap();
        site.web
            .visitor_router()
            .oneshot(request)
            .await
            .unwrap()
            .headers()
            .get("access-control-allow-origin")
            .cloned()
    };
    assert_eq!(
        of("https://shop.example").await.unwrap(),
        "https://shop.example"
    );
    assert_eq!(of("https://evil.example").await, None);
}

#[tokio::test]
async fn a_long_message_is_refused_in_words_and_a_huge_frame_closes() {
    let site = site::open().await;
    let (mut visitor, _) = Peer::visitor(site.address, None).await;
    for text in [
        "x".repeat(Words::BYTES_MAX + 1),
        "  \n ".to_owned(),
        String::new(),
    ] {
        visitor
            .send(json!({"type": "say", "key": "t:1", "text": text, "contact": null}))
            .await;
        let refused = visitor.next_of("refused").await;
        assert_eq!(
            (refused["key"].as_str(), refused["reason"].as_str()),
            (Some("t:1"), Some("body"))
        );
    }
    // Each of them is written as two characters in JSON.
    let longest = "\"".repeat(Words::BYTES_MAX);
    let contact = visitor.say("t:2", &longest, None).await;
    assert_eq!(site.words(contact).await, [longest]);
    visitor.send_text("x".repeat(100_000)).await;
    visitor.closed().await;
    assert!(site.switchboard.open_contacts().await.unwrap().len() == 1);
}

#[tokio::test]
async fn whoever_writes_too_fast_is_told_when_to_go_on() {
    let rate = Rate {
        at_once: 3,
        per_minute: 60,
    };
    let site = site::open_with(WebConfig::default().with_limits(Limits {
        per_connection: rate,
        ..GENEROUS
    }))
    .await;
    let (mut visitor, _) = Peer::visitor(site.address, None).await;
    for n in 1..=4 {
        visitor
            .send(json!({"type": "say", "key": format!("t:{n}"), "text": "hello", "contact": null}))
            .await;
    }
    let refused = visitor.next_of("refused").await;
    assert_eq!(
        (refused["key"].as_str(), refused["reason"].as_str()),
        (Some("t:4"), Some("flood"))
    );
    assert_eq!(refused["retry_after_s"], 1);
}

#[tokio::test]
async fn one_network_address_counts_over_all_its_connections() {
    let rate = Rate {
        at_once: 2,
        per_minute: 1,
    };
    let site = site::open_with(WebConfig::default().with_limits(Limits {
        per_address: rate,
        ..GENEROUS
    }))
    .await;
    for n in 1..=2 {
        let (mut visitor, _) = Peer::visitor(site.address, None).await;
        visitor.say(&format!("t:{n}"), "hello", None).await;
    }
    let (mut visitor, _) = Peer::visitor(site.address, None).await;
    visitor
        .send(json!({"type": "say", "key": "t:3", "text": "hello", "contact": null}))
        .await;
    assert_eq!(visitor.next_of("refused").await["reason"], "flood");
}

#[tokio::test]
async fn there_is_room_for_so_many_sockets() {
    let limits = Limits {
        sockets_per_address_max: 1,
        ..GENEROUS
    };
    let site = site::open_with(WebConfig::default().with_limits(limits)).await;
    let (first, _) = Peer::visitor(site.address, None).await;
    for path in ["/help/chat", "/desk/socket"] {
        let mut second = Peer::open(site.address, path).await;
        let refused = second.next().await.unwrap();
        assert_eq!(
            (
                refused["reason"].as_str(),
                refused["retry_after_s"].as_u64()
            ),
            (Some("sockets"), Some(30))
        );
        assert_eq!(u16::from(second.closed().await.unwrap().code), 1013);
    }
    drop(first);
}

#[tokio::test]
async fn what_is_no_frame_is_refused_and_the_socket_stays() {
    let site = site::open().await;
    let (mut visitor, _) = Peer::visitor(site.address, None).await;
    for text in [
        "{",
        "[]",
        "{\"type\":\"accept\",\"offer\":1}",
        "{\"type\":\"urgency\",\"urgency\":\"low\"}",
        "{\"type\":\"close\"}",
    ] {
        visitor.send_text(text.to_owned()).await;
        assert_eq!(
            visitor.next_of("refused").await["reason"],
            "other",
            "{text}"
        );
    }
    visitor.say("t:1", "still here", None).await;
}

#[tokio::test]
async fn pages_are_strict_and_find_their_neighbours() {
    let site = site::open().await;
    let desk = site
        .web
        .desk_router()
        .layer(axum::Extension(bereik_web::SignedIn::AnyMember));
    let app = axum::Router::new()
        .nest("/a/help", site.web.visitor_router())
        .nest("/desk", desk);
    for (path, script) in [
        ("/a/help?lang=nl", "\"./help/widget.js\""),
        ("/desk", "\"./desk/desk.js\""),
    ] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = app.clone().oneshot(request).await.unwrap();
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "no-referrer");
        let page = axum::body::to_bytes(answer.into_body(), 1 << 20)
            .await
            .unwrap();
        let page = String::from_utf8(page.to_vec()).unwrap();
        assert!(page.contains(script), "{page}");
        assert!(
            page.contains("Rivers &amp; &lt;Co&gt;") && !page.contains("<Co>"),
            "names stay text"
        );
    }
    let scripts = ["/a/help/widget.js", "/a/help/page.js", "/desk/desk.js"];
    for path in scripts {
        let answer = app
            .clone()
            .oneshot(Request::get(path).body(Body::empty()).unwrap())
            .await
            .unwrap();
        assert_eq!(
            answer.headers()["content-type"],
            "text/javascript; charset=utf-8"
        );
    }
}

#[tokio::test]
async fn frames_are_allowed_to_those_named() {
    let config = WebConfig::default().with_frame_ancestor("https://shop.example".parse().unwrap());
    let site = site::open_with(config).await;
    let answer = site
        .web
        .visitor_router()
        .oneshot(Request::get("/").body(Body::empty()).unwrap())
        .await
        .unwrap();
    let policy: Value = answer.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .into();
    assert!(
        policy
            .as_str()
            .unwrap()
            .ends_with("frame-ancestors https://shop.example")
    );
}
