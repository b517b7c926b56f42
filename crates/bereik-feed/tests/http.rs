//! The HTTP client against servers on loopback that answer as they should, and as they should not.
#![cfg(feature = "http")]

#[path = "web/server.rs"]
mod web;

use std::io::Write as _;
use std::time::Duration;

use bereik_feed::UrlGuard;
use bereik_feed::http::{
    Client, Credentials, HttpError, HttpErrorKind, HttpLimits, Method, Request, Response,
};

use web::{Answer, Web, answer, guard};

/// A client that may ask this server, and is in no mood to wait.
fn client(web: &Web) -> Client {
    let limits = HttpLimits::default()
        .with_body_bytes_max(100_000)
        .with_request_for(Duration::from_secs(5))
        .with_read_for(Duration::from_millis(400));
    Client::new(guard(web)).with_limits(limits)
}

async fn get(web: &Web, path: &str) -> Result<Response, HttpError> {
    let client = client(web);
    let url = client.guard().check(&web.url(path)).expect("it is allowed");
    client.send(&Request::get(url)).await
}

/// What becomes of an answer.
async fn outcome(answer: Answer) -> Result<Vec<u8>, HttpErrorKind> {
    let web = Web::start(move |_| answer.clone()).await;
    let response = get(&web, "/anna.ics").await;
    response.map(|r| r.body().to_vec()).map_err(|e| e.kind())
}

#[tokio::test]
async fn a_whole_answer_is_read() {
    let web = Web::start(|_| answer("200 OK", "ETag: \"1\"\r\n", b"hello")).await;
    let response = get(&web, "/a/b.ics?key=1#part").await.expect("an answer");
    assert_eq!((response.status(), response.body()), (200, &b"hello"[..]));
    assert_eq!(response.header("etag"), Some("\"1\""));
    let asked = web.asked();
    let head = asked[0].to_ascii_lowercase();
    assert!(
        head.starts_with("get /a/b.ics?key=1 http/1.1\r\n"),
        "{head}"
    );
    assert!(head.contains(&format!("host: 127.0.0.1:{}\r\n", web.port())));
    assert!(head.contains("accept-encoding: gzip\r\n") && head.contains("connection: close\r\n"));
}
