//! WhatsApp, Messenger and Instagram: requests against Meta's own description, the window, what is posted, faults, and the
//! contract against an account that is written here, because Meta gives none.

#[path = "meta/account.rs"]
mod account;
#[path = "../../bereik-channel/tests/providers/alert.rs"]
mod alert;
#[path = "../../bereik-channel/tests/providers/fault.rs"]
mod fault;
#[path = "../../bereik-channel/tests/providers/prism.rs"]
mod prism;
#[path = "../../bereik-channel/tests/providers/verdict.rs"]
mod verdict;
#[path = "../../bereik-channel/tests/providers/words.rs"]
mod words;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use account::{ACCOUNT, Account, SECRET, WORD, post, take};
use alert::alert;
use bereik_channel::http::{Call, Http};
use bereik_channel::signature::Secrets;
use bereik_channel::{
    Channel, Cursor, ErrorKind, EventKind, Evidence, HookRequest, Inbox, Initiative, Retry, Scope,
    Sent, Webhook, conformance,
};
use bereik_core::id::Key;
use bereik_social::{Meta, Product};
use chrono::{DateTime, TimeDelta, Utc};
use fault::Fault;
use prism::Prism;
use serde_json::json;
use verdict::{BROKEN, CREDENTIALS, INVALID, REFUSED, SLOWER};
use words::{at, message};

fn meta(
    product: Product,
    api: &str,
    now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
) -> Meta {
    let http = Http::new()
        .expect("a client")
        .with_answer_within(Duration::from_millis(1_000));
    let inbox = Inbox::new()
        .with_settle_for(Duration::ZERO)
        .with_poll_for(Duration::from_millis(200));
    let secrets = |text: &str| Secrets::new(text.to_owned()).expect("a secret");
    Meta::new(product, ACCOUNT, http, "EAAJB-secret-token", now)
        .with_webhook(secrets(SECRET), secrets(WORD), Arc::new(inbox))
        .with_api(api)
}

fn whatsapp(api: &str) -> Meta {
    meta(Product::WhatsApp, api, at)
}

#[tokio::test]
#[ignore = "starts Prism, which cargo xtask test installs, with Meta's own description"]
async fn channels_metas_description_takes_what_we_ask() {
    let file = "specs/meta-business-messaging-v23.yaml";
    let prism = Prism::start(prism::file("BEREIK_CHANNELS", file)).await;
    // One whose window is known to be shut, so that a template goes out.
    let later = || at() + TimeDelta::hours(30);
    let whatsapp = meta(Product::WhatsApp, &format!("{}/v23.0", prism.url()), later)
        .with_template("news", "en");
    let posted = account::whatsapp_message("31612345679", "wamid.1", at(), "hello");
    assert_eq!(post(&whatsapp, &posted).await, 200);
    let answering =
        message("tel:+31612345678").with_answers(vec![Key::parse("wamid.HBg").expect("a key")]);
    let offered = alert("tel:+31612345678", 3);
    let (sent, put, template) = (
        whatsapp.send(&answering).await,
        whatsapp.offer(&offered).await,
        whatsapp.send(&message("tel:+31612345679")).await,
    );
    assert!(
        sent.is_ok() && put.is_ok() && template.is_ok(),
        "{sent:?} {put:?} {template:?}"
    );
    assert_eq!(prism.violations(), Vec::<String>::new());
    let without_words = Call::post(
        format!("{}/v23.0/1/messages", prism.url()),
        &json!({"to": "1"}),
    );
    let http = Http::new().expect("a client");
    http.ask(without_words.with_bearer(&"x".into()))
        .await
        .expect("an answer");
    prism.await_violation().await;
}

#[tokio::test]
async fn the_contract_holds_for_each_product() {
    for product in [Product::Instagram, Product::Messenger, Product::WhatsApp] {
        let account = Account::start(product, |api| meta(product, api, at)).await;
        let tests = conformance::check(&account, "meta", at()).await;
        let tests = tests.unwrap_or_else(|broken| panic!("{product:?}: {broken:?}"));
        assert!(tests.contains(&"an answer comes in"), "{tests:?}");
        let has_evidence = tests.contains(&"evidence comes in");
        assert_eq!(
            has_evidence,
            product != Product::Instagram,
            "{product:?} {tests:?}"
        );
    }
}

