//! The form in a real browser, with scripts off: what is asked comes in, with its file, and the page says thank you.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use bereik::channel::{Channel, Cursor, EventKind, Inbound, Inbox};
use bereik::switchboard::Clock;
use bereik::web::{FormConfig, WebForm};
use bereik_tests::browser::{Browser, BrowserError, Page};
use tokio::net::TcpListener;

async fn serve() -> (Arc<WebForm>, String) {
    let inbox = Inbox::new().with_settle_for(Duration::ZERO);
    let inbox = Arc::new(inbox.with_poll_for(Duration::from_millis(100)));
    let clock = Clock::starting_at("2026-11-23T09:00:00Z".parse().unwrap());
    let form = WebForm::new(inbox, clock, FormConfig::new("Rivers & Co"));
    let form = Arc::new(form);
    let app = Router::new().nest("/site/ask", WebForm::router(&form));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/site/ask", listener.local_addr().unwrap());
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    (form, url)
}

async fn received(form: &WebForm) -> Vec<Inbound> {
    let batch = form.receive(Cursor::START, 50).await.unwrap();
    let messages = batch
        .events
        .into_iter()
        .filter_map(|event| match event.kind {
            EventKind::Message(message) => Some(message),
            _ => None,
        });
    messages.collect()
}

/// Leaves a picture for a person to look at, where `BEREIK_SCREENSHOTS` names a folder.
async fn picture(page: &Page, name: &str) -> Result<(), BrowserError> {
    match std::env::var_os("BEREIK_SCREENSHOTS") {
        Some(folder) => page.screenshot(&PathBuf::from(folder).join(name)).await,
        None => Ok(()),
    }
}

/// Sends the form, and waits for what the next page says. While a browser goes from page to page, neither can be asked.
async fn send(page: &Page, name: &str, text: &str) -> Result<(), BrowserError> {
    page.click(&field("send")).await?;
    let mut shown = page.wait_for_text(&field(name), text).await;
    for _ in 0..40 {
        if shown.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        shown = page.wait_for_text(&field(name), text).await;
    }
    shown
}

fn field(name: &str) -> String {
    format!("[data-testid=\"form-{name}\"]")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium; cargo xtask test runs it"]
async fn a_question_is_left_without_scripts() -> Result<(), BrowserError> {
    let (form, url) = serve().await;
    let browser = Browser::launch().await?;
    let page = browser.open(&format!("{url}?lang=nl")).await?;
    page.turn_scripts_off().await?;
    page.go_to(&format!("{url}?lang=nl")).await?;
    page.wait_for_text("h1", "Stel een vraag").await?;
    picture(&page, "form-empty.png").await?;
    page.type_into(&field("text"), "Hoe betaal ik?").await?;
    page.type_into(&field("name"), "Jan").await?;
    page.type_into(&field("phone"), "020 123 4567").await?;
    send(&page, "why", "landnummer").await?;
    picture(&page, "form-wrong.png").await?;
    assert!(received(&form).await.is_empty());
    page.type_into(&field("email"), "jan@example.org").await?;
    page.eval("document.querySelector('[name=\"phone\"]').value = ''")
        .await?;
    send(&page, "said", "Dank je wel").await?;
    picture(&page, "form-thanks.png").await?;
    let more = page.text_of(&field("more")).await?;
    let messages = received(&form).await;
    let [message] = &messages[..] else {
        panic!("{messages:?}")
    };
    assert_eq!(message.from.to_string(), "mailto:jan@example.org");
    let words = message.body.as_str();
    assert!(
        words.starts_with("Hoe betaal ik?\n"),
        "what was written stayed: {words}"
    );
    let number = words.rsplit(' ').next().unwrap().trim();
    assert!(more.replace('-', "").ends_with(number), "{more} {words}");
    assert_eq!(page.count("script").await?, 0);
    assert_eq!(page.complaints(), Vec::<String>::new());
    browser.close().await
}
