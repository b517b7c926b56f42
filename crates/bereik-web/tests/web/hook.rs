//! What providers post reaches the channel byte for byte, and what the channel answers reaches them.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::body::Body;
use axum::http::Request;
use bereik_channel::{HookAnswer, HookRequest, Webhook};
use bereik_switchboard::Clock;
use bereik_web::hook_router;
use tower::ServiceExt as _;

#[derive(Default)]
struct Recorder(Mutex<Vec<String>>);

#[async_trait]
impl Webhook for Recorder {
    async fn take(&self, request: HookRequest<'_>) -> HookAnswer {
        let line = format!(
            "{} {} {} {:?} {}",
            if request.is_get { "GET" } else { "POST" },
            request.query,
            String::from_utf8_lossy(request.body),
            request.header("x-signature"),
            request.at.timestamp(),
        );
        self.0.lock().unwrap().push(line);
        HookAnswer::says(203, "application/json", "{\"ok\":true}".to_owned())
    }
}

async fn ask(recorder: &Arc<Recorder>, request: Request<Body>) -> (u16, String, String) {
    let clock = Clock::starting_at("2026-11-23T09:00:00Z".parse().unwrap());
    let app = axum::Router::new().nest("/hooks/x", hook_router(recorder.clone(), clock));
    let answer = app.oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    let media_type = answer.headers().get("content-type");
    let media_type = media_type
        .map_or("", |value| value.to_str().unwrap())
        .to_owned();
    let body = axum::body::to_bytes(answer.into_body(), 1_000)
        .await
        .unwrap();
    (
        status,
        media_type,
        String::from_utf8(body.to_vec()).unwrap(),
    )
}

#[tokio::test]
async fn a_channel_hears_what_was_posted_and_is_heard() {
    let recorder = Arc::new(Recorder::default());
    let request = Request::post("/hooks/x?a=b%20c&a=d")
        .header("X-Signature", "v0=1")
        .body(Body::from("{\"text\": \"caf\u{e9}\"}"));
    let answer = ask(&recorder, request.unwrap()).await;
    let json = "application/json".to_owned();
    assert_eq!(answer, (203, json.clone(), "{\"ok\":true}".to_owned()));
    let request = Request::get("/hooks/x?hub.challenge=7").body(Body::empty());
    assert_eq!(ask(&recorder, request.unwrap()).await.0, 203);
    let heard = recorder.0.lock().unwrap().clone();
    assert_eq!(
        heard,
        [
            "POST a=b%20c&a=d {\"text\": \"caf\u{e9}\"} Some(\"v0=1\") 1795424400",
            "GET hub.challenge=7  None 1795424400",
        ]
    );
}

#[tokio::test]
async fn what_is_too_large_or_neither_get_nor_post_reaches_nobody() {
    let recorder = Arc::new(Recorder::default());
    let large = vec![b' '; HookRequest::BODY_BYTES_MAX + 1];
    let request = Request::post("/hooks/x").body(Body::from(large)).unwrap();
    assert_eq!(ask(&recorder, request).await.0, 413);
    let request = Request::delete("/hooks/x").body(Body::empty()).unwrap();
    assert_eq!(ask(&recorder, request).await.0, 405);
    assert!(recorder.0.lock().unwrap().is_empty());
    let whole = vec![b' '; HookRequest::BODY_BYTES_MAX];
    let request = Request::post("/hooks/x").body(Body::from(whole)).unwrap();
    assert_eq!(ask(&recorder, request).await.0, 203);
}