#[tokio::test]
async fn each_fault_is_told_apart() {
    let says = |status, code: u32| {
        Fault::Says(
            status,
            format!(r#"{{"error":{{"message":"(#{code}) secret","code":{code}}}}}"#),
        )
    };
    let slower = (
        ErrorKind::Throttled,
        Scope::Channel,
        Retry::BackOff,
        Sent::No,
    );
    let own = vec![
        (says(401, 190), CREDENTIALS),
        (says(403, 200), CREDENTIALS),
        (says(400, 131_026), REFUSED),
        (says(400, 131_047), REFUSED),
        (says(400, 100), INVALID),
        (says(404, 132_001), INVALID),
        (says(429, 130_429), slower),
        (says(400, 131_056), SLOWER),
        (says(500, 131_000), BROKEN),
    ];
    verdict::hold(own, &message("tel:+31612345678"), whatsapp).await;
}

#[tokio::test]
async fn an_address_is_one_of_its_product() {
    let others = ["handle:messenger/7", "handle:whatsapp/7", "jan@example.org"];
    verdict::refuse(&others, &message("tel:+31612345678"), whatsapp).await;
    let others = [
        "tel:+31612345678",
        "handle:instagram/7",
        "handle:messenger/me",
        "handle:messenger/7/8",
    ];
    let messenger = |api: &str| meta(Product::Messenger, api, at);
    verdict::refuse(&others, &message("handle:messenger/7"), messenger).await;
}

/// Within 24 hours of his last word he may be written to, then not, or by a template; a word that comes late opens nothing.
#[tokio::test]
async fn the_window_shuts_after_a_day() {
    let clock = Arc::new(AtomicI64::new(0));
    let reading = Arc::clone(&clock);
    let now = move || at() + TimeDelta::seconds(reading.load(Ordering::Relaxed));
    let server = fault::Server::start(Fault::says(200, r#"{"messages":[{"id":"wamid.9"}]}"#)).await;
    let whatsapp = meta(Product::WhatsApp, &server.url(), now);
    let jan = "tel:+31612345678";
    let initiative = || {
        whatsapp
            .capability_for(&jan.parse().expect("an address"))
            .initiative
    };
    assert_eq!(initiative(), Initiative::AfterInbound);
    assert!(
        whatsapp.send(&message(jan)).await.is_ok(),
        "nobody knows, so Meta is asked"
    );
    let wrote = account::whatsapp_message(
        "31612345678",
        "wamid.1",
        at() - TimeDelta::hours(1),
        "hello",
    );
    assert_eq!(post(&whatsapp, &wrote).await, 200);
    assert_eq!(initiative(), Initiative::Always);
    clock.store(23 * 3_600 - 1, Ordering::Relaxed);
    assert!(whatsapp.send(&message(jan)).await.is_ok());
    clock.store(23 * 3_600, Ordering::Relaxed);
    assert_eq!(initiative(), Initiative::AfterInbound);
    let asked = server.asked();
    let error = whatsapp
        .send(&message(jan))
        .await
        .expect_err("the window is shut");
    assert_eq!(
        (error.scope(), error.sent(), error.code()),
        (Scope::Recipient, Sent::No, Some("131047"))
    );
    assert_eq!(server.asked(), asked, "Meta is not asked");
    let older = account::whatsapp_message(
        "31612345678",
        "wamid.0",
        at() - TimeDelta::hours(9),
        "before",
    );
    assert_eq!(post(&whatsapp, &older).await, 200);
    assert_eq!(initiative(), Initiative::AfterInbound);
}

#[tokio::test]
async fn a_message_that_meta_took_and_dropped_comes_back() {
    let taken = Fault::says(200, r#"{"messages":[{"id":"wamid.9"}]}"#);
    let server = fault::Server::start(taken).await;
    let whatsapp = whatsapp(&server.url());
    let status = |status: &str, id: &str| account::whatsapp_status(status, id, at());
    assert_eq!(
        post(&whatsapp, &status("failed", "wamid.8")).await,
        200,
        "one of nobody's"
    );
    let sent = whatsapp.send(&message("tel:+31612345678")).await;
    assert_eq!(sent.expect("taken").evidence, Evidence::Taken);
    for name in ["sent", "delivered", "delivered", "read", "failed"] {
        assert_eq!(post(&whatsapp, &status(name, "wamid.9")).await, 200);
    }
    let batch = whatsapp.receive(Cursor::START, 10).await.expect("events");
    let evidence: Vec<_> = batch
        .events
        .iter()
        .map(|event| match &event.kind {
            EventKind::Delivery { of, evidence } => (of.as_str(), *evidence),
            other => panic!("{other:?}"),
        })
        .collect();
    let of = "message/M1";
    assert_eq!(
        evidence,
        [
            (of, Evidence::Delivered),
            (of, Evidence::Read),
            (of, Evidence::None)
        ]
    );
}

#[tokio::test]
async fn only_what_is_signed_and_for_this_account_comes_in() {
    let whatsapp = whatsapp("http://127.0.0.1:9");
    let mut other = account::whatsapp_message("31612345678", "wamid.1", at(), "hello");
    other["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = "7".into();
    assert_eq!(post(&whatsapp, &other).await, 200);
    let mut page = account::whatsapp_message("31612345678", "wamid.2", at(), "hello");
    page["object"] = "page".into();
    assert_eq!(post(&whatsapp, &page).await, 200);
    let ours = account::whatsapp_message("31612345678", "wamid.3", at(), "hello");
    let body = ours.to_string();
    let signature = account::signed(&body);
    assert_eq!(
        take(&whatsapp, &body.replace("hello", "hallo"), Some(&signature)).await,
        401
    );
    assert_eq!(take(&whatsapp, &body, None).await, 401);
    assert_eq!(take(&whatsapp, "{", Some(&account::signed("{"))).await, 400);
    assert!(
        whatsapp
            .receive(Cursor::START, 10)
            .await
            .expect("events")
            .events
            .is_empty()
    );
    let image = json!({"type": "image", "image": {"id": "1"}});
    let mut without_words = account::whatsapp_message("31612345678", "wamid.4", at(), "");
    let said = &mut without_words["entry"][0]["changes"][0]["value"]["messages"][0];
    (said["type"], said["image"]) = (image["type"].clone(), image["image"].clone());
    assert_eq!(post(&whatsapp, &without_words).await, 200);
    let batch = whatsapp.receive(Cursor::START, 10).await.expect("events");
    let EventKind::Message(inbound) = &batch.events[0].kind else {
        panic!("{batch:?}")
    };
    assert_eq!(
        inbound.body.as_str(),
        "[image]",
        "nobody is to think that nothing came"
    );
}

#[tokio::test]
async fn meta_asks_first_whether_the_webhook_is_ours() {
    let whatsapp = whatsapp("http://127.0.0.1:9");
    for (word, expected) in [(WORD, (200, "1158201444")), ("another", (401, ""))] {
        let query = format!("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={word}");
        let request = HookRequest {
            at: at(),
            body: b"",
            headers: &[],
            is_get: true,
            query: &query,
        };
        let answer = whatsapp.take(request).await;
        assert_eq!((answer.status, answer.body.as_str()), expected);
    }
}
