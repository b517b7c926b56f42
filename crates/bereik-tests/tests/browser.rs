//! The browser driver against a page of its own: shadow roots, mouse, keyboard, and a network that goes away.

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::response::Html;
use axum::routing::get;
use bereik_tests::browser::{Browser, BrowserError};
use bereik_tests::cable::Cable;
use serde_json::json;
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// A custom element that repeats what is said to it, over HTTP for a click and over a WebSocket for Enter.
const PAGE: &str = include_str!("pages/echo.html");

async fn serve() -> std::io::Result<SocketAddr> {
    let echo = |upgrade: WebSocketUpgrade| async {
        upgrade.on_upgrade(|mut socket| async move {
            while let Some(Ok(message)) = socket.recv().await {
                if socket.send(message).await.is_err() {
                    break;
                }
            }
        })
    };
    let router = Router::new()
        .route("/", get(|| async { Html(PAGE) }))
        .route("/word", get(|| async { "heard" }))
        .route("/socket", get(echo));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

#[tokio::test]
#[ignore = "needs chromium; cargo xtask test runs it"]
async fn drives_a_page_with_shadow_dom() -> Result<(), BrowserError> {
    let cable = Cable::lay(serve().await.unwrap()).await.unwrap();
    let url = format!("http://{}/", cable.address());
    let browser = Browser::launch().await?;
    let page = browser.open(&url).await?;

    page.type_into("x-echo >>> input", "héllo <b>").await?;
    page.click("x-echo >>> form button").await?;
    page.wait_for_text("x-echo >>> ol", "heard héllo <b>")
        .await?;
    assert_eq!(page.text_of("x-echo >>> li").await?, "heard héllo <b>");
    assert_eq!(page.count("x-echo >>> li > b").await?, 0, "text stays text");
    assert_eq!(page.eval("document.title").await?, json!("echo"));

    page.wait_for_text("#line", "open").await?;
    page.click("x-echo >>> input").await?;
    page.press("Enter").await?;
    page.wait_for_count("x-echo >>> li", 2).await?;
    assert_eq!(
        page.texts_of("x-echo >>> li").await?,
        ["heard héllo <b>", "héllo <b>"]
    );

    page.set_offline(true).await?;
    page.click("x-echo >>> form button").await?;
    page.wait_for_text("x-echo >>> li:last-child", "no network")
        .await?;
    page.set_offline(false).await?;

    cable.cut();
    page.wait_for_text("#line", "closed").await?;
    cable.mend();
    page.wait_for_text("#line", "open").await?;

    assert_eq!(page.complaints(), Vec::<String>::new());
    page.eval("setTimeout(() => { throw new Error('said by the page') })")
        .await?;
    page.wait_until("new Promise(done => setTimeout(() => done(true), 100))")
        .await?;
    assert!(page.complaints()[0].contains("said by the page"));

    browser.close().await
}

#[tokio::test]
#[ignore = "needs chromium; cargo xtask test runs it"]
async fn visitors_share_nothing_and_pages_of_one_visitor_do() -> Result<(), BrowserError> {
    let url = format!("http://{}/", serve().await.unwrap());
    let browser = Browser::launch().await?;
    let anna = browser.visitor().await?;
    let first = anna.open(&url).await?;
    first.eval("localStorage.setItem('name', 'Anna')").await?;

    let second = anna.open(&url).await?;
    let stranger = browser.open(&url).await?;
    assert_eq!(
        second.eval("localStorage.getItem('name')").await?,
        json!("Anna")
    );
    assert_eq!(
        stranger.eval("localStorage.getItem('name')").await?,
        json!(null)
    );

    for page in [&first, &second, &stranger] {
        page.type_into("x-echo >>> input", "hi").await?;
        page.click("x-echo >>> form button").await?;
        page.wait_for_text("x-echo >>> ol", "heard hi").await?;
    }
    second.close().await?;
    browser.close().await
}
