//! The whole walk in a real browser: agendas on disk, a visitor, three members, a cut connection.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use bereik::channel::{AlertTo, Dispatch, MeetingTemplate, Memory};
use bereik::core::ChannelKind;
use bereik::feed::{calendar_files, read_calendars, read_directory};
use bereik::switchboard::{Clock, Switchboard};
use bereik::web::{KeptMail, Outbox, SignInLink, Web, WebChat, WebConfig};
use bereik_tests::browser::{Browser, BrowserError, Page, Visitor};
use bereik_tests::cable::Cable;
use serde_json::json;
use tokio::net::TcpListener;

/// A page of somebody's site, with the one script tag that brings the chat.
const SITE: &str = r#"<!doctype html><html lang="en"><title>Checkout</title><h1>Your order</h1>
<script src="/bereik/widget.js" defer></script></html>"#;

struct House {
    switchboard: Switchboard,
    server: SocketAddr,
    sign_in: String,
}

/// The company of the example at an instant, with the agendas that lie on disk, and mail that
/// stays in an outbox.
async fn house(at: &str) -> House {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/webchat");
    let directory = read_directory(&folder.join("directory.toml")).unwrap();
    let monday = at.parse().unwrap();
    let chat = WebChat::new();
    let mail = Arc::new(Memory::holding(ChannelKind::Email));
    let switchboard = Switchboard::builder(directory.clone())
        .with_channel(chat.clone())
        .with_channel(mail.clone())
        .with_clock(Clock::starting_at(monday))
        .start()
        .await
        .unwrap();
    for update in read_calendars(&calendar_files(&directory, &folder), monday) {
        assert!(update.failures.is_empty() && update.problems.is_empty());
        switchboard
            .update_calendar(update.person, update.free_busy)
            .await
            .unwrap();
    }
    let outbox = Outbox::new(move || mail.outbox().iter().filter_map(kept).collect());
    let meetings = MeetingTemplate::parse("https://meet.example.org/{room}").unwrap();
    let config = WebConfig::default().with_outbox(outbox);
    let config = config.with_meetings(meetings);
    let web = Web::new(switchboard.clone(), chat, config);
    let link = SignInLink::new().unwrap();
    let app = Router::new()
        .route("/shop/{*path}", get(|| async { Html(SITE) }))
        .nest("/bereik", web.visitor_router())
        .nest("/desk", link.guard(web.desk_router()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap();
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    House {
        switchboard,
        server,
        sign_in: format!("desk/{}", link.path()),
    }
}

/// A mail of the outbox, as the desk shows it.
fn kept(dispatch: &Dispatch) -> Option<KeptMail> {
    let Dispatch::Alert(alert) = dispatch else {
        return None;
    };
    let AlertTo::Address(to) = &alert.to else {
        return None;
    };
    Some(KeptMail {
        at: alert.offer.made_at,
        to: to.value().to_owned(),
        subject: alert.subject.as_str().to_owned(),
        text: alert.text.as_str().to_owned(),
    })
}

fn in_chat(testid: &str) -> String {
    format!("bereik-chat >>> [data-testid=\"{testid}\"]")
}

fn at_desk(testid: &str) -> String {
    format!("[data-testid=\"{testid}\"]")
}

/// Somebody of the company sits down at a desk.
async fn sit_down(
    visitor: &Visitor<'_>,
    base: &str,
    sign_in: &str,
    person: &str,
) -> Result<Page, BrowserError> {
    let desk = visitor.open(&format!("{base}/{sign_in}")).await?;
    desk.click(&at_desk(&format!("desk-seat-{person}"))).await?;
    desk.wait_for_text(&at_desk("desk-me"), "vailable").await?;
    Ok(desk)
}

async fn say_as_visitor(page: &Page, text: &str) -> Result<(), BrowserError> {
    page.type_into(&in_chat("chat-input"), text).await?;
    page.press("Enter").await
}

async fn say_at_desk(desk: &Page, text: &str) -> Result<(), BrowserError> {
    desk.type_into(&at_desk("desk-input"), text).await?;
    desk.press("Enter").await
}

/// Leaves a picture for a person to look at, where `BEREIK_SCREENSHOTS` names a folder.
async fn picture(page: &Page, name: &str) -> Result<(), BrowserError> {
    match std::env::var_os("BEREIK_SCREENSHOTS") {
        Some(folder) => page.screenshot(&PathBuf::from(folder).join(name)).await,
        None => Ok(()),
    }
}

fn only(all: &[String], wanted: &[&str]) -> Vec<String> {
    all.iter()
        .filter(|one| wanted.contains(&one.as_str()))
        .cloned()
        .collect()
}

/// Words of a visitor that look like markup.
const ATTACK: &str = "<img src=x onerror=\"window.harmed=1\"> is my order";
/// What everybody writes while the connection is cut.
const FROM_VISITOR: [&str; 3] = ["number one", "number two", "number three"];
const FROM_ANNA: [&str; 2] = ["I see it", "one moment"];
const FROM_BRAM: [&str; 1] = ["it is on the bench"];

/// Every message of the conversation, as the visitor's page and as a desk shows it.
fn all_in_chat() -> String {
    format!(
        "{} [data-testid=\"chat-message-text\"]",
        in_chat("chat-log")
    )
}

fn all_at_desk() -> String {
    format!(
        "{} [data-testid=\"desk-message-text\"]",
        at_desk("desk-log")
    )
}

/// A visitor of the checkout asks the helpdesk. It rings at the desk of the member whose agenda is
/// free, with the page.
async fn asks_and_is_accepted(page: &Page, anna: &Page) -> Result<(), BrowserError> {
    page.click(&in_chat("chat-launcher")).await?;
    page.click(&in_chat("chat-choice-helpdesk")).await?;
    say_as_visitor(page, ATTACK).await?;
    page.wait_for_text(&in_chat("chat-log"), "is my order")
        .await?;
    anna.wait_for_text(&at_desk("desk-alert-page"), "/shop/bikes/checkout")
        .await?;
    anna.wait_for_text(&at_desk("desk-alert-words"), ATTACK)
        .await?;
    picture(anna, "desk-alert.png").await?;
    picture(page, "visitor-waiting.png").await?;
    anna.click(&at_desk("desk-accept-1")).await?;
    page.wait_for_text(&in_chat("chat-standing"), "Anna de Vries")
        .await
}

/// A third person joins, asked by the owner.
async fn third_joins(page: &Page, anna: &Page, bram: &Page) -> Result<(), BrowserError> {
    anna.click(&at_desk("desk-invite")).await?;
    let choice = "el => { el.value = 'bram'; return el.value }";
    anna.eval_on(&at_desk("desk-invite-person"), choice).await?;
    anna.click(&at_desk("desk-invite-go")).await?;
    bram.click(&at_desk("desk-accept-1")).await?;
    page.wait_for_text(&in_chat("chat-log"), "Bram Kuiper")
        .await?;
    say_at_desk(anna, "Good morning, which order?").await?;
    page.wait_for_text(&in_chat("chat-log"), "which order?")
        .await?;
    bram.wait_for_text(&at_desk("desk-log"), "which order?")
        .await
}

/// One press sends the visitor the link of a meeting.
async fn meets(page: &Page, anna: &Page) -> Result<(), BrowserError> {
    anna.click(&at_desk("desk-meeting")).await?;
    let link = "a[href^=\"https://meet.example.org/\"]";
    page.wait_for(&format!("{} {link}", in_chat("chat-log")))
        .await
}

/// Each page comes to show every message, once, in the order in which its author wrote.
async fn shows_all_once(page: &Page, selector: &str) -> Result<(), BrowserError> {
    page.wait_for_count(selector, 8).await?;
    let all = page.texts_of(selector).await?;
    assert_eq!(only(&all, &FROM_VISITOR), FROM_VISITOR);
    assert_eq!(only(&all, &FROM_ANNA), FROM_ANNA);
    assert_eq!(only(&all, &FROM_BRAM), FROM_BRAM);
    assert_eq!(all[0], ATTACK);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium; cargo xtask test runs it"]
async fn a_visitor_chats_and_nothing_is_lost_or_doubled() -> Result<(), BrowserError> {
    let house = house("2026-11-23T08:10:00Z").await;
    let cable = Cable::lay(house.server).await.unwrap();
    let base = format!("http://{}", cable.address());
    let browser = Browser::launch().await?;
    let (at_anna, at_bram) = (browser.visitor().await?, browser.visitor().await?);
    let anna = sit_down(&at_anna, &base, &house.sign_in, "anna").await?;
    let page = browser
        .open(&format!("{base}/shop/bikes/checkout?card=4"))
        .await?;
    asks_and_is_accepted(&page, &anna).await?;
    let bram = sit_down(&at_bram, &base, &house.sign_in, "bram").await?;
    third_joins(&page, &anna, &bram).await?;

    // The connection is cut while everybody writes.
    cable.cut();
    for text in FROM_VISITOR {
        say_as_visitor(&page, text).await?;
    }
    for text in FROM_ANNA {
        say_at_desk(&anna, text).await?;
    }
    for text in FROM_BRAM {
        say_at_desk(&bram, text).await?;
    }
    cable.mend();
    shows_all_once(&page, &all_in_chat()).await?;
    shows_all_once(&anna, &all_at_desk()).await?;
    shows_all_once(&bram, &all_at_desk()).await?;
    let contacts = house.switchboard.open_contacts().await.unwrap();
    assert_eq!(contacts.len(), 1, "one conversation, whatever was cut");

    // What looked like markup stayed text, and no page broke a rule of its policy.
    for page in [&page, &anna, &bram] {
        assert_eq!(page.eval("window.harmed === undefined").await?, json!(true));
        assert_eq!(page.complaints(), Vec::<String>::new());
    }
    let images = format!("{} img", in_chat("chat-log"));
    assert_eq!(page.count(&images).await?, 0);

    // The timeline says why; the visitor goes on by phone, closes, and comes back to it.
    anna.click(&at_desk("desk-tab-timeline")).await?;
    anna.wait_for(&at_desk("desk-fact-chosen")).await?;
    picture(&anna, "desk-timeline.png").await?;
    meets(&page, &anna).await?;
    page.click(&in_chat("chat-ask-phone")).await?;
    page.wait_for(&format!("{} a[href^=\"tel:\"]", in_chat("chat-log")))
        .await?;
    picture(&page, "visitor-chat.png").await?;
    page.click(&in_chat("chat-end")).await?;
    page.click(&in_chat("chat-yes")).await?;
    page.wait_for_text(&in_chat("chat-log"), "closed").await?;
    page.reload().await?;
    page.click(&in_chat("chat-launcher")).await?;
    page.wait_for_count(&all_in_chat(), 9).await?;
    browser.close().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium; cargo xtask test runs it"]
async fn the_visitor_page_shows_who_is_reachable_and_never_why_not() -> Result<(), BrowserError> {
    let house = house("2026-11-23T08:10:00Z").await;
    let base = format!("http://{}", house.server);
    let browser = Browser::launch().await?;
    let page = browser.open(&format!("{base}/bereik?lang=en")).await?;
    page.wait_for_text("[data-testid=\"standing-anna\"]", "Reachable now")
        .await?;
    page.wait_for_text(
        "[data-testid=\"standing-eva\"]",
        "Back at Monday 30 November 08:30",
    )
    .await?;
    let shown = page.text_of("body").await?;
    for private in [
        "on leave",
        "vacation",
        "holiday",
        "meeting",
        "stand-up",
        "out of office",
    ] {
        assert!(
            !shown.to_lowercase().contains(private),
            "the page tells: {private}"
        );
    }
    page.go_to(&format!("{base}/bereik?lang=nl")).await?;
    page.wait_for_text("[data-testid=\"standing-anna\"]", "Nu bereikbaar")
        .await?;
    let (switchboard, anna) = (Arc::new(house.switchboard), "anna".parse().unwrap());
    switchboard
        .update_calendar(anna, bereik::core::FreeBusy::unknown())
        .await
        .unwrap();
    page.wait_until("!document.querySelector('[data-testid=\"standing-anna\"]').textContent.includes('Nu bereikbaar')").await?;
    assert_eq!(page.complaints(), Vec::<String>::new());
    browser.close().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium; cargo xtask test runs it"]
async fn the_visitor_page_needs_no_scripts() -> Result<(), BrowserError> {
    let house = house("2026-11-23T08:10:00Z").await;
    let base = format!("http://{}", house.server);
    let browser = Browser::launch().await?;
    let page = browser.open("about:blank").await?;
    page.turn_scripts_off().await?;
    page.go_to(&format!("{base}/bereik?lang=en")).await?;
    let shown = page.text_of("main").await?;
    for text in [
        "Reachable now",
        "Back at Monday 30 November 08:30",
        "Opening hours and contact",
    ] {
        assert!(shown.contains(text), "{text}\n{shown}");
    }
    // Were a script run, the cards would have buttons.
    assert_eq!(
        page.eval("document.querySelectorAll('button').length")
            .await?,
        0
    );
    let told = page
        .eval("JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').text)")
        .await?;
    assert_eq!(told["@type"], "LocalBusiness");
    assert!(!told["contactPoint"][0]["telephone"].is_null());
    assert_eq!(page.complaints(), Vec::<String>::new());
    browser.close().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium; cargo xtask test runs it"]
async fn at_night_the_words_wait_in_the_outbox_and_a_calamity_goes_out_at_once()
-> Result<(), BrowserError> {
    let house = house("2026-11-24T01:00:00Z").await;
    let base = format!("http://{}", house.server);
    let browser = Browser::launch().await?;
    let page = browser.open(&format!("{base}/shop/bikes")).await?;
    page.click(&in_chat("chat-launcher")).await?;
    page.click(&in_chat("chat-choice-helpdesk")).await?;
    say_as_visitor(&page, "The gate of our warehouse does not open").await?;
    // The visitor hears that nobody is there, when somebody is, and that no alert went out.
    page.wait_for_text(&in_chat("chat-log"), "08:30").await?;
    page.wait_for_text(&in_chat("chat-log"), "could not be alerted")
        .await?;

    let at_anna = browser.visitor().await?;
    let anna = at_anna.open(&format!("{base}/{}", house.sign_in)).await?;
    anna.click(&at_desk("desk-seat-anna")).await?;
    anna.wait_for_text(&at_desk("desk-outbox"), "on-call@kade.example")
        .await?;
    page.click(&in_chat("chat-calamity")).await?;
    page.click(&in_chat("chat-yes")).await?;
    anna.wait_for_text(&at_desk("desk-outbox"), "calamity@kade.example")
        .await?;
    picture(&anna, "desk-night.png").await?;
    picture(&page, "visitor-night.png").await?;

    // Somebody who looks at the list takes it, and the visitor is told.
    anna.click(&at_desk("desk-contact-1")).await?;
    anna.click(&at_desk("desk-claim")).await?;
    page.wait_for_text(&in_chat("chat-standing"), "Anna de Vries")
        .await?;
    assert_eq!(page.complaints(), Vec::<String>::new());
    browser.close().await?;
    Ok(())
}
